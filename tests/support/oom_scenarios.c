/* SPDX-License-Identifier: MIT */
/*
 * The requests, on the articles that tests/faults/test_out_of_memory.c imports. Questions come before writes, which would change what they must
 * answer.
 */
#include "oom_scenarios.h"

#define JSON "Content-Type: application/json"
#define PATCH_JSON JSON "\nIf-Match: *"

#define WHOLE_ARTICLE(guid)                                                                                                                                     \
	"{'guid':'" guid "-@','slug':'" guid "-@','title':'Title @ of it','summary':'Summary @','byline':'By @','source':'Wire','section':'S1','tags':['Tag @','Other']," \
	"'authors':['Ann @'],'lang':'en','image':{'url':'https://example.org/@.jpg','alt':'Alt @'},'status':'published','body_html':'<p>Body <em>@</em> it is.</p>'}"
#define WHOLE_HELD "'Title @ of it'", "'Summary @'", "'By @'", "'Tag @'", "'Ann @'", "@.jpg", "<p>Body <em>@</em> it is.</p>"

/* clang-format off */
const struct oom_scenario oom_scenarios[] = {
	{ "first",      "GET",    "/v1/articles?limit=2", .status = 200, .is_cold = true },
	{ "list",       "GET",    "/v1/articles?limit=20&published_after=2001-01-01T00:00:@Z", .status = 200 },
	{ "facets",     "GET",    "/v1/articles?limit=5&count=exact&facets=section,tag&published_after=2001-01-01T00:01:@Z", .status = 200 },
	{ "detail",     "GET",    "/v1/articles/@", .status = 200 },
	{ "related",    "GET",    "/v1/articles/@/related", .status = 200 },
	{ "next",       "GET",    "/v1/articles/@/next", .status = 200 },
	{ "search",     "GET",    "/v1/search?q=common+-zzz@&count=exact&facets=section", .status = 200 },
	{ "suggest",    "GET",    "/v1/suggest?q=number+@", .status = 200 },
	{ "sections",   "GET",    "/v1/sections?limit=@", .status = 200 },
	{ "revisions",  "GET",    "/v1/articles/@/revisions", .status = 200 },
	{ "diff",       "GET",    "/v1/articles/1/revisions/2/diff", .status = 200 },
	{ "page",       "GET",    "/search?q=common+-zzz@", .status = 200 },
	{ "create",     "POST",   "/v1/articles", JSON "\nIdempotency-Key: key-@", WHOLE_ARTICLE("new"), .status = 201, .proof = "/v1/articles/new-@", .held = { WHOLE_HELD }, .stays = true },
	{ "put",        "PUT",    "/v1/articles/2", PATCH_JSON, WHOLE_ARTICLE("put"), .status = 200, .proof = "/v1/articles/2", .held = { WHOLE_HELD } },
	{ "patch",      "PATCH",  "/v1/articles/3", PATCH_JSON, "{'title':'Patched @','tags':['Tag @','Third']}", .status = 200, .proof = "/v1/articles/3", .held = { "Patched @", "'Tag @'", "'Third'" } },
	{ "delete",     "DELETE", "/v1/articles/del-@", PATCH_JSON, "{'reason':'Because @'}", .status = 200, .first = WHOLE_ARTICLE("del"), .proof = "/v1/articles/del-@", .held = { "withdrawn", "Because @" }, .stays = true },
	{ "batch",      "POST",   "/v1/articles/batch", "Content-Type: application/x-ndjson", WHOLE_ARTICLE("one") "\n" WHOLE_ARTICLE("two") "\n", .status = 200, .proof = "/v1/articles/one-@", .held = { WHOLE_HELD }, .stays = true },
	{ "preview",    "POST",   "/v1/articles/2/preview", NULL, NULL, .status = 201, .proof = "/v1/articles/2", .held = { "'id'" } },
	{ "key",        "POST",   "/v1/keys", JSON, "{'name':'key-@','scopes':['write','read_drafts']}", .status = 201, .proof = "/v1/keys", .held = { "'key-@'" }, .stays = true },
	{ "collection", "PUT",    "/v1/collections/front", PATCH_JSON, "{'title':'Front @','ids':[5,4,3,6,9]}", .status = 200, .proof = "/v1/collections/front", .held = { "'Front @'", "'id':5", "'id':9" } },
	{ "section",    "PUT",    "/v1/sections/s2", PATCH_JSON, "{'name':'Section @','description':'About @'}", .status = 200, .proof = "/v1/sections/s2", .held = { "'Section @'", "'About @'" } },
	{ "webhook",    "POST",   "/v1/webhooks", JSON, "{'url':'http://127.0.0.1:1/hook-@'}", .status = 201, .proof = "/v1/webhooks", .held = { "hook-@" } },
};
/* clang-format on */

const size_t n_oom_scenarios = sizeof oom_scenarios / sizeof oom_scenarios[0];
