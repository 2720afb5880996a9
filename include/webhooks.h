/* SPDX-License-Identifier: MIT */
/*
 * The deliverer: a thread that sends what is in the outbox (webhook_store.h) to webhooks, several at once.
 *
 * It reads on a connection of its own; what came of an attempt is noted on the writer's thread. At least once: what was sent and not noted when
 * the process ends is sent again, under the same id.
 */
#ifndef BROADSHEET_WEBHOOKS_H
#define BROADSHEET_WEBHOOKS_H

#include "ip_address.h"
#include "lane.h"
#include "store.h"

struct webhooks;

struct webhooks_settings {
	const char *database;         /* path */
	struct lane *lane;            /* the writer's … */
	struct store *writer;         /* … and its store, used in jobs on that lane alone */
	const char *base_url;         /* what addresses of articles begin with */
	struct ip_networks allowed;   /* where webhooks may go though it is not the open internet, and at any port */
	const char *websub_hub;       /* told which feeds have changed (server/publish/websub.c); NULL: none */
	int64_t timeout_ms;           /* of one attempt, from resolving the name to the end of the answer; 0: 10 s */
	const char *const *resolve;   /* for tests: "name:port:address[,address]", instead of asking for the name; NULL at the end */
};

/* Before threads start. */
void webhooks_register_metrics(void);
/* Starts the thread, which first sends what is left from the last run. NULL on failure. */
struct webhooks *webhooks_start(const struct webhooks_settings *settings, struct error *err);
/* Something may be due (store_webhooks_changed()), or the clock has moved. Any thread; takes NULL. */
void webhooks_wake(struct webhooks *webhooks);
/* Breaks off what is being sent, notes what is done. Before the lane is freed; takes NULL. */
void webhooks_stop(struct webhooks *webhooks);

/* May this be a webhook's address? http or https, a host, no user; a port or an address in it is one that may be gone to. What is wrong
 * is added at /url, to an error that has been set before. A name is looked at when it is resolved, at every attempt. */
bool webhooks_url_check(const char *url, const struct ip_networks *allowed, struct error *err);

/* How long after the `attempts`th failure the next attempt comes, in seconds, with the jitter of this row; 0: no more. */
int64_t webhooks_delay(int64_t webhook_id, int64_t seq, int64_t attempts);

#endif
