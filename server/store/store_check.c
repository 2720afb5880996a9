/* SPDX-License-Identifier: MIT */
/*
 * `broadsheet check`: is the database whole, and do the tables say what the log says?
 *
 * SQLite's own checks first (pages, indexes, foreign keys), then ours: the log is gap-free, every article stands at its last version,
 * collections and sections too, counts equal a recount, listings hold each published article and no other, every document can be read, every
 * answer of related articles is kept or due, and the indexes of words (check_words.c), of search (check_search.c) and of suggestions (check_suggestions.c) hold what they should. Reads only.
 */
#include "check_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A query that gives a row for each thing that is wrong: what it is about, in text. */
struct invariant {
	const char *says, *sql;
};

/* The change `c` of the article `a` was moved when the database began as a copy (store_copy.c). */
#define WAS_MOVED \
	"(a.seq < c.seq AND c.seq > coalesce((SELECT value FROM state WHERE name = 'changes_begin'), c.seq)" \
	" AND c.seq < coalesce((SELECT max(first_seq) FROM log_gap), 0))"

static const struct invariant invariants[] = {
	{ "the log has a gap before seq", "SELECT seq FROM article_version AS v WHERE seq > (SELECT min(seq) FROM article_version)"
	                                  "   AND NOT EXISTS (SELECT 1 FROM article_version WHERE seq = v.seq - 1)"
	                                  "   AND NOT EXISTS (SELECT 1 FROM log_gap WHERE first_seq = v.seq AND after_seq = "
	                                  "   (SELECT max(seq) FROM article_version WHERE seq < v.seq)) LIMIT 20" },
	{ "the log has no version that article stands at", "SELECT article_id FROM article AS a WHERE NOT EXISTS"
	                                                   " (SELECT 1 FROM article_version WHERE kind = 'article' AND ref = a.article_id AND"
	                                                   "   rev = a.rev AND seq = a.seq) LIMIT 20" },
	{ "the log has a newer version of article", "SELECT article_id FROM article AS a WHERE EXISTS"
	                                            " (SELECT 1 FROM article_version WHERE kind = 'article' AND ref = a.article_id AND rev > a.rev)"
	                                            " LIMIT 20" },
	{ "the log says otherwise of key", "SELECT name FROM api_key AS k WHERE key_id > 0 AND NOT EXISTS"
	                                   " (SELECT 1 FROM article_version WHERE kind = 'key' AND ref = k.key_id AND rev = k.rev AND doc ->> 'name' = k.name"
	                                   "   AND doc ->> 'kid' = k.kid AND doc ->> 'digest' = lower(hex(k.digest))"
	                                   "   AND (SELECT group_concat(value) FROM json_each(doc, '$.scopes')) = k.scopes"
	                                   "   AND unixepoch(doc ->> 'expires_at') IS k.expires_at AND unixepoch(doc ->> 'revoked_at') IS k.revoked_at) LIMIT 20" },
	{ "the log has a newer version, or the only one, of key number", "SELECT ref FROM (SELECT ref, max(rev) AS last FROM article_version WHERE kind = 'key' GROUP BY ref)"
	                                                                 " WHERE NOT EXISTS (SELECT 1 FROM api_key WHERE key_id = ref AND rev = last) LIMIT 20" },
	{ "article has no document:", "SELECT article_id FROM article WHERE article_id NOT IN (SELECT article_id FROM article_document) LIMIT 20" },
	{ "article does not hold its slug:", "SELECT article_id FROM article AS a WHERE NOT EXISTS"
	                                     " (SELECT 1 FROM article_slug WHERE slug = a.slug AND article_id = a.article_id) LIMIT 20" },
	{ "a listing holds an article that is not published:", "SELECT DISTINCT article_id FROM article_term JOIN article USING (article_id)"
	                                                       " WHERE status <> 'published' LIMIT 20" },
	{ "a listing has another time than the article:", "SELECT DISTINCT article_id FROM article_term AS t JOIN article AS a USING (article_id)"
	                                                  " WHERE t.published_at <> a.published_at OR t.updated_at <> a.updated_at LIMIT 20" },
	{ "no section's listing holds published article", "SELECT article_id FROM article AS a WHERE status = 'published' AND NOT EXISTS"
	                                                  " (SELECT 1 FROM article_term JOIN term USING (term_id) WHERE kind = 'section' AND"
	                                                  "   published_at = a.published_at AND article_id = a.article_id) LIMIT 20" },
	{ "the count is not the number of articles of term", "SELECT slug FROM term AS t WHERE"
	                                                     " (SELECT count(*) FROM article_term WHERE term_id = t.term_id) <>"
	                                                     " coalesce((SELECT n FROM article_count WHERE kind = t.kind AND ref_id = t.term_id), 0)"
	                                                     " LIMIT 20" },
	{ "the count of all articles is not", "SELECT count(*) FROM article WHERE status = 'published'"
	                                      " HAVING count(*) <> coalesce((SELECT n FROM article_count WHERE kind = 'all' AND ref_id = 0), 0)" },
	{ "the public seq is not that of a version:", "SELECT value FROM state WHERE name = 'public_seq' AND value <> 0 AND NOT EXISTS"
	                                              " (SELECT 1 FROM article_version WHERE seq = value)" },
	{ "a collection does not stand at its last version:", "SELECT name FROM collection AS c WHERE rev <> coalesce((SELECT max(rev) FROM article_version"
	                                                      "  WHERE kind = 'collection' AND ref = c.collection_id), 0) OR public_rev > rev LIMIT 20" },
	{ "the generation of a collection is not that of a version, or is older than a member:", "SELECT name FROM collection AS c WHERE NOT removed AND"
	                                                      " (seq <> 0 AND NOT EXISTS (SELECT 1 FROM article_version AS v WHERE v.seq = c.seq) OR EXISTS"
	                                                      "  (SELECT 1 FROM collection_item JOIN article AS a USING (article_id)"
	                                                      "    WHERE collection_id = c.collection_id AND status = 'published' AND a.seq > c.seq)) LIMIT 20" },
	{ "a collection that was removed has members:", "SELECT name FROM collection WHERE removed AND EXISTS (SELECT 1 FROM collection_item AS i WHERE"
	                                                " i.collection_id = collection.collection_id) LIMIT 20" },
	{ "a section does not stand at its last version:", "SELECT slug FROM section AS s JOIN term USING (term_id) WHERE s.rev <> coalesce((SELECT max(rev)"
	                                                   " FROM article_version WHERE kind = 'section' AND ref = s.section_id), 0) LIMIT 20" },
	{ "a former name is that of another term too:", "SELECT a.folded FROM term_alias AS a JOIN term USING (kind, folded) LIMIT 20" },
	{ "a former name of its section stands in article", "SELECT article_id FROM article JOIN term ON term.term_id = section_id WHERE"
	                                                    " CASE WHEN json_valid(replace(item, char(1), '')) THEN json_extract(replace(item, char(1), ''), '$.section.name') ELSE name END <> name AND NOT EXISTS"
	                                                    "  (SELECT 1 FROM section_rename WHERE section_rename.term_id = section_id) LIMIT 20" },
	{ "the section is not that of the listings:", "SELECT article_id FROM article AS a WHERE status = 'published' AND NOT EXISTS"
	                                              " (SELECT 1 FROM article_term JOIN term USING (term_id) WHERE term_id = a.section_id AND"
	                                              "   kind = 'section' AND published_at = a.published_at AND article_id = a.article_id) LIMIT 20" },
	{ "related articles are kept of one that is not published:", "SELECT article_id FROM article_related JOIN article USING (article_id)"
	                                                             " WHERE status <> 'published' LIMIT 20" },
	{ "related articles are due of one that is not published:", "SELECT article_id FROM related_due JOIN article USING (article_id)"
	                                                            " WHERE status <> 'published' LIMIT 20" },
	{ "related articles are neither kept nor due of article", "SELECT article_id FROM article AS a WHERE status = 'published'"
	                                                          " AND NOT EXISTS (SELECT 1 FROM article_related WHERE article_id = a.article_id)"
	                                                          " AND NOT EXISTS (SELECT 1 FROM related_due WHERE article_id = a.article_id)"
	                                                          " LIMIT 20" },
	{ "the search index has no row for published article", "SELECT article_id FROM article AS a WHERE status = 'published' AND NOT EXISTS"
	                                                       " (SELECT 1 FROM search_row WHERE article_id = a.article_id AND updated_at = a.updated_at) LIMIT 20" },
	{ "the search index has a row for an article that is not published:", "SELECT article_id FROM search_row JOIN article USING (article_id)"
	                                                                      " WHERE status <> 'published' LIMIT 20" },
	{ "indexes are due to be made anew:", "SELECT name FROM state WHERE name = 'indexes_due' AND value <> 0" },
	{ "a title is suggested of an article that is not published, or has another time:",
	  "SELECT article_id FROM suggest_title AS t JOIN article AS a USING (article_id)"
	  " WHERE status <> 'published' OR a.published_at <> t.published_at LIMIT 20" },
	{ "no title is suggested of article", "SELECT article_id FROM article AS a WHERE status = 'published' AND article_id < 1 << 30"
	                                      " AND NOT EXISTS (SELECT 1 FROM suggest_title WHERE article_id = a.article_id)"
	                                      " AND NOT EXISTS (SELECT 1 FROM state WHERE name = 'indexes_due' AND value <> 0) LIMIT 20" },
	{ "no name is suggested of term", "SELECT slug FROM term AS t WHERE kind IN ('section', 'tag', 'source', 'author') AND folded GLOB '*[a-z]*'"
	                                  " AND EXISTS (SELECT 1 FROM article_count WHERE kind = t.kind AND ref_id = t.term_id AND n > 0)"
	                                  " AND NOT EXISTS (SELECT 1 FROM suggest_term WHERE term_id = t.term_id)"
	                                  " AND NOT EXISTS (SELECT 1 FROM state WHERE name = 'indexes_due' AND value <> 0) LIMIT 20" },
	{ "a name is suggested of a term that no published article has:",
	  "SELECT DISTINCT slug FROM suggest_term JOIN term USING (term_id) WHERE NOT EXISTS"
	  " (SELECT 1 FROM article_count WHERE kind = term.kind AND ref_id = term_id AND n > 0) LIMIT 20" },
	{ "the schedule does not say what is planned of article", "SELECT article_id FROM article AS a JOIN article_document USING (article_id) WHERE status IN ('scheduled', 'published')"
	                                                          " AND iif(json_valid(private), unixepoch(json_extract(private, iif(status = 'scheduled', '$.publish_at', '$.expire_at'))),"
	                                                          "   (SELECT at FROM schedule AS s WHERE s.article_id = a.article_id)) IS NOT"
	                                                          "   (SELECT at FROM schedule AS s WHERE s.article_id = a.article_id) LIMIT 20" },
	{ "the schedule holds an article of which nothing is planned:", "SELECT article_id FROM schedule JOIN article USING (article_id) WHERE status NOT IN ('scheduled', 'published') LIMIT 20" },
	{ "the log says otherwise of webhook number", "SELECT ref FROM article_version AS v WHERE kind = 'webhook' AND rev ="
	                                              "  (SELECT max(rev) FROM article_version WHERE kind = 'webhook' AND ref = v.ref)"
	                                              " AND (op = 'put') <> EXISTS (SELECT 1 FROM webhook WHERE webhook_id = ref) LIMIT 20" },
	{ "the log and the table of preview secrets differ in their number:", "SELECT count(*) FROM preview_secret HAVING (count(*) > 0) <>"
	                                                                       " EXISTS (SELECT 1 FROM article_version WHERE kind = 'preview-secret')" },
	{ "the newsroom's tables do not hold article", "SELECT article_id FROM article AS a WHERE status <> 'published' AND NOT EXISTS"
	                                               " (SELECT 1 FROM newsroom_article AS n WHERE n.article_id = a.article_id AND n.status = a.status AND"
	                                               "   n.updated_at = a.updated_at AND n.sort_at = coalesce(a.published_at, n.sort_at)) LIMIT 20" },
	{ "the newsroom's tables hold published article", "SELECT article_id FROM newsroom_article JOIN article USING (article_id)"
	                                                  " WHERE article.status = 'published' LIMIT 20" },
	{ "the newsroom's lists say otherwise than its articles:", "SELECT DISTINCT t.article_id FROM newsroom_term AS t LEFT JOIN newsroom_article AS n USING (article_id)"
	                                                           " WHERE n.article_id IS NULL OR t.status <> n.status OR t.sort_at <> n.sort_at OR"
	                                                           "   t.updated_at <> n.updated_at LIMIT 20" },
	{ "the changes do not end with the last version of published article", "SELECT article_id FROM article AS a WHERE status = 'published' AND NOT EXISTS"
	                                                                       " (SELECT 1 FROM article_change AS c JOIN article_document AS d USING (article_id)"
	                                                                       "   WHERE article_id = a.article_id AND (c.seq = a.seq OR " WAS_MOVED ") AND reason IS NULL AND"
	                                                                       "   c.term_ids = d.term_ids) LIMIT 20" },
	{ "the changes say otherwise of an article that is not published:", "SELECT article_id FROM article_change AS c JOIN article AS a USING (article_id)"
	                                                                    " WHERE status <> 'published' AND (c.reason IS NULL OR (c.seq > a.seq AND NOT " WAS_MOVED ") OR NOT was_public) LIMIT 20" },
	{ "no words are kept of published article", "SELECT article_id FROM article WHERE status = 'published' AND NOT EXISTS"
	                                            " (SELECT 1 FROM article_vector WHERE article_vector.article_id = article.article_id) LIMIT 20" },
	{ "words are kept of an article that is not published:", "SELECT article_id FROM article_vector JOIN article USING (article_id)"
	                                                         " WHERE status <> 'published' LIMIT 20" },
	{ "the index does not hold as many articles as have the telling word", "WITH held (word_id, n) AS (SELECT CAST(value AS INTEGER), count(*) FROM article_vector,"
	                                                                       "  json_each('[' || replace(word_ids, ' ', ',') || ']') GROUP BY 1)"
	                                                                       " SELECT word FROM word LEFT JOIN held USING (word_id) WHERE coalesce(held.n, 0) <>"
	                                                                       " (SELECT count(*) FROM article_words WHERE article_words MATCH word_id) LIMIT 20" },
};

void check_found(struct checking *checking, const char *says, const char *what)
{
	struct text finding = TEXT_EMPTY;

	text_printf(&finding, "%s %s", says, what);
	checking->report(checking->arg, finding.bytes);
	checking->found++;
	text_done(&finding);
}

static bool check_query(struct checking *checking, const char *says, const char *sql, const char *fine, struct error *err)
{
	struct statement *rows = store_statement(checking->store, sql);

	while (statement_next(rows, err)) {
		const char *what = statement_text(rows, 0);

		if (fine == NULL || what == NULL || strcmp(what, fine) != 0)
			check_found(checking, says, what != NULL ? what : "(none)");
	}
	statement_done(rows);
	return err->code == ERROR_NONE;
}

void check_found_article(struct checking *checking, const char *says, int64_t id)
{
	char number[24];

	snprintf(number, sizeof number, "%" PRId64, id);
	check_found(checking, says, number);
}

/* The article as the last version of the log has it, its terms as the store knows them. */
static bool load_logged(struct store *store, const struct article *article, struct arena *arena, struct article *ret_logged, struct error *err)
{
	static const char sql[] = "SELECT doc FROM article_version WHERE kind = 'article' AND ref = ?1 AND rev = ?2";
	struct statement *find = store_statement(store, sql);
	json_t *object = NULL;
	bool fine;

	statement_bind_integer(find, 1, article->id);
	statement_bind_integer(find, 2, article->rev);
	fine = statement_row(find, err) && json_parse(statement_text(find, 0), statement_length(find, 0), &object, err) &&
	    article_decode(object, DECODE_STORED, arena, ret_logged, err);
	json_decref(object);
	statement_done(find);
	if (fine)
		store_resolve_terms(store, ret_logged, arena);
	return fine;
}

static bool is_being_renamed(struct store *store, const char *section)
{
	static const char sql[] = "SELECT 1 FROM section_rename JOIN term USING (term_id) WHERE slug = ?1";
	struct statement *find = store_statement(store, sql);
	struct error ignored;
	bool found;

	statement_bind_text(find, 1, section);
	found = statement_next(find, &ignored);
	statement_done(find);
	return found;
}

static bool has_item(struct store *store, const struct article *article)
{
	struct text stored = TEXT_EMPTY, wanted = TEXT_EMPTY;
	struct error ignored;
	bool same;

	article_encode(article, VIEW_ITEM, &wanted);
	same = store_item(store, article->id, &stored, &ignored) && stored.length == wanted.length && memcmp(stored.bytes, wanted.bytes, wanted.length) == 0;
	text_done(&stored);
	text_done(&wanted);
	return same;
}

static void check_article(struct checking *checking, const struct article *article, struct arena *arena)
{
	struct article logged, stored = *article;
	struct error why;
	const bool is_logged = load_logged(checking->store, article, arena, &logged, &why);

	/* The rest of a rename is still to be written. */
	if (is_logged && is_being_renamed(checking->store, article->section.slug))
		stored.section.name = logged.section.name;
	if (!is_logged)
		check_found_article(checking, "the log's version cannot be read of article", article->id);
	else if (!article_same_content(&stored, &logged))
		check_found_article(checking, "the document is not what the log says of article", article->id);
	if (!has_item(checking->store, article))
		check_found_article(checking, "the list item is not what the document says of article", article->id);
}

static bool check_documents(struct checking *checking, struct error *err)
{
	struct arena *arena = arena_new();
	struct article article;
	struct error why;
	int64_t id = 0;

	while (store_article_next(checking->store, id, arena, &article, &why)) {
		id = article.id;
		check_article(checking, &article, arena);
		arena_reset(arena);
	}
	if (why.code == ERROR_INTERNAL || why.code == ERROR_BUSY)
		*err = why;
	else if (why.code != ERROR_NONE)
		check_found_article(checking, "a document cannot be read, after article", id);
	arena_free(arena);
	return err->code == ERROR_NONE;
}

/* Can it be read, is it what its digest says, and are those that it names there? */
static bool is_sound_answer(struct store *store, const char *bytes, size_t length, uint64_t digest)
{
	static const char sql[] = "SELECT 1 FROM article WHERE article_id = ?1";
	struct related_reader reader;
	struct related_entry entry;
	struct error ignored;
	bool exists = true;

	related_reader_init(&reader, bytes, length);
	while (exists && related_next(&reader, &entry)) {
		struct statement *find = store_statement(store, sql);

		statement_bind_integer(find, 1, entry.id);
		exists = statement_next(find, &ignored);
		statement_done(find);
	}
	return exists && !reader.is_broken && related_digest(bytes, length) == digest;
}

static bool check_answers(struct checking *checking, struct error *err)
{
	static const char sql[] = "SELECT article_id, digest, answer FROM article_related ORDER BY article_id";
	struct statement *rows = store_statement(checking->store, sql);

	while (statement_next(rows, err))
		if (!is_sound_answer(checking->store, statement_blob(rows, 2), statement_length(rows, 2), (uint64_t)statement_integer(rows, 1)))
			check_found_article(checking, "the related articles that are kept cannot be read of article", statement_integer(rows, 0));
	statement_done(rows);
	return err->code == ERROR_NONE;
}

static int check_all(struct store *store, void (*report)(void *arg, const char *finding), void *arg, struct error *err)
{
	static const char integrity[] = "PRAGMA integrity_check(20)";
	static const char keys[] = "PRAGMA foreign_key_check";
	struct checking checking = { .store = store, .report = report, .arg = arg };

	err->code = ERROR_NONE;
	if (!check_query(&checking, "integrity:", integrity, "ok", err) || !check_query(&checking, "a reference leads nowhere in", keys, NULL, err))
		return -1;
	if (checking.found > 0)
		return checking.found;
	for (size_t i = 0; i < sizeof invariants / sizeof invariants[0]; i++)
		if (!check_query(&checking, invariants[i].says, invariants[i].sql, NULL, err))
			return -1;
	return check_documents(&checking, err) && check_answers(&checking, err) && check_words(&checking, err) && check_search(&checking, err) && check_suggestions(&checking, err) ? checking.found : -1;
}

/* All of it sees one state, however long it takes: a server may be writing. */
int store_check(struct store *store, void (*report)(void *arg, const char *finding), void *arg, struct error *err)
{
	int found;

	if (!store_read_begin(store, err))
		return -1;
	store->read_deadline_us = 0;
	found = check_all(store, report, arg, err);
	store_read_end(store);
	return found;
}

static bool pragma(struct store *store, const char *sql, int64_t *ret_value, struct error *err)
{
	struct statement *read = store_statement(store, sql);
	bool fine = statement_row(read, err);

	if (fine)
		*ret_value = statement_integer(read, 0);
	statement_done(read);
	return fine;
}

bool store_sizes(struct store *store, struct store_sizes *ret_sizes, struct error *err)
{
	static const char sql[] =
	    "SELECT (SELECT coalesce(max(article_id), 0) FROM article),"
	    "       coalesce((SELECT n FROM article_count WHERE kind = 'all' AND ref_id = 0), 0),"
	    "       (SELECT coalesce(max(seq), 0) FROM article_version),"
	    "       (SELECT count(*) FROM related_due)";
	static const char page_count[] = "PRAGMA page_count", page_size[] = "PRAGMA page_size";
	struct statement *find = store_statement(store, sql);
	int64_t pages, bytes;
	bool fine = statement_row(find, err) && pragma(store, page_count, &pages, err) && pragma(store, page_size, &bytes, err);

	if (fine)
		*ret_sizes = (struct store_sizes){
			.articles = statement_integer(find, 0),
			.published = statement_integer(find, 1),
			.versions = statement_integer(find, 2),
			.related_due = statement_integer(find, 3),
			.database_bytes = pages * bytes,
		};
	statement_done(find);
	return fine;
}
