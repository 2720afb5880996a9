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

static bool same_time(const struct article *article, const struct article *known)
{
	return article->published_at == TIME_NONE ? article->guid == NULL
	                                          : article->published_at == known->published_at || article->published_at == known->publish_at;
}

/* By slug and time: any of slug, slug-2, … that has its source and its time, and no other guid. */
static bool find_by_slug(struct store *store, const struct article *article, struct arena *arena, struct article *ret_known)
{
	const char *wish = article->slug != NULL ? article->slug : slug_from(article->title, "article", arena);
	const char *slug = wish;
	const char *source = unicode_fold(article->source.name, arena);
	struct error ignored;
	int64_t id;

	for (int64_t number = 2; store_id_by_slug(store, slug, &id); number++) {
		if (store_article_load(store, id, arena, ret_known, &ignored) && same_time(article, ret_known) &&
		    (article->guid == NULL || ret_known->guid == NULL) && same_text(unicode_fold(ret_known->source.name, arena), source))
			return true;
		slug = slug_numbered(wish, number, arena);
	}
	return false;
}

static bool find_known(struct store *store, const struct article *article, struct arena *arena, struct article *ret_known)
{
	struct error ignored;
	int64_t id;

	if (article->guid != NULL && store_id_by_guid(store, article->source.name, article->guid, &id))
		return store_article_load(store, id, arena, ret_known, &ignored);
	return find_by_slug(store, article, arena, ret_known);
}

/* --- what the writer left open --- */

static const char *free_slug(struct store *store, const struct article *article, struct arena *arena)
{
	const char *wish = article->slug != NULL ? article->slug : slug_from(article->title, "article", arena);
	const char *slug = wish;
	int64_t holder;

	for (int64_t number = 2; store_id_by_slug(store, slug, &holder) && holder != article->id; number++)
		slug = slug_numbered(wish, number, arena);
	return slug;
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

/* `published` with a time to come is scheduled for that time (API.md §4). */
static void settle_status(struct article *article, int64_t now)
{
	if (article->status == ARTICLE_PUBLISHED && article->published_at == TIME_NONE)
		article->published_at = now;
	if ((article->status == ARTICLE_PUBLISHED || article->status == ARTICLE_SCHEDULED) && article->published_at > now) {
		article->status = ARTICLE_SCHEDULED;
		article->publish_at = article->published_at;
		article->published_at = TIME_NONE;
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
	const struct article_version version = { .at = now, .by = "import", .article = article };
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

	store_resolve_terms(store, &article, importing->arena);
	if (!find_known(store, &article, importing->arena, &known)) {
		article_derive(&article, importing->arena);
		complete_new(store, &article, importing->arena, now);
		importing->result.outcome = PUBLISH_CREATED;
		return append(importing, &article, now, err);
	}
	keep_what_lists_leave_out(&article, &known);
	article_derive(&article, importing->arena);
	complete_known(store, &article, &known, importing->arena, now);
	importing->result = (struct publish_result){ PUBLISH_UNCHANGED, known.id };
	if (article_same_content(&article, &known))
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

struct together {
	struct publisher *publisher;
	bool (*fn)(struct publisher *publisher, void *arg, struct error *err);
	void *arg;
	int64_t public_seq;
};

static bool run_together(struct store *store, void *arg, struct error *err)
{
	struct together *together = arg;

	if (!together->fn(together->publisher, together->arg, err))
		return false;
	together->public_seq = store_public_seq(store);
	return true;
}

bool publish_together(struct publisher *publisher, bool (*fn)(struct publisher *publisher, void *arg, struct error *err), void *arg,
    struct error *err)
{
	struct together together = { .publisher = publisher, .fn = fn, .arg = arg };

	if (!store_transaction(publisher->store, run_together, &together, err))
		return false;
	if (publisher->committed != NULL)
		publisher->committed(publisher->arg, together.public_seq);
	return true;
}
