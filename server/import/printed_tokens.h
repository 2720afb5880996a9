/* SPDX-License-Identifier: MIT */
/*
 * The words, numbers and signs of a line that may hold a time, for printed_time.c.
 */
#ifndef BROADSHEET_PRINTED_TOKENS_H
#define BROADSHEET_PRINTED_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

enum { TOKENS_MOST = 96, TOKENS_SIZE = TOKENS_MOST + 8, WORD_LONGEST = 24 };

enum token_kind { END, NUMBER, WORD, SIGN };

struct token {
	enum token_kind kind;
	int value;                    /* of a number; the byte of a sign */
	int digits;
	char word[WORD_LONGEST];      /* lower case, accents of Latin letters dropped, full stops inside left out */
	size_t start, end;
	bool joined;                  /* no white space before it */
};

/* Into an array of TOKENS_SIZE that holds zeros: behind the last token stand more of the kind END, so looking ahead needs no check.
 * Returns how many there are; what lies beyond TOKENS_MOST is not read. */
size_t printed_tokens(const char *text, struct token *ret_tokens);

bool token_is_sign(const struct token *token, const char *signs);     /* one of the bytes */
bool token_is_word(const struct token *token, const char *words);     /* one of the words, parted by spaces */

#endif
