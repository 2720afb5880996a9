/* SPDX-License-Identifier: MIT */
/*
 * broadsheet export [FILE]: every article in ascending id, a line of JSON each, as `import` reads them. Works beside a running server.
 *
 * Articles are read one by one by their key, so that no long read holds up the server's checkpoints. A file is written beside its
 * final name and renamed when it is whole and on disk.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "command.h"
#include "store.h"

static bool write_articles(struct store *store, FILE *file, struct error *err)
{
	struct arena *arena = arena_new();
	struct text line = TEXT_EMPTY;
	struct article article;
	int64_t id = 0;
	bool fine = true;

	while (fine && store_article_next(store, id, arena, &article, err)) {
		id = article.id;
		text_clear(&line);
		article_encode(&article, VIEW_EXPORT, &line);
		text_char(&line, '\n');
		if (fwrite(line.bytes, 1, line.length, file) != line.length)
			fine = error_set(err, ERROR_STORAGE_FULL, "the articles could not be written: %s", strerror(errno));
		arena_reset(arena);
	}
	text_done(&line);
	arena_free(arena);
	return fine && err->code == ERROR_NONE;
}

static bool write_file(struct store *store, const char *path, struct error *err)
{
	struct text part = TEXT_EMPTY;
	FILE *file;
	bool fine;

	text_printf(&part, "%s.part", path);
	file = fopen(part.bytes, "we");
	if (file == NULL) {
		error_set(err, ERROR_INVALID, "%s: %s", part.bytes, strerror(errno));
		text_done(&part);
		return false;
	}
	fine = write_articles(store, file, err);
	if (fine && (fflush(file) != 0 || fsync(fileno(file)) != 0))
		fine = error_set(err, ERROR_STORAGE_FULL, "%s: %s", part.bytes, strerror(errno));
	fclose(file);
	if (fine && rename(part.bytes, path) != 0)
		fine = error_set(err, ERROR_INVALID, "%s: %s", path, strerror(errno));
	if (!fine)
		unlink(part.bytes);
	text_done(&part);
	return fine;
}

static bool write_standard_output(struct store *store, struct error *err)
{
	if (!write_articles(store, stdout, err))
		return false;
	return fflush(stdout) == 0 || error_set(err, ERROR_STORAGE_FULL, "the articles could not be written: %s", strerror(errno));
}

static int run(const struct config *config, const char *const *operands, int n_operands)
{
	const bool to_file = n_operands == 1 && strcmp(operands[0], "-") != 0;
	struct store *store = NULL;
	struct error err;
	bool fine;

	if (n_operands > 1) {
		fprintf(stderr, "broadsheet export: one file at most\n");
		return EXIT_USAGE;
	}
	fine = store_look(config->database, &err) && store_open(config->database, STORE_READ, &store, &err) &&
	    (to_file ? write_file(store, operands[0], &err) : write_standard_output(store, &err));
	if (!fine)
		fprintf(stderr, "broadsheet export: %s\n", err.detail);
	store_close(store);
	return fine ? EXIT_FINE : EXIT_WRONG;
}

const struct command export_command = {
	.name = "export",
	.set = COMMAND_EXPORT,
	.operands = "[FILE]",
	.help = "write all articles as lines of JSON",
	.run = run,
};
