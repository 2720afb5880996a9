/* SPDX-License-Identifier: MIT */
/* JSON Feed 1.1 (jsonfeed.org). Composed by Jansson, once: what is made of it is kept. */
#include "feed_internal.h"

#include <stdlib.h>

static json_t *person(const struct feed_site *site, const char *kind, const struct term *term)
{
	json_t *object = json_object();

	json_put_string(object, "name", term->name);
	json_put_take(object, "url", feed_term_page(site, kind, term));
	return object;
}

static json_t *authors_of(const struct feed_site *site, const struct article *article)
{
	json_t *list = json_array();
	const struct term *authors;
	const char *kind;
	size_t n;

	authors = feed_authors(article, &n, &kind);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, person(site, kind, &authors[i]));
	return list;
}

/* Names of the section and the tags. */
static json_t *tags_of(const struct article *article)
{
	json_t *list = json_array();

	if (article->section.name != NULL)
		json_array_append_new(list, json_string(article->section.name));
	for (size_t i = 0; i < article->tags.n; i++)
		json_array_append_new(list, json_string(article->tags.items[i].name));
	return list;
}

static json_t *item_of(const struct feed_site *site, const struct article *article)
{
	json_t *item = json_object();

	json_put_take(item, "id", feed_name(site, article->id));
	json_put_take(item, "url", feed_page(site, article));
	json_put_take(item, "external_url", feed_address(site, article->source_url));
	json_put_string(item, "title", article->title);
	json_put_string(item, "content_html", article->body_html != NULL ? article->body_html : "");    /* one of its two contents is required */
	json_put_string(item, "summary", article->summary);
	json_put_take(item, "image", feed_address(site, article->image.url));
	json_put_time(item, "date_published", article->published_at);
	json_put_time(item, "date_modified", article->updated_at);
	json_put(item, "authors", authors_of(site, article));
	json_put(item, "tags", tags_of(article));
	json_put_string(item, "language", article->lang);
	return item;
}

void json_feed_write(const struct feed *feed, struct text *out)
{
	json_t *root = json_object(), *items = json_array();
	char *bytes;

	json_put_string(root, "version", "https://jsonfeed.org/version/1.1");
	json_put_string(root, "title", feed->title);
	json_put_take(root, "home_page_url", feed_address(feed->site, feed->page));
	json_put_take(root, "feed_url", feed_address(feed->site, feed->self));
	json_put_take(root, "next_url", feed_address(feed->site, feed->next));
	if (feed->site->hub != NULL)
		json_put(root, "hubs", json_pack("[{s:s, s:s}]", "type", "WebSub", "url", feed->site->hub));
	for (size_t i = 0; i < feed->n; i++)
		json_array_append_new(items, item_of(feed->site, &feed->articles[i]));
	json_put(root, "items", items);
	bytes = json_dumps(root, JSON_COMPACT);
	text_string(out, bytes != NULL ? bytes : "");
	text_char(out, '\n');
	free(bytes);
	json_decref(root);
}
