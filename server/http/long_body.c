/* SPDX-License-Identifier: MIT */
/*
 * Bodies that are made while they are sent: as long as the archive, in the memory of one piece.
 *
 * libmicrohttpd asks take() for bytes on the event thread that owns the connection. While there are some of the present piece it gets them. When
 * the client has taken all, the connection is suspended, the next piece is made on a reader's thread, and whoever made it resumes the connection. So
 * nothing runs on the event thread but a copy, and nothing is made for a client that does not read: one that stalls holds a piece and
 * is closed by the idle timeout, one that is gone is noticed at the next byte.
 *
 * Who takes gzip gets the body in it (compression.c), coded where the pieces are made.
 *
 * take() may return 0 only when it has suspended the connection: otherwise it would be called again at once, and for ever. libmicrohttpd aborts when
 * it is stopped with a connection suspended: so a listener that drains begins no further piece and breaks the body off, and a piece under way
 * resumes its connection in any case, which listener_stop() waits for. What is broken off ends without the last chunk (RFC 9112 8), and no
 * client takes it for the whole: HTTP/1.0, which knows no chunks and takes the end of a connection for the end of the reply however it came, is refused
 * (serve.c).
 */
#include "http_internal.h"

#include <string.h>

#include "log.h"

enum { BLOCK = 32 << 10 };

static struct exchange *exchange_of(struct lane_job *job)
{
	return (struct exchange *)(void *)((char *)job - offsetof(struct exchange, job));
}

/* Behind the last piece comes the end of the coding. */
static void code_piece(struct exchange *exchange)
{
	struct text coded = TEXT_EMPTY;

	long_coding_add(exchange->long_coding, &exchange->piece, exchange->piece_is_last, &coded);
	text_done(&exchange->piece);
	exchange->piece = coded;
}

/* On a reader's thread, with what that has. */
static void make_piece(struct lane_job *job, void *context)
{
	struct exchange *exchange = exchange_of(job);
	struct request *request = &exchange->request;

	request->context = context;
	text_clear(&exchange->piece);
	exchange->piece_sent = 0;
	exchange->handler_ok = exchange->response.source(request, exchange->response.source_arg, &exchange->piece, exchange->err);
	exchange->piece_is_last = exchange->piece.length == 0;
	text_fill(&exchange->piece, CONTROL_BASE_URL, request->service->base_url);
	if (exchange->long_coding != NULL)
		code_piece(exchange);
	listener_resume(exchange);
}

static ssize_t break_off(const struct exchange *exchange, const char *why)
{
	log_warning("a reply was broken off", "route", exchange->request.route->path, "why", why, NULL);
	return MHD_CONTENT_READER_END_WITH_ERROR;
}

static ssize_t wait_for_piece(struct exchange *exchange)
{
	struct lane *readers = exchange->request.service->readers;

	if (atomic_load(&exchange->listener->draining))
		return break_off(exchange, "the server is about to stop");
	exchange->job = (struct lane_job){ .run = make_piece };
	listener_suspend(exchange);
	if (readers == NULL || !lane_submit(readers, &exchange->job)) {
		exchange->handler_ok = error_set(exchange->err, ERROR_BUSY, "the server is about to stop");
		listener_resume(exchange);
	}
	return 0;
}

static ssize_t take(void *arg, uint64_t position, char *bytes, size_t most)
{
	struct exchange *exchange = arg;
	size_t length;

	(void)position;
	listener_resumed(exchange);
	if (!exchange->handler_ok)
		return break_off(exchange, exchange->err->detail);
	length = exchange->piece.length - exchange->piece_sent;
	if (length == 0 && exchange->piece_is_last)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (length == 0)
		return wait_for_piece(exchange);
	if (length > most)
		length = most;
	memcpy(bytes, exchange->piece.bytes + exchange->piece_sent, length);
	exchange->piece_sent += length;
	return (ssize_t)length;
}

void long_body_choose_coding(struct exchange *exchange)
{
	struct response *response = &exchange->response;

	if (compression_suits(response->content_type) && compression_takes_gzip(request_header(&exchange->request, "Accept-Encoding")))
		response_header(response, "Content-Encoding", "gzip");
}

struct MHD_Response *long_body_reply(struct exchange *exchange)
{
	exchange->handler_ok = true;
	if (response_header_value(&exchange->response, "Content-Encoding") != NULL)
		exchange->long_coding = long_coding_new();
	return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, take, exchange, NULL);
}
