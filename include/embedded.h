/* SPDX-License-Identifier: MIT */
/*
 * Files that are built into the program: the Makefile turns static/ and migrations/sqlite/ into these tables,
 * sorted by path, with a row whose path is NULL at the end.
 */
#ifndef BROADSHEET_EMBEDDED_H
#define BROADSHEET_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
	const char *path;             /* "site.css", "templates/page.html"; "0001_articles.sql" */
	const unsigned char *bytes;   /* a NUL stands behind the last one */
	size_t length;
};

extern const struct embedded_file embedded_static_files[];
extern const struct embedded_file embedded_migrations[];

#endif
