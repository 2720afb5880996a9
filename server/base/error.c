/* SPDX-License-Identifier: MIT */
/*
 * What each failure is called, and how struct error is filled.
 *
 * ERROR_TABLE (error.h) is expanded here once into the rows that give a code its HTTP status, slug and title.
 * Filling touches only what is used: struct error holds room for many wrong fields and is some kilobytes large, so it
 * is never cleared as a whole. Text that does not fit is cut between characters, never inside one: a detail goes into
 * JSON, where half a character would spoil the whole reply.
 *
 * This file neither logs nor prints. Whoever handles an error does that, once.
 */
#include "error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	unsigned status;
	const char *slug, *title;
} rows[] = { [ERROR_NONE] = { 500, "internal", "Something broke on our side" },
#define X(code, status, slug, title) [code] = { status, slug, title },
	ERROR_TABLE(X)
#undef X
};

/* Take the beginning of a character off the end of a text that was cut. RFC 3629 3: 10xxxxxx continues a character. */
static void trim_cut_character(char *text)
{
	size_t length = strlen(text), start = length;
	unsigned char lead;
	size_t wanted;

	while (start > 0 && length - start < 3 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
		start--;
	if (start == 0)
		return;

	lead = (unsigned char)text[start - 1];
	wanted = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
	if (length - (start - 1) < wanted)
		text[start - 1] = '\0';
}

static void print_bounded(char *target, size_t size, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

static void print_bounded(char *target, size_t size, const char *format, va_list arguments)
{
	int length = vsnprintf(target, size, format, arguments);

	if (length < 0)
		target[0] = '\0';
	else if ((size_t)length >= size)
		trim_cut_character(target);
}

static void copy_bounded(char *target, size_t size, const char *source)
{
	size_t length = strlen(source);

	if (length < size) {
		memcpy(target, source, length + 1);
		return;
	}
	memcpy(target, source, size - 1);
	target[size - 1] = '\0';
	trim_cut_character(target);
}

bool error_set(struct error *err, enum error_code code, const char *format, ...)
{
	va_list arguments;

	assert(code != ERROR_NONE);
	err->code = code;
	err->members[0] = '\0';
	err->n_issues = 0;
	err->n_issues_left_out = 0;
	va_start(arguments, format);
	print_bounded(err->detail, sizeof err->detail, format, arguments);
	va_end(arguments);
	return false;
}

void error_clear(struct error *err)
{
	err->code = ERROR_NONE;
	err->detail[0] = '\0';
	err->members[0] = '\0';
	err->n_issues = 0;
	err->n_issues_left_out = 0;
}

bool error_context(struct error *err, const char *format, ...)
{
	char inner[sizeof err->detail];
	size_t length;
	va_list arguments;

	memcpy(inner, err->detail, sizeof inner);
	va_start(arguments, format);
	print_bounded(err->detail, sizeof err->detail, format, arguments);
	va_end(arguments);

	length = strlen(err->detail);
	if (length + 2 < sizeof err->detail) {
		memcpy(err->detail + length, ": ", 3);
		copy_bounded(err->detail + length + 2, sizeof err->detail - length - 2, inner);
	}
	return false;
}

static void add_issue(struct error *err, bool is_pointer, const char *where, const char *code, const char *suggestion,
    const char *detail, va_list arguments) __attribute__((format(printf, 6, 0)));

static void add_issue(struct error *err, bool is_pointer, const char *where, const char *code, const char *suggestion,
    const char *detail, va_list arguments)
{
	struct error_issue *issue;

	assert(err->n_issues <= ERROR_ISSUES_MAX);
	if (err->n_issues == ERROR_ISSUES_MAX) {
		err->n_issues_left_out++;
		return;
	}

	issue = &err->issues[err->n_issues++];
	issue->is_pointer = is_pointer;
	copy_bounded(issue->where, sizeof issue->where, where);
	copy_bounded(issue->code, sizeof issue->code, code);
	copy_bounded(issue->suggestion, sizeof issue->suggestion, suggestion == NULL ? "" : suggestion);
	print_bounded(issue->detail, sizeof issue->detail, detail, arguments);
}

void error_add_parameter(
    struct error *err, const char *parameter, const char *code, const char *suggestion, const char *detail, ...)
{
	va_list arguments;

	va_start(arguments, detail);
	add_issue(err, /* is_pointer= */ false, parameter, code, suggestion, detail, arguments);
	va_end(arguments);
}

void error_add_pointer(
    struct error *err, const char *pointer, const char *code, const char *suggestion, const char *detail, ...)
{
	va_list arguments;

	va_start(arguments, detail);
	add_issue(err, /* is_pointer= */ true, pointer, code, suggestion, detail, arguments);
	va_end(arguments);
}

unsigned error_status(enum error_code code)
{
	return rows[code].status;
}

const char *error_slug(enum error_code code)
{
	return rows[code].slug;
}

const char *error_title(enum error_code code)
{
	return rows[code].title;
}

void error_summary(const struct error *err, char *ret_line, size_t size)
{
	int length = snprintf(ret_line, size, "%s", err->detail);

	for (size_t i = 0; i < err->n_issues && length >= 0 && (size_t)length < size; i++) {
		const struct error_issue *issue = &err->issues[i];
		const bool suggests = issue->suggestion[0] != '\0';

		length += snprintf(ret_line + length, size - (size_t)length, "%s %s: %s%s%s%s", i == 0 ? ":" : ";",
		    issue->where, issue->detail, suggests ? " (did you mean " : "", issue->suggestion,
		    suggests ? "?)" : "");
	}
	trim_cut_character(ret_line);
}
