/* SPDX-License-Identifier: MIT */
/*
 * The plain HTML that most articles are: paragraphs, headings, lists and quotations, in them text, links and a few formats, every element
 * closed in its place. On it all parsers agree, so it needs none: it is read here, in one go and many times faster than by gumbo, and
 * given to the writer in the same calls that walking gumbo's tree would make.
 *
 * Whatever is not of this kind (another name or attribute, a reference but those that we write, a control character, a tag that is not
 * closed, text outside of a block) is refused, and read by gumbo from the start. No byte of markup is copied here either: only text and
 * addresses reach the writer, which escapes the one as the sanitiser cleans the other.
 */
#include <string.h>

#include "article_internal.h"
#include "html.h"

enum kind {
	TOP,                          /* around everything */
	QUOTATION,                    /* holds lists and lines */
	LIST,                         /* holds items */
	ITEM, LINE,                   /* hold text and formats */
	FORMAT,                       /* the same */
	BREAK,
};

static const struct name {
	const char *name;
	enum kind kind;
	int as;                       /* enum html_block or enum html_format */
} names[] = {
	{ "p", LINE, HTML_P }, { "h2", LINE, HTML_H2 }, { "h3", LINE, HTML_H3 }, { "h4", LINE, HTML_H4 },
	{ "blockquote", QUOTATION, HTML_BLOCKQUOTE }, { "ul", LIST, HTML_UL }, { "ol", LIST, HTML_OL }, { "li", ITEM, HTML_LI },
	{ "strong", FORMAT, HTML_STRONG }, { "em", FORMAT, HTML_EM }, { "b", FORMAT, HTML_STRONG }, { "i", FORMAT, HTML_EM },
	{ "sup", FORMAT, HTML_SUP }, { "sub", FORMAT, HTML_SUB }, { "br", BREAK, 0 },
};

static const struct name top = { "", TOP, 0 }, link_name = { "a", FORMAT, HTML_A };

enum { NESTING_MOST = 8 };

struct reader {
	const char *at, *end;
	struct html_writer *writer;
	struct arena *arena;
	struct open {
		const struct name *name;
		bool ends;            /* the writer took it, and is to be told of its end */
	} open[NESTING_MOST];
	size_t n_open;
};

static enum kind innermost(const struct reader *reader)
{
	return reader->open[reader->n_open - 1].name->kind;
}

static bool may_hold_text(enum kind kind)
{
	return kind == LINE || kind == ITEM || kind == FORMAT;
}

/* --- text --- */

/* Up to the next tag or reference; 0 at a byte that is not plain. UTF-8 is known to be valid. */
static size_t text_length(const struct reader *reader, bool *ret_is_blank)
{
	const char *at = reader->at;
	bool is_blank = true;

	for (; at < reader->end && *at != '<' && *at != '&'; at++) {
		const unsigned char c = (unsigned char)*at;

		if (c == ' ' || c == '\n' || c == '\t')
			continue;
		is_blank = false;
		if (c < 0x20 || c == 0x7F || (c >= 0xC2 && html_control_length(at, (size_t)(reader->end - at)) > 0))
			return 0;
	}
	*ret_is_blank = is_blank;
	return (size_t)(at - reader->at);
}

static bool read_text(struct reader *reader)
{
	bool is_blank = true;
	const size_t length = text_length(reader, &is_blank);

	if (length == 0 || (!is_blank && !may_hold_text(innermost(reader))))
		return false;
	html_write_text(reader->writer, reader->at, length);
	reader->at += length;
	return true;
}

static bool take(struct reader *reader, const char *word)
{
	const size_t length = strlen(word);

	if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0)
		return false;
	reader->at += length;
	return true;
}

static bool read_reference(struct reader *reader)
{
	static const struct { const char *reference, *letter; } references[] = {
		{ "&quot;", "\"" }, { "&#39;", "'" }, { "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" }, { "&#96;", "`" }, { "&#824;", "\xCC\xB8" },
	};

	for (size_t i = 0; may_hold_text(innermost(reader)) && i < sizeof references / sizeof references[0]; i++) {
		if (take(reader, references[i].reference)) {
			html_write_text(reader->writer, references[i].letter, strlen(references[i].letter));
			return true;
		}
	}
	return false;
}

/* --- tags --- */

/* Behind its '<' or '</'; goes behind its '>'. */
static const struct name *read_name(struct reader *reader)
{
	const char *close = memchr(reader->at, '>', (size_t)(reader->end - reader->at));

	for (size_t i = 0; close != NULL && i < sizeof names / sizeof names[0]; i++) {
		const size_t length = strlen(names[i].name);

		if ((size_t)(close - reader->at) == length && memcmp(reader->at, names[i].name, length) == 0) {
			reader->at = close + 1;
			return &names[i];
		}
	}
	return NULL;
}

static bool may_stand_in(enum kind kind, enum kind around)
{
	switch (kind) {
	case QUOTATION:
		return around == TOP;
	case LIST:
	case LINE:
		return around == TOP || around == QUOTATION;
	case ITEM:
		return around == LIST;
	case FORMAT:
	case BREAK:
		return may_hold_text(around);
	case TOP:
		break;
	}
	return false;
}

static bool push(struct reader *reader, const struct name *name, bool ends)
{
	if (reader->n_open == NESTING_MOST)
		return false;
	reader->open[reader->n_open++] = (struct open){ name, ends };
	return true;
}

/* A link in a link ends the outer one, and so on: rules that are gumbo's. */
static bool is_open(const struct reader *reader, const struct name *name)
{
	for (size_t i = 0; i < reader->n_open; i++)
		if (reader->open[i].name == name)
			return true;
	return false;
}

/* Behind "<a href=\"". An address with a reference in it is gumbo's, too. */
static bool begin_link(struct reader *reader)
{
	const char *start = reader->at, *url;

	while (reader->at < reader->end && (unsigned char)*reader->at > ' ' && strchr("\"&<>", *reader->at) == NULL)
		reader->at++;
	url = arena_copy(reader->arena, start, (size_t)(reader->at - start));
	if ((!take(reader, "\">") && !take(reader, "\" rel=\"nofollow noopener\">")) || is_open(reader, &link_name) ||
	    !may_stand_in(FORMAT, innermost(reader)))
		return false;
	url = html_clean_url(url, /* mail= */ true, reader->arena);
	return push(reader, &link_name, url != NULL && html_format_begin(reader->writer, HTML_A, url));
}

static bool begin(struct reader *reader)
{
	const struct name *name;

	if (take(reader, "a href=\""))
		return begin_link(reader);
	name = read_name(reader);
	if (name == NULL || !may_stand_in(name->kind, innermost(reader)) || is_open(reader, name))
		return false;
	if (name->kind == BREAK) {
		html_write_break(reader->writer);
		return true;
	}
	if (name->kind == FORMAT)
		return push(reader, name, html_format_begin(reader->writer, (enum html_format)name->as, NULL));
	return html_block_begin(reader->writer, (enum html_block)name->as, "") && push(reader, name, true);
}

static bool end(struct reader *reader)
{
	const struct name *name = take(reader, "a>") ? &link_name : read_name(reader);
	const struct open *open = &reader->open[reader->n_open - 1];

	if (name == NULL || open->name != name)
		return false;
	if (open->ends && name->kind == FORMAT)
		html_format_end(reader->writer);
	else if (open->ends)
		html_block_end(reader->writer);
	reader->n_open--;
	return true;
}

static bool read_one(struct reader *reader)
{
	if (*reader->at == '&')
		return read_reference(reader);
	if (*reader->at != '<')
		return read_text(reader);
	reader->at++;
	return take(reader, "/") ? end(reader) : begin(reader);
}

char *html_sanitise_plain(const char *html, size_t length, struct arena *arena)
{
	struct reader reader = { .at = html, .end = html + length, .writer = html_writer_new(arena), .arena = arena };
	char *clean;

	push(&reader, &top, false);
	if (!text_is_utf8(html, length))
		reader.at = NULL;
	while (reader.at != NULL && reader.at < reader.end)
		if (!read_one(&reader))
			reader.at = NULL;
	clean = html_writer_done(reader.writer);
	return reader.at != NULL && reader.n_open == 1 ? clean : NULL;
}
