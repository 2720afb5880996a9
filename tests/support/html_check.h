/* SPDX-License-Identifier: MIT */
/*
 * Is this HTML what the sanitiser promises? Judged from outside: the text is parsed again by gumbo, and every node of the tree must
 * be on a list that is written down here a second time, independently of the sanitiser's.
 */
#ifndef BROADSHEET_HTML_CHECK_H
#define BROADSHEET_HTML_CHECK_H

#include <stdbool.h>
#include <stddef.h>

/* False with the first offence in words. */
bool html_check(const char *html, char *ret_offence, size_t size);

#endif
