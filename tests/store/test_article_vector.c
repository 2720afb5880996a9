/* SPDX-License-Identifier: MIT */
/* The bytes of a vector: what is written is read again, and no damage is taken for words out of order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "store/store_internal.h"
#include "test_store.h"

static void test_comes_back(void **state)
{
	static const struct vector_word words[] = {
		{ 1, 1, false, false }, { 2, 0, true, false }, { 129, 5, true, true }, { 130, VECTOR_TIMES_MOST, false, true },
		{ 16512, 1000, false, false }, { 2113664, 2, true, true }, { UINT32_MAX, 1, false, true },
	};
	struct text bytes = TEXT_EMPTY;
	struct vector_reader reader;
	struct vector_word word;
	int64_t last = 0;

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		vector_append(&bytes, &last, &words[i]);
	assert_int_equal(bytes.length, 7 + 1 + 1 + 1 + 1 + 2 + 4 + 5);
	vector_reader_init(&reader, bytes.bytes, bytes.length);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		assert_true(vector_next(&reader, &word));
		assert_int_equal(word.id, words[i].id);
		assert_int_equal(word.times, words[i].times < VECTOR_TIMES_MOST ? words[i].times : VECTOR_TIMES_MOST);
		assert_int_equal(word.is_head, words[i].is_head);
		assert_int_equal(word.is_plain, words[i].is_plain);
	}
	assert_false(vector_next(&reader, &word));
	assert_false(reader.is_broken);
	text_done(&bytes);
}

static void test_damage(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
	} rows[] = {
		{ "\x01", 1 },                                       /* no byte behind the id */
		{ "\x81", 1 }, { "\x81\x82", 2 },                    /* an id without an end */
		{ "\x00\x01", 2 },                                   /* the word before once more */
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x01", 11 },
		{ "\x80\x80\x80\x80\x10\x01", 6 },                   /* an id larger than ids are */
		{ "\x01\x01\x02", 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct vector_reader reader;
		struct vector_word word;

		vector_reader_init(&reader, rows[i].bytes, rows[i].length);
		while (vector_next(&reader, &word))
			assert_true(word.id > 0);
		if (!reader.is_broken)
			fail_msg("row %zu is taken for whole", i);
		assert_false(vector_next(&reader, &word));
	}
}

/* Whatever the bytes: ids ascend, and reading ends. */
static void test_random_bytes(void **state)
{
	struct test_random random = { 7 };

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct vector_reader reader;
		struct vector_word word;
		char bytes[40];
		const size_t length = (size_t)test_random(&random, sizeof bytes);
		int64_t last = 0;

		for (size_t i = 0; i < length; i++)
			bytes[i] = (char)test_random(&random, 256);
		vector_reader_init(&reader, bytes, length);
		while (vector_next(&reader, &word)) {
			assert_true(word.id > last && word.times <= VECTOR_TIMES_MOST);
			last = word.id;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_comes_back),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_random_bytes),
	};

	return cmocka_run_group_tests_name("article_vector", tests, NULL, NULL);
}
