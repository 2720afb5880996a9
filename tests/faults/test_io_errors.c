/* SPDX-License-Identifier: MIT */
/*
 * I/O errors (R4): each kind of call on the database's files fails, at its first, second, … call, once and from then on. Nothing is acknowledged that is not
 * kept, nothing crashes, readers are answered, and when the disk works again so does the server, without a restart.
 *
 * The same judgement over programs that are broken on purpose must find it: one that ignores that its COMMIT failed, and one that acknowledges before it.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fault_server.h"

enum { WRITES_EACH = 3, RECOVERY_TRIES = 3 };

struct failing {
	const char *name;
	enum fault_kind kind;
	const char *pattern;
	int number;
};

/* clang-format off */
static const struct failing kinds[] = {
	{ "fsync of the WAL: EIO",         FAULT_SYNC,     "faulty.db-wal", EIO },
	{ "fsync of anything: EIO",        FAULT_SYNC,     "faulty.db",     EIO },
	{ "fsync: ENOSPC",                 FAULT_SYNC,     "faulty.db",     ENOSPC },
	{ "write to the WAL: EIO",         FAULT_WRITE,    "faulty.db-wal", EIO },
	{ "write to the WAL: ENOSPC",      FAULT_WRITE,    "faulty.db-wal", ENOSPC },
	{ "write: EROFS",                  FAULT_WRITE,    "faulty.db",     EROFS },
	{ "write: half of it",             FAULT_WRITE,    "faulty.db",     FAULT_SHORT },
	{ "read: EIO",                     FAULT_READ,     "faulty.db",     EIO },
	{ "truncate: EIO",                 FAULT_TRUNCATE, "faulty.db",     EIO },
	{ "open: EIO",                     FAULT_OPEN,     "faulty.db",     EIO },
	{ "open: EMFILE",                  FAULT_OPEN,     "faulty.db",     EMFILE },
	{ "unlink: EIO",                   FAULT_UNLINK,   "faulty.db",     EIO },
};
/* clang-format on */

enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

/* Every N up to 25 in the long run; otherwise a few. */
static int64_t next_n(int64_t n)
{
	return fault_is_long() ? n + 1 : n < 3 ? n + 1 : n * 2;
}

static void expect_alive(struct fault_server *server, const struct failing *failing, int64_t n, bool persistent)
{
	if (fault_has_ended(server)) {
		child_peek_errors(&server->child);
		fail_msg("%s, call %d%s: the server ended with %d: %s", failing->name, (int)n, persistent ? " and all after it" : "", server->child.status,
		    server->child.err.bytes);
	}
}

/* As many writes as it takes to come to the N-th call of the rarest kind. Returns how many calls failed. */
static int64_t fail_and_recover(struct fault_server *server, const struct failing *failing, int64_t n, bool persistent)
{
	const bool can_read = failing->kind != FAULT_READ;

	fault_arm(server, failing->kind, failing->pattern, n, failing->number, persistent);
	for (int i = 0; i < WRITES_EACH + n; i++) {
		if (!fault_write(server, 0) && server->last_status != 503 && server->last_status != 507 && server->last_status != 500)
			fail_msg("%s, call %d: status %ld: %s", failing->name, (int)n, server->last_status, server->refusal.bytes);
		if (!fault_read(server) && can_read)
			fail_msg("%s, call %d: no reply to a reader", failing->name, (int)n);
		expect_alive(server, failing, n, persistent);
	}
	fault_disarm(server);
	if (!fault_recovers(server, RECOVERY_TRIES))
		fail_msg("%s, call %d%s: writes do not come back: %s", failing->name, (int)n, persistent ? " and all after it" : "", server->refusal.bytes);
	assert_true(fault_read(server));
	expect_alive(server, failing, n, persistent);
	return atomic_load(&server->control->failed);
}

/* One server bears all of it, is killed, and judged by what it left. */
static void run_kind(const struct failing *failing, bool persistent)
{
	struct fault_server server;
	int64_t n_failed = 0;

	fault_open(&server, NULL);
	assert_true(fault_start(&server));
	for (int64_t n = 1; n <= 25; n = next_n(n)) {
		n_failed += fail_and_recover(&server, failing, n, persistent);
		if (fault_is_long())
			fault_judge(&server, failing->name);
	}
	if (n_failed == 0 && (failing->kind == FAULT_SYNC || failing->kind == FAULT_WRITE))
		fail_msg("%s: nothing failed", failing->name);
	fault_kill(&server);
	fault_judge(&server, failing->name);
	fault_close(&server);
}

static void test_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_KINDS; i++)
		run_kind(&kinds[i], false);
}

static void test_from_then_on(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_KINDS; i++)
		run_kind(&kinds[i], true);
}

/* It starts or says why it does not; either way what was acknowledged before is there. */
static void test_at_the_start(void **state)
{
	struct fault_server server;

	(void)state;
	fault_open(&server, NULL);
	assert_true(fault_start(&server));
	assert_true(fault_recovers(&server, 1));
	fault_kill(&server);
	for (size_t i = 0; i < N_KINDS; i++) {
		for (int64_t n = 1; n <= (fault_is_long() ? 25 : 4); n = next_n(n)) {
			fault_arm(&server, kinds[i].kind, kinds[i].pattern, n, kinds[i].number, /* persistent= */ n % 2 == 0);
			if (fault_start(&server)) {
				fault_disarm(&server);
				if (!fault_recovers(&server, RECOVERY_TRIES))
					fail_msg("%s at the start, call %d: no writes: %s", kinds[i].name, (int)n, server.refusal.bytes);
			} else if (server.child.status != 1 && server.child.status != 70) {
				fail_msg("%s at the start, call %d: ended with %d: %s", kinds[i].name, (int)n, server.child.status, server.child.err.bytes);
			}
			fault_disarm(&server);
			fault_kill(&server);
		}
	}
	fault_judge(&server, "at the start");
	fault_close(&server);
}

/* --- what is said --- */

static void test_statuses(void **state)
{
	struct fault_server server;
	struct reply reply;

	(void)state;
	fault_open(&server, NULL);
	assert_true(fault_start(&server));
	assert_true(fault_write(&server, 0));

	fault_arm(&server, FAULT_WRITE, "faulty.db", 1, ENOSPC, true);
	assert_false(fault_write(&server, 0));
	assert_int_equal(server.last_status, 507);
	assert_true(server.has_retry_after);
	client_get(server.admin, "/healthz", &reply);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body.bytes, "{\"status\":\"degraded\",\"writes\":\"full\"}\n");
	reply_done(&reply);

	fault_arm(&server, FAULT_SYNC, "faulty.db-wal", 1, EIO, true);
	for (int i = 0; i < 3; i++)
		assert_false(fault_write(&server, 0));
	assert_int_equal(server.last_status, 503);
	assert_true(server.has_retry_after);
	client_get(server.admin, "/readyz", &reply);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body.bytes, "{\"status\":\"ready\",\"writes\":\"io-error\"}\n");
	reply_done(&reply);

	fault_disarm(&server);
	assert_true(fault_recovers(&server, 1));
	assert_true(fault_has_logged(&server, "the database can be written again"));
	client_get(server.admin, "/healthz", &reply);
	assert_string_equal(reply.body.bytes, "{\"status\":\"alive\"}\n");
	reply_done(&reply);
	fault_stop(&server);
	fault_judge(&server, "statuses");
	fault_close(&server);
}

/* After a failed fsync nothing is taken until the whole WAL has been copied and emptied, which has to fail here for a while. */
static void test_nothing_before_a_checkpoint(void **state)
{
	struct fault_server server;

	(void)state;
	fault_open(&server, NULL);
	server.only_writes = true;
	assert_true(fault_start(&server));
	assert_true(fault_write(&server, 0));
	fault_arm(&server, FAULT_SYNC, "faulty.db-wal", 1, EIO, false);
	assert_false(fault_write(&server, 0));
	fault_arm(&server, FAULT_TRUNCATE, "faulty.db-wal", 1, EIO, true);
	for (int i = 0; i < 5; i++) {
		assert_false(fault_write(&server, 0));
		assert_int_equal(server.last_status, 503);
		assert_true(fault_read(&server));
	}
	fault_disarm(&server);
	assert_true(fault_recovers(&server, 1));
	fault_kill(&server);
	fault_judge(&server, "a checkpoint that fails");
	fault_close(&server);
}

/* A page of the database that is no page: one clear line, and the end with status 70. */
static void test_corruption(void **state)
{
	struct fault_server server;
	FILE *file;

	(void)state;
	fault_open(&server, NULL);
	assert_true(fault_start(&server));
	for (int i = 0; i < 20; i++)
		assert_true(fault_write(&server, 0));
	fault_stop(&server);
	assert_true(fault_start(&server));
	file = fopen(server.database, "r+e");
	assert_non_null(file);
	assert_int_equal(fseek(file, 4096, SEEK_SET), 0);
	for (int i = 0; i < 100 * 4096; i++)
		fputc(0x5A, file);
	fclose(file);
	for (int i = 0; i < 10 && !fault_has_ended(&server); i++)
		fault_write(&server, 0);
	child_wait(&server.child);
	if (server.child.status != 70)
		fail_msg("ended with %d: %s", server.child.status, server.child.err.bytes);
	assert_non_null(strstr(server.child.err.bytes, "the database is corrupt"));
	fault_close(&server);
}

/* --- the judgement itself --- */

static int lost_by(enum fault_lie lie, enum fault_kind kind)
{
	struct fault_server server;
	struct text findings;
	int lost;

	fault_open(&server, NULL);
	assert_true(fault_start(&server));
	assert_true(fault_write(&server, 0));
	atomic_store(&server.control->lie, (int)lie);
	fault_arm(&server, kind, "faulty.db-wal", 1, EIO, true);
	for (int i = 0; i < WRITES_EACH; i++)
		fault_write(&server, 0);
	fault_disarm(&server);
	fault_kill(&server);
	atomic_store(&server.control->lie, FAULT_HONEST);
	lost = fault_lost(&server, &findings);
	text_done(&findings);
	fault_close(&server);
	return lost;
}

static void test_broken_programs_are_found_out(void **state)
{
	(void)state;
	assert_true(lost_by(FAULT_COMMIT_IGNORED, FAULT_WRITE) > 0);
	assert_true(lost_by(FAULT_COMMIT_LEFT_OUT, FAULT_NONE) > 0);
	assert_int_equal(lost_by(FAULT_HONEST, FAULT_WRITE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_nothing_before_a_checkpoint),
		cmocka_unit_test(test_corruption),
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_from_then_on),
		cmocka_unit_test(test_at_the_start),
		cmocka_unit_test(test_broken_programs_are_found_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
