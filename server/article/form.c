/* SPDX-License-Identifier: MIT */
/*
 * Strangers' JSON objects that are no articles (a section, a webhook, what to withdraw for): read by a table of their members, with the readers
 * that articles have, so that limits, folding and messages are the same everywhere.
 *
 * Values lie in the arena. All that is wrong is listed at once, with JSON pointers.
 */
#include "decode_internal.h"

#include <string.h>

enum { FORM_FIELDS_MOST = 32 };

static bool read_lines(struct decoder *decoder, const char *pointer, json_t *value, const struct form_field *field)
{
	struct string_list lines = { 0 };
	json_t *member;
	size_t index;

	if (!json_is_array(value))
		return decode_wrong(decoder, pointer, "type", "a list is expected");
	if ((int64_t)json_array_size(value) > field->most)
		return decode_wrong(decoder, pointer, "too-long", "at most %lld members", (long long)field->most);
	lines.items = arena_array(decoder->arena, json_array_size(value), sizeof *lines.items);
	json_array_foreach(value, index, member) {
		const char *at = decode_pointer_at(decoder, pointer, index), *line = NULL;

		if (decode_line(decoder, at, member, /* longest= */ 500, &line) && line != NULL)
			lines.items[lines.n++] = line;
	}
	*(struct string_list *)field->ret = lines;
	return true;
}

static bool read_member(struct decoder *decoder, const char *pointer, json_t *value, const struct form_field *field)
{
	const char *text;

	switch (field->kind) {
	case FORM_LINE:
		return decode_line(decoder, pointer, value, (size_t)field->most, field->ret);
	case FORM_TEXT:
		text = decode_string_value(decoder, pointer, value, (size_t)field->most);
		if (text != NULL)
			*(const char **)field->ret = decode_fold_text(decoder, text);
		return text != NULL;
	case FORM_INTEGER:
		return decode_integer(decoder, pointer, value, field->least, field->most, field->ret);
	case FORM_BOOLEAN:
		if (!json_is_boolean(value))
			return decode_wrong(decoder, pointer, "type", "true or false is expected");
		*(bool *)field->ret = json_is_true(value);
		return true;
	case FORM_TIME:
		return decode_time(decoder, pointer, value, field->ret);
	case FORM_URL:
		return decode_url(decoder, pointer, value, (size_t)field->most, /* site= */ false, field->ret);
	case FORM_IDS:
		return decode_ids(decoder, pointer, value, (size_t)field->most, field->ret);
	case FORM_LINES:
		return read_lines(decoder, pointer, value, field);
	}
	return false;
}

/* An empty line is none. */
static bool is_missing(const struct form_field *field, json_t *value)
{
	const bool is_string = field->kind == FORM_LINE || field->kind == FORM_URL;

	return value == NULL || json_is_null(value) || (is_string && json_is_string(value) && *(const char **)field->ret == NULL);
}

bool form_read(json_t *object, const struct form_field *fields, size_t n, struct arena *arena, struct error *err)
{
	struct decoder decoder = { .mode = DECODE_WRITE, .arena = arena, .err = err };
	const char *names[FORM_FIELDS_MOST + 1] = { NULL }, *name;
	json_t *value;

	if (!json_is_object(object))
		return error_set(err, ERROR_INVALID, "a JSON object is expected");
	error_set(err, ERROR_FIELDS, "some fields are not right");
	for (size_t i = 0; i < n && i < FORM_FIELDS_MOST; i++)
		names[i] = fields[i].name;
	json_object_foreach(object, name, value) {
		size_t i = 0;

		while (i < n && strcmp(fields[i].name, name) != 0)
			i++;
		if (i == n)
			decode_unknown_member(&decoder, "", name, names);
		else if (!json_is_null(value))
			read_member(&decoder, decode_pointer_to(&decoder, "", name), value, &fields[i]);
	}
	for (size_t i = 0; i < n; i++) {
		const char *pointer = decode_pointer_to(&decoder, "", fields[i].name);

		if (fields[i].required && !decode_is_wrong(&decoder, pointer) && is_missing(&fields[i], json_object_get(object, fields[i].name)))
			decode_wrong(&decoder, pointer, "required", "it must be there, and not be empty");
	}
	if (err->n_issues > 0)
		return false;
	error_clear(err);
	return true;
}
