/* SPDX-License-Identifier: MIT */
/* Texts: appending, escaping, filling, handing over; what is UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "text.h"

#define LENGTH_OF(literal) (sizeof(literal) - 1)

static void test_appending(void **state)
{
	struct text text = TEXT_EMPTY;

	(void)state;
	text_append(&text, NULL, 0);
	assert_string_equal(text.bytes, "");
	text_string(&text, "ab");
	text_char(&text, 'c');
	text_printf(&text, "%05d", 42);
	text_append(&text, "\0z", 2);
	assert_int_equal(text.length, 10);
	assert_memory_equal(text.bytes, "abc00042\0z\0", 11);
	text_clear(&text);
	assert_int_equal(text.length, 0);
	assert_string_equal(text.bytes, "");
	for (int i = 0; i < 10000; i++)
		text_printf(&text, "%d,", i);
	assert_int_equal(text.length, 10 * 2 + 90 * 3 + 900 * 4 + 9000 * 5);
	assert_int_equal(strlen(text.bytes), text.length);
	text_done(&text);
	assert_null(text.bytes);
	text_done(&text);
}

static void test_json(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		const char *json;
	} cases[] = {
		{ "", 0, "\"\"" },
		{ "plain", 5, "\"plain\"" },
		{ "a\"b\\c", 5, "\"a\\\"b\\\\c\"" },
		{ "\b\t\n\f\r", 5, "\"\\b\\t\\n\\f\\r\"" },
		{ "\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\x7f\"" },
		{ "Küste </p> 😀", LENGTH_OF("Küste </p> 😀"), "\"Küste </p> 😀\"" },
		{ "\"", 1, "\"\\\"\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct text text = TEXT_EMPTY;

		text_json(&text, cases[i].bytes, cases[i].length);
		assert_string_equal(text.bytes, cases[i].json);
		text_done(&text);
	}
}

/* Bytes are looked at eight at a time: every byte at every place among harmless ones. */
static void test_json_at_every_place(void **state)
{
	(void)state;
	for (unsigned byte = 1; byte < 256; byte++) {
		const bool is_escaped = byte < 0x20 || byte == '"' || byte == '\\';

		for (size_t length = 1; length <= 19; length++) {
			for (size_t place = 0; place < length; place++) {
				struct text text = TEXT_EMPTY;
				char bytes[20];

				memset(bytes, 'x', length);
				bytes[place] = (char)byte;
				text_json(&text, bytes, length);
				assert_int_equal(text.bytes[0], '"');
				assert_memory_equal(text.bytes + 1, bytes, place);
				assert_int_equal(text.bytes[1 + place], is_escaped ? '\\' : bytes[place]);
				assert_int_equal(text.length > length + 2, is_escaped);
				assert_memory_equal(text.bytes + text.length - (length - place), "xxxxxxxxxxxxxxxxxxx", length - place - 1);
				text_done(&text);
			}
		}
	}
}

static void test_integers(void **state)
{
	static const struct { int64_t number; const char *text; } cases[] = {
		{ 0, "0" }, { 7, "7" }, { -1, "-1" }, { 1234567890, "1234567890" }, { INT64_MAX, "9223372036854775807" }, { INT64_MIN, "-9223372036854775808" },
	};
	struct text text = TEXT_EMPTY;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		text_clear(&text);
		text_integer(&text, cases[i].number);
		assert_string_equal(text.bytes, cases[i].text);
	}
	text_done(&text);
}

static void test_html_and_percent(void **state)
{
	struct text text = TEXT_EMPTY;

	(void)state;
	text_html(&text, "<a href=\"x\">'&`é", LENGTH_OF("<a href=\"x\">'&`é"));
	assert_string_equal(text.bytes, "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#96;é");
	text_clear(&text);
	text_html(&text, NULL, 0);
	assert_string_equal(text.bytes, "");
	text_percent(&text, "aZ09-._~ /?&=%+é\0", LENGTH_OF("aZ09-._~ /?&=%+é\0"));
	assert_string_equal(text.bytes, "aZ09-._~%20%2F%3F%26%3D%25%2B%C3%A9%00");
	text_done(&text);
}

static void test_filling(void **state)
{
	static const struct {
		const char *before, *filling, *after;
	} cases[] = {
		{ "", "x", "" },
		{ "none", "x", "none" },
		{ "\x01", "https://example.org", "https://example.org" },
		{ "\x01/a,\x01/b\x01", "h", "h/a,h/bh" },
		{ "a\x01\x01"
		  "b",
		    "", "ab" },
		{ "\x01", "\x01\x01", "\x01\x01" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct text text = TEXT_EMPTY;

		text_fill(&text, '\x01', "never read");
		text_string(&text, cases[i].before);
		text_fill(&text, '\x01', cases[i].filling);
		assert_string_equal(text.bytes, cases[i].after);
		assert_int_equal(text.length, strlen(cases[i].after));
		text_done(&text);
	}
}

static void test_handing_over(void **state)
{
	struct text text = TEXT_EMPTY;
	char *bytes = text_take(&text);

	(void)state;
	assert_string_equal(bytes, "");
	free(bytes);
	text_string(&text, "kept");
	bytes = text_take(&text);
	assert_string_equal(bytes, "kept");
	assert_null(text.bytes);
	assert_int_equal(text.length, 0);
	free(bytes);
}

/* RFC 3629: the first and last of each length, and what is no UTF-8 although it looks like it. */
static void test_what_is_utf8(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		int is_utf8;
	} cases[] = {
		{ "", 0, 1 },
		{ "plain ASCII, longer than eight bytes", LENGTH_OF("plain ASCII, longer than eight bytes"), 1 },
		{ "\x01\x7f", 2, 1 },
		{ "\0", 1, 0 },
		{ "12345678\0", 9, 0 },
		{ "1234\0"
		  "678",
		    8, 0 },
		{ "1234567\0", 8, 0 },
		{ "\xc2\x80", 2, 1 },
		{ "\xdf\xbf", 2, 1 },
		{ "\xe0\xa0\x80", 3, 1 },
		{ "\xed\x9f\xbf", 3, 1 },
		{ "\xee\x80\x80", 3, 1 },
		{ "\xef\xbf\xbf", 3, 1 },
		{ "\xf0\x90\x80\x80", 4, 1 },
		{ "\xf4\x8f\xbf\xbf", 4, 1 },
		{ "\xc0\x80", 2, 0 }, /* overlong */
		{ "\xc1\xbf", 2, 0 },
		{ "\xe0\x9f\xbf", 3, 0 },
		{ "\xf0\x8f\xbf\xbf", 4, 0 },
		{ "\xed\xa0\x80", 3, 0 }, /* surrogates */
		{ "\xed\xbf\xbf", 3, 0 },
		{ "\xf4\x90\x80\x80", 4, 0 }, /* beyond U+10FFFF */
		{ "\xf5\x80\x80\x80", 4, 0 },
		{ "\xff", 1, 0 },
		{ "\x80", 1, 0 }, /* nothing to continue */
		{ "abcdefgh\x80", 9, 0 },
		{ "\xc3", 1, 0 }, /* cut off */
		{ "\xe2\x80", 2, 0 },
		{ "\xf0\x9f\x98", 3, 0 },
		{ "\xc3(", 2, 0 },
		{ "\xe2\x80(", 3, 0 },
		{ "\xf0\x9f\x98(", 4, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		/* in memory of exactly this size, so that a step beyond it is seen */
		char *exact = malloc(cases[i].length > 0 ? cases[i].length : 1);

		assert_non_null(exact);
		memcpy(exact, cases[i].bytes, cases[i].length);
		if (text_is_utf8(exact, cases[i].length) != cases[i].is_utf8)
			fail_msg("case %zu should be %d", i, cases[i].is_utf8);
		free(exact);
	}
}

/* Every text that begins so lies before it, and what comes behind them does not. */
static void test_the_end_of_a_prefix(void **state)
{
	static const char *const prefixes[] = { "", "a", "gov", "caf\xc3\xa9", "\xe5\x8c\x97", "\xf0\x9f\x98\x80" };
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
		const char *end = text_prefix_end(prefixes[i], arena);

		assert_true(text_is_utf8(end, strlen(end)));
		assert_true(strcmp(prefixes[i], end) < 0);
		assert_true(strcmp(arena_printf(arena, "%szzz", prefixes[i]), end) < 0);
		assert_true(strcmp(arena_printf(arena, "%s\xf4\x8f\xbf\xbe", prefixes[i]), end) < 0);
	}
	assert_true(strcmp("b", text_prefix_end("a", arena)) > 0);
	assert_true(strcmp("caf\xc3\xaa", text_prefix_end("caf\xc3\xa9", arena)) > 0);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_appending),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_json_at_every_place),
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_html_and_percent),
		cmocka_unit_test(test_filling),
		cmocka_unit_test(test_handing_over),
		cmocka_unit_test(test_what_is_utf8),
		cmocka_unit_test(test_the_end_of_a_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
