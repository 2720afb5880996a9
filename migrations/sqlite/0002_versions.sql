-- The log: everything that ever changed an article, in order. The tables of 0001 are made from it.

CREATE TABLE article_version (
	seq INTEGER PRIMARY KEY,         -- the clock of the whole system: ascending, never reused
	kind TEXT NOT NULL,              -- what it is a version of: 'article'
	ref INTEGER NOT NULL,            -- the article's id
	rev INTEGER NOT NULL,            -- 1, 2, …: its versions in order
	op TEXT NOT NULL CHECK (op IN ('put', 'withdraw')),
	doc TEXT NOT NULL,               -- the whole article as JSON, as `export` writes it
	at INTEGER NOT NULL,             -- Unix seconds
	by TEXT NOT NULL,                -- who: 'import', a key's name, 'schedule'
	UNIQUE (kind, ref, rev)
) STRICT;

CREATE TABLE state (
	-- Single values. 'public_seq': the seq of the last version that changed what readers see.
	name TEXT PRIMARY KEY,
	value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO state (name, value) VALUES ('public_seq', 0);
