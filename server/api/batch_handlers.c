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
	size_t unfinished;            /* bytes in front of the body that are known to have no newline */
};

/* As far as whole lines have come. */
static size_t whole_lines(const struct request *request, size_t unfinished)
{
	const char *newline = NULL;

	if (request->body_is_whole)
		return request->body.length;
	if (request->body.length > unfinished)
		newline = memrchr(request->body.bytes + unfinished, '\n', request->body.length - unfinished);
	return newline == NULL ? 0 : (size_t)(newline - request->body.bytes) + 1;
}

static void drop_front(struct text *body, size_t length)
{
	memmove(body->bytes, body->bytes + length, body->length - length);
	body->length -= length;
	body->bytes[body->length] = '\0';
}

/* 200 with a line of result for each line sent, in order, when all of it is on disk; 413 for too many and for one that does not end, 503 or 507 when the rest could not be kept. What came
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
	length = whole_lines(request, progress->unfinished);
	if (length > 0) {
		if (!publish_batch(&context_of(request)->publisher, request->body.bytes, length, &progress->lines, &response->body, err))
			return false;
		drop_front(&request->body, length);
	}
	progress->unfinished = request->body.length;
	/* What has become too long for an article is not waited for: each piece of it would come to the writer in vain. */
	return request->body.length <= JSON_LONGEST
	    || error_set(err, ERROR_TOO_LARGE, "line %zu is longer than %d bytes; those before it are in", progress->lines + 1, JSON_LONGEST);
}
