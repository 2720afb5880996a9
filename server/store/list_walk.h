/* SPDX-License-Identifier: MIT */
/* Walks along the indexes of listings, merged and held against the filters: what list_walk.c does for list_read.c. */
#ifndef BROADSHEET_LIST_WALK_H
#define BROADSHEET_LIST_WALK_H

#include "store_internal.h"

enum { LIST_WALKS_MOST = 96 };

/* One index range being walked, and the row it stands at. */
struct walk {
	struct statement *statement;
	bool has_row, is_public;
	struct list_key key;
	int64_t published_at, updated_at;
};

/* A filter with its slugs looked up. */
struct known_filter {
	int64_t *any, *none;
	size_t n_any, n_none;
	int64_t articles;             /* at most so many pass `any` */
	bool narrows;                 /* has `any` terms */
};

struct merge {
	struct store *store;
	struct statement *look;       /* has the article this term? */
	struct statement *newsroom_look;      /* the same of one that is not published; NULL where only published ones are asked for */
	const struct list_query *query;
	struct known_filter filters[LIST_FILTERS_MOST];
	const struct known_filter *driver;    /* NULL: all published articles */
	struct walk walks[LIST_WALKS_MOST];
	size_t n_walks;
	bool descending;
	struct list_key last;         /* looked at last: an article in two ranges comes once */
	bool has_last, is_cut;
	int64_t n_examined;
};

struct candidate {
	struct list_key key;
	int64_t published_at, updated_at;
	bool is_public;
};

/* Does the query ask for what is not published? */
bool list_asks_newsroom(const struct list_query *query);
/* The walk along the newsroom's tables: newsroom_walk.c. */
const char *newsroom_walk_sql(bool by_term, bool by_updated, bool descending);

/* Newest first, unless the query goes backward; oldest first the other way round. */
bool list_walks_down(const struct list_query *query);
int list_compare_keys(struct list_key one, struct list_key other);

bool merge_start(struct merge *merge, struct store *store, const struct list_query *query, struct arena *arena, struct error *err);
/* The next row that passes every filter; false at the end (code ERROR_NONE), when enough have been examined, and on failure. */
bool merge_next(struct merge *merge, struct candidate *ret_candidate, struct error *err);
void merge_done(struct merge *merge);     /* also after a start that failed */

#endif
