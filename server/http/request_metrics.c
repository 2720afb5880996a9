/* SPDX-License-Identifier: MIT */
/*
 * What is counted about requests: how many by route and status, and how long each route took.
 *
 *	broadsheet_http_requests_total{route="/v1/articles/{ref}",status="200"}
 *	broadsheet_http_request_duration_seconds{route="/v1/articles/{ref}"}
 *
 * Routes are named by their pattern, never by what was asked for, so the number of series is bounded and tells nothing
 * about readers. A request that met no route counts under "none". Statuses that a route hardly ever answers are
 * registered when they first happen; from then on, and for 200 from the start, counting takes no lock.
 */
#include "http_internal.h"

#include <stdio.h>
#include <stdlib.h>

enum { STATUS_LEAST = 200, STATUS_MOST = 599 };

struct route_metrics {
	const char *label;
	struct histogram *duration;
	_Atomic(struct metric *) by_status[STATUS_MOST - STATUS_LEAST + 1];
};

static struct metric *register_status(const char *label, unsigned status)
{
	char labels[256];

	snprintf(labels, sizeof labels, "route=\"%s\",status=\"%u\"", label, status);
	return metric_register(
	    METRIC_COUNTER, "broadsheet_http_requests_total", labels, "Requests answered, by route and status.");
}

static void prepare(struct route_metrics *metrics, const char *label)
{
	char labels[256];

	snprintf(labels, sizeof labels, "route=\"%s\"", label);
	metrics->label = label;
	metrics->duration = histogram_register("broadsheet_http_request_duration_seconds", labels,
	    "Time from the end of a request's header section until its reply was handed over for sending.");
}

struct route_metrics *request_metrics_new(const struct http_service *service)
{
	struct route_metrics *metrics = calloc(service->n_routes + 1, sizeof *metrics);

	if (metrics == NULL)
		return NULL;
	for (size_t i = 0; i < service->n_routes; i++) {
		prepare(&metrics[i], service->routes[i].path);
		atomic_store(&metrics[i].by_status[200 - STATUS_LEAST], register_status(metrics[i].label, 200));
	}
	prepare(&metrics[service->n_routes], "none");
	return metrics;
}

void request_metrics_free(struct route_metrics *metrics)
{
	free(metrics);
}

void request_metrics_count(struct route_metrics *metrics, const struct http_service *service, const struct route *route,
    unsigned status, int64_t microseconds)
{
	struct route_metrics *own = &metrics[route == NULL ? service->n_routes : (size_t)(route - service->routes)];
	struct metric *counter;

	if (status < STATUS_LEAST || status > STATUS_MOST)
		return;
	counter = atomic_load_explicit(&own->by_status[status - STATUS_LEAST], memory_order_acquire);
	if (counter == NULL) {
		counter = register_status(own->label, status); /* the same one, should two threads come here at once */
		atomic_store_explicit(&own->by_status[status - STATUS_LEAST], counter, memory_order_release);
	}
	metric_add(counter, 1);
	histogram_observe(own->duration, microseconds);
}
