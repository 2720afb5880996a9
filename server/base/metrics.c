/* SPDX-License-Identifier: MIT */
/*
 * Numbers that the program keeps about itself, and how Prometheus reads them.
 *
 * Metrics of one name form a family, since the text format wants its HELP and TYPE once and its samples together.
 * Families and their members are kept in the order of registration, so that two readings compare line by line, and are
 * never freed: they live as long as the process. A lock guards the lists; adding to a metric is one relaxed atomic
 * operation on its own memory, so counting costs a request nothing worth measuring.
 *
 * A reading is not a snapshot: metrics are read one after another while others count on. Within a histogram, count is
 * the sum of the buckets as they were read, so it never contradicts them.
 */
#include "metrics.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base_internal.h"

/* Upper bounds in microseconds, and as the text format writes them in seconds. */
static const struct {
	int64_t most;
	const char *seconds;
} buckets[] = {
	{ 100, "0.0001" },
	{ 250, "0.00025" },
	{ 500, "0.0005" },
	{ 1000, "0.001" },
	{ 2500, "0.0025" },
	{ 5000, "0.005" },
	{ 10000, "0.01" },
	{ 25000, "0.025" },
	{ 50000, "0.05" },
	{ 100000, "0.1" },
	{ 250000, "0.25" },
	{ 500000, "0.5" },
	{ 1000000, "1" },
	{ 2500000, "2.5" },
	{ 5000000, "5" },
	{ 10000000, "10" },
};

enum { N_BUCKETS = sizeof buckets / sizeof buckets[0] };

struct metric {
	struct metric *next;
	char *labels; /* NULL: none */
	_Atomic int64_t value;
};

struct histogram {
	struct histogram *next;
	char *labels;
	_Atomic int64_t counts[N_BUCKETS + 1]; /* the last: above all bounds */
	_Atomic int64_t sum_us;
};

struct family {
	struct family *next;
	const char *type;
	char *name, *help;
	struct metric *metrics;       /* these… */
	struct histogram *histograms; /* …or these */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct family *families;

static void *new_zeroed(size_t size)
{
	void *memory = calloc(1, size);

	if (memory == NULL)
		memory_exhausted();
	return memory;
}

static char *new_string(const char *string)
{
	char *copy = string == NULL ? NULL : strdup(string);

	if (string != NULL && copy == NULL)
		memory_exhausted();
	return copy;
}

static bool same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool name_is_valid(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:0123456789";

	return name[0] != '\0' && strchr("0123456789", name[0]) == NULL && strspn(name, letters) == strlen(name);
}

/* Under the lock. */
static struct family *family_of(const char *name, const char *type, const char *help)
{
	struct family **link = &families;

	assert(name_is_valid(name));
	for (; *link != NULL; link = &(*link)->next)
		if (strcmp((*link)->name, name) == 0) {
			assert(strcmp((*link)->type, type) == 0);
			return *link;
		}

	*link = new_zeroed(sizeof **link);
	(*link)->type = type;
	(*link)->name = new_string(name);
	(*link)->help = new_string(help);
	return *link;
}

struct metric *metric_register(enum metric_kind kind, const char *name, const char *labels, const char *help)
{
	struct metric **link, *metric;

	pthread_mutex_lock(&lock);
	link = &family_of(name, kind == METRIC_COUNTER ? "counter" : "gauge", help)->metrics;
	while (*link != NULL && !same((*link)->labels, labels))
		link = &(*link)->next;
	if (*link == NULL) {
		*link = new_zeroed(sizeof **link);
		(*link)->labels = new_string(labels);
	}
	metric = *link;
	pthread_mutex_unlock(&lock);
	return metric;
}

struct histogram *histogram_register(const char *name, const char *labels, const char *help)
{
	struct histogram **link, *histogram;

	pthread_mutex_lock(&lock);
	link = &family_of(name, "histogram", help)->histograms;
	while (*link != NULL && !same((*link)->labels, labels))
		link = &(*link)->next;
	if (*link == NULL) {
		*link = new_zeroed(sizeof **link);
		(*link)->labels = new_string(labels);
	}
	histogram = *link;
	pthread_mutex_unlock(&lock);
	return histogram;
}

void metric_add(struct metric *metric, int64_t value)
{
	atomic_fetch_add_explicit(&metric->value, value, memory_order_relaxed);
}

void metric_set(struct metric *metric, int64_t value)
{
	atomic_store_explicit(&metric->value, value, memory_order_relaxed);
}

int64_t metric_value(const struct metric *metric)
{
	return atomic_load_explicit(&metric->value, memory_order_relaxed);
}

void histogram_observe(struct histogram *histogram, int64_t microseconds)
{
	size_t i = 0;

	while (i < N_BUCKETS && microseconds > buckets[i].most)
		i++;
	atomic_fetch_add_explicit(&histogram->counts[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&histogram->sum_us, microseconds, memory_order_relaxed);
}

/* In HELP a backslash and a line feed are escaped. */
static void print_head(struct text *text, const struct family *family)
{
	text_printf(text, "# HELP %s ", family->name);
	for (const char *c = family->help; *c != '\0'; c++) {
		if (*c == '\\' || *c == '\n')
			text_append(text, (char[]){ '\\', *c == '\n' ? 'n' : '\\' }, 2);
		else
			text_char(text, *c);
	}
	text_printf(text, "\n# TYPE %s %s\n", family->name, family->type);
}

static void print_metric(struct text *text, const char *name, const struct metric *metric)
{
	if (metric->labels == NULL)
		text_printf(text, "%s %" PRId64 "\n", name, metric_value(metric));
	else
		text_printf(text, "%s{%s} %" PRId64 "\n", name, metric->labels, metric_value(metric));
}

static void print_histogram(struct text *text, const char *name, const struct histogram *histogram)
{
	const char *labels = histogram->labels == NULL ? "" : histogram->labels;
	const char *comma = histogram->labels == NULL ? "" : ",";
	const char *open = histogram->labels == NULL ? "" : "{", *close = histogram->labels == NULL ? "" : "}";
	int64_t count = 0, sum = atomic_load_explicit(&histogram->sum_us, memory_order_relaxed);

	for (size_t i = 0; i <= N_BUCKETS; i++) {
		count += atomic_load_explicit(&histogram->counts[i], memory_order_relaxed);
		text_printf(text, "%s_bucket{%s%sle=\"%s\"} %" PRId64 "\n", name, labels, comma,
		    i < N_BUCKETS ? buckets[i].seconds : "+Inf", count);
	}
	text_printf(
	    text, "%s_sum%s%s%s %" PRId64 ".%06" PRId64 "\n", name, open, labels, close, sum / 1000000, sum % 1000000);
	text_printf(text, "%s_count%s%s%s %" PRId64 "\n", name, open, labels, close, count);
}

void metrics_print(struct text *ret_text)
{
	pthread_mutex_lock(&lock);
	for (const struct family *family = families; family != NULL; family = family->next) {
		print_head(ret_text, family);
		for (const struct metric *metric = family->metrics; metric != NULL; metric = metric->next)
			print_metric(ret_text, family->name, metric);
		for (const struct histogram *histogram = family->histograms; histogram != NULL;
		     histogram = histogram->next)
			print_histogram(ret_text, family->name, histogram);
	}
	pthread_mutex_unlock(&lock);
}
