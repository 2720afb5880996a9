/* SPDX-License-Identifier: MIT */
/* How `import` gets its batches in, and how it tells how far it is. */
#ifndef BROADSHEET_IMPORT_DELIVERY_H
#define BROADSHEET_IMPORT_DELIVERY_H

#include "publish.h"

/* --- import_delivery.c: the database itself, or the server that has it --- */

struct delivery;

struct delivery_result {
	enum publish_outcome outcome;
	const char *detail;           /* why it was refused; NULL when it was not */
};

/* Takes the database's lock, or finds the server that holds it. */
struct delivery *delivery_new(const char *database, struct error *err);
void delivery_free(struct delivery *delivery);    /* takes NULL */

/* Brings in a batch of NDJSON lines, as article_encode(VIEW_EXPORT) wrote them; tells the result of each, `line` from 1. false: nothing of the
 * batch was kept. */
bool delivery_send(struct delivery *delivery, const struct text *lines,
    void (*result)(void *arg, size_t line, const struct delivery_result *result), void *arg, struct error *err);

/* --- import_progress.c: count, rate, time left on a terminal, and the summary --- */

struct progress {
	int64_t started_us, shown_us;
	int64_t outcomes[3];          /* by enum publish_outcome */
	int64_t refused;
	int unread_files;             /* whole files that are no articles, or cannot be opened */
	bool on_terminal, is_shown;
};

void progress_start(struct progress *progress);
void progress_count(struct progress *progress, enum publish_outcome outcome);
/* position and size in bytes of the input; size -1 when it has none. At most five times a second. */
void progress_show(struct progress *progress, int64_t position, int64_t size);
void progress_clear(struct progress *progress);    /* makes room for a line of its own */
void progress_finish(struct progress *progress);

#endif
