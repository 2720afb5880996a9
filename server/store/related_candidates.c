/* SPDX-License-Identifier: MIT */
/*
 * Which articles may be like one? Candidates come from what is rare, so that the work is bounded whatever the archive's size:
 *
 * - its most telling words, by how often it has them and how rare they are, those of title and standfirst first; of these ASKED_MOST each gives its
 *   newest articles, from the rarest on until a budget of postings is spent;
 * - its tags, each with its newest articles;
 * - the articles of its section that were published next before and after it.
 *
 * What a candidate seems to be worth is the sum of the squared rarities that led to it. That is rough: it knows neither how often the candidate
 * has a word nor how long it is. So a good hundred of the best are looked at closely (related_score.c).
 */
#include "related_internal.h"

#include <stdlib.h>
#include <string.h>

enum {
	ASKED_MOST = 96,
	POSTINGS_MOST = 6000,         /* of words */
	WORD_POSTINGS_MOST = 400,
	TAG_POSTINGS_MOST = 200,
	SECTION_POSTINGS_MOST = 20,   /* on either side */
};

static const double HEAD_FACTOR = 1.5;

struct asked_word {
	int64_t id, n;
	double telling, weight;
};

struct candidate *related_candidate(struct finder *finder, int64_t id)
{
	size_t at = (size_t)((uint64_t)id * 0x9e3779b97f4a7c15u >> 32) % CANDIDATES_MOST;

	while (finder->table[at].id != 0 && finder->table[at].id != id)
		at = (at + 1) % CANDIDATES_MOST;
	if (finder->table[at].id == 0) {
		if (finder->n_candidates >= CANDIDATES_MOST / 4 * 3)
			return NULL;
		finder->n_candidates++;
		finder->table[at].id = id;
	}
	return &finder->table[at];
}

/* --- words --- */

static int most_telling_first(const void *one, const void *other)
{
	const struct asked_word *a = one, *b = other;

	if (a->telling != b->telling)
		return a->telling > b->telling ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

static int rarest_first(const void *one, const void *other)
{
	const struct asked_word *a = one, *b = other;

	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

/* The number that its weight was made from. */
static bool count_word(struct finder *finder, struct asked_word *word)
{
	static const char sql[] = "SELECT n FROM word WHERE word_id = ?1";
	struct statement *find = store_statement(finder->store, sql);

	statement_bind_integer(find, 1, word->id);
	if (statement_next(find, finder->err))
		word->n = statement_integer(find, 0);
	statement_done(find);
	return finder->err->code == ERROR_NONE;
}

static bool choose_words(struct finder *finder, struct asked_word **ret_words, size_t *ret_n)
{
	struct asked_word *asked = arena_array(finder->arena, finder->words.n + 1, sizeof *asked);
	size_t n = finder->words.n;

	for (size_t i = 0; i < n; i++) {
		const struct weighted_word *word = &finder->words.words[i];

		asked[i] = (struct asked_word){
			.id = word->id, .telling = (double)word->weight * (word->is_head ? HEAD_FACTOR : 1), .weight = (double)word->weight,
		};
	}
	qsort(asked, n, sizeof *asked, most_telling_first);
	if (n > ASKED_MOST)
		n = ASKED_MOST;
	for (size_t i = 0; i < n; i++)
		if (!count_word(finder, &asked[i]))
			return false;
	qsort(asked, n, sizeof *asked, rarest_first);
	*ret_words = asked;
	*ret_n = n;
	return true;
}

static bool add_word_postings(struct finder *finder, const struct asked_word *word, int64_t most)
{
	static const char sql[] = "SELECT rowid FROM article_words WHERE article_words MATCH ?1 ORDER BY rowid DESC LIMIT ?2";
	struct statement *find = store_statement(finder->store, sql);
	const double rarity = store_rarity(finder->articles, word->n);
	char number[24];

	snprintf(number, sizeof number, "%lld", (long long)word->id);
	statement_bind_text(find, 1, number);
	statement_bind_integer(find, 2, most);
	while (statement_next(find, finder->err)) {
		struct candidate *candidate = related_candidate(finder, statement_integer(find, 0));

		if (candidate != NULL)
			candidate->score += word->weight * rarity;
	}
	statement_done(find);
	return finder->err->code == ERROR_NONE;
}

static bool gather_by_words(struct finder *finder)
{
	struct asked_word *words;
	int64_t left = POSTINGS_MOST;
	size_t n;

	if (!choose_words(finder, &words, &n))
		return false;
	for (size_t i = 0; i < n && left > 0; i++) {
		int64_t take = words[i].n < WORD_POSTINGS_MOST ? words[i].n : WORD_POSTINGS_MOST;

		if (words[i].n < 2)
			continue;
		take = take < left ? take : left;
		if (!add_word_postings(finder, &words[i], take))
			return false;
		left -= take;
	}
	return true;
}

/* --- tags and section --- */

static bool add_tag_postings(struct finder *finder, size_t index)
{
	static const char sql[] =
	    "SELECT article_id FROM article_term WHERE term_id = ?1 ORDER BY published_at DESC, article_id DESC LIMIT ?2";
	const struct own_tag *tag = &finder->tags[index];
	struct statement *find = store_statement(finder->store, sql);

	statement_bind_integer(find, 1, tag->id);
	statement_bind_integer(find, 2, TAG_POSTINGS_MOST);
	while (statement_next(find, finder->err)) {
		struct candidate *candidate = related_candidate(finder, statement_integer(find, 0));

		if (candidate != NULL)
			candidate->score += tag->weight * tag->weight;
	}
	statement_done(find);
	return finder->err->code == ERROR_NONE;
}

static bool add_neighbours(struct finder *finder, bool newer)
{
	static const char newer_sql[] =
	    "SELECT article_id FROM article_term WHERE term_id = ?1 AND published_at >= ?2 ORDER BY published_at, article_id LIMIT ?3";
	static const char older_sql[] =
	    "SELECT article_id FROM article_term WHERE term_id = ?1 AND published_at <= ?2 ORDER BY published_at DESC, article_id DESC LIMIT ?3";
	struct statement *find = store_statement(finder->store, newer ? newer_sql : older_sql);

	statement_bind_integer(find, 1, finder->section_id);
	statement_bind_integer(find, 2, finder->own.published_at);
	statement_bind_integer(find, 3, SECTION_POSTINGS_MOST);
	while (statement_next(find, finder->err))
		related_candidate(finder, statement_integer(find, 0));
	statement_done(find);
	return finder->err->code == ERROR_NONE;
}

/* --- the best --- */

static bool is_better(const struct candidate *one, const struct candidate *other)
{
	return one->score != other->score ? one->score > other->score : one->id > other->id;
}

void related_rank_in(struct finder *finder, const struct candidate *candidate)
{
	size_t at;

	if (finder->n_ranked == RANKED_MOST && !is_better(candidate, &finder->ranked[RANKED_MOST - 1]))
		return;
	if (finder->n_ranked < RANKED_MOST)
		finder->n_ranked++;
	for (at = finder->n_ranked - 1; at > 0 && is_better(candidate, &finder->ranked[at - 1]); at--)
		finder->ranked[at] = finder->ranked[at - 1];
	finder->ranked[at] = *candidate;
}

bool related_gather(struct finder *finder)
{
	if (!gather_by_words(finder))
		return false;
	for (size_t i = 0; i < finder->n_tags; i++)
		if (!add_tag_postings(finder, i))
			return false;
	if (finder->section_id != 0 && !(add_neighbours(finder, true) && add_neighbours(finder, false)))
		return false;
	for (size_t i = 0; i < CANDIDATES_MOST; i++)
		if (finder->table[i].id != 0 && finder->table[i].id != finder->own.id)
			related_rank_in(finder, &finder->table[i]);
	return true;
}
