/* SPDX-License-Identifier: MIT */
/*
 * Every setting, typed. server/base/config.c has one table row an option: flag, environment name, kind, where it is stored,
 * default, which commands take it, one line of help. Parsing, --help, validation and the start-up log are printed from that table.
 * Order of precedence: flag, environment, default.
 */
#ifndef BROADSHEET_CONFIG_H
#define BROADSHEET_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "text.h"

enum command_set {
	COMMAND_SERVE = 1, COMMAND_IMPORT = 2, COMMAND_EXPORT = 4, COMMAND_MIGRATE = 8, COMMAND_CHECK = 16, COMMAND_VERSION = 32,
	COMMAND_KEY = 64, COMMAND_BACKUP = 128, COMMAND_RESTORE = 256, COMMAND_ALL = 511,
};

struct config {
	const char *database;         /* articles.db */
	const char *listen;           /* one or more addresses parted by commas: 127.0.0.1:8080,[::1]:8080,unix:/run/broadsheet.sock */
	const char *admin_listen;     /* 127.0.0.1:8081, or "none" */
	int64_t workers;              /* serving threads; 0: one a core */
	const char *base_url;         /* NULL: the first listen address */
	const char *site_name;        /* Broadsheet */
	const char *timezone;         /* UTC */
	const char *static_folder;    /* NULL: built in */
	int64_t cache_bytes;          /* most bytes of kept replies; 0: none */
	int64_t related_rate;         /* articles a second whose related ones are computed in the background; 0: none */
	int64_t article_bytes;        /* longest body of a request that writes an article */
	int64_t connections;          /* most connections at once, over all workers and addresses; 0: 10,000, or as many as the system lets be open */
	int64_t idle_seconds;         /* a connection on which nothing happens for so long is closed */
	const char *trusted_proxies;  /* networks parted by commas, and "unix"; NULL: none */
	const char *cors_origins;     /* parted by commas; NULL: none */
	int64_t auth_failures, read_limit, write_limit;    /* a minute; 0: no limit */
	int64_t waiting_limit, waiting_most;  /* event streams and long polls at once: from one address, 0: any number; in all, 0: nine tenths of those of one address */
	const char *webhook_allow;    /* networks that webhooks may go to though they are not the open internet; NULL: none */
	const char *websub_hub;       /* told of changed feeds; NULL: nobody */
	bool rebuild_indexes;
	bool force;                   /* write over what is there */
	bool log_requests;
	const char *log_format;       /* text, json */
	const char *import_source;    /* import --source */
	const char *import_section;   /* import --section */
	const char *key_name, *key_scope, *key_expires;    /* key add; NULL: not given */
	bool help;
};

/* Read argv[2…] and the environment. What is no option goes, in order, to ret_operands (as many as argc). Options may stand anywhere,
 * as --name value or --name=value; "--" ends them. ERROR_INVALID names the bad one and suggests the nearest. */
bool config_read(enum command_set command, int argc, char *const argv[], struct config *ret_config, const char **ret_operands,
    int *ret_n_operands, struct error *err);

/* The options that `command` takes, for --help: flag, value, environment name, default, help. */
void config_help(enum command_set command, struct text *ret_text);

/* One log line with the settings that `command` runs with. */
void config_log(enum command_set command, const struct config *config);

#endif
