/* SPDX-License-Identifier: MIT */
/*
 * Nothing is left out of the documentation: every public route has its row in route_docs[], every error its words, every shape that is named is
 * there. Whether what the document says is true is another test's business: tests/clients/openapi.test.js asks everything that stands in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/documentation.h"
#include "api_steps.h"

static const char *const methods[] = {
	[HTTP_GET] = "GET", [HTTP_POST] = "POST", [HTTP_PUT] = "PUT", [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE",
};

/* --- the tables --- */

static void test_every_public_route_is_documented(void **state)
{
	size_t n_missing = 0;

	(void)state;
	for (size_t i = 0; i < n_routes; i++) {
		if (!route_is_public(&routes[i]) || route_doc_of(&routes[i]) != NULL)
			continue;
		print_error("%s %s has no row in server/api/route_docs.c. Such as:\n"
		            "	{ HTTP_%s, \"%s\", \"aName\", \"Articles\", \"A few words\", \"A sentence.\", .form = ANSWER_OTHER, .shape = \"text/plain\" },\n",
		    methods[routes[i].method], routes[i].path, methods[routes[i].method], routes[i].path);
		n_missing++;
	}
	assert_int_equal(n_missing, 0);
}

static void test_every_value_of_a_path_is_described(void **state)
{
	(void)state;
	for (const struct route_doc *doc = route_docs; doc->path != NULL; doc++)
		for (const char *at = strchr(doc->path, '{'); at != NULL; at = strchr(at, '{')) {
			char name[32];
			json_t *parameter;

			at++;
			snprintf(name, sizeof name, "%.*s", (int)strcspn(at, ".}"), at);
			parameter = openapi_path_parameter(name);
			if (json_object_get(parameter, "description") == NULL)
				fail_msg("{%s} of %s has no row in openapi_path_parameter() (server/api/openapi_schema.c)", name, doc->path);
			json_decref(parameter);
		}
}

static bool is_a_route(const struct route_doc *doc)
{
	for (size_t i = 0; i < n_routes; i++)
		if (routes[i].method == doc->method && strcmp(routes[i].path, doc->path) == 0)
			return route_is_public(&routes[i]);
	return false;
}

static bool is_a_group(const char *name)
{
	for (const struct route_group *group = route_groups; group->name != NULL; group++)
		if (strcmp(group->name, name) == 0)
			return true;
	return false;
}

static void test_rows_are_whole_and_of_routes(void **state)
{
	(void)state;
	for (const struct route_doc *doc = route_docs; doc->path != NULL; doc++) {
		if (!is_a_route(doc))
			fail_msg("%s %s is in route_docs[] and in no public route", methods[doc->method], doc->path);
		if (!is_a_group(doc->group))
			fail_msg("%s is in no group of route_groups[]", doc->name);
		if (strlen(doc->summary) < 3 || doc->help[strlen(doc->help) - 1] != '.')
			fail_msg("%s has no summary, or a help that is no sentence", doc->name);
		for (const struct route_doc *other = route_docs; other < doc; other++)
			assert_string_not_equal(other->name, doc->name);
	}
}

static void test_a_route_with_a_body_says_its_shape(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_routes; i++) {
		const struct route_doc *doc = route_doc_of(&routes[i]);

		if (doc != NULL && (routes[i].body_limit > 0) != (doc->body != NULL))
			fail_msg("%s %s: the table of routes and route_docs[] disagree on whether there is a body", methods[doc->method], doc->path);
	}
}

static void test_every_error_has_words(void **state)
{
	static const enum error_code codes[] = {
#define X(code, status, slug, title) code,
		ERROR_TABLE(X)
#undef X
	};

	(void)state;
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (error_words(codes[i]) == NULL)
			fail_msg("the error %s has no row in server/api/error_docs.c", error_slug(codes[i]));
}

/* --- the document --- */

static struct test_server server;

static int set_up(void **state)
{
	(void)state;
	test_server_start(&server, (const char *const[]){ "--site-name", "The <Daily> \"Test\"", NULL });
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

/* Walks all of it: every $ref leads somewhere inside. */
static void check_references(const json_t *document, const json_t *value)
{
	const char *ref = json_string_value(json_object_get(value, "$ref")), *key;
	const json_t *member, *at = document;
	size_t i;

	if (ref != NULL) {
		assert_memory_equal(ref, "#/", 2);
		for (const char *part = ref + 2; at != NULL && *part != '\0';) {
			const size_t length = strcspn(part, "/");

			at = json_object_getn(at, part, length);
			part += length + (part[length] == '/');
		}
		if (at == NULL)
			fail_msg("%s leads nowhere", ref);
	}
	json_object_foreach((json_t *)(uintptr_t)value, key, member)
		check_references(document, member);
	json_array_foreach(value, i, member)
		check_references(document, member);
}

static void test_the_document(void **state)
{
	struct reply reply;

	(void)state;
	run_step(server.public, &(struct step){ "/openapi.json?utm_source=x",
	    .reply_headers = "Content-Type: application/json\nETag: *",
	    .json = "{'openapi':'3.1.0','info':{'title':'The <Daily> \\\"Test\\\" API'},'servers':[{'url':'" TEST_BASE_URL "'}],"
	            "'paths':{'/v1/articles':{'get':{'operationId':'listArticles'},'post':{'x-scope':'write','security':[{'bearer':[]}]}}}}" }, &reply);
	check_references(reply.json, reply.json);
	reply_done(&reply);
}

/* What it prints of the settings is in its validator: who holds the document as it was under another setting is not told that it still stands. */
static void test_another_setting_is_another_document(void **state)
{
	char header[160];
	struct reply reply;

	(void)state;
	client_ask(server.public, "GET", "/openapi.json", NULL, NULL, &reply);
	snprintf(header, sizeof header, "If-None-Match: %s", reply_header(&reply, "ETag"));
	reply_done(&reply);
	server.config.article_bytes += 1000;
	test_server_restart(&server);
	client_ask(server.public, "GET", "/openapi.json", header, NULL, &reply);
	assert_int_equal(reply.status, 200);
	reply_done(&reply);
}

/* Pages: what a program is led to from the type of a problem. */
static void test_problems_lead_to_a_page(void **state)
{
	static const struct {
		const char *target;
		long status;
		const char *type;
	} pages[] = {
		{ "/problems/bad-parameter", 200, "text/html; charset=utf-8" },
		{ "/problems/nothing", 404, "text/html; charset=utf-8" },
		{ "/docs", 200, "text/html; charset=utf-8" },
		{ "/llms.txt", 200, "text/plain; charset=utf-8" },
	};
	struct reply reply;

	(void)state;
	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
		client_ask(server.public, "GET", pages[i].target, NULL, NULL, &reply);
		assert_int_equal(reply.status, pages[i].status);
		expect_header(pages[i].target, &reply, "Content-Type", pages[i].type);
		expect_header(pages[i].target, &reply, "ETag", pages[i].status == 200 ? "*" : NULL);
		expect_header(pages[i].target, &reply, "Content-Security-Policy", "*");
		reply_done(&reply);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_public_route_is_documented),
		cmocka_unit_test(test_rows_are_whole_and_of_routes),
		cmocka_unit_test(test_a_route_with_a_body_says_its_shape),
		cmocka_unit_test(test_every_value_of_a_path_is_described),
		cmocka_unit_test(test_every_error_has_words),
		cmocka_unit_test(test_the_document),
		cmocka_unit_test(test_another_setting_is_another_document),
		cmocka_unit_test(test_problems_lead_to_a_page),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
