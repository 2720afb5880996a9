/* SPDX-License-Identifier: MIT */
/*
 * The only way in: whatever changes an article (an importer, the API, the schedule) comes through here and becomes a version
 * in the log. See server/publish/DESIGN.md.
 *
 * A publisher is used by one thread, the one that owns the writing store.
 */
#ifndef BROADSHEET_PUBLISH_H
#define BROADSHEET_PUBLISH_H

#include "article.h"
#include "lane.h"
#include "shared_log.h"
#include "store.h"

struct publisher {
	struct store *store;          /* the writer; borrowed */
	struct shared_log *log;       /* borrowed */
	/* Told after each COMMIT, before anyone else learns that it is done; may be NULL. */
	void (*committed)(void *arg, int64_t public_seq);
	void *arg;
	bool is_in_group;             /* what is published now is committed, and told of, with the whole group */
};

/* Runs jobs that waited together in one transaction: one COMMIT, on disk before any of them is told. What each of them publishes is undone
 * alone when it fails; when the COMMIT fails, all are told so. `lane`: where more may come from meanwhile; NULL: nowhere. A lane_group_runner's work. */
void publish_group(struct publisher *publisher, struct lane *lane, struct lane_job *first, void *context);

enum publish_outcome { PUBLISH_CREATED, PUBLISH_UPDATED, PUBLISH_UNCHANGED };
extern const char *const publish_outcome_names[];

struct publish_result {
	enum publish_outcome outcome;
	int64_t id;
};

/* Runs fn, which publishes any number of articles, in one transaction: all of them are on disk when it returns true, none otherwise. */
bool publish_together(struct publisher *publisher, bool (*fn)(struct publisher *publisher, void *arg, struct error *err), void *arg,
    struct error *err);

/* Appends a version of something that is no article (a section, a collection, a key, a webhook): numbers it (a new one when ref is 0; the
 * numbers are left in `record`), and the store applies it. Only inside publish_together. */
bool publish_record(struct publisher *publisher, struct record *record, const char *by, struct error *err);

/* Of the articles of a renamed section (0: of any) that have not been told yet (store_rename_due()), `most` get a version with its new name. Only inside
 * publish_together. */
bool publish_rename(struct publisher *publisher, int64_t term_id, size_t most, struct error *err);
/* What is asked for when a key is to be made. */
struct key_wish {
	const char *name;
	unsigned scopes;
	int64_t expires_at;           /* TIME_NONE: never */
};

/* From JSON: {"name":"…","scopes":["write"],"expires_at":"…"}. ERROR_FIELDS lists what is wrong with it. */
bool key_wish_read(const char *json, size_t length, struct arena *arena, struct key_wish *ret_wish, struct error *err);
/* Makes a key; its text is known to nobody else and kept nowhere. ERROR_CONFLICT when the name is taken, be it by a revoked one. Only inside
 * publish_together, and so is the next. */
bool publish_key(struct publisher *publisher, const struct key_wish *wish, const char *by, struct arena *arena, char ret_text[KEY_LENGTH + 1],
    struct api_key *ret_key, struct error *err);
/* From now on the key is good for nothing; revoking it again changes nothing. ERROR_NOT_FOUND, with the nearest name. */
bool publish_key_revoked(struct publisher *publisher, const char *name, const char *by, struct arena *arena, struct api_key *ret_key, struct error *err);

/* An imported article: decoded, not yet checked. One already known by (source, guid) or, without a guid, by slug and time, is updated when
 * its content changed. Keeps a given id that exceeds every id so far, times and aliases. Only inside publish_together; a failure undoes
 * this article alone. ERROR_FIELDS lists what is wrong with it. */
bool publish_import(struct publisher *publisher, const struct article *article, struct arena *arena, struct publish_result *ret_result,
    struct error *err);

/* The same without a savepoint, which costs a good deal less; but a failure may leave half of the article behind (*ret_spoiled), and then the
 * whole transaction has to be undone. */
bool publish_import_unsaved(struct publisher *publisher, const struct article *article, struct arena *arena, struct publish_result *ret_result,
    bool *ret_spoiled, struct error *err);

/* --- writing: one article, by a person or a program that knows what it writes over --- */

/* Who writes, and where what is made lies. */
struct writing {
	const char *by;               /* stands in the log */
	struct arena *arena;
};

/* What to do when (source, guid) is known already. */
enum publish_conflict { CONFLICT_FAIL, CONFLICT_SKIP, CONFLICT_UPDATE };
extern const char *const publish_conflict_names[];    /* NULL at the end */

/* A new article: decoded (DECODE_WRITE), not yet checked; a draft unless it says otherwise. ERROR_CONFLICT for a known one (with CONFLICT_FAIL),
 * ERROR_FIELDS for what is wrong with it, a slug that is taken included. These three, too, undo alone what they did, and only inside
 * publish_together. */
bool publish_create(struct publisher *publisher, const struct writing *writing, const struct article *article, enum publish_conflict conflict,
    struct publish_result *ret_result, struct error *err);

/* Replaces what stood at version `rev` of the article by this: ERROR_STALE when another version stands there. What it does not say of slug, status and
 * time of publication stays. A version that changes nothing is not written. */
bool publish_replace(struct publisher *publisher, const struct writing *writing, int64_t id, int64_t rev, const struct article *article,
    struct publish_result *ret_result, struct error *err);

/* Why an article is taken away, and for how long. */
struct withdrawal {
	const char *reason;           /* or NULL */
	int64_t replaced_by;          /* or 0 */
	bool erases;                  /* for good: no version of it keeps its text */
};

/* rev: as above; 0: whatever stands there. */
bool publish_withdraw(struct publisher *publisher, const struct writing *writing, int64_t id, int64_t rev, const struct withdrawal *withdrawal,
    struct publish_result *ret_result, struct error *err);

/* Publishes what is due and withdraws what has run out, at most some hundred articles, in one transaction: those behind `place` ({ TIME_NONE, 0 } to
 * begin with), which moves on. *ret_more: there may be more. One that cannot be (it has no section any more, say) is logged and left out. */
bool publish_scheduled(struct publisher *publisher, struct list_key *place, bool *ret_more, struct error *err);

void publish_register_metrics(void);    /* before threads start */

enum { BATCH_LINES_MOST = 10000, BATCH_BYTES_MOST = 16 << 20 };

/* Imports one article a line in one transaction. Each line gets a line of JSON in ret_results, in order:
 * {"line":1,"status":201,"id":812,"outcome":"created"}, or {"line":2,"status":422,"detail":"…"} for one that cannot be kept, which does not
 * hold up the others. `n_lines` counts lines over the calls that one batch is cut into, and starts at 0. false: nothing of this call was kept
 * (disk full, database broken), or more lines have come than BATCH_LINES_MOST: then those up to there are in. */
bool publish_batch(struct publisher *publisher, const char *lines, size_t length, size_t *n_lines, struct text *ret_results, struct error *err);

/* An article that goes in with others, and what became of it. */
struct publish_item {
	size_t line;                  /* where it stood, for those who tell of it */
	const char *refused;          /* why; NULL: it is to go in, or went in. What is refused before is left out */
	struct article article;
	struct publish_result result;
};

/* The same with articles that are decoded already. Reasons of refusals lie in the arena. false: nothing was kept. */
bool publish_articles(struct publisher *publisher, struct publish_item *items, size_t n, struct arena *arena, struct error *err);

#endif
