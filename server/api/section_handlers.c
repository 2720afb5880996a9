/* SPDX-License-Identifier: MIT */
/*
 * PUT /v1/sections/{slug}: what the newsroom says of a section. Reading them is term_handlers.c's.
 *
 * A new name counts at once, and the newest RENAMED_AT_ONCE articles of the section, as many as a page of a list can hold, have it when the
 * answer goes out; the rest follow in the background (rename_job.c). No two sections may have, or have had, one name: whoever wrote it would get
 * the other one.
 */
#include "api_internal.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_MOST = 200, DESCRIPTION_MOST = 2000, POSITION_MOST = 10000, RENAMED_AT_ONCE = 100, SLUG_MOST = 96 };

struct change {
	struct request *request;
	const char *slug, *name, *description;
	int64_t position;             /* 0: none */
	bool is_hidden, is_new;
	struct term_row row;          /* as it was, then as it is */
};

static bool read_change(struct request *request, struct change *change, struct error *err)
{
	const struct form_field fields[] = {
		{ .name = "name", .kind = FORM_LINE, .most = NAME_MOST, .required = true, .ret = &change->name },
		{ .name = "description", .kind = FORM_TEXT, .most = DESCRIPTION_MOST, .ret = &change->description },
		{ .name = "position", .kind = FORM_INTEGER, .least = 1, .most = POSITION_MOST, .ret = &change->position },
		{ .name = "hidden", .kind = FORM_BOOLEAN, .ret = &change->is_hidden },
	};

	if (!slug_is_valid(change->slug) || strlen(change->slug) > SLUG_MOST)
		return error_set(err, ERROR_INVALID, "the slug of a section is of a-z, 0-9 and hyphens, and not of digits alone");
	if (!body_form(request, fields, sizeof fields / sizeof fields[0], err))
		return false;
	if (change->description != NULL && change->description[0] == '\0')
		change->description = NULL;
	return true;
}

/* Another section has the name, or had it. */
static bool name_is_free(struct store *store, const struct change *change, struct error *err)
{
	const char *holder;

	if (!store_section_named(store, change->name, change->request->arena, &holder, err))
		return false;
	if (holder == NULL || strcmp(holder, change->slug) == 0)
		return true;
	error_set(err, ERROR_CONFLICT, "the section %.100s has this name, or had it", holder);
	error_add_pointer(err, "/name", "taken", NULL, "the section %.100s has this name, or had it", holder);
	return false;
}

static const char *document_of(const struct change *change)
{
	json_t *doc = json_pack("{s:s, s:s, s:s*, s:b}", "slug", change->slug, "name", change->name, "description", change->description, "hidden",
	    change->is_hidden);
	const char *json;
	char *dumped;

	if (change->position > 0)
		json_object_set_new(doc, "position", json_integer(change->position));
	dumped = json_dumps(doc, JSON_COMPACT);
	json = arena_string(change->request->arena, dumped);
	free(dumped);
	json_decref(doc);
	return json;
}

static bool find(struct store *store, struct change *change, struct error *err)
{
	change->row = (struct term_row){ .name = "" };
	return store_term_any(store, "section", change->slug, change->request->arena, &change->row, err) || err->code == ERROR_NOT_FOUND;
}

static bool make_change(struct publisher *publisher, void *arg, struct error *err)
{
	struct change *change = arg;
	struct record record = { .kind = "section", .json = document_of(change) };
	bool is_renamed;

	err->code = ERROR_NONE;
	if (!find(publisher->store, change, err))
		return false;
	change->is_new = change->row.id == 0;
	is_renamed = !change->is_new && strcmp(change->row.name, change->name) != 0;
	err->code = ERROR_NONE;
	return precondition_holds(change->request, !change->is_new, change->row.rev, /* is_required= */ change->row.rev > 0, err) && name_is_free(publisher->store, change, err) &&
	    store_section_ref(publisher->store, change->slug, &record.ref, err) &&
	    publish_record(publisher, &record, change->request->caller.name, err) &&
	    (!is_renamed || publish_rename(publisher, change->row.id, RENAMED_AT_ONCE, err)) && find(publisher->store, change, err);
}

/* PUT /v1/sections/{slug}. 200, or 201 for a new one, with the section; 409 for a name that is another's, 412, 422, 428. */
bool section_put(struct request *request, struct response *response, struct error *err)
{
	struct change *change = request->prepared;

	/* Read on the event thread, made on the writer's. */
	if (change == NULL) {
		change = arena_alloc(request->arena, sizeof *change);
		*change = (struct change){ .request = request, .slug = request_path_value(request, "slug") };
		if (!read_change(request, change, err))
			return false;
	}
	if (!request_may_write(request, change) || !publish_together(&context_of(request)->publisher, make_change, change, err))
		return false;
	text_string(&response->body, "{\"data\":");
	term_write(&change->row, &response->body);
	text_string(&response->body, "}\n");
	if (change->is_new) {
		response->status = 201;
		response_header(response, "Location", "%c/v1/sections/%s", CONTROL_BASE_URL, change->slug);
	}
	precondition_name(request, response, change->row.rev);
	return true;
}
