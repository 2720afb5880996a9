/* SPDX-License-Identifier: MIT */
/*
 * What keys, signatures and signed addresses are made of: random bytes, SHA-256, HMAC-SHA256 (RFC 2104), comparing without telling how much
 * was right. libcrypto (OpenSSL) does all of it.
 */
#ifndef BROADSHEET_SECRET_H
#define BROADSHEET_SECRET_H

#include <stdbool.h>
#include <stddef.h>

enum { SECRET_DIGEST = 32, SECRET_HEX = 2 * SECRET_DIGEST + 1 };

/* Bytes that nobody can guess (getrandom). Aborts when the system has none: nothing safe can be done then. */
void secret_random(unsigned char *ret_bytes, size_t n);
void secret_sha256(const void *bytes, size_t n, unsigned char ret_digest[SECRET_DIGEST]);
void secret_hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t n, unsigned char ret_digest[SECRET_DIGEST]);
/* In a time that does not depend on the bytes. */
bool secret_equal(const void *one, const void *other, size_t n);
/* Overwrites them; not optimised away. */
void secret_forget(void *bytes, size_t n);
void secret_hex(const unsigned char digest[SECRET_DIGEST], char ret_hex[SECRET_HEX]);
bool secret_from_hex(const char *hex, unsigned char ret_digest[SECRET_DIGEST]);    /* false for what secret_hex() did not write */

#endif
