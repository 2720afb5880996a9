/* SPDX-License-Identifier: MIT */
/*
 * A newsroom that does random things to a store and remembers, in plain arrays, what must come of it; see test_store.h.
 *
 * What a listing must give is found by looking at every article, with nothing of the store's own code.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "test_store.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

static const char *const model_sections[] = { "section-0", "section-1", "section-2", "section-3", "section-4" };
static const char *const model_sources[] = { "source-0", "source-1", "source-2", "source-3" };
static const char *const model_authors[] = { "author-0", "author-1", "author-2", "author-3", "author-4", "author-5" };
static const char *const model_tags[] = { "tag-0", "tag-1", "tag-2", "tag-3", "tag-4", "tag-5", "tag-6", "tag-7", "tag-8", "tag-9", "tag-10",
	"tag-11" };
static const char *const model_langs[] = { "en", "fr", "pt-br" };    /* as slugs */

static const struct {
	const char *kind;
	const char *const *slugs;
	size_t n;
} vocabulary[] = {
	{ "section", model_sections, MODEL_SECTIONS },
	{ "source", model_sources, MODEL_SOURCES },
	{ "author", model_authors, MODEL_AUTHORS },
	{ "tag", model_tags, MODEL_TAGS },
	{ "lang", model_langs, MODEL_LANGS },
	{ "flag", (const char *const[]){ "featured" }, 1 },
};

bool model_term(size_t index, const char **ret_kind, const char **ret_slug)
{
	for (size_t i = 0; i < sizeof vocabulary / sizeof vocabulary[0]; i++) {
		if (index < vocabulary[i].n) {
			*ret_kind = vocabulary[i].kind;
			*ret_slug = vocabulary[i].slugs[index];
			return true;
		}
		index -= vocabulary[i].n;
	}
	return false;
}

bool model_has_term(const struct model_article *article, const char *kind, const char *slug)
{
	const char *number = strrchr(slug, '-');
	const unsigned n = number != NULL ? (unsigned)strtoul(number + 1, NULL, 10) : 0;

	if (strcmp(kind, "section") == 0)
		return strcmp(slug, model_sections[article->section]) == 0;
	if (strcmp(kind, "source") == 0)
		return strcmp(slug, model_sources[article->source]) == 0;
	if (strcmp(kind, "lang") == 0)
		return strcmp(slug, model_langs[article->lang]) == 0;
	if (strcmp(kind, "author") == 0)
		return strncmp(slug, "author-", 7) == 0 && (article->authors >> n & 1) != 0;
	if (strcmp(kind, "tag") == 0)
		return strncmp(slug, "tag-", 4) == 0 && (article->tags >> n & 1) != 0;
	return strcmp(kind, "flag") == 0 && strcmp(slug, "featured") == 0 && article->featured;
}

void model_init(struct model *model, struct store *store, uint64_t seed)
{
	*model = (struct model){ .random = { seed }, .store = store, .now = TEST_TIME };
}

/* Few times, so that many articles share one; some articles of all times. */
static int64_t model_time(struct model *model)
{
	if (test_random(&model->random, 10) == 0)
		return TEST_TIME - (int64_t)test_random(&model->random, 1000000000);
	return TEST_TIME - 3600 * (int64_t)test_random(&model->random, 30);
}

static unsigned model_set(struct model *model, unsigned bits)
{
	unsigned set = 0;

	for (uint64_t n = test_random(&model->random, 4); n > 0; n--)
		set |= 1u << test_random(&model->random, bits);
	return set;
}

static void model_write(struct model *model, struct model_article *article)
{
	article->section = (unsigned)test_random(&model->random, MODEL_SECTIONS);
	article->source = (unsigned)test_random(&model->random, MODEL_SOURCES);
	article->lang = (unsigned)test_random(&model->random, MODEL_LANGS);
	article->authors = model_set(model, MODEL_AUTHORS);
	article->tags = model_set(model, MODEL_TAGS);
	article->featured = test_random(&model->random, 5) == 0;
	article->title = (unsigned)test_random(&model->random, 500);
}

static struct model_article *model_new(struct model *model)
{
	static const enum article_status statuses[] = { ARTICLE_PUBLISHED, ARTICLE_PUBLISHED, ARTICLE_PUBLISHED, ARTICLE_DRAFT, ARTICLE_SCHEDULED,
		ARTICLE_WITHDRAWN };
	struct model_article *article = &model->articles[model->n++];

	*article = (struct model_article){ .exists = true, .id = (int64_t)model->n, .slugs = 1 };
	model_write(model, article);
	article->status = statuses[test_random(&model->random, 6)];
	article->published_at = article->status == ARTICLE_DRAFT || article->status == ARTICLE_SCHEDULED ? TIME_NONE : model_time(model);
	article->was_public = article->status == ARTICLE_WITHDRAWN;    /* withdrawn elsewhere, after readers saw it */
	return article;
}

static void model_change(struct model *model, struct model_article *article)
{
	switch (test_random(&model->random, 8)) {
	case 0:
		model_write(model, article);
		break;
	case 1:
		article->section = (unsigned)test_random(&model->random, MODEL_SECTIONS);
		break;
	case 2:
		article->tags = model_set(model, MODEL_TAGS);
		break;
	case 3:
		if (article->published_at != TIME_NONE)
			article->published_at = model_time(model);
		break;
	case 4:
		article->slugs++;
		break;
	case 5:
		article->title = (unsigned)test_random(&model->random, 500);
		break;
	case 6:
		article->status = article->status == ARTICLE_PUBLISHED ? ARTICLE_WITHDRAWN : ARTICLE_PUBLISHED;
		break;
	default:
		article->status = article->status == ARTICLE_PUBLISHED ? ARTICLE_DRAFT : ARTICLE_PUBLISHED;
		break;
	}
	if (article->status == ARTICLE_PUBLISHED && article->published_at == TIME_NONE)
		article->published_at = model_time(model);
}

struct model_article *model_step(struct model *model)
{
	const bool is_new = model->n < MODEL_ARTICLES && (model->n == 0 || test_random(&model->random, 3) == 0);
	struct model_article *article = is_new ? model_new(model) : &model->articles[test_random(&model->random, model->n)];
	const bool was_listed = !is_new && article->status == ARTICLE_PUBLISHED;
	struct arena *arena = arena_new();
	struct article built;

	if (!is_new)
		model_change(model, article);
	article->rev++;
	model->now += (int64_t)test_random(&model->random, 3);
	article->updated_at = test_random(&model->random, 4) == 0 && article->published_at != TIME_NONE ? article->published_at : model->now;
	article->was_public |= article->status == ARTICLE_PUBLISHED;
	model_build(model, article, arena, &built);
	article->seq = test_append(model->store, &built);
	model->seq++;
	assert_int_equal(article->seq, model->seq);
	if (was_listed || article->status == ARTICLE_PUBLISHED)
		model->public_seq = article->seq;
	arena_free(arena);
	return article;
}

/* The spelling changes from version to version: the first one wins, and case does not make a new term. */
static struct term named(const struct model_article *article, const char *slug, struct arena *arena)
{
	char *name = arena_string(arena, slug);

	*strchr(name, '-') = ' ';
	if ((article->rev + article->id) % 3 == 0)
		name[0] = (char)(name[0] - 'a' + 'A');
	return (struct term){ .name = name };
}

static void named_set(const struct model_article *article, unsigned set, const char *const *slugs, struct arena *arena, struct term_list *ret_list)
{
	struct term *items = arena_array(arena, 32, sizeof *items);

	*ret_list = (struct term_list){ .items = items };
	for (unsigned bit = 0; set >> bit != 0; bit++)
		if ((set >> bit & 1) != 0)
			items[ret_list->n++] = named(article, slugs[bit], arena);
}

void model_build(const struct model *model, const struct model_article *article, struct arena *arena, struct article *ret_article)
{
	static const char *const langs[] = { "en", "fr", "pt-BR" };
	struct article built;

	article_init(&built);
	built.id = article->id;
	built.rev = article->rev;
	built.slug = arena_printf(arena, "story-%" PRId64 "-%u", article->id, article->slugs);
	built.aliases.items = arena_array(arena, article->slugs, sizeof *built.aliases.items);
	for (unsigned i = 1; i < article->slugs; i++)
		built.aliases.items[built.aliases.n++] = arena_printf(arena, "story-%" PRId64 "-%u", article->id, i);
	built.title = test_title(article->title, arena);
	built.source = named(article, model_sources[article->source], arena);
	built.section = named(article, model_sections[article->section], arena);
	named_set(article, article->authors, model_authors, arena, &built.authors);
	named_set(article, article->tags, model_tags, arena, &built.tags);
	for (size_t i = 0; i < built.tags.n; i++)
		built.tags.items[i].type = tag_type_names[0];
	built.lang = langs[article->lang];
	built.featured = article->featured;
	built.status = article->status;
	built.was_public = article->rev == 1 && article->was_public;    /* later versions need not say what is known */
	built.published_at = article->published_at;
	built.updated_at = article->updated_at;
	built.publish_at = article->status == ARTICLE_SCHEDULED ? model->now + 86400 : TIME_NONE;
	built.removed_at = article->status == ARTICLE_WITHDRAWN ? article->updated_at : TIME_NONE;
	built.guid = article->id % 4 == 0 ? NULL : arena_printf(arena, "guid-%" PRId64, article->id);
	built.body_text = test_body(article->title, arena);
	built.body_html = html_from_text(built.body_text, arena);
	article_derive(&built, arena);
	*ret_article = built;
}

static bool has_any(const struct model_article *article, const char *kind, const char *const *slugs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (model_has_term(article, kind, slugs[i]))
			return true;
	return false;
}

static bool between(int64_t time, int64_t after, int64_t before)
{
	return (after == TIME_NONE || time >= after) && (before == TIME_NONE || time < before);
}

bool model_passes(const struct model_article *article, const struct list_query *query)
{
	if (!between(article->published_at, query->published_after, query->published_before) ||
	    !between(article->updated_at, query->updated_after, query->updated_before))
		return false;
	for (size_t i = 0; i < query->n_filters; i++) {
		const struct term_filter *filter = &query->filters[i];

		if (filter->n_any > 0 && !has_any(article, filter->kind, filter->any, filter->n_any))
			return false;
		if (has_any(article, filter->kind, filter->none, filter->n_none))
			return false;
	}
	return true;
}

static int up(const void *one, const void *other)
{
	const struct list_key *a = one, *b = other;

	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

static int down(const void *one, const void *other)
{
	return up(other, one);
}

size_t model_list(const struct model *model, const struct list_query *query, struct list_key *ret_keys)
{
	size_t n = 0;

	for (size_t i = 0; i < model->n; i++) {
		const struct model_article *article = &model->articles[i];

		if (article->status == ARTICLE_PUBLISHED && model_passes(article, query))
			ret_keys[n++] = (struct list_key){ query->order == LIST_UPDATED ? article->updated_at : article->published_at, article->id };
	}
	if (n > 0)
		qsort(ret_keys, n, sizeof *ret_keys, query->order == LIST_OLDEST ? up : down);
	return n;
}

/* --- random queries --- */

static const char *some_slug(struct test_random *random, const char *kind)
{
	const char *slugs[64], *its_kind, *slug;
	size_t n = 0;

	for (size_t i = 0; model_term(i, &its_kind, &slug); i++)
		if (strcmp(its_kind, kind) == 0)
			slugs[n++] = slug;
	slugs[n++] = "unheard-of";
	return slugs[test_random(random, n)];
}

static void add_filter(struct test_random *random, struct list_query *query, struct arena *arena)
{
	static const char *const kinds[] = { "section", "tag", "tag", "source", "author", "lang", "flag" };
	struct term_filter *filter = &query->filters[query->n_filters++];

	filter->kind = kinds[test_random(random, N_OF(kinds))];
	filter->any = arena_array(arena, 4, sizeof *filter->any);
	filter->none = arena_array(arena, 4, sizeof *filter->none);
	filter->n_any = test_random(random, 4);
	filter->n_none = test_random(random, 3) == 0 ? 1 + test_random(random, 2) : 0;
	for (size_t i = 0; i < filter->n_any; i++)
		filter->any[i] = some_slug(random, filter->kind);
	for (size_t i = 0; i < filter->n_none; i++)
		filter->none[i] = some_slug(random, filter->kind);
}

static int64_t some_time(struct test_random *random)
{
	return TEST_TIME - 1800 * (int64_t)test_random(random, 60);
}

void model_query(struct test_random *random, struct list_query *ret_query, struct arena *arena)
{
	list_query_init(ret_query);
	ret_query->order = (enum list_order)test_random(random, 3);
	for (uint64_t n = test_random(random, 4); n > 0; n--)
		add_filter(random, ret_query, arena);
	if (test_random(random, 4) == 0)
		ret_query->published_after = some_time(random);
	if (test_random(random, 4) == 0)
		ret_query->published_before = some_time(random);
	if (test_random(random, 6) == 0)
		ret_query->updated_after = some_time(random);
	if (test_random(random, 6) == 0)
		ret_query->updated_before = TEST_TIME + (int64_t)test_random(random, 200);
}
