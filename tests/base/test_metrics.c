/* SPDX-License-Identifier: MIT */
/* Metrics, and the Prometheus text format they are printed in. Metrics are never forgotten: each test reads what is there in the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "metrics.h"

static void assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("there is no \"%s\" in:\n%s", part, text);
}

static void test_counters_and_gauges(void **state)
{
	struct metric *ok =
	    metric_register(METRIC_COUNTER, "test_requests_total", "status=\"200\"", "Requests\nwith a \\");
	struct metric *open = metric_register(METRIC_GAUGE, "test_connections", NULL, "Open now");
	struct metric *missing = metric_register(METRIC_COUNTER, "test_requests_total", "status=\"404\"", "ignored");
	struct text text = TEXT_EMPTY;

	(void)state;
	assert_ptr_equal(ok, metric_register(METRIC_COUNTER, "test_requests_total", "status=\"200\"", "again"));
	assert_ptr_equal(open, metric_register(METRIC_GAUGE, "test_connections", NULL, "again"));
	metric_add(ok, 2);
	metric_add(ok, 40);
	metric_add(missing, 1);
	metric_set(open, 7);
	metric_add(open, -9);
	assert_int_equal(metric_value(ok), 42);

	metrics_print(&text);
	assert_has(text.bytes,
	    "# HELP test_requests_total Requests\\nwith a \\\\\n# TYPE test_requests_total counter\n"
	    "test_requests_total{status=\"200\"} 42\ntest_requests_total{status=\"404\"} 1\n");
	assert_has(
	    text.bytes, "# HELP test_connections Open now\n# TYPE test_connections gauge\ntest_connections -2\n");
	text_done(&text);
}

static void test_histogram(void **state)
{
	struct histogram *plain = histogram_register("test_seconds", NULL, "Time");
	struct histogram *labelled = histogram_register("test_labelled_seconds", "route=\"/\"", "Time");
	struct text text = TEXT_EMPTY;

	(void)state;
	assert_ptr_equal(plain, histogram_register("test_seconds", NULL, "Time"));
	histogram_observe(plain, 0);
	histogram_observe(plain, 100); /* bounds are inclusive */
	histogram_observe(plain, 101);
	histogram_observe(plain, 10000000);
	histogram_observe(plain, 10000001);
	histogram_observe(labelled, 2500);

	metrics_print(&text);
	assert_has(text.bytes,
	    "# TYPE test_seconds histogram\ntest_seconds_bucket{le=\"0.0001\"} 2\ntest_seconds_bucket{le=\"0.00025\"} "
	    "3\n");
	assert_has(text.bytes,
	    "test_seconds_bucket{le=\"5\"} 3\ntest_seconds_bucket{le=\"10\"} 4\ntest_seconds_bucket{le=\"+Inf\"} 5\n"
	    "test_seconds_sum 20.000202\ntest_seconds_count 5\n");
	assert_has(text.bytes,
	    "test_labelled_seconds_bucket{route=\"/\",le=\"0.001\"} "
	    "0\ntest_labelled_seconds_bucket{route=\"/\",le=\"0.0025\"} 1\n");
	assert_has(text.bytes,
	    "test_labelled_seconds_sum{route=\"/\"} 0.002500\ntest_labelled_seconds_count{route=\"/\"} 1\n");
	text_done(&text);
}

static void *count_to_10000(void *metric)
{
	for (int i = 0; i < 10000; i++)
		metric_add(metric, 1);
	return NULL;
}

static void test_threads_count_together(void **state)
{
	struct metric *metric = metric_register(METRIC_COUNTER, "test_threads_total", NULL, "Counted by four");
	pthread_t threads[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_to_10000, metric), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(metric_value(metric), 40000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counters_and_gauges),
		cmocka_unit_test(test_histogram),
		cmocka_unit_test(test_threads_count_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
