/* SPDX-License-Identifier: MIT */
/*
 * The sanitiser: what becomes of good markup, what is left of bad, and that hostile input neither gets through nor takes long.
 *
 * Every payload's result is parsed again by gumbo and judged against a list of its own (tests/support/html_check.c), and sanitised
 * again, which must change nothing. Collections of payloads that lie outside the repository (../shared) are tried too when they are
 * there.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "article.h"
#include "html.h"
#include "html_check.h"

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

static const char *sanitise(const char *html)
{
	return html_sanitise(html, strlen(html), arena);
}

static void expect(const char *html, const char *expected)
{
	assert_string_equal(sanitise(html), expected);
	assert_string_equal(sanitise(expected), expected);
}

static void expect_safe_bytes(const char *html, size_t length)
{
	const char *safe = html_sanitise(html, length, arena);
	char offence[200] = "";

	if (!html_check(safe, offence, sizeof offence))
		fail_msg("%s in\n%s\nmade from\n%.*s", offence, safe, (int)length, html);
	assert_string_equal(sanitise(safe), safe);
}

/* --- good markup --- */

static void known_elements_are_kept(void **state)
{
	(void)state;
	expect("<p>One <b>bold</b>, <i>slanted</i> and <code>x</code> H<sub>2</sub>O m<sup>2</sup>.<br>Next.</p>",
	    "<p>One <strong>bold</strong>, <em>slanted</em> and <code>x</code> H<sub>2</sub>O m<sup>2</sup>.<br>Next.</p>");
	expect("<h1>A</h1><h2>B</h2><h3>C</h3><h5>D</h5>", "<h2>A</h2><h2>B</h2><h3>C</h3><h4>D</h4>");
	expect("<blockquote>Said.</blockquote><hr><pre>\n a\n  b</pre>", "<blockquote><p>Said.</p></blockquote><hr><pre> a\n  b</pre>");
	expect("<ol start=3><li>a<li>b</ol><ul><li><p>c</p><p>d</p></ul>",
	    "<ol start=\"3\"><li>a</li><li>b</li></ol><ul><li><p>c</p><p>d</p></li></ul>");
	expect("<figure><img src=https://a.example/b.jpg width=640 height=480 alt='A \"b\"'><figcaption><p>Cap</p><p>tion</p></figure>",
	    "<figure><img src=\"https://a.example/b.jpg\" alt=\"A &quot;b&quot;\" width=\"640\" height=\"480\"><figcaption>Cap tion</figcaption></figure>");
	expect("<table><tr><th colspan=2>h<tr><td>a<td rowspan=2>b</table>",
	    "<table><tr><th colspan=\"2\">h</th></tr><tr><td>a</td><td rowspan=\"2\">b</td></tr></table>");
}

static void loose_text_becomes_paragraphs(void **state)
{
	(void)state;
	expect("one<div>two</div>three", "<p>one</p><p>two</p><p>three</p>");
	expect("one<br><br>two<br>\n<br>&nbsp;<br>three", "<p>one</p><p>two</p><p>three</p>");
	expect("<b>one<p>two</p></b>", "<p><strong>one</strong></p><p><strong>two</strong></p>");
	expect("<ul>loose<li>a</li></ul>", "<ul><li>loose</li><li>a</li></ul>");
	expect("<dl><dt>word<dd>meaning</dl>", "<p><strong>word</strong></p><p>meaning</p>");
	expect("  a \n\t b  <i> c </i> d", "<p>a b <em>c</em> d</p>");
	expect("<q>so</q>", "<p>“so”</p>");
}

static void nothing_empty_is_left(void **state)
{
	(void)state;
	expect("<p></p><p>&nbsp;</p><ul><li></li></ul><b></b><blockquote><hr></blockquote><table><tr><td></td></tr></table>", "");
	expect("<table><tr><td></td><td>x</td><td></td></tr><tr><td></td></tr></table>", "<table><tr><td></td><td>x</td><td></td></tr></table>");
	expect("<a href='https://a.example/'></a><img src='x.png'><img src='https://a.example/1.gif' width=1 height=1>", "");
}

static void links_are_checked(void **state)
{
	(void)state;
	expect("<a href=' HTTPS://A.example/b c?d=<e>#`f` '>x</a>",
	    "<p><a href=\"https://A.example/b%20c?d=%3Ce%3E#%60f%60\" rel=\"nofollow noopener\">x</a></p>");
	expect("<a href=mailto:desk@a.example>x</a>", "<p><a href=\"mailto:desk@a.example\" rel=\"nofollow noopener\">x</a></p>");
	expect("<a href=/relative>x</a> <a href=//a.example/>y</a> <a href=ftp://a.example/>z</a> <a href=https:a.example>v</a>", "<p>x y z v</p>");
	expect("<a href='https://good.example@evil.example/'>x</a><a href='https://a.example\\@b.example/'>y</a><a href='https:///'>z</a>",
	    "<p>xyz</p>");
	expect("<a href='https://ä.example/ö'>x</a>", "<p><a href=\"https://ä.example/%C3%B6\" rel=\"nofollow noopener\">x</a></p>");
	expect("<a href='https://a.example/1'>x<a href='https://a.example/2'>y</a></a>",
	    "<p><a href=\"https://a.example/1\" rel=\"nofollow noopener\">x</a><a href=\"https://a.example/2\" rel=\"nofollow noopener\">y</a></p>");
}

static void letters_are_clean(void **state)
{
	(void)state;
	expect("<p>a&lt;b&gt; &amp; \"c\" 'd' `e`</p>", "<p>a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39; &#96;e&#96;</p>");
	expect("e<!-- -->&#x301;", "<p>é</p>");
	expect("<b>&#x338;</b>x", "<p><strong>&#824;</strong>x</p>");
	expect("a&#1;b&#x7F;c&#x85;&#xFFFF;&#x10FFFE;&#xFDD0;", "<p>abc…</p>");
	expect("\xFF\xC0x", "<p>��x</p>");
}

/* --- bad markup --- */

static const char *const payloads[] = {
	"<script>alert(1)</script>", "<p><script src=//e></script>x", "<img src=x onerror=alert(1)>", "<img src=https://a/x onerror=alert(1)>",
	"<svg onload=alert(1)>", "<svg><script>alert(1)</script></svg>", "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
	"<svg><animate onbegin=alert(1) attributeName=x>", "<svg><style><img src=x onerror=alert(1)></style></svg>",
	"<svg><foreignObject><iframe srcdoc='<script>alert(1)</script>'></foreignObject></svg>", "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
	"<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
	"<math><mtext></form><form><mglyph><svg><mtext><style><path id=\"</style><img onerror=alert(1) src>\">",
	"<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>", "<math href='javascript:alert(1)'>x</math>",
	"<a href='javascript:alert(1)'>x</a>", "<a href='JaVaScRiPt:alert(1)'>x</a>", "<a href='java\nscript:alert(1)'>x</a>",
	"<a href='java&#10;script:alert(1)'>x</a>", "<a href='java&Tab;script:alert(1)'>x</a>", "<a href='&#x1;javascript:alert(1)'>x</a>",
	"<a href=' \x0E javascript:alert(1)'>x</a>", "<a href='javascript&colon;alert(1)'>x</a>", "<a href='&#106;avascript:alert(1)'>x</a>",
	"<a href='vbscript:x'>x</a>", "<a href='data:text/html,<script>alert(1)</script>'>x</a>", "<a href='https://a/\" onclick=\"alert(1)'>x</a>",
	"<a href='https://a/&quot; onclick=alert(1)'>x</a>", "<a href=https://a/`onclick=alert(1)`>x</a>", "<a href='blob:https://a/x'>x</a>",
	"<a href='view-source:https://a/'>x</a>", "<a href='https://a/' target=_blank ping=//e style=x id=y name=z>x</a>",
	"<iframe src=https://a/></iframe>", "<iframe srcdoc='<script>alert(1)</script>'>", "<object data=x.swf><p>x</object>", "<embed src=x>",
	"<applet code=x>", "<base href=https://evil/>", "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
	"<link rel=stylesheet href=//e>", "<style>@import '//e';</style>", "<p style='background:url(javascript:alert(1))'>x",
	"<div style='position:fixed;inset:0'>x</div>", "<form action='javascript:alert(1)'><input type=submit><button>x</button></form>",
	"<input autofocus onfocus=alert(1)>", "<select onchange=alert(1)><option>x</select>", "<textarea></p><img src=x onerror=alert(1)></textarea>",
	"<keygen autofocus onfocus=alert(1)>", "<video src=x onerror=alert(1)><source onerror=alert(1)></video>", "<audio src=x onerror=alert(1)>",
	"<details open ontoggle=alert(1)><summary>x</summary></details>", "<marquee onstart=alert(1)>x</marquee>", "<body onload=alert(1)>x",
	"<html onmouseover=alert(1)>x", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<template><img src=x onerror=alert(1)></template>",
	"<xmp><p title='</xmp><img src=x onerror=alert(1)>'>", "<plaintext><img src=x>", "<title><img src=x onerror=alert(1)></title>",
	"<noembed><img src=x onerror=alert(1)></noembed>", "<noframes><img src=x onerror=alert(1)></noframes>",
	"<!--><img src=x onerror=alert(1)>-->", "<!--a--!><img src=x onerror=alert(1)>", "<![CDATA[<img src=x onerror=alert(1)>]]>",
	"<?xml version='1.0'?><img src=x onerror=alert(1)>", "<!doctype html><img src=x onerror=alert(1)>", "<img src=\"x\"\"onerror=alert(1)>",
	"<img/src=x/onerror=alert(1)>", "<img src=x onerror\x0C=alert(1)>", "<IMG SRC=`javascript:alert(1)`>", "<img \"\"\"><script>alert(1)</script>\">",
	"<<script>alert(1)//<</script>", "<scr<script>ipt>alert(1)</scr</script>ipt>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;",
	"<p title='&lt;img src=x onerror=alert(1)&gt;'>x", "<b><p><i>x</b>y</i></p>", "<table><a href='https://a/'>x<tr><td>y</a></table>",
	"<table><svg><desc><td><style><img src=x onerror=alert(1)></style></td></desc></svg></table>", "<p><table><p><table>x",
	"<ul><ul><ul><li>x</ul></li>", "<select><template><img src=x onerror=alert(1)></template></select>", "<isindex prompt=x action=javascript:alert(1)>",
	"<frameset onload=alert(1)><frame src=x></frameset>", "<a><b><a><i><a href='https://a/'>x", "<button form=x formaction=javascript:alert(1)>x",
	"<img src='https://a/x' srcset='javascript:alert(1)' longdesc=x usemap=#m>", "<map name=m><area href='javascript:alert(1)'></map>",
	"<picture><source srcset=x onerror=alert(1)><img src=https://a/y></picture>", "<td>x<tr>y<caption>z", "<p>\xF0\x9D\x92<script>",
	"<ol start='1\" onclick=\"x'><li value=9 onclick=x>a</ol>", "<td colspan='2 onclick=x'>x", "<img src=https://a/b width='1e3' height=-5>",
};

static void payloads_do_no_harm(void **state)
{
	(void)state;
	assert_true(sizeof payloads / sizeof payloads[0] >= 60);
	for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
		expect_safe_bytes(payloads[i], strlen(payloads[i]));
		assert_null(strstr(sanitise(payloads[i]), "<script"));
	}
}

static void nested_payloads_do_no_harm(void **state)
{
	size_t n = sizeof payloads / sizeof payloads[0];

	(void)state;
	for (size_t i = 0; i < n; i++) {
		const char *mixed = arena_printf(arena, "<table><tr><td>%s%s<p>%s", payloads[i], payloads[(i * 7 + 3) % n], payloads[(i * 13 + 5) % n]);

		expect_safe_bytes(mixed, strlen(mixed));
	}
}

/* --- collections --- */

static char *read_file(const char *path, size_t *ret_length)
{
	FILE *file = fopen(path, "rb");
	char *bytes = NULL;
	long size;

	if (file == NULL)
		return NULL;
	if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0) {
		bytes = calloc(1, (size_t)size + 1);
		*ret_length = bytes != NULL ? fread(bytes, 1, (size_t)size, file) : 0;
	}
	fclose(file);
	return bytes;
}

static void collected_payloads_do_no_harm(void **state)
{
	json_t *cases = json_load_file("../shared/data/xss-dompurify/cases.json", 0, NULL), *one;
	size_t i;

	(void)state;
	if (cases == NULL)
		skip();
	assert_true(json_array_size(cases) > 100);
	json_array_foreach(cases, i, one) {
		const char *payload = json_string_value(json_object_get(one, "payload"));

		assert_non_null(payload);
		expect_safe_bytes(payload, strlen(payload));
	}
	json_decref(cases);
}

/* Inputs of the HTML standard's own test suite: "#data", the input, "#errors", … */
static size_t try_tree_tests(const char *path)
{
	size_t length, n = 0;
	char *bytes = read_file(path, &length);

	for (const char *at = bytes; at != NULL && (at = strstr(at, "#data\n")) != NULL; n++) {
		const char *end = strstr(at, "\n#errors");

		at += strlen("#data\n");
		if (end != NULL && end > at)
			expect_safe_bytes(at, (size_t)(end - at));
	}
	free(bytes);
	return n;
}

static void standard_inputs_do_no_harm(void **state)
{
	static const char folder[] = "../shared/data/html5lib/tree-construction";
	struct dirent **entries;
	int files = scandir(folder, &entries, NULL, alphasort);
	size_t n = 0;

	(void)state;
	if (files < 0)
		skip();
	for (int i = 0; i < files; i++) {
		char path[400];

		snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
		if (strstr(entries[i]->d_name, ".dat") != NULL)
			n += try_tree_tests(path);
		free(entries[i]);
	}
	free(entries);
	assert_true(n > 500);
}

/* --- hostile sizes --- */

struct flood {
	const char *front, *part;
	size_t times;
};

static void floods_are_survived(void **state)
{
	static const struct flood floods[] = {
		{ "", "<div>", 100000 }, { "", "<p>", 700000 }, { "", "<p>x", 300000 }, { "<b><i><u><s><em><tt><code><font><big>", "<p>x", 200000 },
		{ "", "<b id=x%zu>", 50000 }, { "<p ", " a%zu=1", 100000 }, { "", "<b><b><b><b><div></b></b></b></b></div>", 40000 },
		{ "", "<table><td>", 60000 }, { "<table>", "<b>x", 100000 }, { "", "<svg><style><div>", 60000 }, { "", "<a href=http://a/>", 60000 },
		{ "", "<ul><li>", 100000 }, { "", "<div><table><td></div>", 50000 }, { "", "<form><div></form>", 60000 }, { "", "<", 1000000 },
		{ "", "<!--", 300000 }, { "<a href='", "x", 1000000 }, { "", "<template>", 100000 }, { "", "<i><p>", 100000 },
		{ "", "<select><option>", 80000 }, { "", "<blockquote>x", 80000 }, { "<pre>", "\n", 1000000 }, { "", "<math><mi><p>", 60000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof floods / sizeof floods[0]; i++) {
		struct text html = TEXT_EMPTY;
		int64_t started;

		text_string(&html, floods[i].front);
		for (size_t k = 0; k < floods[i].times; k++) {
			if (strstr(floods[i].part, "%zu") != NULL)
				text_printf(&html, floods[i].part[0] == '<' ? "<b id=x%zu>" : " a%zu=1", k);
			else
				text_string(&html, floods[i].part);
		}
		text_string(&html, "><p>end</p>");
		started = clock_thread_us();
		html_sanitise(html.bytes, html.length, arena);
		assert_true(clock_thread_us() - started < 30 * 1000000);    /* seconds here are minutes without the bounds */
		text_done(&html);
		arena_reset(arena);
	}
}

/* What takes too long loses its tags, and no word. */
static void tags_are_given_up_when_their_time_is_over(void **state)
{
	struct text html = TEXT_EMPTY;

	(void)state;
	for (int i = 0; i < 2000; i++)
		text_string(&html, "<p>word</p>");
	assert_non_null(strstr(html_sanitise(html.bytes, html.length, arena), "word</p><p>word"));
	html_tree_allow_us(-1);
	assert_null(strstr(html_sanitise(html.bytes, html.length, arena), "word</p><p>word"));
	assert_non_null(strstr(html_sanitise(html.bytes, html.length, arena), "word"));
	html_tree_allow_us(0);
	assert_non_null(strstr(html_sanitise(html.bytes, html.length, arena), "word</p><p>word"));
	text_done(&html);
}

static void deep_nesting_is_flattened(void **state)
{
	struct text html = TEXT_EMPTY;
	const char *safe;

	(void)state;
	for (int i = 0; i < 300; i++)
		text_string(&html, "<blockquote><ul><li>x");
	safe = sanitise(html.bytes);
	expect_safe_bytes(html.bytes, html.length);
	assert_true(strlen(safe) > 300);
	text_done(&html);
}

/* At the bound, what is kept must be kept again: also the items that are made for what stands right in a list. */
static void nesting_ends_where_it_ended_before(void **state)
{
	static const char *const parts[] = { "<ol>", "<ol><li>", "<blockquote>", "<ol><blockquote>", "<ul><li><blockquote>", "<table><tr><td>", "<ol><table><tr><td>",
		"<ol><ol><blockquote>", "<figure>", "<ul><figure>" };

	(void)state;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		for (int front = 0; front < 4; front++) {
			struct text html = TEXT_EMPTY;

			for (int k = 0; k < front; k++)
				text_string(&html, "<blockquote>");
			for (int k = 0; k < 40; k++)
				text_string(&html, parts[i]);
			text_string(&html, "word");
			assert_non_null(strstr(sanitise(html.bytes), "word"));
			expect_safe_bytes(html.bytes, html.length);
			text_done(&html);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(known_elements_are_kept),
		TEST(loose_text_becomes_paragraphs),
		TEST(nothing_empty_is_left),
		TEST(links_are_checked),
		TEST(letters_are_clean),
		TEST(payloads_do_no_harm),
		TEST(nested_payloads_do_no_harm),
		TEST(collected_payloads_do_no_harm),
		TEST(standard_inputs_do_no_harm),
		TEST(floods_are_survived),
		TEST(tags_are_given_up_when_their_time_is_over),
		TEST(deep_nesting_is_flattened),
		TEST(nesting_ends_where_it_ended_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
