/* SPDX-License-Identifier: MIT */
/*
 * The changes that readers could see, for those who keep a copy: one row an article, its last change, in the order of the log.
 *
 * article_change has a row of each article that was ever public here. change_put() moves it to the end whenever readers see something else, so
 * `since` is one range of the primary key, as short as what has changed, whatever the length of the log. What happens to an article while nobody
 * sees it moves nothing.
 *
 * A row says under which terms the article is listed, and under which it was. So a filter is held against the row alone. An article
 * outside of the filter that could have been in it before is told as a removal, since who follows may have it; one that never could have been is
 * left out. "Could have been" forgets negations and that terms may not have been there together: a removal too many does no harm.
 */
#include "store_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PAST_MOST = 1000 };    /* bytes of past terms; an article that has had more may have been under any */

static const char anything[] = "*";

/* --- the write --- */

static bool is_among(const char *ids, int64_t id)
{
	for (char *end; *ids != '\0'; ids = end + (*end == ' ')) {
		if (strtoll(ids, &end, 10) == id)
			return true;
		if (end == ids)
			return false;
	}
	return false;
}

static bool add_new(void *arg, int64_t id, struct error *err)
{
	struct text *ids = arg;

	(void)err;
	if (ids->length == 0 || !is_among(ids->bytes, id))
		ids_append(ids, id);
	return true;
}

/* What it was listed under up to now. NULL: it was not public. */
static bool past_of(struct store *store, int64_t id, const char *listed, struct text *past, const char **ret_past, struct error *err)
{
	static const char sql[] = "SELECT past_term_ids FROM article_change WHERE article_id = ?1";
	struct statement *find = store_statement(store, sql);
	bool fine;

	statement_bind_integer(find, 1, id);
	if (statement_next(find, err) && statement_text(find, 0) != NULL)
		text_string(past, statement_text(find, 0));
	statement_done(find);
	fine = err->code == ERROR_NONE;
	if (fine && (past->length == 0 || past->bytes[0] != '*'))
		fine = ids_each(listed, add_new, past, err);
	*ret_past = past->length > PAST_MOST ? anything : past->length > 0 ? past->bytes : NULL;
	return fine;
}

static const char *reason_of(const struct article *article)
{
	if (article->status == ARTICLE_PUBLISHED)
		return NULL;
	if (article->status != ARTICLE_WITHDRAWN)
		return "unpublished";
	return article->removal_reason != NULL && strcmp(article->removal_reason, "expired") == 0 ? "expired" : "withdrawn";
}

bool change_put(struct store *store, const struct change_write *write, struct error *err)
{
	static const char sql[] =
	    "INSERT OR REPLACE INTO article_change (seq, article_id, reason, term_ids, past_term_ids) VALUES (?1, ?2, ?3, ?4, ?5)";
	struct text past = TEXT_EMPTY;
	const char *past_ids = NULL;
	struct statement *put;
	bool fine = true;

	err->code = ERROR_NONE;
	if (write->was_listed_ever && !past_of(store, write->article->id, write->was_listed_under, &past, &past_ids, err)) {
		text_done(&past);
		return false;
	}
	put = store_statement(store, sql);
	statement_bind_integer(put, 1, write->seq);
	statement_bind_integer(put, 2, write->article->id);
	statement_bind_text(put, 3, reason_of(write->article));
	statement_bind_text(put, 4, write->article->status == ARTICLE_PUBLISHED && write->term_ids != NULL ? write->term_ids : "");
	statement_bind_text(put, 5, past_ids);
	fine = statement_run(put, err);
	statement_done(put);
	text_done(&past);
	return fine;
}

/* --- the filter --- */

struct known {
	bool narrows;
	int64_t *any, *none;
	size_t n_any, n_none;
};

struct walk {
	struct known filters[LIST_FILTERS_MOST];
	size_t n_filters;
};

/* Slugs that nothing is listed under are left out: they match nothing. */
static bool know_slugs(struct store *store, const char *kind, const char **slugs, size_t n, struct arena *arena, int64_t **ret_ids, size_t *ret_n,
    struct error *err)
{
	int64_t ignored;

	*ret_ids = arena_array(arena, n, sizeof **ret_ids);
	*ret_n = 0;
	for (size_t i = 0; i < n; i++) {
		if (store_term_id(store, kind, slugs[i], &(*ret_ids)[*ret_n], &ignored, err))
			(*ret_n)++;
		else if (err->code != ERROR_NOT_FOUND)
			return false;
	}
	return true;
}

static bool know_filters(struct store *store, const struct list_query *query, struct arena *arena, struct walk *ret_walk, struct error *err)
{
	ret_walk->n_filters = query->n_filters;
	for (size_t i = 0; i < query->n_filters; i++) {
		const struct term_filter *filter = &query->filters[i];
		struct known *known = &ret_walk->filters[i];

		known->narrows = filter->n_any > 0;
		if (!know_slugs(store, filter->kind, filter->any, filter->n_any, arena, &known->any, &known->n_any, err)
		    || !know_slugs(store, filter->kind, filter->none, filter->n_none, arena, &known->none, &known->n_none, err))
			return false;
	}
	return true;
}

static bool has_any(const char *ids, const int64_t *wanted, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_among(ids, wanted[i]))
			return true;
	return false;
}

static bool is_in(const struct walk *walk, const char *ids)
{
	for (size_t i = 0; i < walk->n_filters; i++) {
		const struct known *filter = &walk->filters[i];

		if ((filter->narrows && !has_any(ids, filter->any, filter->n_any)) || has_any(ids, filter->none, filter->n_none))
			return false;
	}
	return true;
}

static bool may_have_been_in(const struct walk *walk, const char *past)
{
	if (past == NULL || *past == '*')
		return past != NULL;
	for (size_t i = 0; i < walk->n_filters; i++)
		if (walk->filters[i].narrows && !has_any(past, walk->filters[i].any, walk->filters[i].n_any))
			return false;
	return true;
}

/* --- the read --- */

/* Fills what is to be told of the row; false: nothing. */
static bool change_from(const struct walk *walk, struct statement *row, struct arena *arena, struct article_change *ret_change)
{
	const char *reason = statement_text(row, 2), *terms = statement_text(row, 3), *past = statement_text(row, 4);
	const bool passes = reason == NULL && is_in(walk, terms);

	if (!passes && walk->n_filters > 0 && !may_have_been_in(walk, past))
		return false;
	*ret_change = (struct article_change){ .seq = statement_integer(row, 0), .id = statement_integer(row, 1) };
	if (!passes) {
		ret_change->reason = reason != NULL ? arena_string(arena, reason) : "left-filter";
		return true;
	}
	ret_change->rev = statement_integer(row, 5);
	ret_change->published_at = statement_integer(row, 6);
	ret_change->section = arena_string(arena, statement_text(row, 7));
	return true;
}

/* Whoever waits asks often and finds little. */
static void grow(struct change_page *page, size_t *capacity, struct arena *arena)
{
	struct article_change *changes;

	*capacity = *capacity == 0 ? 4 : 4 * *capacity;
	changes = arena_array(arena, *capacity, sizeof *changes);
	if (page->n > 0)
		memcpy(changes, page->changes, page->n * sizeof *changes);
	page->changes = changes;
}

bool store_changes(struct store *store, const struct list_query *query, int64_t since, struct arena *arena, struct change_page *ret_page, struct error *err)
{
	static const char sql[] =
	    "SELECT c.seq, c.article_id, c.reason, c.term_ids, c.past_term_ids, a.rev, a.published_at, t.slug"
	    "  FROM article_change AS c CROSS JOIN article AS a USING (article_id) LEFT JOIN term AS t ON t.term_id = a.section_id"
	    " WHERE c.seq > ?1"
	    " ORDER BY c.seq";
	struct walk walk;
	struct statement *rows;
	int64_t n_examined = 0;
	size_t capacity = 0;

	err->code = ERROR_NONE;
	*ret_page = (struct change_page){ .examined = since };
	if (!know_filters(store, query, arena, &walk, err))
		return false;
	err->code = ERROR_NONE;
	rows = store_statement(store, sql);
	statement_bind_integer(rows, 1, since);
	while (statement_next(rows, err)) {
		ret_page->has_more = ret_page->n == query->limit || n_examined++ == query->examined_most;
		if (ret_page->has_more)
			break;
		ret_page->examined = statement_integer(rows, 0);
		if (ret_page->n == capacity)
			grow(ret_page, &capacity, arena);
		ret_page->n += change_from(&walk, rows, arena, &ret_page->changes[ret_page->n]);
	}
	statement_done(rows);
	ret_page->is_cut = ret_page->has_more && ret_page->n < query->limit;
	return err->code == ERROR_NONE;
}
