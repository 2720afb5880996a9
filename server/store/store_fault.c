/* SPDX-License-Identifier: MIT */
/*
 * When the disk fails: what the writer may still do, and how it comes back without a restart. server/store/DESIGN.md has the table.
 *
 * Every failure of SQLite's comes by store_note_fault(). The fault stays until a COMMIT has gone through; each transaction before that tries to mend first:
 *
 * - No room (SQLITE_FULL; a quota, a file's largest size): SQLite is sound, and only room is wanted. A ballast of 16 MiB lies beside the database while a
 *   server runs; it is given up so that a checkpoint can go through, and writes are taken again when there is room to make it anew.
 * - I/O error, or the file cannot be written: after a failed fsync the kernel may have dropped what was to be written and says so once, so nothing that
 *   this connection or the WAL holds is believed. A new connection is opened, the old one closed, and a checkpoint must have copied the whole WAL
 *   and emptied it. What a failed COMMIT left of itself in the WAL goes with it.
 * - Corrupt, or no database: nothing here mends that. Whoever asked to know of it (`serve`) ends the process.
 *
 * Readers have connections of their own and go on all the while. Which fault it is can be asked from any thread.
 */
#include "store_internal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

enum { BALLAST_BYTES = 16 << 20, WAIT_FOR_READERS_MS = 2500 };

const char *const store_fault_names[] = { "none", "full", "read-only", "io-error" };

static void (*tell_of_corruption)(const char *what);

void store_when_corrupt(void (*tell)(const char *what))
{
	tell_of_corruption = tell;
}

enum store_fault store_fault(const struct store *store)
{
	return (enum store_fault)atomic_load_explicit(&((struct store *)store)->fault, memory_order_relaxed);
}

/* --- what a failure says --- */

/* SQLite notes it for most statements, but not for COMMIT. */
static int errno_of(const struct store *store)
{
	return store->failed_errno != 0 ? store->failed_errno : sqlite3_system_errno(store->db);
}

static enum store_fault fault_of_errno(int number)
{
	switch (number) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return STORE_FULL;
	case EROFS:
	case EACCES:
	case EPERM:
		return STORE_READ_ONLY;
	default:
		return STORE_BROKEN;
	}
}

int store_code(struct store *store, int code)
{
	store->failed_errno = errno;
	if ((code & 0xff) != SQLITE_CORRUPT)
		return code;
	if (errno == EIO || errno == ENXIO || errno == ERANGE)
		store->has_misread = true;
	return store->has_misread ? SQLITE_IOERR_READ : code;
}

enum store_fault store_fault_of(const struct store *store, int code)
{
	switch (code & 0xff) {
	case SQLITE_FULL:
		return STORE_FULL;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return STORE_READ_ONLY;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return code == SQLITE_IOERR_NOMEM ? STORE_SOUND : fault_of_errno(errno_of(store));
	default:
		return STORE_SOUND;
	}
}

void store_note_fault(struct store *store, int code)
{
	const enum store_fault fault = store_fault_of(store, code);

	if (((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB) && tell_of_corruption != NULL)
		tell_of_corruption(sqlite3_errmsg(store->db));
	if (store->access != STORE_WRITE || fault == STORE_SOUND)
		return;
	if ((code & 0xff) != SQLITE_FULL)
		store->must_reopen = true;
	if (store_fault(store) == fault)
		return;
	atomic_store_explicit(&store->fault, (int)fault, memory_order_relaxed);
	log_error("the database cannot be written; it is tried again with each write", "fault", store_fault_names[fault], "why",
	    sqlite3_errmsg(store->db), "code", LOG_INT(code), "errno", LOG_INT(errno_of(store)), NULL);
}

bool store_refuse(struct store *store, const char *doing, struct error *err)
{
	switch (store_fault(store)) {
	case STORE_FULL:
		return error_set(err, ERROR_STORAGE_FULL, "the disk of the database is full (%s)", doing);
	case STORE_READ_ONLY:
		return error_set(err, ERROR_BUSY, "the database cannot be written (%s)", doing);
	default:
		return error_set(err, ERROR_BUSY, "the disk of the database fails (%s)", doing);
	}
}

/* --- the ballast --- */

static bool ballast_path(const struct store *store, char ret_path[PATH_MAX])
{
	return (size_t)snprintf(ret_path, PATH_MAX, "%s.ballast", store->path) < PATH_MAX;
}

/* Whole, or not at all. */
static bool make_ballast(struct store *store)
{
	char path[PATH_MAX];
	int file, failure;

	if (!ballast_path(store, path))
		return false;
	file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file < 0)
		return false;
	failure = posix_fallocate(file, 0, BALLAST_BYTES);
	close(file);
	if (failure != 0)
		unlink(path);
	store->has_ballast = failure == 0;
	return failure == 0;
}

void store_keep_ballast(struct store *store)
{
	store->keeps_ballast = strcmp(store->path, ":memory:") != 0 && make_ballast(store);
	if (!store->keeps_ballast)
		log_warning("there is no room for a ballast of 16 MiB beside the database", NULL);
}

void store_drop_ballast(struct store *store)
{
	char path[PATH_MAX];

	if (store == NULL || !store->has_ballast || !ballast_path(store, path))
		return;
	unlink(path);
	store->has_ballast = false;
}

/* --- mending --- */

/* A new connection in the place of the old one, which stays where it is when none can be opened. */
static bool reopen(struct store *store, struct error *err)
{
	sqlite3 *old = store->db;

	if (strcmp(store->path, ":memory:") == 0)
		return true;
	store_statements_drop(store);
	store->db = NULL;
	if (!store_connect(store, store->path, /* may_create= */ false, err)) {
		store_disconnect(store->db);
		store->db = old;
		return store_refuse(store, "opening it again", err);
	}
	store_disconnect(old);
	store_forget(store);
	store_rarities_forget(store);
	return true;
}

static bool empty_wal(struct store *store, struct error *err)
{
	const int code = store_code(store, store_empty_wal(store, WAIT_FOR_READERS_MS));

	if (code == SQLITE_OK)
		return true;
	store_note_fault(store, code);
	return store_refuse(store, "checkpoint", err);
}

bool store_mend(struct store *store, struct error *err)
{
	assert(store->depth == 0);
	if (store_fault(store) == STORE_SOUND) {
		/* A small write may have gone through before there was room for the ballast too. */
		if (store->keeps_ballast && !store->has_ballast)
			make_ballast(store);
		return true;
	}
	if (store->must_reopen) {
		if (!reopen(store, err) || !empty_wal(store, err))
			return false;
		store->must_reopen = false;
	}
	if (store->keeps_ballast && !store->has_ballast && !make_ballast(store))
		return store_refuse(store, "no room yet", err);
	return true;
}

void store_give_way(struct store *store)
{
	struct error ignored ERROR_UNSET;

	if (store_fault(store) != STORE_FULL || !store->has_ballast)
		return;
	store_drop_ballast(store);
	if (!store->must_reopen)
		empty_wal(store, &ignored);
}

void store_is_sound(struct store *store)
{
	if (store_fault(store) == STORE_SOUND)
		return;
	atomic_store_explicit(&store->fault, (int)STORE_SOUND, memory_order_relaxed);
	log_info("the database can be written again", NULL);
}
