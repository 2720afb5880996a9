/* SPDX-License-Identifier: MIT */
/*
 * In which fields two versions of an article differ, by the table of fields, so that a new field is compared as soon as it is there.
 */
#include "article.h"

#include <string.h>

/* It changes with every version, or because another field does. */
static bool is_left_out(const struct article_field *field)
{
	static const char *const names[] = { "id", "rev", "updated_at", "was_public", "corrected_at", "word_count", "reading_minutes", NULL };

	for (size_t i = 0; names[i] != NULL; i++)
		if (strcmp(names[i], field->name) == 0)
			return true;
	return (field->views & VIEW_EXPORT) == 0;
}

/* A term is its name, and its type. Slugs are the store's: a version that used a term first does not know it. */
static bool is_same_term(const json_t *one, const json_t *other)
{
	static const char *const members[] = { "name", "type" };

	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		const json_t *value = json_object_get(one, members[i]), *other_value = json_object_get(other, members[i]);

		if (value != other_value && !json_equal(value, other_value))
			return false;
	}
	return true;
}

static bool are_same_terms(const json_t *one, const json_t *other)
{
	bool same = json_array_size(one) == json_array_size(other);

	for (size_t i = 0; same && i < json_array_size(one); i++)
		same = is_same_term(json_array_get(one, i), json_array_get(other, i));
	return same;
}

static bool is_same(const json_t *before, const json_t *after, const char *name)
{
	const json_t *one = json_object_get(before, name), *other = json_object_get(after, name);
	const enum field_kind kind = article_field(name)->kind;

	if (one == NULL || other == NULL)
		return one == other;
	if (kind == FIELD_TERM)
		return is_same_term(one, other);
	return kind == FIELD_TERMS || kind == FIELD_TAGS ? are_same_terms(one, other) : json_equal(one, other) != 0;
}

void article_differences(const json_t *before, const json_t *after,
    void (*visit)(void *arg, const char *field, const json_t *before, const json_t *after), void *arg)
{
	const bool has_same_html = is_same(before, after, "body_html");

	for (const struct article_field *field = article_fields; field->name != NULL; field++) {
		if (is_left_out(field) || is_same(before, after, field->name))
			continue;
		if (field->kind != FIELD_TEXT || has_same_html)
			visit(arg, field->name, json_object_get(before, field->name), json_object_get(after, field->name));
	}
}
