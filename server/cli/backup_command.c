/* SPDX-License-Identifier: MIT */
/*
 * broadsheet backup FILE: a copy of the database as it stands at one moment, beside a running server or without one. It only reads, and takes no
 * lock; server/store/store_copy.c says how.
 *
 * The copy is a database like any other: `export` and `check` read it, and `restore` (or a server that finds it in place) makes it the database again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "copying.h"

/* Over the database itself it would be no backup. */
static bool may_write(const struct config *config, const char *path, struct error *err)
{
	struct stat there, database;

	if (lstat(path, &there) != 0)
		return true;
	if (stat(config->database, &database) == 0 && database.st_dev == there.st_dev && database.st_ino == there.st_ino)
		return error_set(err, ERROR_INVALID, "%s is the database itself", path);
	if (!S_ISREG(there.st_mode))
		return error_set(err, ERROR_INVALID, "%s is there, and no plain file", path);
	return config->force || error_set(err, ERROR_INVALID, "%s is there already; --force writes over it", path);
}

static bool back_up(const struct config *config, const char *path, struct copying *copying, struct error *err)
{
	const struct store_copying how = { .check_source = false };

	return may_write(config, path, err) && copying_make(copying, config->database, path, how, err) && copying_put(copying, path, err);
}

static int run(const struct config *config, const char *const *operands, int n_operands)
{
	struct copying copying = { .temporary = "" };
	struct error err;
	bool fine;

	if (n_operands != 1) {
		fprintf(stderr, "broadsheet backup: one file, to write to\n");
		return EXIT_USAGE;
	}
	fine = back_up(config, operands[0], &copying, &err);
	if (fine)
		printf("%s holds %" PRId64 " article%s in %" PRId64 " version%s up to seq %" PRId64 ", %.1f MiB, checked\n", operands[0], copying.copied.articles,
		    copying.copied.articles == 1 ? "" : "s", copying.copied.versions, copying.copied.versions == 1 ? "" : "s", copying.copied.seq,
		    (double)copying.copied.bytes / (1 << 20));
	else
		fprintf(stderr, "broadsheet backup: %s\n", err.detail);
	copying_drop(&copying);
	return fine ? EXIT_FINE : EXIT_WRONG;
}

const struct command backup_command = {
	.name = "backup",
	.set = COMMAND_BACKUP,
	.operands = "FILE",
	.help = "copy the database to a file, beside a running server too",
	.run = run,
};
