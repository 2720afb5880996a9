/* SPDX-License-Identifier: MIT */
/*
 * What answers stand on: values of clauses and groups, the scopes that decide, the digest. A basis is written here as text: clauses parted by ';',
 * groups by '|', scopes by blanks, each a letter with its generation: "a5 b7 | c3; d9".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "basis.h"
#include "clock.h"
#include "test_store.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

static void read_basis(struct basis *basis, struct arena *arena, const char *text)
{
	basis_init(basis, arena);
	basis_clause(basis);
	for (char *at = arena_string(arena, text); *at != '\0';) {
		if (*at == ';')
			basis_clause(basis);
		if (*at == '|')
			basis_group(basis);
		if (*at >= 'a' && *at <= 'z') {
			const uint64_t key = (uint64_t)*at;

			basis_scope(basis, key, strtoll(at + 1, &at, 10));
		} else {
			at++;
		}
	}
}

static uint64_t hash_of(const char *text)
{
	struct arena *arena = arena_new();
	struct basis basis;
	uint64_t hash;

	read_basis(&basis, arena, text);
	hash = basis_hash(&basis, 1);
	arena_free(arena);
	return hash;
}

/* Of a group the largest, of a clause the smallest of its groups; and whoever decides that. */
static void test_values(void **state)
{
	static const struct {
		const char *basis, *values, *deciding;
		int64_t newest;
	} rows[] = {
		{ "a5", "x5", "a", 5 },
		{ "a5 b7", "x7", "ab", 7 },
		{ "a7 b5", "x7", "ab", 7 },
		{ "a5|b7", "x5", "a", 5 },
		{ "a7|b5", "x5", "b", 5 },
		{ "a5|b5", "x5", "a", 5 },
		{ "a5 b9|c7", "x7", "c", 7 },
		{ "a5 b9|c7 d1", "x7", "cd", 7 },
		{ "a5 b9|c9 d9 e2", "x9", "ab", 9 },
		{ "a9|b8|c7|d8", "x7", "c", 7 },
		{ "a0|b7", "x0", "a", 0 },
		{ "a5;b7", "x5;x7", "ab", 7 },
		{ "a9|b3;c4 d2", "x3;x4", "bcd", 4 },
		{ "a9|b3;c4|d2;e0", "x3;x2;x0", "bde", 3 },
		{ "a-1;b3", "x-1;x3", "ab", 3 },
		{ "a0", "x0", "a", 0 },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct arena *arena = arena_new();
		struct basis basis;
		const uint64_t *deciding;
		size_t n;

		read_basis(&basis, arena, rows[i].basis);
		assert_true(basis_is_stated(&basis));
		if (basis_hash(&basis, 1) != hash_of(rows[i].values))
			fail_msg("\"%s\" has other values than \"%s\"", rows[i].basis, rows[i].values);
		deciding = basis_deciding(&basis, &n);
		for (size_t d = 0; d < n; d++)
			if (n != strlen(rows[i].deciding) || deciding[d] != (uint64_t)rows[i].deciding[d])
				fail_msg("\"%s\": %zu decide, not \"%s\"", rows[i].basis, n, rows[i].deciding);
		assert_int_equal(basis_newest(&basis), rows[i].newest);
		arena_free(arena);
	}
}

static void test_other_values_have_another_hash(void **state)
{
	static const char *const different[] = { "a5", "a6", "a0", "a-1", "a5;a5", "a5;a6", "a6;a5", "a5;a5;a5", "a56" };

	(void)state;
	for (size_t i = 0; i < N_OF(different); i++)
		for (size_t j = 0; j < i; j++)
			if (hash_of(different[i]) == hash_of(different[j]))
				fail_msg("\"%s\" and \"%s\"", different[i], different[j]);
}

static void test_mark_time_salt_and_digest_count(void **state)
{
	struct arena *arena = arena_new();
	struct basis basis, other;

	(void)state;
	read_basis(&basis, arena, "a5|b7");
	other = basis;
	assert_true(basis_hash(&basis, 1) != basis_hash(&basis, 2));
	other.mark = 1;
	assert_true(basis_hash(&basis, 1) != basis_hash(&other, 1));
	other = basis;
	basis_until(&other, 3600);
	assert_true(basis_hash(&basis, 1) != basis_hash(&other, 1));
	basis_until(&other, 7200);
	assert_int_equal(other.until, 3600);
	basis_until(&other, 100);
	assert_int_equal(other.until, 100);

	/* A digest is a value, but no seq: not even where it looks like a large one. */
	other = basis;
	basis_digest(&other, 'd', 12);
	assert_true(basis_hash(&basis, 1) != basis_hash(&other, 1));
	assert_int_equal(basis_newest(&other), 5);
	basis_one(&other, 'e', 6);
	assert_int_equal(basis_newest(&other), 6);
	arena_free(arena);
}

static void test_nothing_is_stated(void **state)
{
	struct arena *arena = arena_new();
	struct basis basis;
	size_t n = 1;

	(void)state;
	basis_init(&basis, arena);
	assert_false(basis_is_stated(&basis));
	assert_int_equal(basis.until, TIME_NONE);
	assert_int_equal(basis_newest(&basis), 0);
	basis_deciding(&basis, &n);
	assert_int_equal(n, 0);
	arena_free(arena);
}

/*
 * Two histories that part behind seq 5: a database, and a copy of it that was put back and went another way. Both come to a seq 6 that
 * changed the section. Without the log's marks they would have one ETag for two answers.
 */
static void test_histories_with_the_same_seqs(void **state)
{
	struct arena *arena = arena_new();
	struct basis one, other;

	(void)state;
	read_basis(&one, arena, "a6");
	read_basis(&other, arena, "a6");
	assert_true(basis_hash(&one, 1) == basis_hash(&other, 1));
	one.mark = 0x1111;
	other.mark = 0x2222;
	assert_true(basis_hash(&one, 1) != basis_hash(&other, 1));
	arena_free(arena);
}

/* --- while the deciding scopes stand still, nothing else can change an answer --- */

enum { CLAUSES_MOST = 4, GROUPS_MOST = 4, SCOPES_MOST = 3, ROUNDS = 3000 };

struct shape {
	size_t n_clauses, n_groups[CLAUSES_MOST], n_scopes[CLAUSES_MOST][GROUPS_MOST];
	int64_t generations[CLAUSES_MOST][GROUPS_MOST][SCOPES_MOST];
};

static uint64_t key_of(size_t clause, size_t group, size_t scope)
{
	return (clause * GROUPS_MOST + group) * SCOPES_MOST + scope;
}

static void shape_init(struct shape *shape, struct test_random *random)
{
	memset(shape, 0, sizeof *shape);
	shape->n_clauses = 1 + test_random(random, CLAUSES_MOST);
	for (size_t c = 0; c < shape->n_clauses; c++) {
		shape->n_groups[c] = 1 + test_random(random, GROUPS_MOST);
		for (size_t g = 0; g < shape->n_groups[c]; g++) {
			shape->n_scopes[c][g] = 1 + test_random(random, SCOPES_MOST);
			for (size_t s = 0; s < shape->n_scopes[c][g]; s++)
				shape->generations[c][g][s] = (int64_t)test_random(random, 8);
		}
	}
}

static void shape_state(const struct shape *shape, struct arena *arena, struct basis *ret_basis)
{
	basis_init(ret_basis, arena);
	for (size_t c = 0; c < shape->n_clauses; c++) {
		basis_clause(ret_basis);
		for (size_t g = 0; g < shape->n_groups[c]; g++) {
			basis_group(ret_basis);
			for (size_t s = 0; s < shape->n_scopes[c][g]; s++)
				basis_scope(ret_basis, key_of(c, g, s), shape->generations[c][g][s]);
		}
	}
}

static bool decides(const uint64_t *deciding, size_t n, uint64_t key)
{
	for (size_t i = 0; i < n; i++)
		if (deciding[i] == key)
			return true;
	return false;
}

/* Raises scopes at random: those that decide, or all but those. Returns how many. */
static size_t raise(struct shape *shape, const uint64_t *deciding, size_t n, bool those_that_decide, struct test_random *random)
{
	size_t raised = 0;

	for (size_t c = 0; c < shape->n_clauses; c++)
		for (size_t g = 0; g < shape->n_groups[c]; g++)
			for (size_t s = 0; s < shape->n_scopes[c][g]; s++) {
				if (decides(deciding, n, key_of(c, g, s)) != those_that_decide || test_random(random, 2) == 0)
					continue;
				shape->generations[c][g][s] = 8 + (int64_t)test_random(random, 8);
				raised++;
			}
	return raised;
}

static void test_deciding_scopes_decide(void **state)
{
	struct test_random random = { 20160601 };
	size_t n_changed = 0, n_raised = 0;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct arena *arena = arena_new();
		struct basis before, after;
		struct shape shape;
		const uint64_t *deciding;
		size_t n;

		shape_init(&shape, &random);
		shape_state(&shape, arena, &before);
		deciding = basis_deciding(&before, &n);
		raise(&shape, deciding, n, /* those_that_decide= */ false, &random);
		shape_state(&shape, arena, &after);
		if (basis_hash(&before, 1) != basis_hash(&after, 1) || basis_newest(&before) != basis_newest(&after))
			fail_msg("round %d: an answer changed that nobody watches", round);

		/* The control: those that are watched do change it, unless all groups of a clause held the same value. */
		n_raised += raise(&shape, deciding, n, /* those_that_decide= */ true, &random) > 0;
		shape_state(&shape, arena, &after);
		n_changed += basis_hash(&before, 1) != basis_hash(&after, 1);
		arena_free(arena);
	}
	assert_in_range(n_changed, n_raised / 2, n_raised);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_other_values_have_another_hash),
		cmocka_unit_test(test_mark_time_salt_and_digest_count),
		cmocka_unit_test(test_nothing_is_stated),
		cmocka_unit_test(test_histories_with_the_same_seqs),
		cmocka_unit_test(test_deciding_scopes_decide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
