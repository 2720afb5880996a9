/* SPDX-License-Identifier: MIT */
/*
 * No stale answer under full load: support/freshness.h, for two seconds. "test_freshness_load SECONDS" does it for longer, which is what
 * `make freshness MINUTES=10` calls.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "freshness.h"

static int64_t seconds = 2;

static void test_no_answer_is_stale(void **state)
{
	struct freshness_result result;

	(void)state;
	freshness_run(seconds, &result);
	print_message("%lld s: %lld writes, %lld reads, of these %lld not modified and %lld that waited for a seq; %lld stale\n", (long long)seconds,
	    (long long)result.n_writes, (long long)result.n_reads, (long long)result.n_unchanged, (long long)result.n_waits, (long long)result.n_stale);
	if (result.n_stale > 0)
		fail_msg("%s", result.stale);
	assert_true(result.n_writes > 0 && result.n_reads > 0 && result.n_unchanged > 0);
}

int main(int argc, char *argv[])
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_answer_is_stale),
	};

	if (argc > 1)
		seconds = strtoll(argv[1], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
