/* SPDX-License-Identifier: MIT */
/*
 * Random numbers, weighted choices, and a hash.
 *
 * Each article, story and table draws from a stream of its own, named by seed, purpose and number, so that what one draws moves nothing
 * in another: article 5,000 has the same text in a file of ten thousand and in one of a million.
 */
#include "generate.h"

#include <stdlib.h>

static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

struct random random_for(uint64_t seed, uint64_t purpose, uint64_t number)
{
	return (struct random){ mix(mix(mix(seed) + purpose) + number) };
}

uint64_t random_next(struct random *random)
{
	random->state += 0x9e3779b97f4a7c15U;
	return mix(random->state);
}

uint32_t random_below(struct random *random, uint32_t n)
{
	return (uint32_t)((random_next(random) >> 32) * n >> 32);
}

bool random_percent(struct random *random, uint32_t percent)
{
	return random_below(random, 100) < percent;
}

/* Weights must be below 2^31 and n below 2^16: then nothing overflows. */
struct choice choice_new(const uint64_t *weights, uint32_t n)
{
	struct choice choice = { n, calloc(n, sizeof *choice.threshold), calloc(n, sizeof *choice.other) };
	uint64_t *share = calloc(n, sizeof *share), total = 0;
	uint32_t *small = calloc(n, sizeof *small), *large = calloc(n, sizeof *large), n_small = 0, n_large = 0;

	if (choice.threshold == NULL || choice.other == NULL || share == NULL || small == NULL || large == NULL)
		abort();
	for (uint32_t i = 0; i < n; i++)
		total += weights[i];
	/* Shares in units of total / n: one of exactly `total` fills its place. */
	for (uint32_t i = 0; i < n; i++) {
		share[i] = weights[i] * n;
		if (share[i] < total)
			small[n_small++] = i;
		else
			large[n_large++] = i;
	}
	while (n_small > 0 && n_large > 0) {
		const uint32_t poor = small[--n_small], rich = large[n_large - 1];

		choice.threshold[poor] = (uint32_t)((share[poor] << 16) / total << 16);
		choice.other[poor] = rich;
		share[rich] -= total - share[poor];
		if (share[rich] < total) {
			n_large--;
			small[n_small++] = rich;
		}
	}
	while (n_large > 0)
		choice.threshold[large[--n_large]] = UINT32_MAX;
	while (n_small > 0)
		choice.threshold[small[--n_small]] = UINT32_MAX;
	for (uint32_t i = 0; i < n; i++)
		if (choice.threshold[i] == UINT32_MAX)
			choice.other[i] = i;
	free(share);
	free(small);
	free(large);
	return choice;
}

struct choice choice_new_zipf(uint32_t n, uint32_t flat)
{
	uint64_t *weights = calloc(n, sizeof *weights);
	struct choice choice;

	if (weights == NULL)
		abort();
	for (uint32_t i = 0; i < n; i++)
		weights[i] = ((uint64_t)1 << 30) / (i + 1 + flat);
	choice = choice_new(weights, n);
	free(weights);
	return choice;
}

uint32_t choice_pick(const struct choice *choice, struct random *random)
{
	const uint64_t drawn = random_next(random);
	const uint32_t i = (uint32_t)((drawn >> 32) * choice->n >> 32);

	return (uint32_t)drawn < choice->threshold[i] ? i : choice->other[i];
}

uint32_t text_hash(const char *text)
{
	uint32_t hash = 2166136261U;

	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619U;
	return hash;
}
