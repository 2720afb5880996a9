/* SPDX-License-Identifier: MIT */
/*
 * Time in, time text out. Times are Unix seconds (int64_t, UTC); TIME_NONE says "there is none".
 * RFC 3339 for JSON, IMF-fixdate (RFC 9110 5.6.7) for HTTP. Printed local times are read in the one zone
 * set at start (--timezone), from the system's zone files.
 */
#ifndef BROADSHEET_CLOCK_H
#define BROADSHEET_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

#define TIME_NONE INT64_MIN
enum { CLOCK_RFC3339_SIZE = 32, CLOCK_HTTP_SIZE = 32 };

int64_t clock_now(void);                          /* wall clock, Unix seconds */
int64_t clock_monotonic_us(void);                 /* for durations and deadlines; not replaceable */
int64_t clock_thread_us(void);                    /* of processor that this thread has used: for bounds that others' load must not touch */
void clock_replace(int64_t (*now)(void));         /* tests only; NULL puts the real one back */

/* Call once, before threads start. `zone` is an IANA name such as "America/Toronto". ERROR_INVALID when the system does not know it. */
bool clock_set_timezone(const char *zone, struct error *err);

/* "2015-12-31T17:20:00Z" into `ret_text`. Years 0000 to 9999. */
char *clock_rfc3339(int64_t time, char ret_text[CLOCK_RFC3339_SIZE]);
char *clock_http(int64_t time, char ret_text[CLOCK_HTTP_SIZE]);

/* An RFC 3339 time with an offset, or a plain date (midnight in the zone). A time without offset is refused, fractions are cut off. */
bool clock_parse(const char *text, int64_t *ret_time, struct error *err);
bool clock_parse_http(const char *text, int64_t *ret_time);

/* A time as printed on a page, in the zone. Refuses what the calendar or the zone does not have (31 April, 02:30 on a spring night);
 * of an hour that comes twice in autumn it takes the first. month 1-12. */
bool clock_local(int year, int month, int day, int hour, int minute, int second, int64_t *ret_time, struct error *err);

/* The other way round: what a clock on the wall in the zone shows at `time`. Years 0000 to 9999. */
struct clock_parts {
	int year, month, day, hour, minute, second;    /* month 1-12, day 1-31 */
};
struct clock_parts clock_local_parts(int64_t time);

/* An ISO 8601 duration of weeks, days, hours, minutes, seconds ("P30D", "PT6H", "P2W") in seconds; at most 100 years. */
bool clock_parse_duration(const char *text, int64_t *ret_seconds, struct error *err);

#endif
