/* SPDX-License-Identifier: MIT */
/*
 * q with a status: what is found among published articles and among others, merged by time.
 *
 * Two walks stand side by side: that of the search index, and that of the newsroom's tables (newsroom_words.c). Each goes on from a place of its
 * own, and a cursor holds both. So each walk is as exact as it is alone, and the merging only says which row comes first; where the index has moved
 * an article by a second or two (its rows are seconds), order and place differ by as much. Where one walk has examined enough before the page is full, the
 * page is short, and goes on.
 *
 * Where published articles are not asked for, this file does nothing but hand the words on: a listing can do that.
 *
 * What it does not do: rank. Relevance is a measure taken of the index, which knows nothing of drafts; order=relevance is answered newest first.
 */
#include "api_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "search.h"

int64_t newsroom_examined_most = LIST_EXAMINED_MOST;

/* Where one walk stands: exclusive, in either direction. */
struct place {
	bool is_set;                  /* false: at its front */
	struct list_key key;          /* of the index: only `id`, the row */
};

struct found_row {
	struct list_key key;          /* as above */
	int64_t id, time;
};

struct side {
	struct place from, before, after;
	struct found_row *rows;       /* in the order of the listing */
	size_t n, first, last;        /* those from `first` to before `last` are on the page */
	bool more;                    /* in the direction of the walk */
	struct list_key far;          /* where that goes on: behind the last row, unless the walk was cut */
};

struct merging {
	struct request *request;
	const struct list_query *query;
	const struct search_query *words;
	bool backward, oldest;
	int64_t epoch;
	struct side index, newsroom;
};

/* The next key in the order of the listing, so that an exclusive place takes in the row itself. */
static struct place stepped(const struct merging *merging, struct place place, bool towards_end)
{
	if (place.is_set)
		place.key.id += merging->oldest == towards_end ? 1 : -1;
	return place;
}

/* --- the two walks --- */

static bool walk_index(struct merging *merging, struct side *side, struct error *err)
{
	struct list_query filters = *merging->query;
	struct search_request search = {
		.query = merging->words,
		.filters = &filters,
		.order = merging->oldest ? SEARCH_OLDEST : SEARCH_NEWEST,
		.has_from = side->from.is_set,
		.backward = merging->backward,
		.from = { .id = side->from.key.id },
	};
	struct arena *arena = merging->request->arena;
	struct search_found found;

	filters.statuses = 0;
	filters.words = NULL;
	if (!store_search(store_of(merging->request), &search, arena, &found, err))
		return false;
	side->rows = arena_array(arena, found.n + 1, sizeof *side->rows);
	for (size_t i = 0; i < found.n; i++) {
		const char *id = arena_printf(arena, "%" PRId64, found.hits[i].article_id);
		struct article_row row;

		/* A short page on the way back was filled from the front. */
		if (merging->backward && (found.hits[i].id < side->from.key.id) != merging->oldest)
			continue;
		if (!store_article_find(store_of(merging->request), id, arena, &row, err))
			return false;
		side->rows[side->n++] = (struct found_row){ { 0, found.hits[i].id }, row.id, row.published_at };
	}
	side->more = merging->backward ? found.more_before : found.more_after;
	side->far = (struct list_key){ 0, merging->backward ? found.before.id : found.after.id };
	return true;
}

static bool lies_before(const struct merging *merging, struct list_key one, struct list_key other)
{
	const bool smaller = one.time != other.time ? one.time < other.time : one.id < other.id;
	const bool same = one.time == other.time && one.id == other.id;

	return !same && smaller == merging->oldest;
}

static bool walk_newsroom(struct merging *merging, struct side *side, struct error *err)
{
	struct list_query query = *merging->query;
	struct list_page page;

	query.statuses &= ~LIST_STATUS(ARTICLE_PUBLISHED);
	query.words = merging->words;
	query.examined_most = newsroom_examined_most;
	query.has_from = side->from.is_set;
	query.backward = merging->backward;
	query.from = side->from.key;
	if (!store_list(store_of(merging->request), &query, merging->request->arena, &page, err))
		return false;
	side->rows = arena_array(merging->request->arena, page.n + 1, sizeof *side->rows);
	for (size_t i = 0; i < page.n; i++)
		if (!merging->backward || lies_before(merging, page.rows[i].key, side->from.key))
			side->rows[side->n++] = (struct found_row){ page.rows[i].key, page.rows[i].key.id, page.rows[i].key.time };
	side->more = merging->backward ? page.more_before : page.more_after;
	side->far = merging->backward ? page.before : page.after;
	return true;
}

/* Nothing stands before a walk that is at its front. */
static bool walk(struct merging *merging, struct error *err)
{
	merging->index.n = merging->newsroom.n = 0;
	merging->index.more = merging->newsroom.more = false;
	return ((merging->backward && !merging->index.from.is_set) || walk_index(merging, &merging->index, err))
	    && ((merging->backward && !merging->newsroom.from.is_set) || walk_newsroom(merging, &merging->newsroom, err));
}

/* --- merging --- */

/* The row next in turn in the direction of the walks; NULL when there is none. */
static const struct found_row *next_row(const struct merging *merging, const struct side *side)
{
	if (merging->backward)
		return side->first > 0 ? &side->rows[side->first - 1] : NULL;
	return side->last < side->n ? &side->rows[side->last] : NULL;
}

/* Of the same second what is published stands first. */
static struct side *next_side(struct merging *merging)
{
	const struct found_row *one = next_row(merging, &merging->index), *other = next_row(merging, &merging->newsroom);
	bool index_is_first;

	if (one == NULL || other == NULL)
		return one != NULL ? &merging->index : &merging->newsroom;
	index_is_first = one->time == other->time || (one->time < other->time) == merging->oldest;
	return index_is_first != merging->backward ? &merging->index : &merging->newsroom;
}

static struct place at_row(const struct found_row *row)
{
	return (struct place){ true, row->key };
}

static void set_places(const struct merging *merging, struct side *side)
{
	side->before = stepped(merging, side->from, !merging->backward);
	side->after = side->from;
	if (merging->backward) {
		side->before = side->from;
		side->after = stepped(merging, side->from, false);
	}
	if (side->first < side->last || (!merging->backward && side->n > 0))
		side->before = at_row(&side->rows[side->first]);
	if (side->first < side->last)
		side->after = at_row(&side->rows[side->last - 1]);
	if (side->more && !merging->backward && side->last == side->n)
		side->after = (struct place){ true, side->far };
	if (side->more && merging->backward && side->first == 0)
		side->before = (struct place){ true, side->far };
}

/* Are all rows of a walk on the page, which may go on with rows that come before those of the other one? Then the page ends. */
static bool waits(const struct merging *merging, const struct side *side)
{
	return side->more && next_row(merging, side) == NULL;
}

/* Rows of both, in the order of the listing. */
static size_t merge(struct merging *merging, const struct found_row **ret_rows)
{
	struct side *index = &merging->index, *newsroom = &merging->newsroom;
	const size_t limit = merging->query->limit;
	size_t n = 0;

	index->first = index->last = merging->backward ? index->n : 0;
	newsroom->first = newsroom->last = merging->backward ? newsroom->n : 0;
	while (n < limit && !waits(merging, index) && !waits(merging, newsroom)) {
		struct side *side = next_side(merging);
		const struct found_row *row = next_row(merging, side);

		if (row == NULL)
			break;
		if (merging->backward) {
			side->first--;
			ret_rows[limit - ++n] = row;
		} else {
			side->last++;
			ret_rows[n++] = row;
		}
	}
	if (merging->backward)
		memmove(ret_rows, ret_rows + limit - n, n * sizeof *ret_rows);
	set_places(merging, index);
	set_places(merging, newsroom);
	return n;
}

/* --- cursors --- */

static const char *write_cursor(const struct merging *merging, struct place index, struct place newsroom, bool backward)
{
	const struct cursor cursor = {
		.backward = backward,
		.time = newsroom.key.time,
		.id = newsroom.key.id,
		.name = arena_printf(merging->request->arena, "%" PRIx64 ".%" PRIx64 ".%d", (uint64_t)merging->epoch,
		    (uint64_t)(index.is_set ? index.key.id : 0), newsroom.is_set),
	};

	return cursor_write(merging->request, &cursor);
}

static bool read_cursor(struct merging *merging, struct error *err)
{
	struct cursor cursor;
	uint64_t epoch, row;
	char *end;
	bool has;

	if (!cursor_read(merging->request, &cursor, &has, err))
		return false;
	if (!has)
		return true;
	if (cursor.name == NULL)
		return cursor_refuse(err, "damaged", "this is no cursor of a search");
	epoch = strtoull(cursor.name, &end, 16);
	row = *end == '.' ? strtoull(end + 1, &end, 16) : 0;
	if (*end != '.' || (end[1] != '0' && end[1] != '1') || end[2] != '\0' || row > SEARCH_ROW_MOST)
		return cursor_refuse(err, "damaged", "this is no cursor of a search");
	if ((int64_t)epoch != merging->epoch)
		return cursor_refuse(err, "outdated", "the index has been made anew since");
	merging->backward = cursor.backward;
	merging->index.from = (struct place){ row != 0, { 0, (int64_t)row } };
	merging->newsroom.from = (struct place){ end[1] == '1', { cursor.time, cursor.id } };
	return true;
}

/* --- the answer --- */

static bool write_rows(struct merging *merging, const struct found_row *const *rows, size_t n, const struct field_selection *selection, struct text *data,
    struct error *err)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			text_char(data, ',');
		if (!article_write_item(merging->request, rows[i]->id, selection, data, err))
			return false;
	}
	return true;
}

static bool answer_merged(struct merging *merging, struct response *response, const struct field_selection *selection, struct text *data, struct text *meta,
    struct error *err)
{
	const struct found_row **rows = arena_array(merging->request->arena, merging->query->limit + 1, sizeof *rows);
	struct side *index = &merging->index, *newsroom = &merging->newsroom;
	bool more_before, more_after;
	size_t n;

	if (!walk(merging, err))
		return false;
	if (merging->backward && index->n + newsroom->n < merging->query->limit && !index->more && !newsroom->more) {
		/* A short page on the way back is filled from the front. */
		merging->backward = index->from.is_set = newsroom->from.is_set = false;
		if (!walk(merging, err))
			return false;
	}
	n = merge(merging, rows);
	more_before = merging->backward ? index->more || newsroom->more || index->first > 0 || newsroom->first > 0 : index->from.is_set || newsroom->from.is_set;
	more_after = merging->backward || index->more || newsroom->more || index->last < index->n || newsroom->last < newsroom->n;
	if (!write_rows(merging, rows, n, selection, data, err))
		return false;
	list_answer(merging->request, response, data, meta, more_after ? write_cursor(merging, index->after, newsroom->after, false) : NULL,
	    more_before ? write_cursor(merging, index->before, newsroom->before, true) : NULL);
	return true;
}

static bool refuse(struct request *request, const struct list_query *query, struct error *err)
{
	const char *count = request_canonical(request, "count");

	error_set(err, ERROR_PARAMETER, "a search among what is not published can do less");
	if (query->order == LIST_UPDATED)
		error_add_parameter(err, "order", "not-with-status", "newest", "order=updated does not go with q and a status");
	if (count != NULL)
		error_add_parameter(err, "count", "not-with-status", NULL, "count does not go with q and a status");
	if (err->n_issues > 0)
		return false;
	error_clear(err);
	return true;
}

bool newsroom_search_answer(struct request *request, struct response *response, const struct list_query *query, const struct search_query *words,
    const struct field_selection *selection, struct text *data, struct text *meta, struct error *err)
{
	struct merging merging = { .request = request, .query = query, .words = words, .oldest = query->order == LIST_OLDEST };

	return refuse(request, query, err) && request_may_take_long(request) && store_indexes_epoch(store_of(request), &merging.epoch, err)
	    && read_cursor(&merging, err) && answer_merged(&merging, response, selection, data, meta, err);
}
