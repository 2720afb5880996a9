/* SPDX-License-Identifier: MIT */
/*
 * Transactions: the writer's, in which whatever goes wrong undoes all of it; reads that see one state; and the checkpoint between transactions.
 *
 * A transaction that did not come to its COMMIT, or whose COMMIT failed, leaves nothing: neither in the file nor in what the writer remembers. SQLite
 * may undo a transaction by itself in the middle (no room, I/O error); from then on every statement of it fails (statement.c), since it would
 * stand alone otherwise. Before the next transaction store_mend() makes good what the disk's trouble left.
 *
 * The write-ahead log starts anew only when no reader is in it. A passive checkpoint after each commit past 4 MiB nearly always comes to that; where
 * readers follow on each other without a gap, it never does. So past 48 MiB the writer writes nothing until those that are in an older state than the last
 * have gone and all is copied, and then waits for those in the WAL, which nobody enters any more: whoever begins now reads the database's file alone.
 * No read of ours lasts over two seconds, as each lies within one call on one thread, and the progress handler cuts the statement that it stands in; over
 * a quarter of a second, while the writer waits.
 * Whoever reads longer (a backup, `check`, another program) is waited for in vain once in ten seconds, and told of in the log.
 */
#include "store_internal.h"
#include "webhook_internal.h"

#include <assert.h>
#include <errno.h>
#include <malloc.h>

#include "clock.h"
#include "log.h"

enum {
	CHECKPOINT_PAGES = 8000,          /* 31 MiB of WAL: two syncs for a good many commits */
	RESTART_PAGES = 12288,            /* 48 MiB */
	READ_MOST_US = 2000000,           /* readers that stay longer keep the WAL from being copied back */
	WAIT_MOST_MS = 2500,              /* for readers: a little more than they may take */
	WAIT_EACH_MS = 2,
	READ_MOST_WAITED_FOR_US = 250000,
	IN_VAIN_US = 10000000,
	WAL_ALARM_PAGES = 16384,          /* 64 MiB */
	CACHE_KEPT = 8 << 20,             /* between transactions */
};

/* --- checkpoints --- */

static atomic_bool writer_waits;      /* for readers of this process; one database a process, but for tests */

bool store_read_is_overdue(const struct store *store)
{
	const int64_t left_us = store->read_deadline_us == 0 ? READ_MOST_US : store->read_deadline_us - clock_monotonic_us();

	return left_us < 0 || (left_us < READ_MOST_US - READ_MOST_WAITED_FOR_US && atomic_load_explicit(&writer_waits, memory_order_relaxed));
}

static void tell_of_readers(int pages, int copied)
{
	if (pages > WAL_ALARM_PAGES)
		log_warning("the write-ahead log grows: a reader holds it", "pages", LOG_INT(pages), "copied", LOG_INT(copied), NULL);
}

/* Copies the WAL into the database as far as readers allow: is that all of it? */
static bool copy_back(struct store *store, int *ret_pages, int *ret_copied)
{
	int code;

	*ret_pages = *ret_copied = 0;
	errno = 0;
	code = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, ret_pages, ret_copied);
	if (code != SQLITE_OK && code != SQLITE_BUSY)
		store_note_fault(store, store_code(store, code));
	return code == SQLITE_OK && *ret_copied == *ret_pages;
}

/* All is copied: nobody enters the WAL, and when those in it have gone the next transaction begins it anew. */
static bool wait_until_empty(struct store *store)
{
	int code;

	sqlite3_busy_timeout(store->db, WAIT_MOST_MS);
	errno = 0;
	code = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
	sqlite3_busy_timeout(store->db, STORE_BUSY_MS);
	if (code != SQLITE_OK && code != SQLITE_BUSY)
		store_note_fault(store, store_code(store, code));
	return code == SQLITE_OK;
}

static void restart_wal(struct store *store)
{
	const int64_t until_us = clock_monotonic_us() + WAIT_MOST_MS * 1000;
	int pages, copied;
	bool is_copied, is_empty;

	atomic_store(&writer_waits, true);
	while (!(is_copied = copy_back(store, &pages, &copied)) && clock_monotonic_us() < until_us && store_fault(store) == STORE_SOUND)
		sqlite3_sleep(WAIT_EACH_MS);
	is_empty = is_copied && wait_until_empty(store);
	atomic_store(&writer_waits, false);
	if (is_empty)
		return;
	store->patience_us = clock_monotonic_us() + IN_VAIN_US;
	tell_of_readers(pages, copied);
}

void store_checkpoint(struct store *store)
{
	const bool is_long = store->wal_pages >= RESTART_PAGES && clock_monotonic_us() >= store->patience_us;
	int pages, copied;

	assert(store->access == STORE_WRITE && store->depth == 0);
	store->wal_pages = 0;
	if (is_long)
		restart_wal(store);
	else
		copy_back(store, &pages, &copied);
	if (store_fault(store) != STORE_SOUND)
		store_give_way(store);
}

int store_empty_wal(struct store *store, int wait_ms)
{
	int code;

	sqlite3_busy_timeout(store->db, wait_ms);
	errno = 0;
	code = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_busy_timeout(store->db, STORE_BUSY_MS);
	if (code == SQLITE_OK)
		store->wal_pages = 0;
	return code;
}

static void give_back(struct store *store)
{
	int used = 0, most = 0;

	if (!store->gives_back)
		return;
	sqlite3_db_status(store->db, SQLITE_DBSTATUS_CACHE_USED, &used, &most, /* reset= */ 0);
	if (used < CACHE_KEPT)
		return;
	sqlite3_db_release_memory(store->db);
	malloc_trim(0);
}

/* --- the writer's transactions --- */

/* What was undone may be what the writer thinks it knows. */
void store_forget(struct store *store)
{
	store_terms_forget(store);
	store_words_forget(store);
	search_forms_forget(store);
	webhooks_forget(store);
	store->next_id = store->last_seq = 0;
}

/* Prepared once: there is a savepoint for each article of an import. */
static bool run_kept(struct store *store, const char *sql, struct error *err)
{
	struct statement *statement = store_statement(store, sql);
	const bool fine = statement_run(statement, err);

	statement_done(statement);
	return fine;
}

static bool run_as_savepoint(struct store *store, bool (*fn)(struct store *store, void *arg, struct error *err), void *arg, struct error *err)
{
	static const char begin[] = "SAVEPOINT part", undo[] = "ROLLBACK TO part", end[] = "RELEASE part";
	struct late_mark late;
	size_t touched;
	bool fine;

	if (!run_kept(store, begin, err))
		return false;
	store->depth++;
	touched = store->n_touched;
	late = late_mark(store);
	fine = fn(store, arg, err);
	store->depth--;
	if (!fine) {
		store->n_touched = touched;
		late_cut(store, late);
		store_forget(store);
		run_kept(store, undo, &store->ignored);
	}
	return run_kept(store, end, fine ? err : &store->ignored) && fine;
}

bool store_part(struct store *store, bool (*fn)(struct store *store, void *arg, struct error *err), void *arg, bool *ret_spoiled, struct error *err)
{
	const struct late_mark late = late_mark(store);
	const int64_t changes = sqlite3_total_changes64(store->db);
	const bool fine = fn(store, arg, err);

	*ret_spoiled = !fine && (sqlite3_total_changes64(store->db) != changes || !late_is_at(store, late));
	return fine;
}

/* Look-ups that answer yes or no do not say that they failed: whatever was built on such an answer is not kept. */
static bool has_failed(const struct store *store, struct error *err)
{
	if (store->failure.code == ERROR_NONE)
		return false;
	*err = store->failure;
	return true;
}

static bool begin(struct store *store, struct error *err)
{
	if (!store_mend(store, err))
		return false;
	if (!store_execute(store, "BEGIN IMMEDIATE", err)) {
		store_give_way(store);
		return false;
	}
	store->depth++;
	store->n_touched = 0;
	store->next_id = store->last_seq = 0;
	store->failure.code = ERROR_NONE;
	store->has_misread = false;
	return true;
}

/* Where SQLite has undone all of it already, ROLLBACK has nothing to do, and fails. */
static void undo_all(struct store *store)
{
	store->depth--;
	if (sqlite3_get_autocommit(store->db) == 0)
		store_execute(store, "ROLLBACK", &store->ignored);
	late_cut(store, (struct late_mark){ 0 });
	store_forget(store);
	store->n_touched = 0;
	store_count_statements(store);
	if (store_fault(store) != STORE_SOUND)
		store_give_way(store);
}

bool store_transaction(struct store *store, bool (*fn)(struct store *store, void *arg, struct error *err), void *arg, struct error *err)
{
	bool has_erased;

	assert(store->access == STORE_WRITE);
	if (store->depth > 0)
		return run_as_savepoint(store, fn, arg, err);
	if (!begin(store, err))
		return false;
	if (!fn(store, arg, err) || has_failed(store, err) || !late_flush(store, err) || has_failed(store, err) || !store_execute(store, "COMMIT", err)) {
		undo_all(store);
		return false;
	}
	store->depth--;
	has_erased = late_mark(store).erasures > 0 || late_mark(store).secrets > 0;
	late_cut(store, (struct late_mark){ 0 });
	store_count_statements(store);
	store_is_sound(store);
	/* What has been erased is to leave the WAL too: at once if no reader is in it, otherwise with one of the next checkpoints. */
	if (has_erased)
		store_empty_wal(store, /* wait_ms= */ 0);
	if (store->wal_pages >= CHECKPOINT_PAGES)
		store_checkpoint(store);
	give_back(store);
	return true;
}

/* --- reads --- */

/* Run at every read: prepared. */
static const char begin_reading[] = "BEGIN", end_reading[] = "COMMIT";

bool store_read_begin(struct store *store, struct error *err)
{
	if (store->reads > 0) {
		store->reads++;
		return true;
	}
	store->read_deadline_us = clock_monotonic_us() + READ_MOST_US;
	store->failure.code = ERROR_NONE;
	store->has_misread = false;
	if (!run_kept(store, begin_reading, err))
		return false;
	store->reads = 1;
	return true;
}

bool store_read_holds(struct store *store, struct error *err)
{
	assert(store->reads > 0);
	if (sqlite3_get_autocommit(store->db) == 0)
		return true;
	if (!has_failed(store, err))
		error_set(err, ERROR_INTERNAL, "the state that was being read is lost");
	return false;
}

void store_read_end(struct store *store)
{
	assert(store->reads > 0);
	if (--store->reads > 0)
		return;
	store->read_deadline_us = 0;
	if (sqlite3_get_autocommit(store->db) == 0)
		run_kept(store, end_reading, &store->ignored);
	/* A statement that was not given back would hold the old state, and the next read would see it. */
	assert(sqlite3_txn_state(store->db, "main") == SQLITE_TXN_NONE);
	store_count_statements(store);
}
