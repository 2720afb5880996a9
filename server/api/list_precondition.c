/* SPDX-License-Identifier: MIT */
/*
 * If-Match and If-None-Match of writes: nobody overwrites what he has not seen (RFC 9110 13.1).
 *
 * The ETag of a thing with revs begins with its rev, "<rev>.<hash>-<coding>", and a write asks for the rev alone, whatever follows: the hash
 * stands for what a reader was shown beside it. A thing that nobody has written yet (a section that came with its articles) has no rev, and its ETags
 * have none; that is rev 0. What a write answers has an ETag of its own form, so that it is never one of a reader's.
 *
 * Called on the writer's thread, where the rev cannot change any more.
 */
#include "api_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

/* The rev in an entity-tag that begins behind its quote. */
static int64_t rev_in(const char *opaque)
{
	const size_t digits = strspn(opaque, "0123456789");

	if (digits == 0 || digits > 18 || (opaque[digits] != '.' && opaque[digits] != '"'))
		return 0;
	return strtoll(opaque, NULL, 10);
}

static bool matches(const char *if_match, int64_t rev)
{
	const char *at = if_match + strspn(if_match, " \t");

	if (*at == '*')
		return true;
	while ((at = strchr(at, '"')) != NULL) {
		const char *end = strchr(at + 1, '"');

		if (end == NULL)
			return false;
		if (rev_in(at + 1) == rev)
			return true;
		at = end + 1;
	}
	return false;
}

static bool refuse(enum error_code code, int64_t rev, const char *detail, struct error *err)
{
	error_set(err, code, "%s", detail);
	if (rev > 0)
		snprintf(err->members, sizeof err->members, "\"rev\":%" PRId64 ",\"etag\":\"\\\"%" PRId64 "\\\"\"", rev, rev);
	return false;
}

bool list_precondition_holds(struct request *request, bool exists, int64_t rev, struct error *err)
{
	const char *if_match = request_header(request, "If-Match"), *if_none_match = request_header(request, "If-None-Match");

	if (if_none_match != NULL && exists && if_none_match[strspn(if_none_match, " \t")] == '*')
		return refuse(ERROR_STALE, rev, "it exists already", err);
	if (if_match != NULL && !exists)
		return refuse(ERROR_STALE, 0, "it does not exist", err);
	if (if_match != NULL && !matches(if_match, rev))
		return refuse(ERROR_STALE, rev, "it has been changed since; \"etag\" is the present one", err);
	if (if_match == NULL && exists && rev > 0)
		return refuse(ERROR_UNCONDITIONAL, rev, "say with If-Match which state is to be changed; \"*\" is whatever there is", err);
	return true;
}

void list_precondition_name(const struct request *request, struct response *response, int64_t rev)
{
	const uint64_t hash = XXH3_64bits_withSeed(response->body.bytes, response->body.length, request->service->salt);

	response->caching = CACHING_NONE;
	response_header(response, "ETag", "\"%" PRId64 ".%016" PRIx64 "-w\"", rev, hash);
}
