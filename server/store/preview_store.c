/* SPDX-License-Identifier: MIT */
/*
 * What previews are signed with, and of which articles there are none any more.
 *
 * The secret is a record in the log, so that an address made on one node is good on all, and in a copy that is put back. It is in no answer and in no
 * export: those read articles alone.
 */
#include "store_internal.h"

#include <string.h>

bool store_preview_secret(struct store *store, struct arena *arena, const char **ret_secret, struct error *err)
{
	static const char sql[] = "SELECT secret FROM preview_secret";
	struct statement *find = store_statement(store, sql);

	*ret_secret = statement_next(find, err) ? arena_string(arena, statement_text(find, 0)) : NULL;
	statement_done(find);
	return err->code == ERROR_NONE;
}

/* The record is {"secret":"…"}. */
bool preview_secret_apply(struct store *store, const struct version *version, struct error *err)
{
	static const char sql[] = "INSERT OR REPLACE INTO preview_secret (only, secret) VALUES (1, json_extract(?1, '$.secret'))";
	struct statement *put = store_statement(store, sql);
	bool fine;

	statement_bind_text(put, 1, version->record.json);
	fine = statement_run(put, err);
	statement_done(put);
	return fine;
}

bool store_previews_revoke(struct store *store, int64_t article_id, struct error *err)
{
	static const char sql[] = "INSERT INTO preview_revoked (article_id) VALUES (?1) ON CONFLICT DO NOTHING";
	struct statement *put = store_statement(store, sql);
	bool fine;

	statement_bind_integer(put, 1, article_id);
	fine = statement_run(put, err);
	statement_done(put);
	return fine;
}

bool store_previews_revoked(struct store *store, int64_t article_id, bool *ret_revoked, struct error *err)
{
	static const char sql[] = "SELECT 1 FROM preview_revoked WHERE article_id = ?1";
	struct statement *find = store_statement(store, sql);

	statement_bind_integer(find, 1, article_id);
	*ret_revoked = statement_next(find, err);
	statement_done(find);
	return err->code == ERROR_NONE;
}
