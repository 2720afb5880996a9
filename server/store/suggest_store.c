/* SPDX-License-Identifier: MIT */
/*
 * What can be completed while it is typed, kept as articles come and go: suggest_read.c reads it.
 *
 * Titles stand word by word in an index that FTS5 writes in order. Its rows are numbered by the minute of publishing, then by the article's
 * id, so that walking it backwards gives the newest titles first and a row's number leads to its article. What was put in is kept beside it,
 * as FTS5 must be told what it is to take out, whatever the rules for folding words may be by then. Whether anything has changed is looked up there
 * too: most edits leave a title and its time alone.
 *
 * Names of terms stand in a plain table, from the start of each word on, as long as the term has a published article: it comes in and goes as
 * counts are written (late.c). How many articles it has changes all the time, and is asked for when it is read.
 */
#include "store_internal.h"

#include <stdlib.h>
#include <string.h>

enum { TERM_WORDS_MOST = 8 };

int64_t suggest_place(int64_t published_at, int64_t article_id)
{
	const int64_t minute = published_at >= 0 ? published_at / 60 : -((59 - published_at) / 60);

	/* The first minute of year 0 lies above -2^30. */
	return (minute + (INT64_C(1) << 30)) << SUGGEST_ID_BITS | article_id;
}

const char *suggest_words(const char *text, size_t most, struct arena *arena)
{
	struct search_words words;
	struct search_word word;
	struct text all = TEXT_EMPTY;
	const char *joined;

	search_words_init(&words, text, /* is_english= */ false, arena);
	for (size_t n = 0; n < most && search_words_next(&words, &word); n++)
		text_printf(&all, "%s%s", n > 0 ? " " : "", word.form);
	joined = arena_copy(arena, all.bytes != NULL ? all.bytes : "", all.length);
	text_done(&all);
	return joined;
}

size_t suggest_cut(const char *start)
{
	size_t length = strnlen(start, SUGGEST_START_MOST);

	while (length > 0 && start[length] != '\0' && ((unsigned char)start[length] & 0xC0) == 0x80)
		length--;
	return length;
}

/* --- terms --- */

static bool is_suggested(const char *kind)
{
	static const char *const kinds[] = { "section", "tag", "source", "author" };

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i], kind) == 0)
			return true;
	return false;
}

/* Comes in, if it is not there, or goes. */
static bool change_start(struct store *store, int64_t term_id, const char *start, bool add, struct error *err)
{
	static const char put[] = "INSERT INTO suggest_term (start, term_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
	static const char take[] = "DELETE FROM suggest_term WHERE start = ?1 AND term_id = ?2";
	struct statement *change = store_statement(store, add ? put : take);
	bool fine;

	statement_bind_bytes(change, 1, start, suggest_cut(start));
	statement_bind_integer(change, 2, term_id);
	fine = statement_run(change, err);
	statement_done(change);
	return fine;
}

static bool change_term(struct store *store, int64_t term_id, const char *name, bool add, struct arena *arena, struct error *err)
{
	for (const char *start = suggest_words(name, TERM_WORDS_MOST, arena); *start != '\0';) {
		if (!change_start(store, term_id, start, add, err))
			return false;
		start += strcspn(start, " ");
		start += *start == ' ';
	}
	return true;
}

bool suggest_rename(struct store *store, int64_t term_id, const char *from, const char *to, struct error *err)
{
	struct arena *arena = arena_new();
	const bool fine = change_term(store, term_id, from, /* add= */ false, arena, err) && change_term(store, term_id, to, /* add= */ true, arena, err);

	arena_free(arena);
	return fine;
}

bool suggest_count(struct store *store, const char *kind, int64_t term_id, int64_t by, struct error *err)
{
	static const char sql[] =
	    "SELECT name FROM article_count JOIN term ON term_id = ref_id WHERE article_count.kind = ?1 AND ref_id = ?2 AND n = ?3";
	struct statement *find;
	struct arena *arena;
	bool fine = true;

	if (by == 0 || !is_suggested(kind))
		return true;
	find = store_statement(store, sql);
	statement_bind_text(find, 1, kind);
	statement_bind_integer(find, 2, term_id);
	statement_bind_integer(find, 3, by > 0 ? by : 0);
	if (statement_next(find, err)) {
		arena = arena_new();
		fine = change_term(store, term_id, statement_text(find, 0), by > 0, arena, err);
		arena_free(arena);
	}
	statement_done(find);
	return fine && err->code == ERROR_NONE;
}

bool store_suggest_terms(struct store *store, int64_t after, size_t most, int64_t *ret_last, struct error *err)
{
	static const char sql[] =
	    "SELECT term_id, kind, name FROM term WHERE term_id > ?1"
	    " AND EXISTS (SELECT 1 FROM article_count WHERE kind = term.kind AND ref_id = term_id AND n > 0)"
	    " ORDER BY term_id LIMIT ?2";
	struct statement *rows = store_statement(store, sql);
	struct arena *arena = arena_new();
	int64_t last = 0;
	bool fine = true;

	statement_bind_integer(rows, 1, after);
	statement_bind_integer(rows, 2, (int64_t)most);
	while (fine && statement_next(rows, err)) {
		last = statement_integer(rows, 0);
		if (is_suggested(statement_text(rows, 1)))
			fine = change_term(store, last, statement_text(rows, 2), /* add= */ true, arena, err);
		arena_reset(arena);
	}
	fine = fine && err->code == ERROR_NONE;
	statement_done(rows);
	arena_free(arena);
	if (fine)
		*ret_last = last;
	return fine;
}

/* --- titles --- */

void store_suggest_article(struct store *store, const struct article *article, struct arena *arena)
{
	const bool is_in = article->status == ARTICLE_PUBLISHED && article->id < INT64_C(1) << SUGGEST_ID_BITS;

	late_title(store, article->id, is_in ? article->published_at : 0, is_in ? suggest_words(article->title, SUGGEST_TITLE_WORDS_MOST, arena) : NULL);
}

/* A row that comes into the index or goes. */
struct index_change {
	int64_t place;
	const char *words;
	bool add;
};

struct index_changes {
	struct arena *arena;
	struct index_change *rows;
	size_t n;
};

static void note(struct index_changes *index, int64_t place, const char *words, bool add)
{
	if (words[0] != '\0')
		index->rows[index->n++] = (struct index_change){ place, arena_string(index->arena, words), add };
}

/* The title as it was put in; *ret_words is NULL when there is none. */
static bool load_title(struct store *store, int64_t article_id, struct arena *arena, int64_t *ret_published_at, const char **ret_words,
    struct error *err)
{
	static const char sql[] = "SELECT published_at, words FROM suggest_title WHERE article_id = ?1";
	struct statement *find = store_statement(store, sql);

	statement_bind_integer(find, 1, article_id);
	*ret_words = NULL;
	if (statement_next(find, err)) {
		*ret_published_at = statement_integer(find, 0);
		*ret_words = arena_string(arena, statement_text(find, 1));
	}
	statement_done(find);
	return err->code == ERROR_NONE;
}

static bool write_title(struct store *store, const struct late_title *title, struct error *err)
{
	static const char put_sql[] =
	    "INSERT INTO suggest_title (article_id, published_at, words) VALUES (?1, ?2, ?3)"
	    " ON CONFLICT (article_id) DO UPDATE SET published_at = excluded.published_at, words = excluded.words";
	static const char take_sql[] = "DELETE FROM suggest_title WHERE article_id = ?1";
	struct statement *write = store_statement(store, title->words != NULL ? put_sql : take_sql);
	bool fine;

	statement_bind_integer(write, 1, title->article_id);
	if (title->words != NULL) {
		statement_bind_integer(write, 2, title->published_at);
		statement_bind_text(write, 3, title->words);
	}
	fine = statement_run(write, err);
	statement_done(write);
	return fine;
}

static bool change_title(struct store *store, const struct late_title *title, struct index_changes *index, struct error *err)
{
	const char *words;
	int64_t published_at = 0;

	if (!load_title(store, title->article_id, index->arena, &published_at, &words, err))
		return false;
	if (words == NULL && title->words == NULL)
		return true;
	if (words != NULL && title->words != NULL && published_at == title->published_at && strcmp(words, title->words) == 0)
		return true;
	if (words != NULL)
		note(index, suggest_place(published_at, title->article_id), words, /* add= */ false);
	if (title->words != NULL)
		note(index, suggest_place(title->published_at, title->article_id), title->words, /* add= */ true);
	return write_title(store, title, err);
}

static int compare_titles(const void *one, const void *other)
{
	const struct late_title *a = one, *b = other;

	if (a->article_id != b->article_id)
		return a->article_id < b->article_id ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* Upwards, as FTS5 begins a new segment whenever a row lies below the one before; out before in. */
static int compare_changes(const void *one, const void *other)
{
	const struct index_change *a = one, *b = other;

	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return a->add - b->add;
}

static bool index_row(struct store *store, const struct index_change *change, struct error *err)
{
	static const char add[] = "INSERT INTO suggest_word (rowid, words) VALUES (?1, ?2)";
	static const char take[] = "INSERT INTO suggest_word (suggest_word, rowid, words) VALUES ('delete', ?1, ?2)";
	struct statement *row = store_statement(store, change->add ? add : take);
	bool fine;

	statement_bind_integer(row, 1, change->place);
	statement_bind_text(row, 2, change->words);
	fine = statement_run(row, err);
	statement_done(row);
	return fine;
}

bool suggest_flush(struct store *store, struct late_title *titles, size_t n, struct error *err)
{
	struct index_changes index = { .arena = arena_new() };
	bool fine = true;

	qsort(titles, n, sizeof *titles, compare_titles);
	index.rows = arena_array(index.arena, 2 * n, sizeof *index.rows);
	for (size_t i = 0; fine && i < n; i++)
		if (i + 1 == n || titles[i + 1].article_id != titles[i].article_id)    /* the last word on each article */
			fine = change_title(store, &titles[i], &index, err);
	qsort(index.rows, index.n, sizeof *index.rows, compare_changes);
	for (size_t i = 0; fine && i < index.n; i++)
		fine = index_row(store, &index.rows[i], err);
	arena_free(index.arena);
	return fine;
}
