/* SPDX-License-Identifier: MIT */
/*
 * Walks what matches, newest or oldest first, for as long as there is time.
 *
 * FTS5 looks for the next hit inside a single step, however far that is ("the -of" may walk the whole index and find nothing), and cannot be
 * interrupted there. So the index is walked in windows of time, and between two of them the clock is looked at. Windows grow while they take no time: where
 * hits are rare one soon covers all.
 */
#include "search_internal.h"

#include "clock.h"

enum { FIRST_WINDOWS = 4, GROWTH = 4, QUICK_US = 2000 };

#define WALK_SQL(score, order)                                                                                          \
	"SELECT rowid, " score " FROM article_search"                                                                   \
	" WHERE article_search MATCH ?1 AND rowid >= ?2 AND rowid <= ?3 ORDER BY rowid " order

static bool end_row(struct store *store, bool is_last, int64_t *ret_id, struct error *err)
{
	static const char first[] = "SELECT coalesce(min(search_id), 0) FROM search_row", last[] = "SELECT coalesce(max(search_id), 0) FROM search_row";
	struct statement *find = store_statement(store, is_last ? last : first);
	bool fine = statement_row(find, err);

	if (fine)
		*ret_id = statement_integer(find, 0);
	statement_done(find);
	return fine;
}

bool search_ends(struct store *store, int64_t *ret_first, int64_t *ret_last, struct error *err)
{
	return end_row(store, false, ret_first, err) && end_row(store, true, ret_last, err);
}

void search_walk_begin(struct search_walk *walk, struct store *store, const struct search_match *match, const struct search_scale *scale, bool is_upward,
    int64_t low, int64_t high, int64_t deadline_us)
{
	*walk = (struct search_walk){
		.store = store, .match = match, .scale = scale, .is_upward = is_upward, .low = low, .high = high, .deadline_us = deadline_us,
	};
	walk->width = high > low ? (high - low) / FIRST_WINDOWS + 1 : 1;
}

static void open_window(struct search_walk *walk)
{
	static const char newest[] = WALK_SQL("0", "DESC"), oldest[] = WALK_SQL("0", "ASC"), scored[] = WALK_SQL("search_score(article_search, ?4)", "DESC");
	const bool is_last = walk->high - walk->low < walk->width;
	const int64_t low = is_last || walk->is_upward ? walk->low : walk->high - walk->width + 1;
	const int64_t high = is_last || !walk->is_upward ? walk->high : walk->low + walk->width - 1;

	walk->rows = store_statement(walk->store, walk->is_upward ? oldest : walk->scale != NULL ? scored : newest);
	statement_bind_bytes(walk->rows, 1, walk->match->expression.bytes, walk->match->expression.length);
	statement_bind_integer(walk->rows, 2, low);
	statement_bind_integer(walk->rows, 3, high);
	if (walk->scale != NULL && !walk->is_upward)
		statement_bind_scale(walk->rows, 4, walk->scale);
	walk->opened_us = clock_thread_us();
	if (walk->is_upward)
		walk->low = high + 1;
	else
		walk->high = low - 1;
}

static void close_window(struct search_walk *walk)
{
	statement_done(walk->rows);
	walk->rows = NULL;
}

/* false at the end, when time is up (is_late), and on failure. */
bool search_walk_next(struct search_walk *walk, struct search_hit *ret_hit, struct error *err)
{
	for (;;) {
		int64_t now_us;

		if (walk->rows == NULL && walk->low > walk->high)
			return false;
		if (walk->rows == NULL)
			open_window(walk);
		if (statement_next(walk->rows, err)) {
			*ret_hit = (struct search_hit){ .id = statement_integer(walk->rows, 0), .rank = statement_integer(walk->rows, 1) };
			return true;
		}
		close_window(walk);
		if (err->code != ERROR_NONE)
			return false;
		now_us = clock_thread_us();
		if (now_us - walk->opened_us < QUICK_US)
			walk->width = walk->width < INT64_MAX / GROWTH ? walk->width * GROWTH : walk->width;
		if (now_us > walk->deadline_us && walk->low <= walk->high) {
			walk->is_late = true;
			return false;
		}
	}
}

void search_walk_end(struct search_walk *walk)
{
	if (walk->rows != NULL)
		close_window(walk);
}

/* --- what is kept beside a row of the index --- */

struct statement *search_rows_begin(struct store *store)
{
	static const char sql[] = "SELECT article_id, updated_at, facets FROM search_row WHERE search_id = ?1";

	return store_statement(store, sql);
}

bool search_row_read(struct statement *find, int64_t search_id, struct search_row *ret_row, struct error *err)
{
	statement_rewind(find);
	statement_bind_integer(find, 1, search_id);
	if (!statement_row(find, err))
		return false;
	*ret_row = (struct search_row){
		.article_id = statement_integer(find, 0),
		.updated_at = statement_integer(find, 1),
		.facets = statement_blob(find, 2),
		.facets_length = statement_length(find, 2),
	};
	return true;
}

bool search_asks_for_update_time(const struct list_query *filters)
{
	return filters->updated_after != TIME_NONE || filters->updated_before != TIME_NONE;
}

bool search_row_passes(const struct search_row *row, const struct list_query *filters)
{
	return (filters->updated_after == TIME_NONE || row->updated_at >= filters->updated_after)
	    && (filters->updated_before == TIME_NONE || row->updated_at < filters->updated_before);
}
