/* SPDX-License-Identifier: MIT */
/*
 * Memory that dies in one go: everything made for a request or for one imported article comes from an arena
 * and is never freed by hand. A bump allocator over growing blocks; an allocation costs a few instructions.
 * When the system has no memory left the process says so and aborts: all inputs are bounded long before that.
 */
#ifndef BROADSHEET_ARENA_H
#define BROADSHEET_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena);             /* takes NULL */
void arena_reset(struct arena *arena);            /* frees all but the first block, for reuse in loops */
struct arena_mark {
	void *newest, *behind;
	size_t used_of_newest, used;
};
struct arena_mark arena_mark(const struct arena *arena);
/* Frees what was made since the mark; of several marks the newest first. */
void arena_rewind(struct arena *arena, struct arena_mark mark);

size_t arena_used(const struct arena *arena);     /* bytes handed out since arena_new() or arena_reset() */

void *arena_alloc(struct arena *arena, size_t size);                       /* zeroed, aligned for any type; never NULL */
void *arena_array(struct arena *arena, size_t n, size_t size);             /* overflow-checked */
char *arena_copy(struct arena *arena, const char *bytes, size_t length);   /* adds a NUL behind */
char *arena_string(struct arena *arena, const char *string);               /* NULL gives NULL */
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
