/* SPDX-License-Identifier: MIT */
/*
 * The thread that takes new connections off a listening socket and hands them to libmicrohttpd's event threads.
 *
 * libmicrohttpd would do so itself, but cannot be told to stop without danger: MHD_quiesce_daemon() and an event thread that
 * wakes at that moment both take the socket out of the thread's epoll set, neither under a lock, and whoever is second ends the
 * process ("Failed to remove listen FD from epoll set"; seen in 0.9.75, still there in 1.0). Here the end of accepting is the end of a thread: what
 * has been accepted by then is served, what has not stays in the socket's queue.
 *
 * While as many connections are open as may be, none is accepted, and clients wait in that queue. When the system has no
 * descriptor or memory for one more, the thread tries again a little later.
 */
#include "http_internal.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"

enum {
	WAIT_WHEN_EXHAUSTED_MS = 100,
	COMPLAIN_EVERY_US = 1000000,
};

static void wake(struct acceptor *acceptor)
{
	ssize_t written = write(acceptor->wake_fd, &(uint64_t){ 1 }, sizeof(uint64_t));

	(void)written;    /* fails only when the thread is going to wake in any case */
}

/* The connection_closed() that makes room either sees `is_full`, or its count is seen here. */
static bool is_full(struct acceptor *acceptor)
{
	if (atomic_load(&acceptor->open) < acceptor->most)
		return false;
	atomic_store(&acceptor->is_full, true);
	if (atomic_load(&acceptor->open) >= acceptor->most)
		return true;
	atomic_store(&acceptor->is_full, false);
	return false;
}

void acceptor_closed(struct acceptor *acceptor)
{
	atomic_fetch_sub(&acceptor->open, 1);
	if (atomic_exchange(&acceptor->is_full, false))
		wake(acceptor);
}

/* Asleep until a client comes, or there is room, or the end. */
static void wait_for_clients(struct acceptor *acceptor, bool is_exhausted)
{
	struct pollfd fds[] = {
		{ .fd = acceptor->wake_fd, .events = POLLIN },
		{ .fd = acceptor->listening_fd, .events = POLLIN },
	};
	nfds_t n_fds = is_exhausted || is_full(acceptor) ? 1 : 2;
	uint64_t times;
	ssize_t length;

	if (poll(fds, n_fds, is_exhausted ? WAIT_WHEN_EXHAUSTED_MS : -1) > 0 && fds[0].revents != 0) {
		length = read(acceptor->wake_fd, &times, sizeof times);
		(void)length;
	}
}

static void complain(int number)
{
	static _Atomic int64_t next_us;
	int64_t now = clock_monotonic_us(), next = atomic_load(&next_us);

	if (now >= next && atomic_compare_exchange_strong(&next_us, &next, now + COMPLAIN_EVERY_US))
		log_warning("no new connection can be taken", "reason", strerrordesc_np(number), NULL);
}

/* One that has gone already, or whose network has (accept(2) hands such errors on). */
static bool is_of_one_client(int number)
{
	static const int numbers[] = { EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH };

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		if (numbers[i] == number)
			return true;
	return false;
}

/* false: the system has nothing to give for one more connection. */
static bool accept_some(struct acceptor *acceptor)
{
	struct sockaddr_storage address;
	socklen_t length;
	int fd;

	while (!atomic_load(&acceptor->is_ending) && atomic_load(&acceptor->open) < acceptor->most) {
		length = sizeof address;
		fd = accept4(acceptor->listening_fd, (struct sockaddr *)&address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd != -1) {
			atomic_fetch_add(&acceptor->open, 1);
			if (!acceptor->take(acceptor->arg, fd, (const struct sockaddr *)&address, length))
				atomic_fetch_sub(&acceptor->open, 1);
			continue;
		}
		if (errno == EAGAIN)
			return true;
		if (!is_of_one_client(errno)) {
			complain(errno);
			return false;
		}
	}
	return true;
}

static void *run(void *arg)
{
	struct acceptor *acceptor = arg;
	bool is_exhausted = false;

	while (!atomic_load(&acceptor->is_ending)) {
		wait_for_clients(acceptor, is_exhausted);
		is_exhausted = !atomic_load(&acceptor->is_ending) && !accept_some(acceptor);
	}
	return NULL;
}

bool acceptor_start(struct acceptor *acceptor, struct error *err)
{
	acceptor->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (acceptor->wake_fd == -1)
		return error_set(err, ERROR_INTERNAL, "no descriptor for a listener: %s", strerrordesc_np(errno));
	acceptor->is_running = pthread_create(&acceptor->thread, NULL, run, acceptor) == 0;
	if (!acceptor->is_running) {
		close(acceptor->wake_fd);
		return error_set(err, ERROR_INTERNAL, "the thread \"accept\" cannot be started");
	}
	pthread_setname_np(acceptor->thread, "accept");
	return true;
}

void acceptor_stop(struct acceptor *acceptor)
{
	if (!acceptor->is_running)
		return;
	atomic_store(&acceptor->is_ending, true);
	wake(acceptor);
	pthread_join(acceptor->thread, NULL);
}

void acceptor_done(struct acceptor *acceptor)
{
	if (acceptor->is_running)
		close(acceptor->wake_fd);
	acceptor->is_running = false;
}
