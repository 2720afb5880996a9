/* SPDX-License-Identifier: MIT */
/*
 * broadsheet version: which version this is, and of which versions of the libraries it makes use as it runs, which
 * may be newer than those it was built with. A bug report should begin with it.
 */
#include <jansson.h>
#include <microhttpd.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unicode/uversion.h>

#include "command.h"

static int run(const struct config *config, const char *const *operands, int n_operands)
{
	UVersionInfo icu;
	char icu_text[U_MAX_VERSION_STRING_LENGTH];

	(void)config, (void)operands, (void)n_operands;
	u_getVersion(icu);
	u_versionToString(icu, icu_text);
	printf("broadsheet %s\n", BROADSHEET_VERSION);
	printf("libmicrohttpd %s, Jansson %s, SQLite %s, ICU %s\n", MHD_get_version(), jansson_version_str(),
	    sqlite3_libversion(), icu_text);
	return EXIT_FINE;
}

const struct command version_command = {
	.name = "version",
	.set = COMMAND_VERSION,
	.operands = "",
	.help = "print the versions of the program and its libraries",
	.run = run,
};
