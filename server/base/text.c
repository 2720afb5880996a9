/* SPDX-License-Identifier: MIT */
/*
 * A growable string, and the escapings that go with putting text into JSON, HTML and addresses.
 *
 * Room doubles, so appending costs amortised constant time; a NUL always stands behind the last byte, which makes
 * every text printable, while lengths are explicit throughout, so bytes with a NUL among them are handled too. The
 * escapers copy runs of harmless bytes at once and stop only at the few that need help.
 *
 * Escaping is not checking: text_json() expects UTF-8, and text_is_utf8() is there to make sure of it where strangers'
 * bytes come in.
 */
#include "text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "base_internal.h"

enum { CAPACITY_LEAST = 64 };

void text_done(struct text *text)
{
	free(text->bytes);
	*text = TEXT_EMPTY;
}

void text_clear(struct text *text)
{
	text->length = 0;
	if (text->bytes != NULL)
		text->bytes[0] = '\0';
}

/* Room for `more` bytes and the NUL behind them. */
void text_reserve(struct text *text, size_t more)
{
	size_t needed, capacity = text->capacity < CAPACITY_LEAST ? CAPACITY_LEAST : text->capacity;
	char *bytes;

	if (__builtin_add_overflow(text->length, more, &needed) || __builtin_add_overflow(needed, (size_t)1, &needed))
		memory_exhausted();
	if (needed <= text->capacity)
		return;

	while (capacity < needed)
		capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
	bytes = realloc(text->bytes, capacity);
	if (bytes == NULL)
		memory_exhausted();
	bytes[text->length] = '\0';
	text->bytes = bytes;
	text->capacity = capacity;
}

void text_append(struct text *text, const char *bytes, size_t length)
{
	text_reserve(text, length);
	if (length > 0)
		memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

void text_string(struct text *text, const char *string)
{
	text_append(text, string, strlen(string));
}

void text_char(struct text *text, char c)
{
	text_append(text, &c, 1);
}

void text_integer(struct text *text, int64_t number)
{
	char digits[24], *first = digits + sizeof digits;
	uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

	do
		*--first = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (number < 0)
		*--first = '-';
	text_append(text, first, (size_t)(digits + sizeof digits - first));
}

void text_printf(struct text *text, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	assert(length >= 0);

	text_reserve(text, (size_t)length);
	va_start(arguments, format);
	vsnprintf(text->bytes + text->length, (size_t)length + 1, format, arguments);
	va_end(arguments);
	text->length += (size_t)length;
}

/* The harmless bytes from `start` on, up to `end`. */
static void append_run(struct text *text, const char *bytes, size_t start, size_t end)
{
	if (end > start)
		text_append(text, bytes + start, end - start);
}

/* RFC 8259 7: what must be escaped in a string. The short forms are given where JSON has them. */
static void append_json_escape(struct text *text, unsigned char c)
{
	static const char short_forms[0x60] = {
		['\b'] = 'b',
		['\t'] = 't',
		['\n'] = 'n',
		['\f'] = 'f',
		['\r'] = 'r',
		['"'] = '"',
		['\\'] = '\\',
	};

	if (short_forms[c] != '\0')
		text_append(text, (char[]){ '\\', short_forms[c] }, 2);
	else
		text_printf(text, "\\u%04x", c);
}

/* Are there none among eight bytes? Each test leaves the high bit of a byte that is meant; a byte next to it may be marked too, and is then
 * looked at in vain. */
static bool has_no_json_escape(const char *bytes)
{
	const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
	uint64_t word, quotes, backslashes;

	memcpy(&word, bytes, sizeof word);
	quotes = word ^ (ones * '"');
	backslashes = word ^ (ones * '\\');
	return ((((word - ones * 0x20) & ~word) | ((quotes - ones) & ~quotes) | ((backslashes - ones) & ~backslashes)) & highs) == 0;
}

void text_json(struct text *text, const char *bytes, size_t length)
{
	size_t start = 0;

	text_reserve(text, length + 2);
	text_char(text, '"');
	for (size_t i = 0; i < length; i++) {
		unsigned char c;

		while (length - i >= 8 && has_no_json_escape(bytes + i))
			i += 8;
		if (i == length)
			break;
		c = (unsigned char)bytes[i];
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		append_run(text, bytes, start, i);
		append_json_escape(text, c);
		start = i + 1;
	}
	append_run(text, bytes, start, length);
	text_char(text, '"');
}

static const char *html_reference(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '`':
		return "&#96;";
	default:
		return NULL;
	}
}

void text_html(struct text *text, const char *bytes, size_t length)
{
	size_t start = 0;

	text_reserve(text, length);
	for (size_t i = 0; i < length; i++) {
		const char *reference = html_reference(bytes[i]);

		if (reference == NULL)
			continue;
		append_run(text, bytes, start, i);
		text_string(text, reference);
		start = i + 1;
	}
	append_run(text, bytes, start, length);
}

/* RFC 3986 2.3. */
static bool is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.'
	    || c == '_' || c == '~';
}

void text_percent(struct text *text, const char *bytes, size_t length)
{
	static const char digits[] = "0123456789ABCDEF";

	text_reserve(text, length);
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (is_unreserved(c))
			text_char(text, (char)c);
		else
			text_append(text, (char[]){ '%', digits[c >> 4], digits[c & 15] }, 3);
	}
}

void text_fill(struct text *text, char mark, const char *filling)
{
	struct text filled = TEXT_EMPTY;
	size_t filling_length = strlen(filling);
	const char *from = text->bytes, *end, *hit;

	if (text->length == 0 || memchr(from, mark, text->length) == NULL)
		return;

	end = from + text->length;
	text_reserve(&filled, text->length + 8 * filling_length);
	while (from < end && (hit = memchr(from, mark, (size_t)(end - from))) != NULL) {
		text_append(&filled, from, (size_t)(hit - from));
		text_append(&filled, filling, filling_length);
		from = hit + 1;
	}
	text_append(&filled, from, (size_t)(end - from));
	text_done(text);
	*text = filled;
}

char *text_take(struct text *text)
{
	char *bytes;

	text_reserve(text, 0);
	bytes = text->bytes;
	*text = TEXT_EMPTY;
	return bytes;
}

/* RFC 3629 4: how many bytes the character at the front has, or 0 if none of its forms fits. */
static size_t utf8_character(const unsigned char *bytes, size_t length)
{
	unsigned char lead = bytes[0], least = 0x80, most = 0xBF; /* of the second byte */
	size_t size;

	if (lead < 0x80)
		return lead != 0;
	if (lead >= 0xC2 && lead <= 0xDF)
		size = 2;
	else if (lead >= 0xE0 && lead <= 0xEF)
		size = 3;
	else if (lead >= 0xF0 && lead <= 0xF4)
		size = 4;
	else
		return 0;

	if (lead == 0xE0)
		least = 0xA0; /* shorter forms exist */
	else if (lead == 0xED)
		most = 0x9F; /* surrogates */
	else if (lead == 0xF0)
		least = 0x90;
	else if (lead == 0xF4)
		most = 0x8F; /* beyond U+10FFFF */

	if (length < size || bytes[1] < least || bytes[1] > most)
		return 0;
	for (size_t i = 2; i < size; i++)
		if ((bytes[i] & 0xC0) != 0x80)
			return 0;
	return size;
}

/* Eight bytes of ASCII without NUL: no byte has its high bit, none is zero. */
static bool is_plain_eight(const unsigned char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof word);
	return ((word | (word - 0x0101010101010101u)) & 0x8080808080808080u) == 0;
}

bool text_is_utf8(const char *bytes, size_t length)
{
	const unsigned char *from = (const unsigned char *)bytes;

	while (length > 0) {
		size_t size;

		if (length >= 8 && is_plain_eight(from)) {
			from += 8;
			length -= 8;
			continue;
		}
		size = utf8_character(from, length);
		if (size == 0)
			return false;
		from += size;
		length -= size;
	}
	return true;
}

/* U+10FFFF is the last of all characters, and is none. */
const char *text_prefix_end(const char *prefix, struct arena *arena)
{
	return arena_printf(arena, "%s\xf4\x8f\xbf\xbf", prefix);
}
