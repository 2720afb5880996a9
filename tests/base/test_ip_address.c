/* SPDX-License-Identifier: MIT */
/* Which addresses are the open internet's, and lists of networks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "ip_address.h"

static const struct {
	const char *text;
	bool is_global;
} addresses[] = {
	/* this machine, its neighbours, what is nobody's */
	{ "0.0.0.0", false }, { "0.1.2.3", false }, { "127.0.0.1", false }, { "127.255.255.254", false }, { "10.0.0.1", false },
	{ "10.255.255.255", false }, { "100.64.0.1", false }, { "100.127.255.255", false }, { "169.254.169.254", false }, { "172.16.0.1", false },
	{ "172.31.255.255", false }, { "192.0.0.8", false }, { "192.0.2.1", false }, { "192.88.99.1", false }, { "192.168.1.1", false },
	{ "198.18.0.1", false }, { "198.19.255.255", false }, { "198.51.100.7", false }, { "203.0.113.9", false }, { "224.0.0.1", false },
	{ "239.255.255.250", false }, { "240.0.0.1", false }, { "255.255.255.255", false },
	{ "::", false }, { "::1", false }, { "::127.0.0.1", false }, { "::8.8.8.8", false }, { "fe80::1", false }, { "febf::1", false },
	{ "fec0::1", false }, { "fc00::1", false }, { "fd12:3456::1", false }, { "ff02::1", false }, { "100::1", false }, { "2001:db8::1", false },
	{ "2001::1", false }, { "2001:10::1", false }, { "3fff::1", false }, { "5f00::1", false }, { "64:ff9b:1::8.8.8.8", false },
	{ "4000::1", false },
	/* the same inside of others */
	{ "::ffff:127.0.0.1", false }, { "::ffff:7f00:1", false }, { "::ffff:169.254.169.254", false }, { "::ffff:10.0.0.1", false },
	{ "64:ff9b::127.0.0.1", false }, { "64:ff9b::a9fe:a9fe", false }, { "64:ff9b::192.168.0.1", false },
	{ "2002:7f00:1::1", false }, { "2002:a9fe:a9fe::", false }, { "2002:c0a8:101::1", false },
	/* the internet, up to the edges of what is not */
	{ "1.1.1.1", true }, { "9.255.255.255", true }, { "11.0.0.0", true }, { "100.63.255.255", true }, { "100.128.0.0", true },
	{ "126.255.255.255", true }, { "128.0.0.1", true }, { "169.253.255.255", true }, { "172.15.255.255", true }, { "172.32.0.0", true },
	{ "192.0.1.1", true }, { "192.167.255.255", true }, { "192.169.0.0", true }, { "198.17.255.255", true }, { "198.20.0.0", true },
	{ "223.255.255.255", true }, { "8.8.8.8", true }, { "2606:4700:4700::1111", true }, { "2a00:1450::1", true }, { "2001:4860::8888", true },
	{ "2001:200::1", true }, { "3ffe::1", true }, { "::ffff:8.8.8.8", true }, { "64:ff9b::8.8.8.8", true }, { "2002:808:808::1", true },
};

static void test_global(void **state)
{
	(void)state;
	assert_true(sizeof addresses / sizeof *addresses >= 60);
	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
		struct ip_address address;

		assert_true(ip_address_parse(addresses[i].text, &address));
		if (ip_address_is_global(&address) != addresses[i].is_global)
			fail_msg("%s: %s", addresses[i].text, addresses[i].is_global ? "should be global" : "should not be global");
	}
}

static void test_spellings(void **state)
{
	static const char *const refused[] = { "", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "127.0.0.1.", "[::1]", "fe80::1%eth0", "1.2.3.4/8", " 1.2.3.4",
		"localhost" };
	struct ip_address one, other;
	char text[IP_ADDRESS_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (ip_address_parse(refused[i], &one))
			fail_msg("%s was read", refused[i]);
	assert_true(ip_address_parse("::ffff:192.0.2.1", &one));
	assert_true(ip_address_parse("192.0.2.1", &other));
	assert_memory_equal(&one, &other, sizeof one);
	assert_string_equal(ip_address_text(&one, text), "192.0.2.1");
	assert_true(ip_address_parse("2001:DB8:0::1", &one));
	assert_string_equal(ip_address_text(&one, text), "2001:db8::1");
}

static void test_sockets(void **state)
{
	struct sockaddr_in ipv4 = { .sin_family = AF_INET, .sin_port = htons(8443), .sin_addr.s_addr = htonl(0x7f000001) };
	struct sockaddr_in6 ipv6 = { .sin6_family = AF_INET6, .sin6_port = htons(80), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_un local = { .sun_family = AF_UNIX };
	struct ip_address address;
	char text[IP_ADDRESS_SIZE];
	unsigned port = 0;

	(void)state;
	assert_true(ip_address_of((struct sockaddr *)&ipv4, &address, &port));
	assert_string_equal(ip_address_text(&address, text), "127.0.0.1");
	assert_int_equal(port, 8443);
	assert_true(ip_address_of((struct sockaddr *)&ipv6, &address, &port));
	assert_string_equal(ip_address_text(&address, text), "::1");
	assert_int_equal(port, 80);
	assert_false(ip_address_of((struct sockaddr *)&local, &address, &port));
}

static bool holds(const struct ip_networks *networks, const char *text)
{
	struct ip_address address;

	assert_true(ip_address_parse(text, &address));
	return ip_networks_hold(networks, &address);
}

static void test_networks(void **state)
{
	static const char *const bad[] = { "", ",", "10.0.0.0/8,", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "fd00::/129", "10/8", "host", "10.0.0.0/8 ,1.1.1.1" };
	struct ip_networks networks;
	struct error err;
	bool with_unix;

	(void)state;
	assert_true(ip_networks_parse("10.1.0.0/15,fd00::/8,192.0.2.7,0.0.0.0/32", &networks, &err));
	assert_true(holds(&networks, "10.0.0.1"));
	assert_true(holds(&networks, "10.1.255.255"));
	assert_false(holds(&networks, "10.2.0.0"));
	assert_true(holds(&networks, "::ffff:10.1.2.3"));
	assert_true(holds(&networks, "fdff::1"));
	assert_false(holds(&networks, "fc00::1"));
	assert_true(holds(&networks, "192.0.2.7"));
	assert_false(holds(&networks, "192.0.2.6"));
	assert_false(holds(&networks, "::1"));
	assert_true(ip_networks_parse("0.0.0.0/0", &networks, &err));
	assert_true(holds(&networks, "8.8.8.8"));
	assert_false(holds(&networks, "2606::1"));
	assert_true(ip_networks_parse("::/0, 10.0.0.0/8", &networks, &err));
	assert_true(holds(&networks, "2606::1"));
	assert_true(holds(&networks, "10.0.0.1"));
	assert_false(holds(&networks, "8.8.8.8"));
	assert_false(ip_networks_parse("unix", &networks, &err));
	assert_true(ip_peers_parse("10.0.0.0/8, unix", &networks, &with_unix, &err));
	assert_true(with_unix && networks.n == 1);
	assert_true(ip_peers_parse("10.0.0.0/8", &networks, &with_unix, &err));
	assert_false(with_unix);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (ip_networks_parse(bad[i], &networks, &err))
			fail_msg("%s was read", bad[i]);
	assert_int_equal(err.code, ERROR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_global),
		cmocka_unit_test(test_spellings),
		cmocka_unit_test(test_sockets),
		cmocka_unit_test(test_networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
