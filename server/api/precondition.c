/* SPDX-License-Identifier: MIT */
/*
 * If-Match and If-None-Match of writes (RFC 9110 13.1): nobody overwrites what they have not seen.
 *
 * A thing with revisions has ETags "<rev>.<hash>-<coding>"; here only the rev counts, for all its forms are forms of that version. A thing that
 * nobody has written yet (a section that came with its articles) stands at rev 0, and its ETags have none. "*" is whatever stands there. A "W/" that a
 * proxy put in front when it coded the body does no harm: the rev is as exact as before. Who says nothing gets 428, who is late 412, both with
 * the ETag to go on from.
 */
#include "api_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The rev in an entity tag's opaque part, up to its closing quote; 0 when it has none. Tags are compared byte by byte (RFC 9110 8.8.3.2), so a number
 * counts only as it is given out. */
static int64_t rev_in(const char *opaque)
{
	const size_t digits = strspn(opaque, "0123456789");

	if (digits == 0 || digits > 18 || opaque[0] == '0' || (opaque[digits] != '.' && opaque[digits] != '"'))
		return 0;
	return strtoll(opaque, NULL, 10);
}

/* The entity tag at `at`, which moves behind it. false: there is none. */
static bool next_tag(const char **at, int64_t *ret_rev)
{
	const char *tag = *at + strspn(*at, " \t,"), *end;

	if (strncmp(tag, "W/", 2) == 0)
		tag += 2;
	end = *tag == '"' ? strchr(tag + 1, '"') : NULL;
	if (end == NULL)
		return false;
	*ret_rev = rev_in(tag + 1);
	*at = end + 1 + strspn(end + 1, " \t,");
	return true;
}

static bool is_among(const char *tags, int64_t rev, bool *ret_malformed)
{
	bool found = false;
	int64_t named;

	*ret_malformed = false;
	while (*tags != '\0') {
		if (!next_tag(&tags, &named)) {
			*ret_malformed = true;
			return false;
		}
		found = found || named == rev;
	}
	return found;
}

static bool is_any(const char *tags)
{
	return tags != NULL && strcmp(tags, "*") == 0;
}

bool precondition_holds(struct request *request, bool exists, int64_t rev, bool is_required, struct error *err)
{
	const char *tags = request_header(request, "If-Match");
	bool is_malformed;

	request->current_rev = rev;
	if (exists && is_any(request_header(request, "If-None-Match")))
		return error_set(err, ERROR_STALE, "It exists already");
	if (tags == NULL)
		return !is_required || !exists ||
		    error_set(err, ERROR_UNCONDITIONAL, "Send If-Match with the ETag of the version that you have read, or with *");
	if (!exists)
		return error_set(err, ERROR_STALE, "It does not exist");
	if (is_any(tags) || is_among(tags, rev, &is_malformed))
		return true;
	if (is_malformed)
		return error_set(err, ERROR_INVALID, "If-Match is not a list of entity tags");
	return error_set(err, ERROR_STALE, "It stands at version %" PRId64 " by now", rev);
}

void precondition_name(const struct request *request, struct response *response, int64_t rev)
{
	response->caching = CACHING_NONE;
	response_header(response, "ETag", "\"%" PRId64 ".%016" PRIx64 "-w\"", rev, scope_key(request->service->base_url, response->body.bytes));
}
