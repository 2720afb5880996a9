/* SPDX-License-Identifier: MIT */
/*
 * The threads that handlers run on. A handler begins on the event thread that owns the connection; when it says that it will take long, or that it
 * is about to write, it begins anew on a reader's thread or on the writer's, while the connection is suspended. Whoever is done resumes
 * it, and serve_end() goes on from there.
 *
 * What waits for the writer together is run as one group and answered when the group is committed (lane.h). A route that takes its body
 * in pieces is called with each PIECE_BYTES that have come, on the writer's thread, while the client waits to send on: so a body of any
 * length is worked on as it arrives, in bounded memory.
 */
#include "http_internal.h"

#include <assert.h>

enum { PIECE_BYTES = 1 << 20 };

bool request_may_write(struct request *request, void *prepared)
{
	assert(request->route->place != HERE);
	if (request->is_on_writer)
		return true;
	request->prepared = prepared;
	request->wants_writer = true;
	return false;
}

bool request_may_take_long(struct request *request)
{
	if (request->service->readers == NULL || request->is_on_reader || request->is_on_writer)
		return true;
	request->wants_reader = true;
	return false;
}

static struct exchange *exchange_of(struct lane_job *job)
{
	return (struct exchange *)(void *)((char *)job - offsetof(struct exchange, job));
}

/* On a thread of a lane. A body may take long to come, so who writes is asked again whether their key is still good. */
static void run_on_lane(struct lane_job *job, void *context)
{
	struct exchange *exchange = exchange_of(job);
	struct request *request = &exchange->request;

	request->context = context;
	if (!request->is_on_writer && atomic_load(&exchange->listener->draining))
		exchange->handler_ok = error_set(exchange->err, ERROR_BUSY, "The server is about to stop");
	else
		exchange->handler_ok = (!request->is_on_writer || auth_still_stands(request, exchange->err)) &&
		    serve_handler(request, &exchange->response, exchange->err);
	if (job->settled == NULL) {
		if (request->is_on_writer)
			exchange->seq = serve_public_seq(request->service);
		listener_resume(exchange);
	}
}

/* What the handler wrote stands, or none of it does. After a write the seq is read anew: what it wrote is in it. */
static void settle(struct lane_job *job, const struct error *err)
{
	struct exchange *exchange = exchange_of(job);

	if (err != NULL) {
		exchange->handler_ok = false;
		*exchange->err = *err;
	}
	exchange->seq = serve_public_seq(exchange->request.service);
	listener_resume(exchange);
}

/* Suspends the connection and hands the exchange to a lane. What takes a body piece by piece commits for itself. */
static void go_to_lane(struct exchange *exchange, struct lane *lane)
{
	const bool is_grouped = exchange->request.is_on_writer && exchange->request.route->place == ON_WRITER;

	exchange->stage = EXCHANGE_ON_LANE;
	exchange->job.run = run_on_lane;
	exchange->job.settled = is_grouped ? settle : NULL;
	listener_suspend(exchange);
	if (lane == NULL || !lane_submit(lane, &exchange->job)) {
		exchange->handler_ok = error_set(exchange->err, ERROR_BUSY, "The server is about to stop");
		listener_resume(exchange);
	}
}

/* libmicrohttpd aborts when it is stopped with a connection suspended; and who comes when hundreds wait would wait too long. */
static bool lane_is_open(struct exchange *exchange, struct lane *lane)
{
	if (atomic_load(&exchange->listener->draining))
		return error_set(exchange->err, ERROR_BUSY, "The server is about to stop");
	return lane == NULL || lane_length(lane) < LANE_LENGTH_MOST
	    || error_set(exchange->err, ERROR_BUSY, "More is going on than can be answered just now");
}

/* A handler that has said that it takes long, or that it is about to write, begins anew on a thread for that. From a reader's thread the way to the
 * writer's leads over this one. */
bool dispatch_elsewhere(struct exchange *exchange)
{
	struct request *request = &exchange->request;
	const bool to_writer = request->wants_writer && !request->is_on_writer;
	const bool to_reader = request->wants_reader && !request->is_on_reader && !request->is_on_writer && !to_writer;

	if (!to_writer && !to_reader)
		return false;
	if (!lane_is_open(exchange, to_writer ? NULL : request->service->readers))
		return false;
	request->is_on_writer = to_writer;
	request->is_on_reader = to_reader;
	if (request->route->place != PIECES_ON_WRITER)
		response_clear(&exchange->response);
	go_to_lane(exchange, to_writer ? request->service->writer : request->service->readers);
	return true;
}

/* --- bodies in pieces --- */

void dispatch_piece(struct exchange *exchange)
{
	struct request *request = &exchange->request;

	if (exchange->is_refused || request->route == NULL || request->route->place != PIECES_ON_WRITER || request->body.length < PIECE_BYTES)
		return;
	if (!lane_is_open(exchange, NULL)) {
		exchange->is_refused = true;
		return;
	}
	request->is_on_writer = true;
	go_to_lane(exchange, request->service->writer);
}

void dispatch_piece_done(struct exchange *exchange)
{
	struct request *request = &exchange->request;

	if (exchange->stage != EXCHANGE_ON_LANE || request->body_is_whole)
		return;
	listener_resumed(exchange);
	exchange->stage = EXCHANGE_READING;
	request->is_on_writer = false;
	/* What is asked from here on is asked on this thread, and not of the writer's store. */
	if (exchange->handler_ok && !listener_context(exchange->listener, &request->context, exchange->err))
		exchange->handler_ok = false;
	if (!exchange->handler_ok)
		exchange->is_refused = true;
}
