/* SPDX-License-Identifier: MIT */
/* See up_to_date.h. */
#include "up_to_date.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"

enum { SHOW_EVERY_US = 200000 };

struct shown {
	int64_t began_us, shown_us;
	bool on_terminal;
};

static void show(void *arg, int64_t n, int64_t all)
{
	struct shown *shown = arg;
	const int64_t now = clock_monotonic_us();
	const double seconds = (double)(now - shown->began_us) / 1e6;

	if (!shown->on_terminal || now - shown->shown_us < SHOW_EVERY_US)
		return;
	shown->shown_us = now;
	fprintf(stderr, "\rindexes: %" PRId64 " of %" PRId64 " articles, %.0f a second, %.0f s left\033[K", n, all, (double)n / seconds,
	    n > 0 ? seconds * (double)(all - n) / (double)n : 0);
}

bool rebuild_indexes(struct store *store, struct error *err)
{
	struct shown shown = { .began_us = clock_monotonic_us(), .on_terminal = isatty(STDERR_FILENO) != 0 };
	bool fine;

	log_info("indexes are made anew", NULL);
	fine = store_rebuild_indexes(store, show, &shown, err);
	if (shown.shown_us != 0)
		fputs("\r\033[K", stderr);
	if (fine)
		log_info("indexes are made", "seconds", LOG_INT((clock_monotonic_us() - shown.began_us) / 1000000), NULL);
	return fine;
}

bool bring_up_to_date(struct store *store, void (*each)(void *arg, const char *name), void *arg, struct error *err)
{
	bool due;

	return store_migrate(store, each, arg, err) && store_settle_copy(store, err) && store_indexes_due(store, &due, err) && (!due || rebuild_indexes(store, err))
	    && store_indexes_begin(store, err);
}
