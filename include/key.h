/* SPDX-License-Identifier: MIT */
/*
 * API keys as text: bs_<kid>_<secret><checksum>.
 *
 * The kid names the key and is no secret. The secret is 32 random bytes in base62; only its SHA-256 is ever kept. The checksum (CRC-32 of all
 * before it) lets programs that scan for leaked keys know one for certain, and lets us refuse garbage without a look-up.
 */
#ifndef BROADSHEET_KEY_H
#define BROADSHEET_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "secret.h"

/* What a key allows, a bit each; none of them includes another. */
enum scope { SCOPE_READ_DRAFTS = 1, SCOPE_WRITE = 2, SCOPE_ADMIN = 4, SCOPES_ALL = 7 };

enum { SCOPES = 3, KEY_KID = 8, KEY_SECRET = 43, KEY_CHECKSUM = 6, KEY_LENGTH = 3 + KEY_KID + 1 + KEY_SECRET + KEY_CHECKSUM };

extern const char *const scope_names[SCOPES + 1];    /* in the order of the bits; NULL at the end */

/* The bit of a name; 0 when there is no such scope. */
unsigned scope_by_name(const char *name, size_t length);
/* "read_drafts,write", into `ret_names`; "none" for none. */
enum { SCOPE_NAMES_SIZE = 40 };
char *scope_list(unsigned scopes, char ret_names[SCOPE_NAMES_SIZE]);

/* What is known of a key that was shown: enough to look it up and to compare it. */
struct key_shown {
	char kid[KEY_KID + 1];
	unsigned char digest[SECRET_DIGEST];    /* SHA-256 of its secret */
};

/* A new key: its text, to be shown once, and what is kept of it. */
void key_make(char ret_text[KEY_LENGTH + 1], struct key_shown *ret_shown);
/* False for what cannot be a key, whatever keys there are. */
bool key_read(const char *text, size_t length, struct key_shown *ret_shown);

#endif
