/* SPDX-License-Identifier: MIT */
/*
 * Requests answered by kept replies, and replies that become kept ones.
 *
 * Only what is the same for everybody is kept: a GET that came by the public door, without Authorization and with a head of usual length, whose route says KEPT and
 * whose handler has stated what the answer stands on. By the time this file sees a request it has passed the gate; for one whose
 * target is known as it stands, nothing else of the request is read but Accept-Encoding and If-None-Match.
 */
#include "cache_internal.h"

#include <stdlib.h>
#include <string.h>

bool kept_is_quiet(const struct kept *kept)
{
	return kept->is_quiet;
}

bool kept_may_answer(const struct exchange *exchange)
{
	const struct request *request = &exchange->request;

	return request->service->cache != NULL && request->method == HTTP_GET && !exchange->has_body && request->door == DOOR_PUBLIC
	    && exchange->head_bytes <= HEAD_USUAL
	    && !atomic_load_explicit(&exchange->listener->draining, memory_order_relaxed) && auth_is_shared(request);
}

/* --- answering --- */

/* A 304 that is made for this request alone: the body is gone, or the client's ETag names another of the reply's forms. */
static void fill_unchanged(const struct kept *kept, const char *etag, size_t length, struct response *response)
{
	response->status = 304;
	response->unchanged_length = length > 0 ? length : SIZE_MAX;
	for (size_t i = 0; i < kept->n_headers; i++)
		if (conditional_is_said_in_304(kept->headers[i].name))
			response_header(response, kept->headers[i].name, "%s", kept->headers[i].value);
	response_header(response, "ETag", "%s", etag);
}

static enum MHD_Result queue(struct exchange *exchange, const struct kept *kept, const struct rendition *rendition, bool is_unchanged)
{
	const unsigned status = is_unchanged ? 304 : 200;
	struct request *request = &exchange->request;

	request->route = kept->route;
	return response_queue(exchange, status, is_unchanged ? rendition->unchanged : rendition->full,
	    is_unchanged || request->is_head ? 0 : rendition->body->length);
}

static size_t length_noted(struct kept *kept, enum coding coding)
{
	size_t length;

	pthread_mutex_lock(&kept->lock);
	length = kept->lengths[coding];
	pthread_mutex_unlock(&kept->lock);
	return length;
}

/* The form that this client would be given says how long that would be; where the client holds just that form, its 304 is ready. */
static enum MHD_Result answer_unchanged(struct exchange *exchange, struct kept *kept, const char *etag, enum coding coding)
{
	size_t grown, length;
	struct rendition *rendition = rendition_for(kept, coding, exchange->seq, &grown);
	enum MHD_Result result;

	if (grown > 0)
		cache_grow(exchange->request.service->cache, kept, grown);
	if (rendition != NULL && strcmp(rendition->etag, etag) == 0) {
		result = queue(exchange, kept, rendition, /* is_unchanged= */ true);
		rendition_unref(rendition);
		return result;
	}
	length = rendition != NULL ? rendition->body->length : length_noted(kept, coding);
	rendition_unref(rendition);
	exchange->request.route = kept->route;
	response_clear(&exchange->response);
	fill_unchanged(kept, etag, length, &exchange->response);
	return response_send(exchange, /* must_close= */ false);
}

/* What this client would be given. */
static enum coding coding_for(const struct request *request, const struct kept *kept)
{
	return kept->is_codable ? compression_choose(request_header(request, "Accept-Encoding")) : CODING_IDENTITY;
}

static bool is_held(const struct request *request, const struct kept *kept, enum coding coding, char ret_etag[ETAG_SIZE])
{
	const char *if_none_match = request_header(request, "If-None-Match");

	return if_none_match != NULL && conditional_match(if_none_match, kept->stem, coding, ret_etag);
}

bool kept_is_unchanged(const struct exchange *exchange, const struct kept *kept)
{
	char etag[ETAG_SIZE];

	return is_held(&exchange->request, kept, coding_for(&exchange->request, kept), etag);
}

bool kept_answer(struct exchange *exchange, struct kept *kept, enum MHD_Result *ret_result)
{
	const struct request *request = &exchange->request;
	struct cache *cache = request->service->cache;
	const enum coding coding = coding_for(request, kept);
	struct rendition *rendition;
	char etag[ETAG_SIZE];
	size_t grown;

	if (is_held(request, kept, coding, etag)) {
		*ret_result = answer_unchanged(exchange, kept, etag, coding);
		return true;
	}
	rendition = rendition_for(kept, coding, exchange->seq, &grown);
	if (rendition == NULL)
		return false;
	*ret_result = queue(exchange, kept, rendition, /* is_unchanged= */ false);
	rendition_unref(rendition);
	if (grown > 0)
		cache_grow(cache, kept, grown);
	cache_asked_for(cache, kept, coding);
	return true;
}

/* --- keeping --- */

/* All headers that every form has, in one block of memory. */
static bool take_headers(struct kept *kept, const struct response *response)
{
	size_t bytes = response->n_headers * sizeof *kept->headers;
	char *at;

	for (size_t i = 0; i < response->n_headers; i++)
		bytes += strlen(response->headers[i].name) + strlen(response->headers[i].value) + 2;
	kept->headers_bytes = bytes;
	kept->headers = malloc(bytes + 1);
	if (kept->headers == NULL)
		return false;
	at = (char *)(kept->headers + response->n_headers);
	for (size_t i = 0; i < response->n_headers; i++) {
		struct response_header *header = &kept->headers[kept->n_headers++];

		header->name = at;
		at = stpcpy(at, response->headers[i].name) + 1;
		header->value = at;
		at = stpcpy(at, response->headers[i].value) + 1;
	}
	return true;
}

static bool take_basis(struct kept *kept, const struct basis *basis)
{
	const uint64_t *deciding = basis_deciding(basis, &kept->n_deciding);

	kept->until = basis->until;
	kept->deciding = malloc((kept->n_deciding + 1) * sizeof *deciding);
	if (kept->deciding == NULL)
		return false;
	memcpy(kept->deciding, deciding, kept->n_deciding * sizeof *deciding);
	return true;
}

static bool take_body(struct kept *kept, const struct exchange *exchange)
{
	const struct text *body = &exchange->response.body;
	struct shared_bytes *bytes;

	kept->lengths[CODING_IDENTITY] = body->length;
	if (!cache_keeps_bodies(exchange->request.service->cache, body->length))
		return true;
	bytes = shared_bytes_new(body->bytes, body->length);
	if (bytes == NULL)
		return false;
	kept->renditions[CODING_IDENTITY] = rendition_new(kept, CODING_IDENTITY, EFFORT_QUICK, bytes, exchange->seq);
	shared_bytes_unref(bytes);
	return kept->renditions[CODING_IDENTITY] != NULL;
}

static bool is_worth_keeping(const struct exchange *exchange)
{
	const struct response *response = &exchange->response;

	return response->status == 200 && response->caching != CACHING_NONE && response->stem[0] != '\0' && exchange->request.basis->n > 0;
}

struct kept *kept_keep(struct exchange *exchange)
{
	const struct request *request = &exchange->request;
	struct cache *cache = request->service->cache;
	struct kept *kept = exchange->filling;

	if (kept == NULL)
		return NULL;
	exchange->filling = NULL;
	if (is_worth_keeping(exchange)) {
		kept->route = request->route;
		kept->is_codable = compression_suits_response(&exchange->response);
		kept->is_quiet = exchange->response.is_quiet;
		memcpy(kept->stem, exchange->response.stem, sizeof kept->stem);
		if (take_headers(kept, &exchange->response) && take_basis(kept, request->basis) && take_body(kept, exchange)) {
			cache_fill(cache, kept, request->basis->since);
			return kept;
		}
	}
	cache_abandon(cache, kept);
	return NULL;
}

void kept_note_length(struct kept *kept, enum coding coding, size_t length)
{
	pthread_mutex_lock(&kept->lock);
	kept->lengths[coding] = length;
	pthread_mutex_unlock(&kept->lock);
}

/* A spelling that came and is likely to come again. */
void kept_name(struct exchange *exchange, struct kept *kept)
{
	const struct request *request = &exchange->request;

	if (exchange->raw_target == NULL || exchange->raw_target[0] != '/')
		return;
	for (size_t i = 0; i < request->n_parameters; i++)
		if (parameter_says_when(request->parameters[i].name))
			return;
	cache_name(request->service->cache, kept, exchange->raw_target, exchange->raw_length);
}
