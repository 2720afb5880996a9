/* SPDX-License-Identifier: MIT */
/*
 * What a webhook was told and is still to be told: the list of its deliveries, and telling it once more.
 *
 * Deliveries are this node's own, so they are no versions of the log. The outbox is changed on the writer's thread all the same, in the transaction
 * that it shares with other writes.
 */
#include "api_internal.h"

#include <inttypes.h>
#include <string.h>

#include "clock.h"

enum { REPLAYED_MOST = 1000 };

/* clang-format off */
const struct parameter delivery_list_parameters[] = {
	{ .name = "state", .kind = PARAMETER_CHOICE, .choices = delivery_state_names,
	  .help = "pending, delivered (kept for 7 days), or dead: given up (30 days)" },
	{ .name = "limit", .kind = PARAMETER_INTEGER, .least = 1, .most = 100, .fallback = "20", .help = "Deliveries a page" },
	{ .name = "cursor", .kind = PARAMETER_TEXT, .most = 1200, .help = "From links.next or links.prev" },
	{ .name = NULL },
};
/* clang-format on */

/* --- the list --- */

static void write_time(const char *name, int64_t time, struct text *json)
{
	char text[CLOCK_RFC3339_SIZE];

	text_printf(json, ",\"%s\":\"%s\"", name, clock_rfc3339(time, text));
}

static void write_delivery(const struct delivery *delivery, struct text *json)
{
	char id[DELIVERY_ID_SIZE];

	text_printf(json, "{\"id\":\"%s\",\"event\":\"%s\"", delivery_id(delivery, id), webhook_event_name(delivery->event));
	if (delivery->seq > 0)
		text_printf(json, ",\"seq\":%" PRId64 ",\"article_id\":%" PRId64, delivery->seq, delivery->article_id);
	text_printf(json, ",\"state\":\"%s\",\"attempts\":%" PRId64, delivery_state_names[delivery->state], delivery->attempts);
	write_time("created_at", delivery->created_at, json);
	if (delivery->state == DELIVERY_PENDING && delivery->next_at > 0)
		write_time("next_at", delivery->next_at, json);
	if (delivery->done_at != TIME_NONE)
		write_time("done_at", delivery->done_at, json);
	if (delivery->status != 0)
		text_printf(json, ",\"status\":%" PRId64, delivery->status);
	if (delivery->error != NULL) {
		text_string(json, ",\"error\":");
		text_json(json, delivery->error, strlen(delivery->error));
	}
	text_char(json, '}');
}

static const char *cursor_at(struct request *request, const struct delivery *delivery, bool backward)
{
	const struct cursor cursor = { .backward = backward, .time = delivery->seq, .id = delivery->webhook_id };

	return cursor_write(request, &cursor);
}

static bool read_query(struct request *request, struct delivery_query *ret_query, struct error *err)
{
	const char *state = request_parameter(request, "state");
	struct webhook webhook;
	struct cursor cursor;

	if (!webhook_find(request, &webhook, err))
		return false;
	*ret_query = (struct delivery_query){ .webhook_id = webhook.id, .limit = (size_t)request_integer(request, "limit", 20), .has_state = state != NULL };
	for (int i = 0; state != NULL && delivery_state_names[i] != NULL; i++)
		if (strcmp(delivery_state_names[i], state) == 0)
			ret_query->state = (enum delivery_state)i;
	if (!cursor_read(request, &cursor, &ret_query->has_from, err))
		return false;
	if (!ret_query->has_from)
		return true;
	if (cursor.id != webhook.id)
		return cursor_refuse(err, "other-request", "the cursor belongs to another webhook");
	ret_query->from = cursor.time;
	ret_query->backward = cursor.backward;
	return true;
}

/* GET /v1/webhooks/{id}/deliveries. 200 with a page, the newest seq first; 404, 400 for a cursor of another list. */
bool delivery_list(struct request *request, struct response *response, struct error *err)
{
	struct text data = TEXT_EMPTY, meta = TEXT_EMPTY;
	struct delivery_query query;
	struct delivery_page page;

	if (!read_query(request, &query, err))
		return false;
	err->code = ERROR_NONE;
	if (!store_deliveries(store_of(request), &query, request->arena, &page, err))
		return false;
	for (size_t i = 0; i < page.n; i++) {
		if (i > 0)
			text_char(&data, ',');
		write_delivery(&page.rows[i], &data);
	}
	response->caching = CACHING_NONE;
	list_answer(request, response, &data, &meta, page.more_after ? cursor_at(request, &page.rows[page.n - 1], false) : NULL,
	    page.more_before ? cursor_at(request, &page.rows[0], true) : NULL);
	text_done(&data);
	return true;
}

/* --- once more --- */

struct replaying {
	int64_t since;                /* -1: not asked for */
	struct string_list deliveries;
	bool dead;
	int64_t *seqs;                /* of `deliveries` */
	struct webhook webhook;
	int64_t n, last;              /* what came of it */
	struct request *request;
};

static bool read_replay(struct request *request, struct replaying **ret_replaying, struct error *err)
{
	struct replaying *replaying = arena_alloc(request->arena, sizeof *replaying);
	const struct form_field fields[] = {
		{ "since", FORM_INTEGER, 0, INT64_MAX, false, &replaying->since },
		{ "deliveries", FORM_LINES, 0, REPLAYED_MOST, false, &replaying->deliveries },
		{ "dead", FORM_BOOLEAN, 0, 0, false, &replaying->dead },
	};

	replaying->since = -1;
	if (!body_form(request, fields, sizeof fields / sizeof *fields, err))
		return false;
	*ret_replaying = replaying;
	if ((replaying->since >= 0) + (replaying->deliveries.n > 0) + replaying->dead == 1)
		return true;
	error_set(err, ERROR_FIELDS, "some fields are not right");
	error_add_pointer(err, "", "required", NULL, "one of since, deliveries and dead says what to send again");
	return false;
}

static bool read_seqs(struct replaying *replaying, struct error *err)
{
	const struct string_list *names = &replaying->deliveries;
	char pointer[40];

	replaying->seqs = arena_array(replaying->request->arena, names->n, sizeof *replaying->seqs);
	error_set(err, ERROR_FIELDS, "some fields are not right");
	for (size_t i = 0; i < names->n; i++) {
		if (delivery_id_read(names->items[i], replaying->webhook.id, &replaying->seqs[i]))
			continue;
		snprintf(pointer, sizeof pointer, "/deliveries/%zu", i);
		error_add_pointer(err, pointer, "bad-value", NULL, "this is no delivery of this webhook");
	}
	return err->n_issues == 0;
}

static bool replay(struct publisher *publisher, void *arg, struct error *err)
{
	struct replaying *replaying = arg;
	struct store *store = publisher->store;
	const int64_t id = replaying->webhook.id;

	if (replaying->dead)
		return store_deliveries_dead_again(store, id, &replaying->n, err);
	if (replaying->since >= 0)
		return store_replay_begin(store, id, replaying->since, &replaying->last, err);
	return store_deliveries_again(store, id, replaying->seqs, replaying->deliveries.n, &replaying->n, err);
}

static bool find_active(struct request *request, struct webhook *ret_webhook, struct error *err)
{
	if (!webhook_find(request, ret_webhook, err))
		return false;
	return ret_webhook->is_active || error_set(err, ERROR_CONFLICT, "the webhook is not active");
}

/* POST /v1/webhooks/{id}/replay {"since":seq} | {"deliveries":["3-812"]} | {"dead":true}. 202 with what is sent again; 404, 409 when
 * it is not active, 422. */
bool webhook_replay(struct request *request, struct response *response, struct error *err)
{
	struct replaying *replaying = request->prepared;

	if (replaying == NULL && !read_replay(request, &replaying, err))
		return false;
	if (!request_may_write(request, replaying))
		return false;
	replaying->request = request;
	if (!find_active(request, &replaying->webhook, err) || (replaying->deliveries.n > 0 && !read_seqs(replaying, err))
	    || !publish_together(&context_of(request)->publisher, replay, replaying, err))
		return false;
	response->status = 202;
	response->caching = CACHING_NONE;
	if (replaying->since >= 0)
		text_printf(&response->body, "{\"data\":{\"since\":%" PRId64 ",\"until\":%" PRId64 "}}\n", replaying->since, replaying->last);
	else
		text_printf(&response->body, "{\"data\":{\"enqueued\":%" PRId64 "}}\n", replaying->n);
	return true;
}

/* --- a test --- */

static bool ping(struct publisher *publisher, void *arg, struct error *err)
{
	struct delivery *delivery = arg;

	return store_delivery_ping(publisher->store, delivery->webhook_id, delivery->created_at, &delivery->seq, err);
}

/* POST /v1/webhooks/{id}/test. 202 with the delivery that it becomes, which is tried once; 404, 409 when the webhook is not active. */
bool webhook_test(struct request *request, struct response *response, struct error *err)
{
	struct delivery delivery = { .event = WEBHOOK_PING, .created_at = clock_now(), .done_at = TIME_NONE };
	struct webhook webhook;

	if (!request_may_write(request, NULL) || !find_active(request, &webhook, err))
		return false;
	delivery.webhook_id = webhook.id;
	if (!publish_together(&context_of(request)->publisher, ping, &delivery, err))
		return false;
	response->status = 202;
	response->caching = CACHING_NONE;
	text_string(&response->body, "{\"data\":");
	write_delivery(&delivery, &response->body);
	text_string(&response->body, "}\n");
	return true;
}
