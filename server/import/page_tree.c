/* SPDX-License-Identifier: MIT */
/*
 * A page as HTML: its tree laid out as an array, and its lines.
 *
 * Gumbo's nodes have no room for judgements, so every element and text gets an item, in document order, which knows its parent and
 * where its inside ends: a subtree is a range, and walking is a loop. What no reader sees (scripts, styles, hidden elements) gets no
 * items, but the metadata reader goes to the nodes themselves.
 *
 * A line is a run of text that no block interrupts, as a browser would show it. Two <br> end one too, and one <br> ends a short one
 * when the text behind it is dressed differently: pages from before style sheets set headings so. A line remembers which items it
 * is made of, and how much of it is linked.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "memory.h"

#include "page_internal.h"

/* --- elements --- */

GumboTag item_tag(const struct page_item *item)
{
	return item->node->type == GUMBO_NODE_ELEMENT ? item->node->v.element.tag : GUMBO_TAG_LAST;
}

bool item_is(const struct page_item *item, GumboTag tag)
{
	return item_tag(item) == tag;
}

bool tag_is_block(GumboTag tag)
{
	switch (tag) {
	case GUMBO_TAG_A: case GUMBO_TAG_ABBR: case GUMBO_TAG_ACRONYM: case GUMBO_TAG_B: case GUMBO_TAG_BDI: case GUMBO_TAG_BDO:
	case GUMBO_TAG_BIG: case GUMBO_TAG_CITE: case GUMBO_TAG_CODE: case GUMBO_TAG_DATA: case GUMBO_TAG_DEL: case GUMBO_TAG_DFN:
	case GUMBO_TAG_EM: case GUMBO_TAG_FONT: case GUMBO_TAG_I: case GUMBO_TAG_IMG: case GUMBO_TAG_INS: case GUMBO_TAG_KBD:
	case GUMBO_TAG_LABEL: case GUMBO_TAG_MARK: case GUMBO_TAG_NOBR: case GUMBO_TAG_Q: case GUMBO_TAG_RB: case GUMBO_TAG_RP:
	case GUMBO_TAG_RT: case GUMBO_TAG_RUBY: case GUMBO_TAG_S: case GUMBO_TAG_SAMP: case GUMBO_TAG_SMALL: case GUMBO_TAG_SPAN:
	case GUMBO_TAG_STRIKE: case GUMBO_TAG_STRONG: case GUMBO_TAG_SUB: case GUMBO_TAG_SUP: case GUMBO_TAG_TIME: case GUMBO_TAG_TT:
	case GUMBO_TAG_U: case GUMBO_TAG_VAR: case GUMBO_TAG_WBR: case GUMBO_TAG_BR: case GUMBO_TAG_UNKNOWN: case GUMBO_TAG_LAST:
		return false;
	default:
		return true;
	}
}

static bool tag_is_unseen(GumboTag tag)
{
	switch (tag) {
	case GUMBO_TAG_HEAD: case GUMBO_TAG_SCRIPT: case GUMBO_TAG_STYLE: case GUMBO_TAG_NOSCRIPT: case GUMBO_TAG_TEMPLATE:
	case GUMBO_TAG_IFRAME: case GUMBO_TAG_EMBED: case GUMBO_TAG_OBJECT: case GUMBO_TAG_APPLET: case GUMBO_TAG_VIDEO: case GUMBO_TAG_AUDIO:
	case GUMBO_TAG_CANVAS: case GUMBO_TAG_MAP: case GUMBO_TAG_SVG: case GUMBO_TAG_MATH: case GUMBO_TAG_INPUT: case GUMBO_TAG_BUTTON:
	case GUMBO_TAG_SELECT: case GUMBO_TAG_DATALIST: case GUMBO_TAG_TEXTAREA: case GUMBO_TAG_PROGRESS: case GUMBO_TAG_METER:
	case GUMBO_TAG_NOFRAMES: case GUMBO_TAG_NOEMBED: case GUMBO_TAG_LINK: case GUMBO_TAG_META: case GUMBO_TAG_TITLE:
		return true;
	default:
		return false;
	}
}

static bool holds(const char *text, const char *part)
{
	return text != NULL && strcasestr(text, part) != NULL;
}

static bool is_hidden(const GumboNode *node)
{
	const char *style = html_attribute(node, "style");

	if (html_attribute(node, "hidden") != NULL)
		return true;
	return holds(style, "display:none") || holds(style, "display: none") || holds(style, "visibility:hidden");
}

/* --- items --- */

struct builder {
	struct page_tree *tree;
	size_t within;                /* the item we are in */
};

static size_t add_item(struct page_tree *tree, GumboNode *node, size_t parent)
{
	if (tree->n == tree->capacity) {
		tree->capacity = tree->capacity > 0 ? tree->capacity * 2 : 1024;
		tree->items = realloc(tree->items, tree->capacity * sizeof *tree->items);
		if (tree->items == NULL)
			memory_exhausted();
	}
	tree->items[tree->n] = (struct page_item){ .node = node, .parent = parent, .end = tree->n + 1 };
	return tree->n++;
}

static bool enter(void *arg, GumboNode *node)
{
	struct builder *builder = arg;

	if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE)
		add_item(builder->tree, node, builder->within);
	if (node->type != GUMBO_NODE_ELEMENT || node->v.element.tag_namespace != GUMBO_NAMESPACE_HTML)
		return false;
	if (tag_is_unseen(node->v.element.tag) || is_hidden(node))
		return false;
	builder->within = add_item(builder->tree, node, builder->within);
	return true;
}

static void leave(void *arg, GumboNode *node)
{
	struct builder *builder = arg;
	struct page_item *item = &builder->tree->items[builder->within];

	if (builder->tree->n == 0 || item->node != node)
		return;
	item->end = builder->tree->n;
	builder->within = item->parent;
}

/* --- lines --- */

struct line_maker {
	struct page_tree *tree;
	struct arena *arena;
	struct text text;
	size_t linked;                /* bytes of it */
	size_t first, behind;
	size_t dress;                 /* the element that its last text stood in */
	unsigned breaks;
};

enum { HEADING_LONGEST = 160, CELL_ITEMS_MOST = 12 };

static enum line_place place_of(const struct page_tree *tree, size_t item)
{
	for (size_t i = item; i != tree->items[i].parent; i = tree->items[i].parent) {
		switch (item_tag(&tree->items[i])) {
		case GUMBO_TAG_P:
			return PLACE_PARAGRAPH;
		case GUMBO_TAG_H1:
			return PLACE_TITLE;
		case GUMBO_TAG_H2: case GUMBO_TAG_H3: case GUMBO_TAG_H4: case GUMBO_TAG_H5: case GUMBO_TAG_H6:
			return PLACE_HEADING;
		case GUMBO_TAG_LI: case GUMBO_TAG_DD: case GUMBO_TAG_DT:
			return PLACE_ITEM;
		case GUMBO_TAG_FIGCAPTION: case GUMBO_TAG_FIGURE: case GUMBO_TAG_CAPTION:
			return PLACE_CAPTION;
		case GUMBO_TAG_BLOCKQUOTE:
			return PLACE_QUOTE;
		case GUMBO_TAG_PRE:
			return PLACE_PRE;
		case GUMBO_TAG_TD: case GUMBO_TAG_TH:
			return tree->items[i].end - i <= CELL_ITEMS_MOST ? PLACE_CELL : PLACE_OTHER;    /* else it lays out the page */
		default:
			break;
		}
	}
	return PLACE_OTHER;
}

static void end_line(struct line_maker *maker)
{
	struct page_line *line = NULL;

	if (maker->text.length > 0)
		line = page_lines_add(&maker->tree->lines, maker->text.bytes, maker->text.length, maker->linked, maker->arena);
	if (line != NULL) {
		line->first = maker->first;
		line->behind = maker->behind;
		line->place = place_of(maker->tree, maker->first);
	}
	text_clear(&maker->text);
	maker->linked = 0;
	maker->breaks = 0;
}

static bool is_blank(const char *text)
{
	return text[strspn(text, " \t\n\r\f")] == '\0';
}

static void add_text(struct line_maker *maker, size_t item, bool linked)
{
	const char *text = maker->tree->items[item].node->v.text.text;
	size_t length = strlen(text);

	if (is_blank(text)) {
		if (maker->text.length > 0)
			text_char(&maker->text, ' ');
		return;
	}
	if (maker->breaks == 1 && maker->dress != maker->tree->items[item].parent && maker->text.length < HEADING_LONGEST)
		end_line(maker);
	if (maker->text.length == 0)
		maker->first = item;
	maker->breaks = 0;
	maker->dress = maker->tree->items[item].parent;
	text_append(&maker->text, text, length);
	maker->linked += linked ? length : 0;
	maker->behind = item + 1;
}

/* <br> is a space within a line; a second one ends it. */
static void add_break(struct line_maker *maker)
{
	if (++maker->breaks > 1)
		end_line(maker);
	else if (maker->text.length > 0)
		text_char(&maker->text, ' ');
}

static void make_lines(struct page_tree *tree, struct arena *arena)
{
	struct line_maker maker = { .tree = tree, .arena = arena };
	size_t block_end = SIZE_MAX, link_end = 0;

	for (size_t i = 0; i < tree->n; i++) {
		const struct page_item *item = &tree->items[i];

		/* leaving blocks: any whose range ended before this item */
		if (i >= block_end)
			end_line(&maker);
		if (i >= block_end || block_end == SIZE_MAX) {
			size_t in = item->parent;

			while (in != tree->items[in].parent && !tag_is_block(item_tag(&tree->items[in])))
				in = tree->items[in].parent;
			block_end = tree->items[in].end;
		}
		if (item->node->type != GUMBO_NODE_ELEMENT) {
			add_text(&maker, i, i < link_end);
		} else if (item_is(item, GUMBO_TAG_BR)) {
			add_break(&maker);
		} else if (tag_is_block(item_tag(item))) {
			end_line(&maker);
			block_end = item->end;
		} else if (item_is(item, GUMBO_TAG_A)) {
			link_end = item->end;
		}
	}
	end_line(&maker);
	text_done(&maker.text);
}

/* --- life --- */

void page_tree_init(struct page_tree *tree, const char *html, size_t length, struct arena *arena)
{
	struct builder builder = { .tree = tree };
	const struct html_visitor visitor = { .enter = enter, .leave = leave, .arg = &builder };

	*tree = (struct page_tree){ .tree = html_tree_new(html, length, HTML_DOCUMENT) };
	html_walk(html_tree_root(tree->tree), &visitor);
	if (tree->n > 0)
		make_lines(tree, arena);
}

void page_tree_done(struct page_tree *tree)
{
	html_tree_free(tree->tree);
	free(tree->items);
	*tree = (struct page_tree){ 0 };
}
