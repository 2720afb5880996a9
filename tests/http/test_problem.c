/* SPDX-License-Identifier: MIT */
/* Errors as problem+json: each code of the table, members, issues, and what is kept from strangers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "http/http_internal.h"

static json_t *explain(const struct error *err, const char *target)
{
	struct arena *arena = arena_new();
	struct request request = { .arena = arena, .target = target };
	struct response response;
	json_t *problem;

	response_init(&response, arena);
	problem_explain(&request, &response, err);
	assert_string_equal(response.content_type, "application/problem+json");
	problem = json_loadb(response.body.bytes, response.body.length, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(problem);
	response_done(&response);
	arena_free(arena);
	return problem;
}

static const char *text_of(const json_t *problem, const char *name)
{
	return json_string_value(json_object_get(problem, name));
}

static void test_every_code(void **state)
{
	static const enum error_code codes[] = {
#define X(code, status, slug, title) code,
		ERROR_TABLE(X)
#undef X
	};

	(void)state;
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		struct error err;
		json_t *problem;
		char type[64];

		error_set(&err, codes[i], "it is so");
		problem = explain(&err, "/v1/x");
		snprintf(type, sizeof type, "/problems/%s", error_slug(codes[i]));
		assert_string_equal(text_of(problem, "type"), type);
		assert_string_equal(text_of(problem, "title"), error_title(codes[i]));
		assert_string_equal(text_of(problem, "instance"), "/v1/x");
		assert_string_equal(text_of(problem, "detail"), codes[i] == ERROR_INTERNAL ? "The server's log says more" : "it is so");
		assert_int_equal(json_integer_value(json_object_get(problem, "status")), error_status(codes[i]));
		assert_null(json_object_get(problem, "errors"));
		json_decref(problem);
	}
}

static void test_issues_and_members(void **state)
{
	struct error err;
	json_t *problem, *first, *second;

	(void)state;
	error_set(&err, ERROR_FIELDS, "Some \"fields\" are not right");
	error_add_pointer(&err, "/title", "required", NULL, "is missing");
	error_add_parameter(&err, "limt", "unknown", "limit", "is no parameter");
	snprintf(err.members, sizeof err.members, "\"line\":4,\"reason\":\"so\"");
	problem = explain(&err, NULL);
	first = json_array_get(json_object_get(problem, "errors"), 0);
	second = json_array_get(json_object_get(problem, "errors"), 1);
	assert_int_equal(json_array_size(json_object_get(problem, "errors")), 2);
	assert_string_equal(text_of(first, "pointer"), "/title");
	assert_null(json_object_get(first, "parameter"));
	assert_null(json_object_get(first, "suggestion"));
	assert_string_equal(text_of(second, "parameter"), "limt");
	assert_string_equal(text_of(second, "suggestion"), "limit");
	assert_int_equal(json_integer_value(json_object_get(problem, "line")), 4);
	assert_string_equal(text_of(problem, "reason"), "so");
	assert_string_equal(text_of(problem, "detail"), "Some \"fields\" are not right");
	assert_null(json_object_get(problem, "instance"));
	json_decref(problem);

	for (int i = 0; i < 30; i++)
		error_add_pointer(&err, "/x", "bad-value", NULL, "no");
	problem = explain(&err, NULL);
	assert_int_equal(json_array_size(json_object_get(problem, "errors")), ERROR_ISSUES_MAX);
	assert_int_equal(json_integer_value(json_object_get(problem, "errors_left_out")), 32 - ERROR_ISSUES_MAX);
	json_decref(problem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_code),
		cmocka_unit_test(test_issues_and_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
