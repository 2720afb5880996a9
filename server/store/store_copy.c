/* SPDX-License-Identifier: MIT */
/*
 * Copies of a whole database, for backup and restore; and what becomes of one that is put in the place of a database.
 *
 * VACUUM INTO reads one state in one transaction and writes a database without holes or a WAL, on a connection that is not cut off after two seconds as
 * readers are. Meanwhile the WAL of the database can be copied back, but not begun anew: it grows by what is written until the copy is made. The
 * copy is opened and read: SQLite's own checks, and whether its log and its articles are those of the database up to the same seq. Copying bytes would be no
 * backup (the file of a running server is not one state), and opening the live file ourselves would end SQLite's locks on it.
 *
 * A copy carries a mark ('is_copy' in `state`). Whoever first opens it for writing (store_settle_copy()) finds it, and begins a history of its own:
 *
 * - a new epoch, which is part of every validator: no ETag given before means any bytes now. Cursors given before are refused too;
 * - a higher seq: what was published after the copy was taken is lost, but its seqs have been seen. The next one is at least the time in microseconds
 *   (some 1.8e15: readers of JSON are exact up to 9.0e15), and at least what the mark asks for. `log_gap` remembers which were left out;
 * - a change of every article, in the order in which they last changed, in the first of the new seqs: whoever follows the changes may have been anywhere in the
 *   history that is lost, so no place in it is a place in this one.
 *
 * So it makes no difference whether `broadsheet restore` puts the copy there or somebody's cp.
 */
#include "store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

static const int64_t SEQ_MOST = (int64_t)1 << 52;    /* half of where readers of JSON stop being exact */

/* --- looking at a database as a whole --- */

static bool query_number(struct store *store, const char *sql, int64_t up_to, int64_t *ret_number, struct error *err)
{
	struct statement *read = store_statement(store, sql);
	bool fine;

	if (up_to >= 0)
		statement_bind_integer(read, 1, up_to);
	fine = statement_row(read, err);
	if (fine)
		*ret_number = statement_integer(read, 0);
	statement_done(read);
	return fine;
}

static bool last_seq(struct store *store, int64_t *ret_seq, struct error *err)
{
	static const char sql[] = "SELECT coalesce(max(seq), 0) FROM article_version";

	return query_number(store, sql, /* up_to= */ -1, ret_seq, err);
}

/* What a log says up to a seq: how many versions of how many articles, ending with which mark. */
struct extent {
	int64_t versions, articles, mark;
};

static bool extent_of(struct store *store, int64_t seq, struct extent *ret_extent, struct error *err)
{
	static const char versions[] = "SELECT count(*) FROM article_version WHERE seq <= ?1";
	static const char articles[] = "SELECT count(DISTINCT ref) FROM article_version WHERE kind = 'article' AND seq <= ?1";
	static const char mark[] = "SELECT coalesce((SELECT mark FROM article_version WHERE seq = ?1), 0)";

	return query_number(store, versions, seq, &ret_extent->versions, err) && query_number(store, articles, seq, &ret_extent->articles, err)
	    && query_number(store, mark, seq, &ret_extent->mark, err);
}

static bool is_whole(struct store *store, const char *path, struct error *err)
{
	static const char integrity[] = "PRAGMA integrity_check(1)", keys[] = "PRAGMA foreign_key_check";
	struct statement *check = store_statement(store, integrity);
	bool fine = statement_row(check, err);

	if (fine && strcmp(statement_text(check, 0), "ok") != 0)
		fine = error_set(err, ERROR_INVALID, "%s is damaged: %s", path, statement_text(check, 0));
	statement_done(check);
	if (!fine)
		return false;
	check = store_statement(store, keys);
	if (statement_next(check, err))
		error_set(err, ERROR_INVALID, "%s is damaged: a reference leads nowhere in %s", path, statement_text(check, 0));
	statement_done(check);
	return err->code == ERROR_NONE;
}

/* All of it has been read: the numbers are of one state, which nobody writes to. */
static bool is_copy_of(struct store *copy, struct store *source, struct store_copied *ret_copied, struct error *err)
{
	static const char articles[] = "SELECT count(*) FROM article";
	struct extent ours, theirs;
	int64_t seq, rows;

	if (!last_seq(copy, &seq, err) || !extent_of(copy, seq, &ours, err) || !query_number(copy, articles, -1, &rows, err) || !extent_of(source, seq, &theirs, err))
		return false;
	if (ours.versions != theirs.versions || ours.articles != theirs.articles || ours.mark != theirs.mark || rows != theirs.articles)
		return error_set(err, ERROR_INTERNAL, "the copy is not what the database was: %lld versions of %lld articles, not %lld of %lld", (long long)ours.versions,
		    (long long)rows, (long long)theirs.versions, (long long)theirs.articles);
	*ret_copied = (struct store_copied){ .seq = seq, .versions = ours.versions, .articles = rows };
	return true;
}

/* --- making a copy --- */

static bool open_source(const char *path, bool (*goes_on)(void *arg), void *arg, struct store **ret_store, struct error *err)
{
	if (!store_look(path, err) || !store_open(path, STORE_COPY, ret_store, err))
		return false;
	(*ret_store)->goes_on = goes_on;
	(*ret_store)->goes_on_arg = arg;
	return true;
}

static bool vacuum_into(struct store *source, const char *path, struct error *err)
{
	static const char sql[] = "VACUUM INTO ?1";
	struct statement *copy = store_statement(source, sql);
	bool fine;

	statement_bind_text(copy, 1, path);
	fine = statement_run(copy, err);
	statement_done(copy);
	return fine;
}

/* By a plain connection: one of ours would make a WAL beside it. */
static bool mark_as_copy(const char *path, int64_t next_seq, struct error *err)
{
	static const char sql[] = "INSERT INTO state (name, value) VALUES ('is_copy', ?1) ON CONFLICT DO UPDATE SET value = max(value, excluded.value)";
	sqlite3 *db = NULL;
	sqlite3_stmt *mark = NULL;
	int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_exec(db, "PRAGMA journal_mode=MEMORY", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(db, sql, -1, &mark, NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_int64(mark, 1, next_seq > 0 ? next_seq : 1);
		code = sqlite3_step(mark);
	}
	if (code != SQLITE_DONE)
		error_set(err, ERROR_INTERNAL, "%s cannot be marked as a copy: %s", path, sqlite3_errmsg(db));
	sqlite3_finalize(mark);
	sqlite3_close(db);
	return code == SQLITE_DONE;
}

/* With no connection open: closing a descriptor of the file would end its locks. */
static bool write_out(const char *path, int64_t *ret_bytes, struct error *err)
{
	const int file = open(path, O_RDONLY | O_CLOEXEC);
	const bool fine = file >= 0 && fsync(file) == 0;

	if (!fine)
		error_set(err, ERROR_INTERNAL, "%s cannot be written out: %s", path, strerror(errno));
	else
		*ret_bytes = lseek(file, 0, SEEK_END);
	if (file >= 0)
		close(file);
	return fine;
}

static bool copy_and_check(struct store *source, const char *from, const char *real, const struct store_copying *how, struct store_copied *ret_copied,
    struct error *err)
{
	struct store *copy = NULL;
	bool fine;

	fine = (!how->check_source || is_whole(source, from, err)) && vacuum_into(source, real, err) && mark_as_copy(real, how->next_seq, err)
	    && open_source(real, how->goes_on, how->arg, &copy, err) && is_whole(copy, real, err) && is_copy_of(copy, source, ret_copied, err);
	store_close(copy);
	return fine;
}

bool store_copy(const char *from, const char *to, const struct store_copying *how, struct store_copied *ret_copied, struct error *err)
{
	char real[PATH_MAX];
	struct store *source = NULL;
	bool fine;

	fine = store_real_path(to, real, err) && open_source(from, how->goes_on, how->arg, &source, err)
	    && copy_and_check(source, from, real, how, ret_copied, err);
	store_close(source);
	if (!fine && how->goes_on != NULL && !how->goes_on(how->arg))
		return error_set(err, ERROR_BUSY, "stopped");
	return fine && write_out(real, &ret_copied->bytes, err);
}

int64_t store_last_seq_of(const char *path)
{
	struct error ignored ERROR_UNSET;
	struct store *store = NULL;
	int64_t seq = 0;

	if (store_look(path, &ignored) && store_open(path, STORE_COPY, &store, &ignored) && !last_seq(store, &seq, &ignored))
		seq = 0;
	store_close(store);
	return seq;
}

/* --- a copy that has been put in place --- */

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return clock_now() * 1000000 + now.tv_nsec / 1000;
}

static int64_t first_seq_of(int64_t last, int64_t wanted)
{
	const int64_t now = now_us();
	int64_t first = last + 1;

	if (now > first && now < SEQ_MOST)
		first = now;
	return wanted > first ? wanted : first;
}

static bool note_gap(struct store *store, int64_t first, int64_t last, struct error *err)
{
	static const char sql[] = "INSERT INTO log_gap (first_seq, after_seq, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
	struct statement *note = store_statement(store, sql);
	bool fine;

	statement_bind_integer(note, 1, first);
	statement_bind_integer(note, 2, last);
	statement_bind_integer(note, 3, clock_now());
	fine = statement_run(note, err);
	statement_done(note);
	return fine;
}

/* The seqs behind `begin`, one an article. */
static bool move_changes(struct store *store, int64_t begin, int64_t *ret_end, struct error *err)
{
	static const char sql[] =
	    "UPDATE article_change SET seq = ?1 + place FROM (SELECT seq AS former, row_number() OVER (ORDER BY seq) AS place FROM article_change)"
	    " WHERE seq = former";
	static const char last[] = "SELECT max(?1, coalesce((SELECT max(seq) FROM article_change), 0))";
	struct statement *move = store_statement(store, sql);
	bool fine;

	statement_bind_integer(move, 1, begin);
	fine = statement_run(move, err);
	statement_done(move);
	return fine && query_number(store, last, begin, ret_end, err) && store_set_state(store, "changes_begin", begin, err)
	    && store_set_state(store, "public_seq", *ret_end, err);
}

static bool begin_history(struct store *store, int64_t wanted, struct error *err)
{
	int64_t last, reached, begin, end;

	if (!last_seq(store, &last, err) || !store_next_seq(store, last, &reached, err))
		return false;
	begin = first_seq_of(reached - 1, wanted);
	return move_changes(store, begin, &end, err) && note_gap(store, end + 1, last, err);
}

static bool settle(struct store *store, void *arg, struct error *err)
{
	const int64_t *wanted = arg;
	int64_t epoch, indexes_epoch;

	sqlite3_randomness(sizeof epoch, &epoch);
	sqlite3_randomness(sizeof indexes_epoch, &indexes_epoch);
	return begin_history(store, *wanted, err) && store_set_state(store, "epoch", epoch, err)
	    && store_set_state(store, "indexes_epoch", indexes_epoch, err) && store_set_state(store, "is_copy", 0, err);
}

bool store_settle_copy(struct store *store, struct error *err)
{
	int64_t wanted;

	return store_state(store, "is_copy", 0, &wanted, err) && (wanted == 0 || store_transaction(store, settle, &wanted, err));
}

bool store_history(struct store *store, int64_t *ret_seq, struct error *err)
{
	static const char sql[] = "SELECT coalesce(max(first_seq), 0) FROM log_gap";

	return query_number(store, sql, /* up_to= */ -1, ret_seq, err);
}

bool store_seq_is_lost(struct store *store, int64_t seq, bool *ret_lost, struct error *err)
{
	static const char sql[] = "SELECT ?1 > 0 AND ?1 < coalesce((SELECT value FROM state WHERE name = 'changes_begin'), 0)";
	int64_t lost;

	if (!query_number(store, sql, seq, &lost, err))
		return false;
	*ret_lost = lost != 0;
	return true;
}
