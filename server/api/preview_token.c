/* SPDX-License-Identifier: MIT */
/*
 * What an address of a preview holds: which article, which version, until when, and a signature. Nothing is kept of it; whoever has the address may
 * read until then, and nobody can make one or make it last without the secret.
 *
 * Layout: format 1 byte, id 8, rev 8, expiry 8 (big-endian), then the first 16 bytes of HMAC-SHA256 (RFC 2104) over all that, in base64url. 128
 * bits are as many as RFC 2104 5 lets one keep of a SHA-256. Only one text is read for each preview, so an address cannot be varied.
 */
#include "preview_token.h"

#include <string.h>

#include "secret.h"
#include "text.h"

enum { FORMAT = 1, SIGNED_BYTES = 25, SIGNATURE_BYTES = 16, TOKEN_BYTES = SIGNED_BYTES + SIGNATURE_BYTES };

static void put_number(unsigned char *bytes, int64_t number)
{
	for (int i = 7; i >= 0; i--, number >>= 8)
		bytes[i] = (unsigned char)(number & 0xff);
}

static int64_t get_number(const unsigned char *bytes)
{
	uint64_t number = 0;

	for (int i = 0; i < 8; i++)
		number = number << 8 | bytes[i];
	return (int64_t)number;
}

static void sign(const unsigned char *bytes, const char *secret, unsigned char ret_signature[SECRET_DIGEST])
{
	secret_hmac_sha256(secret, strlen(secret), bytes, SIGNED_BYTES, ret_signature);
}

const char *preview_token_write(const struct preview *preview, const char *secret, struct arena *arena)
{
	unsigned char bytes[SIGNED_BYTES + SECRET_DIGEST] = { FORMAT };

	put_number(bytes + 1, preview->id);
	put_number(bytes + 9, preview->rev);
	put_number(bytes + 17, preview->expires_at);
	sign(bytes, secret, bytes + SIGNED_BYTES);
	return text_base64url(bytes, TOKEN_BYTES, arena);
}

enum preview_state preview_token_read(const char *token, const char *secret, int64_t now, struct preview *ret_preview)
{
	unsigned char bytes[TOKEN_BYTES], signature[SECRET_DIGEST];
	size_t length;

	if (!text_base64url_read(token, bytes, sizeof bytes, &length) || length != TOKEN_BYTES || bytes[0] != FORMAT)
		return PREVIEW_UNKNOWN;
	sign(bytes, secret, signature);
	if (!secret_equal(bytes + SIGNED_BYTES, signature, SIGNATURE_BYTES))
		return PREVIEW_UNKNOWN;
	*ret_preview = (struct preview){ get_number(bytes + 1), get_number(bytes + 9), get_number(bytes + 17) };
	return now < ret_preview->expires_at ? PREVIEW_GOOD : PREVIEW_EXPIRED;
}
