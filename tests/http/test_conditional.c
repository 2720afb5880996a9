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
		{ "\"a-br1\"", true },    /* the client would be given br */
		{ "\"a-br9\"", true },
		{ "\"a-gz1\"", false },
		{ "\"a-br5\"", false },
		{ "\"a-\"", false },
		{ "\"a\"", false },
		{ "\"ab-i\"", false },
		{ "\"\"", false },
		{ "", false },
		{ ",", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char etag[ETAG_SIZE] = "";

		if (conditional_match(rows[i].field, "a", CODING_BROTLI, etag) != rows[i].expected)
			fail_msg("%s", rows[i].field);
		if (rows[i].expected && strchr(rows[i].field, '*') == NULL && strstr(rows[i].field, etag) == NULL)
			fail_msg("%s: %s", rows[i].field, etag);
	}
}

static const struct http_service plain_service, salted_service = { .salt = 1 };

/* The ETag of a body of which nobody has said what it stands on. */
static const char *etag_of(const char *body, const char *content_type, int64_t rev, enum coding coding, char ret_etag[ETAG_SIZE])
{
	struct arena *arena = arena_new();
	struct basis basis;
	struct request request = { .arena = arena, .service = &plain_service, .method = HTTP_GET, .basis = &basis };
	struct response response;

	basis_init(&basis, arena);
	response_init(&response, arena);
	text_string(&response.body, body);
	response.content_type = content_type;
	response.rev = rev;
	conditional_stem(&request, &response);
	conditional_etag(response.stem, coding, EFFORT_QUICK, ret_etag);
	response_done(&response);
	arena_free(arena);
	return ret_etag;
}

static void test_etag(void **state)
{
	char plain[ETAG_SIZE], other[ETAG_SIZE];

	(void)state;
	etag_of("{}", "application/json", 0, CODING_IDENTITY, plain);
	assert_int_equal(strlen(plain), 1 + 16 + 2 + 1);
	assert_string_equal(plain + 17, "-i\"");
	etag_of("{}", "application/json", 0, CODING_GZIP, other);
	assert_memory_equal(plain, other, 17);
	assert_string_equal(other + 17, "-gz1\"");
	assert_string_equal(etag_of("{}", "application/json", 0, CODING_BROTLI, other) + 17, "-br1\"");

	etag_of("{}", "application/json", 3, CODING_IDENTITY, other);
	assert_memory_equal(other, "\"3.", 3);
	assert_string_equal(other + 3, plain + 1);
	assert_string_not_equal(etag_of("{}", "text/plain", 0, CODING_IDENTITY, other), plain);
	assert_string_not_equal(etag_of("{} ", "application/json", 0, CODING_IDENTITY, other), plain);
}

/* The ETag of an answer that stands on one scope: of the body nothing is in it. */
static const char *stem_of(const char *target, const struct http_service *service, int64_t seq, uint64_t mark, const char *body, char ret_stem[STEM_SIZE])
{
	struct arena *arena = arena_new();
	struct basis basis;
	struct request request = { .arena = arena, .service = service, .method = HTTP_GET, .basis = &basis, .canonical_target = target };
	struct response response;

	request.canonical_length = strlen(target);
	basis_init(&basis, arena);
	basis_one(&basis, scope_key("section", "sport"), seq);
	basis.mark = mark;
	response_init(&response, arena);
	text_string(&response.body, body);
	conditional_stem(&request, &response);
	memcpy(ret_stem, response.stem, STEM_SIZE);
	response_done(&response);
	arena_free(arena);
	return ret_stem;
}

static void test_stem_from_basis(void **state)
{
	static const struct http_service other_service = { .salt = 2 };
	char one[STEM_SIZE], other[STEM_SIZE];

	(void)state;
	stem_of("/v1/articles", &salted_service, 7, 70, "a", one);
	assert_string_equal(stem_of("/v1/articles", &salted_service, 7, 70, "b", other), one);
	assert_string_not_equal(stem_of("/v1/articles", &salted_service, 8, 70, "a", other), one);
	assert_string_not_equal(stem_of("/v1/articles", &salted_service, 7, 71, "a", other), one);
	assert_string_not_equal(stem_of("/v1/articles?limit=1", &salted_service, 7, 70, "a", other), one);
	assert_string_not_equal(stem_of("/v1/articles", &other_service, 7, 70, "a", other), one);
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
	struct basis basis;
	struct request request = { .arena = arena, .service = &plain_service, .method = HTTP_GET, .headers = headers, .basis = &basis };
	struct response response;

	if (if_none_match != NULL)
		headers[request.n_headers++] = (struct request_value){ "if-none-match", if_none_match };
	if (since != NULL)
		headers[request.n_headers++] = (struct request_value){ "If-Modified-Since", since };
	response_init(&response, arena);
	text_string(&response.body, "{}");
	response.last_modified = fixed_now() - age;
	basis_init(&basis, arena);
	conditional_stem(&request, &response);
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
	struct basis basis;
	struct request request = {
		.arena = arena, .service = &plain_service, .method = HTTP_GET, .headers = &header, .n_headers = 1, .basis = &basis
	};
	struct response response;

	(void)state;
	basis_init(&basis, arena);
	response_init(&response, arena);
	response.status = 404;
	conditional_stem(&request, &response);
	conditional_apply(&request, &response, CODING_IDENTITY);
	assert_int_equal(response.status, 404);
	assert_null(response_header_value(&response, "ETag"));

	response_init(&response, arena);
	response.caching = CACHING_NONE;
	conditional_stem(&request, &response);
	conditional_apply(&request, &response, CODING_IDENTITY);
	assert_int_equal(response.status, 200);

	response_init(&response, arena);
	request.method = HTTP_POST;
	conditional_stem(&request, &response);
	conditional_apply(&request, &response, CODING_IDENTITY);
	assert_int_equal(response.status, 200);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_if_none_match),
		cmocka_unit_test(test_etag),
		cmocka_unit_test(test_stem_from_basis),
		cmocka_unit_test(test_modified_since),
		cmocka_unit_test(test_others_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
