/* SPDX-License-Identifier: MIT */
/* The text of API keys: what is made is read again, and anything else is refused without a look-up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "key.h"

static void test_made_and_read(void **state)
{
	struct key_shown made, again;
	char text[KEY_LENGTH + 1], other[KEY_LENGTH + 1];
	unsigned char digest[SECRET_DIGEST];

	(void)state;
	for (int i = 0; i < 200; i++) {
		key_make(text, &made);
		assert_int_equal(strlen(text), KEY_LENGTH);
		assert_true(key_read(text, KEY_LENGTH, &again));
		assert_string_equal(made.kid, again.kid);
		assert_memory_equal(made.digest, again.digest, SECRET_DIGEST);
		assert_memory_equal(text + 3, made.kid, KEY_KID);
		secret_sha256(text + 12, KEY_SECRET, digest);
		assert_memory_equal(digest, made.digest, SECRET_DIGEST);
	}
	key_make(other, &again);
	assert_string_not_equal(text, other);
	assert_string_not_equal(made.kid, again.kid);
}

/* Programs that look for leaked keys know them by this. The checksum was computed by another program (Python's zlib.crc32). */
static void test_the_form_is_fixed(void **state)
{
	static const char text[] = "bs_0123abYZ_0000000000abcdefghijklmnopqrstuvwxyzABCDEFG198Tp0";
	struct key_shown shown;

	(void)state;
	assert_true(key_read(text, strlen(text), &shown));
	assert_string_equal(shown.kid, "0123abYZ");
}

static void test_any_change_is_seen(void **state)
{
	struct key_shown shown;
	char text[KEY_LENGTH + 2] = "", changed[KEY_LENGTH + 2];

	(void)state;
	key_make(text, &shown);
	for (size_t i = 0; i < KEY_LENGTH; i++) {
		for (const char *c = "0Aaz_-. \x80"; *c != '\0'; c++) {
			memcpy(changed, text, sizeof changed);
			changed[i] = *c;
			if (memcmp(changed, text, KEY_LENGTH) != 0)
				assert_false(key_read(changed, KEY_LENGTH, &shown));
		}
		assert_false(key_read(text, i, &shown));
	}
	memcpy(changed, text, sizeof changed);
	changed[20] = '\0';
	assert_false(key_read(changed, KEY_LENGTH, &shown));
	assert_false(key_read(text, KEY_LENGTH + 1, &shown));
	assert_false(key_read("", 0, &shown));
}

static void test_scopes(void **state)
{
	char names[SCOPE_NAMES_SIZE];

	(void)state;
	assert_int_equal(scope_by_name("write", 5), SCOPE_WRITE);
	assert_int_equal(scope_by_name("read_drafts,write", 11), SCOPE_READ_DRAFTS);
	assert_int_equal(scope_by_name("admin", 5), SCOPE_ADMIN);
	assert_int_equal(scope_by_name("admi", 4), 0);
	assert_int_equal(scope_by_name("Admin", 5), 0);
	assert_int_equal(scope_by_name("", 0), 0);
	assert_string_equal(scope_list(SCOPES_ALL, names), "read_drafts,write,admin");
	assert_string_equal(scope_list(SCOPE_WRITE, names), "write");
	assert_string_equal(scope_list(0, names), "none");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made_and_read),
		cmocka_unit_test(test_the_form_is_fixed),
		cmocka_unit_test(test_any_change_is_seen),
		cmocka_unit_test(test_scopes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
