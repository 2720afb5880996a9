/* SPDX-License-Identifier: MIT */
/*
 * Articles like this one.
 *
 * Candidates come from what is rare: the article's telling words, from the rarest on until a budget of postings is spent, and its
 * tags, each with its newest articles. So the work is bounded whatever the archive's size. A candidate's score is the share of
 * the article's own weight (inverse frequency of words and tags) that it has too, a little more for the same section and source, and
 * for nearness in time (a factor up to 1.15, falling by e in 30 days).
 *
 * Editors' links come first, in the order given. Copies of one wire story are folded: of what is given out, no two texts (the
 * article's own included) contain one another. When too few are alike, the section's newest fill up, then the newest of all.
 *
 * Computed on the spot; nothing is kept.
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
	double words, tags, best_word_weight;
	size_t best_word;
	uint32_t tag_set;
	double score;
	bool same_section, same_source;
	const char *section;
	const char *text;             /* loaded only when it is about to be given out */
};

struct finder {
	struct store *store;
	struct arena *arena;
	const struct related_query *query;
	struct article own;
	int64_t section_id;
	double articles;              /* published ones */
	struct own_word words[OWN_WORDS_MOST];
	size_t n_words;
	struct own_tag tags[OWN_TAGS_MOST];
	size_t n_tags;
	double all_words, all_tags;   /* sums of own weights */
	struct candidate *table;
	size_t n_candidates;
	struct related_row *rows;
	const char **texts;           /* of what has been given out */
	size_t n;
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

	statement_bind_integer(find, 1, finder->query->id);
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

static bool load_own(struct finder *finder)
{
	struct list_query all;
	int64_t articles, count;
	bool exact;

	list_query_init(&all);
	if (!store_article_load(finder->store, finder->query->id, finder->arena, &finder->own, finder->err) ||
	    !store_count(finder->store, &all, 0, &articles, &exact, finder->err))
		return false;
	finder->articles = (double)articles;
	if (finder->own.section.slug != NULL &&
	    !store_term_id(finder->store, "section", finder->own.section.slug, &finder->section_id, &count, finder->err) &&
	    finder->err->code != ERROR_NOT_FOUND)
		return false;
	return load_words(finder) && load_tags(finder);
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
	static const char sql[] = "SELECT article_id FROM article_word WHERE word_id = ?1 ORDER BY article_id DESC LIMIT ?2";
	const struct own_word *word = &finder->words[index];
	struct statement *find = store_statement(finder->store, sql);

	statement_bind_integer(find, 1, word->id);
	statement_bind_integer(find, 2, most);
	while (statement_next(find, finder->err)) {
		struct candidate *candidate = candidate_for(finder, statement_integer(find, 0));

		if (candidate == NULL)
			continue;
		candidate->words += word->weight * word->weight;
		if (word->weight > candidate->best_word_weight) {
			candidate->best_word_weight = word->weight;
			candidate->best_word = index;
		}
	}
	statement_done(find);
	return finder->err->code == ERROR_NONE;
}

static bool add_tag_postings(struct finder *finder, size_t index)
{
	static const char sql[] = "SELECT article_id FROM article_term WHERE term_id = ?1 ORDER BY published_at DESC, article_id DESC LIMIT ?2";
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

static bool is_excluded(const struct finder *finder, int64_t id)
{
	if (id == finder->query->id)
		return true;
	for (size_t i = 0; i < finder->query->n_exclude; i++)
		if (finder->query->exclude[i] == id)
			return true;
	for (size_t i = 0; i < finder->n; i++)
		if (finder->rows[i].id == id)
			return true;
	return false;
}

/* Completes a candidate from its document. false when it must not be given out; finder->err tells failures apart. */
static bool look_closely(struct finder *finder, struct candidate *candidate)
{
	struct article article;
	double score;

	if (is_excluded(finder, candidate->id) ||
	    !store_article_load(finder->store, candidate->id, finder->arena, &article, finder->err) || article.status != ARTICLE_PUBLISHED)
		return false;
	if (finder->query->newest_from != TIME_NONE && article.published_at < finder->query->newest_from)
		return false;
	candidate->section = article.section.name;
	candidate->same_section = finder->own.section.slug != NULL && strcmp(article.section.slug, finder->own.section.slug) == 0;
	candidate->same_source = strcmp(article.source.slug, finder->own.source.slug) == 0;
	if (finder->query->same_section && !candidate->same_section)
		return false;
	candidate->text = article.body_text != NULL ? article.body_text : "";
	score = common_share(finder, candidate) + (candidate->same_section ? SHARE_SECTION : 0) + (candidate->same_source ? SHARE_SOURCE : 0);
	score *= nearness(finder, article.published_at);
	candidate->score = score < 1 ? score : 1;
	return true;
}

static bool is_copy(const struct finder *finder, const char *text)
{
	if (finder->own.body_text != NULL && text_containment(finder->own.body_text, text) >= COPY_CONTAINMENT)
		return true;
	for (size_t i = 0; i < finder->n; i++)
		if (text_containment(finder->texts[i], text) >= COPY_CONTAINMENT)
			return true;
	return false;
}

static void add_reason(struct related_row *row, const char *type, const char *value)
{
	if (row->n_reasons < RELATED_REASONS_MOST && value != NULL)
		row->reasons[row->n_reasons++] = (struct related_reason){ type, value };
}

static struct related_row *give_out(struct finder *finder, const struct candidate *candidate, double score)
{
	struct related_row *row = &finder->rows[finder->n];

	*row = (struct related_row){ .id = candidate->id, .score = score };
	finder->texts[finder->n++] = candidate->text;
	return row;
}

static void name_reasons(const struct finder *finder, const struct candidate *candidate, struct related_row *row)
{
	for (size_t i = 0; i < finder->n_tags; i++)
		if ((candidate->tag_set >> i & 1) != 0 && row->n_reasons < 3)
			add_reason(row, "tag", finder->tags[i].name);
	if (candidate->best_word_weight > 0)
		add_reason(row, "text", finder->words[candidate->best_word].word);
	if (candidate->same_section)
		add_reason(row, "section", candidate->section);
	if (candidate->same_source)
		add_reason(row, "source", finder->own.source.name);
}

/* --- the three sources of an answer --- */

static bool add_editorial(struct finder *finder)
{
	for (size_t i = 0; i < finder->own.related_ids.n && finder->n < finder->query->limit; i++) {
		struct candidate *known = candidate_for(finder, finder->own.related_ids.items[i]);
		struct candidate candidate = known != NULL ? *known : (struct candidate){ .id = finder->own.related_ids.items[i] };
		struct related_row *row;

		finder->err->code = ERROR_NONE;
		if (look_closely(finder, &candidate)) {
			if (is_copy(finder, candidate.text))
				continue;
			row = give_out(finder, &candidate, candidate.score);
			row->editorial = true;
			name_reasons(finder, &candidate, row);
		} else if (finder->err->code == ERROR_BUSY) {
			return false;
		}
	}
	return true;
}

static int by_score(const void *one, const void *other)
{
	const struct candidate *a = one, *b = other;

	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	return a->id > b->id ? -1 : a->id < b->id;
}

/* The table becomes a list with the best first; only the first RANKED_MOST are worth a closer look. */
static size_t rank(struct finder *finder)
{
	size_t n = 0;

	for (size_t i = 0; i < CANDIDATES_MOST; i++) {
		if (finder->table[i].id == 0)
			continue;
		finder->table[n] = finder->table[i];
		finder->table[n].score = common_share(finder, &finder->table[n]);
		n++;
	}
	qsort(finder->table, n, sizeof *finder->table, by_score);
	return n < RANKED_MOST ? n : RANKED_MOST;
}

static bool add_alike(struct finder *finder)
{
	const size_t ranked = rank(finder);
	size_t n = 0;

	for (size_t i = 0; i < ranked; i++) {
		struct candidate candidate = finder->table[i];

		finder->err->code = ERROR_NONE;
		if (look_closely(finder, &candidate))
			finder->table[n++] = candidate;
		else if (finder->err->code == ERROR_BUSY)
			return false;
	}
	qsort(finder->table, n, sizeof *finder->table, by_score);
	for (size_t i = 0; i < n && finder->n < finder->query->limit; i++) {
		const struct candidate *candidate = &finder->table[i];

		if (candidate->score >= SCORE_LEAST && common_share(finder, candidate) > 0 && !is_copy(finder, candidate->text))
			name_reasons(finder, candidate, give_out(finder, candidate, candidate->score));
	}
	return true;
}

/* The newest of the section, or of all: enough of them that copies and what stands there already leave the number asked for. */
static bool fill_up(struct finder *finder, bool of_section)
{
	struct list_query newest;
	struct list_page page;
	const char *slug = finder->own.section.slug;

	if (finder->n >= finder->query->limit || (of_section && slug == NULL))
		return true;
	list_query_init(&newest);
	newest.limit = 2 * finder->query->limit + finder->query->n_exclude + 1;
	newest.published_after = finder->query->newest_from;
	if (of_section) {
		newest.filters[0] = (struct term_filter){ .kind = "section", .any = &slug, .n_any = 1 };
		newest.n_filters = 1;
	}
	if (!store_list(finder->store, &newest, finder->arena, &page, finder->err))
		return false;
	for (size_t i = 0; i < page.n && finder->n < finder->query->limit; i++) {
		struct candidate candidate = { .id = page.rows[i].key.id };

		finder->err->code = ERROR_NONE;
		if (look_closely(finder, &candidate) && !is_copy(finder, candidate.text))
			add_reason(give_out(finder, &candidate, 0), "section", candidate.section);
		else if (finder->err->code == ERROR_BUSY)
			return false;
	}
	finder->err->code = ERROR_NONE;
	return true;
}

bool store_related(struct store *store, const struct related_query *query, struct arena *arena, struct related_row **ret_rows, size_t *ret_n,
    struct error *err)
{
	struct finder *finder = arena_alloc(arena, sizeof *finder);

	finder->store = store;
	finder->arena = arena;
	finder->query = query;
	finder->err = err;
	finder->table = arena_array(arena, CANDIDATES_MOST, sizeof *finder->table);
	finder->rows = arena_array(arena, query->limit, sizeof *finder->rows);
	finder->texts = arena_array(arena, query->limit, sizeof *finder->texts);
	err->code = ERROR_NONE;
	if (!load_own(finder) || !gather(finder) || !add_editorial(finder) || !add_alike(finder) || !fill_up(finder, true))
		return false;
	if (!query->same_section && !fill_up(finder, false))
		return false;
	*ret_rows = finder->rows;
	*ret_n = finder->n;
	return true;
}
