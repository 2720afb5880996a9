/* SPDX-License-Identifier: MIT */
/*
 * Single JSON values -> strings, numbers and times of an article.
 *
 * What is kept is folded: white space in lines, NFC everywhere, HTML rebuilt by html_sanitise(). Control characters are refused:
 * CONTROL_BASE_URL must not come in from outside. What the store itself wrote (DECODE_STORED) is taken as it is.
 */
#include "decode_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

bool decode_wrong(struct decoder *decoder, const char *pointer, const char *code, const char *format, ...)
{
	char detail[160];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(detail, sizeof detail, format, arguments);
	va_end(arguments);
	error_add_pointer(decoder->err, pointer, code, NULL, "%s", detail);
	return false;
}

bool decode_is_wrong(const struct decoder *decoder, const char *pointer)
{
	for (size_t i = 0; i < decoder->err->n_issues; i++)
		if (strcmp(decoder->err->issues[i].where, pointer) == 0)
			return true;
	return false;
}

const char *decode_pointer_to(struct decoder *decoder, const char *pointer, const char *member)
{
	const size_t before = strlen(pointer);
	char *whole = arena_alloc(decoder->arena, before + 1 + 2 * strlen(member) + 1), *at = whole + before;

	memcpy(whole, pointer, before);
	*at++ = '/';
	/* RFC 6901 3: ~ and / in a name are written ~0 and ~1. */
	for (const char *c = member; *c != '\0'; c++) {
		*at++ = *c == '/' ? '~' : *c;
		if (*c == '~' || *c == '/')
			*at++ = *c == '~' ? '0' : '1';
	}
	return whole;
}

const char *decode_pointer_at(struct decoder *decoder, const char *pointer, size_t index)
{
	return arena_printf(decoder->arena, "%s/%zu", pointer, index);
}

static bool is_control(unsigned char c, bool may_break)
{
	if (c == 0x7f)
		return true;
	return c < 0x20 && !(c == '\t' || c == '\n' || c == '\r' || (may_break && c == '\f'));
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* --- strings --- */

/* A string value within its limit and without control characters, or NULL with the wrong said. */
const char *decode_string_value(struct decoder *decoder, const char *pointer, json_t *value, size_t longest)
{
	const char *string = json_string_value(value);

	if (string == NULL) {
		decode_wrong(decoder, pointer, "type", "a string is expected");
		return NULL;
	}
	if (decoder->mode == DECODE_STORED)
		return arena_string(decoder->arena, string);
	for (const char *c = string; *c != '\0'; c++) {
		if (is_control((unsigned char)*c, true)) {
			decode_wrong(decoder, pointer, "control-character", "holds the control character U+%04X", (unsigned)(unsigned char)*c);
			return NULL;
		}
	}
	/* Few characters grow when they are normalised; the limit holds for what is kept. */
	if (longest == 0 || json_string_length(value) <= longest)
		string = unicode_nfc(string, decoder->arena);
	if (longest > 0 && strlen(string) > longest) {
		decode_wrong(decoder, pointer, "too-long", "at most %zu bytes", longest);
		return NULL;
	}
	return string;
}

/* White space folded to single blanks, none at the ends. NULL when nothing is left. */
static const char *fold_line(struct decoder *decoder, const char *string)
{
	char *line = arena_alloc(decoder->arena, strlen(string) + 1);
	size_t length = 0;

	for (const char *c = string; *c != '\0'; c++) {
		if (!is_blank(*c))
			line[length++] = *c;
		else if (length > 0 && line[length - 1] != ' ')
			line[length++] = ' ';
	}
	if (length > 0 && line[length - 1] == ' ')
		length--;
	line[length] = '\0';
	return length > 0 ? line : NULL;
}

bool decode_line(struct decoder *decoder, const char *pointer, json_t *value, size_t longest, const char **ret_line)
{
	const char *string = decode_string_value(decoder, pointer, value, longest);

	if (string == NULL)
		return false;
	*ret_line = decoder->mode == DECODE_STORED ? string : fold_line(decoder, string);
	return true;
}

/* CRLF and CR become LF, blanks before line ends go, more than one blank line becomes one. */
const char *decode_fold_text(struct decoder *decoder, const char *string)
{
	char *text = arena_alloc(decoder->arena, strlen(string) + 1);
	size_t length = 0;

	for (const char *c = string; *c != '\0'; c++) {
		char byte = *c;

		if (byte == '\r') {
			if (c[1] == '\n')
				continue;
			byte = '\n';
		}
		if (byte == '\f')
			byte = ' ';
		if (byte == '\n') {
			while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
				length--;
			if (length == 0 || (length > 1 && text[length - 1] == '\n' && text[length - 2] == '\n'))
				continue;
		}
		text[length++] = byte;
	}
	while (length > 0 && is_blank(text[length - 1]))
		length--;
	text[length] = '\0';
	return text;
}

/* Character references can make control characters out of plain ones (&#1;): none survives what the sanitiser wrote. */
const char *decode_safe_html(struct decoder *decoder, const char *string)
{
	char *html = html_sanitise(string, strlen(string), decoder->arena);

	for (char *c = html; *c != '\0'; c++)
		if (is_control((unsigned char)*c, false))
			*c = ' ';
	return html;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* RFC 5646, its shape only: a primary tag of 2-3 letters, then subtags of 1-8 letters and digits. */
static bool is_lang(const char *lang)
{
	size_t run = 0;
	bool primary = true;

	for (const char *c = lang;; c++) {
		if (*c == '-' || *c == '\0') {
			if (primary ? run < 2 || run > 3 : run < 1 || run > 8)
				return false;
			if (*c == '\0')
				return true;
			primary = false;
			run = 0;
		} else if (is_letter(*c) || (!primary && is_digit(*c))) {
			run++;
		} else {
			return false;
		}
	}
}

bool decode_lang(struct decoder *decoder, const char *pointer, json_t *value, size_t longest, const char **ret_lang)
{
	const char *line = NULL;
	char *lang;

	if (!decode_line(decoder, pointer, value, longest, &line))
		return false;
	if (line == NULL || !is_lang(line))
		return decode_wrong(decoder, pointer, "bad-value", "a language tag such as en, fr or pt-BR is expected");
	lang = arena_string(decoder->arena, line);
	for (char *c = lang; *c != '\0' && *c != '-'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	*ret_lang = lang;
	return true;
}

size_t article_url_scheme(const char *url)
{
	if (strncasecmp(url, "https://", 8) == 0)
		return 8;
	return strncasecmp(url, "http://", 7) == 0 ? 7 : 0;
}

/* Absolute http or https with a host, of characters that RFC 3986 allows; with `site` a path on this site too. */
static bool is_url(const char *url, bool site)
{
	const size_t scheme = article_url_scheme(url);
	const char *host = url + scheme;

	for (const char *c = url; *c != '\0'; c++)
		if ((unsigned char)*c <= 0x20 || strchr("\"<>\\^`{|}", *c) != NULL)
			return false;
	if (site && url[0] == '/' && url[1] != '/')
		return true;
	return scheme > 0 && *host != '\0' && strchr("/?#:@", *host) == NULL;
}

bool decode_url(struct decoder *decoder, const char *pointer, json_t *value, size_t longest, bool site, const char **ret_url)
{
	const char *url = NULL;

	if (!decode_line(decoder, pointer, value, longest, &url))
		return false;
	if (url != NULL && decoder->mode != DECODE_STORED && !is_url(url, site))
		return decode_wrong(decoder, pointer, "bad-value", "an absolute http or https address is expected%s",
		    site ? ", or a path on this site" : "");
	*ret_url = url;
	return true;
}

bool decode_slug(struct decoder *decoder, const char *pointer, json_t *value, const char **ret_slug)
{
	const char *slug = NULL;

	if (!decode_line(decoder, pointer, value, SLUG_LONGEST + 8, &slug))
		return false;
	if (slug != NULL && !slug_is_valid(slug))
		return decode_wrong(decoder, pointer, "bad-value", "a slug is made of a-z, 0-9 and hyphens, and not of digits alone");
	*ret_slug = slug;
	return true;
}

/* One of a few words; `ret_index` is its place. */
bool decode_choice(struct decoder *decoder, const char *pointer, json_t *value, const char *const *choices, size_t *ret_index)
{
	const char *string = json_string_value(value);
	const char *near;

	for (size_t i = 0; string != NULL && choices[i] != NULL; i++) {
		if (strcmp(choices[i], string) == 0) {
			*ret_index = i;
			return true;
		}
	}
	near = string != NULL ? text_nearest(string, choices) : NULL;
	error_add_pointer(decoder->err, pointer, "bad-value", near, "not one of the known values");
	return false;
}

/* --- numbers and times --- */

bool decode_integer(struct decoder *decoder, const char *pointer, json_t *value, int64_t least, int64_t most, int64_t *ret_integer)
{
	if (!json_is_integer(value))
		return decode_wrong(decoder, pointer, "type", "a whole number is expected");
	if (json_integer_value(value) < least || json_integer_value(value) > most)
		return decode_wrong(decoder, pointer, "out-of-range", "a number from %" PRId64 " to %" PRId64 " is expected", least, most);
	*ret_integer = json_integer_value(value);
	return true;
}

bool decode_time(struct decoder *decoder, const char *pointer, json_t *value, int64_t *ret_time)
{
	const char *string = json_string_value(value);
	struct error why ERROR_UNSET;

	if (string == NULL)
		return decode_wrong(decoder, pointer, "type", "a time as a string is expected");
	if (!clock_parse(string, ret_time, &why))
		return decode_wrong(decoder, pointer, "bad-value", "%s", why.detail);
	return true;
}
