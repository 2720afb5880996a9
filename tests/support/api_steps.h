/* SPDX-License-Identifier: MIT */
/*
 * Tables of steps: what is asked, and what must come back. Every reply is also held against what the API promises of all of them
 * (API conventions: validators, caching, CORS, problems, links, times, no null), so no table has to say that again.
 */
#ifndef API_STEPS_H
#define API_STEPS_H

#include "test_server.h"

struct step {
	const char *path;         /* the target, as it is sent */
	long status;              /* 0 stands for 200 */
	const char *ids;          /* of the members of `data`, in order: "3 2 1"; "" for none */
	const char *json;         /* what the reply's JSON has, see expect_json() */
	const char *method;       /* NULL: GET */
	const char *headers;      /* of the request, lines */
	const char *body;         /* of the request, ' for " */
	const char *reply_headers;/* "Name: value" must be so, "Name: *" be there, "-Name" not be there; lines */
};

/* One after another, on the public address. */
void run_steps(struct test_server *server, const struct step *steps, size_t n);
#define RUN_STEPS(server, steps) run_steps(server, steps, sizeof(steps) / sizeof(steps)[0])

/* One step; the reply is left to the caller, who frees it, when `ret_reply` is given. */
void run_step(struct client *client, const struct step *step, struct reply *ret_reply);

/*
 * `wanted` is JSON with ' for ". The reply must have each member named in it: objects may have more, lists have just as many, '*' is
 * any value, '~abc' any string with abc in it, null: the member must not be there.
 */
void expect_json(const char *what, const struct reply *reply, const char *wanted);
void expect_ids(const char *what, const struct reply *reply, const char *ids);
void expect_header(const char *what, const struct reply *reply, const char *name, const char *value);    /* NULL: must not be there */

/* What holds for every reply of the public address to `method` on `target`. */
void check_conventions(const char *method, const char *target, const struct reply *reply);

/* links.next or links.prev as a target (without the base URL), for asking on; NULL at the end. Lives as long as the reply. */
const char *reply_link(const struct reply *reply, const char *rel);

#endif
