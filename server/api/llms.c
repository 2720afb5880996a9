/* SPDX-License-Identifier: MIT */
/*
 * /llms.txt: what this site offers, for language models, as https://llmstxt.org/ has it: first what to know, then lists of links.
 *
 * It is printed from the tables that /openapi.json is printed from, and is short: what is read there is paid for by the word. A link is an address that
 * can be fetched as it stands. An address with braces is named as a pattern and not linked, and so is the stream of events, which never ends. What needs a
 * key is left out, and so are pages: what is on them is in the API. /openapi.json, which is linked on top, has all of that.
 */
#include "documentation.h"

#include <string.h>

static bool is_one_of(const char *name, const char *const *names)
{
	while (*names != NULL && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

/* What a reader without a key may ask for. */
static const struct route_doc *open_to_readers(const struct route *route)
{
	return route_is_public(route) && route->method == HTTP_GET && route->who == ANYONE ? route_doc_of(route) : NULL;
}

static void write_filters(struct text *body)
{
	static const char *const told[] = { "section", "tag", "source", "author", "lang", "published_after", "published_before", "q", "order", "count", "limit", "cursor",
		"fields", "include", NULL };

	text_string(body, "\nLists of articles take these, and others. A comma means any of them; different ones mean all of them.\n\n");
	for (const struct parameter *parameter = article_list_parameters; parameter->name != NULL; parameter++)
		if (is_one_of(parameter->name, told))
			text_printf(body, "- `%s`: %s\n", parameter->name, parameter->help);
}

static void write_patterns(const char *base_url, struct text *body)
{
	static const char *const groups[] = { "Articles", "Terms", "Collections", NULL };

	text_string(body, "\nWith what the braces stand for filled in (a ref is an id or a slug):\n\n");
	for (size_t i = 0; i < n_routes; i++) {
		const struct route_doc *doc = open_to_readers(&routes[i]);

		if (doc != NULL && strchr(doc->path, '{') != NULL && is_one_of(doc->group, groups))
			text_printf(body, "- `%s%s`: %s\n", base_url, doc->path, doc->help);
	}
}

static bool can_be_fetched(const struct route_doc *doc)
{
	return strchr(doc->path, '{') == NULL && !route_is_stream(doc);
}

/* Where something is looked for, the address holds what. */
static const char *words_of(const char *path)
{
	return strstr(path, "/search") != NULL || strstr(path, "/suggest") != NULL ? "?q=news" : "";
}

static void write_links(const struct route_group *group, const char *base_url, struct text *body)
{
	bool has_one = false;

	for (size_t i = 0; i < n_routes; i++) {
		const struct route_doc *doc = open_to_readers(&routes[i]);

		if (doc == NULL || strcmp(doc->group, group->name) != 0 || !can_be_fetched(doc))
			continue;
		if (!has_one)
			text_printf(body, "\n## %s\n\n", group->name);
		has_one = true;
		text_printf(body, "- [%s](%s%s%s): %s\n", doc->summary, base_url, doc->path, words_of(doc->path), doc->help);
	}
}

/* GET /llms.txt. 200: Markdown. */
bool llms_get(struct request *request, struct response *response, struct error *err)
{
	static const char *const left_out[] = { "Pages", "About", NULL };
	const char *base_url = request->service->base_url;
	struct text *body = &response->body;

	(void)err;
	response->content_type = "text/plain; charset=utf-8";
	text_printf(body, "# %s\n\n> News articles, as pages for people and as JSON for programs. Reading is open and needs no key.\n\n",
	    site_name_of(site_of(request)));
	text_printf(body,
	    "An article's page is `%s/article/{slug}`, its JSON `%s/v1/articles/{slug}`. [openapi.json](%s/openapi.json) (OpenAPI 3.1) has every call, those that write and "
	    "need a key too; [docs](%s/docs) is a page made from it. Ask with If-None-Match, and keep to what Cache-Control says. `%s/v1/events` is a stream of "
	    "events without an end.\n",
	    base_url, base_url, base_url, base_url, base_url);
	write_filters(body);
	write_patterns(base_url, body);
	for (const struct route_group *group = route_groups; group->name != NULL; group++)
		if (!is_one_of(group->name, left_out))
			write_links(group, base_url, body);
	/* It stands on the program and its settings alone, which are part of every validator. */
	basis_digest(request->basis, scope_key("program", "llms"), 1);
	return true;
}
