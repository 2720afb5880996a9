/* SPDX-License-Identifier: MIT */
/* Bodies as text and back, excerpts, and the counting of words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "article.h"

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

static void expect_text(const char *html, const char *expected)
{
	assert_string_equal(html_to_text(html_sanitise(html, strlen(html), arena), arena), expected);
}

static void blocks_are_parted_by_blank_lines(void **state)
{
	(void)state;
	expect_text("<h2>A</h2><p>one<br>two</p><blockquote><p>three</p></blockquote><hr><p>&lt;four&gt; &amp; &#39;five&#39;</p>",
	    "A\n\none\ntwo\n\nthree\n\n<four> & 'five'");
	expect_text("<p>a</p><pre>  b\n\n c</pre>", "a\n\n  b\n\n c");
	expect_text("<figure><img src='https://a.example/b' alt='x'><figcaption>cap</figcaption></figure><p>a</p>", "cap\n\na");
	expect_text("", "");
}

static void items_and_rows_are_lines(void **state)
{
	(void)state;
	expect_text("<p>a</p><ul><li>b<ol><li>c</li></ol></li><li><p>d</p><p>e</p></li></ul><p>f</p>", "a\n\n- b\n- c\n- d\ne\n\nf");
	expect_text("<table><tr><th>a</th><th>b</th></tr><tr><td>c</td><td>d</td></tr></table><p>e</p>", "a | b\nc | d\n\ne");
}

static void text_comes_back(void **state)
{
	static const char *const texts[] = { "One.", "One.\n\nTwo.", "One\nline\nmore.\n\n<Two> & \"three\"", "Ünï\n\n…", "" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		const char *html = html_from_text(texts[i], arena);

		assert_string_equal(html_to_text(html, arena), texts[i]);
		assert_string_equal(html_sanitise(html, strlen(html), arena), html);
	}
	assert_string_equal(html_from_text(" a  b \r\n\r\n\n\n c\r\nd", arena), "<p>a b</p><p>c<br>d</p>");
}

/* --- excerpts --- */

static void excerpts_end_with_sentences(void **state)
{
	const char *text = "WATERLOO, Ont. — The firm said on Dec. 30 that it stays. Mr. J. Chen of B.C. agreed. Nobody else was asked.";

	(void)state;
	assert_string_equal(text_excerpt(text, 240, arena), text);
	assert_string_equal(text_excerpt(text, 100, arena),
	    "WATERLOO, Ont. — The firm said on Dec. 30 that it stays. Mr. J. Chen of B.C. agreed.");
	assert_string_equal(text_excerpt(text, 70, arena), "WATERLOO, Ont. — The firm said on Dec. 30 that it stays.");
	assert_string_equal(text_excerpt("\"We stay here for a long time,\" he said. \"Why would we ever go?\" Nobody knew.", 70, arena),
	    "\"We stay here for a long time,\" he said. \"Why would we ever go?\"");
}

static void excerpts_are_cut_between_words(void **state)
{
	const char *cut = text_excerpt("The quick brown fox jumps over the lazy dog and runs on and on without a stop", 40, arena);

	(void)state;
	assert_string_equal(cut, "The quick brown fox jumps over the…");
	cut = text_excerpt("äääääääääääääääääääääääääääääääääääääääääää", 40, arena);
	assert_true(strlen(cut) <= 40 && text_is_utf8(cut, strlen(cut)));
}

static void excerpts_take_the_first_paragraph(void **state)
{
	(void)state;
	assert_string_equal(text_excerpt("The first paragraph is quite long enough to stand for itself, it says.\n\nThe second.", 240, arena),
	    "The first paragraph is quite long enough to stand for itself, it says.");
	assert_string_equal(text_excerpt("Short.\n\nThe second.", 240, arena), "Short. The second.");
	assert_string_equal(text_excerpt("A heading\n\nThe second says more.", 240, arena), "The second says more.");
	assert_string_equal(text_excerpt("", 240, arena), "");
}

/* --- words --- */

static void words_are_counted(void **state)
{
	(void)state;
	assert_int_equal(text_count_words(""), 0);
	assert_int_equal(text_count_words(" — … !"), 0);
	assert_int_equal(text_count_words("One, two; three."), 3);
	assert_int_equal(text_count_words("Don't it’s 7,500 or 3.25"), 5);
	assert_int_equal(text_count_words("naïve Größe हिन्दी समाचार"), 4);
	assert_int_equal(text_count_words("北京欢迎你们。"), 3);
	assert_int_equal(text_count_words("e\xCC\x81t\xCC\xA3 x"), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(blocks_are_parted_by_blank_lines), TEST(items_and_rows_are_lines), TEST(text_comes_back), TEST(excerpts_end_with_sentences),
		TEST(excerpts_are_cut_between_words), TEST(excerpts_take_the_first_paragraph), TEST(words_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
