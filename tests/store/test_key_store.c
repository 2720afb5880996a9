/* SPDX-License-Identifier: MIT */
/* Keys in the store: made and revoked by versions of the log alone, found by kid and name, nobody's key for one that is not known, uses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clock.h"
#include "publish.h"
#include "store/store_internal.h"
#include "test_store.h"

static struct store *store;
static struct publisher publisher;
static struct arena *arena;
static struct error err;
static int64_t now = 1464782400;

static int64_t fixed_now(void)
{
	return now;
}

static int set_up(void **state)
{
	(void)state;
	clock_replace(fixed_now);
	store = test_store();
	publisher = (struct publisher){ .store = store, .log = local_log() };
	arena = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_close(store);
	arena_free(arena);
	clock_replace(NULL);
	return 0;
}

struct change {
	struct key_wish wish;
	const char *name;
	char text[KEY_LENGTH + 1];
	struct api_key key;
};

static bool add(struct publisher *by, void *arg, struct error *ret_err)
{
	struct change *change = arg;

	return publish_key(by, &change->wish, "test", arena, change->text, &change->key, ret_err);
}

static bool revoke(struct publisher *by, void *arg, struct error *ret_err)
{
	struct change *change = arg;

	return publish_key_revoked(by, change->name, "test", arena, &change->key, ret_err);
}

/* From JSON with ' for ". */
static bool make(const char *wish, struct change *change)
{
	struct text json = TEXT_EMPTY;
	bool fine;

	text_string(&json, wish);
	text_fill(&json, '\'', "\"");
	fine = key_wish_read(json.bytes, json.length, arena, &change->wish, &err) && publish_together(&publisher, add, change, &err);
	text_done(&json);
	return fine;
}

static bool revoke_name(const char *name, struct change *change)
{
	change->name = name;
	return publish_together(&publisher, revoke, change, &err);
}

static bool note_use(struct store *at, void *arg, struct error *ret_err)
{
	return store_key_used(at, 1, *(const int64_t *)arg, ret_err);
}

static void test_made_and_found(void **state)
{
	struct change change = { 0 };
	struct key_shown shown;
	struct api_key key;
	bool has = true;

	(void)state;
	assert_true(store_has_keys(store, &has, &err));
	assert_false(has);
	assert_true(make("{'name':'Wire','scopes':['write','read_drafts'],'expires_at':'2017-01-01T00:00:00Z'}", &change));
	assert_true(store_has_keys(store, &has, &err));
	assert_true(has);
	assert_true(key_read(change.text, KEY_LENGTH, &shown));
	assert_true(store_key_by_kid(store, shown.kid, arena, &key, &err));
	assert_int_equal(key.id, 1);
	assert_string_equal(key.name, "Wire");
	assert_string_equal(key.kid, shown.kid);
	assert_memory_equal(key.digest, shown.digest, SECRET_DIGEST);
	assert_int_equal(key.scopes, SCOPE_WRITE | SCOPE_READ_DRAFTS);
	assert_int_equal(key.created_at, now);
	assert_int_equal(key.expires_at, 1483228800);
	assert_true(key.revoked_at == TIME_NONE);
	assert_true(store_key_by_name(store, "Wire", arena, &key, &err));
	assert_false(store_key_by_name(store, "wire", arena, &key, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
}

/* As much work as for a known one, and no kid, not even the empty one, leads to a key that could be right. */
static void test_nobodys_key(void **state)
{
	static const unsigned char nothing[SECRET_DIGEST];
	static const char *const kids[] = { "AAAAAAAA", "", "0", "%", "' OR 1" };
	struct change change = { 0 };
	struct api_key key;

	(void)state;
	assert_true(make("{'name':'Wire','scopes':['write']}", &change));
	for (size_t i = 0; i < sizeof kids / sizeof kids[0]; i++) {
		assert_true(store_key_by_kid(store, kids[i], arena, &key, &err));
		assert_int_equal(key.id, 0);
		assert_int_equal(key.scopes, 0);
		assert_memory_equal(key.digest, nothing, SECRET_DIGEST);
		assert_true(key.revoked_at != TIME_NONE);
	}
	assert_false(store_key_by_name(store, "", arena, &key, &err));
}

static void test_revoked(void **state)
{
	struct change change = { 0 }, again = { 0 };
	struct api_key key;

	(void)state;
	assert_true(make("{'name':'Wire','scopes':['write']}", &change));
	now += 60;
	assert_true(revoke_name("Wire", &again));
	assert_true(store_key_by_kid(store, change.key.kid, arena, &key, &err));
	assert_int_equal(key.revoked_at, now);
	assert_int_equal(key.rev, 2);
	now += 60;
	assert_true(revoke_name("Wire", &again));    /* changes nothing */
	assert_int_equal(again.key.revoked_at, now - 60);
	assert_int_equal(test_number(store, "SELECT count(*) FROM article_version"), 2);
	assert_int_equal(test_number(store, "SELECT count(*) FROM article_version WHERE kind = 'key' AND by = 'test' AND op = 'withdraw'"), 1);
	assert_false(make("{'name':'Wire','scopes':['write']}", &again));
	assert_int_equal(err.code, ERROR_CONFLICT);
	assert_non_null(strstr(err.detail, "revoked at 2016-06-01T"));
	assert_false(revoke_name("Wrie", &again));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	assert_non_null(strstr(err.detail, "\"Wire\"?"));
	assert_false(revoke_name("Something else", &again));
	assert_null(strstr(err.detail, "did you mean"));
}

static void test_refused_wishes(void **state)
{
	static const struct {
		const char *wish, *says;
	} cases[] = {
		{ "{'name':'Wire','scopes':['write']}", "already" },
		{ "{'name':'B','scopes':['wirte']}", "did you mean write?" },
		{ "{'name':'B','scopes':[]}", "/scopes" },
		{ "{'name':'B'}", "/scopes" },
		{ "{'scopes':['write']}", "/name" },
		{ "{'name':'','scopes':['write']}", "/name" },
		{ "{'name':'control','scopes':['write']}", "/name" },
		{ "{'name':'import','scopes':['write']}", "/name" },
		{ "{'name':'B','scopes':['write'],'expires_at':'2016-06-01T11:00:00Z'}", "/expires_at" },
		{ "{'name':'B','scopes':['write'],'expires_at':'soon'}", "/expires_at" },
		{ "{'name':'B','scopes':['write'],'colour':'red'}", "colour" },
		{ "{'name':'B','scopes':'write'}", "/scopes" },
		{ "[]", "object" },
	};
	struct change change = { 0 };

	(void)state;
	assert_true(make("{'name':'Wire','scopes':['write']}", &change));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char summary[800];

		if (make(cases[i].wish, &change))
			fail_msg("%s is taken", cases[i].wish);
		error_summary(&err, summary, sizeof summary);
		if (strstr(summary, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].wish, summary);
	}
	assert_int_equal(test_number(store, "SELECT count(*) FROM api_key WHERE key_id > 0"), 1);
	assert_int_equal(test_number(store, "SELECT count(*) FROM article_version"), 1);
}

/* The table follows from the log alone: another node that applies the same versions has the same rows. */
static bool apply_log(struct store *replica, void *arg, struct error *ret_err)
{
	static const char sql[] = "SELECT kind, ref, rev, op, doc, at, by, seq FROM article_version ORDER BY seq";
	struct statement *read = store_statement(arg, sql);
	bool fine = true;

	while (fine && statement_next(read, ret_err)) {
		const struct version version = {
			.seq = statement_integer(read, 7), .at = statement_integer(read, 5), .by = statement_text(read, 6),
			.record = { .kind = statement_text(read, 0), .ref = statement_integer(read, 1), .rev = statement_integer(read, 2),
			    .is_removed = strcmp(statement_text(read, 3), "withdraw") == 0, .json = statement_text(read, 4) },
		};

		fine = store_apply(replica, &version, ret_err);
	}
	statement_done(read);
	return fine;
}

static char *dump_keys(struct store *of)
{
	return test_text(of, "SELECT group_concat(key_id || kid || name || hex(digest) || scopes || rev || created_at || coalesce(expires_at, '-') ||"
	                     " coalesce(revoked_at, '-'), ' ') FROM (SELECT * FROM api_key ORDER BY key_id)");
}

static void test_the_log_is_enough(void **state)
{
	struct store *replica = test_store();
	struct change change = { 0 };
	char *ours, *theirs;

	(void)state;
	assert_true(make("{'name':'One \\u00e9 & \\\\','scopes':['write']}", &change));
	assert_true(make("{'name':'Two','scopes':['admin','read_drafts'],'expires_at':'2020-01-01'}", &change));
	assert_true(revoke_name("Two", &change));
	assert_true(store_transaction(replica, apply_log, store, &err));
	ours = dump_keys(store);
	theirs = dump_keys(replica);
	assert_string_equal(ours, theirs);
	free(ours);
	free(theirs);
	store_close(replica);
}

static void test_uses_are_coarse(void **state)
{
	static const struct {
		int64_t at, noted;
	} cases[] = { { 1000, 1000 }, { 1030, 1000 }, { 1059, 1000 }, { 1060, 1060 }, { 1100, 1060 }, { 5000, 5000 }, { 4000, 5000 } };
	struct change change = { 0 };
	struct api_key key;

	(void)state;
	assert_true(make("{'name':'Wire','scopes':['write']}", &change));
	assert_true(store_key_next(store, 0, arena, &key, &err));
	assert_true(key.used_at == TIME_NONE);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t at = cases[i].at;

		assert_true(store_transaction(store, note_use, &at, &err));
		assert_true(store_key_next(store, 0, arena, &key, &err));
		assert_int_equal(key.used_at, cases[i].noted);
	}
	assert_int_equal(test_number(store, "SELECT count(*) FROM article_version"), 1);
	assert_false(store_key_next(store, key.id, arena, &key, &err));
	assert_int_equal(err.code, ERROR_NONE);
}

static void test_the_secret_is_not_kept(void **state)
{
	struct change change = { 0 };
	char *dump, secret[KEY_SECRET + 1] = "";

	(void)state;
	assert_true(make("{'name':'Wire','scopes':['write']}", &change));
	memcpy(secret, change.text + 3 + KEY_KID + 1, KEY_SECRET);
	dump = test_dump(store);
	assert_null(strstr(dump, secret));
	assert_non_null(strstr(dump, change.key.kid));
	free(dump);
}

static void test_check_finds_harm(void **state)
{
	static const char *const harm[] = {
		"UPDATE api_key SET scopes = 'admin' WHERE key_id = 1",
		"UPDATE api_key SET revoked_at = NULL WHERE key_id = 2",
		"UPDATE api_key SET expires_at = expires_at + 1 WHERE key_id = 1",
		"UPDATE api_key SET digest = zeroblob(32) WHERE key_id = 1",
		"UPDATE api_key SET name = 'Others' WHERE key_id = 1",
		"DELETE FROM api_key WHERE key_id = 1",
		"INSERT INTO api_key SELECT 9, 'AAAAAAAA', 'Nine', digest, scopes, 1, 0, NULL, NULL FROM api_key WHERE key_id = 1",
	};
	struct change change = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof harm / sizeof harm[0]; i++) {
		assert_true(make("{'name':'One','scopes':['write','read_drafts'],'expires_at':'2020-01-01'}", &change));
		assert_true(make("{'name':'Two','scopes':['admin']}", &change));
		assert_true(revoke_name("Two", &change));
		assert_int_equal(test_findings(store), 0);
		test_execute(store, harm[i]);
		if (test_findings(store) != 1)
			fail_msg("%s: is not found", harm[i]);
		store_close(store);
		store = test_store();
		publisher.store = store;
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_made_and_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nobodys_key, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_revoked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refused_wishes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_log_is_enough, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_uses_are_coarse, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_secret_is_not_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_check_finds_harm, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
