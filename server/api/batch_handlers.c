/* SPDX-License-Identifier: MIT */
/*
 * POST /v1/articles/batch: many articles at once, as `broadsheet import` sends them over the control socket.
 */
#include "api_internal.h"

const struct parameter batch_parameters[] = { { .name = NULL } };

/* 200 with a line of result for each line sent, in order, when all of it is on disk; 413 for too many, 503 or 507 when nothing was kept. */
bool article_batch(struct request *request, struct response *response, struct error *err)
{
	if (!request_may_write(request, NULL))
		return false;
	response->content_type = "application/x-ndjson";
	response->caching = CACHING_NONE;
	return publish_batch(&context_of(request)->publisher, request->body.bytes, request->body.length, &response->body, err);
}
