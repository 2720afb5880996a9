/* SPDX-License-Identifier: MIT */
/*
 * Which part of a page is the article, and what in it is not.
 *
 * Every line gets a value: words of running text count for it, scraps and links against it. The value of an element is the sum over
 * its lines, and the element with the greatest sum is the article's: taking in more of the page would add less text than scraps.
 * Before that the parts are left out that say what they are, by element (nav, aside, footer) or by a class or id that speaks of
 * sharing, comments, teasers and the like, but never one that holds a good part of the page's text: names mislead.
 *
 * Inside the article the printed head goes (title, byline, time; they are fields of their own), then lists of links, noise, and all
 * that stands behind a heading such as "MORE National ARTICLES". What remains page_write.c writes out.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "page_internal.h"
#include "printed_time.h"

enum { BRIEF_WORDS = 3, NAME_LONGEST = 400, HEAD_LINES_MOST = 14, TEASERS_LEAST = 3, TEASER_WORDS_MOST = 90 };

static const double NAMED_SHARE_MOST = 0.35;    /* of a page's running text: more is never left out for its name */

/* --- leaving out --- */

static void leave_out(struct page_tree *tree, size_t item)
{
	tree->items[item].left_out = true;
}

static bool is_left_out(const struct page_tree *tree, size_t item)
{
	for (;; item = tree->items[item].parent) {
		if (tree->items[item].left_out)
			return true;
		if (item == tree->items[item].parent)
			return false;
	}
}

static void leave_out_line(struct page_tree *tree, struct page_line *line)
{
	line->left_out = true;
	for (size_t i = line->first; i < line->behind; i++)
		if (item_tag(&tree->items[i]) != GUMBO_TAG_IMG && tree->items[i].end <= line->behind)
			leave_out(tree, i);
}

static void forget_lines(struct page_tree *tree)
{
	for (size_t i = 0; i < tree->lines.n; i++)
		if (is_left_out(tree, tree->lines.items[i].first))
			tree->lines.items[i].left_out = true;
}

/* --- names --- */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Class, id and role in lower case, words parted by spaces: "c-shareBar" -> " c share bar ". */
static void names_of(const GumboNode *node, char ret_names[NAME_LONGEST])
{
	static const char *const attributes[] = { "class", "id", "role", "data-component", "itemprop" };
	size_t n = 0;

	ret_names[n++] = ' ';
	for (size_t a = 0; a < sizeof attributes / sizeof attributes[0]; a++) {
		const char *value = html_attribute(node, attributes[a]);
		bool small = false;

		for (; value != NULL && *value != '\0' && n < NAME_LONGEST - 4; value++) {
			bool letter = lower(*value) >= 'a' && lower(*value) <= 'z';

			if ((!letter || (small && *value != lower(*value))) && ret_names[n - 1] != ' ')
				ret_names[n++] = ' ';
			if (letter)
				ret_names[n++] = lower(*value);
			small = letter && *value == lower(*value);
		}
		if (ret_names[n - 1] != ' ')
			ret_names[n++] = ' ';
	}
	ret_names[n] = '\0';
}

static bool has_any(const char *names, const char *const *parts)
{
	for (; *parts != NULL; parts++)
		if (strstr(names, *parts) != NULL)
			return true;
	return false;
}

/* Parts beginning and ending with a space are whole words. */
static bool has_bad_name(const char *names)
{
	static const char *const bad[] = { " ad ", " ads ", " nav ", " navigation ", " menu ", " tag ", " tags ", " tools ", " toolbar ",
		" share ", " shares ", " sharing ", " rail ", " footer ", " modal ", " banner ", " more ", " links ", " credit ", " credits ", " meta ", " widget ",
		" widgets ", " promo ", " print ", " poll ", " bio ", " disclaimer ", " bottom ", " dialog ", " alert ", " search ", " complementary ",
		" contentinfo ", " buttons ", " button ", " timestamp ", " aside ", " callout ", " teasers ", " cta ", " latest ", " recent ", " up next ", " partner ",
		" slideshow ", " carousel ", " gallery ", " license ", " topics ", " inbox ", " playlist ", " player ", " hidden ",
		"comment", "sidebar", "related", "newsletter", "breadcrumb", "advert", "sponsor", "social", "subscri", "recirc", "outbrain", "taboola",
		"disqus", "cookie", "popup", "signup", "sign up", "teaser", "sharebar", "sharedaddy", "addthis", "byline", "pagination", "paywall",
		"read more", "readmore", "most read", "trending", "popular", "recommend", "promo", "navbar", "skip link", "screen reader", "visually hidden",
		"author bio", "author box", "about author", "article footer", "post footer", "entry footer", "inline link", "also like", "copyright",
		"follow us", "mailchimp", "jp relatedposts", "toc ", "infobox", "navbox", "catlinks", "edit section", "editsection", "donat", "sr only", NULL };

	return has_any(names, bad);
}

/* Is this running text? On a brief page a short sentence is, if it is a paragraph's and no part of the head. */
bool page_line_runs(const struct page_tree *tree, const struct page_line *line)
{
	struct printed_time printed;
	struct error why;

	if (line_is_paragraph(line))
		return true;
	if (!tree->brief || !line->sentence || line->words < BRIEF_WORDS || line->linked * 2 > line->words)
		return false;
	if (line->place != PLACE_PARAGRAPH && line->place != PLACE_QUOTE && line->place != PLACE_PRE)
		return false;
	for (size_t in = line->first; in != tree->items[in].parent; in = tree->items[in].parent)
		if (item_is(&tree->items[in], GUMBO_TAG_HEADER))
			return false;
	return !line_is_byline(line) && !line_is_noise(line) && !printed_time_find(line->text, &printed, &why);
}

static bool is_other_tag(GumboTag tag)
{
	return tag == GUMBO_TAG_NAV || tag == GUMBO_TAG_ASIDE || tag == GUMBO_TAG_FOOTER || tag == GUMBO_TAG_FORM;
}

/* --- values --- */

static double value_of(const struct page_line *line, struct arena *arena)
{
	double words = (double)(line->words - line->linked);
	const char *section;

	if (line->left_out || line->place == PLACE_CAPTION || line->place == PLACE_TITLE)
		return 0;
	if (line_ends_article(line, &section, arena) != LINE_NO_END)
		return -20;
	if (line->linked * 2 > line->words)
		return -3 - (double)line->words / 2;
	if (line_is_noise(line))
		return -6;
	if (line->place == PLACE_HEADING)
		return 0;
	if (line_is_paragraph(line))
		return line->place == PLACE_ITEM ? words * 0.7 : words;
	if (line->place == PLACE_PARAGRAPH || line->place == PLACE_QUOTE || line->place == PLACE_PRE)
		return line->sentence || words >= 6 ? words * 0.5 : -1;
	if (line->place == PLACE_ITEM)
		return words >= 5 ? words * 0.3 : -0.5;
	if (line->place == PLACE_CELL && !line->sentence)
		return -0.3;
	return line->sentence && words >= 5 ? words * 0.5 : -3;
}

/* Running words of every element: what share of the text it holds. */
static void count_words(struct page_tree *tree)
{
	for (size_t i = 0; i < tree->n; i++)
		tree->items[i].words = 0;
	for (size_t i = 0; i < tree->lines.n; i++) {
		const struct page_line *line = &tree->lines.items[i];

		if (line->left_out || !page_line_runs(tree, line))
			continue;
		for (size_t in = line->first;; in = tree->items[in].parent) {
			tree->items[in].words += line->words;
			if (in == tree->items[in].parent)
				break;
		}
	}
}

static void sum_values(struct page_tree *tree, struct arena *arena)
{
	for (size_t i = 0; i < tree->n; i++)
		tree->items[i].value = 0;
	for (size_t i = 0; i < tree->lines.n; i++) {
		double value = value_of(&tree->lines.items[i], arena);

		for (size_t in = tree->lines.items[i].first;; in = tree->items[in].parent) {
			tree->items[in].value += value;
			if (in == tree->items[in].parent)
				break;
		}
	}
}

static bool holds_title(const struct page_tree *tree, size_t item)
{
	size_t from = 0, to = tree->lines.n;

	while (from < to) {    /* the first line inside: there may be very many such elements */
		size_t middle = from + (to - from) / 2;

		if (tree->lines.items[middle].first < item)
			from = middle + 1;
		else
			to = middle;
	}
	for (; from < tree->lines.n && tree->lines.items[from].first < tree->items[item].end; from++)
		if (tree->lines.items[from].place == PLACE_TITLE)
			return true;
	return false;
}

/* A footer easily has more text than a brief article. Old pages put everything into one form; so what has the title stays. */
static bool is_never_article(const struct page_tree *tree, size_t item)
{
	GumboTag tag = item_tag(&tree->items[item]);

	return (tag == GUMBO_TAG_FOOTER || tag == GUMBO_TAG_NAV || (tree->brief && is_other_tag(tag))) && !holds_title(tree, item);
}

/* Leaves out what is named as something else, below `root`. */
static void leave_out_named(struct page_tree *tree, size_t root)
{
	double most = NAMED_SHARE_MOST * (double)tree->items[root].words;

	for (size_t i = root + 1; i < tree->items[root].end;) {
		struct page_item *item = &tree->items[i];
		char names[NAME_LONGEST];
		bool bad = false;

		if (is_never_article(tree, i)) {
			bad = true;
		} else if (item->node->type == GUMBO_NODE_ELEMENT && !item_is(item, GUMBO_TAG_BODY) && (double)item->words <= most) {
			names_of(item->node, names);
			bad = is_other_tag(item_tag(item)) || has_bad_name(names);
		}
		if (bad)
			leave_out(tree, i);
		i = bad ? item->end : i + 1;
	}
	forget_lines(tree);
}

static void take_all_back(struct page_tree *tree)
{
	for (size_t i = 0; i < tree->n; i++)
		tree->items[i].left_out = false;
	for (size_t i = 0; i < tree->lines.n; i++)
		tree->lines.items[i].left_out = false;
}

/* The <article> with the title, or the only one; several without are teasers. Else <main>, when there is no <article>. */
static size_t named_element(const struct page_tree *tree)
{
	size_t article = 0, main_part = 0, n = 0;

	for (size_t i = 1; i < tree->n; i++) {
		if (tree->items[i].words == 0)
			continue;
		if (item_is(&tree->items[i], GUMBO_TAG_ARTICLE)) {
			if (holds_title(tree, i))
				return i;
			article = i;
			n++;
		} else if (item_is(&tree->items[i], GUMBO_TAG_MAIN)) {
			main_part = i;
		}
	}
	return n == 1 ? article : n == 0 ? main_part : 0;
}

size_t page_body_find_brief(struct page_tree *tree, bool *ret_named)
{
	size_t root;

	take_all_back(tree);
	tree->brief = true;
	count_words(tree);
	leave_out_named(tree, 0);
	count_words(tree);
	root = named_element(tree);
	*ret_named = root > 0;
	return root;
}

size_t page_body_find(struct page_tree *tree)
{
	struct arena *arena = arena_new();
	size_t best = 0;

	take_all_back(tree);
	tree->brief = false;
	count_words(tree);
	leave_out_named(tree, 0);
	sum_values(tree, arena);
	for (size_t i = 1; i < tree->n; i++) {
		const struct page_item *item = &tree->items[i];

		if (item->node->type == GUMBO_NODE_ELEMENT && tag_is_block(item_tag(item)) && item->value >= tree->items[best].value)
			best = i;
	}
	arena_free(arena);
	return best;
}

/* --- inside the article --- */

struct range {
	size_t first, behind;         /* lines */
};

static struct range lines_in(const struct page_tree *tree, size_t root)
{
	struct range range = { 0 };

	while (range.first < tree->lines.n && tree->lines.items[range.first].first < root)
		range.first++;
	range.behind = range.first;
	while (range.behind < tree->lines.n && tree->lines.items[range.behind].first < tree->items[root].end)
		range.behind++;
	return range;
}

static size_t running_words(const struct page_tree *tree, size_t from, size_t to)
{
	size_t words = 0;

	for (size_t i = from; i < to; i++)
		if (!tree->lines.items[i].left_out && page_line_runs(tree, &tree->lines.items[i]))
			words += tree->lines.items[i].words;
	return words;
}

/* Everything up to the last line of the printed head, when that stands among the first lines of the article. A brief page may have
 * menus in front of them, but also the time below its text: then only the lines themselves go. */
static void leave_out_head(struct page_tree *tree, struct range range, const struct page_head *head, const struct page *page)
{
	const long parts[] = { head->title, head->byline, head->date, head->section };
	size_t behind = tree->brief || range.first + HEAD_LINES_MOST > range.behind ? range.behind : range.first + HEAD_LINES_MOST;
	long last = NO_LINE;

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		if (parts[i] < (long)range.first || parts[i] >= (long)behind)
			continue;
		if (tree->brief && running_words(tree, range.first, (size_t)parts[i]) > running_words(tree, (size_t)parts[i], range.behind))
			leave_out_line(tree, &tree->lines.items[parts[i]]);
		else
			last = parts[i] > last ? parts[i] : last;
	}
	for (long i = (long)range.first; i <= last; i++)
		leave_out_line(tree, &tree->lines.items[i]);
	for (size_t i = range.first; i < range.behind; i++) {
		struct page_line *line = &tree->lines.items[i];
		bool is_summary = i < range.first + HEAD_LINES_MOST && page->summary != NULL && line_same_text(line->text, page->summary) &&
		                  line->place != PLACE_PARAGRAPH;

		if (is_summary || line->place == PLACE_TITLE || (page->title != NULL && line_same_text(line->text, page->title)))
			leave_out_line(tree, line);
	}
}

/* From a heading over other articles to the end, unless most of the text stands behind it: then it heads a box in between. */
static void leave_out_end(struct page_tree *tree, struct range range, struct arena *arena)
{
	static const size_t weight[2][2] = { { 4, 1 }, { 1, 0 } };    /* [brief][names other articles]: of the text behind */

	for (size_t i = range.first; i < range.behind; i++) {
		struct page_line *line = &tree->lines.items[i];
		const char *section;
		enum line_end end = line->left_out ? LINE_NO_END : line_ends_article(line, &section, arena);

		if (end == LINE_NO_END)
			continue;
		if (running_words(tree, i, range.behind) * weight[tree->brief][end == LINE_ENDS] < running_words(tree, range.first, i)) {
			for (size_t j = i; j < range.behind; j++)
				leave_out_line(tree, &tree->lines.items[j]);
			return;
		}
		leave_out_line(tree, line);
	}
}

/* Blocks that are lists of links or scraps, without a paragraph. */
static void leave_out_blocks(struct page_tree *tree, size_t root, struct arena *arena)
{
	count_words(tree);
	sum_values(tree, arena);
	for (size_t i = root + 1; i < tree->items[root].end;) {
		struct page_item *item = &tree->items[i];
		GumboTag tag = item_tag(item);
		bool box = tag == GUMBO_TAG_DIV || tag == GUMBO_TAG_SECTION || tag == GUMBO_TAG_UL || tag == GUMBO_TAG_OL || tag == GUMBO_TAG_TABLE ||
		           tag == GUMBO_TAG_ARTICLE || tag == GUMBO_TAG_DL || tag == GUMBO_TAG_HEADER;
		bool bad = box && item->words == 0 && item->value < -4;

		if (bad)
			leave_out(tree, i);
		i = bad ? item->end : i + 1;
	}
	forget_lines(tree);
}

/* Does this item begin with a line that is all link, as a teaser's headline is, and say little more? */
static bool is_teaser(const struct page_tree *tree, size_t item, struct range range)
{
	const struct page_item *box = &tree->items[item];

	if (box->words > TEASER_WORDS_MOST)
		return false;
	for (size_t i = range.first; i < range.behind && tree->lines.items[i].first < box->end; i++) {
		const struct page_line *line = &tree->lines.items[i];

		if (line->first < item || line->left_out)
			continue;
		if (line->linked == line->words && line->words >= 3)
			return true;
		if (line->words >= 6)
			return false;
	}
	return false;
}

/* Three or more teasers beside each other. A list of links alone is no such thing: leave_out_blocks() judges it. */
static void leave_out_teasers(struct page_tree *tree, size_t root, struct range range)
{
	for (size_t parent = root; parent < tree->items[root].end; parent++) {
		const struct page_item *item = &tree->items[parent];
		size_t n = 0, with_text = 0;

		if (item->left_out || item->node->type != GUMBO_NODE_ELEMENT)
			continue;
		for (int leave = 0; leave < 2; leave++) {
			for (size_t i = parent + 1; i < item->end; i = tree->items[i].end) {
				if (!tag_is_block(item_tag(&tree->items[i])) || item_is(&tree->items[i], GUMBO_TAG_P) || tree->items[i].end - i < 4 ||
				    !is_teaser(tree, i, range))
					continue;
				n++;
				with_text += tree->items[i].words > 0;
				if (leave == 1)
					leave_out(tree, i);
			}
			if (n < TEASERS_LEAST || with_text == 0)
				break;
		}
	}
	forget_lines(tree);
}

static void leave_out_scraps(struct page_tree *tree, struct range range, struct arena *arena)
{
	for (size_t i = range.first; i < range.behind; i++) {
		struct page_line *line = &tree->lines.items[i];
		bool linked = line->linked * 2 > line->words && line->place != PLACE_ITEM && line->place != PLACE_CELL;

		if (line->left_out || line->place == PLACE_CAPTION || line->place == PLACE_CELL)
			continue;
		if (line_is_noise(line) || line_is_byline(line) || (linked && !line->sentence) ||
		    (line->place == PLACE_OTHER && value_of(line, arena) < 0))
			leave_out_line(tree, line);
	}
	for (size_t i = range.behind; i-- > range.first;) {    /* headings with nothing behind them */
		struct page_line *line = &tree->lines.items[i];

		if (line->place == PLACE_HEADING)
			leave_out_line(tree, line);
		else if (!line->left_out)
			break;
	}
}

void page_body_prune(struct page_tree *tree, size_t root, const struct page_head *head, const struct page *page, struct arena *arena)
{
	struct range range = lines_in(tree, root);

	leave_out_head(tree, range, head, page);
	leave_out_end(tree, range, arena);
	count_words(tree);
	leave_out_teasers(tree, root, range);
	leave_out_blocks(tree, root, arena);
	leave_out_scraps(tree, range, arena);
}
