/* SPDX-License-Identifier: MIT */
/*
 * broadsheet import FILE…|-: reads articles out of files and brings them in.
 *
 * Importers hand over articles one by one; they are gathered into batches, and each batch is one transaction: in the database itself when no
 * server runs, otherwise sent to the running one over its control socket (import_delivery.c). Meanwhile the next batch is read
 * (import_pipeline.c). What was delivered stays, and known articles are recognised, so an import that was broken off is simply run again.
 *
 * The database is opened for the first batch: files that cannot be read make none.
 *
 * A bad article is reported with file, line and reason, in the order of the file; the good ones go in; the exit status says whether there
 * were bad ones.
 */
#include <stdio.h>
#include <string.h>

#include "import_delivery.h"
#include "command.h"
#include "importer.h"

struct import {
	struct pipeline *pipeline;
	struct progress progress;
	const char *file;             /* being read */
	struct import_input *input;
	struct error err;             /* what ended the import */
	bool failed;
};

/* --- what became of a batch --- */

static void tell_item(struct import *import, const char *file, const struct publish_item *item)
{
	if (item->refused == NULL) {
		progress_count(&import->progress, item->result.outcome);
		return;
	}
	progress_clear(&import->progress);
	import->progress.refused++;
	fprintf(stderr, "%s:%zu: %s\n", file, item->line, item->refused);
}

static void tell_batch(void *arg, const struct import_batch *batch, size_t n)
{
	struct import *import = arg;

	for (size_t i = 0; i < n; i++)
		tell_item(import, batch->file, &batch->items[i]);
	progress_show(&import->progress, batch->position, batch->size);
}

/* --- reading --- */

static bool send_batch(struct import *import)
{
	struct import_batch *batch = pipeline_batch(import->pipeline);

	if (batch->n == 0)
		return true;
	batch->file = import->file;
	batch->position = import_input_position(import->input);
	batch->size = import_input_size(import->input);
	import->failed = !pipeline_send(import->pipeline, &import->err);
	return !import->failed;
}

static bool send_full_batch(struct import *import)
{
	return !pipeline_is_full(import->pipeline) || send_batch(import);
}

/* What would be half of the work of the thread that writes. */
static void read_ahead(struct article *article, struct import_batch *batch)
{
	struct article_words *words = arena_alloc(batch->words_arena, sizeof *words);

	article_derive(article, batch->arena);
	article_read_words(article, batch->words_arena, words);
	article->words = words;
}

static bool take_article(void *arg, size_t line, const struct article *article, struct arena *arena)
{
	struct import *import = arg;
	struct import_batch *batch = pipeline_batch(import->pipeline);
	struct publish_item *item = &batch->items[batch->n++];

	(void)arena;
	item->line = line;
	item->refused = NULL;
	article_copy(article, batch->arena, &item->article);
	if (pipeline_is_direct(import->pipeline))
		read_ahead(&item->article, batch);
	batch->n_articles++;
	return send_full_batch(import);
}

static bool take_bad(void *arg, size_t line, const struct error *why)
{
	struct import *import = arg;
	struct import_batch *batch = pipeline_batch(import->pipeline);
	struct publish_item *item = &batch->items[batch->n++];
	char summary[600];

	error_summary(why, summary, sizeof summary);
	item->line = line;
	item->refused = arena_string(batch->arena, summary);
	return send_full_batch(import);
}

/* Behind what the articles before it have to say. */
static void tell_unread(struct import *import, const struct error *why)
{
	if (import->input != NULL && !send_batch(import))
		return;
	if (!pipeline_finish(import->pipeline, &import->err)) {
		import->failed = true;
		return;
	}
	progress_clear(&import->progress);
	fprintf(stderr, "%s: %s\n", import->file, why->detail);
	import->progress.unread_files++;
}

static bool import_file(struct import *import, const struct import_defaults *defaults, const char *path)
{
	const struct import_sink sink = { .article = take_article, .bad = take_bad, .arg = import };
	struct error err;

	import->file = strcmp(path, "-") == 0 ? "standard input" : path;
	import->input = import_input_open(path, &err);
	if (import->input == NULL || !import_read(import->input, defaults, &sink, &err)) {
		if (!import->failed)
			tell_unread(import, &err);
	} else {
		send_batch(import);
	}
	import_input_close(import->input);
	import->input = NULL;
	return !import->failed;
}

static int run(const struct config *config, const char *const *operands, int n_operands)
{
	const struct import_defaults defaults = { .source = config->import_source, .section = config->import_section };
	struct import import = { .pipeline = NULL };
	bool fine, is_open;

	if (n_operands == 0) {
		fprintf(stderr, "broadsheet import: name the files to read, or - for standard input\n");
		return EXIT_USAGE;
	}
	import.pipeline = pipeline_new(config->database, tell_batch, &import);
	fine = store_look(config->database, &import.err);
	progress_start(&import.progress);
	for (int i = 0; fine && i < n_operands; i++)
		fine = import_file(&import, &defaults, operands[i]);
	fine = fine && pipeline_finish(import.pipeline, &import.err);
	is_open = pipeline_is_open(import.pipeline);
	pipeline_free(import.pipeline);
	if (fine || is_open)
		progress_finish(&import.progress);
	if (!fine)
		fprintf(stderr, "broadsheet import: %s\n", import.err.detail);
	return fine && import.progress.refused == 0 && import.progress.unread_files == 0 ? EXIT_FINE : EXIT_WRONG;
}

const struct command import_command = {
	.name = "import",
	.set = COMMAND_IMPORT,
	.operands = "FILE...|-",
	.help = "bring in articles from files: lines of JSON, a JSON array, saved pages",
	.run = run,
};
