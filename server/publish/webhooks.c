/* SPDX-License-Identifier: MIT */
/*
 * The deliverer: one thread that takes what is due from the outbox, sends it (webhook_transfer.c), and has the writer's thread note what came of
 * it.
 *
 * A slot is one attempt, from the moment it is begun until its outcome is on disk; until then nothing else of its article is sent to that
 * webhook. There are SLOTS slots, SLOTS_EACH of them at most for one webhook, so that one that hangs holds up nobody else. The thread waits in
 * curl_multi_poll(), for sockets, for the next retry, or to be woken; jobs on the writer's lane wake it too. One job is under way at a time:
 * outcomes first, then a step of a replay, then forgetting what is old.
 *
 * A commit wakes the thread only when it has put something into the outbox or changed a webhook, or, where there is a hub (websub.c), when readers see
 * something else. It looks at the wall clock at least every LOOK_MS, for that may be set.
 *
 * Stopping breaks off what is being sent, and notes what had been answered. What is lost is at most a note, and then the receiver gets the same
 * event again, under the same id: at least once. A 410 makes the event dead at once but leaves the webhook as it is: who is told is what people
 * decide, and the log says.
 */
#include "webhook_internal.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "metrics.h"

enum { SLOTS_EACH = 4, LOOK_MS = 30000, LOG_EVERY_US = 10000000, OLD_EVERY_SECONDS = 3600 };

static struct metric *delivered, *failed, *died;

void webhooks_register_metrics(void)
{
	delivered = metric_register(METRIC_COUNTER, "broadsheet_webhooks_delivered_total", NULL, "Events that a webhook's receiver has taken.");
	failed = metric_register(METRIC_COUNTER, "broadsheet_webhooks_failed_total", NULL, "Attempts to deliver an event that failed.");
	died = metric_register(METRIC_COUNTER, "broadsheet_webhooks_died_total", NULL, "Events that were given up.");
}

/* --- what came of an attempt --- */

static void log_failure(struct webhooks *webhooks, const struct webhook_slot *slot)
{
	const int64_t now_us = clock_monotonic_us();
	char id[DELIVERY_ID_SIZE];

	if (webhooks->logged_us != 0 && now_us - webhooks->logged_us < LOG_EVERY_US) {
		webhooks->n_unlogged++;
		return;
	}
	log_warning("webhook failed", "delivery", delivery_id(&slot->delivery, id), "attempt", LOG_INT(slot->delivery.attempts + 1), "why", slot->error,
	    "gives up", slot->result.state == DELIVERY_DEAD ? "yes" : "no", "others since the last line", LOG_INT(webhooks->n_unlogged), NULL);
	webhooks->logged_us = now_us;
	webhooks->n_unlogged = 0;
}

/* A test is tried once. */
static void decide(struct webhook_slot *slot, const struct transfer_outcome *outcome)
{
	struct delivery_result *result = &slot->result;
	const int64_t now = clock_now();
	const int64_t delay = webhooks_delay(slot->delivery.webhook_id, slot->delivery.seq, slot->delivery.attempts + 1);

	*result = (struct delivery_result){
		.webhook_id = slot->delivery.webhook_id,
		.seq = slot->delivery.seq,
		.article_id = slot->delivery.article_id,
		.state = DELIVERY_DELIVERED,
		.at = now,
		.status = outcome->status,
	};
	if (outcome->is_fine)
		return;
	memcpy(slot->error, outcome->error, sizeof slot->error);
	result->error = slot->error;
	result->state = delay == 0 || outcome->is_hopeless || slot->delivery.event == WEBHOOK_PING ? DELIVERY_DEAD : DELIVERY_PENDING;
	result->next_at = now + (delay > outcome->retry_after ? delay : outcome->retry_after);
}

static void answered(struct webhooks *webhooks, struct webhook_slot *slot, const struct transfer_outcome *outcome)
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

static struct webhook_slot *slot_of(struct webhooks *webhooks, CURL *curl)
{
	for (size_t i = 0; i < WEBHOOK_SLOTS; i++)
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
		struct webhook_slot *slot = slot_of(webhooks, message->easy_handle);

		if (message->msg != CURLMSG_DONE || websub_take(webhooks, message) || slot == NULL)
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

	for (size_t i = 0; i < WEBHOOK_SLOTS; i++)
		n += webhooks->slots[i].state != SLOT_FREE && webhooks->slots[i].delivery.webhook_id == webhook_id;
	return n;
}

static struct webhook_slot *free_slot(struct webhooks *webhooks)
{
	for (size_t i = 0; i < WEBHOOK_SLOTS; i++)
		if (webhooks->slots[i].state == SLOT_FREE)
			return &webhooks->slots[i];
	return NULL;
}

/* Also of its article: what is replayed may be older than what is under way. Tests are of no article. */
static bool is_under_way(const struct webhooks *webhooks, const struct delivery *delivery)
{
	for (size_t i = 0; i < WEBHOOK_SLOTS; i++) {
		const struct webhook_slot *slot = &webhooks->slots[i];

		if (slot->state != SLOT_FREE && slot->delivery.webhook_id == delivery->webhook_id && slot->delivery.article_id == delivery->article_id)
			return true;
	}
	return false;
}

/* A version that is gone, or that cannot be read, does not come back by waiting. */
static void begin(struct webhooks *webhooks, struct webhook_slot *slot, const struct webhook *webhook, const struct delivery *delivery)
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
	struct webhook_slot *slot;

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
	if (!websub_look(webhooks, err))
		return false;
	if (n == 0)
		return true;
	return store_deliveries_next(webhooks->store, clock_now(), &webhooks->next_at, err)
	    && store_replay_due(webhooks->store, &webhooks->replay_id, err) && look_for_old(webhooks, err);
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
		webhooks->trouble_until_us = clock_monotonic_us() + WEBHOOK_TROUBLE_US;
		webhooks->looks = true;
	}
	arena_free(arena);
}

/* --- the thread --- */

/* When the next attempt is due, of a webhook's event or of a ping to the hub. */
static int64_t next_time(const struct webhooks *webhooks)
{
	const int64_t ping_at = webhooks->websub.state == WEBSUB_IDLE ? webhooks->websub.next_at : TIME_NONE;

	if (webhooks->next_at == TIME_NONE || (ping_at != TIME_NONE && ping_at < webhooks->next_at))
		return ping_at;
	return webhooks->next_at;
}

/* For how long nothing needs to be done but for sockets, and for being woken. */
static int rest_ms(const struct webhooks *webhooks)
{
	const int64_t trouble_us = webhooks->trouble_until_us - clock_monotonic_us(), now = clock_now();
	const int64_t next_at = next_time(webhooks);
	int64_t wait_ms = LOOK_MS;

	if (trouble_us > 0)
		return (int)(trouble_us / 1000) + 1;
	if (webhooks->looks)
		return 0;
	if (next_at != TIME_NONE && next_at < now + LOOK_MS / 1000)
		wait_ms = next_at > now ? (next_at - now) * 1000 : 0;
	return (int)wait_ms;
}

static void *work(void *arg)
{
	struct webhooks *webhooks = arg;
	int64_t looked_us = 0;

	while (!atomic_load(&webhooks->is_stopping)) {
		const bool is_woken = atomic_exchange(&webhooks->is_woken, false);
		const int64_t next_at = next_time(webhooks);
		const bool is_time = next_at != TIME_NONE && clock_now() >= next_at;

		take_answers(webhooks);
		webhook_job_settle(webhooks);
		if (is_woken || is_time || clock_monotonic_us() - looked_us > LOOK_MS * 1000LL)
			webhooks->looks = true;
		if (webhooks->looks && clock_monotonic_us() >= webhooks->trouble_until_us) {
			look(webhooks);
			looked_us = clock_monotonic_us();
		}
		webhook_job_next(webhooks);
		curl_multi_poll(webhooks->multi, NULL, 0, rest_ms(webhooks), NULL);
	}
	for (size_t i = 0; i < WEBHOOK_SLOTS; i++)
		transfer_end(&webhooks->slots[i].transfer, webhooks->multi);
	transfer_end(&webhooks->websub.transfer, webhooks->multi);
	webhook_job_wait(webhooks);
	webhook_job_note(webhooks);
	webhook_job_wait(webhooks);
	webhook_job_websub(webhooks);
	webhook_job_wait(webhooks);
	return NULL;
}

static void webhooks_free(struct webhooks *webhooks)
{
	websub_done(&webhooks->websub);
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
	webhooks->next_at = webhooks->websub.next_at = TIME_NONE;
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
