/* SPDX-License-Identifier: MIT */
/*
 * What a test and the library of faults (fault.c, preloaded into the program) tell each other: a file of this shape, mapped by both. Its path is in the
 * environment variable FAULT_CONTROL. A test may change it at any time while the program runs.
 */
#ifndef FAULT_H
#define FAULT_H

#include <stdatomic.h>
#include <stdint.h>

enum fault_kind { FAULT_NONE, FAULT_READ, FAULT_WRITE, FAULT_SYNC, FAULT_TRUNCATE, FAULT_OPEN, FAULT_RENAME, FAULT_UNLINK, FAULT_KINDS };

/* How a program would behave that is broken in this way: for tests that must then fail. */
enum fault_lie {
	FAULT_HONEST,
	FAULT_COMMIT_IGNORED,         /* COMMIT fails, and nobody notices */
	FAULT_COMMIT_LEFT_OUT,        /* told that it is done before it is */
};

enum { FAULT_SHORT = -1 };            /* in place of an errno: half of it is done */

struct fault_control {
	_Atomic int kind;             /* of the calls that fail; set last */
	_Atomic int64_t countdown;    /* the call that makes it 0 fails… */
	_Atomic int number;           /* …with this errno … */
	_Atomic int persistent;       /* … and, if this is set, all after it */
	_Atomic int lie;              /* enum fault_lie */
	_Atomic int64_t calls[FAULT_KINDS];    /* on matching files */
	_Atomic int64_t failed;       /* calls that were made to fail */
	char pattern[64];             /* a part of the path of files that count */
};

#endif
