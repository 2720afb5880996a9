/* SPDX-License-Identifier: MIT */
/* NFC, case folding, and that two threads may transliterate at the same time. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "article/article_internal.h"

static void names_are_normalised(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(unicode_nfc("plain", arena), "plain");
	assert_string_equal(unicode_nfc("e\xCC\x81", arena), "é");
	assert_string_equal(unicode_nfc("\xE2\x84\xAA", arena), "K");
	assert_string_equal(unicode_nfc("", arena), "");
	arena_free(arena);
}

static void names_are_folded(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(unicode_fold("National", arena), "national");
	assert_string_equal(unicode_fold("STRASSE", arena), unicode_fold("straße", arena));
	assert_string_equal(unicode_fold("ÉTÉ", arena), unicode_fold("e\xCC\x81te\xCC\x81", arena));
	assert_string_equal(unicode_fold("ΣΊΣΥΦΟΣ", arena), unicode_fold("σίσυφος", arena));
	arena_free(arena);
}

static void kinds_of_characters(void **state)
{
	size_t length;

	(void)state;
	assert_int_equal(unicode_kind_at("é", &length), UNICODE_LETTER);
	assert_int_equal(length, 2);
	assert_int_equal(unicode_kind_at("北", &length), UNICODE_IDEOGRAPH);
	assert_int_equal(length, 3);
	assert_int_equal(unicode_kind_at("\xCC\x81", &length), UNICODE_MARK);
	assert_int_equal(unicode_kind_at("—", &length), UNICODE_OTHER);
}

static void *make_slugs(void *arg)
{
	struct arena *arena = arena_new();
	bool fine = true;

	(void)arg;
	for (int i = 0; i < 200; i++) {
		fine = fine && strcmp(unicode_latin("Москва", arena), "moskva") == 0;
		fine = fine && strcmp(unicode_latin("Αθήνα", arena), "athena") == 0;
	}
	arena_free(arena);
	return fine ? arg : NULL;
}

static void threads_transliterate_side_by_side(void **state)
{
	pthread_t threads[4];
	int mark;
	void *result;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, make_slugs, &mark), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], &result), 0);
		assert_ptr_equal(result, &mark);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_normalised), cmocka_unit_test(names_are_folded), cmocka_unit_test(kinds_of_characters),
		cmocka_unit_test(threads_transliterate_side_by_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
