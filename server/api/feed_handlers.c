/* SPDX-License-Identifier: MIT */
/*
 * Feeds and sitemaps: /feed.rss, /feed.atom, /feed.json for everything, under a section, tag or source, and for a search; /sitemap.xml and its pages,
 * /sitemap-news.xml.
 *
 * A feed is the listing of its filter, newest first, FEED_MOST articles a page with their whole text, so it stands on what that listing stands on,
 * and is kept like it. Making one reads and composes some hundred kilobytes, on a reader's thread. Pages are walked by `before`, the time and id of the
 * article before it; a search has one page. There is no Last-Modified: when an article goes, or a name changes, no time in the feed says so.
 *
 * All answers have the page's manners: unknown parameters are ignored, and errors are HTML.
 */
#include "api_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "feed.h"
#include "search.h"

enum { FEED_MOST = 50, REMOVALS_MOST = 50, FEED_BYTES_MOST = 8 << 20, LAST_CHANGED = 5000, NEWS_SECONDS = 48 * 3600, HOUR = 3600, TYPED_MOST = 4096 };

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
} formats[] = {
	{ "/feed.rss", "application/rss+xml; charset=utf-8", rss_feed_write },
	{ "/feed.atom", "application/atom+xml; charset=utf-8", atom_feed_write },
	{ "/feed.json", "application/feed+json", json_feed_write },
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

static bool read_removals(struct making *making, struct error *err)
{
	struct feed *feed = &making->feed;

	if (request_canonical(making->request, "before") != NULL)
		return true;
	if (!store_removals(store_of(making->request), making->kind, making->slug, REMOVALS_MOST, making->rows, &feed->n_removals, err))
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
	if (making->site.hub != NULL)
		response_header(response, "Link", "<%s>; rel=\"hub\", <%s%s>; rel=\"self\"", making->site.hub, making->site.base_url, feed->self);
}

static struct making *making_new(struct request *request, const struct feed_format *format)
{
	struct making *making = arena_alloc(request->arena, sizeof *making);

	*making = (struct making){ .request = request };
	feed_site_of(request, &making->site);
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

static bool set_term(struct making *making, struct list_query *query, struct error *err)
{
	struct request *request = making->request;
	const char **any = arena_array(request->arena, 1, sizeof *any);
	struct term_row row;

	if (!store_term(store_of(request), making->kind, request_path_value(request, "slug"), request->arena, &row, err)
	    || !basis_of_term(request, making->kind, row.slug, err))
		return false;
	making->slug = any[0] = row.slug;
	query->filters[query->n_filters++] = (struct term_filter){ .kind = making->kind, .any = any, .n_any = 1 };
	making->feed.title = arena_printf(request->arena, "%s — %s", row.name, making->site.name);
	return true;
}

/* "/section/{slug}/feed.rss" -> "section"; NULL for "/feed.rss". */
static const char *kind_of(const struct request *request)
{
	const char *path = request->route->path + 1, *mark = strchr(path, '{');

	return mark == NULL ? NULL : arena_copy(request->arena, path, (size_t)(mark - path) - 1);
}

/* GET /feed.rss and its like: 200; 404 for a term that no article has; 400 for a page that is none. */
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
	if ((making->kind != NULL && !set_term(making, &query, err)) || !read_listing(making, &query, err) || !read_removals(making, err))
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
	making->feed.title = arena_printf(request->arena, "“%s” — %s", typed, making->site.name);
	text_string(&page, "/search?q=");
	text_percent(&page, typed, strlen(typed));
	making->feed.page = arena_copy(request->arena, page.bytes, page.length);
	text_done(&page);
	if (!read_hits(making, typed, err))
		return false;
	send(making, response, format);
	return true;
}

/* --- sitemaps --- */

struct index {
	struct sitemap_index_row *rows;
	size_t n, capacity;
	struct arena *arena;
};

static bool add_page(void *arg, int64_t page)
{
	struct index *index = arg;

	if (index->n == index->capacity) {
		struct sitemap_index_row *rows = arena_array(index->arena, 2 * index->capacity + 16, sizeof *rows);

		if (index->n > 0)
			memcpy(rows, index->rows, index->n * sizeof *rows);
		index->rows = rows;
		index->capacity = 2 * index->capacity + 16;
	}
	index->rows[index->n++] = (struct sitemap_index_row){ page, TIME_NONE };
	return true;
}

static bool note_change(void *arg, int64_t id, int64_t updated_at)
{
	struct index *index = arg;
	const int64_t page = (id - 1) / STORE_SITEMAP_IDS;
	size_t low = 0, high = index->n;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (index->rows[middle].page < page)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < index->n && index->rows[low].page == page && index->rows[low].updated_at == TIME_NONE)
		index->rows[low].updated_at = updated_at;
	return true;
}

/* GET /sitemap.xml: 200. A page says when it changed if that is among the last changes of all: the others are old news. */
bool sitemap_index_get(struct request *request, struct response *response, struct error *err)
{
	struct index index = { .arena = request->arena };
	struct feed_site site;

	if (!request_may_take_long(request))
		return false;
	basis_of_all(request);
	if (!store_sitemap_pages(store_of(request), STORE_SITEMAP_IDS, add_page, &index, err)
	    || !store_updated_last(store_of(request), LAST_CHANGED, note_change, &index, err))
		return false;
	feed_site_of(request, &site);
	response->content_type = "application/xml; charset=utf-8";
	sitemap_index_write(&site, index.rows, index.n, &response->body);
	return true;
}

struct page_writing {
	struct feed_site site;
	struct text *out;
	size_t n;
};

static bool write_address(void *arg, const char *slug, int64_t updated_at)
{
	struct page_writing *writing = arg;

	sitemap_add(&writing->site, slug, updated_at, writing->out);
	writing->n++;
	return true;
}

/* The number of a page as it is written here, no longer than an id's. */
static bool page_number(const char *digits, int64_t *ret_page)
{
	const size_t length = strlen(digits);

	if (length == 0 || length > 14 || strspn(digits, "0123456789") != length || (digits[0] == '0' && length > 1))
		return false;
	*ret_page = strtoll(digits, NULL, 10);
	return true;
}

/* GET /sitemap/{page}.xml: 200; 404 where the page has no article. It stands on itself: another page's articles may come and go. */
bool sitemap_page_get(struct request *request, struct response *response, struct error *err)
{
	struct page_writing writing = { .out = &response->body };
	int64_t page;

	if (!page_number(request_path_value(request, "page"), &page))
		return error_set(err, ERROR_NOT_FOUND, "there is no such page");
	if (!request_may_take_long(request))
		return false;
	feed_site_of(request, &writing.site);
	sitemap_begin(writing.out);
	if (!store_sitemap_page(store_of(request), page, STORE_SITEMAP_IDS, write_address, &writing, err))
		return false;
	if (writing.n == 0)
		return error_set(err, ERROR_NOT_FOUND, "there is no such page");
	sitemap_end(writing.out);
	basis_digest(request->basis, SCOPE_SITEMAP(page), scope_key("sitemap", response->body.bytes));
	response->content_type = "application/xml; charset=utf-8";
	return true;
}

/* GET /sitemap-news.xml: 200 with what came out in the last two days, counted from the hour. */
bool sitemap_news_get(struct request *request, struct response *response, struct error *err)
{
	const int64_t now = clock_now(), hour = now - now % HOUR;
	struct article *articles;
	struct list_query query;
	struct list_page page;
	struct feed_site site;

	if (!request_may_take_long(request))
		return false;
	list_query_init(&query);
	query.published_after = hour - NEWS_SECONDS;
	query.limit = SITEMAP_NEWS_MOST;
	query.examined_most = INT64_MAX;
	basis_of_all(request);
	basis_until(request->basis, hour + HOUR);
	if (!store_list(store_of(request), &query, request->arena, &page, err))
		return false;
	articles = arena_array(request->arena, page.n + 1, sizeof *articles);
	for (size_t i = 0; i < page.n; i++)
		if (!store_article_load(store_of(request), page.rows[i].key.id, request->arena, &articles[i], err))
			return false;
	feed_site_of(request, &site);
	response->content_type = "application/xml; charset=utf-8";
	sitemap_news_write(&site, articles, page.n, &response->body);
	return true;
}
