/* SPDX-License-Identifier: MIT */
/*
 * /v1/articles/{ref}/related: list items with a score, where they come from and why.
 */
#include "api_internal.h"

#include <stdlib.h>
#include <string.h>

static const char *const section_choices[] = { "same", NULL };

/* clang-format off */
const struct parameter related_parameters[] = {
	{ .name = "limit", .kind = PARAMETER_INTEGER, .least = 1, .most = RELATED_MOST, .fallback = "5", .help = "How many" },
	{ .name = "section", .kind = PARAMETER_CHOICE, .choices = section_choices, .help = "same: only of the article's own section" },
	{ .name = "max_age", .kind = PARAMETER_DURATION, .help = "Only articles of the last P30D, PT12H, …" },
	{ .name = "exclude", .kind = PARAMETER_IDS, .most = 100, .help = "Not these: ids that the page shows already" },
	{ .name = "min_seq", .kind = PARAMETER_INTEGER, .most = INT64_MAX, .help = "Wait up to 2 s until this seq has been applied" },
	{ .name = NULL },
};
/* clang-format on */

static void write_reasons(const struct related_row *row, struct text *json)
{
	text_printf(json, ",\"score\":%.4f,\"origin\":\"%s\",\"reasons\":[", row->score, row->editorial ? "editorial" : "computed");
	for (size_t i = 0; i < row->n_reasons; i++) {
		text_printf(json, "%s{\"type\":\"%s\",\"value\":", i > 0 ? "," : "", row->reasons[i].type);
		text_json(json, row->reasons[i].value, strlen(row->reasons[i].value));
		text_char(json, '}');
	}
	text_string(json, "]}");
}

bool related_write(struct request *request, const struct related_query *query, struct text *ret_json, struct error *err)
{
	struct related_row *rows;
	size_t n;

	basis_of_all(request);
	if (!store_related(store_of(request), query, request->arena, &rows, &n, err))
		return false;
	text_char(ret_json, '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			text_char(ret_json, ',');
		if (!store_item(store_of(request), rows[i].id, ret_json, err))
			return false;
		ret_json->bytes[--ret_json->length] = '\0';    /* the item's closing brace: more members follow */
		write_reasons(&rows[i], ret_json);
	}
	text_char(ret_json, ']');
	return true;
}

/* An age counts from the beginning of the present hour, so that the answer changes once an hour and not each second (DESIGN §3). */
static int64_t newest_from(const struct request *request)
{
	const int64_t age = request_duration(request, "max_age", -1);
	const int64_t now = clock_now();

	return age < 0 ? TIME_NONE : now - now % 3600 - age;
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

/* GET /v1/articles/{ref}/related. 200 with a list, 308 from a former slug, 404, 410. */
bool article_related(struct request *request, struct response *response, struct error *err)
{
	struct related_query query = {
		.limit = (size_t)request_integer(request, "limit", 5),
		.same_section = request_parameter(request, "section") != NULL,
		.newest_from = newest_from(request),
	};
	struct article_row row;
	bool redirected;

	query.exclude = excluded(request, &query.n_exclude);
	if (!article_find_public(request, response, &row, &redirected, err))
		return false;
	if (redirected)
		return true;
	query.id = row.id;
	text_string(&response->body, "{\"data\":");
	if (!related_write(request, &query, &response->body, err))
		return false;
	text_string(&response->body, "}\n");
	surrogate_keys_of_article(request, response, row.id);
	return true;
}
