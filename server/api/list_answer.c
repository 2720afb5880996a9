/* SPDX-License-Identifier: MIT */
/*
 * The frame of every list: {"data":[…],"meta":{…},"links":{…}}, and the same links in a Link header (RFC 8288).
 *
 * Links are written from the parameters as they were understood, sorted (canonical.c), so that the answer is the same however it was asked for,
 * and begin with the base URL from the configuration, never with what the client called this host. A Link header that grows too long says less, the link to
 * `next` last of all: the body has them in any case.
 */
#include "api_internal.h"

#include <string.h>

/* Path and parameters of this request, with `cursor` (perhaps NULL) in the place of the one it came with. */
static void write_address(const struct request *request, const char *cursor, struct text *ret_address)
{
	const size_t before = ret_address->length + 1;

	text_char(ret_address, CONTROL_BASE_URL);
	request_write_target(request, "cursor", ret_address);
	if (cursor != NULL)
		text_printf(ret_address, "%ccursor=%s", strchr(ret_address->bytes + before, '?') == NULL ? '?' : '&', cursor);
}

void list_links_write(const struct request *request, const char *next, const char *prev, struct list_links *ret_links)
{
	*ret_links = (struct list_links){ 0 };
	write_address(request, request_canonical(request, "cursor"), &ret_links->addresses[LINK_SELF]);
	if (next != NULL)
		write_address(request, next, &ret_links->addresses[LINK_NEXT]);
	if (prev != NULL)
		write_address(request, prev, &ret_links->addresses[LINK_PREV]);
}

void list_links_done(struct list_links *links)
{
	for (size_t i = 0; i < N_LINKS; i++)
		text_done(&links->addresses[i]);
}

static const char *const rels[N_LINKS] = { [LINK_SELF] = "self", [LINK_NEXT] = "next", [LINK_PREV] = "prev" };

/* Many servers and proxies take no longer header field: what a client knows best is left out first, what it needs to go on last. */
enum { FIELD_MOST = 4096 };

void list_links_send(const struct list_links *links, struct response *response)
{
	static const size_t by_need[] = { LINK_NEXT, LINK_PREV, LINK_SELF };
	struct text field = TEXT_EMPTY;
	bool is_in[N_LINKS] = { false };
	size_t length = 0;

	for (size_t i = 0; i < N_LINKS; i++) {
		const size_t link = by_need[i], more = links->addresses[link].length + strlen(", <>; rel=\"self\"");

		is_in[link] = links->addresses[link].length > 0 && length + more <= FIELD_MOST;
		length += is_in[link] ? more : 0;
	}
	for (size_t i = 0; i < N_LINKS; i++)
		if (is_in[i])
			text_printf(&field, "%s<%s>; rel=\"%s\"", field.length > 0 ? ", " : "", links->addresses[i].bytes, rels[i]);
	if (field.length > 0)
		response_header_copy(response, "Link", field.bytes, field.length);
	text_done(&field);
}

void list_answer(struct request *request, struct response *response, const struct text *data, const struct text *meta, const char *next,
    const char *prev)
{
	struct text *body = &response->body;
	struct list_links links;

	list_links_write(request, next, prev, &links);
	text_reserve(body, data->length + meta->length + 1024);
	text_string(body, "{\"data\":[");
	text_append(body, data->bytes, data->length);
	text_string(body, "],\"meta\":{");
	text_append(body, meta->bytes, meta->length);
	text_string(body, "},\"links\":{");
	for (size_t i = 0; i < N_LINKS; i++)
		if (links.addresses[i].length > 0)
			text_printf(body, "%s\"%s\":\"%s\"", i > 0 ? "," : "", rels[i], links.addresses[i].bytes);
	text_string(body, "}}\n");
	list_links_send(&links, response);
	list_links_done(&links);
}
