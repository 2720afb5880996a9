/* SPDX-License-Identifier: MIT */
/* A folder for a test's files, and small things done with them. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <stdbool.h>

#include "text.h"

struct scratch {
	char folder[64];
};

void scratch_make(struct scratch *scratch);
void scratch_remove(struct scratch *scratch);    /* with everything in it */

/* The path of a file in it, in one of eight places that are used in turn. */
const char *scratch_path(const struct scratch *scratch, const char *name);
void scratch_write(const struct scratch *scratch, const char *name, const char *bytes);    /* ' stays ' */
bool scratch_has(const struct scratch *scratch, const char *name);
/* All bytes of a file; the caller's to free. Empty when there is none. */
struct text scratch_read(const struct scratch *scratch, const char *name);
/* Every file with its size and the time it was changed, to see whether something was touched; the caller's to free. */
struct text scratch_list(const struct scratch *scratch);
/* Is the folder without any file but `names` (parted by blanks)? Says on standard error what else is there. */
bool scratch_has_only(const struct scratch *scratch, const char *names);

#endif
