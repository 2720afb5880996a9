/* SPDX-License-Identifier: MIT */
/*
 * What is not published, kept for the newsroom: newsroom_article, newsroom_term and newsroom_words.
 *
 * Drafts, scheduled and withdrawn articles stand in tables of their own. So the tables that readers' answers are made of (listings, counts,
 * facets, suggestions, search) never meet them, and no filter can forget to leave them out; and a list of drafts walks drafts alone, however
 * many articles are withdrawn.
 *
 * article_apply.c calls newsroom_apply() at the end of every version. For an article that is and was published, which nearly all are, it does
 * nothing.
 */
#include "store_internal.h"

#include <string.h>

static bool remove_rows(struct store *store, int64_t id, struct error *err)
{
	static const char words[] = "DELETE FROM newsroom_words WHERE article_id = ?1";
	static const char terms[] = "DELETE FROM newsroom_term WHERE article_id = ?1";
	static const char article[] = "DELETE FROM newsroom_article WHERE article_id = ?1";
	const char *const all[] = { words, terms, article };
	bool fine = true;

	for (size_t i = 0; fine && i < sizeof all / sizeof all[0]; i++) {
		struct statement *delete = store_statement(store, all[i]);

		statement_bind_integer(delete, 1, id);
		fine = statement_run(delete, err);
		statement_done(delete);
	}
	return fine;
}

static int64_t sort_time(const struct article *article)
{
	if (article->published_at != TIME_NONE)
		return article->published_at;
	return article->publish_at != TIME_NONE ? article->publish_at : article->updated_at;
}

static bool put_row(struct store *store, const struct article *article, struct error *err)
{
	static const char sql[] = "INSERT INTO newsroom_article (article_id, status, sort_at, updated_at) VALUES (?1, ?2, ?3, ?4)";
	struct statement *put = store_statement(store, sql);
	bool fine;

	statement_bind_integer(put, 1, article->id);
	statement_bind_text(put, 2, article_status_names[article->status]);
	statement_bind_integer(put, 3, sort_time(article));
	statement_bind_integer(put, 4, article->updated_at);
	fine = statement_run(put, err);
	statement_done(put);
	return fine;
}

static bool put_words(struct store *store, int64_t id, const struct article_words *words, struct error *err)
{
	static const char sql[] = "INSERT INTO newsroom_words (article_id, words) VALUES (?1, ?2)";
	struct statement *put = store_statement(store, sql);
	struct text text = TEXT_EMPTY;
	bool fine;

	newsroom_words_write(words, &text);
	statement_bind_integer(put, 1, id);
	statement_bind_bytes(put, 2, text.bytes, text.length);
	fine = statement_run(put, err);
	statement_done(put);
	text_done(&text);
	return fine;
}

struct putting {
	struct store *store;
	const struct article *article;
	struct arena *arena;
	struct error *err;
};

/* The same tag may be given twice. */
static bool put_term(void *arg, const char *kind, struct term *term)
{
	static const char sql[] =
	    "INSERT INTO newsroom_term (term_id, status, sort_at, article_id, updated_at) VALUES (?1, ?2, ?3, ?4, ?5)"
	    " ON CONFLICT DO NOTHING";
	struct putting *putting = arg;
	struct statement *put;
	bool fine;

	if (!store_term_ensure(putting->store, kind, term, putting->arena, putting->err))
		return false;
	put = store_statement(putting->store, sql);
	statement_bind_integer(put, 1, term->id);
	statement_bind_text(put, 2, article_status_names[putting->article->status]);
	statement_bind_integer(put, 3, sort_time(putting->article));
	statement_bind_integer(put, 4, putting->article->id);
	statement_bind_integer(put, 5, putting->article->updated_at);
	fine = statement_run(put, putting->err);
	statement_done(put);
	return fine;
}

bool newsroom_apply(struct store *store, struct article *article, bool was_in, const struct article_words *words, struct arena *arena, struct error *err)
{
	struct putting putting = { .store = store, .article = article, .arena = arena, .err = err };

	if (was_in && !remove_rows(store, article->id, err))
		return false;
	return words == NULL || (put_row(store, article, err) && put_words(store, article->id, words, err)
	    && store_each_listing_term(article, put_term, &putting, arena));
}
