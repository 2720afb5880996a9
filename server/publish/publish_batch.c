/* SPDX-License-Identifier: MIT */
/*
 * Many articles at once, in one transaction: lines of JSON in and a line of result for each (POST /v1/articles/batch), or articles that
 * the same process has decoded (`broadsheet import` when no server runs).
 *
 * One that cannot be kept is undone alone and it is said why; trouble of the store's own (no room, busy, broken) ends the batch, and
 * nothing of it is kept.
 */
#include "publish.h"

#include <inttypes.h>
#include <string.h>

static bool is_the_articles_fault(const struct error *err)
{
	return error_status(err->code) < 500;
}

/* --- lines --- */

struct batch {
	const char *lines;
	size_t length;
	struct text *results;
	size_t line;
};

static void result_kept(struct batch *batch, const struct publish_result *result)
{
	text_printf(batch->results, "{\"line\":%zu,\"status\":%d,\"id\":%" PRId64 ",\"outcome\":\"%s\"}\n", batch->line,
	    result->outcome == PUBLISH_CREATED ? 201 : 200, result->id, publish_outcome_names[result->outcome]);
}

static void result_refused(struct batch *batch, const struct error *err)
{
	char summary[600];

	error_summary(err, summary, sizeof summary);
	text_printf(batch->results, "{\"line\":%zu,\"status\":%u,\"detail\":", batch->line, error_status(err->code));
	text_json(batch->results, summary, strlen(summary));
	text_string(batch->results, "}\n");
}

static bool import_line(struct publisher *publisher, struct batch *batch, const char *line, size_t length, struct arena *arena, struct error *err)
{
	struct publish_result result;
	struct article article;
	json_t *object = NULL;
	bool fine;

	fine = json_parse(line, length, &object, err) && article_decode(object, DECODE_IMPORT, arena, &article, err) &&
	    publish_import(publisher, &article, arena, &result, err);
	json_decref(object);
	if (fine)
		result_kept(batch, &result);
	else if (is_the_articles_fault(err))
		result_refused(batch, err);
	else
		return error_context(err, "line %zu", batch->line);
	return true;
}

/* There may be no NUL behind the last line. */
static bool is_blank(const char *line, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r')
			return false;
	return true;
}

static bool import_lines(struct publisher *publisher, void *arg, struct error *err)
{
	struct batch *batch = arg;
	struct arena *arena = arena_new();
	const char *end = batch->lines + batch->length;
	bool fine = true;

	for (const char *line = batch->lines; fine && line < end;) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		const size_t length = (size_t)((newline != NULL ? newline : end) - line);

		if (++batch->line > BATCH_LINES_MOST)
			fine = error_set(err, ERROR_TOO_LARGE, "more than %d lines in a batch", BATCH_LINES_MOST);
		else if (!is_blank(line, length))
			fine = import_line(publisher, batch, line, length, arena, err);
		arena_reset(arena);
		line += length + 1;
	}
	arena_free(arena);
	return fine;
}

bool publish_batch(struct publisher *publisher, const char *lines, size_t length, struct text *ret_results, struct error *err)
{
	struct batch batch = { .lines = lines, .length = length, .results = ret_results };

	return publish_together(publisher, import_lines, &batch, err);
}

/* --- articles --- */

struct articles {
	struct publish_item *items;
	size_t n;
	struct arena *arena;          /* of what is told */
};

static bool import_item(struct publisher *publisher, struct publish_item *item, struct arena *told, struct arena *arena, struct error *err)
{
	char summary[600];

	if (publish_import(publisher, &item->article, arena, &item->result, err))
		return true;
	if (!is_the_articles_fault(err))
		return error_context(err, "line %zu", item->line);
	error_summary(err, summary, sizeof summary);
	item->refused = arena_string(told, summary);
	return true;
}

static bool import_items(struct publisher *publisher, void *arg, struct error *err)
{
	struct articles *articles = arg;
	struct arena *arena = arena_new();
	bool fine = true;

	for (size_t i = 0; fine && i < articles->n; i++) {
		if (articles->items[i].refused == NULL)
			fine = import_item(publisher, &articles->items[i], articles->arena, arena, err);
		arena_reset(arena);
	}
	arena_free(arena);
	return fine;
}

bool publish_articles(struct publisher *publisher, struct publish_item *items, size_t n, struct arena *arena, struct error *err)
{
	struct articles articles = { items, n, arena };

	return publish_together(publisher, import_items, &articles, err);
}
