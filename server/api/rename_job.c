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

static bool is_due(struct store *store)
{
	struct error err ERROR_UNSET;
	bool due;

	err.code = ERROR_NONE;
	return store_rename_due(store, &due, &err) && due;
}

static void run(struct lane_job *job, void *arg)
{
	struct context *context = arg;
	struct error err ERROR_UNSET;

	(void)job;
	context->api->is_renaming = false;
	if (is_due(context->store) && !publish_together(&context->publisher, rename_some, NULL, &err))
		log_warning("articles of a renamed section have to wait", "why", err.detail, NULL);
}

static void submit(struct api *api)
{
	api->renaming = (struct lane_job){ .run = run };
	api->is_renaming = true;
	if (!lane_submit(api->writing, &api->renaming))
		api->is_renaming = false;
}

void api_rename_on(struct api *api)
{
	if (!api->is_renaming && is_due(api->writer))
		submit(api);
}
