/* SPDX-License-Identifier: MIT */
/*
 * A client by libcurl: one connection that is kept open, requests exactly as given, the reply's headers, body and JSON. Used by one
 * thread at a time.
 */
#ifndef API_CLIENT_H
#define API_CLIENT_H

#include <jansson.h>

#include "text.h"

struct reply {
	long status;              /* 0: no reply came */
	struct text head;         /* status line and headers */
	struct text body;         /* as sent; by client_get_coded() decoded */
	json_t *json;             /* of a JSON body, or NULL */
};

struct client;

struct client *client_new(const char *url, const char *socket);    /* `socket`: path of a Unix socket to go by, or NULL */
void client_free(struct client *client);                           /* takes NULL */

/* `headers`: "Name: value" lines parted by '\n', or NULL. `body`: NULL for none. `target` goes out as it is. */
void client_ask(struct client *client, const char *method, const char *target, const char *headers, const char *body, struct reply *ret_reply);
/* GET with `coding` in Accept-Encoding; the body comes decoded by libcurl, the headers as sent. */
void client_get_coded(struct client *client, const char *target, const char *coding, struct reply *ret_reply);
void client_get(struct client *client, const char *target, struct reply *ret_reply);

void reply_done(struct reply *reply);
/* A header's value, in memory that lives until the thread's next call but one; NULL when there is none. */
const char *reply_header(const struct reply *reply, const char *name);
/* A member by its path, "meta.count.value" or "data.0.id"; NULL when there is none. */
json_t *reply_member(const struct reply *reply, const char *path);
const char *reply_string(const struct reply *reply, const char *path);

#endif
