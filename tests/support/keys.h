/* SPDX-License-Identifier: MIT */
/* API keys for tests of a running server. */
#ifndef KEYS_H
#define KEYS_H

#include "api.h"
#include "test_server.h"

/* Makes a key over the control socket. scopes: "'write','admin'"; expires: RFC 3339 or NULL. Fails the test when it is refused. */
void test_key(struct test_server *server, const char *name, const char *scopes, const char *expires, char ret_key[KEY_LENGTH + 1]);

#endif
