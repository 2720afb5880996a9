/* SPDX-License-Identifier: MIT */
/*
 * `fields=id,title,section.name` and `include=body`: answers with less, or with the body too.
 *
 * What may be asked for follows from article_fields[], parts of terms, images and the like by a dot. Without `fields` and `include` what
 * lies ready in the store is sent as it is; with them the JSON is read, picked from, and written again, in the order in which the store
 * has it. That costs more than sending all of it, and saves the client's time and not ours.
 */
#include "api_internal.h"

#include <stdlib.h>
#include <string.h>

enum { SELECTED_MOST = 64 };

static const char *const *parts_of(enum field_kind kind)
{
	static const char *const none[] = { NULL }, *const term[] = { "slug", "name", NULL }, *const tag[] = { "slug", "name", "type", NULL };
	static const char *const image[] = { "url", "width", "height", "alt", "caption", "credit", NULL };
	static const char *const rights[] = { "holder", "notice", "usage_terms", NULL };
	static const char *const correction[] = { "at", "kind", "text", NULL };

	switch (kind) {
	case FIELD_TERM:
	case FIELD_TERMS:
		return term;
	case FIELD_TAGS:
		return tag;
	case FIELD_IMAGE:
		return image;
	case FIELD_RIGHTS:
		return rights;
	case FIELD_CORRECTIONS:
		return correction;
	default:
		return none;
	}
}

/* Everything that may stand in `fields`; NULL at the end. */
static const char *const *known_names(unsigned views, bool with_body, struct arena *arena)
{
	const char **names = arena_array(arena, 256, sizeof *names);
	size_t n = 0;

	for (const struct article_field *field = article_fields; field->name != NULL; field++) {
		if ((field->views & views) == 0)
			continue;
		names[n++] = field->name;
		for (const char *const *part = parts_of(field->kind); *part != NULL; part++)
			names[n++] = arena_printf(arena, "%s.%s", field->name, *part);
	}
	if ((views & VIEW_DETAIL) != 0) {
		names[n++] = "related";
		names[n++] = "duplicates";
	}
	if (with_body) {
		names[n++] = "body_html";
		names[n++] = "body_text";
	}
	names[n] = NULL;
	return names;
}

static bool is_known(const char *const *names, const char *name)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static bool read_names(struct request *request, const char *list, unsigned views, bool with_body, const char **ret_names, size_t *ret_n,
    struct error *err)
{
	const char *const *known = known_names(views, with_body, request->arena);
	const char *start = list;

	error_set(err, ERROR_PARAMETER, "fields names something that is not there");
	for (;;) {
		const size_t length = strcspn(start, ",");
		char *name = arena_copy(request->arena, start, length);

		if (!is_known(known, name))
			error_add_parameter(err, "fields", length > 0 ? "unknown" : "bad-value", text_nearest(name, known), "there is no field \"%.60s\" here",
			    name);
		else if (*ret_n < SELECTED_MOST)
			ret_names[(*ret_n)++] = name;
		else
			error_add_parameter(err, "fields", "too-many", NULL, "at most %d fields", SELECTED_MOST);
		if (start[length] == '\0')
			return err->n_issues == 0;
		start += length + 1;
	}
}

bool fields_from_request(struct request *request, unsigned views, struct field_selection *ret_selection, struct error *err)
{
	const char *list = request_parameter(request, "fields");
	const char *const *include = NULL;
	const bool with_body = request->route->parameters != article_get_parameters && request_list(request, "include", &include) > 0;
	const char **names = arena_array(request->arena, SELECTED_MOST + 2, sizeof *names);
	size_t n = 0;

	if (query_asks_newsroom(request))
		views |= VIEW_PRIVATE;
	*ret_selection = (struct field_selection){
		.all = list == NULL && !with_body,
		.in_item = (views & VIEW_DETAIL) == 0 && !with_body,
		.with_private = (views & VIEW_PRIVATE) != 0,
	};
	if (ret_selection->all)
		return true;
	if (list != NULL && !read_names(request, list, views, with_body, names, &n, err))
		return false;
	for (const struct article_field *field = article_fields; list == NULL && field->name != NULL; field++)
		if ((field->views & views) != 0)
			names[n++] = field->name;
	if (with_body) {
		names[n++] = "body_html";
		names[n++] = "body_text";
	}
	ret_selection->names = names;
	ret_selection->n = n;
	return true;
}

bool fields_has(const struct field_selection *selection, const char *name)
{
	bool has = selection->all;

	for (size_t i = 0; !has && i < selection->n; i++)
		has = strcmp(selection->names[i], name) == 0;
	return has;
}

/* --- picking --- */

/* Is `key` selected whole (*ret_whole), or only parts of it? */
static bool is_selected(const struct field_selection *selection, const char *key, bool *ret_whole)
{
	const size_t length = strlen(key);
	bool in_part = false;

	*ret_whole = false;
	for (size_t i = 0; i < selection->n; i++) {
		if (strncmp(selection->names[i], key, length) != 0)
			continue;
		if (selection->names[i][length] == '\0')
			*ret_whole = true;
		else if (selection->names[i][length] == '.')
			in_part = true;
	}
	return *ret_whole || in_part;
}

static json_t *pick_parts_new(const struct field_selection *selection, const char *key, json_t *value)
{
	const size_t length = strlen(key);
	json_t *picked, *member;
	const char *name;
	size_t index;

	if (json_is_array(value)) {
		picked = json_array();
		json_array_foreach(value, index, member)
			json_array_append_new(picked, pick_parts_new(selection, key, member));
		return picked;
	}
	picked = json_object();
	json_object_foreach(value, name, member)
		for (size_t i = 0; i < selection->n; i++)
			if (strncmp(selection->names[i], key, length) == 0 && selection->names[i][length] == '.' &&
			    strcmp(selection->names[i] + length + 1, name) == 0)
				json_object_set(picked, name, member);
	return picked;
}

static json_t *pick_new(const struct field_selection *selection, json_t *object)
{
	json_t *picked = json_object(), *value;
	const char *key;
	bool whole;

	json_object_foreach(object, key, value) {
		if (!is_selected(selection, key, &whole))
			continue;
		if (whole)
			json_object_set(picked, key, value);
		else
			json_object_set_new(picked, key, pick_parts_new(selection, key, value));
	}
	return picked;
}

/* The base URL's place holder is no JSON by itself; escaped it is, and no other text holds that control character. */
static json_t *parse_new(const char *json, size_t length, struct error *err)
{
	struct text escaped = TEXT_EMPTY;
	json_t *value = NULL;

	text_append(&escaped, json, length);
	text_fill(&escaped, CONTROL_BASE_URL, "\\u0001");
	json_parse(escaped.bytes, escaped.length, &value, err);
	text_done(&escaped);
	return value;
}

static void append_unescaped(const char *json, struct text *ret_json)
{
	for (const char *c = json; *c != '\0'; c++) {
		if (*c != '\\') {
			text_char(ret_json, *c);
		} else if (strncmp(c, "\\u0001", 6) == 0) {
			text_char(ret_json, CONTROL_BASE_URL);
			c += 5;
		} else {
			text_append(ret_json, c++, 2);
		}
	}
}

bool fields_pick(const char *json, size_t length, const struct field_selection *selection, struct text *ret_json, struct error *err)
{
	json_t *object, *picked;
	char *dumped;

	if (selection->all) {
		text_append(ret_json, json, length);
		return true;
	}
	object = parse_new(json, length, err);
	if (object == NULL)
		return false;
	picked = pick_new(selection, object);
	dumped = json_dumps(picked, JSON_COMPACT);
	json_decref(object);
	json_decref(picked);
	if (dumped == NULL)
		return error_set(err, ERROR_INTERNAL, "a stored article could not be written out");
	append_unescaped(dumped, ret_json);
	free(dumped);
	return true;
}
