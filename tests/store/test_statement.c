/* SPDX-License-Identifier: MIT */
/* Prepared statements: kept by the address of their text, given a twin while in use, clean when they are used again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/store_internal.h"
#include "test_store.h"

static void test_statements_are_kept(void **state)
{
	static const char sql[] = "SELECT ?1", bad[] = "SELECT nothing FROM nowhere";
	struct store *store = test_store();
	const size_t before = store->n_statements;
	struct statement *first, *twin, *broken;
	struct error err;

	(void)state;
	first = store_statement(store, sql);
	statement_bind_integer(first, 1, 1);
	assert_true(statement_row(first, &err));
	twin = store_statement(store, sql);    /* the first is in use */
	assert_ptr_not_equal(first, twin);
	statement_bind_integer(twin, 1, 2);
	assert_true(statement_row(twin, &err));
	assert_int_equal(statement_integer(first, 0), 1);
	assert_int_equal(statement_integer(twin, 0), 2);
	statement_done(first);
	statement_done(twin);
	for (int i = 0; i < 1000; i++) {
		first = store_statement(store, sql);
		assert_true(statement_row(first, &err));    /* nothing is left bound */
		assert_null(statement_text(first, 0));
		statement_done(first);
	}
	for (int i = 0; i < 1000; i++) {
		broken = store_statement(store, bad);
		assert_false(statement_run(broken, &err));
		assert_int_equal(err.code, ERROR_INTERNAL);
		statement_done(broken);
	}
	assert_int_equal(store->n_statements, before + 2);
	statement_done(NULL);
	store_close(store);
}

static void test_columns(void **state)
{
	static const char sql[] = "SELECT 'text' || char(233), NULL, -5, NULL, ?1, ?2, ?3";
	struct store *store = test_store();
	struct statement *row = store_statement(store, sql);
	struct error err;

	(void)state;
	statement_bind_text(row, 1, NULL);
	statement_bind_bytes(row, 2, "abcdef", 3);
	statement_bind_time(row, 3, TIME_NONE);
	assert_true(statement_row(row, &err));
	assert_string_equal(statement_text(row, 0), "text\u00e9");
	assert_int_equal(statement_length(row, 0), 6);
	assert_null(statement_text(row, 1));
	assert_int_equal(statement_integer(row, 2), -5);
	assert_int_equal(statement_time(row, 2), -5);
	assert_int_equal(statement_time(row, 3), TIME_NONE);
	assert_null(statement_text(row, 4));
	assert_string_equal(statement_text(row, 5), "abc");
	assert_int_equal(statement_time(row, 6), TIME_NONE);
	assert_false(statement_next(row, &err));
	assert_int_equal(err.code, ERROR_NONE);
	statement_done(row);
	store_close(store);
}

static void test_no_row(void **state)
{
	static const char sql[] = "SELECT value FROM state WHERE name = 'nothing'";
	struct store *store = test_store();
	struct statement *find = store_statement(store, sql);
	struct error err;

	(void)state;
	assert_false(statement_row(find, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	statement_done(find);
	store_close(store);
}

/* What SQLite says, as one of our errors. */
static void test_errors(void **state)
{
	static const struct {
		int code;
		enum error_code expected;
	} cases[] = {
		{ SQLITE_BUSY, ERROR_BUSY }, { SQLITE_BUSY_SNAPSHOT, ERROR_BUSY }, { SQLITE_LOCKED, ERROR_BUSY }, { SQLITE_INTERRUPT, ERROR_BUSY },
		{ SQLITE_FULL, ERROR_STORAGE_FULL }, { SQLITE_CONSTRAINT_UNIQUE, ERROR_CONFLICT }, { SQLITE_CONSTRAINT_FOREIGNKEY, ERROR_CONFLICT },
		{ SQLITE_NOTADB, ERROR_INVALID }, { SQLITE_IOERR_FSYNC, ERROR_BUSY }, { SQLITE_READONLY, ERROR_BUSY }, { SQLITE_CORRUPT, ERROR_INTERNAL }, { SQLITE_NOMEM, ERROR_INTERNAL },
	};
	struct store *store = test_store();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct error err;

		assert_false(store_failed(store, cases[i].code, "testing", &err));
		assert_int_equal(err.code, cases[i].expected);
	}
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statements_are_kept),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_no_row),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests_name("statement", tests, NULL, NULL);
}
