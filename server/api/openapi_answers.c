/* SPDX-License-Identifier: MIT */
/*
 * The answers of a route in /openapi.json: those that it gives when all is well, and its errors.
 *
 * Each says its headers, but for those that are the transport's or the same for all (Content-Type, Vary, CORS, …). Errors of one status are one answer. Answers that several routes give stand once, under components/responses, named by the codes of their
 * errors ("bad-parameter-or-invalid"); `x-problems` lists them for programs. What can happen to any request before or beside its handler (a target that is too
 * long, a full disk) is the `default` of all. Outside /v1 errors are pages.
 */
#include "documentation.h"

#include <string.h>

enum { CODES_MOST = 24 };

/* In the order of statuses, and of the error table where they have one; each once. */
struct codes {
	enum error_code items[CODES_MOST];
	size_t n;
};

static bool is_api(const struct route *route)
{
	return strncmp(route->path, "/v1/", 4) == 0;
}

static bool goes_before(enum error_code one, enum error_code other)
{
	return error_status(one) != error_status(other) ? error_status(one) < error_status(other) : one < other;
}

static void add(struct codes *codes, enum error_code code)
{
	size_t i = 0;

	while (i < codes->n && goes_before(codes->items[i], code))
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

/* One of openapi.c's: those that are not always there have a name of their own beside it. */
static void add_header(json_t *headers, const char *name, const char *component)
{
	json_object_set_new(headers, name, json_pack("{s:o}", "$ref", json_sprintf("#/components/headers/%s", component)));
}

/* What every answer has. */
static json_t *headers_of_all(void)
{
	json_t *headers = json_object();

	add_header(headers, "Broadsheet-Seq", "Broadsheet-Seq");
	add_header(headers, "Cache-Control", "Cache-Control");
	return headers;
}

/* The headers that an error of this status brings. */
static json_t *error_headers(unsigned status)
{
	json_t *headers = headers_of_all();

	if (status == 401)
		add_header(headers, "WWW-Authenticate", "WWW-Authenticate");
	if (status == 403)
		add_header(headers, "WWW-Authenticate", "ScopeThatLacks");
	if (status == 412 || status == 428)
		add_header(headers, "ETag", "ETagThatStands");
	if (status == 415) {
		add_header(headers, "Accept", "Accept");
		add_header(headers, "Accept-Encoding", "Accept-Encoding");
	}
	if (status == 429)
		add_header(headers, "Retry-After", "Retry-After");
	return headers;
}

/* Takes the headers. */
static json_t *error_answer(const enum error_code *codes, size_t n, bool is_problem, json_t *headers)
{
	struct text words = TEXT_EMPTY;
	json_t *slugs = json_array(), *answer;

	for (size_t i = 0; i < n; i++) {
		text_printf(&words, "%s%s (`%s`)", i > 0 ? "; " : "", error_title(codes[i]), error_slug(codes[i]));
		json_array_append_new(slugs, json_string(error_slug(codes[i])));
	}
	answer = json_pack("{s:s, s:o, s:o, s:o}", "description", words.bytes, "headers", headers, "content", problem_content(is_problem), "x-problems", slugs);
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
		refer(answers, digits, components, name.bytes, error_answer(codes->items + first, end - first, is_problem, error_headers(status)));
		text_done(&name);
	}
}

/* What may happen to any request. */
static void add_default(json_t *answers, bool is_problem, json_t *components)
{
	static const enum error_code any[] = { ERROR_METHOD, ERROR_TARGET_TOO_LONG, ERROR_HEADERS_TOO_LARGE, ERROR_INTERNAL, ERROR_METHOD_UNKNOWN,
		ERROR_CODING_UNKNOWN, ERROR_BUSY, ERROR_HTTP_VERSION, ERROR_STORAGE_FULL };
	json_t *headers = headers_of_all();

	add_header(headers, "Allow", "Allow");
	add_header(headers, "Retry-After", "WhenToRetry");
	refer(answers, "default", components, is_problem ? "any" : "page-any", error_answer(any, sizeof any / sizeof any[0], is_problem, headers));
}

/* --- when all is well --- */

bool openapi_has_validator(const struct route *route, const struct route_doc *doc)
{
	return route->kept == KEPT || (doc->says & SAYS_ETAG) != 0;
}

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

/* Of a stream of events the shape is that of each event's data. */
static json_t *other_schema(const struct route_doc *doc)
{
	const char *space = strchr(doc->shape, ' ');

	if (route_is_stream(doc))
		return json_pack("{s:s, s:s, s:o}", "type", "string", "description", "Fields of events, as HTML has them", "x-event-data", openapi_reference(space + 1));
	if (space != NULL)
		return openapi_reference(space + 1);
	return json_pack("{s:s}", "type", strstr(doc->shape, "json") != NULL ? "object" : "string");
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
		return other_schema(doc);
	case ANSWER_NOTHING:
		break;
	}
	return NULL;
}

static json_t *media_type(const struct route_doc *doc)
{
	if (doc->form == ANSWER_OTHER)
		return json_stringn(doc->shape, strcspn(doc->shape, " "));
	return json_string(doc->form == ANSWER_LINES ? "application/x-ndjson" : "application/json");
}

static json_t *answer_headers(const struct route *route, const struct route_doc *doc, unsigned status)
{
	json_t *headers = headers_of_all();

	if (status != 204 && (openapi_has_validator(route, doc) || (doc->says & (NEEDS_IF_MATCH | TAKES_IF_MATCH | TAKES_IDEMPOTENCY_KEY)) != 0))
		add_header(headers, "ETag", "ETag");
	if (doc->form == ANSWER_PAGE || (doc->says & SAYS_LINK) != 0)
		add_header(headers, "Link", "Link");
	if (status == 201 && strcmp(doc->name, "createPreview") != 0 && strcmp(doc->name, "createKey") != 0)
		add_header(headers, "Location", "Location");
	return headers;
}

static void add_answer(json_t *answers, unsigned status, const char *words, const struct route *route, const struct route_doc *doc)
{
	json_t *answer = json_pack("{s:s, s:o}", "description", words, "headers", answer_headers(route, doc, status)), *schema = body_schema(doc);
	json_t *type = media_type(doc);
	char digits[8];

	snprintf(digits, sizeof digits, "%u", status);
	if (schema != NULL)
		json_object_set_new(answer, "content", json_pack("{s:{s:o}}", json_string_value(type), "schema", schema));
	json_decref(type);
	json_object_set_new(answers, digits, answer);
}

static json_t *without_body(const char *words, const char *header)
{
	json_t *headers = headers_of_all();

	add_header(headers, header, header);
	return json_pack("{s:s, s:o}", "description", words, "headers", headers);
}

json_t *openapi_answers(const struct route *route, const struct route_doc *doc, json_t *components)
{
	const bool is_problem = is_api(route);
	struct codes codes = codes_of(route, doc);
	json_t *answers = json_object();

	if (doc->form == ANSWER_NOTHING)
		add_answer(answers, 204, "Done", route, doc);
	else if ((doc->says & SAYS_200) != 0 || (doc->says & (SAYS_201 | SAYS_202)) == 0)
		add_answer(answers, 200, "As asked for", route, doc);
	if ((doc->says & SAYS_201) != 0)
		add_answer(answers, 201, "Made", route, doc);
	if ((doc->says & SAYS_202) != 0)
		add_answer(answers, 202, "Will be done", route, doc);
	if (openapi_has_validator(route, doc))
		refer(answers, "304", components, "not-modified", without_body("It is as If-None-Match says", "ETag"));
	if ((doc->says & SAYS_308) != 0)
		refer(answers, "308", components, "moved", without_body("The slug is a former one; Location has the present address", "Location"));
	add_errors(answers, &codes, is_problem, components);
	add_default(answers, is_problem, components);
	return answers;
}
