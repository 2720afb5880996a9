/* SPDX-License-Identifier: MIT */
/*
 * What the newsroom says of a section: its name, a description, its place in the navigation.
 *
 * Sections are terms, and mostly come into being by the articles that name them. A version of a section is the whole of what was said:
 * {"slug","name","description","position","hidden"}. It makes the term where there is none, and its generation rises, with that of all
 * articles, if readers know the section; otherwise they learn nothing of it.
 *
 * A new name counts at once: wherever the term is looked up, and for every article written from now on. The former one goes on leading to the
 * section, so that a feed which still uses it makes no second one. But items and documents hold the name inside their JSON: that the
 * section's articles are to be written anew is noted (`section_rename`) in the same transaction, and server/publish/publish_rename.c makes a version of
 * each, a few at a time. So no version holds the writer for long, what the process has not done when it ends is still noted, and every
 * answer's validator changes just when its bytes do.
 */
#include "store_internal.h"

#include <string.h>

/* Behind every published article. */
static const int64_t FRONT = INT64_MAX;

bool store_section_named(struct store *store, const char *name, struct arena *arena, const char **ret_slug, struct error *err)
{
	static const char sql[] =
	    "SELECT slug FROM term WHERE kind = 'section' AND folded = ?1"
	    " UNION ALL"
	    " SELECT slug FROM term_alias AS a JOIN term USING (term_id) WHERE a.kind = 'section' AND a.folded = ?1";
	struct statement *find = store_statement(store, sql);

	statement_bind_text(find, 1, unicode_fold(name, arena));
	*ret_slug = statement_next(find, err) ? arena_string(arena, statement_text(find, 0)) : NULL;
	statement_done(find);
	return err->code == ERROR_NONE;
}

bool store_section_ref(struct store *store, const char *slug, int64_t *ret_ref, struct error *err)
{
	static const char sql[] = "SELECT section_id FROM section JOIN term USING (term_id) WHERE kind = 'section' AND slug = ?1";
	struct statement *find = store_statement(store, sql);

	statement_bind_text(find, 1, slug);
	*ret_ref = statement_next(find, err) ? statement_integer(find, 0) : 0;
	statement_done(find);
	return err->code == ERROR_NONE;
}

/* --- applying --- */

struct saying {
	const char *slug, *name, *folded, *description;
	int64_t position;             /* 0: none */
	bool is_hidden;
};

static bool put_section(struct store *store, const struct version *version, int64_t term_id, const struct saying *saying, struct error *err)
{
	static const char sql[] =
	    "INSERT INTO section (section_id, term_id, rev, description, position, hidden) VALUES (?1, ?2, ?3, ?4, nullif(?5, 0), ?6)"
	    " ON CONFLICT (section_id) DO UPDATE SET"
	    "   rev = excluded.rev, description = excluded.description, position = excluded.position, hidden = excluded.hidden";
	struct statement *put = store_statement(store, sql);
	bool fine;

	statement_bind_integer(put, 1, version->record.ref);
	statement_bind_integer(put, 2, term_id);
	statement_bind_integer(put, 3, version->record.rev);
	statement_bind_text(put, 4, saying->description);
	statement_bind_integer(put, 5, saying->position);
	statement_bind_integer(put, 6, saying->is_hidden);
	fine = statement_run(put, err);
	statement_done(put);
	return fine;
}

static bool run_on(struct store *store, const char *sql, int64_t term_id, const char *first, const char *second, struct error *err)
{
	struct statement *change = store_statement(store, sql);
	bool fine;

	statement_bind_integer(change, 1, term_id);
	if (first != NULL)
		statement_bind_text(change, 2, first);
	if (second != NULL)
		statement_bind_text(change, 3, second);
	fine = statement_run(change, err);
	statement_done(change);
	return fine;
}

static bool note_rename(struct store *store, int64_t term_id, struct error *err)
{
	static const char sql[] =
	    "INSERT INTO section_rename (term_id, published_at, article_id) VALUES (?1, ?2, ?2)"
	    " ON CONFLICT (term_id) DO UPDATE SET published_at = excluded.published_at, article_id = excluded.article_id";
	struct statement *note = store_statement(store, sql);
	bool fine;

	statement_bind_integer(note, 1, term_id);
	statement_bind_integer(note, 2, FRONT);
	fine = statement_run(note, err);
	statement_done(note);
	return fine;
}

/* The former name stays an alias; one that it takes up again is none any more. */
static bool rename_term(struct store *store, const struct term_row *row, const struct saying *saying, struct error *err)
{
	static const char keep[] = "INSERT INTO term_alias (kind, folded, term_id) VALUES ('section', ?2, ?1) ON CONFLICT DO NOTHING";
	static const char take_up[] = "DELETE FROM term_alias WHERE kind = 'section' AND term_id = ?1 AND folded = ?2";
	static const char set[] = "UPDATE term SET name = ?2, folded = ?3 WHERE term_id = ?1";

	if (strcmp(row->name, saying->name) == 0)
		return true;
	store_terms_forget(store);
	return run_on(store, keep, row->id, row->folded, NULL, err) && run_on(store, take_up, row->id, saying->folded, NULL, err) &&
	    run_on(store, set, row->id, saying->name, saying->folded, err) && note_rename(store, row->id, err) &&
	    (row->count == 0 || suggest_rename(store, row->id, row->name, saying->name, err));
}

static bool make_term(struct store *store, const struct saying *saying, struct error *err)
{
	static const char sql[] = "INSERT INTO term (kind, slug, name, folded) VALUES ('section', ?1, ?2, ?3)";
	struct statement *insert = store_statement(store, sql);
	bool fine;

	statement_bind_text(insert, 1, saying->slug);
	statement_bind_text(insert, 2, saying->name);
	statement_bind_text(insert, 3, saying->folded);
	fine = statement_run(insert, err);
	statement_done(insert);
	return fine;
}

static bool apply(struct store *store, const struct version *version, const struct saying *saying, struct arena *arena, struct error *err)
{
	struct term_row row;

	if (!store_term_any(store, "section", saying->slug, arena, &row, err)) {
		if (err->code != ERROR_NOT_FOUND || !make_term(store, saying, err) || !store_term_any(store, "section", saying->slug, arena, &row, err))
			return false;
	}
	if (!rename_term(store, &row, saying, err) || !put_section(store, version, row.id, saying, err))
		return false;
	if (row.count > 0) {
		late_count(store, "section", row.id, 0, version->seq);
		store_touch(store, scope_key("section", saying->slug));
		store_touch(store, SCOPE_ALL);
		late_public_seq(store, version->seq);
	}
	return true;
}

bool section_apply(struct store *store, const struct version *version, struct error *err)
{
	struct arena *arena = arena_new();
	json_t *doc = NULL;
	bool fine = json_parse(version->record.json, strlen(version->record.json), &doc, err);

	if (fine) {
		const struct saying saying = {
			.slug = json_string_value(json_object_get(doc, "slug")),
			.name = json_string_value(json_object_get(doc, "name")),
			.folded = unicode_fold(json_string_value(json_object_get(doc, "name")), arena),
			.description = json_string_value(json_object_get(doc, "description")),
			.position = json_integer_value(json_object_get(doc, "position")),
			.is_hidden = json_is_true(json_object_get(doc, "hidden")),
		};

		fine = apply(store, version, &saying, arena, err);
	}
	json_decref(doc);
	arena_free(arena);
	return fine;
}

/* --- what a rename leaves to be done --- */

struct walk {
	int64_t term_id, published_at, article_id;    /* published_at is TIME_NONE among those that are not published */
};

static bool load_walk(struct store *store, int64_t term_id, struct walk *ret_walk, bool *ret_found, struct error *err)
{
	static const char sql[] = "SELECT term_id, published_at, article_id FROM section_rename WHERE ?1 IN (0, term_id) ORDER BY term_id LIMIT 1";
	struct statement *find = store_statement(store, sql);

	statement_bind_integer(find, 1, term_id);
	*ret_found = statement_next(find, err);
	if (*ret_found)
		*ret_walk = (struct walk){ statement_integer(find, 0), statement_time(find, 1), statement_integer(find, 2) };
	statement_done(find);
	return err->code == ERROR_NONE;
}

bool store_rename_due(struct store *store, bool *ret_due, struct error *err)
{
	struct walk walk;

	return load_walk(store, 0, &walk, ret_due, err);
}

/* The next ones of the walk; moves it on. */
static bool step(struct store *store, struct walk *walk, size_t most, int64_t *ids, size_t *ret_n, struct error *err)
{
	static const char published[] =
	    "SELECT article_id, published_at FROM article_term"
	    " WHERE term_id = ?1 AND (published_at, article_id) < (?3, ?2)"
	    " ORDER BY published_at DESC, article_id DESC LIMIT ?4";
	static const char others[] =
	    "SELECT article_id, NULL FROM article"
	    " WHERE section_id = ?1 AND status <> 'published' AND article_id < ?2"
	    " ORDER BY article_id DESC LIMIT ?3";
	const bool is_published = walk->published_at != TIME_NONE;
	struct statement *rows = store_statement(store, is_published ? published : others);

	statement_bind_integer(rows, 1, walk->term_id);
	statement_bind_integer(rows, 2, walk->article_id);
	if (is_published)
		statement_bind_integer(rows, 3, walk->published_at);
	statement_bind_integer(rows, is_published ? 4 : 3, (int64_t)most);
	for (*ret_n = 0; *ret_n < most && statement_next(rows, err); ++*ret_n) {
		ids[*ret_n] = walk->article_id = statement_integer(rows, 0);
		walk->published_at = statement_time(rows, 1);
	}
	statement_done(rows);
	return err->code == ERROR_NONE;
}

static bool keep_walk(struct store *store, const struct walk *walk, struct error *err)
{
	static const char sql[] = "UPDATE section_rename SET published_at = ?2, article_id = ?3 WHERE term_id = ?1";
	struct statement *keep = store_statement(store, sql);
	bool fine;

	statement_bind_integer(keep, 1, walk->term_id);
	statement_bind_time(keep, 2, walk->published_at);
	statement_bind_integer(keep, 3, walk->article_id);
	fine = statement_run(keep, err);
	statement_done(keep);
	return fine;
}

bool store_rename_take(struct store *store, int64_t term_id, size_t most, struct arena *arena, int64_t **ret_ids, size_t *ret_n, struct error *err)
{
	static const char done[] = "DELETE FROM section_rename WHERE term_id = ?1";
	int64_t *ids = arena_array(arena, most, sizeof *ids);
	struct walk walk;
	bool found;

	*ret_ids = ids;
	*ret_n = 0;
	err->code = ERROR_NONE;
	if (!load_walk(store, term_id, &walk, &found, err) || !found)
		return err->code == ERROR_NONE;
	if (!step(store, &walk, most, ids, ret_n, err))
		return false;
	if (*ret_n == 0 && walk.published_at != TIME_NONE) {
		walk = (struct walk){ walk.term_id, TIME_NONE, FRONT };
		if (!step(store, &walk, most, ids, ret_n, err))
			return false;
	}
	return *ret_n > 0 ? keep_walk(store, &walk, err) : run_on(store, done, walk.term_id, NULL, NULL, err);
}
