/* SPDX-License-Identifier: MIT */
/* broadsheet serve: where it listens, how it ends, and what it refuses without touching anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "api_client.h"
#include "child.h"
#include "raw_client.h"
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

/* Starts a server and takes the address it prints: "http://127.0.0.1:43121". */
static void serve(struct child *child, const char *database, const char *listen, char *ret_url, size_t size)
{
	const char *at;

	child_start(child, ARGUMENTS("serve", "--database", path(database), "--listen", listen, "--admin-listen", "none"), NULL);
	if (!child_wait_for(child, "serves http")) {
		child_wait(child);
		fail_msg("serve: %s", child->err.length > 0 ? child->err.bytes : "(nothing)");
	}
	at = strstr(child->out.bytes, "http");
	snprintf(ret_url, size, "%.*s", (int)strcspn(at, "\n") - 1, at);
}

static void stop(struct child *child, int signal)
{
	kill(child->pid, signal);
	child_wait(child);
	assert_int_equal(child->status, 0);
	child_done(child);
}

static void expect_status(const char *url, const char *socket, const char *target, long status)
{
	struct client *client = client_new(url, socket);
	struct reply reply;

	client_get(client, target, &reply);
	assert_int_equal(reply.status, status);
	reply_done(&reply);
	client_free(client);
}

/* A free port, freed again. */
static int free_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	getsockname(fd, (struct sockaddr *)&address, &length);
	close(fd);
	return ntohs(address.sin_port);
}

static bool has_ipv6(void)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool has = fd != -1 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0;

	if (fd != -1)
		close(fd);
	return has;
}

/* --- where --- */

static void test_creates_serves_and_ends(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT };
	struct child child;
	char url[200];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		serve(&child, "a.db", "127.0.0.1:0", url, sizeof url);
		expect_status(url, NULL, "/v1/articles", 200);
		expect_status(url, NULL, "/", 200);
		expect_status(url, NULL, "/metrics", 404);
		stop(&child, signals[i]);
		/* the log is copied back, and nothing but the lock is left */
		assert_true(scratch_has_only(&scratch, "a.db a.db.lock"));
	}
	expect_run(ARGUMENTS("check", "--database", path("a.db")), NULL, 0, "", "");
}

/* Without --base-url links begin with the first address. */
static void test_several_addresses(void **state)
{
	struct child child;
	struct client *client;
	struct reply reply;
	char url[200], listen[300], self[300], socket[200];
	const int port = free_port();

	(void)state;
	snprintf(socket, sizeof socket, "%s", path("web.sock"));
	snprintf(listen, sizeof listen, "127.0.0.1:0,127.0.0.1:%d,unix:%s%s", port, socket, has_ipv6() ? ",[::1]:0" : "");
	serve(&child, "b.db", listen, url, sizeof url);
	snprintf(self, sizeof self, "%s/v1/tags", url);
	client = client_new("http://localhost", socket);
	client_get(client, "/v1/tags", &reply);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply_string(&reply, "links.self"), self);
	reply_done(&reply);
	client_free(client);
	expect_status(url, NULL, "/v1/articles", 200);
	snprintf(self, sizeof self, "http://127.0.0.1:%d", port);
	expect_status(self, NULL, "/v1/articles", 200);
	stop(&child, SIGTERM);
	assert_false(scratch_has(&scratch, "web.sock"));
	assert_false(scratch_has(&scratch, "b.db.sock"));
}

static void test_ipv6(void **state)
{
	struct child child;
	char url[200];

	(void)state;
	if (!has_ipv6()) {
		print_message("skipped: this machine has no IPv6\n");
		skip();
	}
	serve(&child, "six.db", "[::1]:0", url, sizeof url);
	assert_memory_equal(url, "http://[::1]:", 13);
	expect_status(url, NULL, "/v1/articles", 200);
	stop(&child, SIGTERM);
}

/* --- who else is there --- */

/* The folder has the files it had, none of them touched. Ends with `before`. */
static void expect_folder(struct text *before)
{
	struct text after = scratch_list(&scratch);

	assert_string_equal(after.bytes, before->bytes);
	text_done(&after);
	text_done(before);
}

static void expect_serve_refused(const char *database, const char *listen, const char *admin, const char *why)
{
	struct text files = scratch_list(&scratch);

	expect_run(ARGUMENTS("serve", "--database", path(database), "--listen", listen, "--admin-listen", admin), NULL, 1, "", why);
	expect_folder(&files);
}

static void test_a_second_server_on_one_database(void **state)
{
	struct child child;
	struct text files;
	char url[200];

	(void)state;
	serve(&child, "a.db", "127.0.0.1:0", url, sizeof url);
	files = scratch_list(&scratch);
	expect_serve_refused("a.db", "127.0.0.1:0", "none", "another process is writing to");
	expect_run(ARGUMENTS("migrate", "--database", path("a.db")), NULL, 1, NULL, "another process");
	expect_folder(&files);
	/* the first one has lost nothing, its control socket least of all */
	expect_status(url, NULL, "/v1/articles", 200);
	expect_run(ARGUMENTS("import", "--database", path("a.db"), "-"), "{\"title\":\"One\",\"section\":\"A\",\"source\":\"S\"}\n", 0, "1 created", "");
	expect_status(url, NULL, "/v1/articles/one", 200);
	stop(&child, SIGTERM);
	expect_run(ARGUMENTS("check", "--database", path("a.db")), NULL, 0, "", "");
}

static void test_an_address_in_use(void **state)
{
	struct child child;
	char url[200], listen[300];
	const char *in_use;

	(void)state;
	serve(&child, "a.db", "127.0.0.1:0", url, sizeof url);
	in_use = url + strlen("http://");
	snprintf(listen, sizeof listen, "unix:%s,127.0.0.1:0,%s", path("new.web.sock"), in_use);
	expect_serve_refused("new.db", in_use, "none", "in use");
	expect_serve_refused("new.db", listen, "none", "in use");
	expect_serve_refused("new.db", "127.0.0.1:0", in_use, "in use");
	stop(&child, SIGTERM);
}

/* --- what is no database of ours stays as it is --- */

static void run_sql(const char *database, const char *sql)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path(database), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void expect_refused_untouched(const char *database, const char *why)
{
	struct text before = scratch_read(&scratch, database), files = scratch_list(&scratch), after;
	const char *const commands[] = { "serve", "import", "migrate", "export", "check" };

	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		if (strcmp(commands[i], "serve") == 0)
			expect_run(ARGUMENTS("serve", "--database", path(database), "--listen", "127.0.0.1:0", "--admin-listen", "none"), NULL, 1, "", why);
		else if (strcmp(commands[i], "import") == 0)
			expect_run(ARGUMENTS("import", "--database", path(database), "-"), "{\"title\":\"One\",\"section\":\"A\",\"source\":\"S\"}\n", 1, "", why);
		else
			expect_run(ARGUMENTS(commands[i], "--database", path(database)), NULL, 1, "", why);
		after = scratch_read(&scratch, database);
		assert_int_equal(before.length, after.length);
		assert_true(before.length == 0 || memcmp(before.bytes, after.bytes, before.length) == 0);
		text_done(&after);
	}
	text_done(&before);
	expect_folder(&files);
}

static void test_what_is_not_ours(void **state)
{
	(void)state;
	scratch_write(&scratch, "text.db", "This is a letter to the editor, and long enough not to be taken for an empty file.\n");
	expect_refused_untouched("text.db", "text.db");
	scratch_write(&scratch, "short.db", "x");
	expect_refused_untouched("short.db", "short.db");
	run_sql("foreign.db", "CREATE TABLE recipe (name TEXT); INSERT INTO recipe VALUES ('soup');");
	expect_refused_untouched("foreign.db", "another program");
	run_sql("marked.db", "PRAGMA application_id=77; PRAGMA user_version=1;");
	expect_refused_untouched("marked.db", "another program");
	run_sql("wal.db", "PRAGMA journal_mode=WAL; CREATE TABLE recipe (name TEXT); INSERT INTO recipe VALUES ('soup');");
	expect_refused_untouched("wal.db", "another program");
	assert_int_equal(mkdir(path("folder"), 0700), 0);
	expect_serve_refused("folder", "127.0.0.1:0", "none", "is a folder");
	assert_int_equal(rmdir(path("folder")), 0);
	expect_serve_refused("no/such/a.db", "127.0.0.1:0", "none", "no/such");
}

static void test_a_newer_schema(void **state)
{
	(void)state;
	expect_run(ARGUMENTS("migrate", "--database", path("newer.db")), NULL, 0, NULL, NULL);
	run_sql("newer.db", "PRAGMA user_version=999;");
	expect_refused_untouched("newer.db", "newer Broadsheet");
	run_sql("newer.db", "PRAGMA journal_mode=DELETE;");
	expect_refused_untouched("newer.db", "newer Broadsheet");
}

static void test_bad_settings(void **state)
{
	struct text files = scratch_list(&scratch);
	char long_name[120] = "";

	(void)state;
	memset(long_name, 'x', sizeof long_name - 1);
	expect_serve_refused(long_name, "127.0.0.1:0", "none", "too long for the control socket");
	expect_run(ARGUMENTS("serve", "--database", path("x.db"), "--listen", "127.0.0.1:0", "--admin-listen", "none", "--static", path("nowhere")), NULL, 1,
	    "", "nowhere");
	expect_run(ARGUMENTS("serve", "--database", path("x.db"), "--listen", "nonsense"), NULL, 1, "", "nonsense");
	expect_run(ARGUMENTS("serve", "--database", path("x.db"), "--listen", "127.0.0.1:99999"), NULL, 1, "", "99999");
	expect_run(ARGUMENTS("serve", "--database", path("x.db"), "--base-url", "news"), NULL, 2, "", "--base-url");
	expect_run(ARGUMENTS("serve", "--database", path("x.db"), "--workers", "many"), NULL, 2, "", "--workers");
	expect_run(ARGUMENTS("serve", "--databse", path("x.db")), NULL, 2, "", "--database");
	expect_run(ARGUMENTS("serve", "file.ndjson"), NULL, 2, "", "options only");
	expect_folder(&files);
}

/* Where the control socket should be lies something else: the lock's file, made before that was seen, goes again. */
static void test_a_file_in_the_way(void **state)
{
	(void)state;
	scratch_write(&scratch, "way.db.sock", "a letter");
	expect_serve_refused("way.db", "127.0.0.1:0", "none", "no socket");
}

/* --- the end --- */

/* Some megabytes: more than the sockets' buffers hold. */
static void import_large_articles(const char *database)
{
	struct text lines = TEXT_EMPTY;

	for (int i = 0; i < 40; i++) {
		text_printf(&lines, "{\"guid\":\"%d\",\"title\":\"Large %d\",\"section\":\"A\",\"source\":\"S\",\"body_text\":\"", i, i);
		for (int n = 0; n < 20000; n++)
			text_string(&lines, "some words ");
		text_string(&lines, "\"}\n");
	}
	expect_run(ARGUMENTS("import", "--database", path(database), "-"), lines.bytes, 0, "40 created", "");
	text_done(&lines);
}

/* The signal comes when the head of a long reply has been read, and no more: the reply still comes whole, and then the server ends. */
static void test_a_slow_reply_is_finished(void **state)
{
	static const char request[] = "GET /v1/articles?include=body&limit=100 HTTP/1.1\r\nHost: a\r\n\r\n";
	struct child child;
	struct raw_reply reply;
	char url[200];
	int fd;

	(void)state;
	import_large_articles("large.db");
	serve(&child, "large.db", "127.0.0.1:0", url, sizeof url);
	fd = raw_connect(url + strlen("http://"));
	raw_send(fd, request, strlen(request), false);
	assert_int_equal(recv(fd, (char[1]){ 0 }, 1, MSG_PEEK), 1);
	kill(child.pid, SIGTERM);
	while (strstr(child.err.length > 0 ? child.err.bytes : "", "stopping") == NULL)
		child_peek_errors(&child);
	assert_true(raw_read(fd, false, &reply));
	assert_int_equal(reply.status, 200);
	assert_true(reply.body.length > 4 << 20);
	assert_int_equal(reply.body.length, strtoul(raw_header(&reply, "Content-Length"), NULL, 10));
	raw_reply_done(&reply);
	close(fd);
	child_wait(&child);
	assert_int_equal(child.status, 0);
	child_done(&child);
	assert_false(scratch_has(&scratch, "large.db-wal"));
	assert_false(scratch_has(&scratch, "large.db.sock"));
	expect_run(ARGUMENTS("check", "--database", path("large.db")), NULL, 0, "", "");
}

/* Killed outright: the next start finds everything that was acknowledged, and takes the lock and the socket that lie about. */
static void test_after_a_crash(void **state)
{
	struct child child;
	char url[200];

	(void)state;
	serve(&child, "crash.db", "127.0.0.1:0", url, sizeof url);
	expect_run(ARGUMENTS("import", "--database", path("crash.db"), "-"), "{\"title\":\"Kept\",\"section\":\"A\",\"source\":\"S\"}\n", 0, "1 created", "");
	kill(child.pid, SIGKILL);
	child_wait(&child);
	assert_int_equal(child.status, 1000 + SIGKILL);
	child_done(&child);

	serve(&child, "crash.db", "127.0.0.1:0", url, sizeof url);
	expect_status(url, NULL, "/v1/articles/kept", 200);
	expect_run(ARGUMENTS("import", "--database", path("crash.db"), "-"), "{\"title\":\"Next\",\"section\":\"A\",\"source\":\"S\"}\n", 0, "1 created", "");
	stop(&child, SIGTERM);
	assert_false(scratch_has(&scratch, "crash.db-wal"));
	expect_run(ARGUMENTS("check", "--database", path("crash.db")), NULL, 0, "", "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_creates_serves_and_ends),
		cmocka_unit_test(test_several_addresses),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_a_second_server_on_one_database),
		cmocka_unit_test(test_an_address_in_use),
		cmocka_unit_test(test_what_is_not_ours),
		cmocka_unit_test(test_a_newer_schema),
		cmocka_unit_test(test_bad_settings),
		cmocka_unit_test(test_a_file_in_the_way),
		cmocka_unit_test(test_a_slow_reply_is_finished),
		cmocka_unit_test(test_after_a_crash),
	};

	setenv("BROADSHEET_RELATED_RATE", "0", 1);    /* a server that nobody writes to leaves its files alone */
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
