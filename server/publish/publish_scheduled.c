/* SPDX-License-Identifier: MIT */
/*
 * What happens by itself: a scheduled article comes out at its publish_at, a published one with an end is withdrawn at its expire_at.
 *
 * Both become versions like any other, at the first look at the clock that finds them due; what became due while the process was down is due
 * when it is up again, and bears the time that was planned. A clock that is set back makes nothing due and undoes nothing.
 */
#include "publish_internal.h"

#include <inttypes.h>
#include <stdio.h>

#include "log.h"
#include "metrics.h"

enum { DUE_MOST = 500 };

static struct metric *refused;    /* NULL: nobody counts */

void publish_register_metrics(void)
{
	refused = metric_register(METRIC_COUNTER, "broadsheet_schedule_refused_total", NULL, "Times that an article could not do what it is scheduled for.");
}

struct due {
	struct publisher *publisher;
	struct arena *arena;
	int64_t id, now;
	struct list_key behind;
	bool more;
};

static bool run_one(struct store *store, void *arg, struct error *err)
{
	struct due *due = arg;
	struct article article, known;

	if (!store_article_load(store, due->id, due->arena, &known, err))
		return false;
	article = known;
	article.rev = known.rev + 1;
	complete_status(&article, &known, due->now);
	if (article.status == known.status)
		return error_set(err, ERROR_INTERNAL, "it is not due");
	article.was_public = article.was_public || article.status == ARTICLE_PUBLISHED;
	article.updated_at = complete_updated_at(&known, /* wanted= */ TIME_NONE, due->now);
	return publish_append(due->publisher, &article, "schedule", due->now, err);
}

/* One that cannot be must not hold up the others. */
static bool run_due(struct publisher *publisher, void *arg, struct error *err)
{
	struct due *due = arg;
	struct list_key rows[DUE_MOST];
	size_t n;

	if (!store_schedule_due(publisher->store, due->now, due->behind, rows, DUE_MOST, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		due->id = rows[i].id;
		due->behind = rows[i];
		if (!store_transaction(publisher->store, run_one, due, err)) {
			if (error_status(err->code) == 503 || error_status(err->code) == 507)
				return false;
			log_warning("an article cannot do what it is scheduled for", "article", LOG_INT(due->id), "why", err->detail, NULL);
			if (refused != NULL)
				metric_add(refused, 1);
		}
		arena_reset(due->arena);
	}
	due->more = n == DUE_MOST;
	return true;
}

bool publish_scheduled(struct publisher *publisher, struct list_key *place, bool *ret_more, struct error *err)
{
	struct due due = { .publisher = publisher, .arena = arena_new(), .now = clock_now(), .behind = *place };
	const bool fine = publish_together(publisher, run_due, &due, err);

	arena_free(due.arena);
	if (fine)
		*place = due.behind;
	*ret_more = fine && due.more;
	return fine;
}
