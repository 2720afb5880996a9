/* SPDX-License-Identifier: MIT */
/*
 * What a thread that runs handlers has: its own connection to the store, and, on the writer's lane alone, the publisher.
 *
 * Also the service's hooks: the seq that replies carry, and who explains an error (a problem for programs, a page for people).
 */
#include "api_internal.h"

#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "webhook_store.h"

enum { LOOK_AGAIN_SECONDS = 5 };

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

/* What the bar of sections shows, in its order. Pages stand on it (server/site/page.c). */
static uint64_t navigation_digest(struct store *store)
{
	struct arena *arena = arena_new();
	struct term_page page = { 0 };
	struct text shown = TEXT_EMPTY;
	struct error ignored ERROR_UNSET;
	uint64_t digest;

	if (!store_navigation(store, SITE_NAVIGATION_MOST, arena, &page, &ignored))
		page.n = 0;
	for (size_t i = 0; i < page.n; i++)
		text_printf(&shown, "%s %s\n", page.rows[i].slug, page.rows[i].name);
	digest = scope_key("navigation", shown.length > 0 ? shown.bytes : "");
	text_done(&shown);
	arena_free(arena);
	return digest;
}

static void touch_all(struct api *api)
{
	size_t n;
	const uint64_t *touched = store_touched(api->writer, &n);

	for (size_t i = 0; i < n; i++)
		generations_touch(api->generations, touched[i]);
}

/* On the writer's thread: lists of related articles have changed, which is no version of any article. */
void api_related_kept(void *arg, const int64_t *ids, size_t n)
{
	struct api *api = arg;

	(void)ids, (void)n;
	touch_all(api);
	generations_publish(api->generations);
}

/* What was due at the last look and is still there cannot be done: it is left until something else is due, or it would be tried without end. A
 * clock that has been set back since is no reason to wait. */
static int64_t next_due(const struct api *api)
{
	struct error err ERROR_UNSET;
	int64_t next;

	if (store_schedule_next(api->writer, api->schedule_looked <= clock_now() ? api->schedule_looked : TIME_NONE, &next, &err))
		return next;
	log_warning("the schedule cannot be read", "why", err.detail, NULL);
	return clock_now() + LOOK_AGAIN_SECONDS;
}

/* Kept replies are out of date before the seq says that there is news, and that before anyone is told that the write is done. */
static void committed(void *arg, int64_t public_seq)
{
	struct api *api = arg;
	const uint64_t navigation = navigation_digest(api->writer);
	const bool is_news = public_seq != atomic_load_explicit(&api->public_seq, memory_order_relaxed);

	touch_all(api);
	if (navigation != api->navigation)
		generations_touch(api->generations, SITE_NAVIGATION_SCOPE);
	api->navigation = navigation;
	generations_publish(api->generations);
	atomic_store_explicit(&api->public_seq, public_seq, memory_order_release);
	live_wake(public_seq);
	background_wake(api->background);
	scheduler_note(api->scheduler, next_due(api));
	api_rename_on(api);
	if (store_webhooks_changed(api->writer) || (is_news && api->websub_hub != NULL))
		webhooks_wake(api->webhooks);
}

/* --- who is told of commits --- */

struct attaching {
	struct lane_job job;
	struct api *api;
	struct background *background;
	struct scheduler *scheduler;
	struct webhooks *webhooks;
	sem_t done;
};

static void attach(struct lane_job *job, void *context)
{
	struct attaching *attaching = (struct attaching *)(void *)job;
	struct api *api = attaching->api;

	(void)context;
	api->background = attaching->background;
	api->scheduler = attaching->scheduler;
	api->webhooks = attaching->webhooks;
	if (api->scheduler != NULL)
		scheduler_note(api->scheduler, next_due(api));
	api_rename_on(api);
	sem_post(&attaching->done);
}

/* On the writer's thread, which reads these while it commits. */
void api_attach(struct api *api, struct background *background, struct scheduler *scheduler, struct webhooks *webhooks)
{
	struct attaching attaching = { .job.run = attach, .api = api, .background = background, .scheduler = scheduler, .webhooks = webhooks };

	if (api->writing == NULL)
		return;
	sem_init(&attaching.done, 0, 0);
	if (lane_submit(api->writing, &attaching.job))
		while (sem_wait(&attaching.done) != 0)
			;
	sem_destroy(&attaching.done);
}

static bool reading_begin(struct request *request, struct error *err)
{
	return store_read_begin(store_of(request), err);
}

static bool reading_end(struct request *request, struct error *err)
{
	struct basis *basis = request->basis;
	const bool fine = store_read_holds(store_of(request), err)
	    && (!basis_is_stated(basis) || store_mark(store_of(request), basis_newest(basis), &basis->mark, err));

	store_read_end(store_of(request));
	return fine;
}

void *api_context_new(void *arg, struct error *err)
{
	struct api *api = arg;
	struct context *context = calloc(1, sizeof *context);

	if (context == NULL) {
		error_set(err, ERROR_INTERNAL, "out of memory");
		return NULL;
	}
	context->api = api;
	if (!store_open(api->database, STORE_READ, &context->store, err)) {
		log_error("the database cannot be read", "why", err->detail, NULL);
		error_set(err, ERROR_BUSY, "the database cannot be read");
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

void api_run_group(struct lane *lane, struct lane_job *first, void *arg)
{
	struct context *context = arg;

	publish_group(&context->publisher, lane, first, context);
}

bool api_run_schedule(void *arg, int64_t *ret_next)
{
	struct context *context = arg;
	struct error err ERROR_UNSET;
	struct list_key place = { TIME_NONE, 0 };
	bool more = true, fine = true;
	const int64_t now = clock_now();

	while (fine && more)
		fine = publish_scheduled(&context->publisher, &place, &more, &err);
	if (fine)
		context->api->schedule_looked = now;
	else
		log_warning("the schedule has to wait", "why", err.detail, NULL);
	*ret_next = next_due(context->api);
	return fine;
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
	struct error ignored ERROR_UNSET;

	if (!store_history(api->writer, &api->history, &ignored))
		api->history = 0;
	health_register_metrics();
	background_register_metrics();
	webhooks_register_metrics();
	atomic_store(&api->public_seq, store_public_seq(api->writer));
	api->navigation = navigation_digest(api->writer);
	pthread_mutex_init(&api->key_uses.lock, NULL);
	publish_register_metrics();
	api->schedule_looked = TIME_NONE;
	atomic_store(&api->stopping, false);
}

void api_service(struct api *api, struct http_service *ret_service)
{
	*ret_service = (struct http_service){
		.routes = routes,
		.n_routes = n_routes,
		.arg = api,
		.context_new = api_context_new,
		.context_free = api_context_free,
		.public_seq = public_seq,
		.reading_begin = reading_begin,
		.reading_end = reading_end,
		.generations = api->generations,
		.key_look_up = key_look_up,
		.key_standing = key_standing_now,
		.has_keys = key_has_any,
		.explain = explain,
	};
}
