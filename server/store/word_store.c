/* SPDX-License-Identifier: MIT */
/*
 * The words of an article as the store keeps them: a vocabulary that knows in how many published articles each stands, a vector of all the
 * article's words (article_vector.c), and an index from telling words to articles, for finding those that may be like it.
 *
 * A word is a stem (search_words.c) of title, standfirst or body. How telling one is follows from its number at reading time, so nothing
 * needs to be computed anew as the archive grows. In the index an article stands under at most TELLING_MOST: those of title and standfirst first,
 * then what it says most often, then what it says first. The choice rests on the article alone, so that it is the same however versions came
 * together in transactions.
 *
 * The commonest words of English tell nothing: they are counted, but have no weight and are not in the index. The index is no search index: no
 * positions, no ranking, and not every word.
 */
#include "store_internal.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { TELLING_MOST = 64, WORD_SHORTEST = 2, WORDS_KNOWN_MOST = 100000 };

/* Stems of function words and of those that every news story has; sorted, for bsearch. */
static const char *const common_words[] = {
	"about", "after", "again", "against", "ago", "all", "almost", "along", "alreadi", "also", "although", "alway", "am",
	"among", "an", "and", "ani", "anoth", "are", "around", "as", "at", "away", "back", "be", "becaus", "been", "befor",
	"between", "both", "but", "by", "came", "can", "come", "could", "day", "de", "did", "do", "doe", "down", "dure", "each",
	"earli", "even", "everi", "few", "first", "five", "for", "four", "from", "get", "give", "given", "go", "good", "had", "has",
	"have", "he", "her", "here", "him", "his", "how", "if", "in", "into", "is", "it", "just", "know", "la", "larg", "last",
	"late", "least", "les", "less", "like", "littl", "long", "made", "make", "mani", "may", "me", "might", "month", "more",
	"most", "much", "must", "my", "near", "new", "next", "no", "not", "now", "of", "off", "old", "on", "onc", "one", "onli",
	"or", "other", "our", "out", "over", "own", "part", "per", "que", "said", "same", "say", "second", "see", "seen", "set",
	"sever", "she", "should", "sinc", "six", "so", "some", "still", "such", "take", "ten", "than", "that", "the", "their",
	"them", "then", "there", "these", "they", "third", "this", "those", "three", "through", "time", "to", "told", "too", "took",
	"two", "under", "until", "up", "upon", "use", "veri", "want", "was", "way", "we", "week", "well", "went", "were", "what",
	"when", "where", "whi", "which", "while", "who", "will", "with", "within", "without", "would", "year", "yet", "you", "your",
};

static int compare_words(const void *one, const void *other)
{
	return strcmp(*(const char *const *)one, *(const char *const *)other);
}

static bool is_common(const char *word)
{
	return strlen(word) < WORD_SHORTEST
	    || bsearch(&word, common_words, sizeof common_words / sizeof common_words[0], sizeof common_words[0], compare_words) != NULL;
}

/* --- the vocabulary --- */

struct own_word {
	int64_t id;
	uint32_t times;               /* in the whole article */
	size_t order;                 /* of those that came before it */
	bool is_common;
	bool is_head, is_plain;       /* as in a vector */
};

/* What has not been met before is mostly new. */
static bool insert_or_find(struct store *store, const char *word, int64_t *ret_id, struct error *err)
{
	static const char insert_sql[] = "INSERT INTO word (word, n) VALUES (?1, 0) ON CONFLICT DO NOTHING";
	static const char find_sql[] = "SELECT word_id FROM word WHERE word = ?1";
	struct statement *statement = store_statement(store, insert_sql);
	bool fine;

	statement_bind_text(statement, 1, word);
	fine = statement_insert(statement, ret_id, err);
	statement_done(statement);
	if (fine || err->code != ERROR_NONE)
		return fine;
	statement = store_statement(store, find_sql);
	statement_bind_text(statement, 1, word);
	fine = statement_row(statement, err);
	if (fine)
		*ret_id = statement_integer(statement, 0);
	statement_done(statement);
	return fine;
}

/* Most words have been met before: their ids are kept, up to a number, with a bit that says whether the word is a common one. */
static bool find_word(struct store *store, const char *word, struct own_word *ret_word, struct error *err)
{
	const size_t length = strlen(word);
	uintptr_t known;
	int64_t id;

	if (store->word_ids == NULL)
		store->word_ids = map_new();
	known = (uintptr_t)map_find(store->word_ids, word, length);
	if (known == 0) {
		if (!insert_or_find(store, word, &id, err))
			return false;
		known = (uintptr_t)id << 1 | is_common(word);
		if (map_size(store->word_ids) >= WORDS_KNOWN_MOST)
			map_clear(store->word_ids);
		map_put(store->word_ids, word, length, (void *)known);
	}
	*ret_word = (struct own_word){ .id = (int64_t)(known >> 1), .is_common = known & 1 };
	return true;
}

void store_words_forget(struct store *store)
{
	if (store->word_ids != NULL)
		map_clear(store->word_ids);
}

bool store_word_count(struct store *store, const char *stem, int64_t *ret_n, struct error *err)
{
	static const char sql[] = "SELECT n FROM word WHERE word = ?1";
	struct statement *find = store_statement(store, sql);
	bool found;

	statement_bind_text(find, 1, stem);
	found = statement_next(find, err);
	if (found || err->code == ERROR_NONE)
		*ret_n = found ? statement_integer(find, 0) : 0;
	statement_done(find);
	return err->code == ERROR_NONE;
}

bool store_word_is_known(struct store *store, const struct search_word *word, bool *ret_known, struct error *err)
{
	int64_t stems, forms;

	if (!store_word_count(store, word->stem, &stems, err) || !store_word_count(store, word->form, &forms, err))
		return false;
	*ret_known = stems > 0 || forms > 0;
	return true;
}

/* --- the words of one article --- */

static int most_telling_first(const void *one, const void *other)
{
	const struct own_word *a = one, *b = other;

	if (a->is_common != b->is_common)
		return a->is_common - b->is_common;
	if (a->is_head != b->is_head)
		return b->is_head - a->is_head;
	if (a->times != b->times)
		return a->times > b->times ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static int by_id(const void *one, const void *other)
{
	const struct own_word *a = one, *b = other;

	return a->id < b->id ? -1 : a->id > b->id;
}

/* Ids of the telling ones, in order, and the vector of all. Sorts them. */
static void write_words(struct own_word *words, size_t n, struct text *ret_ids, struct text *ret_vector)
{
	int64_t last = 0;

	if (n == 0)
		return;
	qsort(words, n, sizeof *words, most_telling_first);
	for (size_t i = 0; i < n && i < TELLING_MOST && !words[i].is_common; i++)
		ids_append(ret_ids, words[i].id);
	qsort(words, n, sizeof *words, by_id);
	for (size_t i = 0; i < n; i++)
		vector_append(ret_vector, &last,
		    &(struct vector_word){ words[i].id, words[i].is_common ? 0 : words[i].times, words[i].is_head, words[i].is_plain });
}

bool store_words_of(struct store *store, const struct article_words *words, struct text *ret_ids, struct text *ret_vector, struct error *err)
{
	struct own_word *own = words->n > 0 ? calloc(words->n, sizeof *own) : NULL;
	bool fine = true;

	if (words->n > 0 && own == NULL)
		memory_exhausted();
	for (size_t i = 0; fine && i < words->n; i++) {
		const struct article_word *word = &words->words[i];

		fine = find_word(store, word->stem, &own[i], err);
		own[i].times = word->times;
		own[i].order = i;
		own[i].is_head = word->is_head;
		own[i].is_plain = word->is_plain;
	}
	if (fine)
		write_words(own, words->n, ret_ids, ret_vector);
	free(own);
	return fine;
}

/* --- and keeping them --- */

static bool take_out(struct store *store, int64_t id, struct error *err)
{
	static const char find_sql[] = "SELECT word_ids, vector FROM article_vector WHERE article_id = ?1";
	static const char take_sql[] = "DELETE FROM article_vector WHERE article_id = ?1";
	struct statement *statement = store_statement(store, find_sql);
	bool found, fine;

	statement_bind_integer(statement, 1, id);
	found = statement_next(statement, err);
	if (found)
		late_words(store, id, statement_text(statement, 0), statement_blob(statement, 1), statement_length(statement, 1), /* add= */ false);
	statement_done(statement);
	if (!found)
		return err->code == ERROR_NONE;
	statement = store_statement(store, take_sql);
	statement_bind_integer(statement, 1, id);
	fine = statement_run(statement, err);
	statement_done(statement);
	return fine;
}

static bool put_in(struct store *store, int64_t id, const struct text *ids, const struct text *vector, struct error *err)
{
	static const char sql[] = "INSERT INTO article_vector (article_id, word_ids, vector) VALUES (?1, ?2, ?3)";
	struct statement *put = store_statement(store, sql);
	const char *telling = ids->length > 0 ? ids->bytes : "";
	bool fine;

	statement_bind_integer(put, 1, id);
	statement_bind_text(put, 2, telling);
	statement_bind_blob(put, 3, vector->length > 0 ? vector->bytes : "", vector->length);
	fine = statement_run(put, err);
	statement_done(put);
	if (fine)
		late_words(store, id, telling, vector->bytes, vector->length, /* add= */ true);
	return fine;
}

bool store_words_put(struct store *store, const struct article *article, const struct article_words *words, bool is_new, struct error *err)
{
	struct text ids = TEXT_EMPTY, vector = TEXT_EMPTY;
	bool fine = true;

	err->code = ERROR_NONE;
	if (!is_new && !take_out(store, article->id, err))
		return false;
	if (article->status == ARTICLE_PUBLISHED)
		fine = store_words_of(store, words, &ids, &vector, err) && put_in(store, article->id, &ids, &vector, err);
	text_done(&ids);
	text_done(&vector);
	return fine;
}

/* --- numbers as text --- */

void ids_append(struct text *ids, int64_t id)
{
	if (ids->length > 0)
		text_char(ids, ' ');
	text_integer(ids, id);
}

bool ids_each(const char *ids, bool (*visit)(void *arg, int64_t id, struct error *err), void *arg, struct error *err)
{
	for (const char *c = ids; *c != '\0';) {
		char *end;
		int64_t id = strtoll(c, &end, 10);

		if (end == c)
			break;
		if (!visit(arg, id, err))
			return false;
		c = end;
	}
	return true;
}
