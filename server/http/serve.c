/* SPDX-License-Identifier: MIT */
/*
 * The pipeline: serve_head(), serve_body() and serve_end(), and nothing else decides order.
 *
 *	header section   gate → limits; with a body to come also: target → router → auth → body's length and type → parameters     serve_head()
 *	body             collected, or handed on piece by piece (dispatch.c)                            serve_body()
 *	end              kept under this target? → target → router → auth → parameters → min_seq
 *	                 → kept under another spelling? → handler → keep → conditional → compression → response      serve_end()
 *
 * libmicrohttpd calls once with the header section, once for each piece of the body, and once at the end; a reply to
 * the first of them closes the connection, one to the last does not. So a request without a body that is refused by
 * the router, say, is answered at the end, and only what casts doubt on the framing, or would have a body sent in vain, at
 * once.
 *
 * While a request waits (for a seq, for a reply that another request has made already half, or for its handler on a writer or reader
 * thread) its connection is suspended. Whoever is done with it resumes the connection, and libmicrohttpd calls serve_end() again;
 * replies are queued there alone, on the event thread that owns the connection.
 *
 * Handlers build no error replies: they return false, and fail() turns the error into one. A handler that failed
 * leaves nothing of its response behind.
 */
#include "http_internal.h"

#include <assert.h>
#include <string.h>

#include "clock.h"
#include "log.h"

int64_t serve_public_seq(const struct http_service *service)
{
	return service->public_seq == NULL ? 0 : service->public_seq(service->arg);
}

static void fail(struct exchange *exchange, const struct error *err)
{
	struct request *request = &exchange->request;
	struct response *response = &exchange->response;

	response->status = error_status(err->code);
	response->caching = CACHING_NONE;
	if ((response->status == 503 || response->status == 507) && response_header_value(response, "Retry-After") == NULL)
		response_header(response, "Retry-After", "1");
	if ((response->status == 412 || response->status == 428) && request->current_rev > 0)
		response_header(response, "ETag", "\"%lld.current\"", (long long)request->current_rev);
	if (response->status == 500)
		log_error("request failed", "route", request->route == NULL ? "-" : request->route->path, "detail",
		    err->detail, NULL);

	if (request->service->explain == NULL)
		problem_explain(request, response, err);
	else
		request->service->explain(request, response, err);
}

/* Everything that a reply has but its coding. */
static void complete(struct exchange *exchange)
{
	struct request *request = &exchange->request;
	struct response *response = &exchange->response;

	response_fill(response, request->service->base_url);
	conditional_stem(request, response);
	response_usual_headers(request, response);
}

static enum MHD_Result finish(struct exchange *exchange, bool ok, bool must_close)
{
	struct request *request = &exchange->request;
	struct response *response = &exchange->response;
	enum MHD_Result result;
	struct kept *kept;
	enum coding coding;
	bool is_answered;

	if (!ok)
		fail(exchange, exchange->err);
	complete(exchange);
	kept = kept_keep(exchange);
	is_answered = kept != NULL && kept_answer(exchange, kept, &result);
	if (!is_answered) {
		coding = compression_for(request, response);
		conditional_apply(request, response, coding);
		compression_apply(response, coding);
		if (kept != NULL)
			kept_note_length(kept, coding, response->status == 304 ? response->unchanged_length : response->body.length);
		result = response_send(exchange, must_close);
	}
	kept_unref(kept);
	return result;
}

/* 204 for any path that is there, and the answer to a browser's preflight. */
static bool answer_options(struct exchange *exchange, struct error *err)
{
	struct response *response = &exchange->response;
	const char *allow = router_allow(&exchange->request, &exchange->target);

	if (allow == NULL)
		return error_set(err, ERROR_NOT_FOUND, "There is nothing at this address");
	response->status = 204;
	response->caching = CACHING_NONE;
	response_header(response, "Allow", "%s", allow);
	cors_answer_preflight(&exchange->request, allow, response);
	return true;
}

/* Who shows a wrong key is told so wherever they ask, or what is not there would be a way around the limits. */
static bool find_route_and_caller(struct exchange *exchange, struct error *err)
{
	struct request *request = &exchange->request;
	struct error refusal ERROR_UNSET;
	const bool is_there = router_match(request, &exchange->target, &exchange->response, err);

	if (auth_identify(exchange, &refusal))
		return is_there;
	*err = refusal;
	return false;
}

/* What the header section decides. */
static bool admit(struct exchange *exchange, struct error *err)
{
	struct request *request = &exchange->request;
	struct response *response = &exchange->response;

	return target_parse(request->arena, exchange->raw_target, exchange->raw_length, &exchange->target, err)
	    && find_route_and_caller(exchange, err)
	    && auth_allows(request, response, err)
	    && gate_body(exchange, err)
	    && parameters_check(request, err);
}

static void admit_or_refuse(struct exchange *exchange)
{
	struct request *request = &exchange->request;

	exchange->is_admitted = true;
	if (listener_context(exchange->listener, &request->context, exchange->err) && admit(exchange, exchange->err))
		canonical_take(request);
	else
		exchange->is_refused = true;
	exchange->admitted = arena_mark(exchange->arena);
}

/* --- waiting --- */

static int64_t min_seq(const struct request *request)
{
	const struct route *route = request->route;

	for (const struct parameter *parameter = route == NULL ? NULL : route->parameters;
	     parameter != NULL && parameter->name != NULL; parameter++) {
		if (strcmp(parameter->name, "min_seq") == 0)
			return request_integer(request, "min_seq", 0);
	}
	return 0;
}

/* Suspends the connection when the node has not yet applied what the client knows of. */
static bool waits_for_seq(struct exchange *exchange)
{
	int64_t wanted = min_seq(&exchange->request);

	return exchange->stage == EXCHANGE_READING && wanted > serve_public_seq(exchange->request.service)
	    && live_park(exchange, wanted, clock_monotonic_us() + LIMIT_MIN_SEQ_WAIT_US);
}

static bool has_seq(struct exchange *exchange, struct error *err)
{
	int64_t wanted = min_seq(&exchange->request);

	exchange->seq = serve_public_seq(exchange->request.service);
	return wanted <= exchange->seq
	    || error_set(err, ERROR_BUSY, "This node has applied seq %lld so far", (long long)exchange->seq);
}

/* Until when the client of a quiet answer would rather wait; 0: it would not. */
static int64_t waits_until_us(const struct request *request)
{
	const struct route *route = request->route;

	for (const struct parameter *parameter = route == NULL || request->is_head ? NULL : route->parameters;
	     parameter != NULL && parameter->name != NULL; parameter++) {
		if (strcmp(parameter->name, "wait") == 0 && request_integer(request, "wait", 0) > 0)
			return request->started_us + request_integer(request, "wait", 0) * 1000000;
	}
	return 0;
}

/* The next answer is made as the first was: on this thread, with its context, and in the same memory, however often it has to be made. */
static void begin_anew(struct exchange *exchange)
{
	struct request *request = &exchange->request;
	struct error ignored ERROR_UNSET;
	const bool has_context = listener_context(exchange->listener, &request->context, &ignored);

	assert(has_context);    /* this thread has had one since the request was admitted */
	(void)has_context;
	request->is_on_reader = request->wants_reader = false;
	exchange->has_waited = false;
	response_clear(&exchange->response);
	arena_rewind(exchange->arena, exchange->admitted);
	basis_init(&exchange->basis, exchange->arena);
}

/* There is nothing new by the seq that was read before the answer was made or found: parked until there is, or until the time is up. */
static bool waits_for_news(struct exchange *exchange)
{
	const int64_t until_us = waits_until_us(&exchange->request);

	if (until_us == 0 || clock_monotonic_us() >= until_us || !live_park(exchange, exchange->seq + 1, until_us))
		return false;
	/* It may have been resumed already; but serve_end() is called for it by this thread alone. */
	begin_anew(exchange);
	return true;
}

/* --- handlers --- */

/* A KEPT answer is made of one state of the store, and knows which. */
bool serve_handler(struct request *request, struct response *response, struct error *err)
{
	const struct http_service *service = request->service;
	struct error ignored ERROR_UNSET;
	bool ok;

	if (request->route->kept == NEVER || service->reading_begin == NULL)
		return request->route->handler(request, response, err);

	basis_init(request->basis, request->arena);
	request->basis->since = service->generations == NULL ? 0 : generations_clock(service->generations);
	if (!service->reading_begin(request, err))
		return false;
	ok = request->route->handler(request, response, err);
	return service->reading_end(request, ok ? err : &ignored) && ok;
}

/* --- the three calls --- */

enum progress { PROGRESS_ANSWERED, PROGRESS_SUSPENDED, PROGRESS_REFUSED, PROGRESS_TO_BE_MADE };

/* What has been kept under this very target, before anything of the request is decoded. */
static bool answer_at_sight(struct exchange *exchange, enum MHD_Result *ret_result)
{
	struct kept *kept;
	bool is_answered;

	if (exchange->is_admitted || exchange->is_refused || exchange->raw_target == NULL || !kept_may_answer(exchange))
		return false;
	kept = cache_find(exchange->request.service->cache, exchange->raw_target, exchange->raw_length);
	is_answered = kept != NULL && kept_answer(exchange, kept, ret_result);
	kept_unref(kept);
	if (is_answered)
		cache_count_hit(exchange->request.service->cache);
	return is_answered;
}

/* What is kept says that there is no news. When the time is up that is made anew for this request alone: nobody else may be given it by a cache. */
static enum progress wait_or_make(struct exchange *exchange)
{
	if (!access_wait_enters(exchange, exchange->err)) {
		exchange->is_refused = true;
		return PROGRESS_REFUSED;
	}
	return waits_for_news(exchange) ? PROGRESS_SUSPENDED : PROGRESS_TO_BE_MADE;
}

/* The reply may be kept under another spelling, or be in the making. */
static enum progress look_in_cache(struct exchange *exchange, enum MHD_Result *ret_result)
{
	const struct request *request = &exchange->request;
	struct kept *kept = NULL;
	bool is_answered = false;

	if (request->route == NULL || request->route->kept == NEVER || exchange->filling != NULL || !kept_may_answer(exchange))
		return PROGRESS_TO_BE_MADE;
	switch (cache_enter(request->service->cache, exchange, &kept)) {
	case CACHE_WAIT:
		return PROGRESS_SUSPENDED;
	case CACHE_HIT:
		if (kept_is_quiet(kept) && waits_until_us(request) != 0) {
			kept_unref(kept);
			return wait_or_make(exchange);
		}
		kept_name(exchange, kept);
		is_answered = kept_answer(exchange, kept, ret_result);
		break;
	case CACHE_MISS:
		break;
	}
	kept_unref(kept);
	return is_answered ? PROGRESS_ANSWERED : PROGRESS_TO_BE_MADE;
}

/* All that may come before the handler of a request that is here as a whole. */
static enum progress approach(struct exchange *exchange, enum MHD_Result *ret_result)
{
	if (!exchange->is_admitted && !exchange->is_refused)
		admit_or_refuse(exchange);
	if (exchange->is_refused)
		return PROGRESS_REFUSED;
	if (exchange->stage == EXCHANGE_ON_LANE)
		return PROGRESS_TO_BE_MADE;
	if (waits_for_seq(exchange))
		return PROGRESS_SUSPENDED;
	if (!has_seq(exchange, exchange->err)) {
		exchange->is_refused = true;
		return PROGRESS_REFUSED;
	}
	return look_in_cache(exchange, ret_result);
}

/* The answer to a request that waits for nothing any more. */
static bool answer(struct exchange *exchange, struct error *err)
{
	struct request *request = &exchange->request;

	if (request->method == HTTP_OPTIONS)
		return answer_options(exchange, err);
	if (request->route == NULL) {
		router_lead_on(request, &exchange->response);
		return true;
	}
	return exchange->stage == EXCHANGE_ON_LANE ? exchange->handler_ok : serve_handler(request, &exchange->response, err);
}

/* The handler has nothing new to say, to somebody who would wait for that: it is kept for others that come, and the request parked. */
static bool quiet_is_no_answer(struct exchange *exchange, bool *ok)
{
	struct response *response = &exchange->response;

	if (!*ok || !response->is_quiet || waits_until_us(&exchange->request) == 0)
		return false;
	if (clock_monotonic_us() >= waits_until_us(&exchange->request) || atomic_load(&exchange->listener->draining)) {
		response->caching = CACHING_NONE;
		return false;
	}
	if (exchange->filling != NULL) {
		complete(exchange);
		kept_unref(kept_keep(exchange));
	}
	*ok = access_wait_enters(exchange, exchange->err);
	return *ok && waits_for_news(exchange);
}

/* A stream is counted before it begins. A body that may be broken off is for those who can tell. */
static bool may_stream(struct exchange *exchange, struct error *err)
{
	if (exchange->response.source != NULL && exchange->is_http_1_0) {
		response_clear(&exchange->response);
		return error_set(err, ERROR_HTTP_VERSION, "This reply takes HTTP/1.1: HTTP/1.0 cannot tell a part of it from the whole");
	}
	return !exchange->response.is_stream || exchange->request.is_head || access_wait_enters(exchange, err);
}

enum MHD_Result serve_head(struct exchange *exchange, const char *method, const char *version)
{
	exchange->request.started_us = clock_monotonic_us();
	exchange->seq = exchange->request.seq_at_arrival = serve_public_seq(exchange->request.service);
	exchange->stage = EXCHANGE_READING;
	if (!gate_head(exchange, method, version, exchange->err))
		return finish(exchange, false, /* must_close= */ true);
	exchange->is_refused = !access_enter(exchange, exchange->err);
	if (exchange->has_body) {
		if (!exchange->is_refused)
			admit_or_refuse(exchange);
		if (exchange->is_refused)
			return finish(exchange, false, /* must_close= */ true);
	}
	return MHD_YES;
}

enum MHD_Result serve_body(struct exchange *exchange, const char *bytes, size_t *length)
{
	bool goes_on;

	dispatch_piece_done(exchange);
	goes_on = request_take_body(exchange, bytes, *length);
	*length = 0;
	if (goes_on)
		dispatch_piece(exchange);
	return goes_on ? MHD_YES : MHD_NO;
}

enum MHD_Result serve_end(struct exchange *exchange)
{
	struct request *request = &exchange->request;
	enum MHD_Result result;
	enum progress progress;
	bool ok;

	dispatch_piece_done(exchange);
	listener_resumed(exchange);
	if (!exchange_may_err(exchange))
		return MHD_NO;
	request->body_is_whole = true;
	if (answer_at_sight(exchange, &result))
		return result;
	progress = approach(exchange, &result);
	if (progress == PROGRESS_ANSWERED)
		return result;
	if (progress == PROGRESS_SUSPENDED)
		return MHD_YES;

	ok = progress == PROGRESS_TO_BE_MADE && answer(exchange, exchange->err);
	if (!ok && progress == PROGRESS_TO_BE_MADE) {
		if (dispatch_elsewhere(exchange))
			return MHD_YES;
		response_clear(&exchange->response);
	}
	ok = ok && may_stream(exchange, exchange->err);
	if (quiet_is_no_answer(exchange, &ok))
		return MHD_YES;
	/* A lane's thread lent its context; pages of errors are made with this thread's. */
	if (exchange->stage == EXCHANGE_ON_LANE && !listener_context(exchange->listener, &request->context, exchange->err))
		ok = false;
	return finish(exchange, ok, /* must_close= */ false);
}
