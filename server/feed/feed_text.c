/* SPDX-License-Identifier: MIT */
/* What more than one format says: addresses, times, the type of a picture, and members of JSON objects that may have nothing in them. */
#include "feed_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clock.h"

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

char *feed_address(const struct feed_site *site, const char *address)
{
	if (address == NULL)
		return NULL;
	return feed_printf("%s%s", address[0] == '/' ? site->base_url : "", address);
}

char *feed_name(const struct feed_site *site, int64_t id)
{
	return feed_printf("%s/article/%" PRId64, site->base_url, id);
}

char *feed_page(const struct feed_site *site, const struct article *article)
{
	return feed_printf("%s/article/%s", site->base_url, article->slug);
}

int64_t feed_updated(const struct feed *feed)
{
	int64_t updated = TIME_NONE;

	for (size_t i = 0; i < feed->n; i++)
		if (feed->articles[i].updated_at > updated)
			updated = feed->articles[i].updated_at;
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
