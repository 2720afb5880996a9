/* SPDX-License-Identifier: MIT */
/*
 * What whoever writes an article leaves open, completed by what stands in the store: a slug that nobody else has, the former ones, and what
 * its status and times come to at this moment (API.md §4).
 *
 * Inside the writer's transaction, so that two writers cannot take the same slug.
 */
#include "publish_internal.h"

#include <string.h>

/* --- slugs --- */

static bool is_free(struct store *store, const struct article *article, const char *slug)
{
	int64_t holder;

	return !store_id_by_slug(store, slug, &holder) || holder == article->id;
}

/* slug, slug-2, … : doubles the number until one is free, then closes in on the first, so that the thousandth "Weather" costs twenty look-ups. */
static const char *free_slug(struct store *store, const struct article *article, struct arena *arena)
{
	const char *wish = article->slug != NULL ? article->slug : slug_from(article->title, "article", arena);
	int64_t taken = 1, free = 2;

	if (is_free(store, article, wish))
		return wish;
	while (!is_free(store, article, slug_numbered(wish, free, arena))) {
		taken = free;
		free *= 2;
	}
	while (free - taken > 1) {
		const int64_t middle = taken + (free - taken) / 2;

		if (is_free(store, article, slug_numbered(wish, middle, arena)))
			free = middle;
		else
			taken = middle;
	}
	return slug_numbered(wish, free, arena);
}

static bool has_alias(const struct string_list *aliases, const char *slug)
{
	for (size_t i = 0; i < aliases->n; i++)
		if (strcmp(aliases->items[i], slug) == 0)
			return true;
	return false;
}

static void add_alias(struct store *store, struct article *article, const char *slug)
{
	int64_t holder;

	if (strcmp(slug, article->slug) == 0 || has_alias(&article->aliases, slug))
		return;
	if (!store_id_by_slug(store, slug, &holder) || holder == article->id)
		article->aliases.items[article->aliases.n++] = slug;
}

/* Former slugs of the known article first, its present one if it changes and readers have seen it, then those that the writer names and nobody else
 * has. */
static void collect_aliases(struct store *store, struct article *article, const struct article *known, struct arena *arena)
{
	const struct string_list wished = article->aliases;

	article->aliases.items = arena_array(arena, wished.n + (known != NULL ? known->aliases.n + 1 : 0), sizeof *article->aliases.items);
	article->aliases.n = 0;
	for (size_t i = 0; known != NULL && i < known->aliases.n; i++)
		add_alias(store, article, known->aliases.items[i]);
	if (known != NULL && store_slug_was_public(store, known->slug))
		add_alias(store, article, known->slug);
	for (size_t i = 0; i < wished.n; i++)
		add_alias(store, article, wished.items[i]);
}

void complete_slug(struct store *store, struct article *article, const struct article *known, struct arena *arena)
{
	article->slug = free_slug(store, article, arena);
	collect_aliases(store, article, known, arena);
}

/* --- status --- */

static bool is_to_come(int64_t time, int64_t now)
{
	return time != TIME_NONE && time > now;
}

/* What is out stays out though the clock has been set back. */
static bool is_out_already(const struct article *article, const struct article *known)
{
	return known != NULL && known->status == ARTICLE_PUBLISHED && article->status == ARTICLE_PUBLISHED && known->published_at == article->published_at &&
	    article->publish_at == TIME_NONE;
}

static void schedule(struct article *article, const struct article *known, int64_t now)
{
	if (is_out_already(article, known))
		return;
	if (is_to_come(article->published_at, now))
		article->publish_at = article->published_at;
	if (is_to_come(article->publish_at, now)) {
		article->status = ARTICLE_SCHEDULED;
		article->published_at = TIME_NONE;
	} else if (article->status == ARTICLE_SCHEDULED && article->publish_at != TIME_NONE) {
		article->status = ARTICLE_PUBLISHED;
		article->published_at = article->publish_at;
	}
	if (article->status == ARTICLE_PUBLISHED && article->published_at == TIME_NONE)
		article->published_at = article->publish_at != TIME_NONE ? article->publish_at : now;
	if (article->status == ARTICLE_PUBLISHED)
		article->publish_at = TIME_NONE;
}

void complete_status(struct article *article, const struct article *known, int64_t now)
{
	if (article->status == ARTICLE_PUBLISHED || article->status == ARTICLE_SCHEDULED)
		schedule(article, known, now);
	if (article->status == ARTICLE_PUBLISHED && article->expire_at != TIME_NONE && article->expire_at <= now) {
		article->status = ARTICLE_WITHDRAWN;
		article->removed_at = article->expire_at;
		article->removal_reason = "expired";
		article->was_public = true;
	}
	if (article->status == ARTICLE_WITHDRAWN && article->removed_at == TIME_NONE)
		article->removed_at = now;
}

int64_t complete_updated_at(const struct article *known, int64_t wanted, int64_t now)
{
	if (wanted != TIME_NONE && wanted > known->updated_at)
		return wanted;
	return now > known->updated_at ? now : known->updated_at;
}
