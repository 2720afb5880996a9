/* SPDX-License-Identifier: MIT */
/*
 * Sitemaps (sitemaps.org 0.9): an index, pages of addresses by ranges of ids, and one of recent news.
 *
 * A page holds the ids of its range for ever, so a new article changes the last page alone, and a crawler need not fetch the others again. The news
 * sitemap has Google's elements, which other search engines read too: name of the paper, language, time and title of each article.
 */
#include "feed_internal.h"

#include <inttypes.h>
#include <stdlib.h>

#define NAMESPACE "http://www.sitemaps.org/schemas/sitemap/0.9"

static void write_time(struct xml_writer *xml, const char *name, int64_t time)
{
	char text[CLOCK_RFC3339_SIZE];

	if (time != TIME_NONE)
		xml_element(xml, name, clock_rfc3339(time, text));
}

void sitemap_index_write(const struct feed_site *site, const struct sitemap_index_row *rows, size_t n, struct text *out)
{
	struct xml_writer xml;

	xml_begin(&xml, out);
	xml_open(&xml, "sitemapindex");
	xml_attribute(&xml, "xmlns", NAMESPACE);
	for (size_t i = 0; i < n; i++) {
		char *page = feed_printf("%s/sitemap/%" PRId64 ".xml", site->base_url, rows[i].page);

		xml_open(&xml, "sitemap");
		xml_element(&xml, "loc", page);
		write_time(&xml, "lastmod", rows[i].updated_at);
		xml_close(&xml);
		free(page);
	}
	xml_end(&xml);
}

/* Of many addresses: no memory is asked for one by one. Slugs and times need no escaping. */
void sitemap_begin(struct text *out)
{
	struct xml_writer xml;

	xml_begin(&xml, out);
	text_string(out, "<urlset xmlns=\"" NAMESPACE "\">\n");
}

void sitemap_add(const struct feed_site *site, const char *slug, int64_t updated_at, struct text *out)
{
	struct xml_writer xml = { .out = out };
	char time[CLOCK_RFC3339_SIZE];

	xml_open(&xml, "url");
	xml_open(&xml, "loc");
	xml_text(&xml, site->base_url);
	xml_text(&xml, "/article/");
	xml_text(&xml, slug);
	xml_close(&xml);
	xml_element(&xml, "lastmod", clock_rfc3339(updated_at, time));
	xml_close(&xml);
}

void sitemap_end(struct text *out)
{
	text_string(out, "</urlset>\n");
}

void sitemap_news_begin(struct text *out)
{
	struct xml_writer xml;

	xml_begin(&xml, out);
	text_string(out, "<urlset xmlns=\"" NAMESPACE "\" xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\">\n");
}

void sitemap_news_add(const struct feed_site *site, const struct article *article, struct text *out)
{
	struct xml_writer xml = { .out = out };
	char *page = feed_page(site, article);

	xml_open(&xml, "url");
	xml_element(&xml, "loc", page);
	xml_open(&xml, "news:news");
	xml_open(&xml, "news:publication");
	xml_element(&xml, "news:name", site->name);
	xml_element(&xml, "news:language", article->lang != NULL ? article->lang : "en");
	xml_close(&xml);
	write_time(&xml, "news:publication_date", article->published_at);
	xml_element(&xml, "news:title", article->title);
	xml_end(&xml);
	free(page);
}

void sitemap_news_end(struct text *out)
{
	sitemap_end(out);
}
