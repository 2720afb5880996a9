/* SPDX-License-Identifier: MIT */
/*
 * When did readers last see a change, and in what? Kept in memory, for validators that cost nothing.
 *
 * A scope is something that answers are made of: all articles, one section, one article, … It is known by a 64-bit key. A clock ticks once
 * a commit, and for each scope it is remembered at which tick it was last touched. An answer that was made at tick T, out of certain scopes,
 * is good as long as none of them has been touched since.
 *
 * Memory is fixed (2 MiB, touched pages only): scopes share slots, and who shares a slot with a busy scope is thought changed too often,
 * never too seldom. One thread touches and publishes; any thread asks, without a lock.
 */
#ifndef BROADSHEET_GENERATIONS_H
#define BROADSHEET_GENERATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct generations;

struct generations *generations_new(void);                     /* aborts without memory */
void generations_free(struct generations *generations);        /* takes NULL */

/* "section", "national" -> a key. The same in every process. */
uint64_t scope_key(const char *kind, const char *name);
uint64_t scope_key_of_id(const char *kind, int64_t id);

/* Between a COMMIT and its acknowledgement: touch what it changed, publish. One thread. */
void generations_touch(struct generations *generations, uint64_t scope);
void generations_publish(struct generations *generations);

/* The present tick. What is read from the store after this is at least as new. */
uint64_t generations_clock(const struct generations *generations);
/* Has none of the scopes been touched since the tick? */
bool generations_untouched(const struct generations *generations, const uint64_t *scopes, size_t n, uint64_t since);

#endif
