/* SPDX-License-Identifier: MIT */
/*
 * How often who may come: the limits of --auth-failures, --read-limit and --write-limit, and the account of what is refused. And how many may wait at
 * once, by streams and by polls: --waiting-limit and --waiting-most.
 *
 * Readers are counted by address as soon as the header section is here, before anything is looked up, so that kept replies count as well; who
 * shows a key is counted by the key instead, once it is known to be good. A key that is good for nothing counts against its address, and an
 * address that has shown too many of them is refused before the next is looked at, right or wrong; what it reads without a key is not touched.
 * Two keys tried at the same moment are both looked at: the limit may be passed by as many as there are threads.
 *
 * Limits are for the public door. What was refused for want of rights stands in a metric by reason, and in the log, at most one line a second,
 * with the name part of the key and never with an address.
 */
#include "http_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"

enum { WAITING_RETRY_SECONDS = 30 };

struct access {
	struct trusted_proxies *proxies;
	struct cors_origins *origins;
	struct rate_table *rates;
	struct waiting_table *waiting;
	int64_t auth_failures, read_limit, write_limit, waiting_limit, waiting_most;
	struct metric *refused[N_REFUSALS];
};

static const char *const refusal_names[N_REFUSALS] = {
	[REFUSAL_NO_KEY] = "no-key", [REFUSAL_MALFORMED] = "malformed", [REFUSAL_UNKNOWN] = "unknown", [REFUSAL_EXPIRED] = "expired",
	[REFUSAL_REVOKED] = "revoked", [REFUSAL_SCOPE] = "scope", [REFUSAL_LIMITED] = "limited",
};

static void register_metrics(struct access *access)
{
	char labels[40];

	for (size_t i = 0; i < N_REFUSALS; i++) {
		snprintf(labels, sizeof labels, "reason=\"%s\"", refusal_names[i]);
		access->refused[i] = metric_register(METRIC_COUNTER, "broadsheet_auth_refused_total", labels, "Requests that were refused for want of a right key.");
	}
}

bool access_new(const struct access_settings *settings, struct access **ret_access, struct error *err)
{
	struct access *access = calloc(1, sizeof *access);

	if (access == NULL)
		return error_set(err, ERROR_INTERNAL, "out of memory");
	access->auth_failures = settings->auth_failures;
	access->read_limit = settings->read_limit;
	access->write_limit = settings->write_limit;
	access->waiting_limit = settings->waiting_limit;
	access->waiting_most = settings->waiting_most;
	access->rates = rate_table_new();
	access->waiting = waiting_table_new();
	if (access->rates == NULL || access->waiting == NULL)
		error_set(err, ERROR_INTERNAL, "out of memory");
	if (access->rates == NULL || access->waiting == NULL || (settings->trusted_proxies != NULL && !trusted_proxies_new(settings->trusted_proxies, &access->proxies, err))
	    || (settings->cors_origins != NULL && !cors_origins_new(settings->cors_origins, &access->origins, err))) {
		access_free(access);
		return false;
	}
	register_metrics(access);
	*ret_access = access;
	return true;
}

void access_free(struct access *access)
{
	if (access == NULL)
		return;
	trusted_proxies_free(access->proxies);
	cors_origins_free(access->origins);
	rate_table_free(access->rates);
	waiting_table_free(access->waiting);
	free(access);
}

const struct cors_origins *access_origins(const struct request *request)
{
	return request->service->access != NULL ? request->service->access->origins : NULL;
}

/* --- limits --- */

static int64_t (*now_us)(void) = clock_monotonic_us;

void access_replace_clock(int64_t (*replacement)(void))
{
	now_us = replacement != NULL ? replacement : clock_monotonic_us;
}

static bool is_write(const struct request *request)
{
	return request->method >= HTTP_POST && request->method <= HTTP_DELETE;
}

static bool refuse(struct response *response, int64_t seconds, const char *whose, struct error *err)
{
	response_header(response, "Retry-After", "%lld", (long long)seconds);
	return error_set(err, ERROR_TOO_MANY, "Too many %s; come again in %lld s", whose, (long long)seconds);
}

static bool find_client(struct exchange *exchange, struct error *err)
{
	const struct access *access = exchange->request.service->access;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const bool is_unix = socket_is_unix(exchange->listener->socket);

	return client_address_find(access->proxies, info == NULL || is_unix ? NULL : info->client_addr,
	    access->proxies == NULL ? NULL : request_header(&exchange->request, "X-Forwarded-For"), &exchange->client, err);
}

static struct rate_client by_address(const struct exchange *exchange, enum rate_kind kind)
{
	return (struct rate_client){ kind, exchange->client.bytes, client_address_counted(&exchange->client) };
}

static bool shows_key(const struct request *request)
{
	const char *authorization = request_header(request, "Authorization");
	size_t length;

	return authorization != NULL && auth_bearer(authorization, &length) != NULL;
}

bool access_address_enters(struct exchange *exchange, struct error *err)
{
	const struct request *request = &exchange->request;
	const struct access *access = request->service->access;
	const bool writes = is_write(request);
	const struct rate_client client = by_address(exchange, writes ? RATE_WRITE : RATE_READ);
	const int64_t limit = access == NULL ? 0 : writes ? access->write_limit : access->read_limit;
	int64_t seconds;

	return limit == 0 || rate_allows(access->rates, RATE_TAKE, &client, limit, now_us(), &seconds)
	    || refuse(&exchange->response, seconds, writes ? "writes from this address" : "requests from this address", err);
}

bool access_enter(struct exchange *exchange, struct error *err)
{
	const struct request *request = &exchange->request;

	if (request->service->access == NULL || request->door != DOOR_PUBLIC)
		return true;
	if (!find_client(exchange, err))
		return false;
	return shows_key(request) || access_address_enters(exchange, err);
}

bool access_may_try(const struct exchange *exchange, struct response *response, struct error *err)
{
	const struct access *access = exchange->request.service->access;
	const struct rate_client client = by_address(exchange, RATE_FAILURE);
	int64_t seconds;

	if (access == NULL || rate_allows(access->rates, RATE_LOOK, &client, access->auth_failures, now_us(), &seconds))
		return true;
	return refuse(response, seconds, "wrong keys from this address", err);
}

void access_failed(const struct exchange *exchange)
{
	const struct access *access = exchange->request.service->access;
	const struct rate_client client = by_address(exchange, RATE_FAILURE);
	int64_t seconds;

	if (access != NULL)
		rate_allows(access->rates, RATE_PENALISE, &client, access->auth_failures, now_us(), &seconds);
}

bool access_key_enters(const struct exchange *exchange, struct response *response, struct error *err)
{
	const struct request *request = &exchange->request;
	const struct access *access = request->service->access;
	const bool writes = is_write(request);
	const struct rate_client client = { writes ? RATE_WRITE_KEY : RATE_READ_KEY, request->caller.kid, KEY_KID };
	int64_t seconds;

	return access == NULL
	    || rate_allows(access->rates, RATE_TAKE, &client, writes ? access->write_limit : access->read_limit, now_us(), &seconds)
	    || refuse(response, seconds, writes ? "writes by this key" : "requests by this key", err);
}

bool access_wait_enters(struct exchange *exchange, struct error *err)
{
	const struct access *access = exchange->request.service->access;

	if (access == NULL || exchange->request.door != DOOR_PUBLIC || exchange->counts_as_waiting)
		return true;
	switch (waiting_enter(access->waiting, exchange->client.bytes, client_address_counted(&exchange->client), access->waiting_limit, access->waiting_most)) {
	case WAITING_TOO_MANY_HERE:
		response_clear(&exchange->response);
		return refuse(&exchange->response, WAITING_RETRY_SECONDS, "waiting requests from this address", err);
	case WAITING_TOO_MANY:
		response_clear(&exchange->response);
		response_header(&exchange->response, "Retry-After", "%d", WAITING_RETRY_SECONDS);
		return error_set(err, ERROR_BUSY, "As many wait for news as can be served");
	case WAITING_IN:
		break;
	}
	exchange->counts_as_waiting = true;
	return true;
}

void access_wait_leaves(struct exchange *exchange)
{
	if (!exchange->counts_as_waiting)
		return;
	exchange->counts_as_waiting = false;
	waiting_leave(exchange->request.service->access->waiting, exchange->client.bytes, client_address_counted(&exchange->client));
}

/* --- the account --- */

void access_note_refusal(const struct request *request, enum refusal refusal, const char *kid)
{
	static _Atomic int64_t next_us, n_kept_back;
	const int64_t now = clock_monotonic_us();
	int64_t next = atomic_load(&next_us);

	if (request->service->access == NULL)
		return;
	metric_add(request->service->access->refused[refusal], 1);
	if (now < next || !atomic_compare_exchange_strong(&next_us, &next, now + 1000000)) {
		atomic_fetch_add(&n_kept_back, 1);
		return;
	}
	log_warning("refused", "reason", refusal_names[refusal], "key", kid, "route", request->route == NULL ? "-" : request->route->path, "kept_back",
	    LOG_INT(atomic_exchange(&n_kept_back, 0)), NULL);
}
