/* SPDX-License-Identifier: MIT */
/*
 * What the files of server/article/ share among themselves.
 */
#ifndef BROADSHEET_ARTICLE_INTERNAL_H
#define BROADSHEET_ARTICLE_INTERNAL_H

#include "article.h"

/* --- unicode.c --- */

/* Letters of any script in ASCII and lower case, as far as ICU knows how; other characters may stay. */
char *unicode_latin(const char *string, struct arena *arena);
/* As search compares words: case folded, without accents, Latin letters written out (ß, æ), no format characters. */
char *unicode_search_fold(const char *string, struct arena *arena);

enum unicode_kind {
	UNICODE_OTHER,
	UNICODE_LETTER,               /* or a digit */
	UNICODE_IDEOGRAPH,            /* a letter of a script that does not part words by spaces */
	UNICODE_MARK,                 /* a combining or format character: belongs to what stands before it */
};

/* What the character at the front of a non-empty string is; its length in bytes in *ret_length. */
enum unicode_kind unicode_kind_at(const char *string, size_t *ret_length);

/* --- html_guard.c: HTML without what would make gumbo build an absurd tree; `deepest` 0 takes out every tag --- */
void html_guard(const char *html, size_t length, int deepest, struct text *ret_html);

/* --- html_writer.c: safe HTML from pieces --- */

/* Blocks that hold other blocks, headings and the like that hold a line, and inline formats. */
enum html_block {
	HTML_BLOCKQUOTE, HTML_UL, HTML_OL, HTML_LI, HTML_FIGURE, HTML_TABLE, HTML_TR, HTML_TH, HTML_TD,
	HTML_P, HTML_H2, HTML_H3, HTML_H4, HTML_PRE, HTML_FIGCAPTION,
};
enum html_format { HTML_A, HTML_STRONG, HTML_EM, HTML_CODE, HTML_SUP, HTML_SUB, HTML_FORMATS };

/* Bytes at the front of what has no place in HTML: control characters and noncharacters, which browsers replace, and U+FEFF. */
size_t html_control_length(const char *bytes, size_t length);

struct html_writer;

struct html_writer *html_writer_new(struct arena *arena);    /* lives in the arena, but for what html_writer_done() frees */
char *html_writer_done(struct html_writer *writer);          /* closes what is open; the result lies in the arena */

/* A block begins; false when it cannot stand here (too deep, or out of place): its content then goes on in what is open, and
 * html_block_end() must not be called for it. `attributes` is ready-made (" start=\"3\"") or "". */
bool html_block_begin(struct html_writer *writer, enum html_block block, const char *attributes);
void html_block_end(struct html_writer *writer);
void html_boundary(struct html_writer *writer);              /* an edge of a block that is not kept: the paragraph ends */

/* Formats may stay open over blocks. `href` for HTML_A, already checked. False: it is open already, no end must follow. */
bool html_format_begin(struct html_writer *writer, enum html_format format, const char *href);
void html_format_end(struct html_writer *writer);             /* the innermost */

void html_write_text(struct html_writer *writer, const char *bytes, size_t length);
void html_write_break(struct html_writer *writer);
void html_write_rule(struct html_writer *writer);
void html_write_image(struct html_writer *writer, const char *attributes);    /* ready-made */

#endif
