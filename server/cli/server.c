/* SPDX-License-Identifier: MIT */
/*
 * Puts a server together, and takes it apart again in the opposite order.
 *
 * Sockets are bound before the database is touched, so that a second server on the same address fails without a trace; the lock is
 * taken before the database is opened, so that a second one on the same database does. What can be wrong with the settings (templates,
 * the path of the control socket) is looked at before the first file is made. Serving begins when all of it stands; where it does not
 * come to that, the folder of the database is left as it was.
 *
 * Stopping: no new connections, replies under way finish, then the background's article and the webhooks, then the writer's queue, then the
 * checkpoint that store_close() makes.
 */
#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <unistd.h>

#include "api.h"
#include "background.h"
#include "http.h"
#include "lane.h"
#include "log.h"
#include "up_to_date.h"

enum {
	LISTENERS_MOST = 16,
	STOP_SECONDS = 10,
	CONTROL_CONNECTIONS = 64,
	CONNECTIONS_USUAL = 10000,
	FILES_FOR_THE_REST = 1024,    /* open files that are no reader's connection */
	READERS = 2,                  /* threads for what takes long */
	PATIENT_NICE = 10,
};

struct server {
	const struct config *config;
	struct listener *listeners[LISTENERS_MOST];
	size_t n_listeners;
	struct store_lock *lock;
	struct store *writer;
	struct static_files *files;
	struct site *site;
	struct lane *writing, *readers, *recoder;
	struct generations *generations;
	struct cache *cache;
	struct access *access;
	struct api api;
	struct http_service public_service, plain_service;
	char url[300], admin_url[300], control[sizeof(((struct sockaddr_un *)0)->sun_path) + 8];
	bool has_admin, is_refused;
	struct background *background;
	struct scheduler *scheduler;
	struct webhooks *webhooks;
	int64_t first_due;            /* by the schedule, when the server was started */
};

bool server_control_path(const char *database, char *ret_path, size_t size, struct error *err)
{
	const int length = snprintf(ret_path, size, "%s.sock", database);

	if (length < 0 || (size_t)length >= size || (size_t)length >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return error_set(err, ERROR_INVALID, "the path of the database is too long for the control socket beside it (%s.sock)", database);
	return true;
}

/* --- sockets --- */

static struct listener *bind_one(struct server *server, const struct listener_settings *settings, struct error *err)
{
	struct listener *listener;

	if (server->n_listeners == LISTENERS_MOST) {
		error_set(err, ERROR_INVALID, "at most %d addresses to listen on", LISTENERS_MOST - 2);
		return NULL;
	}
	listener = listener_bind(settings, err);
	if (listener != NULL)
		server->listeners[server->n_listeners++] = listener;
	return listener;
}

static unsigned workers(const struct config *config)
{
	const long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (config->workers > 0)
		return (unsigned)config->workers;
	return cores > 0 ? (unsigned)cores : 1;
}

/* Connections are open files: without a number given, what the system allows is enough. Shared out evenly over the addresses. */
static unsigned connections_each(const struct config *config)
{
	struct rlimit files;
	int64_t most = config->connections, addresses = 1;

	for (const char *c = config->listen; *c != '\0'; c++)
		addresses += *c == ',';
	if (most == 0) {
		most = CONNECTIONS_USUAL;
		if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_max != RLIM_INFINITY && (int64_t)files.rlim_max < most + FILES_FOR_THE_REST)
			most = (int64_t)files.rlim_max > 2 * FILES_FOR_THE_REST ? (int64_t)files.rlim_max - FILES_FOR_THE_REST : (int64_t)files.rlim_max / 2;
	}
	return (unsigned)(most / addresses > 0 ? most / addresses : 1);
}

/* An address one can open: a wildcard or a Unix socket has none of its own. */
static void url_of(const struct listener *listener, char *ret_url, size_t size)
{
	const char *address = listener_address(listener);
	const char *port = strrchr(address, ':');
	const bool any = strncmp(address, "0.0.0.0:", 8) == 0 || strncmp(address, "[::]:", 5) == 0;

	if (strncmp(address, "unix:", 5) == 0)
		snprintf(ret_url, size, "http://localhost");
	else if (any)
		snprintf(ret_url, size, "http://localhost%s", port);
	else
		snprintf(ret_url, size, "http://%s", address);
}

static bool bind_public(struct server *server, struct error *err)
{
	char *addresses = strdup(server->config->listen), *rest = addresses;
	const char *address;
	bool fine = addresses != NULL;

	while (fine && (address = strsep(&rest, ",")) != NULL) {
		const struct listener_settings settings = {
			.address = address,
			.door = DOOR_PUBLIC,
			.threads = workers(server->config),
			.connections_most = connections_each(server->config),
			.idle_seconds = (unsigned)server->config->idle_seconds,
			.unix_mode = 0666,
		};

		fine = bind_one(server, &settings, err) != NULL;
	}
	free(addresses);
	if (fine)
		url_of(server->listeners[0], server->url, sizeof server->url);
	return fine;
}

static bool bind_admin(struct server *server, struct error *err)
{
	const struct listener_settings settings = {
		.address = server->config->admin_listen,
		.door = DOOR_ADMIN,
		.threads = 1,
		.connections_most = CONTROL_CONNECTIONS,
		.idle_seconds = 30,
		.unix_mode = 0600,
	};
	const struct listener *listener;

	if (strcmp(server->config->admin_listen, "none") == 0)
		return true;
	listener = bind_one(server, &settings, err);
	if (listener == NULL)
		return false;
	url_of(listener, server->admin_url, sizeof server->admin_url);
	server->has_admin = true;
	return true;
}

static bool name_control(struct server *server, struct error *err)
{
	memcpy(server->control, "unix:", 5);
	return server_control_path(server->config->database, server->control + 5, sizeof server->control - 5, err);
}

static bool bind_control(struct server *server, struct error *err)
{
	const struct listener_settings settings = {
		.address = server->control,
		.door = DOOR_CONTROL,
		.threads = 1,
		.connections_most = CONTROL_CONNECTIONS,
		.idle_seconds = 300,
		.unix_mode = 0600,
	};

	return bind_one(server, &settings, err) != NULL;
}

/* --- what they serve --- */

static bool open_store(struct server *server, struct error *err)
{
	if (!store_open(server->config->database, STORE_WRITE, &server->writer, err))
		return false;
	store_gives_back(server->writer);
	log_info("store", "sqlite", store_engine(), "rule", "one connection writes and checkpoints", NULL);
	if (!bring_up_to_date(server->writer, NULL, NULL, err))
		return false;
	store_keep_ballast(server->writer);
	return true;
}

static bool open_site(struct server *server, struct error *err)
{
	server->files = static_files_new(server->config->static_folder, err);
	if (server->files == NULL)
		return false;
	server->site = site_new(server->config->site_name, server->files, err);
	return server->site != NULL;
}

/* Readers find room beside those that wait, at each address. */
static int64_t waiting_most(const struct config *config)
{
	const int64_t most = (int64_t)connections_each(config) * 9 / 10;

	return config->waiting_most > 0 ? config->waiting_most : most > 0 ? most : 1;
}

static bool open_access(struct server *server, struct error *err)
{
	const struct config *config = server->config;
	const struct access_settings settings = {
		.trusted_proxies = config->trusted_proxies,
		.cors_origins = config->cors_origins,
		.auth_failures = config->auth_failures,
		.read_limit = config->read_limit,
		.write_limit = config->write_limit,
		.waiting_limit = config->waiting_limit,
		.waiting_most = waiting_most(config),
	};

	return access_new(&settings, &server->access, err);
}

/* For what is to be done when nothing else is: gives the processor up to whoever serves. */
static void *be_patient(void *arg, struct error *err)
{
	(void)err;
	setpriority(PRIO_PROCESS, (id_t)gettid(), PATIENT_NICE);
	return arg;
}

/* Everything that shapes the bytes of answers, besides what is in the store: this program, its settings, and which database it is. */
static bool salt_of(const struct server *server, uint64_t *ret_salt, struct error *err)
{
	const struct config *config = server->config;
	struct text shape = TEXT_EMPTY;
	uint64_t build, epoch;
	int64_t indexes;

	if (!build_digest(&build, err) || !store_epoch(server->writer, &epoch, err)
	    || !store_indexes_epoch(server->writer, &indexes, err))
		return false;
	text_printf(&shape, "%016llx %s %016llx %016llx %s\n%s\n%s", (unsigned long long)build, http_libraries(), (unsigned long long)epoch, (unsigned long long)indexes,
	    server->public_service.base_url, config->site_name, config->timezone);
	text_printf(&shape, "\n%s\n%lld", config->websub_hub != NULL ? config->websub_hub : "", (long long)config->article_bytes);
	*ret_salt = scope_key("salt", shape.bytes) | 1;    /* 0 would say that there is none */
	text_done(&shape);
	return true;
}

/* While someone works on the files of --static nothing is kept, and ETags are made from what is sent. */
static bool open_cache(struct server *server, struct error *err)
{
	if (server->config->static_folder != NULL)
		return true;
	if (!salt_of(server, &server->public_service.salt, err))
		return false;
	server->cache = cache_new((size_t)server->config->cache_bytes, server->generations, server->recoder, err);
	server->public_service.cache = server->cache;
	return server->cache != NULL;
}

static bool open_api(struct server *server, struct error *err)
{
	server->generations = generations_new();
	server->api = (struct api){
		.database = server->config->database,
		.site = server->site,
		.site_name = server->config->site_name,
		.websub_hub = server->config->websub_hub,
		.writer = server->writer,
		.generations = server->generations,
	};
	if (server->config->webhook_allow != NULL && !ip_networks_parse(server->config->webhook_allow, &server->api.webhook_allowed, err))
		return false;
	api_start(&server->api);
	if (!store_schedule_next(server->writer, TIME_NONE, &server->first_due, err))
		return false;
	server->writing = lane_new("writer", 1, api_writer_context_new, api_context_free, &server->api, err);
	server->readers = lane_new("reader", READERS, api_context_new, api_context_free, &server->api, err);
	server->recoder = lane_new("recoder", 1, be_patient, NULL, server, err);
	if (server->writing == NULL || server->readers == NULL || server->recoder == NULL)
		return false;
	server->api.writing = server->writing;
	lane_group(server->writing, api_run_group);
	api_service(&server->api, &server->public_service);
	server->public_service.base_url = server->config->base_url != NULL ? server->config->base_url : server->url;
	server->public_service.article_bytes = (size_t)server->config->article_bytes;
	server->public_service.writer = server->writing;
	server->public_service.readers = server->readers;
	server->public_service.access = server->access;
	if (!open_cache(server, err))
		return false;
	server->plain_service = server->public_service;
	server->public_service.log_requests = server->config->log_requests;
	return true;
}

static bool start_background(struct server *server, struct error *err)
{
	const struct background_settings settings = {
		.database = server->config->database,
		.lane = server->writing,
		.writer = server->writer,
		.related_rate = server->config->related_rate,
		.related_kept = api_related_kept,
		.arg = &server->api,
	};

	server->background = background_start(&settings, err);
	return server->background != NULL;
}

static bool start_webhooks(struct server *server, struct error *err)
{
	const struct webhooks_settings settings = {
		.database = server->config->database,
		.lane = server->writing,
		.writer = server->writer,
		.base_url = server->public_service.base_url,
		.allowed = server->api.webhook_allowed,
		.websub_hub = server->config->websub_hub,
	};

	server->webhooks = webhooks_start(&settings, err);
	return server->webhooks != NULL;
}

/* What became due while no server ran is done before the first reader comes. */
static bool start_scheduler(struct server *server, struct error *err)
{
	const struct scheduler_settings settings = {
		.lane = server->writing,
		.next = server->first_due,
		.run = api_run_schedule,
	};

	server->scheduler = scheduler_start(&settings, err);
	return server->scheduler != NULL;
}

static bool serve_all(struct server *server, struct error *err)
{
	api_attach(&server->api, server->background, server->scheduler, server->webhooks);
	for (size_t i = 0; i < server->n_listeners; i++) {
		const bool is_public = i < server->n_listeners - (server->has_admin ? 2 : 1);

		if (!listener_serve(server->listeners[i], is_public ? &server->public_service : &server->plain_service, err))
			return false;
	}
	return true;
}

/* --- */

bool server_start(const struct config *config, struct server **ret_server, struct error *err)
{
	struct server *server = calloc(1, sizeof *server);

	if (server == NULL)
		return error_set(err, ERROR_INTERNAL, "out of memory");
	server->config = config;
	if (!open_access(server, err) || !bind_public(server, err) || !bind_admin(server, err) || !open_site(server, err) || !name_control(server, err) ||
	    !store_lock(config->database, &server->lock, err) || !bind_control(server, err) || !open_store(server, err) ||
	    !open_api(server, err) || !start_background(server, err) || !start_webhooks(server, err) || !start_scheduler(server, err) ||
	    !serve_all(server, err)) {
		server->is_refused = true;
		server_stop(server);
		return false;
	}
	*ret_server = server;
	return true;
}

const char *server_url(const struct server *server)
{
	return server->url;
}

const char *server_admin_url(const struct server *server)
{
	return server->has_admin ? server->admin_url : NULL;
}

void server_clock_moved(struct server *server)
{
	scheduler_wake(server->api.scheduler);
}

void server_stop(struct server *server)
{
	if (server == NULL)
		return;
	atomic_store(&server->api.stopping, true);
	for (size_t i = 0; i < server->n_listeners; i++)
		listener_stop(server->listeners[i], STOP_SECONDS);
	api_attach(&server->api, NULL, NULL, NULL);
	scheduler_stop(server->scheduler);
	background_stop(server->background);
	webhooks_stop(server->webhooks);
	lane_free(server->readers);
	lane_free(server->writing);
	cache_close(server->cache);
	lane_free(server->recoder);
	cache_free(server->cache);
	access_free(server->access);
	generations_free(server->generations);
	site_free(server->site);
	static_files_free(server->files);
	store_drop_ballast(server->writer);
	store_close(server->writer);
	if (server->is_refused)
		store_lock_withdraw(server->lock);
	else
		store_unlock(server->lock);
	free(server);
}
