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

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MOST = 48, LEAD_WORDS_MOST = 120, WORD_SHORTEST = 3, WORD_LONGEST = 40 };

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

struct word_set {
	struct telling_word *words;
	size_t n;
};

static void set_add(struct word_set *set, const char *word, int weight)
{
	for (size_t i = 0; i < set->n; i++) {
		if (strcmp(set->words[i].word, word) == 0) {
			set->words[i].weight += weight;
			return;
		}
	}
	if (set->n < WORDS_MOST)
		set->words[set->n++] = (struct telling_word){ .word = word, .weight = weight };
}

/* "bridges" -> "bridge", "ferries" -> "ferrie", "glass" stays: enough for the same noun to meet itself. */
static size_t stem_length(const char *word, size_t length)
{
	if (length > 4 && word[length - 1] == 's' && word[length - 2] != 's' && word[length - 2] != 'u' && word[length - 2] != 'i')
		length--;
	return length;
}

static void set_add_text(struct word_set *set, const char *text, int weight, size_t most, struct arena *arena)
{
	const char *folded = text != NULL ? unicode_fold(text, arena) : "", *start;
	size_t length;

	for (size_t seen = 0; seen < most && text_next_word(&folded, &start, &length); seen++) {
		length = stem_length(start, length);
		if (length >= WORD_SHORTEST && length <= WORD_LONGEST) {
			const char *word = arena_copy(arena, start, length);

			if (!is_common(word))
				set_add(set, word, weight);
		}
	}
}

size_t article_telling_words(const struct article *article, struct arena *arena, struct telling_word **ret_words)
{
	struct word_set set = { .words = arena_array(arena, WORDS_MOST, sizeof *set.words) };

	set_add_text(&set, article->title, 3, SIZE_MAX, arena);
	set_add_text(&set, article->summary, 2, SIZE_MAX, arena);
	if (article->body_text != NULL)
		set_add_text(&set, text_excerpt(article->body_text, 1000, arena), 1, LEAD_WORDS_MOST, arena);
	*ret_words = set.words;
	return set.n;
}

static bool word_raise(struct store *store, const char *word, int64_t *ret_id, struct error *err)
{
	static const char sql[] = "INSERT INTO word (word, n) VALUES (?1, 1) ON CONFLICT (word) DO UPDATE SET n = n + 1 RETURNING word_id";
	struct statement *raise = store_statement(store, sql);
	bool fine;

	statement_bind_text(raise, 1, word);
	fine = statement_row(raise, err);
	if (fine)
		*ret_id = statement_integer(raise, 0);
	statement_done(raise);
	return fine;
}

static bool word_link(struct store *store, int64_t word_id, int64_t article_id, int weight, struct error *err)
{
	static const char sql[] = "INSERT INTO article_word (word_id, article_id, weight) VALUES (?1, ?2, ?3)";
	struct statement *link = store_statement(store, sql);
	bool fine;

	statement_bind_integer(link, 1, word_id);
	statement_bind_integer(link, 2, article_id);
	statement_bind_integer(link, 3, weight);
	fine = statement_run(link, err);
	statement_done(link);
	return fine;
}

bool store_words_add(struct store *store, const struct article *article, struct arena *arena, struct text *ret_ids, struct error *err)
{
	struct telling_word *words;
	const size_t n = article_telling_words(article, arena, &words);

	for (size_t i = 0; i < n; i++) {
		int64_t id;

		if (!word_raise(store, words[i].word, &id, err) || !word_link(store, id, article->id, words[i].weight, err))
			return false;
		text_printf(ret_ids, "%s%" PRId64, ret_ids->length > 0 ? " " : "", id);
	}
	return true;
}

struct removal {
	struct store *store;
	int64_t article_id;
};

static bool word_unlink(void *arg, int64_t word_id, struct error *err)
{
	static const char unlink_sql[] = "DELETE FROM article_word WHERE word_id = ?1 AND article_id = ?2";
	static const char lower_sql[] = "UPDATE word SET n = n - 1 WHERE word_id = ?1";
	struct removal *removal = arg;
	struct statement *unlink = store_statement(removal->store, unlink_sql), *lower;
	bool fine;

	statement_bind_integer(unlink, 1, word_id);
	statement_bind_integer(unlink, 2, removal->article_id);
	fine = statement_run(unlink, err);
	statement_done(unlink);
	if (!fine)
		return false;
	lower = store_statement(removal->store, lower_sql);
	statement_bind_integer(lower, 1, word_id);
	fine = statement_run(lower, err);
	statement_done(lower);
	return fine;
}

bool store_words_remove(struct store *store, int64_t article_id, const char *ids, struct error *err)
{
	struct removal removal = { .store = store, .article_id = article_id };

	return ids_each(ids, word_unlink, &removal, err);
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
