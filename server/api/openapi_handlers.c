/* SPDX-License-Identifier: MIT */
/*
 * /openapi.json and /llms.txt: what this site offers, for programs, printed from the tables.
 *
 * Both change only with the program and some settings, so they stand on nothing else and are kept once made. A setting that is printed here has to be
 * among those that validators are made from: salt_of() in server/cli/server.c names each. To
 * make the document takes some milliseconds, which a reader thread has.
 */
#include "documentation.h"

#include <stdlib.h>
#include <string.h>

/* It stands on the program alone. */
static void basis_of_program(struct request *request, const char *what)
{
	basis_digest(request->basis, scope_key("program", what), 1);
}

/* GET /openapi.json. 200. */
bool openapi_get(struct request *request, struct response *response, struct error *err)
{
	json_t *document;
	char *dumped;

	if (!request_may_take_long(request))
		return false;
	document = openapi_document(request->service, site_name_of(site_of(request)));
	dumped = json_dumps(document, JSON_COMPACT);
	json_decref(document);
	if (dumped == NULL)
		return error_set(err, ERROR_INTERNAL, "out of memory");
	text_string(&response->body, dumped);
	text_char(&response->body, '\n');
	free(dumped);
	basis_of_program(request, "openapi");
	return true;
}

/* --- llms.txt --- */

static void write_routes(const struct route_group *group, const char *base_url, struct text *body)
{
	bool has_one = false;

	for (size_t i = 0; i < n_routes; i++) {
		const struct route_doc *doc = route_doc_of(&routes[i]);

		if (!route_is_public(&routes[i]) || doc == NULL || doc->method != HTTP_GET || strcmp(doc->group, group->name) != 0)
			continue;
		if (!has_one)
			text_printf(body, "\n## %s\n\n%s\n\n", group->name, group->help);
		has_one = true;
		text_printf(body, "- [%s](%s%s): %s\n", doc->summary, base_url, doc->path, doc->help);
	}
}

/* GET /llms.txt. 200: Markdown, as https://llmstxt.org/ has it. */
bool llms_get(struct request *request, struct response *response, struct error *err)
{
	const char *base_url = request->service->base_url;
	struct text *body = &response->body;

	(void)err;
	response->content_type = "text/plain; charset=utf-8";
	text_printf(body, "# %s\n\n> News articles, as pages for people and as JSON for programs. Reading is open and needs no key.\n\n",
	    site_name_of(site_of(request)));
	text_printf(body,
	    "Every article has a page at %s/article/{slug} and a JSON document at %s/v1/articles/{slug}. The whole API is described by %s/openapi.json "
	    "(OpenAPI 3.1). Ask with If-None-Match, and keep to what Cache-Control says.\n",
	    base_url, base_url, base_url);
	for (const struct route_group *group = route_groups; group->name != NULL; group++)
		write_routes(group, base_url, body);
	basis_of_program(request, "llms");
	return true;
}
