/* SPDX-License-Identifier: MIT */
/*
 * A transaction that SQLite undoes by itself in the middle, as it does when there is no room or the disk fails: nothing that comes behind is kept, however
 * it is nested, the error is the first one, and the next transaction is as good as any. A read that is undone says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/store_internal.h"
#include "test_store.h"

static bool insert(struct store *store, void *arg, struct error *err)
{
	static const char sql[] = "INSERT INTO kept VALUES (1)";
	struct statement *statement = store_statement(store, sql);
	const bool fine = statement_run(statement, err);

	(void)arg;
	statement_done(statement);
	return fine;
}

static void lose(struct store *store)
{
	assert_int_equal(sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
}

/* As a group of requests: each in a savepoint, whose failures are its own. */
static bool in_parts(struct store *store, void *arg, struct error *err)
{
	struct error part;

	(void)err;
	assert_true(store_transaction(store, insert, arg, &part));
	lose(store);
	error_set(&store->failure, ERROR_STORAGE_FULL, "no room");
	for (int i = 0; i < 3; i++) {
		assert_false(store_transaction(store, insert, arg, &part));
		assert_int_equal(part.code, ERROR_STORAGE_FULL);
		assert_false(insert(store, arg, &part));
	}
	return true;
}

static bool in_a_part(struct store *store, void *arg, struct error *err)
{
	(void)arg;
	lose(store);
	return insert(store, arg, err);
}

static bool around_a_part(struct store *store, void *arg, struct error *err)
{
	struct error part;

	assert_false(store_transaction(store, in_a_part, arg, &part));
	return insert(store, arg, err);
}

static void test_undone_in_the_middle(void **state)
{
	struct store *store = test_store_at((test_folder(), test_folder_path("a.db")), STORE_WRITE);
	struct error err;

	(void)state;
	test_execute(store, "CREATE TABLE kept (a INTEGER) STRICT");
	assert_false(store_transaction(store, in_parts, NULL, &err));
	assert_int_equal(err.code, ERROR_STORAGE_FULL);
	assert_false(store_transaction(store, around_a_part, NULL, &err));
	assert_int_equal(test_number(store, "SELECT count(*) FROM kept"), 0);
	assert_true(store_transaction(store, insert, NULL, &err));
	assert_int_equal(test_number(store, "SELECT count(*) FROM kept"), 1);
	store_close(store);
	test_folder_remove();
}

static void test_a_read_that_is_lost(void **state)
{
	static const char sql[] = "SELECT 1";
	struct store *store = test_store_at((test_folder(), test_folder_path("a.db")), STORE_WRITE), *reader;
	struct statement *one;
	struct error err;

	(void)state;
	reader = test_store_at(test_folder_path("a.db"), STORE_READ);
	assert_true(store_read_begin(reader, &err));
	assert_true(store_read_holds(reader, &err));
	lose(reader);
	assert_false(store_read_holds(reader, &err));
	one = store_statement(reader, sql);
	assert_false(statement_row(one, &err));
	statement_done(one);
	store_read_end(reader);
	assert_true(store_read_begin(reader, &err));
	assert_true(store_read_holds(reader, &err));
	store_read_end(reader);
	store_close(reader);
	store_close(store);
	test_folder_remove();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_undone_in_the_middle),
		cmocka_unit_test(test_a_read_that_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
