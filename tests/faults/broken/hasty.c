/* SPDX-License-Identifier: MIT */
/*
 * The program with a fault put in, which tests of faults must find: each write is acknowledged as soon as it is applied, before the COMMIT of its
 * group. Linked with --wrap=publish_group.
 */
#include "publish.h"

void __wrap_publish_group(struct publisher *publisher, struct lane *lane, struct lane_job *first, void *context);

struct group {
	struct lane_job *first;
	void *context;
};

static bool run(struct publisher *publisher, void *arg, struct error *err)
{
	struct group *group = arg;

	(void)err;
	publisher->is_in_group = true;
	for (struct lane_job *job = group->first, *next; job != NULL; job = next) {
		next = job->next;
		job->run(job, group->context);
		job->settled(job, NULL);
	}
	publisher->is_in_group = false;
	return true;
}

void __wrap_publish_group(struct publisher *publisher, struct lane *lane, struct lane_job *first, void *context)
{
	struct group group = { first, context };
	struct error err;

	(void)lane;
	publish_together(publisher, run, &group, &err);
}
