/* SPDX-License-Identifier: MIT */
/*
 * Gumbo behind a fence.
 *
 * Gumbo 0.10.1 builds the tree that browsers build, but trusts its input: it takes whatever memory it wants, does not look at what
 * its allocator answers, walks its stack of open elements at every tag (quadratic over deep nesting), repeats open formatting
 * elements in every paragraph (the output can be a thousand times the input) and frees its tree by recursion. So:
 *
 * - html_guard() first takes out tags and attributes that make trees absurdly deep or wide;
 * - gumbo gets its memory from an arena with a budget, and the tree is given back with the arena, so that nothing recurses;
 * - when the budget, or a time no page of this world needs, is used up, we jump out of gumbo (it holds nothing but that memory) and
 *   parse again with all tags taken out. Bare text costs next to nothing, so there is always a tree. The time is the processor's
 *   for this thread: what a page becomes does not hang on what else the machine does.
 *
 * Whether input is hostile is never decided by the guard: the tree is what gumbo made of it, and only the tree is believed.
 */
#include "html.h"

#include <setjmp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "article_internal.h"
#include "clock.h"
#include "memory.h"

enum {
	INPUT_MOST = 8 << 20,
	MEMORY_MOST = 256 << 20,
	NESTING_MOST = 400,
	TIME_MOST_US = 1500000,
	TIME_LOOKED_AT = 1024,        /* allocations between two looks at the clock */
};

static _Atomic int64_t time_most_us = TIME_MOST_US;

struct html_tree {
	struct arena *arena;
	struct text source;           /* what gumbo read: its nodes point into it */
	GumboOutput *output;
	size_t memory, allocations;
	int64_t deadline;
	jmp_buf enough;
};

static void *tree_allocate(void *userdata, size_t size)
{
	struct html_tree *tree = userdata;

	tree->memory += size;
	if (tree->memory > MEMORY_MOST)
		longjmp(tree->enough, 1);
	if (++tree->allocations % TIME_LOOKED_AT == 0 && clock_thread_us() > tree->deadline)
		longjmp(tree->enough, 1);
	return arena_alloc(tree->arena, size);
}

static void tree_deallocate(void *userdata, void *memory)
{
	(void)userdata;
	(void)memory;
}

/* False when gumbo had to be stopped. Nothing that changes here is read after the jump but through `tree`. */
static bool tree_parse(struct html_tree *tree, enum html_context context, int64_t time_us)
{
	GumboOptions options = kGumboDefaultOptions;

	options.allocator = tree_allocate;
	options.deallocator = tree_deallocate;
	options.userdata = tree;
	options.max_errors = 0;
	if (context == HTML_FRAGMENT)
		options.fragment_context = GUMBO_TAG_DIV;
	tree->memory = tree->allocations = 0;
	tree->deadline = clock_thread_us() + time_us;
	if (setjmp(tree->enough) != 0)
		return false;
	tree->output = gumbo_parse_with_options(&options, tree->source.bytes, tree->source.length);
	return true;
}

struct html_tree *html_tree_new(const char *html, size_t length, enum html_context context)
{
	struct html_tree *tree = calloc(1, sizeof *tree);
	const struct {
		int nesting;
		int64_t time_us;
	} tries[] = { { NESTING_MOST, atomic_load(&time_most_us) }, { 0, INT32_MAX } };

	if (tree == NULL)
		memory_exhausted();
	if (length > INPUT_MOST)
		length = INPUT_MOST;
	for (size_t i = 0; i < 2; i++) {
		tree->arena = arena_new();
		text_clear(&tree->source);
		html_guard(html, length, tries[i].nesting, &tree->source);
		if (tree_parse(tree, context, tries[i].time_us))
			return tree;
		arena_free(tree->arena);
	}
	abort();    /* text without a tag does not need that memory */
}

void html_tree_allow_us(int64_t time_us)
{
	atomic_store(&time_most_us, time_us != 0 ? time_us : TIME_MOST_US);
}

void html_tree_free(struct html_tree *tree)
{
	if (tree == NULL)
		return;
	arena_free(tree->arena);
	text_done(&tree->source);
	free(tree);
}

GumboNode *html_tree_root(const struct html_tree *tree)
{
	return tree->output->root;
}

const char *html_attribute(const GumboNode *node, const char *name)
{
	const GumboAttribute *attribute;

	if (node->type != GUMBO_NODE_ELEMENT)
		return NULL;
	attribute = gumbo_get_attribute(&node->v.element.attributes, name);
	return attribute != NULL ? attribute->value : NULL;
}

/* --- walking --- */

struct step {
	GumboNode *node;
	unsigned next;                /* child to go into */
};

struct path {
	struct step *steps;
	size_t n, capacity;
};

static void path_push(struct path *path, GumboNode *node)
{
	if (path->n == path->capacity) {
		path->capacity = path->capacity > 0 ? path->capacity * 2 : 64;
		path->steps = realloc(path->steps, path->capacity * sizeof *path->steps);
		if (path->steps == NULL)
			memory_exhausted();
	}
	path->steps[path->n++] = (struct step){ .node = node };
}

static const GumboVector *children(const GumboNode *node)
{
	static const GumboVector none;

	if (node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE)
		return &node->v.element.children;
	return node->type == GUMBO_NODE_DOCUMENT ? &node->v.document.children : &none;
}

static void enter(struct path *path, const struct html_visitor *visitor, GumboNode *node)
{
	if (visitor->enter(visitor->arg, node))
		path_push(path, node);
	else if (visitor->leave != NULL)
		visitor->leave(visitor->arg, node);
}

void html_walk(GumboNode *root, const struct html_visitor *visitor)
{
	struct path path = { 0 };

	enter(&path, visitor, root);
	while (path.n > 0) {
		struct step *last = &path.steps[path.n - 1];
		const GumboVector *below = children(last->node);

		if (last->next < below->length) {
			enter(&path, visitor, below->data[last->next++]);
			continue;
		}
		if (visitor->leave != NULL)
			visitor->leave(visitor->arg, last->node);
		path.n--;
	}
	free(path.steps);
}
