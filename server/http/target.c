/* SPDX-License-Identifier: MIT */
/*
 * The request target: bytes as sent → path, path segments, parameters.
 *
 * libmicrohttpd's own decoding cuts a target at %00, turns %2f into a slash and lets bad percent signs through, so it is
 * switched off (listener.c) and the raw target is read here, once, strictly. What is refused is refused as a whole: a
 * target never means something else than what was sent.
 *
 * Taken are the origin form, the absolute form of http and https (RFC 9112 3.2.2: a server MUST accept it; its authority
 * is checked and dropped, since links come from --base-url and never from the request), and "*" (for OPTIONS alone,
 * which router.c sees to). Non-ASCII bytes may stand there raw, as people type them, if they are UTF-8; control characters,
 * also encoded ones, may not stand anywhere: stored texts use one of them as a mark (CONTROL_BASE_URL).
 *
 * A path keeps its empty segments ("/v1//articles", "/v1/articles/"), which match no route. "." and ".." are refused rather
 * than resolved: no link of ours has them. In a query '+' is a space, as forms write it; empty pieces ("a=1&&b=2")
 * carry nothing and are passed over. Commas are not split here: that depends on the parameter (parameter.c).
 */
#include "http_internal.h"

#include <string.h>
#include <strings.h>

/* How a piece of the target is decoded. */
enum piece { PIECE_SEGMENT, PIECE_QUERY };

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* Decodes one segment, name or value into the arena; NULL and `err` when it says what no target may say. */
static const char *decode(struct arena *arena, const char *bytes, size_t length, enum piece piece, struct error *err)
{
	const char *where = piece == PIECE_SEGMENT ? "path" : "query";
	char *decoded = arena_alloc(arena, length + 1);
	size_t n = 0;

	for (size_t i = 0; i < length; i++) {
		char c = bytes[i];

		if (c == '%') {
			int high = length - i > 2 ? hex_value(bytes[i + 1]) : -1;
			int low = length - i > 2 ? hex_value(bytes[i + 2]) : -1;

			if (high < 0 || low < 0) {
				error_set(err, ERROR_INVALID,
				    "A percent sign in the %s is not followed by two hexadecimal digits", where);
				return NULL;
			}
			c = (char)(high * 16 + low);
			i += 2;
			if (piece == PIECE_SEGMENT && c == '/') {
				error_set(err, ERROR_INVALID, "The path has an encoded slash (%%2F), which is refused");
				return NULL;
			}
		} else if (piece == PIECE_QUERY && c == '+') {
			c = ' ';
		}
		if (is_control(c)) {
			error_set(err, ERROR_INVALID, "The %s has a control character in it", where);
			return NULL;
		}
		if (piece == PIECE_SEGMENT && c == '\\') {
			error_set(err, ERROR_INVALID, "The path has a backslash in it, which is refused");
			return NULL;
		}
		decoded[n++] = c;
	}
	decoded[n] = '\0';
	if (!text_is_utf8(decoded, n)) {
		error_set(err, ERROR_INVALID, "The %s is not valid UTF-8", where);
		return NULL;
	}
	return decoded;
}

static size_t count_of(const char *bytes, size_t length, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < length; i++)
		n += bytes[i] == c;
	return n;
}

/* `raw` begins with '/'. */
static bool parse_path(struct arena *arena, const char *raw, size_t length, struct target *target, struct error *err)
{
	const char *end = raw + length;
	char *path = arena_alloc(arena, length + 1), *tail = path;

	target->segments = arena_array(arena, count_of(raw, length, '/'), sizeof *target->segments);
	for (const char *at = raw; at < end;) {
		const char *slash = memchr(at + 1, '/', (size_t)(end - at - 1));
		size_t segment_length = (size_t)((slash == NULL ? end : slash) - at) - 1;
		const char *segment = decode(arena, at + 1, segment_length, PIECE_SEGMENT, err);
		size_t decoded_length;

		if (segment == NULL)
			return false;
		if (strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0)
			return error_set(err, ERROR_INVALID, "The path has a '.' or '..' segment, which is refused");

		decoded_length = strlen(segment);
		*tail++ = '/';
		memcpy(tail, segment, decoded_length);
		tail += decoded_length;
		target->segments[target->n_segments++] = segment;
		at += 1 + segment_length;
	}
	*tail = '\0';
	if (target->n_segments == 1 && target->segments[0][0] == '\0')
		target->n_segments = 0;
	target->path = path;
	return true;
}

static bool parse_query(struct arena *arena, const char *raw, size_t length, struct target *target, struct error *err)
{
	const char *end = raw + length;

	target->parameters = arena_array(arena, LIMIT_PARAMETERS, sizeof *target->parameters);
	for (const char *at = raw; at < end;) {
		const char *ampersand = memchr(at, '&', (size_t)(end - at));
		const char *stop = ampersand == NULL ? end : ampersand;
		const char *equals = memchr(at, '=', (size_t)(stop - at));
		const char *name_end = equals == NULL ? stop : equals;
		struct request_value *parameter = &target->parameters[target->n_parameters];

		if (stop > at) {
			if (target->n_parameters == LIMIT_PARAMETERS)
				return error_set(
				    err, ERROR_INVALID, "The query has more than %d parameters", LIMIT_PARAMETERS);
			if (name_end == at)
				return error_set(err, ERROR_INVALID, "The query has a parameter without a name");

			parameter->name = decode(arena, at, (size_t)(name_end - at), PIECE_QUERY, err);
			parameter->value = equals == NULL
			    ? ""
			    : decode(arena, equals + 1, (size_t)(stop - equals - 1), PIECE_QUERY, err);
			if (parameter->name == NULL || parameter->value == NULL)
				return false;
			target->n_parameters++;
		}
		at = stop + 1;
	}
	return true;
}

/* RFC 9112 3.2.2. Moves `*raw` behind scheme and authority, to the path or, where there is none, to the end or the '?'. */
static bool strip_authority(const char **raw, const char *end, struct error *err)
{
	const char *at = *raw;
	size_t length;

	if ((size_t)(end - at) > 7 && strncasecmp(at, "http://", 7) == 0)
		at += 7;
	else if ((size_t)(end - at) > 8 && strncasecmp(at, "https://", 8) == 0)
		at += 8;
	else
		return error_set(err, ERROR_INVALID, "The request target begins neither with '/' nor with http://");

	for (length = 0; at + length < end && at[length] != '/' && at[length] != '?'; length++)
		continue;
	if (length == 0 || !gate_authority(at, length))
		return error_set(err, ERROR_INVALID, "The request target names no proper host");
	*raw = at + length;
	return true;
}

/*
 * What may stand nowhere in a target, encoded or not. A '#' begins a fragment, which clients keep to themselves. Part of
 * the gate: a request line with such bytes may have been meant, and be read by others, in more ways than one.
 */
bool target_is_clean(const char *raw, size_t length, struct error *err)
{
	if (length > LIMIT_TARGET)
		return error_set(
		    err, ERROR_TARGET_TOO_LONG, "The request target is longer than %d bytes", LIMIT_TARGET);
	for (size_t i = 0; i < length; i++) {
		if (is_control(raw[i]))
			return error_set(err, ERROR_INVALID, "The request target has a control character in it");
		if (raw[i] == ' ')
			return error_set(err, ERROR_INVALID, "The request target has a space in it");
		if (raw[i] == '#')
			return error_set(err, ERROR_INVALID, "The request target has a '#' in it");
	}
	return true;
}

bool target_parse(struct arena *arena, const char *raw, size_t length, struct target *ret_target, struct error *err)
{
	const char *end = raw + length, *question;
	struct target target = { .path = "/" };

	if (!target_is_clean(raw, length, err))
		return false;
	if (length == 1 && raw[0] == '*') {
		*ret_target = (struct target){ .is_asterisk = true, .origin = "*", .path = "*" };
		return true;
	}
	if ((length == 0 || raw[0] != '/') && !strip_authority(&raw, end, err))
		return false;

	question = memchr(raw, '?', (size_t)(end - raw));
	target.origin = raw < end && raw[0] == '/' ? arena_copy(arena, raw, (size_t)(end - raw))
	                                           : arena_printf(arena, "/%.*s", (int)(end - raw), raw);
	if (raw < end && raw[0] == '/'
	    && !parse_path(arena, raw, (size_t)((question == NULL ? end : question) - raw), &target, err))
		return false;
	if (question != NULL && !parse_query(arena, question + 1, (size_t)(end - question - 1), &target, err))
		return false;
	*ret_target = target;
	return true;
}
