/* SPDX-License-Identifier: MIT */
/*
 * Exchanges that wait: parked, woken by a seq, timed out, released at the end. Requests with min_seq and wait, and event streams, up to
 * some ten thousand of them.
 *
 * A parked exchange has its connection suspended and stands in a wheel of slots, by its deadline: a tenth of a second each, more of them than the longest
 * wait has. One thread resumes whoever is due, by a deadline or by a seq. It sleeps until the next tenth while anybody is parked, and
 * for good while nobody is. Why one was resumed is not noted: serve.c and stream.c look at the seq again.
 *
 * They are resumed some hundred at a time, and more when these have been served: libmicrohttpd serves all that it finds resumed before it looks at what else
 * came in, and a reader beside ten thousand that wait is not to wait for all of them.
 *
 * live_wake(), called by the writer after each commit, only notes the seq and wakes that thread: resuming ten thousand takes some ten milliseconds,
 * which the next commit need not wait for.
 *
 * No wake-up is lost: whoever commits raises the public seq first and calls live_wake() then, and live_park() looks at
 * the seq, and at may_be_gone, once more under the lock, when the exchange is already in the wheel.
 *
 * Nobody looks at the socket of a suspended connection. Those of streams, which have no end of their own, are therefore watched here: when a client hangs
 * up, its stream is resumed and says something, and what is said to one that is gone closes the connection. One that has only ended its own side hears it.
 *
 * libmicrohttpd aborts when it is stopped with a connection suspended. So a listener that stops calls live_release(), after
 * it has said that it is draining; from then on nothing of it is parked.
 *
 * The wheel is one for the process, since a commit concerns all listeners.
 */
#include "http_internal.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

enum { SLOT_US = 100000, SLOTS = 512, AT_A_TIME = 256, TURN_MS = 1, TURNS_MOST = 50, HANG_UPS_AT_ONCE = 64 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static struct exchange *slots[SLOTS];
static size_t n_parked;
static int64_t looked_at;             /* the last tenth whose slot has been looked at */
static int64_t wake_seq;              /* that live_wake() told */
static bool has_news;
static int watch_fd;                  /* epoll, with each watched exchange by its address: taken out, under the lock, before that is freed */
static atomic_size_t on_their_way;    /* resumed by the timekeeper, and not yet served */
static pthread_t timekeeper;
static size_t users;
static bool is_ending;

static struct exchange **slot_of(const struct exchange *exchange)
{
	return &slots[exchange->deadline_us / SLOT_US % SLOTS];
}

static void put_in(struct exchange *exchange)
{
	struct exchange **slot = slot_of(exchange);

	exchange->is_parked = true;
	exchange->previous_parked = NULL;
	exchange->next_parked = *slot;
	if (*slot != NULL)
		(*slot)->previous_parked = exchange;
	*slot = exchange;
	n_parked++;
}

static void take_out(struct exchange *exchange)
{
	assert(exchange->is_parked);
	if (exchange->previous_parked != NULL)
		exchange->previous_parked->next_parked = exchange->next_parked;
	else
		*slot_of(exchange) = exchange->next_parked;
	if (exchange->next_parked != NULL)
		exchange->next_parked->previous_parked = exchange->previous_parked;
	exchange->is_parked = false;
	n_parked--;
}

static void resume(struct exchange *exchange)
{
	take_out(exchange);
	listener_resume(exchange);
}

/* Into a chain of its own: resumed outside of the lock, so that a serving thread that parks one does not wait for all of them. */
static void chain(struct exchange *exchange, struct exchange **chained)
{
	take_out(exchange);
	exchange->next_parked = *chained;
	*chained = exchange;
}

static void chain_slot(struct exchange *first, int64_t seq, int64_t now_us, struct exchange **chained)
{
	for (struct exchange *exchange = first, *next; exchange != NULL; exchange = next) {
		next = exchange->next_parked;
		if (exchange->wanted_seq <= seq || exchange->deadline_us <= now_us)
			chain(exchange, chained);
	}
}

static struct exchange *take_due(int64_t now_us)
{
	const int64_t tenth = now_us / SLOT_US;
	struct exchange *due = NULL;

	if (has_news || tenth - looked_at >= SLOTS)
		looked_at = tenth - SLOTS;
	/* The present slot is looked at again, since its tenth is not over; one that is looked at for news has later deadlines in it. */
	for (int64_t at = looked_at; at <= tenth; at++)
		chain_slot(slots[(at + SLOTS) % SLOTS], has_news ? wake_seq : INT64_MIN, now_us, &due);
	looked_at = tenth;
	has_news = false;
	return due;
}

static void take_hung_up(struct exchange **chained)
{
	struct epoll_event events[HANG_UPS_AT_ONCE];
	const int n = epoll_wait(watch_fd, events, HANG_UPS_AT_ONCE, 0);

	for (int i = 0; i < n; i++) {
		struct exchange *exchange = events[i].data.ptr;

		atomic_store(&exchange->may_be_gone, true);
		if (exchange->is_parked)
			chain(exchange, chained);
	}
}

static void wait_for_next(int64_t now_us)
{
	const int64_t next_us = (now_us / SLOT_US + 1) * SLOT_US;
	const struct timespec next = { .tv_sec = next_us / 1000000, .tv_nsec = next_us % 1000000 * 1000 };

	if (n_parked == 0)
		pthread_cond_wait(&changed, &lock);
	else
		pthread_cond_timedwait(&changed, &lock, &next);
}

void live_arrived(struct exchange *exchange)
{
	if (!exchange->is_on_its_way)
		return;
	exchange->is_on_its_way = false;
	atomic_fetch_sub(&on_their_way, 1);
}

static void resume_all(struct exchange *chained)
{
	for (size_t n = 1; chained != NULL; n++) {
		struct exchange *exchange = chained;

		chained = exchange->next_parked;
		exchange->is_on_its_way = true;
		atomic_fetch_add(&on_their_way, 1);
		listener_resume(exchange);
		for (int turns = 0; n % AT_A_TIME == 0 && turns < TURNS_MOST && atomic_load(&on_their_way) > AT_A_TIME / 2; turns++)
			poll(NULL, 0, TURN_MS);
	}
}

static void *keep_time(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock);
	while (!is_ending) {
		const int64_t now_us = clock_monotonic_us();
		struct exchange *due = take_due(now_us);

		take_hung_up(&due);
		if (due == NULL) {
			wait_for_next(now_us);
			continue;
		}
		pthread_mutex_unlock(&lock);
		resume_all(due);
		pthread_mutex_lock(&lock);
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void end_waiting(void)
{
	pthread_cond_destroy(&changed);
	if (watch_fd >= 0)
		close(watch_fd);
}

static bool start_timekeeper(struct error *err)
{
	pthread_condattr_t attributes;
	int failure;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&changed, &attributes);
	pthread_condattr_destroy(&attributes);
	is_ending = has_news = false;
	looked_at = clock_monotonic_us() / SLOT_US;
	watch_fd = epoll_create1(EPOLL_CLOEXEC);
	failure = watch_fd < 0 ? errno : pthread_create(&timekeeper, NULL, keep_time, NULL);
	if (failure != 0)
		end_waiting();
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
		assert(n_parked == 0);
		is_ending = true;
		pthread_cond_signal(&changed);
	}
	pthread_mutex_unlock(&lock);
	if (is_last) {
		pthread_join(timekeeper, NULL);
		end_waiting();
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
	exchange_no_err(exchange);
	exchange->has_parked = true;
	exchange->wanted_seq = seq;
	exchange->deadline_us = deadline_us;
	listener_suspend(exchange);
	put_in(exchange);
	if (service->public_seq(service->arg) >= seq || atomic_load(&exchange->may_be_gone))
		resume(exchange);
	else if (n_parked == 1)
		pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
	return true;
}

void live_watch(struct exchange *exchange, int fd)
{
	struct epoll_event event = { .events = EPOLLRDHUP | EPOLLET, .data.ptr = exchange };

	/* Without: it is noticed at the next sign of life. */
	exchange->is_watched = epoll_ctl(watch_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void unwatch(struct exchange *exchange)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	if (exchange->is_watched && info != NULL)
		epoll_ctl(watch_fd, EPOLL_CTL_DEL, info->connect_fd, NULL);
	exchange->is_watched = false;
}

/* Hardly any exchange was ever parked: those take no lock, which whoever commits may hold. */
void live_forget(struct exchange *exchange)
{
	if (!exchange->has_parked && !exchange->is_watched)
		return;
	pthread_mutex_lock(&lock);
	unwatch(exchange);
	if (exchange->is_parked)
		take_out(exchange);
	pthread_mutex_unlock(&lock);
}

void live_wake(int64_t seq)
{
	pthread_mutex_lock(&lock);
	if (n_parked > 0) {
		wake_seq = seq;
		has_news = true;
		pthread_cond_signal(&changed);
	}
	pthread_mutex_unlock(&lock);
}

void live_release(const struct listener *listener)
{
	assert(atomic_load(&listener->draining));
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < SLOTS; i++) {
		for (struct exchange *exchange = slots[i], *next; exchange != NULL; exchange = next) {
			next = exchange->next_parked;
			if (exchange->listener == listener)
				resume(exchange);
		}
	}
	pthread_mutex_unlock(&lock);
}
