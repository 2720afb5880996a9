/* SPDX-License-Identifier: MIT */
/*
 * Sockets with short timeouts, and just as much of HTTP as it takes to know where a reply ends.
 */
#include "raw_client.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATIENCE_MS = 5000 };

static void give_up(const char *what, const char *address)
{
	fprintf(stderr, "%s %s: %s\n", what, address, strerror(errno));
	abort();
}

static int connect_unix(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(name.sun_path, sizeof name.sun_path, "%s", path);
	if (fd == -1 || connect(fd, (struct sockaddr *)&name, sizeof name) != 0)
		give_up("connect", path);
	return fd;
}

int raw_connect(const char *address)
{
	char host[64];
	const char *colon = strrchr(address, ':');
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV }, *info;
	int fd, on = 1;

	if (strncmp(address, "unix:", 5) == 0)
		return connect_unix(address + 5);
	snprintf(
	    host, sizeof host, "%.*s", (int)(colon - address) - 2 * (address[0] == '['), address + (address[0] == '['));
	if (getaddrinfo(host, colon + 1, &hints, &info) != 0)
		give_up("address", address);
	fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || connect(fd, info->ai_addr, info->ai_addrlen) != 0)
		give_up("connect", address);
	freeaddrinfo(info);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

void raw_send(int fd, const char *bytes, size_t length, bool one_by_one)
{
	while (length > 0) {
		ssize_t n = send(fd, bytes, one_by_one ? 1 : length, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		bytes += n;
		length -= (size_t)n;
	}
}

/* Up to `most` bytes more, behind `text`. 0: the end, or nothing in time. */
static size_t receive(int fd, struct text *text, size_t most, int milliseconds)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	char buffer[16384];
	ssize_t n;

	if (poll(&ready, 1, milliseconds) != 1)
		return 0;
	n = recv(fd, buffer, most < sizeof buffer ? most : sizeof buffer, 0);
	if (n <= 0)
		return 0;
	text_append(text, buffer, (size_t)n);
	return (size_t)n;
}

/* One byte after another, so that nothing of the next reply is taken. */
static bool read_head(int fd, struct text *head)
{
	while (head->length < 4 || memcmp(head->bytes + head->length - 4, "\r\n\r\n", 4) != 0) {
		if (receive(fd, head, 1, PATIENCE_MS) == 0)
			return false;
	}
	return true;
}

bool raw_read(int fd, bool has_no_body, struct raw_reply *ret_reply)
{
	const char *length;
	size_t left;

	*ret_reply = (struct raw_reply){ 0 };
	do {
		text_clear(&ret_reply->head);
		if (!read_head(fd, &ret_reply->head) || strncmp(ret_reply->head.bytes, "HTTP/1.1 ", 9) != 0)
			return false;
		ret_reply->status = (unsigned)strtoul(ret_reply->head.bytes + 9, NULL, 10);
	} while (ret_reply->status == 100);
	if (has_no_body || ret_reply->status == 204 || ret_reply->status == 304)
		return true;

	length = raw_header(ret_reply, "Content-Length");
	left = length == NULL ? SIZE_MAX : strtoul(length, NULL, 10);
	while (left > 0) {
		size_t n = receive(fd, &ret_reply->body, left, PATIENCE_MS);

		if (n == 0)
			return length == NULL;
		left -= n;
	}
	return true;
}

bool raw_is_closed(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	char byte;

	return poll(&ready, 1, 1000) == 1 && recv(fd, &byte, 1, MSG_PEEK) <= 0;
}

void raw_reply_done(struct raw_reply *reply)
{
	text_done(&reply->head);
	text_done(&reply->body);
}

const char *raw_header(const struct raw_reply *reply, const char *name)
{
	static _Thread_local char value[1024];
	size_t length = strlen(name);

	for (const char *line = reply->head.bytes; line != NULL && *line != '\0'; line = strstr(line, "\r\n")) {
		line += strncmp(line, "\r\n", 2) == 0 ? 2 : 0;
		if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
			snprintf(value, sizeof value, "%.*s", (int)strcspn(line + length + 2, "\r"), line + length + 2);
			return value;
		}
	}
	return NULL;
}

void raw_exchange(const char *address, const char *request, struct raw_reply *ret_reply)
{
	int fd = raw_connect(address);

	raw_send(fd, request, strlen(request), false);
	raw_read(fd, strncmp(request, "HEAD ", 5) == 0, ret_reply);
	close(fd);
}
