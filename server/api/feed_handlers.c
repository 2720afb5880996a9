/* SPDX-License-Identifier: MIT */
/*
 * Feeds: /feed.rss, /feed.atom, /feed.json for everything, under a section, tag or source, and for a search.
 *
 * A feed is the listing of its filter, newest first, FEED_MOST articles a page with their whole text, so it stands on what that listing stands on,
 * and is kept like it. Making one reads and composes some hundred kilobytes, on a reader's thread. Pages are walked by `before`, the time and id of the
 * article before it; a search has one page. There is no Last-Modified: when a name changes, no time in the feed says so.
 * A hub is named where it is told of changes (server/publish/websub.c): on first pages, and in no search. It comes for the feed at once, and must not get
 * the one from before: so no shared cache may give these out without asking (RFC 9111 5.2.2.10).
 *
 * All answers have the page's manners: unknown parameters are ignored, and errors are HTML.
 */
#include "api_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feed.h"
#include "search.h"

enum { FEED_MOST = 50, REMOVALS_MOST = 50, FEED_BYTES_MOST = 8 << 20, TYPED_MOST = 4096 };

const struct parameter feed_parameters[] = {
	{ .name = "before", .kind = PARAMETER_TEXT, .most = 50, .pattern = "^-?[0-9]+-[1-9][0-9]*$", .help = "From the address of the next page: older articles" },
	{ .name = NULL, .kind = PARAMETER_OTHERS },
};

const struct parameter feed_search_parameters[] = {
	{ .name = "q", .kind = PARAMETER_TEXT, .most = TYPED_MOST, .required = true, .help = "Words to find" },
	{ .name = NULL, .kind = PARAMETER_OTHERS },
};

static const struct feed_format {
	const char *ending, *type;
	feed_writer *write;
	size_t removals;              /* how many it can say: all, the time of the last one, none */
} formats[] = {
	{ "/feed.rss", "application/rss+xml; charset=utf-8", rss_feed_write, 1 },
	{ "/feed.atom", "application/atom+xml; charset=utf-8", atom_feed_write, REMOVALS_MOST },
	{ "/feed.json", "application/feed+json", json_feed_write, 0 },
};

void feed_site_of(const struct request *request, struct feed_site *ret_site)
{
	const struct api *api = context_of(request)->api;

	*ret_site = (struct feed_site){ .base_url = request->service->base_url, .name = api->site_name, .hub = api->websub_hub };
}

static const struct feed_format *format_of(const struct request *request)
{
	const char *path = request->route->path;

	for (size_t i = 0;; i++)
		if (strcmp(path + strlen(path) - strlen(formats[i].ending), formats[i].ending) == 0)
			return &formats[i];
}

/* --- what goes into it --- */

struct making {
	struct request *request;
	struct feed_site site;
	struct feed feed;
	struct article articles[FEED_MOST];
	struct removal_row rows[REMOVALS_MOST];
	struct feed_removal removals[REMOVALS_MOST];
	size_t bytes;
	const char *kind, *slug;      /* of the term that it is about; NULL: all articles */
	struct list_key last;
};

static size_t length_of(const char *string)
{
	return string != NULL ? strlen(string) : 0;
}

/* Loads an article behind the others; *ret_is_full: the page has grown long, and ends with it. */
static bool load(struct making *making, int64_t id, bool *ret_is_full, struct error *err)
{
	struct article *article = &making->articles[making->feed.n];

	if (!store_article_load(store_of(making->request), id, making->request->arena, article, err))
		return false;
	making->feed.n++;
	making->bytes += length_of(article->body_html);
	*ret_is_full = making->bytes > FEED_BYTES_MOST;
	return true;
}

/* The path without "/feed.rss": the page of the same articles. */
static const char *page_of(const struct request *request, const struct feed_format *format)
{
	const size_t length = strlen(request->path) - strlen(format->ending);

	return length == 0 ? "/" : arena_copy(request->arena, request->path, length);
}

/* Where it is, without its `before`. The path as decoded is a slug's, and needs no encoding but what request_write_target() gives. */
static const char *address_of(struct request *request, const char *left_out, const char *added)
{
	struct text address = TEXT_EMPTY;
	const char *copy;

	request_write_target(request, left_out, &address);
	if (added != NULL)
		text_string(&address, added);
	copy = arena_copy(request->arena, address.bytes, address.length);
	text_done(&address);
	return copy;
}

/* "1451582400-17": published then, of that id. Only what was written here is read. */
static bool read_before(struct request *request, struct list_query *query, struct error *err)
{
	const char *before = request_canonical(request, "before");
	long long time, id;
	char again[64];

	if (before == NULL)
		return true;
	if (sscanf(before, "%18lld-%18lld", &time, &id) != 2 || snprintf(again, sizeof again, "%lld-%lld", time, id) < 0 || strcmp(again, before) != 0 || id < 1) {
		error_set(err, ERROR_CURSOR, "this is no page of the feed");
		return false;
	}
	query->has_from = true;
	query->from = (struct list_key){ time, id };
	return true;
}

static bool read_listing(struct making *making, struct list_query *query, struct error *err)
{
	struct request *request = making->request;
	struct list_page page;
	bool is_full = false;

	query->limit = FEED_MOST;
	query->examined_most = INT64_MAX;
	if (!read_before(request, query, err) || !basis_of_list(request, query, err)
	    || !store_list(store_of(request), query, request->arena, &page, err))
		return false;
	for (size_t i = 0; i < page.n && !is_full; i++) {
		if (!load(making, page.rows[i].key.id, &is_full, err))
			return false;
		making->last = page.rows[i].key;
	}
	if (making->feed.n > 0 && (page.more_after || making->feed.n < page.n))
		making->feed.next = address_of(request, "before", arena_printf(request->arena, "?before=%" PRId64 "-%" PRId64, making->last.time, making->last.id));
	return true;
}

static bool read_removals(struct making *making, size_t most, struct error *err)
{
	struct feed *feed = &making->feed;

	if (most == 0 || request_canonical(making->request, "before") != NULL)
		return true;
	if (!store_removals(store_of(making->request), making->kind, making->slug, most, making->rows, &feed->n_removals, err))
		return false;
	for (size_t i = 0; i < feed->n_removals; i++)
		making->removals[i] = (struct feed_removal){ making->rows[i].id, making->rows[i].at };
	feed->removals = making->removals;
	return true;
}

static void send(struct making *making, struct response *response, const struct feed_format *format)
{
	const struct feed *feed = &making->feed;

	response->content_type = format->type;
	format->write(feed, &response->body);
	if (making->site.hub == NULL)
		return;
	response_header(response, "Link", "<%s>; rel=\"hub\", <%s%s>; rel=\"self\"", making->site.hub, making->site.base_url, feed->self);
	response->caching = CACHING_ASKING;
}

static struct making *making_new(struct request *request, const struct feed_format *format)
{
	struct making *making = arena_alloc(request->arena, sizeof *making);

	*making = (struct making){ .request = request };
	feed_site_of(request, &making->site);
	if (request_canonical(request, "before") != NULL)
		making->site.hub = NULL;
	making->feed = (struct feed){
		.site = &making->site,
		.page = page_of(request, format),
		.first = address_of(request, "before", NULL),
		.self = address_of(request, NULL, NULL),
		.articles = making->articles,
	};
	return making;
}

/* --- everything, and what has a term --- */

/* Also one that no article has any more, if readers had one under it: who follows its feed is to hear that it went. It is called nothing then. */
static bool find_term(const struct making *making, struct term_row *ret_row, struct error *err)
{
	struct store *store = store_of(making->request);
	const char *slug = request_path_value(making->request, "slug");
	struct removal_row removal;
	struct error none;
	size_t n;

	if (store_term(store, making->kind, slug, making->request->arena, ret_row, err))
		return true;
	if (err->code != ERROR_NOT_FOUND || !store_removals(store, making->kind, slug, 1, &removal, &n, &none) || n == 0)
		return false;
	*ret_row = (struct term_row){ .slug = slug };
	return true;
}

static bool set_term(struct making *making, struct list_query *query, struct error *err)
{
	struct request *request = making->request;
	const char **any = arena_array(request->arena, 1, sizeof *any);
	struct term_row row;

	if (!find_term(making, &row, err) || !basis_of_term(request, making->kind, row.slug, err))
		return false;
	making->slug = any[0] = row.slug;
	query->filters[query->n_filters++] = (struct term_filter){ .kind = making->kind, .any = any, .n_any = 1 };
	if (row.name != NULL)
		making->feed.title = arena_printf(request->arena, "%s — %s", row.name, making->site.name);
	return true;
}

/* "/section/{slug}/feed.rss" -> "section"; NULL for "/feed.rss". */
static const char *kind_of(const struct request *request)
{
	const char *path = request->route->path + 1, *mark = strchr(path, '{');

	return mark == NULL ? NULL : arena_copy(request->arena, path, (size_t)(mark - path) - 1);
}

/* GET /feed.rss and its like: 200; 404 for a term that no article has or had; 400 for a page that is none. */
bool feed_get(struct request *request, struct response *response, struct error *err)
{
	const struct feed_format *format = format_of(request);
	struct list_query query;
	struct making *making;

	if (!request_may_take_long(request))
		return false;
	making = making_new(request, format);
	making->kind = kind_of(request);
	making->feed.title = making->site.name;
	list_query_init(&query);
	if ((making->kind != NULL && !set_term(making, &query, err)) || !read_listing(making, &query, err) || !read_removals(making, format->removals, err))
		return false;
	send(making, response, format);
	surrogate_keys_of_list(request, response, &query);
	return true;
}

/* --- a search --- */

static bool read_hits(struct making *making, const char *typed, struct error *err)
{
	struct request *request = making->request;
	struct search_query query;
	struct list_query filters;
	struct search_request search = { .query = &query, .filters = &filters, .order = SEARCH_NEWEST };
	struct search_found found;
	bool is_full = false;

	list_query_init(&filters);
	filters.limit = FEED_MOST;
	search_parse(typed, request->arena, &query);
	basis_of_all(request);
	if (!store_search(store_of(request), &search, request->arena, &found, err))
		return false;
	for (size_t i = 0; i < found.n && !is_full; i++)
		if (!load(making, found.hits[i].article_id, &is_full, err))
			return false;
	if (found.is_late)
		basis_of_late(request);
	return true;
}

/* GET /search/feed.rss?q= and its like: 200 with the newest that the search finds. */
bool feed_search(struct request *request, struct response *response, struct error *err)
{
	const struct feed_format *format = format_of(request);
	const char *typed = request_canonical(request, "q");
	struct making *making;
	struct text page = TEXT_EMPTY;

	if (strlen(typed) > TYPED_MOST)
		return error_set(err, ERROR_INVALID, "q is too long");
	if (!request_may_take_long(request))
		return false;
	making = making_new(request, format);
	making->site.hub = NULL;
	making->feed.title = arena_printf(request->arena, "“%s” — %s", typed, making->site.name);
	text_string(&page, "/search?q=");
	text_percent(&page, typed, strlen(typed));
	making->feed.page = arena_copy(request->arena, page.bytes, page.length);
	text_done(&page);
	if (!read_hits(making, typed, err))
		return false;
	send(making, response, format);
	surrogate_keys_of_all(request, response);
	return true;
}
