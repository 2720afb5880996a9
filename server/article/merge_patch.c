/* SPDX-License-Identifier: MIT */
/*
 * JSON merge patches (RFC 7396): of any JSON value, and of an article.
 *
 * A patch is merged into the article as it would be written out, and the outcome is read as any writer's article is; so it passes the same checks, and
 * what is taken away is gone. Four things follow from what an article is, and not from the RFC:
 * - of body_html and body_text either gives the other, so a patch of one takes the other away;
 * - a standfirst that was taken from the body follows the body;
 * - a section or a source is one thing, not two members: a patch of its name must not keep the slug of the one that stood there;
 * - who publishes what is scheduled, and says no time, means now.
 */
#include "article.h"

#include <string.h>

json_t *json_merge_patch(json_t *target, json_t *patch)
{
	json_t *merged, *value;
	const char *name;

	if (!json_is_object(patch))
		return json_incref(patch);
	merged = json_is_object(target) ? json_copy(target) : json_object();
	json_object_foreach(patch, name, value) {
		if (json_is_null(value))
			json_object_del(merged, name);
		else
			json_object_set_new(merged, name, json_merge_patch(json_object_get(merged, name), value));
	}
	return merged;
}

static bool is_derived(const char *summary, const struct article *known, struct arena *arena)
{
	struct article plain = *known;

	plain.summary = NULL;
	article_derive(&plain, arena);
	return summary != NULL && plain.summary != NULL && strcmp(summary, plain.summary) == 0;
}

static void drop_body(json_t *target, json_t *patch, const struct article *known, struct arena *arena)
{
	if (json_object_get(patch, "body_html") == NULL && json_object_get(patch, "body_text") == NULL)
		return;
	json_object_del(target, "body_html");
	json_object_del(target, "body_text");
	if (is_derived(known->summary, known, arena))
		json_object_del(target, "summary");
}

static void drop_term(json_t *target, json_t *patch, const char *name)
{
	if (json_is_object(json_object_get(patch, name)))
		json_object_del(target, name);
}

static void drop_plan(json_t *target, json_t *patch, const struct article *known)
{
	const char *status = json_string_value(json_object_get(patch, "status"));

	if (known->status == ARTICLE_SCHEDULED && status != NULL && strcmp(status, article_status_names[ARTICLE_PUBLISHED]) == 0)
		json_object_del(target, "publish_at");
}

bool article_merge_patch(const struct article *known, json_t *patch, struct arena *arena, struct article *ret_article, struct error *err)
{
	struct text base = TEXT_EMPTY;
	json_t *target = NULL, *merged = NULL;
	bool fine;

	if (!json_is_object(patch))
		return error_set(err, ERROR_INVALID, "a merge patch of an article is a JSON object");
	article_encode(known, VIEW_EXPORT, &base);
	fine = json_parse(base.bytes, base.length, &target, err);
	if (fine) {
		drop_body(target, patch, known, arena);
		drop_term(target, patch, "section");
		drop_term(target, patch, "source");
		drop_plan(target, patch, known);
		merged = json_merge_patch(target, patch);
		fine = article_decode(merged, DECODE_WRITE, arena, ret_article, err);
	}
	json_decref(merged);
	json_decref(target);
	text_done(&base);
	return fine;
}
