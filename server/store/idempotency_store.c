/* SPDX-License-Identifier: MIT */
/*
 * Replies that are kept for those who ask again with the same Idempotency-Key: written in the transaction of the write itself, so a reply is
 * there exactly when the write is.
 *
 * They are this node's alone, and no versions of the log: who asks again asks where it asked before.
 */
#include "store_internal.h"

#include <string.h>

bool store_idempotency_find(struct store *store, const char *caller, const char *key, int64_t now, struct arena *arena, struct kept_write *ret_write,
    struct error *err)
{
	static const char sql[] = "SELECT digest, article_id, status, rev, reply FROM idempotency WHERE caller = ?1 AND key = ?2 AND at >= ?3";
	struct statement *find = store_statement(store, sql);
	bool found;

	statement_bind_text(find, 1, caller);
	statement_bind_text(find, 2, key);
	statement_bind_integer(find, 3, now - IDEMPOTENCY_SECONDS);
	found = statement_next(find, err);
	if (found && statement_length(find, 0) == sizeof ret_write->digest) {
		memcpy(ret_write->digest, statement_blob(find, 0), sizeof ret_write->digest);
		ret_write->article_id = statement_integer(find, 1);
		ret_write->status = (unsigned)statement_integer(find, 2);
		ret_write->rev = statement_integer(find, 3);
		ret_write->length = statement_length(find, 4);
		ret_write->reply = arena_copy(arena, statement_text(find, 4), ret_write->length);
	}
	statement_done(find);
	return found;
}

/* A hundred a write: more than come in with it, and never so many that it takes long. */
static bool forget_before(struct store *store, int64_t time, struct error *err)
{
	static const char sql[] =
	    "DELETE FROM idempotency WHERE (caller, key) IN (SELECT caller, key FROM idempotency WHERE at < ?1 ORDER BY at LIMIT 100)";
	struct statement *forget = store_statement(store, sql);
	bool fine;

	statement_bind_integer(forget, 1, time);
	fine = statement_run(forget, err);
	statement_done(forget);
	return fine;
}

bool store_idempotency_keep(struct store *store, const char *caller, const char *key, const struct kept_write *write, int64_t now, struct error *err)
{
	static const char sql[] =
	    "INSERT OR REPLACE INTO idempotency (caller, key, digest, article_id, status, rev, reply, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
	struct statement *keep;
	bool fine;

	if (!forget_before(store, now - IDEMPOTENCY_SECONDS, err))
		return false;
	keep = store_statement(store, sql);
	statement_bind_text(keep, 1, caller);
	statement_bind_text(keep, 2, key);
	statement_bind_blob(keep, 3, (const char *)write->digest, sizeof write->digest);
	statement_bind_integer(keep, 4, write->article_id);
	statement_bind_integer(keep, 5, write->status);
	statement_bind_integer(keep, 6, write->rev);
	statement_bind_bytes(keep, 7, write->reply, write->length);
	statement_bind_integer(keep, 8, now);
	fine = statement_run(keep, err);
	statement_done(keep);
	return fine;
}

bool idempotency_forget(struct store *store, int64_t article_id, struct error *err)
{
	static const char sql[] = "DELETE FROM idempotency WHERE article_id = ?1";
	struct statement *forget = store_statement(store, sql);
	bool fine;

	statement_bind_integer(forget, 1, article_id);
	fine = statement_run(forget, err);
	statement_done(forget);
	return fine;
}
