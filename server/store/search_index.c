/* SPDX-License-Identifier: MIT */
/*
 * The search index: what stands in it of an article, and how it comes in and goes.
 *
 * FTS5 keeps postings only, no text: to take an article out it must be told every word that stood in it. So the words are read anew from
 * the article as it stood, by the same code; should that code or the stemmer ever read differently, the digest there is another
 * number and the index is built anew (index_rebuild.c).
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

enum { FORMS_MET_MOST = 100000, SECOND = 1 << SEARCH_ID_BITS, SHORTEST_WORDS = 32 };

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

static bool row_put(struct store *store, const struct article *article, size_t n_words, const struct text *facets, int64_t *ret_id, struct error *err)
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

static bool meet_forms(struct store *store, const struct article_words *words, struct error *err)
{
	for (size_t i = 0; i < words->n_forms; i++)
		if (!meet_form(store, words->forms[i].form, words->forms[i].stem, err))
			return false;
	return true;
}

/* --- in and out --- */

static bool mark_term(void *arg, int64_t term_id, struct error *err)
{
	struct text *marks = arg;

	(void)err;
	text_string(marks, " _");
	text_integer(marks, term_id);
	return true;
}

bool search_columns(const struct article_words *words, const char *term_ids, const char *ret_columns[SEARCH_COLUMNS], struct text *marks, struct error *err)
{
	memcpy(ret_columns, words->columns, sizeof words->columns);
	text_string(marks, words->columns[SEARCH_COLUMN_MARKS]);
	if (!ids_each(term_ids, mark_term, marks, err))
		return false;
	ret_columns[SEARCH_COLUMN_MARKS] = marks->bytes;
	return true;
}

static bool note_row(struct store *store, int64_t search_id, const struct article_words *words, const char *term_ids, bool add, struct error *err)
{
	const char *columns[SEARCH_COLUMNS];
	struct text marks = TEXT_EMPTY;
	const bool fine = search_columns(words, term_ids, columns, &marks, err);

	if (fine)
		late_search(store, search_id, columns, add);
	text_done(&marks);
	return fine;
}

bool search_put(struct store *store, const struct article *article, const struct article_words *words, const char *term_ids, const struct text *facets,
    struct error *err)
{
	int64_t search_id;

	return meet_forms(store, words, err) && row_put(store, article, words->n_in_all, facets, &search_id, err)
	    && note_row(store, search_id, words, term_ids, /* add= */ true, err);
}

bool search_take(struct store *store, int64_t article_id, int64_t search_id, const char *term_ids, struct arena *arena, struct error *err)
{
	struct article article;
	struct article_words words;

	if (!store_article_load(store, article_id, arena, &article, err))
		return false;
	article_read_words(&article, arena, &words);
	return row_take(store, search_id, err) && note_row(store, search_id, &words, term_ids, /* add= */ false, err);
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

/* --- fewer segments --- */

enum { MERGE_PAGES = 5000 };

struct merging {
	int64_t pages;                /* negative: begins to merge all segments into one (sqlite.org/fts5.html, the 'merge' command) */
	bool has_worked;
};

static bool merge_step(struct store *store, void *arg, struct error *err)
{
	static const char sql[] = "INSERT INTO article_search (article_search, rank) VALUES ('merge', ?1)";
	struct merging *merging = arg;
	struct statement *merge = store_statement(store, sql);
	const int64_t before = sqlite3_total_changes64(store->db);
	bool fine;

	statement_bind_integer(merge, 1, merging->pages);
	fine = statement_run(merge, err);
	statement_done(merge);
	merging->has_worked = sqlite3_total_changes64(store->db) - before >= 2;
	return fine;
}

bool store_search_merge(struct store *store, struct error *err)
{
	struct merging merging = { .pages = -MERGE_PAGES };

	do {
		if (!store_transaction(store, merge_step, &merging, err))
			return false;
		store_checkpoint(store);
		merging.pages = MERGE_PAGES;
	} while (merging.has_worked);
	return true;
}
