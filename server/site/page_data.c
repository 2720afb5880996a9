/* SPDX-License-Identifier: MIT */
/*
 * The API's documents made ready for templates. Templates can test and print but not compute, so whatever a page
 * shows beyond the documents themselves is added here, in place: addresses of pages, times in words, bylines with
 * their links.
 *
 * Addresses are checked once more although the API has checked them: a link or a picture whose address is neither
 * http(s) nor a path of this site is left out, so that no mistake elsewhere can put "javascript:" into a page.
 */
#include "site_internal.h"

#include <string.h>

#include "arena.h"
#include "article.h"
#include "clock.h"

enum {
	UPDATE_WORTH_SAYING_SECONDS = 60,
	OPENING_PARAGRAPHS = 3, /* a summary may have been taken from behind a heading or two */
};

static void set_text(json_t *object, const char *name, const char *value)
{
	if (value != NULL)
		json_object_set_new(object, name, json_string(value));
}

/* --- times --- */

static const char *print_time(struct arena *arena, const char *time, bool with_hour)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
		"Nov", "Dec" };
	struct clock_parts parts;
	struct error err ERROR_UNSET;
	int64_t seconds;

	if (time == NULL || !clock_parse(time, &seconds, &err))
		return NULL;
	parts = clock_local_parts(seconds);
	if (!with_hour)
		return arena_printf(arena, "%d %s, %04d", parts.day, months[parts.month - 1], parts.year);
	return arena_printf(arena, "%d %s, %04d %d:%02d %s", parts.day, months[parts.month - 1], parts.year,
	    (parts.hour + 11) % 12 + 1, parts.minute, parts.hour < 12 ? "AM" : "PM");
}

const char *page_time(struct arena *arena, const char *time)
{
	return print_time(arena, time, /* with_hour= */ true);
}

const char *page_day(struct arena *arena, const char *time)
{
	return print_time(arena, time, /* with_hour= */ false);
}

/* Was it changed so long after it came out that readers should know? */
static bool is_updated(const json_t *story)
{
	const char *published = member_text(story, "published_at"), *updated = member_text(story, "updated_at");
	struct error err ERROR_UNSET;
	int64_t from, to;

	return published != NULL && updated != NULL && clock_parse(published, &from, &err)
	    && clock_parse(updated, &to, &err) && to - from >= UPDATE_WORTH_SAYING_SECONDS;
}

static void prepare_times(json_t *story)
{
	struct arena *arena = arena_new();
	const char *published = member_text(story, "published_at");

	set_text(story, "when", page_time(arena, published));
	set_text(story, "day", page_day(arena, published));
	if (is_updated(story))
		set_text(story, "updated_when", page_time(arena, member_text(story, "updated_at")));
	arena_free(arena);
}

/* --- addresses --- */

/* An address as a page may use it: what lies on this site as a path from its root, so that pages work under any
 * host. NULL: not to be used. */
static const char *page_address(const char *address, const char *base_url)
{
	size_t length = strlen(base_url);

	if (address == NULL)
		return NULL;
	if (strncmp(address, base_url, length) == 0 && address[length] == '/')
		address += length;
	if (address[0] == '/' && address[1] != '/' && address[1] != '\\')
		return address;
	return article_url_scheme(address) > 0 ? address : NULL;
}

static void link_term(json_t *term, const char *kind)
{
	const char *slug = member_text(term, "slug");

	if (slug != NULL)
		json_object_set_new(term, "href", json_sprintf("/%s/%s", kind, slug));
}

static void link_terms(json_t *terms, const char *kind)
{
	size_t i;
	json_t *term;

	json_array_foreach(terms, i, term)
		link_term(term, kind);
}

const char *link_cursor(struct arena *arena, const char *link)
{
	const char *query = link == NULL ? NULL : strchr(link, '?');

	while (query != NULL) {
		query++;
		if (strncmp(query, "cursor=", 7) == 0)
			return arena_copy(arena, query + 7, strcspn(query + 7, "&#"));
		query = strchr(query, '&');
	}
	return NULL;
}

static void prepare_image(json_t *story, const char *base_url)
{
	json_t *image = json_object_get(story, "image");
	const char *address = page_address(member_text(image, "url"), base_url);

	if (address == NULL) {
		json_object_del(story, "image");
		return;
	}
	json_object_set_new(image, "src", json_string(address));
	if (member_text(image, "caption") != NULL || member_text(image, "credit") != NULL)
		json_object_set_new(image, "captioned", json_true());
}

/* --- stories --- */

/* Languages written from right to left, as far as newspapers are printed in them. */
static bool is_right_to_left(const char *lang)
{
	static const char *const languages[] = { "ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi" };
	size_t length = strcspn(lang, "-");

	for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
		if (strlen(languages[i]) == length && strncmp(languages[i], lang, length) == 0)
			return true;
	return false;
}

void story_prepare(json_t *story, const char *base_url)
{
	const char *slug = member_text(story, "slug"), *lang = member_text(story, "lang");

	if (slug != NULL)
		json_object_set_new(story, "href", json_sprintf("/article/%s", slug));
	if (lang != NULL && is_right_to_left(lang))
		set_text(story, "dir", "rtl");
	link_term(json_object_get(story, "section"), "section");
	link_term(json_object_get(story, "source"), "source");
	link_terms(json_object_get(story, "authors"), "author");
	link_terms(json_object_get(story, "tags"), "tag");
	prepare_image(story, base_url);
	prepare_times(story);
}

void stories_prepare(json_t *stories, const char *base_url)
{
	size_t i;
	json_t *story;

	json_array_foreach(stories, i, story)
		story_prepare(story, base_url);
}

/* --- the byline --- */

static void add_words(json_t *parts, const char *words, size_t length)
{
	if (length > 0)
		json_array_append_new(parts, json_pack("{s:s%}", "text", words, length));
}

static void add_author(json_t *parts, const json_t *author)
{
	json_array_append_new(parts,
	    json_pack("{s:O, s:O?}", "name", json_object_get(author, "name"), "href", json_object_get(author, "href")));
}

/* The author whose name stands first in `byline`, the longest of those that begin there; *ret_at is where. */
static const json_t *first_author(const json_t *authors, const char *byline, const char **ret_at)
{
	const json_t *first = NULL;
	const char *at = NULL;
	size_t i, longest = 0;
	json_t *author;

	json_array_foreach(authors, i, author) {
		const char *name = member_text(author, "name");
		const char *found = name == NULL || name[0] == '\0' ? NULL : strstr(byline, name);

		if (found == NULL || (at != NULL && (found > at || (found == at && strlen(name) <= longest))))
			continue;
		first = author;
		at = found;
		longest = strlen(name);
	}
	*ret_at = at;
	return first;
}

/* The byline as it was written, with the authors' names in it as links. */
static json_t *written_byline(const json_t *authors, const char *byline)
{
	json_t *parts = json_array();
	const json_t *author;
	const char *at;

	while ((author = first_author(authors, byline, &at)) != NULL) {
		add_words(parts, byline, (size_t)(at - byline));
		add_author(parts, author);
		byline = at + strlen(member_text(author, "name"));
	}
	add_words(parts, byline, strlen(byline));
	return parts;
}

/* "By A, B and C". */
static json_t *byline_of_authors(const json_t *authors)
{
	json_t *parts = json_array();
	size_t n = json_array_size(authors);

	for (size_t i = 0; i < n; i++) {
		const char *words = i == 0 ? "By " : i + 1 < n ? ", " : " and ";

		add_words(parts, words, strlen(words));
		add_author(parts, json_array_get(authors, i));
	}
	return parts;
}

static void prepare_byline(json_t *article)
{
	const json_t *authors = json_object_get(article, "authors");
	const char *byline = member_text(article, "byline");

	if (byline != NULL)
		json_object_set_new(article, "byline", json_pack("{s:o}", "parts", written_byline(authors, byline)));
	else if (json_array_size(authors) > 0)
		json_object_set_new(article, "byline", json_pack("{s:o}", "parts", byline_of_authors(authors)));
}

/* --- whole articles --- */

static const char *correction_label(const char *kind)
{
	if (kind != NULL && strcmp(kind, "clarification") == 0)
		return "Clarification";
	if (kind != NULL && strcmp(kind, "update") == 0)
		return "Update";
	return "Correction";
}

static void prepare_corrections(json_t *corrections)
{
	struct arena *arena = arena_new();
	size_t i;
	json_t *correction;

	json_array_foreach(corrections, i, correction) {
		set_text(correction, "label", correction_label(member_text(correction, "kind")));
		set_text(correction, "day", page_day(arena, member_text(correction, "at")));
	}
	arena_free(arena);
}

static bool is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Does `text` begin with the first `length` bytes of `words`, whatever the white space between words? */
static bool begins_with(const char *text, const char *words, size_t length)
{
	for (size_t i = 0; i < length; text++) {
		if (is_white(words[i]) && is_white(*text)) {
			while (i < length && is_white(words[i]))
				i++;
			while (is_white(text[1]))
				text++;
		} else if (words[i++] != *text) {
			return false;
		}
	}
	return true;
}

/* A summary that was derived is the opening of the text once more, perhaps cut short with an ellipsis. */
static bool repeats_opening(const char *summary, const char *plain)
{
	static const char *const ellipses[] = { "…", "..." };
	size_t length = strlen(summary);

	for (size_t i = 0; i < sizeof ellipses / sizeof *ellipses; i++) {
		size_t tail = strlen(ellipses[i]);

		if (length > tail && strcmp(summary + length - tail, ellipses[i]) == 0)
			length -= tail;
	}
	for (int i = 0; plain != NULL && i < OPENING_PARAGRAPHS; i++) {
		while (is_white(*plain))
			plain++;
		if (begins_with(plain, summary, length))
			return true;
		plain = strstr(plain, "\n\n");
	}
	return false;
}

/* The summary where it says something that the text below does not begin with. Machines get the summary anyway. */
static void prepare_standfirst(json_t *article)
{
	const char *summary = member_text(article, "summary");

	if (summary != NULL && !repeats_opening(summary, member_text(article, "body_text")))
		set_text(article, "standfirst", summary);
}

/* "WATERLOO, Ont. — " at the head of the first paragraph, unless the text begins with it already or begins with
 * no paragraph. */
static void prepare_dateline(json_t *article)
{
	const char *dateline = member_text(article, "dateline"), *body = member_text(article, "body_html"),
		   *plain = member_text(article, "body_text");
	struct text text = TEXT_EMPTY;

	if (dateline == NULL || body == NULL || strncmp(body, "<p>", 3) != 0)
		return;
	if (plain != NULL && strncmp(plain, dateline, strlen(dateline)) == 0)
		return;
	text_string(&text, "<p><span class=\"dateline\">");
	text_html(&text, dateline, strlen(dateline));
	text_string(&text, " —</span> ");
	text_string(&text, body + 3);
	json_object_set_new(article, "body_html", json_stringn(text.bytes, text.length));
	text_done(&text);
}

/* Where the article first stood: its address and the host in it, for a link. */
static void prepare_source_link(json_t *article)
{
	const char *address = member_text(article, "source_url"), *host;
	size_t length;

	if (address == NULL || article_url_scheme(address) == 0) {
		json_object_del(article, "source_url");
		return;
	}
	host = strstr(address, "://") + 3;
	if (strncmp(host, "www.", 4) == 0)
		host += 4;
	length = strcspn(host, "/?#");
	json_object_set_new(article, "source_host", json_stringn(host, length));
}

/* "Also from Ledger, The Canadian Press": who else has the same wire story. Those without a source, which there should not be, are left out. */
static void prepare_duplicates(json_t *article)
{
	const json_t *duplicates = json_object_get(article, "duplicates");
	json_t *others = json_array(), *duplicate;
	size_t i;

	json_array_foreach(duplicates, i, duplicate) {
		const char *slug = member_text(duplicate, "slug"), *name = member_text(json_object_get(duplicate, "source"), "name");
		json_t *other;

		if (slug == NULL || name == NULL)
			continue;
		other = json_pack("{s:o, s:s, s:s*}", "href", json_sprintf("/article/%s", slug), "name", name, "title", member_text(duplicate, "title"));
		if (json_array_size(others) > 0)
			json_object_set_new(other, "separator", json_string(", "));
		json_array_append_new(others, other);
	}
	if (json_array_size(others) > 0)
		json_object_set(article, "also", json_true());
	json_object_set_new(article, "others", others);
}

/* "More National articles". Related stories of the same section need not say where they belong. */
static void prepare_related(json_t *article, const char *base_url)
{
	const json_t *section = json_object_get(article, "section");
	const char *name = member_text(section, "name");
	json_t *related = json_object_get(article, "related"), *story, *more;
	size_t i;

	if (json_array_size(related) == 0)
		return;
	stories_prepare(related, base_url);
	json_array_foreach(related, i, story)
		if (json_equal(
			json_object_get(json_object_get(story, "section"), "slug"), json_object_get(section, "slug")))
			json_object_del(story, "section");
	more = json_pack("{s:O}", "stories", related);
	json_object_set_new(more, "heading", name == NULL ? json_string("More articles") : json_sprintf("More %s articles", name));
	json_object_set_new(article, "more", more);
}

static bool has_text(const json_t *object, const char *name)
{
	const char *value = member_text(object, name);

	return value != NULL && value[0] != '\0';
}

/* Is there anything to say below the text? Comes after what it asks for. */
static void prepare_foot(json_t *article)
{
	const json_t *rights = json_object_get(article, "rights");

	if (json_object_get(article, "topics") != NULL || json_object_get(article, "also") != NULL || has_text(article, "source_host") || has_text(rights, "notice")
	    || has_text(rights, "holder") || has_text(rights, "usage_terms"))
		json_object_set_new(article, "foot", json_true());
}

void article_prepare(json_t *article, const char *base_url)
{
	story_prepare(article, base_url);
	prepare_byline(article);
	if (json_array_size(json_object_get(article, "tags")) > 0)
		json_object_set_new(article, "topics", json_true());
	prepare_corrections(json_object_get(article, "corrections"));
	prepare_standfirst(article);
	prepare_dateline(article);
	prepare_source_link(article);
	prepare_duplicates(article);
	prepare_foot(article);
	prepare_related(article, base_url);
}
