/* SPDX-License-Identifier: MIT */
/*
 * What stands in a page's <head> for machines: title, description, canonical address, Open Graph (ogp.me) and, for
 * an article, a schema.org NewsArticle as JSON-LD. Addresses here are absolute, made from --base-url; everywhere
 * else pages use paths.
 *
 * JSON-LD is what /v1/articles/{ref}.jsonld answers, freed of "<", ">" and "&", which JSON lets one write as \u003c and so on:
 * HTML looks for "</script" and "<!--" in the raw text of the element before any JSON is read, so no text of an
 * article can end it.
 */
#include "site_internal.h"

#include <stdlib.h>
#include <string.h>

#include "article.h"

static json_t *absolute(const struct request *request, const char *address)
{
	if (address == NULL)
		return NULL;
	return address[0] == '/' ? json_sprintf("%s%s", request->service->base_url, address) : json_string(address);
}

/* Adds a member unless there is nothing to add. Takes `value`. */
static void put(json_t *object, const char *name, json_t *value)
{
	if (value != NULL)
		json_object_set_new(object, name, value);
}

/* A copy of member `from` of `other`, under another name. */
static void put_member(json_t *object, const char *name, const json_t *other, const char *from)
{
	put(object, name, json_incref(json_object_get(other, from)));
}

static json_t *script_text(const json_t *data)
{
	char *json = json_dumps(data, JSON_COMPACT);
	struct text text = TEXT_EMPTY;
	json_t *result;

	for (const char *c = json == NULL ? "" : json; *c != '\0'; c++) {
		if (*c == '<' || *c == '>' || *c == '&')
			text_printf(&text, "\\u%04x", (unsigned)*c);
		else
			text_char(&text, *c);
	}
	result = text.length == 0 ? NULL : json_stringn(text.bytes, text.length);
	text_done(&text);
	free(json);
	return result;
}

static const char *site_name(const json_t *root)
{
	return member_text(json_object_get(root, "site"), "name");
}

void head_set(json_t *root, const struct request *request, const char *title, const char *description, const char *path)
{
	json_t *page = json_object();

	put(page, "title",
	    title == NULL ? json_string(site_name(root)) : json_sprintf("%s — %s", title, site_name(root)));
	put(page, "headline", json_string(title == NULL ? site_name(root) : title));
	put(page, "type", json_string("website"));
	put(page, "canonical", absolute(request, path));
	if (description != NULL)
		put(page, "description", json_string(description));
	json_object_set_new(root, "page", page);
}

/* Names alone. */
static json_t *tag_names(const json_t *article)
{
	json_t *names = json_array(), *tag;
	size_t i;

	json_array_foreach(json_object_get(article, "tags"), i, tag)
		json_array_append(names, json_object_get(tag, "name"));
	return names;
}

void head_add_feeds(json_t *root, const char *path, const char *query, const char *title)
{
	static const struct {
		const char *ending, *type, *name;
	} feeds[] = {
		{ "feed.atom", "application/atom+xml", "Atom" },
		{ "feed.rss", "application/rss+xml", "RSS" },
		{ "feed.json", "application/feed+json", "JSON Feed" },
	};
	json_t *page = json_object_get(root, "page"), *list = json_object_get(page, "feeds");

	if (list == NULL) {
		list = json_array();
		json_object_set_new(page, "feeds", list);
	}
	for (size_t i = 0; i < sizeof feeds / sizeof *feeds; i++)
		json_array_append_new(list, json_pack("{s:o, s:s, s:o}", "href", json_sprintf("%s%s%s%s", path, path[1] != '\0' ? "/" : "", feeds[i].ending, query), "type",
		    feeds[i].type, "title", json_sprintf("%s (%s)", title != NULL ? title : site_name(root), feeds[i].name)));
}

/* The site's, and those of its section. */
static void add_article_feeds(json_t *root, const json_t *article)
{
	const json_t *section = json_object_get(article, "section");
	const char *slug = member_text(section, "slug");
	json_t *path;

	head_add_feeds(root, "/", "", NULL);
	if (slug == NULL)
		return;
	path = json_sprintf("/section/%s", slug);
	head_add_feeds(root, json_string_value(path), "", member_text(section, "name"));
	json_decref(path);
}

void head_set_article(json_t *root, const struct request *request, const json_t *article, json_t *json_ld)
{
	json_t *image = json_object_get(article, "image");
	const char *canonical = member_text(article, "canonical_url");
	json_t *page;

	if (canonical == NULL || article_url_scheme(canonical) == 0)
		canonical = member_text(article, "href");
	head_set(root, request, member_text(article, "title"), member_text(article, "summary"), canonical);
	page = json_object_get(root, "page");

	put(page, "type", json_string("article"));
	put_member(page, "published_at", article, "published_at");
	put_member(page, "modified_at", article, "updated_at");
	put_member(page, "section", json_object_get(article, "section"), "name");
	put(page, "tags", tag_names(article));
	if (image != NULL) {
		json_t *copy = json_copy(image);

		put(copy, "url", absolute(request, member_text(image, "src")));
		put(page, "image", copy);
	}
	put(page, "json_ld", script_text(json_ld));
	add_article_feeds(root, article);
}
