/* SPDX-License-Identifier: MIT */
/* The template engine: what templates print, what is escaped, and how broken ones are refused. Templates and data
 * are tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "template.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

static struct template_set *set_of(const char *page, const char *part, struct error *err)
{
	const struct template_source sources[] = { { "page", page, strlen(page) }, { "part", part, strlen(part) } };

	return template_set_new(sources, N_OF(sources), err);
}

static void assert_renders(const char *page, const char *part, const char *json, const char *expected)
{
	struct text text = TEXT_EMPTY;
	struct error err = { 0 };
	struct template_set *set = set_of(page, part, &err);
	json_t *data = json_loads(json, JSON_DECODE_ANY, NULL);

	if (set == NULL)
		fail_msg("%s: %s", page, err.detail);
	assert_non_null(data);
	template_render(template_find(set, "page"), data, &text);
	assert_string_equal(text.bytes == NULL ? "" : text.bytes, expected);
	text_done(&text);
	json_decref(data);
	template_set_free(set);
}

static void test_values(void **state)
{
	static const struct { const char *page, *json, *expected; } cases[] = {
		{ "", "{}", "" },
		{ "plain { text } }}", "{}", "plain { text } }}" },
		{ "{{a}}", "{\"a\":\"b\"}", "b" },
		{ "{{ a }}", "{\"a\":\"b\"}", "b" },
		{ "[{{a}}]", "{}", "[]" },
		{ "{{a.b.c}}", "{\"a\":{\"b\":{\"c\":\"d\"}}}", "d" },
		{ "[{{a.b}}]", "{\"a\":\"text\"}", "[]" },
		{ "[{{a.b}}]", "{\"a\":[{\"b\":1}]}", "[]" },
		{ "{{a}} {{b}} [{{c}}] [{{d}}] [{{e}}] [{{f}}]", "{\"a\":-3,\"b\":true,\"c\":false,\"d\":null,\"e\":{},\"f\":[1]}", "-3 true [] [] [] []" },
		{ "{{.}}", "\"all\"", "all" },
		{ "[{{a}}]", "\"all\"", "[]" },
		{ "é{{a}}é", "{\"a\":\"漢\"}", "é漢é" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++)
		assert_renders(cases[i].page, "", cases[i].json, cases[i].expected);
}

static void test_escaping(void **state)
{
	static const char hostile[] = "{\"a\":\"<script>alert('x')</script>&amp;\\\"`\"}";
	struct text text = TEXT_EMPTY;
	struct error err;
	struct template_set *set = set_of("<a title=\"{{a}}\">{{a}}</a>", "", &err);
	json_t *data = json_loads(hostile, 0, NULL);

	(void)state;
	template_render(template_find(set, "page"), data, &text);
	assert_null(strstr(text.bytes, "<script"));
	assert_null(strstr(text.bytes, "</script"));
	assert_null(strchr(text.bytes, '\''));
	assert_null(strchr(text.bytes, '`'));
	assert_non_null(strstr(text.bytes, "&lt;script&gt;"));
	assert_non_null(strstr(text.bytes, "&amp;amp;"));
	text_done(&text);
	json_decref(data);
	template_set_free(set);

	/* A value is never read as a template. */
	assert_renders("{{a}}{{{a}}}", "", "{\"a\":\"{{b}}\",\"b\":\"no\"}", "{{b}}{{b}}");
	assert_renders("{{{a}}}", "", "{\"a\":\"<p>&amp;</p>\"}", "<p>&amp;</p>");
}

static void test_sections(void **state)
{
	static const struct { const char *page, *json, *expected; } cases[] = {
		{ "{{#a}}x{{/a}}", "{\"a\":true}", "x" },
		{ "{{#a}}x{{/a}}", "{\"a\":false}", "" },
		{ "{{#a}}x{{/a}}", "{\"a\":\"\"}", "" },
		{ "{{#a}}x{{/a}}", "{\"a\":0}", "" },
		{ "{{#a}}x{{/a}}", "{\"a\":[]}", "" },
		{ "{{#a}}x{{/a}}", "{\"a\":null}", "" },
		{ "{{#a}}x{{/a}}", "{\"a\":{}}", "x" },
		{ "{{^a}}x{{/a}}", "{}", "x" },
		{ "{{^a}}x{{/a}}", "{\"a\":[]}", "x" },
		{ "{{^a}}x{{/a}}", "{\"a\":[0]}", "" },
		{ "{{#a}}{{.}},{{/a}}", "{\"a\":[1,\"<\",true]}", "1,&lt;,true," },
		{ "{{#a}}{{b}},{{/a}}", "{\"a\":[{\"b\":1},{\"b\":2},{}]}", "1,2,," },
		{ "{{#a}}{{b}}{{/a}}{{b}}", "{\"a\":{\"b\":1},\"b\":2}", "12" },
		{ "{{#a.b}}{{c}}{{/a.b}}", "{\"a\":{\"b\":{\"c\":3}}}", "3" },
		{ "{{#a}}{{#b}}{{c}}{{/b}}{{/a}}", "{\"a\":{\"b\":true,\"c\":4}}", "4" },      /* true leaves the names as they are */
		{ "{{#a}}{{#b}}[{{.}}{{c}}]{{/b}}{{/a}}", "{\"a\":{\"b\":\"s\",\"c\":4}}", "[s4]" },
		{ "{{#a}}{{#a}}{{.}}{{/a}}{{/a}}", "{\"a\":[1,2]}", "1212" },
		{ "{{#a}}x{{/a}}{{#a}}y{{/a}}z", "{}", "z" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++)
		assert_renders(cases[i].page, "", cases[i].json, cases[i].expected);
}

/* A name is looked for in the innermost object and at the root: what lies between cannot be borrowed by mistake. */
static void test_names_are_not_borrowed(void **state)
{
	(void)state;
	assert_renders("{{#story}}{{#related}}[{{image}}]{{/related}}{{/story}}", "",
	    "{\"story\":{\"image\":\"outer\",\"related\":[{},{\"image\":\"own\"}]}}", "[][own]");
	assert_renders("{{#story}}{{#related}}[{{site.name}}]{{/related}}{{/story}}", "",
	    "{\"site\":{\"name\":\"S\"},\"story\":{\"related\":[{}]}}", "[S]");
}

static void test_partials_and_lines(void **state)
{
	(void)state;
	assert_renders("<{{>part}}>", "{{a}}", "{\"a\":\"b\"}", "<b>");
	assert_renders("{{#a}}{{> part }}{{/a}}", "{{b}};", "{\"a\":[{\"b\":1},{\"b\":2}]}", "1;2;");
	assert_renders("{{! a note }}x{{!\nmore\n}}y", "", "{}", "xy");

	/* Marks alone on their line take the line with them; others, and values, do not. */
	assert_renders("a\n{{#b}}\n  {{c}}\n{{/b}}\nd\n", "", "{\"b\":{\"c\":1}}", "a\n  1\nd\n");
	assert_renders("a\n  {{#b}}  \nx\n\t{{/b}}\t\nd", "", "{}", "a\nd");
	assert_renders("a\r\n{{#b}}\r\nx\r\n{{/b}}\r\nd", "", "{\"b\":true}", "a\r\nx\r\nd");
	assert_renders("a {{#b}}\nx\n{{/b}}\n", "", "{\"b\":true}", "a \nx\n");
	assert_renders("{{#b}}{{/b}}\nx", "", "{\"b\":true}", "\nx");
	assert_renders("x\n{{>part}}\ny", "p\n", "{}", "x\np\ny");
	assert_renders("{{#b}}\nx\n{{/b}}", "", "{\"b\":true}", "x\n");
}

static void test_broken_templates(void **state)
{
	static const struct { const char *page, *part, *expected; } cases[] = {
		{ "a\n{{b", "", "templates/page.html:2: a mark is not closed" },
		{ "{{{b}}", "", "templates/page.html:1: a mark is not closed" },
		{ "\n\n{{#b}}\n\n", "", "templates/page.html:3: never closed: \"b\"" },
		{ "{{/b}}", "", "nothing is open that could be closed by \"b\"" },
		{ "{{#a}}\n{{#b}}\n{{/a}}{{/b}}", "", "templates/page.html:3: another section must be closed before \"a\"" },
		{ "{{#a.b}}{{/a.c}}", "", "another section must be closed before \"a.c\"" },
		{ "{{#a.b}}{{/a}}", "", "another section must be closed before \"a\"" },
		{ "{{}}", "", "this is no name: \"\"" },
		{ "{{a..b}}", "", "this is no name: \"a..b\"" },
		{ "{{a.}}", "", "this is no name" },
		{ "{{a b}}", "", "this is no name: \"a b\"" },
		{ "{{=<% %>=}}", "", "this is no name" },
		{ "{{&a}}", "", "this is no name" },
		{ "{{> a.b }}", "", "this is no name: \"a.b\"" },
		{ "{{>nowhere}}", "", "there is no template \"nowhere\"" },
		{ "{{>page}}", "", "this template would hold itself through \"page\"" },
		{ "{{>part}}", "x\n{{>page}}", "templates/part.html:2: this template would hold itself through \"page\"" },
		{ "{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}", "", "too many sections" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct error err = { 0 };
		struct template_set *set = set_of(cases[i].page, cases[i].part, &err);

		if (set != NULL || err.code != ERROR_INVALID || strstr(err.detail, cases[i].expected) == NULL)
			fail_msg("%s says: %s", cases[i].page, set == NULL ? err.detail : "nothing");
		template_set_free(set);
	}
}

/* TEMPLATE_PARTIALS_DEEP templates may lie inside one another, not one more. */
static void test_partials_are_bounded(void **state)
{
	static const char *const names[] = { "t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8" };
	static const char *const bodies[] = { "{{>t1}}", "{{>t2}}", "{{>t3}}", "{{>t4}}", "{{>t5}}", "{{>t6}}", "{{>t7}}", "{{>t8}}", "end" };
	struct template_source sources[N_OF(names)];
	struct template_set *set;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(N_OF(names), TEMPLATE_PARTIALS_DEEP + 1);
	for (size_t i = 0; i < N_OF(names); i++)
		sources[i] = (struct template_source){ names[i], bodies[i], strlen(bodies[i]) };
	assert_null(template_set_new(sources, N_OF(sources), &err));
	assert_non_null(strstr(err.detail, "too many templates inside one another"));

	set = template_set_new(sources + 1, N_OF(sources) - 1, &err);
	assert_non_null(set);
	assert_null(template_find(set, "t0"));
	assert_non_null(template_find(set, "t1"));
	template_set_free(set);
	template_set_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_escaping),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_names_are_not_borrowed),
		cmocka_unit_test(test_partials_and_lines),
		cmocka_unit_test(test_broken_templates),
		cmocka_unit_test(test_partials_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
