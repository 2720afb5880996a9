/* SPDX-License-Identifier: MIT */
/*
 * What webhooks are sent, as the `webhooks` of /openapi.json (OpenAPI 3.1): requests that go the other way, from here to whoever asked for them.
 *
 * There are three bodies, by what happened: an article is there or changed, it went, or somebody tried the webhook. All have the same headers, and of the
 * answer the status alone counts. How often it is tried and what is signed is made in server/publish/ and told here in words.
 */
#include "documentation.h"

static const struct sent {
	const char *name, *summary, *help, *shape;
} sent[] = {
	{ "articleShown", "An article is there, or has changed", "Of the events publish, update and correct. Only what readers see is sent.", "Message" },
	{ "articleRemoved", "An article is gone", "Of the event withdraw. Drop your copy.", "RemovalMessage" },
	{ "ping", "The webhook is tried", "Of POST /v1/webhooks/{id}/test.", "Ping" },
};

static json_t *headers(void)
{
	static const struct {
		const char *name, *help;
	} known[] = {
		{ "Broadsheet-Event", "What happened, as in the body" },
		{ "Broadsheet-Delivery", "Names the message; it is the same when it is sent again, so that one that came twice is known" },
		{ "Broadsheet-Timestamp", "When this attempt was made, in Unix seconds: refuse one that is minutes old" },
		{ "Broadsheet-Signature", "v1= and, in hexadecimal, the HMAC-SHA256 with the webhook's secret of Broadsheet-Timestamp, a full stop and the body" },
	};
	json_t *parameters = json_array();

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		json_array_append_new(parameters, json_pack("{s:s, s:s, s:b, s:s, s:{s:s}}", "name", known[i].name, "in", "header", "required", true, "description",
		    known[i].help, "schema", "type", "string"));
	return parameters;
}

static json_t *answers(void)
{
	return json_pack("{s:{s:s}, s:{s:s}}", "2XX", "description", "It has arrived; what else the answer holds is not looked at", "default", "description",
	    "It has not, and is sent again later, at longer and longer intervals, until it is given up");
}

json_t *openapi_webhooks(void)
{
	json_t *all = json_object();

	for (size_t i = 0; i < sizeof sent / sizeof sent[0]; i++) {
		json_t *body = json_pack("{s:b, s:{s:{s:o}}}", "required", true, "content", "application/json", "schema", openapi_reference(sent[i].shape));
		json_t *post = json_pack("{s:s, s:s, s:s, s:[s], s:o, s:o, s:o, s:[]}", "operationId", sent[i].name, "summary", sent[i].summary, "description",
		    sent[i].help, "tags", "Webhooks", "parameters", headers(), "requestBody", body, "responses", answers(), "security");

		json_object_set_new(all, sent[i].name, json_pack("{s:o}", "post", post));
	}
	return all;
}
