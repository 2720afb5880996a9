/* SPDX-License-Identifier: MIT */
/*
 * What feeds and sitemaps need besides listings: which articles readers have no more, addresses by ranges of ids, and all public documents in
 * turn.
 *
 * Removals are rows of their own, kept when a version takes an article from readers and dropped where one gives it back. They are not read off the
 * article itself: a withdrawn one can still be edited, which readers must not see, and the feed of a section must change only when the
 * section's generation does. So a row holds what was so when the article went: its seq, the time, and the terms under which it was listed.
 *
 * A page of a sitemap has a scope of its own (generations.h), touched by each version of an article in its range that readers see.
 */
#include "store_internal.h"

/* --- removals --- */

struct removing {
	struct store *store;
	int64_t article_id, seq, at;
};

static bool put_removal(void *arg, int64_t term_id, struct error *err)
{
	static const char sql[] = "INSERT INTO article_removal (term_id, seq, article_id, removed_at) VALUES (?1, ?2, ?3, ?4)";
	const struct removing *removing = arg;
	struct statement *put = store_statement(removing->store, sql);
	bool fine;

	statement_bind_integer(put, 1, term_id);
	statement_bind_integer(put, 2, removing->seq);
	statement_bind_integer(put, 3, removing->article_id);
	statement_bind_integer(put, 4, removing->at);
	fine = statement_run(put, err);
	statement_done(put);
	return fine;
}

bool removal_put(struct store *store, int64_t article_id, const struct version *version, const char *term_ids, struct error *err)
{
	struct removing removing = { store, article_id, version->seq, version->at };

	return put_removal(&removing, /* all articles= */ 0, err) && ids_each(term_ids, put_removal, &removing, err);
}

static bool drop_removal(void *arg, int64_t term_id, struct error *err)
{
	static const char sql[] = "DELETE FROM article_removal WHERE article_id = ?1 AND term_id = ?2";
	const struct removing *removing = arg;
	struct statement *drop = store_statement(removing->store, sql);
	bool fine;

	statement_bind_integer(drop, 1, removing->article_id);
	statement_bind_integer(drop, 2, term_id);
	fine = statement_run(drop, err);
	statement_done(drop);
	return fine;
}

/* A term that it does not come back to goes on saying that it has gone: that term's generation does not rise. */
bool removal_drop(struct store *store, int64_t article_id, const char *term_ids, struct error *err)
{
	struct removing removing = { .store = store, .article_id = article_id };

	return drop_removal(&removing, /* all articles= */ 0, err) && ids_each(term_ids, drop_removal, &removing, err);
}

static bool read_removals(struct store *store, int64_t term_id, size_t most, struct removal_row *ret_rows, size_t *ret_n, struct error *err)
{
	static const char sql[] =
	    "SELECT article_id, removed_at FROM article_removal"
	    " WHERE term_id = ?1"
	    " ORDER BY seq DESC LIMIT ?2";
	struct statement *find = store_statement(store, sql);
	size_t n = 0;

	statement_bind_integer(find, 1, term_id);
	statement_bind_integer(find, 2, (int64_t)most);
	while (n < most && statement_next(find, err))
		ret_rows[n++] = (struct removal_row){ statement_integer(find, 0), statement_integer(find, 1) };
	statement_done(find);
	*ret_n = n;
	return err->code == ERROR_NONE;
}

bool store_removals(struct store *store, const char *kind, const char *slug, size_t most, struct removal_row *ret_rows, size_t *ret_n, struct error *err)
{
	int64_t term_id = 0, count;

	*ret_n = 0;
	err->code = ERROR_NONE;
	if (kind != NULL && !store_term_id(store, kind, slug, &term_id, &count, err))
		return err->code == ERROR_NONE || err->code == ERROR_NOT_FOUND;
	return (kind != NULL && term_id == 0) || read_removals(store, term_id, most, ret_rows, ret_n, err);
}

/* --- sitemaps --- */

/* The first published article from this id on; 0: there is none. */
static bool next_public(struct store *store, int64_t from, int64_t *ret_id, struct error *err)
{
	static const char sql[] = "SELECT article_id FROM article WHERE article_id >= ?1 AND status = 'published' ORDER BY article_id LIMIT 1";
	struct statement *find = store_statement(store, sql);

	statement_bind_integer(find, 1, from);
	*ret_id = statement_next(find, err) ? statement_integer(find, 0) : 0;
	statement_done(find);
	return err->code == ERROR_NONE;
}

/* From page to page that has one: ids may lie far apart. */
bool store_sitemap_pages(struct store *store, int64_t ids, bool (*visit)(void *arg, int64_t page), void *arg, struct error *err)
{
	int64_t from = 1, id;
	bool goes_on = true;

	err->code = ERROR_NONE;
	while (goes_on) {
		if (!next_public(store, from, &id, err))
			return false;
		goes_on = id > 0 && visit(arg, (id - 1) / ids);
		from = ((id - 1) / ids + 1) * ids + 1;
	}
	return true;
}

bool store_updated_last(struct store *store, size_t most, bool (*visit)(void *arg, int64_t id, int64_t updated_at), void *arg, struct error *err)
{
	static const char sql[] =
	    "SELECT article_id, updated_at FROM article"
	    " WHERE status = 'published'"
	    " ORDER BY updated_at DESC, article_id DESC LIMIT ?1";
	struct statement *find = store_statement(store, sql);
	bool goes_on = true;

	err->code = ERROR_NONE;
	statement_bind_integer(find, 1, (int64_t)most);
	while (goes_on && statement_next(find, err))
		goes_on = visit(arg, statement_integer(find, 0), statement_integer(find, 1));
	statement_done(find);
	return err->code == ERROR_NONE;
}

bool store_sitemap_page(struct store *store, int64_t page, int64_t ids, bool (*visit)(void *arg, const char *slug, int64_t updated_at), void *arg,
    struct error *err)
{
	static const char sql[] =
	    "SELECT slug, updated_at FROM article"
	    " WHERE article_id > ?1 AND article_id <= ?2 AND status = 'published'"
	    " ORDER BY article_id";
	struct statement *find = store_statement(store, sql);
	bool goes_on = true;

	err->code = ERROR_NONE;
	statement_bind_integer(find, 1, page * ids);
	statement_bind_integer(find, 2, (page + 1) * ids);
	while (goes_on && statement_next(find, err))
		goes_on = visit(arg, statement_text(find, 0), statement_integer(find, 1));
	statement_done(find);
	return err->code == ERROR_NONE;
}

/* --- everything public, one by one --- */

bool store_document_next(struct store *store, int64_t after, int64_t *ret_id, struct text *ret_json, struct error *err)
{
	static const char sql[] =
	    "SELECT article_id, document"
	    "  FROM article JOIN article_document USING (article_id)"
	    " WHERE article_id > ?1 AND status = 'published'"
	    " ORDER BY article_id LIMIT 1";
	struct statement *find = store_statement(store, sql);
	bool found;

	err->code = ERROR_NONE;
	statement_bind_integer(find, 1, after);
	found = statement_next(find, err);
	if (found) {
		*ret_id = statement_integer(find, 0);
		text_append(ret_json, statement_text(find, 1), statement_length(find, 1));
	}
	statement_done(find);
	return found;
}
