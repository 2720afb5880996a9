/* SPDX-License-Identifier: MIT */
/*
 * What a request says in JSON.
 *
 * The table of routes bounds a body's length and names its type; json_parse() bounds its depth and number of values.
 */
#include "api_internal.h"

bool body_json(struct request *request, json_t **ret_value, struct error *err)
{
	return json_parse(request->body.bytes, request->body.length, ret_value, err);
}

bool body_form(struct request *request, const struct form_field *fields, size_t n, struct error *err)
{
	json_t *object = NULL;
	bool fine;

	if (request->body.length == 0)
		object = json_object();
	fine = (object != NULL || body_json(request, &object, err)) && form_read(object, fields, n, request->arena, err);
	json_decref(object);
	return fine;
}
