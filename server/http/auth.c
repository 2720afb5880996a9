/* SPDX-License-Identifier: MIT */
/*
 * Who may do what.
 *
 * Reading is open to anyone. A route marked KEY_WRITE is for the control socket, whose file permissions say who may
 * connect, and for holders of a key with the scope `write`. No key can exist yet, so over TCP such a route answers 401,
 * whatever Authorization says (RFC 9110 11.6.1: with a challenge).
 *
 * An Authorization field on a read changes nothing about the answer; but caches on the way must not take an answer to
 * somebody in particular for everybody's, so auth_is_shared() then says no and the reply is private (response.c).
 */
#include "http_internal.h"

bool request_has_scope(const struct request *request, enum scope scope)
{
	return (request->caller.scopes & scope) != 0;
}

bool auth_allows(struct request *request, struct response *response, struct error *err)
{
	if (request->door == DOOR_CONTROL)
		request->caller = (struct caller){ "control", SCOPES_ALL };
	if (request->route == NULL || request->route->who == ANYONE || request_has_scope(request, (enum scope)request->route->who))
		return true;
	response_header(response, "WWW-Authenticate", "Bearer");
	return error_set(err, ERROR_UNAUTHORIZED,
	    "Writing over TCP needs a key with the scope \"write\"; the control socket needs none");
}

bool auth_is_shared(const struct request *request)
{
	return request->door != DOOR_CONTROL && request_header(request, "Authorization") == NULL;
}
