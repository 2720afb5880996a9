/* SPDX-License-Identifier: MIT */
/*
 * A saved page as plain text -> title, source, time, section and paragraphs.
 *
 * Such text is what a browser shows without its layout: menus, teasers and footers stand in lines like the article's own. So every
 * line gets a value, many words of running text much, short scraps less than nothing, and the article is the run of lines with the
 * greatest sum, which bridges a scrap between paragraphs but not a menu. A line such as "MORE National ARTICLES" ends it. In front of
 * the run stands the head (page_head.c); from the run itself scraps that are no text are left out.
 *
 * Lines that are wrapped at a fixed width are joined to paragraphs first.
 */
#include <string.h>

#include "page_internal.h"
#include "printed_time.h"

enum { WRAPPED_LEAST = 50, WRAPPED_MOST = 100, BODY_LEAST = 25 /* words */, ITEM_WORDS = 6 };

/* --- lines --- */

struct span {
	const char *start;
	size_t length;
};

static struct span trim(const char *start, size_t length)
{
	while (length > 0 && (unsigned char)start[length - 1] <= ' ')
		length--;
	while (length > 0 && (unsigned char)*start <= ' ') {
		start++;
		length--;
	}
	return (struct span){ start, length };
}

/* The line from `at`, without white space at its ends. Goes behind it. */
static struct span next_line(const char **at, const char *end)
{
	const char *start = *at, *newline = memchr(start, '\n', (size_t)(end - start));

	*at = newline != NULL ? newline + 1 : end;
	return trim(start, (size_t)((newline != NULL ? newline : end) - start));
}

/* Lines up to the next blank one: wrapped when all but the last are about equally long. */
static bool is_wrapped(const char *at, const char *end, size_t *ret_n)
{
	size_t n = 0, longest = 0, shortest = SIZE_MAX, last = 0;

	while (at < end) {
		struct span line = next_line(&at, end);

		if (line.length == 0)
			break;
		if (n > 0) {
			longest = last > longest ? last : longest;
			shortest = last < shortest ? last : shortest;
		}
		last = line.length;
		n++;
	}
	*ret_n = n;
	return n > 1 && longest <= WRAPPED_MOST && last <= longest && shortest >= WRAPPED_LEAST && longest - shortest <= 25;
}

static void read_lines(const char *bytes, size_t length, struct arena *arena, struct page_lines *ret_lines)
{
	const char *at = bytes, *end = bytes + length;

	while (at < end) {
		const char *start = at;
		size_t n;
		bool wrapped = is_wrapped(at, end, &n);

		for (size_t i = 0; i < n; i++) {
			struct span line = next_line(&at, end);

			if (!wrapped)
				page_lines_add(ret_lines, line.start, line.length, 0, arena);
		}
		if (wrapped)
			page_lines_add(ret_lines, start, (size_t)(at - start), 0, arena);
		if (n == 0)
			next_line(&at, end);
	}
}

/* --- the run --- */

static double value_of(const struct page_line *line, struct arena *arena)
{
	struct printed_time printed;
	const char *section;
	struct error why;

	switch (line_ends_article(line, &section, arena)) {
	case LINE_ENDS:
		return -200;
	case LINE_MAY_END:
		return -60;
	case LINE_NO_END:
		break;
	}
	if (line_is_noise(line))
		return -8;
	if (line->words <= 12 && printed_time_find(line->text, &printed, &why))
		return -25;    /* the head of this article, or of another */
	if (line_is_paragraph(line))
		return (double)line->words;
	if (line->sentence && line->words >= 4)
		return (double)line->words / 2;
	return -6 - (double)line->words / 8;
}

struct run {
	size_t first, behind;
	double value;
};

/* The run of lines with the greatest sum (Kadane). */
static struct run find_run(const struct page_lines *lines, struct arena *arena)
{
	struct run best = { 0 }, run = { 0 };

	for (size_t i = 0; i < lines->n; i++) {
		double value = value_of(&lines->items[i], arena);

		if (run.value <= 0)
			run = (struct run){ .first = i };
		run.value += value;
		run.behind = i + 1;
		if (run.value > best.value)
			best = run;
	}
	return best;
}

/* --- the body --- */

static bool occurs_before(const struct page_lines *lines, size_t first, size_t i)
{
	for (size_t j = first; j < i; j++)
		if (lines->items[j].length == lines->items[i].length && strcmp(lines->items[j].text, lines->items[i].text) == 0)
			return true;
	return false;
}

static bool occurs_elsewhere(const struct page_lines *lines, size_t i)
{
	for (size_t j = 0; j < lines->n; j++)
		if (j != i && lines->items[j].length == lines->items[i].length && strcmp(lines->items[j].text, lines->items[i].text) == 0)
			return true;
	return false;
}

/* A scrap inside the run: noise, part of the head, what was said before, or a few words without a sentence among others of their
 * kind. */
static bool is_scrap(const struct page_lines *lines, const struct run *run, size_t i, const struct page *page)
{
	const struct page_line *line = &lines->items[i];
	bool before, behind;

	if (line_is_noise(line) || (page->title != NULL && line_same_text(line->text, page->title)))
		return true;
	if (occurs_before(lines, run->first, i))
		return true;
	if (line_is_paragraph(line) || line->sentence || line->words >= ITEM_WORDS)
		return false;
	if (occurs_elsewhere(lines, i))
		return true;
	before = i > run->first && !line_is_paragraph(line - 1) && !line[-1].sentence;
	behind = i + 1 < run->behind && !line_is_paragraph(line + 1) && !line[1].sentence;
	return before || behind;
}

static const char *join_body(const struct page_lines *lines, const struct run *run, const struct page *page, struct arena *arena)
{
	struct text body = TEXT_EMPTY;
	size_t words = 0;
	const char *joined;

	for (size_t i = run->first; i < run->behind; i++) {
		const struct page_line *line = &lines->items[i];

		if (is_scrap(lines, run, i, page))
			continue;
		if (body.length > 0)
			text_string(&body, "\n\n");
		text_append(&body, line->text, line->length);
		words += line->words;
	}
	joined = words >= BODY_LEAST ? arena_copy(arena, body.bytes, body.length) : NULL;
	text_done(&body);
	return joined;
}

/* --- the title --- */

/* Pages saved with their <title> have it first, "Title | Name of the site", and the title itself further down. */
static const char *title_by_first_line(const struct page_lines *lines)
{
	const struct page_line *first = &lines->items[0], *best = NULL;

	for (size_t i = 1; i < lines->n; i++) {
		const struct page_line *line = &lines->items[i];

		if (line->words >= 3 && line->length <= first->length && strncasecmp(first->text, line->text, line->length) == 0 &&
		    (best == NULL || line->length > best->length))
			best = line;
	}
	return best != NULL ? best->text : NULL;
}

void page_read_text(const char *bytes, size_t length, struct arena *arena, struct page *ret_page)
{
	struct page_lines lines = { 0 };
	struct page_head head;
	struct run run;

	*ret_page = (struct page){ .published_at = TIME_NONE };
	read_lines(bytes, length, arena, &lines);
	if (lines.n == 0)
		return;
	run = find_run(&lines, arena);
	if (run.behind == 0)
		return;
	ret_page->title = title_by_first_line(&lines);
	page_head_find(&lines, run.first, arena, ret_page, &head);
	if (head.date >= (long)run.first && head.date < (long)run.first + 4)
		run.first = (size_t)head.date + 1;
	if (head.byline >= (long)run.first && head.byline < (long)run.first + 4)
		run.first = (size_t)head.byline + 1;
	ret_page->body = join_body(&lines, &run, ret_page, arena);
}
