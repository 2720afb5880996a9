/* SPDX-License-Identifier: MIT */
/*
 * Event streams (text/event-stream): replies that do not end, made of pieces.
 *
 * A stream is a place: the seq up to which its client has been told everything. While there is nothing behind it the connection is suspended, parked in
 * live.c; after a commit, or when it is time for a sign of life, it is resumed and libmicrohttpd asks the reader here for bytes. The
 * reader takes the piece that begins at its place. A piece is made once for all who stand there and follow the same target, by the route's own
 * handler on whichever event thread needs it first, and shared by reference.
 *
 * So nothing is queued for anybody: a client that reads slowly holds one piece, however much happens, and goes on from its place when it has
 * read that, with one row for an article that has changed ten times. A client that reads nothing at all stands still with its socket full
 * and falls to the idle timeout, as any other.
 *
 * Three traps of libmicrohttpd. A reader that gives 0 without having suspended the connection is asked again at once, for ever: so it parks before it gives 0,
 * always. A suspended connection whose client is gone is not noticed: so live.c watches for a client that hangs up, a comment goes out at least every 15 s, and
 * the kernel is told to give a peer up that acknowledges nothing for 20 s. And a daemon must not be stopped with anything suspended: parking is refused while the listener
 * drains, and the reader ends the stream.
 */
#include "http_internal.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "clock.h"
#include "log.h"
#include "pages.h"

enum {
	PIECES_KEPT = 256,
	BEAT_SPREAD = 5,               /* streams that were woken together do not all breathe together, but up to a fifth of the time earlier */
	GIVE_UP_MS = 20000,
	BEAT_BYTES = 64,
	BLOCK_BYTES = 128,             /* libmicrohttpd keeps so many a reply beside the connection's own; chunks are made in that */
};

struct piece {
	atomic_uint refs;
	uint64_t name;                 /* of service, target, and the seq behind which it begins */
	int64_t end;                   /* seq up to which it tells everything */
	int64_t made_at;               /* the public seq before it was made */
	bool is_last;                  /* behind it there was nothing then */
	size_t length;
	char bytes[];
};

struct stream {
	struct exchange *exchange;
	char *target;
	int64_t at, seen;              /* told up to here; looked at when the public seq was that */
	struct piece *piece;
	size_t offset;
	int64_t beat_us;
	bool has_begun, has_rested;
};

enum progress { BROKEN, NOTHING_NEW, HAS_PIECE, MOVED_ON };

int64_t stream_beat_us = 15000000;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct piece *kept[PIECES_KEPT];

/* --- pieces --- */

static struct piece *piece_new(uint64_t name, const char *bytes, size_t length)
{
	struct piece *piece = malloc(sizeof *piece + length);

	if (piece == NULL)
		return NULL;
	*piece = (struct piece){ .name = name, .length = length };
	atomic_init(&piece->refs, 1);
	if (length > 0)
		memcpy(piece->bytes, bytes, length);
	return piece;
}

static void piece_unref(struct piece *piece)
{
	if (piece != NULL && atomic_fetch_sub(&piece->refs, 1) == 1)
		free(piece);
}

static uint64_t name_of(const struct stream *stream)
{
	const uintptr_t service = (uintptr_t)stream->exchange->request.service;
	const uint64_t frame[] = { (uint64_t)service, (uint64_t)stream->at };

	return XXH3_64bits_withSeed(stream->target, strlen(stream->target), XXH3_64bits(frame, sizeof frame));
}

static struct piece *find_kept(uint64_t name, int64_t seq)
{
	struct piece *piece;

	pthread_mutex_lock(&lock);
	piece = kept[name % PIECES_KEPT];
	if (piece != NULL && (piece->name != name || piece->made_at < seq))
		piece = NULL;
	if (piece != NULL)
		atomic_fetch_add(&piece->refs, 1);
	pthread_mutex_unlock(&lock);
	return piece;
}

static void keep(struct piece *piece)
{
	struct piece *former;

	atomic_fetch_add(&piece->refs, 1);
	pthread_mutex_lock(&lock);
	former = kept[piece->name % PIECES_KEPT];
	kept[piece->name % PIECES_KEPT] = piece;
	pthread_mutex_unlock(&lock);
	piece_unref(former);
}

/* Of all services: pieces are made anew where they are missed. */
void stream_forget_pieces(void)
{
	for (size_t i = 0; i < PIECES_KEPT; i++) {
		pthread_mutex_lock(&lock);
		piece_unref(kept[i]);
		kept[i] = NULL;
		pthread_mutex_unlock(&lock);
	}
}

static struct piece *compose(struct stream *stream, uint64_t name, int64_t seq)
{
	const struct exchange *exchange = stream->exchange;
	struct text body = TEXT_EMPTY;
	struct piece *piece = NULL;
	struct error err ERROR_UNSET;
	void *context;
	struct served_piece made;

	if (listener_context(exchange->listener, &context, &err)
	    && serve_piece(exchange->request.service, context, stream->target, stream->at, &body, &made, &err)) {
		piece = piece_new(name, body.bytes, body.length);
		if (piece != NULL) {
			piece->end = made.end;
			piece->is_last = made.is_last;
			piece->made_at = seq;
			keep(piece);
		}
	} else if (err.code != ERROR_BUSY && err.code != ERROR_SYNC_EXPIRED) {
		log_error("an event stream ends", "why", err.detail, NULL);
	}
	text_done(&body);
	return piece;
}

/* Leaves the piece behind, which has been told or has nothing in it for this target. */
static void move_on(struct stream *stream)
{
	stream->at = stream->piece->end;
	if (stream->piece->is_last && stream->piece->made_at > stream->seen)
		stream->seen = stream->piece->made_at;
	piece_unref(stream->piece);
	stream->piece = NULL;
}

/* One piece at most is made, of so many rows, however few of them are of this target: others are to be served in between. */
static enum progress next_piece(struct stream *stream)
{
	const int64_t seq = serve_public_seq(stream->exchange->request.service);
	uint64_t name;

	if (seq <= stream->seen || seq <= stream->at)
		return NOTHING_NEW;
	name = name_of(stream);
	stream->piece = find_kept(name, seq);
	if (stream->piece == NULL)
		stream->piece = compose(stream, name, seq);
	if (stream->piece == NULL)
		return BROKEN;
	stream->offset = 0;
	if (stream->piece->length > 0)
		return HAS_PIECE;
	move_on(stream);
	return seq <= stream->seen || seq <= stream->at ? NOTHING_NEW : MOVED_ON;
}

/* --- the reader --- */

static void note_beat(struct stream *stream)
{
	const int64_t spread_us = stream_beat_us / BEAT_SPREAD;

	stream->beat_us = clock_monotonic_us() + stream_beat_us - (int64_t)((uintptr_t)stream / 64 * 2654435761U % (uint64_t)spread_us);
}

static size_t take(struct stream *stream, char *bytes, size_t most)
{
	const size_t left = stream->piece->length - stream->offset, n = left < most ? left : most;

	memcpy(bytes, stream->piece->bytes + stream->offset, n);
	stream->offset += n;
	if (stream->offset == stream->piece->length)
		move_on(stream);
	note_beat(stream);
	return n;
}

/* A sign of life, which also says how far the client has been told: it comes back to there, past what its filter left out. */
static ssize_t beat(struct stream *stream, char *bytes, size_t most)
{
	char text[BEAT_BYTES];
	const int length = snprintf(text, sizeof text, ": here\nid: %" PRId64 "\n\n", stream->at);

	note_beat(stream);
	if ((size_t)length > most)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	memcpy(bytes, text, (size_t)length);
	return length;
}

/*
 * libmicrohttpd clears most of the pool of a connection between request and reply, so its pages are there though they hold zeroes; a stream needs hardly any of it
 * from now on. The request's target and the place for the next bytes lie in the pool, and so does all between them. A reply that is not chunked
 * has its bytes put elsewhere, in a block that is not longer than it asked for.
 */
static void rest(struct stream *stream, const char *bytes, size_t most)
{
	const uintptr_t first = stream->exchange->raw_place, end = (uintptr_t)bytes + most;

	if (!stream->has_rested && most > BLOCK_BYTES && first < end && end - first <= CONNECTION_MEMORY)
		pages_give_back((void *)first, bytes + most);
	stream->has_rested = true;
}

static ssize_t read_stream(void *arg, uint64_t position, char *bytes, size_t most)
{
	struct stream *stream = arg;
	struct exchange *exchange = stream->exchange;
	enum progress progress = HAS_PIECE;

	(void)position;
	listener_resumed(exchange);
	if (!stream->has_begun)
		exchange_shed(exchange);
	stream->has_begun = true;
	if (stream->piece == NULL && !atomic_load(&exchange->listener->draining))
		progress = next_piece(stream);
	if (progress == BROKEN || atomic_load(&exchange->listener->draining))
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (progress == HAS_PIECE)
		return (ssize_t)take(stream, bytes, most);
	if (progress == MOVED_ON || clock_monotonic_us() >= stream->beat_us || atomic_exchange(&exchange->may_be_gone, false))
		return beat(stream, bytes, most);
	rest(stream, bytes, most);
	return live_park(exchange, (stream->seen > stream->at ? stream->seen : stream->at) + 1, stream->beat_us) ? 0 : MHD_CONTENT_READER_END_OF_STREAM;
}

static void stream_free(void *arg)
{
	struct stream *stream = arg;

	piece_unref(stream->piece);
	free(stream->target);
	free(stream);
}

/* --- its beginning --- */

static void watch_client(struct exchange *exchange)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	const int give_up_ms = GIVE_UP_MS, yes = 1;

	if (info == NULL)
		return;
	live_watch(exchange, info->connect_fd);
	if (socket_is_unix(exchange->listener->socket))
		return;
	setsockopt(info->connect_fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &give_up_ms, sizeof give_up_ms);
	setsockopt(info->connect_fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
}

struct MHD_Response *stream_reply(struct exchange *exchange)
{
	const struct response *response = &exchange->response;
	struct stream *stream = calloc(1, sizeof *stream);
	struct MHD_Response *reply;

	if (stream == NULL)
		return NULL;
	*stream = (struct stream){ .exchange = exchange, .at = response->stream_at, .target = strdup(response->stream_target) };
	stream->piece = piece_new(0, response->body.bytes, response->body.length);
	if (stream->piece != NULL)
		stream->piece->end = stream->at;
	reply = stream->piece == NULL || stream->target == NULL ? NULL
	                                                         : MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_stream, stream, stream_free);
	if (reply == NULL) {
		stream_free(stream);
		return NULL;
	}
	note_beat(stream);
	watch_client(exchange);
	return reply;
}
