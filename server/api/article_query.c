/* SPDX-License-Identifier: MIT */
/*
 * The parameters of a listing, and what they ask of the store.
 *
 * The tables are the contract (API.md §2): what is not in them is refused by the pipeline, with the nearest name, before a handler
 * runs. Values were checked there one by one; here only what spans parameters is.
 */
#include "api_internal.h"

#include <string.h>

static const char *const status_choices[] = { "draft", "scheduled", "published", "withdrawn", NULL };
static const char *const include_choices[] = { "body", NULL };
static const char *const change_include_choices[] = { "article", "body", NULL };
static const char *const count_choices[] = { "none", "exact", NULL };
static const char *const order_choices[] = { "newest", "oldest", "updated", "relevance", NULL };
static const char *const time_order_choices[] = { "newest", "oldest", "updated", NULL };
static const char *const ninjs_versions[] = { "2", "3", NULL };
static const char *const facet_choices[] = { "section", "tag", "source", "author", "year", NULL };

enum { TERMS_MOST = 50, TAG_ALL_MOST = 20, IDS_MOST = 100, LIMIT_MOST = 100, TYPED_MOST = 4096 };

/* clang-format off */
#define TERM_PARAMETERS                                                                                                                          \
	{ .name = "section", .kind = PARAMETER_SLUGS, .most = TERMS_MOST, .negatable = true, .help = "In any of these sections; !slug: not in it" }, \
	{ .name = "tag", .kind = PARAMETER_SLUGS, .most = TERMS_MOST, .negatable = true, .help = "With any of these tags; !slug: without it" },      \
	{ .name = "source", .kind = PARAMETER_SLUGS, .most = TERMS_MOST, .negatable = true, .help = "From any of these sources; !slug: not from it" }, \
	{ .name = "author", .kind = PARAMETER_SLUGS, .most = TERMS_MOST, .negatable = true, .help = "By any of these authors; !slug: not by them" }, \
	{ .name = "lang", .kind = PARAMETER_SLUGS, .most = TERMS_MOST, .negatable = true, .help = "In any of these languages, in lower case (en, pt-br)" }

#define FILTER_PARAMETERS                                                                                                                        \
	TERM_PARAMETERS,                                                                                                                         \
	{ .name = "tag_all", .kind = PARAMETER_SLUGS, .most = TAG_ALL_MOST, .help = "With all of these tags" },                                     \
	{ .name = "featured", .kind = PARAMETER_BOOLEAN, .help = "Chosen by the editors, or not" },                                                  \
	{ .name = "published_after", .kind = PARAMETER_TIME, .help = "Published then or later" },                                                    \
	{ .name = "published_before", .kind = PARAMETER_TIME, .help = "Published earlier" },                                                         \
	{ .name = "updated_after", .kind = PARAMETER_TIME, .help = "Changed then or later" },                                                        \
	{ .name = "updated_before", .kind = PARAMETER_TIME, .help = "Changed earlier" },                                                             \
	{ .name = "status", .kind = PARAMETER_CHOICES, .choices = status_choices, .fallback = "published", .help = "Any of these; others than published need a key with read_drafts" }, \
	{ .name = "min_seq", .kind = PARAMETER_INTEGER, .most = INT64_MAX, .help = "Wait up to 2 s until this seq has been applied" }

#define Q_PARAMETER .name = "q", .kind = PARAMETER_TEXT, .most = TYPED_MOST, .help = "Words to find: \"a phrase\" -without begin* title:word byline:word"

#define PAGE_PARAMETERS                                                                                                                          \
	{ .name = "limit", .kind = PARAMETER_INTEGER, .least = 1, .most = LIMIT_MOST, .fallback = "20", .help = "Articles a page" },                 \
	{ .name = "cursor", .kind = PARAMETER_TEXT, .most = 1000, .help = "From links.next or links.prev" },                                         \
	FIELDS_PARAMETER,                                                                                                                            \
	{ .name = "include", .kind = PARAMETER_CHOICES, .choices = include_choices, .help = "body: body_html and body_text too" },                   \
	{ .name = "count", .kind = PARAMETER_CHOICE, .choices = count_choices, .fallback = "none", .help = "exact: how many in all, in meta.count" }, \
	{ .name = "facets", .kind = PARAMETER_CHOICES, .choices = facet_choices, .help = "How the whole result is spread, in meta.facets" }

const struct parameter article_list_parameters[] = {
	FILTER_PARAMETERS,
	{ Q_PARAMETER },
	PAGE_PARAMETERS,
	{ .name = "ids", .kind = PARAMETER_IDS, .most = IDS_MOST, .help = "These articles, in this order; goes with filters, fields and include" },
	{ .name = "order", .kind = PARAMETER_CHOICE, .choices = order_choices, .fallback = "newest", .help = "newest, oldest, updated: last changed first, or, with q, relevance" },
	{ .name = NULL },
};

const struct parameter search_parameters[] = {
	FILTER_PARAMETERS,
	{ Q_PARAMETER, .required = true },
	PAGE_PARAMETERS,
	{ .name = "order", .kind = PARAMETER_CHOICE, .choices = order_choices, .fallback = "relevance", .help = "relevance, newest, oldest, or updated: last changed first" },
	{ .name = NULL },
};

const struct parameter ninjs_list_parameters[] = {
	FILTER_PARAMETERS,
	{ .name = "limit", .kind = PARAMETER_INTEGER, .least = 1, .most = LIMIT_MOST, .fallback = "20", .help = "Articles a page" },
	{ .name = "cursor", .kind = PARAMETER_TEXT, .most = 1000, .help = "From the links next and prev of the Link header" },
	{ .name = "order", .kind = PARAMETER_CHOICE, .choices = time_order_choices, .fallback = "newest", .help = "newest, oldest, or updated: last changed first" },
	{ .name = "version", .kind = PARAMETER_CHOICE, .choices = ninjs_versions, .fallback = "3", .help = "3: ninjs 3.1; 2: ninjs 2.2" },
	{ .name = NULL },
};

const struct parameter article_neighbour_parameters[] = {
	FILTER_PARAMETERS,
	FIELDS_PARAMETER,
	{ .name = "include", .kind = PARAMETER_CHOICES, .choices = include_choices, .help = "body: body_html and body_text too" },
	{ .name = NULL },
};

#define SINCE_PATTERN "^(now|0|[1-9][0-9]{0,17})$"

const struct parameter change_list_parameters[] = {
	TERM_PARAMETERS,
	{ .name = "since", .kind = PARAMETER_TEXT, .most = 20, .fallback = "0", .pattern = SINCE_PATTERN,
	  .help = "Changes behind this seq: meta.next_since of the last answer, 0 from the beginning, now for what comes after this request" },
	{ .name = "limit", .kind = PARAMETER_INTEGER, .least = 1, .most = 1000, .fallback = "200", .help = "Changes a page" },
	{ .name = "include", .kind = PARAMETER_CHOICES, .choices = change_include_choices, .help = "article: the list item too; body: the whole article" },
	{ .name = "wait", .kind = PARAMETER_INTEGER, .least = 0, .most = 30, .fallback = "0", .help = "Seconds to wait for news before an empty answer" },
	{ .name = "min_seq", .kind = PARAMETER_INTEGER, .most = INT64_MAX, .help = "Wait up to 2 s until this seq has been applied" },
	{ .name = NULL },
};

const struct parameter event_stream_parameters[] = {
	TERM_PARAMETERS,
	{ .name = "since", .kind = PARAMETER_TEXT, .most = 20, .fallback = "now", .pattern = SINCE_PATTERN, .help = "As of /v1/changes, but now: from here on; Last-Event-ID goes before it" },
	{ .name = "include", .kind = PARAMETER_CHOICES, .choices = change_include_choices, .help = "article: the list item too; body: the whole article" },
	{ .name = NULL },
};

const struct parameter article_get_parameters[] = {
	{ .name = "related", .kind = PARAMETER_INTEGER, .least = 0, .most = RELATED_MOST, .fallback = "5", .help = "How many related articles; 0: none" },
	FIELDS_PARAMETER,
	{ .name = "min_seq", .kind = PARAMETER_INTEGER, .most = INT64_MAX, .help = "Wait up to 2 s until this seq has been applied" },
	{ .name = NULL },
};
/* clang-format on */

/* "a", "!b" -> any, none. */
static void add_terms(struct request *request, struct list_query *query, const char *parameter, const char *kind)
{
	struct term_filter *filter = &query->filters[query->n_filters];
	const char *const *values;
	const size_t n = request_list(request, parameter, &values);

	if (n == 0)
		return;
	*filter = (struct term_filter){ .kind = kind };
	filter->any = arena_array(request->arena, n, sizeof *filter->any);
	filter->none = arena_array(request->arena, n, sizeof *filter->none);
	for (size_t i = 0; i < n; i++) {
		if (values[i][0] == '!')
			filter->none[filter->n_none++] = values[i] + 1;
		else
			filter->any[filter->n_any++] = values[i];
	}
	query->n_filters++;
}

static void add_one_term(struct request *request, struct list_query *query, const char *kind, const char *slug, bool wanted)
{
	struct term_filter *filter = &query->filters[query->n_filters++];
	const char **slugs = arena_array(request->arena, 1, sizeof *slugs);

	slugs[0] = slug;
	*filter = (struct term_filter){ .kind = kind };
	if (wanted) {
		filter->any = slugs;
		filter->n_any = 1;
	} else {
		filter->none = slugs;
		filter->n_none = 1;
	}
}

static enum list_order order_from(const char *name)
{
	for (size_t i = 0; name != NULL && list_order_names[i] != NULL; i++)
		if (strcmp(list_order_names[i], name) == 0)
			return (enum list_order)i;
	return LIST_NEWEST;
}

bool query_asks_newsroom(struct request *request)
{
	const char *const *values;

	return request_has_scope(request, SCOPE_READ_DRAFTS) && (request_list(request, "status", &values) > 0 || request_list(request, "ids", &values) > 0);
}

/* Published ones alone are 0, which readers' listings know how to count and search. */
static bool statuses_from_request(struct request *request, unsigned *ret_statuses, struct error *err)
{
	const char *const *names;
	const size_t n = request_list(request, "status", &names);
	unsigned statuses = 0;

	for (size_t i = 0; i < n; i++) {
		for (unsigned status = 0; article_status_names[status] != NULL; status++)
			if (strcmp(article_status_names[status], names[i]) == 0)
				statuses |= LIST_STATUS(status);
		if (strcmp(names[i], "published") == 0 || request_has_scope(request, SCOPE_READ_DRAFTS))
			continue;
		error_set(err, ERROR_FORBIDDEN, "only published articles are open to everyone");
		error_add_parameter(err, "status", "needs-key", "published", "%s articles need a key with the scope read_drafts", names[i]);
		return false;
	}
	*ret_statuses = statuses == LIST_STATUS(ARTICLE_PUBLISHED) ? 0 : statuses;
	return true;
}

void query_terms_from_request(struct request *request, struct list_query *ret_query)
{
	list_query_init(ret_query);
	add_terms(request, ret_query, "section", "section");
	add_terms(request, ret_query, "tag", "tag");
	add_terms(request, ret_query, "source", "source");
	add_terms(request, ret_query, "author", "author");
	add_terms(request, ret_query, "lang", "lang");
}

bool query_filters_from_request(struct request *request, struct list_query *ret_query, struct error *err)
{
	const char *const *all;
	const size_t n_all = request_list(request, "tag_all", &all);

	query_terms_from_request(request, ret_query);
	if (!statuses_from_request(request, &ret_query->statuses, err))
		return false;
	for (size_t i = 0; i < n_all; i++)
		add_one_term(request, ret_query, "tag", all[i], true);
	if (request_parameter(request, "featured") != NULL)
		add_one_term(request, ret_query, "flag", "featured", request_boolean(request, "featured", false));
	ret_query->published_after = request_time(request, "published_after");
	ret_query->published_before = request_time(request, "published_before");
	ret_query->updated_after = request_time(request, "updated_after");
	ret_query->updated_before = request_time(request, "updated_before");
	return true;
}

bool query_from_request(struct request *request, struct list_query *ret_query, struct error *err)
{
	if (!query_filters_from_request(request, ret_query, err))
		return false;
	ret_query->order = order_from(request_parameter(request, "order"));
	ret_query->limit = (size_t)request_integer(request, "limit", 20);
	return true;
}
