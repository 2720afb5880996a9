/* SPDX-License-Identifier: MIT */
/* PUT, PATCH and putting an earlier version back: If-Match, what goes and what stays, former addresses, corrections. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api_steps.h"

#define JSON "Content-Type: application/json"
#define ANY JSON "\nIf-Match: *"
#define N_OF(array) (sizeof(array) / sizeof *(array))

static struct test_server server;

static int set_up(void **state)
{
	(void)state;
	test_now = 1464782400;
	test_server_start(&server, NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

static void run_on_writer(const struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		run_step(server.writer, &steps[i], NULL);
}
#define RUN_ON_WRITER(steps) run_on_writer(steps, N_OF(steps))

static void post(const char *body, const char *json)
{
	run_step(server.writer, &(struct step){ .path = "/v1/articles", .status = 201, .method = "POST", .headers = JSON, .body = body, .json = json }, NULL);
}

static void patch(const char *path, const char *body, long status, const char *json)
{
	run_step(server.writer, &(struct step){ .path = path, .status = status, .method = "PATCH", .headers = ANY, .body = body, .json = json }, NULL);
}

static void put(const char *path, const char *body, long status, const char *json)
{
	run_step(server.writer, &(struct step){ .path = path, .status = status, .method = "PUT", .headers = ANY, .body = body, .json = json }, NULL);
}

/* --- If-Match --- */

/* Patches once, which makes rev + 1. */
static void test_if_match(void **state)
{
	/* clang-format off */
	static const struct step steps[] = {
		{ .path = "/v1/articles/1", .status = 428, .method = "PUT", .headers = JSON, .body = "{'title':'B','source':'S'}", .json = "{'type':'/problems/if-match-required'}" },
		{ .path = "/v1/articles/1", .status = 428, .method = "PATCH", .headers = JSON, .body = "{'title':'B'}" },
		{ .path = "/v1/articles/1/revisions/1/restore", .status = 428, .method = "POST" },
		{ .path = "/v1/articles/1", .method = "PATCH", .headers = JSON "\nIf-Match: \"1.0123-i\"", .body = "{'title':'B'}", .json = "{'data':{'rev':2}}" },
		/* stale: the ETag to go on from, on which it does go on */
		{ .path = "/v1/articles/1", .status = 412, .method = "PATCH", .headers = JSON "\nIf-Match: \"1.0123-i\"", .body = "{'title':'C'}",
		  .json = "{'type':'/problems/stale'}", .reply_headers = "ETag: \"2.current\"" },
		{ .path = "/v1/articles/1", .status = 412, .method = "PUT", .headers = JSON "\nIf-Match: \"1.0123-i\"", .body = "{'title':'C','source':'S'}", .reply_headers = "ETag: \"2.current\"" },
		{ .path = "/v1/articles/1", .method = "PATCH", .headers = JSON "\nIf-Match: \"2.current\"", .body = "{'title':'C'}", .json = "{'data':{'rev':3}}" },
		/* a list, in any layout, and over two fields; a comma inside a tag parts nothing */
		{ .path = "/v1/articles/1", .method = "PATCH", .headers = JSON "\nIf-Match: \"1.x\" ,\"3.y\"", .body = "{'title':'D'}", .json = "{'data':{'rev':4}}" },
		{ .path = "/v1/articles/1", .method = "PATCH", .headers = JSON "\nIf-Match: \"9\"\nIf-Match: \"4\"", .body = "{'title':'E'}", .json = "{'data':{'rev':5}}" },
		{ .path = "/v1/articles/1", .status = 412, .method = "PATCH", .headers = JSON "\nIf-Match: \"x,5\", \"51.a\", \"\"", .body = "{'title':'F'}" },
		/* a proxy may have made a tag weak; what is no version never matches */
		{ .path = "/v1/articles/1", .method = "PATCH", .headers = JSON "\nIf-Match: W/\"5.a\"", .body = "{}" },
		{ .path = "/v1/articles/1", .status = 412, .method = "PATCH", .headers = JSON "\nIf-Match: \"-5\"", .body = "{'title':'F'}" },
		{ .path = "/v1/articles/1", .status = 412, .method = "PATCH", .headers = JSON "\nIf-Match: \" 5\"", .body = "{'title':'F'}" },
		{ .path = "/v1/articles/1", .status = 412, .method = "PATCH", .headers = JSON "\nIf-Match: \"05.a\"", .body = "{'title':'F'}" },
		{ .path = "/v1/articles/1", .status = 412, .method = "PATCH", .headers = JSON "\nIf-Match: \"18446744073709551621.a\"", .body = "{'title':'F'}" },
		{ .path = "/v1/articles/1", .status = 400, .method = "PATCH", .headers = JSON "\nIf-Match: 5", .body = "{'title':'F'}" },
		{ .path = "/v1/articles/1", .status = 400, .method = "PATCH", .headers = JSON "\nIf-Match: \"5", .body = "{'title':'F'}" },
		{ .path = "/v1/articles/1", .status = 400, .method = "PATCH", .headers = JSON "\nIf-Match: \"7\", *", .body = "{'title':'F'}" },
		{ .path = "/v1/articles/1", .method = "PATCH", .headers = ANY, .body = "{'title':'F'}", .json = "{'data':{'rev':6}}" },
		/* there must be something to match */
		{ .path = "/v1/articles/99", .status = 404, .method = "PATCH", .headers = ANY, .body = "{'title':'F'}" },
		{ .path = "/v1/articles/nothing", .status = 404, .method = "PUT", .headers = ANY, .body = "{'title':'F','source':'S'}" },
		/* who is late hears that before he hears what is wrong */
		{ .path = "/v1/articles/1", .status = 412, .method = "PUT", .headers = JSON "\nIf-Match: \"1\"", .body = "{" },
		/* looked at where it is not asked for */
		{ .path = "/v1/articles/1", .status = 412, .method = "DELETE", .headers = "If-Match: \"1\"" },
	};
	/* clang-format on */

	(void)state;
	post("{'title':'A','source':'S'}", NULL);
	RUN_ON_WRITER(steps);
}

/* The ETags of a GET, in every coding, and of a write's answer: all of them are for If-Match. */
static void test_etags_go_on(void **state)
{
	static const char *const codings[] = { "identity", "gzip", "br" };
	struct reply reply;
	char headers[200];

	(void)state;
	post("{'title':'Etag','source':'S','section':'A','status':'published','body_text':'A text that is long enough to be worth a coding, a text that is long enough.'}", NULL);
	for (size_t i = 0; i < N_OF(codings); i++) {
		char body[60];

		client_get_coded(server.public, "/v1/articles/etag", codings[i], &reply);
		snprintf(headers, sizeof headers, JSON "\nIf-Match: %s", reply_header(&reply, "ETag"));
		reply_done(&reply);
		snprintf(body, sizeof body, "{'byline':'number %zu'}", i);
		run_step(server.writer, &(struct step){ .path = "/v1/articles/etag", .method = "PATCH", .headers = headers, .body = body }, &reply);
		snprintf(headers, sizeof headers, JSON "\nIf-Match: %s", reply_header(&reply, "ETag"));
		reply_done(&reply);
		run_step(server.writer, &(struct step){ .path = "/v1/articles/etag", .method = "PATCH", .headers = headers, .body = "{'byline':null}" }, NULL);
	}
}

/* --- PUT --- */

static void test_put_replaces(void **state)
{
	/* clang-format off */
	static const struct step steps[] = {
		{ .path = "/v1/articles/full", .method = "PUT", .headers = ANY, .body = "{'title':'Bare','source':'S2','section':'B'}",
		  .json = "{'data':{'rev':2,'title':'Bare','source':{'name':'S2'},'section':{'name':'B'},'slug':'full','status':'published','published_at':'2016-01-02T00:00:00Z',"
		          "'summary':null,'byline':null,'authors':[],'tags':[],'image':null,'lang':null,'featured':false,'body_html':null,'body_text':null,'guid':null,"
		          "'source_url':null,'canonical_url':null,'rights':null,'corrections':null,'corrected_at':null,'expire_at':null,'related_ids':null,'word_count':0}}" },
		/* the same again is no version */
		{ .path = "/v1/articles/full", .method = "PUT", .headers = ANY, .body = "{'title':'Bare','source':'S2','section':'B','tags':[]}", .json = "{'data':{'rev':2}}" },
		/* what is read can be written: nothing changes */
		{ .path = "/v1/articles/full", .status = 422, .method = "PUT", .headers = ANY, .body = "{'title':'Bare','source':'S2'}", .json = "{'errors':[{'pointer':'/section'}]}" },
		{ .path = "/v1/articles/full", .status = 422, .method = "PUT", .headers = ANY, .body = "{'section':'B'}", .json = "{'errors':[{'pointer':'/title'},{'pointer':'/source'}]}" },
		{ .path = "/v1/articles/full", .method = "PUT", .headers = ANY, .body = "{'title':'Bare','source':'S2','status':'draft'}", .json = "{'data':{'rev':3,'status':'draft'}}" },
		{ .path = "/v1/articles/full", .status = 415, .method = "PUT", .headers = "If-Match: *\nContent-Type: application/merge-patch+json", .body = "{}" },
	};
	/* clang-format on */
	struct reply reply;
	char *whole;

	(void)state;
	post("{'title':'Full','source':'S','section':'A','status':'published','published_at':'2016-01-02','summary':'s','byline':'b','authors':['a'],'tags':['t'],"
	     "'image':{'url':'https://a.example/'},'lang':'en','featured':true,'body_text':'x','guid':'full','source_url':'https://a.example/','canonical_url':'https://a.example/',"
	     "'rights':{'holder':'h'},'corrections':[{'text':'c'}],'expire_at':'2030-01-01','related_ids':[1]}", NULL);
	/* what was read, written back as it is: nothing changes */
	run_step(server.writer, &(struct step){ .path = "/v1/articles/full", .method = "PATCH", .headers = ANY, .body = "{}" }, &reply);
	whole = json_dumps(reply_member(&reply, "data"), JSON_COMPACT);
	reply_done(&reply);
	client_ask(server.writer, "PUT", "/v1/articles/full", ANY, whole, &reply);
	expect_json("written back", &reply, "{'data':{'rev':1,'corrections':[{'text':'c'}]}}");
	reply_done(&reply);
	free(whole);
	RUN_ON_WRITER(steps);
}

/* --- PATCH --- */

static void test_patch_merges(void **state)
{
	/* clang-format off */
	static const struct step steps[] = {
		{ .path = "/v1/articles/patched", .method = "PATCH", .headers = "If-Match: *\nContent-Type: application/merge-patch+json", .body = "{'title':'New title','byline':null}",
		  .json = "{'data':{'rev':2,'title':'New title','slug':'patched','byline':null,'lang':'en'}}" },
		/* nothing changes: no version, the same ETag */
		{ .path = "/v1/articles/patched", .method = "PATCH", .headers = ANY, .body = "{}", .json = "{'data':{'rev':2}}" },
		{ .path = "/v1/articles/patched", .method = "PATCH", .headers = ANY, .body = "{'title':' New  title','byline':null,'id':5,'rev':77,'url':'x','guid':null}", .json = "{'data':{'rev':2}}" },
		/* lists are replaced, objects are merged */
		{ .path = "/v1/articles/patched", .method = "PATCH", .headers = ANY, .body = "{'tags':['c'],'image':{'alt':'new','width':null},'rights':{'notice':'n'}}",
		  .json = "{'data':{'rev':3,'tags':[{'name':'c'}],'image':{'url':'https://a.example/1','alt':'new','width':null,'height':2},'rights':{'holder':'h','notice':'n'}}}" },
		{ .path = "/v1/articles/patched", .method = "PATCH", .headers = ANY, .body = "{'tags':[],'image':null}", .json = "{'data':{'rev':4,'tags':[],'image':null}}" },
		/* a section is one thing: its name brings its own slug */
		{ .path = "/v1/articles/patched", .method = "PATCH", .headers = ANY, .body = "{'section':{'name':'Sport'}}", .json = "{'data':{'rev':5,'section':{'slug':'sport','name':'Sport'}}}" },
		{ .path = "/v1/articles/patched", .status = 422, .method = "PATCH", .headers = ANY, .body = "{'section':{'slug':'news'}}", .json = "{'errors':[{'pointer':'/section/name'}]}" },
		/* what must be there cannot be taken away */
		{ .path = "/v1/articles/patched", .status = 422, .method = "PATCH", .headers = ANY, .body = "{'title':null,'source':null,'section':null}",
		  .json = "{'errors':[{'pointer':'/title'},{'pointer':'/source'},{'pointer':'/section'}]}" },
		{ .path = "/v1/articles/patched", .status = 422, .method = "PATCH", .headers = ANY, .body = "{'section':null}", .json = "{'errors':[{'pointer':'/section'}]}" },
		{ .path = "/v1/articles/patched", .status = 422, .method = "PATCH", .headers = ANY, .body = "{'titel':'x','image':{'alt':'without an address'}}",
		  .json = "{'errors':'*'}" },
		{ .path = "/v1/articles/patched", .status = 400, .method = "PATCH", .headers = ANY, .body = "[{'op':'remove','path':'/title'}]" },
		{ .path = "/v1/articles/patched", .status = 400, .method = "PATCH", .headers = ANY, .body = "'x'" },
		{ .path = "/v1/articles/patched", .status = 415, .method = "PATCH", .headers = "If-Match: *\nContent-Type: application/json-patch+json", .body = "[]",
		  .reply_headers = "Accept: application/merge-patch+json, application/json" },
		{ .path = "/v1/articles/patched?x=1", .status = 400, .method = "PATCH", .headers = ANY, .body = "{}" },
	};
	/* clang-format on */

	(void)state;
	post("{'title':'Patched','source':'S','section':'News','status':'published','byline':'b','lang':'en','tags':['a','b'],"
	     "'image':{'url':'https://a.example/1','width':3,'height':2},'rights':{'holder':'h'}}", NULL);
	RUN_ON_WRITER(steps);
}

static void test_body_and_standfirst(void **state)
{
	(void)state;
	post("{'title':'Body','source':'S','body_text':'First text.'}", "{'data':{'summary':'First text.'}}");
	/* a standfirst that was taken from the body follows it, whichever way the body comes */
	patch("/v1/articles/body", "{'body_text':'Second text.'}", 200, "{'data':{'body_html':'<p>Second text.</p>','summary':'Second text.'}}");
	patch("/v1/articles/body", "{'body_html':'<p>Third.</p>'}", 200, "{'data':{'body_text':'Third.','summary':'Third.'}}");
	patch("/v1/articles/body", "{'body_html':null,'body_text':'Fourth.'}", 200, "{'data':{'body_html':'<p>Fourth.</p>','summary':'Fourth.'}}");
	patch("/v1/articles/body", "{'body_html':'<p>Fifth.</p>','body_text':'not this'}", 200, "{'data':{'body_text':'Fifth.','summary':'Fifth.'}}");
	patch("/v1/articles/body", "{'body_text':'Sixth.','summary':'My own.'}", 200, "{'data':{'summary':'My own.'}}");
	/* one that was written stays, until it is taken away */
	patch("/v1/articles/body", "{'body_text':'Seventh.'}", 200, "{'data':{'summary':'My own.','word_count':1}}");
	patch("/v1/articles/body", "{'summary':null}", 200, "{'data':{'summary':'Seventh.'}}");
	patch("/v1/articles/body", "{'body_text':null}", 200, "{'data':{'body_html':null,'body_text':null,'summary':null,'word_count':0}}");
	patch("/v1/articles/body", "{'body_html':'<p>Eighth.</p>'}", 200, "{'data':{'summary':'Eighth.'}}");
	patch("/v1/articles/body", "{'body_html':''}", 200, "{'data':{'body_html':null,'body_text':null}}");
}

/* --- addresses --- */

static void test_former_addresses(void **state)
{
	/* clang-format off */
	static const struct step steps[] = {
		{ .path = "/v1/articles/moves?related=0", .status = 308, .reply_headers = "Location: https://news.example/v1/articles/moved-twice?related=0" },
		{ .path = "/article/moved", .status = 308, .reply_headers = "Location: /article/moved-twice" },
		{ .path = "/v1/articles/moved-twice?related=0", .json = "{'data':{'slug':'moved-twice','aliases':['moves','moved'],'title':'Moves'}}" },
	};
	static const struct step back[] = {
		{ .path = "/v1/articles/moved-twice", .status = 308, .reply_headers = "Location: https://news.example/v1/articles/moves" },
		{ .path = "/v1/articles/moves?related=0", .json = "{'data':{'aliases':['moved','moved-twice']}}" },
	};
	/* clang-format on */

	(void)state;
	post("{'title':'Moves','source':'S','section':'A','status':'published'}", NULL);
	patch("/v1/articles/moves", "{'slug':'moved'}", 200, "{'data':{'slug':'moved','aliases':['moves']}}");
	patch("/v1/articles/moves", "{'slug':'moved-twice'}", 200, "{'data':{'slug':'moved-twice'}}");    /* also under its former address */
	RUN_STEPS(&server, steps);
	/* a former address is nobody else's, and one's own again if one likes */
	post("{'title':'Moves','source':'S'}", "{'data':{'slug':'moves-2'}}");
	patch("/v1/articles/moves-2", "{'slug':'moved'}", 422, "{'errors':[{'pointer':'/slug','code':'taken','suggestion':'moved-2'}]}");
	patch("/v1/articles/moved-twice", "{'slug':'moves'}", 200, "{'data':{'slug':'moves'}}");
	RUN_STEPS(&server, back);
	/* taking the slug away keeps it: it is never made anew */
	patch("/v1/articles/moves", "{'slug':null,'title':'Another title'}", 200, "{'data':{'slug':'moves'}}");
}

/* --- corrections --- */

static void test_corrections(void **state)
{
	(void)state;
	post("{'title':'Corrected','source':'S','section':'A','status':'published'}", NULL);
	patch("/v1/articles/corrected", "{'corrections':[{'text':'It was three.'}]}", 200,
	    "{'data':{'corrected_at':'2016-06-01T12:00:00Z','corrections':[{'at':'2016-06-01T12:00:00Z','kind':'correction','text':'It was three.'}]}}");
	test_now += 3600;
	/* sent again without its time it is the same one */
	patch("/v1/articles/corrected", "{'corrections':[{'text':'It was three.'}]}", 200, "{'data':{'rev':2,'corrected_at':'2016-06-01T12:00:00Z'}}");
	patch("/v1/articles/corrected", "{'corrections':[{'text':'It was three.'},{'text':'No, four.','kind':'update'}]}", 200,
	    "{'data':{'rev':3,'corrected_at':'2016-06-01T13:00:00Z','corrections':[{'at':'2016-06-01T12:00:00Z'},{'at':'2016-06-01T13:00:00Z','kind':'update'}]}}");
	patch("/v1/articles/corrected", "{'corrections':[{'at':'2016-05-01T00:00:00+02:00','text':'As printed.'}]}", 200,
	    "{'data':{'corrected_at':'2016-04-30T22:00:00Z','corrections':[{'at':'2016-04-30T22:00:00Z'}]}}");
	run_steps(&server, &(struct step){ .path = "/v1/articles/corrected?related=0", .json = "{'data':{'corrected_at':'2016-04-30T22:00:00Z'}}" }, 1);
	patch("/v1/articles/corrected", "{'corrections':null}", 200, "{'data':{'corrected_at':null,'corrections':null}}");
	test_now -= 3600;
}

/* --- addresses that only drafts have had --- */

static void test_slugs_of_drafts_leave_no_trace(void **state)
{
	(void)state;
	post("{'title':'Chief to be fired on Monday','source':'S','section':'A'}", NULL);
	patch("/v1/articles/chief-to-be-fired-on-monday", "{'slug':'chief-goes','status':'published'}", 200, "{'data':{'slug':'chief-goes','aliases':null}}");
	run_steps(&server, (const struct step[]){ { .path = "/v1/articles/chief-to-be-fired-on-monday", .status = 404 },
	    { .path = "/v1/articles/chief-goes?related=0", .json = "{'data':{'aliases':null}}" } }, 2);
	/* one that readers have seen leads on, one that a draft had in between does not, before it comes out again or after */
	patch("/v1/articles/chief-goes", "{'status':'draft'}", 200, NULL);
	patch("/v1/articles/chief-goes", "{'slug':'chief-lied'}", 200, "{'data':{'slug':'chief-lied','aliases':['chief-goes']}}");
	run_steps(&server, (const struct step[]){ { .path = "/v1/articles/chief-lied", .status = 404 }, { .path = "/v1/articles/chief-goes", .status = 410 } }, 2);
	patch("/v1/articles/chief-lied", "{'slug':'chief-has-left','status':'published'}", 200, "{'data':{'slug':'chief-has-left','aliases':['chief-goes']}}");
	run_steps(&server, (const struct step[]){ { .path = "/v1/articles/chief-lied", .status = 404 }, { .path = "/v1/articles/chief-goes", .status = 308 } }, 2);
	/* and it is free again */
	post("{'title':'Chief lied','source':'S','section':'A'}", "{'data':{'slug':'chief-lied'}}");
}

/* --- (source, guid) --- */

static void test_a_guid_of_another(void **state)
{
	(void)state;
	post("{'title':'G one','source':'S','guid':'one'}", NULL);
	post("{'title':'G two','source':'S','guid':'two'}", NULL);
	patch("/v1/articles/g-two", "{'guid':'one'}", 409, "{'type':'/problems/conflict','id':'*'}");
	put("/v1/articles/g-two", "{'title':'G two','source':'S','guid':'one'}", 409, NULL);
	patch("/v1/articles/g-two", "{'guid':'one','source':'Elsewhere'}", 200, "{'data':{'guid':'one','source':{'name':'Elsewhere'}}}");
	patch("/v1/articles/g-two", "{'guid':null}", 200, "{'data':{'guid':null}}");
}

/* --- earlier versions --- */

static void restore(const char *path, long status, const char *json)
{
	run_step(server.writer, &(struct step){ .path = path, .status = status, .method = "POST", .headers = "If-Match: *", .json = json }, NULL);
}

static void test_restoring(void **state)
{
	(void)state;
	post("{'title':'Was so','source':'S','section':'A','body_text':'Old text.','tags':['old']}", NULL);
	patch("/v1/articles/was-so", "{'title':'Is so','body_text':'New text.','tags':['new'],'slug':'is-so','status':'published'}", 200, "{'data':{'rev':2}}");
	restore("/v1/articles/is-so/revisions/1/restore", 200,
	    "{'data':{'rev':3,'title':'Was so','body_text':'Old text.','tags':[{'name':'old'}],'slug':'is-so','aliases':null,'status':'published','published_at':'2016-06-01T12:00:00Z'}}");
	run_steps(&server, &(struct step){ .path = "/v1/articles/is-so?related=0", .json = "{'data':{'rev':3,'body_text':'Old text.'}}" }, 1);
	restore("/v1/articles/is-so/revisions/3/restore", 200, "{'data':{'rev':3}}");    /* as it is: no version */
	restore("/v1/articles/is-so/revisions/9/restore", 404, NULL);
	restore("/v1/articles/is-so/revisions/0/restore", 404, NULL);
	restore("/v1/articles/is-so/revisions/01/restore", 404, "{'detail':'there is no version 01'}");
	restore("/v1/articles/is-so/revisions/18446744073709551617/restore", 404, NULL);
	restore("/v1/articles/is-so/revisions/1x/restore", 404, NULL);
	restore("/v1/articles/is-so/revisions/%2B1/restore", 404, NULL);
	restore("/v1/articles/nothing/revisions/1/restore", 404, NULL);
	run_step(server.writer, &(struct step){ .path = "/v1/articles/is-so/revisions/1/restore", .status = 400, .method = "POST", .headers = ANY, .body = "{}" }, NULL);
	/* a version that was withdrawn does not bring its removal back */
	run_step(server.writer, &(struct step){ .path = "/v1/articles/is-so", .method = "DELETE", .headers = JSON, .body = "{'reason':'wrong'}", .json = "{'data':{'rev':4,'status':'withdrawn','reason':'wrong'}}" }, NULL);
	patch("/v1/articles/is-so", "{'status':'published','title':'Back'}", 200, "{'data':{'rev':5,'removed_at':null,'reason':null}}");
	restore("/v1/articles/is-so/revisions/4/restore", 200, "{'data':{'rev':6,'status':'published','title':'Was so','removed_at':null,'reason':null}}");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_if_match),
		cmocka_unit_test(test_etags_go_on),
		cmocka_unit_test(test_put_replaces),
		cmocka_unit_test(test_patch_merges),
		cmocka_unit_test(test_body_and_standfirst),
		cmocka_unit_test(test_former_addresses),
		cmocka_unit_test(test_corrections),
		cmocka_unit_test(test_slugs_of_drafts_leave_no_trace),
		cmocka_unit_test(test_a_guid_of_another),
		cmocka_unit_test(test_restoring),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
