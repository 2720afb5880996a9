/* SPDX-License-Identifier: MIT */
/*
 * What a transaction does at its end: rows of listings, counts, the index of words, the search index, titles and names to suggest, the seq that readers are at.
 *
 * A version changes some ten counts, some ten rows of two listing indexes each, counts of its words and postings of the telling ones, all at random places. Done one by
 * one they are most of the work of an import, and touch the same pages again and again. So apply only notes them, and they are done
 * before COMMIT, in the order of their keys, counts of one term together. Until then the tables of listings are not true; nobody
 * reads them inside a writing transaction, and outside of it nobody sees the difference.
 *
 * What a savepoint undoes is cut off the end of the notes. The indexes of words could not be written earlier in any case: FTS5
 * writes what it has gathered to the file at each savepoint, and whenever a row comes before the last one.
 */
#include "search_internal.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

struct late_count {
	const char *kind;             /* one of kinds[] */
	int64_t ref_id, by, seq;
};

struct late_link {
	int64_t term_id, published_at, article_id, updated_at;
	bool add;
	size_t order;                 /* as noted: what is taken out may come in again */
};

struct late_words {
	int64_t article_id;
	const char *ids, *vector;
	size_t length;                /* of the vector */
	bool add;
};

struct late_search {
	int64_t search_id;
	const char *columns[SEARCH_COLUMNS];
	bool add;
	size_t order;
};

struct late {
	struct arena *arena;
	struct late_count *counts;
	struct late_link *links;
	struct late_words *words;
	struct late_search *searches;
	struct late_title *titles;
	struct late_mark n, capacity;
};

/* --- noting --- */

static const char *kind_named(const char *name)
{
	static const char *const kinds[] = { "all", "section", "source", "author", "tag", "lang", "flag" };

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i], name) == 0)
			return kinds[i];
	abort();
}

static struct late *late_of(struct store *store)
{
	if (store->late == NULL) {
		store->late = calloc(1, sizeof *store->late);
		if (store->late == NULL)
			memory_exhausted();
		store->late->arena = arena_new();
	}
	return store->late;
}

/* Room for one more. */
static void *grown(void *rows, size_t n, size_t *capacity, size_t size)
{
	if (n < *capacity)
		return rows;
	*capacity = *capacity == 0 ? 256 : 2 * *capacity;
	rows = reallocarray(rows, *capacity, size);
	if (rows == NULL)
		memory_exhausted();
	return rows;
}

void late_count(struct store *store, const char *kind, int64_t ref_id, int by, int64_t seq)
{
	struct late *late = late_of(store);

	late->counts = grown(late->counts, late->n.counts, &late->capacity.counts, sizeof *late->counts);
	late->counts[late->n.counts++] = (struct late_count){ kind_named(kind), ref_id, by, seq };
}

void late_link(struct store *store, int64_t term_id, int64_t published_at, int64_t article_id, int64_t updated_at, bool add)
{
	struct late *late = late_of(store);

	late->links = grown(late->links, late->n.links, &late->capacity.links, sizeof *late->links);
	late->links[late->n.links] = (struct late_link){ term_id, published_at, article_id, updated_at, add, late->n.links };
	late->n.links++;
}

void late_words(struct store *store, int64_t article_id, const char *ids, const char *vector, size_t length, bool add)
{
	struct late *late = late_of(store);

	if (length == 0)
		return;
	store_rarities_forget(store);
	late->words = grown(late->words, late->n.words, &late->capacity.words, sizeof *late->words);
	late->words[late->n.words++] = (struct late_words){
		article_id, arena_string(late->arena, ids), arena_copy(late->arena, vector, length), length, add,
	};
}

void late_search(struct store *store, int64_t search_id, const char *const columns[SEARCH_COLUMNS], bool add)
{
	struct late *late = late_of(store);
	struct late_search *search;

	late->searches = grown(late->searches, late->n.searches, &late->capacity.searches, sizeof *late->searches);
	search = &late->searches[late->n.searches];
	*search = (struct late_search){ .search_id = search_id, .add = add, .order = late->n.searches };
	for (size_t i = 0; i < SEARCH_COLUMNS; i++)
		search->columns[i] = arena_string(late->arena, columns[i]);
	late->n.searches++;
}

void late_title(struct store *store, int64_t article_id, int64_t published_at, const char *words)
{
	struct late *late = late_of(store);

	late->titles = grown(late->titles, late->n.titles, &late->capacity.titles, sizeof *late->titles);
	late->titles[late->n.titles] = (struct late_title){ article_id, published_at, arena_string(late->arena, words), late->n.titles };
	late->n.titles++;
}

void late_erasure(struct store *store)
{
	late_of(store)->n.erasures++;
}

void late_secret(struct store *store)
{
	late_of(store)->n.secrets++;
}

void late_public_seq(struct store *store, int64_t seq)
{
	late_of(store)->n.public_seq = seq;
}

int64_t late_public_seq_noted(const struct store *store)
{
	return store->late != NULL ? store->late->n.public_seq : 0;
}

struct late_mark late_mark(const struct store *store)
{
	return store->late == NULL ? (struct late_mark){ 0 } : store->late->n;
}

bool late_is_at(const struct store *store, struct late_mark mark)
{
	const struct late_mark now = late_mark(store);

	return now.counts == mark.counts && now.links == mark.links && now.words == mark.words && now.searches == mark.searches &&
	    now.titles == mark.titles && now.erasures == mark.erasures && now.secrets == mark.secrets && now.public_seq == mark.public_seq;
}

void late_cut(struct store *store, struct late_mark mark)
{
	if (store->late == NULL)
		return;
	store->late->n = mark;
	if (mark.words == 0 && mark.searches == 0 && mark.titles == 0)
		arena_reset(store->late->arena);
}

void late_free(struct store *store)
{
	if (store->late == NULL)
		return;
	arena_free(store->late->arena);
	free(store->late->counts);
	free(store->late->links);
	free(store->late->words);
	free(store->late->searches);
	free(store->late->titles);
	free(store->late);
	store->late = NULL;
}

/* There may be no rows, and no room for any yet. */
static void sort(void *rows, size_t n, size_t size, int (*compare)(const void *one, const void *other))
{
	if (n > 0)
		qsort(rows, n, size, compare);
}

/* --- counts --- */

static int compare_counts(const void *one, const void *other)
{
	const struct late_count *a = one, *b = other;

	if (a->kind != b->kind)
		return strcmp(a->kind, b->kind);
	if (a->ref_id != b->ref_id)
		return a->ref_id < b->ref_id ? -1 : 1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* Up from nothing, or a row that must be there. */
static bool change_count(struct store *store, const struct late_count *count, struct error *err)
{
	static const char more[] =
	    "INSERT INTO article_count (kind, ref_id, n, seq) VALUES (?1, ?2, ?3, ?4)"
	    " ON CONFLICT DO UPDATE SET n = n + ?3, seq = ?4";
	static const char less[] = "UPDATE article_count SET n = n + ?3, seq = ?4 WHERE kind = ?1 AND ref_id = ?2";
	struct statement *change = store_statement(store, count->by >= 0 ? more : less);
	bool fine;

	statement_bind_text(change, 1, count->kind);
	statement_bind_integer(change, 2, count->ref_id);
	statement_bind_integer(change, 3, count->by);
	statement_bind_integer(change, 4, count->seq);
	fine = statement_run(change, err);
	statement_done(change);
	return fine;
}

/* The sum of what was noted for one term, at the seq of the last. */
static bool flush_counts(struct store *store, struct late *late, struct error *err)
{
	sort(late->counts, late->n.counts, sizeof *late->counts, compare_counts);
	for (size_t i = 0; i < late->n.counts;) {
		struct late_count sum = late->counts[i++];

		for (; i < late->n.counts && late->counts[i].kind == sum.kind && late->counts[i].ref_id == sum.ref_id; i++) {
			sum.by += late->counts[i].by;
			sum.seq = late->counts[i].seq;
		}
		if (!change_count(store, &sum, err) || !suggest_count(store, sum.kind, sum.ref_id, sum.by, err))
			return false;
	}
	return true;
}

/* --- rows of listings --- */

static int compare_links(const void *one, const void *other)
{
	const struct late_link *a = one, *b = other;

	if (a->term_id != b->term_id)
		return a->term_id < b->term_id ? -1 : 1;
	if (a->published_at != b->published_at)
		return a->published_at < b->published_at ? -1 : 1;
	if (a->article_id != b->article_id)
		return a->article_id < b->article_id ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static bool link_row(struct store *store, const struct late_link *link, struct error *err)
{
	static const char add[] = "INSERT INTO article_term (term_id, published_at, article_id, updated_at) VALUES (?1, ?2, ?3, ?4)";
	static const char take[] = "DELETE FROM article_term WHERE term_id = ?1 AND published_at = ?2 AND article_id = ?3";
	struct statement *row = store_statement(store, link->add ? add : take);
	bool fine;

	statement_bind_integer(row, 1, link->term_id);
	statement_bind_integer(row, 2, link->published_at);
	statement_bind_integer(row, 3, link->article_id);
	if (link->add)
		statement_bind_integer(row, 4, link->updated_at);
	fine = statement_run(row, err);
	statement_done(row);
	return fine;
}

static bool flush_links(struct store *store, struct late *late, struct error *err)
{
	sort(late->links, late->n.links, sizeof *late->links, compare_links);
	for (size_t i = 0; i < late->n.links; i++)
		if (!link_row(store, &late->links[i], err))
			return false;
	return true;
}

/* --- words --- */

/* By id, open-addressed; 0 is free. A batch has a word of each that many of its articles share. */
struct word_changes {
	struct word_change {
		int64_t id, by;
	} *changes;
	size_t n, n_slots;            /* n_slots: a power of two, over twice n */
};

enum { WORD_SLOTS_LEAST = 1024 };

static struct word_change *change_of(const struct word_changes *all, int64_t id)
{
	size_t at = (size_t)((uint64_t)id * 0x9e3779b97f4a7c15u >> 32) & (all->n_slots - 1);

	while (all->changes[at].id != 0 && all->changes[at].id != id)
		at = (at + 1) & (all->n_slots - 1);
	return &all->changes[at];
}

static void make_room(struct word_changes *all)
{
	const struct word_changes before = *all;

	if (2 * (all->n + 1) <= all->n_slots)
		return;
	all->n_slots = before.n_slots == 0 ? WORD_SLOTS_LEAST : 2 * before.n_slots;
	all->changes = calloc(all->n_slots, sizeof *all->changes);
	if (all->changes == NULL)
		memory_exhausted();
	for (size_t i = 0; i < before.n_slots; i++)
		if (before.changes[i].id != 0)
			*change_of(all, before.changes[i].id) = before.changes[i];
	free(before.changes);
}

static void note_changes(struct word_changes *all, const struct late_words *words)
{
	struct vector_reader reader;
	struct vector_word word;

	vector_reader_init(&reader, words->vector, words->length);
	while (vector_next(&reader, &word)) {
		struct word_change *change;

		make_room(all);
		change = change_of(all, word.id);
		if (change->id == 0)
			all->n++;
		change->id = word.id;
		change->by += words->add ? 1 : -1;
	}
}

static int compare_changes(const void *one, const void *other)
{
	const struct word_change *a = one, *b = other;

	return a->id < b->id ? -1 : a->id > b->id;
}

static bool change_word(struct store *store, const struct word_change *change, struct error *err)
{
	static const char sql[] = "UPDATE word SET n = n + ?2 WHERE word_id = ?1";
	struct statement *update = store_statement(store, sql);
	bool fine;

	statement_bind_integer(update, 1, change->id);
	statement_bind_integer(update, 2, change->by);
	fine = statement_run(update, err);
	statement_done(update);
	return fine;
}

static bool flush_word_counts(struct store *store, struct word_changes *all, struct error *err)
{
	sort(all->changes, all->n_slots, sizeof *all->changes, compare_changes);
	for (size_t i = 0; i < all->n_slots; i++)
		if (all->changes[i].by != 0 && !change_word(store, &all->changes[i], err))
			return false;
	return true;
}

/* FTS5 keeps no text of ours: to take a row out it must be told what stood in it. */
static bool index_row(struct store *store, const struct late_words *words, struct error *err)
{
	static const char add[] = "INSERT INTO article_words (rowid, word_ids) VALUES (?1, ?2)";
	static const char take[] = "INSERT INTO article_words (article_words, rowid, word_ids) VALUES ('delete', ?1, ?2)";
	struct statement *row = store_statement(store, words->add ? add : take);
	bool fine;

	statement_bind_integer(row, 1, words->article_id);
	statement_bind_text(row, 2, words->ids);
	fine = statement_run(row, err);
	statement_done(row);
	return fine;
}

static bool flush_words(struct store *store, struct late *late, struct error *err)
{
	struct word_changes all = { .n = 0 };
	bool fine = true;

	for (size_t i = 0; fine && i < late->n.words; i++) {
		note_changes(&all, &late->words[i]);
		fine = index_row(store, &late->words[i], err);
	}
	fine = fine && flush_word_counts(store, &all, err);
	free(all.changes);
	return fine;
}

/* --- the search index --- */

static int compare_searches(const void *one, const void *other)
{
	const struct late_search *a = one, *b = other;

	if (a->search_id != b->search_id)
		return a->search_id < b->search_id ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static bool flush_searches(struct store *store, struct late *late, struct error *err)
{
	sort(late->searches, late->n.searches, sizeof *late->searches, compare_searches);
	for (size_t i = 0; i < late->n.searches; i++)
		if (!search_index_row(store, late->searches[i].search_id, late->searches[i].columns, late->searches[i].add, err))
			return false;
	return true;
}

/* --- the public seq --- */

static bool flush_public_seq(struct store *store, const struct late *late, struct error *err)
{
	static const char sql[] = "UPDATE state SET value = ?1 WHERE name = 'public_seq'";
	struct statement *raise;
	bool fine;

	if (late->n.public_seq == 0)
		return true;
	raise = store_statement(store, sql);
	statement_bind_integer(raise, 1, late->n.public_seq);
	fine = statement_run(raise, err);
	statement_done(raise);
	return fine;
}

bool late_flush(struct store *store, struct error *err)
{
	struct late *late = store->late;

	return late == NULL || (flush_counts(store, late, err) && flush_links(store, late, err) && flush_words(store, late, err) &&
	    flush_searches(store, late, err) && (late->n.titles == 0 || suggest_flush(store, late->titles, late->n.titles, err)) &&
	    flush_public_seq(store, late, err) && (late->n.erasures == 0 || erasure_flush(store, err)));
}
