/* SPDX-License-Identifier: MIT */
/*
 * /v1/articles/{ref}/related: list items with a score, where they come from and why.
 *
 * The answer lies ready once the background has computed it. Until then it is found on the spot, here alone: details and pages show what
 * lies ready, or the section's newest.
 */
#include "api_internal.h"

#include <stdlib.h>
#include <string.h>

enum { SECONDS_HOUR = 3600 };

static const char *const section_choices[] = { "same", NULL };

/* clang-format off */
const struct parameter related_parameters[] = {
	{ .name = "limit", .kind = PARAMETER_INTEGER, .least = 1, .most = RELATED_MOST, .fallback = "5", .help = "How many" },
	{ .name = "section", .kind = PARAMETER_CHOICE, .choices = section_choices, .help = "same: only of the article's own section" },
	{ .name = "max_age", .kind = PARAMETER_DURATION, .help = "Only articles of the last P30D, PT12H, P2W; at most 100 years" },
	{ .name = "exclude", .kind = PARAMETER_IDS, .most = 100, .help = "Not these: ids that the page shows already" },
	{ .name = "min_seq", .kind = PARAMETER_INTEGER, .most = INT64_MAX, .help = "Wait up to 2 s until this seq has been applied" },
	{ .name = NULL },
};
/* clang-format on */

/* An age counts from the beginning of the present hour, so that the answer changes once an hour and not each second (DESIGN §3). The clock is looked
 * at one time: the hour that the answer is made with is the one that it says it holds for. */
static int64_t newest_from(const struct request *request, int64_t hour)
{
	const int64_t age = request_duration(request, "max_age", -1);

	return age < 0 ? TIME_NONE : hour - age;
}

static int64_t present_hour(void)
{
	const int64_t now = clock_now();

	return now - now % SECONDS_HOUR;
}

static int64_t *excluded(struct request *request, size_t *ret_n)
{
	const char *const *values;
	int64_t *ids;

	*ret_n = request_list(request, "exclude", &values);
	ids = arena_array(request->arena, *ret_n, sizeof *ids);
	for (size_t i = 0; i < *ret_n; i++)
		ids[i] = strtoll(values[i], NULL, 10);
	return ids;
}

/* What lies ready; where the background has not got there yet, what is found on the spot. */
static bool find_answer(struct request *request, int64_t id, struct related_answer *ret_answer, struct error *err)
{
	struct store *store = store_of(request);

	if (!store_related_kept(store, id, request->arena, ret_answer, err))
		return false;
	if (ret_answer->bytes != NULL)
		return true;
	return request_may_take_long(request) && store_related_compute(store, id, request->arena, ret_answer, err);
}

/* GET /v1/articles/{ref}/related. 200 with a list, 308 from a former slug, 404, 410. */
bool article_related(struct request *request, struct response *response, struct error *err)
{
	const int64_t hour = present_hour();
	struct related_query query = {
		.limit = (size_t)request_integer(request, "limit", 5),
		.same_section = request_parameter(request, "section") != NULL,
		.newest_from = newest_from(request, hour),
	};
	struct related_answer answer;
	struct related_sources sources;
	struct article_row row;
	bool redirected;

	query.exclude = excluded(request, &query.n_exclude);
	if (!article_find_public(request, response, &row, &redirected, err))
		return false;
	if (redirected)
		return true;
	query.id = row.id;
	if (!find_answer(request, row.id, &answer, err))
		return false;
	text_string(&response->body, "{\"data\":");
	if (!store_related_write(store_of(request), &query, &answer, request->arena, &response->body, &sources, err)
	    || !basis_of_related(request, &row, &answer, &sources, err))
		return false;
	if (!answer.is_kept)
		basis_of_all(request);
	if (query.newest_from != TIME_NONE)
		basis_until(request->basis, hour + SECONDS_HOUR);
	text_string(&response->body, "}\n");
	return surrogate_keys_of_article(request, response, row.id, err);
}
