/* SPDX-License-Identifier: MIT */
/*
 * Reads printed times.
 *
 * A line becomes words, numbers and signs. At each of them the known shapes of a date are tried: day, month's name, year in any
 * usual order, year-month-day in numbers, day and month in numbers where only one reading is possible, and the East Asian form. A
 * time is looked for behind the date, and if there is none before it, across small words and signs ("at", "à", "um", "|").
 *
 * A zone that is printed counts; otherwise the site's does (--timezone). Abbreviations with one meaning, or one meaning in news (EST
 * is New York's, not Sydney's), are offsets. "ET" says only a region, and BST or IST have several meanings: these are taken when the
 * site's own zone has one of their offsets at that time, so that nothing depends on a guess, and refused otherwise.
 *
 * Month names are English, French, Spanish, Italian, Portuguese, German and Dutch, in full or as usually cut.
 */
#include "printed_time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "printed_tokens.h"

struct date {
	int year, month, day;
	size_t first, behind;         /* tokens */
	const char *doubt;            /* why it cannot be read, or NULL */
};

struct clock_time {
	int hour, minute, second;
	bool has_zone;
	int offset;                   /* minutes east of Greenwich */
	const int *meanings;          /* of an abbreviation with several, or NULL */
	const char *zone;
	size_t first, behind;
};

/* --- names --- */

/* 1 to 12, or 0. "mar" is March and not Tuesday, "ene" January; "mai" means May in three languages. */
static int month_of(const struct token *token)
{
	static const char *const months[] = {
		"january jan janvier janv enero ene gennaio gen janeiro januar jaenner januari",
		"february feb febr fevrier fevr fev febrero febbraio fevereiro februar februari",
		"march mar mars marzo marz marco maerz mrz maart mrt",
		"april apr avril avr abril abr aprile",
		"may mai mayo maggio mag maio mei",
		"june jun juin junio giugno giu junho juni",
		"july jul juillet juil julio luglio lug julho juli",
		"august aug aout agosto ago augustus",
		"september sep sept septembre septiembre setiembre settembre set setembro",
		"october oct octobre octubre ottobre ott outubro out oktober okt",
		"november nov novembre noviembre novembro",
		"december dec decembre diciembre dicembre dic dezembro dez dezember",
	};

	for (int i = 0; i < 12; i++)
		if (token_is_word(token, months[i]))
			return i + 1;
	return 0;
}

static bool is_ordinal(const struct token *token)
{
	return token->joined && (token_is_word(token, "st nd rd th er e o a") || token_is_sign(token, "o."));
}

/* --- dates --- */

static bool is_year(const struct token *token)
{
	return token->kind == NUMBER && token->digits == 4 && token->value >= 1000;
}

static bool is_day(const struct token *token)
{
	return token->kind == NUMBER && token->digits <= 2 && token->value >= 1 && token->value <= 31;
}

static size_t skip_between(const struct token *tokens, size_t at)
{
	while (token_is_sign(&tokens[at], ",.-/") || token_is_word(&tokens[at], "de del of do"))
		at++;
	return at;
}

/* 31 Dec, 2015; 31. Dezember 2015; 1er janvier 2016; 31 de diciembre de 2015; 31-Dec-2015 */
static bool day_month_year(const struct token *tokens, size_t at, struct date *ret_date)
{
	struct date date = { .first = at, .day = tokens[at].value };

	if (!is_day(&tokens[at]))
		return false;
	at++;
	if (is_ordinal(&tokens[at]))
		at++;
	at = skip_between(tokens, at);
	date.month = month_of(&tokens[at]);
	if (date.month == 0)
		return false;
	at = skip_between(tokens, at + 1);
	if (!is_year(&tokens[at]))
		return false;
	date.year = tokens[at].value;
	date.behind = at + 1;
	*ret_date = date;
	return true;
}

/* December 31, 2015; Dec. 31st 2015 */
static bool month_day_year(const struct token *tokens, size_t at, struct date *ret_date)
{
	struct date date = { .first = at, .month = month_of(&tokens[at]) };

	if (date.month == 0)
		return false;
	at++;
	while (token_is_sign(&tokens[at], ".-"))
		at++;
	if (!is_day(&tokens[at]))
		return false;
	date.day = tokens[at++].value;
	if (is_ordinal(&tokens[at]))
		at++;
	while (token_is_sign(&tokens[at], ",.-"))
		at++;
	if (!is_year(&tokens[at]))
		return false;
	date.year = tokens[at].value;
	date.behind = at + 1;
	*ret_date = date;
	return true;
}

/* 2015-12-31, 2015/12/31, 2015.12.31, 2015年12月31日 */
static bool year_month_day(const struct token *tokens, size_t at, struct date *ret_date)
{
	const struct token *first = &tokens[at + 1], *second = &tokens[at + 3];
	bool eastern = token_is_sign(first, "Y") && token_is_sign(second, "M");

	if (!is_year(&tokens[at]) || !is_day(&tokens[at + 2]) || tokens[at + 2].value > 12 || !is_day(&tokens[at + 4]))
		return false;
	if (!eastern && (!token_is_sign(first, "-/.") || !token_is_sign(second, "-/.") || first->value != second->value))
		return false;
	*ret_date = (struct date){
		.first = at,
		.year = tokens[at].value,
		.month = tokens[at + 2].value,
		.day = tokens[at + 4].value,
		.behind = at + 5,
	};
	if (token_is_sign(&tokens[at + 5], "D"))
		ret_date->behind++;
	return true;
}

/* 31/12/2015, 12/31/2015, 31.12.2015: only where one number cannot be a month, or both are the same. */
static bool numbers_and_year(const struct token *tokens, size_t at, struct date *ret_date)
{
	int one = tokens[at].value, other = tokens[at + 2].value;

	if (!is_day(&tokens[at]) || !is_day(&tokens[at + 2]) || !is_year(&tokens[at + 4]))
		return false;
	if (!token_is_sign(&tokens[at + 1], "-/.") || !token_is_sign(&tokens[at + 3], "-/.") || tokens[at + 1].value != tokens[at + 3].value)
		return false;
	if (one > 12 && other > 12)
		return false;
	*ret_date = (struct date){ .first = at, .year = tokens[at + 4].value, .behind = at + 5 };
	ret_date->day = other > 12 ? other : one;
	ret_date->month = other > 12 ? one : other;
	if (one <= 12 && other <= 12 && one != other)
		ret_date->doubt = "day and month cannot be told apart";
	return true;
}

static bool find_date(const struct token *tokens, size_t n, struct date *ret_date)
{
	for (size_t at = 0; at < n; at++)
		if (day_month_year(tokens, at, ret_date) || month_day_year(tokens, at, ret_date) || year_month_day(tokens, at, ret_date) ||
		    numbers_and_year(tokens, at, ret_date))
			return true;
	return false;
}

/* --- zones --- */

struct zone_name {
	const char *name;
	int offset;
	int meanings[4];              /* offsets it may mean, 0 at the end; then `offset` does not count */
};

static const struct zone_name zone_names[] = {
	{ "z", 0, { 0 } }, { "utc", 0, { 0 } }, { "gmt", 0, { 0 } }, { "est", -300, { 0 } }, { "edt", -240, { 0 } }, { "cdt", -300, { 0 } },
	{ "mst", -420, { 0 } }, { "mdt", -360, { 0 } }, { "pst", -480, { 0 } }, { "pdt", -420, { 0 } }, { "akst", -540, { 0 } },
	{ "akdt", -480, { 0 } }, { "hst", -600, { 0 } }, { "nst", -210, { 0 } }, { "ndt", -150, { 0 } }, { "adt", -180, { 0 } },
	{ "cet", 60, { 0 } }, { "cest", 120, { 0 } }, { "mez", 60, { 0 } }, { "mesz", 120, { 0 } }, { "eet", 120, { 0 } }, { "eest", 180, { 0 } },
	{ "msk", 180, { 0 } }, { "jst", 540, { 0 } }, { "kst", 540, { 0 } }, { "hkt", 480, { 0 } }, { "aest", 600, { 0 } },
	{ "aedt", 660, { 0 } }, { "acst", 570, { 0 } }, { "acdt", 630, { 0 } }, { "awst", 480, { 0 } }, { "nzst", 720, { 0 } },
	{ "nzdt", 780, { 0 } }, { "sast", 120, { 0 } }, { "et", 0, { -300, -240, 0 } }, { "ct", 0, { -360, -300, 0 } },
	{ "mt", 0, { -420, -360, 0 } }, { "pt", 0, { -480, -420, 0 } }, { "cst", 0, { -360, 480, -300, 0 } }, { "ast", 0, { -240, 180, 0 } },
	{ "bst", 0, { 60, 360, 0 } }, { "ist", 0, { 330, 60, 120, 0 } },
};

/* "+05:30", "-0500", "UTC+2", behind the clock. */
static bool numeric_offset(const struct token *tokens, size_t at, struct clock_time *clock)
{
	int sign = token_is_sign(&tokens[at], "-") ? -1 : 1, hours, minutes = 0;
	const struct token *number = &tokens[at + 1];
	size_t behind = at + 2;

	if (!token_is_sign(&tokens[at], "+-") || number->kind != NUMBER || !number->joined || number->digits > 4 || number->digits == 3)
		return false;
	hours = number->digits == 4 ? number->value / 100 : number->value;
	minutes = number->digits == 4 ? number->value % 100 : 0;
	if (number->digits < 4 && token_is_sign(&tokens[at + 2], ":") && tokens[at + 3].digits == 2) {
		minutes = tokens[at + 3].value;
		behind = at + 4;
	}
	if (hours > 14 || minutes > 59 || (number->digits < 4 && behind == at + 2 && number->digits == 1 && tokens[at - 1].kind != WORD))
		return false;
	clock->has_zone = true;
	clock->offset = sign * (hours * 60 + minutes);
	clock->behind = behind;
	return true;
}

static void read_zone(const struct token *tokens, size_t at, struct clock_time *clock)
{
	if (token_is_sign(&tokens[at], "("))
		at++;
	if (numeric_offset(tokens, at, clock))
		return;
	for (size_t i = 0; i < sizeof zone_names / sizeof zone_names[0]; i++) {
		const struct zone_name *zone = &zone_names[i];

		if (tokens[at].kind != WORD || strcmp(tokens[at].word, zone->name) != 0)
			continue;
		clock->zone = zone->name;
		clock->behind = at + 1;
		clock->has_zone = zone->meanings[0] == 0;
		clock->offset = zone->offset;
		clock->meanings = zone->meanings[0] != 0 ? zone->meanings : NULL;
		if (clock->has_zone && zone->offset == 0)
			numeric_offset(tokens, at + 1, clock);
		return;
	}
}

/* --- clocks --- */

/* "AM", "a.m.", "pm": -1 when there is none, 0 before noon, 12 after. */
static int half_of_day(const struct token *tokens, size_t *at)
{
	int half = -1;

	if (token_is_word(&tokens[*at], "am"))
		half = 0;
	else if (token_is_word(&tokens[*at], "pm"))
		half = 12;
	else if (token_is_word(&tokens[*at], "a p") && token_is_word(&tokens[*at + 1], "m"))
		half = tokens[*at].word[0] == 'p' ? 12 : 0;
	if (half >= 0)
		*at += token_is_word(&tokens[*at], "a p") ? 2 : 1;
	if (half >= 0 && token_is_sign(&tokens[*at], ".") && tokens[*at].joined)
		++*at;
	return half;
}

/* :45 or :45.123 */
static size_t read_seconds(const struct token *tokens, size_t at, struct clock_time *clock)
{
	if (!token_is_sign(&tokens[at], ":") || tokens[at + 1].kind != NUMBER || tokens[at + 1].digits != 2 || tokens[at + 1].value > 59)
		return at;
	clock->second = tokens[at + 1].value;
	at += 2;
	if (token_is_sign(&tokens[at], ".,") && tokens[at].joined && tokens[at + 1].kind == NUMBER && tokens[at + 1].joined)
		at += 2;
	return at;
}

/* 12:20, 12:20:00, 12.20, 8 h 30, 8h, 20 Uhr, 9 p.m., 12時20分 */
static bool read_clock(const struct token *tokens, size_t at, struct clock_time *ret_clock)
{
	struct clock_time clock = { .first = at, .hour = tokens[at].value };
	const struct token *separator = &tokens[at + 1], *minutes = &tokens[at + 2];
	bool counted = false;
	int half;

	if (tokens[at].kind != NUMBER || tokens[at].digits > 2 || clock.hour > 24)
		return false;
	at++;
	if ((token_is_sign(separator, ":.H") || token_is_word(separator, "h")) && minutes->kind == NUMBER && minutes->digits == 2 && minutes->value < 60) {
		counted = true;
		clock.minute = minutes->value;
		at = read_seconds(tokens, at + 2, &clock);
		if (token_is_sign(&tokens[at], "N") || token_is_word(&tokens[at], "h uhr min"))
			at++;
	} else if (token_is_word(separator, "h heures heure uhr uur") || token_is_sign(separator, "H")) {
		counted = true;
		at++;
	}
	half = half_of_day(tokens, &at);
	if ((!counted && half < 0) || (half >= 0 && (clock.hour < 1 || clock.hour > 12)) || clock.hour == 24)
		return false;
	if (half >= 0)
		clock.hour = clock.hour % 12 + half;
	clock.behind = at;
	read_zone(tokens, at, &clock);
	*ret_clock = clock;
	return true;
}

static size_t skip_small_words(const struct token *tokens, size_t at)
{
	while (token_is_sign(&tokens[at], ",|-/.;()@:") || token_is_word(&tokens[at], "at a as alle um om kl klo t on the le las los")) {
		if (token_is_sign(&tokens[at], "-") && tokens[at].joined && tokens[at + 1].joined)
			break;
		at++;
	}
	return at;
}

/* Behind the date, else in front of it: "12:20 PM on 31 Dec 2015". */
static bool find_clock(const struct token *tokens, const struct date *date, struct clock_time *ret_clock)
{
	if (read_clock(tokens, skip_small_words(tokens, date->behind), ret_clock))
		return true;
	for (size_t at = date->first > 12 ? date->first - 12 : 0; at < date->first; at++) {
		size_t behind;

		if (!read_clock(tokens, at, ret_clock) || ret_clock->behind > date->first)
			continue;
		behind = skip_small_words(tokens, ret_clock->behind);
		if (behind < date->first && tokens[behind].kind == WORD)    /* a weekday */
			behind = skip_small_words(tokens, behind + 1);
		if (behind >= date->first)
			return true;
	}
	return false;
}

/* --- together --- */

/* The same figures read in Greenwich: what clock_local() gives for UTC. */
static bool utc(const struct date *date, const struct clock_time *clock, int64_t *ret_time, struct error *err)
{
	char text[64];

	snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", date->year, date->month, date->day, clock->hour, clock->minute,
	    clock->second);
	return clock_parse(text, ret_time, err);
}

static bool locate(const struct date *date, const struct clock_time *clock, int64_t *ret_time, struct error *err)
{
	int64_t as_utc, local;

	if (!utc(date, clock, &as_utc, err))
		return error_set(err, ERROR_INVALID, "there is no %d-%02d-%02d %02d:%02d:%02d", date->year, date->month, date->day, clock->hour,
		    clock->minute, clock->second);
	if (clock->has_zone) {
		*ret_time = as_utc - clock->offset * 60;
		return true;
	}
	if (!clock_local(date->year, date->month, date->day, clock->hour, clock->minute, clock->second, &local, err))
		return false;
	for (const int *meaning = clock->meanings; meaning != NULL; meaning++) {
		if (*meaning == 0)
			return error_set(err, ERROR_INVALID, "the zone \"%s\" has several meanings, and --timezone has none of them", clock->zone);
		if (as_utc - local == *meaning * 60)
			break;
	}
	*ret_time = local;
	return true;
}

bool printed_time_find(const char *text, struct printed_time *ret_time, struct error *err)
{
	struct token *tokens = calloc(TOKENS_SIZE, sizeof *tokens);
	struct clock_time clock = { 0 };
	struct printed_time found = { 0 };
	struct date date = { 0 };
	bool fine = false;

	if (tokens == NULL)
		memory_exhausted();
	if (!find_date(tokens, printed_tokens(text, tokens), &date)) {
		error_set(err, ERROR_NOT_FOUND, "no date");
	} else if (date.doubt != NULL) {
		error_set(err, ERROR_INVALID, "the date \"%.*s\" could be read in two ways: %s",
		    (int)(tokens[date.behind - 1].end - tokens[date.first].start), text + tokens[date.first].start, date.doubt);
	} else {
		found.has_clock = find_clock(tokens, &date, &clock);
		if (!found.has_clock)
			clock = (struct clock_time){ .first = date.first, .behind = date.behind };
		fine = locate(&date, &clock, &found.time, err);
		found.start = tokens[clock.first < date.first ? clock.first : date.first].start;
		found.end = tokens[(clock.behind > date.behind ? clock.behind : date.behind) - 1].end;
	}
	free(tokens);
	if (fine)
		*ret_time = found;
	return fine;
}

bool printed_time_metadata(const char *text, int64_t *ret_time, struct error *err)
{
	struct printed_time printed;

	if (clock_parse(text, ret_time, err))
		return true;
	if (!printed_time_find(text, &printed, err))
		return false;
	*ret_time = printed.time;
	return true;
}
