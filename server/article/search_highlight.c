/* SPDX-License-Identifier: MIT */
/*
 * What was found, marked where it stands.
 *
 * A text is read by the reader of words that the index was made with, so what is marked is what was found: a word by its stem or as it is
 * written, a phrase as a whole, e-mail for email and the other way round. An excerpt is the stretch in which the most different terms stand,
 * the first of such, from a little before it.
 */
#include <string.h>

#include "search.h"

enum { WORDS_MOST = 4000, WORDS_AT_FIRST = 64, CONTEXT_BYTES = 60, JOINED_LONGEST = 4 * SEARCH_WORD_LONGEST };

struct seen_word {
	struct search_word word;
	uint32_t terms;               /* those that it belongs to, a bit each */
	bool goes_on;                 /* the mark goes on into the next word */
};

struct seen_text {
	struct seen_word *words;
	size_t n, most;
	const char *text;
	struct search_words reader;   /* of what has not been seen yet */
	bool is_over;                 /* there is nothing more */
};

static bool word_fits(const struct search_term *term, size_t w, const struct search_word *word)
{
	if (term->is_prefix && w + 1 == term->n)
		return strncmp(word->form, term->forms[w], strlen(term->forms[w])) == 0;
	return strcmp(word->stem, term->stems[w]) == 0 || strcmp(word->form, term->forms[w]) == 0;
}

/* As many words from `at` on as hyphens join, written as one, make the word; 0: they do not. */
static size_t joined_length(const struct seen_text *seen, size_t at, const char *form)
{
	char joined[JOINED_LONGEST + 1] = "";
	size_t length = 0;

	if (at + 1 >= seen->n || seen->words[at + 1].word.glue != GLUE_HYPHEN)
		return 0;
	for (size_t i = at; i < seen->n && (i == at || seen->words[i].word.glue == GLUE_HYPHEN); i++) {
		const size_t more = strlen(seen->words[i].word.form);

		if (length + more > JOINED_LONGEST)
			return 0;
		memcpy(joined + length, seen->words[i].word.form, more + 1);
		length += more;
		if (i > at && strcmp(joined, form) == 0)
			return i + 1 - at;
	}
	return 0;
}

static bool is_joined_form(const struct search_term *term, const struct search_word *word)
{
	const char *at = word->form;

	for (size_t i = 0; i < term->n; i++) {
		const size_t length = strlen(term->forms[i]);

		if (strncmp(at, term->forms[i], length) != 0)
			return false;
		at += length;
	}
	return *at == '\0';
}

/* How many words from `at` on are what the term looks for. */
static size_t match_length(const struct seen_text *seen, size_t at, const struct search_term *term)
{
	size_t w = 0;

	if (term->is_hyphenated && is_joined_form(term, &seen->words[at].word))
		return 1;
	if (term->n == 1 && !term->is_prefix && joined_length(seen, at, term->forms[0]) > 0)
		return joined_length(seen, at, term->forms[0]);
	while (w < term->n && at + w < seen->n && word_fits(term, w, &seen->words[at + w].word))
		w++;
	return w == term->n ? w : 0;
}

static void mark_words(struct seen_text *seen, const struct search_query *query, enum search_field field)
{
	for (size_t t = 0; t < query->n; t++) {
		const struct search_term *term = &query->terms[t];

		if (term->is_excluded || (term->field != SEARCH_ANYWHERE && term->field != field))
			continue;
		for (size_t i = 0; i < seen->n; i++) {
			const size_t n = match_length(seen, i, term);

			for (size_t w = 0; w < n; w++) {
				seen->words[i + w].terms |= 1u << t;
				seen->words[i + w].goes_on |= w + 1 < n;
			}
		}
	}
}

static void begin_text(const char *text, bool is_english, struct arena *arena, struct seen_text *ret_seen)
{
	const size_t longest = strlen(text) / 2 + 1;

	*ret_seen = (struct seen_text){ .text = text, .most = longest < WORDS_MOST ? longest : WORDS_MOST };
	ret_seen->words = arena_array(arena, ret_seen->most, sizeof *ret_seen->words);
	search_words_init(&ret_seen->reader, text, is_english, arena);
}

/* Reads on to so many words, or to one that begins at least so far on. false: there is no room, or nothing more to read. */
static bool read_on(struct seen_text *seen, size_t n, const char *to)
{
	while (!seen->is_over && seen->n < seen->most && (seen->n < n || (to != NULL && seen->words[seen->n - 1].word.start < to))) {
		seen->is_over = !search_words_next(&seen->reader, &seen->words[seen->n].word);
		seen->n += !seen->is_over;
	}
	return !seen->is_over && seen->n < seen->most;
}

/* Paragraphs run on. */
static void write_html(struct text *html, const char *bytes, size_t length)
{
	for (size_t from = 0, i = 0; i <= length; i++) {
		if (i < length && bytes[i] != '\n')
			continue;
		text_html(html, bytes + from, i - from);
		if (i < length && (i == 0 || bytes[i - 1] != '\n'))
			text_char(html, ' ');
		from = i + 1;
	}
}

/* From one place of the text to another, both between words. */
static void write_part(const struct seen_text *seen, const char *from, const char *to, struct text *html)
{
	bool is_open = false;

	for (size_t i = 0; i < seen->n; i++) {
		const struct seen_word *word = &seen->words[i];

		if (word->word.start < from || word->word.start + word->word.length > to)
			continue;
		write_html(html, from, (size_t)(word->word.start - from));
		if (word->terms != 0 && !is_open)
			text_string(html, "<mark>");
		write_html(html, word->word.start, word->word.length);
		from = word->word.start + word->word.length;
		is_open = word->goes_on && i + 1 < seen->n && seen->words[i + 1].word.start + seen->words[i + 1].word.length <= to;
		if (word->terms != 0 && !is_open)
			text_string(html, "</mark>");
	}
	write_html(html, from, (size_t)(to - from));
}

void search_mark(const struct search_query *query, enum search_field field, const char *text, bool is_english, struct arena *arena, struct text *ret_html)
{
	struct seen_text seen;

	begin_text(text, is_english, arena, &seen);
	read_on(&seen, seen.most, NULL);
	mark_words(&seen, query, field);
	write_part(&seen, text, text + strlen(text), ret_html);
}

static unsigned bits(uint32_t set)
{
	unsigned n = 0;

	for (; set != 0; set &= set - 1)
		n++;
	return n;
}

/* The marked word from which on the most different terms stand within so many bytes; n: none is marked. */
static size_t best_start(const struct seen_text *seen, size_t longest, unsigned *ret_terms)
{
	size_t best = seen->n;

	*ret_terms = 0;
	for (size_t i = 0; i < seen->n; i++) {
		uint32_t terms = 0;

		if (seen->words[i].terms == 0)
			continue;
		for (size_t j = i; j < seen->n && (size_t)(seen->words[j].word.start - seen->words[i].word.start) < longest; j++)
			terms |= seen->words[j].terms;
		if (bits(terms) > *ret_terms) {
			*ret_terms = bits(terms);
			best = i;
		}
	}
	return best;
}

static unsigned terms_to_find(const struct search_query *query)
{
	unsigned n = 0;

	for (size_t i = 0; i < query->n; i++)
		n += !query->terms[i].is_excluded && query->terms[i].field == SEARCH_ANYWHERE;
	return n;
}

/* Reads no further than to where all terms stand together; where room is short what holds nothing gives way to what follows. */
static size_t find_best(struct seen_text *seen, const struct search_query *query, size_t longest)
{
	const unsigned wanted = terms_to_find(query);
	unsigned found;
	size_t best;
	bool more;

	for (size_t n = WORDS_AT_FIRST;; n *= 2) {
		more = read_on(seen, n, NULL);
		mark_words(seen, query, SEARCH_ANYWHERE);
		best = best_start(seen, longest, &found);
		if (found >= wanted || (!more && (found > 0 || seen->is_over)))
			break;
		if (!more) {
			memset(seen->words, 0, seen->n * sizeof *seen->words);
			seen->n = n = 0;
		}
		n = n < WORDS_AT_FIRST / 2 ? WORDS_AT_FIRST / 2 : n;
	}
	if (more) {
		read_on(seen, seen->n, seen->words[best < seen->n ? best : 0].word.start + 2 * longest);
		mark_words(seen, query, SEARCH_ANYWHERE);
	}
	return best;
}

/* At most so many bytes on, between characters. */
static const char *cut_behind(const char *from, const char *end, size_t longest)
{
	const char *to = (size_t)(end - from) > longest ? from + longest : end;

	while (to > from && to < end && ((unsigned char)*to & 0xC0) == 0x80)
		to--;
	return to;
}

void search_excerpt(const struct search_query *query, const char *text, bool is_english, size_t longest, struct arena *arena, struct text *ret_html)
{
	struct seen_text seen;
	const char *from = text, *to = text + strlen(text);
	size_t best, first, last;

	begin_text(text, is_english, arena, &seen);
	best = find_best(&seen, query, longest - CONTEXT_BYTES);
	for (first = best < seen.n ? best : 0; first > 0 && seen.words[best].word.start - seen.words[first - 1].word.start < CONTEXT_BYTES; first--)
		;
	if (first > 0 || (best < seen.n && seen.words[first].word.start - text > CONTEXT_BYTES))
		from = seen.words[first].word.start;
	for (last = first; last < seen.n && (size_t)(seen.words[last].word.start + seen.words[last].word.length - from) <= longest; last++)
		;
	if (last < seen.n && last > first)
		to = seen.words[last - 1].word.start + seen.words[last - 1].word.length;
	to = cut_behind(from, to, longest);
	if (from > text)
		text_string(ret_html, "… ");
	write_part(&seen, from, to, ret_html);
	if (*to != '\0')
		text_string(ret_html, " …");
}
