/* SPDX-License-Identifier: MIT */
/*
 * broadsheet COMMAND [OPTION…] [OPERAND…]: finds the command in the table below and runs it.
 *
 * What holds for every command is done here, before anything else: a broken pipe and a file that may not grow are errors to be
 * handled and no death, the hash of JSON objects gets its secret, settings are read, the log and the time zone follow them. The locale
 * is never set: numbers and letters in files and on the wire are the same everywhere.
 *
 * Exit statuses stand in command.h. What a command does is in server/cli/.
 */
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"
#include "log.h"
#include "memory.h"

static const struct command *const commands[] = {
	&serve_command,
	&import_command,
	&export_command,
	&migrate_command,
	&check_command,
	&key_command,
	&backup_command,
	&restore_command,
	&version_command,
};

enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static void print_overview(void)
{
	puts("Broadsheet publishes articles as a JSON API and a website, from one SQLite file.\n\n"
	     "broadsheet COMMAND [OPTION...] [OPERAND...]\n");
	for (size_t i = 0; i < N_COMMANDS; i++)
		printf("  %-10s %s\n", commands[i]->name, commands[i]->help);
	puts("\nbroadsheet COMMAND --help lists the options. Each is also an environment variable.");
}

static void print_help(const struct command *command)
{
	struct text options = TEXT_EMPTY;

	config_help(command->set, &options);
	printf("broadsheet %s [OPTION...]%s%s\n\n%s\n\n%s", command->name, command->operands[0] == '\0' ? "" : " ",
	    command->operands, command->help, options.bytes);
	text_done(&options);
}

static int refuse_command(const char *name)
{
	const char *names[N_COMMANDS + 1] = { NULL }, *nearest;

	for (size_t i = 0; i < N_COMMANDS; i++)
		names[i] = commands[i]->name;
	nearest = text_nearest(name, names);
	fprintf(stderr, "broadsheet: there is no command \"%s\"%s%s%s\n", name,
	    nearest == NULL ? "" : "; did you mean ", nearest == NULL ? "" : nearest, nearest == NULL ? "" : "?");
	return EXIT_USAGE;
}

static int refuse_usage(const struct command *command, const char *reason)
{
	fprintf(stderr, "broadsheet %s: %s\nbroadsheet %s --help lists the options\n", command->name, reason,
	    command->name);
	return EXIT_USAGE;
}

/* A database must not be opened as descriptor 0, 1 or 2, where stray output would end up in it. */
static void occupy_standard_descriptors(void)
{
	int descriptor;

	do
		descriptor = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (descriptor >= 0 && descriptor <= STDERR_FILENO);
	if (descriptor >= 0)
		close(descriptor);
}

static int run_command(const struct command *command, int argc, char *argv[], const char **operands)
{
	struct config config;
	struct error err;
	int n_operands;

	if (!config_read(command->set, argc, argv, &config, operands, &n_operands, &err))
		return refuse_usage(command, err.detail);
	if (config.help) {
		print_help(command);
		return EXIT_FINE;
	}
	if (n_operands > 0 && command->operands[0] == '\0')
		return refuse_usage(command, "it takes options only");

	log_start(LOG_LEVEL_INFO, strcmp(config.log_format, "json") == 0);
	if (!clock_set_timezone(config.timezone, &err))
		return refuse_usage(command, err.detail);
	return command->run(&config, operands, n_operands);
}

static bool asks_for_help(const char *word)
{
	return strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

int main(int argc, char *argv[])
{
	const struct command *command;
	const char **operands;
	int status;

	occupy_standard_descriptors();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	memory_guard_libraries();
	json_object_seed(0); /* from /dev/urandom, before there are threads */

	if (argc < 2 || (asks_for_help(argv[1]) && argc == 2)) {
		print_overview();
		return EXIT_FINE;
	}
	if (asks_for_help(argv[1])) {
		command = find_command(argv[2]);
		if (command == NULL)
			return refuse_command(argv[2]);
		print_help(command);
		return EXIT_FINE;
	}

	command = find_command(strcmp(argv[1], "--version") == 0 ? "version" : argv[1]);
	if (command == NULL)
		return refuse_command(argv[1]);

	operands = calloc((size_t)argc, sizeof *operands);
	if (operands == NULL)
		return EXIT_WRONG;
	status = run_command(command, argc, argv, operands);
	free(operands);
	return status;
}
