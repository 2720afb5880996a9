/* SPDX-License-Identifier: MIT */
/*
 * Kept replies: which request has one, is it still good, and what must go when room is short.
 *
 * A reply is found by the request's target as it was sent, before anything is decoded; by other spellings when they come again; and by the
 * canonical request. What it was made of is known (basis.h): once the clock of generations.h has ticked it is good only if none of
 * those scopes has been touched since it was last looked at. So a reply that was made stale by an acknowledged write is never found.
 *
 * Whoever asks for what nobody has made yet makes it; who asks meanwhile is suspended and finds it then. If it could not be
 * kept (an error, too large) they all make their own.
 *
 * Bodies are bounded in bytes. Those go first that have not been asked for since the hand of the clock last came by (CLOCK); a
 * reply that was asked for only once goes at its first turn, so a crawler does not sweep out what readers want. Of what goes, the
 * validator stays, so that a 304 still costs nothing; validators have a bound of their own.
 *
 * The table is in shards by path, each with a lock that is held for some look-ups and pointers, never while a reply is made, coded or
 * written, and never by the thread that writes to the store.
 */
#include "cache_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <xxhash.h>

#include "clock.h"

enum {
	SHARDS = 16,
	BUCKETS = 4096,                        /* a shard */
	VALIDATORS_BYTES_MOST = 8 << 20,
	KEPT_OVERHEAD = sizeof(struct kept) + 256,     /* beside names, headers and scopes */
	SHARE_MOST = 8,                        /* one reply may take up an eighth of all */
	TURNS_MOST = 8192,                     /* of a hand, for one reply that comes in */
};

struct shard {
	uint64_t seed;                         /* of its hashes: nobody outside knows which targets share a bucket */
	pthread_mutex_t lock;
	struct kept_name *buckets[BUCKETS];
	struct kept *hand;                     /* a ring of all that the shard has */
};

struct cache {
	size_t bytes_most;
	const struct generations *generations;
	struct lane *recoder;
	atomic_bool is_closing;
	atomic_size_t bytes, validators_bytes;
	struct metric *hits, *misses, *fills, *evictions, *bytes_gauge;
	struct shard shards[SHARDS];
};

/* --- references --- */

struct kept *kept_ref(struct kept *kept)
{
	atomic_fetch_add_explicit(&kept->refs, 1, memory_order_relaxed);
	return kept;
}

void kept_unref(struct kept *kept)
{
	if (kept == NULL || atomic_fetch_sub_explicit(&kept->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < N_CODINGS; i++)
		rendition_unref(kept->renditions[i]);
	for (struct kept_name *name = kept->names, *next; name != NULL; name = next) {
		next = name->next_of_kept;
		free(name);
	}
	pthread_mutex_destroy(&kept->lock);
	free(kept->headers);
	free(kept->deciding);
	free(kept);
}

/* --- the table --- */

static size_t path_length(const char *target, size_t length)
{
	const char *question = memchr(target, '?', length);

	return question == NULL ? length : (size_t)(question - target);
}

static struct shard *shard_of(struct cache *cache, const char *target, size_t length)
{
	return &cache->shards[XXH3_64bits_withSeed(target, path_length(target, length), cache->shards[0].seed) % SHARDS];
}

static size_t name_bytes(const struct kept_name *name)
{
	return sizeof *name + name->length;
}

/* What it takes up without any body. */
static size_t validator_bytes(const struct kept *kept)
{
	size_t bytes = KEPT_OVERHEAD + kept->headers_bytes + kept->n_deciding * sizeof *kept->deciding;

	for (const struct kept_name *name = kept->names; name != NULL; name = name->next_of_kept)
		bytes += name_bytes(name);
	return bytes;
}

static struct kept *find(const struct shard *shard, const char *target, size_t length)
{
	const uint64_t hash = XXH3_64bits_withSeed(target, length, shard->seed);

	for (struct kept_name *name = shard->buckets[hash % BUCKETS]; name != NULL; name = name->next)
		if (name->hash == hash && name->length == length && memcmp(name->bytes, target, length) == 0)
			return name->kept;
	return NULL;
}

static bool add_name(struct shard *shard, struct kept *kept, const char *target, size_t length)
{
	struct kept_name *name = malloc(sizeof *name + length);

	if (name == NULL)
		return false;
	*name = (struct kept_name){ .kept = kept, .hash = XXH3_64bits_withSeed(target, length, shard->seed), .length = length };
	memcpy(name->bytes, target, length);
	name->next = shard->buckets[name->hash % BUCKETS];
	shard->buckets[name->hash % BUCKETS] = name;
	name->next_of_kept = kept->names;
	kept->names = name;
	kept->n_names++;
	return true;
}

static void remove_name(struct shard *shard, const struct kept_name *name)
{
	struct kept_name **link = &shard->buckets[name->hash % BUCKETS];

	while (*link != name)
		link = &(*link)->next;
	*link = name->next;
}

/* Behind the hand, which comes there last. */
static void ring_insert(struct shard *shard, struct kept *kept)
{
	if (shard->hand == NULL) {
		shard->hand = kept->next = kept->previous = kept;
		return;
	}
	kept->next = shard->hand;
	kept->previous = shard->hand->previous;
	kept->previous->next = kept;
	shard->hand->previous = kept;
}

static void ring_remove(struct shard *shard, struct kept *kept)
{
	if (shard->hand == kept)
		shard->hand = kept->next == kept ? NULL : kept->next;
	kept->next->previous = kept->previous;
	kept->previous->next = kept->next;
}

static atomic_size_t *account_of(struct cache *cache, const struct kept *kept)
{
	return kept->state == KEPT_WHOLE ? &cache->bytes : &cache->validators_bytes;
}

static void say_bytes(struct cache *cache)
{
	metric_set(cache->bytes_gauge, (int64_t)(atomic_load(&cache->bytes) + atomic_load(&cache->validators_bytes)));
}

/* Out of the table for good; whoever holds a reference may go on sending it. */
static void drop(struct cache *cache, struct shard *shard, struct kept *kept)
{
	if (kept->state != KEPT_FILLING)
		atomic_fetch_sub(account_of(cache, kept), kept->bytes);
	for (const struct kept_name *name = kept->names; name != NULL; name = name->next_of_kept)
		remove_name(shard, name);
	ring_remove(shard, kept);
	kept->state = KEPT_GONE;
	kept_unref(kept);
}

/* --- making room --- */

static void release_body(struct kept *kept)
{
	pthread_mutex_lock(&kept->lock);
	for (size_t i = 0; i < N_CODINGS; i++) {
		rendition_unref(kept->renditions[i]);
		kept->renditions[i] = NULL;
	}
	pthread_mutex_unlock(&kept->lock);
}

/* The body goes, the validator stays. */
static void shrink(struct cache *cache, struct kept *kept)
{
	atomic_fetch_sub(&cache->bytes, kept->bytes);
	release_body(kept);
	kept->state = KEPT_VALIDATOR;
	kept->bytes = validator_bytes(kept);
	atomic_fetch_add(&cache->validators_bytes, kept->bytes);
	metric_add(cache->evictions, 1);
}

/* One turn of the hand: spares what was asked for, takes what has the wrong state and was not. False when there is nothing at all. */
static bool turn(struct cache *cache, struct shard *shard, enum kept_state victim)
{
	struct kept *kept = shard->hand;

	if (kept == NULL)
		return false;
	shard->hand = kept->next;
	if (kept->state != victim)
		return true;
	if (kept->is_referenced)
		kept->is_referenced = false;
	else if (victim == KEPT_WHOLE)
		shrink(cache, kept);
	else
		drop(cache, shard, kept);
	return true;
}

static void make_room_in(struct cache *cache, struct shard *shard, enum kept_state victim, size_t turns)
{
	const size_t most = victim == KEPT_WHOLE ? cache->bytes_most : VALIDATORS_BYTES_MOST;
	const atomic_size_t *account = victim == KEPT_WHOLE ? &cache->bytes : &cache->validators_bytes;

	while (turns-- > 0 && atomic_load(account) > most && turn(cache, shard, victim))
		continue;
}

/* Until all is within bounds: first in the shard that grew, whose lock is held, then wherever a lock is free. */
static void make_room(struct cache *cache, struct shard *own)
{
	static const enum kept_state victims[] = { KEPT_WHOLE, KEPT_VALIDATOR };

	for (size_t i = 0; i < 2; i++) {
		make_room_in(cache, own, victims[i], TURNS_MOST);
		for (size_t s = 0; s < SHARDS; s++) {
			struct shard *shard = &cache->shards[s];

			if (shard == own || pthread_mutex_trylock(&shard->lock) != 0)
				continue;
			make_room_in(cache, shard, victims[i], TURNS_MOST);
			pthread_mutex_unlock(&shard->lock);
		}
	}
	say_bytes(cache);
}

/* --- is it good? --- */

static bool is_good(const struct cache *cache, struct kept *kept)
{
	const uint64_t clock = generations_clock(cache->generations);

	if (kept->until != TIME_NONE && clock_now() >= kept->until)
		return false;
	if (kept->checked >= clock)
		return true;
	if (!generations_untouched(cache->generations, kept->deciding, kept->n_deciding, kept->checked))
		return false;
	kept->checked = clock;
	return true;
}

static bool is_made(const struct kept *kept)
{
	return kept->state == KEPT_WHOLE || kept->state == KEPT_VALIDATOR;
}

/* A stale one goes. */
static struct kept *find_good(struct cache *cache, struct shard *shard, const char *target, size_t length)
{
	struct kept *kept = find(shard, target, length);

	if (kept != NULL && is_made(kept) && !is_good(cache, kept)) {
		drop(cache, shard, kept);
		return NULL;
	}
	return kept;
}

struct kept *cache_find(struct cache *cache, const char *target, size_t length)
{
	struct shard *shard = shard_of(cache, target, length);
	struct kept *kept;

	pthread_mutex_lock(&shard->lock);
	kept = find_good(cache, shard, target, length);
	if (kept != NULL && is_made(kept)) {
		kept->is_referenced = true;
		kept_ref(kept);
	} else {
		kept = NULL;
	}
	pthread_mutex_unlock(&shard->lock);
	return kept;
}

void cache_count_hit(struct cache *cache)
{
	metric_add(cache->hits, 1);
}

/* --- filling --- */

static struct kept *filling_new(struct shard *shard)
{
	struct kept *kept = calloc(1, sizeof *kept);

	if (kept == NULL)
		return NULL;
	atomic_init(&kept->refs, 1);
	kept->shard = shard;
	kept->state = KEPT_FILLING;
	kept->until = TIME_NONE;
	pthread_mutex_init(&kept->lock, NULL);
	return kept;
}

/* Under the lock. A promise to make the reply; NULL without memory. */
static struct kept *promise(struct shard *shard, const char *target, size_t length)
{
	struct kept *kept = filling_new(shard);

	if (kept == NULL)
		return NULL;
	if (!add_name(shard, kept, target, length)) {
		kept_unref(kept);
		return NULL;
	}
	ring_insert(shard, kept);
	return kept_ref(kept);
}

static void wait_for(struct kept *kept, struct exchange *exchange)
{
	exchange->next_waiting = kept->waiting;
	kept->waiting = exchange;
	exchange->stage = EXCHANGE_WAITING;
	exchange->has_waited = true;
	listener_suspend(exchange);
}

enum cache_outcome cache_enter(struct cache *cache, struct exchange *exchange, struct kept **ret_kept)
{
	const struct request *request = &exchange->request;
	const char *target = request->canonical_target;
	const size_t length = request->canonical_length;
	struct shard *shard = shard_of(cache, target, length);
	enum cache_outcome outcome = CACHE_MISS;
	struct kept *kept;

	pthread_mutex_lock(&shard->lock);
	kept = find_good(cache, shard, target, length);
	if (kept != NULL && kept->state == KEPT_VALIDATOR && !kept_is_unchanged(exchange, kept)) {
		drop(cache, shard, kept);
		kept = NULL;
	}
	if (kept != NULL && is_made(kept)) {
		outcome = CACHE_HIT;
		kept->is_referenced = true;
		*ret_kept = kept_ref(kept);
	} else if (kept != NULL && cache->bytes_most > 0 && !exchange->has_waited && !atomic_load(&exchange->listener->draining)) {
		outcome = CACHE_WAIT;
		wait_for(kept, exchange);
	} else if (kept == NULL) {
		exchange->filling = promise(shard, target, length);
	}
	pthread_mutex_unlock(&shard->lock);
	if (outcome != CACHE_WAIT)
		metric_add(outcome == CACHE_HIT ? cache->hits : cache->misses, 1);
	return outcome;
}

static void resume_all(struct exchange *waiting)
{
	for (struct exchange *exchange = waiting, *next; exchange != NULL; exchange = next) {
		next = exchange->next_waiting;
		listener_resume(exchange);
	}
}

void cache_abandon(struct cache *cache, struct kept *kept)
{
	struct exchange *waiting;
	struct shard *shard;

	if (kept == NULL)
		return;
	shard = kept->shard;
	pthread_mutex_lock(&shard->lock);
	waiting = kept->waiting;
	kept->waiting = NULL;
	if (kept->state == KEPT_FILLING)
		drop(cache, shard, kept);
	pthread_mutex_unlock(&shard->lock);
	kept_unref(kept);
	resume_all(waiting);
}

bool cache_keeps_bodies(const struct cache *cache, size_t length)
{
	return length <= cache->bytes_most / SHARE_MOST;
}

void cache_fill(struct cache *cache, struct kept *kept, uint64_t since)
{
	struct shard *shard = kept->shard;
	struct exchange *waiting;

	pthread_mutex_lock(&shard->lock);
	waiting = kept->waiting;
	kept->waiting = NULL;
	kept->checked = since;
	kept->state = kept->renditions[CODING_IDENTITY] != NULL ? KEPT_WHOLE : KEPT_VALIDATOR;
	kept->bytes = validator_bytes(kept) + rendition_bytes(kept->renditions[CODING_IDENTITY]);
	atomic_fetch_add(account_of(cache, kept), kept->bytes);
	make_room(cache, shard);
	pthread_mutex_unlock(&shard->lock);
	metric_add(cache->fills, 1);
	resume_all(waiting);
}

void cache_grow(struct cache *cache, struct kept *kept, size_t bytes)
{
	struct shard *shard = kept->shard;

	pthread_mutex_lock(&shard->lock);
	if (kept->state == KEPT_WHOLE) {
		kept->bytes += bytes;
		atomic_fetch_add(&cache->bytes, bytes);
		make_room(cache, shard);
	}
	pthread_mutex_unlock(&shard->lock);
}

/* Only below the same path, so that all names of a reply are in one shard. */
void cache_name(struct cache *cache, struct kept *kept, const char *target, size_t length)
{
	struct shard *shard = shard_of(cache, target, length);

	if (shard != kept->shard)
		return;
	pthread_mutex_lock(&shard->lock);
	if (is_made(kept) && kept->n_names < KEPT_NAMES_MOST && find(shard, target, length) == NULL && add_name(shard, kept, target, length)) {
		kept->bytes += name_bytes(kept->names);
		atomic_fetch_add(account_of(cache, kept), name_bytes(kept->names));
		make_room(cache, shard);
	}
	pthread_mutex_unlock(&shard->lock);
}

/* --- coding with patience: recoding.c --- */

bool cache_still_wants(struct cache *cache, struct kept *kept)
{
	bool is_whole;

	pthread_mutex_lock(&kept->shard->lock);
	is_whole = kept->state == KEPT_WHOLE;
	pthread_mutex_unlock(&kept->shard->lock);
	return is_whole && !atomic_load(&cache->is_closing);
}

void cache_asked_for(struct cache *cache, struct kept *kept, enum coding coding)
{
	if (coding != CODING_IDENTITY && cache->recoder != NULL)
		recoding_note(cache, cache->recoder, kept, coding);
}

/* --- */

static void register_metrics(struct cache *cache)
{
	cache->hits = metric_register(METRIC_COUNTER, "broadsheet_cache_hits_total", NULL, "Requests answered from kept replies or their validators.");
	cache->misses = metric_register(METRIC_COUNTER, "broadsheet_cache_misses_total", NULL, "Requests whose reply had to be made.");
	cache->fills = metric_register(METRIC_COUNTER, "broadsheet_cache_fills_total", NULL, "Replies made and kept, or their validators.");
	cache->evictions = metric_register(METRIC_COUNTER, "broadsheet_cache_evictions_total", NULL, "Kept replies that had to make room.");
	cache->bytes_gauge = metric_register(METRIC_GAUGE, "broadsheet_cache_bytes", NULL, "What kept replies take up.");
}

struct cache *cache_new(size_t bytes_most, const struct generations *generations, struct lane *recoder, struct error *err)
{
	struct cache *cache = calloc(1, sizeof *cache);
	uint64_t seed;

	if (cache == NULL) {
		error_set(err, ERROR_INTERNAL, "no memory for kept replies");
		return NULL;
	}
	cache->bytes_most = bytes_most;
	cache->generations = generations;
	cache->recoder = recoder;
	if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
		seed = (uint64_t)clock_monotonic_us();
	for (size_t i = 0; i < SHARDS; i++) {
		cache->shards[i].seed = seed;
		pthread_mutex_init(&cache->shards[i].lock, NULL);
	}
	register_metrics(cache);
	return cache;
}

void cache_close(struct cache *cache)
{
	if (cache != NULL)
		atomic_store(&cache->is_closing, true);
}

void cache_free(struct cache *cache)
{
	if (cache == NULL)
		return;
	for (size_t i = 0; i < SHARDS; i++) {
		while (cache->shards[i].hand != NULL)
			drop(cache, &cache->shards[i], cache->shards[i].hand);
		pthread_mutex_destroy(&cache->shards[i].lock);
	}
	free(cache);
}
