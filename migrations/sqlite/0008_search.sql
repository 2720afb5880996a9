-- Full-text search. Rows of published articles only; written in the transaction of the version (server/store/search_index.c).

CREATE VIRTUAL TABLE article_search USING fts5(
	-- Stems of English, other languages whole: server/article/search_words.c. The body first: places in the first column take the least room.
	body,
	marks,                           -- each once: "_12", a term of the article; "=bridges", a word as written where its stem is another; "_", every article
	title, standfirst, byline,
	content = '', columnsize = 0, detail = full, tokenize = "ascii tokenchars '_='"
);

-- What the index holds, word by word: (term, doc, col, offset). Reads the same rows; has none of its own.
CREATE VIRTUAL TABLE search_posting USING fts5vocab('article_search', 'instance');

CREATE TABLE search_row (
	-- What ranks and facets need of an article that was found, in the order of the index.
	search_id INTEGER PRIMARY KEY,   -- rowid in article_search: the time, and how long the text is
	article_id INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	facets BLOB NOT NULL             -- its section, source, authors and tags: server/store/search_facets.c
) STRICT;

CREATE UNIQUE INDEX search_row_article ON search_row (article_id);

CREATE TABLE search_form (
	-- Words as they are written, for word*; never taken out.
	form TEXT PRIMARY KEY,
	stem TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- SQL cannot read words: what is there already is brought in behind the migrations (server/store/index_rebuild.c).
INSERT INTO state (name, value) SELECT 'indexes_due', 1 WHERE EXISTS (SELECT 1 FROM article) ON CONFLICT DO NOTHING;
