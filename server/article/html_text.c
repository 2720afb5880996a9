/* SPDX-License-Identifier: MIT */
/*
 * Bodies between HTML and plain text.
 *
 * To text: what html_sanitise() writes is so regular that no parser is needed: tags of known names, in which '>' never stands inside
 * a value, and a handful of character references. Paragraphs, headings and the like are parted by a blank line; list items and table
 * rows stand on lines of their own, items after "- ", cells parted by " | ". Pictures leave no trace; captions do.
 *
 * To HTML: blank lines part paragraphs, single line ends become <br>, so that text, HTML, text is the same text again.
 *
 * Other HTML than ours gives some text too, but not always what a browser would show.
 */
#include <stdlib.h>
#include <string.h>

#include "article_internal.h"

/* What is due before the next letter; the larger wins. */
enum gap { GAP_NONE, GAP_CELL, GAP_LINE, GAP_PARAGRAPH };

struct text_writer {
	struct text out;
	enum gap gap;
	size_t lists;                 /* how many we are in */
	bool in_row;
	bool item;                    /* a dash is due */
	bool preformatted;
};

static void leave_gap(struct text_writer *writer, enum gap gap)
{
	if (gap > writer->gap)
		writer->gap = gap;
}

static void write_gap(struct text_writer *writer)
{
	static const char *const gaps[] = { "", " | ", "\n", "\n\n" };

	if (writer->out.length > 0)
		text_string(&writer->out, gaps[writer->gap]);
	writer->gap = GAP_NONE;
	if (writer->item)
		text_string(&writer->out, "- ");
	writer->item = false;
}

/* --- tags --- */

static bool is_one_of(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

static void list_tag(struct text_writer *writer, bool opens)
{
	leave_gap(writer, writer->lists > (opens ? 0u : 1u) ? GAP_LINE : GAP_PARAGRAPH);
	if (opens)
		writer->lists++;
	else if (writer->lists > 0)
		writer->lists--;
}

/* Paragraphs inside items and cells part by a line only, so that the list or row stays together. */
static void block_tag(struct text_writer *writer)
{
	if (writer->in_row)
		leave_gap(writer, GAP_CELL);
	else
		leave_gap(writer, writer->lists > 0 ? GAP_LINE : GAP_PARAGRAPH);
}

static void tag(struct text_writer *writer, const char *name, bool opens)
{
	static const char *const blocks[] = { "p", "h1", "h2", "h3", "h4", "blockquote", "pre", "figure", "figcaption", "hr", "div", NULL };

	if (strcmp(name, "br") == 0) {
		leave_gap(writer, writer->in_row ? GAP_CELL : GAP_LINE);
	} else if (strcmp(name, "li") == 0) {
		leave_gap(writer, GAP_LINE);
		writer->item = opens;
	} else if (strcmp(name, "ul") == 0 || strcmp(name, "ol") == 0) {
		list_tag(writer, opens);
	} else if (strcmp(name, "table") == 0) {
		writer->in_row = false;
		block_tag(writer);
	} else if (strcmp(name, "tr") == 0) {
		writer->in_row = opens;
		leave_gap(writer, GAP_LINE);
	} else if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0) {
		leave_gap(writer, GAP_CELL);
	} else if (is_one_of(name, blocks)) {
		block_tag(writer);
	}
	if (strcmp(name, "pre") == 0)
		writer->preformatted = opens;
}

/* From '<' to behind '>'. */
static const char *read_tag(struct text_writer *writer, const char *at)
{
	const char *end = strchr(at, '>');
	char name[16];
	size_t length = 0;
	bool opens = at[1] != '/';

	if (end == NULL)
		return at + strlen(at);
	for (at += opens ? 1 : 2; at < end && *at != ' ' && length < sizeof name - 1; at++)
		name[length++] = *at;
	name[length] = '\0';
	tag(writer, name, opens);
	return end + 1;
}

/* --- letters --- */

static void append_code_point(struct text *out, unsigned long c)
{
	char bytes[4];
	size_t length = 0;

	if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		c = 0xFFFD;
	if (c < 0x80) {
		bytes[length++] = (char)c;
	} else if (c < 0x800) {
		bytes[length++] = (char)(0xC0 | c >> 6);
	} else if (c < 0x10000) {
		bytes[length++] = (char)(0xE0 | c >> 12);
		bytes[length++] = (char)(0x80 | (c >> 6 & 0x3F));
	} else {
		bytes[length++] = (char)(0xF0 | c >> 18);
		bytes[length++] = (char)(0x80 | (c >> 12 & 0x3F));
		bytes[length++] = (char)(0x80 | (c >> 6 & 0x3F));
	}
	if (c >= 0x80)
		bytes[length++] = (char)(0x80 | (c & 0x3F));
	text_append(out, bytes, length);
}

/* From '&' to behind the reference; an unknown one stays as it is. */
static const char *read_reference(struct text *out, const char *at)
{
	static const struct {
		const char *reference;
		char c;
	} named[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' } };
	unsigned long c;
	char *end;

	for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
		if (strncmp(at, named[i].reference, strlen(named[i].reference)) == 0) {
			text_char(out, named[i].c);
			return at + strlen(named[i].reference);
		}
	}
	if (at[1] == '#' && at[2] >= '0' && at[2] <= '9') {
		c = strtoul(at + 2, &end, 10);
		if (*end == ';') {
			append_code_point(out, c);
			return end + 1;
		}
	}
	text_char(out, '&');
	return at + 1;
}

static bool is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *read_letters(struct text_writer *writer, const char *at)
{
	size_t length;

	if (writer->gap != GAP_NONE || writer->item || writer->out.length == 0)
		write_gap(writer);
	if (*at == '&')
		return read_reference(&writer->out, at);
	length = strcspn(at, "<&");
	text_append(&writer->out, at, length);
	return at + length;
}

char *html_to_text(const char *html, struct arena *arena)
{
	struct text_writer writer = { 0 };
	char *text;

	while (*html != '\0') {
		if (*html == '<')
			html = read_tag(&writer, html);
		else if (is_white(*html) && !writer.preformatted && (writer.gap != GAP_NONE || writer.out.length == 0))
			html++;
		else
			html = read_letters(&writer, html);
	}
	text = arena_copy(arena, writer.out.bytes != NULL ? writer.out.bytes : "", writer.out.length);
	text_done(&writer.out);
	return text;
}

char *html_from_text(const char *text, struct arena *arena)
{
	struct html_writer *writer = html_writer_new(arena);

	while (*text != '\0') {
		size_t line = strcspn(text, "\n"), ends = 0;

		html_write_text(writer, text, line);
		text += line;
		while (is_white(*text))
			ends += *text++ == '\n';
		if (ends > 1)
			html_boundary(writer);
		else if (ends == 1)
			html_write_break(writer);
	}
	return html_writer_done(writer);
}
