/* SPDX-License-Identifier: MIT */
/*
 * Bytes as text that may stand in an address: base64url without padding (RFC 4648 5). Of each run of bytes there is one text, and only that is read: a
 * text with bits left over is refused, so nobody can write one thing in two ways.
 */
#include "text.h"

#include <string.h>

#include "arena.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

char *text_base64url(const unsigned char *bytes, size_t length, struct arena *arena)
{
	char *encoded = arena_alloc(arena, (length + 2) / 3 * 4 + 1);
	size_t at = 0;

	for (size_t i = 0; i < length; i += 3) {
		const unsigned group = (unsigned)bytes[i] << 16 | (i + 1 < length ? (unsigned)bytes[i + 1] << 8 : 0) |
		    (i + 2 < length ? (unsigned)bytes[i + 2] : 0);

		encoded[at++] = digits[group >> 18 & 63];
		encoded[at++] = digits[group >> 12 & 63];
		if (i + 1 < length)
			encoded[at++] = digits[group >> 6 & 63];
		if (i + 2 < length)
			encoded[at++] = digits[group & 63];
	}
	return encoded;
}

bool text_base64url_read(const char *encoded, unsigned char *ret_bytes, size_t most, size_t *ret_length)
{
	unsigned group = 0, bits = 0;
	size_t length = 0;

	for (const char *c = encoded; *c != '\0'; c++) {
		const char *digit = strchr(digits, *c);

		if (digit == NULL)
			return false;
		group = group << 6 | (unsigned)(digit - digits);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			if (length == most)
				return false;
			ret_bytes[length++] = (unsigned char)(group >> bits & 0xff);
		}
	}
	*ret_length = length;
	return bits < 6 && (group & ((1u << bits) - 1)) == 0;
}
