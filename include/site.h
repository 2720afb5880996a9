/* SPDX-License-Identifier: MIT */
/*
 * The website for readers. Pages are filled from the very documents that the API serves (serve_inner() of http.h),
 * so a page shows nothing that the API would not. No cookie, nothing from elsewhere; a page never depends on the clock. One
 * script completes what is typed into the search box, and nothing depends on it.
 *
 * The handlers stand in the route table of server/api/routes.c; their routes take any parameter, and know those of the tables below.
 */
#ifndef BROADSHEET_SITE_H
#define BROADSHEET_SITE_H

#include "error.h"
#include "http.h"

struct site;

/* Every page shows the largest sections; whoever commits a change in them touches the scope (generations.h). */
enum { SITE_NAVIGATION_MOST = 14 };
#define SITE_NAVIGATION_SCOPE scope_key("navigation", "")

/* Reads and checks the templates, which live in `files` under templates/. `files` is borrowed until site_free(). */
struct site *site_new(const char *site_name, const struct static_files *files, struct error *err);
void site_free(struct site *site); /* takes NULL */
const char *site_name_of(const struct site *site);

/* The site that `request` is for, out of the service's context: whoever owns the context defines this. NULL when
 * there is no context yet. */
struct site *site_of(const struct request *request);

extern const struct parameter site_listing_parameters[], site_search_parameters[], site_file_parameters[];

route_handler site_front;   /* GET / */
route_handler site_section; /* GET /section/{slug} */
route_handler site_tag;     /* GET /tag/{slug} */
route_handler site_source;  /* GET /source/{slug} */
route_handler site_author;  /* GET /author/{slug} */
route_handler site_article; /* GET /article/{ref} */
route_handler site_preview; /* GET /preview/{token} */
route_handler site_search;  /* GET /search */
route_handler site_desk;    /* GET /desk */
route_handler site_static;  /* GET /static/{path...} */
route_handler site_favicon; /* GET /favicon.ico */
route_handler site_robots;  /* GET /robots.txt */
route_handler site_docs;    /* GET /docs */
route_handler site_problem; /* GET /problems/{code} */

/* Fills `response`, whose status is set, with a page about `err`: the `explain` of everything that is not the API. */
void site_explain(struct request *request, struct response *response, const struct error *err);

#endif
