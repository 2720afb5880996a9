/* SPDX-License-Identifier: MIT */
/*
 * If-Match (RFC 9110 13.1.1): which version of a thing does a writer write over?
 *
 * A thing with revisions has ETags "<rev>.<hash>-<coding>"; here only the rev counts, for all its forms are forms of that version. "*" is whatever
 * stands there. Weak tags never match (strong comparison). Who says nothing gets 428, who is late 412 with the ETag to go on from.
 */
#include "api_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The rev of the entity tag at `at`, which moves behind it; 0 for one that can be no version's. false: this is no list of entity tags. */
static bool next_tag(const char **at, int64_t *ret_rev)
{
	const char *tag = *at + strspn(*at, " \t,"), *end;
	const bool is_weak = strncmp(tag, "W/", 2) == 0;

	if (is_weak)
		tag += 2;
	end = *tag == '"' ? strchr(tag + 1, '"') : NULL;
	if (end == NULL)
		return false;
	*ret_rev = is_weak || tag[1] < '1' || tag[1] > '9' ? 0 : strtoll(tag + 1, NULL, 10);
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

bool precondition_holds(struct request *request, int64_t rev, bool is_required, struct error *err)
{
	const char *tags = request_header(request, "If-Match");
	bool is_malformed;

	request->current_rev = rev;
	if (tags == NULL)
		return !is_required ||
		    error_set(err, ERROR_UNCONDITIONAL, "Send If-Match with the ETag of the version that you have read, or with *");
	if (strcmp(tags, "*") == 0 || is_among(tags, rev, &is_malformed))
		return true;
	if (is_malformed)
		return error_set(err, ERROR_INVALID, "If-Match is not a list of entity tags");
	return error_set(err, ERROR_STALE, "It stands at version %" PRId64 " by now", rev);
}
