/* SPDX-License-Identifier: MIT */
/* How `import` gets its batches in, and how it tells how far it is. */
#ifndef BROADSHEET_IMPORT_DELIVERY_H
#define BROADSHEET_IMPORT_DELIVERY_H

#include "publish.h"

/* --- import_delivery.c: the database itself, or the server that has it --- */

struct delivery;

/* Takes the database's lock, or finds the server that holds it. Used by the thread that made it. */
struct delivery *delivery_new(const char *database, struct error *err);
bool delivery_is_direct(const struct delivery *delivery);
void delivery_free(struct delivery *delivery);    /* takes NULL */

/* Brings in those that are not refused already and fills in what became of them; reasons lie in the arena. *ret_n: of how many it is
 * settled, from the first on: all when it returns true, and else those before the request that failed. */
bool delivery_send(struct delivery *delivery, struct publish_item *items, size_t n, struct arena *arena, size_t *ret_n, struct error *err);

/* --- import_pipeline.c: the next batch is read while one is brought in --- */

enum { BATCH_ITEMS = 5000, BATCH_BYTES_FIRST = 1 << 20, BATCH_BYTES = 14 << 20, WORDS_BYTES_MOST = 24 << 20 };

/* What goes in together, in the order of the file; what could not be read as an article stands among the others, refused. */
struct import_batch {
	const char *file;
	int64_t position, size;       /* of the input, when the batch was full */
	struct arena *arena;          /* of the items */
	struct arena *words_arena;    /* of their words, which do not count for how full it is */
	size_t n, n_articles;
	struct publish_item items[BATCH_ITEMS];
};

struct pipeline;

/* `settled` is called by pipeline_send() and pipeline_finish() with each batch that has been brought in, one after another; only the first n
 * of its items are settled when it failed. */
struct pipeline *pipeline_new(const char *database, void (*settled)(void *arg, const struct import_batch *batch, size_t n), void *arg);
void pipeline_free(struct pipeline *pipeline);    /* takes NULL */
struct import_batch *pipeline_batch(struct pipeline *pipeline);    /* to be filled */
bool pipeline_is_full(const struct pipeline *pipeline);            /* that batch has to be sent before anything is added */
/* Hands the batch over and gives the next one to fill, when the one before is in. false: that failed, and nothing more goes in. */
bool pipeline_send(struct pipeline *pipeline, struct error *err);
bool pipeline_finish(struct pipeline *pipeline, struct error *err);    /* waits until everything that was sent is in */
bool pipeline_is_open(const struct pipeline *pipeline);    /* has a database or a server been asked? */
/* Do articles go into the database and not to a server? Then their words may be read ahead. */
bool pipeline_is_direct(const struct pipeline *pipeline);

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
