/* SPDX-License-Identifier: MIT */
/*
 * The outbox: what each webhook is to be told, and what came of it.
 *
 * What makes an event is the difference that readers see: an article comes out (publish), goes (withdraw), or is public before and after
 * (correct, when its newest correction is new, else update). Everything else, drafts above all, is none. store_apply() asks before it changes the
 * tables how the article stood, and afterwards puts a row for each webhook that wants the event into the outbox: a few numbers. What is
 * sent is made from the version when it is sent.
 *
 * Order: of an article and a webhook only the oldest pending row may be sent. A row never has an earlier next_at than one before it, so that what
 * waits behind a failure is not looked at again and again. (Statistics are never gathered, so SQLite is told by which index the few pending rows
 * of an article are found among all that a webhook was ever told.) Where a webhook has a filter, an event counts also when the article had the
 * section or tag until now: who mirrors a section must learn what leaves it.
 */
#include "webhook_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Nothing waits so long: what seems to was noted by a clock that has been set back since, and is due. */
enum { LONGEST_WAIT = 24 * 3600 };

const char *const delivery_state_names[] = { "pending", "delivered", "dead", NULL };

/* --- is it an event, and whose? --- */

static const struct correction *newest_of(const struct correction_list *list)
{
	const struct correction *newest = NULL;

	for (size_t i = 0; i < list->n; i++)
		if (newest == NULL || list->items[i].at >= newest->at)
			newest = &list->items[i];
	return newest;
}

static bool has_correction(const struct correction_list *list, const struct correction *correction)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].at == correction->at && strcmp(list->items[i].kind, correction->kind) == 0
		    && strcmp(list->items[i].text, correction->text) == 0)
			return true;
	return false;
}

enum webhook_event webhook_event_of(const struct article *before, const struct article *article)
{
	const bool is_public = article->status == ARTICLE_PUBLISHED;
	const struct correction *newest = newest_of(&article->corrections);

	if (before == NULL)
		return is_public ? WEBHOOK_PUBLISH : 0;
	if (!is_public)
		return WEBHOOK_WITHDRAW;
	return newest != NULL && !has_correction(&before->corrections, newest) ? WEBHOOK_CORRECT : WEBHOOK_UPDATE;
}

static bool has_section(const struct article *article, const char *slug)
{
	return article->section.slug != NULL && strcmp(article->section.slug, slug) == 0;
}

static bool has_tag(const struct article *article, const char *slug)
{
	for (size_t i = 0; i < article->tags.n; i++)
		if (article->tags.items[i].slug != NULL && strcmp(article->tags.items[i].slug, slug) == 0)
			return true;
	return false;
}

static bool passes(const struct webhook *webhook, const struct article *article)
{
	return (webhook->section == NULL || has_section(article, webhook->section)) && (webhook->tag == NULL || has_tag(article, webhook->tag));
}

bool webhook_wants(const struct webhook *webhook, enum webhook_event event, const struct article *before, const struct article *article)
{
	return webhook->is_active && (webhook->events & event) != 0 && (passes(webhook, article) || (before != NULL && passes(webhook, before)));
}

/* --- in --- */

bool webhook_enqueue(struct store *store, int64_t webhook_id, int64_t seq, int64_t article_id, enum webhook_event event, int64_t at,
    struct error *err)
{
	static const char sql[] =
	    "INSERT INTO webhook_delivery (webhook_id, seq, article_id, event, state, attempts, created_at, next_at, status)"
	    " VALUES (?1, ?2, ?3, ?4, 0, 0, ?5,"
	    "   coalesce((SELECT max(next_at) FROM webhook_delivery INDEXED BY webhook_delivery_article"
	    "             WHERE webhook_id = ?1 AND article_id = ?3 AND seq < ?2 AND state = 0), 0), 0)"
	    " ON CONFLICT (webhook_id, seq) DO UPDATE SET"
	    "   state = 0, attempts = 0, next_at = excluded.next_at, done_at = NULL, status = 0, error = NULL";
	struct statement *insert = store_statement(store, sql);
	bool fine;

	statement_bind_integer(insert, 1, webhook_id);
	statement_bind_integer(insert, 2, seq);
	statement_bind_integer(insert, 3, article_id);
	statement_bind_integer(insert, 4, event);
	statement_bind_integer(insert, 5, at);
	fine = statement_run(insert, err);
	statement_done(insert);
	store->webhooks_changed = true;
	return fine;
}

bool webhooks_look(struct store *store, int64_t id, bool was_public, struct arena *arena, struct webhook_news *ret_news, struct error *err)
{
	const struct webhook *webhooks;
	struct article *before;
	size_t n;

	ret_news->before = NULL;
	if (!webhooks_known(store, &webhooks, &n, err))
		return false;
	if (n == 0 || !was_public)
		return true;
	before = arena_alloc(arena, sizeof *before);
	if (!store_article_load(store, id, arena, before, err))
		return false;
	ret_news->before = before;
	return true;
}

bool webhooks_tell(struct store *store, const struct webhook_news *news, const struct article *article, const struct version *version,
    struct error *err)
{
	const enum webhook_event event = webhook_event_of(news->before, article);
	const struct webhook *webhooks;
	bool fine;
	size_t n;

	fine = webhooks_known(store, &webhooks, &n, err);
	for (size_t i = 0; fine && event != 0 && i < n; i++)
		if (webhook_wants(&webhooks[i], event, news->before, article))
			fine = webhook_enqueue(store, webhooks[i].id, version->seq, article->id, event, version->at, err);
	return fine;
}

/* --- names of rows --- */

const char *delivery_id(const struct delivery *delivery, char ret_id[DELIVERY_ID_SIZE])
{
	if (delivery->seq < 0)
		snprintf(ret_id, DELIVERY_ID_SIZE, "%" PRId64 "-test-%" PRId64, delivery->webhook_id, -delivery->seq);
	else
		snprintf(ret_id, DELIVERY_ID_SIZE, "%" PRId64 "-%" PRId64, delivery->webhook_id, delivery->seq);
	return ret_id;
}

bool delivery_id_read(const char *id, int64_t webhook_id, int64_t *ret_seq)
{
	char name[DELIVERY_ID_SIZE];
	struct delivery delivery = { .webhook_id = webhook_id };
	const char *digits = strrchr(id, '-');

	if (digits == NULL || strlen(digits + 1) > 18)
		return false;
	delivery.seq = strtoll(digits + 1, NULL, 10) * (strstr(id, "-test-") != NULL ? -1 : 1);
	*ret_seq = delivery.seq;
	return strcmp(delivery_id(&delivery, name), id) == 0;    /* as it is written, and no other way */
}

/* --- out --- */

#define DELIVERY_COLUMNS "webhook_id, seq, article_id, event, state, attempts, created_at, next_at, done_at, status, error"

static struct delivery delivery_from_row(struct statement *row, struct arena *arena)
{
	return (struct delivery){
		.webhook_id = statement_integer(row, 0),
		.seq = statement_integer(row, 1),
		.article_id = statement_integer(row, 2),
		.event = (enum webhook_event)statement_integer(row, 3),
		.state = (enum delivery_state)statement_integer(row, 4),
		.attempts = statement_integer(row, 5),
		.created_at = statement_integer(row, 6),
		.next_at = statement_integer(row, 7),
		.done_at = statement_time(row, 8),
		.status = statement_integer(row, 9),
		.error = arena != NULL ? arena_string(arena, statement_text(row, 10)) : NULL,
	};
}

bool store_deliveries_due(struct store *store, int64_t webhook_id, int64_t now, struct delivery *ret_deliveries, size_t most,
    size_t *ret_n, struct error *err)
{
	static const char sql[] =
	    "SELECT " DELIVERY_COLUMNS
	    "  FROM webhook_delivery AS d"
	    " WHERE webhook_id = ?1 AND state = 0 AND (next_at <= ?2 OR next_at > ?4)"
	    "   AND NOT EXISTS (SELECT 1 FROM webhook_delivery INDEXED BY webhook_delivery_article"
	    "                    WHERE webhook_id = ?1 AND article_id = d.article_id AND seq < d.seq AND state = 0)"
	    " ORDER BY next_at, seq LIMIT ?3";
	struct statement *find = store_statement(store, sql);
	size_t n = 0;

	statement_bind_integer(find, 1, webhook_id);
	statement_bind_integer(find, 2, now);
	statement_bind_integer(find, 3, (int64_t)most);
	statement_bind_integer(find, 4, now + LONGEST_WAIT);
	err->code = ERROR_NONE;
	while (n < most && statement_next(find, err))
		ret_deliveries[n++] = delivery_from_row(find, /* arena= */ NULL);
	statement_done(find);
	*ret_n = n;
	return err->code == ERROR_NONE;
}

bool store_deliveries_next(struct store *store, int64_t now, int64_t *ret_at, struct error *err)
{
	static const char sql[] =
	    "SELECT min((SELECT min(next_at) FROM webhook_delivery AS d WHERE d.webhook_id = w.webhook_id AND state = 0 AND next_at > ?1 AND next_at <= ?2))"
	    "  FROM webhook AS w WHERE active <> 0";
	struct statement *find = store_statement(store, sql);
	bool found;

	statement_bind_integer(find, 1, now);
	statement_bind_integer(find, 2, now + LONGEST_WAIT);
	found = statement_row(find, err);
	if (found)
		*ret_at = statement_time(find, 0);
	statement_done(find);
	return found;
}

bool store_article_at(struct store *store, int64_t seq, struct arena *arena, struct article *ret_article, int64_t *ret_at, struct error *err)
{
	static const char sql[] = "SELECT doc, at FROM article_version WHERE seq = ?1 AND kind = 'article'";
	struct statement *find = store_statement(store, sql);
	json_t *object = NULL;
	bool fine;

	statement_bind_integer(find, 1, seq);
	fine = statement_row(find, err) && json_parse(statement_text(find, 0), statement_length(find, 0), &object, err)
	    && article_decode(object, DECODE_STORED, arena, ret_article, err);
	if (fine) {
		*ret_at = statement_integer(find, 1);
		store_resolve_terms(store, ret_article, arena);
	}
	statement_done(find);
	json_decref(object);
	return fine;
}

/* --- what came of it --- */

struct noting {
	const struct delivery_result *results;
	size_t n;
};

static bool note(struct store *store, const struct delivery_result *result, struct error *err)
{
	static const char sql[] =
	    "UPDATE webhook_delivery SET"
	    "   state = ?3, attempts = attempts + 1, next_at = ?4, done_at = iif(?3 = 0, NULL, ?5), status = ?6, error = ?7"
	    " WHERE webhook_id = ?1 AND seq = ?2 AND state = 0";
	struct statement *update = store_statement(store, sql);
	bool fine;

	statement_bind_integer(update, 1, result->webhook_id);
	statement_bind_integer(update, 2, result->seq);
	statement_bind_integer(update, 3, result->state);
	statement_bind_integer(update, 4, result->next_at);
	statement_bind_integer(update, 5, result->at);
	statement_bind_integer(update, 6, result->status);
	statement_bind_text(update, 7, result->error);
	fine = statement_run(update, err);
	statement_done(update);
	return fine;
}

/* What waits behind it waits as long: until the retry, or not at all any more. */
static bool pass_on(struct store *store, const struct delivery_result *result, struct error *err)
{
	static const char sql[] =
	    "UPDATE webhook_delivery INDEXED BY webhook_delivery_article SET next_at = ?4"
	    " WHERE webhook_id = ?1 AND article_id = ?2 AND seq > ?3 AND state = 0";
	struct statement *update = store_statement(store, sql);
	bool fine;

	statement_bind_integer(update, 1, result->webhook_id);
	statement_bind_integer(update, 2, result->article_id);
	statement_bind_integer(update, 3, result->seq);
	statement_bind_integer(update, 4, result->state == DELIVERY_PENDING ? result->next_at : result->at);
	fine = statement_run(update, err);
	statement_done(update);
	return fine;
}

static bool note_all(struct store *store, void *arg, struct error *err)
{
	const struct noting *noting = arg;

	for (size_t i = 0; i < noting->n; i++) {
		const struct delivery_result *result = &noting->results[i];

		if (!note(store, result, err) || (result->state != DELIVERY_DELIVERED && !pass_on(store, result, err)))
			return false;
	}
	return true;
}

bool store_deliveries_note(struct store *store, const struct delivery_result *results, size_t n, struct error *err)
{
	struct noting noting = { results, n };

	return store_transaction(store, note_all, &noting, err);
}

/* --- lists --- */

/* Rows on one side of a place, nearest first; one statement for each way and with or without a state, so that each walks its index. */
static struct statement *walk(struct store *store, const struct delivery_query *query, int64_t from, bool backward, size_t most)
{
	static const char older[] = "SELECT " DELIVERY_COLUMNS " FROM webhook_delivery WHERE webhook_id = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3";
	static const char newer[] = "SELECT " DELIVERY_COLUMNS " FROM webhook_delivery WHERE webhook_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
	static const char older_in[] =
	    "SELECT " DELIVERY_COLUMNS " FROM webhook_delivery WHERE webhook_id = ?1 AND state = ?4 AND seq < ?2 ORDER BY seq DESC LIMIT ?3";
	static const char newer_in[] =
	    "SELECT " DELIVERY_COLUMNS " FROM webhook_delivery WHERE webhook_id = ?1 AND state = ?4 AND seq > ?2 ORDER BY seq LIMIT ?3";
	struct statement *rows = store_statement(store, query->has_state ? (backward ? newer_in : older_in) : backward ? newer : older);

	statement_bind_integer(rows, 1, query->webhook_id);
	statement_bind_integer(rows, 2, from);
	statement_bind_integer(rows, 3, (int64_t)most);
	if (query->has_state)
		statement_bind_integer(rows, 4, query->state);
	return rows;
}

static bool is_any(struct store *store, const struct delivery_query *query, int64_t from, bool backward, bool *ret_any, struct error *err)
{
	struct statement *rows = walk(store, query, from, backward, 1);

	*ret_any = statement_next(rows, err);
	statement_done(rows);
	return err->code == ERROR_NONE;
}

static void reverse(struct delivery *rows, size_t n)
{
	for (size_t i = 0; i + 1 < n - i; i++) {
		const struct delivery row = rows[i];

		rows[i] = rows[n - 1 - i];
		rows[n - 1 - i] = row;
	}
}

bool store_deliveries(struct store *store, const struct delivery_query *query, struct arena *arena, struct delivery_page *ret_page, struct error *err)
{
	const int64_t from = query->has_from ? query->from : query->backward ? INT64_MIN : INT64_MAX;
	struct delivery_page page = { .rows = arena_array(arena, query->limit, sizeof *page.rows) };
	struct statement *rows = walk(store, query, from, query->backward, query->limit);

	while (page.n < query->limit && statement_next(rows, err))
		page.rows[page.n++] = delivery_from_row(rows, arena);
	statement_done(rows);
	if (err->code != ERROR_NONE)
		return false;
	if (query->backward)
		reverse(page.rows, page.n);
	if (page.n > 0 && (!is_any(store, query, page.rows[0].seq, /* backward= */ true, &page.more_before, err)
	                      || !is_any(store, query, page.rows[page.n - 1].seq, /* backward= */ false, &page.more_after, err)))
		return false;
	*ret_page = page;
	return true;
}

bool store_delivery_counts(struct store *store, int64_t *ret_pending, int64_t *ret_dead, struct error *err)
{
	static const char sql[] =
	    "SELECT coalesce(sum((SELECT count(*) FROM webhook_delivery AS d WHERE d.webhook_id = w.webhook_id AND state = 0)), 0),"
	    "       coalesce(sum((SELECT count(*) FROM webhook_delivery AS d WHERE d.webhook_id = w.webhook_id AND state = 2)), 0)"
	    "  FROM webhook AS w";
	struct statement *find = store_statement(store, sql);
	bool found = statement_row(find, err);

	if (found) {
		*ret_pending = statement_integer(find, 0);
		*ret_dead = statement_integer(find, 1);
	}
	statement_done(find);
	return found;
}
