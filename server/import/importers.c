/* SPDX-License-Identifier: MIT */
/*
 * The table of importers, and the choice among them.
 *
 * A format is recognised by its first bytes, never by a file's name: what comes through a pipe has none, and names lie. The first
 * row that recognises them reads the file. When none does, the one line that people get says what the file looks like instead, and
 * what is understood.
 */
#include <string.h>

#include "import_internal.h"

const struct importer importers[] = {
	{ "json-array", json_document_recognises, json_document_read },
	{ "ndjson", json_lines_recognises, json_lines_read },
	{ "html-page", html_page_recognises, html_page_read },
	{ "text-page", text_page_recognises, text_page_read },
	{ NULL, NULL, NULL },
};

size_t import_mark_length(const char *bytes, size_t length)
{
	return length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

static bool is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

char import_first_byte(const char *bytes, size_t length)
{
	for (size_t i = import_mark_length(bytes, length); i < length; i++)
		if (!is_white(bytes[i]))
			return bytes[i];
	return '\0';
}

static bool is_control(unsigned char c)
{
	return (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f') || c == 0x7F;
}

bool import_is_text(const char *bytes, size_t length)
{
	size_t whole = length;

	for (size_t i = 0; i < length; i++)
		if (is_control((unsigned char)bytes[i]))
			return false;
	if (text_is_utf8(bytes, length))
		return true;
	for (size_t i = 0; i < 2 && whole > 0 && ((unsigned char)bytes[whole - 1] & 0xC0) == 0x80; i++)
		whole--;
	return whole > 0 && (unsigned char)bytes[whole - 1] >= 0xC0 && text_is_utf8(bytes, whole - 1);
}

/* What other kind of file the bytes begin like, or NULL. Some of these begin like something that is understood. */
static const char *known_kind(const char *bytes, size_t length)
{
	static const struct {
		const char *front;
		size_t length;
		const char *what;
	} known[] = {
		{ "\x89PNG", 4, "a PNG picture" },
		{ "\xFF\xD8\xFF", 3, "a JPEG picture" },
		{ "GIF8", 4, "a GIF picture" },
		{ "%PDF-", 5, "a PDF document" },
		{ "PK\x03\x04", 4, "a ZIP archive or an office document" },
		{ "\x1F\x8B", 2, "compressed by gzip; unpack it first" },
		{ "BZh91AY&SY", 10, "compressed by bzip2; unpack it first" },
		{ "\xFD" "7zXZ", 5, "compressed by xz; unpack it first" },
		{ "\x28\xB5\x2F\xFD", 4, "compressed by zstd; unpack it first" },
		{ "SQLite format 3", 15, "an SQLite database" },
		{ "\x7F" "ELF", 4, "a program" },
		{ "\xFF\xFE", 2, "text in UTF-16; save it as UTF-8" },
		{ "\xFE\xFF", 2, "text in UTF-16; save it as UTF-8" },
		{ "{\\rtf", 5, "an RTF document" },
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (length >= known[i].length && memcmp(bytes, known[i].front, known[i].length) == 0)
			return known[i].what;
	return NULL;
}

/* What bytes that nobody recognises look like. */
static const char *resemblance(const char *bytes, size_t length)
{
	if (memchr(bytes, '\0', length) != NULL)
		return "binary data";
	if (import_first_byte(bytes, length) == '<')
		return "XML";
	return import_is_text(bytes, length) ? "something else" : "text that is not UTF-8, or binary data";
}

bool import_read(struct import_input *input, const struct import_defaults *defaults, const struct import_sink *sink, struct error *err)
{
	const char *bytes, *kind;
	size_t length = import_input_peek(input, &bytes);

	error_clear(err);
	if (!import_input_sound(input, err))
		return false;
	if (import_first_byte(bytes, length) == '\0' && import_is_text(bytes, length))
		return error_set(err, ERROR_INVALID, "empty: there is nothing to import");
	kind = known_kind(bytes, length);
	for (const struct importer *importer = importers; kind == NULL && importer->name != NULL; importer++)
		if (importer->recognises(bytes, length))
			return importer->read(input, defaults, sink, err);
	return error_set(err, ERROR_INVALID, "looks like %s; understood are articles as lines of JSON or a JSON array, and an article's page "
	    "as HTML or plain text", kind != NULL ? kind : resemblance(bytes, length));
}
