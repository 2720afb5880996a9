/* SPDX-License-Identifier: MIT */
/*
 * A client that sends whatever bytes a test wants, whole or one by one, and reads what comes back as it stands on the wire.
 */
#ifndef RAW_CLIENT_H
#define RAW_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

struct raw_reply {
	unsigned status;          /* 0: none came */
	struct text head;         /* status line and headers, with the empty line */
	struct text body;         /* as sent; read by Content-Length, or up to the end where there is none */
};

int raw_connect(const char *address); /* "127.0.0.1:8080", "[::1]:8080", "unix:/path"; aborts when it cannot */
void raw_send(int fd, const char *bytes, size_t length, bool one_by_one);    /* a peer that has closed is no failure */
bool raw_read(int fd, bool has_no_body,
    struct raw_reply *ret_reply); /* false: none came within five seconds, or the peer closed */
bool raw_is_closed(int fd); /* waits up to a second for the end; bytes that come are not the end */
void raw_reply_done(struct raw_reply *reply);

/* The field's value in the reply's head, in memory that lives until the next call; NULL when there is none. */
const char *raw_header(const struct raw_reply *reply, const char *name);

/* Connects, sends `request`, reads one reply, closes. */
void raw_exchange(const char *address, const char *request, struct raw_reply *ret_reply);

#endif
