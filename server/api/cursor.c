/* SPDX-License-Identifier: MIT */
/*
 * Opaque places in a listing.
 *
 * A cursor is the key of the row from which to go on (keyset, never an offset), with the direction, a checksum of the request that it
 * was made for (path and all parameters but those that only shape the page) and of the history of the database (where a copy was put back, what the
 * cursor's reader has seen may be lost, and going on would leave a hole), and a checksum of itself, in base64url (RFC 4648 5). It is
 * no secret and grants nothing; the checksums are there so that a mistyped or mixed-up cursor is a clear 400 and not a wrong page.
 *
 * Layout: version 1 byte, flags 1, time 8, id 8, request 8, name 0 to 800, check 8; integers little-endian as the hash library has them.
 */
#include "api_internal.h"

#include <string.h>
#include <xxhash.h>

enum {
	CURSOR_VERSION = 1,
	FLAG_BACKWARD = 1,
	FLAG_NAME = 2,
	HEAD_BYTES = 26,
	CHECK_BYTES = 8,
	NAME_LONGEST = 800,
	CURSOR_BYTES_MOST = HEAD_BYTES + NAME_LONGEST + CHECK_BYTES,
};

static bool shapes_the_page_only(const char *name)
{
	static const char *const names[] = { "cursor", "limit", "fields", "include", "count", NULL };

	for (size_t i = 0; names[i] != NULL; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* The same for the same listing, in whatever order its parameters and their values stand. */
static uint64_t request_checksum(const struct request *request)
{
	struct text canonical = TEXT_EMPTY;
	uint64_t checksum;

	text_string(&canonical, request->route->path);
	for (size_t i = 0; i < request->n_canonical; i++)
		if (!shapes_the_page_only(request->canonical[i].name))
			text_printf(&canonical, "\n%s=%s", request->canonical[i].name, request->canonical[i].value);
	if (request->context != NULL && context_of(request)->api->history > 0)
		text_printf(&canonical, "\n%lld", (long long)context_of(request)->api->history);
	checksum = XXH3_64bits(canonical.bytes, canonical.length);
	text_done(&canonical);
	return checksum;
}

const char *cursor_write(const struct request *request, const struct cursor *cursor)
{
	const uint64_t checksum = request_checksum(request);
	unsigned char bytes[CURSOR_BYTES_MOST] = { CURSOR_VERSION };
	size_t length = HEAD_BYTES, name = cursor->name != NULL ? strlen(cursor->name) : 0;
	uint64_t check;

	if (name > NAME_LONGEST)
		name = NAME_LONGEST;
	bytes[1] = (unsigned char)((cursor->backward ? FLAG_BACKWARD : 0) | (cursor->name != NULL ? FLAG_NAME : 0));
	memcpy(bytes + 2, &cursor->time, 8);
	memcpy(bytes + 10, &cursor->id, 8);
	memcpy(bytes + 18, &checksum, 8);
	if (name > 0)
		memcpy(bytes + length, cursor->name, name);
	length += name;
	check = XXH3_64bits(bytes, length);
	memcpy(bytes + length, &check, CHECK_BYTES);
	return text_base64url(bytes, length + CHECK_BYTES, request->arena);
}

bool cursor_refuse(struct error *err, const char *code, const char *detail)
{
	error_set(err, ERROR_CURSOR, "%s", detail);
	error_add_parameter(err, "cursor", code, NULL, "take it as it stands in links.next or links.prev, or leave it out to start anew");
	return false;
}

bool cursor_read(struct request *request, struct cursor *ret_cursor, bool *ret_has, struct error *err)
{
	const char *encoded = request_parameter(request, "cursor");
	unsigned char bytes[CURSOR_BYTES_MOST];
	uint64_t check, checksum;
	size_t length;

	*ret_has = encoded != NULL;
	if (encoded == NULL)
		return true;
	if (!text_base64url_read(encoded, bytes, sizeof bytes, &length) || length < HEAD_BYTES + CHECK_BYTES || bytes[0] != CURSOR_VERSION ||
	    (bytes[1] & ~(FLAG_BACKWARD | FLAG_NAME)) != 0)
		return cursor_refuse(err, "damaged", "this is no cursor of ours");
	length -= CHECK_BYTES;
	memcpy(&check, bytes + length, CHECK_BYTES);
	if (check != XXH3_64bits(bytes, length))
		return cursor_refuse(err, "damaged", "the cursor is damaged");
	memcpy(&checksum, bytes + 18, 8);
	if (checksum != request_checksum(request))
		return cursor_refuse(err, "other-request", "the cursor belongs to a listing with other filters or another order");
	*ret_cursor = (struct cursor){ .backward = (bytes[1] & FLAG_BACKWARD) != 0 };
	memcpy(&ret_cursor->time, bytes + 2, 8);
	memcpy(&ret_cursor->id, bytes + 10, 8);
	if ((bytes[1] & FLAG_NAME) != 0)
		ret_cursor->name = arena_copy(request->arena, (const char *)bytes + HEAD_BYTES, length - HEAD_BYTES);
	return true;
}
