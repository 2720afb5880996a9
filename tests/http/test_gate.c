/* SPDX-License-Identifier: MIT */
/*
 * Odd and malformed requests over a real socket: what each is answered, and that nothing behind it is taken for a
 * request of its own.
 *
 * Each case is sent whole and byte by byte on a fresh connection. A case that has to close the connection carries a
 * second request (GET /smuggled) behind it wherever its framing is in doubt, and that must never be served; one that may
 * leave it open must answer a good request on the same connection afterwards. After each case the server answers others.
 *
 * LIBRARY marks the answers that libmicrohttpd gives itself; all others must be problem+json where they are errors. The
 * table holds for 0.9.75; later versions refuse more by themselves, in other words, and there only the main thing is looked at:
 * what is refused has no second request served behind it, and others are answered on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <microhttpd.h>

#include "log.h"
#include "raw_client.h"
#include "test_service.h"

enum { OPEN, CLOSES, LIBRARY, SILENT };    /* afterwards; LIBRARY and SILENT close, too */

#define HOST "Host: a\r\n"
#define GET "GET /v1/hello HTTP/1.1\r\n" HOST
#define POST "POST /v1/take HTTP/1.1\r\n" HOST "Content-Type: application/json\r\n"
#define SECOND "GET /smuggled HTTP/1.1\r\n" HOST "\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define BYTES(literal) (literal), sizeof(literal) - 1

static const struct odd {
	const char *name, *raw;
	size_t length;
	unsigned status;
	int then;
} odds[] = {
	/* --- what is good --- */
	{ "plain", BYTES(GET "\r\n"), 200, OPEN },
	{ "absolute form", BYTES("GET http://a/v1/hello HTTP/1.1\r\n" HOST "\r\n"), 200, OPEN },
	{ "absolute form, other host", BYTES("GET http://b:1/v1/hello HTTP/1.1\r\n" HOST "\r\n"), 200, OPEN },
	{ "options of everything", BYTES("OPTIONS * HTTP/1.1\r\n" HOST "\r\n"), 204, OPEN },
	{ "no blank behind a colon", BYTES("GET /v1/hello HTTP/1.1\r\nHost:a\r\n\r\n"), 200, OPEN },
	{ "blanks around a value", BYTES("GET /v1/hello HTTP/1.1\r\nHost: \t a \t \r\n\r\n"), 200, OPEN },
	{ "an empty value", BYTES(GET "X:\r\n\r\n"), 200, OPEN },
	{ "an empty Host", BYTES("GET /v1/hello HTTP/1.1\r\nHost:\r\n\r\n"), 200, OPEN },
	{ "Host with a port", BYTES("GET /v1/hello HTTP/1.1\r\nHost: a.example:8080\r\n\r\n"), 200, OPEN },
	{ "Host of IPv6", BYTES("GET /v1/hello HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"), 200, OPEN },
	{ "host in small letters", BYTES("GET /v1/hello HTTP/1.1\r\nhost: a\r\n\r\n"), 200, OPEN },
	{ "one field twice", BYTES(GET "X: a\r\nX: b\r\n\r\n"), 200, OPEN },
	{ "Latin-1 in a value", BYTES(GET "X: caf\xe9\r\n\r\n"), 200, OPEN },
	{ "a tab in a value", BYTES(GET "X: a\tb\r\n\r\n"), 200, OPEN },
	{ "every token character", BYTES(GET "!#$%&'*+-.^_`|~09azAZ: x\r\n\r\n"), 200, OPEN },
	{ "length 0 on GET", BYTES(GET "Content-Length: 0\r\n\r\n"), 200, OPEN },
	{ "lines before the request line", BYTES("\r\n\r\n" GET "\r\n"), 200, OPEN },
	{ "HTTP/1.0 without Host", BYTES("GET /v1/hello HTTP/1.0\r\n\r\n"), 200, CLOSES },
	{ "HTTP/1.0 kept alive", BYTES("GET /v1/hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), 200, OPEN },
	{ "the client closes", BYTES(GET "Connection: close\r\n\r\n"), 200, CLOSES },
	{ "a body", BYTES(POST "Content-Length: 2\r\n\r\n{}"), 201, OPEN },
	{ "a length with zeros", BYTES(POST "Content-Length: 0002\r\n\r\n{}"), 201, OPEN },
	{ "an empty body", BYTES(POST "Content-Length: 0\r\n\r\n"), 201, OPEN },
	{ "no length at all", BYTES(POST "\r\n"), 201, OPEN },
	{ "the longest body", BYTES(POST "Content-Length: 64\r\n\r\n0123456789012345678901234567890123456789012345678901234567890123"), 201, OPEN },
	{ "a chunk", BYTES(CHUNKED "2\r\n{}\r\n0\r\n\r\n"), 201, OPEN },
	{ "two chunks", BYTES(CHUNKED "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"), 201, OPEN },
	{ "chunk sizes with zeros and letters", BYTES(CHUNKED "000A\r\n[1,2,3,45]\r\n0\r\n\r\n"), 201, OPEN },
	{ "no chunk", BYTES(CHUNKED "0\r\n\r\n"), 201, OPEN },
	{ "Chunked", BYTES(POST "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n"), 201, OPEN },
	{ "a trailer", BYTES(CHUNKED "2\r\n{}\r\n0\r\nX: y\r\n\r\n"), 201, OPEN },
	{ "a chunk extension", BYTES(CHUNKED "2;a=b\r\n{}\r\n0\r\n\r\n"), 201, OPEN },
	{ "100-continue", BYTES(POST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}"), 201, OPEN },
	{ "charset", BYTES("POST /v1/take HTTP/1.1\r\n" HOST "Content-Type: application/json; charset=UTF-8\r\nContent-Length: 2\r\n\r\n{}"), 201, OPEN },
	{ "HEAD", BYTES("HEAD /v1/hello HTTP/1.1\r\n" HOST "\r\n"), 200, OPEN },

	/* --- refused, but the framing is clear: the connection goes on --- */
	{ "nothing there", BYTES("GET /v1/nothing HTTP/1.1\r\n" HOST "\r\n"), 404, OPEN },
	{ "a slash at the end", BYTES("GET /v1/hello/ HTTP/1.1\r\n" HOST "\r\n"), 308, OPEN },
	{ "two slashes", BYTES("GET /v1//hello HTTP/1.1\r\n" HOST "\r\n"), 404, OPEN },
	{ "a method not taken here", BYTES("DELETE /v1/hello HTTP/1.1\r\n" HOST "\r\n"), 405, OPEN },
	{ "%00 in the path", BYTES("GET /v1/hello%00 HTTP/1.1\r\n" HOST "\r\n"), 400, OPEN },
	{ "%2f in the path", BYTES("GET /v1%2fhello HTTP/1.1\r\n" HOST "\r\n"), 400, OPEN },
	{ "bad hexadecimal", BYTES("GET /v1/hello%zz HTTP/1.1\r\n" HOST "\r\n"), 400, OPEN },
	{ "bad UTF-8", BYTES("GET /v1/hello%ff HTTP/1.1\r\n" HOST "\r\n"), 400, OPEN },
	{ "raw bad UTF-8", BYTES("GET /v1/hello\xff HTTP/1.1\r\n" HOST "\r\n"), 400, OPEN },
	{ "two dots", BYTES("GET /v1/../v1/hello HTTP/1.1\r\n" HOST "\r\n"), 400, OPEN },
	{ "encoded dots", BYTES("GET /v1/%2e%2e/hello HTTP/1.1\r\n" HOST "\r\n"), 400, OPEN },
	{ "a backslash", BYTES("GET /v1\\hello HTTP/1.1\r\n" HOST "\r\n"), 400, OPEN },
	{ "NUL in a value", BYTES("GET /v1/list?q=%00 HTTP/1.1\r\n" HOST "\r\n"), 400, OPEN },
	{ "an unknown parameter", BYTES("GET /v1/list?limt=5 HTTP/1.1\r\n" HOST "\r\n"), 400, OPEN },
	{ "a target without a slash", BYTES("GET v1/hello HTTP/1.1\r\n" HOST "\r\n"), 400, OPEN },
	{ "authority form", BYTES("GET a:80 HTTP/1.1\r\n" HOST "\r\n"), 400, OPEN },
	{ "another scheme", BYTES("GET ftp://a/v1/hello HTTP/1.1\r\n" HOST "\r\n"), 400, OPEN },
	{ "a user in the target", BYTES("GET http://u:p@a/v1/hello HTTP/1.1\r\n" HOST "\r\n"), 400, OPEN },
	{ "an asterisk with GET", BYTES("GET * HTTP/1.1\r\n" HOST "\r\n"), 400, OPEN },
	{ "a write without a key", BYTES("POST /v1/write HTTP/1.1\r\n" HOST "\r\n"), 401, OPEN },
	{ "chunks over the limit", BYTES(CHUNKED "41\r\n01234567890123456789012345678901234567890123456789012345678901234\r\n0\r\n\r\n"), 413, OPEN },

	/* --- refused, with a body on its way: closed, since it is not read --- */
	{ "a body for GET", BYTES(GET "Content-Length: 49\r\n\r\n" SECOND), 400, CLOSES },
	{ "chunks for GET", BYTES(GET "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SECOND), 400, CLOSES },
	{ "a body for HEAD", BYTES("HEAD /v1/hello HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n{}"), 400, CLOSES },
	{ "a body for OPTIONS", BYTES("OPTIONS /v1/hello HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n{}"), 400, CLOSES },
	{ "a body for nothing", BYTES("POST /v1/nothing HTTP/1.1\r\n" HOST "Content-Length: 49\r\n\r\n" SECOND), 404, CLOSES },
	{ "a body without a key", BYTES("POST /v1/write HTTP/1.1\r\n" HOST "Content-Length: 49\r\n\r\n" SECOND), 401, CLOSES },
	{ "a body too long", BYTES(POST "Content-Length: 65\r\n\r\n" SECOND), 413, CLOSES },
	{ "a body far too long", BYTES(POST "Content-Length: 9223372036854775807\r\n\r\n" SECOND), 400, CLOSES },
	{ "no content type", BYTES("POST /v1/take HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n{}"), 415, CLOSES },
	{ "another type", BYTES("POST /v1/take HTTP/1.1\r\n" HOST "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}"), 415, CLOSES },
	{ "another charset", BYTES("POST /v1/take HTTP/1.1\r\n" HOST "Content-Type: application/json; charset=latin1\r\nContent-Length: 2\r\n\r\n{}"), 415, CLOSES },
	{ "a type that only begins so", BYTES("POST /v1/take HTTP/1.1\r\n" HOST "Content-Type: application/json5\r\nContent-Length: 2\r\n\r\n{}"), 415, CLOSES },
	{ "a coded body", BYTES(POST "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"), 415, CLOSES },
	{ "another expectation", BYTES(POST "Expect: tea\r\nContent-Length: 2\r\n\r\n{}"), 400, CLOSES },
	{ "two expectations", BYTES(POST "Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}"), 400, CLOSES },

	/* --- the body's end is a matter of opinion --- */
	{ "two equal lengths", BYTES(POST "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}" SECOND), 400, CLOSES },
	{ "two lengths", BYTES(POST "Content-Length: 2\r\nContent-Length: 51\r\n\r\n{}" SECOND), 400, CLOSES },
	{ "length and coding", BYTES(POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SECOND), 400, CLOSES },
	{ "coding and length", BYTES(POST "Transfer-Encoding: chunked\r\nContent-Length: 54\r\n\r\n0\r\n\r\n" SECOND), 400, CLOSES },
	{ "identity", BYTES(POST "Transfer-Encoding: identity\r\n\r\n" SECOND), 501, CLOSES },
	{ "gzip, chunked", BYTES(POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" SECOND), 501, CLOSES },
	{ "chunked, chunked", BYTES(POST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" SECOND), 501, CLOSES },
	{ "two codings", BYTES(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SECOND), 501, CLOSES },
	{ "two codings, one odd", BYTES(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" SECOND), 501, CLOSES },
	{ "xchunked", BYTES(POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" SECOND), 501, CLOSES },
	{ "\"chunked\"", BYTES(POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n" SECOND), 501, CLOSES },
	{ "chunked;q=1", BYTES(POST "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n" SECOND), 501, CLOSES },
	{ "chunked with a tab before", BYTES(POST "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n"), 201, OPEN },
	{ "chunked with a vertical tab", BYTES(POST "Transfer-Encoding: \x0b" "chunked\r\n\r\n0\r\n\r\n" SECOND), 400, CLOSES },
	{ "blanks behind chunked", BYTES(POST "Transfer-Encoding: chunked \r\n\r\n0\r\n\r\n" SECOND), 501, CLOSES },
	{ "an empty coding", BYTES(POST "Transfer-Encoding:\r\n\r\n0\r\n\r\n" SECOND), 501, CLOSES },
	{ "a blank before the colon", BYTES(POST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" SECOND), 400, CLOSES },
	{ "a tab before the colon", BYTES(POST "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n" SECOND), 400, CLOSES },
	{ "chunks in HTTP/1.0", BYTES("POST /v1/take HTTP/1.0\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n0\r\n\r\n" SECOND), 400, CLOSES },
	{ "length, blank before the colon", BYTES(POST "Content-Length : 49\r\n\r\n" SECOND), 400, CLOSES },
	{ "length with an underscore", BYTES(POST "Content_Length: 49\r\n\r\n"), 201, OPEN },

	/* --- lines that are not what they seem --- */
	{ "a folded value", BYTES(GET "X: a\r\n b\r\n\r\n"), 400, CLOSES },
	{ "a folded value, tab", BYTES(GET "X: a\r\n\tb\r\n\r\n"), 400, CLOSES },
	{ "a fold of blanks", BYTES(GET "X: a\r\n \r\n\r\n"), 400, CLOSES },
	{ "a coding out of two lines", BYTES(POST "Transfer-Enc: chunked\r\n oding\r\n\r\n0\r\n\r\n" SECOND), 400, CLOSES },
	{ "a length out of two lines", BYTES(POST "Content: 49\r\n -Length\r\n\r\n" SECOND), 400, CLOSES },
	{ "the first line folded", BYTES("GET /v1/hello HTTP/1.1\r\n X: y\r\n" HOST "\r\n"), 400, CLOSES },
	{ "a line feed ends the request line", BYTES("GET /v1/hello HTTP/1.1\n" HOST "\r\n"), 400, CLOSES },
	{ "a line feed ends a field", BYTES("GET /v1/hello HTTP/1.1\r\nHost: a\nX: y\r\n\r\n"), 400, CLOSES },
	{ "a line feed ends the section", BYTES(GET "\n"), 400, CLOSES },
	{ "line feeds throughout", BYTES("GET /v1/hello HTTP/1.1\nHost: a\n\n"), 400, CLOSES },
	{ "a hidden field behind a line feed", BYTES(POST "X: y\nContent-Length: 49\r\n\r\n" SECOND), 400, CLOSES },
	{ "a carriage return in a value", BYTES(GET "X: a\rb\r\n\r\n"), 400, CLOSES },
	{ "a carriage return before a field", BYTES(GET "\rX: a\r\n\r\n"), 400, CLOSES },
	{ "a carriage return and a field", BYTES(POST "X: a\rContent-Length: 49\r\n\r\n" SECOND), 400, CLOSES },
	{ "NUL in a field's value", BYTES(GET "X: a\0b\r\n\r\n"), 400, CLOSES },
	{ "NUL in a length", BYTES(POST "Content-Length: 2\0junk\r\n\r\n{}" SECOND), 400, CLOSES },
	{ "NUL in a coding", BYTES(POST "Transfer-Encoding: chunked\0x\r\n\r\n0\r\n\r\n" SECOND), 400, CLOSES },
	{ "NUL in the target", BYTES("GET /v1/hello\0x HTTP/1.1\r\n" HOST "\r\n"), 400, CLOSES },
	{ "NUL in the query", BYTES("GET /v1/hello?\0x HTTP/1.1\r\n" HOST "\r\n"), 400, CLOSES },
	{ "NUL in the method", BYTES("GET\0 /v1/hello HTTP/1.1\r\n" HOST "\r\n"), 400, CLOSES },
	{ "a control character in a value", BYTES(GET "X: a\x01" "b\r\n\r\n"), 400, CLOSES },
	{ "an escape in a value", BYTES(GET "X: \x1b[2J\r\n\r\n"), 400, CLOSES },
	{ "DEL in a value", BYTES(GET "X: a\x7f\r\n\r\n"), 400, CLOSES },
	{ "a field without a name", BYTES(GET ": x\r\n\r\n"), 400, CLOSES },
	{ "a blank in a name", BYTES(GET "X Y: z\r\n\r\n"), 400, CLOSES },
	{ "a bracket in a name", BYTES(GET "X(Y): z\r\n\r\n"), 400, CLOSES },
	{ "Latin-1 in a name", BYTES(GET "X\xe9: z\r\n\r\n"), 400, CLOSES },

	/* --- the request line --- */
	{ "two spaces before the target", BYTES("GET  /v1/hello HTTP/1.1\r\n" HOST "\r\n"), 400, CLOSES },
	{ "two spaces behind the target", BYTES("GET /v1/hello  HTTP/1.1\r\n" HOST "\r\n"), 400, CLOSES },
	{ "a space in the target", BYTES("GET /v1/he llo HTTP/1.1\r\n" HOST "\r\n"), 400, CLOSES },
	{ "a space in the query", BYTES("GET /v1/list?q=a b HTTP/1.1\r\n" HOST "\r\n"), 400, CLOSES },
	{ "a tab in the target", BYTES("GET /v1/he\tllo HTTP/1.1\r\n" HOST "\r\n"), 400, CLOSES },
	{ "a carriage return in the target", BYTES("GET /v1/he\rllo HTTP/1.1\r\n" HOST "\r\n"), 400, CLOSES },
	{ "a fragment", BYTES("GET /v1/hello#x HTTP/1.1\r\n" HOST "\r\n"), 400, CLOSES },
	{ "a method in small letters", BYTES("get /v1/hello HTTP/1.1\r\n" HOST "\r\n"), 501, CLOSES },
	{ "an unknown method", BYTES("BREW /v1/hello HTTP/1.1\r\n" HOST "\r\n"), 501, CLOSES },
	{ "TRACE", BYTES("TRACE /v1/hello HTTP/1.1\r\n" HOST "\r\n"), 501, CLOSES },
	{ "CONNECT", BYTES("CONNECT a:80 HTTP/1.1\r\n" HOST "\r\n"), 501, CLOSES },
	{ "a method beyond ASCII", BYTES("G\xc3\x89T /v1/hello HTTP/1.1\r\n" HOST "\r\n"), 501, CLOSES },
	{ "HTTP/1.2", BYTES("GET /v1/hello HTTP/1.2\r\n" HOST "\r\n"), 505, CLOSES },
	{ "HTTP/1.9", BYTES("GET /v1/hello HTTP/1.9\r\n" HOST "\r\n"), 505, CLOSES },

	/* --- Host --- */
	{ "no Host", BYTES("GET /v1/hello HTTP/1.1\r\n\r\n"), 400, CLOSES },
	{ "two Hosts", BYTES(GET "Host: b\r\n\r\n"), 400, CLOSES },
	{ "two equal Hosts", BYTES(GET HOST "\r\n"), 400, CLOSES },
	{ "two Hosts in HTTP/1.0", BYTES("GET /v1/hello HTTP/1.0\r\n" HOST HOST "\r\n"), 400, CLOSES },
	{ "a list for Host", BYTES("GET /v1/hello HTTP/1.1\r\nHost: a, b\r\n\r\n"), 400, CLOSES },
	{ "a user in Host", BYTES("GET /v1/hello HTTP/1.1\r\nHost: u@a\r\n\r\n"), 400, CLOSES },
	{ "a path in Host", BYTES("GET /v1/hello HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400, CLOSES },
	{ "a space in Host", BYTES("GET /v1/hello HTTP/1.1\r\nHost: a b\r\n\r\n"), 400, CLOSES },
	{ "a port of letters", BYTES("GET /v1/hello HTTP/1.1\r\nHost: a:b\r\n\r\n"), 400, CLOSES },
	{ "a bracket left open", BYTES("GET /v1/hello HTTP/1.1\r\nHost: [::1\r\n\r\n"), 400, CLOSES },
	{ "quotes in Host", BYTES("GET /v1/hello HTTP/1.1\r\nHost: \"a\"\r\n\r\n"), 400, CLOSES },

	/* --- what libmicrohttpd answers itself --- */
	{ "a length of letters", BYTES(POST "Content-Length: abc\r\n\r\n" SECOND), 400, LIBRARY },
	{ "an empty length", BYTES(POST "Content-Length:\r\n\r\n" SECOND), 400, LIBRARY },
	{ "a list of lengths", BYTES(POST "Content-Length: 2, 2\r\n\r\n{}" SECOND), 400, LIBRARY },
	{ "a signed length", BYTES(POST "Content-Length: +2\r\n\r\n{}" SECOND), 400, LIBRARY },
	{ "a negative length", BYTES(POST "Content-Length: -1\r\n\r\n{}" SECOND), 400, LIBRARY },
	{ "a hexadecimal length", BYTES(POST "Content-Length: 0x2\r\n\r\n{}" SECOND), 400, LIBRARY },
	{ "a length above all numbers", BYTES(POST "Content-Length: 99999999999999999999\r\n\r\n" SECOND), 413, LIBRARY },
	{ "a line without a colon", BYTES(GET "X\r\n\r\n" SECOND), 400, LIBRARY },
	{ "no version", BYTES("GET /v1/hello\r\n\r\n" SECOND), 400, LIBRARY },
	{ "HTTP/2.0", BYTES("GET /v1/hello HTTP/2.0\r\n" HOST "\r\n" SECOND), 505, LIBRARY },
	{ "HTTP/0.9", BYTES("GET /v1/hello HTTP/0.9\r\n" HOST "\r\n" SECOND), 505, LIBRARY },
	{ "a tab for a space", BYTES("GET\t/v1/hello HTTP/1.1\r\n" HOST "\r\n" SECOND), 400, LIBRARY },
	{ "http/1.1", BYTES("GET /v1/hello http/1.1\r\n" HOST "\r\n" SECOND), 400, LIBRARY },
	{ "HTTP/1.10", BYTES("GET /v1/hello HTTP/1.10\r\n" HOST "\r\n" SECOND), 400, LIBRARY },
	{ "a space behind the version", BYTES("GET /v1/hello HTTP/1.1 \r\n" HOST "\r\n" SECOND), 400, LIBRARY },
	{ "a chunk of no number", BYTES(CHUNKED "zz\r\n{}\r\n0\r\n\r\n" SECOND), 400, LIBRARY },
	{ "a negative chunk", BYTES(CHUNKED "-1\r\n{}\r\n0\r\n\r\n" SECOND), 400, LIBRARY },
	{ "a chunk of 0x", BYTES(CHUNKED "0x2\r\n{}\r\n0\r\n\r\n" SECOND), 400, LIBRARY },
	{ "a blank before a chunk", BYTES(CHUNKED " 2\r\n{}\r\n0\r\n\r\n" SECOND), 400, LIBRARY },
	{ "a chunk above all numbers", BYTES(CHUNKED "fffffffffffffffff\r\n{}\r\n0\r\n\r\n" SECOND), 413, LIBRARY },
	{ "a chunk longer than said", BYTES(CHUNKED "1\r\n{}\r\n0\r\n\r\n" SECOND), 400, LIBRARY },
	{ "a space first", BYTES(" GET /v1/hello HTTP/1.1\r\n" HOST "\r\n" SECOND), 0, SILENT },
};

static struct listener *listener;

static int set_up(void **state)
{
	(void)state;
	log_start(LOG_LEVEL_ERROR, false);
	listener = test_listener("127.0.0.1:0", DOOR_PUBLIC);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	listener_stop(listener, /* wait_seconds= */ 0);    /* not for those that were cut off and never get their bodies */
	return test_contexts == 0 ? 0 : -1;
}

/* Complaints are printed and counted, so that one run shows all rows that are wrong. */
static int n_wrong;

static void complain(const struct odd *odd, bool one_by_one, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void complain(const struct odd *odd, bool one_by_one, const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "%s%s: ", odd->name, one_by_one ? ", byte by byte" : "");
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	n_wrong++;
}

static bool is_answered(int fd)
{
	struct raw_reply reply;
	bool ok;

	raw_send(fd, BYTES(GET "\r\n"), false);
	ok = raw_read(fd, false, &reply) && reply.status == 200;
	raw_reply_done(&reply);
	return ok;
}

static bool is_problem(const struct raw_reply *reply, bool is_head)
{
	const char *type = raw_header(reply, "Content-Type");

	return type != NULL && strcmp(type, "application/problem+json") == 0
	    && (is_head || (reply->body.length > 0 && strstr(reply->body.bytes, "\"type\":\"/problems/") != NULL));
}

/* libmicrohttpd may send its refusal twice, but serves nothing, and closes. */
static bool only_repeats(int fd, unsigned status)
{
	struct raw_reply reply;
	bool ok = true;

	while (raw_read(fd, false, &reply)) {
		ok = ok && reply.status == status;
		raw_reply_done(&reply);
	}
	raw_reply_done(&reply);
	return ok && raw_is_closed(fd);
}

static void try(const struct odd *odd, bool one_by_one)
{
	bool is_head = strncmp(odd->raw, "HEAD ", 5) == 0;
	int fd = raw_connect(listener_address(listener)), other;
	struct raw_reply reply;

	raw_send(fd, odd->raw, odd->length, one_by_one);
	raw_read(fd, is_head, &reply);
	if (reply.status != odd->status)
		complain(odd, one_by_one, "%u instead of %u", reply.status, odd->status);
	else if (reply.status >= 400 && odd->then != LIBRARY && !is_problem(&reply, is_head))
		complain(odd, one_by_one, "no problem, but %s", reply.head.bytes);
	raw_reply_done(&reply);

	if (odd->then == OPEN && !is_answered(fd))
		complain(odd, one_by_one, "a good request behind it is not answered");
	if (odd->then == LIBRARY && !only_repeats(fd, odd->status))
		complain(odd, one_by_one, "something else comes behind it");
	if ((odd->then == CLOSES || odd->then == SILENT) && !raw_is_closed(fd))
		complain(odd, one_by_one, "the connection stays open");
	close(fd);

	if (test_smuggled > 0)
		complain(odd, one_by_one, "a second request has been served");
	test_smuggled = 0;
	other = raw_connect(listener_address(listener));
	if (!is_answered(other))
		complain(odd, one_by_one, "others are not answered any more");
	close(other);
}

/* With a libmicrohttpd that the table was not written for. */
static void try_elsewhere(const struct odd *odd, bool one_by_one)
{
	int fd = raw_connect(listener_address(listener)), other;
	struct raw_reply reply;

	raw_send(fd, odd->raw, odd->length, one_by_one);
	raw_read(fd, strncmp(odd->raw, "HEAD ", 5) == 0, &reply);
	if (reply.status >= 400)
		only_repeats(fd, reply.status);
	close(fd);
	if (test_smuggled > 0 && reply.status >= 400)
		complain(odd, one_by_one, "a second request has been served");
	test_smuggled = 0;
	raw_reply_done(&reply);
	other = raw_connect(listener_address(listener));
	if (!is_answered(other))
		complain(odd, one_by_one, "others are not answered any more");
	close(other);
}

static void try_all(bool one_by_one)
{
	bool is_known = strncmp(MHD_get_version(), "0.9.75", 6) == 0;

	n_wrong = 0;
	for (size_t i = 0; i < sizeof odds / sizeof odds[0]; i++) {
		if (is_known)
			try(&odds[i], one_by_one);
		else if (odds[i].then != OPEN)
			try_elsewhere(&odds[i], one_by_one);
	}
	assert_int_equal(n_wrong, 0);
}

static void test_whole(void **state)
{
	(void)state;
	try_all(/* one_by_one= */ false);
}

static void test_byte_by_byte(void **state)
{
	(void)state;
	try_all(/* one_by_one= */ true);
}

/* --- what does not fit into a table --- */

/* A request with `n` bytes of `unit` in the middle. */
static unsigned status_of(const char *front, const char *unit, size_t n, const char *back)
{
	struct text request = TEXT_EMPTY;
	struct raw_reply reply;
	unsigned status;

	text_string(&request, front);
	for (size_t i = 0; i < n; i++)
		text_string(&request, unit);
	text_string(&request, back);
	raw_exchange(listener_address(listener), request.bytes, &reply);
	status = reply.status;
	if (status >= 400 && !is_problem(&reply, false))
		fail_msg("no problem, but %s", reply.head.bytes);
	raw_reply_done(&reply);
	text_done(&request);
	return status;
}

/* Both sides of each limit. */
static void test_limits(void **state)
{
	const char *end = " HTTP/1.1\r\n" HOST "\r\n";

	(void)state;
	assert_int_equal(status_of("GET /v1/echo/", "a", 4096 - 9, end), 200);
	assert_int_equal(status_of("GET /v1/echo/", "a", 4097 - 9, end), 414);
	assert_int_equal(status_of("GET /v1/echo/", "a", 12000, end), 414);
	assert_int_equal(status_of("GET /v1/echo/a?", "a&", 64, end), 200);
	assert_int_equal(status_of("GET /v1/echo/a?", "a&", 65, end), 400);
	assert_int_equal(status_of("GET /v1/echo/a?", "a&", 2000, end), 400);
	assert_int_equal(status_of("GET /v1/echo/a?", "a=b&", 2000, end), 414);
	assert_int_equal(status_of("GET /page?", "a=b&", 60, end), 200);
	assert_int_equal(status_of(GET, "X: y\r\n", 99, "\r\n"), 200);
	assert_int_equal(status_of(GET, "X: y\r\n", 100, "\r\n"), 431);
	assert_int_equal(status_of(GET, "X: y\r\n", 200, "\r\n"), 431);
	assert_int_equal(status_of(GET "X: ", "a", 8192 - 5 - 9, "\r\n\r\n"), 200);
	assert_int_equal(status_of(GET "X: ", "a", 8193 - 5 - 9, "\r\n\r\n"), 431);
	assert_int_equal(status_of(GET "X: ", "a", 13000, "\r\n\r\n"), 431);
	assert_int_equal(status_of(GET "Cookie: ", "a;", 80, "\r\n\r\n"), 200);
}

/* Any two limits reached at once still leave room for a reply with its headers in libmicrohttpd's memory for the connection. */
static void test_two_limits_at_once(void **state)
{
	struct text target = TEXT_EMPTY, fields = TEXT_EMPTY;

	(void)state;
	text_string(&target, "GET /v1/echo/");
	while (target.length < 4 + 4096)
		text_char(&target, 'a');
	text_string(&target, " HTTP/1.1\r\n" HOST);
	assert_int_equal(status_of(target.bytes, "X: y\r\n", 99, "\r\n"), 200);
	text_string(&target, "X: ");
	assert_int_equal(status_of(target.bytes, "a", 8192 - 5 - 9, "\r\n\r\n"), 200);

	text_string(&fields, GET);
	for (int i = 0; i < 99; i++)
		text_string(&fields, "Xxxxx: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n");
	assert_int_equal(status_of(fields.bytes, "", 0, "\r\n"), 200);
	text_done(&target);
	text_done(&fields);
}

/* Requests sent in one go are answered in order. */
static void test_pipeline(void **state)
{
	int fd = raw_connect(listener_address(listener));
	struct raw_reply reply;
	static const unsigned expected[] = { 200, 201, 404, 200, 201, 200 };

	(void)state;
	raw_send(fd, BYTES(GET "\r\n" POST "Content-Length: 2\r\n\r\n{}" "GET /v1/no HTTP/1.1\r\n" HOST "\r\n" GET "\r\n"
	    CHUNKED "2\r\n{}\r\n0\r\n\r\n" GET "\r\n"), false);
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		assert_true(raw_read(fd, false, &reply));
		assert_int_equal(reply.status, expected[i]);
		raw_reply_done(&reply);
	}
	close(fd);
}

/* A client that goes away in the middle, at each byte, costs nothing. */
static void test_cut_off(void **state)
{
	const char request[] = POST "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";

	(void)state;
	for (size_t length = 0; length < sizeof request - 1; length++) {
		int fd = raw_connect(listener_address(listener));

		raw_send(fd, request, length, false);
		close(fd);
	}
	assert_int_equal(status_of(GET, "", 0, "\r\n"), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_byte_by_byte),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_two_limits_at_once),
		cmocka_unit_test(test_pipeline),
		cmocka_unit_test(test_cut_off),
	};

	_Static_assert(sizeof odds / sizeof odds[0] >= 100, "a corpus of a hundred or more");
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
