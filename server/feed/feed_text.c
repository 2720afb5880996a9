/* SPDX-License-Identifier: MIT */
/* What more than one format says: addresses, times, the type of a picture, and members of JSON objects that may have nothing in them. */
#include "feed_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clock.h"

void feed_link(struct xml_writer *xml, const char *element, const struct feed_site *site, const char *rel, const char *type, const char *address)
{
	char *href = feed_address(site, address);

	if (href != NULL) {
		xml_open(xml, element);
		xml_attribute(xml, "rel", rel);
		xml_attribute(xml, "type", type);
		xml_attribute(xml, "href", href);
		xml_close(xml);
	}
	free(href);
}

char *feed_printf(const char *format, ...)
{
	va_list arguments;
	char *string;
	int length;

	va_start(arguments, format);
	length = vasprintf(&string, format, arguments);
	va_end(arguments);
	if (length < 0)
		abort();    /* as in text.h */
	return string;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* What people write as an address may hold letters of any script, which the formats do not all take: RFC 3987 3.1. */
char *feed_address(const struct feed_site *site, const char *address)
{
	struct text uri = TEXT_EMPTY;

	/* The store lets nothing else in; and nothing else ever gets out (javascript:). */
	if (address == NULL || (address[0] != '/' && article_url_scheme(address) == 0))
		return NULL;
	text_string(&uri, address[0] == '/' ? site->base_url : "");
	for (const char *c = address; *c != '\0'; c++) {
		const bool is_plain = *c == '%' ? is_hex(c[1]) && is_hex(c[2]) : *c > ' ' && *c < 0x7f && strchr("\"<>\\^`{|}", *c) == NULL;

		if (is_plain)
			text_char(&uri, *c);
		else
			text_percent(&uri, c, 1);
	}
	return text_take(&uri);
}

char *feed_name(const struct feed_site *site, int64_t id)
{
	return feed_printf("%s/article/%" PRId64, site->base_url, id);
}

char *feed_page(const struct feed_site *site, const struct article *article)
{
	return feed_printf("%s/article/%s", site->base_url, article->slug);
}

char *feed_term_page(const struct feed_site *site, const char *kind, const struct term *term)
{
	return feed_printf("%s/%s/%s", site->base_url, kind, term->slug);
}

const struct term *feed_authors(const struct article *article, size_t *ret_n, const char **ret_kind)
{
	const bool has_some = article->authors.n > 0;

	*ret_n = has_some ? article->authors.n : 1;
	*ret_kind = has_some ? "author" : "source";
	return has_some ? article->authors.items : &article->source;
}

int64_t feed_updated(const struct feed *feed)
{
	int64_t updated = TIME_NONE;

	for (size_t i = 0; i < feed->n; i++)
		if (feed->articles[i].updated_at > updated)
			updated = feed->articles[i].updated_at;
	for (size_t i = 0; i < feed->n_removals; i++)
		if (feed->removals[i].at > updated)
			updated = feed->removals[i].at;
	return updated;
}

const char *feed_image_type(const char *url)
{
	static const struct {
		const char *ending, *type;
	} types[] = {
		{ ".jpg", "image/jpeg" }, { ".jpeg", "image/jpeg" }, { ".png", "image/png" }, { ".gif", "image/gif" },
		{ ".webp", "image/webp" }, { ".avif", "image/avif" }, { ".svg", "image/svg+xml" },
	};
	const size_t length = strcspn(url, "?#");

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		const size_t ending = strlen(types[i].ending);

		if (length > ending && strncasecmp(url + length - ending, types[i].ending, ending) == 0)
			return types[i].type;
	}
	return NULL;
}

void json_put(json_t *object, const char *name, json_t *value)
{
	if (value != NULL)
		json_object_set_new(object, name, value);
}

void json_put_string(json_t *object, const char *name, const char *value)
{
	if (value != NULL)
		json_object_set_new(object, name, json_string(value));
}

void json_put_time(json_t *object, const char *name, int64_t time)
{
	char text[CLOCK_RFC3339_SIZE];

	if (time != TIME_NONE)
		json_object_set_new(object, name, json_string(clock_rfc3339(time, text)));
}

void json_put_take(json_t *object, const char *name, char *value)
{
	json_put_string(object, name, value);
	free(value);
}
