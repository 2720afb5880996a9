/* SPDX-License-Identifier: MIT */
/*
 * Finds the articles that are like one.
 *
 * Candidates come from what is rare: the article's telling words, from the rarest on until a budget of postings is spent, and its
 * tags, each with its newest articles. So the work is bounded whatever the archive's size. A candidate's score is the share of
 * the article's own weight (inverse frequency of words and tags) that it has too, a little more for the same section and source, and
 * for nearness in time (a factor up to 1.15, falling by e in 30 days).
 *
 * Editors' links come first, in the order given. Copies of one wire story are one story: whatever two texts of the answer contain one
 * another bears the same number, those that are copies of the article itself the number 0. Copies stay in the answer, since the one that
 * stands first may be withdrawn or not wanted; who reads it gives out one of each story.
 *
 * Nothing but the article itself is read as a whole: times, sections and sources of candidates stand in narrow rows, and what is needed of
 * a text, its sketch, lies beside its own answer once that has been computed. Conditions of a request (section, age, exclusions) and
 * filling up with the newest are related_read.c's.
 */
#include "store_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	CANDIDATES_MOST = 4096,       /* a power of two: the table is open-addressed */
	POSTINGS_MOST = 3000,         /* of words */
	WORD_POSTINGS_MOST = 400,
	TAG_POSTINGS_MOST = 200,
	RANKED_MOST = 60,             /* candidates that are looked at closely */
	OWN_WORDS_MOST = 64,
	OWN_TAGS_MOST = 32,
	ROWS_MOST = 50 + RANKED_MOST, /* editors' links, and the best */
};

static const double SHARE_WORDS = 0.55, SHARE_TAGS = 0.37, SHARE_SECTION = 0.05, SHARE_SOURCE = 0.03;
static const double SCORE_LEAST = 0.06;        /* under it two articles have too little in common to be called alike */
static const double COPY_CONTAINMENT = 0.45;
static const double SECONDS_30_DAYS = 30 * 86400.0;

struct own_word {
	int64_t id, n;
	double weight;
	const char *word;
};

struct own_tag {
	int64_t id, n;
	double weight;
	const char *name;
};

struct candidate {
	int64_t id;
	double words, tags, score;
	uint32_t tag_set;
	uint8_t best_word;            /* the rarest that it shares: its place from 1 on; 0: none */
	bool is_public, same_section, same_source;
};

struct finder {
	struct store *store;
	struct arena *arena;
	struct article own;
	int64_t section_id, source_id;
	double articles;              /* published ones */
	struct own_word words[OWN_WORDS_MOST];
	size_t n_words;
	struct own_tag tags[OWN_TAGS_MOST];
	size_t n_tags;
	double all_words, all_tags;   /* sums of own weights */
	struct candidate *table;
	size_t n_candidates;
	struct candidate ranked[RANKED_MOST];
	size_t n_ranked;
	struct related_row *rows;
	size_t n;
	struct text_sketch stories[RELATED_KEPT + 1];    /* of the first text of each story; 0: the article's own */
	size_t n_stories;
	struct error *err;
};

/* --- the article's own words and tags --- */

static double rarity(const struct finder *finder, int64_t n)
{
	return n > 0 ? log(1 + finder->articles / (double)n) : 0;
}

static bool add_own_word(void *arg, int64_t id, struct error *err)
{
	static const char sql[] = "SELECT word, n FROM word WHERE word_id = ?1";
	struct finder *finder = arg;
	struct statement *find;

	if (finder->n_words == OWN_WORDS_MOST)
		return true;
	find = store_statement(finder->store, sql);
	statement_bind_integer(find, 1, id);
	if (statement_next(find, err)) {
		struct own_word *word = &finder->words[finder->n_words++];

		word->id = id;
		word->word = arena_string(finder->arena, statement_text(find, 0));
		word->n = statement_integer(find, 1);
		word->weight = rarity(finder, word->n);
		finder->all_words += word->weight * word->weight;
	}
	statement_done(find);
	return err->code == ERROR_NONE;
}

static int rarest_first(const void *one, const void *other)
{
	const struct own_word *a = one, *b = other;

	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return strcmp(a->word, b->word);
}

static bool load_words(struct finder *finder)
{
	static const char sql[] = "SELECT word_ids FROM article_document WHERE article_id = ?1";
	struct statement *find = store_statement(finder->store, sql);
	const char *ids = "";

	statement_bind_integer(find, 1, finder->own.id);
	if (statement_next(find, finder->err))
		ids = arena_string(finder->arena, statement_text(find, 0));
	statement_done(find);
	if (finder->err->code != ERROR_NONE || !ids_each(ids, add_own_word, finder, finder->err))
		return false;
	qsort(finder->words, finder->n_words, sizeof finder->words[0], rarest_first);
	return true;
}

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
		tag->weight = rarity(finder, tag->n);
		finder->all_tags += tag->weight;
		finder->n_tags++;
	}
	return true;
}

static bool load_own(struct finder *finder, int64_t id)
{
	static const char sql[] = "SELECT section_id, source_id FROM article WHERE article_id = ?1";
	struct list_query all;
	struct statement *find;
	struct list_count articles;
	bool fine;

	list_query_init(&all);
	if (!store_article_load(finder->store, id, finder->arena, &finder->own, finder->err)
	    || !store_count(finder->store, &all, 0, &articles, finder->err))
		return false;
	finder->articles = (double)articles.n;
	text_sketch(finder->own.body_text != NULL ? finder->own.body_text : "", &finder->stories[0]);
	finder->n_stories = 1;

	find = store_statement(finder->store, sql);
	statement_bind_integer(find, 1, id);
	fine = statement_row(find, finder->err);
	if (fine) {
		finder->section_id = statement_integer(find, 0);
		finder->source_id = statement_integer(find, 1);
	}
	statement_done(find);
	return fine && load_words(finder) && load_tags(finder);
}

/* --- candidates --- */

/* NULL when the table is three quarters full and the candidate is new: then there are enough. */
static struct candidate *candidate_for(struct finder *finder, int64_t id)
{
	size_t at = (size_t)((uint64_t)id * 0x9e3779b97f4a7c15u >> 52) % CANDIDATES_MOST;

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

static bool add_word_postings(struct finder *finder, size_t index, int64_t most)
{
	static const char sql[] = "SELECT rowid FROM article_words WHERE article_words MATCH ?1 ORDER BY rowid DESC LIMIT ?2";
	const struct own_word *word = &finder->words[index];
	struct statement *find = store_statement(finder->store, sql);
	char number[24];

	snprintf(number, sizeof number, "%lld", (long long)word->id);
	statement_bind_text(find, 1, number);
	statement_bind_integer(find, 2, most);
	while (statement_next(find, finder->err)) {
		struct candidate *candidate = candidate_for(finder, statement_integer(find, 0));

		if (candidate == NULL)
			continue;
		candidate->words += word->weight * word->weight;
		if (candidate->best_word == 0)
			candidate->best_word = (uint8_t)(index + 1);
	}
	statement_done(find);
	return finder->err->code == ERROR_NONE;
}

static bool add_tag_postings(struct finder *finder, size_t index)
{
	static const char sql[] =
	    "SELECT article_id FROM article_term WHERE term_id = ?1 ORDER BY published_at DESC, article_id DESC LIMIT ?2";
	const struct own_tag *tag = &finder->tags[index];
	struct statement *find = store_statement(finder->store, sql);

	statement_bind_integer(find, 1, tag->id);
	statement_bind_integer(find, 2, TAG_POSTINGS_MOST);
	while (statement_next(find, finder->err)) {
		struct candidate *candidate = candidate_for(finder, statement_integer(find, 0));

		if (candidate != NULL) {
			candidate->tags += tag->weight;
			candidate->tag_set |= 1u << index;
		}
	}
	statement_done(find);
	return finder->err->code == ERROR_NONE;
}

static bool gather(struct finder *finder)
{
	int64_t left = POSTINGS_MOST;

	for (size_t i = 0; i < finder->n_words && left > 0; i++) {
		int64_t take = finder->words[i].n < WORD_POSTINGS_MOST ? finder->words[i].n : WORD_POSTINGS_MOST;

		if (finder->words[i].n < 2)
			continue;
		if (!add_word_postings(finder, i, take < left ? take : left))
			return false;
		left -= take;
	}
	for (size_t i = 0; i < finder->n_tags; i++)
		if (!add_tag_postings(finder, i))
			return false;
	return true;
}

/* --- scores --- */

static double common_share(const struct finder *finder, const struct candidate *candidate)
{
	const double words = finder->all_words > 0 ? candidate->words / finder->all_words : 0;
	const double tags = finder->all_tags > 0 ? candidate->tags / finder->all_tags : 0;

	if (finder->all_tags <= 0)
		return (SHARE_WORDS + SHARE_TAGS) * words;
	return SHARE_WORDS * words + SHARE_TAGS * tags;
}

static double nearness(const struct finder *finder, int64_t published_at)
{
	const double age = fabs((double)(published_at - finder->own.published_at));

	return (1 + 0.15 * exp(-age / SECONDS_30_DAYS)) / 1.15;
}

/* Completes a candidate. */
static bool look_closely(struct finder *finder, struct candidate *candidate)
{
	static const char sql[] =
	    "SELECT published_at, section_id, source_id FROM article WHERE article_id = ?1 AND status = 'published'";
	struct statement *find = store_statement(finder->store, sql);
	double score;

	statement_bind_integer(find, 1, candidate->id);
	candidate->is_public = statement_next(find, finder->err);
	if (candidate->is_public) {
		candidate->same_section = finder->section_id != 0 && statement_integer(find, 1) == finder->section_id;
		candidate->same_source = statement_integer(find, 2) == finder->source_id;
		score = common_share(finder, candidate) + (candidate->same_section ? SHARE_SECTION : 0)
		    + (candidate->same_source ? SHARE_SOURCE : 0);
		score *= nearness(finder, statement_integer(find, 0));
		candidate->score = score < 1 ? score : 1;
	}
	statement_done(find);
	return finder->err->code == ERROR_NONE;
}

static bool is_better(const struct candidate *one, const struct candidate *other)
{
	return one->score != other->score ? one->score > other->score : one->id > other->id;
}

/* Keeps the best of all that come, best first. */
static void rank_in(struct finder *finder, const struct candidate *candidate)
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

/* Only the best by words and tags are worth a closer look. */
static void rank_by_share(struct finder *finder)
{
	for (size_t i = 0; i < CANDIDATES_MOST; i++) {
		struct candidate *candidate = &finder->table[i];

		if (candidate->id == 0 || candidate->id == finder->own.id)
			continue;
		candidate->score = common_share(finder, candidate);
		rank_in(finder, candidate);
	}
}

static bool rank_by_score(struct finder *finder)
{
	struct candidate *looked_at = arena_array(finder->arena, RANKED_MOST, sizeof *looked_at);
	const size_t n = finder->n_ranked;

	memcpy(looked_at, finder->ranked, n * sizeof *looked_at);
	finder->n_ranked = 0;
	for (size_t i = 0; i < n; i++) {
		if (!look_closely(finder, &looked_at[i]))
			return false;
		if (looked_at[i].is_public)
			rank_in(finder, &looked_at[i]);
	}
	return true;
}

/* --- stories --- */

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

/* The story that the candidate tells; one of its own, if there is room for one, unless it is a copy. */
static bool find_story(struct finder *finder, const struct candidate *candidate, unsigned *ret_story)
{
	struct text_sketch sketch;
	size_t story = 0;

	if (!sketch_of(finder, candidate->id, &sketch))
		return false;
	while (story < finder->n_stories && text_sketch_containment(&finder->stories[story], &sketch) < COPY_CONTAINMENT)
		story++;
	if (story == finder->n_stories && finder->n_stories <= RELATED_KEPT)
		finder->stories[finder->n_stories++] = sketch;
	*ret_story = (unsigned)story;
	return true;
}

/* --- the answer's rows --- */

static void add_reason(struct related_row *row, const char *type, const char *value)
{
	if (row->n_reasons < RELATED_REASONS_MOST && value != NULL)
		row->reasons[row->n_reasons++] = (struct related_reason){ type, value };
}

static void name_reasons(const struct finder *finder, const struct candidate *candidate, struct related_row *row)
{
	for (size_t i = 0; i < finder->n_tags; i++)
		if ((candidate->tag_set >> i & 1) != 0 && row->n_reasons < 3)
			add_reason(row, "tag", finder->tags[i].name);
	if (candidate->best_word > 0)
		add_reason(row, "text", finder->words[candidate->best_word - 1].word);
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

	if (!find_story(finder, candidate, &story))
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
	for (size_t i = 0; i < finder->own.related_ids.n && finder->n < ROWS_MOST - RANKED_MOST; i++) {
		const int64_t id = finder->own.related_ids.items[i];
		const struct candidate *known = candidate_for(finder, id);
		struct candidate candidate = known != NULL ? *known : (struct candidate){ .id = id };

		if (is_in(finder, id))
			continue;
		if (!look_closely(finder, &candidate) || (candidate.is_public && !add_row(finder, &candidate, true)))
			return false;
	}
	return true;
}

static bool add_alike(struct finder *finder)
{
	rank_by_share(finder);
	if (!rank_by_score(finder))
		return false;
	for (size_t i = 0; i < finder->n_ranked; i++) {
		const struct candidate *candidate = &finder->ranked[i];

		if (candidate->score < SCORE_LEAST || common_share(finder, candidate) <= 0 || is_in(finder, candidate->id))
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
	if (!load_own(finder, id) || !gather(finder) || !add_editorial(finder) || !add_alike(finder))
		return false;
	*ret_found = (struct related_found){ finder->rows, finder->n, &finder->stories[0] };
	return true;
}
