/* SPDX-License-Identifier: MIT */
/*
 * Which build is running? A digest of the program's own file, templates and migrations included: two programs with the same one compose
 * the same bytes from the same articles.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

#include "server.h"

bool build_digest(uint64_t *ret_digest, struct error *err)
{
	const int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct stat status;
	void *bytes = MAP_FAILED;

	if (file >= 0 && fstat(file, &status) == 0)
		bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
	if (file >= 0)
		close(file);
	if (bytes == MAP_FAILED)
		return error_set(err, ERROR_INTERNAL, "the program cannot read itself (/proc/self/exe)");
	*ret_digest = XXH3_64bits(bytes, (size_t)status.st_size);
	munmap(bytes, (size_t)status.st_size);
	return true;
}
