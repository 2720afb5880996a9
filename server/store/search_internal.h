/* SPDX-License-Identifier: MIT */
/* What the files of the search index share. */
#ifndef BROADSHEET_SEARCH_INTERNAL_H
#define BROADSHEET_SEARCH_INTERNAL_H

#include "search.h"
#include "store_internal.h"

/* --- search_index.c: what stands in the index of an article --- */

enum { SEARCH_ID_BITS = 3 };

/* The first number that an article of this second can have, and back. */
int64_t search_id_at(int64_t published_at);
int64_t search_id_time(int64_t search_id);
/* How many words it has, within two fifths. */
double search_id_words(int64_t search_id);

/* What stands in the index of an article with these words and terms. `marks` is the caller's, for as long as the columns are used. */
bool search_columns(const struct article_words *words, const char *term_ids, const char *ret_columns[SEARCH_COLUMNS], struct text *marks,
    struct error *err);

/* --- search_match.c: a query and its filters -> an expression of FTS5 --- */

enum { SEARCH_PHRASES_MOST = 2048 };

struct search_match {
	struct text expression;
	bool can_match;               /* false: nothing is asked for, or nothing can pass */
	bool is_narrowed;             /* word* stands for more words than are looked for */
	size_t n_phrases;
	uint8_t terms[SEARCH_PHRASES_MOST];             /* of the query, which a phrase of the expression belongs to; SEARCH_TERMS_MOST: a filter */
	uint16_t weights[SEARCH_TERMS_MOST + 1];        /* of each term: its inverse document frequency in thousandths; 0: it does not rank */
};

/* query NULL: all that pass the filters. To be done with even when it fails. */
bool search_match_build(struct store *store, const struct search_query *query, const struct list_query *filters, struct arena *arena,
    struct search_match *ret_match, struct error *err);
void search_match_done(struct search_match *match);

/* --- search_score.c: how well a row answers the query --- */

struct search_scale {
	const struct search_match *match;
	int64_t hour;                 /* Unix time that age is counted from */
};

/* Makes search_score(article_search, ?scale) known to a connection; statement_bind_scale() binds the second. The score is an integer. */
bool search_score_register(sqlite3 *db);
void statement_bind_scale(struct statement *statement, int index, const struct search_scale *scale);

/* --- search_read.c --- */

extern int64_t search_budget_us;    /* of processor, for hits and once more for counting; tests have less */

/* --- search_walk.c: what matches, in the order of time, for as long as there is time --- */

struct search_walk {
	struct store *store;
	const struct search_match *match;
	const struct search_scale *scale;    /* NULL: hits are not ranked */
	bool is_upward;               /* the oldest first; then they are not ranked */
	int64_t low, high;            /* rows that have not been walked yet */
	int64_t width;                /* of the next window */
	int64_t deadline_us, opened_us;
	bool is_late;                 /* time was up before the end */
	struct statement *rows;
};

/* The first and the last row of the index; 0 when it has none. */
bool search_ends(struct store *store, int64_t *ret_first, int64_t *ret_last, struct error *err);
/* Rows from low to high; none when low is larger. Everything is borrowed. To be ended. */
void search_walk_begin(struct search_walk *walk, struct store *store, const struct search_match *match, const struct search_scale *scale, bool is_upward,
    int64_t low, int64_t high, int64_t deadline_us);
bool search_walk_next(struct search_walk *walk, struct search_hit *ret_hit, struct error *err);
void search_walk_end(struct search_walk *walk);

/* What is kept beside a row of the index. */
struct search_row {
	int64_t article_id, updated_at;
	const char *facets;           /* until the next row */
	size_t facets_length;
};

/* One statement for a loop of reads; statement_done() ends it. */
struct statement *search_rows_begin(struct store *store);
bool search_row_read(struct statement *find, int64_t search_id, struct search_row *ret_row, struct error *err);
bool search_asks_for_update_time(const struct list_query *filters);
bool search_row_passes(const struct search_row *row, const struct list_query *filters);

/* --- search_count.c: how much is found in all, and how it is spread --- */

struct search_range {
	const struct search_request *request;
	const struct search_match *match;
	int64_t low, high;            /* rows of the index that count */
	int64_t deadline_us;
};

struct search_hits {
	struct search_hit *hits;      /* the newest first */
	size_t n;
	bool is_cut;                  /* there are, or may be, more */
};

/* Sets count, facets, and is_partial when there was no time for all. */
bool search_count(struct store *store, const struct search_range *range, const struct search_hits *hits, struct arena *arena, struct search_found *found,
    struct error *err);

/* --- search_facets.c --- */

enum { SEARCH_FACET_KINDS = 4 };
extern const char *const search_facet_kinds[];

/* The next term of an article's facets. */
bool search_facets_next(const char **at, const char *end, unsigned *ret_kind, int64_t *ret_term_id);

struct search_tally;

/* wanted: enum search_facet_bits. In the arena. */
struct search_tally *search_tally_new(struct arena *arena, unsigned wanted);
void search_tally_add(struct search_tally *tally, int64_t published_at, const char *facets, size_t length, double n);
bool search_tally_facets(const struct search_tally *tally, struct store *store, struct search_facet *ret_facets, size_t *ret_n, struct error *err);

#endif
