/* SPDX-License-Identifier: MIT */
/*
 * JSON -> article, by the field table.
 *
 * Goes through the members that came, finds each one's row, and reads it by its kind; every wrong field is listed with its JSON
 * pointer, so that a writer can mend all of them at once. Values are read by decode_values.c and decode_parts.c.
 *
 * It does not decide slugs, ids or times: publish does.
 */
#include "decode_internal.h"

#include <string.h>

static const int64_t EXACT_MOST = 9007199254740991;    /* 2^53 - 1: what every reader of JSON keeps exact (RFC 8259 6) */

static bool read_string_field(struct decoder *decoder, const struct article_field *field, const char *pointer, json_t *value,
    const char **ret_string)
{
	const char *string;

	if (field->kind == FIELD_LINE)
		return decode_line(decoder, pointer, value, field->longest, ret_string);
	string = decode_string_value(decoder, pointer, value, field->longest);
	if (string == NULL)
		return false;
	if (decoder->mode != DECODE_STORED)
		string = field->kind == FIELD_HTML ? decode_safe_html(decoder, string) : decode_fold_text(decoder, string);
	/* Escaping makes HTML longer; what is kept must be taken again when it is imported anew. */
	if (decoder->mode != DECODE_STORED && strlen(string) > field->longest)
		return decode_wrong(decoder, pointer, "too-long", "at most %zu bytes once it is written as safe HTML", field->longest);
	*ret_string = string;
	return true;
}

static bool read_field(struct decoder *decoder, const struct article_field *field, json_t *value, struct article *article)
{
	void *member = (char *)article + field->offset;
	const char *pointer = decode_pointer_to(decoder, "", field->name);
	size_t index;

	switch (field->kind) {
	case FIELD_ID:
		return decode_integer(decoder, pointer, value, 1, decoder->mode == DECODE_STORED ? INT64_MAX : EXACT_MOST, member);
	case FIELD_NUMBER:
		return decode_integer(decoder, pointer, value, 0, INT64_MAX, member);
	case FIELD_BOOLEAN:
	case FIELD_MARK:
	case FIELD_SEEN:
		if (!json_is_boolean(value))
			return decode_wrong(decoder, pointer, "type", "true or false is expected");
		*(bool *)member = json_is_true(value);
		return true;
	case FIELD_TIME:
		return decode_time(decoder, pointer, value, member);
	case FIELD_LINE:
	case FIELD_TEXT:
	case FIELD_HTML:
		return read_string_field(decoder, field, pointer, value, member);
	case FIELD_SLUG:
		return decode_slug(decoder, pointer, value, member);
	case FIELD_LANG:
		return decode_lang(decoder, pointer, value, field->longest, member);
	case FIELD_URL:
		return decode_url(decoder, pointer, value, field->longest, false, member);
	case FIELD_STATUS:
		if (!decode_choice(decoder, pointer, value, article_status_names, &index))
			return false;
		*(enum article_status *)member = (enum article_status)index;
		return true;
	case FIELD_TERM:
		return decode_term(decoder, pointer, value, false, member);
	case FIELD_TERMS:
	case FIELD_TAGS:
		return decode_terms(decoder, pointer, value, field->longest, field->kind == FIELD_TAGS, member);
	case FIELD_STRINGS:
		return decode_slugs(decoder, pointer, value, field->longest, member);
	case FIELD_IDS:
		return decode_ids(decoder, pointer, value, field->longest, member);
	case FIELD_IMAGE:
		return decode_image(decoder, pointer, value, member);
	case FIELD_RIGHTS:
		return decode_rights(decoder, pointer, value, member);
	case FIELD_CORRECTIONS:
		return decode_corrections(decoder, pointer, value, field->longest, member);
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

	if (strcmp(name, "related") == 0 || strcmp(name, "duplicates") == 0)
		return;
	for (const struct article_field *field = article_fields; field->name != NULL && n < 63; field++)
		names[n++] = field->name;
	names[n] = NULL;
	decode_unknown_member(decoder, "", name, names);
}

/* Of body_html and body_text either gives the other; of both the HTML wins. The text is always made from the HTML, so that reading
 * back what was written out changes nothing. What became longer than the field allows (a quote is six bytes of HTML) could not be read
 * back, and is refused. */
static bool complete_body(struct decoder *decoder, struct article *article)
{
	const bool has_html = article->body_html != NULL && article->body_html[0] != '\0';
	const size_t longest = article_field("body_html")->longest;

	if (!has_html && article->body_text != NULL)
		article->body_html = html_from_text(article->body_text, decoder->arena);
	if (article->body_html != NULL && article->body_html[0] == '\0')
		article->body_html = NULL;
	article->body_text = article->body_html != NULL ? html_to_text(article->body_html, decoder->arena) : NULL;
	if (article->body_html != NULL && strlen(article->body_html) > longest)
		return decode_wrong(decoder, has_html ? "/body_html" : "/body_text", "too-long", "at most %zu bytes when it is written as HTML", longest);
	return true;
}

static void require_fields(struct decoder *decoder, json_t *object, const struct article *article)
{
	for (const struct article_field *field = article_fields; field->name != NULL; field++) {
		const char *const *string = (const char *const *)((const char *)article + field->offset);
		const char *pointer = decode_pointer_to(decoder, "", field->name);
		json_t *value = json_object_get(object, field->name);

		if (!field->required || decode_is_wrong(decoder, pointer))
			continue;
		if (value == NULL || json_is_null(value))
			decode_wrong(decoder, pointer, "required", "every article has one");
		else if (field->kind == FIELD_LINE && *string == NULL)
			decode_wrong(decoder, pointer, "required", "it must not be empty");
	}
}

/* What article_check() says of it later, when all else is right, can be said with the rest when the writer names the status. */
static void require_section(struct decoder *decoder, json_t *object, const struct article *article)
{
	json_t *section = json_object_get(object, "section");

	if (decoder->err->n_issues > 0 && (article->status == ARTICLE_PUBLISHED || article->status == ARTICLE_SCHEDULED) &&
	    (section == NULL || json_is_null(section)))
		decode_wrong(decoder, "/section", "required", "a %s article needs a section", article_status_names[article->status]);
}

bool article_decode(json_t *object, enum decode_mode mode, struct arena *arena, struct article *ret_article, struct error *err)
{
	struct decoder decoder = { .mode = mode, .arena = arena, .err = err };
	struct article article;
	bool says_seen = false;
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return error_set(err, ERROR_INVALID, "an article is a JSON object");
	error_set(err, ERROR_FIELDS, "some fields of the article are not right");
	article_init(&article);
	article.status = ARTICLE_UNSAID;
	json_object_foreach(object, name, value) {
		const struct article_field *field = article_field(name);

		if (field == NULL) {
			unknown_field(&decoder, name);
		} else if (!json_is_null(value) && is_read(&decoder, field)) {
			read_field(&decoder, field, value, &article);
			says_seen = says_seen || field->kind == FIELD_SEEN;
		}
	}
	if (!says_seen)
		article.was_public = article_is_gone(&article);
	require_fields(&decoder, object, &article);
	require_section(&decoder, object, &article);
	if (err->n_issues > 0)
		return false;
	if (mode != DECODE_STORED && !complete_body(&decoder, &article))
		return false;
	error_clear(err);
	*ret_article = article;
	return true;
}
