/* SPDX-License-Identifier: MIT */
/*
 * Settings come from config_read(), so that a new option has its default here too. The environment must not change a test, so
 * every option that matters is given.
 */
#include "test_server.h"

#include <dirent.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "clock.h"
#include "log.h"
#include "metrics.h"
#include "server.h"
#include "store/search_internal.h"
#include "test_store.h"

_Atomic int64_t test_now = 1464782400;
_Atomic int64_t test_ticks;

static int64_t now(void)
{
	return atomic_fetch_add(&test_now, atomic_load(&test_ticks));
}

static void give_up(const char *what, const struct error *err)
{
	fprintf(stderr, "%s: %s\n", what, err->detail);
	abort();
}

static void start(struct test_server *server)
{
	struct error err;

	if (!server_start(&server->config, &server->server, &err))
		give_up("server_start", &err);
	server->public = client_new(server_url(server->server), NULL);
	server->admin = server_admin_url(server->server) != NULL ? client_new(server_admin_url(server->server), NULL) : NULL;
	server->writer = client_new("http://localhost", server->control);
}

static void stop(struct test_server *server)
{
	client_free(server->public);
	client_free(server->admin);
	client_free(server->writer);
	server_stop(server->server);
}

void test_server_start(struct test_server *server, const char *const *options)
{
	static const char *const usual[] = {
		"broadsheet", "serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", ("--base-url=" TEST_BASE_URL), "--timezone=UTC",
		"--workers=2", "--connections=200", "--site-name=The Test", "--idle-timeout=20", "--log-requests=false", "--related-rate=100000",
	};
	const char *operands[24];
	struct error err;
	int n = 0, n_operands;

	search_budget_us = TEST_SEARCH_BUDGET_US;
	*server = (struct test_server){ .folder = "/tmp/broadsheet-api-XXXXXX" };
	if (mkdtemp(server->folder) == NULL)
		abort();
	snprintf(server->database, sizeof server->database, "%s/a.db", server->folder);
	snprintf(server->control, sizeof server->control, "%s.sock", server->database);
	for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
		server->arguments[n++] = (char *)usual[i];
	for (; options != NULL && *options != NULL; options++)
		server->arguments[n++] = (char *)*options;

	log_start(LOG_LEVEL_ERROR, false);
	clock_replace(now);
	if (!config_read(COMMAND_SERVE, n, server->arguments, &server->config, operands, &n_operands, &err) ||
	    !clock_set_timezone(server->config.timezone, &err))
		give_up("config_read", &err);
	server->config.database = server->database;
	start(server);
}

void test_server_halt(struct test_server *server)
{
	stop(server);
}

void test_server_resume(struct test_server *server)
{
	start(server);
}

void test_server_restart(struct test_server *server)
{
	stop(server);
	start(server);
}

void test_server_clock(struct test_server *server, int64_t now)
{
	atomic_store(&test_now, now);
	server_clock_moved(server->server);
}

const char *test_server_url(const struct test_server *server)
{
	return server_url(server->server);
}

/* Only plain files lie in it. */
static void remove_folder(const char *folder)
{
	DIR *entries = opendir(folder);
	const struct dirent *entry;
	char path[400];

	while (entries != NULL && (entry = readdir(entries)) != NULL) {
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (entry->d_name[0] != '.')
			unlink(path);
	}
	closedir(entries);
	rmdir(folder);
}

void test_server_stop(struct test_server *server)
{
	if (server->server == NULL)
		return;
	stop(server);
	server->server = NULL;
	remove_folder(server->folder);
	clock_replace(NULL);
}

bool test_server_try(struct test_server *server, const char *lines)
{
	struct text body = TEXT_EMPTY;
	struct reply reply;
	bool fine;

	text_string(&body, lines);
	text_fill(&body, '\'', "\"");
	client_ask(server->writer, "POST", "/v1/articles/batch", "Content-Type: application/x-ndjson", body.bytes, &reply);
	fine = reply.status == 200 && strstr(reply.body.bytes, "\"detail\":") == NULL;
	if (!fine)
		fprintf(stderr, "import: %ld %s\n", reply.status, reply.body.length > 0 ? reply.body.bytes : "(nothing)");
	reply_done(&reply);
	text_done(&body);
	return fine;
}

void test_server_put(struct test_server *server, const char *lines)
{
	if (!test_server_try(server, lines))
		fail_msg("the articles were not taken");
}

int64_t test_server_metric(struct test_server *server, const char *name)
{
	struct text line = TEXT_EMPTY;
	struct reply reply;
	const char *found;
	int64_t value = -1;

	text_printf(&line, "\n%s ", name);
	client_get(server->admin, "/metrics", &reply);
	found = reply.status == 200 ? strstr(reply.body.bytes, line.bytes) : NULL;
	if (found != NULL)
		value = strtoll(found + line.length, NULL, 10);
	reply_done(&reply);
	text_done(&line);
	return value;
}

int64_t test_server_counter(const char *name)
{
	return metric_value(metric_register(METRIC_COUNTER, name, NULL, ""));
}

void test_server_settle(struct test_server *server)
{
	enum { SETTLE_MOST_US = 120000000, EVERY_MS = 20 };
	const int64_t deadline_us = clock_monotonic_us() + SETTLE_MOST_US;

	while (test_server_metric(server, "broadsheet_related_due") != 0) {
		if (clock_monotonic_us() > deadline_us)
			fail_msg("the background does not come to an end");
		poll(NULL, 0, EVERY_MS);
	}
}
