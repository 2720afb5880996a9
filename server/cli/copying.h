/* SPDX-License-Identifier: MIT */
/* What `backup` and `restore` have in common: a copy that is made beside its final name, and put there when it is whole and on disk. */
#ifndef COPYING_H
#define COPYING_H

#include <limits.h>

#include "store.h"

struct copying {
	char temporary[PATH_MAX];     /* "" when there is none (any more) */
	struct store_copied copied;
};

/* Copies `from` beside `to`. How far it is shows on a terminal; an interrupt ends it, and nothing is left. */
bool copying_make(struct copying *copying, const char *from, const char *to, struct store_copying how, struct error *err);
/* Gives the copy its name, whatever bore it before, and has the folder written out. */
bool copying_put(struct copying *copying, const char *to, struct error *err);
/* Removes what has not been put. */
void copying_drop(struct copying *copying);
/* Has the names in the folder of `path` written out. */
bool copying_sync_folder(const char *path, struct error *err);

#endif
