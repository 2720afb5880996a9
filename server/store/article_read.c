/* SPDX-License-Identifier: MIT */
/*
 * Single articles: found by id or slug, and read as they lie.
 *
 * The item and the document are JSON made at the write; here they are only copied. Whether readers may see them is the caller's
 * question: store_article_find() says what an article's status is.
 */
#include "store_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ROW_COLUMNS "article_id, rev, seq, published_at, updated_at, status, article.was_public, article.slug"

static enum article_status status_from(const char *name)
{
	for (size_t i = 0; article_status_names[i] != NULL; i++)
		if (strcmp(article_status_names[i], name) == 0)
			return (enum article_status)i;
	return ARTICLE_DRAFT;
}

static void row_from(struct statement *find, struct arena *arena, struct article_row *ret_row)
{
	*ret_row = (struct article_row){
		.id = statement_integer(find, 0),
		.rev = statement_integer(find, 1),
		.seq = statement_integer(find, 2),
		.published_at = statement_time(find, 3),
		.updated_at = statement_time(find, 4),
		.status = status_from(statement_text(find, 5)),
		.was_public = statement_integer(find, 6) != 0,
		.slug = arena_string(arena, statement_text(find, 7)),
		.is_known_so = statement_integer(find, 8) != 0,
	};
}

/* An id is all digits, which a slug never is. Leading zeros or more digits than an id has: no id of ours. */
static bool id_from(const char *ref, int64_t *ret_id)
{
	const size_t length = strlen(ref);

	if (length == 0 || length > 18 || ref[0] == '0' || strspn(ref, "0123456789") != length)
		return false;
	*ret_id = strtoll(ref, NULL, 10);
	return true;
}

bool store_article_find(struct store *store, const char *ref, struct arena *arena, struct article_row *ret_row, struct error *err)
{
	static const char by_id[] = "SELECT " ROW_COLUMNS ", 1 FROM article WHERE article_id = ?1";
	static const char by_slug[] =
	    "SELECT " ROW_COLUMNS ", article_slug.was_public"
	    "  FROM article_slug JOIN article USING (article_id)"
	    " WHERE article_slug.slug = ?1";
	struct statement *find;
	int64_t id;
	bool found;

	if (id_from(ref, &id)) {
		find = store_statement(store, by_id);
		statement_bind_integer(find, 1, id);
	} else {
		find = store_statement(store, by_slug);
		statement_bind_text(find, 1, ref);
	}
	found = statement_row(find, err);
	if (found)
		row_from(find, arena, ret_row);
	statement_done(find);
	if (!found && err->code == ERROR_NOT_FOUND)
		return error_set(err, ERROR_NOT_FOUND, "there is no article %.100s", ref);
	return found;
}

static bool append_text(struct store *store, const char *sql, int64_t id, struct text *ret_json, struct error *err)
{
	struct statement *find = store_statement(store, sql);
	bool found;

	statement_bind_integer(find, 1, id);
	found = statement_row(find, err);
	if (found) {
		const char *json = statement_text(find, 0);

		text_append(ret_json, json, statement_length(find, 0));
	}
	statement_done(find);
	return found;
}

bool store_item(struct store *store, int64_t id, struct text *ret_json, struct error *err)
{
	static const char sql[] = "SELECT item FROM article WHERE article_id = ?1";

	return append_text(store, sql, id, ret_json, err);
}

bool store_document(struct store *store, int64_t id, struct text *ret_json, struct error *err)
{
	static const char sql[] = "SELECT document FROM article_document WHERE article_id = ?1";

	return append_text(store, sql, id, ret_json, err);
}

bool store_private(struct store *store, int64_t id, struct text *ret_json, struct error *err)
{
	static const char sql[] = "SELECT private FROM article_document WHERE article_id = ?1";

	return append_text(store, sql, id, ret_json, err);
}

bool store_id_by_slug(struct store *store, const char *slug, int64_t *ret_id)
{
	static const char sql[] = "SELECT article_id FROM article_slug WHERE slug = ?1";
	struct statement *find = store_statement(store, sql);
	bool found;

	statement_bind_text(find, 1, slug);
	found = statement_next(find, &store->ignored);
	if (found)
		*ret_id = statement_integer(find, 0);
	statement_done(find);
	return found;
}

bool store_slug_was_public(struct store *store, const char *slug)
{
	static const char sql[] = "SELECT 1 FROM article_slug WHERE slug = ?1 AND was_public";
	struct statement *find = store_statement(store, sql);
	bool found;

	statement_bind_text(find, 1, slug);
	found = statement_next(find, &store->ignored);
	statement_done(find);
	return found;
}

bool store_id_by_guid(struct store *store, int64_t source_id, const char *guid, int64_t *ret_id)
{
	static const char sql[] = "SELECT article_id FROM article WHERE source_id = ?1 AND guid = ?2";
	struct statement *find = store_statement(store, sql);
	bool found;

	statement_bind_integer(find, 1, source_id);
	statement_bind_text(find, 2, guid);
	found = statement_next(find, &store->ignored);
	if (found)
		*ret_id = statement_integer(find, 0);
	statement_done(find);
	return found;
}

/* Both ranges are walked in the index of sources and times; in one statement joined by OR, SQLite walks all of the source. */
bool store_ids_by_time(struct store *store, int64_t source_id, int64_t published_at, bool without_guid,
    bool (*visit)(void *arg, int64_t id, struct error *err), void *arg, struct error *err)
{
	static const char at_that_time[] =
	    "SELECT article_id FROM article"
	    " WHERE source_id = ?1 AND published_at = ?2 AND (?3 = 0 OR guid IS NULL)";
	static const char to_come[] =
	    "SELECT article_id FROM article"
	    " WHERE source_id = ?1 AND status = 'scheduled' AND (?3 = 0 OR guid IS NULL)";
	const char *const ranges[] = { at_that_time, to_come };
	bool goes_on = true;

	err->code = ERROR_NONE;
	for (size_t i = 0; goes_on && i < 2; i++) {
		struct statement *find = store_statement(store, ranges[i]);

		statement_bind_integer(find, 1, source_id);
		if (ranges[i] == at_that_time)
			statement_bind_integer(find, 2, published_at);
		statement_bind_integer(find, 3, without_guid);
		while (goes_on && statement_next(find, err))
			goes_on = visit(arg, statement_integer(find, 0), err);
		statement_done(find);
		goes_on = goes_on && err->code == ERROR_NONE;
	}
	return err->code == ERROR_NONE;
}

int64_t store_next_id(struct store *store)
{
	static const char sql[] = "SELECT coalesce(max(article_id), 0) + 1 FROM article";
	struct statement *find;
	int64_t id;

	if (store->depth > 0 && store->next_id > 0)
		return store->next_id;
	find = store_statement(store, sql);
	id = statement_row(find, &store->ignored) ? statement_integer(find, 0) : 1;
	statement_done(find);
	if (store->depth > 0)
		store->next_id = id;
	return id;
}

bool store_cache_groups(struct store *store, int64_t id, struct arena *arena, const char **ret_groups, struct error *err)
{
	static const char sql[] = "SELECT cache_groups FROM article_document WHERE article_id = ?1";
	struct statement *find = store_statement(store, sql);
	bool found;

	statement_bind_integer(find, 1, id);
	found = statement_row(find, err);
	if (found)
		*ret_groups = arena_copy(arena, statement_text(find, 0), statement_length(find, 0));
	statement_done(find);
	return found;
}

/* --- whole articles --- */

/* Document and private part (columns 0 and 1) are two JSON objects that share no member: joined at the brace they are one. */
static void append_whole(struct statement *find, struct text *json)
{
	text_append(json, statement_text(find, 0), statement_length(find, 0) - 1);
	text_char(json, ',');
	text_append(json, statement_text(find, 1) + 1, statement_length(find, 1) - 1);
}

bool store_whole_document(struct store *store, int64_t id, struct text *ret_json, struct error *err)
{
	static const char sql[] = "SELECT document, private FROM article_document WHERE article_id = ?1";
	struct statement *find = store_statement(store, sql);
	bool found;

	statement_bind_integer(find, 1, id);
	found = statement_row(find, err);
	if (found)
		append_whole(find, ret_json);
	statement_done(find);
	return found;
}

/* Place holders of the base URL are dropped, which leaves addresses on this site as the paths that they came as. Changes `json`. */
static bool article_from_json(struct text *json, struct arena *arena, struct article *ret_article, struct error *err)
{
	json_t *object = NULL;
	size_t length = 0;
	bool fine;

	for (size_t i = 0; i < json->length; i++)
		if (json->bytes[i] != CONTROL_BASE_URL)
			json->bytes[length++] = json->bytes[i];
	fine = json_parse(json->bytes, length, &object, err) && article_decode(object, DECODE_STORED, arena, ret_article, err);
	json_decref(object);
	return fine;
}

static bool article_from_row(struct statement *find, struct arena *arena, struct article *ret_article, struct error *err)
{
	struct text json = TEXT_EMPTY;
	bool fine;

	append_whole(find, &json);
	fine = article_from_json(&json, arena, ret_article, err);
	if (fine)
		ret_article->was_public = statement_integer(find, 2) != 0;
	text_done(&json);
	return fine;
}

bool store_item_load(struct store *store, int64_t id, struct arena *arena, struct article *ret_article, struct error *err)
{
	struct text json = TEXT_EMPTY;
	const bool fine = store_item(store, id, &json, err) && article_from_json(&json, arena, ret_article, err);

	text_done(&json);
	return fine;
}

bool store_article_load(struct store *store, int64_t id, struct arena *arena, struct article *ret_article, struct error *err)
{
	static const char sql[] =
	    "SELECT document, private, was_public"
	    "  FROM article_document JOIN article USING (article_id)"
	    " WHERE article_id = ?1";
	struct statement *find = store_statement(store, sql);
	bool fine;

	statement_bind_integer(find, 1, id);
	fine = statement_row(find, err) && article_from_row(find, arena, ret_article, err);
	statement_done(find);
	return fine;
}

bool store_article_next(struct store *store, int64_t after, struct arena *arena, struct article *ret_article, struct error *err)
{
	static const char sql[] =
	    "SELECT document, private, was_public"
	    "  FROM article_document JOIN article USING (article_id)"
	    " WHERE article_id > ?1"
	    " ORDER BY article_id LIMIT 1";
	struct statement *find = store_statement(store, sql);
	bool fine;

	statement_bind_integer(find, 1, after);
	fine = statement_next(find, err) && article_from_row(find, arena, ret_article, err);
	statement_done(find);
	return fine;
}

bool store_is_published(struct store *store, int64_t id, bool *ret_is, struct error *err)
{
	static const char sql[] = "SELECT status = 'published' FROM article WHERE article_id = ?1";
	struct statement *find = store_statement(store, sql);

	statement_bind_integer(find, 1, id);
	*ret_is = statement_next(find, err) && statement_integer(find, 0) != 0;
	statement_done(find);
	return err->code == ERROR_NONE;
}

bool store_removal(struct store *store, int64_t id, struct arena *arena, struct text *ret_members, struct error *err)
{
	struct article article;
	char time[CLOCK_RFC3339_SIZE];
	bool is_replaced = false;

	if (!store_article_load(store, id, arena, &article, err) ||
	    (article.replaced_by != 0 && !store_is_published(store, article.replaced_by, &is_replaced, err)))
		return false;
	if (article.removed_at != TIME_NONE)
		text_printf(ret_members, "\"removed_at\":\"%s\"", clock_rfc3339(article.removed_at, time));
	if (article.removal_reason != NULL) {
		text_string(ret_members, ret_members->length > 0 ? ",\"reason\":" : "\"reason\":");
		text_json(ret_members, article.removal_reason, strlen(article.removal_reason));
	}
	if (is_replaced)
		text_printf(ret_members, "%s\"replaced_by\":%" PRId64, ret_members->length > 0 ? "," : "", article.replaced_by);
	return true;
}
