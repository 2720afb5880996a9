/* SPDX-License-Identifier: MIT */
/* What the files of server/publish/ share among themselves. */
#ifndef BROADSHEET_PUBLISH_INTERNAL_H
#define BROADSHEET_PUBLISH_INTERNAL_H

#include "publish.h"

/* --- complete.c --- */

/* A slug that is free (the wished one, or one from the title, perhaps with a number) and the aliases: those of `known` (NULL for a new article) first. */
void complete_slug(struct store *store, struct article *article, const struct article *known, struct arena *arena);
/* What is to come out later is scheduled, what is due is published, what has run out is withdrawn. */
void complete_status(struct article *article, const struct article *known, int64_t now);
/* When a version over `known` says that it was changed: now, or at `wanted` (or TIME_NONE) where that is later; never before what it said already. */
int64_t complete_updated_at(const struct article *known, int64_t wanted, int64_t now);

/* --- publish_group.c --- */

/* Checks the article, whole but for that, and appends it to the log. Only inside publish_together. */
bool publish_append(struct publisher *publisher, const struct article *article, const char *by, int64_t now, struct error *err);

#endif
