/* SPDX-License-Identifier: MIT */
/*
 * The log of versions that every change goes through. Publishing knows only this struct: on one machine local_log() stands behind it
 * (a table of the same SQLite file, appended and applied in one transaction), in a cluster a log that nodes share.
 */
#ifndef BROADSHEET_SHARED_LOG_H
#define BROADSHEET_SHARED_LOG_H

#include "store.h"

struct shared_log {
	/* Appends the version, applies it to `store`, and gives its seq. Inside a transaction of `store`. ERROR_CONFLICT when this rev of the
	 * article, or of what else it is, is in the log already. */
	bool (*append)(struct shared_log *log, struct store *store, const struct version *version, int64_t *ret_seq, struct error *err);
};

struct shared_log *local_log(void);    /* static; never freed */

#endif
