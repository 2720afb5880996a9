/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a vector: the words of an article and how often it has them, as they lie in article_vector.
 *
 * For each word, in ascending order of their ids: how much its id exceeds that of the word before, seven bits a byte, the lowest first, all but the
 * last byte with the high bit set; then one byte: how often it stands there, up to VECTOR_TIMES_MOST, with HEAD_BIT set for a word of title or
 * standfirst, and PLAIN_BIT for one that is written there as its stem; how often is 0 for a common word, which has no weight. About two and a half bytes a word, half a kilobyte an article.
 *
 * What is read may come from a damaged file: an id is held against the end and against what an id can be.
 */
#include "store_internal.h"

enum { HEAD_BIT = 0x80, PLAIN_BIT = 0x40, MORE_BIT = 0x80, SEVEN_BITS = 0x7f };

void vector_append(struct text *bytes, int64_t *last_id, const struct vector_word *word)
{
	const uint32_t times = word->times < VECTOR_TIMES_MOST ? word->times : VECTOR_TIMES_MOST;
	uint64_t step = (uint64_t)(word->id - *last_id);

	for (; step > SEVEN_BITS; step >>= 7)
		text_char(bytes, (char)((step & SEVEN_BITS) | MORE_BIT));
	text_char(bytes, (char)step);
	text_char(bytes, (char)(times | (word->is_head ? HEAD_BIT : 0) | (word->is_plain ? PLAIN_BIT : 0)));
	*last_id = word->id;
}

void vector_reader_init(struct vector_reader *reader, const char *bytes, size_t length)
{
	*reader = (struct vector_reader){ .at = (const unsigned char *)bytes, .end = (const unsigned char *)bytes + length };
}

bool vector_next(struct vector_reader *reader, struct vector_word *ret_word)
{
	uint64_t step = 0;
	unsigned bits = 0;

	if (reader->at == reader->end || reader->is_broken)
		return false;
	do {
		if (bits > 35 || reader->end - reader->at < 2) {
			reader->is_broken = true;
			return false;
		}
		step |= (uint64_t)(*reader->at & SEVEN_BITS) << bits;
		bits += 7;
	} while ((*reader->at++ & MORE_BIT) != 0);
	reader->id += (int64_t)step;
	reader->is_broken = step == 0 || reader->id > UINT32_MAX;
	*ret_word = (struct vector_word){
		.id = reader->id,
		.times = *reader->at & VECTOR_TIMES_MOST,
		.is_head = (*reader->at & HEAD_BIT) != 0,
		.is_plain = (*reader->at & PLAIN_BIT) != 0,
	};
	reader->at++;
	return !reader->is_broken;
}
