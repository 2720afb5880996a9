/* SPDX-License-Identifier: MIT */
/*
 * The walks of list_walk.c along what is not published: of one status, all of it or what has a term, by either time, up or down.
 *
 * Each is a literal that walks one covering index in order, with the columns and parameters of its public counterpart, and ?5, the status.
 */
#include "list_walk.h"

const char *newsroom_walk_sql(bool by_term, bool by_updated, bool descending)
{
	static const char all_sort_down[] =
	    "SELECT sort_at, article_id, sort_at, updated_at FROM newsroom_article"
	    " WHERE status = ?5 AND (sort_at, article_id) < (?1, ?2) AND sort_at >= ?3"
	    " ORDER BY sort_at DESC, article_id DESC";
	static const char all_sort_up[] =
	    "SELECT sort_at, article_id, sort_at, updated_at FROM newsroom_article"
	    " WHERE status = ?5 AND (sort_at, article_id) > (?1, ?2) AND sort_at < ?3"
	    " ORDER BY sort_at, article_id";
	static const char all_updated_down[] =
	    "SELECT updated_at, article_id, sort_at, updated_at FROM newsroom_article"
	    " WHERE status = ?5 AND (updated_at, article_id) < (?1, ?2) AND updated_at >= ?3"
	    " ORDER BY updated_at DESC, article_id DESC";
	static const char all_updated_up[] =
	    "SELECT updated_at, article_id, sort_at, updated_at FROM newsroom_article"
	    " WHERE status = ?5 AND (updated_at, article_id) > (?1, ?2) AND updated_at < ?3"
	    " ORDER BY updated_at, article_id";
	static const char term_sort_down[] =
	    "SELECT sort_at, article_id, sort_at, updated_at FROM newsroom_term"
	    " WHERE term_id = ?4 AND status = ?5 AND (sort_at, article_id) < (?1, ?2) AND sort_at >= ?3"
	    " ORDER BY sort_at DESC, article_id DESC";
	static const char term_sort_up[] =
	    "SELECT sort_at, article_id, sort_at, updated_at FROM newsroom_term"
	    " WHERE term_id = ?4 AND status = ?5 AND (sort_at, article_id) > (?1, ?2) AND sort_at < ?3"
	    " ORDER BY sort_at, article_id";
	static const char term_updated_down[] =
	    "SELECT updated_at, article_id, sort_at, updated_at FROM newsroom_term"
	    " WHERE term_id = ?4 AND status = ?5 AND (updated_at, article_id) < (?1, ?2) AND updated_at >= ?3"
	    " ORDER BY updated_at DESC, article_id DESC";
	static const char term_updated_up[] =
	    "SELECT updated_at, article_id, sort_at, updated_at FROM newsroom_term"
	    " WHERE term_id = ?4 AND status = ?5 AND (updated_at, article_id) > (?1, ?2) AND updated_at < ?3"
	    " ORDER BY updated_at, article_id";
	static const char *const table[2][2][2] = {
		{ { all_sort_up, all_sort_down }, { all_updated_up, all_updated_down } },
		{ { term_sort_up, term_sort_down }, { term_updated_up, term_updated_down } },
	};

	return table[by_term][by_updated][descending];
}
