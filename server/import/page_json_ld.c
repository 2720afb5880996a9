/* SPDX-License-Identifier: MIT */
/*
 * What a page says about itself in JSON-LD: schema.org's Article and its kin.
 *
 * The first article found is the page's; what else stands there (breadcrumbs, teasers, the website) is passed over. Where an article
 * came from is its sourceOrganization: the publisher of a page may only be the website that shows it.
 *
 * Broken JSON is common: line ends inside strings are blanked, otherwise it is passed over in silence, for there are other places
 * to look.
 */
#include <string.h>

#include "page_internal.h"

enum { JSON_DEPTH = 6, PIXELS_LIKELY = 20000 };

static const char *member_text(json_t *object, const char *name)
{
	json_t *value = json_object_get(object, name);

	if (json_is_array(value))
		value = json_array_get(value, 0);
	if (json_is_object(value))
		value = json_object_get(value, strcmp(name, "image") == 0 ? "url" : "name");
	return json_string_value(value);
}

static bool is_article_type(json_t *type)
{
	size_t i;
	json_t *one;
	const char *name;

	if (json_is_array(type)) {
		json_array_foreach(type, i, one)
			if (is_article_type(one))
				return true;
		return false;
	}
	name = json_string_value(type);
	return name != NULL && (strstr(name, "Article") != NULL || strstr(name, "BlogPosting") != NULL || strcmp(name, "Report") == 0);
}

static void read_ld_authors(json_t *author, struct page *page, struct arena *arena)
{
	size_t i;
	json_t *one;

	if (json_is_array(author)) {
		json_array_foreach(author, i, one)
			if (!json_is_array(one))
				read_ld_authors(one, page, arena);
	} else if (json_is_object(author)) {
		const char *type = json_string_value(json_object_get(author, "@type"));

		if (type == NULL || strcmp(type, "Person") == 0)
			page_add_author(page, json_string_value(json_object_get(author, "name")), arena);
	} else {
		page_add_author(page, json_string_value(author), arena);
	}
}

/* A list of words, or one text with commas; what looks like a machine's mark ("type:article", an address) is none for readers. */
static void read_ld_tags(json_t *keywords, struct page *page, struct arena *arena)
{
	size_t i;
	json_t *one;

	json_array_foreach(keywords, i, one)
		page_add_tag(page, json_string_value(one), arena);
	for (const char *at = json_string_value(keywords); at != NULL; at = at[0] == ',' ? at + 1 : NULL) {
		size_t length = strcspn(at, ",");

		page_add_tag(page, arena_copy(arena, at, length), arena);
		at += length;
	}
}

static int64_t pixels(json_t *value)
{
	json_int_t n = json_integer_value(value);

	return n > 0 && n <= PIXELS_LIKELY ? n : 0;
}

static void read_ld_image(json_t *object, struct page *page, struct arena *arena)
{
	json_t *image = json_object_get(object, "image");

	if (page->image.url != NULL)
		return;
	page->image.url = arena_string(arena, member_text(object, "image"));
	if (json_is_array(image))
		image = json_array_get(image, 0);
	page_set_text(&page->image.caption, member_text(image, "caption"), PAGE_CAPTION_LONGEST, arena);
	page_set_text(&page->image.credit, member_text(image, "creditText"), PAGE_CREDIT_LONGEST, arena);
	page->image.width = pixels(json_object_get(image, "width"));
	page->image.height = pixels(json_object_get(image, "height"));
}

static void read_ld_article(json_t *object, struct page *page, struct arena *arena)
{
	page->is_article = true;
	page_set_text(&page->title, member_text(object, "headline"), 500, arena);
	page_set_text(&page->summary, member_text(object, "description"), PAGE_TEXT_LONGEST, arena);
	page_set_text(&page->source, member_text(object, "sourceOrganization"), 200, arena);
	page_set_text(&page->source, member_text(object, "publisher"), 200, arena);
	page_set_text(&page->section, member_text(object, "articleSection"), PAGE_SECTION_LONGEST, arena);
	page_set_text(&page->lang, member_text(object, "inLanguage"), 35, arena);
	page_set_time(page, member_text(object, "datePublished"), arena);
	page_set_text(&page->dateline, member_text(object, "dateline"), PAGE_DATELINE_LONGEST, arena);
	read_ld_image(object, page, arena);
	read_ld_tags(json_object_get(object, "keywords"), page, arena);
	read_ld_authors(json_object_get(object, "author"), page, arena);
}

/* The first article wins; what else a page lists (breadcrumbs, teasers) is passed over. */
static bool read_ld(json_t *value, int depth, struct page *page, struct arena *arena)
{
	size_t i;
	json_t *one;

	if (depth > JSON_DEPTH)
		return false;
	if (json_is_array(value)) {
		json_array_foreach(value, i, one)
			if (read_ld(one, depth + 1, page, arena))
				return true;
		return false;
	}
	if (is_article_type(json_object_get(value, "@type"))) {
		read_ld_article(value, page, arena);
		return page->title != NULL;
	}
	return read_ld(json_object_get(value, "@graph"), depth + 1, page, arena) ||
	       read_ld(json_object_get(value, "mainEntity"), depth + 1, page, arena);
}

void page_read_json_ld(const char *text, struct page *page, struct arena *arena)
{
	char *copy = arena_string(arena, text);
	json_t *value = NULL;
	struct error why;

	for (char *c = copy; *c != '\0'; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
	if (!json_parse(copy, strlen(copy), &value, &why))
		return;
	read_ld(value, 0, page, arena);
	json_decref(value);
}
