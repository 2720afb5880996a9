/* SPDX-License-Identifier: MIT */
/*
 * The forms of a kept reply: as it is, gzip, brotli, each a ready MHD_Response for the whole reply and one for its 304.
 *
 * A form is made when it is first asked for, out of the identity form, with the quickest level, so that nobody waits for a slow one.
 * What is asked for again is coded once more in the background. The bytes of both differ, so their ETags do: "<stem>-br2",
 * "<stem>-br9".
 *
 * Every reply carries Broadsheet-Seq, the seq as of which it is true. When that has moved and the reply is still good, only the
 * MHD_Response is made anew; the bytes are shared. libmicrohttpd counts its own references, so what is being sent outlives us.
 */
#include "cache_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a form costs beside its bytes and the text of its headers: two MHD_Responses with some fifteen headers each. */
enum { RENDITION_OVERHEAD = 2560 };

/* --- bytes --- */

struct shared_bytes *shared_bytes_new(const char *bytes, size_t length)
{
	struct shared_bytes *shared = malloc(sizeof *shared + length + 1);

	if (shared == NULL)
		return NULL;
	atomic_init(&shared->refs, 1);
	shared->length = length;
	if (length > 0)
		memcpy(shared->bytes, bytes, length);
	shared->bytes[length] = '\0';
	return shared;
}

static struct shared_bytes *shared_bytes_ref(struct shared_bytes *shared)
{
	atomic_fetch_add_explicit(&shared->refs, 1, memory_order_relaxed);
	return shared;
}

void shared_bytes_unref(struct shared_bytes *shared)
{
	if (shared != NULL && atomic_fetch_sub_explicit(&shared->refs, 1, memory_order_acq_rel) == 1)
		free(shared);
}

/* libmicrohttpd is done with a reply. */
static void on_bytes_sent(void *bytes)
{
	shared_bytes_unref((struct shared_bytes *)(void *)((char *)bytes - offsetof(struct shared_bytes, bytes)));
}

static struct MHD_Response *reply_from(struct shared_bytes *body)
{
	struct MHD_Response *reply = MHD_create_response_from_buffer_with_free_callback(
	    body->length, shared_bytes_ref(body)->bytes, on_bytes_sent);

	if (reply == NULL)
		shared_bytes_unref(body);
	return reply;
}

/* --- forms --- */

static void add_headers(const struct kept *kept, const struct rendition *rendition, struct MHD_Response *reply, bool is_unchanged)
{
	char seq[24];

	for (size_t i = 0; i < kept->n_headers; i++)
		if (!is_unchanged || conditional_is_said_in_304(kept->headers[i].name))
			response_hand_over(reply, kept->headers[i].name, kept->headers[i].value);
	if (!is_unchanged && rendition->coding != CODING_IDENTITY)
		response_hand_over(reply, "Content-Encoding", compression_name(rendition->coding));
	response_hand_over(reply, "ETag", rendition->etag);
	snprintf(seq, sizeof seq, "%" PRId64, rendition->seq);
	response_hand_over(reply, "Broadsheet-Seq", seq);
}

struct rendition *rendition_new(
    const struct kept *kept, enum coding coding, enum effort effort, struct shared_bytes *body, int64_t seq)
{
	struct rendition *rendition = calloc(1, sizeof *rendition);

	if (rendition == NULL)
		return NULL;
	atomic_init(&rendition->refs, 1);
	rendition->coding = coding;
	rendition->effort = effort;
	rendition->seq = seq;
	rendition->body = shared_bytes_ref(body);
	rendition->bytes = body->length + RENDITION_OVERHEAD + kept->headers_bytes;
	conditional_etag(kept->stem, coding, effort, rendition->etag);
	rendition->full = reply_from(body);
	rendition->unchanged = reply_from(body);
	if (rendition->full == NULL || rendition->unchanged == NULL) {
		rendition_unref(rendition);
		return NULL;
	}
	add_headers(kept, rendition, rendition->full, false);
	add_headers(kept, rendition, rendition->unchanged, true);
	return rendition;
}

static struct rendition *rendition_ref(struct rendition *rendition)
{
	atomic_fetch_add_explicit(&rendition->refs, 1, memory_order_relaxed);
	return rendition;
}

void rendition_unref(struct rendition *rendition)
{
	if (rendition == NULL || atomic_fetch_sub_explicit(&rendition->refs, 1, memory_order_acq_rel) != 1)
		return;
	if (rendition->full != NULL)
		MHD_destroy_response(rendition->full);
	if (rendition->unchanged != NULL)
		MHD_destroy_response(rendition->unchanged);
	shared_bytes_unref(rendition->body);
	free(rendition);
}

size_t rendition_bytes(const struct rendition *rendition)
{
	return rendition == NULL ? 0 : rendition->bytes;
}

/* Puts a form in its place and takes its reference over. */
static void install(struct kept *kept, struct rendition *rendition)
{
	rendition_unref(kept->renditions[rendition->coding]);
	kept->renditions[rendition->coding] = rendition;
}

static struct shared_bytes *coded(struct kept *kept, enum coding coding, enum effort effort)
{
	struct shared_bytes *plain = NULL, *bytes = NULL;
	struct text text = TEXT_EMPTY;

	pthread_mutex_lock(&kept->lock);
	if (kept->renditions[CODING_IDENTITY] != NULL)
		plain = shared_bytes_ref(kept->renditions[CODING_IDENTITY]->body);
	pthread_mutex_unlock(&kept->lock);
	if (plain == NULL)
		return NULL;
	compression_code(plain->bytes, plain->length, coding, effort, &text);
	bytes = shared_bytes_new(text.bytes, text.length);
	text_done(&text);
	shared_bytes_unref(plain);
	return bytes;
}

/* Under the lock: the form as it stands, of this seq or a later one. */
static struct rendition *standing(struct kept *kept, enum coding coding, int64_t seq)
{
	struct rendition *rendition = kept->renditions[coding];

	if (rendition != NULL && rendition->seq < seq) {
		rendition = rendition_new(kept, coding, rendition->effort, rendition->body, seq);
		if (rendition != NULL)
			install(kept, rendition);
	}
	return rendition == NULL ? NULL : rendition_ref(rendition);
}

/* NULL where it has not been made before. */
static struct rendition *made(struct kept *kept, enum coding coding, int64_t seq)
{
	struct rendition *rendition;

	pthread_mutex_lock(&kept->lock);
	rendition = standing(kept, coding, seq);
	pthread_mutex_unlock(&kept->lock);
	return rendition;
}

struct rendition *rendition_for(struct kept *kept, enum coding coding, int64_t seq, size_t *ret_grown)
{
	struct rendition *rendition = made(kept, coding, seq);
	struct shared_bytes *bytes;

	*ret_grown = 0;
	if (rendition != NULL || coding == CODING_IDENTITY)
		return rendition;

	bytes = coded(kept, coding, EFFORT_QUICK);
	if (bytes == NULL)
		return NULL;
	pthread_mutex_lock(&kept->lock);
	if (kept->renditions[coding] == NULL && kept->renditions[CODING_IDENTITY] != NULL) {
		rendition = rendition_new(kept, coding, EFFORT_QUICK, bytes, seq);
		if (rendition != NULL) {
			install(kept, rendition);
			kept->lengths[coding] = bytes->length;
			*ret_grown = rendition_bytes(rendition);
		}
	}
	rendition = standing(kept, coding, seq);
	pthread_mutex_unlock(&kept->lock);
	shared_bytes_unref(bytes);
	return rendition;
}

void rendition_recode(struct kept *kept, enum coding coding)
{
	struct shared_bytes *bytes = coded(kept, coding, EFFORT_THOROUGH);
	struct rendition *before, *rendition;

	if (bytes == NULL)
		return;
	pthread_mutex_lock(&kept->lock);
	before = kept->renditions[coding];
	rendition = before == NULL ? NULL : rendition_new(kept, coding, EFFORT_THOROUGH, bytes, before->seq);
	if (rendition != NULL)
		install(kept, rendition);
	pthread_mutex_unlock(&kept->lock);
	shared_bytes_unref(bytes);
}
