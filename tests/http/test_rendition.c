/* SPDX-License-Identifier: MIT */
/* The forms of a kept reply: made when asked for, made anew for a later seq around the same bytes, coded again with more patience. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <brotli/decode.h>

#include "http/cache_internal.h"

enum { LENGTH = 20000 };

static char plain[LENGTH];

static struct kept *kept_with_body(int64_t seq)
{
	struct kept *kept = calloc(1, sizeof *kept);
	struct shared_bytes *bytes;

	for (int i = 0; i < LENGTH; i++)
		plain[i] = "the ferry and the bridge "[i * 7 / 3 % 25];
	bytes = shared_bytes_new(plain, LENGTH);
	atomic_init(&kept->refs, 1);
	pthread_mutex_init(&kept->lock, NULL);
	snprintf(kept->stem, sizeof kept->stem, "stem");
	kept->renditions[CODING_IDENTITY] = rendition_new(kept, CODING_IDENTITY, EFFORT_QUICK, bytes, seq);
	shared_bytes_unref(bytes);
	return kept;
}

static const char *header_of(const struct rendition *rendition, const char *name)
{
	return MHD_get_response_header(rendition->full, name);
}

static void expect_plain(const struct rendition *rendition)
{
	static uint8_t decoded[LENGTH + 1];
	size_t length = sizeof decoded;

	assert_int_equal(
	    BrotliDecoderDecompress(rendition->body->length, (const uint8_t *)rendition->body->bytes, &length, decoded), BROTLI_DECODER_RESULT_SUCCESS);
	assert_int_equal(length, LENGTH);
	assert_memory_equal(decoded, plain, LENGTH);
}

static void test_forms_are_made_once(void **state)
{
	struct kept *kept = kept_with_body(5);
	struct rendition *first, *again;
	size_t grown;

	(void)state;
	first = rendition_for(kept, CODING_BROTLI, 5, &grown);
	assert_int_equal(grown, rendition_bytes(first));
	assert_string_equal(first->etag, "\"stem-br1\"");
	assert_string_equal(header_of(first, "Content-Encoding"), "br");
	expect_plain(first);
	again = rendition_for(kept, CODING_BROTLI, 5, &grown);
	assert_int_equal(grown, 0);
	assert_ptr_equal(again, first);
	assert_int_equal(kept->lengths[CODING_BROTLI], first->body->length);
	rendition_unref(first);
	rendition_unref(again);
	kept_unref(kept);
}

/* Another seq changes a header field and no byte of the body; it never goes back. */
static void test_a_later_seq(void **state)
{
	struct kept *kept = kept_with_body(5);
	struct rendition *at_5, *at_7, *asked_with_6;
	size_t grown;

	(void)state;
	at_5 = rendition_for(kept, CODING_IDENTITY, 5, &grown);
	at_7 = rendition_for(kept, CODING_IDENTITY, 7, &grown);
	asked_with_6 = rendition_for(kept, CODING_IDENTITY, 6, &grown);
	assert_string_equal(header_of(at_5, "Broadsheet-Seq"), "5");
	assert_string_equal(header_of(at_7, "Broadsheet-Seq"), "7");
	assert_string_equal(MHD_get_response_header(at_7->unchanged, "Broadsheet-Seq"), "7");
	assert_ptr_equal(at_7->body, at_5->body);
	assert_string_equal(at_7->etag, at_5->etag);
	assert_ptr_equal(asked_with_6, at_7);
	rendition_unref(at_5);
	rendition_unref(at_7);
	rendition_unref(asked_with_6);
	kept_unref(kept);
}

static void test_coding_with_patience(void **state)
{
	struct kept *kept = kept_with_body(5);
	struct rendition *quick, *thorough;
	size_t grown;

	(void)state;
	rendition_recode(kept, CODING_BROTLI);    /* nobody has asked for it: nothing happens */
	assert_null(kept->renditions[CODING_BROTLI]);
	quick = rendition_for(kept, CODING_BROTLI, 9, &grown);
	rendition_recode(kept, CODING_BROTLI);
	thorough = rendition_for(kept, CODING_BROTLI, 8, &grown);
	assert_int_equal(grown, 0);
	assert_string_equal(thorough->etag, "\"stem-br9\"");
	assert_string_equal(header_of(thorough, "Broadsheet-Seq"), "9");
	assert_true(thorough->body->length <= quick->body->length);
	expect_plain(thorough);
	expect_plain(quick);    /* whoever is being sent it goes on with it */
	assert_int_equal(kept->lengths[CODING_BROTLI], quick->body->length);
	rendition_unref(quick);
	rendition_unref(thorough);
	kept_unref(kept);
}

/* When the body is gone there is nothing to make a form from. */
static void test_without_a_body(void **state)
{
	struct kept *kept = kept_with_body(5);
	size_t grown = 1;

	(void)state;
	rendition_unref(kept->renditions[CODING_IDENTITY]);
	kept->renditions[CODING_IDENTITY] = NULL;
	assert_null(rendition_for(kept, CODING_IDENTITY, 5, &grown));
	assert_null(rendition_for(kept, CODING_GZIP, 5, &grown));
	assert_int_equal(grown, 0);
	rendition_recode(kept, CODING_GZIP);
	assert_null(kept->renditions[CODING_GZIP]);
	rendition_unref(NULL);
	kept_unref(kept);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms_are_made_once),
		cmocka_unit_test(test_a_later_seq),
		cmocka_unit_test(test_coding_with_patience),
		cmocka_unit_test(test_without_a_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
