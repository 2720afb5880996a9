/* SPDX-License-Identifier: MIT */
/*
 * Do two candidates tell one story? Copies of a wire story are found by their sketches (text_sketch.c).
 *
 * A sketch lies beside its article's own answer once that has been computed; before, it has to be made from the text, which takes longer than all
 * that is known of the candidate otherwise. So two texts are compared by sketches only when their words leave it possible: of two that share
 * half their sentences, the shorter one shares about half its words, where different stories on one subject share a tenth to a third.
 */
#include "related_internal.h"

static const double COPY_CONTAINMENT = 0.45;
static const double WORDS_SHARED_LEAST = 0.3;

/* A document that cannot be read, which `check` finds, has no text: it must not keep others from being found. */
static bool sketch_of_text(struct finder *finder, int64_t id, struct text_sketch *ret_sketch)
{
	/* The mark of the base URL is no character of JSON. */
	static const char sql[] =
	    "SELECT json_extract(replace(document, char(1), ''), '$.body_text') FROM article_document WHERE article_id = ?1";
	struct statement *find = store_statement(finder->store, sql);
	const char *text = NULL;

	statement_bind_integer(find, 1, id);
	if (statement_next(find, finder->err))
		text = statement_text(find, 0);
	text_sketch(text != NULL ? text : "", ret_sketch);
	statement_done(find);
	return finder->err->code != ERROR_BUSY;
}

/* A sketch that was kept with an answer is of the present text if no version has come since. */
static bool sketch_of(struct finder *finder, int64_t id, struct text_sketch *ret_sketch)
{
	static const char sql[] =
	    "SELECT sketch"
	    "  FROM article_related AS related JOIN article USING (article_id)"
	    " WHERE article_id = ?1 AND related.seq >= article.seq";
	struct statement *find = store_statement(finder->store, sql);
	bool found;

	statement_bind_integer(find, 1, id);
	found = statement_next(find, finder->err)
	    && related_sketch_decode(statement_blob(find, 0), statement_length(find, 0), ret_sketch);
	statement_done(find);
	if (finder->err->code != ERROR_NONE)
		return false;
	return found || sketch_of_text(finder, id, ret_sketch);
}

/* How much of the shorter one's words stand in the other, 0 to 1. 1 when it has none: nothing is known. */
static double words_shared(const struct weighted_words *one, const struct weighted_words *other)
{
	const double shorter = one->sum < other->sum ? one->sum : other->sum;
	double shared = 0;

	for (size_t i = 0, j = 0; i < one->n && j < other->n;) {
		const struct weighted_word *a = &one->words[i], *b = &other->words[j];

		if (a->id == b->id)
			shared += (double)(a->weight < b->weight ? a->weight : b->weight);
		i += a->id <= b->id;
		j += b->id <= a->id;
	}
	return shorter > 0 ? shared / shorter : 1;
}

/* May they share so much? A look at the bits, which never say less than is shared, spares most pairs the walk over their words. */
static bool may_be_copies(const struct weighted_words *one, const struct weighted_words *other)
{
	const unsigned shorter = one->n_bits < other->n_bits ? one->n_bits : other->n_bits;
	unsigned shared = 0;

	if (shorter == 0)
		return true;
	for (size_t i = 0; i < WORD_BITS / 64; i++)
		shared += (unsigned)__builtin_popcountll(one->bits[i] & other->bits[i]);
	return shared >= WORDS_SHARED_LEAST * shorter && words_shared(one, other) >= WORDS_SHARED_LEAST;
}

static bool make_sketch(struct finder *finder, struct story *story)
{
	if (story->has_sketch)
		return true;
	story->has_sketch = sketch_of(finder, story->id, &story->sketch);
	return story->has_sketch;
}

static bool is_copy(struct finder *finder, struct story *story, struct story *other, bool *ret_is_copy)
{
	*ret_is_copy = false;
	if (!may_be_copies(&story->words, &other->words))
		return true;
	if (!make_sketch(finder, story) || !make_sketch(finder, other))
		return false;
	*ret_is_copy = text_sketch_containment(&story->sketch, &other->sketch) >= COPY_CONTAINMENT;
	return true;
}

bool related_story(struct finder *finder, const struct candidate *candidate, unsigned *ret_story)
{
	struct story told = { .id = candidate->id, .words = candidate->words };
	bool copy = false;
	size_t story = 0;

	for (; story < finder->n_stories; story++) {
		if (!is_copy(finder, &finder->stories[story], &told, &copy))
			return false;
		if (copy)
			break;
	}
	if (story == finder->n_stories && finder->n_stories <= RELATED_KEPT)
		finder->stories[finder->n_stories++] = told;
	*ret_story = (unsigned)story;
	return true;
}
