/* SPDX-License-Identifier: MIT */
/*
 * Stores and articles for tests: a store in memory or in a temporary folder, articles built in C, and a newsroom (struct model) that
 * does random things to a store and remembers in plain arrays what must come of it.
 */
#ifndef TEST_STORE_H
#define TEST_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "article.h"
#include "publish.h"
#include "store.h"

/* --- stores --- */

/* Under valgrind a search takes long; what it finds must not depend on that. */
#define TEST_SEARCH_BUDGET_US 60000000

struct store *test_store(void);                                     /* in memory, migrated; store_close() frees it */
struct store *test_store_at(const char *path, enum store_access access);    /* migrated when it is for writing */
const char *test_folder(void);                                      /* a new, empty folder; one at a time */
const char *test_folder_path(const char *name);                     /* "<folder>/<name>": a few of them live at a time */
void test_folder_remove(void);                                      /* with what is in it; does nothing when there is none */

/* Runs store_check() and prints what it finds. Returns how many. */
int test_findings(struct store *store);
/* The one number that a query gives, or the one text (to free(); NULL for NULL). Fails the test when it gives none. */
int64_t test_number(struct store *store, const char *sql);
char *test_text(struct store *store, const char *sql);
void test_execute(struct store *store, const char *sql);            /* must succeed */
/* Every row of every table as text, table by table in the order of the primary key. To free(). */
char *test_dump(struct store *store);

/* --- random numbers that are the same in every run --- */

struct test_random {
	uint64_t state;
};
uint64_t test_random(struct test_random *random, uint64_t below);

/* --- articles --- */

enum { TEST_TIME = 1451582400 };    /* 2015-12-31T17:20:00Z, */

/* A published article: the same for the same number, and of each number another title, time, tags and text. Without id, slug and rev. */
void test_article(struct article *ret_article, int number, struct arena *arena);
const char *test_title(unsigned number, struct arena *arena);
const char *test_body(unsigned number, struct arena *arena);
/* Appends and applies a version, in a transaction of its own, and gives its seq. Fails the test when it fails. */
int64_t test_append(struct store *store, const struct article *article);
/* Through the front door. Fails the test when it fails. */
struct publish_result test_import(struct store *store, const struct article *article);
bool test_import_fails(struct store *store, const struct article *article, struct error *ret_err);
/* From JSON. */
struct publish_result test_import_json(struct store *store, const char *json);

/* --- a newsroom that remembers --- */

enum { MODEL_ARTICLES = 100, MODEL_SECTIONS = 5, MODEL_SOURCES = 4, MODEL_AUTHORS = 6, MODEL_TAGS = 12, MODEL_LANGS = 3 };

struct model_article {
	bool exists, was_public, featured;
	int64_t id, rev, seq, published_at, updated_at;
	enum article_status status;
	unsigned section, source, lang;
	unsigned authors, tags;       /* sets of bits */
	unsigned title;
	unsigned slugs;               /* how many it has had: "story-<id>-<1…>" */
};

struct model {
	struct test_random random;
	struct model_article articles[MODEL_ARTICLES];
	size_t n;
	int64_t now, seq, public_seq;
	struct store *store;
};

void model_init(struct model *model, struct store *store, uint64_t seed);
/* One thing happens: an article is written, edited, re-dated, moved, withdrawn, published again. Returns which one it happened to. */
struct model_article *model_step(struct model *model);
/* The article as the newsroom would hand it in. */
void model_build(const struct model *model, const struct model_article *article, struct arena *arena, struct article *ret_article);

/* Does the article have the term? `slug` as the model names it: "section-2", "tag-11", "en", "featured". */
bool model_has_term(const struct model_article *article, const char *kind, const char *slug);
/* Every term the model knows of, by number from 0; false at the end. */
bool model_term(size_t index, const char **ret_kind, const char **ret_slug);
/* A query of random filters and dates. */
void model_query(struct test_random *random, struct list_query *ret_query, struct arena *arena);
/* What a listing must give, by looking at every article. Room for MODEL_ARTICLES. Returns how many. */
size_t model_list(const struct model *model, const struct list_query *query, struct list_key *ret_keys);
bool model_passes(const struct model_article *article, const struct list_query *query);

#endif
