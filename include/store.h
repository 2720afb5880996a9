/* SPDX-License-Identifier: MIT */
/*
 * SQLite: everything that is kept, and all SQL.
 *
 * A struct store is one connection, used by one thread. There is one writer (which also checkpoints; SQLite 3.40.1 can lose data
 * otherwise, see server/store/store.c) and a read-only one for each serving thread. Reads that belong together stand between
 * store_read_begin() and store_read_end(), and then see one state of the store.
 *
 * JSON that comes out of here is ready to be sent but for CONTROL_BASE_URL bytes in it.
 */
#ifndef BROADSHEET_STORE_H
#define BROADSHEET_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "article.h"
#include "error.h"
#include "generations.h"
#include "key.h"
#include "search.h"
#include "text.h"

struct store;

/* --- opening --- */

enum store_access {
	STORE_READ,
	STORE_WRITE,                  /* creates a missing file */
	STORE_COPY,                   /* reads as long as it takes, older schemas too; what store_copy() copies from */
};

/* Opens as RELIABILITY asks. Refuses, touching nothing: a file that is no database, one of another program, one of a newer schema.
 * A database whose schema is older opens for writing only; store_migrate() then brings it up to date. ":memory:" is for tests. */
bool store_open(const char *path, enum store_access access, struct store **ret_store, struct error *err);
const char *store_engine(void);             /* the version of SQLite */
void store_close(struct store *store);      /* the writer checkpoints and empties the WAL; takes NULL */

/* --- when the disk fails (server/store/store_fault.c) --- */

enum store_fault { STORE_SOUND, STORE_FULL, STORE_READ_ONLY, STORE_BROKEN };
extern const char *const store_fault_names[];    /* "none", "full", "read-only", "io-error" */

/* What keeps this writer from writing. It is tried again with each transaction. Any thread. */
enum store_fault store_fault(const struct store *store);
/* From now on 16 MiB lie beside the writer's database, to be given up when the disk is full. Where there is no room for it, it does without. */
void store_keep_ballast(struct store *store);
void store_drop_ballast(struct store *store);    /* takes NULL */
/* Called by whichever thread meets a corrupt database, with SQLite's words; may end the process. NULL: nobody is. */
void store_when_corrupt(void (*tell)(const char *what));

/* From now on what a large transaction leaves in memory (up to 64 MiB of pages) goes back to the system at its end. For a process that lives on:
 * the next one reads its pages anew, which costs some per cent. */
void store_gives_back(struct store *store);

/* The number of the newest migration built in, and the one that the database stands at. */
int store_schema_newest(void);
int store_schema(struct store *store);
/* Applies what is pending, each migration in one transaction. `each` (may be NULL) is told the name of each one applied. */
bool store_migrate(struct store *store, void (*each)(void *arg, const char *name), void *arg, struct error *err);

/* Is what is made from the words of articles (search, suggestions, vectors) to be made anew? A migration may have emptied it, or this program read
 * words otherwise than the one that made it. Nothing may be written before that. */
bool store_indexes_due(struct store *store, bool *ret_due, struct error *err);
/* Notes by which reader of words they are made, if that has not been noted yet. */
bool store_indexes_begin(struct store *store, struct error *err);
/* Makes it anew, in many transactions; broken off, it is due still. `progress` (may be NULL) is told how many articles are in, of how many. Some
 * thousand articles a second. */
bool store_rebuild_indexes(struct store *store, void (*progress)(void *arg, int64_t n, int64_t all), void *arg, struct error *err);

/* Drawn whenever they have been made anew: rows of the search index are others since, and so may answers be. 0: never. */
bool store_indexes_epoch(struct store *store, int64_t *ret_epoch, struct error *err);

/* What the first bytes of the file tell without a trace of the looking, where store_open() may leave files beside a database that it
 * refuses: ERROR_INVALID for what is no database, another program's, or of a newer schema. Call it before the process opens the
 * database: closing any descriptor of a file ends SQLite's own locks on it. */
bool store_look(const char *path, struct error *err);

/* A lock beside the database, held until store_unlock(): whoever has it may write. Looks first, as store_look() does. ERROR_BUSY when
 * another process has it, ERROR_NOT_FOUND when the folder of the database does not exist. */
struct store_lock;
bool store_lock(const char *path, struct store_lock **ret_lock, struct error *err);
/* The same without a look at the database, for who is about to put another one there. */
bool store_lock_only(const char *path, struct store_lock **ret_lock, struct error *err);
void store_unlock(struct store_lock *lock);              /* takes NULL, here and below */
/* For what was refused before it began: also takes away the lock's file, if it was made for this lock. */
void store_lock_withdraw(struct store_lock *lock);

/* --- copies of a whole database --- */

struct store_copying {
	bool check_source;            /* read it as a whole before it is copied */
	int64_t next_seq;             /* the history of the copy begins there or later; 0: wherever */
	bool (*goes_on)(void *arg);   /* asked now and then; false stops it. May be NULL */
	void *arg;
};

struct store_copied {
	int64_t seq, versions, articles, bytes;
};

/* Copies the state of one moment into `to`, which is an empty file, checks the copy and writes it out. Works beside a running server: it only reads. The
 * first opening of the copy for writing begins a history of its own, with a new epoch and a seq that was never given. */
bool store_copy(const char *from, const char *to, const struct store_copying *how, struct store_copied *ret_copied, struct error *err);
/* A copy that is opened for writing begins a history of its own; nothing for any other database. Once it is migrated, before anything is written. */
bool store_settle_copy(struct store *store, struct error *err);
/* Of a database that may be damaged: 0 when it cannot be told. */
int64_t store_last_seq_of(const char *path);
/* The seq at which the database's own history begins, if it was once a copy; 0: it never was. */
bool store_history(struct store *store, int64_t *ret_seq, struct error *err);
/* Was this seq, other than 0, given before a copy was put in the place of the database? Whoever has followed the changes so far cannot go on from there. */
bool store_seq_is_lost(struct store *store, int64_t seq, bool *ret_lost, struct error *err);

/* --- transactions --- */

/* Runs fn in one immediate transaction: commits when it returns true, otherwise rolls back. The only place that begins and commits.
 * Nested calls are savepoints, so that one bad article of a batch fails alone. */
bool store_transaction(struct store *store, bool (*fn)(struct store *store, void *arg, struct error *err), void *arg, struct error *err);
/* Runs fn inside the present transaction or savepoint without one of its own, which is much cheaper. When it fails after it has changed
 * something, what is around it can no longer be kept: *ret_spoiled is true. */
bool store_part(struct store *store, bool (*fn)(struct store *store, void *arg, struct error *err), void *arg, bool *ret_spoiled, struct error *err);
/* A read that lasts over 2 s fails with ERROR_BUSY: it would keep the write-ahead log from being copied back. May be nested: the inner ones
 * see what the outermost sees. */
bool store_read_begin(struct store *store, struct error *err);
void store_read_end(struct store *store);
/* Before the end: is what was read still one state? false when the disk failed in between. */
bool store_read_holds(struct store *store, struct error *err);
/* Copies the WAL into the database as far as readers allow. The writer's thread, between transactions. */
void store_checkpoint(struct store *store);

/* --- applying versions: the only code that changes articles, and whatever else every node must know --- */

/* Something that is no article and yet travels through the log: a section's description, a collection, a key, a webhook. */
struct record {
	const char *kind;             /* "section", …: server/store/record_apply.c lists them. NULL: none */
	int64_t ref, rev;             /* of its kind; revs count from 1 */
	bool is_removed;
	const char *json;             /* all that there is to know of it; its shape is its kind's own */
};

struct version {
	int64_t seq;                  /* 0: the log gives the next one */
	int64_t at;                   /* Unix seconds */
	const char *by;               /* "import", "schedule", a key's name */
	const struct article *article;    /* with id, slug and rev; NULL: it is a version of… */
	struct record record;
};

/* Appends a version to the log table and gives its seq. Inside a transaction. A (kind, ref, rev) already there is ERROR_CONFLICT. */
bool store_version_append(struct store *store, const struct version *version, int64_t *ret_seq, struct error *err);
/* Makes every table true to the version: of an article term rows, counts, slugs, words, item, document. Inside the same transaction. */
bool store_apply(struct store *store, const struct version *version, struct error *err);
/* Numbers the next version of a record: with `ref` 0 of a new one, which gets the next number of its kind. Inside the same transaction. */
bool store_record_number(struct store *store, struct record *record, struct error *err);
/* The seq of the last version that changed what readers see. */
int64_t store_public_seq(struct store *store);

/* --- generations: since when has an answer been as it is? (generations.h, basis.h) --- */

/* The scope of every listing that no term narrows; its generation is store_public_seq(). That of a term is scope_key("section", slug),
 * of an article scope_key_of_id("article", id). */
#define SCOPE_ALL scope_key("all", "")

/* 0 for a term that has never had a published article. */
bool store_term_generation(struct store *store, const char *kind, const char *slug, int64_t *ret_seq, struct error *err);
/* A digest of the log up to this seq; 0 for seq 0. */
bool store_mark(struct store *store, int64_t seq, uint64_t *ret_mark, struct error *err);
/* Drawn when the database was made. */
bool store_epoch(struct store *store, uint64_t *ret_epoch, struct error *err);
/* The writer's: scopes that the last committed transaction touched, some perhaps twice. Borrowed until the next one. */
const uint64_t *store_touched(const struct store *store, size_t *ret_n);

/* What publishing needs to know before it numbers a version. */
int64_t store_next_id(struct store *store);
bool store_id_by_guid(struct store *store, int64_t source_id, const char *guid, int64_t *ret_id);
/* Visits the articles of a source and a time, and its scheduled ones, whatever their status, until `visit` returns false. May leave out those
 * that have a guid. */
bool store_ids_by_time(struct store *store, int64_t source_id, int64_t published_at, bool without_guid,
    bool (*visit)(void *arg, int64_t id, struct error *err), void *arg, struct error *err);
bool store_id_by_slug(struct store *store, const char *slug, int64_t *ret_id);    /* present and former slugs */
bool store_slug_was_public(struct store *store, const char *slug);      /* has a published version borne it? */
/* Gives each term of the article the spelling, slug, type and id under which the store knows it; unknown ones stay as they are. The ids hold
 * within the present transaction or savepoint. */
void store_resolve_terms(struct store *store, struct article *article, struct arena *arena);
/* The whole article with its private part, as it stands. ERROR_NOT_FOUND. */
bool store_article_load(struct store *store, int64_t id, struct arena *arena, struct article *ret_article, struct error *err);
/* The same of what stands in its list item, which is short: no texts, and nothing that the newsroom keeps. */
bool store_item_load(struct store *store, int64_t id, struct arena *arena, struct article *ret_article, struct error *err);
/* A version of it as the log has it. ERROR_NOT_FOUND. */
bool store_version_load(struct store *store, int64_t id, int64_t rev, struct arena *arena, struct article *ret_article, struct error *err);
/* Loads the articles behind `after` in ascending id, one a call, whatever their status: the export's walk. false at the end (code ERROR_NONE). */
bool store_article_next(struct store *store, int64_t after, struct arena *arena, struct article *ret_article, struct error *err);

/* A place in the order of time. */
struct list_key {
	int64_t time, id;
};

/* --- the schedule: what is to happen by itself --- */

/* When something is due first, later than `after` (TIME_NONE: of all); TIME_NONE: never. */
bool store_schedule_next(struct store *store, int64_t after, int64_t *ret_at, struct error *err);
/* Up to `most` articles that are due, with their times, the first ones first, behind that place: { TIME_NONE, 0 } to begin with. */
bool store_schedule_due(struct store *store, int64_t now, struct list_key behind, struct list_key *ret_due, size_t most, size_t *ret_n, struct error *err);

/* --- replies to writes, for those who ask again with the same Idempotency-Key --- */

enum { IDEMPOTENCY_SECONDS = 24 * 3600 };

struct kept_write {
	unsigned char digest[32];     /* of the request */
	int64_t article_id, rev;
	unsigned status;
	const char *reply;            /* JSON */
	size_t length;
};

/* false when there is none that is still good (err->code is ERROR_NONE). In the arena. */
bool store_idempotency_find(struct store *store, const char *caller, const char *key, int64_t now, struct arena *arena, struct kept_write *ret_write,
    struct error *err);
/* Inside the transaction of the write. Also forgets what is too old. */
bool store_idempotency_keep(struct store *store, const char *caller, const char *key, const struct kept_write *write, int64_t now, struct error *err);

/* --- reading single articles --- */

struct article_row {
	int64_t id, rev, seq, published_at, updated_at;
	enum article_status status;
	bool was_public;
	const char *slug;             /* the present one */
	bool is_known_so;             /* readers may know it by what it was found by: an id, or a slug that a published version has borne */
};

/* By id or slug, present or former, whatever its status; in the arena. ERROR_NOT_FOUND. */
bool store_article_find(struct store *store, const char *ref, struct arena *arena, struct article_row *ret_row, struct error *err);
bool store_item(struct store *store, int64_t id, struct text *ret_json, struct error *err);        /* appended */
bool store_document(struct store *store, int64_t id, struct text *ret_json, struct error *err);    /* appended */
/* Document and private part in one object: all that the newsroom sees of it. Appended. */
bool store_whole_document(struct store *store, int64_t id, struct text *ret_json, struct error *err);
bool store_private(struct store *store, int64_t id, struct text *ret_json, struct error *err);     /* status, schedule, editors' links, removal; appended */
/* May readers be led to it? false too when there is no such article. */
bool store_is_published(struct store *store, int64_t id, bool *ret_is, struct error *err);
/* Members for a 410's problem: removed_at, reason, and replaced_by where that is public. Appended as "\"removed_at\":…". */
bool store_removal(struct store *store, int64_t id, struct arena *arena, struct text *ret_members, struct error *err);

/* A version of an article, as the log has it. */
struct revision {
	int64_t rev, seq, at;
	const char *by, *doc;         /* doc: JSON as `export` writes it */
	size_t length;                /* of doc */
};

/* Up to `most` versions with a rev smaller than `below`, the newest first; `public_only`: of those that readers saw. Room for `most`; in the arena. */
bool store_revisions(struct store *store, int64_t id, int64_t below, bool public_only, size_t most, struct arena *arena, struct revision *ret_revisions,
    size_t *ret_n, struct error *err);
bool store_revision(struct store *store, int64_t id, int64_t rev, struct arena *arena, struct revision *ret_revision, struct error *err);    /* ERROR_NOT_FOUND */

/* The terms under which a published article is listed, as caches group by them: "section-sport tag-harbour". In the arena. */
bool store_cache_groups(struct store *store, int64_t id, struct arena *arena, const char **ret_groups, struct error *err);

/* --- previews --- */

/* What they are signed with: a record of the kind "preview-secret". *ret_secret is NULL until there is one. In the arena. */
bool store_preview_secret(struct store *store, struct arena *arena, const char **ret_secret, struct error *err);
/* From now on no preview shows the article, whenever it was made: for who erases it. Inside a transaction. */
bool store_previews_revoke(struct store *store, int64_t article_id, struct error *err);
bool store_previews_revoked(struct store *store, int64_t article_id, bool *ret_revoked, struct error *err);

/* --- listings --- */

enum list_order { LIST_NEWEST, LIST_OLDEST, LIST_UPDATED };
extern const char *const list_order_names[];    /* NULL at the end */

/* One parameter's terms: an article passes when it has any of `any` (if there are any) and none of `none`. Slugs. */
struct term_filter {
	const char *kind;             /* "section", "tag", "source", "author", "lang", "flag" */
	const char **any;
	size_t n_any;
	const char **none;
	size_t n_none;
};

enum { LIST_FILTERS_MOST = 64 };

/* Which articles: a bit each. */
#define LIST_STATUS(status) (1U << (status))
#define LIST_STATUSES_ALL (LIST_STATUS(ARTICLE_UNSAID) - 1)

struct list_query {
	enum list_order order;
	unsigned statuses;            /* LIST_STATUS() or'ed; 0: published ones. What has never been published stands at the time when it is to come out, or else
	                               * at that of its last change */
	const struct search_query *words;     /* what is not published must have these; NULL: any. Of what is published the search index tells */
	struct term_filter filters[LIST_FILTERS_MOST];    /* all must pass */
	size_t n_filters;
	int64_t published_after, published_before, updated_after, updated_before;    /* TIME_NONE: open; after is inclusive, before exclusive */
	bool backward;                /* walk towards the front, from `from` */
	bool has_from;
	struct list_key from;         /* exclusive */
	size_t limit;
	int64_t examined_most;        /* rows held against the filters and look-ups for that, at most; a page may then be short though more follow */
	bool rows_only;               /* what lies on either side does not matter */
};

enum { LIST_EXAMINED_MOST = 30000 };

struct list_row {
	struct list_key key;          /* its place in the order asked for */
	bool is_public;
};

struct list_page {
	struct list_row *rows;        /* in the order of the listing, also when walked backward; in the arena */
	size_t n;
	bool more_before, more_after; /* whether there are any on either side, or may be */
	struct list_key before, after;        /* where the walk goes on from on either side, if there are more; an empty page has no row to say it */
	bool is_cut;                  /* examined_most was reached: where the page ends, or whether anything lies beyond it, depends on rows that are not in
	                               * the list */
};

void list_query_init(struct list_query *query);
/* One page. The rarest parameter drives, or dates of the other order where they leave few; cost: the rows walked until the page is full, times the
 * filters that do not drive. Negations do not drive: where they leave little, the walk is long, and ends at examined_most. */
bool store_list(struct store *store, const struct list_query *query, struct arena *arena, struct list_page *ret_page, struct error *err);
struct list_count {
	int64_t n;
	bool exact;                   /* false: there are, or may be, more */
	bool is_cut;                  /* examined_most was reached */
};

/* How many in all: one look-up for no filter or one term, otherwise counted up to `most` or until examined_most. */
bool store_count(struct store *store, const struct list_query *query, int64_t most, struct list_count *ret_count, struct error *err);
/* Does an article pass the filters? One that is not published may be asked about where the query's statuses are more than published. */
bool store_passes(struct store *store, const struct list_query *query, const struct article_row *row, struct error *err);

/* --- changes, for those who keep a copy --- */

/* What became of an article last. */
struct article_change {
	int64_t seq, id;
	const char *reason;           /* why it is gone: "withdrawn", "expired", "unpublished", "left-filter"; NULL: look at it again */
	int64_t rev, published_at;    /* of one that is there, like: */
	const char *section;          /* slug */
};

struct change_page {
	struct article_change *changes;       /* in the order of seq; in the arena */
	size_t n;
	int64_t examined;             /* all up to this seq has been looked at */
	bool has_more;                /* behind it */
	bool is_cut;                  /* examined_most was reached: the page ends before it is full */
};

/* The changes behind `since` that concern the query's terms, or of all articles; `limit` and `examined_most` are the query's. One row an article. */
bool store_changes(struct store *store, const struct list_query *query, int64_t since, struct arena *arena, struct change_page *ret_page, struct error *err);

/* --- search --- */

enum search_order { SEARCH_RELEVANCE, SEARCH_NEWEST, SEARCH_OLDEST, SEARCH_UPDATED };

/* A bit each. */
enum search_facet_bits { FACET_SECTION = 1, FACET_SOURCE = 2, FACET_AUTHOR = 4, FACET_TAG = 8, FACET_YEAR = 16 };
enum { SEARCH_FACETS_MOST = 5, SEARCH_FACET_ROWS_MOST = 50 };

/* What a ranking goes by, held fixed from page to page, so that articles that come meanwhile move nothing. */
struct search_frame {
	int64_t newest;               /* row of the index: nothing behind it counts */
	int64_t hour;                 /* Unix time that age is counted from */
	uint16_t weights[SEARCH_TERMS_MOST + 1];
};

#define SEARCH_ROW_MOST (1LL << 42)    /* no row of the index has a larger number */

/* The place of a hit. */
struct search_key {
	int64_t rank;                 /* larger is first; 0 in the order of time */
	int64_t id;                   /* row of the index, larger than 0 */
};

struct search_request {
	const struct search_query *query;    /* search.h; NULL: everything that passes the filters */
	const struct list_query *filters;    /* terms, times and limit */
	enum search_order order;
	bool has_from, backward;
	struct search_key from;       /* exclusive */
	struct search_frame frame;    /* with `from`, where hits are ranked; of a first page only the hour is looked at */
	bool wants_count;
	unsigned facets;              /* enum search_facet_bits */
};

struct search_hit {
	int64_t rank;                 /* larger is first; of no meaning in itself */
	int64_t id;                   /* row of the index */
	int64_t article_id;
};

struct search_facet_row {
	const char *slug, *name;
	int64_t count;
};

struct search_facet {
	const char *kind;             /* "section", "source", "author", "tag", "year" */
	struct search_facet_row *rows;    /* the largest first; years: the newest first */
	size_t n;
};

struct search_found {
	struct search_hit *hits;      /* a page, in the order asked for */
	size_t n;
	bool more_before, more_after;
	struct search_key before, after;     /* where the walk goes on from on either side, if there is more */
	bool is_partial;              /* there are more than could be ranked, or time was up: it is over the newest part; a page by time may then be short */
	bool is_late;                 /* time was up: another time there may be more in it. Then is_partial too */
	struct search_frame frame;
	int64_t count;
	bool count_is_exact;          /* otherwise an estimate, as are the facets */
	struct search_facet facets[SEARCH_FACETS_MOST];
	size_t n_facets;
};

/* One page. Work is bounded: some thousands of hits are ranked and counted, the newest, for a quarter of a second of processor time at
 * most; of more, samples are counted. A limit of 0 gives no page. */
bool store_search(struct store *store, const struct search_request *request, struct arena *arena, struct search_found *ret_found, struct error *err);

/* Merges what many transactions have left of the search index into one piece: searches take half the time then. After an import or a rebuild; in many
 * small transactions, some 80 MB a second. */
bool store_search_merge(struct store *store, struct error *err);

/* --- terms --- */

struct term_query {
	const char *kind;
	const char *prefix;           /* of the name, or NULL */
	bool with_empty;              /* by name: also those that have no published article */
	bool by_count;                /* largest first; otherwise by name */
	bool backward, has_from;
	int64_t from_count, from_id;  /* by_count: exclusive */
	const char *from_name;        /* by name: folded, exclusive */
	size_t limit;
};

struct term_row {
	int64_t id, count, newest_at; /* newest_at: TIME_NONE where none is published */
	const char *slug, *name, *type, *folded;
	const char *description;      /* this and what follows: of sections, as the newsroom has said; NULL */
	int64_t position, rev;        /* 0: none; nothing has been said */
	bool is_hidden;               /* not in the navigation */
};

struct term_page {
	struct term_row *rows;
	size_t n;
	bool more_before, more_after;
	struct term_row before;       /* count, id and folded name from which the walk back goes on, if there are more */
};

bool store_terms(struct store *store, const struct term_query *query, struct arena *arena, struct term_page *ret_page, struct error *err);
bool store_term(struct store *store, const char *kind, const char *slug, struct arena *arena, struct term_row *ret_row, struct error *err);
/* The same for one that may have no published article. */
bool store_term_any(struct store *store, const char *kind, const char *slug, struct arena *arena, struct term_row *ret_row, struct error *err);
/* Sections as a bar of navigation has them: by position, then by number of articles, without the hidden ones. One page. */
bool store_navigation(struct store *store, size_t limit, struct arena *arena, struct term_page *ret_page, struct error *err);

/* --- sections: what the newsroom says of them --- */

/* Who has this name, or had it: the slug, in the arena; NULL: nobody. */
bool store_section_named(struct store *store, const char *name, struct arena *arena, const char **ret_slug, struct error *err);
/* The number under which the log knows the section; 0: nothing has been said of it. */
bool store_section_ref(struct store *store, const char *slug, int64_t *ret_ref, struct error *err);

/* Is there a renamed section whose articles may still hold its former name? */
bool store_rename_due(struct store *store, bool *ret_due, struct error *err);
/* Some of these articles, whatever their status, the newest first; term_id: of that section, 0: of any. *ret_n is 0 when none is left of the one
 * that was looked at, which is then done with. In the arena. */
bool store_rename_take(struct store *store, int64_t term_id, size_t most, struct arena *arena, int64_t **ret_ids, size_t *ret_n, struct error *err);

/* --- collections: lists in the editors' own order --- */

enum { COLLECTION_MOST = 200 };

struct collection_row {
	int64_t id, rev;              /* 0: there never was one */
	int64_t public_rev, seq;      /* what readers are told, and its generation: server/store/collection_store.c */
	const char *name, *title;     /* the title may be NULL */
	bool is_removed;              /* or never was */
};

struct collection_query {
	int64_t collection_id;
	size_t limit;
	bool with_hidden;             /* those that are not published too */
	bool with_documents;          /* otherwise list items */
};

/* `json` lives until the visitor returns. */
typedef bool collection_visitor(void *arg, int64_t id, const char *status, const char *json, size_t length, struct error *err);

bool store_collection(struct store *store, const char *name, struct arena *arena, struct collection_row *ret_row, struct error *err);
/* The one behind `after`, by name; false at the end (code ERROR_NONE). */
bool store_collection_next(struct store *store, const char *after, struct arena *arena, struct collection_row *ret_row, struct error *err);
bool store_collection_count(struct store *store, int64_t id, int64_t *ret_all, int64_t *ret_public, struct error *err);
/* Visits the members in order: one statement, one look-up each. */
bool store_collection_items(struct store *store, const struct collection_query *query, collection_visitor *visit, void *arg, struct error *err);

/* --- suggestions: what a reader may be about to type --- */

enum { SUGGESTIONS_MOST = 20 };

struct suggestion {
	const char *type;             /* "section", "tag", "source", "author"; "article" */
	const char *slug;
	const char *name;             /* or title: a JSON string, with its quotes */
};

/* Names of terms in which a word starts like `typed`, those with most articles first, then titles in which one does, the newest first; of titles that
 * are alike the newest alone. Half of `limit` is for each, and what one side leaves is the other's. Case and accents do not matter.
 * Some hundred rows are looked at, at most. In the arena. */
bool store_suggest(struct store *store, const char *typed, size_t limit, struct arena *arena, struct suggestion **ret_rows, size_t *ret_n,
    struct error *err);

/* The writer's, inside a transaction: the article's title can be completed from now on, or, when it is not published, no more. Done at the end of
 * the transaction; may be said again. */
void store_suggest_article(struct store *store, const struct article *article, struct arena *arena);
/* Names of up to `most` terms that have a published article, with ids above `after`, at once; *ret_last is the last one's id, 0 when there was none. */
bool store_suggest_terms(struct store *store, int64_t after, size_t most, int64_t *ret_last, struct error *err);

/* Does any published article hold it, by its stem or as it is written? */
bool store_word_is_known(struct store *store, const struct search_word *word, bool *ret_known, struct error *err);
/* The word nearest to one that nothing holds, as it is written in an article: "Did you mean …?". *ret_word is NULL when none is near enough, or the
 * word is too short to tell. Some milliseconds, whatever the number of words. In the arena. */
bool store_nearest_word(struct store *store, const char *typed, struct arena *arena, const char **ret_word, struct error *err);

/* --- related articles --- */

enum { RELATED_MOST = 20, RELATED_KEPT = 50 };

/* What is alike to an article, in order, as bytes that need only be joined with list items: server/store/related_answer.c. */
struct related_answer {
	const char *bytes;            /* NULL: none is kept, or it has not been computed yet */
	size_t length;
	uint64_t digest;              /* of ids, order, scores and reasons; 0: no answer */
	int64_t seq;                  /* the public seq that it was computed at */
	bool is_kept;                 /* as it lies in the store; false: computed just now */
	const char *sketch;           /* goes with it into the store; only of one just computed */
	size_t sketch_length;
};

struct related_query {
	int64_t id;
	size_t limit;                 /* at most RELATED_MOST */
	bool same_section;
	int64_t newest_from;          /* published_at at least; TIME_NONE: any */
	const int64_t *exclude;
	size_t n_exclude;
};

/* What a list of related articles was made from, besides the article and its answer: when none of that has changed, nor does the list.
 * Of an answer that is kept, the scope is scope_key_of_id("related", id) and the digest says whether it has changed. */
struct related_sources {
	struct {
		int64_t id, seq;      /* seq 0: readers may not see it */
	} *articles;                  /* that were looked at, whether they are in the list or not */
	size_t n;
	const char *section;          /* filled up with the newest of this section (its slug), or NULL */
	bool all;                     /* filled up with the newest of all */
};

/* The answer that is kept: one look-up. `bytes` is NULL when there is none. */
bool store_related_kept(struct store *store, int64_t id, struct arena *arena, struct related_answer *ret_answer, struct error *err);
/* The answer, found anew: some milliseconds, bounded whatever the archive's size. For the background, and for a request that would
 * rather wait. ERROR_NOT_FOUND. */
bool store_related_compute(struct store *store, int64_t id, struct arena *arena, struct related_answer *ret_answer, struct error *err);
/* Appends a JSON list: editors' links, then what is alike, both from `answer`, as far as it is published now and passes the query; then
 * the section's newest; then, unless same_section, the newest of all. One look-up a row, and a listing when it fills up. Depends on the
 * tables and the query alone. */
bool store_related_write(struct store *store, const struct related_query *query, const struct related_answer *answer, struct arena *arena,
    struct text *ret_json, struct related_sources *ret_sources, struct error *err);
/* The copies of the article's own story that the answer knows of, at most RELATED_MOST, the most alike first. */
bool store_related_copies(struct store *store, const struct related_answer *answer, struct arena *arena, struct related_sources *ret_copies,
    struct error *err);

/* --- and keeping them: the queue of what is to be computed --- */

struct related_due {
	int64_t article_id, seq;
	bool spreads;                 /* those that it should now appear beside become due in turn */
};

struct related_result {
	struct related_due due;
	bool is_found;                /* false: it cannot be computed, and is taken out of the queue */
	struct related_answer answer;
	bool is_changed;              /* set by store_related_keep(): readers get another list from now on */
};

/* The next of the queue, the latest first. Returns how many; err tells none and failed apart. */
size_t store_related_due(struct store *store, struct related_due *ret_due, size_t most, struct error *err);
/* Keeps what has been computed and takes it out of the queue, all in one transaction. An article that has changed meanwhile is left alone:
 * it is due again. Touches the scope "related" of those whose lists change. */
bool store_related_keep(struct store *store, struct related_result *results, size_t n, struct error *err);

/* --- feeds and sitemaps: server/store/feed_read.c --- */

struct removal_row {
	int64_t id, at;
};

/* What readers had and have no more, the last first; of a term that it was listed under, or, with kind NULL, of all. Room for `most`. */
bool store_removals(struct store *store, const char *kind, const char *slug, size_t most, struct removal_row *ret_rows, size_t *ret_n, struct error *err);
/* Visits the pages of so many ids that hold a published article, from 0. */
bool store_sitemap_pages(struct store *store, int64_t ids, bool (*visit)(void *arg, int64_t page), void *arg, struct error *err);
/* Visits the published articles of a page in ascending id. */
bool store_sitemap_page(struct store *store, int64_t page, int64_t ids, bool (*visit)(void *arg, const char *slug, int64_t updated_at), void *arg,
    struct error *err);
/* Visits the published articles that changed last, the last first, up to `most`. */
bool store_updated_last(struct store *store, size_t most, bool (*visit)(void *arg, int64_t id, int64_t updated_at), void *arg, struct error *err);
/* Appends the document of the published article behind `after`; false at the end (code ERROR_NONE). */
bool store_document_next(struct store *store, int64_t after, int64_t *ret_id, struct text *ret_json, struct error *err);

/* The scope of the sitemap that the article stands in; its generation is no seq. */
enum { STORE_SITEMAP_IDS = 10000 };
#define SCOPE_SITEMAP(page) scope_key_of_id("sitemap", page)

/* --- health --- */

/* Everything that `broadsheet check` looks at; each finding is told to `report`. Returns how many; -1 when it could not look. */
int store_check(struct store *store, void (*report)(void *arg, const char *finding), void *arg, struct error *err);

/* --- API keys (key.h) --- */

enum { KEY_NAME_MOST = 100 };

struct api_key {
	int64_t id, rev;
	const char *kid, *name;
	unsigned char digest[SECRET_DIGEST];
	unsigned scopes;              /* enum scope */
	int64_t created_at, expires_at, revoked_at;    /* TIME_NONE: does not, is not */
	int64_t used_at;              /* of store_key_next() alone; to the minute */
};

/* Gives nobody's key (id 0) for a kid that is not known, in the same time: compare the digest first, and then look at the id. */
bool store_key_by_kid(struct store *store, const char *kid, struct arena *arena, struct api_key *ret_key, struct error *err);
/* Revoked and expired ones too. ERROR_NOT_FOUND. */
bool store_key_by_name(struct store *store, const char *name, struct arena *arena, struct api_key *ret_key, struct error *err);
bool store_has_keys(struct store *store, bool *ret_has, struct error *err);
/* In the order in which they were made; false at the end (code ERROR_NONE). */
bool store_key_next(struct store *store, int64_t after, struct arena *arena, struct api_key *ret_key, struct error *err);
/* An object; the digest is for the log alone. */
void store_key_encode(const struct api_key *key, bool with_digest, struct text *ret_json);
/* What is answered, by the API and by the command line: {"data":{…}}, with the text of a new key (or NULL), and {"data":[…]}, all of them. */
void store_key_answer(const struct api_key *key, const char *text, struct text *ret_json);
bool store_keys_answer(struct store *store, struct arena *arena, struct text *ret_json, struct error *err);
/* Notes it when the last note is a minute old. Inside a transaction. */
bool store_key_used(struct store *store, int64_t id, int64_t at, struct error *err);

struct store_sizes {
	int64_t articles, published, versions, database_bytes, related_due;
};
bool store_sizes(struct store *store, struct store_sizes *ret_sizes, struct error *err);

#endif
