/* SPDX-License-Identifier: MIT */
/*
 * Making and revoking API keys: what may be asked for, and the versions of kind "key" that come of it.
 *
 * A name is one key's for ever. The log says by name who wrote what, and a second key of that name would take over the first one's past; so
 * a new key in the place of a revoked one needs a new name ("wire-2").
 *
 * What was asked for comes as JSON from the API and from the command line alike, so both refuse the same things in the same words.
 */
#include "publish.h"

#include <string.h>

#include "clock.h"

/* What the log calls writers that have no key. */
static const char *const names_taken[] = { "control", "import", "preview", "rename", "schedule", NULL };

/* --- what is asked for --- */

static void read_scopes(const struct string_list *names, unsigned *ret_scopes, struct error *err)
{
	*ret_scopes = 0;
	for (size_t i = 0; i < names->n; i++) {
		const char *name = names->items[i];
		const unsigned scope = scope_by_name(name, strlen(name));
		char pointer[32] = "/scopes/";

		pointer[strlen(pointer)] = (char)('0' + i % 10);    /* form_read() lets three through */
		if (scope == 0)
			error_add_pointer(err, pointer, "unknown", text_nearest(name, scope_names),
			    "\"%.40s\" is no scope; there are read_drafts, write and admin", name);
		*ret_scopes |= scope;
	}
	if (names->n == 0)
		error_add_pointer(err, "/scopes", "required", NULL, "a key allows something: read_drafts, write, admin");
}

static void check_name(const char *name, struct error *err)
{
	for (size_t i = 0; names_taken[i] != NULL; i++)
		if (strcmp(name, names_taken[i]) == 0)
			error_add_pointer(err, "/name", "taken", NULL, "the log calls \"%s\" what is written without a key", name);
}

bool key_wish_read(const char *json, size_t length, struct arena *arena, struct key_wish *ret_wish, struct error *err)
{
	struct key_wish wish = { .expires_at = TIME_NONE };
	struct string_list scopes = { 0 };
	const struct form_field fields[] = {
		{ "name", FORM_LINE, .most = KEY_NAME_MOST, .required = true, .ret = &wish.name },
		{ "scopes", FORM_LINES, .most = SCOPES, .ret = &scopes },
		{ "expires_at", FORM_TIME, .ret = &wish.expires_at },
	};
	json_t *object = NULL;
	const bool fine = json_parse(json, length, &object, err) && form_read(object, fields, sizeof fields / sizeof fields[0], arena, err);

	json_decref(object);
	if (!fine)
		return false;
	error_set(err, ERROR_FIELDS, "some fields are not right");
	check_name(wish.name, err);
	read_scopes(&scopes, &wish.scopes, err);
	if (wish.expires_at != TIME_NONE && wish.expires_at <= clock_now())
		error_add_pointer(err, "/expires_at", "past", NULL, "this time is over: a key expires in the future, or never");
	if (err->n_issues > 0)
		return false;
	error_clear(err);
	*ret_wish = wish;
	return true;
}

/* --- versions --- */

static bool publish(struct publisher *publisher, struct api_key *key, const char *by, struct error *err)
{
	struct record record = { .kind = "key", .ref = key->id, .is_removed = key->revoked_at != TIME_NONE };
	struct text json = TEXT_EMPTY;
	bool fine;

	store_key_encode(key, /* with_digest= */ true, &json);
	record.json = json.bytes;
	fine = publish_record(publisher, &record, by, err);
	key->id = record.ref;
	key->rev = record.rev;
	text_done(&json);
	return fine;
}

static bool is_free(struct store *store, const char *name, struct arena *arena, struct error *err)
{
	char at[CLOCK_RFC3339_SIZE];
	struct api_key key;

	if (!store_key_by_name(store, name, arena, &key, err))
		return err->code == ERROR_NOT_FOUND;
	if (key.revoked_at == TIME_NONE)
		return error_set(err, ERROR_CONFLICT, "there is a key named \"%s\" already", name);
	return error_set(err, ERROR_CONFLICT, "the key named \"%s\" was revoked at %s, and its name stays its own, as the log says by names who wrote; "
	    "choose another", name, clock_rfc3339(key.revoked_at, at));
}

bool publish_key(struct publisher *publisher, const struct key_wish *wish, const char *by, struct arena *arena, char ret_text[KEY_LENGTH + 1],
    struct api_key *ret_key, struct error *err)
{
	struct api_key key = {
		.name = wish->name, .scopes = wish->scopes, .created_at = clock_now(), .expires_at = wish->expires_at, .revoked_at = TIME_NONE, .used_at = TIME_NONE,
	};
	struct key_shown shown;
	char text[KEY_LENGTH + 1];

	if (!is_free(publisher->store, wish->name, arena, err))
		return false;
	key_make(text, &shown);
	key.kid = arena_string(arena, shown.kid);
	memcpy(key.digest, shown.digest, sizeof key.digest);
	if (!publish(publisher, &key, by, err))
		return false;
	memcpy(ret_text, text, sizeof text);
	*ret_key = key;
	return true;
}

/* --- revoking --- */

enum { NAMES_MOST = 1000 };

static const char *nearest(struct store *store, const char *name, struct arena *arena)
{
	const char **names = arena_array(arena, NAMES_MOST + 1, sizeof *names);
	struct error ignored ERROR_UNSET;
	struct api_key key = { .id = 0 };
	size_t n = 0;

	while (n < NAMES_MOST && store_key_next(store, key.id, arena, &key, &ignored))
		names[n++] = key.name;
	return text_nearest(name, names);
}

static bool refuse_unknown(struct store *store, const char *name, struct arena *arena, struct error *err)
{
	const char *near = nearest(store, name, arena);

	if (near != NULL)
		return error_set(err, ERROR_NOT_FOUND, "there is no key named \"%.100s\"; did you mean \"%s\"?", name, near);
	return error_set(err, ERROR_NOT_FOUND, "there is no key named \"%.100s\"", name);
}

bool publish_key_revoked(struct publisher *publisher, const char *name, const char *by, struct arena *arena, struct api_key *ret_key, struct error *err)
{
	struct api_key key;

	if (!store_key_by_name(publisher->store, name, arena, &key, err))
		return err->code == ERROR_NOT_FOUND && refuse_unknown(publisher->store, name, arena, err);
	if (key.revoked_at == TIME_NONE) {
		key.revoked_at = clock_now();
		if (!publish(publisher, &key, by, err))
			return false;
	}
	*ret_key = key;
	return true;
}
