/* SPDX-License-Identifier: MIT */
/*
 * JSON -> article, by the field table.
 *
 * Goes through the members that came, finds each one's row, and reads it by its kind; every wrong field is listed with its JSON
 * pointer, so that a writer can mend all of them at once. Names may stand plain where readers get objects ("section": "National").
 * What is kept is folded: white space in lines, NFC everywhere, HTML rebuilt by html_sanitise(). Control characters are refused:
 * CONTROL_BASE_URL must not come in from outside.
 *
 * It does not decide slugs, ids or times: publish does.
 */
#include "article.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { NAME_LONGEST = 200, PIXELS_MOST = 100000 };

struct decoder {
	enum decode_mode mode;
	struct arena *arena;
	struct error *err;
};

static const char *const correction_kinds[] = { "correction", "clarification", "update", NULL };

__attribute__((format(printf, 4, 5)))
static bool wrong(struct decoder *decoder, const char *pointer, const char *code, const char *format, ...)
{
	char detail[160];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(detail, sizeof detail, format, arguments);
	va_end(arguments);
	error_add_pointer(decoder->err, pointer, code, NULL, "%s", detail);
	return false;
}

static const char *pointer_to(struct decoder *decoder, const char *pointer, const char *member)
{
	return arena_printf(decoder->arena, "%s/%s", pointer, member);
}

static const char *pointer_at(struct decoder *decoder, const char *pointer, size_t index)
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
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* --- strings --- */

/* A string value within its limit and without control characters, or NULL with the wrong said. */
static const char *string_value(struct decoder *decoder, const char *pointer, json_t *value, size_t longest)
{
	const char *string = json_string_value(value);

	if (string == NULL) {
		wrong(decoder, pointer, "type", "a string is expected");
		return NULL;
	}
	if (decoder->mode == DECODE_STORED)
		return arena_string(decoder->arena, string);
	if (longest > 0 && json_string_length(value) > longest) {
		wrong(decoder, pointer, "too-long", "at most %zu bytes", longest);
		return NULL;
	}
	for (const char *c = string; *c != '\0'; c++) {
		if (is_control((unsigned char)*c, true)) {
			wrong(decoder, pointer, "control-character", "holds the control character U+%04X", (unsigned)(unsigned char)*c);
			return NULL;
		}
	}
	return unicode_nfc(string, decoder->arena);
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

static bool read_line(struct decoder *decoder, const char *pointer, json_t *value, size_t longest, const char **ret_line)
{
	const char *string = string_value(decoder, pointer, value, longest);

	if (string == NULL)
		return false;
	*ret_line = decoder->mode == DECODE_STORED ? string : fold_line(decoder, string);
	return true;
}

/* CRLF and CR become LF, blanks before line ends go, more than one blank line becomes one. */
static const char *fold_text(struct decoder *decoder, const char *string)
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
static const char *read_safe_html(struct decoder *decoder, const char *string)
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

static bool read_lang(struct decoder *decoder, const char *pointer, json_t *value, size_t longest, const char **ret_lang)
{
	const char *line = NULL;
	char *lang;

	if (!read_line(decoder, pointer, value, longest, &line))
		return false;
	if (line == NULL || !is_lang(line))
		return wrong(decoder, pointer, "bad-value", "a language tag such as en, fr or pt-BR is expected");
	lang = arena_string(decoder->arena, line);
	for (char *c = lang; *c != '\0' && *c != '-'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	*ret_lang = lang;
	return true;
}

/* Absolute http or https with a host, of characters that RFC 3986 allows; with `site` a path on this site too. */
static bool is_url(const char *url, bool site)
{
	const char *host;

	for (const char *c = url; *c != '\0'; c++)
		if ((unsigned char)*c <= 0x20 || strchr("\"<>\\^`{|}", *c) != NULL)
			return false;
	if (site && url[0] == '/' && url[1] != '/')
		return true;
	if (strncasecmp(url, "https://", 8) == 0)
		host = url + 8;
	else if (strncasecmp(url, "http://", 7) == 0)
		host = url + 7;
	else
		return false;
	return *host != '\0' && strchr("/?#:@", *host) == NULL;
}

static bool read_url(struct decoder *decoder, const char *pointer, json_t *value, size_t longest, bool site, const char **ret_url)
{
	const char *url = NULL;

	if (!read_line(decoder, pointer, value, longest, &url))
		return false;
	if (url != NULL && decoder->mode != DECODE_STORED && !is_url(url, site))
		return wrong(decoder, pointer, "bad-value", "an absolute http or https address is expected%s",
		    site ? ", or a path on this site" : "");
	*ret_url = url;
	return true;
}

static bool read_slug(struct decoder *decoder, const char *pointer, json_t *value, const char **ret_slug)
{
	const char *slug = NULL;

	if (!read_line(decoder, pointer, value, SLUG_LONGEST + 8, &slug))
		return false;
	if (slug != NULL && !slug_is_valid(slug))
		return wrong(decoder, pointer, "bad-value", "a slug is made of a-z, 0-9 and hyphens, and not of digits alone");
	*ret_slug = slug;
	return true;
}

/* One of a few words; `ret_index` is its place. */
static bool read_choice(struct decoder *decoder, const char *pointer, json_t *value, const char *const *choices, size_t *ret_index)
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

static bool read_integer(struct decoder *decoder, const char *pointer, json_t *value, int64_t least, int64_t most, int64_t *ret_integer)
{
	if (!json_is_integer(value))
		return wrong(decoder, pointer, "type", "a whole number is expected");
	if (json_integer_value(value) < least || json_integer_value(value) > most)
		return wrong(decoder, pointer, "out-of-range", "a number from %" PRId64 " to %" PRId64 " is expected", least, most);
	*ret_integer = json_integer_value(value);
	return true;
}

static bool read_time(struct decoder *decoder, const char *pointer, json_t *value, int64_t *ret_time)
{
	const char *string = json_string_value(value);
	struct error why;

	if (string == NULL)
		return wrong(decoder, pointer, "type", "a time as a string is expected");
	if (!clock_parse(string, ret_time, &why))
		return wrong(decoder, pointer, "bad-value", "%s", why.detail);
	return true;
}

/* --- things made of parts --- */

static bool unknown_member(struct decoder *decoder, const char *pointer, const char *name, const char *const *known)
{
	error_add_pointer(decoder->err, pointer_to(decoder, pointer, name), "unknown", text_nearest(name, known), "there is no such field");
	return false;
}

/* A plain name, or an object with name, slug and (tags only) type; further members of what readers get (count, …) are passed over. */
static bool read_term(struct decoder *decoder, const char *pointer, json_t *value, bool is_tag, struct term *ret_term)
{
	struct term term = { .type = is_tag ? tag_type_names[0] : NULL };
	json_t *member;
	size_t type;

	if (json_is_object(value)) {
		member = json_object_get(value, "name");
		if (member == NULL)
			return wrong(decoder, pointer_to(decoder, pointer, "name"), "required", "a name is needed");
		if (!read_line(decoder, pointer_to(decoder, pointer, "name"), member, NAME_LONGEST, &term.name))
			return false;
		member = json_object_get(value, "slug");
		if (member != NULL && !read_slug(decoder, pointer_to(decoder, pointer, "slug"), member, &term.slug))
			return false;
		member = json_object_get(value, "type");
		if (is_tag && member != NULL) {
			if (!read_choice(decoder, pointer_to(decoder, pointer, "type"), member, tag_type_names, &type))
				return false;
			term.type = tag_type_names[type];
		}
	} else if (!json_is_string(value)) {
		return wrong(decoder, pointer, "type", "a name, or an object with one, is expected");
	} else if (!read_line(decoder, pointer, value, NAME_LONGEST, &term.name)) {
		return false;
	}
	if (term.name == NULL)
		return wrong(decoder, pointer, "required", "a name must not be empty");
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
		return wrong(decoder, pointer, "type", "a list is expected");
	if (json_array_size(value) > longest)
		return wrong(decoder, pointer, "too-long", "at most %zu members", longest);
	return true;
}

static bool read_terms(struct decoder *decoder, const char *pointer, json_t *value, size_t longest, bool are_tags, struct term_list *ret_terms)
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

		if (!read_term(decoder, pointer_at(decoder, pointer, i), member, are_tags, &term))
			fine = false;
		else if (!is_named_already(decoder, &terms, term.name))
			terms.items[terms.n++] = term;
	}
	*ret_terms = terms;
	return fine;
}

static bool read_strings(struct decoder *decoder, const char *pointer, json_t *value, size_t longest, struct string_list *ret_strings)
{
	struct string_list strings = { 0 };
	size_t i;
	json_t *member;

	if (!list_fits(decoder, pointer, value, longest))
		return false;
	strings.items = arena_array(decoder->arena, json_array_size(value), sizeof *strings.items);
	json_array_foreach(value, i, member) {
		const char *slug = NULL;

		if (!read_slug(decoder, pointer_at(decoder, pointer, i), member, &slug))
			return false;
		if (slug != NULL)
			strings.items[strings.n++] = slug;
	}
	*ret_strings = strings;
	return true;
}

static bool read_ids(struct decoder *decoder, const char *pointer, json_t *value, size_t longest, struct id_list *ret_ids)
{
	struct id_list ids = { 0 };
	size_t i;
	json_t *member;

	if (!list_fits(decoder, pointer, value, longest))
		return false;
	ids.items = arena_array(decoder->arena, json_array_size(value), sizeof *ids.items);
	json_array_foreach(value, i, member)
		if (!read_integer(decoder, pointer_at(decoder, pointer, i), member, 1, INT64_MAX, &ids.items[ids.n++]))
			return false;
	*ret_ids = ids;
	return true;
}

static bool read_image(struct decoder *decoder, const char *pointer, json_t *value, struct image *ret_image)
{
	static const char *const known[] = { "url", "width", "height", "alt", "caption", "credit", NULL };
	struct image image = { 0 };
	const char *name;
	json_t *member;
	bool fine = true;

	if (!json_is_object(value))
		return wrong(decoder, pointer, "type", "an object with url, width, height, alt, caption, credit is expected");
	json_object_foreach(value, name, member) {
		const char *at = pointer_to(decoder, pointer, name);

		if (strcmp(name, "url") == 0)
			fine &= read_url(decoder, at, member, 2000, true, &image.url);
		else if (strcmp(name, "width") == 0)
			fine &= read_integer(decoder, at, member, 0, PIXELS_MOST, &image.width);
		else if (strcmp(name, "height") == 0)
			fine &= read_integer(decoder, at, member, 0, PIXELS_MOST, &image.height);
		else if (strcmp(name, "alt") == 0)
			fine &= read_line(decoder, at, member, 1000, &image.alt);
		else if (strcmp(name, "caption") == 0)
			fine &= read_line(decoder, at, member, 2000, &image.caption);
		else if (strcmp(name, "credit") == 0)
			fine &= read_line(decoder, at, member, 300, &image.credit);
		else
			fine = unknown_member(decoder, pointer, name, known);
	}
	if (fine && image.url == NULL)
		fine = wrong(decoder, pointer_to(decoder, pointer, "url"), "required", "an image needs its address");
	*ret_image = image;
	return fine;
}

static bool read_rights(struct decoder *decoder, const char *pointer, json_t *value, struct rights *ret_rights)
{
	static const char *const known[] = { "holder", "notice", "usage_terms", NULL };
	struct rights rights = { 0 };
	const char *name;
	json_t *member;
	bool fine = true;

	if (!json_is_object(value))
		return wrong(decoder, pointer, "type", "an object with holder, notice, usage_terms is expected");
	json_object_foreach(value, name, member) {
		const char *at = pointer_to(decoder, pointer, name);

		if (strcmp(name, "holder") == 0)
			fine &= read_line(decoder, at, member, 300, &rights.holder);
		else if (strcmp(name, "notice") == 0)
			fine &= read_line(decoder, at, member, 1000, &rights.notice);
		else if (strcmp(name, "usage_terms") == 0)
			fine &= read_line(decoder, at, member, 2000, &rights.usage_terms);
		else
			fine = unknown_member(decoder, pointer, name, known);
	}
	*ret_rights = rights;
	return fine;
}

static bool read_correction(struct decoder *decoder, const char *pointer, json_t *value, struct correction *ret_correction)
{
	struct correction correction = { .at = TIME_NONE };
	json_t *at, *kind, *text;
	size_t index = 0;

	at = json_object_get(value, "at");
	kind = json_object_get(value, "kind");
	text = json_object_get(value, "text");
	if (at == NULL || text == NULL)
		return wrong(decoder, pointer, "required", "a correction has at, kind and text");
	if (!read_time(decoder, pointer_to(decoder, pointer, "at"), at, &correction.at))
		return false;
	if (kind != NULL && !read_choice(decoder, pointer_to(decoder, pointer, "kind"), kind, correction_kinds, &index))
		return false;
	if (!read_line(decoder, pointer_to(decoder, pointer, "text"), text, 4000, &correction.text))
		return false;
	if (correction.text == NULL)
		return wrong(decoder, pointer_to(decoder, pointer, "text"), "required", "a correction says what was wrong");
	correction.kind = correction_kinds[index];
	*ret_correction = correction;
	return true;
}

static bool read_corrections(struct decoder *decoder, const char *pointer, json_t *value, size_t longest, struct correction_list *ret_list)
{
	struct correction_list list = { 0 };
	bool fine = true;
	size_t i;
	json_t *member;

	if (!list_fits(decoder, pointer, value, longest))
		return false;
	list.items = arena_array(decoder->arena, json_array_size(value), sizeof *list.items);
	json_array_foreach(value, i, member)
		fine &= read_correction(decoder, pointer_at(decoder, pointer, i), member, &list.items[list.n++]);
	*ret_list = list;
	return fine;
}

/* --- the whole --- */

static bool read_string_field(struct decoder *decoder, const struct article_field *field, const char *pointer, json_t *value,
    const char **ret_string)
{
	const char *string;

	if (field->kind == FIELD_LINE)
		return read_line(decoder, pointer, value, field->longest, ret_string);
	string = string_value(decoder, pointer, value, field->longest);
	if (string == NULL)
		return false;
	if (decoder->mode != DECODE_STORED)
		string = field->kind == FIELD_HTML ? read_safe_html(decoder, string) : fold_text(decoder, string);
	*ret_string = string;
	return true;
}

static bool read_field(struct decoder *decoder, const struct article_field *field, json_t *value, struct article *article)
{
	void *member = (char *)article + field->offset;
	const char *pointer = pointer_to(decoder, "", field->name);
	size_t index;

	switch (field->kind) {
	case FIELD_ID:
		return read_integer(decoder, pointer, value, 1, INT64_MAX, member);
	case FIELD_NUMBER:
		return read_integer(decoder, pointer, value, 0, INT64_MAX, member);
	case FIELD_BOOLEAN:
		if (!json_is_boolean(value))
			return wrong(decoder, pointer, "type", "true or false is expected");
		*(bool *)member = json_is_true(value);
		return true;
	case FIELD_TIME:
		return read_time(decoder, pointer, value, member);
	case FIELD_LINE:
	case FIELD_TEXT:
	case FIELD_HTML:
		return read_string_field(decoder, field, pointer, value, member);
	case FIELD_SLUG:
		return read_slug(decoder, pointer, value, member);
	case FIELD_LANG:
		return read_lang(decoder, pointer, value, field->longest, member);
	case FIELD_URL:
		return read_url(decoder, pointer, value, field->longest, false, member);
	case FIELD_STATUS:
		if (!read_choice(decoder, pointer, value, article_status_names, &index))
			return false;
		*(enum article_status *)member = (enum article_status)index;
		return true;
	case FIELD_TERM:
		return read_term(decoder, pointer, value, false, member);
	case FIELD_TERMS:
	case FIELD_TAGS:
		return read_terms(decoder, pointer, value, field->longest, field->kind == FIELD_TAGS, member);
	case FIELD_STRINGS:
		return read_strings(decoder, pointer, value, field->longest, member);
	case FIELD_IDS:
		return read_ids(decoder, pointer, value, field->longest, member);
	case FIELD_IMAGE:
		return read_image(decoder, pointer, value, member);
	case FIELD_RIGHTS:
		return read_rights(decoder, pointer, value, member);
	case FIELD_CORRECTIONS:
		return read_corrections(decoder, pointer, value, field->longest, member);
	case FIELD_ADDRESS:
		return true;
	}
	return true;
}

static bool is_read(const struct decoder *decoder, const struct article_field *field)
{
	if (decoder->mode == DECODE_STORED)
		return true;
	return !field->computed || (decoder->mode == DECODE_IMPORT && field->kept_by_import);
}

static void unknown_field(struct decoder *decoder, const char *name)
{
	const char *names[64];
	size_t n = 0;

	if (strcmp(name, "related") == 0)
		return;
	for (const struct article_field *field = article_fields; field->name != NULL && n < 63; field++)
		names[n++] = field->name;
	names[n] = NULL;
	unknown_member(decoder, "", name, names);
}

/* Of body_html and body_text either gives the other; of both the HTML wins. The text is always made from the HTML, so that reading
 * back what was written out changes nothing. */
static void complete_body(struct article *article, struct arena *arena)
{
	bool has_html = article->body_html != NULL && article->body_html[0] != '\0';

	if (!has_html && article->body_text != NULL)
		article->body_html = html_from_text(article->body_text, arena);
	if (article->body_html != NULL && article->body_html[0] == '\0')
		article->body_html = NULL;
	article->body_text = article->body_html != NULL ? html_to_text(article->body_html, arena) : NULL;
}

static void require_fields(struct decoder *decoder, json_t *object, const struct article *article)
{
	for (const struct article_field *field = article_fields; field->name != NULL; field++) {
		const char *const *string = (const char *const *)((const char *)article + field->offset);
		json_t *value = json_object_get(object, field->name);

		if (!field->required)
			continue;
		if (value == NULL || json_is_null(value))
			wrong(decoder, pointer_to(decoder, "", field->name), "required", "every article has one");
		else if (field->kind == FIELD_LINE && *string == NULL && json_is_string(value) && decoder->err->n_issues == 0)
			wrong(decoder, pointer_to(decoder, "", field->name), "required", "it must not be empty");
	}
}

bool article_decode(json_t *object, enum decode_mode mode, struct arena *arena, struct article *ret_article, struct error *err)
{
	struct decoder decoder = { .mode = mode, .arena = arena, .err = err };
	struct article article;
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return error_set(err, ERROR_INVALID, "an article is a JSON object");
	error_set(err, ERROR_FIELDS, "some fields of the article are not right");
	article_init(&article);
	article.status = ARTICLE_UNSAID;
	json_object_foreach(object, name, value) {
		const struct article_field *field = article_field(name);

		if (field == NULL)
			unknown_field(&decoder, name);
		else if (!json_is_null(value) && is_read(&decoder, field))
			read_field(&decoder, field, value, &article);
	}
	require_fields(&decoder, object, &article);
	if (err->n_issues > 0)
		return false;
	if (mode != DECODE_STORED)
		complete_body(&article, arena);
	*err = (struct error){ 0 };
	*ret_article = article;
	return true;
}
