/* SPDX-License-Identifier: MIT */
/*
 * What the files of the generator share. The same seed gives the same bytes on every machine: everything is whole numbers, and nothing
 * draws twice within one expression, whose order would be the compiler's.
 */
#ifndef BENCH_GENERATE_H
#define BENCH_GENERATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SECTIONS = 10,
	SOURCES = 60,
	AGENCIES = 4,              /* the first sources: other papers carry their stories */
	LANGUAGES = 4,             /* English, and those of the last sources */
	AUTHORS = 2000,
	TAGS = 20000,
	WORDS = 60000,             /* invented ones */
	WORD_ROOM = 16,            /* bytes of the longest word, so that a copy is one move */
	STORY_WORDS = 8,
	STORY_TAGS = 3,
	STORY_PEOPLE = 2,
};

struct word {
	char bytes[WORD_ROOM];
	uint8_t length;
};

/* --- random.c --- */

/* A stream of random numbers: splitmix64 by Steele, Lea and Flood. */
struct random {
	uint64_t state;
};

/* The stream named by a seed, what it is for and a number: the same three give the same stream. */
struct random random_for(uint64_t seed, uint64_t purpose, uint64_t number);
uint64_t random_next(struct random *random);
/* 0 to `n` - 1. */
uint32_t random_below(struct random *random, uint32_t n);
bool random_percent(struct random *random, uint32_t percent);

/* A choice among n with given weights, made in constant time (Vose's alias method). Never freed: it lasts as long as the program. */
struct choice {
	uint32_t n;
	uint32_t *threshold, *other;
};

struct choice choice_new(const uint64_t *weights, uint32_t n);
/* Zipf and Mandelbrot: the weight of rank r is 1 / (r + flat). */
struct choice choice_new_zipf(uint32_t n, uint32_t flat);
uint32_t choice_pick(const struct choice *choice, struct random *random);

/* FNV-1a. */
uint32_t text_hash(const char *text);

/* --- out.c --- */

/* What is written, gathered into large blocks. Text is written as it stands, so it must hold nothing that JSON escapes. */
void out_bytes(const char *bytes, size_t length);
void out(const char *text);
void out_word(const struct word *word);
void out_number(uint64_t number);
/* Unix seconds as RFC 3339 in UTC. */
void out_time(int64_t time);
/* Ends the line; false when it cannot be written. */
bool out_line(void);
bool out_flush(void);

/* --- words.c --- */

extern struct word words[WORDS];    /* the commonest first */

void words_make(uint64_t seed);
/* A little word that holds sentences together, real ones of the language. */
const struct word *word_little(uint32_t language, struct random *random);
/* A word that says something, commonest most often. */
const struct word *word_telling(struct random *random);
/* One that is at home in a section. */
const struct word *word_of_section(uint32_t section, struct random *random);
/* What people do in headlines. */
const char *word_verb(struct random *random);

/* --- names.c --- */

enum tag_type { TAG_TOPIC, TAG_PERSON, TAG_ORGANISATION, TAG_PLACE, TAG_EVENT };

struct name {
	char text[48];
};

struct source {
	struct name name, slug;
	uint32_t language;
};

struct tag {
	struct name name;
	enum tag_type type;
};

extern const char *const section_names[SECTIONS], *const language_codes[LANGUAGES], *const tag_types[];
extern struct source sources[SOURCES];
extern struct name authors[AUTHORS];
extern struct tag tags[TAGS];    /* the commonest first */

void names_make(uint64_t seed);
uint32_t pick_section(struct random *random);
uint32_t pick_source(struct random *random);
uint32_t pick_author(struct random *random);
uint32_t pick_tag(struct random *random);
uint32_t pick_tag_of_section(uint32_t section, struct random *random);
/* One of the rare ones, which only a story brings up. */
uint32_t pick_rare_tag(struct random *random);
uint32_t pick_tag_of_type(enum tag_type type, struct random *random);

/* --- prose.c --- */

/* What a run of articles in a short time is about. */
struct story {
	uint32_t section;
	uint32_t tags[STORY_TAGS];
	uint32_t people[STORY_PEOPLE];    /* tags too */
	uint32_t place;                   /* a tag */
	const struct word *words[STORY_WORDS];
};

void story_make(struct story *ret_story, uint64_t seed, uint64_t number);
void prose_title(const struct story *story, struct random *random);
void prose_sentence(const struct story *story, uint32_t language, struct random *random);
/* Paragraphs of HTML, in all about so many words, inside a JSON string. */
void prose_body(const struct story *story, uint32_t language, uint32_t n_words, struct random *random);
/* 60 to 1,500, most between 120 and 600: lengths of articles are log-normal. */
uint32_t prose_length(struct random *random);

#endif
