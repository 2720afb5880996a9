/* SPDX-License-Identifier: MIT */
/*
 * /v1/collections: lists in the editors' own order. `front-page` and `editors-picks` are those that the website shows.
 *
 * Readers get the published members, and know of a collection while it has one; the newsroom (read_drafts) gets all of them, each with its
 * status. A readers' answer stands on the collection alone: the store raises its generation with each member's. An answer to a key is
 * not kept and stands on nothing: its ETag comes from its bytes.
 *
 * A list holds 200 articles at most, and there are 200 lists at most, so that no answer has to go on on a next page.
 */
#include "api_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { COLLECTIONS_MOST = 200, LIMIT_USUAL = 20, TITLE_MOST = 200 };

static const char *const include_choices[] = { "body", NULL };

/* clang-format off */
const struct parameter collection_list_parameters[] = {
	{ .name = "min_seq", .kind = PARAMETER_INTEGER, .most = INT64_MAX, .help = "Wait up to 2 s until this seq has been applied" },
	{ .name = NULL },
};

const struct parameter collection_get_parameters[] = {
	{ .name = "limit", .kind = PARAMETER_INTEGER, .least = 1, .most = COLLECTION_MOST, .fallback = "20", .help = "The first so many articles" },
	FIELDS_PARAMETER,
	{ .name = "include", .kind = PARAMETER_CHOICES, .choices = include_choices, .help = "body: body_html and body_text too" },
	{ .name = "min_seq", .kind = PARAMETER_INTEGER, .most = INT64_MAX, .help = "Wait up to 2 s until this seq has been applied" },
	{ .name = NULL },
};
/* clang-format on */

/* --- writing it out --- */

static void write_name(const struct collection_row *row, int64_t rev, struct text *json)
{
	text_printf(json, "\"name\":\"%s\"", row->name);
	if (row->title != NULL) {
		text_string(json, ",\"title\":");
		text_json(json, row->title, strlen(row->title));
	}
	text_printf(json, ",\"rev\":%" PRId64, rev);
}

struct members {
	const struct field_selection *selection;
	struct text *data;
	struct text keys;             /* "collection-front-page article-12 article-7" */
	bool with_status;
	size_t n;
};

static bool write_member(void *arg, int64_t id, const char *status, const char *json, size_t length, struct error *err)
{
	struct members *members = arg;

	if (members->n++ > 0)
		text_char(members->data, ',');
	if (!fields_pick(json, length, members->selection, members->data, err))
		return false;
	if (members->with_status) {
		members->data->bytes[--members->data->length] = '\0';
		text_printf(members->data, "%s\"status\":\"%s\"}", members->data->bytes[members->data->length - 1] == '{' ? "" : ",", status);
	}
	text_printf(&members->keys, " article-%" PRId64, id);
	return true;
}

static bool write_collection(struct request *request, struct response *response, const struct collection_row *row, bool with_hidden, size_t limit,
    const struct field_selection *selection, struct error *err)
{
	const struct collection_query query = {
		.collection_id = row->id,
		.limit = limit,
		.with_hidden = with_hidden,
		.with_documents = !selection->all && !selection->in_item,
	};
	struct text data = TEXT_EMPTY, meta = TEXT_EMPTY;
	struct members members = { .selection = selection, .data = &data, .keys = TEXT_EMPTY, .with_status = with_hidden };
	bool fine;

	text_printf(&members.keys, "collection-%s", row->name);
	fine = store_collection_items(store_of(request), &query, write_member, &members, err);
	if (fine && members.n == 0 && !with_hidden)
		fine = error_set(err, ERROR_NOT_FOUND, "there is no collection %.100s", row->name);
	if (fine) {
		write_name(row, with_hidden ? row->rev : row->public_rev, &meta);
		list_answer(request, response, &data, &meta, NULL, NULL);
		surrogate_keys_of_names(response, members.keys.bytes);
	}
	text_done(&members.keys);
	text_done(&data);
	text_done(&meta);
	return fine;
}

/* --- reading --- */

/* GET /v1/collections/{name}. 200 with the articles in order; 404 while it has none that readers may see. */
bool collection_get(struct request *request, struct response *response, struct error *err)
{
	const bool with_hidden = request_has_scope(request, SCOPE_READ_DRAFTS);
	const char *name = request_path_value(request, "name");
	struct field_selection selection;
	struct collection_row row;

	if (!fields_from_request(request, VIEW_ITEM, &selection, err) || !store_collection(store_of(request), name, request->arena, &row, err))
		return false;
	if (!with_hidden)
		basis_one(request->basis, scope_key("collection", name), row.seq);
	if (row.is_removed)
		return error_set(err, ERROR_NOT_FOUND, "there is no collection %.100s", name);
	response->rev = with_hidden ? row.rev : row.public_rev;
	return write_collection(request, response, &row, with_hidden, (size_t)request_integer(request, "limit", LIMIT_USUAL), &selection, err);
}

static bool write_row(struct request *request, const struct collection_row *row, bool with_hidden, struct text *data, struct error *err)
{
	int64_t n_all, n_public;

	if (!store_collection_count(store_of(request), row->id, &n_all, &n_public, err))
		return false;
	if (n_public == 0 && !with_hidden)
		return true;
	text_string(data, data->length > 0 ? ",{" : "{");
	write_name(row, with_hidden ? row->rev : row->public_rev, data);
	text_printf(data, ",\"count\":%" PRId64 ",\"url\":\"%c/v1/collections/%s\"}", with_hidden ? n_all : n_public, CONTROL_BASE_URL, row->name);
	return true;
}

/* GET /v1/collections. 200 with all that readers know of, by name; with read_drafts all. */
bool collection_list(struct request *request, struct response *response, struct error *err)
{
	const bool with_hidden = request_has_scope(request, SCOPE_READ_DRAFTS);
	struct text data = TEXT_EMPTY, meta = TEXT_EMPTY;
	struct collection_row row = { .name = "" };
	bool fine = true;

	while (fine && store_collection_next(store_of(request), row.name, request->arena, &row, err))
		fine = write_row(request, &row, with_hidden, &data, err);
	fine = fine && err->code == ERROR_NONE;
	if (fine && !with_hidden)
		basis_of_all(request);
	if (fine)
		list_answer(request, response, &data, &meta, NULL, NULL);
	text_done(&data);
	return fine;
}

/* --- writing --- */

struct change {
	struct request *request;
	const char *name, *title;
	struct id_list ids;
	bool is_removal, is_new;
	struct collection_row row;    /* as it was, then as it is */
};

static bool stands_before(const struct id_list *ids, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (ids->items[i] == ids->items[index])
			return true;
	return false;
}

/* Each must be an article, whatever its status, and stand once. What is wrong is added to *wrong; false: it could not be found out. */
static bool check_ids(struct store *store, const struct change *change, struct error *wrong, struct error *err)
{
	for (size_t i = 0; i < change->ids.n; i++) {
		const char *id = arena_printf(change->request->arena, "%" PRId64, change->ids.items[i]);
		const char *pointer = arena_printf(change->request->arena, "/ids/%zu", i);
		struct article_row row;

		if (stands_before(&change->ids, i))
			error_add_pointer(wrong, pointer, "repeated", NULL, "article %s stands further up already", id);
		else if (!store_article_find(store, id, change->request->arena, &row, err)) {
			if (err->code != ERROR_NOT_FOUND)
				return false;
			error_add_pointer(wrong, pointer, "unknown", NULL, "there is no article %s", id);
		}
	}
	return true;
}

static bool ids_are_fine(struct store *store, const struct change *change, struct error *err)
{
	struct error wrong;

	error_set(&wrong, ERROR_FIELDS, "some fields are not right");
	if (!check_ids(store, change, &wrong, err))
		return false;
	if (wrong.n_issues > 0)
		*err = wrong;
	return wrong.n_issues == 0;
}

static bool there_is_room(struct store *store, struct arena *arena, struct error *err)
{
	struct collection_row row = { .name = "" };
	size_t n = 0;

	while (store_collection_next(store, row.name, arena, &row, err))
		n++;
	if (err->code != ERROR_NONE)
		return false;
	return n < COLLECTIONS_MOST || error_set(err, ERROR_CONFLICT, "there are %d collections already, which is as many as there may be", COLLECTIONS_MOST);
}

static const char *document_of(const struct change *change)
{
	json_t *ids = json_array(), *doc;
	char *dumped;
	const char *json;

	for (size_t i = 0; i < change->ids.n; i++)
		json_array_append_new(ids, json_integer(change->ids.items[i]));
	doc = json_pack("{s:s, s:s*, s:o}", "name", change->name, "title", change->title, "ids", ids);
	dumped = json_dumps(doc, JSON_COMPACT);
	json = arena_string(change->request->arena, dumped);
	free(dumped);
	json_decref(doc);
	return json;
}

static bool make_change(struct publisher *publisher, void *arg, struct error *err)
{
	struct change *change = arg;
	struct arena *arena = change->request->arena;
	struct record record = { .kind = "collection", .is_removed = change->is_removal, .json = document_of(change) };

	if (!store_collection(publisher->store, change->name, arena, &change->row, err))
		return false;
	change->is_new = change->row.is_removed;
	if (change->is_new && change->is_removal)
		return error_set(err, ERROR_NOT_FOUND, "there is no collection %.100s", change->name);
	if (!precondition_holds(change->request, !change->is_new, change->is_new ? 0 : change->row.rev, /* is_required= */ true, err) ||
	    !ids_are_fine(publisher->store, change, err) || (change->is_new && !there_is_room(publisher->store, arena, err)))
		return false;
	record.ref = change->row.id;
	return publish_record(publisher, &record, change->request->caller.name, err) &&
	    store_collection(publisher->store, change->name, arena, &change->row, err);
}

static bool read_change(struct request *request, struct change *change, struct error *err)
{
	struct error ignored ERROR_UNSET;
	const struct form_field fields[] = {
		{ .name = "title", .kind = FORM_LINE, .most = TITLE_MOST, .ret = &change->title },
		{ .name = "ids", .kind = FORM_IDS, .most = COLLECTION_MOST, .required = true, .ret = &change->ids },
	};

	change->request = request;
	change->name = request_path_value(request, "name");
	if (!slug_is_valid(change->name))
		return error_set(err, ERROR_INVALID, "the name of a collection is of a-z, 0-9 and hyphens, and not of digits alone");
	if (change->is_removal || body_form(request, fields, sizeof fields / sizeof fields[0], err))
		return true;
	/* Whoever is refused for the rest hears of the ids as well, as they are now. */
	if (err->code == ERROR_FIELDS)
		check_ids(store_of(request), change, err, &ignored);
	return false;
}

/* Read on the event thread, made on the writer's. The change lies in the arena; NULL with what is wrong, or when the handler is to go there first. */
static struct change *change_made(struct request *request, bool is_removal, struct error *err)
{
	struct change *change = request->prepared;

	if (change == NULL) {
		change = arena_alloc(request->arena, sizeof *change);
		*change = (struct change){ .is_removal = is_removal };
		if (!read_change(request, change, err))
			return NULL;
	}
	if (!request_may_write(request, change) || !publish_together(&context_of(request)->publisher, make_change, change, err))
		return NULL;
	return change;
}

/* PUT /v1/collections/{name}. 200, or 201 for a new one, with all its members; 409, 412, 422 for ids that are none or stand twice, 428. */
bool collection_put(struct request *request, struct response *response, struct error *err)
{
	const struct field_selection all = { .all = true, .in_item = true };
	const struct change *change = change_made(request, /* is_removal= */ false, err);

	if (change == NULL || !write_collection(request, response, &change->row, /* with_hidden= */ true, COLLECTION_MOST, &all, err))
		return false;
	if (change->is_new) {
		response->status = 201;
		response_header(response, "Location", "%c/v1/collections/%s", CONTROL_BASE_URL, change->name);
	}
	precondition_name(request, response, change->row.rev);
	return true;
}

/* DELETE /v1/collections/{name}. 204; 404, 412, 428. */
bool collection_delete(struct request *request, struct response *response, struct error *err)
{
	if (change_made(request, /* is_removal= */ true, err) == NULL)
		return false;
	response->status = 204;
	response->caching = CACHING_NONE;
	return true;
}
