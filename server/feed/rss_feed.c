/* SPDX-License-Identifier: MIT */
/*
 * RSS 2.0, with the modules that readers of news know: the full text in content:encoded, authors in dc:creator, the picture in media:content
 * (an enclosure would have to say how many bytes it has, which nobody here knows), the address of the feed and its pages in atom:link, the
 * last change of an article in atom:updated.
 *
 * Readers take an item's description for HTML (of all else that has letters in it they show the letters), and a summary is plain text: so that is made
 * HTML of first, and then XML.
 *
 * RSS has no way to say that an article is gone: removals are left to Atom, and only move the feed's own time on.
 */
#include "feed_internal.h"

#include <stdlib.h>
#include <string.h>

static void write_time(struct xml_writer *xml, const char *name, int64_t time)
{
	char text[CLOCK_HTTP_SIZE];

	if (time != TIME_NONE)
		xml_element(xml, name, clock_http(time, text));    /* RFC 822, with four digits of the year */
}

static void write_image(struct xml_writer *xml, const struct feed *feed, const struct image *image)
{
	char *url = feed_address(feed->site, image->url);

	if (url == NULL)
		return;
	xml_open(xml, "media:content");
	xml_attribute(xml, "url", url);
	xml_attribute(xml, "medium", "image");
	xml_attribute(xml, "type", feed_image_type(url));
	if (image->width > 0)
		xml_attribute_integer(xml, "width", image->width);
	if (image->height > 0)
		xml_attribute_integer(xml, "height", image->height);
	xml_element(xml, "media:title", image->alt);
	xml_element(xml, "media:description", image->caption);
	xml_element(xml, "media:credit", image->credit);
	xml_close(xml);
	free(url);
}

/* Where nobody is named as its author, the line under the title says it. */
static void write_authors(struct xml_writer *xml, const struct article *article)
{
	for (size_t i = 0; i < article->authors.n; i++)
		xml_element(xml, "dc:creator", article->authors.items[i].name);
	if (article->authors.n == 0)
		xml_element(xml, "dc:creator", article->byline);
}

static void write_description(struct xml_writer *xml, const char *summary)
{
	struct text html = TEXT_EMPTY;

	if (summary == NULL)
		return;
	text_html(&html, summary, strlen(summary));
	xml_element(xml, "description", html.length > 0 ? html.bytes : "");
	text_done(&html);
}

static void write_item(struct xml_writer *xml, const struct feed *feed, const struct article *article)
{
	char *page = feed_page(feed->site, article), *name = feed_name(feed->site, article->id);
	char updated[CLOCK_RFC3339_SIZE];

	xml_open(xml, "item");
	xml_element(xml, "title", article->title);
	xml_element(xml, "link", page);
	xml_open(xml, "guid");
	xml_attribute(xml, "isPermaLink", "true");
	xml_text(xml, name);
	xml_close(xml);
	write_time(xml, "pubDate", article->published_at);
	xml_element(xml, "atom:updated", clock_rfc3339(article->updated_at, updated));
	write_authors(xml, article);
	xml_element(xml, "category", article->section.name);
	for (size_t i = 0; i < article->tags.n; i++)
		xml_element(xml, "category", article->tags.items[i].name);
	write_description(xml, article->summary);
	xml_element(xml, "content:encoded", article->body_html);
	write_image(xml, feed, &article->image);
	xml_element(xml, "dc:source", article->source.name);
	xml_element(xml, "dc:rights", article->rights.notice != NULL ? article->rights.notice : article->rights.holder);
	xml_element(xml, "dc:language", article->lang);
	xml_close(xml);
	free(page);
	free(name);
}

void rss_feed_write(const struct feed *feed, struct text *out)
{
	char *page = feed_address(feed->site, feed->page);
	struct xml_writer xml;

	xml_begin(&xml, out);
	xml_open(&xml, "rss");
	xml_attribute(&xml, "version", "2.0");
	xml_attribute(&xml, "xmlns:atom", "http://www.w3.org/2005/Atom");
	xml_attribute(&xml, "xmlns:content", "http://purl.org/rss/1.0/modules/content/");
	xml_attribute(&xml, "xmlns:dc", "http://purl.org/dc/elements/1.1/");
	xml_attribute(&xml, "xmlns:media", "http://search.yahoo.com/mrss/");
	xml_open(&xml, "channel");
	xml_element(&xml, "title", feed->title);
	xml_element(&xml, "link", page);
	xml_element(&xml, "description", feed->title);
	feed_link(&xml, "atom:link", feed->site, "self", "application/rss+xml", feed->self);
	feed_link(&xml, "atom:link", feed->site, "next", "application/rss+xml", feed->next);
	feed_link(&xml, "atom:link", feed->site, "hub", NULL, feed->site->hub);
	write_time(&xml, "lastBuildDate", feed_updated(feed));
	for (size_t i = 0; i < feed->n; i++)
		write_item(&xml, feed, &feed->articles[i]);
	xml_end(&xml);
	free(page);
}
