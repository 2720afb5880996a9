/* SPDX-License-Identifier: MIT */
/*
 * Random programs of writes against a model that remembers in plain arrays what must come of them: creating with and without keys that were used before,
 * replacing, patching, withdrawing and putting back with ETags that are fresh or stale, and a clock that goes on. Answers, single articles, lists and counts
 * must be what the model says.
 *
 * BROADSHEET_SEED and BROADSHEET_STEPS choose another program and its length; a failure says which one it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <inttypes.h>

#include "api_steps.h"
#include "test_store.h"

#define JSON "Content-Type: application/json"

enum { ARTICLES_MOST = 120, REVS_MOST = 400, KEYS = 12, STEPS = 2500, SECTIONS = 3, TAGS = 4, NOON = 1464782400 };

enum status { DRAFT, SCHEDULED, PUBLISHED, WITHDRAWN };
static const char *const status_names[] = { "draft", "scheduled", "published", "withdrawn" };

/* What an editor writes; 0: nothing. */
struct words {
	int title, byline, section, tag;
	int dateline;                 /* only in new ones: the step, so that no two bodies are the same */
};

struct remembered {
	struct words words;
	enum status status;
	int64_t published_at, publish_at, expire_at;    /* 0: none */
	int rev;
	bool was_public;
	struct words earlier[REVS_MOST];    /* by rev */
};

static struct test_server server;
static struct test_random dice;
static struct remembered articles[ARTICLES_MOST + 1];    /* by id */
static int n_articles;
static uint64_t seed;
static int step;

static struct {
	char body[400], *reply;
	int64_t at;
} keys[KEYS];

static int roll(int below)
{
	return (int)test_random(&dice, (uint64_t)below);
}

static bool one_in(int n)
{
	return roll(n) == 0;
}

static void differs(const char *what, const struct reply *reply)
{
	fprintf(stderr, "BROADSHEET_SEED=%" PRIu64 ", step %d: %s: %ld %s\n", seed, step, what, reply->status, reply->body.length > 0 ? reply->body.bytes : "");
	fail();
}

/* --- what must come of it --- */

static void complete(struct remembered *article, const struct remembered *known)
{
	const int64_t now = test_now, out = article->published_at;
	const bool stays = known != NULL && known->status == PUBLISHED && article->status == PUBLISHED && known->published_at == out && article->publish_at == 0;

	if ((article->status == PUBLISHED || article->status == SCHEDULED) && !stays) {
		if (out > now)
			article->publish_at = out;
		if (article->publish_at > now) {
			article->status = SCHEDULED;
			article->published_at = 0;
		} else if (article->status == SCHEDULED && article->publish_at != 0) {
			article->status = PUBLISHED;
			article->published_at = article->publish_at;
		}
		if (article->status == PUBLISHED && article->published_at == 0)
			article->published_at = article->publish_at != 0 ? article->publish_at : now;
		if (article->status == PUBLISHED)
			article->publish_at = 0;
	}
	if (article->status == PUBLISHED && article->expire_at != 0 && article->expire_at <= now) {
		article->status = WITHDRAWN;
		article->was_public = true;
	}
	article->was_public = article->was_public || article->status == PUBLISHED;
}

static bool is_sound(const struct remembered *article)
{
	const int64_t out = article->published_at != 0 ? article->published_at : article->publish_at;

	if ((article->status == PUBLISHED || article->status == SCHEDULED) && article->words.section == 0)
		return false;
	if (article->status == SCHEDULED && article->publish_at == 0)
		return false;
	return article->expire_at == 0 || out == 0 || article->expire_at > out;
}

static bool is_same(const struct remembered *one, const struct remembered *other)
{
	return memcmp(&one->words, &other->words, sizeof one->words) == 0 && one->status == other->status && one->published_at == other->published_at &&
	    one->publish_at == other->publish_at && one->expire_at == other->expire_at && one->was_public == other->was_public;
}

/* 200 or 422, and the article as it stands then. */
static long expect_over(struct remembered *article, struct remembered wanted)
{
	const enum status asked = wanted.status;

	complete(&wanted, article);
	if (wanted.status == WITHDRAWN && asked != WITHDRAWN && article->status != PUBLISHED)
		return 422;    /* it has run out, and would again at once */
	if (is_same(&wanted, article))
		return 200;
	if (!is_sound(&wanted))
		return 422;
	wanted.rev++;
	assert_true(wanted.rev < REVS_MOST);
	wanted.earlier[wanted.rev] = wanted.words;
	*article = wanted;
	return 200;
}

static void time_passes(int64_t seconds)
{
	test_server_clock(&server, test_now + seconds);
	for (int id = 1; id <= n_articles; id++) {
		struct remembered *article = &articles[id], next = *article;

		complete(&next, article);
		if (next.status == article->status)
			continue;
		next.rev++;
		next.earlier[next.rev] = next.words;
		*article = next;
	}
}

/* --- bodies --- */

static void say_time(struct text *body, const char *name, int64_t time)
{
	char text[CLOCK_RFC3339_SIZE];

	if (time != 0)
		text_printf(body, ",\"%s\":\"%s\"", name, clock_rfc3339(time, text));
}

static struct words random_words(void)
{
	return (struct words){ 1 + roll(9), roll(3), one_in(6) ? 0 : 1 + roll(SECTIONS), roll(TAGS), 0 };
}

static void say_words(struct text *body, const struct words *words)
{
	text_printf(body, "\"title\":\"Title %d\",\"source\":\"S\"", words->title);
	if (words->byline != 0)
		text_printf(body, ",\"byline\":\"By %d\"", words->byline);
	if (words->section != 0)
		text_printf(body, ",\"section\":\"Section %d\"", words->section);
	if (words->tag != 0)
		text_printf(body, ",\"tags\":[\"Tag %d\"]", words->tag);
}

/* A status with the times that go with it; what is not said of them stays as it is in `wanted`. */
static void say_random_status(struct text *body, struct remembered *wanted)
{
	wanted->status = (enum status)roll(3);
	if (wanted->status == SCHEDULED)
		say_time(body, "publish_at", wanted->publish_at = test_now + roll(60) - 10);
	else if (wanted->status == PUBLISHED && one_in(3))
		say_time(body, "published_at", wanted->published_at = test_now + roll(40) - 30);
	if (one_in(3))
		say_time(body, "expire_at", wanted->expire_at = test_now + 1 + roll(120));
	text_printf(body, ",\"status\":\"%s\"", status_names[wanted->status]);
}

/* --- steps --- */

static bool is_numbered(const struct reply *reply, const char *path, int number)
{
	const char *value = reply_string(reply, path);

	return value == NULL ? number == 0 : strtoll(value + strcspn(value, "0123456789"), NULL, 10) == number;
}

static void expect_words(const char *what, const struct reply *reply, const struct words *words)
{
	if (!is_numbered(reply, "data.title", words->title) || !is_numbered(reply, "data.byline", words->byline) || !is_numbered(reply, "data.dateline", words->dateline) ||
	    !is_numbered(reply, "data.section.name", words->section) || !is_numbered(reply, "data.tags.0.name", words->tag))
		differs(what, reply);
}

static void expect_article(const char *what, const struct reply *reply, long status, int id)
{
	const struct remembered *article = &articles[id];

	if (reply->status != status)
		differs(what, reply);
	if (status >= 300)
		return;
	expect_words(what, reply, &article->words);
	if (json_integer_value(reply_member(reply, "data.id")) != id || json_integer_value(reply_member(reply, "data.rev")) != article->rev ||
	    strcmp(reply_string(reply, "data.status"), status_names[article->status]) != 0 || strtol(reply_header(reply, "ETag") + 1, NULL, 10) != article->rev)
		differs(what, reply);
}

static void create(void)
{
	struct remembered wanted = { .words = random_words(), .rev = 1 };
	const int key = one_in(2) ? roll(KEYS) : -1;
	const bool is_used = key >= 0 && keys[key].reply != NULL && test_now - keys[key].at <= 24 * 3600;
	const bool is_again = is_used && one_in(2);
	struct text body = TEXT_EMPTY;
	struct reply reply;
	char headers[120] = JSON;
	long status = 201;

	text_char(&body, '{');
	say_words(&body, &wanted.words);
	if (!one_in(4))
		say_random_status(&body, &wanted);
	text_printf(&body, ",\"dateline\":\"step %d\"}", wanted.words.dateline = step + 1);
	if (is_again) {
		text_clear(&body);
		text_string(&body, keys[key].body);
	}
	if (key >= 0)
		snprintf(headers, sizeof headers, JSON "\nIdempotency-Key: key-%d", key);
	complete(&wanted, NULL);
	if (is_used || !is_sound(&wanted))
		status = is_again ? 201 : 422;
	client_ask(server.writer, "POST", "/v1/articles", headers, body.bytes, &reply);
	if (is_again && strcmp(reply.body.bytes, keys[key].reply) != 0)
		differs(keys[key].reply, &reply);
	if (!is_used && status == 201) {
		wanted.earlier[1] = wanted.words;
		articles[++n_articles] = wanted;
		expect_article("create", &reply, status, n_articles);
	} else if (reply.status != status) {
		differs("create", &reply);
	}
	if (key >= 0 && !is_used && status == 201) {
		free(keys[key].reply);
		keys[key].reply = strdup(reply.body.bytes);
		keys[key].at = test_now;
		snprintf(keys[key].body, sizeof keys[key].body, "%s", body.bytes);
	}
	reply_done(&reply);
	text_done(&body);
}

/* With If-Match as it comes: 0 when it lets the request through. */
static long random_precondition(const struct remembered *article, char *ret_headers, size_t size)
{
	const int kind = roll(8);
	const int rev = kind == 1 && article->rev > 1 ? article->rev - 1 : kind == 2 ? article->rev + 1 : article->rev;

	if (kind == 0)
		snprintf(ret_headers, size, JSON);
	else if (kind == 3)
		snprintf(ret_headers, size, JSON "\nIf-Match: *");
	else
		snprintf(ret_headers, size, JSON "\nIf-Match: \"%d.0123456789abcdef-%s\"", rev, one_in(2) ? "w" : "br");
	return kind == 0 ? 428 : kind != 3 && rev != article->rev ? 412 : 0;
}

static struct remembered wanted_of_put(const struct remembered *article, struct text *body)
{
	struct remembered wanted = *article;

	wanted.words = random_words();
	wanted.expire_at = 0;
	text_char(body, '{');
	say_words(body, &wanted.words);
	if (one_in(2)) {
		wanted.publish_at = 0;
		say_random_status(body, &wanted);
	} else if (wanted.status != SCHEDULED) {
		wanted.publish_at = 0;
	}
	text_char(body, '}');
	return wanted;
}

static struct remembered wanted_of_patch(const struct remembered *article, struct text *body)
{
	struct remembered wanted = *article;
	const struct words words = random_words();

	text_string(body, "{\"lang\":null");
	if (one_in(2))
		text_printf(body, ",\"title\":\"Title %d\"", wanted.words.title = words.title);
	if (one_in(3)) {
		wanted.words.byline = words.byline;
		text_printf(body, words.byline != 0 ? ",\"byline\":\"By %d\"" : ",\"byline\":null", words.byline);
	}
	if (one_in(3)) {
		wanted.words.section = words.section;
		text_printf(body, words.section != 0 ? ",\"section\":{\"name\":\"Section %d\"}" : ",\"section\":null", words.section);
	}
	if (one_in(3)) {
		wanted.words.tag = words.tag;
		text_printf(body, words.tag != 0 ? ",\"tags\":[\"Tag %d\"]" : ",\"tags\":[]", words.tag);
	}
	if (one_in(3)) {
		say_random_status(body, &wanted);
		if (article->status == SCHEDULED && wanted.status == PUBLISHED)
			wanted.publish_at = 0;    /* now */
	} else if (one_in(6)) {
		wanted.expire_at = 0;
		text_string(body, ",\"expire_at\":null");
	}
	text_char(body, '}');
	return wanted;
}

static void write_over(int id, bool is_put)
{
	struct remembered *article = &articles[id];
	struct text body = TEXT_EMPTY;
	const struct remembered wanted = is_put ? wanted_of_put(article, &body) : wanted_of_patch(article, &body);
	char target[40], headers[160];
	struct reply reply;
	long status;

	snprintf(target, sizeof target, "/v1/articles/%d", id);
	status = random_precondition(article, headers, sizeof headers);
	if (status == 0)
		status = expect_over(article, wanted);
	client_ask(server.writer, is_put ? "PUT" : "PATCH", target, headers, body.bytes, &reply);
	expect_article(body.bytes, &reply, status, id);
	if (status == 412 && (reply_header(&reply, "ETag") == NULL || strtol(reply_header(&reply, "ETag") + 1, NULL, 10) != article->rev))
		differs("412", &reply);
	reply_done(&reply);
	text_done(&body);
}

static void withdraw(int id)
{
	struct remembered *article = &articles[id], wanted = *article;
	char target[40], headers[160];
	struct reply reply;
	long status;

	snprintf(target, sizeof target, "/v1/articles/%d", id);
	status = random_precondition(article, headers, sizeof headers);
	wanted.status = WITHDRAWN;
	wanted.publish_at = 0;
	if (status != 412)
		status = expect_over(article, wanted);
	client_ask(server.writer, "DELETE", target, strchr(headers, '\n') != NULL ? strchr(headers, '\n') + 1 : NULL, NULL, &reply);
	expect_article("DELETE", &reply, status, id);
	reply_done(&reply);
}

static void put_back(int id)
{
	struct remembered *article = &articles[id], wanted = *article;
	const int rev = 1 + roll(article->rev + 1);    /* sometimes one that is not there */
	char target[80], headers[160];
	struct reply reply;
	long status;

	snprintf(target, sizeof target, "/v1/articles/%d/revisions/%d/restore", id, rev);
	status = random_precondition(article, headers, sizeof headers);
	if (status == 0 && rev > article->rev)
		status = 404;
	wanted.words = article->earlier[rev];
	if (status == 0)
		status = expect_over(article, wanted);
	client_ask(server.writer, "POST", target, strchr(headers, '\n') != NULL ? strchr(headers, '\n') + 1 : NULL, NULL, &reply);
	expect_article(target, &reply, status, id);
	reply_done(&reply);
}

/* --- what readers see --- */

static void look_at(int id)
{
	const struct remembered *article = &articles[id];
	const long status = article->status == PUBLISHED ? 200 : article->was_public ? 410 : 404;
	char target[60], title[20];
	struct reply reply;

	snprintf(target, sizeof target, "/v1/articles/%d?related=0", id);
	snprintf(title, sizeof title, "Title %d", article->words.title);
	client_get(server.public, target, &reply);
	if (reply.status != status || (status == 200 && (json_integer_value(reply_member(&reply, "data.rev")) != article->rev || strcmp(reply_string(&reply, "data.title"), title) != 0)))
		differs(target, &reply);
	reply_done(&reply);
}

static bool is_listed(const struct remembered *article, int section, int tag)
{
	return article->status == PUBLISHED && (section == 0 || article->words.section == section) && (tag == 0 || article->words.tag == tag);
}

/* The newest first, of one time the one that came last. */
static int next_listed(int after, int section, int tag)
{
	int next = 0;

	for (int id = 1; id <= n_articles; id++) {
		const struct remembered *article = &articles[id], *last = &articles[after];
		const bool is_behind = after == 0 || article->published_at < last->published_at || (article->published_at == last->published_at && id < after);

		if (is_listed(article, section, tag) && is_behind && (next == 0 || article->published_at >= articles[next].published_at))
			next = id;
	}
	return next;
}

static void look_at_a_list(void)
{
	const int section = roll(SECTIONS + 1), tag = roll(TAGS);
	struct text target = TEXT_EMPTY;
	struct reply reply;
	int next = 0, n = 0;
	json_t *item;
	size_t i;

	text_string(&target, "/v1/articles?limit=100&count=exact");
	if (section != 0)
		text_printf(&target, "&section=section-%d", section);
	if (tag != 0)
		text_printf(&target, "&tag=tag-%d", tag);
	for (int id = 1; id <= n_articles; id++)
		n += is_listed(&articles[id], section, tag);
	client_get(server.public, target.bytes, &reply);
	if (reply.status != 200 || json_integer_value(reply_member(&reply, "meta.count.value")) != n)
		differs(target.bytes, &reply);
	json_array_foreach(reply_member(&reply, "data"), i, item) {
		next = next_listed(next, section, tag);
		if (json_integer_value(json_object_get(item, "id")) != next)
			differs(target.bytes, &reply);
	}
	if (i != (size_t)(n < 100 ? n : 100))
		differs(target.bytes, &reply);
	reply_done(&reply);
	text_done(&target);
}

/* --- programs --- */

static void take_step(void)
{
	const int what = roll(20), id = n_articles > 0 ? 1 + roll(n_articles) : 0;

	if (id == 0 || (what < 3 && n_articles < ARTICLES_MOST))
		create();
	else if (what < 12)
		write_over(id, what < 6);
	else if (what < 14)
		withdraw(id);
	else if (what < 16)
		put_back(id);
	else if (what < 17)
		time_passes(one_in(40) ? 24 * 3600 : roll(15));
	else if (what < 18)
		look_at_a_list();
	else
		look_at(id);
}

static void run_program(uint64_t which, int n)
{
	struct store *store;

	seed = dice.state = which;
	n_articles = 0;
	memset(articles, 0, sizeof articles);
	memset(keys, 0, sizeof keys);
	test_now = NOON;
	test_server_start(&server, NULL);
	for (step = 0; step < n; step++)
		take_step();
	for (int id = 1; id <= n_articles; id++)
		look_at(id);
	test_server_halt(&server);
	store = test_store_at(server.database, STORE_WRITE);
	assert_int_equal(test_findings(store), 0);
	store_close(store);
	test_server_resume(&server);
	look_at_a_list();
	test_server_stop(&server);
	for (int i = 0; i < KEYS; i++)
		free(keys[i].reply);
}

static uint64_t number_of(const char *name, uint64_t fallback)
{
	const char *value = getenv(name);

	return value != NULL ? strtoull(value, NULL, 10) : fallback;
}

static void test_programs(void **state)
{
	(void)state;
	run_program(number_of("BROADSHEET_SEED", 1), (int)number_of("BROADSHEET_STEPS", STEPS));
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test_teardown(test_programs, tear_down) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
