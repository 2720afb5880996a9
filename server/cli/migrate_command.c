/* SPDX-License-Identifier: MIT */
/* broadsheet migrate: brings the schema of a database up to date, making the database if there is none. `serve` and `import` do so too. */
#include <stdio.h>

#include "command.h"
#include "up_to_date.h"

static void print_applied(void *arg, const char *name)
{
	(void)arg;
	printf("applied %s\n", name);
}

static int run(const struct config *config, const char *const *operands, int n_operands)
{
	struct store *store = NULL;
	struct error err;
	struct store_lock *lock = NULL;
	bool fine;

	(void)operands, (void)n_operands;
	fine = store_lock(config->database, &lock, &err) && store_open(config->database, STORE_WRITE, &store, &err) &&
	    bring_up_to_date(store, print_applied, NULL, &err);
	if (fine)
		printf("%s stands at schema %d\n", config->database, store_schema(store));
	else
		fprintf(stderr, "broadsheet migrate: %s\n", err.detail);
	store_close(store);
	if (fine)
		store_unlock(lock);
	else
		store_lock_withdraw(lock);
	return fine ? EXIT_FINE : EXIT_WRONG;
}

const struct command migrate_command = {
	.name = "migrate",
	.set = COMMAND_MIGRATE,
	.operands = "",
	.help = "bring the schema of a database up to date",
	.run = run,
};
