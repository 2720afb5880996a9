/* SPDX-License-Identifier: MIT */
/* New connections: as many as may be and no more, none refused for want of room, and an end at any moment. Over real sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "http/http_internal.h"
#include "log.h"
#include "raw_client.h"
#include "test_service.h"

#define REQUEST "GET /v1/hello HTTP/1.1\r\nHost: a\r\n\r\n"

enum { MOST = 3, STOPS = 40, CALLERS = 4, SHORT_MS = 150, LONG_MS = 10000 };

static char folder[] = "/tmp/broadsheet-test-XXXXXX", address[64];
static struct sockaddr_un name = { .sun_family = AF_UNIX };

static int set_up(void **state)
{
	(void)state;
	log_start(LOG_LEVEL_ERROR, false);
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(address, sizeof address, "unix:%s/s", folder);
	snprintf(name.sun_path, sizeof name.sun_path, "%s/s", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return rmdir(folder);
}

static struct listener *listener_of(unsigned connections_most, unsigned threads)
{
	const struct listener_settings settings = {
		.address = address, .door = DOOR_PUBLIC, .threads = threads, .connections_most = connections_most, .idle_seconds = 60,
		.unix_mode = 0600,
	};
	struct error err;
	struct listener *listener = listener_start(&settings, &test_service, &err);

	assert_non_null(listener);
	return listener;
}

static bool has_answer(int fd, int patience_ms)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };

	return poll(&pollfd, 1, patience_ms) == 1;
}

static void read_answer(int fd)
{
	struct raw_reply reply;

	assert_true(raw_read(fd, /* has_no_body= */ false, &reply));
	assert_int_not_equal(reply.status, 0);
	raw_reply_done(&reply);
}

/* One more than may be open waits, and is served as soon as one has gone. */
static void test_full(void **state)
{
	struct listener *listener = listener_of(MOST, /* threads= */ 2);
	int clients[MOST + 1];

	(void)state;
	for (int i = 0; i < MOST; i++) {
		clients[i] = raw_connect(listener_address(listener));
		raw_send(clients[i], REQUEST, strlen(REQUEST), false);
		read_answer(clients[i]);
	}
	clients[MOST] = raw_connect(listener_address(listener));
	raw_send(clients[MOST], REQUEST, strlen(REQUEST), false);
	assert_false(has_answer(clients[MOST], SHORT_MS));
	close(clients[0]);
	assert_true(has_answer(clients[MOST], LONG_MS));
	read_answer(clients[MOST]);
	for (int i = 1; i <= MOST; i++)
		close(clients[i]);
	listener_stop(listener, 1);
}

/* The process has no descriptor left for a client that comes: it waits until there is one. */
static void test_no_descriptor_left(void **state)
{
	struct listener *listener = listener_of(MOST, /* threads= */ 1);
	int client = socket(AF_UNIX, SOCK_STREAM, 0), hole;
	struct rlimit before, tight;
	clock_t began;

	(void)state;
	if (getenv("LD_PRELOAD") != NULL && strstr(getenv("LD_PRELOAD"), "vgpreload") != NULL) {
		listener_stop(listener, 1);
		close(client);
		skip();    /* valgrind accepts first, and then closes what is one too many */
	}
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	hole = open("/dev/null", O_RDONLY);
	tight = before;
	tight.rlim_cur = (rlim_t)hole;    /* the next number is over the limit */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);

	assert_int_equal(connect(client, (struct sockaddr *)&name, sizeof name), 0);
	raw_send(client, REQUEST, strlen(REQUEST), false);
	began = clock();
	assert_false(has_answer(client, SHORT_MS));
	assert_in_range(clock() - began, 0, CLOCKS_PER_SEC / 1000 * SHORT_MS / 2);    /* of processor: it does not ask again and again */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_true(has_answer(client, LONG_MS));
	read_answer(client);

	close(hole);
	close(client);
	listener_stop(listener, 1);
}

static atomic_bool is_over;
static atomic_size_t n_answered;

/* Connects and asks, again and again, whatever comes of it. */
static void *call(void *arg)
{
	char bytes[64];

	(void)arg;
	while (!atomic_load(&is_over)) {
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);

		if (connect(fd, (struct sockaddr *)&name, sizeof name) == 0
		    && send(fd, REQUEST, strlen(REQUEST), MSG_NOSIGNAL) > 0 && recv(fd, bytes, sizeof bytes, 0) > 0)
			atomic_fetch_add(&n_answered, 1);
		close(fd);
	}
	return NULL;
}

/* libmicrohttpd's own way to stop accepting ends the process now and then when clients come at that moment. */
static void test_stopped_while_clients_come(void **state)
{
	pthread_t callers[CALLERS];

	(void)state;
	for (int i = 0; i < STOPS; i++) {
		struct listener *listener = listener_of(/* connections_most= */ 100, /* threads= */ 2);
		size_t before = atomic_load(&n_answered);

		atomic_store(&is_over, false);
		for (int c = 0; c < CALLERS; c++)
			assert_int_equal(pthread_create(&callers[c], NULL, call, NULL), 0);
		while (atomic_load(&n_answered) < before + 20)
			poll(NULL, 0, /* milliseconds= */ 1);
		listener_stop(listener, /* wait_seconds= */ 5);
		atomic_store(&is_over, true);
		for (int c = 0; c < CALLERS; c++)
			pthread_join(callers[c], NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_no_descriptor_left),
		cmocka_unit_test(test_stopped_while_clients_come),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
