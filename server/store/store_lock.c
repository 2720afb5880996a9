/* SPDX-License-Identifier: MIT */
/*
 * Who may write: the lock beside the database. And a look at the database's file before anything is made beside it.
 *
 * The lock is a file of its own, articles.db.lock, held by flock(2): it ends with its process, however that ends. The file stays when a
 * server has ended; only where writing was refused does the file that was made for it go again, so that a refusal leaves its folder as it
 * was. A lock's file that goes is a trap: who opened it before it went would lock what nobody else sees. So it is removed by none but
 * the lock's holder, and whoever gets a lock makes sure that the file is still the one with the name, or tries again.
 *
 * SQLite cannot look at a file without a trace: beside a database in WAL mode it makes -wal and -shm, and a journal that lies about is
 * played back. What another program's database and a newer Broadsheet's have in common is that the first 100 bytes say so, and those
 * are read here. What they leave open (a database that was never checkpointed has nothing in its header) store_open() judges.
 */
#include "store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* SQLite's file format, 1.3: the header, its marks at the places given, big-endian. */
enum { HEADER = 100, SCHEMA_COOKIE = 40, USER_VERSION = 60, APPLICATION = 68 };

struct store_lock {
	int file;
	bool is_new;                  /* the file was made for this lock */
	char name[PATH_MAX];
};

/* --- the look --- */

static int32_t mark(const unsigned char *header, int place)
{
	return (int32_t)((uint32_t)header[place] << 24 | (uint32_t)header[place + 1] << 16 | (uint32_t)header[place + 2] << 8 | header[place + 3]);
}

/* What cannot be read here is left to SQLite, which says why. */
static bool look_at_header(int file, const char *path, struct error *err)
{
	static const char magic[16] = "SQLite format 3";
	unsigned char header[HEADER];
	ssize_t n = pread(file, header, sizeof header, 0);

	if (n <= 0)
		return true;
	if (n < HEADER || memcmp(header, magic, sizeof magic) != 0)
		return error_set(err, ERROR_INVALID, "%s is no database; it was left as it is", path);
	return store_marks_fit(path, mark(header, APPLICATION), mark(header, USER_VERSION), mark(header, SCHEMA_COOKIE) == 0, err);
}

bool store_look(const char *path, struct error *err)
{
	struct stat status;
	bool fine;
	int file;

	if (stat(path, &status) != 0)
		return true;
	if (S_ISDIR(status.st_mode))
		return error_set(err, ERROR_INVALID, "%s is a folder, not a database", path);
	if (!S_ISREG(status.st_mode))
		return error_set(err, ERROR_INVALID, "%s is no file, so no database", path);
	file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file < 0)
		return true;
	fine = look_at_header(file, path, err);
	close(file);
	return fine;
}

/* --- the lock --- */

/* Opens the file, or makes it. */
static bool open_file(struct store_lock *lock, const char *path, struct error *err)
{
	const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;

	do {
		lock->file = open(lock->name, flags | O_CREAT | O_EXCL, 0600);
		lock->is_new = lock->file >= 0;
		if (lock->file < 0 && errno == EEXIST)
			lock->file = open(lock->name, flags);
		else if (lock->file < 0 && errno == ENOENT)
			return error_set(err, ERROR_NOT_FOUND, "%s: there is no such folder", path);
	} while (lock->file < 0 && errno == ENOENT);    /* it went in between */
	return lock->file >= 0 || error_set(err, ERROR_INVALID, "%s cannot be locked for writing: %s", path, strerror(errno));
}

/* Is what we hold still the file with that name? */
static bool is_in_place(const struct store_lock *lock)
{
	struct stat ours, named;

	return fstat(lock->file, &ours) == 0 && stat(lock->name, &named) == 0 && ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

static bool take(struct store_lock *lock, const char *path, struct error *err)
{
	for (;;) {
		if (!open_file(lock, path, err))
			return false;
		if (flock(lock->file, LOCK_EX | LOCK_NB) != 0)
			return error_set(err, ERROR_BUSY, "another process is writing to %s", path);
		if (is_in_place(lock))
			return true;
		close(lock->file);
	}
}

bool store_lock(const char *path, struct store_lock **ret_lock, struct error *err)
{
	return store_look(path, err) && store_lock_only(path, ret_lock, err);
}

bool store_lock_only(const char *path, struct store_lock **ret_lock, struct error *err)
{
	struct store_lock *lock = calloc(1, sizeof *lock);

	if (lock == NULL)
		return error_set(err, ERROR_INTERNAL, "out of memory");
	lock->file = -1;
	if ((size_t)snprintf(lock->name, sizeof lock->name, "%s.lock", path) >= sizeof lock->name)
		error_set(err, ERROR_INVALID, "the path of the database is too long");
	else if (take(lock, path, err)) {
		*ret_lock = lock;
		return true;
	}
	store_unlock(lock);
	return false;
}

void store_unlock(struct store_lock *lock)
{
	if (lock == NULL)
		return;
	if (lock->file >= 0)
		close(lock->file);
	free(lock);
}

void store_lock_withdraw(struct store_lock *lock)
{
	if (lock != NULL && lock->is_new && is_in_place(lock))
		unlink(lock->name);
	store_unlock(lock);
}
