/* SPDX-License-Identifier: MIT */
/* What an import committed is in every later answer: lists, counts, details, validators, Broadsheet-Seq; and min_seq waits for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>

#include "api_steps.h"
#include "clock.h"

static struct test_server server;

static int set_up(void **state)
{
	(void)state;
	test_server_start(&server, NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

static long long seq_of(const char *path)
{
	struct reply reply;
	long long seq;

	client_get(server.public, path, &reply);
	seq = strtoll(reply_header(&reply, "Broadsheet-Seq"), NULL, 10);
	reply_done(&reply);
	return seq;
}

/* Whenever an edit gives one of these addresses other bytes, it gives it another validator. Two servers' threads answer: none may lag behind. */
static void test_validators_change_when_bytes_do(void **state)
{
	static const char *const paths[] = { "/v1/articles", "/v1/articles?section=sports", "/v1/articles?count=exact&limit=1&order=oldest", "/v1/articles/1?related=0",
		"/v1/articles/2", "/v1/articles/1/next", "/v1/sections", "/v1/tags", "/v1/articles/1/related" };
	enum { N_PATHS = sizeof paths / sizeof paths[0] };
	static const char *const edits[] = {
		("{'guid':'1','title':'One','section':'National','source':'S','tags':['A'],'published_at':'2016-01-01T00:00:00Z'}\n"
		 "{'guid':'2','title':'Two','section':'National','source':'S','published_at':'2016-01-02T00:00:00Z'}"),
		"{'guid':'1','title':'One','section':'National','source':'S','tags':['A'],'published_at':'2016-01-01T00:00:00Z'}",    /* nothing */
		"{'guid':'3','title':'Three','section':'Sports','source':'S','tags':['A'],'published_at':'2016-01-03T00:00:00Z'}",
		"{'guid':'4','title':'Draft','section':'Sports','source':'S','tags':['B'],'status':'draft'}",
		"{'guid':'2','title':'Two, mended','section':'National','source':'S','published_at':'2016-01-02T00:00:00Z'}",
		"{'guid':'3','title':'Three','section':'Sports','source':'S','tags':['A'],'published_at':'2016-01-04T00:00:00Z'}",
		"{'guid':'3','title':'Three','source':'S','status':'withdrawn'}",
		"{'guid':'4','title':'Draft','section':'Sports','source':'S','tags':['C'],'status':'draft'}",
		"{'guid':'5','title':'Scheduled','section':'Sports','source':'S','tags':['D'],'published_at':'2099-01-01T00:00:00Z'}",
	};
	static const bool is_public[] = { true, false, true, false, true, true, true, false, false };
	struct reply before[N_PATHS] = { 0 };
	long long seq = seq_of("/v1/articles");

	(void)state;
	for (size_t e = 0; e < sizeof edits / sizeof edits[0]; e++) {
		test_server_put(&server, edits[e]);
		test_server_settle(&server);    /* related articles are another matter */
		for (size_t p = 0; p < N_PATHS; p++) {
			struct reply after;
			const char *etag, *old;

			client_get(server.public, paths[p], &after);
			assert_int_equal(after.status, 200);
			etag = reply_header(&after, "ETag");
			old = reply_header(&before[p], "ETag");
			if (old != NULL && strcmp(etag, old) == 0 && strcmp(after.body.bytes, before[p].body.bytes) != 0)
				fail_msg("edit %zu, %s: ETag %s and %s", e, paths[p], old, etag);
			if (old != NULL && !is_public[e] && strcmp(etag, old) != 0)
				fail_msg("edit %zu is no reader's business, and yet changes %s", e, paths[p]);
			reply_done(&before[p]);
			before[p] = after;
		}
		assert_true(is_public[e] ? seq_of("/v1/articles") > seq : seq_of("/v1/articles") == seq);
		seq = seq_of("/v1/articles");
	}
	for (size_t p = 0; p < N_PATHS; p++)
		reply_done(&before[p]);
}

/* A hundred times: put, then read on the other connection at once. */
static void test_the_next_answer_has_it(void **state)
{
	(void)state;
	for (int i = 1; i <= 100; i++) {
		char line[300], path[60], json[100];

		snprintf(line, sizeof line, "{'guid':'next','title':'Version %d','slug':'next','section':'Next','source':'N','published_at':'2016-03-01T00:00:00Z'}", i);
		test_server_put(&server, line);
		snprintf(json, sizeof json, "{'data':[{'title':'Version %d','rev':%d}],'meta':{'count':{'value':1}}}", i, i);
		run_steps(&server, &(struct step){ .path = "/v1/articles?section=next&count=exact", .json = json }, 1);
		snprintf(path, sizeof path, "/v1/articles/next?related=0");
		snprintf(json, sizeof json, "{'data':{'title':'Version %d','rev':%d}}", i, i);
		run_steps(&server, &(struct step){ .path = path, .json = json }, 1);
	}
}

/* The same database, the same answers, the same validators; ids go on where they were. */
static void test_restart(void **state)
{
	static const char *const paths[] = { "/v1/articles?count=exact", "/v1/articles/1", "/v1/articles/2/related", "/v1/tags" };
	struct reply before[4], after;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		client_get(server.public, paths[i], &before[i]);
	test_server_restart(&server);
	for (size_t i = 0; i < 4; i++) {
		client_get(server.public, paths[i], &after);
		assert_string_equal(after.body.bytes, before[i].body.bytes);
		assert_string_equal(reply_header(&after, "ETag"), reply_header(&before[i], "ETag"));
		assert_string_equal(reply_header(&after, "Broadsheet-Seq"), reply_header(&before[i], "Broadsheet-Seq"));
		reply_done(&after);
		reply_done(&before[i]);
	}
}

/* --- min_seq --- */

static void test_min_seq_that_has_come(void **state)
{
	static const char *const paths[] = { "/v1/articles?min_seq=", "/v1/articles/1?min_seq=", "/v1/articles/1/related?min_seq=", "/v1/articles/1/next?min_seq=",
		"/v1/tags?min_seq=", "/v1/articles?min_seq=0&limit=" };

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		char path[100];

		snprintf(path, sizeof path, "%s%d", paths[i], 1);
		run_steps(&server, &(struct step){ .path = path }, 1);
	}
}

static void test_min_seq_that_does_not_come(void **state)
{
	const int64_t started = clock_monotonic_us();

	(void)state;
	run_steps(&server, &(struct step){ "/v1/articles?min_seq=999999", 503, .json = "{'type':'/problems/busy'}", .reply_headers = "Retry-After: 1" }, 1);
	assert_in_range(clock_monotonic_us() - started, 1900000, 30000000);
}

/* Asks for the next seq on a connection of its own, and so waits until the main thread writes. */
static void *wait_for_next(void *arg)
{
	struct client *client = client_new(((const char **)arg)[0], NULL);
	struct reply reply;
	long status;

	client_get(client, ((const char **)arg)[1], &reply);
	status = reply_member(&reply, "data.0.title") != NULL ? reply.status : 0;
	reply_done(&reply);
	client_free(client);
	return (void *)(intptr_t)status;
}

static long long requests_in_flight(void)
{
	static const char name[] = "\nbroadsheet_http_requests_in_flight ";
	struct reply reply;
	const char *line;
	long long n;

	client_get(server.admin, "/metrics", &reply);
	line = strstr(reply.body.bytes, name);
	assert_non_null(line);
	n = strtoll(line + strlen(name), NULL, 10);
	reply_done(&reply);
	return n;
}

/* How long the answer to a request for number i took that was asked before it was written. */
static int64_t wait_until_written(int i)
{
	char url[200], path[100], line[200];
	const char *arguments[] = { url, path };
	const long long before = requests_in_flight();
	const int64_t started = clock_monotonic_us();
	pthread_t thread;
	void *status;

	snprintf(url, sizeof url, "%s", test_server_url(&server));
	snprintf(path, sizeof path, "/v1/articles?section=awaited-%d&min_seq=%lld", i, seq_of("/v1/articles") + 1);
	assert_int_equal(pthread_create(&thread, NULL, wait_for_next, arguments), 0);
	while (requests_in_flight() == before)
		continue;
	snprintf(line, sizeof line, "{'guid':'awaited-%d','title':'Awaited','section':'Awaited %d','source':'S'}", i, i);
	test_server_put(&server, line);
	pthread_join(thread, &status);
	/* On a busy machine the write itself may take longer than a request waits: that try says nothing. */
	return (intptr_t)status == 200 ? clock_monotonic_us() - started : INT64_MAX;
}

/* The write wakes it, and not the end of its two seconds; a machine that is busy elsewhere gets more than one try. */
static void test_min_seq_that_comes_while_waiting(void **state)
{
	int64_t quickest = INT64_MAX;

	(void)state;
	for (int i = 1; i <= 5 && quickest >= 1500000; i++) {
		const int64_t took = wait_until_written(i);

		quickest = took < quickest ? took : quickest;
	}
	assert_in_range(quickest, 0, 1500000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_validators_change_when_bytes_do),
		cmocka_unit_test(test_the_next_answer_has_it),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_min_seq_that_has_come),
		cmocka_unit_test(test_min_seq_that_does_not_come),
		cmocka_unit_test(test_min_seq_that_comes_while_waiting),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
