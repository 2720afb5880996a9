/* SPDX-License-Identifier: MIT */
/* Parameters: every kind, right and wrong, and how wrong ones are named. */
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

static const char *const orders[] = { "newest", "oldest", "updated", NULL };
static const char *const fields[] = { "id", "title", "section.name", NULL };

static const struct parameter table[] = {
	{ .name = "q", .kind = PARAMETER_TEXT, .most = 5 },
	{ .name = "cursor", .kind = PARAMETER_TEXT },
	{ .name = "limit", .kind = PARAMETER_INTEGER, .least = 1, .most = 100 },
	{ .name = "offset", .kind = PARAMETER_INTEGER, .least = -5, .most = 5 },
	{ .name = "featured", .kind = PARAMETER_BOOLEAN },
	{ .name = "order", .kind = PARAMETER_CHOICE, .choices = orders },
	{ .name = "published_after", .kind = PARAMETER_TIME },
	{ .name = "max_age", .kind = PARAMETER_DURATION },
	{ .name = "tag", .kind = PARAMETER_SLUGS, .negatable = true },
	{ .name = "tag_all", .kind = PARAMETER_SLUGS, .most = 2 },
	{ .name = "ids", .kind = PARAMETER_IDS, .most = 3 },
	{ .name = "fields", .kind = PARAMETER_CHOICES, .choices = fields },
	{ .name = NULL },
};

static const struct route with_table = { .method = HTTP_GET, .path = "/v1/x", .parameters = table };
static const struct route empty_table = {
	.method = HTTP_GET, .path = "/v1/x", .parameters = table + sizeof table / sizeof table[0] - 1
};
static const struct route no_table = { .method = HTTP_GET, .path = "/x" };

static void read_query(struct request *request, struct arena *arena, const struct route *route, const char *query)
{
	struct target target;
	struct error err;
	const char *raw = arena_printf(arena, "/v1/x?%s", query);

	assert_true(target_parse(arena, raw, strlen(raw), &target, &err));
	*request = (struct request){
		.arena = arena, .route = route, .parameters = target.parameters, .n_parameters = target.n_parameters,
	};
}

/* "limt:unknown:limit order:bad-value:newest", or "" when all is well. */
static const char *describe(struct arena *arena, const struct route *route, const char *query)
{
	struct request request;
	struct error err;
	const char *text = "";

	read_query(&request, arena, route, query);
	if (parameters_check(&request, &err))
		return "";
	assert_int_equal(err.code, ERROR_PARAMETER);
	assert_true(err.n_issues > 0);
	assert_true(text_is_utf8(err.detail, strlen(err.detail)));
	for (size_t i = 0; i < err.n_issues; i++) {
		assert_true(text_is_utf8(err.issues[i].detail, strlen(err.issues[i].detail)));
		assert_false(err.issues[i].is_pointer);
		text = arena_printf(arena, "%s%s%s:%s%s%s", text, i == 0 ? "" : " ", err.issues[i].where,
		    err.issues[i].code, err.issues[i].suggestion[0] == '\0' ? "" : ":", err.issues[i].suggestion);
	}
	return text;
}

static void test_checks(void **state)
{
	static const struct {
		const char *query, *expected;
	} rows[] = {
		{ "", "" },
		{ "q=abcde", "" },
		{ "q=abcdef", "q:out-of-range" },
		{ "q=", "q:bad-value" },
		{ "q", "q:bad-value" },
		{ "q=%C3%A9%C3%A9", "" },
		{ "limit=1", "" },
		{ "limit=100", "" },
		{ "limit=0", "limit:out-of-range" },
		{ "limit=101", "limit:out-of-range" },
		{ "limit=-1", "limit:out-of-range" },
		{ "limit=99999999999999999999", "limit:out-of-range" },
		{ "limit=9223372036854775808", "limit:out-of-range" },
		{ "limit=1e3", "limit:bad-value" },
		{ "limit=+5", "limit:bad-value" }, /* the plus is a space */
		{ "limit=%2B5", "limit:bad-value" },
		{ "limit=5%20", "limit:bad-value" },
		{ "limit=0x10", "limit:bad-value" },
		{ "limit=5.0", "limit:bad-value" },
		{ "limit=--5", "limit:bad-value" },
		{ "limit=-", "limit:bad-value" },
		{ "limit=", "limit:bad-value" },
		{ "limit=many", "limit:bad-value" },
		{ "offset=-5", "" },
		{ "offset=-6", "offset:out-of-range" },
		{ "featured=true", "" },
		{ "featured=false", "" },
		{ "featured=tru", "featured:bad-value:true" },
		{ "featured=TRUE", "featured:bad-value:true" },
		{ "featured=1", "featured:bad-value" },
		{ "order=oldest", "" },
		{ "order=newst", "order:bad-value:newest" },
		{ "order=Newest", "order:bad-value:newest" },
		{ "order=zzzzzz", "order:bad-value" },
		{ "order=newest,oldest", "order:bad-value" },
		{ "published_after=2015-12-31T17:20:00Z", "" },
		{ "published_after=2015-12-31", "" },
		{ "published_after=2015-12-31T17:20:00", "published_after:bad-value" },
		{ "published_after=yesterday", "published_after:bad-value" },
		{ "max_age=P30D", "" },
		{ "max_age=30", "max_age:bad-value" },
		{ "tag=blackberry", "" },
		{ "tag=a,b,!c", "" },
		{ "tag=a&tag=!b", "" },
		{ "tag=A", "tag:bad-value" },
		{ "tag=a,", "tag:bad-value" },
		{ "tag=,", "tag:bad-value tag:bad-value" },
		{ "tag=!", "tag:bad-value" },
		{ "tag=!!a", "tag:bad-value" },
		{ "tag=", "tag:bad-value" },
		{ "tag=%22%3E%3Cscript%3E", "tag:bad-value" },
		{ "tag_all=a,b", "" },
		{ "tag_all=a,b&tag_all=c", "tag_all:out-of-range" },
		{ "tag_all=!a", "tag_all:bad-value" },
		{ "ids=1,2,3", "" },
		{ "ids=1,2,3,4", "ids:out-of-range" },
		{ "ids=0", "ids:out-of-range" },
		{ "ids=1,x", "ids:bad-value" },
		{ "ids=-1", "ids:out-of-range" },
		{ "fields=id,section.name", "" },
		{ "fields=id&fields=title", "" },
		{ "fields=id,titel", "fields:bad-value:title" },
		{ "limt=5", "limt:unknown:limit" },
		{ "LIMIT=5", "LIMIT:unknown:limit" },
		{ "zzzzzzzz=5", "zzzzzzzz:unknown" },
		{ "limt=5&limt=6", "limt:unknown:limit" },
		{ "limit=5&limit=5", "limit:repeated" },
		{ "limit=5&limit=6&limit=7", "limit:repeated limit:repeated" },
		{ "limt=5&limit=0&order=newst&tag=A&featured=maybe&utm_source=x",
		    "limt:unknown:limit limit:out-of-range order:bad-value:newest tag:bad-value featured:bad-value "
		    "utm_source:unknown" },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *text = describe(arena, &with_table, rows[i].query);

		if (strcmp(text, rows[i].expected) != 0)
			fail_msg("%s: \"%s\" instead of \"%s\"", rows[i].query, text, rows[i].expected);
	}
	arena_free(arena);
}

static void test_empty_and_missing_table(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(describe(arena, &empty_table, "a=1"), "a:unknown");
	assert_string_equal(describe(arena, &empty_table, ""), "");
	assert_string_equal(describe(arena, &no_table, "utm_source=x&a=1&a=2"), "");
	arena_free(arena);
}

/* A long value of several bytes a character is quoted without being cut inside one; many issues are counted. */
static void test_long_values(void **state)
{
	struct arena *arena = arena_new();
	struct request request;
	struct error err;
	const char *query = "tag=";

	(void)state;
	for (int i = 0; i < 40; i++)
		query = arena_printf(arena, "%s%s", query, "a%C3%A9%E2%82%AC");
	assert_string_equal(describe(arena, &with_table, query), "tag:bad-value");
	read_query(&request, arena, &with_table, query);
	assert_false(parameters_check(&request, &err));
	assert_non_null(strstr(err.issues[0].detail, "…"));

	query = "";
	for (int i = 0; i < 40; i++)
		query = arena_printf(arena, "%sx%d=%%E2%%82%%AC&", query, i);
	read_query(&request, arena, &with_table, query);
	assert_false(parameters_check(&request, &err));
	assert_int_equal(err.n_issues, ERROR_ISSUES_MAX);
	assert_int_equal(err.n_issues_left_out, 40 - ERROR_ISSUES_MAX);
	assert_non_null(strstr(err.detail, "(and 39 more)"));
	arena_free(arena);
}

/* A required one that is missing is told beside all else; where other parameters are let through, an empty one is none. */
static void test_required(void **state)
{
	static const struct parameter strict[] = { { .name = "q", .required = true, .help = "Words" }, { .name = "limit", .kind = PARAMETER_INTEGER, .most = 9 }, { .name = NULL } };
	static const struct parameter loose[] = { { .name = "q", .required = true, .help = "Words" }, { .name = NULL, .kind = PARAMETER_OTHERS } };
	static const struct route strict_route = { .path = "/v1/x", .parameters = strict }, loose_route = { .path = "/x", .parameters = loose };
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(describe(arena, &strict_route, ""), "q:required");
	assert_string_equal(describe(arena, &strict_route, "limit=x"), "limit:bad-value q:required");
	assert_string_equal(describe(arena, &strict_route, "q="), "q:bad-value");
	assert_string_equal(describe(arena, &strict_route, "q=a"), "");
	assert_string_equal(describe(arena, &loose_route, ""), "q:required");
	assert_string_equal(describe(arena, &loose_route, "utm_source=a&q="), "q:required");
	assert_string_equal(describe(arena, &loose_route, "utm_source=a&q=&q=b"), "");
	arena_free(arena);
}

static void test_readers(void **state)
{
	struct arena *arena = arena_new();
	struct request request;
	const char *const *values;

	(void)state;
	read_query(&request, arena, &with_table,
	    "q=a&limit=7&featured=true&published_after=1970-01-02T00:00:00Z&max_age=PT1M&tag=a,b&tag=!c&ids=3");
	assert_string_equal(request_parameter(&request, "q"), "a");
	assert_null(request_parameter(&request, "cursor"));
	assert_int_equal(request_integer(&request, "limit", 20), 7);
	assert_int_equal(request_integer(&request, "offset", 4), 4);
	assert_true(request_boolean(&request, "featured", false));
	assert_int_equal(request_time(&request, "published_after"), 86400);
	assert_int_equal(request_duration(&request, "max_age", 1), 60);
	assert_int_equal(request_list(&request, "tag", &values), 3);
	assert_string_equal(values[0], "a");
	assert_string_equal(values[1], "b");
	assert_string_equal(values[2], "!c");
	assert_int_equal(request_list(&request, "fields", &values), 0);
	assert_null(values);

	read_query(&request, arena, &with_table, "");
	assert_true(request_time(&request, "published_after") == TIME_NONE);
	assert_int_equal(request_duration(&request, "max_age", 9), 9);
	assert_true(request_boolean(&request, "featured", true));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checks),
		cmocka_unit_test(test_empty_and_missing_table),
		cmocka_unit_test(test_long_values),
		cmocka_unit_test(test_required),
		cmocka_unit_test(test_readers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
