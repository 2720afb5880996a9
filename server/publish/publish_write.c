/* SPDX-License-Identifier: MIT */
/*
 * Writing single articles: new ones, replaced ones, withdrawn ones.
 *
 * The writer knows which version it writes over and says so; whoever comes second is told (ERROR_STALE) instead of overwriting the first, and
 * that is decided here, inside the writer's transaction. A whole article comes in: merging a patch into what stands is done before, on
 * another thread, and holds only if the same version still stands.
 *
 * Erasing is a withdrawal that leaves an article's numbers and address and nothing else, in every version: store_apply() does it on every node.
 */
#include "publish_internal.h"

#include <inttypes.h>
#include <string.h>

const char *const publish_conflict_names[] = { "fail", "skip", "update", NULL };

struct order {
	struct publisher *publisher;
	const struct writing *writing;
	const struct article *article;
	enum publish_conflict conflict;
	const struct withdrawal *withdrawal;
	int64_t id, rev;
	struct publish_result result;
};

static int64_t time_of(const struct correction *correction, const struct article *known, int64_t now)
{
	for (size_t i = 0; known != NULL && i < known->corrections.n; i++)
		if (strcmp(known->corrections.items[i].kind, correction->kind) == 0 && strcmp(known->corrections.items[i].text, correction->text) == 0)
			return known->corrections.items[i].at;
	return now;
}

/* One that comes without a time was made now, unless it stands there already: the same article sent again is no news. */
static void date_corrections(struct article *article, const struct article *known, struct arena *arena, int64_t now)
{
	struct correction *dated = arena_array(arena, article->corrections.n, sizeof *dated);

	for (size_t i = 0; i < article->corrections.n; i++) {
		dated[i] = article->corrections.items[i];
		if (dated[i].at == TIME_NONE)
			dated[i].at = time_of(&dated[i], known, now);
	}
	article->corrections.items = dated;
}

/* known: NULL for a new one. */
static void derive(struct order *order, struct article *article, const struct article *known, int64_t now)
{
	date_corrections(article, known, order->writing->arena, now);
	article_derive(article, order->writing->arena);
}

/* A slug that was asked for is not given with a number behind it: who asks for an address should get it, or hear why not. */
static bool slug_is_free(struct store *store, const struct article *article, struct arena *arena, struct error *err)
{
	struct article other = *article;
	int64_t holder;

	if (article->slug == NULL || !store_id_by_slug(store, article->slug, &holder) || holder == article->id)
		return true;
	complete_slug(store, &other, NULL, arena);
	error_set(err, ERROR_FIELDS, "the article cannot be kept as it is");
	error_add_pointer(err, "/slug", "taken", other.slug, "article %" PRId64 " has, or had, this address", holder);
	return false;
}

static bool replacement_is_there(struct store *store, int64_t id, int64_t replaced_by, struct arena *arena, struct error *err)
{
	char ref[24];
	struct article_row row;

	snprintf(ref, sizeof ref, "%" PRId64, replaced_by);
	if (replaced_by == 0 || (replaced_by != id && store_article_find(store, ref, arena, &row, err)))
		return true;
	error_set(err, ERROR_FIELDS, "the article cannot be withdrawn so");
	error_add_pointer(err, "/replaced_by", "unknown", NULL, "there is no other article %" PRId64, replaced_by);
	return false;
}

static bool refuse_known(int64_t id, struct error *err)
{
	error_set(err, ERROR_CONFLICT, "article %" PRId64 " has this guid of this source", id);
	snprintf(err->members, sizeof err->members, "\"id\":%" PRId64, id);
	return false;
}

/* What has run out does not come back, nor anything out, for no time at all: it needs another end, or none. `wanted`: the status that the writer asked for. */
static bool may_come_back(const struct article *article, enum article_status wanted, const struct article *known, struct error *err)
{
	if (article->status != ARTICLE_WITHDRAWN || wanted == ARTICLE_WITHDRAWN || (known != NULL && known->status == ARTICLE_PUBLISHED))
		return true;
	error_set(err, ERROR_FIELDS, "the article cannot be kept as it is");
	error_add_pointer(err, "/expire_at", "out-of-range", NULL, "it lies in the past: the article would be withdrawn at once");
	return false;
}

/* --- new --- */

static bool create(struct order *order, struct article *article, int64_t now, struct error *err)
{
	struct store *store = order->publisher->store;
	struct arena *arena = order->writing->arena;
	enum article_status wanted;

	derive(order, article, NULL, now);
	article->id = store_next_id(store);
	article->rev = 1;
	article->was_public = false;
	if (article->status == ARTICLE_UNSAID)
		article->status = ARTICLE_DRAFT;
	if (!slug_is_free(store, article, arena, err))
		return false;
	wanted = article->status;
	complete_status(article, NULL, now);
	if (!may_come_back(article, wanted, /* known= */ NULL, err))
		return false;
	article->was_public = article->was_public || article->status == ARTICLE_PUBLISHED;
	article->updated_at = now;
	complete_slug(store, article, NULL, arena);
	order->result = (struct publish_result){ PUBLISH_CREATED, article->id };
	return publish_append(order->publisher, article, order->writing->by, now, err);
}

/* --- over what stands --- */

static bool load_for_writing(struct order *order, struct article *ret_known, struct error *err)
{
	if (!store_article_load(order->publisher->store, order->id, order->writing->arena, ret_known, err))
		return false;
	if (order->rev != 0 && ret_known->rev != order->rev)
		return error_set(err, ERROR_STALE, "article %" PRId64 " stands at version %" PRId64 " by now", order->id, ret_known->rev);
	return true;
}

static void keep_what_is_unsaid(struct article *article, const struct article *known)
{
	article->id = known->id;
	article->rev = known->rev + 1;
	article->was_public = known->was_public;
	if (article->status == ARTICLE_UNSAID) {
		article->status = known->status;
		if (article->publish_at == TIME_NONE && known->status == ARTICLE_SCHEDULED)
			article->publish_at = known->publish_at;
	}
	if (article->published_at == TIME_NONE)
		article->published_at = known->published_at;
	if (article->slug == NULL)
		article->slug = known->slug;
	if (article->status == ARTICLE_WITHDRAWN && known->status == ARTICLE_WITHDRAWN) {
		article->removed_at = known->removed_at;
		article->removal_reason = known->removal_reason;
		article->replaced_by = known->replaced_by;
	} else {
		/* An earlier version that is put back may have been a withdrawn one. */
		article->removed_at = TIME_NONE;
		article->removal_reason = NULL;
		article->replaced_by = 0;
	}
}

static bool append_next(struct order *order, struct article *article, const struct article *known, int64_t now, struct error *err)
{
	order->result = (struct publish_result){ PUBLISH_UNCHANGED, known->id };
	article->was_public = article->was_public || article->status == ARTICLE_PUBLISHED;
	article->updated_at = complete_updated_at(known, /* wanted= */ TIME_NONE, now);
	if (article_same_content(article, known) && article->was_public == known->was_public)
		return true;
	order->result.outcome = PUBLISH_UPDATED;
	return publish_append(order->publisher, article, order->writing->by, now, err);
}

static bool replace(struct order *order, struct article *article, const struct article *known, int64_t now, struct error *err)
{
	struct store *store = order->publisher->store;
	struct arena *arena = order->writing->arena;
	enum article_status wanted;

	if (known->erased)
		return error_set(err, ERROR_CONFLICT, "article %" PRId64 " has been erased for good", known->id);
	derive(order, article, known, now);
	keep_what_is_unsaid(article, known);
	wanted = article->status;
	complete_status(article, known, now);
	if (!slug_is_free(store, article, arena, err) || !may_come_back(article, wanted, known, err))
		return false;
	complete_slug(store, article, known, arena);
	return append_next(order, article, known, now, err);
}

/* --- the three ways in --- */

static void prepare(struct order *order, struct article *ret_article)
{
	*ret_article = *order->article;
	article_own_terms(ret_article, order->writing->arena);
	store_resolve_terms(order->publisher->store, ret_article, order->writing->arena);
}

static bool run_create(struct store *store, void *arg, struct error *err)
{
	struct order *order = arg;
	const int64_t now = clock_now();
	struct article article, known;

	prepare(order, &article);
	if (article.guid == NULL || !store_id_by_guid(store, article.source.id, article.guid, &order->id))
		return create(order, &article, now, err);
	if (order->conflict == CONFLICT_FAIL)
		return refuse_known(order->id, err);
	order->result = (struct publish_result){ PUBLISH_UNCHANGED, order->id };
	if (order->conflict == CONFLICT_SKIP)
		return true;
	return load_for_writing(order, &known, err) && replace(order, &article, &known, now, err);
}

static bool run_replace(struct store *store, void *arg, struct error *err)
{
	struct order *order = arg;
	const int64_t now = clock_now();
	struct article article, known;
	int64_t holder;

	if (!load_for_writing(order, &known, err))
		return false;
	prepare(order, &article);
	if (article.guid != NULL && store_id_by_guid(store, article.source.id, article.guid, &holder) && holder != order->id)
		return refuse_known(holder, err);
	return replace(order, &article, &known, now, err);
}

/* What an erased article keeps: that it was there, where, and from whom, so that an import does not bring it back. */
static struct article shell_of(const struct article *known)
{
	struct article shell;

	article_init(&shell);
	shell.id = known->id;
	shell.slug = known->slug;
	shell.aliases = known->aliases;
	shell.title = "Erased";
	shell.source = known->source;
	shell.guid = known->guid;
	shell.published_at = known->published_at;
	shell.was_public = known->was_public;
	shell.erased = true;
	return shell;
}

static bool run_withdraw(struct store *store, void *arg, struct error *err)
{
	struct order *order = arg;
	const struct withdrawal *withdrawal = order->withdrawal;
	const int64_t now = clock_now();
	struct article article, known;

	if (!load_for_writing(order, &known, err) || !replacement_is_there(store, order->id, withdrawal->replaced_by, order->writing->arena, err))
		return false;
	article = withdrawal->erases ? shell_of(&known) : known;
	article.rev = known.rev + 1;
	article.status = ARTICLE_WITHDRAWN;
	article.publish_at = TIME_NONE;
	article.removed_at = known.status == ARTICLE_WITHDRAWN ? known.removed_at : now;
	article.removal_reason = withdrawal->reason != NULL ? withdrawal->reason : known.removal_reason;
	article.replaced_by = withdrawal->replaced_by != 0 ? withdrawal->replaced_by : known.replaced_by;
	return append_next(order, &article, &known, now, err);
}

static bool run(struct order *order, bool (*fn)(struct store *store, void *arg, struct error *err), struct publish_result *ret_result, struct error *err)
{
	if (!store_transaction(order->publisher->store, fn, order, err))
		return false;
	*ret_result = order->result;
	return true;
}

bool publish_create(struct publisher *publisher, const struct writing *writing, const struct article *article, enum publish_conflict conflict,
    struct publish_result *ret_result, struct error *err)
{
	struct order order = { .publisher = publisher, .writing = writing, .article = article, .conflict = conflict };

	return run(&order, run_create, ret_result, err);
}

bool publish_replace(struct publisher *publisher, const struct writing *writing, int64_t id, int64_t rev, const struct article *article,
    struct publish_result *ret_result, struct error *err)
{
	struct order order = { .publisher = publisher, .writing = writing, .article = article, .id = id, .rev = rev };

	return run(&order, run_replace, ret_result, err);
}

bool publish_withdraw(struct publisher *publisher, const struct writing *writing, int64_t id, int64_t rev, const struct withdrawal *withdrawal,
    struct publish_result *ret_result, struct error *err)
{
	struct order order = { .publisher = publisher, .writing = writing, .withdrawal = withdrawal, .id = id, .rev = rev };

	return run(&order, run_withdraw, ret_result, err);
}
