/* SPDX-License-Identifier: MIT */
/* All words of an article: columns and marks as the index gets them, forms, counts; and whether what was read is still true. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "article.h"
#include "text.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void article_with(struct article *ret_article, const char *lang, const char *title, const char *summary, const char *body, const char *byline)
{
	article_init(ret_article);
	ret_article->lang = lang;
	ret_article->title = title;
	ret_article->summary = summary;
	ret_article->body_text = body;
	ret_article->byline = byline;
}

static void add_authors(struct article *article, const char *one, const char *other)
{
	article->authors = (struct term_list){ .items = arena_array(arena, 2, sizeof(struct term)), .n = 2 };
	article->authors.items[0].name = one;
	article->authors.items[1].name = other;
}

/* "bridg:2^", each stem with how often it comes; ^ in title or standfirst, = somewhere written so. */
static const char *counted(const struct article_words *words)
{
	const char *all = "";

	for (size_t i = 0; i < words->n; i++)
		all = arena_printf(arena, "%s%s%s:%u%s%s", all, i > 0 ? " " : "", words->words[i].stem, words->words[i].times, words->words[i].is_head ? "^" : "",
		    words->words[i].is_plain ? "=" : "");
	return all;
}

static int compare_strings(const void *one, const void *other)
{
	return strcmp(*(const char *const *)one, *(const char *const *)other);
}

/* "bridge>bridg ice", in the order of the alphabet. */
static const char *forms_of(const struct article_words *words)
{
	const char **forms = arena_array(arena, words->n_forms + 1, sizeof *forms), *all = "";

	for (size_t i = 0; i < words->n_forms; i++) {
		const struct article_form *form = &words->forms[i];

		forms[i] = strcmp(form->form, form->stem) == 0 ? form->form : arena_printf(arena, "%s>%s", form->form, form->stem);
	}
	qsort(forms, words->n_forms, sizeof *forms, compare_strings);
	for (size_t i = 0; i < words->n_forms; i++)
		all = arena_printf(arena, "%s%s%s", all, i > 0 ? " " : "", forms[i]);
	return all;
}

static void test_columns(void **state)
{
	struct article article;
	struct article_words words;

	(void)state;
	article_with(&article, "en", "Bridges closed", "A bridge", "The bridge, bridges & ice.\n\nIce closes.", "By Ann Lee");
	add_authors(&article, "Ann Lee", "Bo Bridges");
	article_read_words(&article, arena, &words);
	assert_string_equal(words.columns[SEARCH_COLUMN_TITLE], "bridg close");
	assert_string_equal(words.columns[SEARCH_COLUMN_STANDFIRST], "a bridg");
	assert_string_equal(words.columns[SEARCH_COLUMN_BODY], "the bridg bridg ice ice close");
	assert_string_equal(words.columns[SEARCH_COLUMN_BYLINE], "by ann lee ann lee bo bridg");
	assert_string_equal(words.columns[SEARCH_COLUMN_MARKS], "_ =bridges =closed =bridge =closes");
	assert_int_equal(words.n_in_all, 17);
	assert_string_equal(counted(&words), "bridg:4^ close:2^ a:1^= the:1= ice:2=");
	assert_string_equal(forms_of(&words), "a ann bo bridge>bridg bridges>bridg by closed>close closes>close ice lee the");
}

static void test_marks(void **state)
{
	static const struct {
		const char *lang, *body, *marks;
	} rows[] = {
		{ "en", "ice", "_" },
		{ "en", "", "_" },
		{ "en", "closed closed CLOSED", "_ =closed" },
		{ "fr", "bridges closed", "_" },
		{ "fr", "e-mail", "_ email" },
		{ NULL, "bridges", "_ =bridges" },
		/* what hyphens join is found as one word too, and marked where it is another than its stem */
		{ "en", "e-mail", "_ email" },
		{ "en", "e-mails, e-mails", "_ =mails =emails email email" },
		{ "en", "a-b c-d", "_ ab cd" },
		{ "en", "a-b-c-d", "_ abcd" },
		{ "en", "a-b-c-d-e", "_" },
		{ "en", "a - b", "_" },
		{ "en", "a.b a/b", "_" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct article article;
		struct article_words words;

		article_with(&article, rows[i].lang, NULL, NULL, rows[i].body, NULL);
		article_read_words(&article, arena, &words);
		if (strcmp(words.columns[SEARCH_COLUMN_MARKS], rows[i].marks) != 0)
			fail_msg("%s: \"%s\" instead of \"%s\"", rows[i].body, words.columns[SEARCH_COLUMN_MARKS], rows[i].marks);
	}
}

static void test_nothing(void **state)
{
	struct article article;
	struct article_words words;

	(void)state;
	article_init(&article);
	article_read_words(&article, arena, &words);
	assert_int_equal(words.n + words.n_forms + words.n_in_all, 0);
	for (int i = 0; i < SEARCH_COLUMNS; i++)
		assert_string_equal(words.columns[i], i == SEARCH_COLUMN_MARKS ? "_" : "");
	assert_true(article_words_fit(&words, &article));
}

/* However many there are, each is counted once and in its place. */
static void test_many(void **state)
{
	enum { DIFFERENT = 20000, TIMES = 3 };
	struct text body = TEXT_EMPTY;
	struct article article;
	struct article_words words;

	(void)state;
	for (int i = 0; i < TIMES * DIFFERENT; i++)
		text_printf(&body, "w%dx ", i % DIFFERENT);
	article_with(&article, "fr", "W7x", NULL, body.bytes, NULL);
	article_read_words(&article, arena, &words);
	assert_int_equal(words.n, DIFFERENT);
	assert_int_equal(words.n_forms, DIFFERENT);
	assert_int_equal(words.n_in_all, TIMES * DIFFERENT + 1);
	assert_string_equal(words.words[0].stem, "w7x");
	assert_true(words.words[0].is_head);
	for (size_t i = 1; i < words.n; i++) {
		const size_t number = i - (i <= 7);

		if (strcmp(words.words[i].stem, arena_printf(arena, "w%zux", number)) != 0 || words.words[i].times != TIMES || words.words[i].is_head)
			fail_msg("word %zu is %s, %u times", i, words.words[i].stem, words.words[i].times);
	}
	assert_int_equal(words.words[0].times, TIMES + 1);
	text_done(&body);
}

/* --- is it still true? --- */

static const struct edit {
	const char *what;
	size_t offset;
	const char *value;
	bool fits;
} edits[] = {
	{ "another title", offsetof(struct article, title), "Other", false },
	{ "another standfirst", offsetof(struct article, summary), "Other", false },
	{ "no standfirst", offsetof(struct article, summary), NULL, false },
	{ "another text", offsetof(struct article, body_text), "Other", false },
	{ "no text", offsetof(struct article, body_text), NULL, false },
	{ "another byline", offsetof(struct article, byline), "Other", false },
	{ "no byline", offsetof(struct article, byline), NULL, false },
	{ "another language", offsetof(struct article, lang), "fr", false },
	{ "no language", offsetof(struct article, lang), NULL, false },
	{ "another slug", offsetof(struct article, slug), "other", true },
	{ "the same title at another place", offsetof(struct article, title), NULL, true },
};

static void article_to_edit(struct article *ret_article)
{
	article_with(ret_article, "en", "Title", "Summary", "Body", "Byline");
	add_authors(ret_article, "Ann Lee", "Bo Ray");
}

static void test_fit(void **state)
{
	struct article article, edited;
	struct article_words words;

	(void)state;
	article_to_edit(&article);
	article_read_words(&article, arena, &words);
	assert_true(article_words_fit(&words, &article));
	for (size_t i = 0; i < N_OF(edits); i++) {
		const char *value = edits[i].value;

		article_to_edit(&edited);
		if (edits[i].fits && value == NULL)
			value = arena_string(arena, article.title);
		memcpy((char *)&edited + edits[i].offset, &value, sizeof value);
		if (article_words_fit(&words, &edited) != edits[i].fits)
			fail_msg("%s: it %s", edits[i].what, edits[i].fits ? "does not fit" : "fits");
	}
	article_to_edit(&edited);
	edited.authors.n = 1;
	assert_false(article_words_fit(&words, &edited));
	article_to_edit(&edited);
	edited.authors.items[1].name = "Cy Oak";
	assert_false(article_words_fit(&words, &edited));
	article_to_edit(&edited);
	edited.authors.items[1].slug = "other";
	edited.words = &words;
	assert_true(article_words_fit(&words, &edited));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_fit),
	};

	return cmocka_run_group_tests_name("article_words", tests, set_up, tear_down);
}
