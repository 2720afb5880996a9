/* SPDX-License-Identifier: MIT */
/*
 * Telling a webhook once more: single rows, dead ones, a ping, or everything from a seq of the log on. And forgetting what is old.
 *
 * A replay walks the log in steps of STEP_VERSIONS, each a transaction on the writer's thread, and notes how far it has come, so that it neither
 * holds the writer up nor is lost with the process. While a webhook has REPLAY_PENDING_MOST rows to send, it waits: the outbox stays small
 * however long the log is. What an article's version meant to readers is found out from the version before it, by the same rule as when it was
 * written.
 *
 * A replay and events that happen meanwhile are sent side by side: then an older event of an article may come after a newer one. The
 * `seq` that each carries tells.
 */
#include "webhook_internal.h"

#include <string.h>

enum { STEP_VERSIONS = 200 };

static bool run(struct statement *statement, struct error *err)
{
	const bool fine = statement_run(statement, err);

	statement_done(statement);
	return fine;
}

static bool number(struct statement *find, int64_t *ret_number, struct error *err)
{
	const bool found = statement_row(find, err);

	if (found)
		*ret_number = statement_integer(find, 0);
	statement_done(find);
	return found;
}

/* --- single rows --- */

bool store_delivery_ping(struct store *store, int64_t webhook_id, int64_t now, int64_t *ret_seq, struct error *err)
{
	static const char sql[] = "SELECT min(0, coalesce(min(seq), 0)) - 1 FROM webhook_delivery WHERE webhook_id = ?1";
	struct statement *find = store_statement(store, sql);
	int64_t seq;

	statement_bind_integer(find, 1, webhook_id);
	if (!number(find, &seq, err) || !webhook_enqueue(store, webhook_id, seq, /* article_id= */ 0, WEBHOOK_PING, now, err))
		return false;
	*ret_seq = seq;
	return true;
}

static bool again(struct store *store, int64_t webhook_id, int64_t seq, bool *ret_found, struct error *err)
{
	static const char sql[] = "SELECT article_id, event, created_at FROM webhook_delivery WHERE webhook_id = ?1 AND seq = ?2";
	struct statement *find = store_statement(store, sql);
	int64_t article_id = 0, at = 0;
	enum webhook_event event = 0;

	statement_bind_integer(find, 1, webhook_id);
	statement_bind_integer(find, 2, seq);
	*ret_found = statement_next(find, err);
	if (*ret_found) {
		article_id = statement_integer(find, 0);
		event = (enum webhook_event)statement_integer(find, 1);
		at = statement_integer(find, 2);
	}
	statement_done(find);
	if (!*ret_found)
		return err->code == ERROR_NONE;
	return webhook_enqueue(store, webhook_id, seq, article_id, event, at, err);
}

bool store_deliveries_again(struct store *store, int64_t webhook_id, const int64_t *seqs, size_t n, int64_t *ret_n, struct error *err)
{
	int64_t found = 0;
	bool is_there;

	for (size_t i = 0; i < n; i++) {
		if (!again(store, webhook_id, seqs[i], &is_there, err))
			return false;
		found += is_there;
	}
	*ret_n = found;
	return true;
}

bool store_deliveries_dead_again(struct store *store, int64_t webhook_id, int64_t *ret_n, struct error *err)
{
	static const char sql[] =
	    "UPDATE webhook_delivery SET state = 0, attempts = 0, next_at = 0, done_at = NULL, status = 0, error = NULL"
	    " WHERE webhook_id = ?1 AND seq IN (SELECT seq FROM webhook_delivery WHERE webhook_id = ?1 AND state = 2 ORDER BY seq LIMIT ?2)";
	struct statement *update = store_statement(store, sql);

	statement_bind_integer(update, 1, webhook_id);
	statement_bind_integer(update, 2, DELIVERIES_AGAIN_MOST);
	if (!run(update, err))
		return false;
	*ret_n = sqlite3_changes64(store->db);
	store->webhooks_changed = true;
	return true;
}

/* --- everything from a seq on --- */

bool store_replay_begin(struct store *store, int64_t webhook_id, int64_t since, int64_t *ret_last, struct error *err)
{
	static const char newest[] = "SELECT coalesce(max(seq), 0) FROM article_version";
	static const char sql[] =
	    "INSERT INTO webhook_replay (webhook_id, next_seq, last_seq) VALUES (?1, ?2, ?3)"
	    " ON CONFLICT (webhook_id) DO UPDATE SET next_seq = excluded.next_seq, last_seq = excluded.last_seq";
	struct statement *insert;
	int64_t last;

	if (!number(store_statement(store, newest), &last, err))
		return false;
	insert = store_statement(store, sql);
	statement_bind_integer(insert, 1, webhook_id);
	statement_bind_integer(insert, 2, since);
	statement_bind_integer(insert, 3, last);
	store->webhooks_changed = true;
	if (!run(insert, err))
		return false;
	*ret_last = last;
	return true;
}

bool store_replay_due(struct store *store, int64_t *ret_webhook_id, struct error *err)
{
	static const char sql[] =
	    "SELECT webhook_id FROM webhook_replay AS r JOIN webhook AS w USING (webhook_id)"
	    " WHERE active <> 0 AND (SELECT count(*) FROM"
	    "   (SELECT 1 FROM webhook_delivery AS d WHERE d.webhook_id = r.webhook_id AND state = 0 LIMIT ?1)) < ?1"
	    " LIMIT 1";
	struct statement *find = store_statement(store, sql);
	bool found;

	statement_bind_integer(find, 1, REPLAY_PENDING_MOST);
	err->code = ERROR_NONE;
	found = statement_next(find, err);
	*ret_webhook_id = found ? statement_integer(find, 0) : 0;
	statement_done(find);
	return err->code == ERROR_NONE;
}

struct stepping {
	struct webhook webhook;
	struct arena *arena;          /* of the step */
	struct arena *scratch;        /* of one version */
};

/* The version of the article before this one; 0: there is none. */
static bool seq_before(struct store *store, int64_t article_id, int64_t rev, int64_t *ret_seq, struct error *err)
{
	static const char sql[] = "SELECT seq FROM article_version WHERE kind = 'article' AND ref = ?1 AND rev < ?2 ORDER BY rev DESC LIMIT 1";
	struct statement *find = store_statement(store, sql);
	bool found;

	statement_bind_integer(find, 1, article_id);
	statement_bind_integer(find, 2, rev);
	err->code = ERROR_NONE;
	found = statement_next(find, err);
	*ret_seq = found ? statement_integer(find, 0) : 0;
	statement_done(find);
	return err->code == ERROR_NONE;
}

/* A version that cannot be read as an article any more, because it was erased, tells nobody anything: *ret_there is false. */
static bool read_version(struct store *store, int64_t seq, struct arena *arena, struct article *ret_article, int64_t *ret_at, bool *ret_there,
    struct error *err)
{
	*ret_there = store_article_at(store, seq, arena, ret_article, ret_at, err);
	return *ret_there || error_status(err->code) < 500;
}

/* All versions of an erased article are its last one by now: that it went is told once, and whatever the webhook asks of articles, for nobody knows any more
 * what it was. */
static bool tell_of_erased(struct store *store, const struct stepping *stepping, int64_t seq, int64_t seq_before_last, int64_t at, const struct article *article,
    struct error *err)
{
	const struct webhook *webhook = &stepping->webhook;

	return seq <= seq_before_last || !article->was_public || !webhook->is_active || (webhook->events & WEBHOOK_WITHDRAW) == 0 ||
	    webhook_enqueue(store, webhook->id, seq, article->id, WEBHOOK_WITHDRAW, at, err);
}

static bool tell_again(struct store *store, struct stepping *stepping, int64_t seq, struct error *err)
{
	struct article article, before;
	int64_t at, earlier, ignored;
	enum webhook_event event;
	bool was_public = false, is_there;

	if (!read_version(store, seq, stepping->scratch, &article, &at, &is_there, err))
		return false;
	if (!is_there)
		return true;
	if (!seq_before(store, article.id, article.rev, &earlier, err))
		return false;
	if (article.erased)
		return tell_of_erased(store, stepping, seq, earlier, at, &article, err);
	if (earlier != 0 && !read_version(store, earlier, stepping->scratch, &before, &ignored, &was_public, err))
		return false;
	was_public = was_public && before.status == ARTICLE_PUBLISHED;
	event = webhook_event_of(was_public ? &before : NULL, &article);
	return !webhook_wants(&stepping->webhook, event, was_public ? &before : NULL, &article)
	    || webhook_enqueue(store, stepping->webhook.id, seq, article.id, event, at, err);
}

/* Seqs of the step's versions of articles, and from where the next one goes on. */
static bool list_step(struct store *store, int64_t from, int64_t last, int64_t *ret_seqs, size_t *ret_n, int64_t *ret_next, struct error *err)
{
	static const char sql[] = "SELECT seq, kind = 'article' FROM article_version WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq LIMIT ?3";
	struct statement *find = store_statement(store, sql);
	size_t n = 0, examined = 0;
	int64_t next = last + 1;

	statement_bind_integer(find, 1, from);
	statement_bind_integer(find, 2, last);
	statement_bind_integer(find, 3, STEP_VERSIONS);
	err->code = ERROR_NONE;
	while (examined < STEP_VERSIONS && statement_next(find, err)) {
		if (statement_integer(find, 1) != 0)
			ret_seqs[n++] = statement_integer(find, 0);
		if (++examined == STEP_VERSIONS)
			next = statement_integer(find, 0) + 1;
	}
	statement_done(find);
	*ret_n = n;
	*ret_next = next;
	return err->code == ERROR_NONE;
}

static bool keep_place(struct store *store, int64_t webhook_id, int64_t next, struct error *err)
{
	static const char move[] = "UPDATE webhook_replay SET next_seq = ?2 WHERE webhook_id = ?1";
	static const char end[] = "DELETE FROM webhook_replay WHERE webhook_id = ?1 AND next_seq > last_seq";
	struct statement *update = store_statement(store, move);

	statement_bind_integer(update, 1, webhook_id);
	statement_bind_integer(update, 2, next);
	if (!run(update, err))
		return false;
	update = store_statement(store, end);
	statement_bind_integer(update, 1, webhook_id);
	return run(update, err);
}

static bool step(struct store *store, void *arg, struct error *err)
{
	static const char sql[] = "SELECT next_seq, last_seq FROM webhook_replay WHERE webhook_id = ?1";
	struct stepping *stepping = arg;
	struct statement *find = store_statement(store, sql);
	int64_t seqs[STEP_VERSIONS], from, last, next;
	size_t n;
	bool found;

	statement_bind_integer(find, 1, stepping->webhook.id);
	found = statement_row(find, err);
	if (found) {
		from = statement_integer(find, 0);
		last = statement_integer(find, 1);
	}
	statement_done(find);
	if (!found || !list_step(store, from, last, seqs, &n, &next, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		arena_reset(stepping->scratch);
		if (!tell_again(store, stepping, seqs[i], err))
			return false;
	}
	return keep_place(store, stepping->webhook.id, next, err);
}

bool store_replay_step(struct store *store, int64_t webhook_id, struct error *err)
{
	struct stepping stepping = { .arena = arena_new(), .scratch = arena_new() };
	bool fine = store_webhook(store, webhook_id, stepping.arena, &stepping.webhook, err) && store_transaction(store, step, &stepping, err);

	/* The webhook, or the replay, went meanwhile. */
	if (!fine && err->code == ERROR_NOT_FOUND)
		fine = true;
	arena_free(stepping.scratch);
	arena_free(stepping.arena);
	return fine;
}

/* --- for how long --- */

bool store_deliveries_old(struct store *store, int64_t now, bool *ret_any, struct error *err)
{
	static const char sql[] =
	    "SELECT EXISTS (SELECT 1 FROM webhook_delivery INDEXED BY webhook_delivery_done WHERE state = 1 AND state <> 0 AND done_at < ?1)"
	    "    OR EXISTS (SELECT 1 FROM webhook_delivery INDEXED BY webhook_delivery_done WHERE state = 2 AND state <> 0 AND done_at < ?2)";
	struct statement *find = store_statement(store, sql);
	int64_t any;

	statement_bind_integer(find, 1, now - DELIVERED_KEPT_SECONDS);
	statement_bind_integer(find, 2, now - DEAD_KEPT_SECONDS);
	if (!number(find, &any, err))
		return false;
	*ret_any = any != 0;
	return true;
}

static bool forget(struct store *store, void *arg, struct error *err)
{
	static const char sql[] =
	    "DELETE FROM webhook_delivery WHERE (webhook_id, seq) IN"
	    " (SELECT webhook_id, seq FROM webhook_delivery WHERE state = ?1 AND state <> 0 AND done_at < ?2 ORDER BY done_at LIMIT ?3)";
	const int64_t now = *(const int64_t *)arg;

	for (enum delivery_state state = DELIVERY_DELIVERED; state <= DELIVERY_DEAD; state++) {
		struct statement *delete = store_statement(store, sql);

		statement_bind_integer(delete, 1, state);
		statement_bind_integer(delete, 2, now - (state == DELIVERY_DEAD ? DEAD_KEPT_SECONDS : DELIVERED_KEPT_SECONDS));
		statement_bind_integer(delete, 3, DELIVERIES_FORGOTTEN_MOST);
		if (!run(delete, err))
			return false;
	}
	return true;
}

bool store_deliveries_forget(struct store *store, int64_t now, struct error *err)
{
	return store_transaction(store, forget, &now, err);
}
