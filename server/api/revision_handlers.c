/* SPDX-License-Identifier: MIT */
/*
 * The versions of an article: which there are, one of them, and what differs between two.
 *
 * Readers get the times and corrections of the versions that were published, and no more: not who, not what was changed without a word, and nothing of
 * the versions before the first of them or of those made while the article was withdrawn. Who may see drafts gets all of it.
 *
 * Versions are whole documents in the log. What changed is found by comparing two of them when it is asked for; pages are short, so that this stays some
 * milliseconds. To put an old version back is a write, and not done here.
 */
#include "api_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { VERSIONS_MOST = 100, VERSIONS_USUAL = 20 };

/* clang-format off */
const struct parameter revision_list_parameters[] = {
	{ .name = "limit", .kind = PARAMETER_INTEGER, .least = 1, .most = VERSIONS_MOST, .fallback = "20", .help = "Versions a page" },
	{ .name = "cursor", .kind = PARAMETER_TEXT, .most = 1000, .help = "From links.next" },
	{ .name = NULL },
};

const struct parameter revision_diff_parameters[] = {
	{ .name = "against", .kind = PARAMETER_INTEGER, .least = 1, .most = INT64_MAX, .help = "The other version; the one before when left out" },
	{ .name = NULL },
};
/* clang-format on */

static bool parse_doc(const struct revision *revision, json_t **ret_doc, struct error *err)
{
	return json_parse(revision->doc, revision->length, ret_doc, err);
}

static void append_value(struct text *json, const json_t *value)
{
	char *dumped = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	text_string(json, dumped != NULL ? dumped : "null");
	free(dumped);
}

static void append_member(struct text *json, const char *name, const json_t *value)
{
	if (value == NULL)
		return;
	text_printf(json, ",\"%s\":", name);
	append_value(json, value);
}

/* --- what readers are told --- */

/* Corrections that the version before did not have. */
static json_t *new_corrections(const json_t *doc, const json_t *before)
{
	const json_t *old = json_object_get(before, "corrections");
	json_t *added = json_array(), *correction, *known;
	size_t i, k;

	json_array_foreach(json_object_get(doc, "corrections"), i, correction) {
		bool is_known = false;

		json_array_foreach(old, k, known)
			is_known = is_known || json_equal(known, correction);
		if (!is_known)
			json_array_append(added, correction);
	}
	return added;
}

static void write_public(const struct revision *revision, const json_t *doc, const json_t *before, struct text *data)
{
	json_t *corrections = new_corrections(doc, before);
	const json_t *last = json_array_get(corrections, json_array_size(corrections) - 1);
	const char *kind = json_string_value(json_object_get(last, "kind"));

	text_printf(data, "{\"rev\":%" PRId64, revision->rev);
	append_member(data, "at", json_object_get(doc, "updated_at"));
	text_printf(data, ",\"kind\":\"%s\"", before == NULL ? "published" : kind != NULL ? kind : "edited");
	if (last != NULL)
		append_member(data, "corrections", corrections);
	text_char(data, '}');
	json_decref(corrections);
}

/* --- what the newsroom is told --- */

static void write_name(void *arg, const char *field, const json_t *before, const json_t *after)
{
	struct text *json = arg;

	(void)before, (void)after;
	text_printf(json, "%s\"%s\"", json->bytes[json->length - 1] == '[' ? "" : ",", field);
}

/* Without the closing brace. The first version changed nothing: it has no `changed`. */
static void write_open(const struct revision *revision, const json_t *doc, const json_t *before, struct text *data)
{
	char time[CLOCK_RFC3339_SIZE];

	text_printf(data, "{\"rev\":%" PRId64 ",\"seq\":%" PRId64 ",\"at\":\"%s\",\"by\":", revision->rev, revision->seq, clock_rfc3339(revision->at, time));
	text_json(data, revision->by, strlen(revision->by));
	append_member(data, "status", json_object_get(doc, "status"));
	append_member(data, "title", json_object_get(doc, "title"));
	if (before == NULL)
		return;
	text_string(data, ",\"changed\":[");
	article_differences(before, doc, write_name, data);
	text_char(data, ']');
}

/* --- the list --- */

static bool write_page(const struct revision *revisions, size_t n, size_t shown, bool is_public, struct text *data, struct error *err)
{
	json_t *doc = NULL, *before = NULL;
	bool fine = n == 0 || parse_doc(&revisions[0], &doc, err);

	for (size_t i = 0; fine && i < shown; i++) {
		if (i + 1 < n && !parse_doc(&revisions[i + 1], &before, err)) {
			fine = false;
			break;
		}
		if (i > 0)
			text_char(data, ',');
		if (is_public) {
			write_public(&revisions[i], doc, before, data);
		} else {
			write_open(&revisions[i], doc, before, data);
			text_char(data, '}');
		}
		json_decref(doc);
		doc = before;
		before = NULL;
	}
	json_decref(doc);
	json_decref(before);
	return fine;
}

/* GET /v1/articles/{ref}/revisions. 200, the newest first; 308, 404, 410 as the article itself. */
bool revision_list(struct request *request, struct response *response, struct error *err)
{
	const bool is_public = !request_has_scope(request, SCOPE_READ_DRAFTS);
	const size_t limit = (size_t)request_integer(request, "limit", VERSIONS_USUAL);
	struct revision *revisions = arena_array(request->arena, limit + 1, sizeof *revisions);
	struct cursor cursor = { .id = INT64_MAX };
	struct text data = TEXT_EMPTY, meta = TEXT_EMPTY;
	struct article_row row;
	bool redirected, has_cursor, fine;
	size_t n, shown;

	if (!(is_public ? article_find_public(request, response, &row, &redirected, err) : article_find(request, response, &row, &redirected, err)))
		return false;
	if (redirected)
		return true;
	basis_of_article(request, row.id, row.seq);
	if (!cursor_read(request, &cursor, &has_cursor, err)
	    || !store_revisions(store_of(request), row.id, cursor.id, is_public, limit + 1, request->arena, revisions, &n, err))
		return false;
	shown = n > limit ? limit : n;
	fine = write_page(revisions, n, shown, is_public, &data, err);
	cursor = (struct cursor){ .id = shown > 0 ? revisions[shown - 1].rev : 0 };
	if (fine)
		list_answer(request, response, &data, &meta, n > limit ? cursor_write(request, &cursor) : NULL, /* prev= */ NULL);
	text_done(&data);
	return fine;
}

/* --- one of them --- */

/* The version asked for, and in *ret_before `against`, or, when that is 0, the one before it: rev 0 when it is the first. */
static bool find_two(struct request *request, struct response *response, int64_t against, struct revision *ret_revision, struct revision *ret_before, bool *ret_redirected,
    struct error *err)
{
	struct article_row row;
	int64_t rev;
	size_t n = 0;

	if (!article_find(request, response, &row, ret_redirected, err) || !path_number(request, "rev", "version", &rev, err))
		return false;
	if (*ret_redirected)
		return true;
	*ret_before = (struct revision){ .rev = 0 };
	if (!store_revision(store_of(request), row.id, rev, request->arena, ret_revision, err))
		return false;
	if (against > 0)
		return store_revision(store_of(request), row.id, against, request->arena, ret_before, err);
	return store_revisions(store_of(request), row.id, rev, /* public_only= */ false, 1, request->arena, ret_before, &n, err);
}

static bool parse_two(const struct revision *revision, const struct revision *before, json_t **ret_doc, json_t **ret_before, struct error *err)
{
	return parse_doc(revision, ret_doc, err) && (before->rev == 0 || parse_doc(before, ret_before, err));
}

/* GET /v1/articles/{ref}/revisions/{rev}. 200 with the whole version, its article as `export` writes it; 404. */
bool revision_get(struct request *request, struct response *response, struct error *err)
{
	struct revision revision, before;
	json_t *doc = NULL, *doc_before = NULL;
	bool redirected, fine;

	if (!find_two(request, response, /* against= */ 0, &revision, &before, &redirected, err))
		return false;
	if (redirected)
		return true;
	fine = parse_two(&revision, &before, &doc, &doc_before, err);
	if (fine) {
		text_string(&response->body, "{\"data\":");
		write_open(&revision, doc, doc_before, &response->body);
		text_string(&response->body, ",\"article\":");
		text_append(&response->body, revision.doc, revision.length);
		text_string(&response->body, "}}\n");
	}
	json_decref(doc);
	json_decref(doc_before);
	return fine;
}

/* --- what differs --- */

static void write_field(void *arg, const char *field, const json_t *before, const json_t *after)
{
	struct text *json = arg;

	text_printf(json, "%s{\"field\":\"%s\"", json->bytes[json->length - 1] == '[' ? "" : ",", field);
	append_member(json, "before", before);
	append_member(json, "after", after);
	text_char(json, '}');
}

static const char *body_of(const json_t *doc)
{
	const char *body = json_string_value(json_object_get(doc, "body_text"));

	return body != NULL ? body : "";
}

static void write_body(struct request *request, const json_t *before, const json_t *after, struct text *json)
{
	struct text html = TEXT_EMPTY;
	struct text_diff diff;

	text_diff(body_of(before), body_of(after), request->arena, &diff);
	text_string(json, ",\"body\":");
	text_diff_json(&diff, json);
	text_diff_html(&diff, &html);
	if (html.length > 0) {
		text_string(json, ",\"diff_html\":");
		text_json(json, html.bytes, html.length);
	}
	text_done(&html);
}

/* GET /v1/articles/{ref}/revisions/{rev}/diff. 200 with what differs from the version before, or from `against`: field by field, the body word by
 * word; 404. From the first version everything differs. */
bool revision_diff(struct request *request, struct response *response, struct error *err)
{
	struct revision revision, before;
	json_t *doc = NULL, *doc_before = NULL;
	bool redirected, fine;

	if (!request_may_take_long(request) || !find_two(request, response, request_integer(request, "against", 0), &revision, &before, &redirected, err))
		return false;
	if (redirected)
		return true;
	fine = parse_two(&revision, &before, &doc, &doc_before, err);
	if (fine) {
		text_printf(&response->body, "{\"data\":{\"rev\":%" PRId64, revision.rev);
		if (before.rev != 0)
			text_printf(&response->body, ",\"against\":%" PRId64, before.rev);
		text_string(&response->body, ",\"fields\":[");
		article_differences(doc_before, doc, write_field, &response->body);
		text_char(&response->body, ']');
		write_body(request, doc_before, doc, &response->body);
		text_string(&response->body, "}}\n");
	}
	json_decref(doc);
	json_decref(doc_before);
	return fine;
}
