/* SPDX-License-Identifier: MIT */
/*
 * A listing as a walk along an index from a key.
 *
 * Without filters the index is that of all published articles; with filters the parameter with the fewest articles drives: each of its
 * terms is one range of article_term, and the ranges are merged by key as they are walked, so "any of" needs no sorting. Every row that
 * comes up is held against the other filters by look-ups in the same table. So every statement here is a literal that walks one index in
 * order; none sorts and none scans a table.
 *
 * What is not published is walked beside it in tables of the same shape (newsroom_walk.c), a walk for each status asked for.
 *
 * Dates in the listing's own order bound the walk; those of the other order are held against each row.
 */
#include "list_walk.h"

#include <assert.h>
#include <string.h>

enum { NEWSROOM_TERMS_MOST = 8, WORDS_COST = 3 };    /* to read an article's words takes as long as some look-ups */

/* --- the walks --- */

bool list_walks_down(const struct list_query *query)
{
	return (query->order != LIST_OLDEST) != query->backward;
}

/* Columns: time of the order, article_id, published_at, updated_at. ?1, ?2: the key to go on from; ?3: where to stop; ?4: the term. */
static const char *walk_sql(bool by_term, bool by_updated, bool descending)
{
	static const char all_published_down[] =
	    "SELECT published_at, article_id, published_at, updated_at FROM article"
	    " WHERE status = 'published' AND (published_at, article_id) < (?1, ?2) AND published_at >= ?3"
	    " ORDER BY published_at DESC, article_id DESC";
	static const char all_published_up[] =
	    "SELECT published_at, article_id, published_at, updated_at FROM article"
	    " WHERE status = 'published' AND (published_at, article_id) > (?1, ?2) AND published_at < ?3"
	    " ORDER BY published_at, article_id";
	static const char all_updated_down[] =
	    "SELECT updated_at, article_id, published_at, updated_at FROM article"
	    " WHERE status = 'published' AND (updated_at, article_id) < (?1, ?2) AND updated_at >= ?3"
	    " ORDER BY updated_at DESC, article_id DESC";
	static const char all_updated_up[] =
	    "SELECT updated_at, article_id, published_at, updated_at FROM article"
	    " WHERE status = 'published' AND (updated_at, article_id) > (?1, ?2) AND updated_at < ?3"
	    " ORDER BY updated_at, article_id";
	static const char term_published_down[] =
	    "SELECT published_at, article_id, published_at, updated_at FROM article_term"
	    " WHERE term_id = ?4 AND (published_at, article_id) < (?1, ?2) AND published_at >= ?3"
	    " ORDER BY published_at DESC, article_id DESC";
	static const char term_published_up[] =
	    "SELECT published_at, article_id, published_at, updated_at FROM article_term"
	    " WHERE term_id = ?4 AND (published_at, article_id) > (?1, ?2) AND published_at < ?3"
	    " ORDER BY published_at, article_id";
	static const char term_updated_down[] =
	    "SELECT updated_at, article_id, published_at, updated_at FROM article_term"
	    " WHERE term_id = ?4 AND (updated_at, article_id) < (?1, ?2) AND updated_at >= ?3"
	    " ORDER BY updated_at DESC, article_id DESC";
	static const char term_updated_up[] =
	    "SELECT updated_at, article_id, published_at, updated_at FROM article_term"
	    " WHERE term_id = ?4 AND (updated_at, article_id) > (?1, ?2) AND updated_at < ?3"
	    " ORDER BY updated_at, article_id";
	static const char *const table[2][2][2] = {
		{ { all_published_up, all_published_down }, { all_updated_up, all_updated_down } },
		{ { term_published_up, term_published_down }, { term_updated_up, term_updated_down } },
	};

	return table[by_term][by_updated][descending];
}

static bool walk_step(struct walk *walk, struct error *err)
{
	walk->has_row = statement_next(walk->statement, err);
	if (walk->has_row) {
		walk->key = (struct list_key){ statement_integer(walk->statement, 0), statement_integer(walk->statement, 1) };
		walk->published_at = statement_integer(walk->statement, 2);
		walk->updated_at = statement_integer(walk->statement, 3);
	}
	return err->code == ERROR_NONE;
}

/* Where the walk begins (exclusive) and ends: the key given, tightened by the dates of the listing's own order. */
static void walk_bounds(const struct merge *merge, struct list_key *ret_from, int64_t *ret_stop)
{
	const struct list_query *query = merge->query;
	const bool by_updated = query->order == LIST_UPDATED;
	const int64_t after = by_updated ? query->updated_after : query->published_after;
	const int64_t before = by_updated ? query->updated_before : query->published_before;
	struct list_key from = merge->descending ? (struct list_key){ INT64_MAX, INT64_MAX } : (struct list_key){ INT64_MIN, INT64_MIN };

	if (query->has_from)
		from = query->from;
	if (merge->descending) {
		if (before != TIME_NONE && from.time >= before)
			from = (struct list_key){ before, INT64_MIN };
		*ret_stop = after != TIME_NONE ? after : INT64_MIN;
	} else {
		if (after != TIME_NONE && from.time < after)
			from = (struct list_key){ after, INT64_MIN };
		*ret_stop = before != TIME_NONE ? before : INT64_MAX;
	}
	*ret_from = from;
}

/* status: NULL for what is published. */
static bool walk_start(struct merge *merge, int64_t term_id, const char *status, struct error *err)
{
	const bool by_updated = merge->query->order == LIST_UPDATED;
	struct walk *walk = &merge->walks[merge->n_walks];
	struct list_key from;
	int64_t stop;

	assert(merge->n_walks < LIST_WALKS_MOST);
	walk_bounds(merge, &from, &stop);
	walk->is_public = status == NULL;
	walk->statement = store_statement(merge->store, walk->is_public ? walk_sql(term_id != 0, by_updated, merge->descending) :
	    newsroom_walk_sql(term_id != 0, by_updated, merge->descending));
	merge->n_walks++;
	statement_bind_integer(walk->statement, 1, from.time);
	statement_bind_integer(walk->statement, 2, from.id);
	statement_bind_integer(walk->statement, 3, stop);
	if (term_id != 0)
		statement_bind_integer(walk->statement, 4, term_id);
	if (status != NULL)
		statement_bind_text(walk->statement, 5, status);
	return walk_step(walk, err);
}

/* Of the driving parameter's terms, or of all. */
static bool walk_terms(struct merge *merge, const struct known_filter *driver, const char *status, struct error *err)
{
	if (driver == NULL)
		return walk_start(merge, 0, status, err);
	for (size_t i = 0; i < driver->n_any; i++)
		if (!walk_start(merge, driver->any[i], status, err))
			return false;
	return true;
}

/* --- filters --- */

/* Unknown slugs match nothing: they are left out of `any`, which may leave it empty though it narrows. */
static bool know_slugs(struct store *store, const char *kind, const char **slugs, size_t n, struct arena *arena, int64_t **ret_ids, size_t *ret_n,
    int64_t *ret_articles, struct error *err)
{
	*ret_ids = arena_array(arena, n, sizeof **ret_ids);
	*ret_n = 0;
	*ret_articles = 0;
	for (size_t i = 0; i < n; i++) {
		int64_t id, articles;

		if (store_term_id(store, kind, slugs[i], &id, &articles, err)) {
			(*ret_ids)[(*ret_n)++] = id;
			*ret_articles += articles;
		} else if (err->code != ERROR_NOT_FOUND) {
			return false;
		}
	}
	return true;
}

static bool know_filters(struct merge *merge, struct arena *arena, struct error *err)
{
	for (size_t i = 0; i < merge->query->n_filters; i++) {
		const struct term_filter *filter = &merge->query->filters[i];
		struct known_filter *known = &merge->filters[i];
		int64_t ignored;

		known->narrows = filter->n_any > 0;
		if (!know_slugs(merge->store, filter->kind, filter->any, filter->n_any, arena, &known->any, &known->n_any, &known->articles, err) ||
		    !know_slugs(merge->store, filter->kind, filter->none, filter->n_none, arena, &known->none, &known->n_none, &ignored, err))
			return false;
		if (known->narrows && (merge->driver == NULL || known->articles < merge->driver->articles))
			merge->driver = known;
	}
	return true;
}

/* A look-up that fails (the read is overdue) must not pass for an answer: the page would have holes. */
static bool has_term(struct statement *look, int64_t term_id, const struct candidate *candidate, struct error *err)
{
	statement_rewind(look);
	statement_bind_integer(look, 1, term_id);
	if (candidate->is_public)
		statement_bind_integer(look, 2, candidate->published_at);
	statement_bind_integer(look, 3, candidate->key.id);
	return statement_next(look, err);
}

static void look_start(struct merge *merge)
{
	static const char of_public[] = "SELECT 1 FROM article_term WHERE term_id = ?1 AND published_at = ?2 AND article_id = ?3";
	static const char of_newsroom[] = "SELECT 1 FROM newsroom_term WHERE article_id = ?3 AND term_id = ?1";

	merge->look = store_statement(merge->store, of_public);
	merge->newsroom_look = list_asks_newsroom(merge->query) ? store_statement(merge->store, of_newsroom) : NULL;
}

/* Stops at the first failure too, which err then holds. */
static bool has_any(struct merge *merge, const int64_t *ids, size_t n, const struct candidate *candidate, struct error *err)
{
	for (size_t i = 0; i < n; i++) {
		merge->n_examined++;
		if (has_term(candidate->is_public ? merge->look : merge->newsroom_look, ids[i], candidate, err) || err->code != ERROR_NONE)
			return err->code == ERROR_NONE;
	}
	return false;
}

static bool within(int64_t time, int64_t after, int64_t before)
{
	return (after == TIME_NONE || time >= after) && (before == TIME_NONE || time < before);
}

/* false when it does not, and when that could not be found out: then err holds the failure. */
static bool passes(struct merge *merge, const struct candidate *candidate, struct error *err)
{
	const struct list_query *query = merge->query;

	if (!within(candidate->published_at, query->published_after, query->published_before) ||
	    !within(candidate->updated_at, query->updated_after, query->updated_before))
		return false;
	for (size_t i = 0; i < query->n_filters; i++) {
		const struct known_filter *filter = &merge->filters[i];

		if ((filter != merge->driver || !candidate->is_public) && filter->narrows && !has_any(merge, filter->any, filter->n_any, candidate, err))
			return false;
		if (has_any(merge, filter->none, filter->n_none, candidate, err) || err->code != ERROR_NONE)
			return false;
	}
	if (candidate->is_public || query->words == NULL)
		return true;
	merge->n_examined += WORDS_COST;
	return newsroom_matches(merge->store, candidate->key.id, query->words, err);
}

/* --- merging --- */

int list_compare_keys(struct list_key one, struct list_key other)
{
	if (one.time != other.time)
		return one.time < other.time ? -1 : 1;
	return one.id < other.id ? -1 : one.id > other.id;
}

static struct walk *nearest_walk(struct merge *merge)
{
	struct walk *nearest = NULL;

	for (size_t i = 0; i < merge->n_walks; i++) {
		struct walk *walk = &merge->walks[i];

		if (!walk->has_row)
			continue;
		if (nearest == NULL || (list_compare_keys(walk->key, nearest->key) > 0) == merge->descending)
			nearest = walk;
	}
	return nearest;
}

/* The next row that passes every filter; false at the end (code ERROR_NONE), when enough have been examined, and on failure. */
bool merge_next(struct merge *merge, struct candidate *ret_candidate, struct error *err)
{
	struct walk *walk;

	err->code = ERROR_NONE;
	while ((walk = nearest_walk(merge)) != NULL) {
		const struct candidate candidate = { walk->key, walk->published_at, walk->updated_at, walk->is_public };
		const bool repeated = merge->has_last && list_compare_keys(candidate.key, merge->last) == 0;

		if (!walk_step(walk, err))
			return false;
		merge->last = candidate.key;
		merge->has_last = true;
		if (!repeated && passes(merge, &candidate, err)) {
			*ret_candidate = candidate;
			return true;
		}
		if (err->code != ERROR_NONE)
			return false;
		merge->is_cut = ++merge->n_examined >= merge->query->examined_most && nearest_walk(merge) != NULL;
		if (merge->is_cut)
			return false;
	}
	return false;
}

/* Many terms times three statuses were too many walks: then all of a status is walked, and held against the terms. */
static bool walk_newsroom(struct merge *merge, struct error *err)
{
	const struct known_filter *driver = merge->driver != NULL && merge->driver->n_any <= NEWSROOM_TERMS_MOST ? merge->driver : NULL;

	for (unsigned status = 0; article_status_names[status] != NULL; status++)
		if (status != ARTICLE_PUBLISHED && (merge->query->statuses & LIST_STATUS(status)) != 0
		    && !walk_terms(merge, driver, article_status_names[status], err))
			return false;
	return true;
}

bool list_asks_newsroom(const struct list_query *query)
{
	return (query->statuses & ~LIST_STATUS(ARTICLE_PUBLISHED)) != 0;
}

bool merge_start(struct merge *merge, struct store *store, const struct list_query *query, struct arena *arena, struct error *err)
{
	memset(merge, 0, sizeof *merge);
	merge->store = store;
	merge->query = query;
	merge->descending = list_walks_down(query);
	look_start(merge);
	if (!know_filters(merge, arena, err))
		return false;
	if (query->statuses != 0 && (query->statuses & LIST_STATUS(ARTICLE_PUBLISHED)) == 0)
		return walk_newsroom(merge, err);
	return walk_terms(merge, merge->driver, NULL, err) && walk_newsroom(merge, err);
}

void merge_done(struct merge *merge)
{
	for (size_t i = 0; i < merge->n_walks; i++)
		statement_done(merge->walks[i].statement);
	statement_done(merge->look);
	statement_done(merge->newsroom_look);
}

/* --- one article --- */

/* The time that dates of what is not published are held against, as its lists have it. */
static int64_t newsroom_time(struct store *store, int64_t id)
{
	static const char sql[] = "SELECT sort_at FROM newsroom_article WHERE article_id = ?1";
	struct statement *find = store_statement(store, sql);
	int64_t time;

	statement_bind_integer(find, 1, id);
	time = statement_row(find, &store->ignored) ? statement_integer(find, 0) : TIME_NONE;
	statement_done(find);
	return time;
}

bool store_passes(struct store *store, const struct list_query *query, const struct article_row *row, struct error *err)
{
	const bool is_public = row->status == ARTICLE_PUBLISHED || !list_asks_newsroom(query);
	const int64_t time = is_public ? row->published_at : newsroom_time(store, row->id);
	const struct candidate candidate = { { time, row->id }, time, row->updated_at, is_public };
	struct arena *arena = arena_new();
	struct merge merge = { .store = store, .query = query };
	bool pass;

	look_start(&merge);
	err->code = ERROR_NONE;
	pass = know_filters(&merge, arena, err);
	merge.driver = NULL;
	if (pass) {
		err->code = ERROR_NONE;
		pass = passes(&merge, &candidate, err);
	}
	merge_done(&merge);
	arena_free(arena);
	if (pass || err->code == ERROR_NOT_FOUND)
		err->code = ERROR_NONE;
	return pass;
}
