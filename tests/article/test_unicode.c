/* SPDX-License-Identifier: MIT */
/* NFC, case folding, and that two threads may transliterate at the same time. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <unicode/unorm2.h>

#include "article/article_internal.h"
#include "test_store.h"

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

static void utf8(unsigned letter, char *ret_string)
{
	char *at = ret_string;

	if (letter < 0x80) {
		*at++ = (char)letter;
	} else if (letter < 0x800) {
		*at++ = (char)(0xC0 | letter >> 6);
		*at++ = (char)(0x80 | (letter & 0x3F));
	} else {
		*at++ = (char)(0xE0 | letter >> 12);
		*at++ = (char)(0x80 | (letter >> 6 & 0x3F));
		*at++ = (char)(0x80 | (letter & 0x3F));
	}
	*at = '\0';
}

/* What is taken for NFC at sight is so by Unicode's tables: alone, and behind anything. */
static void what_stands_for_itself(void **state)
{
	const UNormalizer2 *nfc = unorm2_getNFCInstance(&(UErrorCode){ U_ZERO_ERROR });
	struct arena *arena = arena_new();

	(void)state;
	for (unsigned letter = 1; letter < 0x2100; letter++) {
		char string[8];

		if (letter >= 0x300 && (letter < 0x2000 || letter >= 0x2070))
			continue;
		utf8(letter, string);
		if (letter != 0x2000 && letter != 0x2001)
			assert_true(unorm2_hasBoundaryBefore(nfc, (UChar32)letter));
		assert_string_equal(unicode_nfc(string, arena), letter == 0x2000 ? "\xE2\x80\x82" : letter == 0x2001 ? "\xE2\x80\x83" : string);
	}
	assert_string_equal(unicode_nfc("“É” – e\xCC\x81", arena), "“É” – é");
	arena_free(arena);
}

static unsigned random_letter(struct test_random *random)
{
	switch (test_random(random, 4)) {
	case 0:
		return (unsigned)(0x20 + test_random(random, 0x5F));
	case 1:
		return (unsigned)(0x2010 + test_random(random, 0x18));
	case 2:
		return (unsigned)(0xC0 + test_random(random, 0x40));
	default:
		return (unsigned)(0xC0 + test_random(random, 0x190));
	}
}

static bool is_ascii(const char *string)
{
	while (*string != '\0' && (unsigned char)*string < 0x80)
		string++;
	return *string == '\0';
}

/* A Russian letter at the end keeps the table out of it. */
static void accents_are_looked_up(void **state)
{
	struct arena *arena = arena_new();
	struct test_random random = { 5 };

	(void)state;
	assert_string_equal(unicode_latin("Zoë Łódź Straße Œuvre", arena), "zoe lodz strasse oeuvre");
	for (int round = 0; round < 20000; round++) {
		char string[100] = "", with_other[110];
		const char *slow, *fast;

		for (size_t i = 1 + test_random(&random, 10); i > 0; i--)
			utf8(random_letter(&random), string + strlen(string));
		strcpy(with_other, string);
		strcat(with_other, " ж");
		slow = unicode_latin(with_other, arena);
		fast = unicode_latin(string, arena);
		if (is_ascii(string))
			fast = slow;    /* it is not even made lower case */
		if (strncmp(fast, slow, strlen(slow) - strlen(" zh")) != 0)
			fail_msg("%s: %s, not %s", string, fast, slow);
		if (fast != slow)
			assert_int_equal(strlen(fast), strlen(slow) - strlen(" zh"));
		arena_reset(arena);
	}
	arena_free(arena);
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
		cmocka_unit_test(what_stands_for_itself), cmocka_unit_test(accents_are_looked_up), cmocka_unit_test(threads_transliterate_side_by_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
