/* SPDX-License-Identifier: MIT */
/*
 * Ranking: BM25 over fields (Robertson, Zaragoza and Taylor 2004, "Simple BM25 extension to multiple weighted fields"), mildly newer first.
 *
 * A word in the title counts as eight in the text, in standfirst and byline as four; k1 is larger than where each counts as one, so that this is not levelled. FTS5's own bm25() reads the whole index for each
 * phrase to learn how rare it is, and a row for each article to learn its length; here rarity comes with the query, and length with the
 * row's number, so that a row costs what its own postings cost.
 *
 * The score is an integer, so that a cursor can hold it, and depends on nothing but the article, the weights and the hour.
 */
#include "search_internal.h"

#include <math.h>

static const char POINTER_NAME[] = "broadsheet-search-scale";

static const double FIELD_WEIGHTS[SEARCH_COLUMNS] = { 1, 1, 8, 4, 4 };
static const double K1 = 3, B = 0.75, USUAL_WORDS = 450;
static const double NEWNESS = 0.25, SECONDS_A_YEAR = 365.25 * 86400;
static const double SCORE_UNIT = 1e6;

/* The weighted number of places of one phrase. */
static double frequency(const Fts5ExtensionApi *api, Fts5Context *context, int phrase)
{
	Fts5PhraseIter places;
	double sum = 0;
	int column, offset;

	if (api->xPhraseFirst(context, phrase, &places, &column, &offset) != SQLITE_OK)
		return 0;
	for (; column >= 0; api->xPhraseNext(context, &places, &column, &offset))
		sum += column < SEARCH_COLUMNS ? FIELD_WEIGHTS[column] : 0;
	return sum;
}

static double newness(int64_t search_id, int64_t hour)
{
	const double age = (double)(hour - search_id_time(search_id));

	return 1 + NEWNESS * exp(-(age > 0 ? age : 0) / SECONDS_A_YEAR);
}

static void search_score(const Fts5ExtensionApi *api, Fts5Context *context, sqlite3_context *result, int n_values, sqlite3_value **values)
{
	const struct search_scale *scale = n_values == 1 ? sqlite3_value_pointer(values[0], POINTER_NAME) : NULL;
	double frequencies[SEARCH_TERMS_MOST] = { 0 }, score = 0, length;
	int64_t id;

	if (scale == NULL) {
		sqlite3_result_error(result, "search_score is for the server's own use", -1);
		return;
	}
	id = api->xRowid(context);
	for (size_t i = 0; i < scale->match->n_phrases; i++)
		if (scale->match->weights[scale->match->terms[i]] > 0)
			frequencies[scale->match->terms[i]] += frequency(api, context, (int)i);
	length = K1 * (1 - B + B * search_id_words(id) / USUAL_WORDS);
	for (size_t i = 0; i < SEARCH_TERMS_MOST; i++)
		score += scale->match->weights[i] / 1000.0 * frequencies[i] * (K1 + 1) / (frequencies[i] + length);
	sqlite3_result_int64(result, (int64_t)llround(score * newness(id, scale->hour) * SCORE_UNIT));
}

/* FTS5 hands its functions out through a pointer that a statement fills in (sqlite.org/fts5.html#extending_fts5). */
bool search_score_register(sqlite3 *db)
{
	sqlite3_stmt *ask = NULL;
	fts5_api *api = NULL;

	if (sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &ask, NULL) == SQLITE_OK) {
		sqlite3_bind_pointer(ask, 1, &api, "fts5_api_ptr", NULL);
		sqlite3_step(ask);
	}
	sqlite3_finalize(ask);
	return api != NULL && api->iVersion >= 2 && api->xCreateFunction(api, "search_score", NULL, search_score, NULL) == SQLITE_OK;
}

void statement_bind_scale(struct statement *statement, int index, const struct search_scale *scale)
{
	sqlite3_bind_pointer(statement->handle, index, (void *)(uintptr_t)scale, POINTER_NAME, NULL);
}
