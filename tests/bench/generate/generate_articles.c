/* SPDX-License-Identifier: MIT */
/*
 * generate_articles [--seed N] COUNT: writes COUNT articles to standard output, as lines of JSON that `broadsheet import` takes.
 *
 * They come in the order of their times, from 2010 to 2025. Every second one belongs to a story, a run of articles in a short time that
 * share names, rare words and rare tags. One in 25 is a copy: a paper carries the text that another source had a little before. Some are
 * followed, a few dozen lines later, by a line that changes them (a correction and more text under the same guid); these lines come on
 * top of COUNT.
 *
 * The text of article i depends on the seed and i alone, its time on COUNT too. About 2.3 KB an article; one core writes well over
 * 100,000 a second.
 */
#include "generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	STORY_EVERY = 25,             /* a story begins every so many articles … */
	STORY_RUNS = 8,               /* … and lasts for so many such steps */
	COPY_BACK = 12,               /* how far back the copied article lies, at most */
	CHANGED_EVERY = 50,
	CHANGED_AFTER = 40,
	CHAIN_LONGEST = 4,            /* copies of copies */
};

static const int64_t first_time = 1262304000;    /* 2010-01-01 */
static const int64_t last_time = 1767139200;     /* 2025-12-31 */

struct plan {
	uint64_t seed, count;
};

static bool is_copy(const struct plan *plan, uint64_t i)
{
	struct random random = random_for(plan->seed, 'c', i);

	return i > COPY_BACK && random_percent(&random, 4);
}

/* The article that has the text of article i: itself, unless it is a copy. */
static uint64_t origin_of(const struct plan *plan, uint64_t i)
{
	for (int n = 0; n < CHAIN_LONGEST && is_copy(plan, i); n++) {
		struct random random = random_for(plan->seed, 'o', i);

		i -= 1 + random_below(&random, COPY_BACK);
	}
	return i;
}

static int64_t time_of(const struct plan *plan, uint64_t i)
{
	struct random random = random_for(plan->seed, 'T', i);
	const int64_t span = last_time - first_time, step = span / (int64_t)plan->count;

	return first_time + (int64_t)(i * (uint64_t)(span / 1000) / plan->count) * 1000 + random_below(&random, (uint32_t)(step > 1000 ? step : 1000));
}

/* --- the parts of a line --- */

static void put_source(const struct plan *plan, uint64_t i, uint32_t source, int64_t time)
{
	out("{\"guid\":\"tag:");
	out(sources[source].slug.text);
	out(".example,2010:");
	out_number(i + 1);
	out("\",\"source\":\"");
	out(sources[source].name.text);
	out("\",\"source_url\":\"https://");
	out(sources[source].slug.text);
	out(".example/news/");
	out_number(plan->seed + (uint64_t)time / 86400);
	out("/");
	out_number(i + 1);
	out("\",\"lang\":\"");
	out(language_codes[sources[source].language]);
	out("\"");
}

static void put_authors(struct random *random)
{
	const uint32_t drawn = random_below(random, 100), n = drawn < 15 ? 0 : drawn < 90 ? 1 : 2;
	const uint32_t first = pick_author(random), second = (first + 1 + random_below(random, 50)) % AUTHORS;

	if (n == 0)
		return;
	out(",\"byline\":\"By ");
	out(authors[first].text);
	if (n == 2) {
		out(" and ");
		out(authors[second].text);
	}
	out("\",\"authors\":[\"");
	out(authors[first].text);
	if (n == 2) {
		out("\",\"");
		out(authors[second].text);
	}
	out("\"]");
}

static bool is_among(const uint32_t *list, size_t n, uint32_t value)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == value)
			return true;
	return false;
}

static void put_tags(const struct story *story, struct random *random)
{
	const size_t wanted = 3 + random_below(random, 4);
	uint32_t chosen[6];

	out(",\"tags\":[");
	for (size_t n = 0; n < wanted;) {
		const uint32_t drawn = random_below(random, 100);
		const uint32_t tag = n == 0 ? story->tags[random_below(random, STORY_TAGS)] :
		    drawn < 15              ? story->people[random_below(random, STORY_PEOPLE)] :
		    drawn < 25              ? story->place :
		    drawn < 70              ? pick_tag_of_section(story->section, random) :
		                              pick_tag(random);

		if (is_among(chosen, n, tag))
			continue;
		chosen[n++] = tag;
		out(n > 1 ? ",{\"name\":\"" : "{\"name\":\"");
		out(tags[tag].name.text);
		out("\",\"type\":\"");
		out(tag_types[tags[tag].type]);
		out("\"}");
	}
	out("]");
}

static void put_image(uint64_t i, const struct story *story, uint32_t source, struct random *random)
{
	if (!random_percent(random, 40))
		return;
	out(",\"image\":{\"url\":\"https://images.example/");
	out_number(i + 1);
	out(".jpg\",\"width\":1200,\"height\":800,\"alt\":\"");
	prose_title(story, random);
	out("\",\"credit\":\"");
	out(sources[source].name.text);
	out("\"}");
}

static void put_times(int64_t time, bool is_change, struct random *random)
{
	const int64_t later = 600 + (int64_t)random_below(random, 200000);

	out(",\"published_at\":\"");
	out_time(time);
	if (is_change || random_percent(random, 12)) {
		out("\",\"updated_at\":\"");
		out_time(time + later + (is_change ? 200000 : 0));
	}
	out("\"");
	if (is_change) {
		out(",\"corrections\":[{\"at\":\"");
		out_time(time + later + 200000);
		out("\",\"kind\":\"correction\",\"text\":\"An earlier version misspelled a name.\"}]");
	}
}

/* --- */

static bool put_article(const struct plan *plan, uint64_t i, bool is_change)
{
	const uint64_t origin = origin_of(plan, i);
	struct random random = random_for(plan->seed, 'A', origin), own = random_for(plan->seed, 'B', i);
	const int64_t time = time_of(plan, i);
	const uint32_t language_source = pick_source(&random), language = sources[language_source].language;
	uint32_t source = language_source;
	struct story story;

	/* A copy stands in another source of the same language; what is copied mostly comes from an agency. */
	if (origin != i)
		do
			source = pick_source(&own);
		while (source == language_source || sources[source].language != language);

	if (random_percent(&random, 50))
		story_make(&story, plan->seed, origin / STORY_EVERY + random_below(&random, STORY_RUNS));
	else
		story_make(&story, plan->seed + 1, origin);

	put_source(plan, i, source, time);
	out(",\"section\":\"");
	out(section_names[story.section]);
	out("\",\"title\":\"");
	prose_title(&story, &random);
	out("\",\"summary\":\"");
	prose_sentence(&story, language, &random);
	out("\"");
	put_authors(&random);
	if (random_percent(&random, 60)) {
		out(",\"dateline\":\"");
		out(tags[story.place].name.text);
		out("\"");
	}
	put_tags(&story, &random);
	put_image(i, &story, source, &random);
	if (random_percent(&own, 3))
		out(",\"featured\":true");
	if (language_source < AGENCIES) {
		out(",\"rights\":{\"holder\":\"");
		out(sources[language_source].name.text);
		out("\",\"usage_terms\":\"For publication by subscribers.\"}");
	}
	put_times(time, is_change, &own);
	out(",\"body_html\":\"");
	prose_body(&story, language, prose_length(&random), &random);
	if (is_change) {
		out("\\n<p>");
		prose_sentence(&story, language, &own);
		out("</p>");
	}
	out("\"}");
	return out_line();
}

static bool put_all(const struct plan *plan)
{
	for (uint64_t i = 0; i < plan->count; i++) {
		if (!put_article(plan, i, /* is_change= */ false))
			return false;
		if (i >= CHANGED_AFTER && (i - CHANGED_AFTER) % CHANGED_EVERY == 0 && !put_article(plan, i - CHANGED_AFTER, /* is_change= */ true))
			return false;
	}
	return out_flush();
}

int main(int n_arguments, char **arguments)
{
	struct plan plan = { .seed = 1 };

	if (n_arguments == 4 && strcmp(arguments[1], "--seed") == 0) {
		plan.seed = strtoull(arguments[2], NULL, 10);
		arguments += 2;
		n_arguments -= 2;
	}
	plan.count = n_arguments == 2 ? strtoull(arguments[1], NULL, 10) : 0;
	if (plan.count == 0 || plan.count > 100000000) {
		fprintf(stderr, "usage: generate_articles [--seed N] COUNT\n");
		return 2;
	}
	words_make(plan.seed);
	names_make(plan.seed);
	return put_all(&plan) ? 0 : 1;
}
