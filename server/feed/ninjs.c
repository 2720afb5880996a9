/* SPDX-License-Identifier: MIT */
/*
 * IPTC ninjs 3.1 and 2.2, which news agencies exchange. Composed as 3.1; 2.2 has the same members under names in lower case, but for one.
 *
 *	id, slug, guid, source_url, canonical_url, aliases    altIds with the roles id, slug, guid, source, canonical, alias; id also in uri, slug in slugline
 *	url                 renditions: web
 *	title               title; headlines: main
 *	summary             descriptions: summary
 *	source              infoSources: source
 *	byline, authors     by (the byline, or else the names of the authors); people: author
 *	dateline            located
 *	section             subjects: section
 *	tags                by their types: subjects, people, organisations, places, events: about
 *	image               associations: a picture, with alt, caption and credit
 *	lang                language
 *	featured            genres: featured
 *	published_at        firstCreated, contentCreated
 *	updated_at, rev     versionCreated, version
 *	corrections         descriptions: correction, clarification, update, each with its time in front
 *	corrected_at, reading_minutes    follow from the others, and have no place of their own
 *	word_count          of the bodies
 *	body_html, body_text    bodies: main as text/html, and as text/plain
 *	rights              copyrightHolder, copyrightNotice, usageTerms
 *	status              pubStatus: usable, withheld (draft, scheduled), canceled (withdrawn)
 *	publish_at          embargoedUntil, of a scheduled one
 *	expire_at           expires
 *	related_ids         associations: related, by their uri alone
 *
 * A page of a listing is a composite item, uri its address, with the articles as associations, and altIds with the roles next and prev: the pages on either
 * side, which a Link header has only where they are short enough for one.
 *
 * The last three are the newsroom's own: whoever answers readers takes them out of the article first. An association has a rel in 3.1 alone, so its name says
 * lead or related too.
 */
#include "feed_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "http://www.iptc.org/std/ninjs/ninjs-schema_%s.json#"

static const char *const version_names[] = { [NINJS_3_1] = "3.1", [NINJS_2_2] = "2.2" };

/* --- small things --- */

/* Adds to the list under this name, which is made when there is something to put in it. Takes `value`. */
static void add(json_t *object, const char *name, json_t *value)
{
	json_t *list = json_object_get(object, name);

	if (list == NULL) {
		list = json_array();
		json_object_set_new(object, name, list);
	}
	json_array_append_new(list, value);
}

static void add_id(json_t *item, const char *role, const char *value)
{
	if (value != NULL)
		add(item, "altIds", json_pack("{s:s, s:s}", "role", role, "value", value));
}

static void add_description(json_t *item, const char *role, const char *value)
{
	if (value != NULL)
		add(item, "descriptions", json_pack("{s:s, s:s, s:s}", "role", role, "contentType", "text/plain", "value", value));
}

static void add_term(json_t *item, const char *member, const char *kind, const char *rel_name, const char *rel, const struct feed_site *site,
    const struct term *term)
{
	json_t *object;

	if (term->name == NULL)
		return;
	object = json_pack("{s:s, s:s}", "name", term->name, rel_name, rel);
	json_put_take(object, "uri", feed_term_page(site, kind, term));
	json_put_string(object, "literal", term->slug);
	add(item, member, object);
}

/* --- what an article has --- */

static void put_names(json_t *item, const struct feed_site *site, const struct article *article)
{
	char id[24];

	snprintf(id, sizeof id, "%" PRId64, article->id);
	add_id(item, "id", id);
	add_id(item, "slug", article->slug);
	add_id(item, "guid", article->guid);
	add_id(item, "source", article->source_url);
	add_id(item, "canonical", article->canonical_url);
	for (size_t i = 0; i < article->aliases.n; i++)
		add_id(item, "alias", article->aliases.items[i]);
	json_put_string(item, "slugline", article->slug);
	if (article->slug != NULL) {
		json_t *web = json_pack("{s:s, s:s}", "name", "web", "contentType", "text/html");

		json_put_take(web, "href", feed_page(site, article));
		add(item, "renditions", web);
	}
}

static void put_status(json_t *item, const struct article *article)
{
	const bool is_public = article->status == ARTICLE_PUBLISHED || article->status == ARTICLE_UNSAID;

	json_put_time(item, "expires", article->expire_at);
	json_put_string(item, "pubStatus", is_public ? "usable" : article->status == ARTICLE_WITHDRAWN ? "canceled" : "withheld");
	if (article->status == ARTICLE_SCHEDULED)
		json_put_time(item, "embargoedUntil", article->publish_at);
}

static void put_times(json_t *item, const struct article *article)
{
	json_put_take(item, "version", feed_printf("%" PRId64, article->rev));
	json_put_time(item, "firstCreated", article->published_at);
	json_put_time(item, "versionCreated", article->updated_at);
	json_put_time(item, "contentCreated", article->published_at);
}

static void put_related(json_t *item, const struct feed_site *site, const struct article *article)
{
	for (size_t i = 0; i < article->related_ids.n; i++) {
		json_t *related = json_pack("{s:s, s:s, s:s}", "name", "related", "rel", "related", "type", "text");

		json_put_take(related, "uri", feed_name(site, article->related_ids.items[i]));
		add(item, "associations", related);
	}
}

static void put_rights(json_t *item, const struct rights *rights)
{
	json_put_string(item, "copyrightHolder", rights->holder);
	json_put_string(item, "copyrightNotice", rights->notice);
	json_put_string(item, "usageTerms", rights->usage_terms);
}

static void put_by(json_t *item, const struct article *article)
{
	struct text names = TEXT_EMPTY;

	for (size_t i = 0; i < article->authors.n; i++)
		text_printf(&names, "%s%s", i > 0 ? ", " : "", article->authors.items[i].name);
	json_put_string(item, "by", article->byline != NULL ? article->byline : names.bytes);
	text_done(&names);
}

static void put_people(json_t *item, const struct feed_site *site, const struct article *article)
{
	put_by(item, article);
	add_term(item, "infoSources", "source", "role", "source", site, &article->source);
	for (size_t i = 0; i < article->authors.n; i++)
		add_term(item, "people", "author", "rel", "author", site, &article->authors.items[i]);
}

static const char *member_for(const char *type)
{
	static const char *const members[][2] = {
		{ "person", "people" }, { "organisation", "organisations" }, { "place", "places" }, { "event", "events" },
	};

	for (size_t i = 0; type != NULL && i < sizeof members / sizeof *members; i++)
		if (strcmp(members[i][0], type) == 0)
			return members[i][1];
	return "subjects";
}

static void put_terms(json_t *item, const struct feed_site *site, const struct article *article)
{
	add_term(item, "subjects", "section", "rel", "section", site, &article->section);
	for (size_t i = 0; i < article->tags.n; i++)
		add_term(item, member_for(article->tags.items[i].type), "tag", "rel", "about", site, &article->tags.items[i]);
	if (article->featured)
		add(item, "genres", json_pack("{s:s, s:s}", "name", "Featured", "literal", "featured"));
}

static void put_descriptions(json_t *item, const struct article *article)
{
	add_description(item, "summary", article->summary);
	for (size_t i = 0; i < article->corrections.n; i++) {
		const struct correction *correction = &article->corrections.items[i];
		char at[CLOCK_RFC3339_SIZE], *value = feed_printf("%s: %s", clock_rfc3339(correction->at, at), correction->text);

		add_description(item, correction->kind, value);
		free(value);
	}
}

/* Characters, not bytes: valid UTF-8 has one byte a character that continues none. */
static json_int_t characters(const char *value)
{
	json_int_t n = 0;

	for (; *value != '\0'; value++)
		n += ((unsigned char)*value & 0xc0) != 0x80;
	return n;
}

static void add_body(json_t *item, const struct article *article, const char *type, const char *value)
{
	if (value == NULL)
		return;
	add(item, "bodies", json_pack("{s:s, s:s, s:I, s:I, s:s}", "role", "main", "contentType", type, "charCount",
	    characters(article->body_text != NULL ? article->body_text : value), "wordCount", (json_int_t)article->word_count, "value", value));
}

static void put_image(json_t *item, const struct feed_site *site, const struct image *image)
{
	json_t *picture, *original;
	char *url = feed_address(site, image->url);

	if (url == NULL)
		return;
	picture = json_pack("{s:s, s:s, s:s, s:s}", "name", "lead", "rel", "lead", "uri", url, "type", "picture");
	original = json_pack("{s:s, s:s}", "name", "original", "href", url);
	json_put_string(original, "contentType", feed_image_type(url));
	if (image->width > 0)
		json_put(original, "width", json_integer(image->width));
	if (image->height > 0)
		json_put(original, "height", json_integer(image->height));
	add(picture, "renditions", original);
	add_description(picture, "alt", image->alt);
	add_description(picture, "caption", image->caption);
	json_put_string(picture, "by", image->credit);
	add(item, "associations", picture);
	free(url);
}

/* --- versions --- */

/* 2.2 knows the embargo under another name, and no relation of an association. */
static const char *former_name(const char *name, bool in_association, char ret_name[40])
{
	size_t i;

	if (strcmp(name, "embargoedUntil") == 0)
		return "embargoed";
	if (in_association && strcmp(name, "rel") == 0)
		return NULL;
	for (i = 0; name[i] != '\0' && i < 39; i++)
		ret_name[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] + ('a' - 'A')) : name[i];
	ret_name[i] = '\0';
	return ret_name;
}

static json_t *as_2_2(const json_t *value, bool in_association)
{
	json_t *copy, *member;
	const char *name;
	size_t i;

	if (json_is_array(value)) {
		copy = json_array();
		json_array_foreach(value, i, member)
			json_array_append_new(copy, as_2_2(member, in_association));
		return copy;
	}
	if (!json_is_object(value))
		return json_incref((json_t *)(uintptr_t)value);
	copy = json_object();
	json_object_foreach((json_t *)(uintptr_t)value, name, member) {
		char lower[40];
		const char *former = former_name(name, in_association, lower);

		if (former != NULL)
			json_object_set_new(copy, former, as_2_2(member, strcmp(name, "associations") == 0));
	}
	return copy;
}

/* Takes `item`. */
static json_t *in_version(json_t *item, enum ninjs_version version)
{
	json_t *former;

	if (version == NINJS_3_1)
		return item;
	former = as_2_2(item, false);
	json_decref(item);
	return former;
}

static void put_standard(json_t *item, enum ninjs_version version)
{
	json_t *standard = json_pack("{s:s, s:s}", "name", "ninjs", "version", version_names[version]);

	json_put_take(standard, "schema", feed_printf(SCHEMA, version_names[version]));
	json_put(item, "standard", standard);
}

static json_t *item_of(const struct feed_site *site, const struct article *article)
{
	json_t *item = json_object();

	json_put_take(item, "uri", feed_name(site, article->id));
	json_put_string(item, "type", "text");
	json_put_string(item, "representationType", "full");
	put_times(item, article);
	put_status(item, article);
	json_put_string(item, "language", article->lang);
	json_put_string(item, "title", article->title);
	add(item, "headlines", json_pack("{s:s, s:s}", "role", "main", "value", article->title));
	put_descriptions(item, article);
	put_people(item, site, article);
	json_put_string(item, "located", article->dateline);
	put_terms(item, site, article);
	add_body(item, article, "text/html", article->body_html);
	add_body(item, article, "text/plain", article->body_text);
	put_image(item, site, &article->image);
	put_related(item, site, article);
	put_rights(item, &article->rights);
	put_names(item, site, article);
	return item;
}

json_t *ninjs_article(const struct feed_site *site, const struct article *article, enum ninjs_version version)
{
	json_t *item = item_of(site, article);

	put_standard(item, version);
	return in_version(item, version);
}

static void add_page(json_t *list, const struct feed_site *site, const char *role, const char *path)
{
	char *address = feed_address(site, path);

	add_id(list, role, address);
	free(address);
}

json_t *ninjs_list(const struct feed_site *site, const struct ninjs_page *page, const struct article *articles, size_t n, enum ninjs_version version)
{
	json_t *list = json_object();
	int64_t updated = TIME_NONE;

	json_put_take(list, "uri", feed_address(site, page->self));
	json_put_string(list, "type", "composite");
	for (size_t i = 0; i < n; i++)
		updated = articles[i].updated_at > updated ? articles[i].updated_at : updated;
	json_put_time(list, "versionCreated", updated);
	json_put_string(list, "title", site->name);
	add_page(list, site, "next", page->next);
	add_page(list, site, "prev", page->prev);
	json_put(list, "associations", json_array());
	for (size_t i = 0; i < n; i++) {
		json_t *item = item_of(site, &articles[i]);

		json_put_string(item, "name", articles[i].title);
		add(list, "associations", item);
	}
	put_standard(list, version);
	return in_version(list, version);
}
