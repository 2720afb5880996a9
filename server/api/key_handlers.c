/* SPDX-License-Identifier: MIT */
/*
 * /v1/keys: making, listing and revoking API keys, for holders of a key with the scope `admin` and for `broadsheet key`, which asks by the
 * control socket.
 *
 * The text of a key is in the answer that made it, and nowhere else, then or later.
 */
#include "api_internal.h"

static void answer_key(struct response *response, const struct api_key *key, const char *text)
{
	store_key_answer(key, text, &response->body);
	response->caching = CACHING_NONE;
}

/* GET /v1/keys. 200 with all keys, revoked ones too, in the order in which they were made. */
bool key_list(struct request *request, struct response *response, struct error *err)
{
	response->caching = CACHING_NONE;
	return store_keys_answer(store_of(request), request->arena, &response->body, err);
}

/* --- writing --- */

struct key_change {
	struct request *request;
	const struct key_wish *wish;
	char text[KEY_LENGTH + 1];
	struct api_key key;
};

static bool create(struct publisher *publisher, void *arg, struct error *err)
{
	struct key_change *change = arg;

	return publish_key(publisher, change->wish, change->request->caller.name, change->request->arena, change->text, &change->key, err);
}

/* POST /v1/keys. 201 with the key and its text, for this one time; 409 when the name is taken, 422 with all that is wrong. */
bool key_create(struct request *request, struct response *response, struct error *err)
{
	struct key_change change = { .request = request };
	struct key_wish *wish = request->prepared;
	bool fine;

	if (wish == NULL) {
		wish = arena_alloc(request->arena, sizeof *wish);
		if (!key_wish_read(request->body.bytes != NULL ? request->body.bytes : "", request->body.length, request->arena, wish, err))
			return false;
	}
	if (!request_may_write(request, wish))
		return false;
	change.wish = wish;
	fine = publish_together(&context_of(request)->publisher, create, &change, err);
	if (fine) {
		response->status = 201;
		answer_key(response, &change.key, change.text);
	}
	secret_forget(change.text, sizeof change.text);
	return fine;
}

static bool revoke(struct publisher *publisher, void *arg, struct error *err)
{
	struct key_change *change = arg;
	const char *name = request_path_value(change->request, "name");

	return publish_key_revoked(publisher, name, change->request->caller.name, change->request->arena, &change->key, err);
}

/* DELETE /v1/keys/{name}. 200 with the key, revoked now or before; 404 when there is none of that name. */
bool key_revoke(struct request *request, struct response *response, struct error *err)
{
	struct key_change change = { .request = request };

	if (!request_may_write(request, NULL) || !publish_together(&context_of(request)->publisher, revoke, &change, err))
		return false;
	answer_key(response, &change.key, NULL);
	return true;
}
