/* SPDX-License-Identifier: MIT */
/*
 * A failing allocator, to be preloaded (LD_PRELOAD): the N-th allocation of the process from the moment of arming on fails, alone or with all after it,
 * whichever library asks for it. What does not fail is the C library's own.
 *
 * Ends the process by a signal that means a fault of memory, it writes to standard error where, as nobody sees a core of a test that ran elsewhere.
 */
#include "oom.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FRAMES = 40 };

/* The C library's, under names that nobody overrides. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static struct oom_control *control;

static void tell_where(void)
{
	void *frames[FRAMES];

	backtrace_symbols_fd(frames, backtrace(frames, FRAMES), STDERR_FILENO);
}

static void on_fault(int number)
{
	static const char words[] = "\na fault of memory:\n";

	atomic_store(&control->armed, 0);
	if (write(STDERR_FILENO, words, sizeof words - 1) > 0)
		tell_where();
	signal(number, SIG_DFL);
	raise(number);
}

__attribute__((constructor)) static void map_control(void)
{
	const char *path = getenv("OOM_CONTROL");
	int file = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
	void *memory = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	void *frame;

	if (file >= 0)
		close(file);
	if (memory == MAP_FAILED)
		return;
	backtrace(&frame, 1);    /* loads what it needs, which allocates */
	control = memory;
	signal(SIGSEGV, on_fault);
	signal(SIGBUS, on_fault);
}

static bool fails(void)
{
	int64_t left;

	if (control == NULL || atomic_load(&control->armed) == 0)
		return false;
	atomic_fetch_add(&control->calls, 1);
	left = atomic_fetch_sub(&control->countdown, 1);
	if (left != 1 && (left > 0 || !atomic_load(&control->persistent)))
		return false;
	if (atomic_fetch_add(&control->failed, 1) == 0 && atomic_load(&control->tells))
		tell_where();
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

/* Making something smaller fails too: whoever relies on that would be wrong. */
void *realloc(void *memory, size_t size)
{
	return fails() ? NULL : __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : __libc_memalign(alignment, size);
}

void *memalign(size_t alignment, size_t size);

void *memalign(size_t alignment, size_t size)
{
	return aligned_alloc(alignment, size);
}

int posix_memalign(void **ret_memory, size_t alignment, size_t size)
{
	void *memory = fails() ? NULL : __libc_memalign(alignment, size);

	if (memory == NULL)
		return ENOMEM;
	*ret_memory = memory;
	return 0;
}
