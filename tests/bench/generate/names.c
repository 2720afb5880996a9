/* SPDX-License-Identifier: MIT */
/*
 * Who and what the news is about: sections, sources, authors, and 20,000 tags of five types, used as Zipf's law has it.
 *
 * A tag is at home in one section. Names are put together from invented words; the few that would come twice get a number.
 */
#include "generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { RARE_FROM = 2000, NAME_LONGEST = 9, TYPES = 5, SEEN = 1 << 16 };

const char *const section_names[SECTIONS] = { "National", "World", "Politics", "Business", "Sport", "Local", "Culture", "Science", "Opinion",
	"Travel" };
static const uint64_t section_weights[SECTIONS] = { 22, 18, 14, 13, 12, 9, 5, 4, 2, 1 };
const char *const language_codes[LANGUAGES] = { "en", "es", "fr", "de" };
const char *const tag_types[] = { "topic", "person", "organisation", "place", "event" };

struct source sources[SOURCES];
struct name authors[AUTHORS];
struct tag tags[TAGS];

static struct choice section_choice, source_choice, author_choice, tag_choice, tag_section_choice[SECTIONS], tag_type_choice[TYPES];
static uint32_t section_tags[SECTIONS][TAGS / SECTIONS], tags_of_type[TYPES][TAGS];
static uint32_t n_of_type[TYPES];

static const char *const first_names[] = { "Ada", "Alma", "Anders", "Beatriz", "Bram", "Callum", "Carla", "Chloé", "Dagny", "Dario", "Edith",
	"Elias", "Émile", "Farah", "Felix", "Greta", "Hanne", "Hugo", "Ilse", "Ivo", "Jonas", "Jorun", "Karim", "Lena", "Lucía", "Marta",
	"Mattis", "Mira", "Nadia", "Noor", "Olga", "Oskar", "Paula", "Pieter", "Quentin", "Ragna", "Rosa", "Samir", "Signe", "Søren", "Tariq",
	"Teresa", "Ulla", "Vera", "Viktor", "Wanda", "Xavier", "Yann", "Yusuf", "Zoë" };

/* A short invented word with a capital. */
static const char *proper(struct random *random, char ret_text[WORD_ROOM + 1])
{
	const struct word *word;

	do
		word = &words[400 + random_below(random, WORDS - 400)];
	while (word->length > NAME_LONGEST);
	memcpy(ret_text, word->bytes, word->length);
	ret_text[word->length] = '\0';
	ret_text[0] = (char)(ret_text[0] - 'a' + 'A');
	return ret_text;
}

static const char *one_of(const char *const *list, uint32_t n, struct random *random)
{
	return list[random_below(random, n)];
}

static void person(struct name *ret_name, struct random *random)
{
	const char *first = one_of(first_names, COUNT(first_names), random);
	char last[WORD_ROOM + 1];

	snprintf(ret_name->text, sizeof ret_name->text, "%s %s", first, proper(random, last));
}

static void organisation(struct name *ret_name, struct random *random)
{
	static const char *const kinds[] = { "Council", "Group", "Union", "Bank", "Institute", "United", "Rovers", "Foundation", "Party", "Airways",
		"Energy", "Railways", "Ministry", "Hospital", "Theatre", "College" };
	const char *kind = one_of(kinds, COUNT(kinds), random);
	char first[WORD_ROOM + 1];

	snprintf(ret_name->text, sizeof ret_name->text, "%s %s", proper(random, first), kind);
}

static void place(struct name *ret_name, struct random *random)
{
	static const char *const ends[] = { "", "", "", "", " Harbour", " Valley", " Bridge", "ton", "ville", "burg", " Island", " Park" };
	const char *end = one_of(ends, COUNT(ends), random);
	char first[WORD_ROOM + 1];

	snprintf(ret_name->text, sizeof ret_name->text, "%s%s", proper(random, first), end);
}

static void event(struct name *ret_name, struct random *random)
{
	static const char *const kinds[] = { "Summit", "Festival", "Election", "Cup", "Games", "Inquiry", "Strike", "Fair" };
	const char *kind = one_of(kinds, COUNT(kinds), random);
	const uint32_t year = 2010 + random_below(random, 16);
	char first[WORD_ROOM + 1];

	snprintf(ret_name->text, sizeof ret_name->text, "%s %s %u", proper(random, first), kind, year);
}

static void topic(struct name *ret_name, struct random *random)
{
	char first[WORD_ROOM + 1];
	const struct word *second = &words[random_below(random, WORDS)];

	proper(random, first);
	if (random_percent(random, 40))
		snprintf(ret_name->text, sizeof ret_name->text, "%s", first);
	else
		snprintf(ret_name->text, sizeof ret_name->text, "%s %.*s", first, (int)second->length, second->bytes);
}

/* --- */

static bool is_new_tag(uint32_t *seen, uint32_t i)
{
	uint32_t at = text_hash(tags[i].name.text) % SEEN;

	while (seen[at] != 0) {
		if (strcmp(tags[seen[at] - 1].name.text, tags[i].name.text) == 0)
			return false;
		at = (at + 1) % SEEN;
	}
	seen[at] = i + 1;
	return true;
}

static void make_tags(uint64_t seed)
{
	static void (*const makers[TYPES])(struct name *, struct random *) = { topic, person, organisation, place, event };
	static const uint32_t up_to[TYPES] = { 35, 65, 82, 95, 100 };
	struct random random = random_for(seed, 't', 0);
	uint32_t *seen = calloc(SEEN, sizeof *seen), type;

	if (seen == NULL)
		abort();
	for (uint32_t i = 0; i < TAGS; i++) {
		const uint32_t drawn = random_below(&random, 100);

		for (type = 0; drawn >= up_to[type]; type++)
			continue;
		tags[i].type = (enum tag_type)type;
		do
			makers[type](&tags[i].name, &random);
		while (!is_new_tag(seen, i));
		section_tags[i % SECTIONS][i / SECTIONS] = i;
		tags_of_type[type][n_of_type[type]++] = i;
	}
	free(seen);
	tag_choice = choice_new_zipf(TAGS, 10);
	for (uint32_t section = 0; section < SECTIONS; section++)
		tag_section_choice[section] = choice_new_zipf(TAGS / SECTIONS, 5);
	for (type = 0; type < TYPES; type++)
		tag_type_choice[type] = choice_new_zipf(n_of_type[type], 20);
}

static void make_sources(uint64_t seed)
{
	static const char *const papers[] = { "Courier", "Herald", "Tribune", "Gazette", "Observer", "Post", "Despatch", "Chronicle", "Echo", "Times" };
	struct random random = random_for(seed, 's', 0);
	char town[WORD_ROOM + 1];

	for (uint32_t i = 0; i < SOURCES; i++) {
		proper(&random, town);
		if (i < AGENCIES)
			snprintf(sources[i].name.text, sizeof sources[i].name.text, "%s Press Agency", town);
		else
			snprintf(sources[i].name.text, sizeof sources[i].name.text, "The %s %s", town, papers[i % COUNT(papers)]);
		snprintf(sources[i].slug.text, sizeof sources[i].slug.text, "%s%u", town, i);
		sources[i].slug.text[0] = (char)(sources[i].slug.text[0] - 'A' + 'a');
		sources[i].language = i >= SOURCES - 9 ? 1 + i % (LANGUAGES - 1) : 0;
	}
}

void names_make(uint64_t seed)
{
	struct random random = random_for(seed, 'a', 0);

	make_sources(seed);
	make_tags(seed);
	for (uint32_t i = 0; i < AUTHORS; i++)
		person(&authors[i], &random);
	section_choice = choice_new(section_weights, SECTIONS);
	source_choice = choice_new_zipf(SOURCES, 4);
	author_choice = choice_new_zipf(AUTHORS, 40);
}

uint32_t pick_section(struct random *random)
{
	return choice_pick(&section_choice, random);
}

uint32_t pick_source(struct random *random)
{
	return choice_pick(&source_choice, random);
}

uint32_t pick_author(struct random *random)
{
	return choice_pick(&author_choice, random);
}

uint32_t pick_tag(struct random *random)
{
	return choice_pick(&tag_choice, random);
}

uint32_t pick_tag_of_section(uint32_t section, struct random *random)
{
	return section_tags[section][choice_pick(&tag_section_choice[section], random)];
}

uint32_t pick_rare_tag(struct random *random)
{
	return RARE_FROM + random_below(random, TAGS - RARE_FROM);
}

uint32_t pick_tag_of_type(enum tag_type type, struct random *random)
{
	return tags_of_type[type][choice_pick(&tag_type_choice[type], random)];
}
