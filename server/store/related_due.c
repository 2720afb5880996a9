/* SPDX-License-Identifier: MIT */
/*
 * The queue of answers that are to be computed, and where they are kept.
 *
 * A version of a public article makes it due, in the same transaction; a version that hides it takes its answer away. So whatever
 * happens to the process, what has not been computed is still in the queue. Computing is the background's; it hands results to
 * store_related_keep(), on the connection that writes. What it has computed is kept only if the queue still asks for just that: an
 * article that has been edited, withdrawn or computed meanwhile has another row, or none. Doing something twice does no harm.
 *
 * A new version also concerns the articles that it now belongs beside, and those that it stood beside before: the first SPREAD_MOST of
 * both become due, but do not spread further. Those whose answers have been computed since the version need not: after an import of a
 * whole archive nearly everything is computed just once.
 */
#include "store_internal.h"

#include <string.h>

enum { SPREAD_MOST = 10 };

static bool run_by_id(struct store *store, const char *sql, int64_t id, struct error *err)
{
	struct statement *run = store_statement(store, sql);
	bool fine;

	statement_bind_integer(run, 1, id);
	fine = statement_run(run, err);
	statement_done(run);
	return fine;
}

bool store_related_mark(struct store *store, int64_t id, int64_t seq, bool is_public, struct error *err)
{
	static const char due[] =
	    "INSERT INTO related_due (article_id, seq, spreads) VALUES (?1, ?2, 1)"
	    " ON CONFLICT (article_id) DO UPDATE SET seq = excluded.seq, spreads = 1";
	static const char not_due[] = "DELETE FROM related_due WHERE article_id = ?1";
	static const char gone[] = "DELETE FROM article_related WHERE article_id = ?1";
	struct statement *mark;
	bool fine;

	if (!is_public)
		return run_by_id(store, not_due, id, err) && run_by_id(store, gone, id, err);
	mark = store_statement(store, due);
	statement_bind_integer(mark, 1, id);
	statement_bind_integer(mark, 2, seq);
	fine = statement_run(mark, err);
	statement_done(mark);
	return fine;
}

size_t store_related_due(struct store *store, struct related_due *ret_due, size_t most, struct error *err)
{
	static const char sql[] = "SELECT article_id, seq, spreads FROM related_due ORDER BY seq DESC LIMIT ?1";
	struct statement *find = store_statement(store, sql);
	size_t n = 0;

	statement_bind_integer(find, 1, (int64_t)most);
	while (n < most && statement_next(find, err)) {
		ret_due[n++] = (struct related_due){
			.article_id = statement_integer(find, 0),
			.seq = statement_integer(find, 1),
			.spreads = statement_integer(find, 2) != 0,
		};
	}
	statement_done(find);
	return n;
}

/* --- keeping --- */

/* Takes it out of the queue. false when it is not there any more as it was (code ERROR_NONE), or on failure. */
static bool take_out(struct store *store, const struct related_due *due, struct error *err)
{
	static const char sql[] = "DELETE FROM related_due WHERE article_id = ?1 AND seq = ?2 RETURNING article_id";
	struct statement *take = store_statement(store, sql);
	bool taken;

	statement_bind_integer(take, 1, due->article_id);
	statement_bind_integer(take, 2, due->seq);
	taken = statement_next(take, err);
	statement_done(take);
	return taken;
}

static bool put(struct store *store, int64_t id, const struct related_answer *answer, struct error *err)
{
	static const char sql[] =
	    "INSERT INTO article_related (article_id, seq, digest, sketch, answer) VALUES (?1, ?2, ?3, ?4, ?5)"
	    " ON CONFLICT (article_id) DO UPDATE SET"
	    "   seq = excluded.seq, digest = excluded.digest, sketch = excluded.sketch, answer = excluded.answer";
	struct statement *insert = store_statement(store, sql);
	bool fine;

	statement_bind_integer(insert, 1, id);
	statement_bind_integer(insert, 2, answer->seq);
	statement_bind_integer(insert, 3, (int64_t)answer->digest);
	statement_bind_blob(insert, 4, answer->sketch, answer->sketch_length);
	statement_bind_blob(insert, 5, answer->bytes, answer->length);
	fine = statement_run(insert, err);
	statement_done(insert);
	return fine;
}

/* Has the article come to another version since its answer was computed? Then the sketch is an old text's, too. */
static bool is_current(struct store *store, int64_t id, int64_t seq, struct error *err)
{
	static const char sql[] = "SELECT seq <= ?2 FROM article WHERE article_id = ?1";
	struct statement *find = store_statement(store, sql);
	bool current;

	statement_bind_integer(find, 1, id);
	statement_bind_integer(find, 2, seq);
	current = statement_row(find, err) && statement_integer(find, 0) != 0;
	statement_done(find);
	return current;
}

static bool spread_to(struct store *store, int64_t id, int64_t seq, struct error *err)
{
	static const char sql[] =
	    "INSERT INTO related_due (article_id, seq, spreads)"
	    " SELECT ?1, ?2, 0"
	    "  WHERE EXISTS (SELECT 1 FROM article WHERE article_id = ?1 AND status = 'published')"
	    "    AND NOT EXISTS (SELECT 1 FROM article_related WHERE article_id = ?1 AND seq >= ?2)"
	    " ON CONFLICT DO NOTHING";
	struct statement *spread = store_statement(store, sql);
	bool fine;

	statement_bind_integer(spread, 1, id);
	statement_bind_integer(spread, 2, seq);
	fine = statement_run(spread, err);
	statement_done(spread);
	return fine;
}

static bool spread(struct store *store, const struct related_answer *answer, int64_t seq, struct error *err)
{
	struct related_reader reader;
	struct related_entry entry;

	related_reader_init(&reader, answer->bytes, answer->length);
	for (size_t n = 0; n < SPREAD_MOST && related_next(&reader, &entry); n++)
		if (!spread_to(store, entry.id, seq, err))
			return false;
	return true;
}

struct keeping {
	struct related_result *results;
	size_t n;
	struct arena *arena;
};

/* Keeps one; gives what was kept before it. */
static bool keep(struct store *store, struct related_result *result, struct arena *arena, struct related_answer *ret_before, struct error *err)
{
	const int64_t id = result->due.article_id;
	struct related_answer before;

	if (!store_related_kept(store, id, arena, &before, err))
		return false;
	*ret_before = before;
	result->is_changed = before.bytes == NULL || before.digest != result->answer.digest;
	if (!result->is_changed && is_current(store, id, before.seq, err))
		return true;
	if (result->is_changed)
		store_touch(store, scope_key_of_id("related", id));
	return err->code == ERROR_NONE && put(store, id, &result->answer, err);
}

/* All are taken out before any is asked for anew: one that was computed before a version of the same batch came is due again. */
static bool keep_all(struct store *store, void *arg, struct error *err)
{
	const struct keeping *keeping = arg;
	struct related_answer *before = arena_array(keeping->arena, keeping->n, sizeof *before);
	bool *is_kept = arena_array(keeping->arena, keeping->n, sizeof *is_kept);

	err->code = ERROR_NONE;
	for (size_t i = 0; i < keeping->n; i++) {
		struct related_result *result = &keeping->results[i];

		result->is_changed = false;
		is_kept[i] = take_out(store, &result->due, err) && result->is_found;
		if (err->code != ERROR_NONE || (is_kept[i] && !keep(store, result, keeping->arena, &before[i], err)))
			return false;
	}
	for (size_t i = 0; i < keeping->n; i++) {
		const struct related_result *result = &keeping->results[i];

		if (!is_kept[i] || !result->due.spreads)
			continue;
		if (!spread(store, &before[i], result->due.seq, err) || !spread(store, &result->answer, result->due.seq, err))
			return false;
	}
	return true;
}

bool store_related_keep(struct store *store, struct related_result *results, size_t n, struct error *err)
{
	struct keeping keeping = { results, n, arena_new() };
	const bool fine = store_transaction(store, keep_all, &keeping, err);

	arena_free(keeping.arena);
	return fine;
}
