/* SPDX-License-Identifier: MIT */
/*
 * How well articles are found in real saved pages. The pages belong to their publishers and lie outside the repository
 * (../shared/data/pages-*); without them this test is skipped.
 *
 * Bodies are compared with hand-made ones by runs of four words, as the article extraction benchmark does: precision is the share of
 * our runs that are right, recall the share of the right ones that we have. Titles are compared with those that Mozilla's
 * Readability was made to find. The floors lie a little under what is reached. With an argument the program prints every page.
 *
 * The time that a page may take is not what is measured here, and valgrind makes it forty times as long: pages are given more.
 */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "import/page_internal.h"

enum { PAGE_TIME_US = 120000000 };

static bool verbose;

/* --- files --- */

static char *read_file(const char *folder, const char *name, size_t *ret_length)
{
	char path[600];
	FILE *file;
	char *bytes = NULL;
	long size;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "rb");
	if (file == NULL)
		return NULL;
	if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0) {
		bytes = calloc(1, (size_t)size + 1);
		*ret_length = bytes != NULL ? fread(bytes, 1, (size_t)size, file) : 0;
	}
	fclose(file);
	return bytes;
}

extern char **environ;

static bool run(char *const *arguments)
{
	pid_t child;
	int status;

	return posix_spawnp(&child, arguments[0], NULL, NULL, arguments, environ) == 0 && waitpid(child, &status, 0) == child &&
	       WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Unpacks into a new folder; false when there is no such archive here. */
static bool unpack(const char *archive, char *folder)
{
	char *const arguments[] = { "tar", "-xJf", (char *)archive, "-C", folder, NULL };

	return access(archive, R_OK) == 0 && mkdtemp(folder) != NULL && run(arguments);
}

static void remove_folder(char *folder)
{
	char *const arguments[] = { "rm", "-rf", folder, NULL };

	run(arguments);
}

/* --- runs of four words --- */

struct shingles {
	uint64_t *hashes;             /* sorted */
	size_t n;
};

static bool is_word_byte(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

/* Signs beyond ASCII that part words: general and East Asian punctuation, wide forms of ASCII's, and U+00A0 to U+00BF. */
static size_t sign_length(const char *at)
{
	static const char *const fronts[] = { "\xE2\x80", "\xE2\x81", "\xE3\x80", "\xEF\xBC" };

	for (size_t i = 0; i < 4; i++)
		if (memcmp(at, fronts[i], at[0] != '\0' ? 2 : 1) == 0 && (i < 3 || (unsigned char)at[2] < 0x90 || (unsigned char)at[2] == 0x9A))
			return 3;
	return (unsigned char)at[0] == 0xC2 && (unsigned char)at[1] < 0xC0 ? 2 : 0;
}

static int compare(const void *one, const void *other)
{
	uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;

	return a < b ? -1 : a > b;
}

static struct shingles shingles_of(const char *text)
{
	uint64_t *words = calloc(strlen(text) + 4, sizeof *words);
	struct shingles shingles = { 0 };
	size_t n = 0;

	assert_non_null(words);
	while (*text != '\0') {
		uint64_t hash = 14695981039346656037u;
		size_t length = 0;

		while (is_word_byte((unsigned char)text[length]) && sign_length(text + length) == 0)
			hash = (hash ^ (unsigned char)text[length++]) * 1099511628211u;
		if (length > 0)
			words[n++] = hash;
		else
			length = sign_length(text) > 0 ? sign_length(text) : 1;
		text += length;
	}
	for (size_t i = 0; i + 4 <= n || (i == 0 && n > 0); i++) {
		uint64_t hash = 0;

		for (size_t k = 0; k < 4 && i + k < n; k++)
			hash = (hash ^ words[i + k]) * 0x9E3779B97F4A7C15u + (hash >> 29);
		words[i] = hash;
		shingles.n = i + 1;
	}
	qsort(words, shingles.n, sizeof *words, compare);
	shingles.hashes = words;
	return shingles;
}

struct score {
	double right, wrong, missed;
};

/* Shares of one page, so that every page counts alike. */
static struct score compare_texts(const char *found, const char *truth)
{
	struct shingles a = shingles_of(found), b = shingles_of(truth);
	size_t i = 0, j = 0, both = 0;
	struct score score;
	double all;

	while (i < a.n && j < b.n) {
		int order = compare(&a.hashes[i], &b.hashes[j]);

		both += order == 0;
		i += order <= 0;
		j += order >= 0;
	}
	all = (double)(a.n + b.n - both);
	score = (struct score){ (double)both / all, (double)(a.n - both) / all, (double)(b.n - both) / all };
	if (all == 0)
		score = (struct score){ 1, 0, 0 };
	free(a.hashes);
	free(b.hashes);
	return score;
}

static double precision(struct score score)
{
	return score.right > 0 ? score.right / (score.right + score.wrong) : 0;
}

static double recall(struct score score)
{
	return score.right > 0 ? score.right / (score.right + score.missed) : 0;
}

static double f1(struct score score)
{
	return score.right > 0 ? 2 * score.right / (2 * score.right + score.wrong + score.missed) : 0;
}

/* --- reading --- */

static const char *body_text(const struct page *page, struct arena *arena)
{
	const char *html;

	if (page->body == NULL)
		return "";
	html = page->body_is_html ? html_sanitise(page->body, strlen(page->body), arena) : html_from_text(page->body, arena);
	return html_to_text(html, arena);
}

static json_t *read_json(const char *folder, const char *name)
{
	size_t length = 0;
	char *bytes = read_file(folder, name, &length);
	json_t *value = bytes != NULL ? json_loadb(bytes, length, 0, NULL) : NULL;

	free(bytes);
	return value;
}

static bool read_page(const char *folder, const char *name, struct arena *arena, struct page *ret_page)
{
	size_t length = 0;
	char *bytes = read_file(folder, name, &length);

	if (bytes == NULL)
		return false;
	if (strstr(name, ".html") != NULL)
		page_read_html(bytes, length, arena, ret_page);
	else
		page_read_text(bytes, length, arena, ret_page);
	free(bytes);
	return true;
}

struct totals {
	struct score score;
	size_t pages, titles, titles_right, times;
};

static void add_score(struct totals *totals, struct score score)
{
	totals->score.right += score.right;
	totals->score.wrong += score.wrong;
	totals->score.missed += score.missed;
	totals->pages++;
}

static void score_body(const char *folder, const char *name, const char *truth, struct totals *totals)
{
	struct arena *arena = arena_new();
	struct page page;
	struct score score;

	if (read_page(folder, name, arena, &page)) {
		score = compare_texts(body_text(&page, arena), truth);
		add_score(totals, score);
		totals->times += page.published_at != TIME_NONE;
		if (verbose)
			printf("%.3f  p %.3f r %.3f  %s  time %d  %s\n", f1(score), precision(score), recall(score), folder,
			    page.published_at != TIME_NONE, page.title != NULL ? page.title : "(no title)");
	}
	arena_free(arena);
}

static void each_page(char *folder, void (*visit)(const char *folder, void *arg), void *arg)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		char path[500];

		snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			visit(path, arg);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

static void report(const char *what, const struct totals *totals)
{
	print_message("%s: %zu pages, F1 %.3f (precision %.3f, recall %.3f), %zu with a time", what, totals->pages, f1(totals->score),
	    precision(totals->score), recall(totals->score), totals->times);
	if (totals->titles > 0)
		print_message(", %zu of %zu titles", totals->titles_right, totals->titles);
	print_message("\n");
}

/* --- the benchmark of hand-made bodies --- */

static const char *zyte_file;

static void visit_zyte(const char *folder, void *arg)
{
	json_t *truth = read_json(folder, "truth.json");

	if (truth != NULL)
		score_body(folder, zyte_file, json_string_value(json_object_get(truth, "articleBody")), arg);
	json_decref(truth);
}

static void bodies_are_found(const char *file, double floor)
{
	char folder[] = "/tmp/broadsheet-pages-XXXXXX";
	struct totals totals = { 0 };

	if (!unpack("../shared/data/pages-zyte/article-extraction-benchmark.tar.xz", folder))
		skip();
	zyte_file = file;
	each_page(folder, visit_zyte, &totals);
	remove_folder(folder);
	report(file, &totals);
	assert_true(totals.pages > 20);
	assert_true(f1(totals.score) > floor);
}

static void bodies_of_html_pages(void **state)
{
	(void)state;
	bodies_are_found("source.html", 0.94);
}

static void bodies_of_text_pages(void **state)
{
	(void)state;
	bodies_are_found("page-htmltext.txt", 0.89);
}

/* --- titles and bodies as Readability finds them --- */

/* Readability often leaves the website's name behind the title. */
static bool same_title(const char *found, const char *title)
{
	size_t length = strlen(found);

	return line_same_text(found, title) ||
	       (length > 10 && strncmp(found, title, length) == 0 && (strncmp(title + length, " | ", 3) == 0 || strncmp(title + length, " - ", 3) == 0));
}

static void visit_readability(const char *folder, void *arg)
{
	struct totals *totals = arg;
	struct arena *arena = arena_new();
	json_t *expected = read_json(folder, "expected-metadata.json");
	const char *title = json_string_value(json_object_get(expected, "title"));
	size_t length;
	char *truth = read_file(folder, "truth.txt", &length);
	struct page page;

	if (truth != NULL && read_page(folder, "source.html", arena, &page)) {
		bool right = page.title != NULL && title != NULL && same_title(page.title, title);

		totals->titles += title != NULL;
		totals->titles_right += right;
		score_body(folder, "source.html", truth, totals);
		if (verbose && !right)
			printf("      title should be: %s\n      is: %s\n", title, page.title);
	}
	free(truth);
	json_decref(expected);
	arena_free(arena);
}

static void pages_as_readability_reads_them(void **state)
{
	char folder[] = "/tmp/broadsheet-pages-XXXXXX";
	struct totals totals = { 0 };

	(void)state;
	if (!unpack("../shared/data/pages-readability/readability-pages.tar.xz", folder))
		skip();
	each_page(folder, visit_readability, &totals);
	remove_folder(folder);
	report("as Readability reads them", &totals);
	assert_true(totals.titles > 50);
	assert_true(totals.titles_right * 100 >= totals.titles * 70);    /* the others are made-up pages whose <title> alone is meant */
	assert_true(f1(totals.score) > 0.88);
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_of_html_pages),
		cmocka_unit_test(bodies_of_text_pages),
		cmocka_unit_test(pages_as_readability_reads_them),
	};

	(void)argv;
	verbose = argc > 1;
	html_tree_allow_us(PAGE_TIME_US);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
