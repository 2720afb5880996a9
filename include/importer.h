/* SPDX-License-Identifier: MIT */
/*
 * Other people's formats -> articles. An importer is a row of importers[]: a name, a test that looks at the first bytes,
 * and a reader that hands each article found to a sink. Adding a format: a file in server/import/ and a row.
 *
 * Importers do no I/O but reading their input, and never touch the store: server/cli/import_command.c gives them a
 * sink that publishes, directly or over the control socket.
 */
#ifndef BROADSHEET_IMPORTER_H
#define BROADSHEET_IMPORTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "article.h"

/* What the command line says for articles that do not say it themselves. */
struct import_defaults {
	const char *source, *section;    /* NULL: none */
};

/* Where articles go. `line` is where the article began (1 for a whole-file format). Both return false to stop the import (the sink
 * keeps its own error then); a bad article does not stop it. */
struct import_sink {
	bool (*article)(void *arg, size_t line, const struct article *article, struct arena *arena);
	bool (*bad)(void *arg, size_t line, const struct error *why);
	void *arg;
};

/* Input that can be looked at before it is read. Reads in pieces; a line-wise format never holds more than one line.
 * `path` "-" is standard input. */
struct import_input;
struct import_input *import_input_open(const char *path, struct error *err);
void import_input_close(struct import_input *input);                                    /* takes NULL */
size_t import_input_peek(struct import_input *input, const char **ret_bytes);           /* up to the first 64 KiB, without consuming */
/* The next line without its end (LF or CRLF), or false at the end; longer than `longest`: *ret_too_long, the line is skipped. */
bool import_input_line(struct import_input *input, size_t longest, const char **ret_line, size_t *ret_length, bool *ret_too_long);
/* Everything, for formats that need the whole; ERROR_TOO_LARGE beyond `most` bytes. Borrowed until close. */
bool import_input_all(struct import_input *input, size_t most, const char **ret_bytes, size_t *ret_length, struct error *err);
/* False with err when reading broke off; ask at the end of the lines. */
bool import_input_sound(const struct import_input *input, struct error *err);
int64_t import_input_size(const struct import_input *input);        /* bytes in all, or -1 for a pipe */
int64_t import_input_position(const struct import_input *input);    /* bytes consumed */

struct importer {
	const char *name;             /* "ndjson", "json-array", "text-page", "html-page" */
	bool (*recognises)(const char *bytes, size_t length);
	/* false with err when the input as a whole cannot be read, or the sink stopped (err->code is ERROR_NONE then). */
	bool (*read)(struct import_input *input, const struct import_defaults *defaults, const struct import_sink *sink, struct error *err);
};
extern const struct importer importers[];    /* in the order asked; name NULL at the end */

/* Recognise and read. ERROR_INVALID when no importer knows the bytes (binary, empty, truncated): one clear line. */
bool import_read(struct import_input *input, const struct import_defaults *defaults, const struct import_sink *sink, struct error *err);

#endif
