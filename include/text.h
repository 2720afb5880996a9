/* SPDX-License-Identifier: MIT */
/*
 * A growable string on the heap. `bytes` always ends with a NUL behind `length` (so it can be printed), and may be
 * NULL only while empty. Appending is amortised O(1). Out of memory aborts, as in arena.h.
 */
#ifndef BROADSHEET_TEXT_H
#define BROADSHEET_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *bytes;
	size_t length;
	size_t capacity;
};

/* The byte that stands for --base-url in stored and composed bodies, filled in as they are sent. No text from outside may hold it. */
#define CONTROL_BASE_URL '\x01'

#define TEXT_EMPTY ((struct text){ 0 })

struct arena;

void text_done(struct text *text);                                           /* frees, leaves it empty */
void text_clear(struct text *text);                                          /* keeps the memory */
void text_reserve(struct text *text, size_t more);
void text_append(struct text *text, const char *bytes, size_t length);
void text_string(struct text *text, const char *string);
void text_char(struct text *text, char c);
void text_integer(struct text *text, int64_t number);                        /* decimal */
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_json(struct text *text, const char *bytes, size_t length);         /* a JSON string with its quotes; bytes must be UTF-8 */
void text_html(struct text *text, const char *bytes, size_t length);         /* & < > " ' ` escaped as character references */
void text_percent(struct text *text, const char *bytes, size_t length);      /* RFC 3986: all but unreserved characters as %XX */
void text_fill(struct text *text, char mark, const char *filling);           /* every byte `mark` becomes `filling` */
char *text_take(struct text *text);                                          /* hands the (never NULL) bytes over, to free(); leaves it empty */

/* base64url without padding (RFC 4648 5), in the arena; and read again, at most `most` bytes. false for anything but what would be written. */
char *text_base64url(const unsigned char *bytes, size_t length, struct arena *arena);
bool text_base64url_read(const char *encoded, unsigned char *ret_bytes, size_t most, size_t *ret_length);

/* Is this whole, valid UTF-8 (RFC 3629: no surrogates, no overlong forms) without NUL? */
bool text_is_utf8(const char *bytes, size_t length);

/* What lies, in the order of bytes, behind all text that begins with the prefix; in the arena. For rows from the prefix to here. */
const char *text_prefix_end(const char *prefix, struct arena *arena);

/* The member of `candidates` (NULL at the end) nearest to `word` by edit distance, or NULL if none is near enough to be meant. */
const char *text_nearest(const char *word, const char *const *candidates);
/* How many slips lie between two words; UINT_MAX for more than are forgiven in words of their length. */
unsigned text_slips(const char *one, const char *other);

#endif
