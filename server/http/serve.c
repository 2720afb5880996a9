/* SPDX-License-Identifier: MIT */
/*
 * The pipeline: admit(), waits(), answer() and finish(), and nothing else decides order.
 *
 *	header section   gate → target → router → auth → body's length and type → parameters       serve_head()
 *	body             collected                                                        serve_body()
 *	answer           min_seq → handler → conditional → compression → response         serve_end()
 *
 * libmicrohttpd calls once with the header section, once for each piece of the body, and once at the end; a reply to
 * the first of them closes the connection, one to the last does not. So a request without a body that is refused by
 * the router, say, is answered at the end, and only what casts doubt on the framing, or would have a body sent in vain, at
 * once.
 *
 * While a request waits (for a seq, or for its handler on the writer thread) its connection is suspended. Whoever is done
 * with it resumes the connection, and libmicrohttpd calls serve_end() again; replies are queued there alone, on the
 * event thread that owns the connection.
 *
 * Handlers build no error replies: they return false, and fail() turns the error into one. A handler that failed
 * leaves nothing of its response behind.
 */
#include "http_internal.h"

#include <string.h>

#include "clock.h"
#include "log.h"

static int64_t public_seq(const struct http_service *service)
{
	return service->public_seq == NULL ? 0 : service->public_seq(service->arg);
}

static void fail(struct exchange *exchange, const struct error *err)
{
	struct request *request = &exchange->request;
	struct response *response = &exchange->response;

	response->status = error_status(err->code);
	response->caching = CACHING_NONE;
	if (response->status == 503 && response_header_value(response, "Retry-After") == NULL)
		response_header(response, "Retry-After", "1");
	if (response->status == 500 || response->status == 507)
		log_error("request failed", "route", request->route == NULL ? "-" : request->route->path, "detail",
		    err->detail, NULL);

	if (request->service->explain == NULL)
		problem_explain(request, response, err);
	else
		request->service->explain(request, response, err);
}

static enum MHD_Result finish(struct exchange *exchange, bool ok, bool must_close)
{
	struct request *request = &exchange->request;
	struct response *response = &exchange->response;
	enum coding coding;

	if (!ok)
		fail(exchange, &exchange->err);
	response_fill(response, request->service->base_url);
	coding = compression_for(request, response);
	conditional_apply(request, response, coding);
	compression_apply(response, coding);
	return response_send(exchange, must_close);
}

/* 204 for any path that is there, and the answer to a browser's preflight: reads are for pages from anywhere, writes for none. */
static bool answer_options(struct exchange *exchange, struct error *err)
{
	struct response *response = &exchange->response;
	const char *allow = router_allow(&exchange->request, &exchange->target);

	if (allow == NULL)
		return error_set(err, ERROR_NOT_FOUND, "There is nothing at this address");
	response->status = 204;
	response->caching = CACHING_NONE;
	response_header(response, "Allow", "%s", allow);
	if (exchange->request.door == DOOR_PUBLIC && strncmp(allow, "GET", 3) == 0) {
		response_header(response, "Access-Control-Allow-Origin", "*");
		response_header(response, "Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
		response_header(response, "Access-Control-Allow-Headers", "*");
		response_header(response, "Access-Control-Max-Age", "86400");
	}
	return true;
}

/* What the header section decides. */
static bool admit(struct exchange *exchange, struct error *err)
{
	struct request *request = &exchange->request;
	struct response *response = &exchange->response;

	return target_parse(request->arena, exchange->raw_target, exchange->raw_length, &exchange->target, err)
	    && router_match(request, &exchange->target, response, err)
	    && auth_allows(request, response, err)
	    && gate_body(exchange, err)
	    && parameters_check(request, err);
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

	return exchange->stage == EXCHANGE_READING && wanted > public_seq(exchange->request.service)
	    && live_park(exchange, wanted, clock_monotonic_us() + LIMIT_MIN_SEQ_WAIT_US);
}

static bool has_seq(struct exchange *exchange, struct error *err)
{
	int64_t wanted = min_seq(&exchange->request);

	exchange->seq = public_seq(exchange->request.service);
	return wanted <= exchange->seq
	    || error_set(err, ERROR_BUSY, "This node has applied seq %lld so far", (long long)exchange->seq);
}

static struct exchange *exchange_of(struct lane_job *job)
{
	return (struct exchange *)(void *)((char *)job - offsetof(struct exchange, job));
}

/* On the writer thread. The seq is read after the handler here: what it wrote is in it. */
static void run_on_writer(struct lane_job *job, void *context)
{
	struct exchange *exchange = exchange_of(job);
	struct request *request = &exchange->request;

	request->context = context;
	exchange->handler_ok = request->route->handler(request, &exchange->response, &exchange->err);
	exchange->seq = public_seq(request->service);
	listener_resume(exchange);
}

/* Suspends the connection and hands the exchange to the writer thread. */
static bool goes_to_writer(struct exchange *exchange)
{
	const struct request *request = &exchange->request;

	if (exchange->stage == EXCHANGE_ON_WRITER || request->route == NULL || request->route->place != ON_WRITER)
		return false;

	exchange->stage = EXCHANGE_ON_WRITER;
	exchange->job.run = run_on_writer;
	listener_suspend(exchange);
	if (request->service->writer == NULL || !lane_submit(request->service->writer, &exchange->job)) {
		exchange->handler_ok =
		    error_set(&exchange->err, ERROR_BUSY, "The server is about to stop and takes no more writes");
		listener_resume(exchange);
	}
	return true;
}

/* --- the three calls --- */

/* Must the answer wait? Then the connection is suspended, and serve_end() comes again when it is resumed. */
static bool waits(struct exchange *exchange, struct error *err)
{
	if (exchange->is_refused || exchange->stage == EXCHANGE_ON_WRITER)
		return false;
	if (waits_for_seq(exchange))
		return true;
	if (!has_seq(exchange, err)) {
		exchange->is_refused = true;
		return false;
	}
	return goes_to_writer(exchange);
}

/* The answer to a request that is here as a whole and waits for nothing any more. */
static bool answer(struct exchange *exchange, struct error *err)
{
	struct request *request = &exchange->request;
	bool ok;

	if (exchange->is_refused)
		return false;
	if (request->method == HTTP_OPTIONS)
		return answer_options(exchange, err);
	if (request->route == NULL) {
		router_lead_on(request, &exchange->response);
		return true;
	}

	ok = exchange->stage == EXCHANGE_ON_WRITER ? exchange->handler_ok
	                                           : request->route->handler(request, &exchange->response, err);
	if (!ok)
		response_clear(&exchange->response);
	return ok;
}

enum MHD_Result serve_head(struct exchange *exchange, const char *method, const char *version)
{
	struct error *err = &exchange->err;

	exchange->request.started_us = clock_monotonic_us();
	exchange->seq = public_seq(exchange->request.service);
	exchange->stage = EXCHANGE_READING;
	if (!gate_head(exchange, method, version, err))
		return finish(exchange, false, /* must_close= */ true);
	if (!listener_context(exchange->listener, &exchange->request.context, err) || !admit(exchange, err)) {
		exchange->is_refused = true;
		if (exchange->has_body)
			return finish(exchange, false, /* must_close= */ true);
	}
	return MHD_YES;
}

enum MHD_Result serve_body(struct exchange *exchange, const char *bytes, size_t *length)
{
	bool goes_on = request_take_body(exchange, bytes, *length);

	*length = 0;
	return goes_on ? MHD_YES : MHD_NO;
}

enum MHD_Result serve_end(struct exchange *exchange)
{
	struct error *err = &exchange->err;
	bool ok;

	listener_resumed(exchange);
	if (waits(exchange, err))
		return MHD_YES;
	/* The writer thread lent its context; pages of errors are made with this thread's. */
	if (exchange->stage == EXCHANGE_ON_WRITER
	    && !listener_context(exchange->listener, &exchange->request.context, err))
		exchange->handler_ok = false;
	ok = answer(exchange, err);
	return finish(exchange, ok, /* must_close= */ false);
}

/* --- pages read what the API serves --- */

/* Runs the route for `target`. A 308 (a thing's former address) is no failure: `ret_response` then says where to. */
static bool run_inner(struct request *outer, const char *target, struct response *ret_response, struct error *err)
{
	struct request inner = {
		.service = outer->service,
		.arena = outer->arena,
		.context = outer->context,
		.door = outer->door,
		.method = HTTP_GET,
		.started_us = outer->started_us,
	};
	struct target parsed;

	if (!target_parse(outer->arena, target, strlen(target), &parsed, err)
	    || !router_match(&inner, &parsed, ret_response, err)
	    || !auth_allows(&inner, ret_response, err)
	    || !parameters_check(&inner, err))
		return false;
	if (inner.route == NULL) {
		router_lead_on(&inner, ret_response);
		return true;
	}
	return inner.route->handler(&inner, ret_response, err);
}

bool serve_inner(struct request *outer, const char *target, struct text *ret_body, struct error *err)
{
	struct response response;
	bool ok;

	response_init(&response, outer->arena);
	ok = run_inner(outer, target, &response, err);
	if (ok && response.status == 308) {
		const char *location = response_header_value(&response, "Location");

		location += *location == CONTROL_BASE_URL;
		response_clear(&response);
		ok = run_inner(outer, location, &response, err);
	}
	if (ok && response.status != 200)
		ok = error_set(err, ERROR_NOT_FOUND, "%s answers %u", target, response.status);
	if (ok) {
		response_fill(&response, outer->service->base_url);
		*ret_body = response.body;
		response.body = TEXT_EMPTY;
	}
	response_done(&response);
	return ok;
}
