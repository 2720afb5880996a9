/* SPDX-License-Identifier: MIT */
/*
 * The API: the table of routes (server/api/routes.c is the table of contents of this server) and the handlers behind it, which join
 * http to everything else.
 */
#ifndef BROADSHEET_API_H
#define BROADSHEET_API_H

#include <pthread.h>
#include <stdatomic.h>

#include "background.h"
#include "http.h"
#include "publish.h"
#include "scheduler.h"
#include "site.h"
#include "store.h"
#include "webhooks.h"

/* When keys were used, on its way to the store: at most one write a minute and key, by the writer, when nobody waits for it. */
enum { KEY_USES = 64 };
struct key_uses {
	pthread_mutex_t lock;
	struct lane_job job;
	bool is_queued;
	struct {
		int64_t id, at;       /* the last use that was noted; 0: free */
		bool is_due;          /* not yet in the store */
	} uses[KEY_USES];             /* by id; two keys of one place write more often than they need */
};

/* What the handlers of one running server share. Filled by who starts it; outlives the listeners. */
struct api {
	const char *database;         /* path; each serving thread opens its own reader */
	struct site *site;
	const char *site_name;
	const char *websub_hub;       /* NULL: none */
	struct store *writer;         /* used by the writer's lane alone once that runs */
	struct generations *generations;      /* the writer's lane touches, everyone asks */
	int64_t history;              /* store_history(): part of cursors */
	uint64_t navigation;          /* digest of what the bar of sections shows; the writer's lane's */
	struct key_uses key_uses;
	struct background *background;    /* woken after each commit; NULL until it runs */
	struct scheduler *scheduler;  /* told after each commit when something is due; NULL until it runs */
	struct lane *writing;         /* the writer's lane */
	struct lane_job renaming;     /* on it: what a rename of a section has left to do (rename_job.c) */
	bool is_renaming;             /* it is queued; the writer's lane's */
	struct webhooks *webhooks;            /* the deliverer, woken likewise; NULL until it runs */
	struct ip_networks webhook_allowed;   /* where it may go though it is not the open internet */
	int64_t schedule_looked;      /* by what clock all that was due has been tried; the writer's lane's */
	_Atomic int64_t public_seq;   /* of the last commit */
	atomic_bool stopping;         /* not ready any more */
};

/* Registers the metrics that handlers touch, and reads where the store stands. Call before threads start. */
void api_start(struct api *api);
/* Fills in routes and hooks; `service->writer`, base_url and log_requests are left to the caller. */
void api_service(struct api *api, struct http_service *ret_service);

/* Contexts for lane_new(), of readers and of the writer; `arg` is the struct api. */
void *api_context_new(void *arg, struct error *err);
void *api_writer_context_new(void *arg, struct error *err);
void api_context_free(void *context);
/* The writer's lane runs what waits together so (lane_group()). */
void api_run_group(struct lane *lane, struct lane_job *first, void *context);

/* From now on commits tell these, or, with NULL, nobody: called once they run, and before they are stopped, while the writer's lane goes on. */
void api_attach(struct api *api, struct background *background, struct scheduler *scheduler, struct webhooks *webhooks);

/* The scheduler's hook; `context` is the writer's. */
bool api_run_schedule(void *context, int64_t *ret_next);

/* The background's hook (background.h); `arg` is the struct api. */
void api_related_kept(void *arg, const int64_t *ids, size_t n);

extern const struct route routes[];
extern const size_t n_routes;

#endif
