/* SPDX-License-Identifier: MIT */
/*
 * Writers that create, change and withdraw articles by the control socket until the server is gone, each knowing what was acknowledged to it.
 */
#ifndef WRITERS_H
#define WRITERS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api_client.h"
#include "test_store.h"

enum { WRITER_ARTICLES_MOST = 400 };

/* An article as its writer knows it. */
struct known {
	int number;
	int64_t id, rev;              /* 0: its creation was not answered */
	bool is_withdrawn;
	bool is_uncertain;            /* its last write was not answered: it may stand one further */
};

struct writer {
	pthread_t thread;
	int index;
	const char *socket;
	struct test_random random;
	/* Told, on the writer's thread, of each write as soon as it is acknowledged. */
	void (*tell)(const struct known *item);
	struct known items[WRITER_ARTICLES_MOST];
	size_t n;
};

/* Begins anew with nothing known. pthread_join() ends it, once the server is gone or it has made as many articles as it may. */
void writer_start(struct writer *writer, int index, const char *socket, uint64_t seed, void (*tell)(const struct known *item));
/* Sends the creation of an article of that number; sent again, it is the same request. */
void writer_send_creation(struct client *client, int number, struct reply *ret_reply);

#endif
