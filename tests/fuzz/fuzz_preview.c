/* SPDX-License-Identifier: MIT */
/*
 * A stranger's address of a preview. The input's first line stands in the place of the token; the rest, taken as article, version and expiry, is written
 * as a token of our own.
 *
 * Nothing that a stranger writes is taken for ours, what we write reads back, in time and too late, and with any one character changed it is
 * refused.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/preview_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char secret[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

static void try_text(const char *text)
{
	struct preview preview = { .id = -1 };

	if (preview_token_read(text, secret, 0, &preview) != PREVIEW_UNKNOWN || preview.id != -1)
		abort();
}

static void try_preview(struct arena *arena, const uint8_t *data, size_t size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	struct preview preview, again;
	char *token;
	size_t at;

	if (size < 25)
		return;
	memcpy(&preview.id, data, 8);
	memcpy(&preview.rev, data + 8, 8);
	memcpy(&preview.expires_at, data + 16, 8);
	preview.expires_at &= INT64_MAX >> 1;
	token = arena_string(arena, preview_token_write(&preview, secret, arena));
	if (preview_token_read(token, secret, preview.expires_at - 1, &again) != PREVIEW_GOOD || again.id != preview.id || again.rev != preview.rev ||
	    again.expires_at != preview.expires_at || preview_token_read(token, secret, preview.expires_at, &again) != PREVIEW_EXPIRED)
		abort();
	if (preview_token_read(token, secret + 1, 0, &again) != PREVIEW_UNKNOWN)
		abort();
	at = data[24] % strlen(token);
	token[at] = digits[(strchr(digits, token[at]) - digits + 1 + data[24] % 63) % 64];
	if (preview_token_read(token, secret, 0, &again) != PREVIEW_UNKNOWN)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const uint8_t *newline = size > 0 ? memchr(data, '\n', size) : NULL;
	const size_t first = newline != NULL ? (size_t)(newline - data) : size;

	try_text(arena_copy(arena, (const char *)data, first));
	if (newline != NULL)
		try_preview(arena, newline + 1, size - first - 1);
	arena_free(arena);
	return 0;
}
