/* SPDX-License-Identifier: MIT */
/*
 * The frame of every page: the templates, what a page reads from the API, what all pages carry (site name,
 * navigation, headers), and the page that explains an error. Also the few files a browser asks for by itself.
 *
 * The templates are read once, when the site is made, and a broken one stops the start with its name and line. The
 * versions of style sheet and script are looked up for each page, so that with --static a change shows on the next load.
 */
#include "site_internal.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"

/* The one script is a file of ours; nothing in a page is ever taken for one. Pictures may come from wherever an article
 * says. */
static const char content_policy[] =
    "default-src 'self'; img-src 'self' https: http:; style-src 'self'; script-src 'self'; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'self'";

/* --- the site --- */

static const char *const template_names[] = { "page", "head", "front", "listing", "article", "problem", "meaning", "story",
	"brief", "picture", "search", "search_box", "search_tips", "desk" };
enum { TEMPLATES = sizeof template_names / sizeof *template_names };

static struct template_set *read_templates(const struct static_files *files, struct error *err)
{
	struct template_source sources[TEMPLATES] = { 0 };
	struct text path = TEXT_EMPTY;
	struct template_set *set = NULL;

	for (size_t i = 0; i < TEMPLATES; i++) {
		const unsigned char *bytes;
		const char *version;

		text_clear(&path);
		text_printf(&path, "templates/%s.html", template_names[i]);
		if (!static_files_find(files, path.bytes, &bytes, &sources[i].length, &version)) {
			error_set(err, ERROR_NOT_FOUND, "The static files lack %s", path.bytes);
			goto done;
		}
		sources[i].name = template_names[i];
		sources[i].bytes = (const char *)bytes;
	}
	set = template_set_new(sources, TEMPLATES, err);
done:
	text_done(&path);
	return set;
}

struct site *site_new(const char *site_name, const struct static_files *files, struct error *err)
{
	struct template_set *templates = read_templates(files, err);
	struct text name = TEXT_EMPTY;
	struct site *site;

	if (templates == NULL)
		return NULL;
	site = calloc(1, sizeof *site);
	if (site == NULL) {
		error_set(err, ERROR_INTERNAL, "out of memory");
		template_set_free(templates);
		return NULL;
	}
	text_string(&name, site_name);
	site->name = text_take(&name);
	site->files = files;
	site->templates = templates;
	site->page = template_find(templates, "page");
	return site;
}

void site_free(struct site *site)
{
	if (site == NULL)
		return;
	template_set_free(site->templates);
	free(site->name);
	free(site);
}

const char *site_name_of(const struct site *site)
{
	return site->name;
}

/* --- what a page is made from --- */

bool page_read(struct request *request, const char *target, json_t **ret_document, struct error *err)
{
	struct text body = TEXT_EMPTY;
	json_error_t where;
	json_t *document;

	if (!serve_inner(request, target, &body, err))
		return false;

	document = json_loadb(body.bytes, body.length, JSON_REJECT_DUPLICATES, &where);
	text_done(&body);
	if (document == NULL)
		return error_set(err, ERROR_INTERNAL, "what %s answers is no JSON: %s", target, where.text);
	*ret_document = document;
	return true;
}

const char *site_file_version(const struct site *site, const char *file)
{
	const unsigned char *bytes;
	const char *version = "0";
	size_t length;

	(void)static_files_find(site->files, file, &bytes, &length, &version);
	return version;
}

static json_t *root_new(const struct site *site)
{
	return json_pack("{s:{s:s, s:s, s:s}}", "site", "name", site->name, "version", site_file_version(site, "site.css"),
	    "script_version", site_file_version(site, "site.js"));
}

/* The list of sections stands on all articles, as it says how many each has; the bar shows names only, and stands on them. */
static bool read_sections(struct request *request, json_t **ret_document, struct error *err)
{
	const char *target = arena_printf(request->arena, "/v1/sections?order=navigation&limit=%d", SITE_NAVIGATION_MOST);
	struct basis *basis = request->basis, aside;
	bool ok;

	basis_init(&aside, request->arena);
	request->basis = &aside;
	ok = page_read(request, target, ret_document, err);
	request->basis = basis;
	return ok;
}

static void state_basis(struct request *request, const json_t *sections)
{
	struct text shown = TEXT_EMPTY;
	const json_t *section;
	size_t i;

	json_array_foreach(sections, i, section)
		text_printf(&shown, "%s %s\n", member_text(section, "slug"), member_text(section, "name"));
	basis_digest(request->basis, SITE_NAVIGATION_SCOPE, scope_key("navigation", shown.length > 0 ? shown.bytes : ""));
	text_done(&shown);
}

static bool add_navigation(struct request *request, json_t *root, const char *section_slug, struct error *err)
{
	json_t *document, *sections, *section;
	size_t i;

	if (!read_sections(request, &document, err))
		return false;
	sections = json_object_get(document, "data");
	state_basis(request, sections);
	json_array_foreach(sections, i, section) {
		const char *slug = member_text(section, "slug");

		if (slug == NULL)
			continue;
		json_object_set_new(section, "href", json_sprintf("/section/%s", slug));
		if (section_slug != NULL && strcmp(slug, section_slug) == 0)
			json_object_set_new(section, "current", json_true());
	}
	if (json_array_size(sections) > 0)
		json_object_set_new(root, "nav", json_pack("{s:O}", "sections", sections));
	json_decref(document);
	return true;
}

bool page_new(struct request *request, const char *section_slug, json_t **ret_root, struct error *err)
{
	json_t *root = root_new(site_of(request));

	if (!add_navigation(request, root, section_slug, err)) {
		json_decref(root);
		return false;
	}
	*ret_root = root;
	return true;
}

static void as_page(struct response *response)
{
	response->content_type = "text/html; charset=utf-8";
	response_header(response, "Content-Security-Policy", "%s", content_policy);
	if (response_header_value(response, "Referrer-Policy") == NULL)
		response_header(response, "Referrer-Policy", "strict-origin-when-cross-origin");
}

bool page_send(const struct request *request, struct response *response, const json_t *root, struct error *err)
{
	if (root == NULL)
		return error_set(err, ERROR_INTERNAL, "out of memory");
	text_clear(&response->body);
	template_render(site_of(request)->page, root, &response->body);
	as_page(response);
	return true;
}

/* --- errors, for people --- */

struct explanation {
	enum error_code code;
	const char *headline, *words;
};

static const struct explanation explanations[] = {
	{ ERROR_NOT_FOUND, "Page not found",
	    "There is nothing at this address. Perhaps it was mistyped, or what was here has moved." },
	{ ERROR_GONE, "This article has been withdrawn", "It was published here once and is no longer available." },
	{ ERROR_CURSOR, "This page of the list is no longer there",
	    "The address does not fit the list. The newest articles are on its first page." },
	{ ERROR_METHOD, "This page can only be read", "The address does not take what was sent to it." },
	{ ERROR_TARGET_TOO_LONG, "This address is too long", "No page here has an address of that length." },
	{ ERROR_UNAUTHORIZED, "This key does not work", "It is none that is known here, or is none any more. Without one, everything that readers see is open." },
	{ ERROR_TOO_MANY, "Please slow down", "More has been asked for in the last minute than one reader may. It works again in a moment." },
	{ ERROR_BUSY, "Please try again in a moment", "More is going on than can be answered just now." },
	{ ERROR_INTERNAL, "Something went wrong on our side",
	    "It is not your fault, and trying again in a little while may help." },
};

static const struct explanation *explanation_of(const struct error *err)
{
	static const struct explanation refused = { ERROR_INVALID, "This address does not work",
		"It asks for something that cannot be answered." };
	size_t n = sizeof explanations / sizeof *explanations;

	for (size_t i = 0; i < n; i++)
		if (explanations[i].code == err->code)
			return &explanations[i];
	return error_status(err->code) >= 500 ? &explanations[n - 1] : &refused;
}

/* Why and when an article was withdrawn and what replaces it, out of the members of the problem. Its title is not
 * told. */
static void explain_withdrawal(struct request *request, json_t *problem, const struct error *err)
{
	const char *json = arena_printf(request->arena, "{%s}", err->members), *day;
	json_t *members = json_loadb(json, strlen(json), JSON_REJECT_DUPLICATES, NULL), *replaced_by, *document;
	const char *reason = member_text(members, "reason");
	struct error ignored;

	if (reason != NULL && strcmp(reason, "expired") == 0)
		json_object_set_new(
		    problem, "words", json_string("It was published for a limited time, which is over."));
	else if (reason != NULL && strcmp(reason, "withdrawn") != 0)
		json_object_set_new(problem, "reason", json_string(reason));
	day = page_day(request->arena, member_text(members, "removed_at"));
	if (day != NULL)
		json_object_set_new(problem, "day", json_string(day));

	replaced_by = json_object_get(members, "replaced_by");
	if (json_is_integer(replaced_by)
	    && page_read(request,
		arena_printf(request->arena, "/v1/articles/%" JSON_INTEGER_FORMAT "?fields=slug,title",
		    json_integer_value(replaced_by)),
		&document, &ignored)) {
		json_t *replacement = json_object_get(document, "data");

		story_prepare(replacement, request->service->base_url);
		json_object_set(problem, "replacement", replacement);
		json_decref(document);
	}
	json_decref(members);
}

/* Without a context there are no templates: a request refused before its thread was ready. */
static void explain_plainly(struct response *response, const struct explanation *explanation)
{
	text_clear(&response->body);
	text_printf(&response->body,
	    "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>%s</title><h1>%s</h1><p>%s</p></html>\n",
	    explanation->headline, explanation->headline, explanation->words);
	as_page(response);
}

void site_explain(struct request *request, struct response *response, const struct error *err)
{
	const struct explanation *explanation = explanation_of(err);
	const struct site *site = site_of(request);
	struct error ignored;
	json_t *root, *problem;

	response->caching = CACHING_NONE;
	if (site == NULL) {
		explain_plainly(response, explanation);
		return;
	}
	problem = json_pack("{s:i, s:s, s:s}", "status", (int)response->status, "headline", explanation->headline,
	    "words", explanation->words);
	root = root_new(site);
	json_object_set_new(root, "problem", problem);
	head_set(root, request, explanation->headline, NULL, NULL);

	/* Only where a reader may have come by a link; what cannot be read is left out, since this page must come
	 * whatever is broken. */
	if (err->code == ERROR_NOT_FOUND || err->code == ERROR_GONE || err->code == ERROR_CURSOR)
		(void)add_navigation(request, root, NULL, &ignored);
	if (err->code == ERROR_GONE)
		explain_withdrawal(request, problem, err);
	if (!page_send(request, response, root, &ignored))
		explain_plainly(response, explanation);
	json_decref(root);
}

/* --- files --- */

/* v: the version that a page names its style sheet with; for that the file is good for ever. */
const struct parameter site_file_parameters[] = {
	{ .name = "v", .kind = PARAMETER_TEXT },
	{ .name = NULL, .kind = PARAMETER_OTHERS },
};

/* GET /static/{path...}. The templates lie among the files but are not for readers. */
bool site_static(struct request *request, struct response *response, struct error *err)
{
	const char *path = request_path_value(request, "path");

	if (strncmp(path, "templates/", strlen("templates/")) == 0)
		return error_set(err, ERROR_NOT_FOUND, "There is no file %s", path);
	return static_files_answer(site_of(request)->files, path, request, response, err);
}

/* GET /favicon.ico: browsers ask for it where no page names an icon. */
bool site_favicon(struct request *request, struct response *response, struct error *err)
{
	return static_files_answer(site_of(request)->files, "favicon.svg", request, response, err);
}

/* GET /robots.txt: the file, and where the sitemaps are, which only the running server knows (sitemaps.org: by their whole address). */
bool site_robots(struct request *request, struct response *response, struct error *err)
{
	const char *base_url = request->service->base_url;

	if (!static_files_answer(site_of(request)->files, "robots.txt", request, response, err))
		return false;
	text_printf(&response->body, "\nSitemap: %s/sitemap.xml\nSitemap: %s/sitemap-news.xml\n", base_url, base_url);
	return true;
}
