/* SPDX-License-Identifier: MIT */
/*
 * broadsheet backup and restore: beside a running server or without one, and what they refuse, which leaves everything as it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "fault_server.h"

static const char articles[] =
    "{\"guid\":\"1\",\"title\":\"One\",\"section\":\"A\",\"source\":\"S\",\"tags\":[\"T\"],\"published_at\":\"2016-01-01T00:00:00Z\",\"body_text\":\"Some words.\"}\n"
    "{\"guid\":\"2\",\"title\":\"Two\",\"section\":\"A\",\"source\":\"S\",\"published_at\":\"2016-01-02T00:00:00Z\"}\n"
    "{\"guid\":\"3\",\"title\":\"Three\",\"source\":\"S\",\"status\":\"draft\"}\n";
static const char later[] = "{\"guid\":\"4\",\"title\":\"Four\",\"section\":\"A\",\"source\":\"S\"}\n";

static struct scratch scratch;

static const char *path(const char *name)
{
	return scratch_path(&scratch, name);
}

static int set_up(void **state)
{
	(void)state;
	scratch_make(&scratch);
	expect_run(ARGUMENTS("import", "--database", path("a.db"), "-"), articles, 0, "3 created", "");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

static int64_t number(const char *database, const char *sql)
{
	sqlite3_stmt *statement;
	int64_t value;
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(path(database), &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return value;
}

static void change(const char *database, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path(database), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void expect_same_export(const char *one, const char *other)
{
	struct child first, second;

	child_run(&first, ARGUMENTS("export", "--database", path(one)), NULL);
	child_run(&second, ARGUMENTS("export", "--database", path(other)), NULL);
	assert_true(first.out.length > 0);
	assert_string_equal(first.out.bytes, second.out.bytes);
	child_done(&first);
	child_done(&second);
}

/* How many names in the folder have this in them. */
static int count_names(const char *part)
{
	DIR *entries = opendir(scratch.folder);
	const struct dirent *entry;
	int n = 0;

	while ((entry = readdir(entries)) != NULL)
		n += strstr(entry->d_name, part) != NULL;
	closedir(entries);
	return n;
}

/* --- backup --- */

static void test_backup(void **state)
{
	struct stat file;

	(void)state;
	expect_run(ARGUMENTS("backup", "--database", path("a.db"), path("b.db")), NULL, 0, "holds 3 articles in 3 versions up to seq 3", "");
	assert_int_equal(stat(path("b.db"), &file), 0);
	assert_int_equal(file.st_mode & 0777, 0600);
	expect_run(ARGUMENTS("check", "--database", path("b.db")), NULL, 0, "", "");
	expect_same_export("a.db", "b.db");

	expect_run(ARGUMENTS("import", "--database", path("a.db"), "-"), later, 0, "1 created", "");
	expect_run(ARGUMENTS("backup", "--database", path("a.db"), path("b.db")), NULL, 1, "", "--force");
	assert_int_equal(number("b.db", "SELECT count(*) FROM article"), 3);
	expect_run(ARGUMENTS("backup", "--force", "--database", path("a.db"), path("b.db")), NULL, 0, "holds 4 articles", "");
	assert_int_equal(number("b.db", "SELECT count(*) FROM article"), 4);
	assert_int_equal(count_names(".part-"), 0);
}

static void test_backup_refuses(void **state)
{
	(void)state;
	expect_run(ARGUMENTS("backup", "--database", path("a.db")), NULL, 2, "", "one file");
	expect_run(ARGUMENTS("backup", "--force", "--database", path("a.db"), path("a.db")), NULL, 1, "", "the database itself");
	expect_run(ARGUMENTS("backup", "--database", path("none.db"), path("b.db")), NULL, 1, "", "no such database");
	expect_run(ARGUMENTS("backup", "--database", path("a.db"), path("none/b.db")), NULL, 1, "", "No such file");
	scratch_write(&scratch, "text.db", "This is no database, and it is long enough to be looked at as one; a hundred bytes are what is read of it.");
	expect_run(ARGUMENTS("backup", "--database", path("text.db"), path("b.db")), NULL, 1, "", "no database");
	assert_false(scratch_has(&scratch, "b.db"));
	assert_int_equal(count_names(".part-"), 0);
}

/* What is damaged in the database would be in the backup: it is no backup then, and the last good one stays. */
static void test_backup_of_a_damaged_database(void **state)
{
	(void)state;
	expect_run(ARGUMENTS("backup", "--database", path("a.db"), path("b.db")), NULL, 0, NULL, "");
	change("a.db", "PRAGMA foreign_keys=OFF; DELETE FROM article WHERE article_id = 2");
	expect_run(ARGUMENTS("backup", "--force", "--database", path("a.db"), path("b.db")), NULL, 1, "", "damaged");
	assert_int_equal(number("b.db", "SELECT count(*) FROM article"), 3);
	assert_int_equal(count_names(".part-"), 0);
}

static void test_backup_beside_a_server(void **state)
{
	struct fault_server server;
	struct text copy = TEXT_EMPTY;

	(void)state;
	fault_open(&server, NULL);
	assert_true(fault_start(&server));
	for (int i = 0; i < 20; i++)
		assert_true(fault_write(&server, 2000));
	text_printf(&copy, "%s/copy.db", server.scratch.folder);
	expect_run(ARGUMENTS("backup", "--database", server.database, copy.bytes), NULL, 0, "holds 20 articles", "");
	for (int i = 0; i < 5; i++)
		assert_true(fault_write(&server, 2000));
	expect_run(ARGUMENTS("check", "--database", copy.bytes), NULL, 0, "", "");
	/* Its lock keeps the database its own. */
	expect_run(ARGUMENTS("restore", "--force", "--database", server.database, copy.bytes), NULL, 1, "", "another process");
	fault_stop(&server);
	fault_judge(&server, "backup");
	text_done(&copy);
	fault_close(&server);
}

static void test_backup_without_room(void **state)
{
	struct fault_server server;
	struct child child;

	(void)state;
	fault_open(&server, NULL);
	fault_arm(&server, FAULT_WRITE, ".part-", 5, ENOSPC, true);
	fault_preload(&server);
	child_run(&child, ARGUMENTS("backup", "--database", path("a.db"), path("b.db")), NULL);
	fault_unload();
	assert_int_equal(child.status, 1);
	assert_non_null(strstr(child.err.bytes, "full"));
	child_done(&child);
	fault_arm(&server, FAULT_SYNC, ".part-", 1, EIO, true);
	fault_preload(&server);
	child_run(&child, ARGUMENTS("backup", "--database", path("a.db"), path("b.db")), NULL);
	fault_unload();
	assert_int_equal(child.status, 1);
	child_done(&child);
	fault_close(&server);
	assert_false(scratch_has(&scratch, "b.db"));
	assert_int_equal(count_names(".part-"), 0);
}

/* --- restore --- */

static void test_restore(void **state)
{
	struct stat file;

	(void)state;
	expect_run(ARGUMENTS("backup", "--database", path("a.db"), path("b.db")), NULL, 0, NULL, "");
	expect_run(ARGUMENTS("import", "--database", path("a.db"), "-"), later, 0, "1 created", "");
	expect_run(ARGUMENTS("restore", "--database", path("a.db"), path("b.db")), NULL, 1, "", "--force");
	assert_int_equal(number("a.db", "SELECT count(*) FROM article"), 4);
	expect_run(ARGUMENTS("restore", "--force", "--database", path("a.db"), path("b.db")), NULL, 0, "holds 3 articles up to seq 3", "");
	assert_int_equal(count_names("a.db.before-restore-"), 1);
	expect_run(ARGUMENTS("check", "--database", path("a.db")), NULL, 0, "", "");
	expect_same_export("a.db", "b.db");
	expect_run(ARGUMENTS("restore", "--database", path("new.db"), path("b.db")), NULL, 0, "holds 3 articles", "");
	assert_true(stat(path("new.db"), &file) == 0 && (file.st_mode & 0777) == 0600);
	expect_same_export("new.db", "b.db");
	assert_int_equal(count_names(".part-"), 0);
}

/* A copy has a history of its own from its first opening on: another epoch, and seqs that were never given. */
static void expect_own_history(const char *database, int64_t epoch)
{
	const int64_t now_us = (int64_t)time(NULL) * 1000000;
	int64_t seq;

	expect_run(ARGUMENTS("import", "--database", path(database), "-"), later, 0, "1 created", "");
	assert_true(number(database, "SELECT value FROM state WHERE name = 'epoch'") != epoch);
	seq = number(database, "SELECT max(seq) FROM article_version");
	assert_true(seq > now_us - 10000000 && seq < (int64_t)1 << 53);
	assert_int_equal(number(database, "SELECT max(seq) FROM article_version WHERE seq < 1000"), 3);
	expect_run(ARGUMENTS("check", "--database", path(database)), NULL, 0, "", "");
	/* And it stays its own. */
	epoch = number(database, "SELECT value FROM state WHERE name = 'epoch'");
	expect_run(ARGUMENTS("migrate", "--database", path(database)), NULL, 0, NULL, NULL);
	assert_int_equal(number(database, "SELECT value FROM state WHERE name = 'epoch'"), epoch);
}

static void test_a_copy_has_its_own_history(void **state)
{
	const int64_t epoch = number("a.db", "SELECT value FROM state WHERE name = 'epoch'");

	(void)state;
	expect_run(ARGUMENTS("backup", "--database", path("a.db"), path("b.db")), NULL, 0, NULL, "");
	expect_run(ARGUMENTS("restore", "--database", path("c.db"), path("b.db")), NULL, 0, NULL, "");
	expect_own_history("c.db", epoch);
	/* Put in place by hand. */
	expect_own_history("b.db", epoch);
	assert_int_equal(number("a.db", "SELECT value FROM state WHERE name = 'epoch'"), epoch);
	/* A gap that no copy accounts for is still one. */
	change("b.db", "DELETE FROM log_gap");
	expect_run(ARGUMENTS("check", "--database", path("b.db")), NULL, 1, "the log has a gap before seq", "");
}

/* Back to the same backup again and again, within one second: no seq comes twice. */
static void test_no_seq_comes_twice(void **state)
{
	int64_t last = 0, seq;

	(void)state;
	expect_run(ARGUMENTS("backup", "--database", path("a.db"), path("b.db")), NULL, 0, NULL, "");
	for (int i = 0; i < 5; i++) {
		expect_run(ARGUMENTS("restore", "--force", "--database", path("a.db"), path("b.db")), NULL, 0, NULL, "");
		expect_run(ARGUMENTS("import", "--database", path("a.db"), "-"), later, 0, "1 created", "");
		seq = number("a.db", "SELECT max(seq) FROM article_version");
		assert_true(seq > last);
		last = seq;
		change("a.db", "UPDATE article_version SET seq = seq + 5000000000 WHERE seq > 1000");    /* as if the clock had been ahead */
		last += 5000000000;
	}
	assert_int_equal(count_names("a.db.before-restore-"), 5);
}

/* What lies in the WAL of a server that was killed goes along with the database that is put aside, and does not come into the copy. */
static void test_restore_over_a_wal(void **state)
{
	struct fault_server server;
	struct text copy = TEXT_EMPTY;

	(void)state;
	fault_open(&server, NULL);
	assert_true(fault_start(&server));
	assert_true(fault_write(&server, 0));
	text_printf(&copy, "%s/copy.db", server.scratch.folder);
	expect_run(ARGUMENTS("backup", "--database", server.database, copy.bytes), NULL, 0, "holds 1 article ", "");
	assert_true(fault_write(&server, 0));
	fault_kill(&server);
	assert_true(scratch_has(&server.scratch, "faulty.db-wal"));
	expect_run(ARGUMENTS("restore", "--force", "--database", server.database, copy.bytes), NULL, 0, "holds 1 article ", "");
	assert_false(scratch_has(&server.scratch, "faulty.db-wal"));
	expect_run(ARGUMENTS("check", "--database", server.database), NULL, 0, "", "");
	server.acknowledged[1] = 0;
	assert_true(fault_start(&server));
	assert_true(fault_recovers(&server, 1));
	fault_stop(&server);
	fault_judge(&server, "restored");
	text_done(&copy);
	fault_close(&server);
}

static void expect_restore_refused(const char *file, const char *why)
{
	const int64_t n = number("a.db", "SELECT count(*) FROM article");

	expect_run(ARGUMENTS("restore", "--force", "--database", path("a.db"), path(file)), NULL, 1, "", why);
	assert_int_equal(number("a.db", "SELECT count(*) FROM article"), n);
	assert_int_equal(count_names("before-restore"), 0);
	assert_int_equal(count_names(".part-"), 0);
}

static void test_restore_refuses(void **state)
{
	int file;

	(void)state;
	expect_run(ARGUMENTS("restore", "--database", path("a.db")), NULL, 2, "", "one file");
	expect_restore_refused("none.db", "no such database");
	change("foreign.db", "CREATE TABLE t (a)");
	expect_restore_refused("foreign.db", "another program");
	expect_run(ARGUMENTS("backup", "--database", path("a.db"), path("newer.db")), NULL, 0, NULL, "");
	change("newer.db", "PRAGMA user_version=999");
	expect_restore_refused("newer.db", "newer Broadsheet");
	/* A page in the middle is no page. */
	expect_run(ARGUMENTS("backup", "--database", path("a.db"), path("bad.db")), NULL, 0, NULL, "");
	file = open(path("bad.db"), O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(file, "nonsense nonsense nonsense nonsense", 35, (off_t)4096 * (number("bad.db", "SELECT rootpage FROM sqlite_schema WHERE name = 'article_version'") - 1)), 35);
	close(file);
	expect_run(ARGUMENTS("restore", "--force", "--database", path("a.db"), path("bad.db")), NULL, 1, "", NULL);
	assert_int_equal(count_names("before-restore"), 0);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_backup),
		TEST(test_backup_refuses),
		TEST(test_backup_of_a_damaged_database),
		TEST(test_backup_beside_a_server),
		TEST(test_backup_without_room),
		TEST(test_restore),
		TEST(test_a_copy_has_its_own_history),
		TEST(test_no_seq_comes_twice),
		TEST(test_restore_over_a_wal),
		TEST(test_restore_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
