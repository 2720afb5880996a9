/* SPDX-License-Identifier: MIT */
/*
 * broadsheet key add | list | revoke NAME: who may do what over TCP.
 *
 * `add` prints the key on standard output, and nothing else, so that a script can take it: this is the only time that it is shown. What there is to
 * say goes to standard error. A key that standard output did not take is revoked again, for nobody has it.
 *
 * What can be wrong with the words of the command is found here, before a database is opened or made (server/cli/key_door.c).
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "command.h"
#include "key.h"
#include "key_door.h"

static const char *const words[] = { "add", "list", "revoke", NULL };

static int refuse_usage(const char *what)
{
	fprintf(stderr, "broadsheet key: %s\nbroadsheet key --help lists the options\n", what);
	return EXIT_USAGE;
}

static int refuse(const struct error *err)
{
	char summary[800];

	error_summary(err, summary, sizeof summary);
	fprintf(stderr, "broadsheet key: %s\n", summary);
	return EXIT_WRONG;
}

/* --- add --- */

static bool write_scopes(const char *list, struct text *json, struct error *err)
{
	char name[40];

	text_string(json, ",\"scopes\":[");
	for (const char *at = list;; at++) {
		const size_t length = strcspn(at, ",");
		const char *nearest;

		snprintf(name, sizeof name, "%.*s", (int)length, at);
		nearest = text_nearest(name, scope_names);
		if (scope_by_name(at, length) == 0)
			return error_set(err, ERROR_INVALID, "--scope has \"%s\", but takes read_drafts, write and admin, parted by commas%s%s%s", name,
			    nearest == NULL ? "" : "; did you mean ", nearest == NULL ? "" : nearest, nearest == NULL ? "" : "?");
		text_printf(json, "%s\"%s\"", at == list ? "" : ",", name);
		at += length;
		if (*at == '\0')
			break;
	}
	text_char(json, ']');
	return true;
}

static bool write_expiry(const char *expires, struct text *json, struct error *err)
{
	char text[CLOCK_RFC3339_SIZE];
	int64_t time;

	if (expires == NULL)
		return true;
	if (!clock_parse(expires, &time, err))
		return error_context(err, "--expires");
	if (time <= clock_now())
		return error_set(err, ERROR_INVALID, "--expires is \"%.40s\", which is over; a key expires in the future, or never", expires);
	text_printf(json, ",\"expires_at\":\"%s\"", clock_rfc3339(time, text));
	return true;
}

static bool write_wish(const struct config *config, struct text *json, struct error *err)
{
	text_string(json, "{\"name\":");
	text_json(json, config->key_name, strlen(config->key_name));
	if (!write_scopes(config->key_scope, json, err) || !write_expiry(config->key_expires, json, err))
		return false;
	text_char(json, '}');
	return true;
}

/* A key that nobody has seen is good for nothing but to be guessed. Its name is spent all the same. */
static bool withdraw(struct key_door *door, const char *name, int number, struct error *err)
{
	struct text answer = TEXT_EMPTY;
	const bool is_revoked = key_door_revoke(door, name, &answer, err);

	text_done(&answer);
	if (!is_revoked)
		return error_context(err, "the key \"%s\" could not be written to standard output (%s), and must be revoked, which failed", name, strerror(number));
	return error_set(err, ERROR_INTERNAL, "the key \"%s\" could not be written to standard output (%s), so it has been revoked; make another, with a name of its own",
	    name, strerror(number));
}

/* Full disks tell of themselves when the bytes go out. */
static bool show(struct key_door *door, const char *name, const char *key, struct error *err)
{
	fprintf(stderr, "This is the only time that the key \"%s\" is shown:\n", name);
	errno = 0;
	return (printf("%s\n", key) >= 0 && fflush(stdout) == 0) || withdraw(door, name, errno, err);
}

static bool add(struct key_door *door, const char *wish, struct error *err)
{
	struct text answer = TEXT_EMPTY;
	bool fine = key_door_add(door, wish, &answer, err);

	if (fine) {
		json_t *json = json_loadb(answer.bytes, answer.length, 0, NULL), *data = json_object_get(json, "data");
		const char *key = json_string_value(json_object_get(data, "key"));

		fine = key != NULL ? show(door, json_string_value(json_object_get(data, "name")), key, err)
		                   : error_set(err, ERROR_INTERNAL, "the running server gave no key");
		json_decref(json);
		secret_forget(answer.bytes, answer.length);
	}
	text_done(&answer);
	return fine;
}

/* --- list --- */

static const char *member(json_t *key, const char *name)
{
	const char *value = json_string_value(json_object_get(key, name));

	return value != NULL ? value : "-";
}

static const char *standing(json_t *key)
{
	int64_t expires;
	struct error ignored;

	if (json_object_get(key, "revoked_at") != NULL)
		return "revoked";
	if (clock_parse(member(key, "expires_at"), &expires, &ignored) && expires <= clock_now())
		return "expired";
	return "good";
}

static bool list(struct key_door *door, struct error *err)
{
	struct text answer = TEXT_EMPTY;
	json_t *json = NULL, *data, *key, *scope;
	size_t i, j;

	if (!key_door_list(door, &answer, err)) {
		text_done(&answer);
		return false;
	}
	json = json_loadb(answer.bytes, answer.length, 0, NULL);
	data = json_object_get(json, "data");
	if (json_array_size(data) > 0)
		printf("%-8s  %-23s  %-20s  %-20s  %-20s  %-7s  %s\n", "key", "scopes", "made", "expires", "last used", "state", "name");
	json_array_foreach(data, i, key) {
		struct text scopes = TEXT_EMPTY;

		json_array_foreach(json_object_get(key, "scopes"), j, scope)
			text_printf(&scopes, "%s%s", j == 0 ? "" : ",", json_string_value(scope));
		printf("%-8s  %-23s  %-20s  %-20s  %-20s  %-7s  %s\n", member(key, "kid"), scopes.length > 0 ? scopes.bytes : "-", member(key, "created_at"),
		    member(key, "expires_at"), member(key, "used_at"), standing(key), member(key, "name"));
		text_done(&scopes);
	}
	json_decref(json);
	text_done(&answer);
	return true;
}

/* --- */

static bool revoke(struct key_door *door, const char *name, struct error *err)
{
	struct text answer = TEXT_EMPTY;
	const bool fine = key_door_revoke(door, name, &answer, err);

	if (fine)
		fprintf(stderr, "The key \"%s\" is good for nothing any more\n", name);
	text_done(&answer);
	return fine;
}

static int act(const struct config *config, const char *word, const char *name, const char *wish)
{
	struct error err;
	struct key_door *door = key_door_new(config->database, &err);
	bool fine = door != NULL;

	if (fine)
		fine = strcmp(word, "add") == 0 ? add(door, wish, &err) : strcmp(word, "list") == 0 ? list(door, &err) : revoke(door, name, &err);
	key_door_free(door);
	return fine ? EXIT_FINE : refuse(&err);
}

static int run_add(const struct config *config)
{
	struct text wish = TEXT_EMPTY;
	struct error err;
	int status;

	if (config->key_name == NULL)
		return refuse_usage("say whose key it is: --name NAME");
	if (config->key_scope == NULL)
		return refuse_usage("say what it allows: --scope read_drafts,write,admin, or some of them");
	status = write_wish(config, &wish, &err) ? act(config, "add", NULL, wish.bytes) : refuse_usage(err.detail);
	text_done(&wish);
	return status;
}

static int run(const struct config *config, const char *const *operands, int n_operands)
{
	const char *word = n_operands > 0 ? operands[0] : NULL, *nearest;
	char what[200];

	if (word == NULL)
		return refuse_usage("say what to do: add, list or revoke NAME");
	if (strcmp(word, "add") == 0)
		return n_operands == 1 ? run_add(config) : refuse_usage("add takes options only: --name NAME --scope SCOPE,…");
	if (strcmp(word, "list") == 0)
		return n_operands == 1 ? act(config, word, NULL, NULL) : refuse_usage("list takes no names");
	if (strcmp(word, "revoke") == 0)
		return n_operands == 2 ? act(config, word, operands[1], NULL) : refuse_usage("revoke takes the name of one key");
	nearest = text_nearest(word, words);
	snprintf(what, sizeof what, "there is no \"%.60s\"%s%s%s", word, nearest == NULL ? "; there are add, list and revoke" : "; did you mean ",
	    nearest == NULL ? "" : nearest, nearest == NULL ? "" : "?");
	return refuse_usage(what);
}

const struct command key_command = {
	.name = "key",
	.set = COMMAND_KEY,
	.operands = "add|list|revoke NAME",
	.help = "make, list and revoke keys for writing over TCP",
	.run = run,
};
