/* SPDX-License-Identifier: MIT */
/*
 * Whose key it is that a request shows, and the note that it was used.
 *
 * A key is looked up on the thread's own reading connection for every request, outside any transaction, so that one that has been revoked is so for
 * the next request already; nothing is remembered that could go stale. The digest is compared before anything else is, also with nobody's
 * key, which the store gives for one that it does not know.
 *
 * A use is noted in memory, and once a minute and key the writer's lane is asked to write it down. What is noted when the process ends is
 * lost, which does no harm: it is there for people, to see which keys are still in use.
 */
#include "api_internal.h"

#include <stddef.h>

#include "clock.h"
#include "log.h"

enum { NOTE_SECONDS = 60 };

/* --- uses --- */

struct use {
	int64_t id, at;
};

static size_t take_due(struct key_uses *uses, struct use due[KEY_USES])
{
	size_t n = 0;

	pthread_mutex_lock(&uses->lock);
	uses->is_queued = false;
	for (size_t i = 0; i < KEY_USES; i++) {
		if (!uses->uses[i].is_due)
			continue;
		uses->uses[i].is_due = false;
		due[n++] = (struct use){ uses->uses[i].id, uses->uses[i].at };
	}
	pthread_mutex_unlock(&uses->lock);
	return n;
}

struct due_uses {
	struct use uses[KEY_USES];
	size_t n;
};

static bool write_uses(struct store *store, void *arg, struct error *err)
{
	const struct due_uses *due = arg;

	for (size_t i = 0; i < due->n; i++)
		if (!store_key_used(store, due->uses[i].id, due->uses[i].at, err))
			return false;
	return true;
}

/* On the writer's thread, by itself. */
static void run_note(struct lane_job *job, void *arg)
{
	struct key_uses *uses = (struct key_uses *)(void *)((char *)job - offsetof(struct key_uses, job));
	const struct context *context = arg;
	struct error err ERROR_UNSET;
	struct due_uses due;

	due.n = take_due(uses, due.uses);
	if (!store_transaction(context->store, write_uses, &due, &err))
		log_warning("uses of keys are not noted", "why", err.detail, NULL);
}

static void note_use(struct request *request, int64_t id)
{
	struct key_uses *uses = &context_of(request)->api->key_uses;
	const size_t place = (size_t)id % KEY_USES;
	const int64_t now = clock_now();
	bool submit = false;

	pthread_mutex_lock(&uses->lock);
	if (uses->uses[place].id != id || now - uses->uses[place].at >= NOTE_SECONDS) {
		uses->uses[place].id = id;
		uses->uses[place].at = now;
		uses->uses[place].is_due = true;
		submit = !uses->is_queued;
		uses->is_queued = true;
	}
	pthread_mutex_unlock(&uses->lock);
	if (!submit)
		return;
	uses->job.run = run_note;
	uses->job.settled = NULL;
	if (request->service->writer != NULL)
		lane_submit(request->service->writer, &uses->job);
}

/* --- looking up --- */

static enum key_standing standing_of(const struct api_key *key)
{
	if (key->revoked_at != TIME_NONE)
		return KEY_REVOKED;
	return key->expires_at != TIME_NONE && key->expires_at <= clock_now() ? KEY_EXPIRED : KEY_GOOD;
}

bool key_look_up(struct request *request, const struct key_shown *shown, enum key_standing *ret_standing, struct caller *ret_caller, struct error *err)
{
	struct api_key key;
	bool is_right;

	if (!store_key_by_kid(store_of(request), shown->kid, request->arena, &key, err))
		return false;
	is_right = secret_equal(shown->digest, key.digest, sizeof key.digest);
	if (!is_right || key.id == 0) {
		*ret_standing = KEY_UNKNOWN;
		return true;
	}
	*ret_standing = standing_of(&key);
	*ret_caller = (struct caller){ .name = key.name, .kid = key.kid, .scopes = key.scopes };
	if (*ret_standing == KEY_GOOD)
		note_use(request, key.id);
	return true;
}

bool key_standing_now(struct request *request, enum key_standing *ret_standing, struct error *err)
{
	struct api_key key;

	if (!store_key_by_kid(store_of(request), request->caller.kid, request->arena, &key, err))
		return false;
	*ret_standing = key.id == 0 ? KEY_UNKNOWN : standing_of(&key);
	return true;
}

bool key_has_any(struct request *request)
{
	struct error ignored ERROR_UNSET;
	bool has = true;

	store_has_keys(store_of(request), &has, &ignored);
	return has;
}
