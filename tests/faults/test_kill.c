/* SPDX-License-Identifier: MIT */
/*
 * R1: the process is killed (SIGKILL) at random moments under eight writers, and started again. Nothing that was acknowledged may be missing, nothing
 * half there, nothing twice; `broadsheet check` finds nothing; and what a client does not know of is settled by sending it again with its
 * Idempotency-Key. A program that acknowledges before its COMMIT (broken/hasty.c) must be found out by the same test.
 *
 * KILLS sets the number of kills; 10, and 200 in `make torture`.
 */
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api_client.h"
#include "child.h"
#include "clock.h"
#include "fault_server.h"
#include "scratch.h"
#include "test_store.h"
#include "writers.h"

enum { WRITERS = 8, CONTROL_ROUNDS = 40 };

struct newsroom {
	struct scratch scratch;
	char database[96], socket[104];
	struct child child;
	struct writer writers[WRITERS];
	size_t n_lost;
};

static atomic_size_t acknowledged;

static void count(const struct known *item)
{
	(void)item;
	atomic_fetch_add(&acknowledged, 1);
}

/* --- looking again --- */

static void start(struct newsroom *newsroom)
{
	child_start(&newsroom->child, ARGUMENTS("serve", "--database", newsroom->database, "--listen", "127.0.0.1:0", "--admin-listen", "none"), NULL);
	if (!child_wait_for(&newsroom->child, "serves"))
		fail_msg("the server does not start again: %s", newsroom->child.err.bytes);
}

static void kill_it(struct newsroom *newsroom)
{
	kill(newsroom->child.pid, SIGKILL);
	child_wait(&newsroom->child);
	child_done(&newsroom->child);
}

/* The control socket shows an article whatever its status. */
static bool stands_as_known(struct client *client, const struct known *item)
{
	char target[60];
	struct reply reply;
	int64_t rev;
	bool fine;

	snprintf(target, sizeof target, "/v1/articles/%lld", (long long)item->id);
	client_get(client, target, &reply);
	rev = json_integer_value(reply_member(&reply, "data.rev"));
	fine = reply.status == 200 && (rev == item->rev || (item->is_uncertain && rev == item->rev + 1)) &&
	    (!item->is_withdrawn || strcmp(reply_string(&reply, "data.status"), "withdrawn") == 0);
	reply_done(&reply);
	return fine;
}

/* What was not answered is sent again: created now or then, it is there once. */
static bool is_settled(struct client *client, struct known *item)
{
	struct reply reply;
	bool fine;

	writer_send_creation(client, item->number, &reply);
	fine = reply.status == 201;
	item->id = json_integer_value(reply_member(&reply, "data.id"));
	item->rev = 1;
	reply_done(&reply);
	return fine;
}

static void look_again(struct newsroom *newsroom)
{
	struct client *client = client_new("http://localhost", newsroom->socket);

	for (int w = 0; w < WRITERS; w++) {
		struct writer *writer = &newsroom->writers[w];

		for (size_t i = 0; i < writer->n; i++)
			if (writer->items[i].id == 0 ? !is_settled(client, &writer->items[i]) : !stands_as_known(client, &writer->items[i]))
				newsroom->n_lost++;
	}
	client_free(client);
}

/* --- rounds --- */

static void open_newsroom(struct newsroom *newsroom)
{
	scratch_make(&newsroom->scratch);
	snprintf(newsroom->database, sizeof newsroom->database, "%s/a.db", newsroom->scratch.folder);
	snprintf(newsroom->socket, sizeof newsroom->socket, "%s/a.db.sock", newsroom->scratch.folder);
	newsroom->n_lost = 0;
	start(newsroom);
}

/* Writes until some number of acknowledgements is reached, and kills at once. */
static void run_round(struct newsroom *newsroom, struct test_random *random)
{
	const size_t enough = atomic_load(&acknowledged) + 1 + test_random(random, 150);
	const int64_t patience = clock_monotonic_us() + 20000000;

	for (int w = 0; w < WRITERS; w++)
		writer_start(&newsroom->writers[w], w, newsroom->socket, test_random(random, 1u << 30) + 1, count);
	while (atomic_load(&acknowledged) < enough && clock_monotonic_us() < patience)
		sched_yield();
	kill_it(newsroom);
	for (int w = 0; w < WRITERS; w++)
		pthread_join(newsroom->writers[w].thread, NULL);
	start(newsroom);
	look_again(newsroom);
}

static void close_newsroom(struct newsroom *newsroom)
{
	kill(newsroom->child.pid, SIGTERM);
	child_wait(&newsroom->child);
	assert_int_equal(newsroom->child.status, 0);
	child_done(&newsroom->child);
}

static void test_kills(void **state)
{
	static struct newsroom newsroom;
	const char *kills = getenv("KILLS");
	const long rounds = kills != NULL ? strtol(kills, NULL, 10) : fault_is_long() ? 200 : 10;
	struct test_random random = { 1 };

	(void)state;
	open_newsroom(&newsroom);
	for (long round = 0; round < rounds; round++) {
		run_round(&newsroom, &random);
		if (newsroom.n_lost > 0)
			fail_msg("%zu acknowledged writes are lost after kill %ld", newsroom.n_lost, round + 1);
	}
	close_newsroom(&newsroom);
	expect_run(ARGUMENTS("check", "--database", newsroom.database), NULL, 0, "", "");
	print_message("%ld kills, %zu acknowledged writes, none lost\n", rounds, atomic_load(&acknowledged));
	scratch_remove(&newsroom.scratch);
}

/* The same test finds a program that acknowledges too early. */
static void test_control(void **state)
{
	static struct newsroom newsroom;
	const char *program = getenv("BROADSHEET");
	char *sound = strdup(program != NULL ? program : "build/broadsheet"), hasty[200];
	struct test_random random = { 2 };

	(void)state;
	snprintf(hasty, sizeof hasty, "%.*s/hasty", (int)(strrchr(sound, '/') - sound), sound);
	setenv("BROADSHEET", hasty, 1);
	open_newsroom(&newsroom);
	for (int round = 0; round < CONTROL_ROUNDS && newsroom.n_lost == 0; round++)
		run_round(&newsroom, &random);
	kill_it(&newsroom);
	setenv("BROADSHEET", sound, 1);
	free(sound);
	if (newsroom.n_lost == 0)
		fail_msg("a program that acknowledges before its COMMIT was not found out in %d kills", CONTROL_ROUNDS);
	scratch_remove(&newsroom.scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kills),
		cmocka_unit_test(test_control),
	};

	clock_replace(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
