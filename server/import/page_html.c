/* SPDX-License-Identifier: MIT */
/*
 * A saved page as HTML -> title, source, time, section and body.
 *
 * The page says much about itself to machines (page_metadata.c); what it does not say is read from its lines as a person would
 * (page_head.c). The body is the part of the tree with the most running text (page_body.c).
 *
 * A news item may be a few short sentences, which are no more than what menus and forms have. They are taken for an article only when the
 * page says that it is one: to machines, by an element, or with a title above a line of source and time.
 *
 * Bytes that are not UTF-8 are converted from the encoding that the page names, or else windows-1252, as browsers do.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unicode/ucnv.h>

#include "page_internal.h"

enum { CHARSET_LOOKED_FOR = 4096, BODY_LEAST = 25, BRIEF_LEAST = 6 /* words */ };

/* The encoding named in <meta charset=…> or <meta … content="text/html; charset=…">. */
static void find_charset(const char *bytes, size_t length, char ret_name[40])
{
	const char *end = bytes + (length < CHARSET_LOOKED_FOR ? length : CHARSET_LOOKED_FOR);
	size_t n = 0;

	for (const char *at = bytes; end - at > 9; at++) {
		if (strncasecmp(at, "charset=", 8) != 0)
			continue;
		at += 8;
		while (at < end && (*at == '"' || *at == '\'' || *at == ' '))
			at++;
		while (at < end && n < 39 && (strchr("-_:.", *at) != NULL || (*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'z') ||
		                                 (*at >= 'A' && *at <= 'Z')) && *at != '\0')
			ret_name[n++] = *at++;
		break;
	}
	ret_name[n] = '\0';
}

/* NULL when ICU does not know the encoding. Browsers read "iso-8859-1" as windows-1252, which holds it. */
static char *convert(const char *bytes, size_t length, const char *charset, size_t *ret_length, struct arena *arena)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t needed;
	char *converted;

	if (charset[0] == '\0' || strcasecmp(charset, "iso-8859-1") == 0 || strcasecmp(charset, "us-ascii") == 0 || strncasecmp(charset, "utf", 3) == 0)
		charset = "windows-1252";
	needed = ucnv_convert("UTF-8", charset, NULL, 0, bytes, (int32_t)length, &status);
	if (status != U_BUFFER_OVERFLOW_ERROR)
		return NULL;
	status = U_ZERO_ERROR;
	converted = arena_alloc(arena, (size_t)needed + 1);
	ucnv_convert("UTF-8", charset, converted, needed + 1, bytes, (int32_t)length, &status);
	if (U_FAILURE(status))
		return NULL;
	*ret_length = (size_t)needed;
	return converted;
}

/* Mostly UTF-8 with a few broken bytes stays so: they become U+FFFD. */
static bool is_mostly_utf8(const char *bytes, size_t length)
{
	size_t good = 0, bad = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)bytes[i], next = i + 1 < length ? (unsigned char)bytes[i + 1] : 0;

		if (c >= 0xC2 && c <= 0xF4 && (next & 0xC0) == 0x80)
			good++;
		else if (c >= 0xC0 || (c >= 0x80 && (i == 0 || (unsigned char)bytes[i - 1] < 0x80)))
			bad++;
	}
	return good > bad * 4;
}

static const char *to_utf8(const char *bytes, size_t length, size_t *ret_length, struct arena *arena)
{
	char charset[40], *converted;

	*ret_length = length;
	if (text_is_utf8(bytes, length) || is_mostly_utf8(bytes, length))
		return bytes;
	find_charset(bytes, length, charset);
	converted = convert(bytes, length, charset, ret_length, arena);
	if (converted == NULL)
		converted = convert(bytes, length, "windows-1252", ret_length, arena);
	return converted != NULL ? converted : bytes;
}

/* The first line of running text inside the article. */
static size_t first_paragraph(const struct page_tree *tree, size_t root)
{
	for (size_t i = 0; i < tree->lines.n; i++) {
		const struct page_line *line = &tree->lines.items[i];

		if (line->first >= root && line->first < tree->items[root].end && !line->left_out && page_line_runs(tree, line))
			return i;
	}
	return tree->lines.n;
}

/* When no metadata and no heading says the title: the line above the body that <title> repeats, else (in page_head_find) the line
 * above the printed time, else <title> itself. */
static const char *printed_title(const struct page_tree *tree, size_t first, const struct page *page)
{
	for (size_t i = first; page->document_title != NULL && i-- > 0;) {
		const struct page_line *line = &tree->lines.items[i];

		if (line->words >= 3 && strncasecmp(page->document_title, line->text, line->length) == 0)
			return line->text;
	}
	return NULL;
}

static void find_head(struct page_tree *tree, size_t root, struct arena *arena, struct page *page, struct page_head *ret_head)
{
	size_t first = first_paragraph(tree, root);

	if (page->title == NULL)
		page->title = printed_title(tree, first, page);
	page_head_find(&tree->lines, first, arena, page, ret_head);
}

/* Where the article is, and its head. One paragraph alone may be the longest of a brief page. */
static size_t find_article(struct page_tree *tree, struct arena *arena, struct page *page, struct page_head *ret_head)
{
	size_t root = page_body_find(tree), brief_root;
	bool is_named;

	if (tree->items[root].words < BODY_LEAST || item_is(&tree->items[root], GUMBO_TAG_P)) {
		struct page said = *page;

		brief_root = page_body_find_brief(tree, &is_named);
		find_head(tree, brief_root, arena, page, ret_head);
		if (is_named || page->is_article || (page->title != NULL && ret_head->date != NO_LINE && page->source != NULL))
			return brief_root;
		*page = said;
		root = page_body_find(tree);
	}
	find_head(tree, root, arena, page, ret_head);
	return root;
}

void page_read_html(const char *bytes, size_t length, struct arena *arena, struct page *ret_page)
{
	struct page_tree tree;
	struct page_head head;
	const char *base;
	size_t root;

	bytes = to_utf8(bytes, length, &length, arena);
	page_tree_init(&tree, bytes, length, arena);
	page_metadata(&tree, arena, ret_page, &base);
	root = find_article(&tree, arena, ret_page, &head);
	if (ret_page->title == NULL || (head.date == NO_LINE && head.title != NO_LINE && tree.lines.items[head.title].place != PLACE_TITLE &&
	                                   ret_page->title == tree.lines.items[head.title].text && ret_page->document_title != NULL))
		ret_page->title = ret_page->document_title;
	if (tree.items[root].words >= (tree.brief ? BRIEF_LEAST : BODY_LEAST)) {
		page_body_prune(&tree, root, &head, ret_page, arena);
		page_lead_take(&tree, root, base, arena, ret_page);
		ret_page->body = page_body_html(&tree, root, base, arena);
		ret_page->body_is_html = true;
	}
	page_tree_done(&tree);
}
