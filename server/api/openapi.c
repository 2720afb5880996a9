/* SPDX-License-Identifier: MIT */
/*
 * /openapi.json: the contract as an OpenAPI 3.1 document, printed from the tables that the server itself goes by.
 *
 * Paths, methods, keys, bodies and parameters come from the table of routes; schemas of articles from article_fields[]; errors from ERROR_TABLE; the
 * rest from documentation.h's tables. What the first ones say is so, since the server goes by them. What the last ones say was written by hand beside the
 * handlers: tests/clients/openapi.test.js asks for all of it and would see most that is more or less. A route without a row is left out and fails a test.
 * HEAD is answered wherever GET is, and OPTIONS everywhere: that is said once and not of each path.
 *
 * The document is made when it is first asked for and kept like any other reply. Examples are answers to real requests, taken by a test
 * (static/docs/examples.json).
 */
#include "documentation.h"

#include <string.h>

static const char about[] =
    "News articles as JSON. Everything readers see is open; writing takes a key.\n\n"
    "**Conventions.** JSON in UTF-8. Empty values are absent, never `null`; `tags` and `authors` are always there. Times are RFC 3339 in UTC; "
    "where one is sent, a date alone will do. An article is named by its id or its slug. Later versions of `/v1` only add members, so ignore those that you do "
    "not know.\n\n"
    "**Parameters.** One that is unknown, repeated or has a bad value is a 400 that names it and suggests the nearest right one. "
    "Lists are parted by commas. Path and query together have at most 4096 bytes, or it is a 414. A path with a slash at its end is "
    "led to the one without by a 308.\n\n"
    "**Lengths** are counted in bytes of UTF-8: `x-bytes-most`. `maxLength`, which JSON Schema counts in characters, is the same number, so what is longer is "
    "refused in any case, and what is shorter may be if it has letters of more than one byte.\n\n"
    "**Errors** are `application/problem+json` (RFC 9457); `type` is an address that says what it means.\n\n"
    "**Caching.** Reads carry a strong `ETag`; ask again with `If-None-Match` and a 304 costs next to nothing. "
    "`HEAD` is answered wherever `GET` is, and every path answers `OPTIONS`.\n\n"
    "**Reading your own writes.** Each answer says in `Broadsheet-Seq` up to where it knows all changes; `min_seq` waits for it.";

/* --- operations --- */

/* "/v1/articles/{ref}" as it is; {path...} without its dots. */
static json_t *template_of(const char *path)
{
	const char *dots = strstr(path, "...}");

	return dots == NULL ? json_string(path) : json_sprintf("%.*s}", (int)(dots - path), path);
}

static void add_path_parameters(json_t *parameters, const char *path)
{
	for (const char *at = strchr(path, '{'); at != NULL; at = strchr(at, '{')) {
		const size_t length = strcspn(++at, ".}");
		json_t *name = json_sprintf("%.*s", (int)length, at);

		json_array_append_new(parameters, openapi_path_parameter(json_string_value(name)));
		json_decref(name);
	}
}

/* The first of a name is shared by all that are the same; another one of that name stands where it is used. */
static void add_parameter(json_t *parameters, json_t *parameter, json_t *components)
{
	json_t *shared = json_object_get(components, "parameters");
	const char *name = json_string_value(json_object_get(parameter, "name"));
	const json_t *known = json_object_get(shared, name);

	if (known == NULL)
		json_object_set(shared, name, parameter);
	else if (!json_equal(known, parameter)) {
		json_array_append_new(parameters, parameter);
		return;
	}
	json_array_append_new(parameters, json_pack("{s:o}", "$ref", json_sprintf("#/components/parameters/%s", name)));
	json_decref(parameter);
}

static json_t *header_parameter(const char *name, bool is_required, const char *help)
{
	return json_pack("{s:s, s:s, s:b, s:s, s:{s:s}}", "name", name, "in", "header", "required", is_required, "description", help, "schema",
	    "type", "string");
}

static json_t *parameters_of(const struct route *route, const struct route_doc *doc, json_t *components)
{
	json_t *parameters = json_array();

	add_path_parameters(parameters, route->path);
	for (const struct parameter *parameter = route->parameters; parameter != NULL && parameter->name != NULL; parameter++)
		add_parameter(parameters, openapi_parameter(parameter), components);
	if ((doc->says & NEEDS_IF_MATCH) != 0)
		json_array_append_new(parameters, header_parameter("If-Match", true, "ETag of the version that you have read, or *"));
	if ((doc->says & TAKES_IF_MATCH) != 0)
		json_array_append_new(parameters, header_parameter("If-Match", false, "ETag of the version that you have read, or *"));
	if ((doc->says & TAKES_IDEMPOTENCY_KEY) != 0)
		json_array_append_new(parameters,
		    header_parameter("Idempotency-Key", false, "The same request with the same key, within 24 hours, is done once and answered alike"));
	if ((doc->says & TAKES_IF_NONE_MATCH) != 0)
		json_array_append_new(parameters, header_parameter("If-None-Match", false, "*: only if there is none yet"));
	if ((doc->says & TAKES_LAST_EVENT_ID) != 0)
		json_array_append_new(parameters, header_parameter("Last-Event-ID", false, "The id of the last event that came, as an EventSource sends it by itself; goes before since"));
	if (openapi_has_validator(route, doc))
		add_parameter(parameters, header_parameter("If-None-Match", false, "ETags that you hold: if it is still one of these, the answer is a 304"), components);
	return parameters;
}

/* Each of the media types "a, b" with the schema. */
static json_t *body_of(const struct route *route, const struct route_doc *doc, size_t article_bytes)
{
	const size_t most = route->body_limit == BODY_OF_ARTICLE ? article_bytes : route->body_limit;
	const char *type = route->body_type != NULL ? route->body_type : "application/json";
	json_t *content = json_object();

	for (;;) {
		const size_t length = strcspn(type, ",");
		json_t *name = json_stringn(type, length);

		json_object_set_new(content, json_string_value(name), json_pack("{s:o}", "schema", openapi_reference(doc->body)));
		json_decref(name);
		if (type[length] == '\0')
			break;
		type += length + 2;
	}
	return json_pack("{s:b, s:o, s:o, s:I}", "required", (doc->says & BODY_MAY_LACK) == 0, "description", json_sprintf("At most %zu bytes", most),
	    "content", content, "x-bytes-most", (json_int_t)most);
}

/* Under /v1 a key is taken by all, since some say more to its holder. The scope stands beside it: OpenAPI has room for scopes of OAuth alone, and
 * linters refuse them elsewhere. */
static json_t *security_of(const struct route *route)
{
	if (route->who != ANYONE)
		return json_pack("[{s:[]}]", "bearer");
	return strncmp(route->path, "/v1/", 4) == 0 ? json_pack("[{}, {s:[]}]", "bearer") : json_pack("[{}]");
}

static json_t *operation(const struct http_service *service, const struct route *route, const struct route_doc *doc, json_t *components)
{
	json_t *operation = json_pack("{s:s, s:s, s:[s]}", "operationId", doc->name, "summary", doc->summary, "tags", doc->group);
	json_t *parameters = parameters_of(route, doc, components);

	if (route->who == ANYONE) {
		json_object_set_new(operation, "description", json_string(doc->help));
	} else {
		json_object_set_new(operation, "description",
		    json_sprintf("%s Needs a key with the scope `%s`.", doc->help, scope_names[route->who / 2]));
		json_object_set_new(operation, "x-scope", json_string(scope_names[route->who / 2]));
	}
	if (json_array_size(parameters) > 0)
		json_object_set(operation, "parameters", parameters);
	json_decref(parameters);
	if (doc->body != NULL)
		json_object_set_new(operation, "requestBody", body_of(route, doc, service->article_bytes));
	json_object_set_new(operation, "responses", openapi_answers(route, doc, components));
	json_object_set_new(operation, "security", security_of(route));
	return operation;
}

static json_t *paths_of(const struct http_service *service, json_t *components)
{
	static const char *const methods[] = { [HTTP_GET] = "get", [HTTP_POST] = "post", [HTTP_PUT] = "put", [HTTP_PATCH] = "patch", [HTTP_DELETE] = "delete" };
	json_t *paths = json_object(), *examples = openapi_examples(service->base_url);

	for (size_t i = 0; i < n_routes; i++) {
		const struct route *route = &routes[i];
		const struct route_doc *doc = route_doc_of(route);
		json_t *path, *name, *made;

		if (!route_is_public(route) || doc == NULL)
			continue;
		name = template_of(route->path);
		path = json_object_get(paths, json_string_value(name));
		if (path == NULL) {
			path = json_object();
			json_object_set_new(paths, json_string_value(name), path);
		}
		made = operation(service, route, doc, components);
		openapi_set_examples(made, json_object_get(examples, doc->name));
		json_object_set_new(path, methods[route->method], made);
		json_decref(name);
	}
	json_decref(examples);
	return paths;
}

/* --- what all share --- */

static json_t *headers(void)
{
	static const struct {
		const char *name, *type;
		bool required;
		const char *help;
	} known[] = {
		{ "ETag", "string", true, "Names exactly these bytes; for If-None-Match, and for If-Match of writes" },
		{ "ETagThatStands", "string", false, "Of the version that is there, if one is: to go on from" },
		{ "Link", "string", false, "The links of this page (RFC 8288); left out where it would be very long" },
		{ "Location", "string", true, "Where it is" },
		{ "Broadsheet-Seq", "integer", true, "All changes up to this seq are in the answer" },
		{ "Cache-Control", "string", true, "Who may keep the answer, and for how long" },
		{ "Retry-After", "integer", true, "Seconds to wait" },
		{ "WhenToRetry", "integer", false, "Of 503 and 507: seconds to wait" },
		{ "Allow", "string", false, "Of 405: the methods that the address takes" },
		{ "WWW-Authenticate", "string", true, "That a key is needed, or what is wrong with the one that came (RFC 6750)" },
		{ "ScopeThatLacks", "string", false, "The scope that the key lacks, where all of the call needs one (RFC 6750)" },
		{ "Accept", "string", false, "The media types that a body may have here" },
		{ "Accept-Encoding", "string", false, "Where the body was compressed: that it may not be" },
	};
	json_t *all = json_object();

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		json_object_set_new(all, known[i].name, json_pack("{s:s, s:b, s:{s:s}}", "description", known[i].help, "required", known[i].required, "schema", "type", known[i].type));
	return all;
}

static json_t *components_new(void)
{
	json_t *schemas = json_object();

	for (const struct shape *shape = shapes; shape->name != NULL; shape++)
		json_object_set_new(schemas, shape->name, openapi_shape(shape));
	return json_pack("{s:{s:{s:s, s:s, s:s}}, s:o, s:{}, s:o, s:{}}", "securitySchemes", "bearer", "type", "http", "scheme", "bearer", "description",
	    "A key as `broadsheet key add` or POST /v1/keys makes it. Scopes: read_drafts (see what is not published), write (write articles, sections, "
	    "collections), admin (keys, webhooks, erasing).",
	    "headers", headers(), "parameters", "schemas", schemas, "responses");
}

/* Groups that nothing belongs to are left out. */
static json_t *groups(void)
{
	json_t *list = json_array();

	for (const struct route_group *group = route_groups; group->name != NULL; group++)
		for (const struct route_doc *doc = route_docs; doc->path != NULL; doc++)
			if (strcmp(doc->group, group->name) == 0) {
				json_array_append_new(list, json_pack("{s:s, s:s}", "name", group->name, "description", group->help));
				break;
			}
	return list;
}

json_t *openapi_document(const struct http_service *service, const char *site_name)
{
	json_t *components = components_new(), *paths = paths_of(service, components);
	json_t *info = json_pack("{s:o, s:s, s:s, s:{s:s, s:s}, s:{s:s, s:s}}", "title", json_sprintf("%s API", site_name), "version", BROADSHEET_VERSION,
	    "description", about, "contact", "name", site_name, "url", service->base_url, "license", "name", "MIT", "identifier", "MIT");

	return json_pack("{s:s, s:o, s:[{s:s}], s:o, s:o, s:o, s:o}", "openapi", "3.1.0", "info", info, "servers", "url", service->base_url, "tags", groups(),
	    "paths", paths, "webhooks", openapi_webhooks(), "components", components);
}
