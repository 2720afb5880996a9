/* SPDX-License-Identifier: MIT */
/*
 * What an HTML page says about itself.
 *
 * Asked in this order, each filling only what is still missing: JSON-LD (page_json_ld.c), Open Graph and the other meta elements in
 * use, <time> elements, <h1>. What <title> says is kept apart: it may be the website's name. Pages contradict themselves at times;
 * the machine-readable parts at the front are those that search engines read, and so the ones that get mended.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "page_internal.h"
#include "printed_time.h"

enum { ADDRESS_LONGEST = 2000, AUTHORS_MOST = 10, TAGS_MOST = 20, TAG_LONGEST = 60 };

/* --- values --- */

/* Folded text without markup; NULL when nothing is left or it is longer than any such thing. */
const char *page_clean_text(const char *text, size_t longest, struct arena *arena)
{
	struct page_lines lines = { 0 };
	const struct page_line *line;

	if (text == NULL || strlen(text) > PAGE_TEXT_LONGEST * 4)
		return NULL;
	if (strpbrk(text, "<&") != NULL)
		text = html_to_text(html_sanitise(text, strlen(text), arena), arena);
	line = page_lines_add(&lines, text, strlen(text), 0, arena);
	return line != NULL && line->length <= longest ? line->text : NULL;
}

void page_set_text(const char **member, const char *text, size_t longest, struct arena *arena)
{
	if (*member == NULL)
		*member = page_clean_text(text, longest, arena);
}

void page_set_time(struct page *page, const char *text, struct arena *arena)
{
	struct error why;
	int64_t time;

	if (page->published_at != TIME_NONE || text == NULL || strlen(text) > 100)
		return;
	if (printed_time_metadata(text, &time, &why))
		page->published_at = time;
	else if (why.code == ERROR_INVALID && page->time_trouble == NULL)
		page->time_trouble = arena_string(arena, why.detail);
}

void page_add_author(struct page *page, const char *name, struct arena *arena)
{
	const char *clean = page_clean_text(name, 150, arena);

	if (clean == NULL || page->authors.n == AUTHORS_MOST || strstr(clean, "://") != NULL)
		return;
	for (size_t i = 0; i < page->authors.n; i++)
		if (line_same_text(page->authors.items[i], clean))
			return;
	if (page->authors.items == NULL)
		page->authors.items = arena_array(arena, AUTHORS_MOST, sizeof *page->authors.items);
	page->authors.items[page->authors.n++] = clean;
}

void page_add_tag(struct page *page, const char *name, struct arena *arena)
{
	const char *clean = page_clean_text(name, TAG_LONGEST, arena);

	if (clean == NULL || page->tags.n == TAGS_MOST || strpbrk(clean, ":/=_") != NULL)
		return;
	for (size_t i = 0; i < page->tags.n; i++)
		if (strcmp(page->tags.items[i], clean) == 0)
			return;
	if (page->tags.items == NULL)
		page->tags.items = arena_array(arena, TAGS_MOST, sizeof *page->tags.items);
	page->tags.items[page->tags.n++] = clean;
}

/* --- addresses --- */

const char *page_address(const char *base, const char *address, struct arena *arena)
{
	const char *cleaned, *host, *path;
	size_t length;

	while (*address == ' ' || *address == '\n' || *address == '\t')
		address++;
	cleaned = html_clean_url(address, false, arena);
	if (cleaned != NULL || base == NULL)
		return cleaned;
	if (address[0] == '\0' || address[0] == '#' || (strchr(address, ':') != NULL && strcspn(address, ":") < strcspn(address, "/?#")))
		return NULL;
	host = strstr(base, "://") + 3;
	length = (size_t)(host - base) + strcspn(host, "/?#");
	path = base + length;
	if (address[0] == '/' && address[1] == '/')
		length = (size_t)(host - base) - 2;
	else if (address[0] == '?')
		length += strcspn(path, "?#");
	else if (address[0] != '/')
		length += *path == '/' ? (size_t)((const char *)memrchr(path, '/', strcspn(path, "?#")) - path) + 1 : 0;
	return html_clean_url(arena_printf(arena, "%.*s%s%s", (int)length, base, address[0] != '/' && *path != '/' && address[0] != '?' ? "/" : "",
	    address), false, arena);
}

static const char *short_address(const char *base, const char *address, struct arena *arena)
{
	const char *whole = address != NULL ? page_address(base, address, arena) : NULL;

	return whole != NULL && strlen(whole) <= ADDRESS_LONGEST ? whole : NULL;
}

/* --- elements of the head --- */

struct reader {
	struct arena *arena;
	struct page ld, meta;         /* by place of origin */
	const char *document_title, *base, *canonical, *og_url, *lang;
	bool in_head_only;
};

static const char *content_of(const GumboNode *node)
{
	const GumboVector *children = &node->v.element.children;
	const GumboNode *child = children->length > 0 ? children->data[0] : NULL;

	return child != NULL && child->type == GUMBO_NODE_TEXT ? child->v.text.text : NULL;
}

static bool is_one_of(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcasecmp(name, *names) == 0)
			return true;
	return false;
}

static void read_meta(struct reader *reader, const GumboNode *node)
{
	static const char *const titles[] = { "og:title", "twitter:title", "dc.title", "dcterms.title", "parsely-title", "sailthru.title", NULL };
	static const char *const summaries[] = { "og:description", "description", "twitter:description", "dc.description", "dcterms.abstract", NULL };
	static const char *const times[] = { "article:published_time", "og:published_time", "datepublished", "article:published", "pubdate",
		"publishdate", "publish-date", "publish_date", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dc.date", "dcterms.created",
		"dcterms.issued", "dc.date.created", "date", "article.published", "publication_date", "published_time", "cxenseparse:recs:publishtime",
		"bt:pubdate", "citation_publication_date", "og:article:published_time", "article_date_original", "originalpublicationdate", NULL };
	static const char *const sections[] = { "article:section", "og:section", "section", "parsely-section", "article.section", "dc.subject.section", NULL };
	static const char *const authors[] = { "author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "byl", "sailthru.author", NULL };
	const char *name = html_attribute(node, "property"), *content = html_attribute(node, "content");
	struct page *page = &reader->meta;

	if (name == NULL)
		name = html_attribute(node, "name");
	if (name == NULL)
		name = html_attribute(node, "itemprop");
	if (name == NULL || content == NULL)
		return;
	if (is_one_of(name, titles))
		page_set_text(&page->title, content, 500, reader->arena);
	else if (is_one_of(name, summaries))
		page_set_text(&page->summary, content, PAGE_TEXT_LONGEST, reader->arena);
	else if (is_one_of(name, times))
		page_set_time(page, content, reader->arena);
	else if (is_one_of(name, sections))
		page_set_text(&page->section, content, PAGE_SECTION_LONGEST, reader->arena);
	else if (is_one_of(name, authors) && page->byline == NULL && strstr(content, "://") == NULL)
		page_set_text(&page->byline, content, 200, reader->arena);
	else if (strcasecmp(name, "og:site_name") == 0)
		page_set_text(&page->site, content, 200, reader->arena);
	else if (strcasecmp(name, "article:tag") == 0)
		page_add_tag(page, content, reader->arena);
	else if (strcasecmp(name, "og:image") == 0 && page->image.url == NULL)
		page->image.url = arena_string(reader->arena, content);
	else if (strcasecmp(name, "og:image:alt") == 0)
		page_set_text(&page->image.alt, content, PAGE_ALT_LONGEST, reader->arena);
	else if (strcasecmp(name, "og:url") == 0)
		reader->og_url = content;
	else if (strcasecmp(name, "og:locale") == 0)
		page_set_text(&page->lang, content, 35, reader->arena);
}

static void read_link(struct reader *reader, const GumboNode *node)
{
	const char *relation = html_attribute(node, "rel");

	if (relation != NULL && strcasecmp(relation, "canonical") == 0)
		reader->canonical = html_attribute(node, "href");
}

static bool enter(void *arg, GumboNode *node)
{
	struct reader *reader = arg;
	const char *type;

	if (node->type != GUMBO_NODE_ELEMENT || node->v.element.tag_namespace != GUMBO_NAMESPACE_HTML)
		return false;
	switch (node->v.element.tag) {
	case GUMBO_TAG_HTML:
		reader->lang = html_attribute(node, "lang");
		break;
	case GUMBO_TAG_TITLE:
		if (reader->document_title == NULL)
			reader->document_title = page_clean_text(content_of(node), 500, reader->arena);
		break;
	case GUMBO_TAG_META:
		read_meta(reader, node);
		break;
	case GUMBO_TAG_LINK:
		read_link(reader, node);
		break;
	case GUMBO_TAG_BASE:
		reader->base = html_attribute(node, "href");
		break;
	case GUMBO_TAG_SCRIPT:
		type = html_attribute(node, "type");
		if (type != NULL && strcasecmp(type, "application/ld+json") == 0 && content_of(node) != NULL && reader->ld.title == NULL)
			page_read_json_ld(content_of(node), &reader->ld, reader->arena);
		break;
	default:
		break;
	}
	return true;
}

/* --- <time>, <title>, <h1> --- */

static bool holds(const char *text, const char *part)
{
	return text != NULL && strcasestr(text, part) != NULL;
}

/* Times in teasers and comments are other articles': those count less that stand in an <aside>, a list or an inner <article>. */
static int judge_time(const struct page_tree *tree, size_t i)
{
	const GumboNode *node = tree->items[i].node;
	const char *class = html_attribute(node, "class"), *property = html_attribute(node, "itemprop");
	int score = html_attribute(node, "pubdate") != NULL || holds(property, "datePublished") ? 6 : 0;

	score += holds(class, "publish") || holds(class, "entry-date") ? 2 : 0;
	score -= holds(class, "updat") || holds(class, "modif") || holds(property, "dateModified") ? 4 : 0;
	for (size_t in = tree->items[i].parent; in != tree->items[in].parent; in = tree->items[in].parent) {
		const char *name = html_attribute(tree->items[in].node, "class");

		if (item_is(&tree->items[in], GUMBO_TAG_ASIDE) || item_is(&tree->items[in], GUMBO_TAG_LI) || item_is(&tree->items[in], GUMBO_TAG_FOOTER) ||
		    item_is(&tree->items[in], GUMBO_TAG_NAV) || holds(name, "related") || holds(name, "comment") || holds(name, "sidebar"))
			score -= 5;
	}
	return score;
}

static void read_time_elements(const struct page_tree *tree, struct page *page, struct arena *arena)
{
	const char *best = NULL;
	int best_score = -4;

	for (size_t i = 0; i < tree->n; i++) {
		const GumboNode *node = tree->items[i].node;
		const char *when = html_attribute(node, "datetime");
		int score;

		if (when == NULL && holds(html_attribute(node, "itemprop"), "datePublished"))
			when = html_attribute(node, "content");
		if (when == NULL || when[0] == '\0')
			continue;
		score = judge_time(tree, i);
		if (best == NULL || score > best_score) {
			best = score > -5 || best == NULL ? when : best;
			best_score = score;
		}
	}
	if (best != NULL && best_score > -5)
		page_set_time(page, best, arena);
}

/* The text of <h1>, if there is one only or one that the document's title begins with. */
static const char *heading_title(const struct page_tree *tree, const char *document_title)
{
	const char *only = NULL;
	size_t n = 0;

	for (size_t i = 0; i < tree->lines.n; i++) {
		const struct page_line *line = &tree->lines.items[i];

		if (line->place != PLACE_TITLE || line->length > 500)
			continue;
		if (document_title != NULL && line->words > 1 && strstr(document_title, line->text) != NULL)
			return line->text;
		only = line->text;
		n++;
	}
	return n == 1 ? only : NULL;
}

/* "Title | The Paper" -> "Title": cut at the last separator if what is left is the longer part. */
static const char *without_site(const char *title, const char *site, struct arena *arena)
{
	static const char *const separators[] = { " | ", " :: ", " — ", " – ", " - ", " » ", " · ", " « ", " / ", NULL };

	for (size_t i = 0; title != NULL && separators[i] != NULL; i++) {
		const char *cut = NULL, *next = title, *rest;

		while ((next = strstr(next, separators[i])) != NULL) {
			cut = next;
			next += 1;
		}
		if (cut == NULL)
			continue;
		rest = cut + strlen(separators[i]);
		if ((size_t)(cut - title) >= strlen(rest) || (site != NULL && line_same_text(rest, site)))
			return arena_copy(arena, title, (size_t)(cut - title));
		if (site != NULL && strncmp(title, site, strlen(site)) == 0)
			return arena_string(arena, rest);
	}
	return title;
}

/* --- together --- */

static void complete(struct page *page, const struct page *from)
{
	const char *const *source = (const char *const[]){ from->title, from->source, from->section, from->byline, from->summary, from->lang,
		from->url, from->site, from->dateline };
	const char **const members[] = { &page->title, &page->source, &page->section, &page->byline, &page->summary, &page->lang, &page->url,
		&page->site, &page->dateline };

	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		if (*members[i] == NULL)
			*members[i] = source[i];
	if (page->image.url == NULL)
		page->image = from->image;
	else if (from->image.url != NULL && strcmp(page->image.url, from->image.url) == 0 && page->image.alt == NULL)
		page->image.alt = from->image.alt;
	if (page->authors.n == 0)
		page->authors = from->authors;
	if (page->tags.n == 0)
		page->tags = from->tags;
	page->is_article = page->is_article || from->is_article;
	if (page->published_at == TIME_NONE)
		page->published_at = from->published_at;
	if (page->time_trouble == NULL)
		page->time_trouble = from->time_trouble;
}

/* "en_US" and "en-us" -> "en-US"; anything that is no tag is dropped. */
static const char *clean_lang(const char *lang, struct arena *arena)
{
	char *tag = arena_string(arena, lang);
	size_t length;

	if (tag == NULL)
		return NULL;
	for (char *c = tag; *c != '\0'; c++)
		if (*c == '_')
			*c = '-';
	length = strlen(tag);
	if (length < 2 || length > 12 || tag[strspn(tag, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-")] != '\0')
		return NULL;
	if (length > 3 && tag[2] != '-' && tag[3] != '-')
		return NULL;
	return tag[length - 1] != '-' && strstr(tag, "--") == NULL ? tag : NULL;
}

/* JSON-LD speaks of the article, <html> of the page around it, which may be in another language; og:locale often of the website. */
static const char *find_lang(const struct reader *reader, struct arena *arena)
{
	const char *const said[] = { reader->ld.lang, reader->lang, reader->meta.lang };

	for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
		const char *lang = clean_lang(said[i], arena);

		if (lang != NULL)
			return lang;
	}
	return NULL;
}

void page_metadata(const struct page_tree *tree, struct arena *arena, struct page *page, const char **ret_base)
{
	struct reader reader = { .arena = arena };
	const struct html_visitor visitor = { .enter = enter, .arg = &reader };
	const char *heading;

	*page = reader.ld = reader.meta = (struct page){ .published_at = TIME_NONE };
	html_walk(html_tree_root(tree->tree), &visitor);
	complete(page, &reader.ld);
	complete(page, &reader.meta);
	if (page->byline == NULL && page->authors.n == 1)
		page->byline = page->authors.items[0];
	heading = heading_title(tree, reader.document_title);
	if (page->title == NULL)
		page->title = heading;
	page->title = without_site(page->title, reader.meta.site, arena);
	page->document_title = without_site(reader.document_title, reader.meta.site, arena);
	read_time_elements(tree, page, arena);

	page->url = short_address(NULL, reader.canonical, arena);
	if (page->url == NULL)
		page->url = short_address(NULL, reader.og_url, arena);
	*ret_base = reader.base != NULL ? page_address(page->url, reader.base, arena) : NULL;
	if (*ret_base == NULL)
		*ret_base = page->url;
	page->image.url = short_address(*ret_base, page->image.url, arena);
	page->lang = find_lang(&reader, arena);
}
