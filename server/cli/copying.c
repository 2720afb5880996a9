/* SPDX-License-Identifier: MIT */
/*
 * A copy beside its final name. The name is given by rename(2) when the copy has been checked and is on disk, and then the folder is written out too: at
 * every moment, and after a power cut, there is the old file or the whole new one.
 *
 * SIGINT and SIGTERM only set a flag, which the copy asks for now and then, so that an interrupted copy takes its temporary file away. After SIGKILL that
 * stays, and can be removed by hand: its name ends in .part-XXXXXX.
 */
#include "copying.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"

enum { SHOW_EVERY_US = 200000, MEBIBYTE = 1 << 20 };

static volatile sig_atomic_t is_interrupted;

static void interrupt(int number)
{
	(void)number;
	is_interrupted = 1;
}

struct shown {
	const char *from, *temporary;
	int64_t began_us, shown_us;
	bool on_terminal;
};

static int64_t bytes_of(const char *path)
{
	struct stat file;

	return stat(path, &file) == 0 ? (int64_t)file.st_size : 0;
}

static bool goes_on(void *arg)
{
	struct shown *shown = arg;
	const int64_t now = clock_monotonic_us();

	if (shown->on_terminal && now - shown->shown_us >= SHOW_EVERY_US) {
		shown->shown_us = now;
		fprintf(stderr, "\r%" PRId64 " of about %" PRId64 " MiB, %.0f s\033[K", bytes_of(shown->temporary) / MEBIBYTE, bytes_of(shown->from) / MEBIBYTE,
		    (double)(now - shown->began_us) / 1e6);
	}
	return is_interrupted == 0;
}

/* An empty file, for its owner alone: a copy holds drafts. */
static bool make_temporary(struct copying *copying, const char *to, struct error *err)
{
	const int length = snprintf(copying->temporary, sizeof copying->temporary, "%s.part-XXXXXX", to);
	int file = -1;

	if (length < 0 || (size_t)length >= sizeof copying->temporary) {
		copying->temporary[0] = '\0';
		return error_set(err, ERROR_INVALID, "the name of the copy is too long");
	}
	file = mkostemp(copying->temporary, O_CLOEXEC);
	if (file < 0) {
		copying->temporary[0] = '\0';
		return error_set(err, ERROR_INVALID, "%s: %s", to, strerror(errno));
	}
	close(file);
	return true;
}

bool copying_make(struct copying *copying, const char *from, const char *to, struct store_copying how, struct error *err)
{
	const struct sigaction action = { .sa_handler = interrupt };
	struct shown shown = { .from = from, .temporary = copying->temporary, .began_us = clock_monotonic_us(), .on_terminal = isatty(STDERR_FILENO) != 0 };
	bool fine;

	if (!make_temporary(copying, to, err))
		return false;
	is_interrupted = 0;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	how.goes_on = goes_on;
	how.arg = &shown;
	fine = store_copy(from, copying->temporary, &how, &copying->copied, err);
	if (shown.shown_us != 0)
		fputs("\r\033[K", stderr);
	if (!fine)
		copying_drop(copying);
	return fine;
}

bool copying_sync_folder(const char *path, struct error *err)
{
	char copy[PATH_MAX];
	int folder;
	bool fine;

	snprintf(copy, sizeof copy, "%s", path);
	folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fine = folder >= 0 && fsync(folder) == 0;
	if (!fine)
		error_set(err, ERROR_INTERNAL, "the folder of %s cannot be written out: %s", path, strerror(errno));
	if (folder >= 0)
		close(folder);
	return fine;
}

bool copying_put(struct copying *copying, const char *to, struct error *err)
{
	if (rename(copying->temporary, to) != 0)
		return error_set(err, ERROR_INVALID, "%s: %s", to, strerror(errno));
	copying->temporary[0] = '\0';
	return copying_sync_folder(to, err);
}

void copying_drop(struct copying *copying)
{
	if (copying->temporary[0] != '\0')
		unlink(copying->temporary);
	copying->temporary[0] = '\0';
}
