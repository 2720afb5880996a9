/* SPDX-License-Identifier: MIT */
/* Log lines, with bytes that try to forge some. Standard error is a pipe while a line is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"

static char line[8192];
static int pipe_ends[2], old_standard_error;

static int64_t fixed_now(void)
{
	return 1451582400;
}

static void begin(void)
{
	assert_int_equal(pipe2(pipe_ends, O_NONBLOCK | O_CLOEXEC), 0);
	old_standard_error = dup(STDERR_FILENO);
	dup2(pipe_ends[1], STDERR_FILENO);
}

static void end(void)
{
	ssize_t length;

	dup2(old_standard_error, STDERR_FILENO);
	close(old_standard_error);
	close(pipe_ends[1]);
	length = read(pipe_ends[0], line, sizeof line - 1);
	close(pipe_ends[0]);
	line[length < 0 ? 0 : length] = '\0';
}

static int set_up(void **state)
{
	(void)state;
	clock_replace(fixed_now);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	clock_replace(NULL);
	log_start(LOG_LEVEL_INFO, false);
	return 0;
}

static void test_a_line(void **state)
{
	(void)state;
	begin();
	log_info("serving", "address", "127.0.0.1:8080", "workers", LOG_INT(2), "least", LOG_INT(INT64_MIN), NULL);
	end();
	assert_string_equal(
	    line, "2015-12-31T17:20:00Z info serving address=127.0.0.1:8080 workers=2 least=-9223372036854775808\n");

	begin();
	log_error("no room", NULL);
	end();
	assert_string_equal(line, "2015-12-31T17:20:00Z error \"no room\"\n");
}

static void test_a_json_line(void **state)
{
	(void)state;
	log_start(LOG_LEVEL_INFO, true);
	begin();
	log_warning("slow", "path", "/v1/\"x\"", "n", LOG_INT(3), NULL);
	end();
	assert_string_equal(line,
	    "{\"time\":\"2015-12-31T17:20:00Z\",\"level\":\"warning\",\"event\":\"slow\",\"path\":\"/v1/"
	    "\\\"x\\\"\",\"n\":\"3\"}\n");
}

static void test_levels(void **state)
{
	(void)state;
	log_start(LOG_LEVEL_WARNING, false);
	begin();
	log_info("quiet", NULL);
	end();
	assert_string_equal(line, "");
	begin();
	log_warning("loud", NULL);
	end();
	assert_string_equal(line, "2015-12-31T17:20:00Z warning loud\n");
}

static void test_hostile_values(void **state)
{
	static const struct {
		const char *value, *text, *json;
	} cases[] = {
		{ NULL, "\"\"", "\"\"" },
		{ "", "\"\"", "\"\"" },
		{ "a b", "\"a b\"", "\"a b\"" },
		{ "x=1", "\"x=1\"", "\"x=1\"" },
		{ "\"", "\"\\\"\"", "\"\\\"\"" },
		{ "a\\b", "\"a\\\\b\"", "\"a\\\\b\"" },
		{ "a\nb\rc\td", "\"a\\nb\\rc\\td\"", "\"a\\nb\\rc\\td\"" },
		{ "\x1b[31m", "\"\\u001b[31m\"", "\"\\u001b[31m\"" },
		{ "\x01\x7f", "\"\\u0001\\u007f\"", "\"\\u0001\\u007f\"" },
		{ "\xc2\x85", "\"\\u0085\"", "\"\\u0085\"" }, /* next line, of C1 */
		{ "\xe2\x80\xa8", "\"\\u2028\"", "\"\\u2028\"" },
		{ "\xe2\x80\xae", "\"\\u202e\"", "\"\\u202e\"" }, /* right to left from here */
		{ "Küste 😀", "\"Küste 😀\"", "\"Küste 😀\"" },
		{ "\xff\xc3", "\"\\xff\\xc3\"", "\"\\ufffd\\ufffd\"" },
		{ "\xed\xa0\x80", "\"\\xed\\xa0\\x80\"", "\"\\ufffd\\ufffd\\ufffd\"" },
		{ "a\xe2\x80", "\"a\\xe2\\x80\"", "\"a\\ufffd\\ufffd\"" },
		{ "x\n2015-12-31T17:20:00Z info forged", "\"x\\n2015-12-31T17:20:00Z info forged\"",
		    "\"x\\n2015-12-31T17:20:00Z info forged\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char wanted[512];

		log_start(LOG_LEVEL_INFO, false);
		begin();
		log_info("e", "v", cases[i].value, NULL);
		end();
		snprintf(wanted, sizeof wanted, "2015-12-31T17:20:00Z info e v=%s\n", cases[i].text);
		assert_string_equal(line, wanted);

		log_start(LOG_LEVEL_INFO, true);
		begin();
		log_info("e", "v", cases[i].value, NULL);
		end();
		snprintf(wanted, sizeof wanted,
		    "{\"time\":\"2015-12-31T17:20:00Z\",\"level\":\"info\",\"event\":\"e\",\"v\":%s}\n", cases[i].json);
		assert_string_equal(line, wanted);
	}
}

static void test_long_values_are_cut(void **state)
{
	char value[1000], wanted[512];

	(void)state;
	memset(value, 'x', sizeof value - 1);
	value[sizeof value - 1] = '\0';
	begin();
	log_info("e", "v", value, NULL);
	end();
	snprintf(wanted, sizeof wanted, "2015-12-31T17:20:00Z info e v=\"%.256s…\"\n", value);
	assert_string_equal(line, wanted);

	/* not inside a character */
	memcpy(value + 255, "é", 2);
	begin();
	log_info("e", "v", value, NULL);
	end();
	snprintf(wanted, sizeof wanted, "2015-12-31T17:20:00Z info e v=\"%.255s…\"\n", value);
	assert_string_equal(line, wanted);

	value[256] = '\0';
	value[255] = 'x';
	begin();
	log_info("e", "v", value, NULL);
	end();
	snprintf(wanted, sizeof wanted, "2015-12-31T17:20:00Z info e v=%.256s\n", value);
	assert_string_equal(line, wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_json_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_levels, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_hostile_values, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_long_values_are_cut, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
