/* SPDX-License-Identifier: MIT */
/*
 * How often a key or an address may do something: GCRA (the generic cell rate algorithm), a token bucket that is one number a client.
 *
 * The number is the time up to which what the client has done is paid for. Each event moves it on by the interval (a minute divided by the
 * limit), and an event is let through as long as it is at most a minute ahead of now: so a minute's worth may come at once, and then one each
 * interval. What is refused costs nothing; what has failed is counted afterwards (RATE_PENALISE), at most a minute ahead.
 *
 * The table is fixed: 65,536 entries of 16 bytes, in sets of eight, a lock for each of 64 parts. In a full set the entry that is paid for
 * soonest gives way, which is the one that says least. So memory is bounded whatever comes; with more than some tens of thousands of busy
 * clients a minute some are let through more than they should be, and none less.
 *
 * Who it is stands there as a hash under a key that is drawn at start and kept nowhere: neither a core dump nor anything else tells which
 * addresses have been here. Times come from the caller, so tests need not wait.
 */
#include "http_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "secret.h"

enum { ENTRIES = 65536, WAYS = 8, SETS = ENTRIES / WAYS, LOCKS = 64, SECRET_BYTES = XXH3_SECRET_SIZE_MIN };

static const int64_t minute_us = 60000000;

struct entry {
	uint64_t who;                 /* 0: free */
	int64_t paid_until_us;
};

struct rate_table {
	unsigned char secret[SECRET_BYTES];
	pthread_mutex_t locks[LOCKS];
	struct entry entries[SETS][WAYS];
};

struct rate_table *rate_table_new(void)
{
	struct rate_table *table = calloc(1, sizeof *table);

	if (table == NULL)
		return NULL;
	secret_random(table->secret, sizeof table->secret);
	for (size_t i = 0; i < LOCKS; i++)
		pthread_mutex_init(&table->locks[i], NULL);
	return table;
}

void rate_table_free(struct rate_table *table)
{
	if (table == NULL)
		return;
	for (size_t i = 0; i < LOCKS; i++)
		pthread_mutex_destroy(&table->locks[i]);
	secret_forget(table->secret, sizeof table->secret);
	free(table);
}

static uint64_t hash_of(const struct rate_table *table, enum rate_kind kind, const void *who, size_t length)
{
	unsigned char bytes[1 + RATE_WHO_MOST] = { (unsigned char)kind };

	assert(length <= RATE_WHO_MOST);
	memcpy(bytes + 1, who, length);
	return XXH3_64bits_withSecret(bytes, 1 + length, table->secret, sizeof table->secret) | 1;    /* 0 is free */
}

/* The entry of this client, or the one that gives way to it. */
static struct entry *entry_for(struct entry set[WAYS], uint64_t who)
{
	struct entry *least = &set[0];

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].who == who)
			return &set[i];
		if (set[i].paid_until_us < least->paid_until_us)
			least = &set[i];
	}
	*least = (struct entry){ .who = who };
	return least;
}

static int64_t wait_us(int64_t paid_until_us, int64_t interval_us, int64_t now_us)
{
	const int64_t wait = paid_until_us + interval_us - minute_us - now_us;

	return wait > 0 ? wait : 0;
}

/* What there is to do with an entry; returns how long the client has to wait. */
static int64_t act(struct entry *entry, enum rate_act act, int64_t interval_us, int64_t now_us)
{
	const int64_t paid = entry->paid_until_us > now_us ? entry->paid_until_us : now_us;
	const int64_t wait = wait_us(paid, interval_us, now_us), latest = now_us + 2 * minute_us - interval_us;

	if (act == RATE_TAKE && wait == 0)
		entry->paid_until_us = paid + interval_us;
	if (act != RATE_PENALISE)
		return wait;
	entry->paid_until_us = paid + interval_us < latest ? paid + interval_us : latest;
	return wait_us(entry->paid_until_us, interval_us, now_us);
}

bool rate_allows(struct rate_table *table, enum rate_act what, const struct rate_client *client, int64_t per_minute, int64_t now_us, int64_t *ret_seconds)
{
	const int64_t interval_us = per_minute > 0 ? minute_us / per_minute : 0;
	uint64_t who;
	size_t set;
	int64_t wait;

	if (per_minute <= 0)
		return true;
	who = hash_of(table, client->kind, client->who, client->length);
	set = (size_t)(who >> 32) % SETS;
	pthread_mutex_lock(&table->locks[set % LOCKS]);
	wait = act(entry_for(table->entries[set], who), what, interval_us, now_us);
	pthread_mutex_unlock(&table->locks[set % LOCKS]);
	if (wait > 0)
		*ret_seconds = (wait + 999999) / 1000000;
	return wait == 0;
}
