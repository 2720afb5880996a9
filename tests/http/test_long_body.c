/* SPDX-License-Identifier: MIT */
/*
 * Bodies that are made while they are sent: they arrive whole, a failure in the middle is no whole one, a client that does not read makes no more of it,
 * and a listener stops with one under way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <zlib.h>

#include "api_client.h"
#include "clock.h"
#include "http/http_internal.h"
#include "log.h"
#include "raw_client.h"
#include "test_service.h"

enum { PIECES = 300, PIECE_LINES = 200, WAIT_US = 20000000 };

static _Atomic int pieces;                /* made */
static _Atomic int on_event_thread;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

struct progress {
	int n;
};

static void fill(int n, struct text *piece)
{
	for (int i = 0; i < PIECE_LINES; i++)
		text_printf(piece, "%c/%d/%d\n", CONTROL_BASE_URL, n, i);
}

static bool next_piece(struct request *request, void *arg, struct text *ret_piece, struct error *err)
{
	struct progress *progress = arg;
	char name[16];

	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	pthread_getname_np(pthread_self(), name, sizeof name);
	if (strncmp(name, "reader", 6) != 0)
		atomic_store(&on_event_thread, 1);
	atomic_fetch_add(&pieces, 1);
	if (strcmp(request->path, "/broken") == 0 && progress->n == 3)
		return error_set(err, ERROR_INTERNAL, "the disk is gone");
	if (strcmp(request->path, "/endless") != 0 && progress->n == PIECES)
		return true;
	fill(progress->n++, ret_piece);
	return true;
}

static bool stream(struct request *request, struct response *response, struct error *err)
{
	struct progress *progress = arena_alloc(request->arena, sizeof *progress);

	(void)err;
	progress->n = strcmp(request->path, "/none") == 0 ? PIECES : 0;
	response->content_type = "text/plain";
	response->caching = CACHING_NONE;
	response->source = next_piece;
	response->source_arg = progress;
	return true;
}

static const struct route routes[] = {
	{ HTTP_GET, "/whole", ANYONE, NEVER, HERE, DOOR_PUBLIC, stream, NULL, 0, NULL },
	{ HTTP_GET, "/none", ANYONE, NEVER, HERE, DOOR_PUBLIC, stream, NULL, 0, NULL },
	{ HTTP_GET, "/broken", ANYONE, NEVER, HERE, DOOR_PUBLIC, stream, NULL, 0, NULL },
	{ HTTP_GET, "/endless", ANYONE, NEVER, HERE, DOOR_PUBLIC, stream, NULL, 0, NULL },
};

static struct http_service service;
static struct listener *listener;

static int set_up(void **state)
{
	struct error err;

	(void)state;
	log_start(LOG_LEVEL_ERROR, false);
	service = (struct http_service){ .routes = routes, .n_routes = sizeof routes / sizeof *routes, .base_url = "https://a.example" };
	service.readers = lane_new("reader", 2, NULL, NULL, NULL, &err);
	atomic_store(&pieces, 0);
	listener = listener_start(&(struct listener_settings){ .address = "127.0.0.1:0", .door = DOOR_PUBLIC, .threads = 1 }, &service, &err);
	return listener != NULL && service.readers != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	listener_stop(listener, 2);
	lane_free(service.readers);
	return 0;
}

static struct client *client(void)
{
	char url[100];

	snprintf(url, sizeof url, "http://%s", listener_address(listener));
	return client_new(url, NULL);
}

static void test_whole(void **state)
{
	struct client *reader = client();
	struct text wanted = TEXT_EMPTY;
	struct reply reply;

	(void)state;
	for (int n = 0; n < PIECES; n++)
		for (int i = 0; i < PIECE_LINES; i++)
			text_printf(&wanted, "https://a.example/%d/%d\n", n, i);
	for (int again = 0; again < 2; again++) {    /* on the same connection */
		client_get(reader, "/whole", &reply);
		assert_int_equal(reply.status, 200);
		assert_int_equal(reply.body.length, wanted.length);
		assert_memory_equal(reply.body.bytes, wanted.bytes, wanted.length);
		assert_null(reply_header(&reply, "ETag"));
		assert_string_equal(reply_header(&reply, "Cache-Control"), "no-store");
		reply_done(&reply);
	}
	assert_int_equal(atomic_load(&on_event_thread), 0);
	text_done(&wanted);
	client_free(reader);
}

static void inflate_all(const struct text *coded, struct text *ret_bytes)
{
	z_stream stream = { .next_in = (Bytef *)coded->bytes, .avail_in = (uInt)coded->length };
	int result;

	assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
	do {
		text_reserve(ret_bytes, 65536);
		stream.next_out = (Bytef *)ret_bytes->bytes + ret_bytes->length;
		stream.avail_out = 65536;
		result = inflate(&stream, Z_NO_FLUSH);
		ret_bytes->length += 65536 - stream.avail_out;
	} while (result == Z_OK);
	assert_int_equal(result, Z_STREAM_END);
	assert_int_equal(stream.avail_in, 0);
	inflateEnd(&stream);
}

/* For who takes gzip: whatever else is taken, since it can be made piece by piece. */
static void test_coded(void **state)
{
	static const struct {
		const char *path, *accepted;
		bool is_coded;
	} rows[] = {
		{ "/whole", "Accept-Encoding: gzip", true }, { "/whole", "Accept-Encoding: deflate, gzip, br, zstd", true }, { "/whole", "Accept-Encoding: gzip;q=0, br", false },
		{ "/whole", "Accept-Encoding: br", false }, { "/none", "Accept-Encoding: gzip", true },
	};
	struct client *reader = client();
	struct reply plain;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct text bytes = TEXT_EMPTY;
		struct reply reply;

		client_get(reader, rows[i].path, &plain);
		client_ask(reader, "GET", rows[i].path, rows[i].accepted, NULL, &reply);
		assert_int_equal(reply.status, 200);
		assert_string_equal(reply_header(&reply, "Vary"), "Accept-Encoding");
		assert_int_equal(reply_header(&reply, "Content-Encoding") != NULL, rows[i].is_coded);
		if (rows[i].is_coded)
			inflate_all(&reply.body, &bytes);
		else
			text_append(&bytes, reply.body.bytes, reply.body.length);
		assert_int_equal(bytes.length, plain.body.length);
		assert_memory_equal(bytes.bytes, plain.body.bytes, bytes.length);
		if (rows[i].is_coded && bytes.length > 0)
			assert_true(reply.body.length < bytes.length / 4);
		reply_done(&reply);
		reply_done(&plain);
		text_done(&bytes);
	}
	client_free(reader);
}

static void test_nothing(void **state)
{
	struct client *reader = client();
	struct reply reply;

	(void)state;
	client_get(reader, "/none", &reply);
	assert_int_equal(reply.status, 200);
	assert_int_equal(reply.body.length, 0);
	reply_done(&reply);
	client_free(reader);
}

static void test_head(void **state)
{
	struct client *reader = client();
	struct reply reply;

	(void)state;
	client_ask(reader, "HEAD", "/whole", NULL, NULL, &reply);
	assert_int_equal(reply.status, 200);
	assert_int_equal(atomic_load(&pieces), 0);
	reply_done(&reply);
	client_free(reader);
}

/* All that comes until the end. */
static void read_all(int fd, struct text *ret_bytes)
{
	char bytes[65536];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof bytes)) > 0)
		text_append(ret_bytes, bytes, (size_t)n);
}

static bool ends_so(const struct text *bytes, const char *end)
{
	return bytes->length >= strlen(end) && memcmp(bytes->bytes + bytes->length - strlen(end), end, strlen(end)) == 0;
}

static void ask(int fd, const char *path)
{
	char request[100];

	snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", path);
	raw_send(fd, request, strlen(request), false);
}

/* RFC 9112 8: without the last chunk it is not the whole. */
static void test_broken(void **state)
{
	static const char *const paths[] = { "/whole", "/broken" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int fd = raw_connect(listener_address(listener));
		struct text bytes = TEXT_EMPTY;

		ask(fd, paths[i]);
		read_all(fd, &bytes);
		assert_non_null(strstr(bytes.bytes, "https://a.example/2/199\n"));
		assert_int_equal(ends_so(&bytes, "\r\n0\r\n\r\n"), i == 0);
		text_done(&bytes);
		close(fd);
	}
}

/* Whose connection's end is the reply's end, whatever it stands for. */
static void test_http_1_0(void **state)
{
	int fd = raw_connect(listener_address(listener));
	struct text bytes = TEXT_EMPTY;
	static const char request[] = "GET /whole HTTP/1.0\r\nHost: a\r\n\r\n";

	(void)state;
	raw_send(fd, request, strlen(request), false);
	read_all(fd, &bytes);
	assert_non_null(strstr(bytes.bytes, " 505 "));
	assert_int_equal(atomic_load(&pieces), 0);
	text_done(&bytes);
	close(fd);
}

/* How many pieces there are once none has been made for a while. */
static int settled_pieces(void)
{
	const int64_t deadline_us = clock_monotonic_us() + WAIT_US;
	int before = -1, now = atomic_load(&pieces);

	while ((now != before || now == 0) && clock_monotonic_us() < deadline_us) {
		poll(NULL, 0, /* milliseconds= */ 100);
		before = now;
		now = atomic_load(&pieces);
	}
	assert_int_equal(now, before);
	return now;
}

/* Sockets take some megabytes, and then nothing more is made; and the listener stops. */
static void test_who_does_not_read(void **state)
{
	int fd = raw_connect(listener_address(listener));

	(void)state;
	ask(fd, "/endless");
	assert_in_range(settled_pieces(), 1, 10000);
	listener_stop(listener, /* wait_seconds= */ 0);
	listener = NULL;
	close(fd);
}

/* The client goes away while a piece is being made. */
static void test_who_goes_away(void **state)
{
	int fd = raw_connect(listener_address(listener));

	(void)state;
	pthread_mutex_lock(&gate);
	ask(fd, "/endless");
	while (atomic_load(&listener->suspended) == 0)
		poll(NULL, 0, /* milliseconds= */ 1);
	close(fd);
	pthread_mutex_unlock(&gate);
	while (atomic_load(&listener->in_flight) > 0)
		poll(NULL, 0, /* milliseconds= */ 1);
}

static void *stop(void *arg)
{
	(void)arg;
	listener_stop(listener, /* wait_seconds= */ 0);
	return NULL;
}

/* Suspended when it is stopped: what libmicrohttpd aborts for. */
static void test_stopped_on_the_way(void **state)
{
	int fd = raw_connect(listener_address(listener));
	struct text bytes = TEXT_EMPTY;
	pthread_t stopper;

	(void)state;
	pthread_mutex_lock(&gate);
	ask(fd, "/endless");
	while (atomic_load(&listener->suspended) == 0)
		poll(NULL, 0, /* milliseconds= */ 1);
	assert_int_equal(pthread_create(&stopper, NULL, stop, NULL), 0);
	while (!atomic_load(&listener->draining))
		poll(NULL, 0, /* milliseconds= */ 1);
	pthread_mutex_unlock(&gate);
	read_all(fd, &bytes);
	assert_false(ends_so(&bytes, "\r\n0\r\n\r\n"));
	assert_int_equal(pthread_join(stopper, NULL), 0);
	listener = NULL;
	text_done(&bytes);
	close(fd);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_whole),
		TEST(test_coded),
		TEST(test_nothing),
		TEST(test_head),
		TEST(test_broken),
		TEST(test_http_1_0),
		TEST(test_who_does_not_read),
		TEST(test_who_goes_away),
		TEST(test_stopped_on_the_way),
	};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
