/* SPDX-License-Identifier: MIT */
/* POST /v1/articles/batch in pieces: lines are taken as they arrive, a broken connection leaves a prefix, and sending again is safe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "api_steps.h"
#include "raw_client.h"

#define NDJSON "Content-Type: application/x-ndjson"

enum { N_LINES = 4000, FILLING = 900 };

static int set_up(void **state)
{
	static struct test_server server;

	test_server_start(&server, NULL);
	*state = &server;
	return 0;
}

static int tear_down(void **state)
{
	test_server_stop(*state);
	return 0;
}

/* Line i; the body makes N_LINES of them some four pieces. */
static void append_line(struct text *lines, int i)
{
	char filling[FILLING + 1];

	memset(filling, 'a' + i % 26, FILLING);
	filling[FILLING] = '\0';
	text_printf(lines, "{\"guid\":\"g%d\",\"title\":\"Line %d\",\"source\":\"S\",\"section\":\"A\",\"body_text\":\"%s\"}\n", i, i, filling);
}

static int64_t count(struct test_server *server)
{
	struct reply reply;
	int64_t n;

	client_get(server->public, "/v1/articles?count=exact&limit=1", &reply);
	n = json_integer_value(reply_member(&reply, "meta.count.value"));
	reply_done(&reply);
	return n;
}

static void test_results_come_in_order(void **state)
{
	struct test_server *server = *state;
	struct text lines = TEXT_EMPTY;
	struct reply reply;
	int n = 0;

	for (int i = 1; i <= N_LINES; i++)
		append_line(&lines, i);
	client_ask(server->writer, "POST", "/v1/articles/batch", NDJSON, lines.bytes, &reply);
	assert_int_equal(reply.status, 200);
	for (const char *line = reply.body.bytes; *line != '\0'; line += strcspn(line, "\n") + 1) {
		char wanted[60];

		n++;
		snprintf(wanted, sizeof wanted, "{\"line\":%d,\"status\":201,\"id\":%d,", n, n);
		assert_memory_equal(line, wanted, strlen(wanted));
	}
	assert_int_equal(n, N_LINES);
	assert_int_equal(count(server), N_LINES);
	reply_done(&reply);
	text_done(&lines);
}

/* The client goes away in the middle of a chunk. Polls, for nobody tells when the last piece is in. */
static void test_a_broken_connection_leaves_a_prefix(void **state)
{
	struct test_server *server = *state;
	struct text lines = TEXT_EMPTY, sent = TEXT_EMPTY;
	struct reply reply;
	char address[120];
	int64_t n = 0;
	int fd;

	for (int i = 1; i <= N_LINES; i++)
		append_line(&lines, i);
	text_printf(&sent, "POST /v1/articles/batch HTTP/1.1\r\nHost: a\r\n" NDJSON "\r\nTransfer-Encoding: chunked\r\n\r\n%zx\r\n", lines.length + 1000);
	text_append(&sent, lines.bytes, lines.length - 300);
	snprintf(address, sizeof address, "unix:%s", server->control);
	fd = raw_connect(address);
	raw_send(fd, sent.bytes, sent.length, false);
	close(fd);
	for (int i = 0; i < 200000 && n < 1000; i++)
		n = count(server);
	assert_in_range(n, 1000, N_LINES - 1);
	client_ask(server->writer, "POST", "/v1/articles/batch", NDJSON, lines.bytes, &reply);
	assert_int_equal(reply.status, 200);
	assert_int_equal(count(server), N_LINES);
	/* a prefix: what was in is unchanged, and nothing behind a line that was not in was in */
	assert_non_null(strstr(reply.body.bytes, "\"unchanged\""));
	assert_null(strstr(strstr(reply.body.bytes, "\"created\""), "\"unchanged\""));
	reply_done(&reply);
	text_done(&lines);
	text_done(&sent);
}

static void test_too_many_lines(void **state)
{
	struct test_server *server = *state;
	struct text lines = TEXT_EMPTY;
	struct reply reply;

	append_line(&lines, 1);
	for (int i = 1; i < 9999; i++)
		text_char(&lines, '\n');
	append_line(&lines, 2);
	client_ask(server->writer, "POST", "/v1/articles/batch", NDJSON, lines.bytes, &reply);
	assert_int_equal(reply.status, 200);
	reply_done(&reply);
	append_line(&lines, 3);
	client_ask(server->writer, "POST", "/v1/articles/batch", NDJSON, lines.bytes, &reply);
	assert_int_equal(reply.status, 413);
	assert_int_equal(count(server), 2);
	reply_done(&reply);
	text_done(&lines);
}

/* It is not waited for: what came before is in, and what comes behind is not. */
static void test_a_line_without_end(void **state)
{
	struct test_server *server = *state;
	struct text lines = TEXT_EMPTY;
	struct reply reply;

	append_line(&lines, 1);
	for (int i = 0; i < 6 << 10; i++)
		text_printf(&lines, "%1024d", 7);
	text_char(&lines, '\n');
	append_line(&lines, 2);
	client_ask(server->writer, "POST", "/v1/articles/batch", NDJSON, lines.bytes, &reply);
	assert_int_equal(reply.status, 413);
	assert_non_null(strstr(reply.body.bytes, "line 2 is longer than 4194304 bytes"));
	reply_done(&reply);
	assert_int_equal(count(server), 1);
	text_done(&lines);
}

/* As long as an article may be: refused or not, but by itself. */
static void test_a_line_of_some_pieces(void **state)
{
	struct test_server *server = *state;
	struct text lines = TEXT_EMPTY;
	struct reply reply;

	append_line(&lines, 1);
	for (int i = 0; i < 4000; i++)
		text_printf(&lines, "%1024s", "");
	append_line(&lines, 2);
	append_line(&lines, 3);
	client_ask(server->writer, "POST", "/v1/articles/batch", NDJSON, lines.bytes, &reply);
	assert_int_equal(reply.status, 200);
	reply_done(&reply);
	assert_int_equal(count(server), 3);
	text_done(&lines);
}

/* Other writers get their turn between the pieces, and one request never takes what another sent. */
static void test_two_at_once(void **state)
{
	struct test_server *server = *state;
	struct text lines = TEXT_EMPTY, head = TEXT_EMPTY;
	struct raw_reply reply;
	char address[120];
	int fd;

	for (int i = 1; i <= N_LINES; i++)
		append_line(&lines, i);
	text_printf(&head, "POST /v1/articles/batch HTTP/1.1\r\nHost: a\r\n" NDJSON "\r\nContent-Length: %zu\r\n\r\n", lines.length);
	snprintf(address, sizeof address, "unix:%s", server->control);
	fd = raw_connect(address);
	raw_send(fd, head.bytes, head.length, false);
	raw_send(fd, lines.bytes, lines.length / 2, false);
	test_server_put(server, "{'guid':'between','title':'Between','source':'S','section':'A'}");
	raw_send(fd, lines.bytes + lines.length / 2, lines.length - lines.length / 2, false);
	assert_true(raw_read(fd, false, &reply));
	assert_int_equal(reply.status, 200);
	assert_int_equal(count(server), N_LINES + 1);
	close(fd);
	raw_reply_done(&reply);
	text_done(&lines);
	text_done(&head);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_results_come_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_broken_connection_leaves_a_prefix, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_too_many_lines, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_line_without_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_line_of_some_pieces, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_two_at_once, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
