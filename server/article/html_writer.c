/* SPDX-License-Identifier: MIT */
/*
 * Writes safe HTML: whoever drives it says what comes (a block, a format, text), and it decides which tags that needs.
 *
 * Everything is written late. A block that begins is only wished for; its tag is written when the first letter or picture inside it
 * comes. So nothing empty is ever written, and a tag that has been written is always closed. Three kinds of things are kept apart:
 *
 * - containers (lists, cells, quotations, …) lie on a stack, the outer ones written, the inner ones perhaps still wished for;
 * - one line (a paragraph, a heading, preformatted text, or the bare start of a list item or cell) may be open in the innermost
 *   container. Where text stands without one a <p> is made; a boundary between blocks closes it;
 * - formats (strong, a, …) are wished for over any stretch, written inside the line, and closed and written again across lines.
 *
 * White space is folded (but in <pre>), and written only before the next letter. The letters between two tags are collected, made
 * NFC as a whole and escaped, so that the result reads back as itself: driving the writer with what a browser makes of its output
 * gives the same bytes again.
 */
#include <stdlib.h>
#include <string.h>

#include "article_internal.h"

enum { NESTING_MOST = 54 };    /* of containers: with a line and all formats the output stays within 64 */

struct container {
	enum html_block block;
	const char *attributes;
	bool written;
	bool implied;                 /* a <li> made by us */
	bool begun;                   /* something stands in it */
	struct text held;             /* a row's empty cells in front of its first full one */
};

struct format {
	enum html_format format;
	const char *href;
};

/* A line that the driver asked for, and the container it was asked for in. */
struct wish {
	enum html_block block;
	size_t depth;
};

enum line { LINE_NONE, LINE_BARE, LINE_TAGGED };

struct html_writer {
	struct arena *arena;
	struct text out;
	struct text run;              /* letters since the last tag, not yet escaped */

	struct container containers[NESTING_MOST + 2];
	size_t n_containers;
	struct wish *wishes;          /* blocks begun: containers and lines, innermost last */
	size_t n_wishes, wish_capacity;

	enum line line;
	enum html_block line_block;   /* of a tagged one */
	struct format formats[HTML_FORMATS];
	size_t n_formats, n_formats_written;

	unsigned breaks;              /* waiting for the next letter */
	struct text space;
};

static const char *const block_names[] = {
	[HTML_BLOCKQUOTE] = "blockquote", [HTML_UL] = "ul", [HTML_OL] = "ol", [HTML_LI] = "li", [HTML_FIGURE] = "figure",
	[HTML_TABLE] = "table", [HTML_TR] = "tr", [HTML_TH] = "th", [HTML_TD] = "td", [HTML_P] = "p", [HTML_H2] = "h2",
	[HTML_H3] = "h3", [HTML_H4] = "h4", [HTML_PRE] = "pre", [HTML_FIGCAPTION] = "figcaption",
};

static const char *const format_names[] = {
	[HTML_A] = "a", [HTML_STRONG] = "strong", [HTML_EM] = "em", [HTML_CODE] = "code", [HTML_SUP] = "sup", [HTML_SUB] = "sub",
};

static bool is_container(enum html_block block)
{
	return block < HTML_P;
}

/* --- tags and letters --- */

/* Escapes what stands between two tags. U+0338 right behind a tag is written as a reference: together with its '>' it would be one
 * character in NFC. */
static void flush_run(struct html_writer *writer)
{
	static const char overlay[] = "\xCC\xB8";
	const char *letters;

	if (writer->run.length == 0)
		return;
	letters = unicode_nfc(writer->run.bytes, writer->arena);
	if (strncmp(letters, overlay, 2) == 0) {
		text_string(&writer->out, "&#824;");
		letters += 2;
	}
	text_html(&writer->out, letters, strlen(letters));
	text_clear(&writer->run);
}

static void write_tag(struct html_writer *writer, const char *before, const char *name, const char *attributes)
{
	flush_run(writer);
	text_string(&writer->out, before);
	text_string(&writer->out, name);
	text_string(&writer->out, attributes);
	text_char(&writer->out, '>');
}

static struct container *innermost(struct html_writer *writer)
{
	return writer->n_containers > 0 ? &writer->containers[writer->n_containers - 1] : NULL;
}

/* The line asked for in the innermost container, or NULL. */
static const struct wish *wished_line(const struct html_writer *writer)
{
	const struct wish *last = writer->n_wishes > 0 ? &writer->wishes[writer->n_wishes - 1] : NULL;

	return last != NULL && !is_container(last->block) && last->depth == writer->n_containers ? last : NULL;
}

/* Headings and the like keep to one line, whatever blocks stand in them. */
static bool keeps_to_one_line(const struct html_writer *writer)
{
	const struct wish *line = wished_line(writer);

	return line != NULL && line->block != HTML_P;
}

static bool in_pre(const struct html_writer *writer)
{
	const struct wish *line = wished_line(writer);

	return line != NULL && line->block == HTML_PRE;
}

static void close_formats(struct html_writer *writer, size_t keep)
{
	while (writer->n_formats_written > keep)
		write_tag(writer, "</", format_names[writer->formats[--writer->n_formats_written].format], "");
}

static void close_line(struct html_writer *writer)
{
	close_formats(writer, 0);
	flush_run(writer);
	if (writer->line == LINE_TAGGED)
		write_tag(writer, "</", block_names[writer->line_block], "");
	writer->line = LINE_NONE;
	writer->breaks = 0;
	text_clear(&writer->space);
}

/* --- opening, when something comes --- */

static bool is_list(const struct container *container)
{
	return container != NULL && (container->block == HTML_UL || container->block == HTML_OL);
}

/* Text in the middle of a list goes into an item of its own. */
static void imply_item(struct html_writer *writer)
{
	if (!is_list(innermost(writer)))
		return;
	writer->containers[writer->n_containers++] = (struct container){
		.block = HTML_LI,
		.attributes = "",
		.implied = true,
	};
}

static void open_containers(struct html_writer *writer)
{
	for (size_t i = 0; i < writer->n_containers; i++) {
		struct container *container = &writer->containers[i];

		if (!container->written) {
			if (i > 0 && writer->containers[i - 1].held.length > 0) {
				struct text *held = &writer->containers[i - 1].held;

				text_append(&writer->out, held->bytes, held->length);
				text_clear(held);
			}
			write_tag(writer, "<", block_names[container->block], container->attributes);
			container->written = true;
		}
		container->begun = container->begun || i + 1 < writer->n_containers;
	}
}

static bool may_start_bare(const struct container *container)
{
	return container != NULL && !container->begun &&
	       (container->block == HTML_LI || container->block == HTML_TD || container->block == HTML_TH || container->block == HTML_FIGURE);
}

static void open_line(struct html_writer *writer)
{
	const struct wish *wish = wished_line(writer);
	struct container *container;

	imply_item(writer);
	open_containers(writer);
	container = innermost(writer);
	if (wish == NULL && may_start_bare(container)) {
		writer->line = LINE_BARE;
	} else {
		writer->line = LINE_TAGGED;
		writer->line_block = wish != NULL ? wish->block : HTML_P;
		write_tag(writer, "<", block_names[writer->line_block], "");
	}
	if (container != NULL)
		container->begun = true;
}

static void open_formats(struct html_writer *writer)
{
	while (writer->n_formats_written < writer->n_formats) {
		const struct format *format = &writer->formats[writer->n_formats_written++];

		flush_run(writer);
		text_printf(&writer->out, "<%s", format_names[format->format]);
		if (format->format == HTML_A) {
			text_string(&writer->out, " href=\"");
			text_html(&writer->out, format->href, strlen(format->href));
			text_string(&writer->out, "\" rel=\"nofollow noopener\"");
		}
		text_char(&writer->out, '>');
	}
}

/* White space waits here for the next letter: all of it in preformatted text, elsewhere one space. */
static void keep_white(struct html_writer *writer, char white)
{
	if (in_pre(writer))
		text_char(&writer->space, white == '\n' || white == '\t' ? white : ' ');
	else if (writer->space.length == 0)
		text_char(&writer->space, ' ');
}

/* Leading white space of preformatted text: the indentation of its first line is kept. */
static void keep_indentation(struct html_writer *writer)
{
	const char *space = writer->space.bytes, *last = memrchr(space, '\n', writer->space.length);

	if (last != NULL)
		space = last + 1;
	text_string(&writer->run, space);
}

/* Makes ready for a letter or a picture: containers, line, the white space before it, formats. False where nothing may stand. */
static bool ready(struct html_writer *writer)
{
	const struct container *container = innermost(writer);

	if (container != NULL && (container->block == HTML_TABLE || container->block == HTML_TR))
		return false;
	if (writer->breaks > 1 && !keeps_to_one_line(writer))
		close_line(writer);    /* two breaks part paragraphs */
	if (writer->line == LINE_NONE) {
		open_line(writer);
		if (in_pre(writer) && writer->space.length > 0)
			keep_indentation(writer);
	} else if (writer->breaks > 0) {
		write_tag(writer, "<", "br", "");
	} else if (writer->space.length > 0) {
		text_append(&writer->run, writer->space.bytes, writer->space.length);
	}
	writer->breaks = 0;
	text_clear(&writer->space);
	open_formats(writer);
	return true;
}

/* --- blocks --- */

static void pop_implied(struct html_writer *writer)
{
	struct container *container = innermost(writer);

	if (container == NULL || !container->implied)
		return;
	close_line(writer);
	if (container->written)
		write_tag(writer, "</", block_names[container->block], "");
	writer->n_containers--;
}

static bool has_newline(const struct text *space)
{
	return space->length > 0 && memchr(space->bytes, '\n', space->length) != NULL;
}

void html_boundary(struct html_writer *writer)
{
	if (!keeps_to_one_line(writer))
		close_line(writer);
	else if (writer->line != LINE_NONE && writer->breaks == 0 && !has_newline(&writer->space))
		keep_white(writer, '\n');
}

/* How deep it will go: with what has to stand in it, and the item that is made for it right in a list. Counted so that the outcome goes
 * just as deep when it is read again. Every parser puts a <tbody> into a table. */
static size_t depth_with(const struct html_writer *writer, enum html_block block)
{
	size_t depth = block == HTML_TABLE ? 4 : block == HTML_UL || block == HTML_OL ? 2 : 1;

	for (size_t i = 0; i < writer->n_containers; i++)
		depth += writer->containers[i].block == HTML_TABLE ? 2 : 1;
	if (writer->n_containers > 0 && is_list(&writer->containers[writer->n_containers - 1]))
		depth++;
	return depth;
}

/* May it stand in the innermost container? */
static bool fits(struct html_writer *writer, enum html_block block)
{
	const struct container *container;

	if (keeps_to_one_line(writer))
		return false;
	if (block == HTML_LI && innermost(writer) != NULL && innermost(writer)->implied)
		pop_implied(writer);
	container = innermost(writer);
	switch (block) {
	case HTML_LI:
		return is_list(container);
	case HTML_TR:
		return container != NULL && container->block == HTML_TABLE;
	case HTML_TD:
	case HTML_TH:
		return container != NULL && container->block == HTML_TR;
	case HTML_FIGCAPTION:
		return container != NULL && container->block == HTML_FIGURE;
	default:
		break;
	}
	if (container != NULL && (container->block == HTML_TABLE || container->block == HTML_TR))
		return false;
	return !is_container(block) || depth_with(writer, block) <= NESTING_MOST;
}

static void push_wish(struct html_writer *writer, enum html_block block)
{
	if (writer->n_wishes == writer->wish_capacity) {
		struct wish *wishes = arena_array(writer->arena, writer->wish_capacity * 2, sizeof *wishes);

		memcpy(wishes, writer->wishes, writer->n_wishes * sizeof *wishes);
		writer->wishes = wishes;
		writer->wish_capacity *= 2;
	}
	writer->wishes[writer->n_wishes++] = (struct wish){ .block = block, .depth = writer->n_containers };
}

bool html_block_begin(struct html_writer *writer, enum html_block block, const char *attributes)
{
	html_boundary(writer);
	if (!fits(writer, block))
		return false;
	if (block != HTML_LI)
		imply_item(writer);
	if (is_container(block)) {
		writer->containers[writer->n_containers++] = (struct container){ .block = block, .attributes = attributes };
	}
	push_wish(writer, block);
	return true;
}

/* An empty cell keeps its place in a row that has a full one. */
static void keep_empty_cell(struct html_writer *writer, const struct container *cell)
{
	struct container *row = &writer->containers[writer->n_containers - 2];
	struct text *to = row->written ? &writer->out : &row->held;
	const char *name = block_names[cell->block];

	flush_run(writer);
	text_printf(to, "<%s%s></%s>", name, cell->attributes, name);
}

void html_block_end(struct html_writer *writer)
{
	enum html_block block = writer->wishes[writer->n_wishes - 1].block;
	struct container *container;

	if (!is_container(block)) {
		close_line(writer);
		writer->n_wishes--;
		return;
	}
	if (block != HTML_LI)
		pop_implied(writer);
	close_line(writer);
	container = innermost(writer);
	if (container->written)
		write_tag(writer, "</", block_names[block], "");
	else if (block == HTML_TD || block == HTML_TH)
		keep_empty_cell(writer, container);
	text_done(&container->held);
	writer->n_containers--;
	writer->n_wishes--;
}

/* --- formats --- */

bool html_format_begin(struct html_writer *writer, enum html_format format, const char *href)
{
	for (size_t i = 0; i < writer->n_formats; i++)
		if (writer->formats[i].format == format)
			return false;
	writer->formats[writer->n_formats++] = (struct format){ .format = format, .href = href };
	return true;
}

void html_format_end(struct html_writer *writer)
{
	close_formats(writer, writer->n_formats - 1);
	writer->n_formats--;
}

/* --- content --- */

size_t html_control_length(const char *bytes, size_t length)
{
	unsigned char first = (unsigned char)bytes[0], last;

	if ((first < 0x20 && first != '\t' && first != '\n' && first != '\r' && first != '\f') || first == 0x7F)
		return 1;
	if (first == 0xC2)
		return length >= 2 && (unsigned char)bytes[1] < 0xA0 ? 2 : 0;
	if (first == 0xEF && length >= 3) {    /* U+FDD0 to U+FDEF, U+FEFF, U+FFFE, U+FFFF */
		last = (unsigned char)bytes[2];
		return (bytes[1] == '\xB7' && last >= 0x90 && last <= 0xAF) || (bytes[1] == '\xBB' && last == 0xBF) ||
		       (bytes[1] == '\xBF' && last >= 0xBE) ? 3 : 0;
	}
	if (first >= 0xF0 && length >= 4)    /* the last two of each further plane */
		return ((unsigned char)bytes[1] & 0x0F) == 0x0F && bytes[2] == '\xBF' && (unsigned char)bytes[3] >= 0xBE ? 4 : 0;
	return 0;
}

/* How many bytes at the front show nothing: those, and at the start of a line no-break, zero-width and ideographic spaces. */
static size_t unseen_length(const char *bytes, size_t length, bool at_start)
{
	size_t control = html_control_length(bytes, length);

	if (control > 0 || !at_start)
		return control;
	if (length >= 2 && memcmp(bytes, "\xC2\xA0", 2) == 0)
		return 2;
	if (length >= 3 && (memcmp(bytes, "\xE2\x80\x8B", 3) == 0 || memcmp(bytes, "\xE2\x81\xA0", 3) == 0 ||
	                       memcmp(bytes, "\xE3\x80\x80", 3) == 0))
		return 3;
	return 0;
}

static bool is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* Bytes up to the next that needs a decision. */
static size_t plain_length(const char *bytes, size_t length)
{
	size_t n = 0;

	while (n < length && (unsigned char)bytes[n] > 0x20 && (unsigned char)bytes[n] < 0xEF && (unsigned char)bytes[n] != 0x7F &&
	       (unsigned char)bytes[n] != 0xC2)
		n++;
	return n;
}

void html_write_text(struct html_writer *writer, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length;) {
		bool at_start = writer->line == LINE_NONE || writer->breaks > 0;
		size_t n;

		if (is_white(bytes[i])) {
			char white = bytes[i++];

			if (writer->breaks == 0)
				keep_white(writer, white);
			continue;
		}
		n = unseen_length(bytes + i, length - i, at_start);
		if (n > 0) {
			i += n;
			continue;
		}
		if (!ready(writer))
			return;
		n = plain_length(bytes + i, length - i);
		n = n > 0 ? n : 1;
		while (i + n < length && ((unsigned char)bytes[i + n] & 0xC0) == 0x80)
			n++;
		text_append(&writer->run, bytes + i, n);
		i += n;
	}
}

void html_write_break(struct html_writer *writer)
{
	if (in_pre(writer))
		keep_white(writer, '\n');
	else if (writer->line != LINE_NONE)
		writer->breaks++;
}

/* A rule stands only where the container around it has been written: nothing is made for the sake of a rule. */
void html_write_rule(struct html_writer *writer)
{
	struct container *container = innermost(writer);

	html_boundary(writer);
	if (keeps_to_one_line(writer))
		return;
	if (container != NULL && (!container->written || container->block == HTML_UL || container->block == HTML_OL ||
	                             container->block == HTML_TABLE || container->block == HTML_TR))
		return;
	write_tag(writer, "<", "hr", "");
	if (container != NULL)
		container->begun = true;
}

void html_write_image(struct html_writer *writer, const char *attributes)
{
	if (ready(writer))
		write_tag(writer, "<", "img", attributes);
}

/* --- life --- */

struct html_writer *html_writer_new(struct arena *arena)
{
	struct html_writer *writer = arena_alloc(arena, sizeof *writer);

	writer->arena = arena;
	writer->wish_capacity = 32;
	writer->wishes = arena_array(arena, writer->wish_capacity, sizeof *writer->wishes);
	return writer;
}

char *html_writer_done(struct html_writer *writer)
{
	char *html;

	while (writer->n_wishes > 0)
		html_block_end(writer);
	close_line(writer);
	html = arena_copy(writer->arena, writer->out.bytes != NULL ? writer->out.bytes : "", writer->out.length);
	text_done(&writer->out);
	text_done(&writer->run);
	text_done(&writer->space);
	return html;
}
