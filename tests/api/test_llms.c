/* SPDX-License-Identifier: MIT */
/*
 * /llms.txt over the public door: what it links can be fetched by whoever has no key, and it names what lists are filtered by. It stays short.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "test_server.h"

static struct test_server server;
static struct reply text;

static int set_up(void **state)
{
	(void)state;
	test_server_start(&server, (const char *const[]){ "--site-name", "The Test", NULL });
	test_server_put(&server, "{'title':'One','source':'S','section':'Local','published_at':'2016-05-01T00:00:00Z','body_text':'Words.'}");
	client_ask(server.public, "GET", "/llms.txt", NULL, NULL, &text);
	return text.status == 200 ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	reply_done(&text);
	test_server_stop(&server);
	return 0;
}

static void test_every_link_can_be_fetched(void **state)
{
	const char *at = text.body.bytes;
	int n = 0;

	(void)state;
	while ((at = strstr(at, "](")) != NULL) {
		struct reply reply;
		char target[256];
		const size_t length = strcspn(at + 2, ")");

		at += 2;
		assert_memory_equal(at, TEST_BASE_URL, strlen(TEST_BASE_URL));
		assert_true(length < sizeof target);
		memcpy(target, at + strlen(TEST_BASE_URL), length - strlen(TEST_BASE_URL));
		target[length - strlen(TEST_BASE_URL)] = '\0';
		client_ask(server.public, "GET", target, NULL, NULL, &reply);
		if (reply.status != 200)
			fail_msg("%s: %ld", target, reply.status);
		reply_done(&reply);
		n++;
	}
	assert_true(n > 15);
}

static void test_it_names_filters_and_nothing_that_needs_a_key(void **state)
{
	static const char *const has[] = { "# The Test\n\n> ", "- `section`: ", "- `tag`: ", "- `q`: ", "- `limit`: ", "- `cursor`: ", "- `fields`: ", "- `include`: ", "`https://news.example/v1/articles/{ref}`: ",
		"`https://news.example/v1/events`", "(https://news.example/openapi.json)", "\n## Search\n" };
	static const char *const lacks[] = { "/v1/webhooks", "/v1/keys", "/preview", "/revisions/{rev}", "/desk", "favicon", "(null)", "`status`" };

	(void)state;
	for (size_t i = 0; i < sizeof has / sizeof has[0]; i++)
		if (strstr(text.body.bytes, has[i]) == NULL)
			fail_msg("lacks %s", has[i]);
	for (size_t i = 0; i < sizeof lacks / sizeof lacks[0]; i++)
		if (strstr(text.body.bytes, lacks[i]) != NULL)
			fail_msg("has %s", lacks[i]);
	assert_true(text.body.length < 6000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_link_can_be_fetched),
		cmocka_unit_test(test_it_names_filters_and_nothing_that_needs_a_key),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
