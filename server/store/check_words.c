/* SPDX-License-Identifier: MIT */
/* Do the vocabulary and the vectors of articles agree? Each word must be counted as often as there are vectors that hold it. */
#include "check_internal.h"

#include <stdlib.h>

/* How many vectors hold each word, by id: what word.n must be. */
struct held_words {
	int64_t *n;
	int64_t n_ids;                /* one more than the largest id of a word */
	bool has_strange;             /* words that the vocabulary does not have */
};

static bool check_vectors(struct checking *checking, struct held_words *held, struct error *err)
{
	static const char sql[] = "SELECT article_id, vector FROM article_vector ORDER BY article_id";
	struct statement *rows = store_statement(checking->store, sql);

	while (statement_next(rows, err)) {
		struct vector_reader reader;
		struct vector_word word;

		vector_reader_init(&reader, statement_blob(rows, 1), statement_length(rows, 1));
		while (vector_next(&reader, &word)) {
			if (word.id < held->n_ids)
				held->n[word.id]++;
			else
				held->has_strange = true;
		}
		if (reader.is_broken)
			check_found_article(checking, "the vector cannot be read of article", statement_integer(rows, 0));
	}
	statement_done(rows);
	return err->code == ERROR_NONE;
}

static bool check_word_counts(struct checking *checking, struct held_words *held, struct error *err)
{
	static const char sql[] = "SELECT word_id, n, word FROM word WHERE word_id > 0 ORDER BY word_id";
	struct statement *rows = store_statement(checking->store, sql);

	while (statement_next(rows, err)) {
		int64_t *n = &held->n[statement_integer(rows, 0)];

		if (statement_integer(rows, 1) != *n)
			check_found(checking, "the count of articles is wrong for the word", statement_text(rows, 2));
		*n = 0;
	}
	statement_done(rows);
	for (int64_t id = 0; id < held->n_ids; id++)
		held->has_strange = held->has_strange || held->n[id] != 0;
	if (held->has_strange)
		check_found(checking, "the vocabulary does not have all words", "of the vectors");
	return err->code == ERROR_NONE;
}

bool check_words(struct checking *checking, struct error *err)
{
	static const char sql[] = "SELECT coalesce(max(word_id), 0) + 1 FROM word WHERE word_id > 0";
	struct statement *find = store_statement(checking->store, sql);
	struct held_words held = { .n_ids = statement_row(find, err) ? statement_integer(find, 0) : 1 };
	bool fine = err->code == ERROR_NONE;

	statement_done(find);
	held.n = calloc((size_t)held.n_ids, sizeof *held.n);
	if (held.n == NULL)
		return error_set(err, ERROR_INTERNAL, "no memory to count %lld words", (long long)held.n_ids);
	fine = fine && check_vectors(checking, &held, err) && check_word_counts(checking, &held, err);
	free(held.n);
	return fine;
}
