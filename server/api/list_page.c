/* SPDX-License-Identifier: MIT */
/*
 * Pages that end early, because their texts are long.
 *
 * A page is read from the place that it was asked from, away from it: forward from the first row, and on the way back from the last of the rows that lie before
 * that place up to the front, then whatever it was filled up with behind it. So wherever it ends, what is left out lies beyond the row that the next link, or on
 * the way back the prev link, goes on from, and a walk in either direction meets every article.
 *
 * `back` is the number of rows that lie before the place asked from: 0 on the way forward. A step is a row that is read, in that order.
 */
#include "api_internal.h"

size_t list_bytes_most = 8 << 20;

static bool lies_before(const struct list_query *query, struct list_key key)
{
	const bool is_less = key.time != query->from.time ? key.time < query->from.time : key.id < query->from.id;
	const bool is_same = key.time == query->from.time && key.id == query->from.id;

	return !is_same && is_less == (query->order == LIST_OLDEST);
}

size_t list_page_back(const struct list_query *query, const struct list_page *page)
{
	size_t back = 0;

	while (query->backward && back < page->n && lies_before(query, page->rows[back].key))
		back++;
	return back;
}

size_t list_row_at(size_t back, size_t step)
{
	return step < back ? back - 1 - step : step;
}

void list_kept(size_t back, size_t steps, size_t *ret_first, size_t *ret_end)
{
	*ret_first = steps < back ? back - steps : 0;
	*ret_end = steps < back ? back : steps;
}

void list_page_cut(struct list_page *page, size_t back, size_t steps)
{
	size_t first, end;

	list_kept(back, steps, &first, &end);
	if (first > 0) {
		page->more_before = true;
		page->before = page->rows[first].key;
	}
	if (end < page->n) {
		page->more_after = true;
		page->after = page->rows[end - 1].key;
	}
	page->rows += first;
	page->n = end - first;
}

void list_turn(struct text *data, const size_t *ends, size_t back, size_t steps)
{
	const size_t turned = steps < back ? steps : back;
	struct text again = TEXT_EMPTY;

	if (turned < 2)
		return;
	text_reserve(&again, data->length);
	for (size_t i = turned; i-- > 0;) {
		const size_t begin = i == 0 ? 0 : ends[i - 1] + 1;

		text_append(&again, data->bytes + begin, ends[i] - begin);
		if (i > 0)
			text_char(&again, ',');
	}
	text_append(&again, data->bytes + ends[turned - 1], data->length - ends[turned - 1]);
	text_done(data);
	*data = again;
}

const char *list_cursor(struct request *request, struct list_key key, bool backward)
{
	const struct cursor cursor = { .backward = backward, .time = key.time, .id = key.id };

	return cursor_write(request, &cursor);
}
