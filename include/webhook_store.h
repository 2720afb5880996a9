/* SPDX-License-Identifier: MIT */
/*
 * Webhooks as they are kept: whom to tell (records of the log), and the outbox of what they are to be told, which is this node's own.
 *
 * store_apply() writes the outbox in the transaction of the article's version; the deliverer (webhooks.h) reads it and has the writer's thread note
 * what came of it. A row of the outbox is known by webhook and seq. Everything that changes anything is for the writer's thread.
 */
#ifndef BROADSHEET_WEBHOOK_STORE_H
#define BROADSHEET_WEBHOOK_STORE_H

#include "store.h"

/* What happens to an article as readers see it, a bit each. */
enum webhook_event {
	WEBHOOK_PUBLISH = 1,          /* it comes out, or comes back */
	WEBHOOK_UPDATE = 2,
	WEBHOOK_CORRECT = 4,          /* an update whose newest correction is new */
	WEBHOOK_WITHDRAW = 8,         /* it goes, for whatever reason */
	WEBHOOK_EVERY = 15,
	WEBHOOK_PING = 16,            /* a test */
};

const char *webhook_event_name(enum webhook_event event);
bool webhook_event_named(const char *name, enum webhook_event *ret_event);    /* a test has no name that one may ask for */
/* The names of a set of events as a JSON list. */
void webhook_write_events(unsigned events, struct text *json);

enum { WEBHOOKS_MOST = 100, WEBHOOK_SECRET_LEAST = 16, WEBHOOK_SECRET_MOST = 200, WEBHOOK_URL_MOST = 1000 };

struct webhook {
	int64_t id, rev;
	const char *url;
	unsigned events;
	const char *section, *tag;    /* slugs, or NULL */
	const char *secret;
	bool is_active;
	int64_t created_at, updated_at;
};

/* Strings lie in the arena. ERROR_NOT_FOUND. */
bool store_webhook(struct store *store, int64_t id, struct arena *arena, struct webhook *ret_webhook, struct error *err);
/* All of them, by id. */
bool store_webhooks(struct store *store, struct arena *arena, struct webhook **ret_webhooks, size_t *ret_n, struct error *err);
/* What its record in the log says (store.h, struct record). */
void store_webhook_record(const struct webhook *webhook, struct text *ret_json);

/* Has the outbox, or whom to tell, changed since the last time this was asked? After a commit, on the writer's thread. */
bool store_webhooks_changed(struct store *store);

/* --- the outbox --- */

enum delivery_state { DELIVERY_PENDING, DELIVERY_DELIVERED, DELIVERY_DEAD };
extern const char *const delivery_state_names[];    /* NULL at the end */

struct delivery {
	int64_t webhook_id, seq, article_id, created_at, next_at, done_at, attempts, status;
	enum webhook_event event;
	enum delivery_state state;
	const char *error;            /* or NULL; in the arena */
};

/* "3-812", or of a test "3-test-1": the same however often it is sent. */
enum { DELIVERY_ID_SIZE = 56 };
const char *delivery_id(const struct delivery *delivery, char ret_id[DELIVERY_ID_SIZE]);
bool delivery_id_read(const char *id, int64_t webhook_id, int64_t *ret_seq);

/* What may be sent now, the most overdue first: of each article its oldest pending event alone. */
bool store_deliveries_due(struct store *store, int64_t webhook_id, int64_t now, struct delivery *ret_deliveries, size_t most,
    size_t *ret_n, struct error *err);
/* The next moment after `now` at which something may be sent; TIME_NONE: none. */
bool store_deliveries_next(struct store *store, int64_t now, int64_t *ret_at, struct error *err);
/* The article as a version has it, with its terms as the store knows them, and the version's time. ERROR_NOT_FOUND. */
bool store_article_at(struct store *store, int64_t seq, struct arena *arena, struct article *ret_article, int64_t *ret_at, struct error *err);

struct delivery_result {
	int64_t webhook_id, seq, article_id;
	enum delivery_state state;    /* what it is from now on */
	int64_t at, next_at;          /* next_at: of one that is still pending */
	int64_t status;
	const char *error;            /* NULL: none */
};

/* Notes what came of attempts, in one transaction. What is gone meanwhile is left alone. */
bool store_deliveries_note(struct store *store, const struct delivery_result *results, size_t n, struct error *err);

struct delivery_query {
	int64_t webhook_id;
	bool has_state, has_from, backward;
	enum delivery_state state;
	int64_t from;                 /* seq, exclusive */
	size_t limit;
};

struct delivery_page {
	struct delivery *rows;        /* newest seq first */
	size_t n;
	bool more_before, more_after;
};

bool store_deliveries(struct store *store, const struct delivery_query *query, struct arena *arena, struct delivery_page *ret_page,
    struct error *err);
bool store_delivery_counts(struct store *store, int64_t *ret_pending, int64_t *ret_dead, struct error *err);

/* --- once more; inside a transaction --- */

/* A ping for one webhook; gives its seq, which is below 0. */
bool store_delivery_ping(struct store *store, int64_t webhook_id, int64_t now, int64_t *ret_seq, struct error *err);
/* Makes single rows pending again. *ret_n: how many there were. */
bool store_deliveries_again(struct store *store, int64_t webhook_id, const int64_t *seqs, size_t n, int64_t *ret_n, struct error *err);
/* The same with dead ones, the oldest first, DELIVERIES_AGAIN_MOST at once. */
enum { DELIVERIES_AGAIN_MOST = 10000 };
bool store_deliveries_dead_again(struct store *store, int64_t webhook_id, int64_t *ret_n, struct error *err);

/* Asks for all events from a seq on; replaces a replay that is under way. *ret_last: up to which seq. */
bool store_replay_begin(struct store *store, int64_t webhook_id, int64_t since, int64_t *ret_last, struct error *err);
/* Is there a step of a replay to do? A webhook with REPLAY_PENDING_MOST pending rows waits until they are fewer. */
enum { REPLAY_PENDING_MOST = 1000 };
bool store_replay_due(struct store *store, int64_t *ret_webhook_id, struct error *err);
/* One step: the next versions of the log. A transaction of its own. */
bool store_replay_step(struct store *store, int64_t webhook_id, struct error *err);

/* --- WebSub: server/store/websub_store.c --- */

/* Up to which seq the hub has been told what changed; -1: it is a new one. */
bool store_websub_position(struct store *store, const char *hub, int64_t *ret_seq, struct error *err);
/* Forgets other hubs. A transaction of its own. */
bool store_websub_note(struct store *store, const char *hub, int64_t seq, struct error *err);

struct version_pair {
	int64_t seq, before;          /* before: of the article's version before this one; 0: it is the first */
};

/* Versions of articles behind `after`, to `last`; up to `most`. */
bool store_versions_between(struct store *store, int64_t after, int64_t last, struct version_pair *ret_pairs, size_t most, size_t *ret_n,
    struct error *err);
/* Of an erased article, whose versions say nothing any more: if this version is the one that took it from readers, all sections, sources and tags under
 * which it ever stood, as far as that is known, and first `kind` NULL for everything. */
bool store_erased_terms(struct store *store, int64_t article_id, int64_t seq, bool (*visit)(void *arg, const char *kind, const char *slug), void *arg,
    struct error *err);

/* --- for how long --- */

enum { DELIVERED_KEPT_SECONDS = 7 * 86400, DEAD_KEPT_SECONDS = 30 * 86400, DELIVERIES_FORGOTTEN_MOST = 1000 };

bool store_deliveries_old(struct store *store, int64_t now, bool *ret_any, struct error *err);
/* Forgets up to DELIVERIES_FORGOTTEN_MOST of each kind. A transaction of its own. */
bool store_deliveries_forget(struct store *store, int64_t now, struct error *err);

#endif
