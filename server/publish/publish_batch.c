/* SPDX-License-Identifier: MIT */
/*
 * Many articles at once, in one transaction: lines of JSON in and a line of result for each (POST /v1/articles/batch), or articles that
 * the same process has decoded (`broadsheet import` when no server runs).
 *
 * One that cannot be kept is undone alone and it is said why; trouble of the store's own (no room, busy, broken) ends the batch, and
 * nothing of it is kept.
 *
 * A savepoint for each article would cost a good part of what is written inside it: SQLite copies each page before it is changed, and walks
 * all copies whenever a statement ends. So there is none at first. What is refused is nearly always refused before it has changed anything,
 * and leaves nothing to undo; if one does fail halfway, all is undone and done again, each article in a savepoint of its own.
 */
#include "publish.h"

#include <inttypes.h>
#include <string.h>

/* What became of one. */
struct told {
	struct publish_result result;
	unsigned status;
	const char *refused;          /* why; NULL when it was not */
};

struct batch {
	size_t n;
	/* The one at this place, perhaps made in the arena; NULL when it cannot be read. */
	const struct article *(*article_at)(const struct batch *batch, size_t at, struct arena *arena, struct error *err);
	const void *from;             /* article_at()'s */
	const size_t *lines;          /* where each stands */
	struct told *told;
	struct publisher *publisher;
	struct arena *told_arena, *arena;    /* the latter is emptied after each */
	bool saved;                   /* each in a savepoint */
	bool is_spoiled;              /* the transaction cannot be kept */
};

/* --- one --- */

static bool is_the_articles_fault(const struct error *err)
{
	return error_status(err->code) < 500;
}

static void tell_refused(struct batch *batch, size_t at, const struct error *err)
{
	char summary[600];

	error_summary(err, summary, sizeof summary);
	batch->told[at] = (struct told){ .status = error_status(err->code), .refused = arena_string(batch->told_arena, summary) };
}

static bool bring_in(struct batch *batch, const struct article *article, struct publish_result *ret_result, struct error *err)
{
	if (batch->saved)
		return publish_import(batch->publisher, article, batch->arena, ret_result, err);
	return publish_import_unsaved(batch->publisher, article, batch->arena, ret_result, &batch->is_spoiled, err);
}

/* False for trouble, or when the transaction is spoiled. */
static bool take(struct batch *batch, size_t at, struct error *err)
{
	const struct article *article = batch->article_at(batch, at, batch->arena, err);
	struct publish_result result;
	const bool fine = article != NULL && bring_in(batch, article, &result, err);

	if (fine)
		batch->told[at] = (struct told){ .result = result, .status = result.outcome == PUBLISH_CREATED ? 201 : 200 };
	else if (!is_the_articles_fault(err))
		return error_context(err, "line %zu", batch->lines[at]);
	else
		tell_refused(batch, at, err);
	arena_reset(batch->arena);
	return !batch->is_spoiled;
}

/* --- all --- */

static bool take_all(struct publisher *publisher, void *arg, struct error *err)
{
	struct batch *batch = arg;

	batch->publisher = publisher;
	for (size_t at = 0; at < batch->n; at++)
		if (!take(batch, at, err))
			return false;
	return true;
}

static bool publish_all(struct publisher *publisher, struct batch *batch, struct arena *told_arena, struct error *err)
{
	bool fine;

	batch->told_arena = told_arena;
	batch->told = arena_array(told_arena, batch->n, sizeof *batch->told);
	batch->arena = arena_new();
	fine = publish_together(publisher, take_all, batch, err);
	if (!fine && batch->is_spoiled && is_the_articles_fault(err)) {
		batch->is_spoiled = false;
		batch->saved = true;
		fine = publish_together(publisher, take_all, batch, err);
	}
	arena_free(batch->arena);
	return fine;
}

/* --- lines --- */

struct line {
	const char *bytes;
	size_t length;
};

static const struct article *line_at(const struct batch *batch, size_t at, struct arena *arena, struct error *err)
{
	const struct line *line = (const struct line *)batch->from + at;
	struct article *article = arena_alloc(arena, sizeof *article);
	json_t *object = NULL;
	bool fine;

	fine = json_parse(line->bytes, line->length, &object, err) && article_decode(object, DECODE_IMPORT, arena, article, err);
	json_decref(object);
	return fine ? article : NULL;
}

/* There may be no NUL behind the last line. */
static bool is_blank(const char *line, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r')
			return false;
	return true;
}

struct lines {
	struct line *items;           /* those that are not blank… */
	size_t *numbers;              /* …and where they stand in the whole batch */
	size_t n;
	size_t last;                  /* number of the last one, blank or not */
	bool more;                    /* than a batch may have */
};

static struct lines split(const char *bytes, size_t length, size_t before, struct arena *arena)
{
	struct lines lines = { .last = before };
	const char *end = bytes + length;

	lines.items = arena_array(arena, BATCH_LINES_MOST, sizeof *lines.items);
	lines.numbers = arena_array(arena, BATCH_LINES_MOST, sizeof *lines.numbers);
	while (bytes < end) {
		const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
		const struct line line = { bytes, (size_t)((newline != NULL ? newline : end) - bytes) };

		if (lines.last == BATCH_LINES_MOST) {
			lines.more = true;
			break;
		}
		lines.last++;
		if (!is_blank(line.bytes, line.length)) {
			lines.numbers[lines.n] = lines.last;
			lines.items[lines.n++] = line;
		}
		bytes += line.length + 1;
	}
	return lines;
}

static void write_result(size_t line, const struct told *told, struct text *results)
{
	text_printf(results, "{\"line\":%zu,\"status\":%u,", line, told->status);
	if (told->refused == NULL) {
		text_printf(results, "\"id\":%" PRId64 ",\"outcome\":\"%s\"}\n", told->result.id, publish_outcome_names[told->result.outcome]);
		return;
	}
	text_string(results, "\"detail\":");
	text_json(results, told->refused, strlen(told->refused));
	text_string(results, "}\n");
}

bool publish_batch(struct publisher *publisher, const char *bytes, size_t length, size_t *n_lines, struct text *ret_results, struct error *err)
{
	struct arena *arena = arena_new();
	const struct lines lines = split(bytes, length, *n_lines, arena);
	struct batch batch = { .article_at = line_at, .from = lines.items, .lines = lines.numbers, .n = lines.n };
	const bool fine = publish_all(publisher, &batch, arena, err);

	for (size_t i = 0; fine && i < batch.n; i++)
		write_result(lines.numbers[i], &batch.told[i], ret_results);
	if (fine)
		*n_lines = lines.last;
	arena_free(arena);
	return fine && (!lines.more || error_set(err, ERROR_TOO_LARGE, "more than %d lines in a batch; those up to there are in", BATCH_LINES_MOST));
}

/* --- articles --- */

static const struct article *item_at(const struct batch *batch, size_t at, struct arena *arena, struct error *err)
{
	const struct publish_item *const *items = batch->from;

	(void)arena, (void)err;
	return &items[at]->article;
}

bool publish_articles(struct publisher *publisher, struct publish_item *items, size_t n, struct arena *arena, struct error *err)
{
	struct publish_item **wanted = arena_array(arena, n, sizeof *wanted);
	size_t *lines = arena_array(arena, n, sizeof *lines);
	struct batch batch = { .article_at = item_at, .from = wanted, .lines = lines };

	for (size_t i = 0; i < n; i++) {
		if (items[i].refused == NULL) {
			lines[batch.n] = items[i].line;
			wanted[batch.n++] = &items[i];
		}
	}
	if (!publish_all(publisher, &batch, arena, err))
		return false;
	for (size_t i = 0; i < batch.n; i++) {
		wanted[i]->result = batch.told[i].result;
		wanted[i]->refused = batch.told[i].refused;
	}
	return true;
}
