/* SPDX-License-Identifier: MIT */
/*
 * Titles and names -> the last part of an address.
 *
 * Lower-case ASCII letters and digits, single hyphens between words. Other scripts are written in Latin letters first. Apostrophes
 * and the signs that transliteration leaves for soft and glottal sounds vanish, so that a word stays one word; anything else parts
 * words. What is too long is cut between words. An address of digits alone would be taken for an id, so it gets a word in front.
 *
 * Uniqueness is not decided here: publish and the store append -2, -3, … for which SLUG_LONGEST leaves room.
 */
#include <inttypes.h>
#include <string.h>

#include "article_internal.h"

enum {
	TITLE_LONGEST = 1000,         /* bytes looked at: a slug shows the first 96 letters at most */
	DIGITS_MOST = 60,             /* of a title of digits alone */
};

/* How many bytes at the front are a sign that belongs to the word it stands in: ' ’ ‘ ʼ and the other modifier letters, marks. */
static size_t silent_length(const char *string)
{
	unsigned char first = (unsigned char)string[0], second = first != '\0' ? (unsigned char)string[1] : 0;

	if (first == '\'')
		return 1;
	if (first == 0xCA && second >= 0xB0)    /* U+02B0 to U+02BF */
		return 2;
	if (first == 0xCB || first == 0xCC || (first == 0xCD && second < 0xB0))    /* U+02C0 to U+036F */
		return 2;
	if (first == 0xE2 && second == 0x80 && (string[2] == '\x98' || string[2] == '\x99'))    /* U+2018, U+2019 */
		return 3;
	return 0;
}

static char slug_byte(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
}

/* Cut behind the last whole word that fits; within the word when that would leave less than a third. */
static size_t cut(const char *slug, size_t length)
{
	if (length <= SLUG_LONGEST)
		return length;
	for (size_t i = SLUG_LONGEST; i > SLUG_LONGEST / 3; i--)
		if (slug[i] == '-')
			return i;
	return SLUG_LONGEST;
}

static bool all_digits(const char *slug)
{
	return slug[strspn(slug, "0123456789")] == '\0';
}

/* The front of a long title, cut between characters: no more is transliterated than a slug can show. */
static char *front(const char *title, struct arena *arena)
{
	size_t length = strnlen(title, TITLE_LONGEST);

	while (title[length] != '\0' && length > 0 && ((unsigned char)title[length] & 0xC0) == 0x80)
		length--;
	return arena_copy(arena, title, length);
}

char *slug_from(const char *title, const char *fallback, struct arena *arena)
{
	const char *latin = unicode_latin(front(title, arena), arena);
	char *slug = arena_alloc(arena, strlen(latin) + 1);
	size_t length = 0;

	while (*latin != '\0') {
		size_t silent = silent_length(latin);
		char c;

		if (silent > 0) {
			latin += silent;
			continue;
		}
		c = slug_byte(*latin++);
		if (c != '-' || (length > 0 && slug[length - 1] != '-'))
			slug[length++] = c;
	}
	if (length > 0 && slug[length - 1] == '-')
		length--;
	slug[cut(slug, length)] = '\0';
	if (slug[0] == '\0')
		return arena_string(arena, fallback);
	return all_digits(slug) ? arena_printf(arena, "%s-%.*s", fallback, DIGITS_MOST, slug) : slug;
}

char *slug_numbered(const char *slug, int64_t number, struct arena *arena)
{
	char *suffix = arena_printf(arena, "-%" PRId64, number);
	size_t length = strlen(slug), room = SLUG_LONGEST + 8 - strlen(suffix);

	if (length > room)
		length = room;
	while (length > 0 && slug[length - 1] == '-')
		length--;
	return arena_printf(arena, "%.*s%s", (int)length, slug, suffix);
}

/* The shape slug_from() gives, with room behind SLUG_LONGEST for what makes it unique. */
bool slug_is_valid(const char *slug)
{
	size_t length = strnlen(slug, SLUG_LONGEST + 9);

	if (length == 0 || length > SLUG_LONGEST + 8 || slug[0] == '-' || slug[length - 1] == '-' || all_digits(slug))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (slug[i] == '-' ? slug[i + 1] == '-' : slug_byte(slug[i]) != slug[i] || slug[i] == '\0')
			return false;
	}
	return true;
}
