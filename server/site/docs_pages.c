/* SPDX-License-Identifier: MIT */
/*
 * Pages about the API: /docs, and /problems/<code>, where the `type` of an error leads.
 *
 * /docs is a file that a script of ours fills from /openapi.json, in the reader's browser; so there is nothing to be made here, and nothing that
 * could lag behind. It may ask this server alone, and nothing else in it runs. The pages of problems are made from the error table.
 */
#include "site_internal.h"

#include <string.h>

#include "api/documentation.h"

static const char docs_policy[] = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
				  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/* GET /docs: 200 */
bool site_docs(struct request *request, struct response *response, struct error *err)
{
	const struct static_files *files = site_of(request)->files;
	const unsigned char *bytes;
	const char *version;
	size_t length;

	if (!static_files_find(files, "docs/docs.html", &bytes, &length, &version))
		return error_set(err, ERROR_NOT_FOUND, "The static files lack docs/docs.html");
	text_append(&response->body, (const char *)bytes, length);
	response->content_type = "text/html; charset=utf-8";
	response_header(response, "Content-Security-Policy", "%s", docs_policy);
	response_header(response, "Referrer-Policy", "no-referrer");
	basis_digest(request->basis, scope_key("static", "docs/docs.html"), scope_key("version", version));
	return true;
}

static bool code_named(const char *slug, enum error_code *ret_code)
{
	static const enum error_code codes[] = {
#define X(code, status, slug, title) code,
		ERROR_TABLE(X)
#undef X
	};

	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (strcmp(error_slug(codes[i]), slug) == 0) {
			*ret_code = codes[i];
			return true;
		}
	return false;
}

/* GET /problems/{code}: 200, 404 */
bool site_problem(struct request *request, struct response *response, struct error *err)
{
	const char *slug = request_path_value(request, "code");
	enum error_code code;
	json_t *root;
	bool ok;

	if (!code_named(slug, &code))
		return error_set(err, ERROR_NOT_FOUND, "There is no problem %.40s", slug);
	if (!page_new(request, NULL, &root, err))
		return false;
	json_object_set_new(root, "meaning", json_pack("{s:i, s:s, s:s, s:s*}", "status", (int)error_status(code), "code", slug, "title", error_title(code),
	    "words", error_words(code)));
	head_set(root, request, error_title(code), error_words(code), arena_printf(request->arena, "/problems/%s", slug));
	ok = page_send(request, response, root, err);
	json_decref(root);
	return ok;
}
