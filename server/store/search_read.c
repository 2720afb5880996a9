/* SPDX-License-Identifier: MIT */
/*
 * One page of what a query finds, how much it is in all, and how it is spread.
 *
 * The index runs in the order of time, so the newest hits are there at once, whatever their number. Ranking takes the newest HITS_MOST: where there are
 * more, the answer is over that part, and says so. All of them are scored, sorted, and the page cut out by its key, so that pages follow
 * one another without gap or overlap, both ways. Count and facets are exact over as many; what lies behind is sampled in slices of equal time, a few hits
 * each, and how densely they lie there tells how many there are.
 */
#include "search_internal.h"

#include <math.h>

#include "clock.h"

enum {
	HITS_MOST = 4000,
	SLICES_MOST = 20,
	SAMPLES_MOST = 1200,         /* of all slices together */
	SLICE_SAMPLES_MOST = 250,
};

struct searching {
	struct store *store;
	const struct search_request *request;
	struct arena *arena;
	struct search_found *found;
	struct search_match match;
	struct search_scale scale;
	int64_t lowest, highest;      /* rows of the index that count, by their time */
	struct search_hit *hits;      /* the newest, newest first */
	size_t n_hits;
	bool is_cut;                  /* there are more */
	struct search_tally *tally;
	struct error *err;
};

/* --- walking the index --- */

enum walk { WALK_NEWEST, WALK_OLDEST, WALK_SCORED };

#define WALK_SQL(score, order)                                                                                          \
	"SELECT rowid, " score " FROM article_search"                                                                   \
	" WHERE article_search MATCH ?1 AND rowid >= ?2 AND rowid <= ?3 ORDER BY rowid " order

static struct statement *begin_walk(struct searching *searching, enum walk walk, int64_t low, int64_t high)
{
	static const char newest[] = WALK_SQL("0", "DESC"), oldest[] = WALK_SQL("0", "ASC"), scored[] = WALK_SQL("search_score(article_search, ?4)", "DESC");
	static const char *const sql[] = { newest, oldest, scored };
	struct statement *rows = store_statement(searching->store, sql[walk]);

	statement_bind_bytes(rows, 1, searching->match.expression.bytes, searching->match.expression.length);
	statement_bind_integer(rows, 2, low);
	statement_bind_integer(rows, 3, high);
	if (walk == WALK_SCORED)
		statement_bind_scale(rows, 4, &searching->scale);
	return rows;
}

struct row {
	int64_t article_id, updated_at;
	const char *facets;           /* until the next row */
	size_t facets_length;
};

/* The statement stays open, as its bytes do: one for a loop. */
static bool read_row(struct statement *find, int64_t search_id, struct row *ret_row, struct error *err)
{
	statement_rewind(find);
	statement_bind_integer(find, 1, search_id);
	if (!statement_row(find, err))
		return false;
	*ret_row = (struct row){
		.article_id = statement_integer(find, 0),
		.updated_at = statement_integer(find, 1),
		.facets = statement_blob(find, 2),
		.facets_length = statement_length(find, 2),
	};
	return true;
}

static struct statement *begin_rows(struct store *store)
{
	static const char sql[] = "SELECT article_id, updated_at, facets FROM search_row WHERE search_id = ?1";

	return store_statement(store, sql);
}

static bool asks_for_update_time(const struct list_query *filters)
{
	return filters->updated_after != TIME_NONE || filters->updated_before != TIME_NONE;
}

static bool passes(const struct list_query *filters, int64_t updated_at)
{
	return (filters->updated_after == TIME_NONE || updated_at >= filters->updated_after)
	    && (filters->updated_before == TIME_NONE || updated_at < filters->updated_before);
}

/* --- the newest hits --- */

/* What only the row tells: the article, and the time of its last change where that matters. Leaves out what does not pass. */
static bool complete(struct searching *searching, struct search_hit *hits, size_t *n, struct error *err)
{
	struct statement *find = begin_rows(searching->store);
	size_t kept = 0;
	bool fine = true;

	for (size_t i = 0; fine && i < *n; i++) {
		struct row row;

		fine = read_row(find, hits[i].id, &row, err);
		if (!fine || !passes(searching->request->filters, row.updated_at))
			continue;
		hits[kept] = hits[i];
		hits[kept].article_id = row.article_id;
		if (searching->request->order == SEARCH_UPDATED)
			hits[kept].rank = row.updated_at;
		kept++;
	}
	statement_done(find);
	*n = kept;
	return fine;
}

static bool collect(struct searching *searching)
{
	const bool is_ranked = searching->request->order == SEARCH_RELEVANCE;
	struct statement *rows = begin_walk(searching, is_ranked ? WALK_SCORED : WALK_NEWEST, searching->lowest, searching->highest);

	searching->hits = arena_array(searching->arena, HITS_MOST, sizeof *searching->hits);
	while (statement_next(rows, searching->err)) {
		if (searching->n_hits == HITS_MOST) {
			searching->is_cut = true;
			break;
		}
		searching->hits[searching->n_hits++] = (struct search_hit){ .id = statement_integer(rows, 0), .rank = statement_integer(rows, 1) };
	}
	statement_done(rows);
	return searching->err->code == ERROR_NONE;
}

/* --- a page of them, ranked --- */

static int best_first(const void *one, const void *other)
{
	const struct search_hit *a = one, *b = other;

	if (a->rank != b->rank)
		return a->rank > b->rank ? -1 : 1;
	return a->id > b->id ? -1 : a->id < b->id;
}

static void reverse(struct search_hit *hits, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		const struct search_hit hit = hits[i];

		hits[i] = hits[n - 1 - i];
		hits[n - 1 - i] = hit;
	}
}

/* Those that go nearest to a place, on one side of it: the best `most` of them, the nearest first. */
struct nearest {
	struct search_hit *hits;
	size_t n, most;
	bool towards_front;
	bool more;                    /* there are others on that side */
};

static bool is_nearer(const struct nearest *nearest, const struct search_hit *one, const struct search_hit *other)
{
	return (best_first(one, other) < 0) != nearest->towards_front;
}

static void keep_nearest(struct nearest *nearest, const struct search_hit *hit)
{
	size_t at;

	if (nearest->n == nearest->most) {
		nearest->more = true;
		if (nearest->most == 0 || !is_nearer(nearest, hit, &nearest->hits[nearest->n - 1]))
			return;
	} else {
		nearest->n++;
	}
	for (at = nearest->n - 1; at > 0 && is_nearer(nearest, hit, &nearest->hits[at - 1]); at--)
		nearest->hits[at] = nearest->hits[at - 1];
	nearest->hits[at] = *hit;
}

static bool cut_page(struct searching *searching)
{
	const struct search_request *request = searching->request;
	const struct search_hit from = { .rank = request->from_rank, .id = request->from_id };
	const size_t limit = request->filters->limit;
	struct nearest page = { .hits = arena_array(searching->arena, limit, sizeof *page.hits), .most = limit, .towards_front = request->backward };
	bool more_behind = false;

	if ((request->order == SEARCH_UPDATED || asks_for_update_time(request->filters))
	    && !complete(searching, searching->hits, &searching->n_hits, searching->err))
		return false;
	for (size_t i = 0; i < searching->n_hits; i++) {
		const int place = request->has_from ? best_first(&searching->hits[i], &from) : 1;

		if (request->backward ? place < 0 : place > 0)
			keep_nearest(&page, &searching->hits[i]);
		else
			more_behind = true;
	}
	if (request->backward)
		reverse(page.hits, page.n);
	searching->found->hits = page.hits;
	searching->found->n = page.n;
	searching->found->more_before = request->backward ? page.more : more_behind;
	searching->found->more_after = request->backward ? more_behind : page.more;
	searching->found->is_partial = searching->is_cut;
	return complete(searching, searching->found->hits, &searching->found->n, searching->err);
}

/* --- a page in the order of time --- */

/* Up to `most` hits from a place on, in one direction. Goes on past what does not pass, but not for ever. */
static bool walk_page(struct searching *searching, bool to_older, int64_t low, int64_t high, struct search_hit *hits, size_t most, size_t *ret_n)
{
	struct statement *rows = begin_walk(searching, to_older ? WALK_NEWEST : WALK_OLDEST, low, high), *find = begin_rows(searching->store);
	struct row row;

	*ret_n = 0;
	for (size_t seen = 0; *ret_n < most && seen < HITS_MOST && statement_next(rows, searching->err); seen++) {
		const int64_t id = statement_integer(rows, 0);

		if (!read_row(find, id, &row, searching->err))
			break;
		if (passes(searching->request->filters, row.updated_at))
			hits[(*ret_n)++] = (struct search_hit){ .id = id, .article_id = row.article_id };
	}
	statement_done(rows);
	statement_done(find);
	return searching->err->code == ERROR_NONE;
}

static bool time_page(struct searching *searching)
{
	const struct search_request *request = searching->request;
	const size_t limit = request->filters->limit;
	const bool to_older = (request->order == SEARCH_NEWEST) != request->backward;
	int64_t low = searching->lowest, high = searching->highest;
	struct search_hit *hits = arena_array(searching->arena, limit + 1, sizeof *hits), other;
	size_t n, n_other = 0;
	bool more;

	if (request->has_from && to_older)
		high = request->from_id - 1;
	else if (request->has_from)
		low = request->from_id + 1;
	if (!walk_page(searching, to_older, low, high, hits, limit + 1, &n))
		return false;
	more = n > limit;
	n = more ? limit : n;
	if (request->has_from) {
		const int64_t from = request->from_id;

		if (!walk_page(searching, !to_older, to_older ? from : searching->lowest, to_older ? searching->highest : from, &other, 1, &n_other))
			return false;
	}
	if (request->backward)
		reverse(hits, n);
	searching->found->hits = hits;
	searching->found->n = n;
	searching->found->more_after = request->backward ? n_other > 0 : more;
	searching->found->more_before = request->backward ? more : n_other > 0;
	return true;
}

/* --- count and facets --- */

static bool tally_hits(struct searching *searching, const struct search_hit *hits, size_t n, double each, double *ret_passed)
{
	struct statement *find;
	struct row row;

	if (searching->request->facets == 0 && !asks_for_update_time(searching->request->filters)) {
		*ret_passed = (double)n;
		return true;
	}
	*ret_passed = 0;
	find = begin_rows(searching->store);
	for (size_t i = 0; i < n && read_row(find, hits[i].id, &row, searching->err); i++) {
		if (!passes(searching->request->filters, row.updated_at))
			continue;
		++*ret_passed;
		search_tally_add(searching->tally, search_id_time(hits[i].id), row.facets, row.facets_length, each);
	}
	statement_done(find);
	return searching->err->code == ERROR_NONE;
}

/* A few hits of a slice of the index, and how many that makes of it. */
static bool sample(struct searching *searching, int64_t low, int64_t high, size_t most, double *count)
{
	struct search_hit hits[SLICE_SAMPLES_MOST];
	struct statement *rows = begin_walk(searching, WALK_NEWEST, low, high);
	double passed, each = 1;
	size_t n = 0;

	while (n < most && statement_next(rows, searching->err))
		hits[n++] = (struct search_hit){ .id = statement_integer(rows, 0) };
	statement_done(rows);
	if (searching->err->code != ERROR_NONE)
		return false;
	if (n == most && hits[n - 1].id > low)
		each = fmax(1, (double)(high - low + 1) / (double)(high - hits[n - 1].id + 1));
	if (!tally_hits(searching, hits, n, each, &passed))
		return false;
	*count += passed * each;
	return true;
}

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

/* Months from the year 0 on, in the zone of the site, and back. */
static int month_of(int64_t time)
{
	const struct clock_parts parts = clock_local_parts(time);

	return parts.year * 12 + parts.month - 1;
}

static int64_t month_begin(int month)
{
	struct error ignored;
	int64_t time = 0;

	clock_local(month / 12, month % 12 + 1, 1, 0, 0, 0, &time, &ignored);
	return time;
}

/* As many months as make no more slices than may be, and fit into years or hold whole ones. */
static int months_a_slice(int n_months)
{
	static const int lengths[] = { 1, 2, 3, 4, 6, 12, 24, 60, 120, 600 };
	size_t i = 0;

	while (i + 1 < sizeof lengths / sizeof lengths[0] && n_months / lengths[i] >= SLICES_MOST)
		i++;
	return lengths[i];
}

static bool sample_all(struct searching *searching, double *ret_count)
{
	int64_t low, high;
	int first, last, length;
	size_t most;

	*ret_count = 0;
	if (!end_row(searching->store, false, &low, searching->err) || !end_row(searching->store, true, &high, searching->err))
		return false;
	low = low > searching->lowest ? low : searching->lowest;
	high = high < searching->highest ? high : searching->highest;
	first = month_of(search_id_time(low));
	last = month_of(search_id_time(high));
	length = months_a_slice(last - first + 1);
	first -= first % length;
	most = SAMPLES_MOST / (size_t)((last - first) / length + 1);
	most = most < SLICE_SAMPLES_MOST ? most : SLICE_SAMPLES_MOST;
	for (int month = first; month <= last; month += length) {
		const int64_t begin = search_id_at(month_begin(month)), end = search_id_at(month_begin(month + length)) - 1;

		if (!sample(searching, begin > low ? begin : low, end < high ? end : high, most, ret_count))
			return false;
	}
	return true;
}

static bool count(struct searching *searching)
{
	struct search_found *found = searching->found;
	double n;

	searching->tally = search_tally_new(searching->arena, searching->request->facets);
	if (!(searching->is_cut ? sample_all(searching, &n) : tally_hits(searching, searching->hits, searching->n_hits, 1, &n)))
		return false;
	found->count = llround(n);
	found->count_is_exact = !searching->is_cut && !searching->match.is_narrowed;
	return search_tally_facets(searching->tally, searching->store, found->facets, &found->n_facets, searching->err);
}

/* --- all of it --- */

/* What the pages of one walk have in common. */
static bool set_frame(struct searching *searching)
{
	const struct search_request *request = searching->request;
	struct search_frame *frame = &searching->found->frame;

	*frame = request->frame;
	if (request->order == SEARCH_RELEVANCE && request->has_from) {
		for (size_t i = 0; i < SEARCH_TERMS_MOST; i++)
			searching->match.weights[i] = frame->weights[i];
	} else {
		for (size_t i = 0; i <= SEARCH_TERMS_MOST; i++)
			frame->weights[i] = searching->match.weights[i];
		if (!end_row(searching->store, /* is_last= */ true, &frame->newest, searching->err))
			return false;
	}
	searching->scale = (struct search_scale){ &searching->match, frame->hour };
	if (request->order == SEARCH_RELEVANCE && frame->newest < searching->highest)
		searching->highest = frame->newest;
	return true;
}

static bool search(struct searching *searching)
{
	const struct search_request *request = searching->request;
	const struct list_query *filters = request->filters;
	const bool is_ranked = request->order == SEARCH_RELEVANCE || request->order == SEARCH_UPDATED;
	const bool counts = request->wants_count || request->facets != 0;

	if (!search_match_build(searching->store, request->query, filters, searching->arena, &searching->match, searching->err))
		return false;
	searching->found->count_is_exact = true;
	searching->lowest = filters->published_after != TIME_NONE ? search_id_at(filters->published_after) : 0;
	searching->highest = filters->published_before != TIME_NONE ? search_id_at(filters->published_before) - 1 : INT64_MAX;
	if (!set_frame(searching))
		return false;
	if (!searching->match.can_match) {
		searching->tally = search_tally_new(searching->arena, request->facets);
		return search_tally_facets(searching->tally, searching->store, searching->found->facets, &searching->found->n_facets, searching->err);
	}
	if ((is_ranked || counts) && !collect(searching))
		return false;
	searching->found->is_partial = searching->match.is_narrowed;
	if (!(is_ranked ? cut_page(searching) : time_page(searching)))
		return false;
	if (searching->match.is_narrowed)
		searching->found->is_partial = true;
	return !counts || count(searching);
}

bool store_search(struct store *store, const struct search_request *request, struct arena *arena, struct search_found *ret_found, struct error *err)
{
	struct searching *searching = arena_alloc(arena, sizeof *searching);
	bool fine;

	*ret_found = (struct search_found){ .n = 0 };
	searching->store = store;
	searching->request = request;
	searching->arena = arena;
	searching->found = ret_found;
	searching->err = err;
	err->code = ERROR_NONE;
	fine = search(searching);
	search_match_done(&searching->match);
	return fine;
}
