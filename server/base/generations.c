/* SPDX-License-Identifier: MIT */
/*
 * The clock and the table of touches of generations.h.
 *
 * touch() writes the tick to come into a scope's slot, publish() lets the clock tick. So whoever has seen a tick on the clock sees
 * every touch of it and of those before. Whoever made an answer while a commit was being published has the old tick, finds newer
 * touches, and makes it again: a needless miss, never a stale hit.
 */
#include "generations.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base_internal.h"

enum { SLOTS = 1 << 18 };

struct generations {
	_Atomic uint64_t clock;
	_Atomic uint64_t touched[SLOTS];
};

struct generations *generations_new(void)
{
	struct generations *generations = calloc(1, sizeof *generations);

	if (generations == NULL)
		memory_exhausted();
	atomic_init(&generations->clock, 1);
	return generations;
}

void generations_free(struct generations *generations)
{
	free(generations);
}

uint64_t scope_key(const char *kind, const char *name)
{
	return XXH3_64bits_withSeed(name, strlen(name), XXH3_64bits(kind, strlen(kind)));
}

uint64_t scope_key_of_id(const char *kind, int64_t id)
{
	char name[24];

	snprintf(name, sizeof name, "%lld", (long long)id);
	return scope_key(kind, name);
}

void generations_touch(struct generations *generations, uint64_t scope)
{
	const uint64_t next = atomic_load_explicit(&generations->clock, memory_order_relaxed) + 1;

	atomic_store_explicit(&generations->touched[scope % SLOTS], next, memory_order_release);
}

void generations_publish(struct generations *generations)
{
	atomic_fetch_add_explicit(&generations->clock, 1, memory_order_release);
}

uint64_t generations_clock(const struct generations *generations)
{
	return atomic_load_explicit(&generations->clock, memory_order_acquire);
}

bool generations_untouched(const struct generations *generations, const uint64_t *scopes, size_t n, uint64_t since)
{
	for (size_t i = 0; i < n; i++)
		if (atomic_load_explicit(&generations->touched[scopes[i] % SLOTS], memory_order_acquire) > since)
			return false;
	return true;
}
