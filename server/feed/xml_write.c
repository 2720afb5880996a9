/* SPDX-License-Identifier: MIT */
/*
 * Well-formed XML 1.0, element by element.
 *
 * Names of elements and attributes are literals of ours. Values are whatever people wrote: each goes through escape(), and there is no way to
 * write markup from a string, so nothing that an article says can become an element. Characters that XML 1.0 forbids (2.2: most control
 * characters, U+FFFE, U+FFFF) cannot even be written as references, so they are dropped; a line's end in an attribute, and a
 * carriage return anywhere, would be folded by whoever reads it (2.11, 3.3.3), and are written as references. Input is valid UTF-8.
 *
 * An element stands on a line of its own, without indentation: people who look at a feed can read it, and few bytes go into that.
 */
#include "feed_internal.h"

#include <assert.h>
#include <string.h>

static const char *reference(unsigned char c, bool in_attribute)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return in_attribute ? "&quot;" : NULL;
	case '\r':
		return "&#13;";
	case '\n':
		return in_attribute ? "&#10;" : NULL;
	case '\t':
		return in_attribute ? "&#9;" : NULL;
	default:
		return c < 0x20 ? "" : NULL;
	}
}

/* U+FFFE and U+FFFF. */
static bool is_no_character(const unsigned char *at)
{
	return at[0] == 0xef && at[1] == 0xbf && (at[2] == 0xbe || at[2] == 0xbf);
}

static void escape(struct text *out, const char *value, bool in_attribute)
{
	const unsigned char *at = (const unsigned char *)value, *plain = at;

	while (*at != '\0') {
		const char *instead = reference(*at, in_attribute);
		size_t length = 1;

		if (instead == NULL && is_no_character(at)) {
			instead = "";
			length = 3;
		}
		if (instead != NULL) {
			text_append(out, (const char *)plain, (size_t)(at - plain));
			text_string(out, instead);
			plain = at + length;
		}
		at += length;
	}
	text_append(out, (const char *)plain, (size_t)(at - plain));
}

static void end_tag(struct xml_writer *writer)
{
	if (writer->in_tag)
		text_char(writer->out, '>');
	writer->in_tag = false;
}

void xml_begin(struct xml_writer *writer, struct text *out)
{
	*writer = (struct xml_writer){ .out = out };
	text_string(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
}

void xml_open(struct xml_writer *writer, const char *name)
{
	const bool begins_line = writer->in_tag;

	assert(writer->depth < XML_DEPTH_MOST);
	end_tag(writer);
	if (begins_line)
		text_char(writer->out, '\n');
	text_char(writer->out, '<');
	text_string(writer->out, name);
	writer->open[writer->depth++] = name;
	writer->in_tag = true;
}

void xml_attribute(struct xml_writer *writer, const char *name, const char *value)
{
	assert(writer->in_tag);
	if (value == NULL)
		return;
	text_char(writer->out, ' ');
	text_string(writer->out, name);
	text_string(writer->out, "=\"");
	escape(writer->out, value, true);
	text_char(writer->out, '"');
}

void xml_attribute_integer(struct xml_writer *writer, const char *name, int64_t value)
{
	struct text digits = TEXT_EMPTY;

	text_integer(&digits, value);
	xml_attribute(writer, name, digits.bytes);
	text_done(&digits);
}

void xml_text(struct xml_writer *writer, const char *value)
{
	end_tag(writer);
	escape(writer->out, value, false);
}

void xml_close(struct xml_writer *writer)
{
	assert(writer->depth > 0);
	writer->depth--;
	if (writer->in_tag) {
		text_string(writer->out, "/>\n");
	} else {
		text_string(writer->out, "</");
		text_string(writer->out, writer->open[writer->depth]);
		text_string(writer->out, ">\n");
	}
	writer->in_tag = false;
}

void xml_element(struct xml_writer *writer, const char *name, const char *value)
{
	if (value == NULL)
		return;
	xml_open(writer, name);
	xml_text(writer, value);
	xml_close(writer);
}

void xml_end(struct xml_writer *writer)
{
	while (writer->depth > 0)
		xml_close(writer);
}
