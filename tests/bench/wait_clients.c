/* SPDX-License-Identifier: MIT */
/*
 * wait_clients ADDRESS CONTROL PID CLIENTS CHANGES [poll]: so many clients that wait for news, at a server that is told of so many changes.
 *
 * Prints one line: resident kilobytes a client (VmRSS of PID before and after, over CLIENTS), milliseconds from the moment a change is sent to the
 * server until the first, the median, the 99th of a hundred and the last client has it (the worst of all changes), the longest that a reader
 * beside them waited for a list meanwhile (median and longest), how many clients were lost, and the server's processor time while nothing happens (per cent), and
 * for a change, the reader's requests in it.
 *
 * The clients run in one thread and take their share of the machine; what they measure contains it.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "wait_clients.h"

enum { READS_MOST = 1000000, QUIET_MS = 3000, READ_EVERY_MS = 2 };

static const char *address;
static atomic_bool is_over;
static int64_t reads_us[READS_MOST];
static size_t n_reads;

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* A line of /proc/PID/status or the 14th and 15th field of stat. */
static long resident_kilobytes(const char *pid)
{
	char path[64], line[256];
	long kilobytes = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%s/status", pid);
	file = fopen(path, "re");
	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, "VmRSS:", 6) == 0)
			kilobytes = strtol(line + 6, NULL, 10);
	if (file != NULL)
		fclose(file);
	return kilobytes;
}

static double processor_seconds(const char *pid)
{
	char path[64], line[1024] = "";
	long user = 0, own = 0;
	char *at;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%s/stat", pid);
	file = fopen(path, "re");
	if (file != NULL && fgets(line, sizeof line, file) != NULL && (at = strrchr(line, ')')) != NULL) {
		for (int i = 0; i < 12 && at != NULL; i++)
			at = strchr(at + 1, ' ');
		if (at != NULL) {
			user = strtol(at, &at, 10);
			own = strtol(at, NULL, 10);
		}
	}
	if (file != NULL)
		fclose(file);
	return (double)(user + own) / (double)sysconf(_SC_CLK_TCK);
}

static int connect_unix(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(name.sun_path, sizeof name.sun_path, "%s", path);
	return connect(fd, (struct sockaddr *)&name, sizeof name) == 0 ? fd : -1;
}

static int connect_tcp(void)
{
	const struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons((uint16_t)strtol(strrchr(address, ':') + 1, NULL, 10)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	return connect(fd, (const struct sockaddr *)&name, sizeof name) == 0 ? fd : -1;
}

/* One request, its reply's Broadsheet-Seq; -1 when none came. */
static int64_t exchange(int fd, const char *request)
{
	static _Thread_local char reply[262144];
	size_t length = 0, wanted = 0;
	char *end, *field;

	if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
		return -1;
	while (wanted == 0 || length < wanted) {
		const ssize_t n = recv(fd, reply + length, sizeof reply - 1 - length, 0);

		if (n <= 0)
			return -1;
		length += (size_t)n;
		reply[length] = '\0';
		end = strstr(reply, "\r\n\r\n");
		field = end == NULL ? NULL : strstr(reply, "Content-Length: ");
		if (field != NULL)
			wanted = (size_t)(end - reply) + 4 + strtoul(field + 16, NULL, 10);
	}
	field = strstr(reply, "Broadsheet-Seq: ");
	return field != NULL ? strtoll(field + 16, NULL, 10) : -1;
}

static int64_t change(int fd, int number)
{
	char body[300], request[600];

	snprintf(body, sizeof body, "{\"title\":\"Waited for %d\",\"source\":\"Wire\",\"section\":\"News\",\"status\":\"published\",\"body_text\":\"Here\"}", number);
	snprintf(request, sizeof request, "POST /v1/articles HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
	return exchange(fd, request);
}

static void *read_beside(void *arg)
{
	const int fd = connect_tcp();

	while (!atomic_load(&is_over) && n_reads < READS_MOST) {
		const int64_t began_us = now_us();

		if (exchange(fd, "GET /v1/articles?limit=20 HTTP/1.1\r\nHost: h\r\n\r\n") < 0)
			break;
		reads_us[n_reads++] = now_us() - began_us;
		poll(NULL, 0, READ_EVERY_MS);
	}
	close(fd);
	return arg;
}

static int by_size(const void *one, const void *other)
{
	const int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;

	return (a > b) - (a < b);
}

static void raise_files(size_t n)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = n + 100 < limit.rlim_max ? n + 100 : limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char *argv[])
{
	const size_t n = argc > 5 ? strtoul(argv[4], NULL, 10) : 0;
	const int n_changes = argc > 5 ? (int)strtol(argv[5], NULL, 10) : 0;
	const bool polls = argc > 6;
	double worst[4] = { 0 }, idle, busy;
	struct wait_clients *clients;
	int64_t *times_us, seq;
	pthread_t reader;
	long before, after;
	int control;

	if (n == 0) {
		fprintf(stderr, "wait_clients ADDRESS CONTROL PID CLIENTS CHANGES [poll]\n");
		return 64;
	}
	address = argv[1];
	raise_files(n);
	control = connect_unix(argv[2]);
	seq = change(control, 0);
	times_us = calloc(n, sizeof *times_us);
	before = resident_kilobytes(argv[3]);
	clients = wait_clients_open(address, n, polls ? "/v1/changes?wait=30&since=" : "/v1/events", polls, seq);
	if (clients == NULL || seq < 0)
		return 1;
	poll(NULL, 0, QUIET_MS);
	after = resident_kilobytes(argv[3]);
	idle = processor_seconds(argv[3]);
	poll(NULL, 0, QUIET_MS);
	idle = (processor_seconds(argv[3]) - idle) / (QUIET_MS / 1000.0) * 100;
	pthread_create(&reader, NULL, read_beside, NULL);
	busy = processor_seconds(argv[3]);
	for (int i = 0; i < n_changes; i++) {
		const int64_t began_us = now_us();

		seq = change(control, i + 1);
		if (wait_clients_hear(clients, seq, 10000000, times_us) < n)
			fprintf(stderr, "not all have heard of %lld\n", (long long)seq);
		qsort(times_us, n, sizeof *times_us, by_size);
		for (size_t j = 0; j < 4; j++) {
			const size_t places[] = { 0, n / 2, n * 99 / 100, n - 1 };
			const double ms = (double)(times_us[places[j]] - began_us) / 1e3;

			worst[j] = ms > worst[j] ? ms : worst[j];
		}
	}
	busy = (processor_seconds(argv[3]) - busy) / n_changes * 1e3;
	atomic_store(&is_over, true);
	pthread_join(reader, NULL);
	qsort(reads_us, n_reads, sizeof reads_us[0], by_size);
	printf("%.1f KiB a client; told after %.0f %.0f %.0f %.0f ms; reader %.2f ms, 99th %.1f, longest %.1f of %zu; lost %zu; idle %.1f %%, a change %.0f ms of processor time; resident then %ld KiB\n",
	    (double)(after - before) / (double)n, worst[0], worst[1], worst[2], worst[3], n_reads > 0 ? (double)reads_us[n_reads / 2] / 1e3 : 0,
	    n_reads > 0 ? (double)reads_us[n_reads * 99 / 100] / 1e3 : 0, n_reads > 0 ? (double)reads_us[n_reads - 1] / 1e3 : 0, n_reads,
	    wait_clients_lost(clients), idle, busy, resident_kilobytes(argv[3]));
	wait_clients_close(clients);
	return 0;
}
