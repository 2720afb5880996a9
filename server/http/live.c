/* SPDX-License-Identifier: MIT */
/*
 * Requests that wait: parked, woken by a seq, timed out, released at the end.
 *
 * A parked exchange has its connection suspended and stands in one list, in the order of deadlines (all wait equally
 * long, so the newest goes last). live_wake() resumes those whose seq has come; a thread of its own, asleep until the
 * first deadline, resumes those whose time is up. Which of the two it was is not noted: serve.c looks at the seq again.
 *
 * No wake-up is lost: whoever commits raises the public seq first and calls live_wake() then, and live_park() looks at
 * the seq once more under the lock, when the exchange is already in the list.
 *
 * libmicrohttpd aborts when it is stopped with a connection suspended. So a listener that stops calls live_release(), after
 * it has said that it is draining; from then on nothing of it is parked.
 *
 * The list is one for the process, since a commit concerns all listeners.
 */
#include "http_internal.h"

#include <assert.h>
#include <time.h>

#include "clock.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static struct exchange *first, *last;
static pthread_t timekeeper;
static size_t users;
static bool is_ending;

static void append(struct exchange *exchange)
{
	exchange->is_parked = true;
	exchange->next_parked = NULL;
	exchange->previous_parked = last;
	if (last != NULL)
		last->next_parked = exchange;
	else
		first = exchange;
	last = exchange;
}

static void take_out(struct exchange *exchange)
{
	assert(exchange->is_parked);
	if (exchange->previous_parked != NULL)
		exchange->previous_parked->next_parked = exchange->next_parked;
	else
		first = exchange->next_parked;
	if (exchange->next_parked != NULL)
		exchange->next_parked->previous_parked = exchange->previous_parked;
	else
		last = exchange->previous_parked;
	exchange->is_parked = false;
}

static void resume(struct exchange *exchange)
{
	take_out(exchange);
	listener_resume(exchange);
}

static void *keep_time(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock);
	while (!is_ending) {
		int64_t now = clock_monotonic_us();

		while (first != NULL && first->deadline_us <= now)
			resume(first);
		if (first == NULL) {
			pthread_cond_wait(&changed, &lock);
		} else {
			struct timespec deadline = { .tv_sec = first->deadline_us / 1000000,
				.tv_nsec = first->deadline_us % 1000000 * 1000 };

			pthread_cond_timedwait(&changed, &lock, &deadline);
		}
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

static bool start_timekeeper(struct error *err)
{
	pthread_condattr_t attributes;
	int failure;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&changed, &attributes);
	pthread_condattr_destroy(&attributes);
	is_ending = false;
	failure = pthread_create(&timekeeper, NULL, keep_time, NULL);
	if (failure != 0)
		pthread_cond_destroy(&changed);
	return failure == 0 || error_set(err, ERROR_INTERNAL, "no thread can be started for waiting requests");
}

bool live_start(struct error *err)
{
	bool ok = true;

	pthread_mutex_lock(&lock);
	if (users == 0)
		ok = start_timekeeper(err);
	if (ok)
		users++;
	pthread_mutex_unlock(&lock);
	return ok;
}

void live_stop(void)
{
	bool is_last;

	pthread_mutex_lock(&lock);
	assert(users > 0);
	is_last = --users == 0;
	if (is_last) {
		assert(first == NULL);
		is_ending = true;
		pthread_cond_signal(&changed);
	}
	pthread_mutex_unlock(&lock);
	if (is_last) {
		pthread_join(timekeeper, NULL);
		pthread_cond_destroy(&changed);
	}
}

/* Only within libmicrohttpd's handler. False, with nothing done, while the listener is draining. */
bool live_park(struct exchange *exchange, int64_t seq, int64_t deadline_us)
{
	const struct http_service *service = exchange->request.service;

	pthread_mutex_lock(&lock);
	if (atomic_load(&exchange->listener->draining)) {
		pthread_mutex_unlock(&lock);
		return false;
	}
	exchange->stage = EXCHANGE_PARKED;
	exchange->has_parked = true;
	exchange->wanted_seq = seq;
	exchange->deadline_us = deadline_us;
	listener_suspend(exchange);
	append(exchange);
	if (service->public_seq(service->arg) >= seq)
		resume(exchange);
	else if (first == exchange)
		pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
	return true;
}

/* Hardly any exchange was ever parked: those take no lock, which whoever commits may hold. */
void live_forget(struct exchange *exchange)
{
	if (!exchange->has_parked)
		return;
	pthread_mutex_lock(&lock);
	if (exchange->is_parked)
		take_out(exchange);
	pthread_mutex_unlock(&lock);
}

void live_wake(int64_t seq)
{
	pthread_mutex_lock(&lock);
	for (struct exchange *exchange = first, *next; exchange != NULL; exchange = next) {
		next = exchange->next_parked;
		if (exchange->wanted_seq <= seq)
			resume(exchange);
	}
	pthread_mutex_unlock(&lock);
}

void live_release(const struct listener *listener)
{
	assert(atomic_load(&listener->draining));
	pthread_mutex_lock(&lock);
	for (struct exchange *exchange = first, *next; exchange != NULL; exchange = next) {
		next = exchange->next_parked;
		if (exchange->listener == listener)
			resume(exchange);
	}
	pthread_mutex_unlock(&lock);
}
