/* SPDX-License-Identifier: MIT */
/*
 * Validators, and the 304 that they save a body with.
 *
 * Every 200 to a GET or HEAD gets a strong ETag, "<hash>-<coding>", or "<rev>.<hash>-<coding>" for a thing with
 * revisions. One ETag never names two byte strings: the hash is taken over the identity body and its media type, and
 * the last part names the coding with its quality, which is fixed (compression.c).
 *
 * If-None-Match is looked at first and alone (RFC 9110 13.2.2); comparison is weak (13.1.2), so a "W/" that a proxy put in
 * front when it coded the body does no harm. If-Modified-Since counts only without it and where there is a
 * Last-Modified, and that is said only when it is two seconds old or more: a thing may change twice in one second, and the
 * second change must not hide behind the first (8.8.2.2).
 *
 * A 304 keeps its body in hand: libmicrohttpd sends none, but takes from it the Content-Length that the 200 would have
 * (RFC 9110 8.6 allows no other). If-Match and If-Unmodified-Since are not evaluated on reads.
 */
#include "http_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <xxhash.h>

#include "clock.h"

static const char *const coding_names[] = {
	[CODING_IDENTITY] = "i", [CODING_GZIP] = "gz6", [CODING_BROTLI] = "br5",
};

/*
 * What the ETag says about the content. Here from the bytes of the identity body; whoever knows a body without making it
 * (from the generations of what it was made of) puts that knowledge here and is done before the body exists.
 */
static uint64_t representation_hash(const struct response *response)
{
	uint64_t type = XXH3_64bits(response->content_type, strlen(response->content_type));

	return XXH3_64bits_withSeed(response->body.bytes, response->body.length, type);
}

char *conditional_etag(const struct response *response, enum coding coding, char ret_etag[ETAG_SIZE])
{
	uint64_t hash = representation_hash(response);

	if (response->rev > 0)
		snprintf(ret_etag, ETAG_SIZE, "\"%" PRId64 ".%016" PRIx64 "-%s\"", response->rev, hash,
		    coding_names[coding]);
	else
		snprintf(ret_etag, ETAG_SIZE, "\"%016" PRIx64 "-%s\"", hash, coding_names[coding]);
	return ret_etag;
}

/* RFC 9110 8.8.3: [W/] DQUOTE *etagc DQUOTE. Gives the opaque part with its quotes; NULL when `at` is no entity-tag. */
static const char *parse_etag(const char *at, size_t *ret_length)
{
	const char *end;

	if (strncmp(at, "W/", 2) == 0)
		at += 2;
	if (*at != '"')
		return NULL;
	end = strchr(at + 1, '"');
	if (end == NULL)
		return NULL;
	*ret_length = (size_t)(end - at) + 1;
	return at;
}

/* Is the ETag in the list? What cannot be read from some point on matches nothing from there on. */
bool conditional_matches(const char *if_none_match, const char *etag)
{
	const char *at = if_none_match + strspn(if_none_match, " \t");
	size_t length;

	if (at[0] == '*')
		return at[1 + strspn(at + 1, " \t")] == '\0';
	for (;;) {
		const char *opaque;

		at += strspn(at, " \t,");
		if (*at == '\0')
			return false;
		opaque = parse_etag(at, &length);
		if (opaque == NULL)
			return false;
		if (strlen(etag) == length && memcmp(opaque, etag, length) == 0)
			return true;
		at = opaque + length;
		at += strspn(at, " \t");
		if (*at != ',' && *at != '\0')
			return false;
	}
}

static bool is_unchanged(const struct request *request, const struct response *response, const char *etag)
{
	const char *if_none_match = request_header(request, "If-None-Match");
	const char *since = request_header(request, "If-Modified-Since");
	int64_t time;

	if (if_none_match != NULL)
		return conditional_matches(if_none_match, etag);
	return since != NULL && response->last_modified != TIME_NONE && clock_parse_http(since, &time)
	    && response->last_modified <= time;
}

void conditional_apply(const struct request *request, struct response *response, enum coding coding)
{
	char etag[ETAG_SIZE], date[CLOCK_HTTP_SIZE];

	if (response->status != 200 || request->method != HTTP_GET || response->caching == CACHING_NONE)
		return;
	if (response->last_modified != TIME_NONE && response->last_modified > clock_now() - 2)
		response->last_modified = TIME_NONE;
	if (response->last_modified != TIME_NONE)
		response_header(response, "Last-Modified", "%s", clock_http(response->last_modified, date));
	conditional_etag(response, coding, etag);
	response_header(response, "ETag", "%s", etag);
	if (is_unchanged(request, response, etag))
		response->status = 304;
}
