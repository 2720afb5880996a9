/* SPDX-License-Identifier: MIT */
/* POST /v1/articles/batch: who may, what is taken, a line of result for each line, and what an imported article becomes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api_steps.h"

#define NDJSON "Content-Type: application/x-ndjson"

static struct test_server server;

static int set_up(void **state)
{
	(void)state;
	test_server_start(&server, NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

static void test_refused_on_the_public_address(void **state)
{
	/* clang-format off */
	static const struct step steps[] = {
		{ "/v1/articles/batch", 401, .method = "POST", .headers = NDJSON, .body = "{'title':'A','source':'B','section':'C'}",
		  .json = "{'type':'/problems/unauthorized'}", .reply_headers = "WWW-Authenticate: *\n-Access-Control-Allow-Origin" },
		{ "/v1/articles/batch", 401, .method = "POST", .headers = NDJSON "\nAuthorization: Bearer abc", .body = "{}", .reply_headers = "WWW-Authenticate" },
		{ "/v1/articles/batch", 401, .method = "POST", .headers = NDJSON "\nAuthorization: Basic YTpi", .body = "{}" },
		{ "/v1/articles/batch", 401, .method = "POST", .body = "" },
		{ "/v1/articles/batch", .status = 404 },
	};
	/* clang-format on */

	(void)state;
	RUN_STEPS(&server, steps);
	run_step(server.admin, &(struct step){ "/v1/articles/batch", 404, .method = "POST", .headers = NDJSON, .body = "{}" }, NULL);
}

static void test_refused_on_the_control_socket(void **state)
{
	/* clang-format off */
	static const struct step steps[] = {
		{ "/v1/articles/batch", 415, .method = "POST", .body = "{}", .json = "{'type':'/problems/media-type'}", .reply_headers = "Accept: application/x-ndjson" },
		{ "/v1/articles/batch", 415, .method = "POST", .headers = "Content-Type: application/json", .body = "{}", .reply_headers = "Accept: application/x-ndjson" },
		{ "/v1/articles/batch", 415, .method = "POST", .headers = "Content-Type: application/x-ndjson; charset=latin1", .body = "{}" },
		{ "/v1/articles/batch", 415, .method = "POST", .headers = NDJSON "\nContent-Encoding: gzip", .body = "{}", .reply_headers = "Accept-Encoding: identity" },
		{ "/v1/articles/batch?on_conflict=fail", 400, .method = "POST", .headers = NDJSON, .body = "{}", .json = "{'errors':[{'parameter':'on_conflict','code':'unknown'}]}" },
		{ "/v1/articles/batch", 404, .method = "DELETE" },
		/* pages and operations are elsewhere */
		{ "/", .status = 404 },
		{ "/metrics", .status = 404 },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		run_step(server.writer, &steps[i], NULL);
}

static void test_too_large(void **state)
{
	char *body = malloc((16 << 20) + 2);
	struct reply reply;

	(void)state;
	assert_non_null(body);
	memset(body, '\n', (16 << 20) + 1);
	body[(16 << 20) + 1] = '\0';
	/* Who sends on without waiting may lose the answer to the reset of a closed connection (RFC 9112 9.6). */
	client_ask(server.writer, "POST", "/v1/articles/batch", NDJSON "\nExpect: 100-continue", body, &reply);
	assert_int_equal(reply.status, 413);
	expect_json("16 MiB and a byte", &reply, "{'type':'/problems/too-large'}");
	reply_done(&reply);
	free(body);
}

/* Sends `lines` (' for "), compares the lines of result without what is behind "detail":" with `wanted`. */
static void expect_results(const char *lines, const char *wanted)
{
	struct text body = TEXT_EMPTY, found = TEXT_EMPTY;
	struct reply reply;

	text_string(&body, lines);
	text_fill(&body, '\'', "\"");
	client_ask(server.writer, "POST", "/v1/articles/batch", NDJSON, body.bytes, &reply);
	assert_int_equal(reply.status, 200);
	expect_header(lines, &reply, "Content-Type", "application/x-ndjson");
	expect_header(lines, &reply, "Cache-Control", "no-store");
	for (const char *line = reply.body.bytes; line != NULL && *line != '\0'; line += strcspn(line, "\n") + 1) {
		json_t *result = json_loadb(line, strcspn(line, "\n"), JSON_REJECT_DUPLICATES, NULL);
		const char *outcome = json_string_value(json_object_get(result, "outcome")), *detail = json_string_value(json_object_get(result, "detail"));

		assert_non_null(result);
		text_printf(&found, "%lld %lld %lld %s\n", (long long)json_integer_value(json_object_get(result, "line")),
		    (long long)json_integer_value(json_object_get(result, "status")), (long long)json_integer_value(json_object_get(result, "id")),
		    outcome != NULL ? outcome : detail != NULL ? "refused" : "?");
		json_decref(result);
	}
	assert_string_equal(found.length > 0 ? found.bytes : "", wanted);
	reply_done(&reply);
	text_done(&body);
	text_done(&found);
}

static void test_results_line_by_line(void **state)
{
	(void)state;
	expect_results("{'guid':'1','title':'One','section':'A','source':'S','published_at':'2016-01-01T00:00:00Z'}\n"
	               "{'guid':'2','title':'No section','source':'S'}\n"
	               "not JSON\n"
	               "\n"
	               "  \t \r\n"
	               "{'guid':'3','title':'Three','section':'A','source':'S','published_at':'2016-01-03T00:00:00Z'}\r\n"
	               "[]\n"
	               "{'title':'','source':'S','section':'A','lang':'?','colour':'red'}\n"
	               "{'guid':'4','title':'Four','section':'A','source':'S','published_at':'2016-01-04T00:00:00Z'}",
	    "1 201 1 created\n2 422 0 refused\n3 400 0 refused\n6 201 2 created\n7 400 0 refused\n8 422 0 refused\n9 201 3 created\n");
	run_steps(&server, &(struct step){ "/v1/articles", .ids = "3 2 1" }, 1);
	/* the same again makes no version; changed content does */
	expect_results("{'guid':'1','title':'One','section':'A','source':'S','published_at':'2016-01-01T00:00:00Z'}\n"
	               "{'guid':'3','title':'Three, mended','section':'A','source':'S','published_at':'2016-01-03T00:00:00Z'}\n"
	               "{'guid':'3','title':'Three, mended','section':'A','source':'S'}\n",
	    "1 200 1 unchanged\n2 200 2 updated\n3 200 2 unchanged\n");
	run_steps(&server, &(struct step){ "/v1/articles/three", .json = "{'data':{'id':2,'rev':2,'title':'Three, mended','updated_at':'2016-06-01T12:00:00Z'}}" }, 1);
	expect_results("", "");
	expect_results("\n\n", "");
}

/* Every wrong field of a line is named. */
static void test_the_detail_names_what_is_wrong(void **state)
{
	struct reply reply;
	const char *const wanted[] = { "/title", "/lang", "/colour", "/published_at", "/tags/1", "/image/width" };

	(void)state;
	client_ask(server.writer, "POST", "/v1/articles/batch", NDJSON,
	    "{\"title\":7,\"source\":\"S\",\"section\":\"A\",\"lang\":\"?\",\"colour\":\"red\",\"published_at\":\"2016-01-01T00:00:00\",\"tags\":[\"a\",5],"
	    "\"image\":{\"url\":\"https://a.example/\",\"width\":-1}}", &reply);
	assert_int_equal(reply.status, 200);
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
		if (strstr(reply.body.bytes, wanted[i]) == NULL)
			fail_msg("no %s in %s", wanted[i], reply.body.bytes);
	reply_done(&reply);
}

static void test_what_an_import_becomes(void **state)
{
	/* clang-format off */
	static const struct step steps[] = {
		/* ids: kept above all so far, new otherwise */
		{ "/v1/articles/100?related=0", .json = "{'data':{'id':100,'title':'Hundred'}}" },
		{ "/v1/articles/fifty?related=0", .json = "{'data':{'id':101}}" },
		/* slugs: from the title, numbered when taken, kept when given */
		{ "/v1/articles/same-title?related=0", .json = "{'data':{'id':102,'aliases':null}}" },
		{ "/v1/articles/same-title-2?related=0", .json = "{'data':{'id':103}}" },
		{ "/v1/articles/its-own-slug?related=0", .json = "{'data':{'id':104,'aliases':['former-slug']}}" },
		{ "/v1/articles/former-slug", .status = 308 },
		/* a title of digits is no slug */
		{ "/v1/articles/105?related=0", .json = "{'data':{'title':'2016','slug':'~a'}}" },
		/* published now unless said otherwise, times kept */
		{ "/v1/articles/now?related=0", .json = "{'data':{'published_at':'2016-06-01T12:00:00Z','updated_at':'2016-06-01T12:00:00Z','rev':1}}" },
		{ "/v1/articles/kept?related=0", .json = "{'data':{'published_at':'2015-01-01T11:00:00Z','updated_at':'2015-02-01T00:00:00Z','id':200,'rev':7}}" },
		/* the body is made safe, text and HTML from one another */
		{ "/v1/articles/html?related=0", .json = "{'data':{'body_html':'<p>A <em>b</em></p>','body_text':'A b','word_count':2,'summary':'A b'}}" },
		{ "/v1/articles/text?related=0", .json = "{'data':{'body_html':'<p>One &lt;two&gt;</p><p>Three</p>','body_text':'One <two>\\n\\nThree','word_count':3}}" },
		/* no body at all, white space folded, null as good as nothing */
		{ "/v1/articles/bare?related=0", .json = "{'data':{'title':'Bare','word_count':0,'reading_minutes':0,'summary':null,'byline':null,'body_html':null,'tags':[]}}" },
	};
	/* clang-format on */

	(void)state;
	test_server_put(&server,
	    "{'id':100,'guid':'h','title':'Hundred','section':'A','source':'S'}\n"
	    "{'id':50,'guid':'f','title':'Fifty','section':'A','source':'S'}\n"
	    "{'guid':'s1','title':'Same title','section':'A','source':'S'}\n"
	    "{'guid':'s2','title':'Same title','section':'A','source':'S'}\n"
	    "{'guid':'o','title':'Own','slug':'its-own-slug','aliases':['former-slug','its-own-slug','same-title'],'section':'A','source':'S'}\n"
	    "{'guid':'d','title':'2016','section':'A','source':'S'}\n"
	    "{'guid':'n','title':'Now','section':'A','source':'S'}\n"
	    "{'guid':'html','title':'Html','section':'A','source':'S','body_html':'<p onclick=x>A <i>b</i><script>c</script>','body_text':'not this'}\n"
	    "{'guid':'text','title':'Text','section':'A','source':'S','body_text':'One <two>\\n\\nThree'}\n"
	    "{'guid':'b','title':'  Bare ','section':'A','source':'S','byline':null,'body_html':'','tags':null,'summary':' ','related':[],'url':'x'}\n"
	    "{'id':200,'guid':'k','title':'Kept','section':'A','source':'S','published_at':'2015-01-01T12:00:00+01:00','updated_at':'2015-02-01','rev':7}");

	RUN_STEPS(&server, steps);
}

/* Withdrawn again without a time: nothing has changed, whatever the clock says by now. */
static void test_withdrawn_again_is_unchanged(void **state)
{
	(void)state;
	expect_results("{'guid':'w','title':'W','section':'A','source':'S','published_at':'2016-01-01T00:00:00Z'}\n"
	               "{'guid':'w','title':'W','section':'A','source':'S','status':'withdrawn'}", "1 201 201 created\n2 200 201 updated\n");
	test_now += 60;
	expect_results("{'guid':'w','title':'W','section':'A','source':'S','status':'withdrawn'}", "1 200 201 unchanged\n");
	/* read again in a feed that knows nothing of it: it stays away */
	expect_results("{'guid':'w','title':'W','section':'A','source':'S','published_at':'2016-01-01T00:00:00Z'}", "1 200 201 unchanged\n");
	run_steps(&server, &(struct step){ "/v1/articles/w", 410, .json = "{'removed_at':'2016-06-01T12:00:00Z'}" }, 1);
	test_now -= 60;
}

/* Lines that cannot be kept leave nothing behind: no id is used up, no term made, and the seq stays. */
static void test_a_refused_line_leaves_no_trace(void **state)
{
	struct reply before, after;

	(void)state;
	client_get(server.public, "/v1/articles?count=exact&limit=1", &before);
	expect_results("{'guid':'x','title':'X','source':'New source','tags':['New tag'],'authors':['New author']}\n"
	               "{'guid':'y','title':'Y','source':'New source','section':'New section','published_at':'2016-01-02','expire_at':'2016-01-01'}", "1 422 0 refused\n2 422 0 refused\n");
	client_get(server.public, "/v1/articles?count=exact&limit=1", &after);
	assert_string_equal(reply_header(&before, "ETag"), reply_header(&after, "ETag"));
	assert_string_equal(reply_header(&before, "Broadsheet-Seq"), reply_header(&after, "Broadsheet-Seq"));
	run_steps(&server, &(struct step){ .path = "/v1/sources/new-source", .status = 404 }, 1);
	reply_done(&before);
	reply_done(&after);
}

/* Whatever a line holds, the batch is answered, the good line behind it goes in, and the server lives. */
static void test_hostile_lines(void **state)
{
	static const char *const lines[] = {
		"{\"title\":\"a\",\"title\":\"b\"}", "{\"title\":\"\\ud800\",\"source\":\"S\"}", "{\"title\":\"\\u0000\",\"source\":\"S\",\"section\":\"A\"}",
		"{\"title\":\"\\u0001\",\"source\":\"S\",\"section\":\"A\"}", "\xef\xbb\xbf{\"title\":\"bom\"}", "{\"title\":\"\xff\"}", "{", "}", "null", "1e999", "\"x\"",
		"{\"id\":9223372036854775808,\"title\":\"t\",\"source\":\"S\",\"section\":\"A\"}", "{\"id\":1e3,\"title\":\"t\",\"source\":\"S\",\"section\":\"A\"}",
		"{\"id\":-1,\"title\":\"t\",\"source\":\"S\",\"section\":\"A\"}", "{\"title\":{},\"source\":[]}", "{\"title\":\"t\",\"source\":{\"name\":{}}}",
		"{\"title\":\"t\",\"source\":\"S\",\"section\":\"A\",\"slug\":\"../etc\"}", "{\"title\":\"t\",\"source\":\"S\",\"section\":\"A\",\"slug\":\"123\"}",
		"{\"title\":\"t\",\"source\":\"S\",\"section\":\"A\",\"source_url\":\"javascript:alert(1)\"}",
		"{\"title\":\"t\",\"source\":\"S\",\"section\":\"A\",\"published_at\":\"9999-99-99T00:00:00Z\"}",
	};
	struct text body = TEXT_EMPTY;
	struct reply reply;
	size_t refused = 0;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		text_printf(&body, "%s\n", lines[i]);
	for (int i = 0; i < 5000; i++)
		text_char(&body, '[');
	text_string(&body, "\n{\"guid\":\"good\",\"title\":\"Good\",\"source\":\"S\",\"section\":\"A\"}\n");
	client_ask(server.writer, "POST", "/v1/articles/batch", NDJSON, body.bytes, &reply);
	assert_int_equal(reply.status, 200);
	for (const char *at = reply.body.bytes; (at = strstr(at, "\"detail\":")) != NULL; at++)
		refused++;
	assert_int_equal(refused, sizeof lines / sizeof lines[0] + 1);
	assert_non_null(strstr(reply.body.bytes, "\"status\":201"));
	reply_done(&reply);
	text_done(&body);
	run_steps(&server, &(struct step){ .path = "/v1/articles/good" }, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_on_the_public_address),
		cmocka_unit_test(test_refused_on_the_control_socket),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_results_line_by_line),
		cmocka_unit_test(test_the_detail_names_what_is_wrong),
		cmocka_unit_test(test_what_an_import_becomes),
		cmocka_unit_test(test_withdrawn_again_is_unchanged),
		cmocka_unit_test(test_a_refused_line_leaves_no_trace),
		cmocka_unit_test(test_hostile_lines),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
