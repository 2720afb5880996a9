/* SPDX-License-Identifier: MIT */
/*
 * What a person types -> terms (search.h).
 *
 * The text is cut at blanks, and at quotes, whose content is one piece. In front of a piece may stand - and a field's name with a colon;
 * behind it *. A piece is then read by the same reader of words as articles are (search_words.c), and all its words are one term.
 */
#include "search.h"

#include <string.h>
#include <strings.h>

#include "article_internal.h"

struct parsing {
	struct arena *arena;
	struct search_query *query;
	size_t most_ignored;
	const char *at;
};

/* Bytes of what parts pieces at the front: blanks and control characters, in ASCII and beyond. */
static size_t blank_at(const char *text)
{
	const unsigned char *bytes = (const unsigned char *)text;

	if (bytes[0] != '\0' && (bytes[0] <= ' ' || bytes[0] == 0x7F))
		return 1;
	if (bytes[0] == 0xC2 && (bytes[1] == 0xA0 || (bytes[1] >= 0x80 && bytes[1] <= 0x9F)))
		return 2;
	if (bytes[0] == 0xE2 && bytes[1] == 0x80 && (bytes[2] <= 0x8B || bytes[2] == 0xA8 || bytes[2] == 0xA9 || bytes[2] == 0xAF))
		return 3;
	return bytes[0] == 0xE3 && bytes[1] == 0x80 && bytes[2] == 0x80 ? 3 : 0;
}

/* A quote, as keyboards and word processors have it: " “ ” „ « ». */
static size_t quote_at(const char *text)
{
	static const char *const quotes[] = { "\"", "\xe2\x80\x9c", "\xe2\x80\x9d", "\xe2\x80\x9e", "\xc2\xab", "\xc2\xbb" };

	for (size_t i = 0; i < sizeof quotes / sizeof quotes[0]; i++)
		if (strncmp(text, quotes[i], strlen(quotes[i])) == 0)
			return strlen(quotes[i]);
	return 0;
}

/* A minus: - − –. */
static size_t minus_at(const char *text)
{
	if (*text == '-')
		return 1;
	return strncmp(text, "\xe2\x88\x92", 3) == 0 || strncmp(text, "\xe2\x80\x93", 3) == 0 ? 3 : 0;
}

static size_t field_at(const char *text, enum search_field *ret_field)
{
	static const struct {
		const char *name;
		enum search_field field;
	} fields[] = { { "title:", SEARCH_TITLE }, { "byline:", SEARCH_BYLINE } };

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		const size_t length = strlen(fields[i].name);

		if (strncasecmp(text, fields[i].name, length) == 0 && text[length] != '\0' && blank_at(text + length) == 0) {
			*ret_field = fields[i].field;
			return length;
		}
	}
	return 0;
}

static const char *end_of_quoted(const char *at)
{
	while (*at != '\0' && quote_at(at) == 0)
		at++;
	return at;
}

static const char *end_of_piece(const char *at)
{
	while (*at != '\0' && blank_at(at) == 0 && quote_at(at) == 0)
		at++;
	return at;
}

static void ignore(struct parsing *parsing, const char *start, const char *end)
{
	if (parsing->query->n_ignored < parsing->most_ignored)
		parsing->query->ignored[parsing->query->n_ignored++] = arena_copy(parsing->arena, start, (size_t)(end - start));
}

/* The words of a piece become the term's. false: there are none. */
static bool read_words(struct parsing *parsing, const char *start, const char *end, struct search_term *term)
{
	struct search_words words;
	struct search_word word;

	term->forms = arena_array(parsing->arena, SEARCH_PHRASE_MOST, sizeof *term->forms);
	term->stems = arena_array(parsing->arena, SEARCH_PHRASE_MOST, sizeof *term->stems);
	term->is_hyphenated = true;
	search_words_init(&words, arena_copy(parsing->arena, start, (size_t)(end - start)), /* is_english= */ true, parsing->arena);
	while (term->n < SEARCH_PHRASE_MOST && search_words_next(&words, &word)) {
		if (term->n > 0 && word.glue != GLUE_HYPHEN)
			term->is_hyphenated = false;
		term->forms[term->n] = word.form;
		term->stems[term->n++] = word.stem;
	}
	if (term->n < 2)
		term->is_hyphenated = false;
	return term->n > 0;
}

static void take_piece(struct parsing *parsing)
{
	struct search_query *query = parsing->query;
	const char *piece = parsing->at, *start = piece, *end, *stop;
	struct search_term term = { .field = SEARCH_ANYWHERE };
	const size_t minus = minus_at(start);
	size_t quote;

	if (minus > 0 && start[minus] != '\0' && blank_at(start + minus) == 0) {
		term.is_excluded = true;
		start += minus;
	}
	start += field_at(start, &term.field);
	quote = quote_at(start);
	if (quote > 0) {
		start += quote;
		end = end_of_quoted(start);
		stop = end + quote_at(end);
	} else {
		stop = end = end_of_piece(start);
	}
	if (*stop == '*')
		stop++;
	term.is_prefix = stop > start && stop[-1] == '*';
	parsing->at = stop;
	if (query->n == SEARCH_TERMS_MOST || !read_words(parsing, start, end, &term))
		ignore(parsing, piece, stop);
	else
		query->terms[query->n++] = term;
}

void search_parse(const char *typed, struct arena *arena, struct search_query *ret_query)
{
	struct parsing parsing = { .arena = arena, .query = ret_query, .most_ignored = strlen(typed) / 2 + 1, .at = typed };

	*ret_query = (struct search_query){ .terms = arena_array(arena, SEARCH_TERMS_MOST, sizeof *ret_query->terms) };
	ret_query->ignored = arena_array(arena, parsing.most_ignored, sizeof *ret_query->ignored);
	for (;;) {
		size_t blank;

		while ((blank = blank_at(parsing.at)) > 0)
			parsing.at += blank;
		if (*parsing.at == '\0')
			break;
		take_piece(&parsing);
	}
}

void search_write(const struct search_query *query, struct text *ret_text)
{
	static const char *const fields[] = { "", "title:", "byline:" };

	for (size_t i = 0; i < query->n; i++) {
		const struct search_term *term = &query->terms[i];

		text_printf(ret_text, "%s%s%s%s", i > 0 ? " " : "", term->is_excluded ? "-" : "", fields[term->field], term->n > 1 ? "\"" : "");
		for (size_t w = 0; w < term->n; w++)
			text_printf(ret_text, "%s%s", w == 0 ? "" : term->is_hyphenated ? "-" : " ", term->is_prefix && w + 1 == term->n ? term->forms[w] : term->stems[w]);
		text_printf(ret_text, "%s%s", term->n > 1 ? "\"" : "", term->is_prefix ? "*" : "");
	}
}
