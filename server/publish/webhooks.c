/* SPDX-License-Identifier: MIT */
/*
 * The deliverer: one thread that takes what is due from the outbox, sends it (webhook_transfer.c), and has the writer's thread note what came of it.
 *
 * A slot is one attempt, from the moment it is begun until its outcome is on disk; until then nothing else of its article is sent to that webhook. There are SLOTS
 * slots, SLOTS_EACH of them at most for one webhook, so that one that hangs holds up nobody else. The thread waits in curl_multi_poll(), for sockets, for the
 * next retry, or to be woken; jobs on the writer's lane wake it too. One job is under way at a time: outcomes first, then a step of a replay, then
 * forgetting what is old.
 *
 * A commit wakes the thread only when it has put something into the outbox, or changed a webhook. It looks at the wall clock at least every LOOK_MS, for
 * that may be set.
 *
 * Stopping breaks off what is being sent, and notes what had been answered. What is lost is at most a note, and then the receiver gets the same event
 * again, under the same id: at least once. A 410 makes the event dead at once but leaves the webhook as it is: who is told is what people decide, and the log says.
 */
#include "webhook_internal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "metrics.h"

enum { SLOTS = 16, SLOTS_EACH = 4, LOOK_MS = 30000, AFTER_TROUBLE_US = 1000000, LOG_EVERY_US = 10000000, OLD_EVERY_SECONDS = 3600, RETRY_AFTER_MOST = 3600 };

enum slot_state { SLOT_FREE, SLOT_SENDING, SLOT_ANSWERED, SLOT_NOTING };

struct slot {
	enum slot_state state;
	struct transfer transfer;
	struct delivery delivery;
	struct delivery_result result;
	char error[200];              /* of the result */
};

enum job_kind { JOB_NONE, JOB_NOTE, JOB_REPLAY, JOB_FORGET };

struct webhooks {
	struct webhooks_settings settings;
	struct store *store;          /* for reading; the thread's */
	CURLM *multi;
	pthread_t thread;
	atomic_bool is_woken, is_stopping;

	struct slot slots[SLOTS];
	size_t first;                 /* webhook that is asked first the next time */
	bool looks;                   /* something may be due */
	int64_t next_at;              /* wall clock: when something will be; TIME_NONE: nothing */
	int64_t replay_id;            /* webhook with a step of a replay to do; 0: none */
	int64_t old_at;               /* wall clock: when to look for what is old */
	bool has_old;
	int64_t trouble_until_us;     /* nothing is read or noted before */

	struct lane_job job;
	enum job_kind kind;           /* of the job that is under way */
	struct delivery_result results[SLOTS];
	size_t n_results;
	int64_t job_number;           /* webhook, or the time */
	bool job_fine;
	struct error job_err;
	pthread_mutex_t lock;
	pthread_cond_t settled;
	bool job_is_done;

	int64_t logged_us;
	int64_t n_unlogged;
};

static struct metric *delivered, *failed, *died;

void webhooks_register_metrics(void)
{
	delivered = metric_register(METRIC_COUNTER, "broadsheet_webhooks_delivered_total", NULL, "Events that a webhook's receiver has taken.");
	failed = metric_register(METRIC_COUNTER, "broadsheet_webhooks_failed_total", NULL, "Attempts to deliver an event that failed.");
	died = metric_register(METRIC_COUNTER, "broadsheet_webhooks_died_total", NULL, "Events that were given up.");
}

/* --- jobs on the writer's thread --- */

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
static void submit_outcomes(struct webhooks *webhooks)
{
	webhooks->n_results = 0;
	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &webhooks->slots[i];

		if (slot->state != SLOT_ANSWERED)
			continue;
		slot->state = SLOT_NOTING;
		webhooks->results[webhooks->n_results++] = slot->result;
	}
	if (webhooks->n_results > 0)
		submit(webhooks, JOB_NOTE, 0);
}

/* Where a note could not be kept it is tried again; what was sent is not sent twice for that. */
static void settle_slots(struct webhooks *webhooks)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (webhooks->slots[i].state == SLOT_NOTING)
			webhooks->slots[i].state = webhooks->job_fine ? SLOT_FREE : SLOT_ANSWERED;
}

static void settle_job(struct webhooks *webhooks)
{
	if (webhooks->kind == JOB_NOTE)
		settle_slots(webhooks);
	if (!webhooks->job_fine) {
		log_warning("webhooks have to wait", "why", webhooks->job_err.detail, NULL);
		webhooks->trouble_until_us = clock_monotonic_us() + AFTER_TROUBLE_US;
	}
	webhooks->kind = JOB_NONE;
	webhooks->looks = true;
}

static void take_job_back(struct webhooks *webhooks)
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

static void wait_for_job(struct webhooks *webhooks)
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
	for (size_t i = 0; i < SLOTS; i++)
		if (webhooks->slots[i].state == SLOT_ANSWERED)
			return true;
	return false;
}

static void give_jobs(struct webhooks *webhooks)
{
	if (webhooks->kind != JOB_NONE || clock_monotonic_us() < webhooks->trouble_until_us)
		return;
	if (has_outcomes(webhooks))
		submit_outcomes(webhooks);
	else if (webhooks->replay_id != 0)
		submit(webhooks, JOB_REPLAY, webhooks->replay_id);
	else if (webhooks->has_old)
		submit(webhooks, JOB_FORGET, clock_now());
	webhooks->replay_id = 0;
	webhooks->has_old = false;
}

/* --- what came of an attempt --- */

static void log_failure(struct webhooks *webhooks, const struct slot *slot)
{
	const int64_t now_us = clock_monotonic_us();
	char id[DELIVERY_ID_SIZE];

	if (webhooks->logged_us != 0 && now_us - webhooks->logged_us < LOG_EVERY_US) {
		webhooks->n_unlogged++;
		return;
	}
	log_warning("webhook failed", "delivery", delivery_id(&slot->delivery, id), "attempt", LOG_INT(slot->delivery.attempts + 1), "why", slot->error, "gives up",
	    slot->result.state == DELIVERY_DEAD ? "yes" : "no", "others since the last line", LOG_INT(webhooks->n_unlogged), NULL);
	webhooks->logged_us = now_us;
	webhooks->n_unlogged = 0;
}

/* A test is tried once. */
static void decide(struct slot *slot, const struct transfer_outcome *outcome)
{
	struct delivery_result *result = &slot->result;
	const int64_t now = clock_now();
	int64_t delay = webhooks_delay(slot->delivery.webhook_id, slot->delivery.seq, slot->delivery.attempts + 1);
	const int64_t asked = outcome->retry_after < RETRY_AFTER_MOST ? outcome->retry_after : RETRY_AFTER_MOST;

	*result = (struct delivery_result){ slot->delivery.webhook_id, slot->delivery.seq, slot->delivery.article_id, DELIVERY_DELIVERED, now, 0, outcome->status, NULL };
	if (outcome->is_fine)
		return;
	memcpy(slot->error, outcome->error, sizeof slot->error);
	result->error = slot->error;
	result->state = delay == 0 || outcome->is_hopeless || slot->delivery.event == WEBHOOK_PING ? DELIVERY_DEAD : DELIVERY_PENDING;
	result->next_at = now + (delay > asked ? delay : asked);
}

static void answered(struct webhooks *webhooks, struct slot *slot, const struct transfer_outcome *outcome)
{
	decide(slot, outcome);
	slot->state = SLOT_ANSWERED;
	if (outcome->is_fine) {
		metric_add(delivered, 1);
		return;
	}
	metric_add(failed, 1);
	if (slot->result.state == DELIVERY_DEAD)
		metric_add(died, 1);
	log_failure(webhooks, slot);
}

static struct slot *slot_of(struct webhooks *webhooks, CURL *curl)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (webhooks->slots[i].state == SLOT_SENDING && webhooks->slots[i].transfer.curl == curl)
			return &webhooks->slots[i];
	return NULL;
}

static void take_answers(struct webhooks *webhooks)
{
	struct transfer_outcome outcome;
	CURLMsg *message;
	int left, running;

	curl_multi_perform(webhooks->multi, &running);
	while ((message = curl_multi_info_read(webhooks->multi, &left)) != NULL) {
		struct slot *slot = slot_of(webhooks, message->easy_handle);

		if (message->msg != CURLMSG_DONE || slot == NULL)
			continue;
		transfer_outcome(&slot->transfer, message->data.result, &outcome);
		transfer_end(&slot->transfer, webhooks->multi);
		answered(webhooks, slot, &outcome);
	}
}

/* --- what is to be sent --- */

static size_t slots_of(const struct webhooks *webhooks, int64_t webhook_id)
{
	size_t n = 0;

	for (size_t i = 0; i < SLOTS; i++)
		n += webhooks->slots[i].state != SLOT_FREE && webhooks->slots[i].delivery.webhook_id == webhook_id;
	return n;
}

static struct slot *free_slot(struct webhooks *webhooks)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (webhooks->slots[i].state == SLOT_FREE)
			return &webhooks->slots[i];
	return NULL;
}

/* Also of its article: what is replayed may be older than what is under way. Tests are of no article. */
static bool is_under_way(const struct webhooks *webhooks, const struct delivery *delivery)
{
	for (size_t i = 0; i < SLOTS; i++) {
		const struct slot *slot = &webhooks->slots[i];

		if (slot->state != SLOT_FREE && slot->delivery.webhook_id == delivery->webhook_id && slot->delivery.article_id == delivery->article_id)
			return true;
	}
	return false;
}

/* A version that is gone, or that cannot be read, does not come back by waiting. */
static void begin(struct webhooks *webhooks, struct slot *slot, const struct webhook *webhook, const struct delivery *delivery)
{
	struct transfer_outcome trouble = { .is_hopeless = true };
	struct text body = TEXT_EMPTY;
	struct error err ERROR_UNSET;

	slot->delivery = *delivery;
	slot->state = SLOT_SENDING;
	if (webhook_message(webhooks->store, delivery, webhooks->settings.base_url, &body, &err)
	    && transfer_begin(&slot->transfer, webhooks->multi, webhook, delivery, &body, &webhooks->settings, &err))
		return;
	text_done(&body);
	trouble.is_hopeless = error_status(err.code) < 500;
	memcpy(trouble.error, err.detail, sizeof trouble.error - 1);
	answered(webhooks, slot, &trouble);
}

static bool fill_for(struct webhooks *webhooks, const struct webhook *webhook, struct error *err)
{
	size_t taken = slots_of(webhooks, webhook->id), n;
	struct delivery due[2 * SLOTS_EACH];
	struct slot *slot;

	if (!webhook->is_active || taken >= SLOTS_EACH)
		return true;
	if (!store_deliveries_due(webhooks->store, webhook->id, clock_now(), due, SLOTS_EACH + taken, &n, err))
		return false;
	for (size_t i = 0; i < n && taken < SLOTS_EACH && (slot = free_slot(webhooks)) != NULL; i++) {
		if (is_under_way(webhooks, &due[i]))
			continue;
		begin(webhooks, slot, webhook, &due[i]);
		taken++;
	}
	return true;
}

static bool look_for_old(struct webhooks *webhooks, struct error *err)
{
	const int64_t now = clock_now();

	if (now < webhooks->old_at && webhooks->old_at - now <= OLD_EVERY_SECONDS)
		return true;
	if (!store_deliveries_old(webhooks->store, now, &webhooks->has_old, err))
		return false;
	if (!webhooks->has_old)
		webhooks->old_at = now + OLD_EVERY_SECONDS;
	return true;
}

static bool look_in_read(struct webhooks *webhooks, struct arena *arena, struct error *err)
{
	struct webhook *all;
	size_t n;

	if (!store_webhooks(webhooks->store, arena, &all, &n, err))
		return false;
	webhooks->first++;
	for (size_t i = 0; i < n; i++)
		if (!fill_for(webhooks, &all[(webhooks->first + i) % n], err))
			return false;
	webhooks->next_at = TIME_NONE;
	webhooks->replay_id = 0;
	return n == 0 || (store_deliveries_next(webhooks->store, clock_now(), &webhooks->next_at, err) && store_replay_due(webhooks->store, &webhooks->replay_id, err)
	           && look_for_old(webhooks, err));
}

static void look(struct webhooks *webhooks)
{
	struct arena *arena = arena_new();
	struct error err ERROR_UNSET;
	bool fine;

	webhooks->looks = false;
	err.code = ERROR_NONE;
	fine = store_read_begin(webhooks->store, &err);
	if (fine) {
		fine = look_in_read(webhooks, arena, &err);
		store_read_end(webhooks->store);
	}
	if (!fine) {
		log_warning("webhooks have to wait", "why", err.detail, NULL);
		webhooks->trouble_until_us = clock_monotonic_us() + AFTER_TROUBLE_US;
		webhooks->looks = true;
	}
	arena_free(arena);
}

/* --- the thread --- */

/* For how long nothing needs to be done but for sockets, and for being woken. */
static int rest_ms(const struct webhooks *webhooks)
{
	const int64_t trouble_us = webhooks->trouble_until_us - clock_monotonic_us(), now = clock_now();
	int64_t wait_ms = LOOK_MS;

	if (trouble_us > 0)
		return (int)(trouble_us / 1000) + 1;
	if (webhooks->looks)
		return 0;
	if (webhooks->next_at != TIME_NONE && (webhooks->next_at - now) * 1000 < wait_ms)
		wait_ms = (webhooks->next_at - now) * 1000;
	return wait_ms > 0 ? (int)wait_ms : 0;
}

static void *work(void *arg)
{
	struct webhooks *webhooks = arg;
	int64_t looked_us = 0;

	while (!atomic_load(&webhooks->is_stopping)) {
		const bool is_woken = atomic_exchange(&webhooks->is_woken, false);
		const bool is_time = webhooks->next_at != TIME_NONE && clock_now() >= webhooks->next_at;

		take_answers(webhooks);
		take_job_back(webhooks);
		if (is_woken || is_time || clock_monotonic_us() - looked_us > LOOK_MS * 1000LL)
			webhooks->looks = true;
		if (webhooks->looks && clock_monotonic_us() >= webhooks->trouble_until_us) {
			look(webhooks);
			looked_us = clock_monotonic_us();
		}
		give_jobs(webhooks);
		curl_multi_poll(webhooks->multi, NULL, 0, rest_ms(webhooks), NULL);
	}
	for (size_t i = 0; i < SLOTS; i++)
		transfer_end(&webhooks->slots[i].transfer, webhooks->multi);
	wait_for_job(webhooks);
	submit_outcomes(webhooks);
	wait_for_job(webhooks);
	return NULL;
}

static void webhooks_free(struct webhooks *webhooks)
{
	store_close(webhooks->store);
	curl_multi_cleanup(webhooks->multi);
	pthread_cond_destroy(&webhooks->settled);
	pthread_mutex_destroy(&webhooks->lock);
	free(webhooks);
	curl_global_cleanup();
}

static struct webhooks *webhooks_new(const struct webhooks_settings *settings)
{
	struct webhooks *webhooks = calloc(1, sizeof *webhooks);

	if (webhooks == NULL)
		return NULL;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	webhooks->settings = *settings;
	webhooks->looks = true;
	webhooks->next_at = TIME_NONE;
	webhooks->multi = curl_multi_init();
	pthread_mutex_init(&webhooks->lock, NULL);
	pthread_cond_init(&webhooks->settled, NULL);
	return webhooks;
}

struct webhooks *webhooks_start(const struct webhooks_settings *settings, struct error *err)
{
	struct webhooks *webhooks = webhooks_new(settings);

	if (webhooks == NULL) {
		error_set(err, ERROR_INTERNAL, "no memory for webhooks");
		return NULL;
	}
	if (webhooks->multi == NULL) {
		error_set(err, ERROR_INTERNAL, "libcurl could not be started");
		goto failed;
	}
	if (!store_open(settings->database, STORE_READ, &webhooks->store, err))
		goto failed;
	if (pthread_create(&webhooks->thread, NULL, work, webhooks) != 0) {
		error_set(err, ERROR_INTERNAL, "the thread \"webhooks\" cannot be started");
		goto failed;
	}
	pthread_setname_np(webhooks->thread, "webhooks");
	return webhooks;
failed:
	webhooks_free(webhooks);
	return NULL;
}

void webhooks_wake(struct webhooks *webhooks)
{
	if (webhooks != NULL && !atomic_exchange(&webhooks->is_woken, true))
		curl_multi_wakeup(webhooks->multi);
}

void webhooks_stop(struct webhooks *webhooks)
{
	if (webhooks == NULL)
		return;
	atomic_store(&webhooks->is_stopping, true);
	curl_multi_wakeup(webhooks->multi);
	pthread_join(webhooks->thread, NULL);
	webhooks_free(webhooks);
}
