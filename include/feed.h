/* SPDX-License-Identifier: MIT */
/*
 * Articles in the shapes that others read: RSS, Atom, JSON Feed, sitemaps, ninjs, JSON-LD.
 *
 * Nothing here reads a store or knows of requests: what to write comes in as plain data, and bytes, or a JSON value, come out. The same data
 * gives the same bytes. All addresses are absolute; they begin with the site's base_url.
 *
 * The name of an article, in all of them, is "<base_url>/article/<id>": it never changes, whatever becomes of the slug, and who follows it is led
 * to the article. (A tag: URI would be as constant, but leads nowhere, and the article's canonical address may change.)
 */
#ifndef BROADSHEET_FEED_H
#define BROADSHEET_FEED_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "article.h"
#include "text.h"

struct feed_site {
	const char *base_url;         /* no slash at the end */
	const char *name;
	const char *hub;              /* of WebSub; NULL: none, or none that is told of this feed */
};

/* An article that readers had and have no more. */
struct feed_removal {
	int64_t id, at;
};

/* One page of a feed. Addresses are paths on the site, with their query. */
struct feed {
	const struct feed_site *site;
	const char *title;
	const char *page;             /* what people read instead */
	const char *first, *self, *next;    /* next: older articles; NULL: there are none */
	const struct article *articles;     /* the newest first */
	size_t n;
	const struct feed_removal *removals;
	size_t n_removals;
};

typedef void feed_writer(const struct feed *feed, struct text *out);

feed_writer rss_feed_write;           /* RSS 2.0, with content:encoded, dc:creator, media:content, atom:link */
feed_writer atom_feed_write;          /* RFC 4287, with RFC 5005 pages and RFC 6721 removals */
feed_writer json_feed_write;          /* JSON Feed 1.1 */

/* --- sitemaps (sitemaps.org 0.9) --- */

/* Pages are called /sitemap/<page>.xml, from 0. */
enum { SITEMAP_NEWS_MOST = 1000 };

struct sitemap_index_row {
	int64_t page, updated_at;     /* TIME_NONE: not said */
};

void sitemap_index_write(const struct feed_site *site, const struct sitemap_index_row *rows, size_t n, struct text *out);
/* Begin, any number of articles, end. */
void sitemap_begin(struct text *out);
void sitemap_add(const struct feed_site *site, const char *slug, int64_t updated_at, struct text *out);
void sitemap_end(struct text *out);
/* Of recent articles alone, with their titles, for search engines of news. */
void sitemap_news_begin(struct text *out);
void sitemap_news_add(const struct feed_site *site, const struct article *article, struct text *out);    /* by slug, lang, published_at, title */
void sitemap_news_end(struct text *out);

/* --- ninjs and JSON-LD; the caller owns the results --- */

enum ninjs_version { NINJS_3_1, NINJS_2_2 };

/* server/feed/ninjs.c has the table of what goes where. */
json_t *ninjs_article(const struct feed_site *site, const struct article *article, enum ninjs_version version);
struct ninjs_page {
	const char *self, *next, *prev;    /* paths on the site; NULL: there is none */
};
/* A page of a listing, as one composite item. */
json_t *ninjs_list(const struct feed_site *site, const struct ninjs_page *page, const struct article *articles, size_t n, enum ninjs_version version);

/* A schema.org NewsArticle. */
json_t *json_ld_article(const struct feed_site *site, const struct article *article);

#endif
