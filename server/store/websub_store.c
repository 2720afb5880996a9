/* SPDX-License-Identifier: MIT */
/*
 * What a WebSub hub has been told: one number, the seq up to which it knows. What it is still to be told is read off the log, so writes cost nothing
 * more, and nothing is lost when the process ends.
 */
#include "store_internal.h"
#include "webhook_store.h"

bool store_websub_position(struct store *store, const char *hub, int64_t *ret_seq, struct error *err)
{
	static const char sql[] = "SELECT seq FROM websub WHERE hub = ?1";
	struct statement *find = store_statement(store, sql);

	err->code = ERROR_NONE;
	statement_bind_text(find, 1, hub);
	*ret_seq = statement_next(find, err) ? statement_integer(find, 0) : -1;
	statement_done(find);
	return err->code == ERROR_NONE;
}

struct position {
	const char *hub;
	int64_t seq;
};

static bool note(struct store *store, void *arg, struct error *err)
{
	static const char forget[] = "DELETE FROM websub WHERE hub <> ?1";
	static const char put[] = "INSERT INTO websub (hub, seq) VALUES (?1, ?2) ON CONFLICT (hub) DO UPDATE SET seq = excluded.seq";
	const struct position *position = arg;
	struct statement *change = store_statement(store, forget);
	bool fine;

	statement_bind_text(change, 1, position->hub);
	fine = statement_run(change, err);
	statement_done(change);
	change = store_statement(store, put);
	statement_bind_text(change, 1, position->hub);
	statement_bind_integer(change, 2, position->seq);
	fine = fine && statement_run(change, err);
	statement_done(change);
	return fine;
}

bool store_websub_note(struct store *store, const char *hub, int64_t seq, struct error *err)
{
	struct position position = { hub, seq };

	return store_transaction(store, note, &position, err);
}

bool store_versions_between(struct store *store, int64_t after, int64_t last, struct version_pair *ret_pairs, size_t most, size_t *ret_n,
    struct error *err)
{
	static const char sql[] =
	    "SELECT seq, coalesce((SELECT seq FROM article_version WHERE kind = 'article' AND ref = v.ref AND rev = v.rev - 1), 0)"
	    "  FROM article_version AS v"
	    " WHERE seq > ?1 AND seq <= ?2 AND +kind = 'article'"    /* the log is walked from ?1 on, not all of the articles' versions */
	    " ORDER BY seq LIMIT ?3";
	struct statement *find = store_statement(store, sql);
	size_t n = 0;

	err->code = ERROR_NONE;
	statement_bind_integer(find, 1, after);
	statement_bind_integer(find, 2, last);
	statement_bind_integer(find, 3, (int64_t)most);
	while (n < most && statement_next(find, err))
		ret_pairs[n++] = (struct version_pair){ statement_integer(find, 0), statement_integer(find, 1) };
	statement_done(find);
	*ret_n = n;
	return err->code == ERROR_NONE;
}

static bool went_at(struct store *store, int64_t article_id, int64_t seq, bool *ret_went, struct error *err)
{
	static const char sql[] = "SELECT 1 FROM article_removal WHERE article_id = ?1 AND term_id = 0 AND seq = ?2";
	struct statement *find = store_statement(store, sql);

	statement_bind_integer(find, 1, article_id);
	statement_bind_integer(find, 2, seq);
	*ret_went = statement_next(find, err);
	statement_done(find);
	return err->code == ERROR_NONE;
}

/* Where it stood last, of which the removal was kept, and where it had stood before: article_change has that unless it was in too many places. */
bool store_erased_terms(struct store *store, int64_t article_id, int64_t seq, bool (*visit)(void *arg, const char *kind, const char *slug), void *arg,
    struct error *err)
{
	static const char sql[] =
	    "SELECT kind, slug FROM term"
	    " WHERE +kind IN ('section', 'source', 'tag') AND term_id IN ("
	    "   SELECT term_id FROM article_removal WHERE article_id = ?1"
	    "   UNION"
	    "   SELECT value FROM article_change, json_each('[' || replace(past_term_ids, ' ', ',') || ']')"
	    "    WHERE article_id = ?1 AND past_term_ids <> '*')";
	struct statement *find;
	bool went, goes_on;

	err->code = ERROR_NONE;
	if (!went_at(store, article_id, seq, &went, err))
		return false;
	if (!went)
		return true;
	goes_on = visit(arg, NULL, NULL);
	find = store_statement(store, sql);
	statement_bind_integer(find, 1, article_id);
	while (goes_on && statement_next(find, err))
		goes_on = visit(arg, statement_text(find, 0), statement_text(find, 1));
	statement_done(find);
	return err->code == ERROR_NONE;
}
