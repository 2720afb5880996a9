/* SPDX-License-Identifier: MIT */
/* broadsheet check: prints what is wrong with a database and exits 1, or prints nothing and exits 0. Works beside a running server. */
#include <stdio.h>

#include "command.h"
#include "store.h"

static void print_finding(void *arg, const char *finding)
{
	(void)arg;
	printf("%s\n", finding);
}

static int run(const struct config *config, const char *const *operands, int n_operands)
{
	struct store *store = NULL;
	struct error err;
	int found = -1;

	(void)operands, (void)n_operands;
	if (store_look(config->database, &err) && store_open(config->database, STORE_READ, &store, &err))
		found = store_check(store, print_finding, NULL, &err);
	if (found < 0)
		fprintf(stderr, "broadsheet check: %s\n", err.detail);
	store_close(store);
	return found == 0 ? EXIT_FINE : EXIT_WRONG;
}

const struct command check_command = {
	.name = "check",
	.set = COMMAND_CHECK,
	.operands = "",
	.help = "say what is wrong with a database",
	.run = run,
};
