/* SPDX-License-Identifier: MIT */
/* What the files of server/feed/ share among themselves. */
#ifndef BROADSHEET_FEED_INTERNAL_H
#define BROADSHEET_FEED_INTERNAL_H

#include <stdarg.h>

#include "feed.h"

/* --- xml_write.c: well-formed XML into a text --- */

enum { XML_DEPTH_MOST = 16 };

struct xml_writer {
	struct text *out;
	const char *open[XML_DEPTH_MOST];    /* names of the elements that are open */
	size_t depth;
	bool in_tag;                         /* attributes may come */
};

/* Names are ours, values are anybody's. */
void xml_begin(struct xml_writer *writer, struct text *out);
void xml_open(struct xml_writer *writer, const char *name);
void xml_attribute(struct xml_writer *writer, const char *name, const char *value);       /* NULL: none */
void xml_attribute_integer(struct xml_writer *writer, const char *name, int64_t value);
void xml_text(struct xml_writer *writer, const char *value);
void xml_close(struct xml_writer *writer);
void xml_element(struct xml_writer *writer, const char *name, const char *value);         /* NULL: none */
void xml_end(struct xml_writer *writer);                                                  /* closes all that is open */

/* --- feed_text.c: what more than one format says --- */

/* An address as a URI; one that begins with '/' is on the site. To free(); NULL for NULL, and for what is no address on the web. */
char *feed_address(const struct feed_site *site, const char *address);
/* An element of Atom's for that, also within RSS; none for what is no address. `type` may be NULL. */
void feed_link(struct xml_writer *xml, const char *element, const struct feed_site *site, const char *rel, const char *type, const char *address);
char *feed_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The article's name, and where it is read. To free(). */
char *feed_name(const struct feed_site *site, int64_t id);
char *feed_page(const struct feed_site *site, const struct article *article);
/* Where the articles of a section, tag, source or author are listed. To free(). */
char *feed_term_page(const struct feed_site *site, const char *kind, const struct term *term);
/* The people who wrote it, or else the source that it came from. */
const struct term *feed_authors(const struct article *article, size_t *ret_n, const char **ret_kind);
/* The last change of any article, or the last removal; TIME_NONE where there is neither. */
int64_t feed_updated(const struct feed *feed);
/* The media type that the address of a picture tells, or NULL. */
const char *feed_image_type(const char *url);

/* --- small things for JSON --- */

/* Adds a member unless there is nothing to add. Takes `value`. */
void json_put(json_t *object, const char *name, json_t *value);
void json_put_string(json_t *object, const char *name, const char *value);                /* NULL: nothing */
void json_put_time(json_t *object, const char *name, int64_t time);                       /* TIME_NONE: nothing */
void json_put_take(json_t *object, const char *name, char *value);                        /* frees it */

#endif
