/* SPDX-License-Identifier: MIT */
/*
 * The program itself, as a child process: `broadsheet import …` and the like run to their end, `broadsheet serve` runs beside the
 * test. It is the file that the environment variable BROADSHEET names, otherwise build/broadsheet. Its environment is the test's, less
 * everything that would set an option.
 */
#ifndef CHILD_H
#define CHILD_H

#include <sys/types.h>

#include "text.h"

struct child {
	pid_t pid;
	int output, errors;       /* files without a name, that stdout and stderr go to */
	int status;               /* exit status, or 1000 + the signal that killed it */
	struct text out, err;     /* all that it wrote, once it has ended */
};

/* `arguments`: those behind the program's name; NULL at the end. `input`: the bytes on standard input, or NULL for none. */
void child_start(struct child *child, const char *const *arguments, const char *input);
/* Waits for the end, at most a minute. */
void child_wait(struct child *child);
void child_run(struct child *child, const char *const *arguments, const char *input);
/* The same with a standard output that takes nothing. */
void child_run_unheard(struct child *child, const char *const *arguments);
void child_done(struct child *child);    /* kills one that still runs */

/* Waits until a running child has written `text` to standard output (false: it ended before). child->out is what came so far. */
bool child_wait_for(struct child *child, const char *text);

/* What is started from now on has this library of tests/faults/, which lies beside the program, preloaded; NULL: none. */
void child_preload(const char *library);

bool child_is_running(struct child *child);

/* Takes what a running child has written to standard error so far. */
void child_peek_errors(struct child *child);

/* Runs, and fails the test when the exit status is another, or `out` or `err` (NULL: whatever) does not stand in what it wrote. "" means
 * nothing was written. */
void expect_run(const char *const *arguments, const char *input, int status, const char *out, const char *err);
#define ARGUMENTS(...) ((const char *const[]){ __VA_ARGS__, NULL })

#endif
