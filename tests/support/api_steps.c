/* SPDX-License-Identifier: MIT */
/* Steps and what is expected of their replies; what holds for all replies is in api_conventions.c. */
#include "api_steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *body_of(const struct reply *reply)
{
	return reply->body.length > 0 ? reply->body.bytes : "(nothing)";
}

/* --- JSON --- */

static bool matches(json_t *value, json_t *wanted, char *at, size_t size);

static bool object_matches(json_t *value, json_t *wanted, char *at, size_t size)
{
	const size_t length = strlen(at);
	const char *name;
	json_t *member;

	json_object_foreach(wanted, name, member) {
		snprintf(at + length, size - length, ".%s", name);
		if (!matches(json_object_get(value, name), member, at, size))
			return false;
		at[length] = '\0';
	}
	return json_is_object(value);
}

static bool array_matches(json_t *value, json_t *wanted, char *at, size_t size)
{
	const size_t length = strlen(at);
	size_t index;
	json_t *member;

	if (!json_is_array(value) || json_array_size(value) != json_array_size(wanted))
		return false;
	json_array_foreach(wanted, index, member) {
		snprintf(at + length, size - length, ".%zu", index);
		if (!matches(json_array_get(value, index), member, at, size))
			return false;
		at[length] = '\0';
	}
	return true;
}

/* On failure `at` is the path to what differs. */
static bool matches(json_t *value, json_t *wanted, char *at, size_t size)
{
	const char *string = json_string_value(wanted);

	if (json_is_null(wanted))
		return value == NULL;
	if (string != NULL && strcmp(string, "*") == 0)
		return value != NULL;
	if (string != NULL && string[0] == '~')
		return json_is_string(value) && strstr(json_string_value(value), string + 1) != NULL;
	if (json_is_object(wanted))
		return object_matches(value, wanted, at, size);
	if (json_is_array(wanted))
		return array_matches(value, wanted, at, size);
	return value != NULL && json_equal(value, wanted);
}

void expect_json(const char *what, const struct reply *reply, const char *wanted)
{
	struct text text = TEXT_EMPTY;
	char at[300] = "";
	json_error_t error;
	json_t *json;
	bool fine;

	text_string(&text, wanted);
	text_fill(&text, '\'', "\"");
	json = json_loads(text.bytes, JSON_DECODE_ANY, &error);
	if (json == NULL)
		fail_msg("%s: the test's own JSON is broken: %s in %s", what, error.text, wanted);
	text_done(&text);
	fine = matches(reply->json, json, at, sizeof at);
	json_decref(json);
	if (!fine)
		fail_msg("%s: at \"%s\" not %s but %s", what, at, wanted, body_of(reply));
}

void expect_ids(const char *what, const struct reply *reply, const char *ids)
{
	struct text found = TEXT_EMPTY;
	json_t *item;
	size_t i;
	bool fine;

	json_array_foreach(reply_member(reply, "data"), i, item)
		text_printf(&found, "%s%lld", i > 0 ? " " : "", (long long)json_integer_value(json_object_get(item, "id")));
	fine = json_is_array(reply_member(reply, "data")) && strcmp(found.length > 0 ? found.bytes : "", ids) == 0;
	if (!fine)
		fprintf(stderr, "%s: \"%s\" instead of \"%s\" in %s\n", what, found.length > 0 ? found.bytes : "", ids, body_of(reply));
	text_done(&found);
	assert_true(fine);
}

/* --- headers --- */

void expect_header(const char *what, const struct reply *reply, const char *name, const char *value)
{
	const char *found = reply_header(reply, name);

	if (value == NULL && found != NULL)
		fail_msg("%s: there is %s: %s", what, name, found);
	if (value != NULL && (found == NULL || (strcmp(value, "*") != 0 && strcmp(found, value) != 0)))
		fail_msg("%s: %s is %s instead of %s", what, name, found != NULL ? found : "not there", value);
}

static void expect_headers(const char *what, const struct reply *reply, const char *lines)
{
	char line[600];

	while (lines != NULL && *lines != '\0') {
		const size_t length = strcspn(lines, "\n");
		char *colon;

		snprintf(line, sizeof line, "%.*s", (int)length, lines);
		colon = strstr(line, ": ");
		if (colon != NULL)
			*colon = '\0';
		expect_header(what, reply, line[0] == '-' ? line + 1 : line, line[0] == '-' ? NULL : colon != NULL ? colon + 2 : "*");
		lines += length + (lines[length] == '\n');
	}
}

/* --- steps --- */

void run_step(struct client *client, const struct step *step, struct reply *ret_reply)
{
	const char *method = step->method != NULL ? step->method : "GET";
	struct text body = TEXT_EMPTY;
	struct reply reply;

	if (step->body != NULL) {
		text_string(&body, step->body);
		text_fill(&body, '\'', "\"");
	}
	client_ask(client, method, step->path, step->headers, step->body != NULL ? body.length > 0 ? body.bytes : "" : NULL, &reply);
	text_done(&body);
	if (reply.status != (step->status != 0 ? step->status : 200))
		fail_msg("%s %s: %ld instead of %ld: %s", method, step->path, reply.status, step->status, body_of(&reply));
	if (step->ids != NULL)
		expect_ids(step->path, &reply, step->ids);
	if (step->json != NULL)
		expect_json(step->path, &reply, step->json);
	expect_headers(step->path, &reply, step->reply_headers);
	if (ret_reply != NULL)
		*ret_reply = reply;
	else
		reply_done(&reply);
}

void run_steps(struct test_server *server, const struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct reply reply;

		run_step(server->public, &steps[i], &reply);
		check_conventions(steps[i].method != NULL ? steps[i].method : "GET", steps[i].path, &reply);
		reply_done(&reply);
	}
}

const char *reply_link(const struct reply *reply, const char *rel)
{
	const char *link = json_string_value(json_object_get(json_object_get(reply->json, "links"), rel));

	if (link == NULL)
		return NULL;
	assert_memory_equal(link, TEST_BASE_URL "/", strlen(TEST_BASE_URL "/"));
	return link + strlen(TEST_BASE_URL);
}
