/* SPDX-License-Identifier: MIT */
/*
 * The jobs of the deliverer (webhooks.c) on the writer's lane: noting outcomes, up to where a hub has been told, a step of a replay, forgetting what is old.
 *
 * One is under way at a time, run by itself and in a transaction of its own. Only the deliverer's thread looks at what is not under the lock; the
 * job has its own copies of what it works on, and wakes the thread when it is done. A note that could not be kept (a full disk, say) is tried
 * again: its slots stay taken, so nothing is sent twice for that.
 */
#include "webhook_internal.h"

#include "clock.h"
#include "log.h"

static struct webhooks *webhooks_of(struct lane_job *job)
{
	return (struct webhooks *)(void *)((char *)job - offsetof(struct webhooks, job));
}

static void run_job(struct lane_job *job, void *context)
{
	struct webhooks *webhooks = webhooks_of(job);
	struct store *writer = webhooks->settings.writer;

	(void)context;
	switch (webhooks->kind) {
	case JOB_NOTE:
		webhooks->job_fine = store_deliveries_note(writer, webhooks->results, webhooks->n_results, &webhooks->job_err);
		break;
	case JOB_REPLAY:
		webhooks->job_fine = store_replay_step(writer, webhooks->job_number, &webhooks->job_err);
		break;
	case JOB_FORGET:
		webhooks->job_fine = store_deliveries_forget(writer, webhooks->job_number, &webhooks->job_err);
		break;
	case JOB_WEBSUB:
		webhooks->job_fine = store_websub_note(writer, webhooks->settings.websub_hub, webhooks->job_number, &webhooks->job_err);
		break;
	case JOB_NONE:
		break;
	}
	pthread_mutex_lock(&webhooks->lock);
	webhooks->job_is_done = true;
	pthread_cond_signal(&webhooks->settled);
	curl_multi_wakeup(webhooks->multi);
	pthread_mutex_unlock(&webhooks->lock);
}

static bool submit(struct webhooks *webhooks, enum job_kind kind, int64_t number)
{
	webhooks->kind = kind;
	webhooks->job_number = number;
	webhooks->job_is_done = false;
	webhooks->job = (struct lane_job){ .run = run_job };
	if (lane_submit(webhooks->settings.lane, &webhooks->job))
		return true;
	webhooks->kind = JOB_NONE;
	return false;
}

/* Hands over all outcomes that there are. */
void webhook_job_note(struct webhooks *webhooks)
{
	webhooks->n_results = 0;
	for (size_t i = 0; i < WEBHOOK_SLOTS; i++) {
		struct webhook_slot *slot = &webhooks->slots[i];

		if (slot->state != SLOT_ANSWERED)
			continue;
		slot->state = SLOT_NOTING;
		webhooks->results[webhooks->n_results++] = slot->result;
	}
	if (webhooks->n_results > 0)
		submit(webhooks, JOB_NOTE, 0);
}

void webhook_job_websub(struct webhooks *webhooks)
{
	if (webhooks->websub.state == WEBSUB_ANSWERED && submit(webhooks, JOB_WEBSUB, webhooks->websub.seq))
		webhooks->websub.state = WEBSUB_NOTING;
}

/* Where a note could not be kept it is tried again; what was sent is not sent twice for that. */
static void settle_slots(struct webhooks *webhooks)
{
	for (size_t i = 0; i < WEBHOOK_SLOTS; i++)
		if (webhooks->slots[i].state == SLOT_NOTING)
			webhooks->slots[i].state = webhooks->job_fine ? SLOT_FREE : SLOT_ANSWERED;
}

static void settle_job(struct webhooks *webhooks)
{
	if (webhooks->kind == JOB_NOTE)
		settle_slots(webhooks);
	if (webhooks->kind == JOB_WEBSUB)
		webhooks->websub.state = webhooks->job_fine ? WEBSUB_IDLE : WEBSUB_ANSWERED;
	if (!webhooks->job_fine) {
		log_warning("webhooks have to wait", "why", webhooks->job_err.detail, NULL);
		webhooks->trouble_until_us = clock_monotonic_us() + WEBHOOK_TROUBLE_US;
	}
	webhooks->kind = JOB_NONE;
	webhooks->looks = true;
}

void webhook_job_settle(struct webhooks *webhooks)
{
	bool is_done;

	if (webhooks->kind == JOB_NONE)
		return;
	pthread_mutex_lock(&webhooks->lock);
	is_done = webhooks->job_is_done;
	pthread_mutex_unlock(&webhooks->lock);
	if (is_done)
		settle_job(webhooks);
}

void webhook_job_wait(struct webhooks *webhooks)
{
	if (webhooks->kind == JOB_NONE)
		return;
	pthread_mutex_lock(&webhooks->lock);
	while (!webhooks->job_is_done)
		pthread_cond_wait(&webhooks->settled, &webhooks->lock);
	pthread_mutex_unlock(&webhooks->lock);
	settle_job(webhooks);
}

static bool has_outcomes(const struct webhooks *webhooks)
{
	for (size_t i = 0; i < WEBHOOK_SLOTS; i++)
		if (webhooks->slots[i].state == SLOT_ANSWERED)
			return true;
	return false;
}

void webhook_job_next(struct webhooks *webhooks)
{
	if (webhooks->kind != JOB_NONE || clock_monotonic_us() < webhooks->trouble_until_us)
		return;
	if (has_outcomes(webhooks))
		webhook_job_note(webhooks);
	else if (webhooks->websub.state == WEBSUB_ANSWERED)
		webhook_job_websub(webhooks);
	else if (webhooks->replay_id != 0)
		submit(webhooks, JOB_REPLAY, webhooks->replay_id);
	else if (webhooks->has_old)
		submit(webhooks, JOB_FORGET, clock_now());
	webhooks->replay_id = 0;
	webhooks->has_old = false;
}
