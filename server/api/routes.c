/* SPDX-License-Identifier: MIT */
/*
 * The route table: the table of contents of this server, in the order in which the documentation lists it.
 *
 * A new address is a row here and a handler in the file of its resource. A row says who may call, on which thread the handler runs,
 * at which doors the address is open, which parameters it takes (NULL: any, and they are ignored, as pages do), and what body.
 */
#include "api_internal.h"

#define EVERY_DOOR (DOOR_PUBLIC | DOOR_CONTROL)
#define JSON "application/json"
#define JSON_PATCH "application/merge-patch+json, application/json"

enum { BODY_SMALL = 16 << 10 };

enum { LIST_BYTES_MOST = 64 << 10 };    /* of a section or a collection */

/* clang-format off */
const struct route routes[] = {
	/* method    path                            who        kept    place      doors        handler           parameters                     body */
	{ HTTP_GET,  "/v1/articles",                 ANYONE,    KEPT,   HERE,      EVERY_DOOR,  article_list,     article_list_parameters,       0, NULL },
	{ HTTP_GET,  "/v1/articles.ninjs",           ANYONE,    KEPT,   HERE,      EVERY_DOOR,  article_list_ninjs, ninjs_list_parameters,       0, NULL },
	{ HTTP_GET,  "/v1/articles.ndjson",          ANYONE,    NEVER,  HERE,      EVERY_DOOR,  article_ndjson,   no_parameters,                 0, NULL },
	{ HTTP_GET,  "/v1/articles/{ref}.ninjs",     ANYONE,    KEPT,   HERE,      EVERY_DOOR,  article_ninjs,    ninjs_parameters,              0, NULL },
	{ HTTP_GET,  "/v1/articles/{ref}.jsonld",    ANYONE,    KEPT,   HERE,      EVERY_DOOR,  article_json_ld,  json_ld_parameters,            0, NULL },
	{ HTTP_GET,  "/v1/articles/{ref}",           ANYONE,    KEPT,   HERE,      EVERY_DOOR,  article_get,      article_get_parameters,        0, NULL },
	{ HTTP_POST, "/v1/articles",                 KEY_WRITE, NEVER,  ON_WRITER, EVERY_DOOR,  article_create,   article_create_parameters,     BODY_OF_ARTICLE, JSON },
	{ HTTP_PUT,  "/v1/articles/{ref}",           KEY_WRITE, NEVER,  ON_WRITER, EVERY_DOOR,  article_replace,  no_parameters,                 BODY_OF_ARTICLE, JSON },
	{ HTTP_PATCH, "/v1/articles/{ref}",          KEY_WRITE, NEVER,  ON_WRITER, EVERY_DOOR,  article_patch,    no_parameters,                 BODY_OF_ARTICLE, JSON_PATCH },
	{ HTTP_DELETE, "/v1/articles/{ref}",         KEY_WRITE, NEVER,  ON_WRITER, EVERY_DOOR,  article_withdraw, article_withdraw_parameters,   BODY_SMALL, JSON },
	{ HTTP_POST, "/v1/articles/{ref}/revisions/{rev}/restore", KEY_WRITE, NEVER, ON_WRITER, EVERY_DOOR, article_restore, no_parameters,  0, NULL },
	{ HTTP_GET,  "/v1/articles/{ref}/related",   ANYONE,    KEPT,   HERE,      EVERY_DOOR,  article_related,  related_parameters,            0, NULL },
	{ HTTP_GET,  "/v1/articles/{ref}/next",      ANYONE,    KEPT,   HERE,      EVERY_DOOR,  article_next,     article_neighbour_parameters,  0, NULL },
	{ HTTP_GET,  "/v1/articles/{ref}/prev",      ANYONE,    KEPT,   HERE,      EVERY_DOOR,  article_prev,     article_neighbour_parameters,  0, NULL },
	{ HTTP_GET,  "/v1/articles/{ref}/revisions", ANYONE,    KEPT,   HERE,      EVERY_DOOR,  revision_list,    revision_list_parameters,      0, NULL },
	{ HTTP_GET,  "/v1/articles/{ref}/revisions/{rev}", KEY_READ_DRAFTS, NEVER, HERE, EVERY_DOOR, revision_get, no_parameters,               0, NULL },
	{ HTTP_GET,  "/v1/articles/{ref}/revisions/{rev}/diff", KEY_READ_DRAFTS, NEVER, HERE, EVERY_DOOR, revision_diff, revision_diff_parameters, 0, NULL },
	{ HTTP_POST, "/v1/articles/{ref}/preview",   KEY_READ_DRAFTS, NEVER, ON_WRITER, EVERY_DOOR, preview_create, no_parameters,               1024, JSON },
	{ HTTP_GET,  "/v1/previews/{token}",         ANYONE,    NEVER,  HERE,      EVERY_DOOR,  preview_get,      no_parameters,                 0, NULL },

	{ HTTP_GET,  "/v1/search",                   ANYONE,    KEPT,   HERE,      EVERY_DOOR,  search_get,       search_parameters,             0, NULL },
	{ HTTP_GET,  "/v1/suggest",                  ANYONE,    KEPT,   HERE,      EVERY_DOOR,  suggest_list,     suggest_parameters,            0, NULL },

	{ HTTP_GET,  "/v1/collections",              ANYONE,    KEPT,   HERE,      EVERY_DOOR,  collection_list,  collection_list_parameters,    0, NULL },
	{ HTTP_GET,  "/v1/collections/{name}",       ANYONE,    KEPT,   HERE,      EVERY_DOOR,  collection_get,   collection_get_parameters,     0, NULL },
	{ HTTP_PUT,  "/v1/collections/{name}",       KEY_WRITE, NEVER,  ON_WRITER, EVERY_DOOR,  collection_put,   no_parameters,                 LIST_BYTES_MOST, "application/json" },
	{ HTTP_DELETE, "/v1/collections/{name}",     KEY_WRITE, NEVER,  ON_WRITER, EVERY_DOOR,  collection_delete, no_parameters,                0, NULL },

	{ HTTP_GET,  "/v1/sections",                 ANYONE,    KEPT,   HERE,      EVERY_DOOR,  section_list,     section_list_parameters,       0, NULL },
	{ HTTP_GET,  "/v1/sections/{slug}",          ANYONE,    KEPT,   HERE,      EVERY_DOOR,  section_get,      no_parameters,                 0, NULL },
	{ HTTP_PUT,  "/v1/sections/{slug}",          KEY_WRITE, NEVER,  ON_WRITER, EVERY_DOOR,  section_put,      no_parameters,                 LIST_BYTES_MOST, "application/json" },
	{ HTTP_GET,  "/v1/tags",                     ANYONE,    KEPT,   HERE,      EVERY_DOOR,  tag_list,         term_list_parameters,          0, NULL },
	{ HTTP_GET,  "/v1/tags/{slug}",              ANYONE,    KEPT,   HERE,      EVERY_DOOR,  tag_get,          no_parameters,                 0, NULL },
	{ HTTP_GET,  "/v1/sources",                  ANYONE,    KEPT,   HERE,      EVERY_DOOR,  source_list,      term_list_parameters,          0, NULL },
	{ HTTP_GET,  "/v1/sources/{slug}",           ANYONE,    KEPT,   HERE,      EVERY_DOOR,  source_get,       no_parameters,                 0, NULL },
	{ HTTP_GET,  "/v1/authors",                  ANYONE,    KEPT,   HERE,      EVERY_DOOR,  author_list,      term_list_parameters,          0, NULL },
	{ HTTP_GET,  "/v1/authors/{slug}",           ANYONE,    KEPT,   HERE,      EVERY_DOOR,  author_get,       no_parameters,                 0, NULL },

	{ HTTP_GET,  "/v1/changes",                  ANYONE,    KEPT,   HERE,      EVERY_DOOR,  change_list,      change_list_parameters,        0, NULL },
	{ HTTP_GET,  "/v1/events",                   ANYONE,    NEVER,  HERE,      EVERY_DOOR,  event_stream,     event_stream_parameters,       0, NULL },

	{ HTTP_POST, "/v1/articles/batch",           KEY_WRITE, NEVER,  PIECES_ON_WRITER, EVERY_DOOR, article_batch,    batch_parameters,              BATCH_BYTES_MOST, "application/x-ndjson" },

	{ HTTP_GET,  "/v1/keys",                     KEY_ADMIN, NEVER,  HERE,      EVERY_DOOR,  key_list,         no_parameters,                 0, NULL },
	{ HTTP_POST, "/v1/keys",                     KEY_ADMIN, NEVER,  ON_WRITER, EVERY_DOOR,  key_create,       no_parameters,                 4096, "application/json" },
	{ HTTP_DELETE, "/v1/keys/{name}",            KEY_ADMIN, NEVER,  ON_WRITER, EVERY_DOOR,  key_revoke,       no_parameters,                 0, NULL },

	{ HTTP_GET,  "/v1/webhooks",                 KEY_ADMIN, NEVER,  HERE,      EVERY_DOOR,  webhook_list,     no_parameters,                 0, NULL },
	{ HTTP_POST, "/v1/webhooks",                 KEY_ADMIN, NEVER,  ON_WRITER, EVERY_DOOR,  webhook_create,   no_parameters,                 WEBHOOK_BODY_MOST, "application/json" },
	{ HTTP_GET,  "/v1/webhooks/{id}",            KEY_ADMIN, NEVER,  HERE,      EVERY_DOOR,  webhook_get,      no_parameters,                 0, NULL },
	{ HTTP_PUT,  "/v1/webhooks/{id}",            KEY_ADMIN, NEVER,  ON_WRITER, EVERY_DOOR,  webhook_replace,  no_parameters,                 WEBHOOK_BODY_MOST, "application/json" },
	{ HTTP_DELETE, "/v1/webhooks/{id}",          KEY_ADMIN, NEVER,  ON_WRITER, EVERY_DOOR,  webhook_delete,   no_parameters,                 0, NULL },
	{ HTTP_GET,  "/v1/webhooks/{id}/deliveries", KEY_ADMIN, NEVER,  HERE,      EVERY_DOOR,  delivery_list,    delivery_list_parameters,      0, NULL },
	{ HTTP_POST, "/v1/webhooks/{id}/replay",     KEY_ADMIN, NEVER,  ON_WRITER, EVERY_DOOR,  webhook_replay,   no_parameters,                 WEBHOOK_BODY_MOST, "application/json" },
	{ HTTP_POST, "/v1/webhooks/{id}/test",       KEY_ADMIN, NEVER,  ON_WRITER, EVERY_DOOR,  webhook_test,     no_parameters,                 0, NULL },

	{ HTTP_GET,  "/",                            ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, site_front,       NULL,                          0, NULL },
	{ HTTP_GET,  "/section/{slug}",              ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, site_section,     site_listing_parameters,       0, NULL },
	{ HTTP_GET,  "/tag/{slug}",                  ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, site_tag,         site_listing_parameters,       0, NULL },
	{ HTTP_GET,  "/source/{slug}",               ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, site_source,      site_listing_parameters,       0, NULL },
	{ HTTP_GET,  "/author/{slug}",               ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, site_author,      site_listing_parameters,       0, NULL },
	{ HTTP_GET,  "/article/{ref}",               ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, site_article,     NULL,                          0, NULL },
	{ HTTP_GET,  "/preview/{token}",             ANYONE,    NEVER,  HERE,      DOOR_PUBLIC, site_preview,     NULL,                          0, NULL },
	{ HTTP_GET,  "/search",                      ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, site_search,      site_search_parameters,        0, NULL },
	{ HTTP_GET,  "/desk",                        ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, site_desk,        NULL,                          0, NULL },
	{ HTTP_GET,  "/static/{path...}",            ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, site_static,      site_file_parameters,          0, NULL },
	{ HTTP_GET,  "/openapi.json",                ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, openapi_get,      NULL,                          0, NULL },
	{ HTTP_GET,  "/docs",                        ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, site_docs,        NULL,                          0, NULL },
	{ HTTP_GET,  "/problems/{code}",             ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, site_problem,     NULL,                          0, NULL },
	{ HTTP_GET,  "/llms.txt",                    ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, llms_get,         NULL,                          0, NULL },
	{ HTTP_GET,  "/robots.txt",                  ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, site_robots,      NULL,                          0, NULL },
	{ HTTP_GET,  "/favicon.ico",                 ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, site_favicon,     NULL,                          0, NULL },

	{ HTTP_GET,  "/feed.rss",                   ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, feed_get,         feed_parameters,               0, NULL },
	{ HTTP_GET,  "/feed.atom",                  ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, feed_get,         feed_parameters,               0, NULL },
	{ HTTP_GET,  "/feed.json",                  ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, feed_get,         feed_parameters,               0, NULL },
	{ HTTP_GET,  "/section/{slug}/feed.rss",    ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, feed_get,         feed_parameters,               0, NULL },
	{ HTTP_GET,  "/section/{slug}/feed.atom",   ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, feed_get,         feed_parameters,               0, NULL },
	{ HTTP_GET,  "/section/{slug}/feed.json",   ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, feed_get,         feed_parameters,               0, NULL },
	{ HTTP_GET,  "/tag/{slug}/feed.rss",        ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, feed_get,         feed_parameters,               0, NULL },
	{ HTTP_GET,  "/tag/{slug}/feed.atom",       ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, feed_get,         feed_parameters,               0, NULL },
	{ HTTP_GET,  "/tag/{slug}/feed.json",       ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, feed_get,         feed_parameters,               0, NULL },
	{ HTTP_GET,  "/source/{slug}/feed.rss",     ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, feed_get,         feed_parameters,               0, NULL },
	{ HTTP_GET,  "/source/{slug}/feed.atom",    ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, feed_get,         feed_parameters,               0, NULL },
	{ HTTP_GET,  "/source/{slug}/feed.json",    ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, feed_get,         feed_parameters,               0, NULL },
	{ HTTP_GET,  "/search/feed.rss",            ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, feed_search,      feed_search_parameters,        0, NULL },
	{ HTTP_GET,  "/search/feed.atom",           ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, feed_search,      feed_search_parameters,        0, NULL },
	{ HTTP_GET,  "/search/feed.json",           ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, feed_search,      feed_search_parameters,        0, NULL },
	{ HTTP_GET,  "/sitemap.xml",                ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, sitemap_index_get, NULL,                          0, NULL },
	{ HTTP_GET,  "/sitemap/{page}.xml",         ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, sitemap_page_get, NULL,                          0, NULL },
	{ HTTP_GET,  "/sitemap-news.xml",           ANYONE,    KEPT,   HERE,      DOOR_PUBLIC, sitemap_news_get, NULL,                          0, NULL },

	{ HTTP_GET,  "/healthz",                     ANYONE,    NEVER,  HERE,      DOOR_ADMIN,  healthz_get,      no_parameters,                 0, NULL },
	{ HTTP_GET,  "/readyz",                      ANYONE,    NEVER,  HERE,      DOOR_ADMIN,  readyz_get,       no_parameters,                 0, NULL },
	{ HTTP_GET,  "/metrics",                     ANYONE,    NEVER,  HERE,      DOOR_ADMIN,  metrics_get,      no_parameters,                 0, NULL },
};
/* clang-format on */

const size_t n_routes = sizeof routes / sizeof routes[0];

const struct parameter no_parameters[] = { { .name = NULL } };
