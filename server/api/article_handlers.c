/* SPDX-License-Identifier: MIT */
/*
 * /v1/articles: the listing, one article, its neighbours.
 *
 * Everything that an answer is made of is read in one read transaction, so list, count and links speak of one state of the store.
 * Items and documents are joined as they lie.
 */
#include "api_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "search.h"

enum { COUNT_MOST = 10000, RELATED_IN_DETAIL = 5, EXAMINED_HERE = 500, DETAIL_USUAL = 16384 };

/* What only the newsroom sees, as further members of the object that the text ends with. */
static bool append_private(struct request *request, int64_t id, struct text *json, struct error *err)
{
	const size_t end = json->length;
	const bool fine = store_private(store_of(request), id, json, err);

	if (fine && json->length > end) {
		json->bytes[end - 1] = ',';
		memmove(json->bytes + end, json->bytes + end + 1, json->length - end);
		json->length--;
	}
	return fine;
}

bool article_write_item(struct request *request, int64_t id, const struct field_selection *selection, struct text *data, struct error *err)
{
	struct store *store = store_of(request);
	struct text json = TEXT_EMPTY;
	bool fine;

	if (selection->all)
		return store_item(store, id, data, err) && (!selection->with_private || append_private(request, id, data, err));
	fine = (selection->in_item ? store_item(store, id, &json, err) : store_document(store, id, &json, err)) &&
	    (!selection->with_private || append_private(request, id, &json, err)) &&
	    fields_pick(json.bytes, json.length, selection, data, err);
	text_done(&json);
	return fine;
}

/*
 * How many rows a listing may hold against its filters: few on an event thread, where a list that needs more begins anew on a reader
 * thread. What is cut even there stands on all articles: where it ends depends on rows that are not in it.
 */
static int64_t examined_most(const struct request *request, int64_t most)
{
	return request->is_on_reader || request->service->readers == NULL ? most : EXAMINED_HERE;
}

static bool may_be_cut(struct request *request, bool is_cut)
{
	if (!is_cut)
		return true;
	if (!request_may_take_long(request))
		return false;
	basis_of_all(request);
	return true;
}

static bool write_count(struct request *request, const struct list_query *query, struct text *meta, struct error *err)
{
	const char *count = request_parameter(request, "count");
	struct list_count found;

	if (count == NULL || strcmp(count, "exact") != 0)
		return true;
	if (!store_count(store_of(request), query, COUNT_MOST, &found, err) || !may_be_cut(request, found.is_cut))
		return false;
	text_printf(meta, "\"count\":{\"value\":%" PRId64 ",\"exact\":%s}", found.n, found.exact ? "true" : "false");
	return true;
}

/* Long bodies end it before it has its rows. */
static bool write_items(struct request *request, const struct list_query *query, const struct field_selection *selection, struct list_page *page,
    struct text *data, struct error *err)
{
	const size_t back = list_page_back(query, page);
	size_t *ends = arena_array(request->arena, page->n + 1, sizeof *ends), steps = 0;

	while (steps < page->n && data->length <= list_bytes_most) {
		if (steps > 0)
			text_char(data, ',');
		if (!article_write_item(request, page->rows[list_row_at(back, steps)].key.id, selection, data, err))
			return false;
		ends[steps++] = data->length;
	}
	list_turn(data, ends, back, steps);
	if (steps < page->n)
		list_page_cut(page, back, steps);
	return true;
}

static bool write_page(struct request *request, struct response *response, struct list_query *query, const struct field_selection *selection,
    struct text *data, struct text *meta, struct error *err)
{
	struct list_page page;
	struct cursor cursor;

	if (!cursor_read(request, &cursor, &query->has_from, err))
		return false;
	if (query->has_from) {
		query->backward = cursor.backward;
		query->from = (struct list_key){ cursor.time, cursor.id };
	}
	query->examined_most = examined_most(request, LIST_EXAMINED_MOST);
	if (!basis_of_list(request, query, err) || !store_list(store_of(request), query, request->arena, &page, err)
	    || !may_be_cut(request, page.is_cut) || !write_count(request, query, meta, err) || !search_write_facets(request, query, meta, err))
		return false;
	if (!write_items(request, query, selection, &page, data, err))
		return false;
	list_answer(request, response, data, meta, page.more_after ? list_cursor(request, page.after, false) : NULL,
	    page.more_before ? list_cursor(request, page.before, true) : NULL);
	surrogate_keys_of_list(request, response, query);
	return true;
}

/* --- ids=3,1,2 --- */

static bool refuse_with_ids(struct request *request, struct error *err)
{
	static const char *const names[] = { "q", "order", "limit", "cursor", "count", "facets", NULL };

	error_set(err, ERROR_PARAMETER, "ids are answered in the order given, all at once");
	for (size_t i = 0; names[i] != NULL; i++)
		if (request_canonical(request, names[i]) != NULL)
			error_add_parameter(err, names[i], "not-with-ids", NULL, "%s does not go with ids", names[i]);
	return err->n_issues == 0;
}

/* "410 once it was public": what is missing says so, in meta.missing. An id is a number: 007 is 7. */
static bool write_one_of_ids(struct request *request, const struct list_query *query, const char *value, const struct field_selection *selection,
    struct text *data, struct text *missing, struct error *err)
{
	const char *id = arena_printf(request->arena, "%lld", strtoll(value, NULL, 10));
	struct article_row row = { 0 };
	const bool found = store_article_find(store_of(request), id, request->arena, &row, err);
	const bool is_open = found && (row.status == ARTICLE_PUBLISHED || request_has_scope(request, SCOPE_READ_DRAFTS));

	if (!found && err->code != ERROR_NOT_FOUND)
		return false;
	basis_of_article(request, strtoll(id, NULL, 10), !found ? 0 : row.status == ARTICLE_PUBLISHED ? row.seq : row.was_public ? -1 : 0);
	if (!is_open) {
		text_printf(missing, "%s{\"id\":%s,\"status\":%d}", missing->length > 0 ? "," : "", id, found && row.was_public ? 410 : 404);
		return true;
	}
	if (((query->statuses != 0 ? query->statuses : LIST_STATUS(ARTICLE_PUBLISHED)) & LIST_STATUS(row.status)) == 0)
		return true;
	if (!store_passes(store_of(request), query, &row, err))
		return err->code == ERROR_NONE;
	if (data->length > 0)
		text_char(data, ',');
	return article_write_item(request, row.id, selection, data, err);
}

/* Each article once, whoever names it twice. */
static bool stands_before(const char *const *ids, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strtoll(ids[i], NULL, 10) == strtoll(ids[index], NULL, 10))
			return true;
	return false;
}

static size_t n_terms(const struct list_query *query)
{
	size_t n = 0;

	for (size_t i = 0; i < query->n_filters; i++)
		n += query->filters[i].n_any + query->filters[i].n_none;
	return n;
}

static bool write_ids(struct request *request, struct response *response, const struct list_query *query, const struct field_selection *selection,
    struct text *data, struct text *meta, struct error *err)
{
	struct text missing = TEXT_EMPTY;
	const char *const *ids;
	const size_t n = request_list(request, "ids", &ids);
	bool fine = refuse_with_ids(request, err) && (n_terms(query) * n <= EXAMINED_HERE || request_may_take_long(request));

	for (size_t i = 0; fine && i < n; i++)
		fine = stands_before(ids, i) || write_one_of_ids(request, query, ids[i], selection, data, &missing, err);
	if (fine && missing.length > 0)
		text_printf(meta, "\"missing\":[%s]", missing.bytes);
	text_done(&missing);
	if (fine)
		list_answer(request, response, data, meta, NULL, NULL);
	return fine;
}

/* --- handlers --- */

/* What only the tables of published articles can tell. */
static bool refuse_with_status(struct request *request, struct error *err)
{
	const char *const *values;

	if (request_list(request, "facets", &values) == 0)
		return true;
	error_set(err, ERROR_PARAMETER, "facets are counted over published articles");
	error_add_parameter(err, "facets", "not-with-status", NULL, "facets do not go with a status but published");
	return false;
}

/* Articles of any status, for who may see them. */
static bool answer_newsroom(struct request *request, struct response *response, struct list_query *query, const struct field_selection *selection,
    struct text *data, struct text *meta, struct error *err)
{
	const char *typed = request_parameter(request, "q");
	struct search_query words;

	if (!refuse_with_status(request, err))
		return false;
	if (typed == NULL)
		return write_page(request, response, query, selection, data, meta, err);
	search_parse(typed, request->arena, &words);
	if ((query->statuses & LIST_STATUS(ARTICLE_PUBLISHED)) != 0)
		return newsroom_search_answer(request, response, query, &words, selection, data, meta, err);
	query->words = &words;
	return request_may_take_long(request) && write_page(request, response, query, selection, data, meta, err);
}

bool article_list_answer(struct request *request, struct response *response, const char *usual_order, struct error *err)
{
	const char *const *ids, *const *statuses;
	struct list_query query;
	struct field_selection selection;
	struct text data = TEXT_EMPTY, meta = TEXT_EMPTY;
	bool fine;

	if (!query_from_request(request, &query, err) || !fields_from_request(request, VIEW_ITEM, &selection, err))
		return false;
	if (query_asks_newsroom(request) && request_list(request, "status", &statuses) == 0)
		query.statuses = LIST_STATUSES_ALL;
	if (request_list(request, "ids", &ids) > 0)
		fine = write_ids(request, response, &query, &selection, &data, &meta, err);
	else if (query.statuses != 0)
		fine = answer_newsroom(request, response, &query, &selection, &data, &meta, err);
	else if (search_is_asked_for(request))
		fine = search_answer(request, response, usual_order, &query, &selection, &data, &meta, err);
	else
		fine = write_page(request, response, &query, &selection, &data, &meta, err);
	text_done(&data);
	text_done(&meta);
	return fine;
}

/* GET /v1/articles. 200 with a page, 400 for a cursor of another listing, 403 for a status that needs a key. */
bool article_list(struct request *request, struct response *response, struct error *err)
{
	return article_list_answer(request, response, "newest", err);
}

void open_object(struct text *json, const char *member)
{
	json->bytes[--json->length] = '\0';
	text_printf(json, "%s\"%s\":", json->bytes[json->length - 1] != '{' ? "," : "", member);
}

/* Copies of the same wire story: enough of each for a link. */
static bool write_duplicates(struct request *request, const struct related_answer *answer, struct text *json, struct error *err)
{
	static const char *const names[] = { "id", "slug", "url", "title", "source", "published_at" };
	const struct field_selection selection = { .in_item = true, .names = names, .n = sizeof names / sizeof names[0] };
	struct related_sources copies;
	bool has_one = false;

	if (!store_related_copies(store_of(request), answer, request->arena, &copies, err))
		return false;
	open_object(json, "duplicates");
	text_char(json, '[');
	for (size_t i = 0; i < copies.n; i++) {
		basis_of_article(request, copies.articles[i].id, copies.articles[i].seq);
		if (copies.articles[i].seq == 0)
			continue;
		if (has_one)
			text_char(json, ',');
		if (!article_write_item(request, copies.articles[i].id, &selection, json, err))
			return false;
		has_one = true;
	}
	text_string(json, "]}");
	return true;
}

/* What belongs to the article and may change without it, as it stands ready: nothing is computed for a detail. */
static bool write_related(struct request *request, const struct article_row *row, const struct field_selection *selection, struct text *json,
    struct error *err)
{
	const struct related_query query = {
		.id = row->id,
		.limit = (size_t)request_integer(request, "related", RELATED_IN_DETAIL),
		.newest_from = TIME_NONE,
	};
	struct related_answer answer;
	struct related_sources sources;

	if (query.limit == 0)
		return true;
	if (!store_related_kept(store_of(request), row->id, request->arena, &answer, err))
		return false;
	sources = (struct related_sources){ .n = 0 };
	if (fields_has(selection, "related")) {
		open_object(json, "related");
		if (!store_related_write(store_of(request), &query, &answer, request->arena, json, &sources, err))
			return false;
		text_char(json, '}');
	}
	return basis_of_related(request, row, &answer, &sources, err)
	    && (!fields_has(selection, "duplicates") || write_duplicates(request, &answer, json, err));
}

/* GET /v1/articles/{ref}. 200 with the document as it lies in the store, 308 from a former slug, 404, 410. With read_drafts the latest version,
 * whatever its status, and what is kept beside it. Nothing is alike to what is not published. */
bool article_get(struct request *request, struct response *response, struct error *err)
{
	const bool sees_all = request_has_scope(request, SCOPE_READ_DRAFTS);
	struct field_selection selection;
	struct article_row row;
	struct text document = TEXT_EMPTY;
	bool redirected, fine;

	if (!(sees_all ? article_find(request, response, &row, &redirected, err) : article_find_public(request, response, &row, &redirected, err)))
		return false;
	if (redirected)
		return true;
	basis_of_article(request, row.id, row.seq);
	text_reserve(&response->body, DETAIL_USUAL);
	text_string(&response->body, "{\"data\":");
	fine = fields_from_request(request, VIEW_DETAIL | (sees_all ? VIEW_PRIVATE : 0), &selection, err) &&
	    store_document(store_of(request), row.id, &document, err) && (!sees_all || append_private(request, row.id, &document, err)) &&
	    fields_pick(document.bytes, document.length, &selection, &response->body, err) &&
	    (row.status != ARTICLE_PUBLISHED || (!fields_has(&selection, "related") && !fields_has(&selection, "duplicates"))
	        || write_related(request, &row, &selection, &response->body, err));
	text_done(&document);
	text_string(&response->body, "}\n");
	response->rev = row.rev;
	return fine && surrogate_keys_of_article(request, response, row.id, err);
}

static bool neighbour(struct request *request, struct response *response, enum list_order order, struct error *err)
{
	struct field_selection selection;
	struct list_query query;
	struct list_page page;
	struct article_row row;
	bool redirected;

	if (!query_filters_from_request(request, &query, err) || !fields_from_request(request, VIEW_ITEM, &selection, err) ||
	    !article_find_public(request, response, &row, &redirected, err))
		return false;
	if (redirected)
		return true;
	basis_of_article(request, row.id, row.seq);
	if (!basis_of_list(request, &query, err))
		return false;
	query.order = order;
	query.limit = 1;
	query.examined_most = examined_most(request, INT64_MAX);
	query.rows_only = true;
	query.has_from = true;
	query.from = (struct list_key){ row.published_at, row.id };
	if (!store_list(store_of(request), &query, request->arena, &page, err))
		return false;
	if (!may_be_cut(request, page.is_cut))
		return false;
	if (page.n == 0)
		return error_set(err, ERROR_NOT_FOUND, "there is no %s article in this listing", order == LIST_OLDEST ? "newer" : "older");
	text_string(&response->body, "{\"data\":");
	if (!article_write_item(request, page.rows[0].key.id, &selection, &response->body, err))
		return false;
	text_string(&response->body, "}\n");
	return true;
}

/* GET /v1/articles/{ref}/next. 200 with the nearer newer article under the filters, 404 at the end. */
bool article_next(struct request *request, struct response *response, struct error *err)
{
	return neighbour(request, response, LIST_OLDEST, err);
}

/* GET /v1/articles/{ref}/prev. 200 with the nearer older article under the filters, 404 at the end. */
bool article_prev(struct request *request, struct response *response, struct error *err)
{
	return neighbour(request, response, LIST_NEWEST, err);
}
