/* SPDX-License-Identifier: MIT */
/* What the files of `broadsheet check` share. */
#ifndef BROADSHEET_CHECK_INTERNAL_H
#define BROADSHEET_CHECK_INTERNAL_H

#include "store_internal.h"

struct checking {
	struct store *store;
	void (*report)(void *arg, const char *finding);
	void *arg;
	int found;
};

/* "says what": one thing that is wrong. */
void check_found(struct checking *checking, const char *says, const char *what);
void check_found_article(struct checking *checking, const char *says, int64_t id);

/* Each looks at one subject, and fails only when it cannot look. */
bool check_words(struct checking *checking, struct error *err);
bool check_search(struct checking *checking, struct error *err);
bool check_suggestions(struct checking *checking, struct error *err);

#endif
