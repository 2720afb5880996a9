/* SPDX-License-Identifier: MIT */
/*
 * load_not_modified SECONDS CONNECTIONS PORT PATH HEADER: wrk for answers without a body.
 *
 * RFC 9110 8.6 allows a 304 to say how long the 200 would have been; wrk's parser then waits for a body that never comes. This asks the
 * same thing over and over on some connections, takes each answer to end with its head, and prints the line that load.lua prints:
 * BENCH, requests, microseconds, bytes, failures (answers that are no 304), p50, p99 and slowest in microseconds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MOST = 1024, HEAD_LONGEST = 32768, SLOWEST_US = 1000000 };

struct connection {
	int fd;
	long long asked_us;
	size_t length;
	char head[HEAD_LONGEST + 1];
};

static struct connection connections[CONNECTIONS_MOST];
static unsigned long answers_after[SLOWEST_US + 1];    /* how many took so many microseconds */
static unsigned long n_answers, n_bytes, n_failures;
static char request[4096];
static size_t request_length;

static long long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static bool ask(struct connection *connection)
{
	connection->length = 0;
	connection->asked_us = now_us();
	return write(connection->fd, request, request_length) == (ssize_t)request_length;
}

static bool connect_to(struct connection *connection, unsigned short port)
{
	const struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int yes = 1;

	connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return connection->fd >= 0 && setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) == 0 &&
	    connect(connection->fd, (const struct sockaddr *)&address, sizeof address) == 0;
}

/* Reads what is there; when it ends an answer, counts it and asks again. False when the connection is of no more use. */
static bool read_answer(struct connection *connection)
{
	const ssize_t length = recv(connection->fd, connection->head + connection->length, HEAD_LONGEST - connection->length, MSG_DONTWAIT);
	long long took;

	if (length <= 0)
		return length < 0 && errno == EAGAIN;
	connection->length += (size_t)length;
	if (connection->length < 4 || memcmp(connection->head + connection->length - 4, "\r\n\r\n", 4) != 0)
		return connection->length < HEAD_LONGEST;
	took = now_us() - connection->asked_us;
	answers_after[took < SLOWEST_US ? took : SLOWEST_US]++;
	n_answers++;
	n_bytes += connection->length;
	if (memcmp(connection->head, "HTTP/1.1 304", 12) != 0)
		n_failures++;
	return ask(connection);
}

static int percentile(double share)
{
	unsigned long seen = 0;

	for (int us = 0; us <= SLOWEST_US; us++) {
		seen += answers_after[us];
		if ((double)seen >= share * (double)n_answers)
			return us;
	}
	return SLOWEST_US;
}

static bool load(int n, unsigned short port, long long until)
{
	const int poll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event events[64];

	for (int i = 0; i < n; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = &connections[i] };

		if (!connect_to(&connections[i], port) || epoll_ctl(poll, EPOLL_CTL_ADD, connections[i].fd, &event) != 0 || !ask(&connections[i]))
			return false;
	}
	while (now_us() < until) {
		const int ready = epoll_wait(poll, events, 64, /* milliseconds= */ 100);

		for (int i = 0; i < ready; i++)
			if (!read_answer(events[i].data.ptr))
				return false;
	}
	return true;
}

int main(int n_arguments, char **arguments)
{
	const long long begin = now_us();
	long n;

	if (n_arguments != 6) {
		fprintf(stderr, "usage: load_not_modified SECONDS CONNECTIONS PORT PATH HEADER\n");
		return 2;
	}
	n = strtol(arguments[2], NULL, 10);
	request_length = (size_t)snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n%s\r\n\r\n", arguments[4], arguments[3], arguments[5]);
	if (n < 1 || n > CONNECTIONS_MOST || request_length >= sizeof request ||
	    !load((int)n, (unsigned short)strtoul(arguments[3], NULL, 10), begin + (long long)(strtod(arguments[1], NULL) * 1e6)))
		return 1;
	printf("BENCH %lu %lld %lu %lu %d %d %d\n", n_answers, now_us() - begin, n_bytes, n_failures, percentile(0.5), percentile(0.99), percentile(1));
	return 0;
}
