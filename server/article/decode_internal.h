/* SPDX-License-Identifier: MIT */
/*
 * What the readers of an article's JSON share: article_decode.c walks the field table, decode_parts.c reads what is made of parts (terms,
 * images, corrections), decode_values.c single strings, numbers and times. Each says what is wrong with its JSON pointer (RFC 6901) and
 * returns false; outputs are then untouched.
 */
#ifndef BROADSHEET_DECODE_INTERNAL_H
#define BROADSHEET_DECODE_INTERNAL_H

#include "article.h"

struct decoder {
	enum decode_mode mode;
	struct arena *arena;
	struct error *err;
};

/* --- decode_values.c --- */

bool decode_wrong(struct decoder *decoder, const char *pointer, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Has something been said of this place? */
bool decode_is_wrong(const struct decoder *decoder, const char *pointer);
const char *decode_pointer_to(struct decoder *decoder, const char *pointer, const char *member);
const char *decode_pointer_at(struct decoder *decoder, const char *pointer, size_t index);

/* A string value within its limit and without control characters, or NULL with the wrong said. */
const char *decode_string_value(struct decoder *decoder, const char *pointer, json_t *value, size_t longest);
const char *decode_fold_text(struct decoder *decoder, const char *string);
const char *decode_safe_html(struct decoder *decoder, const char *string);
/* Lines, addresses and slugs give NULL for one that is empty. */
bool decode_line(struct decoder *decoder, const char *pointer, json_t *value, size_t longest, const char **ret_line);
bool decode_lang(struct decoder *decoder, const char *pointer, json_t *value, size_t longest, const char **ret_lang);
/* `site`: a path on this site will do. */
bool decode_url(struct decoder *decoder, const char *pointer, json_t *value, size_t longest, bool site, const char **ret_url);
bool decode_slug(struct decoder *decoder, const char *pointer, json_t *value, const char **ret_slug);
/* One of a few words; `ret_index` is its place. */
bool decode_choice(struct decoder *decoder, const char *pointer, json_t *value, const char *const *choices, size_t *ret_index);
bool decode_integer(struct decoder *decoder, const char *pointer, json_t *value, int64_t least, int64_t most, int64_t *ret_integer);
bool decode_time(struct decoder *decoder, const char *pointer, json_t *value, int64_t *ret_time);

/* --- decode_parts.c --- */

bool decode_unknown_member(struct decoder *decoder, const char *pointer, const char *name, const char *const *known);
bool decode_term(struct decoder *decoder, const char *pointer, json_t *value, bool is_tag, struct term *ret_term);
bool decode_terms(struct decoder *decoder, const char *pointer, json_t *value, size_t longest, bool are_tags, struct term_list *ret_terms);
bool decode_slugs(struct decoder *decoder, const char *pointer, json_t *value, size_t longest, struct string_list *ret_strings);
bool decode_ids(struct decoder *decoder, const char *pointer, json_t *value, size_t longest, struct id_list *ret_ids);
bool decode_image(struct decoder *decoder, const char *pointer, json_t *value, struct image *ret_image);
bool decode_rights(struct decoder *decoder, const char *pointer, json_t *value, struct rights *ret_rights);
bool decode_corrections(struct decoder *decoder, const char *pointer, json_t *value, size_t longest, struct correction_list *ret_list);

#endif
