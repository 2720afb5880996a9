/* SPDX-License-Identifier: MIT */
/*
 * IP addresses and networks as numbers: is an address one of the open internet's, is it in a list of networks?
 *
 * An IPv4 address is kept as the IPv6 address that stands for it (::ffff:192.0.2.1, RFC 4291 2.5.5.2), so that both ways of writing it are
 * one address. Pure: nothing here asks the network.
 */
#ifndef BROADSHEET_IP_ADDRESS_H
#define BROADSHEET_IP_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

struct sockaddr;

enum { IP_ADDRESS_BYTES = 16, IP_ADDRESS_SIZE = 64 };

struct ip_address {
	unsigned char bytes[IP_ADDRESS_BYTES];
};

struct ip_network {
	struct ip_address address;
	unsigned bits;                /* of 128 that count */
};

enum { IP_NETWORKS_MOST = 64 };

struct ip_networks {
	struct ip_network items[IP_NETWORKS_MOST];
	size_t n;
};

/* "192.0.2.1", "2001:db8::1": as inet_pton() reads them; no brackets, no zone. */
bool ip_address_parse(const char *text, struct ip_address *ret_address);
/* Of an Internet socket; false for others. */
bool ip_address_of(const struct sockaddr *socket, struct ip_address *ret_address, unsigned *ret_port);
/* From the 4 or 16 bytes that are sent. */
void ip_address_from(const unsigned char *bytes, size_t length, struct ip_address *ret_address);
bool ip_address_is_ipv4(const struct ip_address *address);
const char *ip_address_text(const struct ip_address *address, char ret_text[IP_ADDRESS_SIZE]);

/* Might it be anyone's on the open internet? Not loopback, link-local, private, shared, documentation's, multicast, reserved. Of an address that
 * carries an IPv4 address (NAT64, 6to4) the one inside counts too. */
bool ip_address_is_global(const struct ip_address *address);

/* "10.0.0.0/8,fd00::/8, 192.0.2.7". ERROR_INVALID names the one that is wrong. */
bool ip_networks_parse(const char *list, struct ip_networks *ret_networks, struct error *err);
/* The same with "unix" among them: whoever comes by a Unix socket. */
bool ip_peers_parse(const char *list, struct ip_networks *ret_networks, bool *ret_unix, struct error *err);
/* ::/0 has no IPv4 address in it. */
bool ip_networks_hold(const struct ip_networks *networks, const struct ip_address *address);

#endif
