/* SPDX-License-Identifier: MIT */
/*
 * "Did you mean …?": the known word nearest to one that nothing holds.
 *
 * Known is every word in the way it was ever written (search_form). To compare all of them would take too long, so they are looked for by their
 * first letters, which most slips leave alone: all words with the same two, and those whose beginning differs from it by one slip, for each slip
 * there is. What is found is judged by the edit distance (text_slips()), and of the same distance the word whose stem more articles hold is nearer.
 *
 * A word that no article holds any more is passed over. How one is written, with capitals and accents, is read in the newest articles that hold it,
 * no further than to where it stands without a capital.
 */
#include "store_internal.h"

#include <limits.h>
#include <string.h>

enum {
	SHORTEST = 4,                 /* bytes; of shorter words too many are near */
	ROWS_MOST = 25000,            /* words looked at */
	NEAREST_MOST = 5,             /* words that are looked up in an article */
	BEGINNING_MOST = 8,
	ARTICLES_MOST = 4,            /* in which it is looked up how a word is written */
};

struct candidate {
	const char *form, *stem;
	unsigned slips;               /* from what was typed */
	int64_t n;                    /* articles that hold the stem */
};

struct nearest {
	struct store *store;
	struct arena *arena;
	struct arena *scratch;        /* emptied behind each article */
	const char *form;             /* of what was typed */
	struct candidate rows[NEAREST_MOST];    /* the nearest first */
	size_t n, looked_at;
};

static bool is_nearer(const struct candidate *one, const struct candidate *other)
{
	return one->slips != other->slips ? one->slips < other->slips : one->n > other->n;
}

/* A word of two languages has two stems, of which only one is noted beside it: if nothing holds that, it may be its own. */
static bool count_articles(const struct nearest *nearest, const char *form, const char **stem, int64_t *ret_n, struct error *err)
{
	if (!store_word_count(nearest->store, *stem, ret_n, err))
		return false;
	if (*ret_n > 0 || strcmp(*stem, form) == 0)
		return true;
	*stem = form;
	return store_word_count(nearest->store, form, ret_n, err);
}

static bool consider(struct nearest *nearest, const char *form, const char *stem, struct error *err)
{
	struct candidate candidate = { .slips = text_slips(nearest->form, form) };
	size_t at = nearest->n;

	if (candidate.slips == UINT_MAX || candidate.slips == 0 || (at == NEAREST_MOST && candidate.slips > nearest->rows[at - 1].slips))
		return true;
	for (size_t i = 0; i < nearest->n; i++)
		if (strcmp(nearest->rows[i].form, form) == 0)
			return true;
	if (!count_articles(nearest, form, &stem, &candidate.n, err))
		return false;
	if (candidate.n == 0)
		return true;
	while (at > 0 && is_nearer(&candidate, &nearest->rows[at - 1]))
		at--;
	if (at == NEAREST_MOST)
		return true;
	candidate.form = arena_string(nearest->arena, form);
	candidate.stem = arena_string(nearest->arena, stem);
	nearest->n += nearest->n < NEAREST_MOST;
	memmove(&nearest->rows[at + 1], &nearest->rows[at], (nearest->n - 1 - at) * sizeof nearest->rows[0]);
	nearest->rows[at] = candidate;
	return true;
}

/* Every word that begins so. */
static bool look_at(struct nearest *nearest, const char *beginning, struct error *err)
{
	static const char sql[] = "SELECT form, stem FROM search_form WHERE form >= ?1 AND form < ?2";
	struct statement *rows = store_statement(nearest->store, sql);
	bool fine = true;

	statement_bind_text(rows, 1, beginning);
	statement_bind_text(rows, 2, text_prefix_end(beginning, nearest->arena));
	while (fine && nearest->looked_at < ROWS_MOST && statement_next(rows, err)) {
		nearest->looked_at++;
		fine = consider(nearest, statement_text(rows, 0), statement_text(rows, 1), err);
	}
	statement_done(rows);
	return fine && err->code == ERROR_NONE;
}

/* Beginnings with one slip in the first two letters. In a pattern 0 to 3 stand for the letters typed, ? for any. */
static bool look_at_slips(struct nearest *nearest, struct error *err)
{
	static const char *const patterns[] = { "102", "123", "021", "023", "?012", "?123", "0?23", "0?12" };

	for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
		const bool has_any = strchr(patterns[i], '?') != NULL;

		for (char any = 'a'; any <= (has_any ? 'z' : 'a'); any++) {
			char beginning[BEGINNING_MOST] = "";

			for (size_t at = 0; patterns[i][at] != '\0'; at++)
				beginning[at] = patterns[i][at] == '?' ? any : nearest->form[patterns[i][at] - '0'];
			if (!look_at(nearest, beginning, err))
				return false;
		}
	}
	return true;
}

static bool is_plain(const char *word, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (word[i] < 'a' || word[i] > 'z')
			return false;
	return true;
}

/* The first letters, as they are typed. */
static const char *first_letters(const struct nearest *nearest, int most)
{
	const char *word = nearest->form;
	size_t length = 0;

	for (int letters = 0; word[length] != '\0'; length++)
		if (((unsigned char)word[length] & 0xC0) != 0x80 && letters++ == most)
			break;
	return arena_copy(nearest->arena, word, length);
}

/* The likeliest first, as not all of a large vocabulary may be looked at. */
static bool find_candidates(struct nearest *nearest, struct error *err)
{
	return look_at(nearest, first_letters(nearest, 3), err) && (!is_plain(nearest->form, SHORTEST) || look_at_slips(nearest, err)) &&
	    look_at(nearest, first_letters(nearest, 2), err);
}

/* --- how it is written --- */

/* The newest articles that hold it. Where a word is its own stem, the index tells it from no other of that stem. */
static bool articles_with(const struct nearest *nearest, const struct candidate *candidate, int64_t *ret_ids, size_t *ret_n, struct error *err)
{
	static const char sql[] =
	    "SELECT article_id FROM search_row WHERE search_id IN"
	    " (SELECT rowid FROM article_search WHERE article_search MATCH ?1 ORDER BY rowid DESC LIMIT ?2)";
	struct statement *find = store_statement(nearest->store, sql);
	const bool is_stem = strcmp(candidate->form, candidate->stem) == 0;
	size_t n = 0;

	statement_bind_text(find, 1, arena_printf(nearest->arena, "\"%s%s\"", is_stem ? "" : "=", candidate->form));
	statement_bind_integer(find, 2, ARTICLES_MOST);
	while (n < ARTICLES_MOST && statement_next(find, err))
		ret_ids[n++] = statement_integer(find, 0);
	statement_done(find);
	*ret_n = n;
	return err->code == ERROR_NONE;
}

static bool is_lower(const char *word)
{
	for (; *word != '\0'; word++)
		if (*word >= 'A' && *word <= 'Z')
			return false;
	return true;
}

/* As it stands in the text, without a possessive 's. */
static const char *written_as(const struct search_word *word, struct arena *arena)
{
	static const char *const possessives[] = { "'s", "\xe2\x80\x99s", "'S", "\xe2\x80\x99S" };

	for (size_t i = 0; i < sizeof possessives / sizeof possessives[0]; i++) {
		const size_t length = strlen(possessives[i]);

		if (word->length > length && memcmp(word->start + word->length - length, possessives[i], length) == 0)
			return arena_copy(arena, word->start, word->length - length);
	}
	return arena_copy(arena, word->start, word->length);
}

static bool is_decided(const char *written)
{
	return written != NULL && is_lower(written);
}

/* Names are always written with a capital, other words only now and then: one without a capital decides. */
static void look_in(const struct nearest *nearest, const struct candidate *candidate, const char *text, const char **written)
{
	struct search_words words;
	struct search_word word;

	search_words_init(&words, text != NULL ? text : "", /* is_english= */ false, nearest->scratch);
	while (!is_decided(*written) && search_words_next(&words, &word)) {
		const char *its;

		if (strcmp(word.form, candidate->form) != 0)
			continue;
		its = written_as(&word, nearest->scratch);
		if (*written == NULL || is_lower(its))
			*written = arena_string(nearest->arena, its);
	}
}

static bool look_in_article(const struct nearest *nearest, const struct candidate *candidate, int64_t id, const char **written, struct error *err)
{
	struct article article;

	if (!store_article_load(nearest->store, id, nearest->scratch, &article, err))
		return false;
	look_in(nearest, candidate, article.title, written);
	look_in(nearest, candidate, article.summary, written);
	look_in(nearest, candidate, article.body_text, written);
	return true;
}

/* *ret_word is NULL when it stands nowhere. */
static bool look_up(const struct nearest *nearest, const struct candidate *candidate, const char **ret_word, struct error *err)
{
	int64_t ids[ARTICLES_MOST];
	size_t n;

	*ret_word = NULL;
	if (!articles_with(nearest, candidate, ids, &n, err))
		return false;
	for (size_t i = 0; i < n && !is_decided(*ret_word); i++) {
		const bool fine = look_in_article(nearest, candidate, ids[i], ret_word, err);

		arena_reset(nearest->scratch);
		if (!fine)
			return false;
	}
	return true;
}

static bool find_nearest(struct nearest *nearest, const char **ret_word, struct error *err)
{
	if (!find_candidates(nearest, err))
		return false;
	for (size_t i = 0; *ret_word == NULL && i < nearest->n; i++)
		if (!look_up(nearest, &nearest->rows[i], ret_word, err))
			return false;
	return true;
}

bool store_nearest_word(struct store *store, const char *typed, struct arena *arena, const char **ret_word, struct error *err)
{
	struct nearest nearest = { .store = store, .arena = arena };
	struct search_words words;
	struct search_word word;
	bool fine;

	err->code = ERROR_NONE;
	*ret_word = NULL;
	search_words_init(&words, typed, /* is_english= */ false, arena);
	if (!search_words_next(&words, &word) || strlen(word.form) < SHORTEST || strpbrk(word.form, "0123456789") != NULL)
		return true;
	nearest.form = word.form;
	nearest.scratch = arena_new();
	fine = find_nearest(&nearest, ret_word, err);
	arena_free(nearest.scratch);
	return fine;
}
