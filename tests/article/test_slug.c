/* SPDX-License-Identifier: MIT */
/* Slugs of titles in many scripts, of odd ones and long ones; always valid. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "article.h"

static void expect(const char *title, const char *expected)
{
	struct arena *arena = arena_new();
	const char *slug = slug_from(title, "article", arena);

	assert_string_equal(slug, expected);
	assert_true(slug_is_valid(slug));
	arena_free(arena);
}

static void latin_titles(void **state)
{
	(void)state;
	expect("BlackBerry To Stay In Pakistan After Government Drops Server-access Request",
	    "blackberry-to-stay-in-pakistan-after-government-drops-server-access-request");
	expect("  It’s O'Brien's -- \"really\"?  ", "its-obriens-really");
	expect("Größe über Straßen in München", "grosse-uber-strassen-in-munchen");
	expect("L’été à Montréal: œuvre", "lete-a-montreal-oeuvre");
	expect("Thành phố Hồ Chí Minh đón Tết", "thanh-pho-ho-chi-minh-don-tet");
	expect("Łódź Şişli İstanbul", "lodz-sisli-istanbul");
}

static void other_scripts(void **state)
{
	(void)state;
	expect("Москва встречает гостей", "moskva-vstrechayet-gostey");
	expect("Η Αθήνα και ο κόσμος", "e-athena-kai-o-kosmos");
	expect("北京欢迎你", "bei-jing-huan-ying-ni");
	expect("한국 뉴스", "hangug-nyuseu");
	expect("أخبار العالم", "akhbar-alalm");
}

static void odd_titles(void **state)
{
	(void)state;
	expect("😀🎉", "article");
	expect("", "article");
	expect("---", "article");
	expect("C#", "c");
	expect("2026", "article-2026");
	expect("10 000", "10-000");
	expect("a&b", "a-b");
	expect("a\xCC\x81", "a");
}

static void long_titles(void **state)
{
	struct arena *arena = arena_new();
	char title[501];
	const char *slug;

	(void)state;
	for (size_t i = 0; i < 500; i++)
		title[i] = i % 7 == 6 ? ' ' : 'x';
	title[500] = '\0';
	slug = slug_from(title, "article", arena);
	assert_true(strlen(slug) <= SLUG_LONGEST && strlen(slug) > SLUG_LONGEST - 8);
	assert_string_equal(slug + strlen(slug) - 7, "-xxxxxx");
	memset(title, 'y', 500);
	assert_int_equal(strlen(slug_from(title, "article", arena)), SLUG_LONGEST);
	memset(title, '7', 500);
	slug = slug_from(title, "article", arena);
	assert_true(slug_is_valid(slug) && strlen(slug) <= SLUG_LONGEST);
	arena_free(arena);
}

static void validity(void **state)
{
	static const char *const bad[] = { "", "-a", "a-", "a--b", "A", "a_b", "123", "é", "a b",
		"0123456789a0123456789a0123456789a0123456789a0123456789a0123456789a0123456789a0123456789a0123456789a0123456789a", NULL };

	(void)state;
	for (size_t i = 0; bad[i] != NULL; i++)
		assert_false(slug_is_valid(bad[i]));
	assert_true(slug_is_valid("a"));
	assert_true(slug_is_valid("2026-in-review"));
	assert_true(slug_is_valid("1-2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(latin_titles), cmocka_unit_test(other_scripts), cmocka_unit_test(odd_titles), cmocka_unit_test(long_titles),
		cmocka_unit_test(validity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
