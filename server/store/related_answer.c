/* SPDX-License-Identifier: MIT */
/*
 * The bytes of an answer: what is alike to an article, with scores and reasons, as it lies in article_related.
 *
 *	1 byte   ANSWER_FORMAT
 *	1 byte   how many reasons there are; for each  2 bytes its length, then its JSON: {"type":"tag","value":"Budget"}
 *	1 byte   how many rows there are; for each     8 bytes article id, 2 bytes score in ten-thousandths, 1 byte origin,
 *	                                               1 byte story, 1 byte number of reasons, then a byte for each: its place above
 *
 * Numbers have their lowest byte first. The reasons of fifty rows are few, since they are the article's own words and tags, and are
 * written once: an answer of fifty takes about a kilobyte and a half, a tenth of what the rows would take as JSON, and stays on the
 * page of its row. What is written out for a reader is copied from here and put behind the list item; no JSON is parsed.
 *
 * The same rows give the same bytes, so that the digest of the bytes tells answers apart. What is read may come from a damaged file:
 * every length is held against the end.
 */
#include "store_internal.h"

#include <assert.h>
#include <string.h>
#include <xxhash.h>

enum { ANSWER_FORMAT = 1 };

/* --- writing --- */

static void put_number(struct text *bytes, uint64_t number, size_t n_bytes)
{
	for (size_t i = 0; i < n_bytes; i++)
		text_char(bytes, (char)(number >> 8 * i & 0xff));
}

static bool is_same_reason(const struct related_reason *one, const struct related_reason *other)
{
	return strcmp(one->type, other->type) == 0 && strcmp(one->value, other->value) == 0;
}

struct reasons {
	struct related_reason reasons[RELATED_DICTIONARY_MOST];
	size_t n;
};

/* The place of a reason among all of the answer's. */
static uint8_t place_of(struct reasons *all, const struct related_reason *reason)
{
	size_t place = 0;

	while (place < all->n && !is_same_reason(&all->reasons[place], reason))
		place++;
	if (place == all->n) {
		assert(all->n < RELATED_DICTIONARY_MOST);
		all->reasons[all->n++] = *reason;
	}
	return (uint8_t)place;
}

static void put_row(struct text *bytes, const struct related_row *row, struct reasons *all)
{
	put_number(bytes, (uint64_t)row->id, 8);
	put_number(bytes, row->score, 2);
	put_number(bytes, row->editorial, 1);
	put_number(bytes, row->story, 1);
	put_number(bytes, row->n_reasons, 1);
	for (size_t i = 0; i < row->n_reasons; i++)
		put_number(bytes, place_of(all, &row->reasons[i]), 1);
}

static void put_reasons(struct text *bytes, const struct reasons *all)
{
	struct text json = TEXT_EMPTY;

	put_number(bytes, all->n, 1);
	for (size_t i = 0; i < all->n; i++) {
		text_clear(&json);
		text_printf(&json, "{\"type\":\"%s\",\"value\":", all->reasons[i].type);
		text_json(&json, all->reasons[i].value, strlen(all->reasons[i].value));
		text_char(&json, '}');
		put_number(bytes, json.length, 2);
		text_append(bytes, json.bytes, json.length);
	}
	text_done(&json);
}

void related_encode(const struct related_row *rows, size_t n, struct text *ret_bytes)
{
	struct reasons all = { .n = 0 };
	struct text behind = TEXT_EMPTY;

	for (size_t i = 0; i < n; i++)
		put_row(&behind, &rows[i], &all);
	put_number(ret_bytes, ANSWER_FORMAT, 1);
	put_reasons(ret_bytes, &all);
	put_number(ret_bytes, n, 1);
	text_append(ret_bytes, behind.bytes, behind.length);
	text_done(&behind);
}

uint64_t related_digest(const char *bytes, size_t length)
{
	return XXH3_64bits(bytes, length);
}

/* --- reading --- */

static uint64_t take_number(struct related_reader *reader, size_t n_bytes)
{
	uint64_t number = 0;

	if ((size_t)(reader->end - reader->at) < n_bytes) {
		reader->is_broken = true;
		reader->at = reader->end;
		return 0;
	}
	for (size_t i = 0; i < n_bytes; i++)
		number |= (uint64_t)(unsigned char)reader->at[i] << 8 * i;
	reader->at += n_bytes;
	return number;
}

static const char *take_bytes(struct related_reader *reader, size_t length)
{
	const char *bytes = reader->at;

	if ((size_t)(reader->end - reader->at) < length) {
		reader->is_broken = true;
		length = (size_t)(reader->end - reader->at);
	}
	reader->at += length;
	return bytes;
}

void related_reader_init(struct related_reader *reader, const char *bytes, size_t length)
{
	memset(reader, 0, sizeof *reader);
	if (length == 0)
		return;
	reader->at = bytes;
	reader->end = bytes + length;
	if (take_number(reader, 1) != ANSWER_FORMAT)
		reader->is_broken = true;
	reader->n_reasons = (size_t)take_number(reader, 1);
	for (size_t i = 0; i < reader->n_reasons && !reader->is_broken; i++) {
		reader->reasons[i].length = (size_t)take_number(reader, 2);
		reader->reasons[i].json = take_bytes(reader, reader->reasons[i].length);
	}
	reader->n_rows = (size_t)take_number(reader, 1);
}

bool related_next(struct related_reader *reader, struct related_entry *ret_entry)
{
	if (reader->is_broken || reader->n_rows == 0)
		return false;
	reader->n_rows--;
	ret_entry->id = (int64_t)take_number(reader, 8);
	ret_entry->score = (unsigned)take_number(reader, 2);
	ret_entry->editorial = take_number(reader, 1) != 0;
	ret_entry->story = (unsigned)take_number(reader, 1);
	ret_entry->n_reasons = (size_t)take_number(reader, 1);
	ret_entry->reasons = take_bytes(reader, ret_entry->n_reasons);
	for (size_t i = 0; i < ret_entry->n_reasons && !reader->is_broken; i++)
		if ((unsigned char)ret_entry->reasons[i] >= reader->n_reasons)
			reader->is_broken = true;
	return !reader->is_broken;
}

void related_tail(const struct related_reader *reader, const struct related_entry *entry, struct text *json)
{
	text_printf(json, ",\"score\":%u.%04u,\"origin\":\"%s\",\"reasons\":[", entry->score / RELATED_SCORE_MOST,
	    entry->score % RELATED_SCORE_MOST, entry->editorial ? "editorial" : "computed");
	for (size_t i = 0; i < entry->n_reasons; i++) {
		const unsigned char place = (unsigned char)entry->reasons[i];

		if (i > 0)
			text_char(json, ',');
		text_append(json, reader->reasons[place].json, reader->reasons[place].length);
	}
	text_string(json, "]}");
}

/* --- sketches: their hashes, four bytes each --- */

void related_sketch_encode(const struct text_sketch *sketch, struct text *ret_bytes)
{
	for (size_t i = 0; i < sketch->n; i++)
		put_number(ret_bytes, sketch->hashes[i], 4);
}

bool related_sketch_decode(const char *bytes, size_t length, struct text_sketch *ret_sketch)
{
	struct related_reader reader = { .at = bytes, .end = bytes + length };

	if (length % 4 != 0 || length / 4 > TEXT_SKETCH_MOST)
		return false;
	ret_sketch->n = length / 4;
	for (size_t i = 0; i < ret_sketch->n; i++)
		ret_sketch->hashes[i] = (uint32_t)take_number(&reader, 4);
	return true;
}
