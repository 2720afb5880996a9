/* SPDX-License-Identifier: MIT */
/*
 * What an article is. struct article is plain data whose strings live in an arena; article_fields[] says every
 * field once (name, kind, limits, where it shows), and drives decoding, checking, encoding and the documentation.
 * Adding a field: a member here, a row in server/article/article_fields.c, and, where lists filter or sort by it, a
 * migration.
 *
 * Nothing in this module does I/O.
 */
#ifndef BROADSHEET_ARTICLE_H
#define BROADSHEET_ARTICLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "clock.h"
#include "error.h"
#include "text.h"

enum article_status {
	ARTICLE_DRAFT, ARTICLE_SCHEDULED, ARTICLE_PUBLISHED, ARTICLE_WITHDRAWN,
	ARTICLE_UNSAID,               /* the writer did not say: publish decides; never stored */
};
extern const char *const article_status_names[];    /* by enum article_status; NULL for ARTICLE_UNSAID and so at the end */
extern const char *const tag_type_names[];          /* "topic" (the default), "person", …; NULL at the end */

/* A section, source, author or tag. In what strangers write `slug` is a wish, perhaps NULL; the store decides. */
struct term {
	const char *slug, *name;
	const char *type;             /* tags only, one of tag_type_names[] */
	int64_t id;                   /* the store's number of it, once it has been looked up; 0: not, or not known there */
};

struct term_list {
	struct term *items;
	size_t n;
};

struct string_list {
	const char **items;
	size_t n;
};

struct id_list {
	int64_t *items;
	size_t n;
};

struct image {
	const char *url;              /* absolute http(s), or a path on this site ("/static/…") */
	int64_t width, height;        /* pixels; 0: unknown */
	const char *alt, *caption, *credit;
};

struct rights {
	const char *holder, *notice, *usage_terms;
};

struct correction {
	int64_t at;                   /* TIME_NONE in what a writer sends: now */
	const char *kind;             /* "correction", "clarification", "update" */
	const char *text;
};

struct correction_list {
	struct correction *items;
	size_t n;
};

/* Strings are NULL, times TIME_NONE, numbers 0 where there is nothing. article_init() makes such a one. */
struct article {
	int64_t id, rev;
	const char *slug, *title, *summary;
	struct term source;
	const char *byline;
	struct term_list authors;
	const char *dateline;
	struct term section;
	struct term_list tags;
	struct image image;
	const char *lang;             /* BCP 47, lower-case language: "en", "fr", "pt-BR" */
	bool featured;
	int64_t published_at, updated_at, corrected_at;
	int64_t word_count, reading_minutes;
	const char *body_html, *body_text;
	struct correction_list corrections;
	struct string_list aliases;   /* former slugs, oldest first */
	const char *guid, *source_url, *canonical_url;
	struct rights rights;

	/* never shown to readers */
	enum article_status status;
	bool was_public;              /* readers have seen it, here or where it was exported: then it is gone (410) when it is withdrawn */
	int64_t publish_at, expire_at;
	struct id_list related_ids;

	/* of a withdrawn one */
	int64_t removed_at;
	const char *removal_reason;
	int64_t replaced_by;
	bool erased;                  /* its text is to be kept nowhere, not in earlier versions either */

	const struct article_words *words;    /* read ahead, or NULL; may be of another text: article_words_fit() */
};

void article_init(struct article *article);
/* Strings and lists of the copy lie in the arena: it outlives what it was copied from. */
void article_copy(const struct article *article, struct arena *arena, struct article *ret_copy);

/* Gives the article lists of terms of its own, so that what is set in them is not set in the one that it was copied from. */
void article_own_terms(struct article *article, struct arena *arena);
/* Called with each term of an article (section, source, authors, tags), in that order; false stops. `kind` is the word used in
 * addresses: "section", "source", "author", "tag". Shared by whatever resolves, indexes or links terms. */
typedef bool article_term_visitor(void *arg, const char *kind, struct term *term);
bool article_each_term(struct article *article, article_term_visitor *visit, void *arg);

/* Where a field shows; ways of encoding are sets of these. */
enum article_view {
	VIEW_ITEM = 1,                /* in a list */
	VIEW_DETAIL = 2,              /* in the whole article as readers get it */
	VIEW_PRIVATE = 4,             /* kept beside it: status, schedule, editors' links, removal */
	VIEW_EXPORT = 8,              /* in a line of `export`, and in a version of the log */
};

enum field_kind {
	FIELD_ID, FIELD_NUMBER, FIELD_BOOLEAN, FIELD_TIME,
	FIELD_LINE,                   /* one line of text: white space folded, ends trimmed */
	FIELD_TEXT,                   /* several lines */
	FIELD_HTML,
	FIELD_SLUG, FIELD_LANG, FIELD_URL, FIELD_STATUS,
	FIELD_TERM, FIELD_TERMS, FIELD_TAGS,
	FIELD_STRINGS, FIELD_IDS,
	FIELD_IMAGE, FIELD_RIGHTS, FIELD_CORRECTIONS,
	FIELD_ADDRESS,                /* `url`: made from the slug, never stored */
	FIELD_SEEN,                   /* `was_public`: written where status and times do not say it already */
	FIELD_MARK,                   /* true, or not there */
};

struct article_field {
	const char *name;
	enum field_kind kind;
	size_t offset;                /* of the member in struct article */
	size_t longest;               /* bytes of a string, members of a list; 0: not limited here */
	bool required;                /* of every article */
	bool computed;                /* accepted from writers and ignored, but for what import keeps */
	bool kept_by_import;          /* computed, yet believed when imported */
	unsigned views;
	const char *help;             /* one line */
};

extern const struct article_field article_fields[];    /* ends with a row whose name is NULL */
const struct article_field *article_field(const char *name);    /* NULL when there is none */

/* --- JSON <-> article --- */

/* How strict, and what is believed. */
enum decode_mode {
	DECODE_WRITE,                 /* API.md §4: computed fields ignored, unknown ones an error */
	DECODE_IMPORT,                /* the same, but id, rev, times and aliases are kept */
	DECODE_STORED,                /* what article_encode() wrote: taken as it is, neither folded nor sanitised again */
};

enum { JSON_LONGEST = 4 << 20 };    /* bytes that json_parse() takes */

/* Parse JSON bytes as RELIABILITY asks: no duplicate keys, depth at most 32, bounded size and number of values, one whole value.
 * ERROR_INVALID says where it broke. The caller owns the result. */
bool json_parse(const char *bytes, size_t length, json_t **ret_value, struct error *err);

/* Read an article of our own shape. All wrong fields are listed in err (ERROR_FIELDS). Strings are copied into the arena, folded
 * and made NFC; body_html is sanitised; of body_html and body_text either gives the other. */
bool article_decode(json_t *object, enum decode_mode mode, struct arena *arena, struct article *ret_article, struct error *err);

/* RFC 7396: a new value, the patch merged into the target. */
json_t *json_merge_patch(json_t *target, json_t *patch);
/* The article that comes of a patch of this one, as article_decode() reads it (DECODE_WRITE). In the arena. */
bool article_merge_patch(const struct article *known, json_t *patch, struct arena *arena, struct article *ret_article, struct error *err);

/* Other objects that strangers write: a table of members, and where each goes. */
enum form_kind {
	FORM_LINE,                    /* const char *; one line, at most `most` bytes; NULL when empty */
	FORM_TEXT,                    /* const char *; several lines */
	FORM_URL,                     /* const char *; absolute http(s) */
	FORM_INTEGER,                 /* int64_t, `least` to `most` */
	FORM_BOOLEAN,                 /* bool */
	FORM_TIME,                    /* int64_t, Unix seconds */
	FORM_IDS,                     /* struct id_list, at most `most` */
	FORM_LINES,                   /* struct string_list, at most `most` */
};

struct form_field {
	const char *name;
	enum form_kind kind;
	int64_t least, most;
	bool required;
	void *ret;                    /* left as it is when the member is missing or null */
};

/* Reads a JSON object by the table. ERROR_FIELDS lists every member that is wrong, missing or unknown. Strings lie in the arena. */
bool form_read(json_t *object, const struct form_field *fields, size_t n, struct arena *arena, struct error *err);

/* Fill in what is derived from the rest: summary, word_count, reading_minutes, corrected_at. Not slug, id and times. */
void article_derive(struct article *article, struct arena *arena);

/* Rules that span fields: a published one has a section, expire_at lies behind published_at, … ERROR_FIELDS. */
bool article_check(const struct article *article, struct error *err);

/* Compact JSON of the fields in `views`, in table order; CONTROL_BASE_URL stands where --base-url goes, except in VIEW_EXPORT. */
void article_encode(const struct article *article, unsigned views, struct text *ret_json);
/* The string that article_encode() wrote under this name, at the top of a document; "" when there is none. Cheaper than parsing it all. In the arena. */
const char *article_encoded_string(const char *json, size_t length, const char *name, struct arena *arena);

/* How long "https://" or "http://" is at the beginning, in letters of any case (RFC 3986 3.1); 0: the address is not on the web. */
size_t article_url_scheme(const char *url);
/* Withdrawn, with a time when readers first got it: taken for public once, where nothing else is said. */
bool article_is_gone(const struct article *article);

/* Would readers and editors see any difference? Leaves out rev, updated_at, was_public and what is derived. */
bool article_same_content(const struct article *one, const struct article *other);

/* --- names, slugs, HTML --- */

enum { SLUG_LONGEST = 96 };

/* Title or name -> [a-z0-9-]+, never all digits, never empty: transliterated (ICU), cut at a word within SLUG_LONGEST.
 * `fallback` ("article", "tag") is what an unpronounceable title becomes. */
char *slug_from(const char *title, const char *fallback, struct arena *arena);
bool slug_is_valid(const char *slug);
/* "slug-2": what makes a slug that is taken another one, cut so that it stays valid. */
char *slug_numbered(const char *slug, int64_t number, struct arena *arena);

/* NFC, and NFC with case folded: the identity of a term (UAX #15, Unicode caseless matching). Input is valid UTF-8. */
char *unicode_nfc(const char *string, struct arena *arena);
char *unicode_fold(const char *string, struct arena *arena);

/* Parse with gumbo (HTML5 as browsers build it) and rebuild from the short list of elements and attributes. Never copies markup.
 * Idempotent. Nesting over 64 is flattened. Result in the arena; "" when nothing is left. */
char *html_sanitise(const char *html, size_t length, struct arena *arena);
/* Sanitised HTML -> paragraphs parted by a blank line; list items start with "- ", a table row is a line. */
char *html_to_text(const char *html, struct arena *arena);
/* Paragraphs parted by blank lines -> <p>…</p>. */
char *html_from_text(const char *text, struct arena *arena);
/* The first sentences of a text, at most `longest` bytes, cut at a sentence or else at a word with an ellipsis. */
char *text_excerpt(const char *text, size_t longest, struct arena *arena);

enum { TEXT_SKETCH_MOST = 128 };

/* What is kept of a text to know its copies by. */
struct text_sketch {
	size_t n;
	uint32_t hashes[TEXT_SKETCH_MOST];    /* ascending, each once; the smallest of the text's */
};

void text_sketch(const char *text, struct text_sketch *ret_sketch);
/* How much of the shorter text stands in the other, 0 to 1, by runs of five words (Broder 1997, "On the resemblance and containment of
 * documents"). Copies of one wire story reach 0.5 and more; two stories on one subject stay under 0.2. */
double text_sketch_containment(const struct text_sketch *one, const struct text_sketch *other);
/* The next word of a text: letters and digits of any script, without a possessive 's. Moves *text behind it; false at the end. */
bool text_next_word(const char **text, const char **ret_word, size_t *ret_length);

/* --- words as search knows them: server/article/search_words.c --- */

enum { SEARCH_WORD_LONGEST = 64 };    /* bytes that count; the rest of a longer word is left out */

enum search_glue {
	GLUE_NONE,
	GLUE_SIGN,                    /* nothing but one of . / : @ & _ between it and the word before, or nothing at all */
	GLUE_HYPHEN,
};

struct search_word {
	const char *start;            /* where it stands in the text… */
	size_t length;                /* …with what belongs to it, such as a possessive 's */
	const char *form;             /* as written, without case and accents; in the arena */
	const char *stem;             /* without its ending, in English; otherwise as `form` */
	enum search_glue glue;        /* to the word before */
};

struct search_words {
	const char *at;
	bool is_english, has_begun;
	struct arena *arena;
};

/* Walks the words of a text, valid UTF-8, which must stay. */
void search_words_init(struct search_words *words, const char *text, bool is_english, struct arena *arena);
bool search_words_next(struct search_words *words, struct search_word *ret_word);
/* The word, folded already, without its ending. In the arena. */
const char *search_stem(const char *form, size_t length, struct arena *arena);
bool search_is_english(const char *lang);      /* "en", "en-CA"; an unknown language (NULL) is taken for English */

/* --- all words of an article: server/article/article_words.c --- */

/* Columns of the search index. */
enum search_column { SEARCH_COLUMN_BODY, SEARCH_COLUMN_MARKS, SEARCH_COLUMN_TITLE, SEARCH_COLUMN_STANDFIRST, SEARCH_COLUMN_BYLINE, SEARCH_COLUMNS };

struct article_word {
	const char *stem;
	uint32_t times;               /* in title, standfirst and body */
	bool is_head;                 /* in title or standfirst */
	bool is_plain;                /* somewhere it is written as its stem */
};

struct article_form {
	const char *form, *stem;
};

struct article_words {
	struct article_word *words;   /* of title, standfirst and body: each stem once, in the order in which they come */
	size_t n;
	struct article_form *forms;   /* of byline and authors too: each word once as it is written, in no order */
	size_t n_forms;
	const char *columns[SEARCH_COLUMNS];    /* stems parted by blanks; marks: "_ =bridges email", without the article's terms */
	size_t n_in_all;
	struct article of;            /* what it was read from, borrowed */
};

/* In the arena; borrows the article's strings. */
void article_read_words(const struct article *article, struct arena *arena, struct article_words *ret_words);
/* Is this what would be read from the article? */
bool article_words_fit(const struct article_words *words, const struct article *article);

/* --- what differs: server/article/text_diff.c, article_diff.c --- */

enum diff_operation { DIFF_EQUAL, DIFF_INSERT, DIFF_DELETE };
extern const char *const diff_operation_names[];

struct diff_part {
	enum diff_operation operation;
	const char *text;             /* in the text that it is of: before, where it was deleted, otherwise after */
	size_t length;
};

struct diff_paragraph {
	struct diff_part *parts;
	size_t n;
};

struct text_diff {
	struct diff_paragraph *paragraphs;
	size_t n;
};

/* How the text `before` became `after`: paragraphs parted by blank lines, in them words. Borrows both; the rest lies in the arena. Bounded: some
 * ten milliseconds for the longest texts, which then are replaced in larger pieces. */
void text_diff(const char *before, const char *after, struct arena *arena, struct text_diff *ret_diff);
/* Paragraphs with <ins> and <del>, all else escaped. Appended. */
void text_diff_html(const struct text_diff *diff, struct text *ret_html);
/* [[{"operation":"equal","text":"…"},…],…]: a list a paragraph. Appended. */
void text_diff_json(const struct text_diff *diff, struct text *ret_json);

/* Calls visit for each field, in the order of the table, in which two articles written by article_encode() differ; NULL for one that is missing. Leaves
 * out what is derived from others, what counts versions, and body_text where body_html differs too. */
void article_differences(const json_t *before, const json_t *after,
    void (*visit)(void *arg, const char *field, const json_t *before, const json_t *after), void *arg);

int64_t text_count_words(const char *text);    /* runs of letters and digits; in scripts without spaces (Han, kana, Thai) a letter counts half a word */

#endif
