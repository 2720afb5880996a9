/* SPDX-License-Identifier: MIT */
/*
 * GET /v1/changes and /v1/events, case by case: what is a row, what a removal, what a filter leaves out, how long what may be kept, who waits and who is
 * woken, and what a stream looks like on the wire. That a copy that follows ends equal to the server is test_mirror.c's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "api_steps.h"
#include "clock.h"
#include "http.h"
#include "http/http_internal.h"
#include "raw_client.h"
#include "store.h"
#include "test_store.h"

#define HOUR_REPLY "Cache-Control: public, max-age=3600, stale-while-revalidate=86400, stale-if-error=86400"
#define HEAD_REPLY "Cache-Control: public, max-age=10, stale-while-revalidate=30, stale-if-error=3600"
#define ARTICLE(guid, rest) "{'guid':'" guid "','title':'Story " guid "','source':'Wire','published_at':'2016-01-0" guid "T00:00:00Z','body_text':'Text'," rest "}\n"

static struct test_server server;

static int set_up(void **state)
{
	(void)state;
	test_server_start(&server, NULL);
	/* seq 1 to 5; 4 is a draft, of which nothing is to be seen. */
	return test_server_try(&server, ARTICLE("1", "'section':'Sport'") ARTICLE("2", "'section':'News','tags':['Ferry']") ARTICLE("3", "'section':'News'")
	           ARTICLE("4", "'section':'News','status':'draft'") ARTICLE("5", "'section':'Sport'")) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

static void test_pages(void **state)
{
	static const struct step steps[] = {
		{ "/v1/changes", .json = "{'data':[{'seq':1,'op':'upsert','id':1,'rev':1,'published_at':'2016-01-01T00:00:00Z','section':'sport','article':null},"
		  "{'seq':2},{'seq':3},{'seq':5}],'meta':{'next_since':5,'has_more':false,'oldest_since':0}}", .reply_headers = HEAD_REPLY },
		{ "/v1/changes?limit=2", .json = "{'data':[{'seq':1},{'seq':2}],'meta':{'next_since':2,'has_more':true}}", .reply_headers = HEAD_REPLY },
		{ "/v1/changes?since=1&limit=2", .json = "{'data':[{'seq':2},{'seq':3}],'meta':{'next_since':3,'has_more':true}}", .reply_headers = HOUR_REPLY "\n-Surrogate-Key" },
		{ "/v1/changes?limit=2&include=article", .json = "{'data':[{'article':{'title':'Story 1','body_html':null}},{'seq':2}]}", .reply_headers = HEAD_REPLY "\nSurrogate-Key: articles-list" },
		{ "/v1/changes?limit=1&include=body", .json = "{'data':[{'article':{'body_text':'Text'}}]}", .reply_headers = HEAD_REPLY },
		{ "/v1/changes?limit=4", .json = "{'meta':{'next_since':5,'has_more':false}}", .reply_headers = HEAD_REPLY },
		{ "/v1/changes?since=3", .json = "{'data':[{'seq':5,'id':5}]}" },
		{ "/v1/changes?since=5", .json = "{'data':[],'meta':{'next_since':5,'has_more':false}}", .reply_headers = HEAD_REPLY },
		{ "/v1/changes?since=now", .json = "{'data':[],'meta':{'next_since':5,'has_more':false}}" },
		{ "/v1/changes?section=sport", .json = "{'data':[{'id':1},{'id':5}],'meta':{'next_since':5}}" },
		{ "/v1/changes?section=news&tag=!ferry", .json = "{'data':[{'id':3}]}" },
		{ "/v1/changes?section=nothing", .json = "{'data':[],'meta':{'next_since':5,'has_more':false}}" },
		{ "/v1/changes?since=6", 410, .json = "{'type':'/problems/sync-expired','links':{'start_over':'" TEST_BASE_URL "/v1/changes?since=0'}}" },
		{ "/v1/changes?since=6&section=sport", 410, .json = "{'links':{'start_over':'" TEST_BASE_URL "/v1/changes?section=sport&since=0'}}" },
		{ "/v1/changes?since=05", 400, .json = "{'errors':[{'parameter':'since'}]}" },
		{ "/v1/changes?since=-1", .status = 400 }, { "/v1/changes?limit=0", .status = 400 }, { "/v1/changes?limit=1001", .status = 400 }, { "/v1/changes?wait=31", .status = 400 },
		{ "/v1/changes?include=text", .status = 400 }, { "/v1/changes?q=a", .status = 400 }, { "/v1/events?limit=1", .status = 400 }, { "/v1/events?since=x", .status = 400 },
		{ "/v1/events", 400, .headers = "Last-Event-ID: yesterday" },
		{ "/v1/events", 410, .headers = "Last-Event-ID: 77", .json = "{'type':'/problems/sync-expired'}" },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

/* One row an article, its last change; what leaves a filter, or goes. */
static void test_edits_and_removals(void **state)
{
	static const struct step steps[] = {
		/* 6: story 1 moves to News. 7: 2 goes. 8: 3 goes back to being a draft, 9 and it is worked on, which nobody sees. 10: a new one. */
		{ "/v1/changes?since=5", .json = "{'data':[{'seq':6,'op':'upsert','id':1,'rev':2,'section':'news'},{'seq':7,'op':'remove','id':2,'reason':'withdrawn','rev':null},"
		  "{'seq':8,'op':'remove','id':3,'reason':'unpublished'},{'seq':10,'op':'upsert','id':6}],'meta':{'next_since':10}}" },
		{ "/v1/changes", .json = "{'data':[{'seq':5},{'seq':6},{'seq':7},{'seq':8},{'seq':10}]}" },
		{ "/v1/changes?section=sport", .json = "{'data':[{'seq':5,'op':'upsert'},{'seq':6,'op':'remove','id':1,'reason':'left-filter'},{'seq':10,'op':'upsert'}]}" },
		{ "/v1/changes?section=news", .json = "{'data':[{'seq':6,'op':'upsert','id':1},{'seq':7,'op':'remove','id':2,'reason':'withdrawn'},{'seq':8,'op':'remove','id':3}]}" },
		{ "/v1/changes?tag=ferry", .json = "{'data':[{'seq':7,'op':'remove','id':2}],'meta':{'next_since':10}}" },
	};

	(void)state;
	test_server_put(&server, ARTICLE("1", "'section':'News'") ARTICLE("2", "'section':'News','status':'withdrawn','removed_at':'2016-04-01T00:00:00Z'")
	    ARTICLE("3", "'section':'News','status':'draft'") ARTICLE("3", "'section':'Sport','status':'draft','byline':'X'") ARTICLE("6", "'section':'Sport'"));
	RUN_STEPS(&server, steps);
	test_server_restart(&server);
	RUN_STEPS(&server, steps);
}

/* --- waiting --- */

struct waiter {
	const char *target;
	struct reply reply;
	int64_t took_us;
};

static void *poll_once(void *arg)
{
	struct waiter *waiter = arg;
	struct client *client = client_new(test_server_url(&server), NULL);
	const int64_t began_us = clock_monotonic_us();

	client_get(client, waiter->target, &waiter->reply);
	waiter->took_us = clock_monotonic_us() - began_us;
	client_free(client);
	return NULL;
}

/* Until so many connections are suspended there. */
static void wait_for_waiting(int64_t n)
{
	while (test_server_metric(&server, "broadsheet_http_waiting") != n)
		poll(NULL, 0, 2);
}

static void test_long_poll(void **state)
{
	struct waiter polls[] = { { .target = "/v1/changes?since=10&wait=20" }, { .target = "/v1/changes?wait=20&since=10" }, { .target = "/v1/changes?since=10&wait=1&tag=ferry" },
		{ .target = "/v1/changes?since=now&wait=20" }, { .target = "/v1/changes?since=10&wait=20&include=body&limit=1000" } };
	enum { POLLS = sizeof polls / sizeof polls[0] };
	pthread_t threads[POLLS];

	(void)state;
	for (size_t i = 0; i < POLLS; i++)
		pthread_create(&threads[i], NULL, poll_once, &polls[i]);
	wait_for_waiting(POLLS);
	test_server_put(&server, ARTICLE("7", "'section':'Sport'"));
	for (size_t i = 0; i < POLLS; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < POLLS; i++) {
		if (i == 2)
			continue;
		assert_int_equal(polls[i].reply.status, 200);
		expect_json(polls[i].target, &polls[i].reply, "{'data':[{'seq':11,'id':7}],'meta':{'next_since':11}}");
		assert_true(polls[i].took_us < 5000000);
	}
	expect_header(polls[3].target, &polls[3].reply, "Cache-Control", "no-store");
	expect_json(polls[4].target, &polls[4].reply, "{'data':[{'article':{'body_text':'Text'}}]}");
	/* Under a filter that it does not concern: the wait goes on to its end, and nobody may keep that for others. */
	expect_json(polls[2].target, &polls[2].reply, "{'data':[],'meta':{'next_since':11,'has_more':false}}");
	expect_header(polls[2].target, &polls[2].reply, "Cache-Control", "no-store");
	assert_true(polls[2].took_us >= 1000000 && polls[2].took_us < 3000000);
	for (size_t i = 0; i < POLLS; i++)
		reply_done(&polls[i].reply);
	wait_for_waiting(0);
}

static const char *address_of(void)
{
	return strstr(test_server_url(&server), "://") + 3;
}

/* Reads on until the text is there. */
static void read_until(int fd, struct text *text, const char *wanted)
{
	char bytes[4096];
	ssize_t n = 1;

	while (strstr(text->length > 0 ? text->bytes : "", wanted) == NULL && n > 0) {
		n = read(fd, bytes, sizeof bytes);
		if (n > 0)
			text_append(text, bytes, (size_t)n);
	}
	if (strstr(text->length > 0 ? text->bytes : "", wanted) == NULL)
		fail_msg("the stream ended without %s:\n%s", wanted, text->length > 0 ? text->bytes : "");
}

static void send_text(int fd, const char *text)
{
	raw_send(fd, text, strlen(text), false);
}

static void test_stream(void **state)
{
	const int fd = raw_connect(address_of()), resumed = raw_connect(address_of()), filtered = raw_connect(address_of());
	struct text text = TEXT_EMPTY, more = TEXT_EMPTY, few = TEXT_EMPTY;

	(void)state;
	send_text(fd, "GET /v1/events HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip, br\r\n\r\n");
	read_until(fd, &text, "retry: 3000\nid: 11\n\n");
	assert_non_null(strstr(text.bytes, "Content-Type: text/event-stream\r\n"));
	assert_non_null(strstr(text.bytes, "Cache-Control: no-store\r\n"));
	assert_non_null(strstr(text.bytes, "Broadsheet-Seq: 11\r\n"));
	assert_non_null(strstr(text.bytes, "Access-Control-Allow-Origin: *\r\n"));
	assert_null(strstr(text.bytes, "Content-Encoding"));
	send_text(resumed, "GET /v1/events?since=now HTTP/1.1\r\nHost: h\r\nLast-Event-ID: 7\r\n\r\n");
	read_until(resumed, &more, "id: 11\ndata: {\"seq\":11,");
	assert_non_null(strstr(more.bytes, "id: 8\ndata: {\"seq\":8,\"op\":\"remove\",\"id\":3,\"reason\":\"unpublished\"}\n\n"));
	send_text(filtered, "GET /v1/events?section=news&include=article HTTP/1.1\r\nHost: h\r\n\r\n");
	read_until(filtered, &few, "id: 11\n\n");
	test_server_put(&server, ARTICLE("8", "'section':'Sport'") ARTICLE("9", "'section':'News'"));
	read_until(fd, &text, "id: 13\ndata: {\"seq\":13,\"op\":\"upsert\",\"id\":9,\"rev\":1,\"published_at\":\"2016-01-09T00:00:00Z\",\"section\":\"news\"}\n\n");
	assert_non_null(strstr(text.bytes, "id: 12\ndata: "));
	read_until(resumed, &more, "id: 13\ndata: ");
	read_until(filtered, &few, "id: 13\ndata: ");
	assert_non_null(strstr(few.bytes, "\"article\":{\"id\":9,"));
	assert_non_null(strstr(few.bytes, TEST_BASE_URL "/article/"));
	assert_null(strstr(few.bytes, "id: 12\n"));
	text_done(&text);
	text_done(&more);
	text_done(&few);
	close(fd);
	close(resumed);
	close(filtered);
}

/* What has no end has no body for HEAD, and nothing that could be taken for one. */
static void test_head(void **state)
{
	static const char *const targets[] = { "/v1/events", "/v1/articles.ndjson" };
	struct text text = TEXT_EMPTY;
	char bytes[4096];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const int fd = raw_connect(address_of());
		ssize_t n;

		text_clear(&text);
		text_printf(&text, "HEAD %s HTTP/1.1\r\nHost: h\r\n\r\n", targets[i]);
		send_text(fd, text.bytes);
		text_clear(&text);
		while ((n = read(fd, bytes, sizeof bytes)) > 0)
			text_append(&text, bytes, (size_t)n);
		assert_non_null(strstr(text.bytes, "HTTP/1.1 200 "));
		assert_ptr_equal(strstr(text.bytes, "\r\n\r\n"), text.bytes + text.length - 4);
		close(fd);
	}
	text_done(&text);
}

static size_t n_of(const struct text *text, const char *wanted)
{
	size_t n = 0;

	for (const char *at = text->bytes; (at = strstr(at, wanted)) != NULL; at++)
		n++;
	return n;
}

/* Of many rows that are not for it a stream says how far it has come, and lets others be served before it goes on. Of a few it says nothing. */
static void test_much_that_does_not_concern(void **state)
{
	enum { MANY = 2300, A_BEAT_US = 10000000 };
	struct text text = TEXT_EMPTY;
	int64_t began_us;
	int fd;

	(void)state;
	test_server_restart(&server);
	for (int i = 0; i < MANY; i++)
		text_printf(&text, "{\"guid\":\"many %d\",\"title\":\"One of many\",\"source\":\"Wire\",\"section\":\"Many\"}\n", i);
	test_server_put(&server, text.bytes);
	text_clear(&text);
	fd = raw_connect(address_of());
	began_us = clock_monotonic_us();
	send_text(fd, "GET /v1/events?since=0&section=culture HTTP/1.1\r\nHost: h\r\n\r\n");
	read_until(fd, &text, ": here\nid: ");
	wait_for_waiting(1);
	for (int i = 0; i < 5; i++)
		test_server_put(&server, ARTICLE("8", "'section':'Sport'"));
	test_server_put(&server, ARTICLE("9", "'section':'Culture'"));
	read_until(fd, &text, "data: ");
	assert_int_equal(n_of(&text, ": here"), 1);
	assert_true(clock_monotonic_us() - began_us < A_BEAT_US);
	close(fd);
	text_done(&text);
}

/* A stream and a poll that wait when the server stops are let go, and the stream ends as it should. */
static void test_stopping(void **state)
{
	struct waiter waiter = { .target = "/v1/changes?since=13&wait=30" };
	struct text text = TEXT_EMPTY;
	pthread_t thread;
	int64_t began_us;
	int fd;

	(void)state;
	/* Streams that were closed before would count among those that wait, until they are noticed. */
	test_server_restart(&server);
	fd = raw_connect(address_of());
	send_text(fd, "GET /v1/events HTTP/1.1\r\nHost: h\r\n\r\n");
	read_until(fd, &text, "id: 13\n\n");
	pthread_create(&thread, NULL, poll_once, &waiter);
	wait_for_waiting(2);
	began_us = clock_monotonic_us();
	test_server_halt(&server);
	assert_true(clock_monotonic_us() - began_us < 8000000);
	pthread_join(thread, NULL);
	expect_json("the poll", &waiter.reply, "{'data':[]}");
	read_until(fd, &text, "\r\n0\r\n\r\n");
	test_server_resume(&server);
	reply_done(&waiter.reply);
	text_done(&text);
	close(fd);
}

/* --- limits --- */

static void restart_with(const char *const *options)
{
	test_server_stop(&server);
	test_server_start(&server, options);
}

static void test_limits(void **state)
{
	static const char *const options[] = { "--waiting-limit", "2", "--trusted-proxies", "127.0.0.1", "--waiting-most", "3", NULL };
	static const char from_one[] = "GET /v1/events HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n";
	static const char from_other[] = "GET /v1/events HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 192.0.2.2\r\n\r\n";
	struct text text[3] = { TEXT_EMPTY, TEXT_EMPTY, TEXT_EMPTY };
	struct raw_reply reply;
	int fds[3];

	(void)state;
	restart_with(options);
	test_server_put(&server, ARTICLE("1", "'section':'Sport'"));
	for (size_t i = 0; i < 3; i++) {
		fds[i] = raw_connect(address_of());
		send_text(fds[i], i < 2 ? from_one : from_other);
		read_until(fds[i], &text[i], "retry: 3000");
		if (i == 1) {
			raw_exchange(address_of(), from_one, &reply);
			assert_int_equal(reply.status, 429);
			assert_string_equal(raw_header(&reply, "Retry-After"), "30");
			raw_reply_done(&reply);
			/* Who does not wait is not concerned. */
			raw_exchange(address_of(), "GET /v1/changes HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n", &reply);
			assert_int_equal(reply.status, 200);
			raw_reply_done(&reply);
		}
	}
	raw_exchange(address_of(), "GET /v1/changes?since=1&wait=9 HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 192.0.2.3\r\n\r\n", &reply);
	assert_int_equal(reply.status, 503);
	raw_reply_done(&reply);
	for (size_t i = 0; i < 3; i++) {
		close(fds[i]);
		text_done(&text[i]);
	}
}

/* While nothing happens a comment keeps the way open, and says how far the client has been told. */
static void test_signs_of_life(void **state)
{
	const int64_t usual_us = stream_beat_us;
	struct text text = TEXT_EMPTY;
	int fd;

	(void)state;
	stream_beat_us = 200000;
	restart_with(NULL);
	test_server_put(&server, ARTICLE("1", "'section':'Sport'") ARTICLE("2", "'section':'News'"));
	fd = raw_connect(address_of());
	send_text(fd, "GET /v1/events?since=0&section=sport HTTP/1.1\r\nHost: h\r\n\r\n");
	read_until(fd, &text, ": here\nid: 2\n\n");
	text_clear(&text);
	read_until(fd, &text, ": here\nid: 2\n\n");
	text_done(&text);
	close(fd);
	stream_beat_us = usual_us;
}

/* Who does not read is given up after the idle timeout, and what waits for him takes up no more than a piece. */
static void test_who_does_not_read(void **state)
{
	static const char *const options[] = { "--idle-timeout", "2", NULL };
	enum { LONG = 400000, ARTICLES = 40, LITTLE = 4096 };
	struct text lines = TEXT_EMPTY;
	const int little = LITTLE;
	char *words = malloc(LONG + 1);
	int fd;

	(void)state;
	memset(words, 'a', LONG);
	words[LONG] = '\0';
	restart_with(options);
	for (int i = 0; i < ARTICLES; i++)
		text_printf(&lines, "{\"guid\":\"long %d\",\"title\":\"Long\",\"source\":\"Wire\",\"section\":\"News\",\"body_text\":\"%s\"}\n", i, words);
	test_server_put(&server, lines.bytes);
	fd = raw_connect(address_of());
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
	send_text(fd, "GET /v1/events?since=0&include=body HTTP/1.1\r\nHost: h\r\n\r\n");
	wait_for_waiting(1);
	wait_for_waiting(0);
	close(fd);
	text_done(&lines);
	free(words);
}

static void put_long(int number, const char *title, const char *words)
{
	struct text line = TEXT_EMPTY;

	text_printf(&line, "{\"guid\":\"long %d\",\"title\":\"%s %d\",\"source\":\"Wire\",\"section\":\"News\",\"body_text\":\"%s\"}\n", number, title, number, words);
	test_server_put(&server, line.bytes);
	text_done(&line);
}

/* Everything up to there, which may be long. */
static void read_far(int fd, struct text *text, const char *wanted)
{
	static char bytes[65536];
	size_t from = 0;
	ssize_t n;

	while ((n = read(fd, bytes, sizeof bytes)) > 0) {
		text_append(text, bytes, (size_t)n);
		if (strstr(text->bytes + from, wanted) != NULL)
			return;
		from = text->length - strlen(wanted);
	}
	fail_msg("the stream ended without %s", wanted);
}

/* Of long articles few are made ahead of a client: it gets what has become of the others in the meantime. */
static void test_few_long_articles_at_once(void **state)
{
	enum { LONG = 450000, ARTICLES = 10, LITTLE = 65536 };
	struct text heard = TEXT_EMPTY;
	const int little = LITTLE;
	char *words = malloc(LONG + 1), first;
	int fd;

	(void)state;
	memset(words, 'a', LONG);
	words[LONG] = '\0';
	restart_with(NULL);
	for (int i = 0; i < ARTICLES; i++)
		put_long(i, "Long", words);
	fd = raw_connect(address_of());
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
	send_text(fd, "GET /v1/events?since=0&include=body HTTP/1.1\r\nHost: h\r\n\r\n");
	read_until(fd, &heard, "id: 1\ndata: ");
	assert_int_equal(recv(fd, &first, 1, MSG_PEEK), 1);
	put_long(ARTICLES - 1, "Mended", words);
	read_far(fd, &heard, "\"title\":\"Mended 9\"");
	assert_int_equal(n_of(&heard, "\"title\":\"Long 9\""), 0);
	assert_int_equal(n_of(&heard, "\"title\":\"Long 8\""), 1);
	close(fd);
	text_done(&heard);
	free(words);
}

/* Without a number given, who waits leaves a tenth of the connections to readers. */
static void test_room_for_readers(void **state)
{
	static const char *const options[] = { "--connections", "10", NULL };
	int fds[9];
	struct raw_reply reply;

	(void)state;
	restart_with(options);
	for (size_t i = 0; i < 9; i++) {
		struct text text = TEXT_EMPTY;

		fds[i] = raw_connect(address_of());
		send_text(fds[i], "GET /v1/events HTTP/1.1\r\nHost: h\r\n\r\n");
		read_until(fds[i], &text, "retry: 3000");
		text_done(&text);
	}
	raw_exchange(address_of(), "GET /v1/events HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", &reply);
	assert_int_equal(reply.status, 503);
	raw_reply_done(&reply);
	for (size_t i = 0; i < 9; i++)
		close(fds[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages), cmocka_unit_test(test_edits_and_removals), cmocka_unit_test(test_long_poll), cmocka_unit_test(test_stream),
		cmocka_unit_test(test_stopping), cmocka_unit_test(test_head), cmocka_unit_test(test_much_that_does_not_concern), cmocka_unit_test(test_limits), cmocka_unit_test(test_room_for_readers),
		cmocka_unit_test(test_signs_of_life), cmocka_unit_test(test_who_does_not_read),
		cmocka_unit_test(test_few_long_articles_at_once),
	};

	return cmocka_run_group_tests_name("changes", tests, set_up, tear_down);
}
