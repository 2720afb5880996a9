/* SPDX-License-Identifier: MIT */
/*
 * walk_pages ADDRESS FROM TO EVERY: follows the next links of a listing and prints addresses that lie deep in it.
 *
 * ADDRESS is that of the first page. Of every EVERY-th page from page FROM to page TO it prints two lines, "next<TAB>PATH" and
 * "prev<TAB>PATH": what the page links to, without scheme and host. Stops where the listing ends.
 */
#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_LONGEST = 4096, PAGE_LONGEST = 8 << 20 };

struct page {
	char *bytes;
	size_t length;
};

static size_t take(char *bytes, size_t size, size_t n, void *arg)
{
	struct page *page = arg;

	if (page->length + size * n >= PAGE_LONGEST)
		return 0;
	memcpy(page->bytes + page->length, bytes, size * n);
	page->length += size * n;
	page->bytes[page->length] = '\0';
	return size * n;
}

static bool get(CURL *curl, const char *address, struct page *page)
{
	long status = 0;

	page->length = 0;
	page->bytes[0] = '\0';
	curl_easy_setopt(curl, CURLOPT_URL, address);
	return curl_easy_perform(curl) == CURLE_OK && curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK && status == 200;
}

/* The path of a link of the page. The links stand at its end, after all the articles. */
static bool find_link(const struct page *page, const char *name, char ret_path[PATH_LONGEST])
{
	const char *links = NULL, *at = page->bytes, *end;
	char key[32];

	while ((at = strstr(at, "\"links\":{")) != NULL)
		links = at++;
	snprintf(key, sizeof key, "\"%s\":\"", name);
	if (links == NULL || (at = strstr(links, key)) == NULL)
		return false;
	at = strstr(at + strlen(key), "://");
	at = at == NULL ? NULL : strchr(at + 3, '/');
	end = at == NULL ? NULL : strchr(at, '"');
	if (end == NULL || end - at >= PATH_LONGEST)
		return false;
	memcpy(ret_path, at, (size_t)(end - at));
	ret_path[end - at] = '\0';
	return true;
}

static void print_links(const struct page *page)
{
	static const char *const names[] = { "next", "prev" };
	char path[PATH_LONGEST];

	for (size_t i = 0; i < 2; i++)
		if (find_link(page, names[i], path))
			printf("%s\t%s\n", names[i], path);
}

int main(int n_arguments, char **arguments)
{
	CURL *curl = curl_easy_init();
	struct page page = { malloc(PAGE_LONGEST + 1), 0 };
	char address[PATH_LONGEST + 300], path[PATH_LONGEST];
	size_t host;

	if (n_arguments != 5 || strncmp(arguments[1], "http://", 7) != 0 || strlen(arguments[1]) >= PATH_LONGEST || curl == NULL || page.bytes == NULL) {
		fprintf(stderr, "usage: walk_pages ADDRESS FROM TO EVERY\n");
		return 2;
	}
	snprintf(address, sizeof address, "%s", arguments[1]);
	host = 7 + strcspn(address + 7, "/");
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &page);
	for (long n = 1, from = strtol(arguments[2], NULL, 10), to = strtol(arguments[3], NULL, 10), every = strtol(arguments[4], NULL, 10); n <= to; n++) {
		if (!get(curl, address, &page)) {
			fprintf(stderr, "walk_pages: no answer to %s\n", address);
			return 1;
		}
		if (n >= from && every > 0 && (n - from) % every == 0)
			print_links(&page);
		if (!find_link(&page, "next", path))
			break;
		snprintf(address + host, sizeof address - host, "%s", path);
	}
	curl_easy_cleanup(curl);
	free(page.bytes);
	return 0;
}
