/* SPDX-License-Identifier: MIT */
/*
 * Clients with a copy of their own, which follow the change feed through whatever a newsroom does, and end equal to the server every time.
 *
 * The newsroom writes, re-dates, moves between sections, tags, withdraws, takes back, embargoes, lets expire and erases at random; the server is restarted, and
 * put back to a copy of its database, from which it goes another way. Mirrors follow by pages of all sizes, by long polls and by event streams that are cut
 * off, each under a filter of its own, now and then, a page only, or not for long; pages that may be kept for an hour are given again from a cache that knows nothing of
 * restarts. What they are told of is only: look again, or gone. At each look all of them follow to the end and are held against the listing under the
 * same filter. "test_mirror SEED RUNS" looks longer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "clock.h"
#include "raw_client.h"
#include "store.h"
#include "test_server.h"
#include "test_store.h"

enum { STORIES = 40, MIRRORS = 10, STEPS = 60, LOOK_EVERY = 6, IDS_MOST = 2000, KEPT = 512 };
enum way { BY_PAGES, BY_POLLS, BY_EVENTS, N_WAYS };

static const char *const filters[MIRRORS] = {
	"", "", "", "&section=s1", "&section=s1", "&section=s0,s2", "&tag=t1", "&section=!s3&tag=!t0", "&source=w1&lang=fr", "&tag=t0,t2&section=s1",
};

struct mirror {
	const char *filter;
	enum way way;
	int64_t since;
	int64_t revs[IDS_MOST];       /* by id; 0: it has none */
	int stream;                   /* -1: none */
	struct text heard;
};

/* By its target. */
struct kept_page {
	char target[200];
	json_t *page;
};

struct run {
	struct test_server server;
	struct test_random random;
	struct mirror mirrors[MIRRORS];
	char copy[160];
	struct kept_page kept[KEPT];
	size_t n_kept, n_given_again, n_expired, n_rows;
};

static uint64_t seed = 1;
static size_t n_runs = 10;

static unsigned roll(struct run *run, unsigned below)
{
	return (unsigned)test_random(&run->random, below);
}

/* --- the newsroom --- */

static void write_time(struct text *line, const char *name, int64_t time)
{
	char text[CLOCK_RFC3339_SIZE];

	text_printf(line, ",\"%s\":\"%s\"", name, clock_rfc3339(time, text));
}

static void write_story(struct run *run, unsigned number, struct text *line)
{
	static const char *const statuses[] = { "published", "published", "published", "published", "draft", "withdrawn", "scheduled" };
	const char *status = statuses[roll(run, 7)];
	const char *part = "";

	text_printf(line, "{\"guid\":\"g%u\",\"title\":\"Story %u %u\",\"source\":\"w%u\",\"section\":\"s%u\",\"lang\":\"%s\",\"status\":\"%s\",\"tags\":[", number, number,
	    roll(run, 50), number % 3, roll(run, 4), roll(run, 2) == 0 ? "en" : "fr", status);
	for (unsigned tag = 0; tag < 3; tag++) {
		if (roll(run, 3) != 0)
			continue;
		text_printf(line, "%s\"t%u\"", part, tag);
		part = ",";
	}
	text_char(line, ']');
	if (strcmp(status, "scheduled") == 0)
		write_time(line, "publish_at", test_now + 30 + roll(run, 300));
	else
		write_time(line, "published_at", test_now - 1 - roll(run, 100000));
	if (roll(run, 5) == 0)
		write_time(line, "expire_at", test_now + 60 + roll(run, 300));
	text_string(line, "}\n");
}

static void write_some(struct run *run)
{
	struct text lines = TEXT_EMPTY;
	struct reply reply;

	for (unsigned n = 1 + roll(run, 6); n > 0; n--)
		write_story(run, roll(run, STORIES), &lines);
	client_ask(run->server.writer, "POST", "/v1/articles/batch", "Content-Type: application/x-ndjson", lines.bytes, &reply);
	assert_int_equal(reply.status, 200);
	reply_done(&reply);
	text_done(&lines);
}

static void erase_one(struct run *run)
{
	char target[80];
	struct reply reply;

	snprintf(target, sizeof target, "/v1/articles/%u%s", 1 + roll(run, STORIES), roll(run, 2) == 0 ? "?erase=true" : "");
	client_ask(run->server.writer, "DELETE", target, NULL, NULL, &reply);
	reply_done(&reply);
}

static void take_copy(struct run *run)
{
	const struct store_copying how = { .check_source = true };
	struct store_copied copied;
	struct error err;

	snprintf(run->copy, sizeof run->copy, "%s/copy", run->server.folder);
	fclose(fopen(run->copy, "we"));
	if (!store_copy(run->server.database, run->copy, &how, &copied, &err))
		fail_msg("%s", err.detail);
}

/* --- a mirror --- */

static void take_row(struct run *run, struct mirror *mirror, json_t *row)
{
	const int64_t id = json_integer_value(json_object_get(row, "id"));

	assert_true(id > 0 && id < IDS_MOST);
	run->n_rows++;
	if (strcmp(json_string_value(json_object_get(row, "op")), "upsert") == 0)
		mirror->revs[id] = json_integer_value(json_object_get(row, "rev"));
	else
		mirror->revs[id] = 0;
}

static void empty(struct mirror *mirror)
{
	memset(mirror->revs, 0, sizeof mirror->revs);
	mirror->since = 0;
}

static void start_over(struct run *run, struct mirror *mirror)
{
	empty(mirror);
	run->n_expired++;
}

static void ask_page(struct run *run, const struct mirror *mirror, int limit, const char *rest, struct reply *ret_reply)
{
	char target[300];

	snprintf(target, sizeof target, "/v1/changes?since=%lld&limit=%d%s%s", (long long)mirror->since, limit, mirror->filter, rest);
	client_get(run->server.public, target, ret_reply);
	assert_true(ret_reply->status == 200 || ret_reply->status == 410);
}

/* --- a cache for an hour, which is longer than a run --- */

static json_t *find_kept(const struct run *run, const char *target)
{
	for (size_t i = 0; i < run->n_kept; i++)
		if (strcmp(run->kept[i].target, target) == 0)
			return run->kept[i].page;
	return NULL;
}

static void keep_page(struct run *run, const char *target, const struct reply *reply)
{
	const char *caching = reply_header(reply, "Cache-Control");

	if (caching == NULL || strstr(caching, "max-age=3600") == NULL || run->n_kept == KEPT)
		return;
	snprintf(run->kept[run->n_kept].target, sizeof run->kept[0].target, "%s", target);
	run->kept[run->n_kept++].page = json_incref(reply->json);
}

static void forget_pages(struct run *run)
{
	for (size_t i = 0; i < run->n_kept; i++)
		json_decref(run->kept[i].page);
	run->n_kept = 0;
}

/* NULL: it has to start over. Otherwise the caller's to decref. */
static json_t *take_page(struct run *run, const struct mirror *mirror, int limit, const char *rest)
{
	char target[200];
	json_t *page;
	struct reply reply;

	snprintf(target, sizeof target, "/v1/changes?since=%lld&limit=%d%s%s", (long long)mirror->since, limit, mirror->filter, rest);
	page = find_kept(run, target);
	if (page != NULL && roll(run, 4) != 0) {
		run->n_given_again++;
		return json_incref(page);
	}
	client_get(run->server.public, target, &reply);
	assert_true(reply.status == 200 || reply.status == 410);
	page = reply.status == 200 ? json_incref(reply.json) : NULL;
	if (page != NULL && find_kept(run, target) == NULL)
		keep_page(run, target, &reply);
	reply_done(&reply);
	return page;
}

/* One page; true: there is more. */
static bool follow_page(struct run *run, struct mirror *mirror, const char *rest)
{
	static const int limits[] = { 1, 3, 3, 200 };    /* few, so that several ask for the same */
	json_t *page = take_page(run, mirror, limits[roll(run, 4)], rest), *row;
	json_t *meta = json_object_get(page, "meta");
	size_t i;
	bool more = true;

	if (page == NULL) {
		start_over(run, mirror);
	} else {
		json_array_foreach(json_object_get(page, "data"), i, row)
			take_row(run, mirror, row);
		assert_true(json_integer_value(json_object_get(meta, "next_since")) >= mirror->since);
		mirror->since = json_integer_value(json_object_get(meta, "next_since"));
		more = json_is_true(json_object_get(meta, "has_more"));
	}
	json_decref(page);
	return more;
}

/* Comes a little further, and is left in the middle. Or is a new one, which has everything before it. */
static void follow_a_little(struct run *run, struct mirror *mirror)
{
	if (mirror->way == BY_EVENTS)
		return;
	if (roll(run, 6) == 0)
		empty(mirror);
	follow_page(run, mirror, "");
}

/* The seq of the last row that it has not been told of; 0: none. -1: it has to start over. */
static int64_t last_pending(struct run *run, const struct mirror *mirror)
{
	struct reply reply;
	json_t *data;
	int64_t seq = 0;

	ask_page(run, mirror, 1000, "", &reply);
	data = reply_member(&reply, "data");
	if (reply.status == 410)
		seq = -1;
	else if (json_array_size(data) > 0)
		seq = json_integer_value(json_object_get(json_array_get(data, json_array_size(data) - 1), "seq"));
	reply_done(&reply);
	return seq;
}

static void hang_up(struct mirror *mirror)
{
	if (mirror->stream >= 0)
		close(mirror->stream);
	mirror->stream = -1;
	text_clear(&mirror->heard);
}

static void tune_in(struct run *run, struct mirror *mirror)
{
	char request[400];
	const int length = snprintf(request, sizeof request, "GET /v1/events?since=0%s HTTP/1.0\r\nHost: h\r\nLast-Event-ID: %lld\r\n\r\n", mirror->filter,
	    (long long)mirror->since);

	mirror->stream = raw_connect(strstr(test_server_url(&run->server), "://") + 3);
	raw_send(mirror->stream, request, (size_t)length, false);
}

/* What has been heard up to the last empty line, event by event; the rest stays. */
static void take_events(struct run *run, struct mirror *mirror)
{
	char *at = mirror->heard.bytes, *end;

	while ((end = strstr(at, "\n\n")) != NULL) {
		const char *id = strstr(at, "id: "), *data = strstr(at, "data: ");

		*end = '\0';
		if (data != NULL && data < end) {
			json_t *row = json_loads(data + 6, 0, NULL);

			assert_non_null(row);
			take_row(run, mirror, row);
			json_decref(row);
		}
		if (id != NULL && id < end)
			mirror->since = strtoll(id + 4, NULL, 10);
		at = end + 2;
	}
	memmove(mirror->heard.bytes, at, strlen(at) + 1);
	mirror->heard.length = strlen(mirror->heard.bytes);
}

/* What still lies in a stream of a server that has stopped: a client hears it, whatever becomes of that history. */
static void hear_out(struct run *run, struct mirror *mirror)
{
	char bytes[700];
	ssize_t n;

	while (mirror->stream >= 0 && (n = read(mirror->stream, bytes, sizeof bytes)) > 0) {
		text_append(&mirror->heard, bytes, (size_t)n);
		take_events(run, mirror);
	}
	hang_up(mirror);
}

/* Reads until it has been told of that seq. A stream that ends, as with a server that stops, is begun again where it was. */
static void listen_until(struct run *run, struct mirror *mirror, int64_t seq)
{
	char bytes[700];

	while (mirror->since < seq) {
		ssize_t n;

		if (mirror->stream < 0)
			tune_in(run, mirror);
		n = read(mirror->stream, bytes, 1 + roll(run, sizeof bytes));
		if (n <= 0) {
			/* It was told of a history that is lost. */
			if (mirror->heard.length > 0 && strstr(mirror->heard.bytes, "/problems/sync-expired") != NULL)
				start_over(run, mirror);
			hang_up(mirror);
			continue;
		}
		text_append(&mirror->heard, bytes, (size_t)n);
		take_events(run, mirror);
		if (roll(run, 60) == 0)
			hang_up(mirror);
	}
}

static void follow(struct run *run, struct mirror *mirror)
{
	const int64_t pending = last_pending(run, mirror);

	if (pending < 0) {
		hang_up(mirror);
		start_over(run, mirror);
		follow(run, mirror);
	} else if (mirror->way == BY_EVENTS) {
		listen_until(run, mirror, pending);
	} else {
		while (follow_page(run, mirror, mirror->way == BY_POLLS && pending > mirror->since ? "&wait=30" : ""))
			;
	}
}

/* --- what happens --- */

static void put_back(struct run *run)
{
	if (run->copy[0] == '\0')
		return;
	test_server_halt(&run->server);
	for (size_t i = 0; i < MIRRORS; i++)
		hear_out(run, &run->mirrors[i]);
	assert_int_equal(rename(run->copy, run->server.database), 0);
	run->copy[0] = '\0';
	test_server_resume(&run->server);
}

static void step(struct run *run)
{
	const unsigned what = roll(run, 40);

	if (what == 0)
		test_server_restart(&run->server);
	else if (what == 1)
		take_copy(run);
	else if (what <= 3)
		put_back(run);
	else if (what < 8)
		test_server_clock(&run->server, test_now + 20 + roll(run, 200));
	else if (what < 11)
		erase_one(run);
	else
		write_some(run);
}

/* --- is it equal? --- */

static void compare(struct run *run, const struct mirror *mirror)
{
	int64_t revs[IDS_MOST] = { 0 };
	char target[200];
	struct reply reply;
	json_t *item;
	size_t i;

	snprintf(target, sizeof target, "/v1/articles?limit=100%s", mirror->filter);
	client_get(run->server.public, target, &reply);
	assert_int_equal(reply.status, 200);
	json_array_foreach(reply_member(&reply, "data"), i, item)
		revs[json_integer_value(json_object_get(item, "id"))] = json_integer_value(json_object_get(item, "rev"));
	for (i = 0; i < IDS_MOST; i++)
		if (revs[i] != mirror->revs[i])
			fail_msg("seed %llu, filter \"%s\", way %d: of article %zu the copy has rev %lld, the server %lld", (unsigned long long)seed, mirror->filter,
			    mirror->way, i, (long long)mirror->revs[i], (long long)revs[i]);
	reply_done(&reply);
}

static void look_at_all(struct run *run)
{
	for (size_t i = 0; i < MIRRORS; i++) {
		struct mirror *mirror = &run->mirrors[i];

		if (roll(run, 3) == 0) {
			hang_up(mirror);
			mirror->way = (enum way)roll(run, N_WAYS);
		}
		follow(run, mirror);
		compare(run, mirror);
	}
}

static void one_run(struct run *run)
{
	memset(run, 0, sizeof *run);
	run->random.state = seed * 7919;
	test_server_start(&run->server, NULL);
	for (size_t i = 0; i < MIRRORS; i++)
		run->mirrors[i] = (struct mirror){ .filter = filters[i], .way = (enum way)(i % N_WAYS), .stream = -1 };
	for (size_t i = 0; i < STEPS; i++) {
		step(run);
		if (roll(run, 4) == 0)
			follow(run, &run->mirrors[roll(run, MIRRORS)]);
		for (size_t n = roll(run, MIRRORS); n > 0; n--)
			follow_a_little(run, &run->mirrors[roll(run, MIRRORS)]);
		if (i % LOOK_EVERY == LOOK_EVERY - 1)
			look_at_all(run);
	}
	forget_pages(run);
	for (size_t i = 0; i < MIRRORS; i++) {
		hang_up(&run->mirrors[i]);
		text_done(&run->mirrors[i].heard);
	}
	test_server_stop(&run->server);
}

static void test_mirrors_end_equal(void **state)
{
	static struct run run;
	size_t n_expired = 0, n_rows = 0, n_given_again = 0;

	(void)state;
	for (size_t i = 0; i < n_runs; i++, seed++) {
		atomic_store(&test_now, 1464782400);
		one_run(&run);
		n_expired += run.n_expired;
		n_rows += run.n_rows;
		n_given_again += run.n_given_again;
	}
	print_message("%zu runs, %zu rows, %zu pages given again, %zu times started over\n", n_runs, n_rows, n_given_again, n_expired);
	assert_true(n_rows > 100 * n_runs && n_given_again > n_runs);
}

int main(int argc, char *argv[])
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mirrors_end_equal),
	};

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 10);
	if (argc > 2)
		n_runs = strtoull(argv[2], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
