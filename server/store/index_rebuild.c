/* SPDX-License-Identifier: MIT */
/*
 * Everything that is made from the words of articles, made anew: vocabulary and vectors, the search index, suggestions.
 *
 * It is due when a migration has emptied these tables, when this program reads words otherwise than the one that wrote them (FTS5 must be told
 * what it is to take out, so both must read alike), and when somebody asks for it. Articles go in by their time, some hundred a transaction.
 * What is broken off is begun again: it stays due until all is there. Articles, listings and the log are not touched.
 */
#include "search_internal.h"

#include <string.h>

#include <xxhash.h>

enum { ARTICLES_AT_ONCE = 500, TERMS_AT_ONCE = 1000 };

struct rebuilding {
	struct store *store;
	struct arena *arena;
	int64_t time, id;             /* of the last article that is in */
	int64_t last_term;
	int64_t n, n_last;            /* articles that are in, and of these in the last step */
};

/* --- is it due? --- */

/* What this program makes of a text that holds what readers of words may differ over. */
static int64_t digest(void)
{
	static const char probe[] =
	    "Running runner's ponies generously hopeful happily happiness national nationalise controlled argued U.S. O\xe2\x80\x99Neil e-mail caf\xc3\xa9 stra\xc3\x9f"
	    "e dying skis news inning proceed exceed succeed early only gently singly bias atlas cosmos communal arsenal \xe5\x8c\x97\xe4\xba\xac evening past";
	struct article article;
	struct article_words words;
	struct arena *arena = arena_new();
	XXH64_hash_t hash;

	article_init(&article);
	article.title = "Probe";
	article.lang = "en";
	article.body_text = probe;
	article_read_words(&article, arena, &words);
	hash = XXH3_64bits(words.columns[SEARCH_COLUMN_BODY], strlen(words.columns[SEARCH_COLUMN_BODY]))
	    ^ XXH3_64bits(words.columns[SEARCH_COLUMN_MARKS], strlen(words.columns[SEARCH_COLUMN_MARKS]));
	arena_free(arena);
	return (int64_t)hash;
}

/* `otherwise` when it has not been set. */
bool store_state(struct store *store, const char *name, int64_t otherwise, int64_t *ret_value, struct error *err)
{
	static const char sql[] = "SELECT value FROM state WHERE name = ?1";
	struct statement *find = store_statement(store, sql);

	statement_bind_text(find, 1, name);
	*ret_value = statement_next(find, err) ? statement_integer(find, 0) : otherwise;
	statement_done(find);
	return err->code == ERROR_NONE;
}

bool store_set_state(struct store *store, const char *name, int64_t value, struct error *err)
{
	static const char sql[] = "INSERT INTO state (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value";
	struct statement *set = store_statement(store, sql);
	bool fine;

	statement_bind_text(set, 1, name);
	statement_bind_integer(set, 2, value);
	fine = statement_run(set, err);
	statement_done(set);
	return fine;
}

bool store_indexes_due(struct store *store, bool *ret_due, struct error *err)
{
	int64_t due, made_by;

	if (!store_state(store, "indexes_due", 0, &due, err) || !store_state(store, "words_digest", digest(), &made_by, err))
		return false;
	*ret_due = due != 0 || made_by != digest();
	return true;
}

static bool note_digest(struct store *store, void *arg, struct error *err)
{
	(void)arg;
	return store_set_state(store, "words_digest", digest(), err);
}

bool store_indexes_epoch(struct store *store, int64_t *ret_epoch, struct error *err)
{
	return store_state(store, "indexes_epoch", 0, ret_epoch, err);
}

bool store_indexes_begin(struct store *store, struct error *err)
{
	int64_t made_by;

	return store_state(store, "words_digest", 0, &made_by, err) && (made_by != 0 || store_transaction(store, note_digest, NULL, err));
}

/* --- making them anew --- */

static bool empty(struct store *store, void *arg, struct error *err)
{
	(void)arg;
	store_words_forget(store);
	search_forms_forget(store);
	store_rarities_forget(store);
	return store_execute(store,
	           "DELETE FROM article_vector; INSERT INTO article_words (article_words) VALUES ('delete-all'); DELETE FROM word;"
	           "INSERT INTO article_search (article_search) VALUES ('delete-all'); DELETE FROM search_row; DELETE FROM search_form;"
	           "DELETE FROM suggest_title; INSERT INTO suggest_word (suggest_word) VALUES ('delete-all'); DELETE FROM suggest_term;"
	           "DELETE FROM newsroom_words;",
	           err)
	    && store_set_state(store, "indexes_due", 1, err);
}

struct filing {
	struct store *store;
	struct text facets;
};

static bool add_facet(void *arg, int64_t term_id, struct error *err)
{
	static const char sql[] = "SELECT kind FROM term WHERE term_id = ?1";
	struct filing *filing = arg;
	struct statement *find = store_statement(filing->store, sql);
	bool fine;

	statement_bind_integer(find, 1, term_id);
	fine = statement_row(find, err);
	if (fine)
		search_facets_add(&filing->facets, statement_text(find, 0), term_id);
	statement_done(find);
	return fine;
}

static bool file_article(struct rebuilding *rebuilding, int64_t id, const char *term_ids, struct error *err)
{
	struct filing filing = { .store = rebuilding->store };
	struct article article;
	struct article_words words;
	bool fine = store_article_load(rebuilding->store, id, rebuilding->arena, &article, err);

	if (!fine)
		return false;
	article_read_words(&article, rebuilding->arena, &words);
	fine = ids_each(term_ids, add_facet, &filing, err) && search_put(rebuilding->store, &article, &words, term_ids, &filing.facets, err)
	    && store_words_put(rebuilding->store, &article, &words, /* is_new= */ true, err);
	store_suggest_article(rebuilding->store, &article, rebuilding->arena);
	text_done(&filing.facets);
	return fine;
}

/* In the order of time, in which the index is quickest to write. */
static bool file_articles(struct store *store, void *arg, struct error *err)
{
	static const char sql[] =
	    "SELECT article_id, published_at, term_ids FROM article JOIN article_document USING (article_id)"
	    " WHERE status = 'published' AND (published_at, article_id) > (?1, ?2) ORDER BY published_at, article_id LIMIT ?3";
	struct rebuilding *rebuilding = arg;
	struct statement *rows = store_statement(store, sql);
	bool fine = true;

	rebuilding->n_last = 0;
	statement_bind_integer(rows, 1, rebuilding->time);
	statement_bind_integer(rows, 2, rebuilding->id);
	statement_bind_integer(rows, 3, ARTICLES_AT_ONCE);
	while (fine && statement_next(rows, err)) {
		rebuilding->id = statement_integer(rows, 0);
		rebuilding->time = statement_integer(rows, 1);
		fine = file_article(rebuilding, rebuilding->id, statement_text(rows, 2), err);
		rebuilding->n_last++;
		arena_reset(rebuilding->arena);
	}
	statement_done(rows);
	return fine && err->code == ERROR_NONE;
}

static bool file_terms(struct store *store, void *arg, struct error *err)
{
	struct rebuilding *rebuilding = arg;

	return store_suggest_terms(store, rebuilding->last_term, TERMS_AT_ONCE, &rebuilding->last_term, err);
}

static bool finish(struct store *store, void *arg, struct error *err)
{
	int64_t epoch;

	sqlite3_randomness(sizeof epoch, &epoch);
	return note_digest(store, arg, err) && store_set_state(store, "indexes_epoch", epoch, err) && store_set_state(store, "indexes_due", 0, err);
}

static bool rebuild(struct rebuilding *rebuilding, void (*progress)(void *arg, int64_t n, int64_t all), void *arg, struct error *err)
{
	struct list_query everything;
	struct list_count all;

	list_query_init(&everything);
	if (!store_count(rebuilding->store, &everything, 0, &all, err) || !store_transaction(rebuilding->store, empty, NULL, err))
		return false;
	do {
		if (!store_transaction(rebuilding->store, file_terms, rebuilding, err))
			return false;
	} while (rebuilding->last_term != 0);
	do {
		if (!store_transaction(rebuilding->store, file_articles, rebuilding, err))
			return false;
		rebuilding->n += rebuilding->n_last;
		if (progress != NULL)
			progress(arg, rebuilding->n, all.n);
	} while (rebuilding->n_last > 0);
	if (!store_search_merge(rebuilding->store, err))
		return false;
	return store_transaction(rebuilding->store, finish, NULL, err);
}

bool store_rebuild_indexes(struct store *store, void (*progress)(void *arg, int64_t n, int64_t all), void *arg, struct error *err)
{
	struct rebuilding rebuilding = { .store = store, .arena = arena_new(), .time = INT64_MIN };
	const bool fine = rebuild(&rebuilding, progress, arg, err);

	arena_free(rebuilding.arena);
	return fine;
}
