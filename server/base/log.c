/* SPDX-License-Identifier: MIT */
/*
 * One line an event, as key=value pairs or as a JSON object, on standard error.
 *
 * A line is composed whole in memory and handed to the system in one write(), so that lines of several threads do not
 * mix. Values may hold bytes from strangers. None of them may end the line, start a pair of its own, drive a
 * terminal or turn the direction of writing: such characters are written as escapes, and what is no UTF-8 as \xNN (in
 * JSON, as U+FFFD). Values are cut after 256 bytes and say so by an ellipsis.
 *
 * There is no rotation, no file and no syslog: whoever starts the program owns its standard error. A write that
 * fails is not reported, as there is nowhere to report it to.
 */
#include "log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base_internal.h"
#include "clock.h"
#include "text.h"

enum { VALUE_MOST = 256 };

static const char *const level_names[] = { "error", "warning", "info" };
static enum log_level most_level = LOG_LEVEL_INFO;
static bool json_lines = false;

void log_start(enum log_level most, bool as_json)
{
	most_level = most;
	json_lines = as_json;
}

const char *log_integer(int64_t value, char memory[24])
{
	snprintf(memory, 24, "%" PRId64, value);
	return memory;
}

/* The number of a whole, valid character at the front, and its size. False for a byte that starts none. */
static bool take_character(const char *bytes, size_t length, uint32_t *ret_number, size_t *ret_size)
{
	static const unsigned char lead_bits[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
	uint32_t number;

	for (size_t size = 1; size <= 4 && size <= length; size++) {
		if (!text_is_utf8(bytes, size))
			continue;
		number = (unsigned char)bytes[0] & lead_bits[size];
		for (size_t i = 1; i < size; i++)
			number = number << 6 | ((unsigned char)bytes[i] & 0x3F);
		*ret_number = number;
		*ret_size = size;
		return true;
	}
	return false;
}

/* Controls (C0, DEL, C1), line and paragraph separators, marks that turn the direction of writing, the byte order mark. */
static bool is_unsafe(uint32_t number)
{
	return number < 0x20 || (number >= 0x7F && number < 0xA0) || number == 0x61C
	    || (number >= 0x200E && number <= 0x200F) || (number >= 0x2028 && number <= 0x202E)
	    || (number >= 0x2066 && number <= 0x2069) || number == 0xFEFF;
}

static const char *short_escape(uint32_t number)
{
	switch (number) {
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	default:
		return NULL;
	}
}

/* In quotes. \n, \r, \t, \" and \\ as everybody knows them, any other unsafe character as \uNNNN: the same in both formats. */
static void append_quoted(struct text *line, const char *value, size_t length)
{
	text_char(line, '"');
	for (size_t i = 0, size; i < length; i += size) {
		uint32_t number;

		if (!take_character(value + i, length - i, &number, &size)) {
			size = 1;
			if (json_lines)
				text_string(line, "\\ufffd");
			else
				text_printf(line, "\\x%02x", (unsigned char)value[i]);
		} else if (number == '"' || number == '\\') {
			text_append(line, (char[]){ '\\', (char)number }, 2);
		} else if (short_escape(number) != NULL) {
			text_string(line, short_escape(number));
		} else if (is_unsafe(number)) {
			text_printf(line, "\\u%04x", (unsigned)number);
		} else {
			text_append(line, value + i, size);
		}
	}
	text_char(line, '"');
}

static bool is_plain(const char *value)
{
	for (const char *c = value; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~' || *c == '"' || *c == '\\' || *c == '=')
			return false;
	return value[0] != '\0';
}

static void append_value(struct text *line, const char *value)
{
	size_t length = value == NULL ? 0 : strnlen(value, VALUE_MOST + 1);

	if (length > VALUE_MOST) {
		static const char ellipsis[] = "…";
		char cut[VALUE_MOST + sizeof ellipsis];

		/* Not inside a character: RFC 3629 3, 10xxxxxx continues one. */
		length = VALUE_MOST;
		while (length > VALUE_MOST - 3 && ((unsigned char)value[length] & 0xC0) == 0x80)
			length--;
		memcpy(cut, value, length);
		memcpy(cut + length, ellipsis, sizeof ellipsis);
		append_quoted(line, cut, length + sizeof ellipsis - 1);
	} else if (length > 0 && !json_lines && is_plain(value)) {
		text_append(line, value, length);
	} else {
		append_quoted(line, value, length);
	}
}

static void append_pair(struct text *line, const char *key, const char *value)
{
	if (json_lines)
		text_printf(line, ",\"%s\":", key);
	else
		text_printf(line, " %s=", key);
	append_value(line, value);
}

static void start_line(struct text *line, enum log_level level, const char *event)
{
	char time[CLOCK_RFC3339_SIZE];

	clock_rfc3339(clock_now(), time);
	if (json_lines)
		text_printf(line, "{\"time\":\"%s\",\"level\":\"%s\",\"event\":", time, level_names[level]);
	else
		text_printf(line, "%s %s ", time, level_names[level]);
	append_value(line, event);
}

static void end_line(struct text *line)
{
	text_string(line, json_lines ? "}\n" : "\n");
	if (write(STDERR_FILENO, line->bytes, line->length) < 0) {
		/* nowhere to tell */
	}
	text_done(line);
}

void log_pairs(enum log_level level, const char *event, const char *const *pairs)
{
	struct text line = TEXT_EMPTY;

	if (level > most_level)
		return;
	start_line(&line, level, event);
	for (; pairs[0] != NULL; pairs += 2)
		append_pair(&line, pairs[0], pairs[1]);
	end_line(&line);
}

static void log_list(enum log_level level, const char *event, va_list arguments)
{
	struct text line = TEXT_EMPTY;
	const char *key;

	if (level > most_level)
		return;
	start_line(&line, level, event);
	while ((key = va_arg(arguments, const char *)) != NULL)
		append_pair(&line, key, va_arg(arguments, const char *));
	end_line(&line);
}

void log_error(const char *event, ...)
{
	va_list arguments;

	va_start(arguments, event);
	log_list(LOG_LEVEL_ERROR, event, arguments);
	va_end(arguments);
}

void log_warning(const char *event, ...)
{
	va_list arguments;

	va_start(arguments, event);
	log_list(LOG_LEVEL_WARNING, event, arguments);
	va_end(arguments);
}

void log_info(const char *event, ...)
{
	va_list arguments;

	va_start(arguments, event);
	log_list(LOG_LEVEL_INFO, event, arguments);
	va_end(arguments);
}
