/* SPDX-License-Identifier: MIT */
/* What the files of server/api/ share among themselves. */
#ifndef BROADSHEET_API_INTERNAL_H
#define BROADSHEET_API_INTERNAL_H

#include "api.h"
#include "webhook_store.h"

/* --- context.c: what a thread that runs handlers has --- */

struct context {
	struct api *api;
	struct store *store;          /* this thread's own connection */
	bool is_writer;
	struct publisher publisher;   /* the writer's only */
};

struct context *context_of(const struct request *request);
struct store *store_of(const struct request *request);

/* --- body.c: what a request says in JSON --- */

/* The caller owns the result. ERROR_INVALID where it is no JSON. */
bool body_json(struct request *request, json_t **ret_value, struct error *err);
/* An object, read by a table: article.h, form_read(). No body at all is an empty object. */
bool body_form(struct request *request, const struct form_field *fields, size_t n, struct error *err);

/* --- path_number.c --- */

/* What {name} in the path says. ERROR_NOT_FOUND, "there is no version 01", for what is not written as answers write numbers. */
bool path_number(const struct request *request, const char *name, const char *what, int64_t *ret_number, struct error *err);

/* --- precondition.c: If-Match and If-None-Match of writes --- */

/* rev: of the version that stands; 0: of a thing that nobody has written yet. ERROR_UNCONDITIONAL when If-Match is required and missing, ERROR_STALE when
 * it names other versions, or when If-None-Match says that nothing should be there. */
bool precondition_holds(struct request *request, bool exists, int64_t rev, bool is_required, struct error *err);
/* The ETag of a write's answer, whose body is filled: for If-Match, and no form that a GET would give. */
void precondition_name(const struct request *request, struct response *response, int64_t rev);

/* --- idempotency.c: the same key, the same answer --- */

bool idempotency_key_is_fine(const struct request *request, struct error *err);
/* The same request was answered before, and is answered so again. false with ERROR_NONE: it is new. On the writer's thread. */
bool idempotency_answers(struct request *request, struct response *response, struct error *err);
/* Inside the transaction that wrote the article. */
bool idempotency_keep(struct request *request, const struct response *response, int64_t article_id, struct error *err);

/* --- article_write_handlers.c --- */

/* ETag and, of a 201, Location of a written article, whose body is filled. */
void write_answer_headers(const struct request *request, struct response *response, int64_t id);

/* --- term_handlers.c --- */

void term_write(const struct term_row *row, struct text *json);    /* {"slug","name",…} */

/* --- rename_job.c --- */

/* After a commit, on the writer's thread: goes on with a rename, if one is due. */
void api_rename_on(struct api *api);

/* --- article_query.c: parameters -> what the store is asked --- */

extern const struct parameter article_list_parameters[], article_neighbour_parameters[], search_parameters[];

/* What a listing is filtered by that every article has or has not: section, tag, source, author, lang. */
void query_terms_from_request(struct request *request, struct list_query *ret_query);
/* The filters of a listing. ERROR_FORBIDDEN for a status that needs a key. */
bool query_filters_from_request(struct request *request, struct list_query *ret_query, struct error *err);
/* Filters, order and limit. */
bool query_from_request(struct request *request, struct list_query *ret_query, struct error *err);

/* Does a caller who may see it ask for more than readers do: by `status`, or by `ids`? */
bool query_asks_newsroom(struct request *request);

/* --- newsroom_search.c --- */

struct search_query;
struct field_selection;

extern int64_t newsroom_examined_most;    /* on one page; less in tests */
/* The whole answer to q over published articles and others, by time. */
bool newsroom_search_answer(struct request *request, struct response *response, const struct list_query *query, const struct search_query *words,
    const struct field_selection *selection, struct text *data, struct text *meta, struct error *err);

/* --- cursor.c: opaque places in a listing --- */

struct cursor {
	bool backward;
	int64_t time, id;             /* key of the row from which to go on; `time` is a count in lists of terms by count */
	const char *name;             /* lists of terms by name: folded name; searches: what the ranking goes by; otherwise NULL */
};

/* The `cursor` parameter, or none (*ret_has is false). ERROR_CURSOR when it is damaged or belongs to another request. */
bool cursor_read(struct request *request, struct cursor *ret_cursor, bool *ret_has, struct error *err);
const char *cursor_write(const struct request *request, const struct cursor *cursor);
/* ERROR_CURSOR; false. */
bool cursor_refuse(struct error *err, const char *code, const char *detail);

/* --- list_answer.c: {"data":[…],"meta":{…},"links":{…}} --- */

/* Cursors are NULL at the ends. `data` and `meta` are JSON without their brackets. Writes body and Link header. */
void list_answer(struct request *request, struct response *response, const struct text *data, const struct text *meta, const char *next,
    const char *prev);

/* The links of a list, whichever frame it has: first the addresses, with the place holder of the base URL, empty where there is none; then the header. */
enum { LINK_SELF, LINK_NEXT, LINK_PREV, N_LINKS };
struct list_links {
	struct text addresses[N_LINKS];
};
void list_links_write(const struct request *request, const char *next, const char *prev, struct list_links *ret_links);
void list_links_send(const struct list_links *links, struct response *response);
void list_links_done(struct list_links *links);

/* --- list_page.c: pages that end early, because their texts are long --- */

extern size_t list_bytes_most;    /* of items, or of bodies: a page that has become so long ends, and a link goes on; less in tests */
/* How many rows lie before the place that the page was asked from, on the way back: they are read first, the last of them before the others. */
size_t list_page_back(const struct list_query *query, const struct list_page *page);
size_t list_row_at(size_t back, size_t step);    /* which row is read at this step */
/* The rows that so many steps have read: from *ret_first to before *ret_end. */
void list_kept(size_t back, size_t steps, size_t *ret_first, size_t *ret_end);
/* Leaves these on the page, with its keys on either side. */
void list_page_cut(struct list_page *page, size_t back, size_t steps);
/* Puts items, written step by step with a comma between them and nothing before, into the order of the list. ends: of each. */
void list_turn(struct text *data, const size_t *ends, size_t back, size_t steps);
const char *list_cursor(struct request *request, struct list_key key, bool backward);

/* --- fields.c: only the fields asked for --- */

struct field_selection {
	bool all;                     /* what lies ready is sent as it is */
	bool in_item;                 /* all of it stands in the list item: the document need not be read */
	bool with_private;            /* also status, schedule and the like, which only the newsroom sees */
	const char *const *names;     /* "id", "section.name" */
	size_t n;
};

/* From `fields` and `include`. views: VIEW_ITEM or VIEW_DETAIL, what may be asked for. ERROR_PARAMETER for an unknown one. */
bool fields_from_request(struct request *request, unsigned views, struct field_selection *ret_selection, struct error *err);
/* Is this field, whole, among them? */
bool fields_has(const struct field_selection *selection, const char *name);
/* Appends the fields of a JSON object that are selected. */
bool fields_pick(const char *json, size_t length, const struct field_selection *selection, struct text *ret_json, struct error *err);

/* --- article_handlers.c --- */

/* Appends one list item as the selection wants it. */
bool article_write_item(struct request *request, int64_t id, const struct field_selection *selection, struct text *data, struct error *err);

/* --- search_handlers.c --- */

/* Does a listing's request ask for what only the search index can tell? */
bool search_is_asked_for(struct request *request);
/* The whole answer, in the usual order when the request names none. */
bool search_answer(struct request *request, struct response *response, const char *usual_order, const struct list_query *filters,
    const struct field_selection *selection, struct text *data, struct text *meta, struct error *err);
/* Appends what `facets` asks for of a listing without q to `meta`; nothing when it asks for none. */
bool search_write_facets(struct request *request, const struct list_query *filters, struct text *meta, struct error *err);

/* Opens the JSON object that the text ends with, for one more member, and appends its key. */
void open_object(struct text *json, const char *member);
/* The listing's answer, by whichever parameters it is asked. `usual_order`: of a search. */
bool article_list_answer(struct request *request, struct response *response, const char *usual_order, struct error *err);

/* --- article_find.c: {ref} -> an article that readers may see --- */

/* ERROR_NOT_FOUND, or ERROR_GONE with what is known of its removal. A former slug fills `response` with a 308 and sets *ret_redirected. */
bool article_find_public(struct request *request, struct response *response, struct article_row *ret_row, bool *ret_redirected,
    struct error *err);
/* The same for whom may see drafts: whatever its status. */
bool article_find(struct request *request, struct response *response, struct article_row *ret_row, bool *ret_redirected, struct error *err);

/* --- basis_of.c: what an answer stands on, stated in the read that makes it --- */

bool basis_of_list(struct request *request, const struct list_query *query, struct error *err);
void basis_of_all(struct request *request);
/* It was cut by the clock: made again it may be another one. So its validator is like no other, and it is not given again. */
void basis_of_late(struct request *request);
bool basis_of_term(struct request *request, const char *kind, const char *slug, struct error *err);
/* seq: of the version that readers see; 0: they do not see it. */
void basis_of_article(struct request *request, int64_t id, int64_t seq);
/* A list of related articles, with the article that it belongs to. */
bool basis_of_related(struct request *request, const struct article_row *row, const struct related_answer *answer, const struct related_sources *sources,
    struct error *err);

/* --- related_handlers.c --- */

extern const struct parameter related_parameters[];

/* --- surrogate_keys.c: what a CDN purges by --- */

/* Cache-Groups (RFC 9875) and Surrogate-Key: the article with its section, source, authors and tags, or the terms a listing is filtered by. */
bool surrogate_keys_of_article(struct request *request, struct response *response, int64_t id, struct error *err);
/* Names parted by blanks; those that come last may be left out. */
void surrogate_keys_of_names(struct response *response, const char *names);
void surrogate_keys_of_list(struct request *request, struct response *response, const struct list_query *query);
/* Of what any article may come into, or go from. */
void surrogate_keys_of_all(struct request *request, struct response *response);

/* --- key_callers.c: the service's hooks --- */

bool key_look_up(struct request *request, const struct key_shown *shown, enum key_standing *ret_standing, struct caller *ret_caller, struct error *err);
bool key_standing_now(struct request *request, enum key_standing *ret_standing, struct error *err);
bool key_has_any(struct request *request);

/* --- webhook_handlers.c --- */

enum { WEBHOOK_BODY_MOST = 65536 };

/* The webhook that {id} names. ERROR_NOT_FOUND. */
bool webhook_find(struct request *request, struct webhook *ret_webhook, struct error *err);

/* --- feed_handlers.c, sitemap_handlers.c, format_handlers.c --- */

struct feed_site;

extern const struct parameter feed_parameters[], feed_search_parameters[], ninjs_parameters[], ninjs_list_parameters[], json_ld_parameters[];

/* What feeds and formats say of this site. Borrowed from the service. */
void feed_site_of(const struct request *request, struct feed_site *ret_site);

/* --- handlers, in the order of the route table --- */

route_handler article_list, article_get, article_related, article_next, article_prev, article_batch;
route_handler article_create, article_replace, article_patch, article_withdraw, article_restore;
route_handler revision_list, revision_get, revision_diff;
route_handler preview_create, preview_get;
route_handler search_get;
route_handler suggest_list;
route_handler collection_list, collection_get, collection_put, collection_delete;
route_handler section_list, section_get, section_put, tag_list, tag_get, source_list, source_get, author_list, author_get;
route_handler change_list, event_stream;
route_handler key_list, key_create, key_revoke;
route_handler webhook_list, webhook_create, webhook_get, webhook_replace, webhook_delete, delivery_list, webhook_replay, webhook_test;
route_handler feed_get, feed_search, sitemap_index_get, sitemap_page_get, sitemap_news_get;
route_handler article_ninjs, article_json_ld, article_list_ninjs, article_ndjson;
route_handler openapi_get, llms_get;
route_handler healthz_get, readyz_get, metrics_get;

extern const struct parameter revision_list_parameters[], revision_diff_parameters[];

/* Before threads start. */
void health_register_metrics(void);

extern const struct parameter change_list_parameters[], event_stream_parameters[];
#define FIELDS_PARAMETER                                                                                       \
	{ .name = "fields", .kind = PARAMETER_TEXT, .most = 2000, .help = "Only these: id,title,section.name", \
	  .pattern = "^[a-z_]+(\\.[a-z_]+)?(,[a-z_]+(\\.[a-z_]+)?)*$" }

extern const struct parameter article_get_parameters[], article_create_parameters[], article_withdraw_parameters[], batch_parameters[], suggest_parameters[],
    delivery_list_parameters[], term_list_parameters[], section_list_parameters[], collection_list_parameters[], collection_get_parameters[], no_parameters[];

#endif
