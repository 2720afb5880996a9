/* SPDX-License-Identifier: MIT */
/* Times as pages print them, read in the site's zone, which is Toronto's here; and those that must not be read at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "import/printed_time.h"

struct reading {
	const char *text, *time;      /* in UTC */
	bool has_clock;
};

static const struct reading readings[] = {
	{ "The Canadian Press, 31 Dec, 2015 12:20 PM", "2015-12-31T17:20:00Z", true },
	{ "December 31, 2015 12:20 p.m. ET", "2015-12-31T17:20:00Z", true },
	{ "31 December 2015, 12.20", "2015-12-31T17:20:00Z", true },
	{ "2015-12-31 12:20", "2015-12-31T17:20:00Z", true },
	{ "Thursday, December 31, 2015", "2015-12-31T05:00:00Z", false },
	{ "The Quay Ledger | March 4, 2026 at 9:05 a.m.", "2026-03-04T14:05:00Z", true },
	{ "July 4, 2026 at 9:05 a.m.", "2026-07-04T13:05:00Z", true },
	{ "Publié le 12 mai 2026 à 8 h 30", "2026-05-12T12:30:00Z", true },
	{ "1er janvier 2016", "2016-01-01T05:00:00Z", false },
	{ "31 de diciembre de 2015 a las 14:05", "2015-12-31T19:05:00Z", true },
	{ "31. Dezember 2015, 14:05 Uhr", "2015-12-31T19:05:00Z", true },
	{ "3. März 2016", "2016-03-03T05:00:00Z", false },
	{ "31/12/2015 10:00", "2015-12-31T15:00:00Z", true },
	{ "12/31/2015", "2015-12-31T05:00:00Z", false },
	{ "05.05.2015", "2015-05-05T04:00:00Z", false },
	{ "12:20 PM EST, Thu Dec 31 2015", "2015-12-31T17:20:00Z", true },
	{ "9:45 p.m. on January 27, 2026", "2026-01-28T02:45:00Z", true },
	{ "Mon, 18 Nov 2019 20:51:19 GMT", "2019-11-18T20:51:19Z", true },
	{ "By A. Writer 2019-11-18T20:51:19Z Science", "2019-11-18T20:51:19Z", true },
	{ "2019-11-18T20:51:19.123+0100", "2019-11-18T19:51:19Z", true },
	{ "December 31, 2015 9:20 a.m. PST", "2015-12-31T17:20:00Z", true },
	{ "12:00 AM, 1 Jan 2016", "2016-01-01T05:00:00Z", true },
	{ "12 PM, 1 Jan 2016", "2016-01-01T17:00:00Z", true },
	{ "Dec. 31, 2015 | 9 p.m.", "2016-01-01T02:00:00Z", true },
	{ "7 Feb, 2026 6:45 AM Updated 8 Feb, 2026 7:00 AM", "2026-02-07T11:45:00Z", true },
	{ "2015年12月31日 12時20分", "2015-12-31T17:20:00Z", true },
	{ "31\xC2\xA0" "December\xC2\xA0" "2015", "2015-12-31T05:00:00Z", false },
};

static void printed_times_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++) {
		char time[CLOCK_RFC3339_SIZE];
		struct printed_time printed;
		struct error err;

		if (!printed_time_find(readings[i].text, &printed, &err))
			fail_msg("%s: %s", readings[i].text, err.detail);
		assert_string_equal(clock_rfc3339(printed.time, time), readings[i].time);
		assert_int_equal(printed.has_clock, readings[i].has_clock);
		assert_true(printed.start < printed.end && printed.end <= strlen(readings[i].text));
	}
}

static void doubtful_times_are_refused(void **state)
{
	static const char *const texts[] = { "03/04/2015", "3.4.2015", "12-11-2015 10:00", "31 Feb 2015", "9:45 p.m. BST January 27, 2026",
		"January 27, 2026, 9:45 p.m. PT", "January 27, 2026 10:00 IST", "2016-03-13 02:30", "2015-02-30", NULL };

	(void)state;
	for (size_t i = 0; texts[i] != NULL; i++) {
		struct printed_time printed = { .time = 42 };
		struct error err;

		if (printed_time_find(texts[i], &printed, &err))
			fail_msg("%s was read", texts[i]);
		assert_int_equal(err.code, ERROR_INVALID);
		assert_int_equal(printed.time, 42);
	}
}

static void other_figures_are_no_dates(void **state)
{
	static const char *const texts[] = { "", "31 Dec", "December 2015", "31/12", "in the 2015 season of 12 May", "Dec. 30 deadline",
		"99.99.2015", "2015", "a share of 12 mar 20 per cent", "31 Dec 15", "May 4", NULL };

	(void)state;
	for (size_t i = 0; texts[i] != NULL; i++) {
		struct printed_time printed;
		struct error err;

		if (printed_time_find(texts[i], &printed, &err))
			fail_msg("%s was read", texts[i]);
		assert_int_equal(err.code, ERROR_NOT_FOUND);
	}
}

static void metadata_without_offset_is_local(void **state)
{
	int64_t time;
	struct error err;

	(void)state;
	assert_true(printed_time_metadata("2015-12-31T12:20:00", &time, &err));
	assert_int_equal(time, 1451582400);
	assert_true(printed_time_metadata("2015-12-31T12:20:00-05:00", &time, &err));
	assert_int_equal(time, 1451582400);
	assert_true(printed_time_metadata("2015-12-31", &time, &err));
	assert_int_equal(time, 1451538000);
	assert_false(printed_time_metadata("yesterday", &time, &err));
}

static int set_zone(void **state)
{
	struct error err;

	(void)state;
	return clock_set_timezone("America/Toronto", &err) ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printed_times_are_read), cmocka_unit_test(doubtful_times_are_refused), cmocka_unit_test(other_figures_are_no_dates),
		cmocka_unit_test(metadata_without_offset_is_local),
	};

	return cmocka_run_group_tests(tests, set_zone, NULL);
}
