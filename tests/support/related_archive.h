/* SPDX-License-Identifier: MIT */
/*
 * Ten articles that tests of related ones know by heart: ferries (1 and 2 are one wire story), two on handball, two with nothing but the
 * section, a draft and a withdrawn one. And the background's work, done at once.
 */
#ifndef RELATED_ARCHIVE_H
#define RELATED_ARCHIVE_H

#include "test_store.h"

enum { ARCHIVE_ARTICLES = 10 };

/* Number 1 to ARCHIVE_ARTICLES; the id is the number, the rev 1. */
void archive_article(int number, struct arena *arena, struct article *ret_article);
struct store *archive_store(struct arena *arena);    /* with all of them */
/* Editors set these beside article 1. */
void archive_link(struct store *store, const int64_t *ids, size_t n, int64_t rev, struct arena *arena);

/* Computes what is due, and what becomes due by that, until nothing is. Returns how many were computed. */
size_t test_work_off_related(struct store *store);
/* Of one answer: 0 when none is kept. */
uint64_t test_digest(struct store *store, int64_t id);

#endif
