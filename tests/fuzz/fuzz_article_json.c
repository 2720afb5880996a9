/* SPDX-License-Identifier: MIT */
/*
 * A stranger's article as JSON. Whatever is taken can be kept: written out it is read back as it was, both as what the store wrote and
 * as a line that is imported anew, to the same bytes. Whatever is refused says where.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "article.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *what, const struct text *one, const struct text *other)
{
	fprintf(stderr, "%s\n%s\n%s\n", what, one->bytes, other != NULL ? other->bytes : "");
	abort();
}

static void expect_same_again(const struct text *line, enum decode_mode mode, struct arena *arena)
{
	struct text again = TEXT_EMPTY;
	struct article article;
	struct error err;
	json_t *object = NULL;

	if (!json_parse(line->bytes, line->length, &object, &err))
		fail("what was written is no JSON", line, NULL);
	if (!article_decode(object, mode, arena, &article, &err))
		fail("what was written is not taken", line, NULL);
	json_decref(object);
	if (mode != DECODE_STORED)
		article_derive(&article, arena);
	article_encode(&article, VIEW_EXPORT, &again);
	if (again.length != line->length || memcmp(again.bytes, line->bytes, line->length) != 0)
		fail("what was written reads otherwise", line, &again);
	text_done(&again);
}

static void expect_reason(const struct error *err)
{
	char summary[600];

	error_summary(err, summary, sizeof summary);
	if (err->code == ERROR_NONE || summary[0] == '\0' || !text_is_utf8(summary, strlen(summary)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct text line = TEXT_EMPTY;
	struct article article;
	struct error err;
	json_t *object = NULL;

	if (json_parse((const char *)data, size, &object, &err) && article_decode(object, DECODE_IMPORT, arena, &article, &err)) {
		article_derive(&article, arena);
		article_encode(&article, VIEW_EXPORT, &line);
		expect_same_again(&line, DECODE_STORED, arena);
		expect_same_again(&line, DECODE_IMPORT, arena);
	} else {
		expect_reason(&err);
	}
	json_decref(object);
	text_done(&line);
	arena_free(arena);
	return 0;
}
