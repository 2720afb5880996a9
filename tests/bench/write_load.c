/* SPDX-License-Identifier: MIT */
/*
 * write_load SOCKET CLIENTS SECONDS [WORDS]: that many clients create articles through the control socket, each the next as soon as the last is
 * acknowledged. Prints, parted by blanks: acknowledged writes, writes a second, and the median and 99th percentile of their times in milliseconds.
 * Any answer but 201 ends it.
 *
 * One thread with epoll, so that the load costs the machine little. Every article has words of its own (WORDS of them, 300 by default) and a guid.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS_MOST = 1024, REPLY_MOST = 1 << 16, TIMES_MOST = 4 << 20 };

struct client {
	int fd;
	int64_t asked_us;
	size_t length;                /* of the reply so far */
	char reply[REPLY_MOST];
};

static struct client clients[CLIENTS_MOST];
static uint32_t times_us[TIMES_MOST];
static size_t n_times;
static uint64_t state = 88172645463325252;
static int words = 300;

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Marsaglia's xorshift64. */
static uint64_t next_number(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void die(const char *what)
{
	fprintf(stderr, "write_load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static size_t append_words(char *to, int n)
{
	size_t length = 0;

	for (int i = 0; i < n; i++) {
		uint64_t number = next_number() % 20000;

		if (i > 0)
			to[length++] = ' ';
		for (int letter = 0; letter < 4; letter++) {
			to[length++] = "bdfgklmnprstvz"[number % 14];
			to[length++] = "aeiou"[number / 14 % 5];
			number = number / 3 + (uint64_t)letter;
		}
	}
	return length;
}

static void ask(struct client *client)
{
	static char body[1 << 16], request[sizeof body + 512];
	size_t length = (size_t)snprintf(body, sizeof body, "{\"status\":\"published\",\"source\":\"Wire %d\",\"section\":\"Section %d\",\"tags\":[\"Tag %d\",\"Tag %d\"],\"guid\":\"%016llx\",\"title\":\"",
	    (int)(next_number() % 5), (int)(next_number() % 8), (int)(next_number() % 500), (int)(next_number() % 500), (unsigned long long)next_number());
	int n;

	length += append_words(body + length, 8);
	length += (size_t)snprintf(body + length, sizeof body - length, "\",\"body_text\":\"");
	length += append_words(body + length, words);
	length += (size_t)snprintf(body + length, sizeof body - length, "\"}");
	n = snprintf(request, sizeof request, "POST /v1/articles HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", length, body);
	client->length = 0;
	client->asked_us = now_us();
	if (send(client->fd, request, (size_t)n, MSG_NOSIGNAL) != n)
		die("send");
}

/* Is the reply whole? Only its length is read. */
static bool is_whole(const struct client *client)
{
	const char *end = memmem(client->reply, client->length, "\r\n\r\n", 4), *field;

	if (end == NULL)
		return false;
	field = memmem(client->reply, client->length, "Content-Length: ", 16);
	return field != NULL && client->length >= (size_t)(end + 4 - client->reply) + strtoul(field + 16, NULL, 10);
}

static void take(struct client *client, bool goes_on)
{
	const ssize_t n = recv(client->fd, client->reply + client->length, REPLY_MOST - client->length, 0);

	if (n <= 0)
		die("recv");
	client->length += (size_t)n;
	if (!is_whole(client))
		return;
	if (memcmp(client->reply, "HTTP/1.1 201", 12) != 0) {
		fprintf(stderr, "write_load: %.*s\n", (int)client->length, client->reply);
		exit(1);
	}
	if (n_times < TIMES_MOST)
		times_us[n_times++] = (uint32_t)(now_us() - client->asked_us);
	if (goes_on)
		ask(client);
	else
		client->asked_us = 0;
}

static int by_size(const void *one, const void *other)
{
	const uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;

	return (a > b) - (a < b);
}

static void open_client(struct client *client, const char *path, int epoll_fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	client->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (client->fd < 0 || connect(client->fd, (struct sockaddr *)&address, sizeof address) != 0)
		die(path);
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, client->fd, &event);
	ask(client);
}

int main(int argc, char *argv[])
{
	const int n_clients = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 0, epoll_fd = epoll_create1(0);
	const double seconds = argc > 3 ? strtod(argv[3], NULL) : 0;
	const int64_t began_us = now_us();
	struct epoll_event events[CLIENTS_MOST];
	int n_waiting = n_clients;

	if (n_clients < 1 || n_clients > CLIENTS_MOST || seconds <= 0) {
		fprintf(stderr, "write_load SOCKET CLIENTS SECONDS [WORDS]\n");
		return 64;
	}
	if (argc > 4)
		words = (int)strtol(argv[4], NULL, 10);
	state ^= (uint64_t)began_us;
	for (int i = 0; i < n_clients; i++)
		open_client(&clients[i], argv[1], epoll_fd);
	while (n_waiting > 0) {
		const int n = epoll_wait(epoll_fd, events, CLIENTS_MOST, -1);
		const bool goes_on = (double)(now_us() - began_us) < seconds * 1e6;

		for (int i = 0; i < n; i++) {
			take(events[i].data.ptr, goes_on);
			n_waiting -= ((struct client *)events[i].data.ptr)->asked_us == 0;
		}
	}
	qsort(times_us, n_times, sizeof times_us[0], by_size);
	printf("%zu %.1f %.2f %.2f\n", n_times, (double)n_times * 1e6 / (double)(now_us() - began_us), times_us[n_times / 2] / 1e3, times_us[n_times * 99 / 100] / 1e3);
	return 0;
}
