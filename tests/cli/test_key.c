/* SPDX-License-Identifier: MIT */
/* broadsheet key: the key alone on standard output, in the database and beside a running server alike; what is refused, and in which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api_client.h"
#include "child.h"
#include "key.h"
#include "scratch.h"

static struct scratch scratch;

static int set_up(void **state)
{
	(void)state;
	scratch_make(&scratch);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

static const char *path(const char *name)
{
	return scratch_path(&scratch, name);
}

/* Runs `broadsheet key add …`, which must give a key and a newline and nothing else. */
static void add(const char *const *arguments, char ret_key[KEY_LENGTH + 1])
{
	struct key_shown shown;
	struct child child;

	child_run(&child, arguments, NULL);
	if (child.status != 0)
		fail_msg("exit status %d: %s", child.status, child.err.length > 0 ? child.err.bytes : "");
	assert_int_equal(child.out.length, KEY_LENGTH + 1);
	assert_int_equal(child.out.bytes[KEY_LENGTH], '\n');
	assert_true(key_read(child.out.bytes, KEY_LENGTH, &shown));
	assert_non_null(strstr(child.err.bytes, "only time"));
	memcpy(ret_key, child.out.bytes, KEY_LENGTH);
	ret_key[KEY_LENGTH] = '\0';
	child_done(&child);
}

static void serve(struct child *child, const char *database, char *ret_url, size_t size)
{
	const char *at;

	child_start(child, ARGUMENTS("serve", "--database", path(database), "--listen", "127.0.0.1:0", "--admin-listen", "none"), NULL);
	if (!child_wait_for(child, "serves "))
		fail_msg("the server did not start: %s", child->err.bytes);
	at = strstr(child->out.bytes, "http://");
	snprintf(ret_url, size, "%.*s", (int)strcspn(at, "\n") - 1, at);
}

static void expect_list(const char *url, const char *key, long status)
{
	struct client *client = client_new(url, NULL);
	struct reply reply;
	char headers[120];

	snprintf(headers, sizeof headers, "Authorization: Bearer %s", key);
	client_ask(client, "GET", "/v1/keys", headers, NULL, &reply);
	assert_int_equal(reply.status, status);
	reply_done(&reply);
	client_free(client);
}

/* A missing database is made and brought up to date. */
static void test_without_a_server(void **state)
{
	char key[KEY_LENGTH + 1];

	(void)state;
	add(ARGUMENTS("key", "add", "--database", path("a.db"), "--name", "Wire", "--scope", "write,read_drafts"), key);
	expect_run(ARGUMENTS("key", "add", "--database", path("a.db"), "--name", "Wire", "--scope", "write"), NULL, 1, "", "there is a key named \"Wire\" already");
	expect_run(ARGUMENTS("key", "list", "--database", path("a.db")), NULL, 0, "read_drafts,write", "");
	expect_run(ARGUMENTS("key", "list", "--database", path("a.db")), NULL, 0, "good     Wire", "");
	expect_run(ARGUMENTS("key", "revoke", "wire", "--database", path("a.db")), NULL, 1, "", "did you mean \"Wire\"?");
	expect_run(ARGUMENTS("key", "revoke", "Wire", "--database", path("a.db")), NULL, 0, "", "good for nothing");
	expect_run(ARGUMENTS("key", "revoke", "Wire", "--database", path("a.db")), NULL, 0, "", "good for nothing");
	expect_run(ARGUMENTS("key", "list", "--database", path("a.db")), NULL, 0, "revoked  Wire", "");
	expect_run(ARGUMENTS("key", "add", "--database", path("a.db"), "--name", "Wire", "--scope", "write"), NULL, 1, "", "choose another");
	assert_true(scratch_has_only(&scratch, "a.db a.db.lock"));
	expect_run(ARGUMENTS("check", "--database", path("a.db")), NULL, 0, "", "");
}

static void test_beside_a_server(void **state)
{
	char key[KEY_LENGTH + 1], url[200], secret[KEY_SECRET + 1] = "";
	struct child child;
	struct text database;

	(void)state;
	serve(&child, "b.db", url, sizeof url);
	add(ARGUMENTS("key", "add", "--database", path("b.db"), "--name", "L\u00e9a & Co", "--scope", "admin", "--expires", "2099-01-01", "--timezone", "America/Toronto"), key);
	expect_list(url, key, 200);
	expect_run(ARGUMENTS("key", "list", "--database", path("b.db")), NULL, 0, "2099-01-01T05:00:00Z", "");
	expect_run(ARGUMENTS("key", "add", "--database", path("b.db"), "--name", "L\u00e9a & Co", "--scope", "write"), NULL, 1, "", "already");
	expect_run(ARGUMENTS("key", "add", "--database", path("b.db"), "--name", "import", "--scope", "write"), NULL, 1, "", "/name: the log calls \"import\"");
	expect_run(ARGUMENTS("key", "revoke", "L\u00e9", "--database", path("b.db")), NULL, 1, "", "there is no key named");
	expect_run(ARGUMENTS("key", "revoke", "L\u00e9a & Co", "--database", path("b.db")), NULL, 0, "", "good for nothing");
	expect_list(url, key, 401);
	kill(child.pid, SIGTERM);
	child_wait(&child);
	assert_int_equal(child.status, 0);

	/* Of the key there is only its name part in the log, no address of who showed it, and nowhere its secret. */
	memcpy(secret, key + 3 + KEY_KID + 1, KEY_SECRET);
	assert_non_null(strstr(child.err.bytes, "reason=revoked"));
	assert_null(strstr(strstr(child.err.bytes, "reason=revoked"), "127.0.0.1"));
	assert_null(strstr(child.err.bytes, secret));
	child_done(&child);
	database = scratch_read(&scratch, "b.db");
	assert_true(database.length > 0);
	assert_null(memmem(database.bytes, database.length, secret, KEY_SECRET));
	text_done(&database);
}

static void expect_unheard(const char *database, const char *name)
{
	struct child child;

	child_run_unheard(&child, ARGUMENTS("key", "add", "--database", path(database), "--name", name, "--scope", "write"));
	assert_int_equal(child.status, 1);
	assert_non_null(strstr(child.err.bytes, "(No space left on device), so it has been revoked"));
	child_done(&child);
	expect_run(ARGUMENTS("key", "list", "--database", path(database)), NULL, 0, "revoked  ", "");
}

/* A key that was given to nobody opens nothing. */
static void test_output_that_takes_nothing(void **state)
{
	char url[200];
	struct child child;

	(void)state;
	expect_unheard("c.db", "Unheard");
	serve(&child, "d.db", url, sizeof url);
	expect_unheard("d.db", "Unheard");
	kill(child.pid, SIGTERM);
	child_wait(&child);
	child_done(&child);
}

static void test_what_is_refused(void **state)
{
	static const struct {
		const char *arguments[9];
		const char *says;
	} cases[] = {
		{ { "key", NULL }, "add, list or revoke" },
		{ { "key", "ad", NULL }, "did you mean add?" },
		{ { "key", "add", NULL }, "--name NAME" },
		{ { "key", "add", "--name", "A", NULL }, "--scope read_drafts,write,admin" },
		{ { "key", "add", "A", "--name", "A", "--scope", "write", NULL }, "options only" },
		{ { "key", "add", "--name", "A", "--scope", "wirte", NULL }, "did you mean write?" },
		{ { "key", "add", "--name", "A", "--scope", "write,", NULL }, "--scope has \"\"" },
		{ { "key", "add", "--name", "A", "--scope", "write", "--expires", "2015-01-01", NULL }, "which is over" },
		{ { "key", "add", "--name", "A", "--scope", "write", "--expires", "tomorrow", NULL }, "--expires" },
		{ { "key", "add", "--name", "A", "--scope", "write", "--expires", "2099-01-01T10:00:00", NULL }, "--expires" },
		{ { "key", "add", "--name", "A\nB", "--scope", "write", NULL }, "control characters" },
		{ { "key", "revoke", NULL }, "name of one key" },
		{ { "key", "list", "A", NULL }, "no names" },
		{ { "key", "list", "--listen", "x", NULL }, "no option of key" },
	};

	(void)state;
	setenv("BROADSHEET_DATABASE", path("none.db"), 1);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		expect_run(cases[i].arguments, NULL, 2, "", cases[i].says);
	unsetenv("BROADSHEET_DATABASE");
	expect_run(ARGUMENTS("key", "list", "--database", path("no/folder.db")), NULL, 1, "", "no such folder");
	expect_run(ARGUMENTS("key", "--help"), NULL, 0, "--expires", "");
	assert_false(scratch_has(&scratch, "none.db"));
	/* settings of the server that name no network and no origin: found before anything is made */
	expect_run(ARGUMENTS("serve", "--database", path("none.db"), "--trusted-proxies", "proxy"), NULL, 2, "", "--trusted-proxies is \"proxy\", but must be networks, addresses and unix");
	expect_run(ARGUMENTS("serve", "--database", path("none.db"), "--webhook-allow", "inside"), NULL, 2, "", "--webhook-allow is \"inside\", but must be networks");
	expect_run(ARGUMENTS("serve", "--database", path("none.db"), "--cors-origins", "https://desk.example/"), NULL, 1, "", "without a slash");
	expect_run(ARGUMENTS("serve", "--database", path("none.db"), "--cors-origins", "*"), NULL, 1, "", "--cors-origins has \"*\"");
	assert_false(scratch_has(&scratch, "none.db") || scratch_has(&scratch, "none.db.lock"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_without_a_server, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_beside_a_server, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_output_that_takes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_is_refused, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
