/* SPDX-License-Identifier: MIT */
/*
 * Pings to a WebSub hub (W3C Recommendation of 2018, 3 and 7): "these feeds have changed". Whoever is subscribed there gets them at once and need not
 * poll. Done by the deliverer's thread, between webhooks, by the same transfers: so the same rules for addresses hold.
 *
 * Which feeds changed is read off the log: of each version that readers see, or saw before, the feeds of everything, of its section, its tags and its
 * source, those that it had before too. One ping is under way at a time, and names all of what VERSIONS_MOST versions changed, each feed once: what is
 * written meanwhile goes with the next. Up to where the hub knows is noted when it has answered, by the writer's thread; what was answered and not noted
 * is told again, which does no harm.
 *
 * A hub that fails is told again with the back-off of webhooks, of everything since; after the last attempt, or a 410, that is given up, and the log
 * says so: subscribers then find it when they poll, or with the next change. A hub that is new is told nothing of what was before.
 */
#include "webhook_internal.h"

#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "log.h"

enum { VERSIONS_MOST = 200, TOPICS_MOST = 600, BODY_MOST = 60000 };

/* --- which feeds --- */

struct topics {
	struct arena *arena;
	const char **paths;           /* "/section/national" */
	size_t n;
};

static void add_path(struct topics *topics, const char *path)
{
	for (size_t i = 0; i < topics->n; i++)
		if (strcmp(topics->paths[i], path) == 0)
			return;
	if (topics->n < TOPICS_MOST)
		topics->paths[topics->n++] = arena_string(topics->arena, path);
}

static bool add_term(void *arg, const char *kind, struct term *term)
{
	struct topics *topics = arg;

	if (term->slug != NULL && strcmp(kind, "author") != 0)
		add_path(topics, arena_printf(topics->arena, "/%s/%s", kind, term->slug));
	return true;
}

/* What cannot be read does not come back by waiting. */
static void add_version(struct topics *topics, struct store *store, int64_t seq)
{
	struct article article;
	struct error ignored ERROR_UNSET;
	int64_t at;

	if (seq == 0 || !store_article_at(store, seq, topics->arena, &article, &at, &ignored) || article.status != ARTICLE_PUBLISHED)
		return;
	add_path(topics, "");
	article_each_term(&article, add_term, topics);
}

/* *ret_seq: up to where these are all. */
static bool find_topics(struct store *store, int64_t after, struct topics *topics, int64_t *ret_seq, struct error *err)
{
	struct version_pair pairs[VERSIONS_MOST];
	size_t n;

	*ret_seq = after;
	if (!store_versions_after(store, after, pairs, VERSIONS_MOST, &n, err))
		return false;
	for (size_t i = 0; i < n && topics->n < TOPICS_MOST / 2; i++) {
		add_version(topics, store, pairs[i].before);
		add_version(topics, store, pairs[i].seq);
		*ret_seq = pairs[i].seq;
	}
	return true;
}

static void write_body(const struct topics *topics, const char *base_url, struct text *body)
{
	static const char *const feeds[] = { "/feed.rss", "/feed.atom", "/feed.json" };

	text_string(body, "hub.mode=publish");
	for (size_t i = 0; i < topics->n && body->length < BODY_MOST; i++)
		for (size_t f = 0; f < 3; f++) {
			text_string(body, "&hub.url=");
			text_percent(body, base_url, strlen(base_url));
			text_percent(body, topics->paths[i], strlen(topics->paths[i]));
			text_percent(body, feeds[f], strlen(feeds[f]));
		}
}

/* --- the deliverer's --- */

static void answered(struct websub *websub)
{
	websub->state = WEBSUB_ANSWERED;
	websub->attempts = 0;
	websub->next_at = TIME_NONE;
}

/* The clock may have been set back meanwhile, or moved on by a test. */
static void failed(struct websub *websub, const struct transfer_outcome *outcome)
{
	const int64_t delay = webhooks_delay(/* webhook= */ 0, websub->seq, ++websub->attempts);
	const bool gives_up = delay == 0 || outcome->is_hopeless;

	log_warning("the hub could not be told", "attempt", LOG_INT(websub->attempts), "why", outcome->error, "gives up", gives_up ? "yes" : "no", NULL);
	if (gives_up) {
		answered(websub);
		return;
	}
	websub->state = WEBSUB_IDLE;
	websub->next_at = clock_now() + (delay > outcome->retry_after ? delay : outcome->retry_after);
}

static void begin(struct webhooks *webhooks, const struct topics *topics, struct error *err)
{
	struct websub *websub = &webhooks->websub;
	struct transfer_outcome trouble = { .is_hopeless = false };
	struct text body = TEXT_EMPTY;

	write_body(topics, webhooks->settings.base_url, &body);
	websub->state = WEBSUB_SENDING;
	if (transfer_begin_form(&websub->transfer, webhooks->multi, webhooks->settings.websub_hub, &body, &webhooks->settings, err))
		return;
	memcpy(trouble.error, err->detail, sizeof trouble.error - 1);
	failed(websub, &trouble);
}

bool websub_look(struct webhooks *webhooks, struct arena *arena, struct error *err)
{
	struct websub *websub = &webhooks->websub;
	struct topics topics = { .arena = arena };
	int64_t known;

	if (webhooks->settings.websub_hub == NULL || websub->state != WEBSUB_IDLE || (websub->next_at != TIME_NONE && clock_now() < websub->next_at))
		return true;
	if (!store_websub_position(webhooks->store, webhooks->settings.websub_hub, &known, err))
		return false;
	if (known < 0) {
		websub->seq = store_public_seq(webhooks->store);
		answered(websub);
		return true;
	}
	topics.paths = arena_array(arena, TOPICS_MOST, sizeof *topics.paths);
	if (!find_topics(webhooks->store, known, &topics, &websub->seq, err))
		return false;
	if (topics.n > 0)
		begin(webhooks, &topics, err);
	else if (websub->seq > known)
		answered(websub);    /* nothing that readers see */
	return true;
}

bool websub_take(struct webhooks *webhooks, const CURLMsg *message)
{
	struct websub *websub = &webhooks->websub;
	struct transfer_outcome outcome;

	if (websub->state != WEBSUB_SENDING || websub->transfer.curl != message->easy_handle)
		return false;
	transfer_outcome(&websub->transfer, message->data.result, &outcome);
	transfer_end(&websub->transfer, webhooks->multi);
	if (outcome.is_fine)
		answered(websub);
	else
		failed(websub, &outcome);
	webhooks->looks = true;
	return true;
}
