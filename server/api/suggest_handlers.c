/* SPDX-License-Identifier: MIT */
/*
 * /v1/suggest: what a reader may be about to type into a search box.
 */
#include "api_internal.h"

#include <string.h>

/* clang-format off */
const struct parameter suggest_parameters[] = {
	{ .name = "q", .kind = PARAMETER_TEXT, .most = 200, .required = true, .help = "What has been typed" },
	{ .name = "limit", .kind = PARAMETER_INTEGER, .least = 1, .most = SUGGESTIONS_MOST, .fallback = "10", .help = "Suggestions" },
	{ .name = "min_seq", .kind = PARAMETER_INTEGER, .most = INT64_MAX, .help = "Wait up to 2 s until this seq has been applied" },
	{ .name = NULL },
};
/* clang-format on */

static void write_suggestion(const struct suggestion *row, struct text *json)
{
	struct text slug = TEXT_EMPTY;

	text_json(&slug, row->slug, strlen(row->slug));
	text_string(json, "{\"type\":");
	text_json(json, row->type, strlen(row->type));
	text_printf(json, ",\"slug\":%s,\"name\":%s,\"url\":\"%c/%s/%s}", slug.bytes, row->name, CONTROL_BASE_URL, row->type, slug.bytes + 1);
	text_done(&slug);
}

/* GET /v1/suggest. 200 with sections, tags, sources and authors, then articles; an empty list for what has no letter in it. */
bool suggest_list(struct request *request, struct response *response, struct error *err)
{
	const char *typed = request_parameter(request, "q");
	struct text data = TEXT_EMPTY, meta = TEXT_EMPTY;
	struct suggestion *rows;
	size_t n;

	if (!store_suggest(store_of(request), typed, (size_t)request_integer(request, "limit", 10), request->arena, &rows, &n, err))
		return false;
	basis_of_all(request);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			text_char(&data, ',');
		write_suggestion(&rows[i], &data);
	}
	list_answer(request, response, &data, &meta, NULL, NULL);
	text_done(&data);
	return true;
}
