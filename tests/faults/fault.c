/* SPDX-License-Identifier: MIT */
/*
 * A failing disk, to be preloaded (LD_PRELOAD): calls on files whose path holds a pattern fail from the N-th on, or once, as the control file says (fault.h).
 * What is not to fail goes to the C library. A file is known by the name that /proc has for its descriptor, which is looked up only while a fault is
 * armed; with none armed a call costs one look at shared memory.
 *
 * It also plays programs that are broken: sqlite3_exec() may ignore that a COMMIT fails, or leave it out, so that tests can show that they would
 * notice.
 */
#include "fault.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct fault_control *control;

__attribute__((constructor)) static void map_control(void)
{
	const char *path = getenv("FAULT_CONTROL");
	int file = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
	void *memory = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);

	if (file >= 0)
		close(file);
	if (memory != MAP_FAILED)
		control = memory;
}

/* The C library's, or SQLite's, own function of that name. */
#define REAL(name) ((union { void *object; __typeof__(&name) function; }){ .object = dlsym(RTLD_NEXT, #name) }.function)

static bool counts(enum fault_kind kind, const char *path)
{
	return control != NULL && atomic_load(&control->kind) == (int)kind && path != NULL && strstr(path, control->pattern) != NULL;
}

/* The errno to fail with; 0: it may go on. */
static int verdict(enum fault_kind kind, const char *path)
{
	int64_t left;

	if (!counts(kind, path))
		return 0;
	atomic_fetch_add(&control->calls[kind], 1);
	left = atomic_fetch_sub(&control->countdown, 1);
	if (left != 1 && (left > 0 || !atomic_load(&control->persistent)))
		return 0;
	atomic_fetch_add(&control->failed, 1);
	return atomic_load(&control->number);
}

static int verdict_of(enum fault_kind kind, int file)
{
	char link[40], path[400];
	ssize_t length;
	int before = errno;

	if (control == NULL || atomic_load(&control->kind) != (int)kind)
		return 0;
	snprintf(link, sizeof link, "/proc/self/fd/%d", file);
	length = readlink(link, path, sizeof path - 1);
	errno = before;
	if (length < 0)
		return 0;
	path[length] = '\0';
	return verdict(kind, path);
}

static int failed(int number)
{
	errno = number == FAULT_SHORT ? EIO : number;
	return -1;
}

/* --- reading and writing --- */

ssize_t pread64(int file, void *bytes, size_t n, off64_t at)
{
	const int number = verdict_of(FAULT_READ, file);

	if (number > 0)
		return failed(number);
	return REAL(pread64)(file, bytes, number == FAULT_SHORT ? n / 2 : n, at);
}

ssize_t pread(int file, void *bytes, size_t n, off_t at)
{
	return pread64(file, bytes, n, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t n, off64_t at)
{
	const int number = verdict_of(FAULT_WRITE, file);

	if (number > 0)
		return failed(number);
	return REAL(pwrite64)(file, bytes, number == FAULT_SHORT ? n / 2 : n, at);
}

ssize_t pwrite(int file, const void *bytes, size_t n, off_t at)
{
	return pwrite64(file, bytes, n, at);
}

int fsync(int file)
{
	const int number = verdict_of(FAULT_SYNC, file);

	return number != 0 ? failed(number) : REAL(fsync)(file);
}

int fdatasync(int file)
{
	const int number = verdict_of(FAULT_SYNC, file);

	return number != 0 ? failed(number) : REAL(fdatasync)(file);
}

int ftruncate64(int file, off64_t size)
{
	const int number = verdict_of(FAULT_TRUNCATE, file);

	return number != 0 ? failed(number) : REAL(ftruncate64)(file, size);
}

int ftruncate(int file, off_t size)
{
	return ftruncate64(file, size);
}

/* --- names --- */

int open64(const char *path, int flags, ...)
{
	const int number = verdict(FAULT_OPEN, path);
	mode_t mode = 0;
	va_list arguments;

	if ((flags & (O_CREAT | __O_TMPFILE)) != 0) {
		va_start(arguments, flags);
		mode = va_arg(arguments, mode_t);
		va_end(arguments);
	}
	return number != 0 ? failed(number) : REAL(open64)(path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list arguments;

	if ((flags & (O_CREAT | __O_TMPFILE)) != 0) {
		va_start(arguments, flags);
		mode = va_arg(arguments, mode_t);
		va_end(arguments);
	}
	return open64(path, flags, mode);
}

int rename(const char *from, const char *to)
{
	const int number = verdict(FAULT_RENAME, to);

	return number != 0 ? failed(number) : REAL(rename)(from, to);
}

int unlink(const char *path)
{
	const int number = verdict(FAULT_UNLINK, path);

	return number != 0 ? failed(number) : REAL(unlink)(path);
}

/* --- programs that are broken --- */

int sqlite3_exec(void *db, const char *sql, int (*row)(void *, int, char **, char **), void *arg, char **ret_error);

int sqlite3_exec(void *db, const char *sql, int (*row)(void *, int, char **, char **), void *arg, char **ret_error)
{
	const bool is_commit = control != NULL && sql != NULL && strcmp(sql, "COMMIT") == 0;
	const int lie = is_commit ? atomic_load(&control->lie) : FAULT_HONEST;
	const int code = REAL(sqlite3_exec)(db, lie == FAULT_COMMIT_LEFT_OUT ? "ROLLBACK" : sql, row, arg, ret_error);

	return lie == FAULT_HONEST ? code : 0;
}
