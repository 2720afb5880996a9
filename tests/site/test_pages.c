/* SPDX-License-Identifier: MIT */
/*
 * The pages, with the real templates and style sheet over a service whose API answers fixed documents. What a page
 * holds is looked for in its bytes; how it looks and behaves in a browser is tested in tests/clients/.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "feed.h"
#include "server/api/api_internal.h"
#include "site.h"

#define N_OF(array) (sizeof(array) / sizeof(array)[0])

/* --- a service with fixed answers --- */

#define TERM(slug, name) "{\"slug\":\"" slug "\",\"name\":\"" name "\"}"
#define STORY(id, slug, title, section, more)                                                                                        \
	"{\"id\":" id ",\"slug\":\"" slug "\",\"url\":\"\x01/article/" slug "\",\"title\":\"" title "\",\"summary\":\"About " title ".\","   \
	"\"source\":" TERM("the-canadian-press", "The Canadian Press") ",\"authors\":[],\"section\":" section ",\"tags\":[]," more           \
	"\"lang\":\"en\",\"featured\":false,\"published_at\":\"2015-12-31T17:20:00Z\",\"updated_at\":\"2015-12-31T17:20:00Z\","              \
	"\"word_count\":10,\"reading_minutes\":1,\"rev\":1}"
#define NATIONAL TERM("national", "National")
#define SPORT TERM("sport", "Sport")
#define SECTIONS "[{\"slug\":\"national\",\"name\":\"National\",\"count\":3},{\"slug\":\"sport\",\"name\":\"Sport\",\"count\":1}]"

#define ONE STORY("1", "one", "Title One", NATIONAL, "")
#define TWO STORY("2", "two", "Title Two", NATIONAL, "\"image\":{\"url\":\"/static/two.svg\",\"alt\":\"A second\"},")
#define THREE STORY("3", "three", "Title Three", NATIONAL, "")
#define FOUR STORY("4", "four", "Title Four", SPORT, "")
#define LIST(stories, links) "{\"data\":[" stories "],\"meta\":{},\"links\":{\"self\":\"x\"" links "}}"

/* Everything that could be awkward in one article. */
#define HOSTILE "<\\/title><script>alert(1)<\\/script>\\\"'&"
#define WHOLE                                                                                                                         \
	"{\"data\":{\"id\":5,\"slug\":\"whole\",\"url\":\"\x01/article/whole\",\"title\":\"" HOSTILE "\",\"summary\":\"Stand " HOSTILE "\"," \
	"\"source\":" TERM("the-canadian-press", "The Canadian Press") ",\"byline\":\"By Ann Lee and Ann Leeson in Ottawa\","                \
	"\"authors\":[" TERM("ann-lee", "Ann Lee") "," TERM("ann-leeson", "Ann Leeson") "],\"dateline\":\"WATERLOO, <Ont.>\","               \
	"\"section\":" NATIONAL ",\"tags\":[{\"slug\":\"blackberry\",\"name\":\"Black<Berry\",\"type\":\"organisation\"}],"                  \
	"\"image\":{\"url\":\"\x01/static/a.svg\",\"width\":1200,\"height\":800,\"alt\":\"A \\\"phone\\\"\",\"caption\":\"Cap<tion\","       \
	"\"credit\":\"Handout\"},\"lang\":\"en-CA\",\"featured\":true,\"published_at\":\"2015-12-31T17:20:00Z\","                            \
	"\"updated_at\":\"2016-01-02T05:05:00Z\",\"corrected_at\":\"2016-01-02T05:05:00Z\",\"word_count\":412,\"reading_minutes\":2,"        \
	"\"rev\":3,\"body_html\":\"<p>First &amp; <em>foremost</em>.</p><p>Second.</p>\",\"body_text\":\"First & foremost.\\n\\nSecond.\","  \
	"\"corrections\":[{\"at\":\"2016-01-02T05:05:00Z\",\"kind\":\"clarification\",\"text\":\"It was <two>.\"}],\"aliases\":[\"old\"],"   \
	"\"source_url\":\"https://www.example.org/a?b=1&c\",\"rights\":{\"holder\":\"CP\",\"notice\":\"© 2015 CP\"},"                        \
	"\"related\":[" ONE "," FOUR "],"                                                                                                  \
	"\"duplicates\":[{\"id\":6,\"slug\":\"same\",\"title\":\"Sa<me\",\"source\":" TERM("ledger", "Led<ger") "},{\"id\":7},"              \
	"{\"id\":8,\"slug\":\"again\",\"title\":\"Again\",\"source\":" TERM("wire", "Wire") "}]}}"

/* Nothing to say below it. */
#define PLAIN(text, summary)                                                                                                          \
	"{\"data\":{\"id\":8,\"title\":\"t\",\"lang\":\"en\",\"authors\":[],\"tags\":[],\"published_at\":\"2015-01-01T03:04:00Z\","          \
	"\"rights\":{\"notice\":\"\"},\"body_html\":\"<p>x</p>\",\"body_text\":\"" text "\",\"summary\":\"" summary "\"}}"

/* What /v1/search answers. Highlights are HTML of the API's making; one is not what it should be. */
#define FOUND(id, slug, title, marked, body)                                                                                          \
	STORY(id, slug, title, SPORT, "\"highlights\":{\"title\":\"" marked "\",\"body\":\"" body "\"},")
#define FACETS                                                                                                                        \
	"\"facets\":{\"section\":[{\"slug\":\"sport\",\"name\":\"Sport\",\"count\":1200},{\"slug\":\"national\",\"name\":\"National\",\"count\":2}],"  \
	"\"tag\":[{\"slug\":\"a\",\"name\":\"A\",\"count\":9},{\"slug\":\"b\",\"name\":\"B\",\"count\":8},{\"slug\":\"c\",\"name\":\"C\",\"count\":7},"    \
	"{\"slug\":\"d\",\"name\":\"D\",\"count\":6},{\"slug\":\"e\",\"name\":\"E\",\"count\":5},{\"slug\":\"f\",\"name\":\"F\",\"count\":4},"               \
	"{\"slug\":\"g\",\"name\":\"<G>\",\"count\":3}],\"source\":[{\"slug\":\"cp\",\"name\":\"C & P\",\"count\":3}],\"author\":[],"                    \
	"\"year\":[{\"slug\":\"2016\",\"name\":\"2016\",\"count\":2},{\"slug\":\"1999\",\"name\":\"1999\",\"count\":1}]}"
#define SEARCH "/v1/search?facets=section,tag,source,author,year&count=exact&limit=20&q="

static const struct answer { const char *target, *json; } answers[] = {
	{ SEARCH "ice%20%26%20%22snow%22", "{\"data\":[" FOUND("1", "one", "Ice <1>", "<mark>Ice</mark> &lt;1&gt;", "… of <mark>ice</mark> &amp; snow …") ","
	                                 FOUND("2", "two", "Two", "<img src=x>", "<mark onclick=x>no</mark>") "," FOUND("3", "three", "Three", "<mark>Three", "") "],"
	                                 "\"meta\":{\"count\":{\"value\":1234567,\"exact\":false}," FACETS ",\"facets_exact\":false,\"partial\":true},"
	                                 "\"links\":{\"self\":\"x\",\"next\":\"\x01/v1/search?cursor=o-_%3D&q=ice\"}}" },
	{ SEARCH "ice&section=sport&published_after=2016-01-01&published_before=2017-01-01&order=newest&cursor=c%20d",
	  "{\"data\":[" ONE "],\"meta\":{\"count\":{\"value\":1,\"exact\":true}," FACETS ",\"ignored\":[\"of\",\"<the>\"]},"
	  "\"links\":{\"self\":\"x\",\"prev\":\"\x01/v1/search?cursor=back\"}}" },
	{ SEARCH "of%20ice", "{\"data\":[" ONE "],\"meta\":{\"count\":{\"value\":1,\"exact\":true}," FACETS ",\"ignored\":[\"of\"],\"partial\":true},\"links\":{\"self\":\"x\"}}" },
	{ SEARCH "ice&section=nowhere", "{\"data\":[],\"meta\":{\"count\":{\"value\":0,\"exact\":true},\"facets\":{\"section\":[]},\"did_you_mean\":\"rice & <co>\"}}" },
	{ SEARCH "ice&published_after=2015-06-01", LIST("", "") },
	{ SEARCH "ice&published_after=2015-01-01&published_before=2017-01-01", LIST("", "") },
	{ SEARCH "ice&published_before=2015-06-01", LIST("", "") },
	{ "/v1/tags?order=count&limit=12", "{\"data\":[" TERM("ice", "Ice & Snow") "]}" },
	{ "/v1/sections?order=navigation&limit=14", "{\"data\":" SECTIONS "}" },
	{ "/v1/articles?featured=true&limit=3", LIST(THREE, "") },
	{ "/v1/articles?limit=18", LIST(ONE "," TWO "," THREE "," FOUR, "") },
	{ "/v1/articles?section=national&limit=16", LIST(ONE "," TWO "," THREE, "") },
	{ "/v1/articles?section=sport&limit=16", LIST(FOUR, "") },
	{ "/v1/sections/national", "{\"data\":{\"slug\":\"national\",\"name\":\"National\",\"count\":3}}" },
	{ "/v1/articles?section=national&limit=20", LIST(ONE "," TWO, ",\"next\":\"\x01/v1/articles?section=national&cursor=o-_%3D&limit=20\"") },
	{ "/v1/articles?section=national&limit=20&cursor=a%20%26b", LIST(THREE, ",\"prev\":\"\x01/v1/articles?cursor=back\"") },
	{ "/v1/tags/blackberry", "{\"data\":{\"slug\":\"blackberry\",\"name\":\"BlackBerry\",\"type\":\"organisation\",\"count\":1}}" },
	{ "/v1/articles?tag=blackberry&limit=20", LIST(ONE, "") },
	{ "/v1/sources/cp", "{\"data\":{\"slug\":\"cp\",\"name\":\"C & P\",\"count\":1}}" },
	{ "/v1/articles?source=cp&limit=20", LIST(ONE, "") },
	{ "/v1/authors/ann-lee", "{\"data\":{\"slug\":\"ann-lee\",\"name\":\"Ann Lee\",\"count\":0}}" },
	{ "/v1/articles?author=ann-lee&limit=20", LIST("", "") },
	{ "/v1/articles/whole", WHOLE },
	{ "/v1/articles/5", WHOLE },
	{ "/v1/articles/1?fields=slug,title", "{\"data\":{\"slug\":\"one\",\"title\":\"Title One\"}}" },
	{ "/v1/articles/wrong", "{\"data\":" STORY("6", "wrong", "T", SPORT, "\"byline\":\"Staff\",\"source_url\":\"javascript:alert(1)\","
	                        "\"canonical_url\":\"javascript:alert(2)\",\"image\":{\"url\":\"javascript:alert(3)\",\"caption\":\"c\"},") "}" },
	{ "/v1/articles/derived", PLAIN("First and  second.\\n\\nThird.", "First and second. Third.") },
	{ "/v1/articles/cut", PLAIN("One two three four.", "One two…") },
	{ "/v1/articles/dotted", PLAIN("One two three four.", "One two...") },
	{ "/v1/articles/headed", PLAIN("A Heading\\n\\nOne two three.", "One two three.") },
	{ "/v1/articles/own", PLAIN("One two three.", "One two three and more.") },
	{ "/v1/articles/inside", PLAIN("So: one two three.", "one two three.") },
	{ "/v1/articles/arabic", "{\"data\":{\"id\":7,\"slug\":\"arabic\",\"title\":\"t\",\"lang\":\"ar-EG\",\"authors\":[" TERM("x", "X") ","
	                         TERM("y", "Y") "," TERM("z", "Z") "],\"tags\":[],\"canonical_url\":\"HTTPS://elsewhere.example/t\","
	                         "\"published_at\":\"2015-01-01T03:04:00Z\",\"body_html\":\"\"}}" },
};

static const struct answer empty_answers[] = {
	{ "/v1/sections?order=navigation&limit=14", "{\"data\":[]}" },
	{ "/v1/articles?featured=true&limit=3", LIST("", "") },
	{ "/v1/articles?limit=18", LIST("", "") },
};

static const struct answer broken_answers[] = {
	{ "/v1/sections?order=navigation&limit=14", "{\"data\":" },
};

static const struct answer *current = answers;
static size_t n_current = N_OF(answers);

static const char removal[] = "\"removed_at\":\"2016-01-02T05:05:00Z\",\"reason\":\"A <mistake>\",\"replaced_by\":1";

/* What /v1/articles/{ref}.jsonld says of such an article; nothing of one that is only half there. */
static void answer_json_ld(struct request *request, const char *json, struct response *response)
{
	const struct feed_site site = { .base_url = request->service->base_url, .name = "The Paper" };
	struct text text = TEXT_EMPTY;
	struct article article;
	struct error ignored;
	json_t *document, *news = NULL;
	char *bytes;

	text_string(&text, json);
	text_fill(&text, CONTROL_BASE_URL, "");
	document = json_loadb(text.bytes, text.length, 0, NULL);
	for (const char *const *name = (const char *const[]){ "related", "duplicates", NULL }; *name != NULL; name++)
		json_object_del(json_object_get(document, "data"), *name);
	if (article_decode(json_object_get(document, "data"), DECODE_STORED, request->arena, &article, &ignored) && article.slug != NULL)
		news = json_ld_article(&site, &article);
	bytes = news != NULL ? json_dumps(news, JSON_COMPACT) : NULL;
	text_string(&response->body, bytes != NULL ? bytes : "{}");
	free(bytes);
	json_decref(news);
	json_decref(document);
	text_done(&text);
}

static bool answer(struct request *request, struct response *response, struct error *err)
{
	const size_t length = strcspn(request->target, ".");

	for (size_t i = 0; i < n_current && strcmp(request->target + length, ".jsonld") == 0; i++) {
		if (strlen(current[i].target) == length && strncmp(current[i].target, request->target, length) == 0) {
			answer_json_ld(request, current[i].json, response);
			return true;
		}
	}
	for (size_t i = 0; i < n_current; i++) {
		if (strcmp(current[i].target, request->target) == 0) {
			text_string(&response->body, current[i].json);
			return true;
		}
	}
	if (strcmp(request->target, "/v1/articles/old") == 0) {
		response_redirect(response, "\x01/v1/articles/whole");
		return true;
	}
	if (strstr(request->target, "gone") != NULL) {
		error_set(err, ERROR_GONE, "withdrawn");
		memcpy(err->members, removal, sizeof removal);
		return false;
	}
	if (strstr(request->target, "cursor=") != NULL)
		return error_set(err, ERROR_CURSOR, "no such cursor");
	return error_set(err, ERROR_NOT_FOUND, "nothing at %s", request->target);
}

static const struct route api_routes[] = {
	{ HTTP_GET, "/v1/{rest...}", ANYONE, NEVER, HERE, DOOR_PUBLIC, answer, NULL, 0, NULL },
};

static const struct http_service service = { .routes = api_routes, .n_routes = 1, .base_url = "https://news.example" };

/* --- visiting --- */

static struct static_files *files;
static struct api api;
static struct context context = { .api = &api };

struct visit {
	struct arena *arena;
	struct request request;
	struct basis basis;
	struct request_value path_value, parameter;
	struct response response;
	struct error err;
	bool ok;
	const char *page;
};

static void visit_done(struct visit *visit)
{
	text_done(&visit->response.body);
	arena_free(visit->arena);
}

static void run(struct visit *visit, route_handler *handler);

/* Runs a handler as serve.c would, errors included. `value` is the one {name} of the path, `cursor` may be NULL. */
static void visit(struct visit *visit, route_handler *handler, const char *name, const char *value, const char *cursor)
{
	struct arena *arena = arena_new();

	*visit = (struct visit){
		.arena = arena,
		.request = { .service = &service, .arena = arena, .context = &context, .door = DOOR_PUBLIC, .method = HTTP_GET, .path = "/",
		             .target = "/" },
		.path_value = { name, value },
		.parameter = { "cursor", cursor },
		.response = { .arena = arena, .status = 200, .last_modified = TIME_NONE, .caching = CACHING_PUBLIC },
	};
	basis_init(&visit->basis, arena);
	visit->request.basis = &visit->basis;
	visit->request.path_values = &visit->path_value;
	visit->request.n_path_values = name == NULL ? 0 : 1;
	visit->request.parameters = &visit->parameter;
	visit->request.n_parameters = cursor == NULL ? 0 : 1;
	visit->request.canonical = &visit->parameter;
	visit->request.n_canonical = cursor == NULL || cursor[0] == '\0' ? 0 : 1;
	run(visit, handler);
}

static void run(struct visit *visit, route_handler *handler)
{
	struct arena *arena = visit->arena;

	visit->ok = handler(&visit->request, &visit->response, &visit->err);
	if (!visit->ok) {
		text_done(&visit->response.body);
		visit->response = (struct response){ .arena = arena, .last_modified = TIME_NONE, .status = error_status(visit->err.code) };
		site_explain(&visit->request, &visit->response, &visit->err);
	}
	visit->page = visit->response.body.bytes == NULL ? "" : visit->response.body.bytes;
}

static void assert_has(const struct visit *visit, const char *needle)
{
	if (strstr(visit->page, needle) == NULL)
		fail_msg("The page lacks: %s\n%s", needle, visit->page);
}

static void assert_lacks(const struct visit *visit, const char *needle)
{
	if (strstr(visit->page, needle) != NULL)
		fail_msg("The page holds: %s\n%s", needle, visit->page);
}

static size_t count(const char *text, const char *needle)
{
	size_t n = 0;

	for (; (text = strstr(text, needle)) != NULL; text += strlen(needle))
		n++;
	return n;
}

/* --- the tests --- */

static void test_front(void **state)
{
	struct visit front;

	(void)state;
	visit(&front, site_front, NULL, NULL, NULL);
	assert_true(front.ok);
	assert_int_equal(front.response.status, 200);
	assert_string_equal(front.response.content_type, "text/html; charset=utf-8");
	assert_has(&front, "<!DOCTYPE html>");
	assert_has(&front, "<h1 class=\"site-name\"><a href=\"/\">Times &amp; &lt;Tides&gt;</a></h1>");
	assert_has(&front, "<link rel=\"canonical\" href=\"https://news.example/\">");
	assert_has(&front, "<li><a href=\"/section/national\">National</a></li>");

	/* The featured story leads although it is not the newest; nothing stands there twice; a section all of
	 * which stands above is left out. */
	assert_true(strstr(front.page, "Title Three") < strstr(front.page, "Title One"));
	assert_int_equal(count(front.page, "href=\"/article/one\""), 1);
	assert_int_equal(count(front.page, "href=\"/article/three\""), 1);
	assert_lacks(&front, "id=\"section-sport\"");
	assert_lacks(&front, "\x01");
	visit_done(&front);
}

static void test_empty_site(void **state)
{
	struct visit front;

	(void)state;
	current = empty_answers;
	n_current = N_OF(empty_answers);
	visit(&front, site_front, NULL, NULL, NULL);
	current = answers;
	n_current = N_OF(answers);
	assert_true(front.ok);
	assert_has(&front, "Nothing has been published here yet.");
	assert_lacks(&front, "<nav");
	visit_done(&front);
}

static void test_section(void **state)
{
	struct visit section;

	(void)state;
	visit(&section, site_section, "slug", "national", NULL);
	assert_true(section.ok);
	assert_has(&section, "<h1>National</h1>");
	assert_has(&section, "<title>National — Times &amp; &lt;Tides&gt;</title>");
	assert_has(&section, "<a href=\"/section/national\" aria-current=\"true\">National</a>");
	assert_has(&section, "3 articles");
	assert_has(&section, "<link rel=\"canonical\" href=\"https://news.example/section/national\">");
	assert_true(strstr(section.page, "Title One") < strstr(section.page, "Title Two"));
	assert_has(&section, "src=\"/static/two.svg\" alt=\"A second\"");
	assert_has(&section, "<a rel=\"next\" href=\"/section/national?cursor=o-_%3D\">");
	assert_lacks(&section, "rel=\"prev\"");
	visit_done(&section);

	visit(&section, site_section, "slug", "national", "");
	assert_true(section.ok);
	assert_has(&section, "Title One");
	visit_done(&section);

	visit(&section, site_section, "slug", "national", "a &b");
	assert_true(section.ok);
	assert_has(&section, "<a rel=\"prev\" href=\"/section/national?cursor=back\">");
	assert_has(&section, "<link rel=\"canonical\" href=\"https://news.example/section/national?cursor=a%20%26b\">");
	assert_lacks(&section, "rel=\"next\"");
	visit_done(&section);
}

static void test_other_lists(void **state)
{
	struct visit list;

	(void)state;
	visit(&list, site_tag, "slug", "blackberry", NULL);
	assert_has(&list, "<p class=\"kicker\">Organisation</p>");
	assert_has(&list, "<h1>BlackBerry</h1>");
	assert_has(&list, "1 article<");
	assert_has(&list, "<a href=\"/section/national\">National</a></p>");    /* outside its section a story says where it belongs */
	visit_done(&list);

	visit(&list, site_source, "slug", "cp", NULL);
	assert_has(&list, "<h1>C &amp; P</h1>");
	visit_done(&list);

	visit(&list, site_author, "slug", "ann-lee", NULL);
	assert_has(&list, "<h1>Ann Lee</h1>");
	assert_has(&list, "There is nothing on this page");
	assert_lacks(&list, "class=\"turns\"");
	visit_done(&list);
}

static void test_article(void **state)
{
	struct visit article;

	(void)state;
	visit(&article, site_article, "ref", "whole", NULL);
	assert_true(article.ok);
	assert_has(&article, "<article class=\"article\" lang=\"en-CA\">");
	assert_has(&article, "<p class=\"kicker\"><a href=\"/section/national\">National</a></p>");
	assert_has(&article, "<h1>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;");
	assert_has(&article, "By <a rel=\"author\" href=\"/author/ann-lee\">Ann Lee</a> and <a rel=\"author\" href=\"/author/ann-leeson\">Ann "
	                     "Leeson</a> in Ottawa</p>");
	assert_has(&article, "<a href=\"/source/the-canadian-press\">The Canadian Press</a>, <time datetime=\"2015-12-31T17:20:00Z\">31 Dec, 2015 "
	                     "12:20 PM</time></p>");
	assert_has(&article, "Updated <time datetime=\"2016-01-02T05:05:00Z\">2 Jan, 2016 12:05 AM</time>");
	assert_has(&article, "<strong>Clarification</strong>, <time datetime=\"2016-01-02T05:05:00Z\">2 Jan, 2016</time></p>");
	assert_has(&article, "<p>It was &lt;two&gt;.</p>");
	assert_has(&article, "<img src=\"/static/a.svg\" alt=\"A &quot;phone&quot;\" width=\"1200\" height=\"800\"");
	assert_has(&article, "<figcaption>Cap&lt;tion <span class=\"credit\">Handout</span></figcaption>");
	assert_has(&article, "<p><span class=\"dateline\">WATERLOO, &lt;Ont.&gt; —</span> First &amp; <em>foremost</em>.</p><p>Second.</p>");
	assert_has(&article, "<a rel=\"tag\" href=\"/tag/blackberry\">Black&lt;Berry</a>");
	assert_has(&article, "href=\"https://www.example.org/a?b=1&amp;c\">example.org</a>");
	assert_has(&article, "<p class=\"source\">Also from <a href=\"/article/same\" title=\"Sa&lt;me\">Led&lt;ger</a>, "
	                     "<a href=\"/article/again\" title=\"Again\">Wire</a></p>");
	assert_has(&article, "© 2015 CP");
	assert_has(&article, "More National articles</h2>");
	assert_has(&article, "<a href=\"/article/one\">Title One</a>");
	assert_has(&article, "About Title Four.");
	assert_lacks(&article, "<script>alert");
	assert_lacks(&article, "\x01");
	visit_done(&article);
}

/* A summary taken from the text is not printed above it, but machines get it. */
static void test_standfirst(void **state)
{
	static const struct {
		const char *ref, *summary;
		bool stands;
	} rows[] = {
		{ "derived", "First and second. Third.", false },
		{ "cut", "One two…", false },
		{ "dotted", "One two...", false },
		{ "headed", "One two three.", false },
		{ "own", "One two three and more.", true },
		{ "inside", "one two three.", true },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct visit article;
		char described[100], standfirst[100];

		visit(&article, site_article, "ref", rows[i].ref, NULL);
		assert_true(article.ok);
		snprintf(described, sizeof described, "<meta name=\"description\" content=\"%s\">", rows[i].summary);
		snprintf(standfirst, sizeof standfirst, "<p class=\"standfirst\">%s</p>", rows[i].summary);
		assert_has(&article, described);
		if (rows[i].stands)
			assert_has(&article, standfirst);
		else
			assert_lacks(&article, "class=\"standfirst\"");
		visit_done(&article);
	}
}

static void test_foot(void **state)
{
	struct visit article;

	(void)state;
	visit(&article, site_article, "ref", "derived", NULL);
	assert_lacks(&article, "article-foot");
	visit_done(&article);
	visit(&article, site_article, "ref", "whole", NULL);
	assert_int_equal(count(article.page, "<footer class=\"article-foot\""), 1);
	assert_has(&article, "<p class=\"standfirst\">Stand &lt;/title&gt;");
	visit_done(&article);
}

/* Pages that are no articles say in a sentence what is on them. */
static void test_descriptions(void **state)
{
	static const struct {
		route_handler *handler;
		const char *slug, *cursor, *title, *description;
	} rows[] = {
		{ site_front, NULL, NULL, "Times &amp; &lt;Tides&gt;", "The latest articles from Times &amp; &lt;Tides&gt;." },
		{ site_section, "national", NULL, "National", "The latest articles from National in Times &amp; &lt;Tides&gt;." },
		{ site_section, "national", "a &b", "National", "Articles from National in Times &amp; &lt;Tides&gt;." },
		{ site_tag, "blackberry", NULL, "BlackBerry", "The latest articles about BlackBerry in Times &amp; &lt;Tides&gt;." },
		{ site_source, "cp", NULL, "C &amp; P", "The latest articles from C &amp; P in Times &amp; &lt;Tides&gt;." },
		{ site_author, "ann-lee", NULL, "Ann Lee", "The latest articles by Ann Lee in Times &amp; &lt;Tides&gt;." },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct visit page;
		char line[200];

		visit(&page, rows[i].handler, rows[i].slug == NULL ? NULL : "slug", rows[i].slug, rows[i].cursor);
		assert_true(page.ok);
		snprintf(line, sizeof line, "<meta name=\"description\" content=\"%s\">", rows[i].description);
		assert_has(&page, line);
		snprintf(line, sizeof line, "<meta property=\"og:description\" content=\"%s\">", rows[i].description);
		assert_has(&page, line);
		snprintf(line, sizeof line, "<meta property=\"og:title\" content=\"%s\">", rows[i].title);
		assert_has(&page, line);
		assert_has(&page, "<meta property=\"og:type\" content=\"website\">");
		visit_done(&page);
	}
}

/* --- the search page --- */

static void visit_search(struct visit *visit, struct request_value *asked, size_t n)
{
	struct arena *arena = arena_new();

	*visit = (struct visit){
		.arena = arena,
		.request = { .service = &service, .arena = arena, .context = &context, .door = DOOR_PUBLIC, .method = HTTP_GET, .path = "/search",
		             .target = "/search", .parameters = asked, .n_parameters = n, .canonical = asked, .n_canonical = n },
		.response = { .arena = arena, .status = 200, .last_modified = TIME_NONE, .caching = CACHING_PUBLIC },
	};
	basis_init(&visit->basis, arena);
	visit->request.basis = &visit->basis;
	run(visit, site_search);
}
#define SEARCH_FOR(page, ...)                                                                                                         \
	visit_search(page, (struct request_value[]){ __VA_ARGS__ }, sizeof(struct request_value[]){ __VA_ARGS__ } / sizeof(struct request_value))

static void test_found(void **state)
{
	static const char *const expected[] = {
		"<title>Search: ice &amp; &quot;snow&quot; — Times &amp; &lt;Tides&gt;</title>",
		"<meta name=\"robots\" content=\"noindex\">",
		"<input id=\"q\" name=\"q\" type=\"search\" value=\"ice &amp; &quot;snow&quot;\"",
		"<h2 class=\"search-count\">About 1,234,567 articles</h2>",
		"So much was found",
		"<a href=\"/article/one\"><mark>Ice</mark> &lt;1&gt;</a>",
		"<p class=\"standfirst\">… of <mark>ice</mark> &amp; snow …</p>",
		/* what is not text and marks is not printed as HTML */
		"<a href=\"/article/two\">Two</a>",
		"<a href=\"/article/three\">Three</a>",
		"<a href=\"/search?q=ice%20%26%20%22snow%22&amp;section=sport\"><span class=\"facet-name\">Sport</span> <span class=\"facet-count\">1,200</span></a>",
		"<a href=\"/search?q=ice%20%26%20%22snow%22&amp;tag=g\"><span class=\"facet-name\">&lt;G&gt;</span>",
		"<a href=\"/search?q=ice%20%26%20%22snow%22&amp;published_after=2016-01-01&amp;published_before=2017-01-01\"><span class=\"facet-name\">2016</span>",
		"<span aria-current=\"true\">Best match</span>",
		"<a href=\"/search?q=ice%20%26%20%22snow%22&amp;order=newest\">Newest first</a>",
		"<a rel=\"next\" href=\"/search?q=ice%20%26%20%22snow%22&amp;cursor=o-_%3D\">",
	};
	struct visit page;

	(void)state;
	SEARCH_FOR(&page, { "q", "ice & \"snow\"" });
	assert_true(page.ok);
	for (size_t i = 0; i < N_OF(expected); i++)
		assert_has(&page, expected[i]);
	assert_int_equal(count(page.page, "<h1"), 1);
	assert_int_equal(count(page.page, "role=\"search\""), 1);
	assert_int_equal(count(page.page, "<summary>More</summary>"), 1);
	/* one value is no choice */
	assert_lacks(&page, "facet-source");
	assert_lacks(&page, "facet-author");
	assert_lacks(&page, "<img src=x>");
	assert_lacks(&page, "onclick");
	assert_lacks(&page, "rel=\"prev\"");
	assert_lacks(&page, "class=\"chosen\"");
	visit_done(&page);
}

/* What there is to say of an answer is said, all of it. */
static void test_notes(void **state)
{
	struct visit page;

	(void)state;
	SEARCH_FOR(&page, { "q", "of ice" });
	assert_true(page.ok);
	assert_has(&page, "These words were left out: of. So much was found that only the newest part of it is in this order.");
	visit_done(&page);
}

static void test_narrowed_down(void **state)
{
	struct visit page;

	(void)state;
	SEARCH_FOR(&page, { "q", "ice" }, { "section", "sport" }, { "published_after", "2016-01-01" }, { "published_before", "2017-01-01" }, { "order", "newest" },
	    { "cursor", "c d" });
	assert_true(page.ok);
	assert_has(&page, "<h2 class=\"search-count\">1 article</h2>");
	assert_has(&page, "These words were left out: of, &lt;the&gt;.");
	/* each can be taken back by itself; the order stays, and the first page comes */
	assert_has(&page, "<a href=\"/search?q=ice&amp;published_after=2016-01-01&amp;published_before=2017-01-01&amp;order=newest\"><span class=\"chosen-label\">in</span> Sport ");
	assert_has(&page, "<a href=\"/search?q=ice&amp;section=sport&amp;order=newest\"><span class=\"chosen-label\">in</span> 2016 ");
	assert_has(&page, "<a href=\"/search?q=ice&amp;section=sport&amp;tag=a&amp;published_after=2016-01-01&amp;published_before=2017-01-01&amp;order=newest\">");
	assert_has(&page, "<span aria-current=\"true\">Newest first</span>");
	assert_has(&page, "<a rel=\"prev\" href=\"/search?q=ice&amp;section=sport&amp;published_after=2016-01-01&amp;published_before=2017-01-01&amp;order=newest&amp;cursor=back\">");
	assert_lacks(&page, "facet-section");
	assert_lacks(&page, "facet-year");
	visit_done(&page);
}

static void test_nothing_found(void **state)
{
	static const struct {
		struct request_value more[2];
		size_t n;
		const char *chosen;
	} rows[] = {
		{ { { "published_after", "2015-06-01" } }, 1, "</span> 2015-06-01 or later " },
		{ { { "published_before", "2015-06-01" } }, 1, "</span> before 2015-06-01 " },
		{ { { "published_after", "2015-01-01" }, { "published_before", "2017-01-01" } }, 2, "</span> 2015-01-01 to 2017-01-01 " },
	};
	struct visit page;

	(void)state;
	SEARCH_FOR(&page, { "q", "ice" }, { "section", "nowhere" });
	assert_true(page.ok);
	assert_has(&page, "Nothing was found for “ice” within");
	assert_has(&page, "Did you mean <a href=\"/search?q=rice%20%26%20%3Cco%3E&amp;section=nowhere\">rice &amp; &lt;co&gt;</a>?");
	assert_has(&page, "<a class=\"way-out\" href=\"/search?q=ice\">");
	assert_has(&page, "class=\"tips\"");
	assert_lacks(&page, "search-count");
	visit_done(&page);
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct request_value asked[3] = { { "q", "ice" }, rows[i].more[0], rows[i].more[1] };

		visit_search(&page, asked, 1 + rows[i].n);
		assert_true(page.ok);
		assert_has(&page, rows[i].chosen);
		visit_done(&page);
	}
}

static void test_nothing_asked_for(void **state)
{
	struct visit page;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct request_value blank = { "q", "  " };

		visit_search(&page, &blank, (size_t)i);
		assert_true(page.ok);
		assert_has(&page, "<title>Search — ");
		assert_has(&page, " autofocus>");
		assert_has(&page, "<li><a href=\"/tag/ice\">Ice &amp; Snow</a></li>");
		assert_has(&page, "<meta name=\"robots\" content=\"noindex\">");
		visit_done(&page);
	}
	/* other pages have the box as well, and it waits */
	visit(&page, site_section, "slug", "national", NULL);
	assert_int_equal(count(page.page, "role=\"search\""), 1);
	assert_lacks(&page, "autofocus");
	visit_done(&page);
}

static void test_head(void **state)
{
	static const char *const expected[] = {
		"<title>&lt;/title&gt;&lt;script&gt;",
		"<link rel=\"canonical\" href=\"https://news.example/article/whole\">",
		"<meta property=\"og:type\" content=\"article\">",
		"<meta property=\"og:url\" content=\"https://news.example/article/whole\">",
		"<meta property=\"og:image\" content=\"https://news.example/static/a.svg\">",
		"<meta property=\"article:published_time\" content=\"2015-12-31T17:20:00Z\">",
		"<meta property=\"article:modified_time\" content=\"2016-01-02T05:05:00Z\">",
		"<meta property=\"article:section\" content=\"National\">",
		"<meta property=\"article:tag\" content=\"Black&lt;Berry\">",
		"<link rel=\"stylesheet\" href=\"/static/site.css?v=",
		"<link rel=\"icon\"",
	};
	struct visit article;

	(void)state;
	visit(&article, site_article, "ref", "whole", NULL);
	for (size_t i = 0; i < N_OF(expected); i++)
		assert_has(&article, expected[i]);
	visit_done(&article);

	/* An article that came from elsewhere says so. */
	visit(&article, site_article, "ref", "arabic", NULL);
	assert_has(&article, "<link rel=\"canonical\" href=\"HTTPS://elsewhere.example/t\">");
	assert_has(&article, "<article class=\"article\" lang=\"ar-EG\" dir=\"rtl\">");
	assert_has(&article, ">X</a>, <a rel=\"author\" href=\"/author/y\">Y</a> and <a rel=\"author\" href=\"/author/z\">Z</a></p>");
	visit_done(&article);
}

/* The JSON-LD cannot end its element, and is still the whole article. */
static void test_json_ld(void **state)
{
	static const char opening[] = "<script type=\"application/ld+json\">";
	struct visit article;
	const char *from, *to;
	json_t *news;

	(void)state;
	visit(&article, site_article, "ref", "whole", NULL);
	assert_int_equal(count(article.page, "<script"), 2);
	assert_int_equal(count(article.page, "</script"), 2);
	assert_has(&article, "<script src=\"/static/site.js?v=");
	from = strstr(article.page, opening) + strlen(opening);
	to = strstr(from, "</script>");
	assert_null(memchr(from, '<', (size_t)(to - from)));
	news = json_loadb(from, (size_t)(to - from), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(news);
	assert_string_equal(json_string_value(json_object_get(news, "@type")), "NewsArticle");
	assert_string_equal(json_string_value(json_object_get(news, "headline")), "</title><script>alert(1)</script>\"'&");
	assert_string_equal(json_string_value(json_object_get(news, "url")), "https://news.example/article/whole");
	assert_string_equal(json_string_value(json_object_get(news, "datePublished")), "2015-12-31T17:20:00Z");
	assert_int_equal(json_array_size(json_object_get(news, "author")), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(news, "author"), 0), "url")),
	    "https://news.example/author/ann-lee");
	json_decref(news);
	visit_done(&article);
}

/* Addresses that are neither http(s) nor of this site get into no page, whatever the API says. */
static void test_addresses_are_checked(void **state)
{
	struct visit article;

	(void)state;
	visit(&article, site_article, "ref", "wrong", NULL);
	assert_true(article.ok);
	assert_lacks(&article, "javascript:");
	assert_lacks(&article, "<figure");
	assert_has(&article, "<p class=\"byline\">Staff</p>");
	assert_has(&article, "<link rel=\"canonical\" href=\"https://news.example/article/wrong\">");
	visit_done(&article);
}

static void test_ids_and_former_slugs_lead_on(void **state)
{
	static const char *const refs[] = { "5", "old" };

	(void)state;
	for (size_t i = 0; i < N_OF(refs); i++) {
		struct visit article;

		visit(&article, site_article, "ref", refs[i], NULL);
		assert_true(article.ok);
		assert_int_equal(article.response.status, 308);
		assert_string_equal(article.response.headers[0].name, "Location");
		assert_string_equal(article.response.headers[0].value, "/article/whole");
		visit_done(&article);
	}
}

static void test_errors(void **state)
{
	struct visit page;

	(void)state;
	visit(&page, site_article, "ref", "<nowhere>", NULL);
	assert_int_equal(page.response.status, 404);
	assert_int_equal(page.response.caching, CACHING_NONE);
	assert_string_equal(page.response.content_type, "text/html; charset=utf-8");
	assert_has(&page, "<h1>Page not found</h1>");
	assert_has(&page, "<meta name=\"robots\" content=\"noindex\">");
	assert_has(&page, "href=\"/section/sport\"");
	assert_lacks(&page, "<nowhere>");
	visit_done(&page);

	visit(&page, site_article, "ref", "gone", NULL);
	assert_int_equal(page.response.status, 410);
	assert_has(&page, "This article has been withdrawn");
	assert_has(&page, "A &lt;mistake&gt;");
	assert_has(&page, "2 Jan, 2016");
	assert_has(&page, "<a href=\"/article/one\">Title One</a>");
	visit_done(&page);

	visit(&page, site_section, "slug", "national", "rubbish");
	assert_int_equal(page.response.status, 400);
	assert_has(&page, "no longer there");
	visit_done(&page);

	visit(&page, site_section, "slug", "../articles", NULL);    /* is one segment, whatever it holds */
	assert_false(page.ok);
	visit_done(&page);
}

/* When nothing works the page of the error still comes, without telling what broke. */
static void test_broken_api(void **state)
{
	struct visit page;

	(void)state;
	current = broken_answers;
	n_current = N_OF(broken_answers);
	visit(&page, site_front, NULL, NULL, NULL);
	current = answers;
	n_current = N_OF(answers);
	assert_int_equal(page.response.status, 500);
	assert_has(&page, "Something went wrong on our side");
	assert_lacks(&page, "/v1/");
	visit_done(&page);

	visit(&page, site_front, NULL, NULL, NULL);
	page.request.context = NULL;
	page.response.n_headers = 0;
	error_set(&page.err, ERROR_TARGET_TOO_LONG, "long");
	site_explain(&page.request, &page.response, &page.err);
	assert_non_null(strstr(page.response.body.bytes, "This address is too long"));
	visit_done(&page);
}

static void test_policy(void **state)
{
	struct visit page;
	bool found = false;

	(void)state;
	visit(&page, site_front, NULL, NULL, NULL);
	for (size_t i = 0; i < page.response.n_headers; i++)
		if (strcmp(page.response.headers[i].name, "Content-Security-Policy") == 0)
			found = strstr(page.response.headers[i].value, "script-src 'self'") != NULL;
	assert_true(found);
	visit_done(&page);
}

/* It holds a key while one works on it: nothing runs there but its own files, and nobody frames it. */
static void test_desk(void **state)
{
	static const char policy[] = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; connect-src 'self'; "
				     "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
	struct visit page;
	bool found = false;

	(void)state;
	visit(&page, site_desk, NULL, NULL, NULL);
	assert_true(page.ok);
	for (size_t i = 0; i < page.response.n_headers; i++)
		if (strcmp(page.response.headers[i].name, "Content-Security-Policy") == 0)
			found = strcmp(page.response.headers[i].value, policy) == 0;
	assert_true(found);
	assert_has(&page, "<title>Desk — Times &amp; &lt;Tides&gt;</title>");
	assert_has(&page, "<meta name=\"robots\" content=\"noindex\">");
	assert_has(&page, "<script type=\"module\" src=\"/static/desk/desk.js?v=");
	assert_lacks(&page, "<script>");
	assert_lacks(&page, "<style");
	assert_lacks(&page, "?v=0\"");    /* a file that is not there */
	visit_done(&page);

	visit(&page, site_front, NULL, NULL, NULL);
	assert_lacks(&page, "/desk");
	visit_done(&page);
}

static int64_t long_ago(void)
{
	return 1000000000;
}

static int64_t far_ahead(void)
{
	return 4000000000;
}

static void test_pages_do_not_depend_on_the_clock(void **state)
{
	struct visit one, other;

	(void)state;
	clock_replace(long_ago);
	visit(&one, site_article, "ref", "whole", NULL);
	clock_replace(far_ahead);
	visit(&other, site_article, "ref", "whole", NULL);
	clock_replace(NULL);
	assert_string_equal(one.page, other.page);
	visit_done(&one);
	visit_done(&other);
}

static void test_files(void **state)
{
	struct visit page;

	(void)state;
	visit(&page, site_static, "path", "site.css", NULL);
	assert_true(page.ok);
	assert_non_null(strstr(page.response.content_type, "text/css"));
	visit_done(&page);

	visit(&page, site_static, "path", "templates/page.html", NULL);
	assert_int_equal(page.response.status, 404);
	visit_done(&page);

	visit(&page, site_favicon, NULL, NULL, NULL);
	assert_true(page.ok);
	assert_non_null(strstr(page.response.content_type, "image/svg+xml"));
	visit_done(&page);

	visit(&page, site_robots, NULL, NULL, NULL);
	assert_true(page.ok);
	assert_non_null(strstr(page.response.content_type, "text/plain"));
	visit_done(&page);
}

static int start(void **state)
{
	struct error err;

	(void)state;
	files = static_files_new(NULL, &err);
	if (files == NULL || !clock_set_timezone("America/Toronto", &err))
		return -1;
	api.site = site_new("Times & <Tides>", files, &err);
	return api.site == NULL ? -1 : 0;
}

static int stop(void **state)
{
	(void)state;
	site_free(api.site);
	static_files_free(files);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_front),
		cmocka_unit_test(test_empty_site),
		cmocka_unit_test(test_section),
		cmocka_unit_test(test_other_lists),
		cmocka_unit_test(test_article),
		cmocka_unit_test(test_standfirst),
		cmocka_unit_test(test_foot),
		cmocka_unit_test(test_descriptions),
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_narrowed_down),
		cmocka_unit_test(test_nothing_found),
		cmocka_unit_test(test_nothing_asked_for),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_json_ld),
		cmocka_unit_test(test_addresses_are_checked),
		cmocka_unit_test(test_ids_and_former_slugs_lead_on),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_broken_api),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_desk),
		cmocka_unit_test(test_pages_do_not_depend_on_the_clock),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
