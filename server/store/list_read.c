/* SPDX-License-Identifier: MIT */
/*
 * Listings: pages of published articles under any set of filters, in either direction, at the same cost at any depth.
 *
 * A listing is a walk along an index from a key. Without filters the index is that of all published articles; with filters the
 * parameter with the fewest articles drives: each of its terms is one range of article_term, and the ranges are merged by key as they
 * are walked, so "any of" needs no sorting. Every row that comes up is held against the other filters by look-ups in the same
 * table. So every statement here is a literal that walks one index in order; none sorts and none scans a table.
 *
 * Dates in the listing's own order bound the walk. Those of the other order are held against each row, unless they leave so few that
 * these can be gathered along the other time and sorted: "what has changed since my last visit, newest first".
 *
 * However little passes, a walk ends when enough rows have been examined: the page is short then, perhaps empty, and its cursor goes on
 * from the row looked at last. So no listing takes long, whatever is combined.
 *
 * Keyset: (time, id) of the last row seen, both ascending or both descending. Anything that is added, edited or withdrawn elsewhere
 * moves no other row's key, so a walk meets every row that stays in the list exactly once.
 */
#include "store_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const char *const list_order_names[] = { "newest", "oldest", "updated", NULL };

enum { WALKS_MOST = 64, GATHERED_MOST = 2000 };

/* One index range being walked, and the row it stands at. */
struct walk {
	struct statement *statement;
	bool has_row;
	struct list_key key;
	int64_t published_at, updated_at;
};

/* A filter with its slugs looked up. */
struct known_filter {
	int64_t *any, *none;
	size_t n_any, n_none;
	int64_t articles;             /* at most so many pass `any` */
	bool narrows;                 /* has `any` terms */
};

struct merge {
	struct store *store;
	struct statement *look;       /* has the article this term? */
	const struct list_query *query;
	struct known_filter filters[LIST_FILTERS_MOST];
	const struct known_filter *driver;    /* NULL: all published articles */
	struct walk walks[WALKS_MOST];
	size_t n_walks;
	bool descending;
	struct list_key last;         /* looked at last: an article in two ranges comes once */
	bool has_last, is_cut;
	int64_t n_examined;
};

struct candidate {
	struct list_key key;
	int64_t published_at, updated_at;
};

void list_query_init(struct list_query *query)
{
	memset(query, 0, sizeof *query);
	query->published_after = query->published_before = query->updated_after = query->updated_before = TIME_NONE;
	query->limit = 20;
	query->examined_most = INT64_MAX;
}

/* --- the walks --- */

static bool walks_down(const struct list_query *query)
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

static bool walk_start(struct merge *merge, int64_t term_id, struct error *err)
{
	struct walk *walk = &merge->walks[merge->n_walks];
	struct list_key from;
	int64_t stop;

	walk_bounds(merge, &from, &stop);
	walk->statement = store_statement(merge->store, walk_sql(term_id != 0, merge->query->order == LIST_UPDATED, merge->descending));
	merge->n_walks++;
	statement_bind_integer(walk->statement, 1, from.time);
	statement_bind_integer(walk->statement, 2, from.id);
	statement_bind_integer(walk->statement, 3, stop);
	if (term_id != 0)
		statement_bind_integer(walk->statement, 4, term_id);
	return walk_step(walk, err);
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
	statement_bind_integer(look, 2, candidate->published_at);
	statement_bind_integer(look, 3, candidate->key.id);
	return statement_next(look, err);
}

static struct statement *look_start(struct store *store)
{
	static const char sql[] = "SELECT 1 FROM article_term WHERE term_id = ?1 AND published_at = ?2 AND article_id = ?3";

	return store_statement(store, sql);
}

/* Stops at the first failure too, which err then holds. */
static bool has_any(struct statement *look, const int64_t *ids, size_t n, const struct candidate *candidate, struct error *err)
{
	for (size_t i = 0; i < n; i++)
		if (has_term(look, ids[i], candidate, err) || err->code != ERROR_NONE)
			return err->code == ERROR_NONE;
	return false;
}

static bool within(int64_t time, int64_t after, int64_t before)
{
	return (after == TIME_NONE || time >= after) && (before == TIME_NONE || time < before);
}

/* false when it does not, and when that could not be found out: then err holds the failure. */
static bool passes(const struct merge *merge, const struct candidate *candidate, struct error *err)
{
	const struct list_query *query = merge->query;

	if (!within(candidate->published_at, query->published_after, query->published_before) ||
	    !within(candidate->updated_at, query->updated_after, query->updated_before))
		return false;
	for (size_t i = 0; i < query->n_filters; i++) {
		const struct known_filter *filter = &merge->filters[i];

		if (filter != merge->driver && filter->narrows && !has_any(merge->look, filter->any, filter->n_any, candidate, err))
			return false;
		if (has_any(merge->look, filter->none, filter->n_none, candidate, err) || err->code != ERROR_NONE)
			return false;
	}
	return true;
}

/* --- merging --- */

static int compare_keys(struct list_key one, struct list_key other)
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
		if (nearest == NULL || (compare_keys(walk->key, nearest->key) > 0) == merge->descending)
			nearest = walk;
	}
	return nearest;
}

/* The next row that passes every filter; false at the end (code ERROR_NONE), when enough have been examined, and on failure. */
static bool merge_next(struct merge *merge, struct candidate *ret_candidate, struct error *err)
{
	struct walk *walk;

	err->code = ERROR_NONE;
	while ((walk = nearest_walk(merge)) != NULL) {
		const struct candidate candidate = { walk->key, walk->published_at, walk->updated_at };
		const bool repeated = merge->has_last && compare_keys(candidate.key, merge->last) == 0;

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

static bool merge_start(struct merge *merge, struct store *store, const struct list_query *query, struct arena *arena, struct error *err)
{
	memset(merge, 0, sizeof *merge);
	merge->store = store;
	merge->query = query;
	merge->descending = walks_down(query);
	merge->look = look_start(store);
	if (!know_filters(merge, arena, err))
		return false;
	if (merge->driver == NULL)
		return walk_start(merge, 0, err);
	assert(merge->driver->n_any <= WALKS_MOST);
	for (size_t i = 0; i < merge->driver->n_any; i++)
		if (!walk_start(merge, merge->driver->any[i], err))
			return false;
	return true;
}

static void merge_done(struct merge *merge)
{
	for (size_t i = 0; i < merge->n_walks; i++)
		statement_done(merge->walks[i].statement);
	statement_done(merge->look);
}

/* --- pages --- */

static void reverse(struct list_row *rows, size_t n)
{
	for (size_t i = 0; i + 1 < n - i; i++) {
		struct list_row row = rows[i];

		rows[i] = rows[n - 1 - i];
		rows[n - 1 - i] = row;
	}
}

/* What came of one walk: rows in walking order, at most query->limit. */
struct stretch {
	struct list_row *rows;
	size_t n;
	bool is_full;                 /* there is another row behind the last */
	bool is_cut;                  /* enough were examined; there may be others behind `last` */
	struct list_key last;         /* the row looked at last */
};

static bool walk_stretch(struct store *store, const struct list_query *query, struct arena *arena, struct stretch *ret_stretch, struct error *err)
{
	struct stretch stretch = { .rows = arena_array(arena, query->limit, sizeof *stretch.rows) };
	struct merge merge;
	struct candidate candidate;
	bool fine = merge_start(&merge, store, query, arena, err);

	while (fine && !stretch.is_full && merge_next(&merge, &candidate, err)) {
		if (stretch.n == query->limit)
			stretch.is_full = true;
		else
			stretch.rows[stretch.n++].key = candidate.key;
	}
	fine = fine && err->code == ERROR_NONE;
	stretch.is_cut = merge.is_cut;
	stretch.last = merge.last;
	merge_done(&merge);
	*ret_stretch = stretch;
	return fine;
}

/* --- dates of the other order --- */

/* "Changed since yesterday, newest first": the order walks along one time, the bounds are of the other. */
static bool is_bounded_otherwise(const struct list_query *query)
{
	if (query->order == LIST_UPDATED)
		return query->published_after != TIME_NONE || query->published_before != TIME_NONE;
	return query->updated_after != TIME_NONE || query->updated_before != TIME_NONE;
}

static int compare_rows_up(const void *one, const void *other)
{
	return compare_keys(((const struct list_row *)one)->key, ((const struct list_row *)other)->key);
}

static int compare_rows_down(const void *one, const void *other)
{
	return compare_rows_up(other, one);
}

/* All that passes, found along the other time, with the keys of the listing's own order. *ret_fits is false when it is too much for that. */
static bool gather(struct store *store, const struct list_query *query, struct arena *arena, struct list_row **ret_rows, size_t *ret_n, bool *ret_fits,
    struct error *err)
{
	struct list_query other = *query;
	struct merge merge;
	struct candidate candidate;
	bool fine;

	other.order = query->order == LIST_UPDATED ? LIST_NEWEST : LIST_UPDATED;
	other.has_from = other.backward = false;
	other.examined_most = GATHERED_MOST;
	*ret_rows = arena_array(arena, GATHERED_MOST, sizeof **ret_rows);
	*ret_n = 0;
	fine = merge_start(&merge, store, &other, arena, err);
	while (fine && *ret_n < GATHERED_MOST && merge_next(&merge, &candidate, err)) {
		const int64_t time = query->order == LIST_UPDATED ? candidate.updated_at : candidate.published_at;

		(*ret_rows)[(*ret_n)++].key = (struct list_key){ time, candidate.key.id };
	}
	fine = fine && err->code == ERROR_NONE;
	*ret_fits = *ret_n < GATHERED_MOST && !merge.is_cut;
	merge_done(&merge);
	return fine;
}

static bool lies_behind(const struct list_query *query, struct list_key key)
{
	const int order = compare_keys(key, query->from);

	return walks_down(query) ? order < 0 : order > 0;
}

/* The rows gathered, in walking order, from where the query goes on. */
static struct stretch cut_out(const struct list_query *query, struct list_row *rows, size_t n)
{
	struct stretch stretch = { .rows = rows };
	size_t first = 0;

	qsort(rows, n, sizeof *rows, walks_down(query) ? compare_rows_down : compare_rows_up);
	while (query->has_from && first < n && !lies_behind(query, rows[first].key))
		first++;
	stretch.rows += first;
	stretch.n = n - first < query->limit ? n - first : query->limit;
	stretch.is_full = n - first > query->limit;
	return stretch;
}

static bool collect(struct store *store, const struct list_query *query, struct arena *arena, struct stretch *ret_stretch, struct error *err)
{
	struct list_row *rows;
	size_t n;
	bool fits = false;

	if (is_bounded_otherwise(query) && !gather(store, query, arena, &rows, &n, &fits, err))
		return false;
	if (!fits)
		return walk_stretch(store, query, arena, ret_stretch, err);
	*ret_stretch = cut_out(query, rows, n);
	return true;
}

/* --- pages, with what lies on either side --- */

/* Is there, or may there be, any row on the other side of `key`? */
static bool any_beyond(struct store *store, const struct list_query *query, struct list_key key, bool backward, struct arena *arena, bool *ret_any,
    struct error *err)
{
	struct list_query beyond = *query;
	struct stretch stretch;

	beyond.backward = backward;
	beyond.has_from = true;
	beyond.from = key;
	beyond.limit = 1;
	if (!collect(store, &beyond, arena, &stretch, err))
		return false;
	*ret_any = stretch.n > 0 || stretch.is_cut;
	return true;
}

/* Where to walk back from: before the first row; where everything behind the place asked from is gone, from that place on, itself included. */
static struct list_key key_before(const struct list_query *query, const struct list_page *page)
{
	struct list_key key = query->from;

	if (page->n > 0)
		return page->rows[0].key;
	if (query->order == LIST_OLDEST)
		key.id += key.id < INT64_MAX;
	else
		key.id -= key.id > INT64_MIN;
	return key;
}

static bool page_forward(struct store *store, const struct list_query *query, const struct stretch *stretch, struct arena *arena,
    struct list_page *page, struct error *err)
{
	page->more_after = stretch->is_full || stretch->is_cut;
	page->after = stretch->is_cut || page->n == 0 ? stretch->last : page->rows[page->n - 1].key;
	page->before = key_before(query, page);
	return !query->has_from || any_beyond(store, query, page->before, true, arena, &page->more_before, err);
}

static bool page_backward(struct store *store, const struct list_query *query, const struct stretch *stretch, struct arena *arena,
    struct list_page *page, struct error *err)
{
	reverse(page->rows, page->n);
	page->more_before = stretch->is_full || stretch->is_cut;
	page->before = stretch->is_cut ? stretch->last : key_before(query, page);
	page->after = page->n > 0 ? page->rows[page->n - 1].key : query->from;
	return any_beyond(store, query, page->after, false, arena, &page->more_after, err);
}

bool store_list(struct store *store, const struct list_query *query, struct arena *arena, struct list_page *ret_page, struct error *err)
{
	struct stretch stretch;
	struct list_page page;

	if (!collect(store, query, arena, &stretch, err))
		return false;
	if (query->backward && stretch.n < query->limit && !stretch.is_cut) {
		/* A short page on the way back is filled from the front. */
		struct list_query front = *query;

		front.backward = front.has_from = false;
		return store_list(store, &front, arena, ret_page, err);
	}
	page = (struct list_page){ .rows = stretch.rows, .n = stretch.n, .is_cut = stretch.is_cut };
	if (query->backward ? !page_backward(store, query, &stretch, arena, &page, err) : !page_forward(store, query, &stretch, arena, &page, err))
		return false;
	*ret_page = page;
	return true;
}

/* --- counting --- */

static bool is_open(const struct list_query *query)
{
	return query->published_after == TIME_NONE && query->published_before == TIME_NONE && query->updated_after == TIME_NONE &&
	    query->updated_before == TIME_NONE;
}

static bool kept_count(struct store *store, const struct list_query *query, int64_t *ret_n, struct error *err)
{
	static const char all_sql[] = "SELECT n FROM article_count WHERE kind = 'all' AND ref_id = 0";
	struct statement *find;
	int64_t id;

	*ret_n = 0;
	err->code = ERROR_NONE;
	if (query->n_filters == 1)
		return store_term_id(store, query->filters[0].kind, query->filters[0].any[0], &id, ret_n, err) || err->code == ERROR_NOT_FOUND;
	find = store_statement(store, all_sql);
	if (statement_next(find, err))
		*ret_n = statement_integer(find, 0);
	statement_done(find);
	return err->code == ERROR_NONE;
}

static bool walk_count(struct store *store, const struct list_query *query, int64_t most, struct arena *arena, struct list_count *count,
    struct error *err)
{
	struct list_query whole = *query;
	struct merge merge;
	struct candidate candidate;
	bool fine;

	whole.has_from = whole.backward = false;
	fine = merge_start(&merge, store, &whole, arena, err);
	while (fine && count->n <= most && merge_next(&merge, &candidate, err))
		count->n++;
	fine = fine && err->code == ERROR_NONE;
	count->is_cut = merge.is_cut;
	merge_done(&merge);
	return fine;
}

bool store_count(struct store *store, const struct list_query *query, int64_t most, struct list_count *ret_count, struct error *err)
{
	const bool one_term = query->n_filters == 1 && query->filters[0].n_any == 1 && query->filters[0].n_none == 0;
	struct list_row *rows;
	struct arena *arena;
	size_t n;
	bool fine = true, fits = false;

	*ret_count = (struct list_count){ .exact = true };
	if (is_open(query) && (query->n_filters == 0 || one_term))
		return kept_count(store, query, &ret_count->n, err);
	arena = arena_new();
	if (is_bounded_otherwise(query))
		fine = gather(store, query, arena, &rows, &n, &fits, err);
	if (fine && fits)
		ret_count->n = (int64_t)n;
	else if (fine)
		fine = walk_count(store, query, most, arena, ret_count, err);
	arena_free(arena);
	ret_count->exact = !ret_count->is_cut && ret_count->n <= most;
	if (ret_count->n > most)
		ret_count->n = most;
	return fine;
}

bool store_passes(struct store *store, const struct list_query *query, const struct article_row *row, struct error *err)
{
	const struct candidate candidate = { { row->published_at, row->id }, row->published_at, row->updated_at };
	struct arena *arena = arena_new();
	struct merge merge = { .store = store, .query = query, .look = look_start(store) };
	bool pass;

	err->code = ERROR_NONE;
	pass = know_filters(&merge, arena, err);
	merge.driver = NULL;
	if (pass) {
		err->code = ERROR_NONE;
		pass = passes(&merge, &candidate, err);
	}
	statement_done(merge.look);
	arena_free(arena);
	if (pass || err->code == ERROR_NOT_FOUND)
		err->code = ERROR_NONE;
	return pass;
}
