/* SPDX-License-Identifier: MIT */
/*
 * One way to write each request.
 *
 * Whatever order its parameters came in, whichever defaults were spelt out, a request has one canonical form: path and parameters, sorted by
 * name; the values of a many-valued one joined, and sorted where their order means nothing; defaults left out, and min_seq and wait, which say
 * when to answer and not what. Validators, kept replies, cursors and the links in a list all go by it, so a reply is a
 * function of the canonical request, and an ETag made from it never names two.
 *
 * On a page only the parameters of its table count, the first of each that is not empty; what links collected on their way is dropped.
 */
#include "http_internal.h"

#include <stdlib.h>
#include <string.h>

static int compare_names(const void *one, const void *other)
{
	const struct request_value *a = one, *b = other;

	return strcmp(a->name, b->name);
}

static int compare_strings(const void *one, const void *other)
{
	return strcmp(*(const char *const *)one, *(const char *const *)other);
}

/* Sorted and each once where order means nothing. */
static const char *joined(struct request *request, const struct parameter *rule)
{
	const char *const *given;
	const size_t n = request_list(request, rule->name, &given);
	const char **values = arena_array(request->arena, n, sizeof *values);
	struct text text = TEXT_EMPTY;
	const char *copy;

	memcpy(values, given, n * sizeof *values);
	if (rule->kind != PARAMETER_IDS)
		qsort(values, n, sizeof *values, compare_strings);
	for (size_t i = 0; i < n; i++) {
		if (rule->kind != PARAMETER_IDS && i > 0 && strcmp(values[i], values[i - 1]) == 0)
			continue;
		text_string(&text, i > 0 ? "," : "");
		text_string(&text, values[i]);
	}
	copy = arena_copy(request->arena, text.bytes, text.length);
	text_done(&text);
	return copy;
}

/* The first value that is not empty; NULL when there is none. */
static const char *first_value(const struct request *request, const char *name)
{
	for (size_t i = 0; i < request->n_parameters; i++)
		if (strcmp(request->parameters[i].name, name) == 0 && request->parameters[i].value[0] != '\0')
			return request->parameters[i].value;
	return NULL;
}

static void collect(struct request *request)
{
	const struct parameter *rule = request->route->parameters;
	size_t n_rules = 0;

	while (rule != NULL && rule[n_rules].name != NULL)
		n_rules++;
	request->canonical = arena_array(request->arena, n_rules, sizeof *request->canonical);
	for (size_t i = 0; i < n_rules; i++) {
		const char *value = first_value(request, rule[i].name);

		if (value == NULL || parameter_says_when(rule[i].name))
			continue;
		if (rule[i].fallback != NULL && strcmp(rule[i].fallback, value) == 0)
			continue;
		if (parameter_is_many(&rule[i]))
			value = joined(request, &rule[i]);
		request->canonical[request->n_canonical++] = (struct request_value){ rule[i].name, value };
	}
	qsort(request->canonical, request->n_canonical, sizeof *request->canonical, compare_names);
}

/* Percent-encoded, but for what may stand in a query and reads better plain: "section=science,culture", "tag=!museums", times. */
static void write_value(const char *value, struct text *ret_target)
{
	for (const char *c = value; *c != '\0'; c++) {
		if (strchr(",!:", *c) != NULL)
			text_char(ret_target, *c);
		else
			text_percent(ret_target, c, 1);
	}
}

/* The path as decoded has a slash between any two segments and none inside one (target.c). */
static void write_path(const char *path, struct text *ret_target)
{
	for (const char *c = path; *c != '\0'; c++) {
		if (*c == '/')
			text_char(ret_target, '/');
		else
			text_percent(ret_target, c, 1);
	}
}

void request_write_target(const struct request *request, const char *left_out, struct text *ret_target)
{
	char mark = '?';

	write_path(request->path, ret_target);
	for (size_t i = 0; i < request->n_canonical; i++) {
		if (left_out != NULL && strcmp(request->canonical[i].name, left_out) == 0)
			continue;
		text_printf(ret_target, "%c%s=", mark, request->canonical[i].name);
		write_value(request->canonical[i].value, ret_target);
		mark = '&';
	}
}

const char *request_canonical(const struct request *request, const char *name)
{
	for (size_t i = 0; i < request->n_canonical; i++)
		if (strcmp(request->canonical[i].name, name) == 0)
			return request->canonical[i].value;
	return NULL;
}

void canonical_take(struct request *request)
{
	struct text target = TEXT_EMPTY;

	if (request->route == NULL)
		return;
	collect(request);
	request_write_target(request, NULL, &target);
	request->canonical_length = target.length;
	request->canonical_target = arena_copy(request->arena, target.bytes, target.length);
	text_done(&target);
}
