/* SPDX-License-Identifier: MIT */
/*
 * Paging while articles come, change, move and go: whoever stays in a list, and keeps its place, is seen exactly once by a walk in
 * either direction.
 *
 * Sixty articles stay; others are added, edited, re-dated, moved between sections, withdrawn and brought back all around them, from a
 * seeded stream of edits. First with edits between any two pages, which a seed repeats exactly; then with a thread that writes as
 * fast as it can. On the way back the front page may repeat what has been seen, since it is filled up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>

#include "api/api_internal.h"
#include "api_steps.h"

enum { STAYING = 60, MOVING = 40, MINUTES = 24 * 60, PAGES_MOST = 2000 };

static struct test_server server;

/* --- chance --- */

struct chance {
	uint64_t state;
};

static unsigned below(struct chance *chance, unsigned n)
{
	chance->state ^= chance->state << 13;
	chance->state ^= chance->state >> 7;
	chance->state ^= chance->state << 17;
	return (unsigned)(chance->state >> 33) % n;
}

/* --- articles --- */

/* The place of number i in time: not in the order of the ids, and some share a minute. */
static unsigned minute_of(unsigned i)
{
	return i * 37 % STAYING * 20;
}

static void append_time(struct text *line, const char *name, unsigned minute)
{
	text_printf(line, ",'%s':'2016-01-01T%02u:%02u:00Z'", name, minute / 60 % 24, minute % 60);
}

static void append_staying(struct text *lines, unsigned i, unsigned version)
{
	text_printf(lines, "{'guid':'stay-%u','title':'Staying %u, version %u','section':'%s','source':'Wire','featured':%s,'tags':['T%u','Version %u']", i, i,
	    version, i % 2 == 1 ? "National" : "Sports", i % 5 == 0 ? "true" : "false", i % 3, version % 7);
	append_time(lines, "published_at", minute_of(i));
	append_time(lines, "updated_at", MINUTES - 1 - minute_of(i));
	text_string(lines, "}\n");
}

static void append_moving(struct text *lines, struct chance *chance)
{
	const unsigned i = below(chance, MOVING), what = below(chance, 8);

	text_printf(lines, "{'guid':'move-%u','title':'Moving %u','section':'%s','source':'Wire','tags':['T%u'],'status':'%s'", i, i,
	    below(chance, 2) == 0 ? "National" : "Sports", below(chance, 3), what == 0 ? "draft" : what < 3 ? "withdrawn" : "published");
	append_time(lines, "published_at", below(chance, MINUTES));
	append_time(lines, "updated_at", below(chance, MINUTES));
	text_string(lines, "}\n");
}

/* One to three changes in one commit. Those that stay are edited too, but where that would move them in the list. */
static bool edit(struct chance *chance, bool may_touch_staying)
{
	struct text lines = TEXT_EMPTY;
	bool fine;

	for (unsigned n = 1 + below(chance, 3); n > 0; n--) {
		if (may_touch_staying && below(chance, 4) == 0)
			append_staying(&lines, 1 + below(chance, STAYING), below(chance, 1000));
		else
			append_moving(&lines, chance);
	}
	fine = test_server_try(&server, lines.bytes);
	text_done(&lines);
	return fine;
}

static int set_up(void **state)
{
	struct text lines = TEXT_EMPTY;
	bool fine;

	(void)state;
	test_server_start(&server, NULL);
	for (unsigned i = 1; i <= STAYING; i++)
		append_staying(&lines, i, 0);
	fine = test_server_try(&server, lines.bytes);
	text_done(&lines);
	return fine ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

/* --- listings --- */

static bool is_national(unsigned i)
{
	return i % 2 == 1;
}

static bool is_t0_or_t1(unsigned i)
{
	return i % 3 != 2;
}

static bool is_national_and_t1_or_t2(unsigned i)
{
	return i % 2 == 1 && i % 3 != 0;
}

static bool is_featured(unsigned i)
{
	return i % 5 == 0;
}

static bool is_any(unsigned i)
{
	return i > 0;
}

static bool is_sports(unsigned i)
{
	return i % 2 == 0;
}

static const struct listing {
	const char *query;
	bool (*has)(unsigned i);
	bool by_update;    /* an edit moves an article */
} listings[] = {
	{ "order=newest", is_any, false },
	{ "order=oldest", is_any, false },
	{ "order=updated", is_any, true },
	{ "section=national", is_national, false },
	{ "section=!national&order=oldest", is_sports, false },
	{ "tag=t0,t1&order=updated", is_t0_or_t1, true },
	{ "section=national&tag=t1,t2", is_national_and_t1_or_t2, false },
	{ "tag=t0,t1&order=oldest", is_t0_or_t1, false },
	{ "featured=true", is_featured, false },
};

/* --- walking --- */

struct walk {
	const struct listing *listing;
	unsigned seed, limit;
	unsigned seen[STAYING + 1];
	unsigned pages;
};

static void see_page(struct walk *walk, const struct reply *reply, bool is_refilled)
{
	json_t *item;
	size_t i;

	if (json_array_size(reply_member(reply, "data")) > walk->limit)
		fail_msg("seed %u, %s: more than %u on a page", walk->seed, walk->listing->query, walk->limit);
	json_array_foreach(reply_member(reply, "data"), i, item) {
		const unsigned id = (unsigned)json_integer_value(json_object_get(item, "id"));

		if (id <= STAYING && !(is_refilled && walk->seen[id] > 0))
			walk->seen[id]++;
	}
}

static void expect_each_once(const struct walk *walk, const char *direction)
{
	for (unsigned i = 1; i <= STAYING; i++)
		if (walk->seen[i] != (walk->listing->has(i) ? 1 : 0))
			fail_msg("seed %u, %s, limit %u, %s: article %u was seen %u times", walk->seed, walk->listing->query, walk->limit, direction, i, walk->seen[i]);
}

/* From `target` to the end by `rel`, with edits between the pages where `chance` is given. The last page's target is left in `target`. */
static void go(struct walk *walk, const char *rel, struct chance *chance, char *target, size_t size)
{
	bool has_begun = false;
	char next[600];

	memset(walk->seen, 0, sizeof walk->seen);
	for (;;) {
		struct reply reply;

		assert_true(++walk->pages < PAGES_MOST);
		run_step(server.public, &(struct step){ .path = target }, &reply);
		if (!has_begun && strcmp(rel, "prev") == 0 && reply_link(&reply, "next") != NULL) {
			/* Articles have come in behind what was the last page: the way back begins at the end. */
			snprintf(target, size, "%s", reply_link(&reply, "next"));
			reply_done(&reply);
			continue;
		}
		has_begun = true;
		snprintf(next, sizeof next, "%s", reply_link(&reply, rel) != NULL ? reply_link(&reply, rel) : "");
		see_page(walk, &reply, strcmp(rel, "prev") == 0 && next[0] == '\0');
		reply_done(&reply);
		if (next[0] == '\0')
			break;
		snprintf(target, size, "%s", next);
		if (chance != NULL && !edit(chance, !walk->listing->by_update))
			fail_msg("seed %u: an edit was refused", walk->seed);
	}
	expect_each_once(walk, rel);
}

static unsigned there_and_back(const struct listing *listing, unsigned seed, struct chance *chance)
{
	struct walk walk = { .listing = listing, .seed = seed, .limit = 3 + seed % 6 };
	char target[600];

	snprintf(target, sizeof target, "/v1/articles?%s&fields=id&limit=%u", listing->query, walk.limit);
	go(&walk, "next", chance, target, sizeof target);
	go(&walk, "prev", chance, target, sizeof target);
	return walk.pages;
}

static void test_with_edits_between_pages(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 3; seed++) {
		for (size_t i = 0; i < sizeof listings / sizeof listings[0]; i++) {
			struct chance chance = { .state = 88172645463325252u + seed * 7919u + i };

			there_and_back(&listings[i], seed, &chance);
		}
	}
}

/* --- with a thread that writes all the time --- */

struct writer_beside {
	struct chance chance;
	atomic_bool is_over, failed;
	atomic_uint edits;
	bool may_touch_staying;
};

static void *write_on(void *arg)
{
	struct writer_beside *writing = arg;

	while (!atomic_load(&writing->is_over)) {
		if (!edit(&writing->chance, writing->may_touch_staying))
			atomic_store(&writing->failed, true);
		atomic_fetch_add(&writing->edits, 1);
	}
	return NULL;
}

static void test_with_a_writer_beside(void **state)
{
	unsigned pages = 0, edits = 0;

	(void)state;
	for (size_t i = 0; i < sizeof listings / sizeof listings[0]; i++) {
		struct writer_beside writing = { .chance = { 2463534242u + i }, .may_touch_staying = !listings[i].by_update };
		pthread_t thread;

		assert_int_equal(pthread_create(&thread, NULL, write_on, &writing), 0);
		while (atomic_load(&writing.edits) == 0)
			continue;
		pages += there_and_back(&listings[i], (unsigned)i, NULL);
		atomic_store(&writing.is_over, true);
		pthread_join(thread, NULL);
		assert_false(atomic_load(&writing.failed));
		edits += atomic_load(&writing.edits);
	}
	print_message("%u pages while %u batches were written\n", pages, edits);
}

/* --- a short page on the way back --- */

static void test_a_short_page_is_filled_from_the_front(void **state)
{
	static const char lines[] = "{'guid':'short-%u','title':'Short %u','section':'Short','source':'Wire','status':'%s','published_at':'2016-03-01T00:%02u:00Z'}\n";
	struct text text = TEXT_EMPTY;
	struct reply first, second, back;

	(void)state;
	for (unsigned i = 1; i <= 10; i++)
		text_printf(&text, lines, i, i, "published", i);
	test_server_put(&server, text.bytes);
	run_step(server.public, &(struct step){ .path = "/v1/articles?section=short&limit=4&fields=slug" }, &first);
	run_step(server.public, &(struct step){ .path = reply_link(&first, "next") }, &second);

	text_clear(&text);
	text_printf(&text, lines, 9u, 9u, "withdrawn", 9u);
	text_printf(&text, lines, 8u, 8u, "withdrawn", 8u);
	test_server_put(&server, text.bytes);
	run_step(server.public, &(struct step){ reply_link(&second, "prev"),
	    .json = "{'data':[{'slug':'short-10'},{'slug':'short-7'},{'slug':'short-6'},{'slug':'short-5'}],'links':{'prev':null,'next':'*'}}" }, &back);
	run_step(server.public, &(struct step){ reply_link(&back, "next"), .json = "{'data':[{'slug':'short-4'},'*','*',{'slug':'short-1'}]}" }, NULL);
	reply_done(&back);

	/* Nothing is left before the cursor: the front again. */
	text_clear(&text);
	text_printf(&text, lines, 10u, 10u, "withdrawn", 10u);
	text_printf(&text, lines, 7u, 7u, "withdrawn", 7u);
	test_server_put(&server, text.bytes);
	run_step(server.public, &(struct step){ reply_link(&second, "prev"), .json = "{'data':[{'slug':'short-6'},'*','*','*'],'links':{'prev':null,'next':'*'}}" }, NULL);
	reply_done(&first);
	reply_done(&second);
	text_done(&text);
}

/* --- pages that end early --- */

enum { LONG = 17 };

static void put_long_ones(void)
{
	struct text lines = TEXT_EMPTY;

	for (unsigned i = 0; i < LONG; i++) {
		text_printf(&lines, "{'guid':'long-%u','title':'Long %u','section':'Long','source':'Wire','published_at':'2016-03-%02uT00:00:00Z','body_text':'lengthy", i, i, i + 1);
		for (unsigned word = 0; word < 40 + i * 7 % 5 * 60; word++)
			text_string(&lines, " word");
		text_string(&lines, "'}\n");
	}
	test_server_put(&server, lines.bytes);
	text_done(&lines);
}

/* The other end of a walk along this link; adds what is met. */
static char *walk_along(const char *target, const char *rel, unsigned met[LONG])
{
	char *here = strdup(target);

	for (size_t n_pages = 0;; n_pages++) {
		const char *slug, *link;
		struct reply reply;
		char path[20];

		assert_true(n_pages < PAGES_MOST);
		client_get(server.public, here, &reply);
		assert_int_equal(reply.status, 200);
		for (size_t i = 0;; i++) {
			snprintf(path, sizeof path, "data.%zu.slug", i);
			slug = reply_string(&reply, path);
			if (slug == NULL)
				break;
			met[strtoul(slug + strlen("long-"), NULL, 10)]++;
		}
		link = reply_link(&reply, rel);
		if (link == NULL) {
			reply_done(&reply);
			return here;
		}
		free(here);
		here = strdup(link);
		reply_done(&reply);
	}
}

/* Whichever way a walk goes, pages that end early leave nothing out. The front page may repeat what has been seen, since it is filled up. */
static void test_pages_that_end_early(void **state)
{
	static const char *const targets[] = {
		"/v1/articles?section=long&include=body&limit=4", "/v1/articles?section=long&include=body&limit=4&order=oldest", "/v1/articles?section=long&include=body&limit=4&order=updated",
		"/v1/search?q=lengthy&include=body&limit=4", "/v1/search?q=lengthy&include=body&limit=4&order=newest",
	};

	(void)state;
	put_long_ones();
	for (size_t bytes = 1000; bytes <= 6000; bytes += 500) {
		list_bytes_most = bytes;
		for (size_t t = 0; t < sizeof targets / sizeof *targets; t++) {
			unsigned on[LONG] = { 0 }, back[LONG] = { 0 };
			char *end = walk_along(targets[t], "next", on), *front = walk_along(end, "prev", back);

			for (unsigned i = 0; i < LONG; i++)
				if (on[i] != 1 || back[i] < 1 || back[i] > 2)
					fail_msg("%s with %zu bytes: number %u was met %u times, and %u on the way back", targets[t], bytes, i, on[i], back[i]);
			free(end);
			free(front);
		}
	}
	list_bytes_most = 8 << 20;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_with_edits_between_pages),
		cmocka_unit_test(test_with_a_writer_beside),
		cmocka_unit_test(test_a_short_page_is_filled_from_the_front),
		cmocka_unit_test(test_pages_that_end_early),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
