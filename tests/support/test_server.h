/* SPDX-License-Identifier: MIT */
/*
 * A whole server in this process, on free ports, with a database in a folder of its own that goes when it stops. Articles are
 * brought in as `broadsheet import` does it beside a running server: as lines of JSON over the control socket.
 *
 * The clock stands still at test_now, which a test may move.
 */
#ifndef TEST_SERVER_H
#define TEST_SERVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "api_client.h"
#include "config.h"

#define TEST_BASE_URL "https://news.example"

struct server;

struct test_server {
	char folder[64], database[96], control[104];
	struct config config;
	struct server *server;
	struct client *public, *admin, *writer;    /* admin: NULL where there is none; writer: the control socket */
	char *arguments[24];
};

extern _Atomic int64_t test_now;    /* Unix seconds; 2016-06-01T12:00:00Z to begin with */
extern _Atomic int64_t test_ticks;  /* by how much each look at the clock moves it; 0 to begin with */

/* Options of `broadsheet serve` that differ from what tests want: "--timezone", "America/Toronto", …, NULL. Aborts when it does not start. */
void test_server_start(struct test_server *server, const char *const *options);
void test_server_stop(struct test_server *server);    /* takes one that never started */
/* Stops it and starts it again on the same database, with what has been changed in `config`. */
void test_server_restart(struct test_server *server);
void test_server_halt(struct test_server *server);      /* the first half: the database may be changed… */
void test_server_resume(struct test_server *server);    /* …before the second */

/* Sets the clock; what becomes due by that is done when this returns. */
void test_server_clock(struct test_server *server, int64_t now);

const char *test_server_url(const struct test_server *server);    /* the public address */

/* Imports lines of JSON in which ' stands for ". False when the batch or a line of it was refused, which is then said on standard error. */
bool test_server_try(struct test_server *server, const char *lines);
void test_server_put(struct test_server *server, const char *lines);    /* the same; fails the test */

/* A metric without labels from the admin address; -1 when it is not there. */
int64_t test_server_metric(struct test_server *server, const char *name);
/* A counter without labels, looked at in this process, so that asking changes nothing. */
int64_t test_server_counter(const char *name);
/* Waits until the background has computed all that is due. Fails the test when it takes too long. */
void test_server_settle(struct test_server *server);

#endif
