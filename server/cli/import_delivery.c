/* SPDX-License-Identifier: MIT */
/*
 * Where an import's batches go. Whoever holds the lock beside the database writes: if that can be us, the articles are published here as they
 * have been decoded; if a server has it, they go as lines of JSON to POST /v1/articles/batch on its control socket, which answers with a
 * line of result for each. A batch may be several requests: what a server takes at once is bounded in bytes of JSON.
 */
#include "import_delivery.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "server.h"
#include "up_to_date.h"

enum {
	CONNECT_SECONDS = 5,
	MERGE_WHEN_SENT = 10000,       /* after fewer articles it is not worth while */
	REQUEST_BYTES = BATCH_BYTES_MOST - (5 << 20),    /* another article is added below this: at most 4 MiB, and its ends */
};

struct delivery {
	struct store_lock *lock;      /* NULL: through the server */
	struct store *store;
	struct publisher publisher;
	size_t n_sent;                /* into the database */
	CURL *curl;
	struct curl_slist *headers;
	char socket[256];
};

/* --- into the database --- */

static bool open_store(struct delivery *delivery, const char *database, struct error *err)
{
	if (!store_open(database, STORE_WRITE, &delivery->store, err) || !bring_up_to_date(delivery->store, NULL, NULL, err))
		return false;
	delivery->publisher = (struct publisher){ .store = delivery->store, .log = local_log() };
	return true;
}

/* --- to the server --- */

static size_t take_bytes(char *bytes, size_t size, size_t n, void *arg)
{
	text_append(arg, bytes, size * n);
	return size * n;
}

static bool find_server(struct delivery *delivery, const char *database, struct error *err)
{
	if (!server_control_path(database, delivery->socket, sizeof delivery->socket, err))
		return false;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	delivery->curl = curl_easy_init();
	delivery->headers = curl_slist_append(NULL, "Content-Type: application/x-ndjson");
	delivery->headers = curl_slist_append(delivery->headers, "Expect:");
	return delivery->curl != NULL || error_set(err, ERROR_INTERNAL, "libcurl could not be started");
}

static bool explain_refusal(long status, const struct text *reply, struct error *err)
{
	json_t *problem = json_loadb(reply->bytes != NULL ? reply->bytes : "", reply->length, JSON_REJECT_DUPLICATES, NULL);
	const char *detail = json_string_value(json_object_get(problem, "detail"));

	error_set(err, ERROR_INTERNAL, "the running server refused the batch (%ld): %s", status, detail != NULL ? detail : "no reason given");
	json_decref(problem);
	return false;
}

static bool post(struct delivery *delivery, const struct text *lines, struct text *reply, struct error *err)
{
	CURL *curl = delivery->curl;
	long status = 0;
	CURLcode code;

	curl_easy_setopt(curl, CURLOPT_URL, "http://localhost/v1/articles/batch");
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, delivery->socket);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, delivery->headers);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)lines->length);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, lines->bytes);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply);
	code = curl_easy_perform(curl);
	if (code != CURLE_OK)
		return error_set(err, ERROR_BUSY, "another process is writing to the database and does not answer at %s (%s); try again when it is done",
		    delivery->socket, curl_easy_strerror(code));
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	return status == 200 || explain_refusal(status, reply, err);
}

/* --- what the server answered --- */

static bool outcome_from(const char *name, enum publish_outcome *ret_outcome)
{
	for (size_t i = 0; name != NULL && i < 3; i++) {
		if (strcmp(publish_outcome_names[i], name) == 0) {
			*ret_outcome = (enum publish_outcome)i;
			return true;
		}
	}
	return false;
}

static void result_from(const char *line, size_t length, struct publish_item *item, struct arena *arena)
{
	json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
	const char *detail = json_string_value(json_object_get(object, "detail"));

	if (detail != NULL)
		item->refused = arena_string(arena, detail);
	else if (!outcome_from(json_string_value(json_object_get(object, "outcome")), &item->result.outcome))
		item->refused = "no result came back";
	json_decref(object);
}

/* One line for each article that was sent, in order. */
static void results_from(const struct text *reply, struct publish_item *items, size_t n, struct arena *arena)
{
	const char *line = reply->length > 0 ? reply->bytes : "";

	for (size_t i = 0; i < n; i++) {
		const size_t length = strcspn(line, "\n");

		if (items[i].refused != NULL)
			continue;
		result_from(line, length, &items[i], arena);
		line += length + (line[length] == '\n' ? 1 : 0);
	}
}

/* As many of the articles as one request holds. Returns how many that are. */
static size_t encode_some(const struct publish_item *items, size_t n, struct text *ret_lines)
{
	size_t i;

	for (i = 0; i < n && ret_lines->length < REQUEST_BYTES; i++) {
		if (items[i].refused != NULL)
			continue;
		article_encode(&items[i].article, VIEW_EXPORT, ret_lines);
		text_char(ret_lines, '\n');
	}
	return i;
}

static bool post_all(struct delivery *delivery, struct publish_item *items, size_t n, struct arena *arena, size_t *ret_n, struct error *err)
{
	struct text lines = TEXT_EMPTY, reply = TEXT_EMPTY;
	bool fine = true;

	while (fine && *ret_n < n) {
		const size_t more = encode_some(items + *ret_n, n - *ret_n, &lines);

		fine = lines.length == 0 || post(delivery, &lines, &reply, err);
		if (fine) {
			results_from(&reply, items + *ret_n, more, arena);
			*ret_n += more;
		}
		text_clear(&lines);
		text_clear(&reply);
	}
	text_done(&lines);
	text_done(&reply);
	return fine;
}

bool delivery_send(struct delivery *delivery, struct publish_item *items, size_t n, struct arena *arena, size_t *ret_n, struct error *err)
{
	*ret_n = 0;
	if (delivery->store == NULL)
		return post_all(delivery, items, n, arena, ret_n, err);
	if (!publish_articles(&delivery->publisher, items, n, arena, err))
		return false;
	*ret_n = n;
	delivery->n_sent += n;
	return true;
}

/* --- */

struct delivery *delivery_new(const char *database, struct error *err)
{
	struct delivery *delivery = calloc(1, sizeof *delivery);
	bool fine;

	if (delivery == NULL) {
		error_set(err, ERROR_INTERNAL, "out of memory");
		return NULL;
	}
	if (store_lock(database, &delivery->lock, err))
		fine = open_store(delivery, database, err);
	else
		fine = err->code == ERROR_BUSY && find_server(delivery, database, err);
	if (fine)
		return delivery;
	store_close(delivery->store);
	store_lock_withdraw(delivery->lock);
	delivery->store = NULL;
	delivery->lock = NULL;
	delivery_free(delivery);
	return NULL;
}

bool delivery_is_direct(const struct delivery *delivery)
{
	return delivery->lock != NULL;
}

void delivery_free(struct delivery *delivery)
{
	struct error err;

	if (delivery == NULL)
		return;
	if (delivery->n_sent >= MERGE_WHEN_SENT && !store_search_merge(delivery->store, &err))
		log_warning("the search index stays in pieces", "why", err.detail, NULL);
	store_close(delivery->store);
	store_unlock(delivery->lock);
	curl_slist_free_all(delivery->headers);
	if (delivery->curl != NULL) {
		curl_easy_cleanup(delivery->curl);
		curl_global_cleanup();
	}
	free(delivery);
}
