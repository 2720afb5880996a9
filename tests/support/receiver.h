/* SPDX-License-Identifier: MIT */
/*
 * A receiver of webhooks in this process, on a free port of 127.0.0.1: records what comes, answers as a test wants, hangs, hangs up.
 */
#ifndef RECEIVER_H
#define RECEIVER_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

struct receiver;

struct received {
	char event[16], delivery[64], timestamp[24], signature[80], type[40];
	struct text body;
};

/* Besides an HTTP status, what the receiver may do. */
enum { RECEIVER_DROPS = -1, RECEIVER_HANGS = -2, RECEIVER_WAITS_LONG = -3, RECEIVER_WAITS_EVER = -4 };    /* a 503 with a Retry-After of no sense */

/* `answer` is asked for each request, on the receiver's thread; NULL: 200. */
struct receiver *receiver_start(int (*answer)(void *arg, const struct received *got), void *arg);
void receiver_stop(struct receiver *receiver);    /* takes NULL */
unsigned receiver_port(const struct receiver *receiver);

/* Waits until so many requests have come in all. Fails the test when it takes too long. */
void receiver_wait(struct receiver *receiver, size_t n);
size_t receiver_count(struct receiver *receiver);
size_t receiver_connections(struct receiver *receiver);    /* that were ever made */
/* The nth request, from 0. Lives as long as the receiver. */
const struct received *receiver_got(struct receiver *receiver, size_t n);

#endif
