/* SPDX-License-Identifier: MIT */
/*
 * /v1/webhooks: whom to tell of what changes. For holders of the scope `admin`.
 *
 * A webhook is a record of the log. Its secret is shown once, in the answer to the POST that made it; a PUT that names none keeps it. What is
 * sent, how it is signed and how often it is tried: server/publish/DESIGN.md.
 */
#include "api_internal.h"

#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "secret.h"

/* --- out --- */

static void write_text(const char *name, const char *value, struct text *json)
{
	if (value == NULL)
		return;
	text_printf(json, ",\"%s\":", name);
	text_json(json, value, strlen(value));
}

static void write_webhook(const struct webhook *webhook, bool with_secret, struct text *json)
{
	char created[CLOCK_RFC3339_SIZE], updated[CLOCK_RFC3339_SIZE];

	text_printf(json, "{\"id\":%" PRId64, webhook->id);
	write_text("url", webhook->url, json);
	text_string(json, ",\"events\":");
	webhook_write_events(webhook->events, json);
	write_text("section", webhook->section, json);
	write_text("tag", webhook->tag, json);
	if (with_secret)
		write_text("secret", webhook->secret, json);
	text_printf(json, ",\"active\":%s,\"created_at\":\"%s\",\"updated_at\":\"%s\",\"rev\":%" PRId64 "}", webhook->is_active ? "true" : "false",
	    clock_rfc3339(webhook->created_at, created), clock_rfc3339(webhook->updated_at, updated), webhook->rev);
}

static void answer_with(struct response *response, const struct webhook *webhook, bool with_secret)
{
	response->caching = CACHING_NONE;
	text_string(&response->body, "{\"data\":");
	write_webhook(webhook, with_secret, &response->body);
	text_string(&response->body, "}\n");
}

/* --- in --- */

/* All that is wrong is listed at once. Of what has no form at all no more is said. */
static bool is_listed(const struct error *err, const char *pointer)
{
	const size_t length = strlen(pointer);

	for (size_t i = 0; i < err->n_issues; i++)
		if (strncmp(err->issues[i].where, pointer, length) == 0 && strchr("/", err->issues[i].where[length]) != NULL)
			return true;
	return false;
}

static unsigned read_events(const struct string_list *names, struct error *err)
{
	const bool has_form = !is_listed(err, "/events");
	char pointer[40];
	unsigned set = 0;

	for (size_t i = 0; has_form && i < names->n; i++) {
		enum webhook_event event;

		if (webhook_event_named(names->items[i], &event)) {
			set |= event;
			continue;
		}
		snprintf(pointer, sizeof pointer, "/events/%zu", i);
		error_add_pointer(err, pointer, "bad-value", NULL, "publish, update, correct or withdraw is expected");
	}
	return set != 0 ? set : WEBHOOK_EVERY;
}

/* As it was sent: what folding would change must not become another secret. */
static void check_secret(json_t *secret, struct error *err)
{
	const char *bytes = json_string_value(secret);
	const size_t length = bytes != NULL ? strlen(bytes) : 0;
	bool is_plain = true;

	for (size_t i = 0; i < length; i++)
		is_plain = is_plain && bytes[i] > ' ' && bytes[i] <= '~';
	if (secret == NULL || json_is_null(secret) || (is_plain && length >= WEBHOOK_SECRET_LEAST && length <= WEBHOOK_SECRET_MOST))
		return;
	if (!is_listed(err, "/secret"))
		error_add_pointer(err, "/secret", "bad-value", NULL, "%d to %d printable ASCII characters without blanks are expected",
		    WEBHOOK_SECRET_LEAST, WEBHOOK_SECRET_MOST);
}

static void check_slug(const char *slug, const char *pointer, struct error *err)
{
	if (slug != NULL && !slug_is_valid(slug))
		error_add_pointer(err, pointer, "bad-value", NULL, "a slug is expected, as lists of sections and tags give it");
}

static bool read_object(struct request *request, json_t *object, struct webhook *webhook, struct error *err)
{
	struct string_list events = { 0 };
	const struct form_field fields[] = {
		{ "url", FORM_URL, 0, WEBHOOK_URL_MOST, true, &webhook->url },
		{ "events", FORM_LINES, 0, 20, false, &events },
		{ "section", FORM_LINE, 0, SLUG_LONGEST + 8, false, &webhook->section },
		{ "tag", FORM_LINE, 0, SLUG_LONGEST + 8, false, &webhook->tag },
		{ "secret", FORM_LINE, 0, 4 * WEBHOOK_SECRET_MOST, false, &webhook->secret },
		{ "active", FORM_BOOLEAN, 0, 0, false, &webhook->is_active },
	};

	if (form_read(object, fields, sizeof fields / sizeof *fields, request->arena, err))
		error_set(err, ERROR_FIELDS, "some fields are not right");
	else if (err->code != ERROR_FIELDS)
		return false;
	webhook->events = read_events(&events, err);
	check_secret(json_object_get(object, "secret"), err);
	check_slug(webhook->section, "/section", err);
	check_slug(webhook->tag, "/tag", err);
	if (webhook->url != NULL)
		webhooks_url_check(webhook->url, &context_of(request)->api->webhook_allowed, err);
	if (err->n_issues > 0 || err->code != ERROR_FIELDS)
		return false;
	error_clear(err);
	return true;
}

static bool read_webhook(struct request *request, struct webhook **ret_webhook, struct error *err)
{
	struct webhook *webhook = arena_alloc(request->arena, sizeof *webhook);
	json_t *object = NULL;
	bool fine;

	*webhook = (struct webhook){ .is_active = true };
	fine = body_json(request, &object, err) && read_object(request, object, webhook, err);
	json_decref(object);
	*ret_webhook = webhook;
	return fine;
}

bool webhook_find(struct request *request, struct webhook *ret_webhook, struct error *err)
{
	int64_t id;

	if (!path_number(request, "id", "webhook", &id, err))
		return false;
	if (store_webhook(store_of(request), id, request->arena, ret_webhook, err))
		return true;
	return err->code != ERROR_NOT_FOUND ? false : error_set(err, ERROR_NOT_FOUND, "there is no webhook %" PRId64, id);
}

/* --- writing it, on the writer's thread --- */

struct putting {
	struct request *request;
	struct webhook *webhook;
	bool is_new, is_removed;
};

static bool publish_it(struct publisher *publisher, const struct putting *putting, struct error *err)
{
	struct record record = { .kind = "webhook", .ref = putting->webhook->id, .is_removed = putting->is_removed };
	struct text json = TEXT_EMPTY;
	bool fine;

	/* What is taken away leaves no secret behind in its last version. */
	if (putting->is_removed)
		text_string(&json, "{}");
	else
		store_webhook_record(putting->webhook, &json);
	record.json = json.bytes;
	fine = publish_record(publisher, &record, putting->request->caller.name, err);
	putting->webhook->id = record.ref;
	text_done(&json);
	return fine;
}

static bool there_is_room(struct request *request, struct error *err)
{
	struct webhook *all;
	size_t n;

	err->code = ERROR_NONE;
	if (!store_webhooks(store_of(request), request->arena, &all, &n, err))
		return false;
	return n < WEBHOOKS_MOST || error_set(err, ERROR_CONFLICT, "there are %d webhooks already; delete one first", WEBHOOKS_MOST);
}

static bool put_webhook(struct publisher *publisher, void *arg, struct error *err)
{
	struct putting *putting = arg;
	struct webhook *webhook = putting->webhook, before;

	if (putting->is_new) {
		webhook->created_at = clock_now();
		if (!there_is_room(putting->request, err))
			return false;
	} else {
		if (!webhook_find(putting->request, &before, err))
			return false;
		webhook->id = before.id;
		webhook->created_at = before.created_at;
		webhook->secret = webhook->secret != NULL ? webhook->secret : before.secret;
	}
	return publish_it(publisher, putting, err)
	    && (putting->is_removed || store_webhook(publisher->store, webhook->id, putting->request->arena, webhook, err));
}

static bool put(struct request *request, struct webhook *webhook, bool is_new, bool is_removed, struct error *err)
{
	struct putting putting = { request, webhook, is_new, is_removed };

	return publish_together(&context_of(request)->publisher, put_webhook, &putting, err);
}

/* --- handlers --- */

/* GET /v1/webhooks. 200 with all of them. */
bool webhook_list(struct request *request, struct response *response, struct error *err)
{
	struct text data = TEXT_EMPTY, meta = TEXT_EMPTY;
	struct webhook *all;
	size_t n;

	err->code = ERROR_NONE;
	if (!store_webhooks(store_of(request), request->arena, &all, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			text_char(&data, ',');
		write_webhook(&all[i], /* with_secret= */ false, &data);
	}
	response->caching = CACHING_NONE;
	list_answer(request, response, &data, &meta, NULL, NULL);
	text_done(&data);
	return true;
}

/* POST /v1/webhooks. 201 with the webhook and its secret; 409 when there are too many, 422. */
bool webhook_create(struct request *request, struct response *response, struct error *err)
{
	struct webhook *webhook = request->prepared;
	unsigned char bytes[SECRET_DIGEST];
	char hex[SECRET_HEX];

	if (webhook == NULL && !read_webhook(request, &webhook, err))
		return false;
	if (!request_may_write(request, webhook))
		return false;
	if (webhook->secret == NULL) {
		secret_random(bytes, sizeof bytes);
		secret_hex(bytes, hex);
		webhook->secret = arena_string(request->arena, hex);
	}
	if (!put(request, webhook, /* is_new= */ true, /* is_removed= */ false, err))
		return false;
	response->status = 201;
	response_header(response, "Location", "%c/v1/webhooks/%" PRId64, CONTROL_BASE_URL, webhook->id);
	answer_with(response, webhook, /* with_secret= */ true);
	return true;
}

/* GET /v1/webhooks/{id}. 200, 404. */
bool webhook_get(struct request *request, struct response *response, struct error *err)
{
	struct webhook webhook;

	if (!webhook_find(request, &webhook, err))
		return false;
	answer_with(response, &webhook, /* with_secret= */ false);
	return true;
}

/* PUT /v1/webhooks/{id}. 200 with the webhook; what is not named has its default, but for the secret, which stays. 404, 422. */
bool webhook_replace(struct request *request, struct response *response, struct error *err)
{
	struct webhook *webhook = request->prepared;

	if (webhook == NULL && !read_webhook(request, &webhook, err))
		return false;
	if (!request_may_write(request, webhook) || !put(request, webhook, /* is_new= */ false, /* is_removed= */ false, err))
		return false;
	answer_with(response, webhook, /* with_secret= */ false);
	return true;
}

/* DELETE /v1/webhooks/{id}. 204; what it was still to be told goes with it. 404. */
bool webhook_delete(struct request *request, struct response *response, struct error *err)
{
	struct webhook webhook = { .id = 0 };

	if (!request_may_write(request, NULL) || !put(request, &webhook, /* is_new= */ false, /* is_removed= */ true, err))
		return false;
	response->status = 204;
	response->caching = CACHING_NONE;
	return true;
}
