/* SPDX-License-Identifier: MIT */
/*
 * Days and dates by the proleptic Gregorian calendar, in UTC, as RFC 3339 uses it: pure arithmetic, no zone, no lock.
 *
 * A year is counted from March, so that the leap day comes last and the lengths of the months before it follow one
 * formula; 400 years always have the same number of days.
 */
#include "base_internal.h"

enum { SECONDS_A_DAY = 86400, DAYS_IN_400_YEARS = 146097, DAYS_TO_1970 = 719468 /* from 1 March of the year 0 */ };

static int64_t floor_divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int calendar_days_in_month(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

int64_t calendar_time(int64_t year, int month, int day, int hour, int minute, int second)
{
	int64_t years = month > 2 ? year : year - 1;
	int64_t cycle = floor_divide(years, 400), year_of_cycle = years - cycle * 400;
	int64_t months = (month + 9) % 12; /* since March */
	int64_t day_of_year = (153 * months + 2) / 5 + day - 1;
	int64_t day_of_cycle = year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
	int64_t days = cycle * DAYS_IN_400_YEARS + day_of_cycle - DAYS_TO_1970;

	return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

struct calendar calendar_of(int64_t time)
{
	int64_t days = floor_divide(time, SECONDS_A_DAY), second_of_day = time - days * SECONDS_A_DAY;
	int64_t since_march_0 = days + DAYS_TO_1970;
	int64_t cycle = floor_divide(since_march_0, DAYS_IN_400_YEARS);
	int64_t day_of_cycle = since_march_0 - cycle * DAYS_IN_400_YEARS;
	int64_t year_of_cycle =
	    (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36524 - day_of_cycle / 146096) / 365;
	int64_t day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
	int64_t months = (5 * day_of_year + 2) / 153;
	int month = (int)(months < 10 ? months + 3 : months - 9);

	return (struct calendar){
		.year = cycle * 400 + year_of_cycle + (month <= 2),
		.month = month,
		.day = (int)(day_of_year - (153 * months + 2) / 5 + 1),
		.hour = (int)(second_of_day / 3600),
		.minute = (int)(second_of_day / 60 % 60),
		.second = (int)(second_of_day % 60),
		.weekday = (int)(((days + 4) % 7 + 7) % 7), /* 1 January 1970 was a Thursday */
	};
}
