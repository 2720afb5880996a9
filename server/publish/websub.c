/* SPDX-License-Identifier: MIT */
/*
 * Pings to a WebSub hub (W3C Recommendation of 2018, 3 and 7): "these feeds have changed". Whoever is subscribed there gets them at once and need not
 * poll. Done by the deliverer's thread, between webhooks, by the same transfers: so the same rules for addresses hold.
 *
 * Which feeds changed is read off the log: of each version that readers see, or saw before, the feeds of everything, of its section, its tags and its
 * source, those that it had before too. One ping is under way at a time. It is gathered from where the hub knows to what readers see at that moment,
 * VERSIONS_MOST versions at a look so that webhooks are not held up, and names each feed once, until a version's feeds no longer fit into BODY_MOST
 * bytes: that version and those behind it go with the next ping. What one version alone changed goes whole, however long it is (fifty tags, and the
 * fifty before them). The versions of an erased article say nothing any more: where it stood is known from its removal. Up to where the hub knows is
 * noted when it has answered, by the writer's thread; what was answered and not noted is told again, which does no harm.
 *
 * A hub that fails is told again with the back-off of webhooks. Each attempt is gathered anew, so what came meanwhile goes with it as far as it fits.
 * After the last attempt, or a 410, all that readers saw when that was gathered is given up, also what did not fit, and the log says so: a hub that is
 * down for long is not asked ten times for each part of what it missed. Subscribers then find it when they poll, or with the next change. A hub that is
 * new is told nothing of what was before.
 */
#include "webhook_internal.h"

#include <string.h>

#include "clock.h"
#include "log.h"

enum { VERSIONS_MOST = 200, BODY_MOST = 60000 };

/* --- which feeds --- */

struct gathering {
	struct websub *websub;
	struct store *store;
	const char *base_url;
	struct arena *scratch;        /* of one version */
};

/* "/section/national", or "" for everything: in all formats. */
static void add_feeds(const struct gathering *gathering, const char *path)
{
	static const char *const endings[] = { "/feed.rss", "/feed.atom", "/feed.json" };
	struct websub *websub = gathering->websub;

	if (map_find(websub->named, path, strlen(path)) != NULL)
		return;
	map_put(websub->named, path, strlen(path), websub);
	for (size_t i = 0; i < 3; i++) {
		text_string(&websub->body, "&hub.url=");
		text_percent(&websub->body, gathering->base_url, strlen(gathering->base_url));
		text_percent(&websub->body, path, strlen(path));
		text_percent(&websub->body, endings[i], strlen(endings[i]));
	}
}

static bool add_name(void *arg, const char *kind, const char *slug)
{
	const struct gathering *gathering = arg;

	add_feeds(gathering, kind == NULL ? "" : arena_printf(gathering->scratch, "/%s/%s", kind, slug));
	return true;
}

static bool add_term(void *arg, const char *kind, struct term *term)
{
	if (term->slug != NULL && strcmp(kind, "author") != 0)
		add_name(arg, kind, term->slug);
	return true;
}

/* What cannot be read does not come back by waiting. */
static void add_article(struct gathering *gathering, int64_t seq, bool is_before)
{
	struct article article;
	struct error ignored ERROR_UNSET;
	int64_t at;

	if (seq == 0 || !store_article_at(gathering->store, seq, gathering->scratch, &article, &at, &ignored))
		return;
	if (article.status == ARTICLE_PUBLISHED) {
		add_name(gathering, NULL, NULL);
		article_each_term(&article, add_term, gathering);
	} else if (article.erased && !is_before) {
		store_erased_terms(gathering->store, article.id, seq, add_name, gathering, &ignored);
	}
}

/* False: they do not fit behind what is there. */
static bool add_version(struct gathering *gathering, const struct version_pair *pair)
{
	struct websub *websub = gathering->websub;
	const bool is_first = map_size(websub->named) == 0;
	const size_t length = websub->body.length;

	add_article(gathering, pair->before, /* is_before= */ true);
	add_article(gathering, pair->seq, /* is_before= */ false);
	if (!is_first && websub->body.length > BODY_MOST) {
		websub->body.length = length;
		websub->body.bytes[length] = '\0';
		return false;
	}
	websub->seq = pair->seq;
	return true;
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
		websub->seq = websub->until;
		answered(websub);
		return;
	}
	websub->state = WEBSUB_IDLE;
	websub->next_at = clock_now() + (delay > outcome->retry_after ? delay : outcome->retry_after);
}

static void begin(struct webhooks *webhooks, struct error *err)
{
	struct websub *websub = &webhooks->websub;
	struct transfer_outcome trouble = { .is_hopeless = false };

	websub->state = WEBSUB_SENDING;
	if (transfer_begin_form(&websub->transfer, webhooks->multi, webhooks->settings.websub_hub, &websub->body, &webhooks->settings, err))
		return;
	memcpy(trouble.error, err->detail, sizeof trouble.error - 1);
	failed(websub, &trouble);
}

void websub_done(struct websub *websub)
{
	map_free(websub->named);
	websub->named = NULL;
	text_done(&websub->body);
}

/* From where the hub knows to what readers see now. Drafts alone begin nothing. */
static bool begin_gathering(struct webhooks *webhooks, struct error *err)
{
	struct websub *websub = &webhooks->websub;
	const int64_t last = store_public_seq(webhooks->store);
	int64_t known;

	if (!store_websub_position(webhooks->store, webhooks->settings.websub_hub, &known, err))
		return false;
	if (known < 0) {
		websub->seq = last;
		answered(websub);
	} else if (known < last) {
		websub_done(websub);
		websub->named = map_new();
		text_string(&websub->body, "hub.mode=publish");
		websub->seq = known;
		websub->until = last;
		websub->state = WEBSUB_GATHERING;
	}
	return true;
}

/* Reads on. *ret_is_done: there is no more, or no more room. */
static bool gather(struct webhooks *webhooks, bool *ret_is_done, struct error *err)
{
	struct websub *websub = &webhooks->websub;
	struct gathering gathering = { .websub = websub, .store = webhooks->store, .base_url = webhooks->settings.base_url };
	struct version_pair pairs[VERSIONS_MOST];
	bool fits = true;
	size_t n;

	if (!store_versions_between(webhooks->store, websub->seq, websub->until, pairs, VERSIONS_MOST, &n, err))
		return false;
	gathering.scratch = arena_new();
	for (size_t i = 0; fits && i < n; i++) {
		fits = add_version(&gathering, &pairs[i]);
		arena_reset(gathering.scratch);
	}
	arena_free(gathering.scratch);
	*ret_is_done = !fits || n < VERSIONS_MOST;
	if (fits && *ret_is_done)
		websub->seq = websub->until;
	return true;
}

bool websub_look(struct webhooks *webhooks, struct error *err)
{
	struct websub *websub = &webhooks->websub;
	bool is_done;

	if (webhooks->settings.websub_hub == NULL)
		return true;
	if (websub->state == WEBSUB_IDLE && (websub->next_at == TIME_NONE || clock_now() >= websub->next_at) && !begin_gathering(webhooks, err))
		return false;
	if (websub->state != WEBSUB_GATHERING)
		return true;
	if (!gather(webhooks, &is_done, err))
		return false;
	if (!is_done)
		webhooks->looks = true;
	else if (map_size(websub->named) > 0)
		begin(webhooks, err);
	else
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
