/* SPDX-License-Identifier: MIT */
/*
 * The files of static/: built into the program, or read from a folder while one works on them.
 *
 * A file is found by its exact name in a list that is made once, at start; nothing from a request is ever joined to a
 * path on disk, so there is no way out of the folder. In a folder, a file is looked at again at each request and read
 * anew when its time or size has changed. Bytes that were given out stay as they were until the end, so what was replaced
 * is kept: a few kilobytes for each save in an editor, in a mode that nobody serves readers with.
 *
 * Each file has a version, the hash of its bytes. A page names its files with it (?v=…), and such a request may be kept
 * for a year; any other gets the usual short time. Only types that browsers fetch are answered: templates lie in the same
 * folder and are nobody's business.
 */
#include "http_internal.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

enum { FILES_MOST = 1000, DEPTH_MOST = 6, FILE_MOST = 16 * 1024 * 1024 };

struct contents {
	const unsigned char *bytes;
	size_t length;
	char version[17];
	struct contents *replaced;     /* older ones, kept for those who borrowed them */
};

struct static_file {
	char *name;                    /* "site.css" */
	char *path;                    /* where it lies on disk; NULL when it is built in */
	struct timespec changed_at;
	struct contents *contents;
};

struct static_files {
	struct static_file files[FILES_MOST];
	size_t n_files;
	pthread_mutex_t lock;          /* of the contents of a folder's files */
};

static const struct {
	const char *ending, *type;
} types[] = {
	{ ".css", "text/css; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".svg", "image/svg+xml" },
	{ ".png", "image/png" },
	{ ".ico", "image/x-icon" },
	{ ".jpg", "image/jpeg" },
	{ ".webp", "image/webp" },
	{ ".woff2", "font/woff2" },
	{ ".txt", "text/plain; charset=utf-8" },
	{ ".webmanifest", "application/manifest+json" },
};

static struct contents *new_contents(const unsigned char *bytes, size_t length, struct contents *replaced)
{
	struct contents *contents = calloc(1, sizeof *contents);

	if (contents == NULL)
		return NULL;
	contents->bytes = bytes;
	contents->length = length;
	contents->replaced = replaced;
	snprintf(contents->version, sizeof contents->version, "%016" PRIx64, (uint64_t)XXH3_64bits(bytes, length));
	return contents;
}

static struct static_file *add_file(struct static_files *files, const char *name)
{
	struct static_file *file = &files->files[files->n_files];

	if (files->n_files == FILES_MOST)
		return NULL;
	*file = (struct static_file){ .name = strdup(name) };
	if (file->name == NULL)
		return NULL;
	files->n_files++;
	return file;
}

/* --- a folder --- */

static bool read_all(int fd, unsigned char *bytes, size_t length)
{
	for (size_t n = 0; n < length;) {
		ssize_t got = read(fd, bytes + n, length - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		n += (size_t)got;
	}
	return true;
}

/* Reads the file again if it has changed. A file that cannot be read just now (an editor is writing it) stays as it was. */
static void refresh(struct static_file *file)
{
	struct stat status;
	unsigned char *bytes = NULL;
	struct contents *contents;
	int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd == -1)
		return;
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > FILE_MOST)
		goto done;
	if (file->contents != NULL && (size_t)status.st_size == file->contents->length
	    && memcmp(&status.st_mtim, &file->changed_at, sizeof status.st_mtim) == 0)
		goto done;

	bytes = malloc((size_t)status.st_size + 1);
	if (bytes == NULL || !read_all(fd, bytes, (size_t)status.st_size))
		goto done;
	bytes[status.st_size] = '\0';
	contents = new_contents(bytes, (size_t)status.st_size, file->contents);
	if (contents == NULL)
		goto done;
	file->contents = contents;
	file->changed_at = status.st_mtim;
	bytes = NULL;
done:
	free(bytes);
	close(fd);
}

/* Lists the folder and what is below it; `prefix` is "" or "templates/". Hidden files are left out. */
static bool list_folder(
    struct static_files *files, const char *folder, const char *prefix, int depth, struct error *err)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;
	bool ok = true;

	if (directory == NULL)
		return error_set(
		    err, ERROR_INVALID, "the folder %s cannot be read: %s", folder, strerrordesc_np(errno));
	while (ok && (entry = readdir(directory)) != NULL) {
		char path[1024], name[512];
		struct stat status;
		struct static_file *file;

		if (entry->d_name[0] == '.'
		    || snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= (int)sizeof path
		    || snprintf(name, sizeof name, "%s%s", prefix, entry->d_name) >= (int)sizeof name - 1
		    || lstat(path, &status) != 0)
			continue;
		if (S_ISDIR(status.st_mode) && depth < DEPTH_MOST) {
			memcpy(name + strlen(name), "/", 2);
			ok = list_folder(files, path, name, depth + 1, err);
		} else if (S_ISREG(status.st_mode)) {
			file = add_file(files, name);
			ok = file != NULL && (file->path = strdup(path)) != NULL;
			if (!ok)
				error_set(
				    err, ERROR_INVALID, "the folder %s has more than %d files", folder, FILES_MOST);
		}
	}
	closedir(directory);
	return ok;
}

/* --- both --- */

static bool list_embedded(struct static_files *files, struct error *err)
{
	for (const struct embedded_file *embedded = embedded_static_files; embedded->path != NULL; embedded++) {
		struct static_file *file = add_file(files, embedded->path);

		if (file == NULL)
			return error_set(err, ERROR_INTERNAL, "no room for the file %s", embedded->path);
		file->contents = new_contents(embedded->bytes, embedded->length, NULL);
		if (file->contents == NULL)
			return error_set(err, ERROR_INTERNAL, "no memory for the file %s", embedded->path);
	}
	return true;
}

struct static_files *static_files_new(const char *folder, struct error *err)
{
	struct static_files *files = calloc(1, sizeof *files);
	bool ok;

	if (files == NULL) {
		error_set(err, ERROR_INTERNAL, "no memory for the static files");
		return NULL;
	}
	pthread_mutex_init(&files->lock, NULL);
	ok = folder == NULL ? list_embedded(files, err) : list_folder(files, folder, "", 0, err);
	if (ok)
		return files;
	static_files_free(files);
	return NULL;
}

static void free_file(struct static_file *file)
{
	for (struct contents *contents = file->contents, *older; contents != NULL; contents = older) {
		older = contents->replaced;
		if (file->path != NULL)
			free((void *)(uintptr_t)contents->bytes);
		free(contents);
	}
	free(file->name);
	free(file->path);
}

void static_files_free(struct static_files *files)
{
	if (files == NULL)
		return;
	for (size_t i = 0; i < files->n_files; i++)
		free_file(&files->files[i]);
	pthread_mutex_destroy(&files->lock);
	free(files);
}

bool static_files_find(const struct static_files *files, const char *path, const unsigned char **ret_bytes,
    size_t *ret_length, const char **ret_version)
{
	struct static_files *own =
	    (struct static_files *)(uintptr_t)files; /* locking and reading again change nothing that shows */
	const struct contents *contents;

	for (size_t i = 0; i < own->n_files; i++) {
		struct static_file *file = &own->files[i];

		if (strcmp(file->name, path) != 0)
			continue;
		pthread_mutex_lock(&own->lock);
		if (file->path != NULL)
			refresh(file);
		contents = file->contents;
		pthread_mutex_unlock(&own->lock);
		if (contents == NULL)
			return false;
		*ret_bytes = contents->bytes;
		*ret_length = contents->length;
		*ret_version = contents->version;
		return true;
	}
	return false;
}

static const char *type_of(const char *path)
{
	size_t length = strlen(path);

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		size_t ending = strlen(types[i].ending);

		if (length > ending && strcmp(path + length - ending, types[i].ending) == 0)
			return types[i].type;
	}
	return NULL;
}

bool static_files_answer(const struct static_files *files, const char *path, struct request *request,
    struct response *response, struct error *err)
{
	const char *type = type_of(path), *version, *wanted = NULL;
	const unsigned char *bytes;
	size_t length;

	if (type == NULL || !static_files_find(files, path, &bytes, &length, &version))
		return error_set(err, ERROR_NOT_FOUND, "There is no such file");

	/* The first that is not empty, as canonical.c has it: the reply is kept under that. */
	for (size_t i = 0; i < request->n_parameters && wanted == NULL; i++)
		if (strcmp(request->parameters[i].name, "v") == 0 && request->parameters[i].value[0] != '\0')
			wanted = request->parameters[i].value;
	response->content_type = type;
	response->caching = wanted != NULL && strcmp(wanted, version) == 0 ? CACHING_STATIC : CACHING_PUBLIC;
	text_append(&response->body, (const char *)bytes, length);
	basis_digest(request->basis, scope_key("static", path), scope_key("version", version));
	return true;
}
