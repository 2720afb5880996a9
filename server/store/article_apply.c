/* SPDX-License-Identifier: MIT */
/*
 * Applies one version: the only code that changes an article.
 *
 * Whatever the version is (new, edited, re-dated, moved to another section, withdrawn), the steps are the same: take the article's
 * rows out of the listings as they stand, write the article and its document anew, put its rows in again if readers may see it. So no
 * kind of edit needs code of its own, and nothing of an old version can stay behind.
 *
 * What goes into and out of the listings is noted here and done at the end of the transaction (late.c).
 *
 * Runs inside the caller's transaction, in the order of the log, and depends on nothing but the version and the tables: every node
 * that applies the same log comes to the same bytes. All JSON that readers get is composed here and never at a read.
 */
#include "webhook_internal.h"

#include <string.h>

/* The article as the tables have it before the version. */
struct before {
	bool exists, is_public, was_public;
	int64_t published_at, search_id;    /* 0: not in the search index */
	const char *term_ids;
	const char *slug;
};

struct applying {
	struct store *store;
	struct arena *arena;
	struct article *article;
	struct text term_ids, cache_groups, facets;
	int64_t seq;
	int64_t published_at;
	struct error *err;
};

static bool load_before(struct store *store, int64_t id, struct arena *arena, struct before *ret_before, struct error *err)
{
	static const char sql[] =
	    "SELECT status = 'published', was_public, published_at, term_ids, coalesce(search_id, 0), slug"
	    "  FROM article JOIN article_document USING (article_id) LEFT JOIN search_row USING (article_id)"
	    " WHERE article_id = ?1";
	struct statement *find;
	struct before before = { 0 };

	*ret_before = before;
	err->code = ERROR_NONE;
	if (store->next_id > 0 && id >= store->next_id)
		return true;
	find = store_statement(store, sql);
	statement_bind_integer(find, 1, id);
	before.exists = statement_next(find, err);
	if (before.exists) {
		before.is_public = statement_integer(find, 0) != 0;
		before.was_public = statement_integer(find, 1) != 0;
		before.published_at = statement_time(find, 2);
		before.term_ids = arena_string(arena, statement_text(find, 3));
		before.search_id = statement_integer(find, 4);
		before.slug = arena_string(arena, statement_text(find, 5));
	}
	statement_done(find);
	*ret_before = before;
	return err->code == ERROR_NONE;
}

/* --- out of the listings --- */

static bool term_unlink(void *arg, int64_t term_id, struct error *err)
{
	static const char sql[] = "SELECT kind, slug FROM term WHERE term_id = ?1";
	struct applying *applying = arg;
	struct statement *find = store_statement(applying->store, sql);
	bool fine;

	late_link(applying->store, term_id, applying->published_at, applying->article->id, /* updated_at= */ 0, /* add= */ false);
	statement_bind_integer(find, 1, term_id);
	fine = statement_row(find, err);
	if (fine) {
		late_count(applying->store, statement_text(find, 0), term_id, -1, applying->seq);
		store_touch(applying->store, scope_key(statement_text(find, 0), statement_text(find, 1)));
	}
	statement_done(find);
	return fine;
}

static bool take_out(struct applying *applying, const struct before *before)
{
	if (!before->is_public)
		return true;
	applying->published_at = before->published_at;
	late_count(applying->store, "all", 0, -1, applying->seq);
	if (before->search_id != 0
	    && !search_take(applying->store, applying->article->id, before->search_id, before->term_ids, applying->arena, applying->err))
		return false;
	return ids_each(before->term_ids, term_unlink, applying, applying->err);
}

/* --- into the listings --- */

static bool put_term_in(void *arg, const char *kind, struct term *term)
{
	struct applying *applying = arg;

	if (!store_term_ensure(applying->store, kind, term, applying->arena, applying->err))
		return false;
	ids_append(&applying->term_ids, term->id);
	search_facets_add(&applying->facets, kind, term->id);
	text_printf(&applying->cache_groups, "%s%s-%s", applying->cache_groups.length > 0 ? " " : "", kind, term->slug);
	store_touch(applying->store, scope_key(kind, term->slug));
	late_link(applying->store, term->id, applying->article->published_at, applying->article->id, applying->article->updated_at, /* add= */ true);
	late_count(applying->store, kind, term->id, 1, applying->seq);
	return true;
}

static bool name_term(void *arg, const char *kind, struct term *term)
{
	struct applying *applying = arg;

	return store_term_ensure(applying->store, kind, term, applying->arena, applying->err);
}

/* --- the article itself --- */

static bool keep_slug(struct store *store, const char *slug, int64_t id, bool is_public, struct error *err)
{
	static const char sql[] =
	    "INSERT INTO article_slug (slug, article_id, was_public) VALUES (?1, ?2, ?3)"
	    " ON CONFLICT (slug) DO UPDATE SET was_public = max(was_public, excluded.was_public) WHERE article_id = excluded.article_id";
	struct statement *keep = store_statement(store, sql);
	bool fine;

	statement_bind_text(keep, 1, slug);
	statement_bind_integer(keep, 2, id);
	statement_bind_integer(keep, 3, is_public);
	fine = statement_run(keep, err);
	statement_done(keep);
	return fine;
}

/* An address that was a draft's alone leads nowhere, and is free again. */
static bool drop_unseen_slug(struct store *store, const char *slug, int64_t id, struct error *err)
{
	static const char sql[] = "DELETE FROM article_slug WHERE slug = ?1 AND article_id = ?2 AND NOT was_public";
	struct statement *drop = store_statement(store, sql);
	bool fine;

	statement_bind_text(drop, 1, slug);
	statement_bind_integer(drop, 2, id);
	fine = statement_run(drop, err);
	statement_done(drop);
	return fine;
}

static bool keep_slugs(struct applying *applying, const struct before *before)
{
	const struct article *article = applying->article;
	const bool is_public = article->status == ARTICLE_PUBLISHED || (article->was_public && !before->was_public);

	if (before->exists && strcmp(before->slug, article->slug) != 0 && !drop_unseen_slug(applying->store, before->slug, article->id, applying->err))
		return false;
	if (!keep_slug(applying->store, article->slug, article->id, is_public, applying->err))
		return false;
	for (size_t i = 0; i < article->aliases.n; i++)
		if (!keep_slug(applying->store, article->aliases.items[i], article->id, /* is_public= */ true, applying->err))
			return false;
	return true;
}

static bool put_article(struct applying *applying, const struct before *before)
{
	static const char sql[] =
	    "INSERT INTO article (article_id, slug, status, was_public, rev, seq, source_id, guid, published_at, updated_at, item,"
	    "   section_id)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, nullif(?12, 0))"
	    " ON CONFLICT (article_id) DO UPDATE SET"
	    "   slug = excluded.slug, status = excluded.status, was_public = excluded.was_public, rev = excluded.rev, seq = excluded.seq,"
	    "   source_id = excluded.source_id, guid = excluded.guid, published_at = excluded.published_at,"
	    "   updated_at = excluded.updated_at, item = excluded.item, section_id = excluded.section_id";
	const struct article *article = applying->article;
	struct statement *put = store_statement(applying->store, sql);
	struct text item = TEXT_EMPTY;
	bool fine;

	article_encode(article, VIEW_ITEM, &item);
	statement_bind_integer(put, 1, article->id);
	statement_bind_text(put, 2, article->slug);
	statement_bind_text(put, 3, article_status_names[article->status]);
	statement_bind_integer(put, 4, before->was_public || article->was_public || article->status == ARTICLE_PUBLISHED);
	statement_bind_integer(put, 5, article->rev);
	statement_bind_integer(put, 6, applying->seq);
	statement_bind_integer(put, 7, article->source.id);
	statement_bind_text(put, 8, article->guid);
	statement_bind_time(put, 9, article->published_at);
	statement_bind_integer(put, 10, article->updated_at);
	statement_bind_bytes(put, 11, item.bytes, item.length);
	statement_bind_integer(put, 12, article->section.id);
	fine = statement_run(put, applying->err);
	statement_done(put);
	if (fine && applying->store->next_id > 0 && article->id >= applying->store->next_id)
		applying->store->next_id = article->id + 1;
	text_done(&item);
	return fine;
}

static bool put_document(struct applying *applying)
{
	static const char sql[] =
	    "INSERT INTO article_document (article_id, document, private, term_ids, word_ids, cache_groups) VALUES (?1, ?2, ?3, ?4, '', ?5)"
	    " ON CONFLICT (article_id) DO UPDATE SET"
	    "   document = excluded.document, private = excluded.private, term_ids = excluded.term_ids, word_ids = '',"
	    "   cache_groups = excluded.cache_groups";
	struct statement *put = store_statement(applying->store, sql);
	struct text document = TEXT_EMPTY, kept = TEXT_EMPTY;
	bool fine;

	article_encode(applying->article, VIEW_DETAIL, &document);
	article_encode(applying->article, VIEW_PRIVATE, &kept);
	statement_bind_integer(put, 1, applying->article->id);
	statement_bind_bytes(put, 2, document.bytes, document.length);
	statement_bind_bytes(put, 3, kept.bytes, kept.length);
	statement_bind_text(put, 4, applying->term_ids.length > 0 ? applying->term_ids.bytes : "");
	statement_bind_text(put, 5, applying->cache_groups.length > 0 ? applying->cache_groups.bytes : "");
	fine = statement_run(put, applying->err);
	statement_done(put);
	text_done(&document);
	text_done(&kept);
	return fine;
}

/* Read ahead by whoever handed the article in, or now. */
static const struct article_words *words_of(struct applying *applying)
{
	struct article_words *words;

	if (applying->article->words != NULL && article_words_fit(applying->article->words, applying->article))
		return applying->article->words;
	words = arena_alloc(applying->arena, sizeof *words);
	article_read_words(applying->article, applying->arena, words);
	return words;
}

/* Of an erased one nothing is kept anywhere that held its text. */
static bool erase(struct applying *applying)
{
	const struct article *article = applying->article;

	if (!article->erased)
		return true;
	late_erasure(applying->store);
	return versions_blank(applying->store, article, applying->err) && idempotency_forget(applying->store, article->id, applying->err) &&
	    store_previews_revoke(applying->store, article->id, applying->err);
}

static bool note_change(struct applying *applying, const struct before *before)
{
	const struct change_write write = {
		.article = applying->article,
		.seq = applying->seq,
		.term_ids = applying->term_ids.bytes,
		.was_listed_ever = before->was_public,
		.was_listed_under = before->is_public ? before->term_ids : "",
	};

	return change_put(applying->store, &write, applying->err);
}

/* Rows that refer to the article come behind its own row; its term ids are known only when they are in. */
static bool put_in(struct applying *applying, const struct before *before)
{
	const bool is_public = applying->article->status == ARTICLE_PUBLISHED;
	const struct article_words *words = NULL;
	bool fine;

	fine = article_each_term(applying->article, name_term, applying) && put_article(applying, before) && keep_slugs(applying, before);
	if (fine && is_public) {
		words = words_of(applying);    /* names of terms are now as the store knows them */
		fine = store_each_listing_term(applying->article, put_term_in, applying, applying->arena) &&
		    search_put(applying->store, applying->article, words, applying->term_ids.bytes, &applying->facets, applying->err);
		late_count(applying->store, "all", 0, 1, applying->seq);
	}
	fine = fine && schedule_put(applying->store, applying->article, /* is_new= */ !before->exists, applying->err) && erase(applying) &&
	    store_words_put(applying->store, applying->article, words, /* is_new= */ !before->exists, applying->err) && put_document(applying) &&
	    newsroom_apply(applying->store, applying->article, before->exists && !before->is_public, is_public ? NULL : words_of(applying), applying->arena,
	        applying->err);
	/* Also what was unknown and is gone now: brought in withdrawn, from where readers had seen it. */
	if (fine && (is_public || before->is_public || (applying->article->was_public && !before->was_public)))
		store_touch(applying->store, scope_key_of_id("article", applying->article->id));
	if (fine && (is_public || before->is_public)) {
		store_touch(applying->store, SCOPE_ALL);
		store_touch(applying->store, SCOPE_SITEMAP((applying->article->id - 1) / STORE_SITEMAP_IDS));
		late_public_seq(applying->store, applying->seq);
		store_suggest_article(applying->store, applying->article, applying->arena);
		fine = note_change(applying, before) && store_related_mark(applying->store, applying->article->id, applying->seq, is_public, applying->err) &&
		    collection_member_changed(applying->store, applying->article->id, applying->seq, applying->err);
	}
	return fine;
}

/* Feeds say what readers have no more, until they have it again: as soon as it is published, or later, when it moves back to a term that it left. */
static bool keep_removal(struct applying *applying, const struct before *before, const struct version *version)
{
	const struct article *article = applying->article;

	if (before->is_public && article->status != ARTICLE_PUBLISHED)
		return removal_put(applying->store, article->id, version, before->term_ids, applying->err);
	if (before->was_public && article->status == ARTICLE_PUBLISHED && (!before->is_public || strcmp(before->term_ids, applying->term_ids.bytes) != 0))
		return removal_drop(applying->store, article->id, applying->term_ids.bytes, applying->err);
	return true;
}

bool article_apply(struct store *store, const struct version *version, struct error *err)
{
	struct arena *arena = arena_new();
	struct article article = *version->article;
	struct applying applying = { .store = store, .arena = arena, .article = &article, .seq = version->seq, .err = err };
	struct webhook_news news;
	struct before before;
	bool fine;

	article_own_terms(&article, arena);
	fine = load_before(store, article.id, arena, &before, err) && webhooks_look(store, article.id, before.is_public, arena, &news, err) &&
	    take_out(&applying, &before) && put_in(&applying, &before) && keep_removal(&applying, &before, version) &&
	    webhooks_tell(store, &news, &article, version, err);
	text_done(&applying.term_ids);
	text_done(&applying.cache_groups);
	text_done(&applying.facets);
	arena_free(arena);
	return fine;
}
