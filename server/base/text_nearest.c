/* SPDX-License-Identifier: MIT */
/*
 * "Did you mean …?": the candidate nearest to a mistyped word.
 *
 * Nearness is the number of letters to change, drop, add or swap with their neighbour (the edit distance with adjacent
 * transpositions), without regard to case. How many are forgiven grows with the length of the words: one in three, at
 * most three. A word of three letters or more that a candidate starts with is as near as one slip, since people
 * abbreviate. Of equally near ones the first in the table wins.
 *
 * Long words are not looked at: they are no typing mistake, and the cost is quadratic.
 */
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "text.h"

enum { WORD_MOST = 48, SLIPS_MOST = 3 };

static unsigned lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c - 'A' + 'a') : (unsigned char)c;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Row by row over the table of distances between the fronts of both words; a swap looks two rows back. */
static unsigned distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
	unsigned rows[3][WORD_MOST + 1];

	for (size_t j = 0; j <= n_b; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= n_a; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= n_b; j++) {
			unsigned change = above[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));

			row[j] = least(change, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
				row[j] = least(row[j], two_above[j - 2] + 1);
		}
	}
	return rows[n_a % 3][n_b];
}

static unsigned forgiven(size_t n_a, size_t n_b)
{
	size_t longer = n_a > n_b ? n_a : n_b;

	return longer / 3 < SLIPS_MOST ? (unsigned)(longer / 3) : SLIPS_MOST;
}

unsigned text_slips(const char *one, const char *other)
{
	const size_t n_one = strnlen(one, WORD_MOST + 1), n_other = strnlen(other, WORD_MOST + 1);
	const size_t apart = n_one > n_other ? n_one - n_other : n_other - n_one;
	const unsigned most = forgiven(n_one, n_other);
	unsigned slips;

	if (n_one > WORD_MOST || n_other > WORD_MOST || apart > most)
		return UINT_MAX;
	slips = distance(one, n_one, other, n_other);
	return slips <= most ? slips : UINT_MAX;
}

const char *text_nearest(const char *word, const char *const *candidates)
{
	size_t length = strnlen(word, WORD_MOST + 1);
	const char *nearest = NULL;
	unsigned fewest = SLIPS_MOST + 1;

	if (length == 0 || length > WORD_MOST)
		return NULL;

	for (; *candidates != NULL; candidates++) {
		size_t candidate_length = strnlen(*candidates, WORD_MOST + 1);
		unsigned slips;

		if (candidate_length > WORD_MOST)
			continue;
		slips = distance(word, length, *candidates, candidate_length);
		if (length >= 3 && slips > 1 && strncasecmp(word, *candidates, length) == 0)
			slips = 1;
		else if (slips > forgiven(length, candidate_length))
			continue;
		if (slips < fewest) {
			fewest = slips;
			nearest = *candidates;
		}
	}
	return nearest;
}
