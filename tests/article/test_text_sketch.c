/* SPDX-License-Identifier: MIT */
/* How much of one text stands in another: copies, cut copies, the same subject, nothing at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "article.h"
#include "test_store.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

static double containment(const char *one, const char *other)
{
	struct text_sketch a, b;

	text_sketch(one, &a);
	text_sketch(other, &b);
	return text_sketch_containment(&a, &b);
}

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
		const double share = containment(cases[i].one, cases[i].other);

		if (share < cases[i].least || share > cases[i].most)
			fail_msg("pair %zu: %f", i, share);
		if (share != containment(cases[i].other, cases[i].one))
			fail_msg("pair %zu: the order makes a difference", i);
	}
}

/* A copy that is cut from the bottom, at any length, is a copy. */
static void test_cut_copies(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t length = 60; length < sizeof ferry; length += 7)
		assert_true(containment(ferry, arena_copy(arena, ferry, length)) > 0.7);
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
	assert_true(containment(one.bytes, other.bytes) > 0.99);
	assert_true(containment(one.bytes, one.bytes + one.length / 2) < 0.01);
	text_done(&one);
	text_done(&other);
}

/* Of longer texts the share is estimated: within a tenth and a bit of what it is. */
static void test_estimates(void **state)
{
	struct text one = TEXT_EMPTY, other = TEXT_EMPTY;

	(void)state;
	for (int i = 0; i < 560; i++)
		text_printf(&one, "word%d ", i);
	for (int shared = 0; shared <= 560; shared += 40) {
		text_clear(&other);
		for (int i = 0; i < 560; i++)
			text_printf(&other, "word%d ", i < shared ? i : 1000 + i);
		assert_true(fabs(containment(one.bytes, other.bytes) - shared / 560.0) < 0.12);
	}
	text_done(&one);
	text_done(&other);
}

/* The sketch is in order, holds each hash once, and is the same twice. */
static void test_sketch(void **state)
{
	struct text_sketch sketch, again;

	(void)state;
	text_sketch(ferry, &sketch);
	text_sketch(ferry, &again);
	assert_true(sketch.n > 50 && sketch.n <= TEXT_SKETCH_MOST);
	assert_int_equal(sketch.n, again.n);
	assert_memory_equal(sketch.hashes, again.hashes, sketch.n * sizeof sketch.hashes[0]);
	for (size_t i = 1; i < sketch.n; i++)
		assert_true(sketch.hashes[i - 1] < sketch.hashes[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_cut_copies),
		cmocka_unit_test(test_long_texts),
		cmocka_unit_test(test_estimates),
		cmocka_unit_test(test_sketch),
	};

	return cmocka_run_group_tests_name("text_sketch", tests, NULL, NULL);
}
