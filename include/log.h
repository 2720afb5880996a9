/* SPDX-License-Identifier: MIT */
/*
 * One line an event on standard error: time, level, event, then key=value pairs; --log-format json writes objects instead.
 * Values are strings, quoted and escaped when they hold anything but plain characters, and cut at 256 bytes,
 * so that bytes from strangers cannot forge a line. The list of pairs ends with NULL:
 *
 *	log_info("serving", "address", address, "workers", LOG_INT(workers), NULL);
 *
 * Safe from any thread; a line is one write.
 */
#ifndef BROADSHEET_LOG_H
#define BROADSHEET_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO };

void log_start(enum log_level most, bool as_json);
void log_error(const char *event, ...) __attribute__((sentinel));
void log_warning(const char *event, ...) __attribute__((sentinel));
void log_info(const char *event, ...) __attribute__((sentinel));

/* A number as a value. The memory lives until the end of the block that holds the call. */
#define LOG_INT(value) log_integer((int64_t)(value), (char[24]){ 0 })
const char *log_integer(int64_t value, char memory[24]);

#endif
