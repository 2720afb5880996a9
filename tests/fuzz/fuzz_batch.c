/* SPDX-License-Identifier: MIT */
/*
 * A stranger's batch of articles into a store. Each line that is not blank gets one line of JSON in return, in order; in pieces of any length, as a
 * network brings it, it comes to the same. All of it is undone at the end, so that an input does not depend on those before it.
 *
 * The first byte says in what pieces.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "publish.h"
#include "store/store_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *what, const struct text *results)
{
	fprintf(stderr, "%s\n%s\n", what, results->length > 0 ? results->bytes : "");
	abort();
}

static int64_t stopped(void)
{
	return 1464782400;
}

static struct store *open_once(void)
{
	static struct store *store;
	struct error err;

	if (store == NULL && (!store_open(":memory:", STORE_WRITE, &store, &err) || !store_migrate(store, NULL, NULL, &err)))
		abort();
	clock_replace(stopped);
	return store;
}

struct feeding {
	const char *bytes;
	size_t length, piece;         /* 0: all at once */
	struct text results;
	bool is_refused;
};

/* As article_batch() does: as far as whole lines have come. */
static bool feed(struct publisher *publisher, struct feeding *feeding, struct error *err)
{
	size_t lines = 0, from = 0, come = 0;

	while (from < feeding->length || come == 0) {
		const char *newline;
		size_t length;

		come = feeding->piece == 0 || come + feeding->piece > feeding->length ? feeding->length : come + feeding->piece;
		newline = come == feeding->length ? feeding->bytes + feeding->length - 1 : memrchr(feeding->bytes + from, '\n', come - from);
		length = feeding->length == 0 || newline == NULL ? 0 : (size_t)(newline - feeding->bytes) + 1 - from;
		if (length > 0) {
			char *exact = malloc(length);
			bool fine;

			memcpy(exact, feeding->bytes + from, length);
			fine = publish_batch(publisher, exact, length, &lines, &feeding->results, err);
			free(exact);
			if (!fine)
				return false;
		}
		from += length;
		if (come == feeding->length)
			return true;
	}
	return true;
}

static void expect_lines(const struct text *results)
{
	json_int_t last = 0;

	for (const char *line = results->length > 0 ? results->bytes : ""; *line != '\0';) {
		const char *end = strchr(line, '\n');
		json_t *result = end == NULL ? NULL : json_loadb(line, (size_t)(end - line), JSON_REJECT_DUPLICATES, NULL);
		const json_int_t number = json_integer_value(json_object_get(result, "line")), status = json_integer_value(json_object_get(result, "status"));

		if (number <= last || (status != 200 && status != 201 && (status < 400 || status > 499)) || (json_object_get(result, "id") != NULL) != (status < 300))
			fail("no line of result", results);
		last = number;
		json_decref(result);
		line = end + 1;
	}
}

/* Everything is written as at the end of a transaction, and undone. */
static bool run(struct store *store, void *arg, struct error *err)
{
	struct publisher publisher = { .store = store, .log = local_log() };
	struct feeding *feeding = arg;

	feeding->is_refused = !feed(&publisher, feeding, err);
	if (feeding->is_refused && err->code != ERROR_TOO_LARGE)
		fail(err->detail, &feeding->results);
	if (!late_flush(store, err))
		fail(err->detail, &feeding->results);
	return error_set(err, ERROR_CONFLICT, "undone");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct store *store = open_once();
	struct feeding whole = { .bytes = (const char *)data + 1, .length = size > 0 ? size - 1 : 0 }, pieces = whole;
	struct error err;

	if (size == 0)
		return 0;
	pieces.piece = (size_t)data[0] + 1;
	store_transaction(store, run, &whole, &err);
	expect_lines(&whole.results);
	store_transaction(store, run, &pieces, &err);
	if (whole.is_refused != pieces.is_refused || whole.results.length != pieces.results.length ||
	    (whole.results.length > 0 && strcmp(whole.results.bytes, pieces.results.bytes) != 0))
		fail(whole.results.length > 0 ? whole.results.bytes : "nothing", &pieces.results);
	text_done(&whole.results);
	text_done(&pieces.results);
	return 0;
}
