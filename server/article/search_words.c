/* SPDX-License-Identifier: MIT */
/*
 * The words of a text as search knows them: without case, accents and endings.
 *
 * A word is a run of letters and digits of any script. How people type decides the rest: apostrophes vanish (O'Brien, O’Brien and
 * obrien are one word) and with them a possessive s; dots between single letters vanish as well (U.S. is us); a hyphen parts words, but
 * `is_glued` tells that nothing else stood between, so that e-mail can also be found as email. Each letter of a script that does not part
 * words (Han, kana, Thai) is a word, since a run of them would only be found as a whole.
 *
 * Folding: lower case; accents of Latin, Greek, Cyrillic and the points of Arabic and Hebrew dropped, letters like ß and æ written out; marks of
 * other scripts are vowels, and stay. Endings: Snowball's English stemmer, for English; its work is remembered by each thread, since a
 * newsroom's words come again and again.
 */
#include "article_internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <libstemmer.h>

#include "map.h"
#include "memory.h"

enum { STEMS_REMEMBERED = 20000, HYPHEN_LONGEST = 3, INITIALS_MOST = 12 };

/* --- stems --- */

struct stemmer {
	struct sb_stemmer *english;
	struct map *known;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t stemmer_key;

static void stemmer_free(void *arg)
{
	struct stemmer *stemmer = arg;

	sb_stemmer_delete(stemmer->english);
	map_free(stemmer->known);
	free(stemmer);
}

static void make_key(void)
{
	if (pthread_key_create(&stemmer_key, stemmer_free) != 0)
		memory_exhausted();
}

/* The thread that ends the process runs no destructors of its own. */
__attribute__((destructor)) static void free_of_last_thread(void)
{
	struct stemmer *stemmer;

	pthread_once(&once, make_key);
	stemmer = pthread_getspecific(stemmer_key);
	if (stemmer == NULL)
		return;
	pthread_setspecific(stemmer_key, NULL);
	stemmer_free(stemmer);
}

static struct stemmer *stemmer_of_thread(void)
{
	struct stemmer *stemmer;

	pthread_once(&once, make_key);
	stemmer = pthread_getspecific(stemmer_key);
	if (stemmer != NULL)
		return stemmer;
	stemmer = calloc(1, sizeof *stemmer);
	if (stemmer == NULL)
		memory_exhausted();
	stemmer->english = sb_stemmer_new("english", "UTF_8");
	if (stemmer->english == NULL)
		memory_exhausted();
	stemmer->known = map_new();
	pthread_setspecific(stemmer_key, stemmer);
	return stemmer;
}

const char *search_stem(const char *form, size_t length, struct arena *arena)
{
	struct stemmer *stemmer = stemmer_of_thread();
	const char *stem = map_find(stemmer->known, form, length);
	const sb_symbol *symbols;

	if (stem != NULL)
		return arena_string(arena, stem);
	symbols = sb_stemmer_stem(stemmer->english, (const sb_symbol *)form, (int)length);
	if (symbols == NULL)
		memory_exhausted();
	if (map_size(stemmer->known) >= STEMS_REMEMBERED)
		map_clear(stemmer->known);
	stem = arena_copy(map_arena(stemmer->known), (const char *)symbols, (size_t)sb_stemmer_length(stemmer->english));
	map_put(stemmer->known, form, length, (void *)(uintptr_t)stem);
	return arena_string(arena, stem);
}

/* --- letters --- */

static bool is_ascii_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Of what stands at the front, which may be the end. */
static enum unicode_kind kind_at(const char *text, size_t *ret_length)
{
	*ret_length = 1;
	if ((unsigned char)*text < 0x80)
		return is_ascii_letter(*text) ? UNICODE_LETTER : UNICODE_OTHER;
	return unicode_kind_at(text, ret_length);
}

static size_t letter_at(const char *text)
{
	size_t length;

	return kind_at(text, &length) == UNICODE_LETTER ? length : 0;
}

/* ' and what stands for it in print and on keyboards: ’ ‘ ′ ʼ ＇. */
static size_t apostrophe_at(const char *text)
{
	static const char *const others[] = { "\xe2\x80\x99", "\xe2\x80\x98", "\xe2\x80\xb2", "\xca\xbc", "\xef\xbc\x87" };

	if (*text == '\'')
		return 1;
	for (size_t i = 0; (unsigned char)*text >= 0x80 && i < sizeof others / sizeof others[0]; i++)
		if (strncmp(text, others[i], strlen(others[i])) == 0)
			return strlen(others[i]);
	return 0;
}

static bool is_possessive(const char *text)
{
	return (*text == 's' || *text == 'S') && letter_at(text + 1) == 0;
}

/* One of - ‐ ‑ (HYPHEN_LONGEST). */
static size_t hyphen_at(const char *text)
{
	if (*text == '-')
		return 1;
	return strncmp(text, "\xe2\x80\x90", 3) == 0 || strncmp(text, "\xe2\x80\x91", 3) == 0 ? HYPHEN_LONGEST : 0;
}

static enum search_glue glue_at(const char *text, size_t length)
{
	if (length > 0 && length == hyphen_at(text))
		return GLUE_HYPHEN;
	return length == 1 && strchr("./:@&_", *text) != NULL ? GLUE_SIGN : GLUE_NONE;
}

/* --- words --- */

/* "U.S." and "u.s": single letters parted by dots. Gives the end of the last letter, or NULL. */
static const char *initials_end(const char *at)
{
	const char *end = NULL;
	size_t n = 0;

	for (size_t letter = letter_at(at); letter > 0; letter = letter_at(at)) {
		bool is_digit = *at >= '0' && *at <= '9';

		at += letter;
		if (is_digit || letter_at(at) > 0 || ++n > INITIALS_MOST)
			return NULL;
		end = at;
		if (*at != '.')
			break;
		at++;
	}
	return end;
}

/* Takes the letters and marks up to the word's end, apostrophes among them left out of the form. */
static const char *take_word(const char *at, char *form, size_t *ret_length, bool *ret_is_ascii)
{
	size_t n = 0, length;

	for (;;) {
		enum unicode_kind kind;
		size_t apostrophe;

		if (is_ascii_letter(*at)) {    /* as most are */
			if (n < SEARCH_WORD_LONGEST)
				form[n++] = *at;
			at++;
			continue;
		}
		kind = kind_at(at, &length);
		apostrophe = apostrophe_at(at);

		if (apostrophe > 0) {
			if (is_possessive(at + apostrophe)) {
				at += apostrophe + 1;
				break;
			}
			if (letter_at(at + apostrophe) == 0)
				break;
			at += apostrophe;
			continue;
		}
		if (kind != UNICODE_LETTER && kind != UNICODE_MARK)
			break;
		if (n + length <= SEARCH_WORD_LONGEST) {
			memcpy(form + n, at, length);
			n += length;
		}
		*ret_is_ascii = *ret_is_ascii && length == 1;
		at += length;
	}
	*ret_length = n;
	return at;
}

static const char *take_initials(const char *at, const char *end, char *form, size_t *ret_length, bool *ret_is_ascii)
{
	size_t n = 0;

	for (; at < end; at++) {
		if (*at == '.' || n == SEARCH_WORD_LONGEST)
			continue;
		form[n++] = *at;
		*ret_is_ascii = *ret_is_ascii && (unsigned char)*at < 0x80;
	}
	*ret_length = n;
	at += *at == '.';
	return apostrophe_at(at) > 0 && is_possessive(at + apostrophe_at(at)) ? at + apostrophe_at(at) + 1 : end;
}

static const char *take_ideograph(const char *at, char *form, size_t *ret_length)
{
	size_t length, n;

	unicode_kind_at(at, &n);
	memcpy(form, at, n);
	for (at += n; kind_at(at, &length) == UNICODE_MARK; at += length) {
		if (n + length > SEARCH_WORD_LONGEST)
			continue;
		memcpy(form + n, at, length);
		n += length;
	}
	*ret_length = n;
	return at;
}

static const char *fold(const char *form, size_t length, bool is_ascii, struct arena *arena)
{
	char *folded = arena_copy(arena, form, length);

	if (!is_ascii)
		return unicode_search_fold(folded, arena);
	for (char *c = folded; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return folded;
}

static const char *next_start(const char *at, enum unicode_kind *ret_kind)
{
	size_t length;

	while (*at != '\0') {
		*ret_kind = kind_at(at, &length);
		if (*ret_kind == UNICODE_LETTER || *ret_kind == UNICODE_IDEOGRAPH)
			return at;
		at += length;
	}
	return NULL;
}

void search_words_init(struct search_words *words, const char *text, bool is_english, struct arena *arena)
{
	*words = (struct search_words){ .at = text, .is_english = is_english, .arena = arena };
}

/* The word that begins here: where it ends, and its folded form, which is empty when nothing of it can be searched for. */
static const char *read_word(const char *start, enum unicode_kind kind, struct arena *arena, const char **ret_form)
{
	char form[SEARCH_WORD_LONGEST];
	bool is_ascii = kind != UNICODE_IDEOGRAPH;
	const char *end = NULL;
	size_t length;

	if (kind == UNICODE_IDEOGRAPH)
		end = take_ideograph(start, form, &length);
	else if (start[letter_at(start)] == '.' && (end = initials_end(start)) != NULL)
		end = take_initials(start, end, form, &length, &is_ascii);
	else
		end = take_word(start, form, &length, &is_ascii);
	*ret_form = fold(form, length, is_ascii, arena);
	return end > start ? end : start + letter_at(start);
}

bool search_words_next(struct search_words *words, struct search_word *ret_word)
{
	const char *before = words->at, *start, *form;
	enum unicode_kind kind = UNICODE_OTHER;

	do {
		start = next_start(words->at, &kind);
		if (start == NULL)
			return false;
		words->at = read_word(start, kind, words->arena, &form);
	} while (form[0] == '\0');
	*ret_word = (struct search_word){ .start = start, .length = (size_t)(words->at - start), .form = form };
	ret_word->glue = words->has_begun ? glue_at(before, (size_t)(start - before)) : GLUE_NONE;
	if (words->has_begun && start == before)
		ret_word->glue = GLUE_SIGN;    /* nothing parts two letters of a script without spaces */
	ret_word->stem = words->is_english ? search_stem(form, strlen(form), words->arena) : form;
	words->has_begun = true;
	return true;
}

bool search_is_english(const char *lang)
{
	return lang == NULL || (strncmp(lang, "en", 2) == 0 && (lang[2] == '\0' || lang[2] == '-'));
}
