/* SPDX-License-Identifier: MIT */
/*
 * No room (R6): a largest size of files that is reached at some point, and a small file system that is filled up. Writes answer 507, readers are answered
 * all the while, nothing acknowledged is lost, and writes come back without a restart when there is room. And a disk that has become read-only.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fault_server.h"
#include "test_store.h"

enum { MEBIBYTE = 1 << 20, WRITES_MOST = 1000, REFUSALS = 5, ARTICLE_BYTES = 60000 };

/* Of files that this process, or the running program, writes. 0: as large as they like. */
static void limit_files(pid_t pid, rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(prlimit(pid, RLIMIT_FSIZE, NULL, &limit), 0);
	limit.rlim_cur = bytes == 0 ? limit.rlim_max : bytes;
	assert_int_equal(prlimit(pid, RLIMIT_FSIZE, &limit, NULL), 0);
}

/* Writes until there is no room. What is given up then (the ballast, the WAL) may make room for some more. */
static void fill(struct fault_server *server)
{
	int refused = 0;

	for (int n = 0; refused < REFUSALS; n++) {
		if (n == WRITES_MOST)
			fail_msg("there is always room");
		if (fault_write(server, ARTICLE_BYTES)) {
			refused = 0;
		} else {
			if (server->last_status != 507)
				fail_msg("status %ld after %d articles: %s", server->last_status, n, server->refusal.bytes);
			assert_true(server->has_retry_after);
			refused++;
		}
		assert_true(fault_read(server));
	}
}

static void fill_up_to(rlim_t bytes)
{
	struct fault_server server;

	fault_open(&server, NULL);
	assert_true(fault_start(&server));
	limit_files(server.child.pid, bytes);
	fill(&server);
	limit_files(server.child.pid, 0);
	assert_true(fault_recovers(&server, 1));
	for (int i = 0; i < 3; i++)
		assert_true(fault_write(&server, ARTICLE_BYTES));
	fault_stop(&server);
	fault_judge(&server, "a file's largest size");
	fault_close(&server);
}

static void test_largest_size(void **state)
{
	struct test_random random = { 20160601 };
	const int points = fault_is_long() ? 100 : 2;

	(void)state;
	for (int i = 0; i < points; i++)
		fill_up_to(MEBIBYTE + test_random(&random, 8 * MEBIBYTE));
}

/* --- a file system of 48 MiB --- */

static const char *mount_small(struct scratch *scratch)
{
	const char *folder;

	scratch_make(scratch);
	folder = scratch->folder;
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || mount("small", folder, "tmpfs", 0, "size=96m") != 0)
		return NULL;
	return folder;
}

static void make_filler(const struct scratch *scratch, int64_t bytes)
{
	const int file = open(scratch_path(scratch, "filler"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(file >= 0);
	assert_int_equal(posix_fallocate(file, 0, bytes), 0);
	close(file);
}

static void test_small_file_system(void **state)
{
	struct scratch scratch;
	const char *folder = mount_small(&scratch);
	struct fault_server server;

	(void)state;
	if (folder == NULL) {
		scratch_remove(&scratch);
		print_message("skipped: no file system may be mounted here (%s)\n", strerror(errno));
		skip();
	}
	fault_open(&server, folder);
	make_filler(&scratch, 68 * MEBIBYTE);
	server.only_writes = true;    /* the ballast is where the last write left it */
	assert_true(fault_start(&server));
	assert_true(scratch_has(&scratch, "faulty.db.ballast"));
	fill(&server);
	assert_false(scratch_has(&scratch, "faulty.db.ballast"));
	unlink(scratch_path(&scratch, "filler"));
	assert_true(fault_recovers(&server, 1));
	assert_true(scratch_has(&scratch, "faulty.db.ballast"));
	assert_true(fault_write(&server, ARTICLE_BYTES));
	fault_stop(&server);
	assert_false(scratch_has(&scratch, "faulty.db.ballast"));
	fault_judge(&server, "a small file system");
	fault_close(&server);
	umount2(folder, MNT_DETACH);
	scratch_remove(&scratch);
}

/* --- read-only --- */

static void test_read_only(void **state)
{
	struct fault_server server;
	struct reply reply;

	(void)state;
	fault_open(&server, NULL);
	assert_true(fault_start(&server));
	assert_true(fault_write(&server, 0));
	fault_arm(&server, FAULT_WRITE, "faulty.db", 1, EROFS, true);
	for (int i = 0; i < 5; i++) {
		assert_false(fault_write(&server, 0));
		assert_int_equal(server.last_status, 503);
		assert_true(server.has_retry_after);
		assert_true(fault_read(&server));
	}
	client_get(server.admin, "/healthz", &reply);
	assert_string_equal(reply.body.bytes, "{\"status\":\"degraded\",\"writes\":\"read-only\"}\n");
	reply_done(&reply);
	fault_disarm(&server);
	assert_true(fault_recovers(&server, 1));
	fault_stop(&server);
	fault_judge(&server, "read-only");
	fault_close(&server);
}

/* --- would it be noticed? --- */

static void test_a_program_that_ignores_it_is_found_out(void **state)
{
	struct fault_server server;
	struct text findings;

	(void)state;
	fault_open(&server, NULL);
	assert_true(fault_start(&server));
	limit_files(server.child.pid, 2 * MEBIBYTE);
	atomic_store(&server.control->lie, FAULT_COMMIT_IGNORED);
	for (int i = 0; i < 60; i++)
		fault_write(&server, ARTICLE_BYTES);
	fault_kill(&server);
	assert_true(fault_lost(&server, &findings) > 0);
	text_done(&findings);
	fault_close(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_largest_size),
		cmocka_unit_test(test_small_file_system),
		cmocka_unit_test(test_read_only),
		cmocka_unit_test(test_a_program_that_ignores_it_is_found_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
