/* SPDX-License-Identifier: MIT */
/*
 * What time it is, and the texts that times are written as and read from.
 *
 * Everything is Unix seconds in UTC. Writing and reading RFC 3339 and HTTP dates is arithmetic (calendar.c). Only the
 * local times of printed pages and plain dates need the zone, which the C library looks up: the zone is set once at
 * start as the process's TZ, and clock_local() asks localtime_r() for the offsets in force a day before and a day
 * after, then keeps the moment that reads back as what was asked for. mktime() would not do: it silently moves a time
 * that the zone skips, and guesses which of two equal hours is meant.
 *
 * The readers are strict: what RFC 3339 does not allow is refused with the reason, and no zone is ever guessed.
 */
#include "clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base_internal.h"

enum { SECONDS_A_DAY = 86400, DURATION_DAYS_MOST = 36525 };

static const char month_names[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
	"Dec" };
static const char day_names[][10] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" };

/* --- now --- */

static int64_t system_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

static int64_t (*_Atomic now_function)(void) = system_now;

int64_t clock_now(void)
{
	return atomic_load_explicit(&now_function, memory_order_relaxed)();
}

void clock_replace(int64_t (*now)(void))
{
	atomic_store(&now_function, now == NULL ? system_now : now);
}

int64_t clock_monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_thread_us(void)
{
	struct timespec used;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

/* --- the zone --- */

/* A zone's name becomes part of a file's name: let nothing through that could lead out of the zones' folder. */
static bool zone_name_is_plain(const char *zone)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";

	return zone[0] != '\0' && zone[0] != '/' && zone[0] != '-' && strlen(zone) < 64
	    && strspn(zone, letters) == strlen(zone);
}

/* RFC 8536 3.1: a zone file begins with "TZif". The C library would take an unknown zone for UTC without a word. */
static bool zone_file_is_there(const char *zone)
{
	const char *folder = getenv("TZDIR");
	char path[512], magic[4] = "";
	FILE *file;
	bool is_zone;

	if (folder == NULL)
		folder = "/usr/share/zoneinfo";
	if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, zone) >= sizeof path)
		return false;
	file = fopen(path, "re");
	if (file == NULL)
		return false;

	is_zone = fread(magic, 1, sizeof magic, file) == sizeof magic && memcmp(magic, "TZif", 4) == 0;
	fclose(file);
	return is_zone;
}

/* UTC needs no zone file, so that a system without any still serves. */
bool zone_is_known(const char *zone)
{
	return strcmp(zone, "UTC") == 0 || (zone_name_is_plain(zone) && zone_file_is_there(zone));
}

bool clock_set_timezone(const char *zone, struct error *err)
{
	char setting[80] = "UTC0";

	if (!zone_is_known(zone))
		return error_set(err, ERROR_INVALID, "the system knows no time zone \"%.63s\"", zone);

	if (strcmp(zone, "UTC") != 0)
		snprintf(setting, sizeof setting, ":%s", zone);
	if (setenv("TZ", setting, /* overwrite= */ 1) != 0)
		memory_exhausted();
	tzset();
	return true;
}

/* The local time of a moment, written as if it were UTC: comparing two of them compares what the clocks on the wall showed. */
static int64_t wall_time(int64_t time)
{
	time_t moment = (time_t)time;
	struct tm local;

	if (localtime_r(&moment, &local) == NULL)
		return time;
	return calendar_time(
	    local.tm_year + INT64_C(1900), local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec);
}

/* The first moment at which the clocks on the wall show `wall`. False when they skip it. */
static bool moment_of_wall(int64_t wall, int64_t *ret_time)
{
	int64_t before = wall - SECONDS_A_DAY, after = wall + SECONDS_A_DAY;
	int64_t with_old = wall - (wall_time(before) - before), with_new = wall - (wall_time(after) - after);
	int64_t earlier = with_old < with_new ? with_old : with_new, later = with_old < with_new ? with_new : with_old;

	if (wall_time(earlier) == wall)
		*ret_time = earlier;
	else if (wall_time(later) == wall)
		*ret_time = later;
	else
		return false;
	return true;
}

static bool calendar_has(int64_t year, int month, int day)
{
	return year >= 0 && year <= 9999 && month >= 1 && month <= 12 && day >= 1
	    && day <= calendar_days_in_month(year, month);
}

bool clock_local(int year, int month, int day, int hour, int minute, int second, int64_t *ret_time, struct error *err)
{
	if (!calendar_has(year, month, day))
		return error_set(err, ERROR_INVALID, "the calendar has no such date");
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
		return error_set(err, ERROR_INVALID, "the day has no such time");
	if (!moment_of_wall(calendar_time(year, month, day, hour, minute, second), ret_time))
		return error_set(err, ERROR_INVALID, "the clocks skip this time in the site's time zone");
	return true;
}

/* Where a day begins: at midnight, or where the clocks skip midnight, at the first moment after it. */
static bool start_of_day(int64_t year, int month, int day, int64_t *ret_time, struct error *err)
{
	int64_t wall = calendar_time(year, month, day, 0, 0, 0);
	int64_t low = wall - SECONDS_A_DAY, high = wall + SECONDS_A_DAY;

	if (moment_of_wall(wall, ret_time))
		return true;

	/* The clocks jump over midnight once between low and high: halve until the jump is found. */
	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;

		if (wall_time(middle) >= wall)
			high = middle;
		else
			low = middle;
	}
	if (wall_time(high) >= wall + SECONDS_A_DAY)
		return error_set(err, ERROR_INVALID, "the site's time zone skips this date");
	*ret_time = high;
	return true;
}

/* --- writing --- */

static int64_t within_four_digit_years(int64_t time)
{
	const int64_t first = INT64_C(-62167219200), last = INT64_C(253402300799);

	return time < first ? first : time > last ? last : time;
}

char *clock_rfc3339(int64_t time, char ret_text[CLOCK_RFC3339_SIZE])
{
	struct calendar at = calendar_of(within_four_digit_years(time));

	snprintf(ret_text, CLOCK_RFC3339_SIZE, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)at.year, at.month, at.day,
	    at.hour, at.minute, at.second);
	return ret_text;
}

/* RFC 9110 5.6.7, IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT". */
char *clock_http(int64_t time, char ret_text[CLOCK_HTTP_SIZE])
{
	struct calendar at = calendar_of(within_four_digit_years(time));

	snprintf(ret_text, CLOCK_HTTP_SIZE, "%.3s, %02d %s %04d %02d:%02d:%02d GMT", day_names[at.weekday], at.day,
	    month_names[at.month - 1], (int)at.year, at.hour, at.minute, at.second);
	return ret_text;
}

struct clock_parts clock_local_parts(int64_t time)
{
	struct calendar at = calendar_of(within_four_digit_years(wall_time(within_four_digit_years(time))));

	return (struct clock_parts){ (int)at.year, at.month, at.day, at.hour, at.minute, at.second };
}

/* --- reading: each of these steps over what it has read --- */

static bool take_char(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

static bool take_string(const char **text, const char *string)
{
	size_t length = strlen(string);

	if (strncmp(*text, string, length) != 0)
		return false;
	*text += length;
	return true;
}

/* Exactly n digits. */
static bool take_digits(const char **text, int n, int *ret_value)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		char c = (*text)[i];

		if (c < '0' || c > '9')
			return false;
		value = value * 10 + (c - '0');
	}
	*text += n;
	*ret_value = value;
	return true;
}

static bool take_clock_time(const char **text, int *ret_hour, int *ret_minute, int *ret_second)
{
	return take_digits(text, 2, ret_hour) && take_char(text, ':') && take_digits(text, 2, ret_minute)
	    && take_char(text, ':') && take_digits(text, 2, ret_second) && *ret_hour <= 23 && *ret_minute <= 59
	    && *ret_second <= 60;
}

/* RFC 3339 5.6, time-secfrac. Cut off: the site counts whole seconds. */
static bool take_fraction(const char **text)
{
	if (!take_char(text, '.'))
		return true;
	if (**text < '0' || **text > '9')
		return false;
	*text += strspn(*text, "0123456789");
	return true;
}

/* RFC 3339 5.6, time-offset, in seconds east of UTC. */
static bool take_offset(const char **text, int *ret_offset)
{
	int hours, minutes, sign = **text == '-' ? -1 : 1;

	if (take_char(text, 'Z') || take_char(text, 'z')) {
		*ret_offset = 0;
		return true;
	}
	if (!(take_char(text, '+') || take_char(text, '-')) || !take_digits(text, 2, &hours) || !take_char(text, ':')
	    || !take_digits(text, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*ret_offset = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* RFC 3339 5.7: a minute has a 61st second only at the end of a month in UTC. It is the next day's first one here, as in Unix time. */
static bool leap_second_is_possible(int64_t time)
{
	struct calendar at = calendar_of(time);

	return at.day == 1 && at.hour == 0 && at.minute == 0;
}

static bool parse_time_of_date(const char *text, int year, int month, int day, int64_t *ret_time, struct error *err)
{
	int hour, minute, second, offset;
	int64_t time;

	if (!take_clock_time(&text, &hour, &minute, &second) || !take_fraction(&text))
		return error_set(err, ERROR_INVALID, "a time is written like 2015-12-31T17:20:00Z");
	if (*text == '\0')
		return error_set(err, ERROR_INVALID, "a time needs its zone: Z, or an offset such as -05:00");
	if (*text == ' ')
		return error_set(err, ERROR_INVALID, "an offset starts with + or - (in an address, + is written %%2B)");
	if (!take_offset(&text, &offset) || *text != '\0')
		return error_set(err, ERROR_INVALID, "a time ends with Z or an offset such as -05:00");

	time = calendar_time(year, month, day, hour, minute, second) - offset;
	if (second == 60 && !leap_second_is_possible(time))
		return error_set(err, ERROR_INVALID, "the day has no such time");
	if (time != within_four_digit_years(time))
		return error_set(err, ERROR_INVALID, "years go from 0000 to 9999");
	*ret_time = time;
	return true;
}

bool clock_parse(const char *text, int64_t *ret_time, struct error *err)
{
	int year, month, day;

	if (!take_digits(&text, 4, &year) || !take_char(&text, '-') || !take_digits(&text, 2, &month)
	    || !take_char(&text, '-') || !take_digits(&text, 2, &day)
	    || (*text != '\0' && *text != 'T' && *text != 't'))
		return error_set(
		    err, ERROR_INVALID, "a time is written like 2015-12-31T17:20:00Z, or as a date like 2015-12-31");
	if (!calendar_has(year, month, day))
		return error_set(err, ERROR_INVALID, "the calendar has no such date");
	if (*text == '\0')
		return start_of_day(year, month, day, ret_time, err);
	return parse_time_of_date(text + 1, year, month, day, ret_time, err);
}

/* --- HTTP dates --- */

static bool take_month_name(const char **text, int *ret_month)
{
	for (int i = 0; i < 12; i++)
		if (take_string(text, month_names[i])) {
			*ret_month = i + 1;
			return true;
		}
	return false;
}

/* The day of the week is not held against the date: it says nothing new. */
static bool take_day_name(const char **text, size_t letters)
{
	for (int i = 0; i < 7; i++) {
		char name[sizeof day_names[0]];

		snprintf(name, sizeof name, "%.*s", (int)letters, day_names[i]);
		if (take_string(text, name))
			return true;
	}
	return false;
}

struct http_date {
	int year, month, day, hour, minute, second;
};

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static bool read_imf_fixdate(const char *text, struct http_date *date)
{
	return take_day_name(&text, 3) && take_string(&text, ", ") && take_digits(&text, 2, &date->day)
	    && take_char(&text, ' ') && take_month_name(&text, &date->month) && take_char(&text, ' ')
	    && take_digits(&text, 4, &date->year) && take_char(&text, ' ')
	    && take_clock_time(&text, &date->hour, &date->minute, &date->second) && strcmp(text, " GMT") == 0;
}

/* "Sunday, 06-Nov-94 08:49:37 GMT". RFC 9110 5.6.7: a year that seems more than 50 years ahead is of the past century. */
static bool read_rfc850_date(const char *text, struct http_date *date)
{
	int this_year = (int)calendar_of(within_four_digit_years(clock_now())).year;

	if (!(take_day_name(&text, 9) && take_string(&text, ", ") && take_digits(&text, 2, &date->day)
		&& take_char(&text, '-') && take_month_name(&text, &date->month) && take_char(&text, '-')
		&& take_digits(&text, 2, &date->year) && take_char(&text, ' ')
		&& take_clock_time(&text, &date->hour, &date->minute, &date->second) && strcmp(text, " GMT") == 0))
		return false;

	date->year += this_year / 100 * 100;
	if (date->year > this_year + 50)
		date->year -= 100;
	return true;
}

/* "Sun Nov  6 08:49:37 1994" */
static bool read_asctime_date(const char *text, struct http_date *date)
{
	if (!take_day_name(&text, 3) || !take_char(&text, ' ') || !take_month_name(&text, &date->month)
	    || !take_char(&text, ' '))
		return false;
	if (take_char(&text, ' ') ? !take_digits(&text, 1, &date->day) : !take_digits(&text, 2, &date->day))
		return false;
	return take_char(&text, ' ') && take_clock_time(&text, &date->hour, &date->minute, &date->second)
	    && take_char(&text, ' ') && take_digits(&text, 4, &date->year) && *text == '\0';
}

bool clock_parse_http(const char *text, int64_t *ret_time)
{
	struct http_date date;

	if (!read_imf_fixdate(text, &date) && !read_rfc850_date(text, &date) && !read_asctime_date(text, &date))
		return false;
	if (!calendar_has(date.year, date.month, date.day))
		return false;
	*ret_time = calendar_time(date.year, date.month, date.day, date.hour, date.minute, date.second);
	return true;
}

/* --- durations --- */

/* Digits and then one of `units`, which stand in the order they may come in. Steps over both and says where in `units` it stood. */
static bool take_amount(const char **text, const char *units, int64_t *ret_amount, size_t *ret_unit)
{
	size_t digits = strspn(*text, "0123456789");
	const char *unit = (*text)[digits] == '\0' ? NULL : strchr(units, (*text)[digits]);
	int64_t amount = 0;

	if (digits == 0 || digits > 10 || unit == NULL)
		return false;
	for (size_t i = 0; i < digits; i++)
		amount = amount * 10 + ((*text)[i] - '0');
	*text += digits + 1;
	*ret_amount = amount;
	*ret_unit = (size_t)(unit - units);
	return true;
}

/* Adds up "2W" or "1DT12H30M": units must shrink, and those below a day follow a T. */
static bool take_duration(const char *text, int64_t *ret_seconds)
{
	static const char date_units[] = "WD", time_units[] = "HMS";
	static const int64_t date_seconds[] = { 7 * SECONDS_A_DAY, SECONDS_A_DAY }, time_seconds[] = { 3600, 60, 1 };
	int64_t amount, sum = 0;
	size_t next = 0, unit;

	while (*text != '\0' && *text != 'T') {
		if (!take_amount(&text, date_units + next, &amount, &unit))
			return false;
		sum += amount * date_seconds[next + unit];
		next += unit + 1;
	}
	if (*text == '\0') {
		*ret_seconds = sum;
		return next > 0;
	}

	text++;
	next = 0;
	while (*text != '\0') {
		if (!take_amount(&text, time_units + next, &amount, &unit))
			return false;
		sum += amount * time_seconds[next + unit];
		next += unit + 1;
	}
	*ret_seconds = sum;
	return next > 0;
}

bool clock_parse_duration(const char *text, int64_t *ret_seconds, struct error *err)
{
	int64_t seconds;

	if (text[0] != 'P' || !take_duration(text + 1, &seconds))
		return error_set(err, ERROR_INVALID,
		    "a duration is written in weeks, days, hours, minutes and seconds, like P30D, P2W or PT6H");
	if (seconds > (int64_t)DURATION_DAYS_MOST * SECONDS_A_DAY)
		return error_set(err, ERROR_INVALID, "a duration is at most 100 years");
	*ret_seconds = seconds;
	return true;
}
