/* SPDX-License-Identifier: MIT */
/*
 * Numbers in paths: a webhook's {id}, a version's {rev}.
 *
 * A thing has one address: its number as answers write it, without zeros, blanks or a sign in front. Whatever else stands there is the address of
 * nothing, so it is answered like the number of nothing. Articles are not found by this, for their {ref} may be a slug as well.
 */
#include "api_internal.h"

#include <stdlib.h>
#include <string.h>

enum { DIGITS_MOST = 18 };    /* of a number that surely fits */

bool path_number(const struct request *request, const char *name, const char *what, int64_t *ret_number, struct error *err)
{
	const char *digits = request_path_value(request, name);
	const size_t length = strlen(digits);

	if (length == 0 || length > DIGITS_MOST || digits[0] == '0' || strspn(digits, "0123456789") != length)
		return error_set(err, ERROR_NOT_FOUND, "there is no %s %.40s", what, digits);
	*ret_number = strtoll(digits, NULL, 10);
	return true;
}
