/* SPDX-License-Identifier: MIT */
/*
 * A bump allocator over growing blocks.
 *
 * An arena is a chain of blocks, the newest in front. An allocation moves the mark of the newest block; when it does
 * not fit, a block of twice the size (up to BLOCK_MOST) becomes the newest. Something larger than a quarter of a block
 * gets a block of its own behind the newest, so that the room left in the newest is not given up for it.
 *
 * There is no way to free one allocation: whatever lives longer than a request or a line of import does not belong
 * here. Memory is handed out zeroed. Built with AddressSanitizer every allocation gets a block of its own, so that a
 * step over its end is seen.
 */
#include "arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base_internal.h"

enum { BLOCK_FIRST = 8 * 1024 - 64, BLOCK_MOST = 256 * 1024 };

#ifdef __SANITIZE_ADDRESS__
enum { BLOCK_SHARED_MOST = 0 };
#else
enum { BLOCK_SHARED_MOST = BLOCK_FIRST / 4 };
#endif

struct block {
	struct block *older;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct block *newest;
	struct block *first;
	size_t used;
};

static struct block *block_new(size_t size, struct block *older)
{
	struct block *block;
	size_t whole;

	if (__builtin_add_overflow(size, sizeof *block, &whole))
		memory_exhausted();
	block = malloc(whole);
	if (block == NULL)
		memory_exhausted();
	block->older = older;
	block->used = 0;
	block->size = size;
	return block;
}

struct arena *arena_new(void)
{
	struct arena *arena = malloc(sizeof *arena);

	if (arena == NULL)
		memory_exhausted();
	arena->first = arena->newest = block_new(BLOCK_FIRST, NULL);
	arena->used = 0;
	return arena;
}

void arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	arena_reset(arena);
	free(arena->first);
	free(arena);
}

/* Blocks of their own stand behind the newest, which may be the first: so the first is not always the last in the chain. */
void arena_reset(struct arena *arena)
{
	struct block *block = arena->newest;

	while (block != NULL) {
		struct block *older = block->older;

		if (block != arena->first)
			free(block);
		block = older;
	}
	arena->newest = arena->first;
	arena->first->older = NULL;
	arena->first->used = 0;
	arena->used = 0;
}

struct arena_mark arena_mark(const struct arena *arena)
{
	return (struct arena_mark){
		.newest = arena->newest, .behind = arena->newest->older, .used_of_newest = arena->newest->used, .used = arena->used,
	};
}

static void free_until(struct block *block, const struct block *end)
{
	while (block != end) {
		struct block *older = block->older;

		free(block);
		block = older;
	}
}

/* What is newer than the block that was the newest then, and blocks of their own that have come to stand behind that one. */
void arena_rewind(struct arena *arena, struct arena_mark mark)
{
	free_until(arena->newest, mark.newest);
	arena->newest = mark.newest;
	free_until(arena->newest->older, mark.behind);
	arena->newest->older = mark.behind;
	arena->newest->used = mark.used_of_newest;
	arena->used = mark.used;
}

size_t arena_used(const struct arena *arena)
{
	return arena->used;
}

static void *take(struct arena *arena, struct block *block, size_t size)
{
	void *memory = block->bytes + block->used;

	block->used += size;
	arena->used += size;
	return memory;
}

/* Not zeroed: for what fills it at once. */
static void *allocate(struct arena *arena, size_t size)
{
	struct block *newest = arena->newest;
	size_t grown;

	if (__builtin_add_overflow(size, alignof(max_align_t) - 1, &grown))
		memory_exhausted();
	grown &= ~(alignof(max_align_t) - 1);

	if (size > BLOCK_SHARED_MOST) {
		newest->older = block_new(size, newest->older);
		return take(arena, newest->older, size);
	}
	if (grown > newest->size - newest->used) {
		size_t next = newest->size < BLOCK_MOST / 2 ? newest->size * 2 : BLOCK_MOST;

		newest = arena->newest = block_new(next, newest);
	}
	assert(grown <= newest->size - newest->used);
	return take(arena, newest, grown);
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return memset(allocate(arena, size), 0, size);
}

void *arena_array(struct arena *arena, size_t n, size_t size)
{
	size_t whole;

	if (__builtin_mul_overflow(n, size, &whole))
		memory_exhausted();
	return arena_alloc(arena, whole);
}

char *arena_copy(struct arena *arena, const char *bytes, size_t length)
{
	char *copy;
	size_t whole;

	if (__builtin_add_overflow(length, (size_t)1, &whole))
		memory_exhausted();
	copy = allocate(arena, whole);
	if (length > 0)
		memcpy(copy, bytes, length);
	copy[length] = '\0';
	return copy;
}

char *arena_string(struct arena *arena, const char *string)
{
	return string == NULL ? NULL : arena_copy(arena, string, strlen(string));
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	char *string;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	assert(length >= 0);

	string = allocate(arena, (size_t)length + 1);
	va_start(arguments, format);
	vsnprintf(string, (size_t)length + 1, format, arguments);
	va_end(arguments);
	return string;
}
