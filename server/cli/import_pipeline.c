/* SPDX-License-Identifier: MIT */
/*
 * Reading and bringing in, side by side: while one batch goes into the database (or to the server), the next is read and decoded. Each is
 * about half of the work.
 *
 * The first batches are small, each up to twice as large as the one before, so that delivering begins soon.
 *
 * There are two batches and no more, so memory stays the same whatever the size of the file, and one thread that delivers them in order.
 * It also opens the database and closes it. What became of a batch is told on the reader's thread, before the next one is handed over:
 * results come in the order of the file, and nothing is delivered behind a batch that failed.
 *
 * The thread is started for the first batch that holds an article: files that cannot be read make no database.
 */
#include <pthread.h>
#include <stdlib.h>

#include "import_delivery.h"
#include "lane.h"
#include "memory.h"

struct pipeline {
	const char *database;
	void (*settled)(void *arg, const struct import_batch *batch, size_t n);
	void *arg;
	struct lane *lane;            /* NULL before the first article */
	bool is_direct;               /* known once the lane is there */
	struct import_batch *batches[2];
	struct import_batch *filling;    /* one of them */
	size_t bytes_most;            /* of it */
	struct import_batch *sent;    /* the other one, until it is told what became of it; else NULL */

	struct lane_job job;          /* delivers `sent` */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_done, is_fine;        /* of the job */
	size_t n;
	struct error err;
};

/* --- on the thread that delivers --- */

static void *open_delivery(void *arg, struct error *err)
{
	struct pipeline *pipeline = arg;
	struct delivery *delivery = delivery_new(pipeline->database, err);

	pipeline->is_direct = delivery != NULL && delivery_is_direct(delivery);
	return delivery;
}

static void close_delivery(void *context)
{
	delivery_free(context);
}

static void deliver(struct lane_job *job, void *context)
{
	struct pipeline *pipeline = (struct pipeline *)(void *)((char *)job - offsetof(struct pipeline, job));
	struct import_batch *batch = pipeline->sent;
	const bool fine = delivery_send(context, batch->items, batch->n, batch->arena, &pipeline->n, &pipeline->err);

	pthread_mutex_lock(&pipeline->lock);
	pipeline->is_fine = fine;
	pipeline->is_done = true;
	pthread_cond_signal(&pipeline->changed);
	pthread_mutex_unlock(&pipeline->lock);
}

/* --- on the reader's --- */

static struct import_batch *batch_new(void)
{
	struct import_batch *batch = malloc(sizeof *batch);

	if (batch == NULL)
		memory_exhausted();
	batch->arena = arena_new();
	batch->words_arena = arena_new();
	batch->n = batch->n_articles = 0;
	return batch;
}

static void batch_free(struct import_batch *batch)
{
	arena_free(batch->arena);
	arena_free(batch->words_arena);
	free(batch);
}

struct pipeline *pipeline_new(const char *database, void (*settled)(void *arg, const struct import_batch *batch, size_t n), void *arg)
{
	struct pipeline *pipeline = calloc(1, sizeof *pipeline);

	if (pipeline == NULL)
		memory_exhausted();
	pipeline->database = database;
	pipeline->settled = settled;
	pipeline->arg = arg;
	pipeline->batches[0] = pipeline->filling = batch_new();
	pipeline->batches[1] = batch_new();
	pipeline->bytes_most = BATCH_BYTES_FIRST;
	pipeline->job.run = deliver;
	pthread_mutex_init(&pipeline->lock, NULL);
	pthread_cond_init(&pipeline->changed, NULL);
	return pipeline;
}

void pipeline_free(struct pipeline *pipeline)
{
	if (pipeline == NULL)
		return;
	lane_free(pipeline->lane);
	batch_free(pipeline->batches[0]);
	batch_free(pipeline->batches[1]);
	pthread_cond_destroy(&pipeline->changed);
	pthread_mutex_destroy(&pipeline->lock);
	free(pipeline);
}

struct import_batch *pipeline_batch(struct pipeline *pipeline)
{
	return pipeline->filling;
}

bool pipeline_is_full(const struct pipeline *pipeline)
{
	return pipeline->filling->n == BATCH_ITEMS || arena_used(pipeline->filling->arena) >= pipeline->bytes_most
	    || arena_used(pipeline->filling->words_arena) >= WORDS_BYTES_MOST;
}

bool pipeline_is_open(const struct pipeline *pipeline)
{
	return pipeline->lane != NULL;
}

bool pipeline_is_direct(const struct pipeline *pipeline)
{
	return pipeline->is_direct;
}

static bool start_thread(struct pipeline *pipeline, struct error *err)
{
	if (pipeline->lane == NULL)
		pipeline->lane = lane_new("delivery", 1, open_delivery, close_delivery, pipeline, err);
	return pipeline->lane != NULL;
}

static void wait_until_done(struct pipeline *pipeline)
{
	pthread_mutex_lock(&pipeline->lock);
	while (!pipeline->is_done)
		pthread_cond_wait(&pipeline->changed, &pipeline->lock);
	pthread_mutex_unlock(&pipeline->lock);
}

bool pipeline_finish(struct pipeline *pipeline, struct error *err)
{
	struct import_batch *batch = pipeline->sent;

	if (batch == NULL)
		return true;
	wait_until_done(pipeline);
	pipeline->settled(pipeline->arg, batch, pipeline->n);
	arena_reset(batch->arena);
	arena_reset(batch->words_arena);
	batch->n = batch->n_articles = 0;
	pipeline->sent = NULL;
	if (!pipeline->is_fine)
		*err = pipeline->err;
	return pipeline->is_fine;
}

/* A batch without articles has nothing to deliver, but its turn to be told. */
bool pipeline_send(struct pipeline *pipeline, struct error *err)
{
	struct import_batch *batch = pipeline->filling;
	const bool is_empty = batch->n_articles == 0;

	if (!pipeline_finish(pipeline, err) || (!is_empty && !start_thread(pipeline, err)))
		return false;
	pipeline->sent = batch;
	pipeline->filling = pipeline->batches[batch == pipeline->batches[0]];
	pipeline->bytes_most = pipeline->bytes_most < BATCH_BYTES / 2 ? 2 * pipeline->bytes_most : BATCH_BYTES;
	pipeline->n = batch->n;
	pipeline->is_done = pipeline->is_fine = is_empty;
	if (!is_empty)
		lane_submit(pipeline->lane, &pipeline->job);
	return true;
}
