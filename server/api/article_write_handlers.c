/* SPDX-License-Identifier: MIT */
/*
 * Writing articles: POST, PUT, PATCH and DELETE of /v1/articles, and putting an earlier version back.
 *
 * What costs time (parsing, sanitising, merging into what stands) is done on the thread that got the request, against its own view of the
 * store; the writer then only looks whether that version still stands. Who may read drafts, or has just made it, gets the article back as the newsroom
 * sees it; others what is public, or where it stands. With it comes the ETag to go on from; the answer goes out when it is on disk.
 */
#include "api_internal.h"

#include <inttypes.h>
#include <string.h>

enum { BODY_HERE_MOST = 64 << 10 };    /* a larger body is read on a reader's thread */

/* What a request comes to before it is on the writer's thread. */
struct article_order {
	struct article article;       /* whole */
	int64_t id, rev;              /* of what it was made from */
};

const struct parameter article_create_parameters[] = {
	{ .name = "on_conflict", .kind = PARAMETER_CHOICE, .choices = publish_conflict_names, .fallback = "fail",
	  .help = "when the source's guid is known: fail (409), skip, update" },
	{ .name = NULL },
};

const struct parameter article_withdraw_parameters[] = {
	{ .name = "erase", .kind = PARAMETER_BOOLEAN, .fallback = "false", .help = "blank every stored version as well (scope admin)" },
	{ .name = NULL },
};

static struct writing writing_of(const struct request *request)
{
	return (struct writing){ .by = request->caller.name, .arena = request->arena };
}

/* --- answers --- */

void write_answer_headers(const struct request *request, struct response *response, int64_t id)
{
	precondition_name(request, response, response->rev);
	if (response->status == 201)
		response_header(response, "Location", "%c/v1/articles/%" PRId64, CONTROL_BASE_URL, id);
}

/* What is left to say to a key that may write and not read drafts: where the article stands. */
static bool write_standing(struct request *request, const struct article_row *row, struct text *json, struct error *err)
{
	text_printf(json, "{\"id\":%" PRId64 ",\"slug\":\"%s\",\"rev\":%" PRId64 ",\"status\":\"%s\"", row->id, row->slug, row->rev,
	    article_status_names[row->status]);
	if (row->status == ARTICLE_WITHDRAWN) {
		struct text members = TEXT_EMPTY;
		const bool fine = store_removal(store_of(request), row->id, request->arena, &members, err);

		if (members.length > 0)
			text_printf(json, ",%s", members.bytes);
		text_done(&members);
		if (!fine)
			return false;
	}
	text_char(json, '}');
	return true;
}

/* is_own: all that is in it is what the caller has just sent. */
static bool answer_with_article(struct request *request, struct response *response, unsigned status, int64_t id, bool is_own, struct error *err)
{
	struct article_row row;
	char ref[24];

	snprintf(ref, sizeof ref, "%" PRId64, id);
	if (!store_article_find(store_of(request), ref, request->arena, &row, err))
		return false;
	response->status = status;
	response->caching = CACHING_NONE;
	response->rev = row.rev;
	text_string(&response->body, "{\"data\":");
	if (is_own || row.status == ARTICLE_PUBLISHED || request_has_scope(request, SCOPE_READ_DRAFTS)
	        ? !store_whole_document(store_of(request), id, &response->body, err)
	        : !write_standing(request, &row, &response->body, err))
		return false;
	text_char(&response->body, '}');
	write_answer_headers(request, response, id);
	return true;
}

/* --- what the body says --- */

static bool article_from_body(struct request *request, struct article *ret_article, struct error *err)
{
	json_t *object = NULL;
	const bool fine = body_json(request, &object, err) && article_decode(object, DECODE_WRITE, request->arena, ret_article, err);

	json_decref(object);
	return fine;
}

static bool patched(struct request *request, const struct article *known, struct article *ret_article, struct error *err)
{
	json_t *patch = NULL;
	bool fine;

	/* What stands is read anew with the patch in it, sanitised and all. */
	if (known->body_html != NULL && strlen(known->body_html) > BODY_HERE_MOST && !request_may_take_long(request))
		return false;
	fine = body_json(request, &patch, err) && article_merge_patch(known, patch, request->arena, ret_article, err);
	json_decref(patch);
	return fine;
}

/* --- new --- */

struct creating {
	struct request *request;
	struct response *response;
	const struct article *article;
};

static enum publish_conflict conflict_of(const struct request *request)
{
	const char *name = request_canonical(request, "on_conflict");
	enum publish_conflict conflict = CONFLICT_FAIL;

	while (name != NULL && strcmp(publish_conflict_names[conflict], name) != 0)
		conflict++;
	return conflict;
}

/* The article and the reply that is kept for those who ask again: both or neither. */
static bool create(struct publisher *publisher, void *arg, struct error *err)
{
	const struct creating *creating = arg;
	const struct writing writing = writing_of(creating->request);
	struct publish_result result;

	return publish_create(publisher, &writing, creating->article, conflict_of(creating->request), &result, err) &&
	    answer_with_article(creating->request, creating->response, result.outcome == PUBLISH_CREATED ? 201 : 200, result.id,
	        /* is_own= */ result.outcome == PUBLISH_CREATED, err) &&
	    idempotency_keep(creating->request, creating->response, result.id, err);
}

/* POST /v1/articles: 201, or 200 for a known one with on_conflict=skip or update; 409 for a known one, 422 with all that is wrong, and for an
 * Idempotency-Key that was used for something else. */
bool article_create(struct request *request, struct response *response, struct error *err)
{
	struct creating creating = { .request = request, .response = response };
	struct article *article = request->prepared;

	if (article == NULL) {
		if (request->body.length > BODY_HERE_MOST && !request_may_take_long(request))
			return false;
		article = arena_alloc(request->arena, sizeof *article);
		if (!idempotency_key_is_fine(request, err) || !article_from_body(request, article, err))
			return false;
	}
	if (!request_may_write(request, article))
		return false;
	creating.article = article;
	return idempotency_answers(request, response, err) ||
	    (err->code == ERROR_NONE && publish_together(&context_of(request)->publisher, create, &creating, err));
}

/* --- over what stands --- */

static bool find_for_writing(struct request *request, bool is_required, struct article_row *ret_row, struct error *err)
{
	return store_article_find(store_of(request), request_path_value(request, "ref"), request->arena, ret_row, err) &&
	    precondition_holds(request, /* exists= */ true, ret_row->rev, is_required, err);
}

/* How the request comes to a whole article, given the one that stands. */
typedef bool article_maker(struct request *request, const struct article *known, struct article *ret_article, struct error *err);

static bool make_order(struct request *request, article_maker *make, struct article_order **ret_order, struct error *err)
{
	struct article_order *order = arena_alloc(request->arena, sizeof *order);
	struct article_row row;
	struct article known;

	if (!find_for_writing(request, /* is_required= */ true, &row, err) || !store_article_load(store_of(request), row.id, request->arena, &known, err) ||
	    !make(request, &known, &order->article, err))
		return false;
	order->id = row.id;
	order->rev = known.rev;
	*ret_order = order;
	return true;
}

/* On the writer's thread: what was made from a version that no longer stands is made anew, if the precondition still holds. */
static bool is_current(struct request *request, article_maker *make, struct article_order **order, struct error *err)
{
	struct article_row row;

	if (!find_for_writing(request, /* is_required= */ true, &row, err))
		return false;
	return row.rev == (*order)->rev || make_order(request, make, order, err);
}

static bool write_over(struct request *request, struct response *response, article_maker *make, struct error *err)
{
	const struct writing writing = writing_of(request);
	struct article_order *order = request->prepared;
	struct publish_result result;

	if (order == NULL) {
		if (request->body.length > BODY_HERE_MOST && !request_may_take_long(request))
			return false;
		if (!make_order(request, make, &order, err))
			return false;
	}
	if (!request_may_write(request, order))
		return false;
	return is_current(request, make, &order, err) &&
	    publish_replace(&context_of(request)->publisher, &writing, order->id, order->rev, &order->article, &result, err) &&
	    answer_with_article(request, response, 200, result.id, /* is_own= */ false, err);
}

static bool replaced(struct request *request, const struct article *known, struct article *ret_article, struct error *err)
{
	(void)known;
	return article_from_body(request, ret_article, err);
}

/* PUT /v1/articles/{ref}: 200 with the article; 428 without If-Match, 412 when it is stale, 422 with all that is wrong. */
bool article_replace(struct request *request, struct response *response, struct error *err)
{
	return write_over(request, response, replaced, err);
}

/* PATCH /v1/articles/{ref}: the same by JSON merge patch (RFC 7396). */
bool article_patch(struct request *request, struct response *response, struct error *err)
{
	return write_over(request, response, patched, err);
}

/* What an earlier version said, where the article is now: address, status and times stay as they are, and so does what readers have been told of its
 * mistakes. */
static bool restored(struct request *request, const struct article *known, struct article *ret_article, struct error *err)
{
	struct article article;
	int64_t rev;

	if (!path_number(request, "rev", "version", &rev, err) || !store_version_load(store_of(request), known->id, rev, request->arena, &article, err))
		return false;
	article.status = known->status;
	article.slug = known->slug;
	article.published_at = known->published_at;
	article.publish_at = known->publish_at;
	article.expire_at = known->expire_at;
	article.corrections = known->corrections;
	*ret_article = article;
	return true;
}

/* POST /v1/articles/{ref}/revisions/{rev}/restore: 200 with the article, at a version of its own; 404 without such a version. */
bool article_restore(struct request *request, struct response *response, struct error *err)
{
	return write_over(request, response, restored, err);
}

/* --- away --- */

static bool read_withdrawal(struct request *request, struct withdrawal *ret_withdrawal, struct error *err)
{
	const struct form_field fields[] = {
		{ "reason", FORM_LINE, 0, 300, false, &ret_withdrawal->reason },
		{ "replaced_by", FORM_INTEGER, 1, INT64_MAX, false, &ret_withdrawal->replaced_by },
	};

	*ret_withdrawal = (struct withdrawal){ .erases = request_boolean(request, "erase", false) };
	if (ret_withdrawal->erases && !request_has_scope(request, SCOPE_ADMIN))
		return error_set(err, ERROR_FORBIDDEN, "Erasing an article needs a key with the scope \"admin\"");
	return body_form(request, fields, sizeof fields / sizeof fields[0], err);
}

/* DELETE /v1/articles/{ref}: 200 with the tombstone. If-Match is looked at where it is sent. */
bool article_withdraw(struct request *request, struct response *response, struct error *err)
{
	const struct writing writing = writing_of(request);
	struct withdrawal *withdrawal = request->prepared;
	struct publish_result result;
	struct article_row row;

	if (withdrawal == NULL) {
		withdrawal = arena_alloc(request->arena, sizeof *withdrawal);
		if (!read_withdrawal(request, withdrawal, err))
			return false;
	}
	if (!request_may_write(request, withdrawal))
		return false;
	return find_for_writing(request, /* is_required= */ false, &row, err) &&
	    publish_withdraw(&context_of(request)->publisher, &writing, row.id, row.rev, withdrawal, &result, err) &&
	    answer_with_article(request, response, 200, result.id, /* is_own= */ false, err);
}
