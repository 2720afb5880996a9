/* SPDX-License-Identifier: MIT */
/*
 * broadsheet serve: runs a server until SIGTERM or SIGINT, then ends it cleanly.
 *
 * Signals are blocked before any thread starts and waited for here, so no thread is ever interrupted by one.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "log.h"
#include "server.h"
#include "store.h"

static void wait_for_signal(const sigset_t *signals)
{
	int signal = 0;

	while (sigwait(signals, &signal) != 0)
		continue;
	log_info("stopping", "signal", strsignal(signal), NULL);
}

/* On whichever thread met it. Nothing is written out: what is in memory may be wrong too. The log's line is out when it returns. */
static void end_of_corruption(const char *what)
{
	log_error("the database is corrupt; put a backup in its place (broadsheet restore)", "why", what, NULL);
	_exit(EXIT_CORRUPT);
}

static int run(const struct config *config, const char *const *operands, int n_operands)
{
	struct server *server;
	struct error err;
	sigset_t signals;

	(void)operands, (void)n_operands;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	store_when_corrupt(end_of_corruption);
	if (!server_start(config, &server, &err)) {
		fprintf(stderr, "broadsheet serve: %s\n", err.detail);
		return EXIT_WRONG;
	}
	config_log(COMMAND_SERVE, config);
	printf("Broadsheet serves %s/\n", server_url(server));
	if (server_admin_url(server) != NULL)
		printf("Health and metrics are at %s/metrics\n", server_admin_url(server));
	fflush(stdout);
	wait_for_signal(&signals);
	server_stop(server);
	log_info("stopped", NULL);
	return EXIT_FINE;
}

const struct command serve_command = {
	.name = "serve",
	.set = COMMAND_SERVE,
	.operands = "",
	.help = "serve the articles of a database as an API and a website",
	.run = run,
};
