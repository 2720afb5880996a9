/* SPDX-License-Identifier: MIT */
/* The bytes of an answer: there and back, the digest, and damage of every kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "store/store_internal.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

static const struct related_row rows[] = {
	{ 7, 0, true, 1, { { "section", "Local" } }, 1 },
	{ 0x123456789ab, 4487, false, 2, { { "tag", "Say \"hello\"" }, { "text", "ferry" }, { "section", "Local" } }, 3 },
	{ 9, 10000, false, 0, { { NULL, NULL } }, 0 },
	{ 10, 601, false, 2, { { "text", "ferry" } }, 1 },
};

static void test_there_and_back(void **state)
{
	static const char *const tails[] = {
		",\"score\":0.0000,\"origin\":\"editorial\",\"reasons\":[{\"type\":\"section\",\"value\":\"Local\"}]}",
		(",\"score\":0.4487,\"origin\":\"computed\",\"reasons\":[{\"type\":\"tag\",\"value\":\"Say \\\"hello\\\"\"},"
		"{\"type\":\"text\",\"value\":\"ferry\"},{\"type\":\"section\",\"value\":\"Local\"}]}"),
		",\"score\":1.0000,\"origin\":\"computed\",\"reasons\":[]}",
		",\"score\":0.0601,\"origin\":\"computed\",\"reasons\":[{\"type\":\"text\",\"value\":\"ferry\"}]}",
	};
	struct text bytes = TEXT_EMPTY, tail = TEXT_EMPTY;
	struct related_reader reader;
	struct related_entry entry;

	(void)state;
	related_encode(rows, N_OF(rows), &bytes);
	related_reader_init(&reader, bytes.bytes, bytes.length);
	for (size_t i = 0; i < N_OF(rows); i++) {
		assert_true(related_next(&reader, &entry));
		assert_int_equal(entry.id, rows[i].id);
		assert_int_equal(entry.score, rows[i].score);
		assert_int_equal(entry.story, rows[i].story);
		assert_int_equal(entry.editorial, rows[i].editorial);
		text_clear(&tail);
		related_tail(&reader, &entry, &tail);
		assert_string_equal(tail.bytes, tails[i]);
	}
	assert_false(related_next(&reader, &entry));
	assert_false(reader.is_broken);
	text_done(&bytes);
	text_done(&tail);
}

static void test_nothing(void **state)
{
	struct text bytes = TEXT_EMPTY;
	struct related_reader reader;
	struct related_entry entry;

	(void)state;
	related_encode(NULL, 0, &bytes);
	related_reader_init(&reader, bytes.bytes, bytes.length);
	assert_false(related_next(&reader, &entry));
	assert_false(reader.is_broken);
	related_reader_init(&reader, NULL, 0);
	assert_false(related_next(&reader, &entry));
	assert_false(reader.is_broken);
	text_done(&bytes);
}

static uint64_t digest_of(const struct related_row *some, size_t n)
{
	struct text bytes = TEXT_EMPTY;
	uint64_t digest;

	related_encode(some, n, &bytes);
	digest = related_digest(bytes.bytes, bytes.length);
	text_done(&bytes);
	return digest;
}

static void test_digest(void **state)
{
	struct related_row other[N_OF(rows)];
	const uint64_t digest = digest_of(rows, N_OF(rows));

	(void)state;
	memcpy(other, rows, sizeof rows);
	assert_true(digest_of(other, N_OF(rows)) == digest);
	assert_true(digest_of(rows, N_OF(rows) - 1) != digest);
	other[1].score++;
	assert_true(digest_of(other, N_OF(rows)) != digest);
	memcpy(other, rows, sizeof rows);
	other[0] = rows[1];
	other[1] = rows[0];
	assert_true(digest_of(other, N_OF(rows)) != digest);
	memcpy(other, rows, sizeof rows);
	other[3].reasons[0].value = "ferries";
	assert_true(digest_of(other, N_OF(rows)) != digest);
}

/* Cut anywhere, or with any byte another: no step beyond the end, and what is cut is seen to be. */
static void test_damage(void **state)
{
	struct text bytes = TEXT_EMPTY, tail = TEXT_EMPTY;
	struct related_reader reader;
	struct related_entry entry;

	(void)state;
	related_encode(rows, N_OF(rows), &bytes);
	for (size_t cut = 1; cut < bytes.length; cut++) {
		char *part = malloc(cut);

		memcpy(part, bytes.bytes, cut);
		related_reader_init(&reader, part, cut);
		while (related_next(&reader, &entry))
			related_tail(&reader, &entry, &tail);
		assert_true(reader.is_broken);
		free(part);
	}
	for (size_t i = 0; i < bytes.length; i++) {
		const char was = bytes.bytes[i];

		for (int value = 0; value < 256; value += 15) {
			bytes.bytes[i] = (char)value;
			related_reader_init(&reader, bytes.bytes, bytes.length);
			while (related_next(&reader, &entry))
				related_tail(&reader, &entry, &tail);
			text_clear(&tail);
		}
		bytes.bytes[i] = was;
	}
	text_done(&bytes);
	text_done(&tail);
}

static void test_sketches(void **state)
{
	struct text_sketch sketch, back;
	struct text bytes = TEXT_EMPTY;

	(void)state;
	text_sketch("The ferry ran aground before dawn on Tuesday with eighty people aboard, and lifeboats took them ashore.", &sketch);
	assert_true(sketch.n > 5);
	related_sketch_encode(&sketch, &bytes);
	assert_true(related_sketch_decode(bytes.bytes, bytes.length, &back));
	assert_int_equal(back.n, sketch.n);
	assert_memory_equal(back.hashes, sketch.hashes, sketch.n * sizeof sketch.hashes[0]);
	assert_false(related_sketch_decode(bytes.bytes, bytes.length - 1, &back));
	assert_true(related_sketch_decode("", 0, &back));
	assert_int_equal(back.n, 0);
	text_done(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_sketches),
	};

	return cmocka_run_group_tests_name("related_answer", tests, NULL, NULL);
}
