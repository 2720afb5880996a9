/* SPDX-License-Identifier: MIT */
/* How much of one text stands in another: copies, cut copies, the same subject, nothing at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "article.h"
#include "test_store.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

static const char ferry[] =
    "The harbour ferry will run again from Monday, the town council said. Its engine was replaced over the winter, at a cost that the "
    "council put at two million crowns.\n\nThe boat, which carries commuters from the island of Little Skerry, had been out of service "
    "since a fire in November. Nobody was hurt. A bus has taken passengers around the bay meanwhile, a trip of fifty minutes.\n\n"
    "Fares stay as they are until the end of the year, said the director of the line, Marta Oldham.";

static const char ferry_edited[] =
    "SKERRY BAY - The harbour ferry will run again from Monday, the town council said. Its engine was replaced over the winter, at a cost "
    "that the council put at two million crowns. The boat, which carries commuters from the island of Little Skerry, had been out of "
    "service since a fire in November. Nobody was hurt.";

static const char ferry_other[] =
    "Islanders welcomed the return of the ferry with a brass band on Monday. The first boat left Little Skerry at six in the morning with "
    "eighty people on board. For months they had taken the bus around the bay. The council says the new engine cost two million crowns, "
    "and that fares will not rise this year.";

static const char library[] =
    "A reading room for children opens in the old customs house next week. Volunteers have painted the walls and sorted nine thousand "
    "books, most of them gifts from families in the town. It is open every afternoon but Sunday.";

static void test_pairs(void **state)
{
	static const struct {
		const char *one, *other;
		double least, most;
	} cases[] = {
		{ ferry, ferry, 1, 1 },
		{ ferry, ferry_edited, 0.5, 1 },
		{ ferry, ferry_other, 0, 0.2 },
		{ ferry, library, 0, 0 },
		{ "", "", 0, 0 },
		{ ferry, "", 0, 0 },
		{ "four words are few", "four words are few", 0, 0 },
		{ "five words are just enough", "five words are just enough", 1, 1 },
		{ "five, words: are - just enough!", "five words are just\n\nenough", 1, 1 },
		{ "one two three four five", "five four three two one", 0, 0 },
		{ "\u00e9t\u00e9 \u00e0 la plage encore", "\u00e9t\u00e9 \u00e0 la plage encore", 1, 1 },
		{ "a a a a a a a a a a", "a a a a a", 0.01, 1 },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		const double share = text_containment(cases[i].one, cases[i].other);

		if (share < cases[i].least || share > cases[i].most)
			fail_msg("pair %zu: %f", i, share);
		if (share != text_containment(cases[i].other, cases[i].one))
			fail_msg("pair %zu: the order makes a difference", i);
	}
}

/* A copy that is cut from the bottom, at any length, is a copy. */
static void test_cut_copies(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t length = 60; length < sizeof ferry; length += 7)
		assert_true(text_containment(ferry, arena_copy(arena, ferry, length)) > 0.7);
	arena_free(arena);
}

/* Texts of any length: no more is looked at than the beginning, and neither text is longer than its shingles. */
static void test_long_texts(void **state)
{
	struct text one = TEXT_EMPTY, other = TEXT_EMPTY;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		text_printf(&one, "word%d ", i);
		text_printf(&other, "word%d ", i < 1000 ? i : -i);
	}
	assert_true(text_containment(one.bytes, other.bytes) > 0.99);
	assert_true(text_containment(one.bytes, one.bytes + one.length / 2) < 0.01);
	text_done(&one);
	text_done(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_cut_copies),
		cmocka_unit_test(test_long_texts),
	};

	return cmocka_run_group_tests_name("text_containment", tests, NULL, NULL);
}
