/* SPDX-License-Identifier: MIT */
/*
 * The program as a server on a disk that fails: a child with the library of faults (tests/faults/fault.c) preloaded, a database in a folder of its own, a
 * writer that remembers what was acknowledged, and the judgement afterwards: nothing acknowledged is lost, and the database is sound.
 */
#ifndef FAULT_SERVER_H
#define FAULT_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "api_client.h"
#include "child.h"
#include "scratch.h"
#include "tests/faults/fault.h"

struct fault_server {
	struct scratch scratch;
	char database[160], socket[176];
	struct fault_control *control;
	struct child child;
	bool is_running;
	struct client *writer, *admin, *reader;
	int n_sent;
	unsigned char *acknowledged;  /* by number of the article */
	int n_acknowledged;
	long last_status;
	struct text refusal;          /* the last reply that was no 200 */
	bool has_retry_after;         /* it said when to come again */
	bool only_writes;             /* set before the start: nothing is computed beside, so the next call to fail is the test's */
};

/* Is the run a long one (TORTURE=1)? */
bool fault_is_long(void);

/* In `folder`, or one of its own when that is NULL. Nothing runs yet. */
void fault_open(struct fault_server *server, const char *folder);
void fault_close(struct fault_server *server);
/* Starts the program. False when it ended instead of serving. */
bool fault_start(struct fault_server *server);
void fault_kill(struct fault_server *server);    /* SIGKILL */
void fault_stop(struct fault_server *server);    /* SIGTERM; fails the test when it does not end with status 0 */
bool fault_has_ended(struct fault_server *server);

/* What is started between the two has the library of faults. */
void fault_preload(struct fault_server *server);
void fault_unload(void);

/* From now on the N-th call of this kind on files that hold `pattern` in their path fails. */
void fault_arm(struct fault_server *server, enum fault_kind kind, const char *pattern, int64_t n, int number, bool persistent);
void fault_disarm(struct fault_server *server);

/* Sends one more article, of about `bytes` bytes. True when it was acknowledged. */
bool fault_write(struct fault_server *server, size_t bytes);
/* Can articles be read? */
bool fault_read(struct fault_server *server);
/* Writes until one is acknowledged again, at most so often. */
bool fault_recovers(struct fault_server *server, int tries);
/* Waits until the program has written this to its log, at most some seconds. */
bool fault_has_logged(struct fault_server *server, const char *text);

/* How many acknowledged articles are not in the database, and, in *ret_findings, what `broadsheet check` says when that is anything: the test's to
 * free. Beside a running server, or without one. */
int fault_lost(struct fault_server *server, struct text *ret_findings);
/* The judgement as it must be: fails the test otherwise. */
void fault_judge(struct fault_server *server, const char *what);

#endif
