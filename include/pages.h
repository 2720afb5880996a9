/* SPDX-License-Identifier: MIT */
/* Pages of memory that hold nothing. */
#ifndef BROADSHEET_PAGES_H
#define BROADSHEET_PAGES_H

#include <stddef.h>

/*
 * Gives back to the system the whole pages between `begin` and `end` that hold nothing but zeroes, and returns how many. They read as zeroes afterwards too;
 * the next write to one costs a page fault. Only for memory from malloc() or a private anonymous mapping (madvise(2), MADV_DONTNEED), and only
 * where no other thread can write meanwhile. Reads every page once.
 */
size_t pages_give_back(void *begin, const void *end);

#endif
