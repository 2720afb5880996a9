/* SPDX-License-Identifier: MIT */
/*
 * Pages from templates: text with a few marks that are filled from JSON. The marks are those of Mustache, less what
 * invites trouble:
 *
 *	{{name}}                     the value, escaped for HTML text and quoted attributes
 *	{{{name}}}                   the value as it is: for HTML that is known to be safe
 *	{{#name}}…{{/name}}          once for each member of an array, once for an object or any other value that is not empty
 *	{{^name}}…{{/name}}          when there is no such value, or it is false, 0, "", [] or null
 *	{{.}}                        the value of the section around
 *	{{>name}}                    another template
 *	{{! … }}                     nothing
 *
 * "a.b" is member b of member a. A name is looked for in the innermost object or array member, then at the root,
 * never in between: a story without a picture does not borrow that of the page around it. A mark that stands alone
 * on its line leaves no blank line behind.
 *
 * A set is parsed and checked once; after that rendering cannot fail, changes nothing and may be done by many
 * threads.
 */
#ifndef BROADSHEET_TEMPLATE_H
#define BROADSHEET_TEMPLATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "text.h"

enum {
	TEMPLATE_SECTIONS_DEEP = 16, /* sections inside one another, in one template */
	TEMPLATE_PARTIALS_DEEP = 8,  /* templates inside one another */
};

struct template_source {
	const char *name; /* as {{>name}} says it: [a-z0-9_-]+ */
	const char *bytes;
	size_t length;
};

struct template;
struct template_set;

/* Parse `n` templates; the bytes are copied. ERROR_INVALID names the template, the line and what is wrong there: an open or unknown mark,
 * a section that is not closed, an unknown template, templates that hold themselves. */
struct template_set *template_set_new(const struct template_source *sources, size_t n, struct error *err);
void template_set_free(struct template_set *set); /* takes NULL */

const struct template *template_find(const struct template_set *set, const char *name); /* NULL when there is none */

/* Appends the page to `text`. Strings, integers and true are printed; other values have no text. */
void template_render(const struct template *template, const json_t *data, struct text *text);

#endif
