/* SPDX-License-Identifier: MIT */
/*
 * LD_PRELOAD and FAULT_CONTROL are set only while the child is started: the test itself, and what it runs to judge, have an honest disk.
 *
 * Articles are numbered, and each has its number in its guid. An acknowledgement is a 200 whose line says 201 or 200.
 */
#include "fault_server.h"

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

enum { ARTICLES_MOST = 100000, LOG_TRIES = 1000, EVERY_MS = 5 };

bool fault_is_long(void)
{
	const char *torture = getenv("TORTURE");

	return torture != NULL && torture[0] != '\0';
}

static void map_control(struct fault_server *server)
{
	const int file = open(scratch_path(&server->scratch, "control"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *memory;

	if (file < 0 || ftruncate(file, sizeof *server->control) != 0)
		abort();
	memory = mmap(NULL, sizeof *server->control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (memory == MAP_FAILED)
		abort();
	close(file);
	server->control = memory;
}

void fault_open(struct fault_server *server, const char *folder)
{
	*server = (struct fault_server){ .acknowledged = calloc(ARTICLES_MOST, 1) };
	scratch_make(&server->scratch);
	snprintf(server->database, sizeof server->database, "%s/faulty.db", folder != NULL ? folder : server->scratch.folder);
	snprintf(server->socket, sizeof server->socket, "%s.sock", server->database);
	map_control(server);
}

void fault_close(struct fault_server *server)
{
	if (server->is_running)
		fault_kill(server);
	munmap(server->control, sizeof *server->control);
	scratch_remove(&server->scratch);
	free(server->acknowledged);
	text_done(&server->refusal);
}

void fault_preload(struct fault_server *server)
{
	setenv("FAULT_CONTROL", scratch_path(&server->scratch, "control"), 1);
	child_preload("fault.so");
}

void fault_unload(void)
{
	child_preload(NULL);
	unsetenv("FAULT_CONTROL");
}

/* The address behind these words, up to the end of the line or a slash. */
static struct client *client_of(const struct child *child, const char *words)
{
	const char *at = strstr(child->out.bytes, words);
	char url[100];

	if (at == NULL)
		return NULL;
	at += strlen(words);
	snprintf(url, sizeof url, "%.*s", (int)(strlen("http://") + strcspn(at + strlen("http://"), "/\n")), at);
	return client_new(url, NULL);
}

bool fault_start(struct fault_server *server)
{
	fault_preload(server);
	child_start(&server->child, ARGUMENTS("serve", "--database", server->database, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--workers", "2",
	    "--related-rate", server->only_writes ? "0" : "200"), NULL);
	fault_unload();
	server->is_running = true;
	if (!child_wait_for(&server->child, "/metrics\n")) {
		child_wait(&server->child);
		return false;
	}
	server->reader = client_of(&server->child, "serves ");
	server->admin = client_of(&server->child, "are at ");
	server->writer = client_new("http://localhost", server->socket);
	fault_read(server);    /* the thread that serves this connection opens the database with the first request */
	return true;
}

static void end(struct fault_server *server)
{
	client_free(server->reader);
	client_free(server->admin);
	client_free(server->writer);
	server->reader = server->admin = server->writer = NULL;
	child_done(&server->child);
	server->is_running = false;
}

void fault_kill(struct fault_server *server)
{
	end(server);
}

void fault_stop(struct fault_server *server)
{
	int status;

	if (server->child.pid != 0)
		kill(server->child.pid, SIGTERM);
	child_wait(&server->child);
	status = server->child.status;
	if (status != 0)
		fprintf(stderr, "the server ended with %d: %s\n", status, server->child.err.bytes);
	end(server);
	assert_int_equal(status, 0);
}

bool fault_has_ended(struct fault_server *server)
{
	return server->child.pid == 0 || !child_is_running(&server->child);
}

void fault_arm(struct fault_server *server, enum fault_kind kind, const char *pattern, int64_t n, int number, bool persistent)
{
	struct fault_control *control = server->control;

	fault_disarm(server);
	snprintf(control->pattern, sizeof control->pattern, "%s", pattern);
	atomic_store(&control->number, number);
	atomic_store(&control->persistent, persistent);
	atomic_store(&control->countdown, n);
	atomic_store(&control->failed, 0);
	atomic_store(&control->kind, (int)kind);
}

void fault_disarm(struct fault_server *server)
{
	atomic_store(&server->control->kind, FAULT_NONE);
}

static void compose(struct text *line, int number, size_t bytes)
{
	text_printf(line, "{\"guid\":\"g-%d-\",\"title\":\"Number %d\",\"section\":\"S%d\",\"source\":\"Wire\",\"tags\":[\"t%d\"],\"body_text\":\"", number, number,
	    number % 3, number % 7);
	while (line->length < bytes)
		text_printf(line, "word%zu ", line->length * 2654435761U % 100000);
	text_string(line, "\"}\n");
}

bool fault_write(struct fault_server *server, size_t bytes)
{
	struct text line = TEXT_EMPTY;
	struct reply reply;
	const int number = server->n_sent++;
	bool fine;

	assert_true(number < ARTICLES_MOST);
	compose(&line, number, bytes);
	client_ask(server->writer, "POST", "/v1/articles/batch", "Content-Type: application/x-ndjson", line.bytes, &reply);
	fine = reply.status == 200 && reply.body.length > 0 && strstr(reply.body.bytes, "\"outcome\":") != NULL;
	server->last_status = reply.status;
	server->acknowledged[number] = fine;
	server->n_acknowledged += fine;
	if (!fine) {
		text_clear(&server->refusal);
		text_string(&server->refusal, reply.body.length > 0 ? reply.body.bytes : "(nothing)");
		server->has_retry_after = reply_header(&reply, "Retry-After") != NULL;
	}
	reply_done(&reply);
	text_done(&line);
	return fine;
}

bool fault_read(struct fault_server *server)
{
	struct reply reply;
	bool fine;

	client_get(server->reader, "/v1/articles?limit=5", &reply);
	fine = reply.status == 200;
	reply_done(&reply);
	return fine;
}

bool fault_recovers(struct fault_server *server, int tries)
{
	for (int i = 0; i < tries; i++)
		if (fault_write(server, 0))
			return true;
	return false;
}

bool fault_has_logged(struct fault_server *server, const char *text)
{
	for (int i = 0; i < LOG_TRIES; i++) {
		child_peek_errors(&server->child);
		if (server->child.err.length > 0 && strstr(server->child.err.bytes, text) != NULL)
			return true;
		poll(NULL, 0, EVERY_MS);
	}
	return false;
}

/* --- the judgement --- */

static int count_lost(struct fault_server *server, const char *exported)
{
	unsigned char *found = calloc(ARTICLES_MOST, 1);
	int lost = 0;

	for (const char *at = exported; (at = strstr(at, "\"guid\":\"g-")) != NULL; at++) {
		const long number = strtol(at + strlen("\"guid\":\"g-"), NULL, 10);

		if (number >= 0 && number < ARTICLES_MOST)
			found[number] = 1;
	}
	for (int i = 0; i < server->n_sent; i++)
		lost += server->acknowledged[i] && !found[i];
	free(found);
	return lost;
}

int fault_lost(struct fault_server *server, struct text *ret_findings)
{
	struct child child;
	int lost;

	child_run(&child, ARGUMENTS("export", "--database", server->database), NULL);
	lost = count_lost(server, child.out.length > 0 ? child.out.bytes : "");
	child_done(&child);
	child_run(&child, ARGUMENTS("check", "--database", server->database), NULL);
	*ret_findings = TEXT_EMPTY;
	if (child.status != 0)
		text_printf(ret_findings, "%d: %s%s", child.status, child.out.length > 0 ? child.out.bytes : "", child.err.length > 0 ? child.err.bytes : "");
	child_done(&child);
	return lost;
}

void fault_judge(struct fault_server *server, const char *what)
{
	struct text findings;
	const int lost = fault_lost(server, &findings);
	const bool is_sound = findings.length == 0;

	if (lost > 0 || !is_sound)
		fprintf(stderr, "%s: %d of %d acknowledged are lost; check: %s\n", what, lost, server->n_acknowledged, is_sound ? "ok" : findings.bytes);
	text_done(&findings);
	assert_int_equal(lost, 0);
	assert_true(is_sound);
}
