/* SPDX-License-Identifier: MIT */
/*
 * After a section was renamed: its articles written anew with the name that it has now, a version each, a few at a time.
 *
 * The store notes what is to be done in the transaction of the rename itself (server/store/section_store.c), and each step moves the note on in the
 * transaction of the versions that it makes. So a step is done or still due, wherever the process ends. What an editor writes meanwhile has the
 * new name already and is left alone here. `updated_at` stays: the article's own words are the same.
 */
#include "publish.h"

#include <string.h>

static bool is_said(struct store *store, struct article *article, struct arena *arena)
{
	const char *before = article->section.name;

	store_resolve_terms(store, article, arena);
	return before == NULL || strcmp(before, article->section.name) == 0;
}

static bool rename_one(struct publisher *publisher, int64_t id, int64_t now, struct arena *arena, struct error *err)
{
	struct version version = { .at = now, .by = "rename" };
	struct article article;
	int64_t seq;

	if (!store_article_load(publisher->store, id, arena, &article, err))
		return false;
	article_own_terms(&article, arena);
	if (is_said(publisher->store, &article, arena))
		return true;
	article.rev++;
	version.article = &article;
	return publisher->log->append(publisher->log, publisher->store, &version, &seq, err);
}

bool publish_rename(struct publisher *publisher, int64_t term_id, size_t most, struct error *err)
{
	struct arena *ids_arena = arena_new(), *arena = arena_new();
	const int64_t now = clock_now();
	int64_t *ids;
	size_t n;
	bool fine = store_rename_take(publisher->store, term_id, most, ids_arena, &ids, &n, err);

	for (size_t i = 0; fine && i < n; i++) {
		fine = rename_one(publisher, ids[i], now, arena, err);
		arena_reset(arena);
	}
	arena_free(arena);
	arena_free(ids_arena);
	return fine;
}
