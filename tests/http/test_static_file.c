/* SPDX-License-Identifier: MIT */
/* Static files: found by exact name, kept for a year under their version alone, read again from a folder when changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/http_internal.h"

static char folder[] = "/tmp/broadsheet-test-XXXXXX";

static void write_file(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void remove_all(void)
{
	static const char *const names[] = { "site.css", "pixel.png", "secret.key", ".hidden.css",
		"templates/page.html", "templates" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char path[128];

		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		remove(path);
	}
}

static int set_up(void **state)
{
	char path[128];

	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/templates", folder);
	mkdir(path, 0700);
	write_file("site.css", "a{}");
	write_file("pixel.png", "\x89PNG\x01");
	write_file("secret.key", "secret");
	write_file(".hidden.css", "b{}");
	write_file("templates/page.html", "<p>");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	remove_all();
	return rmdir(folder);
}

static bool answer(
    const struct static_files *files, const char *path, const char *v, struct arena *arena, struct response *response)
{
	struct request_value parameter = { "v", v };
	struct basis basis;
	struct request request = { .arena = arena, .basis = &basis, .parameters = &parameter, .n_parameters = v == NULL ? 0 : 1,
		.canonical = &parameter, .n_canonical = v == NULL ? 0 : 1 };
	struct error err;
	bool ok;

	basis_init(&basis, arena);
	response_init(response, arena);
	ok = static_files_answer(files, path, &request, response, &err);
	if (!ok)
		assert_int_equal(err.code, ERROR_NOT_FOUND);
	return ok;
}

static void test_answers(void **state)
{
	static const char *const absent[] = { "", "site", "SITE.css", "./site.css", "../site.css", "/site.css",
		"site.css/", "templates", "templates/page.html", "secret.key", ".hidden.css", "no.css",
		"templates/../site.css" };
	struct arena *arena = arena_new();
	struct error err;
	struct static_files *files = static_files_new(folder, &err);
	const unsigned char *bytes;
	const char *version;
	struct response response;
	size_t length;

	(void)state;
	assert_non_null(files);
	assert_true(static_files_find(files, "site.css", &bytes, &length, &version));
	assert_int_equal(length, 3);
	assert_int_equal(strlen(version), 16);
	assert_true(static_files_find(
	    files, "templates/page.html", &bytes, &length, &version)); /* for those who fill them in */

	assert_true(static_files_find(files, "site.css", &bytes, &length, &version));
	assert_true(answer(files, "site.css", NULL, arena, &response));
	assert_string_equal(response.content_type, "text/css; charset=utf-8");
	assert_int_equal(response.caching, CACHING_PUBLIC);
	response_done(&response);
	assert_true(answer(files, "site.css", version, arena, &response));
	assert_int_equal(response.caching, CACHING_STATIC);
	response_done(&response);
	assert_true(answer(files, "site.css", "0123456789abcdef", arena, &response));
	assert_int_equal(response.caching, CACHING_PUBLIC);
	response_done(&response);

	for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++) {
		if (answer(files, absent[i], NULL, arena, &response))
			fail_msg("%s is there", absent[i]);
		response_done(&response);
	}
	static_files_free(files);
	arena_free(arena);
}

/* A byte in a picture that happens to be the mark for the base URL stays what it is. */
static void test_binary_is_not_filled(void **state)
{
	struct arena *arena = arena_new();
	struct error err;
	struct static_files *files = static_files_new(folder, &err);
	struct response response;

	(void)state;
	assert_true(answer(files, "pixel.png", NULL, arena, &response));
	response_fill(&response, "http://news.example");
	assert_int_equal(response.body.length, 5);
	response_done(&response);
	static_files_free(files);
	arena_free(arena);
}

static void test_changed_files_are_read_again(void **state)
{
	struct error err;
	struct static_files *files = static_files_new(folder, &err);
	const unsigned char *before, *after;
	const char *version_before, *version_after;
	size_t length;

	(void)state;
	assert_true(static_files_find(files, "site.css", &before, &length, &version_before));
	write_file("site.css", "a{color:red}");
	assert_true(static_files_find(files, "site.css", &after, &length, &version_after));
	assert_int_equal(length, 12);
	assert_string_equal((const char *)before, "a{}");    /* what was lent stays as it was */
	assert_string_not_equal(version_before, version_after);
	assert_true(static_files_find(files, "site.css", &before, &length, &version_before));
	assert_ptr_equal(before, after);
	write_file("site.css", "a{}");
	static_files_free(files);
}

static void test_no_folder(void **state)
{
	struct error err;

	(void)state;
	assert_null(static_files_new("/nonexistent", &err));
	assert_non_null(strstr(err.detail, "/nonexistent"));
}

/* The built-in ones. */
static void test_embedded(void **state)
{
	struct error err;
	struct static_files *files = static_files_new(NULL, &err);
	const unsigned char *bytes;
	const char *version;
	size_t length;

	(void)state;
	assert_non_null(files);
	assert_true(static_files_find(files, "site.css", &bytes, &length, &version));
	assert_true(length > 0);
	static_files_free(files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_binary_is_not_filled),
		cmocka_unit_test(test_changed_files_are_read_again),
		cmocka_unit_test(test_no_folder),
		cmocka_unit_test(test_embedded),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
