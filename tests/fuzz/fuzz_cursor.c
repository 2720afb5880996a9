/* SPDX-License-Identifier: MIT */
/*
 * A stranger's cursor. The input's first line stands as the `cursor` parameter; the rest, taken as a key, is written as a cursor of our own.
 *
 * What is accepted writes back to the same text, what we write reads back to the same key, and a cursor with any one character changed
 * is refused.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/api_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct parameter parameters[] = {
	{ .name = "tag", .kind = PARAMETER_SLUGS, .negatable = true },
	{ .name = "cursor", .kind = PARAMETER_TEXT, .most = 1200 },
	{ .name = NULL },
};
static const struct route route = { .method = HTTP_GET, .path = "/v1/articles", .parameters = parameters };

static bool read_cursor(struct arena *arena, const char *text, struct cursor *ret_cursor, struct error *err)
{
	struct request_value values[] = { { "tag", "b,a" }, { "cursor", text } };
	struct request request = { .arena = arena, .route = &route, .parameters = values, .n_parameters = 2 };
	bool has;

	return cursor_read(&request, ret_cursor, &has, err) && has;
}

static const char *write_cursor(struct arena *arena, const struct cursor *cursor)
{
	struct request_value values[] = { { "tag", "a,b" } };
	struct request request = { .arena = arena, .route = &route, .parameters = values, .n_parameters = 1 };

	return cursor_write(&request, cursor);
}

static void expect_same(const struct cursor *one, const struct cursor *other)
{
	const char *name = one->name != NULL ? one->name : "", *other_name = other->name != NULL ? other->name : "";

	if (one->backward != other->backward || one->time != other->time || one->id != other->id || (one->name == NULL) != (other->name == NULL) ||
	    strcmp(name, other_name) != 0)
		abort();
}

static void try_text(struct arena *arena, const char *text)
{
	struct cursor cursor = { 0 };
	struct error err;

	if (!read_cursor(arena, text, &cursor, &err)) {
		if (err.code != ERROR_CURSOR)
			abort();
	} else if (strcmp(write_cursor(arena, &cursor), text) != 0) {
		abort();
	}
}

static void try_key(struct arena *arena, const uint8_t *data, size_t size)
{
	struct cursor cursor = { 0 }, again = { 0 };
	struct error err;
	char *text;

	if (size < 17)
		return;
	cursor.backward = (data[0] & 1) != 0;
	memcpy(&cursor.time, data + 1, 8);
	memcpy(&cursor.id, data + 9, 8);
	if (size > 17 && size < 700 && memchr(data + 17, '\0', size - 17) == NULL)
		cursor.name = arena_copy(arena, (const char *)data + 17, size - 17);
	text = arena_string(arena, write_cursor(arena, &cursor));
	if (!read_cursor(arena, text, &again, &err))
		abort();
	expect_same(&cursor, &again);
	text[data[0] % strlen(text)] ^= 1;
	if (read_cursor(arena, text, &again, &err))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const uint8_t *newline = size > 0 ? memchr(data, '\n', size) : NULL;
	const size_t first = newline != NULL ? (size_t)(newline - data) : size;
	char *text = arena_copy(arena, (const char *)data, first);

	if (text[0] != '\0' && text_is_utf8(text, strlen(text)))
		try_text(arena, text);
	if (newline != NULL)
		try_key(arena, newline + 1, size - first - 1);
	arena_free(arena);
	return 0;
}
