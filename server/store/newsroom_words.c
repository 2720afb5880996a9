/* SPDX-License-Identifier: MIT */
/*
 * Searching among what is not published: the words of each article as one text, held against a query word by word.
 *
 * A draft must not stand in the search index, whose counts of words, nearest words and rankings readers see. And there are few of them. So their words
 * are kept beside them as they would stand in the index, a line for each of its columns, and a search reads those lines one article after another,
 * within the bounds of a listing. It finds what the index would find: stems, words as written, phrases, word*, -word, title: and byline:.
 *
 * Nothing is ranked here; what is found comes in the order of the listing.
 */
#include "store_internal.h"

#include <string.h>

#include "search.h"

void newsroom_words_write(const struct article_words *words, struct text *ret_text)
{
	for (int i = 0; i < SEARCH_COLUMNS; i++)
		text_printf(ret_text, "%s%s", i > 0 ? "\n" : "", words->columns[i]);
}

/* A line, without its end. */
struct line {
	const char *at, *end;
};

static void lines_of(const char *words, struct line ret_lines[SEARCH_COLUMNS])
{
	for (int i = 0; i < SEARCH_COLUMNS; i++) {
		const size_t length = strcspn(words, "\n");

		ret_lines[i] = (struct line){ words, words + length };
		words += length + (words[length] != '\0');
	}
}

static bool next_word(struct line *line, struct line *ret_word)
{
	const char *blank;

	if (line->at >= line->end)
		return false;
	blank = memchr(line->at, ' ', (size_t)(line->end - line->at));
	*ret_word = (struct line){ line->at, blank != NULL ? blank : line->end };
	line->at = blank != NULL ? blank + 1 : line->end;
	return true;
}

static bool is_word(struct line word, const char *wanted)
{
	const size_t length = strlen(wanted);

	return (size_t)(word.end - word.at) == length && memcmp(word.at, wanted, length) == 0;
}

static bool begins_with(struct line word, const char *wanted)
{
	const size_t length = strlen(wanted);

	return (size_t)(word.end - word.at) >= length && memcmp(word.at, wanted, length) == 0;
}

static bool fits(struct line word, const struct search_term *term, size_t i)
{
	return is_word(word, term->stems[i]) || is_word(word, term->forms[i]) ||
	    (term->is_prefix && i + 1 == term->n && begins_with(word, term->forms[i]));
}

/* Do the term's words stand one behind the other? */
static bool line_has(struct line line, const struct search_term *term)
{
	struct line word;

	while (next_word(&line, &word)) {
		struct line rest = line;
		size_t n = 0;

		while (n < term->n && fits(word, term, n) && (++n == term->n || next_word(&rest, &word)))
			;
		if (n == term->n)
			return true;
	}
	return false;
}

/* "=bridges": a word as it is written, where its stem is another; "email": words joined by hyphens, as one. */
static bool marks_have(struct line marks, const struct search_term *term, const char *joined)
{
	struct line mark;

	while (next_word(&marks, &mark)) {
		if (joined != NULL && is_word(mark, joined))
			return true;
		mark.at += *mark.at == '=';
		if (term->n == 1 && fits(mark, term, 0))
			return true;
	}
	return false;
}

/* "e-mail" may also be written as one word: its stem, or NULL. */
static const char *joined_stem(const struct search_term *term, struct arena *arena)
{
	struct text joined = TEXT_EMPTY;
	const char *stem;

	if (!term->is_hyphenated)
		return NULL;
	for (size_t i = 0; i < term->n; i++)
		text_string(&joined, term->forms[i]);
	stem = search_stem(arena_copy(arena, joined.bytes, joined.length), joined.length, arena);
	text_done(&joined);
	return stem;
}

static bool has_joined(struct line line, const char *joined)
{
	struct line word;

	while (joined != NULL && next_word(&line, &word))
		if (is_word(word, joined))
			return true;
	return false;
}

static bool has(const struct line lines[SEARCH_COLUMNS], const struct search_term *term, struct arena *arena)
{
	const char *joined = joined_stem(term, arena);

	for (int i = 0; i < SEARCH_COLUMNS; i++) {
		const bool counts = term->field == SEARCH_ANYWHERE || (term->field == SEARCH_TITLE && i == SEARCH_COLUMN_TITLE) ||
		    (term->field == SEARCH_BYLINE && i == SEARCH_COLUMN_BYLINE);

		if (counts && (i == SEARCH_COLUMN_MARKS ? marks_have(lines[i], term, joined) : line_has(lines[i], term) || has_joined(lines[i], joined)))
			return true;
	}
	return false;
}

bool newsroom_words_match(const char *words, const struct search_query *query, struct arena *arena)
{
	struct line lines[SEARCH_COLUMNS];
	bool wants_any = false;

	lines_of(words, lines);
	for (size_t i = 0; i < query->n; i++) {
		if (has(lines, &query->terms[i], arena) == query->terms[i].is_excluded)
			return false;
		wants_any = wants_any || !query->terms[i].is_excluded;
	}
	return wants_any;
}

/* Of what a migration has brought in. */
static bool match_document(struct store *store, int64_t id, const struct search_query *query, struct arena *arena, struct error *err)
{
	struct article article;
	struct article_words words;
	struct text text = TEXT_EMPTY;
	bool match;

	if (!store_article_load(store, id, arena, &article, err))
		return false;
	article_read_words(&article, arena, &words);
	newsroom_words_write(&words, &text);
	match = newsroom_words_match(text.bytes, query, arena);
	text_done(&text);
	return match;
}

bool newsroom_matches(struct store *store, int64_t id, const struct search_query *query, struct error *err)
{
	static const char sql[] = "SELECT words FROM newsroom_words WHERE article_id = ?1";
	struct statement *find = store_statement(store, sql);
	struct arena *arena = arena_new();
	bool match = false;

	err->code = ERROR_NONE;
	statement_bind_integer(find, 1, id);
	if (statement_next(find, err))
		match = newsroom_words_match(statement_text(find, 0), query, arena);
	else if (err->code == ERROR_NONE)
		match = match_document(store, id, query, arena, err);
	statement_done(find);
	arena_free(arena);
	return match;
}
