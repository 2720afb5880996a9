/* SPDX-License-Identifier: MIT */
/*
 * /search: a box, what was found, and links to narrow it down by and to take that back.
 *
 * It is one answer of /v1/search, laid out. Every choice is a link to this page with one parameter more or less, so the page works without a
 * script and can be sent to somebody. What the API marked is printed as HTML only when there is nothing in it but text and <mark>.
 */
#include "site_internal.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"

enum {
	RESULTS = 20,
	FACET_ROWS = 6,       /* of a facet that are shown at once */
	FACET_ROWS_MOST = 30, /* and with those behind "More" */
	TOPICS = 12,
	DATE_LENGTH = 10,
};

/* What of the page's address goes on to the API, in the order in which links have it. */
enum { Q, SECTION, TAG, SOURCE, AUTHOR, AFTER, BEFORE, ORDER, CURSOR, SEARCH_PARAMETERS };

const struct parameter site_search_parameters[] = {
	[Q] = { .name = "q", .kind = PARAMETER_TEXT },
	[SECTION] = { .name = "section", .kind = PARAMETER_TEXT },
	[TAG] = { .name = "tag", .kind = PARAMETER_TEXT },
	[SOURCE] = { .name = "source", .kind = PARAMETER_TEXT },
	[AUTHOR] = { .name = "author", .kind = PARAMETER_TEXT },
	[AFTER] = { .name = "published_after", .kind = PARAMETER_TEXT },
	[BEFORE] = { .name = "published_before", .kind = PARAMETER_TEXT },
	[ORDER] = { .name = "order", .kind = PARAMETER_TEXT },
	[CURSOR] = { .name = "cursor", .kind = PARAMETER_TEXT },
	[SEARCH_PARAMETERS] = { .name = NULL, .kind = PARAMETER_OTHERS },
};

struct facet {
	const char *kind, *label, *chosen;
	int parameter; /* AFTER: the year, which takes two */
};

static const struct facet facets[] = {
	{ "section", "Section", "in", SECTION },
	{ "tag", "Topic", "about", TAG },
	{ "author", "Author", "by", AUTHOR },
	{ "source", "Source", "from", SOURCE },
	{ "year", "Year", "in", AFTER },
};

struct search {
	struct request *request;
	struct arena *arena;
	const char *values[SEARCH_PARAMETERS]; /* decoded; NULL: not given */
};

/* --- addresses --- */

static void write_parameters(const struct search *search, char mark, struct text *address)
{
	for (int i = 0; i < SEARCH_PARAMETERS; i++) {
		if (search->values[i] == NULL)
			continue;
		text_printf(address, "%c%s=", mark, site_search_parameters[i].name);
		text_percent(address, search->values[i], strlen(search->values[i]));
		mark = '&';
	}
}

/* This page with other values. */
static json_t *address_of(const struct search *search)
{
	struct text address = TEXT_EMPTY;
	json_t *result;

	text_string(&address, "/search");
	write_parameters(search, '?', &address);
	result = json_stringn(address.bytes, address.length);
	text_done(&address);
	return result;
}

/* With one other value, or without it, from the first page on. */
static json_t *address_with(const struct search *search, int parameter, const char *value)
{
	struct search other = *search;

	other.values[CURSOR] = NULL;
	other.values[parameter] = value;
	if (parameter == AFTER) {
		other.values[AFTER] = value == NULL ? NULL : arena_printf(search->arena, "%s-01-01", value);
		other.values[BEFORE] =
		    value == NULL ? NULL : arena_printf(search->arena, "%04ld-01-01", strtol(value, NULL, 10) + 1);
	}
	return address_of(&other);
}

static const char *target_of(const struct search *search)
{
	struct text target = TEXT_EMPTY;
	const char *copy;

	text_printf(&target, "/v1/search?facets=section,tag,source,author,year&count=exact&limit=%d", RESULTS);
	write_parameters(search, '&', &target);
	copy = arena_copy(search->arena, target.bytes, target.length);
	text_done(&target);
	return copy;
}

/* --- what it is narrowed down to --- */

/* "2015" where the dates are those of that year. */
static const char *chosen_year(const struct search *search)
{
	const char *after = search->values[AFTER], *before = search->values[BEFORE];
	long year;

	if (after == NULL || before == NULL || strlen(after) != DATE_LENGTH || strlen(before) != DATE_LENGTH
	    || strcmp(after + 4, "-01-01") != 0 || strcmp(before + 4, "-01-01") != 0)
		return NULL;
	year = strtol(after, NULL, 10);
	return strtol(before, NULL, 10) == year + 1 ? arena_copy(search->arena, after, 4) : NULL;
}

static const char *chosen_dates(const struct search *search)
{
	const char *after = search->values[AFTER], *before = search->values[BEFORE], *year = chosen_year(search);

	if (year != NULL || (after == NULL && before == NULL))
		return year;
	if (before == NULL)
		return arena_printf(search->arena, "%s or later", after);
	return after == NULL ? arena_printf(search->arena, "before %s", before)
			     : arena_printf(search->arena, "%s to %s", after, before);
}

/* The name of the term, which stands among those that were counted, if anything was found. */
static const char *name_of(const json_t *rows, const char *slug)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		const char *its = member_text(row, "slug");

		if (its != NULL && strcmp(its, slug) == 0)
			return member_text(row, "name");
	}
	return slug;
}

static void add_chosen(const struct search *search, json_t *page, const json_t *counted)
{
	json_t *filters = json_array();
	struct search everywhere = { .request = search->request, .arena = search->arena };

	for (size_t i = 0; i < sizeof facets / sizeof *facets; i++) {
		const struct facet *facet = &facets[i];
		const char *name = facet->parameter == AFTER ? chosen_dates(search) : search->values[facet->parameter];

		if (name == NULL)
			continue;
		if (facet->parameter != AFTER)
			name = name_of(json_object_get(counted, facet->kind), name);
		json_array_append_new(filters,
		    json_pack("{s:s, s:s, s:o}", "label", facet->chosen, "name", name, "href",
			address_with(search, facet->parameter, NULL)));
	}
	if (json_array_size(filters) > 0) {
		everywhere.values[Q] = search->values[Q];
		json_object_set_new(page, "chosen", json_pack("{s:O}", "filters", filters));
		json_object_set_new(page, "everywhere", address_of(&everywhere));
	}
	json_decref(filters);
}

/* --- what it can be narrowed down to --- */

static const char *print_number(struct arena *arena, json_int_t number)
{
	if (number < 1000)
		return arena_printf(arena, "%" JSON_INTEGER_FORMAT, number);
	return arena_printf(arena, "%s,%03d", print_number(arena, number / 1000), (int)(number % 1000));
}

static json_t *facet_row(const struct search *search, const struct facet *facet, const json_t *row)
{
	const char *slug = member_text(row, "slug");

	return json_pack("{s:O, s:s, s:o}", "name", json_object_get(row, "name"), "count",
	    print_number(search->arena, json_integer_value(json_object_get(row, "count"))), "href",
	    address_with(search, facet->parameter, slug == NULL ? "" : slug));
}

static bool is_chosen(const struct search *search, const struct facet *facet)
{
	return search->values[facet->parameter] != NULL || (facet->parameter == AFTER && search->values[BEFORE] != NULL);
}

/* NULL where there is no choice. */
static json_t *facet_group(const struct search *search, const struct facet *facet, const json_t *counted)
{
	json_t *rows, *more, *group;
	const json_t *row;
	size_t i;

	if (is_chosen(search, facet) || json_array_size(counted) < 2)
		return NULL;
	rows = json_array();
	more = json_array();
	json_array_foreach(counted, i, row)
		if (i < FACET_ROWS_MOST)
			json_array_append_new(i < FACET_ROWS ? rows : more, facet_row(search, facet, row));
	group = json_pack("{s:s, s:s, s:o}", "kind", facet->kind, "label", facet->label, "rows", rows);
	if (json_array_size(more) > 0)
		json_object_set_new(group, "more", json_pack("{s:O}", "rows", more));
	json_decref(more);
	return group;
}

static void add_facets(const struct search *search, json_t *page, const json_t *counted)
{
	json_t *groups = json_array();

	for (size_t i = 0; i < sizeof facets / sizeof *facets; i++) {
		json_t *group = facet_group(search, &facets[i], json_object_get(counted, facets[i].kind));

		if (group != NULL)
			json_array_append_new(groups, group);
	}
	if (json_array_size(groups) > 0)
		json_object_set_new(page, "facets", json_pack("{s:O}", "groups", groups));
	json_decref(groups);
}

/* --- what was found --- */

/* Text in which nothing but <mark> is HTML; NULL when it is not so. */
static const char *marked_text(const json_t *highlights, const char *name)
{
	const char *html = member_text(highlights, name);
	bool is_open = false;

	if (html == NULL)
		return NULL;
	for (const char *at = strchr(html, '<'); at != NULL; at = strchr(at + 1, '<')) {
		if (strncmp(at, is_open ? "</mark>" : "<mark>", is_open ? 7 : 6) != 0)
			return NULL;
		is_open = !is_open;
	}
	return is_open || html[0] == '\0' ? NULL : html;
}

static void add_stories(const struct search *search, json_t *page, json_t *stories)
{
	json_t *story;
	size_t i;

	stories_prepare(stories, search->request->service->base_url);
	json_array_foreach(stories, i, story) {
		const json_t *highlights = json_object_get(story, "highlights");
		const char *title = marked_text(highlights, "title"), *body = marked_text(highlights, "body");

		if (title != NULL)
			json_object_set_new(story, "marked_title", json_string(title));
		if (body != NULL)
			json_object_set_new(story, "excerpt", json_string(body));
	}
	json_object_set(page, "stories", stories);
}

static void add_count(const struct search *search, json_t *page, const json_t *meta)
{
	const json_t *count = json_object_get(meta, "count");
	const json_int_t n = json_integer_value(json_object_get(count, "value"));

	json_object_set_new(page, "count",
	    json_sprintf("%s%s article%s", json_is_false(json_object_get(count, "exact")) ? "About " : "",
		print_number(search->arena, n), n == 1 ? "" : "s"));
}

static void add_orders(const struct search *search, json_t *page)
{
	const bool by_time = search->values[ORDER] != NULL;
	json_t *best = json_pack("{s:s}", "name", "Best match"), *newest = json_pack("{s:s}", "name", "Newest first");

	if (by_time)
		json_object_set_new(best, "href", address_with(search, ORDER, NULL));
	else
		json_object_set_new(newest, "href", address_with(search, ORDER, "newest"));
	json_object_set_new(page, "orders", json_pack("[o, o]", best, newest));
}

static void add_note(const struct search *search, json_t *page, const json_t *meta)
{
	static const char partial[] = "So much was found that only the newest part of it is in this order.";
	const json_t *ignored = json_object_get(meta, "ignored"), *word;
	const bool is_partial = json_is_true(json_object_get(meta, "partial"));
	const char *words = "";
	size_t i;

	json_array_foreach(ignored, i, word)
		words = arena_printf(search->arena, "%s%s%s", words, i == 0 ? "" : ", ", json_string_value(word));
	if (words[0] != '\0')
		json_object_set_new(page, "note",
		    json_sprintf("These words were left out: %s.%s%s", words, is_partial ? " " : "", is_partial ? partial : ""));
	else if (is_partial)
		json_object_set_new(page, "note", json_string(partial));
}

static void add_turns(const struct search *search, json_t *page, const json_t *links)
{
	static const char *const names[][2] = { { "next", "older" }, { "prev", "newer" } };
	json_t *turns = json_object();

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *cursor = link_cursor(search->arena, member_text(links, names[i][0]));
		struct search first = *search;
		json_t *address;

		if (cursor == NULL)
			continue;
		first.values[CURSOR] = NULL;
		address = address_of(&first);
		json_object_set_new(turns, names[i][1], json_sprintf("%s&cursor=%s", json_string_value(address), cursor));
		json_decref(address);
	}
	if (json_object_size(turns) > 0)
		json_object_set(page, "turns", turns);
	json_decref(turns);
}

static void add_meant(const struct search *search, json_t *page, const json_t *meta)
{
	const char *meant = member_text(meta, "did_you_mean");

	if (meant != NULL)
		json_object_set_new(page, "did_you_mean",
		    json_pack("{s:s, s:o}", "q", meant, "href", address_with(search, Q, meant)));
}

static void lay_out(const struct search *search, json_t *page, const json_t *answer)
{
	const json_t *meta = json_object_get(answer, "meta"), *counted = json_object_get(meta, "facets");
	json_t *stories = json_object_get(answer, "data");

	add_chosen(search, page, counted);
	add_meant(search, page, meta);
	if (json_array_size(stories) == 0 && search->values[CURSOR] == NULL) {
		json_object_set_new(page, "is_in_vain", json_true());
		return;
	}
	json_object_set_new(page, "found", json_true());
	add_facets(search, page, counted);
	add_count(search, page, meta);
	add_orders(search, page);
	add_note(search, page, meta);
	add_stories(search, page, stories);
	add_turns(search, page, json_object_get(answer, "links"));
}

/* --- the page --- */

static bool lay_out_start(struct request *request, json_t *page, struct error *err)
{
	json_t *document, *tags, *tag;
	size_t i;

	if (!page_read(request, arena_printf(request->arena, "/v1/tags?order=count&limit=%d", TOPICS), &document, err))
		return false;
	tags = json_object_get(document, "data");
	json_array_foreach(tags, i, tag)
		json_object_set_new(tag, "href", json_sprintf("/tag/%s", member_text(tag, "slug")));
	if (json_array_size(tags) > 0)
		json_object_set_new(page, "topics", json_pack("{s:O}", "tags", tags));
	json_object_set_new(page, "is_empty", json_true());
	json_decref(document);
	return true;
}

static bool fill(struct search *search, json_t *page, struct error *err)
{
	json_t *answer;

	if (search->values[Q] == NULL)
		return lay_out_start(search->request, page, err);
	if (!page_read(search->request, target_of(search), &answer, err))
		return false;
	lay_out(search, page, answer);
	json_decref(answer);
	return true;
}

/* Orders that the page does not know, and what is given empty, are taken as not given. */
static void read_values(struct search *search)
{
	for (int i = 0; i < SEARCH_PARAMETERS; i++)
		search->values[i] = request_canonical(search->request, site_search_parameters[i].name);
	if (search->values[ORDER] != NULL && strcmp(search->values[ORDER], "newest") != 0)
		search->values[ORDER] = NULL;
	if (search->values[Q] != NULL && search->values[Q][strspn(search->values[Q], " ")] == '\0')
		search->values[Q] = NULL;
}

/* A feed is of the words alone: a search that is narrowed down has none. */
static void add_feeds(const struct search *search, json_t *root)
{
	struct text query = TEXT_EMPTY;

	for (int i = Q + 1; i < ORDER; i++)
		if (search->values[i] != NULL)
			return;
	text_string(&query, "?q=");
	text_percent(&query, search->values[Q], strlen(search->values[Q]));
	head_add_feeds(root, "/search", query.bytes, arena_printf(search->arena, "“%s”", search->values[Q]));
	text_done(&query);
}

/* GET /search: 200, whether anything was found or not, and with a box alone when there is no `q`; 400 for what /v1/search does not take. */
bool site_search(struct request *request, struct response *response, struct error *err)
{
	struct search search = { .request = request, .arena = request->arena };
	json_t *root = NULL, *page;
	const char *title = "Search";
	bool ok = false;

	read_values(&search);
	if (search.values[Q] != NULL)
		title = arena_printf(request->arena, "Search: %s", search.values[Q]);
	page = json_pack("{s:s, s:s}", "title", title, "q", search.values[Q] != NULL ? search.values[Q] : "");
	if (fill(&search, page, err) && page_new(request, NULL, &root, err)) {
		json_object_set(root, "search", page);
		head_set(root, request, title, NULL, NULL);
		if (search.values[Q] != NULL)
			add_feeds(&search, root);
		ok = page_send(request, response, root, err);
	}
	json_decref(page);
	json_decref(root);
	return ok;
}
