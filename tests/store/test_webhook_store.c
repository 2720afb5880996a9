/* SPDX-License-Identifier: MIT */
/* Webhooks in the store: records of the log, which versions are events and whose, the order of the outbox, replays, what is forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "publish.h"
#include "store/webhook_internal.h"
#include "test_store.h"

static struct store *store;
static struct arena *arena;
static struct error err;

static int set_up(void **state)
{
	(void)state;
	store = test_store();
	arena = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_close(store);
	arena_free(arena);
	return 0;
}

/* --- writing --- */

static bool put_record(struct publisher *publisher, void *arg, struct error *e)
{
	return publish_record(publisher, arg, "test", e);
}

static int64_t put(int64_t id, const struct webhook *webhook)
{
	struct publisher publisher = { .store = store, .log = local_log() };
	struct record record = { .kind = "webhook", .ref = id, .is_removed = webhook == NULL };
	struct text json = TEXT_EMPTY;

	if (webhook != NULL)
		store_webhook_record(webhook, &json);
	record.json = webhook != NULL ? json.bytes : "{}";
	assert_true(publish_together(&publisher, put_record, &record, &err));
	text_done(&json);
	return record.ref;
}

static int64_t hook(unsigned events, const char *section, const char *tag)
{
	return put(0, &(struct webhook){ .url = "https://receiver.example/", .events = events, .section = section, .tag = tag, .secret = "0123456789abcdef",
	                  .is_active = true, .created_at = 5 });
}

static struct article article_of(int64_t id, int64_t rev, enum article_status status)
{
	struct article article;

	test_article(&article, (int)id, arena);
	article.id = id;
	article.rev = rev;
	article.slug = arena_printf(arena, "story-%lld", (long long)id);
	article.status = status;
	article.updated_at += rev;
	if (status == ARTICLE_WITHDRAWN)
		article.removed_at = TEST_TIME;
	return article;
}

/* The outbox of a webhook as "3:publish 4:update", oldest first; a star marks what is not pending. */
static void expect_outbox(int64_t webhook_id, const char *wanted)
{
	const struct delivery_query query = { .webhook_id = webhook_id, .backward = true, .limit = 100 };
	struct delivery_page page;
	struct text found = TEXT_EMPTY;

	err.code = ERROR_NONE;
	assert_true(store_deliveries(store, &query, arena, &page, &err));
	for (size_t i = page.n; i-- > 0;)
		text_printf(&found, "%s%lld:%s%s", found.length > 0 ? " " : "", (long long)page.rows[i].seq, webhook_event_name(page.rows[i].event),
		    page.rows[i].state == DELIVERY_PENDING ? "" : "*");
	assert_string_equal(found.length > 0 ? found.bytes : "", wanted);
	text_done(&found);
}

static void add_correction(struct article *article, int64_t at, const char *text)
{
	struct correction *more = arena_array(arena, article->corrections.n + 1, sizeof *more);

	if (article->corrections.n > 0)
		memcpy(more, article->corrections.items, article->corrections.n * sizeof *more);
	more[article->corrections.n] = (struct correction){ at, "correction", text };
	article->corrections.items = more;
	article->corrections.n++;
}

/* --- tests --- */

static bool file_has(const char *name, const char *bytes)
{
	struct text file = TEXT_EMPTY;
	char buffer[4096];
	FILE *stream = fopen(test_folder_path(name), "rb");
	size_t n;
	bool has;

	assert_non_null(stream);
	while ((n = fread(buffer, 1, sizeof buffer, stream)) > 0)
		text_append(&file, buffer, n);
	fclose(stream);
	has = file.length > 0 && memmem(file.bytes, file.length, bytes, strlen(bytes)) != NULL;
	text_done(&file);
	return has;
}

static bool is_anywhere(const char *secret)
{
	return file_has("a.db", secret) || file_has("a.db-wal", secret);
}

/* Secrets that are no longer good are in no version, and in no file; what else earlier versions said stays. */
static void test_old_secrets_are_gone(void **state)
{
	struct webhook webhook = { .url = "http://a.example/", .events = WEBHOOK_EVERY, .secret = "the-first-secret", .is_active = true };
	int64_t id, other;

	(void)state;
	store_close(store);
	test_folder();
	store = test_store_at(test_folder_path("a.db"), STORE_WRITE);
	other = hook(WEBHOOK_EVERY, NULL, NULL);
	id = put(0, &webhook);
	assert_true(is_anywhere("the-first-secret"));
	webhook.secret = "the-second-secret";
	put(id, &webhook);
	assert_false(is_anywhere("the-first-secret"));
	assert_true(is_anywhere("the-second-secret"));
	assert_int_equal(test_number(store, "SELECT count(*) FROM article_version WHERE kind = 'webhook' AND ref = 2 AND rev = 1"
	    " AND doc ->> 'url' = 'http://a.example/' AND doc ->> 'secret' = '' AND doc ->> 'active' = 1"), 1);
	put(id, NULL);
	assert_false(is_anywhere("the-second-secret"));
	assert_true(is_anywhere("0123456789abcdef"));    /* the other one's */
	assert_int_equal(id, other + 1);
	store_close(store);
	test_folder_remove();
	store = test_store();
}

static void test_records(void **state)
{
	struct webhook webhook, *all;
	int64_t id;
	size_t n;

	(void)state;
	id = hook(WEBHOOK_PUBLISH | WEBHOOK_WITHDRAW, "national", NULL);
	assert_true(store_webhook(store, id, arena, &webhook, &err));
	assert_string_equal(webhook.url, "https://receiver.example/");
	assert_int_equal(webhook.events, WEBHOOK_PUBLISH | WEBHOOK_WITHDRAW);
	assert_string_equal(webhook.section, "national");
	assert_null(webhook.tag);
	assert_string_equal(webhook.secret, "0123456789abcdef");
	assert_int_equal(webhook.created_at, 5);
	assert_int_equal(webhook.rev, 1);
	assert_int_equal(hook(WEBHOOK_EVERY, NULL, NULL), id + 1);
	webhook.is_active = false;
	webhook.url = "http://other.example/";
	put(id, &webhook);
	assert_true(store_webhooks(store, arena, &all, &n, &err));
	assert_int_equal(n, 2);
	assert_int_equal(all[0].rev, 2);
	assert_false(all[0].is_active);
	put(id, NULL);
	assert_false(store_webhook(store, id, arena, &webhook, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	assert_int_equal(hook(WEBHOOK_EVERY, NULL, NULL), id + 2);    /* numbers are not used again */
	assert_int_equal(test_findings(store), 0);
}

/* seq 1 is the webhook. */
static void test_events(void **state)
{
	struct article article;

	(void)state;
	hook(WEBHOOK_EVERY, NULL, NULL);
	article = article_of(1, 1, ARTICLE_DRAFT);
	test_append(store, &article);                                   /* 2: nothing */
	article = article_of(1, 2, ARTICLE_SCHEDULED);
	test_append(store, &article);                                   /* 3: nothing */
	article = article_of(1, 3, ARTICLE_PUBLISHED);
	test_append(store, &article);                                   /* 4 */
	article = article_of(1, 4, ARTICLE_PUBLISHED);
	add_correction(&article, TEST_TIME, "A name was misspelt.");
	test_append(store, &article);                                   /* 5 */
	article.rev = 5;
	test_append(store, &article);                                   /* 6: the correction is not new */
	article.rev = 6;
	add_correction(&article, TEST_TIME - 100, "An older one, told late.");
	test_append(store, &article);                                   /* 7: nor is the newest */
	article.rev = 7;
	add_correction(&article, TEST_TIME, "Another of the same second.");
	test_append(store, &article);                                   /* 8 */
	article = article_of(1, 8, ARTICLE_WITHDRAWN);
	test_append(store, &article);                                   /* 9 */
	article.rev = 9;
	test_append(store, &article);                                   /* 10: it is gone already */
	article = article_of(1, 10, ARTICLE_PUBLISHED);
	test_append(store, &article);                                   /* 11: it comes back */
	article = article_of(1, 11, ARTICLE_DRAFT);
	test_append(store, &article);                                   /* 12: to readers it is gone */
	article = article_of(2, 1, ARTICLE_WITHDRAWN);
	article.was_public = true;
	test_append(store, &article);                                   /* 13: nobody here has seen it */
	expect_outbox(1, "4:publish 5:correct 6:update 7:update 8:correct 9:withdraw 11:publish 12:withdraw");
}

static void test_whose(void **state)
{
	struct article article;
	struct webhook webhook;

	(void)state;
	hook(WEBHOOK_UPDATE, NULL, NULL);
	hook(WEBHOOK_EVERY, "world", NULL);
	hook(WEBHOOK_EVERY, NULL, "place-1");
	hook(WEBHOOK_EVERY, "world", "place-1");
	hook(WEBHOOK_EVERY, NULL, NULL);
	assert_true(store_webhook(store, 5, arena, &webhook, &err));
	webhook.is_active = false;
	put(5, &webhook);                                               /* 6 */
	article = article_of(1, 1, ARTICLE_PUBLISHED);                  /* World, Topic 1, Place 1 */
	test_append(store, &article);                                   /* 7 */
	article = article_of(2, 1, ARTICLE_PUBLISHED);                  /* Business, Place 2 */
	test_append(store, &article);                                   /* 8 */
	article = article_of(1, 2, ARTICLE_PUBLISHED);
	article.section = (struct term){ .name = "Sports" };
	test_append(store, &article);                                   /* 9: leaves the section, which it is told */
	article.rev = 3;
	test_append(store, &article);                                   /* 10: and no more */
	expect_outbox(1, "9:update 10:update");
	expect_outbox(2, "7:publish 9:update");
	expect_outbox(3, "7:publish 9:update 10:update");
	expect_outbox(4, "7:publish 9:update");
	expect_outbox(5, "");
	put(1, NULL);
	expect_outbox(1, "");
	assert_int_equal(test_findings(store), 0);
}

static bool write_and_fail(struct store *s, void *arg, struct error *e)
{
	struct article article = article_of(7, 1, ARTICLE_PUBLISHED);
	const struct version version = { .at = 1, .by = "test", .article = &article };
	const struct version record = { .at = 1, .by = "test", .record = { "webhook", 9, 1, false, "{\"url\":\"http://a.example/\",\"events\":[\"publish\"],\"secret\":\"s\",\"active\":true}" } };
	int64_t seq;

	(void)arg;
	assert_true(local_log()->append(local_log(), s, &record, &seq, e));
	assert_true(local_log()->append(local_log(), s, &version, &seq, e));
	assert_int_equal(test_number(s, "SELECT count(*) FROM webhook_delivery"), 1);
	return error_set(e, ERROR_CONFLICT, "no");
}

static void test_undone(void **state)
{
	struct article article = article_of(1, 1, ARTICLE_PUBLISHED);

	(void)state;
	assert_false(store_transaction(store, write_and_fail, NULL, &err));
	assert_int_equal(err.code, ERROR_CONFLICT);
	test_append(store, &article);    /* would break a reference if the webhook were still known */
	assert_int_equal(test_number(store, "SELECT count(*) FROM webhook_delivery"), 0);
}

/* --- the order --- */

static void expect_due(int64_t now, const char *wanted)
{
	struct delivery due[20];
	struct text found = TEXT_EMPTY;
	size_t n;

	assert_true(store_deliveries_due(store, 1, now, due, 20, &n, &err));
	for (size_t i = 0; i < n; i++)
		text_printf(&found, "%s%lld", i > 0 ? " " : "", (long long)due[i].seq);
	assert_string_equal(found.length > 0 ? found.bytes : "", wanted);
	text_done(&found);
}

static void note(int64_t seq, int64_t article_id, enum delivery_state to, int64_t next_at)
{
	const struct delivery_result result = { 1, seq, article_id, to, 1000, next_at, 503, to == DELIVERY_DELIVERED ? NULL : "it was busy" };

	assert_true(store_deliveries_note(store, &result, 1, &err));
}

static int64_t next_after(int64_t now)
{
	int64_t next;

	assert_true(store_deliveries_next(store, now, &next, &err));
	return next;
}

static void append(int64_t id, int64_t rev)
{
	struct article article = article_of(id, rev, ARTICLE_PUBLISHED);

	test_append(store, &article);
}

static void test_order(void **state)
{
	(void)state;
	hook(WEBHOOK_EVERY, NULL, NULL);
	append(1, 1);    /* 2 */
	append(1, 2);    /* 3 */
	append(2, 1);    /* 4 */
	expect_due(1000, "2 4");
	note(2, 1, DELIVERY_PENDING, 1010);
	expect_due(1000, "4");
	append(1, 3);    /* 5: behind what waits */
	expect_due(1009, "4");
	assert_int_equal(next_after(1000), 1010);
	expect_due(1010, "4 2");
	note(2, 1, DELIVERY_DELIVERED, 0);
	note(4, 2, DELIVERY_DELIVERED, 0);
	expect_due(1010, "3");
	note(3, 1, DELIVERY_DEAD, 0);
	expect_due(1010, "5");
	assert_int_equal(next_after(1010), TIME_NONE);
	expect_outbox(1, "2:publish* 3:update* 4:publish* 5:update");
	assert_int_equal(test_number(store, "SELECT attempts FROM webhook_delivery WHERE seq = 2"), 2);
}

/* --- once more --- */

static bool run_again(struct store *s, void *arg, struct error *e)
{
	int64_t n, seqs[] = { 2, 99 };

	if (arg == NULL)
		return store_deliveries_again(s, 1, seqs, 2, &n, e) && n == 1;
	return store_deliveries_dead_again(s, 1, arg, e);
}

static void test_again(void **state)
{
	int64_t n = 0;

	(void)state;
	hook(WEBHOOK_EVERY, NULL, NULL);
	append(1, 1);
	append(2, 1);
	append(3, 1);
	note(2, 1, DELIVERY_DELIVERED, 0);
	note(3, 2, DELIVERY_DEAD, 0);
	note(4, 3, DELIVERY_DEAD, 0);
	expect_outbox(1, "2:publish* 3:publish* 4:publish*");
	assert_true(store_transaction(store, run_again, NULL, &err));
	expect_outbox(1, "2:publish 3:publish* 4:publish*");
	assert_true(store_transaction(store, run_again, &n, &err));
	assert_int_equal(n, 2);
	expect_outbox(1, "2:publish 3:publish 4:publish");
	assert_int_equal(test_number(store, "SELECT sum(attempts) FROM webhook_delivery"), 0);
}

static bool begin_replay(struct store *s, void *arg, struct error *e)
{
	int64_t last;

	return store_replay_begin(s, *(int64_t *)arg, 0, &last, e);
}

/* What a newsroom of 700 versions says at the time is what a webhook that comes later is told from the log. */
static void test_replay(void **state)
{
	struct model model;
	int64_t late, steps = 0, due;

	(void)state;
	hook(WEBHOOK_EVERY, NULL, NULL);
	hook(WEBHOOK_EVERY, "section-1", NULL);
	model_init(&model, store, 7);
	model.seq = 2;    /* of the webhooks */
	for (int i = 0; i < 700; i++)
		model_step(&model);
	late = hook(WEBHOOK_EVERY, NULL, NULL);
	hook(WEBHOOK_EVERY, "section-1", NULL);
	for (int64_t id = late; id <= late + 1; id++) {
		assert_true(store_transaction(store, begin_replay, &id, &err));
		while (store_replay_due(store, &due, &err) && due != 0) {
			assert_int_equal(due, id);
			assert_true(store_replay_step(store, due, &err));
			steps++;
		}
	}
	assert_true(steps >= 2 * 4);
	assert_true(test_number(store, "SELECT count(*) FROM webhook_delivery WHERE webhook_id = 1") > 300);
	assert_true(test_number(store, "SELECT count(*) FROM webhook_delivery WHERE webhook_id = 2") > 30);
	assert_int_equal(test_number(store, "SELECT count(*) FROM webhook_delivery AS a WHERE webhook_id <= 2 AND NOT EXISTS (SELECT 1 FROM webhook_delivery"
	                                    " WHERE webhook_id = a.webhook_id + 2 AND seq = a.seq AND event = a.event AND article_id = a.article_id)"), 0);
	assert_int_equal(test_number(store, "SELECT count(*) FROM webhook_delivery WHERE webhook_id > 2"),
	    test_number(store, "SELECT count(*) FROM webhook_delivery WHERE webhook_id <= 2"));
	assert_int_equal(test_number(store, "SELECT count(*) FROM webhook_replay"), 0);
}

/* What was erased from the log is passed over. */
static void test_replay_erased(void **state)
{
	int64_t id = 1, due;

	(void)state;
	hook(WEBHOOK_EVERY, NULL, NULL);
	append(1, 1);
	append(1, 2);
	append(2, 1);
	test_execute(store, "DELETE FROM webhook_delivery");
	test_execute(store, "UPDATE article_version SET doc = '{}' WHERE seq = 2");
	assert_true(store_transaction(store, begin_replay, &id, &err));
	assert_true(store_replay_step(store, 1, &err));
	assert_true(store_replay_due(store, &due, &err));
	assert_int_equal(due, 0);
	expect_outbox(1, "3:publish 4:publish");
}

static void test_replay_waits(void **state)
{
	int64_t id = 1, due;

	(void)state;
	hook(WEBHOOK_EVERY, NULL, NULL);
	append(1, 1);
	assert_true(store_transaction(store, begin_replay, &id, &err));
	test_execute(store, "WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 1998)"
	                    " INSERT INTO webhook_delivery SELECT 1, i, i, 1, 0, 0, 0, 0, NULL, 0, NULL FROM n");
	assert_true(store_replay_due(store, &due, &err));
	assert_int_equal(due, 0);
	note(1000, 1000, DELIVERY_DELIVERED, 0);
	assert_true(store_replay_due(store, &due, &err));
	assert_int_equal(due, 1);
}

static void test_forgotten(void **state)
{
	bool any;

	(void)state;
	hook(WEBHOOK_EVERY, NULL, NULL);
	for (int64_t i = 1; i <= 4; i++)
		append(i, 1);
	note(2, 1, DELIVERY_DELIVERED, 0);    /* all at 1000 */
	note(3, 2, DELIVERY_DEAD, 0);
	note(4, 3, DELIVERY_PENDING, 2000);
	assert_true(store_deliveries_old(store, 1000 + DELIVERED_KEPT_SECONDS, &any, &err));
	assert_false(any);
	assert_true(store_deliveries_old(store, 1001 + DELIVERED_KEPT_SECONDS, &any, &err));
	assert_true(any);
	assert_true(store_deliveries_forget(store, 1001 + DELIVERED_KEPT_SECONDS, &err));
	expect_outbox(1, "3:publish* 4:publish 5:publish");
	assert_true(store_deliveries_forget(store, 1001 + DEAD_KEPT_SECONDS, &err));
	expect_outbox(1, "4:publish 5:publish");
	assert_true(store_deliveries_old(store, INT64_C(1) << 40, &any, &err));
	assert_false(any);
}

static void test_names(void **state)
{
	static const char *const bad[] = { "", "3", "3-", "-812", "4-812", "3-0812", "3-812x", "3-test-", "3--812", " 3-812", "3-99999999999999999999" };
	struct delivery delivery = { .webhook_id = 3, .seq = 812 };
	char id[DELIVERY_ID_SIZE];
	int64_t seq;

	(void)state;
	assert_string_equal(delivery_id(&delivery, id), "3-812");
	assert_true(delivery_id_read("3-812", 3, &seq));
	assert_int_equal(seq, 812);
	delivery.seq = -2;
	assert_string_equal(delivery_id(&delivery, id), "3-test-2");
	assert_true(delivery_id_read("3-test-2", 3, &seq));
	assert_int_equal(seq, -2);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (delivery_id_read(bad[i], 3, &seq))
			fail_msg("%s was read", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_records, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_old_secrets_are_gone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_events, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_whose, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_undone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_replay, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_replay_erased, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_replay_waits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_forgotten, set_up, tear_down),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
