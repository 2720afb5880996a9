/* SPDX-License-Identifier: MIT */
/*
 * The gate: refuses what HTTP does not allow, before a byte of the body is read.
 *
 * libmicrohttpd 0.9.75 frames requests too leniently for the open internet: of two Content-Length fields it believes the
 * first, Transfer-Encoding beside Content-Length is no error to it, an unknown transfer coding swallows the connection,
 * and lines may end, fold and hide bytes in ways that a proxy in front reads otherwise. Whoever can make two parsers
 * disagree can slip a second request past the first of them. So the first handler call judges the header section as a
 * whole, by RFC 9110 and RFC 9112; a refusal there is problem+json, and the connection is closed after it.
 *
 * Much that libmicrohttpd drops or joins on the way is invisible to an application: bare line feeds, folded lines, a NUL
 * that cuts a value short, a line without a name, more than one space in the request line. But it keeps the header
 * section in one piece, and every name and value it gives out points into it. So bytes_add_up() sums up what a clean
 * header section with just these parts would measure; any of those tricks makes the true size larger. (0.9.x only; 1.0
 * and later keep lines otherwise, and are told to be strict themselves.)
 *
 * MHD_OPTION_STRICT_FOR_CLIENT: tried with 0.9.75, value 1 makes libmicrohttpd answer a missing Host with an HTML page
 * of its own, and drop the connection of a target with a space without any answer; its one other check (blanks before a
 * colon) is done at -1 alone. With 0 all three come through to here and are refused here, so 0 it is: the
 * stricter meaning is kept, and the answer is ours.
 *
 * What remains until bytes are judged on the wire, before libmicrohttpd sees them:
 *   - libmicrohttpd answers itself, with HTML, and closes: a Content-Length that is no number (or above 2^64, or with
 *     blanks behind, which would be legal), a header line without a colon, a malformed or missing HTTP version, majors
 *     other than 1, a header section or target beyond its buffer (about 30 KiB), thousands of cookies, a malformed
 *     chunk or trailer. For the first of these and for cookies it even sends the head of its reply twice;
 *   - an empty method is not answered at all, nor is a chunked body that goes on long after its limit;
 *   - taken, though they should not be: empty lines before the request line, bare line feeds in chunked framing, chunk
 *     extensions of any shape, trailer fields of any shape (they are ignored);
 *   - refused with 501, though legal: blanks behind "chunked".
 */
#include "http_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	enum http_method method;
	bool is_head;
} methods[] = {
	{ "GET", HTTP_GET, false },
	{ "HEAD", HTTP_GET, true },
	{ "POST", HTTP_POST, false },
	{ "PUT", HTTP_PUT, false },
	{ "PATCH", HTTP_PATCH, false },
	{ "DELETE", HTTP_DELETE, false },
	{ "OPTIONS", HTTP_OPTIONS, false },
};

static bool is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
	    || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

bool gate_token(const char *name)
{
	if (*name == '\0')
		return false;
	for (; *name != '\0'; name++) {
		if (!is_token_char(*name))
			return false;
	}
	return true;
}

static bool all_digits(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] < '0' || bytes[i] > '9')
			return false;
	}
	return true;
}

/* RFC 3986 3.2.2: a name, an IPv4 address or an IPv6 address in brackets, and perhaps a port. No user, no password. */
bool gate_authority(const char *authority, size_t length)
{
	const char *end = authority + length, *at = authority;

	if (at < end && *at == '[') {
		const char *close = memchr(at, ']', length);

		if (close == NULL || close - at < 3)
			return false;
		for (at++; at < close; at++) {
			if (strchr("0123456789abcdefABCDEF:.", *at) == NULL)
				return false;
		}
		at++;
	} else {
		for (; at < end && *at != ':'; at++) {
			bool is_good = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z')
			    || (*at >= '0' && *at <= '9') || (*at != '\0' && strchr("-._~!$&'()*+;=%", *at) != NULL);

			if (!is_good)
				return false;
		}
		if (at == authority)
			return false;
	}
	return at == end || (*at == ':' && end - at <= 6 && all_digits(at + 1, (size_t)(end - at - 1)));
}

static bool check_method(struct request *request, const char *method, struct error *err)
{
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		if (strcmp(methods[i].name, method) == 0) {
			request->method = methods[i].method;
			request->is_head = methods[i].is_head;
			return true;
		}
	}
	return error_set(
	    err, ERROR_METHOD_UNKNOWN, "The method is none of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
}

/* See the top of this file. Sums are taken modulo the word size: every byte that libmicrohttpd hid makes ours too small. */
static bool bytes_add_up(const struct exchange *exchange, const char *method, const char *version, uintptr_t fields)
{
	const union MHD_ConnectionInfo *info;
	size_t method_length = strlen(method);

	if (strncmp(MHD_get_version(), "0.9.", 4) != 0)
		return true;
	info = MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	return info != NULL && (uintptr_t)method + method_length + 1 == exchange->raw_place
	    && method_length + 1 + exchange->raw_length + 1 + strlen(version) + 2 + fields + 2 == info->header_size;
}

/* RFC 9112 5.1, RFC 9110 5.5. */
static bool check_fields(const struct request *request, struct error *err)
{
	for (size_t i = 0; i < request->n_headers; i++) {
		const struct request_value *header = &request->headers[i];

		if (!gate_token(header->name))
			return error_set(err, ERROR_INVALID, "A header field's name is not a token");
		for (const char *at = header->value; *at != '\0'; at++) {
			if (((unsigned char)*at < 0x20 && *at != '\t') || *at == 0x7f)
				return error_set(err, ERROR_INVALID,
				    "The header field %s has a control character in it", header->name);
		}
	}
	return true;
}

/* The field's value, how often it came in `ret_n`. */
static const char *field(const struct request *request, const char *name, size_t *ret_n)
{
	const char *value = NULL;

	*ret_n = 0;
	for (size_t i = 0; i < request->n_headers; i++) {
		if (!header_is(request->headers[i].name, name))
			continue;
		if ((*ret_n)++ == 0)
			value = request->headers[i].value;
	}
	return value;
}

/* RFC 9112 3.2: exactly one in HTTP/1.1, and a proper one; an empty one says that there is no host. */
static bool check_host(const struct request *request, bool is_1_1, struct error *err)
{
	size_t n;
	const char *host = field(request, "Host", &n);

	if (n == 0)
		return !is_1_1 || error_set(err, ERROR_INVALID, "The Host field is missing");
	if (n > 1)
		return error_set(err, ERROR_INVALID, "There is more than one Host field");
	if (host[0] != '\0' && !gate_authority(host, strlen(host)))
		return error_set(err, ERROR_INVALID, "The Host field is malformed");
	return true;
}

/* RFC 9112 6.1 to 6.3: where the body ends must not be a matter of opinion. */
static bool check_framing(struct exchange *exchange, bool is_1_1, struct error *err)
{
	size_t n_lengths, n_codings = 0;
	const char *length = field(&exchange->request, "Content-Length", &n_lengths);
	const char *coding = field(&exchange->request, "Transfer-Encoding", &n_codings);

	/* libmicrohttpd takes "chunked" with blanks behind for an unknown coding, and a body without end: see it as it does. */
	if (n_codings == 1)
		coding = MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, "Transfer-Encoding");
	if (n_codings > 0 && n_lengths > 0)
		return error_set(err, ERROR_INVALID, "There are both Content-Length and Transfer-Encoding");
	if (n_lengths > 1)
		return error_set(err, ERROR_INVALID, "There is more than one Content-Length");
	if (n_codings > 0 && !is_1_1)
		return error_set(err, ERROR_INVALID, "HTTP/1.0 has no Transfer-Encoding");
	if (n_codings > 1 || (n_codings == 1 && (coding == NULL || strcasecmp(coding, "chunked") != 0)))
		return error_set(err, ERROR_CODING_UNKNOWN, "The only transfer coding taken here is \"chunked\"");
	if (n_lengths == 1 && (length[0] == '\0' || strlen(length) > 18 || !all_digits(length, strlen(length))))
		return error_set(err, ERROR_INVALID, "Content-Length is not a number");

	exchange->announced = n_lengths == 1 ? strtoll(length, NULL, 10) : n_codings == 1 ? -1 : 0;
	exchange->has_body = exchange->announced != 0;
	return true;
}

/* RFC 9110 10.1.1. A server MUST ignore it in HTTP/1.0. */
static bool check_expect(const struct request *request, bool is_1_1, struct error *err)
{
	size_t n;
	const char *expect = field(request, "Expect", &n);

	if (n == 0 || !is_1_1 || (n == 1 && strcasecmp(expect, "100-continue") == 0))
		return true;
	return error_set(err, ERROR_INVALID, "The only expectation met here is \"100-continue\"");
}

/* RFC 9110 8.3.1: type and subtype without case; parameters come behind a ';'. */
static bool is_media_type(const char *content_type, const char *wanted)
{
	size_t length = strcspn(content_type, "; \t");

	return strlen(wanted) == length && strncasecmp(content_type, wanted, length) == 0;
}

static bool is_one_of(const char *content_type, const char *wanted)
{
	while (*wanted != '\0') {
		const size_t length = strcspn(wanted, ",");
		char one[64];

		snprintf(one, sizeof one, "%.*s", (int)length, wanted);
		if (is_media_type(content_type, one))
			return true;
		wanted += length + strspn(wanted + length, ", ");
	}
	return false;
}

/* A charset, where one is said, must be UTF-8. */
static bool is_utf8_charset(const char *content_type)
{
	const char *charset = strcasestr(content_type, "charset=");

	if (charset == NULL)
		return true;
	charset += strlen("charset=");
	charset += *charset == '"';
	return strncasecmp(charset, "utf-8", 5) == 0 && strchr("\"; \t", charset[5]) != NULL;
}

static bool check_body_type(
    const struct request *request, const char *wanted, struct response *response, struct error *err)
{
	const char *content_type = request_header(request, "Content-Type");
	const char *coding = request_header(request, "Content-Encoding");

	if (coding != NULL && strcasecmp(coding, "identity") != 0) {
		response_header(response, "Accept-Encoding", "identity");
		return error_set(err, ERROR_MEDIA_TYPE, "The body must come without a content coding");
	}
	if (wanted == NULL)
		return true;
	if (content_type == NULL || !is_one_of(content_type, wanted) || !is_utf8_charset(content_type)) {
		response_header(response, "Accept", "%s", wanted);
		return error_set(
		    err, ERROR_MEDIA_TYPE, "The body must be %s, in UTF-8, and the Content-Type must say so", wanted);
	}
	return true;
}

/* What depends on the route: may there be a body, how long, of what type? Where there is none, no type of it is wrong: clients send one all the same. What
 * cannot do without a body says so itself. */
bool gate_body(struct exchange *exchange, struct error *err)
{
	const struct request *request = &exchange->request;
	const struct route *route = request->route;
	const size_t limit = request_body_limit(request);

	if (limit == 0)
		return !exchange->has_body || error_set(err, ERROR_INVALID, "This request takes no body");
	if (!exchange->has_body)
		return true;
	if (exchange->announced > 0 && (uint64_t)exchange->announced > limit)
		return error_set(err, ERROR_TOO_LARGE, "The body is longer than %zu bytes", limit);
	return check_body_type(request, route->body_type, &exchange->response, err);
}

/* Judges the request line and the header section; fills in method and headers of the request. */
bool gate_head(struct exchange *exchange, const char *method, const char *version, struct error *err)
{
	struct request *request = &exchange->request;
	bool is_1_1 = strcmp(version, "HTTP/1.1") == 0;
	struct header_sizes sizes;

	if (!check_method(request, method, err))
		return false;
	if (!is_1_1 && strcmp(version, "HTTP/1.0") != 0)
		return error_set(err, ERROR_HTTP_VERSION, "Only HTTP/1.0 and HTTP/1.1 are spoken");
	exchange->is_http_1_0 = !is_1_1;
	if (!request_take_headers(request, exchange->connection, &sizes))
		return error_set(
		    err, ERROR_HEADERS_TOO_LARGE, "There are more than %d header fields", LIMIT_HEADER_FIELDS);
	exchange->head_bytes = exchange->raw_length + sizes.bytes;
	if (sizes.bytes > LIMIT_HEADER_BYTES)
		return error_set(
		    err, ERROR_HEADERS_TOO_LARGE, "The header fields are longer than %d bytes", LIMIT_HEADER_BYTES);
	if (!target_is_clean(exchange->raw_target, exchange->raw_length, err))
		return false;
	if (!bytes_add_up(exchange, method, version, sizes.span))
		return error_set(err, ERROR_INVALID, "The header section has bytes in it that HTTP does not allow: "
		    "a line without CR and LF, a folded line, a NUL, a nameless field or a superfluous space");
	if (!check_fields(request, err) || !check_host(request, is_1_1, err))
		return false;
	return check_framing(exchange, is_1_1, err) && check_expect(request, is_1_1, err);
}
