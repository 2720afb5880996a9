/* SPDX-License-Identifier: MIT */
/*
 * A reader that never ends (R7): as soon as it is cut off, it reads again, while the writer writes as fast as it can. The write-ahead log stays bounded. A
 * reader that nobody cuts off makes it grow past that bound, which shows that the test would notice; that is told of in the log and the metric.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "fault_server.h"
#include "metrics.h"
#include "store/store_internal.h"
#include "test_store.h"

enum { MEBIBYTE = 1 << 20, BOUND = 128 * MEBIBYTE, WRITTEN_MIB = 200, LONG_MIB = 5000 };

static atomic_bool is_over, is_reading;
static atomic_int n_cut;

static void *read_for_ever(void *arg)
{
	static const char sql[] = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n, article_version";
	struct store *store = test_store_at(arg, STORE_READ);
	struct error err;

	while (!atomic_load(&is_over)) {
		struct statement *endless;

		if (!store_read_begin(store, &err))
			break;
		endless = store_statement(store, sql);
		atomic_store(&is_reading, true);
		if (!statement_row(endless, &err) && err.code == ERROR_BUSY)
			atomic_fetch_add(&n_cut, 1);
		statement_done(endless);
		store_read_end(store);
	}
	store_close(store);
	return NULL;
}

static bool write_one(struct store *store, void *arg, struct error *err)
{
	(void)arg;
	return store_execute(store, "DELETE FROM filler WHERE rowid < (SELECT max(rowid) FROM filler) - 20; INSERT INTO filler VALUES (randomblob(1048576))", err);
}

static int64_t wal_bytes(void)
{
	struct stat file;

	return stat(test_folder_path("a.db-wal"), &file) == 0 ? (int64_t)file.st_size : 0;
}

/* Writes so much. Returns how large the WAL ever was. */
static int64_t write_much(struct store *store, int mebibytes)
{
	struct error err;
	int64_t most = 0;

	for (int i = 0; i < mebibytes; i++) {
		if (!store_transaction(store, write_one, NULL, &err))
			fail_msg("%s", err.detail);
		most = wal_bytes() > most ? wal_bytes() : most;
	}
	return most;
}

static struct store *open_writer(void)
{
	struct store *store = test_store_at((test_folder(), test_folder_path("a.db")), STORE_WRITE);

	test_execute(store, "CREATE TABLE filler (bytes BLOB) STRICT");
	test_import_json(store, "{\"title\":\"One\",\"section\":\"A\",\"source\":\"S\"}");
	return store;
}

static void test_a_reader_that_never_ends(void **state)
{
	struct store *store = open_writer();
	char *path = strdup(test_folder_path("a.db"));
	pthread_t reader;
	int64_t most;

	(void)state;
	assert_int_equal(pthread_create(&reader, NULL, read_for_ever, path), 0);
	while (!atomic_load(&is_reading))
		sched_yield();
	most = write_much(store, fault_is_long() ? LONG_MIB : WRITTEN_MIB);
	atomic_store(&is_over, true);
	pthread_join(reader, NULL);
	print_message("largest WAL %.1f MiB, reader cut %d times\n", (double)most / MEBIBYTE, atomic_load(&n_cut));
	store_close(store);
	free(path);
	test_folder_remove();
	assert_true(most <= BOUND);
	assert_true(atomic_load(&n_cut) > 0);
}

static void test_a_reader_of_another_program(void **state)
{
	struct store *store = open_writer();
	sqlite3 *db;

	(void)state;
	assert_int_equal(sqlite3_open_v2(test_folder_path("a.db"), &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN; SELECT count(*) FROM article", NULL, NULL, NULL), SQLITE_OK);
	assert_true(write_much(store, 140) > BOUND);
	assert_true(metric_value(metric_register(METRIC_GAUGE, "broadsheet_wal_pages", NULL, "")) > BOUND / 4096);
	/* When it is gone, so is what it held. */
	sqlite3_close(db);
	write_much(store, 2);
	assert_true(metric_value(metric_register(METRIC_GAUGE, "broadsheet_wal_pages", NULL, "")) < 1000);
	assert_true(wal_bytes() <= BOUND / 2 + MEBIBYTE);
	store_close(store);
	test_folder_remove();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_reader_that_never_ends),
		cmocka_unit_test(test_a_reader_of_another_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
