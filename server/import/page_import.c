/* SPDX-License-Identifier: MIT */
/*
 * A saved page -> one article.
 *
 * What the page's readers found is put into an article of our own shape, as JSON, and goes through article_decode() like everyone's:
 * there the body is sanitised and the limits of fields hold. A page must give a title, a time, a source, a section and a body; what
 * is missing and was not said on the command line is named, all at once, and nothing is made up: a page without a time that can be
 * read is refused, not dated today.
 */
#include <string.h>
#include <strings.h>

#include "import_internal.h"
#include "page_internal.h"

enum { PAGE_MOST = 8 << 20, SNIFFED = 8192 };

/* --- recognising --- */

static bool holds(const char *bytes, size_t length, const char *part)
{
	size_t n = strlen(part);

	for (size_t i = 0; i + n <= length; i++)
		if (bytes[i] == part[0] && strncasecmp(bytes + i, part, n) == 0)
			return true;
	return false;
}

/* Pages in old encodings are not UTF-8, so only what no text has is held against them. */
bool html_page_recognises(const char *bytes, size_t length)
{
	static const char *const signs[] = { "<!doctype html", "<html", "<head", "<body", "<article", "<div", "<p>", "<p ", "<h1", NULL };

	length = length < SNIFFED ? length : SNIFFED;
	if (import_first_byte(bytes, length) != '<' || memchr(bytes, '\0', length) != NULL)
		return false;
	for (size_t i = 0; signs[i] != NULL; i++)
		if (holds(bytes, length, signs[i]))
			return !holds(bytes, length < 1000 ? length : 1000, "<rss") && !holds(bytes, length < 1000 ? length : 1000, "<feed");
	return false;
}

bool text_page_recognises(const char *bytes, size_t length)
{
	return import_first_byte(bytes, length) != '<' && import_is_text(bytes, length);
}

/* --- the article --- */

static bool name_missing(const struct page *page, struct error *err)
{
	struct text missing = TEXT_EMPTY;

	if (page->title == NULL)
		text_string(&missing, ", a title");
	if (page->published_at == TIME_NONE)
		text_string(&missing, ", a time of publication");
	if (page->body == NULL)
		text_string(&missing, ", paragraphs of running text");
	if (page->source == NULL)
		text_string(&missing, ", a source (give --source)");
	if (page->section == NULL)
		text_string(&missing, ", a section (give --section)");
	if (missing.length == 0)
		return true;
	error_set(err, ERROR_INVALID, "no article's page: it lacks %s%s%s", missing.bytes + 2,
	    page->published_at == TIME_NONE && page->time_trouble != NULL ? "; " : "",
	    page->published_at == TIME_NONE && page->time_trouble != NULL ? page->time_trouble : "");
	text_done(&missing);
	return false;
}

static void set(json_t *article, const char *field, const char *value)
{
	if (value != NULL)
		json_object_set_new(article, field, json_string(value));
}

static void set_list(json_t *article, const char *field, const struct string_list *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(array, json_string(list->items[i]));
	json_object_set_new(article, field, array);
}

static void set_image(json_t *article, const struct image *found)
{
	json_t *image;

	if (found->url == NULL)
		return;
	image = json_pack("{s:s}", "url", found->url);
	set(image, "alt", found->alt);
	set(image, "caption", found->caption);
	set(image, "credit", found->credit);
	if (found->width > 0 && found->height > 0) {
		json_object_set_new(image, "width", json_integer(found->width));
		json_object_set_new(image, "height", json_integer(found->height));
	}
	json_object_set_new(article, "image", image);
}

static json_t *to_json(const struct page *page)
{
	json_t *article = json_object();
	char time[CLOCK_RFC3339_SIZE];

	set(article, "title", page->title);
	set(article, "source", page->source);
	set(article, "section", page->section);
	set(article, "byline", page->byline);
	set(article, "summary", page->summary);
	set(article, "lang", page->lang);
	set(article, "source_url", page->url);
	set(article, "guid", page->url != NULL && strlen(page->url) <= 500 ? page->url : NULL);
	set(article, "published_at", clock_rfc3339(page->published_at, time));
	set(article, page->body_is_html ? "body_html" : "body_text", page->body);
	set(article, "dateline", page->dateline);
	set_list(article, "authors", &page->authors);
	set_list(article, "tags", &page->tags);
	set_image(article, &page->image);
	return article;
}

typedef void page_reader(const char *bytes, size_t length, struct arena *arena, struct page *ret_page);

static bool import_page(page_reader *reader, const char *bytes, size_t length, const struct import_defaults *defaults,
    const struct import_sink *sink, struct arena *arena, struct error *err)
{
	struct article article;
	struct page page;
	json_t *json;
	bool fine;

	reader(bytes, length, arena, &page);
	if (page.source == NULL)
		page.source = defaults->source != NULL ? defaults->source : page.site;
	if (page.section == NULL)
		page.section = defaults->section;
	else if (page.section_is_weak && defaults->section != NULL)
		page.section = defaults->section;
	if (!name_missing(&page, err))
		return false;
	json = to_json(&page);
	fine = article_decode(json, DECODE_IMPORT, arena, &article, err);
	json_decref(json);
	if (fine && article.body_html == NULL)
		fine = error_set(err, ERROR_INVALID, "no article's page: it lacks paragraphs of running text");
	return fine && sink->article(sink->arg, 1, &article, arena);
}

static bool read_page(page_reader *reader, struct import_input *input, const struct import_defaults *defaults,
    const struct import_sink *sink, struct error *err)
{
	struct arena *arena;
	const char *bytes;
	size_t length, mark;
	bool fine;

	error_clear(err);
	if (!import_input_all(input, PAGE_MOST, &bytes, &length, err))
		return false;
	mark = import_mark_length(bytes, length);
	arena = arena_new();
	fine = import_page(reader, bytes + mark, length - mark, defaults, sink, arena, err);
	arena_free(arena);
	return fine;
}

bool html_page_read(struct import_input *input, const struct import_defaults *defaults, const struct import_sink *sink, struct error *err)
{
	return read_page(page_read_html, input, defaults, sink, err);
}

bool text_page_read(struct import_input *input, const struct import_defaults *defaults, const struct import_sink *sink, struct error *err)
{
	return read_page(page_read_text, input, defaults, sink, err);
}
