/* SPDX-License-Identifier: MIT */
/*
 * Six of ten writes make an article, three change one, one withdraws it; at random, but the same for the same seed and replies. Articles are numbered
 * over all writers of the process, and each has its number in its guid and its Idempotency-Key.
 */
#include "writers.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define JSON_TYPE "Content-Type: application/json"

static atomic_int numbers;

void writer_send_creation(struct client *client, int number, struct reply *ret_reply)
{
	char headers[120], body[400];

	snprintf(headers, sizeof headers, JSON_TYPE "\nIdempotency-Key: key-%d", number);
	snprintf(body, sizeof body,
	    "{\"guid\":\"g%d\",\"title\":\"Article %d\",\"source\":\"Wire\",\"section\":\"News\",\"tags\":[\"Tag %d\"],\"status\":\"published\",\"body_text\":\"Word%d and more.\"}",
	    number, number, number % 7, number);
	client_ask(client, "POST", "/v1/articles", headers, body, ret_reply);
}

/* false: the server is gone. */
static bool create(struct client *client, struct known *item)
{
	struct reply reply;
	bool fine;

	*item = (struct known){ .number = atomic_fetch_add(&numbers, 1), .is_uncertain = true };
	writer_send_creation(client, item->number, &reply);
	fine = reply.status == 201;
	if (fine) {
		item->id = json_integer_value(reply_member(&reply, "data.id"));
		item->rev = 1;
		item->is_uncertain = false;
	}
	reply_done(&reply);
	return fine;
}

static bool change(struct writer *writer, struct client *client, struct known *item, bool withdraws)
{
	char target[60], headers[120], body[120];
	struct reply reply;
	bool fine;

	snprintf(target, sizeof target, "/v1/articles/%lld", (long long)item->id);
	snprintf(headers, sizeof headers, JSON_TYPE "\nIf-Match: \"%lld.x\"", (long long)item->rev);
	snprintf(body, sizeof body, withdraws ? "{\"reason\":\"test\"}" : "{\"body_text\":\"Changed%d at %lld.\"}", writer->index, (long long)item->rev);
	item->is_uncertain = true;
	client_ask(client, withdraws ? "DELETE" : "PATCH", target, headers, body, &reply);
	fine = reply.status == 200;
	if (fine) {
		item->rev = json_integer_value(reply_member(&reply, "data.rev"));
		item->is_withdrawn = withdraws;
		item->is_uncertain = false;
	}
	reply_done(&reply);
	return fine;
}

static void *write_on(void *arg)
{
	struct writer *writer = arg;
	struct client *client = client_new("http://localhost", writer->socket);
	bool fine = true;

	while (fine && writer->n < WRITER_ARTICLES_MOST) {
		struct known *item = writer->n == 0 ? NULL : &writer->items[test_random(&writer->random, writer->n)];
		const uint64_t what = test_random(&writer->random, 10);

		if (item == NULL || item->is_withdrawn || what < 6)
			fine = create(client, item = &writer->items[writer->n++]);
		else
			fine = change(writer, client, item, what == 9);
		if (fine)
			writer->tell(item);
	}
	client_free(client);
	return NULL;
}

void writer_start(struct writer *writer, int index, const char *socket, uint64_t seed, void (*tell)(const struct known *item))
{
	*writer = (struct writer){ .index = index, .socket = socket, .random = { seed }, .tell = tell };
	if (pthread_create(&writer->thread, NULL, write_on, writer) != 0)
		abort();
}
