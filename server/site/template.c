/* SPDX-License-Identifier: MIT */
/*
 * A small template engine (include/template.h says what a template may hold).
 *
 * A template becomes a flat array of nodes: pieces of text, values, sections and partials. A section's node knows
 * the index behind its last node, so that skipping it is one assignment and walking it needs no tree. Dotted names
 * are cut at parse time into strings that lie behind one another. All of it lies in one arena that lives as long as
 * the set.
 *
 * What can be wrong is found when the set is made: marks while parsing, then unknown partials, then cycles and
 * depth by a walk over the graph of partials. Rendering recurses over sections and partials, so both depths are
 * bounded here.
 *
 * There are no expressions, no filters, no lambdas and no change of delimiters: what a page shows is computed in C
 * beforehand, and an author of templates cannot reach anything but the data given.
 */
#include "template.h"

#include <assert.h>
#include <string.h>

#include "arena.h"

enum node_kind { NODE_TEXT, NODE_VALUE, NODE_RAW, NODE_EACH, NODE_UNLESS, NODE_PARTIAL };

struct node {
	enum node_kind kind;
	unsigned line;
	const char *bytes; /* of a text; the parts of a dotted name, a NUL behind each; the name of a partial */
	size_t length;     /* bytes of a text, parts of a name (0: the dot) */
	size_t end;        /* of a section: the index behind it */
	const struct template *partial;
};

struct template {
	const char *name;
	struct node *nodes;
	size_t n, capacity;
	enum { UNSEEN, OPEN, CHECKED } state;
	unsigned deep; /* templates inside one another from here on, this one included */
};

struct template_set {
	struct arena *arena;
	struct template *templates;
	size_t n;
};

/* --- parsing --- */

struct parser {
	struct arena *arena;
	struct template *template;
	const char *bytes;
	size_t length, at;
	unsigned line;
	size_t open[TEMPLATE_SECTIONS_DEEP]; /* indices of the sections not yet closed */
	size_t n_open;
};

/* `name` is shown behind the reason; NULL when there is none to show. */
static bool refuse(const struct template *template, unsigned line, struct error *err, const char *why, const char *name)
{
	const char *quote = name == NULL ? "" : "\"";

	return error_set(err, ERROR_INVALID, "templates/%s.html:%u: %s%s%s%s%s", template->name, line, why,
	    name == NULL ? "" : " ", quote, name == NULL ? "" : name, quote);
}

static struct node *add_node(struct parser *parser, enum node_kind kind)
{
	struct template *template = parser->template;

	if (template->n == template->capacity) {
		size_t capacity = template->capacity == 0 ? 32 : template->capacity * 2;
		struct node *nodes = arena_array(parser->arena, capacity, sizeof *nodes);

		if (template->n > 0)
			memcpy(nodes, template->nodes, template->n * sizeof *nodes);
		template->nodes = nodes;
		template->capacity = capacity;
	}
	template->nodes[template->n] = (struct node){ .kind = kind, .line = parser->line };
	return &template->nodes[template->n++];
}

static void add_text(struct parser *parser, size_t from, size_t to)
{
	struct node *node;

	if (from >= to)
		return;
	node = add_node(parser, NODE_TEXT);
	node->bytes = parser->bytes + from;
	node->length = to - from;
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* "a.b" becomes "a\0b\0" and 2 parts, "." becomes 0 parts. Returns false on anything else. */
static bool cut_name(char *name, size_t *ret_parts)
{
	size_t parts = 1;

	if (strcmp(name, ".") == 0) {
		*ret_parts = 0;
		return true;
	}
	for (char *c = name, before = '.';; before = *c++) {
		if (*c != '.' && *c != '\0' && !is_name_char(*c))
			return false;
		if ((*c == '.' || *c == '\0') && before == '.')
			return false; /* an empty part */
		if (*c == '\0')
			break;
		parts += *c == '.';
	}
	for (char *dot = strchr(name, '.'); dot != NULL; dot = strchr(dot + 1, '.'))
		*dot = '\0';
	*ret_parts = parts;
	return true;
}

/* A mark, cut into its sign and its name. */
struct mark {
	char sign; /* one of "#^/>!{", or NUL for a plain value */
	char *name;
	size_t from, to; /* in the template, braces included */
};

/* Read the mark at parser->at, which stands on "{{". */
static bool read_mark(struct parser *parser, struct mark *ret_mark, struct error *err)
{
	const char *bytes = parser->bytes, *closing, *end;
	struct mark mark = { .from = parser->at };
	size_t at = parser->at + 2;

	if (at < parser->length && bytes[at] != '\0' && strchr("#^/>!{", bytes[at]) != NULL)
		mark.sign = bytes[at++];
	closing = mark.sign == '{' ? "}}}" : "}}";
	end = memmem(bytes + at, parser->length - at, closing, strlen(closing));
	if (end == NULL)
		return refuse(parser->template, parser->line, err, "a mark is not closed", NULL);

	mark.to = (size_t)(end - bytes) + strlen(closing);
	while (at < (size_t)(end - bytes) && is_blank(bytes[at]))
		at++;
	while (end > bytes + at && is_blank(end[-1]))
		end--;
	mark.name = arena_copy(parser->arena, bytes + at, (size_t)(end - bytes) - at);
	*ret_mark = mark;
	return true;
}

/* Where a mark that has a line to itself begins and ends with its line; otherwise the mark alone. */
static void take_line(const struct parser *parser, const struct mark *mark, size_t *ret_from, size_t *ret_to)
{
	size_t from = mark->from, to = mark->to;

	*ret_from = from;
	*ret_to = to;
	if (mark->sign == '\0' || mark->sign == '{')
		return;
	while (from > 0 && is_blank(parser->bytes[from - 1]))
		from--;
	while (to < parser->length && (is_blank(parser->bytes[to]) || parser->bytes[to] == '\r'))
		to++;
	if ((from > 0 && parser->bytes[from - 1] != '\n') || (to < parser->length && parser->bytes[to] != '\n'))
		return;
	*ret_from = from;
	*ret_to = to < parser->length ? to + 1 : to;
}

static bool same_name(const struct node *node, const char *name, size_t parts)
{
	const char *mine = node->bytes;

	if (node->length != parts)
		return false;
	for (; parts > 0; parts--) {
		if (strcmp(mine, name) != 0)
			return false;
		mine += strlen(mine) + 1;
		name += strlen(name) + 1;
	}
	return true;
}

static bool close_section(struct parser *parser, const char *shown, const char *name, size_t parts, struct error *err)
{
	struct node *section;

	if (parser->n_open == 0)
		return refuse(parser->template, parser->line, err, "nothing is open that could be closed by", shown);
	section = &parser->template->nodes[parser->open[--parser->n_open]];
	if (!same_name(section, name, parts))
		return refuse(parser->template, parser->line, err, "another section must be closed before", shown);
	section->end = parser->template->n;
	return true;
}

static enum node_kind kind_of(char sign)
{
	switch (sign) {
	case '#':
		return NODE_EACH;
	case '^':
		return NODE_UNLESS;
	case '>':
		return NODE_PARTIAL;
	case '{':
		return NODE_RAW;
	default:
		return NODE_VALUE;
	}
}

static bool add_mark(struct parser *parser, const struct mark *mark, struct error *err)
{
	const char *shown = arena_string(parser->arena, mark->name);
	struct node *node;
	size_t parts;

	if (mark->sign == '!')
		return true;
	if (!cut_name(mark->name, &parts) || (mark->sign == '>' && parts != 1))
		return refuse(parser->template, parser->line, err, "this is no name:", shown);
	if (mark->sign == '/')
		return close_section(parser, shown, mark->name, parts, err);

	if (mark->sign == '#' || mark->sign == '^') {
		if (parser->n_open == TEMPLATE_SECTIONS_DEEP)
			return refuse(
			    parser->template, parser->line, err, "too many sections inside one another at", shown);
		parser->open[parser->n_open++] = parser->template->n;
	}
	node = add_node(parser, kind_of(mark->sign));
	node->bytes = mark->name;
	node->length = parts;
	return true;
}

static void count_lines(struct parser *parser, size_t to)
{
	for (; parser->at < to; parser->at++)
		parser->line += parser->bytes[parser->at] == '\n';
}

static bool parse(struct parser *parser, struct error *err)
{
	size_t text_from = 0;

	for (;;) {
		const char *found = memmem(parser->bytes + parser->at, parser->length - parser->at, "{{", 2);
		struct mark mark = { 0 };
		size_t from, to;

		if (found == NULL)
			break;
		count_lines(parser, (size_t)(found - parser->bytes));
		if (!read_mark(parser, &mark, err))
			return false;
		take_line(parser, &mark, &from, &to);
		add_text(parser, text_from, from);
		if (!add_mark(parser, &mark, err))
			return false;
		count_lines(parser, to);
		text_from = to;
	}
	add_text(parser, text_from, parser->length);

	if (parser->n_open > 0) {
		const struct node *open = &parser->template->nodes[parser->open[parser->n_open - 1]];

		return refuse(parser->template, open->line, err, "never closed:", open->bytes);
	}
	return true;
}

/* --- checking what templates hold --- */

static struct template *find(const struct template_set *set, const char *name)
{
	for (size_t i = 0; i < set->n; i++)
		if (strcmp(set->templates[i].name, name) == 0)
			return &set->templates[i];
	return NULL;
}

/* Find the templates that `template` holds, depth first: a template met again while still open holds itself. */
static bool check_partials(const struct template_set *set, struct template *template, struct error *err)
{
	template->state = OPEN;
	template->deep = 1;
	for (size_t i = 0; i < template->n; i++) {
		struct node *node = &template->nodes[i];
		struct template *partial;

		if (node->kind != NODE_PARTIAL)
			continue;
		partial = find(set, node->bytes);
		if (partial == NULL)
			return refuse(template, node->line, err, "there is no template", node->bytes);
		if (partial->state == OPEN)
			return refuse(
			    template, node->line, err, "this template would hold itself through", node->bytes);
		if (partial->state == UNSEEN && !check_partials(set, partial, err))
			return false;
		if (partial->deep >= TEMPLATE_PARTIALS_DEEP)
			return refuse(
			    template, node->line, err, "too many templates inside one another at", node->bytes);
		if (partial->deep >= template->deep)
			template->deep = partial->deep + 1;
		node->partial = partial;
	}
	template->state = CHECKED;
	return true;
}

struct template_set *template_set_new(const struct template_source *sources, size_t n, struct error *err)
{
	struct arena *arena = arena_new();
	struct template_set *set = arena_alloc(arena, sizeof *set);

	set->arena = arena;
	set->templates = arena_array(arena, n, sizeof *set->templates);
	set->n = n;
	for (size_t i = 0; i < n; i++) {
		struct parser parser = {
			.arena = arena, .template = &set->templates[i], .length = sources[i].length, .line = 1
		};

		parser.bytes = arena_copy(arena, sources[i].bytes, sources[i].length);
		parser.template->name = arena_string(arena, sources[i].name);
		if (!parse(&parser, err))
			goto broken;
	}
	for (size_t i = 0; i < n; i++)
		if (set->templates[i].state == UNSEEN && !check_partials(set, &set->templates[i], err))
			goto broken;
	return set;

broken:
	arena_free(arena);
	return NULL;
}

void template_set_free(struct template_set *set)
{
	if (set != NULL)
		arena_free(set->arena);
}

const struct template *template_find(const struct template_set *set, const char *name)
{
	return find(set, name);
}

/* --- rendering --- */

/* What names mean at one place. */
struct view {
	const json_t *root, *object; /* the innermost object, or the root */
	const json_t *dot;
	struct text *text;
};

static const json_t *look_up(const struct view *view, const struct node *node)
{
	const char *name = node->bytes;
	const json_t *value;

	if (node->length == 0)
		return view->dot;
	value = json_object_get(view->object, name);
	if (value == NULL)
		value = json_object_get(view->root, name);
	for (size_t i = 1; i < node->length; i++) {
		name += strlen(name) + 1;
		value = json_object_get(value, name);
	}
	return value;
}

static bool is_empty(const json_t *value)
{
	switch (value == NULL ? JSON_NULL : json_typeof(value)) {
	case JSON_NULL:
	case JSON_FALSE:
		return true;
	case JSON_STRING:
		return json_string_length(value) == 0;
	case JSON_INTEGER:
		return json_integer_value(value) == 0;
	case JSON_ARRAY:
		return json_array_size(value) == 0;
	default:
		return false;
	}
}

static void print_value(const json_t *value, bool raw, struct text *text)
{
	if (json_is_string(value) && raw)
		text_append(text, json_string_value(value), json_string_length(value));
	else if (json_is_string(value))
		text_html(text, json_string_value(value), json_string_length(value));
	else if (json_is_integer(value))
		text_printf(text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_true(value))
		text_string(text, "true");
}

static void render_nodes(const struct template *template, size_t from, size_t to, const struct view *view);

/* The nodes of a section with `value` as the dot. Strings, numbers and true leave the names as they are. */
static void render_with(
    const struct template *template, size_t from, size_t to, const struct view *view, const json_t *value)
{
	struct view inner = *view;

	inner.dot = value;
	if (json_is_object(value))
		inner.object = value;
	render_nodes(template, from, to, &inner);
}

static void render_section(const struct template *template, size_t at, const struct view *view)
{
	const struct node *node = &template->nodes[at];
	const json_t *value = look_up(view, node);

	if (is_empty(value) != (node->kind == NODE_UNLESS))
		return;
	if (node->kind == NODE_UNLESS) {
		render_nodes(template, at + 1, node->end, view);
	} else if (json_is_array(value)) {
		for (size_t i = 0; i < json_array_size(value); i++)
			render_with(template, at + 1, node->end, view, json_array_get(value, i));
	} else {
		render_with(template, at + 1, node->end, view, value);
	}
}

static void render_nodes(const struct template *template, size_t from, size_t to, const struct view *view)
{
	for (size_t i = from; i < to; i++) {
		const struct node *node = &template->nodes[i];

		switch (node->kind) {
		case NODE_TEXT:
			text_append(view->text, node->bytes, node->length);
			break;
		case NODE_VALUE:
		case NODE_RAW:
			print_value(look_up(view, node), node->kind == NODE_RAW, view->text);
			break;
		case NODE_EACH:
		case NODE_UNLESS:
			render_section(template, i, view);
			i = node->end - 1;
			break;
		case NODE_PARTIAL:
			render_nodes(node->partial, 0, node->partial->n, view);
			break;
		}
	}
}

void template_render(const struct template *template, const json_t *data, struct text *text)
{
	struct view view = { .root = data, .object = data, .dot = data, .text = text };

	assert(template->state == CHECKED);
	render_nodes(template, 0, template->n, &view);
}
