/* SPDX-License-Identifier: MIT */
/* Digests against the published vectors (FIPS 180-4's example, RFC 4231 4.3), and that random bytes differ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "secret.h"

static void test_digests(void **state)
{
	unsigned char digest[SECRET_DIGEST];
	char hex[SECRET_HEX];

	(void)state;
	secret_sha256("abc", 3, digest);
	secret_hex(digest, hex);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	secret_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, digest);
	secret_hex(digest, hex);
	assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void test_randomness(void **state)
{
	unsigned char one[16] = { 0 }, other[16] = { 0 };

	(void)state;
	secret_random(one, sizeof one);
	secret_random(other, sizeof other);
	assert_false(secret_equal(one, other, sizeof one));
	assert_true(secret_equal(one, one, sizeof one));
	secret_forget(one, sizeof one);
	assert_memory_equal(one, (unsigned char[16]){ 0 }, sizeof one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_digests),
		cmocka_unit_test(test_randomness),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
