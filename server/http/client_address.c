/* SPDX-License-Identifier: MIT */
/*
 * Whose request it is, by address: that of the connection, or, where a proxy of ours stands in front, what it says in X-Forwarded-For.
 *
 * Anybody can write that field, so it is believed only when the connection comes from a trusted proxy (--trusted-proxies). Each proxy
 * appends whom it got the request from; read from the right, the first address that is no trusted proxy's is the client's, and what stands
 * left of that is hearsay. A field from a trusted proxy that is malformed, or longer than any sane chain, is refused: to guess would be to let
 * a client choose for whom it is taken.
 *
 * An IPv4 address in the clothes of IPv6 (::ffff:192.0.2.1) is the IPv4 address. A peer behind a Unix socket has none.
 *
 * Addresses are used to count by and for nothing else; they are neither logged nor kept.
 */
#include "http_internal.h"

#include <stdlib.h>
#include <string.h>

#include "ip_address.h"

enum { FORWARDED_MOST = 8 };

struct trusted_proxies {
	struct ip_networks networks;
	bool trusts_unix;
};

/* --- text → address --- */

static void from_ip(const struct ip_address *ip, struct client_address *ret_address)
{
	struct client_address address = { .length = ip_address_is_ipv4(ip) ? 4 : IP_ADDRESS_BYTES };

	memcpy(address.bytes, ip->bytes + IP_ADDRESS_BYTES - address.length, address.length);
	*ret_address = address;
}

static bool read_plain(const char *text, struct client_address *ret_address)
{
	struct ip_address ip;

	if (!ip_address_parse(text, &ip))
		return false;
	from_ip(&ip, ret_address);
	return true;
}

static bool is_port(const char *text)
{
	const size_t n = strspn(text, "0123456789");

	return n >= 1 && n <= 5 && text[n] == '\0';
}

/* "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:4711": proxies write all of these. */
static bool read_entry(const char *bytes, size_t length, struct client_address *ret_address)
{
	char text[IP_ADDRESS_SIZE], *end;

	if (length == 0 || length >= sizeof text || memchr(bytes, '\0', length) != NULL)
		return false;
	memcpy(text, bytes, length);
	text[length] = '\0';
	if (text[0] == '[') {
		end = strchr(text, ']');
		if (end == NULL || (end[1] != '\0' && (end[1] != ':' || !is_port(end + 2))))
			return false;
		*end = '\0';
		return strchr(text, ':') != NULL && read_plain(text + 1, ret_address);
	}
	end = strchr(text, ':');
	if (end != NULL && strchr(end + 1, ':') == NULL) {
		if (!is_port(end + 1))
			return false;
		*end = '\0';
	}
	return read_plain(text, ret_address);
}

/* --- whom we trust --- */

bool trusted_proxies_new(const char *list, struct trusted_proxies **ret_proxies, struct error *err)
{
	struct trusted_proxies *proxies = calloc(1, sizeof *proxies);

	if (proxies == NULL)
		return error_set(err, ERROR_INTERNAL, "out of memory");
	if (!ip_peers_parse(list, &proxies->networks, &proxies->trusts_unix, err)) {
		free(proxies);
		return false;
	}
	*ret_proxies = proxies;
	return true;
}

void trusted_proxies_free(struct trusted_proxies *proxies)
{
	free(proxies);
}

static bool is_trusted(const struct trusted_proxies *proxies, const struct client_address *address)
{
	struct ip_address ip;

	if (address->length == 0)
		return proxies->trusts_unix;
	ip_address_from(address->bytes, address->length, &ip);
	return ip_networks_hold(&proxies->networks, &ip);
}

/* --- who it is --- */

static struct client_address address_of(const struct sockaddr *peer)
{
	struct client_address address = { .length = 0 };
	struct ip_address ip;
	unsigned port;

	if (peer != NULL && ip_address_of(peer, &ip, &port))
		from_ip(&ip, &address);
	return address;
}

/* RFC 9110 5.6.1, but for empty elements: a list of addresses, first to last. */
static bool read_forwarded(const char *field, struct client_address addresses[FORWARDED_MOST], size_t *ret_n, struct error *err)
{
	size_t n = 0;

	for (const char *at = field;; at++) {
		size_t length;

		at += strspn(at, " \t");
		length = strcspn(at, ", \t");
		if (n == FORWARDED_MOST)
			return error_set(err, ERROR_INVALID, "X-Forwarded-For has more than %d addresses", FORWARDED_MOST);
		if (!read_entry(at, length, &addresses[n++]))
			return error_set(err, ERROR_INVALID, "X-Forwarded-For is no list of addresses");
		at += length + strspn(at + length, " \t");
		if (*at == '\0')
			break;
		if (*at != ',')
			return error_set(err, ERROR_INVALID, "X-Forwarded-For is no list of addresses");
	}
	*ret_n = n;
	return true;
}

bool client_address_find(const struct trusted_proxies *proxies, const struct sockaddr *peer, const char *forwarded_for, struct client_address *ret_address,
    struct error *err)
{
	struct client_address addresses[FORWARDED_MOST], found = address_of(peer);
	size_t n = 0;

	if (proxies != NULL && forwarded_for != NULL && is_trusted(proxies, &found)) {
		if (!read_forwarded(forwarded_for, addresses, &n, err))
			return false;
		do
			found = addresses[--n];
		while (n > 0 && is_trusted(proxies, &found));
	}
	*ret_address = found;
	return true;
}

size_t client_address_counted(const struct client_address *address)
{
	return address->length == 16 ? 8 : address->length;
}
