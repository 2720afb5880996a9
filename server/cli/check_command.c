/* SPDX-License-Identifier: MIT */
/*
 * broadsheet check: prints what is wrong with a database and exits 1, or prints nothing and exits 0. Works beside a running server.
 *
 * With --rebuild-indexes what is made from the words of articles is made anew first, which only the one process that writes may do: not beside a server.
 */
#include <stdio.h>

#include "command.h"
#include "up_to_date.h"

static void print_finding(void *arg, const char *finding)
{
	(void)arg;
	printf("%s\n", finding);
}

static bool rebuild(const char *database, struct error *err)
{
	struct store_lock *lock = NULL;
	struct store *store = NULL;
	bool fine = store_look(database, err) && store_lock(database, &lock, err) && store_open(database, STORE_WRITE, &store, err)
	    && store_migrate(store, NULL, NULL, err) && store_settle_copy(store, err) && rebuild_indexes(store, err);

	store_close(store);
	if (fine)
		store_unlock(lock);
	else
		store_lock_withdraw(lock);
	return fine;
}

static int run(const struct config *config, const char *const *operands, int n_operands)
{
	struct store *store = NULL;
	struct error err;
	int found = -1;

	(void)operands, (void)n_operands;
	if ((!config->rebuild_indexes || rebuild(config->database, &err)) && store_look(config->database, &err) && store_open(config->database, STORE_READ, &store, &err))
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
