/* SPDX-License-Identifier: MIT */
/*
 * Takes a line apart into words, numbers and signs, as far as reading a time needs it.
 *
 * Words lose their case and, where they are of Latin letters with accents, those too, so that lists of months are written in plain
 * ASCII: "décembre" is "decembre". Full stops inside a word vanish ("p.m." is "pm"). Signs beyond ASCII become a byte that stands
 * for them: dashes '-', dots that part '|', the East Asian signs of year, month, day, hour and minute Y, M, D, H, N.
 */
#include "printed_tokens.h"

#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The letter of a two-byte character U+00C0 to U+00FF without its accent, in lower case, or '\0'. */
static char plain_letter(unsigned char second)
{
	static const char letters[] = "aaaaaaaceeeeiiiidnooooo\0ouuuuy\0saaaaaaaceeeeiiiidnooooo\0ouuuuy\0y";

	return letters[second & 0x3F];
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(const char *at)
{
	return (lower(*at) >= 'a' && lower(*at) <= 'z') || ((unsigned char)at[0] == 0xC3 && plain_letter((unsigned char)at[1]) != '\0');
}

static size_t read_number(const char *text, size_t at, struct token *token)
{
	token->kind = NUMBER;
	for (; is_digit(text[at]); at++) {
		if (token->digits++ < 8)
			token->value = token->value * 10 + (text[at] - '0');
	}
	return at;
}

/* Letters; a full stop between two letters belongs to the word ("a.m."), as does one behind it when there was one inside. */
static size_t read_word(const char *text, size_t at, struct token *token)
{
	size_t length = 0;
	bool stopped = false;

	token->kind = WORD;
	for (;;) {
		if (is_letter(text + at)) {
			bool two = (unsigned char)text[at] == 0xC3;
			char c = two ? plain_letter((unsigned char)text[at + 1]) : lower(text[at]);

			if (length < WORD_LONGEST - 1)
				token->word[length++] = c;
			at += two ? 2 : 1;
		} else if (text[at] == '.' && length > 0 && (is_letter(text + at + 1) || stopped)) {
			stopped = true;
			at++;
		} else {
			break;
		}
	}
	token->word[length] = '\0';
	return at;
}

/* A sign: a byte of ASCII, or one of the few longer ones that are written around dates. */
static size_t read_sign(const char *text, size_t at, struct token *token)
{
	static const struct {
		const char *bytes;
		char as;
	} known[] = {
		{ "–", '-' }, { "—", '-' }, { "‐", '-' }, { "·", '|' }, { "•", '|' }, { "º", 'o' }, { "°", 'o' }, { "年", 'Y' }, { "月", 'M' },
		{ "日", 'D' }, { "時", 'H' }, { "时", 'H' }, { "分", 'N' }, { "년", 'Y' }, { "월", 'M' }, { "일", 'D' },
	};
	size_t length = 1;

	token->kind = SIGN;
	token->value = (unsigned char)text[at];
	if ((unsigned char)text[at] < 0x80)
		return at + 1;
	token->value = '?';
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (strncmp(text + at, known[i].bytes, strlen(known[i].bytes)) == 0) {
			token->value = (unsigned char)known[i].as;
			return at + strlen(known[i].bytes);
		}
	}
	while (((unsigned char)text[at + length] & 0xC0) == 0x80)
		length++;
	return at + length;
}

/* No-break spaces count as white space: pages put them between the parts of a date. */
static size_t skip_white(const char *text, size_t at)
{
	for (;;) {
		if (is_white(text[at]))
			at++;
		else if (strncmp(text + at, "\xC2\xA0", 2) == 0)
			at += 2;
		else if (strncmp(text + at, "\xE2\x80\xAF", 3) == 0)
			at += 3;
		else
			return at;
	}
}

size_t printed_tokens(const char *text, struct token *ret_tokens)
{
	size_t n = 0, at = 0;

	while (n < TOKENS_MOST) {
		size_t start = skip_white(text, at);
		struct token *token = &ret_tokens[n];

		if (text[start] == '\0')
			break;
		*token = (struct token){ .start = start, .joined = n > 0 && start == at };
		if (is_digit(text[start]))
			at = read_number(text, start, token);
		else if (is_letter(text + start))
			at = read_word(text, start, token);
		else
			at = read_sign(text, start, token);
		token->end = at;
		n++;
	}
	return n;
}

bool token_is_sign(const struct token *token, const char *signs)
{
	return token->kind == SIGN && strchr(signs, token->value) != NULL;
}

bool token_is_word(const struct token *token, const char *list)
{
	size_t length = strlen(token->word);

	if (token->kind != WORD || length == 0)
		return false;
	for (const char *at = list; (at = strstr(at, token->word)) != NULL; at += length)
		if ((at == list || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
			return true;
	return false;
}
