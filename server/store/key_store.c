/* SPDX-License-Identifier: MIT */
/*
 * API keys: who they belong to, what they allow, and until when.
 *
 * A key is a record of the log (kind "key"), so every node knows the same ones, and revoking one is a version like any other. What is kept of
 * it is the SHA-256 of its secret, here and in the log. A revoked key keeps its row and its name: the log says who wrote by names.
 *
 * A key that is not known is read as nobody's, the row 0 of the table: one search of the index and one row, as for a known one, and a digest
 * to compare. So the time of an answer does not tell which keys there are.
 *
 * When a key was last used is noted beside, roughly, and not in the log: nothing is decided by it.
 */
#include "store_internal.h"

#include <string.h>

#include "clock.h"

#define KEY_COLUMNS "key_id, kid, name, digest, scopes, rev, created_at, expires_at, revoked_at"

enum { KEY_COLUMNS_N = 9 };

static unsigned scopes_from(const char *names)
{
	unsigned scopes = 0;

	while (*names != '\0') {
		const size_t length = strcspn(names, ",");

		scopes |= scope_by_name(names, length);
		names += length + (names[length] == ',');
	}
	return scopes;
}

static void key_from_row(struct statement *row, struct arena *arena, struct api_key *ret_key)
{
	*ret_key = (struct api_key){
		.id = statement_integer(row, 0),
		.kid = arena_string(arena, statement_text(row, 1)),
		.name = arena_string(arena, statement_text(row, 2)),
		.scopes = scopes_from(statement_text(row, 4)),
		.rev = statement_integer(row, 5),
		.created_at = statement_time(row, 6),
		.expires_at = statement_time(row, 7),
		.revoked_at = statement_time(row, 8),
		.used_at = TIME_NONE,
	};
	memcpy(ret_key->digest, statement_blob(row, 3), sizeof ret_key->digest);
}

/* --- reading --- */

static bool find(struct store *store, const char *sql, const char *wanted, struct arena *arena, struct api_key *ret_key, struct error *err)
{
	struct statement *find = store_statement(store, sql);
	bool found;

	statement_bind_text(find, 1, wanted);
	found = statement_row(find, err);
	if (found)
		key_from_row(find, arena, ret_key);
	statement_done(find);
	return found;
}

bool store_key_by_kid(struct store *store, const char *kid, struct arena *arena, struct api_key *ret_key, struct error *err)
{
	static const char sql[] =
	    "SELECT " KEY_COLUMNS " FROM api_key"
	    " WHERE key_id = coalesce((SELECT key_id FROM api_key WHERE kid = ?1), 0)";

	return find(store, sql, kid, arena, ret_key, err);
}

bool store_key_by_name(struct store *store, const char *name, struct arena *arena, struct api_key *ret_key, struct error *err)
{
	static const char sql[] = "SELECT " KEY_COLUMNS " FROM api_key WHERE name = ?1 AND key_id > 0";

	return find(store, sql, name, arena, ret_key, err);
}

bool store_has_keys(struct store *store, bool *ret_has, struct error *err)
{
	static const char sql[] = "SELECT EXISTS (SELECT 1 FROM api_key WHERE key_id > 0)";
	struct statement *look = store_statement(store, sql);
	const bool fine = statement_row(look, err);

	if (fine)
		*ret_has = statement_integer(look, 0) != 0;
	statement_done(look);
	return fine;
}

bool store_key_next(struct store *store, int64_t after, struct arena *arena, struct api_key *ret_key, struct error *err)
{
	static const char sql[] =
	    "SELECT " KEY_COLUMNS ", (SELECT used_at FROM api_key_use WHERE key_id = k.key_id)"
	    "  FROM api_key AS k"
	    " WHERE key_id > ?1 ORDER BY key_id LIMIT 1";
	struct statement *find = store_statement(store, sql);
	bool found;

	statement_bind_integer(find, 1, after);
	found = statement_next(find, err);
	if (found) {
		key_from_row(find, arena, ret_key);
		ret_key->used_at = statement_time(find, KEY_COLUMNS_N);
	}
	statement_done(find);
	return found;
}

/* --- as JSON, for the log and for answers --- */

static void write_time(struct text *json, const char *name, int64_t time)
{
	char text[CLOCK_RFC3339_SIZE];

	if (time != TIME_NONE)
		text_printf(json, ",\"%s\":\"%s\"", name, clock_rfc3339(time, text));
}

void store_key_encode(const struct api_key *key, bool with_digest, struct text *ret_json)
{
	char hex[SECRET_HEX];
	bool is_first = true;

	text_string(ret_json, "{\"name\":");
	text_json(ret_json, key->name, strlen(key->name));
	text_printf(ret_json, ",\"kid\":\"%s\",\"scopes\":[", key->kid);
	for (unsigned i = 0; i < SCOPES; i++) {
		if (!(key->scopes & 1u << i))
			continue;
		text_printf(ret_json, "%s\"%s\"", is_first ? "" : ",", scope_names[i]);
		is_first = false;
	}
	text_char(ret_json, ']');
	write_time(ret_json, "created_at", key->created_at);
	write_time(ret_json, "expires_at", key->expires_at);
	write_time(ret_json, "revoked_at", key->revoked_at);
	write_time(ret_json, "used_at", key->used_at);
	if (with_digest) {
		secret_hex(key->digest, hex);
		text_printf(ret_json, ",\"digest\":\"%s\"", hex);
	}
	text_char(ret_json, '}');
}

void store_key_answer(const struct api_key *key, const char *text, struct text *ret_json)
{
	text_string(ret_json, "{\"data\":");
	store_key_encode(key, /* with_digest= */ false, ret_json);
	if (text != NULL) {
		ret_json->length--;    /* the brace: the key goes in before it */
		text_printf(ret_json, ",\"key\":\"%s\"}", text);
	}
	text_char(ret_json, '}');
}

bool store_keys_answer(struct store *store, struct arena *arena, struct text *ret_json, struct error *err)
{
	struct api_key key = { .id = 0 };
	bool is_first = true;

	text_string(ret_json, "{\"data\":[");
	while (store_key_next(store, key.id, arena, &key, err)) {
		text_string(ret_json, is_first ? "" : ",");
		store_key_encode(&key, /* with_digest= */ false, ret_json);
		is_first = false;
	}
	text_string(ret_json, "]}");
	return err->code == ERROR_NONE;
}

static bool decode(const char *json, struct arena *arena, struct api_key *ret_key, struct error *err)
{
	struct api_key key = { .created_at = TIME_NONE, .expires_at = TIME_NONE, .revoked_at = TIME_NONE, .used_at = TIME_NONE };
	struct string_list scopes = { 0 };
	const char *digest = NULL;
	const struct form_field fields[] = {
		{ "name", FORM_LINE, .most = KEY_NAME_MOST, .required = true, .ret = &key.name },
		{ "kid", FORM_LINE, .most = KEY_KID, .required = true, .ret = &key.kid },
		{ "scopes", FORM_LINES, .most = SCOPES, .ret = &scopes },
		{ "created_at", FORM_TIME, .required = true, .ret = &key.created_at },
		{ "expires_at", FORM_TIME, .ret = &key.expires_at },
		{ "revoked_at", FORM_TIME, .ret = &key.revoked_at },
		{ "digest", FORM_LINE, .most = SECRET_HEX - 1, .required = true, .ret = &digest },
	};
	json_t *object = NULL;
	const bool fine = json_parse(json, strlen(json), &object, err)
	    && form_read(object, fields, sizeof fields / sizeof fields[0], arena, err)
	    && (secret_from_hex(digest, key.digest) || error_set(err, ERROR_INTERNAL, "the log has a key without a digest"));

	json_decref(object);
	if (!fine)
		return false;
	for (size_t i = 0; i < scopes.n; i++)
		key.scopes |= scope_by_name(scopes.items[i], strlen(scopes.items[i]));
	*ret_key = key;
	return true;
}

/* --- writing --- */

static bool put(struct store *store, const struct version *version, const struct api_key *key, struct error *err)
{
	static const char sql[] =
	    "INSERT INTO api_key (" KEY_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
	    " ON CONFLICT (key_id) DO UPDATE SET kid = ?2, name = ?3, digest = ?4, scopes = ?5, rev = ?6, created_at = ?7, expires_at = ?8, revoked_at = ?9";
	struct statement *put = store_statement(store, sql);
	char scopes[SCOPE_NAMES_SIZE];
	bool fine;

	statement_bind_integer(put, 1, version->record.ref);
	statement_bind_text(put, 2, key->kid);
	statement_bind_text(put, 3, key->name);
	statement_bind_blob(put, 4, (const char *)key->digest, sizeof key->digest);
	statement_bind_text(put, 5, scope_list(key->scopes, scopes));
	statement_bind_integer(put, 6, version->record.rev);
	statement_bind_time(put, 7, key->created_at);
	statement_bind_time(put, 8, key->expires_at);
	statement_bind_time(put, 9, key->revoked_at);
	fine = statement_run(put, err);
	statement_done(put);
	return fine;
}

bool key_apply(struct store *store, const struct version *version, struct error *err)
{
	struct arena *arena = arena_new();
	struct api_key key;
	const bool fine = decode(version->record.json, arena, &key, err) && put(store, version, &key, err);

	arena_free(arena);
	return fine;
}

bool store_key_used(struct store *store, int64_t id, int64_t at, struct error *err)
{
	static const char sql[] =
	    "INSERT INTO api_key_use (key_id, used_at) VALUES (?1, ?2)"
	    " ON CONFLICT (key_id) DO UPDATE SET used_at = ?2 WHERE used_at <= ?2 - 60";
	struct statement *note = store_statement(store, sql);
	bool fine;

	statement_bind_integer(note, 1, id);
	statement_bind_integer(note, 2, at);
	fine = statement_run(note, err);
	statement_done(note);
	return fine;
}
