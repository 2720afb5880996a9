/* SPDX-License-Identifier: MIT */
/*
 * The table that says what an article is.
 *
 * One row a field, in the order in which fields are written out. Decoding walks the rows to read strangers' JSON, encoding walks
 * them to write ours, and both go by `kind`; the views say which answers show a field. A new field is a row here and a member of
 * struct article.
 *
 * What list items hold comes first, then the body, then the rest of the detail, then what only the newsroom sees.
 */
#include "article.h"

#include <string.h>

#define LISTED (VIEW_ITEM | VIEW_DETAIL | VIEW_EXPORT)
#define SHOWN (VIEW_DETAIL | VIEW_EXPORT)
#define KEPT (VIEW_PRIVATE | VIEW_EXPORT)
#define AT(member) offsetof(struct article, member)

const char *const article_status_names[] = { "draft", "scheduled", "published", "withdrawn", NULL };
const char *const tag_type_names[] = { "topic", "person", "organisation", "place", "event", NULL };

/* clang-format off */
const struct article_field article_fields[] = {
	/* name              kind               offset               longest  required computed import views   help */
	{ "id",              FIELD_ID,          AT(id),                    0, false, true,  true,  LISTED, "Number of the article, never reused" },
	{ "slug",            FIELD_SLUG,        AT(slug),   SLUG_LONGEST + 8, false, false, false, LISTED, "Last part of its address, made from the title once" },
	{ "url",             FIELD_ADDRESS,     AT(slug),                  0, false, true,  false, VIEW_ITEM | VIEW_DETAIL, "Where people read it" },
	{ "title",           FIELD_LINE,        AT(title),               500, true,  false, false, LISTED, "Headline" },
	{ "summary",         FIELD_LINE,        AT(summary),            2000, false, false, false, LISTED, "Standfirst; taken from the body when missing" },
	{ "source",          FIELD_TERM,        AT(source),              200, true,  false, false, LISTED, "Agency or paper that it comes from" },
	{ "byline",          FIELD_LINE,        AT(byline),              300, false, false, false, LISTED, "As printed" },
	{ "authors",         FIELD_TERMS,       AT(authors),              20, false, false, false, LISTED, "Who wrote it; never derived from the byline" },
	{ "dateline",        FIELD_LINE,        AT(dateline),            200, false, false, false, LISTED, "Place that opens the first paragraph" },
	{ "section",         FIELD_TERM,        AT(section),             200, false, false, false, LISTED, "Part of the paper; a published article has one" },
	{ "tags",            FIELD_TAGS,        AT(tags),                 50, false, false, false, LISTED, "What it is about, each with a type" },
	{ "image",           FIELD_IMAGE,       AT(image),                 0, false, false, false, LISTED, "Lead picture" },
	{ "lang",            FIELD_LANG,        AT(lang),                 35, false, false, false, LISTED, "Language (BCP 47)" },
	{ "featured",        FIELD_BOOLEAN,     AT(featured),              0, false, false, false, LISTED, "Chosen by the editors" },
	{ "published_at",    FIELD_TIME,        AT(published_at),          0, false, false, false, LISTED, "When readers first got it" },
	{ "updated_at",      FIELD_TIME,        AT(updated_at),            0, false, true,  true,  LISTED, "When it last changed" },
	{ "corrected_at",    FIELD_TIME,        AT(corrected_at),          0, false, true,  false, LISTED, "When it was last corrected" },
	{ "word_count",      FIELD_NUMBER,      AT(word_count),            0, false, true,  false, LISTED, "Words of the body" },
	{ "reading_minutes", FIELD_NUMBER,      AT(reading_minutes),       0, false, true,  false, LISTED, "Minutes to read it" },
	{ "rev",             FIELD_ID,          AT(rev),                   0, false, true,  true,  LISTED, "Number of this version" },
	{ "body_html",       FIELD_HTML,        AT(body_html),       1 << 20, false, false, false, SHOWN,  "Text as safe HTML" },
	{ "body_text",       FIELD_TEXT,        AT(body_text),       1 << 20, false, false, false, SHOWN,  "Text as paragraphs parted by a blank line" },
	{ "corrections",     FIELD_CORRECTIONS, AT(corrections),         100, false, false, false, SHOWN,  "What was corrected, and when" },
	{ "aliases",         FIELD_STRINGS,     AT(aliases),             100, false, true,  true,  SHOWN,  "Former slugs" },
	{ "guid",            FIELD_LINE,        AT(guid),                500, false, false, false, SHOWN,  "Its name at the source" },
	{ "source_url",      FIELD_URL,         AT(source_url),         2000, false, false, false, SHOWN,  "Where the source has it" },
	{ "canonical_url",   FIELD_URL,         AT(canonical_url),      2000, false, false, false, SHOWN,  "The address search engines should keep" },
	{ "rights",          FIELD_RIGHTS,      AT(rights),                0, false, false, false, SHOWN,  "Who owns it and what may be done with it" },
	{ "status",          FIELD_STATUS,      AT(status),                0, false, false, false, KEPT,   "draft, scheduled, published, withdrawn" },
	{ "was_public",      FIELD_SEEN,        AT(was_public),            0, false, true,  true,  VIEW_EXPORT, "Readers have seen it; said where status and times do not" },
	{ "publish_at",      FIELD_TIME,        AT(publish_at),            0, false, false, false, KEPT,   "When a scheduled one comes out" },
	{ "expire_at",       FIELD_TIME,        AT(expire_at),             0, false, false, false, KEPT,   "When it is withdrawn by itself" },
	{ "related_ids",     FIELD_IDS,         AT(related_ids),          50, false, false, false, KEPT,   "Articles that editors set beside it" },
	{ "removed_at",      FIELD_TIME,        AT(removed_at),            0, false, true,  true,  KEPT,   "When it was withdrawn" },
	{ "reason",          FIELD_LINE,        AT(removal_reason),      300, false, true,  true,  KEPT,   "Why it was withdrawn" },
	{ "replaced_by",     FIELD_ID,          AT(replaced_by),           0, false, true,  true,  KEPT,   "The article that stands in its place" },
	{ "erased",          FIELD_MARK,        AT(erased),                0, false, true,  true,  KEPT,   "Its text is kept nowhere" },
	{ NULL, 0, 0, 0, false, false, false, 0, NULL },
};
/* clang-format on */

const struct article_field *article_field(const char *name)
{
	for (const struct article_field *field = article_fields; field->name != NULL; field++)
		if (strcmp(field->name, name) == 0)
			return field;
	return NULL;
}
