/* SPDX-License-Identifier: MIT */
/* broadsheet check: nothing to say about a sound database, a line and exit status 1 for each way of damaging one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "scratch.h"

static struct scratch scratch;

static const char articles[] =
    "{\"guid\":\"1\",\"title\":\"One\",\"section\":\"A\",\"source\":\"S\",\"tags\":[\"T\"],\"published_at\":\"2016-01-01T00:00:00Z\",\"body_text\":\"Some words.\"}\n"
    "{\"guid\":\"2\",\"title\":\"Two\",\"section\":\"A\",\"source\":\"S\",\"published_at\":\"2016-01-02T00:00:00Z\"}\n"
    "{\"guid\":\"2\",\"title\":\"Two, mended\",\"section\":\"A\",\"source\":\"S\",\"published_at\":\"2016-01-02T00:00:00Z\"}\n"
    "{\"guid\":\"3\",\"title\":\"Three\",\"source\":\"S\",\"status\":\"draft\"}\n";

static const char *path(const char *name)
{
	return scratch_path(&scratch, name);
}

static int set_up(void **state)
{
	(void)state;
	scratch_make(&scratch);
	expect_run(ARGUMENTS("import", "--database", path("a.db"), "-"), articles, 0, "3 created, 1 updated", "");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

static void copy_database(const char *to)
{
	struct text bytes = scratch_read(&scratch, "a.db");
	int fd = open(path(to), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(bytes.length > 0 && write(fd, bytes.bytes, bytes.length) == (ssize_t)bytes.length);
	close(fd);
	text_done(&bytes);
}

static void test_sound(void **state)
{
	(void)state;
	expect_run(ARGUMENTS("check", "--database", path("a.db")), NULL, 0, "", "");
	copy_database("copy.db");
	expect_run(ARGUMENTS("check", "--database", path("copy.db")), NULL, 0, "", "");
	expect_run(ARGUMENTS("migrate", "--database", path("empty.db")), NULL, 0, NULL, NULL);
	expect_run(ARGUMENTS("check", "--database", path("empty.db")), NULL, 0, "", "");
	expect_run(ARGUMENTS("check", "now"), NULL, 2, "", "options only");
}

/* Each is done to a copy. */
static void test_damage_by_sql(void **state)
{
	static const struct {
		const char *sql, *says;
	} cases[] = {
		{ "UPDATE article_count SET n = n + 1 WHERE kind = 'section'", "the count is not the number of articles of term a" },
		{ "DELETE FROM article_count WHERE kind = 'tag'", "the count is not the number of articles of term t" },
		{ "UPDATE article_count SET n = 7 WHERE kind = 'all'", "the count of all articles is not 2" },
		{ "DELETE FROM article_count WHERE kind = 'all'", "the count of all articles is not 2" },
		{ "DELETE FROM article_version WHERE seq = 2", "the log has a gap before seq 3" },
		{ "UPDATE article SET rev = 9 WHERE article_id = 2", "the log has no version that article stands at 2" },
		{ "DELETE FROM article_document WHERE article_id = 1", "article has no document: 1" },
		{ "DELETE FROM article_slug WHERE slug = 'one'", "article does not hold its slug: 1" },
		{ "UPDATE article SET status = 'draft' WHERE article_id = 1", "a listing holds an article that is not published: 1" },
		{ "UPDATE article SET published_at = 5 WHERE article_id = 1", "a listing has another time than the article: 1" },
		{ "DELETE FROM article_term WHERE article_id = 2", "no section's listing holds published article 2" },
		{ "UPDATE word SET n = n + 1 WHERE word_id = (SELECT min(word_id) FROM word)", "the count of articles is wrong for the word" },
		{ "UPDATE article_document SET document = '{\"id\":' WHERE article_id = 2", "a document cannot be read, after article 1" },
		{ "UPDATE article_document SET document = replace(document, 'words', 'swords') WHERE article_id = 1",
		  "the document is not what the log says of article 1" },
		{ "UPDATE article SET item = replace(item, 'One', 'Won') WHERE article_id = 1", "the list item is not what the document says of article 1" },
		{ "UPDATE state SET value = 99 WHERE name = 'public_seq'", "the public seq is not that of a version: 99" },
		{ "PRAGMA foreign_keys=OFF; DELETE FROM term WHERE kind = 'source'", "a reference leads nowhere" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		sqlite3 *db = NULL;

		copy_database("damaged.db");
		assert_int_equal(sqlite3_open(path("damaged.db"), &db), SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, cases[i].sql, NULL, NULL, NULL), SQLITE_OK);
		assert_true(sqlite3_total_changes(db) > 0);
		sqlite3_close(db);
		expect_run(ARGUMENTS("check", "--database", path("damaged.db")), NULL, 1, cases[i].says, "");
	}
}

/* Pages full of rubbish, and a file that ends too early: said, and never a crash. */
static void test_damage_to_the_file(void **state)
{
	struct text bytes = scratch_read(&scratch, "a.db");
	char rubbish[4096];
	struct child child;

	(void)state;
	memset(rubbish, 0xa5, sizeof rubbish);
	for (size_t at = 4096; at + sizeof rubbish <= bytes.length; at += 5 * 4096) {
		int fd;

		copy_database("rubbish.db");
		fd = open(path("rubbish.db"), O_WRONLY | O_CLOEXEC);
		assert_int_equal(pwrite(fd, rubbish, sizeof rubbish, (off_t)at), sizeof rubbish);
		close(fd);
		child_run(&child, ARGUMENTS("check", "--database", path("rubbish.db")), NULL);
		assert_int_equal(child.status, 1);
		assert_true(child.out.length + child.err.length > 0);
		child_done(&child);
	}
	copy_database("rubbish.db");
	assert_int_equal(truncate(path("rubbish.db"), (off_t)bytes.length / 2), 0);
	child_run(&child, ARGUMENTS("check", "--database", path("rubbish.db")), NULL);
	assert_int_equal(child.status, 1);
	assert_true(child.out.length + child.err.length > 0);
	child_done(&child);
	text_done(&bytes);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sound),
		cmocka_unit_test(test_damage_by_sql),
		cmocka_unit_test(test_damage_to_the_file),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
