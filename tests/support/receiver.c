/* SPDX-License-Identifier: MIT */
/* A receiver of webhooks by libmicrohttpd, with one thread; see receiver.h. A request that hangs is suspended until the receiver stops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "receiver.h"

enum { RECEIVED_MOST = 4096, HUNG_MOST = 64, WAIT_SECONDS = 60 };

struct receiver {
	struct MHD_Daemon *daemon;
	int (*answer)(void *arg, const struct received *got);
	void *arg;
	pthread_mutex_t lock;
	pthread_cond_t came;
	struct received *received[RECEIVED_MOST];
	size_t n, connections;
	struct MHD_Connection *hung[HUNG_MOST];
	size_t n_hung;
	bool is_stopping;
};

static void copy_header(struct MHD_Connection *connection, const char *name, char *to, size_t size)
{
	const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);

	snprintf(to, size, "%s", value != NULL ? value : "");
}

static void record(struct receiver *receiver, struct MHD_Connection *connection, struct received *got)
{
	copy_header(connection, "Broadsheet-Event", got->event, sizeof got->event);
	copy_header(connection, "Broadsheet-Delivery", got->delivery, sizeof got->delivery);
	copy_header(connection, "Broadsheet-Timestamp", got->timestamp, sizeof got->timestamp);
	copy_header(connection, "Broadsheet-Signature", got->signature, sizeof got->signature);
	copy_header(connection, "Content-Type", got->type, sizeof got->type);
	pthread_mutex_lock(&receiver->lock);
	if (receiver->n < RECEIVED_MOST)
		receiver->received[receiver->n++] = got;
	pthread_cond_broadcast(&receiver->came);
	pthread_mutex_unlock(&receiver->lock);
}

static enum MHD_Result reply(struct MHD_Connection *connection, int status)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(2, (char[]){ "ok" }, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (status >= 300 && status < 400)
		MHD_add_response_header(response, "Location", "/elsewhere");
	if (status == 429)
		MHD_add_response_header(response, "Retry-After", "120");
	if (status == RECEIVER_WAITS_LONG || status == RECEIVER_WAITS_EVER)
		MHD_add_response_header(response, "Retry-After", status == RECEIVER_WAITS_LONG ? "99999999999" : "9223372036854775807");
	result = MHD_queue_response(connection, status < 0 ? 503 : (unsigned)status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result hang(struct receiver *receiver, struct MHD_Connection *connection)
{
	bool hangs;

	pthread_mutex_lock(&receiver->lock);
	hangs = !receiver->is_stopping && receiver->n_hung < HUNG_MOST;
	if (hangs) {
		receiver->hung[receiver->n_hung++] = connection;
		MHD_suspend_connection(connection);
	}
	pthread_mutex_unlock(&receiver->lock);
	return hangs ? MHD_YES : MHD_NO;
}

static enum MHD_Result handle(void *arg, struct MHD_Connection *connection, const char *url, const char *method, const char *version, const char *bytes,
    size_t *length, void **context)
{
	struct receiver *receiver = arg;
	struct received *got = *context;
	int status;

	(void)url, (void)method, (void)version;
	if (got == NULL) {
		*context = calloc(1, sizeof *got);
		return *context != NULL ? MHD_YES : MHD_NO;
	}
	if (*length > 0) {
		text_append(&got->body, bytes, *length);
		*length = 0;
		return MHD_YES;
	}
	if (got->delivery[0] == '\0')
		record(receiver, connection, got);
	status = receiver->answer != NULL ? receiver->answer(receiver->arg, got) : 200;
	if (status == RECEIVER_DROPS || receiver->is_stopping)
		return MHD_NO;
	return status == RECEIVER_HANGS ? hang(receiver, connection) : reply(connection, status);
}

static void notice(void *arg, struct MHD_Connection *connection, void **context, enum MHD_ConnectionNotificationCode code)
{
	struct receiver *receiver = arg;

	(void)connection, (void)context;
	pthread_mutex_lock(&receiver->lock);
	receiver->connections += code == MHD_CONNECTION_NOTIFY_STARTED;
	pthread_mutex_unlock(&receiver->lock);
}

struct receiver *receiver_start(int (*answer)(void *arg, const struct received *got), void *arg)
{
	struct receiver *receiver = calloc(1, sizeof *receiver);
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	assert_non_null(receiver);
	receiver->answer = answer;
	receiver->arg = arg;
	pthread_mutex_init(&receiver->lock, NULL);
	pthread_cond_init(&receiver->came, NULL);
	receiver->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle, receiver,
	    MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_NOTIFY_CONNECTION, notice, receiver, MHD_OPTION_END);
	assert_non_null(receiver->daemon);
	return receiver;
}

void receiver_stop(struct receiver *receiver)
{
	if (receiver == NULL)
		return;
	pthread_mutex_lock(&receiver->lock);
	receiver->is_stopping = true;
	for (size_t i = 0; i < receiver->n_hung; i++)
		MHD_resume_connection(receiver->hung[i]);
	pthread_mutex_unlock(&receiver->lock);
	MHD_stop_daemon(receiver->daemon);
	for (size_t i = 0; i < receiver->n; i++) {
		text_done(&receiver->received[i]->body);
		free(receiver->received[i]);
	}
	pthread_cond_destroy(&receiver->came);
	pthread_mutex_destroy(&receiver->lock);
	free(receiver);
}

unsigned receiver_port(const struct receiver *receiver)
{
	return MHD_get_daemon_info(receiver->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

void receiver_wait(struct receiver *receiver, size_t n)
{
	struct timespec deadline;
	size_t came;
	int code = 0;

	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += WAIT_SECONDS;
	pthread_mutex_lock(&receiver->lock);
	while (receiver->n < n && code == 0)
		code = pthread_cond_timedwait(&receiver->came, &receiver->lock, &deadline);
	came = receiver->n;
	pthread_mutex_unlock(&receiver->lock);
	if (came < n)
		fail_msg("%zu requests have come, not %zu", came, n);
}

size_t receiver_count(struct receiver *receiver)
{
	size_t n;

	pthread_mutex_lock(&receiver->lock);
	n = receiver->n;
	pthread_mutex_unlock(&receiver->lock);
	return n;
}

size_t receiver_connections(struct receiver *receiver)
{
	size_t n;

	pthread_mutex_lock(&receiver->lock);
	n = receiver->connections;
	pthread_mutex_unlock(&receiver->lock);
	return n;
}

const struct received *receiver_got(struct receiver *receiver, size_t n)
{
	const struct received *got;

	pthread_mutex_lock(&receiver->lock);
	assert_true(n < receiver->n);
	got = receiver->received[n];
	pthread_mutex_unlock(&receiver->lock);
	return got;
}
