/* SPDX-License-Identifier: MIT */
/*
 * Would test_law.c notice? The same run on a server with a fault: without the log's marks in its ETags, and with one that now and then forgets to
 * say what a write touched. The file that has both is compiled into this program with the fault in front.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/store_internal.h"

bool store_mark_as_it_is(struct store *store, int64_t seq, uint64_t *ret_mark, struct error *err);
void store_touch_as_it_is(struct store *store, uint64_t scope);

#define store_mark store_mark_as_it_is
#define store_touch store_touch_as_it_is
#include "store/generation_store.c"
#undef store_mark
#undef store_touch

#include "law.h"

static enum { NO_MARKS, FORGOTTEN_TOUCHES } fault;

bool store_mark(struct store *store, int64_t seq, uint64_t *ret_mark, struct error *err)
{
	if (fault != NO_MARKS)
		return store_mark_as_it_is(store, seq, ret_mark, err);
	*ret_mark = 0;
	return true;
}

void store_touch(struct store *store, uint64_t scope)
{
	static unsigned n;

	if (fault != FORGOTTEN_TOUCHES || ++n % 20 != 0)
		store_touch_as_it_is(store, scope);
}

static void expect_broken(const char *how)
{
	struct law_result result;

	law_run(20160601, 300, &result);
	if (strstr(result.broken, how) == NULL)
		fail_msg("after %zu writes and %zu restores: \"%s\"", result.n_writes, result.n_restores, result.broken);
}

/* A copy that was put back gives the ETags of the history that was lost to other bytes. */
static void test_without_marks(void **state)
{
	(void)state;
	fault = NO_MARKS;
	expect_broken("names two byte strings");
}

static void test_with_forgotten_touches(void **state)
{
	(void)state;
	fault = FORGOTTEN_TOUCHES;
	expect_broken("out of date");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_marks),
		cmocka_unit_test(test_with_forgotten_touches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
