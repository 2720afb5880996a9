/* SPDX-License-Identifier: MIT */
/*
 * Migrations: from nothing, again, step by step, and one that breaks half-way. The file under test is compiled in here with a table of
 * migrations of the test's own in place of those built in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "embedded.h"

static const struct embedded_file *migrations = embedded_migrations;

#define embedded_migrations migrations
#include "server/store/migration.c"
#undef embedded_migrations

#include "test_store.h"

#define FILE_OF(name, sql) { name, (const unsigned char *)(sql), sizeof(sql) - 1 }
#define END { NULL, NULL, 0 }

static const struct embedded_file one[] = {
	FILE_OF("0001_one.sql", "CREATE TABLE one (a INTEGER) STRICT;\nINSERT INTO one VALUES (1);"),
	END,
};
static const struct embedded_file broken[] = {
	FILE_OF("0001_one.sql", "CREATE TABLE one (a INTEGER) STRICT;"),
	FILE_OF("0002_two.sql", "CREATE TABLE two (a INTEGER) STRICT;"),
	FILE_OF("0003_three.sql", "CREATE TABLE three (a INTEGER) STRICT; UPDATE one SET a = 3; INSERT INTO nowhere VALUES (1); DROP TABLE one;"),
	FILE_OF("0004_four.sql", "CREATE TABLE four (a INTEGER) STRICT;"),
	END,
};

static void note(void *arg, const char *name)
{
	text_printf(arg, "%s ", name);
}

static void test_built_in(void **state)
{
	struct store *store = NULL;
	struct text names = TEXT_EMPTY;
	struct error err;
	char *before, *after;

	(void)state;
	assert_true(store_open(":memory:", STORE_WRITE, &store, &err));
	assert_int_equal(store_schema(store), 0);
	assert_true(store_migrate(store, note, &names, &err));
	assert_int_equal(strncmp(names.bytes, "0001_articles.sql 0002_versions.sql ", 36), 0);
	assert_true(store_schema_newest() >= 2);
	assert_int_equal(store_schema(store), store_schema_newest());
	assert_int_equal(test_number(store, "PRAGMA user_version"), store_schema_newest());

	/* Again: nothing happens, and nobody is told of anything. */
	text_clear(&names);
	before = test_dump(store);
	assert_true(store_migrate(store, note, &names, &err));
	after = test_dump(store);
	assert_int_equal(names.length, 0);
	assert_string_equal(before, after);
	assert_int_equal(test_findings(store), 0);
	free(before);
	free(after);
	text_done(&names);
	store_close(store);
}

/* Numbers count up by one, so that none is forgotten. */
static void test_numbers(void **state)
{
	int number = 0;

	(void)state;
	for (const struct embedded_file *file = migrations; file->path != NULL; file++)
		assert_int_equal(migration_number(file), ++number);
	assert_int_equal(number, store_schema_newest());
}

/* Every table is STRICT, and nothing needs triggers or views, which connections switch off. */
static void test_tables_are_strict(void **state)
{
	struct store *store = test_store();

	(void)state;
	assert_true(test_number(store, "SELECT count(*) FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite_%'") > 5);
	assert_int_equal(test_number(store, "SELECT count(*) FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND strict = 0"), 0);
	assert_int_equal(test_number(store, "SELECT count(*) FROM sqlite_schema WHERE type IN ('trigger', 'view')"), 0);
	store_close(store);
}

static void test_step_by_step(void **state)
{
	const struct embedded_file *built_in = migrations;
	const char *path = (test_folder(), test_folder_path("a.db"));
	struct text names = TEXT_EMPTY;
	struct store *store;
	struct error err;

	(void)state;
	migrations = one;
	store = test_store_at(path, STORE_WRITE);
	assert_int_equal(store_schema(store), 1);
	store_close(store);

	/* A reader does not open an older schema, and says what to do. */
	migrations = broken;
	assert_false(store_open(path, STORE_READ, &store, &err));
	assert_int_equal(err.code, ERROR_INVALID);
	assert_non_null(strstr(err.detail, "broadsheet migrate"));

	/* The second goes in whole, the third not at all, the fourth is not tried; what was there stays. */
	assert_true(store_open(path, STORE_WRITE, &store, &err));
	assert_false(store_migrate(store, note, &names, &err));
	assert_non_null(strstr(err.detail, "0003_three.sql"));
	assert_non_null(strstr(err.detail, "nowhere"));
	assert_string_equal(names.bytes, "0002_two.sql ");
	assert_int_equal(store_schema(store), 2);
	assert_int_equal(test_number(store, "SELECT a FROM one"), 1);
	assert_int_equal(test_number(store, "SELECT count(*) FROM sqlite_schema WHERE name IN ('three', 'four')"), 0);
	store_close(store);

	/* And so it stands on the disk. */
	assert_true(store_open(path, STORE_WRITE, &store, &err));
	assert_int_equal(store_schema(store), 2);
	assert_int_equal(test_number(store, "SELECT count(*) FROM sqlite_schema"), 2);
	store_close(store);
	migrations = built_in;
	text_done(&names);
	test_folder_remove();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_built_in),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_tables_are_strict),
		cmocka_unit_test(test_step_by_step),
	};

	return cmocka_run_group_tests_name("migration", tests, NULL, NULL);
}
