/* SPDX-License-Identifier: MIT */
/*
 * What the answers of the API stand on (basis.h): every KEPT handler says it here, in the read that makes its answer.
 *
 * A listing stands on the parameter that changed longest ago: for each the newest of its terms, and of these the smallest. An article that
 * is or was in the list has, before and after every edit, a term in each of them, so none of its changes can pass one by. Negations
 * and dates do not narrow; where nothing does, the listing stands on all articles.
 */
#include "api_internal.h"

#include <sys/random.h>

#include "clock.h"

static struct basis *basis_of(const struct request *request)
{
	return request->basis;
}

static bool add_terms(struct request *request, const struct term_filter *filter, struct error *err)
{
	basis_group(basis_of(request));
	for (size_t i = 0; i < filter->n_any; i++) {
		int64_t seq;

		if (!store_term_generation(store_of(request), filter->kind, filter->any[i], &seq, err))
			return false;
		basis_scope(basis_of(request), scope_key(filter->kind, filter->any[i]), seq);
	}
	return true;
}

bool basis_of_list(struct request *request, const struct list_query *query, struct error *err)
{
	bool narrows = false;

	basis_clause(basis_of(request));
	for (size_t i = 0; i < query->n_filters; i++) {
		if (query->filters[i].n_any == 0)
			continue;
		narrows = true;
		if (!add_terms(request, &query->filters[i], err))
			return false;
	}
	if (!narrows)
		basis_scope(basis_of(request), SCOPE_ALL, store_public_seq(store_of(request)));
	return true;
}

void basis_of_all(struct request *request)
{
	basis_one(basis_of(request), SCOPE_ALL, store_public_seq(store_of(request)));
}

void basis_of_late(struct request *request)
{
	uint64_t number;

	if (getrandom(&number, sizeof number, 0) != sizeof number)
		number = (uint64_t)clock_monotonic_us();
	basis_digest(basis_of(request), scope_key("late", ""), number);
	basis_until(basis_of(request), clock_now());
}

bool basis_of_term(struct request *request, const char *kind, const char *slug, struct error *err)
{
	int64_t seq;

	if (!store_term_generation(store_of(request), kind, slug, &seq, err))
		return false;
	basis_one(basis_of(request), scope_key(kind, slug), seq);
	return true;
}

void basis_of_article(struct request *request, int64_t id, int64_t seq)
{
	basis_one(basis_of(request), scope_key_of_id("article", id), seq);
}

bool basis_of_related(struct request *request, const struct article_row *row, const struct related_answer *answer, const struct related_sources *sources,
    struct error *err)
{
	basis_of_article(request, row->id, row->seq);
	basis_digest(basis_of(request), scope_key_of_id("related", row->id), answer->digest);
	for (size_t i = 0; i < sources->n; i++)
		basis_of_article(request, sources->articles[i].id, sources->articles[i].seq);
	if (sources->all)
		basis_of_all(request);
	return sources->section == NULL || basis_of_term(request, "section", sources->section, err);
}
