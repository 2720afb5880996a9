/* SPDX-License-Identifier: MIT */
/*
 * The law of validators, held against a whole server: one ETag never names two byte strings, and content changed means ETag changed.
 *
 * A newsroom does random things to the server, restarts it with other settings, puts back a copy of its database and goes another way from
 * there. A reader asks for all kinds of addresses in all forms, and remembers every ETag that it was ever given with the bytes that came with it.
 * What it is told from memory it compares with what is made afresh for it.
 */
#ifndef LAW_H
#define LAW_H

#include <stddef.h>
#include <stdint.h>

struct law_result {
	char broken[600];             /* how the law was broken first; "" when it held */
	size_t n_writes, n_replies, n_etags, n_unchanged, n_restores;
};

void law_run(uint64_t seed, size_t n_writes, struct law_result *ret_result);

#endif
