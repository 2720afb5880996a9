/* SPDX-License-Identifier: MIT */
/*
 * Articles of our own shape: lines of JSON, or one JSON document.
 *
 * Lines are read one at a time, so a file may be of any size. A document (an array of articles, an answer of our own API with its
 * "data", or a single article) is read whole, up to DOCUMENT_MOST, but never parsed whole: Jansson takes up to 73 bytes for one of
 * the input. A small scanner that knows strings and brackets finds where each article begins and ends, and each is parsed by itself,
 * with the limits of json_parse(). It also counts lines, so that a bad article can be found.
 *
 * A bad article does not hold up the others. A broken document does end the import, but what stood before the break has gone in.
 */
#include <string.h>

#include "import_internal.h"

enum {
	LINE_LONGEST = 4 << 20,       /* an article's limit is 1 MiB, but an export holds its body twice, with escapes */
	DOCUMENT_MOST = 64 << 20,
};

struct json_import {
	const struct import_defaults *defaults;
	const struct import_sink *sink;
	struct arena *arena;          /* emptied for each article */
	struct error why;             /* it cannot be read */
};

/* --- one article --- */

static void fill_in(json_t *article, const char *field, const char *value)
{
	json_t *given = json_object_get(article, field);

	if (value != NULL && (given == NULL || json_is_null(given)))
		json_object_set_new(article, field, json_string(value));
}

static bool decode(const struct json_import *import, const char *bytes, size_t length, struct article *ret_article, struct error *err)
{
	json_t *value = NULL;
	bool fine;

	if (!text_is_utf8(bytes, length))
		return error_set(err, ERROR_INVALID, "not valid UTF-8");
	if (!json_parse(bytes, length, &value, err))
		return false;
	if (json_is_object(value)) {
		fill_in(value, "source", import->defaults->source);
		fill_in(value, "section", import->defaults->section);
	}
	fine = article_decode(value, DECODE_IMPORT, import->arena, ret_article, err);
	json_decref(value);
	return fine;
}

/* False only when the sink wants no more. */
static bool take(struct json_import *import, size_t line, const char *bytes, size_t length, bool cut_off)
{
	struct article article;

	arena_reset(import->arena);
	if (decode(import, bytes, length, &article, &import->why))
		return import->sink->article(import->sink->arg, line, &article, import->arena);
	if (cut_off && import->why.code == ERROR_INVALID)
		error_context(&import->why, "the file seems to be cut off here");
	return import->sink->bad(import->sink->arg, line, &import->why);
}

/* --- lines --- */

static bool is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_blank(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!is_white(bytes[i]))
			return false;
	return true;
}

bool json_lines_recognises(const char *bytes, size_t length)
{
	return import_first_byte(bytes, length) == '{';
}

static bool take_line(struct json_import *import, struct import_input *input, size_t number, const char *line, size_t length,
    bool too_long)
{
	size_t mark = number == 1 ? import_mark_length(line, length) : 0;

	if (too_long) {
		error_set(&import->why, ERROR_TOO_LARGE, "a line of more than %d MiB", LINE_LONGEST >> 20);
		return import->sink->bad(import->sink->arg, number, &import->why);
	}
	if (is_blank(line + mark, length - mark))
		return true;
	return take(import, number, line + mark, length - mark, import_input_position(input) == import_input_size(input) &&
	    line[length - 1] != '}');
}

bool json_lines_read(struct import_input *input, const struct import_defaults *defaults, const struct import_sink *sink, struct error *err)
{
	struct json_import import = { .defaults = defaults, .sink = sink, .arena = arena_new() };
	size_t number = 0, length;
	const char *line;
	bool too_long, wanted = true;

	error_clear(err);
	while (wanted && import_input_line(input, LINE_LONGEST, &line, &length, &too_long))
		wanted = take_line(&import, input, ++number, line, length, too_long);
	arena_free(import.arena);
	return wanted && import_input_sound(input, err);
}

/* --- documents --- */

struct scanner {
	const char *at, *end;
	size_t line;
};

static void skip_white(struct scanner *scanner)
{
	for (; scanner->at < scanner->end && is_white(*scanner->at); scanner->at++)
		scanner->line += *scanner->at == '\n';
}

static char next(struct scanner *scanner)
{
	skip_white(scanner);
	return scanner->at < scanner->end ? *scanner->at : '\0';
}

static bool skip_string(struct scanner *scanner)
{
	for (scanner->at++; scanner->at < scanner->end; scanner->at++) {
		if (*scanner->at == '\\')
			scanner->at++;
		else if (*scanner->at == '"')
			return scanner->at++, true;
		else
			scanner->line += *scanner->at == '\n';
	}
	scanner->at = scanner->end;
	return false;
}

/* Goes behind the value that begins here; false when the document ends within it. Its inside is not judged: json_parse() does that. */
static bool skip_value(struct scanner *scanner)
{
	size_t depth = 0;

	while (scanner->at < scanner->end) {
		char c = *scanner->at;

		if (depth == 0 && (c == ',' || c == ']' || c == '}' || is_white(c)))
			return true;
		if (c == '"') {
			if (!skip_string(scanner))
				return false;
			if (depth == 0)
				return true;
			continue;
		}
		scanner->line += c == '\n';
		scanner->at++;
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0)
			return true;
	}
	return depth == 0;
}

static bool broken(const struct scanner *scanner, size_t n, struct error *err)
{
	if (scanner->at >= scanner->end)
		return error_set(err, ERROR_INVALID, "line %zu: the file is cut off; %zu articles stood before that", scanner->line, n);
	return error_set(err, ERROR_INVALID, "line %zu: not JSON: a comma or the end of the list is expected behind %zu articles", scanner->line, n);
}

/* The elements of an array; `scanner` stands on its '['. */
static bool take_elements(struct json_import *import, struct scanner *scanner, struct error *err)
{
	size_t n = 0;

	scanner->at++;
	if (next(scanner) == ']')
		return scanner->at++, true;
	for (;;) {
		const char *start;
		size_t line;

		next(scanner);
		start = scanner->at;
		line = scanner->line;
		if (!skip_value(scanner) || scanner->at == start)
			return broken(scanner, n, err);
		n++;
		if (!take(import, line, start, (size_t)(scanner->at - start), false))
			return false;
		if (next(scanner) == ']')
			return scanner->at++, true;
		if (next(scanner) != ',')
			return broken(scanner, n, err);
		scanner->at++;
	}
}

/* Goes to the value of the member `name` of the object that begins here; false when it has none. */
static bool find_member(struct scanner *scanner, const char *name)
{
	size_t length = strlen(name);

	scanner->at++;
	while (next(scanner) == '"') {
		const char *key = scanner->at + 1;
		bool is_it = (size_t)(scanner->end - key) > length && memcmp(key, name, length) == 0 && key[length] == '"';

		if (!skip_string(scanner) || next(scanner) != ':')
			return false;
		scanner->at++;
		next(scanner);
		if (is_it)
			return true;
		if (!skip_value(scanner) || next(scanner) != ',')
			return false;
		scanner->at++;
	}
	return false;
}

static bool take_document(struct json_import *import, const char *bytes, size_t length, struct error *err)
{
	struct scanner scanner = { .at = bytes, .end = bytes + length, .line = 1 }, inside;
	const char *start;
	size_t line;

	if (next(&scanner) == '[') {
		if (!take_elements(import, &scanner, err))
			return false;
		if (next(&scanner) != '\0')
			return error_set(err, ERROR_INVALID, "line %zu: something stands behind the end of the list", scanner.line);
		return true;
	}
	inside = scanner;
	if (find_member(&inside, "data") && next(&inside) == '[')
		return take_elements(import, &inside, err);
	if (inside.at < inside.end && *inside.at == '{')
		scanner = inside;
	start = scanner.at;
	line = scanner.line;
	if (!skip_value(&scanner))
		return error_set(err, ERROR_INVALID, "line %zu: the file is cut off within the article", scanner.line);
	return take(import, line, start, (size_t)(scanner.at - start), false);
}

/* An array; or an object that spans lines, or that is an answer of our API. */
bool json_document_recognises(const char *bytes, size_t length)
{
	struct scanner scanner = { .at = bytes + import_mark_length(bytes, length), .end = bytes + length, .line = 1 };
	char first = next(&scanner);
	size_t line = scanner.line;

	if (first != '{')
		return first == '[';
	scanner.at++;
	if (next(&scanner) == '"' && scanner.end - scanner.at > 6 && memcmp(scanner.at, "\"data\"", 6) == 0)
		return true;
	scanner.at = memchr(bytes, '{', length);
	scanner.line = line;
	skip_value(&scanner);
	return scanner.line > line;
}

bool json_document_read(struct import_input *input, const struct import_defaults *defaults, const struct import_sink *sink,
    struct error *err)
{
	struct json_import import = { .defaults = defaults, .sink = sink };
	const char *bytes;
	size_t length, mark;
	bool fine;

	error_clear(err);
	if (!import_input_all(input, DOCUMENT_MOST, &bytes, &length, err))
		return false;
	import.arena = arena_new();
	mark = import_mark_length(bytes, length);
	fine = take_document(&import, bytes + mark, length - mark, err);
	arena_free(import.arena);
	return fine;
}
