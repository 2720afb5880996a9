/* SPDX-License-Identifier: MIT */
/*
 * broadsheet serve: runs a server until SIGTERM or SIGINT, then ends it cleanly.
 *
 * Signals are blocked before any thread starts and waited for here, so no thread is ever interrupted by one.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "log.h"
#include "server.h"

static void wait_for_signal(const sigset_t *signals)
{
	int signal = 0;

	while (sigwait(signals, &signal) != 0)
		continue;
	log_info("stopping", "signal", strsignal(signal), NULL);
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
