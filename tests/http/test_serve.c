/* SPDX-License-Identifier: MIT */
/* The pipeline over real sockets: headers of replies, errors, conditions, waiting for a seq, the writer thread, stopping. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <pthread.h>

#include "clock.h"
#include "http/http_internal.h"
#include "log.h"
#include "metrics.h"
#include "raw_client.h"
#include "test_service.h"

#define HOST "Host: a\r\n"
#define BYTES(literal) (literal), sizeof(literal) - 1

static struct listener *listener, *admin, *control;
static char folder[] = "/tmp/broadsheet-test-XXXXXX";
static char control_address[64];

static int set_up(void **state)
{
	struct error err;

	(void)state;
	log_start(LOG_LEVEL_ERROR, false);
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(control_address, sizeof control_address, "unix:%s/control.sock", folder);
	test_service.writer = lane_new("writer", /* n_threads= */ 1, test_service.context_new, test_service.context_free, NULL, &err);
	listener = test_listener("127.0.0.1:0", DOOR_PUBLIC);
	admin = test_listener("localhost:0", DOOR_ADMIN);
	control = test_listener(control_address, DOOR_CONTROL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	listener_stop(listener, 2);
	listener_stop(admin, 2);
	listener_stop(control, 2);
	lane_free(test_service.writer);
	return rmdir(folder) == 0 && test_contexts == 0 ? 0 : -1;
}

/* Sends "<line> HTTP/1.1", Host and further fields; the reply is freed by whoever asked. */
static struct raw_reply ask(const struct listener *whom, const char *line, const char *fields)
{
	struct raw_reply reply;
	char request[1024];

	snprintf(request, sizeof request, "%s HTTP/1.1\r\n" HOST "%s\r\n", line, fields);
	raw_exchange(listener_address(whom), request, &reply);
	return reply;
}

static void expect(
    const struct listener *whom, const char *line, const char *fields, unsigned status, const char *in_body)
{
	struct raw_reply reply = ask(whom, line, fields);

	if (reply.status != status)
		fail_msg("%s: %u instead of %u", line, reply.status, status);
	if (in_body != NULL && (reply.body.length == 0 || strstr(reply.body.bytes, in_body) == NULL))
		fail_msg("%s: no %s in %s", line, in_body, reply.body.length == 0 ? "(nothing)" : reply.body.bytes);
	raw_reply_done(&reply);
}

static void expect_header(const struct raw_reply *reply, const char *name, const char *value)
{
	const char *found = raw_header(reply, name);

	if (value == NULL ? found != NULL : found == NULL || strcmp(found, value) != 0)
		fail_msg(
		    "%s: %s instead of %s", name, found == NULL ? "(none)" : found, value == NULL ? "(none)" : value);
}

static void test_usual_headers(void **state)
{
	struct raw_reply reply = ask(listener, "GET /v1/hello", "");

	(void)state;
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body.bytes, "{\"hello\":\"world\",\"at\":\"http://news.example/v1/hello\"}");
	expect_header(&reply, "Content-Type", "application/json");
	expect_header(&reply, "Cache-Control", "public, max-age=10, stale-while-revalidate=30, stale-if-error=3600");
	expect_header(&reply, "Vary", "Accept-Encoding");
	expect_header(&reply, "X-Content-Type-Options", "nosniff");
	expect_header(&reply, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox");
	expect_header(&reply, "Access-Control-Allow-Origin", "*");
	expect_header(&reply, "Access-Control-Expose-Headers", "ETag, Link, Retry-After, Broadsheet-Seq");
	expect_header(&reply, "Broadsheet-Seq", "7");
	expect_header(&reply, "Connection", NULL);
	assert_non_null(raw_header(&reply, "ETag"));
	assert_non_null(raw_header(&reply, "Date"));
	raw_reply_done(&reply);

	reply = ask(listener, "GET /v1/hello", "Authorization: Basic eDp4\r\n");
	expect_header(&reply, "Cache-Control", "private, no-store");
	raw_reply_done(&reply);
	reply = ask(control, "GET /v1/hello", "");
	expect_header(&reply, "Cache-Control", "private, no-store");
	expect_header(&reply, "Access-Control-Allow-Origin", NULL);
	raw_reply_done(&reply);
	reply = ask(listener, "GET /page", "");
	expect_header(&reply, "Content-Type", "text/html; charset=utf-8");
	expect_header(&reply, "Content-Security-Policy", NULL);
	raw_reply_done(&reply);
}

static void test_head_is_get_without_a_body(void **state)
{
	static const char *const names[] = { "Content-Length", "Content-Type", "ETag", "Last-Modified", "Link",
		"Content-Encoding", "Vary" };
	struct raw_reply get = ask(listener, "GET /v1/large", "Accept-Encoding: gzip\r\n");
	struct raw_reply head = ask(listener, "HEAD /v1/large", "Accept-Encoding: gzip\r\n");

	(void)state;
	assert_int_equal(head.status, 200);
	assert_int_equal(head.body.length, 0);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char value[200];

		assert_non_null(raw_header(&get, names[i]));
		snprintf(value, sizeof value, "%s", raw_header(&get, names[i]));
		expect_header(&head, names[i], value);
	}
	raw_reply_done(&get);
	raw_reply_done(&head);
}

static void test_not_modified(void **state)
{
	static const char *const codings[] = { "", "Accept-Encoding: gzip\r\n", "Accept-Encoding: br\r\n" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct raw_reply full = ask(listener, "GET /v1/large", codings[i]), again;
		char etag[80], length[20], fields[200];

		snprintf(etag, sizeof etag, "%s", raw_header(&full, "ETag"));
		snprintf(length, sizeof length, "%s", raw_header(&full, "Content-Length"));
		assert_memory_equal(etag, "\"3.", 3);
		snprintf(fields, sizeof fields, "%sIf-None-Match: \"x\", %s\r\n", codings[i], etag);
		again = ask(listener, "GET /v1/large", fields);
		assert_int_equal(again.status, 304);
		expect_header(&again, "ETag", etag);
		if (raw_header(&again, "Content-Length") != NULL)
			expect_header(&again, "Content-Length", length);    /* RFC 9110 8.6: as the 200 has it, or not at all */
		expect_header(
		    &again, "Cache-Control", "public, max-age=10, stale-while-revalidate=30, stale-if-error=3600");
		expect_header(&again, "Vary", "Accept-Encoding");
		expect_header(&again, "Last-Modified", "Thu, 31 Dec 2015 17:20:00 GMT");
		expect_header(&again, "Link", NULL);
		expect_header(&again, "Content-Type", NULL);
		expect_header(&again, "Content-Encoding", NULL);
		raw_reply_done(&again);

		/* Another coding is another representation: its ETag does not match, but for the one that everybody can read. */
		snprintf(fields, sizeof fields, "%sIf-None-Match: %s\r\n", codings[(i + 1) % 3], etag);
		again = ask(listener, "GET /v1/large", fields);
		assert_int_equal(again.status, i == 0 ? 304 : 200);
		raw_reply_done(&again);
		raw_reply_done(&full);
	}
	expect(listener, "GET /v1/large", "If-Modified-Since: Thu, 31 Dec 2015 17:20:00 GMT\r\n", 304, NULL);
	expect(listener, "GET /v1/large", "If-Modified-Since: Thu, 31 Dec 2015 17:19:59 GMT\r\n", 200, NULL);
	expect(listener, "POST /v1/take", "Content-Type: application/json\r\nIf-None-Match: *\r\n", 201, NULL);
}

/* RFC 9112 6.3: a 304 ends with its header section. Whatever its length would be, the next reply on the connection begins right behind it. */
static void test_nothing_follows_a_304(void **state)
{
	static const char *const fields[] = {
		"If-None-Match: *\r\n",
		"If-None-Match: *\r\nAccept-Encoding: br\r\n",
		"If-None-Match: *\r\nAccept-Encoding: gzip\r\nAuthorization: Basic eDp4\r\n",
	};
	int fd = raw_connect(listener_address(listener));

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct raw_reply reply;
		char request[300], length[20] = "";

		for (int unchanged = 0; unchanged < 2; unchanged++) {
			snprintf(request, sizeof request, "GET /v1/large HTTP/1.1\r\n" HOST "%s\r\n",
			    unchanged ? fields[i] : fields[i] + strlen(fields[0]));
			raw_send(fd, request, strlen(request), false);
			assert_true(raw_read(fd, false, &reply));
			assert_int_equal(reply.status, unchanged ? 304 : 200);
			expect_header(&reply, "Transfer-Encoding", NULL);
			expect_header(&reply, "Connection", NULL);
			if (unchanged)
				expect_header(&reply, "Content-Length", length);
			snprintf(length, sizeof length, "%s", raw_header(&reply, "Content-Length"));
			raw_reply_done(&reply);
		}
	}
	close(fd);
}

static void test_errors(void **state)
{
	struct raw_reply reply;

	(void)state;
	reply = ask(listener, "GET /v1/broken", "");
	assert_int_equal(reply.status, 500);
	assert_null(strstr(reply.body.bytes, "secret"));
	assert_null(strstr(reply.body.bytes, "half"));
	expect_header(&reply, "Link", NULL);
	expect_header(&reply, "ETag", NULL);
	expect_header(&reply, "Cache-Control", "no-store");
	expect_header(&reply, "Content-Type", "application/problem+json");
	raw_reply_done(&reply);

	reply = ask(listener, "GET /v1/busy", "");
	assert_int_equal(reply.status, 503);
	expect_header(&reply, "Retry-After", "1");
	raw_reply_done(&reply);

	reply = ask(listener, "PUT /v1/take", "");
	assert_int_equal(reply.status, 405);
	expect_header(&reply, "Allow", "POST, OPTIONS");
	raw_reply_done(&reply);

	reply = ask(listener, "POST /v1/write", "");
	assert_int_equal(reply.status, 401);
	expect_header(&reply, "WWW-Authenticate", "Bearer");
	assert_non_null(strstr(reply.body.bytes, "control socket"));
	raw_reply_done(&reply);

	reply = ask(listener, "POST /v1/take", "Content-Type: text/plain\r\nContent-Length: 2\r\n");
	assert_int_equal(reply.status, 415);
	expect_header(&reply, "Accept", "application/json");
	raw_reply_done(&reply);

	reply = ask(listener, "GET /v1/list?limt=5&order=newst", "");
	assert_int_equal(reply.status, 400);
	assert_string_equal(reply.body.bytes,
	    "{\"type\":\"/problems/bad-parameter\",\"title\":\"A parameter is not right\",\"status\":400,"
	    "\"detail\":\"\\\"limt\\\" is no parameter of this address; did you mean \\\"limit\\\"? (and 1 more)\","
	    "\"instance\":\"/v1/list?limt=5&order=newst\",\"errors\":["
	    "{\"parameter\":\"limt\",\"code\":\"unknown\",\"detail\":\"is no parameter of this "
	    "address\",\"suggestion\":\"limit\"},"
	    "{\"parameter\":\"order\",\"code\":\"bad-value\",\"detail\":\"must be one of these: newest, "
	    "oldest\",\"suggestion\":\"newest\"}]}\n");
	raw_reply_done(&reply);

	expect(listener, "GET /v1/no", "", 404, "problems/not-found");
	expect(listener, "GET /no", "", 404, "<title>");
	expect(listener, "POST /page", "", 405, "<title>");
	expect(listener, "GET /page?utm_source=x&utm_source=y", "", 200, "hello");
}

static void test_doors(void **state)
{
	(void)state;
	expect(listener, "GET /admin", "", 404, NULL);
	expect(admin, "GET /admin", "", 200, "fine");
	expect(admin, "GET /v1/hello", "", 404, NULL);
	expect(control, "GET /v1/hello", "", 200, "hello");
	expect(control, "GET /page", "", 404, NULL);
}

static void test_options(void **state)
{
	struct raw_reply reply;

	(void)state;
	reply =
	    ask(listener, "OPTIONS /v1/hello", "Origin: https://a.example\r\nAccess-Control-Request-Method: GET\r\n");
	assert_int_equal(reply.status, 204);
	expect_header(&reply, "Allow", "GET, HEAD, OPTIONS");
	expect_header(&reply, "Access-Control-Allow-Origin", "*");
	expect_header(&reply, "Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
	expect_header(&reply, "Access-Control-Max-Age", "86400");
	expect_header(&reply, "Content-Length", NULL);
	raw_reply_done(&reply);
	reply = ask(listener, "OPTIONS /v1/take", "");
	expect_header(&reply, "Allow", "POST, OPTIONS");
	expect_header(&reply, "Access-Control-Allow-Origin", NULL);
	raw_reply_done(&reply);
	expect(listener, "OPTIONS /v1/no", "", 404, NULL);
}

static void test_redirect(void **state)
{
	struct raw_reply reply = ask(listener, "GET /v1/moved", "");

	(void)state;
	assert_int_equal(reply.status, 308);
	expect_header(&reply, "Location", "http://news.example/v1/hello");
	assert_string_equal(reply.body.bytes, "This has moved to http://news.example/v1/hello\n");
	raw_reply_done(&reply);
}

/* One slash too many at the end of an address. */
static void test_slash_at_the_end(void **state)
{
	struct raw_reply reply = ask(listener, "GET /v1/hello/?a=1&b=/", "");

	(void)state;
	assert_int_equal(reply.status, 308);
	expect_header(&reply, "Location", "/v1/hello?a=1&b=/");
	expect_header(&reply, "Access-Control-Allow-Origin", "*");
	assert_string_equal(reply.body.bytes, "This has moved to /v1/hello?a=1&b=/\n");
	raw_reply_done(&reply);

	reply = ask(listener, "HEAD /page/", "");
	assert_int_equal(reply.status, 308);
	expect_header(&reply, "Location", "/page");
	assert_int_equal(reply.body.length, 0);
	raw_reply_done(&reply);

	reply = ask(listener, "GET //elsewhere.example/", "");
	assert_int_equal(reply.status, 404);
	expect_header(&reply, "Location", NULL);
	raw_reply_done(&reply);
	reply = ask(listener, "GET /page/", "Content-Length: 1\r\n");    /* refused for its body, and led nowhere */
	assert_int_equal(reply.status, 400);
	expect_header(&reply, "Location", NULL);
	raw_reply_done(&reply);
	expect(listener, "POST /v1/take/", "Content-Type: application/json\r\n", 404, NULL);
	expect(listener, "GET /page?of=/v1/hello/", "", 200, "http://news.example/v1/hello");
}

static void test_inner(void **state)
{
	(void)state;
	expect(listener, "GET /page", "", 200, "http://news.example/v1/hello");
	expect(listener, "GET /page?of=/v1/moved", "", 200, "http://news.example/v1/hello");
	expect(listener, "GET /page?of=/v1/echo/x%3Fa=1", "", 200,
	    "{&quot;name&quot;:&quot;x&quot;,&quot;a&quot;:&quot;1&quot;}");
	expect(listener, "GET /page?of=/v1/no", "", 404, "<title>");
	expect(listener, "GET /page?of=/v1/list%3Flimt=1", "", 400, "<title>");
	expect(listener, "GET /page?of=/admin", "", 404, "<title>");
	expect(listener, "GET /page?of=nonsense", "", 400, "<title>");
}

/* Replies are read before libmicrohttpd has said that they are out. */
static void wait_in_flight(int64_t wanted)
{
	struct metric *in_flight = metric_register(METRIC_GAUGE, "broadsheet_http_requests_in_flight", NULL, "");
	int64_t begun = clock_monotonic_us();

	while (metric_value(in_flight) != wanted && clock_monotonic_us() - begun < 5000000)
		sched_yield();
	assert_int_equal(metric_value(in_flight), wanted);
}

/* --- the writer thread --- */

static void test_writer(void **state)
{
	int fd = raw_connect(listener_address(control));
	struct raw_reply reply;
	struct text request = TEXT_EMPTY;

	(void)state;
	text_string(&request, "POST /v1/write HTTP/1.1\r\n" HOST "Content-Length: 500000\r\n\r\n");
	for (int i = 0; i < 50000; i++)
		text_string(&request, "0123456789");
	for (int i = 0; i < 3; i++) {
		raw_send(fd, request.bytes, request.length, false);
		assert_true(raw_read(fd, false, &reply));
		assert_int_equal(reply.status, 201);
		assert_string_equal(reply.body.bytes, "{\"length\":500000}");
		expect_header(&reply, "Cache-Control", "no-store");
		raw_reply_done(&reply);
	}
	text_done(&request);
	close(fd);
}

/* --- waiting for a seq --- */

static void *commit(void *arg)
{
	int64_t begun = clock_monotonic_us();

	(void)arg;
	while (atomic_load(&listener->suspended) == 0 && clock_monotonic_us() - begun < 1000000)
		sched_yield();
	live_wake(0);    /* wakes nobody, and returns when the request is parked for good */
	test_seq = 8;
	live_wake(8);
	return NULL;
}

static void wait_for_begun(int n)
{
	while (test_news_begun < n)
		sched_yield();
}

/* Each time that there is nothing new for it, it waits on as if it had just come. */
static void test_news(void **state)
{
	enum { WAKES = 20 };
	const int64_t seq_before = test_seq;
	struct raw_reply reply;
	struct error err;
	int fd;

	(void)state;
	test_service.readers = lane_new("reader", /* n_threads= */ 1, test_service.context_new, test_service.context_free, NULL, &err);
	fd = raw_connect(listener_address(listener));
	raw_send(fd, BYTES("GET /v1/news?wait=30 HTTP/1.1\r\n" HOST "\r\n"), false);
	for (int i = 1; i <= WAKES; i++) {
		wait_for_begun(i);
		test_seq = i < WAKES ? 10 + i : 100;
		live_wake(test_seq);
	}
	assert_true(raw_read(fd, false, &reply));
	assert_string_equal(reply.body.bytes, "own, does not grow");
	raw_reply_done(&reply);
	close(fd);
	wait_in_flight(0);
	lane_free(test_service.readers);
	test_service.readers = NULL;
	test_seq = seq_before;
}

static void test_min_seq(void **state)
{
	struct raw_reply reply;
	pthread_t thread;
	int64_t begun;

	(void)state;
	expect(listener, "GET /v1/list?min_seq=7", "", 200, NULL);
	wait_in_flight(0);
	assert_int_equal(pthread_create(&thread, NULL, commit, NULL), 0);
	begun = clock_monotonic_us();
	reply = ask(listener, "GET /v1/list?min_seq=8", "");
	assert_int_equal(reply.status, 200);
	expect_header(&reply, "Broadsheet-Seq", "8");
	assert_true(clock_monotonic_us() - begun < 1500000);
	raw_reply_done(&reply);
	pthread_join(thread, NULL);

	begun = clock_monotonic_us();
	reply = ask(listener, "GET /v1/list?min_seq=9", "");
	assert_int_equal(reply.status, 503);
	expect_header(&reply, "Retry-After", "1");
	assert_true(clock_monotonic_us() - begun >= 2000000);
	raw_reply_done(&reply);
	test_seq = 7;
}

/* --- stopping --- */

static void *stop(void *arg)
{
	listener_stop(arg, 5);
	return NULL;
}

/* A request whose handler is still running when the listener is stopped gets its whole reply. */
static void test_stop_lets_replies_finish(void **state)
{
	struct listener *own = test_listener("127.0.0.1:0", DOOR_PUBLIC);
	int fd = raw_connect(listener_address(own));
	struct raw_reply reply;
	pthread_t thread;

	(void)state;
	raw_send(fd, BYTES("GET /hold HTTP/1.1\r\n" HOST "\r\n"), false);
	test_hold_wait();
	assert_int_equal(pthread_create(&thread, NULL, stop, own), 0);
	test_hold_release();
	assert_true(raw_read(fd, false, &reply));
	assert_int_equal(reply.status, 200);
	assert_int_equal(reply.body.length, 1000000);
	assert_true(raw_is_closed(fd));
	raw_reply_done(&reply);
	pthread_join(thread, NULL);
	close(fd);
}

/* A parked request is not waited for: it is sent away. */
static void test_stop_releases_the_parked(void **state)
{
	struct listener *own = test_listener("127.0.0.1:0", DOOR_PUBLIC);
	int fd = raw_connect(listener_address(own));
	int64_t begun = clock_monotonic_us();
	struct raw_reply reply;
	pthread_t thread;

	(void)state;
	wait_in_flight(0);
	raw_send(fd, BYTES("GET /v1/list?min_seq=99 HTTP/1.1\r\n" HOST "\r\n"), false);
	while (atomic_load(&own->suspended) == 0)
		sched_yield();
	assert_int_equal(pthread_create(&thread, NULL, stop, own), 0);
	assert_true(raw_read(fd, false, &reply));
	assert_int_equal(reply.status, 503);
	expect_header(&reply, "Connection", "close");
	assert_true(clock_monotonic_us() - begun < 1500000);
	raw_reply_done(&reply);
	pthread_join(thread, NULL);
	wait_in_flight(0);
	close(fd);
}

static void test_stop_with_idle_and_half_sent(void **state)
{
	struct listener *own = test_listener("127.0.0.1:0", DOOR_PUBLIC);
	int idle = raw_connect(listener_address(own)), half = raw_connect(listener_address(own));
	struct raw_reply reply;

	(void)state;
	raw_send(idle, BYTES("GET /v1/hello HTTP/1.1\r\n" HOST "\r\n"), false);
	assert_true(raw_read(idle, false, &reply));
	raw_reply_done(&reply);
	raw_send(half, BYTES("GET /v1/hello HTTP/1.1\r\nHost"), false);
	listener_stop(own, 5);
	assert_true(raw_is_closed(idle));
	close(idle);
	close(half);
}

/* --- metrics --- */

static void test_metrics(void **state)
{
	struct text text = TEXT_EMPTY;

	(void)state;
	wait_in_flight(0);
	metrics_print(&text);
	assert_non_null(strstr(text.bytes, "broadsheet_http_requests_total{route=\"/v1/hello\",status=\"200\"} "));
	assert_non_null(strstr(text.bytes, "broadsheet_http_requests_total{route=\"/v1/busy\",status=\"503\"} 1\n"));
	assert_non_null(strstr(text.bytes, "broadsheet_http_requests_total{route=\"none\",status=\"404\"} "));
	assert_non_null(strstr(text.bytes, "broadsheet_http_request_duration_seconds_count{route=\"/v1/large\"} "));
	assert_non_null(strstr(text.bytes, "broadsheet_http_requests_in_flight 0\n"));
	text_done(&text);
}

/* Many clients name a type whether they send anything or not. */
static void test_no_body_has_no_type(void **state)
{
	(void)state;
	expect(listener, "POST /v1/take", "Content-Type: text/plain\r\nContent-Length: 0\r\n", 201, "{\"length\":0}");
	expect(listener, "POST /v1/take", "Content-Type: text/plain\r\n", 201, "{\"length\":0}");
}

/* Between pieces of a body its writer's context is lent, and given back. */
static void test_pieces(void **state)
{
	static const char head[] = "POST /v1/pieces HTTP/1.1\r\n" HOST "Content-Length: 1500000\r\n\r\n";
	char *body = calloc(1, 1500000);
	struct raw_reply reply;
	int fd = raw_connect(control_address);

	(void)state;
	assert_non_null(body);
	raw_send(fd, BYTES(head), false);
	raw_send(fd, body, 1500000, false);
	assert_true(raw_read(fd, false, &reply));
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body.bytes, "own");
	raw_reply_done(&reply);
	free(body);
	close(fd);
}

static int bell[2];
static atomic_bool is_asleep;

static void sleep_until_the_bell(int number)
{
	char byte;
	ssize_t n;

	is_asleep = true;
	n = read(bell[0], &byte, 1);

	(void)number, (void)n;
}

/* One that asks and waits for its answer, n times at the same moment: all are there when the one thread looks again. */
static void ask_at_once(const int *fds, size_t n)
{
	struct raw_reply reply;

	is_asleep = false;
	pthread_kill(test_hello_thread, SIGUSR1);
	while (!is_asleep)
		sched_yield();
	for (size_t i = 0; i < n; i++)
		raw_send(fds[i], BYTES("GET /v1/hello HTTP/1.1\r\n" HOST "\r\n"), false);
	assert_int_equal(write(bell[1], "!", 1), 1);
	for (size_t i = 0; i < n; i++) {
		assert_true(raw_read(fds[i], false, &reply));
		assert_int_equal(reply.status, 200);
		raw_reply_done(&reply);
	}
}

/* Around the number that libmicrohttpd takes at a time (epoll_wait.c). */
static void test_so_many_at_the_same_moment(void **state)
{
	enum { LEAST = 126, MOST = 130, PATIENCE_US = 5000000 };
	static const struct listener_settings settings = { .address = "127.0.0.1:0", .door = DOOR_PUBLIC, .threads = 1, .connections_most = 1000, .idle_seconds = 20 };
	struct sigaction action = { .sa_handler = sleep_until_the_bell }, before;
	struct error err;
	struct listener *single = listener_start(&settings, &test_service, &err);
	struct raw_reply reply;
	int64_t began_us;
	int fds[MOST];

	(void)state;
	assert_int_equal(pipe(bell), 0);
	sigaction(SIGUSR1, &action, &before);
	for (size_t i = 0; i < MOST; i++) {
		fds[i] = raw_connect(listener_address(single));
		raw_send(fds[i], BYTES("GET /v1/hello HTTP/1.1\r\n" HOST "\r\n"), false);
		assert_true(raw_read(fds[i], false, &reply));
		raw_reply_done(&reply);
	}
	began_us = clock_monotonic_us();
	for (size_t n = LEAST; n <= MOST; n++)
		ask_at_once(fds, n);
	assert_true(clock_monotonic_us() - began_us < PATIENCE_US);
	for (size_t i = 0; i < MOST; i++)
		close(fds[i]);
	listener_stop(single, 2);
	sigaction(SIGUSR1, &before, NULL);
	close(bell[0]);
	close(bell[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usual_headers),
		cmocka_unit_test(test_no_body_has_no_type),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_head_is_get_without_a_body),
		cmocka_unit_test(test_not_modified),
		cmocka_unit_test(test_nothing_follows_a_304),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_doors),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_redirect),
		cmocka_unit_test(test_slash_at_the_end),
		cmocka_unit_test(test_inner),
		cmocka_unit_test(test_writer),
		cmocka_unit_test(test_news),
		cmocka_unit_test(test_so_many_at_the_same_moment),
		cmocka_unit_test(test_min_seq),
		cmocka_unit_test(test_stop_lets_replies_finish),
		cmocka_unit_test(test_stop_releases_the_parked),
		cmocka_unit_test(test_stop_with_idle_and_half_sent),
		cmocka_unit_test(test_metrics),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
