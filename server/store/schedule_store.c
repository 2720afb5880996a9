/* SPDX-License-Identifier: MIT */
/*
 * What is to happen to articles by itself: one row for each that is scheduled (it comes out) or published with an end (it is withdrawn).
 *
 * The rows are made by apply from the article alone, so they are the same on every node. Acting on them is publishing's: it writes a version,
 * and that version's apply takes the row away.
 */
#include "store_internal.h"

static int64_t moment_of(const struct article *article)
{
	if (article->status == ARTICLE_SCHEDULED)
		return article->publish_at;
	return article->status == ARTICLE_PUBLISHED ? article->expire_at : TIME_NONE;
}

static bool run_with(struct store *store, const char *sql, int64_t id, int64_t at, struct error *err)
{
	struct statement *statement = store_statement(store, sql);
	bool fine;

	statement_bind_integer(statement, 1, id);
	if (at != TIME_NONE)
		statement_bind_integer(statement, 2, at);
	fine = statement_run(statement, err);
	statement_done(statement);
	return fine;
}

bool schedule_put(struct store *store, const struct article *article, bool is_new, struct error *err)
{
	static const char put[] = "INSERT INTO schedule (article_id, at) VALUES (?1, ?2) ON CONFLICT (article_id) DO UPDATE SET at = excluded.at";
	static const char take[] = "DELETE FROM schedule WHERE article_id = ?1";
	const int64_t at = moment_of(article);

	if (at != TIME_NONE)
		return run_with(store, put, article->id, at, err);
	return is_new || run_with(store, take, article->id, TIME_NONE, err);
}

bool store_schedule_next(struct store *store, int64_t after, int64_t *ret_at, struct error *err)
{
	static const char sql[] = "SELECT at FROM schedule WHERE at > ?1 ORDER BY at LIMIT 1";
	struct statement *find = store_statement(store, sql);
	bool found;

	err->code = ERROR_NONE;
	statement_bind_integer(find, 1, after);
	found = statement_next(find, err);
	if (err->code == ERROR_NONE)
		*ret_at = found ? statement_integer(find, 0) : TIME_NONE;
	statement_done(find);
	return err->code == ERROR_NONE;
}

bool store_schedule_due(struct store *store, int64_t now, struct list_key behind, struct list_key *ret_due, size_t most, size_t *ret_n, struct error *err)
{
	static const char sql[] =
	    "SELECT at, article_id FROM schedule WHERE at <= ?1 AND (at, article_id) > (?2, ?3) ORDER BY at, article_id LIMIT ?4";
	struct statement *find = store_statement(store, sql);
	size_t n = 0;

	statement_bind_integer(find, 1, now);
	statement_bind_integer(find, 2, behind.time);
	statement_bind_integer(find, 3, behind.id);
	statement_bind_integer(find, 4, (int64_t)most);
	while (statement_next(find, err))
		ret_due[n++] = (struct list_key){ statement_integer(find, 0), statement_integer(find, 1) };
	statement_done(find);
	*ret_n = n;
	return err->code == ERROR_NONE;
}
