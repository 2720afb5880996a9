/* SPDX-License-Identifier: MIT */
/* struct error: filling, cutting between characters, wrong fields beyond the room for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "error.h"
#include "text.h"

static void test_filling_gives_false_and_replaces_all(void **state)
{
	struct error err;

	(void)state;
	memset(&err, 0xAA, sizeof err);
	assert_false(error_set(&err, ERROR_NOT_FOUND, "no article %d", 7));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	assert_string_equal(err.detail, "no article 7");
	assert_string_equal(err.members, "");
	assert_int_equal(err.n_issues, 0);
	assert_int_equal(err.n_issues_left_out, 0);
}

static void test_context_stands_in_front(void **state)
{
	struct error err;

	(void)state;
	error_set(&err, ERROR_BUSY, "locked");
	assert_false(error_context(&err, "line %d", 4));
	assert_string_equal(err.detail, "line 4: locked");
	assert_int_equal(err.code, ERROR_BUSY);
	error_context(&err, "importing");
	assert_string_equal(err.detail, "importing: line 4: locked");
}

/* Two-, three- and four-byte characters at every distance from the end of the room. */
static void test_text_is_cut_between_characters(void **state)
{
	static const char *const characters[] = { "é", "…", "😀" };
	struct error err;
	char long_text[1024];

	(void)state;
	for (size_t c = 0; c < 3; c++)
		for (size_t lead = 0; lead < 4; lead++) {
			memset(long_text, 'x', lead);
			long_text[lead] = '\0';
			while (strlen(long_text) < 900) {
				size_t length = strlen(long_text);

				snprintf(long_text + length, sizeof long_text - length, "%s", characters[c]);
			}
			error_set(&err, ERROR_INVALID, "%s", long_text);
			assert_true(strlen(err.detail) > sizeof err.detail - 5);
			assert_true(text_is_utf8(err.detail, strlen(err.detail)));
			error_context(&err, "%s", "ö");
			assert_true(text_is_utf8(err.detail, strlen(err.detail)));
			error_add_parameter(&err, long_text, "unknown", long_text, "%s", long_text);
			assert_true(text_is_utf8(err.issues[0].where, strlen(err.issues[0].where)));
			assert_true(text_is_utf8(err.issues[0].suggestion, strlen(err.issues[0].suggestion)));
			assert_true(text_is_utf8(err.issues[0].detail, strlen(err.issues[0].detail)));
		}
}

static void test_context_without_room_keeps_the_outer_story(void **state)
{
	struct error err;
	char outer[sizeof err.detail + 10];

	(void)state;
	memset(outer, 'o', sizeof outer - 1);
	outer[sizeof outer - 1] = '\0';
	error_set(&err, ERROR_BUSY, "inner");
	error_context(&err, "%s", outer);
	assert_int_equal(strlen(err.detail), sizeof err.detail - 1);
	assert_int_equal(strspn(err.detail, "o"), sizeof err.detail - 1);
}

static void test_issues_are_listed_and_counted_beyond_the_room(void **state)
{
	struct error err;

	(void)state;
	error_set(&err, ERROR_FIELDS, "two fields");
	error_add_parameter(&err, "limt", "unknown", "limit", "there is no %s", "limt");
	error_add_pointer(&err, "/title", "required", NULL, "a title is needed");
	assert_int_equal(err.n_issues, 2);
	assert_string_equal(err.issues[0].where, "limt");
	assert_string_equal(err.issues[0].code, "unknown");
	assert_string_equal(err.issues[0].suggestion, "limit");
	assert_string_equal(err.issues[0].detail, "there is no limt");
	assert_false(err.issues[0].is_pointer);
	assert_true(err.issues[1].is_pointer);
	assert_string_equal(err.issues[1].suggestion, "");

	for (int i = 0; i < ERROR_ISSUES_MAX; i++)
		error_add_pointer(&err, "/x", "unknown", NULL, "x");
	assert_int_equal(err.n_issues, ERROR_ISSUES_MAX);
	assert_int_equal(err.n_issues_left_out, 2);
}

static void test_every_code_has_a_row(void **state)
{
	(void)state;
	assert_int_equal(error_status(ERROR_NONE), 500);
	assert_int_equal(error_status(ERROR_GONE), 410);
	assert_string_equal(error_slug(ERROR_PARAMETER), "bad-parameter");
	for (int code = ERROR_INVALID; code <= ERROR_STORAGE_FULL; code++) {
		assert_in_range(error_status((enum error_code)code), 400, 599);
		assert_true(strlen(error_slug((enum error_code)code)) > 0);
		assert_true(strlen(error_title((enum error_code)code)) > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filling_gives_false_and_replaces_all),
		cmocka_unit_test(test_context_stands_in_front),
		cmocka_unit_test(test_text_is_cut_between_characters),
		cmocka_unit_test(test_context_without_room_keeps_the_outer_story),
		cmocka_unit_test(test_issues_are_listed_and_counted_beyond_the_room),
		cmocka_unit_test(test_every_code_has_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
