/* SPDX-License-Identifier: MIT */
/* Differences between texts: what an editor would mark, that both texts can be read from it, that it is escaped, and that it takes no long time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "article.h"
#include "clock.h"

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* "a [-b-] [+c+]", paragraphs parted by '|'. */
static char *written(const char *before, const char *after)
{
	static const char *const opening[] = { "", "[+", "[-" }, *const closing[] = { "", "+]", "-]" };
	struct text text = TEXT_EMPTY;
	struct text_diff diff;

	text_diff(before, after, arena, &diff);
	for (size_t i = 0; i < diff.n; i++) {
		text_string(&text, i > 0 ? "|" : "");
		for (size_t p = 0; p < diff.paragraphs[i].n; p++) {
			const struct diff_part *part = &diff.paragraphs[i].parts[p];

			text_string(&text, opening[part->operation]);
			text_append(&text, part->text, part->length);
			text_string(&text, closing[part->operation]);
		}
	}
	text_char(&text, '.');
	return text_take(&text);
}

static void expect(const char *before, const char *after, const char *wanted)
{
	char *got = written(before, after);

	assert_string_equal(got, wanted);
	free(got);
}

static void test_words_and_paragraphs(void **state)
{
	(void)state;
	expect("", "", ".");
	expect("One two three.", "One two three.", "One two three..");
	expect("The mayor said no.", "The mayor said yes.", "The mayor said [-no.-][+yes.+].");
	expect("The mayor said no today.", "The old mayor said no.", "The [+old +]mayor said [-no today.-][+no.+].");
	expect("A b c.\n\nD e f.", "A b c.\n\nNew one here.\n\nD e f.", "A b c.|[+New one here.+]|D e f..");
	expect("A b c.\n\nGone.\n\nD e f.", "A b c.\n\nD e f.", "A b c.|[-Gone.-]|D e f..");
	expect("", "All new.", "[+All new.+].");
	expect("Ferry to the island.", "Quite another matter altogether.", "[-Ferry to the island.-]|[+Quite another matter altogether.+].");
}

static void test_escaped(void **state)
{
	struct text html = TEXT_EMPTY, json = TEXT_EMPTY;
	struct text_diff diff;

	(void)state;
	text_diff("Say <b>hi</b> & go", "Say \"hi\" & <script>", arena, &diff);
	text_diff_html(&diff, &html);
	assert_string_equal(html.bytes, "<p>Say <del>&lt;b&gt;hi&lt;/b&gt; </del><ins>&quot;hi&quot; </ins>&amp; <del>go</del><ins>&lt;script&gt;</ins></p>\n");
	text_diff_json(&diff, &json);
	assert_non_null(strstr(json.bytes, "{\"operation\":\"insert\",\"text\":\"\\\"hi\\\" \"}"));
	text_done(&html);
	text_done(&json);
}

/* --- from the difference both texts can be read, but for blanks at ends of words --- */

static uint64_t seed = 88172645463325252;

static unsigned number(unsigned below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed % below);
}

static void random_text(struct text *text, const char *of)
{
	if (of != NULL) {
		/* The same with words changed here and there. */
		for (const char *at = of; *at != '\0'; at++)
			if (number(14) != 0)
				text_char(text, *at);
			else if (number(3) == 0)
				text_string(text, number(4) == 0 ? "\n\n" : " x ");
		return;
	}
	for (unsigned i = number(60); i > 0; i--)
		text_printf(text, "%c%s", 'a' + (char)number(4), number(7) == 0 ? "\n\n" : " ");
}

static char *squeezed(const char *text)
{
	char *squeezed = malloc(strlen(text) + 1), *to = squeezed;

	for (; *text != '\0'; text++)
		if (strchr(" \n", *text) == NULL)
			*to++ = *text;
	*to = '\0';
	return squeezed;
}

static void expect_side(const struct text_diff *diff, enum diff_operation other, const char *text)
{
	struct text side = TEXT_EMPTY;
	char *one, *two;

	text_string(&side, "");
	for (size_t i = 0; i < diff->n; i++)
		for (size_t p = 0; p < diff->paragraphs[i].n; p++)
			if (diff->paragraphs[i].parts[p].operation != other)
				text_append(&side, diff->paragraphs[i].parts[p].text, diff->paragraphs[i].parts[p].length);
	one = squeezed(side.bytes);
	two = squeezed(text);
	assert_string_equal(one, two);
	free(one);
	free(two);
	text_done(&side);
}

static void test_random(void **state)
{
	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct text before = TEXT_EMPTY, after = TEXT_EMPTY;
		struct text_diff diff;

		text_string(&before, "");
		text_string(&after, "");
		random_text(&before, NULL);
		random_text(&after, number(3) == 0 ? NULL : before.bytes);
		text_diff(before.bytes, after.bytes, arena, &diff);
		expect_side(&diff, DIFF_INSERT, before.bytes);
		expect_side(&diff, DIFF_DELETE, after.bytes);
		text_done(&before);
		text_done(&after);
		arena_reset(arena);
	}
}

/* A megabyte of other words, in one paragraph and in many. */
static void test_bounded(void **state)
{
	(void)state;
	for (int many = 0; many < 2; many++) {
		struct text before = TEXT_EMPTY, after = TEXT_EMPTY;
		struct text_diff diff;
		int64_t began;

		while (before.length < 1 << 20) {
			const char *end = many && number(10) == 0 ? "\n\n" : " ";

			text_printf(&before, "%u%s", number(50), end);
			text_printf(&after, "%u%s", number(50), end);
		}
		began = clock_thread_us();
		text_diff(before.bytes, after.bytes, arena, &diff);
		assert_true(clock_thread_us() - began < 20000000);    /* a hundredth of it in a plain build; under valgrind it takes long */
		expect_side(&diff, DIFF_INSERT, before.bytes);
		expect_side(&diff, DIFF_DELETE, after.bytes);
		print_message("%s: %lld us\n", many ? "many" : "one", (long long)(clock_thread_us() - began));
		text_done(&before);
		text_done(&after);
		arena_reset(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_and_paragraphs),
		cmocka_unit_test(test_escaped),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests_name("text_diff", tests, set_up, tear_down);
}
