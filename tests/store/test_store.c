/* SPDX-License-Identifier: MIT */
/*
 * Opening: the settings are really in force, strangers' files stay as they are to the byte; and transactions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store_internal.h"
#include "test_store.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

static int folder_setup(void **state)
{
	(void)state;
	test_folder();
	return 0;
}

static int folder_teardown(void **state)
{
	(void)state;
	test_folder_remove();
	return 0;
}

/* --- files --- */

static void write_file(const char *path, const char *bytes, size_t length)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void read_file(const char *path, struct text *ret_bytes)
{
	FILE *file = fopen(path, "rb");
	char piece[4096];
	size_t n;

	text_clear(ret_bytes);
	assert_non_null(file);
	while ((n = fread(piece, 1, sizeof piece, file)) > 0)
		text_append(ret_bytes, piece, n);
	fclose(file);
}

static bool exists(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0;
}

/* A database of another hand: no setting of ours. */
static void foreign_database(const char *path, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
}

static void assert_refused(const char *path, enum store_access access, enum error_code code, const char *says)
{
	struct store *store = (struct store *)&code;
	struct error err;

	if (store_open(path, access, &store, &err))
		fail_msg("%s was opened", path);
	assert_ptr_equal(store, &code);    /* untouched */
	if (err.code != code || strstr(err.detail, says) == NULL)
		fail_msg("%s: %s", path, err.detail);
}

/* --- settings --- */

static void test_settings(void **state)
{
	static const struct {
		const char *pragma;
		int64_t writer, reader;
	} cases[] = {
		{ "PRAGMA synchronous", 2, 2 },
		{ "PRAGMA foreign_keys", 1, 1 },
		{ "PRAGMA query_only", 0, 1 },
		{ "PRAGMA busy_timeout", 5000, 1000 },
		{ "PRAGMA trusted_schema", 0, 0 },
		{ "PRAGMA cell_size_check", 1, 1 },
		{ "PRAGMA temp_store", 2, 2 },
		{ "PRAGMA wal_autocheckpoint", 0, 0 },
		{ "PRAGMA journal_size_limit", 67108864, 67108864 },
		{ "PRAGMA application_id", 0x42645368, 0x42645368 },
		{ "PRAGMA hard_heap_limit", 268435456, 268435456 },
		{ "PRAGMA soft_heap_limit", 201326592, 201326592 },
	};
	static const struct {
		int option, writer, reader;
	} switches[] = {
		{ SQLITE_DBCONFIG_DEFENSIVE, 1, 1 }, { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, 0 }, { SQLITE_DBCONFIG_DQS_DML, 0, 0 },
		{ SQLITE_DBCONFIG_DQS_DDL, 0, 0 }, { SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, 0 }, { SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0, 0 },
		{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, 0 }, { SQLITE_DBCONFIG_ENABLE_VIEW, 0, 0 }, { SQLITE_DBCONFIG_ENABLE_FKEY, 1, 1 },
		{ SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, 1 },
	};
	const char *path = test_folder_path("a.db");
	struct store *writer = test_store_at(path, STORE_WRITE), *reader = test_store_at(path, STORE_READ);
	char *mode;

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		if (test_number(writer, cases[i].pragma) != cases[i].writer || test_number(reader, cases[i].pragma) != cases[i].reader)
			fail_msg("%s: %d and %d", cases[i].pragma, (int)test_number(writer, cases[i].pragma), (int)test_number(reader, cases[i].pragma));
	}
	for (size_t i = 0; i < N_OF(switches); i++) {
		int of_writer = -1, of_reader = -1;

		sqlite3_db_config(writer->db, switches[i].option, -1, &of_writer);
		sqlite3_db_config(reader->db, switches[i].option, -1, &of_reader);
		assert_int_equal(of_writer, switches[i].writer);
		assert_int_equal(of_reader, switches[i].reader);
	}
	mode = test_text(reader, "PRAGMA journal_mode");
	assert_string_equal(mode, "wal");
	free(mode);
	assert_int_equal(sqlite3_limit(reader->db, SQLITE_LIMIT_ATTACHED, -1), 0);
	assert_int_equal(sqlite3_limit(reader->db, SQLITE_LIMIT_VARIABLE_NUMBER, -1), 500);
	store_close(reader);
	store_close(writer);
}

static void assert_fails(struct store *store, const char *sql, const char *why)
{
	int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

	if (code == SQLITE_OK || strstr(sqlite3_errmsg(store->db), why) == NULL)
		fail_msg("%s: %s", sql, sqlite3_errmsg(store->db));
}

static void test_what_readers_may_not(void **state)
{
	static const struct { const char *sql, *why; } cases[] = {
		{ "INSERT INTO state VALUES ('a', 1)", "not authorized" },
		{ "UPDATE state SET value = 1", "not authorized" },
		{ "DELETE FROM state", "not authorized" },
		{ "CREATE TABLE a (b)", "not authorized" },
		{ "CREATE TEMP TABLE a (b)", "not authorized" },
		{ "DROP TABLE state", "not authorized" },
		{ "ATTACH 'other.db' AS other", "not authorized" },
		{ "VACUUM", "" },
		{ "SELECT load_extension('x')", "not authorized" },
		/* Even with the pragma that a mistake of ours might switch off. */
		{ "PRAGMA query_only=OFF; INSERT INTO state VALUES ('a', 1)", "not authorized" },
	};
	const char *path = test_folder_path("a.db");
	struct store *writer = test_store_at(path, STORE_WRITE), *reader = test_store_at(path, STORE_READ);

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++)
		assert_fails(reader, cases[i].sql, cases[i].why);
	/* And without the authorizer, the file is open for reading only. */
	sqlite3_set_authorizer(reader->db, NULL, NULL);
	assert_fails(reader, "INSERT INTO state VALUES ('a', 1)", "readonly");
	assert_int_equal(test_number(reader, "SELECT count(*) FROM state WHERE name = 'a'"), 0);
	store_close(reader);
	store_close(writer);
}

static void test_what_writers_may_not(void **state)
{
	static const struct { const char *sql, *why; } cases[] = {
		{ "INSERT INTO state VALUES ('a', 'text')", "cannot store TEXT" },
		{ "INSERT INTO state VALUES (x'00', 1)", "cannot store BLOB" },
		{ "UPDATE sqlite_schema SET sql = ''", "may not be modified" },
		{ "INSERT INTO article_slug VALUES ('a', 12, 1)", "FOREIGN KEY" },
		{ "INSERT INTO article_count VALUES ('all', 0, -1, 0)", "CHECK" },
		{ "INSERT INTO term (kind, slug, name, folded) VALUES ('colour', 'a', 'a', 'a')", "CHECK" },
		{ "SELECT \"never heard of\"", "no such column" },
		{ "ATTACH 'other.db' AS other", "too many attached" },
		{ "SELECT load_extension('x')", "not authorized" },
	};
	struct store *store = test_store();

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++)
		assert_fails(store, cases[i].sql, cases[i].why);
	store_close(store);
}

/* --- strangers' files --- */

static void test_refused_files(void **state)
{
	static const char text[] = "This is a letter and no database. It is longer than the hundred bytes that the header of a database has, and stays.";
	static const char zeros[4096];
	static const struct {
		const char *what, *sql;    /* or bytes */
		const char *bytes;
		size_t length;
		const char *says;
	} cases[] = {
		{ "text", NULL, text, sizeof text - 1, "no database" },
		{ "a short text", NULL, "hello", 5, "no database" },
		{ "zeros", NULL, zeros, sizeof zeros, "no database" },
		{ "a header, and no more", NULL, "SQLite format 3", 16, "no database" },
		{ "of another program", "CREATE TABLE letters (body); INSERT INTO letters VALUES ('dear')", NULL, 0, "another program" },
		{ "of another program, in WAL mode", "PRAGMA journal_mode=WAL; CREATE TABLE letters (body)", NULL, 0, "another program" },
		{ "with another application id", "PRAGMA application_id=7; CREATE TABLE letters (body)", NULL, 0, "another program" },
		{ "empty, but marked by another program", "PRAGMA application_id=7; PRAGMA user_version=1", NULL, 0, "another program" },
		{ "empty, but with a schema's number", "PRAGMA user_version=1", NULL, 0, "another program" },
		{ "a newer schema", "PRAGMA application_id=1113871208; PRAGMA user_version=9999; CREATE TABLE article (a)", NULL, 0, "newer" },
		{ "a newer schema, empty", "PRAGMA application_id=1113871208; PRAGMA user_version=9999", NULL, 0, "newer" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		const char *path = test_folder_path("stranger.db");
		struct text before = TEXT_EMPTY, after = TEXT_EMPTY;

		unlink(path);
		if (cases[i].sql != NULL)
			foreign_database(path, cases[i].sql);
		else
			write_file(path, cases[i].bytes, cases[i].length);
		read_file(path, &before);
		for (int access = STORE_READ; access <= STORE_WRITE; access++) {
			assert_refused(path, (enum store_access)access, ERROR_INVALID, cases[i].says);
			read_file(path, &after);
			if (before.length != after.length || memcmp(before.bytes, after.bytes, before.length) != 0)
				fail_msg("%s: the file was changed", cases[i].what);
			assert_false(exists(test_folder_path("stranger.db-journal")));
		}
		text_done(&before);
		text_done(&after);
	}
}

/* A WAL that someone left behind is not copied into a database that is not ours. */
static void test_left_wal(void **state)
{
	const char *path = test_folder_path("live.db"), *copy = test_folder_path("left.db");
	struct text before = TEXT_EMPTY, after = TEXT_EMPTY, wal_before = TEXT_EMPTY, wal_after = TEXT_EMPTY;
	sqlite3 *db;

	(void)state;
	/* Copied while it is open, as a crash would leave it. */
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode=WAL; CREATE TABLE letters (body); INSERT INTO letters VALUES ('dear')", NULL, NULL, NULL),
	    SQLITE_OK);
	read_file(path, &before);
	read_file(test_folder_path("live.db-wal"), &wal_before);
	write_file(copy, before.bytes, before.length);
	write_file(test_folder_path("left.db-wal"), wal_before.bytes, wal_before.length);
	sqlite3_close(db);
	assert_true(wal_before.length > 0);

	assert_refused(copy, STORE_WRITE, ERROR_INVALID, "another program");
	read_file(copy, &after);
	assert_true(before.length == after.length && memcmp(before.bytes, after.bytes, before.length) == 0);
	read_file(test_folder_path("left.db-wal"), &wal_after);
	assert_true(wal_before.length == wal_after.length && memcmp(wal_before.bytes, wal_after.bytes, wal_before.length) == 0);
	text_done(&before);
	text_done(&after);
	text_done(&wal_before);
	text_done(&wal_after);
}

static void test_paths(void **state)
{
	const char *path = test_folder_path("a.db"), *folder = test_folder_path("folder"), *link = test_folder_path("link");
	struct store *store;

	(void)state;
	assert_refused(path, STORE_READ, ERROR_NOT_FOUND, "no such database");
	assert_false(exists(path));
	assert_refused(test_folder_path("missing/a.db"), STORE_WRITE, ERROR_NOT_FOUND, "No such file");
	assert_refused(test_folder_path("missing/a.db"), STORE_READ, ERROR_NOT_FOUND, "No such file");
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_refused(folder, STORE_WRITE, ERROR_INVALID, "folder");
	assert_refused(folder, STORE_READ, ERROR_INVALID, "folder");

	/* A linked folder is fine; a linked file is not. */
	assert_int_equal(symlink(folder, link), 0);
	store_close(test_store_at(test_folder_path("link/b.db"), STORE_WRITE));
	assert_true(exists(test_folder_path("folder/b.db")));
	store = test_store_at(test_folder_path("link/b.db"), STORE_READ);
	store_close(store);
	assert_int_equal(symlink(test_folder_path("folder/b.db"), path), 0);
	assert_refused(path, STORE_WRITE, ERROR_INVALID, "cannot be opened");
	assert_refused(path, STORE_READ, ERROR_INVALID, "cannot be opened");
}

/* A new file is of the schema 0 until it is migrated; a reader does not take it. An empty file is ours to fill. */
static void test_new_file(void **state)
{
	const char *path = test_folder_path("a.db");
	struct store *store;
	struct stat file;
	struct error err;

	(void)state;
	assert_true(store_open(path, STORE_WRITE, &store, &err));
	assert_true(stat(path, &file) == 0 && (file.st_mode & 0777) == 0600);    /* drafts and secrets are in it */
	assert_int_equal(store_schema(store), 0);
	assert_refused(path, STORE_READ, ERROR_INVALID, "migrate");
	store_close(store);
	assert_refused(path, STORE_READ, ERROR_INVALID, "migrate");
	store_close(test_store_at(path, STORE_WRITE));    /* again, from where it stopped */
	store_close(test_store_at(path, STORE_READ));

	path = test_folder_path("empty.db");
	write_file(path, "", 0);
	store_close(test_store_at(path, STORE_WRITE));
	store_close(test_store_at(path, STORE_READ));
	store_close(NULL);
}

/* The writer's end empties the WAL; a reader's does not. */
static void test_close(void **state)
{
	const char *path = test_folder_path("a.db"), *wal = test_folder_path("a.db-wal");
	struct store *writer = test_store_at(path, STORE_WRITE), *reader = test_store_at(path, STORE_READ);
	struct text bytes = TEXT_EMPTY;

	(void)state;
	test_execute(writer, "INSERT INTO state VALUES ('a', 1)");
	store_close(reader);
	read_file(wal, &bytes);
	assert_true(bytes.length > 0);
	store_close(writer);
	assert_false(exists(wal));
	text_done(&bytes);
	reader = test_store_at(path, STORE_READ);
	assert_int_equal(test_number(reader, "SELECT value FROM state WHERE name = 'a'"), 1);
	store_close(reader);
}

static void test_checkpoint(void **state)
{
	const char *path = test_folder_path("a.db");
	struct store *writer = test_store_at(path, STORE_WRITE);
	struct text before = TEXT_EMPTY, after = TEXT_EMPTY;

	(void)state;
	test_execute(writer, "INSERT INTO state VALUES ('a', 1)");
	assert_true(writer->wal_pages > 0);
	read_file(path, &before);
	store_checkpoint(writer);
	read_file(path, &after);
	assert_int_equal(writer->wal_pages, 0);
	assert_true(before.length != after.length || memcmp(before.bytes, after.bytes, before.length) != 0);
	store_close(writer);
	text_done(&before);
	text_done(&after);
}

/* --- transactions --- */

struct plan {
	const char *sql;              /* run first */
	struct plan *nested;          /* then each of these, as savepoints; ends with one whose sql is NULL */
	bool fails;
	bool ignores;                 /* goes on though a nested one fails */
};

static bool follow(struct store *store, void *arg, struct error *err)
{
	const struct plan *plan = arg;

	if (!store_execute(store, plan->sql, err))
		return false;
	for (struct plan *nested = plan->nested; nested != NULL && nested->sql != NULL; nested++)
		if (!store_transaction(store, follow, nested, err) && !plan->ignores)
			return false;
	return !plan->fails || error_set(err, ERROR_CONFLICT, "as planned");
}

#define INSERT(name) "INSERT INTO state VALUES ('" name "', 1)"

static void test_transactions(void **state)
{
	static struct plan inner[] = { { .sql = INSERT("d") }, { .sql = INSERT("e"), .fails = true }, { .sql = NULL } };
	static struct plan three[] = {
		{ .sql = INSERT("b") },
		{ .sql = INSERT("c"), .fails = true },
		{ .sql = INSERT("f"), .nested = inner, .ignores = true },
		{ .sql = INSERT("g"), .nested = inner },
		{ .sql = "INSERT INTO nowhere VALUES (1)" },
		{ .sql = INSERT("b") },       /* a constraint */
		{ .sql = INSERT("h") },
		{ .sql = NULL },
	};
	static const struct {
		struct plan plan;
		bool fine;
		const char *left;
	} cases[] = {
		{ { .sql = INSERT("a") }, true, "a" },
		{ { .sql = INSERT("a"), .fails = true }, false, "" },
		{ { .sql = INSERT("a"), .nested = three, .ignores = true }, true, "abdfh" },
		{ { .sql = INSERT("a"), .nested = three }, false, "" },
		{ { .sql = INSERT("a"), .nested = three, .ignores = true, .fails = true }, false, "" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct store *store = test_store();
		struct plan plan = cases[i].plan;
		struct error err;
		char *left;

		assert_int_equal(store_transaction(store, follow, &plan, &err), cases[i].fine);
		assert_int_equal(store->depth, 0);
		assert_true(sqlite3_get_autocommit(store->db));
		left = test_text(store, "SELECT coalesce(group_concat(name, ''), '') FROM (SELECT name FROM state WHERE name NOT IN ('epoch', 'public_seq') ORDER BY name)");
		assert_string_equal(left, cases[i].left);
		free(left);
		/* The connection is as good as before. */
		plan = (struct plan){ .sql = INSERT("z") };
		assert_true(store_transaction(store, follow, &plan, &err));
		store_close(store);
	}
}

/* --- parts of a transaction --- */

struct part {
	const char *sql;              /* NULL: changes nothing */
	bool notes, fails;
	bool spoils;                  /* expected */
	bool spoiled;
};

static bool run_part(struct store *store, void *arg, struct error *err)
{
	const struct part *part = arg;

	if (part->notes)
		late_public_seq(store, 5);
	if (part->sql != NULL && !store_execute(store, part->sql, err))
		return false;
	return !part->fails || error_set(err, ERROR_CONFLICT, "as planned");
}

static bool run_in_part(struct store *store, void *arg, struct error *err)
{
	struct part *part = arg;

	return store_part(store, run_part, part, &part->spoiled, err);
}

static void test_parts(void **state)
{
	static struct part parts[] = {
		{ .sql = INSERT("a") }, { .fails = true }, { .sql = INSERT("a"), .fails = true, .spoils = true }, { .notes = true, .fails = true, .spoils = true },
		{ .sql = "UPDATE state SET value = 2 WHERE name = 'nowhere'", .fails = true }, { .sql = "INSERT INTO nowhere VALUES (1)" }, { .notes = true },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(parts); i++) {
		struct store *store = test_store();
		struct error err;
		const bool fine = store_transaction(store, run_in_part, &parts[i], &err);

		assert_int_equal(fine, !parts[i].fails && (parts[i].sql == NULL || strstr(parts[i].sql, "nowhere") == NULL));
		assert_int_equal(parts[i].spoiled, parts[i].spoils);
		assert_int_equal(test_number(store, "SELECT count(*) FROM state WHERE name = 'a'"), fine && parts[i].sql != NULL);
		store_close(store);
	}
}

/* --- memory --- */

static int cached_bytes(struct store *store)
{
	int used = 0, most = 0;

	assert_int_equal(sqlite3_db_status(store->db, SQLITE_DBSTATUS_CACHE_USED, &used, &most, 0), SQLITE_OK);
	return used;
}

static bool fill(struct store *store, void *arg, struct error *err)
{
	(void)arg;
	return store_execute(store, "CREATE TABLE large AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
	    " SELECT i, hex(randomblob(2000)) AS bytes FROM n", err);
}

/* A writer keeps its pages, one of a process that lives on does not. */
static void test_giving_back(void **state)
{
	static const char *const names[] = { "keeps.db", "gives.db" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct store *store = test_store_at(test_folder_path(names[i]), STORE_WRITE);
		struct error err;

		if (i == 1)
			store_gives_back(store);
		assert_true(store_transaction(store, fill, NULL, &err));
		if (i == 0)
			assert_true(cached_bytes(store) > 16 << 20);
		else
			assert_true(cached_bytes(store) < 1 << 20);
		assert_int_equal(test_number(store, "SELECT count(*) FROM large"), 5000);
		store_close(store);
	}
}

/* A reader sees one state from begin to end, whatever is committed meanwhile. */
static void test_reads_see_one_state(void **state)
{
	const char *path = test_folder_path("a.db");
	struct store *writer = test_store_at(path, STORE_WRITE), *reader = test_store_at(path, STORE_READ);
	struct error err;

	(void)state;
	assert_true(store_read_begin(reader, &err));
	assert_int_equal(test_number(reader, "SELECT count(*) FROM state WHERE name = 'a'"), 0);
	test_execute(writer, INSERT("a"));
	assert_int_equal(test_number(reader, "SELECT count(*) FROM state WHERE name = 'a'"), 0);
	store_read_end(reader);
	assert_int_equal(test_number(reader, "SELECT count(*) FROM state WHERE name = 'a'"), 1);
	assert_int_equal(reader->read_deadline_us, 0);
	store_close(reader);
	store_close(writer);
}

#define with_folder(test) cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_folder(test_settings),
		with_folder(test_what_readers_may_not),
		cmocka_unit_test(test_what_writers_may_not),
		with_folder(test_refused_files),
		with_folder(test_left_wal),
		with_folder(test_paths),
		with_folder(test_new_file),
		with_folder(test_close),
		with_folder(test_checkpoint),
		cmocka_unit_test(test_transactions),
		cmocka_unit_test(test_parts),
		with_folder(test_giving_back),
		with_folder(test_reads_see_one_state),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
