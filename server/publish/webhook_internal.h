/* SPDX-License-Identifier: MIT */
/* What the files of the deliverer share among themselves. */
#ifndef BROADSHEET_PUBLISH_WEBHOOK_INTERNAL_H
#define BROADSHEET_PUBLISH_WEBHOOK_INTERNAL_H

#include <curl/curl.h>

#include "webhook_store.h"
#include "webhooks.h"

/* --- webhook_message.c: what is sent --- */

/* The body: {"id","event","seq","at","article"}. ERROR_NOT_FOUND when the version is gone. Inside a read. */
bool webhook_message(struct store *store, const struct delivery *delivery, const char *base_url, struct text *ret_body, struct error *err);
/* "v1=<hex>": HMAC-SHA256 of "<timestamp>.<body>". */
enum { WEBHOOK_SIGNATURE_SIZE = 72 };
const char *webhook_signature(const char *secret, int64_t timestamp, const struct text *body, char ret_signature[WEBHOOK_SIGNATURE_SIZE]);

/* --- webhook_transfer.c: one attempt --- */

struct transfer {
	CURL *curl;                   /* NULL: none is under way */
	struct curl_slist *headers, *resolve;
	struct text body;
	size_t received;
	const struct ip_networks *allowed;
	char refused[96];             /* the address that was not gone to; empty: none was refused */
	char error[CURL_ERROR_SIZE];
};

/* What came of it. */
struct transfer_outcome {
	bool is_fine;                 /* a 2xx */
	bool is_hopeless;             /* not worth another attempt */
	long status;                  /* 0: there was no answer */
	int64_t retry_after;          /* seconds, when the receiver asked for it */
	char error[200];              /* empty when it is fine */
};

/* Takes over the body, and begins to send it. */
bool transfer_begin(struct transfer *transfer, CURLM *multi, const struct webhook *webhook, const struct delivery *delivery, struct text *body,
    const struct webhooks_settings *settings, struct error *err);
void transfer_outcome(struct transfer *transfer, CURLcode code, struct transfer_outcome *ret_outcome);
/* Ends it, whether it is done or not. */
void transfer_end(struct transfer *transfer, CURLM *multi);

/* May a connection be made to it? On false, `ret_reason` says why not. */
bool webhook_may_reach(const struct ip_address *address, unsigned port, const struct ip_networks *allowed, char *ret_reason, size_t size);

#endif
