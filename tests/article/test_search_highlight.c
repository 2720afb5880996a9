/* SPDX-License-Identifier: MIT */
/* What is marked where, as a table of (typed, text → HTML); which part of a long text is shown, and that it is never longer than was asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "search.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

enum { MEGABYTE = 1 << 20 };

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

/* --- marks --- */

static void expect_marked(const char *typed, enum search_field field, bool is_english, const char *text, const char *html)
{
	struct search_query query;
	struct text got = TEXT_EMPTY;

	search_parse(typed, arena, &query);
	text_string(&got, "");
	search_mark(&query, field, text, is_english, arena, &got);
	if (strcmp(got.bytes, html) != 0)
		fail_msg("%s in \"%s\": %s\ninstead of %s", typed, text, got.bytes, html);
	text_done(&got);
}

static void test_marks(void **state)
{
	static const char *const rows[][3] = {
		{ "ice", "Ice on the ice.", "<mark>Ice</mark> on the <mark>ice</mark>." },
		{ "ice", "Nice iceberg, icing", "Nice iceberg, <mark>icing</mark>" },
		{ "bridges", "A bridge, bridging bridges", "A <mark>bridge</mark>, <mark>bridging</mark> <mark>bridges</mark>" },
		{ "town council", "The town council", "The <mark>town</mark> <mark>council</mark>" },
		{ "\"town council\"", "The Town Council, council of the town", "The <mark>Town Council</mark>, council of the town" },
		{ "\"town council\"", "town, council: town town\ncouncil", "<mark>town, council</mark>: town <mark>town council</mark>" },
		{ "\"a b\" \"b c\"", "a b c b", "<mark>a b c</mark> b" },
		{ "\"a b c\" b", "a b b c", "a <mark>b</mark> <mark>b</mark> c" },
		{ "gov*", "Governor governs; ago", "<mark>Governor</mark> <mark>governs</mark>; ago" },
		{ "\"town coun\"*", "town council, town of councils", "<mark>town council</mark>, town of councils" },
		{ "ferry -ice", "ferry ice", "<mark>ferry</mark> ice" },
		{ "title:ice ferry", "ice ferry", "ice <mark>ferry</mark>" },
		{ "e-mail", "An e-mail, email, e mail.", "An <mark>e-mail</mark>, <mark>email</mark>, <mark>e mail</mark>." },
		{ "email", "An e-mail, email, e mail.", "An <mark>e-mail</mark>, <mark>email</mark>, e mail." },
		{ "cafe", "Caf\xc3\xa9s, CAFE\xcc\x81!", "<mark>Caf\xc3\xa9s</mark>, <mark>CAFE\xcc\x81</mark>!" },
		{ "mayor", "The mayor\xe2\x80\x99s plan", "The <mark>mayor\xe2\x80\x99s</mark> plan" },
		{ "U.S.", "us of the U.S. side", "<mark>us</mark> of the <mark>U.S</mark>. side" },
		{ "\xe4\xba\xac", "\xe5\x8c\x97\xe4\xba\xac", "\xe5\x8c\x97<mark>\xe4\xba\xac</mark>" },
		{ "\xe5\x8c\x97\xe4\xba\xac", "\xe5\x8c\x97\xe4\xba\xac!", "<mark>\xe5\x8c\x97\xe4\xba\xac</mark>!" },
		{ "b", "<b> & \"b\"", "&lt;<mark>b</mark>&gt; &amp; &quot;<mark>b</mark>&quot;" },
		{ "mark", "<mark>ice</mark>", "&lt;<mark>mark</mark>&gt;ice&lt;/<mark>mark</mark>&gt;" },
		{ "ice", "One\n\nice\nTwo", "One <mark>ice</mark> Two" },
		{ "ice", "", "" },
		{ "ice", "... \xf0\x9f\x98\x80", "... \xf0\x9f\x98\x80" },
		{ "", "ice & snow", "ice &amp; snow" },
		{ "-", "ice", "ice" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++)
		expect_marked(rows[i][0], SEARCH_ANYWHERE, true, rows[i][1], rows[i][2]);
}

static void test_fields_and_languages(void **state)
{
	(void)state;
	expect_marked("title:ice byline:lee ferry", SEARCH_TITLE, true, "ice lee ferry", "<mark>ice</mark> lee <mark>ferry</mark>");
	expect_marked("title:ice byline:lee ferry", SEARCH_BYLINE, true, "ice lee ferry", "ice <mark>lee</mark> <mark>ferry</mark>");
	expect_marked("monuments", SEARCH_ANYWHERE, true, "monument, monuments", "<mark>monument</mark>, <mark>monuments</mark>");
	/* Of other languages as it is typed, and as it stems. */
	expect_marked("monuments", SEARCH_ANYWHERE, false, "monuments, monumental", "<mark>monuments</mark>, monumental");
}

/* --- excerpts --- */

static const struct entity {
	const char *name, *bytes;
} entities[] = { { "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" }, { "&#39;", "'" }, { "&#96;", "`" } };

/* What the HTML shows, without its marks and the ellipses at its ends. */
static const char *shown(const char *html)
{
	struct text text = TEXT_EMPTY;
	const char *copy;
	size_t length;

	html += strncmp(html, "… ", strlen("… ")) == 0 ? strlen("… ") : 0;
	while (*html != '\0') {
		size_t i = 0;

		while (i < N_OF(entities) && strncmp(html, entities[i].name, strlen(entities[i].name)) != 0)
			i++;
		if (i < N_OF(entities)) {
			text_string(&text, entities[i].bytes);
			html += strlen(entities[i].name);
		} else if (strncmp(html, "<mark>", 6) == 0 || strncmp(html, "</mark>", 7) == 0) {
			html += html[1] == '/' ? 7 : 6;
		} else {
			text_char(&text, *html++);
		}
	}
	length = text.length;
	if (length >= strlen(" …") && strcmp(text.bytes + length - strlen(" …"), " …") == 0)
		length -= strlen(" …");
	copy = arena_copy(arena, length > 0 ? text.bytes : "", length);
	text_done(&text);
	return copy;
}

static const char *excerpt(const char *typed, const char *text, size_t longest)
{
	struct search_query query;
	struct text html = TEXT_EMPTY;
	const char *copy;

	search_parse(typed, arena, &query);
	search_excerpt(&query, text, true, longest, arena, &html);
	copy = arena_copy(arena, html.length > 0 ? html.bytes : "", html.length);
	text_done(&html);
	return copy;
}

static void test_excerpts(void **state)
{
	static const char *const rows[][3] = {
		{ "ice", "Ice.", "<mark>Ice</mark>." },
		{ "ice", "", "" },
		{ "ice", "Nothing of it <here>", "Nothing of it &lt;here&gt;" },
		{ "ice", "One\n\ntwo\nice", "One two <mark>ice</mark>" },
		{ "ice & snow", "Ice & snow", "<mark>Ice</mark> &amp; <mark>snow</mark>" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++)
		assert_string_equal(excerpt(rows[i][0], rows[i][1], 240), rows[i][2]);
}

/* `n` words of the filling, then the end. */
static const char *long_text(const char *filling, size_t n, const char *end)
{
	struct text text = TEXT_EMPTY;
	const char *copy;

	for (size_t i = 0; i < n; i++)
		text_printf(&text, "%s ", filling);
	text_string(&text, end);
	copy = arena_copy(arena, text.bytes, text.length);
	text_done(&text);
	return copy;
}

/* Where most of what was looked for stands; the first of such; with a little in front. */
static void test_the_best_part(void **state)
{
	const char *html;

	(void)state;
	html = excerpt("ice snow", long_text("ice filler", 60, long_text("filler", 100, "ice and snow fell. The end.")), 120);
	assert_non_null(strstr(html, "<mark>ice</mark> and <mark>snow</mark> fell"));
	assert_int_equal(strncmp(html, "… filler", strlen("… filler")), 0);
	html = excerpt("ice", long_text("filler", 50, "first ice, and more "), 120);
	assert_non_null(strstr(html, "first <mark>ice</mark>"));
	html = excerpt("ice", arena_printf(arena, "First ice. %s", long_text("filler", 100, "second ice")), 120);
	assert_int_equal(strncmp(html, "First <mark>ice</mark>.", strlen("First <mark>ice</mark>.")), 0);
	assert_null(strstr(html, "second"));
	assert_string_equal(html + strlen(html) - strlen("filler …"), "filler …");
	html = excerpt("zebra", long_text("filler", 100, "end"), 120);
	assert_int_equal(strncmp(html, "filler filler", strlen("filler filler")), 0);
}

/* However far behind it stands. */
static void test_far_behind(void **state)
{
	static const size_t places[] = { 63, 64, 65, 3990, 3998, 3999, 4000, 4001, 4500, 20000, 100000 };

	(void)state;
	for (size_t i = 0; i < N_OF(places); i++) {
		const char *html = excerpt("needle", long_text("straw", places[i], "with a needle in it, and straw behind"), 240);

		if (strstr(html, "<mark>needle</mark> in it") == NULL)
			fail_msg("behind %zu words: %s", places[i], html);
	}
}

static void test_far_apart(void **state)
{
	const char *together = arena_printf(arena, "%s needle %s", long_text("straw", 4100, ""), long_text("straw", 4100, "needle and thread"));
	const char *html = excerpt("needle thread", together, 240);

	(void)state;
	assert_non_null(strstr(html, "<mark>needle</mark>"));
}

static char *repeated(const char *bytes, size_t most)
{
	const size_t length = strlen(bytes);
	char *text = arena_alloc(arena, most + 1);

	for (size_t i = 0; i + length <= most; i += length)
		memcpy(text + i, bytes, length);
	return text;
}

static void expect_short(const char *what, const char *typed, const char *text, size_t longest)
{
	const char *html = excerpt(typed, text, longest), *its = shown(html);
	const bool is_cut = strlen(its) < strlen(text);

	if (strlen(its) > longest)
		fail_msg("%s, \"%s\": %zu bytes instead of %zu", what, typed, strlen(its), longest);
	if (!text_is_utf8(its, strlen(its)))
		fail_msg("%s, \"%s\": a character is cut apart", what, typed);
	if (strstr(text, its) == NULL)
		fail_msg("%s, \"%s\": \"%s\" does not stand there", what, typed, its);
	if (is_cut && strstr(html, "…") == NULL)
		fail_msg("%s, \"%s\": nothing says that it is cut", what, typed);
}

/* Whatever the text is made of, and however long it is. */
static void test_never_longer(void **state)
{
	static const char *const fillings[] = { ".", "\xf0\x9f\x98\x80", "a", "\xc3\xa9", "ice ", "ice, \xf0\x9f\x98\x80 ", "\xe5\x8c\x97", "<&>\"'`", "a-", "a.", " ", "e\xcc\x81",
		"\xcc\x81", "1,000 ", "antidisestablishmentarianism ", "\xef\xac\x80 " };
	static const char *const typed[] = { "ice", "a*", "\xe5\x8c\x97", "\"ice ice\"", "needle", "e", "aa", "" };
	static const size_t longest[] = { 80, 81, 83, 240 };

	(void)state;
	for (size_t f = 0; f < N_OF(fillings); f++) {
		const char *few = repeated(fillings[f], 4096);
		const char *texts[] = { repeated(fillings[f], 79), repeated(fillings[f], 90), few, arena_printf(arena, "ice %s", few),
			arena_printf(arena, "%s needle %s", few, few) };

		for (size_t t = 0; t < N_OF(typed); t++)
			for (size_t i = 0; i < N_OF(texts); i++)
				expect_short(arena_printf(arena, "text %zu of \"%s\"", i, fillings[f]), typed[t], texts[i], longest[t % N_OF(longest)]);
		expect_short(fillings[f], typed[f % N_OF(typed)], repeated(fillings[f], MEGABYTE), 240);
		arena_reset(arena);
	}
}

/* What is long because of what stands behind a match is cut all the same. */
static void test_a_long_gap(void **state)
{
	(void)state;
	expect_short("dots behind", "ice", arena_printf(arena, "ice%s snow", repeated(".", MEGABYTE)), 240);
	expect_short("dots between", "ice snow", arena_printf(arena, "Once ice%s snow", repeated(".", 300)), 240);
	expect_short("dots before", "ice", arena_printf(arena, "%sice", repeated(".", MEGABYTE)), 240);
	assert_non_null(strstr(excerpt("ice", arena_printf(arena, "%sice and snow", repeated(".", MEGABYTE)), 240), "<mark>ice</mark>"));
	assert_non_null(strstr(excerpt("ice", arena_printf(arena, "Words %s ice", repeated("a", MEGABYTE)), 240), "<mark>ice</mark>"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_fields_and_languages),
		cmocka_unit_test(test_excerpts),
		cmocka_unit_test(test_the_best_part),
		cmocka_unit_test(test_far_behind),
		cmocka_unit_test(test_far_apart),
		cmocka_unit_test(test_never_longer),
		cmocka_unit_test(test_a_long_gap),
	};

	return cmocka_run_group_tests_name("search_highlight", tests, set_up, tear_down);
}
