/* SPDX-License-Identifier: MIT */
/*
 * The log: article_version. On one machine it is this table, appended to in the transaction that applies the version; a replica of
 * a cluster keeps the same table as its record of what it has applied.
 *
 * seq ascends and is never reused: rows are never deleted, so the next one is one more than the last.
 *
 * Each version has a mark: a digest of itself and of the mark before it. Two databases with the same mark at a seq have the same log up
 * to there; a copy that was put back and went another way since has other marks, and no validator made with them is ever made twice.
 */
#include "store_internal.h"

#include <xxhash.h>

static const char *operation(const struct article *article)
{
	return article->status == ARTICLE_WITHDRAWN ? "withdraw" : "put";
}

/* Where the log ends; both are 0 when it is empty. */
static bool last_version(struct store *store, int64_t *ret_seq, int64_t *ret_mark, struct error *err)
{
	static const char sql[] = "SELECT seq, mark FROM article_version ORDER BY seq DESC LIMIT 1";
	struct statement *find;

	*ret_seq = store->last_seq;
	*ret_mark = store->last_seq > 0 ? store->last_mark : 0;
	if (store->last_seq > 0)
		return true;
	find = store_statement(store, sql);
	if (statement_next(find, err)) {
		*ret_seq = statement_integer(find, 0);
		*ret_mark = statement_integer(find, 1);
	}
	statement_done(find);
	return err->code == ERROR_NONE;
}

static int64_t mark_of(const struct article_version *version, int64_t seq, const struct text *doc, int64_t mark_before)
{
	const int64_t numbers[] = { mark_before, seq, version->article->id, version->article->rev, version->at };

	return (int64_t)XXH3_64bits_withSeed(doc->bytes, doc->length, XXH3_64bits(numbers, sizeof numbers));
}

static bool insert(struct store *store, const struct article_version *version, int64_t seq, const struct text *doc, int64_t mark, struct error *err)
{
	static const char sql[] =
	    "INSERT INTO article_version (seq, kind, ref, rev, op, doc, at, by, mark)"
	    " VALUES (?1, 'article', ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
	struct statement *append = store_statement(store, sql);
	bool fine;

	statement_bind_integer(append, 1, seq);
	statement_bind_integer(append, 2, version->article->id);
	statement_bind_integer(append, 3, version->article->rev);
	statement_bind_text(append, 4, operation(version->article));
	statement_bind_bytes(append, 5, doc->bytes, doc->length);
	statement_bind_integer(append, 6, version->at);
	statement_bind_text(append, 7, version->by);
	statement_bind_integer(append, 8, mark);
	fine = statement_run(append, err);
	statement_done(append);
	return fine;
}

bool store_version_append(struct store *store, const struct article_version *version, int64_t *ret_seq, struct error *err)
{
	struct text doc = TEXT_EMPTY;
	int64_t last, mark_before, mark, seq;
	bool fine;

	err->code = ERROR_NONE;
	if (!last_version(store, &last, &mark_before, err))
		return false;
	seq = version->seq > 0 ? version->seq : last + 1;
	article_encode(version->article, VIEW_EXPORT, &doc);
	mark = mark_of(version, seq, &doc, mark_before);
	fine = insert(store, version, seq, &doc, mark, err);
	text_done(&doc);
	if (fine)
		*ret_seq = seq;
	store->last_seq = fine && seq > last ? seq : 0;
	store->last_mark = mark;
	return fine;
}

int64_t store_public_seq(struct store *store)
{
	static const char sql[] = "SELECT value FROM state WHERE name = 'public_seq'";
	struct statement *find;
	int64_t seq = late_public_seq_noted(store);

	if (seq > 0)
		return seq;
	find = store_statement(store, sql);
	seq = statement_row(find, &store->ignored) ? statement_integer(find, 0) : 0;
	statement_done(find);
	return seq;
}
