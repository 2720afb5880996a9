/* SPDX-License-Identifier: MIT */
/*
 * POST /v1/articles/batch: many articles at once, a line of JSON each, as `broadsheet import` sends them over the control socket.
 *
 * Lines are taken as they arrive, some hundred to a commit, so memory is bounded and other writers get their turn in between. When the
 * connection breaks, a prefix of the lines is in; sending them again is safe, for an article is known by (source, guid).
 */
#include "api_internal.h"

#include <string.h>

const struct parameter batch_parameters[] = { { .name = NULL } };

struct batch_progress {
	size_t lines;                 /* taken so far, blank ones included */
};

/* As far as whole lines have come. */
static size_t whole_lines(const struct request *request)
{
	const char *newline;

	if (request->body_is_whole || request->body.length == 0)
		return request->body.length;
	newline = memrchr(request->body.bytes, '\n', request->body.length);
	return newline == NULL ? 0 : (size_t)(newline - request->body.bytes) + 1;
}

static void drop_front(struct text *body, size_t length)
{
	memmove(body->bytes, body->bytes + length, body->length - length);
	body->length -= length;
	body->bytes[body->length] = '\0';
}

/* 200 with a line of result for each line sent, in order, when all of it is on disk; 413 for too many, 503 or 507 when the rest could not be kept. What came
 * before that is in. */
bool article_batch(struct request *request, struct response *response, struct error *err)
{
	struct batch_progress *progress = request->prepared;
	size_t length;

	if (progress == NULL)
		progress = request->prepared = arena_alloc(request->arena, sizeof *progress);
	if (!request_may_write(request, progress))
		return false;
	response->content_type = "application/x-ndjson";
	response->caching = CACHING_NONE;
	length = whole_lines(request);
	if (length == 0)
		return true;
	if (!publish_batch(&context_of(request)->publisher, request->body.bytes, length, &progress->lines, &response->body, err))
		return false;
	drop_front(&request->body, length);
	return true;
}
