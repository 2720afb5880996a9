/* SPDX-License-Identifier: MIT */
/* What the files of server/base/ share among themselves. */
#ifndef BROADSHEET_BASE_INTERNAL_H
#define BROADSHEET_BASE_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "log.h"
#include "memory.h"

/* The broken-down UTC time of `time`, by the proleptic Gregorian calendar. Pure: no zone, no lock. */
struct calendar {
	int64_t year;
	int month, day, hour, minute, second; /* month 1-12, day 1-31 */
	int weekday;                          /* 0: Sunday */
};
struct calendar calendar_of(int64_t time);

/* Unix time of a UTC date and time whose parts are in range. */
int64_t calendar_time(int64_t year, int month, int day, int hour, int minute, int second);
int calendar_days_in_month(int64_t year, int month);

/* Whether the system has a zone of this name. */
bool zone_is_known(const char *zone);

/* A log line from key, value, key, value, …, NULL. */
void log_pairs(enum log_level level, const char *event, const char *const *pairs);

#endif
