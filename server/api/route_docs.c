/* SPDX-License-Identifier: MIT */
/*
 * What each public route is for, what it answers and what may go wrong: what the table of routes has no column for.
 *
 * A row a route, in the order in which they are listed. `errors` names what is a route's own; what all have (401 for a key that is none, 429), or all
 * that take a body, a cursor or a key, is found from the table of routes (openapi_answers.c). tests/api/test_openapi.c fails while a route of the public
 * door has no row here.
 */
#include "documentation.h"

#include <string.h>

/* clang-format off */

#define NOT_FOUND_OR_GONE ERROR_NOT_FOUND, ERROR_GONE

/* The same list in three formats. */
#define FEED(path, name, format, what, type, error)                                                                   \
	{ HTTP_GET, path, name, "Feeds", format " of " what, "The newest 50, with their whole text.", .form = ANSWER_OTHER, .shape = type, .errors = { error } }
#define FEEDS(path, name, what, error)                                                                                \
	FEED(path "/feed.rss", "feed" name "Rss", "RSS 2.0", what, "application/rss+xml", error),                     \
	FEED(path "/feed.atom", "feed" name "Atom", "Atom", what, "application/atom+xml", error),                     \
	FEED(path "/feed.json", "feed" name "Json", "JSON Feed 1.1", what, "application/feed+json JsonFeed", error)

const struct route_group route_groups[] = {
	{ "Articles", "Lists, single articles, and what goes with them. Open to everyone." },
	{ "Search", "Finding articles by words. Open to everyone." },
	{ "Terms", "Sections, tags, sources and authors: what lists are filtered by." },
	{ "Changes", "Staying in step with what is published." },
	{ "Collections", "Lists in the editors' own order, such as the front page." },
	{ "Newsroom", "Writing articles, and seeing what readers do not see yet. With a key." },
	{ "Webhooks", "Being told of changes. With a key that has the scope admin." },
	{ "Keys", "Who may do what. With a key that has the scope admin." },
	{ "Feeds", "The same articles in the formats of others." },
	{ "Pages", "For people: HTML, and errors in HTML. Parameters that a page does not know are ignored." },
	{ "About", "What this site offers, for programs and their authors." },
	{ NULL, NULL },
};

const struct route_doc route_docs[] = {
	/* --- articles --- */
	{ HTTP_GET, "/v1/articles", "listArticles", "Articles", "List articles",
	  "The newest first, unless order says otherwise; filtered, searched, counted. Cursors go both ways and stay good while articles come and go.",
	  .form = ANSWER_PAGE, .shape = "ListItem|NewsroomItem|PickedItem", "ListMeta" },
	{ HTTP_GET, "/v1/articles/{ref}", "getArticle", "Articles", "Read an article",
	  "The whole article, with related ones. With a key that has read_drafts the latest version, whatever its status.",
	  .form = ANSWER_ONE, .shape = "Article|NewsroomArticle|PickedArticle", .says = SAYS_308, .errors = { NOT_FOUND_OR_GONE } },
	{ HTTP_GET, "/v1/articles/{ref}/related", "listRelated", "Articles", "List related articles",
	  "Editors' links first, then those most alike, then the newest. Never two copies of one wire story.",
	  .form = ANSWER_ALL, .shape = "RelatedItem", .says = SAYS_308, .errors = { NOT_FOUND_OR_GONE } },
	{ HTTP_GET, "/v1/articles/{ref}/next", "getNextArticle", "Articles", "Read the next newer article",
	  "Under the filters of a listing. 404 at the end.",
	  .form = ANSWER_ONE, .shape = "ListItem|NewsroomItem|PickedItem", .says = SAYS_308, .errors = { NOT_FOUND_OR_GONE } },
	{ HTTP_GET, "/v1/articles/{ref}/prev", "getPreviousArticle", "Articles", "Read the next older article",
	  "Under the filters of a listing. 404 at the end.",
	  .form = ANSWER_ONE, .shape = "ListItem|NewsroomItem|PickedItem", .says = SAYS_308, .errors = { NOT_FOUND_OR_GONE } },
	{ HTTP_GET, "/v1/articles/{ref}/revisions", "listRevisions", "Articles", "List the versions of an article",
	  "Readers get the times and corrections of what was published; holders of a key with read_drafts get all versions.",
	  .form = ANSWER_PAGE, .shape = "Revision|NewsroomRevision", .says = SAYS_308, .errors = { NOT_FOUND_OR_GONE } },

	/* --- search --- */
	{ HTTP_GET, "/v1/search", "search", "Search", "Search articles",
	  "The listing with q, the best first. Whatever a person types is a valid question.",
	  .form = ANSWER_PAGE, .shape = "ListItem|NewsroomItem|PickedItem", "ListMeta" },
	{ HTTP_GET, "/v1/suggest", "suggest", "Search", "Complete what is typed",
	  "Sections, tags, sources and authors that begin so, then titles.",
	  .form = ANSWER_PAGE, .shape = "Suggestion" },

	/* --- staying in step --- */
	{ HTTP_GET, "/v1/changes", "listChanges", "Changes", "List what has changed", "One row an article, its latest change: look again, or drop your copy. wait=25 waits for news.",
	  .form = ANSWER_PLAIN, .shape = "Changes", .errors = { ERROR_SYNC_EXPIRED } },
	{ HTTP_GET, "/v1/events", "streamEvents", "Changes", "Be told of changes", "The same rows as server-sent events, as they happen. The stream begins with `retry` (milliseconds until a client that was cut off comes back) and the `id` of its place. "
	  "Each event has an `id`, the seq, and `data`, a Change on one line; there is no `event` field, so it is a `message`. While nothing happens a comment (a line that begins with a colon) and the id reached keep it open. "
	  "Last-Event-ID, or since, replays what was missed.",
	  .form = ANSWER_OTHER, .shape = "text/event-stream Change", .says = TAKES_LAST_EVENT_ID, .errors = { ERROR_SYNC_EXPIRED } },

	/* --- feeds and formats --- */
	{ HTTP_GET, "/v1/articles.ninjs", "listNinjs", "Feeds", "A listing as ninjs", "IPTC ninjs 3.1, or 2.2.", .form = ANSWER_OTHER, .shape = "application/json NinjsList", .says = SAYS_LINK },
	{ HTTP_GET, "/v1/articles.ndjson", "exportArticles", "Feeds", "Everything as lines", "All that is public, an article a line.", .form = ANSWER_LINES, .shape = "Article" },
	{ HTTP_GET, "/v1/articles/{ref}.ninjs", "getNinjs", "Feeds", "An article as ninjs", "IPTC ninjs 3.1, or 2.2.", .form = ANSWER_OTHER, .shape = "application/json Ninjs", .says = SAYS_308, .errors = { NOT_FOUND_OR_GONE } },
	{ HTTP_GET, "/v1/articles/{ref}.jsonld", "getJsonLd", "Feeds", "An article as JSON-LD", "schema.org NewsArticle.", .form = ANSWER_OTHER, .shape = "application/ld+json JsonLd", .says = SAYS_308, .errors = { NOT_FOUND_OR_GONE } },
	FEEDS("", "All", "everything", ERROR_NONE),
	FEEDS("/section/{slug}", "Section", "a section", ERROR_NOT_FOUND),
	FEEDS("/tag/{slug}", "Tag", "a tag", ERROR_NOT_FOUND),
	FEEDS("/source/{slug}", "Source", "a source", ERROR_NOT_FOUND),
	FEEDS("/search", "Search", "a search", ERROR_NONE),
	{ HTTP_GET, "/sitemap.xml", "sitemapIndex", "Feeds", "The sitemap's index", "sitemaps.org.", .form = ANSWER_OTHER, .shape = "application/xml" },
	{ HTTP_GET, "/sitemap/{page}.xml", "sitemapPage", "Feeds", "A page of the sitemap", "Articles of ten thousand numbers.", .form = ANSWER_OTHER, .shape = "application/xml", .errors = { ERROR_NOT_FOUND } },
	{ HTTP_GET, "/sitemap-news.xml", "sitemapNews", "Feeds", "The news sitemap", "What came out in the last two days.", .form = ANSWER_OTHER, .shape = "application/xml" },

	/* --- terms --- */
	{ HTTP_GET, "/v1/sections", "listSections", "Terms", "List sections", "Those with published articles; with a key that has read_drafts all.", .form = ANSWER_PAGE, .shape = "Section" },
	{ HTTP_GET, "/v1/sections/{slug}", "getSection", "Terms", "Read a section", "One section, with how many articles it has.", .form = ANSWER_ONE, .shape = "Section", .errors = { ERROR_NOT_FOUND } },
	{ HTTP_GET, "/v1/tags", "listTags", "Terms", "List tags", "Those with published articles.", .form = ANSWER_PAGE, .shape = "Term" },
	{ HTTP_GET, "/v1/tags/{slug}", "getTag", "Terms", "Read a tag", "One tag, with how many articles it has.", .form = ANSWER_ONE, .shape = "Term", .errors = { ERROR_NOT_FOUND } },
	{ HTTP_GET, "/v1/sources", "listSources", "Terms", "List sources", "Those with published articles.", .form = ANSWER_PAGE, .shape = "Term" },
	{ HTTP_GET, "/v1/sources/{slug}", "getSource", "Terms", "Read a source", "One source, with how many articles it has.", .form = ANSWER_ONE, .shape = "Term", .errors = { ERROR_NOT_FOUND } },
	{ HTTP_GET, "/v1/authors", "listAuthors", "Terms", "List authors", "Those with published articles.", .form = ANSWER_PAGE, .shape = "Term" },
	{ HTTP_GET, "/v1/authors/{slug}", "getAuthor", "Terms", "Read an author", "One author, with how many articles there are.", .form = ANSWER_ONE, .shape = "Term", .errors = { ERROR_NOT_FOUND } },

	/* --- collections --- */
	{ HTTP_GET, "/v1/collections", "listCollections", "Collections", "List collections", "Those with published articles; with a key that has read_drafts all.", .form = ANSWER_PAGE, .shape = "Collection" },
	{ HTTP_GET, "/v1/collections/{name}", "getCollection", "Collections", "Read a collection", "Its articles, in the editors' order.",
	  .form = ANSWER_PAGE, .shape = "CollectionItem|PickedItem", "CollectionMeta", .errors = { ERROR_NOT_FOUND } },

	/* --- newsroom --- */
	{ HTTP_POST, "/v1/articles", "createArticle", "Newsroom", "Write a new article",
	  "A draft, unless status says otherwise. 200 instead of 201 where the source's guid was known and on_conflict is skip or update. What it answers is on disk and visible to every later read.",
	  .form = ANSWER_ONE, .shape = "NewsroomArticle", NULL, "ArticleToWrite", SAYS_200 | SAYS_201 | TAKES_IDEMPOTENCY_KEY, { ERROR_CONFLICT, ERROR_FIELDS, ERROR_IDEMPOTENCY } },
	{ HTTP_PUT, "/v1/articles/{ref}", "replaceArticle", "Newsroom", "Replace an article",
	  "What is not sent is gone. Every version is kept.",
	  .form = ANSWER_ONE, .shape = "NewsroomArticle", NULL, "ArticleToWrite", NEEDS_IF_MATCH, { ERROR_NOT_FOUND, ERROR_CONFLICT, ERROR_STALE, ERROR_FIELDS, ERROR_UNCONDITIONAL } },
	{ HTTP_PATCH, "/v1/articles/{ref}", "patchArticle", "Newsroom", "Change an article",
	  "By JSON merge patch: what is not sent stays as it is.",
	  .form = ANSWER_ONE, .shape = "NewsroomArticle", NULL, "ArticlePatch", NEEDS_IF_MATCH, { ERROR_NOT_FOUND, ERROR_CONFLICT, ERROR_STALE, ERROR_FIELDS, ERROR_UNCONDITIONAL } },
	{ HTTP_DELETE, "/v1/articles/{ref}", "withdrawArticle", "Newsroom", "Withdraw an article",
	  "Its address answers 410 from then on. With erase=true, which takes the scope admin, its text is blanked in every stored version too.",
	  .form = ANSWER_ONE, .shape = "NewsroomArticle", NULL, "Withdrawal", TAKES_IF_MATCH | BODY_MAY_LACK, { ERROR_NOT_FOUND, ERROR_STALE, ERROR_FIELDS } },
	{ HTTP_POST, "/v1/articles/batch", "writeBatch", "Newsroom", "Write many articles",
	  "A line of JSON each (NDJSON), up to 10,000; each is answered by a line, in order. A known (source, guid) is updated.",
	  .form = ANSWER_LINES, .shape = "BatchLine", NULL, "ArticleToWrite" },
	{ HTTP_GET, "/v1/articles/{ref}/revisions/{rev}", "getRevision", "Newsroom", "Read a version", "As it was then, all of it.",
	  .form = ANSWER_ONE, .shape = "NewsroomRevision", .says = SAYS_308 | SAYS_ETAG, .errors = { ERROR_NOT_FOUND } },
	{ HTTP_GET, "/v1/articles/{ref}/revisions/{rev}/diff", "diffRevision", "Newsroom", "Compare versions", "Field by field, the text word by word.",
	  .form = ANSWER_ONE, .shape = "Diff", .says = SAYS_308 | SAYS_ETAG, .errors = { ERROR_NOT_FOUND } },
	{ HTTP_POST, "/v1/articles/{ref}/revisions/{rev}/restore", "restoreRevision", "Newsroom", "Put a version back",
	  "What it said becomes a new version; status, address, times and corrections stay as they are.",
	  .form = ANSWER_ONE, .shape = "NewsroomArticle", .says = NEEDS_IF_MATCH, .errors = { ERROR_NOT_FOUND, ERROR_CONFLICT, ERROR_STALE, ERROR_UNCONDITIONAL } },
	{ HTTP_POST, "/v1/articles/{ref}/preview", "createPreview", "Newsroom", "Make a preview",
	  "A signed address, for people without a key, that shows an unpublished article and expires.",
	  .form = ANSWER_ONE, .shape = "Preview", NULL, "PreviewToMake", SAYS_201 | SAYS_308 | BODY_MAY_LACK, { ERROR_NOT_FOUND, ERROR_PREVIEW_OVER, ERROR_FIELDS } },
	{ HTTP_GET, "/v1/previews/{token}", "getPreview", "Newsroom", "Read a preview", "The article as it would be published.",
	  .form = ANSWER_ONE, .shape = "PreviewedArticle", .errors = { ERROR_NOT_FOUND, ERROR_PREVIEW_OVER } },
	{ HTTP_PUT, "/v1/sections/{slug}", "putSection", "Newsroom", "Write a section",
	  "Name, description, place in the bar. A new name renames it in all its articles. If-Match is required once it has a rev.",
	  .form = ANSWER_ONE, .shape = "Section", NULL, "SectionToWrite", SAYS_200 | SAYS_201 | TAKES_IF_MATCH | TAKES_IF_NONE_MATCH, { ERROR_CONFLICT, ERROR_STALE, ERROR_FIELDS, ERROR_UNCONDITIONAL } },
	{ HTTP_PUT, "/v1/collections/{name}", "putCollection", "Newsroom", "Write a collection",
	  "All of its articles, in order. If-Match is required once it exists.",
	  .form = ANSWER_PAGE, .shape = "CollectionItem", "CollectionMeta", "CollectionToWrite", SAYS_200 | SAYS_201 | TAKES_IF_MATCH | TAKES_IF_NONE_MATCH,
	  { ERROR_CONFLICT, ERROR_STALE, ERROR_FIELDS, ERROR_UNCONDITIONAL } },
	{ HTTP_DELETE, "/v1/collections/{name}", "deleteCollection", "Newsroom", "Take a collection away", "The articles stay where they are.",
	  ANSWER_NOTHING, .says = NEEDS_IF_MATCH, .errors = { ERROR_NOT_FOUND, ERROR_STALE, ERROR_UNCONDITIONAL } },

	/* --- webhooks --- */
	{ HTTP_GET, "/v1/webhooks", "listWebhooks", "Webhooks", "List webhooks", "All of them.", .form = ANSWER_PAGE, .shape = "Webhook" },
	{ HTTP_POST, "/v1/webhooks", "createWebhook", "Webhooks", "Make a webhook", "The answer holds the secret that deliveries are signed with (HMAC-SHA256), this one time.",
	  .form = ANSWER_ONE, .shape = "Webhook", NULL, "WebhookToWrite", SAYS_201, { ERROR_CONFLICT, ERROR_FIELDS } },
	{ HTTP_GET, "/v1/webhooks/{id}", "getWebhook", "Webhooks", "Read a webhook", "Without its secret.", .form = ANSWER_ONE, .shape = "Webhook", .errors = { ERROR_NOT_FOUND } },
	{ HTTP_PUT, "/v1/webhooks/{id}", "replaceWebhook", "Webhooks", "Change a webhook", "What is not sent has its default, but for the secret, which stays.",
	  .form = ANSWER_ONE, .shape = "Webhook", .body = "WebhookToWrite", .errors = { ERROR_NOT_FOUND, ERROR_FIELDS } },
	{ HTTP_DELETE, "/v1/webhooks/{id}", "deleteWebhook", "Webhooks", "Take a webhook away", "What it was still to be told goes with it.", ANSWER_NOTHING, .errors = { ERROR_NOT_FOUND } },
	{ HTTP_GET, "/v1/webhooks/{id}/deliveries", "listDeliveries", "Webhooks", "List deliveries", "What a webhook was told and is still to be told, the newest first.",
	  .form = ANSWER_PAGE, .shape = "Delivery", .errors = { ERROR_NOT_FOUND } },
	{ HTTP_POST, "/v1/webhooks/{id}/replay", "replayDeliveries", "Webhooks", "Send again", "Everything since a seq, certain deliveries, or all that was given up.",
	  .form = ANSWER_ONE, .shape = "Replay", .body = "ReplayToMake", .says = SAYS_202, .errors = { ERROR_NOT_FOUND, ERROR_CONFLICT, ERROR_FIELDS } },
	{ HTTP_POST, "/v1/webhooks/{id}/test", "testWebhook", "Webhooks", "Try a webhook", "Sends a ping, once.",
	  .form = ANSWER_ONE, .shape = "Delivery", .says = SAYS_202, .errors = { ERROR_NOT_FOUND, ERROR_CONFLICT } },

	/* --- keys --- */
	{ HTTP_GET, "/v1/keys", "listKeys", "Keys", "List keys", "All of them, revoked ones too, without their secrets.", .form = ANSWER_ALL, .shape = "Key" },
	{ HTTP_POST, "/v1/keys", "createKey", "Keys", "Make a key", "The answer holds the key, this one time.",
	  .form = ANSWER_ONE, .shape = "Key", NULL, "KeyToMake", SAYS_201, { ERROR_CONFLICT, ERROR_FIELDS } },
	{ HTTP_DELETE, "/v1/keys/{name}", "revokeKey", "Keys", "Revoke a key", "From then on it is worth nothing. Its name stays its own.", .form = ANSWER_ONE, .shape = "Key", .errors = { ERROR_NOT_FOUND } },

	/* --- pages --- */
	{ HTTP_GET, "/", "pageFront", "Pages", "The front page", "The newest of every section.", .form = ANSWER_OTHER, .shape = "text/html" },
	{ HTTP_GET, "/section/{slug}", "pageSection", "Pages", "A section", "Its articles, the newest first.", .form = ANSWER_OTHER, .shape = "text/html", .errors = { ERROR_NOT_FOUND } },
	{ HTTP_GET, "/tag/{slug}", "pageTag", "Pages", "A tag", "Its articles, the newest first.", .form = ANSWER_OTHER, .shape = "text/html", .errors = { ERROR_NOT_FOUND } },
	{ HTTP_GET, "/source/{slug}", "pageSource", "Pages", "A source", "Its articles, the newest first.", .form = ANSWER_OTHER, .shape = "text/html", .errors = { ERROR_NOT_FOUND } },
	{ HTTP_GET, "/author/{slug}", "pageAuthor", "Pages", "An author", "Their articles, the newest first.", .form = ANSWER_OTHER, .shape = "text/html", .errors = { ERROR_NOT_FOUND } },
	{ HTTP_GET, "/article/{ref}", "pageArticle", "Pages", "An article", "What people read.", .form = ANSWER_OTHER, .shape = "text/html", .says = SAYS_308, .errors = { NOT_FOUND_OR_GONE } },
	{ HTTP_GET, "/preview/{token}", "pagePreview", "Pages", "A preview", "An article that is not published, for whoever was sent the address.",
	  .form = ANSWER_OTHER, .shape = "text/html", .errors = { ERROR_NOT_FOUND, ERROR_PREVIEW_OVER } },
	{ HTTP_GET, "/desk", "pageDesk", "Pages", "The desk", "Where the newsroom writes. Nothing secret is in the page itself.", .form = ANSWER_OTHER, .shape = "text/html" },
	{ HTTP_GET, "/search", "pageSearch", "Pages", "Search", "What is found, and what it can be narrowed down by.", .form = ANSWER_OTHER, .shape = "text/html" },
	{ HTTP_GET, "/static/{path...}", "getFile", "Pages", "A file", "What pages are made with: style sheets, scripts, pictures. Here the path may have slashes in it.",
	  .form = ANSWER_OTHER, .shape = "*/*", .errors = { ERROR_NOT_FOUND } },
	{ HTTP_GET, "/favicon.ico", "getIcon", "Pages", "The icon", "A picture for the browser.", .form = ANSWER_OTHER, .shape = "image/svg+xml" },

	/* --- about --- */
	{ HTTP_GET, "/openapi.json", "getOpenapi", "About", "This document", "OpenAPI 3.1.", .form = ANSWER_OTHER, .shape = "application/json" },
	{ HTTP_GET, "/docs", "pageDocs", "About", "The same to read and to try", "A page made from /openapi.json.", .form = ANSWER_OTHER, .shape = "text/html" },
	{ HTTP_GET, "/problems/{code}", "pageProblem", "About", "What an error means", "The address that the type of a problem gives.", .form = ANSWER_OTHER, .shape = "text/html", .errors = { ERROR_NOT_FOUND } },
	{ HTTP_GET, "/llms.txt", "getLlms", "About", "What this site is", "For language models: where the API, its document and the pages are, in Markdown.", .form = ANSWER_OTHER, .shape = "text/plain" },
	{ HTTP_GET, "/robots.txt", "getRobots", "About", "What crawlers may do", "RFC 9309.", .form = ANSWER_OTHER, .shape = "text/plain" },
	{ .path = NULL },
};
/* clang-format on */

const struct route_doc *route_doc_of(const struct route *route)
{
	for (const struct route_doc *doc = route_docs; doc->path != NULL; doc++)
		if (doc->method == route->method && strcmp(doc->path, route->path) == 0)
			return doc;
	return NULL;
}

bool route_is_stream(const struct route_doc *doc)
{
	return doc->form == ANSWER_OTHER && strncmp(doc->shape, "text/event-stream", 17) == 0;
}

bool route_is_public(const struct route *route)
{
	return (route->doors & DOOR_PUBLIC) != 0;
}
