/* SPDX-License-Identifier: MIT */
/*
 * From an article that somebody wants in to a version in the log.
 *
 * Find out whether it is known, complete it (id, slug, times, status), compare it with what stands, check it, number the version,
 * append. Everything that depends on what is already there is decided here, inside the writer's transaction, so that two writers
 * cannot take the same slug or pass the same rev.
 *
 * What it does not do: parse, sanitise (article_decode() has), or touch any table (store_apply() does).
 */
#include "publish.h"

#include <string.h>

/* Ids are counted on from the largest: one that a file gives must leave room below 2^53, where readers of JSON stop being exact. */
static const int64_t ID_GIVEN_MOST = 1000000000000000;

const char *const publish_outcome_names[] = { "created", "updated", "unchanged" };

/* --- is it known? --- */

static bool same_text(const char *one, const char *other)
{
	return one == other || (one != NULL && other != NULL && strcmp(one, other) == 0);
}

static bool is_slug_of(const char *slug, const char *wish)
{
	const size_t length = strlen(wish);

	return strncmp(slug, wish, length) == 0 && (slug[length] == '\0' || slug[length] == '-');
}

static bool has_slug_of(const struct article *known, const char *wish)
{
	if (is_slug_of(known->slug, wish))
		return true;
	for (size_t i = 0; i < known->aliases.n; i++)
		if (is_slug_of(known->aliases.items[i], wish))
			return true;
	return false;
}

/* Without a time only the same words under the same slug are the same article. */
static bool is_same_story(const struct article *article, const struct article *known, const char *wish)
{
	if (article->guid != NULL && known->guid != NULL)
		return false;
	if (!has_slug_of(known, wish))
		return false;
	return article->published_at != TIME_NONE ||
	    (article->guid == NULL && same_text(article->title, known->title) && same_text(article->body_html, known->body_html));
}

struct search {
	struct store *store;
	struct arena *arena;
	const struct article *article;
	const char *wish;
	struct article *known;
	bool found;
};

static bool look_at(void *arg, int64_t id, struct error *err)
{
	struct search *search = arg;

	if (!store_article_load(search->store, id, search->arena, search->known, err))
		return false;
	search->found = is_same_story(search->article, search->known, search->wish);
	return !search->found;
}

/* By slug and time: of the articles of its source and time, one that bears its slug, or slug-2, … */
static bool find_by_slug(struct store *store, const struct article *article, struct arena *arena, struct article *ret_known, struct error *err)
{
	const char *wish = article->slug != NULL ? article->slug : slug_from(article->title, "article", arena);
	struct search search = { store, arena, article, wish, ret_known, false };
	int64_t id;

	err->code = ERROR_NONE;
	if (article->published_at != TIME_NONE)
		store_ids_by_time(store, article->source.id, article->published_at, article->guid != NULL, look_at, &search, err);
	else if (store_id_by_slug(store, wish, &id))
		look_at(&search, id, err);
	return search.found;
}

/* false with ERROR_NONE when it is not known. */
static bool find_known(struct store *store, const struct article *article, struct arena *arena, struct article *ret_known, struct error *err)
{
	int64_t id;

	err->code = ERROR_NONE;
	if (article->guid != NULL && store_id_by_guid(store, article->source.id, article->guid, &id))
		return store_article_load(store, id, arena, ret_known, err);
	return find_by_slug(store, article, arena, ret_known, err);
}

/* --- what the writer left open --- */

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

/* Former slugs of the known article first, its present one if it changes, then those that the writer names and nobody else has. */
static void collect_aliases(struct store *store, struct article *article, const struct article *known, struct arena *arena)
{
	const struct string_list wished = article->aliases;

	article->aliases.items = arena_array(arena, wished.n + (known != NULL ? known->aliases.n + 1 : 0), sizeof *article->aliases.items);
	article->aliases.n = 0;
	for (size_t i = 0; known != NULL && i < known->aliases.n; i++)
		add_alias(store, article, known->aliases.items[i]);
	if (known != NULL)
		add_alias(store, article, known->slug);
	for (size_t i = 0; i < wished.n; i++)
		add_alias(store, article, wished.items[i]);
}

static bool is_to_come(int64_t time, int64_t now)
{
	return time != TIME_NONE && time > now;
}

/* What is to come out later is scheduled (API.md §4), what has run out is withdrawn. */
static void settle_status(struct article *article, int64_t now)
{
	const bool is_out = article->status == ARTICLE_PUBLISHED || article->status == ARTICLE_SCHEDULED;

	if (is_out && is_to_come(article->published_at, now))
		article->publish_at = article->published_at;
	if (is_out && is_to_come(article->publish_at, now)) {
		article->status = ARTICLE_SCHEDULED;
		article->published_at = TIME_NONE;
	}
	if (article->status == ARTICLE_PUBLISHED && article->published_at == TIME_NONE)
		article->published_at = article->publish_at != TIME_NONE ? article->publish_at : now;
	if (article->status == ARTICLE_PUBLISHED && article->expire_at != TIME_NONE && article->expire_at <= now) {
		article->status = ARTICLE_WITHDRAWN;
		article->removed_at = article->expire_at;
		article->removal_reason = "expired";
		article->was_public = true;
	}
	if (article->status == ARTICLE_WITHDRAWN && article->removed_at == TIME_NONE)
		article->removed_at = now;
}

static void complete_new(struct store *store, struct article *article, struct arena *arena, int64_t now)
{
	const int64_t next = store_next_id(store);

	if (article->id < next || article->id > ID_GIVEN_MOST) {
		article->id = next;
		article->rev = 0;
	}
	if (article->rev == 0)
		article->rev = 1;
	if (article->status == ARTICLE_UNSAID)
		article->status = ARTICLE_PUBLISHED;
	settle_status(article, now);
	article->was_public = article->was_public || article->status == ARTICLE_PUBLISHED;
	if (article->updated_at == TIME_NONE)
		article->updated_at = article->published_at != TIME_NONE ? article->published_at : now;
	article->slug = free_slug(store, article, arena);
	collect_aliases(store, article, NULL, arena);
}

/* Not every file says everything: a list of the API has no bodies, a saved page no guid. What lists leave out stays as it stands. */
static void keep_what_lists_leave_out(struct article *article, const struct article *known)
{
	if (article->guid == NULL)
		article->guid = known->guid;
	if (article->source_url == NULL)
		article->source_url = known->source_url;
	if (article->canonical_url == NULL)
		article->canonical_url = known->canonical_url;
	if (article->rights.holder == NULL && article->rights.notice == NULL && article->rights.usage_terms == NULL)
		article->rights = known->rights;
	if (article->corrections.n == 0)
		article->corrections = known->corrections;
	if (article->related_ids.n == 0)
		article->related_ids = known->related_ids;
	if (article->body_html == NULL) {
		article->body_html = known->body_html;
		article->body_text = known->body_text;
	}
}

static void complete_known(struct store *store, struct article *article, const struct article *known, struct arena *arena, int64_t now)
{
	/* That a withdrawn one has a time says nothing here, where it is known whether readers saw it. */
	article->was_public = known->was_public || (article->was_public && !article_is_gone(article));
	article->id = known->id;
	article->rev = known->rev + 1;
	if (article->status == ARTICLE_UNSAID) {
		/* A feed that is read again does not bring back what the editors took away. */
		article->status = known->status;
		article->removed_at = known->removed_at;
		article->removal_reason = known->removal_reason;
		article->replaced_by = known->replaced_by;
		article->publish_at = known->publish_at;
		if (known->status == ARTICLE_SCHEDULED && article->published_at != TIME_NONE && article->published_at <= now) {
			article->status = ARTICLE_PUBLISHED;
			article->publish_at = TIME_NONE;
		}
	}
	if (article->status == ARTICLE_WITHDRAWN && known->status == ARTICLE_WITHDRAWN && article->removed_at == TIME_NONE)
		article->removed_at = known->removed_at;
	if (article->published_at == TIME_NONE)
		article->published_at = known->published_at;
	settle_status(article, now);
	article->was_public = article->was_public || article->status == ARTICLE_PUBLISHED;
	if (article->slug == NULL)
		article->slug = known->slug;
	article->slug = free_slug(store, article, arena);
	collect_aliases(store, article, known, arena);
	if (article->updated_at == TIME_NONE || article->updated_at <= known->updated_at)
		article->updated_at = now;
}

/* --- in --- */

struct importing {
	struct publisher *publisher;
	const struct article *wanted;
	struct arena *arena;
	struct publish_result result;
};

static bool append(struct importing *importing, const struct article *article, int64_t now, struct error *err)
{
	const struct version version = { .at = now, .by = "import", .article = article };
	int64_t seq;

	importing->result.id = article->id;
	return article_check(article, err) &&
	    importing->publisher->log->append(importing->publisher->log, importing->publisher->store, &version, &seq, err);
}

static bool import_one(struct store *store, void *arg, struct error *err)
{
	struct importing *importing = arg;
	const int64_t now = clock_now();
	struct article article = *importing->wanted, known;

	article_own_terms(&article, importing->arena);
	store_resolve_terms(store, &article, importing->arena);
	if (!find_known(store, &article, importing->arena, &known, err)) {
		if (err->code != ERROR_NONE)
			return false;
		article_derive(&article, importing->arena);
		complete_new(store, &article, importing->arena, now);
		importing->result.outcome = PUBLISH_CREATED;
		return append(importing, &article, now, err);
	}
	keep_what_lists_leave_out(&article, &known);
	article_derive(&article, importing->arena);
	complete_known(store, &article, &known, importing->arena, now);
	importing->result = (struct publish_result){ PUBLISH_UNCHANGED, known.id };
	if (article_same_content(&article, &known) && article.was_public == known.was_public)
		return true;
	importing->result.outcome = PUBLISH_UPDATED;
	return append(importing, &article, now, err);
}

bool publish_import(struct publisher *publisher, const struct article *article, struct arena *arena, struct publish_result *ret_result,
    struct error *err)
{
	struct importing importing = { .publisher = publisher, .wanted = article, .arena = arena };

	if (!store_transaction(publisher->store, import_one, &importing, err))
		return false;
	*ret_result = importing.result;
	return true;
}

bool publish_import_unsaved(struct publisher *publisher, const struct article *article, struct arena *arena, struct publish_result *ret_result,
    bool *ret_spoiled, struct error *err)
{
	struct importing importing = { .publisher = publisher, .wanted = article, .arena = arena };

	if (!store_part(publisher->store, import_one, &importing, ret_spoiled, err))
		return false;
	*ret_result = importing.result;
	return true;
}
