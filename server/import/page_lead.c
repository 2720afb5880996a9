/* SPDX-License-Identifier: MIT */
/*
 * What stands at the beginning of an article's part of the page and is a field of its own: the picture, with its caption and credit, the
 * dateline, and a byline that does not read like one.
 *
 * A figure is the lead picture when it stands in front of the first running text and is the picture that the page names to machines, or
 * when the page names none. Figures further down stay in the body. A caption whose picture did not come along (a film, a picture without
 * an address that can be resolved) would read as a paragraph of the article, so it goes.
 *
 * A byline is mostly found among the lines, by its "By" (page_head.c). One without ("Staff and agency") is believed when its element is
 * called so.
 *
 * A dateline is taken from the text only where an element of its own says so and a dash ends it: elsewhere "dateline" is the time.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "page_internal.h"

enum { PIXELS_LIKELY = 20000, DATELINE_WORDS = 6, BYLINE_WORDS = 14, BYLINE_LONGEST = 120 };

struct figure {
	size_t item, caption, credit; /* items; 0: none */
	const GumboNode *picture;
	const char *address;
	bool has_more;                /* a table, a quotation: the caption has something to stand under */
};

static bool class_holds(const struct page_item *item, const char *part)
{
	const char *class = item->node->type == GUMBO_NODE_ELEMENT ? html_attribute(item->node, "class") : NULL;

	return class != NULL && strcasestr(class, part) != NULL;
}

/* The text inside, without that of the item `except` (0: all of it). */
static const char *text_inside(const struct page_tree *tree, size_t item, size_t except, size_t longest, struct arena *arena)
{
	struct page_lines lines = { 0 };
	struct text text = TEXT_EMPTY;
	const struct page_line *line = NULL;

	for (size_t i = item; i < tree->items[item].end; i++) {
		const struct page_item *part = &tree->items[i];

		if (except > 0 && i >= except && i < tree->items[except].end)
			continue;
		if (part->node->type != GUMBO_NODE_ELEMENT)
			text_string(&text, part->node->v.text.text);
		else if (tag_is_block(item_tag(part)) || item_is(part, GUMBO_TAG_BR))
			text_char(&text, ' ');
	}
	if (text.length > 0)
		line = page_lines_add(&lines, text.bytes, text.length, 0, arena);
	text_done(&text);
	return line != NULL && line->length <= longest ? line->text : NULL;
}

static struct figure look_at(const struct page_tree *tree, size_t item, const char *base, struct arena *arena)
{
	struct figure figure = { .item = item };

	for (size_t i = item + 1; i < tree->items[item].end; i++) {
		const struct page_item *part = &tree->items[i];
		GumboTag tag = item_tag(part);

		if (tag == GUMBO_TAG_IMG && figure.address == NULL) {
			figure.picture = part->node;
			figure.address = page_image_address(part->node, base, arena);
		} else if (tag == GUMBO_TAG_FIGCAPTION && figure.caption == 0) {
			figure.caption = i;
		} else if (figure.caption > 0 && figure.credit == 0 && i < tree->items[figure.caption].end && class_holds(part, "credit")) {
			figure.credit = i;
		}
		figure.has_more = figure.has_more || tag == GUMBO_TAG_TABLE || tag == GUMBO_TAG_BLOCKQUOTE || tag == GUMBO_TAG_PRE || tag == GUMBO_TAG_UL ||
		                  tag == GUMBO_TAG_OL || (tag == GUMBO_TAG_P && figure.caption == 0);
	}
	return figure;
}

static int64_t pixels(const char *attribute)
{
	long n = attribute != NULL ? strtol(attribute, NULL, 10) : 0;

	return n > 0 && n <= PIXELS_LIKELY ? n : 0;
}

static void take_picture(const struct page_tree *tree, const struct figure *figure, struct arena *arena, struct image *image)
{
	image->url = figure->address;
	page_set_text(&image->alt, html_attribute(figure->picture, "alt"), PAGE_ALT_LONGEST, arena);
	if (image->caption == NULL && figure->caption > 0)
		image->caption = text_inside(tree, figure->caption, figure->credit, PAGE_CAPTION_LONGEST, arena);
	if (image->credit == NULL && figure->credit > 0)
		image->credit = text_inside(tree, figure->credit, 0, PAGE_CREDIT_LONGEST, arena);
	if (image->width == 0 || image->height == 0) {
		image->width = pixels(html_attribute(figure->picture, "width"));
		image->height = pixels(html_attribute(figure->picture, "height"));
	}
}

/* The item with which the text begins that remained in the body. */
static size_t text_begins(const struct page_tree *tree, size_t root)
{
	for (size_t i = 0; i < tree->lines.n; i++) {
		const struct page_line *line = &tree->lines.items[i];

		if (line->first >= root && line->first < tree->items[root].end && !line->left_out && line->place != PLACE_CAPTION)
			return line->first;
	}
	return root;
}

/* The <article> around the body, which may hold the picture beside it; else the body itself. */
static size_t article_around(const struct page_tree *tree, size_t root)
{
	for (size_t in = root; in != tree->items[in].parent; in = tree->items[in].parent)
		if (item_is(&tree->items[in], GUMBO_TAG_ARTICLE))
			return in;
	return root;
}

static void take_figures(struct page_tree *tree, size_t root, const char *base, struct arena *arena, struct page *page)
{
	size_t around = article_around(tree, root), behind = text_begins(tree, root);
	bool taken = false;

	for (size_t i = around; i < tree->items[root].end; i++) {
		struct figure figure;
		bool is_lead;

		if (!item_is(&tree->items[i], GUMBO_TAG_FIGURE))
			continue;
		figure = look_at(tree, i, base, arena);
		is_lead = !taken && i < behind && figure.address != NULL && !figure.has_more &&
		          (page->image.url != NULL ? strcmp(page->image.url, figure.address) == 0 : !tree->items[i].left_out && strlen(figure.address) <= 2000);
		if (is_lead)
			take_picture(tree, &figure, arena, &page->image);
		if (is_lead || (figure.address == NULL && figure.caption > 0 && !figure.has_more))
			tree->items[i].left_out = true;
		taken = taken || is_lead;
	}
}

/* "VICTORIA —" -> "VICTORIA"; NULL when no dash ends it, or there are digits, as times have. */
static const char *without_dash(const char *text, struct arena *arena)
{
	static const char *const dashes[] = { "—", "–", "-", NULL };
	size_t length = strlen(text);

	if (strpbrk(text, "0123456789") != NULL || text_count_words(text) > DATELINE_WORDS)
		return NULL;
	for (size_t i = 0; dashes[i] != NULL; i++) {
		size_t dash = strlen(dashes[i]);

		if (length <= dash || strcmp(text + length - dash, dashes[i]) != 0)
			continue;
		length -= dash;
		while (length > 0 && text[length - 1] == ' ')
			length--;
		return length > 0 ? arena_copy(arena, text, length) : NULL;
	}
	return NULL;
}

/* Only at the very beginning of the text. */
static void take_dateline(struct page_tree *tree, size_t root, struct arena *arena, struct page *page)
{
	size_t first = text_begins(tree, root);

	for (size_t i = first; i > root; i = tree->items[i].parent) {
		const struct page_item *item = &tree->items[i];
		const char *text, *dateline;

		if (item->node->type == GUMBO_NODE_ELEMENT && tag_is_block(item_tag(item)))
			return;
		if (!class_holds(item, "dateline"))
			continue;
		text = text_inside(tree, i, 0, PAGE_DATELINE_LONGEST, arena);
		dateline = text != NULL ? without_dash(text, arena) : NULL;
		if (dateline == NULL)
			return;
		if (page->dateline == NULL)
			page->dateline = dateline;
		tree->items[i].left_out = true;
		return;
	}
}

static bool is_called_byline(const struct page_item *item)
{
	const char *class = item->node->type == GUMBO_NODE_ELEMENT ? html_attribute(item->node, "class") : NULL;

	return class != NULL && strcasecmp(class, "byline") == 0;
}

/* Not a name alone, which may as well be the source's, and nothing with digits: times are often called so too. */
static void take_byline(const struct page_tree *tree, size_t root, struct arena *arena, struct page *page)
{
	size_t behind = text_begins(tree, root);

	for (size_t i = article_around(tree, root); page->byline == NULL && i < behind; i++) {
		const char *text = is_called_byline(&tree->items[i]) ? text_inside(tree, i, 0, BYLINE_LONGEST, arena) : NULL;
		int64_t words = text != NULL ? text_count_words(text) : 0;

		if (words > 1 && words <= BYLINE_WORDS && strpbrk(text, "0123456789") == NULL)
			page->byline = text;
	}
}

void page_lead_take(struct page_tree *tree, size_t root, const char *base, struct arena *arena, struct page *page)
{
	take_byline(tree, root, arena, page);
	take_figures(tree, root, base, arena, page);
	take_dateline(tree, root, arena, page);
}
