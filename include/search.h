/* SPDX-License-Identifier: MIT */
/*
 * What a person types into a search box, and what it means. Pure functions; the index is the store's (store.h).
 *
 * Whatever is typed means something: words must all be there, "in quotes" one behind the other, -word must not be there, word* stands for
 * every word written so at its front, title:word and byline:word must be there. A quote that is not closed ends with the text; signs that
 * mean nothing where they stand part words. What is joined by a sign (server-access, example.com) is looked for as it is joined.
 */
#ifndef BROADSHEET_SEARCH_H
#define BROADSHEET_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "article.h"
#include "text.h"

enum {
	SEARCH_TERMS_MOST = 16,       /* that count; the rest is ignored, and named */
	SEARCH_PHRASE_MOST = 32,      /* words of one term; longer ones are cut */
};

enum search_field { SEARCH_ANYWHERE, SEARCH_TITLE, SEARCH_BYLINE };

/* One word, or several that stand one behind the other. */
struct search_term {
	enum search_field field;
	bool is_excluded;
	bool is_prefix;               /* of the last word as it is written */
	bool is_hyphenated;           /* may also be written as one word */
	const char **forms, **stems;  /* as search_words_next() gives them, for English */
	size_t n;
};

struct search_query {
	struct search_term *terms;
	size_t n;
	const char **ignored;         /* as typed: what came too late, and what is no word */
	size_t n_ignored;
};

/* typed: valid UTF-8. Everything lies in the arena. Never fails; a query without terms finds nothing. Cost: linear. */
void search_parse(const char *typed, struct arena *arena, struct search_query *ret_query);
/* The query written out, for tests and logs: +bridg -"town hall" title:may* */
void search_write(const struct search_query *query, struct text *ret_text);

/* --- what is found, shown --- */

/* Appends the text as HTML, <mark> around what the query looks for, all else escaped. */
void search_mark(const struct search_query *query, enum search_field field, const char *text, bool is_english, struct arena *arena, struct text *ret_html);
/* The same of that part of a longer text, some `longest` bytes, where most of it stands; from the beginning where nothing does. */
void search_excerpt(const struct search_query *query, const char *text, bool is_english, size_t longest, struct arena *arena, struct text *ret_html);

#endif
