/* SPDX-License-Identifier: MIT */
/* The XML writer: what is escaped, what XML cannot hold, how elements close. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "feed/feed_internal.h"

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

static void test_values(void **state)
{
	static const struct {
		const char *value, *text, *attribute;
	} rows[] = {
		{ "plain é 漢 😀", "plain é 漢 😀", "plain é 漢 😀" },
		{ "a<b>&\"c'", "a&lt;b&gt;&amp;\"c'", "a&lt;b&gt;&amp;&quot;c'" },
		{ "]]>", "]]&gt;", "]]&gt;" },
		{ "a\nb\tc\rd", "a\nb\tc&#13;d", "a&#10;b&#9;c&#13;d" },
		{ "\x01\x08\x0b\x0c\x1f|\x7f", "|\x7f", "|\x7f" },
		{ "\xef\xbf\xbe|\xef\xbf\xbf|\xef\xbf\xbd", "||\xef\xbf\xbd", "||\xef\xbf\xbd" },
		{ "\xef", "\xef", "\xef" },    /* no valid UTF-8, but it is not read past the end either */
		{ "&amp;", "&amp;amp;", "&amp;amp;" },
		{ "", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct text out = TEXT_EMPTY, wanted = TEXT_EMPTY;
		struct xml_writer xml;

		xml_begin(&xml, &out);
		xml_open(&xml, "a");
		xml_attribute(&xml, "b", rows[i].value);
		xml_text(&xml, rows[i].value);
		xml_end(&xml);
		text_printf(&wanted, HEAD "<a b=\"%s\">%s</a>\n", rows[i].attribute, rows[i].text);
		assert_string_equal(out.bytes, wanted.bytes);
		text_done(&out);
		text_done(&wanted);
	}
}

static void test_elements(void **state)
{
	struct text out = TEXT_EMPTY;
	struct xml_writer xml;

	(void)state;
	xml_begin(&xml, &out);
	xml_open(&xml, "a");
	xml_open(&xml, "b");
	xml_attribute(&xml, "none", NULL);
	xml_attribute_integer(&xml, "n", -7);
	xml_close(&xml);
	xml_element(&xml, "nothing", NULL);
	xml_element(&xml, "empty", "");
	xml_open(&xml, "c");
	xml_text(&xml, "one ");
	xml_text(&xml, "two");
	xml_close(&xml);
	xml_open(&xml, "d");
	xml_open(&xml, "e");
	xml_end(&xml);
	assert_string_equal(out.bytes, HEAD "<a>\n<b n=\"-7\"/>\n<empty></empty>\n<c>one two</c>\n<d>\n<e/>\n</d>\n</a>\n");
	assert_int_equal(xml.depth, 0);
	text_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_elements),
	};

	return cmocka_run_group_tests_name("xml_write", tests, NULL, NULL);
}
