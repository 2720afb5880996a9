/* SPDX-License-Identifier: MIT */
/*
 * What the files of server/http/ share. A listener is one socket with its libmicrohttpd daemon; an exchange is one
 * request with its reply, from the request line to the last byte sent. Functions are listed under the file that has them,
 * in the order in which an exchange meets them.
 */
#ifndef BROADSHEET_HTTP_INTERNAL_H
#define BROADSHEET_HTTP_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include <microhttpd.h>

#include "http.h"
#include "metrics.h"

/* What a stranger may send; below the limits of libmicrohttpd, so that ours are the ones that answer. */
enum {
	LIMIT_TARGET = 4096,
	LIMIT_HEADER_BYTES = 8192,
	LIMIT_HEADER_FIELDS = 100,
	LIMIT_PARAMETERS = 64,
	HEAD_USUAL = 4096,             /* bytes of a request's head; behind a longer one there is no room for all fields of a reply */
	LIMIT_DISCARDED = 1024 * 1024, /* read on past a body's limit, so as to answer on a connection that lives on */
	LIMIT_MIN_SEQ_WAIT_US = 2000000,
	LANE_LENGTH_MOST = 500,        /* requests that wait for a reader thread */
};

/*
 * libmicrohttpd's pool of a connection: the longest request head, what is noted of each of its fields, and a reply head that is cut to fit (response.c).
 * Much of it is zeroed several times a request, so more would cost every reply.
 */
enum { CONNECTION_MEMORY = 20 * 1024 };

struct route_metrics;
struct socket_at;

struct acceptor {
	int listening_fd;                  /* not blocking */
	size_t most;                       /* connections open at once */
	/* Owns fd; on the acceptor's thread. Unless it returns false, acceptor_closed() is called when the connection is no more. */
	bool (*take)(void *arg, int fd, const struct sockaddr *address, socklen_t length);
	void *arg;

	int wake_fd;
	pthread_t thread;
	bool is_running;
	atomic_bool is_ending, is_full;
	atomic_size_t open;
};

struct listener {
	const struct http_service *service;
	struct MHD_Daemon *daemon;
	struct socket_at *socket;
	struct acceptor acceptor;
	enum http_door door;
	unsigned connections_most;
	unsigned threads, idle_seconds;
	struct route_metrics *metrics;     /* one a route, and one for requests that met none */
	struct metric *connections_gauge, *in_flight_gauge;

	atomic_bool draining;              /* replies say Connection: close, and nobody is parked any more */
	atomic_size_t in_flight, suspended;
	pthread_mutex_t lock;
	size_t resuming;                   /* threads inside listener_resume() */
	pthread_cond_t quiet;              /* one of the three has fallen to 0 */
};

enum exchange_stage {
	EXCHANGE_NEW,          /* the request line is here */
	EXCHANGE_READING,      /* the header section has been let in; the body follows */
	EXCHANGE_PARKED,       /* suspended until a seq or a deadline */
	EXCHANGE_WAITING,      /* suspended until somebody else has made the same reply */
	EXCHANGE_ON_LANE,      /* suspended while its handler runs on a writer or reader thread */
	EXCHANGE_ANSWERED,
};

struct target {
	bool is_asterisk;
	const char *origin;            /* path and query, as sent */
	const char *path;              /* decoded */
	const char **segments;         /* decoded; "/" has none, a '/' at the end makes an empty last one */
	size_t n_segments;
	struct request_value *parameters;
	size_t n_parameters;
};

/* Whose request it is. */
struct client_address {
	unsigned char bytes[16];
	unsigned char length;          /* 4, 16, or 0: it came by a Unix socket, and nobody said from where */
};

struct exchange {
	struct listener *listener;
	struct MHD_Connection *connection;
	struct arena *arena;
	enum exchange_stage stage;
	bool is_counted;               /* in listener->in_flight */
	bool is_suspended;             /* in listener->suspended */

	const char *raw_target;        /* as sent; only its length when it is over LIMIT_TARGET */
	size_t raw_length;
	uintptr_t raw_place;           /* where in libmicrohttpd's buffer it stood, see gate.c */
	size_t head_bytes;             /* of target and header fields */

	struct request request;
	struct basis basis;
	struct response response;
	struct target target;
	bool is_http_1_0;
	bool has_body;                 /* the header section announces one… */
	int64_t announced;             /* …of so many bytes; -1: in chunks */
	size_t body_seen;
	struct client_address client;  /* at the public door; to count by */
	bool is_admitted;              /* decoded, routed, checked */
	struct arena_mark admitted;    /* what was made since serves one answer: a handler leaves nothing of it behind */
	bool is_refused;               /* err says why; answered once the body is through */
	int64_t seq;                   /* for Broadsheet-Seq */

	struct exchange *next_parked, *previous_parked;
	int64_t wanted_seq, deadline_us;
	bool is_parked;                /* under the lock of live.c */
	bool has_parked;               /* the event thread's: it has been in that list */
	bool is_watched;               /* the event thread's: live.c is told when its client hangs up… */
	atomic_bool may_be_gone;       /* …and has been */
	bool is_on_its_way;            /* live.c resumed it */
	bool counts_as_waiting;        /* by access.c */

	struct lane_job job;
	bool handler_ok;
	struct text piece;             /* of a streamed body: what is being sent… */
	size_t piece_sent;             /* …and how much of it is */
	bool piece_is_last;
	struct long_coding *long_coding;    /* of its body; NULL: none */

	struct kept *filling;          /* the kept reply that it has promised to make */
	struct exchange *next_waiting; /* for somebody else's */
	bool has_waited;

	struct error *err;             /* some kilobytes, and not cleared; NULL while it is parked */
};

/* --- listener.c --- */
bool listener_context(const struct listener *listener, void **ret_context, struct error *err);   /* this thread's */
void listener_suspend(struct exchange *exchange);     /* counts, then suspends; only within libmicrohttpd's handler */
void listener_resume(struct exchange *exchange);      /* from any thread */
void listener_resumed(struct exchange *exchange);     /* takes it out of the count; harmless when it is not suspended */

/* --- socket.c --- */
struct socket_at *socket_open(const char *address, unsigned unix_mode, struct error *err);
int socket_fd(const struct socket_at *socket);
bool socket_is_unix(const struct socket_at *socket);
const char *socket_address(const struct socket_at *socket);    /* with the real port */
void socket_deafen(struct socket_at *socket);                  /* refuses new connections from now on */
void socket_free(struct socket_at *socket);                    /* takes NULL; closes, and removes its file */

/* --- acceptor.c --- */
bool acceptor_start(struct acceptor *acceptor, struct error *err);
void acceptor_closed(struct acceptor *acceptor);      /* one that was handed over; from any thread */
void acceptor_stop(struct acceptor *acceptor);        /* harmless when it was not started; connections stay open */
void acceptor_done(struct acceptor *acceptor);        /* after the last acceptor_closed() */

/* --- request.c --- */
struct exchange *exchange_new(struct listener *listener, struct MHD_Connection *connection, const char *uri);
void exchange_free(struct exchange *exchange);
bool exchange_may_err(struct exchange *exchange);     /* has it room to say what is wrong? Otherwise it gets some; false without memory */
void exchange_no_err(struct exchange *exchange);      /* gives it back */
void exchange_shed(struct exchange *exchange);        /* the reply is on its way and lasts: all that made it is given back */
struct header_sizes {
	size_t bytes;                  /* of names and values, with four more a field */
	uintptr_t span;                /* from the first byte of each name to its line's end, summed: gate.c */
};
bool request_take_headers(struct request *request, struct MHD_Connection *connection, struct header_sizes *ret_sizes);
size_t request_body_limit(const struct request *request);
bool request_take_body(
    struct exchange *exchange, const char *bytes, size_t length); /* false: the connection is to be dropped */
bool header_is(const char *name, const char *other);

/* --- gate.c --- */
bool gate_head(struct exchange *exchange, const char *method, const char *version, struct error *err);
bool gate_body(struct exchange *exchange, struct error *err);
bool gate_authority(const char *authority, size_t length);     /* uri-host [":" port], RFC 3986 3.2 */
bool gate_token(const char *name);                             /* RFC 9110 5.6.2 */

/* --- target.c --- */
bool target_is_clean(const char *raw, size_t length, struct error *err);
bool target_parse(struct arena *arena, const char *raw, size_t length, struct target *ret_target, struct error *err);

/* --- router.c --- */
bool router_match(struct request *request, const struct target *target, struct response *response, struct error *err);
void router_lead_on(const struct request *request, struct response *response);    /* a matched GET without a route */
char *router_allow(const struct request *request,
    const struct target *target); /* "GET, HEAD, OPTIONS", or NULL when there is no such path */

/* --- rate_limit.c --- */
enum rate_kind { RATE_READ, RATE_WRITE, RATE_FAILURE, RATE_READ_KEY, RATE_WRITE_KEY };
enum rate_act {
	RATE_LOOK,             /* would one more be let through? */
	RATE_TAKE,             /* counts one that is let through */
	RATE_PENALISE,         /* counts one in any case */
};
enum { RATE_WHO_MOST = 16 };
struct rate_client {
	enum rate_kind kind;
	const void *who;
	size_t length;         /* at most RATE_WHO_MOST */
};
struct rate_table;
struct rate_table *rate_table_new(void);
void rate_table_free(struct rate_table *table);       /* takes NULL */
/* False: too many, and *ret_seconds says when to come again. per_minute 0: no limit. Any thread. */
bool rate_allows(struct rate_table *table, enum rate_act what, const struct rate_client *client, int64_t per_minute, int64_t now_us, int64_t *ret_seconds);

/* --- client_address.c --- */
struct trusted_proxies;
/* From "10.0.0.0/8,fd00::/8,unix". ERROR_INVALID names what is no address. */
bool trusted_proxies_new(const char *list, struct trusted_proxies **ret_proxies, struct error *err);
void trusted_proxies_free(struct trusted_proxies *proxies);    /* takes NULL */
/* proxies NULL: none. forwarded_for NULL: there is no such field; looked at only when `peer` is trusted. ERROR_INVALID when that is malformed. */
bool client_address_find(const struct trusted_proxies *proxies, const struct sockaddr *peer, const char *forwarded_for, struct client_address *ret_address,
    struct error *err);
/* How many of its bytes to count by: all of an IPv4 address, the first 64 bits of an IPv6 one, which are one customer's. */
size_t client_address_counted(const struct client_address *address);

/* --- access.c --- */
struct cors_origins;
/* What the header section says before anything else is looked at: who it is, and whether that may come so often. */
bool access_enter(struct exchange *exchange, struct error *err);
/* The limit of its address: for who shows no key that is good. */
bool access_address_enters(struct exchange *exchange, struct error *err);
/* May this client try a key? */
bool access_may_try(const struct exchange *exchange, struct response *response, struct error *err);
/* A key was shown that is good for nothing: counts it. */
void access_failed(const struct exchange *exchange);
/* The holder of a key may come so often. */
bool access_key_enters(const struct exchange *exchange, struct response *response, struct error *err);

const struct cors_origins *access_origins(const struct request *request);    /* NULL: none */

/* It is about to wait, for however long; counted once. Nothing is left of that but a number a slot of addresses. */
bool access_wait_enters(struct exchange *exchange, struct error *err);
void access_wait_leaves(struct exchange *exchange);

enum refusal { REFUSAL_NO_KEY, REFUSAL_MALFORMED, REFUSAL_UNKNOWN, REFUSAL_EXPIRED, REFUSAL_REVOKED, REFUSAL_SCOPE, REFUSAL_LIMITED, N_REFUSALS };
/* Counts and logs it. kid: "-" when none can be told. */
void access_note_refusal(const struct request *request, enum refusal refusal, const char *kid);

/* --- cors.c --- */
bool cors_origins_new(const char *list, struct cors_origins **ret_origins, struct error *err);
void cors_origins_free(struct cors_origins *origins);    /* takes NULL */
/* The fields of a preflight's answer. allow: what the path takes. */
void cors_answer_preflight(const struct request *request, const char *allow, struct response *response);
/* The other site whose page writes, if it may; otherwise NULL. */
const char *cors_writer(const struct request *request);

/* --- auth.c --- */
bool auth_identify(struct exchange *exchange, struct error *err);     /* who shows what key; anybody where none is shown */
bool auth_allows(struct request *request, struct response *response, struct error *err);
bool auth_still_stands(struct request *request, struct error *err);    /* now, at the end of a body that may have been long in coming */
bool auth_is_shared(const struct request *request);    /* may others be given the same answer? */
bool auth_is_for_key(const struct request *request);   /* is it the answer to a key? */
/* The token of "Bearer <token>" (RFC 6750 2.1), scheme without case; NULL when the field has another scheme. */
const char *auth_bearer(const char *authorization, size_t *ret_length);

/* --- parameter.c --- */
bool parameter_says_when(const char *name);            /* not what is answered, but when */
bool parameters_check(const struct request *request, struct error *err);

/* --- serve.c --- */
enum MHD_Result serve_head(struct exchange *exchange, const char *method, const char *version);
enum MHD_Result serve_body(struct exchange *exchange, const char *bytes, size_t *length);
enum MHD_Result serve_end(struct exchange *exchange);

int64_t serve_public_seq(const struct http_service *service);
bool serve_handler(struct request *request, struct response *response, struct error *err);

/* --- serve_inner.c --- */
/* The events behind `at`, as the route of `target` writes them. */
struct served_piece {
	int64_t end;                   /* the seq behind which the next piece begins */
	bool is_last;                  /* there was nothing behind it */
};
bool serve_piece(const struct http_service *service, void *context, const char *target, int64_t at, struct text *ret_body, struct served_piece *ret_piece,
    struct error *err);

/* --- dispatch.c --- */

/* A handler that failed because it wants another thread is handed over to that; false: it does not, or (err) cannot be. */
bool dispatch_elsewhere(struct exchange *exchange);
/* What has come of a body that a route takes in pieces is handed over, if it is enough; before the next is looked at, that is over. */
void dispatch_piece(struct exchange *exchange);
void dispatch_piece_done(struct exchange *exchange);

/* --- waiting.c: how many wait, by address --- */
struct waiting_table;
struct waiting_table *waiting_table_new(void);
void waiting_table_free(struct waiting_table *table);          /* takes NULL */
enum waiting_outcome { WAITING_IN, WAITING_TOO_MANY_HERE, WAITING_TOO_MANY };
/* 0: any number. Any thread. */
enum waiting_outcome waiting_enter(struct waiting_table *table, const void *who, size_t length, int64_t limit, int64_t most);
void waiting_leave(struct waiting_table *table, const void *who, size_t length);

/* --- stream.c --- */
struct MHD_Response *stream_reply(struct exchange *exchange);  /* takes the body, which is the stream's beginning; NULL without memory */
extern int64_t stream_beat_us;                                 /* a sign of life at least so often; tests have less patience */
void stream_forget_pieces(void);                               /* that were kept for others; harmless while streams run on */

/* --- live.c --- */
bool live_start(struct error *err);     /* one a listener, with its live_stop */
void live_stop(void);
bool live_park(struct exchange *exchange, int64_t seq, int64_t deadline_us);   /* false: the listener drains */
void live_watch(struct exchange *exchange, int fd);   /* from now until live_forget(): when the client hangs up, it is resumed with may_be_gone */
void live_forget(struct exchange *exchange);
void live_arrived(struct exchange *exchange);         /* the event thread has it again */
void live_release(const struct listener *listener);   /* resumes all its parked exchanges; it parks no more */

/* --- canonical.c --- */
void canonical_take(struct request *request);

/* --- compression.c --- */
enum coding { CODING_IDENTITY, CODING_GZIP, CODING_BROTLI, N_CODINGS };
enum effort { EFFORT_QUICK, EFFORT_THOROUGH };

bool compression_suits(const char *content_type);
bool compression_suits_response(const struct response *response);
enum coding compression_choose(const char *accept_encoding);
/* For what can be coded in no other way: gzip is taken, and not the plain form rather. */
bool compression_takes_gzip(const char *accept_encoding);
/* The coding by gzip of a body that comes in pieces. */
struct long_coding *long_coding_new(void);
void long_coding_add(struct long_coding *coding, const struct text *piece, bool is_last, struct text *ret_coded);    /* appends */
void long_coding_free(struct long_coding *coding);     /* takes NULL */
enum coding compression_for(const struct request *request, const struct response *response);
const char *compression_name(enum coding coding);      /* for Content-Encoding */
void compression_code(const char *bytes, size_t length, enum coding coding, enum effort effort, struct text *ret_coded);
void compression_apply(struct response *response, enum coding coding);

/* --- conditional.c --- */
enum { ETAG_SIZE = 64 };
void conditional_stem(const struct request *request, struct response *response);
char *conditional_etag(const char *stem, enum coding coding, enum effort effort, char ret_etag[ETAG_SIZE]);
/* Does the client hold a form of the reply that it can use? `coding` is what it would be given; `ret_etag` what it holds. */
bool conditional_match(const char *if_none_match, const char *stem, enum coding coding, char ret_etag[ETAG_SIZE]);
bool conditional_is_said_in_304(const char *header);
void conditional_apply(const struct request *request, struct response *response, enum coding coding);

/* --- cache.c, kept.c: cache_internal.h has the rest --- */
struct kept;

enum cache_outcome { CACHE_MISS, CACHE_HIT, CACHE_WAIT };

bool kept_may_answer(const struct exchange *exchange);
bool kept_is_quiet(const struct kept *kept);
/* The kept reply for a target as sent, or NULL. To be unref'd; a hit, and to be counted as one, once it has answered. */
struct kept *cache_find(struct cache *cache, const char *target, size_t length);
void cache_count_hit(struct cache *cache);
/* The same for the canonical request. CACHE_WAIT: somebody is making it, and the connection is suspended. CACHE_MISS: the exchange makes it, and
 * `exchange->filling`, where set, is a promise to do so. */
enum cache_outcome cache_enter(struct cache *cache, struct exchange *exchange, struct kept **ret_kept);
void cache_abandon(struct cache *cache, struct kept *kept);    /* a promise that is not kept; takes NULL */
void kept_unref(struct kept *kept);                            /* takes NULL */
/* Queues the reply; false when its body is gone and a 304 will not do. */
bool kept_answer(struct exchange *exchange, struct kept *kept, enum MHD_Result *ret_result);
/* Keeps the finished response, as promised; NULL when it is not for keeping. To be unref'd. */
struct kept *kept_keep(struct exchange *exchange);
/* How long a form is that was made for one request and not kept. */
void kept_note_length(struct kept *kept, enum coding coding, size_t length);
void kept_name(struct exchange *exchange, struct kept *kept);

/* --- response.c --- */
void response_init(struct response *response, struct arena *arena);
void response_done(struct response *response);
void response_clear(struct response *response);        /* forgets what a failed handler left */
void response_fill(struct response *response, const char *base_url);   /* puts it where CONTROL_BASE_URL stands */
void response_usual_headers(const struct request *request, struct response *response);
void response_hand_over(struct MHD_Response *reply, const char *name, const char *value);
enum MHD_Result response_queue(struct exchange *exchange, unsigned status, struct MHD_Response *reply, size_t n_bytes);
enum MHD_Result response_send(struct exchange *exchange, bool must_close);

/* --- long_body.c: bodies that come piece by piece --- */

/* A reply of unknown length from response->source. NULL when memory is short. */
void long_body_choose_coding(struct exchange *exchange);       /* says so in the head; for HEAD too */
struct MHD_Response *long_body_reply(struct exchange *exchange);

/* --- request_metrics.c --- */
struct route_metrics *request_metrics_new(const struct http_service *service);
void request_metrics_free(struct route_metrics *metrics);
void request_metrics_count(struct route_metrics *metrics, const struct http_service *service, const struct route *route,
    unsigned status, int64_t microseconds);

#endif
