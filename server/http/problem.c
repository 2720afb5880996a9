/* SPDX-License-Identifier: MIT */
/*
 * A struct error as RFC 9457 problem+json.
 *
 *	{"type":"/problems/bad-parameter","title":"…","status":400,"detail":"…","instance":"/v1/articles?limt=5",
 *	 "errors":[{"parameter":"limt","code":"unknown","detail":"…","suggestion":"limit"}]}
 *
 * Titles and types come from the one table in error.h. Of a failure on our side (500) the detail stays in the log: it
 * may name files and queries, which are nobody else's business.
 */
#include "http_internal.h"

#include <string.h>

static void member(struct text *body, const char *name, const char *value)
{
	text_printf(body, ",\"%s\":", name);
	text_json(body, value, strlen(value));
}

static void print_issues(struct text *body, const struct error *err)
{
	text_string(body, ",\"errors\":[");
	for (size_t i = 0; i < err->n_issues; i++) {
		const struct error_issue *issue = &err->issues[i];

		text_printf(body, "%s{\"%s\":", i == 0 ? "" : ",", issue->is_pointer ? "pointer" : "parameter");
		text_json(body, issue->where, strlen(issue->where));
		member(body, "code", issue->code);
		member(body, "detail", issue->detail);
		if (issue->suggestion[0] != '\0')
			member(body, "suggestion", issue->suggestion);
		text_char(body, '}');
	}
	text_char(body, ']');
	if (err->n_issues_left_out > 0)
		text_printf(body, ",\"errors_left_out\":%zu", err->n_issues_left_out);
}

void problem_explain(struct request *request, struct response *response, const struct error *err)
{
	struct text *body = &response->body;
	const char *detail = err->code == ERROR_INTERNAL ? "The server's log says more" : err->detail;

	response->content_type = "application/problem+json";
	text_clear(body);
	text_printf(body, "{\"type\":\"/problems/%s\"", error_slug(err->code));
	member(body, "title", error_title(err->code));
	text_printf(body, ",\"status\":%u", error_status(err->code));
	if (detail[0] != '\0' && text_is_utf8(detail, strlen(detail)))
		member(body, "detail", detail);
	if (request->target != NULL && text_is_utf8(request->target, strlen(request->target)))
		member(body, "instance", request->target);
	if (err->n_issues > 0)
		print_issues(body, err);
	if (err->members[0] != '\0')
		text_printf(body, ",%s", err->members);
	text_string(body, "}\n");
}
