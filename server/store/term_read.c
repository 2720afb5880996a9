/* SPDX-License-Identifier: MIT */
/*
 * Lists of sections, tags, sources and authors: by name or by how many articles they have.
 *
 * Only terms with a published article are known here, unless the newsroom asks for all: the others have no count above 0. Both orders are keyset walks
 * along an index; `newest_at` is one look-up at the end of the term's range. The navigation is one page: sections that were given a place, then the largest.
 */
#include "store_internal.h"

#include <string.h>

#define TERM_COLUMNS                                                                                                                       \
	"term.term_id, coalesce(article_count.n, 0),"                                                                                      \
	" (SELECT max(published_at) FROM article_term WHERE article_term.term_id = term.term_id), slug, name, type, folded,"               \
	" description, coalesce(position, 0), coalesce(section.rev, 0), coalesce(hidden, 0)"
#define SAID "LEFT JOIN section ON section.term_id = term.term_id"
#define TERM_TABLES "term JOIN article_count ON article_count.kind = term.kind AND ref_id = term.term_id AND n > 0 " SAID
#define TERM_TABLES_ALL "term LEFT JOIN article_count ON article_count.kind = term.kind AND ref_id = term.term_id " SAID

static void row_from(struct statement *find, struct arena *arena, struct term_row *ret_row)
{
	*ret_row = (struct term_row){
		.id = statement_integer(find, 0),
		.count = statement_integer(find, 1),
		.newest_at = statement_time(find, 2),
		.slug = arena_string(arena, statement_text(find, 3)),
		.name = arena_string(arena, statement_text(find, 4)),
		.type = arena_string(arena, statement_text(find, 5)),
		.folded = arena_string(arena, statement_text(find, 6)),
		.description = arena_string(arena, statement_text(find, 7)),
		.position = statement_integer(find, 8),
		.rev = statement_integer(find, 9),
		.is_hidden = statement_integer(find, 10) != 0,
	};
}

static bool find_one(struct store *store, const char *sql, const char *kind, const char *slug, struct arena *arena, struct term_row *ret_row,
    struct error *err)
{
	struct statement *find = store_statement(store, sql);
	bool found;

	statement_bind_text(find, 1, kind);
	statement_bind_text(find, 2, slug);
	found = statement_row(find, err);
	if (found)
		row_from(find, arena, ret_row);
	statement_done(find);
	if (!found && err->code == ERROR_NOT_FOUND)
		return error_set(err, ERROR_NOT_FOUND, "there is no %s %.100s", kind, slug);
	return found;
}

bool store_term(struct store *store, const char *kind, const char *slug, struct arena *arena, struct term_row *ret_row, struct error *err)
{
	static const char sql[] = "SELECT " TERM_COLUMNS " FROM " TERM_TABLES " WHERE term.kind = ?1 AND slug = ?2";

	return find_one(store, sql, kind, slug, arena, ret_row, err);
}

bool store_term_any(struct store *store, const char *kind, const char *slug, struct arena *arena, struct term_row *ret_row, struct error *err)
{
	static const char sql[] = "SELECT " TERM_COLUMNS " FROM " TERM_TABLES_ALL " WHERE term.kind = ?1 AND slug = ?2";

	return find_one(store, sql, kind, slug, arena, ret_row, err);
}

/* ?1 kind, ?2 and ?3 the names between which the walk lies, ?4 and ?5 count and id to go on from. One bound on either side: of two SQLite
 * would walk from the wrong one. Counts and ids descend together, so that the index can be entered at any pair of them. */
static const char *walk_sql(const struct term_query *query)
{
	static const char all_up[] =
	    "SELECT " TERM_COLUMNS " FROM " TERM_TABLES_ALL
	    " WHERE term.kind = ?1 AND folded >= ?2 AND folded < ?3"
	    " ORDER BY folded";
	static const char all_down[] =
	    "SELECT " TERM_COLUMNS " FROM " TERM_TABLES_ALL
	    " WHERE term.kind = ?1 AND folded >= ?2 AND folded < ?3"
	    " ORDER BY folded DESC";
	static const char name_up[] =
	    "SELECT " TERM_COLUMNS " FROM " TERM_TABLES
	    " WHERE term.kind = ?1 AND folded >= ?2 AND folded < ?3"
	    " ORDER BY folded";
	static const char name_down[] =
	    "SELECT " TERM_COLUMNS " FROM " TERM_TABLES
	    " WHERE term.kind = ?1 AND folded >= ?2 AND folded < ?3"
	    " ORDER BY folded DESC";
	static const char count_down[] =
	    "SELECT " TERM_COLUMNS
	    "  FROM article_count CROSS JOIN term ON term.term_id = ref_id " SAID
	    " WHERE article_count.kind = ?1 AND n > 0 AND folded >= ?2 AND folded < ?3 AND (n, ref_id) < (?4, ?5)"
	    " ORDER BY n DESC, ref_id DESC";
	static const char count_up[] =
	    "SELECT " TERM_COLUMNS
	    "  FROM article_count CROSS JOIN term ON term.term_id = ref_id " SAID
	    " WHERE article_count.kind = ?1 AND folded >= ?2 AND folded < ?3 AND (n, ref_id) > (?4, ?5)"
	    " ORDER BY n, ref_id";
	static const char *const table[3][2] = { { name_up, name_down }, { count_down, count_up }, { all_up, all_down } };

	return table[query->by_count ? 1 : query->with_empty ? 2 : 0][query->backward];
}

/* The names of the walk: those with the prefix, and of them those beyond the one to go on from. */
static void name_bounds(const struct term_query *query, struct arena *arena, const char **ret_from, const char **ret_to)
{
	const char *prefix = query->prefix != NULL ? unicode_fold(query->prefix, arena) : "";
	const char *from = prefix;
	const char *to = arena_printf(arena, "%s\xf4\x8f\xbf\xbf", prefix);    /* U+10FFFF lies behind every name */

	if (query->has_from && !query->by_count) {
		const char *next = arena_printf(arena, "%s\x01", query->from_name);    /* names hold no control characters */

		if (!query->backward && strcmp(next, from) > 0)
			from = next;
		if (query->backward && strcmp(query->from_name, to) < 0)
			to = query->from_name;
	}
	*ret_from = from;
	*ret_to = to;
}

static struct statement *walk_start(struct store *store, const struct term_query *query, struct arena *arena)
{
	struct statement *walk = store_statement(store, walk_sql(query));
	const int64_t front_count = query->backward ? 0 : INT64_MAX;    /* none that has no article */
	const char *from, *to;

	name_bounds(query, arena, &from, &to);
	statement_bind_text(walk, 1, query->kind);
	statement_bind_text(walk, 2, from);
	statement_bind_text(walk, 3, to);
	if (query->by_count) {
		statement_bind_integer(walk, 4, query->has_from ? query->from_count : front_count);
		statement_bind_integer(walk, 5, query->has_from ? query->from_id : INT64_MAX);
	}
	return walk;
}

static bool collect(struct store *store, const struct term_query *query, struct arena *arena, struct term_page *ret_page, bool *ret_more,
    struct error *err)
{
	struct term_page page = { .rows = arena_array(arena, query->limit, sizeof *page.rows) };
	struct statement *walk = walk_start(store, query, arena);

	*ret_more = false;
	while (statement_next(walk, err)) {
		if (page.n == query->limit) {
			*ret_more = true;
			break;
		}
		row_from(walk, arena, &page.rows[page.n++]);
	}
	statement_done(walk);
	*ret_page = page;
	return err->code == ERROR_NONE;
}

static void reverse(struct term_row *rows, size_t n)
{
	for (size_t i = 0; i + 1 < n - i; i++) {
		struct term_row row = rows[i];

		rows[i] = rows[n - 1 - i];
		rows[n - 1 - i] = row;
	}
}

static bool any_beyond(struct store *store, const struct term_query *query, const struct term_row *row, bool backward, struct arena *arena,
    bool *ret_any, struct error *err)
{
	struct term_query beyond = *query;
	struct term_page page;
	bool more;

	beyond.backward = backward;
	beyond.has_from = true;
	beyond.from_count = row->count;
	beyond.from_id = row->id;
	beyond.from_name = row->folded;
	beyond.limit = 1;
	if (!collect(store, &beyond, arena, &page, &more, err))
		return false;
	*ret_any = page.n > 0;
	return true;
}

/* Where to walk back from: before the first row; on an empty page from the place asked from on, itself included. */
static struct term_row row_before(const struct term_query *query, const struct term_page *page, struct arena *arena)
{
	if (page->n > 0)
		return page->rows[0];
	return (struct term_row){
		.count = query->from_count,
		.id = query->from_id > INT64_MIN ? query->from_id - 1 : INT64_MIN,
		.folded = query->from_name != NULL ? arena_printf(arena, "%s\x01", query->from_name) : "",    /* no name lies between */
	};
}

bool store_terms(struct store *store, const struct term_query *query, struct arena *arena, struct term_page *ret_page, struct error *err)
{
	struct term_page page;
	bool more;

	if (!collect(store, query, arena, &page, &more, err))
		return false;
	if (query->backward && page.n < query->limit) {
		struct term_query front = *query;

		front.backward = front.has_from = false;
		return store_terms(store, &front, arena, ret_page, err);
	}
	if (query->backward) {
		reverse(page.rows, page.n);
		page.more_before = more;
	} else {
		page.more_after = more;
	}
	if (page.n > 0 && query->backward && !any_beyond(store, query, &page.rows[page.n - 1], false, arena, &page.more_after, err))
		return false;
	page.before = row_before(query, &page, arena);
	if (query->has_from && !query->backward && !any_beyond(store, query, &page.before, true, arena, &page.more_before, err))
		return false;
	*ret_page = page;
	return true;
}

/* --- the navigation --- */

static bool add_rows(struct store *store, const char *sql, size_t limit, struct arena *arena, struct term_page *page, struct error *err)
{
	struct statement *walk = store_statement(store, sql);

	while (page->n < limit && statement_next(walk, err))
		row_from(walk, arena, &page->rows[page->n++]);
	statement_done(walk);
	return err->code == ERROR_NONE;
}

bool store_navigation(struct store *store, size_t limit, struct arena *arena, struct term_page *ret_page, struct error *err)
{
	static const char placed[] =
	    "SELECT " TERM_COLUMNS
	    "  FROM section CROSS JOIN term ON term.term_id = section.term_id"
	    "  JOIN article_count ON article_count.kind = 'section' AND ref_id = term.term_id AND n > 0"
	    " WHERE position IS NOT NULL AND NOT hidden"
	    " ORDER BY position, folded";
	static const char largest[] =
	    "SELECT " TERM_COLUMNS
	    "  FROM article_count CROSS JOIN term ON term.term_id = ref_id " SAID
	    " WHERE article_count.kind = 'section' AND n > 0 AND position IS NULL AND coalesce(hidden, 0) = 0"
	    " ORDER BY n DESC, ref_id DESC";
	struct term_page page = { .rows = arena_array(arena, limit, sizeof *page.rows) };

	err->code = ERROR_NONE;
	if (!add_rows(store, placed, limit, arena, &page, err) || !add_rows(store, largest, limit, arena, &page, err))
		return false;
	*ret_page = page;
	return true;
}
