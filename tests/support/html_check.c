/* SPDX-License-Identifier: MIT */
/*
 * The judge of html_check.h. Uses gumbo directly, not through the fence in server/article/html_tree.c: what was sanitised must be
 * harmless to any parser, so it needs no fence.
 */
#include "html_check.h"

#include <gumbo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DEEPEST = 66 };    /* 64, and <html> and <tbody> that the parser adds */

struct judge {
	char *offence;
	size_t size;
};

static bool guilty(struct judge *judge, const char *what, const char *name)
{
	snprintf(judge->offence, judge->size, "%s %.80s", what, name);
	return false;
}

static bool is_listed(const char *name, const char *list)
{
	size_t length = strlen(name);

	for (const char *at = list; (at = strstr(at, name)) != NULL; at += length)
		if ((at == list || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
			return length > 0;
	return false;
}

static bool is_number(const char *value)
{
	return value[0] != '\0' && strlen(value) <= 7 && value[strspn(value, "0123456789")] == '\0';
}

static bool is_address(const char *value, bool mail)
{
	for (const char *c = value; *c != '\0'; c++)
		if ((unsigned char)*c <= 0x20 || (unsigned char)*c == 0x7F || strchr("<>\"`\\", *c) != NULL)
			return false;
	return strncmp(value, "https://", 8) == 0 || strncmp(value, "http://", 7) == 0 || (mail && strncmp(value, "mailto:", 7) == 0);
}

static const char *allowed_attributes(const char *element)
{
	if (strcmp(element, "a") == 0)
		return "href rel";
	if (strcmp(element, "img") == 0)
		return "src alt width height";
	if (strcmp(element, "ol") == 0)
		return "start";
	return strcmp(element, "td") == 0 || strcmp(element, "th") == 0 ? "colspan rowspan" : "";
}

static bool judge_attribute(struct judge *judge, const char *element, const GumboAttribute *attribute)
{
	const char *name = attribute->name, *value = attribute->value;

	if (!is_listed(name, allowed_attributes(element)))
		return guilty(judge, "attribute", name);
	if (strcmp(name, "href") == 0 && !is_address(value, true))
		return guilty(judge, "href", value);
	if (strcmp(name, "src") == 0 && !is_address(value, false))
		return guilty(judge, "src", value);
	if (strcmp(name, "rel") == 0 && strcmp(value, "nofollow noopener") != 0)
		return guilty(judge, "rel", value);
	if (is_listed(name, "width height start colspan rowspan") && !is_number(value))
		return guilty(judge, name, value);
	return true;
}

static bool judge_text(struct judge *judge, const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
		if (((unsigned char)*c < 0x20 && *c != '\n' && *c != '\t') || *c == 0x7F)
			return guilty(judge, "control character in", text);
	return true;
}

static bool judge_node(struct judge *judge, const GumboNode *node, int depth)
{
	static const char elements[] = "p br h2 h3 h4 ul ol li blockquote pre code em strong a img figure figcaption table tbody tr th td hr sup sub";
	const GumboElement *element = &node->v.element;
	const char *name;

	if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE)
		return judge_text(judge, node->v.text.text);
	if (node->type != GUMBO_NODE_ELEMENT)
		return guilty(judge, "node of a kind that is not allowed", "");
	name = gumbo_normalized_tagname(element->tag);
	if (element->tag_namespace != GUMBO_NAMESPACE_HTML || !is_listed(name, elements))
		return guilty(judge, "element", name);
	if (depth > DEEPEST)
		return guilty(judge, "too deep:", name);
	for (unsigned i = 0; i < element->attributes.length; i++)
		if (!judge_attribute(judge, name, element->attributes.data[i]))
			return false;
	for (unsigned i = 0; i < element->children.length; i++)
		if (!judge_node(judge, element->children.data[i], depth + 1))
			return false;
	return true;
}

/* gumbo 0.10.1 reads a field of its own that it has not set. */
static void *allocate_zeroed(void *arg, size_t size)
{
	(void)arg;
	return calloc(1, size);
}

bool html_check(const char *html, char *ret_offence, size_t size)
{
	struct judge judge = { .offence = ret_offence, .size = size };
	GumboOptions options = kGumboDefaultOptions;
	const GumboVector *children;
	GumboOutput *output;
	bool innocent = true;

	options.fragment_context = GUMBO_TAG_DIV;
	options.max_errors = 0;
	options.allocator = allocate_zeroed;
	output = gumbo_parse_with_options(&options, html, strlen(html));
	children = &output->root->v.element.children;
	for (unsigned i = 0; innocent && i < children->length; i++)
		innocent = judge_node(&judge, children->data[i], 1);
	gumbo_destroy_output(&options, output);
	return innocent;
}
