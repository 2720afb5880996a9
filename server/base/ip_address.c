/* SPDX-License-Identifier: MIT */
/*
 * Which addresses are the open internet's, and lists of networks.
 *
 * What must not be reached from here is the inside: this machine, its neighbours, the cloud's metadata service. So the question is put the
 * other way round: an IPv4 address is global unless it is in the table below, an IPv6 address only if it is global unicast (2000::/3) and
 * not in it. The tables are those of IANA's registries of special-purpose addresses (RFC 6890), as of 2026.
 *
 * Two kinds of IPv6 addresses lead on to an IPv4 address: 64:ff9b::/96 through a translator (RFC 6052), 2002::/16 through a tunnel (RFC 3056). They
 * are as good as the address inside. Others that carry one (Teredo, IPv4-compatible, a translator's own prefix) are refused as they are.
 *
 * Names and odd spellings (0x7f.1, 2130706433) are none of our business: what is judged is what the resolver made of them.
 */
#include "ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BITS_ALL = 128, BITS_BEFORE_IPV4 = 96 };

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
static const unsigned char translated[12] = { 0x00, 0x64, 0xff, 0x9b };

/* --- reading and writing --- */

static void from_ipv4(const void *four_bytes, struct ip_address *ret_address)
{
	memcpy(ret_address->bytes, mapped, sizeof mapped);
	memcpy(ret_address->bytes + sizeof mapped, four_bytes, 4);
}

bool ip_address_parse(const char *text, struct ip_address *ret_address)
{
	unsigned char bytes[IP_ADDRESS_BYTES];

	if (inet_pton(AF_INET, text, bytes) == 1) {
		from_ipv4(bytes, ret_address);
		return true;
	}
	if (inet_pton(AF_INET6, text, bytes) != 1)
		return false;
	memcpy(ret_address->bytes, bytes, sizeof bytes);
	return true;
}

bool ip_address_of(const struct sockaddr *socket, struct ip_address *ret_address, unsigned *ret_port)
{
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;

	if (socket->sa_family == AF_INET) {
		memcpy(&ipv4, socket, sizeof ipv4);
		from_ipv4(&ipv4.sin_addr, ret_address);
		*ret_port = ntohs(ipv4.sin_port);
		return true;
	}
	if (socket->sa_family != AF_INET6)
		return false;
	memcpy(&ipv6, socket, sizeof ipv6);
	memcpy(ret_address->bytes, &ipv6.sin6_addr, IP_ADDRESS_BYTES);
	*ret_port = ntohs(ipv6.sin6_port);
	return true;
}

void ip_address_from(const unsigned char *bytes, size_t length, struct ip_address *ret_address)
{
	if (length == 4)
		from_ipv4(bytes, ret_address);
	else
		memcpy(ret_address->bytes, bytes, IP_ADDRESS_BYTES);
}

bool ip_address_is_ipv4(const struct ip_address *address)
{
	return memcmp(address->bytes, mapped, sizeof mapped) == 0;
}

const char *ip_address_text(const struct ip_address *address, char ret_text[IP_ADDRESS_SIZE])
{
	const bool four = ip_address_is_ipv4(address);
	const char *text = inet_ntop(four ? AF_INET : AF_INET6, address->bytes + (four ? sizeof mapped : 0), ret_text, IP_ADDRESS_SIZE);

	return text != NULL ? text : "?";
}

/* --- networks --- */

static bool is_in(const struct ip_address *address, const struct ip_network *network)
{
	const unsigned whole = network->bits / 8, rest = network->bits % 8;

	if (memcmp(address->bytes, network->address.bytes, whole) != 0)
		return false;
	/* ::/0 is all of IPv6, and none of IPv4: that is 0.0.0.0/0 */
	if (network->bits < BITS_BEFORE_IPV4 && ip_address_is_ipv4(address))
		return false;
	return rest == 0 || (address->bytes[whole] ^ network->address.bytes[whole]) >> (8 - rest) == 0;
}

/* `bits` is how many an address of the kind has; "/33" of an IPv4 address is wrong. */
static bool read_length(const char *digits, unsigned bits, unsigned *ret_bits)
{
	const size_t length = strspn(digits, "0123456789");
	unsigned long n;

	if (length == 0 || length > 3 || digits[length] != '\0')
		return false;
	n = strtoul(digits, NULL, 10);
	if (n > bits)
		return false;
	*ret_bits = (unsigned)n;
	return true;
}

static bool read_network(const char *text, size_t length, struct ip_network *ret_network)
{
	char address[IP_ADDRESS_SIZE], *slash;
	unsigned bits, ahead;

	if (length >= sizeof address)
		return false;
	memcpy(address, text, length);
	address[length] = '\0';
	slash = strchr(address, '/');
	if (slash != NULL)
		*slash = '\0';
	if (!ip_address_parse(address, &ret_network->address))
		return false;
	ahead = strchr(address, ':') == NULL ? BITS_BEFORE_IPV4 : 0;
	bits = BITS_ALL - ahead;
	if (slash != NULL && !read_length(slash + 1, bits, &bits))
		return false;
	ret_network->bits = ahead + bits;
	return true;
}

/* One of a list. ret_unix: NULL where that is not to be had. */
static bool read_one(const char *text, size_t length, struct ip_networks *networks, bool *ret_unix, struct error *err)
{
	if (ret_unix != NULL && length == strlen("unix") && strncmp(text, "unix", length) == 0) {
		*ret_unix = true;
		return true;
	}
	if (networks->n == IP_NETWORKS_MOST)
		return error_set(err, ERROR_INVALID, "at most %d networks", IP_NETWORKS_MOST);
	if (read_network(text, length, &networks->items[networks->n])) {
		networks->n++;
		return true;
	}
	return error_set(err, ERROR_INVALID, "\"%.*s\" is no address and no network like 10.0.0.0/8 or fd00::/8%s", (int)(length < 60 ? length : 60), text,
	    ret_unix != NULL ? ", and not unix" : "");
}

static bool read_list(const char *list, struct ip_networks *ret_networks, bool *ret_unix, struct error *err)
{
	struct ip_networks networks = { .n = 0 };
	bool has_unix = false;

	for (const char *at = list;; at++) {
		size_t length;

		at += strspn(at, " ");
		length = strcspn(at, ",");
		if (!read_one(at, length, &networks, ret_unix != NULL ? &has_unix : NULL, err))
			return false;
		at += length;
		if (*at == '\0')
			break;
	}
	*ret_networks = networks;
	if (ret_unix != NULL)
		*ret_unix = has_unix;
	return true;
}

bool ip_networks_parse(const char *list, struct ip_networks *ret_networks, struct error *err)
{
	return read_list(list, ret_networks, NULL, err);
}

bool ip_peers_parse(const char *list, struct ip_networks *ret_networks, bool *ret_unix, struct error *err)
{
	return read_list(list, ret_networks, ret_unix, err);
}

bool ip_networks_hold(const struct ip_networks *networks, const struct ip_address *address)
{
	for (size_t i = 0; i < networks->n; i++)
		if (is_in(address, &networks->items[i]))
			return true;
	return false;
}

/* --- global? --- */

static bool stands_in(const char *const *table, const struct ip_address *address)
{
	struct ip_network network;

	for (; *table != NULL; table++)
		if (read_network(*table, strlen(*table), &network) && is_in(address, &network))
			return true;
	return false;
}

static bool ipv4_is_global(const unsigned char *four_bytes)
{
	static const char *const inside[] = {
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
		"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3", NULL,
	};
	struct ip_address address;

	from_ipv4(four_bytes, &address);
	return !stands_in(inside, &address);
}

bool ip_address_is_global(const struct ip_address *address)
{
	static const char *const unicast[] = { "2000::/3", NULL };
	static const char *const inside[] = { "2001::/23", "2001:db8::/32", "3fff::/20", NULL };

	if (ip_address_is_ipv4(address) || memcmp(address->bytes, translated, sizeof translated) == 0)
		return ipv4_is_global(address->bytes + 12);
	if (address->bytes[0] == 0x20 && address->bytes[1] == 0x02)
		return ipv4_is_global(address->bytes + 2);
	return stands_in(unicast, address) && !stands_in(inside, address);
}
