/* SPDX-License-Identifier: MIT */
/*
 * What a disk may hold after a power cut, made from the record of all that a program did to its database (tests/faults/recorder.h).
 */
#ifndef CUT_DISK_H
#define CUT_DISK_H

#include <stddef.h>
#include <stdint.h>

#include "test_store.h"

/* Which of the recorded syncs are taken to have been done: all, or as by a program that asks SQLite for less. */
enum cut_syncs {
	CUT_SYNCS_ALL,
	CUT_SYNCS_NORMAL,             /* synchronous=NORMAL: only those around checkpoints, none of a COMMIT */
	CUT_SYNCS_NONE,               /* synchronous=OFF */
};

struct cut_record;
struct cut_disk;

/* The record in that file; an incomplete one at its end does not count. */
struct cut_record *cut_record_open(const char *path);
void cut_record_close(struct cut_record *record);
size_t cut_record_count(const struct cut_record *record);
/* Where in the file the N-th begins (for N = count: where the last ends): the moment before it. */
uint64_t cut_record_position(const struct cut_record *record, size_t n);

/* A disk that holds the database `before` and no WAL: the moment at which the record begins. */
struct cut_disk *cut_disk_new(const struct cut_record *record, enum cut_syncs syncs, const char *before);
void cut_disk_free(struct cut_disk *disk);
/* To the moment before the N-th record; only onwards. */
void cut_disk_advance(struct cut_disk *disk, size_t n);
/* Lays one of the states that may be there after a cut at this moment into the file `path`, and its WAL beside it. */
void cut_disk_lay(struct cut_disk *disk, struct test_random *random, const char *path);

#endif
