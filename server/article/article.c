/* SPDX-License-Identifier: MIT */
/*
 * An article as data: an empty one, what is derived from the rest, the rules that span fields, and whether two say the same.
 *
 * Two articles are compared by writing both out with what does not count (version, times of change, derived numbers) levelled: the
 * field table then decides what an article consists of, and no second list of members can go stale.
 */
#include "article_internal.h"

#include <string.h>

enum {
	SUMMARY_LONGEST = 240,        /* bytes of a derived standfirst */
	WORDS_A_MINUTE = 238,         /* silent reading of English non-fiction: Brysbaert 2019, Journal of Memory and Language 109 */
};

void article_init(struct article *article)
{
	*article = (struct article){
		.published_at = TIME_NONE,
		.updated_at = TIME_NONE,
		.corrected_at = TIME_NONE,
		.publish_at = TIME_NONE,
		.expire_at = TIME_NONE,
		.removed_at = TIME_NONE,
	};
}

bool article_each_term(struct article *article, article_term_visitor *visit, void *arg)
{
	if (article->section.name != NULL && !visit(arg, "section", &article->section))
		return false;
	if (article->source.name != NULL && !visit(arg, "source", &article->source))
		return false;
	for (size_t i = 0; i < article->authors.n; i++)
		if (!visit(arg, "author", &article->authors.items[i]))
			return false;
	for (size_t i = 0; i < article->tags.n; i++)
		if (!visit(arg, "tag", &article->tags.items[i]))
			return false;
	return true;
}

void article_derive(struct article *article, struct arena *arena)
{
	const char *body = article->body_text != NULL ? article->body_text : "";

	if (article->summary == NULL && body[0] != '\0')
		article->summary = text_excerpt(body, SUMMARY_LONGEST, arena);
	article->word_count = text_count_words(body);
	article->reading_minutes = (article->word_count + WORDS_A_MINUTE - 1) / WORDS_A_MINUTE;
	article->corrected_at = TIME_NONE;
	for (size_t i = 0; i < article->corrections.n; i++)
		if (article->corrections.items[i].at > article->corrected_at)
			article->corrected_at = article->corrections.items[i].at;
}

static size_t length_of(const char *string)
{
	return string != NULL ? strlen(string) : 0;
}

/* What is kept as JSON must be within the bounds of json_parse(). Only a large body can bring it there, twice and with escapes. */
static bool is_readable_again(const struct article *article)
{
	enum { LARGE = 1 << 20, MARGIN = 4096 };
	struct text json = TEXT_EMPTY;
	bool fits;

	if (length_of(article->body_html) + length_of(article->body_text) < LARGE)
		return true;
	article_encode(article, VIEW_EXPORT, &json);
	fits = json.length + MARGIN <= JSON_LONGEST;
	text_done(&json);
	return fits;
}

bool article_check(const struct article *article, struct error *err)
{
	const int64_t out_at = article->published_at != TIME_NONE ? article->published_at : article->publish_at;

	error_set(err, ERROR_FIELDS, "the article cannot be kept as it is");
	if (article->status == ARTICLE_PUBLISHED || article->status == ARTICLE_SCHEDULED) {
		if (article->section.name == NULL)
			error_add_pointer(err, "/section", "required", NULL, "a %s article needs a section",
			    article_status_names[article->status]);
	}
	if (article->status == ARTICLE_SCHEDULED && article->publish_at == TIME_NONE)
		error_add_pointer(err, "/publish_at", "required", NULL, "a scheduled article needs the time at which it comes out");
	if (article->expire_at != TIME_NONE && out_at != TIME_NONE && article->expire_at <= out_at)
		error_add_pointer(err, "/expire_at", "out-of-range", NULL, "it must lie behind the time at which the article comes out");
	if (!is_readable_again(article))
		error_add_pointer(err, "/body_html", "too-long", NULL, "written as JSON, the article is longer than %d bytes", JSON_LONGEST);
	if (err->n_issues > 0)
		return false;
	error_clear(err);
	return true;
}

static void encode_content(struct article article, struct text *ret_json)
{
	article.rev = 0;
	article.updated_at = TIME_NONE;
	article.was_public = article_is_gone(&article);
	article_encode(&article, VIEW_EXPORT, ret_json);
}

bool article_is_gone(const struct article *article)
{
	return article->status == ARTICLE_WITHDRAWN && article->published_at != TIME_NONE;
}

bool article_same_content(const struct article *one, const struct article *other)
{
	struct text first = TEXT_EMPTY, second = TEXT_EMPTY;
	bool same;

	encode_content(*one, &first);
	encode_content(*other, &second);
	same = first.length == second.length && memcmp(first.bytes, second.bytes, first.length) == 0;
	text_done(&first);
	text_done(&second);
	return same;
}
