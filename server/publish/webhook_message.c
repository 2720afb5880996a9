/* SPDX-License-Identifier: MIT */
/*
 * What a webhook is sent, and its signature.
 *
 * The body is made from the version when it is sent, so the outbox holds numbers alone. The article is the list
 * item of the version, as a list would have shown it then; of one that goes, only what readers are told of its removal, under the address
 * that they knew. Of one that has gone since, an earlier event tells no more than its number: who is told late must not be told what was taken
 * away.
 *
 * The signature covers the time of the attempt, so that who records a request cannot send it again later.
 */
#include "webhook_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "secret.h"

/* The address under which readers had it: of the version before, if that was public. In the arena. */
static const char *slug_that_was_known(struct store *store, const struct article *article, struct arena *arena)
{
	struct error ignored ERROR_UNSET;
	struct article before;

	if (article->rev > 1 && store_version_load(store, article->id, article->rev - 1, arena, &before, &ignored) && before.status == ARTICLE_PUBLISHED)
		return before.slug;
	return article->slug;
}

static bool write_removal(struct store *store, const struct article *article, int64_t at, struct arena *arena, struct text *json, struct error *err)
{
	const int64_t removed_at = article->removed_at != TIME_NONE ? article->removed_at : at;
	const char *reason = article->status == ARTICLE_WITHDRAWN ? article->removal_reason : "unpublished";
	const char *slug = slug_that_was_known(store, article, arena);
	char time[CLOCK_RFC3339_SIZE];
	bool is_replaced = false;

	if (article->replaced_by != 0 && !store_is_published(store, article->replaced_by, &is_replaced, err))
		return false;
	text_printf(json, "{\"id\":%" PRId64 ",\"slug\":\"%s\",\"url\":\"%c/article/%s\"", article->id, slug, CONTROL_BASE_URL, slug);
	if (reason != NULL) {
		text_string(json, ",\"reason\":");
		text_json(json, reason, strlen(reason));
	}
	if (is_replaced)
		text_printf(json, ",\"replaced_by\":%" PRId64, article->replaced_by);
	text_printf(json, ",\"removed_at\":\"%s\"}", clock_rfc3339(removed_at, time));
	return true;
}

static void write_head(const struct delivery *delivery, int64_t at, struct text *json)
{
	char id[DELIVERY_ID_SIZE], time[CLOCK_RFC3339_SIZE];

	text_printf(json, "{\"id\":\"%s\",\"event\":\"%s\"", delivery_id(delivery, id), webhook_event_name(delivery->event));
	if (delivery->seq > 0)
		text_printf(json, ",\"seq\":%" PRId64, delivery->seq);
	text_printf(json, ",\"at\":\"%s\"", clock_rfc3339(at, time));
}

static bool write_article(struct store *store, const struct delivery *delivery, struct arena *arena, struct text *json, struct error *err)
{
	struct article article;
	bool is_public;
	int64_t at;

	if (!store_article_at(store, delivery->seq, arena, &article, &at, err) || !store_is_published(store, article.id, &is_public, err))
		return false;
	if (delivery->event != WEBHOOK_WITHDRAW && article.status != ARTICLE_PUBLISHED)
		return error_set(err, ERROR_NOT_FOUND, "the version has been erased since");
	write_head(delivery, at, json);
	text_string(json, ",\"article\":");
	if (delivery->event == WEBHOOK_WITHDRAW)
		return write_removal(store, &article, at, arena, json, err);
	if (is_public)
		article_encode(&article, VIEW_ITEM, json);
	else
		text_printf(json, "{\"id\":%" PRId64 "}", article.id);
	return true;
}

bool webhook_message(struct store *store, const struct delivery *delivery, const char *base_url, struct text *ret_body, struct error *err)
{
	struct arena *arena = arena_new();
	struct text json = TEXT_EMPTY;
	bool fine = true;

	if (delivery->event == WEBHOOK_PING)
		write_head(delivery, delivery->created_at, &json);
	else
		fine = write_article(store, delivery, arena, &json, err);
	text_char(&json, '}');
	text_fill(&json, CONTROL_BASE_URL, base_url);
	arena_free(arena);
	if (fine)
		*ret_body = json;
	else
		text_done(&json);
	return fine;
}

const char *webhook_signature(const char *secret, int64_t timestamp, const struct text *body, char ret_signature[WEBHOOK_SIGNATURE_SIZE])
{
	unsigned char digest[SECRET_DIGEST];
	struct text bytes = TEXT_EMPTY;
	char hex[SECRET_HEX];

	text_printf(&bytes, "%" PRId64 ".", timestamp);
	text_append(&bytes, body->bytes, body->length);
	secret_hmac_sha256(secret, strlen(secret), bytes.bytes, bytes.length, digest);
	secret_hex(digest, hex);
	snprintf(ret_signature, WEBHOOK_SIGNATURE_SIZE, "v1=%s", hex);
	text_done(&bytes);
	return ret_signature;
}
