/* SPDX-License-Identifier: MIT */
/* Arenas: alignment, zeroing, growth, reuse, large allocations between small ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdalign.h>
#include <stdbool.h>
#include <string.h>

#include "arena.h"

static bool is_zero(const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

static void test_memory_is_aligned_zeroed_and_apart(void **state)
{
	enum { N = 2000 };
	struct arena *arena = arena_new();
	unsigned char *memory[N];

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < N; i++) {
			memory[i] = arena_alloc(arena, i % 97 + 1);
			assert_int_equal((uintptr_t)memory[i] % alignof(max_align_t), 0);
			assert_true(is_zero(memory[i], i % 97 + 1));
			memset(memory[i], (int)(i % 251 + 1), i % 97 + 1);
		}
		for (size_t i = 0; i < N; i++)
			for (size_t j = 0; j < i % 97 + 1; j++)
				assert_int_equal(memory[i][j], i % 251 + 1);
		arena_reset(arena);
	}
	arena_free(arena);
}

static void test_large_allocations_leave_the_block_in_use(void **state)
{
	struct arena *arena = arena_new();
	char *small = arena_string(arena, "before");
	unsigned char *large = arena_alloc(arena, 3 * 1024 * 1024);
	char *after = arena_string(arena, "after");

	(void)state;
	assert_true(is_zero(large, 3 * 1024 * 1024));
	memset(large, 0xFF, 3 * 1024 * 1024);
	assert_string_equal(small, "before");
	assert_string_equal(after, "after");
	arena_reset(arena);
	assert_true(is_zero(arena_alloc(arena, 64), 64));
	arena_free(arena);
}

static void test_strings(void **state)
{
	struct arena *arena = arena_new();
	char long_text[5000];

	(void)state;
	assert_null(arena_string(arena, NULL));
	assert_string_equal(arena_string(arena, ""), "");
	assert_memory_equal(arena_copy(arena, "a\0b", 3), "a\0b\0", 4);
	assert_string_equal(arena_copy(arena, NULL, 0), "");
	assert_string_equal(arena_printf(arena, "%d-%s", 7, "x"), "7-x");

	memset(long_text, 'l', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	assert_string_equal(arena_printf(arena, "%s", long_text), long_text);
	arena_free(arena);
}

static void test_nothing_and_arrays(void **state)
{
	struct arena *arena = arena_new();
	int64_t *numbers = arena_array(arena, 1000, sizeof *numbers);

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(numbers[i], 0);
	assert_non_null(arena_alloc(arena, 0));
	assert_non_null(arena_array(arena, 0, 8));
	arena_free(arena);
	arena_free(NULL);
}

static void test_used(void **state)
{
	struct arena *arena = arena_new();
	size_t used;

	(void)state;
	assert_int_equal(arena_used(arena), 0);
	arena_alloc(arena, 100);
	used = arena_used(arena);
	assert_true(used >= 100 && used < 100 + 2 * alignof(max_align_t));
	arena_alloc(arena, 1 << 20);
	assert_true(arena_used(arena) >= used + (1 << 20) && arena_used(arena) < used + (1 << 20) + 100);
	arena_reset(arena);
	assert_int_equal(arena_used(arena), 0);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_is_aligned_zeroed_and_apart),
		cmocka_unit_test(test_large_allocations_leave_the_block_in_use),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_nothing_and_arrays),
		cmocka_unit_test(test_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
