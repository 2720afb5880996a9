/* SPDX-License-Identifier: MIT */
/*
 * Clauses of groups of scopes, in one flat list: a scope says whether a clause or a group begins with it.
 *
 * Of a clause only one group of the smallest value needs to be watched: while its scopes stand still its value stays, and those of the
 * other groups can only rise.
 */
#include "basis.h"

#include <string.h>

#include <xxhash.h>

#include "clock.h"

void basis_init(struct basis *basis, struct arena *arena)
{
	*basis = (struct basis){ .arena = arena, .until = TIME_NONE };
}

static void append(struct basis *basis, uint64_t key, int64_t generation)
{
	if (basis->n == basis->capacity) {
		const size_t capacity = basis->capacity == 0 ? 8 : 2 * basis->capacity;
		struct basis_scope *scopes = arena_array(basis->arena, capacity, sizeof *scopes);

		if (basis->n > 0)
			memcpy(scopes, basis->scopes, basis->n * sizeof *scopes);
		basis->scopes = scopes;
		basis->capacity = capacity;
	}
	basis->scopes[basis->n++] = (struct basis_scope){
		.key = key,
		.generation = generation,
		.begins_clause = basis->next_begins_clause,
		.begins_group = basis->next_begins_group,
	};
	basis->next_begins_clause = basis->next_begins_group = false;
}

void basis_clause(struct basis *basis)
{
	basis->next_begins_clause = basis->next_begins_group = true;
}

void basis_group(struct basis *basis)
{
	basis->next_begins_group = true;
}

void basis_scope(struct basis *basis, uint64_t key, int64_t seq)
{
	append(basis, key, seq);
}

void basis_one(struct basis *basis, uint64_t key, int64_t seq)
{
	basis_clause(basis);
	basis_scope(basis, key, seq);
}

void basis_digest(struct basis *basis, uint64_t key, uint64_t digest)
{
	basis_clause(basis);
	append(basis, key, (int64_t)digest);
	basis->scopes[basis->n - 1].is_digest = true;
}

void basis_until(struct basis *basis, int64_t until)
{
	if (basis->until == TIME_NONE || until < basis->until)
		basis->until = until;
}

bool basis_is_stated(const struct basis *basis)
{
	return basis->n > 0;
}

/* Looks at the group that begins at `from`: its value, and where it ends. */
static size_t group_end(const struct basis *basis, size_t from, int64_t *ret_value)
{
	size_t end = from + 1;
	int64_t value = basis->scopes[from].generation;

	for (; end < basis->n && !basis->scopes[end].begins_group; end++)
		if (basis->scopes[end].generation > value)
			value = basis->scopes[end].generation;
	*ret_value = value;
	return end;
}

/* The group that decides the clause that begins at `from`: [*ret_first, *ret_behind). Gives where the clause ends. */
static size_t clause_end(const struct basis *basis, size_t from, size_t *ret_first, size_t *ret_behind, int64_t *ret_value)
{
	size_t end = group_end(basis, from, ret_value);

	*ret_first = from;
	*ret_behind = end;
	while (end < basis->n && !basis->scopes[end].begins_clause) {
		const size_t first = end;
		int64_t value;

		end = group_end(basis, first, &value);
		if (value < *ret_value) {
			*ret_value = value;
			*ret_first = first;
			*ret_behind = end;
		}
	}
	return end;
}

int64_t basis_newest(const struct basis *basis)
{
	int64_t newest = 0, value;
	size_t first, behind;

	for (size_t at = 0; at < basis->n;) {
		const bool is_digest = basis->scopes[at].is_digest;

		at = clause_end(basis, at, &first, &behind, &value);
		if (!is_digest && value > newest)
			newest = value;
	}
	return newest;
}

uint64_t basis_hash(const struct basis *basis, uint64_t salt)
{
	const int64_t frame[] = { (int64_t)basis->mark, basis->until };
	uint64_t hash = XXH3_64bits_withSeed(frame, sizeof frame, salt);
	size_t first, behind;
	int64_t value;

	for (size_t at = 0; at < basis->n;) {
		at = clause_end(basis, at, &first, &behind, &value);
		hash = XXH3_64bits_withSeed(&value, sizeof value, hash);
	}
	return hash;
}

const uint64_t *basis_deciding(const struct basis *basis, size_t *ret_n)
{
	uint64_t *keys = arena_array(basis->arena, basis->n, sizeof *keys);
	size_t first, behind, n = 0;
	int64_t value;

	for (size_t at = 0; at < basis->n;) {
		at = clause_end(basis, at, &first, &behind, &value);
		for (size_t i = first; i < behind; i++)
			keys[n++] = basis->scopes[i].key;
	}
	*ret_n = n;
	return keys;
}
