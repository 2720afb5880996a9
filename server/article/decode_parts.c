/* SPDX-License-Identifier: MIT */
/*
 * JSON -> the parts of an article that have members of their own: sections, sources, authors and tags, images, rights, corrections, lists.
 *
 * Names may stand plain where readers get objects ("section": "National"). Of two terms with one case-folded name the first is kept.
 */
#include "decode_internal.h"

#include <string.h>

enum { NAME_LONGEST = 200, PIXELS_MOST = 100000 };

static const char *const correction_kinds[] = { "correction", "clarification", "update", NULL };

bool decode_unknown_member(struct decoder *decoder, const char *pointer, const char *name, const char *const *known)
{
	error_add_pointer(decoder->err, decode_pointer_to(decoder, pointer, name), "unknown", text_nearest(name, known), "there is no such field");
	return false;
}

/* At the door a member that is not known is refused, so that a slip of the pen is told; versions in the log were taken by other rules. */
static bool only_known(struct decoder *decoder, const char *pointer, json_t *object, const char *const *known)
{
	const char *name;
	json_t *member;
	bool fine = true;

	if (decoder->mode == DECODE_STORED)
		return true;
	json_object_foreach(object, name, member) {
		size_t i = 0;

		while (known[i] != NULL && strcmp(known[i], name) != 0)
			i++;
		if (known[i] == NULL)
			fine = decode_unknown_member(decoder, pointer, name, known);
	}
	return fine;
}

/* What the lists of terms say of one may come back with it, and is passed over. */
static bool knows_members(struct decoder *decoder, const char *pointer, json_t *object, bool is_tag)
{
	static const char *const of_terms[] = { "name", "slug", "count", "newest_at", "description", "position", "hidden", "rev", NULL };
	static const char *const of_tags[] = { "name", "slug", "type", "count", "newest_at", NULL };

	return only_known(decoder, pointer, object, is_tag ? of_tags : of_terms);
}

/* A plain name, or an object with name, slug and (tags only) type. */
bool decode_term(struct decoder *decoder, const char *pointer, json_t *value, bool is_tag, struct term *ret_term)
{
	struct term term = { .type = is_tag ? tag_type_names[0] : NULL };
	json_t *member;
	size_t type;

	if (json_is_object(value)) {
		if (!knows_members(decoder, pointer, value, is_tag))
			return false;
		member = json_object_get(value, "name");
		if (member == NULL)
			return decode_wrong(decoder, decode_pointer_to(decoder, pointer, "name"), "required", "a name is needed");
		if (!decode_line(decoder, decode_pointer_to(decoder, pointer, "name"), member, NAME_LONGEST, &term.name))
			return false;
		member = json_object_get(value, "slug");
		if (member != NULL && !decode_slug(decoder, decode_pointer_to(decoder, pointer, "slug"), member, &term.slug))
			return false;
		member = json_object_get(value, "type");
		if (is_tag && member != NULL) {
			if (!decode_choice(decoder, decode_pointer_to(decoder, pointer, "type"), member, tag_type_names, &type))
				return false;
			term.type = tag_type_names[type];
		}
	} else if (!json_is_string(value)) {
		return decode_wrong(decoder, pointer, "type", "a name, or an object with one, is expected");
	} else if (!decode_line(decoder, pointer, value, NAME_LONGEST, &term.name)) {
		return false;
	}
	if (term.name == NULL)
		return decode_wrong(decoder, pointer, "required", "a name must not be empty");
	*ret_term = term;
	return true;
}

static bool is_named_already(struct decoder *decoder, const struct term_list *terms, const char *name)
{
	const char *folded;

	if (decoder->mode == DECODE_STORED)
		return false;
	folded = unicode_fold(name, decoder->arena);
	for (size_t i = 0; i < terms->n; i++)
		if (strcmp(unicode_fold(terms->items[i].name, decoder->arena), folded) == 0)
			return true;
	return false;
}

static bool list_fits(struct decoder *decoder, const char *pointer, json_t *value, size_t longest)
{
	if (!json_is_array(value))
		return decode_wrong(decoder, pointer, "type", "a list is expected");
	if (json_array_size(value) > longest)
		return decode_wrong(decoder, pointer, "too-long", "at most %zu members", longest);
	return true;
}

bool decode_terms(struct decoder *decoder, const char *pointer, json_t *value, size_t longest, bool are_tags, struct term_list *ret_terms)
{
	struct term_list terms = { 0 };
	bool fine = true;
	size_t i;
	json_t *member;

	if (!list_fits(decoder, pointer, value, longest))
		return false;
	terms.items = arena_array(decoder->arena, json_array_size(value), sizeof *terms.items);
	json_array_foreach(value, i, member) {
		struct term term;

		if (!decode_term(decoder, decode_pointer_at(decoder, pointer, i), member, are_tags, &term))
			fine = false;
		else if (!is_named_already(decoder, &terms, term.name))
			terms.items[terms.n++] = term;
	}
	*ret_terms = terms;
	return fine;
}

bool decode_slugs(struct decoder *decoder, const char *pointer, json_t *value, size_t longest, struct string_list *ret_strings)
{
	struct string_list strings = { 0 };
	size_t i;
	json_t *member;

	if (!list_fits(decoder, pointer, value, longest))
		return false;
	strings.items = arena_array(decoder->arena, json_array_size(value), sizeof *strings.items);
	json_array_foreach(value, i, member) {
		const char *slug = NULL;

		if (!decode_slug(decoder, decode_pointer_at(decoder, pointer, i), member, &slug))
			return false;
		if (slug != NULL)
			strings.items[strings.n++] = slug;
	}
	*ret_strings = strings;
	return true;
}

bool decode_ids(struct decoder *decoder, const char *pointer, json_t *value, size_t longest, struct id_list *ret_ids)
{
	struct id_list ids = { 0 };
	size_t i;
	json_t *member;

	if (!list_fits(decoder, pointer, value, longest))
		return false;
	ids.items = arena_array(decoder->arena, json_array_size(value), sizeof *ids.items);
	json_array_foreach(value, i, member)
		if (!decode_integer(decoder, decode_pointer_at(decoder, pointer, i), member, 1, INT64_MAX, &ids.items[ids.n++]))
			return false;
	*ret_ids = ids;
	return true;
}

bool decode_image(struct decoder *decoder, const char *pointer, json_t *value, struct image *ret_image)
{
	static const char *const known[] = { "url", "width", "height", "alt", "caption", "credit", NULL };
	struct image image = { 0 };
	const char *name;
	json_t *member;
	bool fine = true;

	if (!json_is_object(value))
		return decode_wrong(decoder, pointer, "type", "an object with url, width, height, alt, caption, credit is expected");
	json_object_foreach(value, name, member) {
		const char *at = decode_pointer_to(decoder, pointer, name);

		if (strcmp(name, "url") == 0)
			fine &= decode_url(decoder, at, member, 2000, true, &image.url);
		else if (strcmp(name, "width") == 0)
			fine &= decode_integer(decoder, at, member, 0, PIXELS_MOST, &image.width);
		else if (strcmp(name, "height") == 0)
			fine &= decode_integer(decoder, at, member, 0, PIXELS_MOST, &image.height);
		else if (strcmp(name, "alt") == 0)
			fine &= decode_line(decoder, at, member, 1000, &image.alt);
		else if (strcmp(name, "caption") == 0)
			fine &= decode_line(decoder, at, member, 2000, &image.caption);
		else if (strcmp(name, "credit") == 0)
			fine &= decode_line(decoder, at, member, 300, &image.credit);
		else
			fine = decode_unknown_member(decoder, pointer, name, known);
	}
	if (fine && image.url == NULL)
		fine = decode_wrong(decoder, decode_pointer_to(decoder, pointer, "url"), "required", "an image needs its address");
	*ret_image = image;
	return fine;
}

bool decode_rights(struct decoder *decoder, const char *pointer, json_t *value, struct rights *ret_rights)
{
	static const char *const known[] = { "holder", "notice", "usage_terms", NULL };
	struct rights rights = { 0 };
	const char *name;
	json_t *member;
	bool fine = true;

	if (!json_is_object(value))
		return decode_wrong(decoder, pointer, "type", "an object with holder, notice, usage_terms is expected");
	json_object_foreach(value, name, member) {
		const char *at = decode_pointer_to(decoder, pointer, name);

		if (strcmp(name, "holder") == 0)
			fine &= decode_line(decoder, at, member, 300, &rights.holder);
		else if (strcmp(name, "notice") == 0)
			fine &= decode_line(decoder, at, member, 1000, &rights.notice);
		else if (strcmp(name, "usage_terms") == 0)
			fine &= decode_line(decoder, at, member, 2000, &rights.usage_terms);
		else
			fine = decode_unknown_member(decoder, pointer, name, known);
	}
	*ret_rights = rights;
	return fine;
}

static bool read_correction(struct decoder *decoder, const char *pointer, json_t *value, struct correction *ret_correction)
{
	static const char *const known[] = { "at", "kind", "text", NULL };
	struct correction correction = { .at = TIME_NONE };
	json_t *at, *kind, *text;
	size_t index = 0;

	if (!only_known(decoder, pointer, value, known))
		return false;
	at = json_object_get(value, "at");
	kind = json_object_get(value, "kind");
	text = json_object_get(value, "text");
	if (text == NULL || (at == NULL && decoder->mode != DECODE_WRITE))
		return decode_wrong(decoder, pointer, "required", "a correction has at, kind and text");
	if (at != NULL && !decode_time(decoder, decode_pointer_to(decoder, pointer, "at"), at, &correction.at))
		return false;
	if (kind != NULL && !decode_choice(decoder, decode_pointer_to(decoder, pointer, "kind"), kind, correction_kinds, &index))
		return false;
	if (!decode_line(decoder, decode_pointer_to(decoder, pointer, "text"), text, 4000, &correction.text))
		return false;
	if (correction.text == NULL)
		return decode_wrong(decoder, decode_pointer_to(decoder, pointer, "text"), "required", "a correction says what was wrong");
	correction.kind = correction_kinds[index];
	*ret_correction = correction;
	return true;
}

bool decode_corrections(struct decoder *decoder, const char *pointer, json_t *value, size_t longest, struct correction_list *ret_list)
{
	struct correction_list list = { 0 };
	bool fine = true;
	size_t i;
	json_t *member;

	if (!list_fits(decoder, pointer, value, longest))
		return false;
	list.items = arena_array(decoder->arena, json_array_size(value), sizeof *list.items);
	json_array_foreach(value, i, member)
		fine &= read_correction(decoder, decode_pointer_at(decoder, pointer, i), member, &list.items[list.n++]);
	*ret_list = list;
	return fine;
}
