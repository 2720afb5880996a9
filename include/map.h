/* SPDX-License-Identifier: MIT */
/*
 * A hash map from byte strings to pointers. Keys are copied; values are the caller's and outlive the map, or are made in its arena. There
 * is no way to take a single key out: what is bounded is cleared as a whole. Aborts without memory.
 */
#ifndef BROADSHEET_MAP_H
#define BROADSHEET_MAP_H

#include <stddef.h>

#include "arena.h"

struct map;

struct map *map_new(void);
void map_free(struct map *map);                                        /* takes NULL */
void map_clear(struct map *map);
size_t map_size(const struct map *map);
struct arena *map_arena(struct map *map);                              /* lives until the next map_clear() */
void *map_find(const struct map *map, const char *key, size_t length); /* NULL when it is not there */
void map_put(struct map *map, const char *key, size_t length, void *value);    /* a key that is not there yet */

#endif
