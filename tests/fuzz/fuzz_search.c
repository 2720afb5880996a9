/* SPDX-License-Identifier: MIT */
/*
 * What a stranger types into a search box.
 *
 * Every text is answered, in every order, with counts and facets, by an index that holds a few articles; each hit is one of them. What is marked
 * is, without the marks, the text that it was made of, escaped; an excerpt of a long text is as short as was asked for. What is typed is completed,
 * and the word nearest to it found.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "search.h"
#include "shared_log.h"
#include "store/search_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARTICLES = 3, LONGEST = 4096, LONG_TEXT = 30000, EXCERPT = 80, SUGGESTIONS = 10 };

static const char *const bodies[ARTICLES] = { "The town council closed the old bridges.", "An e-mail from the U.S. to O\xe2\x80\x99Neil\n\nof caf\xc3\xa9s <b>&</b> \xe5\x8c\x97\xe4\xba\xac.",
	"Les chevaux courants de la ville." };

static struct store *store;

static bool put_all(struct store *into, void *arg, struct error *err)
{
	struct arena *arena = arena_new();
	bool fine = true;

	(void)arg;
	for (int i = 0; fine && i < ARTICLES; i++) {
		struct article article;
		struct version version = { .at = 1, .by = "fuzz", .article = &article };
		int64_t seq;

		article_init(&article);
		article.id = i + 1;
		article.rev = 1;
		article.slug = arena_printf(arena, "a-%d", i);
		article.title = arena_printf(arena, "Council %d", i);
		article.lang = i == 2 ? "fr" : "en";
		article.body_text = bodies[i];
		article.source.name = article.section.name = "Wire";
		article.status = ARTICLE_PUBLISHED;
		article.published_at = article.updated_at = 1000000 * i;
		fine = local_log()->append(local_log(), into, &version, &seq, err);
	}
	arena_free(arena);
	return fine;
}

static void open_once(void)
{
	struct error err;

	if (store != NULL)
		return;
	search_budget_us = INT64_MAX / 2;
	if (!store_open(":memory:", STORE_WRITE, &store, &err) || !store_migrate(store, NULL, NULL, &err) || !store_transaction(store, put_all, NULL, &err))
		abort();
}

static void search(const struct search_query *query, enum search_order order, struct arena *arena)
{
	struct list_query filters;
	struct search_request request = { .query = query, .filters = &filters, .order = order, .wants_count = true, .facets = FACET_SECTION | FACET_TAG | FACET_YEAR };
	struct search_found found;
	struct error err;

	list_query_init(&filters);
	filters.limit = 10;
	if (!store_search(store, &request, arena, &found, &err) || found.n > ARTICLES || found.count != (int64_t)found.n)
		abort();
	for (size_t i = 0; i < found.n; i++)
		if (found.hits[i].article_id < 1 || found.hits[i].article_id > ARTICLES)
			abort();
}

/* Takes the marks out, which must stand in pairs. */
static void unmark(const struct text *html, struct text *ret_text)
{
	bool is_open = false;

	for (size_t i = 0; i < html->length;) {
		if (strncmp(html->bytes + i, is_open ? "</mark>" : "<mark>", is_open ? 7 : 6) == 0) {
			i += is_open ? 7 : 6;
			is_open = !is_open;
		} else {
			text_char(ret_text, html->bytes[i++]);
		}
	}
	if (is_open)
		abort();
}

static void mark(const struct search_query *query, const char *text, struct arena *arena)
{
	struct text html = TEXT_EMPTY, bare = TEXT_EMPTY, plain = TEXT_EMPTY;

	search_mark(query, SEARCH_TITLE, text, true, arena, &html);
	unmark(&html, &bare);
	text_html(&plain, text, strlen(text));
	if (bare.length != plain.length || (plain.length > 0 && memcmp(bare.bytes, plain.bytes, plain.length) != 0))
		abort();
	text_clear(&html);
	text_done(&html);
	text_done(&bare);
	text_done(&plain);
}

/* How many bytes of text the HTML shows: an escaped one counts as one. */
static size_t shown(const struct text *html)
{
	size_t n = 0;

	for (size_t i = 0; i < html->length; i++, n++)
		if (html->bytes[i] == '&')
			i += strcspn(html->bytes + i, ";");
	return n;
}

static void excerpt(const struct search_query *query, const char *text, struct arena *arena)
{
	struct text html = TEXT_EMPTY, bare = TEXT_EMPTY;

	search_excerpt(query, text, true, EXCERPT, arena, &html);
	unmark(&html, &bare);
	if (bare.length > 0 && (memchr(bare.bytes, '<', bare.length) != NULL || !text_is_utf8(bare.bytes, bare.length)))
		abort();
	if (shown(&bare) > EXCERPT + strlen("… ") + strlen(" …"))
		abort();
	text_done(&html);
	text_done(&bare);
}

/* Of what was typed, of much of it, and of much of it without a break. */
static void excerpts(const struct search_query *query, const char *typed, struct arena *arena)
{
	struct text text = TEXT_EMPTY;

	excerpt(query, typed, arena);
	for (int i = 0; i < 2; i++) {
		text_clear(&text);
		while (typed[0] != '\0' && text.length < LONG_TEXT)
			text_printf(&text, "%s%s", typed, i == 0 ? " " : "");
		text_string(&text, "Council <b>closed</b> caf\xc3\xa9 & e-mail");
		excerpt(query, text.bytes, arena);
	}
	text_done(&text);
}

static void suggest(const char *typed, struct arena *arena)
{
	struct suggestion *rows;
	struct error err;
	size_t n;

	if (!store_suggest(store, typed, SUGGESTIONS, arena, &rows, &n, &err) || n > SUGGESTIONS)
		abort();
	for (size_t i = 0; i < n; i++)
		if (rows[i].type == NULL || rows[i].slug == NULL || rows[i].name[0] != '"')
			abort();
}

static void find_nearest(const char *typed, struct arena *arena)
{
	const char *word;
	struct error err;

	if (!store_nearest_word(store, typed, arena, &word, &err))
		abort();
	if (word != NULL && (word[0] == '\0' || !text_is_utf8(word, strlen(word))))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct search_query query;
	char *typed = arena_copy(arena, (const char *)data, size < LONGEST ? size : LONGEST);

	open_once();
	if (text_is_utf8(typed, strlen(typed))) {
		search_parse(typed, arena, &query);
		for (enum search_order order = SEARCH_RELEVANCE; order <= SEARCH_UPDATED; order++)
			search(&query, order, arena);
		if (strpbrk(typed, "\n") == NULL)
			mark(&query, typed, arena);
		excerpts(&query, typed, arena);
		suggest(typed, arena);
		find_nearest(typed, arena);
		mark(&query, "Council <b>closed</b> caf\xc3\xa9 & e-mail", arena);
	}
	arena_free(arena);
	return 0;
}
