/* SPDX-License-Identifier: MIT */
/* Writing to standard output, in blocks of a megabyte. */
#include "generate.h"

#include <string.h>
#include <unistd.h>

enum { ROOM = 1 << 20, LONGEST_LINE = 1 << 17 };

static char bytes_gathered[ROOM + LONGEST_LINE];
static size_t n_gathered;

void out_bytes(const char *bytes, size_t length)
{
	memcpy(bytes_gathered + n_gathered, bytes, length);
	n_gathered += length;
}

void out(const char *text)
{
	out_bytes(text, strlen(text));
}

/* Moves all the room of a word, which is quicker than as many bytes as it has. */
void out_word(const struct word *word)
{
	memcpy(bytes_gathered + n_gathered, word->bytes, WORD_ROOM);
	n_gathered += word->length;
}

void out_number(uint64_t number)
{
	char digits[24];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	out_bytes(digits + at, sizeof digits - at);
}

static void out_two(uint32_t number)
{
	const char digits[2] = { (char)('0' + number / 10), (char)('0' + number % 10) };

	out_bytes(digits, 2);
}

/* Days to a date as in Howard Hinnant's "chrono-compatible low-level date algorithms". */
void out_time(int64_t time)
{
	const uint32_t day = (uint32_t)(time / 86400), second = (uint32_t)(time % 86400);
	const uint32_t z = day + 719468, era = z / 146097, of_era = z % 146097;
	const uint32_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	const uint32_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	const uint32_t shifted = (5 * of_year + 2) / 153, month = shifted < 10 ? shifted + 3 : shifted - 9;

	out_number(year_of_era + era * 400 + (month <= 2));
	out("-");
	out_two(month);
	out("-");
	out_two(of_year - (153 * shifted + 2) / 5 + 1);
	out("T");
	out_two(second / 3600);
	out(":");
	out_two(second / 60 % 60);
	out(":");
	out_two(second % 60);
	out("Z");
}

bool out_flush(void)
{
	for (size_t at = 0; at < n_gathered;) {
		const ssize_t written = write(STDOUT_FILENO, bytes_gathered + at, n_gathered - at);

		if (written <= 0)
			return false;
		at += (size_t)written;
	}
	n_gathered = 0;
	return true;
}

bool out_line(void)
{
	out_bytes("\n", 1);
	return n_gathered < ROOM || out_flush();
}
