/* SPDX-License-Identifier: MIT */
/*
 * Strangers' HTML -> HTML that is safe in any page.
 *
 * The markup is parsed into the tree that browsers would build, and a new text is written from that tree: no byte of markup is ever
 * copied, so what we overlook is lost, not let through. rules[] says for every element what becomes of it: the few we know are
 * written under our own names, blocks we do not know give up their content, some are left out with all they hold. Attributes are
 * made anew too, from values that were checked: addresses by html_clean_url(), sizes as numbers. How the result is laid out
 * (paragraphs around loose text, nothing empty, nothing nested too deep) is html_writer.c's business.
 *
 * Not done here: addresses are not resolved (a relative one is lost; importers resolve them before), and words are not judged.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "article_internal.h"
#include "html.h"
#include "memory.h"

enum { PIXELS_MOST = 100000, SPAN_MOST = 1000, NUMBER_MOST = 1000000 };

enum what {
	THROUGH,                      /* its content, in the same line */
	DROP,                         /* with its content */
	EDGE,                         /* its content, as blocks of its own */
	BLOCK,
	CELL,
	TABLE,
	NUMBERED,                     /* <ol> */
	FORMAT,
	LINK,
	TERM,                         /* <dt>: a paragraph in strong letters */
	QUOTE,
	BREAK,
	RULE,
	IMAGE,
};

struct rule {
	enum what what;
	int as;                       /* enum html_block or enum html_format */
};

static const struct rule rules[GUMBO_TAG_LAST] = {
	[GUMBO_TAG_P] = { BLOCK, HTML_P }, [GUMBO_TAG_H1] = { BLOCK, HTML_H2 }, [GUMBO_TAG_H2] = { BLOCK, HTML_H2 },
	[GUMBO_TAG_H3] = { BLOCK, HTML_H3 }, [GUMBO_TAG_H4] = { BLOCK, HTML_H4 }, [GUMBO_TAG_H5] = { BLOCK, HTML_H4 },
	[GUMBO_TAG_H6] = { BLOCK, HTML_H4 }, [GUMBO_TAG_PRE] = { BLOCK, HTML_PRE }, [GUMBO_TAG_LISTING] = { BLOCK, HTML_PRE },
	[GUMBO_TAG_BLOCKQUOTE] = { BLOCK, HTML_BLOCKQUOTE }, [GUMBO_TAG_UL] = { BLOCK, HTML_UL }, [GUMBO_TAG_MENU] = { BLOCK, HTML_UL },
	[GUMBO_TAG_DIR] = { BLOCK, HTML_UL }, [GUMBO_TAG_OL] = { NUMBERED, HTML_OL }, [GUMBO_TAG_LI] = { BLOCK, HTML_LI },
	[GUMBO_TAG_FIGURE] = { BLOCK, HTML_FIGURE }, [GUMBO_TAG_FIGCAPTION] = { BLOCK, HTML_FIGCAPTION },
	[GUMBO_TAG_TABLE] = { TABLE, HTML_TABLE }, [GUMBO_TAG_TR] = { BLOCK, HTML_TR }, [GUMBO_TAG_TD] = { CELL, HTML_TD },
	[GUMBO_TAG_TH] = { CELL, HTML_TH }, [GUMBO_TAG_CAPTION] = { DROP, 0 }, [GUMBO_TAG_COLGROUP] = { DROP, 0 },

	[GUMBO_TAG_STRONG] = { FORMAT, HTML_STRONG }, [GUMBO_TAG_B] = { FORMAT, HTML_STRONG }, [GUMBO_TAG_EM] = { FORMAT, HTML_EM },
	[GUMBO_TAG_I] = { FORMAT, HTML_EM }, [GUMBO_TAG_CITE] = { FORMAT, HTML_EM }, [GUMBO_TAG_DFN] = { FORMAT, HTML_EM },
	[GUMBO_TAG_VAR] = { FORMAT, HTML_EM }, [GUMBO_TAG_CODE] = { FORMAT, HTML_CODE }, [GUMBO_TAG_KBD] = { FORMAT, HTML_CODE },
	[GUMBO_TAG_SAMP] = { FORMAT, HTML_CODE }, [GUMBO_TAG_TT] = { FORMAT, HTML_CODE }, [GUMBO_TAG_SUP] = { FORMAT, HTML_SUP },
	[GUMBO_TAG_SUB] = { FORMAT, HTML_SUB }, [GUMBO_TAG_A] = { LINK, HTML_A }, [GUMBO_TAG_Q] = { QUOTE, 0 },
	[GUMBO_TAG_BR] = { BREAK, 0 }, [GUMBO_TAG_HR] = { RULE, 0 }, [GUMBO_TAG_IMG] = { IMAGE, 0 },

	[GUMBO_TAG_DIV] = { EDGE, 0 }, [GUMBO_TAG_SECTION] = { EDGE, 0 }, [GUMBO_TAG_ARTICLE] = { EDGE, 0 }, [GUMBO_TAG_MAIN] = { EDGE, 0 },
	[GUMBO_TAG_HEADER] = { EDGE, 0 }, [GUMBO_TAG_FOOTER] = { EDGE, 0 }, [GUMBO_TAG_ASIDE] = { EDGE, 0 }, [GUMBO_TAG_NAV] = { EDGE, 0 },
	[GUMBO_TAG_HGROUP] = { EDGE, 0 }, [GUMBO_TAG_ADDRESS] = { EDGE, 0 }, [GUMBO_TAG_CENTER] = { EDGE, 0 }, [GUMBO_TAG_DL] = { EDGE, 0 },
	[GUMBO_TAG_DT] = { TERM, HTML_P }, [GUMBO_TAG_DD] = { EDGE, 0 }, [GUMBO_TAG_DETAILS] = { EDGE, 0 }, [GUMBO_TAG_SUMMARY] = { EDGE, 0 },
	[GUMBO_TAG_FIELDSET] = { EDGE, 0 }, [GUMBO_TAG_LEGEND] = { EDGE, 0 }, [GUMBO_TAG_MULTICOL] = { EDGE, 0 },

	[GUMBO_TAG_HEAD] = { DROP, 0 }, [GUMBO_TAG_TITLE] = { DROP, 0 }, [GUMBO_TAG_BASE] = { DROP, 0 }, [GUMBO_TAG_LINK] = { DROP, 0 },
	[GUMBO_TAG_META] = { DROP, 0 }, [GUMBO_TAG_STYLE] = { DROP, 0 }, [GUMBO_TAG_SCRIPT] = { DROP, 0 }, [GUMBO_TAG_NOSCRIPT] = { DROP, 0 },
	[GUMBO_TAG_TEMPLATE] = { DROP, 0 }, [GUMBO_TAG_IFRAME] = { DROP, 0 }, [GUMBO_TAG_EMBED] = { DROP, 0 }, [GUMBO_TAG_OBJECT] = { DROP, 0 },
	[GUMBO_TAG_APPLET] = { DROP, 0 }, [GUMBO_TAG_PARAM] = { DROP, 0 }, [GUMBO_TAG_VIDEO] = { DROP, 0 }, [GUMBO_TAG_AUDIO] = { DROP, 0 },
	[GUMBO_TAG_SOURCE] = { DROP, 0 }, [GUMBO_TAG_TRACK] = { DROP, 0 }, [GUMBO_TAG_CANVAS] = { DROP, 0 }, [GUMBO_TAG_MAP] = { DROP, 0 },
	[GUMBO_TAG_AREA] = { DROP, 0 }, [GUMBO_TAG_SVG] = { DROP, 0 }, [GUMBO_TAG_MATH] = { DROP, 0 }, [GUMBO_TAG_FORM] = { DROP, 0 },
	[GUMBO_TAG_INPUT] = { DROP, 0 }, [GUMBO_TAG_BUTTON] = { DROP, 0 }, [GUMBO_TAG_SELECT] = { DROP, 0 }, [GUMBO_TAG_DATALIST] = { DROP, 0 },
	[GUMBO_TAG_OPTGROUP] = { DROP, 0 }, [GUMBO_TAG_OPTION] = { DROP, 0 }, [GUMBO_TAG_TEXTAREA] = { DROP, 0 },
	[GUMBO_TAG_KEYGEN] = { DROP, 0 }, [GUMBO_TAG_OUTPUT] = { DROP, 0 }, [GUMBO_TAG_PROGRESS] = { DROP, 0 }, [GUMBO_TAG_METER] = { DROP, 0 },
	[GUMBO_TAG_MENUITEM] = { DROP, 0 }, [GUMBO_TAG_FRAME] = { DROP, 0 }, [GUMBO_TAG_FRAMESET] = { DROP, 0 },
	[GUMBO_TAG_NOFRAMES] = { DROP, 0 }, [GUMBO_TAG_ISINDEX] = { DROP, 0 }, [GUMBO_TAG_XMP] = { DROP, 0 },
	[GUMBO_TAG_NOEMBED] = { DROP, 0 }, [GUMBO_TAG_PLAINTEXT] = { DROP, 0 }, [GUMBO_TAG_BGSOUND] = { DROP, 0 }, [GUMBO_TAG_RP] = { DROP, 0 },
};

enum ends { ENDS_NOTHING, ENDS_EDGE, ENDS_BLOCK, ENDS_FORMAT, ENDS_TERM, ENDS_QUOTE };

/* What was begun for an element, to be ended when it is left. */
struct begun {
	const GumboNode *node;
	enum ends ends;
};

struct sanitiser {
	struct arena *arena;
	struct html_writer *writer;
	struct begun *begun;          /* one for each element we are in */
	size_t n_begun, capacity;
	bool in_caption;
};

static void remember(struct sanitiser *sanitiser, const GumboNode *node, enum ends ends)
{
	if (sanitiser->n_begun == sanitiser->capacity) {
		sanitiser->capacity = sanitiser->capacity > 0 ? sanitiser->capacity * 2 : 64;
		sanitiser->begun = realloc(sanitiser->begun, sanitiser->capacity * sizeof *sanitiser->begun);
		if (sanitiser->begun == NULL)
			memory_exhausted();
	}
	sanitiser->begun[sanitiser->n_begun++] = (struct begun){ .node = node, .ends = ends };
}

/* --- attributes --- */

/* A whole number without anything around it, or -1. */
static long number_attribute(const GumboNode *node, const char *name, long most)
{
	const char *value = html_attribute(node, name);
	long number = 0;

	if (value == NULL || value[0] == '\0')
		return -1;
	for (; *value != '\0'; value++) {
		if (*value < '0' || *value > '9')
			return -1;
		number = number * 10 + (*value - '0');
		if (number > most)
			return -1;
	}
	return number;
}

static const char *cell_attributes(struct sanitiser *sanitiser, const GumboNode *node)
{
	long columns = number_attribute(node, "colspan", SPAN_MOST), rows = number_attribute(node, "rowspan", SPAN_MOST);
	char column_text[32] = "", row_text[32] = "";

	if (columns > 1)
		snprintf(column_text, sizeof column_text, " colspan=\"%ld\"", columns);
	if (rows > 1)
		snprintf(row_text, sizeof row_text, " rowspan=\"%ld\"", rows);
	return arena_printf(sanitiser->arena, "%s%s", column_text, row_text);
}

static const char *list_attributes(struct sanitiser *sanitiser, const GumboNode *node)
{
	long start = number_attribute(node, "start", NUMBER_MOST);

	return start >= 0 && start != 1 ? arena_printf(sanitiser->arena, " start=\"%ld\"", start) : "";
}

/* In attributes too every letter is NFC and none is a control character. White space is folded. */
static void append_attribute(struct sanitiser *sanitiser, struct text *attributes, const char *name, const char *value)
{
	struct text clean = TEXT_EMPTY;
	const char *letters;

	for (size_t i = 0, n = strlen(value); i < n; i++) {
		size_t control = html_control_length(value + i, n - i);

		if (control > 0)
			i += control - 1;
		else if ((unsigned char)value[i] > ' ')
			text_char(&clean, value[i]);
		else if (clean.length > 0 && clean.bytes[clean.length - 1] != ' ')
			text_char(&clean, ' ');
	}
	if (clean.length > 0 && clean.bytes[clean.length - 1] == ' ')
		clean.bytes[--clean.length] = '\0';
	letters = unicode_nfc(clean.length > 0 ? clean.bytes : "", sanitiser->arena);
	text_printf(attributes, " %s=\"", name);
	text_html(attributes, letters, strlen(letters));
	text_char(attributes, '"');
	text_done(&clean);
}

/* A picture with an address of its own and more than the one pixel of a counter. */
static void write_image(struct sanitiser *sanitiser, const GumboNode *node)
{
	const char *source = html_attribute(node, "src"), *alt = html_attribute(node, "alt");
	long width = number_attribute(node, "width", PIXELS_MOST), height = number_attribute(node, "height", PIXELS_MOST);
	struct text attributes = TEXT_EMPTY;
	const char *url = source != NULL ? html_clean_url(source, false, sanitiser->arena) : NULL;

	if (url == NULL || (width >= 0 && width <= 2) || (height >= 0 && height <= 2))
		return;
	append_attribute(sanitiser, &attributes, "src", url);
	append_attribute(sanitiser, &attributes, "alt", alt != NULL ? alt : "");
	if (width > 0)
		text_printf(&attributes, " width=\"%ld\"", width);
	if (height > 0)
		text_printf(&attributes, " height=\"%ld\"", height);
	html_write_image(sanitiser->writer, attributes.bytes);
	text_done(&attributes);
}

/* --- elements --- */

static enum ends begin_block(struct sanitiser *sanitiser, enum html_block block, const char *attributes)
{
	return html_block_begin(sanitiser->writer, block, attributes) ? ENDS_BLOCK : ENDS_EDGE;
}

static enum ends begin_link(struct sanitiser *sanitiser, const GumboNode *node)
{
	const char *href = html_attribute(node, "href");
	const char *url = href != NULL ? html_clean_url(href, true, sanitiser->arena) : NULL;

	return url != NULL && html_format_begin(sanitiser->writer, HTML_A, url) ? ENDS_FORMAT : ENDS_NOTHING;
}

static enum ends begin_term(struct sanitiser *sanitiser)
{
	html_boundary(sanitiser->writer);
	return html_format_begin(sanitiser->writer, HTML_STRONG, NULL) ? ENDS_TERM : ENDS_EDGE;
}

static void walk(struct sanitiser *sanitiser, GumboNode *node);

/* There is no <caption> in what we write: its text stands as a paragraph before the table. Captions in captions are lost. */
static void write_captions(struct sanitiser *sanitiser, const GumboNode *table)
{
	const GumboVector *children = &table->v.element.children;

	if (sanitiser->in_caption)
		return;
	sanitiser->in_caption = true;
	for (unsigned i = 0; i < children->length; i++) {
		GumboNode *child = children->data[i];

		if (child->type != GUMBO_NODE_ELEMENT || child->v.element.tag != GUMBO_TAG_CAPTION)
			continue;
		html_boundary(sanitiser->writer);
		for (unsigned j = 0; j < child->v.element.children.length; j++)
			walk(sanitiser, child->v.element.children.data[j]);
		html_boundary(sanitiser->writer);
	}
	sanitiser->in_caption = false;
}

static enum ends begin_element(struct sanitiser *sanitiser, const GumboNode *node, const struct rule *rule)
{
	struct html_writer *writer = sanitiser->writer;

	switch (rule->what) {
	case EDGE:
		html_boundary(writer);
		return ENDS_EDGE;
	case BLOCK:
		return begin_block(sanitiser, (enum html_block)rule->as, "");
	case CELL:
		return begin_block(sanitiser, (enum html_block)rule->as, cell_attributes(sanitiser, node));
	case NUMBERED:
		return begin_block(sanitiser, (enum html_block)rule->as, list_attributes(sanitiser, node));
	case TABLE:
		write_captions(sanitiser, node);
		return begin_block(sanitiser, (enum html_block)rule->as, "");
	case FORMAT:
		return html_format_begin(writer, (enum html_format)rule->as, NULL) ? ENDS_FORMAT : ENDS_NOTHING;
	case LINK:
		return begin_link(sanitiser, node);
	case TERM:
		return begin_term(sanitiser);
	case QUOTE:
		html_write_text(writer, "“", strlen("“"));
		return ENDS_QUOTE;
	case BREAK:
		html_write_break(writer);
		return ENDS_NOTHING;
	case RULE:
		html_write_rule(writer);
		return ENDS_NOTHING;
	case IMAGE:
		write_image(sanitiser, node);
		return ENDS_NOTHING;
	case THROUGH:
	case DROP:
		break;
	}
	return ENDS_NOTHING;
}

static bool enter(void *arg, GumboNode *node)
{
	struct sanitiser *sanitiser = arg;
	const struct rule *rule;

	if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE)
		html_write_text(sanitiser->writer, node->v.text.text, strlen(node->v.text.text));
	if (node->type != GUMBO_NODE_ELEMENT || node->v.element.tag_namespace != GUMBO_NAMESPACE_HTML)
		return false;
	rule = &rules[node->v.element.tag < GUMBO_TAG_LAST ? node->v.element.tag : GUMBO_TAG_UNKNOWN];
	if (rule->what == DROP)
		return false;
	remember(sanitiser, node, begin_element(sanitiser, node, rule));
	return true;
}

static void leave(void *arg, GumboNode *node)
{
	struct sanitiser *sanitiser = arg;

	if (sanitiser->n_begun == 0 || sanitiser->begun[sanitiser->n_begun - 1].node != node)
		return;    /* it was not gone into */
	switch (sanitiser->begun[--sanitiser->n_begun].ends) {
	case ENDS_EDGE:
		html_boundary(sanitiser->writer);
		break;
	case ENDS_BLOCK:
		html_block_end(sanitiser->writer);
		break;
	case ENDS_FORMAT:
		html_format_end(sanitiser->writer);
		break;
	case ENDS_TERM:
		html_boundary(sanitiser->writer);
		html_format_end(sanitiser->writer);
		break;
	case ENDS_QUOTE:
		html_write_text(sanitiser->writer, "”", strlen("”"));
		break;
	case ENDS_NOTHING:
		break;
	}
}

static void walk(struct sanitiser *sanitiser, GumboNode *node)
{
	const struct html_visitor visitor = { .enter = enter, .leave = leave, .arg = sanitiser };

	html_walk(node, &visitor);
}

char *html_sanitise(const char *html, size_t length, struct arena *arena)
{
	struct sanitiser sanitiser = { .arena = arena, .writer = html_writer_new(arena) };
	struct html_tree *tree = html_tree_new(html, length, HTML_FRAGMENT);

	walk(&sanitiser, html_tree_root(tree));
	html_tree_free(tree);
	free(sanitiser.begun);
	return html_writer_done(sanitiser.writer);
}
