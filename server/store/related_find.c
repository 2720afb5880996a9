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

/* NULL for one that is not wanted. A few words do most for many candidates. */
static struct word_form *form_of(struct finder *finder, int64_t word_id)
{
	for (size_t i = 0; i < finder->n_forms; i++)
		if (finder->forms[i].word_id == word_id)
			return &finder->forms[i];
	return NULL;
}

static bool want_form(struct finder *finder, int64_t word_id)
{
	static const char sql[] = "SELECT word FROM word WHERE word_id = ?1";
	struct statement *find;
	const char *stem = NULL;
	bool found;

	if (word_id == 0 || form_of(finder, word_id) != NULL)
		return true;
	find = store_statement(finder->store, sql);
	statement_bind_integer(find, 1, word_id);
	found = statement_next(find, finder->err);
	if (found)
		stem = arena_string(finder->arena, statement_text(find, 0));
	statement_done(find);
	finder->forms[finder->n_forms++] = (struct word_form){ .word_id = word_id, .stem = stem, .form = stem };
	return found || finder->err->code == ERROR_NONE;
}

/* What the forms of a word begin with: "elect" of "election", "ferr" of "ferries", whose stem is "ferri", since another may have "ferry". */
static const char *common_start(const char *stem, const char *form, struct arena *arena)
{
	size_t length = 0;

	while (form[length] != '\0' && form[length] == stem[length])
		length++;
	if (length > 1 && stem[length] == '\0' && stem[length - 1] == 'i')
		length--;
	return length > 0 ? arena_copy(arena, stem, length) : stem;
}

/* The first form of each word that is wanted, as long as some are. */
static void read_forms(struct finder *finder, const char *text, const struct map *by_stem, size_t *wanted, struct arena *scratch)
{
	struct search_words words;
	struct search_word word;

	search_words_init(&words, text != NULL ? text : "", search_is_english(finder->own.lang), scratch);
	while (*wanted > 0 && search_words_next(&words, &word)) {
		struct word_form *form = map_find(by_stem, word.stem, strlen(word.stem));

		if (form == NULL || form->is_read)
			continue;
		form->form = common_start(form->stem, word.form, finder->arena);
		form->is_read = true;
		--*wanted;
	}
}

/* Those of all rows are found in one reading of the article. */
static void find_forms(struct finder *finder)
{
	struct map *by_stem = map_new();
	struct arena *scratch = arena_new();
	size_t wanted = 0;

	for (size_t i = 0; i < finder->n_forms; i++)
		if (finder->forms[i].stem != NULL) {
			map_put(by_stem, finder->forms[i].stem, strlen(finder->forms[i].stem), &finder->forms[i]);
			wanted++;
		}
	read_forms(finder, finder->own.title, by_stem, &wanted, scratch);
	read_forms(finder, finder->own.summary, by_stem, &wanted, scratch);
	read_forms(finder, finder->own.body_text, by_stem, &wanted, scratch);
	arena_free(scratch);
	map_free(by_stem);
}

static void name_reasons(struct finder *finder, const struct candidate *candidate, struct related_row *row)
{
	for (size_t i = 0; i < finder->n_tags; i++)
		if ((candidate->tag_set >> i & 1) != 0 && row->n_reasons < TAG_REASONS_MOST)
			add_reason(row, "tag", finder->tags[i].name);
	if (candidate->best_word != 0)
		add_reason(row, "text", form_of(finder, candidate->best_word)->form);
	if (candidate->same_section)
		add_reason(row, "section", finder->own.section.name);
	if (candidate->same_source)
		add_reason(row, "source", finder->own.source.name);
}

static bool name_all_reasons(struct finder *finder)
{
	for (size_t i = 0; i < finder->n; i++)
		if (finder->rows[i].story != 0 && !want_form(finder, finder->shown[i]->best_word))
			return false;
	find_forms(finder);
	for (size_t i = 0; i < finder->n; i++)
		if (finder->rows[i].story != 0)
			name_reasons(finder, finder->shown[i], &finder->rows[i]);
	return true;
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
	finder->shown[finder->n++] = candidate;
	return true;
}

static bool add_editorial(struct finder *finder)
{
	for (size_t i = 0; i < finder->own.related_ids.n && finder->n < EDITORIAL_MOST; i++) {
		const int64_t id = finder->own.related_ids.items[i];
		struct candidate *candidate;

		if (is_in(finder, id))
			continue;
		candidate = arena_alloc(finder->arena, sizeof *candidate);
		candidate->id = id;
		if (!related_look_closely(finder, candidate) || (candidate->is_public && !add_row(finder, candidate, true)))
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
	if (!load_own(finder, id) || !related_gather(finder) || !rank_by_score(finder) || !add_editorial(finder) || !add_alike(finder)
	    || !name_all_reasons(finder))
		return false;
	*ret_found = (struct related_found){ finder->rows, finder->n, &finder->stories[0].sketch };
	return true;
}
