/* SPDX-License-Identifier: MIT */
/*
 * Generations of scopes: the seq of the last version that changed what readers see of all articles, of a term, of an article.
 *
 * They lie in the tables that apply keeps anyway (state, article_count, article), so they are the same after a restart and on every
 * node. Beside them the writer collects, transaction by transaction, which scopes were touched, for those who keep answers in memory.
 * What a savepoint undid was not touched.
 */
#include "store_internal.h"

#include <stdlib.h>

#include "memory.h"

void store_touch(struct store *store, uint64_t scope)
{
	if (store->n_touched > 0 && store->touched[store->n_touched - 1] == scope)
		return;
	if (store->n_touched == store->touched_capacity) {
		const size_t capacity = store->touched_capacity == 0 ? 256 : 2 * store->touched_capacity;
		uint64_t *touched = reallocarray(store->touched, capacity, sizeof *touched);

		if (touched == NULL)
			memory_exhausted();
		store->touched = touched;
		store->touched_capacity = capacity;
	}
	store->touched[store->n_touched++] = scope;
}

const uint64_t *store_touched(const struct store *store, size_t *ret_n)
{
	*ret_n = store->n_touched;
	return store->touched;
}

bool store_term_generation(struct store *store, const char *kind, const char *slug, int64_t *ret_seq, struct error *err)
{
	static const char sql[] =
	    "SELECT seq"
	    "  FROM term CROSS JOIN article_count ON article_count.kind = term.kind AND ref_id = term_id"
	    " WHERE term.kind = ?1 AND slug = ?2";
	struct statement *find = store_statement(store, sql);

	statement_bind_text(find, 1, kind);
	statement_bind_text(find, 2, slug);
	*ret_seq = statement_next(find, err) ? statement_integer(find, 0) : 0;
	statement_done(find);
	return err->code == ERROR_NONE;
}

static bool number(struct store *store, const char *sql, int64_t key, int64_t *ret_number, struct error *err)
{
	struct statement *find = store_statement(store, sql);

	statement_bind_integer(find, 1, key);
	*ret_number = statement_next(find, err) ? statement_integer(find, 0) : 0;
	statement_done(find);
	return err->code == ERROR_NONE;
}

bool store_mark(struct store *store, int64_t seq, uint64_t *ret_mark, struct error *err)
{
	static const char sql[] = "SELECT mark FROM article_version WHERE seq = ?1";
	int64_t mark;

	if (!number(store, sql, seq, &mark, err))
		return false;
	*ret_mark = (uint64_t)mark;
	return true;
}

bool store_epoch(struct store *store, uint64_t *ret_epoch, struct error *err)
{
	static const char sql[] = "SELECT value FROM state WHERE name = 'epoch'";
	struct statement *find = store_statement(store, sql);
	const bool found = statement_row(find, err);

	if (found)
		*ret_epoch = (uint64_t)statement_integer(find, 0);
	statement_done(find);
	return found;
}
