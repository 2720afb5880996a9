/* SPDX-License-Identifier: MIT */
/*
 * Importing: from an article that a file or a batch holds to a version in the log.
 *
 * Find out whether it is known, complete it (id, slug, times, status), compare it with what stands, check it, number the version,
 * append. Everything that depends on what is already there is decided here, inside the writer's transaction, so that two writers
 * cannot take the same slug or pass the same rev.
 *
 * What it does not do: parse, sanitise (article_decode() has), or touch any table (store_apply() does).
 */
#include "publish_internal.h"

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
	complete_status(article, NULL, now);
	article->was_public = article->was_public || article->status == ARTICLE_PUBLISHED;
	if (article->updated_at == TIME_NONE)
		article->updated_at = article->published_at != TIME_NONE ? article->published_at : now;
	complete_slug(store, article, NULL, arena);
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
	complete_status(article, known, now);
	article->was_public = article->was_public || article->status == ARTICLE_PUBLISHED;
	if (article->slug == NULL)
		article->slug = known->slug;
	complete_slug(store, article, known, arena);
	article->updated_at = complete_updated_at(known, article->updated_at, now);
}

/* --- in --- */

struct importing {
	struct publisher *publisher;
	const struct article *wanted;
	struct arena *arena;
	struct publish_result result;
};

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
		importing->result.id = article.id;
		return publish_append(importing->publisher, &article, "import", now, err);
	}
	importing->result = (struct publish_result){ PUBLISH_UNCHANGED, known.id };
	if (known.erased)
		return true;
	keep_what_lists_leave_out(&article, &known);
	article_derive(&article, importing->arena);
	complete_known(store, &article, &known, importing->arena, now);
	if (article_same_content(&article, &known) && article.was_public == known.was_public)
		return true;
	importing->result.outcome = PUBLISH_UPDATED;
	return publish_append(importing->publisher, &article, "import", now, err);
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
