/* SPDX-License-Identifier: MIT */
/* ETags and the conditions of RFC 9110 13. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clock.h"
#include "http/http_internal.h"

static void test_if_none_match(void **state)
{
	static const struct {
		const char *field;
		bool expected;
	} rows[] = {
		{ "\"a-i\"", true },
		{ "W/\"a-i\"", true },
		{ "\"b\"", false },
		{ "\"b\", \"a-i\"", true },
		{ "\"b\",\"a-i\"", true },
		{ "\"b\" , W/\"a-i\" , \"c\"", true },
		{ ",, \"a-i\"", true },
		{ "\"b, c\", \"a-i\"", true },    /* a comma inside an entity-tag */
		{ "\"b, \"a-i\"", false },
		{ "*", true },
		{ " * ", true },
		{ "*, \"a-i\"", false },
		{ "a-i", false },
		{ "w/\"a-i\"", false },
		{ "\"a-i", false },
		{ "\"a-i\"x", true },    /* the first is whole; what follows is not read */
		{ "\"b\"x, \"a-i\"", false },
		{ "\"A-I\"", false },
		{ "\"\"", false },
		{ "", false },
		{ ",", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (conditional_matches(rows[i].field, "\"a-i\"") != rows[i].expected)
			fail_msg("%s", rows[i].field);
	}
}

static void test_etag(void **state)
{
	struct arena *arena = arena_new();
	struct response response;
	char plain[ETAG_SIZE], coded[ETAG_SIZE], other[ETAG_SIZE];

	(void)state;
	response_init(&response, arena);
	text_string(&response.body, "{}");
	conditional_etag(&response, CODING_IDENTITY, plain);
	assert_int_equal(strlen(plain), 1 + 16 + 2 + 1);
	assert_string_equal(plain + 17, "-i\"");
	conditional_etag(&response, CODING_GZIP, coded);
	assert_memory_equal(plain, coded, 17);
	assert_string_equal(coded + 17, "-gz6\"");
	conditional_etag(&response, CODING_BROTLI, coded);
	assert_string_equal(coded + 17, "-br5\"");

	response.rev = 3;
	conditional_etag(&response, CODING_IDENTITY, other);
	assert_memory_equal(other, "\"3.", 3);
	assert_string_equal(other + 3, plain + 1);

	response.rev = 0;
	response.content_type = "text/plain";
	assert_string_not_equal(conditional_etag(&response, CODING_IDENTITY, other), plain);
	response.content_type = "application/json";
	text_char(&response.body, ' ');
	assert_string_not_equal(conditional_etag(&response, CODING_IDENTITY, other), plain);
	response_done(&response);
	arena_free(arena);
}

static int64_t fixed_now(void)
{
	return 1000000000;    /* Sun, 09 Sep 2001 01:46:40 GMT */
}

/* What becomes of a 200 of the given age with these two fields: 200 or 304, and whether Last-Modified is said. */
static void check(int64_t age, const char *if_none_match, const char *since, unsigned expected, bool says_last_modified)
{
	struct arena *arena = arena_new();
	struct request_value headers[2];
	struct request request = { .arena = arena, .method = HTTP_GET, .headers = headers };
	struct response response;

	if (if_none_match != NULL)
		headers[request.n_headers++] = (struct request_value){ "if-none-match", if_none_match };
	if (since != NULL)
		headers[request.n_headers++] = (struct request_value){ "If-Modified-Since", since };
	response_init(&response, arena);
	text_string(&response.body, "{}");
	response.last_modified = fixed_now() - age;
	conditional_apply(&request, &response, CODING_IDENTITY);
	assert_int_equal(response.status, expected);
	assert_int_equal(response_header_value(&response, "Last-Modified") != NULL, says_last_modified);
	assert_non_null(response_header_value(&response, "ETag"));
	response_done(&response);
	arena_free(arena);
}

static void test_modified_since(void **state)
{
	(void)state;
	clock_replace(fixed_now);
	check(10, NULL, NULL, 200, true);
	check(10, NULL, "Sun, 09 Sep 2001 01:46:30 GMT", 304, true);
	check(10, NULL, "Sun, 09 Sep 2001 01:46:29 GMT", 200, true);
	check(10, NULL, "Sun, 09 Sep 2001 01:46:40 GMT", 304, true);
	check(10, NULL, "yesterday", 200, true);
	check(10, "\"no\"", "Sun, 09 Sep 2001 01:46:40 GMT", 200,
	    true); /* RFC 9110 13.1.3: ignored beside If-None-Match */
	check(10, "*", "Sun, 09 Sep 2001 01:46:20 GMT", 304, true);
	check(2, NULL, "Sun, 09 Sep 2001 01:46:40 GMT", 304, true);
	check(1, NULL, "Sun, 09 Sep 2001 01:46:40 GMT", 200, false);
	check(0, "*", NULL, 304, false);
	clock_replace(NULL);
}

/* Only a 200 to a GET that may be kept has validators. */
static void test_others_are_left_alone(void **state)
{
	struct arena *arena = arena_new();
	struct request_value header = { "If-None-Match", "*" };
	struct request request = { .arena = arena, .method = HTTP_GET, .headers = &header, .n_headers = 1 };
	struct response response;

	(void)state;
	response_init(&response, arena);
	response.status = 404;
	conditional_apply(&request, &response, CODING_IDENTITY);
	assert_int_equal(response.status, 404);
	assert_null(response_header_value(&response, "ETag"));

	response_init(&response, arena);
	response.caching = CACHING_NONE;
	conditional_apply(&request, &response, CODING_IDENTITY);
	assert_int_equal(response.status, 200);

	response_init(&response, arena);
	request.method = HTTP_POST;
	conditional_apply(&request, &response, CODING_IDENTITY);
	assert_int_equal(response.status, 200);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_if_none_match),
		cmocka_unit_test(test_etag),
		cmocka_unit_test(test_modified_since),
		cmocka_unit_test(test_others_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
