/* SPDX-License-Identifier: MIT */
/*
 * A store with a writer's lane and a deliverer, for tests of webhooks: whatever writes does so on the lane's thread. The clock stands still at hooked_now.
 */
#ifndef HOOKED_STORE_H
#define HOOKED_STORE_H

#include <stdatomic.h>

#include "receiver.h"
#include "test_store.h"
#include "webhook_store.h"
#include "webhooks.h"

extern _Atomic int64_t hooked_now;
extern struct webhooks_settings hooked_settings;    /* for the next hooked_start() */

void hooked_open(void);     /* a store in a folder of its own, a lane; 127.0.0.0/8 is allowed */
void hooked_close(void);
void hooked_start(void);    /* the deliverer */
void hooked_stop(void);     /* takes none that runs */
void hooked_wake(void);     /* after the clock has been moved */

int64_t hooked_add(const char *url, unsigned events);
/* A version of the article `id`, published or as it is said, and wakes the deliverer. One that is a draft again has a slug that nobody knows. */
void hooked_write(int64_t id, int64_t rev, enum article_status status);
void hooked_execute(const char *sql);
void hooked_on_lane(bool (*fn)(struct store *store, void *arg, struct error *err), void *arg);    /* in a transaction */

int64_t hooked_number(const char *sql);
/* Waits until a query gives this number. Fails the test when it takes too long. */
void hooked_wait(const char *sql, int64_t wanted);

#endif
