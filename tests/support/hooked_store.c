/* SPDX-License-Identifier: MIT */
/* A store with a writer's lane and a deliverer; see hooked_store.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <semaphore.h>

#include "clock.h"
#include "hooked_store.h"
#include "log.h"
#include "publish.h"
#include "store/store_internal.h"

enum { WAIT_US = 60 * 1000000, EVERY_MS = 2 };

_Atomic int64_t hooked_now;
struct webhooks_settings hooked_settings;

static struct store *writer, *reader;
static struct lane *lane;
static struct webhooks *webhooks;

static int64_t now(void)
{
	return atomic_load(&hooked_now);
}

void hooked_open(void)
{
	struct error err;

	log_start(LOG_LEVEL_ERROR, false);
	atomic_store(&hooked_now, 1464782400);
	clock_replace(now);
	webhooks_register_metrics();
	test_folder();
	writer = test_store_at(test_folder_path("a.db"), STORE_WRITE);
	reader = test_store_at(test_folder_path("a.db"), STORE_READ);
	lane = lane_new("writer", 1, NULL, NULL, NULL, &err);
	assert_non_null(lane);
	hooked_settings = (struct webhooks_settings){ .database = test_folder_path("a.db"), .lane = lane, .writer = writer, .base_url = "https://news.example" };
	assert_true(ip_networks_parse("127.0.0.0/8", &hooked_settings.allowed, &err));
}

void hooked_close(void)
{
	hooked_stop();
	lane_free(lane);
	store_close(reader);
	store_close(writer);
	test_folder_remove();
	clock_replace(NULL);
}

void hooked_start(void)
{
	struct error err;

	webhooks = webhooks_start(&hooked_settings, &err);
	assert_non_null(webhooks);
}

void hooked_stop(void)
{
	webhooks_stop(webhooks);
	webhooks = NULL;
}

void hooked_wake(void)
{
	webhooks_wake(webhooks);
}

/* --- writing --- */

struct putting {
	struct lane_job job;
	bool (*fn)(struct store *store, void *arg, struct error *err);
	void *arg;
	bool fine;
	struct error err;
	sem_t done;
};

static void run(struct lane_job *job, void *context)
{
	struct putting *writing = (struct putting *)(void *)job;

	(void)context;
	writing->fine = store_transaction(writer, writing->fn, writing->arg, &writing->err);
	if (store_webhooks_changed(writer) || hooked_settings.websub_hub != NULL)
		webhooks_wake(webhooks);
	sem_post(&writing->done);
}

void hooked_on_lane(bool (*fn)(struct store *store, void *arg, struct error *err), void *arg)
{
	struct putting writing = { .job.run = run, .fn = fn, .arg = arg };

	sem_init(&writing.done, 0, 0);
	assert_true(lane_submit(lane, &writing.job));
	while (sem_wait(&writing.done) != 0)
		;
	sem_destroy(&writing.done);
	if (!writing.fine)
		fail_msg("%s", writing.err.detail);
}

static bool add(struct store *store, void *arg, struct error *err)
{
	const struct webhook *webhook = arg;
	struct publisher publisher = { .store = store, .log = local_log() };
	struct record record = { .kind = "webhook" };
	struct text json = TEXT_EMPTY;
	bool fine;

	store_webhook_record(webhook, &json);
	record.json = json.bytes;
	fine = publish_record(&publisher, &record, "test", err);
	text_done(&json);
	return fine;
}

int64_t hooked_add(const char *url, unsigned events)
{
	struct webhook webhook = { .url = url, .events = events, .secret = "0123456789abcdef", .is_active = true };

	hooked_on_lane(add, &webhook);
	return hooked_number("SELECT max(webhook_id) FROM webhook");
}

static bool append(struct store *store, void *arg, struct error *err)
{
	const struct version version = { .at = now(), .by = "test", .article = arg };
	int64_t seq;

	return local_log()->append(local_log(), store, &version, &seq, err);
}

void hooked_write(int64_t id, int64_t rev, enum article_status status)
{
	struct arena *arena = arena_new();
	struct article article;

	test_article(&article, (int)id, arena);
	article.id = id;
	article.rev = rev;
	article.slug = arena_printf(arena, "story-%lld", (long long)id);
	article.title = arena_printf(arena, "Story %lld, version %lld", (long long)id, (long long)rev);
	article.status = status;
	article.updated_at += rev;
	if (status == ARTICLE_DRAFT && rev > 1)
		article.slug = arena_printf(arena, "secret-angle-%lld", (long long)id);
	if (status == ARTICLE_WITHDRAWN) {
		article.removed_at = now();
		article.removal_reason = "It was \"wrong\"";
		article.replaced_by = 9;
	}
	hooked_on_lane(append, &article);
	arena_free(arena);
}

static bool execute(struct store *store, void *arg, struct error *err)
{
	return store_execute(store, arg, err);
}

void hooked_execute(const char *sql)
{
	hooked_on_lane(execute, (void *)sql);
}

/* --- looking --- */

int64_t hooked_number(const char *sql)
{
	return test_number(reader, sql);
}

void hooked_wait(const char *sql, int64_t wanted)
{
	const int64_t deadline_us = clock_monotonic_us() + WAIT_US;

	while (hooked_number(sql) != wanted) {
		if (clock_monotonic_us() > deadline_us)
			fail_msg("%s: %lld, not %lld", sql, (long long)hooked_number(sql), (long long)wanted);
		poll(NULL, 0, EVERY_MS);
	}
}
