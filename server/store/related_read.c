/* SPDX-License-Identifier: MIT */
/*
 * Related articles as readers get them: an answer joined with the list items of now.
 *
 * An answer is a list of ids with scores and reasons that holds for a while (related_answer.c); whether an article is still published,
 * what its list item says and in which section it stands is looked at here, by one look-up a row. So what is withdrawn is gone from every
 * list at once, whenever answers are computed anew. Of each story one is given out: the first that passes.
 *
 * When too few are left, or none is kept yet, the section's newest fill up, then the newest of all, without a look at their texts: copies
 * among them are known only as far as the answer knows them.
 *
 * Copies of the article's own story are in no list; store_related_copies() names them, for a page that says who else has it.
 */
#include "store_internal.h"

#include <string.h>

enum { STORIES_MOST = UINT8_MAX + 1 };

struct writer {
	struct store *store;
	struct arena *arena;
	const struct related_query *query;
	const struct related_answer *answer;
	struct related_reader reader;
	int64_t section_id;
	const char *section_slug, *section_name;
	bool told[STORIES_MOST];      /* stories that have been given out */
	int64_t given[RELATED_MOST];
	size_t n;
	struct text *json;
	struct related_sources *sources;
	struct error *err;
};

/* --- answers --- */

bool store_related_kept(struct store *store, int64_t id, struct arena *arena, struct related_answer *ret_answer, struct error *err)
{
	static const char sql[] = "SELECT seq, digest, answer FROM article_related WHERE article_id = ?1";
	struct statement *find = store_statement(store, sql);
	struct related_answer answer = { .is_kept = false };

	statement_bind_integer(find, 1, id);
	if (statement_next(find, err)) {
		answer.is_kept = true;
		answer.seq = statement_integer(find, 0);
		answer.digest = (uint64_t)statement_integer(find, 1);
		answer.bytes = arena_copy(arena, statement_blob(find, 2), statement_length(find, 2));
		answer.length = statement_length(find, 2);
	}
	statement_done(find);
	*ret_answer = answer;
	return err->code == ERROR_NONE;
}

static void answer_from(const struct related_found *found, struct arena *arena, struct related_answer *ret_answer)
{
	struct text bytes = TEXT_EMPTY, sketch = TEXT_EMPTY;

	related_encode(found->rows, found->n, &bytes);
	related_sketch_encode(found->sketch, &sketch);
	*ret_answer = (struct related_answer){
		.bytes = arena_copy(arena, bytes.bytes, bytes.length),
		.length = bytes.length,
		.digest = related_digest(bytes.bytes, bytes.length),
		.sketch = arena_copy(arena, sketch.bytes, sketch.length),
		.sketch_length = sketch.length,
	};
	text_done(&bytes);
	text_done(&sketch);
}

bool store_related_compute(struct store *store, int64_t id, struct arena *arena, struct related_answer *ret_answer, struct error *err)
{
	struct arena *scratch = arena_new();
	const int64_t seq = store_public_seq(store);
	struct related_found found;
	const bool fine = store_related_find(store, id, scratch, &found, err);

	if (fine) {
		answer_from(&found, arena, ret_answer);
		ret_answer->seq = seq;
	}
	arena_free(scratch);
	return fine;
}

/* --- one row --- */

static bool is_unwanted(const struct writer *writer, int64_t id)
{
	if (id == writer->query->id)
		return true;
	for (size_t i = 0; i < writer->query->n_exclude; i++)
		if (writer->query->exclude[i] == id)
			return true;
	for (size_t i = 0; i < writer->n; i++)
		if (writer->given[i] == id)
			return true;
	return false;
}

static bool passes(const struct writer *writer, int64_t published_at, int64_t section_id)
{
	if (writer->query->newest_from != TIME_NONE && published_at < writer->query->newest_from)
		return false;
	return !writer->query->same_section || section_id == writer->section_id;
}

static const char *section_name(struct writer *writer, int64_t section_id)
{
	static const char sql[] = "SELECT name FROM term WHERE term_id = ?1";
	struct statement *find;
	const char *name = "";

	if (section_id == writer->section_id)
		return writer->section_name;
	find = store_statement(writer->store, sql);
	statement_bind_integer(find, 1, section_id);
	if (statement_next(find, writer->err))
		name = arena_string(writer->arena, statement_text(find, 0));
	statement_done(find);
	return name;
}

/* What stands behind an article that is there because it is new. */
static void write_fill_tail(struct writer *writer, int64_t section_id)
{
	const char *name = section_name(writer, section_id);

	text_string(writer->json, ",\"score\":0.0000,\"origin\":\"computed\",\"reasons\":[{\"type\":\"section\",\"value\":");
	text_json(writer->json, name, strlen(name));
	text_string(writer->json, "}]}");
}

static void looked_at(struct writer *writer, int64_t id, int64_t seq)
{
	struct related_sources *sources = writer->sources;

	sources->articles[sources->n].id = id;
	sources->articles[sources->n++].seq = seq;
}

/* Gives the article out, if readers may see it and it passes. `entry`: what the answer says of it; NULL when it fills up. */
static bool give_out(struct writer *writer, int64_t id, const struct related_entry *entry, bool *ret_given)
{
	static const char sql[] = "SELECT published_at, section_id, seq, item FROM article WHERE article_id = ?1 AND status = 'published'";
	struct statement *find = store_statement(writer->store, sql);
	bool is_public;

	*ret_given = false;
	statement_bind_integer(find, 1, id);
	is_public = statement_next(find, writer->err);
	looked_at(writer, id, is_public ? statement_integer(find, 2) : 0);
	if (is_public && passes(writer, statement_integer(find, 0), statement_integer(find, 1))) {
		if (writer->n > 0)
			text_char(writer->json, ',');
		text_append(writer->json, statement_text(find, 3), statement_length(find, 3));
		writer->json->bytes[--writer->json->length] = '\0';    /* the item's closing brace: more members follow */
		if (entry != NULL)
			related_tail(&writer->reader, entry, writer->json);
		else
			write_fill_tail(writer, statement_integer(find, 1));
		writer->given[writer->n++] = id;
		*ret_given = true;
	}
	statement_done(find);
	return writer->err->code == ERROR_NONE;
}

/* --- the three sources of a list --- */

static bool load_section(struct writer *writer)
{
	static const char sql[] =
	    "SELECT term_id, term.slug, name"
	    "  FROM article JOIN term ON term_id = section_id"
	    " WHERE article_id = ?1";
	struct statement *find = store_statement(writer->store, sql);

	statement_bind_integer(find, 1, writer->query->id);
	if (statement_next(find, writer->err)) {
		writer->section_id = statement_integer(find, 0);
		writer->section_slug = arena_string(writer->arena, statement_text(find, 1));
		writer->section_name = arena_string(writer->arena, statement_text(find, 2));
	}
	statement_done(find);
	return writer->err->code == ERROR_NONE;
}

static bool write_alike(struct writer *writer)
{
	struct related_entry entry;
	bool given;

	while (writer->n < writer->query->limit && related_next(&writer->reader, &entry)) {
		if (entry.story == 0 || writer->told[entry.story] || is_unwanted(writer, entry.id))
			continue;
		if (!give_out(writer, entry.id, &entry, &given))
			return false;
		writer->told[entry.story] = given;
	}
	return !writer->reader.is_broken
	    || error_set(writer->err, ERROR_INTERNAL, "the stored answer of article %lld is damaged", (long long)writer->query->id);
}

/* A copy of the article itself, or of one that has been given out. */
static bool is_known_copy(const struct writer *writer, int64_t id)
{
	struct related_reader reader;
	struct related_entry entry;

	related_reader_init(&reader, writer->answer->bytes, writer->answer->length);
	while (related_next(&reader, &entry))
		if (entry.id == id)
			return entry.story == 0 || writer->told[entry.story];
	return false;
}

/* How many of a listing may have to be passed over, at most. */
static size_t passed_over_most(const struct writer *writer)
{
	struct related_reader reader;

	related_reader_init(&reader, writer->answer->bytes, writer->answer->length);
	return 1 + writer->n + writer->query->n_exclude + reader.n_rows;
}

/* Each row of the answer, and of the two listings that fill up. */
static size_t looked_at_most(const struct writer *writer)
{
	const size_t n_rows = writer->reader.n_rows, limit = writer->query->limit;

	return n_rows + 2 * (limit + 1 + limit + writer->query->n_exclude + n_rows);
}

static bool fill_up(struct writer *writer, bool of_section)
{
	const size_t missing = writer->query->limit - writer->n;
	struct list_query newest;
	struct list_page page;
	bool given;

	list_query_init(&newest);
	newest.limit = missing + passed_over_most(writer);
	newest.published_after = writer->query->newest_from;
	if (of_section) {
		newest.filters[0] = (struct term_filter){ .kind = "section", .any = &writer->section_slug, .n_any = 1 };
		newest.n_filters = 1;
	}
	if (!store_list(writer->store, &newest, writer->arena, &page, writer->err))
		return false;
	for (size_t i = 0; i < page.n && writer->n < writer->query->limit; i++) {
		const int64_t id = page.rows[i].key.id;

		if (!is_unwanted(writer, id) && !is_known_copy(writer, id) && !give_out(writer, id, NULL, &given))
			return false;
	}
	return true;
}

static bool write_list(struct writer *writer)
{
	const struct related_query *query = writer->query;

	if (query->same_section && !load_section(writer))
		return false;
	if (!write_alike(writer))
		return false;
	if (writer->n < query->limit && !query->same_section && !load_section(writer))
		return false;
	if (writer->n < query->limit && writer->section_id != 0) {
		writer->sources->section = writer->section_slug;
		if (!fill_up(writer, true))
			return false;
	}
	if (writer->n < query->limit && !query->same_section) {
		writer->sources->all = true;
		return fill_up(writer, false);
	}
	return true;
}

bool store_related_write(struct store *store, const struct related_query *query, const struct related_answer *answer, struct arena *arena,
    struct text *ret_json, struct related_sources *ret_sources, struct error *err)
{
	struct writer *writer = arena_alloc(arena, sizeof *writer);

	err->code = ERROR_NONE;
	writer->store = store;
	writer->arena = arena;
	writer->query = query;
	writer->answer = answer;
	writer->json = ret_json;
	writer->sources = ret_sources;
	writer->err = err;
	related_reader_init(&writer->reader, answer->bytes, answer->length);
	*ret_sources = (struct related_sources){ .n = 0 };
	ret_sources->articles = arena_array(arena, looked_at_most(writer), sizeof *ret_sources->articles);

	text_char(ret_json, '[');
	if (!write_list(writer))
		return false;
	text_char(ret_json, ']');
	return true;
}

/* --- copies --- */

static bool public_seq_of(struct store *store, int64_t id, int64_t *ret_seq, struct error *err)
{
	static const char sql[] = "SELECT seq FROM article WHERE article_id = ?1 AND status = 'published'";
	struct statement *find = store_statement(store, sql);

	statement_bind_integer(find, 1, id);
	*ret_seq = statement_next(find, err) ? statement_integer(find, 0) : 0;
	statement_done(find);
	return err->code == ERROR_NONE;
}

bool store_related_copies(struct store *store, const struct related_answer *answer, struct arena *arena, struct related_sources *ret_copies,
    struct error *err)
{
	struct related_sources copies = { .articles = arena_array(arena, RELATED_MOST, sizeof *copies.articles) };
	struct related_reader reader;
	struct related_entry entry;

	err->code = ERROR_NONE;
	related_reader_init(&reader, answer->bytes, answer->length);
	while (copies.n < RELATED_MOST && related_next(&reader, &entry)) {
		if (entry.story != 0)
			continue;
		copies.articles[copies.n].id = entry.id;
		if (!public_seq_of(store, entry.id, &copies.articles[copies.n].seq, err))
			return false;
		copies.n++;
	}
	*ret_copies = copies;
	return true;
}
