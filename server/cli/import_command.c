/* SPDX-License-Identifier: MIT */
/*
 * broadsheet import FILE…|-: reads articles out of files and brings them in.
 *
 * Importers hand over articles one by one; they are gathered as lines of JSON into batches, and each batch is one transaction: in the
 * database itself when no server runs, otherwise sent to the running one over its control socket (import_delivery.c). What was
 * delivered stays, and known articles are recognised, so an import that was broken off is simply run again.
 *
 * The database is opened for the first batch: files that cannot be read make none.
 *
 * A bad article is reported with file, line and reason; the good ones go in; the exit status says whether there were bad ones.
 */
#include <stdio.h>
#include <string.h>

#include "import_delivery.h"
#include "command.h"
#include "importer.h"

enum { BATCH_ARTICLES = 5000, BATCH_BYTES = 14 << 20 };

struct import {
	const char *database;
	struct delivery *delivery;    /* NULL before the first batch */
	struct progress progress;
	const char *file;             /* being read */
	struct import_input *input;
	struct text lines;            /* of the batch */
	size_t numbers[BATCH_ARTICLES];    /* where each of them stands in the file */
	size_t n;
	struct error err;             /* what ended the import */
	bool failed;
};

static void report_bad(struct import *import, size_t line, const char *why)
{
	progress_clear(&import->progress);
	import->progress.refused++;
	fprintf(stderr, "%s:%zu: %s\n", import->file, line, why);
}

static void take_result(void *arg, size_t line, const struct delivery_result *result)
{
	struct import *import = arg;

	if (result->detail != NULL)
		report_bad(import, line > 0 && line <= import->n ? import->numbers[line - 1] : 0, result->detail);
	else
		progress_count(&import->progress, result->outcome);
}

static bool deliver(struct import *import)
{
	if (import->n == 0)
		return true;
	if (import->delivery == NULL)
		import->delivery = delivery_new(import->database, &import->err);
	if (import->delivery == NULL || !delivery_send(import->delivery, &import->lines, take_result, import, &import->err)) {
		import->failed = true;
		return false;
	}
	text_clear(&import->lines);
	import->n = 0;
	progress_show(&import->progress, import_input_position(import->input), import_input_size(import->input));
	return true;
}

static bool take_article(void *arg, size_t line, const struct article *article, struct arena *arena)
{
	struct import *import = arg;

	(void)arena;
	article_encode(article, VIEW_EXPORT, &import->lines);
	text_char(&import->lines, '\n');
	import->numbers[import->n++] = line;
	if (import->n < BATCH_ARTICLES && import->lines.length < BATCH_BYTES)
		return true;
	return deliver(import);
}

static bool take_bad(void *arg, size_t line, const struct error *why)
{
	char summary[600];

	error_summary(why, summary, sizeof summary);
	report_bad(arg, line, summary);
	return true;
}

static bool import_file(struct import *import, const struct import_defaults *defaults, const char *path)
{
	const struct import_sink sink = { .article = take_article, .bad = take_bad, .arg = import };
	struct error err;
	bool fine;

	import->file = strcmp(path, "-") == 0 ? "standard input" : path;
	import->input = import_input_open(path, &err);
	fine = import->input != NULL && import_read(import->input, defaults, &sink, &err) && deliver(import);
	if (!fine && !import->failed) {
		progress_clear(&import->progress);
		fprintf(stderr, "%s: %s\n", import->file, err.detail);
		import->progress.unread_files++;
		deliver(import);
	}
	import_input_close(import->input);
	import->input = NULL;
	return !import->failed;
}

static int run(const struct config *config, const char *const *operands, int n_operands)
{
	const struct import_defaults defaults = { .source = config->import_source, .section = config->import_section };
	struct import import = { .database = config->database };
	bool fine;

	if (n_operands == 0) {
		fprintf(stderr, "broadsheet import: name the files to read, or - for standard input\n");
		return EXIT_USAGE;
	}
	fine = store_look(config->database, &import.err);
	progress_start(&import.progress);
	for (int i = 0; fine && i < n_operands; i++)
		fine = import_file(&import, &defaults, operands[i]);
	if (fine || import.delivery != NULL)
		progress_finish(&import.progress);
	if (!fine)
		fprintf(stderr, "broadsheet import: %s\n", import.err.detail);
	text_done(&import.lines);
	delivery_free(import.delivery);
	return fine && import.progress.refused == 0 && import.progress.unread_files == 0 ? EXIT_FINE : EXIT_WRONG;
}

const struct command import_command = {
	.name = "import",
	.set = COMMAND_IMPORT,
	.operands = "FILE...|-",
	.help = "bring in articles from files: lines of JSON, a JSON array, saved pages",
	.run = run,
};
