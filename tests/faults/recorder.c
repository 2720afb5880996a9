/* SPDX-License-Identifier: MIT */
/*
 * A recorder of what a program does to its database, to be preloaded (LD_PRELOAD): writes, truncations and syncs of the file named RECORDED and of its
 * write-ahead log, as records (recorder.h) in the file named RECORD. The shared index of the WAL, backups and the ballast are other files.
 *
 * One lock is held over the call and its record, so that the order of records is the order of calls. A sync is recorded, and not done: what was synced
 * is what the record says, and the machine the test runs on does not lose power. It stands in the record when the call returns, so whatever
 * a program says after it lies behind it. Taking a file away is the same as making it empty: SQLite takes a WAL without bytes for none.
 *
 * What the program maps into memory is not seen: the database must not be (mmap_size=0).
 */
#include "recorder.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { NO_FILE = -1 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *recorded;
static int record = -1;

__attribute__((constructor)) static void open_record(void)
{
	const char *path = getenv("RECORD");

	recorded = getenv("RECORDED");
	if (path != NULL && recorded != NULL)
		record = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* The C library's own function of that name. */
#define REAL(name) ((union { void *object; __typeof__(&name) function; }){ .object = dlsym(RTLD_NEXT, #name) }.function)

static int file_of_path(const char *path)
{
	const size_t length = record < 0 ? 0 : strlen(recorded);

	if (length == 0 || strncmp(path, recorded, length) != 0)
		return NO_FILE;
	return path[length] == '\0' ? RECORD_DATABASE : strcmp(path + length, "-wal") == 0 ? RECORD_WAL : NO_FILE;
}

static int file_of(int descriptor)
{
	const int before = errno;
	char link[40], path[400];
	ssize_t length;

	if (record < 0)
		return NO_FILE;
	snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
	length = readlink(link, path, sizeof path - 1);
	errno = before;
	path[length < 0 ? 0 : length] = '\0';
	return file_of_path(path);
}

/* An incomplete record would make all that follows nonsense. */
static void note(enum record_kind kind, int file, uint64_t at, const void *bytes, size_t length)
{
	const struct record_head head = { .kind = (uint16_t)kind, .file = (uint16_t)file, .length = (uint32_t)length, .at = at };
	const struct iovec parts[] = { { (void *)&head, sizeof head }, { (void *)bytes, length } };

	if (writev(record, parts, 2) != (ssize_t)(sizeof head + length))
		abort();
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t n, off64_t at)
{
	const int file = file_of(descriptor);
	ssize_t done;

	if (file == NO_FILE)
		return REAL(pwrite64)(descriptor, bytes, n, at);
	pthread_mutex_lock(&lock);
	done = REAL(pwrite64)(descriptor, bytes, n, at);
	if (done > 0)
		note(RECORD_WRITE, file, (uint64_t)at, bytes, (size_t)done);
	pthread_mutex_unlock(&lock);
	return done;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t n, off_t at)
{
	return pwrite64(descriptor, bytes, n, at);
}

/* SQLite uses neither on these files; a program that did would slip past the record. */
ssize_t write(int descriptor, const void *bytes, size_t n)
{
	if (descriptor != record && file_of(descriptor) != NO_FILE)
		abort();
	return REAL(write)(descriptor, bytes, n);
}

ssize_t pwritev(int descriptor, const struct iovec *parts, int n, off_t at)
{
	if (file_of(descriptor) != NO_FILE)
		abort();
	return REAL(pwritev)(descriptor, parts, n, at);
}

int ftruncate64(int descriptor, off64_t size)
{
	const int file = file_of(descriptor);
	int code;

	if (file == NO_FILE)
		return REAL(ftruncate64)(descriptor, size);
	pthread_mutex_lock(&lock);
	code = REAL(ftruncate64)(descriptor, size);
	if (code == 0)
		note(RECORD_TRUNCATE, file, (uint64_t)size, NULL, 0);
	pthread_mutex_unlock(&lock);
	return code;
}

int ftruncate(int descriptor, off_t size)
{
	return ftruncate64(descriptor, size);
}

int unlink(const char *path)
{
	const int file = file_of_path(path);
	int code;

	if (file == NO_FILE)
		return REAL(unlink)(path);
	pthread_mutex_lock(&lock);
	code = REAL(unlink)(path);
	if (code == 0)
		note(RECORD_TRUNCATE, file, 0, NULL, 0);
	pthread_mutex_unlock(&lock);
	return code;
}

/* Nothing is renamed into the place of the database while a server runs. */
int rename(const char *from, const char *to)
{
	if (file_of_path(from) != NO_FILE || file_of_path(to) != NO_FILE)
		abort();
	return REAL(rename)(from, to);
}

static int sync_recorded(int file)
{
	pthread_mutex_lock(&lock);
	note(RECORD_SYNC, file, 0, NULL, 0);
	pthread_mutex_unlock(&lock);
	return 0;
}

int fsync(int descriptor)
{
	const int file = file_of(descriptor);

	return file == NO_FILE ? REAL(fsync)(descriptor) : sync_recorded(file);
}

int fdatasync(int descriptor)
{
	const int file = file_of(descriptor);

	return file == NO_FILE ? REAL(fdatasync)(descriptor) : sync_recorded(file);
}
