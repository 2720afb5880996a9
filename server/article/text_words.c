/* SPDX-License-Identifier: MIT */
/*
 * The words of a text, one after another: runs of letters, digits and the marks on them, in any script. Typographic quotes and dashes
 * part words as plain ones do. A possessive ending ('s or ’s) is left off, so that "Harbour’s" meets "harbour".
 */
#include "article_internal.h"

static size_t letter_at(const char *text)
{
	size_t length = 0;

	if ((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') || (*text >= '0' && *text <= '9'))
		return 1;
	if ((unsigned char)*text < 0x80)
		return 0;
	return unicode_kind_at(text, &length) != UNICODE_OTHER ? length : 0;
}

static size_t step_at(const char *text)
{
	size_t length = 1;

	if ((unsigned char)*text >= 0x80)
		unicode_kind_at(text, &length);
	return length;
}

bool text_next_word(const char **text, const char **ret_word, size_t *ret_length)
{
	const char *at = *text, *start;
	size_t letter;

	while (*at != '\0' && letter_at(at) == 0)
		at += step_at(at);
	if (*at == '\0') {
		*text = at;
		return false;
	}
	for (start = at; *at != '\0' && (letter = letter_at(at)) > 0;)
		at += letter;
	*ret_word = start;
	*ret_length = (size_t)(at - start);
	if (at[0] == '\'' && at[1] == 's' && letter_at(at + 2) == 0)
		at += 2;
	else if (at[0] == '\xe2' && at[1] == '\x80' && at[2] == '\x99' && at[3] == 's' && letter_at(at + 4) == 0)
		at += 4;
	*text = at;
	return true;
}
