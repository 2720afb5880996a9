/* SPDX-License-Identifier: MIT */
/*
 * How many wait for news, in all and from each address: what --waiting-most and --waiting-limit are held against.
 *
 * A fixed table of counters, one for each slot of addresses. The slot is a hash under a key that is drawn at start and kept nowhere, as in
 * rate_limit.c, and no address is stored. Two addresses that share a slot share its limit: with 65,536 of them that is seldom, and errs on
 * the strict side. Counters go up and down without a lock.
 */
#include "http_internal.h"

#include <assert.h>
#include <stdlib.h>

#include <xxhash.h>

#include "secret.h"

enum { SLOTS = 65536, SECRET_BYTES = XXH3_SECRET_SIZE_MIN };

struct waiting_table {
	unsigned char secret[SECRET_BYTES];
	struct metric *gauge;
	_Atomic int64_t all;
	_Atomic uint32_t counts[SLOTS];
};

struct waiting_table *waiting_table_new(void)
{
	struct waiting_table *table = calloc(1, sizeof *table);

	if (table == NULL)
		return NULL;
	secret_random(table->secret, sizeof table->secret);
	table->gauge = metric_register(METRIC_GAUGE, "broadsheet_http_waiting", NULL, "Event streams and long polls that are open.");
	return table;
}

void waiting_table_free(struct waiting_table *table)
{
	if (table == NULL)
		return;
	secret_forget(table->secret, sizeof table->secret);
	free(table);
}

static _Atomic uint32_t *slot_of(struct waiting_table *table, const void *who, size_t length)
{
	return &table->counts[XXH3_64bits_withSecret(who, length, table->secret, sizeof table->secret) % SLOTS];
}

enum waiting_outcome waiting_enter(struct waiting_table *table, const void *who, size_t length, int64_t limit, int64_t most)
{
	_Atomic uint32_t *slot = slot_of(table, who, length);

	if (atomic_fetch_add(&table->all, 1) >= most && most > 0) {
		atomic_fetch_sub(&table->all, 1);
		return WAITING_TOO_MANY;
	}
	if (atomic_fetch_add(slot, 1) >= limit && limit > 0) {
		atomic_fetch_sub(slot, 1);
		atomic_fetch_sub(&table->all, 1);
		return WAITING_TOO_MANY_HERE;
	}
	metric_add(table->gauge, 1);
	return WAITING_IN;
}

void waiting_leave(struct waiting_table *table, const void *who, size_t length)
{
	atomic_fetch_sub(slot_of(table, who, length), 1);
	atomic_fetch_sub(&table->all, 1);
	metric_add(table->gauge, -1);
}
