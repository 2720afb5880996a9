/* SPDX-License-Identifier: MIT */
/* Signed addresses of previews. */
#ifndef BROADSHEET_PREVIEW_TOKEN_H
#define BROADSHEET_PREVIEW_TOKEN_H

#include <stdint.h>

#include "arena.h"

struct preview {
	int64_t id, rev;              /* rev 0: always the latest version */
	int64_t expires_at;           /* Unix seconds; good before then */
};

enum preview_state { PREVIEW_UNKNOWN, PREVIEW_EXPIRED, PREVIEW_GOOD };

/* `secret`: any string that nobody can guess. In the arena. */
const char *preview_token_write(const struct preview *preview, const char *secret, struct arena *arena);
/* PREVIEW_UNKNOWN for everything that was not written with this secret. Otherwise *ret_preview is what was written. */
enum preview_state preview_token_read(const char *token, const char *secret, int64_t now, struct preview *ret_preview);

#endif
