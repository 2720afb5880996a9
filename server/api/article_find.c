/* SPDX-License-Identifier: MIT */
/*
 * {ref} in a path -> an article that readers may see.
 *
 * A former slug leads on with 308 to the same address under the present one. What is not public is not there: 404, or 410 with what is
 * known of its removal once readers had seen it (API.md §2, "What is not public").
 */
#include "api_internal.h"

#include <string.h>

static bool is_digits(const char *ref)
{
	return ref[strspn(ref, "0123456789")] == '\0';
}

/* The route's path with {ref} filled in, and the query as it came. */
static void redirect(struct request *request, struct response *response, const char *slug)
{
	const char *path = request->route->path;
	const char *mark = strstr(path, "{ref}");
	const char *query = strchr(request->target, '?');
	struct text location = TEXT_EMPTY;

	text_char(&location, CONTROL_BASE_URL);
	text_append(&location, path, (size_t)(mark - path));
	text_string(&location, slug);
	text_string(&location, mark + strlen("{ref}"));
	if (query != NULL)
		text_string(&location, query);
	response_redirect(response, arena_copy(request->arena, location.bytes, location.length));
	text_done(&location);
}

static bool is_gone(struct request *request, const struct article_row *row, struct error *err)
{
	struct text members = TEXT_EMPTY;

	if (!store_removal(store_of(request), row->id, request->arena, &members, err)) {
		text_done(&members);
		return false;
	}
	error_set(err, ERROR_GONE, "article %lld is no longer published", (long long)row->id);
	if (members.length > 0 && members.length < sizeof err->members)
		memcpy(err->members, members.bytes, members.length + 1);
	text_done(&members);
	return false;
}

/* From a former slug to the present one. */
static bool lead_on(struct request *request, struct response *response, const char *ref, const struct article_row *row, bool *ret_redirected)
{
	*ret_redirected = !is_digits(ref) && strcmp(ref, row->slug) != 0;
	if (*ret_redirected)
		redirect(request, response, row->slug);
	return true;
}

bool article_find_public(struct request *request, struct response *response, struct article_row *ret_row, bool *ret_redirected,
    struct error *err)
{
	const char *ref = request_path_value(request, "ref");

	*ret_redirected = false;
	if (!store_article_find(store_of(request), ref, request->arena, ret_row, err))
		return false;
	if (ret_row->status != ARTICLE_PUBLISHED && ret_row->was_public && ret_row->is_known_so)
		return is_gone(request, ret_row, err);
	if (ret_row->status != ARTICLE_PUBLISHED)
		return error_set(err, ERROR_NOT_FOUND, "there is no article %.100s", ref);
	return lead_on(request, response, ref, ret_row, ret_redirected);
}

bool article_find(struct request *request, struct response *response, struct article_row *ret_row, bool *ret_redirected, struct error *err)
{
	const char *ref = request_path_value(request, "ref");

	*ret_redirected = false;
	return store_article_find(store_of(request), ref, request->arena, ret_row, err) && lead_on(request, response, ref, ret_row, ret_redirected);
}
