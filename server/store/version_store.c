/* SPDX-License-Identifier: MIT */
/*
 * The log: article_version. On one machine it is this table, appended to in the transaction that applies the version; a replica of
 * a cluster keeps the same table as its record of what it has applied.
 *
 * seq ascends and is never reused: rows are never deleted, so the next one is one more than the last, or, in a copy that was put back, higher than what
 * was given before (store_copy.c).
 *
 * Each version has a mark: a digest of itself and of the mark before it. Two databases with the same mark at a seq have the same log up
 * to there; a copy that was put back and went another way since has other marks, and no validator made with them is ever made twice.
 */
#include "store_internal.h"

#include <string.h>

#include <xxhash.h>

/* A version as a row of the log has it. */
struct row {
	const char *kind, *op;
	int64_t ref, rev;
	const char *doc;
	size_t length;
};

static struct row row_of(const struct version *version, struct text *doc)
{
	const struct article *article = version->article;
	const struct record *record = &version->record;

	if (article == NULL)
		return (struct row){ record->kind, record->is_removed ? "withdraw" : "put", record->ref, record->rev, record->json, strlen(record->json) };
	article_encode(article, VIEW_EXPORT, doc);
	return (struct row){ "article", article->status == ARTICLE_WITHDRAWN ? "withdraw" : "put", article->id, article->rev, doc->bytes, doc->length };
}

/* Where the log ends; both are 0 when it is empty. */
static bool last_version(struct store *store, int64_t *ret_seq, int64_t *ret_mark, struct error *err)
{
	static const char sql[] = "SELECT seq, mark FROM article_version ORDER BY seq DESC LIMIT 1";
	struct statement *find;

	*ret_seq = store->last_seq;
	*ret_mark = store->last_seq > 0 ? store->last_mark : 0;
	if (store->last_seq > 0)
		return true;
	find = store_statement(store, sql);
	if (statement_next(find, err)) {
		*ret_seq = statement_integer(find, 0);
		*ret_mark = statement_integer(find, 1);
	}
	statement_done(find);
	return err->code == ERROR_NONE;
}

bool store_next_seq(struct store *store, int64_t last, int64_t *ret_seq, struct error *err)
{
	int64_t first;

	if (!store_history(store, &first, err))
		return false;
	*ret_seq = first > last ? first : last + 1;
	return true;
}

static int64_t mark_of(const struct row *row, int64_t seq, int64_t at, int64_t mark_before)
{
	const int64_t numbers[] = { mark_before, seq, row->ref, row->rev, at };

	return (int64_t)XXH3_64bits_withSeed(row->doc, row->length, XXH3_64bits(numbers, sizeof numbers));
}

static bool insert(struct store *store, const struct version *version, const struct row *row, int64_t seq, int64_t mark, struct error *err)
{
	static const char sql[] =
	    "INSERT INTO article_version (seq, kind, ref, rev, op, doc, at, by, mark)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
	struct statement *append = store_statement(store, sql);
	bool fine;

	statement_bind_integer(append, 1, seq);
	statement_bind_text(append, 2, row->kind);
	statement_bind_integer(append, 3, row->ref);
	statement_bind_integer(append, 4, row->rev);
	statement_bind_text(append, 5, row->op);
	statement_bind_bytes(append, 6, row->doc, row->length);
	statement_bind_integer(append, 7, version->at);
	statement_bind_text(append, 8, version->by);
	statement_bind_integer(append, 9, mark);
	fine = statement_run(append, err);
	statement_done(append);
	return fine;
}

bool store_version_append(struct store *store, const struct version *version, int64_t *ret_seq, struct error *err)
{
	struct text doc = TEXT_EMPTY;
	int64_t last, mark_before, mark, seq;
	struct row row;
	bool fine;

	err->code = ERROR_NONE;
	if (!last_version(store, &last, &mark_before, err))
		return false;
	seq = version->seq > 0 ? version->seq : last + 1;
	if (version->seq == 0 && store->last_seq == 0 && !store_next_seq(store, last, &seq, err))
		return false;
	row = row_of(version, &doc);
	mark = mark_of(&row, seq, version->at, mark_before);
	fine = insert(store, version, &row, seq, mark, err);
	text_done(&doc);
	if (fine)
		*ret_seq = seq;
	store->last_seq = fine && seq > last ? seq : 0;
	store->last_mark = mark;
	return fine;
}

/* Marks stay: a digest tells nothing of the text that anyone could read. SQLite overwrites what is no longer used (secure_delete). */
bool versions_blank(struct store *store, const struct article *article, struct error *err)
{
	static const char sql[] = "UPDATE article_version SET doc = ?3 WHERE kind = 'article' AND ref = ?1 AND rev < ?2";
	struct statement *blank = store_statement(store, sql);
	struct text doc = TEXT_EMPTY;
	bool fine;

	article_encode(article, VIEW_EXPORT, &doc);
	statement_bind_integer(blank, 1, article->id);
	statement_bind_integer(blank, 2, article->rev);
	statement_bind_bytes(blank, 3, doc.bytes, doc.length);
	fine = statement_run(blank, err);
	statement_done(blank);
	text_done(&doc);
	return fine;
}

bool versions_blank_member(struct store *store, const struct record *record, const char *member, struct error *err)
{
	static const char sql[] =
	    "UPDATE article_version SET doc = json_replace(doc, '$.' || ?4, '')"
	    " WHERE kind = ?1 AND ref = ?2 AND rev < ?3 AND json_extract(doc, '$.' || ?4) <> ''";
	struct statement *blank = store_statement(store, sql);
	bool fine;

	statement_bind_text(blank, 1, record->kind);
	statement_bind_integer(blank, 2, record->ref);
	statement_bind_integer(blank, 3, record->rev);
	statement_bind_text(blank, 4, member);
	fine = statement_run(blank, err);
	statement_done(blank);
	return fine;
}

bool store_version_load(struct store *store, int64_t id, int64_t rev, struct arena *arena, struct article *ret_article, struct error *err)
{
	static const char sql[] = "SELECT doc FROM article_version WHERE kind = 'article' AND ref = ?1 AND rev = ?2";
	struct statement *find = store_statement(store, sql);
	json_t *object = NULL;
	bool found, fine;

	statement_bind_integer(find, 1, id);
	statement_bind_integer(find, 2, rev);
	found = statement_row(find, err);
	fine = found && json_parse(statement_text(find, 0), statement_length(find, 0), &object, err) &&
	    article_decode(object, DECODE_STORED, arena, ret_article, err);
	statement_done(find);
	json_decref(object);
	if (!found && err->code == ERROR_NOT_FOUND)
		return error_set(err, ERROR_NOT_FOUND, "there is no version %lld of article %lld", (long long)rev, (long long)id);
	return fine;
}

static int64_t largest(struct store *store, const char *sql, const struct record *record)
{
	struct statement *find = store_statement(store, sql);
	int64_t number;

	statement_bind_text(find, 1, record->kind);
	if (record->ref > 0)
		statement_bind_integer(find, 2, record->ref);
	number = statement_row(find, &store->ignored) ? statement_integer(find, 0) : 0;
	statement_done(find);
	return number;
}

bool store_record_number(struct store *store, struct record *record, struct error *err)
{
	static const char last_ref[] = "SELECT coalesce(max(ref), 0) FROM article_version WHERE kind = ?1";
	static const char last_rev[] = "SELECT coalesce(max(rev), 0) FROM article_version WHERE kind = ?1 AND ref = ?2";

	if (record->ref == 0)
		record->ref = largest(store, last_ref, record) + 1;
	record->rev = largest(store, last_rev, record) + 1;
	if (store->failure.code != ERROR_NONE)
		*err = store->failure;
	return store->failure.code == ERROR_NONE;
}

int64_t store_public_seq(struct store *store)
{
	static const char sql[] = "SELECT value FROM state WHERE name = 'public_seq'";
	struct statement *find;
	int64_t seq = late_public_seq_noted(store);

	if (seq > 0)
		return seq;
	find = store_statement(store, sql);
	seq = statement_row(find, &store->ignored) ? statement_integer(find, 0) : 0;
	statement_done(find);
	return seq;
}
