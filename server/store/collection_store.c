/* SPDX-License-Identifier: MIT */
/*
 * Collections: lists of articles in the editors' own order (the front page, their picks).
 *
 * A version of a collection is the whole of it: {"name","title","ids"}. Any article may be in it, whatever its status; readers see those that are
 * published now, and no trace of the others: not in the list, not in its count, not in its rev, not in its validator. So a collection has a
 * generation, raised by what readers see alone: by a version of it that changes the title or the row of published members, and
 * by each version of a member that readers see or saw. Readers know of it while a member is published.
 *
 * A list is read by one statement. What is removed leaves its row behind, with a rev that goes on.
 */
#include "store_internal.h"

#include <string.h>

#define COLLECTION_COLUMNS "collection_id, name, title, rev, public_rev, seq, removed"

static void row_from(struct statement *find, struct arena *arena, struct collection_row *ret_row)
{
	*ret_row = (struct collection_row){
		.id = statement_integer(find, 0),
		.name = arena_string(arena, statement_text(find, 1)),
		.title = arena_string(arena, statement_text(find, 2)),
		.rev = statement_integer(find, 3),
		.public_rev = statement_integer(find, 4),
		.seq = statement_integer(find, 5),
		.is_removed = statement_integer(find, 6) != 0,
	};
}

bool store_collection(struct store *store, const char *name, struct arena *arena, struct collection_row *ret_row, struct error *err)
{
	static const char sql[] = "SELECT " COLLECTION_COLUMNS " FROM collection WHERE name = ?1";
	struct statement *find = store_statement(store, sql);
	bool found;

	*ret_row = (struct collection_row){ .name = name, .is_removed = true };
	statement_bind_text(find, 1, name);
	found = statement_next(find, err);
	if (found)
		row_from(find, arena, ret_row);
	statement_done(find);
	return err->code == ERROR_NONE;
}

bool store_collection_next(struct store *store, const char *after, struct arena *arena, struct collection_row *ret_row, struct error *err)
{
	static const char sql[] = "SELECT " COLLECTION_COLUMNS " FROM collection WHERE name > ?1 AND NOT removed ORDER BY name LIMIT 1";
	struct statement *find = store_statement(store, sql);
	bool found;

	statement_bind_text(find, 1, after);
	found = statement_next(find, err);
	if (found)
		row_from(find, arena, ret_row);
	statement_done(find);
	return found;
}

bool store_collection_count(struct store *store, int64_t id, int64_t *ret_all, int64_t *ret_public, struct error *err)
{
	static const char sql[] =
	    "SELECT count(*), count(*) FILTER (WHERE status = 'published')"
	    "  FROM collection_item JOIN article USING (article_id)"
	    " WHERE collection_id = ?1";
	struct statement *find = store_statement(store, sql);
	const bool fine = (statement_bind_integer(find, 1, id), statement_row(find, err));

	if (fine) {
		*ret_all = statement_integer(find, 0);
		*ret_public = statement_integer(find, 1);
	}
	statement_done(find);
	return fine;
}

bool store_collection_items(struct store *store, const struct collection_query *query, collection_visitor *visit, void *arg, struct error *err)
{
	static const char items[] =
	    "SELECT article_id, status, item"
	    "  FROM collection_item JOIN article USING (article_id)"
	    " WHERE collection_id = ?1 AND (?2 OR status = 'published')"
	    " ORDER BY position LIMIT ?3";
	static const char documents[] =
	    "SELECT article_id, status, document"
	    "  FROM collection_item JOIN article USING (article_id) JOIN article_document USING (article_id)"
	    " WHERE collection_id = ?1 AND (?2 OR status = 'published')"
	    " ORDER BY position LIMIT ?3";
	struct statement *rows = store_statement(store, query->with_documents ? documents : items);
	bool fine = true;

	statement_bind_integer(rows, 1, query->collection_id);
	statement_bind_integer(rows, 2, query->with_hidden);
	statement_bind_integer(rows, 3, (int64_t)query->limit);
	while (fine && statement_next(rows, err)) {
		const char *json = statement_text(rows, 2);

		fine = visit(arg, statement_integer(rows, 0), statement_text(rows, 1), json, statement_length(rows, 2), err);
	}
	fine = fine && err->code == ERROR_NONE;
	statement_done(rows);
	return fine;
}

/* --- applying --- */

/* What readers see of it but for the articles' own words: the published members in order, then the title; empty when they see nothing. */
static bool public_view(struct store *store, int64_t id, struct text *ret_view, struct error *err)
{
	static const char sql[] =
	    "SELECT coalesce(title, ''), group_concat(article_id, ' ')"
	    "  FROM (SELECT title, article_id"
	    "          FROM collection JOIN collection_item USING (collection_id) JOIN article USING (article_id)"
	    "         WHERE collection_id = ?1 AND status = 'published' AND NOT removed ORDER BY position)"
	    " HAVING count(*) > 0";
	struct statement *find = store_statement(store, sql);

	text_string(ret_view, "");
	statement_bind_integer(find, 1, id);
	if (statement_next(find, err))
		text_printf(ret_view, "%s\n%s", statement_text(find, 1), statement_text(find, 0));
	statement_done(find);
	return err->code == ERROR_NONE;
}

static bool put_row(struct store *store, const struct version *version, const char *name, const char *title, struct error *err)
{
	static const char sql[] =
	    "INSERT INTO collection (collection_id, name, title, rev, public_rev, seq, removed) VALUES (?1, ?2, ?3, ?4, ?4, 0, ?5)"
	    " ON CONFLICT (collection_id) DO UPDATE SET title = excluded.title, rev = excluded.rev, removed = excluded.removed";
	struct statement *put = store_statement(store, sql);
	bool fine;

	statement_bind_integer(put, 1, version->record.ref);
	statement_bind_text(put, 2, name);
	statement_bind_text(put, 3, title);
	statement_bind_integer(put, 4, version->record.rev);
	statement_bind_integer(put, 5, version->record.is_removed);
	fine = statement_run(put, err);
	statement_done(put);
	return fine;
}

static bool put_items(struct store *store, int64_t id, json_t *ids, struct error *err)
{
	static const char take_sql[] = "DELETE FROM collection_item WHERE collection_id = ?1";
	static const char put_sql[] = "INSERT INTO collection_item (collection_id, position, article_id) VALUES (?1, ?2, ?3)";
	struct statement *take = store_statement(store, take_sql), *put = store_statement(store, put_sql);
	json_t *member;
	size_t index;
	bool fine;

	statement_bind_integer(take, 1, id);
	fine = statement_run(take, err);
	statement_done(take);
	json_array_foreach(ids, index, member) {
		if (!fine)
			break;
		statement_bind_integer(put, 1, id);
		statement_bind_integer(put, 2, (int64_t)index + 1);
		statement_bind_integer(put, 3, json_integer_value(member));
		fine = statement_run(put, err);
		statement_rewind(put);
	}
	statement_done(put);
	return fine;
}

/* Readers see something else from this seq on. */
static bool raise_generation(struct store *store, int64_t id, const char *name, int64_t seq, int64_t public_rev, struct error *err)
{
	static const char sql[] = "UPDATE collection SET seq = ?2, public_rev = coalesce(nullif(?3, 0), public_rev) WHERE collection_id = ?1";
	struct statement *raise = store_statement(store, sql);
	bool fine;

	statement_bind_integer(raise, 1, id);
	statement_bind_integer(raise, 2, seq);
	statement_bind_integer(raise, 3, public_rev);
	fine = statement_run(raise, err);
	statement_done(raise);
	store_touch(store, scope_key("collection", name));
	return fine;
}

static bool apply(struct store *store, const struct version *version, const json_t *doc, struct error *err)
{
	const char *name = json_string_value(json_object_get(doc, "name"));
	const int64_t id = version->record.ref;
	struct text before = TEXT_EMPTY, after = TEXT_EMPTY;
	bool fine = public_view(store, id, &before, err) &&
	    put_row(store, version, name, json_string_value(json_object_get(doc, "title")), err) &&
	    put_items(store, id, json_object_get(doc, "ids"), err) && public_view(store, id, &after, err);

	if (fine && strcmp(before.bytes, after.bytes) != 0) {
		fine = raise_generation(store, id, name, version->seq, version->record.rev, err);
		store_touch(store, SCOPE_ALL);
		late_public_seq(store, version->seq);
	}
	text_done(&before);
	text_done(&after);
	return fine;
}

bool collection_apply(struct store *store, const struct version *version, struct error *err)
{
	json_t *doc = NULL;
	const bool fine = json_parse(version->record.json, strlen(version->record.json), &doc, err) && apply(store, version, doc, err);

	json_decref(doc);
	return fine;
}

bool collection_member_changed(struct store *store, int64_t article_id, int64_t seq, struct error *err)
{
	static const char sql[] =
	    "SELECT collection_id, name FROM collection_item JOIN collection USING (collection_id) WHERE article_id = ?1";
	struct statement *find = store_statement(store, sql);
	bool fine = true;

	statement_bind_integer(find, 1, article_id);
	while (fine && statement_next(find, err))
		fine = raise_generation(store, statement_integer(find, 0), statement_text(find, 1), seq, /* public_rev= */ 0, err);
	fine = fine && err->code == ERROR_NONE;
	statement_done(find);
	return fine;
}
