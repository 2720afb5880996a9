/* SPDX-License-Identifier: MIT */
/*
 * Saved pages: whatever comes in as HTML or as text, what is found can be made into a safe body, and a time is found only where one
 * can be told.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "html_check.h"
#include "import/page_internal.h"
#include "import/printed_time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds, const char *what, const char *text)
{
	if (holds)
		return;
	fprintf(stderr, "%s: %s\n", what, text);
	abort();
}

static void check_string(const char *string)
{
	if (string != NULL)
		expect(text_is_utf8(string, strlen(string)), "not UTF-8", string);
}

static void check_strings(const struct page *page)
{
	const char *const strings[] = { page->title, page->source, page->section, page->byline, page->summary, page->lang, page->url, page->dateline,
		page->image.url, page->image.alt, page->image.caption, page->image.credit, page->site, page->body };

	for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
		check_string(strings[i]);
	for (size_t i = 0; i < page->authors.n; i++)
		check_string(page->authors.items[i]);
	for (size_t i = 0; i < page->tags.n; i++)
		check_string(page->tags.items[i]);
	if (page->title != NULL)
		expect(page->title[0] != '\0', "empty title", page->title);
}

static void check_body(const struct page *page, struct arena *arena)
{
	char offence[200] = "";
	const char *html;

	if (page->body == NULL)
		return;
	html = page->body_is_html ? html_sanitise(page->body, strlen(page->body), arena) : html_from_text(page->body, arena);
	expect(html_check(html, offence, sizeof offence), offence, html);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *text = arena_copy(arena, (const char *)data, size);
	struct printed_time printed;
	struct page page;
	struct error err;

	page_read_html((const char *)data, size, arena, &page);
	check_strings(&page);
	check_body(&page, arena);
	if (text_is_utf8(text, size)) {    /* as recognising a text page makes sure */
		page_read_text((const char *)data, size, arena, &page);
		check_strings(&page);
		check_body(&page, arena);
	}
	if (printed_time_find(text, &printed, &err))
		expect(printed.start < printed.end && printed.end <= strlen(text), "place of the time", text);
	arena_free(arena);
	return 0;
}
