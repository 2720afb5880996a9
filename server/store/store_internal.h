/* SPDX-License-Identifier: MIT */
/* What the files of server/store/ share among themselves. */
#ifndef BROADSHEET_STORE_INTERNAL_H
#define BROADSHEET_STORE_INTERNAL_H

#include <sqlite3.h>

#include "embedded.h"
#include "store.h"

enum { STATEMENTS_MOST = 512 };

struct statement {
	struct store *store;
	const char *sql;              /* its address is its name */
	sqlite3_stmt *handle;         /* NULL when it could not be prepared: then every step fails */
	bool in_use;
};

struct store {
	sqlite3 *db;
	enum store_access access;
	unsigned depth;               /* of transactions: more than 1 are savepoints */
	struct error failure;         /* of a statement inside the present transaction, not a constraint's: it must not be committed */
	int wal_pages;                /* in the WAL after the last commit */
	int64_t read_deadline_us;     /* a read that lasts longer is cut off; 0: none */
	struct statement statements[STATEMENTS_MOST];
	size_t n_statements;
};

/* --- store.c --- */

/* Is a database with these marks (PRAGMA application_id, user_version) one of ours, and not too new? `is_empty`: it has no table. */
bool store_marks_fit(const char *path, int64_t application, int64_t schema, bool is_empty, struct error *err);

/* --- statement.c --- */

/* A prepared statement for this literal (kept by the literal's address); a second one if the first is in use. */
struct statement *store_statement(struct store *store, const char *sql);
void statement_done(struct statement *statement);    /* resets it at once, so that the WAL can be checkpointed */

void statement_bind_integer(struct statement *statement, int index, int64_t value);
void statement_bind_time(struct statement *statement, int index, int64_t time);                  /* TIME_NONE becomes NULL */
void statement_bind_text(struct statement *statement, int index, const char *text);              /* NULL becomes NULL; borrowed until done */
void statement_bind_bytes(struct statement *statement, int index, const char *bytes, size_t length);

/* The next row. false at the end (err->code is ERROR_NONE) and on failure. */
bool statement_next(struct statement *statement, struct error *err);
/* The one row that must be there: ERROR_NOT_FOUND when it is not. */
bool statement_row(struct statement *statement, struct error *err);
/* Runs a statement that gives no rows. */
bool statement_run(struct statement *statement, struct error *err);

int64_t statement_integer(struct statement *statement, int column);
int64_t statement_time(struct statement *statement, int column);
const char *statement_text(struct statement *statement, int column);    /* until the next step; NULL for NULL */
size_t statement_length(struct statement *statement, int column);

/* What SQLite said, as one of our errors. Returns false. */
bool store_failed(struct store *store, int code, const char *doing, struct error *err);
/* Statements without parameters and rows. Literals only. */
bool store_execute(struct store *store, const char *sql, struct error *err);

/* --- term_store.c --- */

/* The row of a term, made if there is none; the term's slug and name are set to those it is known by. */
bool store_term_ensure(struct store *store, const char *kind, struct term *term, struct arena *arena, int64_t *ret_id, struct error *err);
bool store_term_id(struct store *store, const char *kind, const char *slug, int64_t *ret_id, int64_t *ret_count, struct error *err);
bool store_count_change(struct store *store, const char *kind, int64_t ref_id, int by, struct error *err);
/* The languages and flags of an article are terms too: called for all of them, the article's own included. */
bool store_each_listing_term(struct article *article, article_term_visitor *visit, void *arg, struct arena *arena);

/* --- article_words.c --- */

struct telling_word {
	const char *word;
	int weight;
};

/* The distinct words of title, standfirst and lead that may tell what it is about: folded, without common ones. */
size_t article_telling_words(const struct article *article, struct arena *arena, struct telling_word **ret_words);
/* Adds them to the index and gives their ids as text ("12 840 3"); takes them out again. */
bool store_words_add(struct store *store, const struct article *article, struct arena *arena, struct text *ret_ids, struct error *err);
bool store_words_remove(struct store *store, int64_t article_id, const char *ids, struct error *err);

/* Calls visit for each number in "12 840 3". */
bool ids_each(const char *ids, bool (*visit)(void *arg, int64_t id, struct error *err), void *arg, struct error *err);

#endif
