/* SPDX-License-Identifier: MIT */
/*
 * Idempotency-Key on POST /v1/articles: a client that does not know whether its request came through sends it again with the same key, and is
 * answered the same, while nothing is written twice. (The field's name and meaning as the IETF's draft "The Idempotency-Key HTTP Header
 * Field" has them; the value may also come without quotes, as most clients send it.)
 *
 * The reply is kept in the transaction of the write, under the caller's name, with a digest of the request: the same key for another request
 * is 422. Failures are not kept: they wrote nothing, and may go better the next time.
 */
#include "api_internal.h"

#include <string.h>

#include "secret.h"

enum { KEY_LONGEST = 200 };

static const char *key_of(const struct request *request)
{
	return request_header(request, "Idempotency-Key");
}

bool idempotency_key_is_fine(const struct request *request, struct error *err)
{
	const char *key = key_of(request);

	if (key == NULL || (key[0] != '\0' && strlen(key) <= KEY_LONGEST && text_is_utf8(key, strlen(key))))
		return true;
	return error_set(err, ERROR_INVALID, "Idempotency-Key is 1 to %d bytes of UTF-8", KEY_LONGEST);
}

static void digest_of(const struct request *request, unsigned char ret_digest[SECRET_DIGEST])
{
	struct text whole = TEXT_EMPTY;

	text_append(&whole, request->canonical_target, request->canonical_length);
	text_char(&whole, '\n');
	text_append(&whole, request->body.bytes, request->body.length);
	secret_sha256(whole.bytes, whole.length, ret_digest);
	text_done(&whole);
}

static void answer_again(const struct request *request, struct response *response, const struct kept_write *write)
{
	response->status = write->status;
	response->caching = CACHING_NONE;
	response->rev = write->rev;
	text_append(&response->body, write->reply, write->length);
	write_answer_headers(request, response, write->article_id);
}

bool idempotency_answers(struct request *request, struct response *response, struct error *err)
{
	unsigned char digest[SECRET_DIGEST];
	struct kept_write write;
	const char *key = key_of(request);

	err->code = ERROR_NONE;
	if (key == NULL || !store_idempotency_find(store_of(request), request->caller.name, key, clock_now(), request->arena, &write, err))
		return false;
	digest_of(request, digest);
	if (memcmp(digest, write.digest, sizeof digest) != 0)
		return error_set(err, ERROR_IDEMPOTENCY, "This Idempotency-Key came with another request before");
	answer_again(request, response, &write);
	return true;
}

bool idempotency_keep(struct request *request, const struct response *response, int64_t article_id, struct error *err)
{
	const char *key = key_of(request);
	struct kept_write write = { .article_id = article_id, .rev = response->rev, .status = response->status, .reply = response->body.bytes,
		.length = response->body.length };

	if (key == NULL)
		return true;
	digest_of(request, write.digest);
	return store_idempotency_keep(store_of(request), request->caller.name, key, &write, clock_now(), err);
}
