-- What /v1/suggest completes: titles and names of terms, from the start of their words.

CREATE TABLE suggest_title (
	-- The title of each published article, as it stands in the index below.
	article_id INTEGER PRIMARY KEY REFERENCES article (article_id),
	published_at INTEGER NOT NULL,   -- with the id it makes the row's number in the index
	words TEXT NOT NULL              -- the first words of the title, without case and accents
) STRICT;

CREATE VIRTUAL TABLE suggest_word USING fts5 (
	words,                           -- as above. Its rows are numbered by minute of publishing and id: the newest title is the last row
	content = '', columnsize = 0, detail = none, tokenize = 'ascii', prefix = '1 2 3'
);

CREATE TABLE suggest_term (
	-- Names of terms that have a published article, from the start of each of their words on.
	start TEXT NOT NULL,             -- "smith" and "jane smith", without case and accents
	term_id INTEGER NOT NULL REFERENCES term (term_id),
	PRIMARY KEY (start, term_id)
) STRICT, WITHOUT ROWID;

-- SQL cannot fold words: what stands here already is put in when the writer first opens the database.
INSERT INTO state (name, value) SELECT 'indexes_due', 1 WHERE EXISTS (SELECT 1 FROM article) ON CONFLICT DO NOTHING;
