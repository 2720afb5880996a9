/* SPDX-License-Identifier: MIT */
/*
 * Stores and articles for tests; see test_store.h.
 *
 * Reaches into the store's connection for what no door leads to: counting rows, breaking them, dumping tables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/search_internal.h"
#include "test_store.h"

/* --- stores --- */

struct store *test_store_at(const char *path, enum store_access access)
{
	struct store *store = NULL;
	struct error err;

	search_budget_us = TEST_SEARCH_BUDGET_US;
	if (!store_open(path, access, &store, &err))
		fail_msg("%s: %s", path, err.detail);
	if (access == STORE_WRITE && !store_migrate(store, NULL, NULL, &err))
		fail_msg("%s: %s", path, err.detail);
	return store;
}

struct store *test_store(void)
{
	return test_store_at(":memory:", STORE_WRITE);
}

static char folder[128];

const char *test_folder(void)
{
	const char *parent = getenv("TMPDIR");

	assert_int_equal(folder[0], '\0');
	snprintf(folder, sizeof folder, "%s/broadsheet-test-XXXXXX", parent != NULL && strlen(parent) < 80 ? parent : "/tmp");
	assert_non_null(mkdtemp(folder));
	return folder;
}

const char *test_folder_path(const char *name)
{
	static char paths[32][256];
	static size_t next;
	char *path = paths[next++ % 32];

	snprintf(path, sizeof paths[0], "%s/%s", folder, name);
	return path;
}

/* Folders within the folder are emptied too, one level deep: tests make no more. */
static void remove_all(const char *path)
{
	DIR *entries = opendir(path);
	struct dirent *entry;
	char inner[512];

	while (entries != NULL && (entry = readdir(entries)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
		if (unlink(inner) != 0)
			remove_all(inner);
	}
	if (entries != NULL)
		closedir(entries);
	rmdir(path);
}

void test_folder_remove(void)
{
	if (folder[0] != '\0')
		remove_all(folder);
	folder[0] = '\0';
}

static void print_finding(void *arg, const char *finding)
{
	(void)arg;
	print_message("found: %s\n", finding);
}

int test_findings(struct store *store)
{
	struct error err;
	int found = store_check(store, print_finding, NULL, &err);

	if (found < 0)
		fail_msg("check: %s", err.detail);
	return found;
}

static sqlite3_stmt *query(struct store *store, const char *sql)
{
	sqlite3_stmt *rows = NULL;

	if (sqlite3_prepare_v2(store->db, sql, -1, &rows, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(store->db));
	return rows;
}

int64_t test_number(struct store *store, const char *sql)
{
	sqlite3_stmt *rows = query(store, sql);
	int64_t number;

	if (sqlite3_step(rows) != SQLITE_ROW)
		fail_msg("%s: no row", sql);
	number = sqlite3_column_int64(rows, 0);
	sqlite3_finalize(rows);
	return number;
}

char *test_text(struct store *store, const char *sql)
{
	sqlite3_stmt *rows = query(store, sql);
	const char *text;
	char *copy = NULL;

	if (sqlite3_step(rows) != SQLITE_ROW)
		fail_msg("%s: no row", sql);
	text = (const char *)sqlite3_column_text(rows, 0);
	if (text != NULL)
		copy = strdup(text);
	sqlite3_finalize(rows);
	return copy;
}

void test_execute(struct store *store, const char *sql)
{
	struct error err;

	if (!store_execute(store, sql, &err))
		fail_msg("%s: %s", sql, err.detail);
}

char *test_dump(struct store *store)
{
	static const char *const tables[] = {
		"SELECT * FROM term ORDER BY term_id",
		"SELECT * FROM article ORDER BY article_id",
		"SELECT * FROM article_document ORDER BY article_id",
		"SELECT * FROM article_slug ORDER BY slug",
		"SELECT * FROM article_term ORDER BY term_id, published_at, article_id",
		"SELECT * FROM article_count ORDER BY kind, ref_id",
		"SELECT * FROM word ORDER BY word_id",
		"SELECT word_id, (SELECT group_concat(rowid) FROM article_words WHERE article_words MATCH word_id) FROM word ORDER BY word_id",
		"SELECT search_id, article_id, updated_at, hex(facets) FROM search_row ORDER BY search_id",
		"SELECT * FROM search_posting ORDER BY term, doc, col, offset",
		"SELECT * FROM search_form ORDER BY form",
		"SELECT 'article_search'",    /* what it holds is in search_posting */
		"SELECT article_id, word_ids, hex(vector) FROM article_vector ORDER BY article_id",
		"SELECT * FROM article_version ORDER BY seq",
		"SELECT article_id, seq, digest, hex(sketch), hex(answer) FROM article_related ORDER BY article_id",
		"SELECT * FROM related_due ORDER BY article_id",
		"SELECT * FROM suggest_title ORDER BY article_id",
		("SELECT article_id, (SELECT group_concat(rowid) FROM suggest_word WHERE suggest_word MATCH '\"' || replace(words, ' ', '\" \"') || '\"')"
		 " FROM suggest_title WHERE words <> '' ORDER BY article_id"),
		"SELECT * FROM suggest_term ORDER BY start, term_id",
		"SELECT * FROM schedule ORDER BY article_id",
		"SELECT * FROM article_removal ORDER BY term_id, seq",
		"SELECT * FROM websub ORDER BY hub",
		"SELECT * FROM idempotency ORDER BY caller, key",
		"SELECT * FROM collection ORDER BY collection_id",
		"SELECT * FROM collection_item ORDER BY collection_id, position",
		"SELECT * FROM section ORDER BY section_id",
		"SELECT * FROM section_rename ORDER BY term_id",
		"SELECT * FROM term_alias ORDER BY kind, folded",
		"SELECT key_id, kid, name, hex(digest), scopes, rev, created_at, expires_at, revoked_at FROM api_key ORDER BY key_id",
		"SELECT * FROM api_key_use ORDER BY key_id",
		"SELECT * FROM newsroom_article ORDER BY article_id",
		"SELECT * FROM newsroom_term ORDER BY term_id, status, sort_at, article_id",
		"SELECT 'newsroom_words'",    /* rows may be missing: then they are read from documents */
		"SELECT * FROM preview_secret",
		"SELECT * FROM preview_revoked ORDER BY article_id",
		"SELECT * FROM webhook ORDER BY webhook_id",
		"SELECT * FROM webhook_delivery ORDER BY webhook_id, seq",
		"SELECT * FROM webhook_replay ORDER BY webhook_id",
		"SELECT * FROM state WHERE name <> 'epoch' ORDER BY name",
		"SELECT * FROM log_gap ORDER BY first_seq",
		"SELECT * FROM article_change ORDER BY seq",
	};
	struct text dump = TEXT_EMPTY;

	assert_int_equal(test_number(store, "SELECT count(*) FROM pragma_table_list WHERE type IN ('table', 'virtual') AND name NOT LIKE 'sqlite_%'"),
	    sizeof tables / sizeof tables[0]);
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		sqlite3_stmt *rows = query(store, tables[i]);

		text_printf(&dump, "-- %s\n", tables[i]);
		while (sqlite3_step(rows) == SQLITE_ROW) {
			for (int column = 0; column < sqlite3_column_count(rows); column++) {
				const char *value = (const char *)sqlite3_column_text(rows, column);

				text_printf(&dump, "%s|", value != NULL ? value : "(null)");
			}
			text_char(&dump, '\n');
		}
		sqlite3_finalize(rows);
	}
	return text_take(&dump);
}

/* --- random numbers --- */

/* SplitMix64 (Steele, Lea, Flood 2014). The bias of the remainder does not matter here. */
uint64_t test_random(struct test_random *random, uint64_t below)
{
	uint64_t z = random->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (z ^ (z >> 31)) % below;
}

/* --- articles --- */

static const char *const nouns[] = {
	"harbour", "council", "ferry", "orchard", "library", "bridge", "railway", "museum", "fishery", "hospital", "theatre", "quarry",
	"lighthouse", "brewery", "market", "stadium", "glacier", "vineyard", "academy", "reservoir", "foundry", "observatory", "sawmill",
	"cathedral", "airfield", "tannery", "viaduct", "aquarium", "windmill", "archive",
};
static const char *const verbs[] = { "reopens", "expands", "closes", "awaits", "defends", "rejects", "celebrates", "inspects", "restores", "questions" };

enum { NOUNS = sizeof nouns / sizeof nouns[0], VERBS = sizeof verbs / sizeof verbs[0] };

const char *test_title(unsigned number, struct arena *arena)
{
	return arena_printf(arena, "The %s %s its %s, plan %u", nouns[number % NOUNS], verbs[number / 3 % VERBS], nouns[(number / 7 + 11) % NOUNS],
	    number);
}

/* Three paragraphs that two numbers seldom share a run of five words of. */
const char *test_body(unsigned number, struct arena *arena)
{
	struct test_random random = { number };
	struct text body = TEXT_EMPTY;
	char *copy;

	for (int paragraph = 0; paragraph < 3; paragraph++) {
		text_string(&body, paragraph > 0 ? "\n\nThe" : "The");
		for (int i = 0; i < 18; i++)
			text_printf(&body, " %s %s", nouns[test_random(&random, NOUNS)], verbs[test_random(&random, VERBS)]);
		text_printf(&body, " number %u.", number);
	}
	copy = arena_copy(arena, body.bytes, body.length);
	text_done(&body);
	return copy;
}

void test_article(struct article *ret_article, int number, struct arena *arena)
{
	static const char *const sections[] = { "National", "World", "Business", "Sports" };
	static const char *const sources[] = { "The Harbour Press", "Northern Wire", "Staff" };
	struct article article;
	struct term *tags;

	article_init(&article);
	article.title = test_title((unsigned)number, arena);
	article.source.name = sources[number % 3];
	article.section.name = sections[number % 4];
	article.tags.n = 2;
	article.tags.items = tags = arena_array(arena, article.tags.n, sizeof *tags);
	tags[0] = (struct term){ .name = arena_printf(arena, "Topic %d", number % 7), .type = tag_type_names[0] };
	tags[1] = (struct term){ .name = arena_printf(arena, "Place %d", number % 5), .type = "place" };
	article.lang = "en";
	article.status = ARTICLE_PUBLISHED;
	article.published_at = article.updated_at = TEST_TIME - 3600 * (int64_t)number;
	article.body_text = test_body((unsigned)number, arena);
	article.body_html = html_from_text(article.body_text, arena);
	article_derive(&article, arena);
	*ret_article = article;
}

struct appending {
	const struct article *article;
	int64_t seq;
};

static bool append_one(struct store *store, void *arg, struct error *err)
{
	struct appending *appending = arg;
	const struct version version = { .at = appending->article->updated_at, .by = "test", .article = appending->article };

	return local_log()->append(local_log(), store, &version, &appending->seq, err);
}

int64_t test_append(struct store *store, const struct article *article)
{
	struct appending appending = { .article = article };
	struct error err;

	if (!store_transaction(store, append_one, &appending, &err))
		fail_msg("append: %s", err.detail);
	return appending.seq;
}

struct importing {
	const struct article *article;
	struct publish_result result;
};

static bool import_one(struct publisher *publisher, void *arg, struct error *err)
{
	struct importing *importing = arg;
	struct arena *arena = arena_new();
	bool fine = publish_import(publisher, importing->article, arena, &importing->result, err);

	arena_free(arena);
	return fine;
}

struct publish_result test_import(struct store *store, const struct article *article)
{
	struct publisher publisher = { .store = store, .log = local_log() };
	struct importing importing = { .article = article };
	struct error err;
	char line[600];

	if (!publish_together(&publisher, import_one, &importing, &err)) {
		error_summary(&err, line, sizeof line);
		fail_msg("import: %s", line);
	}
	return importing.result;
}

bool test_import_fails(struct store *store, const struct article *article, struct error *ret_err)
{
	struct publisher publisher = { .store = store, .log = local_log() };
	struct importing importing = { .article = article };

	return !publish_together(&publisher, import_one, &importing, ret_err);
}

struct publish_result test_import_json(struct store *store, const char *json)
{
	struct arena *arena = arena_new();
	struct article article;
	struct publish_result result;
	struct error err;
	json_t *object = NULL;
	char line[600];

	if (!json_parse(json, strlen(json), &object, &err) || !article_decode(object, DECODE_IMPORT, arena, &article, &err)) {
		error_summary(&err, line, sizeof line);
		fail_msg("%s: %s", json, line);
	}
	result = test_import(store, &article);
	json_decref(object);
	arena_free(arena);
	return result;
}
