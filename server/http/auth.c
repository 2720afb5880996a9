/* SPDX-License-Identifier: MIT */
/*
 * Who may do what.
 *
 * Reading is open to anyone. A route marked with a scope is for the control socket, whose file permissions say who may connect, and at the
 * public door for holders of a key that has the scope, shown as "Authorization: Bearer <key>" (RFC 6750). Keys count at the public door alone.
 *
 * A key that is good for nothing is refused wherever it is shown, also where none is needed: who shows one believes in it. Whether it is
 * garbage, unknown, or has a wrong secret is all the same answer; that a key has expired or was revoked is told only to who has the whole of it. Other schemes
 * mean somebody else, such as a proxy on the way with a password of its own, and are ignored.
 *
 * Caches on the way must not take an answer to somebody in particular for everybody's: whatever comes with an Authorization field is
 * neither answered from kept replies nor kept (auth_is_shared()), and what is answered to a key is private, and not to be stored.
 */
#include "http_internal.h"

#include <string.h>
#include <strings.h>

bool request_has_scope(const struct request *request, enum scope scope)
{
	return (request->caller.scopes & scope) != 0;
}

bool auth_is_shared(const struct request *request)
{
	return request->door != DOOR_CONTROL && request_header(request, "Authorization") == NULL;
}

bool auth_is_for_key(const struct request *request)
{
	return request->caller.kid != NULL;
}

const char *auth_bearer(const char *authorization, size_t *ret_length)
{
	static const char scheme[] = "Bearer";
	const size_t n = sizeof scheme - 1;
	const char *token;

	if (strncasecmp(authorization, scheme, n) != 0 || (authorization[n] != ' ' && authorization[n] != '\0'))
		return NULL;
	token = authorization + n + strspn(authorization + n, " ");
	*ret_length = strlen(token);
	return token;
}

/* --- who is it? --- */

static bool refuse_key(struct exchange *exchange, enum refusal refusal, const char *kid, struct error *err)
{
	access_failed(exchange);
	access_note_refusal(&exchange->request, refusal, kid);
	if (!access_address_enters(exchange, err))
		return false;
	response_header(&exchange->response, "WWW-Authenticate", "Bearer error=\"invalid_token\"");
	if (refusal == REFUSAL_EXPIRED)
		return error_set(err, ERROR_UNAUTHORIZED, "This key has expired");
	if (refusal == REFUSAL_REVOKED)
		return error_set(err, ERROR_UNAUTHORIZED, "This key has been revoked");
	return error_set(err, ERROR_UNAUTHORIZED, "This is not a key that is known here");
}

static bool take_key(struct exchange *exchange, const struct key_shown *shown, struct error *err)
{
	struct request *request = &exchange->request;
	enum key_standing standing = KEY_UNKNOWN;
	struct caller caller = { .name = NULL };

	if (request->service->key_look_up != NULL && !request->service->key_look_up(request, shown, &standing, &caller, err))
		return false;
	switch (standing) {
	case KEY_UNKNOWN:
		return refuse_key(exchange, REFUSAL_UNKNOWN, shown->kid, err);
	case KEY_EXPIRED:
		return refuse_key(exchange, REFUSAL_EXPIRED, shown->kid, err);
	case KEY_REVOKED:
		return refuse_key(exchange, REFUSAL_REVOKED, shown->kid, err);
	case KEY_GOOD:
		break;
	}
	request->caller = caller;
	return access_key_enters(exchange, &exchange->response, err);
}

bool auth_still_stands(struct request *request, struct error *err)
{
	const struct http_service *service = request->service;
	enum key_standing standing = KEY_UNKNOWN;

	if (request->caller.kid == NULL)
		return true;
	if (service->key_standing != NULL && !service->key_standing(request, &standing, err))
		return false;
	if (standing == KEY_GOOD)
		return true;
	access_note_refusal(request, standing == KEY_EXPIRED ? REFUSAL_EXPIRED : REFUSAL_REVOKED, request->caller.kid);
	return error_set(err, ERROR_UNAUTHORIZED, standing == KEY_EXPIRED ? "This key has expired" : "This key has been revoked");
}

bool auth_identify(struct exchange *exchange, struct error *err)
{
	struct request *request = &exchange->request;
	const char *authorization, *token;
	struct key_shown shown;
	size_t length;

	if (request->door == DOOR_CONTROL)
		request->caller = (struct caller){ .name = "control", .scopes = SCOPES_ALL };
	if (request->door != DOOR_PUBLIC)
		return true;
	authorization = request_header(request, "Authorization");
	token = authorization != NULL ? auth_bearer(authorization, &length) : NULL;
	if (token == NULL)
		return true;
	if (!access_may_try(exchange, &exchange->response, err)) {
		access_note_refusal(request, REFUSAL_LIMITED, "-");
		return false;
	}
	if (!key_read(token, length, &shown))
		return refuse_key(exchange, REFUSAL_MALFORMED, "-", err);
	return take_key(exchange, &shown, err);
}

/* --- may they? --- */

static bool refuse_nobody(struct request *request, const char *scope, struct response *response, struct error *err)
{
	const struct http_service *service = request->service;

	access_note_refusal(request, REFUSAL_NO_KEY, "-");
	response_header(response, "WWW-Authenticate", "Bearer");
	if (service->has_keys != NULL && !service->has_keys(request))
		return error_set(err, ERROR_UNAUTHORIZED,
		    "This needs a key with the scope \"%s\", and none has been made yet: \"broadsheet key add --name NAME --scope %s\" makes one", scope, scope);
	return error_set(err, ERROR_UNAUTHORIZED, "This needs a key with the scope \"%s\" (Authorization: Bearer <key>); the control socket needs none", scope);
}

bool auth_allows(struct request *request, struct response *response, struct error *err)
{
	char wanted[SCOPE_NAMES_SIZE], held[SCOPE_NAMES_SIZE];

	if (request->route == NULL || request->route->who == ANYONE || request_has_scope(request, (enum scope)request->route->who))
		return true;
	scope_list((unsigned)request->route->who, wanted);
	if (request->caller.name == NULL)
		return refuse_nobody(request, wanted, response, err);
	access_note_refusal(request, REFUSAL_SCOPE, request->caller.kid != NULL ? request->caller.kid : "-");
	response_header(response, "WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"%s\"", wanted);
	return error_set(err, ERROR_FORBIDDEN, "This needs the scope \"%s\"; the key \"%.100s\" has %s", wanted, request->caller.name,
	    scope_list(request->caller.scopes, held));
}
