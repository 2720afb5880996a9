/* SPDX-License-Identifier: MIT */
/*
 * measure FILE COMMAND [ARGUMENT…]: runs a command and writes to FILE what it took, in one line parted by tabs: seconds, seconds of its own
 * processor time, seconds of the system's for it, the most memory it held (KiB), exit status.
 *
 * measure --first-answer FILE PORT COMMAND …: starts a server, writes the milliseconds from exec to its first complete answer to
 * GET /v1/articles on that port, and the KiB resident then; ends it by SIGTERM.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double seconds_of(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static pid_t start(char **command)
{
	const pid_t child = fork();

	if (child == 0) {
		execvp(command[0], command);
		_exit(127);
	}
	return child;
}

static int run(FILE *file, char **command)
{
	const double begin = seconds_now();
	const pid_t child = start(command);
	struct rusage usage;
	int status = 0;

	if (child < 0 || wait4(child, &status, 0, &usage) != child)
		return 1;
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	fprintf(file, "%.3f\t%.3f\t%.3f\t%ld\t%d\n", seconds_now() - begin, seconds_of(usage.ru_utime), seconds_of(usage.ru_stime), usage.ru_maxrss, status);
	return status;
}

/* --- the first answer --- */

static bool is_answered(unsigned short port)
{
	static const char request[] = "GET /v1/articles HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
	const struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char bytes[65536];
	ssize_t length, total = 0;
	bool is_fine = false;

	if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 && write(fd, request, sizeof request - 1) == (ssize_t)sizeof request - 1)
		while ((length = read(fd, bytes, sizeof bytes)) > 0) {
			if (total == 0)
				is_fine = length > 12 && memcmp(bytes, "HTTP/1.1 200", 12) == 0;
			total += length;
		}
	close(fd);
	return is_fine;
}

static long resident_kib(pid_t pid)
{
	char path[64], line[256];
	long kib = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	file = fopen(path, "r");
	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, "VmRSS:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	if (file != NULL)
		fclose(file);
	return kib;
}

static int first_answer(FILE *file, unsigned short port, char **command)
{
	const double begin = seconds_now();
	const pid_t child = start(command);
	bool is_fine = false;
	int status;

	while (child > 0 && !is_fine && seconds_now() - begin < 60 && waitpid(child, &status, WNOHANG) == 0) {
		is_fine = is_answered(port);
		if (!is_fine)
			poll(NULL, 0, /* milliseconds= */ 1);
	}
	if (!is_fine)
		return 1;
	fprintf(file, "%.1f\t%ld\n", (seconds_now() - begin) * 1000, resident_kib(child));
	kill(child, SIGTERM);
	waitpid(child, &status, 0);
	return 0;
}

int main(int n_arguments, char **arguments)
{
	const bool is_first_answer = n_arguments > 4 && strcmp(arguments[1], "--first-answer") == 0;
	FILE *file = n_arguments > 2 ? fopen(arguments[is_first_answer ? 2 : 1], "we") : NULL;
	int status;

	if (file == NULL) {
		fprintf(stderr, "usage: measure [--first-answer] FILE [PORT] COMMAND [ARGUMENT...]\n");
		return 2;
	}
	status = is_first_answer ? first_answer(file, (unsigned short)strtoul(arguments[3], NULL, 10), arguments + 4) : run(file, arguments + 2);
	fclose(file);
	return status;
}
