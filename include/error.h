/* SPDX-License-Identifier: MIT */
/*
 * What can go wrong, said once.
 *
 * ERROR_TABLE is the one list of failures: a code for C, the HTTP status, the last part of the problem type's
 * address (RFC 9457: /problems/<slug>) and the title that stands above every detail. A function that can fail
 * returns bool and fills a caller-owned struct error, always its last parameter; outputs named ret_... are
 * untouched on failure. Whoever handles the error logs it, once.
 */
#ifndef BROADSHEET_ERROR_H
#define BROADSHEET_ERROR_H

#include <stdbool.h>
#include <stddef.h>

/* clang-format off */
#define ERROR_TABLE(X)                                                                            \
	X(ERROR_INVALID,            400, "invalid",             "The request is malformed")               \
	X(ERROR_PARAMETER,          400, "bad-parameter",       "A parameter is not right")               \
	X(ERROR_CURSOR,             400, "bad-cursor",          "The cursor does not fit this request")   \
	X(ERROR_UNAUTHORIZED,       401, "unauthorized",        "A key is needed")                        \
	X(ERROR_FORBIDDEN,          403, "forbidden",           "This is not allowed")                    \
	X(ERROR_NOT_FOUND,          404, "not-found",           "There is no such thing")                 \
	X(ERROR_METHOD,             405, "method-not-allowed",  "The address does not take this method")  \
	X(ERROR_CONFLICT,           409, "conflict",            "Someone else changed it first")          \
	X(ERROR_GONE,               410, "withdrawn",           "The article has been withdrawn")         \
	X(ERROR_STALE,              412, "stale",               "It has changed since you read it")       \
	X(ERROR_SYNC_EXPIRED,       410, "sync-expired",        "The copy cannot be brought up to date from there") \
	X(ERROR_PREVIEW_OVER,       410, "preview-over",        "The preview can no longer be seen")      \
	X(ERROR_TOO_LARGE,          413, "too-large",           "The body is too large")                  \
	X(ERROR_TARGET_TOO_LONG,    414, "target-too-long",     "The address is too long")                \
	X(ERROR_MEDIA_TYPE,         415, "media-type",          "The body is of a type not taken here")   \
	X(ERROR_FIELDS,             422, "bad-fields",          "Some fields are not right")              \
	X(ERROR_IDEMPOTENCY,        422, "idempotency-mismatch", "The key was used for another request")  \
	X(ERROR_UNCONDITIONAL,      428, "if-match-required",   "Say which version you mean")             \
	X(ERROR_TOO_MANY,           429, "too-many-requests",   "Too many requests")                      \
	X(ERROR_HEADERS_TOO_LARGE,  431, "headers-too-large",   "The header fields are too large")        \
	X(ERROR_INTERNAL,           500, "internal",            "Something broke on our side")            \
	X(ERROR_METHOD_UNKNOWN,     501, "method-unknown",      "HTTP knows no such method here")         \
	X(ERROR_CODING_UNKNOWN,     501, "coding-unknown",      "No such transfer coding is taken here")  \
	X(ERROR_BUSY,               503, "busy",                "Try again shortly")                      \
	X(ERROR_HTTP_VERSION,       505, "http-version",        "Only HTTP/1.0 and HTTP/1.1 are spoken")  \
	X(ERROR_STORAGE_FULL,       507, "storage-full",        "There is no room left to write")
/* clang-format on */

enum error_code {
	ERROR_NONE,
#define X(code, status, slug, title) code,
	ERROR_TABLE(X)
#undef X
};

enum { ERROR_ISSUES_MAX = 24 };

/* One wrong parameter or field. `where` is a parameter's name, or a JSON pointer (RFC 6901) that starts with '/' or is empty. */
struct error_issue {
	char where[96];
	char code[32];         /* stable, for programs: "unknown", "repeated", "out-of-range", "required", … */
	char detail[200];
	char suggestion[96];   /* the nearest right value, or empty */
	bool is_pointer;
};

struct error {
	enum error_code code;
	char detail[320];
	char members[4352];    /* further members of the problem as JSON text without braces ("\"reason\":\"expired\""), or empty; has room for an address */
	size_t n_issues;       /* stored ones; more than ERROR_ISSUES_MAX are counted in n_issues_left_out */
	size_t n_issues_left_out;
	struct error_issue issues[ERROR_ISSUES_MAX];
};

/* Of a local struct error: whoever fails fills it, and the compiler need not clear eleven kilobytes before (-ftrivial-auto-var-init). */
#define ERROR_UNSET __attribute__((uninitialized))

/* Fill *err (which may hold rubbish) and return false, so that "return error_set(err, …)" reads as it acts. */
bool error_set(struct error *err, enum error_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* No failure: what a function that lists wrong fields leaves when there are none. */
void error_clear(struct error *err);

/* Put the outer story in front of the detail: "importing line 4: <what was there>". Returns false. */
bool error_context(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Add one wrong parameter or field. Call error_set first. `suggestion` may be NULL. */
void error_add_parameter(struct error *err, const char *parameter, const char *code, const char *suggestion, const char *detail, ...)
    __attribute__((format(printf, 5, 6)));
void error_add_pointer(struct error *err, const char *pointer, const char *code, const char *suggestion, const char *detail, ...)
    __attribute__((format(printf, 5, 6)));

/* Detail and all wrong fields in one line for a log or a terminal: "some fields are not right: /title: every article has one". */
void error_summary(const struct error *err, char *ret_line, size_t size);

unsigned error_status(enum error_code code);      /* HTTP status; 500 for ERROR_NONE */
const char *error_slug(enum error_code code);     /* last part of the problem type's address */
const char *error_title(enum error_code code);

#endif
