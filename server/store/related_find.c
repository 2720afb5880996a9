/* SPDX-License-Identifier: MIT */
/*
 * Finds the articles that are like one, in two stages: some thousands of candidates, looked at roughly (related_candidates.c), and the best
 * of them, compared as a whole (related_score.c). Both are bounded whatever the archive's size.
 *
 * Editors' links come first, in the order given. Copies of one wire story are one story (related_story.c): whatever two texts of the answer
 * contain one another bears the same number, those that are copies of the article itself the number 0. Copies stay in the answer, since the
 * one that stands first may be withdrawn or not wanted; who reads it gives out one of each story.
 *
 * Reasons say what made the score: tags that both have, a word that did much for it and that
 * both write alike, then section and source.
 *
 * Nothing but the article itself is read as a whole: times, sections, sources and vectors of candidates stand in narrow rows. Conditions of a
 * request (section, age, exclusions) and filling up with the newest are related_read.c's.
 */
#include "related_internal.h"

#include <math.h>
#include <string.h>

/* Under it two articles that share no tag have too little in common to be called alike. */
static const double SCORE_LEAST = 0.03;

enum { TAG_REASONS_MOST = 3 };

/* --- the article itself --- */

static bool load_tags(struct finder *finder)
{
	for (size_t i = 0; i < finder->own.tags.n && finder->n_tags < OWN_TAGS_MOST; i++) {
		struct own_tag *tag = &finder->tags[finder->n_tags];

		if (!store_term_id(finder->store, "tag", finder->own.tags.items[i].slug, &tag->id, &tag->n, finder->err)) {
			if (finder->err->code == ERROR_NOT_FOUND)
				continue;
			return false;
		}
		tag->name = finder->own.tags.items[i].name;
		tag->weight = store_rarity(finder->articles, tag->n);
		finder->squares += tag->weight * tag->weight;
		finder->n_tags++;
	}
	return true;
}

static bool load_place(struct finder *finder)
{
	static const char sql[] = "SELECT section_id, source_id FROM article WHERE article_id = ?1";
	struct statement *find = store_statement(finder->store, sql);
	bool fine;

	statement_bind_integer(find, 1, finder->own.id);
	fine = statement_row(find, finder->err);
	if (fine) {
		finder->section_id = statement_integer(find, 0);
		finder->source_id = statement_integer(find, 1);
	}
	statement_done(find);
	return fine;
}

static bool load_own(struct finder *finder, int64_t id)
{
	struct story *own = &finder->stories[0];

	if (!store_article_load(finder->store, id, finder->arena, &finder->own, finder->err)
	    || !store_rarities_begin(finder->store, &finder->articles, finder->err) || !load_place(finder)
	    || !related_words(finder, id, &finder->words))
		return false;
	finder->squares = finder->words.squares;
	*own = (struct story){ .id = id, .words = finder->words, .has_sketch = true };
	text_sketch(finder->own.body_text != NULL ? finder->own.body_text : "", &own->sketch);
	finder->n_stories = 1;
	return load_tags(finder);
}

/* --- the answer's rows --- */

static void add_reason(struct related_row *row, const char *type, const char *value)
{
	if (row->n_reasons < RELATED_REASONS_MOST && value != NULL)
		row->reasons[row->n_reasons++] = (struct related_reason){ type, value };
}

/* The first word of a text that has this stem. */
static const char *form_in(struct finder *finder, const char *text, const char *stem)
{
	struct search_words words;
	struct search_word word;

	if (text == NULL)
		return NULL;
	search_words_init(&words, text, search_is_english(finder->own.lang), finder->arena);
	while (search_words_next(&words, &word))
		if (strcmp(word.stem, stem) == 0)
			return word.form;
	return NULL;
}

/* What the forms of a word begin with: "elect" of "election", "ferr" of "ferries", whose stem is "ferri", since another may have "ferry". */
static const char *find_form(struct finder *finder, int64_t word_id)
{
	static const char sql[] = "SELECT word FROM word WHERE word_id = ?1";
	struct statement *find = store_statement(finder->store, sql);
	const char *stem = NULL, *form;
	size_t length = 0;

	statement_bind_integer(find, 1, word_id);
	if (statement_next(find, finder->err))
		stem = arena_string(finder->arena, statement_text(find, 0));
	statement_done(find);
	if (stem == NULL)
		return NULL;
	form = form_in(finder, finder->own.title, stem);
	if (form == NULL)
		form = form_in(finder, finder->own.summary, stem);
	if (form == NULL)
		form = form_in(finder, finder->own.body_text, stem);
	while (form != NULL && form[length] != '\0' && form[length] == stem[length])
		length++;
	if (length > 1 && stem[length] == '\0' && stem[length - 1] == 'i')
		length--;
	return length > 0 ? arena_copy(finder->arena, stem, length) : stem;
}

/* A few words do most for many candidates. */
static const char *form_of(struct finder *finder, int64_t word_id)
{
	size_t i = 0;

	while (i < finder->n_forms && finder->forms[i].word_id != word_id)
		i++;
	if (i == finder->n_forms)
		finder->forms[finder->n_forms++] = (struct word_form){ word_id, find_form(finder, word_id) };
	return finder->forms[i].form;
}

static void name_reasons(struct finder *finder, const struct candidate *candidate, struct related_row *row)
{
	for (size_t i = 0; i < finder->n_tags; i++)
		if ((candidate->tag_set >> i & 1) != 0 && row->n_reasons < TAG_REASONS_MOST)
			add_reason(row, "tag", finder->tags[i].name);
	if (candidate->best_word != 0)
		add_reason(row, "text", form_of(finder, candidate->best_word));
	if (candidate->same_section)
		add_reason(row, "section", finder->own.section.name);
	if (candidate->same_source)
		add_reason(row, "source", finder->own.source.name);
}

static bool is_in(const struct finder *finder, int64_t id)
{
	if (id == finder->own.id)
		return true;
	for (size_t i = 0; i < finder->n; i++)
		if (finder->rows[i].id == id)
			return true;
	return false;
}

static bool add_row(struct finder *finder, const struct candidate *candidate, bool editorial)
{
	struct related_row *row = &finder->rows[finder->n];
	unsigned story;

	if (!related_story(finder, candidate, &story))
		return false;
	if (story > RELATED_KEPT)
		return true;
	*row = (struct related_row){
		.id = candidate->id,
		.score = (unsigned)lround(candidate->score * RELATED_SCORE_MOST),
		.editorial = editorial,
		.story = story,
	};
	if (story != 0)
		name_reasons(finder, candidate, row);
	finder->n++;
	return true;
}

static bool add_editorial(struct finder *finder)
{
	for (size_t i = 0; i < finder->own.related_ids.n && finder->n < EDITORIAL_MOST; i++) {
		const int64_t id = finder->own.related_ids.items[i];
		struct candidate candidate = { .id = id };

		if (is_in(finder, id))
			continue;
		if (!related_look_closely(finder, &candidate) || (candidate.is_public && !add_row(finder, &candidate, true)))
			return false;
	}
	return true;
}

static bool rank_by_score(struct finder *finder)
{
	struct candidate *looked_at = arena_array(finder->arena, RANKED_MOST, sizeof *looked_at);
	const size_t n = finder->n_ranked;

	memcpy(looked_at, finder->ranked, n * sizeof *looked_at);
	finder->n_ranked = 0;
	for (size_t i = 0; i < n; i++) {
		if (!related_look_closely(finder, &looked_at[i]))
			return false;
		if (looked_at[i].is_public)
			related_rank_in(finder, &looked_at[i]);
	}
	return true;
}

static bool add_alike(struct finder *finder)
{
	const size_t most = finder->n + ALIKE_MOST;

	for (size_t i = 0; i < finder->n_ranked && finder->n < most; i++) {
		const struct candidate *candidate = &finder->ranked[i];

		if ((candidate->score < SCORE_LEAST && candidate->tag_set == 0) || is_in(finder, candidate->id))
			continue;
		if (!add_row(finder, candidate, false))
			return false;
	}
	return true;
}

bool store_related_find(struct store *store, int64_t id, struct arena *arena, struct related_found *ret_found, struct error *err)
{
	struct finder *finder = arena_alloc(arena, sizeof *finder);

	finder->store = store;
	finder->arena = arena;
	finder->err = err;
	finder->table = arena_array(arena, CANDIDATES_MOST, sizeof *finder->table);
	finder->rows = arena_array(arena, ROWS_MOST, sizeof *finder->rows);
	err->code = ERROR_NONE;
	if (!load_own(finder, id) || !related_gather(finder) || !rank_by_score(finder) || !add_editorial(finder) || !add_alike(finder))
		return false;
	*ret_found = (struct related_found){ finder->rows, finder->n, &finder->stories[0].sketch };
	return true;
}
