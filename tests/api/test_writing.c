/* SPDX-License-Identifier: MIT */
/* POST /v1/articles: what is taken, what it becomes, what is refused and how; on_conflict. Idempotency-Key has a test of its own. */
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
#define N_OF(array) (sizeof(array) / sizeof *(array))

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

static void run_on_writer(const struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		run_step(server.writer, &steps[i], NULL);
}

static void post(const char *body, long status, const char *json, struct reply *ret_reply)
{
	run_step(server.writer, &(struct step){ "/v1/articles", status, .method = "POST", .headers = JSON, .body = body, .json = json }, ret_reply);
}

/* --- what it becomes --- */

static void test_what_a_new_article_becomes(void **state)
{
	static const struct {
		const char *body, *json;
	} cases[] = {
		/* a draft, from the least that there can be; what is derived is there, nothing else is */
		{ "{'title':'Least','source':'Wire'}",
		  "{'data':{'id':'*','slug':'least','url':'https://news.example/article/least','title':'Least','status':'draft','rev':1,'tags':[],'authors':[],"
		  "'source':{'slug':'wire','name':'Wire'},'section':null,'published_at':null,'updated_at':'2016-06-01T12:00:00Z','word_count':0,'featured':false}}" },
		/* published: now, unless it says when */
		{ "{'title':'Out','source':'Wire','section':'News','status':'published'}", "{'data':{'status':'published','published_at':'2016-06-01T12:00:00Z'}}" },
		{ "{'title':'Old','source':'Wire','section':'News','status':'published','published_at':'2001-02-03T04:05:06+01:00'}",
		  "{'data':{'status':'published','published_at':'2001-02-03T03:05:06Z'}}" },
		{ "{'title':'Day','source':'Wire','section':'News','status':'published','published_at':'2001-02-03'}", "{'data':{'published_at':'2001-02-03T00:00:00Z'}}" },
		/* in the future: scheduled, and not published before */
		{ "{'title':'Ahead','source':'Wire','section':'News','status':'published','published_at':'2030-01-01T00:00:00Z'}",
		  "{'data':{'status':'scheduled','publish_at':'2030-01-01T00:00:00Z','published_at':null}}" },
		{ "{'title':'Plan','source':'Wire','section':'News','status':'scheduled','publish_at':'2030-01-01T00:00:00Z','expire_at':'2031-01-01T00:00:00Z'}",
		  "{'data':{'status':'scheduled','publish_at':'2030-01-01T00:00:00Z','expire_at':'2031-01-01T00:00:00Z','published_at':null}}" },
		/* to come out at a moment that is past: out */
		{ "{'title':'Missed','source':'Wire','section':'News','status':'scheduled','publish_at':'2016-01-01T00:00:00Z'}",
		  "{'data':{'status':'published','published_at':'2016-01-01T00:00:00Z','publish_at':null}}" },
		/* every field, names plain or as objects, white space folded, HTML made safe, NFC */
		{ "{'title':'  All   of it ','source':{'name':'Wire','slug':'x'},'section':{'name':'World','slug':'the-world'},'summary':' Short. ','byline':'By A',"
		  "'authors':['Jane Roe',{'name':'John Doe','slug':'jd'}],'dateline':'Rome','tags':['Cafe\\u0301',{'name':'Ada','type':'person'}],"
		  "'image':{'url':'https://img.example/a.jpg','width':3,'height':2,'alt':'a','caption':'b','credit':'c'},'lang':'en-CA','featured':true,"
		  "'body_html':'<p onclick=x>Hello <b>you</b><script>x</script>','guid':'all-1','source_url':'https://wire.example/1',"
		  "'canonical_url':'https://wire.example/c','rights':{'holder':'h','notice':'n','usage_terms':'u'},"
		  "'corrections':[{'kind':'clarification','text':'It was two.'},{'at':'2016-01-01T00:00:00Z','text':'One.'}],'related_ids':[1]}",
		  "{'data':{'title':'All of it','source':{'slug':'wire','name':'Wire'},'section':{'slug':'the-world','name':'World'},'summary':'Short.','byline':'By A',"
		  "'authors':[{'slug':'jane-roe','name':'Jane Roe'},{'slug':'jd','name':'John Doe'}],'dateline':'Rome',"
		  "'tags':[{'slug':'cafe','name':'Caf\\u00e9','type':'topic'},{'slug':'ada','name':'Ada','type':'person'}],"
		  "'image':{'url':'https://img.example/a.jpg','width':3,'height':2,'alt':'a','caption':'b','credit':'c'},'lang':'en-CA','featured':true,"
		  "'body_html':'<p>Hello <strong>you</strong></p>','body_text':'Hello you','word_count':2,'reading_minutes':1,'guid':'all-1','source_url':'https://wire.example/1',"
		  "'canonical_url':'https://wire.example/c','rights':{'holder':'h','notice':'n','usage_terms':'u'},'corrected_at':'2016-06-01T12:00:00Z',"
		  "'corrections':[{'at':'2016-06-01T12:00:00Z','kind':'clarification','text':'It was two.'},{'at':'2016-01-01T00:00:00Z','kind':'correction','text':'One.'}],"
		  "'related_ids':[1]}}" },
		/* text gives HTML and the standfirst; of both the HTML counts */
		{ "{'title':'Text','source':'Wire','body_text':'One & two.\\r\\n\\r\\n\\r\\nThree.'}",
		  "{'data':{'body_html':'<p>One &amp; two.</p><p>Three.</p>','body_text':'One & two.\\n\\nThree.','summary':'~One & two.'}}" },
		{ "{'title':'Both','source':'Wire','body_text':'not this','body_html':'<p>this</p>'}", "{'data':{'body_html':'<p>this</p>','body_text':'this'}}" },
		/* null is as good as nothing; computed fields may come along and count for nothing */
		{ "{'title':'Nulls','source':'Wire','section':null,'tags':null,'body_html':null,'status':null,'slug':null,'published_at':null}",
		  "{'data':{'status':'draft','slug':'nulls','tags':[],'section':null}}" },
		{ "{'title':'Copied','source':'Wire','id':7777,'rev':99,'url':'https://elsewhere.example/','related':[{'id':1}],'duplicates':[],'word_count':5,"
		  "'reading_minutes':5,'updated_at':'2001-01-01T00:00:00Z','corrected_at':'2001-01-01T00:00:00Z','aliases':['an-alias'],'was_public':true,'removed_at':'2001-01-01T00:00:00Z',"
		  "'reason':'r','replaced_by':1,'erased':true}",
		  "{'data':{'rev':1,'status':'draft','word_count':0,'updated_at':'2016-06-01T12:00:00Z','aliases':null,'removed_at':null,'reason':null,'replaced_by':null,'erased':null,"
		  "'corrected_at':null}}" },
		/* slugs: written in Latin letters, numbered when taken, never digits alone, as asked for */
		{ "{'title':'\\u041c\\u043e\\u0441\\u043a\\u0432\\u0430: \\u00dcber Stra\\u00dfe & \\u00c6r\\u00f8','source':'Wire'}", "{'data':{'slug':'moskva-uber-strasse-aero'}}" },
		{ "{'title':'\\u5317\\u4eac','source':'Wire'}", "{'data':{'slug':'bei-jing'}}" },
		{ "{'title':'Least','source':'Wire'}", "{'data':{'slug':'least-2'}}" },
		{ "{'title':'LEAST!','source':'Wire'}", "{'data':{'slug':'least-3'}}" },
		{ "{'title':'2016','source':'Wire'}", "{'data':{'slug':'article-2016'}}" },
		{ "{'title':'?!','source':'Wire'}", "{'data':{'slug':'article'}}" },
		{ "{'title':'Wish','slug':'my-wish','source':'Wire'}", "{'data':{'slug':'my-wish'}}" },
		/* withdrawn from the beginning: readers have never seen it */
		{ "{'title':'Never','source':'Wire','status':'withdrawn'}", "{'data':{'status':'withdrawn','removed_at':'2016-06-01T12:00:00Z'}}" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct reply reply;
		char location[120];

		post(cases[i].body, 201, cases[i].json, &reply);
		snprintf(location, sizeof location, TEST_BASE_URL "/v1/articles/%lld", (long long)json_integer_value(reply_member(&reply, "data.id")));
		expect_header(cases[i].body, &reply, "Location", location);
		expect_header(cases[i].body, &reply, "ETag", "*");
		assert_memory_equal(reply_header(&reply, "ETag"), "\"1.", 3);
		expect_header(cases[i].body, &reply, "Cache-Control", "no-store");
		assert_int_equal(json_integer_value(reply_member(&reply, "data.id")), i + 1);    /* one after the other, whatever a body says */
		reply_done(&reply);
	}
	run_steps(&server, &(struct step){ .path = "/v1/articles/never", .status = 404 }, 1);
	run_steps(&server, &(struct step){ .path = "/v1/articles/an-alias", .status = 404 }, 1);
	run_steps(&server, &(struct step){ .path = "/v1/articles/ahead", .status = 404 }, 1);
	run_steps(&server, &(struct step){ "/v1/articles?count=exact", .ids = "2 7 3 4", .json = "{'meta':{'count':{'value':4}}}" }, 1);
}

/* --- what is refused --- */

static void test_all_that_is_wrong_at_once(void **state)
{
	static const struct {
		const char *body, *pointers;    /* every one of them, and none besides */
	} cases[] = {
		{ "{}", "/title /source" },
		{ "{'title':' ','source':''}", "/source /title" },
		{ "{'title':'','source':'S','lang':'?','featured':'yes'}", "/lang /featured /title" },
		{ "{'title':7,'source':[],'section':{'slug':'x'},'summary':{},'byline':1,'authors':'A','dateline':[],'tags':['a',5,{'name':'n','type':'thing'}],"
		  "'image':{'width':-1},'lang':'?','featured':1,'published_at':'2016-01-01T00:00:00','body_html':1,'body_text':[],'corrections':[{'text':''},{'at':'x','text':'t'}],"
		  "'guid':{},'source_url':'ftp://x','canonical_url':'x','rights':{'owner':'o'},'status':'publisht','publish_at':'soon','expire_at':0}",
		  "/title /source /section/name /summary /byline /authors /dateline /tags/1 /tags/2/type /image/width /lang /featured /published_at /body_html /body_text"
		  " /corrections/0/text /corrections/1/at /guid /source_url /canonical_url /rights/owner /status /publish_at /expire_at" },
		{ "{'title':'T','source':'S','status':'published','lang':'?'}", "/lang /section" },
		{ "{'title':'T','source':'S','status':'published'}", "/section" },
		{ "{'title':'T','source':'S','status':'scheduled'}", "/section /publish_at" },
		{ "{'title':'T','source':'S','section':'A','status':'scheduled','publish_at':'2030-01-01','expire_at':'2029-01-01'}", "/expire_at" },
		{ "{'title':'T','source':'S','section':'A','status':'published','published_at':'2015-01-01','expire_at':'2015-02-01'}", "/expire_at" },
		{ "{'title':'T','source':'S','slug':'123'}", "/slug" },
		{ "{'title':'T','source':'S','slug':'Not A Slug'}", "/slug" },
		{ "{'title':'T\\u0001','source':'S'}", "/title" },
		{ "{'title':'T','source':'S','a/b~c':1}", "/a~1b~0c" },
		{ "{'title':'T','source':'S','related_ids':[0,'1']}", "/related_ids/0" },
		{ "{'title':'T','source':'S','image':{'alt':'no address'}}", "/image/url" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct text found = TEXT_EMPTY;
		struct reply reply;
		json_t *issue;
		size_t index;

		post(cases[i].body, 422, "{'type':'/problems/bad-fields','status':422,'errors':'*'}", &reply);
		json_array_foreach(reply_member(&reply, "errors"), index, issue) {
			assert_non_null(json_object_get(issue, "code"));
			assert_non_null(json_object_get(issue, "detail"));
			text_printf(&found, "%s%s", index > 0 ? " " : "", json_string_value(json_object_get(issue, "pointer")));
		}
		if (strcmp(found.bytes, cases[i].pointers) != 0)
			fail_msg("%s: %s instead of %s", cases[i].body, found.bytes, cases[i].pointers);
		text_done(&found);
		reply_done(&reply);
	}
}

static void test_refused(void **state)
{
	/* clang-format off */
	static const struct step steps[] = {
		{ "/v1/articles", 422, .method = "POST", .headers = JSON, .body = "{'title':'T','source':'S','titel':1,'pubished_at':1}",
		  .json = "{'errors':[{'pointer':'/titel','code':'unknown','suggestion':'title'},{'pointer':'/pubished_at','code':'unknown','suggestion':'published_at'}]}" },
		{ "/v1/articles", 422, .method = "POST", .headers = JSON, .body = "{'title':'T','source':'S','status':'publishd'}",
		  .json = "{'errors':[{'pointer':'/status','suggestion':'published'}]}" },
		{ "/v1/articles", 400, .method = "POST", .headers = JSON, .body = "" },
		{ "/v1/articles", 400, .method = "POST", .headers = JSON, .body = "{", .json = "{'type':'/problems/invalid'}" },
		{ "/v1/articles", 400, .method = "POST", .headers = JSON, .body = "[]" },
		{ "/v1/articles", 400, .method = "POST", .headers = JSON, .body = "null" },
		{ "/v1/articles", 400, .method = "POST", .headers = JSON, .body = "{'title':'a','title':'b'}" },
		{ "/v1/articles", 400, .method = "POST", .headers = JSON, .body = "{'title':'T','source':'S'} {}" },
		{ "/v1/articles", 400, .method = "POST" },
		{ "/v1/articles?on_conflict=maybe", 400, .method = "POST", .headers = JSON, .body = "{}", .json = "{'errors':[{'parameter':'on_conflict'}]}" },
		{ "/v1/articles?on_conflit=skip", 400, .method = "POST", .headers = JSON, .body = "{}", .json = "{'errors':[{'parameter':'on_conflit','suggestion':'on_conflict'}]}" },
		{ "/v1/articles", 415, .method = "POST", .body = "{'title':'T','source':'S'}", .reply_headers = "Accept: application/json" },
		{ "/v1/articles", 415, .method = "POST", .headers = "Content-Type: text/plain", .body = "{}", .reply_headers = "Accept: application/json" },
		{ "/v1/articles", 415, .method = "POST", .headers = "Content-Type: application/merge-patch+json", .body = "{}" },
		{ "/v1/articles", 415, .method = "POST", .headers = JSON "; charset=iso-8859-1", .body = "{}" },
		{ "/v1/articles", 415, .method = "POST", .headers = JSON "\nContent-Encoding: gzip", .body = "{}", .reply_headers = "Accept-Encoding: identity" },
		{ "/v1/articles", 201, .method = "POST", .headers = "Content-Type: Application/JSON; charset=\"UTF-8\"", .body = "{'title':'T','source':'S'}" },
	};
	static const struct step public_steps[] = {
		{ "/v1/articles", 401, .method = "POST", .headers = JSON, .body = "{'title':'T','source':'S'}", .reply_headers = "WWW-Authenticate: *\n-Access-Control-Allow-Origin" },
		{ "/v1/articles/1", 401, .method = "PUT", .headers = JSON, .body = "{}" },
		{ "/v1/articles/1", 401, .method = "PATCH", .headers = JSON, .body = "{}" },
		{ "/v1/articles/1", 401, .method = "DELETE" },
		{ "/v1/articles/1?erase=true", 401, .method = "DELETE" },
		{ "/v1/articles/1/revisions/1/restore", 401, .method = "POST" },
		{ "/v1/articles/999", 401, .method = "DELETE" },    /* what is there and what is not looks the same */
	};
	/* clang-format on */

	(void)state;
	run_on_writer(steps, N_OF(steps));
	RUN_STEPS(&server, public_steps);
}

/* What was refused left nothing behind: no id, no term, no version, no slug. */
static void test_a_refusal_leaves_no_trace(void **state)
{
	struct reply before, after;

	(void)state;
	post("{'title':'Before','source':'Wire'}", 201, NULL, &before);
	post("{'title':'Refused','source':'A new source','tags':['A new tag'],'status':'published'}", 422, NULL, NULL);
	post("{'title':'Refused','slug':'before','source':'A new source','section':'S','status':'published'}", 422,
	    "{'errors':[{'pointer':'/slug','code':'taken','suggestion':'before-2'}]}", NULL);
	post("{'title':'Refused','source':'Wire'}", 201, "{'data':{'slug':'refused'}}", &after);
	assert_int_equal(json_integer_value(reply_member(&after, "data.id")), json_integer_value(reply_member(&before, "data.id")) + 1);
	run_steps(&server, &(struct step){ .path = "/v1/sources/a-new-source", .status = 404 }, 1);
	reply_done(&before);
	reply_done(&after);
}

static void test_how_long_a_body_may_be(void **state)
{
	const size_t most = 1 << 20;
	char *body = malloc(most + 2);
	struct reply reply;
	int length;

	(void)state;
	assert_non_null(body);
	memset(body, ' ', most + 1);
	length = snprintf(body, most, "{\"title\":\"Long\",\"source\":\"S\",\"body_text\":\"");
	memset(body + length, 'a', 900000);
	memcpy(body + length + 900000, "\"}", 2);
	body[most] = '\0';
	client_ask(server.writer, "POST", "/v1/articles", JSON, body, &reply);    /* also: it is read on a reader's thread */
	assert_int_equal(reply.status, 201);
	reply_done(&reply);
	/* a small patch of a long article is long work too */
	run_step(server.writer, &(struct step){ .path = "/v1/articles/long", .method = "PATCH", .headers = JSON "\nIf-Match: *", .body = "{'byline':'b'}",
	    .json = "{'data':{'rev':2,'byline':'b','word_count':1}}" }, NULL);
	body[most] = ' ';
	body[most + 1] = '\0';
	client_ask(server.writer, "POST", "/v1/articles", JSON "\nExpect: 100-continue", body, &reply);
	assert_int_equal(reply.status, 413);
	reply_done(&reply);
	client_ask(server.writer, "POST", "/v1/articles", JSON "\nTransfer-Encoding: chunked\nExpect: 100-continue", body, &reply);
	assert_int_equal(reply.status, 413);
	reply_done(&reply);
	free(body);
}

/* --- known already --- */

static void test_on_conflict(void **state)
{
	/* clang-format off */
	static const struct step steps[] = {
		{ "/v1/articles", 201, .method = "POST", .headers = JSON, .body = "{'title':'First','source':'Feed','guid':'g1','section':'A','status':'published','byline':'b'}" },
		{ "/v1/articles", 409, .method = "POST", .headers = JSON, .body = "{'title':'Second','source':'Feed','guid':'g1'}", .json = "{'type':'/problems/conflict','id':'*'}" },
		{ "/v1/articles?on_conflict=fail", 409, .method = "POST", .headers = JSON, .body = "{'title':'Second','source':'FEED','guid':' g1 '}" },
		{ "/v1/articles?on_conflict=skip", 200, .method = "POST", .headers = JSON, .body = "{'title':'Second','source':'Feed','guid':'g1'}",
		  .json = "{'data':{'title':'First','rev':1,'byline':'b'}}", .reply_headers = "ETag: *\n-Location" },
		/* what the newcomer does not say goes; status, slug and time of publication stay */
		{ "/v1/articles?on_conflict=update", 200, .method = "POST", .headers = JSON, .body = "{'title':'Second','source':'Feed','guid':'g1','section':'A'}",
		  .json = "{'data':{'title':'Second','rev':2,'slug':'first','status':'published','published_at':'2016-06-01T12:00:00Z','byline':null}}" },
		{ "/v1/articles?on_conflict=update", 200, .method = "POST", .headers = JSON, .body = "{'title':'Second','source':'Feed','guid':'g1','section':'A'}", .json = "{'data':{'rev':2}}" },
		/* the same guid of another source is another article, and so is one without */
		{ "/v1/articles", 201, .method = "POST", .headers = JSON, .body = "{'title':'Other','source':'Other feed','guid':'g1'}" },
		{ "/v1/articles", 201, .method = "POST", .headers = JSON, .body = "{'title':'Second','source':'Feed'}" },
		{ "/v1/articles?on_conflict=update", 201, .method = "POST", .headers = JSON, .body = "{'title':'New','source':'Feed','guid':'g2'}" },
		{ "/v1/articles?on_conflict=skip", 201, .method = "POST", .headers = JSON, .body = "{'title':'New','source':'Feed','guid':'g3'}" },
		/* wrong is wrong, known or not */
		{ "/v1/articles?on_conflict=skip", 422, .method = "POST", .headers = JSON, .body = "{'source':'Feed','guid':'g1'}" },
		{ "/v1/articles?on_conflict=update", 422, .method = "POST", .headers = JSON, .body = "{'title':'No section','source':'Feed','guid':'g1'}" },
	};
	/* clang-format on */

	(void)state;
	run_on_writer(steps, N_OF(steps));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_new_article_becomes),
		cmocka_unit_test(test_all_that_is_wrong_at_once),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_a_refusal_leaves_no_trace),
		cmocka_unit_test(test_how_long_a_body_may_be),
		cmocka_unit_test(test_on_conflict),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
