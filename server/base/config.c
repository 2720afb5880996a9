/* SPDX-License-Identifier: MIT */
/*
 * Every setting of the program, one row each.
 *
 * options[] is all there is to know about an option. From it come parsing, the environment (a row's flag in capitals,
 * after BROADSHEET_), --help, validation and the line that is logged at start, so none of them can drift from the
 * others. Adding an option: a member in struct config and a row here.
 *
 * For each option the last flag wins over the environment, and that over the default; only the winner is checked. An
 * empty environment variable counts as not set, since container tools pass on empty ones. Variables that name no option
 * are let be: Kubernetes, for one, makes BROADSHEET_PORT for a service of that name. Strings are borrowed from argv
 * and the environment, which live as long as the process.
 *
 * What a value means in the world (is the address free, is there such a folder?) is for those to find out who use it.
 */
#include "config.h"

#include <assert.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base_internal.h"
#include "ip_address.h"

enum option_kind { OPTION_STRING, OPTION_INTEGER, OPTION_BOOLEAN, OPTION_CHOICE };

struct option {
	const char *flag;
	const char *environment;
	const char *value; /* how --help calls it */
	enum option_kind kind;
	size_t offset;        /* in struct config */
	unsigned commands;    /* those that take it */
	const char *fallback; /* the default, or NULL */
	int64_t least, most;  /* of an integer */
	const char *const *choices;
	bool (*check)(const char *value, const char **ret_reason);
	const char *help;
};

static bool check_base_url(const char *value, const char **ret_reason);
static bool check_name(const char *value, const char **ret_reason);
static bool check_hub(const char *value, const char **ret_reason);
static bool check_networks(const char *value, const char **ret_reason);
static bool check_peers(const char *value, const char **ret_reason);
static bool check_zone(const char *value, const char **ret_reason);

static const char *const log_formats[] = { "text", "json", NULL };
static const char *const booleans[] = { "true", "false", NULL };

enum {
	WITH_DATABASE = COMMAND_ALL & ~COMMAND_VERSION,
	WITH_ZONE = COMMAND_SERVE | COMMAND_IMPORT | COMMAND_KEY,
};

#define AT(member) offsetof(struct config, member)

/* clang-format off */
static const struct option options[] = {
	{ "--database", "BROADSHEET_DATABASE", "FILE", OPTION_STRING, AT(database), WITH_DATABASE, "articles.db",
	  .help = "the articles: one SQLite file" },
	{ "--listen", "BROADSHEET_LISTEN", "ADDRESS,…", OPTION_STRING, AT(listen), COMMAND_SERVE, "127.0.0.1:8080",
	  .help = "where readers come in: HOST:PORT, [IPV6]:PORT, unix:PATH" },
	{ "--admin-listen", "BROADSHEET_ADMIN_LISTEN", "ADDRESS", OPTION_STRING, AT(admin_listen), COMMAND_SERVE, "127.0.0.1:8081",
	  .help = "where /healthz, /readyz and /metrics are, or none" },
	{ "--base-url", "BROADSHEET_BASE_URL", "URL", OPTION_STRING, AT(base_url), COMMAND_SERVE, NULL, .check = check_base_url,
	  .help = "how readers reach the site; else the first --listen address" },
	{ "--site-name", "BROADSHEET_SITE_NAME", "NAME", OPTION_STRING, AT(site_name), COMMAND_SERVE, "Broadsheet", .check = check_name,
	  .help = "the name on the pages" },
	{ "--timezone", "BROADSHEET_TIMEZONE", "ZONE", OPTION_STRING, AT(timezone), WITH_ZONE, "UTC", .check = check_zone,
	  .help = "of dates without a zone, like America/Toronto" },
	{ "--static", "BROADSHEET_STATIC", "FOLDER", OPTION_STRING, AT(static_folder), COMMAND_SERVE, NULL,
	  .help = "templates and style from a folder, not those built in" },
	{ "--workers", "BROADSHEET_WORKERS", "N", OPTION_INTEGER, AT(workers), COMMAND_SERVE, "0", 0, 64,
	  .help = "serving threads; 0: one a core" },
	{ "--cache-bytes", "BROADSHEET_CACHE_BYTES", "N", OPTION_INTEGER, AT(cache_bytes), COMMAND_SERVE, "67108864", 0, (int64_t)1 << 40,
	  .help = "memory for replies that are kept ready; 0: none are" },
	{ "--article-bytes", "BROADSHEET_ARTICLE_BYTES", "N", OPTION_INTEGER, AT(article_bytes), COMMAND_SERVE, "1048576", 1024, 4 << 20,
	  .help = "longest body of a request that writes an article" },
	{ "--connections", "BROADSHEET_CONNECTIONS", "N", OPTION_INTEGER, AT(connections), COMMAND_SERVE, "0", 0, 1000000,
	  .help = "most connections at once; 0: 10000, or as many as the system lets be open" },
	{ "--idle-timeout", "BROADSHEET_IDLE_TIMEOUT", "SECONDS", OPTION_INTEGER, AT(idle_seconds), COMMAND_SERVE, "60", 1, 3600,
	  .help = "a connection that is silent for so long is closed" },
	{ "--related-rate", "BROADSHEET_RELATED_RATE", "N", OPTION_INTEGER, AT(related_rate), COMMAND_SERVE, "200", 0, 100000,
	  .help = "articles a second to find related ones of, beside serving; 0: none" },
	{ "--trusted-proxies", "BROADSHEET_TRUSTED_PROXIES", "NETWORK,…", OPTION_STRING, AT(trusted_proxies), COMMAND_SERVE, NULL, .check = check_peers,
	  .help = "whose X-Forwarded-For is believed: 10.0.0.0/8, fd00::/8, unix" },
	{ "--auth-failures", "BROADSHEET_AUTH_FAILURES", "N", OPTION_INTEGER, AT(auth_failures), COMMAND_SERVE, "10", 0, 1000000,
	  .help = "wrong keys a minute from one address; 0: any number" },
	{ "--read-limit", "BROADSHEET_READ_LIMIT", "N", OPTION_INTEGER, AT(read_limit), COMMAND_SERVE, "0", 0, 1000000,
	  .help = "reads a minute by one key or address; 0: any number" },
	{ "--write-limit", "BROADSHEET_WRITE_LIMIT", "N", OPTION_INTEGER, AT(write_limit), COMMAND_SERVE, "0", 0, 1000000,
	  .help = "writes a minute by one key or address; 0: any number" },
	{ "--waiting-limit", "BROADSHEET_WAITING_LIMIT", "N", OPTION_INTEGER, AT(waiting_limit), COMMAND_SERVE, "0", 0, 1000000,
	  .help = "event streams and long polls at once from one address; 0: any" },
	{ "--waiting-most", "BROADSHEET_WAITING_MOST", "N", OPTION_INTEGER, AT(waiting_most), COMMAND_SERVE, "0", 0, 1000000,
	  .help = "and in all; 0: nine tenths of one address's connections" },
	{ "--cors-origins", "BROADSHEET_CORS_ORIGINS", "ORIGIN,…", OPTION_STRING, AT(cors_origins), COMMAND_SERVE, NULL,
	  .help = "other sites whose pages may write, with a key" },
	{ "--webhook-allow", "BROADSHEET_WEBHOOK_ALLOW", "CIDR,…", OPTION_STRING, AT(webhook_allow), COMMAND_SERVE, NULL, .check = check_networks,
	  .help = "networks inside that webhooks may go to, at any port" },
	{ "--websub-hub", "BROADSHEET_WEBSUB_HUB", "URL", OPTION_STRING, AT(websub_hub), COMMAND_SERVE, NULL, .check = check_hub,
	  .help = "named in feeds, and told which of them have changed" },
	{ "--rebuild-indexes", "BROADSHEET_REBUILD_INDEXES", NULL, OPTION_BOOLEAN, AT(rebuild_indexes), COMMAND_CHECK, "false",
	  .help = "first make search, suggestions and vectors anew from the articles" },
	{ "--force", NULL, NULL, OPTION_BOOLEAN, AT(force), COMMAND_BACKUP | COMMAND_RESTORE, "false",
	  .help = "write over the file, or restore over a database, which is kept" },
	{ "--log-requests", "BROADSHEET_LOG_REQUESTS", NULL, OPTION_BOOLEAN, AT(log_requests), COMMAND_SERVE, "false",
	  .help = "a line for each request, without the reader's address" },
	{ "--log-format", "BROADSHEET_LOG_FORMAT", "text|json", OPTION_CHOICE, AT(log_format), WITH_DATABASE, "text", .choices = log_formats,
	  .help = "of what is logged on standard error" },
	{ "--source", "BROADSHEET_SOURCE", "NAME", OPTION_STRING, AT(import_source), COMMAND_IMPORT, NULL, .check = check_name,
	  .help = "source of articles that name none" },
	{ "--section", "BROADSHEET_SECTION", "NAME", OPTION_STRING, AT(import_section), COMMAND_IMPORT, NULL, .check = check_name,
	  .help = "section of articles that name none" },
	{ "--name", "BROADSHEET_NAME", "NAME", OPTION_STRING, AT(key_name), COMMAND_KEY, NULL, .check = check_name,
	  .help = "whose key it is, as the log will call who writes by it" },
	{ "--scope", "BROADSHEET_SCOPE", "SCOPE,…", OPTION_STRING, AT(key_scope), COMMAND_KEY, NULL,
	  .help = "what it allows: read_drafts, write, admin" },
	{ "--expires", "BROADSHEET_EXPIRES", "DATE", OPTION_STRING, AT(key_expires), COMMAND_KEY, NULL,
	  .help = "until when: 2027-01-31, 2027-01-31T18:00:00Z; else for ever" },
	{ "--help", NULL, NULL, OPTION_BOOLEAN, AT(help), COMMAND_ALL, "false",
	  .help = "this text" },
};
/* clang-format on */

enum { N_OPTIONS = sizeof options / sizeof options[0] };

static const char *command_name(enum command_set command)
{
	switch (command) {
	case COMMAND_SERVE:
		return "serve";
	case COMMAND_IMPORT:
		return "import";
	case COMMAND_EXPORT:
		return "export";
	case COMMAND_MIGRATE:
		return "migrate";
	case COMMAND_CHECK:
		return "check";
	case COMMAND_KEY:
		return "key";
	case COMMAND_BACKUP:
		return "backup";
	case COMMAND_RESTORE:
		return "restore";
	case COMMAND_VERSION:
		return "version";
	default:
		return "broadsheet";
	}
}

/* --- checks of single values --- */

static bool has_control_characters(const char *value)
{
	for (; *value != '\0'; value++)
		if ((unsigned char)*value < 0x20 || *value == 0x7F)
			return true;
	return false;
}

static bool check_name(const char *value, const char **ret_reason)
{
	if (!text_is_utf8(value, strlen(value)) || has_control_characters(value))
		*ret_reason = "must be UTF-8 without control characters";
	else if (strlen(value) > 100)
		*ret_reason = "may have at most 100 bytes";
	else
		return true;
	return false;
}

static bool check_networks(const char *value, const char **ret_reason)
{
	struct ip_networks ignored;
	struct error err;

	*ret_reason = "must be networks or addresses parted by commas, like 10.0.0.0/8,fd00::/8";
	return ip_networks_parse(value, &ignored, &err);
}

static bool check_peers(const char *value, const char **ret_reason)
{
	struct ip_networks ignored;
	struct error err;
	bool with_unix;

	*ret_reason = "must be networks, addresses and unix, parted by commas, like 10.0.0.0/8,fd00::/8,unix";
	return ip_peers_parse(value, &ignored, &with_unix, &err);
}

static bool check_zone(const char *value, const char **ret_reason)
{
	*ret_reason = "the system knows no such time zone; they are named like America/Toronto";
	return zone_is_known(value);
}

static bool is_port(const char *digits)
{
	size_t length = strspn(digits, "0123456789");

	return length >= 1 && length <= 5 && digits[length] == '\0' && strtol(digits, NULL, 10) <= 65535;
}

/* RFC 3986 3.2.2: a name or IPv4 address, or an IPv6 address in brackets; then perhaps a port. User names have no business here. */
static bool is_authority(const char *authority)
{
	static const char name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
	static const char address[] = "0123456789abcdefABCDEF:.";
	size_t length;

	if (authority[0] == '[') {
		length = strspn(authority + 1, address);
		if (length == 0 || authority[length + 1] != ']')
			return false;
		length += 2;
	} else {
		length = strspn(authority, name);
	}
	return length > 0
	    && (authority[length] == '\0' || (authority[length] == ':' && is_port(authority + length + 1)));
}

static bool check_base_url(const char *value, const char **ret_reason)
{
	const char *authority = NULL;

	if (strncmp(value, "http://", 7) == 0)
		authority = value + 7;
	else if (strncmp(value, "https://", 8) == 0)
		authority = value + 8;

	if (authority == NULL)
		*ret_reason = "must start with http:// or https://";
	else if (strlen(value) > 255)
		*ret_reason = "may have at most 255 bytes";
	else if (strpbrk(authority, "/?#") != NULL)
		*ret_reason = "must end after the host, without a slash or a path: https://news.example.org";
	else if (!is_authority(authority))
		*ret_reason = "must name a host, and perhaps a port: https://news.example.org:8443";
	else
		return true;
	return false;
}

/* It stands in a header field, between < and >. */
static bool check_hub(const char *value, const char **ret_reason)
{
	const char *host = strncmp(value, "https://", 8) == 0 ? value + 8 : strncmp(value, "http://", 7) == 0 ? value + 7 : NULL;

	*ret_reason = "must be an address in ASCII that starts with http:// or https://, at most 255 bytes";
	if (host == NULL || host[0] == '\0' || host[0] == '/' || strlen(value) > 255)
		return false;
	for (; *host != '\0'; host++)
		if (*host <= 0x20 || *host >= 0x7f || strchr("<>\"\\@", *host) != NULL)
			return false;
	return true;
}

/* --- from text to struct config --- */

static bool read_integer(const struct option *option, const char *value, int64_t *ret_integer)
{
	const char *digits = value[0] == '-' ? value + 1 : value;
	size_t length = strspn(digits, "0123456789");
	long long integer;

	if (length == 0 || length > 15 || digits[length] != '\0')
		return false;
	integer = strtoll(value, NULL, 10);
	if (integer < option->least || integer > option->most)
		return false;
	*ret_integer = integer;
	return true;
}

static const char *find_choice(const char *const *choices, const char *value)
{
	for (; *choices != NULL; choices++)
		if (strcmp(*choices, value) == 0)
			return *choices;
	return NULL;
}

static bool refuse_choice(const char *const *choices, const char *value, const char *origin, struct error *err)
{
	const char *nearest = text_nearest(value, choices);

	return error_set(err, ERROR_INVALID, "%s is \"%.60s\", but must be %s or %s%s%s%s", origin, value, choices[0],
	    choices[1], nearest == NULL ? "" : "; did you mean ", nearest == NULL ? "" : nearest,
	    nearest == NULL ? "" : "?");
}

/* `origin` is the flag or environment variable that the value came from, to be named when it is wrong. */
static bool store_value(
    const struct option *option, const char *value, const char *origin, struct config *config, struct error *err)
{
	void *member = (char *)config + option->offset;
	const char *reason;

	switch (option->kind) {
	case OPTION_INTEGER:
		if (!read_integer(option, value, member))
			return error_set(err, ERROR_INVALID,
			    "%s is \"%.60s\", but must be a whole number from %" PRId64 " to %" PRId64, origin, value,
			    option->least, option->most);
		return true;
	case OPTION_BOOLEAN:
		if (find_choice(booleans, value) == NULL)
			return refuse_choice(booleans, value, origin, err);
		*(bool *)member = strcmp(value, "true") == 0;
		return true;
	case OPTION_CHOICE:
		if (find_choice(option->choices, value) == NULL)
			return refuse_choice(option->choices, value, origin, err);
		*(const char **)member = value;
		return true;
	case OPTION_STRING:
		if (value[0] == '\0')
			return error_set(err, ERROR_INVALID, "%s is empty", origin);
		if (option->check != NULL && !option->check(value, &reason))
			return error_set(err, ERROR_INVALID, "%s is \"%.60s\", but %s", origin, value, reason);
		*(const char **)member = value;
		return true;
	}
	return error_set(err, ERROR_INTERNAL, "%s is of no known kind", origin);
}

/* --- the command line --- */

static size_t flag_length(const char *argument)
{
	return strcspn(argument, "=");
}

static const struct option *find_option(const char *argument)
{
	size_t length = flag_length(argument);

	if (strcmp(argument, "-h") == 0)
		argument = "--help", length = strlen(argument);
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (strncmp(options[i].flag, argument, length) == 0 && options[i].flag[length] == '\0')
			return &options[i];
	return NULL;
}

static bool refuse_unknown(enum command_set command, const char *argument, struct error *err)
{
	const char *candidates[N_OPTIONS + 1] = { NULL }, *nearest;
	char flag[64];
	size_t n = 0;

	for (size_t i = 0; i < N_OPTIONS; i++)
		if (options[i].commands & command)
			candidates[n++] = options[i].flag;
	snprintf(flag, sizeof flag, "%.*s", (int)flag_length(argument), argument);
	nearest = text_nearest(flag, candidates);

	if (find_option(argument) != NULL)
		return error_set(err, ERROR_INVALID, "%s is no option of %s", flag, command_name(command));
	if (nearest != NULL)
		return error_set(err, ERROR_INVALID, "there is no option %s; did you mean %s?", flag, nearest);
	return error_set(err, ERROR_INVALID, "there is no option %s", flag);
}

/* One option at argv[*i], and its value, which may be the next argument. */
static bool take_option(
    enum command_set command, int argc, char *const argv[], int *i, const char **values, struct error *err)
{
	const char *argument = argv[*i], *value = strchr(argument, '=');
	const struct option *option = find_option(argument);

	if (option == NULL || !(option->commands & command))
		return refuse_unknown(command, argument, err);

	if (value != NULL)
		value++;
	else if (option->kind == OPTION_BOOLEAN)
		value = "true";
	else if (*i + 1 < argc)
		value = argv[++*i];
	else
		return error_set(
		    err, ERROR_INVALID, "%s needs a value: %s %s", option->flag, option->flag, option->value);
	values[option - options] = value;
	return true;
}

/* A lone "-" is an operand: standard input. */
static bool is_flag(const char *argument)
{
	return argument[0] == '-' && argument[1] != '\0';
}

static bool read_arguments(enum command_set command, int argc, char *const argv[], const char **values,
    const char **operands, int *n_operands, struct error *err)
{
	bool only_operands = false;

	for (int i = 2; i < argc; i++) {
		if (!only_operands && strcmp(argv[i], "--") == 0)
			only_operands = true;
		else if (only_operands || !is_flag(argv[i]))
			operands[(*n_operands)++] = argv[i];
		else if (!take_option(command, argc, argv, &i, values, err))
			return false;
	}
	return true;
}

static bool settle_option(const struct option *option, const char *flag_value, struct config *config, struct error *err)
{
	const char *environment_value = option->environment == NULL ? NULL : getenv(option->environment);

	if (flag_value != NULL)
		return store_value(option, flag_value, option->flag, config, err);
	if (environment_value != NULL && environment_value[0] != '\0')
		return store_value(option, environment_value, option->environment, config, err);
	return option->fallback == NULL || store_value(option, option->fallback, option->flag, config, err);
}

/* Options of other commands keep their defaults, whatever the environment says of them. */
static void set_defaults(struct config *config)
{
	struct error never;

	*config = (struct config){ 0 };
	for (size_t i = 0; i < N_OPTIONS; i++) {
		bool stored = options[i].fallback == NULL
		    || store_value(&options[i], options[i].fallback, options[i].flag, config, &never);

		assert(stored);
		(void)stored;
	}
}

bool config_read(enum command_set command, int argc, char *const argv[], struct config *ret_config,
    const char **ret_operands, int *ret_n_operands, struct error *err)
{
	const char *values[N_OPTIONS] = { NULL };
	struct config config;
	int n_operands = 0;

	set_defaults(&config);
	if (!read_arguments(command, argc, argv, values, ret_operands, &n_operands, err))
		return false;

	/* Help is given whatever is wrong with other values. */
	config.help = values[find_option("--help") - options] != NULL;
	for (size_t i = 0; i < N_OPTIONS && !config.help; i++)
		if ((options[i].commands & command) && !settle_option(&options[i], values[i], &config, err))
			return false;

	*ret_config = config;
	*ret_n_operands = n_operands;
	return true;
}

/* --- printing --- */

/* Columns as wide as what is seen: bytes that continue a character (RFC 3629 3) take no room. */
static int seen_width(const char *string)
{
	int width = 0;

	for (; *string != '\0'; string++)
		width += ((unsigned char)*string & 0xC0) != 0x80;
	return width;
}

static void append_column(struct text *text, const char *string, int width)
{
	text_printf(text, "%s%*s", string, width - seen_width(string), "");
}

static void flag_and_value(const struct option *option, char ret_text[64])
{
	snprintf(ret_text, 64, "%s%s%s", option->flag, option->value == NULL ? "" : " ",
	    option->value == NULL ? "" : option->value);
}

static const char *shown_default(const struct option *option)
{
	return option->fallback == NULL || option->environment == NULL ? "" : option->fallback;
}

void config_help(enum command_set command, struct text *ret_text)
{
	int flag_width = 0, default_width = seen_width("default"), help_width = 0;
	char flag[64];

	for (const struct option *option = options; option < options + N_OPTIONS; option++) {
		if (!(option->commands & command))
			continue;
		flag_and_value(option, flag);
		flag_width = seen_width(flag) > flag_width ? seen_width(flag) : flag_width;
		help_width = seen_width(option->help) > help_width ? seen_width(option->help) : help_width;
		default_width = seen_width(shown_default(option)) > default_width ? seen_width(shown_default(option))
										  : default_width;
	}

	text_string(ret_text, "  ");
	append_column(ret_text, "option", flag_width + 2);
	append_column(ret_text, "meaning", help_width + 2);
	append_column(ret_text, "default", default_width + 2);
	text_string(ret_text, "environment\n");
	for (const struct option *option = options; option < options + N_OPTIONS; option++) {
		if (!(option->commands & command))
			continue;
		flag_and_value(option, flag);
		text_string(ret_text, "  ");
		append_column(ret_text, flag, flag_width + 2);
		if (option->environment == NULL) {
			text_printf(ret_text, "%s\n", option->help);
			continue;
		}
		append_column(ret_text, option->help, help_width + 2);
		append_column(ret_text, shown_default(option), default_width + 2);
		text_printf(ret_text, "%s\n", option->environment);
	}
}

/* The option's name without its dashes, as the key of a log line. */
void config_log(enum command_set command, const struct config *config)
{
	const char *pairs[2 * N_OPTIONS + 1];
	char numbers[N_OPTIONS][24];
	size_t n = 0;

	for (size_t i = 0; i < N_OPTIONS; i++) {
		const void *member = (const char *)config + options[i].offset;
		const char *value;

		if (!(options[i].commands & command) || options[i].environment == NULL)
			continue;
		if (options[i].kind == OPTION_INTEGER)
			value = log_integer(*(const int64_t *)member, numbers[i]);
		else if (options[i].kind == OPTION_BOOLEAN)
			value = *(const bool *)member ? "true" : "false";
		else
			value = *(const char *const *)member;
		if (value != NULL) {
			pairs[n++] = options[i].flag + 2;
			pairs[n++] = value;
		}
	}
	pairs[n] = NULL;
	log_pairs(LOG_LEVEL_INFO, "settings", pairs);
}
