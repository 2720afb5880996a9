/* SPDX-License-Identifier: MIT */
/* Times: RFC 3339 and HTTP dates in all their forms and refusals, durations, and the nights on which clocks are changed. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "server/base/base_internal.h"

#define N_OF(array) (sizeof(array) / sizeof(array)[0])

static void set_zone(const char *zone)
{
	struct error err;

	if (!clock_set_timezone(zone, &err))
		fail_msg("%s: %s", zone, err.detail);
}

static int64_t fixed_now(void)
{
	return 1451582400; /* 2015-12-31T17:20:00Z */
}

static void test_now_is_replaceable(void **state)
{
	int64_t before = clock_monotonic_us();

	(void)state;
	clock_replace(fixed_now);
	assert_int_equal(clock_now(), 1451582400);
	clock_replace(NULL);
	assert_true(clock_now() > 1700000000);
	assert_true(clock_monotonic_us() >= before);
}

static void *work(void *arg)
{
	int64_t before = clock_thread_us();

	while (clock_thread_us() - before < 200000)
		continue;
	return arg;
}

/* What others do meanwhile, on a busy machine, is none of it. */
static void test_thread_time_is_its_own(void **state)
{
	int64_t before = clock_thread_us(), before_all = clock_monotonic_us();
	pthread_t other;

	(void)state;
	assert_int_equal(pthread_create(&other, NULL, work, NULL), 0);
	assert_int_equal(pthread_join(other, NULL), 0);
	assert_true(clock_monotonic_us() - before_all >= 200000);
	assert_true(clock_thread_us() - before < 150000);
}

static void test_writing(void **state)
{
	static const struct {
		int64_t time;
		const char *rfc3339, *http;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT" },
		{ -1, "1969-12-31T23:59:59Z", "Wed, 31 Dec 1969 23:59:59 GMT" },
		{ 784111777, "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT" },
		{ 951827696, "2000-02-29T12:34:56Z", "Tue, 29 Feb 2000 12:34:56 GMT" },
		{ 1451582400, "2015-12-31T17:20:00Z", "Thu, 31 Dec 2015 17:20:00 GMT" },
		{ INT64_C(4107542400), "2100-03-01T00:00:00Z", "Mon, 01 Mar 2100 00:00:00 GMT" },
		{ INT64_C(253402300799), "9999-12-31T23:59:59Z", "Fri, 31 Dec 9999 23:59:59 GMT" },
		{ INT64_C(253402300800), "9999-12-31T23:59:59Z", "Fri, 31 Dec 9999 23:59:59 GMT" },
		{ INT64_C(-62167219200), "0000-01-01T00:00:00Z", "Sat, 01 Jan 0000 00:00:00 GMT" },
		{ TIME_NONE, "0000-01-01T00:00:00Z", "Sat, 01 Jan 0000 00:00:00 GMT" },
		{ INT64_MAX, "9999-12-31T23:59:59Z", "Fri, 31 Dec 9999 23:59:59 GMT" },
	};
	char text[CLOCK_RFC3339_SIZE];

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		assert_string_equal(clock_rfc3339(cases[i].time, text), cases[i].rfc3339);
		assert_string_equal(clock_http(cases[i].time, text), cases[i].http);
	}
}

/* Our arithmetic against the C library's, over 20,000 years in uneven steps. */
static void test_calendar_agrees_with_the_c_library(void **state)
{
	(void)state;
	for (int64_t time = INT64_C(-377705116800); time < INT64_C(253402300800); time += 86400 * 97 + 3607) {
		time_t moment = (time_t)time;
		struct calendar at = calendar_of(time);
		struct tm tm;

		assert_non_null(gmtime_r(&moment, &tm));
		assert_int_equal(at.year, tm.tm_year + INT64_C(1900));
		assert_int_equal(at.month, tm.tm_mon + 1);
		assert_int_equal(at.day, tm.tm_mday);
		assert_int_equal(
		    at.hour * 3600 + at.minute * 60 + at.second, tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec);
		assert_int_equal(at.weekday, tm.tm_wday);
		assert_int_equal(calendar_time(at.year, at.month, at.day, at.hour, at.minute, at.second), time);
	}
}

static void test_reading(void **state)
{
	static const struct {
		const char *text;
		int64_t time;
	} cases[] = {
		{ "2015-12-31T17:20:00Z", 1451582400 },
		{ "2015-12-31t17:20:00z", 1451582400 },
		{ "2015-12-31T12:20:00-05:00", 1451582400 },
		{ "2015-12-31T22:50:00+05:30", 1451582400 },
		{ "2016-01-01T17:19:00+23:59", 1451582400 },
		{ "2015-12-31T17:20:00-00:00", 1451582400 },
		{ "2015-12-31T17:20:00.9Z", 1451582400 },
		{ "2015-12-31T17:20:00.123456789012345678901234567890+00:00", 1451582400 },
		{ "1969-12-31T23:59:59.999Z", -1 },
		{ "2000-02-29T00:00:00Z", 951782400 },
		{ "0000-01-01T00:00:00Z", INT64_C(-62167219200) },
		{ "9999-12-31T23:59:59Z", INT64_C(253402300799) },
		{ "2016-12-31T23:59:60Z", 1483228800 }, /* a leap second: the next day's first in Unix time */
		{ "2016-12-31T18:59:60-05:00", 1483228800 },
		{ "1970-01-01", 0 },
		{ "2015-12-31", 1451520000 },
	};
	struct error err;

	(void)state;
	set_zone("UTC");
	for (size_t i = 0; i < N_OF(cases); i++) {
		int64_t time = 42;

		if (!clock_parse(cases[i].text, &time, &err))
			fail_msg("%s: %s", cases[i].text, err.detail);
		if (time != cases[i].time)
			fail_msg("%s is read as %lld", cases[i].text, (long long)time);
	}
}

static void test_refusals(void **state)
{
	static const struct {
		const char *text, *reason;
	} cases[] = {
		{ "", "is written like" },
		{ "yesterday", "is written like" },
		{ "2015", "is written like" },
		{ "2015-12", "is written like" },
		{ "15-12-31", "is written like" },
		{ "2015-1-01", "is written like" },
		{ "2015-12-31x", "is written like" },
		{ "2015-12-31 17:20:00Z", "is written like" },
		{ " 2015-12-31", "is written like" },
		{ "+2015-12-31", "is written like" },
		{ "-015-12-31", "is written like" },
		{ "20151231T172000Z", "is written like" },
		{ "1451582400", "is written like" },
		{ "2015-13-01", "no such date" },
		{ "2015-00-01", "no such date" },
		{ "2015-04-31", "no such date" },
		{ "2015-02-29T00:00:00Z", "no such date" },
		{ "2100-02-29", "no such date" },
		{ "2015-12-00", "no such date" },
		{ "2015-12-31T", "is written like" },
		{ "2015-12-31T17", "is written like" },
		{ "2015-12-31T17:20", "is written like" },
		{ "2015-12-31T17:20Z", "is written like" },
		{ "2015-12-31T24:00:00Z", "is written like" },
		{ "2015-12-31T17:60:00Z", "is written like" },
		{ "2015-12-31T17:20:61Z", "is written like" },
		{ "2015-12-31T17:20:00.Z", "is written like" },
		{ "2015-12-31T17:20:00,5Z", "ends with Z" },
		{ "2015-12-31T17:20:00", "needs its zone" },
		{ "2015-12-31T17:20:00.5", "needs its zone" },
		{ "2015-12-31T17:20:00 05:00", "%2B" }, /* a + that an address turned into a space */
		{ "2015-12-31T17:20:00EST", "ends with Z" },
		{ "2015-12-31T17:20:00+0500", "ends with Z" },
		{ "2015-12-31T17:20:00+05", "ends with Z" },
		{ "2015-12-31T17:20:00+24:00", "ends with Z" },
		{ "2015-12-31T17:20:00+05:60", "ends with Z" },
		{ "2015-12-31T17:20:00Z ", "ends with Z" },
		{ "2015-12-31T17:20:00ZZ", "ends with Z" },
		{ "2015-12-31T17:20:60Z", "no such time" }, /* leap seconds end a month */
		{ "2015-12-30T23:59:60Z", "no such time" },
		{ "0000-01-01T00:00:00+00:01", "years go" },
		{ "9999-12-31T23:59:59-00:01", "years go" },
	};
	struct error err;

	(void)state;
	set_zone("UTC");
	for (size_t i = 0; i < N_OF(cases); i++) {
		int64_t time = 42;

		if (clock_parse(cases[i].text, &time, &err))
			fail_msg("\"%s\" is read as %lld", cases[i].text, (long long)time);
		if (strstr(err.detail, cases[i].reason) == NULL)
			fail_msg("\"%s\" is refused as \"%s\"", cases[i].text, err.detail);
		assert_int_equal(err.code, ERROR_INVALID);
		assert_int_equal(time, 42);
	}
}

static void test_http_dates(void **state)
{
	static const struct {
		const char *text;
		int64_t time; /* TIME_NONE: refused */
	} cases[] = {
		{ "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", 784111777 },
		{ "Sun Nov  6 08:49:37 1994", 784111777 },
		{ "Sun Nov 16 08:49:37 1994", 784975777 },
		{ "Wednesday, 31-Dec-15 17:20:00 GMT", 1451582400 },
		{ "Friday, 31-Dec-65 00:00:00 GMT", INT64_C(3029443200) }, /* 50 years ahead of 2015 */
		{ "Friday, 31-Dec-66 00:00:00 GMT", -94780800 },           /* 51 */
		{ "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
		{ "Fri, 31 Dec 9999 23:59:59 GMT", INT64_C(253402300799) },
		{ "", TIME_NONE },
		{ "0", TIME_NONE },
		{ "Sun, 06 Nov 1994 08:49:37", TIME_NONE },
		{ "Sun, 06 Nov 1994 08:49:37 UTC", TIME_NONE },
		{ "Sun, 06 Nov 1994 08:49:37 GMT ", TIME_NONE },
		{ "Sun, 06 Nov 1994 08:49:37 +0000", TIME_NONE },
		{ "sun, 06 nov 1994 08:49:37 gmt", TIME_NONE },
		{ "Sun, 6 Nov 1994 08:49:37 GMT", TIME_NONE },
		{ "Sun, 31 Nov 1994 08:49:37 GMT", TIME_NONE },
		{ "Sun, 06 Nov 1994 24:49:37 GMT", TIME_NONE },
		{ "Sun, 06 Nov 94 08:49:37 GMT", TIME_NONE },
		{ "Sun, 06-Nov-94 08:49:37 GMT", TIME_NONE },
		{ "Son, 06 Nov 1994 08:49:37 GMT", TIME_NONE },
		{ "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT", TIME_NONE },
		{ "Sun Nov 6 08:49:37 1994", TIME_NONE },
		{ "Sun Nov  6 08:49:37 1994 GMT", TIME_NONE },
		{ "1994-11-06T08:49:37Z", TIME_NONE },
	};

	(void)state;
	clock_replace(fixed_now);
	for (size_t i = 0; i < N_OF(cases); i++) {
		int64_t time = TIME_NONE;
		bool read = clock_parse_http(cases[i].text, &time);

		if (time != cases[i].time || read != (time != TIME_NONE))
			fail_msg("\"%s\" is read as %lld", cases[i].text, (long long)time);
	}
	clock_replace(NULL);
}

static void test_what_is_written_is_read(void **state)
{
	char text[CLOCK_RFC3339_SIZE];
	struct error err;

	(void)state;
	for (int64_t time = INT64_C(-62167219200); time <= INT64_C(253402300799); time += 86400 * 3001 + 7919) {
		int64_t back = TIME_NONE;

		assert_true(clock_parse(clock_rfc3339(time, text), &back, &err));
		assert_int_equal(back, time);
		assert_true(clock_parse_http(clock_http(time, text), &back));
		assert_int_equal(back, time);
	}
}

/* Local times: what the zone has not is refused, of an hour that comes twice the first is taken. */
static void test_local_times(void **state)
{
	static const struct {
		const char *zone;
		int year, month, day, hour, minute;
		const char *utc; /* NULL: refused */
	} cases[] = {
		{ "America/Toronto", 2015, 12, 31, 12, 20, "2015-12-31T17:20:00Z" },
		{ "America/Toronto", 2015, 7, 1, 12, 20, "2015-07-01T16:20:00Z" },
		{ "America/Toronto", 2015, 3, 8, 1, 59, "2015-03-08T06:59:00Z" },
		{ "America/Toronto", 2015, 3, 8, 2, 0, NULL },
		{ "America/Toronto", 2015, 3, 8, 2, 30, NULL },
		{ "America/Toronto", 2015, 3, 8, 2, 59, NULL },
		{ "America/Toronto", 2015, 3, 8, 3, 0, "2015-03-08T07:00:00Z" },
		{ "America/Toronto", 2015, 11, 1, 0, 59, "2015-11-01T04:59:00Z" },
		{ "America/Toronto", 2015, 11, 1, 1, 0, "2015-11-01T05:00:00Z" }, /* twice */
		{ "America/Toronto", 2015, 11, 1, 1, 59, "2015-11-01T05:59:00Z" },
		{ "America/Toronto", 2015, 11, 1, 2, 0, "2015-11-01T07:00:00Z" },
		{ "America/Toronto", 1950, 6, 15, 9, 0, "1950-06-15T13:00:00Z" },
		{ "UTC", 2015, 3, 8, 2, 30, "2015-03-08T02:30:00Z" },
		{ "Asia/Kolkata", 2015, 12, 31, 22, 50, "2015-12-31T17:20:00Z" },
		{ "Asia/Kathmandu", 2015, 12, 31, 0, 0, "2015-12-30T18:15:00Z" },
		{ "Australia/Lord_Howe", 2015, 10, 4, 2, 15, NULL }, /* half an hour */
		{ "Australia/Lord_Howe", 2015, 4, 5, 1, 45, "2015-04-04T14:45:00Z" },
		{ "Europe/Dublin", 2015, 10, 25, 1, 30,
		    "2015-10-25T00:30:00Z" }, /* winter time is the exception there */
		{ "Europe/Moscow", 2014, 10, 26, 1, 30,
		    "2014-10-25T21:30:00Z" }, /* twice, though no summer time ended */
		{ "Pacific/Apia", 2011, 12, 29, 23, 59, "2011-12-30T09:59:00Z" },
		{ "Pacific/Apia", 2011, 12, 30, 12, 0, NULL }, /* a whole day */
		{ "Pacific/Apia", 2011, 12, 31, 0, 0, "2011-12-30T10:00:00Z" },
		{ "UTC", 2015, 2, 29, 0, 0, NULL },
		{ "UTC", 2015, 4, 31, 0, 0, NULL },
		{ "UTC", 2015, 13, 1, 0, 0, NULL },
		{ "UTC", 2015, 0, 1, 0, 0, NULL },
		{ "UTC", 2015, 1, 0, 0, 0, NULL },
		{ "UTC", 2015, 1, 1, 24, 0, NULL },
		{ "UTC", 2015, 1, 1, 0, 60, NULL },
		{ "UTC", 2015, 1, 1, -1, 0, NULL },
		{ "UTC", 10000, 1, 1, 0, 0, NULL },
		{ "UTC", -1, 1, 1, 0, 0, NULL },
		{ "UTC", INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, NULL },
	};
	char text[CLOCK_RFC3339_SIZE];
	struct error err;

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		int64_t time;
		bool read;

		set_zone(cases[i].zone);
		read = clock_local(
		    cases[i].year, cases[i].month, cases[i].day, cases[i].hour, cases[i].minute, 0, &time, &err);
		if (read != (cases[i].utc != NULL))
			fail_msg("case %zu: %s", i, read ? "was not refused" : err.detail);
		if (read)
			assert_string_equal(clock_rfc3339(time, text), cases[i].utc);
	}
	set_zone("UTC");
}

/* A plain date begins at midnight, or where the clocks skip midnight, with the first moment after. */
static void test_dates_in_zones(void **state)
{
	static const struct {
		const char *zone, *date, *utc; /* utc NULL: refused */
	} cases[] = {
		{ "America/Toronto", "2015-12-31", "2015-12-31T05:00:00Z" },
		{ "America/Toronto", "2015-03-08", "2015-03-08T05:00:00Z" },
		{ "America/Toronto", "2015-03-09", "2015-03-09T04:00:00Z" },
		{ "America/Sao_Paulo", "2015-10-18", "2015-10-18T03:00:00Z" }, /* begins at 01:00 */
		{ "America/Havana", "2015-11-01", "2015-11-01T04:00:00Z" },    /* midnight comes twice */
		{ "Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z" },
		{ "Pacific/Apia", "2011-12-30", NULL },
		{ "Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z" },
	};
	char text[CLOCK_RFC3339_SIZE];
	struct error err;

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		int64_t time;
		bool read;

		set_zone(cases[i].zone);
		read = clock_parse(cases[i].date, &time, &err);
		if (read != (cases[i].utc != NULL))
			fail_msg("%s in %s: %s", cases[i].date, cases[i].zone, read ? "was not refused" : err.detail);
		if (read)
			assert_string_equal(clock_rfc3339(time, text), cases[i].utc);
	}
	set_zone("UTC");
}

static void test_local_parts(void **state)
{
	struct clock_parts at;

	(void)state;
	set_zone("America/Toronto");
	at = clock_local_parts(1451582401);
	assert_int_equal(at.year, 2015);
	assert_int_equal(at.month, 12);
	assert_int_equal(at.day, 31);
	assert_int_equal(at.hour, 12);
	assert_int_equal(at.minute, 20);
	assert_int_equal(at.second, 1);
	at = clock_local_parts(TIME_NONE);
	assert_int_equal(at.year, 0);
	set_zone("UTC");
}

static void test_unknown_zones(void **state)
{
	static const char *const zones[] = { "", "Mars/Olympus", "EST5EDT4", "../../../etc/passwd", "/etc/passwd",
		"America/../America/Toronto", "zone.tab", "America", ":UTC", "utc0", "-05:00", "America/Toronto ",
		"America/Toronto\n" };
	struct error err;
	int64_t time;

	(void)state;
	set_zone("America/Toronto");
	for (size_t i = 0; i < N_OF(zones); i++) {
		if (clock_set_timezone(zones[i], &err))
			fail_msg("\"%s\" was taken", zones[i]);
		assert_int_equal(err.code, ERROR_INVALID);
	}

	/* the zone set before stays */
	assert_true(clock_parse("2015-12-31", &time, &err));
	assert_int_equal(time, 1451538000);
	set_zone("UTC");
}

static void test_durations(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds; /* -1: refused */
	} cases[] = {
		{ "P30D", 30 * 86400 },
		{ "PT6H", 6 * 3600 },
		{ "P2W", 14 * 86400 },
		{ "P1W2DT3H4M5S", 9 * 86400 + 3 * 3600 + 4 * 60 + 5 },
		{ "PT90M", 5400 },
		{ "PT0S", 0 },
		{ "P0007D", 7 * 86400 },
		{ "P36525D", INT64_C(36525) * 86400 },
		{ "P36525DT1S", -1 },
		{ "P5218W", -1 },
		{ "P9999999999W", -1 },
		{ "P99999999999D", -1 },
		{ "", -1 },
		{ "P", -1 },
		{ "PT", -1 },
		{ "P1DT", -1 },
		{ "30D", -1 },
		{ "P30", -1 },
		{ "PD", -1 },
		{ "P1Y", -1 },
		{ "P1M", -1 },
		{ "P1H", -1 },
		{ "PT1D", -1 },
		{ "P1D1W", -1 },
		{ "P1D1D", -1 },
		{ "PT1S1M", -1 },
		{ "PT1HT1M", -1 },
		{ "P1.5D", -1 },
		{ "P-1D", -1 },
		{ "-P1D", -1 },
		{ "p1d", -1 },
		{ "P1D ", -1 },
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		int64_t seconds = -1;
		bool read = clock_parse_duration(cases[i].text, &seconds, &err);

		if (seconds != cases[i].seconds || read != (seconds >= 0))
			fail_msg("\"%s\" is read as %lld", cases[i].text, (long long)seconds);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_now_is_replaceable),
		cmocka_unit_test(test_thread_time_is_its_own),
		cmocka_unit_test(test_writing),
		cmocka_unit_test(test_calendar_agrees_with_the_c_library),
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_http_dates),
		cmocka_unit_test(test_what_is_written_is_read),
		cmocka_unit_test(test_local_times),
		cmocka_unit_test(test_dates_in_zones),
		cmocka_unit_test(test_local_parts),
		cmocka_unit_test(test_unknown_zones),
		cmocka_unit_test(test_durations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
