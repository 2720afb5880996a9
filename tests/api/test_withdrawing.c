/* SPDX-License-Identifier: MIT */
/* DELETE: what readers are told, what the newsroom sees, bringing back; and erasing, of which nothing may be left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api_steps.h"
#include "test_store.h"

#define JSON "Content-Type: application/json"
#define ANY JSON "\nIf-Match: *"
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
#define RUN_ON_WRITER(steps) run_on_writer(steps, N_OF(steps))

static int64_t post(const char *body)
{
	struct reply reply;
	int64_t id;

	run_step(server.writer, &(struct step){ .path = "/v1/articles", .status = 201, .method = "POST", .headers = JSON, .body = body }, &reply);
	id = json_integer_value(reply_member(&reply, "data.id"));
	reply_done(&reply);
	return id;
}

static void withdraw(const char *path, const char *body, long status, const char *json)
{
	run_step(server.writer, &(struct step){ .path = path, .status = status, .method = "DELETE", .headers = body != NULL ? JSON : NULL, .body = body, .json = json }, NULL);
}

static void see(const char *path, long status, const char *json)
{
	run_steps(&server, &(struct step){ .path = path, .status = status, .json = json }, 1);
}

static void test_withdrawing(void **state)
{
	(void)state;
	post("{'title':'Plain','source':'S','section':'A','status':'published','tags':['only here']}");
	withdraw("/v1/articles/plain", NULL, 200, "{'data':{'id':1,'rev':2,'status':'withdrawn','removed_at':'2016-06-01T12:00:00Z','reason':null,'title':'Plain'}}");
	see("/v1/articles/plain", 410, "{'type':'/problems/withdrawn','removed_at':'2016-06-01T12:00:00Z','reason':null,'replaced_by':null}");
	see("/v1/articles/1", 410, NULL);
	run_step(server.public, &(struct step){ .path = "/article/plain", .status = 410 }, NULL);
	see("/v1/articles?ids=1", 200, "{'data':[],'meta':{'missing':[{'id':1,'status':410}]}}");
	see("/v1/articles?count=exact", 200, "{'data':[],'meta':{'count':{'value':0}}}");
	see("/v1/tags/only-here", 404, NULL);
	see("/v1/search?q=plain", 200, "{'data':[]}");
	/* again: no version, whatever the clock says; a reason may be added and changed, the moment stays */
	test_now += 60;
	withdraw("/v1/articles/plain", NULL, 200, "{'data':{'rev':2}}");
	withdraw("/v1/articles/plain", "{}", 200, "{'data':{'rev':2}}");
	withdraw("/v1/articles/plain", "{'reason':' A  mistake ','replaced_by':null}", 200, "{'data':{'rev':3,'reason':'A mistake','removed_at':'2016-06-01T12:00:00Z'}}");
	withdraw("/v1/articles/plain", NULL, 200, "{'data':{'rev':3,'reason':'A mistake'}}");
	see("/v1/articles/plain", 410, "{'reason':'A mistake'}");
	test_now -= 60;
}

static void test_refused(void **state)
{
	/* clang-format off */
	static const struct step steps[] = {
		{ .path = "/v1/articles/2", .status = 422, .method = "DELETE", .headers = JSON, .body = "{'reason':7,'replaced_by':'x','resaon':1}",
		  .json = "{'errors':[{'pointer':'/reason'},{'pointer':'/replaced_by'},{'pointer':'/resaon','suggestion':'reason'}]}" },
		{ .path = "/v1/articles/2", .status = 422, .method = "DELETE", .headers = JSON, .body = "{'replaced_by':999}", .json = "{'errors':[{'pointer':'/replaced_by','code':'unknown'}]}" },
		{ .path = "/v1/articles/2", .status = 422, .method = "DELETE", .headers = JSON, .body = "{'replaced_by':2}", .json = "{'errors':[{'pointer':'/replaced_by'}]}" },
		{ .path = "/v1/articles/2", .status = 400, .method = "DELETE", .headers = JSON, .body = "[]" },
		{ .path = "/v1/articles/2", .status = 400, .method = "DELETE", .headers = JSON, .body = "{" },
		{ .path = "/v1/articles/2", .status = 415, .method = "DELETE", .headers = "Content-Type: text/plain", .body = "gone" },
		{ .path = "/v1/articles/2?reason=x", .status = 400, .method = "DELETE" },
		{ .path = "/v1/articles/2?erase=yes", .status = 400, .method = "DELETE" },
		{ .path = "/v1/articles/99", .status = 404, .method = "DELETE" },
		{ .path = "/v1/articles/nothing", .status = 404, .method = "DELETE" },
		{ .path = "/v1/articles", .status = 405, .method = "DELETE", .reply_headers = "Allow: *" },
	};
	/* clang-format on */

	(void)state;
	assert_int_equal(post("{'title':'Stays','source':'S','section':'A','status':'published'}"), 2);
	RUN_ON_WRITER(steps);
	see("/v1/articles/stays?related=0", 200, "{'data':{'rev':1}}");
}

/* What nobody has seen leaves nothing that anybody could see. */
static void test_a_draft(void **state)
{
	(void)state;
	post("{'title':'Draft','source':'S'}");
	post("{'title':'Dated draft','source':'S','section':'A','published_at':'2016-01-01'}");
	post("{'title':'Planned','source':'S','section':'A','status':'scheduled','publish_at':'2030-01-01'}");
	withdraw("/v1/articles/draft", "{'reason':'secret'}", 200, "{'data':{'status':'withdrawn'}}");
	withdraw("/v1/articles/dated-draft", NULL, 200, "{'data':{'status':'withdrawn'}}");
	withdraw("/v1/articles/planned", NULL, 200, "{'data':{'status':'withdrawn','publish_at':null}}");
	see("/v1/articles/draft", 404, "{'reason':null}");
	see("/v1/articles/dated-draft", 404, NULL);
	see("/v1/articles/planned", 404, NULL);
	test_server_clock(&server, 1893456000 + 10);    /* 2030-01-01 */
	see("/v1/articles/planned", 404, NULL);
	test_server_clock(&server, 1464782400);
}

/* A reader is led to what he may see, and is not told of what he may not. */
static void test_replaced_by(void **state)
{
	char body[60];
	int64_t other;

	(void)state;
	post("{'title':'Replaced','source':'S','section':'A','status':'published'}");
	other = post("{'title':'In its place','source':'S','section':'A'}");
	snprintf(body, sizeof body, "{'reason':'Better told.','replaced_by':%lld}", (long long)other);
	withdraw("/v1/articles/replaced", body, 200, "{'data':{'replaced_by':'*'}}");
	see("/v1/articles/replaced", 410, "{'reason':'Better told.','replaced_by':null}");
	run_step(server.writer, &(struct step){ .path = "/v1/articles/in-its-place", .method = "PATCH", .headers = ANY, .body = "{'status':'published'}" }, NULL);
	see("/v1/articles/replaced", 410, "{'replaced_by':'*'}");
	withdraw("/v1/articles/in-its-place", NULL, 200, NULL);
	see("/v1/articles/replaced", 410, "{'replaced_by':null}");
}

static void test_bringing_back(void **state)
{
	/* clang-format off */
	static const struct step steps[] = {
		{ .path = "/v1/articles/comes-back", .method = "DELETE", .headers = JSON, .body = "{'reason':'r'}" },
		/* writing in it does not bring it back */
		{ .path = "/v1/articles/comes-back", .method = "PATCH", .headers = ANY, .body = "{'byline':'b'}", .json = "{'data':{'status':'withdrawn','reason':'r','removed_at':'*'}}" },
		{ .path = "/v1/articles/comes-back", .method = "PUT", .headers = ANY, .body = "{'title':'Comes back','source':'S','section':'A'}", .json = "{'data':{'status':'withdrawn','reason':'r'}}" },
		{ .path = "/v1/articles/comes-back", .method = "PATCH", .headers = ANY, .body = "{'status':'published'}",
		  .json = "{'data':{'status':'published','published_at':'2016-01-02T00:00:00Z','removed_at':null,'reason':null}}" },
		/* one that has run out needs another end */
		{ .path = "/v1/articles/comes-back", .method = "PATCH", .headers = ANY, .body = "{'expire_at':'2016-01-03'}", .json = "{'data':{'status':'withdrawn','reason':'expired'}}" },
		{ .path = "/v1/articles/comes-back", .status = 422, .method = "PATCH", .headers = ANY, .body = "{'status':'published'}", .json = "{'errors':[{'pointer':'/expire_at'}]}" },
		{ .path = "/v1/articles/comes-back", .status = 422, .method = "PATCH", .headers = ANY, .body = "{'status':'scheduled','publish_at':'2016-01-02T12:00:00Z'}" },
		{ .path = "/v1/articles/comes-back", .method = "PATCH", .headers = ANY, .body = "{'status':'published','expire_at':null}", .json = "{'data':{'status':'published','expire_at':null}}" },
		/* from published back to a draft, and out again at the same time */
		{ .path = "/v1/articles/comes-back", .method = "PATCH", .headers = ANY, .body = "{'status':'draft'}", .json = "{'data':{'status':'draft'}}" },
		{ .path = "/v1/articles/comes-back", .method = "PATCH", .headers = ANY, .body = "{'status':'published'}", .json = "{'data':{'published_at':'2016-01-02T00:00:00Z'}}" },
	};
	/* clang-format on */

	(void)state;
	post("{'title':'Comes back','source':'S','section':'A','status':'published','published_at':'2016-01-02'}");
	for (size_t i = 0; i < N_OF(steps); i++) {
		const char *json = steps[i].json != NULL ? steps[i].json : "";
		const bool is_out = strstr(json, "'published_at'") != NULL || strstr(json, "'expire_at':null") != NULL;

		run_step(server.writer, &steps[i], NULL);
		see("/v1/articles/comes-back?related=0", is_out ? 200 : 410, NULL);
	}
}

/* --- erasing --- */

#define CANARY "Zyxwcanary"
#define WITH_CANARY(title, more) \
	"{'title':'" title "','slug':'erased-one','source':'S','section':'A','status':'published','summary':'Of " CANARY "sum.','byline':'By " CANARY "line'," \
	"'authors':['An Author'],'dateline':'" CANARY "ton','tags':['Kept tag'],'image':{'url':'https://a.example/" CANARY ".jpg','alt':'" CANARY "','caption':'" CANARY "'}," \
	"'body_text':'Here is " CANARY " and " CANARY "s running beside zyxwcanarying.','guid':'erase-1','source_url':'https://a.example/" CANARY "','rights':{'notice':'" CANARY "'}," \
	"'corrections':[{'text':'" CANARY "'}]" more "}"

/* Is the word, in any case, in the bytes? */
static bool has_canary(const char *bytes, size_t length)
{
	for (size_t i = 0; i + strlen(CANARY) <= length; i++)
		if (strncasecmp(bytes + i, CANARY, strlen(CANARY)) == 0)
			return true;
	return false;
}

static void expect_no_canary_in(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct text bytes = TEXT_EMPTY;
	char piece[65536];
	size_t n;

	if (file == NULL)
		return;
	while ((n = fread(piece, 1, sizeof piece, file)) > 0)
		text_append(&bytes, piece, n);
	fclose(file);
	if (has_canary(bytes.bytes, bytes.length))
		fail_msg("%s still has it", path);
	text_done(&bytes);
}

/* All that readers and the newsroom can ask for. */
static void expect_no_canary_in_answers(void)
{
	static const char *const targets[] = {
		"/v1/articles", "/v1/articles/erased-one", "/v1/articles?ids=1,2,3,4,5,6,7,8,9,10,11,12", ("/v1/search?q=" CANARY), "/v1/search?q=zyxw*", "/v1/search?q=zyxwcanar",
		"/v1/suggest?q=zyxw", "/v1/tags", "/v1/authors", "/v1/articles/kept-beside", "/v1/articles/kept-beside/related", "/", "/article/erased-one",
		"/search?q=zyxw", "/v1/articles?facets=tag,author",
	};

	for (size_t i = 0; i < N_OF(targets); i++) {
		struct reply reply;
		const char *own = strstr(targets[i], "q=" CANARY);    /* a question is repeated in its answer */

		client_get(server.public, targets[i], &reply);
		if (own == NULL && has_canary(reply.body.bytes, reply.body.length))
			fail_msg("%s: %s", targets[i], reply.body.bytes);
		if (own != NULL)
			expect_ids(targets[i], &reply, "");
		reply_done(&reply);
	}
}

static void test_erasing(void **state)
{
	struct store *store;
	struct reply reply;
	char path[160];

	(void)state;
	/* several versions, a kept reply, a neighbour with the same words but for the canary */
	run_step(server.writer, &(struct step){ .path = "/v1/articles", .status = 201, .method = "POST", .headers = JSON "\nIdempotency-Key: erase", .body = WITH_CANARY(CANARY " on the first day", "") }, NULL);
	post("{'title':'Kept beside','source':'S','section':'A','status':'published','tags':['Kept tag'],'body_text':'Here is something, running beside.'}");
	run_step(server.writer, &(struct step){ .path = "/v1/articles/erased-one", .method = "PATCH", .headers = ANY, .body = "{'title':'" CANARY "s on the second day'}" }, NULL);
	run_step(server.writer, &(struct step){ .path = "/v1/articles/erased-one", .method = "PUT", .headers = ANY, .body = WITH_CANARY("" CANARY "ed third", ",'featured':true") }, NULL);
	test_server_settle(&server);
	run_steps(&server, &(struct step){ .path = "/v1/search?q=" CANARY, .json = "{'data':['*']}" }, 1);
	run_step(server.public, &(struct step){ .path = "/v1/articles/erased-one?related=0" }, &reply);
	assert_true(has_canary(reply.body.bytes, reply.body.length));    /* a kept reply */
	reply_done(&reply);

	run_step(server.writer, &(struct step){ .path = "/v1/articles/erased-one?erase=true", .method = "DELETE", .headers = JSON, .body = "{'reason':'By order of the court'}",
	    .json = "{'data':{'title':'Erased','status':'withdrawn','erased':true,'reason':'By order of the court','slug':'erased-one','rev':4,'body_html':null,'tags':[],'authors':[]}}" }, &reply);
	assert_false(has_canary(reply.body.bytes, reply.body.length));
	reply_done(&reply);
	/* at once, beside a server that goes on, while nobody reads: out of the file and of its write-ahead log */
	snprintf(path, sizeof path, "%s-wal", server.database);
	expect_no_canary_in(path);
	expect_no_canary_in(server.database);
	see("/v1/articles/erased-one", 410, "{'reason':'By order of the court'}");
	expect_no_canary_in_answers();

	/* for good: not by an edit, an earlier version, an import, the same key again */
	run_step(server.writer, &(struct step){ .path = "/v1/articles/erased-one", .status = 409, .method = "PATCH", .headers = ANY, .body = "{'status':'published'}" }, NULL);
	run_step(server.writer, &(struct step){ .path = "/v1/articles/erased-one", .status = 409, .method = "PUT", .headers = ANY, .body = "{'title':'T','source':'S'}" }, NULL);
	run_step(server.writer, &(struct step){ .path = "/v1/articles/erased-one/revisions/1/restore", .status = 409, .method = "POST", .headers = "If-Match: *" }, NULL);
	run_step(server.writer, &(struct step){ .path = "/v1/articles?on_conflict=update", .status = 409, .method = "POST", .headers = JSON, .body = "{'title':'T','source':'S','guid':'erase-1'}" }, NULL);
	run_step(server.writer, &(struct step){ .path = "/v1/articles?on_conflict=skip", .method = "POST", .headers = JSON, .body = "{'title':'T','source':'S','guid':'erase-1'}", .json = "{'data':{'erased':true,'rev':4}}" }, NULL);
	test_server_put(&server, "{'title':'Imported again','source':'S','section':'A','guid':'erase-1','body_text':'x'}");
	withdraw("/v1/articles/erased-one?erase=true", NULL, 200, "{'data':{'rev':4}}");
	see("/v1/articles/erased-one", 410, NULL);
	test_server_settle(&server);

	/* and when it has stopped */
	test_server_halt(&server);
	expect_no_canary_in(server.database);
	expect_no_canary_in(path);
	store = test_store_at(server.database, STORE_WRITE);
	assert_int_equal(test_findings(store), 0);
	{
		char *dump = test_dump(store);

		assert_false(has_canary(dump, strlen(dump)));
		free(dump);
	}
	store_close(store);
	test_server_resume(&server);
	see("/v1/articles/kept-beside?related=0", 200, NULL);
	see("/v1/search?q=running", 200, "{'data':['*']}");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_withdrawing),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_a_draft),
		cmocka_unit_test(test_replaced_by),
		cmocka_unit_test(test_bringing_back),
		cmocka_unit_test(test_erasing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
