/* SPDX-License-Identifier: MIT */
/*
 * Strangers' JSON: the bounds, what is refused, and that errors say where. The files of JSONTestSuite are tried when they lie in
 * ../shared/data/json-testsuite.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "article.h"
#include "test_store.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

extern char **environ;

static bool parses(const char *bytes, size_t length, struct error *ret_err)
{
	/* An exact copy on the heap, without a NUL: a byte read too far is found by the sanitizers. */
	char *copy = malloc(length > 0 ? length : 1);
	json_t *value = NULL;
	bool fine;

	memcpy(copy, bytes, length);
	fine = json_parse(copy, length, &value, ret_err);
	assert_int_equal(fine, value != NULL);
	json_decref(value);
	free(copy);
	return fine;
}

static void test_texts(void **state)
{
#define TEXT(literal) literal, sizeof(literal) - 1
	static const struct {
		const char *bytes;
		size_t length;
		const char *says;             /* NULL: it is taken */
	} cases[] = {
		{ TEXT("{}"), NULL },
		{ TEXT("[]"), NULL },
		{ TEXT(" \t\r\n{ } \n"), NULL },
		{ TEXT("{\"a\":[1,-1,0,1.5,1e3,true,false,null,\"\"]}"), NULL },
		{ TEXT("{\"a\":\"\\u00e9\\ud83d\\ude00\\n\\\"[{\"}"), NULL },
		{ TEXT("{\"a\":9223372036854775807}"), NULL },
		{ TEXT("{\"a\":1e-400}"), NULL },
		{ TEXT("{\"\":1}"), NULL },

		{ TEXT(""), "(column " },
		{ TEXT("   "), "(column " },
		{ TEXT("1"), "(column 1" },
		{ TEXT("\"text\""), "(column " },
		{ TEXT("nul"), "(column " },
		{ TEXT("{"), "(column " },
		{ TEXT("{\"a\":}"), "(column 6" },
		{ TEXT("{\n\"a\": 1,\n  \"b\" 2\n}"), "line 3, column 7" },
		{ TEXT("{\"a\":1,}"), "(column 8" },
		{ TEXT("[1,]"), "(column " },
		{ TEXT("{'a':1}"), "(column " },
		{ TEXT("{a:1}"), "(column " },
		{ TEXT("[01]"), "(column " },
		{ TEXT("[+1]"), "(column " },
		{ TEXT("[.5]"), "(column " },
		{ TEXT("[1.]"), "(column " },
		{ TEXT("[0x10]"), "(column " },
		{ TEXT("[NaN]"), "(column " },
		{ TEXT("[Infinity]"), "(column " },
		{ TEXT("// note\n{}"), "(column " },
		{ TEXT("{} {}"), "(column " },            /* trailing bytes */
		{ TEXT("{}x"), "(column 3" },
		{ TEXT("{}\0"), "(column " },
		{ TEXT("\xef\xbb\xbf{}"), "(column " },   /* a byte order mark: RFC 8259 8.1 forbids senders to add one */
		{ TEXT("{\"a\":\"\0\"}"), "(column " },
		{ TEXT("{\"a\":\"\\u0000\"}"), "\\u0000" },
		{ TEXT("{\"\\u0000\":1}"), "(column " },
		{ TEXT("{\"a\":\"\\ud800\"}"), "(column " },             /* lone surrogates */
		{ TEXT("{\"a\":\"\\udc00\"}"), "(column " },
		{ TEXT("{\"a\":\"\\ud800\\u0041\"}"), "(column " },
		{ TEXT("{\"a\":\"\\udc00\\ud800\"}"), "(column " },
		{ TEXT("{\"a\":\"\xed\xa0\x80\"}"), "(column " },      /* one in UTF-8 */
		{ TEXT("{\"a\":\"\xc0\x80\"}"), "(column " },           /* overlong */
		{ TEXT("{\"a\":\"\xff\"}"), "(column " },
		{ TEXT("{\"a\":\"\xf4\x90\x80\x80\"}"), "(column " }, /* behind U+10FFFF */
		{ TEXT("{\"a\":\"\xc3"), "(column " },                    /* cut off */
		{ TEXT("{\"a\":\"\n\"}"), "(column " },
		{ TEXT("{\"a\":\"\\x\"}"), "(column " },
		{ TEXT("{\"a\":\"\\"), "(column " },
		{ TEXT("{\"a\":9223372036854775808}"), "too big" },
		{ TEXT("{\"a\":-9223372036854775809}"), "too" },
		{ TEXT("{\"a\":1e400}"), "real number overflow" },
		{ TEXT("{\"a\":1,\"a\":1}"), "duplicate" },
		{ TEXT("{\"a\":1,\"b\":{\"c\":1,\"c\":2}}"), "duplicate" },
		{ TEXT("{\"a\":1,\"\\u0061\":2}"), "duplicate" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct error err = { .code = ERROR_NONE };
		const bool fine = parses(cases[i].bytes, cases[i].length, &err);

		if (fine != (cases[i].says == NULL))
			fail_msg("%s: %s", cases[i].bytes, fine ? "was taken" : err.detail);
		if (fine)
			continue;
		assert_int_equal(err.code, ERROR_INVALID);
		if (strstr(err.detail, cases[i].says) == NULL || strstr(err.detail, "column ") == NULL || strstr(err.detail, "column ") == NULL)
			fail_msg("%s: %s", cases[i].bytes, err.detail);
		assert_true(text_is_utf8(err.detail, strlen(err.detail)));
	}
}

static bool repeated(const char *before, const char *piece, size_t n, const char *after, struct error *ret_err)
{
	struct text text = TEXT_EMPTY;
	bool fine;

	text_string(&text, before);
	for (size_t i = 0; i < n; i++)
		text_string(&text, piece);
	text_string(&text, after);
	fine = parses(text.bytes, text.length, ret_err);
	text_done(&text);
	return fine;
}

static bool nested(const char *open, const char *close, size_t depth, struct error *ret_err)
{
	struct text text = TEXT_EMPTY;
	bool fine;

	for (size_t i = 0; i < depth; i++)
		text_string(&text, open);
	text_string(&text, "0");
	for (size_t i = 0; i < depth; i++)
		text_string(&text, close);
	fine = parses(text.bytes, text.length, ret_err);
	text_done(&text);
	return fine;
}

static void test_depth(void **state)
{
	struct error err;

	(void)state;
	assert_true(nested("[", "]", 32, &err));
	assert_true(nested("{\"a\":", "}", 32, &err));
	assert_false(nested("[", "]", 33, &err));
	assert_int_equal(err.code, ERROR_INVALID);
	assert_non_null(strstr(err.detail, "32"));
	assert_false(nested("{\"a\":", "}", 33, &err));
	assert_false(nested("[", "]", 100000, &err));
	assert_false(repeated("", "[", 1000000, "", &err));
	assert_false(repeated("", "{\"a\":", 500000, "", &err));
	/* Brackets within strings are no depth, and many lists side by side are none either. */
	assert_true(repeated("[\"", "[", 1000, "\"]", &err));
	assert_true(repeated("[\"", "\\\"[{", 1000, "\"]", &err));
	assert_true(repeated("[[]", ",[]", 1000, "]", &err));
	assert_false(repeated("[\"\\\\\"", ",[", 40, "]", &err));    /* the string ends behind its escaped backslash */
}

static void test_values(void **state)
{
	struct error err;

	(void)state;
	assert_true(repeated("[0", ",0", 49000, "]", &err));
	assert_false(repeated("[0", ",0", 51000, "]", &err));
	assert_int_equal(err.code, ERROR_INVALID);
	assert_false(repeated("[[]", ",[]", 30000, "]", &err));
	assert_false(repeated("[{}", ",{}", 1000000, "]", &err));
	assert_true(repeated("[\"", ",", 1000000, "\"]", &err));    /* commas within a string */
}

static void test_size(void **state)
{
	const size_t mebibyte = 1 << 20;
	struct error err;

	(void)state;
	assert_true(repeated("[\"", "0123456789abcdef", mebibyte / 16 * 3, "\"]", &err));
	assert_false(repeated("[\"", "0123456789abcdef", mebibyte / 16 * 16, "\"]", &err));
	assert_int_equal(err.code, ERROR_TOO_LARGE);
}

/* --- JSONTestSuite --- */

static bool run(char *const *arguments)
{
	pid_t child;
	int status = 0;

	if (posix_spawnp(&child, arguments[0], NULL, NULL, arguments, environ) != 0)
		return false;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* What the suite takes for JSON and we refuse, by rules of our own: one value means an object or a list, no duplicate keys. */
static bool is_ours_to_refuse(const char *name, const struct error *err)
{
	return strncmp(name, "y_structure_lonely_", 19) == 0 || strstr(err->detail, "duplicate") != NULL || strstr(err->detail, "\\u0000") != NULL;
}

static void try_file(const char *folder, const char *name)
{
	struct text path = TEXT_EMPTY;
	struct error err;
	char bytes[1 << 18];
	FILE *file;
	size_t length;
	bool fine;

	text_printf(&path, "%s/test_parsing/%s", folder, name);
	file = fopen(path.bytes, "rb");
	assert_non_null(file);
	length = fread(bytes, 1, sizeof bytes, file);
	assert_true(length < sizeof bytes);
	fclose(file);
	text_done(&path);
	fine = parses(bytes, length, &err);
	if (fine ? name[0] == 'n' : name[0] == 'y' && !is_ours_to_refuse(name, &err))
		fail_msg("%s %s", name, fine ? "was taken" : err.detail);
}

static void test_suite(void **state)
{
	char archive[] = "../shared/data/json-testsuite/JSONTestSuite.tar.xz";
	const char *folder = test_folder();
	char copy[200];
	char *const unpack[] = { "tar", "-xJf", archive, "-C", copy, NULL };
	size_t n = 0;
	struct dirent *entry;
	DIR *entries;

	(void)state;
	snprintf(copy, sizeof copy, "%s", folder);
	if (access(archive, R_OK) != 0 || !run(unpack)) {
		test_folder_remove();
		print_message("skipped: %s cannot be unpacked\n", archive);
		skip();
	}
	entries = opendir(test_folder_path("test_parsing"));
	assert_non_null(entries);
	while ((entry = readdir(entries)) != NULL) {
		if (strchr("yni", entry->d_name[0]) == NULL || entry->d_name[1] != '_')
			continue;
		try_file(folder, entry->d_name);
		n++;
	}
	closedir(entries);
	test_folder_remove();
	print_message("%zu files\n", n);
	assert_true(n > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_suite),
	};

	return cmocka_run_group_tests_name("json_parse", tests, NULL, NULL);
}
