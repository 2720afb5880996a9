/* SPDX-License-Identifier: MIT */
/*
 * What is asked for again is coded once more, with patience: the quick form that the first client got gives way to a smaller one.
 *
 * That takes long, so it is done on a lane of its own, beside serving; a reply that has gone meanwhile is left alone. So many may wait, no more: who
 * comes then is counted again at the next request.
 */
#include "cache_internal.h"

#include <stdlib.h>

#include "lane.h"

enum {
	RECODE_WHEN_ASKED = 2,
	RECODINGS_MOST = 256,          /* that wait for their turn; each holds a body */
};

struct recoding {
	struct lane_job job;
	struct cache *cache;
	struct kept *kept;
	enum coding coding;
};

static void recoding_free(struct recoding *recoding)
{
	kept_unref(recoding->kept);
	free(recoding);
}

static void recode(struct lane_job *job, void *context)
{
	struct recoding *recoding = (struct recoding *)(void *)((char *)job - offsetof(struct recoding, job));

	(void)context;
	if (cache_still_wants(recoding->cache, recoding->kept))
		rendition_recode(recoding->kept, recoding->coding);
	recoding_free(recoding);
}

/* Just now often enough, and is there room? */
static bool is_time(struct lane *lane, struct kept *kept, enum coding coding)
{
	bool is_time;

	pthread_mutex_lock(&kept->lock);
	is_time = kept->asked[coding] < RECODE_WHEN_ASKED && ++kept->asked[coding] == RECODE_WHEN_ASKED;
	if (is_time && lane_length(lane) >= RECODINGS_MOST) {
		is_time = false;
		kept->asked[coding]--;
	}
	pthread_mutex_unlock(&kept->lock);
	return is_time;
}

void recoding_note(struct cache *cache, struct lane *lane, struct kept *kept, enum coding coding)
{
	struct recoding *recoding = is_time(lane, kept, coding) ? malloc(sizeof *recoding) : NULL;

	if (recoding == NULL)
		return;
	*recoding = (struct recoding){ .job = { .run = recode }, .cache = cache, .kept = kept_ref(kept), .coding = coding };
	if (!lane_submit(lane, &recoding->job))
		recoding_free(recoding);
}
