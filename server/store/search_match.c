/* SPDX-License-Identifier: MIT */
/*
 * A query and its filters -> an expression of FTS5, with what each of its phrases weighs.
 *
 * A word is looked for as its stem and, for texts in other languages, as it is written; what is joined by a hyphen also as one word. word*
 * becomes words that have been seen written so: of the first EXPANSIONS_LOOKED_AT of the alphabet the commonest, and where there are more the
 * answer says that it is partial. FTS5's own prefixes would gather all their postings before the first hit. Filters are words of the index
 * too (search_index.c). All text in the expression is ours: words have letters and digits only.
 */
#include "search_internal.h"

#include <math.h>
#include <string.h>

enum {
	EXPANSIONS_MOST = 64,        /* words that word* stands for */
	EXPANSIONS_LOOKED_AT = 4000,
	PHRASE_EXPANSIONS_MOST = 24, /* for the last word of a phrase */
};

struct building {
	struct store *store;
	struct arena *arena;
	struct search_match *match;
	struct error *err;
};

/* Inverse document frequency, as BM25 has it (Robertson and Zaragoza 2009), in thousandths. */
static uint16_t weight_of(int64_t n, int64_t all)
{
	const double frequency = n < all ? (double)n : (double)all;

	return (uint16_t)lround(1000 * log(1 + ((double)all - frequency + 0.5) / (frequency + 0.5)));
}

/* One more phrase of the expression; those of one term weigh alike. */
static void begin_phrase(struct building *building, unsigned term)
{
	struct search_match *match = building->match;

	if (match->n_phrases < SEARCH_PHRASES_MOST)
		match->terms[match->n_phrases++] = (uint8_t)term;
}

static void write_phrase(struct building *building, const char *const *words, size_t n, unsigned term, bool is_first)
{
	struct text *text = &building->match->expression;

	begin_phrase(building, term);
	text_string(text, is_first ? "\"" : " OR \"");
	for (size_t i = 0; i < n; i++)
		text_printf(text, "%s%s", i > 0 ? " " : "", words[i]);
	text_char(text, '"');
}

static bool are_same(const char *const *one, const char *const *other, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(one[i], other[i]) != 0)
			return false;
	return true;
}

static void write_joined(struct building *building, const struct search_term *term, unsigned number)
{
	struct text joined = TEXT_EMPTY;
	struct search_words words;
	struct search_word word;

	for (size_t i = 0; i < term->n; i++)
		text_string(&joined, term->forms[i]);
	search_words_init(&words, joined.bytes, /* is_english= */ true, building->arena);
	/* The index has no others (article_words.c). */
	if (joined.length <= SEARCH_WORD_LONGEST && search_words_next(&words, &word) && *words.at == '\0') {
		write_phrase(building, &word.stem, 1, number, false);
		if (strcmp(word.stem, word.form) != 0)
			write_phrase(building, &word.form, 1, number, false);
	}
	text_done(&joined);
}

static void write_words(struct building *building, const struct search_term *term, unsigned number)
{
	write_phrase(building, term->stems, term->n, number, true);
	if (!are_same(term->stems, term->forms, term->n))
		write_phrase(building, term->forms, term->n, number, false);
	if (term->is_hyphenated)
		write_joined(building, term, number);
}

static bool write_expansions(struct building *building, const struct search_term *term, unsigned number, int64_t *ret_n)
{
	static const char sql[] =
	    "SELECT form, stem, n, (SELECT count(*) FROM (SELECT 1 FROM search_form WHERE form >= ?1 AND form < ?2 LIMIT ?3)) = ?3"
	    "  FROM (SELECT form, stem FROM search_form WHERE form >= ?1 AND form < ?2 LIMIT ?3) JOIN word ON word = stem"
	    " WHERE n > 0 ORDER BY n DESC LIMIT ?4";
	const char *const prefix = term->forms[term->n - 1], **words = arena_array(building->arena, term->n, sizeof *words);
	const int64_t most = term->n > 1 ? PHRASE_EXPANSIONS_MOST : EXPANSIONS_MOST;
	struct statement *find = store_statement(building->store, sql);
	int64_t n = 0;

	memcpy(words, term->stems, term->n * sizeof *words);
	statement_bind_text(find, 1, prefix);
	statement_bind_text(find, 2, text_prefix_end(prefix, building->arena));
	statement_bind_integer(find, 3, EXPANSIONS_LOOKED_AT);
	statement_bind_integer(find, 4, most + 1);
	while (statement_next(find, building->err)) {
		const char *form = arena_string(building->arena, statement_text(find, 0)), *stem = arena_string(building->arena, statement_text(find, 1));
		/* Only single words stand in the marks, and belong to no field there. */
		const bool as_written = term->n == 1 && term->field == SEARCH_ANYWHERE && strcmp(form, stem) != 0;

		if (n == 0) {
			*ret_n = statement_integer(find, 2);
			building->match->is_narrowed = building->match->is_narrowed || statement_integer(find, 3) != 0;
		}
		if (n == most) {
			building->match->is_narrowed = true;
			break;
		}
		words[term->n - 1] = as_written ? arena_printf(building->arena, "=%s", form) : stem;
		write_phrase(building, words, term->n, number, n == 0);
		n++;
	}
	statement_done(find);
	if (n == 0 && building->err->code == ERROR_NONE) {
		words[term->n - 1] = arena_printf(building->arena, "=%s", prefix);
		write_phrase(building, words, term->n, number, true);
	}
	return building->err->code == ERROR_NONE;
}

/* The rarest of its words tells how rare a phrase is at least. */
static bool documents_of(struct building *building, const struct search_term *term, int64_t *ret_fewest)
{
	*ret_fewest = INT64_MAX;
	for (size_t i = 0; i < term->n; i++) {
		int64_t n;

		if (!store_word_count(building->store, term->stems[i], &n, building->err))
			return false;
		*ret_fewest = n < *ret_fewest ? n : *ret_fewest;
	}
	return true;
}

static bool write_term(struct building *building, const struct search_term *term, unsigned number, int64_t all)
{
	static const char *const fields[] = { "(", "title : (", "byline : (" };
	struct search_match *match = building->match;
	int64_t n = 0;

	text_string(&match->expression, fields[term->field]);
	if (term->is_prefix) {
		if (!write_expansions(building, term, number, &n))
			return false;
	} else {
		write_words(building, term, number);
		if (!documents_of(building, term, &n))
			return false;
	}
	text_char(&match->expression, ')');
	match->weights[number] = term->is_excluded ? 0 : weight_of(n, all);
	return true;
}

static bool write_terms(struct building *building, const struct search_query *query, bool excluded, const char *between, int64_t all)
{
	struct text *text = &building->match->expression;
	bool is_first = text->length == 0 || text->bytes[text->length - 1] == '(';

	for (size_t i = 0; i < query->n; i++) {
		if (query->terms[i].is_excluded != excluded)
			continue;
		if (!is_first)
			text_string(text, between);
		is_first = false;
		if (!write_term(building, &query->terms[i], (unsigned)i, all))
			return false;
	}
	return true;
}

/* The ids of those terms that are known, as words of the index. */
static bool write_filter_terms(struct building *building, const char *kind, const char **slugs, size_t n, bool is_first, size_t *ret_known)
{
	for (size_t i = 0; i < n; i++) {
		const char *word;
		int64_t id, count;

		if (!store_term_id(building->store, kind, slugs[i], &id, &count, building->err)) {
			if (building->err->code != ERROR_NOT_FOUND)
				return false;
			building->err->code = ERROR_NONE;
			continue;
		}
		word = arena_printf(building->arena, "_%lld", (long long)id);
		write_phrase(building, &word, 1, SEARCH_TERMS_MOST, is_first);
		is_first = false;
		++*ret_known;
	}
	return true;
}

/* false in *ret_some: no article can pass. */
static bool write_filters(struct building *building, const struct list_query *filters, bool *ret_some)
{
	struct text *text = &building->match->expression;

	*ret_some = true;
	for (size_t i = 0; i < filters->n_filters; i++) {
		const struct term_filter *filter = &filters->filters[i];
		size_t known = 0;

		if (filter->n_any == 0)
			continue;
		text_string(text, text->bytes[text->length - 1] == '(' ? "(" : " AND (");
		if (!write_filter_terms(building, filter->kind, filter->any, filter->n_any, true, &known))
			return false;
		text_char(text, ')');
		if (known == 0) {
			*ret_some = false;
			return true;
		}
	}
	return true;
}

static bool write_exclusions(struct building *building, const struct search_query *query, const struct list_query *filters, int64_t all)
{
	struct text *text = &building->match->expression;
	const size_t before = text->length;
	size_t known = 0;

	text_string(text, " NOT (");
	if (query != NULL && !write_terms(building, query, true, " OR ", all))
		return false;
	for (size_t i = 0; i < filters->n_filters; i++)
		if (!write_filter_terms(building, filters->filters[i].kind, filters->filters[i].none, filters->filters[i].n_none,
		        text->bytes[text->length - 1] == '(', &known))
			return false;
	if (text->bytes[text->length - 1] == '(')
		*text = (struct text){ text->bytes, before, text->capacity };
	else
		text_char(text, ')');
	return true;
}

bool search_match_build(struct store *store, const struct search_query *query, const struct list_query *filters, struct arena *arena,
    struct search_match *ret_match, struct error *err)
{
	struct building building = { store, arena, ret_match, err };
	struct list_query everything;
	struct list_count all;
	bool some;

	*ret_match = (struct search_match){ .n_phrases = 0 };
	err->code = ERROR_NONE;
	list_query_init(&everything);
	if ((query != NULL && query->n == 0) || !store_count(store, &everything, 0, &all, err))
		return err->code == ERROR_NONE;
	text_char(&ret_match->expression, '(');
	if ((query != NULL && !write_terms(&building, query, false, " AND ", all.n)) || !write_filters(&building, filters, &some))
		return false;
	if (ret_match->expression.length == 1) {
		static const char *const every[] = { "_" };

		write_phrase(&building, every, 1, SEARCH_TERMS_MOST, true);
	}
	text_char(&ret_match->expression, ')');
	ret_match->can_match = some;
	return write_exclusions(&building, query, filters, all.n);
}

void search_match_done(struct search_match *match)
{
	text_done(&match->expression);
}
