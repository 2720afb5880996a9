/* SPDX-License-Identifier: MIT */
/*
 * What /openapi.json, /docs, /llms.txt and /problems/… say that the tables of routes, parameters, fields and errors do not say already. It stands
 * here once: a sentence on each route and error, and the shapes of what goes in and out.
 *
 * Who adds a public route adds a row to route_docs[] (route_docs.c); who adds an error, a row to error_docs.c. tests/api/test_openapi.c says which
 * is missing.
 */
#ifndef BROADSHEET_DOCUMENTATION_H
#define BROADSHEET_DOCUMENTATION_H

#include <jansson.h>

#include "api_internal.h"

/* --- shapes.c --- */

enum shape_kind {
	SHAPE_STRING, SHAPE_INTEGER, SHAPE_NUMBER, SHAPE_BOOLEAN, SHAPE_TIME, SHAPE_URL, SHAPE_ANY,
	SHAPE_CHOICE,                 /* one of `choices` */
	SHAPE_CHOICES,                /* a list of them */
	SHAPE_ONE, SHAPE_MANY,        /* another shape, a list of it: `of` */
	SHAPE_STRINGS, SHAPE_INTEGERS,
	SHAPE_LISTS_OF,               /* an object: a list of `of` under each of `choices` */
	SHAPE_LIST_OF_LISTS,          /* a list of lists of `of` */
};

struct shape_member {
	const char *name;
	enum shape_kind kind;
	bool required;
	const char *of;
	const char *const *choices;
	const char *help;
	bool read_only;               /* of what is written: may come back as it was read, and is ignored */
};

enum shape_use { SHAPE_READ, SHAPE_WRITE, SHAPE_PATCH };

/* An object. Where `views` is set it begins with the fields of an article that show there (article_fields[]). */
struct shape {
	const char *name, *help;
	unsigned views;               /* enum article_view */
	enum shape_use use;
	const struct shape_member *members;    /* up to a row without a name; NULL: none */
	bool is_picked;               /* some of it, as the parameter fields says: nothing is always there, in its parts neither */
	const char *defined_at;       /* a format of others: where it is described, which this is only the outline of */
};

extern const struct shape shapes[];    /* up to a row without a name */

/* --- route_docs.c --- */

enum answer_form {
	ANSWER_NOTHING,               /* 204 */
	ANSWER_ONE,                   /* {"data":{…}} */
	ANSWER_ALL,                   /* {"data":[…]} */
	ANSWER_PAGE,                  /* {"data":[…],"meta":{…},"links":{…}} */
	ANSWER_PLAIN,                 /* the shape itself */
	ANSWER_LINES,                 /* NDJSON, the shape a line */
	ANSWER_OTHER,                 /* something else, whose media type stands in the place of the shape */
};

enum route_says {
	SAYS_201 = 1,                 /* and 200 too, where SAYS_200 stands beside it */
	SAYS_202 = 2,
	SAYS_200 = 4,                 /* as all do that say nothing else */
	SAYS_308 = 8,                 /* from a former slug */
	NEEDS_IF_MATCH = 16, TAKES_IF_MATCH = 32, TAKES_IDEMPOTENCY_KEY = 64,
	BODY_MAY_LACK = 128,
	SAYS_LINK = 256,              /* the header, where the body is no page of ours */
	TAKES_LAST_EVENT_ID = 512,
	TAKES_IF_NONE_MATCH = 1024,   /* of a write: *, that nothing be there */
	SAYS_ETAG = 2048,             /* to ask again with, though no reply is kept */
};

enum { ROUTE_ERRORS_MOST = 8 };

struct route_doc {
	enum http_method method;
	const char *path;             /* as in the table of routes */
	const char *name;             /* operationId */
	const char *group;            /* one of route_groups[] */
	const char *summary, *help;   /* a few words; sentences */
	enum answer_form form;
	const char *shape;            /* "A|B": either; of ANSWER_OTHER its media type, and "text/x A" when that has a shape, or is made of events that have */
	const char *meta;             /* shape of a page's `meta`; NULL: empty */
	const char *body;             /* shape of the request's body */
	unsigned says;                /* enum route_says */
	enum error_code errors[ROUTE_ERRORS_MOST];    /* its own; what routes like it share is found from the table of routes */
};

struct route_group {
	const char *name, *help;
};

extern const struct route_doc route_docs[];      /* up to a row without a path */
extern const struct route_group route_groups[];  /* up to a row without a name; in this order they are listed */
const struct route_doc *route_doc_of(const struct route *route);    /* NULL when it has none */
/* May a client elsewhere call it? */
bool route_is_public(const struct route *route);
bool route_is_stream(const struct route_doc *doc);      /* of events, without an end */

/* --- error_docs.c --- */

/* What it means and what to do, in whole sentences; NULL when there is no row. */
const char *error_words(enum error_code code);

/* --- openapi_schema.c --- */

json_t *openapi_shape(const struct shape *shape);                  /* schema of an object */
json_t *openapi_reference(const char *names);                      /* to one or either of the shapes "A|B" */
json_t *openapi_parameter(const struct parameter *parameter);      /* a parameter object */
json_t *openapi_path_parameter(const char *name);

/* --- openapi_answers.c --- */

/* The `responses` of a route. What several share goes into `components`. */
json_t *openapi_answers(const struct route *route, const struct route_doc *doc, json_t *components);
/* Has its 200 an ETag to ask again with? */
bool openapi_has_validator(const struct route *route, const struct route_doc *doc);

/* --- openapi_webhooks.c --- */

/* What webhooks are sent, as the document's `webhooks`. */
json_t *openapi_webhooks(void);

/* --- openapi_examples.c --- */

/* By operationId: {"target","answer","body"}. The caller owns it. */
json_t *openapi_examples(const char *base_url);
/* example: one of them, or NULL. */
void openapi_set_examples(json_t *operation, const json_t *example);

/* --- openapi.c --- */

/* The whole document; the caller owns it. */
json_t *openapi_document(const struct http_service *service, const char *site_name);

#endif
