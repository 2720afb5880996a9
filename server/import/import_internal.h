/* SPDX-License-Identifier: MIT */
/*
 * What the importers share among themselves.
 */
#ifndef BROADSHEET_IMPORT_INTERNAL_H
#define BROADSHEET_IMPORT_INTERNAL_H

#include "importer.h"

/* A UTF-8 byte order mark at the front: its length, or 0. */
size_t import_mark_length(const char *bytes, size_t length);

/* The first byte behind a byte order mark and white space, or '\0' when there is none. */
char import_first_byte(const char *bytes, size_t length);

/* Text without NUL and other control characters, in UTF-8 (a character cut off at the end is not held against it). */
bool import_is_text(const char *bytes, size_t length);

/* json_import.c */
bool json_lines_recognises(const char *bytes, size_t length);
bool json_lines_read(struct import_input *input, const struct import_defaults *defaults, const struct import_sink *sink, struct error *err);
bool json_document_recognises(const char *bytes, size_t length);
bool json_document_read(struct import_input *input, const struct import_defaults *defaults, const struct import_sink *sink,
    struct error *err);

/* page_import.c */
bool html_page_recognises(const char *bytes, size_t length);
bool html_page_read(struct import_input *input, const struct import_defaults *defaults, const struct import_sink *sink, struct error *err);
bool text_page_recognises(const char *bytes, size_t length);
bool text_page_read(struct import_input *input, const struct import_defaults *defaults, const struct import_sink *sink, struct error *err);

#endif
