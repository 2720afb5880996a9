/* SPDX-License-Identifier: MIT */
/*
 * polling_day ADDRESS CONTROL PID in-step|plain|none: a phone that polls each minute for a day, without the waiting in between.
 *
 * 1,440 rounds, over which a newsroom publishes 200 articles and edits 100 of them, in eight sections. In each round the phone asks for the front page's list, for
 * one section's, and for what has changed: `in-step` with the validators it was given and by /v1/changes from where it was, `plain` without
 * validators and by the list in the order of changes; `none` does not ask, for what the newsroom alone costs. The phone takes gzip. Prints a line: requests,
 * replies of 200, bytes received with heads, milliseconds of the server's processor time (all of it, the newsroom's part too).
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 1440, WRITES = 300, SECTIONS = 8, REPLY_MOST = 1 << 20 };

struct poll {
	const char *target;
	char etag[100];
};

static char reply[REPLY_MOST];
static size_t n_requests, n_full, n_bytes;

static int connect_control(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(name.sun_path, sizeof name.sun_path, "%s", path);
	return connect(fd, (struct sockaddr *)&name, sizeof name) == 0 ? fd : -1;
}

static int connect_public(const char *address)
{
	const struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons((uint16_t)strtol(strrchr(address, ':') + 1, NULL, 10)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	return connect(fd, (const struct sockaddr *)&name, sizeof name) == 0 ? fd : -1;
}

static void die(const char *what)
{
	fprintf(stderr, "polling_day: %s\n", what);
	exit(1);
}

/* Leaves the reply, as text, in `reply`; gives its status. */
static int exchange(int fd, const char *request, size_t *ret_length)
{
	size_t length = 0, wanted = 0;
	int status = 0;

	if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
		die("the server is gone");
	while (wanted == 0 || length < wanted) {
		const ssize_t n = recv(fd, reply + length, REPLY_MOST - 1 - length, 0);
		const char *end, *field;

		if (n <= 0)
			die("no reply");
		length += (size_t)n;
		reply[length] = '\0';
		end = strstr(reply, "\r\n\r\n");
		if (end == NULL || wanted > 0)
			continue;
		status = (int)strtol(reply + 9, NULL, 10);
		field = strstr(reply, "Content-Length: ");
		wanted = (size_t)(end - reply) + 4 + (status == 304 || field == NULL || field > end ? 0 : strtoul(field + 16, NULL, 10));
	}
	*ret_length = length;
	return status;
}

static void ask(int fd, struct poll *poll, const char *target, bool with_validator)
{
	char request[500], header[140] = "";
	const char *etag;
	size_t length;
	int status;

	if (with_validator && poll->etag[0] != '\0')
		snprintf(header, sizeof header, "If-None-Match: %s\r\n", poll->etag);
	snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n%s\r\n", target, header);
	status = exchange(fd, request, &length);
	n_requests++;
	n_bytes += length;
	n_full += status == 200;
	etag = strstr(reply, "ETag: ");
	if (etag != NULL)
		snprintf(poll->etag, sizeof poll->etag, "%.*s", (int)strcspn(etag + 6, "\r"), etag + 6);
}

/* From where it was; an answer with news moves on, and is another address with another validator then. */
static void ask_changes(int fd, struct poll *poll)
{
	static long long since = -1;
	char target[100];
	const char *seq;
	const size_t before = n_full;

	if (since < 0)
		snprintf(target, sizeof target, "/v1/changes?since=now");
	else
		snprintf(target, sizeof target, "/v1/changes?since=%lld", since);
	ask(fd, poll, target, since >= 0);
	if (n_full == before)
		return;
	/* The body may be coded; small ones are not, and Broadsheet-Seq says the same where all fits on a page. */
	seq = strstr(reply, "Broadsheet-Seq: ");
	if (seq != NULL && strtoll(seq + 16, NULL, 10) != since) {
		since = strtoll(seq + 16, NULL, 10);
		poll->etag[0] = '\0';
	}
}

static void write_one(int fd, int number)
{
	static int n_new;
	const bool is_edit = number % 3 == 2;
	const int article = is_edit ? n_new - 1 - number % 5 : n_new++;
	char body[3000], request[3300];
	size_t length;
	int n, status;

	n = snprintf(body, sizeof body, "{\"guid\":\"day-%d-%d\",\"title\":\"Story %d of the day%s\",\"source\":\"Wire\",\"section\":\"Section %d\",\"status\":\"published\","
	    "\"summary\":\"What happened, said in a sentence of a length that such sentences have in newspapers, number %d.\",\"body_text\":\"",
	    (int)getpid(), article, article, is_edit ? ", corrected" : "", article % SECTIONS, number);
	for (int i = 0; i < 30; i++)
		n += snprintf(body + n, sizeof body - (size_t)n, "Sentence %d of story %d tells what is known. ", i, article);
	snprintf(body + n, sizeof body - (size_t)n, "\"}");
	snprintf(request, sizeof request, "POST /v1/articles?on_conflict=update HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
	    strlen(body), body);
	status = exchange(fd, request, &length);
	if (status != 200 && status != 201)
		die(reply);
}

static double processor_ms(const char *pid)
{
	struct timespec time;
	const clockid_t clock = (clockid_t)(((~(unsigned)strtol(pid, NULL, 10)) << 3) | 2);

	return clock_gettime(clock, &time) == 0 ? (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6 : 0;
}

int main(int argc, char *argv[])
{
	struct poll front = { .target = "/v1/articles" }, section = { .target = "/v1/articles?section=section-1" }, changes = { .target = "/v1/articles?order=updated" };
	const bool in_step = argc > 4 && strcmp(argv[4], "in-step") == 0, asks = argc > 4 && strcmp(argv[4], "none") != 0;
	int control, fd, written = 0;
	double before_ms;

	if (argc < 5) {
		fprintf(stderr, "polling_day ADDRESS CONTROL PID in-step|plain|none\n");
		return 64;
	}
	control = connect_control(argv[2]);
	fd = connect_public(argv[1]);
	before_ms = processor_ms(argv[3]);
	for (int round = 0; round < ROUNDS; round++) {
		for (; written < WRITES * (round + 1) / ROUNDS; written++)
			write_one(control, written);
		if (!asks)
			continue;
		ask(fd, &front, front.target, in_step);
		ask(fd, &section, section.target, in_step);
		if (in_step)
			ask_changes(fd, &changes);
		else
			ask(fd, &changes, changes.target, false);
	}
	printf("%zu %zu %zu %.0f\n", n_requests, n_full, n_bytes, processor_ms(argv[3]) - before_ms);
	return 0;
}
