/* SPDX-License-Identifier: MIT */
/*
 * Freshness under load: writers over the control socket, readers over TCP, all as fast as they can, on a whole server. Each writer counts in the title
 * of an article of its own. Whatever a reader asks for after a write was acknowledged, in whichever way, must not be older than it.
 */
#ifndef FRESHNESS_H
#define FRESHNESS_H

#include <stdint.h>

struct freshness_result {
	int64_t n_writes, n_reads, n_unchanged, n_waits;    /* waits: with min_seq, of what had not yet been acknowledged */
	int64_t n_stale;
	char stale[400];              /* the first of them, in words */
};

void freshness_run(int64_t seconds, struct freshness_result *ret_result);

#endif
