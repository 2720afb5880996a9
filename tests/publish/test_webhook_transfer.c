/* SPDX-License-Identifier: MIT */
/*
 * Where webhooks may not go. One listener on 127.0.0.1, and addresses in every spelling that leads to it or to what else is inside: not one connection
 * is made. And the other way round: the same listener is reached where its network is allowed, so the test can fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hooked_store.h"

/* $ is the listener's port. Those with a name in .test are resolved as `resolve` says. */
static const char *const inside[] = {
	"http://127.0.0.1:$/", "http://127.0.0.2:$/", "http://127.1:$/", "http://127.0.1:$/", "http://2130706433:$/", "http://0x7f000001:$/",
	"http://0x7f.0.0.1:$/", "http://0x7f.1:$/", "http://0177.0.0.1:$/", "http://017700000001:$/", "http://0177.1:$/", "http://127.0.0.1.:$/",
	"http://0.0.0.0:$/", "http://0:$/", "http://0x0:$/", "http://[::1]:$/", "http://[::]:$/", "http://[0:0:0:0:0:0:0:1]:$/",
	"http://[::ffff:127.0.0.1]:$/", "http://[::ffff:7f00:1]:$/", "http://[0:0:0:0:0:ffff:127.0.0.1]:$/", "http://[::127.0.0.1]:$/",
	"http://[64:ff9b::127.0.0.1]:$/", "http://[64:ff9b::7f00:1]:$/", "http://[2002:7f00:1::1]:$/", "http://[2002:7f00:0001::]:$/",
	"http://localhost:$/", "http://LOCALHOST:$/", "http://LocalHost:$/", "http://localhost.:$/",
	"http://loop.test:$/", "http://loop6.test:$/", "http://mapped.test:$/", "http://two.test:$/", "http://meta.test:$/", "http://nat64.test:$/",
	"http://user@127.0.0.1:$/", "http://user:secret@localhost:$/", "http://8.8.8.8@127.0.0.1:$/", "http://example.com:80@127.0.0.1:$/",
	"http://127.0.0.1:$#@8.8.8.8/", "http://127.0.0.1:$?@8.8.8.8/", "http://127.0.0.1:$\\@8.8.8.8/",
	"https://127.0.0.1:$/", "https://localhost:$/", "https://[::1]:$/", "HTTP://127.0.0.1:$/", "//127.0.0.1:$/", "127.0.0.1:$/",
	"ftp://127.0.0.1:$/", "gopher://127.0.0.1:$/", "file:///etc/passwd?$", "dict://127.0.0.1:$/", "telnet://127.0.0.1:$/",
	"http://169.254.169.254/latest/meta-data/?$", "http://[fe80::1]:$/", "http://[fd00:ec2::254]:$/", "http://10.0.0.1:$/", "http://192.168.0.1:$/",
	"http://172.16.0.1:$/", "http://100.64.0.1:$/", "http://[fc00::1]:$/", "http://[ff02::1]:$/", "http://224.0.0.1:$/", "http://255.255.255.255:$/",
	"http://127.0.0.1/?$", "http://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1:$/",
};

enum { INSIDE = sizeof inside / sizeof *inside };

static struct receiver *receiver;
static char urls[INSIDE][96], names[6][96];
static const char *resolve[7];

static void with_port(const char *format, char ret_text[96])
{
	struct text text = TEXT_EMPTY;
	char port[8];

	snprintf(port, sizeof port, "%u", receiver_port(receiver));
	text_string(&text, format);
	text_fill(&text, '$', port);
	snprintf(ret_text, 96, "%s", text.bytes);
	text_done(&text);
}

static int set_up(void **state)
{
	static const char *const formats[] = { "loop.test:$:127.0.0.1", "loop6.test:$:::1", "mapped.test:$:::ffff:127.0.0.1", "two.test:$:169.254.169.254,127.0.0.1",
		"meta.test:$:169.254.169.254", "nat64.test:$:64:ff9b::7f00:1" };

	(void)state;
	receiver = receiver_start(NULL, NULL);
	for (size_t i = 0; i < 6; i++)
		with_port(formats[i], names[i]);
	for (size_t i = 0; i < 6; i++)
		resolve[i] = names[i];
	for (size_t i = 0; i < INSIDE; i++)
		with_port(inside[i], urls[i]);
	hooked_open();
	hooked_settings.resolve = resolve;
	hooked_settings.allowed.n = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	hooked_stop();
	receiver_stop(receiver);
	hooked_close();
	return 0;
}

static void test_no_connection(void **state)
{
	(void)state;
	assert_true(INSIDE >= 60);
	for (size_t i = 0; i < INSIDE; i++)
		hooked_add(urls[i], WEBHOOK_EVERY);
	hooked_write(1, 1, ARTICLE_PUBLISHED);
	hooked_start();
	hooked_wait("SELECT count(*) FROM webhook_delivery WHERE attempts > 0", INSIDE);
	assert_int_equal(receiver_connections(receiver), 0);
	assert_int_equal(hooked_number("SELECT count(*) FROM webhook_delivery WHERE state = 1 OR status <> 0"), 0);
	/* They failed for that, and not because nothing listens there. */
	assert_true(hooked_number("SELECT count(*) FROM webhook_delivery WHERE error GLOB '*is not an address of the open internet'") >= 40);
	assert_int_equal(hooked_number("SELECT count(*) FROM webhook_delivery WHERE error LIKE '%refused%' OR error LIKE '%timed out%' OR error LIKE '%onnect to%'"), 0);
}

/* A port of the open internet that is none of the web's: refused before a packet goes out. */
static void test_ports(void **state)
{
	(void)state;
	hooked_add("http://8.8.8.8:22/", WEBHOOK_EVERY);
	hooked_add("http://[2001:4860:4860::8888]:53/", WEBHOOK_EVERY);
	hooked_write(1, 1, ARTICLE_PUBLISHED);
	hooked_start();
	hooked_wait("SELECT count(*) FROM webhook_delivery WHERE error GLOB 'port * is neither 80 nor 443'", 2);
}

static void test_allowed(void **state)
{
	struct error err;
	char url[96];

	(void)state;
	assert_true(ip_networks_parse("10.0.0.0/8,127.0.0.1", &hooked_settings.allowed, &err));
	snprintf(url, sizeof url, "http://loop.test:%u/", receiver_port(receiver));
	hooked_add(url, WEBHOOK_EVERY);
	snprintf(url, sizeof url, "http://2130706433:%u/", receiver_port(receiver));
	hooked_add(url, WEBHOOK_EVERY);
	snprintf(url, sizeof url, "http://127.0.0.2:%u/", receiver_port(receiver));
	hooked_add(url, WEBHOOK_EVERY);
	hooked_write(1, 1, ARTICLE_PUBLISHED);
	hooked_start();
	hooked_wait("SELECT count(*) FROM webhook_delivery WHERE state = 1", 2);
	hooked_wait("SELECT count(*) FROM webhook_delivery WHERE error = '127.0.0.2 is not an address of the open internet'", 1);
	assert_int_equal(receiver_count(receiver), 2);
}

/* The environment's proxy would go anywhere for us. */
static void test_no_proxy(void **state)
{
	struct receiver *proxy = receiver_start(NULL, NULL);
	struct error err;
	char url[96];

	(void)state;
	snprintf(url, sizeof url, "http://127.0.0.1:%u/", receiver_port(proxy));
	setenv("http_proxy", url, 1);
	setenv("ALL_PROXY", url, 1);
	assert_true(ip_networks_parse("127.0.0.0/8", &hooked_settings.allowed, &err));
	snprintf(url, sizeof url, "http://127.0.0.1:%u/", receiver_port(receiver));
	hooked_add(url, WEBHOOK_EVERY);
	hooked_add("http://169.254.169.254/", WEBHOOK_EVERY);
	hooked_write(1, 1, ARTICLE_PUBLISHED);
	hooked_start();
	hooked_wait("SELECT count(*) FROM webhook_delivery WHERE attempts > 0", 2);
	assert_int_equal(receiver_count(receiver), 1);
	assert_int_equal(receiver_connections(proxy), 0);
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
	hooked_stop();
	receiver_stop(proxy);
}

/* What can be known of an address before it is used is said when it is registered. */
static void test_registered(void **state)
{
	static const struct ip_networks none;
	static const char *const taken[] = { "https://example.org/hook", "http://example.org", "https://example.org:443/a?b=c", "http://8.8.8.8/", "https://[2606:4700::1111]/",
		"http://localhost/", "https://example.org/@user" };
	static const char *const not_taken[] = { "https://example.org:8443/", "http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://[::1]/", "https://[fd00::1]/",
		"http://user@example.org/", "http://user:pw@example.org/", "http://169.254.169.254/", "http://[::ffff:10.0.0.1]/", "ftp://example.org/", "http://8.8.8.8:22/", "" };
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (!webhooks_url_check(taken[i], &none, &err))
			fail_msg("%s: %s", taken[i], err.issues[0].detail);
	for (size_t i = 0; i < sizeof not_taken / sizeof *not_taken; i++) {
		error_set(&err, ERROR_FIELDS, "some fields are not right");
		if (webhooks_url_check(not_taken[i], &none, &err))
			fail_msg("%s was taken", not_taken[i]);
		assert_int_equal(err.code, ERROR_FIELDS);
		assert_int_equal(err.n_issues, 1);
		assert_string_equal(err.issues[0].where, "/url");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_no_connection, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ports, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_allowed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_proxy, set_up, tear_down),
		cmocka_unit_test(test_registered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
