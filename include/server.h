/* SPDX-License-Identifier: MIT */
/*
 * One whole running server: sockets, store, writer, website and API, put together from a configuration. `broadsheet serve` runs one
 * until a signal comes; tests run several in one process.
 */
#ifndef BROADSHEET_SERVER_H
#define BROADSHEET_SERVER_H

#include "config.h"
#include "error.h"

struct server;

/* Binds all addresses first, then takes the database's lock, opens and migrates it, and serves. A failure leaves nothing behind: an address in
 * use, a database that is locked, newer than this program or none at all is found before anything is written. */
bool server_start(const struct config *config, struct server **ret_server, struct error *err);

/* "http://127.0.0.1:8080", with the real port, and without a slash; the admin one may be NULL. */
const char *server_url(const struct server *server);
const char *server_admin_url(const struct server *server);

/* Has the schedule look at the clock now, and returns when what is due is done: for tests, which move it. */
void server_clock_moved(struct server *server);

/* Takes no more connections, lets replies under way finish, finishes the writer's queue, checkpoints. Takes NULL. */
void server_stop(struct server *server);

/* A digest of the program that runs: part of what validators are made from. */
bool build_digest(uint64_t *ret_digest, struct error *err);

/* Where the control socket of a database is: beside it. `size` bytes at ret_path. */
bool server_control_path(const char *database, char *ret_path, size_t size, struct error *err);

#endif
