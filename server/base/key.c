/* SPDX-License-Identifier: MIT */
/*
 * Making and reading the text of API keys (key.h says what it looks like), and the names of scopes.
 *
 * 43 digits of base62 hold 256 bits, so the secret loses nothing; 256 random bits need no slow hash, which is for what people think up, and
 * would make every request a means to wear the server out.
 *
 * Nothing here knows which keys there are: server/store/key_store.c does.
 */
#include "key.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <zlib.h>

enum { RANDOM_BYTES = 32, BASE = 62, AT_KID = 3, AT_SECRET = AT_KID + KEY_KID + 1, AT_CHECKSUM = AT_SECRET + KEY_SECRET };

static const char digits[BASE + 1] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const char *const scope_names[SCOPES + 1] = { "read_drafts", "write", "admin", NULL };

unsigned scope_by_name(const char *name, size_t length)
{
	for (unsigned i = 0; i < SCOPES; i++)
		if (strlen(scope_names[i]) == length && memcmp(scope_names[i], name, length) == 0)
			return 1u << i;
	return 0;
}

char *scope_list(unsigned scopes, char ret_names[SCOPE_NAMES_SIZE])
{
	size_t length = 0;

	snprintf(ret_names, SCOPE_NAMES_SIZE, "none");
	for (unsigned i = 0; i < SCOPES; i++)
		if (scopes & 1u << i)
			length += (size_t)snprintf(ret_names + length, SCOPE_NAMES_SIZE - length, "%s%s", length > 0 ? "," : "", scope_names[i]);
	return ret_names;
}

/* Takes the remainder of a large number, highest byte first, which becomes the quotient. */
static unsigned divide(unsigned char *number, size_t n)
{
	unsigned remainder = 0;

	for (size_t i = 0; i < n; i++) {
		remainder = remainder << 8 | number[i];
		number[i] = (unsigned char)(remainder / BASE);
		remainder %= BASE;
	}
	return remainder;
}

static void write_base62(unsigned char *number, size_t n, char *ret_digits, size_t n_digits)
{
	for (size_t i = n_digits; i > 0; i--)
		ret_digits[i - 1] = digits[divide(number, n)];
}

static void write_checksum(const char *text, char ret_digits[KEY_CHECKSUM])
{
	const uint32_t sum = (uint32_t)crc32(0, (const unsigned char *)text, AT_CHECKSUM);
	unsigned char bytes[] = { (unsigned char)(sum >> 24), (unsigned char)(sum >> 16), (unsigned char)(sum >> 8), (unsigned char)sum };

	write_base62(bytes, sizeof bytes, ret_digits, KEY_CHECKSUM);
}

static bool all_base62(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] == '\0' || strchr(digits, text[i]) == NULL)
			return false;
	return true;
}

bool key_read(const char *text, size_t length, struct key_shown *ret_shown)
{
	char checksum[KEY_CHECKSUM];

	if (length != KEY_LENGTH || memcmp(text, "bs_", AT_KID) != 0 || text[AT_SECRET - 1] != '_')
		return false;
	if (!all_base62(text + AT_KID, KEY_KID) || !all_base62(text + AT_SECRET, KEY_SECRET))
		return false;
	write_checksum(text, checksum);
	if (memcmp(text + AT_CHECKSUM, checksum, KEY_CHECKSUM) != 0)
		return false;
	memcpy(ret_shown->kid, text + AT_KID, KEY_KID);
	ret_shown->kid[KEY_KID] = '\0';
	secret_sha256(text + AT_SECRET, KEY_SECRET, ret_shown->digest);
	return true;
}

void key_make(char ret_text[KEY_LENGTH + 1], struct key_shown *ret_shown)
{
	unsigned char secret[RANDOM_BYTES], kid[KEY_KID];

	secret_random(secret, sizeof secret);
	secret_random(kid, sizeof kid);
	memcpy(ret_text, "bs_", AT_KID);
	write_base62(kid, sizeof kid, ret_text + AT_KID, KEY_KID);
	ret_text[AT_SECRET - 1] = '_';
	write_base62(secret, sizeof secret, ret_text + AT_SECRET, KEY_SECRET);
	write_checksum(ret_text, ret_text + AT_CHECKSUM);
	ret_text[KEY_LENGTH] = '\0';
	secret_forget(secret, sizeof secret);
	key_read(ret_text, KEY_LENGTH, ret_shown);
}
