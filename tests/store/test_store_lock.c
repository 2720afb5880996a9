/* SPDX-License-Identifier: MIT */
/*
 * One process writes, whatever others try, and a look at a file that is not ours leaves no trace.
 *
 * Other processes are made by fork(), so nothing of SQLite may be open when it happens.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "store/store_internal.h"
#include "test_store.h"

enum { TRY_US = 500000 };

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

static int files_in_folder(void)
{
	DIR *folder = opendir(test_folder_path("."));
	const struct dirent *entry;
	int n = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL)
		n += entry->d_name[0] != '.';
	closedir(folder);
	return n;
}

/* --- the lock --- */

static int exit_status(pid_t child)
{
	int status = 0;

	while (waitpid(child, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* In a process of its own: 0 when the lock was got, otherwise the error's code. */
static int lock_elsewhere(const char *path)
{
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		struct error err = { .code = ERROR_NONE };
		struct store_lock *lock;

		_exit(store_lock(path, &lock, &err) ? 0 : (int)err.code);
	}
	return exit_status(child);
}

static void test_one_has_it(void **state)
{
	const char *path = test_folder_path("a.db"), *link = test_folder_path("link");
	struct store_lock *lock = NULL, *other = NULL;
	struct error err;

	(void)state;
	assert_int_equal(lock_elsewhere(path), 0);    /* given back by the end of the process */
	assert_true(store_lock(path, &lock, &err));
	assert_int_equal(lock_elsewhere(path), ERROR_BUSY);
	assert_false(store_lock(path, &other, &err));    /* nor twice in one process */
	assert_int_equal(err.code, ERROR_BUSY);
	assert_null(other);
	/* The way to the folder makes no difference. */
	assert_int_equal(symlink(test_folder_path("."), link), 0);
	assert_int_equal(lock_elsewhere(test_folder_path("link/a.db")), ERROR_BUSY);
	assert_int_equal(lock_elsewhere(test_folder_path("b.db")), 0);
	store_unlock(lock);
	assert_int_equal(lock_elsewhere(path), 0);
	assert_int_equal(lock_elsewhere(test_folder_path("missing/a.db")), ERROR_NOT_FOUND);
	store_unlock(NULL);
	store_lock_withdraw(NULL);
}

static void test_withdrawing_leaves_what_was_there(void **state)
{
	const char *path = test_folder_path("a.db"), *name = test_folder_path("a.db.lock");
	struct store_lock *lock;
	struct error err;

	(void)state;
	assert_true(store_lock(path, &lock, &err));
	assert_int_equal(access(name, F_OK), 0);
	store_lock_withdraw(lock);
	assert_int_equal(files_in_folder(), 0);

	assert_int_equal(lock_elsewhere(path), 0);
	assert_true(store_lock(path, &lock, &err));
	store_lock_withdraw(lock);
	assert_int_equal(access(name, F_OK), 0);

	/* Somebody took it away and made another: that one is not ours. */
	assert_int_equal(unlink(name), 0);
	assert_true(store_lock(path, &lock, &err));
	assert_int_equal(unlink(name), 0);
	assert_int_equal(lock_elsewhere(path), 0);
	store_lock_withdraw(lock);
	assert_int_equal(access(name, F_OK), 0);
}

struct shared {
	atomic_int inside, together, taken;
};

static void take_again_and_again(const char *path, struct shared *shared)
{
	const int64_t end = clock_monotonic_us() + TRY_US;

	while (clock_monotonic_us() < end) {
		struct store_lock *lock;
		struct error err;

		if (!store_lock(path, &lock, &err))
			continue;
		if (atomic_fetch_add(&shared->inside, 1) > 0)
			atomic_fetch_add(&shared->together, 1);
		atomic_fetch_add(&shared->taken, 1);
		sched_yield();
		atomic_fetch_sub(&shared->inside, 1);
		store_lock_withdraw(lock);
	}
}

/* Locks whose file comes and goes all the time are still had by one process at a time. */
static void test_never_two(void **state)
{
	const char *path = test_folder_path("a.db");
	struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t children[4];

	(void)state;
	assert_true(shared != MAP_FAILED);
	for (size_t i = 0; i < 4; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0) {
			take_again_and_again(path, shared);
			_exit(0);
		}
	}
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(exit_status(children[i]), 0);
	assert_int_equal(shared->together, 0);
	assert_true(shared->taken > 0);
	munmap(shared, sizeof *shared);
}

/* --- the look --- */

static void write_database(const char *path, const char *sql)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void write_text(const char *path, size_t length)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	for (size_t i = 0; i < length; i++)
		fputc('x', file);
	fclose(file);
}

static void expect_refused(const char *path, const char *why)
{
	const int files = files_in_folder();
	struct store_lock *lock;
	struct error err;

	assert_false(store_lock(path, &lock, &err));
	assert_int_equal(err.code, ERROR_INVALID);
	assert_non_null(strstr(err.detail, why));
	assert_int_equal(files_in_folder(), files);
}

static void test_what_is_refused_leaves_no_trace(void **state)
{
	(void)state;
	write_text(test_folder_path("short.db"), 1);
	expect_refused(test_folder_path("short.db"), "no database");
	write_text(test_folder_path("long.db"), 5000);
	expect_refused(test_folder_path("long.db"), "no database");
	write_database(test_folder_path("foreign.db"), "CREATE TABLE recipe (name TEXT);");
	expect_refused(test_folder_path("foreign.db"), "another program");
	write_database(test_folder_path("wal.db"), "PRAGMA journal_mode=WAL; CREATE TABLE recipe (name TEXT);");
	expect_refused(test_folder_path("wal.db"), "another program");
	write_database(test_folder_path("marked.db"), "PRAGMA application_id=-77;");
	expect_refused(test_folder_path("marked.db"), "another program");
	write_database(test_folder_path("numbered.db"), "PRAGMA user_version=1;");
	expect_refused(test_folder_path("numbered.db"), "another program");
	write_database(test_folder_path("newer.db"), "PRAGMA journal_mode=WAL; PRAGMA application_id=1113871208; PRAGMA user_version=999;");
	expect_refused(test_folder_path("newer.db"), "newer Broadsheet");
	assert_int_equal(mkdir(test_folder_path("folder"), 0700), 0);
	expect_refused(test_folder_path("folder"), "is a folder");
	rmdir(test_folder_path("folder"));
	assert_int_equal(mkfifo(test_folder_path("pipe"), 0600), 0);
	expect_refused(test_folder_path("pipe"), "no file");
}

static void expect_fine(const char *path)
{
	struct error err;

	if (!store_look(path, &err))
		fail_msg("%s: %s", path, err.detail);
}

static void test_what_is_ours_or_may_become_so(void **state)
{
	const char *ours = test_folder_path("ours.db"), *copy = test_folder_path("copy.db");
	struct store *store;

	(void)state;
	expect_fine(test_folder_path("none.db"));
	write_text(test_folder_path("empty.db"), 0);
	expect_fine(test_folder_path("empty.db"));
	write_database(test_folder_path("new.db"), "PRAGMA journal_mode=WAL;");
	expect_fine(test_folder_path("new.db"));
	/* Before its first checkpoint, as after a crash: the marks are in the log alone. */
	store = test_store_at(ours, STORE_WRITE);
	assert_int_equal(link(ours, copy), 0);
	expect_fine(copy);
	store_close(store);
	expect_fine(ours);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(test_one_has_it),
		WITH_FOLDER(test_withdrawing_leaves_what_was_there),
		WITH_FOLDER(test_never_two),
		WITH_FOLDER(test_what_is_refused_leaves_no_trace),
		WITH_FOLDER(test_what_is_ours_or_may_become_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
