/* SPDX-License-Identifier: MIT */
/*
 * The newsroom's page. All of it is static: a frame, a style sheet and the modules of static/desk/, which ask the API for everything with the
 * key that an editor types in. So the page holds no secret, is the same for everyone, and is kept like any other.
 *
 * Its policy is narrower than that of the pages for readers: whoever works here holds a key, and what is in the text of an article, or in an
 * extension of the site, must find no way to it. Pictures may come from anywhere on the web by https, as an editor has to see them; where
 * they come from is not told from which page.
 */
#include "site_internal.h"

#include "basis.h"

static const char desk_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; connect-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/* GET /desk: 200 */
bool site_desk(struct request *request, struct response *response, struct error *err)
{
	const struct site *site = site_of(request);
	json_t *root = json_pack("{s:{s:s, s:s, s:s, s:s}}", "site", "name", site->name, "version", site_file_version(site, "site.css"), "desk_version",
	    site_file_version(site, "desk/desk.css"), "script_version", site_file_version(site, "desk/desk.js"));

	if (root == NULL)
		return error_set(err, ERROR_INTERNAL, "out of memory");
	template_render(template_find(site->templates, "desk"), root, &response->body);
	json_decref(root);
	basis_digest(request->basis, scope_key("static", "desk"), scope_key("version", response->body.bytes));
	response->content_type = "text/html; charset=utf-8";
	response_header(response, "Content-Security-Policy", "%s", desk_policy);
	response_header(response, "Referrer-Policy", "no-referrer");
	return true;
}
