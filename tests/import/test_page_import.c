/* SPDX-License-Identifier: MIT */
/*
 * Saved pages become articles: those of tests/fixtures/pages, each beside what it must give, and a few made here that lack something.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "importer.h"

/* --- a sink that keeps one article --- */

struct kept {
	struct arena *arena;
	struct article article;
	size_t n;
};

static struct kept kept_new(void)
{
	struct kept kept = { .arena = arena_new() };

	kept.article.title = kept.article.body_html = kept.article.body_text = kept.article.source_url = "";
	kept.article.source.name = kept.article.section.name = "";
	return kept;
}

static bool keep(void *arg, size_t line, const struct article *article, struct arena *arena)
{
	struct kept *kept = arg;

	(void)line;
	(void)arena;
	kept->article = *article;
	kept->article.title = arena_string(kept->arena, article->title);
	kept->article.body_html = arena_string(kept->arena, article->body_html);
	kept->article.body_text = arena_string(kept->arena, article->body_text);
	kept->article.byline = arena_string(kept->arena, article->byline);
	kept->article.source.name = arena_string(kept->arena, article->source.name);
	kept->article.section.name = arena_string(kept->arena, article->section.name);
	kept->article.source_url = arena_string(kept->arena, article->source_url);
	kept->article.lang = arena_string(kept->arena, article->lang);
	kept->n++;
	return true;
}

static bool refuse(void *arg, size_t line, const struct error *why)
{
	(void)arg;
	(void)line;
	(void)why;
	return true;
}

static bool import_file(const char *path, const struct import_defaults *defaults, struct kept *kept, struct error *err)
{
	const struct import_sink sink = { .article = keep, .bad = refuse, .arg = kept };
	struct import_input *input = import_input_open(path, err);
	bool fine = input != NULL && import_read(input, defaults, &sink, err);

	import_input_close(input);
	return fine;
}

static bool import_bytes(const char *bytes, size_t length, const struct import_defaults *defaults, struct kept *kept, struct error *err)
{
	char path[] = "/tmp/broadsheet-page-XXXXXX";
	int file = mkstemp(path);
	bool fine;

	assert_true(file >= 0);
	assert_int_equal(write(file, bytes, length), (ssize_t)length);
	close(file);
	fine = import_file(path, defaults, kept, err);
	unlink(path);
	return fine;
}

/* --- the fixtures --- */

/* Running paragraphs alone: those inside quotations, items, cells and figures are not counted. */
static size_t count_paragraphs(const char *html)
{
	static const char *const containers[] = { "blockquote", "li", "td", "th", "figure", NULL };
	size_t n = 0, within = 0;

	for (const char *at = html; (at = strchr(at, '<')) != NULL; at++) {
		n += within == 0 && strncmp(at, "<p>", 3) == 0;
		for (size_t i = 0; containers[i] != NULL; i++) {
			size_t length = strlen(containers[i]);

			within += strncmp(at + 1, containers[i], length) == 0 && strchr(" >", at[length + 1]) != NULL;
			within -= at[1] == '/' && strncmp(at + 2, containers[i], length) == 0 && at[length + 2] == '>';
		}
	}
	return n;
}

static const char *expected_string(json_t *expected, const char *name)
{
	return json_string_value(json_object_get(expected, name));
}

/* A caption may stand before the first paragraph; nothing behind the last. */
static void check_body(const struct article *article, json_t *expected)
{
	const char *first = expected_string(expected, "first"), *last = expected_string(expected, "last");
	bool picture_first = strncmp(article->body_html, "<figure>", 8) == 0;
	const char *found = strstr(article->body_text, first);

	assert_non_null(found);
	assert_true(picture_first ? strncmp(found - 2, "\n\n", 2) == 0 : found == article->body_text);
	assert_string_equal(article->body_text + strlen(article->body_text) - strlen(last), last);
	assert_int_equal(count_paragraphs(article->body_html), json_integer_value(json_object_get(expected, "paragraphs")));
}

static void check_fixture(const char *page, json_t *expected)
{
	const struct import_defaults none = { 0 };
	struct kept kept = kept_new();
	char time[CLOCK_RFC3339_SIZE];
	struct error err;

	print_message("  %s\n", page);
	if (json_is_true(json_object_get(expected, "error"))) {
		assert_false(import_file(page, &none, &kept, &err));
		assert_int_equal(err.code, ERROR_INVALID);
		assert_int_equal(kept.n, 0);
		arena_free(kept.arena);
		return;
	}
	assert_true(import_file(page, &none, &kept, &err));
	assert_int_equal(kept.n, 1);
	assert_string_equal(kept.article.title, expected_string(expected, "title"));
	assert_string_equal(kept.article.source.name, expected_string(expected, "source"));
	assert_string_equal(kept.article.section.name, expected_string(expected, "section"));
	assert_string_equal(clock_rfc3339(kept.article.published_at, time), expected_string(expected, "published_at"));
	if (expected_string(expected, "byline") != NULL)
		assert_string_equal(kept.article.byline, expected_string(expected, "byline"));
	check_body(&kept.article, expected);
	arena_free(kept.arena);
}

static int is_expectation(const struct dirent *entry)
{
	return strstr(entry->d_name, ".expected.json") != NULL;
}

static void fixtures_give_what_stands_beside_them(void **state)
{
	struct dirent **entries;
	int n = scandir("tests/fixtures/pages", &entries, is_expectation, alphasort);

	(void)state;
	assert_true(n >= 8);
	for (int i = 0; i < n; i++) {
		int stem = (int)(strlen(entries[i]->d_name) - strlen(".expected.json"));
		char path[400], page[400];
		json_t *expected;

		snprintf(path, sizeof path, "tests/fixtures/pages/%s", entries[i]->d_name);
		expected = json_load_file(path, 0, NULL);
		assert_non_null(expected);
		snprintf(page, sizeof page, "tests/fixtures/pages/%.*s.html", stem, entries[i]->d_name);
		if (access(page, R_OK) != 0)
			snprintf(page, sizeof page, "tests/fixtures/pages/%.*s.txt", stem, entries[i]->d_name);
		check_fixture(page, expected);
		json_decref(expected);
		free(entries[i]);
	}
	free(entries);
}

/* --- the page that all this began with --- */

static void seed_page_has_fourteen_paragraphs(void **state)
{
	static const char page[] = "../shared/data/seed-page.txt";
	const struct import_defaults none = { 0 };
	struct kept kept = kept_new();
	char time[CLOCK_RFC3339_SIZE];
	struct error err;

	(void)state;
	if (access(page, R_OK) != 0) {
		arena_free(kept.arena);
		skip();
	}
	assert_true(import_file(page, &none, &kept, &err));
	assert_string_equal(kept.article.title, "BlackBerry To Stay In Pakistan After Government Drops Server-access Request");
	assert_string_equal(kept.article.source.name, "The Canadian Press");
	assert_string_equal(kept.article.section.name, "National");
	assert_string_equal(clock_rfc3339(kept.article.published_at, time), "2015-12-31T17:20:00Z");
	assert_int_equal(count_paragraphs(kept.article.body_html), 14);
	assert_ptr_equal(strstr(kept.article.body_text, "BlackBerry (TSX:BB) says"), kept.article.body_text);
	assert_string_equal(strstr(kept.article.body_text, "certain metadata, Chen"), "certain metadata, Chen said.");
	assert_null(strstr(kept.article.body_text, "Governor General"));
	arena_free(kept.arena);
}

/* --- what pages lack --- */

#define PARAGRAPHS                                                                                                                   \
	"<p>The harbour master said on Monday that the pier would be closed for a fortnight while divers looked at its piles.</p>"          \
	"<p>Boats are sent to the inner quay, where there is room for eleven of them if nobody insists on the place under the crane.</p>"

static struct error refusal_of(const char *page, const struct import_defaults *defaults)
{
	struct kept kept = kept_new();
	struct error err;

	assert_false(import_bytes(page, strlen(page), defaults, &kept, &err));
	assert_int_equal(kept.n, 0);
	assert_int_equal(err.code, ERROR_INVALID);
	arena_free(kept.arena);
	return err;
}

static void missing_parts_are_named(void **state)
{
	const struct import_defaults none = { 0 }, both = { .source = "The Courier", .section = "Local" };
	struct error err;

	(void)state;
	err = refusal_of("<html><body><h1>Pier closed for a fortnight</h1>" PARAGRAPHS, &both);
	assert_non_null(strstr(err.detail, "a time of publication"));
	assert_null(strstr(err.detail, "a title"));
	err = refusal_of("<html><body><h1>Pier closed for a fortnight</h1><p>5 January 2026, 10:00</p>" PARAGRAPHS, &none);
	assert_non_null(strstr(err.detail, "--source"));
	assert_non_null(strstr(err.detail, "--section"));
	assert_null(strstr(err.detail, "a time"));
	err = refusal_of("<html><body><h1>Pier closed for a fortnight</h1><p>5 January 2026, 10:00</p><p>Soon.</p>", &both);
	assert_non_null(strstr(err.detail, "running text"));
	err = refusal_of("<html><body><h1>Pier closed for a fortnight</h1><p>04/05/2026, 10:00</p>" PARAGRAPHS, &both);
	assert_non_null(strstr(err.detail, "two ways"));
}

static void command_line_fills_in(void **state)
{
	static const char page[] = "<html><body><h1>Pier closed for a fortnight</h1><p>5 January 2026, 10:00</p>" PARAGRAPHS;
	const struct import_defaults both = { .source = "The Courier", .section = "Local" };
	struct kept kept = kept_new();
	struct error err;

	(void)state;
	assert_true(import_bytes(page, strlen(page), &both, &kept, &err));
	assert_string_equal(kept.article.source.name, "The Courier");
	assert_string_equal(kept.article.section.name, "Local");
	assert_int_equal(kept.article.published_at, 1767625200);
	arena_free(kept.arena);
}

/* --- brief pages --- */

#define BRIEF_HEAD "<h1>Pier closed for a fortnight</h1><p>By Ann Harbour</p>"
#define BRIEF_SOURCE "<p>The Daily Gull, 3 Mar, 2026 9:05 PM</p>"
#define BRIEF_TEXT                                                                                                                  \
	"<p>The pier will stay closed until the divers have looked at all of its old piles.</p>"                                           \
	"<p>Boats are sent to the inner quay.</p><p>There is room for only eleven.</p>"
#define BRIEF_END "<h2>MORE LOCAL ARTICLES</h2><p><a href=/b>Gulls learn to read the tide table</a></p><p>They like the pictures best of all, it is said.</p>"
#define BRIEF_LD                                                                                                                    \
	"<script type=application/ld+json>{\"@type\":\"NewsArticle\",\"headline\":\"Pier closed for a fortnight\","                        \
	"\"datePublished\":\"2026-03-04T02:05:00Z\",\"publisher\":{\"name\":\"The Daily Gull\"},\"articleSection\":\"Local\"}</script>"

/* However a page says that it is an article, its short paragraphs are the body. */
static void short_paragraphs_do_for_an_article(void **state)
{
	static const char *const pages[] = {
		"<html><body>" BRIEF_HEAD BRIEF_SOURCE BRIEF_TEXT BRIEF_END,
		"<html><body><div><div>" BRIEF_HEAD "</div>" BRIEF_SOURCE "<div>" BRIEF_TEXT "</div></div>" BRIEF_END,
		"<html><body><ul><li>Home<li>News<li>Weather<li>Boats<li>Tides<li>Births<li>Deaths<li>Shop<li>Jobs<li>Homes<li>Cars<li>Food<li>Wine<li>Help</ul>"
		BRIEF_HEAD BRIEF_SOURCE BRIEF_TEXT BRIEF_END,
		"<html><body><article>" BRIEF_HEAD BRIEF_SOURCE BRIEF_TEXT "</article>" BRIEF_END,
		"<html><body><main>" BRIEF_HEAD BRIEF_SOURCE BRIEF_TEXT BRIEF_END "</main>",
		"<html><head>" BRIEF_LD "</head><body>" BRIEF_HEAD BRIEF_TEXT "<p>Posted by the harbour desk</p>" BRIEF_END,
		"<html><body><article>" BRIEF_HEAD BRIEF_TEXT BRIEF_SOURCE "</article>" BRIEF_END "<footer><p>We set no cookies, run no scripts and load nothing "
		"from elsewhere, which is more than can be said of most of the other papers on this coast.</p></footer>",
	};
	const struct import_defaults none = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
		struct kept kept = kept_new();
		struct error err;

		if (!import_bytes(pages[i], strlen(pages[i]), &none, &kept, &err))
			fail_msg("page %zu: %s", i, err.detail);
		assert_string_equal(kept.article.title, "Pier closed for a fortnight");
		assert_string_equal(kept.article.source.name, "The Daily Gull");
		assert_string_equal(kept.article.section.name, "Local");
		assert_string_equal(kept.article.byline, "By Ann Harbour");
		assert_int_equal(kept.article.published_at, 1772589900);
		assert_string_equal(kept.article.body_html, BRIEF_TEXT);
		arena_free(kept.arena);
	}
}

static void a_long_paragraph_among_short_ones_is_not_alone(void **state)
{
	static const char page[] = "<html><body>" BRIEF_HEAD BRIEF_SOURCE PARAGRAPHS "<p>Nobody does.</p><p>It is dark there.</p>" BRIEF_END;
	const struct import_defaults none = { 0 };
	struct kept kept = kept_new();
	struct error err;

	(void)state;
	assert_true(import_bytes(page, strlen(page), &none, &kept, &err));
	assert_non_null(strstr(kept.article.body_html, "divers looked"));
	assert_non_null(strstr(kept.article.body_html, "eleven of them"));
	assert_non_null(strstr(kept.article.body_html, "It is dark there."));
	arena_free(kept.arena);
}

/* Scraps with a time are no article, also when the command line says the rest. */
static void brief_pages_that_are_no_article_are_refused(void **state)
{
	static const char *const pages[] = {
		"<html><body><h1>Log in to go on</h1><p>3 March 2026, 21:05</p><p>Please give us your name.</p><p>It is quite safe.</p>",
		"<html><body><h1>Today</h1><p>3 March 2026, 21:05</p><article><p>The pier is closed.</p></article><article><p>The gulls can read.</p></article>",
		"<html><body><main>" BRIEF_HEAD BRIEF_SOURCE "<p>Soon.</p></main>",
	};
	const struct import_defaults both = { .source = "The Courier", .section = "Local" };

	(void)state;
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
		assert_non_null(strstr(refusal_of(pages[i], &both).detail, "running text"));
}

/* --- sections --- */

static void check_section(const char *above, const char *end, const char *given, const char *expected)
{
	const struct import_defaults defaults = { .section = given };
	struct kept kept = kept_new();
	char page[2000];
	struct error err;

	snprintf(page, sizeof page, "<html><body>%s" BRIEF_HEAD BRIEF_SOURCE PARAGRAPHS "%s", above, end);
	assert_true(import_bytes(page, strlen(page), &defaults, &kept, &err));
	assert_string_equal(kept.article.section.name, expected);
	arena_free(kept.arena);
}

static void sections_in_capitals_become_words(void **state)
{
	(void)state;
	check_section("", "<h2>MORE NATIONAL ARTICLES</h2>", NULL, "National");
	check_section("", "<h2>MORE ARTS AND LIFE STORIES</h2>", NULL, "Arts and Life");
	check_section("", "<h2>MORE ÉCONOMIE ARTICLES</h2>", NULL, "Économie");
	check_section("", "<h2>MORE B.C. ARTICLES</h2>", NULL, "B.C.");
	check_section("", "<h2>MORE UK NEWS</h2>", NULL, "UK");
	check_section("", "<h2>MORE McGill ARTICLES</h2>", NULL, "McGill");
	check_section("<p>NATIONAL</p>", "", NULL, "National");
	check_section("<p>McGILL</p>", "<h2>MORE MCGILL ARTICLES</h2>", NULL, "McGILL");
}

static void the_command_line_knows_sections_better_than_teasers(void **state)
{
	(void)state;
	check_section("", "<h2>MORE NATIONAL ARTICLES</h2>", "Canada", "Canada");
	check_section("", "<h2>More from Business</h2>", "Canada", "Canada");
	check_section("<p>NATIONAL</p>", "", "Canada", "Canada");
	check_section("<p>National</p>", "", "Canada", "National");
	check_section("<p>National</p>", "<h2>MORE NATIONAL ARTICLES</h2>", "Canada", "National");
	check_section("<meta property=article:section content=NEWS>", "", "Canada", "NEWS");
}

static void old_encodings_are_read(void **state)
{
	static const char page[] = "<html><head><meta charset=iso-8859-1></head><body><h1>Caf\xE9 closed for a fortnight</h1><p>5 January 2026, 10:00</p>"
	    PARAGRAPHS "<p>\x93The kettle is broken,\x94 said the owner of the caf\xE9, who has gone to see her sister in the meantime.</p>";
	const struct import_defaults both = { .source = "The Courier", .section = "Local" };
	struct kept kept = kept_new();
	struct error err;

	(void)state;
	assert_true(import_bytes(page, sizeof page - 1, &both, &kept, &err));
	assert_string_equal(kept.article.title, "Café closed for a fortnight");
	assert_non_null(strstr(kept.article.body_text, "“The kettle is broken,” said"));
	arena_free(kept.arena);
}

static void addresses_are_resolved_and_bodies_safe(void **state)
{
	static const char page[] = "<html><head><link rel=canonical href='https://courier.example/2026/pier'></head><body>"
	    "<h1>Pier closed for a fortnight</h1><p>5 January 2026, 10:00</p>" PARAGRAPHS
	    "<p onclick=x()>The plan is <a href='plans/pier.pdf'>here</a>, <a href='/old'>there</a> and <a href='javascript:x()'>nowhere</a>, says the "
	    "office.<img src='//img.example/p.png' onerror=x()></p>";
	const struct import_defaults both = { .source = "The Courier", .section = "Local" };
	struct kept kept = kept_new();
	struct error err;

	(void)state;
	assert_true(import_bytes(page, sizeof page - 1, &both, &kept, &err));
	assert_string_equal(kept.article.source_url, "https://courier.example/2026/pier");
	assert_non_null(strstr(kept.article.body_html, "href=\"https://courier.example/2026/plans/pier.pdf\""));
	assert_non_null(strstr(kept.article.body_html, "href=\"https://courier.example/old\""));
	assert_non_null(strstr(kept.article.body_html, "src=\"https://img.example/p.png\""));
	assert_null(strstr(kept.article.body_html, "javascript"));
	assert_null(strstr(kept.article.body_html, "onclick"));
	arena_free(kept.arena);
}

static int set_zone(void **state)
{
	struct error err;

	(void)state;
	return clock_set_timezone("America/Toronto", &err) ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixtures_give_what_stands_beside_them),
		cmocka_unit_test(seed_page_has_fourteen_paragraphs),
		cmocka_unit_test(missing_parts_are_named),
		cmocka_unit_test(command_line_fills_in),
		cmocka_unit_test(short_paragraphs_do_for_an_article),
		cmocka_unit_test(a_long_paragraph_among_short_ones_is_not_alone),
		cmocka_unit_test(brief_pages_that_are_no_article_are_refused),
		cmocka_unit_test(sections_in_capitals_become_words),
		cmocka_unit_test(the_command_line_knows_sections_better_than_teasers),
		cmocka_unit_test(old_encodings_are_read),
		cmocka_unit_test(addresses_are_resolved_and_bodies_safe),
	};

	return cmocka_run_group_tests(tests, set_zone, NULL);
}
