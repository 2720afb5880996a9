/* SPDX-License-Identifier: MIT */
/*
 * Out of memory.
 *
 * Jansson gives NULL for a value that it has no memory for, and takes NULL for the value of a member, which then is not there: an article would be kept
 * without its tags, and acknowledged. So it is not left to each of some hundred calls to look; neither is it with ICU. SQLite, libmicrohttpd and libcurl
 * give up a request cleanly when they lack memory, and keep their own allocators.
 */
#include "memory.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unicode/uclean.h>

void memory_exhausted(void)
{
	fputs("broadsheet: out of memory\n", stderr);
	abort();
}

static void *vital(void *memory)
{
	if (memory == NULL)
		memory_exhausted();
	return memory;
}

/* Neither library asks for nothing, for which NULL would be right; if one did, it gets a byte. */
static void *vital_allocate(size_t size)
{
	return vital(malloc(size > 0 ? size : 1));
}

static void *icu_allocate(const void *context, size_t size)
{
	(void)context;
	return vital_allocate(size);
}

static void *icu_reallocate(const void *context, void *memory, size_t size)
{
	(void)context;
	return vital(realloc(memory, size > 0 ? size : 1));
}

static void icu_free(const void *context, void *memory)
{
	(void)context;
	free(memory);
}

void memory_guard_libraries(void)
{
	UErrorCode code = U_ZERO_ERROR;

	json_set_alloc_funcs(vital_allocate, free);
	u_setMemoryFunctions(NULL, icu_allocate, icu_reallocate, icu_free, &code);
}
