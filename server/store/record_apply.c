/* SPDX-License-Identifier: MIT */
/*
 * Applies a version of anything: an article by article_apply.c, every other kind by the file that owns its table. The log is one, so
 * that every node knows the same sections, collections, keys and webhooks as it knows the same articles, and in the same order.
 */
#include "webhook_internal.h"

#include <string.h>

/* clang-format off */
static const struct {
	const char *kind;
	bool (*apply)(struct store *store, const struct version *version, struct error *err);
} kinds[] = {
	{ "collection", collection_apply },
	{ "section", section_apply },
	{ "key", key_apply },
	{ "preview-secret", preview_secret_apply },
	{ "webhook", webhook_apply },
	{ NULL, NULL },
};
/* clang-format on */

bool store_apply(struct store *store, const struct version *version, struct error *err)
{
	if (version->article != NULL)
		return article_apply(store, version, err);
	for (size_t i = 0; kinds[i].kind != NULL; i++)
		if (strcmp(kinds[i].kind, version->record.kind) == 0)
			return kinds[i].apply(store, version, err);
	return error_set(err, ERROR_INTERNAL, "the log has a version of a kind that is not known here: %.40s", version->record.kind);
}
