/* SPDX-License-Identifier: MIT */
/*
 * key_timing URL KEY [PAIRS]: does the time of a refusal tell whether a kid is known?
 *
 * Asks a running server (--auth-failures 0) PAIRS times (100,000 by default) with a key of a known kid and a wrong secret, and with one of an unknown kid, in
 * random order, each time another secret, on one connection. Prints the medians and Welch's t of the means, without the slowest hundredth of each,
 * which is the machine's own doing. |t| below 4.5 is no difference that can be seen; exit status 1 when it is not below. KEY is a key that the server
 * knows. key_timing.sh runs this with a server of its own.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <zlib.h>

#include "key.h"

enum { PAIRS_USUAL = 100000, WARM_UP = 2000 };

static const double t_most = 4.5;

struct series {
	double *us;
	size_t n;
};

static int open_connection(const char *url)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	char host[64];
	const char *colon = strrchr(url, ':');
	int fd;

	snprintf(host, sizeof host, "%.*s", (int)(colon - url - 7), url + 7);
	address.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (inet_pton(AF_INET, host, &address.sin_addr) != 1 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	return fd;
}

/* A well-formed key with a secret that is nobody's; `known` gives its kid, when that is wanted. */
static void forge(const char *known, char ret_key[KEY_LENGTH + 1])
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	const size_t n = KEY_LENGTH - KEY_CHECKSUM;
	struct key_shown shown;
	unsigned long sum;

	key_make(ret_key, &shown);
	if (known != NULL)
		memcpy(ret_key + 3, known + 3, KEY_KID);
	sum = crc32(0, (const unsigned char *)ret_key, (unsigned)n);
	for (size_t i = KEY_LENGTH; i > n; i--, sum /= 62)
		ret_key[i - 1] = digits[sum % 62];
}

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* The answer comes in one piece. Returns -1 when it is no 401. */
static double ask(int fd, const char *known)
{
	char key[KEY_LENGTH + 1], request[300], reply[4096];
	double begun;
	ssize_t got;
	int length;

	forge(known, key);
	length = snprintf(request, sizeof request, "GET /v1/keys HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n", key);
	begun = now_us();
	if (send(fd, request, (size_t)length, 0) != length)
		return -1;
	got = recv(fd, reply, sizeof reply, 0);
	begun = now_us() - begun;
	return got > 12 && memcmp(reply, "HTTP/1.1 401", 12) == 0 ? begun : -1;
}

static int by_size(const void *one, const void *other)
{
	const double a = *(const double *)one, b = *(const double *)other;

	return (a > b) - (a < b);
}

static void moments(struct series *series, double *ret_mean, double *ret_variance)
{
	double sum = 0, squares = 0;

	qsort(series->us, series->n, sizeof *series->us, by_size);
	series->n -= series->n / 100;
	for (size_t i = 0; i < series->n; i++)
		sum += series->us[i];
	*ret_mean = sum / (double)series->n;
	for (size_t i = 0; i < series->n; i++)
		squares += (series->us[i] - *ret_mean) * (series->us[i] - *ret_mean);
	*ret_variance = squares / (double)(series->n - 1);
}

int main(int argc, char *argv[])
{
	const size_t pairs = argc > 3 ? strtoul(argv[3], NULL, 10) : PAIRS_USUAL;
	struct series series[2] = { { calloc(pairs, sizeof(double)), 0 }, { calloc(pairs, sizeof(double)), 0 } };
	double mean[2], variance[2], t;
	int fd = argc > 2 ? open_connection(argv[1]) : -1;

	if (fd == -1 || pairs < 2 || series[0].us == NULL || series[1].us == NULL) {
		fprintf(stderr, "key_timing http://127.0.0.1:PORT KEY [PAIRS]\n");
		return 2;
	}
	for (size_t i = 0; i < WARM_UP + pairs; i++) {
		const int first = rand() & 1;

		for (int turn = 0; turn < 2; turn++) {
			const int is_known = turn ^ first;
			const double us = ask(fd, is_known ? argv[2] : NULL);

			if (us < 0) {
				fprintf(stderr, "the server does not answer 401; is it run with --auth-failures 0?\n");
				return 2;
			}
			if (i >= WARM_UP)
				series[is_known].us[series[is_known].n++] = us;
		}
	}
	for (int i = 0; i < 2; i++)
		moments(&series[i], &mean[i], &variance[i]);
	t = (mean[1] - mean[0]) / sqrt(variance[0] / (double)series[0].n + variance[1] / (double)series[1].n);
	printf("unknown kid: median %.2f us, mean %.3f; known kid, wrong secret: median %.2f us, mean %.3f; Welch t = %.2f over %zu pairs\n",
	    series[0].us[series[0].n / 2], mean[0], series[1].us[series[1].n / 2], mean[1],
	    t, pairs);
	close(fd);
	return fabs(t) < t_most ? 0 : 1;
}
