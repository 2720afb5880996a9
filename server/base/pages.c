/* SPDX-License-Identifier: MIT */
/*
 * Pages that are all zero, given back.
 *
 * A library that clears its buffers after each use makes the system keep a page for every zero in them. Ten thousand connections that only wait would hold
 * some 100 MiB of such. Since a page that was given back reads as zeroes, nobody can tell that it was away. A page that is given back at its
 * beginning and end belongs to others too, who may be writing: so only pages that lie within as a whole are touched. What nobody has written to yet may
 * read as anything, and stays if it is not zero.
 */
#include "pages.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static bool is_zero(const char *page, size_t size)
{
	return page[0] == 0 && memcmp(page, page + 1, size - 1) == 0;
}

size_t pages_give_back(void *begin, const void *end)
{
	const size_t size = (size_t)sysconf(_SC_PAGESIZE);
	char *page = (char *)begin + (size - (uintptr_t)begin % size) % size;
	size_t n = 0;

	for (; (uintptr_t)page + size <= (uintptr_t)end; page += size) {
		if (is_zero(page, size) && madvise(page, size, MADV_DONTNEED) == 0)
			n++;
	}
	return n;
}
