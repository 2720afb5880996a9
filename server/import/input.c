/* SPDX-License-Identifier: MIT */
/*
 * Bytes for importers: a file or standard input, looked at first and then read by lines or as a whole.
 *
 * One buffer holds what was read and not yet consumed. Lines are handed out as they lie in it, so a line is valid until the next
 * call; when a line does not fit, what is left moves to the front and the buffer grows, but never past the longest line the caller
 * wants, whatever stands in the file. A read error ends the input like its end does; import_input_sound() tells them apart.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "importer.h"
#include "memory.h"

enum { PEEK = 64 * 1024, PIECE = 256 * 1024 };

struct import_input {
	int file;
	int64_t size, consumed;
	char *bytes;
	size_t start, end, capacity;  /* what waits: bytes[start..end) */
	bool at_end;
	int failed;                   /* errno of a read */
};

struct import_input *import_input_open(const char *path, struct error *err)
{
	bool standard = strcmp(path, "-") == 0;
	int file = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct import_input *input;
	struct stat status;

	if (file < 0 || fstat(file, &status) != 0) {
		error_set(err, ERROR_NOT_FOUND, "cannot be opened: %s", strerror(errno));
		if (file >= 0 && !standard)
			close(file);
		return NULL;
	}
	if (S_ISDIR(status.st_mode)) {
		error_set(err, ERROR_INVALID, "is a folder; name the files in it");
		if (!standard)
			close(file);
		return NULL;
	}
	input = calloc(1, sizeof *input);
	if (input == NULL)
		memory_exhausted();
	input->file = file;
	input->size = S_ISREG(status.st_mode) ? status.st_size : -1;
	return input;
}

void import_input_close(struct import_input *input)
{
	if (input == NULL)
		return;
	if (input->file != STDIN_FILENO)
		close(input->file);
	free(input->bytes);
	free(input);
}

/* Room behind `end` for another piece. */
static void make_room(struct import_input *input)
{
	if (input->start > 0) {
		memmove(input->bytes, input->bytes + input->start, input->end - input->start);
		input->end -= input->start;
		input->start = 0;
	}
	if (input->capacity - input->end >= PIECE)
		return;
	input->capacity = input->capacity * 2 > input->end + PIECE ? input->capacity * 2 : input->end + PIECE;
	input->bytes = realloc(input->bytes, input->capacity);
	if (input->bytes == NULL)
		memory_exhausted();
}

static bool read_more(struct import_input *input)
{
	ssize_t n;

	if (input->at_end)
		return false;
	make_room(input);
	do
		n = read(input->file, input->bytes + input->end, input->capacity - input->end);
	while (n < 0 && errno == EINTR);
	if (n <= 0) {
		input->at_end = true;
		input->failed = n < 0 ? errno : 0;
		return false;
	}
	input->end += (size_t)n;
	return true;
}

static size_t waiting(const struct import_input *input)
{
	return input->end - input->start;
}

static void consume(struct import_input *input, size_t n)
{
	input->start += n;
	input->consumed += (int64_t)n;
}

size_t import_input_peek(struct import_input *input, const char **ret_bytes)
{
	while (waiting(input) < PEEK && read_more(input))
		;
	*ret_bytes = input->bytes != NULL ? input->bytes + input->start : "";
	return waiting(input) < PEEK ? waiting(input) : PEEK;
}

/* Consumes the rest of a line that is too long, piece by piece. */
static void skip_line(struct import_input *input)
{
	do {
		const char *from = input->bytes + input->start, *end = memchr(from, '\n', waiting(input));

		if (end != NULL) {
			consume(input, (size_t)(end - from) + 1);
			return;
		}
		consume(input, waiting(input));
	} while (read_more(input));
}

bool import_input_line(struct import_input *input, size_t longest, const char **ret_line, size_t *ret_length, bool *ret_too_long)
{
	size_t looked_at = 0, length;
	const char *end = NULL;

	for (;;) {
		if (waiting(input) > looked_at)
			end = memchr(input->bytes + input->start + looked_at, '\n', waiting(input) - looked_at);
		looked_at = waiting(input);
		if (end != NULL || looked_at > longest + 1 || !read_more(input))
			break;
	}
	if (end == NULL && looked_at == 0)
		return false;

	length = end != NULL ? (size_t)(end - input->bytes) - input->start : looked_at;
	*ret_line = input->bytes + input->start;
	*ret_length = length > 0 && (*ret_line)[length - 1] == '\r' ? length - 1 : length;
	*ret_too_long = *ret_length > longest;
	if (*ret_too_long)
		skip_line(input);
	else
		consume(input, end != NULL ? length + 1 : length);
	return true;
}

bool import_input_all(struct import_input *input, size_t most, const char **ret_bytes, size_t *ret_length, struct error *err)
{
	while (waiting(input) <= most && read_more(input))
		;
	if (waiting(input) > most)
		return error_set(err, ERROR_TOO_LARGE, "larger than %zu MiB, the most that is read of such a file", most >> 20);
	if (!import_input_sound(input, err))
		return false;
	*ret_bytes = input->bytes != NULL ? input->bytes + input->start : "";
	*ret_length = waiting(input);
	consume(input, waiting(input));
	return true;
}

bool import_input_sound(const struct import_input *input, struct error *err)
{
	if (input->failed == 0)
		return true;
	return error_set(err, ERROR_INTERNAL, "cannot be read: %s", strerror(input->failed));
}

int64_t import_input_size(const struct import_input *input)
{
	return input->size;
}

int64_t import_input_position(const struct import_input *input)
{
	return input->consumed;
}
