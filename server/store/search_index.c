/* SPDX-License-Identifier: MIT */
/*
 * The search index: what stands in it of an article, and how it comes in and goes.
 *
 * FTS5 keeps postings only, no text: to take an article out it must be told every word that stood in it. So the words are read anew from
 * the article as it stood, by the same code; should that code or the stemmer ever read differently, search_words_digest() is another
 * number and the index is built anew (search_rebuild.c).
 *
 * An article's row is numbered so that the index runs in the order of time: seconds, then three bits of length (a ranking by length needs
 * no look-up). Where a number is taken the next free second is: such an article stands a little beside its time. More bits would cost: most of
 * the index is differences between numbers.
 *
 * Terms stand in the index too ("_12"): a search within a section is one more word, and FTS5 walks from the rarest.
 */
#include "search_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FORMS_MET_MOST = 100000, JOINED_MOST = 4, SECOND = 1 << SEARCH_ID_BITS, SHORTEST_WORDS = 32 };

static const int64_t TIME_BASE = 1LL << 36;    /* before the first year that an article can have, so that numbers are positive */

/* --- row numbers --- */

int64_t search_id_at(int64_t published_at)
{
	return (published_at + TIME_BASE) << SEARCH_ID_BITS;
}

int64_t search_id_time(int64_t search_id)
{
	return (search_id >> SEARCH_ID_BITS) - TIME_BASE;
}

double search_id_words(int64_t search_id)
{
	return SHORTEST_WORDS * exp2((double)(search_id & (SECOND - 1)));
}

static int64_t length_class(size_t n_words)
{
	const double class = n_words > SHORTEST_WORDS ? round(log2((double)n_words / SHORTEST_WORDS)) : 0;

	return class < SECOND ? (int64_t)class : SECOND - 1;
}

/* The last number taken of n seconds from `from` on, by articles of its length; 0: none. */
static bool last_taken(struct store *store, int64_t from, int64_t n, int64_t *ret_last, struct error *err)
{
	static const char sql[] =
	    "SELECT coalesce(max(search_id), 0) FROM search_row WHERE search_id >= ?1 AND search_id < ?1 + ?2 AND search_id & ?3 = ?1 & ?3";
	struct statement *find = store_statement(store, sql);
	bool fine;

	statement_bind_integer(find, 1, from);
	statement_bind_integer(find, 2, n * SECOND);
	statement_bind_integer(find, 3, SECOND - 1);
	fine = statement_row(find, err);
	if (fine)
		*ret_last = statement_integer(find, 0);
	statement_done(find);
	return fine;
}

/* Twice as far each time, so that of a million articles of one second none costs more than twenty looks. */
static bool free_id(struct store *store, int64_t wanted, int64_t *ret_id, struct error *err)
{
	for (int64_t n = 1;; wanted += n * SECOND, n *= 2) {
		int64_t last;

		if (!last_taken(store, wanted, n, &last, err))
			return false;
		if (last < wanted + (n - 1) * SECOND) {
			*ret_id = last == 0 ? wanted : last + SECOND;
			return true;
		}
	}
}

bool search_row_put(struct store *store, const struct article *article, size_t n_words, const struct text *facets, int64_t *ret_id, struct error *err)
{
	static const char sql[] = "INSERT INTO search_row (search_id, article_id, updated_at, facets) VALUES (?1, ?2, ?3, ?4)";
	struct statement *insert;
	bool fine;

	if (!free_id(store, search_id_at(article->published_at) | length_class(n_words), ret_id, err))
		return false;
	insert = store_statement(store, sql);
	statement_bind_integer(insert, 1, *ret_id);
	statement_bind_integer(insert, 2, article->id);
	statement_bind_integer(insert, 3, article->updated_at);
	statement_bind_blob(insert, 4, facets->bytes, facets->length);
	fine = statement_run(insert, err);
	statement_done(insert);
	return fine;
}

static bool row_take(struct store *store, int64_t search_id, struct error *err)
{
	static const char sql[] = "DELETE FROM search_row WHERE search_id = ?1";
	struct statement *take = store_statement(store, sql);
	bool fine;

	statement_bind_integer(take, 1, search_id);
	fine = statement_run(take, err);
	statement_done(take);
	return fine;
}

/* --- words as they are written --- */

static bool meet_form(struct store *store, const char *form, const char *stem, struct error *err)
{
	static const char sql[] = "INSERT INTO search_form (form, stem) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
	const size_t length = strlen(form);
	struct statement *insert;
	bool fine;

	if (store->forms_met == NULL)
		store->forms_met = map_new();
	if (map_find(store->forms_met, form, length) != NULL)
		return true;
	insert = store_statement(store, sql);
	statement_bind_text(insert, 1, form);
	statement_bind_text(insert, 2, stem);
	fine = statement_run(insert, err);
	statement_done(insert);
	if (map_size(store->forms_met) >= FORMS_MET_MOST)
		map_clear(store->forms_met);
	map_put(store->forms_met, form, length, store);
	return fine;
}

void search_forms_forget(struct store *store)
{
	if (store->forms_met != NULL)
		map_clear(store->forms_met);
}

/* --- what stands in the index of an article --- */

struct reading {
	struct store *store;
	struct arena *arena;
	struct search_columns *columns;
	struct map *marked;           /* what stands in the marks already */
	bool is_english, is_added;
	struct text joined;           /* words that hyphens join, so far */
	size_t n_joined;
	struct error *err;
};

static void mark(struct reading *reading, const char *sign, const char *word)
{
	struct text *marks = &reading->columns->marks;
	const size_t before = marks->length + 1;

	text_char(marks, ' ');
	text_string(marks, sign);
	text_string(marks, word);
	if (map_find(reading->marked, marks->bytes + before, marks->length - before) == NULL)
		map_put(reading->marked, marks->bytes + before, marks->length - before, reading);
	else
		*marks = (struct text){ marks->bytes, before - 1, marks->capacity };
}

/* e-mail is found as email too. */
static void end_joined(struct reading *reading)
{
	struct search_words words;
	struct search_word word;

	if (reading->n_joined >= 2 && reading->n_joined <= JOINED_MOST) {
		search_words_init(&words, reading->joined.bytes, reading->is_english, reading->arena);
		if (search_words_next(&words, &word))
			mark(reading, "", word.stem);
	}
	reading->n_joined = 0;
	text_clear(&reading->joined);
}

static bool read_word(struct reading *reading, const struct search_word *word, struct text *column)
{
	if (word->glue != GLUE_HYPHEN)
		end_joined(reading);
	text_string(&reading->joined, word->form);
	reading->n_joined++;
	if (column->length > 0)
		text_char(column, ' ');
	text_string(column, word->stem);
	if (strcmp(word->form, word->stem) != 0)
		mark(reading, "=", word->form);
	return !reading->is_added || meet_form(reading->store, word->form, word->stem, reading->err);
}

static bool read_column(struct reading *reading, const char *text, struct text *column)
{
	struct search_words words;
	struct search_word word;
	bool fine = true;

	if (text == NULL)
		return true;
	search_words_init(&words, text, reading->is_english, reading->arena);
	while (fine && search_words_next(&words, &word)) {
		fine = read_word(reading, &word, column);
		reading->columns->n_words++;
	}
	end_joined(reading);
	return fine;
}

static bool mark_term(void *arg, int64_t term_id, struct error *err)
{
	struct reading *reading = arg;

	(void)err;
	text_printf(&reading->columns->marks, " _%lld", (long long)term_id);
	return true;
}

bool search_columns_read(struct store *store, const struct article *article, const char *term_ids, bool is_added, struct arena *arena,
    struct search_columns *ret_columns, struct error *err)
{
	struct reading reading = {
		.store = store,
		.arena = arena,
		.columns = ret_columns,
		.marked = map_new(),
		.is_english = search_is_english(article->lang),
		.is_added = is_added,
		.err = err,
	};
	bool fine;

	*ret_columns = (struct search_columns){ .n_words = 0 };
	text_string(&ret_columns->marks, "_");
	fine = read_column(&reading, article->title, &ret_columns->title) && read_column(&reading, article->summary, &ret_columns->standfirst)
	    && read_column(&reading, article->byline, &ret_columns->byline);
	for (size_t i = 0; fine && i < article->authors.n; i++)
		fine = read_column(&reading, article->authors.items[i].name, &ret_columns->byline);
	fine = fine && read_column(&reading, article->body_text, &ret_columns->body) && ids_each(term_ids, mark_term, &reading, err);
	text_done(&reading.joined);
	map_free(reading.marked);
	return fine;
}

void search_columns_done(struct search_columns *columns)
{
	text_done(&columns->title);
	text_done(&columns->standfirst);
	text_done(&columns->byline);
	text_done(&columns->body);
	text_done(&columns->marks);
}

/* --- in and out --- */

bool search_put(struct store *store, const struct article *article, const char *term_ids, const struct text *facets, struct arena *arena,
    int64_t *ret_id, struct error *err)
{
	struct search_columns columns;
	bool fine;

	fine = search_columns_read(store, article, term_ids, /* is_added= */ true, arena, &columns, err)
	    && search_row_put(store, article, columns.n_words, facets, ret_id, err);
	if (fine)
		late_search(store, *ret_id, &columns, /* add= */ true);
	search_columns_done(&columns);
	return fine;
}

bool search_take(struct store *store, int64_t article_id, int64_t search_id, const char *term_ids, struct arena *arena, struct error *err)
{
	struct article article;
	struct search_columns columns;
	bool fine;

	if (!store_article_load(store, article_id, arena, &article, err))
		return false;
	fine = search_columns_read(store, &article, term_ids, /* is_added= */ false, arena, &columns, err) && row_take(store, search_id, err);
	if (fine)
		late_search(store, search_id, &columns, /* add= */ false);
	search_columns_done(&columns);
	return fine;
}

/* FTS5 is quick with rows in ascending order only: late.c sees to it. */
bool search_index_row(struct store *store, int64_t search_id, const char *const columns[SEARCH_COLUMNS], bool add, struct error *err)
{
	static const char put[] = "INSERT INTO article_search (rowid, body, marks, title, standfirst, byline) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
	static const char take[] =
	    "INSERT INTO article_search (article_search, rowid, body, marks, title, standfirst, byline) VALUES ('delete', ?1, ?2, ?3, ?4, ?5, ?6)";
	struct statement *row = store_statement(store, add ? put : take);
	bool fine;

	statement_bind_integer(row, 1, search_id);
	for (int i = 0; i < SEARCH_COLUMNS; i++)
		statement_bind_text(row, i + 2, columns[i]);
	fine = statement_run(row, err);
	statement_done(row);
	return fine;
}
