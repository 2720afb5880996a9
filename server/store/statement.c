/* SPDX-License-Identifier: MIT */
/*
 * Prepared statements, kept for the life of the connection.
 *
 * A statement is known by the address of its SQL literal, so there are no names to invent; each static const char sql[] has its own. They are
 * found by a hash of the address, whatever their number.
 * A connection belongs to one thread, so nothing is locked. A statement that is asked for while it is in use (two ranges walked side
 * by side) gets a twin. One that cannot be prepared still comes back, and fails at its first step: callers have one place to look.
 *
 * Each use of a statement is counted: what answers from memory can show that it asked nothing of SQLite.
 */
#include "store_internal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "log.h"
#include "memory.h"

static struct statement **list_of(struct store *store, const char *sql)
{
	return &store->lists[((uintptr_t)sql * 0x9E3779B97F4A7C15u >> 32) % STATEMENT_LISTS];
}

static struct statement *prepare(struct store *store, const char *sql)
{
	struct statement **list = list_of(store, sql), *statement;
	int code;

	store->statements_run++;
	assert(store->n_statements < STATEMENTS_MOST);
	statement = &store->statements[store->n_statements++];
	*statement = (struct statement){ .store = store, .sql = sql, .in_use = true, .next = *list };
	*list = statement;
	errno = 0;
	code = store_code(store, sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement->handle, NULL));
	statement->code = code;
	if (code != SQLITE_OK)
		log_error("prepare-failed", "why", sqlite3_errmsg(store->db), "sql", sql, NULL);
	return statement;
}

struct statement *store_statement(struct store *store, const char *sql)
{
	for (struct statement *statement = *list_of(store, sql); statement != NULL; statement = statement->next) {
		if (statement->sql == sql && !statement->in_use && statement->handle != NULL) {
			statement->in_use = true;
			store->statements_run++;
			return statement;
		}
	}
	return prepare(store, sql);
}

/* One that could not be prepared is not kept, if it is the last: then it stands at the front of its list. */
static void drop_unprepared(struct statement *statement)
{
	struct store *store = statement->store;

	if (statement != &store->statements[store->n_statements - 1])
		return;
	*list_of(store, statement->sql) = statement->next;
	store->n_statements--;
}

void store_statements_drop(struct store *store)
{
	for (size_t i = 0; i < store->n_statements; i++)
		sqlite3_finalize(store->statements[i].handle);
	store->n_statements = 0;
	memset(store->lists, 0, sizeof store->lists);
}

void statement_done(struct statement *statement)
{
	if (statement == NULL)
		return;
	if (statement->handle != NULL) {
		sqlite3_reset(statement->handle);
		sqlite3_clear_bindings(statement->handle);
	}
	statement->in_use = false;
	if (statement->handle == NULL)
		drop_unprepared(statement);
	if (statement->store->reads == 0 && statement->store->depth == 0)
		store_count_statements(statement->store);
}

void store_count_statements(struct store *store)
{
	metric_add(store->statements_metric, store->statements_run);
	store->statements_run = 0;
}

void statement_rewind(struct statement *statement)
{
	if (statement->handle != NULL)
		sqlite3_reset(statement->handle);
}

void statement_bind_integer(struct statement *statement, int index, int64_t value)
{
	sqlite3_bind_int64(statement->handle, index, value);
}

void statement_bind_time(struct statement *statement, int index, int64_t time)
{
	if (time == TIME_NONE)
		sqlite3_bind_null(statement->handle, index);
	else
		sqlite3_bind_int64(statement->handle, index, time);
}

void statement_bind_bytes(struct statement *statement, int index, const char *bytes, size_t length)
{
	sqlite3_bind_text64(statement->handle, index, bytes, length, SQLITE_STATIC, SQLITE_UTF8);
}

void statement_bind_blob(struct statement *statement, int index, const char *bytes, size_t length)
{
	sqlite3_bind_blob64(statement->handle, index, bytes != NULL ? bytes : "", length, SQLITE_STATIC);
}

void statement_bind_text(struct statement *statement, int index, const char *text)
{
	if (text == NULL)
		sqlite3_bind_null(statement->handle, index);
	else
		statement_bind_bytes(statement, index, text, strlen(text));
}

bool store_failed(struct store *store, int code, const char *doing, struct error *err)
{
	const char *why = sqlite3_errmsg(store->db);

	store_note_fault(store, code);
	if (store->access == STORE_WRITE && store_fault(store) != STORE_SOUND && store_fault_of(store, code) != STORE_SOUND)
		return store_refuse(store, doing, err);
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_INTERRUPT:
		return error_set(err, ERROR_BUSY, "the database is busy (%s)", doing);
	case SQLITE_FULL:
		return error_set(err, ERROR_STORAGE_FULL, "the disk of the database is full (%s)", doing);
	case SQLITE_READONLY:
		return error_set(err, ERROR_BUSY, "the database cannot be written (%s)", doing);
	case SQLITE_CONSTRAINT:
		return error_set(err, ERROR_CONFLICT, "the database refused it: %s (%s)", why, doing);
	case SQLITE_NOTADB:
		return error_set(err, ERROR_INVALID, "the file is no database");
	default:
		return error_set(err, ERROR_INTERNAL, "database: %s (%s)", why, doing);
	}
}

/* SQLite has undone a whole transaction by itself (no room, I/O error). What would run now would stand alone: committed at once, or of another state
 * than what was read before. */
static bool is_undone(struct store *store, struct error *err)
{
	if ((store->depth == 0 && store->reads == 0) || sqlite3_get_autocommit(store->db) == 0)
		return false;
	if (store->failure.code != ERROR_NONE)
		*err = store->failure;
	else
		error_set(err, ERROR_INTERNAL, "the database gave up the whole transaction");
	return true;
}

static bool step(struct statement *statement, bool *ret_row, struct error *err)
{
	struct store *store = statement->store;
	int code;

	err->code = ERROR_NONE;
	if (is_undone(store, err))
		return false;
	errno = 0;
	code = statement->handle == NULL ? statement->code : store_code(store, sqlite3_step(statement->handle));
	if (code != SQLITE_ROW && code != SQLITE_DONE) {
		store_failed(store, code, statement->handle == NULL ? "prepare" : "step", err);
		if ((code & 0xff) != SQLITE_CONSTRAINT)
			store->failure = *err;
		return false;
	}
	*ret_row = code == SQLITE_ROW;
	return true;
}

bool statement_next(struct statement *statement, struct error *err)
{
	bool row = false;

	return step(statement, &row, err) && row;
}

bool statement_row(struct statement *statement, struct error *err)
{
	bool row = false;

	if (!step(statement, &row, err))
		return false;
	if (!row)
		return error_set(err, ERROR_NOT_FOUND, "nothing of that name is kept here");
	return true;
}

bool statement_run(struct statement *statement, struct error *err)
{
	bool row = false;

	return step(statement, &row, err);
}

bool statement_insert(struct statement *statement, int64_t *ret_rowid, struct error *err)
{
	if (!statement_run(statement, err) || sqlite3_changes64(statement->store->db) == 0)
		return false;
	*ret_rowid = sqlite3_last_insert_rowid(statement->store->db);
	return true;
}

int64_t statement_integer(struct statement *statement, int column)
{
	return sqlite3_column_int64(statement->handle, column);
}

int64_t statement_time(struct statement *statement, int column)
{
	if (sqlite3_column_type(statement->handle, column) == SQLITE_NULL)
		return TIME_NONE;
	return sqlite3_column_int64(statement->handle, column);
}

const char *statement_text(struct statement *statement, int column)
{
	const char *text = (const char *)sqlite3_column_text(statement->handle, column);

	/* NULL stands for no value as well as for no memory to end it with a NUL. */
	if (text == NULL && sqlite3_column_type(statement->handle, column) != SQLITE_NULL)
		memory_exhausted();
	return text;
}

const char *statement_blob(struct statement *statement, int column)
{
	const char *bytes = sqlite3_column_blob(statement->handle, column);
	return bytes != NULL ? bytes : "";
}

size_t statement_length(struct statement *statement, int column)
{
	return (size_t)sqlite3_column_bytes(statement->handle, column);
}

bool store_execute(struct store *store, const char *sql, struct error *err)
{
	int code;

	errno = 0;
	code = store_code(store, sqlite3_exec(store->db, sql, NULL, NULL, NULL));
	store->statements_run++;
	return code == SQLITE_OK || store_failed(store, code, "execute", err);
}
