/* SPDX-License-Identifier: MIT */
/*
 * Lead pictures, captions and datelines become fields; and a page of Broadsheet's own gives back the article that it shows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/import/page_internal.h"

#define HEAD "<html><head><link rel=canonical href='https://gull.example/pier'>"
#define PRINTED "<body><article><h1>Pier closed for a fortnight</h1><p>The Daily Gull, 3 Mar, 2026 9:05 PM</p>"
#define ONE "<p>The harbour master said on Monday that the pier would be closed for a fortnight while divers looked at its piles.</p>"
#define TWO "<p>Boats are sent to the inner quay, where there is room for eleven of them if nobody insists on the place under the crane.</p>"
#define CAPTION "The old pier lay in the fog on Monday morning, as it does on most days of the spring."
#define FIGURE(SRC) "<figure><img src='" SRC "' alt='A pier' width=640 height=400><figcaption>" CAPTION " <span class=credit>Jo Lens</span></figcaption></figure>"

static struct page read_page(const char *html, struct arena *arena)
{
	struct page page;

	page_read_html(html, strlen(html), arena, &page);
	assert_non_null(page.body);
	return page;
}

static void check_lead(const char *html)
{
	struct arena *arena = arena_new();
	struct page page = read_page(html, arena);

	assert_string_equal(page.image.url, "https://gull.example/pier.jpg");
	assert_string_equal(page.image.alt, "A pier");
	assert_string_equal(page.image.caption, CAPTION);
	assert_string_equal(page.image.credit, "Jo Lens");
	assert_int_equal(page.image.width, 640);
	assert_int_equal(page.image.height, 400);
	assert_null(strstr(page.body, "fog"));
	assert_null(strstr(page.body, "Lens"));
	assert_non_null(strstr(page.body, "eleven"));
	arena_free(arena);
}

static void first_figure_is_the_image(void **state)
{
	(void)state;
	check_lead(HEAD PRINTED FIGURE("/pier.jpg") ONE TWO);
	check_lead(HEAD "<meta property=og:image content='https://gull.example/pier.jpg'>" PRINTED FIGURE("/pier.jpg") ONE TWO);
	check_lead(HEAD PRINTED FIGURE("/pier.jpg") "<div class=text>" ONE TWO "</div>");    /* beside the body */
}

static void later_figures_stay(void **state)
{
	struct arena *arena = arena_new();
	struct page page = read_page(HEAD PRINTED ONE FIGURE("/pier.jpg") TWO, arena);

	(void)state;
	assert_null(page.image.url);
	assert_non_null(strstr(page.body, "<figure><img"));
	assert_non_null(strstr(page.body, "<figcaption>" CAPTION));
	page = read_page(HEAD "<meta property=og:image content='https://gull.example/other.jpg'>" PRINTED FIGURE("/pier.jpg") ONE TWO, arena);
	assert_string_equal(page.image.url, "https://gull.example/other.jpg");
	assert_null(page.image.caption);
	assert_non_null(strstr(page.body, "<figcaption>" CAPTION));
	arena_free(arena);
}

/* Without its picture it would read as a paragraph. */
static void captions_without_pictures_go(void **state)
{
	static const char *const pages[] = {
		"<html>" PRINTED FIGURE("/pier.jpg") ONE TWO,    /* relative to nothing */
		HEAD PRINTED ONE "<figure><video src=/pier.mp4></video><figcaption>" CAPTION "</figcaption></figure>" TWO,
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
		assert_null(strstr(read_page(pages[i], arena).body, "fog"));
	assert_non_null(strstr(read_page(HEAD PRINTED ONE "<figure><table><tr><td>11<td>12</table><figcaption>" CAPTION "</figcaption></figure>" TWO, arena).body, "fog"));
	arena_free(arena);
}

static void datelines_are_taken(void **state)
{
	static const struct {
		const char *opening, *dateline;
	} cases[] = {
		{ "<p><span class=dateline>PORT GULL, N.S. —</span> ", "PORT GULL, N.S." },
		{ "<p><span class=article-dateline>PORT GULL –</span> ", "PORT GULL" },
		{ "<p><span class=dateline>PORT GULL</span> ", NULL },
		{ "<p><span class=dateline>3 March —</span> ", NULL },
		{ "<p><span class=place>PORT GULL —</span> ", NULL },
		{ "<p>It began in <span class=dateline>PORT GULL —</span> ", NULL },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char html[2000];
		struct page page;

		snprintf(html, sizeof html, HEAD PRINTED "%sThe pier is closed until the divers have looked at all of its old piles.</p>" TWO, cases[i].opening);
		page = read_page(html, arena);
		if (cases[i].dateline == NULL)
			assert_null(page.dateline);
		else
			assert_string_equal(page.dateline, cases[i].dateline);
		assert_int_equal(strstr(page.body, "PORT GULL") == NULL && strstr(page.body, "March —") == NULL, cases[i].dateline != NULL);
	}
	arena_free(arena);
}

static void bylines_go_by_their_name(void **state)
{
	static const struct {
		const char *element, *byline;
	} cases[] = {
		{ "<p class=byline>Gull staff and agency</p>", "Gull staff and agency" },
		{ "<p class=byline>By <a href=/a>Ann Harbour</a></p>", "By Ann Harbour" },
		{ "<p class=byline>Gull</p>", NULL },
		{ "<p class=byline>Last seen 3 March</p>", NULL },
		{ "<p class=byline-bar>Gull staff and agency</p>", NULL },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char html[2000];
		struct page page;

		snprintf(html, sizeof html, HEAD PRINTED "%s" ONE TWO, cases[i].element);
		page = read_page(html, arena);
		if (cases[i].byline == NULL)
			assert_null(page.byline);
		else
			assert_string_equal(page.byline, cases[i].byline);
		assert_null(strstr(page.body, "staff"));
	}
	arena_free(arena);
}

/* The article's language, not that of the page around it. */
static void json_ld_knows_the_language(void **state)
{
	static const char ld[] = "<script type=application/ld+json>{\"@type\":\"NewsArticle\",\"headline\":\"Pier closed for a fortnight\",\"inLanguage\":\"%s\"}"
	    "</script><meta property=og:locale content=en_GB>" PRINTED ONE TWO;
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(read_page(arena_printf(arena, "<html lang=en>%s", arena_printf(arena, ld, "es")), arena).lang, "es");
	assert_string_equal(read_page(arena_printf(arena, "<html lang=en>%s", arena_printf(arena, ld, "Spanish, mostly")), arena).lang, "en");
	assert_string_equal(read_page(arena_printf(arena, "<html>%s", arena_printf(arena, ld, "")), arena).lang, "en-GB");
	arena_free(arena);
}

static void keywords_are_tags_but_marks_are_not(void **state)
{
	struct arena *arena = arena_new();
	struct page page = read_page(HEAD "<script type=application/ld+json>{\"@type\":\"NewsArticle\",\"headline\":\"Pier closed for a fortnight\","
	    "\"keywords\":\"Piers, Gulls,type:story,,Piers\"}</script><meta property=article:tag content=Boats>" PRINTED ONE TWO, arena);

	(void)state;
	assert_int_equal(page.tags.n, 2);
	assert_string_equal(page.tags.items[0], "Piers");
	assert_string_equal(page.tags.items[1], "Gulls");
	page = read_page(HEAD "<meta property=article:tag content=Boats>" PRINTED ONE TWO, arena);
	assert_int_equal(page.tags.n, 1);
	arena_free(arena);
}

static void own_page_gives_its_article_back(void **state)
{
	struct arena *arena = arena_new();
	char *html = arena_alloc(arena, 20000);
	FILE *file = fopen("tests/fixtures/pages/own-page.html", "rb");
	struct page page;

	(void)state;
	assert_non_null(file);
	html[fread(html, 1, 19999, file)] = '\0';
	fclose(file);
	page = read_page(html, arena);
	assert_string_equal(page.source, "The Daily Gull");
	assert_string_equal(page.site, "Broadsheet");
	assert_string_equal(page.byline, "By Ann Harbour");
	assert_int_equal(page.authors.n, 1);
	assert_string_equal(page.dateline, "VICTORIA");
	assert_string_equal(page.image.url, "https://img.example/ferry.jpg");
	assert_string_equal(page.image.caption, "The ferry lay at its pier on Monday, as it has done on every day of the past week.");
	assert_string_equal(page.image.credit, "Jo Lens");
	assert_string_equal(page.image.alt, "A ferry at its pier");
	assert_int_equal(page.image.width, 800);
	assert_int_equal(page.tags.n, 2);
	assert_false(page.section_is_weak);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_figure_is_the_image),
		cmocka_unit_test(later_figures_stay),
		cmocka_unit_test(captions_without_pictures_go),
		cmocka_unit_test(datelines_are_taken),
		cmocka_unit_test(bylines_go_by_their_name),
		cmocka_unit_test(json_ld_knows_the_language),
		cmocka_unit_test(keywords_are_tags_but_marks_are_not),
		cmocka_unit_test(own_page_gives_its_article_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
