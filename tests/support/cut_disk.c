/* SPDX-License-Identifier: MIT */
/*
 * A disk keeps what was synced. What was not yet synced when the power went is there or is not, sector by sector of 512 bytes, in any order; so it is with
 * sizes. How much of it there is differs from state to state, from nothing to all: with a half of many sectors alone, hardly anything would ever be nearly
 * whole. Some states are what a disk leaves that writes in order and is cut in the middle of one write.
 *
 * A sector is old or new, never a mixture, and what was synced stays as it is: a disk that lies, or rots, is not meant here.
 *
 * The two files are kept in memory as they were last synced, with the list of what came since. Moving on is cheap; a state costs a copy of both.
 */
#include "cut_disk.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/faults/recorder.h"

enum { SECTOR = 512, WAL_HEADER = 32 };

struct cut_record {
	const unsigned char *bytes;
	size_t length, n;
	size_t *positions;            /* n + 1 of them */
};

struct file_image {
	unsigned char *bytes;
	size_t size, room;            /* beyond `size` up to `room`: zeros */
	size_t *pending;              /* positions of what was not synced */
	size_t n_pending, pending_room;
};

struct cut_disk {
	const struct cut_record *record;
	enum cut_syncs syncs;
	size_t at;
	struct file_image images[RECORD_FILES];
	struct file_image laid[RECORD_FILES];    /* the last state, for its memory */
};

static void *grown(void *memory, size_t bytes)
{
	memory = realloc(memory, bytes);
	if (memory == NULL)
		abort();
	return memory;
}

/* --- the record --- */

static struct record_head head_at(const struct cut_record *record, size_t position)
{
	struct record_head head;

	memcpy(&head, record->bytes + position, sizeof head);
	return head;
}

static void find_positions(struct cut_record *record)
{
	size_t position = 0, room = 0;

	for (;;) {
		if (record->n + 1 >= room)
			record->positions = grown(record->positions, (room = room * 2 + 1024) * sizeof *record->positions);
		record->positions[record->n] = position;
		if (position + sizeof(struct record_head) > record->length)
			return;
		position += sizeof(struct record_head) + head_at(record, position).length;
		if (position > record->length)
			return;
		record->n++;
	}
}

struct cut_record *cut_record_open(const char *path)
{
	struct cut_record *record = calloc(1, sizeof *record);
	const int file = open(path, O_RDONLY | O_CLOEXEC);
	struct stat about;
	void *bytes;

	if (record == NULL || file < 0 || fstat(file, &about) != 0 || about.st_size == 0)
		abort();
	record->length = (size_t)about.st_size;
	bytes = mmap(NULL, record->length, PROT_READ, MAP_PRIVATE, file, 0);
	if (bytes == MAP_FAILED)
		abort();
	close(file);
	record->bytes = bytes;
	find_positions(record);
	return record;
}

void cut_record_close(struct cut_record *record)
{
	munmap((void *)record->bytes, record->length);
	free(record->positions);
	free(record);
}

size_t cut_record_count(const struct cut_record *record)
{
	return record->n;
}

uint64_t cut_record_position(const struct cut_record *record, size_t n)
{
	return record->positions[n];
}

/* In a WAL that is synced around checkpoints only, a sync follows the header that begins it anew, and one comes before pages are copied back. */
static bool is_of_a_checkpoint(const struct cut_record *record, size_t n)
{
	const struct record_head before = n > 0 ? head_at(record, record->positions[n - 1]) : (struct record_head){ .kind = RECORD_SYNC };
	const struct record_head after = n + 1 < record->n ? head_at(record, record->positions[n + 1]) : (struct record_head){ .kind = RECORD_SYNC };

	return (before.kind == RECORD_WRITE && before.file == RECORD_WAL && before.at == 0 && before.length == WAL_HEADER) ||
	    (after.kind == RECORD_WRITE && after.file == RECORD_DATABASE);
}

static bool counts(const struct cut_disk *disk, size_t n, const struct record_head *sync)
{
	if (disk->syncs == CUT_SYNCS_NORMAL)
		return sync->file == RECORD_DATABASE || is_of_a_checkpoint(disk->record, n);
	return disk->syncs == CUT_SYNCS_ALL;
}

/* --- files --- */

static void reserve(struct file_image *image, size_t room)
{
	if (room <= image->room)
		return;
	room = room * 2;
	image->bytes = grown(image->bytes, room);
	memset(image->bytes + image->room, 0, room - image->room);
	image->room = room;
}

static void resize(struct file_image *image, size_t size)
{
	reserve(image, size);
	if (size < image->size)
		memset(image->bytes + size, 0, image->size - size);
	image->size = size;
}

/* Does a record to a file, each sector of it with a chance of `chance` in 100. */
static void apply(struct file_image *image, const struct record_head *head, const unsigned char *bytes, uint64_t chance, struct test_random *random)
{
	if (head->kind == RECORD_TRUNCATE) {
		if (chance == 100 || test_random(random, 100) < chance)
			resize(image, head->at);
		return;
	}
	reserve(image, head->at + head->length);
	for (size_t done = 0, n; done < head->length; done += n) {
		n = SECTOR - (head->at + done) % SECTOR;
		n = n < head->length - done ? n : head->length - done;
		if (chance < 100 && test_random(random, 100) >= chance)
			continue;
		memcpy(image->bytes + head->at + done, bytes + done, n);
		if (head->at + done + n > image->size)
			image->size = head->at + done + n;
	}
}

static void apply_pending(const struct cut_disk *disk, struct file_image *image, size_t i, uint64_t chance, struct test_random *random)
{
	const struct record_head head = head_at(disk->record, image->pending[i]);

	apply(image, &head, disk->record->bytes + image->pending[i] + sizeof head, chance, random);
}

struct cut_disk *cut_disk_new(const struct cut_record *record, enum cut_syncs syncs, const char *before)
{
	struct cut_disk *disk = calloc(1, sizeof *disk);
	struct file_image *database;
	FILE *file = fopen(before, "re");
	struct stat about;

	if (disk == NULL || file == NULL || fstat(fileno(file), &about) != 0)
		abort();
	disk->record = record;
	disk->syncs = syncs;
	database = &disk->images[RECORD_DATABASE];
	resize(database, (size_t)about.st_size);
	if (fread(database->bytes, 1, database->size, file) != database->size)
		abort();
	fclose(file);
	return disk;
}

void cut_disk_free(struct cut_disk *disk)
{
	for (int i = 0; i < RECORD_FILES; i++) {
		free(disk->images[i].bytes);
		free(disk->images[i].pending);
		free(disk->laid[i].bytes);
	}
	free(disk);
}

static void take(struct cut_disk *disk, size_t n)
{
	const size_t position = disk->record->positions[n];
	const struct record_head head = head_at(disk->record, position);
	struct file_image *image = &disk->images[head.file];

	if (head.kind != RECORD_SYNC) {
		if (image->n_pending == image->pending_room)
			image->pending = grown(image->pending, (image->pending_room = image->pending_room * 2 + 64) * sizeof *image->pending);
		image->pending[image->n_pending++] = position;
	} else if (counts(disk, n, &head)) {
		for (size_t i = 0; i < image->n_pending; i++)
			apply_pending(disk, image, i, 100, NULL);
		image->n_pending = 0;
	}
}

void cut_disk_advance(struct cut_disk *disk, size_t n)
{
	while (disk->at < n)
		take(disk, disk->at++);
}

/* --- states --- */

/* In order up to one that is torn; or each sector by chance. Then the size may not have followed: it is one of those it had. */
static void draw(const struct cut_disk *disk, struct file_image *state, struct test_random *random)
{
	static const uint64_t chances[] = { 0, 10, 50, 90, 99, 100 };
	const uint64_t way = test_random(random, 8);
	const size_t torn = state->n_pending == 0 ? 0 : test_random(random, state->n_pending);
	const size_t sized = state->n_pending == 0 ? 0 : test_random(random, 2 * state->n_pending);
	size_t size = state->size;

	for (size_t i = 0; i < state->n_pending; i++) {
		if (i == sized)
			size = state->size;
		if (way < 6)
			apply_pending(disk, state, i, chances[way], random);
		else if (i <= torn)
			apply_pending(disk, state, i, i < torn ? 100 : 50, random);
	}
	if (sized < state->n_pending)
		resize(state, size);
}

/* Overwrites what lies there: new pages cost more than what is in them. */
static void write_out(const struct file_image *state, const char *path)
{
	const int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (file < 0 || pwrite(file, state->bytes, state->size, 0) != (ssize_t)state->size || ftruncate(file, (off_t)state->size) != 0)
		abort();
	close(file);
}

static void begin_with(struct file_image *state, const struct file_image *image)
{
	resize(state, image->size);
	if (image->size > 0)
		memcpy(state->bytes, image->bytes, image->size);
	state->pending = image->pending;
	state->n_pending = image->n_pending;
}

void cut_disk_lay(struct cut_disk *disk, struct test_random *random, const char *path)
{
	for (int i = 0; i < RECORD_FILES; i++) {
		char name[400];

		snprintf(name, sizeof name, "%s%s", path, i == RECORD_WAL ? "-wal" : "");
		begin_with(&disk->laid[i], &disk->images[i]);
		draw(disk, &disk->laid[i], random);
		write_out(&disk->laid[i], name);
	}
}
