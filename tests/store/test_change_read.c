/* SPDX-License-Identifier: MIT */
/* The table of changes: true to what a newsroom does at random, and filled by its migration just as apply would have filled it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "embedded.h"
#include "store/store_internal.h"
#include "test_store.h"

enum { STEPS = 600 };

/* One row an article that was ever public; a public one at its last version. */
static void test_true_to_a_newsroom(void **state)
{
	struct store *store = test_store();
	struct model model;
	struct list_query query;
	struct change_page page;
	struct arena *arena = arena_new();
	struct error err;
	size_t n = 0;

	(void)state;
	model_init(&model, store, 17);
	for (int i = 0; i < STEPS; i++)
		model_step(&model);
	list_query_init(&query);
	query.limit = MODEL_ARTICLES;
	query.examined_most = INT64_MAX;
	assert_true(store_changes(store, &query, 0, arena, &page, &err));
	for (size_t i = 0; i < model.n; i++) {
		const struct model_article *article = &model.articles[i];
		const struct article_change *change = NULL;

		for (size_t j = 0; j < page.n; j++)
			if (page.changes[j].id == article->id)
				change = &page.changes[j];
		/* What came in withdrawn was public elsewhere, and nobody was told of it here. */
		assert_true(change == NULL ? article->status != ARTICLE_PUBLISHED : article->was_public);
		if (change == NULL)
			continue;
		n++;
		assert_true((change->reason == NULL) == (article->status == ARTICLE_PUBLISHED));
		if (change->reason == NULL)
			assert_true(change->seq == article->seq && change->rev == article->rev);
		else
			assert_true(change->seq <= article->seq);
	}
	assert_int_equal(n, page.n);
	assert_true(n > 20 && !page.has_more);
	assert_int_equal(test_findings(store), 0);
	arena_free(arena);
	store_close(store);
}

static const char *migration_sql(const char *name)
{
	for (const struct embedded_file *file = embedded_migrations; file->path != NULL; file++)
		if (strstr(file->path, name) != NULL)
			return (const char *)file->bytes;
	fail_msg("there is no migration %s", name);
	return NULL;
}

/* Of what was listed under before, the log does not tell; of everything else it does. */
static void test_migration_fills_it(void **state)
{
	static const char rows[] = "SELECT group_concat(seq || ' ' || article_id || ' ' || coalesce(reason, '-') || ' ' || term_ids, char(10)) FROM (SELECT * FROM article_change ORDER BY seq)";
	struct store *store = test_store();
	struct model model;
	char *kept, *made;

	(void)state;
	model_init(&model, store, 18);
	for (int i = 0; i < STEPS; i++)
		model_step(&model);
	kept = test_text(store, rows);
	test_execute(store, "DROP TABLE article_change");
	test_execute(store, migration_sql("article_change"));
	made = test_text(store, rows);
	if (strcmp(kept, made) != 0) {
		size_t at = 0;

		while (kept[at] == made[at])
			at++;
		at -= at > 40 ? 40 : at;
		fail_msg("kept\n%.120s\nmade\n%.120s", kept + at, made + at);
	}
	assert_int_equal(test_findings(store), 0);
	free(kept);
	free(made);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_true_to_a_newsroom),
		cmocka_unit_test(test_migration_fills_it),
	};

	return cmocka_run_group_tests_name("change_read", tests, NULL, NULL);
}
