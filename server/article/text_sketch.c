/* SPDX-License-Identifier: MIT */
/*
 * Are two texts copies of one another? Each text becomes the set of its shingles, runs of SHINGLE_WORDS words, as hashes; what counts
 * is the share of the smaller set that stands in the other, so that a copy cut short is still a copy.
 *
 * Of the set only the smallest hashes are kept, the text's sketch (Broder 1997): half a kilobyte that can lie beside the article, where
 * the text itself would have to be read and folded each time. Below the largest hash of either sketch both sets are known whole, and
 * hashes are as good as random, so the share among those is an estimate of the share of all: exact for texts of up to
 * TEXT_SKETCH_MOST shingles, a few per cent off for longer ones.
 *
 * At most SHINGLES_MOST shingles of each text are looked at, from the beginning: wire copies are cut from the bottom.
 */
#include "article.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { SHINGLE_WORDS = 5, SHINGLES_MOST = 600 };

static int compare_hashes(const void *one, const void *other)
{
	const uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;

	return a < b ? -1 : a > b;
}

static size_t shingles_of(const char *folded, uint32_t *ret_hashes)
{
	uint64_t window[SHINGLE_WORDS] = { 0 };
	const char *word;
	size_t n = 0, seen = 0, length;

	while (n < SHINGLES_MOST && text_next_word(&folded, &word, &length)) {
		memmove(window, window + 1, sizeof window - sizeof window[0]);
		window[SHINGLE_WORDS - 1] = XXH3_64bits(word, length);
		if (++seen >= SHINGLE_WORDS)
			ret_hashes[n++] = (uint32_t)(XXH3_64bits(window, sizeof window) >> 32);
	}
	return n;
}

void text_sketch(const char *text, struct text_sketch *ret_sketch)
{
	struct arena *arena = arena_new();
	uint32_t hashes[SHINGLES_MOST];
	const size_t n = shingles_of(unicode_fold(text, arena), hashes);

	arena_free(arena);
	qsort(hashes, n, sizeof hashes[0], compare_hashes);
	ret_sketch->n = 0;
	for (size_t i = 0; i < n && ret_sketch->n < TEXT_SKETCH_MOST; i++)
		if (i == 0 || hashes[i] != hashes[i - 1])
			ret_sketch->hashes[ret_sketch->n++] = hashes[i];
}

/* The largest hash up to which the sketch is sure to have all of the text's. */
static uint32_t known_up_to(const struct text_sketch *sketch)
{
	return sketch->n < TEXT_SKETCH_MOST ? UINT32_MAX : sketch->hashes[TEXT_SKETCH_MOST - 1];
}

double text_sketch_containment(const struct text_sketch *one, const struct text_sketch *other)
{
	const uint32_t here = known_up_to(one), there = known_up_to(other), most = here < there ? here : there;
	size_t i = 0, j = 0, shared = 0, smaller;

	while (i < one->n && j < other->n && one->hashes[i] <= most && other->hashes[j] <= most) {
		const uint32_t a = one->hashes[i], b = other->hashes[j];

		shared += a == b;
		i += a <= b;
		j += b <= a;
	}
	while (i < one->n && one->hashes[i] <= most)
		i++;
	while (j < other->n && other->hashes[j] <= most)
		j++;
	smaller = i < j ? i : j;
	return smaller == 0 ? 0 : (double)shared / (double)smaller;
}
