/* SPDX-License-Identifier: MIT */
/*
 * Previews: an article that is not published, shown to whoever has its signed address, until that expires (preview_token.c).
 *
 * What is answered is kept nowhere, here or on the way, stands in no list, and says to whom it links nothing of where the reader came from. A
 * wrong address is answered like one where nothing ever was.
 */
#include "api_internal.h"

#include <string.h>

#include "clock.h"
#include "preview_token.h"
#include "secret.h"

enum { EXPIRES_USUAL = 3600, EXPIRES_MOST = 7 * 86400 };

/* What is asked for. */
struct wish {
	int64_t expires_in, rev;
};

static bool read_wish(struct request *request, struct wish **ret_wish, struct error *err)
{
	struct wish *wish = arena_alloc(request->arena, sizeof *wish);
	const struct form_field fields[] = {
		{ .name = "expires_in", .kind = FORM_INTEGER, .least = 1, .most = EXPIRES_MOST, .ret = &wish->expires_in },
		{ .name = "rev", .kind = FORM_INTEGER, .least = 1, .most = INT64_MAX, .ret = &wish->rev },
	};

	*wish = (struct wish){ .expires_in = EXPIRES_USUAL };
	*ret_wish = wish;
	return body_form(request, fields, sizeof fields / sizeof fields[0], err);
}

static bool draw_secret(struct publisher *publisher, void *arg, struct error *err)
{
	unsigned char bytes[SECRET_DIGEST];
	char hex[SECRET_HEX], json[SECRET_HEX + 16];
	struct record record = { .kind = "preview-secret", .ref = 1, .json = json };
	bool fine;

	(void)arg;
	secret_random(bytes, sizeof bytes);
	secret_hex(bytes, hex);
	snprintf(json, sizeof json, "{\"secret\":\"%s\"}", hex);
	fine = publish_record(publisher, &record, "preview", err);
	secret_forget(bytes, sizeof bytes);
	secret_forget(hex, sizeof hex);
	secret_forget(json, sizeof json);
	return fine;
}

/* Drawn when it is first needed. */
static bool find_or_draw_secret(struct request *request, const char **ret_secret, struct error *err)
{
	struct store *store = store_of(request);

	if (!store_preview_secret(store, request->arena, ret_secret, err) || *ret_secret != NULL)
		return *ret_secret != NULL;
	return publish_together(&context_of(request)->publisher, draw_secret, NULL, err) && store_preview_secret(store, request->arena, ret_secret, err);
}

static void confide(struct response *response)
{
	response->caching = CACHING_NONE;
	response_header(response, "Cache-Control", "private, no-store");
	response_header(response, "Referrer-Policy", "no-referrer");
	response_header(response, "X-Robots-Tag", "noindex");
}

/* Is there what is to be shown? */
static bool can_show(struct request *request, const struct article_row *row, int64_t rev, struct error *err)
{
	struct revision revision;
	bool revoked;

	if (!store_previews_revoked(store_of(request), row->id, &revoked, err))
		return false;
	if (revoked)
		return error_set(err, ERROR_PREVIEW_OVER, "article %lld has been erased", (long long)row->id);
	if (row->status == ARTICLE_WITHDRAWN)
		return error_set(err, ERROR_PREVIEW_OVER, "article %lld has been withdrawn", (long long)row->id);
	return rev == 0 || store_revision(store_of(request), row->id, rev, request->arena, &revision, err);
}

/* POST /v1/articles/{ref}/preview. 201 with the addresses; 404 for an article or a version that is not there, 410 once it is erased. */
bool preview_create(struct request *request, struct response *response, struct error *err)
{
	struct wish *wish = request->prepared;
	struct preview preview;
	struct article_row row;
	const char *secret, *token;
	char time[CLOCK_RFC3339_SIZE];
	bool redirected;

	if ((wish == NULL && !read_wish(request, &wish, err)) || !request_may_write(request, wish) || !article_find(request, response, &row, &redirected, err))
		return false;
	if (redirected)
		return true;
	if (!can_show(request, &row, wish->rev, err) || !find_or_draw_secret(request, &secret, err))
		return false;
	preview = (struct preview){ row.id, wish->rev, clock_now() + wish->expires_in };
	token = preview_token_write(&preview, secret, request->arena);
	response->status = 201;
	confide(response);
	text_printf(&response->body, "{\"data\":{\"url\":\"%c/preview/%s\",\"api_url\":\"%c/v1/previews/%s\",\"expires_at\":\"%s\"}}\n", CONTROL_BASE_URL, token,
	    CONTROL_BASE_URL, token, clock_rfc3339(preview.expires_at, time));
	return true;
}

/* Without a secret there is no address that it could have signed. */
static bool read_token(struct request *request, struct preview *ret_preview, struct error *err)
{
	const char *secret;

	if (!store_preview_secret(store_of(request), request->arena, &secret, err))
		return false;
	switch (secret == NULL ? PREVIEW_UNKNOWN : preview_token_read(request_path_value(request, "token"), secret, clock_now(), ret_preview)) {
	case PREVIEW_UNKNOWN:
		return error_set(err, ERROR_NOT_FOUND, "there is no such preview");
	case PREVIEW_EXPIRED:
		return error_set(err, ERROR_PREVIEW_OVER, "this preview has expired; whoever sent you the address can make another");
	case PREVIEW_GOOD:
		break;
	}
	return true;
}

static bool load(struct request *request, const struct preview *preview, struct article *ret_article, struct error *err)
{
	struct revision revision;
	json_t *doc = NULL;
	bool fine;

	if (preview->rev == 0)
		return store_article_load(store_of(request), preview->id, request->arena, ret_article, err);
	fine = store_revision(store_of(request), preview->id, preview->rev, request->arena, &revision, err)
	    && json_parse(revision.doc, revision.length, &doc, err) && article_decode(doc, DECODE_STORED, request->arena, ret_article, err);
	json_decref(doc);
	if (fine)
		store_resolve_terms(store_of(request), ret_article, request->arena);    /* a version that used a term first does not know its slug */
	return fine;
}

/* GET /v1/previews/{token}. 200 with the article and its status, 404, 410 when the address has expired or the article is erased. */
bool preview_get(struct request *request, struct response *response, struct error *err)
{
	struct preview preview;
	struct article article;
	struct article_row row;

	confide(response);
	if (!read_token(request, &preview, err)
	    || !store_article_find(store_of(request), arena_printf(request->arena, "%lld", (long long)preview.id), request->arena, &row, err)
	    || !can_show(request, &row, preview.rev, err) || !load(request, &preview, &article, err))
		return false;
	text_string(&response->body, "{\"data\":");
	article_encode(&article, VIEW_DETAIL, &response->body);
	open_object(&response->body, "status");
	text_printf(&response->body, "\"%s\"}}\n", article_status_names[article.status]);
	return true;
}
