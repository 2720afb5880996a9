/* SPDX-License-Identifier: MIT */
/* Which candidate is meant by a mistyped word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <string.h>

#include "text.h"

static const char *const names[] = { "section", "tag", "tag_all", "source", "author", "lang", "ids", "published_after",
	"published_before", "order", "limit", "cursor", NULL };

static void test_nearest(void **state)
{
	static const struct {
		const char *word, *nearest;
	} cases[] = {
		{ "section", "section" },
		{ "sectoin", "section" }, /* swapped */
		{ "Section", "section" },
		{ "sectio", "section" },
		{ "sections", "section" },
		{ "limt", "limit" },
		{ "limits", "limit" },
		{ "auther", "author" },
		{ "id", "ids" },
		{ "tags", "tag" },
		{ "published-after", "published_after" },
		{ "publishedafter", "published_after" },
		{ "published", "published_after" }, /* the beginning of several: the first */
		{ "cur", "cursor" },
		{ "page", NULL },
		{ "utm_source", NULL },
		{ "x", NULL },
		{ "", NULL },
		{ "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *nearest = text_nearest(cases[i].word, names);

		if ((nearest == NULL) != (cases[i].nearest == NULL)
		    || (nearest != NULL && strcmp(nearest, cases[i].nearest) != 0))
			fail_msg("\"%s\" is taken for %s", cases[i].word, nearest == NULL ? "nothing" : nearest);
	}
}

static void test_no_candidates(void **state)
{
	static const char *const none[] = { NULL };

	(void)state;
	assert_null(text_nearest("limit", none));
}

static void test_slips(void **state)
{
	static const struct {
		const char *one, *other;
		unsigned slips;
	} cases[] = {
		{ "govern", "govern", 0 },
		{ "govern", "GOVERN", 0 },
		{ "govern", "gover", 1 },
		{ "govern", "ogvern", 1 },
		{ "govern", "goverxx", 2 },
		{ "govern", "gxxxrn", UINT_MAX },
		{ "gov", "go", 1 },
		{ "a", "b", UINT_MAX },
		{ "", "", 0 },
		{ "govern", "governments", UINT_MAX },
		{ "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", UINT_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(text_slips(cases[i].one, cases[i].other), cases[i].slips);
		assert_int_equal(text_slips(cases[i].other, cases[i].one), cases[i].slips);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_nearest), cmocka_unit_test(test_no_candidates),
		cmocka_unit_test(test_slips) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
