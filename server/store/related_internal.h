/* SPDX-License-Identifier: MIT */
/* What the files that find related articles share: candidates, closer looks, stories. The order of work is related_find.c's. */
#ifndef BROADSHEET_RELATED_INTERNAL_H
#define BROADSHEET_RELATED_INTERNAL_H

#include "store_internal.h"

enum {
	CANDIDATES_MOST = 8192,       /* a power of two: the table is open-addressed */
	RANKED_MOST = 160,            /* candidates that are looked at closely */
	ALIKE_MOST = 60,              /* of these, rows of the answer */
	EDITORIAL_MOST = 50,
	ROWS_MOST = EDITORIAL_MOST + ALIKE_MOST,
	OWN_TAGS_MOST = 32,
	WORD_BITS = 1024,
};

struct weighted_word {
	int64_t id;
	float weight;
	bool is_head, is_plain;
};

/* The words of an article that have weight, by id: how often it has them times how rare they are. */
struct weighted_words {
	struct weighted_word *words;
	size_t n;
	double squares, sum;          /* of the weights' squares, of the weights */
	uint64_t *bits;               /* WORD_BITS of them, one set for each word, some for several; NULL without words */
	unsigned n_bits;              /* that are set */
};

struct own_tag {
	int64_t id, n;
	double weight;
	const char *name;
};

struct candidate {
	int64_t id;
	double score;
	uint32_t tag_set;
	int64_t best_word;            /* of those that both have, one that does much for the score; 0: none */
	bool is_public, same_section, same_source;
	struct weighted_words words;
};

/* The first text of a story. */
struct story {
	int64_t id;
	struct weighted_words words;
	bool has_sketch;
	struct text_sketch sketch;
};

/* A word that is a reason, as it is told to readers. */
struct word_form {
	int64_t word_id;
	const char *stem;             /* NULL: not known any more */
	const char *form;
	bool is_read;                 /* the article has been looked through for how it writes it */
};

struct finder {
	struct store *store;
	struct arena *arena;
	struct article own;
	int64_t section_id, source_id;
	double articles;              /* published ones */
	struct weighted_words words;
	struct own_tag tags[OWN_TAGS_MOST];
	size_t n_tags;
	double squares;               /* of words and tags */
	struct candidate *table;
	size_t n_candidates;
	struct candidate ranked[RANKED_MOST];
	size_t n_ranked;
	struct related_row *rows;
	size_t n;
	const struct candidate *shown[ROWS_MOST];    /* what the rows are of */
	struct word_form forms[ROWS_MOST];    /* of words that are reasons */
	size_t n_forms;
	struct story stories[RELATED_KEPT + 1];    /* 0: the article's own */
	size_t n_stories;
	struct error *err;
};

/* --- related_candidates.c --- */

/* The candidate of this id, made when it is new. NULL when there are enough. */
struct candidate *related_candidate(struct finder *finder, int64_t id);
/* Fills the table, with how much each seems to be worth as its score. */
bool related_gather(struct finder *finder);
/* Puts it among the ranked, best first, if it belongs there. */
void related_rank_in(struct finder *finder, const struct candidate *candidate);

/* --- related_score.c --- */

/* None when the article has no vector. In the arena. */
bool related_words(struct finder *finder, int64_t id, struct weighted_words *ret_words);
/* Completes a candidate: is it public, what has it in common, its score from 0 to 1. */
bool related_look_closely(struct finder *finder, struct candidate *candidate);

/* --- related_story.c --- */

/* The story that the candidate tells; one of its own, if there is room for one, unless it is a copy. RELATED_KEPT + 1: there is no room. */
bool related_story(struct finder *finder, const struct candidate *candidate, unsigned *ret_story);

#endif
