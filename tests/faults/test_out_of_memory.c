/* SPDX-License-Identifier: MIT */
/*
 * R5: the N-th allocation of the server fails while it answers a request, alone or with all after it (oom.c), for many requests and many N. Then the server
 * either answers, and rightly: what it always answers, or a problem with 500 or more; or it closes the connection without a word, as our own code and libmicrohttpd
 * do; or it ends by abort(), having said that it is out of memory, which is what our own allocations do (arena.h). Nothing else: no other signal, no
 * answer with something missing, no hang. After each the server (started again if it ended) answers, what was acknowledged is there as it was
 * sent, and in the end `broadsheet check` finds nothing.
 *
 * A reader's answer is held against that of an honest run. So that it is made and not taken from the cache, each run asks with another number in it.
 *
 * The control is a program that goes on without memory that libraries wanted (broken/careless.c): it must be found to lose what was sent.
 *
 * The short form tries some eight N each; `make torture` every one of the first 2,000, and then ever fewer. SCENARIO=name runs one alone, N=n one allocation, and tells where it was.
 */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "api_client.h"
#include "child.h"
#include "clock.h"
#include "fault_server.h"
#include "oom_scenarios.h"
#include "oom_server.h"
#include "scratch.h"
#include "test_store.h"

enum { QUESTIONS = 50, NUMBER_FIRST = 10, ARTICLES = NUMBER_FIRST + QUESTIONS, HANG_US = 5000000, EVERY_MS = 5, EVERY_ONE_UP_TO = 2000, ACKNOWLEDGED_MOST = 20000 };
enum { SCHEDULE_TRIES = 400, COMING_TRIES = 4000, SCHEDULE_ALLOCATIONS = 1000 };

#define JSON "Content-Type: application/json"
#define PATCH_JSON JSON "\nIf-Match: *"

enum outcome { ANSWERED, REFUSED, CLOSED, ABORTED, OUTCOMES };

static struct oom_server server;
static int run_number;
static const char *doing;     /* for whoever reads of a failure */
static int64_t doing_n;
static size_t n_of[OUTCOMES];
static bool is_control;       /* counts what is wrong; otherwise the first fails the test */
static size_t n_wrong;

static char *filled(const char *format, int number)
{
	struct text text = TEXT_EMPTY;

	for (; format != NULL && *format != '\0'; format++) {
		if (*format == '@')
			text_printf(&text, "%d", number);
		else
			text_char(&text, *format == '\'' ? '"' : *format);
	}
	return format == NULL ? NULL : text_take(&text);
}

static void wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void wrong(const char *format, ...)
{
	char words[4000];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(words, sizeof words, format, arguments);
	va_end(arguments);
	if (n_wrong++ == 0 && is_control)
		print_message("found: %s, allocation %d: %.300s\n", doing, (int)doing_n, words);
	if (!is_control)
		fail_msg("%s, allocation %d%s: %s", doing, (int)doing_n, atomic_load(&server.control->persistent) ? " and all after it" : "", words);
}

/* It has ended: only in the one way that is allowed. */
static void judge_end(void)
{
	child_wait(&server.child);
	if (server.child.status != 1000 + SIGABRT || server.child.err.length == 0 || strstr(server.child.err.bytes, "out of memory") == NULL)
		wrong("the server ended with %d: %s", server.child.status, server.child.err.length > 0 ? server.child.err.bytes : "(nothing said)");
	n_of[ABORTED]++;
	oom_restart(&server);
}

/* Returns whether it lives still. If not, another does. */
static bool look_after_server(void)
{
	const enum oom_state state = oom_look(&server);

	if (state == OOM_SILENT)
		wrong("the server does not answer any more");
	else if (state == OOM_ENDED)
		judge_end();
	return state != OOM_ENDED;
}

/* --- asking --- */

static bool is_of_reader(const struct oom_scenario *scenario)
{
	return scenario->proof == NULL && strcmp(scenario->name, "diff") != 0;
}

static void ask(const struct oom_scenario *scenario, int number, struct reply *ret_reply)
{
	char *target = filled(scenario->target, number), *headers = filled(scenario->headers, number), *body = filled(scenario->body, number);

	client_ask(is_of_reader(scenario) ? server.reader : server.writer, scenario->method, target, headers, body, ret_reply);
	free(target);
	free(headers);
	free(body);
}

static void send_first(const struct oom_scenario *scenario, int number)
{
	char *body = filled(scenario->first, number);
	struct reply reply;

	if (body == NULL)
		return;
	client_ask(server.writer, "POST", "/v1/articles", JSON, body, &reply);
	if (reply.status != 201)
		fail_msg("%s: what comes before was not taken: %ld %s", scenario->name, reply.status, reply.body.length > 0 ? reply.body.bytes : "");
	reply_done(&reply);
	free(body);
}

/* --- judging an answer --- */

static const char *body_of(const struct reply *reply)
{
	return reply->body.length > 0 ? reply->body.bytes : "";
}

/* Is what was acknowledged to the run of this number there? */
static void expect_proof(const struct oom_scenario *scenario, int number)
{
	char *target = filled(scenario->proof, number);
	struct reply reply;

	client_get(server.writer, target, &reply);
	if (reply.status != 200)
		wrong("%ld for what was acknowledged: %s %s", reply.status, target, body_of(&reply));
	for (size_t i = 0; reply.status == 200 && i < OOM_HELD_MOST && scenario->held[i] != NULL; i++) {
		char *held = filled(scenario->held[i], number);

		if (strstr(body_of(&reply), held) == NULL)
			wrong("%s is acknowledged and not in %s: %s", held, target, body_of(&reply));
		free(held);
	}
	reply_done(&reply);
	free(target);
}

/* The part of an answer that is the same whenever it is given: the names of its headers, and what it is about. */
static char *gist(const struct reply *reply)
{
	json_t *data = reply_member(reply, "data");
	char *json = json_dumps(data, JSON_SORT_KEYS | JSON_ENCODE_ANY);
	struct text text = TEXT_EMPTY;

	for (const char *line = strstr(reply->head.bytes, "\r\n"); line != NULL && line[2] != '\r' && line[2] != '\0'; line = strstr(line + 2, "\r\n"))
		text_append(&text, line, strcspn(line, ":"));
	text_string(&text, json != NULL ? json : body_of(reply));
	free(json);
	return text_take(&text);
}

static void judge_reading(const struct reply *reply, const char *reference)
{
	char *said = gist(reply);

	if (reference != NULL && strcmp(said, reference) != 0)
		wrong("another answer than it should be:\n%s\ninstead of\n%s", said, reference);
	free(said);
}

/* A line of a batch is acknowledged by itself. */
static bool acknowledges(const struct oom_scenario *scenario, const struct reply *reply)
{
	if (strcmp(scenario->name, "batch") == 0)
		return strstr(body_of(reply), "\"line\":1,\"status\":201") != NULL;
	return reply->status == scenario->status;
}

/* --- runs --- */

static int acknowledged[ACKNOWLEDGED_MOST];
static size_t n_acknowledged;

/* For whoever wants to see one allocation fail. */
static void tell(const struct reply *reply)
{
	if (getenv("N") == NULL)
		return;
	child_peek_errors(&server.child);
	print_message("status %ld after:\n%s", reply->status, server.child.err.length > 0 ? server.child.err.bytes : "(nothing said)\n");
}

static void judge(const struct oom_scenario *scenario, int number, const struct reply *reply, const char *reference)
{
	const bool fine = acknowledges(scenario, reply);

	if (reply->status != 0 && reply->status != scenario->status && reply->status < 500)
		wrong("status %ld: %s", reply->status, body_of(reply));
	n_of[fine ? ANSWERED : REFUSED] += reply->status != 0;
	if (fine && scenario->proof == NULL)
		judge_reading(reply, reference);
	n_of[CLOSED] += look_after_server() && reply->status == 0;
	if (!fine || scenario->proof == NULL)
		return;
	expect_proof(scenario, number);
	if (scenario->stays && n_acknowledged < ACKNOWLEDGED_MOST)
		acknowledged[n_acknowledged++] = number;
}

/* Returns how many allocations there were. */
static int64_t run(const struct oom_scenario *scenario, int number, int64_t n, bool persistent, const char *reference)
{
	struct reply reply;
	int64_t before;

	doing = scenario->name;
	doing_n = n;
	if (scenario->is_cold) {
		oom_kill(&server);
		oom_start_cold(&server);
	}
	send_first(scenario, number);
	before = clock_monotonic_us();
	oom_arm(&server, n, persistent, getenv("N") != NULL);
	ask(scenario, number, &reply);
	oom_disarm(&server);
	if (clock_monotonic_us() - before > HANG_US)
		wrong("it took %.1f s", (double)(clock_monotonic_us() - before) / 1e6);
	tell(&reply);
	judge(scenario, number, &reply, reference);
	reply_done(&reply);
	return atomic_load(&server.control->calls);
}

/* Spaced out in the short form, and never the same in two scenarios of as many allocations. */
static int64_t next_n(int64_t n)
{
	return fault_is_long() ? n + 1 + (n > EVERY_ONE_UP_TO ? n / 200 : 0) : n < 3 ? n + 1 : 3 * n + run_number % 3;
}

/* What the runs of a reader's question must answer: asked of a server that has it to make. */
static void ask_references(const struct oom_scenario *scenario, char *references[QUESTIONS])
{
	for (int number = NUMBER_FIRST; number < NUMBER_FIRST + QUESTIONS; number++) {
		struct reply reply;

		references[number % QUESTIONS] = NULL;
		if (scenario->proof != NULL)
			continue;
		ask(scenario, number, &reply);
		if (reply.status != scenario->status)
			fail_msg("%s: %ld %s", scenario->name, reply.status, body_of(&reply));
		references[number % QUESTIONS] = gist(&reply);
		reply_done(&reply);
	}
}

/* Questions have one of some numbers of two digits, writes one of their own. */
static int next_number(const struct oom_scenario *scenario)
{
	run_number++;
	return scenario->proof != NULL ? run_number : NUMBER_FIRST + run_number % QUESTIONS;
}

static void run_all(const struct oom_scenario *scenario, int64_t first, int64_t last)
{
	char *references[QUESTIONS];

	n_acknowledged = 0;
	ask_references(scenario, references);
	oom_restart(&server);
	if (last == 0)
		last = run(scenario, next_number(scenario), INT64_MAX, false, NULL);
	for (int64_t n = first; n <= last; n = next_n(n))
		for (int persistent = 0; persistent < 2; persistent++) {
			const int number = next_number(scenario);

			run(scenario, number, n, persistent, references[number % QUESTIONS]);
			if (scenario->proof == NULL && run_number % QUESTIONS == 0)
				oom_restart(&server);    /* it has met all of these questions */
		}
	oom_restart(&server);
	for (size_t i = 0; i < n_acknowledged; i++)
		expect_proof(scenario, acknowledged[i]);
	for (int i = 0; i < QUESTIONS; i++)
		free(references[i]);
}

/* --- the database --- */

static void import(void)
{
	struct text lines = TEXT_EMPTY;

	for (int i = 1; i <= ARTICLES; i++) {
		text_printf(&lines, "{\"id\":%d,\"guid\":\"g%d\",\"title\":\"Number %02d of the common\",\"summary\":\"Standfirst %d\",\"section\":\"S%d\",\"source\":\"Wire\",", i, i, i, i, i % 4);
		text_printf(&lines, "\"tags\":[\"T%d\",\"U%d\"],\"published_at\":\"2016-%02d-%02dT00:00:00Z\",\"body_html\":\"<p>A common word", i % 7, i % 5, 1 + i / 28, 1 + i % 28);
		for (int j = 0; j < 60; j++)
			text_printf(&lines, " w%d", (i * 31 + j * 7) % 97);
		text_string(&lines, " and <em>more</em>.</p>\"}\n");
	}
	expect_run(ARGUMENTS("migrate", "--database", server.database), NULL, 0, NULL, "");
	scratch_write(&server.scratch, "a.ndjson", lines.bytes);
	expect_run(ARGUMENTS("import", "--database", server.database, scratch_path(&server.scratch, "a.ndjson")), NULL, 0, NULL, NULL);
	text_done(&lines);
}

static void prepare(void)
{
	static const char *const steps[][3] = {
		{ "PATCH", "/v1/articles/1", "{\"title\":\"Number 01 once more\",\"body_html\":\"<p>A common word and another.</p>\"}" },
		{ "PUT", "/v1/collections/front", "{\"title\":\"Front\",\"ids\":[1]}" },
	};

	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		struct reply reply;

		client_ask(server.writer, steps[i][0], steps[i][1], strcmp(steps[i][0], "PATCH") == 0 ? PATCH_JSON : JSON, steps[i][2], &reply);
		if (reply.status != 200 && reply.status != 201)
			fail_msg("%s: %ld %s", steps[i][1], reply.status, body_of(&reply));
		reply_done(&reply);
	}
}

/* Related articles are found beside serving, and change answers when they are. */
static void wait_for_related(void)
{
	struct store *store = test_store_at(server.database, STORE_READ);

	while (test_number(store, "SELECT count(*) FROM related_due") > 0)
		poll(NULL, 0, EVERY_MS);
	store_close(store);
}

static void open_all(void)
{
	oom_open(&server);
	import();
	memset(n_of, 0, sizeof n_of);
	oom_start(&server);
	prepare();
	wait_for_related();
}

/* --- the tests --- */

static void test_scenarios(void **state)
{
	const char *only = getenv("SCENARIO"), *one = getenv("N");

	(void)state;
	open_all();
	for (size_t i = 0; i < n_oom_scenarios; i++) {
		if (only != NULL && strcmp(only, oom_scenarios[i].name) != 0)
			continue;
		run_all(&oom_scenarios[i], one != NULL ? strtoll(one, NULL, 10) : 1, one != NULL ? strtoll(one, NULL, 10) : 0);
		print_message("%s: up to allocation %lld\n", oom_scenarios[i].name, (long long)doing_n);
	}
	expect_run(ARGUMENTS("check", "--database", server.database), NULL, 0, "", "");
	print_message("%zu answered, %zu refused, %zu closed without an answer, %zu ended by abort()\n", n_of[ANSWERED], n_of[REFUSED], n_of[CLOSED], n_of[ABORTED]);
	oom_close(&server);
}

/* An article comes by itself: nobody waits for an answer, so nothing may be lost, and it must come when there is memory again. */
static void run_schedule(int64_t n, bool persistent)
{
	const int number = ++run_number;
	char at[32], body[300], target[40];
	const time_t soon = time(NULL) + 1;
	struct reply reply;
	struct tm utc;

	doing = "schedule";
	doing_n = n;
	strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&soon, &utc));
	snprintf(body, sizeof body, "{\"title\":\"Timed %d\",\"slug\":\"timed-%d\",\"source\":\"Wire\",\"section\":\"S1\",\"status\":\"scheduled\",\"publish_at\":\"%s\"}", number, number, at);
	client_ask(server.writer, "POST", "/v1/articles", JSON, body, &reply);
	assert_int_equal(reply.status, 201);
	reply_done(&reply);
	oom_arm(&server, n, persistent, getenv("N") != NULL);
	for (int i = 0; i < SCHEDULE_TRIES && child_is_running(&server.child) && atomic_load(&server.control->failed) == 0; i++)
		poll(NULL, 0, EVERY_MS);
	oom_disarm(&server);
	look_after_server();
	snprintf(target, sizeof target, "/v1/articles/timed-%d", number);
	for (int i = 0; i < COMING_TRIES; i++) {
		const long status = (client_get(server.reader, target, &reply), reply.status);

		reply_done(&reply);
		if (status == 200)
			return;
		poll(NULL, 0, EVERY_MS);
	}
	wrong("an article that was due does not come");
}

static void test_schedule(void **state)
{
	const int64_t step = fault_is_long() ? 13 : 300;

	(void)state;
	if (getenv("SCENARIO") != NULL)
		skip();
	open_all();
	for (int64_t n = 1; n <= SCHEDULE_ALLOCATIONS; n += step)
		run_schedule(n, n % 2 == 0);
	expect_run(ARGUMENTS("check", "--database", server.database), NULL, 0, "", "");
	oom_close(&server);
}

/* --- the control --- */

enum { CONTROL_TRIES = 400 };

static const struct oom_scenario *scenario_named(const char *name)
{
	size_t i = 0;

	while (strcmp(oom_scenarios[i].name, name) != 0)
		i++;
	return &oom_scenarios[i];
}

static void test_control(void **state)
{
	const struct oom_scenario *scenario = scenario_named("create");
	const char *program = getenv("BROADSHEET");
	char *sound = strdup(program != NULL ? program : "build/broadsheet"), careless[200];

	(void)state;
	if (getenv("SCENARIO") != NULL)
		skip();
	snprintf(careless, sizeof careless, "%.*s/careless", (int)(strrchr(sound, '/') - sound), sound);
	setenv("BROADSHEET", careless, 1);
	is_control = true;
	open_all();
	for (int64_t n = 1; n <= CONTROL_TRIES && n_wrong == 0; n++)
		run(scenario, next_number(scenario), n, /* persistent= */ false, NULL);
	oom_close(&server);
	is_control = false;
	setenv("BROADSHEET", sound, 1);
	free(sound);
	print_message("%d runs: %zu answered, %zu refused, %zu closed, %zu aborted\n", run_number, n_of[ANSWERED], n_of[REFUSED], n_of[CLOSED], n_of[ABORTED]);
	if (n_wrong == 0)
		fail_msg("a program that goes on without memory was not found out in %d runs", CONTROL_TRIES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenarios),
		cmocka_unit_test(test_schedule),
		cmocka_unit_test(test_control),
	};

	clock_replace(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
