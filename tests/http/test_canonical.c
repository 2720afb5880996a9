/* SPDX-License-Identifier: MIT */
/* One way to write each request: what stands in the canonical target, and that it is its own canonical target. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "http/http_internal.h"
#include "test_store.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

static const char *const orders[] = { "newest", "oldest", NULL };
static const char *const includes[] = { "body", "links", NULL };

static const struct parameter listing[] = {
	{ .name = "section", .kind = PARAMETER_SLUGS, .negatable = true },
	{ .name = "tag", .kind = PARAMETER_SLUGS, .negatable = true },
	{ .name = "featured", .kind = PARAMETER_BOOLEAN },
	{ .name = "published_after", .kind = PARAMETER_TIME },
	{ .name = "max_age", .kind = PARAMETER_DURATION },
	{ .name = "ids", .kind = PARAMETER_IDS, .most = 10 },
	{ .name = "order", .kind = PARAMETER_CHOICE, .choices = orders, .fallback = "newest" },
	{ .name = "limit", .kind = PARAMETER_INTEGER, .least = 1, .most = 100, .fallback = "20" },
	{ .name = "q", .kind = PARAMETER_TEXT },
	{ .name = "include", .kind = PARAMETER_CHOICES, .choices = includes },
	{ .name = "min_seq", .kind = PARAMETER_INTEGER, .most = INT64_MAX },
	{ .name = NULL },
};

static const struct parameter page[] = {
	{ .name = "cursor", .kind = PARAMETER_TEXT },
	{ .name = NULL, .kind = PARAMETER_OTHERS },
};

static const struct route api = { .method = HTTP_GET, .path = "/v1/x", .parameters = listing };
static const struct route with_table = { .method = HTTP_GET, .path = "/section/{slug}", .parameters = page };
static const struct route without_table = { .method = HTTP_GET, .path = "/article/{ref}" };

static bool read_request(struct request *request, struct arena *arena, const struct route *route, const char *raw)
{
	struct target target;
	struct error err;

	if (!target_parse(arena, raw, strlen(raw), &target, &err))
		return false;
	*request = (struct request){
		.arena = arena, .route = route, .path = target.path, .parameters = target.parameters, .n_parameters = target.n_parameters,
	};
	return parameters_check(request, &err);
}

static const char *canonical_of(struct arena *arena, const struct route *route, const char *raw)
{
	struct request request;

	if (!read_request(&request, arena, route, raw))
		fail_msg("%s is refused", raw);
	canonical_take(&request);
	assert_int_equal(strlen(request.canonical_target), request.canonical_length);
	return request.canonical_target;
}

static const struct row {
	const struct route *route;
	const char *raw, *canonical;
} rows[] = {
	{ &api, "/v1/x", "/v1/x" },
	{ &api, "/v1/x?", "/v1/x" },
	{ &api, "/v1/x?&&", "/v1/x" },
	{ &api, "http://a.example/v1/x?limit=3", "/v1/x?limit=3" },

	/* sorted, whichever way they came */
	{ &api, "/v1/x?tag=b&section=a", "/v1/x?section=a&tag=b" },
	{ &api, "/v1/x?section=a&tag=b", "/v1/x?section=a&tag=b" },

	/* defaults are left out; what only looks like one is not */
	{ &api, "/v1/x?limit=20&order=newest", "/v1/x" },
	{ &api, "/v1/x?limit=20&order=oldest", "/v1/x?order=oldest" },
	{ &api, "/v1/x?limit=020", "/v1/x?limit=020" },
	{ &api, "/v1/x?featured=false", "/v1/x?featured=false" },

	/* when, not what */
	{ &api, "/v1/x?min_seq=7", "/v1/x" },
	{ &api, "/v1/x?tag=a&min_seq=7&limit=3", "/v1/x?limit=3&tag=a" },

	/* several values: joined, sorted, each once; in the order given where it counts */
	{ &api, "/v1/x?tag=b&tag=a", "/v1/x?tag=a,b" },
	{ &api, "/v1/x?tag=b,a,b&tag=a", "/v1/x?tag=a,b" },
	{ &api, "/v1/x?tag=a&section=s&tag=!b", "/v1/x?section=s&tag=!b,a" },
	{ &api, "/v1/x?include=links,body", "/v1/x?include=body,links" },
	{ &api, "/v1/x?ids=3,1,2", "/v1/x?ids=3,1,2" },
	{ &api, "/v1/x?ids=3&ids=1,2", "/v1/x?ids=3,1,2" },
	{ &api, "/v1/x?ids=1,1", "/v1/x?ids=1,1" },
	{ &api, "/v1/x?ids=2,10,1", "/v1/x?ids=2,10,1" },

	/* one spelling of each character */
	{ &api, "/v1/x?tag=%61&%73ection=b", "/v1/x?section=b&tag=a" },
	{ &api, "/v1/x?tag=a%2Cb", "/v1/x?tag=a,b" },
	{ &api, "/v1/x?tag=%21a", "/v1/x?tag=!a" },
	{ &api, "/v1/x?q=a+b", "/v1/x?q=a%20b" },
	{ &api, "/v1/x?q=a%20b", "/v1/x?q=a%20b" },
	{ &api, "/v1/x?q=a%2bb", "/v1/x?q=a%2Bb" },
	{ &api, "/v1/x?q=a%26b%3dc%3f", "/v1/x?q=a%26b%3Dc%3F" },
	{ &api, "/v1/x?q=a/b", "/v1/x?q=a%2Fb" },
	{ &api, "/v1/x?q=a%25b", "/v1/x?q=a%25b" },
	{ &api, "/v1/x?q=%C3%A9", "/v1/x?q=%C3%A9" },
	{ &api, "/v1/x?q=%c3%a9", "/v1/x?q=%C3%A9" },
	{ &api, "/v1/x?published_after=2016-01-01T00:00:00Z", "/v1/x?published_after=2016-01-01T00:00:00Z" },
	{ &api, "/v1/x?published_after=2016-01-01T00%3A00%3A00%2B01:00", "/v1/x?published_after=2016-01-01T00:00:00%2B01:00" },
	{ &api, "/v1/%78", "/v1/x" },
	{ &api, "/v1/%C3%A9~-._", "/v1/%C3%A9~-._" },
	{ &api, "/v1/a%3Fb", "/v1/a%3Fb" },
	{ &api, "/v1/a%3fb%2c!:", "/v1/a%3Fb%2C%21%3A" },

	/* a page: the first that is not empty of what its table names, and nothing else */
	{ &with_table, "/section/a?utm_source=x", "/section/a" },
	{ &with_table, "/section/a?cursor=", "/section/a" },
	{ &with_table, "/section/a?cursor=&cursor=x&cursor=y", "/section/a?cursor=x" },
	{ &with_table, "/section/a?fbclid=1&cursor=x%20", "/section/a?cursor=x%20" },
	{ &with_table, "/section/a?cursor=a,b", "/section/a?cursor=a,b" },
	{ &with_table, "/section/a?min_seq=4", "/section/a" },
	{ &without_table, "/article/a?cursor=x&min_seq=4", "/article/a" },
};

static void test_canonical_targets(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct arena *arena = arena_new();
		const char *canonical = canonical_of(arena, rows[i].route, rows[i].raw);

		if (strcmp(canonical, rows[i].canonical) != 0)
			fail_msg("%s: %s instead of %s", rows[i].raw, canonical, rows[i].canonical);
		arena_free(arena);
	}
}

/* Kept replies are found by what was sent: a target that reads like the canonical one of a request must be a way to ask for just that. */
static void test_canonical_of_canonical(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct arena *arena = arena_new();
		const char *canonical = canonical_of(arena, rows[i].route, rows[i].canonical);

		if (strcmp(canonical, rows[i].canonical) != 0)
			fail_msg("%s: %s", rows[i].canonical, canonical);
		arena_free(arena);
	}
}

/* The same for whatever can be sent, and the values that a handler reads are the same too. */
static void test_random_targets(void **state)
{
	static const char *const pieces[] = { "tag=", "section=", "q=", "ids=", "limit=", "order=", "min_seq=", "a", "b", "!a", ",", "&", "%2C", "%26", "+", "%25", "=", "1",
		"20", "newest", "oldest", "%C3%A9", "%7e", "~", ":", "/" };
	static const char *const names[] = { "tag", "section", "q", "ids", "limit", "order" };
	struct test_random random = { 7 };
	size_t n_taken = 0;

	(void)state;
	for (int round = 0; round < 40000; round++) {
		struct arena *arena = arena_new();
		const char *raw = "/v1/x?", *first;
		struct request request, again;

		for (uint64_t n = 2 + test_random(&random, 8); n > 0; n--)
			raw = arena_printf(arena, "%s%s", raw, pieces[test_random(&random, N_OF(pieces))]);
		if (!read_request(&request, arena, &api, raw)) {
			arena_free(arena);
			continue;
		}
		n_taken++;
		first = canonical_of(arena, &api, raw);
		if (strcmp(canonical_of(arena, &api, first), first) != 0)
			fail_msg("%s: %s, and of that %s", raw, first, canonical_of(arena, &api, first));
		assert_true(read_request(&again, arena, &api, first));
		for (size_t i = 2; i < N_OF(names); i++) {    /* those with one value, and ids */
			const char *const *values, *const *values_again;
			const size_t n = request_list(&request, names[i], &values), n_again = request_list(&again, names[i], &values_again);

			if (n_again == 0 && n == 1)    /* a default */
				continue;
			assert_int_equal(n, n_again);
			for (size_t v = 0; v < n; v++)
				assert_string_equal(values[v], values_again[v]);
		}
		arena_free(arena);
	}
	assert_in_range(n_taken, 1000, 40000);
}

static void test_without_one_parameter(void **state)
{
	struct arena *arena = arena_new();
	struct text target = TEXT_EMPTY;
	struct request request;

	(void)state;
	assert_true(read_request(&request, arena, &api, "/v1/x?tag=b&limit=3&q=c"));
	canonical_take(&request);
	request_write_target(&request, "limit", &target);
	assert_string_equal(target.bytes, "/v1/x?q=c&tag=b");
	text_clear(&target);
	request_write_target(&request, "none", &target);
	assert_string_equal(target.bytes, "/v1/x?limit=3&q=c&tag=b");
	text_done(&target);
	arena_free(arena);
}

/* What has no route (an address with one slash too many) has no canonical target. */
static void test_no_route(void **state)
{
	struct arena *arena = arena_new();
	struct request request;

	(void)state;
	assert_true(read_request(&request, arena, NULL, "/v1/x/"));
	canonical_take(&request);
	assert_null(request.canonical_target);
	arena_free(arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_canonical_targets),
		cmocka_unit_test(test_canonical_of_canonical),
		cmocka_unit_test(test_random_targets),
		cmocka_unit_test(test_without_one_parameter),
		cmocka_unit_test(test_no_route),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
