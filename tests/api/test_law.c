/* SPDX-License-Identifier: MIT */
/* One ETag never names two byte strings, content changed means ETag changed, and no answer is out of date: support/law.h. "test_law SEED WRITES" looks longer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "law.h"

static uint64_t seed = 20160601;
static size_t n_writes = 300;

static void test_the_law_holds(void **state)
{
	struct law_result result;

	(void)state;
	law_run(seed, n_writes, &result);
	print_message("seed %llu: %zu writes, %zu replies, %zu ETags, %zu times 304, %zu restores\n", (unsigned long long)seed, result.n_writes, result.n_replies,
	    result.n_etags, result.n_unchanged, result.n_restores);
	if (result.broken[0] != '\0')
		fail_msg("seed %llu: %s", (unsigned long long)seed, result.broken);
	assert_true(result.n_restores >= 2 && result.n_unchanged > result.n_writes);
}

int main(int argc, char *argv[])
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_law_holds),
	};

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 10);
	if (argc > 2)
		n_writes = strtoull(argv[2], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
