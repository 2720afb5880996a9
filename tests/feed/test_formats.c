/* SPDX-License-Identifier: MIT */
/*
 * What each format makes of three articles, byte for byte: one that has every field, one that has none it need not have, one that means harm. What is
 * right stands in tests/golden/; GOLDEN=write writes what comes now, to be looked at before it is committed. That the golden files are good RSS, Atom,
 * ninjs and so on is what tests/clients/feeds.test.js says, by others' schemas and readers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "feed/feed_internal.h"

static const char full[] =
    "{\"id\":812,\"slug\":\"blackberry-to-stay\",\"title\":\"BlackBerry To Stay & \\u201cWork\\u201d\",\"summary\":\"It <will> remain.\",\"source\":{\"slug\":\"the-wire\",\"name\":\"The Wire\"},"
    "\"byline\":\"By Ann Lee and Bo Ray\",\"authors\":[{\"slug\":\"ann-lee\",\"name\":\"Ann Lee\"},{\"slug\":\"bo-ray\",\"name\":\"Bo Ray\"}],\"dateline\":\"WATERLOO, Ont.\","
    "\"section\":{\"slug\":\"national\",\"name\":\"National\"},\"tags\":[{\"slug\":\"phones\",\"name\":\"Phones\",\"type\":\"topic\"},{\"slug\":\"john-chen\",\"name\":\"John Chen\",\"type\":\"person\"},"
    "{\"slug\":\"blackberry\",\"name\":\"BlackBerry\",\"type\":\"organisation\"},{\"slug\":\"pakistan\",\"name\":\"Pakistan\",\"type\":\"place\"},{\"slug\":\"ces-2016\",\"name\":\"CES 2016\",\"type\":\"event\"}],"
    "\"image\":{\"url\":\"/static/sample/phone.jpg\",\"width\":1200,\"height\":800,\"alt\":\"A phone\",\"caption\":\"It rings.\",\"credit\":\"Cy Oak\"},\"lang\":\"en\",\"featured\":true,"
    "\"published_at\":\"2015-12-31T17:20:00Z\",\"updated_at\":\"2016-01-02T08:00:00Z\",\"corrected_at\":\"2016-01-02T08:00:00Z\",\"word_count\":6,\"reading_minutes\":1,\"rev\":3,"
    "\"body_html\":\"<p>BlackBerry says it will remain.</p><p><a href=\\\"https://example.org/?a=1&amp;b=2\\\">Café</a></p>\",\"body_text\":\"BlackBerry says it will remain.\\n\\nCafé\","
    "\"corrections\":[{\"at\":\"2016-01-02T08:00:00Z\",\"kind\":\"correction\",\"text\":\"It had the wrong year.\"}],\"aliases\":[\"blackberry-leaves\"],\"guid\":\"wire:77\","
    "\"source_url\":\"https://wire.example/77\",\"canonical_url\":\"https://canonical.example/77\",\"rights\":{\"holder\":\"The Wire\",\"notice\":\"© The Wire\",\"usage_terms\":\"Not in Mars\"},"
    "\"status\":\"published\",\"expire_at\":\"2030-01-01T00:00:00Z\",\"related_ids\":[5]}";

static const char bare[] =
    "{\"id\":7,\"slug\":\"bare\",\"title\":\"Bare\",\"source\":{\"slug\":\"post\",\"name\":\"Post\"},\"authors\":[],\"section\":{\"slug\":\"sports\",\"name\":\"Sports\"},\"tags\":[],\"featured\":false,"
    "\"published_at\":\"2015-12-30T00:00:00Z\",\"updated_at\":\"2015-12-30T00:00:00Z\",\"word_count\":0,\"reading_minutes\":0,\"rev\":1,\"status\":\"published\"}";

static const char hostile[] =
    "{\"id\":8,\"slug\":\"hostile\",\"title\":\"</title>]]><script>&\\u0007\\uffff\",\"summary\":\"--><x>\\u000b\",\"source\":{\"slug\":\"source\",\"name\":\"\\\"><s>\"},"
    "\"byline\":\"<b>\",\"authors\":[],\"section\":{\"slug\":\"section\",\"name\":\"<&>\"},\"tags\":[{\"slug\":\"tag\",\"name\":\"'\\\">\",\"type\":\"topic\"}],"
    "\"image\":{\"url\":\"https://pictures.example/a'b.PNG?x=1&y=2\",\"alt\":\"\\\" onload=\\\"x\"},\"lang\":\"de\",\"featured\":false,\"published_at\":\"2015-12-29T23:59:59Z\",\"updated_at\":\"2015-12-29T23:59:59Z\","
    "\"word_count\":1,\"reading_minutes\":1,\"rev\":1,\"body_html\":\"<p>]]&gt; &amp;lt;</p>\",\"body_text\":\"]]> &lt;\",\"status\":\"published\"}";

static const struct feed_site site = { .base_url = "https://news.example", .name = "The <Daily> & Sunday", .hub = "https://hub.example/?a=1&b=2" };
static const struct feed_removal removals[] = { { 41, 1451606400 }, { 40, 1451520000 } };

static struct arena *arena;
static struct article articles[3];

static int set_up(void **state)
{
	const char *const documents[] = { full, bare, hostile };

	(void)state;
	arena = arena_new();
	for (size_t i = 0; i < 3; i++) {
		struct error err;
		json_t *object = json_loads(documents[i], 0, NULL);

		if (object == NULL || !article_decode(object, DECODE_STORED, arena, &articles[i], &err))
			return -1;
		json_decref(object);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* --- golden files --- */

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct text text = TEXT_EMPTY;
	char bytes[4096];
	size_t n;

	if (file == NULL)
		return text_take(&text);
	while ((n = fread(bytes, 1, sizeof bytes, file)) > 0)
		text_append(&text, bytes, n);
	fclose(file);
	return text_take(&text);
}

static void write_file(const char *path, const struct text *text)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(text->bytes, 1, text->length, file), text->length);
	assert_int_equal(fclose(file), 0);
}

static void expect_golden(const char *name, struct text *text)
{
	char path[200], *wanted;
	size_t at = 0;

	snprintf(path, sizeof path, "tests/golden/%s", name);
	if (getenv("GOLDEN") != NULL)
		write_file(path, text);
	wanted = read_file(path);
	if (strcmp(wanted, text->bytes) != 0) {
		while (wanted[at] != '\0' && wanted[at] == text->bytes[at])
			at++;
		fail_msg("%s, byte %zu: got\n%.300s\ninstead of\n%.300s", name, at, text->bytes + (at > 50 ? at - 50 : 0), wanted + (at > 50 ? at - 50 : 0));
	}
	free(wanted);
	text_done(text);
}

/* With line ends, so that a difference can be read; the server sends it compact. Takes `value`. */
static void expect_golden_json(const char *name, json_t *value)
{
	char *bytes = json_dumps(value, JSON_INDENT(1));
	struct text text = TEXT_EMPTY;

	assert_non_null(bytes);
	text_printf(&text, "%s\n", bytes);
	free(bytes);
	json_decref(value);
	expect_golden(name, &text);
}

static void test_addresses(void **state)
{
	static const char *const rows[][2] = {
		{ "/a", "https://news.example/a" }, { "HTTPS://A.example/b", "HTTPS://A.example/b" }, { "hTTp://a.example/", "hTTp://a.example/" }, { "https://a.example/caf\u00e9?\u00fc=1&b", "https://a.example/caf%C3%A9?%C3%BC=1&b" },
		{ "https://a.example/%C3%a9%zz%1", "https://a.example/%C3%a9%25zz%251" }, { "http://a.example/ \"<>\\^`{|}~!$&'()*+,;=:@[]#", "http://a.example/%20%22%3C%3E%5C%5E%60%7B%7C%7D~!$&'()*+,;=:@[]#" },
	};

	(void)state;
	assert_null(feed_address(&site, NULL));
	assert_null(feed_address(&site, "javascript:alert(1)"));
	assert_null(feed_address(&site, ""));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *address = feed_address(&site, rows[i][0]);

		assert_string_equal(address, rows[i][1]);
		free(address);
	}
}

/* --- feeds --- */

static struct feed feed_of(const char *ending, char ret_self[50], char ret_next[50])
{
	snprintf(ret_self, 50, "/section/national/feed.%s", ending);
	snprintf(ret_next, 50, "/section/national/feed.%s?before=1451433599-8", ending);
	return (struct feed){ .site = &site, .title = "National — The <Daily> & Sunday", .page = "/section/national", .first = ret_self, .self = ret_self,
		.next = ret_next, .articles = articles, .n = 3, .removals = removals, .n_removals = 2 };
}

static void expect_feed(const char *ending, feed_writer *write)
{
	static const struct feed_site plain = { .base_url = "https://news.example", .name = "Empty" };
	const struct feed empty = { .site = &plain, .title = "Empty", .page = "/", .first = "/feed", .self = "/feed" };
	char self[50], next[50], name[30];
	const struct feed feed = feed_of(ending, self, next);
	struct text text = TEXT_EMPTY;

	write(&feed, &text);
	snprintf(name, sizeof name, "feed.%s", ending);
	expect_golden(name, &text);
	write(&empty, &text);
	snprintf(name, sizeof name, "empty.%s", ending);
	expect_golden(name, &text);
}

static void test_feeds(void **state)
{
	(void)state;
	expect_feed("rss", rss_feed_write);
	expect_feed("atom", atom_feed_write);
	expect_feed("json", json_feed_write);
}

/* A feed's own time goes on when an article goes. */
static void test_feed_time(void **state)
{
	const struct feed_removal removal = { 41, 1454284800 };
	struct feed feed = { .site = &site, .title = "T", .page = "/", .first = "/f", .self = "/f", .articles = articles, .n = 3, .removals = &removal, .n_removals = 1 };
	struct text text = TEXT_EMPTY;

	(void)state;
	atom_feed_write(&feed, &text);
	assert_non_null(strstr(text.bytes, "<updated>2016-02-01T00:00:00Z</updated>\n<author>"));
	text_clear(&text);
	rss_feed_write(&feed, &text);
	assert_non_null(strstr(text.bytes, "<lastBuildDate>Mon, 01 Feb 2016 00:00:00 GMT</lastBuildDate>"));
	text_done(&text);
}

static void test_sitemaps(void **state)
{
	static const struct sitemap_index_row rows[] = { { 0, TIME_NONE }, { 12, 1451606400 } };
	struct text text = TEXT_EMPTY;

	(void)state;
	sitemap_index_write(&site, rows, 2, &text);
	expect_golden("sitemap-index.xml", &text);
	sitemap_begin(&text);
	for (size_t i = 0; i < 3; i++)
		sitemap_add(&site, articles[i].slug, articles[i].updated_at, &text);
	sitemap_end(&text);
	expect_golden("sitemap.xml", &text);
	sitemap_news_begin(&text);
	for (size_t i = 0; i < 3; i++)
		sitemap_news_add(&site, &articles[i], &text);
	sitemap_news_end(&text);
	expect_golden("sitemap-news.xml", &text);
}

/* --- ninjs and JSON-LD --- */

static void test_ninjs(void **state)
{
	(void)state;
	expect_golden_json("full.ninjs3.json", ninjs_article(&site, &articles[0], NINJS_3_1));
	expect_golden_json("full.ninjs2.json", ninjs_article(&site, &articles[0], NINJS_2_2));
	expect_golden_json("bare.ninjs3.json", ninjs_article(&site, &articles[1], NINJS_3_1));
	expect_golden_json("hostile.ninjs3.json", ninjs_article(&site, &articles[2], NINJS_3_1));
	expect_golden_json("list.ninjs3.json", ninjs_list(&site, &(struct ninjs_page){ "/v1/articles.ninjs?limit=3", "/v1/articles.ninjs?limit=3&cursor=a", NULL }, articles, 3, NINJS_3_1));
	expect_golden_json("list.ninjs2.json", ninjs_list(&site, &(struct ninjs_page){ "/v1/articles.ninjs?limit=3&version=2", NULL, "/v1/articles.ninjs?limit=3&version=2&cursor=b" }, articles, 3, NINJS_2_2));
	expect_golden_json("empty.ninjs3.json", ninjs_list(&site, &(struct ninjs_page){ .self = "/v1/articles.ninjs?tag=none" }, NULL, 0, NINJS_3_1));
}

/* What only the newsroom sees: said of an article that has it. */
static void test_ninjs_status(void **state)
{
	static const struct {
		enum article_status status;
		const char *wanted;
	} rows[] = {
		{ ARTICLE_DRAFT, "withheld" }, { ARTICLE_SCHEDULED, "withheld" }, { ARTICLE_PUBLISHED, "usable" }, { ARTICLE_WITHDRAWN, "canceled" },
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct article article = articles[0];
		json_t *item, *former;

		article.status = rows[i].status;
		article.publish_at = 1451606400;
		item = ninjs_article(&site, &article, NINJS_3_1);
		former = ninjs_article(&site, &article, NINJS_2_2);
		assert_string_equal(json_string_value(json_object_get(item, "pubStatus")), rows[i].wanted);
		assert_int_equal(json_object_get(item, "embargoedUntil") != NULL, article.status == ARTICLE_SCHEDULED);
		assert_int_equal(json_object_get(former, "embargoed") != NULL, article.status == ARTICLE_SCHEDULED);
		assert_string_equal(json_string_value(json_object_get(item, "expires")), "2030-01-01T00:00:00Z");
		json_decref(item);
		json_decref(former);
	}
}

static void test_json_ld(void **state)
{
	(void)state;
	expect_golden_json("full.jsonld", json_ld_article(&site, &articles[0]));
	expect_golden_json("bare.jsonld", json_ld_article(&site, &articles[1]));
	expect_golden_json("hostile.jsonld", json_ld_article(&site, &articles[2]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_feeds),
		cmocka_unit_test(test_feed_time),
		cmocka_unit_test(test_sitemaps),
		cmocka_unit_test(test_ninjs),
		cmocka_unit_test(test_ninjs_status),
		cmocka_unit_test(test_json_ld),
	};

	return cmocka_run_group_tests_name("feed formats", tests, set_up, tear_down);
}
