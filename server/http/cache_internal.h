/* SPDX-License-Identifier: MIT */
/* A kept reply, as cache.c finds it, rendition.c makes its forms and kept.c answers with it. server/http/DESIGN.md says how they play together. */
#ifndef BROADSHEET_CACHE_INTERNAL_H
#define BROADSHEET_CACHE_INTERNAL_H

#include "http_internal.h"

/* Bytes that several replies on their way share. */
struct shared_bytes {
	atomic_uint refs;
	size_t length;
	char bytes[];
};

/* One form of a kept reply, ready to be queued: coded or not, with its ETag and with the Broadsheet-Seq of its making. */
struct rendition {
	atomic_uint refs;
	enum coding coding;
	enum effort effort;
	int64_t seq;
	struct shared_bytes *body;
	struct MHD_Response *full, *unchanged;
	size_t bytes;                  /* that it takes up, about */
	char etag[ETAG_SIZE];
};

enum kept_state {
	KEPT_FILLING,          /* somebody is making it */
	KEPT_WHOLE,
	KEPT_VALIDATOR,        /* the body had to go; a 304 can still be given */
	KEPT_GONE,             /* not in the table any more */
};

struct kept_name {
	struct kept_name *next;        /* in its bucket */
	struct kept_name *next_of_kept;
	struct kept *kept;
	uint64_t hash;
	size_t length;
	char bytes[];
};

enum { KEPT_NAMES_MOST = 4 };

struct shard;

/* What every hit looks at stands in front, on two lines of the processor's cache. */
struct kept {
	atomic_uint refs;
	enum kept_state state;         /* under the shard's lock, like the next two */
	bool is_referenced;            /* hit since the hand last came by */
	bool is_codable;
	bool is_quiet;                 /* as of struct response */
	uint64_t checked;              /* the tick at which it was last known to be good */
	int64_t until;                 /* not good from this Unix time on; TIME_NONE: by its scopes alone */
	const struct route *route;
	uint64_t *deciding;            /* the scopes to watch (basis.h) */
	size_t n_deciding;
	struct rendition *renditions[N_CODINGS];       /* under its own lock, like the next two */
	unsigned asked[N_CODINGS];     /* how often; what is asked for again is worth a slow coding */
	pthread_mutex_t lock;
	size_t lengths[N_CODINGS];     /* of the quick forms, whether they are here or not; 0: not known */

	/* Under the lock of its shard. */
	struct shard *shard;           /* never another */
	struct kept *next, *previous;  /* in the shard's ring */
	struct kept_name *names;       /* the canonical request, and other spellings that came */
	unsigned n_names;
	struct exchange *waiting;      /* for the filling */
	size_t bytes;                  /* of what it holds as a whole, as counted */

	/* Written once, before it is whole. */
	char stem[STEM_SIZE];
	struct response_header *headers;       /* but ETag, Content-Encoding, Broadsheet-Seq */
	size_t n_headers, headers_bytes;
};

/* --- cache.c --- */

bool cache_keeps_bodies(const struct cache *cache, size_t length);
/* The promised reply is made: whoever waits for it goes on. `since`: the tick from before it was read. */
void cache_fill(struct cache *cache, struct kept *kept, uint64_t since);
void cache_grow(struct cache *cache, struct kept *kept, size_t bytes);
/* One more spelling under which it is found. */
void cache_name(struct cache *cache, struct kept *kept, const char *target, size_t length);
/* Somebody was given this form: what is asked for again is coded with more patience. */
void cache_asked_for(struct cache *cache, struct kept *kept, enum coding coding);

/* Has it a body still, and is the cache to live on? */
bool cache_still_wants(struct cache *cache, struct kept *kept);
struct kept *kept_ref(struct kept *kept);

/* --- recoding.c --- */

/* Counts that a coded form was given to somebody; the second time it is put on the lane, to be coded with patience. */
void recoding_note(struct cache *cache, struct lane *lane, struct kept *kept, enum coding coding);

/* --- kept.c --- */

/* Does the client hold the reply already? */
bool kept_is_unchanged(const struct exchange *exchange, const struct kept *kept);

/* --- rendition.c --- */

/* The reply in one form; takes a reference to `body`. `kept` has headers and stem. NULL when there is no memory. */
struct rendition *rendition_new(
    const struct kept *kept, enum coding coding, enum effort effort, struct shared_bytes *body, int64_t seq);
void rendition_unref(struct rendition *rendition);     /* takes NULL */
size_t rendition_bytes(const struct rendition *rendition);
/* The form that a client gets, made from the identity form or for this seq where it is not there. To be unref'd; NULL when the kept
 * reply has no body or there is no memory. `ret_grown` is by how many bytes the kept reply grew. */
struct rendition *rendition_for(struct kept *kept, enum coding coding, int64_t seq, size_t *ret_grown);
/* The same coding once more with more patience, in the place of the quick one. Takes its time. */
void rendition_recode(struct kept *kept, enum coding coding);

struct shared_bytes *shared_bytes_new(const char *bytes, size_t length);    /* copied; NULL when there is no memory */
void shared_bytes_unref(struct shared_bytes *bytes);

#endif
