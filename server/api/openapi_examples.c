/* SPDX-License-Identifier: MIT */
/*
 * Examples for /openapi.json: what this server answers to certain requests when it has the sample articles, and bodies that it takes.
 *
 * They lie in static/docs/examples.json, by the names of operations, where tests/clients/openapi.test.js has written them and holds them against
 * what is answered today. "{base_url}" stands for the address of this site. An operation without an example simply has none.
 */
#include "documentation.h"

#include <string.h>

#include "embedded.h"

static const struct embedded_file *find_file(const char *path)
{
	for (const struct embedded_file *file = embedded_static_files; file->path != NULL; file++)
		if (strcmp(file->path, path) == 0)
			return file;
	return NULL;
}

/* The address as it stands inside a JSON string. */
static void append_address(const char *base_url, struct text *json)
{
	struct text quoted = TEXT_EMPTY;

	text_json(&quoted, base_url, strlen(base_url));
	text_append(json, quoted.bytes + 1, quoted.length - 2);
	text_done(&quoted);
}

json_t *openapi_examples(const char *base_url)
{
	static const char mark[] = "{base_url}";
	const struct embedded_file *file = find_file("docs/examples.json");
	struct text json = TEXT_EMPTY;
	json_t *examples;

	if (file == NULL)
		return json_object();
	for (const char *at = (const char *)file->bytes, *next; *at != '\0'; at = next) {
		const char *found = strstr(at, mark);

		next = found != NULL ? found + sizeof mark - 1 : at + strlen(at);
		text_append(&json, at, (size_t)((found != NULL ? found : next) - at));
		if (found != NULL)
			append_address(base_url, &json);
	}
	examples = json_loadb(json.bytes, json.length, 0, NULL);
	text_done(&json);
	return examples;
}

/* {"GET /v1/…": {"value": …}} under a media type. */
static void set(json_t *media, const char *name, const char *summary, json_t *value)
{
	if (value != NULL && media != NULL)
		json_object_set_new(media, "examples", json_pack("{s:{s:s, s:O}}", name, "summary", summary, "value", value));
}

void openapi_set_examples(json_t *operation, const json_t *example)
{
	json_t *answer = json_object_get(json_object_get(json_object_get(operation, "responses"), "200"), "content");
	json_t *bodies = json_object_get(json_object_get(operation, "requestBody"), "content"), *media;
	const char *target = json_string_value(json_object_get(example, "target")), *type;

	set(json_object_get(answer, "application/json"), "answer", target != NULL ? target : "", json_object_get(example, "answer"));
	json_object_foreach(bodies, type, media)
		set(media, "body", "As it may be sent", json_object_get(example, "body"));
}
