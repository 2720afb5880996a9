/* SPDX-License-Identifier: MIT */
/*
 * The sanitiser: whatever comes in, what goes out holds only what is allowed, is valid UTF-8, and sanitised again is the same to the
 * byte. Its text, too, survives the way through HTML and back.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "article.h"
#include "html_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds, const char *what, const char *one, const char *other)
{
	if (holds)
		return;
	fprintf(stderr, "%s\n%s\n%s\n", what, one, other);
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	char offence[200] = "";
	const char *html, *again, *text, *from_text, *text_again;

	html = html_sanitise((const char *)data, size, arena);
	expect(html_check(html, offence, sizeof offence), "not allowed:", html, offence);
	expect(text_is_utf8(html, strlen(html)), "not UTF-8:", html, "");
	again = html_sanitise(html, strlen(html), arena);
	expect(strcmp(html, again) == 0, "not idempotent:", html, again);

	text = html_to_text(html, arena);
	expect(text_is_utf8(text, strlen(text)), "text is not UTF-8:", text, "");
	from_text = html_from_text(text, arena);
	again = html_sanitise(from_text, strlen(from_text), arena);
	expect(strcmp(from_text, again) == 0, "from text, not idempotent:", from_text, again);
	text_again = html_to_text(from_text, arena);
	again = html_to_text(html_from_text(text_again, arena), arena);
	expect(strcmp(text_again, again) == 0, "text does not come back:", text_again, again);
	text_excerpt(text, 240, arena);
	text_count_words(text);
	arena_free(arena);
	return 0;
}
