/* SPDX-License-Identifier: MIT */
/*
 * Which words tell what an article is about: an index from word to articles, for finding related ones.
 *
 * Of each article the distinct words of title, standfirst and the beginning of the text are taken (news says first what matters), at
 * most WORDS_MOST, folded, a plural s dropped, the commonest words of English left out. Each word knows in how many articles it stands;
 * how telling a word is follows from that at reading time, so nothing needs to be recomputed as the archive grows.
 *
 * It is no search index: no positions, no ranking, nothing of the later text.
 */
#include "store_internal.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

enum { WORDS_MOST = 48, LEAD_WORDS_MOST = 120, WORD_SHORTEST = 3, WORD_LONGEST = 40, WORDS_KNOWN_MOST = 100000 };

/* Function words and those that every news story has; sorted, for bsearch. */
static const char *const common_words[] = {
	"about", "after", "again", "against", "ago", "all", "almost", "along", "already", "also", "although", "always", "among", "and",
	"another", "any", "are", "around", "away", "back", "because", "been", "before", "being", "between", "both", "but", "came", "can",
	"come", "could", "day", "did", "does", "down", "during", "each", "early", "even", "every", "few", "first", "five", "for", "four",
	"from", "get", "give", "given", "good", "had", "has", "have", "her", "here", "him", "his", "how", "into", "its", "just", "know",
	"large", "last", "late", "least", "les", "less", "like", "little", "long", "made", "make", "many", "may", "might", "month", "more",
	"most", "much", "must", "near", "new", "next", "not", "now", "off", "old", "once", "one", "only", "other", "our", "out", "over",
	"own", "part", "per", "que", "said", "same", "say", "second", "see", "seen", "set", "several", "she", "should", "since", "six",
	"some", "still", "such", "take", "ten", "than", "that", "the", "their", "them", "then", "there", "these", "they", "third", "this",
	"those", "three", "through", "time", "told", "too", "took", "two", "under", "until", "upon", "use", "used", "very", "want", "was",
	"way", "week", "well", "went", "were", "what", "when", "where", "which", "while", "who", "why", "will", "with", "within", "without",
	"would", "year", "yet", "you", "your",
};

static int compare_words(const void *one, const void *other)
{
	return strcmp(*(const char *const *)one, *(const char *const *)other);
}

static bool is_common(const char *word)
{
	return bsearch(&word, common_words, sizeof common_words / sizeof common_words[0], sizeof common_words[0], compare_words) != NULL;
}

enum { SLOTS = 128 };    /* a power of two, over twice WORDS_MOST */

/* In the order in which they came; slots[] finds them by hash, 0 is free and i + 1 stands for words[i]. */
struct word_set {
	const char **words;
	size_t n;
	unsigned char slots[SLOTS];
};

/* The slot of the word, or the free one where it belongs. */
static unsigned char *set_slot(struct word_set *set, const char *word, size_t length)
{
	for (size_t at = (size_t)XXH3_64bits(word, length);; at++) {
		unsigned char *slot = &set->slots[at % SLOTS];

		if (*slot == 0 || (strncmp(set->words[*slot - 1], word, length) == 0 && set->words[*slot - 1][length] == '\0'))
			return slot;
	}
}

static void set_add(struct word_set *set, const char *start, size_t length, struct arena *arena)
{
	unsigned char *slot = set_slot(set, start, length);
	const char *word;

	if (*slot != 0 || set->n == WORDS_MOST)
		return;
	word = arena_copy(arena, start, length);
	if (is_common(word))
		return;
	set->words[set->n++] = word;
	*slot = (unsigned char)set->n;
}

/* "bridges" -> "bridge", "ferries" -> "ferrie", "glass" stays: enough for the same noun to meet itself. */
static size_t stem_length(const char *word, size_t length)
{
	if (length > 4 && word[length - 1] == 's' && word[length - 2] != 's' && word[length - 2] != 'u' && word[length - 2] != 'i')
		length--;
	return length;
}

static void set_add_text(struct word_set *set, const char *text, size_t most, struct arena *arena)
{
	const char *folded = text != NULL ? unicode_fold(text, arena) : "", *start;
	size_t length;

	for (size_t seen = 0; seen < most && set->n < WORDS_MOST && text_next_word(&folded, &start, &length); seen++) {
		length = stem_length(start, length);
		if (length >= WORD_SHORTEST && length <= WORD_LONGEST)
			set_add(set, start, length, arena);
	}
}

size_t article_telling_words(const struct article *article, struct arena *arena, const char ***ret_words)
{
	struct word_set set = { .words = arena_array(arena, WORDS_MOST, sizeof *set.words) };

	set_add_text(&set, article->title, SIZE_MAX, arena);
	set_add_text(&set, article->summary, SIZE_MAX, arena);
	if (article->body_text != NULL)
		set_add_text(&set, text_excerpt(article->body_text, 1000, arena), LEAD_WORDS_MOST, arena);
	*ret_words = set.words;
	return set.n;
}

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

/* Most words have been met before: their ids are kept, up to a number. */
static bool word_id(struct store *store, const char *word, int64_t *ret_id, struct error *err)
{
	const size_t length = strlen(word);
	const void *known;

	if (store->word_ids == NULL)
		store->word_ids = map_new();
	known = map_find(store->word_ids, word, length);
	if (known != NULL) {
		*ret_id = (int64_t)(intptr_t)known;
		return true;
	}
	if (!insert_or_find(store, word, ret_id, err))
		return false;
	if (map_size(store->word_ids) >= WORDS_KNOWN_MOST)
		map_clear(store->word_ids);
	map_put(store->word_ids, word, length, (void *)(intptr_t)*ret_id);
	return true;
}

void store_words_forget(struct store *store)
{
	if (store->word_ids != NULL)
		map_clear(store->word_ids);
}

bool store_word_ids(struct store *store, const struct article *article, struct arena *arena, struct text *ret_ids, struct error *err)
{
	const char **words;
	const size_t n = article_telling_words(article, arena, &words);

	for (size_t i = 0; i < n; i++) {
		int64_t id;

		if (!word_id(store, words[i], &id, err))
			return false;
		ids_append(ret_ids, id);
	}
	return true;
}

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
