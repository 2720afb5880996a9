/* SPDX-License-Identifier: MIT */
/*
 * The pages: the front page, the lists of a section, tag, source or author, and the article. A handler reads
 * documents from the API, puts them under the root that site_internal.h describes, and leaves the rest to the
 * template.
 *
 * Parameters that a page does not know are ignored: links to a newspaper collect them (utm_source, fbclid) on their
 * way.
 */
#include "site_internal.h"

#include <string.h>

#include "arena.h"

enum {
	PAGE_STORIES = 20, /* in the list of a section, tag, source, author */
	FRONT_SECONDS = 2, /* beside the lead */
	FRONT_LATEST = 6,
	FRONT_BLOCK = 5,       /* stories of a section when one has a picture */
	FRONT_BLOCK_PLAIN = 7, /* and when none has */
	FRONT_TOP = 1 + FRONT_SECONDS + FRONT_LATEST,
	FRONT_SHOWN_MOST = FRONT_TOP + FRONT_BLOCK_PLAIN, /* with the editors' picks */
};

const struct parameter site_listing_parameters[] = {
	{ .name = "cursor", .kind = PARAMETER_TEXT },
	{ .name = NULL, .kind = PARAMETER_OTHERS },
};

static const char *percent_encoded(struct arena *arena, const char *value)
{
	struct text text = TEXT_EMPTY;
	const char *encoded;

	text_percent(&text, value, strlen(value));
	encoded = arena_copy(arena, text.bytes, text.length);
	text_done(&text);
	return encoded;
}

/* The member `data` of what the API gives for `target`. The caller owns it. */
static bool read_data(struct request *request, const char *target, json_t **ret_data, struct error *err)
{
	json_t *document;

	if (!page_read(request, target, &document, err))
		return false;
	*ret_data = json_incref(json_object_get(document, "data"));
	json_decref(document);
	return true;
}

/* --- the front page --- */

/* The front page is the editors' where they have made the collection `front-page`: its stories come first, in its order, then the newest that are
 * not among them. Otherwise featured stories come first. `editors-picks` is a block of its own. */

/* Stories that stand further up are not shown a second time in their section. */
struct shown {
	json_int_t ids[FRONT_SHOWN_MOST];
	size_t n;
};

static bool is_shown(const struct shown *shown, const json_t *story)
{
	json_int_t id = json_integer_value(json_object_get(story, "id"));

	for (size_t i = 0; i < shown->n; i++)
		if (shown->ids[i] == id)
			return true;
	return false;
}

/* Moves up to `most` stories that are not yet shown from `stories` into a new list, and remembers them if `shown`
 * is to grow. */
static json_t *take_stories(const json_t *stories, size_t most, struct shown *shown, bool remember)
{
	json_t *taken = json_array(), *story;
	size_t i;

	json_array_foreach(stories, i, story) {
		if (json_array_size(taken) == most)
			break;
		if (is_shown(shown, story))
			continue;
		json_array_append(taken, story);
		if (remember && shown->n < FRONT_SHOWN_MOST)
			shown->ids[shown->n++] = json_integer_value(json_object_get(story, "id"));
	}
	return taken;
}

/* What the editors have put in this collection; NULL where there is none. The caller owns it. */
static bool read_collection(struct request *request, const char *name, int limit, json_t **ret_collection, struct error *err)
{
	*ret_collection = NULL;
	if (!page_read(request, arena_printf(request->arena, "/v1/collections/%s?limit=%d", name, limit), ret_collection, err))
		return err->code == ERROR_NOT_FOUND;
	stories_prepare(json_object_get(*ret_collection, "data"), request->service->base_url);
	return true;
}

/* The newest that are not yet shown, behind those that are in `stories`, until there are `most`. */
static void fill_up(json_t *stories, size_t most, const json_t *newest, struct shown *shown)
{
	json_t *more = take_stories(newest, most - json_array_size(stories), shown, true);

	json_array_extend(stories, more);
	json_decref(more);
}

/* Those that come first, and where there are none the newest of all. */
static void add_top(json_t *front, const json_t *first, const json_t *newest, struct shown *shown)
{
	json_t *top = json_object();
	json_t *lead = take_stories(first, 1, shown, true),
	       *seconds = take_stories(first, FRONT_SECONDS, shown, true), *latest;

	if (json_array_size(lead) == 0) {
		json_decref(lead);
		lead = take_stories(newest, 1, shown, true);
	}
	if (json_array_size(lead) > 0)
		json_object_set(front, "top", top);
	json_object_set(top, "lead", json_array_get(lead, 0));
	json_decref(lead);

	fill_up(seconds, FRONT_SECONDS, newest, shown);
	json_object_set_new(top, "seconds", seconds);
	latest = take_stories(first, FRONT_LATEST, shown, true);
	json_object_set_new(top, "label", json_string(json_array_size(latest) > 0 ? "More stories" : "Latest"));
	fill_up(latest, FRONT_LATEST, newest, shown);
	json_object_set_new(top, "latest", latest);
	json_decref(top);
}

/* Under a section's own name its stories need not say where they belong. */
static void leave_out_section(json_t *stories)
{
	json_t *story;
	size_t i;

	json_array_foreach(stories, i, story)
		json_object_del(story, "section");
}

/* The newest of the first few that has a picture, or else the very newest, is taken out of `stories` to stand at
 * the head of its block. */
static json_t *take_first(json_t *stories, size_t few)
{
	size_t at = 0, n = json_array_size(stories);
	json_t *first;

	while (at < n && at < few && json_object_get(json_array_get(stories, at), "image") == NULL)
		at++;
	if (at == n || at == few)
		at = 0;
	first = json_incref(json_array_get(stories, at));
	json_array_remove(stories, at);
	return first;
}

/* few: of how many one with a picture may come first. */
static json_t *block_new(json_t *section, const json_t *stories, size_t few, struct shown *shown, bool remember)
{
	json_t *rest = take_stories(stories, FRONT_BLOCK_PLAIN, shown, remember), *block;

	if (json_array_size(rest) == 0) {
		json_decref(rest);
		return NULL;
	}
	block = json_object();
	json_object_update(block, section);
	json_object_set_new(block, "first", take_first(rest, few));
	if (json_object_get(json_object_get(block, "first"), "image") != NULL)
		while (json_array_size(rest) >= FRONT_BLOCK)
			json_array_remove(rest, FRONT_BLOCK - 1);
	json_object_set_new(block, "rest", rest);
	return block;
}

/* Their picks, in their order; no section has an underscore in its slug. */
static bool add_picks(struct request *request, json_t *blocks, struct shown *shown, struct error *err)
{
	json_t *picks, *heading, *block;
	const char *title;

	if (!read_collection(request, "editors-picks", FRONT_BLOCK_PLAIN + FRONT_TOP, &picks, err))
		return false;
	title = member_text(json_object_get(picks, "meta"), "title");
	heading = json_pack("{s:s, s:s}", "slug", "editors_picks", "name", title != NULL ? title : "Editors’ picks");
	block = block_new(heading, json_object_get(picks, "data"), /* few= */ 1, shown, /* remember= */ true);
	if (block != NULL)
		json_array_append_new(blocks, block);
	json_decref(heading);
	json_decref(picks);
	return true;
}

/* A block of the newest of one section; none when all of it stands at the top already. */
static bool add_block(struct request *request, json_t *blocks, json_t *section, struct shown *shown, struct error *err)
{
	const char *slug = member_text(section, "slug");
	json_t *stories, *block;

	if (slug == NULL)
		return true;
	if (!read_data(request,
		arena_printf(
		    request->arena, "/v1/articles?section=%s&limit=%d", slug, FRONT_BLOCK_PLAIN + (shown->n > FRONT_TOP ? FRONT_SHOWN_MOST : FRONT_TOP)),
		&stories, err))
		return false;
	stories_prepare(stories, request->service->base_url);
	leave_out_section(stories);
	block = block_new(section, stories, FRONT_BLOCK, shown, /* remember= */ false);
	json_decref(stories);
	if (block != NULL)
		json_array_append_new(blocks, block);
	return true;
}

/* GET /: 200 */
bool site_front(struct request *request, struct response *response, struct error *err)
{
	struct arena *arena = request->arena;
	json_t *root = NULL, *chosen = NULL, *featured = NULL, *newest = NULL, *front, *blocks, *section;
	struct shown shown = { 0 };
	bool ok = false;
	size_t i;

	if (!page_new(request, NULL, &root, err)
	    || !read_collection(request, "front-page", FRONT_TOP, &chosen, err)
	    || !read_data(
		request, arena_printf(arena, "/v1/articles?featured=true&limit=%d", 1 + FRONT_SECONDS), &featured, err)
	    || !read_data(request, arena_printf(arena, "/v1/articles?limit=%d", 2 * FRONT_TOP), &newest, err))
		goto done;
	stories_prepare(featured, request->service->base_url);
	stories_prepare(newest, request->service->base_url);

	front = json_object();
	json_object_set_new(root, "front", front);
	add_top(front, chosen != NULL ? json_object_get(chosen, "data") : featured, newest, &shown);
	blocks = json_array();
	json_object_set_new(front, "blocks", blocks);
	if (!add_picks(request, blocks, &shown, err))
		goto done;
	json_array_foreach(json_object_get(json_object_get(root, "nav"), "sections"), i, section)
		if (!add_block(request, blocks, section, &shown, err))
			goto done;

	head_set(root, request, NULL, arena_printf(arena, "The latest articles from %s.", site_of(request)->name), "/");
	head_add_feeds(root, "/", "", NULL);
	ok = page_send(request, response, root, err);
done:
	json_decref(chosen);
	json_decref(featured);
	json_decref(newest);
	json_decref(root);
	return ok;
}

/* --- lists --- */

/* One kind of term and its pages. */
struct term_kind {
	const char *name;   /* in the page's address, and as a filter of the API */
	const char *plural; /* in the API's addresses */
	const char *label;
	const char *relation; /* of an article to the term, in a description */
	bool has_feeds;
};

static const char *label_of(const struct term_kind *kind, const json_t *term)
{
	static const struct {
		const char *type, *label;
	} types[] = {
		{ "person", "Person" },
		{ "organisation", "Organisation" },
		{ "place", "Place" },
		{ "event", "Event" },
	};
	const char *type = member_text(term, "type");

	for (size_t i = 0; type != NULL && i < sizeof types / sizeof *types; i++)
		if (strcmp(types[i].type, type) == 0)
			return types[i].label;
	return kind->label;
}

/* Pages of a list are linked by the API's own cursors. */
static void add_turn(struct request *request, json_t *turns, const char *name, const char *link, const char *path)
{
	const char *cursor = link_cursor(request->arena, link);

	if (cursor != NULL)
		json_object_set_new(turns, name, json_sprintf("%s?cursor=%s", path, cursor));
}

static json_t *listing_new(
    struct request *request, const struct term_kind *kind, const json_t *term, const json_t *list, const char *path)
{
	json_int_t count = json_integer_value(json_object_get(term, "count"));
	json_t *links = json_object_get(list, "links"), *stories = json_object_get(list, "data"),
	       *turns = json_object(), *listing;

	stories_prepare(stories, request->service->base_url);
	if (strcmp(kind->name, "section") == 0)
		leave_out_section(stories);
	listing = json_pack("{s:s, s:O, s:O, s:O*}", "label", label_of(kind, term), "name", json_object_get(term, "name"),
	    "stories", stories, "description", json_object_get(term, "description"));
	if (count > 0)
		json_object_set_new(
		    listing, "count", json_sprintf("%" JSON_INTEGER_FORMAT " article%s", count, count == 1 ? "" : "s"));
	add_turn(request, turns, "older", member_text(links, "next"), path);
	add_turn(request, turns, "newer", member_text(links, "prev"), path);
	if (json_object_size(turns) > 0)
		json_object_set(listing, "turns", turns);
	json_decref(turns);
	return listing;
}

/* "The latest articles from Local in The Harbour Courier." A page further on holds older ones. */
static const char *describe_listing(
    const struct request *request, const struct term_kind *kind, const json_t *term, bool is_first)
{
	const char *name = member_text(term, "name");

	return arena_printf(request->arena, "%s %s %s in %s.", is_first ? "The latest articles" : "Articles",
	    kind->relation, name == NULL ? "" : name, site_of(request)->name);
}

/* 200; 404 for an unknown term; 400 for a cursor that is not one. */
static bool send_listing(
    struct request *request, struct response *response, const struct term_kind *kind, struct error *err)
{
	struct arena *arena = request->arena;
	const char *slug = percent_encoded(arena, request_path_value(request, "slug")),
		   *cursor = request_canonical(request, "cursor");
	const char *path = arena_printf(arena, "/%s/%s", kind->name, slug), *turned = "";
	json_t *root = NULL, *term = NULL, *list = NULL;
	bool ok = false;

	if (cursor != NULL)
		turned = arena_printf(arena, "cursor=%s", percent_encoded(arena, cursor));
	if (!read_data(request, arena_printf(arena, "/v1/%s/%s", kind->plural, slug), &term, err)
	    || !page_read(request,
		arena_printf(arena, "/v1/articles?%s=%s&limit=%d%s%s", kind->name, slug, PAGE_STORIES,
		    cursor == NULL ? "" : "&", turned),
		&list, err)
	    || !page_new(request, strcmp(kind->name, "section") == 0 ? slug : NULL, &root, err))
		goto done;

	json_object_set_new(root, "listing", listing_new(request, kind, term, list, path));
	head_set(root, request, member_text(term, "name"), describe_listing(request, kind, term, cursor == NULL),
	    cursor == NULL ? path : arena_printf(arena, "%s?%s", path, turned));
	if (kind->has_feeds)
		head_add_feeds(root, path, "", member_text(term, "name"));
	ok = page_send(request, response, root, err);
done:
	json_decref(term);
	json_decref(list);
	json_decref(root);
	return ok;
}

bool site_section(struct request *request, struct response *response, struct error *err)
{
	return send_listing(request, response, &(struct term_kind){ "section", "sections", "Section", "from", true }, err);
}

bool site_tag(struct request *request, struct response *response, struct error *err)
{
	return send_listing(request, response, &(struct term_kind){ "tag", "tags", "Topic", "about", true }, err);
}

bool site_source(struct request *request, struct response *response, struct error *err)
{
	return send_listing(request, response, &(struct term_kind){ "source", "sources", "Source", "from", true }, err);
}

bool site_author(struct request *request, struct response *response, struct error *err)
{
	return send_listing(request, response, &(struct term_kind){ "author", "authors", "Author", "by", false }, err);
}

/* --- an article --- */

/* GET /article/{ref}: 200; 308 to the article's present address for an id or a former slug; 404; 410 when it was
 * withdrawn. Unlike the API's, the address is a path: pages link by path alone, so that who reads them at another
 * host than --base-url's (a preview, an address inside the house) stays there. */
bool site_article(struct request *request, struct response *response, struct error *err)
{
	const char *ref = request_path_value(request, "ref"), *slug;
	json_t *root = NULL, *article = NULL, *json_ld = NULL;
	bool ok = false;

	if (!read_data(request, arena_printf(request->arena, "/v1/articles/%s", percent_encoded(request->arena, ref)),
		&article, err))
		return false;

	slug = member_text(article, "slug");
	if (slug != NULL && strcmp(slug, ref) != 0) {
		response_redirect(response, arena_printf(request->arena, "/article/%s", slug));
		ok = true;
	} else if (page_read(request, arena_printf(request->arena, "/v1/articles/%s.jsonld", slug != NULL ? slug : ref), &json_ld, err)
	    && page_new(request, member_text(json_object_get(article, "section"), "slug"), &root, err)) {
		article_prepare(article, request->service->base_url);
		json_object_set(root, "article", article);
		head_set_article(root, request, article, json_ld);
		ok = page_send(request, response, root, err);
	}
	json_decref(article);
	json_decref(json_ld);
	json_decref(root);
	return ok;
}

/* GET /preview/{token}: 200 with the page as it would be, marked as a preview; 404, 410. In no search engine, kept nowhere, and no site that it
 * links to learns its address. */
bool site_preview(struct request *request, struct response *response, struct error *err)
{
	const char *token = percent_encoded(request->arena, request_path_value(request, "token"));
	json_t *root = NULL, *article = NULL;
	bool ok = false;

	response->caching = CACHING_NONE;
	response_header(response, "Cache-Control", "private, no-store");
	response_header(response, "Referrer-Policy", "no-referrer");
	response_header(response, "X-Robots-Tag", "noindex");
	if (!read_data(request, arena_printf(request->arena, "/v1/previews/%s", token), &article, err))
		return false;
	if (page_new(request, member_text(json_object_get(article, "section"), "slug"), &root, err)) {
		article_prepare(article, request->service->base_url);
		json_object_set_new(article, "preview", json_true());
		json_object_set(root, "article", article);
		head_set(root, request, member_text(article, "title"), /* description= */ NULL, /* path= */ NULL);
		ok = page_send(request, response, root, err);
	}
	json_decref(article);
	json_decref(root);
	return ok;
}
