/* SPDX-License-Identifier: MIT */
/*
 * Would test_freshness_load.c notice? The same load on a server whose clock of generations ticks for every second commit only, so that the others
 * are acknowledged before kept replies are out of date. The file that has the clock is compiled into this program with that fault in front.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "generations.h"

void generations_publish_at_once(struct generations *generations);

#define generations_publish generations_publish_at_once
#include "base/generations.c"
#undef generations_publish

#include "freshness.h"

void generations_publish(struct generations *generations)
{
	static unsigned n;

	if (++n % 2 == 0)
		generations_publish_at_once(generations);
}

static void test_late_ticks_are_noticed(void **state)
{
	struct freshness_result result;

	(void)state;
	for (int i = 0; i < 20; i++) {    /* in a slow program (under valgrind) a second is not long */
		freshness_run(1, &result);
		if (result.n_stale > 0)
			break;
	}
	print_message("%lld writes, %lld reads, %lld stale; %s\n", (long long)result.n_writes, (long long)result.n_reads, (long long)result.n_stale, result.stale);
	assert_true(result.n_stale > 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_late_ticks_are_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
