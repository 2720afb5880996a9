/* SPDX-License-Identifier: MIT */
/*
 * Strangers' HTML as a tree: gumbo (HTML5 as browsers build it) kept within bounds of depth, attributes, memory and time, whatever
 * comes in. Used by the sanitiser and by the importer of saved pages. Also the one check of addresses found in such pages.
 */
#ifndef BROADSHEET_HTML_H
#define BROADSHEET_HTML_H

#include <gumbo.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

enum html_context {
	HTML_DOCUMENT,                /* a whole page */
	HTML_FRAGMENT,                /* what may stand in a <div> */
};

struct html_tree;

/* Never NULL. What is longer than 8 MiB is cut; what gumbo would choke on loses its tags. Need not be valid UTF-8 (bad bytes become
 * U+FFFD). The tree is freed in one go; nodes and their strings live until then. Nesting is bounded, but loosely: walk without
 * recursion. */
struct html_tree *html_tree_new(const char *html, size_t length, enum html_context context);
void html_tree_free(struct html_tree *tree);                                  /* takes NULL */
GumboNode *html_tree_root(const struct html_tree *tree);                      /* the <html> element */

/* Tests only: how much of the processor's time a tree may take before its tags are given up. 0 puts the usual 1.5 s back. */
void html_tree_allow_us(int64_t time_us);

/* An attribute's value, or NULL when there is none or the node is no element. */
const char *html_attribute(const GumboNode *node, const char *name);

/* Calls back on every node below and including `root`, in document order. `enter` says whether to go into a node's children; `leave`
 * (perhaps NULL) comes after them, also when `enter` kept out. */
struct html_visitor {
	bool (*enter)(void *arg, GumboNode *node);
	void (*leave)(void *arg, GumboNode *node);
	void *arg;
};
void html_walk(GumboNode *root, const struct html_visitor *visitor);

/* An absolute http, https or (if `mail`) mailto address as browsers would read it, cleaned so that nothing in it can be mistaken;
 * NULL when it is something else. */
char *html_clean_url(const char *url, bool mail, struct arena *arena);

#endif
