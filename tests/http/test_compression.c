/* SPDX-License-Identifier: MIT */
/* Accept-Encoding (RFC 9110 12.5.3), what is coded at all, and that the coded bytes decode to the body. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "http/http_internal.h"

static void test_choice(void **state)
{
	static const struct {
		const char *accept;
		enum coding expected;
	} rows[] = {
		{ NULL, CODING_IDENTITY },
		{ "", CODING_IDENTITY },
		{ "br", CODING_BROTLI },
		{ "gzip", CODING_GZIP },
		{ "x-gzip", CODING_GZIP },
		{ "GZip", CODING_GZIP },
		{ "deflate", CODING_IDENTITY },
		{ "zstd", CODING_IDENTITY },
		{ "identity", CODING_IDENTITY },
		{ "gzip, deflate, br", CODING_BROTLI },
		{ "gzip, deflate, br, zstd", CODING_BROTLI },
		{ "br;q=0.5, gzip;q=0.8", CODING_GZIP },
		{ "br;q=0.8,gzip;q=0.8", CODING_BROTLI },
		{ "br;q=0", CODING_IDENTITY },
		{ "br;q=0.000, gzip;q=0.001", CODING_GZIP },
		{ "gzip;q=1.0, identity; q=0.5, *;q=0", CODING_GZIP },
		{ "identity;q=1, gzip;q=0.5", CODING_IDENTITY },
		{ "identity;q=0.5, gzip;q=0.5", CODING_GZIP },
		{ "*", CODING_BROTLI },
		{ "*;q=0", CODING_IDENTITY },
		{ "br;q=0, *", CODING_GZIP },
		{ "gzip;q=0, br;q=0, *", CODING_IDENTITY },
		{ "identity;q=0", CODING_IDENTITY },
		{ "identity;q=0, deflate", CODING_IDENTITY },
		{ "identity;q=0, gzip", CODING_GZIP },
		{ " , gzip ,, ", CODING_GZIP },
		{ "gzip ; q=0.5", CODING_GZIP },
		{ "gzip;Q=0.5", CODING_GZIP },
		{ "gzip;q=2", CODING_IDENTITY },
		{ "gzip;q=1.1", CODING_IDENTITY },
		{ "gzip;q=0.1234", CODING_IDENTITY },
		{ "gzip;q=", CODING_IDENTITY },
		{ "gzip;q", CODING_IDENTITY },
		{ "gzip;level=9", CODING_IDENTITY },
		{ "gzip br", CODING_IDENTITY },
		{ ";q=1", CODING_IDENTITY },
		{ "gzip;q=.5", CODING_IDENTITY },
		{ "gzip;q=-1", CODING_IDENTITY },
		{ "gzip;q=0.", CODING_IDENTITY },
		{ "gzip;q=1.", CODING_GZIP },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (compression_choose(rows[i].accept) != rows[i].expected)
			fail_msg("%s: %d", rows[i].accept, (int)compression_choose(rows[i].accept));
	}
}

static void test_types(void **state)
{
	static const char *const coded[] = { "application/json", "application/problem+json", "text/html; charset=utf-8",
		"text/css", "image/svg+xml", "application/rss+xml", "application/xml", "text/javascript",
		"APPLICATION/JSON ; x=y" };
	static const char *const left_alone[] = { "image/png", "font/woff2", "application/octet-stream", "image/x-icon",
		"application/jsonx", "" };

	(void)state;
	for (size_t i = 0; i < sizeof coded / sizeof coded[0]; i++)
		assert_true(compression_suits(coded[i]));
	for (size_t i = 0; i < sizeof left_alone / sizeof left_alone[0]; i++)
		assert_false(compression_suits(left_alone[i]));
}

static void fill(struct response *response, struct arena *arena, size_t length)
{
	response_init(response, arena);
	while (response->body.length < length)
		text_char(&response->body, (char)('a' + response->body.length % 7));
}

/* A body of 1,023 bytes goes as it is. */
static void test_small_bodies(void **state)
{
	struct arena *arena = arena_new();
	struct request_value header = { "Accept-Encoding", "gzip" };
	struct request request = { .arena = arena, .headers = &header, .n_headers = 1 };
	struct response response;

	(void)state;
	fill(&response, arena, 1023);
	assert_int_equal(compression_for(&request, &response), CODING_IDENTITY);
	text_char(&response.body, 'x');
	assert_int_equal(compression_for(&request, &response), CODING_GZIP);
	response.content_type = "image/png";
	assert_int_equal(compression_for(&request, &response), CODING_IDENTITY);
	response_done(&response);
	arena_free(arena);
}

static void test_gzip_decodes(void **state)
{
	struct arena *arena = arena_new();
	struct response response;
	char decoded[5001];
	z_stream stream = { 0 };

	(void)state;
	fill(&response, arena, 5000);
	compression_apply(&response, CODING_GZIP);
	assert_true(response.body.length < 200);
	assert_string_equal(response_header_value(&response, "content-encoding"), "gzip");

	assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
	stream.next_in = (Bytef *)response.body.bytes;
	stream.avail_in = (uInt)response.body.length;
	stream.next_out = (Bytef *)decoded;
	stream.avail_out = sizeof decoded;
	assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
	assert_int_equal(stream.total_out, 5000);
	inflateEnd(&stream);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(decoded[i], 'a' + i % 7);
	response_done(&response);
	arena_free(arena);
}

/* The same body gives the same coded bytes: the ETag says so. */
static void test_coding_is_repeatable(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (int coding = CODING_GZIP; coding <= CODING_BROTLI; coding++) {
		struct response first, second;

		fill(&first, arena, 3000);
		fill(&second, arena, 3000);
		compression_apply(&first, (enum coding)coding);
		compression_apply(&second, (enum coding)coding);
		assert_int_equal(first.body.length, second.body.length);
		assert_memory_equal(first.body.bytes, second.body.bytes, first.body.length);
		response_done(&first);
		response_done(&second);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_small_bodies),
		cmocka_unit_test(test_gzip_decodes),
		cmocka_unit_test(test_coding_is_repeatable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
