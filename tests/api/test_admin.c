/* SPDX-License-Identifier: MIT */
/* What operators ask, on the admin address alone; the metrics are in Prometheus' text format and count what happened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api_steps.h"

static struct test_server server;

static int set_up(void **state)
{
	(void)state;
	test_server_start(&server, NULL);
	return test_server_try(&server, "{'guid':'1','title':'One','section':'A','source':'S','published_at':'2016-01-01T00:00:00Z'}\n"
	                                "{'guid':'2','title':'Two','source':'S','status':'draft'}") ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

static void test_addresses(void **state)
{
	/* clang-format off */
	static const struct step steps[] = {
		{ "/healthz", .json = "{'status':'alive'}", .reply_headers = "Cache-Control: no-store\nContent-Type: application/json\n-Access-Control-Allow-Origin\n-ETag" },
		{ "/healthz", .headers = "If-None-Match: *" },
		{ "/readyz", .json = "{'status':'ready'}", .reply_headers = "Cache-Control: no-store" },
		{ "/metrics", .reply_headers = "Cache-Control: no-store\nContent-Type: text/plain; version=0.0.4; charset=utf-8" },
		{ "/healthz", .method = "HEAD" },
		{ "/healthz", 405, .method = "POST", .body = "", .json = "{'type':'/problems/method-not-allowed'}", .reply_headers = "Allow: GET, HEAD, OPTIONS" },
		{ "/readyz?x=1", 400, .json = "{'errors':[{'parameter':'x','code':'unknown'}]}" },
		/* no articles here */
		{ "/v1/articles", .status = 404 },
		{ "/", 404, .json = "{'type':'/problems/not-found'}" },
		{ "/v1/articles/batch", 404, .method = "POST", .headers = "Content-Type: application/x-ndjson", .body = "{}" },
	};
	static const char *const paths[] = { "/healthz", "/readyz", "/metrics" };
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		run_step(server.admin, &steps[i], NULL);
	for (size_t i = 0; i < 3; i++)
		run_step(server.public, &(struct step){ .path = paths[i], .status = 404, .reply_headers = "Content-Type: text/html; charset=utf-8" }, NULL);
}

/* --- Prometheus' text format, as its documentation has it --- */

static size_t name_length(const char *at)
{
	return strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:0123456789");
}

/* {name="value",…}: gives the place behind it, or NULL. */
static const char *skip_labels(const char *at)
{
	if (*at != '{')
		return at;
	do {
		const size_t length = name_length(++at);

		if (length == 0 || strncmp(at + length, "=\"", 2) != 0)
			return NULL;
		for (at += length + 2; *at != '"'; at++) {
			if (*at == '\0' || *at == '\n' || (*at == '\\' && strchr("\\\"n", *++at) == NULL))
				return NULL;
		}
		at++;
	} while (*at == ',');
	return *at == '}' ? at + 1 : NULL;
}

struct reading {
	char family[100], type[20];    /* the one whose HELP and TYPE came last */
	char seen[4000];               /* names of all families: none comes twice */
	size_t samples;
};

static bool belongs(const struct reading *reading, const char *name, size_t length)
{
	static const char *const of_histogram[] = { "_bucket", "_sum", "_count" };
	const size_t family = strlen(reading->family);

	if (length < family || memcmp(name, reading->family, family) != 0)
		return false;
	if (strcmp(reading->type, "histogram") != 0)
		return length == family;
	for (size_t i = 0; i < 3; i++)
		if (length == family + strlen(of_histogram[i]) && memcmp(name + family, of_histogram[i], strlen(of_histogram[i])) == 0)
			return true;
	return false;
}

static bool read_sample(struct reading *reading, const char *line)
{
	const size_t length = name_length(line);
	const char *at = skip_labels(line + length);
	char *end;

	if (length == 0 || at == NULL || *at != ' ' || !belongs(reading, line, length))
		return false;
	strtod(at + 1, &end);
	reading->samples++;
	return end != at + 1 && *end == '\0';
}

static bool read_line(struct reading *reading, const char *line)
{
	char name[104], type[20];

	if (strncmp(line, "# HELP ", 7) == 0) {
		snprintf(reading->family, sizeof reading->family, "%.*s", (int)name_length(line + 7), line + 7);
		snprintf(name, sizeof name, " %s ", reading->family);
		if (strstr(reading->seen, name) != NULL || strlen(reading->seen) + strlen(name) >= sizeof reading->seen)
			return false;
		snprintf(reading->seen + strlen(reading->seen), sizeof reading->seen - strlen(reading->seen), "%s", name);
		return line[7 + strlen(reading->family)] == ' ';
	}
	if (strncmp(line, "# TYPE ", 7) == 0) {
		if (sscanf(line + 7, "%99s %19s", name, type) != 2 || strcmp(name, reading->family) != 0)
			return false;
		snprintf(reading->type, sizeof reading->type, "%s", type);
		return strcmp(type, "counter") == 0 || strcmp(type, "gauge") == 0 || strcmp(type, "histogram") == 0;
	}
	return read_sample(reading, line);
}

static void test_prometheus_text(void **state)
{
	struct reading reading = { 0 };
	struct reply reply;
	char *rest, *line;

	(void)state;
	run_step(server.public, &(struct step){ .path = "/v1/articles" }, NULL);
	client_get(server.admin, "/metrics", &reply);
	assert_int_equal(reply.body.bytes[reply.body.length - 1], '\n');
	reply.body.bytes[reply.body.length - 1] = '\0';
	rest = reply.body.bytes;
	while ((line = strsep(&rest, "\n")) != NULL)
		if (!read_line(&reading, line))
			fail_msg("not Prometheus: %s", line);
	assert_true(reading.samples > 20);
	reply_done(&reply);
}

/* The number behind `series` on its line. */
static double value_of(const char *series)
{
	struct reply reply;
	struct text wanted = TEXT_EMPTY;
	const char *line;
	double value;

	client_get(server.admin, "/metrics", &reply);
	text_printf(&wanted, "\n%s ", series);
	line = strstr(reply.body.bytes, wanted.bytes);
	if (line == NULL)
		fail_msg("no %s in %s", series, reply.body.bytes);
	value = strtod(line + wanted.length, NULL);
	text_done(&wanted);
	reply_done(&reply);
	return value;
}

static void test_what_is_counted(void **state)
{
	static const char listing[] = "broadsheet_http_requests_total{route=\"/v1/articles\",status=\"200\"}";
	static const char durations[] = "broadsheet_http_request_duration_seconds_count{route=\"/v1/articles\"}";
	double requests, timed;

	(void)state;
	run_step(server.public, &(struct step){ .path = "/v1/articles" }, NULL);
	requests = value_of(listing);
	timed = value_of(durations);
	for (int i = 0; i < 5; i++)
		run_step(server.public, &(struct step){ .path = "/v1/articles" }, NULL);
	run_step(server.public, &(struct step){ .path = "/v1/articles?x=1", .status = 400 }, NULL);
	assert_true(value_of(listing) == requests + 5);
	assert_true(value_of(durations) == timed + 6);
	assert_true(value_of("broadsheet_articles_published") == 1);
	assert_true(value_of("broadsheet_article_id_last") == 2);
	assert_true(value_of("broadsheet_seq") == 2);
	assert_true(value_of("broadsheet_public_seq") == 1);
	assert_true(value_of("broadsheet_database_bytes") >= 4096);
	assert_true(value_of("broadsheet_http_connections") >= 1);
}

/* Without an admin address there is none. */
static void test_none(void **state)
{
	static const char *const options[] = { "--admin-listen=none", NULL };
	struct test_server other;

	(void)state;
	test_server_start(&other, options);
	assert_null(other.admin);
	run_step(other.public, &(struct step){ .path = "/v1/articles" }, NULL);
	run_step(other.public, &(struct step){ .path = "/metrics", .status = 404 }, NULL);
	test_server_stop(&other);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_prometheus_text),
		cmocka_unit_test(test_what_is_counted),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
