/* SPDX-License-Identifier: MIT */
/*
 * The vocabulary: real little words, and 60,000 invented ones that are put together from syllables as English words are.
 *
 * How often words stand in texts follows Zipf's law, with the flattening at the top that Mandelbrot found: about four in ten words of a
 * text are little ones, led by "the"; the commonest telling word stands in some articles out of ten, most of the 60,000 in a few.
 * Common words are shorter, and many end as English words do, so that stemming has something to do.
 */
#include "generate.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { SECTION_WORDS = 1500, SECTION_WORDS_FROM = 2000, SEEN = 1 << 18 };

struct word words[WORDS];

static const char *const little_en[] = { "the", "of", "and", "to", "in", "a", "for", "is", "that", "on", "was", "with", "said", "as", "at", "by",
	"it", "from", "be", "has", "are", "have", "not", "an", "will", "but", "this", "they", "who", "had", "its", "their", "were", "been", "which",
	"would", "more", "one", "or", "about", "after", "up", "than", "when", "also", "he", "out", "could", "there", "over", "new", "she", "into",
	"year", "people", "his", "her", "other", "last", "first", "two", "time", "some", "we", "can", "if", "before", "all", "no", "years", "so",
	"what", "only", "now", "between", "three", "made", "most", "while", "under", "government", "because", "them", "during", "since", "may",
	"many", "against", "where", "should", "do", "such", "being", "him", "through", "how", "still", "did", "told", "off", "back", "week",
	"much", "even", "well", "any", "just", "down", "does", "own", "next", "both", "those", "way", "until", "former", "later", "work", "say",
	"these", "city", "day", "four", "country", "our", "then", "around", "take", "make", "without", "another", "five", "part", "company",
	"public", "according", "must", "very", "days", "group", "set", "place", "early", "several", "including", "high", "go", "long", "home",
	"second", "late", "police", "months", "number", "come", "among", "I", "you", "my", "us", "state", "national", "small", "good", "every",
	"end", "already", "within", "per", "cent", "see", "called", "month", "expected", "each", "left", "six", "same", "too", "use", "minister",
	"again", "members", "money", "report", "use", "large", "across", "near", "children", "need", "few", "open", "seen", "help", "old", "plan",
	"third", "might", "little", "never", "ever", "once", "often", "less", "least", "half", "whether", "though", "although", "despite",
	"towards", "above", "below", "behind", "along", "almost", "however", "perhaps", "instead", "rather", "yet", "quite", "ago", "away",
	"today", "soon", "here", "always", "together", "further", "enough", "others", "something", "nothing", "anything", "everything" };
static const char *const little_es[] = { "de", "la", "que", "el", "en", "y", "a", "los", "del", "se", "las", "por", "un", "para", "con", "no",
	"una", "su", "al", "lo", "como", "más", "pero", "sus", "le", "ya", "o", "este", "sí", "porque", "esta", "entre", "cuando", "muy", "sin",
	"sobre", "también", "hasta", "hay", "donde", "desde", "todo", "durante", "todos", "uno", "ni", "contra", "otros", "ese", "eso" };
static const char *const little_fr[] = { "de", "la", "le", "et", "les", "des", "en", "un", "du", "une", "que", "est", "pour", "qui", "dans",
	"a", "par", "plus", "pas", "au", "sur", "ne", "se", "ce", "il", "sont", "avec", "son", "aux", "ses", "mais", "comme", "ou", "si", "leur",
	"y", "dont", "elle", "deux", "ces", "tout", "nous", "sa", "fait", "été", "aussi", "leurs", "bien", "peut", "cette" };
static const char *const little_de[] = { "der", "die", "und", "in", "den", "von", "zu", "das", "mit", "sich", "des", "auf", "für", "ist", "im",
	"dem", "nicht", "ein", "eine", "als", "auch", "es", "an", "werden", "aus", "er", "hat", "dass", "sie", "nach", "wird", "bei", "einer",
	"um", "am", "sind", "noch", "wie", "einem", "über", "einen", "so", "zum", "war", "haben", "nur", "oder", "aber", "vor", "zur" };
static const struct {
	const char *const *list;
	uint32_t n;
} little_lists[LANGUAGES] = {
	{ little_en, COUNT(little_en) },
	{ little_es, COUNT(little_es) },
	{ little_fr, COUNT(little_fr) },
	{ little_de, COUNT(little_de) },
};

static struct word little[LANGUAGES][COUNT(little_en)];
static struct choice little_choice[LANGUAGES], telling_choice, section_choice;

static const char *const verbs[] = { "says", "wins", "loses", "denies", "plans", "opens", "faces", "urges", "backs", "seeks", "rejects", "calls",
	"cuts", "raises", "delays", "defends", "questions", "drops", "buys", "sells", "closes", "joins", "leaves", "warns", "promises", "approves",
	"considers", "reviews", "expects", "honours", "doubles", "halts", "resumes", "welcomes", "disputes", "launches", "repairs", "counts" };

static void set_word(struct word *word, const char *text)
{
	memset(word, 0, sizeof *word);
	word->length = (uint8_t)strlen(text);
	memcpy(word->bytes, text, word->length);
}

static void append(char *text, const char *const *parts, uint32_t n, struct random *random)
{
	const char *part = parts[random_below(random, n)];

	if (strlen(text) + strlen(part) < WORD_ROOM)
		memcpy(text + strlen(text), part, strlen(part) + 1);
}

/* Consonants pile up at the beginning and at the end of a word, hardly within it. */
static void invent(char text[WORD_ROOM], uint32_t rank, struct random *random)
{
	static const char *const first[] = { "b", "br", "c", "ch", "cl", "cr", "d", "dr", "f", "fl", "fr", "g", "gl", "gr", "h", "j", "k", "l", "m",
		"n", "p", "pl", "pr", "qu", "r", "s", "sc", "sh", "sl", "sp", "st", "str", "sw", "t", "th", "tr", "v", "w", "", "", "" };
	static const char *const inner[] = { "b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v", "ll", "nd", "st", "rt", "nt", "ss", "tt",
		"ck", "mb", "rn", "ct" };
	static const char *const vowels[] = { "a", "e", "i", "o", "u", "a", "e", "i", "o", "a", "e", "i", "o", "ai", "ea", "ou" };
	static const char *const last[] = { "", "", "n", "r", "l", "s", "t", "m", "ck", "nd", "st", "ng", "rt", "ld", "nt", "d", "p" };
	static const char *const ends[] = { "ing", "ed", "er", "ers", "ion", "ions", "ment", "ly", "ness", "al", "y", "s", "es", "able", "ive", "ist" };
	uint32_t syllables = 1;

	syllables += rank > 400 ? 1 : 0;
	syllables += rank > 8000 && random_percent(random, 50) ? 1 : 0;
	text[0] = '\0';
	append(text, first, COUNT(first), random);
	append(text, vowels, COUNT(vowels), random);
	for (uint32_t i = 1; i < syllables; i++) {
		append(text, inner, COUNT(inner), random);
		append(text, vowels, COUNT(vowels), random);
	}
	if (random_percent(random, 40)) {
		append(text, inner, COUNT(inner), random);
		append(text, ends, COUNT(ends), random);
	} else
		append(text, last, COUNT(last), random);
}

/* True the first time that a word comes. */
static bool is_new(uint32_t *seen, uint32_t rank, const char *text)
{
	uint32_t at = text_hash(text) % SEEN;

	while (seen[at] != 0) {
		if (strcmp(words[seen[at] - 1].bytes, text) == 0)
			return false;
		at = (at + 1) % SEEN;
	}
	seen[at] = rank + 1;
	return true;
}

void words_make(uint64_t seed)
{
	struct random random = random_for(seed, 'w', 0);
	uint32_t *seen = calloc(SEEN, sizeof *seen);
	char text[WORD_ROOM];

	if (seen == NULL)
		abort();
	for (uint32_t rank = 0; rank < WORDS; rank++) {
		do
			invent(text, rank, &random);
		while (strlen(text) < 3 || !is_new(seen, rank, text));
		set_word(&words[rank], text);
	}
	free(seen);
	for (uint32_t language = 0; language < LANGUAGES; language++) {
		for (uint32_t i = 0; i < little_lists[language].n; i++)
			set_word(&little[language][i], little_lists[language].list[i]);
		little_choice[language] = choice_new_zipf(little_lists[language].n, 2);
	}
	telling_choice = choice_new_zipf(WORDS, 20);
	section_choice = choice_new_zipf(SECTION_WORDS, 10);
}

const struct word *word_little(uint32_t language, struct random *random)
{
	return &little[language][choice_pick(&little_choice[language], random)];
}

const struct word *word_telling(struct random *random)
{
	return &words[choice_pick(&telling_choice, random)];
}

const struct word *word_of_section(uint32_t section, struct random *random)
{
	return &words[SECTION_WORDS_FROM + section * SECTION_WORDS + choice_pick(&section_choice, random)];
}

const char *word_verb(struct random *random)
{
	return verbs[random_below(random, COUNT(verbs))];
}
