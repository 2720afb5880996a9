/* SPDX-License-Identifier: MIT */
/*
 * The head of an article as it is printed: section, title, byline, and a line such as "The Canadian Press, 31 Dec, 2015 12:20 PM".
 *
 * The line with the time is what holds a head together. It is looked for upwards from the first paragraph (and a little below, where
 * pages put a standfirst first): near beats far, a time of day beats a date alone, so the day at the top of the page is not taken for
 * the article's. The title is the nearest line above it that could be one, unless metadata said what the title is; the
 * source is what stands in front of the time in its line. Lines that were left out for what their element is called are looked at
 * too: a head is often called "byline" or "meta".
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unicode/ucasemap.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "page_internal.h"
#include "printed_time.h"

enum {
	LINES_ABOVE = 60,             /* how far up from the first paragraph a head may begin */
	LINES_BELOW = 4,
	DATE_LINE_LONGEST = 200,
	BESIDE_DATE_MOST = 100,       /* bytes of a date's line that are not the date */
	TITLE_LONGEST = 300,
	TITLE_WORDS = 3,              /* shorter ones are taken only when there is no such line */
	SECTION_LONGEST = 40,
	SOURCE_LONGEST = 60,
};

static bool begins(const char *text, const char *phrase)
{
	return strncasecmp(text, phrase, strlen(phrase)) == 0;
}

/* --- the time --- */

static double judge_date(const struct page_line *line, const struct printed_time *printed, size_t distance)
{
	static const char *const published[] = { "Published", "Posted", "Publié", "Publicado", "Veröffentlicht", "First published", "Date", NULL };
	static const char *const changed[] = { "Updated", "Last updated", "Modified", "Last modified", "Mis à jour", "Copyright", "©", NULL };
	double score = 10 - (double)distance / 3;

	score += printed->has_clock ? 4 : 0;
	score += printed->start > 3 ? 1 : 0;
	for (size_t i = 0; published[i] != NULL; i++)
		score += begins(line->text, published[i]) ? 2 : 0;
	for (size_t i = 0; changed[i] != NULL; i++)
		score -= begins(line->text, changed[i]) ? 4 : 0;
	return score - (line->linked == line->words ? 3 : 0);
}

struct found_date {
	long line;
	struct printed_time printed;
	double score;
	const char *trouble;
};

static void try_date(const struct page_lines *lines, size_t i, size_t body, struct arena *arena, struct found_date *best)
{
	const struct page_line *line = &lines->items[i];
	size_t distance = i < body ? body - i : (i - body) * 2;
	struct printed_time printed;
	struct error why;
	double score;

	if (line->length > DATE_LINE_LONGEST)
		return;
	if (!printed_time_find(line->text, &printed, &why)) {
		if (why.code == ERROR_INVALID && best->trouble == NULL && line->length < 80)
			best->trouble = arena_string(arena, why.detail);
		return;
	}
	if (line->length - (printed.end - printed.start) > BESIDE_DATE_MOST)
		return;
	score = judge_date(line, &printed, distance);
	if (best->line != NO_LINE && score <= best->score)
		return;
	best->line = (long)i;
	best->score = score;
	best->printed = printed;
}

static struct found_date find_date(const struct page_lines *lines, size_t body, struct arena *arena)
{
	size_t from = body > LINES_ABOVE ? body - LINES_ABOVE : 0, to = body + LINES_BELOW;
	struct found_date best = { .line = NO_LINE };

	for (size_t i = from; i < to && i < lines->n; i++)
		try_date(lines, i, body, arena, &best);
	return best;
}

/* --- what stands beside the time --- */

/* A source is called by a name: it begins with a capital letter (or one of another script), and leads to nothing. */
static bool is_name(const char *text)
{
	static const char *const leading[] = { "Published", "Posted", "Updated", "Created", "First published", "Last ", "Date", NULL };

	for (size_t i = 0; leading[i] != NULL; i++)
		if (begins(text, leading[i]))
			return false;
	if (strlen(text) > SOURCE_LONGEST || strstr(text, "：") != NULL || strpbrk(text, "!?;{}<>@") != NULL)
		return false;
	return (text[0] >= 'A' && text[0] <= 'Z') || (text[0] >= '0' && text[0] <= '9' && text[1] >= '0' && text[2] > '9') ||
	       (unsigned char)text[0] >= 0x80;
}

/* "The Canadian Press, " -> "The Canadian Press"; "By A. B | " is a byline; words that only lead to the date are nothing. */
static void read_beside(const char *text, size_t length, struct arena *arena, struct page *page)
{
	static const char *const nothing[] = { "published", "posted", "on", "date", "publié le", "le", "published on", "posted on", "monday",
		"tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "updated",
		"last updated", "first published", "publicado", "am", "vom", "stand", "created", "published at", "lundi", "mardi", "mercredi", "jeudi",
		"vendredi", "samedi", "dimanche", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag", NULL };
	char *beside;

	while (length > 0 && strchr(" ,|-:;/(", text[length - 1]) != NULL)
		length--;
	while (length >= 3 && (memcmp(text + length - 3, "—", 3) == 0 || memcmp(text + length - 3, "–", 3) == 0 || memcmp(text + length - 3, "•", 3) == 0)) {
		length -= 3;
		while (length > 0 && text[length - 1] == ' ')
			length--;
	}
	if (length == 0 || length > BESIDE_DATE_MOST)
		return;
	beside = arena_copy(arena, text, length);
	for (size_t i = 0; nothing[i] != NULL; i++)
		if (line_same_text(beside, nothing[i]))
			return;
	if (begins(beside, "by ") || begins(beside, "par ")) {
		if (page->byline == NULL)
			page->byline = beside;
	} else if (page->source == NULL && is_name(beside)) {
		page->source = beside;
	}
}

/* --- above the time --- */

static bool may_be_title(const struct page_line *line)
{
	if (line->left_out || line->words < 2 || line->length > TITLE_LONGEST || line_is_byline(line) || line_is_noise(line))
		return false;
	return line->text[line->length - 1] != '.' || line->words <= 14;
}

/* Any date counts, also one that cannot be read in one way only. */
static bool holds_date(const struct page_line *line)
{
	struct printed_time printed;
	struct error why;

	return printed_time_find(line->text, &printed, &why) || why.code == ERROR_INVALID;
}

static long find_title(const struct page_lines *lines, size_t above, const struct page *page)
{
	size_t least = above > LINES_ABOVE ? above - LINES_ABOVE : 0;

	if (page->title != NULL) {
		for (size_t i = above; i-- > least;)
			if (line_same_text(lines->items[i].text, page->title))
				return (long)i;
		return NO_LINE;
	}
	for (size_t words = TITLE_WORDS; words > 1; words--)
		for (size_t i = above; i-- > least;)
			if (lines->items[i].words >= words && may_be_title(&lines->items[i]) && !holds_date(&lines->items[i]))
				return (long)i;
	return NO_LINE;
}

/* A short line right above the title, of a word or a few: what the page calls the part of the paper. */
static long find_section(const struct page_lines *lines, long title)
{
	const struct page_line *line;

	if (title <= 0)
		return NO_LINE;
	line = &lines->items[title - 1];
	if (line->length > SECTION_LONGEST || line->words == 0 || line->words > 4 || line->sentence || line_is_noise(line) ||
	    strpbrk(line->text, "|>›»/:") != NULL || holds_date(line))
		return NO_LINE;
	return title - 1;
}

static long find_byline(const struct page_lines *lines, long title, size_t below)
{
	for (size_t i = title != NO_LINE ? (size_t)title + 1 : 0; i < below && i < lines->n; i++)
		if (line_is_byline(&lines->items[i]))
			return (long)i;
	return NO_LINE;
}

/* Without the time that may stand in the same line, and what follows it. */
static const char *byline_text(const struct page_line *line, struct arena *arena)
{
	struct printed_time printed;
	struct error why;
	size_t length = line->length;

	if (printed_time_find(line->text, &printed, &why) && printed.start > 5)
		length = printed.start;
	while (length > 0 && strchr(" ,|-:;/(", line->text[length - 1]) != NULL)
		length--;
	return arena_copy(arena, line->text, length);
}

/* Behind the body: "MORE National ARTICLES" names the section more surely than anything above. */
static const char *section_named_below(const struct page_lines *lines, size_t body, struct arena *arena)
{
	for (size_t i = body; i < lines->n; i++) {
		const char *section;

		if (line_ends_article(&lines->items[i], &section, arena) == LINE_ENDS && section != NULL)
			return section;
	}
	return NULL;
}

static bool is_in_capitals(const char *text)
{
	const uint8_t *bytes = (const uint8_t *)text;
	int32_t length = (int32_t)strlen(text), n = 0;
	bool has_capital = false;
	UChar32 c;

	while (n < length) {
		U8_NEXT_OR_FFFD(bytes, n, length, c);
		if (u_islower(c))
			return false;
		has_capital = has_capital || u_isupper(c);
	}
	return has_capital;
}

/* "NATIONAL" -> "National", "ARTS AND LIFE" -> "Arts and Life"; "B.C." and "UK" stay, capitals are how they are written. */
static void add_word(struct text *out, const char *word, size_t length)
{
	static const char *const little[] = { "AND", "OF", "IN", "THE", "FOR", "ON", "TO", "AT", NULL };
	UErrorCode status = U_ZERO_ERROR;
	UCaseMap *map = ucasemap_open("", 0, &status);
	char written[SECTION_LONGEST * 6];
	int32_t n = -1;
	bool is_little = false;

	for (size_t i = 0; out->length > 0 && little[i] != NULL; i++)
		is_little = is_little || (strlen(little[i]) == length && memcmp(little[i], word, length) == 0);
	if (is_little)
		n = ucasemap_utf8ToLower(map, written, sizeof written, word, (int32_t)length, &status);
	else if (length > 2 && memchr(word, '.', length) == NULL)
		n = ucasemap_utf8ToTitle(map, written, sizeof written, word, (int32_t)length, &status);
	if (out->length > 0)
		text_char(out, ' ');
	if (n >= 0 && U_SUCCESS(status))
		text_append(out, written, (size_t)n);
	else
		text_append(out, word, length);
	ucasemap_close(map);
}

static const char *as_words(const char *capitals, struct arena *arena)
{
	struct text words = TEXT_EMPTY;
	const char *written;

	for (const char *at = capitals; *at != '\0';) {
		size_t length = strcspn(at, " ");

		if (length > 0)
			add_word(&words, at, length);
		at += length + (at[length] == ' ');
	}
	written = arena_copy(arena, words.bytes, words.length);
	text_done(&words);
	return written;
}

/* `line` stands above the title, `teasers` in a heading over other articles; either may be NULL. The line's spelling is the better
 * one; capitals are how a heading is set, not how the section is called. */
static void set_section(struct page *page, const char *line, const char *teasers, struct arena *arena)
{
	const char *name = teasers != NULL && (line == NULL || !line_same_text(line, teasers)) ? teasers : line;

	if (name == NULL)
		return;
	page->section_is_weak = name == teasers || is_in_capitals(name);
	if (is_in_capitals(name) && teasers != NULL && line_same_text(name, teasers))
		name = teasers;
	page->section = is_in_capitals(name) ? as_words(name, arena) : name;
}

void page_head_find(const struct page_lines *lines, size_t body, struct arena *arena, struct page *page, struct page_head *ret_head)
{
	struct found_date date = find_date(lines, body, arena);
	size_t above = date.line != NO_LINE ? (size_t)date.line : body;
	struct page_head head = { .title = NO_LINE, .date = date.line, .byline = NO_LINE, .section = NO_LINE };

	head.title = find_title(lines, above, page);
	if (head.title == NO_LINE && page->title != NULL)
		head.title = find_title(lines, body + 1 < lines->n ? body + 1 : lines->n, page);
	head.byline = find_byline(lines, head.title, body + 2);
	head.section = find_section(lines, head.title);
	if (date.line != NO_LINE) {
		if (page->published_at == TIME_NONE)
			page->published_at = date.printed.time;
		read_beside(lines->items[date.line].text, date.printed.start, arena, page);
	} else if (page->time_trouble == NULL) {
		page->time_trouble = date.trouble;
	}
	if (page->title == NULL && head.title != NO_LINE)
		page->title = lines->items[head.title].text;
	if (head.byline != NO_LINE)
		page->byline = byline_text(&lines->items[head.byline], arena);
	if (page->section == NULL)
		set_section(page, head.section != NO_LINE ? lines->items[head.section].text : NULL, section_named_below(lines, body, arena), arena);
	*ret_head = head;
}
