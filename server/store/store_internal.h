/* SPDX-License-Identifier: MIT */
/* What the files of server/store/ share among themselves. */
#ifndef BROADSHEET_STORE_INTERNAL_H
#define BROADSHEET_STORE_INTERNAL_H

#include <limits.h>
#include <sqlite3.h>
#include <stdatomic.h>

#include "embedded.h"
#include "map.h"
#include "metrics.h"
#include "store.h"

/* How long the writer waits for a lock. */
enum { STORE_BUSY_MS = 5000 };

enum { STATEMENTS_MOST = 1024, STATEMENT_LISTS = 256 };

struct statement {
	struct store *store;
	const char *sql;              /* its address is its name */
	sqlite3_stmt *handle;         /* NULL when it could not be prepared: then every step fails… */
	int code;                     /* …with this */
	bool in_use;
	struct statement *next;       /* in its list */
};

struct store {
	sqlite3 *db;
	enum store_access access;
	unsigned depth;               /* of transactions: more than 1 are savepoints */
	bool gives_back;              /* memory, after a large transaction */
	struct error failure;         /* of a statement inside the present transaction, not a constraint's: it must not be committed */
	char path[PATH_MAX];          /* without links on the way */
	_Atomic int fault;            /* enum store_fault: what keeps the writer from writing */
	int failed_errno;             /* as SQLite's last call left it: store_code() */
	bool has_misread;             /* in this transaction or read: store_code() */
	bool must_reopen;             /* before the next transaction: store_fault.c */
	bool keeps_ballast, has_ballast;
	bool (*goes_on)(void *arg);   /* of a copy: asked now and then while a statement runs; false stops it */
	void *goes_on_arg;
	struct metric *wal_metric;
	int wal_pages;                /* in the WAL after the last commit */
	int64_t patience_us;          /* until then no reader is waited for: one was, in vain */
	int64_t read_deadline_us;     /* a read that lasts longer is cut off; 0: none */
	unsigned reads;               /* store_read_begin() calls that are open: the inner ones see what the outermost sees */
	unsigned statements_run;      /* not yet in the metric */
	struct metric *statements_metric;
	uint64_t *touched;            /* scopes whose answers the present transaction changes, or the last one changed */
	size_t n_touched, touched_capacity;
	struct late *late;            /* what the present transaction does at its end */
	int64_t next_id, last_seq, last_mark;    /* what the present transaction has found out; 0: not yet */
	struct error ignored;         /* of look-ups that answer yes or no: their trouble is in `failure` */
	struct map *terms, *word_ids, *forms_met;    /* the writer's: what it has met before */
	struct rarities *rarities;    /* of words, as they are now */
	struct webhooks_kept *webhooks;    /* the writer's: all of them; NULL: not yet read */
	bool webhooks_changed;        /* see store_webhooks_changed() */
	struct statement statements[STATEMENTS_MOST];
	size_t n_statements;
	struct statement *lists[STATEMENT_LISTS];    /* by hash of the literal's address */
};

/* --- store.c --- */

/* Is a database with these marks (PRAGMA application_id, user_version) one of ours, and not too new? `is_empty`: it has no table. */
bool store_marks_fit(const char *path, int64_t application, int64_t schema, bool is_empty, struct error *err);

/* The path without links in the folders on the way; of a linked file, still the link. */
bool store_real_path(const char *path, char ret_path[PATH_MAX], struct error *err);
/* Opens store->path with all settings, into store->db; `path` is what it is called in errors. What was opened before it failed is left there. */
bool store_connect(struct store *store, const char *path, bool may_create, struct error *err);
void store_disconnect(sqlite3 *db);    /* without a checkpoint; takes NULL */

/* --- transaction.c --- */

/* Copies all of the WAL back and empties it, waiting so long for readers: SQLite's code. Between transactions. */
int store_empty_wal(struct store *store, int wait_ms);
/* Asked while a read's statement runs: is it to be cut off? */
bool store_read_is_overdue(const struct store *store);
/* What the writer has met in the tables is no longer certain. */
void store_forget(struct store *store);

/* --- store_fault.c --- */

/* What SQLite gave. A read that the disk refuses (EIO) it takes for a corrupt file system, and says so by the code of a corrupt database, which it is not:
 * it may be read another time. Tells by errno, which is to be 0 before the call; until the next transaction or read the code may come again without it. */
int store_code(struct store *store, int code);
/* What such a code of SQLite's says of the disk: STORE_SOUND when it is no matter of the disk. */
enum store_fault store_fault_of(const struct store *store, int code);
/* Every failure comes by here: notes what keeps the writer from writing, and tells whoever wants to know of a corrupt database. */
void store_note_fault(struct store *store, int code);
/* The error that says so. Returns false. */
bool store_refuse(struct store *store, const char *doing, struct error *err);
/* Before a transaction: makes good what the last failure left (a new connection, an empty WAL, room), or says why that is not possible yet. */
bool store_mend(struct store *store, struct error *err);
/* After one that failed: gives the ballast up for a checkpoint. */
void store_give_way(struct store *store);
/* After one that went through: whatever it was, it is over. */
void store_is_sound(struct store *store);

/* --- state: single values by name (index_rebuild.c) --- */

/* `otherwise` when it has not been set. */
bool store_state(struct store *store, const char *name, int64_t otherwise, int64_t *ret_value, struct error *err);
bool store_set_state(struct store *store, const char *name, int64_t value, struct error *err);

/* --- statement.c --- */

/* All of them are gone: the connection is about to be. */
void store_statements_drop(struct store *store);

/* A prepared statement for this literal (kept by the literal's address); a second one if the first is in use. */
struct statement *store_statement(struct store *store, const char *sql);
void statement_done(struct statement *statement);    /* resets it at once, so that the WAL can be checkpointed */

void statement_rewind(struct statement *statement);  /* to be bound and run again: cheaper than done and taken anew, for loops */

void statement_bind_integer(struct statement *statement, int index, int64_t value);
void statement_bind_time(struct statement *statement, int index, int64_t time);                  /* TIME_NONE becomes NULL */
void statement_bind_text(struct statement *statement, int index, const char *text);              /* NULL becomes NULL; borrowed until done */
void statement_bind_bytes(struct statement *statement, int index, const char *bytes, size_t length);
void statement_bind_blob(struct statement *statement, int index, const char *bytes, size_t length);

/* The next row. false at the end (err->code is ERROR_NONE) and on failure. */
bool statement_next(struct statement *statement, struct error *err);
/* The one row that must be there: ERROR_NOT_FOUND when it is not. */
bool statement_row(struct statement *statement, struct error *err);
/* Runs a statement that gives no rows. */
bool statement_run(struct statement *statement, struct error *err);

/* Runs an INSERT of one row; gives its rowid. false when it inserted none because of its ON CONFLICT DO NOTHING (err->code is ERROR_NONE), and on
 * failure. Cheaper than RETURNING, for which SQLite fills a table of its own. */
bool statement_insert(struct statement *statement, int64_t *ret_rowid, struct error *err);

int64_t statement_integer(struct statement *statement, int column);
int64_t statement_time(struct statement *statement, int column);
const char *statement_text(struct statement *statement, int column);    /* until the next step; NULL for NULL */
size_t statement_length(struct statement *statement, int column);
const char *statement_blob(struct statement *statement, int column);    /* statement_length() bytes until the next step */

/* Adds what has been run to the metric: at the end of a read or a transaction, so that threads do not share a number they all add to. */
void store_count_statements(struct store *store);
/* What SQLite said, as one of our errors. Returns false. */
bool store_failed(struct store *store, int code, const char *doing, struct error *err);
/* Statements without parameters and rows. Literals only. */
bool store_execute(struct store *store, const char *sql, struct error *err);

/* --- article_apply.c --- */

bool article_apply(struct store *store, const struct version *version, struct error *err);

/* --- change_read.c --- */

/* A version that changed what readers see of an article. */
struct change_write {
	const struct article *article;
	int64_t seq;
	const char *term_ids;             /* what it is listed under from now on; NULL: nothing */
	bool was_listed_ever;
	const char *was_listed_under;     /* up to now; "": it was not to be seen */
};
bool change_put(struct store *store, const struct change_write *write, struct error *err);

/* --- schedule_store.c, idempotency_store.c --- */

/* `is_new`: it has no row yet. */
bool schedule_put(struct store *store, const struct article *article, bool is_new, struct error *err);
bool idempotency_forget(struct store *store, int64_t article_id, struct error *err);    /* replies that hold its text */

/* --- version_store.c --- */

/* Nothing but the numbers of an article's earlier versions is kept from now on. */
bool versions_blank(struct store *store, const struct article *article, struct error *err);
/* Of a record's earlier versions all but this member is kept, which is a secret. */
bool versions_blank_member(struct store *store, const struct record *record, const char *member, struct error *err);

/* --- collection_store.c, section_store.c: kinds of record_apply.c --- */

bool collection_apply(struct store *store, const struct version *version, struct error *err);
/* A version of this article has changed what readers see of it. */
bool collection_member_changed(struct store *store, int64_t article_id, int64_t seq, struct error *err);
bool section_apply(struct store *store, const struct version *version, struct error *err);

/* --- key_store.c --- */

bool key_apply(struct store *store, const struct version *version, struct error *err);
/* --- newsroom_store.c, newsroom_words.c: what is not published --- */

struct search_query;

/* Makes the newsroom's tables true to the article. `was_in`: it may have rows there. words: NULL when it is published, which takes them out. */
bool newsroom_apply(struct store *store, struct article *article, bool was_in, const struct article_words *words, struct arena *arena, struct error *err);
/* Its words as they are kept: a line for each column of the search index. Appended. */
void newsroom_words_write(const struct article_words *words, struct text *ret_text);
bool newsroom_words_match(const char *words, const struct search_query *query, struct arena *arena);
/* Would a search find it, were it published? false also on failure: err->code tells. */
bool newsroom_matches(struct store *store, int64_t id, const struct search_query *query, struct error *err);

/* --- applied by record_apply.c --- */

bool preview_secret_apply(struct store *store, const struct version *version, struct error *err);
/* --- version_store.c --- */

/* What follows on the last seq of the log. */
bool store_next_seq(struct store *store, int64_t last, int64_t *ret_seq, struct error *err);

/* --- term_store.c --- */

/* The row of a term, made if there is none; the term's slug, name and id are set to those it is known by. One that has an id is left as it is. */
bool store_term_ensure(struct store *store, const char *kind, struct term *term, struct arena *arena, struct error *err);
bool store_term_id(struct store *store, const char *kind, const char *slug, int64_t *ret_id, int64_t *ret_count, struct error *err);
/* What has been met is no longer certain: a transaction or a part of it was undone. */
void store_terms_forget(struct store *store);
/* The languages and flags of an article are terms too: called for all of them, the article's own included. */
bool store_each_listing_term(struct article *article, article_term_visitor *visit, void *arg, struct arena *arena);

/* --- generation_store.c --- */

/* Notes that readers will see another answer from this scope on. Inside a transaction. */
void store_touch(struct store *store, uint64_t scope);

/* --- late.c: noted now, done before COMMIT --- */

struct late_mark {
	size_t counts, links, words, searches, titles, erasures, secrets;
	int64_t public_seq;
};

/* Counts one more or one less of a term, and sets its generation. */
void late_count(struct store *store, const char *kind, int64_t ref_id, int by, int64_t seq);
/* The article's row in the listing of a term comes in or goes; published_at is that of the row. */
void late_link(struct store *store, int64_t term_id, int64_t published_at, int64_t article_id, int64_t updated_at, bool add);
/* A row of the search index comes in or goes; copied. */
void late_search(struct store *store, int64_t search_id, const char *const columns[SEARCH_COLUMNS], bool add);
/* An article's words come in or go: in the index under its telling words, in the counts of all that its vector has. Both are copied. */
void late_words(struct store *store, int64_t article_id, const char *ids, const char *vector, size_t length, bool add);
/* From now on the article's title is completed from these words, or, when they are NULL, not at all. */
void late_title(struct store *store, int64_t article_id, int64_t published_at, const char *words);
/* An article has been erased: nothing of its words is to be left in the file. */
void late_erasure(struct store *store);
/* A secret has been overwritten: it is to leave the write-ahead log with the commit. */
void late_secret(struct store *store);
/* Readers see something else from this seq on. */
void late_public_seq(struct store *store, int64_t seq);
int64_t late_public_seq_noted(const struct store *store);    /* 0: none */
struct late_mark late_mark(const struct store *store);
bool late_is_at(const struct store *store, struct late_mark mark);    /* has nothing been noted since? */
void late_cut(struct store *store, struct late_mark mark);     /* forgets what was noted since */
bool late_flush(struct store *store, struct error *err);
void late_free(struct store *store);

/* --- erasure.c --- */

/* At the end of a transaction in which an article was erased. */
bool erasure_flush(struct store *store, struct error *err);

/* --- word_store.c --- */

/* Makes `word`, `article_vector` and `article_words` true to the article as it is given (id, status) and its words, whatever they
 * held of it before; nothing stays of one that is not published. Inside a transaction, which writes counts and index at its end. `is_new`: nothing
 * is there of it, which saves a look. */
bool store_words_put(struct store *store, const struct article *article, const struct article_words *words, bool is_new, struct error *err);
/* What store_words_put() would keep of it: ids of telling words ("12 840 3"), made where they are new, and the vector. Appended. */
bool store_words_of(struct store *store, const struct article_words *words, struct text *ret_ids, struct text *ret_vector, struct error *err);
void store_words_forget(struct store *store);
/* How many published articles have a word of this stem in title, standfirst or body. */
bool store_word_count(struct store *store, const char *stem, int64_t *ret_n, struct error *err);

/* --- search_index.c --- */

/* Brings an article with its words into the search index, and takes it out as it stands in the store. term_ids: "12 840 3"; facets:
 * search_facets.c. Both are done at the end of the transaction. */
bool search_put(struct store *store, const struct article *article, const struct article_words *words, const char *term_ids, const struct text *facets,
    struct error *err);
bool search_take(struct store *store, int64_t article_id, int64_t search_id, const char *term_ids, struct arena *arena, struct error *err);
bool search_index_row(struct store *store, int64_t search_id, const char *const columns[SEARCH_COLUMNS], bool add, struct error *err);
void search_forms_forget(struct store *store);

/* --- search_facets.c --- */

/* One more term of an article; kinds without a facet are left out. */
void search_facets_add(struct text *facets, const char *kind, int64_t term_id);

/* --- article_vector.c --- */

enum { VECTOR_TIMES_MOST = 63 };

struct vector_word {
	int64_t id;
	uint32_t times;               /* 0: a common word */
	bool is_head;                 /* in title or standfirst */
	bool is_plain;                /* somewhere it is written as its stem */
};

struct vector_reader {
	const unsigned char *at, *end;
	int64_t id;                   /* of the last word */
	bool is_broken;
};

/* Words come in ascending order of ids; *last_id begins as 0. */
void vector_append(struct text *bytes, int64_t *last_id, const struct vector_word *word);
void vector_reader_init(struct vector_reader *reader, const char *bytes, size_t length);    /* borrows them */
bool vector_next(struct vector_reader *reader, struct vector_word *ret_word);

/* --- word_rarity.c --- */

/* Of a term that n of all articles have: log(1 + articles / n). */
double store_rarity(double articles, int64_t n);
/* Before store_word_rarity(), in the same read: gives how many published articles there are. */
bool store_rarities_begin(struct store *store, double *ret_articles, struct error *err);
bool store_word_rarity(struct store *store, int64_t id, double *ret_rarity, struct error *err);
void store_rarities_forget(struct store *store);     /* this connection is about to change them */

/* --- suggest_store.c --- */

enum { SUGGEST_ID_BITS = 30, SUGGEST_TITLE_WORDS_MOST = 12, SUGGEST_START_MOST = 60 };

struct late_title {
	int64_t article_id, published_at;
	const char *words;            /* NULL: none any more */
	size_t order;                 /* as noted: the last counts */
};

/* The number of a title's row in the index: later is larger. */
int64_t suggest_place(int64_t published_at, int64_t article_id);
/* Up to `most` words of a text as they are compared, with a blank between them; in the arena. */
const char *suggest_words(const char *text, size_t most, struct arena *arena);
/* How much of the start of a name is kept. */
size_t suggest_cut(const char *start);
/* A term that can be completed by its name has got another one. */
bool suggest_rename(struct store *store, int64_t term_id, const char *from, const char *to, struct error *err);
/* A term's count has just been changed by so much: with its first published article its name can be completed, with its last no more. */
bool suggest_count(struct store *store, const char *kind, int64_t term_id, int64_t by, struct error *err);
/* Sorts the titles. */
bool suggest_flush(struct store *store, struct late_title *titles, size_t n, struct error *err);

/* --- related_find.c --- */

enum { RELATED_REASONS_MOST = 6, RELATED_SCORE_MOST = 10000 };

struct related_reason {
	const char *type, *value;     /* "tag", "section", "source", "text" */
};

struct related_row {
	int64_t id;
	unsigned score;               /* in ten-thousandths */
	bool editorial;
	unsigned story;               /* copies of one story have one number; 0: copies of the article itself, which have no reasons */
	struct related_reason reasons[RELATED_REASONS_MOST];
	size_t n_reasons;
};

struct related_found {
	struct related_row *rows;     /* editors' links, then what is alike, the best first */
	size_t n;
	const struct text_sketch *sketch;    /* of the article's own text */
};

/* ERROR_NOT_FOUND. Takes about two megabytes of the arena; more, up to ten, where articles are as long as books. */
bool store_related_find(struct store *store, int64_t id, struct arena *arena, struct related_found *ret_found, struct error *err);

/* --- related_answer.c --- */

enum { RELATED_DICTIONARY_MOST = 192 };

/* Walks the rows of an answer. */
struct related_reader {
	const char *at, *end;
	bool is_broken;               /* the bytes are no answer, or end too early */
	struct {
		const char *json;
		size_t length;
	} reasons[UINT8_MAX];
	size_t n_reasons, n_rows;     /* rows to come */
};

struct related_entry {
	int64_t id;
	unsigned score, story;
	bool editorial;
	const char *reasons;          /* their places */
	size_t n_reasons;
};

void related_encode(const struct related_row *rows, size_t n, struct text *ret_bytes);
uint64_t related_digest(const char *bytes, size_t length);
void related_reader_init(struct related_reader *reader, const char *bytes, size_t length);    /* borrows them; none: no rows */
bool related_next(struct related_reader *reader, struct related_entry *ret_entry);
/* What follows a list item whose closing brace is cut off: ,"score":0.4487,"origin":"computed","reasons":[…]} */
void related_tail(const struct related_reader *reader, const struct related_entry *entry, struct text *json);
void related_sketch_encode(const struct text_sketch *sketch, struct text *ret_bytes);
bool related_sketch_decode(const char *bytes, size_t length, struct text_sketch *ret_sketch);

/* --- feed_read.c --- */

/* The version takes the article from readers, who had it under these terms; or gives it back to them under these. */
bool removal_put(struct store *store, int64_t article_id, const struct version *version, const char *term_ids, struct error *err);
bool removal_drop(struct store *store, int64_t article_id, const char *term_ids, struct error *err);

/* --- related_due.c --- */

/* The article stands at a new version: its answer is due, or, when readers may not see it any more, taken away. */
bool store_related_mark(struct store *store, int64_t id, int64_t seq, bool is_public, struct error *err);

/* One more number for "12 840 3". */
void ids_append(struct text *ids, int64_t id);
/* Calls visit for each number in "12 840 3". */
bool ids_each(const char *ids, bool (*visit)(void *arg, int64_t id, struct error *err), void *arg, struct error *err);

#endif
