/* SPDX-License-Identifier: MIT */
/*
 * One attempt to deliver, by libcurl, and where it may not go.
 *
 * An address from outside must not lead this program into the network that it stands in. A name can be made to mean anything at any time, so the
 * check is made on the address that a connection is about to be made to, when libcurl asks for a socket: nothing is sent, not even a SYN, to an
 * address that is not of the open internet, or to another port than 80 and 443, unless --webhook-allow has its network. Redirects are not
 * followed (a redirect is a failure), proxies of the environment not used, and there are no cookies, no .netrc, no user and password in the
 * address.
 *
 * Of the answer only the status counts, and how long to wait, up to an hour: nobody silences this for ever. Its body is read, so that the connection can
 * be used again, up to ANSWER_MOST.
 */
#include "webhook_internal.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"

enum { TIMEOUT_MS = 10000, ANSWER_MOST = 65536, RETRY_AFTER_MOST = 3600 };

/* --- where to --- */

bool webhook_may_reach(const struct ip_address *address, unsigned port, const struct ip_networks *allowed, char *ret_reason, size_t size)
{
	char text[IP_ADDRESS_SIZE];

	if (ip_networks_hold(allowed, address))
		return true;
	if (!ip_address_is_global(address)) {
		snprintf(ret_reason, size, "%s is not an address of the open internet", ip_address_text(address, text));
		return false;
	}
	if (port != 80 && port != 443) {
		snprintf(ret_reason, size, "port %u is neither 80 nor 443", port);
		return false;
	}
	return true;
}

static curl_socket_t open_checked(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct transfer *transfer = arg;
	struct ip_address address;
	unsigned port;

	if (purpose != CURLSOCKTYPE_IPCXN || !ip_address_of(&to->addr, &address, &port)) {
		snprintf(transfer->refused, sizeof transfer->refused, "it is no Internet address");
		return CURL_SOCKET_BAD;
	}
	if (!webhook_may_reach(&address, port, transfer->allowed, transfer->refused, sizeof transfer->refused))
		return CURL_SOCKET_BAD;
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static bool refuse_url(struct error *err, const char *detail)
{
	error_add_pointer(err, "/url", "bad-value", NULL, "%s", detail);
	return false;
}

/* libcurl makes 127.1, 0x7f000001 and 2130706433 what they mean. */
static bool host_may_be(const char *host, const char *port, const struct ip_networks *allowed, char *ret_reason, size_t size)
{
	const unsigned number = (unsigned)strtoul(port, NULL, 10);
	const size_t length = strlen(host);
	char literal[IP_ADDRESS_SIZE];
	struct ip_address address;

	if (host[0] == '[' && length > 2 && length < sizeof literal) {
		memcpy(literal, host + 1, length - 2);
		literal[length - 2] = '\0';
		host = literal;
	}
	if (ip_address_parse(host, &address))
		return webhook_may_reach(&address, number, allowed, ret_reason, size);
	if (allowed->n > 0 || number == 80 || number == 443)
		return true;
	snprintf(ret_reason, size, "port %u is neither 80 nor 443", number);
	return false;
}

static bool url_is_fine(CURLU *parts, const char *url, const struct ip_networks *allowed, struct error *err)
{
	char *scheme = NULL, *host = NULL, *port = NULL, *user = NULL, reason[96];
	bool fine = false;

	if (curl_url_set(parts, CURLUPART_URL, url, 0) != CURLUE_OK || curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK
	    || curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK || curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK)
		refuse_url(err, "this is no address with a host");
	else if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
		refuse_url(err, "http or https is expected");
	else if (strchr(url, '@') != NULL && curl_url_get(parts, CURLUPART_USER, &user, 0) != CURLUE_NO_USER)
		refuse_url(err, "an address with a user in it is not taken");
	else if (!host_may_be(host, port, allowed, reason, sizeof reason))
		refuse_url(err, reason);
	else
		fine = true;
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_free(user);
	return fine;
}

bool webhooks_url_check(const char *url, const struct ip_networks *allowed, struct error *err)
{
	CURLU *parts = curl_url();
	const bool fine = parts != NULL ? url_is_fine(parts, url, allowed, err) : error_set(err, ERROR_INTERNAL, "out of memory");

	curl_url_cleanup(parts);
	return fine;
}

/* --- the request --- */

static size_t take_answer(char *bytes, size_t size, size_t n, void *arg)
{
	struct transfer *transfer = arg;

	(void)bytes;
	transfer->received += size * n;
	return transfer->received > ANSWER_MOST ? 0 : size * n;
}

static void add_header(struct transfer *transfer, const char *name, const char *value)
{
	struct text line = TEXT_EMPTY;
	struct curl_slist *more;

	text_printf(&line, "%s: %s", name, value);
	more = curl_slist_append(transfer->headers, line.bytes);
	if (more != NULL)
		transfer->headers = more;
	text_done(&line);
}

static void add_headers(struct transfer *transfer, const struct webhook *webhook, const struct delivery *delivery)
{
	const int64_t now = clock_now();
	char id[DELIVERY_ID_SIZE], timestamp[24], signature[WEBHOOK_SIGNATURE_SIZE];

	snprintf(timestamp, sizeof timestamp, "%" PRId64, now);
	add_header(transfer, "Content-Type", "application/json");
	add_header(transfer, "Broadsheet-Event", webhook_event_name(delivery->event));
	add_header(transfer, "Broadsheet-Delivery", delivery_id(delivery, id));
	add_header(transfer, "Broadsheet-Timestamp", timestamp);
	add_header(transfer, "Broadsheet-Signature", webhook_signature(webhook->secret, now, &transfer->body, signature));
}

static void set_options(struct transfer *transfer, const char *url, const struct webhooks_settings *settings)
{
	CURL *curl = transfer->curl;

	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_checked);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, transfer);
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, transfer->body.bytes);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->body.length);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, transfer->headers);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "Broadsheet/" BROADSHEET_VERSION);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)(settings->timeout_ms > 0 ? settings->timeout_ms : TIMEOUT_MS));
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);    /* a resolver that hangs does not hold up stopping */
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer->error);
	curl_easy_setopt(curl, CURLOPT_PRIVATE, transfer);
	for (size_t i = 0; settings->resolve != NULL && settings->resolve[i] != NULL; i++)
		transfer->resolve = curl_slist_append(transfer->resolve, settings->resolve[i]);
	if (transfer->resolve != NULL)
		curl_easy_setopt(curl, CURLOPT_RESOLVE, transfer->resolve);
}

/* Takes over the body. */
static bool prepare(struct transfer *transfer, struct text *body, const struct webhooks_settings *settings)
{
	*transfer = (struct transfer){ .curl = curl_easy_init(), .body = *body, .allowed = &settings->allowed };
	*body = TEXT_EMPTY;
	return transfer->curl != NULL;
}

static bool begin_sending(struct transfer *transfer, CURLM *multi, const char *url, const struct webhooks_settings *settings)
{
	set_options(transfer, url, settings);
	return curl_multi_add_handle(multi, transfer->curl) == CURLM_OK;
}

static bool give_up(struct transfer *transfer, CURLM *multi, struct error *err)
{
	transfer_end(transfer, multi);
	return error_set(err, ERROR_INTERNAL, "libcurl could not be started");
}

bool transfer_begin(struct transfer *transfer, CURLM *multi, const struct webhook *webhook, const struct delivery *delivery, struct text *body,
    const struct webhooks_settings *settings, struct error *err)
{
	if (!prepare(transfer, body, settings))
		return give_up(transfer, multi, err);
	add_headers(transfer, webhook, delivery);
	return begin_sending(transfer, multi, webhook->url, settings) || give_up(transfer, multi, err);
}

bool transfer_begin_form(struct transfer *transfer, CURLM *multi, const char *url, struct text *body, const struct webhooks_settings *settings,
    struct error *err)
{
	if (!prepare(transfer, body, settings))
		return give_up(transfer, multi, err);
	add_header(transfer, "Content-Type", "application/x-www-form-urlencoded");
	return begin_sending(transfer, multi, url, settings) || give_up(transfer, multi, err);
}

void transfer_outcome(struct transfer *transfer, CURLcode code, struct transfer_outcome *ret_outcome)
{
	struct transfer_outcome outcome = { .status = 0 };
	const bool was_cut = code == CURLE_WRITE_ERROR && transfer->received > ANSWER_MOST;
	curl_off_t wait = 0;

	if (code == CURLE_OK || was_cut) {
		curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &outcome.status);
		if ((outcome.status == 429 || outcome.status == 503) && curl_easy_getinfo(transfer->curl, CURLINFO_RETRY_AFTER, &wait) == CURLE_OK)
			outcome.retry_after = wait < RETRY_AFTER_MOST ? wait : RETRY_AFTER_MOST;
		outcome.is_fine = outcome.status >= 200 && outcome.status <= 299;
		outcome.is_hopeless = outcome.status == 410;
		if (!outcome.is_fine)
			snprintf(outcome.error, sizeof outcome.error, "the answer was %ld", outcome.status);
	} else if (transfer->refused[0] != '\0') {
		snprintf(outcome.error, sizeof outcome.error, "%s", transfer->refused);
	} else {
		snprintf(outcome.error, sizeof outcome.error, "%.190s", transfer->error[0] != '\0' ? transfer->error : curl_easy_strerror(code));
	}
	*ret_outcome = outcome;
}

void transfer_end(struct transfer *transfer, CURLM *multi)
{
	if (transfer->curl != NULL) {
		curl_multi_remove_handle(multi, transfer->curl);
		curl_easy_cleanup(transfer->curl);
	}
	curl_slist_free_all(transfer->headers);
	curl_slist_free_all(transfer->resolve);
	text_done(&transfer->body);
	*transfer = (struct transfer){ .curl = NULL };
}
