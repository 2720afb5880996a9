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

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORWARDED_MOST = 8, TEXT_MOST = 64, PROXIES_MOST = 64 };

struct network {
	struct client_address address;
	unsigned bits;
};

struct trusted_proxies {
	struct network networks[PROXIES_MOST];
	size_t n;
	bool trusts_unix;
};

/* --- text → address --- */

static void fold_mapped(struct client_address *address)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (address->length != 16 || memcmp(address->bytes, mapped, sizeof mapped) != 0)
		return;
	memmove(address->bytes, address->bytes + 12, 4);
	memset(address->bytes + 4, 0, 12);
	address->length = 4;
}

static bool read_plain(const char *text, struct client_address *ret_address)
{
	struct client_address address = { .length = 4 };

	if (inet_pton(AF_INET, text, address.bytes) != 1) {
		address = (struct client_address){ .length = 16 };
		if (inet_pton(AF_INET6, text, address.bytes) != 1)
			return false;
	}
	fold_mapped(&address);
	*ret_address = address;
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
	char text[TEXT_MOST], *end;

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

static bool read_bits(const char *slash, unsigned most, unsigned *ret_bits)
{
	char *end;
	unsigned long bits;

	*ret_bits = most;
	if (slash == NULL)
		return true;
	bits = strtoul(slash + 1, &end, 10);
	if (slash[1] < '0' || slash[1] > '9' || *end != '\0' || bits > most)
		return false;
	*ret_bits = (unsigned)bits;
	return true;
}

static bool add_network(struct trusted_proxies *proxies, const char *text)
{
	struct network *network = &proxies->networks[proxies->n];
	char address[TEXT_MOST];
	const char *slash = strchr(text, '/');
	const size_t length = slash != NULL ? (size_t)(slash - text) : strlen(text);

	if (strcmp(text, "unix") == 0) {
		proxies->trusts_unix = true;
		return true;
	}
	if (length >= sizeof address)
		return false;
	memcpy(address, text, length);
	address[length] = '\0';
	if (!read_plain(address, &network->address) || !read_bits(slash, network->address.length * 8u, &network->bits))
		return false;
	proxies->n++;
	return true;
}

bool trusted_proxies_new(const char *list, struct trusted_proxies **ret_proxies, struct error *err)
{
	struct trusted_proxies *proxies = calloc(1, sizeof *proxies);
	char *copy = strdup(list), *rest = copy;
	const char *text;
	bool fine = proxies != NULL && copy != NULL;

	if (!fine)
		error_set(err, ERROR_INTERNAL, "out of memory");
	while (fine && (text = strsep(&rest, ",")) != NULL) {
		text += strspn(text, " ");
		fine = proxies->n < PROXIES_MOST || error_set(err, ERROR_INVALID, "at most %d trusted proxies", PROXIES_MOST);
		if (fine && !add_network(proxies, text))
			fine = error_set(err, ERROR_INVALID, "--trusted-proxies has \"%.60s\", but takes addresses (10.0.0.1), networks (10.0.0.0/8, fd00::/8) and unix", text);
	}
	free(copy);
	if (fine)
		*ret_proxies = proxies;
	else
		trusted_proxies_free(proxies);
	return fine;
}

void trusted_proxies_free(struct trusted_proxies *proxies)
{
	free(proxies);
}

static bool lies_in(const struct client_address *address, const struct network *network)
{
	const unsigned whole = network->bits / 8, rest = network->bits % 8;
	const unsigned char mask = (unsigned char)(0xff00u >> rest);

	return address->length == network->address.length && memcmp(address->bytes, network->address.bytes, whole) == 0
	    && (rest == 0 || ((address->bytes[whole] ^ network->address.bytes[whole]) & mask) == 0);
}

static bool is_trusted(const struct trusted_proxies *proxies, const struct client_address *address)
{
	if (address->length == 0)
		return proxies->trusts_unix;
	for (size_t i = 0; i < proxies->n; i++)
		if (lies_in(address, &proxies->networks[i]))
			return true;
	return false;
}

/* --- who it is --- */

static struct client_address address_of(const struct sockaddr *peer)
{
	struct client_address address = { .length = 0 };

	if (peer != NULL && peer->sa_family == AF_INET) {
		address.length = 4;
		memcpy(address.bytes, &((const struct sockaddr_in *)(const void *)peer)->sin_addr, 4);
	} else if (peer != NULL && peer->sa_family == AF_INET6) {
		address.length = 16;
		memcpy(address.bytes, &((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr, 16);
		fold_mapped(&address);
	}
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
