/* SPDX-License-Identifier: MIT */
/*
 * What a test and the failing allocator (oom.c, preloaded into the program) tell each other: a file of this shape, mapped by both. Its path is in the
 * environment variable OOM_CONTROL.
 */
#ifndef OOM_H
#define OOM_H

#include <stdatomic.h>
#include <stdint.h>

struct oom_control {
	_Atomic int armed;            /* allocations count; set last */
	_Atomic int persistent;       /* all fail after the first that does */
	_Atomic int tells;            /* where each allocation that failed was asked for, on standard error */
	_Atomic int64_t countdown;    /* the allocation that makes it 0 fails */
	_Atomic int64_t calls, failed;
};

#endif
