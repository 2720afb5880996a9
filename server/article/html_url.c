/* SPDX-License-Identifier: MIT */
/*
 * Addresses out of strangers' pages.
 *
 * Browsers forgive much when they read an address: blanks around it, tabs and line ends inside it, backslashes for slashes, missing
 * slashes. So a check must read as they do, and what passes is written out anew in the strict form of RFC 3986, in which no two
 * readers differ: scheme in small letters, two slashes, a host, no name or password before it, and every byte that has no place in
 * an address, letters beyond ASCII among them, as %XX. Only in the host such letters stay: there they are no bytes but names
 * (RFC 3987).
 */
#include <string.h>
#include <strings.h>

#include "article_internal.h"
#include "html.h"

enum { URL_LONGEST = 4000 };

/* As the URL standard begins: control characters and blanks at the ends go, tabs and line ends go wherever they are. */
static char *strip(const char *url, struct arena *arena)
{
	size_t length = strlen(url), kept = 0;
	char *stripped;

	while (length > 0 && (unsigned char)url[length - 1] <= 0x20)
		length--;
	while (length > 0 && (unsigned char)url[0] <= 0x20) {
		url++;
		length--;
	}
	if (length == 0 || length > URL_LONGEST)
		return NULL;
	stripped = arena_alloc(arena, length + 1);
	for (size_t i = 0; i < length; i++)
		if (url[i] != '\t' && url[i] != '\n' && url[i] != '\r')
			stripped[kept++] = url[i];
	return stripped;
}

static bool is_misplaced(unsigned char c)
{
	return c <= 0x20 || c == 0x7F || strchr("\"<>\\^`{|}", c) != NULL;
}

/* Host and port: nothing but what cannot be misread. */
static bool is_host(const char *host, size_t length)
{
	if (length == 0 || host[0] == ':' || host[0] == '.')
		return false;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)host[i];

		if (c == 0xC2 && (unsigned char)host[i + 1] <= 0xA0)
			return false;    /* control characters, no-break space */
		if (c < 0x80 && (is_misplaced(c) || strchr("@%!$&'()*+,;=", c) != NULL))
			return false;
	}
	return true;
}

static void append_clean(struct text *out, const char *rest)
{
	for (; *rest != '\0'; rest++) {
		if (is_misplaced((unsigned char)*rest) || (unsigned char)*rest >= 0x80)
			text_percent(out, rest, 1);
		else
			text_char(out, *rest);
	}
}

static char *clean(const char *scheme, const char *rest, size_t host, struct arena *arena)
{
	struct text out = TEXT_EMPTY;
	char *url;

	text_string(&out, scheme);
	text_append(&out, rest, host);
	append_clean(&out, rest + host);
	url = out.length <= URL_LONGEST ? arena_copy(arena, out.bytes, out.length) : NULL;
	text_done(&out);
	return url;
}

char *html_clean_url(const char *url, bool mail, struct arena *arena)
{
	static const char *const schemes[] = { "https://", "http://" };
	const char *stripped = strip(url, arena);

	if (stripped == NULL || !text_is_utf8(stripped, strlen(stripped)))
		return NULL;
	stripped = unicode_nfc(stripped, arena);    /* first, for it may bring forth ASCII */
	for (size_t i = 0; i < 2; i++) {
		size_t length = strlen(schemes[i]), host;

		if (strncasecmp(stripped, schemes[i], length) != 0)
			continue;
		host = strcspn(stripped + length, "/?#");
		return is_host(stripped + length, host) ? clean(schemes[i], stripped + length, host, arena) : NULL;
	}
	if (mail && strncasecmp(stripped, "mailto:", 7) == 0 && strchr(stripped + 7, '@') != NULL)
		return clean("mailto:", stripped + 7, 0, arena);
	return NULL;
}
