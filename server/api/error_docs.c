/* SPDX-License-Identifier: MIT */
/*
 * What each error means and what a client does about it: the text of /problems/<code>, and of the answers in /openapi.json.
 *
 * Status, code and title stand in ERROR_TABLE (error.h); this is what it has no room for. A new error gets a row here.
 */
#include "documentation.h"

static const char *const words[] = {
	[ERROR_INVALID] = "The request cannot be read: its JSON is broken, it has a body where none is taken, or a header field is malformed. The detail says what and where. Sending it again unchanged does not help.",
	[ERROR_PARAMETER] = "A parameter is unknown, given twice, missing, or has a value that does not fit. Each stands in \"errors\" with the nearest right one. Nothing is ignored and nothing is silently capped.",
	[ERROR_CURSOR] = "A cursor goes with the request that it came from: the same address, filters and order. This one is damaged, belongs to another listing, or is out of date. Begin again without it.",
	[ERROR_UNAUTHORIZED] = "The call needs an API key, sent as \"Authorization: Bearer <key>\", or the key that was sent is unknown, expired or revoked. What readers see needs none.",
	[ERROR_FORBIDDEN] = "What was asked for takes a scope, all of the call or one of its parameters (a status that readers do not see, erase), and the key that came does not have it, or none came. The detail names the scope; so does WWW-Authenticate where all of the call needs it.",
	[ERROR_NOT_FOUND] = "Nothing is at this address, or nothing that may be seen with what was sent.",
	[ERROR_METHOD] = "The address exists but does not take this method. Allow lists those that it takes.",
	[ERROR_CONFLICT] = "It does not go with what is there already: a name that is taken, an article that is known or whose text was erased, a list that is full, a webhook that is not active. The detail says with what.",
	[ERROR_GONE] = "Readers could see the article once and no longer can. removed_at, reason and replaced_by say when, why and what stands in its place, where that is known. Drop your copy.",
	[ERROR_SYNC_EXPIRED] = "What has changed since then is not known any more, or since is from another history: the database was put back from a backup. Start over from the link; what you hold and do not meet again is gone.",
	[ERROR_STALE] = "It has another version than the one named in If-Match, is gone, or is there though If-None-Match says that nothing should be. Read it again, make your change there, and send that with the new ETag.",
	[ERROR_PREVIEW_OVER] = "The address of the preview has expired, or its article was erased. Whoever made it can make another.",
	[ERROR_TOO_LARGE] = "The body is longer than this address takes. The detail says how long it may be.",
	[ERROR_TARGET_TOO_LONG] = "Path and query together may be 4096 bytes long.",
	[ERROR_MEDIA_TYPE] = "The body is of a media type that is not taken here, says none, or is compressed. Accept lists the types.",
	[ERROR_FIELDS] = "The body could be read but some of its members are wrong, missing or unknown. All of them stand in \"errors\", each with a JSON pointer.",
	[ERROR_IDEMPOTENCY] = "The Idempotency-Key came with another request within the last 24 hours. Take a new key for each new request.",
	[ERROR_UNCONDITIONAL] = "What is about to be replaced must be named: send If-Match with the ETag of the version that you have read, or * for whatever is there.",
	[ERROR_TOO_MANY] = "More requests came from this address or with this key in the last minute than it may send. Retry-After says in how many seconds there is room again.",
	[ERROR_HEADERS_TOO_LARGE] = "There are too many header fields, or they are too long.",
	[ERROR_INTERNAL] = "It is not the request's fault. The server's log says what happened.",
	[ERROR_METHOD_UNKNOWN] = "The methods known are GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS.",
	[ERROR_CODING_UNKNOWN] = "The one transfer coding that is taken is chunked.",
	[ERROR_BUSY] = "The server is starting, stopping or has too much to do, or has not yet applied the seq that min_seq waits for. Retry-After says when to come again.",
	[ERROR_HTTP_VERSION] = "HTTP/1.0 and HTTP/1.1 are spoken here, and only 1.1 where a reply is made while it is sent.",
	[ERROR_STORAGE_FULL] = "The disk is full. Reading goes on; what was to be written is not.",
};

const char *error_words(enum error_code code)
{
	return (size_t)code < sizeof words / sizeof words[0] ? words[code] : NULL;
}
