/* SPDX-License-Identifier: MIT */
/*
 * Opening and closing a connection. Transactions are in transaction.c; what is done when the disk fails, in store_fault.c.
 *
 * The settings are those that RELIABILITY asks of this SQLite: defensive, no trust in the schema, limits, WAL, synchronous=FULL.
 *
 * SQLite 3.40.1 can lose committed data when one connection commits while another runs a passive checkpoint ("WAL reset", fixed in
 * 3.51.3). The rule that makes it impossible here: one connection in one process writes, and the same connection checkpoints, between
 * its transactions. store_lock() keeps other processes of ours out; readers are opened read-only and never checkpoint.
 *
 * A file is looked at before anything is set: what is not ours, or newer than this program, stays as it was to the byte.
 */
#include "search_internal.h"
#include "webhook_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	APPLICATION_ID = 0x42645368,      /* "BdSh" */
	MEBIBYTE = 1 << 20,
	PROGRESS_STEPS = 1000,
	SMALLEST_DATABASE = 512,          /* bytes: SQLite takes less than a page for an empty file, and writes over it */
};

/* --- the connection's settings --- */

static bool set_switches(struct store *store)
{
	static const struct {
		int option, value;
	} switches[] = {
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
		{ SQLITE_DBCONFIG_DQS_DML, 0 },
		{ SQLITE_DBCONFIG_DQS_DDL, 0 },
		{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
		{ SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0 },
		{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
		{ SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
		{ SQLITE_DBCONFIG_ENABLE_FKEY, 1 },
	};

	for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++)
		if (sqlite3_db_config(store->db, switches[i].option, switches[i].value, NULL) != SQLITE_OK)
			return false;
	return sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, store->access == STORE_WRITE ? 0 : 1, NULL) == SQLITE_OK;
}

/* VACUUM INTO attaches the copy that it makes. */
static void set_limits(const struct store *store)
{
	const struct {
		int what, most;
	} limits[] = {
		{ SQLITE_LIMIT_LENGTH, 8 * MEBIBYTE },
		{ SQLITE_LIMIT_SQL_LENGTH, 64 * 1024 },
		{ SQLITE_LIMIT_COLUMN, 100 },
		{ SQLITE_LIMIT_EXPR_DEPTH, 50 },
		{ SQLITE_LIMIT_COMPOUND_SELECT, 5 },
		{ SQLITE_LIMIT_VDBE_OP, 25000 },
		{ SQLITE_LIMIT_FUNCTION_ARG, 8 },
		{ SQLITE_LIMIT_ATTACHED, store->access == STORE_COPY ? 1 : 0 },
		{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64 },
		{ SQLITE_LIMIT_VARIABLE_NUMBER, 500 },
		{ SQLITE_LIMIT_TRIGGER_DEPTH, 5 },
		{ SQLITE_LIMIT_WORKER_THREADS, 0 },
	};

	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
		sqlite3_limit(store->db, limits[i].what, limits[i].most);
}

/* Readers may do nothing but read, whatever statement a mistake of ours would bring. */
static int only_reads(void *arg, int action, const char *first, const char *second, const char *database, const char *trigger)
{
	(void)arg, (void)second, (void)database, (void)trigger;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_FUNCTION:
	case SQLITE_TRANSACTION:
	case SQLITE_PRAGMA:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_UPDATE:
		/* A virtual table says its columns through the parser, which asks for this, and does not do it. The schema itself is defended. */
		return strcmp(first, "sqlite_master") == 0 ? SQLITE_OK : SQLITE_DENY;
	default:
		return SQLITE_DENY;
	}
}

static bool pragma_value(struct store *store, const char *sql, int64_t *ret_value, struct error *err)
{
	sqlite3_stmt *handle = NULL;
	int code;

	errno = 0;
	code = sqlite3_prepare_v3(store->db, sql, -1, 0, &handle, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(handle);
	code = store_code(store, code);
	if (code == SQLITE_ROW)
		*ret_value = sqlite3_column_int64(handle, 0);
	sqlite3_finalize(handle);
	return code == SQLITE_ROW || store_failed(store, code, "opening", err);
}

static bool set_wal(struct store *store, struct error *err)
{
	sqlite3_stmt *handle = NULL;
	int code = sqlite3_prepare_v3(store->db, "PRAGMA journal_mode=WAL", -1, 0, &handle, NULL);
	bool is_wal = false;

	if (code == SQLITE_OK)
		code = sqlite3_step(handle);
	if (code == SQLITE_ROW) {
		const char *mode = (const char *)sqlite3_column_text(handle, 0);

		is_wal = strcmp(mode, "wal") == 0 || strcmp(mode, "memory") == 0;
	}
	sqlite3_finalize(handle);
	if (code != SQLITE_ROW)
		return store_failed(store, code, "opening", err);
	return is_wal || error_set(err, ERROR_INTERNAL, "the file system of the database does not carry a write-ahead log");
}

static bool set_pragmas(struct store *store, struct error *err)
{
	static const char shared[] =
	    "PRAGMA synchronous=FULL;"
	    "PRAGMA cell_size_check=ON;"
	    "PRAGMA mmap_size=0;"
	    "PRAGMA temp_store=MEMORY;"
	    "PRAGMA journal_size_limit=67108864;"
	    "PRAGMA wal_autocheckpoint=0;";

	sqlite3_busy_timeout(store->db, store->access == STORE_WRITE ? STORE_BUSY_MS : 1000);
	if (store->access == STORE_WRITE && !set_wal(store, err))
		return false;
	if (!store_execute(store, shared, err))
		return false;
	/* Room for the inner pages of the indexes of a million articles, in each of some five readers. */
	if (store->access == STORE_READ && !store_execute(store, "PRAGMA query_only=ON; PRAGMA cache_size=-6144", err))
		return false;
	/* A large transaction must not write its pages out before its end. */
	if (store->access == STORE_WRITE && !store_execute(store, "PRAGMA cache_size=-65536", err))
		return false;
	return true;
}

/* --- is it ours? --- */

bool store_marks_fit(const char *path, int64_t application, int64_t schema, bool is_empty, struct error *err)
{
	if (application != APPLICATION_ID && (!is_empty || application != 0 || schema != 0))
		return error_set(err, ERROR_INVALID, "%s is a database of another program; it was left as it is", path);
	if (schema > store_schema_newest())
		return error_set(err, ERROR_INVALID,
		    "%s was written by a newer Broadsheet (schema %d, this program knows %d); it was left as it is", path, (int)schema,
		    store_schema_newest());
	return true;
}

/* Reads the header only. A new or empty file is ours to fill; `ret_is_new` says so. */
static bool look_at_file(struct store *store, const char *path, bool *ret_is_new, struct error *err)
{
	int64_t tables = 0, application = 0, schema = 0;

	if (!pragma_value(store, "SELECT count(*) FROM sqlite_schema", &tables, err) ||
	    !pragma_value(store, "PRAGMA application_id", &application, err) || !pragma_value(store, "PRAGMA user_version", &schema, err))
		return error_context(err, "%s", path);
	if (!store_marks_fit(path, application, schema, tables == 0, err))
		return false;
	if (store->access == STORE_READ && schema < store_schema_newest())
		return error_set(err, ERROR_INVALID, "%s has the older schema %d; run: broadsheet migrate --database %s", path, (int)schema, path);
	*ret_is_new = tables == 0;
	return true;
}

static bool mark_as_ours(struct store *store, struct error *err)
{
	return store_execute(store, "PRAGMA application_id=1113871208", err);    /* APPLICATION_ID */
}

/* SQLITE_OPEN_NOFOLLOW refuses any symbolic link on the way; a linked folder is fine, a linked file is not. */
bool store_real_path(const char *path, char ret_path[PATH_MAX], struct error *err)
{
	char copy[PATH_MAX], folder[PATH_MAX], *name;

	if (strcmp(path, ":memory:") == 0) {
		memcpy(ret_path, path, sizeof ":memory:");
		return true;
	}
	if (strlen(path) >= sizeof copy)
		return error_set(err, ERROR_INVALID, "the path of the database is too long");
	memcpy(copy, path, strlen(path) + 1);
	if (realpath(dirname(copy), folder) == NULL)
		return error_set(err, ERROR_NOT_FOUND, "%s: %s", path, strerror(errno));
	memcpy(copy, path, strlen(path) + 1);
	name = basename(copy);
	if ((size_t)snprintf(ret_path, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
		return error_set(err, ERROR_INVALID, "the path of the database is too long");
	return true;
}

static int is_overdue(void *arg)
{
	return store_read_is_overdue(arg);
}

static int is_stopped(void *arg)
{
	const struct store *store = arg;

	return store->goes_on != NULL && !store->goes_on(store->goes_on_arg);
}

static int count_wal_pages(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct store *store = arg;

	(void)db, (void)name;
	store->wal_pages = pages;
	metric_set(store->wal_metric, pages);
	return SQLITE_OK;
}

/* What is watched while statements run, and what they may do. */
static void set_hooks(struct store *store)
{
	if (store->access == STORE_READ)
		sqlite3_set_authorizer(store->db, only_reads, NULL);
	if (store->access == STORE_READ)
		sqlite3_progress_handler(store->db, PROGRESS_STEPS, is_overdue, store);
	if (store->access == STORE_COPY)
		sqlite3_progress_handler(store->db, PROGRESS_STEPS, is_stopped, store);
	if (store->access == STORE_WRITE)
		sqlite3_wal_hook(store->db, count_wal_pages, store);
}

/* Drafts and the secrets of webhooks are for nobody else on this machine; SQLite gives the WAL the mode of the database. A file that is there stays as it is. */
static void create_for_us_alone(const char *path)
{
	const int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (file >= 0)
		close(file);
}

bool store_connect(struct store *store, const char *path, bool may_create, struct error *err)
{
	const int flags = (store->access != STORE_WRITE ? SQLITE_OPEN_READONLY : may_create ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE)
	    | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW;
	bool is_new = false;

	if (store->access == STORE_WRITE && may_create && strcmp(store->path, ":memory:") != 0)
		create_for_us_alone(store->path);
	if (sqlite3_open_v2(store->path, &store->db, flags, NULL) != SQLITE_OK)
		return error_set(err, ERROR_INVALID, "%s cannot be opened: %s", path, sqlite3_errmsg(store->db));
	set_limits(store);
	if (!set_switches(store))
		return error_set(err, ERROR_INTERNAL, "SQLite %s lacks a switch that is needed", sqlite3_libversion());
	if (!search_score_register(store->db))
		return error_set(err, ERROR_INTERNAL, "SQLite %s lacks FTS5", sqlite3_libversion());
	if (!look_at_file(store, path, &is_new, err) || !set_pragmas(store, err))
		return false;
	if (is_new && !may_create)
		return error_set(err, ERROR_BUSY, "the database is gone from %s", path);
	if (is_new && store->access == STORE_WRITE && !mark_as_ours(store, err))
		return false;
	set_hooks(store);
	return true;
}

void store_disconnect(sqlite3 *db)
{
	/* A WAL that lies beside a database that is not ours stays there. */
	if (db != NULL)
		sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_close(db);
}

static bool is_fit_to_open(const char *path, const char *real, enum store_access access, struct error *err)
{
	struct stat file;
	const bool exists = stat(real, &file) == 0;

	if (exists && S_ISDIR(file.st_mode))
		return error_set(err, ERROR_INVALID, "%s is a folder, not a database", path);
	if (access != STORE_WRITE && !exists)
		return error_set(err, ERROR_NOT_FOUND, "%s: there is no such database", path);
	if (exists && file.st_size > 0 && file.st_size < SMALLEST_DATABASE)
		return error_set(err, ERROR_INVALID, "%s is no database; it was left as it is", path);
	return true;
}

bool store_open(const char *path, enum store_access access, struct store **ret_store, struct error *err)
{
	char real[PATH_MAX];
	struct store *store;

	if (!store_real_path(path, real, err) || !is_fit_to_open(path, real, access, err))
		return false;
	sqlite3_hard_heap_limit64(256LL * MEBIBYTE);
	sqlite3_soft_heap_limit64(192LL * MEBIBYTE);
	store = calloc(1, sizeof *store);
	if (store == NULL)
		return error_set(err, ERROR_INTERNAL, "out of memory");
	store->access = access;
	memcpy(store->path, real, sizeof real);
	store->statements_metric = metric_register(METRIC_COUNTER, "broadsheet_store_statements_total", NULL, "SQL statements run.");
	store->wal_metric = metric_register(METRIC_GAUGE, "broadsheet_wal_pages", NULL, "Pages in the write-ahead log after the last commit.");
	if (!store_connect(store, path, /* may_create= */ true, err)) {
		store_disconnect(store->db);
		free(store);
		return false;
	}
	*ret_store = store;
	return true;
}

const char *store_engine(void)
{
	return sqlite3_libversion();
}

void store_close(struct store *store)
{
	if (store == NULL)
		return;
	store_statements_drop(store);
	if (store->access == STORE_WRITE)
		sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_close(store->db);
	free(store->touched);
	late_free(store);
	map_free(store->terms);
	map_free(store->word_ids);
	map_free(store->forms_met);
	free(store->rarities);
	webhooks_forget(store);
	free(store);
}

void store_gives_back(struct store *store)
{
	store->gives_back = true;
}
