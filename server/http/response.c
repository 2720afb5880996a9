/* SPDX-License-Identifier: MIT */
/*
 * The reply: what handlers fill, and its way into libmicrohttpd.
 *
 * Handlers set status, content type, body, caching and headers of their own. Here come the headers that every reply has:
 * how long and by whom it may be kept, what it varies by, what a browser may do with it (nothing, unless it is a page,
 * and pages bring their own policy), who may read it from another origin, and Broadsheet-Seq.
 *
 * libmicrohttpd refuses a header that it does not like by a return value, and the reply would go out without it, so each is
 * looked at, and said in the log when it happens. It lets most control characters pass; we do not.
 *
 * The access log has a line a request when it is asked for: never an address, never a query, nothing of the headers.
 */
#include "http_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clock.h"
#include "log.h"
#include "memory.h"

void response_init(struct response *response, struct arena *arena)
{
	*response = (struct response){
		.arena = arena,
		.status = 200,
		.content_type = "application/json",
		.caching = CACHING_PUBLIC,
		.last_modified = TIME_NONE,
		.unchanged_length = SIZE_MAX,
	};
}

void response_done(struct response *response)
{
	text_done(&response->body);
}

void response_clear(struct response *response)
{
	struct arena *arena = response->arena;

	text_done(&response->body);
	response_init(response, arena);
}

const char *response_header_value(const struct response *response, const char *name)
{
	for (size_t i = 0; i < response->n_headers; i++) {
		if (header_is(response->headers[i].name, name))
			return response->headers[i].value;
	}
	return NULL;
}

/* Both strings live as long as the response. */
static void append_header(struct response *response, const char *name, const char *value)
{
	if (response->n_headers == response->headers_capacity) {
		size_t capacity = response->headers_capacity == 0 ? 16 : 2 * response->headers_capacity;
		struct response_header *headers = arena_array(response->arena, capacity, sizeof *headers);

		if (response->n_headers > 0)
			memcpy(headers, response->headers, response->n_headers * sizeof *headers);
		response->headers = headers;
		response->headers_capacity = capacity;
	}
	response->headers[response->n_headers++] = (struct response_header){ name, value };
}

void response_header_copy(struct response *response, const char *name, const char *value, size_t length)
{
	assert(gate_token(name));
	assert(response_header_value(response, name) == NULL);
	append_header(response, arena_string(response->arena, name), arena_copy(response->arena, value, length));
}

void response_header(struct response *response, const char *name, const char *format, ...)
{
	char value[512];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(value, sizeof value, format, arguments);
	va_end(arguments);
	assert(length >= 0);
	if ((size_t)length < sizeof value) {
		response_header_copy(response, name, value, (size_t)length);
	} else {
		char *longer = arena_alloc(response->arena, (size_t)length + 1);

		va_start(arguments, format);
		vsnprintf(longer, (size_t)length + 1, format, arguments);
		va_end(arguments);
		response_header_copy(response, name, longer, (size_t)length);
	}
}

void response_redirect(struct response *response, const char *location)
{
	response->status = 308;
	response->content_type = "text/plain; charset=utf-8";
	text_clear(&response->body);
	text_printf(&response->body, "This has moved to %s\n", location);
	response_header(response, "Location", "%s", location);
}

void response_fill(struct response *response, const char *base_url)
{
	if (compression_suits(response->content_type))
		text_fill(&response->body, CONTROL_BASE_URL, base_url);
	for (size_t i = 0; i < response->n_headers; i++) {
		const char *value = response->headers[i].value, *mark;

		while ((mark = strchr(value, CONTROL_BASE_URL)) != NULL)
			value = arena_printf(response->arena, "%.*s%s%s", (int)(mark - value), value, base_url, mark + 1);
		response->headers[i].value = value;
	}
}

static const char *cache_control(const struct request *request, const struct response *response)
{
	if (auth_is_for_key(request))
		return "private, no-store";
	if (response->caching == CACHING_NONE)
		return "no-store";
	if (!auth_is_shared(request))
		return "private, no-store";
	if (response->caching == CACHING_ASKING)
		return "public, max-age=10, s-maxage=0";
	if (response->caching == CACHING_HOUR)
		return "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=86400";
	if (response->caching == CACHING_STATIC)
		return "public, max-age=31536000, immutable";
	return "public, max-age=10, stale-while-revalidate=30, stale-if-error=3600";
}

static void set_unless_set(struct response *response, const char *name, const char *value)
{
	if (response_header_value(response, name) == NULL)
		append_header(response, name, value);
}

/* What it varies by, and who may read it from another origin. */
static void set_origin_headers(const struct request *request, struct response *response)
{
	const bool is_coded = response->status != 204 && !response->is_stream && compression_suits(response->content_type);
	const char *writer = cors_writer(request);

	if (is_coded || writer != NULL)
		set_unless_set(response, "Vary", writer == NULL ? "Accept-Encoding" : is_coded ? "Accept-Encoding, Origin" : "Origin");
	if (writer != NULL) {
		set_unless_set(response, "Access-Control-Allow-Origin", writer);
		set_unless_set(response, "Access-Control-Expose-Headers", "ETag, Link, Location, Retry-After, Broadsheet-Seq");
	} else if (request->door == DOOR_PUBLIC && request->method == HTTP_GET) {
		set_unless_set(response, "Access-Control-Allow-Origin", "*");
		if (!response->is_stream)    /* ten thousand of them pay for each field, and an EventSource shows none */
			set_unless_set(response, "Access-Control-Expose-Headers", "ETag, Link, Retry-After, Broadsheet-Seq");
	}
}

/* All that is the same whoever asks for it, and whenever. */
void response_usual_headers(const struct request *request, struct response *response)
{
	bool is_page = strncasecmp(response->content_type, "text/html", 9) == 0;

	if (response->status != 304 && response->status != 204)
		set_unless_set(response, "Content-Type", response->content_type);
	set_unless_set(response, "Cache-Control", cache_control(request, response));
	set_origin_headers(request, response);
	if (response->status != 304) {
		set_unless_set(response, "X-Content-Type-Options", "nosniff");
		if (!is_page)
			set_unless_set(response, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox");
	}
}

/* RFC 9110 5.5. What comes from outside is encoded before it gets into a header, so this does not happen. */
static bool is_clean(const char *value)
{
	for (; *value != '\0'; value++) {
		if (((unsigned char)*value < 0x20 && *value != '\t') || *value == 0x7f)
			return false;
	}
	return true;
}

void response_hand_over(struct MHD_Response *reply, const char *name, const char *value)
{
	const bool is_fine = is_clean(value);

	errno = 0;
	/* An empty value is legal, but libmicrohttpd has no way to say it. */
	if (is_fine && (value[0] == '\0' || MHD_add_response_header(reply, name, value) == MHD_YES))
		return;
	/* A body without its Content-Encoding is none, and one without its Cache-Control may be kept where it must not. */
	if (is_fine && errno == ENOMEM)
		memory_exhausted();
	log_error("header lost", "name", name, NULL);
}

/* Who has an address with a token in it may read: it is not for the log, whatever became of the request. */
static const char *without_token(const struct http_service *service, const char *path)
{
	for (size_t i = 0; i < service->n_routes; i++) {
		const char *route = service->routes[i].path, *token = strstr(route, "{token}");

		if (token != NULL && strncmp(path, route, (size_t)(token - route)) == 0)
			return route;
	}
	return path;
}

/* Of a request that nobody had to decode: without its query, whatever is in it. */
static const char *sent_path(const struct exchange *exchange)
{
	const char *raw = exchange->raw_target;

	return raw == NULL ? "-" : arena_copy(exchange->arena, raw, strcspn(raw, "?"));
}

static void write_access_log(const struct exchange *exchange, unsigned status, size_t n_bytes, int64_t microseconds)
{
	static const char *const names[] = {
		[HTTP_GET] = "GET", [HTTP_POST] = "POST", [HTTP_PUT] = "PUT", [HTTP_PATCH] = "PATCH",
		[HTTP_DELETE] = "DELETE", [HTTP_OPTIONS] = "OPTIONS",
	};
	const struct request *request = &exchange->request;
	const char *method = request->method == 0 ? "-" : request->is_head ? "HEAD" : names[request->method];
	const char *path = request->path == NULL ? sent_path(exchange) : request->path;
	const char *route = request->route == NULL ? "-" : request->route->path;

	path = without_token(request->service, path);
	log_info("request", "method", method, "path", path, "route", route, "status", LOG_INT(status), "bytes",
	    LOG_INT(n_bytes), "us", LOG_INT(microseconds), NULL);
}

static ssize_t no_content(void *arg, uint64_t position, char *bytes, size_t most)
{
	(void)arg, (void)position, (void)bytes, (void)most;
	return MHD_CONTENT_READER_END_OF_STREAM;
}

/*
 * libmicrohttpd asks for no content of a 304 or for a HEAD, but says how long the 200's would be: RFC 9110 8.6 allows no other length, and none. Of an
 * unknown length (SIZE_MAX) 0.9.75 says "chunked" and sends a last chunk, which the client would take for the next reply (RFC 9112 6.3: these end with their
 * header section); only a connection that is closed behind it goes without.
 */
static struct MHD_Response *make_head(size_t length)
{
	const bool is_known = length != SIZE_MAX;
	struct MHD_Response *reply = MHD_create_response_from_callback(is_known ? length : MHD_SIZE_UNKNOWN, 1024, no_content, NULL, NULL);

	if (reply != NULL && !is_known)
		MHD_set_response_options(reply, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
	return reply;
}

/* Takes the body out of the response. */
static struct MHD_Response *make_reply(struct exchange *exchange)
{
	struct response *response = &exchange->response;
	size_t length = response->body.length;
	struct MHD_Response *reply;
	char *bytes;

	if (response->status == 304)
		return make_head(response->unchanged_length);
	if (response->source != NULL)
		long_body_choose_coding(exchange);
	if (exchange->request.is_head && (response->source != NULL || response->is_stream))
		return make_head(SIZE_MAX);
	if (response->source != NULL)
		return long_body_reply(exchange);
	if (response->is_stream)
		return stream_reply(exchange);
	if (length == 0)
		return MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
	bytes = text_take(&response->body);
	reply = MHD_create_response_from_buffer(length, bytes, MHD_RESPMEM_MUST_FREE);
	if (reply == NULL)
		free(bytes);
	return reply;
}

/* The last step: libmicrohttpd, metrics, access log. Only within its handler, never while suspended. */
enum MHD_Result response_queue(struct exchange *exchange, unsigned status, struct MHD_Response *reply, size_t n_bytes)
{
	struct request *request = &exchange->request;
	int64_t microseconds = clock_monotonic_us() - request->started_us;
	enum MHD_Result result = MHD_queue_response(exchange->connection, status, reply);

	exchange->stage = EXCHANGE_ANSWERED;
	if (result != MHD_YES)
		log_error("reply lost", "status", LOG_INT(status), NULL);
	request_metrics_count(exchange->listener->metrics, request->service, request->route, status, microseconds);
	if (request->service->log_requests)
		write_access_log(exchange, status, n_bytes, microseconds);
	return result;
}

/* Long fields that say what the body says too, or help a CDN. */
static bool is_dispensable(const char *name)
{
	return header_is(name, "Link") || header_is(name, "Cache-Groups") || header_is(name, "Surrogate-Key");
}

/* A 304 has the fields that a cache needs and no others; behind a very long request head there is room for few. */
static bool is_said(const struct exchange *exchange, const char *name)
{
	if (exchange->response.status == 304)
		return header_is(name, "ETag") || header_is(name, "Broadsheet-Seq") || conditional_is_said_in_304(name);
	return exchange->head_bytes <= HEAD_USUAL || !is_dispensable(name);
}

enum MHD_Result response_send(struct exchange *exchange, bool must_close)
{
	struct request *request = &exchange->request;
	struct response *response = &exchange->response;
	bool has_content = !request->is_head && response->status != 304 && response->status != 204;
	size_t n_bytes = has_content ? response->body.length : 0;
	struct MHD_Response *reply;
	enum MHD_Result result;

	response_usual_headers(request, response);
	if (request->service->public_seq != NULL && response_header_value(response, "Broadsheet-Seq") == NULL)
		response_header(response, "Broadsheet-Seq", "%lld", (long long)exchange->seq);
	reply = make_reply(exchange);
	if (reply == NULL)
		return MHD_NO;
	for (size_t i = 0; i < response->n_headers; i++)
		if (is_said(exchange, response->headers[i].name))
			response_hand_over(reply, response->headers[i].name, response->headers[i].value);
	if (must_close || atomic_load(&exchange->listener->draining))
		response_hand_over(reply, "Connection", "close");
	result = response_queue(exchange, response->status, reply, n_bytes);
	MHD_destroy_response(reply);
	return result;
}
