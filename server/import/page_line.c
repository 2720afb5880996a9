/* SPDX-License-Identifier: MIT */
/*
 * What a line of a page looks like: running text, a byline, noise, or the heading over other articles.
 *
 * Only the words and signs of the line itself are judged here, so that pages as text and as HTML are read alike. The phrases are
 * those of English pages, with the commonest French, Spanish and German ones; a page in another language loses nothing but the help
 * of these lists.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "page_internal.h"

enum { LINES_MOST = 20000 };    /* more are not looked at: some judgements compare each line with all others */

/* --- making --- */

static bool is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* Bytes of a space beyond ASCII at the front: U+00A0, U+2000 to U+200B, U+202F, U+3000, U+FEFF. */
static size_t wide_space_length(const char *text, size_t length)
{
	if (length >= 2 && memcmp(text, "\xC2\xA0", 2) == 0)
		return 2;
	if (length >= 3 && memcmp(text, "\xE2\x80", 2) == 0 && ((unsigned char)text[2] <= 0x8B || (unsigned char)text[2] == 0xAF))
		return 3;
	return length >= 3 && (memcmp(text, "\xE3\x80\x80", 3) == 0 || memcmp(text, "\xEF\xBB\xBF", 3) == 0) ? 3 : 0;
}

static bool is_no_break(const char *space)
{
	return memcmp(space, "\xC2\xA0", 2) == 0 || memcmp(space, "\xE2\x80\xAF", 3) == 0;
}

/* Folds white space of every kind; a no-break space between two letters stays, it is meant so. Returns the length. */
static size_t fold(const char *text, size_t length, char *ret_line)
{
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < length; i++) {
		size_t wide = wide_space_length(text + i, length - i);

		if (wide == 0 && !is_white(text[i])) {
			ret_line[n++] = text[i];
			kept = n;
		} else if (wide > 0 && n == kept && n > 0 && is_no_break(text + i)) {
			memcpy(ret_line + n, text + i, wide);
			n += wide;
		} else if (n > 0 && ret_line[n - 1] != ' ') {
			n = kept;
			ret_line[n++] = ' ';
		}
		i += wide > 0 ? wide - 1 : 0;
	}
	ret_line[kept] = '\0';
	return kept;
}

static bool ends_with(const char *text, size_t length, const char *end)
{
	size_t n = strlen(end);

	return length >= n && memcmp(text + length - n, end, n) == 0;
}

static bool ends_as_sentence(const char *text, size_t length)
{
	static const char *const closing[] = { "\"", "'", "”", "’", "»", ")", "]", "」", "』", "*", NULL };
	static const char *const stops[] = { ".", "!", "?", "…", "。", "！", "？", "؟", "۔", "।", ":", NULL };

	for (size_t i = 0; closing[i] != NULL; i++) {
		if (ends_with(text, length, closing[i])) {
			length -= strlen(closing[i]);
			while (length > 0 && text[length - 1] == ' ')
				length--;
			i = (size_t)-1;
		}
	}
	for (size_t i = 0; stops[i] != NULL; i++)
		if (ends_with(text, length, stops[i]))
			return true;
	return false;
}

struct page_line *page_lines_add(struct page_lines *lines, const char *text, size_t length, size_t linked, struct arena *arena)
{
	char *folded = arena_alloc(arena, length + 1);
	struct page_line *line;
	size_t n = fold(text, length, folded);

	if (n == 0 || lines->n == LINES_MOST)
		return NULL;
	if (lines->n == lines->capacity) {
		size_t capacity = lines->capacity > 0 ? lines->capacity * 2 : 256;
		struct page_line *items = arena_array(arena, capacity, sizeof *items);

		if (lines->n > 0)
			memcpy(items, lines->items, lines->n * sizeof *items);
		lines->items = items;
		lines->capacity = capacity;
	}
	line = &lines->items[lines->n++];
	*line = (struct page_line){ .text = folded, .length = n, .words = (size_t)text_count_words(folded) };
	line->linked = linked >= n ? line->words : (linked * line->words + n / 2) / n;
	line->sentence = ends_as_sentence(folded, n);
	return line;
}

/* --- judging --- */

static bool begins(const char *text, const char *phrase)
{
	return strncasecmp(text, phrase, strlen(phrase)) == 0;
}

static bool begins_with_any(const char *text, const char *const *phrases)
{
	for (; *phrases != NULL; phrases++)
		if (begins(text, *phrases))
			return true;
	return false;
}

static bool is_any(const char *text, const char *const *phrases)
{
	for (; *phrases != NULL; phrases++)
		if (line_same_text(text, *phrases))
			return true;
	return false;
}

/* Bytes that count when texts are compared: letters and digits of ASCII in lower case, and whatever lies beyond but signs and no-break
 * spaces (U+2000 to U+206F, U+00A0 to U+00BF). */
static const char *next_letter(const char *at)
{
	for (; *at != '\0'; at++) {
		unsigned char c = (unsigned char)*at;

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
			return at;
		if (c == 0xE2 && ((unsigned char)at[1] == 0x80 || (unsigned char)at[1] == 0x81) && at[2] != '\0')
			at += 2;
		else if (c == 0xC2 && at[1] != '\0')
			at++;
		else if (c >= 0x80)
			return at;
	}
	return at;
}

static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

bool line_same_text(const char *one, const char *other)
{
	for (;; one++, other++) {
		one = next_letter(one);
		other = next_letter(other);
		if (lower(*one) != lower(*other))
			return false;
		if (*one == '\0')
			return true;
	}
}

/* "By Priya Vandermeer": a few words behind the little one, a capital letter or more first, no sentence. */
bool line_is_byline(const struct page_line *line)
{
	static const char *const openings[] = { "By ", "Par ", "Por ", "Von ", "Di ", "Door ", "Written by ", "Words by ", "Story by ",
		"Posted by ", "Reported by ", "Text by ", "Author: ", "By: ", NULL };

	if (line->words < 2 || line->words > 14 || line->length > 120 || !begins_with_any(line->text, openings))
		return false;
	return line->sentence ? line->words <= 6 : true;
}

/* "Protesters in the street (Image: GETTY)" */
static bool is_credit(const struct page_line *line)
{
	return line->words <= 30 && line->text[line->length - 1] == ')' && (strstr(line->text, "(Image:") != NULL ||
	    strstr(line->text, "(Photo:") != NULL || strstr(line->text, "(Credit:") != NULL || strstr(line->text, "(Picture:") != NULL);
}

bool line_is_noise(const struct page_line *line)
{
	static const char *const whole[] = { "ADVT", "Advertisement", "Advertisements", "Advertising", "Advertise", "Ad", "Ads", "Sponsored",
		"Story continues below advertisement", "Story continues below", "Story continues", "Article continues below advertisement",
		"Continue reading below", "Continue reading the main story", "Close X", "Close", "Share", "Share this", "Share this story",
		"Share this article", "Share on Facebook", "Share on Twitter", "Tweet", "Tweet this", "Email", "Print", "Print this page",
		"Save", "Like", "Loading", "Loading...", "Play", "Play video", "Video", "Skip to content", "Skip to main content",
		"Sign up", "Subscribe", "Log in", "Menu", "Search", "Publicité", "Anzeige", "Werbung", "Publicidad", "Back to top", "Comments",
		"Comment", "View comments", "Facebook", "Twitter", "Pinterest", "LinkedIn", "WhatsApp", "Reddit", "Copy link", "Hide caption",
		"Toggle caption", "Enlarge this image", "Image copyright", "Getty Images", "Related", "Read more", "Learn more", "See also",
		"View gallery", "Photos", "Follow us", "Previous", "Next", "Reply", "Report", "Trending", NULL };
	static const char *const openings[] = { "Share on ", "Follow us on", "Sign up for", "Sign up to", "Subscribe to", "Read more:",
		"Read also:", "READ MORE", "Also read:", "Related:", "SEE ALSO", "WATCH:", "Click here to", "Image copyright", "Media caption",
		"Image caption", "Copyright ©", "© ", "(c) 20", "All rights reserved", "Get the latest", "This article originally appeared",
		"Download our", "À lire aussi :", "Lire aussi :", "Lesen Sie auch", "Lee también", "Photo credit:", "Photo:", "(Image:",
		"Image:", "Filed under", "Tags:", "Posted in", "More:", "Have a tip?", "Follow him on", "Follow her on", "Follow @",
		"This document is subject to copyright", "Citation:", "Explore further", "SEE MORE:", "DON'T MISS", "Click to tweet", "Get breaking", "Need more", NULL };

	if (line->words > 45)
		return false;
	return begins_with_any(line->text, openings) || (line->words <= 12 && is_any(line->text, whole)) || is_credit(line);
}

/* "MORE National ARTICLES", "More from Business": the section is what stands between. */
static bool names_section(const struct page_line *line, const char **ret_section, struct arena *arena)
{
	static const char *const openings[] = { "More from ", "Latest from ", "Also in ", "MORE IN ", NULL };
	static const char *const closings[] = { " ARTICLES", " NEWS", " STORIES", " HEADLINES", NULL };

	if (line->words > 8 || line->length > 80)
		return false;
	for (size_t i = 0; openings[i] != NULL; i++) {
		if (begins(line->text, openings[i])) {
			*ret_section = arena_string(arena, line->text + strlen(openings[i]));
			return true;
		}
	}
	if (!begins(line->text, "MORE "))
		return false;
	for (size_t i = 0; closings[i] != NULL; i++) {
		size_t length = strlen(closings[i]);

		if (line->length >= length + 4 && strcasecmp(line->text + line->length - length, closings[i]) == 0) {
			*ret_section = line->length > length + 5 ? arena_copy(arena, line->text + 5, line->length - length - 5) : NULL;
			return true;
		}
	}
	return false;
}

enum line_end line_ends_article(const struct page_line *line, const char **ret_section, struct arena *arena)
{
	static const char *const openings[] = { "Related articles", "Related stories", "Related content", "Related news", "Related posts",
		"Related links", "Related topics", "Related coverage", "You may also like", "You might also like", "You may like",
		"Recommended for you", "Recommended stories", "Most read", "Most popular", "Most viewed", "Popular stories", "More stories",
		"More articles", "More news", "Top stories", "Latest news", "Latest stories", "Editor's picks", "Editors' picks", "From the web",
		"Around the web", "Sponsored content", "Promoted stories", "Sponsored links", "Read next", "Up next", "What to read next", "More on this story",
		"More on this topic", "Leave a comment", "Leave a reply", "Join the conversation", "Join the discussion", "Post a comment",
		"Comments (", "View all comments", "Show comments", "About the author", "À lire aussi", "A lire aussi", "Lire aussi",
		"Sur le même sujet", "Lesen Sie auch", "Mehr zum Thema", "También te puede interesar", "Noticias relacionadas", "Leia também",
		"Latest headlines", "Trending now", "Don't miss", "In other news", "Share your thoughts", "Also on ", NULL };

	*ret_section = NULL;
	if (line->words == 0 || line->words > 12 || (line->words > 6 && line->text[line->length - 1] == '.'))
		return LINE_NO_END;
	if (names_section(line, ret_section, arena))
		return LINE_ENDS;
	if (begins_with_any(line->text, openings))
		return LINE_MAY_END;
	return line_same_text(line->text, "Related") || line_same_text(line->text, "Comments") || line_same_text(line->text, "Recommended") ?
	    LINE_MAY_END : LINE_NO_END;
}

bool line_is_paragraph(const struct page_line *line)
{
	if (line->linked * 2 > line->words)
		return false;
	return (line->sentence && line->words >= 8) || line->words >= 22;
}
