/* SPDX-License-Identifier: MIT */
/* A subcommand of the program: server/main.c has the table. */
#ifndef BROADSHEET_COMMAND_H
#define BROADSHEET_COMMAND_H

#include "config.h"

enum { EXIT_FINE = 0, EXIT_WRONG = 1, EXIT_USAGE = 2, EXIT_CORRUPT = 70 };

struct command {
	const char *name;
	enum command_set set;
	const char *operands;         /* "FILE…|-", or "" */
	const char *help;             /* one line */
	int (*run)(const struct config *config, const char *const *operands, int n_operands);   /* exit status */
};

extern const struct command serve_command, import_command, export_command, migrate_command, check_command, key_command, backup_command, restore_command, version_command;

#endif
