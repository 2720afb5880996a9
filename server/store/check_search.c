/* SPDX-License-Identifier: MIT */
/*
 * Does the search index hold the words of every published article, each at its place, and nothing else?
 *
 * Each word at its place is a number, and the numbers are summed: once over what the index holds, once over what the articles, read anew, would have
 * in it. The sums are equal, whatever the order, only if both hold the same. That is one walk through the index and one through the articles.
 */
#include "check_internal.h"
#include "search_internal.h"

#include <string.h>

#include <xxhash.h>

static const char *const column_names[SEARCH_COLUMNS] = { "body", "marks", "title", "standfirst", "byline" };

struct sum {
	uint64_t sum, n;
};

static void add(struct sum *sum, const char *term, size_t length, int64_t row, unsigned column, int64_t offset)
{
	const uint64_t place[] = { (uint64_t)row, column, (uint64_t)offset };

	sum->sum += XXH3_64bits_withSeed(term, length, XXH3_64bits(place, sizeof place));
	sum->n++;
}

static bool sum_index(struct store *store, struct sum *ret_sum, struct error *err)
{
	static const char sql[] = "SELECT term, doc, col, offset FROM search_posting";
	struct statement *rows = store_statement(store, sql);

	while (statement_next(rows, err)) {
		const char *name = statement_text(rows, 2);
		unsigned column = 0;

		while (column < SEARCH_COLUMNS && strcmp(column_names[column], name) != 0)
			column++;
		add(ret_sum, statement_text(rows, 0), statement_length(rows, 0), statement_integer(rows, 1), column, statement_integer(rows, 3));
	}
	statement_done(rows);
	return err->code == ERROR_NONE;
}

static void add_column(struct sum *sum, const char *text, int64_t row, unsigned column)
{
	int64_t offset = 0;
	size_t length;

	for (; *text != '\0'; text += length + (text[length] == ' ')) {
		length = strcspn(text, " ");
		if (length > 0)
			add(sum, text, length, row, column, offset++);
	}
}

static bool add_article(struct checking *checking, int64_t id, int64_t row, const char *term_ids, struct arena *arena, struct sum *sum, struct error *err)
{
	struct article article;
	struct article_words words;
	const char *columns[SEARCH_COLUMNS];
	struct text marks = TEXT_EMPTY;
	struct error why;
	bool fine;

	if (!store_article_load(checking->store, id, arena, &article, &why))
		return true;    /* which is found elsewhere */
	article_read_words(&article, arena, &words);
	fine = search_columns(&words, term_ids, columns, &marks, err);
	for (unsigned i = 0; fine && i < SEARCH_COLUMNS; i++)
		add_column(sum, columns[i], row, i);
	text_done(&marks);
	return fine;
}

static bool sum_articles(struct checking *checking, struct sum *ret_sum, struct error *err)
{
	static const char sql[] = "SELECT article_id, search_id, term_ids FROM search_row JOIN article_document USING (article_id) ORDER BY article_id";
	struct statement *rows = store_statement(checking->store, sql);
	struct arena *arena = arena_new();
	bool fine = true;

	while (fine && statement_next(rows, err)) {
		fine = add_article(checking, statement_integer(rows, 0), statement_integer(rows, 1), statement_text(rows, 2), arena, ret_sum, err);
		arena_reset(arena);
	}
	statement_done(rows);
	arena_free(arena);
	return fine && err->code == ERROR_NONE;
}

bool check_search(struct checking *checking, struct error *err)
{
	struct sum in_index = { 0 }, of_articles = { 0 };

	if (!sum_index(checking->store, &in_index, err) || !sum_articles(checking, &of_articles, err))
		return false;
	if (in_index.sum != of_articles.sum || in_index.n != of_articles.n)
		check_found(checking, "the search index is not what the articles say:", "broadsheet check --rebuild-indexes makes it anew");
	return true;
}
