/* SPDX-License-Identifier: MIT */
/*
 * /v1/search, and the listing with q, facets or order=relevance: what is found, marked, counted and ranked.
 *
 * The cursor of a ranking holds what the ranking went by (its newest article, the hour, the weight of each term), so that newer articles
 * move nothing on later pages. Anything that changes any article can change what is found, so every answer stands on all of them;
 * a ranking by age also on the hour.
 */
#include "api_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "search.h"

enum { EXCERPT_BYTES = 240, SECONDS_HOUR = 3600, IGNORED_MOST = 16, IGNORED_BYTES_MOST = 100, CORRECTIONS_MOST = 3 };

bool search_is_asked_for(struct request *request)
{
	const char *order = request_parameter(request, "order");

	return request_parameter(request, "q") != NULL || (order != NULL && strcmp(order, "relevance") == 0);
}

/* --- what is asked for --- */

static bool order_from(struct request *request, const char *usual, enum search_order *ret_order, struct error *err)
{
	const char *order = request_parameter(request, "order");

	if (order == NULL)
		order = usual;
	if (strcmp(order, "newest") == 0)
		*ret_order = SEARCH_NEWEST;
	else if (strcmp(order, "oldest") == 0)
		*ret_order = SEARCH_OLDEST;
	else if (strcmp(order, "updated") == 0)
		*ret_order = SEARCH_UPDATED;
	else
		*ret_order = SEARCH_RELEVANCE;
	if (request_parameter(request, "q") != NULL)
		return true;
	error_set(err, ERROR_PARAMETER, "relevance needs something to be relevant to");
	error_add_parameter(err, "order", "needs-q", "newest", "order=relevance goes with q");
	return false;
}

static unsigned facets_from(struct request *request)
{
	static const struct {
		const char *name;
		unsigned bit;
	} facets[] = { { "section", FACET_SECTION }, { "source", FACET_SOURCE }, { "author", FACET_AUTHOR }, { "tag", FACET_TAG }, { "year", FACET_YEAR } };
	const char *const *names;
	const size_t n = request_list(request, "facets", &names);
	unsigned all = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t f = 0; f < sizeof facets / sizeof facets[0]; f++)
			if (strcmp(names[i], facets[f].name) == 0)
				all |= facets[f].bit;
	return all;
}

/* --- cursors --- */

static bool is_ranked(enum search_order order)
{
	return order == SEARCH_RELEVANCE || order == SEARCH_UPDATED;
}

/* "1b3f": by which making of the index. Of a ranking "1b3f.5f3a2.65f0c1c0.1a2b.0.3c": newest row, hour and weights too. */
static const char *write_frame(const struct search_request *search, const struct search_frame *frame, int64_t epoch, struct arena *arena)
{
	struct text text = TEXT_EMPTY;
	const char *written;

	text_printf(&text, "%" PRIx64, (uint64_t)epoch);
	if (is_ranked(search->order))
		text_printf(&text, ".%" PRIx64 ".%" PRIx64, (uint64_t)frame->newest, (uint64_t)frame->hour);
	for (size_t i = 0; is_ranked(search->order) && i < search->query->n; i++)
		text_printf(&text, ".%x", frame->weights[i]);
	written = arena_copy(arena, text.bytes, text.length);
	text_done(&text);
	return written;
}

static bool next_number(const char **at, uint64_t most, uint64_t *ret_number)
{
	char *end;

	*ret_number = strtoull(*at, &end, 16);
	if (end == *at || (*end != '.' && *end != '\0') || *ret_number > most)
		return false;
	*at = *end == '.' ? end + 1 : end;
	return true;
}

/* A cursor is no secret, so whatever it says is a stranger's: numbers that no search of ours has are refused. */
static bool read_frame(const char *at, const struct search_request *search, struct search_frame *ret_frame, int64_t *ret_epoch)
{
	const size_t n_terms = search->query->n;
	uint64_t epoch, newest, hour, weight;

	if (!next_number(&at, UINT64_MAX, &epoch))
		return false;
	*ret_epoch = (int64_t)epoch;
	if (!is_ranked(search->order))
		return *at == '\0';
	if (!next_number(&at, SEARCH_ROW_MOST, &newest) || !next_number(&at, (uint64_t)clock_now() + SECONDS_HOUR, &hour) || hour % SECONDS_HOUR != 0)
		return false;
	ret_frame->newest = (int64_t)newest;
	ret_frame->hour = (int64_t)hour;
	for (size_t i = 0; i < n_terms; i++) {
		if (!next_number(&at, UINT16_MAX, &weight))
			return false;
		ret_frame->weights[i] = (uint16_t)weight;
	}
	return *at == '\0';
}

static const char *cursor_at(struct request *request, const struct search_request *search, const struct search_frame *frame, int64_t epoch, struct search_key key,
    bool backward)
{
	const struct cursor cursor = {
		.backward = backward,
		.time = key.rank,
		.id = key.id,
		.name = write_frame(search, frame, epoch, request->arena),
	};

	return cursor_write(request, &cursor);
}

static bool place_from(struct request *request, struct search_request *search, int64_t epoch, struct error *err)
{
	struct cursor cursor;
	int64_t made_by;

	search->frame.hour = clock_now() / SECONDS_HOUR * SECONDS_HOUR;
	if (!cursor_read(request, &cursor, &search->has_from, err))
		return false;
	if (!search->has_from) {
		if (search->order == SEARCH_RELEVANCE)
			basis_until(request->basis, search->frame.hour + SECONDS_HOUR);
		return true;
	}
	search->backward = cursor.backward;
	search->from = (struct search_key){ cursor.time, cursor.id };
	if (cursor.name == NULL || cursor.id <= 0 || cursor.id > SEARCH_ROW_MOST || !read_frame(cursor.name, search, &search->frame, &made_by))
		return cursor_refuse(err, "damaged", "this is no cursor of a search");
	return made_by == epoch || cursor_refuse(err, "outdated", "the index has been made anew since");
}

/* --- the answer --- */

/* ,"highlights":{…} in the place of the item's closing brace. */
static bool write_highlights(struct request *request, int64_t id, const struct search_query *query, struct arena *arena, struct text *data, struct error *err)
{
	struct text document = TEXT_EMPTY, html = TEXT_EMPTY;
	const bool fine = store_document(store_of(request), id, &document, err);

	if (fine) {
		const char *title = article_encoded_string(document.bytes, document.length, "title", arena);
		const char *body = article_encoded_string(document.bytes, document.length, "body_text", arena);
		const char *lang = article_encoded_string(document.bytes, document.length, "lang", arena);
		const bool is_english = search_is_english(lang[0] != '\0' ? lang : NULL);

		text_string(&html, "");
		search_mark(query, SEARCH_TITLE, title, is_english, arena, &html);
		data->bytes[--data->length] = '\0';
		text_string(data, ",\"highlights\":{\"title\":");
		text_json(data, html.bytes, html.length);
		text_clear(&html);
		search_excerpt(query, body, is_english, EXCERPT_BYTES, arena, &html);
		if (html.length > 0) {
			text_string(data, ",\"body\":");
			text_json(data, html.bytes, html.length);
		}
		text_string(data, "}}");
	}
	text_done(&document);
	text_done(&html);
	return fine;
}

static struct search_key key_of(const struct search_hit *hit)
{
	return (struct search_key){ hit->rank, hit->id };
}

static void cut_hits(struct search_found *found, size_t back, size_t steps)
{
	size_t first, end;

	list_kept(back, steps, &first, &end);
	if (first > 0) {
		found->more_before = true;
		found->before = key_of(&found->hits[first]);
	}
	if (end < found->n) {
		found->more_after = true;
		found->after = key_of(&found->hits[end - 1]);
	}
	found->hits += first;
	found->n = end - first;
}

/* Long bodies end the page before it has its hits. */
static bool write_hits(struct request *request, struct search_found *found, const struct search_request *search, const struct field_selection *selection,
    struct text *data, struct error *err)
{
	struct arena *arena = arena_new();    /* for the words of one text after another */
	const size_t back = search->backward ? found->n : 0;
	size_t *ends = arena_array(request->arena, found->n + 1, sizeof *ends), steps = 0;
	bool fine = true;

	while (fine && steps < found->n && data->length <= list_bytes_most) {
		const int64_t id = found->hits[list_row_at(back, steps)].article_id;

		if (steps > 0)
			text_char(data, ',');
		fine = article_write_item(request, id, selection, data, err) && (!selection->all || write_highlights(request, id, search->query, arena, data, err));
		arena_reset(arena);
		ends[steps++] = data->length;
	}
	if (fine)
		list_turn(data, ends, back, steps);
	if (fine && steps < found->n)
		cut_hits(found, back, steps);
	arena_free(arena);
	return fine;
}

static void separate(struct text *meta)
{
	if (meta->length > 0)
		text_char(meta, ',');
}

static void write_facets(const struct search_found *found, struct text *meta)
{
	separate(meta);
	text_string(meta, "\"facets\":{");
	for (size_t f = 0; f < found->n_facets; f++) {
		const struct search_facet *facet = &found->facets[f];

		text_printf(meta, "%s\"%s\":[", f > 0 ? "," : "", facet->kind);    /* a kind is ours */
		for (size_t i = 0; i < facet->n; i++) {
			text_string(meta, i > 0 ? ",{\"slug\":" : "{\"slug\":");
			text_json(meta, facet->rows[i].slug, strlen(facet->rows[i].slug));
			text_string(meta, ",\"name\":");
			text_json(meta, facet->rows[i].name, strlen(facet->rows[i].name));
			text_printf(meta, ",\"count\":%" PRId64 "}", facet->rows[i].count);
		}
		text_char(meta, ']');
	}
	text_printf(meta, "},\"facets_exact\":%s", found->count_is_exact ? "true" : "false");
}

/* The front of what was typed is enough to know it by; cut between characters. */
static size_t cut_length(const char *typed)
{
	size_t length = strlen(typed);

	if (length <= IGNORED_BYTES_MOST)
		return length;
	length = IGNORED_BYTES_MOST;
	while (length > 0 && ((unsigned char)typed[length] & 0xC0) == 0x80)
		length--;
	return length;
}

static void write_ignored(const struct search_query *query, struct text *meta)
{
	separate(meta);
	text_string(meta, "\"ignored\":[");
	for (size_t i = 0; i < query->n_ignored && i < IGNORED_MOST; i++) {
		if (i > 0)
			text_char(meta, ',');
		text_json(meta, query->ignored[i], cut_length(query->ignored[i]));
	}
	text_char(meta, ']');
}

/* Is it one of the words that are looked for, and no sign of how: title: and byline:, or a word that must not be there? */
static bool is_looked_for(const char *typed, const struct search_word *word)
{
	const bool begins = word->start == typed || word->start[-1] == ' ';

	if (begins && word->start[word->length] == ':' && (strcmp(word->form, "title") == 0 || strcmp(word->form, "byline") == 0))
		return false;
	return word->start == typed || word->start[-1] != '-' || !(word->start - 1 == typed || word->start[-2] == ' ');
}

/* The known word nearest to one that is looked for and that no article holds, or NULL. */
static bool correct(struct request *request, const char *typed, const struct search_word *word, const char **ret_near, struct error *err)
{
	bool known;

	*ret_near = NULL;
	if (!is_looked_for(typed, word))
		return true;
	if (!store_word_is_known(store_of(request), word, &known, err))
		return false;
	return known || store_nearest_word(store_of(request), word->form, request->arena, ret_near, err);
}

/* What was typed, with some words corrected: all else stands as it was. */
static bool write_did_you_mean(struct request *request, const char *typed, struct text *meta, struct error *err)
{
	struct search_words words;
	struct search_word word;
	struct text meant = TEXT_EMPTY;
	const char *from = typed;
	bool fine = true;

	search_words_init(&words, typed, /* is_english= */ true, request->arena);
	for (int n = 0, seen = 0; fine && n < CORRECTIONS_MOST && seen < SEARCH_TERMS_MOST && search_words_next(&words, &word); seen++) {
		const char *near;

		fine = correct(request, typed, &word, &near, err);
		if (!fine || near == NULL)
			continue;
		text_append(&meant, from, (size_t)(word.start - from));
		text_string(&meant, near);
		from = word.start + word.length;
		n++;
	}
	if (fine && from > typed) {
		text_string(&meant, from);
		separate(meta);
		text_string(meta, "\"did_you_mean\":");
		text_json(meta, meant.bytes, meant.length);
	}
	text_done(&meant);
	return fine;
}

static void write_meta(const struct search_request *search, const struct search_found *found, struct text *meta)
{
	if (search->wants_count)
		text_printf(meta, "\"count\":{\"value\":%" PRId64 ",\"exact\":%s}", found->count, found->count_is_exact ? "true" : "false");
	if (search->facets != 0)
		write_facets(found, meta);
	if (search->query->n_ignored > 0)
		write_ignored(search->query, meta);
	if (found->is_partial) {
		separate(meta);
		text_string(meta, "\"partial\":true");
	}
}

bool search_answer(struct request *request, struct response *response, const char *usual_order, const struct list_query *filters,
    const struct field_selection *selection, struct text *data, struct text *meta, struct error *err)
{
	const char *typed = request_parameter(request, "q"), *count = request_parameter(request, "count"), *next = NULL, *prev = NULL;
	struct search_query query;
	struct search_request search = { .query = &query, .filters = filters, .facets = facets_from(request) };
	struct search_found found;
	int64_t epoch;

	if (!request_may_take_long(request) || !order_from(request, usual_order, &search.order, err))
		return false;
	search_parse(typed, request->arena, &query);
	search.wants_count = count != NULL && strcmp(count, "exact") == 0;
	if (!store_indexes_epoch(store_of(request), &epoch, err) || !place_from(request, &search, epoch, err))
		return false;
	basis_of_all(request);
	if (!store_search(store_of(request), &search, request->arena, &found, err) || !write_hits(request, &found, &search, selection, data, err))
		return false;
	if (found.is_late)
		basis_of_late(request);
	write_meta(&search, &found, meta);
	if (found.n == 0 && !search.has_from && !found.more_after && !write_did_you_mean(request, typed, meta, err))
		return false;
	if (found.more_after)
		next = cursor_at(request, &search, &found.frame, epoch, found.after, false);
	if (found.more_before)
		prev = cursor_at(request, &search, &found.frame, epoch, found.before, true);
	list_answer(request, response, data, meta, next, prev);
	return true;
}

bool search_write_facets(struct request *request, const struct list_query *filters, struct text *meta, struct error *err)
{
	struct list_query all = *filters;
	struct search_request search = { .filters = &all, .order = SEARCH_NEWEST, .facets = facets_from(request) };
	struct search_found found;

	if (search.facets == 0)
		return true;
	if (!request_may_take_long(request))
		return false;
	all.limit = 0;
	basis_of_all(request);
	if (!store_search(store_of(request), &search, request->arena, &found, err))
		return false;
	if (found.is_late)
		basis_of_late(request);
	write_facets(&found, meta);
	return true;
}

/* GET /v1/search. 200 with a page of what is found, the best first; 400 for a cursor of another search. */
bool search_get(struct request *request, struct response *response, struct error *err)
{
	return article_list_answer(request, response, "relevance", err);
}
