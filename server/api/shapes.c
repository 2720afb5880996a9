/* SPDX-License-Identifier: MIT */
/*
 * What the objects look like that go in and out, for the schemas of /openapi.json.
 *
 * What is an article is said by article_fields[]; a shape with `views` begins with the fields that show there. Everything else is written by hand
 * somewhere in the handlers, and stands here a second time: tests/clients/openapi.test.js holds the answers that it gets against their shapes and lets no
 * member pass that is not in them, and sends each member of each body. A member that no answer of the test has could stand here and not be true; of the
 * formats of others there is an outline only.
 */
#include "documentation.h"

#define END { .name = NULL }

static const char *const correction_kinds[] = { "correction", "clarification", "update", NULL };
static const char *const revision_kinds[] = { "published", "edited", "correction", "clarification", "update", NULL };
static const char *const outcomes[] = { "created", "updated", "unchanged", NULL };
static const char *const events[] = { "publish", "update", "correct", "withdraw", NULL };
static const char *const delivered_events[] = { "publish", "update", "correct", "withdraw", "ping", NULL };
static const char *const shown_events[] = { "publish", "update", "correct", NULL }, *const removal_events[] = { "withdraw", NULL }, *const ping_events[] = { "ping", NULL };
static const char *const ninjs_text[] = { "text", NULL }, *const ninjs_composite[] = { "composite", NULL };
static const char *const schema_org[] = { "https://schema.org", NULL }, *const news_article[] = { "NewsArticle", NULL };
static const char *const origins[] = { "editorial", "computed", NULL };
static const char *const reason_types[] = { "tag", "section", "source", "text", NULL };
static const char *const facets[] = { "section", "tag", "source", "author", "year", NULL };
static const char *const operations[] = { "equal", "insert", "delete", NULL };
static const char *const suggested[] = { "section", "tag", "source", "author", "article", NULL };
static const char *const scopes[] = { "read_drafts", "write", "admin", NULL };

/* clang-format off */

/* --- parts of an article --- */

static const struct shape_member term_reference[] = {
	{ "slug", SHAPE_STRING, true, .help = "Name in addresses and filters" },
	{ "name", SHAPE_STRING, true, .help = "As people read it" }, END };
static const struct shape_member tag_reference[] = {
	{ "slug", SHAPE_STRING, true, .help = "Name in addresses and filters" },
	{ "name", SHAPE_STRING, true, .help = "As people read it" },
	{ "type", SHAPE_CHOICE, true, .choices = tag_type_names, .help = "What kind of thing it names" }, END };
static const struct shape_member stored_term[] = {
	{ "slug", SHAPE_STRING, .help = "Missing in the version that used the term first" },
	{ "name", SHAPE_STRING, true, .help = "As people read it" },
	{ "type", SHAPE_CHOICE, .choices = tag_type_names, .help = "Of tags" }, END };
static const struct shape_member term_wish[] = {
	{ "name", SHAPE_STRING, true, .help = "As people read it; a term is known by it, whatever its case" },
	{ "slug", SHAPE_STRING, .help = "Wanted for a new term; made from the name otherwise" },
	{ "count", SHAPE_INTEGER, .help = "As lists of terms have it", .read_only = true },
	{ "newest_at", SHAPE_TIME, .help = "As lists of terms have it", .read_only = true },
	{ "description", SHAPE_STRING, .help = "As lists of sections have it", .read_only = true },
	{ "position", SHAPE_INTEGER, .help = "As lists of sections have it", .read_only = true },
	{ "hidden", SHAPE_BOOLEAN, .help = "As lists of sections have it", .read_only = true },
	{ "rev", SHAPE_INTEGER, .help = "As lists of sections have it", .read_only = true }, END };
static const struct shape_member tag_wish[] = {
	{ "name", SHAPE_STRING, true, .help = "As people read it; a tag is known by it, whatever its case" },
	{ "slug", SHAPE_STRING, .help = "Wanted for a new tag; made from the name otherwise" },
	{ "type", SHAPE_CHOICE, .choices = tag_type_names, .help = "What kind of thing it names" },
	{ "count", SHAPE_INTEGER, .help = "As lists of tags have it", .read_only = true },
	{ "newest_at", SHAPE_TIME, .help = "As lists of tags have it", .read_only = true }, END };
static const struct shape_member image[] = {
	{ "url", SHAPE_URL, true, .help = "Where it is" },
	{ "width", SHAPE_INTEGER, .help = "Pixels" },
	{ "height", SHAPE_INTEGER, .help = "Pixels" },
	{ "alt", SHAPE_STRING, .help = "For those who do not see it" },
	{ "caption", SHAPE_STRING, .help = "Below it" },
	{ "credit", SHAPE_STRING, .help = "Who took it" }, END };
static const struct shape_member rights[] = {
	{ "holder", SHAPE_STRING, .help = "Who owns it" },
	{ "notice", SHAPE_STRING, .help = "To be printed with it" },
	{ "usage_terms", SHAPE_STRING, .help = "What may be done with it" }, END };
static const struct shape_member correction[] = {
	{ "at", SHAPE_TIME, true, .help = "When" },
	{ "kind", SHAPE_CHOICE, true, .choices = correction_kinds, .help = "How bad it was" },
	{ "text", SHAPE_STRING, true, .help = "What was wrong and is right" }, END };
static const struct shape_member correction_wish[] = {
	{ "at", SHAPE_TIME, .help = "When; now, if missing" },
	{ "kind", SHAPE_CHOICE, .choices = correction_kinds, .help = "How bad it was" },
	{ "text", SHAPE_STRING, true, .help = "What was wrong and is right" }, END };

/* --- articles --- */

static const struct shape_member list_item[] = {
	{ "body_html", SHAPE_STRING, .help = "With include=body" },
	{ "body_text", SHAPE_STRING, .help = "With include=body" },
	{ "highlights", SHAPE_ONE, .of = "Highlights", .help = "With q" }, END };
static const struct shape_member highlights[] = {
	{ "title", SHAPE_STRING, true, .help = "HTML: the title, what was found in <mark>" },
	{ "body", SHAPE_STRING, .help = "HTML: the passage that fits best" }, END };
static const struct shape_member related_item[] = {
	{ "score", SHAPE_NUMBER, true, .help = "How alike, 0 to 1" },
	{ "origin", SHAPE_CHOICE, true, .choices = origins, .help = "Set by an editor, or found" },
	{ "reasons", SHAPE_MANY, true, "Reason", .help = "Why it stands here" }, END };
static const struct shape_member reason[] = {
	{ "type", SHAPE_CHOICE, true, .choices = reason_types, .help = "What they have in common" },
	{ "value", SHAPE_STRING, true, .help = "Its name" }, END };
static const struct shape_member copy[] = {
	{ "id", SHAPE_INTEGER, true, .help = "Number of the article" },
	{ "slug", SHAPE_STRING, true, .help = "Last part of its address" },
	{ "url", SHAPE_URL, true, .help = "Where people read it" },
	{ "title", SHAPE_STRING, true, .help = "Headline" },
	{ "source", SHAPE_ONE, true, "TermReference", .help = "Agency or paper that it comes from" },
	{ "published_at", SHAPE_TIME, true, .help = "When readers first got it" }, END };
static const struct shape_member detail[] = {
	{ "related", SHAPE_MANY, .of = "RelatedItem", .help = "As they stand ready; none with related=0" },
	{ "duplicates", SHAPE_MANY, .of = "Copy", .help = "Copies of the same wire story" }, END };
static const struct shape_member detail_sent_back[] = {
	{ "related", SHAPE_MANY, .of = "RelatedItem", .help = "As it was read", .read_only = true },
	{ "duplicates", SHAPE_MANY, .of = "Copy", .help = "As it was read", .read_only = true }, END };
static const struct shape_member previewed[] = {
	{ "status", SHAPE_CHOICE, true, .choices = article_status_names, .help = "What it is at present" }, END };
static const struct shape_member withdrawal[] = {
	{ "reason", SHAPE_STRING, .help = "Told to readers" },
	{ "replaced_by", SHAPE_INTEGER, .help = "Id of the article that stands in its place" }, END };
static const struct shape_member list_meta[] = {
	{ "count", SHAPE_ONE, .of = "Count", .help = "With count=exact" },
	{ "facets", SHAPE_LISTS_OF, .of = "Facet", .choices = facets, .help = "With facets: how the whole result is spread" },
	{ "facets_exact", SHAPE_BOOLEAN, .help = "Whether the facets count all of it" },
	{ "missing", SHAPE_MANY, .of = "Missing", .help = "With ids: those that readers do not see" },
	{ "ignored", SHAPE_STRINGS, .help = "Words of q that were too many" },
	{ "partial", SHAPE_BOOLEAN, .help = "True: only the newest part was searched, for lack of time" },
	{ "did_you_mean", SHAPE_STRING, .help = "A question that finds something" }, END };
static const struct shape_member count[] = {
	{ "value", SHAPE_INTEGER, true, .help = "How many" },
	{ "exact", SHAPE_BOOLEAN, true, .help = "False: there are more than that" }, END };
static const struct shape_member facet[] = {
	{ "slug", SHAPE_STRING, true, .help = "For the filter" },
	{ "name", SHAPE_STRING, true, .help = "For people" },
	{ "count", SHAPE_INTEGER, true, .help = "Articles in the result" }, END };
static const struct shape_member missing[] = {
	{ "id", SHAPE_INTEGER, true, .help = "As asked for" },
	{ "status", SHAPE_INTEGER, true, .help = "404, or 410 when readers could see it once" }, END };

/* --- versions, previews --- */

static const struct shape_member revision[] = {
	{ "rev", SHAPE_INTEGER, true, .help = "Number of the version" },
	{ "at", SHAPE_TIME, true, .help = "When it was written" },
	{ "kind", SHAPE_CHOICE, true, .choices = revision_kinds, .help = "What it was to readers" },
	{ "corrections", SHAPE_MANY, .of = "Correction", .help = "Those that came with it" }, END };
static const struct shape_member newsroom_revision[] = {
	{ "rev", SHAPE_INTEGER, true, .help = "Number of the version" },
	{ "seq", SHAPE_INTEGER, true, .help = "Its place in the log of all changes" },
	{ "at", SHAPE_TIME, true, .help = "When it was written" },
	{ "by", SHAPE_STRING, true, .help = "Name of the key" },
	{ "status", SHAPE_CHOICE, .choices = article_status_names, .help = "What it was then" },
	{ "title", SHAPE_STRING, .help = "Headline then" },
	{ "changed", SHAPE_STRINGS, .help = "Names of the fields that differ from the version before" },
	{ "article", SHAPE_ONE, .of = "StoredArticle", .help = "All of it, where one version is asked for" }, END };
static const struct shape_member diff[] = {
	{ "rev", SHAPE_INTEGER, true, .help = "Number of the version" },
	{ "against", SHAPE_INTEGER, .help = "Number of the other one" },
	{ "fields", SHAPE_MANY, true, "DiffField", .help = "Those that differ" },
	{ "body", SHAPE_LIST_OF_LISTS, true, "DiffPart", .help = "The text: a list a paragraph" },
	{ "diff_html", SHAPE_STRING, .help = "The same as HTML, with <ins> and <del>" }, END };
static const struct shape_member diff_field[] = {
	{ "field", SHAPE_STRING, true, .help = "Its name" },
	{ "before", SHAPE_ANY, .help = "Missing where there was none" },
	{ "after", SHAPE_ANY, .help = "Missing where there is none" }, END };
static const struct shape_member diff_part[] = {
	{ "operation", SHAPE_CHOICE, true, .choices = operations, .help = "What became of it" },
	{ "text", SHAPE_STRING, true, .help = "Words" }, END };
static const struct shape_member preview[] = {
	{ "url", SHAPE_URL, true, .help = "The page, for people" },
	{ "api_url", SHAPE_URL, true, .help = "The same as JSON" },
	{ "expires_at", SHAPE_TIME, true, .help = "Until when they can be seen" }, END };
static const struct shape_member preview_wish[] = {
	{ "expires_in", SHAPE_INTEGER, .help = "Seconds, up to a week; an hour, if missing" },
	{ "rev", SHAPE_INTEGER, .help = "This version; whatever is latest, if missing" }, END };
static const struct shape_member batch_line[] = {
	{ "line", SHAPE_INTEGER, true, .help = "Number of the line sent, from 1" },
	{ "status", SHAPE_INTEGER, true, .help = "As HTTP has it; 2xx: the article is on disk" },
	{ "id", SHAPE_INTEGER, .help = "Of the article" },
	{ "outcome", SHAPE_CHOICE, .choices = outcomes, .help = "What was done" },
	{ "detail", SHAPE_STRING, .help = "What is wrong with it" }, END };

/* --- terms, collections --- */

static const struct shape_member term[] = {
	{ "slug", SHAPE_STRING, true, .help = "Name in addresses and filters" },
	{ "name", SHAPE_STRING, true, .help = "As people read it" },
	{ "type", SHAPE_CHOICE, .choices = tag_type_names, .help = "Of tags: what kind of thing it names" },
	{ "count", SHAPE_INTEGER, true, .help = "Articles that readers see" },
	{ "newest_at", SHAPE_TIME, .help = "When the newest of them came out" }, END };
static const struct shape_member section[] = {
	{ "slug", SHAPE_STRING, true, .help = "Name in addresses and filters" },
	{ "name", SHAPE_STRING, true, .help = "As people read it" },
	{ "description", SHAPE_STRING, .help = "What it is about" },
	{ "position", SHAPE_INTEGER, .help = "Place in the website's bar; those without one come last" },
	{ "hidden", SHAPE_BOOLEAN, .help = "True: not in the website's bar" },
	{ "count", SHAPE_INTEGER, true, .help = "Articles that readers see" },
	{ "newest_at", SHAPE_TIME, .help = "When the newest of them came out" },
	{ "rev", SHAPE_INTEGER, .help = "Number of its version, once somebody has written it" }, END };
static const struct shape_member section_wish[] = {
	{ "name", SHAPE_STRING, true, .help = "As people read it; another one renames the section" },
	{ "description", SHAPE_STRING, .help = "What it is about" },
	{ "position", SHAPE_INTEGER, .help = "Place in the website's bar, from 1" },
	{ "hidden", SHAPE_BOOLEAN, .help = "Leave it out of the website's bar" }, END };
static const struct shape_member collection[] = {
	{ "name", SHAPE_STRING, true, .help = "Name in its address" },
	{ "title", SHAPE_STRING, .help = "For people" },
	{ "rev", SHAPE_INTEGER, true, .help = "Number of its version" },
	{ "count", SHAPE_INTEGER, true, .help = "Articles in it" },
	{ "url", SHAPE_URL, true, .help = "Where the articles are" }, END };
static const struct shape_member collection_meta[] = {
	{ "name", SHAPE_STRING, true, .help = "Name in its address" },
	{ "title", SHAPE_STRING, .help = "For people" },
	{ "rev", SHAPE_INTEGER, true, .help = "Number of its version" }, END };
static const struct shape_member collection_item[] = {
	{ "body_html", SHAPE_STRING, .help = "With include=body" },
	{ "body_text", SHAPE_STRING, .help = "With include=body" },
	{ "status", SHAPE_CHOICE, .choices = article_status_names, .help = "With a key: what it is at present" }, END };
static const struct shape_member collection_wish[] = {
	{ "title", SHAPE_STRING, .help = "For people" },
	{ "ids", SHAPE_INTEGERS, true, .help = "Articles, in order; those that are not published yet are shown once they are" }, END };
static const struct shape_member suggestion[] = {
	{ "type", SHAPE_CHOICE, true, .choices = suggested, .help = "What it is" },
	{ "slug", SHAPE_STRING, true, .help = "Name in addresses and filters" },
	{ "name", SHAPE_STRING, true, .help = "As people read it" },
	{ "url", SHAPE_URL, true, .help = "Its page" }, END };

/* --- changes --- */

static const char *const change_operations[] = { "upsert", "remove", NULL }, *const removals[] = { "withdrawn", "expired", "unpublished", "left-filter", NULL };

static const struct shape_member change[] = {
	{ "seq", SHAPE_INTEGER, true, .help = "Of the article's latest change" },
	{ "op", SHAPE_CHOICE, true, .choices = change_operations, .help = "Take it, or drop your copy" },
	{ "id", SHAPE_INTEGER, true, .help = "The article" },
	{ "rev", SHAPE_INTEGER, .help = "Its version" },
	{ "published_at", SHAPE_TIME, .help = "When readers first got it" },
	{ "section", SHAPE_STRING, .help = "Slug of its section" },
	{ "reason", SHAPE_CHOICE, .choices = removals, .help = "Why it goes" },
	{ "article", SHAPE_ONE, .of = "ListItem|Article", .help = "With include=article as lists show it, with include=body all of it" }, END };

static const struct shape_member changes_meta[] = {
	{ "next_since", SHAPE_INTEGER, true, .help = "What to ask for next" },
	{ "has_more", SHAPE_BOOLEAN, true, .help = "There are more just now" },
	{ "oldest_since", SHAPE_INTEGER, true, .help = "How far back one may ask" }, END };

static const struct shape_member changes[] = {
	{ "data", SHAPE_MANY, true, .of = "Change", .help = "One row an article" },
	{ "meta", SHAPE_ONE, true, .of = "ChangesMeta", .help = "Where to go on" }, END };

/* --- keys, webhooks --- */

static const struct shape_member key[] = {
	{ "name", SHAPE_STRING, true, .help = "Whose it is" },
	{ "kid", SHAPE_STRING, true, .help = "The part of it that is no secret" },
	{ "scopes", SHAPE_CHOICES, true, .choices = scopes, .help = "What its holder may do" },
	{ "created_at", SHAPE_TIME, true, .help = "When it was made" },
	{ "expires_at", SHAPE_TIME, .help = "When it ends" },
	{ "revoked_at", SHAPE_TIME, .help = "When it was taken back" },
	{ "used_at", SHAPE_TIME, .help = "When it was last used, to the minute" },
	{ "key", SHAPE_STRING, .help = "The key itself, in the answer that made it and never again" }, END };
static const struct shape_member key_wish[] = {
	{ "name", SHAPE_STRING, true, .help = "Whose it is; no name comes twice" },
	{ "scopes", SHAPE_CHOICES, true, .choices = scopes, .help = "What its holder may do" },
	{ "expires_at", SHAPE_TIME, .help = "When it ends; never, if missing" }, END };
static const struct shape_member webhook[] = {
	{ "id", SHAPE_INTEGER, true, .help = "Its number" },
	{ "url", SHAPE_URL, true, .help = "Where it is told" },
	{ "events", SHAPE_CHOICES, true, .choices = events, .help = "Of what it is told" },
	{ "section", SHAPE_STRING, .help = "Only of articles in this section" },
	{ "tag", SHAPE_STRING, .help = "Only of articles with this tag" },
	{ "secret", SHAPE_STRING, .help = "What deliveries are signed with, in the answer that made it and never again" },
	{ "active", SHAPE_BOOLEAN, true, .help = "False: nothing is sent" },
	{ "created_at", SHAPE_TIME, true, .help = "When it was made" },
	{ "updated_at", SHAPE_TIME, true, .help = "When it was last written" },
	{ "rev", SHAPE_INTEGER, true, .help = "Number of its version" }, END };
static const struct shape_member webhook_wish[] = {
	{ "url", SHAPE_URL, true, .help = "Where it is told" },
	{ "events", SHAPE_CHOICES, .choices = events, .help = "Of what it is told; of all, if missing" },
	{ "section", SHAPE_STRING, .help = "Slug: only of articles in this section" },
	{ "tag", SHAPE_STRING, .help = "Slug: only of articles with this tag" },
	{ "secret", SHAPE_STRING, .help = "To sign with, 16 to 200 printable ASCII characters; drawn by lot, or left as it is, if missing" },
	{ "active", SHAPE_BOOLEAN, .help = "False: nothing is sent" }, END };
static const struct shape_member delivery[] = {
	{ "id", SHAPE_STRING, true, .help = "As Broadsheet-Delivery has it" },
	{ "event", SHAPE_CHOICE, true, .choices = delivered_events, .help = "What happened" },
	{ "seq", SHAPE_INTEGER, .help = "Its place in the log of all changes" },
	{ "article_id", SHAPE_INTEGER, .help = "To which article" },
	{ "state", SHAPE_CHOICE, true, .choices = delivery_state_names, .help = "Still to be sent, arrived, or given up" },
	{ "attempts", SHAPE_INTEGER, true, .help = "How often it was sent" },
	{ "created_at", SHAPE_TIME, true, .help = "When it happened" },
	{ "next_at", SHAPE_TIME, .help = "When it is sent next" },
	{ "done_at", SHAPE_TIME, .help = "When it arrived or was given up" },
	{ "status", SHAPE_INTEGER, .help = "What the other side answered last" },
	{ "error", SHAPE_STRING, .help = "Why it did not arrive" }, END };
static const struct shape_member replay_wish[] = {
	{ "since", SHAPE_INTEGER, .help = "Everything from this seq on" },
	{ "deliveries", SHAPE_STRINGS, .help = "These, by id" },
	{ "dead", SHAPE_BOOLEAN, .help = "True: all that was given up" }, END };
static const struct shape_member replay[] = {
	{ "since", SHAPE_INTEGER, .help = "From this seq" },
	{ "until", SHAPE_INTEGER, .help = "To this one" },
	{ "enqueued", SHAPE_INTEGER, .help = "How many deliveries are sent again" }, END };

static const struct shape_member message[] = {
	{ "id", SHAPE_STRING, true, .help = "As Broadsheet-Delivery has it; the same however often it is sent" },
	{ "event", SHAPE_CHOICE, true, .choices = shown_events, .help = "What happened" },
	{ "seq", SHAPE_INTEGER, true, .help = "Its place in the log of all changes" },
	{ "at", SHAPE_TIME, true, .help = "When it happened" },
	{ "article", SHAPE_ONE, true, "ListItem|ArticleGoneSince", .help = "As a list showed it then" }, END };
static const struct shape_member gone_since[] = {
	{ "id", SHAPE_INTEGER, true, .help = "Readers no longer see it: what it said then is not told any more" }, END };
static const struct shape_member removal_message[] = {
	{ "id", SHAPE_STRING, true, .help = "As Broadsheet-Delivery has it; the same however often it is sent" },
	{ "event", SHAPE_CHOICE, true, .choices = removal_events, .help = "What happened" },
	{ "seq", SHAPE_INTEGER, true, .help = "Its place in the log of all changes" },
	{ "at", SHAPE_TIME, true, .help = "When it happened" },
	{ "article", SHAPE_ONE, true, "RemovedArticle", .help = "What readers are told of it" }, END };
static const struct shape_member removed_article[] = {
	{ "id", SHAPE_INTEGER, true, .help = "Number of the article" },
	{ "slug", SHAPE_STRING, true, .help = "Last part of the address that readers knew" },
	{ "url", SHAPE_URL, true, .help = "That address; it answers 410" },
	{ "reason", SHAPE_STRING, .help = "Why it went" },
	{ "replaced_by", SHAPE_INTEGER, .help = "Id of the article that stands in its place" },
	{ "removed_at", SHAPE_TIME, true, .help = "When it went" }, END };
static const struct shape_member ping[] = {
	{ "id", SHAPE_STRING, true, .help = "As Broadsheet-Delivery has it" },
	{ "event", SHAPE_CHOICE, true, .choices = ping_events, .help = "That it was only tried" },
	{ "at", SHAPE_TIME, true, .help = "When it was asked for" }, END };

/* --- formats of others: the members that name things, the rest is theirs to say --- */

static const struct shape_member ninjs[] = {
	{ "uri", SHAPE_URL, true, .help = "Of the article's page, by its number" },
	{ "type", SHAPE_CHOICE, true, .choices = ninjs_text, .help = "Its kind" },
	{ "version", SHAPE_STRING, true, .help = "Its rev" },
	{ "title", SHAPE_STRING, true, .help = "Headline" }, END };
static const struct shape_member ninjs_list[] = {
	{ "uri", SHAPE_URL, true, .help = "Of this page" },
	{ "type", SHAPE_CHOICE, true, .choices = ninjs_composite, .help = "Its kind" },
	{ "title", SHAPE_STRING, true, .help = "Name of the site" },
	{ "associations", SHAPE_MANY, true, "Ninjs", .help = "The articles; in ninjs 2.2 they are called so too" }, END };
static const struct shape_member json_ld[] = {
	{ "@context", SHAPE_CHOICE, true, .choices = schema_org, .help = "The vocabulary" },
	{ "@type", SHAPE_CHOICE, true, .choices = news_article, .help = "Its kind" },
	{ "@id", SHAPE_URL, true, .help = "Of the article's page, by its number" },
	{ "headline", SHAPE_STRING, true, .help = "Headline" },
	{ "datePublished", SHAPE_TIME, true, .help = "When readers first got it" },
	{ "dateModified", SHAPE_TIME, true, .help = "When it last changed" }, END };
static const struct shape_member json_feed[] = {
	{ "version", SHAPE_URL, true, .help = "Of the format" },
	{ "title", SHAPE_STRING, true, .help = "Name of the feed" },
	{ "home_page_url", SHAPE_URL, true, .help = "The page that shows the same" },
	{ "feed_url", SHAPE_URL, true, .help = "This feed" },
	{ "next_url", SHAPE_URL, .help = "Older articles" },
	{ "items", SHAPE_MANY, true, "JsonFeedItem", .help = "The articles" }, END };
static const struct shape_member json_feed_item[] = {
	{ "id", SHAPE_STRING, true, .help = "Of the article, for good" },
	{ "url", SHAPE_URL, .help = "Its page" },
	{ "title", SHAPE_STRING, .help = "Headline" },
	{ "content_html", SHAPE_STRING, .help = "Its whole text" },
	{ "date_published", SHAPE_TIME, .help = "When readers first got it" },
	{ "date_modified", SHAPE_TIME, .help = "When it last changed" }, END };

/* --- what all have in common --- */

static const struct shape_member links[] = {
	{ "self", SHAPE_URL, true, .help = "This page" },
	{ "next", SHAPE_URL, .help = "The next one, if there is one" },
	{ "prev", SHAPE_URL, .help = "The one before, if there is one" }, END };
static const struct shape_member problem[] = {
	{ "type", SHAPE_URL, true, .help = "/problems/<code>; the address leads to what it means" },
	{ "title", SHAPE_STRING, true, .help = "The same for all of this type" },
	{ "status", SHAPE_INTEGER, true, .help = "As the status line has it" },
	{ "detail", SHAPE_STRING, .help = "What is wrong this time" },
	{ "instance", SHAPE_STRING, .help = "What was asked for" },
	{ "errors", SHAPE_MANY, .of = "Issue", .help = "Each parameter or field that is wrong" },
	{ "errors_left_out", SHAPE_INTEGER, .help = "How many more there are" },
	{ "id", SHAPE_INTEGER, .help = "Of conflict: the article that is there already" },
	{ "removed_at", SHAPE_TIME, .help = "Of withdrawn: when" },
	{ "reason", SHAPE_STRING, .help = "Of withdrawn: why" },
	{ "replaced_by", SHAPE_INTEGER, .help = "Of withdrawn: the article that stands in its place" },
	{ "links", SHAPE_ANY, .help = "Of sync-expired: where to start over" }, END };
static const struct shape_member issue[] = {
	{ "parameter", SHAPE_STRING, .help = "Name of the parameter, or…" },
	{ "pointer", SHAPE_STRING, .help = "…JSON pointer (RFC 6901) into the body" },
	{ "code", SHAPE_STRING, true, .help = "For programs: unknown, repeated, out-of-range, required, …" },
	{ "detail", SHAPE_STRING, true, .help = "For people" },
	{ "suggestion", SHAPE_STRING, .help = "The nearest right one" }, END };

const struct shape shapes[] = {
	{ "ListItem", "An article in a list, ready to be shown", VIEW_ITEM, SHAPE_READ, .members = list_item },
	{ "NewsroomItem", "The same for holders of a key with read_drafts who ask by status or ids", VIEW_ITEM | VIEW_PRIVATE, SHAPE_READ, .members = list_item },
	{ "Article", "A whole article", VIEW_DETAIL, SHAPE_READ, .members = detail },
	{ "NewsroomArticle", "The same for holders of a key, whatever its status", VIEW_DETAIL | VIEW_PRIVATE, SHAPE_READ, .members = detail },
	{ "PreviewedArticle", "What a preview shows", VIEW_DETAIL, SHAPE_READ, .members = previewed },
	{ "PickedItem", "What the parameter fields leaves of an article in a list", VIEW_ITEM | VIEW_PRIVATE, SHAPE_READ, .members = list_item, .is_picked = true },
	{ "PickedArticle", "What the parameter fields leaves of an article", VIEW_DETAIL | VIEW_PRIVATE, SHAPE_READ, .members = detail, .is_picked = true },
	{ "PickedTerm", "What fields=section.name and its like leave of a term", .members = term_reference, .is_picked = true },
	{ "PickedTag", "What fields=tags.name and its like leave of a tag", .members = tag_reference, .is_picked = true },
	{ "PickedImage", "What fields=image.url and its like leave of a picture", .members = image, .is_picked = true },
	{ "PickedCorrection", "What fields=corrections.at and its like leave of a correction", .members = correction, .is_picked = true },
	{ "StoredArticle", "An article as the log has it", VIEW_EXPORT, SHAPE_READ, .members = NULL },
	{ "ArticleToWrite", "A whole article. Fields that are read only may be sent, and are ignored", VIEW_DETAIL | VIEW_PRIVATE | VIEW_EXPORT, SHAPE_WRITE, .members = detail_sent_back },
	{ "ArticlePatch", "A JSON merge patch (RFC 7396): what is named is replaced, null takes it away", VIEW_DETAIL | VIEW_PRIVATE | VIEW_EXPORT, SHAPE_PATCH, .members = detail_sent_back },
	{ "RelatedItem", "An article that goes with another", VIEW_ITEM, SHAPE_READ, .members = related_item },
	{ "Reason", "What two articles have in common", .members = reason },
	{ "Copy", "The same wire story, elsewhere", .members = copy },
	{ "Highlights", "Where what was looked for stands", .members = highlights },
	{ "TermReference", "A section, source or author of an article", .members = term_reference },
	{ "TagReference", "A tag of an article", .members = tag_reference },
	{ "StoredTerm", "A term as the log has it", .members = stored_term },
	{ "TermToWrite", "A section, source or author by name; the name alone, as a string, does as well", .use = SHAPE_WRITE, .members = term_wish },
	{ "TagToWrite", "A tag by name; the name alone, as a string, does as well", .use = SHAPE_WRITE, .members = tag_wish },
	{ "Image", "A picture", .members = image },
	{ "Rights", "Who owns the article and what may be done with it", .members = rights },
	{ "Correction", "What was corrected", .members = correction },
	{ "CorrectionToWrite", "What is corrected", .use = SHAPE_WRITE, .members = correction_wish },
	{ "Withdrawal", "Why an article goes", .use = SHAPE_WRITE, .members = withdrawal },
	{ "ListMeta", "What there is to say of a list", .members = list_meta },
	{ "Count", "How many there are", .members = count },
	{ "Facet", "One value, and how many articles have it", .members = facet },
	{ "Missing", "An article that was asked for and is not there", .members = missing },
	{ "Revision", "A version, as readers are told of it", .members = revision },
	{ "NewsroomRevision", "A version, for holders of a key", .members = newsroom_revision },
	{ "Diff", "How two versions differ", .members = diff },
	{ "DiffField", "A field that differs", .members = diff_field },
	{ "DiffPart", "Words that stayed, came or went", .members = diff_part },
	{ "Preview", "Where an unpublished article can be seen", .members = preview },
	{ "PreviewToMake", "For how long, and which version", .use = SHAPE_WRITE, .members = preview_wish },
	{ "BatchLine", "What became of one line", .members = batch_line },
	{ "Term", "A tag, source or author with published articles", .members = term },
	{ "Section", "A part of the paper", .members = section },
	{ "SectionToWrite", "What is said of a section", .use = SHAPE_WRITE, .members = section_wish },
	{ "Collection", "A list in the editors' own order", .members = collection },
	{ "CollectionMeta", "Which collection it is", .members = collection_meta },
	{ "CollectionItem", "An article in a collection", VIEW_ITEM, SHAPE_READ, .members = collection_item },
	{ "CollectionToWrite", "What the collection shall hold", .use = SHAPE_WRITE, .members = collection_wish },
	{ "Suggestion", "What might be meant", .members = suggestion },
	{ "Change", "That an article has changed", .members = change },
	{ "Changes", "What has changed since then", .members = changes },
	{ "ChangesMeta", "How to go on", .members = changes_meta },
	{ "Key", "An API key", .members = key },
	{ "KeyToMake", "A new API key", .use = SHAPE_WRITE, .members = key_wish },
	{ "Webhook", "Somebody who is told of changes", .members = webhook },
	{ "WebhookToWrite", "Whom to tell of what", .use = SHAPE_WRITE, .members = webhook_wish },
	{ "Delivery", "One message to a webhook", .members = delivery },
	{ "ReplayToMake", "Which deliveries to send again: one of the three", .use = SHAPE_WRITE, .members = replay_wish },
	{ "Replay", "What is sent again", .members = replay },
	{ "Message", "That readers see an article, or see it changed", .members = message },
	{ "ArticleGoneSince", "An article that was taken away before the message was sent", .members = gone_since },
	{ "RemovalMessage", "That readers no longer see an article", .members = removal_message },
	{ "RemovedArticle", "What readers are told of an article that went", .members = removed_article },
	{ "Ping", "That a webhook was tried", .members = ping },
	{ "Ninjs", "An article as ninjs", .members = ninjs, .defined_at = "https://www.iptc.org/std/ninjs/ninjs-schema_3.1.json" },
	{ "NinjsList", "A page of a listing as ninjs", .members = ninjs_list, .defined_at = "https://www.iptc.org/std/ninjs/ninjs-schema_3.1.json" },
	{ "JsonLd", "An article as schema.org has it", .members = json_ld, .defined_at = "https://schema.org/NewsArticle" },
	{ "JsonFeed", "A JSON Feed", .members = json_feed, .defined_at = "https://www.jsonfeed.org/version/1.1/" },
	{ "JsonFeedItem", "An article in a JSON Feed", .members = json_feed_item, .defined_at = "https://www.jsonfeed.org/version/1.1/" },
	{ "Links", "The pages beside this one", .members = links },
	{ "Problem", "What went wrong (RFC 9457)", .members = problem },
	{ "Issue", "One parameter or field that is wrong", .members = issue },
	END,
};
