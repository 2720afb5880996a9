/* SPDX-License-Identifier: MIT */
/*
 * epoll_wait(2), as libmicrohttpd calls it, asking for one event less.
 *
 * Its event loop (0.9.75, MHD_epoll()) takes at most 128 events at a time, and when it gets just so many it asks again before it serves any of these, with the same
 * timeout as before: if there are no others it sleeps, with 128 requests in hand, until something else happens or the idle timeout closes them all. It
 * takes no more than 128 clients that ask at the same moment and wait for the answer, and ten thousand that wait for news are woken
 * some hundred at a time. It never gets 128 of them here, and what is left is there when it asks again.
 *
 * A function of the program goes before one of the same name in the C library, for libraries too (ld.so(8)).
 */
#include <stddef.h>
#include <sys/epoll.h>

__attribute__((visibility("default"), used)) int epoll_wait(int fd, struct epoll_event *events, int most, int timeout_ms)
{
	return epoll_pwait(fd, events, most > 1 ? most - 1 : most, timeout_ms, NULL);
}
