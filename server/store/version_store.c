/* SPDX-License-Identifier: MIT */
/*
 * The log: article_version. On one machine it is this table, appended to in the transaction that applies the version; a replica of
 * a cluster keeps the same table as its record of what it has applied.
 *
 * seq ascends and is never reused: rows are never deleted, so the next one is one more than the last.
 */
#include "store_internal.h"

static const char *operation(const struct article *article)
{
	return article->status == ARTICLE_WITHDRAWN ? "withdraw" : "put";
}

bool store_version_append(struct store *store, const struct article_version *version, int64_t *ret_seq, struct error *err)
{
	static const char sql[] =
	    "INSERT INTO article_version (seq, kind, ref, rev, op, doc, at, by)"
	    " VALUES (coalesce(nullif(?1, 0), (SELECT coalesce(max(seq), 0) + 1 FROM article_version)), 'article', ?2, ?3, ?4, ?5, ?6, ?7)"
	    " RETURNING seq";
	struct statement *append = store_statement(store, sql);
	struct text doc = TEXT_EMPTY;
	bool fine;

	article_encode(version->article, VIEW_EXPORT, &doc);
	statement_bind_integer(append, 1, version->seq);
	statement_bind_integer(append, 2, version->article->id);
	statement_bind_integer(append, 3, version->article->rev);
	statement_bind_text(append, 4, operation(version->article));
	statement_bind_bytes(append, 5, doc.bytes, doc.length);
	statement_bind_integer(append, 6, version->at);
	statement_bind_text(append, 7, version->by);
	fine = statement_row(append, err);
	if (fine)
		*ret_seq = statement_integer(append, 0);
	statement_done(append);
	text_done(&doc);
	return fine;
}

int64_t store_public_seq(struct store *store)
{
	static const char sql[] = "SELECT value FROM state WHERE name = 'public_seq'";
	struct statement *find = store_statement(store, sql);
	struct error err;
	int64_t seq = statement_row(find, &err) ? statement_integer(find, 0) : 0;

	statement_done(find);
	return seq;
}
