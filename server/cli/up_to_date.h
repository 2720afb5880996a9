/* SPDX-License-Identifier: MIT */
/* Brings a database that was opened for writing up to what this program needs: its schema, and what is made from the words of articles. */
#ifndef BROADSHEET_UP_TO_DATE_H
#define BROADSHEET_UP_TO_DATE_H

#include "store.h"

/* `each` (may be NULL) is told of each migration. Writes how far it is on a terminal while indexes are made anew: minutes, for a million articles. */
bool bring_up_to_date(struct store *store, void (*each)(void *arg, const char *name), void *arg, struct error *err);
/* Makes the indexes anew whether that is due or not. */
bool rebuild_indexes(struct store *store, struct error *err);

#endif
