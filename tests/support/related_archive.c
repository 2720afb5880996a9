/* SPDX-License-Identifier: MIT */
/* The articles themselves, and the loop of server/publish/background.c without its thread. */
#include "related_archive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <inttypes.h>

#include <cmocka.h>

struct told {
	int64_t id;
	const char *title, *section, *source, *tag;
	const char *body;
	int64_t age_days;
	enum article_status status;
};

static const char wire_story[] =
    "The harbour ferry will run again from Monday, the town council said. Its engine was replaced over the winter, at a cost that the council "
    "put at two million crowns. The boat had been out of service since a fire in November, in which nobody was hurt.";

static const struct told archive[ARCHIVE_ARTICLES] = {
	{ 1, "Ferry returns after fire", "Local", "Wire", "ferry", wire_story, 10, ARTICLE_PUBLISHED },
	{ 2, "Harbour ferry is back", "Local", "Staff", "ferry", wire_story, 9, ARTICLE_PUBLISHED },    /* the same wire story */
	{ 3, "Ferry engine inspected", "Local", "Staff", "ferry", "Inspectors found the new ferry engine in good order on Tuesday afternoon.", 8, ARTICLE_PUBLISHED },
	{ 4, "Ferry fares to rise", "Business", "Wire", "ferry", "Fares go up by a tenth in spring, the director of the line said on air.", 40, ARTICLE_PUBLISHED },
	{ 5, "A draft on the ferry", "Local", "Wire", "ferry", "Nobody may read that the ferry will be sold to an island far away.", 1, ARTICLE_DRAFT },
	{ 6, "Withdrawn ferry story", "Local", "Wire", "ferry", "It was wrong from the first line about the ferry to the last one.", 1, ARTICLE_WITHDRAWN },
	{ 7, "Orchard prize awarded", "Local", "Staff", "orchards", "Apples from the hills won the prize of the valley this autumn again.", 2, ARTICLE_PUBLISHED },
	{ 8, "Goalkeeper signs", "Sports", "Wire", "handball", "She will keep the goal of the champions for three more seasons, they said.", 1, ARTICLE_PUBLISHED },
	{ 9, "Champions lose", "Sports", "Wire", "handball", "They lost by one goal in the last minute of a match that had everything.", 3, ARTICLE_PUBLISHED },
	{ 10, "Library opens late", "Local", "Staff", "library", "Readers may stay until midnight from next month on, every day but Sunday.", 5, ARTICLE_PUBLISHED },
};

void archive_article(int number, struct arena *arena, struct article *ret_article)
{
	const struct told *told = &archive[number - 1];

	article_init(ret_article);
	ret_article->id = told->id;
	ret_article->rev = 1;
	ret_article->slug = arena_printf(arena, "story-%" PRId64, told->id);
	ret_article->title = told->title;
	ret_article->section.name = told->section;
	ret_article->source.name = told->source;
	ret_article->tags.n = 1;
	ret_article->tags.items = arena_array(arena, 1, sizeof *ret_article->tags.items);
	ret_article->tags.items[0] = (struct term){ .name = told->tag, .type = "topic" };
	ret_article->body_text = told->body;
	ret_article->body_html = html_from_text(told->body, arena);
	ret_article->status = told->status;
	ret_article->published_at = told->status == ARTICLE_DRAFT ? TIME_NONE : TEST_TIME - 86400 * told->age_days;
	ret_article->updated_at = TEST_TIME - 86400 * told->age_days;
}

struct store *archive_store(struct arena *arena)
{
	struct store *store = test_store();

	for (int number = 1; number <= ARCHIVE_ARTICLES; number++) {
		struct article article;

		archive_article(number, arena, &article);
		test_append(store, &article);
	}
	return store;
}

void archive_link(struct store *store, const int64_t *ids, size_t n, int64_t rev, struct arena *arena)
{
	struct article article;

	archive_article(1, arena, &article);
	article.rev = rev;
	article.related_ids.items = arena_array(arena, n, sizeof *ids);
	article.related_ids.n = n;
	for (size_t i = 0; i < n; i++)
		article.related_ids.items[i] = ids[i];
	test_append(store, &article);
}

/* --- the background's work --- */

static bool compute(struct store *store, const struct related_due *due, struct arena *arena, struct related_result *ret_result)
{
	struct error err;

	*ret_result = (struct related_result){ .due = *due };
	ret_result->is_found = store_related_compute(store, due->article_id, arena, &ret_result->answer, &err);
	return ret_result->is_found;
}

size_t test_work_off_related(struct store *store)
{
	struct related_due due[20];
	struct related_result results[20];
	struct arena *arena = arena_new();
	struct error err;
	size_t n, sum = 0;

	while ((n = store_related_due(store, due, 20, &err)) > 0) {
		for (size_t i = 0; i < n; i++)
			if (!compute(store, &due[i], arena, &results[i]))
				fail_msg("article %" PRId64 " cannot be computed", due[i].article_id);
		if (!store_related_keep(store, results, n, &err))
			fail_msg("keep: %s", err.detail);
		sum += n;
		arena_reset(arena);
	}
	assert_int_equal(err.code, ERROR_NONE);
	arena_free(arena);
	return sum;
}

uint64_t test_digest(struct store *store, int64_t id)
{
	struct arena *arena = arena_new();
	struct related_answer answer;
	struct error err;

	if (!store_related_kept(store, id, arena, &answer, &err))
		fail_msg("%s", err.detail);
	arena_free(arena);
	return answer.digest;
}
