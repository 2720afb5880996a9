/* SPDX-License-Identifier: MIT */
/*
 * The terms of an article by which results are counted: its section, source, authors and tags as a few bytes beside its row of the
 * index, so that a result of thousands is counted without reading an article.
 *
 * Each is a number in groups of seven bits, the lowest first, all but the last with the high bit set: four times the term's id, and its
 * kind's place in search_facet_kinds.
 */
#include "search_internal.h"

#include <math.h>
#include <string.h>

#include "clock.h"

const char *const search_facet_kinds[] = { "section", "source", "author", "tag", NULL };

void search_facets_add(struct text *facets, const char *kind, int64_t term_id)
{
	for (unsigned i = 0; search_facet_kinds[i] != NULL; i++) {
		uint64_t number = (uint64_t)term_id << 2 | i;

		if (strcmp(search_facet_kinds[i], kind) != 0)
			continue;
		for (; number > 0x7F; number >>= 7)
			text_char(facets, (char)(0x80 | (number & 0x7F)));
		text_char(facets, (char)number);
	}
}

bool search_facets_next(const char **at, const char *end, unsigned *ret_kind, int64_t *ret_term_id)
{
	uint64_t number = 0;

	for (unsigned shift = 0; *at < end && shift < 63; shift += 7) {
		const unsigned char byte = (unsigned char)*(*at)++;

		number |= (uint64_t)(byte & 0x7F) << shift;
		if (byte < 0x80) {
			*ret_kind = (unsigned)(number & 3);
			*ret_term_id = (int64_t)(number >> 2);
			return true;
		}
	}
	return false;
}

/* --- counting --- */

struct tally_slot {
	int64_t key;                  /* the term's id, or the year, and the kind; 0: free */
	double n;
};

struct search_tally {
	struct arena *arena;
	unsigned wanted;
	struct tally_slot *slots;
	size_t n, n_slots;            /* a power of two, at most half full */
};

enum { SLOTS_FIRST = 512, KIND_YEAR = SEARCH_FACET_KINDS, YEARS_MOST = 1000 };

struct search_tally *search_tally_new(struct arena *arena, unsigned wanted)
{
	struct search_tally *tally = arena_alloc(arena, sizeof *tally);

	tally->arena = arena;
	tally->wanted = wanted;
	tally->n_slots = SLOTS_FIRST;
	tally->slots = arena_array(arena, tally->n_slots, sizeof *tally->slots);
	return tally;
}

static struct tally_slot *slot_of(const struct search_tally *tally, int64_t key)
{
	size_t at = (size_t)((uint64_t)key * 0x9E3779B97F4A7C15u >> 20);

	while (tally->slots[at % tally->n_slots].key != 0 && tally->slots[at % tally->n_slots].key != key)
		at++;
	return &tally->slots[at % tally->n_slots];
}

static void grow(struct search_tally *tally)
{
	const struct tally_slot *before = tally->slots;
	const size_t n_before = tally->n_slots;

	tally->n_slots *= 2;
	tally->slots = arena_array(tally->arena, tally->n_slots, sizeof *tally->slots);
	for (size_t i = 0; i < n_before; i++)
		if (before[i].key != 0)
			*slot_of(tally, before[i].key) = before[i];
}

static void tally_one(struct search_tally *tally, unsigned kind, int64_t value, double n)
{
	const int64_t key = value << 3 | (kind + 1);
	struct tally_slot *slot;

	if ((tally->wanted >> kind & 1) == 0)
		return;
	slot = slot_of(tally, key);
	if (slot->key == 0) {
		if (++tally->n > tally->n_slots / 2) {
			grow(tally);
			slot = slot_of(tally, key);
		}
		slot->key = key;
	}
	slot->n += n;
}

void search_tally_add(struct search_tally *tally, int64_t published_at, const char *facets, size_t length, double n)
{
	const char *at = facets, *const end = facets + length;
	unsigned kind;
	int64_t id;

	while (search_facets_next(&at, end, &kind, &id))
		tally_one(tally, kind, id, n);
	if ((tally->wanted & FACET_YEAR) != 0)
		tally_one(tally, KIND_YEAR, clock_local_parts(published_at).year, n);
}

static int compare_slots(const void *one, const void *other)
{
	const struct tally_slot *a = one, *b = other;

	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	return a->key < b->key ? -1 : 1;
}

static int newest_first(const void *one, const void *other)
{
	const struct tally_slot *a = one, *b = other;

	return a->key > b->key ? -1 : 1;
}

/* The largest `most` of a kind, the largest first; all years, the newest first. */
static size_t slots_of_kind(const struct search_tally *tally, unsigned kind, size_t most, struct tally_slot *ret_slots)
{
	int (*const compare)(const void *one, const void *other) = kind == KIND_YEAR ? newest_first : compare_slots;
	size_t n = 0, at;

	for (size_t i = 0; i < tally->n_slots; i++) {
		const struct tally_slot *slot = &tally->slots[i];

		if (slot->key == 0 || (slot->key & 7) != kind + 1 || (n == most && compare(slot, &ret_slots[n - 1]) > 0))
			continue;
		n += n < most;
		for (at = n - 1; at > 0 && compare(slot, &ret_slots[at - 1]) < 0; at--)
			ret_slots[at] = ret_slots[at - 1];
		ret_slots[at] = *slot;
	}
	return n;
}

static bool name_term(struct store *store, int64_t id, struct arena *arena, struct search_facet_row *row, struct error *err)
{
	static const char sql[] = "SELECT slug, name FROM term WHERE term_id = ?1";
	struct statement *find = store_statement(store, sql);
	bool fine;

	statement_bind_integer(find, 1, id);
	fine = statement_row(find, err);
	if (fine) {
		row->slug = arena_string(arena, statement_text(find, 0));
		row->name = arena_string(arena, statement_text(find, 1));
	}
	statement_done(find);
	return fine;
}

static bool write_facet(const struct search_tally *tally, struct store *store, unsigned kind, struct search_facet *ret_facet, struct error *err)
{
	const size_t most = kind == KIND_YEAR ? YEARS_MOST : SEARCH_FACET_ROWS_MOST;
	struct tally_slot *slots = arena_array(tally->arena, most, sizeof *slots);
	const size_t n = slots_of_kind(tally, kind, most, slots);

	*ret_facet = (struct search_facet){
		.kind = kind == KIND_YEAR ? "year" : search_facet_kinds[kind],
		.rows = arena_array(tally->arena, n, sizeof *ret_facet->rows),
		.n = n,
	};
	for (size_t i = 0; i < n; i++) {
		struct search_facet_row *row = &ret_facet->rows[i];

		row->count = llround(slots[i].n);
		if (kind == KIND_YEAR)
			row->slug = row->name = arena_printf(tally->arena, "%04lld", (long long)(slots[i].key >> 3));
		else if (!name_term(store, slots[i].key >> 3, tally->arena, row, err))
			return false;
	}
	return true;
}

bool search_tally_facets(const struct search_tally *tally, struct store *store, struct search_facet *ret_facets, size_t *ret_n, struct error *err)
{
	*ret_n = 0;
	for (unsigned kind = 0; kind <= KIND_YEAR; kind++)
		if ((tally->wanted >> kind & 1) != 0 && !write_facet(tally, store, kind, &ret_facets[(*ret_n)++], err))
			return false;
	return true;
}
