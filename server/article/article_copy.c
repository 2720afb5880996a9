/* SPDX-License-Identifier: MIT */
/*
 * A whole copy of an article: its strings and lists lie in the arena it is copied into, and nothing of it anywhere else.
 *
 * What has to be copied is found by the field table, as everything else about an article is, so that no second list of members can go
 * stale. Numbers, times and marks come along with the struct.
 */
#include "article.h"

#include <string.h>

static void *items_copy(const void *items, size_t n, size_t size, struct arena *arena)
{
	void *copy;

	if (n == 0)
		return NULL;
	copy = arena_array(arena, n, size);
	memcpy(copy, items, n * size);
	return copy;
}

static void string_copy(const char **string, struct arena *arena)
{
	*string = arena_string(arena, *string);
}

static void term_copy(struct term *term, struct arena *arena)
{
	string_copy(&term->slug, arena);
	string_copy(&term->name, arena);
	string_copy(&term->type, arena);
}

static void terms_copy(struct term_list *terms, struct arena *arena)
{
	terms->items = items_copy(terms->items, terms->n, sizeof *terms->items, arena);
	for (size_t i = 0; i < terms->n; i++)
		term_copy(&terms->items[i], arena);
}

static void strings_copy(struct string_list *strings, struct arena *arena)
{
	strings->items = items_copy(strings->items, strings->n, sizeof *strings->items, arena);
	for (size_t i = 0; i < strings->n; i++)
		string_copy(&strings->items[i], arena);
}

static void image_copy(struct image *image, struct arena *arena)
{
	string_copy(&image->url, arena);
	string_copy(&image->alt, arena);
	string_copy(&image->caption, arena);
	string_copy(&image->credit, arena);
}

static void rights_copy(struct rights *rights, struct arena *arena)
{
	string_copy(&rights->holder, arena);
	string_copy(&rights->notice, arena);
	string_copy(&rights->usage_terms, arena);
}

static void corrections_copy(struct correction_list *corrections, struct arena *arena)
{
	corrections->items = items_copy(corrections->items, corrections->n, sizeof *corrections->items, arena);
	for (size_t i = 0; i < corrections->n; i++) {
		string_copy(&corrections->items[i].kind, arena);
		string_copy(&corrections->items[i].text, arena);
	}
}

/* What the member points to. `member` still holds what the struct was copied from. */
static void member_copy(enum field_kind kind, void *member, struct arena *arena)
{
	struct id_list *ids;

	switch (kind) {
	case FIELD_LINE:
	case FIELD_TEXT:
	case FIELD_HTML:
	case FIELD_SLUG:
	case FIELD_LANG:
	case FIELD_URL:
		string_copy(member, arena);
		break;
	case FIELD_TERM:
		term_copy(member, arena);
		break;
	case FIELD_TERMS:
	case FIELD_TAGS:
		terms_copy(member, arena);
		break;
	case FIELD_STRINGS:
		strings_copy(member, arena);
		break;
	case FIELD_IDS:
		ids = member;
		ids->items = items_copy(ids->items, ids->n, sizeof *ids->items, arena);
		break;
	case FIELD_IMAGE:
		image_copy(member, arena);
		break;
	case FIELD_RIGHTS:
		rights_copy(member, arena);
		break;
	case FIELD_CORRECTIONS:
		corrections_copy(member, arena);
		break;
	case FIELD_ID:
	case FIELD_NUMBER:
	case FIELD_BOOLEAN:
	case FIELD_TIME:
	case FIELD_STATUS:
	case FIELD_SEEN:
	case FIELD_MARK:
	case FIELD_ADDRESS:    /* it is the slug, which has a row of its own */
		break;
	}
}

void article_own_terms(struct article *article, struct arena *arena)
{
	article->authors.items = items_copy(article->authors.items, article->authors.n, sizeof *article->authors.items, arena);
	article->tags.items = items_copy(article->tags.items, article->tags.n, sizeof *article->tags.items, arena);
}

void article_copy(const struct article *article, struct arena *arena, struct article *ret_copy)
{
	struct article copy = *article;

	for (const struct article_field *field = article_fields; field->name != NULL; field++)
		member_copy(field->kind, (char *)&copy + field->offset, arena);
	copy.words = NULL;
	*ret_copy = copy;
}
