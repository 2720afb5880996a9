-- What each article is about, as its words and how often it has them, so that two articles can be compared as a whole.

CREATE TABLE article_vector (
	-- Of each published article. Kept by store_words_put() alone, which also keeps `word` and `article_words`.
	article_id INTEGER PRIMARY KEY REFERENCES article (article_id),
	word_ids TEXT NOT NULL,          -- its telling words, under which article_words holds it: numbers parted by blanks
	vector BLOB NOT NULL             -- all its words: server/store/article_vector.c
) STRICT;

-- Words are now stems of title, standfirst and the whole body, and n the number of published articles that hold one. SQL cannot find
-- stems: what was there is emptied, and made anew from the articles.
DROP TABLE article_words;

CREATE VIRTUAL TABLE article_words USING fts5 (
	word_ids,                        -- of an article (rowid): those of article_vector
	content = '', columnsize = 0, detail = none, tokenize = 'ascii'
);

DROP TABLE word;

CREATE TABLE word (
	-- The stems of titles, standfirsts and bodies, and in how many published articles each stands: rare ones tell what an article is about.
	word_id INTEGER PRIMARY KEY,
	word TEXT NOT NULL UNIQUE,
	n INTEGER NOT NULL
) STRICT;

-- article_document.word_ids is read no more. It stays: to take it out would write every document anew.

INSERT INTO state (name, value) SELECT 'indexes_due', 1 WHERE EXISTS (SELECT 1 FROM article) ON CONFLICT DO NOTHING;

-- Related articles are found in another way.
INSERT INTO related_due (article_id, seq, spreads) SELECT article_id, seq, 0 FROM article WHERE status = 'published' ON CONFLICT DO NOTHING;
