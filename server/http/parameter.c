/* SPDX-License-Identifier: MIT */
/*
 * Query parameters: checked once against the route's table, then read by name and type.
 *
 * parameters_check() goes through all that were sent and lists everything that is wrong, so that one answer is enough to
 * put a request right: unknown names with the nearest known one, repeats of what has one value, values that do not fit,
 * with what would, and those that are required and missing. Nothing is ignored and nothing silently capped. A route whose table is NULL or ends
 * with PARAMETER_OTHERS (pages, feeds) lets everything through that is sent, since links collect parameters on their way ("utm_source").
 *
 * The readers below parse the text again: it is short, it is known to be good, and so nothing has to be kept. They
 * trust the check and assert on a table and a handler that do not agree.
 */
#include "http_internal.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

enum { TEXT_MOST = 200, SLUG_MOST = 200, ECHO_MOST = 60 };

bool parameter_is_many(const struct parameter *parameter)
{
	return parameter->kind == PARAMETER_SLUGS || parameter->kind == PARAMETER_IDS
	    || parameter->kind == PARAMETER_CHOICES;
}

bool parameter_says_when(const char *name)
{
	return strcmp(name, "min_seq") == 0 || strcmp(name, "wait") == 0;
}

static const struct parameter *find(const struct parameter *table, const char *name)
{
	for (; table->name != NULL; table++) {
		if (strcmp(table->name, name) == 0)
			return table;
	}
	return NULL;
}

static const char *nearest_name(const struct request *request, const char *name)
{
	const struct parameter *table = request->route->parameters;
	const char **names;
	size_t n = 0;

	while (table[n].name != NULL)
		n++;
	names = arena_array(request->arena, n + 1, sizeof *names);
	for (size_t i = 0; i < n; i++)
		names[i] = table[i].name;
	return text_nearest(name, names);
}

/* The beginning of what was sent, for an error's detail; cut between characters. */
static const char *quote(struct arena *arena, const char *value)
{
	size_t length = strlen(value);

	if (length <= ECHO_MOST)
		return value;
	for (length = ECHO_MOST; length > 0 && ((unsigned char)value[length] & 0xC0) == 0x80; length--)
		continue;
	return arena_printf(arena, "%.*s…", (int)length, value);
}

static const char *list_choices(struct arena *arena, const char *const *choices)
{
	const char *list = "";

	for (size_t i = 0; choices[i] != NULL; i++)
		list = arena_printf(arena, "%s%s%s", list, i == 0 ? "" : ", ", choices[i]);
	return list;
}

static bool parse_integer(const char *text, int64_t *ret_integer)
{
	char *end;
	const char *digits = text[0] == '-' ? text + 1 : text;
	long long integer;

	if (digits[0] < '0' || digits[0] > '9')
		return false;
	errno = 0;
	integer = strtoll(text, &end, 10);
	if (*end != '\0' || errno == ERANGE)
		return false;
	*ret_integer = integer;
	return true;
}

static bool only_digits(const char *text)
{
	return text[strspn(text, text[0] == '-' ? "-0123456789" : "0123456789")] == '\0'
	    && strpbrk(text, "0123456789") != NULL && strchr(text + 1, '-') == NULL;
}

static bool is_choice(const char *const *choices, const char *value)
{
	for (; *choices != NULL; choices++) {
		if (strcmp(*choices, value) == 0)
			return true;
	}
	return false;
}

static bool is_slug(const char *value)
{
	size_t length = strlen(value);

	return length > 0 && length <= SLUG_MOST && strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

/* What one value (one of several, for a many-valued parameter) has to be. Each adds an issue or says nothing. */

static void check_integer(const struct parameter *parameter, const char *value, struct error *err)
{
	int64_t integer;

	if (parse_integer(value, &integer)) {
		if (integer < parameter->least || integer > parameter->most)
			error_add_parameter(err, parameter->name, "out-of-range", NULL,
			    "must be from %" PRId64 " to %" PRId64, parameter->least, parameter->most);
		return;
	}
	error_add_parameter(err, parameter->name, only_digits(value) ? "out-of-range" : "bad-value", NULL,
	    "must be a whole number from %" PRId64 " to %" PRId64, parameter->least, parameter->most);
}

static void check_id(struct arena *arena, const struct parameter *parameter, const char *value, struct error *err)
{
	int64_t integer;

	if (!parse_integer(value, &integer) || integer < 1)
		error_add_parameter(err, parameter->name, only_digits(value) ? "out-of-range" : "bad-value", NULL,
		    "\"%s\" is not an id: ids are whole numbers from 1", quote(arena, value));
}

static void check_text(const struct parameter *parameter, const char *value, struct error *err)
{
	int64_t most = parameter->most > 0 ? parameter->most : TEXT_MOST;

	if (value[0] == '\0')
		error_add_parameter(err, parameter->name, "bad-value", NULL, "must not be empty");
	else if ((int64_t)strlen(value) > most)
		error_add_parameter(
		    err, parameter->name, "out-of-range", NULL, "must be at most %" PRId64 " bytes long", most);
}

static void check_choice(struct arena *arena, const struct parameter *parameter, const char *value, struct error *err)
{
	if (!is_choice(parameter->choices, value))
		error_add_parameter(err, parameter->name, "bad-value", text_nearest(value, parameter->choices),
		    "must be %s: %s", parameter_is_many(parameter) ? "of these" : "one of these",
		    list_choices(arena, parameter->choices));
}

static void check_slug(struct arena *arena, const struct parameter *parameter, const char *value, struct error *err)
{
	const char *slug = parameter->negatable && value[0] == '!' ? value + 1 : value;

	if (!is_slug(slug))
		error_add_parameter(err, parameter->name, "bad-value", NULL,
		    "\"%s\" is not a slug: slugs are made of a-z, 0-9 and hyphens%s", quote(arena, value),
		    parameter->negatable ? ", with '!' in front for \"not\"" : "");
}

static void check_time(const struct parameter *parameter, const char *value, struct error *err)
{
	struct error why;
	int64_t time;

	if (!clock_parse(value, &time, &why))
		error_add_parameter(err, parameter->name, "bad-value", NULL,
		    "must be a time with an offset, such as 2015-12-31T17:20:00Z, or a date, such as 2015-12-31");
}

static void check_duration(const struct parameter *parameter, const char *value, struct error *err)
{
	struct error why;
	int64_t seconds;

	if (!clock_parse_duration(value, &seconds, &why))
		error_add_parameter(
		    err, parameter->name, "bad-value", NULL, "must be an ISO 8601 duration, such as P30D or PT6H");
}

static void check_value(struct arena *arena, const struct parameter *parameter, const char *value, struct error *err)
{
	static const char *const booleans[] = { "true", "false", NULL };

	switch (parameter->kind) {
	case PARAMETER_TEXT:
		check_text(parameter, value, err);
		break;
	case PARAMETER_INTEGER:
		check_integer(parameter, value, err);
		break;
	case PARAMETER_BOOLEAN:
		if (!is_choice(booleans, value))
			error_add_parameter(
			    err, parameter->name, "bad-value", text_nearest(value, booleans), "must be true or false");
		break;
	case PARAMETER_TIME:
		check_time(parameter, value, err);
		break;
	case PARAMETER_DURATION:
		check_duration(parameter, value, err);
		break;
	case PARAMETER_CHOICE:
	case PARAMETER_CHOICES:
		check_choice(arena, parameter, value, err);
		break;
	case PARAMETER_SLUGS:
		check_slug(arena, parameter, value, err);
		break;
	case PARAMETER_IDS:
		check_id(arena, parameter, value, err);
		break;
	case PARAMETER_OTHERS:
		break;
	}
}

/* Splits at commas; an empty text has one empty value, which no check lets through. */
static size_t split(struct arena *arena, const char *text, const char **values)
{
	size_t n = 0;

	for (;;) {
		size_t length = strcspn(text, ",");

		if (values != NULL)
			values[n] = arena_copy(arena, text, length);
		n++;
		if (text[length] == '\0')
			return n;
		text += length + 1;
	}
}

static void check_many(const struct request *request, const struct parameter *parameter, struct error *err)
{
	const char *const *values;
	size_t n = request_list(request, parameter->name, &values);

	if (parameter->most > 0 && n > (size_t)parameter->most) {
		error_add_parameter(
		    err, parameter->name, "out-of-range", NULL, "takes at most %" PRId64 " values", parameter->most);
		return;
	}
	for (size_t i = 0; i < n; i++)
		check_value(request->arena, parameter, values[i], err);
}

/* One occurrence; `is_again` when one of the same name stands before it. */
static void check_one(const struct request *request, const struct request_value *sent, bool is_again, struct error *err)
{
	const struct parameter *parameter = find(request->route->parameters, sent->name);

	if (parameter == NULL) {
		if (!is_again)
			error_add_parameter(err, sent->name, "unknown", nearest_name(request, sent->name),
			    "is no parameter of this address");
	} else if (parameter_is_many(parameter)) {
		if (!is_again)
			check_many(request, parameter, err);
	} else if (is_again) {
		error_add_parameter(err, sent->name, "repeated", NULL, "may be given only once");
	} else {
		check_value(request->arena, parameter, sent->value, err);
	}
}

/* The detail in words: the first of what is wrong, and how much more there is. */
static void summarise(struct arena *arena, struct error *err)
{
	const struct error_issue *first = &err->issues[0];
	size_t n = err->n_issues, n_left_out = err->n_issues_left_out;
	const char *more = n == 1 ? "" : arena_printf(arena, " (and %zu more)", n + n_left_out - 1);
	const char *hint =
	    first->suggestion[0] == '\0' ? "" : arena_printf(arena, "; did you mean \"%s\"?", first->suggestion);

	error_set(err, ERROR_PARAMETER, "\"%s\" %s%s%s", first->where, first->detail, hint, more);
	err->n_issues = n;
	err->n_issues_left_out = n_left_out;
}

static bool takes_any(const struct parameter *table)
{
	if (table == NULL)
		return true;
	while (table->name != NULL)
		table++;
	return table->kind == PARAMETER_OTHERS;
}

static void check_sent(const struct request *request, struct error *err)
{
	for (size_t i = 0; i < request->n_parameters; i++) {
		bool is_again = false;

		for (size_t before = 0; before < i && !is_again; before++)
			is_again = strcmp(request->parameters[before].name, request->parameters[i].name) == 0;
		check_one(request, &request->parameters[i], is_again, err);
	}
}

/* Where others are let through, an empty one says nothing; elsewhere check_sent() has found fault with it. */
static bool is_missing(const struct request *request, const struct parameter *parameter)
{
	const bool may_be_empty = !takes_any(request->route->parameters);

	for (size_t i = 0; i < request->n_parameters; i++)
		if (strcmp(request->parameters[i].name, parameter->name) == 0 && (may_be_empty || request->parameters[i].value[0] != '\0'))
			return false;
	return parameter->required;
}

static bool lacks_one(const struct request *request)
{
	for (const struct parameter *parameter = request->route->parameters; parameter->name != NULL; parameter++)
		if (is_missing(request, parameter))
			return true;
	return false;
}

static void check_required(const struct request *request, struct error *err)
{
	for (const struct parameter *parameter = request->route->parameters; parameter->name != NULL; parameter++)
		if (is_missing(request, parameter))
			error_add_parameter(err, parameter->name, "required", NULL, "is missing: %s", parameter->help);
}

bool parameters_check(const struct request *request, struct error *err)
{
	bool is_checked;

	if (request->route == NULL || request->route->parameters == NULL)
		return true;
	is_checked = request->n_parameters > 0 && !takes_any(request->route->parameters);
	if (!is_checked && !lacks_one(request))
		return true;

	error_set(err, ERROR_PARAMETER, "Some parameters are not right");
	if (is_checked)
		check_sent(request, err);
	check_required(request, err);
	if (err->n_issues == 0)
		return true;
	summarise(request->arena, err);
	return false;
}

/* --- readers --- */

const char *request_parameter(const struct request *request, const char *name)
{
	assert(request->route == NULL || request->route->parameters == NULL
	    || find(request->route->parameters, name) != NULL);
	for (size_t i = 0; i < request->n_parameters; i++) {
		if (strcmp(request->parameters[i].name, name) == 0)
			return request->parameters[i].value;
	}
	return NULL;
}

int64_t request_integer(const struct request *request, const char *name, int64_t fallback)
{
	const char *value = request_parameter(request, name);
	int64_t integer;

	return value != NULL && parse_integer(value, &integer) ? integer : fallback;
}

int64_t request_time(const struct request *request, const char *name)
{
	const char *value = request_parameter(request, name);
	struct error err ERROR_UNSET;
	int64_t time;

	return value != NULL && clock_parse(value, &time, &err) ? time : TIME_NONE;
}

int64_t request_duration(const struct request *request, const char *name, int64_t fallback)
{
	const char *value = request_parameter(request, name);
	struct error err ERROR_UNSET;
	int64_t seconds;

	return value != NULL && clock_parse_duration(value, &seconds, &err) ? seconds : fallback;
}

bool request_boolean(const struct request *request, const char *name, bool fallback)
{
	const char *value = request_parameter(request, name);

	return value == NULL ? fallback : strcmp(value, "true") == 0;
}

size_t request_list(const struct request *request, const char *name, const char *const **ret_values)
{
	const char **values;
	size_t n = 0;

	for (size_t i = 0; i < request->n_parameters; i++) {
		if (strcmp(request->parameters[i].name, name) == 0)
			n += split(request->arena, request->parameters[i].value, NULL);
	}
	if (n == 0) {
		*ret_values = NULL;
		return 0;
	}
	values = arena_array(request->arena, n, sizeof *values);
	n = 0;
	for (size_t i = 0; i < request->n_parameters; i++) {
		if (strcmp(request->parameters[i].name, name) == 0)
			n += split(request->arena, request->parameters[i].value, values + n);
	}
	*ret_values = values;
	return n;
}
