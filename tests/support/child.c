/* SPDX-License-Identifier: MIT */
/* posix_spawn with output into files without a name, which no full pipe can hold up. */
#include "child.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { ARGUMENTS_MOST = 40, PATIENCE_MS = 60000 };

static int nameless_file(const char *bytes)
{
	int fd = memfd_create("child", MFD_CLOEXEC);

	if (fd == -1 || (bytes != NULL && write(fd, bytes, strlen(bytes)) != (ssize_t)strlen(bytes)) || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return fd;
}

/* The test's environment, less the program's options; in memory to be freed. */
static char **clean_environment(void)
{
	size_t n = 0;
	char **copy;

	while (environ[n] != NULL)
		n++;
	copy = calloc(n + 1, sizeof *copy);
	if (copy == NULL)
		abort();
	n = 0;
	for (char **variable = environ; *variable != NULL; variable++)
		if (strncmp(*variable, "BROADSHEET", 10) != 0)
			copy[n++] = *variable;
	return copy;
}

static void start(struct child *child, const char *const *arguments, const char *input, int output)
{
	const char *program = getenv("BROADSHEET") != NULL ? getenv("BROADSHEET") : "build/broadsheet";
	char *argv[ARGUMENTS_MOST] = { (char *)program };
	char **environment = clean_environment();
	int in = nameless_file(input);
	posix_spawn_file_actions_t actions;

	*child = (struct child){ .output = output, .errors = nameless_file(NULL) };
	for (size_t i = 0; arguments[i] != NULL; i++) {
		if (i == ARGUMENTS_MOST - 2)
			abort();
		argv[i + 1] = (char *)arguments[i];
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, child->output, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, child->errors, STDERR_FILENO);
	if (posix_spawn(&child->pid, program, &actions, NULL, argv, environment) != 0) {
		fprintf(stderr, "%s cannot be run\n", program);
		abort();
	}
	posix_spawn_file_actions_destroy(&actions);
	free(environment);
	close(in);
}

void child_preload(const char *library)
{
	const char *program = getenv("BROADSHEET") != NULL ? getenv("BROADSHEET") : "build/broadsheet";
	const char *end = strrchr(program, '/');
	char path[400], *real;

	if (library == NULL) {
		unsetenv("LD_PRELOAD");
		return;
	}
	snprintf(path, sizeof path, "%.*s/%s", end == NULL ? 1 : (int)(end - program), end == NULL ? "." : program, library);
	real = realpath(path, NULL);
	if (real == NULL)
		fail_msg("%s is not there", path);
	setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 0);
	setenv("LD_PRELOAD", real, 1);
	free(real);
}

void child_start(struct child *child, const char *const *arguments, const char *input)
{
	start(child, arguments, input, nameless_file(NULL));
}

static void read_all(int fd, struct text *ret_text)
{
	char buffer[16384];
	off_t at = 0;
	ssize_t n;

	text_clear(ret_text);
	while ((n = pread(fd, buffer, sizeof buffer, at)) > 0) {
		text_append(ret_text, buffer, (size_t)n);
		at += n;
	}
}

/* Has it ended within so many milliseconds (for ever when negative)? Takes its status then. Asked every few milliseconds: valgrind knows
 * no descriptors of processes. */
static bool ends_within(struct child *child, int milliseconds)
{
	enum { EVERY_MS = 5 };
	int status;

	for (int waited = 0; waitpid(child->pid, &status, WNOHANG) == 0; waited += EVERY_MS) {
		if (milliseconds >= 0 && waited >= milliseconds)
			return false;
		poll(NULL, 0, EVERY_MS);
	}
	child->status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
	child->pid = 0;
	return true;
}

void child_wait(struct child *child)
{
	if (child->pid != 0 && !ends_within(child, PATIENCE_MS))
		kill(child->pid, SIGKILL);
	if (child->pid != 0)
		ends_within(child, -1);
	read_all(child->output, &child->out);
	read_all(child->errors, &child->err);
}

bool child_wait_for(struct child *child, const char *text)
{
	for (;;) {
		const bool has_ended = ends_within(child, 5);

		read_all(child->output, &child->out);
		if (child->out.length > 0 && strstr(child->out.bytes, text) != NULL)
			return true;
		if (has_ended)
			return false;
	}
}

bool child_is_running(struct child *child)
{
	return child->pid != 0 && !ends_within(child, 0);
}

void child_peek_errors(struct child *child)
{
	read_all(child->errors, &child->err);
}

void child_run(struct child *child, const char *const *arguments, const char *input)
{
	child_start(child, arguments, input);
	child_wait(child);
}

void child_run_unheard(struct child *child, const char *const *arguments)
{
	const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	if (full == -1)
		abort();
	start(child, arguments, NULL, full);
	child_wait(child);
}

void child_done(struct child *child)
{
	if (child->pid != 0) {
		kill(child->pid, SIGKILL);
		ends_within(child, -1);
	}
	close(child->output);
	close(child->errors);
	text_done(&child->out);
	text_done(&child->err);
}

static bool holds(const struct text *text, const char *wanted)
{
	if (wanted == NULL)
		return true;
	if (wanted[0] == '\0')
		return text->length == 0;
	return text->length > 0 && strstr(text->bytes, wanted) != NULL;
}

void expect_run(const char *const *arguments, const char *input, int status, const char *out, const char *err)
{
	struct child child;
	bool fine;

	child_run(&child, arguments, input);
	fine = child.status == status && holds(&child.out, out) && holds(&child.err, err);
	if (!fine)
		fprintf(stderr, "%s %s: status %d instead of %d\nout: %s\nerr: %s\nwanted: %s | %s\n", arguments[0], arguments[1] != NULL ? arguments[1] : "",
		    child.status, status, child.out.length > 0 ? child.out.bytes : "", child.err.length > 0 ? child.err.bytes : "", out != NULL ? out : "*",
		    err != NULL ? err : "*");
	child_done(&child);
	assert_true(fine);
}
