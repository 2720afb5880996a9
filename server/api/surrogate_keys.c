/* SPDX-License-Identifier: MIT */
/*
 * What a CDN purges by: Cache-Groups (RFC 9875, a list of strings) and Surrogate-Key (blanks between), which name the article, its
 * section, source, authors and tags, or, of a listing, the terms that it is filtered by; of a collection itself and the articles in it.
 */
#include "api_internal.h"

#include <inttypes.h>
#include <string.h>

enum { KEYS_MOST = 1024 };

struct keys {
	struct text groups, keys;
};

/* Header fields have to fit into a connection's memory beside the request, and into the buffers of whoever stands in front: what no longer fits is
 * left out, tags first, as they come last. */
static void add(struct keys *keys, const char *name, size_t length)
{
	const bool is_first = keys->keys.length == 0;

	if (keys->groups.length + length + 4 > KEYS_MOST)
		return;
	text_string(&keys->groups, is_first ? "\"" : ", \"");
	text_append(&keys->groups, name, length);
	text_char(&keys->groups, '"');
	text_string(&keys->keys, is_first ? "" : " ");
	text_append(&keys->keys, name, length);
}

static void finish(struct keys *keys, struct response *response)
{
	if (keys->keys.length > 0) {
		response_header_copy(response, "Cache-Groups", keys->groups.bytes, keys->groups.length);
		response_header_copy(response, "Surrogate-Key", keys->keys.bytes, keys->keys.length);
	}
	text_done(&keys->groups);
	text_done(&keys->keys);
}

static void add_names(struct keys *keys, const char *names)
{
	while (*names != '\0') {
		const size_t length = strcspn(names, " ");

		add(keys, names, length);
		names += length + (names[length] == ' ' ? 1 : 0);
	}
}

void surrogate_keys_of_names(struct response *response, const char *names)
{
	struct keys keys = { 0 };

	add_names(&keys, names);
	finish(&keys, response);
}

bool surrogate_keys_of_article(struct request *request, struct response *response, int64_t id, struct error *err)
{
	struct keys keys = { 0 };
	const char *groups = "";
	char name[32];

	if (!store_cache_groups(store_of(request), id, request->arena, &groups, err))
		return false;
	text_reserve(&keys.groups, KEYS_MOST);
	text_reserve(&keys.keys, KEYS_MOST);
	snprintf(name, sizeof name, "article-%" PRId64, id);
	add(&keys, name, strlen(name));
	add_names(&keys, groups);
	finish(&keys, response);
	return true;
}

void surrogate_keys_of_list(struct request *request, struct response *response, const struct list_query *query)
{
	static const char all[] = "articles-list";
	struct keys keys = { 0 };

	add(&keys, all, strlen(all));
	for (size_t i = 0; i < query->n_filters; i++) {
		for (size_t n = 0; n < query->filters[i].n_any; n++) {
			const char *name = arena_printf(request->arena, "%s-%s", query->filters[i].kind, query->filters[i].any[n]);

			add(&keys, name, strlen(name));
		}
	}
	finish(&keys, response);
}

void surrogate_keys_of_all(struct request *request, struct response *response)
{
	struct list_query all;

	list_query_init(&all);
	surrogate_keys_of_list(request, response, &all);
}
