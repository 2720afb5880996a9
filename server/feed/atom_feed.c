/* SPDX-License-Identifier: MIT */
/*
 * Atom (RFC 4287). Pages are linked as RFC 5005 3 has it (first, next), and what readers had and have no more is said by deleted-entry (RFC
 * 6721), on the first page, before the entries, since the schema of RFC 4287 (appendix B) takes nothing behind them.
 *
 * An entry needs an author (4.1.2): the people who wrote it, or else the source it came from. The feed's own time is that of the last change of
 * any entry on the page, or of the last removal, or, where there is none, the beginning of time.
 */
#include "feed_internal.h"

#include <stdlib.h>

static void write_time(struct xml_writer *xml, const char *name, int64_t time)
{
	char text[CLOCK_RFC3339_SIZE];

	xml_element(xml, name, clock_rfc3339(time, text));
}

static void write_person(struct xml_writer *xml, const struct feed_site *site, const char *kind, const struct term *term)
{
	char *uri = feed_term_page(site, kind, term);

	xml_open(xml, "author");
	xml_element(xml, "name", term->name);
	xml_element(xml, "uri", uri);
	xml_close(xml);
	free(uri);
}

static void write_category(struct xml_writer *xml, const struct feed_site *site, const char *kind, const struct term *term)
{
	char *scheme = feed_printf("%s/%s/", site->base_url, kind);

	if (term->name != NULL) {
		xml_open(xml, "category");
		xml_attribute(xml, "scheme", scheme);
		xml_attribute(xml, "term", term->slug);
		xml_attribute(xml, "label", term->name);
		xml_close(xml);
	}
	free(scheme);
}

static void write_terms(struct xml_writer *xml, const struct feed_site *site, const struct article *article)
{
	const struct term *authors;
	const char *kind;
	size_t n;

	authors = feed_authors(article, &n, &kind);
	for (size_t i = 0; i < n; i++)
		write_person(xml, site, kind, &authors[i]);
	write_category(xml, site, "section", &article->section);
	for (size_t i = 0; i < article->tags.n; i++)
		write_category(xml, site, "tag", &article->tags.items[i]);
}

static void write_typed(struct xml_writer *xml, const char *name, const char *type, const char *value)
{
	if (value == NULL)
		return;
	xml_open(xml, name);
	xml_attribute(xml, "type", type);
	xml_text(xml, value);
	xml_close(xml);
}

static void write_entry(struct xml_writer *xml, const struct feed_site *site, const struct article *article)
{
	const char *rights = article->rights.notice != NULL ? article->rights.notice : article->rights.holder;
	char *page = feed_page(site, article), *name = feed_name(site, article->id);

	xml_open(xml, "entry");
	xml_attribute(xml, "xml:lang", article->lang);
	xml_element(xml, "id", name);
	xml_element(xml, "title", article->title);
	feed_link(xml, "link", site, "alternate", "text/html", page);
	feed_link(xml, "link", site, "via", NULL, article->source_url);
	if (article->image.url != NULL)
		feed_link(xml, "link", site, "enclosure", feed_image_type(article->image.url), article->image.url);
	write_time(xml, "published", article->published_at);
	write_time(xml, "updated", article->updated_at);
	write_terms(xml, site, article);
	xml_element(xml, "rights", rights);
	xml_element(xml, "summary", article->summary);
	write_typed(xml, "content", "html", article->body_html);
	xml_close(xml);
	free(page);
	free(name);
}

static void write_removal(struct xml_writer *xml, const struct feed_site *site, const struct feed_removal *removal)
{
	char *name = feed_name(site, removal->id), when[CLOCK_RFC3339_SIZE];

	xml_open(xml, "at:deleted-entry");
	xml_attribute(xml, "ref", name);
	xml_attribute(xml, "when", clock_rfc3339(removal->at, when));
	xml_close(xml);
	free(name);
}

static void write_head(struct xml_writer *xml, const struct feed *feed)
{
	char *id = feed_address(feed->site, feed->first);
	const int64_t updated = feed_updated(feed);

	xml_element(xml, "id", id);
	xml_element(xml, "title", feed->title);
	write_time(xml, "updated", updated != TIME_NONE ? updated : 0);
	xml_open(xml, "author");
	xml_element(xml, "name", feed->site->name);
	xml_close(xml);
	feed_link(xml, "link", feed->site, "self", "application/atom+xml", feed->self);
	feed_link(xml, "link", feed->site, "alternate", "text/html", feed->page);
	feed_link(xml, "link", feed->site, "first", "application/atom+xml", feed->first);
	feed_link(xml, "link", feed->site, "next", "application/atom+xml", feed->next);
	feed_link(xml, "link", feed->site, "hub", NULL, feed->site->hub);
	free(id);
}

void atom_feed_write(const struct feed *feed, struct text *out)
{
	struct xml_writer xml;

	xml_begin(&xml, out);
	xml_open(&xml, "feed");
	xml_attribute(&xml, "xmlns", "http://www.w3.org/2005/Atom");
	if (feed->n_removals > 0)
		xml_attribute(&xml, "xmlns:at", "http://purl.org/atompub/tombstones/1.0");
	write_head(&xml, feed);
	for (size_t i = 0; i < feed->n_removals; i++)
		write_removal(&xml, feed->site, &feed->removals[i]);
	for (size_t i = 0; i < feed->n; i++)
		write_entry(&xml, feed->site, &feed->articles[i]);
	xml_end(&xml);
}
