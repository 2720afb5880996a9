/* SPDX-License-Identifier: MIT */
/*
 * One page of what a query finds.
 *
 * The index runs in the order of time, so the newest hits are there at once, whatever their number. Ranking takes the newest, up to hits_most(): where there are
 * more, or time is up, the answer is over that part, and says so. All of them are scored, and the page is what goes nearest to its key, so that pages
 * follow one another without gap or overlap, both ways. In the order of time a page is walked from its key, and goes on from where it stopped.
 */
#include "search_internal.h"

#include "clock.h"

enum { HITS_MOST = 4000, HITS_LEAST = 1000, POSTINGS_MOST = 7500 };

int64_t search_budget_us = 250000;

struct searching {
	struct store *store;
	const struct search_request *request;
	struct arena *arena;
	struct search_found *found;
	struct search_match match;
	struct search_scale scale;
	struct search_range range;
	struct search_hits hits;      /* the newest, newest first */
	struct error *err;
};

static bool is_ranked(const struct search_request *request)
{
	return request->order == SEARCH_RELEVANCE || request->order == SEARCH_UPDATED;
}

/* --- the newest hits --- */

/* What only the row tells: the article, and the time of its last change where that matters. Leaves out what does not pass. */
static bool complete(struct searching *searching, struct search_hit *hits, size_t *n)
{
	struct statement *find = search_rows_begin(searching->store);
	struct search_row row;
	size_t kept = 0;

	for (size_t i = 0; i < *n && search_row_read(find, hits[i].id, &row, searching->err); i++) {
		if (!search_row_passes(&row, searching->request->filters))
			continue;
		hits[kept] = hits[i];
		hits[kept].article_id = row.article_id;
		if (searching->request->order == SEARCH_UPDATED)
			hits[kept].rank = row.updated_at;
		kept++;
	}
	statement_done(find);
	*n = kept;
	return searching->err->code == ERROR_NONE;
}

/* A hit costs a posting of each word that it holds. */
static size_t hits_most(const struct searching *searching)
{
	const struct search_query *query = searching->request->query;
	const size_t most = query != NULL && query->n > 0 ? POSTINGS_MOST / query->n : HITS_MOST;

	return most > HITS_MOST ? HITS_MOST : most < HITS_LEAST ? HITS_LEAST : most;
}

static bool collect(struct searching *searching)
{
	const size_t most = hits_most(searching);
	const struct search_scale *scale = searching->request->order == SEARCH_RELEVANCE ? &searching->scale : NULL;
	struct search_hits *hits = &searching->hits;
	struct search_walk walk;
	struct search_hit hit;

	hits->hits = arena_array(searching->arena, most, sizeof *hits->hits);
	search_walk_begin(&walk, searching->store, &searching->match, scale, /* is_upward= */ false, searching->range.low, searching->range.high,
	    searching->range.deadline_us);
	while (search_walk_next(&walk, &hit, searching->err)) {
		if (hits->n == most) {
			hits->is_cut = true;
			break;
		}
		hits->hits[hits->n++] = hit;
	}
	search_walk_end(&walk);
	hits->is_cut = hits->is_cut || walk.is_late;
	searching->found->is_late = walk.is_late;
	searching->range.deadline_us = clock_thread_us() + search_budget_us;
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

static bool ranked_page(struct searching *searching)
{
	const struct search_request *request = searching->request;
	const struct search_hit from = { .rank = request->from.rank, .id = request->from.id };
	struct search_hits *hits = &searching->hits;
	struct nearest page = { .most = request->filters->limit, .towards_front = request->backward };
	bool more_behind = false;

	if ((request->order == SEARCH_UPDATED || search_asks_for_update_time(request->filters)) && !complete(searching, hits->hits, &hits->n))
		return false;
	page.hits = arena_array(searching->arena, page.most, sizeof *page.hits);
	for (size_t i = 0; i < hits->n; i++) {
		const int place = request->has_from ? best_first(&hits->hits[i], &from) : 1;

		if (request->backward ? place < 0 : place > 0)
			keep_nearest(&page, &hits->hits[i]);
		else
			more_behind = true;
	}
	if (request->backward)
		reverse(page.hits, page.n);
	searching->found->hits = page.hits;
	searching->found->n = page.n;
	searching->found->more_before = request->backward ? page.more : more_behind;
	searching->found->more_after = request->backward ? more_behind : page.more;
	return complete(searching, page.hits, &searching->found->n);
}

/* --- a page in the order of time --- */

struct stretch {
	struct search_hit *hits;
	size_t n;
	bool more;                    /* than `most`, or than could be looked at */
	int64_t stopped;              /* how far it came, when it could not go on */
};

/* Up to `most` hits in one direction. Goes on past what does not pass, but not for ever. */
static bool walk_stretch(struct searching *searching, bool is_upward, int64_t low, int64_t high, size_t most, struct stretch *stretch)
{
	struct statement *find = search_rows_begin(searching->store);
	struct search_walk walk;
	struct search_hit hit;
	struct search_row row;
	size_t seen = 0;

	*stretch = (struct stretch){ .hits = arena_array(searching->arena, most + 1, sizeof hit) };
	search_walk_begin(&walk, searching->store, &searching->match, NULL, is_upward, low, high, searching->range.deadline_us);
	while (!stretch->more && search_walk_next(&walk, &hit, searching->err) && search_row_read(find, hit.id, &row, searching->err)) {
		if (search_row_passes(&row, searching->request->filters)) {
			stretch->more = stretch->n == most;
			hit.article_id = row.article_id;
			if (!stretch->more)
				stretch->hits[stretch->n++] = hit;
		}
		if (!stretch->more && ++seen == HITS_MOST) {
			stretch->more = true;
			stretch->stopped = hit.id;
		}
	}
	search_walk_end(&walk);
	statement_done(find);
	if (walk.is_late) {
		searching->found->is_late = true;
		stretch->more = true;
		stretch->stopped = is_upward ? walk.low - 1 : walk.high + 1;
	}
	return searching->err->code == ERROR_NONE;
}

static bool time_page(struct searching *searching)
{
	const struct search_request *request = searching->request;
	const struct search_range *range = &searching->range;
	const bool is_upward = (request->order == SEARCH_OLDEST) != request->backward;
	const int64_t from = request->from.id;
	struct search_found *found = searching->found;
	struct stretch page, other = { .n = 0 };

	if (!walk_stretch(searching, is_upward, request->has_from && is_upward ? from + 1 : range->low,
	        request->has_from && !is_upward ? from - 1 : range->high, request->filters->limit, &page))
		return false;
	if (request->has_from && !walk_stretch(searching, !is_upward, is_upward ? range->low : from, is_upward ? from : range->high, 1, &other))
		return false;
	if (request->backward)
		reverse(page.hits, page.n);
	found->hits = page.hits;
	found->n = page.n;
	found->more_after = request->backward ? other.n > 0 || other.more : page.more;
	found->more_before = request->backward ? page.more : other.n > 0 || other.more;
	found->is_partial = page.stopped != 0;
	if (page.stopped != 0)
		*(request->backward ? &found->before : &found->after) = (struct search_key){ .id = page.stopped };
	return true;
}

/* --- all of it --- */

/* What the pages of one walk have in common, and the rows of the index that count. */
static bool set_frame(struct searching *searching)
{
	const struct search_request *request = searching->request;
	const struct list_query *filters = request->filters;
	const bool goes_on = request->has_from && is_ranked(request);
	struct search_frame *frame = &searching->found->frame;
	int64_t first, last;

	if (!search_ends(searching->store, &first, &last, searching->err))
		return false;
	*frame = request->frame;
	for (size_t i = 0; i <= SEARCH_TERMS_MOST; i++)
		*(goes_on ? &searching->match.weights[i] : &frame->weights[i]) = goes_on ? frame->weights[i] : searching->match.weights[i];
	if (!goes_on)
		frame->newest = last;
	searching->scale = (struct search_scale){ &searching->match, frame->hour };
	searching->range = (struct search_range){ .request = request, .match = &searching->match, .low = first, .high = last, .deadline_us = clock_thread_us() + search_budget_us };
	if (filters->published_after != TIME_NONE && search_id_at(filters->published_after) > first)
		searching->range.low = search_id_at(filters->published_after);
	if (filters->published_before != TIME_NONE && search_id_at(filters->published_before) - 1 < last)
		searching->range.high = search_id_at(filters->published_before) - 1;
	if (is_ranked(request) && frame->newest < searching->range.high)
		searching->range.high = frame->newest;
	return true;
}

/* Where the walk goes on from on either side, unless something else has been said. */
static void set_keys(struct search_found *found)
{
	if (found->n > 0 && found->before.id == 0)
		found->before = (struct search_key){ found->hits[0].rank, found->hits[0].id };
	if (found->n > 0 && found->after.id == 0)
		found->after = (struct search_key){ found->hits[found->n - 1].rank, found->hits[found->n - 1].id };
	found->more_before = found->more_before && found->before.id != 0;
	found->more_after = found->more_after && found->after.id != 0;
}

static bool search(struct searching *searching)
{
	const struct search_request *request = searching->request;
	struct search_found *found = searching->found;
	const bool counts = request->wants_count || request->facets != 0;

	if (!search_match_build(searching->store, request->query, request->filters, searching->arena, &searching->match, searching->err)
	    || !set_frame(searching))
		return false;
	if (!searching->match.can_match || searching->range.low > searching->range.high)
		searching->range.high = searching->range.low - 1;
	if ((is_ranked(request) || counts) && searching->match.can_match && !collect(searching))
		return false;
	if (searching->match.can_match && request->filters->limit > 0 && !(is_ranked(request) ? ranked_page(searching) : time_page(searching)))
		return false;
	set_keys(found);
	found->is_partial = found->is_partial || searching->match.is_narrowed || (is_ranked(request) && searching->hits.is_cut);
	if (counts && !search_count(searching->store, &searching->range, &searching->hits, searching->arena, found, searching->err))
		return false;
	found->is_partial = found->is_partial || found->is_late;
	return true;
}

bool store_search(struct store *store, const struct search_request *request, struct arena *arena, struct search_found *ret_found, struct error *err)
{
	struct searching *searching = arena_alloc(arena, sizeof *searching);
	bool fine;

	*ret_found = (struct search_found){ .n = 0, .count_is_exact = true };
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
