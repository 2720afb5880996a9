/* SPDX-License-Identifier: MIT */
/* Settings: which of flag, environment and default holds, what is refused and how it is named, the help. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "config.h"

enum { ARGUMENTS_MOST = 8 };

static const char *operands[ARGUMENTS_MOST];
static int n_operands;
static struct config config;
static struct error err;

/* broadsheet COMMAND and then what is in `arguments`, parted by single spaces. */
static bool read_settings(enum command_set command, const char *arguments)
{
	static char buffer[512];
	char *argv[ARGUMENTS_MOST + 2] = { (char[]){ "broadsheet" }, (char[]){ "command" } }, *rest = buffer;
	int argc = 2;

	memset(buffer, 0, sizeof buffer);
	memcpy(buffer, arguments, strlen(arguments));
	while (rest != NULL && arguments[0] != '\0')
		argv[argc++] = strsep(&rest, " ");
	return config_read(command, argc, argv, &config, operands, &n_operands, &err);
}

static int forget_environment(void **state)
{
	(void)state;
	unsetenv("BROADSHEET_DATABASE");
	unsetenv("BROADSHEET_LISTEN");
	unsetenv("BROADSHEET_WORKERS");
	unsetenv("BROADSHEET_LOG_REQUESTS");
	unsetenv("BROADSHEET_LOG_FORMAT");
	unsetenv("BROADSHEET_BASE_URL");
	unsetenv("BROADSHEET_TIMEZONE");
	return 0;
}

static void test_defaults(void **state)
{
	(void)state;
	assert_true(read_settings(COMMAND_SERVE, ""));
	assert_string_equal(config.database, "articles.db");
	assert_string_equal(config.listen, "127.0.0.1:8080");
	assert_string_equal(config.admin_listen, "127.0.0.1:8081");
	assert_string_equal(config.site_name, "Broadsheet");
	assert_string_equal(config.timezone, "UTC");
	assert_string_equal(config.log_format, "text");
	assert_null(config.base_url);
	assert_null(config.static_folder);
	assert_null(config.import_source);
	assert_int_equal(config.workers, 0);
	assert_int_equal(config.connections, 0);
	assert_int_equal(config.idle_seconds, 60);
	assert_false(config.log_requests);
	assert_false(config.help);
	assert_int_equal(n_operands, 0);

	/* what a command does not take has its default all the same */
	assert_true(read_settings(COMMAND_VERSION, ""));
	assert_string_equal(config.database, "articles.db");
	assert_string_equal(config.timezone, "UTC");
}

static void test_flag_before_environment_before_default(void **state)
{
	(void)state;
	setenv("BROADSHEET_DATABASE", "environment.db", 1);
	setenv("BROADSHEET_WORKERS", "3", 1);
	setenv("BROADSHEET_LOG_REQUESTS", "true", 1);
	assert_true(read_settings(COMMAND_SERVE, ""));
	assert_string_equal(config.database, "environment.db");
	assert_int_equal(config.workers, 3);
	assert_true(config.log_requests);

	assert_true(read_settings(COMMAND_SERVE, "--database=flag.db --log-requests=false --workers 4"));
	assert_string_equal(config.database, "flag.db");
	assert_int_equal(config.workers, 4);
	assert_false(config.log_requests);

	/* empty is as good as not set */
	setenv("BROADSHEET_DATABASE", "", 1);
	assert_true(read_settings(COMMAND_SERVE, ""));
	assert_string_equal(config.database, "articles.db");
}

static void test_only_the_winner_is_checked(void **state)
{
	(void)state;
	setenv("BROADSHEET_WORKERS", "many", 1);
	assert_false(read_settings(COMMAND_SERVE, ""));
	assert_non_null(strstr(err.detail, "BROADSHEET_WORKERS is \"many\""));
	assert_true(read_settings(COMMAND_SERVE, "--workers 2"));
	assert_true(read_settings(COMMAND_EXPORT, "")); /* which has no workers */
	assert_true(read_settings(COMMAND_SERVE, "--help"));
	assert_true(config.help);
}

static void test_order_and_forms(void **state)
{
	(void)state;
	assert_true(read_settings(COMMAND_IMPORT, "one.txt --source=A=B two.txt --database x.db - -- --three"));
	assert_int_equal(n_operands, 4);
	assert_string_equal(operands[0], "one.txt");
	assert_string_equal(operands[1], "two.txt");
	assert_string_equal(operands[2], "-");
	assert_string_equal(operands[3], "--three");
	assert_string_equal(config.import_source, "A=B");
	assert_string_equal(config.database, "x.db");

	/* a bool takes its value only by =, so it eats no operand; the last flag holds */
	assert_true(read_settings(COMMAND_SERVE, "--log-requests true --workers 1 --workers 2"));
	assert_true(config.log_requests);
	assert_int_equal(n_operands, 1);
	assert_int_equal(config.workers, 2);

	assert_true(read_settings(COMMAND_IMPORT, "--source -"));
	assert_string_equal(config.import_source, "-");
	assert_true(read_settings(COMMAND_CHECK, "-h"));
	assert_true(config.help);
}

static void test_refusals(void **state)
{
	static const struct {
		enum command_set command;
		const char *arguments, *reason;
	} cases[] = {
		{ COMMAND_SERVE, "--databse x", "there is no option --databse; did you mean --database?" },
		{ COMMAND_SERVE, "--databse=x", "there is no option --databse; did you mean --database?" },
		{ COMMAND_SERVE, "--qqqqqqqqq", "there is no option --qqqqqqqqq" },
		{ COMMAND_SERVE, "-x", "there is no option -x" },
		{ COMMAND_SERVE, "--", NULL },
		{ COMMAND_SERVE, "--source x", "--source is no option of serve" },
		{ COMMAND_VERSION, "--database x", "--database is no option of version" },
		{ COMMAND_VERSION, "--databse x", "there is no option --databse" },
		{ COMMAND_SERVE, "--workers", "--workers needs a value: --workers N" },
		{ COMMAND_SERVE, "--database=", "--database is empty" },
		{ COMMAND_SERVE, "--workers=", "must be a whole number from 0 to 64" },
		{ COMMAND_SERVE, "--workers 65", "--workers is \"65\", but must be a whole number from 0 to 64" },
		{ COMMAND_SERVE, "--workers -1", "from 0 to 64" },
		{ COMMAND_SERVE, "--workers 2x", "from 0 to 64" },
		{ COMMAND_SERVE, "--workers 0x2", "from 0 to 64" },
		{ COMMAND_SERVE, "--workers 99999999999999999999", "from 0 to 64" },
		{ COMMAND_SERVE, "--connections -1", "from 0 to 1000000" },
		{ COMMAND_SERVE, "--idle-timeout 3601", "from 1 to 3600" },
		{ COMMAND_SERVE, "--log-requests=yes", "must be true or false" },
		{ COMMAND_SERVE, "--log-requests=ture", "did you mean true?" },
		{ COMMAND_SERVE, "--log-format jsn", "must be text or json; did you mean json?" },
		{ COMMAND_SERVE, "--timezone Mars/Olympus",
		    "--timezone is \"Mars/Olympus\", but the system knows no such" },
		{ COMMAND_IMPORT, "--section \x01", "without control characters" },
		{ COMMAND_IMPORT, "--section \xff", "must be UTF-8" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		bool read = read_settings(cases[i].command, cases[i].arguments);

		if (read != (cases[i].reason == NULL))
			fail_msg("\"%s\": %s", cases[i].arguments, read ? "was not refused" : err.detail);
		if (!read && strstr(err.detail, cases[i].reason) == NULL)
			fail_msg("\"%s\" is refused as \"%s\"", cases[i].arguments, err.detail);
	}
}

static void test_long_names(void **state)
{
	char longest[128];

	(void)state;
	memset(longest, 'x', sizeof longest);
	memcpy(longest, "--site-name ", strlen("--site-name "));
	longest[strlen("--site-name ") + 100] = '\0';
	assert_true(read_settings(COMMAND_SERVE, longest));
	longest[strlen("--site-name ") + 100] = 'x';
	longest[strlen("--site-name ") + 101] = '\0';
	assert_false(read_settings(COMMAND_SERVE, longest));
	assert_non_null(strstr(err.detail, "at most 100 bytes"));
}

static void test_base_urls(void **state)
{
	static const struct {
		const char *url;
		bool taken;
	} cases[] = {
		{ "http://localhost", true },
		{ "https://news.example.org", true },
		{ "https://news.example.org:8443", true },
		{ "http://127.0.0.1:8080", true },
		{ "http://[::1]:80", true },
		{ "http://[2001:db8::1]", true },
		{ "news.example.org", false },
		{ "ftp://example.org", false },
		{ "javascript:alert(1)", false },
		{ "HTTPS://example.org", false },
		{ "https://", false },
		{ "https://:80", false },
		{ "https://example.org/", false },
		{ "https://example.org/news", false },
		{ "https://example.org?x", false },
		{ "https://example.org#x", false },
		{ "https://user@example.org", false },
		{ "https://user:password@example.org", false },
		{ "https://example.org:", false },
		{ "https://example.org:x", false },
		{ "https://example.org:65536", false },
		{ "https://example.org:123456", false },
		{ "http://[::1", false },
		{ "http://[]", false },
		{ "http://[::1]x", false },
		{ "https://exam\x01ple.org", false },
		{ "https://exam\nple.org", false },
		{ "https://\"><script>", false },
		{ "https://münster.example", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		setenv("BROADSHEET_BASE_URL", cases[i].url, 1);
		if (read_settings(COMMAND_SERVE, "") != cases[i].taken)
			fail_msg("%s: %s", cases[i].url, cases[i].taken ? err.detail : "was taken");
	}
}

static void test_help_lists_what_a_command_takes(void **state)
{
	struct text text = TEXT_EMPTY;

	(void)state;
	config_help(COMMAND_SERVE, &text);
	assert_non_null(strstr(text.bytes, "--database FILE "));
	assert_non_null(strstr(text.bytes, " articles.db "));
	assert_non_null(strstr(text.bytes, " BROADSHEET_ADMIN_LISTEN\n"));
	assert_non_null(strstr(text.bytes, "--help"));
	assert_null(strstr(text.bytes, "--source"));
	text_clear(&text);
	config_help(COMMAND_VERSION, &text);
	assert_null(strstr(text.bytes, "--database"));
	text_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_defaults, forget_environment, forget_environment),
		cmocka_unit_test_setup_teardown(
		    test_flag_before_environment_before_default, forget_environment, forget_environment),
		cmocka_unit_test_setup_teardown(
		    test_only_the_winner_is_checked, forget_environment, forget_environment),
		cmocka_unit_test_setup_teardown(test_order_and_forms, forget_environment, forget_environment),
		cmocka_unit_test_setup_teardown(test_refusals, forget_environment, forget_environment),
		cmocka_unit_test_setup_teardown(test_long_names, forget_environment, forget_environment),
		cmocka_unit_test_setup_teardown(test_base_urls, forget_environment, forget_environment),
		cmocka_unit_test_setup_teardown(
		    test_help_lists_what_a_command_takes, forget_environment, forget_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
