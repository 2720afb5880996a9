/* SPDX-License-Identifier: MIT */
/*
 * Listings: pages of published articles under any set of filters, in either direction, at the same cost at any depth.
 *
 * A page is a stretch of a walk (list_walk.c), and a look at what lies on either side of it. Dates of the other order are held against each
 * row, unless they leave so few that these can be gathered along the other time and sorted: "what has changed since my last visit,
 * newest first".
 *
 * However little passes, a walk ends when enough rows have been examined: the page is short then, perhaps empty, and its cursor goes on
 * from the row looked at last. So no listing takes long, whatever is combined.
 *
 * Keyset: (time, id) of the last row seen, both ascending or both descending. Anything that is added, edited or withdrawn elsewhere
 * moves no other row's key, so a walk meets every row that stays in the list exactly once.
 */
#include "list_walk.h"

#include <stdlib.h>
#include <string.h>

const char *const list_order_names[] = { "newest", "oldest", "updated", NULL };

enum { GATHERED_MOST = 2000 };

void list_query_init(struct list_query *query)
{
	memset(query, 0, sizeof *query);
	query->published_after = query->published_before = query->updated_after = query->updated_before = TIME_NONE;
	query->limit = 20;
	query->examined_most = INT64_MAX;
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
			stretch.rows[stretch.n++] = (struct list_row){ candidate.key, candidate.is_public };
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
	return list_compare_keys(((const struct list_row *)one)->key, ((const struct list_row *)other)->key);
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
	other.examined_most = query->examined_most < GATHERED_MOST ? query->examined_most : GATHERED_MOST;
	*ret_rows = arena_array(arena, GATHERED_MOST, sizeof **ret_rows);
	*ret_n = 0;
	fine = merge_start(&merge, store, &other, arena, err);
	while (fine && *ret_n < GATHERED_MOST && merge_next(&merge, &candidate, err)) {
		const int64_t time = query->order == LIST_UPDATED ? candidate.updated_at : candidate.published_at;

		(*ret_rows)[(*ret_n)++] = (struct list_row){ { time, candidate.key.id }, candidate.is_public };
	}
	fine = fine && err->code == ERROR_NONE;
	*ret_fits = *ret_n < GATHERED_MOST && !merge.is_cut;
	merge_done(&merge);
	return fine;
}

static bool lies_behind(const struct list_query *query, struct list_key key)
{
	const int order = list_compare_keys(key, query->from);

	return list_walks_down(query) ? order < 0 : order > 0;
}

/* The rows gathered, in walking order, from where the query goes on. */
static struct stretch cut_out(const struct list_query *query, struct list_row *rows, size_t n)
{
	struct stretch stretch = { .rows = rows };
	size_t first = 0;

	qsort(rows, n, sizeof *rows, list_walks_down(query) ? compare_rows_down : compare_rows_up);
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
static bool any_beyond(struct store *store, const struct list_query *query, struct list_key key, bool backward, struct arena *arena,
    struct list_page *page, bool *ret_any, struct error *err)
{
	struct list_query beyond = *query;
	struct stretch stretch;

	if (query->rows_only)
		return true;
	beyond.backward = backward;
	beyond.has_from = true;
	beyond.from = key;
	beyond.limit = 1;
	if (!collect(store, &beyond, arena, &stretch, err))
		return false;
	*ret_any = stretch.n > 0 || stretch.is_cut;
	page->is_cut |= stretch.is_cut;
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
	return !query->has_from || any_beyond(store, query, page->before, true, arena, page, &page->more_before, err);
}

static bool page_backward(struct store *store, const struct list_query *query, const struct stretch *stretch, struct arena *arena,
    struct list_page *page, struct error *err)
{
	reverse(page->rows, page->n);
	page->more_before = stretch->is_full || stretch->is_cut;
	page->before = stretch->is_cut ? stretch->last : key_before(query, page);
	page->after = page->n > 0 ? page->rows[page->n - 1].key : query->from;
	return any_beyond(store, query, page->after, false, arena, page, &page->more_after, err);
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
	if (is_open(query) && query->statuses == 0 && (query->n_filters == 0 || one_term))
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
