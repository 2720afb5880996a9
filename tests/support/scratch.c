/* SPDX-License-Identifier: MIT */
/* A folder made by mkdtemp; files in it only, no folders. */
#include "scratch.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void scratch_make(struct scratch *scratch)
{
	*scratch = (struct scratch){ .folder = "/tmp/broadsheet-cli-XXXXXX" };
	if (mkdtemp(scratch->folder) == NULL)
		abort();
}

void scratch_remove(struct scratch *scratch)
{
	DIR *entries = opendir(scratch->folder);
	const struct dirent *entry;

	while (entries != NULL && (entry = readdir(entries)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlink(scratch_path(scratch, entry->d_name));
	closedir(entries);
	rmdir(scratch->folder);
}

const char *scratch_path(const struct scratch *scratch, const char *name)
{
	static char paths[8][400];
	static unsigned turn;
	char *path = paths[turn++ % 8];

	snprintf(path, sizeof paths[0], "%s/%s", scratch->folder, name);
	return path;
}

void scratch_write(const struct scratch *scratch, const char *name, const char *bytes)
{
	FILE *file = fopen(scratch_path(scratch, name), "we");

	if (file == NULL || fwrite(bytes, 1, strlen(bytes), file) != strlen(bytes) || fclose(file) != 0)
		abort();
}

bool scratch_has(const struct scratch *scratch, const char *name)
{
	return access(scratch_path(scratch, name), F_OK) == 0;
}

struct text scratch_read(const struct scratch *scratch, const char *name)
{
	FILE *file = fopen(scratch_path(scratch, name), "re");
	struct text text = TEXT_EMPTY;
	char buffer[16384];
	size_t n;

	while (file != NULL && (n = fread(buffer, 1, sizeof buffer, file)) > 0)
		text_append(&text, buffer, n);
	if (file != NULL)
		fclose(file);
	return text;
}

struct text scratch_list(const struct scratch *scratch)
{
	struct text list = TEXT_EMPTY;
	struct dirent **entries;
	int n = scandir(scratch->folder, &entries, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		struct stat status;

		if (entries[i]->d_name[0] == '.' || lstat(scratch_path(scratch, entries[i]->d_name), &status) != 0) {
			free(entries[i]);
			continue;
		}
		text_printf(&list, "%s: %lld bytes, inode %lld", entries[i]->d_name, (long long)status.st_size, (long long)status.st_ino);
		/* Memory that processes share is written back when the kernel likes. */
		if (strstr(entries[i]->d_name, "-shm") == NULL)
			text_printf(&list, ", changed %lld.%09ld", (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
		text_char(&list, '\n');
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	text_string(&list, "");
	return list;
}

bool scratch_has_only(const struct scratch *scratch, const char *names)
{
	DIR *entries = opendir(scratch->folder);
	const struct dirent *entry;
	char wanted[300], all[600];
	bool only = true;

	snprintf(all, sizeof all, " %s ", names);
	while ((entry = readdir(entries)) != NULL) {
		snprintf(wanted, sizeof wanted, " %s ", entry->d_name);
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && strstr(all, wanted) == NULL) {
			fprintf(stderr, "there is %s\n", entry->d_name);
			only = false;
		}
	}
	closedir(entries);
	return only;
}
