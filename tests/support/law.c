/* SPDX-License-Identifier: MIT */
/*
 * The newsroom, the reader and what they do in turn.
 *
 * A restore is made as hard as can be: behind it the newsroom does just what it did after the copy was taken, to the same articles in the same
 * order at the same times, but with other titles. So both histories have the same seqs, revisions and generations, and nothing but the
 * log's marks tells them apart.
 *
 * A fresh answer is had by an Authorization field, which changes nothing of the answer and keeps it out of what is kept.
 */
#include "law.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <poll.h>
#include <xxhash.h>

#include "test_server.h"
#include "test_store.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

enum {
	ARTICLES = 24,
	ETAGS_MOST = 1 << 17,
	HISTORY = 12,                 /* ETags of each path to ask again with */
	LOOKS_A_WRITE = 5,
	BETWEEN_RESTARTS = 45,
	BETWEEN_RESTORES = 70,
	BRANCH = 12,                  /* writes after the copy, that are lost */
};

/* --- the newsroom --- */

struct story {
	bool exists, featured;
	unsigned section, tags, authors, lang, day, title, status;
};

struct newsroom {
	struct test_random random;
	struct story stories[ARTICLES];
	int64_t now;
};

static const char *const sections[] = { "National", "Sports", "Culture", "Harbour" };
static const char *const tags[] = { "Ice", "Bridge", "Vote", "Boats", "Art" };
static const char *const authors[] = { "Ann Lee", "Bo Ray", "Cy Oak" };
static const char *const langs[] = { "en", "fr" };
static const char *const statuses[] = { "published", "draft", "withdrawn" };
static const char *const topics[] = {
	"The harbour bridge was closed after a freighter struck its northern pier, and engineers inspected the steel.",
	"The skating rink opened with a tournament of youth teams, and the arena sold every seat before the first whistle.",
	"The council voted on the budget after a long debate about the ferry, the library and the price of water.",
};

static unsigned pick(struct newsroom *newsroom, unsigned n)
{
	return (unsigned)test_random(&newsroom->random, n);
}

static void change(struct newsroom *newsroom, struct story *story)
{
	const unsigned what = story->exists ? pick(newsroom, 11) : 0;

	switch (what) {
	case 0:
		*story = (struct story){ .exists = true, .section = pick(newsroom, N_OF(sections)), .tags = pick(newsroom, 32), .authors = pick(newsroom, 8),
			.day = 1 + pick(newsroom, 20), .title = pick(newsroom, 1000), .status = pick(newsroom, 4) == 0 ? 1 + pick(newsroom, 2) : 0, .featured = pick(newsroom, 4) == 0 };
		break;
	case 1:
		story->section = pick(newsroom, N_OF(sections));
		break;
	case 2:
		story->tags = pick(newsroom, 32);
		break;
	case 3:
		story->authors = pick(newsroom, 8);
		break;
	case 4:
		story->lang = pick(newsroom, N_OF(langs));
		break;
	case 5:
		story->featured = !story->featured;
		break;
	case 6:
		story->day = 1 + pick(newsroom, 20);
		break;
	case 7:
		story->status = 2;
		break;
	case 8:
		story->status = 0;
		break;
	case 9:
		break;    /* the same once more */
	default:
		story->title = pick(newsroom, 1000);
	}
}

static void write_names(struct text *line, const char *member, const char *const *names, size_t n, unsigned set)
{
	bool is_first = true;

	text_printf(line, ",'%s':[", member);
	for (size_t i = 0; i < n; i++)
		if ((set >> i & 1) != 0) {
			text_printf(line, "%s'%s'", is_first ? "" : ",", names[i]);
			is_first = false;
		}
	text_char(line, ']');
}

static void write_line(const struct story *story, size_t number, const char *way, struct text *lines)
{
	text_printf(lines, "{'guid':'%zu','slug':'story-%zu','source':'%s','title':'Title %u%s','section':'%s','lang':'%s','featured':%s,'status':'%s'", number,
	    number, number % 2 == 0 ? "Wire" : "Courier", story->title, way, sections[story->section], langs[story->lang], story->featured ? "true" : "false",
	    statuses[story->status]);
	write_names(lines, "tags", tags, N_OF(tags), story->tags);
	write_names(lines, "authors", authors, N_OF(authors), story->authors);
	text_printf(lines, ",'published_at':'2016-01-%02uT00:00:00Z','body_text':'%s It was number %zu.'}\n", story->day, topics[number % N_OF(topics)], number);
}

/* --- what it puts in order by hand --- */

static const char *const collections[] = { "front-page", "editors-picks" };

/* Members in any order, published or not; ids count up as articles come to be. */
static void write_collection(struct newsroom *newsroom, const char *way, struct text *body)
{
	unsigned ids[ARTICLES], n = 0;

	for (size_t i = 0; i < ARTICLES; i++)
		if (newsroom->stories[i].exists) {
			ids[n] = n + 1;
			n++;
		}
	text_printf(body, "{\"title\":\"Title %u%s\",\"ids\":[", pick(newsroom, 3), way);
	for (unsigned i = 0, most = pick(newsroom, 9); i < most && i < n; i++) {
		const unsigned other = i + pick(newsroom, n - i), id = ids[other];

		ids[other] = ids[i];
		ids[i] = id;
		text_printf(body, "%s%u", i > 0 ? "," : "", id);
	}
	text_string(body, "]}");
}

static void write_section(struct newsroom *newsroom, const char *name, const char *way, struct text *body)
{
	const unsigned form = pick(newsroom, 3);

	text_printf(body, "{\"name\":\"%s%s%s%s\",\"hidden\":%s,\"position\":%u", form == 1 ? "The " : "", name, form == 2 ? " News" : "", way,
	    pick(newsroom, 4) == 0 ? "true" : "false", 1 + pick(newsroom, 3));
	if (pick(newsroom, 2) == 0)
		text_printf(body, ",\"description\":\"About %u%s\"", pick(newsroom, 3), way);
	text_char(body, '}');
}

/* What there is already is changed whatever it is. */
static void put(struct test_server *server, const char *method, const char *target, const char *body)
{
	struct reply reply;

	client_ask(server->writer, method, target, "Content-Type: application/json", body, &reply);
	if (reply.status == 428) {
		reply_done(&reply);
		client_ask(server->writer, method, target, "Content-Type: application/json\nIf-Match: *", body, &reply);
	}
	if (reply.status >= 300 && reply.status != 404 && reply.status != 409)    /* 409: articles brought another section of that name meanwhile */
		fail_msg("%s %s %s: %ld %s", method, target, body != NULL ? body : "", reply.status, reply.body.bytes);
	reply_done(&reply);
}

/* --- the reader --- */

static const char *const paths[] = {
	"/v1/articles", "/v1/articles?limit=5", "/v1/articles?limit=3&order=oldest", "/v1/articles?order=updated&limit=4", "/v1/articles?count=exact&limit=1",
	"/v1/articles?section=national", "/v1/articles?section=sports&count=exact", "/v1/articles?section=culture,harbour", "/v1/articles?section=!national&limit=7",
	"/v1/articles?tag=ice", "/v1/articles?tag=!ice,vote", "/v1/articles?tag_all=ice,bridge", "/v1/articles?section=national&tag=bridge", "/v1/articles?section=sports,national&tag=ice&author=ann-lee",
	"/v1/articles?author=bo-ray", "/v1/articles?source=wire&limit=6", "/v1/articles?lang=fr", "/v1/articles?lang=fr&section=harbour", "/v1/articles?featured=true",
	"/v1/articles?featured=false&limit=3", "/v1/articles?published_after=2016-01-08&published_before=2016-01-15", "/v1/articles?section=nowhere", "/v1/articles?ids=3,1,2,99",
	"/v1/articles?ids=5,6,7,8&section=national", "/v1/articles?fields=id,title&limit=9", "/v1/articles?include=body&limit=2", "/v1/articles/1", "/v1/articles/2?related=0",
	"/v1/articles/3?fields=title,section", "/v1/articles/4?related=20", "/v1/articles/5?fields=id,duplicates", "/v1/articles/story-5", "/v1/articles/6/related", "/v1/articles/7/related?limit=20",
	"/v1/articles/8/related?max_age=P150D&section=same", "/v1/articles/9/related?exclude=1,2,3", "/v1/articles/3/next", "/v1/articles/3/prev?section=national",
	"/v1/articles/4/next?tag=ice", "/v1/collections", "/v1/collections/front-page", "/v1/collections/front-page?limit=2&fields=id,title", "/v1/collections/editors-picks",
	"/v1/collections/editors-picks?include=body&limit=3", "/v1/collections/nothing", "/v1/sections?order=navigation", "/v1/sections/harbour", "/v1/sections/culture", "/v1/sections/sports", "/v1/sections", "/v1/sections?order=count", "/v1/sections/national", "/v1/tags", "/v1/tags?order=count&limit=2", "/v1/tags/ice", "/v1/sources",
	"/v1/sources/wire", "/v1/authors", "/v1/authors/ann-lee", "/", "/section/national", "/section/harbour", "/tag/vote", "/source/courier", "/author/cy-oak",
	"/article/story-1", "/article/story-2", "/static/site.css", "/robots.txt",
	"/v1/search?q=bridge&facets=section,tag,source,author,year&count=exact", "/v1/search?q=youth+teams&limit=3", "/v1/search?q=title:title+-ferry&order=oldest&section=sports",
	"/v1/search?q=%22harbour+bridge%22&order=updated&facets=tag", "/v1/search?q=cou*&lang=fr", "/v1/search?q=harbuor", "/v1/articles?q=harbour&order=newest",
	"/v1/articles?facets=tag&count=exact", "/v1/articles?facets=section,year&author=bo-ray", "/v1/suggest?q=b", "/v1/suggest?q=title+1", "/v1/suggest?q=harb&limit=3",
	"/v1/changes", "/v1/changes?limit=1000&section=national", "/v1/changes?limit=5", "/v1/changes?limit=4&section=harbour", "/v1/changes?limit=3&tag=ice,vote&section=!national",
	"/v1/changes?include=article&limit=7", "/v1/changes?include=body&author=ann-lee", "/v1/changes?since=3&limit=6",
	"/search?q=library", "/search?q=bridge&section=national", "/search?q=nowhere",
	"/feed.rss", "/feed.atom", "/feed.json", "/section/national/feed.atom", "/section/harbour/feed.rss", "/tag/ice/feed.atom", "/tag/bridge/feed.json", "/source/wire/feed.atom",
	"/source/courier/feed.rss", "/search/feed.atom?q=bridge", "/sitemap.xml", "/sitemap/0.xml", "/sitemap-news.xml", "/v1/articles.ninjs?limit=5",
	"/v1/articles.ninjs?section=sports&version=2", "/v1/articles/1.ninjs", "/v1/articles/story-2.ninjs?version=2", "/v1/articles/3.jsonld",
	/* once more, as others spell them */
	"/v1/articles?tag=bridge&section=national&limit=20", "/v1/articles?section=harbour&section=culture", "/v1/articles/%31", "/section/national?utm_source=x",
	"/v1/articles?tag=ice&author=ann-lee&section=national,sports", "/v1/search?count=exact&q=bridge&facets=year,author,source,tag,section&limit=20",
	"/v1/suggest?limit=10&q=b",
};
enum { PATHS = N_OF(paths) };

enum form { FORM_IDENTITY, FORM_GZIP, FORM_BROTLI, FORMS };
static const char *const accept_encoding[FORMS] = { "Accept-Encoding: identity", "Accept-Encoding: gzip", "Accept-Encoding: br" };

struct named {
	char etag[64];
	uint64_t bytes;               /* their digest */
	size_t path, write;
};

struct reader {
	struct named *etags, *stems;  /* hash tables; the second: identity bytes by what stands before the form */
	size_t n_etags;
	char history[PATHS][HISTORY][64];
	struct law_result *result;
};

static bool is_broken(const struct reader *reader)
{
	return reader->result->broken[0] != '\0';
}

static void break_law(struct reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void break_law(struct reader *reader, const char *format, ...)
{
	va_list arguments;

	if (is_broken(reader))
		return;
	va_start(arguments, format);
	vsnprintf(reader->result->broken, sizeof reader->result->broken, format, arguments);
	va_end(arguments);
}

static struct named *find(struct named *table, const char *etag, size_t length)
{
	size_t at = XXH3_64bits(etag, length) % ETAGS_MOST;

	while (table[at].etag[0] != '\0' && (strncmp(table[at].etag, etag, length) != 0 || table[at].etag[length] != '\0'))
		at = (at + 1) % ETAGS_MOST;
	return &table[at];
}

static size_t stem_length(const char *etag)
{
	return (size_t)(strrchr(etag, '-') - etag);
}

/* Was this name ever given to other bytes? */
static void remember(struct reader *reader, struct named *table, const char *etag, size_t length, uint64_t bytes, size_t path)
{
	struct named *named = find(table, etag, length);

	if (named->etag[0] == '\0') {
		*named = (struct named){ .bytes = bytes, .path = path, .write = reader->result->n_writes };
		memcpy(named->etag, etag, length);
		if (++reader->n_etags > ETAGS_MOST / 2)
			abort();
	} else if (named->bytes != bytes) {
		break_law(reader, "%.*s names two byte strings: of %s after %zu writes, and of %s after %zu", (int)length, etag, paths[named->path], named->write,
		    paths[path], reader->result->n_writes);
	}
}

/* One GET. 0 for what is not there. */
static uint64_t look(struct reader *reader, struct test_server *server, size_t path, const char *headers, bool is_identity, char ret_etag[64], long *ret_status)
{
	struct reply reply;
	uint64_t bytes = 0;

	client_ask(server->public, "GET", paths[path], headers, NULL, &reply);
	reader->result->n_replies++;
	*ret_status = reply.status;
	ret_etag[0] = '\0';
	if (reply.status == 200 || reply.status == 304)
		snprintf(ret_etag, 64, "%s", reply_header(&reply, "ETag"));
	if (reply.status == 200) {
		bytes = XXH3_64bits(reply.body.bytes, reply.body.length) | 1;
		remember(reader, reader->etags, ret_etag, strlen(ret_etag), bytes, path);
		if (is_identity)
			remember(reader, reader->stems, ret_etag, stem_length(ret_etag), bytes, path);
	}
	reply_done(&reply);
	return bytes;
}

/* Lists of related articles are told anew a moment after they are kept: while that goes on, a comparison of two replies may take a few tries. */
static int tries(const struct test_server *server)
{
	return server->config.related_rate > 0 ? 200 : 1;
}

static void before_try(int number)
{
	if (number > 0)
		poll(NULL, 0, /* milliseconds= */ 2);
}

/* What is answered from memory is what would be made now. */
static uint64_t look_twice(struct reader *reader, struct test_server *server, size_t path, char ret_etag[64])
{
	uint64_t kept = 0, fresh = 1;
	long status, fresh_status;
	char etag[64];

	for (int i = 0; i < tries(server) && kept != fresh && !is_broken(reader); i++) {
		before_try(i);
		kept = look(reader, server, path, accept_encoding[FORM_IDENTITY], true, ret_etag, &status);
		fresh = look(reader, server, path, "Accept-Encoding: identity\nAuthorization: Basic eDp4", true, etag, &fresh_status);
	}
	if (kept != fresh)
		break_law(reader, "%s is out of date after %zu writes (%s, %s)", paths[path], reader->result->n_writes, ret_etag, etag);
	return kept;
}

/* Asks with an ETag of before: 304 only if just those bytes would come now. `bytes`: the identity bytes of now. */
static long look_with(struct reader *reader, struct test_server *server, size_t path, enum form form, const char *held, uint64_t bytes)
{
	const struct named *named = held[0] != '\0' ? find(reader->stems, held, stem_length(held)) : NULL;
	char headers[200], etag[64], present[64];
	long status, ignored;

	if (named == NULL || named->etag[0] == '\0')
		return 0;
	snprintf(headers, sizeof headers, "%s\nIf-None-Match: %s", accept_encoding[form], held);
	look(reader, server, path, headers, false, etag, &status);
	if (status != 304)
		return status;
	reader->result->n_unchanged++;
	if (named->bytes != bytes && tries(server) > 1)
		bytes = look(reader, server, path, accept_encoding[FORM_IDENTITY], true, present, &ignored);
	if (named->bytes != bytes)
		break_law(reader, "%s: 304 for %s, which is out of date, after %zu writes", paths[path], held, reader->result->n_writes);
	if (strcmp(etag, held) != 0)
		break_law(reader, "%s: 304 for %s names %s", paths[path], held, etag);
	return status;
}

/* With the present one it is 304. */
static void look_with_present(struct reader *reader, struct test_server *server, size_t path, char present[64], uint64_t bytes)
{
	long status = look_with(reader, server, path, FORM_IDENTITY, present, bytes), ignored;

	for (int i = 1; i < tries(server) && status != 304 && !is_broken(reader); i++) {
		before_try(i);
		bytes = look(reader, server, path, accept_encoding[FORM_IDENTITY], true, present, &ignored);
		status = look_with(reader, server, path, FORM_IDENTITY, present, bytes);
	}
	if (status != 304)
		break_law(reader, "%s: %ld for the present ETag %s", paths[path], status, present);
}

static void look_at(struct reader *reader, struct test_server *server, size_t path, uint64_t random)
{
	const enum form form = FORM_GZIP + random % 2;
	char present[64], coded[64];
	char(*history)[64] = reader->history[path];
	const uint64_t bytes = look_twice(reader, server, path, present);
	long status;

	if (bytes == 0)
		return;
	look(reader, server, path, accept_encoding[form], false, coded, &status);
	look_with_present(reader, server, path, present, bytes);
	look_with(reader, server, path, form, history[random / 2 % HISTORY], bytes);
	memcpy(history[random / 64 % HISTORY], present, sizeof present);
	memcpy(history[random / 4096 % HISTORY], coded, sizeof coded);
}

/* --- in turn --- */

struct run {
	struct test_server server;
	struct newsroom newsroom;
	struct test_random random;    /* the reader's, and of what happens when */
	struct reader reader;
	const char *way;              /* stands in all titles of a history */
};

static void write_some(struct run *run)
{
	struct text lines = TEXT_EMPTY;

	run->newsroom.now += 400;
	test_now = run->newsroom.now;
	for (unsigned n = 1 + pick(&run->newsroom, 3); n > 0; n--) {
		const unsigned number = pick(&run->newsroom, ARTICLES);

		change(&run->newsroom, &run->newsroom.stories[number]);
		write_line(&run->newsroom.stories[number], number, run->way, &lines);
	}
	test_server_put(&run->server, lines.bytes);
	text_done(&lines);
	if (run->server.config.related_rate > 0)
		test_server_settle(&run->server);
	run->reader.result->n_writes++;
}

static size_t path_of(const char *target)
{
	for (size_t path = 0; path < PATHS; path++)
		if (strcmp(paths[path], target) == 0)
			return path;
	abort();
}

/* The reader has just looked, and looks again. */
static void put_and_look(struct run *run, const char *method, const char *target, const char *body)
{
	const size_t path = path_of(target);

	look_at(&run->reader, &run->server, path, test_random(&run->random, 1 << 20));
	put(&run->server, method, target, body);
	if (run->server.config.related_rate > 0)
		test_server_settle(&run->server);
	run->reader.result->n_writes++;
	look_at(&run->reader, &run->server, path, test_random(&run->random, 1 << 20));
	look_at(&run->reader, &run->server, path_of("/"), test_random(&run->random, 1 << 20));
}

static void put_in_order(struct run *run)
{
	static const char *const slugs[] = { "national", "sports", "culture", "harbour" };
	struct newsroom *newsroom = &run->newsroom;
	const unsigned what = pick(newsroom, 12), which = pick(newsroom, N_OF(sections));
	struct text body = TEXT_EMPTY;
	char target[100];

	if (what < 6) {
		snprintf(target, sizeof target, "/v1/collections/%s", collections[which % N_OF(collections)]);
		if (what > 0)
			write_collection(newsroom, run->way, &body);
		put_and_look(run, what > 0 ? "PUT" : "DELETE", target, body.bytes);
	} else if (what < 9) {
		snprintf(target, sizeof target, "/v1/sections/%s", slugs[which]);
		write_section(newsroom, sections[which], run->way, &body);
		put_and_look(run, "PUT", target, body.bytes);
	}
	text_done(&body);
}

static void write_and_look(struct run *run)
{
	write_some(run);
	put_in_order(run);
	for (int i = 0; i < LOOKS_A_WRITE && !is_broken(&run->reader); i++)
		look_at(&run->reader, &run->server, test_random(&run->random, PATHS), test_random(&run->random, 1 << 20));
}

static void look_at_all(struct run *run)
{
	for (size_t path = 0; path < PATHS && !is_broken(&run->reader); path++)
		look_at(&run->reader, &run->server, path, test_random(&run->random, 1 << 20));
}

static void choose_settings(struct run *run)
{
	static const int64_t cache_bytes[] = { 0, 40000, 1 << 20, 64 << 20 };

	run->server.config.cache_bytes = cache_bytes[test_random(&run->random, N_OF(cache_bytes))];
	run->server.config.related_rate = test_random(&run->random, 2) == 0 ? 0 : 100000;
}

static void copy_file(const char *from, const char *to)
{
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	char bytes[1 << 16];
	size_t n;

	assert_non_null(in);
	assert_non_null(out);
	while ((n = fread(bytes, 1, sizeof bytes, in)) > 0)
		assert_int_equal(fwrite(bytes, 1, n, out), n);
	assert_int_equal(fclose(out), 0);
	fclose(in);
}

/* Now and then of a server that has stopped, as its file lies there, otherwise as `broadsheet backup` does it, beside the server. */
static void take_copy(struct run *run, const char *copy)
{
	const struct store_copying how = { .next_seq = 0 };
	struct store_copied copied;
	struct error err;

	if (run->reader.result->n_restores % 2 == 0) {
		test_server_halt(&run->server);
		copy_file(run->server.database, copy);
		test_server_resume(&run->server);
		return;
	}
	fclose(fopen(copy, "we"));
	if (!store_copy(run->server.database, copy, &how, &copied, &err))
		fail_msg("%s", err.detail);
}

/* Goes one way, takes the copy back, and goes the same way once more with other words. */
static void restore(struct run *run)
{
	static const char *const ways[] = { "", " a", " b", " c", " d", " e", " f", " g" };
	char copy[120];
	struct newsroom then;

	snprintf(copy, sizeof copy, "%s/copy", run->server.folder);
	take_copy(run, copy);
	then = run->newsroom;
	for (int i = 0; i < BRANCH && !is_broken(&run->reader); i++)
		write_and_look(run);
	look_at_all(run);

	test_server_halt(&run->server);
	copy_file(copy, run->server.database);
	unlink(copy);
	choose_settings(run);
	test_server_resume(&run->server);
	run->newsroom = then;
	run->way = ways[++run->reader.result->n_restores % N_OF(ways)];
	for (int i = 0; i < BRANCH && !is_broken(&run->reader); i++)
		write_and_look(run);
	look_at_all(run);
}

void law_run(uint64_t seed, size_t n_writes, struct law_result *ret_result)
{
	struct run *run = calloc(1, sizeof *run);
	const int64_t now = test_now;

	*ret_result = (struct law_result){ .n_writes = 0 };
	run->way = "";
	run->random.state = seed;
	run->newsroom = (struct newsroom){ .random = { seed + 1 }, .now = now };
	run->reader.result = ret_result;
	run->reader.etags = calloc(ETAGS_MOST, sizeof *run->reader.etags);
	run->reader.stems = calloc(ETAGS_MOST, sizeof *run->reader.stems);
	test_server_start(&run->server, NULL);
	for (int i = 0; i < ARTICLES; i++)
		write_some(run);
	while (ret_result->n_writes < n_writes && !is_broken(&run->reader)) {
		write_and_look(run);
		if (ret_result->n_writes % BETWEEN_RESTARTS < 2) {
			choose_settings(run);
			test_server_restart(&run->server);
			look_at_all(run);
		}
		if (ret_result->n_writes % BETWEEN_RESTORES < 3)
			restore(run);
	}
	look_at_all(run);
	ret_result->n_etags = run->reader.n_etags;
	test_server_stop(&run->server);
	test_now = now;
	free(run->reader.etags);
	free(run->reader.stems);
	free(run);
}
