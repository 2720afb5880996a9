/* SPDX-License-Identifier: MIT */
/*
 * What browsers let pages of other sites do (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol).
 *
 * Reads are for pages from anywhere, and say so in the same words to all, so that caches keep one answer (response.c). Writes are for the
 * origins of --cors-origins alone, and so is asking with a key, for a browser asks first and is told so: those preflights, and the answers to
 * writes, name the very origin, and vary by it. Cookies and
 * the like are never taken, so Access-Control-Allow-Credentials is never said.
 */
#include "http_internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { ORIGINS_MOST = 32 };

struct cors_origins {
	char *copy;
	const char *origins[ORIGINS_MOST];
	size_t n;
};

/* As browsers write it (RFC 6454 6.2): lower case, no slash at the end. */
static bool is_origin(const char *text)
{
	static const char name[] = "abcdefghijklmnopqrstuvwxyz0123456789-.:[]";
	const char *host = strncmp(text, "https://", 8) == 0 ? text + 8 : strncmp(text, "http://", 7) == 0 ? text + 7 : NULL;

	return host != NULL && host[0] != '\0' && host[strspn(host, name)] == '\0' && gate_authority(host, strlen(host));
}

bool cors_origins_new(const char *list, struct cors_origins **ret_origins, struct error *err)
{
	struct cors_origins *origins = calloc(1, sizeof *origins);
	char *rest = NULL;
	const char *text;
	bool fine = origins != NULL && (rest = origins->copy = strdup(list)) != NULL;

	if (!fine)
		error_set(err, ERROR_INTERNAL, "out of memory");
	while (fine && (text = strsep(&rest, ",")) != NULL) {
		text += strspn(text, " ");
		if (!is_origin(text))
			fine = error_set(err, ERROR_INVALID, "--cors-origins has \"%.60s\", but takes what browsers send as Origin: https://desk.example.org, in "
			    "small letters and without a slash at the end", text);
		else if (origins->n == ORIGINS_MOST)
			fine = error_set(err, ERROR_INVALID, "at most %d origins", ORIGINS_MOST);
		else
			origins->origins[origins->n++] = text;
	}
	if (fine)
		*ret_origins = origins;
	else
		cors_origins_free(origins);
	return fine;
}

void cors_origins_free(struct cors_origins *origins)
{
	if (origins == NULL)
		return;
	free(origins->copy);
	free(origins);
}

/* The origin that the page is of, if it is one of ours; otherwise NULL. */
static const char *own_origin(const struct request *request)
{
	const struct cors_origins *origins = access_origins(request);
	const char *origin = origins == NULL || request->door != DOOR_PUBLIC ? NULL : request_header(request, "Origin");

	for (size_t i = 0; origin != NULL && i < origins->n; i++)
		if (strcmp(origins->origins[i], origin) == 0)
			return origin;
	return NULL;
}

static bool is_write(const char *method)
{
	return strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0;
}

/* Is it something that not everybody may do? */
static bool asks_for_more(const struct request *request)
{
	const char *method = request_header(request, "Access-Control-Request-Method");
	const char *headers = request_header(request, "Access-Control-Request-Headers");

	return method != NULL && (is_write(method) || (headers != NULL && strcasestr(headers, "authorization") != NULL));
}

void cors_answer_preflight(const struct request *request, const char *allow, struct response *response)
{
	const char *origin = own_origin(request);

	if (origin != NULL && asks_for_more(request)) {
		response_header(response, "Access-Control-Allow-Origin", "%s", origin);
		response_header(response, "Access-Control-Allow-Methods", "%s", allow);
		response_header(response, "Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key");
		response_header(response, "Access-Control-Max-Age", "86400");
		response_header(response, "Vary", "Origin");
	} else if (request->door == DOOR_PUBLIC && strncmp(allow, "GET", 3) == 0) {
		response_header(response, "Access-Control-Allow-Origin", "*");
		response_header(response, "Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
		response_header(response, "Access-Control-Allow-Headers", "*");
		response_header(response, "Access-Control-Max-Age", "86400");
	}
}

const char *cors_writer(const struct request *request)
{
	return request->method >= HTTP_POST && request->method <= HTTP_DELETE ? own_origin(request) : NULL;
}
