/* SPDX-License-Identifier: MIT */
/*
 * JSON -> article: every field right and wrong, in each mode. Cases are tables; what comes out is written out again by article_encode(),
 * so that a case says in JSON what it expects.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "article.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

static bool decode(const char *json, enum decode_mode mode, struct arena *arena, struct article *ret_article, struct error *ret_err)
{
	json_t *object = json_loads(json, JSON_DECODE_ANY, NULL);
	bool fine;

	if (object == NULL)
		fail_msg("%s: the test's JSON is wrong", json);
	fine = article_decode(object, mode, arena, ret_article, ret_err);
	json_decref(object);
	return fine;
}

/* The members of a case joined to those that every article needs. */
static const char *whole(const char *members, struct arena *arena)
{
	const char *title = strstr(members, "\"title\"") == NULL ? "\"title\":\"T\"," : "";
	const char *source = strstr(members, "\"source\"") == NULL ? "\"source\":\"S\"," : "";

	return arena_printf(arena, "{%s%s%s}", title, source, members);
}

static void print_issues(const struct error *err)
{
	print_message("%d %s\n", (int)err->code, err->detail);
	for (size_t i = 0; i < err->n_issues; i++)
		print_message("  %s %s %s (%s)\n", err->issues[i].where, err->issues[i].code, err->issues[i].detail, err->issues[i].suggestion);
}

/* --- what is taken, and what becomes of it --- */

struct taken {
	const char *members, *expected;    /* expected: a part of the export line */
};

static void assert_taken(enum decode_mode mode, const struct taken *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct arena *arena = arena_new();
		struct text line = TEXT_EMPTY;
		struct article article;
		struct error err;

		if (!decode(whole(cases[i].members, arena), mode, arena, &article, &err)) {
			print_issues(&err);
			fail_msg("%s was refused", cases[i].members);
		}
		assert_int_equal(err.code, ERROR_NONE);
		article_encode(&article, VIEW_EXPORT, &line);
		if (strstr(line.bytes, cases[i].expected) == NULL)
			fail_msg("%s: %s", cases[i].members, line.bytes);
		text_done(&line);
		arena_free(arena);
	}
}

static void test_taken(void **state)
{
	static const struct taken cases[] = {
		/* lines: white space folded, ends trimmed, NFC */
		{ "\"title\":\"A title\"", "\"title\":\"A title\"" },
		{ "\"title\":\"  A \\t\\r\\n title \"", "\"title\":\"A title\"" },
		{ "\"title\":\"page\\fbreak\"", "\"title\":\"page break\"" },
		{ "\"title\":\"Cafe\\u0301\"", "\"title\":\"Caf\u00e9\"" },
		{ "\"title\":\"\\ud83d\\ude00\"", "\"title\":\"\U0001F600\"" },
		{ "\"title\":\"<b>&amp;\\\"\\\\\"", "\"title\":\"<b>&amp;\\\"\\\\\"" },
		{ "\"summary\":\" \",\"byline\":\"By A\"", "\"byline\":\"By A\",\"authors\"" },
		{ "\"dateline\":\"WATERLOO, Ont.\"", "\"dateline\":\"WATERLOO, Ont.\"" },
		{ "\"guid\":\"urn:x\"", "\"guid\":\"urn:x\"" },

		/* null is absent, and so is an empty line */
		{ "\"summary\":null,\"tags\":null,\"image\":null,\"status\":null,\"published_at\":null,\"featured\":null",
		    "{\"title\":\"T\",\"source\":{\"name\":\"S\"},\"authors\":[],\"tags\":[],\"featured\":false,\"word_count\":0,\"reading_minutes\":0}" },
		{ "\"byline\":\"\",\"slug\":\"\",\"guid\":\" \",\"source_url\":\"\"", "\"source\":{\"name\":\"S\"},\"authors\":[]" },

		/* terms: plain names and objects */
		{ "\"source\":\"The  Press\"", "\"source\":{\"name\":\"The Press\"}" },
		{ "\"source\":{\"name\":\"The Press\"}", "\"source\":{\"name\":\"The Press\"}" },
		{ "\"source\":{\"name\":\"The Press\",\"slug\":\"tp\",\"count\":3,\"newest_at\":\"x\"}", "\"source\":{\"slug\":\"tp\",\"name\":\"The Press\"}" },
		{ "\"section\":\"National\"", "\"section\":{\"name\":\"National\"}" },
		{ "\"authors\":[\"A\",{\"name\":\"B\",\"slug\":\"b\"}]", "\"authors\":[{\"name\":\"A\"},{\"slug\":\"b\",\"name\":\"B\"}]" },
		{ "\"tags\":[\"A\",{\"name\":\"B\"},{\"name\":\"C\",\"type\":\"place\"}]",
		    "\"tags\":[{\"name\":\"A\",\"type\":\"topic\"},{\"name\":\"B\",\"type\":\"topic\"},{\"name\":\"C\",\"type\":\"place\"}]" },
		{ "\"tags\":[\"A\",\"a\",\"\u00c9\",\"E\\u0301\",\"\u00e9\",\"Stra\u00dfe\",\"STRASSE\",{\"name\":\" a \",\"type\":\"person\"}]",
		    "\"tags\":[{\"name\":\"A\",\"type\":\"topic\"},{\"name\":\"\u00c9\",\"type\":\"topic\"},{\"name\":\"Stra\u00dfe\",\"type\":\"topic\"}]" },
		{ "\"tags\":[]", "\"tags\":[]" },

		/* addresses */
		{ "\"source_url\":\"https://a.example/b?c=d#e\"", "\"source_url\":\"https://a.example/b?c=d#e\"" },
		{ "\"canonical_url\":\"HTTP://A.example\"", "\"canonical_url\":\"HTTP://A.example\"" },
		{ "\"source_url\":\"http://[2001:db8::1]:80/\"", "\"source_url\":\"http://[2001:db8::1]:80/\"" },
		{ "\"image\":{\"url\":\"/static/a.jpg\",\"width\":3,\"height\":0,\"alt\":\"x\",\"caption\":\"y\",\"credit\":\"z\"}",
		    "\"image\":{\"url\":\"/static/a.jpg\",\"width\":3,\"alt\":\"x\",\"caption\":\"y\",\"credit\":\"z\"}" },
		{ "\"slug\":\"a-slug-2\"", "\"slug\":\"a-slug-2\"" },

		/* languages */
		{ "\"lang\":\"EN\"", "\"lang\":\"en\"" },
		{ "\"lang\":\"PT-BR\"", "\"lang\":\"pt-BR\"" },
		{ "\"lang\":\"zh-Hant-TW\"", "\"lang\":\"zh-Hant-TW\"" },
		{ "\"lang\":\"gsw\"", "\"lang\":\"gsw\"" },

		/* times */
		{ "\"published_at\":\"2015-12-31T12:20:00-05:00\"", "\"published_at\":\"2015-12-31T17:20:00Z\"" },
		{ "\"published_at\":\"2015-12-31T17:20:00.999Z\"", "\"published_at\":\"2015-12-31T17:20:00Z\"" },
		{ "\"expire_at\":\"2015-12-31\"", "\"expire_at\":\"2015-12-31T00:00:00Z\"" },
		{ "\"publish_at\":\"1066-10-14T09:00:00Z\"", "\"publish_at\":\"1066-10-14T09:00:00Z\"" },

		/* the rest */
		{ "\"featured\":true", "\"featured\":true" },
		{ "\"status\":\"withdrawn\"", "\"status\":\"withdrawn\"" },
		{ "\"related_ids\":[3,1,2]", "\"related_ids\":[3,1,2]" },
		{ "\"rights\":{\"holder\":\"H\",\"notice\":\"N\",\"usage_terms\":\"U\"}", "\"rights\":{\"holder\":\"H\",\"notice\":\"N\",\"usage_terms\":\"U\"}" },
		{ "\"corrections\":[{\"at\":\"2016-01-01\",\"text\":\"wrong\"},{\"at\":\"2016-01-02\",\"kind\":\"update\",\"text\":\"new\"}]",
		    "\"corrections\":[{\"at\":\"2016-01-01T00:00:00Z\",\"kind\":\"correction\",\"text\":\"wrong\"},"
		    "{\"at\":\"2016-01-02T00:00:00Z\",\"kind\":\"update\",\"text\":\"new\"}]" },

		/* bodies: of HTML and text either gives the other, and HTML wins */
		{ "\"body_text\":\"One & two\\r\\n\\r\\n\\r\\nThree  \\n\"", "\"body_html\":\"<p>One &amp; two</p>" },
		{ "\"body_text\":\"One\\n\\n\\n\\nTwo\"", "\"body_text\":\"One\\n\\nTwo\"" },
		{ "\"body_html\":\"<p onclick=x>One</p><script>two</script>\"", "\"body_html\":\"<p>One</p>\",\"body_text\":\"One\"" },
		{ "\"body_html\":\"<p>HTML</p>\",\"body_text\":\"text\"", "\"body_html\":\"<p>HTML</p>\",\"body_text\":\"HTML\"" },
		{ "\"body_html\":\"\",\"body_text\":\"text\"", "\"body_text\":\"text\"" },
		{ "\"body_html\":\"<p>a&#1;b</p>\"", "\"body_html\":\"<p>a" },

		/* what readers get and writers may send back */
		{ "\"url\":\"anything\",\"related\":[{}],\"word_count\":\"x\",\"reading_minutes\":-1,\"corrected_at\":7", "\"word_count\":0,\"reading_minutes\":0}" },
		{ "\"section\":{\"name\":\"S\",\"count\":1,\"newest_at\":\"x\",\"description\":\"x\",\"position\":1,\"hidden\":true,\"rev\":2}", "\"section\":{\"name\":\"S\"}" },
		{ "\"tags\":[{\"name\":\"S\",\"slug\":\"s\",\"type\":\"place\",\"count\":1,\"newest_at\":\"x\"}]", "\"tags\":[{\"slug\":\"s\",\"name\":\"S\",\"type\":\"place\"}]" },
	};

	(void)state;
	assert_taken(DECODE_WRITE, cases, N_OF(cases));
	assert_taken(DECODE_IMPORT, cases, N_OF(cases));
}

#define KEPT_BY_IMPORT                                                                                                                     \
	"\"id\":7,\"rev\":3,\"updated_at\":\"2016-01-01T00:00:00Z\",\"aliases\":[\"old\"],\"removed_at\":\"2016-01-02T00:00:00Z\","             \
	"\"reason\":\"why\",\"replaced_by\":9"

static void test_computed(void **state)
{
	static const struct taken written[] = {
		{ KEPT_BY_IMPORT, "{\"title\":\"T\",\"source\":{\"name\":\"S\"},\"authors\":[],\"tags\":[],\"featured\":false,\"word_count\":0,\"reading_minutes\":0}" },
		{ "\"id\":\"x\",\"rev\":-1,\"updated_at\":5,\"aliases\":{},\"removed_at\":[]", "\"word_count\":0" },
	};
	static const struct taken imported[] = {
		{ KEPT_BY_IMPORT, "{\"id\":7,\"title\":\"T\"" },
		{ KEPT_BY_IMPORT, "\"updated_at\":\"2016-01-01T00:00:00Z\",\"word_count\":0,\"reading_minutes\":0,\"rev\":3,\"aliases\":[\"old\"],"
		                  "\"removed_at\":\"2016-01-02T00:00:00Z\",\"reason\":\"why\",\"replaced_by\":9}" },
	};

	(void)state;
	assert_taken(DECODE_WRITE, written, N_OF(written));
	assert_taken(DECODE_IMPORT, imported, N_OF(imported));
}

/* --- what is refused, where, and with which code --- */

static void assert_issue(const char *members, enum decode_mode mode, const char *pointer, const char *code, const char *suggestion)
{
	struct arena *arena = arena_new();
	struct article article = { .id = -77 };
	struct error err;

	if (decode(whole(members, arena), mode, arena, &article, &err))
		fail_msg("%.200s was taken", members);
	assert_int_equal(article.id, -77);    /* untouched */
	assert_int_equal(err.code, ERROR_FIELDS);
	if (err.n_issues != 1 || strcmp(err.issues[0].where, pointer) != 0 || strcmp(err.issues[0].code, code) != 0 ||
	    strcmp(err.issues[0].suggestion, suggestion) != 0) {
		print_issues(&err);
		fail_msg("%.200s", members);
	}
	assert_true(err.issues[0].is_pointer);
	assert_true(err.issues[0].detail[0] != '\0');
	arena_free(arena);
}

static void test_refused(void **state)
{
	static const struct { const char *members, *pointer, *code, *suggestion; } cases[] = {
		{ "\"title\":1", "/title", "type", "" },
		{ "\"title\":[\"a\"]", "/title", "type", "" },
		{ "\"title\":\"\"", "/title", "required", "" },
		{ "\"title\":\" \\n \"", "/title", "required", "" },
		{ "\"title\":null", "/title", "required", "" },
		{ "\"title\":\"a\\u0001b\"", "/title", "control-character", "" },
		{ "\"title\":\"a\\u007fb\"", "/title", "control-character", "" },
		{ "\"body_text\":\"a\\u001bb\"", "/body_text", "control-character", "" },
		{ "\"body_html\":\"<p>\\u0001</p>\"", "/body_html", "control-character", "" },
		{ "\"body_html\":7", "/body_html", "type", "" },
		{ "\"body_text\":{}", "/body_text", "type", "" },
		{ "\"source\":null", "/source", "required", "" },
		{ "\"source\":\"\"", "/source", "required", "" },
		{ "\"source\":1", "/source", "type", "" },
		{ "\"source\":[]", "/source", "type", "" },
		{ "\"source\":{}", "/source/name", "required", "" },
		{ "\"source\":{\"name\":1}", "/source/name", "type", "" },
		{ "\"source\":{\"name\":\"a\",\"slug\":\"Not A Slug\"}", "/source/slug", "bad-value", "" },
		{ "\"source\":\"a\\u0001\"", "/source", "control-character", "" },
		{ "\"section\":false", "/section", "type", "" },
		{ "\"section\":{\"name\":\" \"}", "/section", "required", "" },
		{ "\"authors\":\"Jane\"", "/authors", "type", "" },
		{ "\"authors\":[\"Jane\",2]", "/authors/1", "type", "" },
		{ "\"tags\":{}", "/tags", "type", "" },
		{ "\"tags\":[\"a\",{\"name\":\"b\",\"type\":\"persn\"}]", "/tags/1/type", "bad-value", "person" },
		{ "\"tags\":[{\"name\":\"b\",\"type\":5}]", "/tags/0/type", "bad-value", "" },
		{ "\"tags\":[\"\"]", "/tags/0", "required", "" },
		{ "\"slug\":\"With Space\"", "/slug", "bad-value", "" },
		{ "\"slug\":\"2015\"", "/slug", "bad-value", "" },
		{ "\"slug\":\"-a\"", "/slug", "bad-value", "" },
		{ "\"slug\":\"a--b\"", "/slug", "bad-value", "" },
		{ "\"slug\":\"UPPER\"", "/slug", "bad-value", "" },
		{ "\"slug\":\"caf\u00e9\"", "/slug", "bad-value", "" },
		{ "\"slug\":\"../etc\"", "/slug", "bad-value", "" },
		{ "\"lang\":\"english\"", "/lang", "bad-value", "" },
		{ "\"lang\":\"e\"", "/lang", "bad-value", "" },
		{ "\"lang\":\"en_US\"", "/lang", "bad-value", "" },
		{ "\"lang\":\"en-\"", "/lang", "bad-value", "" },
		{ "\"lang\":\"\"", "/lang", "bad-value", "" },
		{ "\"featured\":\"true\"", "/featured", "type", "" },
		{ "\"featured\":1", "/featured", "type", "" },
		{ "\"published_at\":1451582400", "/published_at", "type", "" },
		{ "\"published_at\":\"2015-12-31T17:20:00\"", "/published_at", "bad-value", "" },    /* without a zone */
		{ "\"published_at\":\"2015-02-29\"", "/published_at", "bad-value", "" },
		{ "\"published_at\":\"soon\"", "/published_at", "bad-value", "" },
		{ "\"published_at\":\"\"", "/published_at", "bad-value", "" },
		{ "\"publish_at\":\"2015-12-31T25:00:00Z\"", "/publish_at", "bad-value", "" },
		{ "\"expire_at\":{}", "/expire_at", "type", "" },
		{ "\"source_url\":\"ftp://a.example/\"", "/source_url", "bad-value", "" },
		{ "\"source_url\":\"javascript:alert(1)\"", "/source_url", "bad-value", "" },
		{ "\"source_url\":\"https://\"", "/source_url", "bad-value", "" },
		{ "\"source_url\":\"https:///path\"", "/source_url", "bad-value", "" },
		{ "\"source_url\":\"//a.example/\"", "/source_url", "bad-value", "" },
		{ "\"source_url\":\"/path\"", "/source_url", "bad-value", "" },
		{ "\"source_url\":\"https://a.example/a b\"", "/source_url", "bad-value", "" },
		{ "\"source_url\":\"https://a.example/\\\"><b>\"", "/source_url", "bad-value", "" },
		{ "\"canonical_url\":3", "/canonical_url", "type", "" },
		{ "\"status\":\"publish\"", "/status", "bad-value", "published" },
		{ "\"status\":\"\"", "/status", "bad-value", "" },
		{ "\"status\":1", "/status", "bad-value", "" },
		{ "\"image\":\"https://a.example/a.jpg\"", "/image", "type", "" },
		{ "\"image\":{}", "/image/url", "required", "" },
		{ "\"image\":{\"url\":\"\"}", "/image/url", "required", "" },
		{ "\"image\":{\"url\":\"//a.example/a.jpg\"}", "/image/url", "bad-value", "" },
		{ "\"image\":{\"url\":\"data:image/png;base64,AA\"}", "/image/url", "bad-value", "" },
		{ "\"image\":{\"url\":\"/a.jpg\",\"width\":-1}", "/image/width", "out-of-range", "" },
		{ "\"image\":{\"url\":\"/a.jpg\",\"width\":1.5}", "/image/width", "type", "" },
		{ "\"image\":{\"url\":\"/a.jpg\",\"height\":1000000}", "/image/height", "out-of-range", "" },
		{ "\"image\":{\"url\":\"/a.jpg\",\"captoin\":\"x\"}", "/image/captoin", "unknown", "caption" },
		{ "\"rights\":\"all\"", "/rights", "type", "" },
		{ "\"rights\":{\"owner\":\"x\"}", "/rights/owner", "unknown", "" },
		{ "\"source\":{\"name\":\"S\",\"nmae\":\"x\"}", "/source/nmae", "unknown", "name" },
		{ "\"section\":{\"name\":\"S\",\"type\":\"topic\"}", "/section/type", "unknown", "" },
		{ "\"authors\":[\"A\",{\"name\":\"B\",\"role\":\"x\"}]", "/authors/1/role", "unknown", "" },
		{ "\"tags\":[{\"name\":\"B\",\"tpye\":\"place\"}]", "/tags/0/tpye", "unknown", "type" },
		{ "\"corrections\":[{\"at\":\"2016-01-01\",\"txt\":\"x\",\"text\":\"x\"}]", "/corrections/0/txt", "unknown", "text" },
		{ "\"rights\":{\"notice\":1}", "/rights/notice", "type", "" },
		{ "\"corrections\":{}", "/corrections", "type", "" },
		{ "\"corrections\":[1]", "/corrections/0", "required", "" },
		{ "\"corrections\":[{\"at\":\"2016-01-01\"}]", "/corrections/0", "required", "" },
		{ "\"corrections\":[{\"at\":\"x\",\"text\":\"y\"}]", "/corrections/0/at", "bad-value", "" },
		{ "\"corrections\":[{\"at\":\"2016-01-01\",\"text\":\" \"}]", "/corrections/0/text", "required", "" },
		{ "\"corrections\":[{\"at\":\"2016-01-01\",\"kind\":\"corection\",\"text\":\"y\"}]", "/corrections/0/kind", "bad-value", "correction" },
		{ "\"related_ids\":7", "/related_ids", "type", "" },
		{ "\"related_ids\":[1,\"2\"]", "/related_ids/1", "type", "" },
		{ "\"related_ids\":[0]", "/related_ids/0", "out-of-range", "" },
		{ "\"related_ids\":[1.0]", "/related_ids/0", "type", "" },
		{ "\"titel\":\"x\"", "/titel", "unknown", "title" },
		{ "\"bodyhtml\":\"x\"", "/bodyhtml", "unknown", "body_html" },
		{ "\"something else\":1", "/something else", "unknown", "" },
		{ "\"a/b~c\":1", "/a~1b~0c", "unknown", "" },
		{ "\"\":1", "/", "unknown", "" },
		{ "\"Section\":\"x\"", "/Section", "unknown", "section" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		assert_issue(cases[i].members, DECODE_WRITE, cases[i].pointer, cases[i].code, cases[i].suggestion);
		assert_issue(cases[i].members, DECODE_IMPORT, cases[i].pointer, cases[i].code, cases[i].suggestion);
	}
}

/* What import believes it also checks. */
static void test_refused_imports(void **state)
{
	static const struct { const char *members, *pointer, *code; } cases[] = {
		{ "\"id\":0", "/id", "out-of-range" },
		{ "\"id\":-5", "/id", "out-of-range" },
		{ "\"id\":\"5\"", "/id", "type" },
		{ "\"id\":5.0", "/id", "type" },
		/* Beyond what every reader of JSON keeps exact (RFC 8259 6), and where the next one would not be a number any more. */
		{ "\"id\":9223372036854775807", "/id", "out-of-range" },
		{ "\"rev\":9223372036854775807", "/rev", "out-of-range" },
		{ "\"rev\":0", "/rev", "out-of-range" },
		{ "\"updated_at\":\"never\"", "/updated_at", "bad-value" },
		{ "\"aliases\":\"a\"", "/aliases", "type" },
		{ "\"aliases\":[\"a\",\"B\"]", "/aliases/1", "bad-value" },
		{ "\"removed_at\":1", "/removed_at", "type" },
		{ "\"replaced_by\":-1", "/replaced_by", "out-of-range" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++)
		assert_issue(cases[i].members, DECODE_IMPORT, cases[i].pointer, cases[i].code, "");
}

/* --- limits, from the table itself --- */

static const char *string_member(const char *name, const char *piece, size_t n, struct arena *arena)
{
	struct text member = TEXT_EMPTY;
	const char *copy;

	text_printf(&member, "\"%s\":\"", name);
	for (size_t i = 0; i < n; i++)
		text_string(&member, piece);
	text_char(&member, '"');
	copy = arena_copy(arena, member.bytes, member.length);
	text_done(&member);
	return copy;
}

static void test_lengths(void **state)
{
	struct arena *arena = arena_new();
	struct article article;
	struct error err;
	size_t tried = 0;

	(void)state;
	for (const struct article_field *field = article_fields; field->name != NULL; field++) {
		const char *name = field->name;
		const enum decode_mode mode = field->computed ? DECODE_IMPORT : DECODE_WRITE;
		size_t fits;

		if (field->longest == 0 || (field->kind != FIELD_LINE && field->kind != FIELD_TEXT && field->kind != FIELD_HTML))
			continue;
		/* A body is written as a paragraph, which takes a few bytes more. */
		fits = field->longest - (field->kind == FIELD_LINE ? 0 : strlen("<p></p>"));
		if (!decode(whole(string_member(name, "a", fits, arena), arena), mode, arena, &article, &err))
			fail_msg("%s: %zu bytes were refused", name, fits);
		assert_issue(string_member(name, "a", field->longest + 1, arena), mode, arena_printf(arena, "/%s", name), "too-long", "");
		tried++;
		arena_reset(arena);
	}
	assert_true(tried >= 8);
	assert_issue(string_member("section", "a", 201, arena), DECODE_WRITE, "/section", "too-long", "");
	assert_issue(string_member("slug", "a", 105, arena), DECODE_WRITE, "/slug", "too-long", "");
	assert_issue(string_member("source_url", "a", 2001, arena), DECODE_WRITE, "/source_url", "too-long", "");
	arena_free(arena);
}

static const char *list_member(const char *name, const char *format, int n, struct arena *arena)
{
	struct text member = TEXT_EMPTY;
	const char *copy;

	text_printf(&member, "\"%s\":[", name);
	for (int i = 1; i <= n; i++)
		text_printf(&member, "%s%s%d%s", i > 1 ? "," : "", format, i, strchr(format, '"') != NULL ? "\"" : "");
	text_char(&member, ']');
	copy = arena_copy(arena, member.bytes, member.length);
	text_done(&member);
	return copy;
}

static void test_list_lengths(void **state)
{
	static const struct { const char *name, *format; int most; } cases[] = {
		{ "authors", "\"a", 20 }, { "tags", "\"a", 50 }, { "related_ids", "", 50 }, { "aliases", "\"a", 100 },
	};
	struct arena *arena = arena_new();
	struct article article;
	struct error err;

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		assert_true(decode(whole(list_member(cases[i].name, cases[i].format, cases[i].most, arena), arena), DECODE_IMPORT, arena, &article, &err));
		assert_issue(list_member(cases[i].name, cases[i].format, cases[i].most + 1, arena), DECODE_IMPORT,
		    arena_printf(arena, "/%s", cases[i].name), "too-long", "");
	}
	arena_free(arena);
}

/* A limit holds for what is kept, too: characters that grow when they are normalised, quotes that become references. What is taken once
 * must be taken again when it comes back from an export. */
static void test_what_grows(void **state)
{
	static const struct { const char *name, *piece, *pointer; size_t n; } cases[] = {
		{ "title", "\U0001D15F", "/title", 120 },       /* U+1D15F is kept as two characters */
		{ "section", "\U0001D15F", "/section", 49 },
		{ "body_text", "&", "/body_text", 1 << 20 },
		{ "body_text", "\\\"", "/body_text", 1 << 20 },
		{ "body_html", "&", "/body_html", 1 << 20 },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		assert_issue(string_member(cases[i].name, cases[i].piece, cases[i].n, arena), DECODE_WRITE, cases[i].pointer, "too-long", "");
		arena_reset(arena);
	}
	arena_free(arena);
}

/* --- all that is wrong, at once --- */

static void test_all_issues(void **state)
{
	static const char json[] =
	    "{\"title\":\"\",\"tags\":[1,\"ok\",{\"name\":\"x\",\"type\":\"y\"}],\"lang\":\"?\",\"image\":{\"url\":\"x\",\"width\":-1,\"hight\":2},"
	    "\"corrections\":[{\"at\":\"x\",\"text\":\"y\"},{}],\"unheard\":1,\"featured\":\"no\"}";
	static const char *const expected[] = { "/tags/0", "/tags/2/type", "/lang", "/image/url", "/image/width", "/image/hight", "/corrections/0/at",
		"/corrections/1", "/unheard", "/featured", "/source" };
	struct arena *arena = arena_new();
	struct article article;
	struct error err;

	(void)state;
	assert_false(decode(json, DECODE_WRITE, arena, &article, &err));
	assert_int_equal(err.code, ERROR_FIELDS);
	for (size_t i = 0; i < N_OF(expected); i++) {
		bool found = false;

		for (size_t k = 0; k < err.n_issues; k++)
			found |= strcmp(err.issues[k].where, expected[i]) == 0;
		if (!found) {
			print_issues(&err);
			fail_msg("%s is not named", expected[i]);
		}
	}
	arena_free(arena);
}

/* More than there is room for: the rest is counted. */
static void test_too_many_issues(void **state)
{
	struct text json = TEXT_EMPTY;
	struct arena *arena = arena_new();
	struct article article;
	struct error err;

	(void)state;
	text_string(&json, "{\"title\":\"T\",\"source\":\"S\"");
	for (int i = 0; i < 1000; i++)
		text_printf(&json, ",\"field-that-is-not-%d-%0150d\":1", i, 0);
	text_char(&json, '}');
	assert_false(decode(json.bytes, DECODE_WRITE, arena, &article, &err));
	assert_int_equal(err.n_issues, ERROR_ISSUES_MAX);
	assert_int_equal(err.n_issues + err.n_issues_left_out, 1000);
	text_done(&json);
	arena_free(arena);
}

static void test_no_object(void **state)
{
	static const char *const cases[] = { "[]", "1", "\"article\"", "null", "true", "[{}]" };
	struct arena *arena = arena_new();
	struct article article;
	struct error err;

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		assert_false(decode(cases[i], DECODE_WRITE, arena, &article, &err));
		assert_int_equal(err.code, ERROR_INVALID);
	}
	assert_false(decode("{}", DECODE_WRITE, arena, &article, &err));
	assert_int_equal(err.code, ERROR_FIELDS);
	assert_int_equal(err.n_issues, 2);
	arena_free(arena);
}

/* What the store wrote is taken as it lies: neither folded nor sanitised again. */
static void test_stored(void **state)
{
	static const struct taken cases[] = {
		{ "\"title\":\"  A  title \"", "\"title\":\"  A  title \"" },
		{ "\"body_html\":\"<p onclick=x>\",\"body_text\":\"  other \"", "\"body_html\":\"<p onclick=x>\",\"body_text\":\"  other \"" },
		{ "\"word_count\":5,\"reading_minutes\":6,\"corrected_at\":\"2016-01-01T00:00:00Z\"",
		    "\"corrected_at\":\"2016-01-01T00:00:00Z\",\"word_count\":5,\"reading_minutes\":6" },
		{ "\"tags\":[\"A\",\"a\"]", "\"tags\":[{\"name\":\"A\",\"type\":\"topic\"},{\"name\":\"a\",\"type\":\"topic\"}]" },
		{ KEPT_BY_IMPORT, "\"replaced_by\":9" },
		{ "\"id\":9223372036854775807", "\"id\":9223372036854775807" },
		{ "\"section\":{\"name\":\"S\",\"colour\":\"red\"}", "\"section\":{\"name\":\"S\"}" },
	};

	(void)state;
	assert_taken(DECODE_STORED, cases, N_OF(cases));
}

static void test_fields_by_name(void **state)
{
	(void)state;
	for (const struct article_field *field = article_fields; field->name != NULL; field++) {
		assert_ptr_equal(article_field(field->name), field);
		assert_true(field->help != NULL && field->help[0] != '\0' && field->views != 0);
		assert_true(!field->kept_by_import || field->computed);
	}
	assert_null(article_field("nothing"));
	assert_null(article_field(""));
	assert_null(article_field("Title"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_computed),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_refused_imports),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_list_lengths),
		cmocka_unit_test(test_what_grows),
		cmocka_unit_test(test_all_issues),
		cmocka_unit_test(test_too_many_issues),
		cmocka_unit_test(test_no_object),
		cmocka_unit_test(test_stored),
		cmocka_unit_test(test_fields_by_name),
	};

	return cmocka_run_group_tests_name("article_decode", tests, NULL, NULL);
}
