/* SPDX-License-Identifier: MIT */
/*
 * What every reply of the API keeps to, whatever was asked: one function for each convention, called for every step of every table.
 */
#include "api_steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { LINK_MOST = 4096 };

#define PUBLIC_CACHING "public, max-age=10, stale-while-revalidate=30, stale-if-error=3600"

#define HOUR_CACHING "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=86400"

static bool is_time(const char *text)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:ddZ";
	size_t i;

	for (i = 0; shape[i] != '\0'; i++)
		if (shape[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i])
			return false;
	return text[i] == '\0';
}

static bool ends_with(const char *name, const char *end)
{
	return strlen(name) >= strlen(end) && strcmp(name + strlen(name) - strlen(end), end) == 0;
}

/* No null, no empty string, times in UTC, names in snake_case: at any depth. */
static void check_value(const char *target, const char *name, json_t *value)
{
	const char *member_name;
	json_t *member;
	size_t i;

	if (json_is_null(value))
		fail_msg("%s: %s is null", target, name);
	if (json_is_string(value) && json_string_value(value)[0] == '\0')
		fail_msg("%s: %s is empty", target, name);
	if (ends_with(name, "_at") && (!json_is_string(value) || !is_time(json_string_value(value))))
		fail_msg("%s: %s is no time", target, name);
	json_array_foreach(value, i, member)
		check_value(target, name, member);
	json_object_foreach(value, member_name, member) {
		if (member_name[strspn(member_name, "abcdefghijklmnopqrstuvwxyz_")] != '\0')
			fail_msg("%s: the name %s", target, member_name);
		check_value(target, member_name, member);
	}
}

/* What an article always has. */
static void check_article(const char *target, json_t *article)
{
	static const char *const numbers[] = { "id", "word_count", "reading_minutes", "rev" };
	static const char *const strings[] = { "slug", "title", "published_at", "updated_at" };
	const char *url = json_string_value(json_object_get(article, "url")), *slug = json_string_value(json_object_get(article, "slug"));
	char wanted[300];

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		if (!json_is_integer(json_object_get(article, numbers[i])))
			fail_msg("%s: no %s", target, numbers[i]);
	for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
		if (!json_is_string(json_object_get(article, strings[i])))
			fail_msg("%s: no %s", target, strings[i]);
	if (!json_is_array(json_object_get(article, "tags")) || !json_is_array(json_object_get(article, "authors")))
		fail_msg("%s: tags and authors are always there", target);
	if (!json_is_boolean(json_object_get(article, "featured")))
		fail_msg("%s: no featured", target);
	snprintf(wanted, sizeof wanted, TEST_BASE_URL "/article/%s", slug);
	if (url == NULL || strcmp(url, wanted) != 0)
		fail_msg("%s: url is %s instead of %s", target, url != NULL ? url : "not there", wanted);
}

static bool holds_articles(const char *target)
{
	return strncmp(target, "/v1/articles", 12) == 0 && strstr(target, "fields=") == NULL && strstr(target, "/revisions") == NULL;
}

static void check_data(const char *target, const struct reply *reply)
{
	json_t *data = reply_member(reply, "data"), *item;
	size_t i;

	if (data == NULL)
		fail_msg("%s: no data", target);
	if (!holds_articles(target))
		return;
	json_array_foreach(data, i, item)
		check_article(target, item);
	if (json_is_object(data))
		check_article(target, data);
}

/* The Link header says what the links in the body say (RFC 8288). */
static void check_links(const char *target, const struct reply *reply)
{
	json_t *links = reply_member(reply, "links"), *link;
	struct text wanted = TEXT_EMPTY;
	const char *rel;

	if (links == NULL)
		return;
	json_object_foreach(links, rel, link) {
		if (strncmp(json_string_value(link), TEST_BASE_URL "/v1/", strlen(TEST_BASE_URL "/v1/")) != 0)
			fail_msg("%s: links.%s is %s", target, rel, json_string_value(link));
		text_printf(&wanted, "%s<%s>; rel=\"%s\"", wanted.length > 0 ? ", " : "", json_string_value(link), rel);
	}
	expect_header(target, reply, "Link", wanted.length <= LINK_MOST ? wanted.bytes : NULL);    /* many servers take no longer one */
	text_done(&wanted);
}

static void check_etag(const char *target, const char *etag)
{
	const size_t length = etag != NULL ? strlen(etag) : 0;

	if (length < 4 || etag[0] != '"' || etag[length - 1] != '"' || strcspn(etag + 1, "\"") != length - 2)
		fail_msg("%s: the ETag %s is not a strong one", target, etag != NULL ? etag : "is not there:");
}

static void check_success(const char *target, const struct reply *reply, bool has_content)
{
	const char *caching = reply_header(reply, "Cache-Control");

	/* Full pages of the change feed, and nothing else. */
	if (strncmp(target, "/v1/changes", 11) != 0 || caching == NULL || strcmp(caching, HOUR_CACHING) != 0)
		expect_header(target, reply, "Cache-Control", PUBLIC_CACHING);
	expect_header(target, reply, "Vary", "Accept-Encoding");
	check_etag(target, reply_header(reply, "ETag"));
	if (!has_content)
		return;
	expect_header(target, reply, "Content-Type", "application/json");
	if (reply->json == NULL)
		fail_msg("%s: this is no JSON: %s", target, reply->body.bytes);
	check_data(target, reply);
	check_links(target, reply);
}

/* What is refused before, or because, its target is read has no instance: a bad target is no address. */
static bool is_refused_unread(const char *type)
{
	static const char *const types[] = { "invalid", "method-unknown", "target-too-long", "headers-too-large" };

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(type + strlen("/problems/"), types[i]) == 0)
			return true;
	return false;
}

/* RFC 9457. */
static void check_problem(const char *target, const struct reply *reply, bool has_content)
{
	const char *type = reply_string(reply, "type"), *instance = reply_string(reply, "instance");

	expect_header(target, reply, "Cache-Control", "no-store");
	expect_header(target, reply, "Content-Type", "application/problem+json");
	expect_header(target, reply, "ETag", NULL);
	if (!has_content)
		return;
	if (type == NULL || strncmp(type, "/problems/", 10) != 0 || reply_string(reply, "title") == NULL || reply_string(reply, "detail") == NULL)
		fail_msg("%s: the problem lacks type, title or detail: %s", target, reply->body.bytes);
	if (json_integer_value(reply_member(reply, "status")) != reply->status)
		fail_msg("%s: status is another than %ld", target, reply->status);
	if (instance == NULL ? !is_refused_unread(type) : strcmp(instance, target) != 0)
		fail_msg("%s: instance is %s", target, instance != NULL ? instance : "not there");
}

void check_conventions(const char *method, const char *target, const struct reply *reply)
{
	const bool is_read = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
	const bool has_content = strcmp(method, "HEAD") != 0 && reply->status != 304 && reply->status != 204;

	if (!has_content && reply->body.length > 0)
		fail_msg("%s %s: a body where none belongs", method, target);
	expect_header(target, reply, "Broadsheet-Seq", "*");
	expect_header(target, reply, "X-Content-Type-Options", reply->status == 304 ? NULL : "nosniff");
	if (is_read) {
		expect_header(target, reply, "Access-Control-Allow-Origin", "*");
		expect_header(target, reply, "Access-Control-Expose-Headers", "ETag, Link, Retry-After, Broadsheet-Seq");
	}
	check_value(target, "", reply->json != NULL ? reply->json : json_true());
	if (reply->status >= 400)
		check_problem(target, reply, has_content);
	else if (is_read && (reply->status == 200 || reply->status == 304))
		check_success(target, reply, has_content);
}
