/* SPDX-License-Identifier: MIT */
/*
 * What operators ask, on the admin address alone: is the process alive, may it be sent traffic, how is it doing.
 */
#include "api_internal.h"

#include <sys/stat.h>

#include "metrics.h"

/* GET /healthz. 200 as long as the process answers. */
bool healthz_get(struct request *request, struct response *response, struct error *err)
{
	(void)request, (void)err;
	response->caching = CACHING_NONE;
	text_string(&response->body, "{\"status\":\"alive\"}\n");
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
	response->caching = CACHING_NONE;
	text_string(&response->body, "{\"status\":\"ready\"}\n");
	return true;
}

static void set_gauge(const char *name, const char *help, int64_t value)
{
	metric_set(metric_register(METRIC_GAUGE, name, NULL, help), value);
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

	if (!store_sizes(store_of(request), &sizes, err))
		return false;
	set_gauge("broadsheet_articles_published", "Articles that readers can see.", sizes.published);
	set_gauge("broadsheet_article_id_last", "The highest article id given.", sizes.articles);
	set_gauge("broadsheet_seq", "The seq of the last version in the log.", sizes.versions);
	set_gauge("broadsheet_public_seq", "The seq of the last version that changed what readers see.", atomic_load(&api->public_seq));
	set_gauge("broadsheet_database_bytes", "Size of the database.", sizes.database_bytes);
	set_gauge("broadsheet_wal_bytes", "Size of the write-ahead log.", file_bytes(api->database, "-wal", request->arena));
	response->caching = CACHING_NONE;
	response->content_type = "text/plain; version=0.0.4; charset=utf-8";
	metrics_print(&response->body);
	return true;
}
