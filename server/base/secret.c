/* SPDX-License-Identifier: MIT */
/*
 * libcrypto behind a few functions, so that only this file knows it.
 *
 * None of them can fail but for a broken library or a system without randomness; then the process ends rather than go on with a key that
 * could be guessed.
 */
#include "secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "memory.h"

void secret_random(unsigned char *ret_bytes, size_t n)
{
	while (n > 0) {
		const ssize_t got = getrandom(ret_bytes, n, 0);

		if (got <= 0)
			abort();
		ret_bytes += got;
		n -= (size_t)got;
	}
}

void secret_sha256(const void *bytes, size_t n, unsigned char ret_digest[SECRET_DIGEST])
{
	if (EVP_Digest(bytes, n, ret_digest, NULL, EVP_sha256(), NULL) != 1)
		memory_exhausted();
}

void secret_hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t n, unsigned char ret_digest[SECRET_DIGEST])
{
	if (HMAC(EVP_sha256(), key, (int)key_length, bytes, n, ret_digest, NULL) == NULL)
		memory_exhausted();
}

bool secret_equal(const void *one, const void *other, size_t n)
{
	return CRYPTO_memcmp(one, other, n) == 0;
}

void secret_forget(void *bytes, size_t n)
{
	explicit_bzero(bytes, n);
}

static const char digits[] = "0123456789abcdef";

void secret_hex(const unsigned char digest[SECRET_DIGEST], char ret_hex[SECRET_HEX])
{
	for (size_t i = 0; i < SECRET_DIGEST; i++) {
		ret_hex[2 * i] = digits[digest[i] >> 4];
		ret_hex[2 * i + 1] = digits[digest[i] & 15];
	}
	ret_hex[SECRET_HEX - 1] = '\0';
}

bool secret_from_hex(const char *hex, unsigned char ret_digest[SECRET_DIGEST])
{
	if (strlen(hex) != SECRET_HEX - 1 || strspn(hex, digits) != SECRET_HEX - 1)
		return false;
	for (size_t i = 0; i < SECRET_DIGEST; i++)
		ret_digest[i] = (unsigned char)((strchr(digits, hex[2 * i]) - digits) << 4 | (strchr(digits, hex[2 * i + 1]) - digits));
	return true;
}
