/* SPDX-License-Identifier: MIT */
/*
 * What strangers write into Authorization and X-Forwarded-For. The input's first line is the one, the second the other.
 *
 * A token that is taken for a key is one of the right length under the scheme Bearer, and with any one character changed it is none. Who is trusted is never
 * taken for the client while somebody else is named to the right of him, and a field that is taken has no more than eight addresses.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/http_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_authorization(const char *field)
{
	struct key_shown shown;
	size_t length = 0;
	const char *token = auth_bearer(field, &length);
	char changed[KEY_LENGTH];

	if (token == NULL)
		return;
	if (strncasecmp(field, "bearer", 6) != 0 || strlen(token) != length)
		abort();
	if (!key_read(token, length, &shown))
		return;
	if (length != KEY_LENGTH || strlen(shown.kid) != KEY_KID)
		abort();
	for (size_t i = 0; i < KEY_LENGTH; i++) {
		memcpy(changed, token, sizeof changed);
		changed[i] ^= 1;
		if (key_read(changed, sizeof changed, &shown))
			abort();
	}
}

static size_t commas(const char *field)
{
	size_t n = 0;

	for (; *field != '\0'; field++)
		n += *field == ',';
	return n;
}

static void try_forwarded(const struct trusted_proxies *proxies, const char *field)
{
	const struct sockaddr_in proxy = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x0a000001) }, stranger = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000201) };
	struct client_address address;
	struct error err;

	if (!client_address_find(proxies, (const struct sockaddr *)&stranger, field, &address, &err) || address.length != 4 || address.bytes[0] != 0xc0)
		abort();
	if (!client_address_find(proxies, (const struct sockaddr *)&proxy, field, &address, &err)) {
		if (err.code != ERROR_INVALID)
			abort();
		return;
	}
	if ((address.length != 4 && address.length != 16) || commas(field) > 7)
		abort();
	if (commas(field) == 0 && strspn(field, "0123456789.") == strlen(field)) {
		struct in_addr alone;

		if (inet_pton(AF_INET, field, &alone) != 1 || memcmp(&alone, address.bytes, 4) != 0)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct trusted_proxies *proxies;
	struct arena *arena = arena_new();
	const uint8_t *newline = size > 0 ? memchr(data, '\n', size) : NULL;
	const size_t first = newline != NULL ? (size_t)(newline - data) : size;
	struct error err;

	if (proxies == NULL && !trusted_proxies_new("10.0.0.0/8,fd00::/8,unix", &proxies, &err))
		abort();
	try_authorization(arena_copy(arena, (const char *)data, first));
	if (newline != NULL)
		try_forwarded(proxies, arena_copy(arena, (const char *)newline + 1, size - first - 1));
	arena_free(arena);
	return 0;
}
