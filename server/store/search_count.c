/* SPDX-License-Identifier: MIT */
/*
 * How much is found in all, and how it is spread.
 *
 * Exact over as many hits as are ranked. Of more it is an estimate: a few hits are taken in each of some twenty slices of time, and how densely they lie
 * there tells how many there are. Slices begin with months, so that none lies in two years.
 */
#include "search_internal.h"

#include <math.h>

#include "clock.h"

enum {
	SLICES_MOST = 20,
	SAMPLES_MOST = 600,         /* of all slices together */
	SLICE_SAMPLES_MOST = 250,
	MONTH_LAST = 9999 * 12 + 11,
};

struct counting {
	struct store *store;
	const struct search_range *range;
	struct search_tally *tally;
	double n;
	struct error *err;
};

static bool tally_hits(struct counting *counting, const struct search_hit *hits, size_t n, double each)
{
	const struct list_query *filters = counting->range->request->filters;
	struct statement *find;
	struct search_row row;

	if (counting->range->request->facets == 0 && !search_asks_for_update_time(filters)) {
		counting->n += (double)n * each;
		return true;
	}
	find = search_rows_begin(counting->store);
	for (size_t i = 0; i < n && search_row_read(find, hits[i].id, &row, counting->err); i++) {
		if (!search_row_passes(&row, filters))
			continue;
		counting->n += each;
		search_tally_add(counting->tally, search_id_time(hits[i].id), row.facets, row.facets_length, each);
	}
	statement_done(find);
	return counting->err->code == ERROR_NONE;
}

/* --- samples --- */

/* A few hits of a slice of the index, each standing for as many as lie there for it. */
static bool sample(struct counting *counting, int64_t low, int64_t high, size_t most)
{
	struct search_hit hits[SLICE_SAMPLES_MOST];
	struct search_walk walk;
	double each = 1;
	size_t n = 0;

	search_walk_begin(&walk, counting->store, counting->range->match, NULL, /* is_upward= */ false, low, high, counting->range->deadline_us);
	walk.width = high - low + 1;    /* a slice is a window */
	while (n < most && search_walk_next(&walk, &hits[n], counting->err))
		n++;
	search_walk_end(&walk);
	if (counting->err->code != ERROR_NONE)
		return false;
	if (n == most && hits[n - 1].id > low)
		each = fmax(1, (double)(high - low + 1) / (double)(high - hits[n - 1].id + 1));
	return tally_hits(counting, hits, n, each);
}

/* Months from the year 0 on, in the zone of the site, and back. */
static int month_of(int64_t time)
{
	const struct clock_parts parts = clock_local_parts(time);

	return parts.year * 12 + parts.month - 1;
}

/* The first row that the month can have; one behind all for the month behind the last. */
static int64_t month_begin(int month)
{
	struct error ignored;
	int64_t time;

	return month <= MONTH_LAST && clock_local(month / 12, month % 12 + 1, 1, 0, 0, 0, &time, &ignored) ? search_id_at(time) : INT64_MAX;
}

/* As many months as make no more slices than may be, and fit into years or hold whole ones. */
static int months_a_slice(int n_months)
{
	static const int lengths[] = { 1, 2, 3, 4, 6, 12, 24, 60, 120, 600, 6000 };
	size_t i = 0;

	while (i + 1 < sizeof lengths / sizeof lengths[0] && n_months / lengths[i] >= SLICES_MOST)
		i++;
	return lengths[i];
}

/* The newest first: when time is up, what is left out is old. */
static bool sample_all(struct counting *counting, bool *ret_is_late)
{
	const struct search_range *range = counting->range;
	const int first = month_of(search_id_time(range->low)), last = month_of(search_id_time(range->high));
	const int length = months_a_slice(last - first + 1), begin = first - first % length, n_slices = (last - begin) / length + 1;
	size_t most = SAMPLES_MOST / (size_t)n_slices;

	most = most < SLICE_SAMPLES_MOST ? most : SLICE_SAMPLES_MOST;
	*ret_is_late = false;
	for (int slice = n_slices - 1; slice >= 0 && !*ret_is_late; slice--) {
		const int64_t low = month_begin(begin + slice * length), high = month_begin(begin + (slice + 1) * length) - 1;

		if (!sample(counting, low > range->low ? low : range->low, high < range->high ? high : range->high, most))
			return false;
		*ret_is_late = slice > 0 && clock_thread_us() > range->deadline_us;
	}
	return true;
}

bool search_count(struct store *store, const struct search_range *range, const struct search_hits *hits, struct arena *arena, struct search_found *found,
    struct error *err)
{
	struct counting counting = { .store = store, .range = range, .tally = search_tally_new(arena, range->request->facets), .err = err };
	bool is_late = false;

	if (!(hits->is_cut ? sample_all(&counting, &is_late) : tally_hits(&counting, hits->hits, hits->n, 1)))
		return false;
	/* So many are known. */
	found->count = hits->is_cut && !search_asks_for_update_time(range->request->filters) ? llround(fmax(counting.n, (double)hits->n)) : llround(counting.n);
	found->count_is_exact = !hits->is_cut && !range->match->is_narrowed;
	found->is_late = found->is_late || is_late;
	return search_tally_facets(counting.tally, store, found->facets, &found->n_facets, err);
}
