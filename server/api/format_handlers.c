/* SPDX-License-Identifier: MIT */
/*
 * Articles as others read them: ninjs, JSON-LD, and all of them as lines of JSON.
 *
 * /v1/articles/{ref}.ninjs and .jsonld stand on the article alone; /v1/articles.ninjs is the listing with the same filters, order and cursors, and stands
 * on what that does. /v1/articles.ndjson is a stream: the documents as they lie, in ascending id, read some at a time, each time in a read
 * of its own. So it is of no one state of the store, has no validator and is not kept, but holds up neither checkpoints nor memory however slowly a client
 * reads. Whoever needs to know what changed meanwhile asks /v1/changes from the Broadsheet-Seq of the reply on.
 */
#include "api_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "feed.h"

enum { PIECE_BYTES = 128 << 10 };

static const char *const version_choices[] = { "2", "3", NULL };

#define VERSION_PARAMETER { .name = "version", .kind = PARAMETER_CHOICE, .choices = version_choices, .fallback = "3", .help = "3: ninjs 3.1; 2: ninjs 2.2" }
#define MIN_SEQ_PARAMETER { .name = "min_seq", .kind = PARAMETER_INTEGER, .most = INT64_MAX, .help = "Wait up to 2 s until this seq has been applied" }

const struct parameter ninjs_parameters[] = { VERSION_PARAMETER, MIN_SEQ_PARAMETER, { .name = NULL } };
const struct parameter json_ld_parameters[] = { MIN_SEQ_PARAMETER, { .name = NULL } };

static enum ninjs_version version_of(const struct request *request)
{
	return request_canonical(request, "version") != NULL ? NINJS_2_2 : NINJS_3_1;
}

/* Takes `value`. */
static bool send_json(struct response *response, json_t *value, struct error *err)
{
	char *bytes = value != NULL ? json_dumps(value, JSON_COMPACT) : NULL;

	json_decref(value);
	if (bytes == NULL)
		return error_set(err, ERROR_INTERNAL, "out of memory");
	text_string(&response->body, bytes);
	text_char(&response->body, '\n');
	free(bytes);
	return true;
}

/* --- one article --- */

/* Formats say what an article has: readers' ones have nothing of the newsroom. */
static void hide_private(struct article *article)
{
	article->publish_at = article->expire_at = TIME_NONE;
	article->related_ids.n = 0;
}

/* *ret_article is untouched when the client is led on. With read_drafts the latest version, whatever its status. */
static bool load_article(struct request *request, struct response *response, struct article *ret_article, bool *ret_redirected, struct error *err)
{
	const bool sees_all = request_has_scope(request, SCOPE_READ_DRAFTS);
	struct article_row row;

	if (!(sees_all ? article_find(request, response, &row, ret_redirected, err) : article_find_public(request, response, &row, ret_redirected, err)))
		return false;
	if (*ret_redirected)
		return true;
	basis_of_article(request, row.id, row.seq);
	response->rev = row.rev;
	if (!store_article_load(store_of(request), row.id, request->arena, ret_article, err))
		return false;
	if (!sees_all)
		hide_private(ret_article);
	return surrogate_keys_of_article(request, response, row.id, err);
}

/* GET /v1/articles/{ref}.ninjs: 200, 308 from a former slug, 404, 410. */
bool article_ninjs(struct request *request, struct response *response, struct error *err)
{
	struct article article;
	struct feed_site site;
	bool redirected;

	if (!load_article(request, response, &article, &redirected, err))
		return false;
	feed_site_of(request, &site);
	return redirected || send_json(response, ninjs_article(&site, &article, version_of(request)), err);
}

/* GET /v1/articles/{ref}.jsonld: 200, 308 from a former slug, 404, 410. */
bool article_json_ld(struct request *request, struct response *response, struct error *err)
{
	struct article article;
	struct feed_site site;
	bool redirected;

	if (!load_article(request, response, &article, &redirected, err))
		return false;
	if (redirected)
		return true;
	feed_site_of(request, &site);
	response->content_type = "application/ld+json";
	return send_json(response, json_ld_article(&site, &article), err);
}

/* --- a listing --- */

static bool read_page(struct request *request, struct list_query *query, struct list_page *ret_page, struct error *err)
{
	struct cursor cursor;

	if (!query_from_request(request, query, err) || !cursor_read(request, &cursor, &query->has_from, err))
		return false;
	if (query->has_from) {
		query->backward = cursor.backward;
		query->from = (struct list_key){ cursor.time, cursor.id };
	}
	query->examined_most = LIST_EXAMINED_MOST;
	if (!basis_of_list(request, query, err) || !store_list(store_of(request), query, request->arena, ret_page, err))
		return false;
	if (ret_page->is_cut)
		basis_of_all(request);
	return true;
}

/* The articles of a page in its order; one of very long texts ends early. */
static bool load_page(struct request *request, const struct list_query *query, struct list_page *page, const struct article **ret_articles,
    struct error *err)
{
	struct article *articles = arena_array(request->arena, page->n + 1, sizeof *articles);
	const size_t back = list_page_back(query, page);
	size_t bytes = 0, steps = 0, first, end;

	while (steps < page->n && bytes <= list_bytes_most) {
		const size_t row = list_row_at(back, steps++);

		if (!store_article_load(store_of(request), page->rows[row].key.id, request->arena, &articles[row], err))
			return false;
		if (!query_asks_newsroom(request))
			hide_private(&articles[row]);
		bytes += articles[row].body_html != NULL ? strlen(articles[row].body_html) : 0;
	}
	list_kept(back, steps, &first, &end);
	if (steps < page->n)
		list_page_cut(page, back, steps);
	*ret_articles = articles + first;
	return true;
}

/* Without the place holder of the base URL; NULL: there is no such link. */
static const char *path_in(const struct list_links *links, int link)
{
	return links->addresses[link].length > 0 ? links->addresses[link].bytes + 1 : NULL;
}

/* GET /v1/articles.ninjs: 200 with a page as one composite item, 400 for a cursor of another listing, 403 for a status that needs a key. */
bool article_list_ninjs(struct request *request, struct response *response, struct error *err)
{
	const struct article *articles;
	struct list_links links;
	struct list_query query;
	struct list_page page;
	struct feed_site site;
	bool fine;

	if (!request_may_take_long(request) || !read_page(request, &query, &page, err))
		return false;
	if (!load_page(request, &query, &page, &articles, err))
		return false;
	feed_site_of(request, &site);
	list_links_write(request, page.more_after ? list_cursor(request, page.after, false) : NULL, page.more_before ? list_cursor(request, page.before, true) : NULL, &links);
	fine = send_json(response, ninjs_list(&site, &(struct ninjs_page){ path_in(&links, LINK_SELF), path_in(&links, LINK_NEXT), path_in(&links, LINK_PREV) },
	    articles, page.n, version_of(request)), err);
	list_links_send(&links, response);
	list_links_done(&links);
	surrogate_keys_of_list(request, response, &query);
	return fine;
}

/* --- all of them --- */

static bool read_some(struct store *store, int64_t *after, struct text *ret_lines, struct error *err)
{
	err->code = ERROR_NONE;
	while (ret_lines->length < PIECE_BYTES && store_document_next(store, *after, after, ret_lines, err))
		text_char(ret_lines, '\n');
	return err->code == ERROR_NONE;
}

/* A read of its own, so that the write-ahead log can be copied back in between. */
static bool next_lines(struct request *request, void *arg, struct text *ret_lines, struct error *err)
{
	struct store *store = store_of(request);
	bool fine;

	if (!store_read_begin(store, err))
		return false;
	fine = read_some(store, arg, ret_lines, err) && store_read_holds(store, err);
	store_read_end(store);
	return fine;
}

/* GET /v1/articles.ndjson: 200 with every public article, a line each, as the detail has it without `related`; `broadsheet import` reads it. */
bool article_ndjson(struct request *request, struct response *response, struct error *err)
{
	int64_t *after = arena_alloc(request->arena, sizeof *after);

	(void)err;
	*after = 0;
	response->content_type = "application/x-ndjson";
	response->caching = CACHING_NONE;
	response->source = next_lines;
	response->source_arg = after;
	return true;
}
