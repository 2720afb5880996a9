/* SPDX-License-Identifier: MIT */
/*
 * The beginning of a text, as a standfirst, and how many words it has.
 *
 * An excerpt is whole sentences, as many of the opening paragraph as fit; from the second paragraph only when the first is a mere
 * line. A full stop ends a sentence when white space and no small letter follow, and the word before it is no abbreviation: the list
 * below holds those that news uses before capital letters (titles, months, provinces and states, companies), and single letters are
 * initials. Where no sentence ends in time the text is cut between words, with an ellipsis.
 *
 * That "a.m." may end a sentence, or "etc.", is not noticed: the excerpt then goes on for another sentence or stops one earlier.
 */
#include <string.h>
#include <strings.h>

#include "article_internal.h"

enum {
	FIRST_PARAGRAPH_LEAST = 60,
	SENTENCE_LEAST = 30,          /* a shorter one says too little to stand alone */
};

static const char *const abbreviations[] = {
	"Adm", "Ala", "Alta", "Apr", "Ariz", "Ark", "Aug", "Av", "Ave", "Bd", "Bros", "Brig", "Cal", "Calif", "Capt", "Cdr", "Cie", "Cllr",
	"Cmdr", "Co", "Col", "Colo", "Conn", "Corp", "Cpl", "Ct", "Dec", "Del", "Dept", "Dr", "Dra", "Drs", "Est", "Feb", "Fig", "Fla", "Fr",
	"Fri", "Ft", "Ga", "Gen", "Gov", "Hon", "Hr", "Ill", "Inc", "Ind", "Insp", "Jan", "Jr", "Jul", "Jun", "Kan", "Ky", "La", "Lieut",
	"Lt", "Ltd", "M", "Maj", "Man", "Mar", "Mass", "Md", "Me", "Messrs", "Mgr", "Mich", "Minn", "Miss", "Mlle", "Mme", "Mo", "Mon",
	"Mont", "Mr", "Mrs", "Ms", "Mt", "Mx", "Neb", "Nev", "No", "Nos", "Nov", "Nr", "Oct", "Okla", "Ont", "Op", "Ore", "Pa", "Ph",
	"Pres", "Prof", "Pte", "Pty", "Pvt", "Que", "Rep", "Reps", "Rev", "Sask", "Sat", "Sec", "Sen", "Sens", "Sept", "Sep", "Sgt", "Sr",
	"Sra", "St", "Ste", "Str", "Sun", "Supt", "Tenn", "Tex", "Thu", "Thurs", "Tue", "Tues", "Univ", "Va", "Vol", "Vt", "Wash", "Wed",
	"Wis", "Wyo", "al", "approx", "bzw", "ca", "cf", "dgl", "ed", "eg", "est", "ff", "ie", "incl", "p", "pp", "resp", "sog", "usw", "v",
	"vgl", "viz", "vs",
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_small(char c)
{
	return c >= 'a' && c <= 'z';
}

/* Is the word that ends before `stop` one that a full stop does not end? */
static bool is_abbreviation(const char *text, size_t stop)
{
	size_t start = stop, length;

	while (start > 0 && is_letter(text[start - 1]))
		start--;
	length = stop - start;
	if (length == 0)
		return false;
	if (length == 1)    /* an initial, or the last letter of "U.S.", "p.m."; but "Plan B." ends one now and then */
		return true;
	for (size_t i = 0; i < sizeof abbreviations / sizeof abbreviations[0]; i++)
		if (strncmp(abbreviations[i], text + start, length) == 0 && abbreviations[i][length] == '\0')
			return true;
	return false;
}

/* Bytes of a quotation mark or bracket that closes, at the front: they belong to the sentence. */
static size_t closing_length(const char *at)
{
	static const char *const marks[] = { "”", "’", "»", "\"", "'", ")", "]", "」", "』", "）", NULL };

	for (size_t i = 0; marks[i] != NULL; i++)
		if (strncmp(at, marks[i], strlen(marks[i])) == 0)
			return strlen(marks[i]);
	return 0;
}

/* If a sentence ends with the sign at `i`, the place behind it, else 0. */
static size_t sentence_end(const char *text, size_t i)
{
	static const char *const wide_stops[] = { "。", "！", "？", "؟", "۔", "।", "…", NULL };
	size_t behind = i + 1;
	bool wide = false;

	for (size_t w = 0; wide_stops[w] != NULL && !wide; w++) {
		wide = strncmp(text + i, wide_stops[w], strlen(wide_stops[w])) == 0;
		if (wide)
			behind = i + strlen(wide_stops[w]);
	}
	if (!wide && text[i] != '.' && text[i] != '!' && text[i] != '?')
		return 0;
	if (text[i] == '.' && is_abbreviation(text, i))
		return 0;
	while (closing_length(text + behind) > 0)
		behind += closing_length(text + behind);
	if (text[behind] == '\0' || (wide && strncmp(text + i, "…", 3) != 0))
		return behind;
	if (text[behind] != ' ' || is_small(text[behind + 1]))
		return 0;
	return behind;
}

static bool is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The paragraph that begins here, on one line with single spaces; at most `most` bytes and the rest of a character. Goes behind it. */
static size_t append_paragraph(char *line, size_t length, size_t most, const char **text)
{
	const char *at = *text;

	for (; *at != '\0' && !(at[0] == '\n' && at[1] == '\n') && (length < most || ((unsigned char)*at & 0xC0) == 0x80); at++) {
		if (!is_white(*at))
			line[length++] = *at;
		else if (length > 0 && line[length - 1] != ' ')
			line[length++] = ' ';
	}
	while (length > 0 && line[length - 1] == ' ')
		length--;
	line[length] = '\0';
	for (*text = at; is_white(**text);)
		++*text;
	return length;
}

/* The opening on one line: the first paragraph, and the next ones while they are mere lines. One without a full stop (a heading, a
 * place) is passed over when something follows. */
static char *opening(const char *text, size_t most, struct arena *arena)
{
	char *line = arena_alloc(arena, most + 8);
	size_t length = 0;

	while (is_white(*text))
		text++;
	while (*text != '\0' && length < FIRST_PARAGRAPH_LEAST) {
		size_t before = length;

		if (length > 0)
			line[length++] = ' ';
		length = append_paragraph(line, length, most, &text);
		if (text[-1] != '\n')
			break;    /* in the middle: there was no more room */
		if (before == 0 && length < FIRST_PARAGRAPH_LEAST && *text != '\0' && strpbrk(line, ".!?") == NULL)
			length = 0;
	}
	return line;
}

/* Cut between words, or between characters where there are no spaces; signs that lead on go too. */
static char *cut_at_word(const char *line, size_t longest, struct arena *arena)
{
	static const char ellipsis[] = "…";
	size_t most = longest - (sizeof ellipsis - 1), cut = most;

	while (cut > most / 2 && line[cut] != ' ')
		cut--;
	if (line[cut] != ' ')
		for (cut = most; cut > 0 && ((unsigned char)line[cut] & 0xC0) == 0x80;)
			cut--;
	while (cut > 0 && strchr(" ,;:-(", line[cut - 1]) != NULL)
		cut--;
	return arena_printf(arena, "%.*s%s", (int)cut, line, ellipsis);
}

char *text_excerpt(const char *text, size_t longest, struct arena *arena)
{
	char *line = opening(text, longest + 4, arena);
	size_t end = 0;

	if (strlen(line) <= longest)
		return line;
	for (size_t i = 0; i < longest; i++) {
		size_t behind = ((unsigned char)line[i] & 0xC0) != 0x80 ? sentence_end(line, i) : 0;

		if (behind > longest)
			break;
		if (behind > 0)
			end = behind;
	}
	return end >= SENTENCE_LEAST ? arena_copy(arena, line, end) : cut_at_word(line, longest, arena);
}

/* --- words --- */

/* A sign that stays inside a word: an apostrophe between letters, a point or comma between digits. */
static bool joins(const char *text, size_t i)
{
	char before = text[i - 1], behind = text[i + 1];

	if (text[i] == '\'')
		return is_letter(behind);
	return (text[i] == '.' || text[i] == ',') && before >= '0' && before <= '9' && behind >= '0' && behind <= '9';
}

static enum unicode_kind kind_at(const char *text, size_t *ret_length)
{
	*ret_length = 1;
	if ((unsigned char)*text >= 0x80)
		return unicode_kind_at(text, ret_length);
	return is_letter(*text) || (*text >= '0' && *text <= '9') ? UNICODE_LETTER : UNICODE_OTHER;
}

int64_t text_count_words(const char *text)
{
	int64_t words = 0, ideographs = 0;
	bool in_word = false;
	size_t length;

	for (size_t i = 0; text[i] != '\0'; i += length) {
		switch (kind_at(text + i, &length)) {
		case UNICODE_LETTER:
			words += !in_word;
			in_word = true;
			break;
		case UNICODE_IDEOGRAPH:
			ideographs++;
			in_word = false;
			break;
		case UNICODE_MARK:
			break;
		case UNICODE_OTHER:
			if (in_word && strncmp(text + i, "’", strlen("’")) == 0)
				in_word = unicode_kind_at(text + i + length, &(size_t){ 0 }) == UNICODE_LETTER;
			else
				in_word = in_word && joins(text, i);
			break;
		}
	}
	return words + (ideographs + 1) / 2;
}
