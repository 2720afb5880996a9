/* SPDX-License-Identifier: MIT */
/* Keys are made as `broadsheet key add` makes them beside a running server. */
#include "keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

void test_key(struct test_server *server, const char *name, const char *scopes, const char *expires, char ret_key[KEY_LENGTH + 1])
{
	struct text body = TEXT_EMPTY;
	struct reply reply;
	const char *key;

	text_printf(&body, "{'name':'%s','scopes':[%s]%s%s%s}", name, scopes, expires != NULL ? ",'expires_at':'" : "", expires != NULL ? expires : "", expires != NULL ? "'" : "");
	text_fill(&body, '\'', "\"");
	client_ask(server->writer, "POST", "/v1/keys", "Content-Type: application/json", body.bytes, &reply);
	key = reply_string(&reply, "data.key");
	if (reply.status != 201 || key == NULL || strlen(key) != KEY_LENGTH)
		fail_msg("the key was not made: %ld %s", reply.status, reply.body.length > 0 ? reply.body.bytes : "");
	memcpy(ret_key, key, KEY_LENGTH + 1);
	reply_done(&reply);
	text_done(&body);
}
