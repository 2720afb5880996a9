/* SPDX-License-Identifier: MIT */
/* Does the index of suggestions hold each title under each of its words? Rows are counted and their numbers summed, word by word. */
#include "check_internal.h"

#include <string.h>

/* The rows that the index must have for a word: how many, and the sum of their numbers. */
struct tally {
	const char *word;
	uint64_t n, sum;
	int64_t last;
	struct tally *next;
};

struct tallies {
	struct map *map;
	struct tally *all;
};

static void tally(struct tallies *tallies, const char *word, size_t length, int64_t place)
{
	struct tally *tally = map_find(tallies->map, word, length);

	if (tally == NULL) {
		tally = arena_alloc(map_arena(tallies->map), sizeof *tally);
		*tally = (struct tally){ .word = arena_copy(map_arena(tallies->map), word, length), .next = tallies->all };
		tallies->all = tally;
		map_put(tallies->map, tally->word, length, tally);
	}
	if (tally->n > 0 && tally->last == place)
		return;
	tally->n++;
	tally->sum += (uint64_t)place;
	tally->last = place;
}

static bool tally_titles(struct checking *checking, struct tallies *tallies, struct error *err)
{
	static const char sql[] = "SELECT article_id, published_at, words FROM suggest_title";
	struct statement *rows = store_statement(checking->store, sql);

	while (statement_next(rows, err)) {
		const int64_t place = suggest_place(statement_integer(rows, 1), statement_integer(rows, 0));
		size_t length;

		for (const char *word = statement_text(rows, 2); *word != '\0'; word += length + (word[length] == ' ')) {
			length = strcspn(word, " ");
			tally(tallies, word, length, place);
		}
	}
	statement_done(rows);
	return err->code == ERROR_NONE;
}

static bool check_tally(struct checking *checking, const struct tally *tally, struct arena *arena, struct error *err)
{
	static const char sql[] = "SELECT rowid FROM suggest_word WHERE suggest_word MATCH ?1";
	struct statement *rows = store_statement(checking->store, sql);
	uint64_t n = 0, sum = 0;

	statement_bind_text(rows, 1, arena_printf(arena, "\"%s\"", tally->word));
	for (; statement_next(rows, err); n++)
		sum += (uint64_t)statement_integer(rows, 0);
	statement_done(rows);
	if (n != tally->n || sum != tally->sum)
		check_found(checking, "the index of suggestions does not hold the titles with the word", tally->word);
	return err->code == ERROR_NONE;
}

bool check_suggestions(struct checking *checking, struct error *err)
{
	struct arena *arena = arena_new();
	struct tallies tallies = { .map = map_new() };
	bool fine = tally_titles(checking, &tallies, err);

	for (const struct tally *tally = tallies.all; fine && tally != NULL; tally = tally->next)
		fine = check_tally(checking, tally, arena, err);
	map_free(tallies.map);
	arena_free(arena);
	return fine;
}
