/* SPDX-License-Identifier: MIT */
/*
 * Sitemaps: /sitemap.xml, which lists the pages /sitemap/{page}.xml, and /sitemap-news.xml.
 *
 * The index and the news stand on all articles; a page on what it says itself, so that it is another only when one of its own addresses is. Pages are ranges
 * of ids, and no work here grows with how large an id is, or how long a text.
 *
 * All answers have the page's manners: unknown parameters are ignored, and errors are HTML.
 */
#include "api_internal.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "feed.h"

enum { LAST_CHANGED = 5000, NEWS_SECONDS = 48 * 3600, HOUR = 3600 };

/* --- the index --- */

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
	surrogate_keys_of_all(request, response);
	return true;
}

/* --- a page --- */

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
	surrogate_keys_of_all(request, response);
	return true;
}

/* --- news --- */

/* From the list items, which are short, one after another: the texts may be megabytes. */
static bool write_news(struct request *request, const struct list_page *page, struct text *out, struct error *err)
{
	struct arena *arena = arena_new();
	struct article article;
	struct feed_site site;
	bool fine = true;

	feed_site_of(request, &site);
	sitemap_news_begin(out);
	for (size_t i = 0; fine && i < page->n; i++) {
		fine = store_item_load(store_of(request), page->rows[i].key.id, arena, &article, err);
		if (fine)
			sitemap_news_add(&site, &article, out);
		arena_reset(arena);
	}
	sitemap_news_end(out);
	arena_free(arena);
	return fine;
}

/* GET /sitemap-news.xml: 200 with what came out in the last two days, counted from the hour. */
bool sitemap_news_get(struct request *request, struct response *response, struct error *err)
{
	const int64_t now = clock_now(), hour = now - now % HOUR;
	struct list_query query;
	struct list_page page;

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
	response->content_type = "application/xml; charset=utf-8";
	surrogate_keys_of_list(request, response, &query);
	return write_news(request, &page, &response->body, err);
}
