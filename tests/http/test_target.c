/* SPDX-License-Identifier: MIT */
/* Request targets: what is taken and as what, and what is refused, with which status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/http_internal.h"

/* The path with its segments in brackets, then the parameters: "/v1/x [v1][x] a=b&c=d", or the status. */
static void describe(const char *raw, size_t length, char *ret_text, size_t size)
{
	struct arena *arena = arena_new();
	struct target target;
	struct error err;
	size_t n;

	if (!target_parse(arena, raw, length, &target, &err)) {
		snprintf(ret_text, size, "%u", error_status(err.code));
		arena_free(arena);
		return;
	}
	n = (size_t)snprintf(ret_text, size, "%s ", target.path);
	for (size_t i = 0; i < target.n_segments; i++)
		n += (size_t)snprintf(ret_text + n, size - n, "[%s]", target.segments[i]);
	for (size_t i = 0; i < target.n_parameters; i++)
		n += (size_t)snprintf(ret_text + n, size - n, "%c%s=%s", i == 0 ? ' ' : '&', target.parameters[i].name,
		    target.parameters[i].value);
	arena_free(arena);
}

static void test_targets(void **state)
{
	static const struct {
		const char *raw, *expected;
	} rows[] = {
		{ "/", "/ " },
		{ "/?", "/ " },
		{ "/?a=1", "/  a=1" },
		{ "/v1/articles", "/v1/articles [v1][articles]" },
		{ "/v1/articles/", "/v1/articles/ [v1][articles][]" },
		{ "/v1//articles", "/v1//articles [v1][][articles]" },
		{ "//", "// [][]" },
		{ "/caf%C3%A9", "/café [café]" },
		{ "/caf%c3%a9", "/café [café]" },
		{ "/café", "/café [café]" },
		{ "/a+b", "/a+b [a+b]" },
		{ "/a%20b", "/a b [a b]" },
		{ "/a;b=c,d", "/a;b=c,d [a;b=c,d]" },
		{ "/x?a=1&b=2", "/x [x] a=1&b=2" },
		{ "/x?a=1&a=2", "/x [x] a=1&a=2" },
		{ "/x?a", "/x [x] a=" },
		{ "/x?a=", "/x [x] a=" },
		{ "/x?a=b=c", "/x [x] a=b=c" },
		{ "/x?a=1&&b=2&", "/x [x] a=1&b=2" },
		{ "/x?&", "/x [x]" },
		{ "/x?q=a+b%2Bc", "/x [x] q=a b+c" },
		{ "/x?q=%2F%26%3D", "/x [x] q=/&=" },
		{ "/x?q=/a?b", "/x [x] q=/a?b" },
		{ "/x?q=%5c", "/x [x] q=\\" },
		{ "/x?%71=1", "/x [x] q=1" },
		{ "http://example.org/v1/x?a=1", "/v1/x [v1][x] a=1" },
		{ "HTTP://example.org/v1", "/v1 [v1]" },
		{ "https://example.org:8443/v1", "/v1 [v1]" },
		{ "http://[::1]:80/v1", "/v1 [v1]" },
		{ "http://example.org", "/ " },
		{ "http://example.org?a=1", "/  a=1" },
		{ "/...", "/... [...]" },
		{ "/.well-known", "/.well-known [.well-known]" },

		{ "", "400" },
		{ "x", "400" },
		{ "v1/articles", "400" },
		{ "?a=1", "400" },
		{ "ftp://example.org/", "400" },
		{ "http:/x", "400" },
		{ "http://", "400" },
		{ "http:///x", "400" },
		{ "http://a b/", "400" },
		{ "http://user@example.org/", "400" },
		{ "http://example.org:port/", "400" },
		{ "http://example.org:123456/", "400" },
		{ "http://[::1/x", "400" },
		{ "/%", "400" },
		{ "/%a", "400" },
		{ "/%zz", "400" },
		{ "/%4", "400" },
		{ "/%%41", "400" },
		{ "/%u0041", "400" },
		{ "/a%00b", "400" },
		{ "/a%0Ab", "400" },
		{ "/a%7fb", "400" },
		{ "/a%01b", "400" },
		{ "/a%2fb", "400" },
		{ "/a%2Fb", "400" },
		{ "/a%5cb", "400" },
		{ "/a\\b", "400" },
		{ "/a b", "400" },
		{ "/a\tb", "400" },
		{ "/a#b", "400" },
		{ "/.", "400" },
		{ "/..", "400" },
		{ "/a/../b", "400" },
		{ "/a/./b", "400" },
		{ "/%2e%2e/x", "400" },
		{ "/a/%2E", "400" },
		{ "/%ff", "400" },
		{ "/\xff", "400" },
		{ "/%c0%ae", "400" },
		{ "/%ed%a0%80", "400" },
		{ "/%e2%82", "400" },
		{ "/x?=1", "400" },
		{ "/x?a=%", "400" },
		{ "/x?a=%0", "400" },
		{ "/x?a=%00", "400" },
		{ "/x?a=%0d%0a", "400" },
		{ "/x?a=%ff", "400" },
		{ "/x?%ff=a", "400" },
		{ "/x?a=\x01", "400" },
		{ "/x?a=1#b", "400" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[512];

		describe(rows[i].raw, strlen(rows[i].raw), text, sizeof text);
		if (strcmp(text, rows[i].expected) != 0)
			fail_msg("%s: \"%s\" instead of \"%s\"", rows[i].raw, text, rows[i].expected);
	}
}

static void test_nul_inside(void **state)
{
	char text[64];

	(void)state;
	describe("/a\0b", 4, text, sizeof text);
	assert_string_equal(text, "400");
}

/* Both sides of each limit. */
static void test_limits(void **state)
{
	struct arena *arena = arena_new();
	struct target target;
	struct error err;
	struct text raw = TEXT_EMPTY;

	(void)state;
	text_char(&raw, '/');
	while (raw.length < LIMIT_TARGET)
		text_char(&raw, 'a');
	assert_true(target_parse(arena, raw.bytes, raw.length, &target, &err));
	text_char(&raw, 'a');
	assert_false(target_parse(arena, raw.bytes, raw.length, &target, &err));
	assert_int_equal(err.code, ERROR_TARGET_TOO_LONG);

	text_clear(&raw);
	text_string(&raw, "/?");
	for (int i = 0; i < LIMIT_PARAMETERS; i++)
		text_string(&raw, "a=1&");
	assert_true(target_parse(arena, raw.bytes, raw.length, &target, &err));
	assert_int_equal(target.n_parameters, LIMIT_PARAMETERS);
	text_string(&raw, "a=1");
	assert_false(target_parse(arena, raw.bytes, raw.length, &target, &err));
	assert_int_equal(err.code, ERROR_INVALID);
	text_done(&raw);
	arena_free(arena);
}

static void test_asterisk_and_origin(void **state)
{
	struct arena *arena = arena_new();
	struct target target;
	struct error err;

	(void)state;
	assert_true(target_parse(arena, "*", 1, &target, &err));
	assert_true(target.is_asterisk);
	assert_true(target_parse(arena, "http://a/b?c", 12, &target, &err));
	assert_false(target.is_asterisk);
	assert_string_equal(target.origin, "/b?c");
	assert_true(target_parse(arena, "http://a?c", 10, &target, &err));
	assert_string_equal(target.origin, "/?c");
	assert_string_equal(target.path, "/");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_nul_inside),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_asterisk_and_origin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
