/* SPDX-License-Identifier: MIT */
/*
 * A stranger's merge patch of an article that stands. Whatever is taken can be kept and reads back as it was; the same patch again changes nothing
 * (RFC 7396: a patch is idempotent); whatever is refused says where. Of any two JSON values, merging twice is merging once.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "article.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char standing[] =
    "{\"id\":12,\"slug\":\"it-stands\",\"title\":\"It stands\",\"summary\":\"Of its own.\",\"source\":{\"slug\":\"wire\",\"name\":\"Wire\"},\"byline\":\"By A\","
    "\"authors\":[{\"slug\":\"a\",\"name\":\"A\"}],\"section\":{\"slug\":\"news\",\"name\":\"News\"},\"tags\":[{\"slug\":\"t\",\"name\":\"T\",\"type\":\"topic\"}],"
    "\"image\":{\"url\":\"https://a.example/1\",\"width\":3,\"height\":2,\"alt\":\"x\"},\"lang\":\"en\",\"published_at\":\"2016-01-01T00:00:00Z\","
    "\"updated_at\":\"2016-01-01T00:00:00Z\",\"rev\":3,\"body_html\":\"<p>Text.</p>\",\"body_text\":\"Text.\",\"corrections\":[{\"at\":\"2016-01-01T00:00:00Z\",\"kind\":\"update\","
    "\"text\":\"c\"}],\"guid\":\"g\",\"rights\":{\"holder\":\"h\"},\"status\":\"published\",\"expire_at\":\"2030-01-01T00:00:00Z\",\"related_ids\":[1,2]}";

static void fail(const char *what, const char *one, const char *other)
{
	fprintf(stderr, "%s\n%s\n%s\n", what, one, other);
	abort();
}

/* As publishing does before it keeps an article. */
static void complete(struct article *article, struct arena *arena)
{
	for (size_t i = 0; i < article->corrections.n; i++)
		if (article->corrections.items[i].at == TIME_NONE)
			article->corrections.items[i].at = 1464782400;
	article_derive(article, arena);
}

static void load(enum decode_mode mode, const char *json, size_t length, struct arena *arena, struct article *ret_article)
{
	struct error err;
	json_t *object = NULL;

	if (!json_parse(json, length, &object, &err) || !article_decode(object, mode, arena, ret_article, &err))
		fail("what was written is not taken", json, err.detail);
	json_decref(object);
	article_derive(ret_article, arena);
}

static void expect_same_again(const struct article *article, json_t *patch, struct arena *arena)
{
	struct text line = TEXT_EMPTY, again = TEXT_EMPTY;
	struct article read, patched;
	struct error err;

	article_encode(article, VIEW_EXPORT, &line);
	load(DECODE_STORED, line.bytes, line.length, arena, &read);
	article_encode(&read, VIEW_EXPORT, &again);
	if (strcmp(line.bytes, again.bytes) != 0)
		fail("what was written reads otherwise", line.bytes, again.bytes);
	text_clear(&again);
	if (!article_merge_patch(&read, patch, arena, &patched, &err))
		fail("the same patch is not taken again", line.bytes, err.detail);
	complete(&patched, arena);
	article_encode(&patched, VIEW_EXPORT, &again);
	if (strcmp(line.bytes, again.bytes) != 0)
		fail("the same patch again changes it", line.bytes, again.bytes);
	text_done(&line);
	text_done(&again);
}

static void expect_reason(const struct error *err)
{
	char summary[600];

	error_summary(err, summary, sizeof summary);
	if (err->code == ERROR_NONE || summary[0] == '\0' || !text_is_utf8(summary, strlen(summary)))
		abort();
}

static void expect_once_is_twice(json_t *patch)
{
	json_t *target = json_loads(standing, 0, NULL), *once = json_merge_patch(target, patch), *twice = json_merge_patch(once, patch);

	if (!json_equal(once, twice))
		abort();
	json_decref(target);
	json_decref(once);
	json_decref(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct article known, article;
	struct error err;
	json_t *patch = NULL;

	load(DECODE_STORED, standing, sizeof standing - 1, arena, &known);
	if (json_parse((const char *)data, size, &patch, &err))
		expect_once_is_twice(patch);
	if (patch != NULL && article_merge_patch(&known, patch, arena, &article, &err)) {
		complete(&article, arena);
		expect_same_again(&article, patch, arena);
	} else {
		expect_reason(&err);
	}
	json_decref(patch);
	arena_free(arena);
	return 0;
}
