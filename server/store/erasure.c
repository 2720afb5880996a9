/* SPDX-License-Identifier: MIT */
/*
 * Erasing an article: what apply takes out of the tables is not yet out of the file.
 *
 * Its versions are blanked and the replies that were kept of it go (version_store.c, idempotency_store.c). What is left then are single words: in the
 * vocabulary, which never shrinks otherwise, and in the segments of full-text indexes, where a row that was taken out stays beside the
 * note that it is gone until both meet in a merge. So words that no published article holds are taken out of the vocabulary, and the indexes are
 * merged into one segment each. SQLite overwrites what is no longer used (secure_delete, which Debian builds in), and the write-ahead log is
 * emptied behind the transaction (transaction.c), unless a reader is in it: then by the next erasure, or when the writer closes.
 *
 * The merge costs as much as the index is long, which is why it is done for this and nothing else. Names of terms stay: they belong to all articles.
 */
#include "search_internal.h"

static bool run(struct store *store, const char *sql, struct error *err)
{
	struct statement *statement = store_statement(store, sql);
	const bool fine = statement_run(statement, err);

	statement_done(statement);
	return fine;
}

bool erasure_flush(struct store *store, struct error *err)
{
	static const char words[] = "DELETE FROM word WHERE n = 0";
	static const char forms[] =
	    "DELETE FROM search_form WHERE stem NOT IN (SELECT word FROM word)"
	    "   AND NOT EXISTS (SELECT 1 FROM search_posting WHERE term = search_form.stem)";
	static const char searches[] = "INSERT INTO article_search (article_search) VALUES ('optimize')";
	static const char suggestions[] = "INSERT INTO suggest_word (suggest_word) VALUES ('optimize')";
	const bool fine = run(store, words, err) && run(store, forms, err) && run(store, searches, err) && run(store, suggestions, err);

	store_words_forget(store);
	search_forms_forget(store);
	return fine;
}
