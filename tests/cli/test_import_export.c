/* SPDX-License-Identifier: MIT */
/* broadsheet import and export: good and bad lines, beside a running server, and there and back again the same to the byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "api_steps.h"
#include "child.h"
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

static void test_good_and_bad_lines(void **state)
{
	char errors[300];

	(void)state;
	scratch_write(&scratch, "mixed.ndjson", "{\"guid\":\"1\",\"title\":\"One\",\"section\":\"A\",\"source\":\"S\",\"published_at\":\"2016-01-01T00:00:00Z\"}\n"
	    "{\"guid\":\"2\",\"title\":\"No section\",\"source\":\"S\"}\n"
	    "\n"
	    "{\"title\":\n"
	    "{\"guid\":\"3\",\"title\":\"Three\",\"section\":\"A\",\"source\":\"S\",\"colour\":\"red\"}\n"
	    "{\"guid\":\"4\",\"title\":\"Four\",\"section\":\"A\",\"source\":\"S\",\"published_at\":\"2016-01-04T00:00:00Z\"}\n");
	expect_run(ARGUMENTS("import", "--database", path("a.db"), path("mixed.ndjson")), NULL, 1, "2 created, 0 updated, 0 unchanged, 3 refused", "mixed.ndjson:2: ");
	snprintf(errors, sizeof errors, "%s:4: ", path("mixed.ndjson"));
	expect_run(ARGUMENTS("import", "--database", path("a.db"), path("mixed.ndjson")), NULL, 1, "0 created, 0 updated, 2 unchanged, 3 refused", errors);
	expect_run(ARGUMENTS("import", path("mixed.ndjson"), "--database", path("a.db")), NULL, 1, "2 unchanged, 3 refused", "mixed.ndjson:5: ");
	assert_true(scratch_has_only(&scratch, "mixed.ndjson a.db a.db.lock"));
	expect_run(ARGUMENTS("export", "--database", path("a.db")), NULL, 0, "\"title\":\"Four\"", "");
	expect_run(ARGUMENTS("check", "--database", path("a.db")), NULL, 0, "", "");
}

static void test_standard_input_and_defaults(void **state)
{
	static const char line[] = "{\"guid\":\"in\",\"title\":\"From a pipe\",\"published_at\":\"2016-01-01\"}\n";

	(void)state;
	expect_run(ARGUMENTS("import", "--database", path("b.db"), "-"), line, 1, "0 created, 0 updated, 0 unchanged, 1 refused", "standard input:1: ");
	expect_run(ARGUMENTS("import", "--database", path("b.db"), "--source", "Wire", "--section=National", "--timezone", "America/Toronto", "-"), line, 0, "1 created", "");
	expect_run(ARGUMENTS("export", "--database", path("b.db")), NULL, 0, "\"source\":{\"slug\":\"wire\",\"name\":\"Wire\"}", "");
	expect_run(ARGUMENTS("export", "--database", path("b.db"), "-"), NULL, 0, "\"section\":{\"slug\":\"national\",\"name\":\"National\"}", "");
	/* a plain date is midnight there */
	expect_run(ARGUMENTS("export", "--database", path("b.db")), NULL, 0, "\"published_at\":\"2016-01-01T05:00:00Z\"", "");
}

static void test_several_files(void **state)
{
	(void)state;
	scratch_write(&scratch, "one.ndjson", "{\"guid\":\"o\",\"title\":\"O\",\"section\":\"A\",\"source\":\"S\"}\n");
	scratch_write(&scratch, "array.json", "[{\"guid\":\"p\",\"title\":\"P\",\"section\":\"A\",\"source\":\"S\"},\n {\"guid\":\"q\",\"title\":\"Q\",\"section\":\"A\",\"source\":\"S\"}]\n");
	scratch_write(&scratch, "empty", "");
	scratch_write(&scratch, "binary", "\x7f" "ELF\x02\x01\x01\x03\x04\x05\x06\xff\xfe\x80");
	scratch_write(&scratch, "cut.json", "[{\"guid\":\"r\",\"title\":\"R\",\"section\":\"A\",\"source\":\"S\"},{\"guid\":\"s\",\"ti");
	/* what cannot be read is said, and the rest goes in */
	expect_run(ARGUMENTS("import", "--database", path("c.db"), path("one.ndjson"), path("missing"), path("array.json")), NULL, 1, "3 created", "missing: ");
	expect_run(ARGUMENTS("import", "--database", path("c.db"), path("binary"), path("one.ndjson")), NULL, 1, "1 unchanged", "binary: ");
	expect_run(ARGUMENTS("import", "--database", path("c.db"), path("empty")), NULL, 1, NULL, "empty: ");
	expect_run(ARGUMENTS("import", "--database", path("c.db"), path("cut.json")), NULL, 1, NULL, "cut.json");
	expect_run(ARGUMENTS("import", "--database", path("c.db"), scratch.folder), NULL, 1, NULL, scratch.folder);
	expect_run(ARGUMENTS("check", "--database", path("c.db")), NULL, 0, "", "");
}

/* No database is made for what cannot be read or is no article. */
static void test_nothing_to_import_makes_nothing(void **state)
{
	(void)state;
	scratch_write(&scratch, "empty", "");
	expect_run(ARGUMENTS("import", "--database", path("none.db"), path("missing"), path("empty")), NULL, 1, "2 files could not be read", "missing: ");
	expect_run(ARGUMENTS("import", "--database", path("none.db"), "-"), "{\"title\":\"No source\"}\n", 1, "1 refused", "standard input:1: ");
	expect_run(ARGUMENTS("import", "--database", path("no/folder.db"), "-"), "{\"title\":\"One\",\"section\":\"A\",\"source\":\"S\"}\n", 1, "", "no such folder");
	assert_false(scratch_has(&scratch, "none.db") || scratch_has(&scratch, "none.db.lock"));
}

static void test_usage(void **state)
{
	(void)state;
	expect_run(ARGUMENTS("import"), NULL, 2, "", "name the files");
	expect_run(ARGUMENTS("import", "--databse", "x", "-"), NULL, 2, "", "--database");
	expect_run(ARGUMENTS("import", "--timezone", "Mars/Olympus", "-"), NULL, 2, "", "time zone");
	expect_run(ARGUMENTS("imprt", "-"), NULL, 2, "", "did you mean import?");
	expect_run(ARGUMENTS("export", "a", "b"), NULL, 2, "", "one file");
	expect_run(ARGUMENTS("import", "--help"), NULL, 0, "--timezone", "");
	expect_run(ARGUMENTS("export", "--help"), NULL, 0, "BROADSHEET_DATABASE", "");
	expect_run(ARGUMENTS("--help"), NULL, 0, "import", "");
	expect_run(ARGUMENTS("version"), NULL, 0, "SQLite", "");
}

static void test_export_makes_nothing(void **state)
{
	(void)state;
	expect_run(ARGUMENTS("export", "--database", path("none.db")), NULL, 1, "", "no such database");
	expect_run(ARGUMENTS("export", "--database", path("none.db"), path("out")), NULL, 1, "", "no such database");
	expect_run(ARGUMENTS("check", "--database", path("none.db")), NULL, 1, "", "no such database");
	assert_false(scratch_has(&scratch, "none.db") || scratch_has(&scratch, "none.db.lock") || scratch_has(&scratch, "out") || scratch_has(&scratch, "out.part"));
	expect_run(ARGUMENTS("import", "--database", path("no/folder/a.db"), path("one.ndjson")), NULL, 1, "", "no/folder");
	/* a file that cannot be written leaves no part of it */
	expect_run(ARGUMENTS("export", "--database", path("a.db"), path("no/folder/out")), NULL, 1, "", "no/folder");
	expect_run(ARGUMENTS("export", "--database", path("a.db"), path("out")), NULL, 0, "", "");
	assert_true(scratch_has(&scratch, "out") && !scratch_has(&scratch, "out.part"));
}

/* --- many batches --- */

enum { MANY = 6000, BAD_EVERY = 1000 };

/* Every thousandth line is no article, those half-way between have no section, which only publishing can see. */
static void write_many(const char *name)
{
	struct text lines = TEXT_EMPTY;

	for (int i = 1; i <= MANY; i++) {
		if (i % BAD_EVERY == 0)
			text_string(&lines, "{\"title\":\n");
		else
			text_printf(&lines, "{\"guid\":\"%d\",\"title\":\"Article %d\",\"source\":\"S\"%s,\"published_at\":\"%d-01-01\"}\n", i, i,
			    i % BAD_EVERY == BAD_EVERY / 2 ? "" : ",\"section\":\"A\"", 1000 + i % 1000);
	}
	scratch_write(&scratch, name, lines.bytes);
	text_done(&lines);
}

/* Reading runs ahead of bringing in; what is told stands in the order of the file. */
static void expect_many(const char *database)
{
	struct child child;
	const char *line;
	char start[300];

	child_run(&child, ARGUMENTS("import", "--database", database, path("many.ndjson"), path("missing")), NULL);
	assert_int_equal(child.status, 1);
	assert_non_null(strstr(child.out.bytes, "5988 created, 0 updated, 0 unchanged, 12 refused; 1 file could not be read"));
	line = child.err.bytes;
	for (int number = BAD_EVERY / 2; number <= MANY; number += BAD_EVERY / 2) {
		snprintf(start, sizeof start, "%s:%d: ", path("many.ndjson"), number);
		if (strncmp(line, start, strlen(start)) != 0)
			fail_msg("%s is expected, not %.200s", start, line);
		assert_true(strcspn(line, "\n") > strlen(start) + 10);
		line += strcspn(line, "\n") + 1;
	}
	snprintf(start, sizeof start, "%s: ", path("missing"));
	assert_int_equal(strncmp(line, start, strlen(start)), 0);
	child_done(&child);
}

static void test_many_batches(void **state)
{
	struct test_server server;

	(void)state;
	write_many("many.ndjson");
	expect_many(path("many.db"));
	expect_run(ARGUMENTS("check", "--database", path("many.db")), NULL, 0, "", "");
	test_server_start(&server, NULL);
	expect_many(server.database);
	expect_run(ARGUMENTS("check", "--database", server.database), NULL, 0, "", "");
	test_server_stop(&server);
}

/* --- there and back --- */

/* Exports `name`.db, imports that into an empty database, exports again: the same bytes, `least` lines at least. */
static void expect_there_and_back(const char *name, size_t least)
{
	char database[40], second[40], file[40], again[40];
	struct text one, other;
	size_t lines = 0;

	snprintf(database, sizeof database, "%s.db", name);
	snprintf(second, sizeof second, "%s-2.db", name);
	snprintf(file, sizeof file, "%s.out", name);
	snprintf(again, sizeof again, "%s-2.out", name);
	expect_run(ARGUMENTS("export", "--database", path(database), path(file)), NULL, 0, "", "");
	expect_run(ARGUMENTS("import", "--database", path(second), path(file)), NULL, 0, "0 refused", "");
	expect_run(ARGUMENTS("export", "--database", path(second), path(again)), NULL, 0, "", "");
	one = scratch_read(&scratch, file);
	other = scratch_read(&scratch, again);
	for (size_t i = 0; i < one.length; i++)
		lines += one.bytes[i] == '\n';
	assert_true(lines >= least);
	assert_int_equal(one.length, other.length);
	assert_memory_equal(one.bytes, other.bytes, one.length);
	text_done(&one);
	text_done(&other);
	/* and once more into the first: nothing is new */
	expect_run(ARGUMENTS("import", "--database", path(database), path(file)), NULL, 0, "0 created, 0 updated", "");
	expect_run(ARGUMENTS("check", "--database", path(second)), NULL, 0, "", "");
}

static void test_the_sample_there_and_back(void **state)
{
	(void)state;
	expect_run(ARGUMENTS("import", "--database", path("sample.db"), "static/sample/articles.ndjson"), NULL, 0, "0 refused", "");
	expect_there_and_back("sample", 50);
}

/* What readers have seen is gone (410), what they never saw is unknown to them (404): also where an export came in. */
static void expect_seen(const char *file)
{
	static const struct step steps[] = {
		{ "/v1/articles/withdrawn", .status = 410 },
		{ "/v1/articles/back-again", .status = 410 },
		{ "/v1/articles/draft", .status = 404 },
		{ "/v1/articles/never-public", .status = 404 },
		{ "/v1/articles/dated-and-never-public", .status = 404 },
		{ "/v1/articles/scheduled", .status = 404 },
	};
	struct test_server server;

	test_server_start(&server, NULL);
	expect_run(ARGUMENTS("import", "--database", server.database, path(file)), NULL, 0, "0 refused", "");
	RUN_STEPS(&server, steps);
	test_server_stop(&server);
}

/* Everything an article can have, every status, slugs and terms that collide, versions, holes between ids. */
static void test_everything_there_and_back(void **state)
{
	static const char articles[] =
	    "{'id':5,'guid':'full','title':'Full \\u00e9 \\ud83d\\udcf0','slug':'full-1','section':'C','source':'C#','byline':'By \\u201cAnn\\u201d','authors':['Ann','C','C#'],"
	    "'dateline':'X','summary':'S','tags':['C','C#',{'name':'C++','type':'event'},{'name':'\\u65e5\\u672c','type':'place'}],'lang':'pt-BR','featured':true,"
	    "'published_at':'2016-01-01T00:00:00+02:00','image':{'url':'/static/x.png','width':1,'height':2,'alt':'a','caption':'c','credit':'d'},"
	    "'body_html':'<h2>Head</h2><p>One &amp; <a href=\\'https://a.example/?x=1&amp;y=2\\'>two</a></p><ul><li>three</li></ul><blockquote><p>four</p></blockquote>"
	    "<table><tr><td>five</td></tr></table><pre>six\\n  seven</pre>',"
	    "'corrections':[{'at':'2016-01-02T00:00:00Z','kind':'update','text':'u'},{'at':'2016-01-03T00:00:00Z','kind':'correction','text':'c'}],"
	    "'source_url':'https://s.example/1','canonical_url':'https://c.example/1','rights':{'holder':'h','notice':'n','usage_terms':'t'},'related_ids':[9,7],"
	    "'expire_at':'2099-01-01T00:00:00Z'}\n"
	    "{'guid':'full','source':'C#','title':'Full again','slug':'full-2','section':'c','tags':['c#'],'published_at':'2016-01-01T00:00:00+02:00'}\n"
	    "{'guid':'full','source':'C#','title':'Full again','slug':'full-3','section':'c','tags':['c#','C'],'published_at':'2016-01-01T00:00:00+02:00','expire_at':'2099-01-01'}\n"
	    "{'id':7,'title':'Draft','source':'C','status':'draft','body_text':'One\\n\\nTwo'}\n"
	    "{'id':9,'title':'Scheduled','source':'C','section':'C','published_at':'2098-01-01T00:00:00Z'}\n"
	    "{'title':'Scheduled too','source':'C','section':'C','status':'scheduled','publish_at':'2097-01-01T00:00:00Z'}\n"
	    "{'id':20,'guid':'w','title':'Withdrawn','source':'C','section':'C','published_at':'2016-01-01T00:00:00Z'}\n"
	    "{'guid':'w','title':'Withdrawn','source':'C','section':'C','status':'withdrawn','removed_at':'2016-02-01T00:00:00Z','reason':'why','replaced_by':5}\n"
	    "{'title':'Never public','source':'C','status':'withdrawn','removed_at':'2016-02-01T00:00:00Z'}\n"
	    "{'title':'Same','source':'C','section':'C','published_at':'2016-03-01T00:00:00Z'}\n"
	    "{'title':'Same','source':'c#','section':'C#','published_at':'2016-03-01T00:00:00Z'}\n"
	    "{'guid':'g1','title':'Same','source':'C++','section':'C++','published_at':'2016-03-01T00:00:00Z'}\n"
	    "{'guid':'g2','title':'Same','source':'C++','section':'C++','published_at':'2016-03-01T00:00:00Z','aliases':['same-9']}\n"
	    "{'guid':'t','title':'Back again','source':'C','section':'Q','published_at':'2016-04-01T00:00:00Z'}\n"
	    "{'guid':'t','title':'Back again','source':'C','section':'Q','status':'draft','published_at':'2016-04-01T00:00:00Z'}\n"
	    "{'guid':'never','title':'Dated and never public','source':'C','section':'C','status':'draft','published_at':'2016-04-02T00:00:00Z'}\n"
	    "{'guid':'never','title':'Dated and never public','source':'C','section':'C','status':'withdrawn','published_at':'2016-04-02T00:00:00Z'}\n"
	    "{'guid':'empty','title':'\\u65e5\\u672c','source':'\\u65e5\\u672c','section':'!!!','tags':['!-','---'],'published_at':'1969-12-31T23:59:59Z'}\n";
	struct text lines = TEXT_EMPTY;

	(void)state;
	text_string(&lines, articles);
	text_fill(&lines, '\'', "\"");
	expect_run(ARGUMENTS("import", "--database", path("all.db"), "-"), lines.bytes, 0, "0 refused", "");
	text_done(&lines);
	expect_there_and_back("all", 12);
	expect_seen("all.out");
}

/* --- our own pages --- */

/* Imports the page of each article that one server shows into the other; gives the articles by title. */
static json_t *import_pages(struct test_server *from, struct test_server *into)
{
	json_t *articles = json_object(), *item;
	struct reply list, page;
	size_t i;

	client_get(from->public, "/v1/articles?limit=100&include=body", &list);
	assert_int_equal(list.status, 200);
	json_array_foreach(reply_member(&list, "data"), i, item) {
		char target[200];

		snprintf(target, sizeof target, "/article/%s", json_string_value(json_object_get(item, "slug")));
		client_get(from->public, target, &page);
		assert_int_equal(page.status, 200);
		scratch_write(&scratch, "page.html", page.body.bytes);
		expect_run(ARGUMENTS("import", "--database", into->database, path("page.html")), NULL, 0, "1 created", "");
		json_object_set(articles, json_string_value(json_object_get(item, "title")), item);
		reply_done(&page);
	}
	reply_done(&list);
	return articles;
}

/* What a page shows comes back; terms by their names, since it does not tell slugs and types. */
static void expect_same_article(json_t *wanted, json_t *found)
{
	static const char *const fields[] = { "title", "summary", "byline", "dateline", "lang", "published_at", "body_html", "body_text", "image" };
	static const char *const terms[] = { "source", "section", "authors", "tags" };
	const char *title = json_string_value(json_object_get(wanted, "title"));

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		json_t *one = json_object_get(wanted, fields[i]), *other = json_object_get(found, fields[i]);

		if (one != other && !json_equal(one, other))
			fail_msg("%s: another %s", title, fields[i]);
	}
	for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++) {
		json_t *one = json_object_get(wanted, terms[i]), *other = json_object_get(found, terms[i]);

		if (json_is_object(one) && !json_equal(json_object_get(one, "name"), json_object_get(other, "name")))
			fail_msg("%s: another %s", title, terms[i]);
		assert_int_equal(json_array_size(one), json_array_size(other));
		for (size_t k = 0; k < json_array_size(one); k++)
			if (!json_equal(json_object_get(json_array_get(one, k), "name"), json_object_get(json_array_get(other, k), "name")))
				fail_msg("%s: other %s", title, terms[i]);
	}
}

/* Pages of ours, saved and imported elsewhere, are the articles that they show. */
static void test_own_pages_come_back(void **state)
{
	struct test_server here, there;
	json_t *articles, *item;
	struct reply list;
	size_t i;

	(void)state;
	test_server_start(&here, NULL);
	test_server_start(&there, NULL);
	atomic_store(&test_now, 1800000000);    /* behind all of the sample */
	expect_run(ARGUMENTS("import", "--database", here.database, "static/sample/articles.ndjson"), NULL, 0, "0 refused", "");
	articles = import_pages(&here, &there);
	assert_true(json_object_size(articles) > 50);
	client_get(there.public, "/v1/articles?limit=100&include=body", &list);
	assert_int_equal(json_array_size(reply_member(&list, "data")), json_object_size(articles));
	json_array_foreach(reply_member(&list, "data"), i, item)
		expect_same_article(json_object_get(articles, json_string_value(json_object_get(item, "title"))), item);
	reply_done(&list);
	json_decref(articles);
	test_server_stop(&there);
	test_server_stop(&here);
	atomic_store(&test_now, 1464782400);
}

/* --- beside a running server --- */

static void test_beside_a_server(void **state)
{
	struct test_server server;

	(void)state;
	test_server_start(&server, NULL);
	scratch_write(&scratch, "beside.ndjson", "{\"guid\":\"1\",\"title\":\"One\",\"section\":\"A\",\"source\":\"S\",\"published_at\":\"2016-01-01T00:00:00Z\"}\nbad\n");
	expect_run(ARGUMENTS("import", "--database", server.database, path("beside.ndjson")), NULL, 1, "1 created, 0 updated, 0 unchanged, 1 refused", "beside.ndjson:2: ");
	run_steps(&server, &(struct step){ .path = "/v1/articles?count=exact", .ids = "1", .json = "{'meta':{'count':{'value':1}}}" }, 1);
	expect_run(ARGUMENTS("import", "--database", server.database, path("beside.ndjson")), NULL, 1, "0 created, 0 updated, 1 unchanged", NULL);
	/* a refusal that only the store can make has its line in the file too */
	scratch_write(&scratch, "beside.ndjson", "\n\n{\"guid\":\"2\",\"title\":\"No section\",\"source\":\"S\"}\n");
	expect_run(ARGUMENTS("import", "--database", server.database, path("beside.ndjson")), NULL, 1, "1 refused", "beside.ndjson:3: ");
	/* the clock of this server stands in 2016, the command's does not: who serves decides */
	scratch_write(&scratch, "beside.ndjson", "{\"guid\":\"3\",\"title\":\"Three\",\"section\":\"A\",\"source\":\"S\",\"published_at\":\"2016-07-01T00:00:00Z\"}\n");
	expect_run(ARGUMENTS("import", "--database", server.database, path("beside.ndjson")), NULL, 0, "1 created", "");
	run_steps(&server, &(struct step){ .path = "/v1/articles?count=exact", .ids = "1" }, 1);
	expect_run(ARGUMENTS("export", "--database", server.database), NULL, 0, "\"status\":\"scheduled\"", "");
	expect_run(ARGUMENTS("check", "--database", server.database), NULL, 0, "", "");
	/* the sample in many articles, by way of the socket */
	expect_run(ARGUMENTS("import", "--database", server.database, "static/sample/articles.ndjson"), NULL, 0, "0 refused", "");
	test_server_stop(&server);
}

/* Whoever holds the lock and does not answer: a clear line, and nothing is done. */
static void test_a_holder_that_does_not_answer(void **state)
{
	struct test_server server;

	(void)state;
	test_server_start(&server, NULL);
	unlink(server.control);
	expect_run(ARGUMENTS("import", "--database", server.database, path("one.ndjson")), NULL, 1, "0 created", "does not answer");
	test_server_stop(&server);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_and_bad_lines),
		cmocka_unit_test(test_standard_input_and_defaults),
		cmocka_unit_test(test_several_files),
		cmocka_unit_test(test_nothing_to_import_makes_nothing),
		cmocka_unit_test(test_usage),
		cmocka_unit_test(test_export_makes_nothing),
		cmocka_unit_test(test_many_batches),
		cmocka_unit_test(test_the_sample_there_and_back),
		cmocka_unit_test(test_everything_there_and_back),
		cmocka_unit_test(test_own_pages_come_back),
		cmocka_unit_test(test_beside_a_server),
		cmocka_unit_test(test_a_holder_that_does_not_answer),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
