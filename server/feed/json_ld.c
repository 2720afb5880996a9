/* SPDX-License-Identifier: MIT */
/*
 * A schema.org NewsArticle, as search engines read it: on the article's page in a script element, and by itself at /v1/articles/{ref}.jsonld. The text
 * itself is left out, since whoever reads this has the page.
 *
 * Its address is the one that search engines are to keep: the article's canonical_url where that is on the web, otherwise its page here.
 */
#include "feed_internal.h"

/* Takes `url`. */
static json_t *thing(const char *type, const char *name, char *url)
{
	json_t *object = json_pack("{s:s, s:s?}", "@type", type, "name", name);

	json_put_take(object, "url", url);
	return object;
}

static json_t *authors_of(const struct feed_site *site, const struct article *article)
{
	json_t *list = json_array();
	const struct term *authors;
	const char *kind;
	size_t n;

	authors = feed_authors(article, &n, &kind);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, thing(article->authors.n > 0 ? "Person" : "Organization", authors[i].name, feed_term_page(site, kind, &authors[i])));
	return list;
}

static json_t *keywords_of(const struct article *article)
{
	json_t *names = json_array();

	for (size_t i = 0; i < article->tags.n; i++)
		json_array_append_new(names, json_string(article->tags.items[i].name));
	return names;
}

static json_t *image_of(const struct feed_site *site, const struct image *image)
{
	char *url = feed_address(site, image->url);
	json_t *object;

	if (url == NULL)
		return NULL;
	object = json_pack("{s:s}", "@type", "ImageObject");
	json_put_take(object, "url", url);
	if (image->width > 0)
		json_put(object, "width", json_integer(image->width));
	if (image->height > 0)
		json_put(object, "height", json_integer(image->height));
	json_put_string(object, "caption", image->caption);
	json_put_string(object, "creditText", image->credit);
	return object;
}

static json_t *corrections_of(const struct article *article)
{
	json_t *list;

	if (article->corrections.n == 0)
		return NULL;
	list = json_array();
	for (size_t i = 0; i < article->corrections.n; i++) {
		const struct correction *correction = &article->corrections.items[i];
		json_t *comment = json_pack("{s:s, s:s}", "@type", "CorrectionComment", "text", correction->text);

		json_put_time(comment, "datePublished", correction->at);
		json_array_append_new(list, comment);
	}
	return list;
}

static char *canonical_of(const struct feed_site *site, const struct article *article)
{
	const char *url = article->canonical_url;

	if (url != NULL && article_url_scheme(url) > 0)
		return feed_address(site, url);
	return feed_page(site, article);
}

static void put_rights(json_t *news, const struct rights *rights)
{
	if (rights->holder != NULL)
		json_put(news, "copyrightHolder", thing("Organization", rights->holder, NULL));
	json_put_string(news, "copyrightNotice", rights->notice);
}

json_t *json_ld_article(const struct feed_site *site, const struct article *article)
{
	json_t *news = json_pack("{s:s, s:s}", "@context", "https://schema.org", "@type", "NewsArticle");

	json_put_take(news, "@id", feed_name(site, article->id));
	json_put_string(news, "headline", article->title);
	json_put_string(news, "description", article->summary);
	json_put_take(news, "url", canonical_of(site, article));
	json_put_take(news, "mainEntityOfPage", canonical_of(site, article));
	json_put_time(news, "datePublished", article->published_at);
	json_put_time(news, "dateModified", article->updated_at);
	json_put_string(news, "inLanguage", article->lang);
	json_put_string(news, "articleSection", article->section.name);
	json_put_string(news, "dateline", article->dateline);
	json_put(news, "wordCount", json_integer(article->word_count));
	json_put(news, "keywords", keywords_of(article));
	json_put(news, "author", authors_of(site, article));
	json_put(news, "publisher", thing("Organization", site->name, feed_printf("%s/", site->base_url)));
	if (article->source.name != NULL)
		json_put(news, "sourceOrganization", thing("Organization", article->source.name, NULL));
	json_put(news, "image", image_of(site, &article->image));
	put_rights(news, &article->rights);
	json_put(news, "correction", corrections_of(article));
	json_put(news, "isAccessibleForFree", json_true());
	return news;
}
