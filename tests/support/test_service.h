/* SPDX-License-Identifier: MIT */
/*
 * A service of a few small routes, to drive server/http/ with: in process, on a free port.
 */
#ifndef TEST_SERVICE_H
#define TEST_SERVICE_H

#include <pthread.h>
#include <stdatomic.h>

#include "http.h"

extern struct http_service test_service;

/* What handlers saw. */
extern _Atomic int test_smuggled;           /* calls of GET /smuggled */
extern _Atomic int test_contexts;           /* alive now */
extern _Atomic int64_t test_seq;            /* what public_seq says */

extern _Atomic(pthread_t) test_hello_thread;    /* that GET /v1/hello was last answered on */

/* GET /v1/news has been begun so often on the thread of its connection. */
extern _Atomic int test_news_begun;

/* GET /hold says that it has begun and goes on when it is told to. */
void test_hold_wait(void);
void test_hold_release(void);

struct listener *test_listener(const char *address, enum http_door door);

#endif
