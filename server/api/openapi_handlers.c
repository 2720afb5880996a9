/* SPDX-License-Identifier: MIT */
/*
 * /openapi.json: what this site offers, for programs, printed from the tables.
 *
 * It changes only with the program and some settings, so it stands on nothing else and is kept once made. A setting that is printed here has to be among
 * those that validators are made from: salt_of() in server/cli/server.c names each. To make it takes some milliseconds, which a reader thread has.
 */
#include "documentation.h"

#include <stdlib.h>

/* GET /openapi.json. 200. */
bool openapi_get(struct request *request, struct response *response, struct error *err)
{
	json_t *document;
	char *dumped;

	if (!request_may_take_long(request))
		return false;
	document = openapi_document(request->service, site_name_of(site_of(request)));
	dumped = json_dumps(document, JSON_COMPACT);
	json_decref(document);
	if (dumped == NULL)
		return error_set(err, ERROR_INTERNAL, "out of memory");
	text_string(&response->body, dumped);
	text_char(&response->body, '\n');
	free(dumped);
	basis_digest(request->basis, scope_key("program", "openapi"), 1);
	return true;
}
