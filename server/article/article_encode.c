/* SPDX-License-Identifier: MIT */
/*
 * Article -> JSON, by the field table.
 *
 * Written straight into a text: this runs for every version that is applied, and what it makes is stored ready to be sent, so it
 * must be compact, in one fixed order, and the same to the byte for the same article. Empty values are left out but for lists of
 * terms, numbers and booleans (API.md §1). Addresses on this site begin with CONTROL_BASE_URL, except in exports.
 */
#include "article.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct object_writer {
	struct text *out;
	bool begun;
};

static void key(struct object_writer *writer, const char *name)
{
	text_char(writer->out, writer->begun ? ',' : '{');
	writer->begun = true;
	text_json(writer->out, name, strlen(name));
	text_char(writer->out, ':');
}

static void object_end(struct object_writer *writer)
{
	text_string(writer->out, writer->begun ? "}" : "{}");
}

static void member_string(struct object_writer *writer, const char *name, const char *value)
{
	if (value == NULL)
		return;
	key(writer, name);
	text_json(writer->out, value, strlen(value));
}

static void member_integer(struct object_writer *writer, const char *name, int64_t value)
{
	key(writer, name);
	text_integer(writer->out, value);
}

static void member_time(struct object_writer *writer, const char *name, int64_t time)
{
	char text[CLOCK_RFC3339_SIZE];

	if (time != TIME_NONE)
		member_string(writer, name, clock_rfc3339(time, text));
}

/* An address on this site: the base URL's place holder, then the rest as a JSON string without its first quote. */
static void member_address(struct object_writer *writer, const char *name, const char *before, const char *path)
{
	size_t start;

	key(writer, name);
	text_string(writer->out, "\"");
	text_char(writer->out, CONTROL_BASE_URL);
	text_string(writer->out, before);
	start = writer->out->length;
	text_json(writer->out, path, strlen(path));
	memmove(writer->out->bytes + start, writer->out->bytes + start + 1, writer->out->length - start);
	writer->out->length--;
}

static void term_write(struct text *out, const struct term *term)
{
	struct object_writer writer = { .out = out };

	member_string(&writer, "slug", term->slug);
	member_string(&writer, "name", term->name);
	member_string(&writer, "type", term->type);
	object_end(&writer);
}

static void terms_write(struct text *out, const struct term_list *terms)
{
	text_char(out, '[');
	for (size_t i = 0; i < terms->n; i++) {
		if (i > 0)
			text_char(out, ',');
		term_write(out, &terms->items[i]);
	}
	text_char(out, ']');
}

static void strings_write(struct text *out, const struct string_list *strings)
{
	for (size_t i = 0; i < strings->n; i++) {
		text_char(out, i > 0 ? ',' : '[');
		text_json(out, strings->items[i], strlen(strings->items[i]));
	}
	text_char(out, ']');
}

static void ids_write(struct text *out, const struct id_list *ids)
{
	for (size_t i = 0; i < ids->n; i++) {
		text_char(out, i > 0 ? ',' : '[');
		text_integer(out, ids->items[i]);
	}
	text_char(out, ']');
}

static void image_write(struct text *out, const struct image *image, unsigned views)
{
	struct object_writer writer = { .out = out };

	if (image->url[0] == '/' && (views & VIEW_EXPORT) == 0)
		member_address(&writer, "url", "", image->url);
	else
		member_string(&writer, "url", image->url);
	if (image->width > 0)
		member_integer(&writer, "width", image->width);
	if (image->height > 0)
		member_integer(&writer, "height", image->height);
	member_string(&writer, "alt", image->alt);
	member_string(&writer, "caption", image->caption);
	member_string(&writer, "credit", image->credit);
	object_end(&writer);
}

static void rights_write(struct text *out, const struct rights *rights)
{
	struct object_writer writer = { .out = out };

	member_string(&writer, "holder", rights->holder);
	member_string(&writer, "notice", rights->notice);
	member_string(&writer, "usage_terms", rights->usage_terms);
	object_end(&writer);
}

static void corrections_write(struct text *out, const struct correction_list *corrections)
{
	for (size_t i = 0; i < corrections->n; i++) {
		const struct correction *correction = &corrections->items[i];
		struct object_writer writer = { .out = out };

		text_char(out, i > 0 ? ',' : '[');
		member_time(&writer, "at", correction->at);
		member_string(&writer, "kind", correction->kind);
		member_string(&writer, "text", correction->text);
		object_end(&writer);
	}
	text_char(out, ']');
}

static void field_write(struct object_writer *writer, const struct article_field *field, const struct article *article, unsigned views)
{
	const void *member = (const char *)article + field->offset;

	switch (field->kind) {
	case FIELD_ID:
		if (*(const int64_t *)member != 0)
			member_integer(writer, field->name, *(const int64_t *)member);
		break;
	case FIELD_NUMBER:
		member_integer(writer, field->name, *(const int64_t *)member);
		break;
	case FIELD_BOOLEAN:
		key(writer, field->name);
		text_string(writer->out, *(const bool *)member ? "true" : "false");
		break;
	case FIELD_MARK:
		if (*(const bool *)member) {
			key(writer, field->name);
			text_string(writer->out, "true");
		}
		break;
	case FIELD_SEEN:
		if (article->status == ARTICLE_PUBLISHED || article->was_public == article_is_gone(article))
			break;
		key(writer, field->name);
		text_string(writer->out, article->was_public ? "true" : "false");
		break;
	case FIELD_TIME:
		member_time(writer, field->name, *(const int64_t *)member);
		break;
	case FIELD_LINE:
	case FIELD_TEXT:
	case FIELD_HTML:
	case FIELD_SLUG:
	case FIELD_LANG:
	case FIELD_URL:
		member_string(writer, field->name, *(const char *const *)member);
		break;
	case FIELD_ADDRESS:
		if (article->slug != NULL)
			member_address(writer, field->name, "/article/", article->slug);
		break;
	case FIELD_STATUS:
		member_string(writer, field->name, article_status_names[article->status]);
		break;
	case FIELD_TERM:
		if (((const struct term *)member)->name != NULL) {
			key(writer, field->name);
			term_write(writer->out, member);
		}
		break;
	case FIELD_TERMS:
	case FIELD_TAGS:
		key(writer, field->name);
		terms_write(writer->out, member);
		break;
	case FIELD_STRINGS:
		if (((const struct string_list *)member)->n > 0) {
			key(writer, field->name);
			strings_write(writer->out, member);
		}
		break;
	case FIELD_IDS:
		if (((const struct id_list *)member)->n > 0) {
			key(writer, field->name);
			ids_write(writer->out, member);
		}
		break;
	case FIELD_IMAGE:
		if (article->image.url != NULL) {
			key(writer, field->name);
			image_write(writer->out, member, views);
		}
		break;
	case FIELD_RIGHTS:
		if (article->rights.holder != NULL || article->rights.notice != NULL || article->rights.usage_terms != NULL) {
			key(writer, field->name);
			rights_write(writer->out, member);
		}
		break;
	case FIELD_CORRECTIONS:
		if (((const struct correction_list *)member)->n > 0) {
			key(writer, field->name);
			corrections_write(writer->out, member);
		}
		break;
	}
}

static size_t length_of(const char *string)
{
	return string != NULL ? strlen(string) : 0;
}

void article_encode(const struct article *article, unsigned views, struct text *ret_json)
{
	const bool has_body = (views & (VIEW_DETAIL | VIEW_EXPORT)) != 0;
	struct object_writer writer = { .out = ret_json };

	/* About as much as it takes, so that it need not grow step by step. */
	text_reserve(ret_json, 1000 + (has_body ? length_of(article->body_html) + length_of(article->body_text) + 500 : 0));
	for (const struct article_field *field = article_fields; field->name != NULL; field++)
		if ((field->views & views) != 0)
			field_write(&writer, field, article, views);
	object_end(&writer);
}

/* --- reading one string back --- */

/* Where the member's string begins, behind its quote. In a string a quote has a backslash before it, so nothing there looks like a member. */
static const char *string_begin(const char *json, size_t length, const char *name)
{
	char member[40];
	const size_t n = (size_t)snprintf(member, sizeof member, "\"%s\":\"", name);
	const char *at = json, *const end = json + length;

	assert(n < sizeof member);
	while ((at = memmem(at, (size_t)(end - at), member, n)) != NULL) {
		if (at > json && (at[-1] == ',' || at[-1] == '{'))
			return at + n;
		at += n;
	}
	return NULL;
}

static char unescaped(const char **at)
{
	static const char letters[] = "bfnrt", bytes[] = "\b\f\n\r\t";
	const char c = *(*at)++;
	const char *letter = c != '\0' ? strchr(letters, c) : NULL;

	if (letter != NULL)
		return bytes[letter - letters];
	if (c != 'u')
		return c;
	*at += 4;    /* text_json() writes control characters alone so */
	return (char)strtol((char[]){ (*at)[-2], (*at)[-1], '\0' }, NULL, 16);
}

const char *article_encoded_string(const char *json, size_t length, const char *name, struct arena *arena)
{
	const char *at = string_begin(json, length, name), *end;
	char *string, *to;

	if (at == NULL)
		return "";
	for (end = at; *end != '"'; end += *end == '\\' ? 2 : 1)
		;
	to = string = arena_alloc(arena, (size_t)(end - at) + 1);
	while (at < end) {
		if (*at != '\\') {
			*to++ = *at++;
			continue;
		}
		at++;
		*to++ = unescaped(&at);
	}
	*to = '\0';
	return string;
}
