/* SPDX-License-Identifier: MIT */
/*
 * Sections, sources, authors and tags as the write side meets them: who a name is, and how many articles it has.
 *
 * A term's identity is its case-folded NFC name within its kind; the first spelling wins. One that was renamed (sections) is still known by the
 * names that it had. Its slug is a transliteration of that, or
 * the slug the writer wished for if nobody has it, with -2, -3, … on collision. Versions are applied in the order of the log, so every
 * node comes to the same slugs. Languages and the mark `featured` are terms as well, for the listings' sake.
 */
#include "store_internal.h"

#include <string.h>

enum { TERMS_MET_MOST = 50000 };

/* --- terms that the writer has met --- */

struct met {
	int64_t id;
	const char *slug, *name, *type;
};

static struct map *met_terms(struct store *store)
{
	if (store->terms == NULL)
		store->terms = map_new();
	return store->terms;
}

/* A section and a tag may have one name. */
static const char *met_key(const char *kind, const char *folded, struct arena *arena)
{
	const size_t kind_length = strlen(kind), folded_length = strlen(folded);
	char *key = arena_alloc(arena, kind_length + 1 + folded_length + 1);

	memcpy(key, kind, kind_length);
	key[kind_length] = '\n';
	memcpy(key + kind_length + 1, folded, folded_length);
	return key;
}

static void remember(struct store *store, const char *key, const struct term *term)
{
	struct map *map = met_terms(store);
	struct met *met;

	if (map_size(map) >= TERMS_MET_MOST)
		map_clear(map);
	met = arena_alloc(map_arena(map), sizeof *met);
	*met = (struct met){
		.id = term->id,
		.slug = arena_string(map_arena(map), term->slug),
		.name = arena_string(map_arena(map), term->name),
		.type = arena_string(map_arena(map), term->type),
	};
	map_put(map, key, strlen(key), met);
}

void store_terms_forget(struct store *store)
{
	if (store->terms != NULL)
		map_clear(store->terms);
}

static bool load_term(struct store *store, const char *kind, const char *folded, struct term *term, struct arena *arena)
{
	static const char sql[] =
	    "SELECT term_id, slug, name, type FROM term WHERE kind = ?1 AND folded = ?2"
	    " UNION ALL"
	    " SELECT term_id, slug, name, type FROM term_alias AS a JOIN term USING (term_id) WHERE a.kind = ?1 AND a.folded = ?2";
	struct statement *find = store_statement(store, sql);
	bool found;

	statement_bind_text(find, 1, kind);
	statement_bind_text(find, 2, folded);
	found = statement_next(find, &store->ignored);
	if (found) {
		term->id = statement_integer(find, 0);
		term->slug = arena_string(arena, statement_text(find, 1));
		term->name = arena_string(arena, statement_text(find, 2));
		term->type = arena_string(arena, statement_text(find, 3));
	}
	statement_done(find);
	return found;
}

/* Sets the term's slug, name, type and id to those it is known by. `key` is its met_key(). */
static bool find_term(struct store *store, const char *kind, const char *folded, const char *key, struct term *term, struct arena *arena)
{
	const struct met *met = map_find(met_terms(store), key, strlen(key));

	if (met == NULL) {
		if (!load_term(store, kind, folded, term, arena))
			return false;
		if (store->access == STORE_WRITE)
			remember(store, key, term);
		return true;
	}
	term->id = met->id;
	term->slug = arena_string(arena, met->slug);
	term->name = arena_string(arena, met->name);
	term->type = arena_string(arena, met->type);
	return true;
}

/* false with ERROR_NONE when the slug is taken. */
static bool insert_term(struct store *store, const char *kind, const char *folded, struct term *term, struct error *err)
{
	static const char sql[] = "INSERT INTO term (kind, slug, name, folded, type) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (kind, slug) DO NOTHING";
	struct statement *insert = store_statement(store, sql);
	bool fine;

	statement_bind_text(insert, 1, kind);
	statement_bind_text(insert, 2, term->slug);
	statement_bind_text(insert, 3, term->name);
	statement_bind_text(insert, 4, folded);
	statement_bind_text(insert, 5, term->type);
	fine = statement_insert(insert, &term->id, err);
	statement_done(insert);
	return fine;
}

/* Under the slug it wishes for, or slug-2, slug-3, … */
static bool make_term(struct store *store, const char *kind, const char *folded, struct term *term, struct arena *arena, struct error *err)
{
	const char *wish = term->slug != NULL ? term->slug : slug_from(term->name, kind, arena);

	term->slug = wish;
	for (int64_t number = 2; !insert_term(store, kind, folded, term, err); number++) {
		if (err->code != ERROR_NONE)
			return false;
		term->slug = slug_numbered(wish, number, arena);
	}
	return true;
}

bool store_term_ensure(struct store *store, const char *kind, struct term *term, struct arena *arena, struct error *err)
{
	const char *folded, *key;

	err->code = ERROR_NONE;
	if (term->id != 0)
		return true;
	folded = unicode_fold(term->name, arena);
	key = met_key(kind, folded, arena);
	if (find_term(store, kind, folded, key, term, arena))
		return true;
	if (!make_term(store, kind, folded, term, arena, err))
		return false;
	remember(store, key, term);
	return true;
}

struct resolver {
	struct store *store;
	struct arena *arena;
};

static bool resolve(void *arg, const char *kind, struct term *term)
{
	struct resolver *resolver = arg;
	const char *folded = unicode_fold(term->name, resolver->arena);

	term->id = 0;    /* of another store, or another time */
	find_term(resolver->store, kind, folded, met_key(kind, folded, resolver->arena), term, resolver->arena);
	return true;
}

void store_resolve_terms(struct store *store, struct article *article, struct arena *arena)
{
	struct resolver resolver = { .store = store, .arena = arena };

	article_each_term(article, resolve, &resolver);
}

bool store_each_listing_term(struct article *article, article_term_visitor *visit, void *arg, struct arena *arena)
{
	struct term lang = { .name = article->lang };
	struct term featured = { .slug = "featured", .name = "featured" };

	if (article->lang != NULL) {
		char *slug = arena_string(arena, article->lang);

		for (char *c = slug; *c != '\0'; c++)
			if (*c >= 'A' && *c <= 'Z')
				*c = (char)(*c - 'A' + 'a');
		lang.slug = slug;
	}
	return article_each_term(article, visit, arg) && (article->lang == NULL || visit(arg, "lang", &lang)) &&
	    (!article->featured || visit(arg, "flag", &featured));
}

bool store_term_id(struct store *store, const char *kind, const char *slug, int64_t *ret_id, int64_t *ret_count, struct error *err)
{
	static const char sql[] =
	    "SELECT term_id, coalesce(n, 0)"
	    "  FROM term LEFT JOIN article_count ON article_count.kind = term.kind AND ref_id = term_id"
	    " WHERE term.kind = ?1 AND slug = ?2";
	struct statement *find = store_statement(store, sql);
	bool found;

	statement_bind_text(find, 1, kind);
	statement_bind_text(find, 2, slug);
	found = statement_row(find, err);
	if (found) {
		*ret_id = statement_integer(find, 0);
		*ret_count = statement_integer(find, 1);
	}
	statement_done(find);
	return found;
}
