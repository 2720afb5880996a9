/* SPDX-License-Identifier: MIT */
/* Pages that hold nothing are given back, their neighbours and everybody's bytes are not touched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pages.h"

enum { PAGES = 8 };

static size_t size;
static unsigned char *memory;

static size_t n_resident(void)
{
	unsigned char there[PAGES];
	size_t n = 0;

	assert_int_equal(mincore(memory, PAGES * size, there), 0);
	for (size_t i = 0; i < PAGES; i++)
		n += there[i] & 1;
	return n;
}

static int set_up(void **state)
{
	(void)state;
	size = (size_t)sysconf(_SC_PAGESIZE);
	memory = mmap(NULL, PAGES * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(memory, 1, PAGES * size);
	memset(memory, 0, PAGES * size);
	return memory == MAP_FAILED;
}

static int tear_down(void **state)
{
	(void)state;
	return munmap(memory, PAGES * size);
}

static void test_only_what_is_empty_and_whole(void **state)
{
	(void)state;
	memory[3 * size + 17] = 7;
	memory[5 * size] = 8;
	memory[6 * size + size - 1] = 9;
	assert_int_equal(n_resident(), PAGES);
	/* The first and the last lie within in part only. */
	assert_int_equal(pages_give_back(memory + 1, memory + PAGES * size - 1), 3);
	assert_int_equal(n_resident(), PAGES - 3);
	assert_int_equal(memory[3 * size + 17], 7);
	assert_int_equal(memory[5 * size], 8);
	assert_int_equal(memory[6 * size + size - 1], 9);
	assert_int_equal(memory[size], 0);
	memory[size] = 5;
	assert_int_equal(memory[size], 5);
}

static void test_nothing_whole(void **state)
{
	(void)state;
	assert_int_equal(pages_give_back(memory + 1, memory + 2 * size - 1), 0);
	assert_int_equal(pages_give_back(memory + 9, memory + 9), 0);
	assert_int_equal(pages_give_back(memory + size, memory), 0);
	assert_int_equal(pages_give_back(memory, memory + size), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_only_what_is_empty_and_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nothing_whole, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("pages", tests, NULL, NULL);
}
