/* SPDX-License-Identifier: MIT */
/*
 * Rows of our tables as JSON Schema (2020-12, as OpenAPI 3.1 has it): parameters, fields of articles, shapes.
 *
 * Schemas say what an answer always has (`required`) and leave room for more members, as later versions only add. None is put together of others
 * (no allOf): programs that make code of them read them as they stand.
 */
#include "documentation.h"

#include <inttypes.h>
#include <string.h>

#include "article.h"

enum { TEXT_MOST = 200 };    /* of a parameter whose row does not say (server/http/parameter.c) */

static json_t *typed(const char *type)
{
	return json_pack("{s:s}", "type", type);
}

static json_t *formatted(const char *format)
{
	return json_pack("{s:s, s:s}", "type", "string", "format", format);
}

static json_t *list_of(json_t *items)
{
	return json_pack("{s:s, s:o}", "type", "array", "items", items);
}

static json_t *id_schema(void)
{
	return json_pack("{s:s, s:s, s:i}", "type", "integer", "format", "int64", "minimum", 1);
}

static json_t *choice(const char *const *choices)
{
	json_t *schema = typed("string"), *names = json_array();

	for (; *choices != NULL; choices++)
		json_array_append_new(names, json_string(*choices));
	json_object_set_new(schema, "enum", names);
	return schema;
}

static void set_text(json_t *object, const char *name, const char *text)
{
	if (text != NULL)
		json_object_set_new(object, name, json_string(text));
}

/* Lengths are counted in bytes, JSON Schema counts characters: as many of those are refused at the latest, since none is shorter than a byte. */
static void set_longest(json_t *schema, int64_t bytes)
{
	json_object_set_new(schema, "maxLength", json_integer(bytes));
	json_object_set_new(schema, "x-bytes-most", json_integer(bytes));
}

/* "Headline; at most 500 bytes". */
static void set_help(json_t *object, const char *help, int64_t bytes)
{
	if (help != NULL && bytes > 0)
		json_object_set_new(object, "description", json_sprintf("%s; at most %lld bytes", help, (long long)bytes));
	else
		set_text(object, "description", help);
}

static int64_t bytes_most(const json_t *schema)
{
	return json_integer_value(json_object_get(schema, "x-bytes-most"));
}

static json_t *one_reference(const char *name, size_t length)
{
	return json_pack("{s:o}", "$ref", json_sprintf("#/components/schemas/%.*s", (int)length, name));
}

json_t *openapi_reference(const char *names)
{
	json_t *either;

	if (strchr(names, '|') == NULL)
		return one_reference(names, strlen(names));
	either = json_array();
	for (;;) {
		const size_t length = strcspn(names, "|");

		json_array_append_new(either, one_reference(names, length));
		if (names[length] == '\0')
			return json_pack("{s:o}", "anyOf", either);
		names += length + 1;
	}
}

/* --- parameters --- */

static json_t *integer_schema(const struct parameter *parameter)
{
	json_t *schema = json_pack("{s:s, s:I}", "type", "integer", "minimum", (json_int_t)parameter->least);

	if (parameter->most == INT64_MAX)
		json_object_set_new(schema, "format", json_string("int64"));
	else
		json_object_set_new(schema, "maximum", json_integer(parameter->most));
	return schema;
}

static json_t *many(const struct parameter *parameter, json_t *items)
{
	json_t *schema = list_of(items);

	json_object_set_new(schema, "minItems", json_integer(1));
	if (parameter->most > 0)
		json_object_set_new(schema, "maxItems", json_integer(parameter->most));
	return schema;
}

/* Is it one of a page, which checks nothing? */
static bool is_loose(const struct parameter *parameter)
{
	while (parameter->name != NULL)
		parameter++;
	return parameter->kind == PARAMETER_OTHERS;
}

static json_t *text_schema(const struct parameter *parameter)
{
	json_t *schema = is_loose(parameter) ? typed("string") : json_pack("{s:s, s:i}", "type", "string", "minLength", 1);

	if (parameter->most > 0 || !is_loose(parameter))
		set_longest(schema, parameter->most > 0 ? parameter->most : TEXT_MOST);
	set_text(schema, "pattern", parameter->pattern);
	return schema;
}

/* What clock_parse_duration() reads. It is less than `format: duration`, which has years and months, and more: weeks with days. */
static const char duration_pattern[] = "^P(?=.)([0-9]{1,10}W)?([0-9]{1,10}D)?(T(?=.)([0-9]{1,10}H)?([0-9]{1,10}M)?([0-9]{1,10}S)?)?$";

static json_t *value_schema(const struct parameter *parameter)
{
	switch (parameter->kind) {
	case PARAMETER_TEXT:
	case PARAMETER_OTHERS:
		return text_schema(parameter);
	case PARAMETER_INTEGER:
		return integer_schema(parameter);
	case PARAMETER_BOOLEAN:
		return typed("boolean");
	case PARAMETER_CHOICE:
		return choice(parameter->choices);
	case PARAMETER_TIME:
		return json_pack("{s:[o, o]}", "anyOf", formatted("date-time"), formatted("date"));
	case PARAMETER_DURATION:
		return json_pack("{s:s, s:s}", "type", "string", "pattern", duration_pattern);
	case PARAMETER_SLUGS:
		return many(parameter, json_pack("{s:s, s:s}", "type", "string", "pattern", parameter->negatable ? "^!?[a-z0-9-]+$" : "^[a-z0-9-]+$"));
	case PARAMETER_IDS:
		return many(parameter, id_schema());
	case PARAMETER_CHOICES:
		return many(parameter, choice(parameter->choices));
	}
	return json_object();
}

static json_t *fallback_of(const struct parameter *parameter)
{
	json_t *value;

	switch (parameter->kind) {
	case PARAMETER_INTEGER:
		return json_loads(parameter->fallback, JSON_DECODE_ANY, NULL);
	case PARAMETER_BOOLEAN:
		return json_boolean(strcmp(parameter->fallback, "true") == 0);
	default:
		value = json_string(parameter->fallback);
		return parameter_is_many(parameter) ? json_pack("[o]", value) : value;
	}
}

json_t *openapi_parameter(const struct parameter *parameter)
{
	json_t *object = json_pack("{s:s, s:s}", "name", parameter->name, "in", "query"), *schema = value_schema(parameter);

	set_help(object, parameter->help, bytes_most(schema));
	if (parameter->required)
		json_object_set_new(object, "required", json_true());
	if (parameter->fallback != NULL)
		json_object_set_new(schema, "default", fallback_of(parameter));
	json_object_set_new(object, "schema", schema);
	if (parameter_is_many(parameter)) {
		json_object_set_new(object, "style", json_string("form"));
		json_object_set_new(object, "explode", json_false());
	}
	return object;
}

json_t *openapi_path_parameter(const char *name)
{
	static const struct {
		const char *name, *help;
		bool is_number;
	} known[] = {
		{ "ref", "Id or slug of an article", false },
		{ "rev", "Number of a version", true },
		{ "slug", "As the lists of terms give it", false },
		{ "name", "Its name: a-z, 0-9 and hyphens", false },
		{ "id", "Its number", true },
		{ "token", "As the preview's address has it", false },
		{ "code", "Last part of a problem's type", false },
		{ "path", "Where it lies below /static/", false },
		{ "page", "As the sitemap's index gives it", false },
	};
	json_t *object = json_pack("{s:s, s:s, s:b}", "name", name, "in", "path", "required", 1);
	bool is_number = false;

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (strcmp(known[i].name, name) != 0)
			continue;
		set_text(object, "description", known[i].help);
		is_number = known[i].is_number;
	}
	json_object_set_new(object, "schema", is_number ? id_schema() : typed("string"));
	return object;
}

/* --- fields of an article --- */

static json_t *term_schema(const struct shape *shape, bool is_tag)
{
	if (shape->is_picked)
		return openapi_reference(is_tag ? "PickedTag" : "PickedTerm");
	if (shape->use != SHAPE_READ)
		return json_pack("{s:[o, o]}", "anyOf", typed("string"), openapi_reference(is_tag ? "TagToWrite" : "TermToWrite"));
	return openapi_reference((shape->views & VIEW_EXPORT) != 0 ? "StoredTerm" : is_tag ? "TagReference" : "TermReference");
}

static json_t *field_schema(const struct article_field *field, const struct shape *shape)
{
	switch (field->kind) {
	case FIELD_ID:
		return id_schema();
	case FIELD_NUMBER:
		return json_pack("{s:s, s:i}", "type", "integer", "minimum", 0);
	case FIELD_BOOLEAN:
	case FIELD_SEEN:
	case FIELD_MARK:
		return typed("boolean");
	case FIELD_TIME:
		if (shape->use == SHAPE_READ)
			return formatted("date-time");
		return json_pack("{s:[o, o]}", "anyOf", formatted("date-time"), formatted("date"));
	case FIELD_LINE:
	case FIELD_TEXT:
	case FIELD_HTML:
	case FIELD_LANG:
		return typed("string");
	case FIELD_SLUG:
		return json_pack("{s:s, s:s}", "type", "string", "pattern", "^[a-z0-9-]+$");
	case FIELD_URL:
	case FIELD_ADDRESS:
		return formatted("uri");
	case FIELD_STATUS:
		return choice(article_status_names);
	case FIELD_TERM:
		return term_schema(shape, /* is_tag= */ false);
	case FIELD_TERMS:
		return list_of(term_schema(shape, /* is_tag= */ false));
	case FIELD_TAGS:
		return list_of(term_schema(shape, /* is_tag= */ true));
	case FIELD_STRINGS:
		return list_of(typed("string"));
	case FIELD_IDS:
		return list_of(id_schema());
	case FIELD_IMAGE:
		return openapi_reference(shape->is_picked ? "PickedImage" : "Image");
	case FIELD_RIGHTS:
		return openapi_reference("Rights");
	case FIELD_CORRECTIONS:
		return list_of(openapi_reference(shape->is_picked ? "PickedCorrection" : shape->use == SHAPE_READ ? "Correction" : "CorrectionToWrite"));
	}
	return json_object();
}

/* Empty values are absent; these are never empty, or are there all the same (API conventions). */
static bool is_always_there(const struct article_field *field, const struct shape *shape)
{
	if (shape->use == SHAPE_PATCH)
		return false;
	if (shape->use == SHAPE_WRITE)
		return field->required;
	switch (field->kind) {
	case FIELD_ID:
	case FIELD_SLUG:
	case FIELD_ADDRESS:
	case FIELD_NUMBER:
	case FIELD_BOOLEAN:
	case FIELD_TERMS:
	case FIELD_TAGS:
		return (field->views & (VIEW_ITEM)) != 0;
	case FIELD_STATUS:
		return true;
	default:
		return field->required;
	}
}

/* How long it may be, where writers are concerned. */
static void set_limit(json_t *schema, const struct article_field *field)
{
	const char *type = json_string_value(json_object_get(schema, "type"));

	if (field->longest == 0 || type == NULL)
		return;
	if (strcmp(type, "array") == 0)
		json_object_set_new(schema, "maxItems", json_integer((json_int_t)field->longest));
	else
		set_longest(schema, (int64_t)field->longest);
}

static void add_field(json_t *properties, json_t *required, const struct article_field *field, const struct shape *shape)
{
	json_t *schema = field_schema(field, shape);
	int64_t bytes;

	if (shape->use != SHAPE_READ && !field->computed)
		set_limit(schema, field);
	bytes = bytes_most(schema);
	if (shape->use == SHAPE_PATCH && !field->computed)
		schema = json_pack("{s:[o, o]}", "anyOf", schema, typed("null"));
	if (shape->use != SHAPE_READ && field->computed)
		json_object_set_new(schema, "readOnly", json_true());
	set_help(schema, field->help, bytes);
	json_object_set_new(properties, field->name, schema);
	if (is_always_there(field, shape))
		json_array_append_new(required, json_string(field->name));
}

/* --- shapes --- */

static json_t *lists_of(const struct shape_member *member)
{
	json_t *properties = json_object();

	for (const char *const *name = member->choices; *name != NULL; name++)
		json_object_set_new(properties, *name, list_of(openapi_reference(member->of)));
	return json_pack("{s:s, s:o}", "type", "object", "properties", properties);
}

static json_t *member_schema(const struct shape_member *member)
{
	switch (member->kind) {
	case SHAPE_STRING:
		return typed("string");
	case SHAPE_INTEGER:
		return json_pack("{s:s, s:s}", "type", "integer", "format", "int64");
	case SHAPE_NUMBER:
		return typed("number");
	case SHAPE_BOOLEAN:
		return typed("boolean");
	case SHAPE_TIME:
		return formatted("date-time");
	case SHAPE_URL:
		return formatted("uri-reference");
	case SHAPE_ANY:
		return json_object();
	case SHAPE_CHOICE:
		return choice(member->choices);
	case SHAPE_CHOICES:
		return list_of(choice(member->choices));
	case SHAPE_ONE:
		return openapi_reference(member->of);
	case SHAPE_MANY:
		return list_of(openapi_reference(member->of));
	case SHAPE_STRINGS:
		return list_of(typed("string"));
	case SHAPE_INTEGERS:
		return list_of(id_schema());
	case SHAPE_LISTS_OF:
		return lists_of(member);
	case SHAPE_LIST_OF_LISTS:
		return list_of(list_of(openapi_reference(member->of)));
	}
	return json_object();
}

static void add_member(json_t *properties, json_t *required, const struct shape_member *member)
{
	json_t *schema = member_schema(member);

	set_text(schema, "description", member->help);
	if (member->read_only)
		json_object_set_new(schema, "readOnly", json_true());
	json_object_set_new(properties, member->name, schema);
	if (member->required)
		json_array_append_new(required, json_string(member->name));
}

json_t *openapi_shape(const struct shape *shape)
{
	json_t *properties = json_object(), *required = json_array(), *schema;

	for (const struct article_field *field = article_fields; field->name != NULL; field++)
		if ((field->views & shape->views) != 0)
			add_field(properties, required, field, shape);
	for (const struct shape_member *member = shape->members; member != NULL && member->name != NULL; member++)
		add_member(properties, required, member);
	schema = json_pack("{s:s, s:s, s:o}", "type", "object", "description", shape->help, "properties", properties);
	if (json_array_size(required) > 0 && !shape->is_picked)
		json_object_set(schema, "required", required);
	if (shape->defined_at != NULL) {
		json_object_set_new(schema, "externalDocs", json_pack("{s:s}", "url", shape->defined_at));
		json_object_set_new(schema, "additionalProperties", json_true());
	}
	json_decref(required);
	return schema;
}
