/* SPDX-License-Identifier: MIT */
/* Whose address it is: X-Forwarded-For is believed only from proxies of ours, from the right, and refused when it is no list of addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cmocka.h>

#include "http/http_internal.h"

static struct error err;

/* A peer by its text; "unix" for none. */
static const struct sockaddr *peer_of(const char *text)
{
	static union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} peer;

	memset(&peer, 0, sizeof peer);
	if (strcmp(text, "unix") == 0)
		return NULL;
	peer.any.sa_family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
	assert_int_equal(inet_pton(peer.any.sa_family, text, strchr(text, ':') != NULL ? (void *)&peer.v6.sin6_addr : (void *)&peer.v4.sin_addr), 1);
	return &peer.any;
}

static const char *print(const struct client_address *address)
{
	static char text[INET6_ADDRSTRLEN];

	if (address->length == 0)
		return "unix";
	return inet_ntop(address->length == 4 ? AF_INET : AF_INET6, address->bytes, text, sizeof text);
}

/* The client's address as text; "refused". */
static const char *client(const char *proxies, const char *peer, const char *field)
{
	struct trusted_proxies *trusted = NULL;
	struct client_address address;
	bool fine;

	if (proxies != NULL && !trusted_proxies_new(proxies, &trusted, &err))
		fail_msg("%s", err.detail);
	fine = client_address_find(trusted, peer_of(peer), field, &address, &err);
	trusted_proxies_free(trusted);
	if (!fine)
		assert_int_equal(err.code, ERROR_INVALID);
	return fine ? print(&address) : "refused";
}

static void test_who_it_is(void **state)
{
	static const struct {
		const char *proxies, *peer, *field, *client;
	} cases[] = {
		/* nobody is trusted */
		{ NULL, "192.0.2.1", "198.51.100.7", "192.0.2.1" },
		{ NULL, "192.0.2.1", "rubbish", "192.0.2.1" },
		{ NULL, "unix", "198.51.100.7", "unix" },
		/* a stranger is not believed, whatever he writes */
		{ "10.0.0.0/8", "192.0.2.1", "198.51.100.7", "192.0.2.1" },
		{ "10.0.0.0/8", "192.0.2.1", "rubbish", "192.0.2.1" },
		{ "10.0.0.0/8", "unix", "198.51.100.7", "unix" },
		{ "unix", "192.0.2.1", "198.51.100.7", "192.0.2.1" },
		/* a proxy is */
		{ "10.0.0.0/8", "10.1.2.3", "198.51.100.7", "198.51.100.7" },
		{ "10.0.0.0/8", "10.1.2.3", NULL, "10.1.2.3" },
		{ "unix", "unix", "198.51.100.7", "198.51.100.7" },
		{ "unix", "unix", NULL, "unix" },
		/* the right-most one that is no proxy's; what stands before it is hearsay */
		{ "10.0.0.0/8", "10.1.2.3", "203.0.113.9, 198.51.100.7", "198.51.100.7" },
		{ "10.0.0.0/8", "10.1.2.3", "203.0.113.9,198.51.100.7,10.9.9.9", "198.51.100.7" },
		{ "10.0.0.0/8,203.0.113.9", "203.0.113.9", "198.51.100.7 ,\t203.0.113.9 , 10.0.0.1", "198.51.100.7" },
		{ "10.0.0.0/8", "10.1.2.3", "10.0.0.1, 10.0.0.2", "10.0.0.1" },
		/* forms */
		{ "10.0.0.0/8", "10.1.2.3", "198.51.100.7:4711", "198.51.100.7" },
		{ "10.0.0.0/8", "10.1.2.3", "2001:db8::7", "2001:db8::7" },
		{ "10.0.0.0/8", "10.1.2.3", "[2001:db8::7]", "2001:db8::7" },
		{ "10.0.0.0/8", "10.1.2.3", "[2001:db8::7]:4711", "2001:db8::7" },
		{ "10.0.0.0/8", "10.1.2.3", "::ffff:198.51.100.7", "198.51.100.7" },
		{ "10.0.0.0/8", "::ffff:10.1.2.3", "198.51.100.7", "198.51.100.7" },
		{ "fd00::/8, 10.0.0.0/8", "fd12::1", "198.51.100.7, fd00::1", "198.51.100.7" },
		{ "10.0.0.0/8", "10.1.2.3", "1.1.1.1,2.2.2.2,3.3.3.3,4.4.4.4,5.5.5.5,6.6.6.6,7.7.7.7,8.8.8.8", "8.8.8.8" },
		/* no list of addresses */
		{ "10.0.0.0/8", "10.1.2.3", "1.1.1.1,2.2.2.2,3.3.3.3,4.4.4.4,5.5.5.5,6.6.6.6,7.7.7.7,8.8.8.8,9.9.9.9", "refused" },
		{ "10.0.0.0/8", "10.1.2.3", "", "refused" },
		{ "10.0.0.0/8", "10.1.2.3", "198.51.100.7,", "refused" },
		{ "10.0.0.0/8", "10.1.2.3", ",198.51.100.7", "refused" },
		{ "10.0.0.0/8", "10.1.2.3", "198.51.100.7 198.51.100.8", "refused" },
		{ "10.0.0.0/8", "10.1.2.3", "rubbish, 198.51.100.7", "refused" },
		{ "10.0.0.0/8", "10.1.2.3", "unknown", "refused" },
		{ "10.0.0.0/8", "10.1.2.3", "198.51.100.7:", "refused" },
		{ "10.0.0.0/8", "10.1.2.3", "198.51.100.7:http", "refused" },
		{ "10.0.0.0/8", "10.1.2.3", "198.51.100.256", "refused" },
		{ "10.0.0.0/8", "10.1.2.3", "198.51.100.07", "refused" },
		{ "10.0.0.0/8", "10.1.2.3", "[198.51.100.7]", "refused" },
		{ "10.0.0.0/8", "10.1.2.3", "[2001:db8::7", "refused" },
		{ "10.0.0.0/8", "10.1.2.3", "[2001:db8::7]x", "refused" },
		{ "10.0.0.0/8", "10.1.2.3", "[]", "refused" },
		{ "10.0.0.0/8", "10.1.2.3", "fe80::1%eth0", "refused" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *found = client(cases[i].proxies, cases[i].peer, cases[i].field);

		if (strcmp(found, cases[i].client) != 0)
			fail_msg("%s, from %s: %s instead of %s", cases[i].field != NULL ? cases[i].field : "(none)", cases[i].peer, found, cases[i].client);
	}
}

static void test_networks(void **state)
{
	static const struct {
		const char *network, *peer;
		bool trusted;
	} cases[] = {
		{ "10.0.0.0/8", "10.255.255.255", true }, { "10.0.0.0/8", "11.0.0.0", false }, { "10.1.2.3", "10.1.2.3", true }, { "10.1.2.3", "10.1.2.2", false },
		{ "192.0.2.128/25", "192.0.2.128", true }, { "192.0.2.128/25", "192.0.2.127", false }, { "0.0.0.0/0", "203.0.113.1", true },
		{ "0.0.0.0/0", "2001:db8::1", false }, { "::/0", "2001:db8::1", true }, { "::/0", "203.0.113.1", false },
		{ "2001:db8:8000::/33", "2001:db8:8000::1", true }, { "2001:db8:8000::/33", "2001:db8:7fff::1", false }, { "192.0.2.7/32", "192.0.2.6", false },
		{ "::ffff:192.0.2.0/120", "192.0.2.7", true }, { "192.0.2.7, unix", "192.0.2.7", true }, { "unix, 192.0.2.7", "192.0.2.7", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if ((strcmp(client(cases[i].network, cases[i].peer, "198.51.100.7"), "198.51.100.7") == 0) != cases[i].trusted)
			fail_msg("%s and %s", cases[i].network, cases[i].peer);
}

static void test_bad_settings(void **state)
{
	static const char *const lists[] = { "", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/ 8", "10.0.0/8", "::/129", "proxy.example", "10.0.0.1,,10.0.0.2", "10.0.0.1,", "UNIX",
		"[::1]", "10.0.0.0/8/8" };
	struct trusted_proxies *trusted = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		if (trusted_proxies_new(lists[i], &trusted, &err))
			fail_msg("\"%s\" is taken", lists[i]);
		assert_int_equal(err.code, ERROR_INVALID);
	}
	assert_null(trusted);
}

static void test_what_is_counted_by(void **state)
{
	struct client_address address;

	(void)state;
	assert_true(client_address_find(NULL, peer_of("192.0.2.1"), NULL, &address, &err));
	assert_int_equal(client_address_counted(&address), 4);
	assert_true(client_address_find(NULL, peer_of("2001:db8::1"), NULL, &address, &err));
	assert_int_equal(client_address_counted(&address), 8);
	assert_true(client_address_find(NULL, NULL, NULL, &address, &err));
	assert_int_equal(client_address_counted(&address), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_it_is),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_bad_settings),
		cmocka_unit_test(test_what_is_counted_by),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
