/* SPDX-License-Identifier: MIT */
/*
 * Staying in step: the change feed, as pages, by long poll, and as a stream of events.
 *
 * A page has one row an article, its last change, in the order of seq; whoever goes on from next_since until there is no more has seen every
 * article that is not as it was. A full page without articles in it stands on the articles of its rows alone: when one of
 * them changes its row moves behind the page. So it may be kept for an hour anywhere: who gets an old copy gets the newer row later. The first page may not:
 * it is where those begin again whose place is lost, and an old copy would send them back there. The head of the feed, which is not
 * full, stands on all articles, under a filter too, since next_since and removals come from outside of it.
 *
 * Waiting is not done here: the answer says that it is quiet, and server/http/ waits (serve.c, stream.c). A stream is a row of pages: this file is
 * asked for the events behind a seq, once for all streams that stand there under the same filter.
 *
 * A since that was given before a copy was put in the place of the database, or by another one, is a 410: the copy has to be made anew. All rows have
 * moved behind these then (store_copy.c): what the lost history told in the meantime nobody knows.
 */
#include "api_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

enum { EXAMINED_HERE = 2000, EXAMINED_AWAY = 50000, ROWS_HERE = 300, EVENTS_A_PIECE = 100, PIECE_BYTES_MOST = 64 << 10, RETRY_MS = 3000 };

struct asked {
	struct list_query query;
	int64_t since;
	bool from_now;
	unsigned with;                /* 0, VIEW_ITEM or VIEW_DETAIL: what goes with a row */
};

static bool refuse_since(struct error *err, const char *name, const char *value)
{
	error_set(err, ERROR_PARAMETER, "Some parameters are not right");
	error_add_parameter(err, name, "bad-value", "now", "\"%.40s\" is neither a seq nor now", value);
	return false;
}

/* Who waits, waits for what comes after the request did; other answers are shared and stand on what the store has. */
static int64_t now_for(struct request *request)
{
	const int64_t now = store_public_seq(store_of(request));

	return request_integer(request, "wait", 0) > 0 && request->seq_at_arrival < now ? request->seq_at_arrival : now;
}

/* A seq in decimal, as it is given out, so that one place has one name. */
static bool parse_since(const char *name, const char *value, int64_t now, struct asked *asked, struct error *err)
{
	const size_t length = strlen(value);

	asked->from_now = strcmp(value, "now") == 0;
	asked->since = asked->from_now ? now : strtoll(value, NULL, 10);
	return asked->from_now || (length > 0 && length < 19 && strspn(value, "0123456789") == length && (value[0] != '0' || length == 1))
	    || refuse_since(err, name, value);
}

static bool expire(struct request *request, struct error *err)
{
	struct text target = TEXT_EMPTY, members = TEXT_EMPTY;

	error_set(err, ERROR_SYNC_EXPIRED, "This seq is not, or no longer, of the history that is served here: start over");
	request_write_target(request, "since", &target);
	text_printf(&members, "\"links\":{\"start_over\":\"%c%s%csince=0\"}", CONTROL_BASE_URL, target.bytes, strchr(target.bytes, '?') != NULL ? '&' : '?');
	if (members.length < sizeof err->members)
		memcpy(err->members, members.bytes, members.length + 1);
	text_done(&target);
	text_done(&members);
	return false;
}

static bool is_of_this_history(struct request *request, int64_t since, struct error *err)
{
	bool is_lost;

	if (!store_seq_is_lost(store_of(request), since, &is_lost, err))
		return false;
	return (!is_lost && since <= store_public_seq(store_of(request))) || expire(request, err);
}

static unsigned asked_with(struct request *request)
{
	const char *const *values;
	const size_t n = request_list(request, "include", &values);
	unsigned with = 0;

	for (size_t i = 0; i < n; i++)
		with = strcmp(values[i], "body") == 0 ? VIEW_DETAIL : with == 0 ? VIEW_ITEM : with;
	return with;
}

static bool write_row(struct request *request, const struct article_change *change, unsigned with, struct text *json, struct error *err)
{
	char time[CLOCK_RFC3339_SIZE];

	if (change->reason != NULL) {
		text_printf(json, "{\"seq\":%" PRId64 ",\"op\":\"remove\",\"id\":%" PRId64 ",\"reason\":\"%s\"}", change->seq, change->id, change->reason);
		return true;
	}
	clock_rfc3339(change->published_at, time);
	text_printf(json, "{\"seq\":%" PRId64 ",\"op\":\"upsert\",\"id\":%" PRId64 ",\"rev\":%" PRId64 ",\"published_at\":\"%s\"", change->seq, change->id,
	    change->rev, time);
	if (change->section != NULL)
		text_printf(json, ",\"section\":\"%s\"", change->section);
	if (with != 0) {
		text_string(json, ",\"article\":");
		if (!(with == VIEW_ITEM ? store_item : store_document)(store_of(request), change->id, json, err))
			return false;
	}
	text_char(json, '}');
	return true;
}

/* --- pages --- */

static bool may_read_on(struct request *request, const struct asked *asked)
{
	return (asked->with == 0 && asked->query.limit <= ROWS_HERE) || request_may_take_long(request);
}

static bool read_page(struct request *request, struct asked *asked, struct change_page *ret_page, struct error *err)
{
	const bool is_here = !request->is_on_reader && request->service->readers != NULL;

	asked->query.examined_most = is_here ? EXAMINED_HERE : EXAMINED_AWAY;
	return store_changes(store_of(request), &asked->query, asked->since, request->arena, ret_page, err)
	    && (!ret_page->is_cut || request_may_take_long(request));
}

/* Long articles end a page before it has its rows. */
static void end_early(struct change_page *page, size_t at, bool is_long)
{
	if (!is_long || at + 1 == page->n)
		return;
	page->n = at + 1;
	page->examined = page->changes[at].seq;
	page->has_more = true;
}

static bool write_rows(struct request *request, const struct asked *asked, struct change_page *page, struct text *json, struct error *err)
{
	for (size_t i = 0; i < page->n; i++) {
		if (i > 0)
			text_char(json, ',');
		if (!write_row(request, &page->changes[i], asked->with, json, err))
			return false;
		end_early(page, i, json->length > list_bytes_most);
	}
	return true;
}

static void state_basis(struct request *request, const struct change_page *page, bool is_full)
{
	if (!is_full)
		basis_of_all(request);
	for (size_t i = 0; is_full && i < page->n; i++)
		basis_of_article(request, page->changes[i].id, page->changes[i].seq);
}

/* GET /v1/changes. 200 with a page, perhaps an empty one; 400; 410 when `since` is not of this history. */
bool change_list(struct request *request, struct response *response, struct error *err)
{
	const char *since = request_parameter(request, "since");
	struct text *body = &response->body;
	struct asked asked;
	struct change_page page;
	bool is_full, may_live_on;

	query_terms_from_request(request, &asked.query);
	asked.query.limit = (size_t)request_integer(request, "limit", 200);
	asked.with = asked_with(request);
	if (!parse_since("since", since != NULL ? since : "0", now_for(request), &asked, err) || !is_of_this_history(request, asked.since, err)
	    || !may_read_on(request, &asked) || !read_page(request, &asked, &page, err))
		return false;
	text_string(body, "{\"data\":[");
	if (!write_rows(request, &asked, &page, body, err))
		return false;
	text_printf(body, "],\"meta\":{\"next_since\":%" PRId64 ",\"has_more\":%s,\"oldest_since\":0}}\n", page.examined, page.has_more ? "true" : "false");
	is_full = page.has_more && !page.is_cut && !asked.from_now;
	state_basis(request, &page, is_full);
	may_live_on = is_full && asked.with == 0 && asked.since > 0;
	if (may_live_on)
		response->caching = CACHING_HOUR;
	else
		surrogate_keys_of_list(request, response, &asked.query);
	response->is_quiet = page.n == 0 && !page.has_more;
	if (asked.from_now && !response->is_quiet)
		response->caching = CACHING_NONE;    /* whose now that was nobody knows */
	return true;
}

/* --- events --- */

static bool write_events(struct request *request, struct asked *asked, struct response *response, struct error *err)
{
	struct change_page page;

	asked->query.limit = asked->with != 0 ? EVENTS_A_PIECE / 10 : EVENTS_A_PIECE;
	asked->query.examined_most = EXAMINED_HERE;
	if (!store_changes(store_of(request), &asked->query, asked->since, request->arena, &page, err))
		return false;
	for (size_t i = 0; i < page.n; i++) {
		text_printf(&response->body, "id: %" PRId64 "\ndata: ", page.changes[i].seq);
		if (!write_row(request, &page.changes[i], asked->with, &response->body, err))
			return false;
		text_string(&response->body, "\n\n");
		end_early(&page, i, response->body.length > PIECE_BYTES_MOST);
	}
	response->stream_at = page.examined;
	response->is_quiet = !page.has_more;
	return true;
}

static const char *stream_target(struct request *request)
{
	struct text target = TEXT_EMPTY;
	const char *copy;

	request_write_target(request, "since", &target);
	copy = arena_string(request->arena, target.bytes);
	text_done(&target);
	return copy;
}

/* GET /v1/events. 200 with a stream that does not end, 400, 410 as above. The stream begins with its place, so that a client that is cut off before the
 * first event comes back to it. */
bool event_stream(struct request *request, struct response *response, struct error *err)
{
	const char *last = request->is_piece ? NULL : request_header(request, "Last-Event-ID"), *since = request_parameter(request, "since");
	const bool is_resumed = last != NULL && last[0] != '\0';
	struct asked asked;

	query_terms_from_request(request, &asked.query);
	asked.with = asked_with(request);
	if (!store_read_begin(store_of(request), err))
		return false;
	if (!parse_since(is_resumed ? "Last-Event-ID" : "since", is_resumed ? last : since != NULL ? since : "now", store_public_seq(store_of(request)), &asked, err)
	    || !is_of_this_history(request, asked.since, err) || (request->is_piece && !write_events(request, &asked, response, err))) {
		store_read_end(store_of(request));
		return false;
	}
	store_read_end(store_of(request));
	if (request->is_piece)
		return true;
	text_printf(&response->body, "retry: %d\nid: %" PRId64 "\n\n", RETRY_MS, asked.since);
	response->content_type = "text/event-stream";
	response->caching = CACHING_NONE;
	response->is_stream = true;
	response->stream_target = stream_target(request);
	response->stream_at = asked.since;
	response_header(response, "X-Accel-Buffering", "no");
	return true;
}
