/* SPDX-License-Identifier: MIT */
/* LD_PRELOAD and OOM_CONTROL are set only while the child is started. */
#include "oom_server.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

enum { LOOKS = 1000, EVERY_MS = 5 };

void oom_open(struct oom_server *server)
{
	int file;
	void *memory;

	*server = (struct oom_server){ .reader = NULL };
	scratch_make(&server->scratch);
	snprintf(server->database, sizeof server->database, "%s/a.db", server->scratch.folder);
	snprintf(server->socket, sizeof server->socket, "%s.sock", server->database);
	file = open(scratch_path(&server->scratch, "control"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (file < 0 || ftruncate(file, sizeof *server->control) != 0)
		abort();
	memory = mmap(NULL, sizeof *server->control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (memory == MAP_FAILED)
		abort();
	close(file);
	server->control = memory;
}

void oom_close(struct oom_server *server)
{
	if (server->reader != NULL)
		oom_kill(server);
	munmap(server->control, sizeof *server->control);
	scratch_remove(&server->scratch);
}

static struct client *reader_of(const struct child *child)
{
	const char *at = strstr(child->out.bytes, "serves ");
	char url[100];

	assert_non_null(at);
	at += strlen("serves ");
	snprintf(url, sizeof url, "%.*s", (int)(strlen("http://") + strcspn(at + strlen("http://"), "/\n")), at);
	return client_new(url, NULL);
}

void oom_start_cold(struct oom_server *server)
{
	oom_disarm(server);
	setenv("OOM_CONTROL", scratch_path(&server->scratch, "control"), 1);
	child_preload("oom.so");
	child_start(&server->child,
	    ARGUMENTS("serve", "--database", server->database, "--listen", "127.0.0.1:0", "--admin-listen", "none", "--workers", "1", "--base-url", "https://news.example",
	        "--webhook-allow", "127.0.0.0/8"),
	    NULL);
	child_preload(NULL);
	unsetenv("OOM_CONTROL");
	if (!child_wait_for(&server->child, "serves ")) {
		child_wait(&server->child);
		fail_msg("the server does not start: %s", server->child.err.bytes);
	}
	server->reader = reader_of(&server->child);
	server->writer = client_new("http://localhost", server->socket);
}

static bool answers(struct client *client)
{
	struct reply reply;
	bool fine;

	client_get(client, "/v1/articles?limit=1", &reply);
	fine = reply.status == 200;
	reply_done(&reply);
	return fine;
}

void oom_start(struct oom_server *server)
{
	oom_start_cold(server);
	assert_true(answers(server->reader));
	assert_true(answers(server->writer));
}

void oom_kill(struct oom_server *server)
{
	client_free(server->reader);
	client_free(server->writer);
	server->reader = server->writer = NULL;
	child_done(&server->child);
}

void oom_restart(struct oom_server *server)
{
	oom_kill(server);
	oom_start(server);
}

void oom_arm(struct oom_server *server, int64_t n, bool persistent, bool tells)
{
	atomic_store(&server->control->persistent, persistent);
	atomic_store(&server->control->countdown, n);
	atomic_store(&server->control->calls, 0);
	atomic_store(&server->control->failed, 0);
	atomic_store(&server->control->tells, tells);
	atomic_store(&server->control->armed, 1);
}

void oom_disarm(struct oom_server *server)
{
	atomic_store(&server->control->armed, 0);
}

/* The first connection may be one that was broken off. */
enum oom_state oom_look(struct oom_server *server)
{
	for (int i = 0; i < LOOKS; i++) {
		if (!child_is_running(&server->child))
			return OOM_ENDED;
		if (answers(server->reader) && answers(server->writer))
			return OOM_ALIVE;
		poll(NULL, 0, EVERY_MS);
	}
	return OOM_SILENT;
}
