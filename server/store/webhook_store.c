/* SPDX-License-Identifier: MIT */
/*
 * Webhooks themselves: records of the log, applied to the table `webhook` and read from it.
 *
 * The writer keeps all of them in memory (there are at most WEBHOOKS_MOST), because every version of an article asks for them: without any,
 * that is one look at a number. What it knows is forgotten when a record changes one, and when a transaction is undone.
 *
 * The secret stands in the log's last version and here as it is: signatures are made with it. It is in no answer but that to the POST that made it,
 * and earlier versions have an empty one.
 */
#include "webhook_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct webhooks_kept {
	struct arena *arena;
	struct webhook *webhooks;
	size_t n;
};

/* --- names of events --- */

static const struct {
	enum webhook_event event;
	const char *name;
} events[] = {
	{ WEBHOOK_PUBLISH, "publish" },
	{ WEBHOOK_UPDATE, "update" },
	{ WEBHOOK_CORRECT, "correct" },
	{ WEBHOOK_WITHDRAW, "withdraw" },
};

enum { EVENTS = sizeof events / sizeof *events };

const char *webhook_event_name(enum webhook_event event)
{
	for (size_t i = 0; i < EVENTS; i++)
		if (events[i].event == event)
			return events[i].name;
	return "ping";
}

bool webhook_event_named(const char *name, enum webhook_event *ret_event)
{
	for (size_t i = 0; i < EVENTS; i++) {
		if (strcmp(events[i].name, name) == 0) {
			*ret_event = events[i].event;
			return true;
		}
	}
	return false;
}

void webhook_write_events(unsigned set, struct text *json)
{
	bool has_one = false;

	text_char(json, '[');
	for (size_t i = 0; i < EVENTS; i++) {
		if ((set & events[i].event) == 0)
			continue;
		text_printf(json, "%s\"%s\"", has_one ? "," : "", events[i].name);
		has_one = true;
	}
	text_char(json, ']');
}

/* --- record <-> webhook --- */

static void write_string(struct text *json, const char *name, const char *value)
{
	if (value == NULL)
		return;
	text_printf(json, ",\"%s\":", name);
	text_json(json, value, strlen(value));
}

void store_webhook_record(const struct webhook *webhook, struct text *ret_json)
{
	text_string(ret_json, "{\"url\":");
	text_json(ret_json, webhook->url, strlen(webhook->url));
	text_string(ret_json, ",\"events\":");
	webhook_write_events(webhook->events, ret_json);
	write_string(ret_json, "section", webhook->section);
	write_string(ret_json, "tag", webhook->tag);
	write_string(ret_json, "secret", webhook->secret);
	text_printf(ret_json, ",\"active\":%s,\"created\":%" PRId64 "}", webhook->is_active ? "true" : "false", webhook->created_at);
}

static unsigned events_of(json_t *names)
{
	enum webhook_event event;
	unsigned set = 0;
	json_t *name;
	size_t i;

	json_array_foreach(names, i, name)
		if (json_is_string(name) && webhook_event_named(json_string_value(name), &event))
			set |= event;
	return set;
}

static bool put(struct store *store, const struct version *version, json_t *record, struct error *err)
{
	static const char sql[] =
	    "INSERT INTO webhook (webhook_id, rev, url, events, section, tag, secret, active, created_at, updated_at)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
	    " ON CONFLICT (webhook_id) DO UPDATE SET"
	    "   rev = excluded.rev, url = excluded.url, events = excluded.events, section = excluded.section, tag = excluded.tag,"
	    "   secret = excluded.secret, active = excluded.active, created_at = excluded.created_at, updated_at = excluded.updated_at";
	struct statement *insert = store_statement(store, sql);
	bool fine;

	statement_bind_integer(insert, 1, version->record.ref);
	statement_bind_integer(insert, 2, version->record.rev);
	statement_bind_text(insert, 3, json_string_value(json_object_get(record, "url")));
	statement_bind_integer(insert, 4, events_of(json_object_get(record, "events")));
	statement_bind_text(insert, 5, json_string_value(json_object_get(record, "section")));
	statement_bind_text(insert, 6, json_string_value(json_object_get(record, "tag")));
	statement_bind_text(insert, 7, json_string_value(json_object_get(record, "secret")));
	statement_bind_integer(insert, 8, json_is_true(json_object_get(record, "active")));
	statement_bind_integer(insert, 9, json_integer_value(json_object_get(record, "created")));
	statement_bind_integer(insert, 10, version->at);
	fine = statement_run(insert, err);
	statement_done(insert);
	return fine;
}

/* Its outbox goes with it. */
static bool take_away(struct store *store, int64_t id, struct error *err)
{
	static const char sql[] = "DELETE FROM webhook WHERE webhook_id = ?1";
	struct statement *delete = store_statement(store, sql);
	bool fine;

	statement_bind_integer(delete, 1, id);
	fine = statement_run(delete, err);
	statement_done(delete);
	return fine;
}

/* Of earlier versions, so that a secret that was replaced, or whose webhook was deleted, is nowhere. */
static bool forget_secrets(struct store *store, const struct record *record, struct error *err)
{
	late_secret(store);
	return versions_blank_member(store, record, "secret", err);
}

bool webhook_apply(struct store *store, const struct version *version, struct error *err)
{
	json_t *record = NULL;
	bool fine;

	webhooks_forget(store);
	store->webhooks_changed = true;
	if (version->record.rev > 1 && !forget_secrets(store, &version->record, err))
		return false;
	if (version->record.is_removed)
		return take_away(store, version->record.ref, err);
	fine = json_parse(version->record.json, strlen(version->record.json), &record, err) && put(store, version, record, err);
	json_decref(record);
	return fine;
}

bool store_webhooks_changed(struct store *store)
{
	const bool changed = store->webhooks_changed;

	store->webhooks_changed = false;
	return changed;
}

/* --- reading --- */

#define WEBHOOK_COLUMNS "webhook_id, rev, url, events, section, tag, secret, active, created_at, updated_at"

static const char *text_or_none(struct statement *row, int column, struct arena *arena)
{
	const char *text = statement_text(row, column);

	return text != NULL ? arena_string(arena, text) : NULL;
}

static struct webhook webhook_from_row(struct statement *row, struct arena *arena)
{
	return (struct webhook){
		.id = statement_integer(row, 0),
		.rev = statement_integer(row, 1),
		.url = arena_string(arena, statement_text(row, 2)),
		.events = (unsigned)statement_integer(row, 3),
		.section = text_or_none(row, 4, arena),
		.tag = text_or_none(row, 5, arena),
		.secret = arena_string(arena, statement_text(row, 6)),
		.is_active = statement_integer(row, 7) != 0,
		.created_at = statement_integer(row, 8),
		.updated_at = statement_integer(row, 9),
	};
}

bool store_webhook(struct store *store, int64_t id, struct arena *arena, struct webhook *ret_webhook, struct error *err)
{
	static const char sql[] = "SELECT " WEBHOOK_COLUMNS " FROM webhook WHERE webhook_id = ?1";
	struct statement *find = store_statement(store, sql);
	bool found;

	statement_bind_integer(find, 1, id);
	found = statement_row(find, err);
	if (found)
		*ret_webhook = webhook_from_row(find, arena);
	statement_done(find);
	return found;
}

bool store_webhooks(struct store *store, struct arena *arena, struct webhook **ret_webhooks, size_t *ret_n, struct error *err)
{
	static const char sql[] = "SELECT " WEBHOOK_COLUMNS " FROM webhook ORDER BY webhook_id LIMIT ?1";
	struct statement *find = store_statement(store, sql);
	struct webhook *webhooks = NULL;
	size_t n = 0;

	statement_bind_integer(find, 1, WEBHOOKS_MOST);
	while (n < WEBHOOKS_MOST && statement_next(find, err)) {
		if (webhooks == NULL)
			webhooks = arena_array(arena, WEBHOOKS_MOST, sizeof *webhooks);
		webhooks[n++] = webhook_from_row(find, arena);
	}
	statement_done(find);
	*ret_webhooks = webhooks;
	*ret_n = n;
	return err->code == ERROR_NONE;
}

bool webhooks_known(struct store *store, const struct webhook **ret_webhooks, size_t *ret_n, struct error *err)
{
	struct webhooks_kept *kept = store->webhooks;

	if (kept == NULL) {
		kept = calloc(1, sizeof *kept);
		if (kept == NULL)
			return error_set(err, ERROR_INTERNAL, "out of memory");
		kept->arena = arena_new();
		store->webhooks = kept;
		err->code = ERROR_NONE;
		if (!store_webhooks(store, kept->arena, &kept->webhooks, &kept->n, err)) {
			webhooks_forget(store);
			return false;
		}
	}
	*ret_webhooks = kept->webhooks;
	*ret_n = kept->n;
	return true;
}

void webhooks_forget(struct store *store)
{
	if (store->webhooks == NULL)
		return;
	arena_free(store->webhooks->arena);
	free(store->webhooks);
	store->webhooks = NULL;
}
