/* SPDX-License-Identifier: MIT */
/*
 * From socket to handler and back. This module knows HTTP and nothing of news: what to serve comes in as a
 * struct http_service (a table of routes and a few hooks), which server/api/ fills in.
 *
 * Life of a request (server/http/serve.c is the function to read first):
 *	listener → gate → limits → kept? → request → router → auth → parameters → kept? → [lane] → handler → keep → conditional → compression → response
 *
 * A handler runs on the event thread that owns the connection; where it says that it will take long, on a reader thread, and where it says
 * that it is about to write, on the one writer thread, while the connection is suspended. It gets a
 * request and fills a response, or returns false with an error; serve.c turns errors into replies, so no handler builds one.
 */
#ifndef BROADSHEET_HTTP_H
#define BROADSHEET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "basis.h"
#include "embedded.h"
#include "error.h"
#include "generations.h"
#include "key.h"
#include "lane.h"
#include "text.h"

enum http_method { HTTP_GET = 1, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_OPTIONS };

/* Which socket a request came in by. A route is open on the doors it names. */
enum http_door { DOOR_PUBLIC = 1, DOOR_ADMIN = 2, DOOR_CONTROL = 4 };

/* Who may call a route: anyone, or the control socket and keys with this scope. */
enum route_who { ANYONE, KEY_READ_DRAFTS = SCOPE_READ_DRAFTS, KEY_WRITE = SCOPE_WRITE, KEY_ADMIN = SCOPE_ADMIN };
enum route_kept { NEVER, KEPT };           /* KEPT: the handler states what its answer stands on, and the reply is kept */
/* ON_WRITER: the handler writes, and says when it is about to: request_may_write(). PIECES_ON_WRITER: it is also called as the body comes, takes what
 * it can off the front of request->body, adds to the response, and commits for itself; the last time body_is_whole. */
enum route_place { HERE, ON_WRITER, PIECES_ON_WRITER };

struct request;
struct response;

typedef bool route_handler(struct request *request, struct response *response, struct error *err);

/* What one query parameter may be. A route's table ends with a row whose name is NULL. */
enum parameter_kind {
	PARAMETER_TEXT,        /* any UTF-8, 1 to `most` bytes (default 200) */
	PARAMETER_INTEGER,     /* `least` to `most` */
	PARAMETER_BOOLEAN,     /* true, false */
	PARAMETER_CHOICE,      /* one of `choices` */
	PARAMETER_TIME,        /* RFC 3339 with offset, or a date: clock_parse() */
	PARAMETER_DURATION,    /* clock_parse_duration() */
	PARAMETER_SLUGS,       /* [a-z0-9-]+, many; a leading '!' means not, where `negatable` */
	PARAMETER_IDS,         /* integers from 1, many, at most `most` */
	PARAMETER_CHOICES,     /* several of `choices`, many */
	PARAMETER_OTHERS,      /* the kind of the row that ends a page's table: other parameters are let through and ignored, and none is checked */
};

struct parameter {
	const char *name;
	enum parameter_kind kind;
	int64_t least, most;
	const char *const *choices;   /* NULL at the end */
	bool negatable;
	bool required;
	const char *fallback;         /* the default, for the documentation; NULL when there is none */
	const char *pattern;          /* what a text looks like, for the documentation: a regular expression of ECMA-262; NULL when it may be any */
	const char *help;             /* one line */
};

bool parameter_is_many(const struct parameter *parameter);    /* takes several values, parted by commas */

struct route {
	enum http_method method;      /* HEAD is answered wherever GET is, OPTIONS everywhere */
	const char *path;             /* "/v1/articles/{ref}/related"; {name} takes one non-empty segment, {name}.xml one that ends so, {name...} the rest of the path */
	enum route_who who;
	enum route_kept kept;
	enum route_place place;
	unsigned doors;               /* DOOR_… or'ed */
	route_handler *handler;
	const struct parameter *parameters;   /* NULL: any parameter is let through and ignored (pages); an empty table: none may be given */
	size_t body_limit;            /* bytes, or BODY_OF_ARTICLE; 0: a body is refused */
	const char *body_type;        /* media types that a body may have, parted by ", ", or NULL: any; a body without Content-Type is 415 too */
};

#define BODY_OF_ARTICLE SIZE_MAX      /* as many bytes as the service lets an article have */

struct request_value {
	const char *name, *value;     /* decoded, valid UTF-8, no NUL */
};

/* Who asks: the holder of a key, or whoever may open the control socket. */
struct caller {
	const char *name;             /* the key's, "control", or NULL: anyone */
	const char *kid;              /* the key's, or NULL */
	unsigned scopes;              /* enum scope */
};

/* One request, from the first byte to the last of its reply. Everything it points to lives as long as itself. */
struct request {
	const struct http_service *service;
	struct arena *arena;
	void *context;                /* the service's per-thread context: api/api_internal.h knows its shape */
	enum http_door door;          /* the socket it came in by */
	struct caller caller;         /* known once the request has been let in */
	enum http_method method;      /* HEAD stands as HTTP_GET with is_head */
	bool is_head;
	const char *sent;             /* the target's first 200 bytes, whatever they are: all that is known of one that was refused */
	const char *target;           /* as sent, origin form: "/v1/articles?limit=5"; NULL, as all below, until it was found fine */
	const char *path;             /* decoded; for display and for static files */
	const struct route *route;
	struct request_value *path_values;
	size_t n_path_values;
	struct request_value *parameters;     /* in the order sent, one an occurrence; commas not yet split */
	size_t n_parameters;
	struct request_value *canonical;      /* the parameters as they are understood, sorted by name, without defaults: canonical.c */
	size_t n_canonical;
	const char *canonical_target;         /* path and these, percent-encoded: what validators and kept replies go by */
	size_t canonical_length;
	struct basis *basis;          /* what the answer stands on; KEPT handlers state it as they read */
	int64_t seq_at_arrival;       /* the public seq then, however long it has waited since */
	bool is_on_reader;            /* may take its time */
	bool is_on_writer;            /* may write */
	bool wants_reader, wants_writer;
	bool is_piece;                /* of an event stream that is under way: the next events are asked for, and nothing else */
	void *prepared;               /* what the handler made of the request before it came to the writer's thread, in the arena; NULL: nothing yet */
	struct request_value *headers;        /* names as sent */
	size_t n_headers;
	struct text body;
	bool body_is_whole;
	int64_t current_rev;          /* of the thing that a precondition was held against; 0: none was */
	int64_t started_us;           /* clock_monotonic_us() at the first byte of the body or the end of the headers */
};

/* The value of {name} in the route's path; asserts that the route has it. */
const char *request_path_value(const struct request *request, const char *name);

/* A header field by name without case (several of one name are joined by ", "), or NULL. */
const char *request_header(const struct request *request, const char *name);

/* A single-valued parameter as checked against the route's table; NULL when not given. */
const char *request_parameter(const struct request *request, const char *name);
int64_t request_integer(const struct request *request, const char *name, int64_t fallback);
int64_t request_time(const struct request *request, const char *name);                 /* TIME_NONE when not given */
int64_t request_duration(const struct request *request, const char *name, int64_t fallback);
bool request_boolean(const struct request *request, const char *name, bool fallback);

/* A parameter as it is understood: NULL when it was not given, is empty or has its default. What is kept depends on nothing else of the query. */
const char *request_canonical(const struct request *request, const char *name);
/* Appends the canonical target, without the parameter `left_out` (or NULL). */
void request_write_target(const struct request *request, const char *left_out, struct text *ret_target);

/* For handlers whose answer depends on it: an answer to a caller with scopes is never kept. */
bool request_has_scope(const struct request *request, enum scope scope);

/* What follows takes more than a few milliseconds: true on a thread where that does no harm. Otherwise the handler returns false, and is
 * called again, from the beginning, on such a thread. */
bool request_may_take_long(struct request *request);

/* All that can be done without the store's present state is done (decoding above all), and what follows writes: true on the writer's thread,
 * inside a transaction that it may share with other requests. Otherwise the handler returns false, and is called again, from the
 * beginning, on that thread, with `prepared` in request->prepared. The reply goes out once all is on disk. */
bool request_may_write(struct request *request, void *prepared);

/* All values of a many-valued parameter, split at commas over all its occurrences, in the arena. 0 and NULL when not given. */
size_t request_list(const struct request *request, const char *name, const char *const **ret_values);

/* How long and by whom a reply may be kept. */
enum response_caching {
	CACHING_NONE,          /* no-store: errors, writes, operations */
	CACHING_PUBLIC,        /* the one constant public policy of API.md §1 */
	CACHING_ASKING,        /* as that, but a shared cache asks each time whether it is still so */
	CACHING_HOUR,          /* an old copy does no harm: an hour */
	CACHING_STATIC,        /* a file of static/ named with its version: a year, immutable */
};

enum { STEM_SIZE = 48 };

struct response_header {
	const char *name, *value;
};

/* Appends the next piece of a body to `ret_piece`; nothing: that was all. Runs on a reader's thread, while the connection is suspended, whenever the
 * client has taken the last piece: so memory stays flat, and nothing of the store may be held between two calls. What it gives is sent as it is, but
 * for CONTROL_BASE_URL. On false the connection is broken off: the client must not take what it has for the whole. */
typedef bool response_source(struct request *request, void *arg, struct text *ret_piece, struct error *err);

struct response {
	struct arena *arena;          /* the request's */
	unsigned status;              /* 200 unless set */
	const char *content_type;     /* "application/json" unless set */
	enum response_caching caching;        /* CACHING_PUBLIC unless set */
	struct text body;             /* bytes; CONTROL_BASE_URL marks in it are filled with --base-url before it is sent */
	int64_t rev;                  /* > 0: stands in front of the ETag ("3.91ab…-i") */
	int64_t last_modified;        /* TIME_NONE unless set */
	char stem[STEM_SIZE];         /* of its ETags, conditional.c */
	bool is_quiet;                /* it says that nothing has happened: who gave `wait` waits on, for another seq */
	bool is_stream;               /* an event stream: the body is its beginning, and its next piece is… */
	const char *stream_target;    /* …what this target answers, with since= added; in the arena */
	int64_t stream_at;            /* …and this seq in it; of a piece: where the one after it begins */
	size_t unchanged_length;      /* of a 304: how long the 200 would be; SIZE_MAX: not known */
	struct response_header *headers;
	size_t n_headers, headers_capacity;
	response_source *source;      /* where the rest of the body comes from, piece by piece; NULL: the body is whole. Not for KEPT routes */
	void *source_arg;             /* in the request's arena */
};

/* Adds a header; value is printed into the arena. Asserts on a name already set. CONTROL_BASE_URL is filled here too. */
void response_header(struct response *response, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* What it has been set to, or NULL. */
const char *response_header_value(const struct response *response, const char *name);
/* The same for a value that is there already. */
void response_header_copy(struct response *response, const char *name, const char *value, size_t length);

/* 308 to `location` (a path, or with CONTROL_BASE_URL in front), with a short body in words. */
void response_redirect(struct response *response, const char *location);

/* What becomes of a key that is shown. */
enum key_standing { KEY_UNKNOWN, KEY_EXPIRED, KEY_REVOKED, KEY_GOOD };

/* Who may come, from where and how often; shared by all listeners. */
struct access_settings {
	const char *trusted_proxies;  /* whose X-Forwarded-For is believed: "10.0.0.0/8,fd00::/8,unix"; NULL: nobody's */
	const char *cors_origins;     /* pages of which other sites may write: "https://desk.example,…"; NULL: none */
	int64_t auth_failures, read_limit, write_limit;    /* a minute; 0: no limit */
	int64_t waiting_limit, waiting_most;  /* event streams and long polls at once from one address, and in all; 0: any number */
};
struct access;
/* ERROR_INVALID names what is wrong with the settings, which are borrowed only during the call. */
bool access_new(const struct access_settings *settings, struct access **ret_access, struct error *err);
void access_free(struct access *access);   /* after all listeners have stopped; takes NULL */
void access_replace_clock(int64_t (*now_us)(void));    /* tests only; NULL puts the monotonic one back */

/* What a listener serves. Filled once, before listeners start; borrowed until they have stopped. */
struct http_service {
	const struct route *routes;
	size_t n_routes;
	const char *base_url;                 /* no slash at the end */
	bool log_requests;                    /* one line a request, without the reader's address and query */
	void *arg;                            /* for the hooks below */
	void *(*context_new)(void *arg, struct error *err);   /* called once by each thread that runs handlers */
	void (*context_free)(void *context);
	size_t article_bytes;                 /* most bytes of a body where a route says BODY_OF_ARTICLE */
	int64_t (*public_seq)(void *arg);     /* for Broadsheet-Seq, and what min_seq waits for; any thread, no lock */
	/* Around the handler of a KEPT route: what is read between them is of one state of the store. Both may be NULL. */
	bool (*reading_begin)(struct request *request, struct error *err);
	bool (*reading_end)(struct request *request, struct error *err);
	/* Fills `response` (whose status is set) with the explanation of `err`: problem+json, or a page for people. */
	void (*explain)(struct request *request, struct response *response, const struct error *err);
	/* Whose key is it? Compares the digest in a time that tells nothing, on the thread's own connection, so that what was revoked is so
	 * at once. `ret_caller` is filled unless the key is unknown. NULL: there are no keys. */
	bool (*key_look_up)(struct request *request, const struct key_shown *shown, enum key_standing *ret_standing, struct caller *ret_caller, struct error *err);
	bool (*key_standing)(struct request *request, enum key_standing *ret_standing, struct error *err);    /* of the caller's key, now */
	bool (*has_keys)(struct request *request);    /* has one ever been made? */
	const struct access *access;          /* NULL: no limits, no trusted proxies, no other origins */
	struct lane *writer;                  /* runs ON_WRITER handlers; NULL when there are none */
	struct lane *readers;                 /* run what may take long; NULL: it runs on the event threads */
	struct cache *cache;                  /* of kept replies; NULL: none are kept */
	const struct generations *generations;        /* NULL where nothing is kept */
	uint64_t salt;                        /* of ETags made from what an answer stands on; 0: they are made from its bytes */
};

/* The versions of the libraries that shape the bytes of replies: a newer brotli codes otherwise. */
const char *http_libraries(void);

/* --- kept replies --- */

/* Keeps up to `bytes_most` bytes of bodies; 0: validators alone. `generations` and `recoder` (a lane for slow codings, or NULL) are
 * borrowed until it is freed, when no listener uses it any more and the recoder is gone. */
struct cache *cache_new(size_t bytes_most, const struct generations *generations, struct lane *recoder, struct error *err);
void cache_close(struct cache *cache);   /* no more slow codings: before the recoder ends; takes NULL */
void cache_free(struct cache *cache);    /* takes NULL */

/* --- running it --- */

struct listener;

struct listener_settings {
	const char *address;          /* "127.0.0.1:8080", "[::1]:8080", ":8080" (all), "localhost:0", "unix:/run/b.sock" */
	enum http_door door;
	unsigned threads;
	unsigned connections_most;
	unsigned idle_seconds;        /* MHD_OPTION_CONNECTION_TIMEOUT */
	unsigned unix_mode;           /* 0600 for the control socket */
};

/* Binds and listens, but takes no connection yet: so that a program can find all its addresses free, and know their ports, before it
 * touches anything else. ERROR_CONFLICT with one clear line when the address is in use. */
struct listener *listener_bind(const struct listener_settings *settings, struct error *err);
/* Starts the threads that serve. Once. `service` is borrowed until listener_stop(). */
bool listener_serve(struct listener *listener, const struct http_service *service, struct error *err);
/* Both at once. */
struct listener *listener_start(const struct listener_settings *settings, const struct http_service *service, struct error *err);
const char *listener_address(const struct listener *listener);   /* with the real port: "127.0.0.1:43121" */
void listener_stop(struct listener *listener, unsigned wait_seconds);   /* no new connections; replies under way finish; takes NULL */

/* Requests that wait for a seq (min_seq) look again: call after a commit. Any thread. */
void live_wake(int64_t seq);

/* Runs the route for `target` (a GET, origin form) inside `outer`, with its context and rights, and gives the filled body:
 * how pages read the same documents that the API serves. A redirect from a former address is followed once. */
bool serve_inner(struct request *outer, const char *target, struct text *ret_body, struct error *err);

/* Writes `err` as RFC 9457 problem+json: the usual `explain`. */
void problem_explain(struct request *request, struct response *response, const struct error *err);

/* --- static files: static/ as built into the binary (embedded.h), or read from a folder while one works on it --- */

struct static_files;
struct static_files *static_files_new(const char *folder, struct error *err);   /* NULL folder: the built-in ones */
void static_files_free(struct static_files *files);
/* Bytes of one file, looked up by exact name, never by joining paths; `ret_version` is 16 hex digits of its hash, for ?v=. Borrowed
 * until static_files_free. A folder is listed once, at start; a file in it is read again when it has changed. Any thread. */
bool static_files_find(const struct static_files *files, const char *path, const unsigned char **ret_bytes, size_t *ret_length, const char **ret_version);
/* Fills a response with a file and its media type: /static/{path...}. */
bool static_files_answer(const struct static_files *files, const char *path, struct request *request, struct response *response, struct error *err);

#endif
