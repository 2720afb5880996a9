/* SPDX-License-Identifier: MIT */
/*
 * What a CDN purges by: Cache-Groups (RFC 9875, a list of strings) and Surrogate-Key (blanks between), which name the article, its
 * section, source, authors and tags, or, of a listing, the terms that it is filtered by.
 */
#include "api_internal.h"

#include <inttypes.h>
#include <string.h>

struct keys {
	struct text groups, keys;
};

/* Header fields have to fit into a connection's memory beside the request, and into the buffers of whoever stands in front: what no longer fits is
 * left out, tags first, as they come last. */
static void add(struct keys *keys, const char *kind, const char *name)
{
	enum { KEYS_MOST = 1024 };
	const bool is_first = keys->keys.length == 0;

	if (keys->groups.length + strlen(kind) + strlen(name) + 5 > KEYS_MOST)
		return;
	text_printf(&keys->groups, "%s\"%s-%s\"", is_first ? "" : ", ", kind, name);
	text_printf(&keys->keys, "%s%s-%s", is_first ? "" : " ", kind, name);
}

static void finish(struct keys *keys, struct response *response)
{
	if (keys->keys.length > 0) {
		response_header(response, "Cache-Groups", "%s", keys->groups.bytes);
		response_header(response, "Surrogate-Key", "%s", keys->keys.bytes);
	}
	text_done(&keys->groups);
	text_done(&keys->keys);
}

static bool add_term(void *arg, const char *kind, const char *slug)
{
	add(arg, kind, slug);
	return true;
}

void surrogate_keys_of_article(struct request *request, struct response *response, int64_t id)
{
	struct keys keys = { 0 };
	struct error ignored;
	char number[24];

	snprintf(number, sizeof number, "%" PRId64, id);
	add(&keys, "article", number);
	store_article_terms(store_of(request), id, add_term, &keys, &ignored);
	finish(&keys, response);
}

void surrogate_keys_of_list(struct response *response, const struct list_query *query)
{
	struct keys keys = { 0 };

	add(&keys, "articles", "list");
	for (size_t i = 0; i < query->n_filters; i++)
		for (size_t n = 0; n < query->filters[i].n_any; n++)
			add(&keys, query->filters[i].kind, query->filters[i].any[n]);
	finish(&keys, response);
}
