/* SPDX-License-Identifier: MIT */
/*
 * Unicode as far as names and slugs need it: NFC, case folding, and letters of any script written in ASCII (ICU).
 *
 * Most of what passes through is plain ASCII, which is its own NFC and folds byte by byte, or has a few accents and typographic signs
 * besides, which are NFC as they are: such strings never reach ICU. The rest goes to UTF-16 and back, for that is what ICU's C functions
 * work on. The normalizers lie in ICU's library and cost nothing to
 * get; the transliterator is compiled from rules, some tens of milliseconds, so it is made once, when the first title that needs it
 * comes, and used under a lock, because ICU does not promise that two threads may use one at the same time. It is slow as well: what it
 * makes of single accented letters is kept in a table.
 *
 * All functions take valid UTF-8. Should ICU fail (it does so only without memory or without its data) the string is given back as
 * it came: a name is then found under its own spelling only, which is better than losing an article.
 */
#include "article_internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uclean.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>
#include <unicode/utrans.h>

enum { LENGTH_MOST = 1 << 28 };    /* keeps every length within ICU's 32 bits, however much it grows */

static bool is_ascii(const char *string)
{
	size_t length = strlen(string);
	uint64_t word, all = 0;

	for (; length >= sizeof word; length -= sizeof word, string += sizeof word) {
		memcpy(&word, string, sizeof word);
		all |= word;
	}
	for (; length > 0; length--)
		all |= (uint64_t)(unsigned char)*string++;
	return (all & 0x8080808080808080u) == 0;
}

/* The bytes of the character at the front if it stands for itself in NFC, whatever is beside it that does too; else 0. Those are all below
 * U+0300, and the punctuation from U+2002 to U+206F: nothing there decomposes for good or joins what stands before it (UAX #15). */
static size_t inert_length(const unsigned char *at)
{
	if (at[0] < 0x80)
		return 1;
	if (at[0] >= 0xC2 && at[0] <= 0xCB && at[1] >= 0x80)
		return 2;
	if (at[0] == 0xE2 && ((at[1] == 0x80 && at[2] >= 0x82) || (at[1] == 0x81 && at[2] >= 0x80 && at[2] <= 0xAF)))
		return 3;
	return 0;
}

static bool is_surely_nfc(const char *string)
{
	const unsigned char *at = (const unsigned char *)string;

	while (*at != '\0') {
		const size_t length = inert_length(at);

		if (length == 0)
			return false;
		at += length;
	}
	return true;
}

/* --- UTF-8 <-> UTF-16, on the heap --- */

struct wide {
	UChar *units;
	int32_t length, capacity;
};

static bool wide_reserve(struct wide *wide, int32_t capacity)
{
	UChar *units = realloc(wide->units, ((size_t)capacity + 1) * sizeof *units);

	if (units == NULL)
		return false;
	wide->units = units;
	wide->capacity = capacity;
	return true;
}

static bool wide_from(struct wide *wide, const char *string)
{
	size_t length = strlen(string);
	UErrorCode status = U_ZERO_ERROR;
	int32_t units;

	if (length > LENGTH_MOST || !wide_reserve(wide, (int32_t)length))
		return false;
	u_strFromUTF8WithSub(wide->units, wide->capacity, &units, string, (int32_t)length, 0xFFFD, NULL, &status);
	wide->length = units;
	return U_SUCCESS(status);
}

/* A unit of UTF-16 is at most three bytes of UTF-8. A lone surrogate, which no function here makes, would become U+FFFD. */
static char *wide_to_arena(const struct wide *wide, struct arena *arena)
{
	int32_t capacity = wide->length * 3, length = 0;
	char *string = arena_alloc(arena, (size_t)capacity + 1);
	UErrorCode status = U_ZERO_ERROR;

	u_strToUTF8WithSub(string, capacity, &length, wide->units, wide->length, 0xFFFD, NULL, &status);
	return U_SUCCESS(status) ? string : NULL;
}

/* One step from UTF-16 to UTF-16. ICU says how long the result is, so a second call always has the room. */
typedef int32_t wide_step(const UChar *from, int32_t length, UChar *to, int32_t capacity, UErrorCode *status);

static bool wide_change(struct wide *wide, wide_step *step)
{
	struct wide changed = { 0 };

	if (!wide_reserve(&changed, wide->length + wide->length / 4 + 16))
		return false;
	for (int attempt = 0; attempt < 2; attempt++) {
		UErrorCode status = U_ZERO_ERROR;

		changed.length = step(wide->units, wide->length, changed.units, changed.capacity, &status);
		if (U_SUCCESS(status) && changed.length <= changed.capacity) {
			free(wide->units);
			*wide = changed;
			return true;
		}
		if (status != U_BUFFER_OVERFLOW_ERROR || !wide_reserve(&changed, changed.length))
			break;
	}
	free(changed.units);
	return false;
}

static int32_t step_nfc(const UChar *from, int32_t length, UChar *to, int32_t capacity, UErrorCode *status)
{
	return unorm2_normalize(unorm2_getNFCInstance(status), from, length, to, capacity, status);
}

static int32_t step_nfd(const UChar *from, int32_t length, UChar *to, int32_t capacity, UErrorCode *status)
{
	return unorm2_normalize(unorm2_getNFDInstance(status), from, length, to, capacity, status);
}

static int32_t step_nfkd(const UChar *from, int32_t length, UChar *to, int32_t capacity, UErrorCode *status)
{
	return unorm2_normalize(unorm2_getNFKDInstance(status), from, length, to, capacity, status);
}

/* Accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic: people leave them out. Marks of other scripts are vowels. */
static bool is_accent(UChar unit)
{
	return (unit >= 0x0300 && unit <= 0x036F) || (unit >= 0x0591 && unit <= 0x05C7) || (unit >= 0x064B && unit <= 0x065F) || unit == 0x0670;
}

static int32_t step_bare(const UChar *from, int32_t length, UChar *to, int32_t capacity, UErrorCode *status)
{
	int32_t n = 0;

	(void)status;
	for (int32_t i = 0; i < length; i++) {
		/* Some letters are written out with blanks between, which no word can hold. */
		if (is_accent(from[i]) || from[i] == ' ' || u_charType(from[i]) == U_FORMAT_CHAR)
			continue;
		if (n < capacity)
			to[n] = from[i];
		n++;
	}
	return n;
}

static int32_t step_fold(const UChar *from, int32_t length, UChar *to, int32_t capacity, UErrorCode *status)
{
	return u_strFoldCase(to, capacity, from, length, U_FOLD_CASE_DEFAULT, status);
}

static char *change(const char *string, wide_step *const *steps, struct arena *arena)
{
	struct wide wide = { 0 };
	bool fine = wide_from(&wide, string);
	char *changed = NULL;

	for (; fine && *steps != NULL; steps++)
		fine = wide_change(&wide, *steps);
	if (fine)
		changed = wide_to_arena(&wide, arena);
	free(wide.units);
	return changed != NULL ? changed : arena_string(arena, string);
}

/* --- the doors --- */

char *unicode_nfc(const char *string, struct arena *arena)
{
	static wide_step *const steps[] = { step_nfc, NULL };

	return is_ascii(string) || is_surely_nfc(string) ? arena_string(arena, string) : change(string, steps, arena);
}

/* Unicode 3.13, D145 (canonical caseless match): NFD, fold, normalise again; here to NFC, which names are kept in. */
char *unicode_fold(const char *string, struct arena *arena)
{
	static wide_step *const steps[] = { step_nfd, step_fold, step_nfc, NULL };
	char *folded;

	if (!is_ascii(string))
		return change(string, steps, arena);
	folded = arena_string(arena, string);
	for (char *c = folded; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return folded;
}

static pthread_mutex_t latin_lock = PTHREAD_MUTEX_INITIALIZER;
static UTransliterator *latin;
static bool latin_failed;

/* Called under the lock. */
static UTransliterator *latin_open(void)
{
	static const UChar id[] = u"NFKC; Russian-Latin/BGN; Any-Latin; [\u02B0-\u02FF\u2018\u2019] Remove; Latin-ASCII; Lower";
	UErrorCode status = U_ZERO_ERROR;

	if (latin == NULL && !latin_failed) {
		latin = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
		latin_failed = U_FAILURE(status);
		if (latin_failed)
			latin = NULL;
	}
	return latin;
}

/* At the end of the process, with what ICU keeps for itself, so that a leak checker sees nothing left. */
__attribute__((destructor)) static void latin_close(void)
{
	pthread_mutex_lock(&latin_lock);
	if (latin != NULL) {
		utrans_close(latin);
		u_cleanup();
	}
	latin = NULL;
	latin_failed = true;
	pthread_mutex_unlock(&latin_lock);
}

/* Works in place and grows: Han characters become syllables. On overflow the text is rubbish, so it starts again from `string`. */
static bool transliterate(struct wide *wide, const char *string)
{
	UTransliterator *transliterator = latin_open();

	if (transliterator == NULL || !wide_from(wide, string))
		return false;
	for (int32_t capacity = wide->length * 8 + 64;; capacity *= 4) {
		UErrorCode status = U_ZERO_ERROR;
		int32_t limit = wide->length, length = wide->length;

		if (!wide_reserve(wide, capacity))
			return false;
		utrans_transUChars(transliterator, wide->units, &length, wide->capacity, 0, &limit, &status);
		wide->length = length;
		if (U_SUCCESS(status))
			return length <= wide->capacity;
		if (status != U_BUFFER_OVERFLOW_ERROR || capacity > LENGTH_MOST / 4 || !wide_from(wide, string))
			return false;
	}
}

static char *transliterated(const char *string, struct arena *arena)
{
	struct wide wide = { 0 };
	char *ascii = NULL;
	bool fine;

	pthread_mutex_lock(&latin_lock);
	fine = transliterate(&wide, string);
	pthread_mutex_unlock(&latin_lock);
	if (fine)
		ascii = wide_to_arena(&wide, arena);
	free(wide.units);
	return ascii;
}

/* --- accents and signs, which are looked up --- */

/* What they become does not hang on what stands beside them, so each is asked for once, and a title in a western language needs no
 * transliterator. The letters from U+00C0 to U+024F, and the dashes, quotes and dots from U+2010 on, as far as they become ASCII. What stands
 * before them is other: beside U+00B5, which is Greek, a semicolon is a question mark. */
enum { ACCENTS = 0xC0, ACCENTS_END = 0x250, SIGNS = 0x2010, SIGNS_END = 0x2028, LATIN_LONGEST = 8 };

static const char NOT_IN_TABLE = '\xFF';

static char latin_table[ACCENTS_END - ACCENTS + SIGNS_END - SIGNS][LATIN_LONGEST];
static pthread_once_t latin_table_once = PTHREAD_ONCE_INIT;

static void fill_place(size_t place, unsigned letter)
{
	struct arena *arena = arena_new();
	const unsigned last = 0x80 | (letter & 0x3F), middle = 0x80 | (letter >> 6 & 0x3F);
	const char two[] = { (char)(0xC0 | letter >> 6), (char)last, '\0' }, three[] = { (char)(0xE0 | letter >> 12), (char)middle, (char)last, '\0' };
	const char *string = letter < 0x800 ? two : three;
	char *ascii;

	ascii = transliterated(string, arena);
	if (ascii != NULL && is_ascii(ascii) && strlen(ascii) < LATIN_LONGEST)
		memcpy(latin_table[place], ascii, strlen(ascii) + 1);
	else
		latin_table[place][0] = NOT_IN_TABLE;
	arena_free(arena);
}

static void fill_latin_table(void)
{
	size_t place = 0;

	for (unsigned letter = ACCENTS; letter < ACCENTS_END; letter++)
		fill_place(place++, letter);
	for (unsigned letter = SIGNS; letter < SIGNS_END; letter++)
		fill_place(place++, letter);
}

/* What becomes of the character at the front, or NULL when the table does not know it. */
static const char *latin_entry(const unsigned char *at, size_t *ret_length)
{
	const char *entry;

	if (at[0] >= 0xC3 && at[0] <= 0xC9 && (at[1] & 0xC0) == 0x80) {
		*ret_length = 2;
		entry = latin_table[((at[0] & 0x1F) << 6 | (at[1] & 0x3F)) - ACCENTS];
	} else if (at[0] == 0xE2 && at[1] == 0x80 && at[2] >= 0x90 && at[2] < 0xA8) {
		*ret_length = 3;
		entry = latin_table[ACCENTS_END - ACCENTS + (at[2] & 0x3F) - (SIGNS & 0x3F)];
	} else {
		return NULL;
	}
	return entry[0] != NOT_IN_TABLE ? entry : NULL;
}

static char *looked_up(const char *string, struct arena *arena)
{
	const unsigned char *at = (const unsigned char *)string;
	char *ascii = arena_alloc(arena, strlen(string) * LATIN_LONGEST + 1), *end = ascii;
	size_t length;

	for (; *at != '\0'; at += length) {
		const char *entry;

		length = 1;
		if (*at < 0x80) {
			*end++ = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
			continue;
		}
		entry = latin_entry(at, &length);
		if (entry == NULL)
			return NULL;
		end = stpcpy(end, entry);
	}
	return ascii;
}

char *unicode_latin(const char *string, struct arena *arena)
{
	char *ascii;

	if (is_ascii(string))
		return arena_string(arena, string);
	pthread_once(&latin_table_once, fill_latin_table);
	ascii = looked_up(string, arena);
	if (ascii == NULL)
		ascii = transliterated(string, arena);
	return ascii != NULL ? ascii : arena_string(arena, string);
}

char *unicode_search_fold(const char *string, struct arena *arena)
{
	static wide_step *const steps[] = { step_nfkd, step_bare, step_fold, step_nfc, NULL };
	char *ascii;

	pthread_once(&latin_table_once, fill_latin_table);
	ascii = looked_up(string, arena);
	return ascii != NULL ? ascii : change(string, steps, arena);
}

enum unicode_kind unicode_kind_at(const char *string, size_t *ret_length)
{
	const uint8_t *bytes = (const uint8_t *)string;
	int32_t at = 0;
	UChar32 c;
	UErrorCode status = U_ZERO_ERROR;

	U8_NEXT(bytes, at, -1, c);
	*ret_length = (size_t)at;
	if (c < 0)
		return UNICODE_OTHER;
	if ((U_GET_GC_MASK(c) & (U_GC_M_MASK | U_GC_CF_MASK)) != 0)
		return UNICODE_MARK;
	if (!u_isalnum(c))
		return UNICODE_OTHER;
	switch (uscript_getScript(c, &status)) {
	case USCRIPT_HAN:
	case USCRIPT_HIRAGANA:
	case USCRIPT_KATAKANA:
	case USCRIPT_THAI:
	case USCRIPT_LAO:
	case USCRIPT_KHMER:
	case USCRIPT_MYANMAR:
		return UNICODE_IDEOGRAPH;
	default:
		return UNICODE_LETTER;
	}
}
