/* SPDX-License-Identifier: MIT */
/*
 * A copy that is put back under readers who have seen what came after it: no validator of theirs is taken for a state that they have not seen, and no
 * cursor leads them on. (test_law.c does this at random.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "api_steps.h"
#include "store.h"
#include "test_store.h"

enum { TARGETS = 5 };

static const char *const targets[TARGETS] = { "/v1/articles", "/v1/articles/1", "/v1/sections", "/v1/articles?q=one", "/v1/articles/1/related" };
static struct test_server server;

struct seen {
	char etag[80];
	struct text body;
};

static void look(struct seen *seen)
{
	for (size_t i = 0; i < TARGETS; i++) {
		struct reply reply;

		client_get(server.public, targets[i], &reply);
		assert_int_equal(reply.status, 200);
		snprintf(seen[i].etag, sizeof seen[i].etag, "%s", reply_header(&reply, "ETag"));
		seen[i].body = TEXT_EMPTY;
		text_append(&seen[i].body, reply.body.bytes, reply.body.length);
		reply_done(&reply);
	}
}

/* Whoever has seen this asks again. */
static void expect_no_stale_304(const struct seen *seen)
{
	for (size_t i = 0; i < TARGETS; i++) {
		char header[120];
		struct reply reply;

		snprintf(header, sizeof header, "If-None-Match: %s", seen[i].etag);
		client_ask(server.public, "GET", targets[i], header, NULL, &reply);
		if (reply.status == 304)
			fail_msg("%s: 304 to a validator of a history that is lost", targets[i]);
		if (strcmp(reply_header(&reply, "ETag"), seen[i].etag) == 0)
			fail_msg("%s has an ETag of a history that is lost", targets[i]);
		reply_done(&reply);
	}
}

static void forget(struct seen *seen)
{
	for (size_t i = 0; i < TARGETS; i++)
		text_done(&seen[i].body);
}

static void take_copy(const char *to)
{
	const struct store_copying how = { .check_source = true };
	struct store_copied copied;
	struct error err;

	fclose(fopen(to, "we"));
	if (!store_copy(server.database, to, &how, &copied, &err))
		fail_msg("%s", err.detail);
}

static void put_copy(const char *from)
{
	test_server_halt(&server);
	assert_int_equal(rename(from, server.database), 0);
	test_server_resume(&server);
}

static void next_target(char *ret_target, size_t size)
{
	struct reply reply;

	client_get(server.public, "/v1/articles?limit=1", &reply);
	snprintf(ret_target, size, "%s", reply_link(&reply, "next"));
	reply_done(&reply);
}

static int64_t seq(void)
{
	struct reply reply;
	int64_t number;

	client_get(server.public, "/v1/articles", &reply);
	number = strtoll(reply_header(&reply, "Broadsheet-Seq"), NULL, 10);
	reply_done(&reply);
	return number;
}

#define ONE(title) "{'guid':'1','title':'" title "','section':'A','source':'S','published_at':'2016-01-01T00:00:00Z','body_text':'One'}"

static void test_restored(void **state)
{
	struct seen at_copy[TARGETS], lost[TARGETS], other[TARGETS];
	char copy[120], target[600];
	struct reply reply;
	struct store *store;
	struct error err;
	bool is_lost;

	(void)state;
	test_server_start(&server, NULL);
	test_server_put(&server, ONE("One") "\n{'guid':'2','title':'Two','section':'A','source':'S','published_at':'2016-01-02T00:00:00Z'}");
	test_server_settle(&server);
	look(at_copy);
	snprintf(copy, sizeof copy, "%s/copy", server.folder);
	take_copy(copy);
	test_server_put(&server, ONE("One, mended"));
	test_server_settle(&server);
	look(lost);
	next_target(target, sizeof target);
	assert_int_equal(seq(), 3);

	put_copy(copy);
	expect_no_stale_304(lost);
	expect_no_stale_304(at_copy);
	client_get(server.public, target, &reply);
	assert_int_equal(reply.status, 400);
	reply_done(&reply);

	test_server_put(&server, ONE("One, told another way"));
	test_server_settle(&server);
	expect_no_stale_304(lost);
	look(other);
	for (size_t i = 0; i < TARGETS; i++)
		assert_string_not_equal(other[i].etag, lost[i].etag);
	assert_true(seq() >= test_now * 1000000 && seq() < (int64_t)1 << 53);

	store = test_store_at(server.database, STORE_READ);
	assert_int_equal(test_findings(store), 0);
	/* The copy had 1 and 2 as well; but who was at 2 may have been there when 1 was at 3. */
	assert_true(store_seq_is_lost(store, 0, &is_lost, &err) && !is_lost);
	assert_true(store_seq_is_lost(store, 2, &is_lost, &err) && is_lost);
	assert_true(store_seq_is_lost(store, 3, &is_lost, &err) && is_lost);
	assert_true(store_seq_is_lost(store, seq(), &is_lost, &err) && !is_lost);
	store_close(store);
	forget(at_copy);
	forget(lost);
	forget(other);
	test_server_stop(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_restored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
