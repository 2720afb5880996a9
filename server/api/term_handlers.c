/* SPDX-License-Identifier: MIT */
/*
 * /v1/sections, /v1/tags, /v1/sources, /v1/authors, and one of each: four addresses of one kind of thing.
 */
#include "api_internal.h"

#include <inttypes.h>
#include <string.h>

static const char *const order_choices[] = { "name", "count", NULL };

/* clang-format off */
const struct parameter term_list_parameters[] = {
	{ .name = "q", .kind = PARAMETER_TEXT, .most = 200, .help = "Names that begin so" },
	{ .name = "order", .kind = PARAMETER_CHOICE, .choices = order_choices, .fallback = "name", .help = "name, or count: most articles first" },
	{ .name = "limit", .kind = PARAMETER_INTEGER, .least = 1, .most = 100, .fallback = "20", .help = "Terms a page" },
	{ .name = "cursor", .kind = PARAMETER_TEXT, .most = 1200, .help = "From links.next or links.prev" },
	{ .name = "min_seq", .kind = PARAMETER_INTEGER, .most = INT64_MAX, .help = "Wait up to 2 s until this seq has been applied" },
	{ .name = NULL },
};
/* clang-format on */

static void write_term(const struct term_row *row, struct text *json)
{
	char time[CLOCK_RFC3339_SIZE];

	text_printf(json, "{\"slug\":\"%s\",\"name\":", row->slug);
	text_json(json, row->name, strlen(row->name));
	if (row->type != NULL)
		text_printf(json, ",\"type\":\"%s\"", row->type);
	text_printf(json, ",\"count\":%" PRId64 ",\"newest_at\":\"%s\"}", row->count, clock_rfc3339(row->newest_at, time));
}

static const char *cursor_at(struct request *request, const struct term_query *query, const struct term_row *row, bool backward)
{
	const struct cursor cursor = { .backward = backward, .time = row->count, .id = row->id, .name = query->by_count ? NULL : row->folded };

	return cursor_write(request, &cursor);
}

static bool read_query(struct request *request, const char *kind, struct term_query *ret_query, struct error *err)
{
	const char *order = request_parameter(request, "order");
	struct cursor cursor;

	*ret_query = (struct term_query){
		.kind = kind,
		.prefix = request_parameter(request, "q"),
		.by_count = order != NULL && strcmp(order, "count") == 0,
		.limit = (size_t)request_integer(request, "limit", 20),
	};
	if (!cursor_read(request, &cursor, &ret_query->has_from, err))
		return false;
	if (ret_query->has_from) {
		ret_query->backward = cursor.backward;
		ret_query->from_count = cursor.time;
		ret_query->from_id = cursor.id;
		ret_query->from_name = cursor.name != NULL ? cursor.name : "";
	}
	return true;
}

static bool list(struct request *request, struct response *response, const char *kind, struct error *err)
{
	struct text data = TEXT_EMPTY, meta = TEXT_EMPTY;
	struct term_query query;
	struct term_page page;

	if (!read_query(request, kind, &query, err))
		return false;
	/* By count, names that begin so have to be looked for among all. */
	if (query.by_count && query.prefix != NULL && !request_may_take_long(request))
		return false;
	if (!store_terms(store_of(request), &query, request->arena, &page, err))
		return false;
	basis_of_all(request);
	for (size_t i = 0; i < page.n; i++) {
		if (i > 0)
			text_char(&data, ',');
		write_term(&page.rows[i], &data);
	}
	list_answer(request, response, &data, &meta, page.more_after ? cursor_at(request, &query, &page.rows[page.n - 1], false) : NULL,
	    page.more_before ? cursor_at(request, &query, &page.before, true) : NULL);
	text_done(&data);
	return true;
}

static bool get(struct request *request, struct response *response, const char *kind, struct error *err)
{
	struct term_row row;

	if (!store_term(store_of(request), kind, request_path_value(request, "slug"), request->arena, &row, err)
	    || !basis_of_term(request, kind, row.slug, err))
		return false;
	text_string(&response->body, "{\"data\":");
	write_term(&row, &response->body);
	text_string(&response->body, "}\n");
	return true;
}

/* GET /v1/sections. 200 with a page; only terms with a published article are known. The same for the others below. */
bool section_list(struct request *request, struct response *response, struct error *err)
{
	return list(request, response, "section", err);
}

/* GET /v1/sections/{slug}. 200, 404. The same for the others below. */
bool section_get(struct request *request, struct response *response, struct error *err)
{
	return get(request, response, "section", err);
}

bool tag_list(struct request *request, struct response *response, struct error *err)
{
	return list(request, response, "tag", err);
}

bool tag_get(struct request *request, struct response *response, struct error *err)
{
	return get(request, response, "tag", err);
}

bool source_list(struct request *request, struct response *response, struct error *err)
{
	return list(request, response, "source", err);
}

bool source_get(struct request *request, struct response *response, struct error *err)
{
	return get(request, response, "source", err);
}

bool author_list(struct request *request, struct response *response, struct error *err)
{
	return list(request, response, "author", err);
}

bool author_get(struct request *request, struct response *response, struct error *err)
{
	return get(request, response, "author", err);
}
