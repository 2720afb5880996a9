/* SPDX-License-Identifier: MIT */
/* How far an import is: one line that is written over on a terminal, nothing elsewhere, and a summary line at the end. */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "import_delivery.h"

enum { SHOW_EVERY_US = 200000 };

static int64_t count_all(const struct progress *progress)
{
	return progress->outcomes[PUBLISH_CREATED] + progress->outcomes[PUBLISH_UPDATED] + progress->outcomes[PUBLISH_UNCHANGED] + progress->refused;
}

static double seconds_since(int64_t started_us)
{
	return (double)(clock_monotonic_us() - started_us) / 1e6;
}

void progress_start(struct progress *progress)
{
	*progress = (struct progress){ .started_us = clock_monotonic_us(), .on_terminal = isatty(STDERR_FILENO) != 0 };
}

void progress_count(struct progress *progress, enum publish_outcome outcome)
{
	progress->outcomes[outcome]++;
}

void progress_show(struct progress *progress, int64_t position, int64_t size)
{
	const double seconds = seconds_since(progress->started_us);
	const int64_t n = count_all(progress);

	if (!progress->on_terminal || clock_monotonic_us() - progress->shown_us < SHOW_EVERY_US)
		return;
	progress->shown_us = clock_monotonic_us();
	progress->is_shown = true;
	fprintf(stderr, "\r%" PRId64 " articles, %.0f a second", n, seconds > 0 ? (double)n / seconds : 0);
	if (size > 0 && position > 0 && position <= size)
		fprintf(stderr, ", %.0f %%, %.0f s left", 100.0 * (double)position / (double)size, seconds * (double)(size - position) / (double)position);
	fputs("\033[K", stderr);
}

void progress_clear(struct progress *progress)
{
	if (progress->is_shown)
		fputs("\r\033[K", stderr);
	progress->is_shown = false;
}

void progress_finish(struct progress *progress)
{
	const int64_t n = count_all(progress);

	progress_clear(progress);
	printf("%" PRId64 " article%s in %.1f s: %" PRId64 " created, %" PRId64 " updated, %" PRId64 " unchanged, %" PRId64 " refused", n,
	    n == 1 ? "" : "s", seconds_since(progress->started_us), progress->outcomes[PUBLISH_CREATED], progress->outcomes[PUBLISH_UPDATED],
	    progress->outcomes[PUBLISH_UNCHANGED], progress->refused);
	if (progress->unread_files > 0)
		printf("; %d file%s could not be read", progress->unread_files, progress->unread_files == 1 ? "" : "s");
	putchar('\n');
}
