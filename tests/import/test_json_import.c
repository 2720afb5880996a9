/* SPDX-License-Identifier: MIT */
/* Lines of JSON and JSON documents, good, bad and cut off; and files that are no import at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "importer.h"

/* What the sink saw, as one line of text: "1:One 3!reason 4:Two". */
struct seen {
	struct text text;
	size_t most;                  /* articles after which it stops the import; 0: never */
	size_t n;
};

static bool take_article(void *arg, size_t line, const struct article *article, struct arena *arena)
{
	struct seen *seen = arg;

	(void)arena;
	text_printf(&seen->text, "%zu:%s/%s/%s ", line, article->title, article->source.name, article->section.name);
	return ++seen->n != seen->most;
}

static bool take_bad(void *arg, size_t line, const struct error *why)
{
	struct seen *seen = arg;

	text_printf(&seen->text, "%zu!%s ", line, error_slug(why->code));
	return true;
}

static bool import_bytes(const char *bytes, size_t length, struct seen *seen, struct error *err)
{
	const struct import_defaults defaults = { .source = "S", .section = "T" };
	const struct import_sink sink = { .article = take_article, .bad = take_bad, .arg = seen };
	char path[] = "/tmp/broadsheet-import-XXXXXX";
	struct import_input *input;
	int file = mkstemp(path);
	bool fine;

	assert_true(file >= 0);
	assert_int_equal(write(file, bytes, length), (ssize_t)length);
	close(file);
	input = import_input_open(path, err);
	assert_non_null(input);
	text_reserve(&seen->text, 0);
	fine = import_read(input, &defaults, &sink, err);
	if (fine)
		assert_int_equal(import_input_position(input), import_input_size(input));
	import_input_close(input);
	unlink(path);
	return fine;
}

static void expect(const char *bytes, const char *seen_text)
{
	struct seen seen = { .text = TEXT_EMPTY };
	struct error err;

	if (!import_bytes(bytes, strlen(bytes), &seen, &err))
		fail_msg("%s: %s", bytes, err.detail);
	assert_string_equal(seen.text.bytes, seen_text);
	text_done(&seen.text);
}

static void expect_refusal(const char *bytes, size_t length, const char *seen_text, const char *reason)
{
	struct seen seen = { .text = TEXT_EMPTY };
	struct error err;

	assert_false(import_bytes(bytes, length, &seen, &err));
	assert_int_equal(err.code, ERROR_INVALID);
	if (strstr(err.detail, reason) == NULL)
		fail_msg("\"%s\" says nothing of \"%s\"", err.detail, reason);
	assert_string_equal(seen.text.bytes, seen_text);
	text_done(&seen.text);
}

#define REFUSAL(bytes, seen_text, reason) expect_refusal((bytes), sizeof(bytes) - 1, (seen_text), (reason))

static void lines(void **state)
{
	(void)state;
	expect("{\"title\":\"One\"}\n{\"title\":\"Two\",\"source\":\"X\",\"section\":\"Y\"}\n", "1:One/S/T 2:Two/X/Y ");
	expect("\xEF\xBB\xBF{\"title\":\"One\"}\r\n\r\n   \n{\"title\":\"Two\"}", "1:One/S/T 4:Two/S/T ");
	expect("{\"title\":\"One\"}\nnot json\n{\"title\":\"\"}\n{\"title\":\"Two\",\"nonsense\":1}\n{\"title\":\"Three\"}\n",
	    "1:One/S/T 2!invalid 3!bad-fields 4!bad-fields 5:Three/S/T ");
	expect("{\"title\":\"One\"}\n[1]\n\"x\"\n{\"title\":\"Caf\xE9\"}\n{\"title\":\"a\",\"title\":\"b\"}\n", "1:One/S/T 2!invalid 3!invalid 4!invalid 5!invalid ");
	expect("{\"title\":\"One\"}\n{\"title\":\"Tw", "1:One/S/T 2!invalid ");
}

static void documents(void **state)
{
	(void)state;
	expect("[]", "");
	expect(" [ {\"title\":\"One\"} ,\n{\"title\":\"T\\\"]},w\\\\\"}\n, 7, {\"title\":\"Three\",\n\"tags\":[\"a\",\"b\"]}]\n",
	    "1:One/S/T 2:T\"]},w\\/S/T 3!invalid 3:Three/S/T ");
	expect("{\"data\":[{\"title\":\"One\"},\n{\"title\":\"Two\"}],\"meta\":{},\"links\":{}}", "1:One/S/T 2:Two/S/T ");
	expect("{\"data\":{\"title\":\"One\"}}", "1:One/S/T ");
	expect("{\n  \"title\": \"One\",\n  \"section\": \"News\"\n}\n", "1:One/S/News ");
	expect("{\n \"meta\": {\"a\": [1, 2]},\n \"data\": [\n{\"title\":\"One\"}]}", "4:One/S/T ");
}

static void broken_documents(void **state)
{
	(void)state;
	REFUSAL("[{\"title\":\"One\"},\n{\"title\":\"Tw", "1:One/S/T ", "cut off");
	REFUSAL("[{\"title\":\"One\"}", "1:One/S/T ", "cut off");
	REFUSAL("[{\"title\":\"One\"} {\"title\":\"Two\"}]", "1:One/S/T ", "comma");
	REFUSAL("[{\"title\":\"One\"},]", "1:One/S/T ", "comma");
	REFUSAL("[{\"title\":\"One\"}] x", "1:One/S/T ", "behind the end");
	REFUSAL("{\n\"title\": \"One", "", "cut off");
}

static void files_that_are_something_else(void **state)
{
	(void)state;
	REFUSAL("", "", "empty");
	REFUSAL(" \n\n ", "", "empty");
	REFUSAL("\x89PNG\r\n\x1A\n\0\0\0", "", "PNG");
	REFUSAL("%PDF-1.4\n\x80\x81", "", "PDF");
	REFUSAL("PK\x03\x04\x14\0\0", "", "ZIP");
	REFUSAL("\x1F\x8B\x08\0\0", "", "gzip");
	REFUSAL("SQLite format 3\0", "", "SQLite");
	REFUSAL("\xFF\xFEh\0i\0", "", "UTF-16");
	REFUSAL("some text\0with a NUL", "", "binary");
	REFUSAL("caf\xE9 closed", "", "UTF-8");
	REFUSAL("<?xml version=\"1.0\"?><rss><channel/></rss>", "", "XML");
	REFUSAL("<?xml version=\"1.0\"?><rss><channel/></rss>", "", "lines of JSON");
}

static void deep_and_wide_json_is_refused(void **state)
{
	struct text json = TEXT_EMPTY;

	(void)state;
	text_string(&json, "{\"title\":\"One\"}\n");
	for (int i = 0; i < 5000; i++)
		text_string(&json, "{\"a\":[");
	text_string(&json, "\n[");
	for (int i = 0; i < 200000; i++)
		text_string(&json, "{},");
	text_string(&json, "{}]\n{\"title\":\"Two\"}\n");
	expect(json.bytes, "1:One/S/T 2!invalid 3!invalid 4:Two/S/T ");
	text_done(&json);
}

/* A line beyond the limit is skipped without being held, and the next one is read. */
static void long_lines_are_skipped(void **state)
{
	struct text json = TEXT_EMPTY;

	(void)state;
	text_string(&json, "{\"title\":\"One\"}\n{\"title\":\"");
	for (int i = 0; i < 6 << 10; i++)
		for (int k = 0; k < 64; k++)
			text_string(&json, "0123456789abcdef");
	text_string(&json, "\"}\n{\"title\":\"Three\"}");
	expect(json.bytes, "1:One/S/T 2!too-large 3:Three/S/T ");
	text_done(&json);
}

static void the_sink_may_stop(void **state)
{
	static const char *const inputs[] = { "{\"title\":\"One\"}\n{\"title\":\"Two\"}\n", "[{\"title\":\"One\"},{\"title\":\"Two\"}]", NULL };

	(void)state;
	for (size_t i = 0; inputs[i] != NULL; i++) {
		struct seen seen = { .text = TEXT_EMPTY, .most = 1 };
		struct error err;

		assert_false(import_bytes(inputs[i], strlen(inputs[i]), &seen, &err));
		assert_int_equal(err.code, ERROR_NONE);
		assert_string_equal(seen.text.bytes, "1:One/S/T ");
		text_done(&seen.text);
	}
}

static void files_that_cannot_be_opened(void **state)
{
	struct error err;

	(void)state;
	assert_null(import_input_open("/nowhere/at/all.json", &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	assert_null(import_input_open("/tmp", &err));
	assert_non_null(strstr(err.detail, "folder"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(documents),
		cmocka_unit_test(broken_documents),
		cmocka_unit_test(files_that_are_something_else),
		cmocka_unit_test(deep_and_wide_json_is_refused),
		cmocka_unit_test(long_lines_are_skipped),
		cmocka_unit_test(the_sink_may_stop),
		cmocka_unit_test(files_that_cannot_be_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
