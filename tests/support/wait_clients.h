/* SPDX-License-Identifier: MIT */
/*
 * Many clients at once that wait for news, by event streams or long polls, driven by one thread with epoll. Used by the tests and by the bench.
 */
#ifndef WAIT_CLIENTS_H
#define WAIT_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wait_clients;

/* So many connections to "127.0.0.1:8080", each asking for `target`; a long poll (`polls`) has "since=" at its end, and goes on from `since`. Streams are
 * waited for until they have begun. NULL when that fails. */
struct wait_clients *wait_clients_open(const char *address, size_t n, const char *target, bool polls, int64_t since);
void wait_clients_close(struct wait_clients *clients);       /* takes NULL */

/* Until each has been told of `seq`, or for so long. Gives how many have, and when each was (clock_monotonic microseconds; 0: not). */
size_t wait_clients_hear(struct wait_clients *clients, int64_t seq, int64_t most_us, int64_t *ret_times_us);
/* How many the server has closed. */
size_t wait_clients_lost(const struct wait_clients *clients);

#endif
