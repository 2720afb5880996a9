/* SPDX-License-Identifier: MIT */
/*
 * The frame of every list: {"data":[…],"meta":{…},"links":{…}}, and the same links in a Link header (RFC 8288).
 *
 * Links are written from the parameters as they were understood, sorted (canonical.c), so that the answer is the same however it was asked for,
 * and begin with the base URL from the configuration, never with what the client called this host.
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

static void write_link(const struct request *request, const char *rel, const char *cursor, struct text *body, struct text *header)
{
	struct text address = TEXT_EMPTY;
	const bool is_first = header->length == 0;

	write_address(request, cursor, &address);
	text_printf(body, "%s\"%s\":\"", is_first ? "" : ",", rel);
	text_append(body, address.bytes, address.length);
	text_char(body, '"');
	text_string(header, is_first ? "<" : ", <");
	text_append(header, address.bytes, address.length);
	text_printf(header, ">; rel=\"%s\"", rel);
	text_done(&address);
}

/* Longer addresses stand in the body alone: many servers and proxies take no header field of that length. */
enum { LINK_MOST = 4096 };

void list_answer(struct request *request, struct response *response, const struct text *data, const struct text *meta, const char *next,
    const char *prev)
{
	const char *own = request_canonical(request, "cursor");
	struct text *body = &response->body;
	struct text header = TEXT_EMPTY;

	text_reserve(body, data->length + meta->length + 1024);
	text_string(body, "{\"data\":[");
	text_append(body, data->bytes, data->length);
	text_string(body, "],\"meta\":{");
	text_append(body, meta->bytes, meta->length);
	text_string(body, "},\"links\":{");
	write_link(request, "self", own, body, &header);
	if (next != NULL)
		write_link(request, "next", next, body, &header);
	if (prev != NULL)
		write_link(request, "prev", prev, body, &header);
	text_string(body, "}}\n");
	if (header.length <= LINK_MOST)
		response_header_copy(response, "Link", header.bytes, header.length);
	text_done(&header);
}
