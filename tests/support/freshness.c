/* SPDX-License-Identifier: MIT */
/*
 * What a reader knows when it begins (the counter last acknowledged, the seq of that acknowledgement) is compared with what it is told: the
 * counter in the title, the revision in the ETag, Broadsheet-Seq. A 304 says that what the reader got with that ETag still stands, so that is
 * compared. Every reader begins with what anybody has been told, so one thread's acknowledgement binds all the others.
 */
#include "freshness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>

#include "clock.h"
#include "test_server.h"
#include "test_store.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

enum { WRITERS = 3, READERS = 4 };

/* #: the number of the writer. */
static const char *const paths[] = {
	"/v1/articles", "/v1/articles?section=section-#", "/v1/articles?section=section-#&tag=tag-#", "/v1/articles?order=updated&tag=all", "/v1/articles?tag=!nothing",
	"/v1/articles/writer-#?related=0", "/v1/articles/writer-#", "/v1/articles?ids=1,2,3", "/v1/articles?author=author-#&fields=id,title", "/",
	"/section/section-#", "/article/writer-#",
};
enum { PATHS = N_OF(paths) };

static struct load {
	struct test_server server;
	_Atomic int64_t acknowledged[WRITERS], seq;
	atomic_bool stops;
	_Atomic int64_t n_readers, n_writes, n_reads, n_unchanged, n_waits, n_stale;
	pthread_mutex_t lock;         /* of what follows */
	char stale[400];
} load;

static void raise_to(_Atomic int64_t *number, int64_t value)
{
	int64_t known = atomic_load(number);

	while (known < value && !atomic_compare_exchange_weak(number, &known, value))
		continue;
}

static int64_t seq_of(const struct reply *reply)
{
	const char *seq = reply_header(reply, "Broadsheet-Seq");

	return seq != NULL ? strtoll(seq, NULL, 10) : -1;
}

static void give_up(const char *what, const struct reply *reply)
{
	fprintf(stderr, "%s: %ld %s\n", what, reply->status, reply->body.length > 0 ? reply->body.bytes : "");
	abort();
}

/* --- writers --- */

static void write_once(struct client *client, int writer, int64_t count)
{
	struct text line = TEXT_EMPTY;
	struct reply reply;

	text_printf(&line,
	    "{'guid':'%d','slug':'writer-%d','title':'Writer%d %lld','section':'Section %d','source':'Source','tags':['All','Tag %d'],'authors':['Author %d'],"
	    "'featured':%s,'published_at':'2016-01-0%dT00:00:00Z'}",
	    writer, writer, writer, (long long)count, writer, writer, writer, writer == 0 ? "true" : "false", 1 + writer);
	text_fill(&line, '\'', "\"");
	client_ask(client, "POST", "/v1/articles/batch", "Content-Type: application/x-ndjson", line.bytes, &reply);
	if (reply.status != 200 || strstr(reply.body.bytes, "\"detail\":") != NULL)
		give_up("a write", &reply);
	raise_to(&load.seq, seq_of(&reply));
	atomic_store(&load.acknowledged[writer], count);
	atomic_fetch_add(&load.n_writes, 1);
	reply_done(&reply);
	text_done(&line);
}

static void *write_on(void *arg)
{
	const int writer = (int)(intptr_t)arg;
	struct client *client = client_new("http://localhost", load.server.control);

	for (int64_t count = 2; !atomic_load(&load.stops); count++)
		write_once(client, writer, count);
	client_free(client);
	return NULL;
}

/* --- readers --- */

struct held {
	char etag[64];
	int64_t counts[WRITERS];      /* that came with it; -1: not in it */
};

struct reader {
	struct client *client;
	struct test_random random;
	struct held held[PATHS][WRITERS];
};

static void find_counts(const struct reply *reply, int64_t counts[WRITERS])
{
	for (int writer = 0; writer < WRITERS; writer++) {
		char title[20];
		const char *found;

		snprintf(title, sizeof title, "Writer%d ", writer);
		found = strstr(reply->body.bytes, title);
		counts[writer] = found != NULL ? strtoll(found + strlen(title), NULL, 10) : -1;
	}
}

static void say_stale(const char *target, const char *what, int64_t told, int64_t known, const struct reply *reply)
{
	if (atomic_fetch_add(&load.n_stale, 1) > 0)
		return;
	pthread_mutex_lock(&load.lock);
	snprintf(load.stale, sizeof load.stale, "%s: %ld, %s %lld though %lld had been acknowledged (ETag %s)", target, reply->status, what, (long long)told,
	    (long long)known, reply_header(reply, "ETag"));
	pthread_mutex_unlock(&load.lock);
}

/* What is asked, and what was known before it was. */
struct question {
	size_t path;
	int writer;
	struct held *held;
	bool asks_again;              /* with the ETag that it holds */
	char target[120];
	int64_t known[WRITERS], known_seq, wanted_seq;
};

static size_t write_target(char *ret_target, size_t path, int writer)
{
	size_t n = 0;

	for (const char *c = paths[path]; *c != '\0'; c++)
		ret_target[n++] = *c == '#' ? (char)('0' + writer) : *c;
	ret_target[n] = '\0';
	return n;
}

static void choose_question(struct reader *reader, struct question *question)
{
	const size_t path = test_random(&reader->random, PATHS);
	const int writer = (int)test_random(&reader->random, WRITERS);
	const size_t length = write_target(question->target, path, writer);

	question->path = path;
	question->writer = writer;
	question->held = &reader->held[path][writer];
	question->asks_again = question->held->etag[0] != '\0' && test_random(&reader->random, 2) == 0;
	question->known_seq = atomic_load(&load.seq);
	for (int i = 0; i < WRITERS; i++)
		question->known[i] = atomic_load(&load.acknowledged[i]);
	question->wanted_seq = 0;
	if (strncmp(paths[path], "/v1/", 4) != 0 || test_random(&reader->random, 4) > 0)
		return;
	question->wanted_seq = question->known_seq + (int64_t)test_random(&reader->random, 3);    /* perhaps one that is yet to come */
	snprintf(question->target + length, sizeof question->target - length, "%cmin_seq=%lld", strchr(question->target, '?') != NULL ? '&' : '?',
	    (long long)question->wanted_seq);
}

static void check(const struct question *question, const struct reply *reply)
{
	const char *etag = reply_header(reply, "ETag");
	const int64_t seq = seq_of(reply), rev = strtoll(etag + 1, NULL, 10);

	for (int i = 0; i < WRITERS; i++)
		if (question->held->counts[i] >= 0 && question->held->counts[i] < question->known[i])
			say_stale(question->target, "count", question->held->counts[i], question->known[i], reply);
	if (seq < question->known_seq)
		say_stale(question->target, "seq", seq, question->known_seq, reply);
	if (seq < question->wanted_seq)
		say_stale(question->target, "seq", seq, question->wanted_seq, reply);
	/* The revision is the count: each write is one version. */
	if (strncmp(question->target, "/v1/articles/writer-", 20) == 0 && rev < question->known[question->writer])
		say_stale(question->target, "revision", rev, question->known[question->writer], reply);
}

static void read_once(struct reader *reader)
{
	char header[100] = "Accept-Encoding: identity";
	struct question question;
	struct reply reply;

	choose_question(reader, &question);
	if (question.asks_again)
		snprintf(header, sizeof header, "If-None-Match: %s", question.held->etag);
	client_ask(reader->client, "GET", question.target, header, NULL, &reply);
	atomic_fetch_add(&load.n_reads, 1);
	if (reply.status == 503 && question.wanted_seq > question.known_seq) {    /* at the end nobody writes any more */
		reply_done(&reply);
		return;
	}
	if (reply.status != 200 && !(reply.status == 304 && question.asks_again))
		give_up(question.target, &reply);
	atomic_fetch_add(&load.n_unchanged, reply.status == 304);
	atomic_fetch_add(&load.n_waits, question.wanted_seq > question.known_seq);
	if (reply.status == 200) {
		find_counts(&reply, question.held->counts);
		snprintf(question.held->etag, sizeof question.held->etag, "%s", reply_header(&reply, "ETag"));
	}
	check(&question, &reply);
	reply_done(&reply);
}

static void *read_on(void *arg)
{
	const int64_t *deadline_us = arg;
	struct reader *reader = calloc(1, sizeof *reader);

	reader->client = client_new(test_server_url(&load.server), NULL);
	reader->random.state = (uint64_t)atomic_fetch_add(&load.n_readers, 1);
	while (clock_monotonic_us() < *deadline_us)
		read_once(reader);
	client_free(reader->client);
	free(reader);
	return NULL;
}

/* --- */

void freshness_run(int64_t seconds, struct freshness_result *ret_result)
{
	pthread_t writers[WRITERS], readers[READERS];
	int64_t deadline_us;

	load = (struct load){ .lock = PTHREAD_MUTEX_INITIALIZER };
	test_server_start(&load.server, NULL);
	for (int i = 0; i < WRITERS; i++)
		write_once(load.server.writer, i, 1);
	deadline_us = clock_monotonic_us() + seconds * 1000000;
	for (intptr_t i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&writers[i], NULL, write_on, (void *)i), 0);
	for (size_t i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, read_on, &deadline_us), 0);
	for (size_t i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	atomic_store(&load.stops, true);
	for (size_t i = 0; i < WRITERS; i++)
		pthread_join(writers[i], NULL);
	test_server_stop(&load.server);
	*ret_result = (struct freshness_result){
		.n_writes = load.n_writes, .n_reads = load.n_reads, .n_unchanged = load.n_unchanged, .n_waits = load.n_waits, .n_stale = load.n_stale,
	};
	memcpy(ret_result->stale, load.stale, sizeof load.stale);
}
