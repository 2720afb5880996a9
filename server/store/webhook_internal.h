/* SPDX-License-Identifier: MIT */
/* What the files of webhooks share with whoever applies versions. */
#ifndef BROADSHEET_WEBHOOK_INTERNAL_H
#define BROADSHEET_WEBHOOK_INTERNAL_H

#include "store_internal.h"
#include "webhook_store.h"

/* --- webhook_store.c --- */

/* The writer's: all webhooks, kept in memory until one changes, so that a write without any costs a look at a number. */
bool webhooks_known(struct store *store, const struct webhook **ret_webhooks, size_t *ret_n, struct error *err);
void webhooks_forget(struct store *store);
bool webhook_apply(struct store *store, const struct version *version, struct error *err);

/* --- webhook_outbox.c --- */

/* An article as it was before a version; NULL where it was not public. */
struct webhook_news {
	const struct article *before;
};

/* Before the tables change: looks at what readers see until now. Nothing without webhooks. */
bool webhooks_look(struct store *store, int64_t id, bool was_public, struct arena *arena, struct webhook_news *ret_news, struct error *err);
/* Afterwards: puts the event, if it is one, into the outbox of each webhook that wants it. */
bool webhooks_tell(struct store *store, const struct webhook_news *news, const struct article *article, const struct version *version,
    struct error *err);

/* 0: readers see no difference. `before` is NULL where it was not public. */
enum webhook_event webhook_event_of(const struct article *before, const struct article *article);
bool webhook_wants(const struct webhook *webhook, enum webhook_event event, const struct article *before, const struct article *article);
/* A row for the outbox; one that is there already becomes as new. */
bool webhook_enqueue(struct store *store, int64_t webhook_id, int64_t seq, int64_t article_id, enum webhook_event event, int64_t at,
    struct error *err);

#endif
