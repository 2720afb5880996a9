/* SPDX-License-Identifier: MIT */
/*
 * What a request holds: its making from libmicrohttpd's connection, its headers, its body, its end.
 *
 * libmicrohttpd hands the raw target over before it has read a header, so an exchange is made there (listener.c) and goes
 * with the connection until the last byte of the reply is out. Header names and values are borrowed from
 * libmicrohttpd's buffer, which lasts as long; blanks behind a value are cut off (RFC 9110 5.5). The body is collected
 * piece by piece, never more than the route's limit: of what comes beyond, up to LIMIT_DISCARDED bytes are read and
 * forgotten, so that the client gets to read its 413, and then the connection is dropped.
 *
 * Parameters and their typed readers are in parameter.c.
 */
#include "http_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clock.h"

enum { SENT_KEPT = 200 };

/*
 * Room for one error, kept by each thread for its next exchange: as large as the rest together, it would otherwise leave holes between those that wait.
 */
static pthread_key_t spare_key;
static pthread_once_t spare_once = PTHREAD_ONCE_INIT;

static void make_spare_key(void)
{
	pthread_key_create(&spare_key, free);
}

void exchange_no_err(struct exchange *exchange)
{
	if (exchange->err == NULL)
		return;
	pthread_once(&spare_once, make_spare_key);
	if (pthread_getspecific(spare_key) != NULL || pthread_setspecific(spare_key, exchange->err) != 0)
		free(exchange->err);
	exchange->err = NULL;
}

bool exchange_may_err(struct exchange *exchange)
{
	if (exchange->err != NULL)
		return true;
	pthread_once(&spare_once, make_spare_key);
	exchange->err = pthread_getspecific(spare_key);
	if (exchange->err != NULL)
		pthread_setspecific(spare_key, NULL);
	else
		exchange->err = malloc(sizeof *exchange->err);
	return exchange->err != NULL;
}

struct exchange *exchange_new(struct listener *listener, struct MHD_Connection *connection, const char *uri)
{
	struct exchange *exchange = malloc(sizeof *exchange);

	if (exchange == NULL)
		return NULL;    /* the connection is dropped at its first handler call */

	memset(exchange, 0, sizeof *exchange);
	if (!exchange_may_err(exchange)) {
		free(exchange);
		return NULL;
	}
	exchange->listener = listener;
	exchange->connection = connection;
	exchange->arena = arena_new();
	exchange->raw_length = strlen(uri);
	exchange->raw_place = (uintptr_t)uri;
	if (exchange->raw_length <= LIMIT_TARGET)
		exchange->raw_target = arena_copy(exchange->arena, uri, exchange->raw_length);

	exchange->request.sent = arena_copy(exchange->arena, uri, exchange->raw_length < SENT_KEPT ? exchange->raw_length : SENT_KEPT);
	exchange->request.service = listener->service;
	exchange->request.arena = exchange->arena;
	exchange->request.door = listener->door;
	basis_init(&exchange->basis, exchange->arena);
	exchange->request.basis = &exchange->basis;
	response_init(&exchange->response, exchange->arena);
	return exchange;
}

void exchange_free(struct exchange *exchange)
{
	if (exchange == NULL)
		return;
	live_forget(exchange);
	access_wait_leaves(exchange);
	listener_resumed(exchange);
	cache_abandon(exchange->request.service->cache, exchange->filling);
	response_done(&exchange->response);
	text_done(&exchange->request.body);
	text_done(&exchange->piece);
	long_coding_free(exchange->long_coding);
	arena_free(exchange->arena);
	exchange_no_err(exchange);
	free(exchange);
}

/* Not to be read any more, but freed. */
void exchange_shed(struct exchange *exchange)
{
	response_done(&exchange->response);
	text_done(&exchange->request.body);
	arena_free(exchange->arena);
	exchange_no_err(exchange);
	exchange->arena = exchange->request.arena = exchange->response.arena = exchange->basis.arena = NULL;
	exchange->request.headers = NULL;
	exchange->request.n_headers = 0;
}

bool header_is(const char *name, const char *other)
{
	return strcasecmp(name, other) == 0;
}

struct header_taker {
	struct request *request;
	struct header_sizes sizes;
};

static enum MHD_Result take_header(void *arg, enum MHD_ValueKind kind, const char *name, size_t name_length,
    const char *value, size_t value_length)
{
	struct header_taker *taker = arg;
	struct request *request = taker->request;
	size_t trimmed = value_length;

	(void)kind;
	if (request->n_headers == LIMIT_HEADER_FIELDS)
		return MHD_NO;
	taker->sizes.bytes += name_length + value_length + 4;
	taker->sizes.span += (uintptr_t)value - (uintptr_t)name + value_length + 2;

	while (trimmed > 0 && (value[trimmed - 1] == ' ' || value[trimmed - 1] == '\t'))
		trimmed--;
	request->headers[request->n_headers++] = (struct request_value){
		.name = name,
		.value = value == NULL        ? ""
		    : trimmed == value_length ? value
					      : arena_copy(request->arena, value, trimmed),
	};
	return MHD_YES;
}

/* False when there are more fields than LIMIT_HEADER_FIELDS. */
bool request_take_headers(struct request *request, struct MHD_Connection *connection, struct header_sizes *ret_sizes)
{
	int n = MHD_get_connection_values_n(connection, MHD_HEADER_KIND, NULL, NULL);
	struct header_taker taker = { .request = request };

	if (n > LIMIT_HEADER_FIELDS)
		return false;
	request->headers = arena_array(request->arena, (size_t)(n > 0 ? n : 1), sizeof *request->headers);
	MHD_get_connection_values_n(connection, MHD_HEADER_KIND, take_header, &taker);
	*ret_sizes = taker.sizes;
	return true;
}

size_t request_body_limit(const struct request *request)
{
	if (request->route == NULL)
		return 0;
	return request->route->body_limit == BODY_OF_ARTICLE ? request->service->article_bytes : request->route->body_limit;
}

bool request_take_body(struct exchange *exchange, const char *bytes, size_t length)
{
	struct request *request = &exchange->request;
	const size_t limit = request_body_limit(request);

	exchange->body_seen += length;
	if (exchange->body_seen > limit + LIMIT_DISCARDED)
		return false;
	if (exchange->is_refused)
		return true;
	if (exchange->body_seen > limit) {
		text_done(&request->body);
		exchange->is_refused = true;
		error_set(exchange->err, ERROR_TOO_LARGE, "The body is longer than %zu bytes", limit);
		return true;
	}
	text_append(&request->body, bytes, length);
	return true;
}

const char *request_header(const struct request *request, const char *name)
{
	const char *found = NULL;

	for (size_t i = 0; i < request->n_headers; i++) {
		if (!header_is(request->headers[i].name, name))
			continue;
		found = found == NULL ? request->headers[i].value
		                      : arena_printf(request->arena, "%s, %s", found, request->headers[i].value);
	}
	return found;
}

const char *request_path_value(const struct request *request, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < request->n_path_values && value == NULL; i++) {
		if (strcmp(request->path_values[i].name, name) == 0)
			value = request->path_values[i].value;
	}
	assert(value != NULL);
	return value;
}
