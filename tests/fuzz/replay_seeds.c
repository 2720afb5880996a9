/* SPDX-License-Identifier: MIT */
/*
 * Feeds a fuzz target the inputs kept in tests/fuzz/seeds/<target>/, so that what was found once is tried on every
 * run of the tests, by any compiler. Linked with one fuzz_<target>.c; the program's own name says which seeds are
 * meant. Each input lies in memory of exactly its size, so that a sanitizer sees a step beyond it.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *read_file(const char *path, size_t *ret_size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes = NULL;
	long size;

	if (file == NULL)
		return NULL;
	if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0) {
		bytes = malloc(size > 0 ? (size_t)size : 1);
		if (bytes != NULL && fread(bytes, 1, (size_t)size, file) != (size_t)size) {
			free(bytes);
			bytes = NULL;
		}
		*ret_size = (size_t)size;
	}
	fclose(file);
	return bytes;
}

static int is_seed(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(int argc, char *argv[])
{
	const char *name = strrchr(argv[0], '/') == NULL ? argv[0] : strrchr(argv[0], '/') + 1;
	struct dirent **entries;
	char folder[256], path[600];
	int n, passed = 0;

	(void)argc;
	snprintf(folder, sizeof folder, "tests/fuzz/seeds/%s", name);
	n = scandir(folder, &entries, is_seed, alphasort);
	if (n <= 0) {
		printf("there are no seeds in %s\n", folder);
		return 1;
	}

	for (int i = 0; i < n; i++) {
		uint8_t *bytes;
		size_t size = 0;

		snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
		printf("%s\n", path);
		fflush(stdout); /* the last name printed is the one that crashed */
		bytes = read_file(path, &size);
		if (bytes != NULL) {
			LLVMFuzzerTestOneInput(bytes, size);
			passed++;
		}
		free(bytes);
		free(entries[i]);
	}
	free(entries);
	printf("%d passed, %d failed, 0 skipped\n", passed, n - passed);
	return passed == n ? 0 : 1;
}
