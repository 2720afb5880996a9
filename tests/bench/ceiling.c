/* SPDX-License-Identifier: MIT */
/*
 * ceiling FILE: answers every request with the reply that FILE holds, as `curl -i` wrote it: the upper bound of what our HTTP layer can do.
 *
 * libmicrohttpd with one epoll thread and the options that matter as server/http/listener.c has them; one ready reply, nothing looked at.
 * Prints its port and serves until it is killed.
 */
#include <microhttpd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct reply {
	unsigned status;
	struct MHD_Response *response;
};

static enum MHD_Result answer(void *arg, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
    const char *upload, size_t *upload_size, void **context)
{
	static int seen;
	const struct reply *reply = arg;

	(void)url, (void)method, (void)version, (void)upload, (void)upload_size;
	if (*context == NULL) {
		*context = &seen;
		return MHD_YES;
	}
	return MHD_queue_response(connection, reply->status, reply->response);
}

static char *read_all(const char *path, size_t *ret_length)
{
	enum { ROOM = 4 << 20 };
	FILE *file = fopen(path, "rb");
	char *bytes = calloc(1, ROOM + 1);

	if (file == NULL || bytes == NULL)
		return NULL;
	*ret_length = fread(bytes, 1, ROOM, file);
	fclose(file);
	return bytes;
}

/* Those that libmicrohttpd writes itself are left out. */
static bool add_header(struct MHD_Response *response, char *line)
{
	char *value = strstr(line, ": ");

	if (value == NULL)
		return true;
	*value = '\0';
	if (strcasecmp(line, "Content-Length") == 0 || strcasecmp(line, "Date") == 0 || strcasecmp(line, "Connection") == 0)
		return true;
	return MHD_add_response_header(response, line, value + 2) == MHD_YES;
}

static bool read_reply(const char *path, struct reply *ret_reply)
{
	size_t length = 0;
	char *bytes = read_all(path, &length), *body = bytes == NULL ? NULL : strstr(bytes, "\r\n\r\n"), *line, *rest;

	if (body == NULL || strncmp(bytes, "HTTP/1.1 ", 9) != 0)
		return false;
	*body = '\0';
	body += 4;
	ret_reply->status = (unsigned)strtoul(bytes + 9, NULL, 10);
	ret_reply->response = MHD_create_response_from_buffer(length - (size_t)(body - bytes), body, MHD_RESPMEM_PERSISTENT);
	if (ret_reply->response == NULL)
		return false;
	rest = bytes;
	line = strsep(&rest, "\n");
	while ((line = strsep(&rest, "\n")) != NULL) {
		line[strcspn(line, "\r")] = '\0';
		if (!add_header(ret_reply->response, line))
			return false;
	}
	return true;
}

int main(int n_arguments, char **arguments)
{
	struct reply reply;
	struct MHD_Daemon *daemon;
	sigset_t signals;
	int caught;

	if (n_arguments != 2 || !read_reply(arguments[1], &reply)) {
		fprintf(stderr, "usage: ceiling FILE, a reply with its headers\n");
		return 2;
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, answer, &reply,
	    MHD_OPTION_CONNECTION_LIMIT, 1000U, MHD_OPTION_CONNECTION_TIMEOUT, 60U, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)32768, MHD_OPTION_END);
	if (daemon == NULL)
		return 1;
	printf("serves http://127.0.0.1:%u/\n", (unsigned)MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
	fflush(stdout);
	sigwait(&signals, &caught);
	MHD_stop_daemon(daemon);
	MHD_destroy_response(reply.response);
	return 0;
}
