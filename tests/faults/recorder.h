/* SPDX-License-Identifier: MIT */
/*
 * What the recorder (recorder.c, preloaded into the program) writes into the file that the environment variable RECORD names: every change to the file
 * that RECORDED names and to its write-ahead log, in order. A record is this head and, behind it, the bytes of a write.
 */
#ifndef RECORDER_H
#define RECORDER_H

#include <stdint.h>

enum record_kind { RECORD_WRITE, RECORD_TRUNCATE, RECORD_SYNC };
enum { RECORD_DATABASE, RECORD_WAL, RECORD_FILES };

struct record_head {
	uint16_t kind, file;
	uint32_t length;              /* of the bytes that follow: RECORD_WRITE only */
	uint64_t at;                  /* RECORD_WRITE: where; RECORD_TRUNCATE: the size from now on */
};

#endif
