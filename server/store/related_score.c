/* SPDX-License-Identifier: MIT */
/*
 * How much alike are two articles? The cosine of their vectors: each word weighs how often the article has it, to the power of 0.7, times
 * its rarity (word_rarity.c). Tags are rare terms among the others: one that both have stands in both vectors, one that only the article itself has
 * makes its own vector longer. Common words weigh nothing.
 *
 * A little more for the same section and source, and for nearness in time: factors, so that nothing is alike for being new alone. The score
 * is 1 for two articles that are the same in all of it.
 *
 * The constants were chosen on half of two archives (tests/bench/README.md) among round numbers; those beside them do nearly as well.
 */
#include "related_internal.h"

#include <math.h>
#include <pthread.h>

enum { COMPARED_MOST = 4096 };    /* words of one article, those met first in the archive: more are in no news story */

static const double SAME_SECTION = 0.1, SAME_SOURCE = 0.05, NEAR_IN_TIME = 0.3;
static const double SECONDS_30_DAYS = 30 * 86400.0;
static const double TIMES_POWER = 0.7;

static double weight_of_times[VECTOR_TIMES_MOST + 1];

static void fill_weights(void)
{
	for (unsigned times = 1; times <= VECTOR_TIMES_MOST; times++)
		weight_of_times[times] = pow(times, TIMES_POWER);
}

/* --- vectors --- */

static void set_bits(struct weighted_words *words, struct arena *arena)
{
	words->bits = arena_array(arena, WORD_BITS / 64, sizeof *words->bits);
	for (size_t i = 0; i < words->n; i++) {
		const uint64_t bit = (uint64_t)words->words[i].id * 0x9e3779b97f4a7c15u >> 54;

		words->bits[bit / 64] |= (uint64_t)1 << bit % 64;
	}
	for (size_t i = 0; i < WORD_BITS / 64; i++)
		words->n_bits += (unsigned)__builtin_popcountll(words->bits[i]);
}

static bool weigh(struct finder *finder, const char *bytes, size_t length, struct weighted_words *ret_words)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const size_t most = length / 2 < COMPARED_MOST ? length / 2 : COMPARED_MOST;    /* two bytes a word at least */
	struct weighted_words words = { .words = arena_array(finder->arena, most, sizeof *words.words) };
	struct vector_reader reader;
	struct vector_word word;
	double rarity;

	pthread_once(&once, fill_weights);
	vector_reader_init(&reader, bytes, length);
	while (words.n < most && vector_next(&reader, &word)) {
		double weight;

		if (word.times == 0)
			continue;
		if (!store_word_rarity(finder->store, word.id, &rarity, finder->err))
			return false;
		weight = weight_of_times[word.times] * rarity;
		words.words[words.n++] = (struct weighted_word){ word.id, (float)weight, word.is_head, word.is_plain };
		words.squares += weight * weight;
		words.sum += weight;
	}
	if (words.n > 0)
		set_bits(&words, finder->arena);
	*ret_words = words;
	return true;
}

bool related_words(struct finder *finder, int64_t id, struct weighted_words *ret_words)
{
	static const char sql[] = "SELECT vector FROM article_vector WHERE article_id = ?1";
	struct statement *find = store_statement(finder->store, sql);
	bool fine;

	statement_bind_integer(find, 1, id);
	fine = statement_next(find, finder->err)
	    ? weigh(finder, statement_blob(find, 0), statement_length(find, 0), ret_words)
	    : weigh(finder, "", 0, ret_words);
	statement_done(find);
	return fine && finder->err->code == ERROR_NONE;
}

/* The best word to name is one that both write alike; where there is none, one that they write in two ways. */
static double words_in_common(const struct weighted_words *one, const struct weighted_words *other, int64_t *ret_best)
{
	double sum = 0, most = 0;
	bool is_plain = false;

	*ret_best = 0;
	for (size_t i = 0, j = 0; i < one->n && j < other->n;) {
		const struct weighted_word *a = &one->words[i], *b = &other->words[j];

		if (a->id == b->id) {
			const double both = (double)a->weight * (double)b->weight;
			const bool are_plain = a->is_plain && b->is_plain;

			sum += both;
			if (are_plain != is_plain ? are_plain : both > most) {
				most = both;
				is_plain = are_plain;
				*ret_best = a->id;
			}
		}
		i += a->id <= b->id;
		j += b->id <= a->id;
	}
	return sum;
}

/* --- tags --- */

static bool has_tag(struct finder *finder, int64_t id, int64_t published_at, const struct own_tag *tag)
{
	static const char sql[] = "SELECT 1 FROM article_term WHERE term_id = ?1 AND published_at = ?2 AND article_id = ?3";
	struct statement *find = store_statement(finder->store, sql);
	bool has;

	statement_bind_integer(find, 1, tag->id);
	statement_bind_integer(find, 2, published_at);
	statement_bind_integer(find, 3, id);
	has = statement_next(find, finder->err);
	statement_done(find);
	return has;
}

/* Gives the squares of those that both have. */
static double tags_in_common(struct finder *finder, struct candidate *candidate, int64_t published_at)
{
	double squares = 0;

	candidate->tag_set = 0;
	for (size_t i = 0; i < finder->n_tags; i++) {
		if (!has_tag(finder, candidate->id, published_at, &finder->tags[i]))
			continue;
		candidate->tag_set |= 1u << i;
		squares += finder->tags[i].weight * finder->tags[i].weight;
	}
	return squares;
}

/* --- the score --- */

static double nearness(const struct finder *finder, int64_t published_at)
{
	const double age = fabs((double)(published_at - finder->own.published_at));

	return exp(-age / SECONDS_30_DAYS);
}

static double score_of(struct finder *finder, struct candidate *candidate, int64_t published_at)
{
	const double tags = tags_in_common(finder, candidate, published_at);
	const double common = words_in_common(&finder->words, &candidate->words, &candidate->best_word) + tags;
	const double lengths = sqrt(finder->squares * (candidate->words.squares + tags));
	double score;

	if (lengths <= 0)
		return 0;
	score = common / lengths;
	score *= (1 + (candidate->same_section ? SAME_SECTION : 0)) * (1 + (candidate->same_source ? SAME_SOURCE : 0))
	    * (1 + NEAR_IN_TIME * nearness(finder, published_at));
	score /= (1 + SAME_SECTION) * (1 + SAME_SOURCE) * (1 + NEAR_IN_TIME);
	return score < 1 ? score : 1;
}

bool related_look_closely(struct finder *finder, struct candidate *candidate)
{
	static const char sql[] =
	    "SELECT published_at, section_id, source_id, vector"
	    "  FROM article LEFT JOIN article_vector USING (article_id)"
	    " WHERE article_id = ?1 AND status = 'published'";
	struct statement *find = store_statement(finder->store, sql);
	bool fine = true;

	statement_bind_integer(find, 1, candidate->id);
	candidate->is_public = statement_next(find, finder->err);
	if (candidate->is_public) {
		candidate->same_section = finder->section_id != 0 && statement_integer(find, 1) == finder->section_id;
		candidate->same_source = statement_integer(find, 2) == finder->source_id;
		fine = weigh(finder, statement_blob(find, 3), statement_length(find, 3), &candidate->words);
		if (fine)
			candidate->score = score_of(finder, candidate, statement_integer(find, 0));
	}
	statement_done(find);
	return fine && finder->err->code == ERROR_NONE;
}
