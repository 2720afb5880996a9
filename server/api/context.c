/* SPDX-License-Identifier: MIT */
/*
 * What a thread that runs handlers has: its own connection to the store, and, on the writer's lane alone, the publisher.
 *
 * Also the service's hooks: the seq that replies carry, and who explains an error (a problem for programs, a page for people).
 */
#include "api_internal.h"

#include <stdlib.h>
#include <string.h>

struct context *context_of(const struct request *request)
{
	return request->context;
}

struct store *store_of(const struct request *request)
{
	return context_of(request)->store;
}

struct site *site_of(const struct request *request)
{
	return request->context != NULL ? context_of(request)->api->site : NULL;
}

static void committed(void *arg, int64_t public_seq)
{
	struct api *api = arg;

	atomic_store_explicit(&api->public_seq, public_seq, memory_order_release);
	live_wake(public_seq);
}

static void *context_new(void *arg, struct error *err)
{
	struct api *api = arg;
	struct context *context = calloc(1, sizeof *context);

	if (context == NULL) {
		error_set(err, ERROR_INTERNAL, "out of memory");
		return NULL;
	}
	context->api = api;
	if (!store_open(api->database, STORE_READ, &context->store, err)) {
		free(context);
		return NULL;
	}
	return context;
}

void *api_writer_context_new(void *arg, struct error *err)
{
	struct api *api = arg;
	struct context *context = calloc(1, sizeof *context);

	if (context == NULL) {
		error_set(err, ERROR_INTERNAL, "out of memory");
		return NULL;
	}
	context->api = api;
	context->store = api->writer;
	context->is_writer = true;
	context->publisher = (struct publisher){ .store = api->writer, .log = local_log(), .committed = committed, .arg = api };
	return context;
}

void api_context_free(void *arg)
{
	struct context *context = arg;

	if (context == NULL)
		return;
	if (!context->is_writer)
		store_close(context->store);
	free(context);
}

static int64_t public_seq(void *arg)
{
	struct api *api = arg;

	return atomic_load_explicit(&api->public_seq, memory_order_acquire);
}

/* The path of a target that was refused before it was decoded, as it was sent; NULL when it has none. */
static const char *sent_path(const char *sent)
{
	const char *authority = strstr(sent, "://");

	if (sent[0] != '/' && authority != NULL)
		sent = authority + 3 + strcspn(authority + 3, "/");
	return sent[0] == '/' ? sent : NULL;
}

static bool is_for_programs(const struct request *request)
{
	const char *path = request->path != NULL ? request->path : sent_path(request->sent);

	return request->door != DOOR_PUBLIC || path == NULL || (strncmp(path, "/v1", 3) == 0 && strchr("/?", path[3]) != NULL);
}

static void explain(struct request *request, struct response *response, const struct error *err)
{
	if (is_for_programs(request))
		problem_explain(request, response, err);
	else
		site_explain(request, response, err);
}

void api_start(struct api *api)
{
	health_register_metrics();
	atomic_store(&api->public_seq, store_public_seq(api->writer));
	atomic_store(&api->stopping, false);
}

void api_service(struct api *api, struct http_service *ret_service)
{
	*ret_service = (struct http_service){
		.routes = routes,
		.n_routes = n_routes,
		.arg = api,
		.context_new = context_new,
		.context_free = api_context_free,
		.public_seq = public_seq,
		.explain = explain,
	};
}
