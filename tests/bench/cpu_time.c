/* SPDX-License-Identifier: MIT */
/*
 * cpu_time PID: the nanoseconds of processor time that a process has used, user and system, all its threads.
 *
 * The same sum as utime and stime in /proc/PID/stat, which however counts in hundredths of a second: too coarse for a slice of load.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int n_arguments, char **arguments)
{
	clockid_t clock;
	struct timespec used;

	if (n_arguments != 2 || clock_getcpuclockid((pid_t)strtol(arguments[1], NULL, 10), &clock) != 0 || clock_gettime(clock, &used) != 0) {
		fprintf(stderr, "usage: cpu_time PID, of a process that runs\n");
		return 1;
	}
	printf("%lld\n", (long long)used.tv_sec * 1000000000 + used.tv_nsec);
	return 0;
}
