/* SPDX-License-Identifier: MIT */
/* Open addressing with linear probing, at most half full; keys lie in the map's arena. */
#include "map.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base_internal.h"

enum { SLOTS_FIRST = 256 };

struct slot {
	uint64_t hash;
	const char *key;      /* NULL: free */
	size_t length;
	void *value;
};

struct map {
	struct arena *arena;
	struct slot *slots;
	size_t n, n_slots;    /* n_slots is a power of two */
};

static struct slot *slots_new(size_t n)
{
	struct slot *slots = calloc(n, sizeof *slots);

	if (slots == NULL)
		memory_exhausted();
	return slots;
}

struct map *map_new(void)
{
	struct map *map = malloc(sizeof *map);

	if (map == NULL)
		memory_exhausted();
	*map = (struct map){ .arena = arena_new(), .slots = slots_new(SLOTS_FIRST), .n_slots = SLOTS_FIRST };
	return map;
}

void map_free(struct map *map)
{
	if (map == NULL)
		return;
	arena_free(map->arena);
	free(map->slots);
	free(map);
}

void map_clear(struct map *map)
{
	free(map->slots);
	arena_reset(map->arena);
	map->slots = slots_new(SLOTS_FIRST);
	map->n_slots = SLOTS_FIRST;
	map->n = 0;
}

size_t map_size(const struct map *map)
{
	return map->n;
}

struct arena *map_arena(struct map *map)
{
	return map->arena;
}

/* The slot of the key, or the free one where it belongs. */
static struct slot *slot_of(const struct map *map, uint64_t hash, const char *key, size_t length)
{
	size_t at = hash & (map->n_slots - 1);

	for (;; at = (at + 1) & (map->n_slots - 1)) {
		struct slot *slot = &map->slots[at];

		if (slot->key == NULL || (slot->hash == hash && slot->length == length && memcmp(slot->key, key, length) == 0))
			return slot;
	}
}

void *map_find(const struct map *map, const char *key, size_t length)
{
	return slot_of(map, XXH3_64bits(key, length), key, length)->value;
}

static void grow(struct map *map)
{
	struct slot *before = map->slots;
	const size_t n_before = map->n_slots;

	map->n_slots *= 2;
	map->slots = slots_new(map->n_slots);
	for (size_t i = 0; i < n_before; i++)
		if (before[i].key != NULL)
			*slot_of(map, before[i].hash, before[i].key, before[i].length) = before[i];
	free(before);
}

void map_put(struct map *map, const char *key, size_t length, void *value)
{
	const uint64_t hash = XXH3_64bits(key, length);
	struct slot *slot;

	if (map->n >= map->n_slots / 2)
		grow(map);
	slot = slot_of(map, hash, key, length);
	assert(slot->key == NULL);
	*slot = (struct slot){ .hash = hash, .key = arena_copy(map->arena, key, length), .length = length, .value = value };
	map->n++;
}
