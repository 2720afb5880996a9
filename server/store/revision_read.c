/* SPDX-License-Identifier: MIT */
/*
 * The versions of one article, as the log has them: the newest first, each found by (kind, ref, rev).
 *
 * What readers may know of is asked for by the store itself: versions that were published. A version made while the article was a draft is not in
 * the answer, whatever its number.
 */
#include "store_internal.h"

static void revision_from(struct statement *row, struct arena *arena, struct revision *ret_revision)
{
	*ret_revision = (struct revision){
		.rev = statement_integer(row, 0),
		.seq = statement_integer(row, 1),
		.at = statement_integer(row, 2),
		.by = arena_string(arena, statement_text(row, 3)),
		.doc = arena_copy(arena, statement_text(row, 4), statement_length(row, 4)),
		.length = statement_length(row, 4),
	};
}

bool store_revisions(struct store *store, int64_t id, int64_t below, bool public_only, size_t most, struct arena *arena, struct revision *ret_revisions,
    size_t *ret_n, struct error *err)
{
	static const char of_all[] =
	    "SELECT rev, seq, at, by, doc FROM article_version"
	    " WHERE kind = 'article' AND ref = ?1 AND rev < ?2"
	    " ORDER BY rev DESC LIMIT ?3";
	static const char of_public[] =
	    "SELECT rev, seq, at, by, doc FROM article_version"
	    " WHERE kind = 'article' AND ref = ?1 AND rev < ?2 AND json_extract(doc, '$.status') = 'published'"
	    " ORDER BY rev DESC LIMIT ?3";
	struct statement *walk = store_statement(store, public_only ? of_public : of_all);
	size_t n = 0;

	statement_bind_integer(walk, 1, id);
	statement_bind_integer(walk, 2, below);
	statement_bind_integer(walk, 3, (int64_t)most);
	while (statement_next(walk, err))
		revision_from(walk, arena, &ret_revisions[n++]);
	statement_done(walk);
	*ret_n = n;
	return err->code == ERROR_NONE;
}

bool store_revision(struct store *store, int64_t id, int64_t rev, struct arena *arena, struct revision *ret_revision, struct error *err)
{
	static const char sql[] = "SELECT rev, seq, at, by, doc FROM article_version WHERE kind = 'article' AND ref = ?1 AND rev = ?2";
	struct statement *find = store_statement(store, sql);
	bool found;

	statement_bind_integer(find, 1, id);
	statement_bind_integer(find, 2, rev);
	found = statement_row(find, err);
	if (found)
		revision_from(find, arena, ret_revision);
	statement_done(find);
	if (!found && err->code == ERROR_NOT_FOUND)
		return error_set(err, ERROR_NOT_FOUND, "article %lld has no version %lld", (long long)id, (long long)rev);
	return found;
}
