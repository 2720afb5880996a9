/* SPDX-License-Identifier: MIT */
/*
 * What has changed between two texts, as an editor would mark it: paragraph by paragraph, and in a paragraph word by word.
 *
 * Paragraphs are compared first, as wholes. Between two that stayed lie some that went and some that came; these are set side by side in order, and
 * where two have enough words in common, their words are compared; otherwise one went and the other came. So a paragraph that was moved in between,
 * or written anew, does not become a salad of words.
 *
 * Both comparisons are Myers' greedy one (E. Myers 1986, "An O(ND) Difference Algorithm and Its Variations"), the shortest script of insertions
 * and deletions, at a cost that grows with how much differs. That is bounded twice: by EDITS_MOST for one comparison, beyond which everything between the
 * common front and the common end counts as replaced, and by STEPS_MOST for a whole text, beyond which changed paragraphs are replaced as wholes. So
 * no pair of texts takes long, and the result is always a true one, only coarser.
 */
#include "article.h"

#include <stdlib.h>
#include <string.h>

enum {
	EDITS_MOST = 600,
	STEPS_MOST = 4000000,
	ALIKE_PERCENT = 25,           /* of the words of the longer one */
};

/* A paragraph, or a word with the blanks behind it. Two are the same when what counts of them is. */
struct piece {
	const char *at;
	size_t length, counts;
};

struct pieces {
	struct piece *items;
	size_t n;
	bool *stays;
};

struct comparing {
	struct arena *arena;
	size_t steps;                 /* taken so far */
	struct text_diff *diff;
	size_t capacity;
};

/* --- pieces --- */

static void add_piece(struct pieces *pieces, const char *at, size_t length, size_t counts)
{
	pieces->items[pieces->n++] = (struct piece){ at, length, counts };
}

static struct pieces paragraphs_of(const char *text, struct arena *arena)
{
	struct pieces pieces = { 0 };
	size_t n = 1;

	for (const char *at = text; (at = strstr(at, "\n\n")) != NULL; at += 2)
		n++;
	pieces.items = arena_array(arena, n, sizeof *pieces.items);
	pieces.stays = arena_array(arena, n, sizeof *pieces.stays);
	while (*text != '\0') {
		const char *end = strstr(text, "\n\n");
		const size_t length = end != NULL ? (size_t)(end - text) : strlen(text);

		if (length > 0)
			add_piece(&pieces, text, length, length);
		text += length;
		text += strspn(text, "\n");
	}
	return pieces;
}

/* Blanks in front belong to the first word. */
static struct pieces words_of(const struct piece *paragraph, struct arena *arena)
{
	static const char blanks[] = " \n\t";
	struct pieces pieces = { 0 };
	size_t at = 0, most = paragraph->length / 2 + 1;

	pieces.items = arena_array(arena, most, sizeof *pieces.items);
	pieces.stays = arena_array(arena, most, sizeof *pieces.stays);
	while (at < paragraph->length) {
		size_t end = at, next;

		while (end < paragraph->length && strchr(blanks, paragraph->at[end]) != NULL)
			end++;
		while (end < paragraph->length && strchr(blanks, paragraph->at[end]) == NULL)
			end++;
		for (next = end; next < paragraph->length && strchr(blanks, paragraph->at[next]) != NULL;)
			next++;
		add_piece(&pieces, paragraph->at + at, next - at, end - at);
		at = next;
	}
	return pieces;
}

static bool same(const struct piece *one, const struct piece *other)
{
	return one->counts == other->counts && memcmp(one->at, other->at, one->counts) == 0;
}

/* --- which pieces stay --- */

/* The ends of the furthest paths for each number of edits, one row behind the other: row d has diagonals -d to d, so it begins at d². */
struct paths {
	size_t *ends;
	size_t capacity;
};

static bool grow(struct paths *paths, size_t edits)
{
	const size_t needed = (edits + 1) * (edits + 1);
	size_t *ends;

	if (needed <= paths->capacity)
		return true;
	ends = realloc(paths->ends, 2 * needed * sizeof *ends);
	if (ends == NULL)
		return false;
	paths->ends = ends;
	paths->capacity = 2 * needed;
	return true;
}

/* On diagonal k, the path of d edits comes from diagonal k+1 (an insertion) or k-1 (a deletion) of the row before. */
static bool comes_by_insertion(const size_t *before, size_t edits, long k)
{
	const long d = (long)edits;

	return k == -d || (k != d && before[k - 1 + d - 1] < before[k + 1 + d - 1]);
}

/* Walks the row of `edits`. True when it has reached the end of both. */
static bool walk_row(struct comparing *comparing, const struct paths *paths, const struct pieces *one, const struct pieces *other, size_t front, size_t n,
    size_t m, size_t edits)
{
	const long d = (long)edits;
	const size_t *before = edits > 0 ? paths->ends + (edits - 1) * (edits - 1) : NULL;
	size_t *row = paths->ends + edits * edits;

	for (long k = -d; k <= d; k += 2) {
		size_t x = 0, y;

		if (edits > 0)
			x = comes_by_insertion(before, edits, k) ? before[k + 1 + d - 1] : before[k - 1 + d - 1] + 1;
		y = (size_t)((long)x - k);
		while (x < n && y < m && same(&one->items[front + x], &other->items[front + y])) {
			x++;
			y++;
			comparing->steps++;
		}
		comparing->steps++;
		row[k + d] = x;
		if (x >= n && y >= m)
			return true;
	}
	return false;
}

/* Back from the end of both, noting what was passed unchanged. */
static void walk_back(const struct paths *paths, struct pieces *one, struct pieces *other, size_t front, size_t n, size_t m, size_t edits)
{
	size_t x = n, y = m;

	for (size_t d = edits; x > 0 || y > 0; d--) {
		const long k = (long)x - (long)y;
		const size_t *before = d > 0 ? paths->ends + (d - 1) * (d - 1) : NULL;
		const bool insertion = d > 0 && comes_by_insertion(before, d, k);
		const size_t from_x = d == 0 ? 0 : insertion ? before[k + 1 + (long)d - 1] : before[k - 1 + (long)d - 1];
		const size_t from_y = d == 0 ? 0 : (size_t)((long)from_x - (insertion ? k + 1 : k - 1));

		while (x > from_x + (d > 0 && !insertion) && y > from_y + (d > 0 && insertion)) {
			one->stays[front + --x] = true;
			other->stays[front + --y] = true;
		}
		x = from_x;
		y = from_y;
		if (d == 0)
			return;
	}
}

static void compare(struct comparing *comparing, struct pieces *one, struct pieces *other)
{
	size_t front = 0, n = one->n, m = other->n;
	struct paths paths = { 0 };

	while (front < n && front < m && same(&one->items[front], &other->items[front])) {
		one->stays[front] = other->stays[front] = true;
		front++;
	}
	while (n > front && m > front && same(&one->items[n - 1], &other->items[m - 1]))
		one->stays[--n] = other->stays[--m] = true;
	n -= front;
	m -= front;
	for (size_t edits = 0; n > 0 && m > 0 && edits <= EDITS_MOST && edits <= n + m && comparing->steps < STEPS_MOST; edits++) {
		if (!grow(&paths, edits))
			break;
		if (walk_row(comparing, &paths, one, other, front, n, m, edits)) {
			walk_back(&paths, one, other, front, n, m, edits);
			break;
		}
	}
	free(paths.ends);
}

/* --- what came of it --- */

static struct diff_paragraph *add_paragraph(struct comparing *comparing, size_t parts_most)
{
	struct text_diff *diff = comparing->diff;
	struct diff_paragraph *paragraph;

	if (diff->n == comparing->capacity) {
		struct diff_paragraph *larger;

		comparing->capacity = comparing->capacity * 2 + 16;
		larger = arena_array(comparing->arena, comparing->capacity, sizeof *larger);
		if (diff->n > 0)
			memcpy(larger, diff->paragraphs, diff->n * sizeof *larger);
		diff->paragraphs = larger;
	}
	paragraph = &diff->paragraphs[diff->n++];
	*paragraph = (struct diff_paragraph){ .parts = arena_array(comparing->arena, parts_most, sizeof *paragraph->parts) };
	return paragraph;
}

/* What stands together and went the same way is one part. */
static void add_part(struct diff_paragraph *paragraph, enum diff_operation operation, const char *at, size_t length)
{
	struct diff_part *last = paragraph->n > 0 ? &paragraph->parts[paragraph->n - 1] : NULL;

	if (last != NULL && last->operation == operation && last->text + last->length == at)
		last->length += length;
	else
		paragraph->parts[paragraph->n++] = (struct diff_part){ operation, at, length };
}

static void add_whole(struct comparing *comparing, enum diff_operation operation, const struct piece *piece)
{
	add_part(add_paragraph(comparing, 1), operation, piece->at, piece->length);
}

static bool are_alike(const struct pieces *one, const struct pieces *other)
{
	size_t stay = 0;

	for (size_t i = 0; i < one->n; i++)
		stay += one->stays[i];
	return stay * 100 >= (one->n > other->n ? one->n : other->n) * ALIKE_PERCENT;
}

/* Text that stays is given as it stands afterwards. */
static void add_words(struct comparing *comparing, const struct pieces *one, const struct pieces *other)
{
	struct diff_paragraph *paragraph = add_paragraph(comparing, one->n + other->n);
	size_t i = 0, j = 0;

	while (i < one->n || j < other->n) {
		if (i < one->n && !one->stays[i]) {
			add_part(paragraph, DIFF_DELETE, one->items[i].at, one->items[i].length);
			i++;
		} else if (j < other->n && !other->stays[j]) {
			add_part(paragraph, DIFF_INSERT, other->items[j].at, other->items[j].length);
			j++;
		} else {
			add_part(paragraph, DIFF_EQUAL, other->items[j].at, other->items[j].length);
			i++;
			j++;
		}
	}
}

static void add_changed(struct comparing *comparing, const struct piece *before, const struct piece *after)
{
	struct pieces one, other;

	if (comparing->steps < STEPS_MOST) {
		one = words_of(before, comparing->arena);
		other = words_of(after, comparing->arena);
		compare(comparing, &one, &other);
		if (are_alike(&one, &other)) {
			add_words(comparing, &one, &other);
			return;
		}
	}
	add_whole(comparing, DIFF_DELETE, before);
	add_whole(comparing, DIFF_INSERT, after);
}

void text_diff(const char *before, const char *after, struct arena *arena, struct text_diff *ret_diff)
{
	struct comparing comparing = { .arena = arena, .diff = ret_diff };
	struct pieces one = paragraphs_of(before, arena), other = paragraphs_of(after, arena);
	size_t i = 0, j = 0;

	*ret_diff = (struct text_diff){ 0 };
	compare(&comparing, &one, &other);
	while (i < one.n || j < other.n) {
		const bool goes = i < one.n && !one.stays[i], comes = j < other.n && !other.stays[j];

		if (goes && comes)
			add_changed(&comparing, &one.items[i++], &other.items[j++]);
		else if (goes)
			add_whole(&comparing, DIFF_DELETE, &one.items[i++]);
		else if (comes)
			add_whole(&comparing, DIFF_INSERT, &other.items[j++]);
		else {
			add_whole(&comparing, DIFF_EQUAL, &other.items[j++]);
			i++;
		}
	}
}

/* --- written out --- */

const char *const diff_operation_names[] = { "equal", "insert", "delete" };

void text_diff_html(const struct text_diff *diff, struct text *ret_html)
{
	static const char *const opening[] = { "", "<ins>", "<del>" }, *const closing[] = { "", "</ins>", "</del>" };

	for (size_t i = 0; i < diff->n; i++) {
		text_string(ret_html, "<p>");
		for (size_t p = 0; p < diff->paragraphs[i].n; p++) {
			const struct diff_part *part = &diff->paragraphs[i].parts[p];

			text_string(ret_html, opening[part->operation]);
			text_html(ret_html, part->text, part->length);
			text_string(ret_html, closing[part->operation]);
		}
		text_string(ret_html, "</p>\n");
	}
}

void text_diff_json(const struct text_diff *diff, struct text *ret_json)
{
	text_char(ret_json, '[');
	for (size_t i = 0; i < diff->n; i++) {
		text_string(ret_json, i > 0 ? ",[" : "[");
		for (size_t p = 0; p < diff->paragraphs[i].n; p++) {
			const struct diff_part *part = &diff->paragraphs[i].parts[p];

			text_printf(ret_json, "%s{\"operation\":\"%s\",\"text\":", p > 0 ? "," : "", diff_operation_names[part->operation]);
			text_json(ret_json, part->text, part->length);
			text_char(ret_json, '}');
		}
		text_char(ret_json, ']');
	}
	text_char(ret_json, ']');
}
