/* SPDX-License-Identifier: MIT */
/*
 * What an answer stands on: the scopes it was made of, with the generation of each (the seq of the last version that changed what
 * readers see of it) as they were read together with the answer. From it come the answer's validator and the question whether a kept copy is
 * still good (server/http/DESIGN.md).
 *
 * A basis is a list of clauses; the answer changes only if the value of a clause does. The value of a clause is the smallest of its groups'
 * values, that of a group the largest of its scopes' generations: a listing by section and tag changes only if both its sections and its
 * tags do. A clause of one group of one scope is simply that scope.
 */
#ifndef BROADSHEET_BASIS_H
#define BROADSHEET_BASIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

struct basis_scope {
	uint64_t key;                 /* generations.h */
	int64_t generation;
	bool begins_clause, begins_group;
	bool is_digest;               /* the generation is no seq */
};

struct basis {
	struct arena *arena;
	struct basis_scope *scopes;
	size_t n, capacity;
	bool next_begins_clause, next_begins_group;
	uint64_t mark;                /* of the log at basis_newest(): tells histories apart */
	uint64_t since;               /* generations_clock() from before the first read */
	int64_t until;                /* the answer depends on the time and is another one from this Unix second on; TIME_NONE: it does not */
};

void basis_init(struct basis *basis, struct arena *arena);
void basis_clause(struct basis *basis);                                        /* what follows is a clause of its own */
void basis_group(struct basis *basis);                                         /* what follows is a group of it */
void basis_scope(struct basis *basis, uint64_t key, int64_t seq);              /* one more of the group */
void basis_one(struct basis *basis, uint64_t key, int64_t seq);                /* a clause of one scope */
/* A clause whose generation is no seq but a digest of what was read. */
void basis_digest(struct basis *basis, uint64_t key, uint64_t digest);

/* The answer holds until this Unix time at most: "now" is part of what was asked. */
void basis_until(struct basis *basis, int64_t until);

/* Has anybody said what the answer stands on? */
bool basis_is_stated(const struct basis *basis);
/* The largest seq among the values of the clauses: what the answer is made of has not changed since, in any history with the same log up to there. */
int64_t basis_newest(const struct basis *basis);
/* A digest of the values of all clauses, the log's mark, and `salt`. */
uint64_t basis_hash(const struct basis *basis, uint64_t salt);
/* Of each clause one group that decides its value: as long as these are untouched the basis has not changed. In the arena. */
const uint64_t *basis_deciding(const struct basis *basis, size_t *ret_n);

#endif
