/* SPDX-License-Identifier: MIT */
/*
 * The schema's history: migrations/sqlite/NNNN_what.sql, built into the program in order.
 *
 * PRAGMA user_version is the number of the last one applied. Each is applied in one transaction together with that number, so a
 * crash leaves a whole schema, the old or the new one.
 */
#include "store_internal.h"

#include <stdlib.h>
#include <string.h>

static int migration_number(const struct embedded_file *file)
{
	return (int)strtol(file->path, NULL, 10);
}

int store_schema_newest(void)
{
	int newest = 0;

	for (const struct embedded_file *file = embedded_migrations; file->path != NULL; file++)
		newest = migration_number(file);
	return newest;
}

int store_schema(struct store *store)
{
	sqlite3_stmt *handle = NULL;
	int schema = 0;

	if (sqlite3_prepare_v3(store->db, "PRAGMA user_version", -1, 0, &handle, NULL) == SQLITE_OK && sqlite3_step(handle) == SQLITE_ROW)
		schema = sqlite3_column_int(handle, 0);
	sqlite3_finalize(handle);
	return schema;
}

static bool apply(struct store *store, void *arg, struct error *err)
{
	const struct embedded_file *file = arg;
	struct text sql = TEXT_EMPTY;
	bool fine;

	text_append(&sql, (const char *)file->bytes, file->length);
	text_printf(&sql, "\nPRAGMA user_version=%d;", migration_number(file));
	fine = store_execute(store, sql.bytes, err);
	text_done(&sql);
	return fine || error_context(err, "migration %s", file->path);
}

bool store_migrate(struct store *store, void (*each)(void *arg, const char *name), void *arg, struct error *err)
{
	const int schema = store_schema(store);

	for (const struct embedded_file *file = embedded_migrations; file->path != NULL; file++) {
		struct embedded_file migration = *file;

		if (migration_number(file) <= schema)
			continue;
		if (!store_transaction(store, apply, &migration, err))
			return false;
		if (each != NULL)
			each(arg, file->path);
	}
	return true;
}
