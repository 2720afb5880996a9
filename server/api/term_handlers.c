/* SPDX-License-Identifier: MIT */
/*
 * /v1/sections, /v1/tags, /v1/sources, /v1/authors, and one of each: four addresses of one kind of thing.
 *
 * Readers know of a term that has a published article. Of sections the newsroom (read_drafts) gets all; such an answer is not kept, and its ETag
 * comes from its bytes. section_handlers.c writes them.
 */
#include "api_internal.h"

#include <inttypes.h>
#include <string.h>

static const char *const order_choices[] = { "name", "count", NULL };
static const char *const section_order_choices[] = { "name", "count", "navigation", NULL };

/* clang-format off */
#define PAGE_PARAMETERS                                                                                                                          \
	{ .name = "q", .kind = PARAMETER_TEXT, .most = 200, .help = "Names that begin so" },                                                         \
	{ .name = "limit", .kind = PARAMETER_INTEGER, .least = 1, .most = 100, .fallback = "20", .help = "Terms a page" },                           \
	{ .name = "cursor", .kind = PARAMETER_TEXT, .most = 1200, .help = "From links.next or links.prev" },                                         \
	{ .name = "min_seq", .kind = PARAMETER_INTEGER, .most = INT64_MAX, .help = "Wait up to 2 s until this seq has been applied" }

const struct parameter term_list_parameters[] = {
	PAGE_PARAMETERS,
	{ .name = "order", .kind = PARAMETER_CHOICE, .choices = order_choices, .fallback = "name", .help = "name, or count: most articles first" },
	{ .name = NULL },
};

const struct parameter section_list_parameters[] = {
	PAGE_PARAMETERS,
	{ .name = "order", .kind = PARAMETER_CHOICE, .choices = section_order_choices, .fallback = "name",
	  .help = "name; count: most articles first; navigation: as the website's bar has them, one page without the hidden ones" },
	{ .name = NULL },
};
/* clang-format on */

void term_write(const struct term_row *row, struct text *json)
{
	char time[CLOCK_RFC3339_SIZE];

	text_printf(json, "{\"slug\":\"%s\",\"name\":", row->slug);
	text_json(json, row->name, strlen(row->name));
	if (row->type != NULL)
		text_printf(json, ",\"type\":\"%s\"", row->type);
	if (row->description != NULL) {
		text_string(json, ",\"description\":");
		text_json(json, row->description, strlen(row->description));
	}
	if (row->position > 0)
		text_printf(json, ",\"position\":%" PRId64, row->position);
	if (row->is_hidden)
		text_string(json, ",\"hidden\":true");
	text_printf(json, ",\"count\":%" PRId64, row->count);
	if (row->newest_at != TIME_NONE)
		text_printf(json, ",\"newest_at\":\"%s\"", clock_rfc3339(row->newest_at, time));
	if (row->rev > 0)
		text_printf(json, ",\"rev\":%" PRId64, row->rev);
	text_char(json, '}');
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

/* Of sections the newsroom gets all, whatever readers know. */
static bool is_for_newsroom(const struct request *request, const char *kind)
{
	return request_has_scope(request, SCOPE_READ_DRAFTS) && strcmp(kind, "section") == 0;
}

static bool refuse_with_navigation(struct request *request, struct error *err)
{
	error_set(err, ERROR_PARAMETER, "the navigation is one page, as the website's bar shows it");
	if (request_canonical(request, "q") != NULL)
		error_add_parameter(err, "q", "not-with-navigation", NULL, "q does not go with order=navigation");
	return err->n_issues == 0;
}

static bool read_page(struct request *request, const struct term_query *query, struct term_page *ret_page, struct error *err)
{
	const char *order = request_parameter(request, "order");

	if (order != NULL && strcmp(order, "navigation") == 0)
		return refuse_with_navigation(request, err) && store_navigation(store_of(request), query->limit, request->arena, ret_page, err);
	return store_terms(store_of(request), query, request->arena, ret_page, err);
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
	query.with_empty = is_for_newsroom(request, kind) && !query.by_count;
	if (!read_page(request, &query, &page, err))
		return false;
	if (!is_for_newsroom(request, kind))
		basis_of_all(request);
	for (size_t i = 0; i < page.n; i++) {
		if (i > 0)
			text_char(&data, ',');
		term_write(&page.rows[i], &data);
	}
	list_answer(request, response, &data, &meta, page.more_after ? cursor_at(request, &query, &page.rows[page.n - 1], false) : NULL,
	    page.more_before ? cursor_at(request, &query, &page.before, true) : NULL);
	text_done(&data);
	return true;
}

static bool get(struct request *request, struct response *response, const char *kind, struct error *err)
{
	const bool is_newsroom = is_for_newsroom(request, kind);
	const char *slug = request_path_value(request, "slug");
	struct term_row row;

	if (!(is_newsroom ? store_term_any : store_term)(store_of(request), kind, slug, request->arena, &row, err)
	    || (!is_newsroom && !basis_of_term(request, kind, row.slug, err)))
		return false;
	text_string(&response->body, "{\"data\":");
	term_write(&row, &response->body);
	text_string(&response->body, "}\n");
	response->rev = row.rev;
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
