/* SPDX-License-Identifier: MIT */
/* Addresses: what is taken, what is refused and in which words, and what becomes of a Unix socket's file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/http_internal.h"
#include "log.h"
#include "raw_client.h"
#include "test_service.h"

static char folder[] = "/tmp/broadsheet-test-XXXXXX";
static char path[64], address[80];

static int set_up(void **state)
{
	(void)state;
	log_start(LOG_LEVEL_ERROR, false);
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/s", folder);
	snprintf(address, sizeof address, "unix:%s", path);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static void test_bad_addresses(void **state)
{
	static const char *const bad[] = { "", "127.0.0.1", "8080", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
		"127.0.0.1:-1", "127.0.0.1:080800", "::1:8080", "[::1]", "news.example:8080", "256.0.0.1:80", "unix:" };
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (socket_open(bad[i], 0600, &err) != NULL)
			fail_msg("\"%s\" is taken", bad[i]);
		assert_int_equal(err.code, ERROR_INVALID);
	}
}

static void test_good_addresses(void **state)
{
	static const char *const good[][2] = { { "127.0.0.1:0", "127.0.0.1:" }, { "localhost:0", "127.0.0.1:" },
		{ ":0", "" } };
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct socket_at *socket_at = socket_open(good[i][0], 0600, &err);

		if (socket_at == NULL)
			fail_msg("%s: %s", good[i][0], err.detail);
		assert_memory_equal(socket_address(socket_at), good[i][1], strlen(good[i][1]));
		assert_int_not_equal(strtol(strrchr(socket_address(socket_at), ':') + 1, NULL, 10), 0);
		socket_free(socket_at);
	}
}

static void test_port_in_use(void **state)
{
	struct error err;
	struct socket_at *first = socket_open("127.0.0.1:0", 0600, &err);
	char expected[100];
	struct listener_settings settings = { .address = socket_address(first), .door = DOOR_PUBLIC, .threads = 1 };

	(void)state;
	snprintf(expected, sizeof expected, "%s is in use by another program", socket_address(first));
	assert_null(listener_start(&settings, &test_service, &err));
	assert_int_equal(err.code, ERROR_CONFLICT);
	assert_string_equal(err.detail, expected);
	socket_free(first);
}

static void test_ipv6(void **state)
{
	struct error err;
	struct socket_at *socket_at = socket_open("[::1]:0", 0600, &err);

	(void)state;
	if (socket_at == NULL) {
		print_message("no IPv6 here: %s\n", err.detail);
		skip();
	}
	assert_memory_equal(socket_address(socket_at), "[::1]:", 6);
	socket_free(socket_at);
}

static void test_unix_socket(void **state)
{
	struct error err;
	struct listener *listener = test_listener(address, DOOR_CONTROL);
	struct listener_settings again = { .address = address, .door = DOOR_CONTROL, .threads = 1, .unix_mode = 0600 };
	struct raw_reply reply;
	struct stat status;

	(void)state;
	assert_string_equal(listener_address(listener), address);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	raw_exchange(address, "GET /v1/hello HTTP/1.1\r\nHost: a\r\n\r\n", &reply);
	assert_int_equal(reply.status, 200);
	raw_reply_done(&reply);

	assert_null(listener_start(&again, &test_service, &err));
	assert_int_equal(err.code, ERROR_CONFLICT);
	assert_non_null(strstr(err.detail, "is in use by another program"));
	assert_int_equal(stat(path, &status), 0);

	listener_stop(listener, 2);
	assert_int_not_equal(stat(path, &status), 0);
}

/* What a killed process leaves behind is nobody's. */
static void test_stale_socket(void **state)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct error err;
	struct socket_at *socket_at;

	(void)state;
	snprintf(name.sun_path, sizeof name.sun_path, "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
	close(fd);
	socket_at = socket_open(address, 0600, &err);
	assert_non_null(socket_at);
	socket_free(socket_at);
}

static void test_a_file_is_left_alone(void **state)
{
	FILE *file = fopen(path, "w");
	struct error err;
	struct stat status;

	(void)state;
	fputs("precious", file);
	fclose(file);
	assert_null(socket_open(address, 0600, &err));
	assert_int_equal(err.code, ERROR_CONFLICT);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_size, 8);
	unlink(path);
}

/* A newer server's file at the same path survives the older one's end. */
static void test_only_its_own_file_is_removed(void **state)
{
	struct error err;
	struct socket_at *older = socket_open(address, 0600, &err), *newer;
	struct stat status;

	(void)state;
	unlink(path);
	newer = socket_open(address, 0600, &err);
	assert_non_null(newer);
	socket_free(older);
	assert_int_equal(stat(path, &status), 0);
	socket_free(newer);
	assert_int_not_equal(stat(path, &status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_addresses),
		cmocka_unit_test(test_good_addresses),
		cmocka_unit_test(test_port_in_use),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_unix_socket),
		cmocka_unit_test(test_stale_socket),
		cmocka_unit_test(test_a_file_is_left_alone),
		cmocka_unit_test(test_only_its_own_file_is_removed),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
