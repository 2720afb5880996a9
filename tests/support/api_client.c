/* SPDX-License-Identifier: MIT */
/* libcurl with everything switched off that it would do by itself: no redirects, no proxy, no headers but those asked for. */
#include "api_client.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PATIENCE_SECONDS = 60 };

struct client {
	CURL *curl;
	char url[200], socket[120];
};

struct client *client_new(const char *url, const char *socket)
{
	struct client *client = calloc(1, sizeof *client);

	if (client == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || (client->curl = curl_easy_init()) == NULL)
		abort();
	snprintf(client->url, sizeof client->url, "%s", url);
	snprintf(client->socket, sizeof client->socket, "%s", socket != NULL ? socket : "");
	return client;
}

void client_free(struct client *client)
{
	if (client == NULL)
		return;
	curl_easy_cleanup(client->curl);
	curl_global_cleanup();
	free(client);
}

static size_t take_body(char *bytes, size_t size, size_t n, void *arg)
{
	text_append(arg, bytes, size * n);
	return size * n;
}

/* The head of an interim reply (100) is not kept. */
static size_t take_head(char *bytes, size_t size, size_t n, void *arg)
{
	if (size * n > 5 && memcmp(bytes, "HTTP/", 5) == 0)
		text_clear(arg);
	text_append(arg, bytes, size * n);
	return size * n;
}

static struct curl_slist *header_list(const char *headers)
{
	struct curl_slist *list = NULL;
	char line[16384];

	if (headers == NULL || strcasestr(headers, "expect:") == NULL)
		list = curl_slist_append(list, "Expect:");
	if (headers == NULL || strcasestr(headers, "content-type") == NULL)
		list = curl_slist_append(list, "Content-Type:");
	while (headers != NULL && *headers != '\0') {
		const size_t length = strcspn(headers, "\n");

		snprintf(line, sizeof line, "%.*s", (int)length, headers);
		list = curl_slist_append(list, line);
		headers += length + (headers[length] == '\n');
	}
	return list;
}

static void parse_body(struct reply *reply)
{
	const char *type = reply_header(reply, "Content-Type");

	if (type != NULL && strstr(type, "json") != NULL && strstr(type, "ndjson") == NULL && reply->body.length > 0)
		reply->json = json_loadb(reply->body.bytes, reply->body.length, JSON_REJECT_DUPLICATES, NULL);
}

static void perform(struct client *client, const char *method, const char *target, const char *headers, const char *body, struct reply *ret_reply)
{
	struct curl_slist *list = header_list(headers);
	CURL *curl = client->curl;
	CURLcode code;

	*ret_reply = (struct reply){ 0 };
	curl_easy_setopt(curl, CURLOPT_URL, client->url);
	curl_easy_setopt(curl, CURLOPT_REQUEST_TARGET, target);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)PATIENCE_SECONDS);
	curl_easy_setopt(curl, CURLOPT_EXPECT_100_TIMEOUT_MS, PATIENCE_SECONDS * 1000L);
	if (client->socket[0] != '\0')
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, client->socket);
	if (body != NULL) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(body));
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	}
	if (strcmp(method, "HEAD") == 0)
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	else
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &ret_reply->body);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_head);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, &ret_reply->head);
	code = curl_easy_perform(curl);
	if (code == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &ret_reply->status);
	else
		fprintf(stderr, "%s %s: %s\n", method, target, curl_easy_strerror(code));
	curl_slist_free_all(list);
	curl_easy_reset(curl);
	parse_body(ret_reply);
}

void client_ask(struct client *client, const char *method, const char *target, const char *headers, const char *body, struct reply *ret_reply)
{
	perform(client, method, target, headers, body, ret_reply);
}

void client_get_coded(struct client *client, const char *target, const char *coding, struct reply *ret_reply)
{
	curl_easy_setopt(client->curl, CURLOPT_ACCEPT_ENCODING, coding);
	perform(client, "GET", target, NULL, NULL, ret_reply);
}

void client_get(struct client *client, const char *target, struct reply *ret_reply)
{
	perform(client, "GET", target, NULL, NULL, ret_reply);
}

void reply_done(struct reply *reply)
{
	text_done(&reply->head);
	text_done(&reply->body);
	json_decref(reply->json);
	reply->json = NULL;
}

const char *reply_header(const struct reply *reply, const char *name)
{
	static _Thread_local char values[2][8192];
	static _Thread_local int turn;
	const size_t length = strlen(name);

	for (const char *line = reply->head.bytes; line != NULL && *line != '\0'; line = strstr(line, "\r\n")) {
		line += strncmp(line, "\r\n", 2) == 0 ? 2 : 0;
		if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
			const char *value = line + length + 1 + strspn(line + length + 1, " ");

			turn = !turn;
			snprintf(values[turn], sizeof values[turn], "%.*s", (int)strcspn(value, "\r"), value);
			return values[turn];
		}
	}
	return NULL;
}

json_t *reply_member(const struct reply *reply, const char *path)
{
	json_t *value = reply->json;
	char name[64];

	while (value != NULL && *path != '\0') {
		const size_t length = strcspn(path, ".");

		snprintf(name, sizeof name, "%.*s", (int)length, path);
		value = json_is_array(value) ? json_array_get(value, strtoul(name, NULL, 10)) : json_object_get(value, name);
		path += length + (path[length] == '.');
	}
	return value;
}

const char *reply_string(const struct reply *reply, const char *path)
{
	return json_string_value(reply_member(reply, path));
}
