/* SPDX-License-Identifier: MIT */
/*
 * Counters, gauges and histograms, printed in the Prometheus text format (version 0.0.4). Metrics are registered before the threads
 * that touch them start; adding is one relaxed atomic and takes no lock.
 */
#ifndef BROADSHEET_METRICS_H
#define BROADSHEET_METRICS_H

#include <stdint.h>

#include "text.h"

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE };

struct metric;
struct histogram;

/* `labels` is ready text such as `route="/v1/articles",status="200"` or NULL. Registering the same name and labels again gives the same one. */
struct metric *metric_register(enum metric_kind kind, const char *name, const char *labels, const char *help);
void metric_add(struct metric *metric, int64_t value);
void metric_set(struct metric *metric, int64_t value);
int64_t metric_value(const struct metric *metric);

/* Seconds, in buckets from 100 µs to 10 s. */
struct histogram *histogram_register(const char *name, const char *labels, const char *help);
void histogram_observe(struct histogram *histogram, int64_t microseconds);

void metrics_print(struct text *ret_text);

#endif
