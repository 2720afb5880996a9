/* SPDX-License-Identifier: MIT */
/*
 * Takes out of HTML what would make gumbo build an absurd tree.
 *
 * Reads the bytes as an HTML tokenizer does (tags, attributes, comments, raw text) and writes them out again without
 * - comments, processing instructions and declarations but the DOCTYPE;
 * - all but the first ATTRIBUTES_MOST attributes of a tag, and every attribute of formatting elements but <a>: browsers repeat open
 *   formatting elements in each paragraph, alike ones three times at most, but those with different attributes without limit;
 * - start tags beyond `deepest` open elements, with their end tags, and start tags beyond TAGS_MOST.
 *
 * How deep we are is followed with a stack of names and the rules by which browsers close elements on their own (a <p> ends at the
 * next block, a cell at the next cell, …). Where it cannot be sure that an end tag closes something it supposes that it does not, so
 * the tree is seldom deeper than the stack. That is a bound on effort and nothing else: no decision about safety rests on it, for
 * the sanitiser looks only at the tree that gumbo then builds.
 */
#include <string.h>
#include <strings.h>

#include "article_internal.h"
#include "html.h"

enum { OPEN_MOST = 512, TAGS_MOST = 120000, ATTRIBUTES_MOST = 40, ALIKE_MOST = 3 };

struct open_element {
	GumboTag tag;
	uint32_t name;                /* a hash, lower case: tells elements apart that gumbo has no number for */
	bool foreign;                 /* its content is SVG or MathML */
};

struct guard {
	const char *at, *end;
	struct text *out;
	struct open_element open[OPEN_MOST];
	size_t n_open, deepest;
	size_t n_left_out;            /* start tags left out whose end tags have not come */
	size_t n_tags;
};

/* --- kinds of elements --- */

enum kind {
	VOID = 1,                     /* has no content */
	BLOCK = 2,                    /* ends a paragraph; what browsers call special */
	FORMATTING = 4,
	BARRIER = 8,                  /* end tags of elements outside do not reach through it */
	RAW = 16,                     /* its content is no markup */
	TABLED = 32,                  /* part of a table */
	UNPUSHED = 64,                /* the tag never opens a further element */
};

static const unsigned char kinds[GUMBO_TAG_LAST] = {
	[GUMBO_TAG_AREA] = VOID, [GUMBO_TAG_BASE] = VOID, [GUMBO_TAG_BR] = VOID, [GUMBO_TAG_COL] = VOID, [GUMBO_TAG_EMBED] = VOID,
	[GUMBO_TAG_HR] = VOID | BLOCK, [GUMBO_TAG_IMG] = VOID, [GUMBO_TAG_IMAGE] = VOID, [GUMBO_TAG_INPUT] = VOID, [GUMBO_TAG_LINK] = VOID,
	[GUMBO_TAG_META] = VOID, [GUMBO_TAG_PARAM] = VOID, [GUMBO_TAG_SOURCE] = VOID, [GUMBO_TAG_TRACK] = VOID, [GUMBO_TAG_WBR] = VOID,
	[GUMBO_TAG_KEYGEN] = VOID, [GUMBO_TAG_FRAME] = VOID, [GUMBO_TAG_BASEFONT] = VOID, [GUMBO_TAG_BGSOUND] = VOID,
	[GUMBO_TAG_HTML] = UNPUSHED, [GUMBO_TAG_HEAD] = UNPUSHED, [GUMBO_TAG_BODY] = UNPUSHED,
	[GUMBO_TAG_P] = BLOCK, [GUMBO_TAG_DIV] = BLOCK, [GUMBO_TAG_ADDRESS] = BLOCK, [GUMBO_TAG_ARTICLE] = BLOCK, [GUMBO_TAG_ASIDE] = BLOCK,
	[GUMBO_TAG_BLOCKQUOTE] = BLOCK, [GUMBO_TAG_CENTER] = BLOCK, [GUMBO_TAG_DETAILS] = BLOCK, [GUMBO_TAG_DIR] = BLOCK,
	[GUMBO_TAG_DL] = BLOCK, [GUMBO_TAG_FIELDSET] = BLOCK, [GUMBO_TAG_FIGCAPTION] = BLOCK, [GUMBO_TAG_FIGURE] = BLOCK,
	[GUMBO_TAG_FOOTER] = BLOCK, [GUMBO_TAG_HEADER] = BLOCK, [GUMBO_TAG_HGROUP] = BLOCK, [GUMBO_TAG_MAIN] = BLOCK, [GUMBO_TAG_MENU] = BLOCK,
	[GUMBO_TAG_NAV] = BLOCK, [GUMBO_TAG_OL] = BLOCK, [GUMBO_TAG_SECTION] = BLOCK, [GUMBO_TAG_SUMMARY] = BLOCK, [GUMBO_TAG_UL] = BLOCK,
	[GUMBO_TAG_H1] = BLOCK, [GUMBO_TAG_H2] = BLOCK, [GUMBO_TAG_H3] = BLOCK, [GUMBO_TAG_H4] = BLOCK, [GUMBO_TAG_H5] = BLOCK,
	[GUMBO_TAG_H6] = BLOCK, [GUMBO_TAG_PRE] = BLOCK, [GUMBO_TAG_LISTING] = BLOCK, [GUMBO_TAG_FORM] = BLOCK, [GUMBO_TAG_LI] = BLOCK,
	[GUMBO_TAG_DT] = BLOCK, [GUMBO_TAG_DD] = BLOCK,
	[GUMBO_TAG_A] = FORMATTING, [GUMBO_TAG_B] = FORMATTING, [GUMBO_TAG_BIG] = FORMATTING, [GUMBO_TAG_CODE] = FORMATTING,
	[GUMBO_TAG_EM] = FORMATTING, [GUMBO_TAG_FONT] = FORMATTING, [GUMBO_TAG_I] = FORMATTING, [GUMBO_TAG_NOBR] = FORMATTING,
	[GUMBO_TAG_S] = FORMATTING, [GUMBO_TAG_SMALL] = FORMATTING, [GUMBO_TAG_STRIKE] = FORMATTING, [GUMBO_TAG_STRONG] = FORMATTING,
	[GUMBO_TAG_TT] = FORMATTING, [GUMBO_TAG_U] = FORMATTING,
	[GUMBO_TAG_APPLET] = BARRIER, [GUMBO_TAG_MARQUEE] = BARRIER, [GUMBO_TAG_OBJECT] = BARRIER, [GUMBO_TAG_TEMPLATE] = BARRIER,
	[GUMBO_TAG_SELECT] = BARRIER, [GUMBO_TAG_BUTTON] = BARRIER, [GUMBO_TAG_SVG] = BARRIER, [GUMBO_TAG_MATH] = BARRIER,
	[GUMBO_TAG_FRAMESET] = BARRIER,
	[GUMBO_TAG_TABLE] = BARRIER | TABLED | BLOCK, [GUMBO_TAG_CAPTION] = BARRIER | TABLED, [GUMBO_TAG_COLGROUP] = TABLED,
	[GUMBO_TAG_TBODY] = TABLED, [GUMBO_TAG_THEAD] = TABLED, [GUMBO_TAG_TFOOT] = TABLED, [GUMBO_TAG_TR] = TABLED,
	[GUMBO_TAG_TD] = BARRIER | TABLED, [GUMBO_TAG_TH] = BARRIER | TABLED,
	[GUMBO_TAG_SCRIPT] = RAW, [GUMBO_TAG_STYLE] = RAW, [GUMBO_TAG_XMP] = RAW, [GUMBO_TAG_IFRAME] = RAW, [GUMBO_TAG_NOEMBED] = RAW,
	[GUMBO_TAG_NOFRAMES] = RAW, [GUMBO_TAG_TEXTAREA] = RAW, [GUMBO_TAG_TITLE] = RAW, [GUMBO_TAG_PLAINTEXT] = RAW,
};

static bool is_kind(GumboTag tag, unsigned wanted)
{
	return tag < GUMBO_TAG_LAST && (kinds[tag] & wanted) != 0;
}

/* Inside these, content of SVG and MathML is HTML again. */
static bool is_html_island(GumboTag tag)
{
	return tag == GUMBO_TAG_FOREIGNOBJECT || tag == GUMBO_TAG_DESC || tag == GUMBO_TAG_TITLE || tag == GUMBO_TAG_MI ||
	       tag == GUMBO_TAG_MO || tag == GUMBO_TAG_MN || tag == GUMBO_TAG_MS || tag == GUMBO_TAG_MTEXT ||
	       tag == GUMBO_TAG_ANNOTATION_XML;
}

/* --- the stack of open elements --- */

static bool in_foreign(const struct guard *guard)
{
	return guard->n_open > 0 && guard->open[guard->n_open - 1].foreign;
}

static void pop_to(struct guard *guard, size_t n)
{
	if (n < guard->n_open)
		guard->n_open = n;
}

static void take_out(struct guard *guard, size_t i)
{
	memmove(&guard->open[i], &guard->open[i + 1], (guard->n_open - i - 1) * sizeof guard->open[0]);
	guard->n_open--;
}

/* The nearest open `tag` above what `passes` lets through. True with its place. */
static bool find_open(const struct guard *guard, GumboTag tag, bool (*passes)(GumboTag tag), size_t *ret_place)
{
	for (size_t i = guard->n_open; i-- > 0;) {
		if (guard->open[i].tag == tag) {
			*ret_place = i;
			return true;
		}
		if (!passes(guard->open[i].tag))
			return false;
	}
	return false;
}

static bool passes_formatting(GumboTag tag)
{
	return is_kind(tag, FORMATTING) || tag == GUMBO_TAG_SPAN;
}

static bool passes_in_item(GumboTag tag)
{
	return !is_kind(tag, BLOCK | BARRIER | TABLED) || tag == GUMBO_TAG_P || tag == GUMBO_TAG_DIV || tag == GUMBO_TAG_ADDRESS;
}

static bool passes_in_table(GumboTag tag)
{
	return tag != GUMBO_TAG_TEMPLATE && tag != GUMBO_TAG_SVG && tag != GUMBO_TAG_MATH && tag != GUMBO_TAG_SELECT &&
	       tag != GUMBO_TAG_CAPTION && tag != GUMBO_TAG_FRAMESET;
}

static bool passes_no_barrier(GumboTag tag)
{
	return !is_kind(tag, BARRIER);
}

/* Inside the innermost table, up to the row or the body that a part of a table goes into. */
static void close_cells(struct guard *guard, GumboTag tag)
{
	size_t table, keep;

	if (!find_open(guard, GUMBO_TAG_TABLE, passes_in_table, &table))
		return;
	for (keep = table + 1; keep < guard->n_open; keep++) {
		GumboTag open = guard->open[keep].tag;
		bool is_body = open == GUMBO_TAG_TBODY || open == GUMBO_TAG_THEAD || open == GUMBO_TAG_TFOOT;

		if (is_body && (tag == GUMBO_TAG_TR || tag == GUMBO_TAG_TD || tag == GUMBO_TAG_TH))
			continue;
		if (open != GUMBO_TAG_TR || (tag != GUMBO_TAG_TD && tag != GUMBO_TAG_TH))
			break;
	}
	pop_to(guard, keep);
}

/* What a start tag closes before it opens something. */
static void close_implied(struct guard *guard, GumboTag tag)
{
	size_t place;

	if (in_foreign(guard)) {    /* a tag that SVG does not know ends it: HTML 13.2.6.5 */
		if (!is_kind(tag, BLOCK | FORMATTING | VOID))
			return;
		while (in_foreign(guard))
			guard->n_open--;
	}
	if (is_kind(tag, BLOCK) && find_open(guard, GUMBO_TAG_P, passes_formatting, &place))
		pop_to(guard, place);
	switch (tag) {
	case GUMBO_TAG_LI:
	case GUMBO_TAG_DD:
	case GUMBO_TAG_DT:
		if (find_open(guard, tag, passes_in_item, &place))
			pop_to(guard, place);
		break;
	case GUMBO_TAG_OPTION:
	case GUMBO_TAG_OPTGROUP:
		if (guard->n_open > 0 && guard->open[guard->n_open - 1].tag == tag)
			guard->n_open--;
		break;
	case GUMBO_TAG_A:
	case GUMBO_TAG_NOBR:
		if (find_open(guard, tag, passes_no_barrier, &place))
			take_out(guard, place);
		break;
	default:
		if (is_kind(tag, TABLED) && tag != GUMBO_TAG_TABLE && tag != GUMBO_TAG_CAPTION)
			close_cells(guard, tag);
	}
}

static size_t count_alike(const struct guard *guard, GumboTag tag)
{
	size_t n = 0;

	for (size_t i = guard->n_open; i-- > 0 && !is_kind(guard->open[i].tag, BARRIER);)
		n += guard->open[i].tag == tag;
	return n;
}

/* Does this start tag go through? Keeps the stack. */
static bool open_element(struct guard *guard, GumboTag tag, uint32_t name)
{
	bool foreign;

	if (guard->deepest == 0)
		return false;
	if (++guard->n_tags > TAGS_MOST || (is_kind(tag, FORMATTING) && count_alike(guard, tag) >= ALIKE_MOST)) {
		guard->n_left_out += !is_kind(tag, VOID);
		return false;
	}
	close_implied(guard, tag);
	if (is_kind(tag, VOID | UNPUSHED) || (is_kind(tag, RAW) && !in_foreign(guard)))
		return true;
	if (guard->n_open >= guard->deepest) {
		guard->n_left_out++;
		return false;
	}
	foreign = tag == GUMBO_TAG_SVG || tag == GUMBO_TAG_MATH || (in_foreign(guard) && !is_html_island(tag));
	guard->open[guard->n_open++] = (struct open_element){ .tag = tag, .name = name, .foreign = foreign };
	return true;
}

static bool close_element(struct guard *guard, GumboTag tag, uint32_t name)
{
	if (guard->deepest == 0)
		return false;
	if (guard->n_left_out > 0 && !is_kind(tag, RAW | VOID | UNPUSHED)) {
		guard->n_left_out--;
		return false;
	}
	for (size_t i = guard->n_open; i-- > 0;) {
		const struct open_element *open = &guard->open[i];

		if (open->tag == tag && open->name == name) {
			if (is_kind(tag, FORMATTING) || tag == GUMBO_TAG_FORM)
				take_out(guard, i);    /* what it holds may stay open */
			else
				pop_to(guard, i);
			break;
		}
		if (is_kind(tag, TABLED) ? !passes_in_table(open->tag) || open->tag == GUMBO_TAG_TABLE : is_kind(open->tag, BARRIER))
			break;
	}
	return true;
}

/* --- reading --- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static uint32_t hash_name(const char *name, size_t length)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ ((unsigned char)name[i] | 0x20u)) * 16777619u;
	return hash;
}

static void skip_spaces(struct guard *guard)
{
	while (guard->at < guard->end && (is_space(*guard->at) || *guard->at == '/'))
		guard->at++;
}

static void skip_value(struct guard *guard)
{
	char quote = guard->at < guard->end ? *guard->at : '\0';
	const char *closing;

	if (quote == '"' || quote == '\'') {
		closing = memchr(guard->at + 1, quote, (size_t)(guard->end - guard->at - 1));
		guard->at = closing != NULL ? closing + 1 : guard->end;
		return;
	}
	while (guard->at < guard->end && !is_space(*guard->at) && *guard->at != '>')
		guard->at++;
}

/* One attribute, as it stands: from its name to the end of its value. */
static void skip_attribute(struct guard *guard)
{
	const char *behind;

	guard->at++;    /* whatever it is, even '=', it belongs to the name */
	while (guard->at < guard->end && !is_space(*guard->at) && *guard->at != '/' && *guard->at != '>' && *guard->at != '=')
		guard->at++;
	for (behind = guard->at; behind < guard->end && is_space(*behind);)
		behind++;
	if (behind == guard->end || *behind != '=')
		return;
	for (behind++; behind < guard->end && is_space(*behind);)
		behind++;
	guard->at = behind;
	skip_value(guard);
}

/* Behind the name of a tag: its attributes up to '>'. Appends the first `most` of them; false when the input ends before. */
static bool read_attributes(struct guard *guard, size_t most, bool *ret_closes_itself)
{
	for (size_t n = 0;; n++) {
		const char *start;

		skip_spaces(guard);
		if (guard->at == guard->end)
			return false;
		if (*guard->at == '>') {
			*ret_closes_itself = guard->at[-1] == '/';
			guard->at++;
			return true;
		}
		start = guard->at;
		skip_attribute(guard);
		if (n < most) {
			text_char(guard->out, ' ');
			text_append(guard->out, start, (size_t)(guard->at - start));
		}
	}
}

/* The content of a raw element, up to its end tag. */
static void copy_raw(struct guard *guard, const char *name, size_t length, bool keep)
{
	const char *from = guard->at, *at = from;

	for (;; at += 2) {
		at = memmem(at, (size_t)(guard->end - at), "</", 2);
		if (at == NULL) {
			at = guard->end;
			break;
		}
		if ((size_t)(guard->end - at) >= length + 3 && strncasecmp(at + 2, name, length) == 0 &&
		    (is_space(at[length + 2]) || at[length + 2] == '/' || at[length + 2] == '>'))
			break;
	}
	if (keep)
		text_append(guard->out, from, (size_t)(at - from));
	guard->at = at;
}

static size_t name_length(const struct guard *guard, const char *name)
{
	const char *behind = name;

	while (behind < guard->end && !is_space(*behind) && *behind != '/' && *behind != '>')
		behind++;
	return (size_t)(behind - name);
}

static void read_start_tag(struct guard *guard)
{
	const char *name = guard->at + 1;
	size_t length = name_length(guard, name), before = guard->out->length, most = ATTRIBUTES_MOST;
	GumboTag tag = gumbo_tagn_enum(name, (unsigned)(length < 64 ? length : 64));
	bool was_foreign = in_foreign(guard), closes_itself = false, kept;

	if (is_kind(tag, FORMATTING) && tag != GUMBO_TAG_A)
		most = 0;
	text_char(guard->out, '<');
	text_append(guard->out, name, length);
	guard->at = name + length;
	if (!read_attributes(guard, most, &closes_itself)) {
		guard->out->length = before;    /* the input ends within the tag: browsers drop it */
		return;
	}
	text_string(guard->out, closes_itself ? " />" : ">");
	kept = open_element(guard, tag, hash_name(name, length));
	if (kept && closes_itself && (was_foreign || tag == GUMBO_TAG_SVG || tag == GUMBO_TAG_MATH) && in_foreign(guard))
		guard->n_open--;
	if (!kept)
		guard->out->length = before;
	if (is_kind(tag, RAW) && !in_foreign(guard))
		copy_raw(guard, name, length, kept);
}

static void read_end_tag(struct guard *guard)
{
	const char *name = guard->at + 2;
	size_t length = name_length(guard, name);
	bool ignored;

	guard->at = name + length;
	if (!read_attributes(guard, 0, &ignored))
		return;
	if (!close_element(guard, gumbo_tagn_enum(name, (unsigned)(length < 64 ? length : 64)), hash_name(name, length)))
		return;
	text_string(guard->out, "</");
	text_append(guard->out, name, length);
	text_char(guard->out, '>');
}

/* HTML 13.2.5.43: "<!-->" and "<!--->" are whole comments, "--!>" ends one too. */
static void skip_comment(struct guard *guard)
{
	const char *at = guard->at + 4;

	if (at < guard->end && *at == '>') {
		guard->at = at + 1;
		return;
	}
	for (at = guard->at + 2; (at = memmem(at, (size_t)(guard->end - at), "--", 2)) != NULL; at++) {
		const char *behind = at + 2;

		if (at == guard->at + 2 && guard->at + 5 < guard->end && guard->at[4] == '-' && guard->at[5] == '>')
			behind = guard->at + 5;
		else if (at == guard->at + 2)
			continue;
		else if (behind < guard->end && *behind == '!')
			behind++;
		if (behind < guard->end && *behind == '>') {
			guard->at = behind + 1;
			return;
		}
	}
	guard->at = guard->end;
}

/* "<!" and "<?" that begin no comment, "</" before no letter: all up to the next '>'. */
static void skip_declaration(struct guard *guard)
{
	const char *start = guard->at, *closing = memchr(start, '>', (size_t)(guard->end - start));

	guard->at = closing != NULL ? closing + 1 : guard->end;
	if (closing != NULL && guard->end - start > 9 && strncasecmp(start, "<!doctype", 9) == 0)
		text_append(guard->out, start, (size_t)(guard->at - start));
}

void html_guard(const char *html, size_t length, int deepest, struct text *ret_html)
{
	struct guard guard = { .at = html, .end = html + length, .out = ret_html, .deepest = (size_t)deepest };

	text_reserve(ret_html, length);
	while (guard.at < guard.end) {
		const char *next = memchr(guard.at, '<', (size_t)(guard.end - guard.at));
		ptrdiff_t left;

		if (next == NULL)
			next = guard.end;
		text_append(guard.out, guard.at, (size_t)(next - guard.at));
		guard.at = next;
		left = guard.end - next;
		if (left >= 2 && is_letter(next[1])) {
			read_start_tag(&guard);
		} else if (left >= 3 && next[1] == '/' && is_letter(next[2])) {
			read_end_tag(&guard);
		} else if (left >= 4 && memcmp(next, "<!--", 4) == 0) {
			skip_comment(&guard);
		} else if (left >= 2 && (next[1] == '!' || next[1] == '?' || (next[1] == '/' && left >= 3))) {
			skip_declaration(&guard);
		} else if (left > 0) {
			text_char(guard.out, '<');
			guard.at++;
		}
	}
}
