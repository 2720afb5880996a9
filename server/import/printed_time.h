/* SPDX-License-Identifier: MIT */
/*
 * Dates and times as pages print them: "31 Dec, 2015 12:20 PM", "March 4, 2026 at 9:05 a.m.", "12 mai 2026 à 8 h 30".
 */
#ifndef BROADSHEET_PRINTED_TIME_H
#define BROADSHEET_PRINTED_TIME_H

#include "clock.h"
#include "error.h"

struct printed_time {
	int64_t time;                 /* in UTC; what names no zone of its own was read in the site's */
	bool has_clock;               /* false: a date only, read as midnight */
	size_t start, end;            /* where in the text it stands */
};

/* The first date of a line, with the time beside it. ERROR_NOT_FOUND when there is none; ERROR_INVALID when there is one that could
 * be read in two ways (03/04/2015, a zone abbreviation of several meanings) or that the calendar does not have: never guessed. */
bool printed_time_find(const char *text, struct printed_time *ret_time, struct error *err);

/* A machine's time out of a page's metadata: RFC 3339, ISO 8601 without an offset (read in the site's zone), or a printed one. */
bool printed_time_metadata(const char *text, int64_t *ret_time, struct error *err);

#endif
