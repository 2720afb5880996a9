/* SPDX-License-Identifier: MIT */
/* What the files of the deliverer share among themselves. */
#ifndef BROADSHEET_PUBLISH_WEBHOOK_INTERNAL_H
#define BROADSHEET_PUBLISH_WEBHOOK_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include <curl/curl.h>

#include "map.h"
#include "webhook_store.h"
#include "webhooks.h"

/* --- webhook_message.c: what is sent --- */

/* The body: {"id","event","seq","at","article"}. ERROR_NOT_FOUND when the version is gone. Inside a read. */
bool webhook_message(struct store *store, const struct delivery *delivery, const char *base_url, struct text *ret_body, struct error *err);
/* "v1=<hex>": HMAC-SHA256 of "<timestamp>.<body>". */
enum { WEBHOOK_SIGNATURE_SIZE = 72 };
const char *webhook_signature(const char *secret, int64_t timestamp, const struct text *body, char ret_signature[WEBHOOK_SIGNATURE_SIZE]);

/* --- webhook_transfer.c: one attempt --- */

struct transfer {
	CURL *curl;                   /* NULL: none is under way */
	struct curl_slist *headers, *resolve;
	struct text body;
	size_t received;
	const struct ip_networks *allowed;
	char refused[96];             /* the address that was not gone to; empty: none was refused */
	char error[CURL_ERROR_SIZE];
};

/* What came of it. */
struct transfer_outcome {
	bool is_fine;                 /* a 2xx */
	bool is_hopeless;             /* not worth another attempt */
	long status;                  /* 0: there was no answer */
	int64_t retry_after;          /* seconds, when the receiver asked for it; an hour at most */
	char error[200];              /* empty when it is fine */
};

/* Takes over the body, and begins to send it. */
bool transfer_begin(struct transfer *transfer, CURLM *multi, const struct webhook *webhook, const struct delivery *delivery, struct text *body,
    const struct webhooks_settings *settings, struct error *err);
/* The same with a form (application/x-www-form-urlencoded), unsigned. */
bool transfer_begin_form(struct transfer *transfer, CURLM *multi, const char *url, struct text *body, const struct webhooks_settings *settings,
    struct error *err);
void transfer_outcome(struct transfer *transfer, CURLcode code, struct transfer_outcome *ret_outcome);
/* Ends it, whether it is done or not. */
void transfer_end(struct transfer *transfer, CURLM *multi);

/* May a connection be made to it? On false, `ret_reason` says why not. */
bool webhook_may_reach(const struct ip_address *address, unsigned port, const struct ip_networks *allowed, char *ret_reason, size_t size);

/* --- webhooks.c: the deliverer --- */

enum { WEBHOOK_SLOTS = 16, WEBHOOK_TROUBLE_US = 1000000 };

enum slot_state { SLOT_FREE, SLOT_SENDING, SLOT_ANSWERED, SLOT_NOTING };

struct webhook_slot {
	enum slot_state state;
	struct transfer transfer;
	struct delivery delivery;
	struct delivery_result result;
	char error[200];              /* of the result */
};

/* --- websub.c --- */

struct websub {
	enum { WEBSUB_IDLE, WEBSUB_GATHERING, WEBSUB_SENDING, WEBSUB_ANSWERED, WEBSUB_NOTING } state;
	struct transfer transfer;
	struct text body;             /* what is gathered; the transfer takes it over */
	struct map *named;            /* the feeds in it: "/section/national" */
	int64_t seq;                  /* up to where it tells */
	int64_t until;                /* up to where there was something to tell when gathering began */
	int64_t attempts, next_at;    /* wall clock; TIME_NONE: at once */
};

struct webhooks;

/* Gathers a ping when there is something to tell, a step at a time (`looks` is set when there is another to do), and begins it. Inside a read. */
bool websub_look(struct webhooks *webhooks, struct error *err);
/* Is this the end of a ping? Then it is dealt with. */
bool websub_take(struct webhooks *webhooks, const CURLMsg *message);
void websub_done(struct websub *websub);

enum job_kind { JOB_NONE, JOB_NOTE, JOB_REPLAY, JOB_FORGET, JOB_WEBSUB };

struct webhooks {
	struct webhooks_settings settings;
	struct store *store;          /* for reading; the thread's */
	CURLM *multi;
	pthread_t thread;
	atomic_bool is_woken, is_stopping;

	struct webhook_slot slots[WEBHOOK_SLOTS];
	struct websub websub;
	size_t first;                 /* webhook that is asked first the next time */
	bool looks;                   /* something may be due */
	int64_t next_at;              /* wall clock: when something will be; TIME_NONE: nothing */
	int64_t replay_id;            /* webhook with a step of a replay to do; 0: none */
	int64_t old_at;               /* wall clock: when to look for what is old */
	bool has_old;
	int64_t trouble_until_us;     /* nothing is read or noted before */

	struct lane_job job;
	enum job_kind kind;           /* of the job that is under way */
	struct delivery_result results[WEBHOOK_SLOTS];
	size_t n_results;
	int64_t job_number;           /* webhook, or the time */
	bool job_fine;
	struct error job_err;
	pthread_mutex_t lock;
	pthread_cond_t settled;
	bool job_is_done;

	int64_t logged_us;
	int64_t n_unlogged;
};

/* --- webhook_jobs.c: what the writer's thread does for it, one job at a time --- */

/* Hands over all outcomes that there are. */
void webhook_job_note(struct webhooks *webhooks);
/* Hands over up to where the hub has been told. */
void webhook_job_websub(struct webhooks *webhooks);
/* The next job, if there is anything to do and none is under way: outcomes, a step of a replay, forgetting what is old. */
void webhook_job_next(struct webhooks *webhooks);
/* Takes notice of the job that is under way if it is done; waits for it. */
void webhook_job_settle(struct webhooks *webhooks);
void webhook_job_wait(struct webhooks *webhooks);

#endif
