/* SPDX-License-Identifier: MIT */
/*
 * What the files of the website share. A page is one Jansson object, "the root", that the template page.html is
 * filled from:
 *
 *	site      name, versions of the style sheet and the script
 *	nav       its sections, for the bar under the masthead; absent when there are none
 *	page      what stands in <head>: title, description, canonical, Open Graph, JSON-LD
 *	front | listing | article | search | problem | meaning    the content; the one that is there decides how the page looks
 *
 * Members of the content have the names they have in the API, and a few more ("href", "when") that story_prepare()
 * and its kin add.
 */
#ifndef BROADSHEET_SITE_INTERNAL_H
#define BROADSHEET_SITE_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "site.h"
#include "template.h"

struct site {
	char *name;
	const struct static_files *files;
	struct template_set *templates;
	const struct template *page;
};

/* --- page.c: the frame --- */

/* The document that the API gives for `target`. The caller owns it. */
bool page_read(struct request *request, const char *target, json_t **ret_document, struct error *err);

/* A root with `site` and `nav`, in which the section `slug` (or NULL) is marked as the current one. The caller
 * owns it. */
bool page_new(struct request *request, const char *section_slug, json_t **ret_root, struct error *err);

/* The version of a static file, for its address in a page; "0" when there is none. */
const char *site_file_version(const struct site *site, const char *file);

/* Fills the response with the page that `root` describes. */
bool page_send(const struct request *request, struct response *response, const json_t *root, struct error *err);

/* --- page_data.c: documents of the API made ready for templates, in place --- */

/* A list item: addresses of everything in it, the time in words, a picture only if a page may show it. */
void story_prepare(json_t *story, const char *base_url);
void stories_prepare(json_t *stories, const char *base_url);
/* A whole article: further its byline in parts, a standfirst that does not repeat the text, corrections in words,
 * the dateline in front of the text, related stories. */
void article_prepare(json_t *article, const char *base_url);

/* Time as pages print it, in the site's zone, in the arena: "31 Dec, 2015 12:20 PM", or without the hour. NULL
 * when `time` (RFC 3339) is none. */
const char *page_time(struct arena *arena, const char *time);
const char *page_day(struct arena *arena, const char *time);

/* The value of `cursor` in the address `link`, still percent-encoded, in the arena; NULL when it has none. */
const char *link_cursor(struct arena *arena, const char *link);

/* --- page_head.c --- */

/* Fill root.page. `path` is the page's own address on this site. */
void head_set(
    json_t *root, const struct request *request, const char *title, const char *description, const char *path);
/* The same for an article that has been through article_prepare(): Open Graph, and what json_ld says of it. */
void head_set_article(json_t *root, const struct request *request, const json_t *article, json_t *json_ld);
/* Feeds for a page that has been through head_set(), behind those that it has: under a path of the site, perhaps with a query ("" or "?…"). title: NULL: the
 * site's name. */
void head_add_feeds(json_t *root, const char *path, const char *query, const char *title);

/* --- small things --- */

/* A string member of an object, or NULL. */
static inline const char *member_text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

#endif
