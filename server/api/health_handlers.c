/* SPDX-License-Identifier: MIT */
/*
 * What operators ask, on the admin address alone: is the process alive, may it be sent traffic, how is it doing.
 */
#include "api_internal.h"

#include <sys/stat.h>

#include "metrics.h"

/* {"status":"…"}, and what keeps articles from being written, if anything does. */
static void write_status(struct request *request, struct response *response, const char *sound, const char *faulty)
{
	const enum store_fault fault = store_fault(context_of(request)->api->writer);

	response->caching = CACHING_NONE;
	if (fault == STORE_SOUND)
		text_printf(&response->body, "{\"status\":\"%s\"}\n", sound);
	else
		text_printf(&response->body, "{\"status\":\"%s\",\"writes\":\"%s\"}\n", faulty, store_fault_names[fault]);
}

/* GET /healthz. 200 as long as the process answers; "degraded" while nothing can be written: reads go on, and a restart would not help. */
bool healthz_get(struct request *request, struct response *response, struct error *err)
{
	(void)err;
	write_status(request, response, "alive", "degraded");
	return true;
}

/* GET /readyz. 200 when the store can be read, 503 when it cannot or the server is stopping. */
bool readyz_get(struct request *request, struct response *response, struct error *err)
{
	struct store_sizes sizes;

	if (atomic_load(&context_of(request)->api->stopping))
		return error_set(err, ERROR_BUSY, "the server is stopping");
	if (!store_sizes(store_of(request), &sizes, err)) {
		err->code = ERROR_BUSY;
		return false;
	}
	write_status(request, response, "ready", "ready");
	return true;
}

/* What is read when it is asked for. */
static struct {
	struct metric *published, *last_id, *seq, *public_seq, *database_bytes, *wal_bytes, *related_due, *webhooks_pending, *webhooks_dead, *write_fault;
} gauges;

static struct metric *gauge(const char *name, const char *help)
{
	return metric_register(METRIC_GAUGE, name, NULL, help);
}

void health_register_metrics(void)
{
	gauges.published = gauge("broadsheet_articles_published", "Articles that readers can see.");
	gauges.last_id = gauge("broadsheet_article_id_last", "The highest article id given.");
	gauges.seq = gauge("broadsheet_seq", "The seq of the last version in the log.");
	gauges.public_seq = gauge("broadsheet_public_seq", "The seq of the last version that changed what readers see.");
	gauges.database_bytes = gauge("broadsheet_database_bytes", "Size of the database.");
	gauges.related_due = gauge("broadsheet_related_due", "Articles whose related articles are to be computed.");
	gauges.webhooks_pending = gauge("broadsheet_webhooks_pending", "Events that a webhook is still to be told.");
	gauges.webhooks_dead = gauge("broadsheet_webhooks_dead", "Events that were given up, and can be replayed.");
	gauges.write_fault = gauge("broadsheet_write_fault", "What keeps articles from being written: 0 nothing, 1 disk full, 2 read-only, 3 I/O errors.");
	gauges.wal_bytes = gauge("broadsheet_wal_bytes", "Size of the write-ahead log.");
}

static int64_t file_bytes(const char *database, const char *suffix, struct arena *arena)
{
	struct stat file;

	return stat(arena_printf(arena, "%s%s", database, suffix), &file) == 0 ? (int64_t)file.st_size : 0;
}

/* GET /metrics. 200 with the Prometheus text format. */
bool metrics_get(struct request *request, struct response *response, struct error *err)
{
	const struct api *api = context_of(request)->api;
	struct store_sizes sizes;
	int64_t pending, dead;

	if (!store_sizes(store_of(request), &sizes, err) || !store_delivery_counts(store_of(request), &pending, &dead, err))
		return false;
	metric_set(gauges.webhooks_pending, pending);
	metric_set(gauges.webhooks_dead, dead);
	metric_set(gauges.published, sizes.published);
	metric_set(gauges.last_id, sizes.articles);
	metric_set(gauges.seq, sizes.versions);
	metric_set(gauges.public_seq, atomic_load(&api->public_seq));
	metric_set(gauges.related_due, sizes.related_due);
	metric_set(gauges.write_fault, store_fault(api->writer));
	metric_set(gauges.database_bytes, sizes.database_bytes);
	metric_set(gauges.wal_bytes, file_bytes(api->database, "-wal", request->arena));
	response->caching = CACHING_NONE;
	response->content_type = "text/plain; version=0.0.4; charset=utf-8";
	metrics_print(&response->body);
	return true;
}
