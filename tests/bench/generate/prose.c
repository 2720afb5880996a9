/* SPDX-License-Identifier: MIT */
/*
 * Text in the shape of news: headlines, sentences, paragraphs.
 *
 * A sentence mixes little words with telling ones; of these some belong to the section, some to the story, and now and then one of the
 * story's names stands in it. So articles of one story share rare words and names, those of one section common ones.
 */
#include "generate.h"

#include <string.h>

void story_make(struct story *ret_story, uint64_t seed, uint64_t number)
{
	struct random random = random_for(seed, 'S', number);

	ret_story->section = pick_section(&random);
	for (size_t i = 0; i < STORY_TAGS; i++)
		ret_story->tags[i] = pick_rare_tag(&random);
	for (size_t i = 0; i < STORY_PEOPLE; i++)
		ret_story->people[i] = pick_tag_of_type(TAG_PERSON, &random);
	ret_story->place = pick_tag_of_type(TAG_PLACE, &random);
	for (size_t i = 0; i < STORY_WORDS; i++)
		ret_story->words[i] = &words[3000 + random_below(&random, WORDS - 3000)];
}

static void put_capital(const struct word *word)
{
	char first = word->bytes[0];

	if (first >= 'a' && first <= 'z')
		first = (char)(first - 'a' + 'A');
	out_bytes(&first, 1);
	out_bytes(word->bytes + 1, word->length - 1U);
}

static void put_name(const struct story *story, struct random *random)
{
	const uint32_t which = random_below(random, STORY_PEOPLE + 2);

	if (which < STORY_PEOPLE)
		out(tags[story->people[which]].name.text);
	else if (which == STORY_PEOPLE)
		out(tags[story->place].name.text);
	else
		out(tags[story->tags[0]].name.text);
}

static const struct word *telling(const struct story *story, uint32_t drawn, struct random *random)
{
	if (drawn < 10)
		return story->words[random_below(random, STORY_WORDS)];
	return drawn < 25 ? word_of_section(story->section, random) : word_telling(random);
}

void prose_title(const struct story *story, struct random *random)
{
	put_name(story, random);
	out(" ");
	out(word_verb(random));
	out(" ");
	out_word(story->words[random_below(random, STORY_WORDS)]);
	out(" ");
	out_word(word_telling(random));
	if (random_percent(random, 60)) {
		out(random_percent(random, 50) ? " after " : " over ");
		out_word(word_of_section(story->section, random));
		out(" ");
		out_word(word_telling(random));
	}
	if (random_percent(random, 30)) {
		out(" in ");
		out(tags[story->place].name.text);
	}
}

/* Half of the numbers in the news are below a hundred. */
static uint32_t drawn_number(struct random *random)
{
	const uint32_t most = random_percent(random, 50) ? 98 : 9800;

	return 2 + random_below(random, most);
}

/* So many words, the first with a capital. Two little ones seldom meet, and a comma stands after others alone. */
static void put_words(const struct story *story, uint32_t language, uint32_t n, struct random *random)
{
	bool was_little = false;

	for (uint32_t i = 0; i < n; i++) {
		const uint32_t drawn = random_below(random, 100);

		if (i > 0)
			out(drawn % 16 == 7 && i + 1 < n && !was_little ? ", " : " ");
		if (drawn < (was_little ? 25U : 65U)) {
			(i == 0 ? put_capital : out_word)(word_little(language, random));
			was_little = true;
			continue;
		}
		was_little = false;
		if (drawn >= 98)
			put_name(story, random);
		else if (drawn == 97)
			out_number(drawn_number(random));
		else
			(i == 0 ? put_capital : out_word)(telling(story, random_below(random, 100), random));
	}
}

static uint32_t sentence_length(struct random *random)
{
	return 6 + random_below(random, 11) + random_below(random, 11);
}

void prose_sentence(const struct story *story, uint32_t language, struct random *random)
{
	put_words(story, language, sentence_length(random), random);
	out(".");
}

static uint32_t put_quote(const struct story *story, uint32_t language, struct random *random)
{
	const uint32_t n = sentence_length(random);

	out("“");
	put_words(story, language, n, random);
	out(",” said ");
	out(tags[story->people[random_below(random, STORY_PEOPLE)]].name.text);
	out(".");
	return n + 3;
}

static uint32_t put_paragraph(const struct story *story, uint32_t language, struct random *random)
{
	const uint32_t sentences = 1 + random_below(random, 3);
	uint32_t n = 0;

	out("<p>");
	for (uint32_t i = 0; i < sentences; i++) {
		const uint32_t length = sentence_length(random);

		if (i > 0)
			out(" ");
		if (random_percent(random, 12)) {
			n += put_quote(story, language, random);
			continue;
		}
		put_words(story, language, length, random);
		out(".");
		n += length;
	}
	out("</p>");
	return n;
}

void prose_body(const struct story *story, uint32_t language, uint32_t n_words, struct random *random)
{
	for (uint32_t n = 0, paragraph = 0; n < n_words; paragraph++) {
		if (paragraph > 0)
			out("\\n");
		if (paragraph > 3 && random_percent(random, 8)) {
			out("<h2>");
			put_words(story, language, 2 + random_below(random, 4), random);
			out("</h2>\\n");
		}
		n += put_paragraph(story, language, random);
	}
}

/*
 * The median is 200 words; a standard deviation is a factor of 1.6. The normal deviate is a sum of twelve uniform ones, in 256ths, and
 * the factor 1.6^(z/8) a product of eighths, 1.0605 each.
 */
uint32_t prose_length(struct random *random)
{
	int32_t z = -6 * 256;
	uint64_t length = 200 << 16;

	for (int i = 0; i < 12; i++)
		z += (int32_t)random_below(random, 256);
	for (int32_t eighth = 32; eighth <= z; eighth += 32)
		length = length * 10605 / 10000;
	for (int32_t eighth = -32; eighth >= z; eighth -= 32)
		length = length * 10000 / 10605;
	length >>= 16;
	return length < 60 ? 60 : length > 1500 ? 1500 : (uint32_t)length;
}
