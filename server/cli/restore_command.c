/* SPDX-License-Identifier: MIT */
/*
 * broadsheet restore FILE: puts a copy in the place of the database. Only where nobody writes: a running server keeps its lock.
 *
 * FILE is read as a whole and checked, copied beside the database, and the copy checked, before anything that is there is touched. A database that is
 * there already stays only with --force, as articles.db.before-restore-TIME with what may lie in its WAL: a WAL that was left would be
 * played into the copy. The copy has the mark that makes whoever opens it first begin a history of its own (server/store/store_copy.c); if the seq of
 * the database that was there can be read, the new history begins behind that too.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"
#include "copying.h"

struct restoring {
	struct copying copying;
	bool is_there;                /* a database */
	char kept[PATH_MAX];          /* its name now, or "" */
};

static bool exists(const char *path)
{
	struct stat file;

	return lstat(path, &file) == 0;
}

static bool may_replace(const struct config *config, struct restoring *restoring, struct error *err)
{
	restoring->is_there = exists(config->database);
	return !restoring->is_there || config->force
	    || error_set(err, ERROR_INVALID, "%s is there already; --force puts the copy in its place and keeps it under another name", config->database);
}

/* articles.db.before-restore-20260102T030405Z, or …-2 when there is one. */
static bool name_kept(struct restoring *restoring, const char *database, struct error *err)
{
	char time[CLOCK_RFC3339_SIZE], digits[CLOCK_RFC3339_SIZE];
	size_t n = 0;

	clock_rfc3339(clock_now(), time);
	for (const char *c = time; *c != '\0'; c++)
		if (strchr("-:", *c) == NULL)
			digits[n++] = *c;
	digits[n] = '\0';
	for (int i = 1; i == 1 || exists(restoring->kept); i++) {
		const int length = i == 1 ? snprintf(restoring->kept, sizeof restoring->kept, "%s.before-restore-%s", database, digits)
					  : snprintf(restoring->kept, sizeof restoring->kept, "%s.before-restore-%s-%d", database, digits, i);

		if (length < 0 || (size_t)length + sizeof "-wal" >= sizeof restoring->kept)
			return error_set(err, ERROR_INVALID, "the path of the database is too long");
	}
	return true;
}

/* A file beside the database goes along, if it is there. */
static bool move_beside(const char *database, const char *kept, const char *suffix, struct error *err)
{
	struct text from = TEXT_EMPTY, to = TEXT_EMPTY;
	bool fine;

	text_printf(&from, "%s%s", database, suffix);
	text_printf(&to, "%s%s", kept, suffix);
	fine = rename(from.bytes, to.bytes) == 0 || errno == ENOENT || error_set(err, ERROR_INVALID, "%s: %s", from.bytes, strerror(errno));
	text_done(&from);
	text_done(&to);
	return fine;
}

/* Whoever could open the old one can open the new one; without an old one it is for its owner alone, as any new database. */
static bool take_after(const char *database, const char *copy, struct error *err)
{
	struct stat old;

	if (stat(database, &old) != 0)
		return true;
	if (chown(copy, old.st_uid, old.st_gid) != 0)
		return error_set(err, ERROR_INVALID, "%s cannot be given to the owner of %s: %s", copy, database, strerror(errno));
	return chmod(copy, old.st_mode & 0777) == 0 || error_set(err, ERROR_INVALID, "%s: %s", copy, strerror(errno));
}

/* What can be made again, or holds nothing. */
static void remove_beside(const char *database, const char *suffix)
{
	struct text name = TEXT_EMPTY;

	text_printf(&name, "%s%s", database, suffix);
	unlink(name.bytes);
	text_done(&name);
}

static bool has_wal(const char *database)
{
	struct text wal = TEXT_EMPTY;
	struct stat file;
	bool has;

	text_printf(&wal, "%s-wal", database);
	has = stat(wal.bytes, &file) == 0 && file.st_size > 0;
	text_done(&wal);
	return has;
}

/* Without a WAL the old one gets its second name first, so that there is a database at every moment. With one, both have to go before the copy comes. */
static bool keep_old(struct restoring *restoring, const char *database, struct error *err)
{
	if (!restoring->is_there)
		return true;
	if (!name_kept(restoring, database, err))
		return false;
	if (!has_wal(database))
		remove_beside(database, "-wal");
	if ((has_wal(database) || link(database, restoring->kept) != 0) && rename(database, restoring->kept) != 0)
		return error_set(err, ERROR_INVALID, "%s: %s", restoring->kept, strerror(errno));
	remove_beside(database, "-shm");
	return move_beside(database, restoring->kept, "-wal", err) && move_beside(database, restoring->kept, "-journal", err)
	    && copying_sync_folder(database, err);
}

static bool restore(const struct config *config, const char *path, struct restoring *restoring, struct error *err)
{
	struct store_copying how = { .check_source = true };

	if (!may_replace(config, restoring, err))
		return false;
	if (restoring->is_there)
		how.next_seq = store_last_seq_of(config->database) + 1;
	return copying_make(&restoring->copying, path, config->database, how, err)
	    && take_after(config->database, restoring->copying.temporary, err) && keep_old(restoring, config->database, err)
	    && copying_put(&restoring->copying, config->database, err);
}

/* The lock alone: what is there may be no database of ours any more, which is why it is replaced. */
static bool lock_and_restore(const struct config *config, const char *path, struct restoring *restoring, struct error *err)
{
	struct store_lock *lock = NULL;
	bool fine;

	if (!store_lock_only(config->database, &lock, err))
		return false;
	fine = restore(config, path, restoring, err);
	if (fine)
		store_unlock(lock);
	else
		store_lock_withdraw(lock);
	return fine;
}

static int run(const struct config *config, const char *const *operands, int n_operands)
{
	struct restoring restoring = { .kept = "" };
	struct error err;
	bool fine;

	if (n_operands != 1) {
		fprintf(stderr, "broadsheet restore: one file, to read from\n");
		return EXIT_USAGE;
	}
	fine = lock_and_restore(config, operands[0], &restoring, &err);
	if (fine)
		printf("%s holds %" PRId64 " article%s up to seq %" PRId64 "\n", config->database, restoring.copying.copied.articles,
		    restoring.copying.copied.articles == 1 ? "" : "s", restoring.copying.copied.seq);
	else
		fprintf(stderr, "broadsheet restore: %s\n", err.detail);
	if (restoring.kept[0] != '\0' && exists(restoring.kept))
		printf("What was there is %s\n", restoring.kept);
	copying_drop(&restoring.copying);
	return fine ? EXIT_FINE : EXIT_WRONG;
}

const struct command restore_command = {
	.name = "restore",
	.set = COMMAND_RESTORE,
	.operands = "FILE",
	.help = "put a copy in the place of the database",
	.run = run,
};
