/* SPDX-License-Identifier: MIT */
/*
 * Two ways to the keys of a database. Whoever holds the lock beside it writes: if that can be us, versions are published here; if a server has
 * it, /v1/keys on its control socket is asked. Both give the same JSON, and refuse in the same words.
 */
#include "key_door.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "server.h"
#include "publish.h"
#include "up_to_date.h"

/* What is asked takes milliseconds; but the server may have hundreds of writes to do before. */
enum { CONNECT_SECONDS = 5, ANSWER_SECONDS = 60 };

struct key_door {
	struct store_lock *lock;      /* NULL: through the server */
	struct store *store;
	struct publisher publisher;
	struct arena *arena;
	char socket[256];
};

/* --- to the server --- */

static size_t take_bytes(char *bytes, size_t size, size_t n, void *arg)
{
	text_append(arg, bytes, size * n);
	return size * n;
}

/* The problem's detail, and whatever fields it lists. */
static bool explain_refusal(long status, const struct text *reply, struct error *err)
{
	json_t *problem = json_loadb(reply->bytes != NULL ? reply->bytes : "", reply->length, JSON_REJECT_DUPLICATES, NULL), *issue;
	const char *detail = json_string_value(json_object_get(problem, "detail"));
	size_t i;

	error_set(err, status == 409 ? ERROR_CONFLICT : status == 404 ? ERROR_NOT_FOUND : status == 422 ? ERROR_FIELDS : ERROR_INTERNAL, "%s",
	    detail != NULL ? detail : "the running server gives no reason");
	json_array_foreach(json_object_get(problem, "errors"), i, issue)
		error_add_pointer(err, json_string_value(json_object_get(issue, "pointer")), "refused", json_string_value(json_object_get(issue, "suggestion")), "%s",
		    json_string_value(json_object_get(issue, "detail")));
	json_decref(problem);
	return false;
}

static bool ask(struct key_door *door, const char *method, const char *target, const char *body, struct text *ret_json, struct error *err)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	CURL *curl = curl_easy_init();
	long status = 0;
	CURLcode code;

	if (curl == NULL || headers == NULL) {
		curl_easy_cleanup(curl);
		curl_slist_free_all(headers);
		return error_set(err, ERROR_INTERNAL, "out of memory");
	}
	curl_easy_setopt(curl, CURLOPT_URL, "http://localhost/");
	curl_easy_setopt(curl, CURLOPT_REQUEST_TARGET, target);
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, door->socket);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)ANSWER_SECONDS);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	if (body != NULL) {
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, ret_json);
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	if (code != CURLE_OK)
		return error_set(err, ERROR_BUSY, "another process is writing to the database and does not answer at %s (%s); try again when it is done",
		    door->socket, curl_easy_strerror(code));
	return (status >= 200 && status < 300) || explain_refusal(status, ret_json, err);
}

/* --- in the database --- */

struct change {
	struct key_door *door;
	struct key_wish wish;
	const char *name;
	char text[KEY_LENGTH + 1];
	struct api_key key;
};

static bool add(struct publisher *publisher, void *arg, struct error *err)
{
	struct change *change = arg;

	return publish_key(publisher, &change->wish, "control", change->door->arena, change->text, &change->key, err);
}

static bool revoke(struct publisher *publisher, void *arg, struct error *err)
{
	struct change *change = arg;

	return publish_key_revoked(publisher, change->name, "control", change->door->arena, &change->key, err);
}

/* --- either --- */

bool key_door_add(struct key_door *door, const char *wish, struct text *ret_json, struct error *err)
{
	struct change change = { .door = door };

	if (door->lock == NULL)
		return ask(door, "POST", "/v1/keys", wish, ret_json, err);
	if (!key_wish_read(wish, strlen(wish), door->arena, &change.wish, err) || !publish_together(&door->publisher, add, &change, err))
		return false;
	store_key_answer(&change.key, change.text, ret_json);
	secret_forget(change.text, sizeof change.text);
	return true;
}

bool key_door_list(struct key_door *door, struct text *ret_json, struct error *err)
{
	return door->lock == NULL ? ask(door, "GET", "/v1/keys", NULL, ret_json, err) : store_keys_answer(door->store, door->arena, ret_json, err);
}

bool key_door_revoke(struct key_door *door, const char *name, struct text *ret_json, struct error *err)
{
	struct change change = { .door = door, .name = name };
	struct text target = TEXT_EMPTY;
	bool fine;

	if (door->lock == NULL) {
		text_string(&target, "/v1/keys/");
		text_percent(&target, name, strlen(name));
		fine = ask(door, "DELETE", target.bytes, NULL, ret_json, err);
		text_done(&target);
		return fine;
	}
	if (!publish_together(&door->publisher, revoke, &change, err))
		return false;
	store_key_answer(&change.key, NULL, ret_json);
	return true;
}

/* --- */

static bool open_store(struct key_door *door, const char *database, struct error *err)
{
	if (!store_open(database, STORE_WRITE, &door->store, err) || !bring_up_to_date(door->store, NULL, NULL, err))
		return false;
	door->publisher = (struct publisher){ .store = door->store, .log = local_log() };
	return true;
}

struct key_door *key_door_new(const char *database, struct error *err)
{
	struct key_door *door = calloc(1, sizeof *door);
	bool fine;

	if (door == NULL) {
		error_set(err, ERROR_INTERNAL, "out of memory");
		return NULL;
	}
	door->arena = arena_new();
	curl_global_init(CURL_GLOBAL_DEFAULT);
	if (store_lock(database, &door->lock, err))
		fine = open_store(door, database, err);
	else
		fine = err->code == ERROR_BUSY && server_control_path(database, door->socket, sizeof door->socket, err);
	if (fine)
		return door;
	store_close(door->store);
	store_lock_withdraw(door->lock);
	door->store = NULL;
	door->lock = NULL;
	key_door_free(door);
	return NULL;
}

void key_door_free(struct key_door *door)
{
	if (door == NULL)
		return;
	store_close(door->store);
	store_unlock(door->lock);
	arena_free(door->arena);
	curl_global_cleanup();
	free(door);
}
