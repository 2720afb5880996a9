/* SPDX-License-Identifier: MIT */
/*
 * The answers of a route in /openapi.json: those that it gives when all is well, and its errors.
 *
 * Errors of one status are one answer. Answers that several routes give stand once, under components/responses, named by the codes of their
 * errors ("bad-parameter-or-invalid"); `x-problems` lists them for programs. What can happen to any request before or beside its handler (a target that is too
 * long, a full disk) is the `default` of all. Outside /v1 errors are pages.
 */
#include "documentation.h"

#include <string.h>

enum { CODES_MOST = 24 };

/* In the order of the error table, each once. */
struct codes {
	enum error_code items[CODES_MOST];
	size_t n;
};

static bool is_api(const struct route *route)
{
	return strncmp(route->path, "/v1/", 4) == 0;
}

static void add(struct codes *codes, enum error_code code)
{
	size_t i = 0;

	while (i < codes->n && codes->items[i] < code)
		i++;
	if (i < codes->n && codes->items[i] == code)
		return;
	memmove(codes->items + i + 1, codes->items + i, (codes->n - i) * sizeof *codes->items);
	codes->items[i] = code;
	codes->n++;
}

static bool takes(const struct route *route, const char *name)
{
	for (const struct parameter *parameter = route->parameters; parameter != NULL && parameter->name != NULL; parameter++)
		if (strcmp(parameter->name, name) == 0)
			return true;
	return false;
}

static bool must_have_one(const struct route *route)
{
	for (const struct parameter *parameter = route->parameters; parameter != NULL && parameter->name != NULL; parameter++)
		if (parameter->required)
			return true;
	return false;
}

/* Its own, and what its row in the table of routes brings with it. */
static struct codes codes_of(const struct route *route, const struct route_doc *doc)
{
	struct codes codes = { .n = 0 };

	add(&codes, ERROR_INVALID);
	add(&codes, ERROR_UNAUTHORIZED);
	add(&codes, ERROR_TOO_MANY);
	if (is_api(route) || must_have_one(route))
		add(&codes, ERROR_PARAMETER);
	if (takes(route, "cursor") || takes(route, "before"))
		add(&codes, ERROR_CURSOR);
	/* What readers do not see is asked for by status, which takes a scope. */
	if (route->who != ANYONE || (is_api(route) && takes(route, "status")))
		add(&codes, ERROR_FORBIDDEN);
	if (route->body_limit > 0) {
		add(&codes, ERROR_TOO_LARGE);
		add(&codes, ERROR_MEDIA_TYPE);
	}
	for (size_t i = 0; i < ROUTE_ERRORS_MOST && doc->errors[i] != ERROR_NONE; i++)
		add(&codes, doc->errors[i]);
	return codes;
}

/* --- errors --- */

static json_t *problem_content(bool is_problem)
{
	if (!is_problem)
		return json_pack("{s:{s:{s:s}}}", "text/html", "schema", "type", "string");
	return json_pack("{s:{s:o}}", "application/problem+json", "schema", openapi_reference("Problem"));
}

static json_t *header_reference(const char *name)
{
	return json_pack("{s:o}", "$ref", json_sprintf("#/components/headers/%s", name));
}

/* The headers that an error of this status brings. */
static json_t *error_headers(unsigned status)
{
	switch (status) {
	case 401:
	case 403:
		return json_pack("{s:o}", "WWW-Authenticate", header_reference("WWW-Authenticate"));
	case 415:
		return json_pack("{s:o}", "Accept", header_reference("Accept"));
	case 429:
		return json_pack("{s:o}", "Retry-After", header_reference("Retry-After"));
	default:
		return NULL;
	}
}

static json_t *error_answer(const enum error_code *codes, size_t n, bool is_problem)
{
	struct text words = TEXT_EMPTY;
	json_t *slugs = json_array(), *headers = error_headers(error_status(codes[0])), *answer;

	for (size_t i = 0; i < n; i++) {
		text_printf(&words, "%s%s (`%s`)", i > 0 ? "; " : "", error_title(codes[i]), error_slug(codes[i]));
		json_array_append_new(slugs, json_string(error_slug(codes[i])));
	}
	answer = json_pack("{s:s, s:o, s:o}", "description", words.bytes, "content", problem_content(is_problem), "x-problems", slugs);
	if (headers != NULL && is_problem)
		json_object_set(answer, "headers", headers);
	json_decref(headers);
	text_done(&words);
	return answer;
}

static void refer(json_t *answers, const char *status, json_t *components, const char *name, json_t *answer)
{
	json_t *shared = json_object_get(components, "responses");

	if (json_object_get(shared, name) == NULL)
		json_object_set(shared, name, answer);
	json_decref(answer);
	json_object_set_new(answers, status, json_pack("{s:o}", "$ref", json_sprintf("#/components/responses/%s", name)));
}

static void add_errors(json_t *answers, const struct codes *codes, bool is_problem, json_t *components)
{
	for (size_t first = 0, end; first < codes->n; first = end) {
		const unsigned status = error_status(codes->items[first]);
		struct text name = TEXT_EMPTY;
		char digits[8];

		text_string(&name, is_problem ? "" : "page-");
		for (end = first; end < codes->n && error_status(codes->items[end]) == status; end++)
			text_printf(&name, "%s%s", end > first ? "-or-" : "", error_slug(codes->items[end]));
		snprintf(digits, sizeof digits, "%u", status);
		refer(answers, digits, components, name.bytes, error_answer(codes->items + first, end - first, is_problem));
		text_done(&name);
	}
}

/* What may happen to any request. */
static void add_default(json_t *answers, bool is_problem, json_t *components)
{
	static const enum error_code any[] = { ERROR_METHOD, ERROR_TARGET_TOO_LONG, ERROR_HEADERS_TOO_LARGE, ERROR_INTERNAL, ERROR_METHOD_UNKNOWN,
		ERROR_CODING_UNKNOWN, ERROR_BUSY, ERROR_HTTP_VERSION, ERROR_STORAGE_FULL };

	refer(answers, "default", components, is_problem ? "any" : "page-any", error_answer(any, sizeof any / sizeof any[0], is_problem));
}

/* The table is in the order of statuses but for a few rows. */
static void sort_by_status(struct codes *codes)
{
	for (size_t i = 1; i < codes->n; i++)
		for (size_t k = i; k > 0 && error_status(codes->items[k - 1]) > error_status(codes->items[k]); k--) {
			const enum error_code code = codes->items[k];

			codes->items[k] = codes->items[k - 1];
			codes->items[k - 1] = code;
		}
}

/* --- when all is well --- */

static json_t *page_schema(const struct route_doc *doc)
{
	json_t *data = json_pack("{s:s, s:o}", "type", "array", "items", openapi_reference(doc->shape));
	json_t *meta = doc->meta != NULL ? openapi_reference(doc->meta) : json_pack("{s:s}", "type", "object");

	return json_pack("{s:s, s:[s, s, s], s:{s:o, s:o, s:o}}", "type", "object", "required", "data", "meta", "links", "properties", "data", data,
	    "meta", meta, "links", openapi_reference("Links"));
}

static json_t *data_schema(json_t *data)
{
	return json_pack("{s:s, s:[s], s:{s:o}}", "type", "object", "required", "data", "properties", "data", data);
}

static json_t *body_schema(const struct route_doc *doc)
{
	switch (doc->form) {
	case ANSWER_ONE:
		return data_schema(openapi_reference(doc->shape));
	case ANSWER_ALL:
		return data_schema(json_pack("{s:s, s:o}", "type", "array", "items", openapi_reference(doc->shape)));
	case ANSWER_PAGE:
		return page_schema(doc);
	case ANSWER_PLAIN:
	case ANSWER_LINES:
		return openapi_reference(doc->shape);
	case ANSWER_OTHER:
		return strstr(doc->shape, "json") != NULL ? json_pack("{s:s}", "type", "object") : json_pack("{s:s}", "type", "string");
	case ANSWER_NOTHING:
		break;
	}
	return NULL;
}

static const char *media_type(const struct route_doc *doc)
{
	return doc->form == ANSWER_OTHER ? doc->shape : doc->form == ANSWER_LINES ? "application/x-ndjson" : "application/json";
}

static json_t *answer_headers(const struct route *route, const struct route_doc *doc, unsigned status)
{
	json_t *headers = json_object();

	json_object_set_new(headers, "Broadsheet-Seq", header_reference("Broadsheet-Seq"));
	if (route->kept == KEPT || (doc->says & (NEEDS_IF_MATCH | TAKES_IF_MATCH)) != 0)
		json_object_set_new(headers, "ETag", header_reference("ETag"));
	if (doc->form == ANSWER_PAGE)
		json_object_set_new(headers, "Link", header_reference("Link"));
	if (status == 201 && strcmp(doc->name, "createPreview") != 0 && strcmp(doc->name, "createKey") != 0)
		json_object_set_new(headers, "Location", header_reference("Location"));
	return headers;
}

static void add_answer(json_t *answers, unsigned status, const char *words, const struct route *route, const struct route_doc *doc)
{
	json_t *answer = json_pack("{s:s, s:o}", "description", words, "headers", answer_headers(route, doc, status)), *schema = body_schema(doc);
	char digits[8];

	snprintf(digits, sizeof digits, "%u", status);
	if (schema != NULL)
		json_object_set_new(answer, "content", json_pack("{s:{s:o}}", media_type(doc), "schema", schema));
	json_object_set_new(answers, digits, answer);
}

static json_t *without_body(const char *words, const char *header)
{
	return json_pack("{s:s, s:{s:o}}", "description", words, "headers", header, header_reference(header));
}

json_t *openapi_answers(const struct route *route, const struct route_doc *doc, json_t *components)
{
	const bool is_problem = is_api(route);
	struct codes codes = codes_of(route, doc);
	json_t *answers = json_object();

	if (doc->form == ANSWER_NOTHING)
		json_object_set_new(answers, "204", json_pack("{s:s}", "description", "Done"));
	else if ((doc->says & SAYS_200) != 0 || (doc->says & (SAYS_201 | SAYS_202)) == 0)
		add_answer(answers, 200, "As asked for", route, doc);
	if ((doc->says & SAYS_201) != 0)
		add_answer(answers, 201, "Made", route, doc);
	if ((doc->says & SAYS_202) != 0)
		add_answer(answers, 202, "Will be done", route, doc);
	if (route->kept == KEPT)
		refer(answers, "304", components, "not-modified", without_body("It is as If-None-Match or If-Modified-Since says", "ETag"));
	if ((doc->says & SAYS_308) != 0)
		refer(answers, "308", components, "moved", without_body("The slug is a former one; Location has the present address", "Location"));
	sort_by_status(&codes);
	add_errors(answers, &codes, is_problem, components);
	add_default(answers, is_problem, components);
	return answers;
}
