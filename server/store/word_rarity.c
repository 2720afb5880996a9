/* SPDX-License-Identifier: MIT */
/*
 * How rare a word is among the published articles: log(1 + all / those that hold it).
 *
 * Comparing an article with a hundred others asks for some ten thousand words, most of them again and again. What was found is remembered by
 * the connection, a slot for each id modulo SLOTS, as long as no version comes that readers see: a look-up costs about a microsecond, a slot a
 * few nanoseconds. So the answer is that of the tables, always.
 */
#include "store_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { SLOTS = 65536 };

struct rarities {
	int64_t seq;                  /* the public seq that all are of */
	double articles;
	struct {
		uint32_t id;          /* 0: free */
		float rarity;
	} slots[SLOTS];
};

double store_rarity(double articles, int64_t n)
{
	return n > 0 ? log(1 + articles / (double)n) : 0;
}

bool store_rarities_begin(struct store *store, double *ret_articles, struct error *err)
{
	const int64_t seq = store_public_seq(store);
	struct rarities *known = store->rarities;
	struct list_query all;
	struct list_count count;

	list_query_init(&all);
	if (!store_count(store, &all, 0, &count, err))
		return false;
	if (known == NULL) {
		known = store->rarities = calloc(1, sizeof *known);
		if (known == NULL)
			memory_exhausted();
	} else if (known->seq != seq) {
		memset(known->slots, 0, sizeof known->slots);
	}
	known->seq = seq;
	known->articles = (double)count.n;
	*ret_articles = known->articles;
	return true;
}

/* 0 for a word that no published article holds, or that there is not. */
static bool look_up(struct store *store, int64_t id, double *ret_rarity, struct error *err)
{
	static const char sql[] = "SELECT n FROM word WHERE word_id = ?1";
	struct statement *find = store_statement(store, sql);

	err->code = ERROR_NONE;
	statement_bind_integer(find, 1, id);
	*ret_rarity = statement_next(find, err) ? store_rarity(store->rarities->articles, statement_integer(find, 0)) : 0;
	statement_done(find);
	return err->code == ERROR_NONE;
}

bool store_word_rarity(struct store *store, int64_t id, double *ret_rarity, struct error *err)
{
	struct rarities *known = store->rarities;
	const size_t slot = (size_t)id % SLOTS;

	if (known->slots[slot].id != id) {
		if (!look_up(store, id, ret_rarity, err))
			return false;
		known->slots[slot].id = (uint32_t)id;
		known->slots[slot].rarity = (float)*ret_rarity;
	}
	*ret_rarity = (double)known->slots[slot].rarity;
	return true;
}

void store_rarities_forget(struct store *store)
{
	if (store->rarities != NULL)
		store->rarities->seq = -1;
}
