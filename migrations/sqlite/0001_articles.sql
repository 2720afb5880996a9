-- Articles as readers get them, and the rows that listings walk. Only store_apply() and what it calls changes these tables.

CREATE TABLE term (
	-- A section, source, author or tag; also a language ('lang') and a mark ('flag': featured), so that every filter of a listing is one kind of row.
	term_id INTEGER PRIMARY KEY,
	kind TEXT NOT NULL CHECK (kind IN ('section', 'source', 'author', 'tag', 'lang', 'flag')),
	slug TEXT NOT NULL CHECK (length(slug) BETWEEN 1 AND 120),
	name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
	folded TEXT NOT NULL,     -- case-folded NFC of the name: the term's identity, and the order of lists of terms
	type TEXT,                -- tags: topic, person, organisation, place, event
	UNIQUE (kind, folded),
	UNIQUE (kind, slug)
) STRICT;

CREATE TABLE article (
	-- What lists filter and sort by, and the list item ready to be sent. Narrow rows: a page of 20 touches few pages of the file.
	article_id INTEGER PRIMARY KEY,
	slug TEXT NOT NULL,
	status TEXT NOT NULL CHECK (status IN ('draft', 'scheduled', 'published', 'withdrawn')),
	was_public INTEGER NOT NULL,     -- 1: readers have seen it, so that it is gone (410) when it is withdrawn, not unknown (404)
	rev INTEGER NOT NULL,
	seq INTEGER NOT NULL,            -- of the version that it stands at
	source_id INTEGER NOT NULL REFERENCES term (term_id),
	guid TEXT,
	published_at INTEGER,            -- Unix seconds; a published article has it
	updated_at INTEGER NOT NULL,
	item TEXT NOT NULL,              -- JSON of the list item; byte 01 stands for the base URL
	CHECK (status <> 'published' OR published_at IS NOT NULL)
) STRICT;

CREATE INDEX article_published ON article (published_at, article_id) WHERE status = 'published';
CREATE INDEX article_updated ON article (updated_at, article_id) WHERE status = 'published';
CREATE INDEX article_source_time ON article (source_id, published_at);
CREATE UNIQUE INDEX article_guid ON article (source_id, guid) WHERE guid IS NOT NULL;

CREATE TABLE article_document (
	-- The whole article, ready to be sent, and what is kept beside it for the newsroom.
	article_id INTEGER PRIMARY KEY REFERENCES article (article_id),
	document TEXT NOT NULL,          -- JSON of the detail without `related`; byte 01 stands for the base URL
	private TEXT NOT NULL,           -- JSON: status, publish_at, expire_at, related_ids, removed_at, reason, replaced_by
	term_ids TEXT NOT NULL,          -- the rows of article_term that this article has, as numbers parted by blanks
	word_ids TEXT NOT NULL           -- the rows of article_word that this article has
) STRICT;

CREATE TABLE article_slug (
	-- Every slug that an article has or had: former ones stay reserved and lead on to the present one.
	slug TEXT PRIMARY KEY,
	article_id INTEGER NOT NULL REFERENCES article (article_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE article_term (
	-- One row for each term of each published article: a filtered listing is one range of this table, at any depth.
	term_id INTEGER NOT NULL REFERENCES term (term_id),
	published_at INTEGER NOT NULL,
	article_id INTEGER NOT NULL REFERENCES article (article_id),
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (term_id, published_at, article_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX article_term_updated ON article_term (term_id, updated_at, article_id, published_at);

CREATE TABLE article_count (
	-- How many published articles a term has; kind 'all', ref_id 0: all of them. Kept by apply, never counted. No row stands at 0.
	kind TEXT NOT NULL,
	ref_id INTEGER NOT NULL,
	n INTEGER NOT NULL CHECK (n > 0),
	PRIMARY KEY (kind, ref_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX article_count_order ON article_count (kind, n, ref_id);

CREATE TABLE word (
	-- Words of titles, standfirsts and leads, and in how many published articles each stands: rare ones tell what an article is about.
	word_id INTEGER PRIMARY KEY,
	word TEXT NOT NULL UNIQUE,
	n INTEGER NOT NULL
) STRICT;

CREATE TABLE article_word (
	-- Which articles hold a telling word: the candidates for `related`. Newest last, so that a budget takes the newest first.
	word_id INTEGER NOT NULL REFERENCES word (word_id),
	article_id INTEGER NOT NULL REFERENCES article (article_id),
	weight INTEGER NOT NULL,         -- 1 for the text, 2 for the standfirst, 3 for the title; summed
	PRIMARY KEY (word_id, article_id)
) STRICT, WITHOUT ROWID;
