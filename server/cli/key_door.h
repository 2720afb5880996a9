/* SPDX-License-Identifier: MIT */
/*
 * What `broadsheet key` asks for, asked of the running server over its control socket, or, when none runs, done in the database.
 */
#ifndef BROADSHEET_KEY_DOOR_H
#define BROADSHEET_KEY_DOOR_H

#include "text.h"

#include "error.h"

struct key_door;

/* Takes the lock beside the database, and creates and migrates a missing one; or finds the server that has the lock. */
struct key_door *key_door_new(const char *database, struct error *err);
void key_door_free(struct key_door *door);    /* takes NULL */

/* Each gives what the API answers: JSON with a member `data`. A refusal is an error with all that is wrong in its detail. */
bool key_door_add(struct key_door *door, const char *wish, struct text *ret_json, struct error *err);
bool key_door_list(struct key_door *door, struct text *ret_json, struct error *err);
bool key_door_revoke(struct key_door *door, const char *name, struct text *ret_json, struct error *err);

#endif
