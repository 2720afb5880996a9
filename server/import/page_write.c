/* SPDX-License-Identifier: MIT */
/*
 * What remains of a page's tree, as plain markup for the sanitiser.
 *
 * Elements that the sanitiser knows keep their names, other blocks become <div>, so that what they part stays parted. Addresses are
 * resolved here, where the page's own is known; whether they are harmless is the sanitiser's business, as is everything else about
 * safety.
 */
#include <stdlib.h>
#include <string.h>

#include "page_internal.h"

static bool is_written(GumboTag tag)
{
	static const GumboTag tags[] = { GUMBO_TAG_P, GUMBO_TAG_DIV, GUMBO_TAG_H1, GUMBO_TAG_H2, GUMBO_TAG_H3, GUMBO_TAG_H4, GUMBO_TAG_H5, GUMBO_TAG_H6,
		GUMBO_TAG_UL, GUMBO_TAG_OL, GUMBO_TAG_LI, GUMBO_TAG_DL, GUMBO_TAG_DT, GUMBO_TAG_DD, GUMBO_TAG_BLOCKQUOTE, GUMBO_TAG_PRE, GUMBO_TAG_CODE,
		GUMBO_TAG_EM, GUMBO_TAG_STRONG, GUMBO_TAG_B, GUMBO_TAG_I, GUMBO_TAG_CITE, GUMBO_TAG_Q, GUMBO_TAG_A, GUMBO_TAG_IMG, GUMBO_TAG_BR,
		GUMBO_TAG_HR, GUMBO_TAG_FIGURE, GUMBO_TAG_FIGCAPTION, GUMBO_TAG_TABLE, GUMBO_TAG_TR, GUMBO_TAG_TD, GUMBO_TAG_TH, GUMBO_TAG_CAPTION,
		GUMBO_TAG_SUP, GUMBO_TAG_SUB };

	for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
		if (tags[i] == tag)
			return true;
	return false;
}

static void write_attribute(struct text *out, const char *name, const char *value)
{
	if (value == NULL)
		return;
	text_printf(out, " %s=\"", name);
	text_html(out, value, strlen(value));
	text_char(out, '"');
}

/* Pictures that are loaded late have their address elsewhere and a place holder in src. */
const char *page_image_address(const GumboNode *node, const char *base, struct arena *arena)
{
	static const char *const attributes[] = { "data-src", "data-original", "data-lazy-src", "data-url", "src", NULL };

	for (size_t i = 0; attributes[i] != NULL; i++) {
		const char *value = html_attribute(node, attributes[i]);
		const char *address = value != NULL && value[0] != '\0' ? page_address(base, value, arena) : NULL;

		if (address != NULL)
			return address;
	}
	return NULL;
}

static void write_attributes(struct text *out, const GumboNode *node, const char *base, struct arena *arena)
{
	static const char *const kept[] = { "alt", "width", "height", "start", "colspan", "rowspan", NULL };
	const char *href = html_attribute(node, "href"), *address;

	if (node->v.element.tag == GUMBO_TAG_A && href != NULL) {
		address = page_address(base, href, arena);
		write_attribute(out, "href", address != NULL ? address : href);
	}
	if (node->v.element.tag == GUMBO_TAG_IMG)
		write_attribute(out, "src", page_image_address(node, base, arena));
	for (size_t i = 0; kept[i] != NULL; i++)
		write_attribute(out, kept[i], html_attribute(node, kept[i]));
}

/* Unknown blocks become <div>, so that what they part stays parted. */
static const char *written_name(GumboTag tag)
{
	if (is_written(tag))
		return gumbo_normalized_tagname(tag);
	return tag_is_block(tag) && tag != GUMBO_TAG_TBODY && tag != GUMBO_TAG_THEAD && tag != GUMBO_TAG_TFOOT ? "div" : NULL;
}

static bool has_no_end(GumboTag tag)
{
	return tag == GUMBO_TAG_BR || tag == GUMBO_TAG_HR || tag == GUMBO_TAG_IMG;
}

struct open_tag {
	size_t end;
	const char *name;
};

static void write_item(struct text *out, const struct page_item *item, const char *base, struct arena *arena)
{
	const char *name = item->node->type == GUMBO_NODE_ELEMENT ? written_name(item_tag(item)) : NULL;

	if (item->node->type != GUMBO_NODE_ELEMENT) {
		text_html(out, item->node->v.text.text, strlen(item->node->v.text.text));
	} else if (name != NULL) {
		text_printf(out, "<%s", name);
		write_attributes(out, item->node, base, arena);
		text_char(out, '>');
	}
}

const char *page_body_html(const struct page_tree *tree, size_t root, const char *base, struct arena *arena)
{
	struct text out = TEXT_EMPTY;
	struct open_tag *open = arena_array(arena, tree->n + 1, sizeof *open);
	size_t n = 0;
	const char *html;

	for (size_t i = root; i < tree->items[root].end;) {
		const struct page_item *item = &tree->items[i];
		bool is_element = item->node->type == GUMBO_NODE_ELEMENT;

		while (n > 0 && open[n - 1].end <= i)
			text_printf(&out, "</%s>", open[--n].name);
		if (item->left_out) {
			i = item->end;
			continue;
		}
		write_item(&out, item, base, arena);
		if (is_element && written_name(item_tag(item)) != NULL && !has_no_end(item_tag(item)))
			open[n++] = (struct open_tag){ .end = item->end, .name = written_name(item_tag(item)) };
		i++;
	}
	while (n > 0)
		text_printf(&out, "</%s>", open[--n].name);
	html = arena_copy(arena, out.bytes != NULL ? out.bytes : "", out.length);
	text_done(&out);
	return html;
}
