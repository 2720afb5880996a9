/* SPDX-License-Identifier: MIT */
/*
 * The rest of a rename: articles of the section get its new name, some at a time, as jobs of the writer's lane between everybody else's.
 *
 * Each commit asks whether a rename is due, and queues one job if none is queued; that job's own commit queues the next. So the writer is never held
 * for longer than one job takes, what is due when the server starts goes on, and after trouble (a full disk) the next commit tries again.
 */
#include "api_internal.h"

#include "log.h"

enum { RENAMED_A_JOB = 20 };

static bool rename_some(struct publisher *publisher, void *arg, struct error *err)
{
	(void)arg;
	return publish_rename(publisher, /* term_id= */ 0, RENAMED_A_JOB, err);
}

static void run(struct lane_job *job, void *arg)
{
	struct context *context = arg;
	struct error err ERROR_UNSET;

	(void)job;
	context->api->is_renaming = false;
	if (!publish_together(&context->publisher, rename_some, NULL, &err))
		log_warning("articles of a renamed section have to wait", "why", err.detail, NULL);
}

void api_rename_on(struct api *api)
{
	struct error err ERROR_UNSET;
	bool is_due;

	err.code = ERROR_NONE;
	if (api->writing == NULL || api->is_renaming || !store_rename_due(api->writer, &is_due, &err) || !is_due)
		return;
	api->renaming = (struct lane_job){ .run = run };
	api->is_renaming = lane_submit(api->writing, &api->renaming);
}
