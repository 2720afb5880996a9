/* SPDX-License-Identifier: MIT */
/*
 * The program as a server whose allocations fail when a test says so: a child with the failing allocator (tests/faults/oom.c) preloaded, on a database that
 * the test makes, with a reader at its public address and a writer at its control socket.
 */
#ifndef OOM_SERVER_H
#define OOM_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "api_client.h"
#include "child.h"
#include "scratch.h"
#include "tests/faults/oom.h"

struct oom_server {
	struct scratch scratch;
	char database[96], socket[104];
	struct oom_control *control;
	struct child child;
	struct client *reader, *writer;
};

/* Makes the folder. Nothing runs yet, and there is no database. */
void oom_open(struct oom_server *server);
void oom_close(struct oom_server *server);

/* Starts the program, every allocation honest. */
void oom_start_cold(struct oom_server *server);
/* And asks once at both addresses: a thread opens the database with its first request, which is a thousand allocations. */
void oom_start(struct oom_server *server);
void oom_kill(struct oom_server *server);        /* SIGKILL; or takes away what is left of one that has ended */
void oom_restart(struct oom_server *server);

/* From now on the N-th allocation fails; `tells`: the program prints where it was asked for. */
void oom_arm(struct oom_server *server, int64_t n, bool persistent, bool tells);
void oom_disarm(struct oom_server *server);

enum oom_state { OOM_ALIVE, OOM_ENDED, OOM_SILENT };
/* Does it answer again, within some seconds? */
enum oom_state oom_look(struct oom_server *server);

#endif
