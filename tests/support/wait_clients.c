/* SPDX-License-Identifier: MIT */
/*
 * Of what comes only the seqs are looked at: "id: N" of events, "next_since":N of pages. A client holds the last bytes it has read, so that neither is
 * missed where a read cuts it. A long poll asks again, from there, as soon as it has been answered.
 */
#include "wait_clients.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HELD = 160, EVENTS = 256, OPEN_US = 60000000 };

struct client {
	int fd;
	bool has_begun;
	int64_t seq, told_us;
	size_t n_held;
	char held[HELD];
};

struct wait_clients {
	struct sockaddr_in address;
	const char *target;
	bool polls;
	int epoll_fd;
	size_t n, n_begun, n_lost, n_told;
	int64_t wanted;
	struct client clients[];
};

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void ask(const struct wait_clients *all, struct client *client)
{
	char request[600], since[24] = "";
	int length;

	if (all->polls)
		snprintf(since, sizeof since, "%lld", (long long)client->seq);
	length = snprintf(request, sizeof request, "GET %s%s HTTP/1.1\r\nHost: h\r\n\r\n", all->target, since);
	if (send(client->fd, request, (size_t)length, MSG_NOSIGNAL) != length)
		perror("send");
}

static bool open_client(struct wait_clients *all, struct client *client)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
	const int yes = 1;

	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0 || connect(client->fd, (struct sockaddr *)&all->address, sizeof all->address) != 0) {
		perror("connect");
		return false;
	}
	setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	if (epoll_ctl(all->epoll_fd, EPOLL_CTL_ADD, client->fd, &event) != 0)
		return false;
	ask(all, client);
	return true;
}

static void hear(struct wait_clients *all, struct client *client, int64_t seq, int64_t at_us)
{
	if (seq > client->seq)
		client->seq = seq;
	if (client->seq >= all->wanted && client->told_us == 0 && all->wanted > 0) {
		client->told_us = at_us;
		all->n_told++;
	}
}

/* What is held ends with the bytes that have just come. */
static void look(struct wait_clients *all, struct client *client, char *bytes, int64_t at_us)
{
	static const char *const names[] = { "\nid: ", "\"next_since\":" };
	bool is_answered = false;

	for (size_t i = 0; i < 2; i++) {
		for (char *at = bytes; (at = strstr(at, names[i])) != NULL;) {
			at += strlen(names[i]);
			if (at[strspn(at, "0123456789")] == '\0')
				break;
			hear(all, client, strtoll(at, NULL, 10), at_us);
			is_answered = i == 1;
		}
	}
	if (!client->has_begun) {
		client->has_begun = true;
		all->n_begun++;
	}
	if (is_answered && all->polls)
		ask(all, client);
}

static void take(struct wait_clients *all, struct client *client)
{
	char bytes[HELD + 65536 + 1];
	ssize_t n;

	memcpy(bytes, client->held, client->n_held);
	n = recv(client->fd, bytes + client->n_held, 65536, MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		epoll_ctl(all->epoll_fd, EPOLL_CTL_DEL, client->fd, NULL);
		all->n_lost++;
		return;
	}
	n += (ssize_t)client->n_held;
	bytes[n] = '\0';
	look(all, client, bytes, now_us());
	client->n_held = all->polls ? 0 : (size_t)n < HELD / 4 ? (size_t)n : HELD / 4;
	memcpy(client->held, bytes + n - client->n_held, client->n_held);
}

static void turn(struct wait_clients *all, int milliseconds)
{
	struct epoll_event events[EVENTS];
	const int n = epoll_wait(all->epoll_fd, events, EVENTS, milliseconds);

	for (int i = 0; i < n; i++)
		take(all, events[i].data.ptr);
}

struct wait_clients *wait_clients_open(const char *address, size_t n, const char *target, bool polls, int64_t since)
{
	struct wait_clients *all = calloc(1, sizeof *all + n * sizeof all->clients[0]);
	const char *colon = strrchr(address, ':');
	const int64_t until_us = now_us() + OPEN_US;

	if (all == NULL || colon == NULL)
		abort();
	all->address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)strtol(colon + 1, NULL, 10)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	all->target = target;
	all->polls = polls;
	all->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; i < n; i++) {
		all->clients[i].seq = since;
		if (!open_client(all, &all->clients[i])) {
			wait_clients_close(all);
			return NULL;
		}
		all->n++;
		turn(all, 0);
	}
	while (!polls && all->n_begun < n && now_us() < until_us)
		turn(all, 100);
	return all;
}

void wait_clients_close(struct wait_clients *clients)
{
	if (clients == NULL)
		return;
	for (size_t i = 0; i < clients->n; i++)
		close(clients->clients[i].fd);
	close(clients->epoll_fd);
	free(clients);
}

size_t wait_clients_hear(struct wait_clients *clients, int64_t seq, int64_t most_us, int64_t *ret_times_us)
{
	const int64_t until_us = now_us() + most_us;

	clients->wanted = seq;
	clients->n_told = 0;
	for (size_t i = 0; i < clients->n; i++) {
		clients->clients[i].told_us = 0;
		hear(clients, &clients->clients[i], 0, now_us());
	}
	while (clients->n_told < clients->n && now_us() < until_us)
		turn(clients, 100);
	for (size_t i = 0; i < clients->n; i++)
		ret_times_us[i] = clients->clients[i].told_us;
	return clients->n_told;
}

size_t wait_clients_lost(const struct wait_clients *clients)
{
	return clients->n_lost;
}
