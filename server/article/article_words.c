/* SPDX-License-Identifier: MIT */
/*
 * All words of an article, read once for everything that is made of them: the search index, the vocabulary, and the vector that articles are
 * compared by.
 *
 * Most words of a text come again, so a word is looked up by its form before anything is asked about it: only what is new in the article is
 * stemmed. Reading takes longer than all else that is done to an article before it is stored, and needs nothing of the store: it can be done
 * ahead, by another thread (struct article's `words`).
 */
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "article_internal.h"

enum { SLOTS_FIRST = 512, JOINED_MOST = 4 };

/* A word as it is written, met in this article. */
struct met {
	const char *form, *stem;
	uint32_t hash, length, stem_length;
	uint32_t word;                /* its stem's place in words[], from 1 on; 0: not counted yet */
	bool differs;                 /* from its stem */
};

struct reading {
	struct arena *arena;
	struct article_words *words;
	bool is_english;
	struct met *met;              /* open addressing, at most half full */
	size_t n_met, n_slots;
	uint32_t *stems;              /* places in words[], from 1 on, by the stem's hash; as many slots */
	struct text columns[SEARCH_COLUMNS];
	struct text joined;           /* words that hyphens join, so far */
	size_t n_joined;
};

/* --- tables --- */

static struct met *met_slot(const struct reading *reading, const char *form, size_t length, uint32_t hash)
{
	for (size_t at = hash;; at++) {
		struct met *met = &reading->met[at & (reading->n_slots - 1)];

		if (met->form == NULL || (met->hash == hash && met->length == length && memcmp(met->form, form, length) == 0))
			return met;
	}
}

static uint32_t *stem_slot(const struct reading *reading, const char *stem, size_t length)
{
	for (size_t at = (size_t)XXH3_64bits(stem, length);; at++) {
		uint32_t *slot = &reading->stems[at & (reading->n_slots - 1)];

		if (*slot == 0 || strcmp(reading->words->words[*slot - 1].stem, stem) == 0)
			return slot;
	}
}

static void make_room(struct reading *reading)
{
	const struct met *before = reading->met;
	const struct article_word *words = reading->words->words;
	const size_t n_before = reading->n_slots;

	if (2 * (reading->n_met + 1) <= reading->n_slots)
		return;
	reading->n_slots = n_before == 0 ? SLOTS_FIRST : 4 * n_before;
	reading->met = arena_array(reading->arena, reading->n_slots, sizeof *reading->met);
	reading->stems = arena_array(reading->arena, reading->n_slots, sizeof *reading->stems);
	reading->words->words = arena_array(reading->arena, reading->n_slots / 2, sizeof *words);
	for (size_t i = 0; i < n_before; i++)
		if (before[i].form != NULL)
			*met_slot(reading, before[i].form, before[i].length, before[i].hash) = before[i];
	for (size_t i = 0; i < reading->words->n; i++) {
		reading->words->words[i] = words[i];
		*stem_slot(reading, words[i].stem, strlen(words[i].stem)) = (uint32_t)(i + 1);
	}
}

/* --- words --- */

static struct text *marks_of(struct reading *reading)
{
	return &reading->columns[SEARCH_COLUMN_MARKS];
}

static void mark(struct reading *reading, const char *sign, const char *word, size_t length)
{
	struct text *marks = marks_of(reading);

	text_string(marks, sign);
	text_append(marks, word, length);
}

/* The word as it has been met, for the first time or not. */
static struct met *meet(struct reading *reading, const char *form, size_t length)
{
	const uint32_t hash = (uint32_t)XXH3_64bits(form, length);
	struct met *met;

	make_room(reading);
	met = met_slot(reading, form, length, hash);
	if (met->form != NULL)
		return met;
	*met = (struct met){ .form = form, .hash = hash, .length = (uint32_t)length };
	met->stem = reading->is_english ? search_stem(form, length, reading->arena) : form;
	met->stem_length = (uint32_t)strlen(met->stem);
	met->differs = met->stem_length != length || memcmp(met->stem, form, length) != 0;
	reading->n_met++;
	if (met->differs)
		mark(reading, " =", form, length);
	return met;
}

static void count(struct reading *reading, struct met *met, bool is_head)
{
	struct article_word *word;

	if (met->word == 0) {
		uint32_t *slot = stem_slot(reading, met->stem, met->stem_length);

		if (*slot == 0) {
			reading->words->words[reading->words->n++] = (struct article_word){ .stem = met->stem };
			*slot = (uint32_t)reading->words->n;
		}
		met->word = *slot;
	}
	word = &reading->words->words[met->word - 1];
	word->times++;
	word->is_head = word->is_head || is_head;
	word->is_plain = word->is_plain || !met->differs;
}

/* e-mail is found as email too. */
static void end_joined(struct reading *reading)
{
	if (reading->n_joined >= 2 && reading->n_joined <= JOINED_MOST && reading->joined.length <= SEARCH_WORD_LONGEST) {
		const char *form = arena_copy(reading->arena, reading->joined.bytes, reading->joined.length);
		const struct met *met = meet(reading, form, reading->joined.length);

		mark(reading, " ", met->stem, met->stem_length);
	}
	reading->n_joined = 0;
	text_clear(&reading->joined);
}

static void join(struct reading *reading, const struct search_word *word, size_t length)
{
	if (word->glue != GLUE_HYPHEN)
		end_joined(reading);
	text_append(&reading->joined, word->form, length);
	reading->n_joined++;
}

static void read_text(struct reading *reading, const char *text, enum search_column column)
{
	struct text *stems = &reading->columns[column];
	struct search_words words;
	struct search_word word;

	if (text == NULL)
		return;
	search_words_init(&words, text, /* is_english= */ false, reading->arena);
	while (search_words_next(&words, &word)) {
		const size_t length = strlen(word.form);
		struct met *met = meet(reading, word.form, length);

		join(reading, &word, length);
		if (stems->length > 0)
			text_char(stems, ' ');
		text_append(stems, met->stem, met->stem_length);
		if (column != SEARCH_COLUMN_BYLINE)
			count(reading, met, column != SEARCH_COLUMN_BODY);
		reading->words->n_in_all++;
	}
	end_joined(reading);
}

static void take_forms(const struct reading *reading)
{
	struct article_words *words = reading->words;

	words->forms = arena_array(reading->arena, reading->n_met + 1, sizeof *words->forms);
	for (size_t i = 0; i < reading->n_slots; i++)
		if (reading->met[i].form != NULL)
			words->forms[words->n_forms++] = (struct article_form){ reading->met[i].form, reading->met[i].stem };
}

void article_read_words(const struct article *article, struct arena *arena, struct article_words *ret_words)
{
	struct reading reading = { .arena = arena, .words = ret_words, .is_english = search_is_english(article->lang) };

	*ret_words = (struct article_words){ .of = *article };
	ret_words->of.words = NULL;
	text_char(marks_of(&reading), '_');
	read_text(&reading, article->title, SEARCH_COLUMN_TITLE);
	read_text(&reading, article->summary, SEARCH_COLUMN_STANDFIRST);
	read_text(&reading, article->body_text, SEARCH_COLUMN_BODY);
	read_text(&reading, article->byline, SEARCH_COLUMN_BYLINE);
	for (size_t i = 0; i < article->authors.n; i++)
		read_text(&reading, article->authors.items[i].name, SEARCH_COLUMN_BYLINE);
	take_forms(&reading);
	for (int i = 0; i < SEARCH_COLUMNS; i++) {
		ret_words->columns[i] = arena_copy(arena, reading.columns[i].length > 0 ? reading.columns[i].bytes : "", reading.columns[i].length);
		text_done(&reading.columns[i]);
	}
	text_done(&reading.joined);
}

static bool are_same(const char *one, const char *other)
{
	return one == other || (one != NULL && other != NULL && strcmp(one, other) == 0);
}

bool article_words_fit(const struct article_words *words, const struct article *article)
{
	const struct article *of = &words->of;

	if (!are_same(of->title, article->title) || !are_same(of->summary, article->summary) || !are_same(of->byline, article->byline)
	    || !are_same(of->lang, article->lang) || !are_same(of->body_text, article->body_text) || of->authors.n != article->authors.n)
		return false;
	for (size_t i = 0; i < of->authors.n; i++)
		if (!are_same(of->authors.items[i].name, article->authors.items[i].name))
			return false;
	return true;
}
