/* SPDX-License-Identifier: MIT */
/*
 * A socket, its acceptor, and the libmicrohttpd daemon that serves what that accepts: settings, callbacks, start and stop.
 *
 * One epoll thread, or a pool of them, owns the connections; none ever waits for disk, lock or network on behalf of one
 * connection. What waits is suspended (serve.c, live.c) and counted, because libmicrohttpd aborts when it is
 * stopped with a suspended connection.
 *
 * Two things happen before libmicrohttpd reads a request's headers, in on_uri(): the raw target is copied, since what
 * libmicrohttpd makes of it is of no use (target.c); and in libmicrohttpd's own buffer the query is cut off, because it
 * splits a query into a list in the connection's pool of memory, where some two thousand arguments leave no room for any
 * answer at all. Seen in the source of 0.9.75 and 1.0.1: the callback comes before that splitting.
 *
 * A client that goes away in the middle of a request is not noticed by 0.9.75 before the idle timeout: its connection
 * counts as open, and with its header section read as in flight, until then. So stopping waits no longer than it is told.
 *
 * Stopping: no new connections, replies say "Connection: close", whoever is parked is sent away, requests under way
 * finish, within a time given; then the daemon is stopped, which joins its threads. Idle connections are closed as they are.
 */
#include "http_internal.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "clock.h"
#include "log.h"

enum {
	SPARE_FILES = 256,             /* for the database, logs, threads' own descriptors */
	CONNECTIONS_SPARE = 64,        /* libmicrohttpd's own limit, which closes, lies so much higher than the acceptor's, which lets wait */
	CONNECTIONS_USUAL = 1000,
	IDLE_SECONDS_USUAL = 30,
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t context_key;
static atomic_size_t connections_promised;    /* by all listeners together */

/* --- what there is one of in a process --- */

struct thread_context {
	const struct http_service *service;
	void *context;
};

static void thread_context_done(void *arg)
{
	struct thread_context *own = arg;

	if (own->service->context_free != NULL)
		own->service->context_free(own->context);
	free(own);
}

/* libmicrohttpd found its own data in disorder: nothing it holds can be trusted any more, so the process ends, and is started again. */
static void on_panic(void *arg, const char *file, unsigned int line, const char *reason)
{
	(void)arg;
	log_error(
	    "libmicrohttpd panics", "file", file, "line", LOG_INT(line), "reason", reason == NULL ? "-" : reason, NULL);
	abort();
}

static void prepare_process(void)
{
	int failure = pthread_key_create(&context_key, thread_context_done);

	assert(failure == 0);
	(void)failure;
	MHD_set_panic_func(on_panic, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* It sets options of TCP on every connection that it is handed, and complains that a Unix socket has none. */
static bool is_of_tcp(const char *message)
{
	return strstr(message, "TCP_") != NULL || strstr(message, "Failed to push the data") != NULL;
}

/* libmicrohttpd logs what strangers send; one line a second of it is enough. */
static void on_log(void *arg, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

static void on_log(void *arg, const char *format, va_list arguments)
{
	static _Atomic int64_t next_us;
	static _Atomic int64_t n_kept_back;
	const struct listener *listener = arg;
	int64_t now = clock_monotonic_us(), next = atomic_load(&next_us);
	char message[256];
	size_t length;

	vsnprintf(message, sizeof message, format, arguments);
	if (socket_is_unix(listener->socket) && is_of_tcp(message))
		return;
	if (now < next || !atomic_compare_exchange_strong(&next_us, &next, now + 1000000)) {
		atomic_fetch_add(&n_kept_back, 1);
		return;
	}
	length = strlen(message);
	if (length > 0 && message[length - 1] == '\n')
		message[length - 1] = '\0';
	log_warning("libmicrohttpd", "message", message, "kept_back", LOG_INT(atomic_exchange(&n_kept_back, 0)), NULL);
}

/* --- counting --- */

static void count_down(struct listener *listener, atomic_size_t *count)
{
	/* Either this sees the draining, or wait_until_zero() sees the count. */
	if (atomic_fetch_sub(count, 1) != 1 || !atomic_load(&listener->draining))
		return;
	pthread_mutex_lock(&listener->lock);
	pthread_cond_broadcast(&listener->quiet);
	pthread_mutex_unlock(&listener->lock);
}

/* For ever when deadline_us is negative. */
static void wait_until_zero(struct listener *listener, atomic_size_t *count, int64_t deadline_us)
{
	struct timespec deadline = { .tv_sec = deadline_us / 1000000, .tv_nsec = deadline_us % 1000000 * 1000 };

	pthread_mutex_lock(&listener->lock);
	while (atomic_load(count) > 0) {
		if (deadline_us < 0)
			pthread_cond_wait(&listener->quiet, &listener->lock);
		else if (pthread_cond_timedwait(&listener->quiet, &listener->lock, &deadline) == ETIMEDOUT)
			break;
	}
	pthread_mutex_unlock(&listener->lock);
}

void listener_suspend(struct exchange *exchange)
{
	assert(!exchange->is_suspended);
	exchange->is_suspended = true;
	atomic_fetch_add(&exchange->listener->suspended, 1);
	MHD_suspend_connection(exchange->connection);
}

/*
 * From any thread, once. MHD_resume_connection() goes on using the daemon after the event thread may have taken the
 * connection back; so whoever is inside is counted, under the lock that listener_stop() looks under.
 */
void listener_resume(struct exchange *exchange)
{
	struct listener *listener = exchange->listener;

	pthread_mutex_lock(&listener->lock);
	listener->resuming++;
	pthread_mutex_unlock(&listener->lock);
	MHD_resume_connection(exchange->connection);    /* from here on the exchange may be gone */
	pthread_mutex_lock(&listener->lock);
	if (--listener->resuming == 0)
		pthread_cond_broadcast(&listener->quiet);
	pthread_mutex_unlock(&listener->lock);
}

static void wait_for_resuming(struct listener *listener)
{
	pthread_mutex_lock(&listener->lock);
	while (listener->resuming > 0)
		pthread_cond_wait(&listener->quiet, &listener->lock);
	pthread_mutex_unlock(&listener->lock);
}

void listener_resumed(struct exchange *exchange)
{
	if (!exchange->is_suspended)
		return;
	exchange->is_suspended = false;
	live_arrived(exchange);
	count_down(exchange->listener, &exchange->listener->suspended);
}

bool listener_context(const struct listener *listener, void **ret_context, struct error *err)
{
	const struct http_service *service = listener->service;
	struct thread_context *own = pthread_getspecific(context_key);

	if (own == NULL) {
		own = calloc(1, sizeof *own);
		if (own == NULL)
			return error_set(err, ERROR_BUSY, "There is no memory left");
		own->service = service;
		own->context = service->context_new == NULL ? NULL : service->context_new(service->arg, err);
		if (service->context_new != NULL && own->context == NULL) {
			free(own);
			return false;
		}
		pthread_setspecific(context_key, own);
	}
	assert(own->service == service);
	*ret_context = own->context;
	return true;
}

/* --- libmicrohttpd's callbacks --- */

static void *on_uri(void *arg, const char *uri, struct MHD_Connection *connection)
{
	struct exchange *exchange = exchange_new(arg, connection, uri == NULL ? "" : uri);
	char *question = uri == NULL ? NULL : strchr((char *)(uintptr_t)uri, '?');

	if (question != NULL && question[1] != '\0')
		question[1] = '\0';
	return exchange;
}

/* Decoding is target.c's. */
static size_t on_unescape(void *arg, struct MHD_Connection *connection, char *text)
{
	(void)arg;
	(void)connection;
	return strlen(text);
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url, const char *method,
    const char *version, const char *upload_data, size_t *upload_data_size, void **ret_exchange)
{
	struct listener *listener = arg;
	struct exchange *exchange = *ret_exchange;

	(void)connection;
	(void)url;
	if (exchange == NULL)
		return MHD_NO;
	if (exchange->stage == EXCHANGE_NEW) {
		exchange->is_counted = true;
		atomic_fetch_add(&listener->in_flight, 1);
		metric_add(listener->in_flight_gauge, 1);
		return serve_head(exchange, method, version);
	}
	if (*upload_data_size > 0)
		return serve_body(exchange, upload_data, upload_data_size);
	return serve_end(exchange);
}

static void on_completed(
    void *arg, struct MHD_Connection *connection, void **ret_exchange, enum MHD_RequestTerminationCode how)
{
	struct listener *listener = arg;
	struct exchange *exchange = *ret_exchange;
	bool is_counted = exchange != NULL && exchange->is_counted;

	(void)connection;
	(void)how;
	exchange_free(exchange);
	*ret_exchange = NULL;
	if (is_counted) {
		metric_add(listener->in_flight_gauge, -1);
		count_down(listener, &listener->in_flight);
	}
}

static void on_connection(
    void *arg, struct MHD_Connection *connection, void **socket_context, enum MHD_ConnectionNotificationCode what)
{
	struct listener *listener = arg;

	(void)connection;
	(void)socket_context;
	metric_add(listener->connections_gauge, what == MHD_CONNECTION_NOTIFY_STARTED ? 1 : -1);
	if (what == MHD_CONNECTION_NOTIFY_CLOSED)
		acceptor_closed(&listener->acceptor);
}

/* libmicrohttpd closes it when it cannot serve it, and says so in on_log(). */
static bool on_accepted(void *arg, int fd, const struct sockaddr *address, socklen_t length)
{
	struct listener *listener = arg;

	return MHD_add_connection(listener->daemon, fd, address, length) == MHD_YES;
}

/* --- start and stop --- */

/* Every connection is an open file, and the usual soft limit is 1,024. */
static bool promise_files(size_t connections, struct error *err)
{
	size_t needed = atomic_fetch_add(&connections_promised, connections) + connections + CONNECTIONS_SPARE + SPARE_FILES;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < needed && limit.rlim_cur != RLIM_INFINITY) {
		rlim_t wanted = limit.rlim_max == RLIM_INFINITY || limit.rlim_max > needed ? needed : limit.rlim_max;

		limit.rlim_cur = wanted;
		if (wanted < needed || setrlimit(RLIMIT_NOFILE, &limit) != 0) {
			atomic_fetch_sub(&connections_promised, connections);
			return error_set(err, ERROR_INVALID,
			    "%zu connections need %zu open files, and the system allows %llu (ulimit -Hn)", connections,
			    needed, (unsigned long long)limit.rlim_max);
		}
	}
	return true;
}

static struct MHD_Daemon *start_daemon(struct listener *listener)
{
	enum MHD_OPTION threads = listener->threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END;
	struct MHD_OptionItem pool[] = {
		{ threads, (intptr_t)listener->threads, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};

	/* clang-format off */
	return MHD_start_daemon(
	    MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG | MHD_USE_NO_LISTEN_SOCKET,
	    /* port= */ 0, /* who may connect= */ NULL, NULL, on_request, listener,
	    MHD_OPTION_EXTERNAL_LOGGER, on_log, listener,    /* first, or the others would be complained of elsewhere */
	    MHD_OPTION_URI_LOG_CALLBACK, on_uri, listener,
	    MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, NULL,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, listener,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, listener,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
	    MHD_OPTION_CONNECTION_LIMIT, listener->connections_most + CONNECTIONS_SPARE,
	    MHD_OPTION_CONNECTION_TIMEOUT, listener->idle_seconds,
#if MHD_VERSION >= 0x00097701
	    MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1,
#else
	    MHD_OPTION_STRICT_FOR_CLIENT, 0,    /* gate.c says why */
#endif
	    MHD_OPTION_ARRAY, pool, MHD_OPTION_END);
	/* clang-format on */
}

static void free_listener(struct listener *listener)
{
	socket_free(listener->socket);
	request_metrics_free(listener->metrics);
	pthread_cond_destroy(&listener->quiet);
	pthread_mutex_destroy(&listener->lock);
	atomic_fetch_sub(&connections_promised, listener->connections_most);
	free(listener);
}

static void init_lock(struct listener *listener)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&listener->quiet, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&listener->lock, NULL);
}

struct listener *listener_bind(const struct listener_settings *settings, struct error *err)
{
	struct listener *listener;
	unsigned connections = settings->connections_most == 0 ? CONNECTIONS_USUAL : settings->connections_most;

	pthread_once(&once, prepare_process);
	if (connections < settings->threads)
		connections = settings->threads;
	if (!promise_files(connections, err))
		return NULL;
	listener = calloc(1, sizeof *listener);
	if (listener == NULL) {
		atomic_fetch_sub(&connections_promised, connections);
		error_set(err, ERROR_INTERNAL, "no memory for a listener");
		return NULL;
	}
	listener->door = settings->door;
	listener->connections_most = connections;
	listener->threads = settings->threads;
	listener->idle_seconds = settings->idle_seconds == 0 ? IDLE_SECONDS_USUAL : settings->idle_seconds;
	init_lock(listener);
	listener->connections_gauge =
	    metric_register(METRIC_GAUGE, "broadsheet_http_connections", NULL, "Open connections.");
	listener->in_flight_gauge = metric_register(METRIC_GAUGE, "broadsheet_http_requests_in_flight", NULL,
	    "Requests whose header section has been read and whose reply has not been sent.");
	listener->socket = socket_open(settings->address, settings->unix_mode, err);
	if (listener->socket != NULL)
		return listener;
	free_listener(listener);
	return NULL;
}

bool listener_serve(struct listener *listener, const struct http_service *service, struct error *err)
{
	listener->service = service;
	listener->metrics = request_metrics_new(service);
	if (listener->metrics == NULL)
		return error_set(err, ERROR_INTERNAL, "no memory for a listener");
	if (!live_start(err))
		return false;
	listener->daemon = start_daemon(listener);
	if (listener->daemon == NULL) {
		live_stop();
		return error_set(err, ERROR_INTERNAL, "libmicrohttpd does not start");
	}
	listener->acceptor = (struct acceptor){
		.listening_fd = socket_fd(listener->socket), .most = listener->connections_most, .take = on_accepted, .arg = listener,
	};
	return acceptor_start(&listener->acceptor, err);
}

struct listener *listener_start(
    const struct listener_settings *settings, const struct http_service *service, struct error *err)
{
	struct listener *listener = listener_bind(settings, err);

	if (listener != NULL && !listener_serve(listener, service, err)) {
		listener_stop(listener, /* wait_seconds= */ 0);
		return NULL;
	}
	return listener;
}

const char *listener_address(const struct listener *listener)
{
	return socket_address(listener->socket);
}

void listener_stop(struct listener *listener, unsigned wait_seconds)
{
	if (listener == NULL)
		return;
	if (listener->daemon == NULL) {
		free_listener(listener);
		return;
	}
	atomic_store(&listener->draining, true);
	acceptor_stop(&listener->acceptor);
	socket_deafen(listener->socket);
	live_release(listener);
	wait_until_zero(listener, &listener->in_flight, clock_monotonic_us() + (int64_t)wait_seconds * 1000000);
	/* Whatever the time given: a suspended connection is one that our own code will resume. */
	wait_until_zero(listener, &listener->suspended, -1);
	wait_for_resuming(listener);
	MHD_stop_daemon(listener->daemon);
	acceptor_done(&listener->acceptor);
	stream_forget_pieces();
	live_stop();
	free_listener(listener);
}
