/* SPDX-License-Identifier: MIT */
/*
 * ceiling FILE [FOLDER LIST]: answers every request with the reply that FILE holds, as `curl -i` wrote it: the upper bound of what our HTTP
 * layer can do.
 *
 * libmicrohttpd with one epoll thread and the options that matter as server/http/listener.c has them; a ready reply, nothing looked at. With
 * a LIST of files in FOLDER there is a reply for each, with the head of FILE and that body, and an address always gets the same one: what
 * is answered at random does not fit the processor's caches. Prints its port and serves until it is killed.
 */
#include <microhttpd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { REPLIES_MOST = 100000, FILE_LONGEST = 4 << 20 };

struct replies {
	unsigned status;
	size_t n;
	struct MHD_Response *responses[REPLIES_MOST];
};

static struct replies replies;

static enum MHD_Result answer(void *arg, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
    const char *upload, size_t *upload_size, void **context)
{
	static int seen;
	uint32_t hash = 2166136261U;

	(void)arg, (void)method, (void)version, (void)upload, (void)upload_size;
	if (*context == NULL) {
		*context = &seen;
		return MHD_YES;
	}
	if (replies.n > 1)
		for (; *url != '\0'; url++)
			hash = (hash ^ (unsigned char)*url) * 16777619U;
	return MHD_queue_response(connection, replies.status, replies.responses[hash % replies.n]);
}

/* Ends with a null byte; the caller's to free. NULL when there is no such file. */
static char *read_all(const char *path, size_t *ret_length)
{
	FILE *file = fopen(path, "rbe");
	char *bytes = file == NULL ? NULL : calloc(1, FILE_LONGEST + 1), *fitting;

	if (bytes == NULL)
		return NULL;
	*ret_length = fread(bytes, 1, FILE_LONGEST, file);
	fclose(file);
	fitting = realloc(bytes, *ret_length + 1);
	return fitting == NULL ? bytes : fitting;
}

/* Those that libmicrohttpd writes itself are left out. */
static bool add_header(struct MHD_Response *response, const char *line, size_t length)
{
	char name[16384], *value;

	if (length >= sizeof name)
		return false;
	memcpy(name, line, length);
	name[length] = '\0';
	value = strstr(name, ": ");
	if (value == NULL)
		return true;
	*value = '\0';
	if (strcasecmp(name, "Content-Length") == 0 || strcasecmp(name, "Date") == 0 || strcasecmp(name, "Connection") == 0)
		return true;
	return MHD_add_response_header(response, name, value + 2) == MHD_YES;
}

/* A reply with the headers that `head` has after its first line, and a body that stays. */
static bool add_reply(const char *head, char *body, size_t length)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(length, body, MHD_RESPMEM_PERSISTENT);

	if (response == NULL || replies.n == REPLIES_MOST)
		return false;
	for (const char *line = strchr(head, '\n'); line != NULL && line[1] != '\0'; line = strchr(line + 1, '\n'))
		if (!add_header(response, line + 1, strcspn(line + 1, "\r\n")))
			return false;
	replies.responses[replies.n++] = response;
	return true;
}

static bool read_listed(const char *head, const char *folder, const char *list)
{
	FILE *file = fopen(list, "re");
	char line[512], path[1024];
	bool fine = file != NULL;
	size_t length;

	while (fine && fgets(line, sizeof line, file) != NULL) {
		char *body;

		line[strcspn(line, "\n")] = '\0';
		snprintf(path, sizeof path, "%s%s", folder, line);
		body = read_all(path, &length);
		fine = body != NULL && add_reply(head, body, length);
	}
	if (file != NULL)
		fclose(file);
	return fine && replies.n > 0;
}

static bool read_replies(const char *path, const char *folder, const char *list)
{
	size_t length = 0;
	char *head = read_all(path, &length), *body = head == NULL ? NULL : strstr(head, "\r\n\r\n");

	if (body == NULL || strncmp(head, "HTTP/1.1 ", 9) != 0)
		return false;
	*body = '\0';
	body += 4;
	replies.status = (unsigned)strtoul(head + 9, NULL, 10);
	return list == NULL ? add_reply(head, body, length - (size_t)(body - head)) : read_listed(head, folder, list);
}

int main(int n_arguments, char **arguments)
{
	struct MHD_Daemon *daemon;
	sigset_t signals;
	int caught;

	if ((n_arguments != 2 && n_arguments != 4) || !read_replies(arguments[1], arguments[2], n_arguments == 4 ? arguments[3] : NULL)) {
		fprintf(stderr, "usage: ceiling FILE [FOLDER LIST]\n");
		return 2;
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, answer, NULL,
	    MHD_OPTION_CONNECTION_LIMIT, 1000U, MHD_OPTION_CONNECTION_TIMEOUT, 60U, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)32768, MHD_OPTION_END);
	if (daemon == NULL)
		return 1;
	printf("serves http://127.0.0.1:%u/\n", (unsigned)MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
	fflush(stdout);
	sigwait(&signals, &caught);
	MHD_stop_daemon(daemon);
	return 0;
}
