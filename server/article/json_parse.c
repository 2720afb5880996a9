/* SPDX-License-Identifier: MIT */
/*
 * Strangers' JSON -> Jansson values, within bounds.
 *
 * Jansson 2.14 takes up to 73 bytes of memory for one byte of input and recurses as deep as the value when it frees it, so size,
 * number of values and depth are bounded by looking at the bytes before they are parsed. Duplicate keys are refused, for two
 * readers of one text must not see two articles.
 */
#include "article_internal.h"

#include <stdio.h>
#include <string.h>

enum {
	JSON_VALUES_MOST = 50000,
	JSON_DEPTH_MOST = 32,
};

struct shape {
	size_t values, depth, deepest;
};

/* The quote that ends the string, or the end. `at` is behind the one that begins it. No byte is looked at twice for the same. */
static const char *string_end(const char *at, const char *end)
{
	const char *quote = at;

	for (;;) {
		const char *backslash;

		if (quote <= at)
			quote = at < end ? memchr(at, '"', (size_t)(end - at)) : NULL;
		if (quote == NULL)
			return end;
		backslash = memchr(at, '\\', (size_t)(quote - at));
		if (backslash == NULL)
			return quote;
		at = backslash + 2;
	}
}

/* Counts what would become values, outside strings. A string's content cannot be mistaken for structure: quotes are followed. */
static struct shape shape_of(const char *bytes, size_t length)
{
	struct shape shape = { 0 };

	for (size_t i = 0; i < length; i++) {
		switch (bytes[i]) {
		case '"':
			i = (size_t)(string_end(bytes + i + 1, bytes + length) - bytes);
			break;
		case '{':
		case '[':
			shape.values++;
			if (++shape.depth > shape.deepest)
				shape.deepest = shape.depth;
			break;
		case '}':
		case ']':
			if (shape.depth > 0)
				shape.depth--;
			break;
		case ',':
			shape.values++;
			break;
		default:
			break;
		}
	}
	return shape;
}

/* In our words where Jansson's speak of its own flags. It quotes what it met, which may be cut in the middle of a character. */
static bool explain(json_error_t *where, struct error *err)
{
	if (!text_is_utf8(where->text, strlen(where->text)))
		for (char *c = where->text; *c != '\0'; c++)
			if ((unsigned char)*c >= 0x80)
				*c = '?';
	if (json_error_code(where) == json_error_null_character || json_error_code(where) == json_error_null_byte_in_key)
		snprintf(where->text, sizeof where->text, "a NUL character (\\u0000) is not allowed");
	if (where->line > 1)
		return error_set(err, ERROR_INVALID, "not JSON: %s (line %d, column %d)", where->text, where->line, where->column);
	return error_set(err, ERROR_INVALID, "not JSON: %s (column %d)", where->text, where->column);
}

bool json_parse(const char *bytes, size_t length, json_t **ret_value, struct error *err)
{
	struct shape shape;
	json_error_t where;
	json_t *value;

	if (length > JSON_LONGEST)
		return error_set(err, ERROR_TOO_LARGE, "JSON of more than %d bytes", JSON_LONGEST);
	shape = shape_of(bytes, length);
	if (shape.deepest > JSON_DEPTH_MOST)
		return error_set(err, ERROR_INVALID, "JSON nested deeper than %d", JSON_DEPTH_MOST);
	if (shape.values > JSON_VALUES_MOST)
		return error_set(err, ERROR_INVALID, "JSON of more than %d values", JSON_VALUES_MOST);
	value = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &where);
	if (value == NULL)
		return explain(&where, err);
	*ret_value = value;
	return true;
}
