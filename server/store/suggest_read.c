/* SPDX-License-Identifier: MIT */
/*
 * What a reader may be about to type: names of sections, tags, sources and authors, and titles of articles.
 *
 * A name or title is meant when the words typed stand in it one after another, the last of them perhaps unfinished. The order asked for is
 * that of size (terms) and time (titles), while an index of beginnings is in alphabetical order, and one letter is the beginning of
 * half an archive. So both are found in one of two ways, and which of them is short decides:
 *
 * Terms: as many beginnings are read as may be, and if that was not all of them, the largest terms of each kind are held against what was typed: where
 * many names start so, some of the largest do.
 *
 * Titles: each word typed has a list of the titles that hold it, the newest first, and a title that is meant is in all of them. The lists are walked
 * side by side and each row is held against what was typed; the first list to give enough, or to end, has the answer. A beginning of
 * more than three letters has no list of its own (FTS5 would gather one, out of as many lists as there are words): first the list of its three
 * letters is walked, and only when that shows the longer beginning to be rare among them, its own is gathered.
 */
#include "store_internal.h"

#include <string.h>

enum {
	TYPED_WORDS_MOST = 8,
	STARTS_MOST = 64,             /* beginnings of names that are read */
	LARGEST_MOST = 32,            /* terms of each kind that are looked at besides */
	LISTS_MOST = 4,               /* of titles, walked side by side */
	LISTED_LETTERS_MOST = 3,      /* the index has lists of beginnings of up to so many letters */
	EXAMINED_MOST = 128,          /* titles that are looked at, each time around */
	RARE = 16,                    /* a beginning is rare where fewer than one in so many has it */
};

/* What was typed: "jane smi". */
struct typed {
	const char *words;
	const char *last;             /* word of them */
	bool is_finished;             /* the last word: a blank stands behind it */
};

static struct typed typed_from(const char *sent, struct arena *arena)
{
	const char *words = suggest_words(sent, TYPED_WORDS_MOST, arena), *last = strrchr(words, ' ');
	const size_t length = strlen(sent);

	return (struct typed){
		.words = words,
		.last = last != NULL ? last + 1 : words,
		.is_finished = length > 0 && strchr(" \t\n", sent[length - 1]) != NULL,
	};
}

/* Does `start` stand at the beginning of a word? */
static bool holds_start(const char *words, const char *start, bool is_whole)
{
	const size_t length = strlen(start);

	for (; *words != '\0'; words += strcspn(words, " "), words += *words == ' ')
		if (strncmp(words, start, length) == 0 && (!is_whole || words[length] == ' ' || words[length] == '\0'))
			return true;
	return false;
}

static bool holds(const char *words, const struct typed *typed)
{
	return holds_start(words, typed->words, typed->is_finished);
}

/* --- terms --- */

struct term_hit {
	int64_t id, n;
	struct suggestion suggestion;
};

struct term_hits {
	struct term_hit rows[SUGGESTIONS_MOST];    /* the largest first */
	size_t n, most;
};

static void add_term(struct term_hits *hits, const struct term_hit *hit)
{
	size_t at = hits->n;

	for (size_t i = 0; i < hits->n; i++)
		if (hits->rows[i].id == hit->id)
			return;
	while (at > 0 && (hits->rows[at - 1].n < hit->n || (hits->rows[at - 1].n == hit->n && hits->rows[at - 1].id > hit->id)))
		at--;
	if (at == hits->most)
		return;
	hits->n += hits->n < hits->most;
	memmove(&hits->rows[at + 1], &hits->rows[at], (hits->n - 1 - at) * sizeof hits->rows[0]);
	hits->rows[at] = *hit;
}

#define HIT_COLUMNS "term.term_id, n, term.kind, slug, name"

static struct term_hit hit_from(struct statement *row, struct arena *arena)
{
	struct text name = TEXT_EMPTY;
	struct term_hit hit = { .id = statement_integer(row, 0), .n = statement_integer(row, 1) };

	text_json(&name, statement_text(row, 4), statement_length(row, 4));
	hit.suggestion = (struct suggestion){
		.type = arena_string(arena, statement_text(row, 2)),
		.slug = arena_string(arena, statement_text(row, 3)),
		.name = arena_copy(arena, name.bytes, name.length),
	};
	text_done(&name);
	return hit;
}

/* *ret_read: how many beginnings there were, STARTS_MOST if perhaps more. */
static bool read_starts(struct store *store, const struct typed *typed, struct arena *arena, int64_t *ret_ids, size_t *ret_read, struct error *err)
{
	static const char sql[] = "SELECT term_id FROM suggest_term WHERE start >= ?1 AND start < ?2 LIMIT ?3";
	const char *from = arena_copy(arena, typed->words, suggest_cut(typed->words));
	struct statement *rows = store_statement(store, sql);
	size_t n = 0;

	statement_bind_text(rows, 1, from);
	statement_bind_text(rows, 2, text_prefix_end(from, arena));
	statement_bind_integer(rows, 3, STARTS_MOST);
	while (n < STARTS_MOST && statement_next(rows, err))
		ret_ids[n++] = statement_integer(rows, 0);
	statement_done(rows);
	*ret_read = n;
	return err->code == ERROR_NONE;
}

static bool add_started(struct store *store, const struct typed *typed, const int64_t *ids, size_t n, struct arena *arena, struct term_hits *hits,
    struct error *err)
{
	static const char sql[] =
	    "SELECT " HIT_COLUMNS " FROM term JOIN article_count ON article_count.kind = term.kind AND ref_id = term.term_id"
	    " WHERE term.term_id = ?1";
	struct statement *find = store_statement(store, sql);

	for (size_t i = 0; i < n; i++) {
		statement_bind_integer(find, 1, ids[i]);
		if (statement_next(find, err) &&
		    (hits->n < hits->most || statement_integer(find, 1) >= hits->rows[hits->n - 1].n) &&
		    holds(suggest_words(statement_text(find, 4), SIZE_MAX, arena), typed)) {
			const struct term_hit hit = hit_from(find, arena);

			add_term(hits, &hit);
		}
		statement_rewind(find);
		if (err->code != ERROR_NONE)
			break;
	}
	statement_done(find);
	return err->code == ERROR_NONE;
}

static bool add_largest(struct store *store, const char *kind, const struct typed *typed, struct arena *arena, struct term_hits *hits, struct error *err)
{
	static const char sql[] =
	    "SELECT " HIT_COLUMNS
	    "  FROM article_count CROSS JOIN term ON term.term_id = ref_id"
	    " WHERE article_count.kind = ?1 AND n > 0"
	    " ORDER BY n DESC, ref_id DESC LIMIT ?2";
	struct statement *rows = store_statement(store, sql);

	statement_bind_text(rows, 1, kind);
	statement_bind_integer(rows, 2, LARGEST_MOST);
	while (statement_next(rows, err)) {
		if (hits->n == hits->most && statement_integer(rows, 1) < hits->rows[hits->n - 1].n)
			break;
		if (holds(suggest_words(statement_text(rows, 4), SIZE_MAX, arena), typed)) {
			const struct term_hit hit = hit_from(rows, arena);

			add_term(hits, &hit);
		}
	}
	statement_done(rows);
	return err->code == ERROR_NONE;
}

static bool find_terms(struct store *store, const struct typed *typed, struct arena *arena, struct term_hits *hits, struct error *err)
{
	static const char *const kinds[] = { "section", "tag", "source", "author" };
	int64_t ids[STARTS_MOST];
	size_t n;

	if (!read_starts(store, typed, arena, ids, &n, err))
		return false;
	for (size_t i = 0; n == STARTS_MOST && i < sizeof kinds / sizeof kinds[0]; i++)
		if (!add_largest(store, kinds[i], typed, arena, hits, err))
			return false;
	return add_started(store, typed, ids, n, arena, hits, err);
}

/* --- titles --- */

struct title_hit {
	int64_t article_id;
	const char *words;
};

/* The titles that hold a word, or a beginning of one, the newest first; and what was found among them. */
struct title_list {
	struct statement *rows;
	struct title_hit hits[SUGGESTIONS_MOST];
	size_t n;
	bool is_whole;                /* it has ended, or given as many as were wanted: the hits are the answer */
};

struct title_walk {
	struct store *store;
	struct arena *arena;
	const struct typed *typed;
	size_t most;
	struct title_list lists[LISTS_MOST + 1];
	size_t n_lists;
	size_t examined, begun;       /* of the list of the beginning's first letters: rows looked at, and those with the whole beginning */
};

static void open_list(struct title_walk *walk, const char *word, size_t length, bool is_beginning)
{
	static const char sql[] = "SELECT rowid FROM suggest_word WHERE suggest_word MATCH ?1 ORDER BY rowid DESC";
	struct title_list *list = &walk->lists[walk->n_lists++];

	*list = (struct title_list){ .rows = store_statement(walk->store, sql) };
	statement_bind_text(list->rows, 1, arena_printf(walk->arena, "\"%.*s\"%s", (int)length, word, is_beginning ? " *" : ""));
}

/* How long the first few letters are. */
static size_t letters_length(const char *word, size_t letters)
{
	size_t length = 0;

	while (word[length] != '\0' && (((unsigned char)word[length] & 0xC0) == 0x80 || letters-- > 0))
		length++;
	return length;
}

/* The list of the last word, and those of the longest others: long words are rare. */
static void open_lists(struct title_walk *walk)
{
	const struct typed *typed = walk->typed;
	size_t longest = SIZE_MAX;

	open_list(walk, typed->last, typed->is_finished ? strlen(typed->last) : letters_length(typed->last, LISTED_LETTERS_MOST), !typed->is_finished);
	while (walk->n_lists < LISTS_MOST) {
		const char *found = NULL;
		size_t length = 0;

		for (const char *word = typed->words; word[strcspn(word, " ")] == ' ' && word[strcspn(word, " ") + 1] != '\0';
		     word += strcspn(word, " ") + 1)
			if (strcspn(word, " ") < longest && strcspn(word, " ") > length) {
				found = word;
				length = strcspn(word, " ");
			}
		if (found == NULL)
			break;
		open_list(walk, found, length, /* is_beginning= */ false);
		longest = length;
	}
}

static bool load_words(struct title_walk *walk, int64_t article_id, const char **ret_words, struct error *err)
{
	static const char sql[] = "SELECT words FROM suggest_title WHERE article_id = ?1";
	struct statement *find = store_statement(walk->store, sql);

	statement_bind_integer(find, 1, article_id);
	*ret_words = statement_next(find, err) ? arena_string(walk->arena, statement_text(find, 0)) : "";
	statement_done(find);
	return err->code == ERROR_NONE;
}

static void add_title(struct title_walk *walk, struct title_list *list, int64_t article_id, const char *words)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->hits[i].words, words) == 0)
			return;
	list->hits[list->n++] = (struct title_hit){ article_id, words };
	list->is_whole = list->n == walk->most;
}

static bool step(struct title_walk *walk, struct title_list *list, struct error *err)
{
	int64_t article_id;
	const char *words;

	if (!statement_next(list->rows, err)) {
		list->is_whole = err->code == ERROR_NONE;
		return list->is_whole;
	}
	article_id = statement_integer(list->rows, 0) & ((INT64_C(1) << SUGGEST_ID_BITS) - 1);
	if (!load_words(walk, article_id, &words, err))
		return false;
	if (list == &walk->lists[0]) {
		walk->examined++;
		walk->begun += holds_start(words, walk->typed->last, /* is_whole= */ false);
	}
	if (holds(words, walk->typed))
		add_title(walk, list, article_id, words);
	return true;
}

/* Until one of the lists has the answer, or enough has been looked at. */
static bool walk_lists(struct title_walk *walk, const struct title_list **ret_best, struct error *err)
{
	*ret_best = &walk->lists[0];
	for (size_t examined = 0; examined < EXAMINED_MOST;)
		for (size_t i = 0; i < walk->n_lists; i++, examined++) {
			if (!step(walk, &walk->lists[i], err))
				return false;
			if (walk->lists[i].n > (*ret_best)->n)
				*ret_best = &walk->lists[i];
			if (walk->lists[i].is_whole) {
				*ret_best = &walk->lists[i];
				return true;
			}
		}
	return true;
}

static bool is_cut(const struct typed *typed)
{
	return !typed->is_finished && typed->last[letters_length(typed->last, LISTED_LETTERS_MOST)] != '\0';
}

static bool walk_titles(struct title_walk *walk, const struct title_list **ret_best, struct error *err)
{
	open_lists(walk);
	if (!walk_lists(walk, ret_best, err))
		return false;
	if ((*ret_best)->is_whole)
		return true;
	if (is_cut(walk->typed) && walk->begun * RARE <= walk->examined)
		open_list(walk, walk->typed->last, strlen(walk->typed->last), /* is_beginning= */ true);
	return walk_lists(walk, ret_best, err);
}

/* The title as it stands in a list item, behind id, slug and url, which hold no such bytes. */
static const char *title_in(const char *item, struct arena *arena)
{
	static const char name[] = ",\"title\":";
	const char *start = strstr(item, name), *end;

	if (start == NULL)
		return NULL;
	start += sizeof name - 1;
	for (end = start + 1; *end != '"' && *end != '\0'; end++)
		end += *end == '\\' && end[1] != '\0';
	return *end == '"' ? arena_copy(arena, start, (size_t)(end + 1 - start)) : NULL;
}

/* *ret_found is false for one that readers may not see. */
static bool load_title(struct store *store, int64_t article_id, struct arena *arena, struct suggestion *ret_suggestion, bool *ret_found,
    struct error *err)
{
	static const char sql[] = "SELECT slug, item FROM article WHERE article_id = ?1 AND status = 'published'";
	struct statement *find = store_statement(store, sql);
	struct suggestion suggestion = { .type = "article" };

	statement_bind_integer(find, 1, article_id);
	*ret_found = statement_next(find, err);
	if (*ret_found) {
		suggestion.slug = arena_string(arena, statement_text(find, 0));
		suggestion.name = title_in(statement_text(find, 1), arena);
		*ret_found = suggestion.name != NULL;
		*ret_suggestion = suggestion;
	}
	statement_done(find);
	return err->code == ERROR_NONE;
}

static bool find_titles(struct store *store, const struct typed *typed, size_t most, struct arena *arena, struct suggestion *ret_rows, size_t *ret_n,
    struct error *err)
{
	struct title_walk *walk = arena_alloc(arena, sizeof *walk);
	const struct title_list *best;
	size_t n = 0;
	bool fine, found;

	*walk = (struct title_walk){ .store = store, .arena = arena, .typed = typed, .most = most };
	fine = walk_titles(walk, &best, err);
	for (size_t i = 0; i < walk->n_lists; i++)
		statement_done(walk->lists[i].rows);
	for (size_t i = 0; fine && i < best->n; i++) {
		fine = load_title(store, best->hits[i].article_id, arena, &ret_rows[n], &found, err);
		n += fine && found;
	}
	*ret_n = n;
	return fine;
}

/* --- both --- */

static size_t least(size_t one, size_t other)
{
	return one < other ? one : other;
}

bool store_suggest(struct store *store, const char *sent, size_t limit, struct arena *arena, struct suggestion **ret_rows, size_t *ret_n,
    struct error *err)
{
	const struct typed typed = typed_from(sent, arena);
	const size_t most = least(limit, SUGGESTIONS_MOST);
	struct term_hits terms = { .most = most };
	struct suggestion *rows = arena_array(arena, most, sizeof *rows), titles[SUGGESTIONS_MOST];
	size_t n_titles = 0, n = 0, n_terms;

	err->code = ERROR_NONE;
	if (typed.words[0] != '\0' &&
	    (!find_terms(store, &typed, arena, &terms, err) || !find_titles(store, &typed, most, arena, titles, &n_titles, err)))
		return false;
	n_terms = least(terms.n, most - least(n_titles, most / 2));
	for (size_t i = 0; i < n_terms; i++)
		rows[n++] = terms.rows[i].suggestion;
	for (size_t i = 0; i < n_titles && n < most; i++)
		rows[n++] = titles[i];
	*ret_rows = rows;
	*ret_n = n;
	return true;
}
