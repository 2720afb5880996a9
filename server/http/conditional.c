/* SPDX-License-Identifier: MIT */
/*
 * Validators, and the 304 that they save a body with.
 *
 * Every 200 to a GET or HEAD gets a strong ETag, "<hash>-<coding>", or "<rev>.<hash>-<coding>" for a thing with
 * revisions. What stands before the hyphen is the stem, the same for all forms of one reply; what stands behind names the coding and
 * its level, which are fixed (compression.c). One ETag never names two byte strings: where the handler has stated what its answer
 * stands on, the hash is taken over that, the canonical request and the service's salt (server/http/DESIGN.md), so it is known
 * without the body; otherwise over the identity body and its media type.
 *
 * If-None-Match is looked at first and alone (RFC 9110 13.2.2); comparison is weak (13.1.2), so a "W/" that a proxy put in
 * front when it coded the body does no harm. A client that holds any form of the present reply that it can use is told that it is
 * unchanged, under the ETag that it holds. If-Modified-Since counts only without it and where there is a
 * Last-Modified, and that is said only when it is two seconds old or more: a thing may change twice in one second, and the
 * second change must not hide behind the first (8.8.2.2).
 *
 * A 304 carries no more fields than a cache needs (15.4.5). If-Match and If-Unmodified-Since are not evaluated on reads.
 */
#include "http_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <xxhash.h>

#include "clock.h"

static const char *const coding_names[N_CODINGS][2] = {
	[CODING_IDENTITY] = { "i", "i" },
	[CODING_GZIP] = { "gz1", "gz9" },
	[CODING_BROTLI] = { "br1", "br9" },
};

static uint64_t hash_of_basis(const struct request *request)
{
	const uint64_t canonical = XXH3_64bits_withSeed(request->canonical_target, request->canonical_length, request->service->salt);

	return basis_hash(request->basis, canonical);
}

static uint64_t hash_of_body(const struct response *response)
{
	uint64_t type = XXH3_64bits(response->content_type, strlen(response->content_type));

	return XXH3_64bits_withSeed(response->body.bytes, response->body.length, type);
}

void conditional_stem(const struct request *request, struct response *response)
{
	uint64_t hash;

	if (response->status != 200 || request->method != HTTP_GET || response->caching == CACHING_NONE)
		return;
	/* What a key is shown may differ from what all are: a basis does not tell, but the bytes do. */
	hash = request->service->salt != 0 && request->caller.scopes == 0 && basis_is_stated(request->basis) ? hash_of_basis(request) : hash_of_body(response);
	if (response->rev > 0)
		snprintf(response->stem, sizeof response->stem, "%" PRId64 ".%016" PRIx64, response->rev, hash);
	else
		snprintf(response->stem, sizeof response->stem, "%016" PRIx64, hash);
}

char *conditional_etag(const char *stem, enum coding coding, enum effort effort, char ret_etag[ETAG_SIZE])
{
	snprintf(ret_etag, ETAG_SIZE, "\"%.*s-%s\"", STEM_SIZE, stem, coding_names[coding][effort]);
	return ret_etag;
}

bool conditional_is_said_in_304(const char *header)
{
	static const char *const names[] = { "Cache-Control", "Vary", "Last-Modified", "Access-Control-Allow-Origin",
		"Access-Control-Expose-Headers", NULL };

	for (size_t i = 0; names[i] != NULL; i++)
		if (header_is(names[i], header))
			return true;
	return false;
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

/* Is the opaque part (with its quotes) an ETag of this stem, in a form that a client can use who would be given `coding`? */
static bool is_form_of(const char *opaque, size_t length, const char *stem, enum coding coding)
{
	const size_t stem_length = strlen(stem);

	if (length < stem_length + 3 || memcmp(opaque + 1, stem, stem_length) != 0 || opaque[1 + stem_length] != '-')
		return false;
	for (size_t c = 0; c < N_CODINGS; c++) {
		if (c != CODING_IDENTITY && c != coding)
			continue;
		for (size_t effort = 0; effort < 2; effort++) {
			const char *name = coding_names[c][effort];

			if (strlen(name) == length - stem_length - 3 && memcmp(opaque + stem_length + 2, name, strlen(name)) == 0)
				return true;
		}
	}
	return false;
}

/* What cannot be read in the list from some point on matches nothing from there on. */
bool conditional_match(const char *if_none_match, const char *stem, enum coding coding, char ret_etag[ETAG_SIZE])
{
	const char *at = if_none_match + strspn(if_none_match, " \t");
	size_t length;

	if (at[0] == '*') {
		conditional_etag(stem, coding, EFFORT_QUICK, ret_etag);
		return at[1 + strspn(at + 1, " \t")] == '\0';
	}
	for (;;) {
		const char *opaque;

		at += strspn(at, " \t,");
		if (*at == '\0')
			return false;
		opaque = parse_etag(at, &length);
		if (opaque == NULL)
			return false;
		if (length < ETAG_SIZE && is_form_of(opaque, length, stem, coding)) {
			memcpy(ret_etag, opaque, length);
			ret_etag[length] = '\0';
			return true;
		}
		at = opaque + length;
		at += strspn(at, " \t");
		if (*at != ',' && *at != '\0')
			return false;
	}
}

static bool is_unchanged_since(const struct request *request, const struct response *response)
{
	const char *since = request_header(request, "If-Modified-Since");
	int64_t time;

	return since != NULL && response->last_modified != TIME_NONE && clock_parse_http(since, &time)
	    && response->last_modified <= time;
}

/* With the length of the 200 that this client would be given (RFC 9110 8.6): of a coded one it is known only when it is made. */
static void become_unchanged(struct response *response, enum coding coding)
{
	struct text coded = TEXT_EMPTY;

	response->status = 304;
	response->unchanged_length = response->body.length;
	if (coding == CODING_IDENTITY)
		return;
	compression_code(response->body.bytes, response->body.length, coding, EFFORT_QUICK, &coded);
	response->unchanged_length = coded.length;
	text_done(&coded);
}

void conditional_apply(const struct request *request, struct response *response, enum coding coding)
{
	const char *if_none_match = request_header(request, "If-None-Match");
	char etag[ETAG_SIZE], date[CLOCK_HTTP_SIZE];

	if (response->stem[0] == '\0')
		return;
	if (response->last_modified != TIME_NONE && response->last_modified > clock_now() - 2)
		response->last_modified = TIME_NONE;
	if (response->last_modified != TIME_NONE)
		response_header(response, "Last-Modified", "%s", clock_http(response->last_modified, date));
	conditional_etag(response->stem, coding, EFFORT_QUICK, etag);
	if (if_none_match != NULL ? conditional_match(if_none_match, response->stem, coding, etag) : is_unchanged_since(request, response))
		become_unchanged(response, coding);
	response_header(response, "ETag", "%s", etag);
}
