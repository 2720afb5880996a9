/* SPDX-License-Identifier: MIT */
/*
 * One transaction for many: what one caller publishes together, and what many callers had waiting at the same time (group commit).
 *
 * A COMMIT waits for the disk; while it does, more writes queue, and the next COMMIT takes all of them, and those that come while they are written. So
 * the more there is to do, the fewer waits each write costs, and nothing waits for a timer. Inside the group's transaction each job publishes in a savepoint of its own
 * (store_transaction() nests), and decides about revs, slugs and idempotency keys by what the jobs before it did.
 */
#include "publish_internal.h"

struct together {
	struct publisher *publisher;
	bool (*fn)(struct publisher *publisher, void *arg, struct error *err);
	void *arg;
	int64_t public_seq;
};

static bool run_together(struct store *store, void *arg, struct error *err)
{
	struct together *together = arg;

	if (!together->fn(together->publisher, together->arg, err))
		return false;
	together->public_seq = store_public_seq(store);
	return true;
}

bool publish_together(struct publisher *publisher, bool (*fn)(struct publisher *publisher, void *arg, struct error *err), void *arg,
    struct error *err)
{
	struct together together = { .publisher = publisher, .fn = fn, .arg = arg };

	if (!store_transaction(publisher->store, run_together, &together, err))
		return false;
	if (publisher->committed != NULL && !publisher->is_in_group)
		publisher->committed(publisher->arg, together.public_seq);
	return true;
}

bool publish_append(struct publisher *publisher, const struct article *article, const char *by, int64_t now, struct error *err)
{
	const struct version version = { .at = now, .by = by, .article = article };
	int64_t seq;

	return article_check(article, err) && publisher->log->append(publisher->log, publisher->store, &version, &seq, err);
}

bool publish_record(struct publisher *publisher, struct record *record, const char *by, struct error *err)
{
	struct version version = { .at = clock_now(), .by = by };
	int64_t seq;

	if (!store_record_number(publisher->store, record, err))
		return false;
	version.record = *record;
	return publisher->log->append(publisher->log, publisher->store, &version, &seq, err);
}

/* --- groups --- */

struct group {
	struct lane *lane;
	struct lane_job *first;
	void *context;
};

/* What comes while the group is at work joins it: clients that each wait for their answer are then all in one commit. */
static struct lane_job *next_of(struct lane *lane, struct lane_job *job, size_t n)
{
	if (job->next == NULL && lane != NULL && n < LANE_GROUP_MOST)
		return lane_group_more(lane, job);
	return job->next;
}

static bool run_group(struct publisher *publisher, void *arg, struct error *err)
{
	const struct group *group = arg;
	size_t n = 0;

	(void)err;
	publisher->is_in_group = true;
	for (struct lane_job *job = group->first; job != NULL; job = next_of(group->lane, job, ++n))
		job->run(job, group->context);
	publisher->is_in_group = false;
	return true;
}

void publish_group(struct publisher *publisher, struct lane *lane, struct lane_job *first, void *context)
{
	struct group group = { lane, first, context };
	struct error err ERROR_UNSET;
	const bool fine = publish_together(publisher, run_group, &group, &err);
	for (struct lane_job *job = first, *next; job != NULL; job = next) {
		next = job->next;
		job->settled(job, fine ? NULL : &err);
	}
}
