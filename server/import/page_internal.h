/* SPDX-License-Identifier: MIT */
/*
 * Saved pages, as the files that read them share them. A page of either kind becomes lines first; what a line looks like (a
 * paragraph, a byline, the heading over teasers) is judged in one place for both.
 *
 *   page_line.c      what a line of text looks like
 *   page_head.c      title, source, byline, section and printed time, found among lines
 *   page_text.c      a page as plain text
 *   page_tree.c      a page as HTML: a tree that can be judged by parts, and its lines
 *   page_metadata.c  what an HTML page says about itself
 *   page_json_ld.c   what it says in JSON-LD
 *   page_body.c      which part of the tree is the article, and what in it is not
 *   page_lead.c      what in that part is a field of its own: the first picture, the dateline, the byline
 *   page_write.c     that part, as markup for the sanitiser
 *   page_html.c      these three together
 *   page_import.c    a page as an article
 */
#ifndef BROADSHEET_PAGE_INTERNAL_H
#define BROADSHEET_PAGE_INTERNAL_H

#include "article.h"
#include "html.h"

/* What was found; NULL what was not. Everything lies in the arena of the reading. */
struct page {
	const char *title, *source, *section, *byline, *summary, *lang, *url, *dateline;
	const char *site;             /* the website's name, which may stand in for a source */
	bool section_is_weak;         /* read off a heading over teasers or a line in capitals: what the command line says is better */
	bool is_article;              /* the page says so to machines */
	struct image image;
	struct string_list authors, tags;
	const char *document_title;   /* of <title>, for pages whose title is found nowhere else */
	int64_t published_at;         /* TIME_NONE: no time, or none that can be read */
	const char *time_trouble;     /* why a time that is there cannot be read */
	const char *body;
	bool body_is_html;
};

void page_read_text(const char *bytes, size_t length, struct arena *arena, struct page *ret_page);
void page_read_html(const char *bytes, size_t length, struct arena *arena, struct page *ret_page);

/* --- page_line.c --- */

enum line_place { PLACE_OTHER, PLACE_PARAGRAPH, PLACE_HEADING, PLACE_ITEM, PLACE_CELL, PLACE_CAPTION, PLACE_TITLE, PLACE_QUOTE, PLACE_PRE };

struct page_line {
	const char *text;             /* white space folded, none at the ends; never empty */
	size_t length;
	size_t words, linked;         /* linked: how many of them stand in links */
	bool sentence;                /* ends as a sentence does */
	enum line_place place;
	size_t first, behind;         /* items of a tree it is made of (page_tree.c) */
	bool left_out;
};

struct page_lines {
	struct page_line *items;
	size_t n, capacity;
};

/* Appends a line unless the text is blank. `linked` in bytes of the text. */
struct page_line *page_lines_add(struct page_lines *lines, const char *text, size_t length, size_t linked, struct arena *arena);

bool line_is_byline(const struct page_line *line);
bool line_is_noise(const struct page_line *line);          /* "Advertisement", "Share this", … */
/* What stands over other articles: "MORE National ARTICLES", "Related stories". With the section it names, if it does. */
enum line_end { LINE_NO_END, LINE_MAY_END, LINE_ENDS };
enum line_end line_ends_article(const struct page_line *line, const char **ret_section, struct arena *arena);
bool line_same_text(const char *one, const char *other);   /* but for case, white space and signs */
/* Is this a paragraph of running text? */
bool line_is_paragraph(const struct page_line *line);

/* --- page_head.c --- */

enum { NO_LINE = -1 };

struct page_head {
	long title, date, byline, section;    /* lines, or NO_LINE */
};

/* Looks in front of the line `body`, where the article's first paragraph is, and fills in what the page lacks. `title` may be known
 * already, from metadata. */
void page_head_find(const struct page_lines *lines, size_t body, struct arena *arena, struct page *page, struct page_head *ret_head);

/* --- page_tree.c --- */

struct page_item {
	GumboNode *node;
	size_t parent, end;           /* items[i+1 .. end) lie inside; the root is its own parent */
	bool left_out;
	double value;                 /* page_body.c: of the lines inside */
	size_t words;
};

struct page_tree {
	struct html_tree *tree;
	struct page_item *items;
	size_t n, capacity;
	struct page_lines lines;
	bool brief;                   /* the page is known for an article: short sentences in <p> count as running text */
};

void page_tree_init(struct page_tree *tree, const char *html, size_t length, struct arena *arena);
void page_tree_done(struct page_tree *tree);
bool item_is(const struct page_item *item, GumboTag tag);
GumboTag item_tag(const struct page_item *item);           /* GUMBO_TAG_LAST for text */
bool tag_is_block(GumboTag tag);

/* --- page_metadata.c --- */

/* Longest texts taken; article_decode() would refuse the whole article for longer ones. */
enum {
	PAGE_TEXT_LONGEST = 2000,
	PAGE_SECTION_LONGEST = 120,
	PAGE_CAPTION_LONGEST = 2000,
	PAGE_CREDIT_LONGEST = 300,
	PAGE_ALT_LONGEST = 1000,
	PAGE_DATELINE_LONGEST = 100,
};

/* Fills `page` from JSON-LD, Open Graph, meta elements and <time>. `base` for relative addresses. */
void page_metadata(const struct page_tree *tree, struct arena *arena, struct page *page, const char **ret_base);
/* `address` as seen from `base` (perhaps NULL); NULL when that is no http(s) address. */
const char *page_address(const char *base, const char *address, struct arena *arena);
/* Folded text without markup; NULL when nothing is left or it is longer than `longest` bytes. `text` may be NULL, here and below. */
const char *page_clean_text(const char *text, size_t longest, struct arena *arena);
void page_set_text(const char **member, const char *text, size_t longest, struct arena *arena);    /* unless it is set */
void page_set_time(struct page *page, const char *text, struct arena *arena);                      /* unless it is set */
void page_add_author(struct page *page, const char *name, struct arena *arena);
void page_add_tag(struct page *page, const char *name, struct arena *arena);

/* --- page_json_ld.c --- */

void page_read_json_ld(const char *text, struct page *page, struct arena *arena);

/* --- page_body.c --- */

/* Which item holds the article; and marks as left out what is none of it. */
size_t page_body_find(struct page_tree *tree);
/* The same for a page with little text, which the values of lines cannot tell from scraps: by its elements. *ret_named: it has one
 * that says what the article is. Sets tree->brief. */
size_t page_body_find_brief(struct page_tree *tree, bool *ret_named);
bool page_line_runs(const struct page_tree *tree, const struct page_line *line);    /* is this running text, as this page has it? */
void page_body_prune(struct page_tree *tree, size_t root, const struct page_head *head, const struct page *page, struct arena *arena);

/* --- page_lead.c --- */

/* Moves picture, dateline and byline from the body's beginning to `page`, and leaves out captions whose picture is not there. */
void page_lead_take(struct page_tree *tree, size_t root, const char *base, struct arena *arena, struct page *page);

/* --- page_write.c --- */

const char *page_image_address(const GumboNode *node, const char *base, struct arena *arena);    /* of an <img>; NULL: none */

const char *page_body_html(const struct page_tree *tree, size_t root, const char *base, struct arena *arena);

#endif
