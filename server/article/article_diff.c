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

static bool is_same(const json_t *before, const json_t *after, const char *name)
{
	const json_t *one = json_object_get(before, name), *other = json_object_get(after, name);

	return one == other || (one != NULL && other != NULL && json_equal(one, other));
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
